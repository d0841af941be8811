//! Everything the content repository holds, read and checked: the [`Library`].

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde_json::Value as Json;

use super::article::{Article, BodyText, Origin};
pub use super::build::options as markdown_options;
use super::build::{self, Context, Draft, parts};
use super::front_matter::{self, Fields};
use super::metadata::{self, Metadata};
use super::record;
use super::repository::{Repository, SourceFile, display};
use super::schema::Schemas;
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::{ArticleId, Lang};
use crate::config::Platform;

/// A Markdown file of this size or more is an error: no page of it would be read.
pub const MAX_MARKDOWN: u64 = 8 * 1024 * 1024;

/// Files of one folder, and ids, that are compared with one that is wrong.
const MAX_NEAR: usize = 2_000;
const MAX_IDS: usize = 100_000;

type Fast = foldhash::fast::RandomState;

/// Text and settings of a column, from its `_index.md`.
pub struct ColumnText {
    pub title: Option<Arc<str>>,
    pub summary: Option<Arc<str>>,
    pub keywords: Vec<String>,
    pub cover: Option<Arc<str>>,
    /// Content path.
    pub path: Arc<str>,
    pub body: Arc<str>,
    pub body_line: u32,
    /// Of the body, into the repository.
    pub links: Vec<super::markdown::Link>,
    /// As a user would type it.
    pub file: Arc<str>,
    pub print: Fingerprint,
}

pub struct Library {
    pub schemas: Schemas,
    pub repository: Repository,
    /// Markdown files in the order of their paths, then records in the order of their files and lines.
    pub articles: Vec<Article>,
    /// By owner, column, language.
    pub columns: BTreeMap<(Arc<str>, Arc<str>, Lang), ColumnText>,
    by_id: HashMap<Arc<str>, ArticleId, Fast>,
    by_path: HashMap<Box<str>, ArticleId, Fast>,
    others: OnceLock<HashMap<Box<str>, u32, Fast>>,
    /// Translation key → items, where there is more than one.
    translations: HashMap<Arc<str>, Vec<ArticleId>, Fast>,
    /// Version key → items, newest first, where there is more than one.
    versions: HashMap<Arc<str>, Vec<ArticleId>, Fast>,
}

/// What one file gave.
#[derive(Default)]
struct FromFile {
    articles: Vec<Article>,
    column: Option<((Arc<str>, Arc<str>, Lang), ColumnText)>,
    diagnostics: Vec<Diagnostic>,
}

/// Why the text of an item cannot be had any more.
#[derive(Debug)]
pub enum Source {
    Gone(std::io::Error),
    /// It is not what it was when the build started.
    Changed,
}

