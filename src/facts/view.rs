//! The world as one site sees it in one language: each answer is recorded.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use serde_json::Value as Json;

use super::key::{About, FactKey, From, Kind, Named};
use super::reads::{record, record_named};
use super::world::World;
use crate::base::date::Date;
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::{ArticleId, Lang, SiteId};
use crate::base::path;
use crate::config::site::MenuTarget;
use crate::config::site::Outputs;
use crate::config::{Column, ColumnId, HtmlRule, Security, Site};
use crate::content::schema::Category;
use crate::content::{Article, CategoryId, ColumnText};
use crate::plan::site::{column_file, tag_path};
use crate::plan::{Block, ListKey, SitePlan};
use crate::route::permalink::{attachment_folder, attachment_name};
use crate::route::{self, Placement};
use crate::theme::layer::{Layer, Part};
use crate::theme::{Stack, lock};

pub struct View {
    pub world: Arc<World>,
    pub plan: Arc<SitePlan>,
    pub site: SiteId,
    pub lang: Lang,
    memo: Memo,
}

/// Answers that every page of a site asks for, made once. What is read is recorded each time all the same.
#[derive(Default)]
struct Memo {
    own: OnceLock<(SiteRef, Fingerprint)>,
    /// By [`ColumnId`].
    columns: OnceLock<Box<[OnceLock<(Arc<ColumnView>, Fingerprint)>]>>,
    /// Addresses of tags.
    tags: RwLock<HashMap<Arc<str>, Arc<str>, foldhash::fast::RandomState>>,
    /// Encoded, by the place of the item's page among the placements of the site.
    addresses: OnceLock<Box<[OnceLock<Arc<str>>]>>,
}

