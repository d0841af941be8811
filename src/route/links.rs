//! Links of items held against the library, before anything is placed: a dead one is an error of the item (D10).

use std::sync::Arc;

use rayon::prelude::*;

use super::Moment;
use crate::base::diag::{Diagnostic, Place, Severity};
use crate::base::id::ArticleId;
use crate::base::path;
use crate::config::{ATTACHMENTS, Platform};
use crate::content::article::Phase;
use crate::content::markdown::{Link, LinkKind, Target};
use crate::content::{Article, FieldType, Library};

/// Marks items with dead links as bad, and says where each link is.
pub fn check(platform: &Platform, library: &mut Library, moment: Moment, out: &mut Vec<Diagnostic>) {
    // First what leads nowhere, which makes items bad; then what leads to an item that is not shown, bad ones among them.
    for pass in [Pass::Dead, Pass::Hidden] {
        one_pass(platform, library, moment, pass, out);
    }
    column_texts(platform, library, out);
}

const MOST: usize = 50;

#[derive(Clone, Copy, PartialEq)]
enum Pass {
    Dead,
    Hidden,
}

fn one_pass(platform: &Platform, library: &mut Library, moment: Moment, pass: Pass, out: &mut Vec<Diagnostic>) {
    let said: Vec<(ArticleId, Vec<Diagnostic>)> = library
        .articles
        .par_iter()
        .enumerate()
        .filter(|(_, a)| a.bundle || a.rare.is_some() || a.card.cover.is_some())
        .map(|(at, a)| {
            let id = ArticleId(at as u32);
            (id, article(platform, library, moment, pass, id, a))
        })
        .filter(|(_, said)| !said.is_empty())
        .collect();
    for (id, mut diagnostics) in said {
        let article = Arc::make_mut(&mut library.articles[id.index()]);
        if article.draft && !moment.drafts {
            diagnostics.iter_mut().for_each(|d| d.severity = d.severity.min(Severity::Warning));
        }
        article.bad |= diagnostics.iter().any(Diagnostic::is_error);
        out.extend(diagnostics);
    }
}

fn article(platform: &Platform, library: &Library, moment: Moment, pass: Pass, id: ArticleId, a: &Article) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let rare = a.rare();
    let line_of = |key: &str| library.details(a).lines.iter().find(|(k, _)| **k == *key).map_or(0, |(_, l)| *l);
    let at_line = |line: u32, key: &str| {
        let place = library.place(platform, id);
        if line == 0 { place } else { Place::span(place.file, line, 1, key.len() as u32) }
    };
    if !rare.links.is_empty() {
        // The text is read again only for items that have something to say about it.
        let mut body = None;
        for link in &rare.links {
            let dead =
                dead(platform, library, moment, a, &link.target, link.kind).map(|(id, near, target)| (id, near, target, String::new()));
            let Some((message, nearest, target, problem)) =
                dead.or_else(|| if pass == Pass::Dead { unreadable(library, a, link) } else { None })
            else {
                continue;
            };
            if (message == "link.not-shown") != (pass == Pass::Hidden) {
                continue;
            }
            // More dead links of one item than anyone reads; each costs a look through the text.
            if out.len() >= MOST {
                break;
            }
            let body = body.get_or_insert_with(|| library.body(a).ok());
            let place = match body {
                Some(b) => {
                    let (line, column, length) = b.place(link.range.clone());
                    Place::span(library.file_name(platform, a), line, column, length)
                }
                None => library.place(platform, id),
            };
            let severity = if message == "link.not-shown" { Severity::Warning } else { Severity::Error };
            let mut d = Diagnostic::with_severity(severity, message).at(place).arg("target", target).arg("problem", problem);
            d.nearest = nearest;
            out.push(d);
        }
    }
    if pass == Pass::Hidden {
        return out;
    }
    let mut references: Vec<(&str, &str)> = Vec::new();
    references.extend(rare.related.iter().map(|r| (&**r, "related")));
    references.extend(rare.replaced_by.iter().map(|(r, _)| (&**r, "replacedBy")));
    for field in &library.schemas.get(a.card.category).fields {
        if field.kind == FieldType::Item
            && let Some(value) = rare.named.get(&field.name)
        {
            let texts = value.as_array().map_or_else(|| vec![value], |v| v.iter().collect());
            references.extend(texts.iter().filter_map(|v| v.as_str()).map(|v| (v, &*field.name)));
        }
    }
    out.extend(refused_files(platform, library, a).into_iter().map(|d| d.at(library.place(platform, id))));
    for field in library.schemas.get(a.card.category).fields.iter().filter(|f| f.kind == FieldType::File) {
        let Some(value) = rare.named.get(&field.name) else { continue };
        let paths = value.as_array().map_or_else(|| vec![value], |v| v.iter().collect());
        for path in paths.iter().filter_map(|v| v.as_str()).filter(|p| !p.is_empty() && library.attachment(a, p).is_none()) {
            let d =
                Diagnostic::error("link.file").at(at_line(line_of(&field.name), &field.name)).arg("key", &field.name).arg("target", path);
            out.push(near_file(d, library, a, path, LinkKind::File));
        }
    }
    for (reference, key) in references {
        if library.resolve(reference, Some(a)).is_none() {
            let mut d = Diagnostic::error("link.reference").at(at_line(line_of(key), key)).arg("key", key).arg("target", reference);
            d.nearest = library.near(reference, Some(a), |_| true).or_else(|| library.near_id(reference).map(str::to_owned));
            out.push(d);
        }
    }
    if let Some(cover) = &a.card.cover
        && !cover.path.starts_with("https://")
        && library.attachment(a, &cover.path).is_none()
    {
        let line = line_of("cover");
        let d = Diagnostic::error("link.picture").at(at_line(line, "cover")).arg("target", &cover.path);
        out.push(near_file(d, library, a, &cover.path, LinkKind::Image));
    }
    out
}

