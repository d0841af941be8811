//! One file → what it gives: articles, the text of a column, findings.

use std::io::Read;
use std::sync::Arc;

use serde_json::Value as Json;

use super::article::{Article, Origin};
use super::build::{self, Context, Draft, options as markdown_options, parts};
use super::front_matter::{self, Fields};
use super::library::{ColumnText, MAX_MARKDOWN};
use super::metadata::{self, Metadata};
use super::record;
use super::repository::{Repository, SourceFile, display};
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::Lang;

/// Owner, column and language of a column's text; the text.
pub type ColumnEntry = ((Arc<str>, Arc<str>, Lang), Arc<ColumnText>);

/// What one file gave.
#[derive(Clone, Default)]
pub struct FromFile {
    /// Shared with what is kept between two readings: whoever changes one makes its own first.
    pub articles: Vec<Arc<Article>>,
    pub column: Option<ColumnEntry>,
    pub diagnostics: Vec<Diagnostic>,
}

impl FromFile {
    /// Notes at which place in the repository the file stands.
    pub fn stand_at(&mut self, at: u32) {
        for a in &mut self.articles {
            match &mut Arc::make_mut(a).origin {
                Origin::File { file, .. } | Origin::Record { file, .. } => *file = at,
            }
        }
    }
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Markdown,
    Jsonl,
    Csv,
    /// It stands beside items.
    Attachment,
}

impl Kind {
    pub fn of(repository: &Repository, file: &SourceFile) -> Kind {
        let (_, ext) = crate::base::path::stem_ext(crate::base::path::name(&file.path));
        let kind = match ext {
            e if e.eq_ignore_ascii_case("md") => return Kind::Markdown,
            e if e.eq_ignore_ascii_case("jsonl") => Kind::Jsonl,
            e if e.eq_ignore_ascii_case("csv") => Kind::Csv,
            _ => return Kind::Attachment,
        };
        // A table in a bundle is an attachment: an `index.md` stands beside it.
        let bundle = format!("{}/index.md", crate::base::path::folder(&file.path));
        if repository.find(&bundle).is_some() { Kind::Attachment } else { kind }
    }
}

/// What the reading of all files has in common.
pub struct Reader<'a> {
    pub context: Context<'a>,
    /// Of each mount.
    pub metadata: &'a [Metadata],
}

/// A Markdown file that was read, or could not be.
pub fn markdown(reader: &Reader, at: u32, file: &SourceFile, read: std::io::Result<(&[u8], Fingerprint)>) -> FromFile {
    let mut from = FromFile::default();
    page(reader, at, file, read, &mut from);
    from
}

