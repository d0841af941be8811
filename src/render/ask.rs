//! Any question again: what a rendering would record for a key now. The same code answers as while a page is rendered, so
//! that an answer cannot have two prints.

use std::rc::Rc;
use std::sync::Arc;

use super::{SiteRender, functions};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::ArticleId;
use crate::facts::reads::recording;
use crate::facts::{About, Answers, Counted, FactKey, From, Kind, View};

impl Answers for Arc<SiteRender> {
    fn ask(&self, key: &FactKey) -> Fingerprint {
        SiteRender::ask(self, key)
    }

    /// One recording for all: to make one costs more than most answers.
    fn about_item(&self, article: ArticleId, kinds: &[Kind]) -> Vec<Fingerprint> {
        let seal = self.world.library.get(article).seal;
        if kinds.iter().all(|kind| *kind == Kind::Item) {
            return kinds.iter().map(|_| seal).collect();
        }
        let view = &self.views[0];
        let asker = functions::Asker { render: self.clone(), view: view.clone(), column: None };
        let ((), reads) = recording(Rc::new(asker), || {
            kinds.iter().filter(|kind| **kind != Kind::Item).for_each(|kind| self.answer(view, &FactKey::article(*kind, article)));
        });
        let print = |kind: &Kind| match kind {
            Kind::Item => seal,
            kind => reads.fingerprint_of(&FactKey::article(*kind, article)).unwrap_or(Fingerprint::ABSENT),
        };
        kinds.iter().map(print).collect()
    }
}

impl SiteRender {
    /// The print of the answer; absent answers have one too.
    pub fn ask(self: &Arc<Self>, key: &FactKey) -> Fingerprint {
        match (key.kind, &key.about) {
            (Kind::Base, _) => return self.base,
            (Kind::Template, About::Text(name)) => return self.engine.look_up(name).unwrap_or(Fingerprint::ABSENT),
            // Asked for every item of a site: straight to the print.
            (Kind::Item, About::Article(article)) => return self.world.library.get(*article).seal,
            _ => {}
        }
        let view = key.lang.map_or(&self.views[0], |lang| self.view(lang));
        let asker = functions::Asker { render: self.clone(), view: view.clone(), column: None };
        let ((), reads) = recording(Rc::new(asker), || self.answer(view, key));
        // Nothing recorded: nothing there to be asked.
        reads.fingerprint_of(key).unwrap_or(Fingerprint::ABSENT)
    }

    fn answer(self: &Arc<Self>, view: &Arc<View>, key: &FactKey) {
        let count = key.count as usize;
        match (&key.about, key.kind) {
            (About::Nothing, Kind::Tokens) => _ = view.tokens(),
            (About::Nothing, Kind::Children) => _ = view.children(),
            (About::Nothing, Kind::HomeBlocks) => _ = view.home_blocks(),
            (About::Nothing, Kind::Tags) => _ = view.tags(),
            (About::Nothing, Kind::HasTags) => _ = view.has_tags(view.lang),
            (About::Nothing, Kind::Latest) => _ = view.latest(count),
            (About::Nothing, Kind::Shards) => _ = view.shards(),
            (About::Text(name), Kind::Asset) => _ = view.asset(name),
            (About::Text(name), Kind::Phrase) => _ = view.phrase(name),
            (About::Text(name), Kind::Setting) if name.ends_with('.') => _ = view.settings_below(name),
            (About::Text(name), Kind::Setting) => _ = view.setting(name),
            (About::Text(name), Kind::Menu) => _ = view.menu(name),
            (About::Text(name), Kind::FindColumn) => _ = view.find_column(name),
            (About::Text(name), Kind::Owner) => view.owner(name),
            (About::Text(name), Kind::Locks) => {
                let (wanted, instead) = name.split_once('\n').unwrap_or((name, ""));
                _ = view.bypassed(wanted, Some(instead).filter(|i| !i.is_empty()));
            }
            (About::Text(name), Kind::Shard) => {
                if let Some(at) = self.plan.shards.iter().position(|s| s.name == **name) {
                    view.shard(at as u32);
                }
            }
            (About::Site(site), _) => _ = view.site_ref(*site),
            (About::Category(category), Kind::Schema) => _ = view.schema(*category),
            (About::Category(category), _) => _ = view.category_label(*category),
            (About::Column(column), Kind::Column) => _ = view.column(*column),
            (About::Column(column), Kind::ColumnText) => _ = view.column_text(*column),
            (About::Column(column), Kind::HasItems) => _ = view.has_items(view.lang, *column),
            (About::Column(column), Kind::Query) => _ = view.items(*column, count),
            (About::Column(column), Kind::Recent) => _ = view.recent(*column, count),
            (About::Below(column), _) => _ = view.columns(*column),
            (About::List(list), Kind::Newest) => _ = view.newest(*list, count),
            (About::List(list), Kind::Pages) => _ = view.page_count(*list),
            (About::List(list), Kind::Years) => _ = view.years(*list, &view.list_path(*list)),
            (About::Block(list, at), Kind::Block) => _ = view.block(*list, *at),
            (About::Block(list, at), Kind::Neighbouring) => _ = view.block_neighbours(*list, *at, &view.list_path(*list)),
            (About::Tally { column, field, category, given }, _) => {
                let counted = Counted { category, given };
                match field {
                    Some(field) => _ = view.tally(*column, field, counted),
                    None => _ = view.count(*column, counted),
                }
            }
            (About::Article(article), Kind::Card) => _ = view.card(*article),
            (About::Article(article), Kind::Attachments) => _ = view.attachments(*article),
            (About::Article(article), Kind::Neighbours) => _ = view.neighbours(*article),
            (About::Article(article), Kind::Related) => _ = view.related(*article),
            (About::Article(article), Kind::Versions) => _ = view.versions(*article),
            (About::Article(article), Kind::Referrers) => _ = view.referrers(*article),
            (About::Article(article), Kind::Translations) => _ = view.translations(*article),
            (About::Article(article), Kind::Url) => _ = view.url(*article),
            (About::Article(article), Kind::Canonical) => _ = view.canonical(*article),
            (About::Article(article), Kind::Byline) => _ = view.byline(*article),
            (About::Reference { from, to }, Kind::FoundFile) => match from {
                From::Article(article) => _ = view.file_of(*article, to),
                From::Text(text) => _ = view.file_in_text(text, to),
                From::Nowhere => {}
            },
            (About::Reference { from, to }, _) => match from {
                From::Article(article) => _ = view.resolve(to, Some(*article)),
                From::Text(text) => _ = view.resolve_in_text(text, to),
                From::Nowhere => _ = view.resolve(to, None),
            },
            (About::File(file), Kind::File) => _ = view.file(*file, ""),
            (About::File(file), Kind::Rows) => _ = view.rows(*file),
            (About::File(file), Kind::Table) => _ = view.table(*file, count),
            (About::Fragment(column, name), _) => _ = self.fragment(view, *column, name),
            // No rendering makes such a key.
            _ => {}
        }
    }
}
