//! Bodies: rendered once, whatever the number of sites, and filled in for each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::base::diag::Diagnostic;
use crate::base::id::ArticleId;
use crate::base::path;
use crate::content::library::Source;
use crate::content::markdown::{self, Body, HoleKind, Target};
use crate::content::{Article, Library, library};
use crate::facts::{View, World};

/// Bytes of bodies kept for sites to come. A body that finds no room is rendered again: time, never truth.
const ROOM: usize = 512 * 1024 * 1024;

type Cell = Arc<OnceLock<Result<Arc<Body>, Arc<str>>>>;

/// Rendered bodies that further sites will ask for.
pub struct Bodies {
    /// By article: the body, and how many sites are still to ask.
    kept: Mutex<HashMap<ArticleId, (Cell, usize)>>,
    bytes: AtomicUsize,
    rendered: AtomicUsize,
}

impl Bodies {
    pub fn new() -> Bodies {
        Bodies { kept: Mutex::default(), bytes: AtomicUsize::new(0), rendered: AtomicUsize::new(0) }
    }

    /// How many bodies were rendered: for tests and reports.
    pub fn rendered(&self) -> usize {
        self.rendered.load(Ordering::Relaxed)
    }

    /// The body of an item that `sites` sites show in all.
    pub fn get(&self, world: &World, id: ArticleId, sites: usize) -> Result<Arc<Body>, Arc<str>> {
        if sites <= 1 || self.bytes.load(Ordering::Relaxed) > ROOM {
            return self.render(world, id);
        }
        let cell = match self.kept.lock() {
            Ok(mut kept) => {
                let (cell, left) = kept.entry(id).or_insert_with(|| (Cell::default(), sites));
                let cell = cell.clone();
                *left -= 1;
                if *left == 0 {
                    kept.remove(&id);
                    let size = cell.get().and_then(|b| b.as_ref().ok()).map_or(0, |b| b.html.len());
                    self.bytes.fetch_sub(size, Ordering::Relaxed);
                }
                cell
            }
            Err(_) => return self.render(world, id),
        };
        cell.get_or_init(|| {
            let body = self.render(world, id);
            self.bytes.fetch_add(body.as_ref().map_or(0, |b| b.html.len()), Ordering::Relaxed);
            body
        })
        .clone()
    }

    fn render(&self, world: &World, id: ArticleId) -> Result<Arc<Body>, Arc<str>> {
        self.rendered.fetch_add(1, Ordering::Relaxed);
        let a = world.library.get(id);
        let text = world.library.body(a).map_err(|e| match e {
            Source::Gone(e) => Arc::from(e.to_string()),
            Source::Changed => Arc::from("changed"),
        })?;
        let rule = world.platform.owner(&a.owner).map(|o| &o.html);
        let title = a.title_in_body.then_some(&*a.card.title);
        Ok(Arc::new(markdown::render(&text.text, &library::markdown_options(rule, title))))
    }
}

impl Default for Bodies {
    fn default() -> Self {
        Bodies::new()
    }
}

/// The source of an item changed or went while the build ran.
pub fn unreadable(world: &World, id: ArticleId, problem: &str) -> Diagnostic {
    let d = Diagnostic::error(if problem == "changed" { "render.changed" } else { "content.unreadable" });
    d.at(world.library.place(&world.platform, id)).arg("problem", problem)
}

/// What relative links of a text start from.
#[derive(Clone, Copy)]
pub enum From<'a> {
    Item(ArticleId, &'a Article),
    /// Text of a column: its content path, and the address of the column.
    Column {
        path: &'a str,
        url: &'a str,
    },
}

/// The body with its holes filled in for one site.
pub fn splice(body: &Body, view: &View, from: From) -> String {
    let mut out = String::with_capacity(body.html.len() + 64 * body.holes.len());
    let mut at = 0;
    let mut open = Vec::new();
    for hole in &body.holes {
        out.push_str(&body.html[at..hole.at]);
        at = hole.at;
        match &hole.kind {
            HoleKind::LinkOpen(n) => {
                let link = &body.links[*n as usize];
                let address = address(view, from, &link.target);
                open.push(address.is_some());
                if let Some(url) = address {
                    out.push_str("<a href=\"");
                    escape(&mut out, &url);
                    if !link.title.is_empty() {
                        out.push_str("\" title=\"");
                        escape(&mut out, &link.title);
                    }
                    out.push_str("\">");
                }
            }
            HoleKind::LinkClose(_) => {
                // A link to what is not shown is plain text (D10).
                if open.pop().unwrap_or(false) {
                    out.push_str("</a>");
                }
            }
            HoleKind::Image { link, alt, title } => picture(&mut out, view, from, &body.links[*link as usize].target, alt, title),
        }
    }
    out.push_str(&body.html[at..]);
    out
}

fn picture(out: &mut String, view: &View, from: From, target: &Target, alt: &str, title: &str) {
    let Target::Path { path, .. } = target else { return };
    let file = match from {
        From::Item(id, _) => view.attachment(id, path),
        From::Column { path: text, url } => {
            crate::plan::site::column_file(&view.world.library, text, path).map(|f| view.file(f as u32, url))
        }
    };
    let Some(file) = file else {
        escape(out, alt);
        return;
    };
    out.push_str("<img src=\"");
    escape(out, &file.url);
    out.push_str("\" alt=\"");
    escape(out, alt);
    if !title.is_empty() {
        out.push_str("\" title=\"");
        escape(out, title);
    }
    if file.width > 0 {
        out.push_str(&format!("\" width=\"{}\" height=\"{}", file.width, file.height));
    }
    out.push_str("\" loading=\"lazy\">");
}

fn address(view: &View, from: From, target: &Target) -> Option<String> {
    let library: &Library = &view.world.library;
    let with = |url: &str, anchor: &Option<String>| match anchor {
        Some(a) => format!("{url}#{}", path::encode(a)),
        None => url.to_owned(),
    };
    match target {
        Target::Item { id, anchor } => view.url(library.find_id(id)?).map(|u| with(&u, anchor)),
        Target::Path { path: p, anchor } => {
            let (hit, home) = match from {
                From::Item(id, a) => {
                    if let Some(file) = view.attachment(id, p) {
                        return Some(with(&file.url, anchor));
                    }
                    (library.resolve(p, Some(a)), view.world.platform.owner(&a.owner).and_then(|o| o.home))
                }
                From::Column { path: text, url } => {
                    if let Some(file) = crate::plan::site::column_file(library, text, p)
                        && !p.to_ascii_lowercase().ends_with(".md")
                    {
                        return Some(with(&view.file(file as u32, url).url, anchor));
                    }
                    let full = path::join(path::folder(text), p);
                    (full.and_then(|f| library.find_path(&f)), Some(view.site))
                }
            };
            if let Some(hit) = hit {
                return view.url(hit).map(|u| with(&u, anchor));
            }
            let keep = matches!(from, From::Item(_, a) if view.world.platform.owner(&a.owner).is_some_and(|o| o.keep_dead_links));
            if keep && home.is_none() {
                return Some(with(&path::encode(p), anchor));
            }
            // An address of the home site itself, a column's.
            let home = home?;
            let url = path::encode(p).into_owned();
            let full = if home == view.site { url } else { format!("{}{url}", view.world.platform.site(home).url) };
            p.starts_with('/').then(|| with(&full, anchor))
        }
        Target::Anchor(_) | Target::External(_) => None,
    }
}

pub fn escape(out: &mut String, text: &str) {
    _ = pulldown_cmark_escape::escape_html(out, text);
}