impl Library {
    /// `keep`: bytes of rendered bodies that may be kept for a build to come.
    pub fn load(platform: &Platform, schemas: Schemas, repository: Repository, keep: usize, out: &mut Vec<Diagnostic>) -> Library {
        let metadata: Vec<Metadata> = platform.mounts.iter().map(|m| metadata::load(m, out)).collect();
        for (mount, rows) in platform.mounts.iter().zip(&metadata) {
            let is_there = |path: &str| repository.find(&format!("{}/{path}", mount.owner)).is_some();
            metadata::idle(mount, rows, is_there, out);
        }
        let room = AtomicUsize::new(keep);
        let context = Context { platform, schemas: &schemas, room: &room };
        let read: Vec<FromFile> = repository
            .files
            .par_iter()
            .enumerate()
            .map(|(at, file)| {
                // A fault of the program over one file is said of that file: it stops neither the others nor the build.
                let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_file(&context, &metadata, at as u32, file)));
                read.unwrap_or_else(|_| {
                    let d = Diagnostic::error("content.fault").at(Place::file(display(platform, file)));
                    FromFile { diagnostics: vec![d], ..FromFile::default() }
                })
            })
            .collect();
        let mut articles = Vec::new();
        let mut records = Vec::new();
        let mut columns = BTreeMap::new();
        for from in read {
            out.extend(from.diagnostics);
            if let Some((key, text)) = from.column {
                let at = Place::file(text.file.clone());
                if let Some(first) = columns.insert(key, text) {
                    out.push(Diagnostic::warning("content.two-texts").at(at).also(Place::file(first.file)));
                }
            }
            for a in from.articles {
                match a.origin {
                    Origin::File { .. } => articles.push(a),
                    Origin::Record { .. } => records.push(a),
                }
            }
        }
        articles.append(&mut records);
        intern(&mut articles);
        let mut library = Library {
            schemas,
            repository,
            articles,
            columns,
            by_id: HashMap::default(),
            by_path: HashMap::default(),
            others: OnceLock::new(),
            translations: HashMap::default(),
            versions: HashMap::default(),
        };
        library.index(platform, out);
        library
    }

    fn index(&mut self, platform: &Platform, out: &mut Vec<Diagnostic>) {
        let mut translations: HashMap<Arc<str>, Vec<ArticleId>, Fast> = HashMap::default();
        let mut versions: HashMap<Arc<str>, Vec<ArticleId>, Fast> = HashMap::default();
        let mut twice = Vec::new();
        for (at, a) in self.articles.iter().enumerate() {
            let id = ArticleId(at as u32);
            match self.by_id.get(&a.card.id) {
                Some(first) => twice.push((*first, id)),
                None => {
                    self.by_id.insert(a.card.id.clone(), id);
                }
            }
            if matches!(a.origin, Origin::File { .. }) {
                self.by_path.insert(a.path.clone(), id);
                translations.entry(a.translation_key.clone()).or_default().push(id);
            }
            if let Some(key) = &a.rare().version_key {
                versions.entry(key.clone()).or_default().push(id);
            }
        }
        for (first, second) in twice {
            let d = Diagnostic::error("content.two-ids").at(self.place_of_id(platform, second)).also(self.place_of_id(platform, first));
            out.push(d.arg("id", &self.articles[second.index()].card.id));
            self.articles[second.index()].bad = true;
        }
        translations.retain(|_, v| v.len() > 1);
        versions.retain(|_, v| v.len() > 1);
        for list in versions.values_mut() {
            list.sort_by(|a, b| self.articles[a.index()].newest_first(&self.articles[b.index()]));
        }
        self.translations = translations;
        self.versions = versions;
    }

    pub fn get(&self, id: ArticleId) -> &Article {
        &self.articles[id.index()]
    }

    pub fn ids(&self) -> impl Iterator<Item = ArticleId> + use<> {
        (0..self.articles.len() as u32).map(ArticleId)
    }

    pub fn find_id(&self, id: &str) -> Option<ArticleId> {
        self.by_id.get(id).copied()
    }

    /// By content path, with or without its ending: `owner/column/2026/x[.md]`, `…/x/index.md` also as `…/x`.
    pub fn find_path(&self, path: &str) -> Option<ArticleId> {
        let path = path.trim_end_matches('/');
        let hit = |p: &str| self.by_path.get(p).copied();
        hit(path).or_else(|| {
            let mut longer = String::with_capacity(path.len() + "/index.md".len());
            longer.push_str(path);
            longer.push_str(".md");
            hit(&longer).or_else(|| {
                longer.truncate(path.len());
                longer.push_str("/index.md");
                hit(&longer)
            })
        })
    }

    /// `id:…`, or a path: rooted at the content root, or relative to `from`'s folder.
    pub fn resolve(&self, reference: &str, from: Option<&Article>) -> Option<ArticleId> {
        if let Some(id) = reference.strip_prefix("id:") {
            return self.find_id(id);
        }
        let base = from.map_or("", Article::folder);
        let path = crate::base::path::join(base, reference)?;
        self.find_path(&path).or_else(|| self.find_id(reference))
    }

    /// What is nearest to a reference that leads nowhere: an id, or a name in the folder that it points into. `fits`: names
    /// that could be meant.
    pub fn near(&self, reference: &str, from: Option<&Article>, fits: impl Fn(&str) -> bool) -> Option<String> {
        if let Some(id) = reference.strip_prefix("id:") {
            return self.near_id(id).map(|id| format!("id:{id}"));
        }
        let full = crate::base::path::join(from.map_or("", Article::folder), reference)?;
        let (folder, name) = (crate::base::path::folder(&full), crate::base::path::name(&full));
        let files = self.repository.below(folder).iter().take(MAX_NEAR).map(|f| &*f.path);
        let names = files.filter(|p| crate::base::path::folder(p) == folder).map(crate::base::path::name).filter(|n| fits(n));
        let start = reference.rfind('/').map_or("", |i| &reference[..=i]);
        crate::base::source::nearest(name, names).map(|hit| format!("{start}{hit}"))
    }

    /// The nearest id, where there are few enough to look at them all.
    pub fn near_id(&self, id: &str) -> Option<&str> {
        let all = self.articles.iter().take(if self.articles.len() > MAX_IDS { 0 } else { MAX_IDS });
        let near = all.map(|a| &*a.card.id).filter(|known| known.len().abs_diff(id.len()) <= (id.len() / 3).max(2));
        crate::base::source::nearest(id, near)
    }

    pub fn translations(&self, a: &Article) -> &[ArticleId] {
        self.translations.get(&a.translation_key).map_or(&[], |v| v)
    }

    pub fn versions(&self, a: &Article) -> &[ArticleId] {
        a.rare().version_key.as_ref().and_then(|k| self.versions.get(k)).map_or(&[], |v| v)
    }

    /// A file beside an item, by a path relative to it.
    pub fn attachment(&self, from: &Article, relative: &str) -> Option<usize> {
        let path = crate::base::path::join(from.folder(), relative)?;
        let path = crate::base::path::nfc(&path);
        self.others().get(&*path).map(|at| *at as usize)
    }

    /// Files that are no texts, by their paths. Every link of every body is looked up here, and most lead elsewhere.
    fn others(&self) -> &HashMap<Box<str>, u32, Fast> {
        self.others.get_or_init(|| {
            let files = self.repository.files.iter().enumerate().filter(|(_, f)| !is_text(&f.path));
            files.map(|(at, f)| ((&*f.path).into(), at as u32)).collect()
        })
    }

    /// The files of a bundle that are no items, in order.
    pub fn bundle_files(&self, a: &Article) -> impl Iterator<Item = &SourceFile> {
        let files = if a.bundle { self.repository.below(a.folder()) } else { &[] };
        let own = a.folder().len();
        files.iter().filter(move |f| !is_text(&f.path) && !self.in_inner_bundle(&f.path, own))
    }

    /// Files that stand beside an item's page: those of its bundle, and those that it names.
    pub fn attachments(&self, article: &Article) -> Vec<usize> {
        let mut files: Vec<usize> = self.bundle_files(article).filter_map(|f| self.repository.find(&f.path)).collect();
        let rare = article.rare();
        for link in &rare.links {
            if let super::markdown::Target::Path { path, .. } = &link.target {
                files.extend(self.attachment(article, path));
            }
        }
        if let Some(cover) = &article.card.cover {
            files.extend(self.attachment(article, &cover.path));
        }
        for field in self.schemas.get(article.card.category).fields.iter().filter(|f| f.kind == super::FieldType::File) {
            let Some(value) = rare.data.get(&*field.name) else { continue };
            let texts = value.as_array().map_or_else(|| vec![value], |v| v.iter().collect());
            files.extend(texts.iter().filter_map(|v| v.as_str()).filter_map(|p| self.attachment(article, p)));
        }
        files.sort_unstable();
        files.dedup();
        files
    }

    /// A folder between the first `outer` bytes of the path and its name is a bundle of its own.
    fn in_inner_bundle(&self, path: &str, outer: usize) -> bool {
        let mut folder = crate::base::path::folder(path);
        while folder.len() > outer {
            if self.by_path.contains_key(&*format!("{folder}/index.md")) {
                return true;
            }
            folder = crate::base::path::folder(folder);
        }
        false
    }

    /// The file of an item as a user would type it.
    pub fn file_name(&self, platform: &Platform, a: &Article) -> Arc<str> {
        display(platform, &self.repository.files[a.origin.file()]).into()
    }

    pub fn place(&self, platform: &Platform, id: ArticleId) -> Place {
        let a = self.get(id);
        let file = self.file_name(platform, a);
        match a.origin {
            Origin::File { .. } => Place::file(file),
            Origin::Record { line, .. } => Place::at(file, line, 1),
        }
    }

    /// Where an item says its id: looked for when someone asks, since nobody does but for a mistake.
    fn place_of_id(&self, platform: &Platform, id: ArticleId) -> Place {
        let place = self.place(platform, id);
        let text = std::fs::read_to_string(&self.repository.files[self.get(id).origin.file()].disk).unwrap_or_default();
        let front = front_matter::split(text.trim_start_matches('\u{feff}'));
        match front.map(|(fields, _)| fields.place("id")) {
            Ok((line, column)) if place.line == 0 && line > 0 => Place::span(place.file, line, column.max(1), "id".len() as u32),
            _ => place,
        }
    }

    /// The text of an item's body, read again: bodies are not kept. A file or record that is not what it was when the
    /// build started is refused, so that one build shows one state of the content.
    pub fn body(&self, a: &Article) -> Result<BodyText, Source> {
        let file = &self.repository.files[a.origin.file()];
        match a.origin {
            Origin::File { body, line, .. } => {
                let bytes = std::fs::read(&file.disk).map_err(Source::Gone)?;
                if Fingerprint::of_bytes(&bytes) != a.print {
                    return Err(Source::Changed);
                }
                let text = String::from_utf8(bytes).map_err(|_| Source::Changed)?;
                let text = text.get(body as usize..).ok_or(Source::Changed)?.to_owned();
                Ok(BodyText { text, line, exact: true })
            }
            Origin::Record { start, length, line, .. } => {
                let values = record::reread(&file.disk, start, length, line).map_err(Source::Gone)?;
                let values = values.ok_or(Source::Changed)?;
                let same = ["title", "id"].iter().all(|k| match (*k, values.get(*k)) {
                    ("id", Some(v)) => super::build::is_id(&a.card.id) && plain(v) == *a.card.id,
                    ("title", Some(v)) => plain(v).trim() == &*a.card.title,
                    _ => true,
                });
                if !same {
                    return Err(Source::Changed);
                }
                let text = values.get("body").and_then(Json::as_str).unwrap_or_default().to_owned();
                Ok(BodyText { text, line, exact: false })
            }
        }
    }
}

