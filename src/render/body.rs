//! Bodies: rendered once, whatever the number of sites, and filled in for each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use minijinja::value::Value;

use super::context;
use super::functions::Asker;
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::ArticleId;
use crate::base::path;
use crate::content::library::Source;
use crate::content::markdown::shortcode::{self, Call, Value as Given};
use crate::content::markdown::{self, Body, HoleKind, Target};
use crate::content::{Article, library};
use crate::facts::{FileView, View, World};
use crate::theme::MAX_OUTPUT;

/// Bytes of bodies kept for sites to come. A body that finds no room is rendered again: time, never truth.
const ROOM: usize = 256 * 1024 * 1024;

/// What a kept body takes besides its text.
const BESIDE: usize = 256;

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
        if let Some(body) = world.library.spooled(world.library.get(id)) {
            return Ok(body);
        }
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
                    let size = cell.get().and_then(|b| b.as_ref().ok()).map_or(0, |b| size(b));
                    self.bytes.fetch_sub(size, Ordering::Relaxed);
                }
                cell
            }
            Err(_) => return self.render(world, id),
        };
        cell.get_or_init(|| {
            let body = self.render(world, id);
            self.bytes.fetch_add(body.as_ref().map_or(0, |b| size(b)), Ordering::Relaxed);
            body
        })
        .clone()
    }

    fn render(&self, world: &World, id: ArticleId) -> Result<Arc<Body>, Arc<str>> {
        let a = world.library.get(id);
        self.rendered.fetch_add(1, Ordering::Relaxed);
        let text = world.library.body(a).map_err(|e| match e {
            Source::Gone(e) => Arc::from(e.to_string()),
            Source::Changed => Arc::from("changed"),
        })?;
        let rule = world.platform.owner(&a.home.owner).map(|o| &o.html);
        let details = a.title_in_body.then(|| world.library.details(a));
        let title = details.as_ref().map(|d| &*d.title);
        let mut body = markdown::render(&text.text, &library::markdown_options(rule, title, a.rare().official));
        body.html.shrink_to_fit();
        Ok(Arc::new(body))
    }
}