fn page(reader: &Reader, at: u32, file: &SourceFile, read: std::io::Result<(&[u8], Fingerprint)>, from: &mut FromFile) {
    let context = &reader.context;
    let shown: Arc<str> = display(context.platform, file).into();
    // `broken`: what is known of an item whose file cannot be read: that it exists (D10).
    let broken = |d: Diagnostic, from: &mut FromFile, print: Fingerprint| {
        let origin = Origin::File { file: at, body: 0, line: 1 };
        let draft = Draft {
            fields: Fields::default(),
            body: "# ?",
            path: &file.path,
            file: shown.clone(),
            body_line: 1,
            origin,
            print,
            record: false,
            column: file.mount.and_then(|m| context.platform.mounts[m as usize].column.as_deref()),
            version_key: None,
        };
        let mut made = build::article(context, &draft);
        made.article.bad = true;
        from.articles.push(made.article.into());
        from.diagnostics.push(d);
    };
    if file.length >= MAX_MARKDOWN {
        let d = Diagnostic::error("content.size").at(Place::file(shown.clone()));
        broken(d.arg("bytes", file.length).arg("max", MAX_MARKDOWN), from, Fingerprint::ABSENT);
        return;
    }
    let (bytes, print) = match read {
        Ok(read) => read,
        Err(e) => {
            let d = Diagnostic::error("content.unreadable").at(Place::file(shown.clone())).arg("problem", e);
            broken(d, from, Fingerprint::ABSENT);
            return;
        }
    };
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = match simdutf8::compat::from_utf8(&bytes[mark..]) {
        Ok(text) => text,
        Err(e) => {
            let line = memchr::memchr_iter(b'\n', &bytes[..mark + e.valid_up_to()]).count() as u32 + 1;
            let (_, _, wrong) = encoding_rs::GB18030.decode(bytes);
            let id = if wrong { "content.encoding" } else { "content.gbk" };
            broken(Diagnostic::error(id).at(Place::at(shown.clone(), line, 1)), from, print);
            return;
        }
    };
    let (mut fields, body) = match front_matter::split(text) {
        Ok(split) => split,
        Err(p) => {
            let d = Diagnostic::error(p.id).at(Place::at(shown.clone(), p.line, p.column)).arg("problem", p.text);
            broken(d, from, print);
            return;
        }
    };
    let body_line = memchr::memchr_iter(b'\n', &text.as_bytes()[..body.start]).count() as u32 + 1;
    let (stem, _) = crate::base::path::stem_ext(crate::base::path::name(&file.path));
    if stem == "_index" || stem.starts_with("_index.") {
        column_text(context, file, &shown, &fields, &text[body.clone()], body_line, print, from);
        return;
    }
    let mount = file.mount.map(|m| (&context.platform.mounts[m as usize], &reader.metadata[m as usize]));
    let mut version_key = None;
    if let Some((mount, rows)) = mount {
        let below = file.path.strip_prefix(&*mount.owner).unwrap_or(&file.path).trim_start_matches('/');
        build::lay_under(&mut fields, metadata::values(mount, rows, below));
        if let Some(field) = &mount.version_key {
            version_key = fields.values.get(field).and_then(Json::as_str).map(|v| format!("{}:{v}", mount.owner));
        }
    }
    if text[body.clone()].trim().is_empty() && fields.values.is_empty() {
        broken(Diagnostic::error("content.empty").at(Place::file(shown.clone())), from, print);
        return;
    }
    let draft = Draft {
        fields,
        body: &text[body.clone()],
        path: &file.path,
        file: shown,
        body_line,
        origin: Origin::File { file: at, body: (mark + body.start) as u32, line: body_line },
        print,
        record: false,
        column: mount.and_then(|(m, _)| m.column.as_deref()),
        version_key,
    };
    let made = build::article(context, &draft);
    from.articles.push(made.article.into());
    from.diagnostics.extend(made.diagnostics);
}

