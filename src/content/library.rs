//! Everything the content repository holds, read and checked: the [`Library`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde_json::Value as Json;

use super::article::{Article, BodyText, Origin};
use super::build::Context;
pub use super::build::options as markdown_options;
use super::details::{Details, Shelf};
use super::front_matter;
use super::ids::Ids;
use super::kept::{Kept, KeptOwner};
use super::markdown::Body;
use super::memo::{Counts, Memo, OwnerRead, Prints, Readers};
use super::metadata::{self, Metadata};
use super::read::Reader;
use super::record;
use super::repository::{Repository, SourceFile, display};
use super::schema::Schemas;
use super::spool::Spool;
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
#[derive(serde::Serialize, serde::Deserialize)]
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
    pub schemas: Arc<Schemas>,
    pub repository: Arc<Repository>,
    /// How much of it was opened.
    pub counts: Counts,
    /// Markdown files in the order of their paths, then records in the order of their files and lines.
    pub articles: Vec<Arc<Article>>,
    /// By owner, column, language.
    pub columns: BTreeMap<(Arc<str>, Arc<str>, Lang), Arc<ColumnText>>,
    by_id: Ids,
    by_path: HashMap<Arc<str>, ArticleId, Fast>,
    others: OnceLock<HashMap<Box<str>, u32, Fast>>,
    shown: OnceLock<HashSet<u32, Fast>>,
    /// Translation key → items, where there is more than one.
    translations: HashMap<Arc<str>, Vec<ArticleId>, Fast>,
    /// Version key → items, newest first, where there is more than one.
    versions: HashMap<Arc<str>, Vec<ArticleId>, Fast>,
    shelf: Shelf,
    spool: Option<Spool>,
}

/// Why the text of an item cannot be had any more.
#[derive(Debug)]
pub enum Source {
    Gone(std::io::Error),
    /// It is not what it was when the build started.
    Changed,
}

/// How the content is read.
pub struct Reading<'a> {
    /// For the bodies, where most of them will be rendered.
    pub spool: Option<Spool>,
    /// What earlier builds remember; `None`: everything is read.
    pub memo: Option<&'a Memo>,
    /// What this process knows of its last reading, and notes for the next.
    pub kept: Option<&'a mut Kept>,
    /// Set from outside: what is not read yet is left out, nothing is remembered, and the library is of no use.
    pub stop: &'a AtomicBool,
}

impl Library {
    pub fn load(
        platform: &Platform,
        schemas: Arc<Schemas>,
        repository: Arc<Repository>,
        reading: Reading,
        out: &mut Vec<Diagnostic>,
    ) -> Library {
        let Reading { spool, memo, mut kept, stop } = reading;
        let metadata: Vec<Metadata> = platform.mounts.iter().map(|m| metadata::load(m, out)).collect();
        for (mount, rows) in platform.mounts.iter().zip(&metadata) {
            let is_there = |path: &str| repository.find(&format!("{}/{path}", mount.owner)).is_some();
            metadata::idle(mount, rows, is_there, out);
        }
        let prints = Prints::new(platform, &schemas);
        let reader = Reader { context: Context { platform, schemas: &schemas, spool: spool.as_ref() }, metadata: &metadata };
        let readers = Readers { reader, repository: &repository, prints: &prints, memo, stop };
        let mut owners = Vec::new();
        let mut first = 0;
        for files in repository.files.chunk_by(|a, b| a.owner() == b.owner()) {
            owners.push((first, files));
            first += files.len();
        }
        let known = kept.as_deref().filter(|k| k.mounts == prints.mounts() && k.metadata == metadata);
        let before = |files: &[SourceFile]| known?.owners.get(files.first()?.owner());
        let read: Vec<OwnerRead> = owners.par_iter().map(|(first, files)| readers.owner(*first, files, before(files))).collect();
        if let Some(spool) = &spool {
            spool.fill();
        }
        if let Some(kept) = kept.as_deref_mut() {
            kept.owners = owners
                .iter()
                .zip(&read)
                .filter_map(|((first, files), read)| {
                    let owner = KeptOwner::new(&repository, read.context, *first, files, &read.from, &read.doubted);
                    Some((files.first()?.owner().into(), owner))
                })
                .collect();
            kept.mounts = prints.mounts().to_vec();
        }
        if let Some(memo) = memo.filter(|m| m.write) {
            memo.drop_others(owners.iter().filter_map(|(_, files)| Some(files.first()?.owner())));
        }
        let damaged: Vec<&str> = read.iter().filter_map(|r| r.damage).collect();
        if let Some(problem) = damaged.first() {
            out.push(Diagnostic::note("content.memo").arg("count", damaged.len()).arg("problem", problem));
        }
        let mut counts = Counts::default();
        let mut articles = Vec::with_capacity(read.iter().flat_map(|r| &r.from).map(|f| f.articles.len()).sum());
        let mut records = Vec::new();
        let mut columns = BTreeMap::new();
        for from in read.into_iter().flat_map(|r| {
            counts += r.counts;
            r.from
        }) {
            let from = Arc::unwrap_or_clone(from);
            out.extend(from.diagnostics);
            if let Some((key, text)) = from.column {
                let at = Place::file(text.file.clone());
                if let Some(first) = columns.insert(key, text) {
                    out.push(Diagnostic::warning("content.two-texts").at(at).also(Place::file(first.file.clone())));
                }
            }
            if from.articles.iter().all(|a| matches!(a.origin, Origin::File { .. })) {
                articles.extend(from.articles);
            } else {
                records.push(from.articles);
            }
        }
        records.into_iter().for_each(|r| articles.extend(r));
        if let Some(kept) = kept {
            kept.metadata = metadata;
        }
        let mut library = Library {
            schemas,
            repository,
            counts,
            articles,
            columns,
            by_id: Ids::default(),
            by_path: HashMap::default(),
            others: OnceLock::new(),
            shown: OnceLock::new(),
            translations: HashMap::default(),
            versions: HashMap::default(),
            shelf: Shelf::default(),
            spool,
        };
        library.index(platform, out);
        library
    }