/// Bytes of memory.
fn size(body: &Body) -> usize {
    let beside = body.holes.capacity() * size_of::<markdown::Hole>() + body.links.capacity() * size_of::<markdown::Link>();
    BESIDE + body.html.capacity() + beside
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
pub fn splice(body: &Body, view: &Arc<View>, from: From) -> Result<String, Diagnostic> {
    let out = String::with_capacity(body.html.len() + 64 * body.holes.len());
    let mut splicer = Splicer { body, view, from, out, open: Vec::new(), around: Vec::new() };
    let mut at = 0;
    for hole in &body.holes {
        splicer.out.push_str(&body.html[at..hole.at]);
        at = hole.at;
        splicer.fill(&hole.kind)?;
    }
    splicer.out.push_str(&body.html[at..]);
    // A shortcode whose end the cleaning took away: its content stays.
    while let Some((_, around)) = splicer.around.pop() {
        splicer.out.insert_str(0, &around);
    }
    // Said here, at the text: the template that shows it is not to blame.
    if splicer.out.len() > MAX_OUTPUT {
        return Err(Diagnostic::error("render.output-size").at(splicer.place()));
    }
    Ok(splicer.out)
}

struct Splicer<'s> {
    body: &'s Body,
    view: &'s Arc<View>,
    from: From<'s>,
    out: String,
    /// Links around, and whether each leads anywhere.
    open: Vec<bool>,
    /// Shortcodes around, and the text before each.
    around: Vec<(&'s Call, String)>,
}

impl<'s> Splicer<'s> {
    fn fill(&mut self, hole: &'s HoleKind) -> Result<(), Diagnostic> {
        match hole {
            HoleKind::LinkOpen(n) => {
                let link = &self.body.links[*n as usize];
                let address = address(self.view, self.from, &link.target);
                self.open.push(address.is_some());
                if let Some(url) = address {
                    self.out.push_str("<a href=\"");
                    escape(&mut self.out, &url);
                    if !link.title.is_empty() {
                        self.out.push_str("\" title=\"");
                        escape(&mut self.out, &link.title);
                    }
                    // As the Markdown room marks what is foreign on sight.
                    let elsewhere = url.contains("://") && !url.starts_with(&format!("{}/", self.view.config().url));
                    self.out.push_str(if elsewhere { "\" rel=\"external noopener\">" } else { "\">" });
                }
            }
            HoleKind::LinkClose(_) => {
                // A link to what is not shown is plain text (D10).
                if self.open.pop().unwrap_or(false) {
                    self.out.push_str("</a>");
                }
            }
            HoleKind::Image { link, alt, title } => {
                picture(&mut self.out, self.view, self.from, &self.body.links[*link as usize].target, alt, title);
            }
            HoleKind::Shortcode(call) if call.paired => self.around.push((call, std::mem::take(&mut self.out))),
            HoleKind::Shortcode(call) => self.call(call, None)?,
            HoleKind::ShortcodeEnd => {
                if let Some((call, around)) = self.around.pop() {
                    let content = std::mem::replace(&mut self.out, around);
                    self.call(call, Some(content))?;
                }
            }
        }
        Ok(())
    }

    /// Renders a shortcode through its template of the site's stack.
    fn call(&mut self, call: &Call, content: Option<String>) -> Result<(), Diagnostic> {
        // A body is only ever filled in while a page is rendered.
        let Some(asker) = crate::facts::reads::asker::<Asker>() else { return Ok(()) };
        let mut context: Vec<(&'static str, Value)> = Vec::new();
        let declared = shortcode::ALL.iter().filter(|s| s.name == call.name).flat_map(|s| s.parameters);
        for parameter in declared {
            let value = call.values.iter().find(|(key, _)| *key == parameter.name);
            context.push((parameter.name, value.map_or_else(|| Ok(Value::from(())), |(_, v)| self.value(v))?));
            if let Some((_, Given::Rows(link))) = value {
                context.push(("rows", self.rows(*link)?));
            }
        }
        context.push(("content", content.map_or_else(|| Value::from(()), Value::from_safe_string)));
        let template = format!("shortcodes/{}.html", call.name);
        let html = asker.render.engine.render(&template, Value::from_pairs(context)).map_err(|e| super::explained(&e))?;
        if self.out.len() + html.len() > MAX_OUTPUT {
            return Err(Diagnostic::error("render.output-size").at(self.place()));
        }
        self.out.push_str(&String::from_utf8_lossy(&html));
        self.out.push('\n');
        Ok(())
    }

    fn value(&self, given: &Given) -> Result<Value, Diagnostic> {
        let shown = |f: FileView| context::file(self.view, f, "");
        let file = |link: &u32| self.path(*link).and_then(|p| self.file(p)).map_or_else(|| Value::from(()), shown);
        Ok(match given {
            Given::Text(text) => Value::from(text.as_str()),
            Given::Number(n) => Value::from(*n),
            Given::Flag(flag) => Value::from(*flag),
            Given::File(link) | Given::Rows(link) => file(link),
            Given::Files(links) => links.iter().filter_map(|l| self.file(self.path(*l)?)).map(shown).collect(),
            Given::Item(link) => {
                let card = self.item(&self.body.links[*link as usize].target).and_then(|hit| self.view.card(hit));
                card.map_or_else(|| Value::from(()), |c| context::card(self.view, c, false))
            }
        })
    }

    fn path(&self, link: u32) -> Option<&'s str> {
        match &self.body.links[link as usize].target {
            Target::Path { path, .. } => Some(path),
            _ => None,
        }
    }

    fn file(&self, path: &str) -> Option<FileView> {
        beside(self.view, self.from, path)
    }

    fn item(&self, target: &Target) -> Option<ArticleId> {
        match target {
            Target::Item { id, .. } => self.view.resolve(&format!("id:{id}"), None),
            Target::Path { path, .. } => item(self.view, self.from, path),
            _ => None,
        }
    }

    /// The rows of a CSV file. The file was read when the item was checked: what is wrong with it now came since.
    fn rows(&self, link: u32) -> Result<Value, Diagnostic> {
        let Some(path) = self.path(link) else { return Ok(Value::from(())) };
        let file = match self.from {
            From::Item(id, _) => self.view.file_of(id, path),
            From::Column { path: text, .. } => self.view.file_in_text(text, path),
        };
        let Some(file) = file else { return Ok(Value::from(Vec::<Value>::new())) };
        match self.view.rows(file as u32) {
            Ok(rows) => Ok(rows.into_iter().map(|row| row.into_iter().map(Value::from).collect::<Value>()).collect()),
            // The text of a column holds back no site.
            Err(_) if matches!(self.from, From::Column { .. }) => Ok(Value::from(Vec::<Value>::new())),
            Err((id, problem)) => Err(Diagnostic::error(id).at(self.place()).arg("problem", problem).arg("target", path)),
        }
    }

    fn place(&self) -> Place {
        match self.from {
            From::Item(id, _) => self.view.world.library.place(&self.view.world.platform, id),
            From::Column { path, .. } => Place::file(path),
        }
    }
}

/// The item that a text names by a path.
fn item(view: &View, from: From, path: &str) -> Option<ArticleId> {
    match from {
        From::Item(id, _) => view.resolve(path, Some(id)),
        From::Column { path: text, .. } => view.resolve_in_text(text, path),
    }
}

/// A file that a text names, as it stands beside the text's page.
fn beside(view: &View, from: From, path: &str) -> Option<FileView> {
    match from {
        From::Item(id, _) => view.attachment(id, path),
        From::Column { path: text, url } => view.file_in_text(text, path).map(|f| view.file(f as u32, url)),
    }
}

fn picture(out: &mut String, view: &View, from: From, target: &Target, alt: &str, title: &str) {
    let Target::Path { path, .. } = target else { return };
    let file = beside(view, from, path);
    let Some(file) = file else {
        escape(out, alt);
        return;
    };
    let srcset = file.srcset(view.world.pictures.widest());
    if !srcset.is_empty() {
        out.push_str("<picture><source type=\"image/webp\" srcset=\"");
        escape(out, &srcset);
        out.push_str("\" sizes=\"");
        escape(out, view.world.pictures.sizes());
        out.push_str("\">");
    }
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
    out.push_str("\" loading=\"lazy\" decoding=\"async\">");
    if !srcset.is_empty() {
        out.push_str("</picture>");
    }
}

fn address(view: &View, from: From, target: &Target) -> Option<String> {
    let with = |url: &str, anchor: &Option<String>| match anchor {
        Some(a) => format!("{url}#{}", path::encode(a)),
        None => url.to_owned(),
    };
    match target {
        Target::Item { id, anchor } => view.url(view.resolve(&format!("id:{id}"), None)?).map(|u| with(&u, anchor)),
        Target::Path { path: p, anchor } => {
            let (hit, home) = match from {
                From::Item(id, a) => {
                    if let Some(file) = view.attachment(id, p) {
                        return Some(with(&file.url, anchor));
                    }
                    (item(view, from, p), view.world.platform.owner(&a.home.owner).and_then(|o| o.home))
                }
                From::Column { path: text, url } => {
                    if let Some(file) = view.file_in_text(text, p)
                        && !p.to_ascii_lowercase().ends_with(".md")
                    {
                        return Some(with(&view.file(file as u32, url).url, anchor));
                    }
                    (item(view, from, p), Some(view.site))
                }
            };
            if let Some(hit) = hit {
                return view.url(hit).map(|u| with(&u, anchor));
            }
            let keep = matches!(from, From::Item(_, a) if view.world.platform.owner(&a.home.owner).is_some_and(|o| o.keep_dead_links));
            if keep && home.is_none() {
                return Some(with(&path::encode(p), anchor));
            }
            // An address of the home site itself, a column's.
            let home = home?;
            p.starts_with('/').then(|| with(&view.local(home, &path::encode(p)), anchor))
        }
        Target::Anchor(_) | Target::External(_) => None,
    }
}

pub fn escape(out: &mut String, text: &str) {
    _ = pulldown_cmark_escape::escape_html(out, text);
}

#[cfg(test)]
mod tests;