#[allow(clippy::too_many_arguments)]
fn column_text(
    context: &Context,
    file: &SourceFile,
    shown: &Arc<str>,
    fields: &Fields,
    body: &str,
    body_line: u32,
    print: Fingerprint,
    from: &mut FromFile,
) {
    const KEYS: &[&str] = &["title", "summary", "cover", "description", "keywords"];
    let platform = context.platform;
    let parts = parts(platform, &file.path);
    // A section file of a mount that puts all items into one column names no column of its own.
    if file.mount.is_some_and(|m| platform.mounts[m as usize].column.is_some()) {
        return;
    }
    for key in fields.values.keys() {
        if !KEYS.contains(&key.as_str()) {
            let (line, column) = fields.place(key);
            let d = Diagnostic::warning("content.unknown-key").at(Place::span(shown.clone(), line, column, key.chars().count() as u32));
            from.diagnostics.push(d.arg("key", key).arg("category", "_index.md").nearest(key, KEYS.iter().copied()));
        }
    }
    let get = |k: &str| fields.values.get(k).and_then(Json::as_str).map(|s| Arc::from(s.trim()));
    let home = platform.owner(parts.owner).and_then(|o| o.home).map(|s| platform.site(s));
    if let Some(home) = home
        && !home.broken
        && home.find_column(parts.column).is_none()
    {
        let d = Diagnostic::warning("content.column-text").at(Place::file(shown.clone()));
        let d = d.arg("column", parts.column).arg("site", &home.id);
        from.diagnostics.push(d.nearest(parts.column, home.columns.iter().map(|c| &*c.id)));
    }
    let lang = parts.lang.or(home.map(|h| h.default_language())).unwrap_or(Lang(0));
    let key = (parts.owner.into(), parts.column.into(), lang);
    // The body keeps its place: what is cut off in front of it are whole lines.
    let cut = body.len() - body.trim_start().len();
    let skipped = memchr::memchr_iter(b'\n', &body.as_bytes()[..cut]).count() as u32;
    let rule = platform.owner(parts.owner).map(|o| &o.html);
    let (mut links, findings) = super::markdown::links(body.trim(), &markdown_options(rule, None, false));
    links.retain(|l| matches!(l.target, super::markdown::Target::Path { .. } | super::markdown::Target::Item { .. }));
    for f in findings {
        let at = crate::base::source::place(shown, body.trim(), f.range.clone());
        let at = Place { line: at.line + body_line + skipped - 1, ..at };
        let mut d = build::finding(f, at);
        d.severity = d.severity.min(crate::base::diag::Severity::Warning);
        from.diagnostics.push(d);
    }
    let text = ColumnText {
        title: get("title"),
        keywords: match fields.values.get("keywords") {
            Some(Json::Array(list)) => list.iter().filter_map(|v| v.as_str().map(|s| s.trim().to_owned())).collect(),
            _ => get("keywords").map(|k| k.to_string()).into_iter().collect(),
        },
        summary: get("summary").or_else(|| get("description")),
        cover: get("cover"),
        path: (&*file.path).into(),
        body: body.trim().into(),
        body_line: body_line + skipped,
        links,
        file: shown.clone(),
        print,
    };
    from.column = Some((key, text.into()));
}

/// The records of a file, from its bytes as they come.
pub fn records(reader: &Reader, at: u32, file: &SourceFile, kind: Kind, bytes: std::io::Result<impl Read>) -> FromFile {
    let context = &reader.context;
    let shown: Arc<str> = display(context.platform, file).into();
    let mut articles = Vec::new();
    let mut diagnostics = Vec::new();
    let column = file.mount.and_then(|m| context.platform.mounts[m as usize].column.as_deref());
    let mut take = |row: record::Row| {
        let values = match row.values {
            Ok(values) => values,
            Err((id, column, problem)) => {
                let place = Place::at(shown.clone(), row.line, column.max(1));
                diagnostics.push(Diagnostic::error(id).at(place).arg("problem", problem));
                return;
            }
        };
        let body = values.get("body").and_then(Json::as_str).unwrap_or_default().to_owned();
        let draft = Draft {
            fields: Fields::on_line(values, row.line),
            body: &body,
            path: &file.path,
            file: shown.clone(),
            body_line: row.line,
            origin: Origin::Record { file: at, start: row.start, length: row.length, line: row.line },
            print: Fingerprint::of_bytes(&row.bytes),
            record: true,
            column,
            version_key: None,
        };
        let made = build::article(context, &draft);
        diagnostics.extend(made.diagnostics);
        // A bad record is held back and listed; its sites are built (D10).
        if !made.article.bad {
            articles.push(Arc::new(made.article));
        }
    };
    let read = match (bytes, kind) {
        (Err(e), _) => Err(e),
        (Ok(bytes), Kind::Csv) => record::csv(bytes, &mut take),
        (Ok(bytes), _) => record::jsonl(bytes, &mut take),
    };
    if let Err(e) = read {
        diagnostics.push(Diagnostic::error("content.unreadable").at(Place::file(shown.clone())).arg("problem", e));
    }
    FromFile { articles, column: None, diagnostics }
}