/// Links and pictures of column texts. Such a text has no item whose page could be held back: what is dead is said, and
/// left out of the page.
fn column_texts(platform: &Platform, library: &Library, out: &mut Vec<Diagnostic>) {
    for ((owner, ..), text) in &library.columns {
        for link in &text.links {
            let Target::Path { path: p, .. } = &link.target else { continue };
            let full = path::join(path::folder(&text.path), p);
            let there = full.is_some_and(|f| library.repository.find(&f).is_some() || library.find_path(&f).is_some())
                || library.find_id(p).is_some();
            let column = platform.owner(owner).and_then(|o| o.home).is_some_and(|home| is_column(platform, home, p));
            if there || (column && link.kind == LinkKind::Link) {
                continue;
            }
            let at = crate::base::source::place(&text.file, &text.body, link.range.clone());
            let at = Place { line: at.line + text.body_line - 1, ..at };
            let id = missing(link.kind).unwrap_or("link.dead");
            out.push(Diagnostic::with_severity(Severity::Warning, id).at(at).arg("target", p));
        }
    }
}

/// What is said when there is no file that a link needs; `None` for one that may lead to an item.
fn missing(kind: LinkKind) -> Option<&'static str> {
    match kind {
        LinkKind::Link | LinkKind::Item => None,
        LinkKind::Image => Some("link.picture"),
        LinkKind::Video | LinkKind::File | LinkKind::Table => Some("link.no-file"),
    }
}

/// Message id, nearest name and the target as written, when a link leads nowhere.
fn dead(
    platform: &Platform,
    library: &Library,
    moment: Moment,
    a: &Article,
    target: &Target,
    kind: LinkKind,
) -> Option<(&'static str, Option<String>, String)> {
    let not_shown = |hit: ArticleId, target: String| {
        let item = library.get(hit);
        let phase = moment.phase(item);
        (phase != Phase::Live || item.bad).then_some(("link.not-shown", None, target))
    };
    match target {
        Target::Item { id, .. } => match library.find_id(id) {
            Some(hit) => not_shown(hit, format!("id:{id}")),
            None => Some(("link.dead-id", library.near_id(id).map(|i| format!("id:{i}")), format!("id:{id}"))),
        },
        Target::Path { path: p, .. } => {
            if let Some(missing) = missing(kind) {
                return match library.attachment(a, p) {
                    Some(_) => None,
                    None => Some((missing, near(library, a, p, kind), p.clone())),
                };
            }
            if kind == LinkKind::Item {
                return match library.resolve(p, Some(a)) {
                    Some(hit) => not_shown(hit, p.clone()),
                    None => Some(("link.no-item", near(library, a, p, kind), p.clone())),
                };
            }
            if library.attachment(a, p).is_some() {
                return None;
            }
            match library.resolve(p, Some(a)) {
                Some(hit) => not_shown(hit, p.clone()),
                // An address of the site itself: `/zwgk/` is a column's; held against the claims of the site later.
                None if is_site_path(platform, a, p) => None,
                None if keeps(platform, a) => None,
                None => Some(("link.dead", near(library, a, p, kind).or_else(|| near_column(platform, a, p)), p.clone())),
            }
        }
        Target::Anchor(_) | Target::External(_) => None,
    }
}