    fn index(&mut self, platform: &Platform, out: &mut Vec<Diagnostic>) {
        let articles = &self.articles;
        let groups = || {
            let mut by_path: HashMap<Arc<str>, ArticleId, Fast> = HashMap::default();
            let mut translations: HashMap<Arc<str>, Vec<ArticleId>, Fast> = HashMap::default();
            let mut versions: HashMap<Arc<str>, Vec<ArticleId>, Fast> = HashMap::default();
            // Most records have neither.
            let some = |a: &Article| matches!(a.origin, Origin::File { .. }) || a.rare().version_key.is_some();
            let grouped: Vec<usize> = (0..articles.len()).into_par_iter().filter(|at| some(&articles[*at])).collect();
            for at in grouped {
                let (id, a) = (ArticleId(at as u32), &articles[at]);
                if matches!(a.origin, Origin::File { .. }) {
                    by_path.insert(a.home.path.clone(), id);
                    translations.entry(a.translation_key.clone()).or_default().push(id);
                }
                if let Some(key) = &a.rare().version_key {
                    versions.entry(key.clone()).or_default().push(id);
                }
            }
            (by_path, translations, versions)
        };
        let ((by_id, twice), (by_path, mut translations, mut versions)) = rayon::join(|| Ids::of(articles), groups);
        (self.by_id, self.by_path) = (by_id, by_path);
        for (first, second) in twice {
            let d = Diagnostic::error("content.two-ids").at(self.place_of_id(platform, second)).also(self.place_of_id(platform, first));
            out.push(d.arg("id", &self.articles[second.index()].card.id));
            Arc::make_mut(&mut self.articles[second.index()]).bad = true;
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

    /// The words of an item. Where they cannot be read any more they are empty, and the build is not to be kept: see
    /// [`Library::is_lost`].
    pub fn details(&self, a: &Article) -> Arc<Details> {
        self.shelf.get(&a.details)
    }

    /// What was remembered of the content went while it was in use.
    pub fn is_lost(&self) -> bool {
        self.shelf.is_lost()
    }

    pub fn ids(&self) -> impl Iterator<Item = ArticleId> + use<> {
        (0..self.articles.len() as u32).map(ArticleId)
    }

    pub fn find_id(&self, id: &str) -> Option<ArticleId> {
        self.by_id.find(id, &self.articles)
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

    /// The same of the text of a column: ids, and paths relative to its folder.
    pub fn resolve_in_text(&self, text: &str, reference: &str) -> Option<ArticleId> {
        let full = crate::base::path::join(crate::base::path::folder(text), reference);
        full.and_then(|full| self.find_path(&full)).or_else(|| self.find_id(reference))
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
        files.extend(self.files_in_fields(article));
        files.sort_unstable();
        files.dedup();
        files
    }

    /// The pictures that an item shows: its cover, those of its text, those that are fields of its own.
    pub fn pictures(&self, article: &Article) -> Vec<usize> {
        let mut files: Vec<usize> = Vec::new();
        let rare = article.rare();
        for link in rare.links.iter().filter(|l| l.kind == super::markdown::LinkKind::Image) {
            if let super::markdown::Target::Path { path, .. } = &link.target {
                files.extend(self.attachment(article, path));
            }
        }
        if let Some(cover) = &article.card.cover {
            files.extend(self.attachment(article, &cover.path));
        }
        files.extend(self.files_in_fields(article));
        files
    }

    fn files_in_fields<'a>(&'a self, article: &'a Article) -> impl Iterator<Item = usize> + 'a {
        let fields = self.schemas.get(article.card.category).fields.iter().filter(|f| f.kind == super::FieldType::File);
        let values = fields.filter_map(|field| article.rare().named.get(&field.name));
        let texts = values.flat_map(|value| value.as_array().map_or_else(|| vec![value], |v| v.iter().collect()));
        texts.filter_map(|v| v.as_str()).filter_map(|p| self.attachment(article, p))
    }

    /// A file that the text of a column names relative to itself.
    pub fn column_file(&self, text_path: &str, relative: &str) -> Option<usize> {
        let full = crate::base::path::join(crate::base::path::folder(text_path), relative)?;
        self.repository.find(&full)
    }

    /// The pictures of a column's text.
    pub fn column_pictures(&self, text: &ColumnText) -> Vec<usize> {
        let shown = text.links.iter().filter(|l| l.kind == super::markdown::LinkKind::Image);
        let shown = shown.filter_map(|l| match &l.target {
            super::markdown::Target::Path { path, .. } => Some(path.as_str()),
            _ => None,
        });
        text.cover.as_deref().into_iter().chain(shown).filter_map(|p| self.column_file(&text.path, p)).collect()
    }

    /// Some item or column shows the file as a picture. A picture that is only offered for download is not shown.
    pub fn is_shown(&self, file: usize) -> bool {
        let shown = self.shown.get_or_init(|| {
            let items = self.articles.iter().filter(|a| a.rare.is_some() || a.card.cover.is_some());
            let items = items.flat_map(|a| self.pictures(a));
            let columns = self.columns.values().flat_map(|text| self.column_pictures(text));
            items.chain(columns).map(|file| file as u32).collect()
        });
        shown.contains(&(file as u32))
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

    /// The body of an item, where it was rendered in this run's reading.
    pub fn spooled(&self, a: &Article) -> Option<Arc<Body>> {
        self.spool.as_ref()?.body(a.kept?)
    }

    /// No body is asked for any more.
    pub fn empty_spool(&self) {
        if let Some(spool) = &self.spool {
            spool.empty();
        }
    }

    /// The text of an item's body, read again. A file or record that is not what it was when the
    /// build started is refused, so that one build shows one state of the content.
    pub fn body(&self, a: &Article) -> Result<BodyText, Source> {
        let file = &self.repository.files[a.origin.file()];
        match a.origin {
            Origin::File { body, line, .. } => {
                let bytes = std::fs::read(&file.disk).map_err(Source::Gone)?;
                if Fingerprint::of_bytes(&bytes) != a.print {
                    return Err(Source::Changed);
                }
                let text = simdutf8::basic::from_utf8(&bytes).map_err(|_| Source::Changed)?;
                let text = text.get(body as usize..).ok_or(Source::Changed)?.to_owned();
                Ok(BodyText { text, line, exact: true })
            }
            Origin::Record { start, length, line, .. } => {
                let values = record::reread(&file.disk, start, length, line).map_err(Source::Gone)?;
                let values = values.ok_or(Source::Changed)?;
                let same = ["title", "id"].iter().all(|k| match (*k, values.get(*k)) {
                    ("id", Some(v)) => super::build::is_id(&a.card.id) && plain(v) == *a.card.id,
                    ("title", Some(v)) => plain(v).trim() == &*self.details(a).title,
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