fn plain(v: &Json) -> String {
    match v {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// Files that hold items, and so are nobody's attachment.
pub fn is_text(path: &str) -> bool {
    let name = crate::base::path::name(path);
    let (_, ext) = crate::base::path::stem_ext(name);
    ext.eq_ignore_ascii_case("md")
}

/// Equal texts of many items become one: owners, columns, sources, tags.
fn intern(articles: &mut [Article]) {
    let mut seen: HashMap<Arc<str>, (), Fast> = HashMap::default();
    let mut one = |text: &mut Arc<str>| match seen.get_key_value(text) {
        Some((known, ())) => *text = known.clone(),
        None => {
            seen.insert(text.clone(), ());
        }
    };
    for a in articles {
        one(&mut a.owner);
        one(&mut a.column);
        one(&mut a.card.source);
        if !a.card.tags.is_empty() {
            let mut tags: Vec<Arc<str>> = a.card.tags.to_vec();
            tags.iter_mut().for_each(&mut one);
            a.card.tags = tags.into();
        }
    }
}

fn read_file(context: &Context, metadata: &[Metadata], at: u32, file: &SourceFile) -> FromFile {
    let mut from = FromFile::default();
    let name = crate::base::path::name(&file.path);
    let (stem, ext) = crate::base::path::stem_ext(name);
    if ext.eq_ignore_ascii_case("md") {
        markdown(context, metadata, at, file, stem, &mut from);
    } else if (ext.eq_ignore_ascii_case("jsonl") || ext.eq_ignore_ascii_case("csv")) && !in_bundle(file) {
        records(context, at, file, &mut from);
    }
    from
}

/// A table in a bundle is an attachment: an `index.md` stands beside it.
fn in_bundle(file: &SourceFile) -> bool {
    file.disk.parent().is_some_and(|p| p.join("index.md").is_file())
}

fn markdown(context: &Context, metadata: &[Metadata], at: u32, file: &SourceFile, stem: &str, from: &mut FromFile) {
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
        from.articles.push(made.article);
        from.diagnostics.push(d);
    };
    if file.length >= MAX_MARKDOWN {
        let d = Diagnostic::error("content.size").at(Place::file(shown.clone()));
        broken(d.arg("bytes", file.length).arg("max", MAX_MARKDOWN), from, Fingerprint::ABSENT);
        return;
    }
    let bytes = match std::fs::read(&file.disk) {
        Ok(bytes) => bytes,
        Err(e) => {
            let d = Diagnostic::error("content.unreadable").at(Place::file(shown.clone())).arg("problem", e);
            broken(d, from, Fingerprint::ABSENT);
            return;
        }
    };
    let print = Fingerprint::of_bytes(&bytes);
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = match simdutf8::compat::from_utf8(&bytes[mark..]) {
        Ok(text) => text,
        Err(e) => {
            let line = memchr::memchr_iter(b'\n', &bytes[..mark + e.valid_up_to()]).count() as u32 + 1;
            let (_, _, wrong) = encoding_rs::GB18030.decode(&bytes);
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
    if stem == "_index" || stem.starts_with("_index.") {
        column_text(context, file, &shown, &fields, &text[body.clone()], body_line, print, from);
        return;
    }
    let mount = file.mount.map(|m| (&context.platform.mounts[m as usize], &metadata[m as usize]));
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
    from.articles.push(made.article);
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
    from.column = Some((key, text));
}

fn records(context: &Context, at: u32, file: &SourceFile, from: &mut FromFile) {
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
            articles.push(made.article);
        }
    };
    let is_csv = file.path.to_ascii_lowercase().ends_with(".csv");
    let read = if is_csv { record::csv(&file.disk, &mut take) } else { record::jsonl(&file.disk, &mut take) };
    if let Err(e) = read {
        diagnostics.push(Diagnostic::error("content.unreadable").at(Place::file(shown.clone())).arg("problem", e));
    }
    from.articles = articles;
    from.diagnostics.extend(diagnostics);
}