fn cells<T>(count: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

/// An item as other pages may show it.
#[derive(Clone, Debug)]
pub struct CardView {
    pub article: ArticleId,
    pub title: Arc<str>,
    /// Path, or absolute on another site; empty when the item has no page.
    pub url: Arc<str>,
    pub weight: i32,
    /// The column it stands in on this site.
    pub column: Option<ColumnId>,
}

impl CardView {
    /// Its page is on another site.
    pub fn external(&self) -> bool {
        self.url.contains("://")
    }
}

#[derive(Clone, Debug)]
pub struct ColumnView {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub url: Arc<str>,
    pub kind: Arc<str>,
    pub description: Arc<str>,
    pub keywords: Vec<String>,
    pub category: Arc<str>,
    pub parent: Option<ColumnId>,
    pub hidden: bool,
    pub topic: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct SiteRef {
    pub id: Arc<str>,
    pub name: Arc<str>,
    /// Absolute address of the home page.
    pub url: Arc<str>,
    pub tier: Arc<str>,
}

#[derive(Clone, Debug)]
pub struct MenuView {
    pub name: Arc<str>,
    /// Name, address, leads to another site.
    pub items: Vec<(Arc<str>, Arc<str>, bool)>,
}

#[derive(Clone, Debug)]
pub struct YearView {
    pub year: Arc<str>,
    pub url: Arc<str>,
}

/// A value of a field and how many items have it; `None`: those that have none.
pub type Tally = (Option<Json>, usize);

/// Which items are counted: an empty text asks for nothing.
#[derive(Clone, Copy, Default)]
pub struct Counted<'a> {
    pub category: &'a str,
    /// A field that must be filled in.
    pub given: &'a str,
}

/// A file beside a page.
#[derive(Clone, Debug)]
pub struct FileView {
    /// Its place in the repository.
    pub file: u32,
    pub name: Arc<str>,
    pub url: Arc<str>,
    pub size: u64,
    pub ext: Arc<str>,
    pub width: u32,
    pub height: u32,
}

impl View {
    pub fn new(world: Arc<World>, plan: Arc<SitePlan>, site: SiteId, lang: Lang) -> View {
        View { world, plan, site, lang, memo: Memo::default() }
    }

    pub fn config(&self) -> &Site {
        self.world.platform.site(self.site)
    }

    pub fn tag(&self) -> &Arc<str> {
        self.world.platform.language(self.lang)
    }

    pub fn stack(&self) -> Option<&Stack> {
        self.world.themes.of(self.site)
    }

    /// Path of the home page in this language.
    pub fn home(&self) -> String {
        self.config().home(self.lang, self.tag())
    }

    /// A setting of the site; absent where it is not set.
    pub fn setting(&self, key: &str) -> Option<&Json> {
        let value = self.config().settings.get(key).map(|s| &s.value);
        let print = || value.map_or(Fingerprint::ABSENT, |v| Writer::new("setting").json(v).finish());
        record_named(Named::plain(Kind::Setting), key, || key.into(), print);
        value
    }

    /// What security.txt says.
    pub fn security(&self) -> Option<&Security> {
        let security = self.config().security.as_ref();
        for key in ["security.contact", "security.expires", "identity.email"] {
            self.setting(key);
        }
        security
    }

    /// Free values for templates; those of the language of the page lie over the others.
    pub fn params(&self) -> serde_json::Map<String, Json> {
        let mut all = self.settings_below("params.");
        all.extend(self.settings_below(&format!("params_in.{}.", self.tag())));
        all
    }

    pub fn text_setting(&self, key: &str) -> &str {
        self.setting(key).and_then(Json::as_str).unwrap_or_default()
    }

    /// All settings below a prefix, as a table.
    pub fn settings_below(&self, prefix: &str) -> serde_json::Map<String, Json> {
        let map: serde_json::Map<String, Json> =
            crate::config::platform::below(&self.config().settings, prefix).map(|(k, v)| (k.to_owned(), v.clone())).collect();
        let print = || Writer::new("settings").json(&Json::Object(map.clone())).finish();
        record_named(Named::plain(Kind::Setting), prefix, || prefix.into(), print);
        map
    }

    pub fn phrase(&self, key: &str) -> Option<Arc<str>> {
        let stack = self.stack()?;
        let fallback = self.world.platform.language(self.config().default_language());
        let phrase = stack.phrase(self.tag(), fallback, key).cloned();
        let print = || Writer::new("phrase").option(phrase.as_deref()).finish();
        record_named(Named::new(Kind::Phrase, self.lang), key, || key.into(), print);
        phrase
    }

    /// Address and integrity of an asset.
    pub fn asset(&self, logical: &str) -> Option<(String, Arc<str>)> {
        let stack = self.stack()?;
        let asset = stack.asset(logical).map(|a| (format!("/{}", path::encode(&a.path)), a.integrity.clone()));
        let print = || Writer::new("asset").option(asset.as_ref().map(|a| a.0.as_str())).finish();
        record_named(Named::plain(Kind::Asset), logical, || logical.into(), print);
        asset
    }

    pub fn site_ref(&self, site: SiteId) -> SiteRef {
        let (seen, print) =
            if site == self.site { self.memo.own.get_or_init(|| self.make_site_ref(site)).clone() } else { self.make_site_ref(site) };
        record(FactKey::new(Kind::Site, self.lang, About::Site(site)), || print);
        seen
    }

    fn make_site_ref(&self, site: SiteId) -> (SiteRef, Fingerprint) {
        let s = self.world.platform.site(site);
        let lang = if s.languages.contains(&self.lang) { self.lang } else { s.default_language() };
        let tag = self.world.platform.language(lang);
        let seen = SiteRef {
            id: s.id.clone(),
            name: s.name_in(tag).into(),
            url: format!("{}{}", s.url, s.home(lang, tag)).into(),
            tier: s.tier.clone(),
        };
        let print = Writer::new("site").text(&seen.id).text(&seen.name).text(&seen.url).text(&seen.tier).finish();
        (seen, print)
    }

    /// What every page of the site may use unasked. All of it is in one print: a change of it asks every page again, and
    /// those that come out as they were are not written.
    pub fn print_of_base(world: &World, site: SiteId) -> Fingerprint {
        let (s, platform) = (world.platform.site(site), &world.platform);
        let mut w = Writer::new("site base");
        w.text(&s.id).text(&s.url).text(&s.tier).text(&world.generator).option(platform.zone.iana_name());
        w.number(s.hosts.len() as u64);
        s.hosts.iter().for_each(|h| _ = w.text(h));
        w.number(s.languages.len() as u64);
        s.languages.iter().for_each(|l| _ = w.text(platform.language(*l)));
        w.number(s.page_size as u64).number(s.feed_size as u64).number(s.related as u64).byte(s.noindex as u8);
        w.option(s.parent.map(|p| &*platform.site(p).id));
        let tier = platform.tiers.get(&s.tier);
        w.option(tier.map(|t| &*t.label));
        for (lang, label) in tier.iter().flat_map(|t| &t.labels) {
            w.text(lang).text(label);
        }
        let Outputs { pages, feed, json_feed, column_feeds, site_map, one_sitemap, not_found, robots } = &s.outputs;
        for name in [feed, json_feed, site_map] {
            w.option(name.as_deref());
        }
        for flag in [pages, column_feeds, one_sitemap, not_found, robots] {
            w.byte(*flag as u8);
        }
        w.finish()
    }

    /// Everything that a schema says.
    pub fn schema(&self, category: CategoryId) -> &Category {
        let schema = self.world.library.schemas.get(category);
        record(FactKey::plain(Kind::Schema, About::Category(category)), || schema.print);
        schema
    }

    /// What the owner of an item may do decides about its body.
    pub fn owner(&self, id: &str) {
        let owner = self.world.platform.owner(id);
        record(FactKey::text(Kind::Owner, id), || {
            let Some(o) = owner else { return Fingerprint::ABSENT };
            let mut w = Writer::new("owner");
            match &o.html {
                HtmlRule::None => _ = w.byte(0),
                HtmlRule::Clean => _ = w.byte(1),
                HtmlRule::Embed(hosts) => {
                    w.byte(2).number(hosts.len() as u64);
                    hosts.iter().for_each(|h| _ = w.text(h));
                }
            }
            w.byte(o.keep_dead_links as u8).option(o.home.map(|h| &*self.world.platform.site(h).id)).finish()
        });
    }

    /// Tokens of the stack; a site lays its own over them.
    pub fn tokens(&self) -> std::collections::BTreeMap<String, String> {
        let tokens = self.stack().map(|s| s.tokens.clone()).unwrap_or_default();
        record(FactKey::plain(Kind::Tokens, About::Nothing), || {
            let mut w = Writer::new("tokens");
            tokens.iter().for_each(|(k, v)| _ = w.text(k).text(v));
            w.finish()
        });
        tokens
    }

    /// The lock that a template of an item or a column would lead round.
    pub fn bypassed(&self, wanted: &str, instead_of: Option<&str>) -> Option<(&Layer, &Part)> {
        let layers = &self.world.themes.layers;
        let hit = self.stack().and_then(|s| lock::bypassed(layers, &s.chain, wanted, instead_of));
        let asked = format!("{wanted}\n{}", instead_of.unwrap_or_default());
        record(FactKey::text(Kind::Locks, &asked), || {
            Writer::new("locks").option(hit.map(|(layer, part)| format!("{} {}", layer.name, part.file)).as_deref()).finish()
        });
        hit
    }

    /// `https://host` of a site.
    pub fn origin(&self, site: SiteId) -> &str {
        self.site_ref(site);
        &self.world.platform.site(site).url
    }

    pub fn parent(&self) -> Option<SiteRef> {
        self.config().parent.map(|p| self.site_ref(p))
    }

    pub fn children(&self) -> Vec<SiteRef> {
        let all: Vec<SiteId> = self.world.platform.children(self.site).collect();
        record(FactKey::plain(Kind::Children, About::Nothing), || {
            let mut w = Writer::new("children");
            all.iter().for_each(|s| _ = w.text(&self.world.platform.site(*s).id));
            w.finish()
        });
        all.into_iter().map(|s| self.site_ref(s)).collect()
    }

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

    /// The columns that the home page shows.
    pub fn home_columns(&self) -> &[ColumnId] {
        let site = self.config();
        record(FactKey::plain(Kind::HomeColumns, About::Nothing), || {
            let mut w = Writer::new("home-columns");
            site.home_columns.iter().for_each(|c| _ = w.text(&site.column(*c).id));
            w.finish()
        });
        &site.home_columns
    }

    fn is_shown(&self, column: ColumnId) -> bool {
        let w = &self.world;
        self.plan.index.has_items(&w.platform, self.lang, column) || self.text_of(column).is_some()
    }

    fn raw_column(&self, id: ColumnId) -> &Column {
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

    fn text_of(&self, column: ColumnId) -> Option<&ColumnText> {
        route::column_text(&self.world.platform, &self.world.library, self.site, self.raw_column(column), self.lang)
    }

    pub fn column(&self, id: ColumnId) -> Arc<ColumnView> {
        let columns = self.memo.columns.get_or_init(|| cells(self.config().columns.len()));
        let (view, print) = columns[id.0 as usize].get_or_init(|| self.make_column(id));
        record(FactKey::new(Kind::Column, self.lang, About::Column(id)), || *print);
        view.clone()
    }

    fn make_column(&self, id: ColumnId) -> (Arc<ColumnView>, Fingerprint) {
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

    fn card_at(&self, p: &Placement) -> CardView {
        let article = self.world.library.get(p.article);
        CardView {
            article: p.article,
            title: p.title.clone().unwrap_or_else(|| article.card.title.clone()),
            url: self.address(p.article),
            weight: p.weight,
            column: Some(p.column),
        }
    }

    /// Address without a record: cards carry it in their own fingerprint.
    fn address(&self, article: ArticleId) -> Arc<str> {
        let routes = self.world.routes.site(self.site);
        match routes.place(article) {
            Some(at) => {
                let known = self.memo.addresses.get_or_init(|| cells(routes.placements.len()));
                known[at].get_or_init(|| self.make_address(article)).clone()
            }
            None => self.make_address(article),
        }
    }

    fn make_address(&self, article: ArticleId) -> Arc<str> {
        let w = &self.world;
        let address = w.routes.address(&w.platform, &w.library, self.site, article);
        address.map_or_else(|| "".into(), |a| encoded(&a).into())
    }

    fn print_cards(&self, cards: &[CardView]) -> Fingerprint {
        let mut w = Writer::new("cards");
        w.number(cards.len() as u64);
        cards.iter().for_each(|c| self.print_card(&mut w, c));
        w.finish()
    }

    fn print_card(&self, w: &mut Writer, c: &CardView) {
        let card = &self.world.library.get(c.article).card;
        w.print(card.print).print(self.world.library.schemas.get(card.category).print);
        w.text(&c.title).text(&c.url).signed(c.weight.into());
        w.option(c.column.map(|column| &*self.raw_column(column).id));
    }

    fn placed(&self, at: &[u32]) -> Vec<CardView> {
        let placements = &self.world.routes.site(self.site).placements;
        at.iter().map(|i| self.card_at(&placements[*i as usize])).collect()
    }

    /// The newest of a column and its descendants, pinned ones first.
    pub fn items(&self, column: ColumnId, count: usize) -> Vec<CardView> {
        let count = count.min(500);
        let w = &self.world;
        let cards = self.placed(&self.plan.index.newest(&w.platform, &w.library, &w.routes, (self.lang, column), count, true));
        let key = FactKey::new(Kind::Query, self.lang, About::Column(column)).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// The newest of a column and its descendants, whatever is pinned.
    pub fn recent(&self, column: ColumnId, count: usize) -> Vec<CardView> {
        let w = &self.world;
        let cards = self.placed(&self.plan.index.newest(&w.platform, &w.library, &w.routes, (self.lang, column), count, false));
        let key = FactKey::new(Kind::Recent, self.lang, About::Column(column)).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// The newest of a list, without descendants and pins.
    pub fn newest(&self, list: ListKey, count: usize) -> Vec<CardView> {
        let all = self.plan.index.list(self.lang, list);
        let cards = self.placed(&all[..count.min(all.len())]);
        let key = FactKey::new(Kind::Newest, self.lang, About::List(list)).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// One block of a list, newest first, with its year.
    pub fn block(&self, list: ListKey, at: u32) -> (Option<i16>, Vec<CardView>) {
        let Some(block) = self.plan.blocks.get(&(self.lang, list)).and_then(|b| b.get(at as usize)) else {
            return (None, Vec::new());
        };
        let cards = self.placed(&block.items);
        let key = FactKey::new(Kind::Block, self.lang, About::Block(list, at));
        record(key, || self.print_cards(&cards));
        (block.year, cards)
    }

    /// Addresses of the older and newer neighbour of a block.
    pub fn block_neighbours(&self, list: ListKey, at: u32, url: &str) -> (Option<String>, Option<String>) {
        let Some(blocks) = self.plan.blocks.get(&(self.lang, list)) else { return (None, None) };
        let Some(block) = blocks.get(at as usize) else { return (None, None) };
        let find = |year, number| blocks.iter().find(|b| b.year == year && b.number == number).map(|b| b.url(url));
        let (older, newer) = if block.paged {
            (find(None, block.number + 1), block.number.checked_sub(1).and_then(|n| find(None, n)))
        } else {
            by_years(blocks, block, url)
        };
        record(FactKey::new(Kind::Neighbouring, self.lang, About::Block(list, at)), || {
            Writer::new("blocks").option(older.as_deref()).option(newer.as_deref()).finish()
        });
        (older, newer)
    }

    /// How many pages a list by pages has; 0 of one by years.
    pub fn page_count(&self, list: ListKey) -> usize {
        let blocks = self.plan.blocks.get(&(self.lang, list)).map_or(&[][..], |b| b);
        let count = blocks.iter().filter(|b| b.paged).count();
        record(FactKey::new(Kind::Pages, self.lang, About::List(list)), || Writer::new("pages").number(count as u64).finish());
        count
    }

    /// Address of a page of a list by pages.
    pub fn page_url(&self, list: ListKey, number: usize, url: &str) -> Option<String> {
        self.plan.blocks.get(&(self.lang, list)).and_then(|b| b.get(number.checked_sub(1)?)).filter(|b| b.paged).map(|b| b.url(url))
    }

    /// The years of a list, newest first; each leads to its newest block's year at block 1.
    pub fn years(&self, list: ListKey, url: &str) -> Vec<YearView> {
        let blocks = self.plan.blocks.get(&(self.lang, list)).map_or(&[][..], |b| b);
        let years: Vec<YearView> = blocks
            .iter()
            .filter(|b| b.number == 1 && !b.paged)
            .map(|b| YearView { year: b.folder().into(), url: path::encode(&b.url(url)).into() })
            .collect();
        record(FactKey::new(Kind::Years, self.lang, About::List(list)), || {
            let mut w = Writer::new("years");
            years.iter().for_each(|y| _ = w.text(&y.url));
            w.finish()
        });
        years
    }

    /// The newest of the whole site.
    pub fn latest(&self, count: usize) -> Vec<CardView> {
        let w = &self.world;
        let placements = &w.routes.site(self.site).placements;
        let mut all: Vec<u32> = (0..placements.len() as u32)
            .filter(|i| placements[*i as usize].primary && w.library.get(placements[*i as usize].article).lang == self.lang)
            .collect();
        let order = |a: &u32, b: &u32| {
            let article = |i: &u32| w.library.get(placements[*i as usize].article);
            article(a).newest_first(article(b))
        };
        if all.len() > count && count > 0 {
            all.select_nth_unstable_by(count - 1, order);
            all.truncate(count);
        }
        all.sort_by(order);
        let cards = self.placed(&all);
        let key = FactKey::new(Kind::Latest, self.lang, About::Nothing).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// Name, address and number of items of each tag.
    pub fn tags(&self) -> Vec<(Arc<str>, Arc<str>, usize)> {
        let home = self.home();
        let list = self.plan.index.tags.get(&self.lang);
        let tags: Vec<(Arc<str>, Arc<str>, usize)> = list
            .into_iter()
            .flatten()
            .map(|(name, items)| (name.clone(), path::encode(&tag_path(&home, name)).into(), items.len()))
            .collect();
        record(FactKey::new(Kind::Tags, self.lang, About::Nothing), || {
            let mut w = Writer::new("tags");
            tags.iter().for_each(|(n, u, c)| _ = w.text(n).text(u).number(*c as u64));
            w.finish()
        });
        tags
    }

    /// Whether the page of all tags is there, in a language.
    pub fn has_tags(&self, lang: Lang) -> bool {
        let has = self.plan.index.tags.get(&lang).is_some_and(|t| !t.is_empty());
        record(FactKey::new(Kind::HasTags, lang, About::Nothing), || Writer::new("has-tags").byte(has as u8).finish());
        has
    }

    /// Whether a column or one below it has an item, in a language.
    pub fn has_items(&self, lang: Lang, column: ColumnId) -> bool {
        let has = self.plan.index.has_items(&self.world.platform, lang, column);
        record(FactKey::new(Kind::HasItems, lang, About::Column(column)), || Writer::new("has-items").byte(has as u8).finish());
        has
    }

    /// How many items of a column and those below it have each value of a field: the most frequent first, then by value;
    /// those without a value last. Of a list each entry counts.
    pub fn tally(&self, column: ColumnId, field: &str, counted: Counted) -> Vec<Tally> {
        let mut found: std::collections::BTreeMap<String, Tally> = std::collections::BTreeMap::new();
        let mut none = 0;
        for article in self.counted(column, counted) {
            let value = self.world.library.get(article).rare().data.get(field).filter(|v| filled(v));
            let Some(value) = value else {
                none += 1;
                continue;
            };
            let values = value.as_array().map_or_else(|| vec![value], |v| v.iter().collect());
            for value in values {
                let key = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                found.entry(key).or_insert_with(|| (Some(value.clone()), 0)).1 += 1;
            }
        }
        // Values of one frequency stay in their order.
        let mut tally: Vec<Tally> = found.into_values().collect();
        tally.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if none > 0 {
            tally.push((None, none));
        }
        record(self.tally_key(column, Some(field), counted), || {
            let mut w = Writer::new("tally");
            tally.iter().for_each(|(value, count)| _ = w.json(value.as_ref().unwrap_or(&Json::Null)).number(*count as u64));
            w.finish()
        });
        tally
    }

    /// How many items a column and those below it have.
    pub fn count(&self, column: ColumnId, counted: Counted) -> usize {
        let count = self.counted(column, counted).count();
        record(self.tally_key(column, None, counted), || Writer::new("count").number(count as u64).finish());
        count
    }

    fn tally_key(&self, column: ColumnId, field: Option<&str>, counted: Counted) -> FactKey {
        FactKey::new(
            Kind::Tally,
            self.lang,
            About::Tally { column, field: field.map(Arc::from), category: counted.category.into(), given: counted.given.into() },
        )
    }

    /// Each item once, in whatever order.
    fn counted<'a>(&'a self, column: ColumnId, counted: Counted<'a>) -> impl Iterator<Item = ArticleId> + 'a {
        let w = &self.world;
        self.plan.index.all(&w.platform, &w.routes, self.lang, column).into_iter().filter(move |article| {
            let a = w.library.get(*article);
            let fits = counted.category.is_empty() || *w.library.schemas.get(a.card.category).id == *counted.category;
            fits && (counted.given.is_empty() || a.rare().data.get(counted.given).is_some_and(filled))
        })
    }

    /// Path of the front page of a list.
    pub fn list_path(&self, list: ListKey) -> String {
        match list {
            ListKey::Column(c) => route::column_path(&self.world.platform, self.site, self.raw_column(c), self.lang),
            ListKey::Tag(t) => {
                let name = self.plan.index.tags.get(&self.lang).and_then(|tags| tags.get(t as usize)).map_or("", |(name, _)| name);
                tag_path(&self.home(), name)
            }
        }
    }

    /// Address of a tag's page. It depends on the tag alone.
    pub fn tag_url(&self, tag: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.memo.tags.read().ok().and_then(|t| t.get(tag).cloned()) {
            return known;
        }
        let url: Arc<str> = path::encode(&tag_path(&self.home(), tag)).into();
        if let Ok(mut tags) = self.memo.tags.write() {
            tags.insert(tag.clone(), url.clone());
        }
        url
    }

    /// Everything an item itself says.
    pub fn item(&self, article: ArticleId) -> &Article {
        let a = self.world.library.get(article);
        record(FactKey::article(Kind::Item, article), || a.seal());
        a
    }

    /// Author, and last change where it is later than the date: what a feed says besides the card.
    pub fn byline(&self, article: ArticleId) -> (Option<Arc<str>>, Option<Date>) {
        let a = self.world.library.get(article);
        let (author, changed) = (a.rare().author.clone(), a.rare().lastmod.filter(|d| a.card.date.is_none_or(|first| *d > first)));
        record(FactKey::article(Kind::Byline, article), || {
            let mut w = Writer::new("byline");
            w.option(author.as_deref()).signed(changed.map_or(i64::MIN, |d| d.seconds));
            w.finish()
        });
        (author, changed)
    }

    /// Another item as this site shows it; `None` when it has no place anywhere.
    pub fn card(&self, article: ArticleId) -> Option<CardView> {
        let card = match self.world.routes.site(self.site).page(article) {
            Some(p) => Some(self.card_at(p)),
            None => self.world.routes.canonical(article).map(|_| CardView {
                article,
                title: self.world.library.get(article).card.title.clone(),
                url: self.address(article),
                weight: 0,
                column: None,
            }),
        };
        record(FactKey::article(Kind::Card, article), || match &card {
            None => Fingerprint::ABSENT,
            Some(c) => self.print_cards(std::slice::from_ref(c)),
        });
        card
    }

    pub fn placement(&self, article: ArticleId) -> Option<&Placement> {
        self.world.routes.site(self.site).page(article)
    }

    /// Older and newer neighbour in the item's column.
    pub fn neighbours(&self, article: ArticleId) -> (Option<CardView>, Option<CardView>) {
        let Some(p) = self.placement(article) else { return (None, None) };
        let w = &self.world;
        let (older, newer) = self.plan.index.neighbours(&w.library, &w.routes, p.column, article);
        let pair = (older.and_then(|a| self.plain_card(a)), newer.and_then(|a| self.plain_card(a)));
        record(FactKey::article(Kind::Neighbours, article), || {
            let mut w = Writer::new("neighbours");
            for card in [&pair.0, &pair.1] {
                w.byte(card.is_some() as u8);
                card.iter().for_each(|c| self.print_card(&mut w, c));
            }
            w.finish()
        });
        pair
    }

    fn plain_card(&self, article: ArticleId) -> Option<CardView> {
        self.placement(article).map(|p| self.card_at(p))
    }

    /// Items named by the item itself, else the nearest older ones that share a tag (D7): what is published later does not
    /// change them.
    pub fn related(&self, article: ArticleId) -> Vec<CardView> {
        let w = &self.world;
        let a = w.library.get(article);
        let most = self.config().related;
        let mut found: Vec<ArticleId> =
            a.rare().related.iter().filter_map(|r| w.library.resolve(r, Some(a))).filter(|r| *r != article).collect();
        if found.is_empty() && !a.card.tags.is_empty() {
            let index = &self.plan.index;
            let placements = &w.routes.site(self.site).placements;
            let tags: std::collections::BTreeSet<u32> = a.card.tags.iter().filter_map(|t| index.tag(a.lang, t)).collect();
            for items in tags.into_iter().map(|t| index.list(a.lang, ListKey::Tag(t))) {
                let older = items.partition_point(|i| w.library.get(placements[*i as usize].article).newest_first(a).is_le());
                found.extend(items[older..].iter().take(most).map(|i| placements[*i as usize].article));
            }
            found.sort_by(|x, y| w.library.get(*x).newest_first(w.library.get(*y)));
            found.dedup();
        }
        found.truncate(most);
        let cards: Vec<CardView> = found
            .into_iter()
            .filter_map(|r| {
                self.plain_card(r).or_else(|| {
                    let url = self.address(r);
                    (!url.is_empty()).then(|| CardView {
                        article: r,
                        title: w.library.get(r).card.title.clone(),
                        url,
                        weight: 0,
                        column: None,
                    })
                })
            })
            .collect();
        record(FactKey::article(Kind::Related, article), || self.print_cards(&cards));
        cards
    }

    /// All versions of the item that the site can lead to, newest first; empty when there is only one.
    pub fn versions(&self, article: ArticleId) -> Vec<CardView> {
        let a = self.world.library.get(article);
        let all = self.world.library.versions(a);
        let cards: Vec<CardView> = all.iter().filter_map(|v| self.reachable(*v)).collect();
        let cards = if cards.len() > 1 { cards } else { Vec::new() };
        record(FactKey::article(Kind::Versions, article), || self.print_cards(&cards));
        cards
    }

    /// Items that name this one in a field of their schema, newest first. Of an item in several languages that in the
    /// language of this one is enough.
    pub fn referrers(&self, article: ArticleId) -> Vec<CardView> {
        let w = &self.world;
        let lang = w.library.get(article).lang;
        let all = w.routes.referrers(article);
        let translated = |r: &ArticleId| {
            let a = w.library.get(*r);
            let has = |t: &ArticleId| w.library.get(*t).lang == lang && all.contains(t);
            a.lang != lang && w.library.translations(a).iter().any(has)
        };
        let cards: Vec<CardView> = all.iter().filter(|r| !translated(r)).filter_map(|r| self.reachable(*r)).collect();
        record(FactKey::article(Kind::Referrers, article), || self.print_cards(&cards));
        cards
    }

    fn reachable(&self, article: ArticleId) -> Option<CardView> {
        if let Some(card) = self.plain_card(article) {
            return Some(card);
        }
        let url = self.address(article);
        (!url.is_empty()).then(|| CardView {
            article,
            title: self.world.library.get(article).card.title.clone(),
            url,
            weight: 0,
            column: None,
        })
    }

    /// The item in other languages of the site, itself included: language, address.
    pub fn translations(&self, article: ArticleId) -> Vec<(Lang, Arc<str>)> {
        let w = &self.world;
        let all = w.library.translations(w.library.get(article));
        let found: Vec<(Lang, Arc<str>)> = all
            .iter()
            .filter(|a| self.placement(**a).is_some())
            .map(|a| (w.library.get(*a).lang, self.address(*a)))
            .filter(|(_, url)| !url.is_empty())
            .collect();
        let found = if found.len() > 1 { found } else { Vec::new() };
        record(FactKey::article(Kind::Translations, article), || {
            let mut p = Writer::new("translations");
            found.iter().for_each(|(l, u)| _ = p.text(w.platform.language(*l)).text(u));
            p.finish()
        });
        found
    }

    /// Address of an item as seen from the site.
    pub fn url(&self, article: ArticleId) -> Option<Arc<str>> {
        let url = Some(self.address(article)).filter(|u| !u.is_empty());
        record(FactKey::article(Kind::Url, article), || Writer::new("url").option(url.as_deref()).finish());
        url
    }

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
        let hit =
            path::join(path::folder(text), reference).and_then(|full| library.find_path(&full)).or_else(|| library.find_id(reference));
        self.found(From::Text(text.into()), reference, hit.map(|a| &*library.get(a).card.id));
        hit
    }

    /// A file that the text of a column names.
    pub fn file_in_text(&self, text: &str, relative: &str) -> Option<usize> {
        let hit = column_file(&self.world.library, text, relative);
        self.found_file(From::Text(text.into()), relative, hit);
        hit
    }

    /// A file that an item names.
    pub fn file_of(&self, article: ArticleId, relative: &str) -> Option<usize> {
        let hit = self.world.library.attachment(self.world.library.get(article), relative);
        self.found_file(From::Article(article), relative, hit);
        hit
    }

    fn found_file(&self, from: From, reference: &str, hit: Option<usize>) {
        let file = hit.map(|f| &*self.world.library.repository.files[f].path);
        record(reference_key(Kind::FoundFile, from, reference), || Writer::new("file").option(file).finish());
    }

    fn found(&self, from: From, reference: &str, id: Option<&str>) {
        record(reference_key(Kind::Found, from, reference), || Writer::new("found").option(id).finish());
    }

    /// Absolute address of the item's canonical page (D5), and the site it is on.
    pub fn canonical(&self, article: ArticleId) -> Option<(SiteId, String)> {
        let w = &self.world;
        let found = w.routes.canonical(article).and_then(|site| {
            let path = w.routes.path(&w.platform, &w.library, site, article)?;
            Some((site, format!("{}{}", w.platform.site(site).url, path::encode(&path))))
        });
        record(FactKey::article(Kind::Canonical, article), || match &found {
            None => Fingerprint::ABSENT,
            Some((site, url)) => Writer::new("canonical").text(&w.platform.site(*site).id).text(url).finish(),
        });
        found
    }

    /// A file of the repository as it stands in a folder of the site.
    pub fn file(&self, file: u32, folder: &str) -> FileView {
        let f = &self.world.library.repository.files[file as usize];
        let name = path::name(&f.path);
        let (_, ext) = path::stem_ext(name);
        let ext = ext.to_ascii_lowercase();
        let picture = matches!(ext.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "svg" | "bmp");
        let (width, height) = if picture { self.world.dimensions(file).unwrap_or_default() } else { (0, 0) };
        let view = FileView {
            file,
            name: name.into(),
            url: path::encode(&format!("{folder}{}", attachment_name(name))).into(),
            size: f.length,
            ext: ext.into(),
            width,
            height,
        };
        record(FactKey::file(Kind::File, file), || {
            Writer::new("file").text(&view.name).number(view.size).number(width.into()).number(height.into()).finish()
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
    fn page_path(&self, article: ArticleId) -> Option<String> {
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

    pub fn category_label(&self, category: CategoryId) -> Arc<str> {
        let c = self.world.library.schemas.get(category);
        let tag: &str = self.tag();
        let label: Arc<str> = c.labels.get(tag).map_or_else(|| c.label.clone(), |l| l.as_str().into());
        record(FactKey::new(Kind::Category, self.lang, About::Category(category)), || {
            Writer::new("category").text(&c.id).text(&label).finish()
        });
        label
    }

    pub fn menu(&self, id: &str) -> Option<MenuView> {
        let w = &self.world;
        let menu = self.config().menus.iter().find(|m| &*m.id == id);
        let tag: &str = self.tag();
        let view = menu.map(|m| {
            let items = m.items.iter().filter_map(|item| {
                let own = item.names.get(tag).map(|n| Arc::from(n.as_str())).or_else(|| item.name.clone());
                let (name, url): (Arc<str>, Arc<str>) = match &item.target {
                    MenuTarget::Url(url) => (own.unwrap_or_else(|| url.clone()), url.clone()),
                    // A page of that column is not there in a further language (as in `columns`).
                    MenuTarget::Column(c) if self.lang != self.config().default_language() && !self.is_shown(*c) => return None,
                    MenuTarget::Column(c) => {
                        let column = self.column(*c);
                        (own.unwrap_or_else(|| column.name.clone()), column.url.clone())
                    }
                    MenuTarget::Site(s) => {
                        let site = self.site_ref(*s);
                        (own.unwrap_or(site.name), site.url)
                    }
                    MenuTarget::Item(i) => {
                        let card = w.library.resolve(i, None).and_then(|a| self.card(a))?;
                        (own.unwrap_or_else(|| card.title.clone()), card.url)
                    }
                };
                let external = url.contains("://");
                (!url.is_empty()).then_some((name, url, external))
            });
            let name = m.names.get(tag).map_or_else(|| m.name.clone(), |n| n.as_str().into());
            MenuView { name, items: items.collect() }
        });
        record_named(
            Named::new(Kind::Menu, self.lang),
            id,
            || id.into(),
            || match &view {
                None => Fingerprint::ABSENT,
                Some(v) => {
                    let mut p = Writer::new("menu");
                    p.text(&v.name);
                    v.items.iter().for_each(|(n, u, _)| _ = p.text(n).text(u));
                    p.finish()
                }
            },
        );
        view
    }

    /// Names of the sitemap's parts.
    pub fn shards(&self) -> Vec<&str> {
        let names: Vec<&str> = self.plan.shards.iter().map(|s| s.name.as_str()).collect();
        record(FactKey::plain(Kind::Shards, About::Nothing), || {
            let mut w = Writer::new("shards");
            names.iter().for_each(|n| _ = w.text(n));
            w.finish()
        });
        names
    }

    /// Address and last change of each item of a sitemap shard.
    pub fn shard(&self, at: u32) -> Vec<(String, Option<String>)> {
        let w = &self.world;
        let Some(shard) = self.plan.shards.get(at as usize) else { return Vec::new() };
        let zone = &w.platform.zone;
        let list: Vec<(String, Option<String>)> = shard
            .items
            .iter()
            .filter(|a| w.routes.canonical(**a) == Some(self.site))
            .filter_map(|a| {
                let path = w.routes.path(&w.platform, &w.library, self.site, *a)?;
                let article = w.library.get(*a);
                let changed = article.rare().lastmod.or(article.card.date);
                Some((format!("{}{}", self.config().url, path::encode(&path)), changed.map(|d| d.rfc3339(zone))))
            })
            .collect();
        record(FactKey::text(Kind::Shard, &shard.name), || {
            let mut p = Writer::new("shard");
            list.iter().for_each(|(u, d)| _ = p.text(u).option(d.as_deref()));
            p.finish()
        });
        list
    }
}

fn reference_key(kind: Kind, from: From, to: &str) -> FactKey {
    FactKey::plain(kind, About::Reference { from, to: to.into() })
}

/// Neighbours among blocks of years. The first block of the next year is the newer one of a year's last: it never moves.
fn by_years(blocks: &[Block], block: &Block, url: &str) -> (Option<String>, Option<String>) {
    let find = |year, number| blocks.iter().find(|b| b.year == year && b.number == number).map(|b| b.url(url));
    let older = if block.number > 1 {
        find(block.year, block.number - 1)
    } else {
        blocks.iter().find(|b| b.year < block.year && b.number == 1).map(|b| b.url(url))
    };
    let newer = find(block.year, block.number + 1)
        .or_else(|| blocks.iter().rev().find(|b| b.year > block.year && b.number == 1).map(|b| b.url(url)));
    (older, newer)
}

/// A field that says something.
fn filled(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(s) => !s.is_empty(),
        Json::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// Encodes the path of an address, absolute or not.
fn encoded(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{host}/{}", path::encode(path))
        }
        None => path::encode(address).into_owned(),
    }
}