/// A file whose rows a page shows must be a table.
fn unreadable(library: &Library, a: &Article, link: &Link) -> Option<(&'static str, Option<String>, String, String)> {
    let (LinkKind::Table, Target::Path { path, .. }) = (link.kind, &link.target) else { return None };
    let file = library.attachment(a, path)?;
    let (id, problem) = crate::content::table::read(&library.repository.files[file].disk).err()?;
    Some((id, None, path.clone(), problem))
}

/// Files beside an item whose type its owner may not publish.
fn refused_files(platform: &Platform, library: &Library, a: &Article) -> Vec<Diagnostic> {
    let own = platform.owner(&a.home.owner).map_or(&[][..], |o| &o.attachments);
    let allowed = |ext: &str| if own.is_empty() { ATTACHMENTS.contains(&ext) } else { own.iter().any(|o| o == ext) };
    let names = library.attachments(a).into_iter().map(|f| path::name(&library.repository.files[f].path));
    let refused = names.filter(|n| !allowed(&path::stem_ext(n).1.to_lowercase()));
    refused.map(|n| Diagnostic::error("content.attachment-type").arg("file", n).arg("type", path::stem_ext(n).1)).collect()
}

/// Links of its owner that lead nowhere stay as written.
fn keeps(platform: &Platform, a: &Article) -> bool {
    platform.owner(&a.home.owner).is_some_and(|o| o.keep_dead_links)
}

/// `/zwgk/tzgg/`: the address of a column of the home site.
fn is_site_path(platform: &Platform, a: &Article, p: &str) -> bool {
    platform.owner(&a.home.owner).and_then(|o| o.home).is_some_and(|home| is_column(platform, home, p))
}

fn is_column(platform: &Platform, site: crate::base::id::SiteId, p: &str) -> bool {
    let path = format!("/{}/", p.trim_matches('/')).replace("//", "/");
    p.starts_with('/') && (path == "/" || platform.site(site).columns.iter().any(|c| *c.url == *path))
}

/// The nearest name in the folder that the link points into, of a kind that could be meant: a picture for a picture.
fn near(library: &Library, a: &Article, p: &str, kind: LinkKind) -> Option<String> {
    library.near(p, Some(a), |name| fits(kind, name))
}

fn fits(kind: LinkKind, name: &str) -> bool {
    let ext = path::stem_ext(name).1.to_ascii_lowercase();
    match kind {
        LinkKind::Link => true,
        LinkKind::Item => ext == "md",
        LinkKind::Image => matches!(ext.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "svg" | "bmp"),
        LinkKind::Video => matches!(ext.as_str(), "mp4" | "webm" | "ogv" | "mov" | "m4v"),
        LinkKind::File => ext != "md",
        LinkKind::Table => ext == "csv",
    }
}

/// The nearest address of a column of the home site.
fn near_column(platform: &Platform, a: &Article, p: &str) -> Option<String> {
    let home = platform.owner(&a.home.owner).and_then(|o| o.home).filter(|_| p.starts_with('/'))?;
    let columns = platform.site(home).columns.iter().map(|c| &*c.url);
    crate::base::source::nearest(&format!("/{}/", p.trim_matches('/')), columns).map(str::to_owned)
}

fn near_file(mut d: Diagnostic, library: &Library, a: &Article, p: &str, kind: LinkKind) -> Diagnostic {
    d.nearest = near(library, a, p, kind);
    d
}
