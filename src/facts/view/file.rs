//! References and files: what a text names, and what stands beside it.

use super::{FileView, View};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::ArticleId;
use crate::base::path;
use crate::facts::key::{About, FactKey, From, Kind};
use crate::facts::reads::record;
use crate::route::permalink::{attachment_folder, attachment_name};

impl View {
    /// An item by a reference as an item writes it.
    pub fn resolve(&self, reference: &str, from: Option<ArticleId>) -> Option<ArticleId> {
        let library = &self.world.library;
        let hit = library.resolve(reference, from.map(|a| library.get(a)));
        self.found(from.map_or(From::Nowhere, From::Article), reference, hit.map(|a| &*library.get(a).card.id));
        hit
    }

    /// An item that the text of a column names.
    pub fn resolve_in_text(&self, text: &str, reference: &str) -> Option<ArticleId> {
        let library = &self.world.library;
        let hit = library.resolve_in_text(text, reference);
        self.found(From::Text(text.into()), reference, hit.map(|a| &*library.get(a).card.id));
        hit
    }

    /// A file that the text of a column names.
    pub fn file_in_text(&self, text: &str, relative: &str) -> Option<usize> {
        let hit = self.world.library.column_file(text, relative);
        self.found_file(From::Text(text.into()), relative, hit);
        hit
    }

    /// A file that an item names.
    pub fn file_of(&self, article: ArticleId, relative: &str) -> Option<usize> {
        let hit = self.world.library.attachment(self.world.library.get(article), relative);
        self.found_file(From::Article(article), relative, hit);
        hit
    }

    pub(super) fn found_file(&self, from: From, reference: &str, hit: Option<usize>) {
        let file = hit.map(|f| &*self.world.library.repository.files[f].path);
        record(reference_key(Kind::FoundFile, from, reference), || Writer::new("file").option(file).finish());
    }

    pub(super) fn found(&self, from: From, reference: &str, id: Option<&str>) {
        record(reference_key(Kind::Found, from, reference), || Writer::new("found").option(id).finish());
    }

    /// A file of the repository as it stands in a folder of the site.
    pub fn file(&self, file: u32, folder: &str) -> FileView {
        let f = &self.world.library.repository.files[file as usize];
        let name = path::name(&f.path);
        let (_, ext) = path::stem_ext(name);
        let ext = ext.to_ascii_lowercase();
        let picture = matches!(ext.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "svg" | "bmp");
        let (width, height) = if picture { self.world.dimensions(file).unwrap_or_default() } else { (0, 0) };
        let widths =
            if picture { crate::plan::picture::widths(&self.world.library, &self.world.pictures, file as usize) } else { Vec::new() };
        let view = FileView {
            widths: widths.into(),
            file,
            name: name.into(),
            url: path::encode(&format!("{folder}{}", attachment_name(name))).into(),
            size: f.length,
            ext: ext.into(),
            width,
            height,
        };
        record(FactKey::file(Kind::File, file), || {
            let mut w = Writer::new("file");
            w.text(&view.name).number(view.size).number(width.into()).number(height.into()).number(view.widths.len() as u64);
            if !view.widths.is_empty() {
                // What stands beside them in the markup.
                w.text(self.world.pictures.sizes()).number(self.world.pictures.widest().into());
            }
            view.widths.iter().for_each(|width| _ = w.number((*width).into()));
            w.finish()
        });
        view
    }

    /// The rows of a CSV file of the repository.
    pub fn rows(&self, file: u32) -> Result<Vec<Vec<String>>, crate::content::table::Problem> {
        let read = crate::content::table::read(&self.world.library.repository.files[file as usize].disk);
        record(FactKey::file(Kind::Rows, file), || read.as_ref().map_or(Fingerprint::ABSENT, |t| Fingerprint::of_bytes(&t.bytes)));
        read.map(|t| t.rows)
    }

    /// The first rows of a CSV file, and whether there are more; `None` for what is no table.
    pub fn table(&self, file: u32, rows: usize) -> Option<(Vec<Vec<String>>, bool)> {
        let head = crate::content::table::head(&self.world.library.repository.files[file as usize].disk, rows);
        record(FactKey::file(Kind::Table, file).count(rows), || match &head {
            None => Fingerprint::ABSENT,
            Some(h) => Writer::new("table").print(Fingerprint::of_bytes(&h.bytes)).byte(h.more as u8).finish(),
        });
        head.map(|h| (h.rows, h.more))
    }

    /// A file beside an item's page.
    pub fn attachment(&self, article: ArticleId, relative: &str) -> Option<FileView> {
        let file = self.file_of(article, relative)?;
        let page = self.page_path(article)?;
        Some(self.file(file as u32, &page))
    }

    /// The folder of an item's attachments: beside its page here, else absolute beside its canonical page.
    pub(super) fn page_path(&self, article: ArticleId) -> Option<String> {
        let w = &self.world;
        if let Some(path) = w.routes.path(&w.platform, &w.library, self.site, article) {
            return Some(attachment_folder(&path));
        }
        let site = w.routes.canonical(article)?;
        let path = w.routes.path(&w.platform, &w.library, site, article)?;
        Some(format!("{}{}", w.platform.site(site).url, attachment_folder(&path)))
    }

    pub fn attachments(&self, article: ArticleId) -> Vec<FileView> {
        let a = self.item(article);
        let Some(folder) = self.page_path(article) else { return Vec::new() };
        let files = self.world.library.attachments(a);
        record(FactKey::article(Kind::Attachments, article), || {
            let mut w = Writer::new("attachments");
            files.iter().for_each(|f| _ = w.text(&self.world.library.repository.files[*f].path));
            w.finish()
        });
        files.into_iter().map(|f| self.file(f as u32, &folder)).collect()
    }
}

fn reference_key(kind: Kind, from: From, to: &str) -> FactKey {
    FactKey::plain(kind, About::Reference { from, to: to.into() })
}
