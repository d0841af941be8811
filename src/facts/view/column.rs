//! Columns of a site.

use std::sync::Arc;

use super::{ColumnView, FileView, View, cells};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::Lang;
use crate::base::path;
use crate::config::platform;
use crate::config::site::Block;
use crate::config::{Column, ColumnId};
use crate::content::ColumnText;
use crate::facts::key::{About, FactKey, Kind};
use crate::facts::reads::record;
use crate::route;

impl View {
    /// Shown columns below one, or at the top; in a further language those that have something to show.
    pub fn columns(&self, below: Option<ColumnId>) -> Vec<ColumnId> {
        let site = self.config();
        let shown: Vec<ColumnId> = site
            .column_ids()
            .filter(|c| site.column(*c).parent == below && !site.column(*c).hidden)
            .filter(|c| self.lang == site.default_language() || self.is_shown(*c))
            .collect();
        record(FactKey::new(Kind::Columns, self.lang, About::Below(below)), || {
            let mut w = Writer::new("columns");
            shown.iter().for_each(|c| _ = w.text(&site.column(*c).id));
            w.finish()
        });
        shown
    }

    /// The blocks of the home page: the site's own list, else that of its theme. Settings of a block: those of an entry of
    /// the theme, below those of `[blocks.<name>]`, below those of an entry of the site.
    pub fn home_blocks(&self) -> Vec<Block> {
        let site = self.config();
        let listed = site.home.as_deref().or_else(|| self.stack().map(|s| &*s.home)).unwrap_or_default();
        let blocks: Vec<Block> = listed
            .iter()
            .cloned()
            .map(|mut block| {
                let below = format!("blocks.{}.", block.name);
                for (key, value) in platform::below(&site.settings, &below) {
                    if site.home.is_none() || !block.settings.contains_key(key) {
                        block.settings.insert(key.to_owned(), value.clone());
                    }
                }
                block
            })
            .collect();
        record(FactKey::plain(Kind::HomeBlocks, About::Nothing), || {
            let mut w = Writer::new("home-blocks");
            for block in &blocks {
                w.text(&block.name).number(block.settings.len() as u64);
                block.settings.iter().for_each(|(k, v)| _ = w.text(k).text(&v.to_string()));
            }
            w.finish()
        });
        blocks
    }

    pub(super) fn is_shown(&self, column: ColumnId) -> bool {
        let w = &self.world;
        self.plan.index.has_items(&w.platform, self.lang, column) || self.text_of(column).is_some()
    }

    pub(super) fn raw_column(&self, id: ColumnId) -> &Column {
        self.config().column(id)
    }

    pub fn find_column(&self, id: &str) -> Option<ColumnId> {
        let hit = self.config().find_column(id);
        record(FactKey::text(Kind::FindColumn, id), || match hit {
            Some(_) => Writer::new("there").finish(),
            None => Fingerprint::ABSENT,
        });
        hit
    }

    pub(super) fn text_of(&self, column: ColumnId) -> Option<&ColumnText> {
        route::column_text(&self.world.platform, &self.world.library, self.site, self.raw_column(column), self.lang)
    }

    pub fn column(&self, id: ColumnId) -> Arc<ColumnView> {
        let columns = self.memo.columns.get_or_init(|| cells(self.config().columns.len()));
        let (view, print) = columns[id.0 as usize].get_or_init(|| self.make_column(id));
        record(FactKey::new(Kind::Column, self.lang, About::Column(id)), || *print);
        view.clone()
    }

    pub(super) fn make_column(&self, id: ColumnId) -> (Arc<ColumnView>, Fingerprint) {
        let c = self.raw_column(id);
        let texts = |key: &str| crate::config::read::texts(&c.settings, key);
        let text = self.text_of(id);
        let usual = self.lang == self.config().default_language();
        let named = text.and_then(|t| t.title.clone()).filter(|_| !usual);
        // What is written for the default language says nothing to a reader of another.
        let here = c.text(&format!("descriptions.{}", self.tag())).or_else(|| c.text("description").filter(|_| usual));
        let described = here.map(Arc::from).or_else(|| text.and_then(|t| t.summary.clone()));
        let mut keywords = texts(&format!("keywords_in.{}", self.tag()));
        if keywords.is_empty() {
            keywords = if usual { texts("keywords") } else { text.map(|t| t.keywords.clone()).unwrap_or_default() };
        }
        let view = ColumnView {
            id: c.id.clone(),
            name: named.unwrap_or_else(|| c.name_in(self.tag()).into()),
            url: path::encode(&route::column_path(&self.world.platform, self.site, c, self.lang)).into(),
            kind: c.kind.clone(),
            description: described.unwrap_or_default(),
            keywords,
            category: c.category.clone().unwrap_or_default(),
            parent: c.parent,
            hidden: c.hidden,
            topic: c.topic.clone(),
        };
        let mut w = Writer::new("column");
        w.text(&view.id).text(&view.name).text(&view.url).text(&view.kind).text(&view.description).text(&view.category);
        w.option(view.topic.as_deref()).byte(view.hidden as u8).number(view.keywords.len() as u64);
        view.keywords.iter().for_each(|k| _ = w.text(k));
        w.option(view.parent.map(|p| &*self.raw_column(p).id));
        let print = w.finish();
        (Arc::new(view), print)
    }

    /// The text of a column: its `_index.md`.
    pub fn column_text(&self, column: ColumnId) -> Option<&ColumnText> {
        let text = self.text_of(column);
        record(FactKey::new(Kind::ColumnText, self.lang, About::Column(column)), || {
            // Its links are relative to its place.
            text.map_or(Fingerprint::ABSENT, |t| Writer::new("column-text").text(&t.path).print(t.print).finish())
        });
        text
    }

    pub fn column_cover(&self, column: ColumnId) -> Option<FileView> {
        let text = self.column_text(column)?;
        let file = self.file_in_text(&text.path, text.cover.as_deref()?)?;
        let folder = route::column_path(&self.world.platform, self.site, self.raw_column(column), self.lang);
        Some(self.file(file as u32, &folder))
    }

    /// Whether a column or one below it has an item, in a language.
    pub fn has_items(&self, lang: Lang, column: ColumnId) -> bool {
        let has = self.plan.index.has_items(&self.world.platform, lang, column);
        record(FactKey::new(Kind::HasItems, lang, About::Column(column)), || Writer::new("has-items").byte(has as u8).finish());
        has
    }
}
