//! What templates see: objects that ask the view, so that nothing is read that a page does not show.

use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use serde_json::Value as Json;

use super::body::{From as Base, splice, unreadable};
use super::functions::{Asker, Moment};
use crate::base::diag::Diagnostic;
use crate::base::id::ArticleId;
use crate::config::ColumnId;
use crate::content::markdown::{self, Body};
use crate::content::{Field, FieldType};
use crate::facts::{CardView, FileView, SiteRef, View};

/// A named object: its keys are its documentation, and a test holds them to it.
macro_rules! object {
    ($type:ty, $keys:expr, $name:literal) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($name)
            }
        }
        impl Object for $type {
            fn repr(self: &Arc<Self>) -> ObjectRepr {
                ObjectRepr::Map
            }
            fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
                self.get(key.as_str()?)
            }
            fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
                self.get(key)
            }
            fn enumerate(self: &Arc<Self>) -> Enumerator {
                Enumerator::Str($keys)
            }
        }
    };
}

pub const SITE: &[&str] = &[
    "id",
    "name",
    "short_name",
    "tier",
    "tier_label",
    "lang",
    "host",
    "url",
    "home",
    "description",
    "keywords",
    "identity",
    "params",
    "search",
    "parent",
    "children",
    "languages",
    "columns",
    "home_columns",
    "sitemap_url",
    "feed_url",
    "json_feed_url",
    "tags_url",
];
pub const PAGE: &[&str] =
    &["kind", "title", "url", "absolute_url", "canonical", "lang", "description", "keywords", "breadcrumbs", "translations", "noindex"];
pub const ITEM: &[&str] = &[
    "id",
    "title",
    "url",
    "absolute_url",
    "date",
    "publish_date",
    "lastmod",
    "year",
    "source",
    "author",
    "category",
    "category_label",
    "state",
    "body",
    "summary",
    "cover",
    "tags",
    "keywords",
    "column",
    "attachments",
    "fields",
    "data",
    "prev",
    "next",
    "related",
    "versions",
    "replaced_by",
    "referrers",
    "meta",
    "text",
    "toc",
    "home_site",
    "weight",
    "official",
];
pub const CARD: &[&str] = &[
    "id",
    "title",
    "url",
    "date",
    "year",
    "summary",
    "category",
    "category_label",
    "source",
    "state",
    "cover",
    "weight",
    "tags",
    "column",
    "data",
    "fields",
    "external",
    "has_page",
    "current",
];
pub const COLUMN: &[&str] = &[
    "id",
    "name",
    "url",
    "type",
    "description",
    "keywords",
    "category",
    "children",
    "parent",
    "hidden",
    "topic",
    "cover",
    "body",
    "active",
    "feed_url",
];
pub const FILE: &[&str] = &["name", "title", "url", "size", "type", "ext", "width", "height", "table"];
pub const LIST: &[&str] = &["items", "years", "year", "older", "newer", "feed_url", "page", "pages", "last"];

fn none() -> Value {
    Value::from(())
}

fn or_none<T>(value: Option<T>, make: impl FnOnce(T) -> Value) -> Value {
    value.map_or_else(none, make)
}

fn text(value: &str) -> Value {
    Value::from(value)
}

/// Text, or none when it is empty.
fn filled(value: &str) -> Value {
    if value.is_empty() { none() } else { text(value) }
}

/// A small object of the program's own keys. They are so few that they are compared one after another: the engine's maps
/// hash a key on each access.
struct Pairs<const N: usize>([(&'static str, Value); N]);

impl<const N: usize> fmt::Debug for Pairs<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(k, v)| (k, v))).finish()
    }
}

impl<const N: usize> Object for Pairs<N> {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| v.clone())
    }
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(k, _)| Value::from(*k)).collect())
    }
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(N)
    }
}

pub fn pairs<const N: usize>(pairs: [(&'static str, Value); N]) -> Value {
    Value::from_object(Pairs(pairs))
}

pub fn json(value: &Json) -> Value {
    Value::from(minijinja::value::Serde(value))
}

fn site_ref(site: SiteRef) -> Value {
    pairs([
        ("id", Value::from(site.id)),
        ("name", Value::from(site.name)),
        ("url", Value::from(site.url)),
        ("tier", Value::from(site.tier)),
    ])
}

/// How many rows of a table stand beside a link to it.
const TABLE_ROWS: usize = 20;

/// A file to show or to download; `title` is what a text calls it.
pub fn file(view: &Arc<View>, file: FileView, title: &str) -> Value {
    Value::from_object(FileObject { view: view.clone(), file, title: title.into() })
}

struct FileObject {
    view: Arc<View>,
    file: FileView,
    title: Box<str>,
}

object!(FileObject, FILE, "file");

impl FileObject {
    fn get(&self, key: &str) -> Option<Value> {
        let f = &self.file;
        Some(match key {
            "name" => Value::from(f.name.clone()),
            "title" => text(&self.title),
            "url" => Value::from(f.url.clone()),
            "size" => Value::from(f.size),
            "type" => Value::from(mime_guess::from_ext(&f.ext).first_or_octet_stream().essence_str()),
            "ext" => Value::from(f.ext.clone()),
            "width" => Value::from(f.width),
            "height" => Value::from(f.height),
            "table" if &*f.ext == "csv" => or_none(self.view.table(f.file, TABLE_ROWS), |(mut rows, more)| {
                let cells = |row: Vec<String>| row.into_iter().map(Value::from).collect::<Value>();
                let head = cells(rows.remove(0));
                pairs([("head", head), ("rows", rows.into_iter().map(cells).collect()), ("more", Value::from(more))])
            }),
            "table" => none(),
            _ => return None,
        })
    }
}

pub struct SiteObject {
    pub view: Arc<View>,
    /// The column that the asking page lies in.
    pub column: Option<ColumnId>,
}

object!(SiteObject, SITE, "site");

impl SiteObject {
    fn get(&self, key: &str) -> Option<Value> {
        let v = &self.view;
        let site = v.config();
        let platform = &v.world.platform;
        Some(match key {
            "id" => Value::from(site.id.clone()),
            "name" => Value::from(v.site_ref(v.site).name),
            "short_name" => {
                let set = v.setting("short_name").is_some() && v.lang == site.default_language();
                if set { Value::from(site.short_name.clone()) } else { Value::from(v.site_ref(v.site).name) }
            }
            "tier" => Value::from(site.tier.clone()),
            "tier_label" => {
                let tier = platform.tiers.get(&site.tier);
                or_none(tier, |t| t.labels.get(&**v.tag()).map_or_else(|| Value::from(t.label.clone()), |l| text(l)))
            }
            "lang" => Value::from(v.tag().clone()),
            "host" => Value::from(site.hosts[0].clone()),
            "url" => Value::from(site.url.clone()),
            "home" => Value::from(v.home()),
            "description" => text(v.text_setting("description")),
            "keywords" => or_none(v.setting("keywords"), json),
            "identity" => Value::from_object(Identity { view: v.clone() }),
            "params" => json(&Json::Object(v.params())),
            "search" => filled(v.text_setting("search")),
            "parent" => or_none(v.parent(), site_ref),
            "children" => v.children().into_iter().map(site_ref).collect(),
            "languages" => site
                .languages
                .iter()
                .map(|l| {
                    let tag = platform.language(*l);
                    let name = v.phrase(&format!("language_{tag}")).unwrap_or_else(|| tag.clone());
                    let current = Value::from(*l == v.lang);
                    pairs([
                        ("lang", Value::from(tag.clone())),
                        ("name", Value::from(name)),
                        ("url", Value::from(site.home(*l, tag))),
                        ("current", current),
                    ])
                })
                .collect(),
            "columns" => columns(v, v.columns(None), self.column),
            "home_columns" => columns(v, v.home_columns().to_vec(), self.column),
            "sitemap_url" => or_none(site.outputs.site_map.as_ref(), |n| Value::from(format!("{}{n}", v.home()))),
            "feed_url" => or_none(site.outputs.feed.as_ref(), |n| Value::from(format!("{}{n}", v.home()))),
            "json_feed_url" => or_none(site.outputs.json_feed.as_ref(), |n| Value::from(format!("{}{n}", v.home()))),
            "tags_url" => {
                if v.has_tags(v.lang) {
                    Value::from(format!("{}tags/", v.home()))
                } else {
                    none()
                }
            }
            _ => return None,
        })
    }
}

struct Identity {
    view: Arc<View>,
}

object!(Identity, crate::config::IDENTITY_KEYS, "site.identity");

impl Identity {
    fn get(&self, key: &str) -> Option<Value> {
        crate::config::IDENTITY_KEYS.contains(&key).then(|| text(self.view.text_setting(&format!("identity.{key}"))))
    }
}

pub fn columns(view: &Arc<View>, ids: Vec<ColumnId>, active: Option<ColumnId>) -> Value {
    ids.into_iter().map(|id| column(view, id, active)).collect()
}

pub fn column(view: &Arc<View>, id: ColumnId, active: Option<ColumnId>) -> Value {
    Value::from_object(ColumnObject { view: view.clone(), id, active, seen: OnceLock::new() })
}

pub struct ColumnObject {
    view: Arc<View>,
    id: ColumnId,
    active: Option<ColumnId>,
    seen: OnceLock<Arc<crate::facts::ColumnView>>,
}

object!(ColumnObject, COLUMN, "column");

impl ColumnObject {
    fn get(&self, key: &str) -> Option<Value> {
        let v = &self.view;
        let c = self.seen.get_or_init(|| v.column(self.id));
        Some(match key {
            "id" => Value::from(c.id.clone()),
            "name" => Value::from(c.name.clone()),
            "url" => Value::from(c.url.clone()),
            "type" => Value::from(c.kind.clone()),
            "description" => Value::from(c.description.clone()),
            "keywords" => c.keywords.iter().map(|k| text(k)).collect(),
            "category" => Value::from(c.category.clone()),
            "children" => columns(v, v.columns(Some(self.id)), self.active),
            "parent" => or_none(c.parent, |p| column(v, p, self.active)),
            "hidden" => Value::from(c.hidden),
            "topic" => or_none(c.topic.clone(), Value::from),
            "cover" => or_none(v.column_cover(self.id), |f| {
                let alt = Value::from(c.name.clone());
                pairs([("url", Value::from(f.url)), ("width", Value::from(f.width)), ("height", Value::from(f.height)), ("alt", alt)])
            }),
            "body" => match v.column_text(self.id) {
                Some(t) if !t.body.is_empty() => {
                    let options = crate::content::library::markdown_options(None, None, false);
                    let body = markdown::render(&t.body, &options);
                    match splice(&body, v, Base::Column { path: &t.path, url: &c.url }) {
                        Ok(html) => Value::from_safe_string(html),
                        // An invalid value: the template that asks for it fails with these words.
                        Err(d) => Value::from(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, told(&d))),
                    }
                }
                _ => text(""),
            },
            "active" => {
                let mut at = self.active;
                let mut hit = false;
                while let Some(a) = at {
                    hit |= a == self.id;
                    at = v.column(a).parent;
                }
                Value::from(hit)
            }
            "feed_url" => {
                let has = v.config().outputs.column_feeds && v.has_items(v.lang, self.id);
                if has { Value::from(format!("{}feed.xml", c.url)) } else { none() }
            }
            _ => return None,
        })
    }
}

/// A finding as one line.
fn told(d: &Diagnostic) -> String {
    let place = d.place.as_ref().map(|p| format!("{}: ", p.file)).unwrap_or_default();
    format!("{place}{}", d.message(crate::base::diag::Tongue::English))
}

pub fn cards(view: &Arc<View>, list: Vec<CardView>) -> Value {
    list.into_iter().map(|c| card(view, c, false)).collect()
}

pub fn card(view: &Arc<View>, card: CardView, current: bool) -> Value {
    Value::from_object(CardObject { view: view.clone(), card, current })
}

/// An item as other pages show it. All it says is of the item's `Card`, so that a change of a body reaches no list.
pub struct CardObject {
    view: Arc<View>,
    card: CardView,
    current: bool,
}

object!(CardObject, CARD, "card");

impl CardObject {
    fn get(&self, key: &str) -> Option<Value> {
        let v = &self.view;
        let card = &v.world.library.get(self.card.article).card;
        Some(match key {
            "id" => Value::from(card.id.clone()),
            "title" => Value::from(self.card.title.clone()),
            "url" => Value::from(self.card.url.clone()),
            "date" => or_none(card.date, |d| Value::from_object(Moment { date: d, view: v.clone() })),
            "year" => or_none(card.date, |d| Value::from(d.year())),
            "summary" => Value::from(card.summary.clone()),
            "category" => Value::from(v.world.library.schemas.get(card.category).id.clone()),
            "category_label" => Value::from(v.category_label(card.category)),
            "source" => Value::from(card.source.clone()),
            "state" => text(card.state.name()),
            "cover" => cover(v, self.card.article),
            "weight" => Value::from(self.card.weight),
            "tags" => card.tags.iter().map(|t| Value::from(t.clone())).collect(),
            "column" => or_none(self.card.column, |c| {
                let c = v.column(c);
                pairs([("name", Value::from(c.name.clone())), ("url", Value::from(c.url.clone()))])
            }),
            "data" => Value::from_object(Data { view: v.clone(), article: self.card.article, card: true }),
            "fields" => fields(v, self.card.article, |f| f.list).collect(),
            "external" => Value::from(self.card.external()),
            "has_page" => Value::from(!self.card.url.is_empty()),
            "current" => Value::from(self.current),
            _ => return None,
        })
    }
}

/// The schema fields of an item, or of its card: made for the template one by one as it asks for them. What asks has read
/// the item or the card.
struct Data {
    view: Arc<View>,
    article: ArticleId,
    card: bool,
}

impl Data {
    fn fields(&self) -> Option<&crate::content::Data> {
        let a = self.view.world.library.get(self.article);
        if self.card { a.card.data.as_deref() } else { Some(&a.rare().data) }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.fields().into_iter().flat_map(|d| d.iter()).map(|(k, v)| (k, json(v)))).finish()
    }
}

impl Object for Data {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.fields()?.get(key).map(json)
    }
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields().into_iter().flat_map(|d| d.iter()).map(|(k, _)| Value::from(k.clone())).collect())
    }
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.fields().map_or(0, crate::content::Data::len))
    }
}

fn cover(view: &Arc<View>, article: ArticleId) -> Value {
    let Some(cover) = &view.world.library.get(article).card.cover else { return none() };
    let alt = text(&cover.alt);
    if cover.path.starts_with("https://") {
        return pairs([("url", text(&cover.path)), ("width", Value::from(0)), ("height", Value::from(0)), ("alt", alt)]);
    }
    or_none(view.attachment(article, &cover.path), |f| {
        pairs([("url", Value::from(f.url)), ("width", Value::from(f.width)), ("height", Value::from(f.height)), ("alt", alt)])
    })
}

/// The item of its own page.
pub struct ItemObject {
    pub view: Arc<View>,
    pub article: ArticleId,
    pub title: Arc<str>,
    body: OnceLock<Result<Arc<Body>, Arc<str>>>,
    html: OnceLock<Result<Value, Diagnostic>>,
    attachments: OnceLock<Value>,
    titles: OnceLock<Vec<(usize, String)>>,
    neighbours: OnceLock<(Option<CardView>, Option<CardView>)>,
    column: OnceLock<Value>,
    date: OnceLock<Value>,
}

object!(ItemObject, ITEM, "item");

impl ItemObject {
    /// The item is read with this: what is asked of it later needs no record of its own.
    pub fn new(view: Arc<View>, article: ArticleId, title: Arc<str>) -> ItemObject {
        view.item(article);
        ItemObject {
            view,
            article,
            title,
            body: OnceLock::new(),
            html: OnceLock::new(),
            neighbours: OnceLock::new(),
            column: OnceLock::new(),
            date: OnceLock::new(),
            attachments: OnceLock::new(),
            titles: OnceLock::new(),
        }
    }

    fn body(&self) -> &Result<Arc<Body>, Arc<str>> {
        self.body.get_or_init(|| match asker() {
            Some(asker) => {
                let w = &self.view.world;
                asker.render.bodies.get(w, self.article, w.routes.shown_on(self.article))
            }
            None => Err("".into()),
        })
    }

    /// Why the body cannot be shown, when it was asked for.
    pub fn problem(&self) -> Option<Diagnostic> {
        if let Some(Err(d)) = self.html.get() {
            return Some(d.clone());
        }
        let problem = self.body.get()?.as_ref().err()?;
        Some(unreadable(&self.view.world, self.article, problem))
    }

    fn get(&self, key: &str) -> Option<Value> {
        let v = &self.view;
        let a = v.world.library.get(self.article);
        let rare = a.rare();
        let date = |d| Value::from_object(Moment { date: d, view: v.clone() });
        Some(match key {
            "id" => Value::from(a.card.id.clone()),
            "title" => Value::from(self.title.clone()),
            "url" => or_none(v.url(self.article), Value::from),
            "absolute_url" => {
                or_none(
                    v.url(self.article),
                    |u| if u.contains("://") { Value::from(u) } else { Value::from(format!("{}{u}", v.config().url)) },
                )
            }
            "date" => self.date.get_or_init(|| or_none(a.card.date, date)).clone(),
            "publish_date" => or_none(a.publish, |p| date(crate::base::date::Date::moment(p))),
            "lastmod" => or_none(rare.lastmod, date),
            "year" => or_none(a.card.date, |d| Value::from(d.year())),
            "source" => Value::from(a.card.source.clone()),
            "author" => text(rare.author.as_deref().unwrap_or_default()),
            "category" => Value::from(v.world.library.schemas.get(a.card.category).id.clone()),
            "category_label" => Value::from(v.category_label(a.card.category)),
            "state" => text(a.card.state.name()),
            "body" => self
                .html
                .get_or_init(|| match self.body() {
                    Ok(body) => splice(body, v, Base::Item(self.article, a)).map(Value::from_safe_string),
                    Err(_) => Ok(text("")),
                })
                .clone()
                .unwrap_or_else(|_| text("")),
            "summary" => Value::from(a.card.summary.clone()),
            "cover" => cover(v, self.article),
            "tags" => a.card.tags.iter().map(|t| pairs([("name", Value::from(t.clone())), ("url", Value::from(v.tag_url(t)))])).collect(),
            "keywords" => rare.keywords.iter().map(|k| Value::from(k.clone())).collect(),
            "column" => self.column.get_or_init(|| or_none(v.placement(self.article), |p| column(v, p.column, Some(p.column)))).clone(),
            "attachments" => self.attachments.get_or_init(|| self.files()).clone(),
            "fields" => self.fields(),
            "meta" => self.meta(),
            "text" => match self.body() {
                Ok(body) => text(&markdown::plain_text(&body.html, TEXT)),
                Err(_) => text(""),
            },
            "referrers" => cards(v, v.referrers(self.article)),
            "data" => Value::from_object(Data { view: v.clone(), article: self.article, card: false }),
            "prev" => or_none(self.neighbours().0.clone(), |c| card(v, c, false)),
            "next" => or_none(self.neighbours().1.clone(), |c| card(v, c, false)),
            "related" => cards(v, v.related(self.article)),
            "versions" => {
                let versions = v.versions(self.article);
                versions
                    .into_iter()
                    .map(|c| {
                        let current = c.article == self.article;
                        card(v, c, current)
                    })
                    .collect()
            }
            "replaced_by" => {
                let hit = rare.replaced_by.as_ref().and_then(|(r, _)| v.resolve(r, Some(self.article)));
                or_none(hit.and_then(|h| v.card(h)), |c| card(v, c, false))
            }
            "toc" => match self.body() {
                Ok(body) => body
                    .toc
                    .iter()
                    .map(|h| pairs([("level", Value::from(h.level)), ("id", text(&h.id)), ("text", text(&h.text))]))
                    .collect(),
                Err(_) => Value::from(Vec::<Value>::new()),
            },
            "home_site" => {
                let home = v.canonical(self.article).map(|(s, _)| s).filter(|s| *s != v.site);
                or_none(home, |s| site_ref(v.site_ref(s)))
            }
            "weight" => Value::from(v.placement(self.article).map_or(0, |p| p.weight)),
            "official" => Value::from(rare.official),
            _ => return None,
        })
    }

    fn neighbours(&self) -> &(Option<CardView>, Option<CardView>) {
        self.neighbours.get_or_init(|| self.view.neighbours(self.article))
    }

    /// Files to download: pictures and videos that the body shows are not among them.
    fn files(&self) -> Value {
        let shown: Vec<String> = match self.body() {
            Ok(body) => body
                .links
                .iter()
                .filter(|l| matches!(l.kind, markdown::LinkKind::Image | markdown::LinkKind::Video))
                .filter_map(|l| match &l.target {
                    markdown::Target::Path { path, .. } => Some(crate::base::path::name(path).to_owned()),
                    _ => None,
                })
                .collect(),
            Err(_) => Vec::new(),
        };
        let cover = self.view.world.library.get(self.article).card.cover.clone();
        let cover = cover.as_deref().map(|c| crate::base::path::name(&c.path));
        self.view
            .attachments(self.article)
            .into_iter()
            .filter(|f| !shown.iter().any(|s| **s == *f.name) && cover != Some(&*f.name))
            .map(|f| self.file(f))
            .collect()
    }

    fn file(&self, f: FileView) -> Value {
        let titles = self.titles.get_or_init(|| self.link_texts());
        let title = titles.iter().find(|(at, _)| *at == f.file as usize).map_or("", |(_, t)| t);
        file(&self.view, f, title)
    }

    /// What the body calls its files: the text of the first link to each.
    fn link_texts(&self) -> Vec<(usize, String)> {
        let mut found: Vec<(usize, String)> = Vec::new();
        let Ok(body) = self.body() else { return found };
        for (n, link) in body.links.iter().enumerate() {
            if let (markdown::LinkKind::Link, markdown::Target::Path { path, .. }) = (link.kind, &link.target)
                && let Some(at) = self.view.file_of(self.article, path)
                && !found.iter().any(|(known, _)| *known == at)
            {
                let title = body.link_text(n as u32);
                if !title.is_empty() {
                    found.push((at, title));
                }
            }
        }
        found
    }

    /// Fields for the page tags. A name that a standard tag has is that tag's.
    fn meta(&self) -> Value {
        let v = &self.view;
        let a = v.item(self.article);
        let schema = v.world.library.schemas.get(a.card.category);
        let mut taken: Vec<String> = TAGS.iter().map(|t| (*t).to_owned()).collect();
        let mut all = Vec::new();
        for field in schema.fields.iter().filter(|f| f.meta) {
            let name = field.name.to_lowercase();
            let value = a.rare().data.get(&field.name).map(plain).unwrap_or_default();
            if value.is_empty() || taken.contains(&name) {
                continue;
            }
            taken.push(name);
            all.push(pairs([("name", Value::from(field.name.clone())), ("value", Value::from(value))]));
        }
        Value::from(all)
    }

    fn fields(&self) -> Value {
        fields(&self.view, self.article, |f| f.page)
            .map(|f| match f.downcast_object::<FieldObject>() {
                // On its own page a file bears the name that the body gives it.
                Some(f) => Value::from_object(FieldObject { value: self.titled(&f.value), ..(*f).clone() }),
                None => f,
            })
            .collect()
    }

    fn titled(&self, value: &Value) -> Value {
        match value.downcast_object::<FileObject>() {
            Some(f) => self.file(f.file.clone()),
            None if value.kind() == minijinja::value::ValueKind::Seq => match value.try_iter() {
                Ok(values) => values.map(|v| self.titled(&v)).collect(),
                Err(_) => value.clone(),
            },
            None => value.clone(),
        }
    }
}

/// Characters of `item.text`.
const TEXT: usize = 5_000;

/// Names of the page tags that every page or item has, and of those of HTML, in small letters.
const TAGS: &[&str] = &[
    "sitename",
    "sitedomain",
    "siteidcode",
    "columnname",
    "columndescription",
    "columnkeywords",
    "columntype",
    "articletitle",
    "pubdate",
    "contentsource",
    "keywords",
    "author",
    "description",
    "image",
    "url",
    "viewport",
    "robots",
    "generator",
    "referrer",
    "theme-color",
    "color-scheme",
];

/// A value as one text; empty for what is none: a table, or an item or a file by its path.
fn plain(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        Json::Number(n) => n.to_string(),
        Json::Array(list) => list.iter().map(plain).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(","),
        _ => String::new(),
    }
}

pub const FIELD: &[&str] = &["name", "label", "type", "value", "jsonld"];

#[derive(Clone)]
struct FieldObject {
    name: Arc<str>,
    label: Value,
    kind: FieldType,
    value: Value,
    jsonld: bool,
}

object!(FieldObject, FIELD, "field");

impl FieldObject {
    fn get(&self, key: &str) -> Option<Value> {
        Some(match key {
            "name" => Value::from(self.name.clone()),
            "label" => self.label.clone(),
            "type" => text(self.kind.name()),
            "value" => self.value.clone(),
            "jsonld" => Value::from(self.jsonld),
            _ => return None,
        })
    }
}

/// Fields of an item in the order of its schema, empty ones left out. Nothing is recorded here: what asks has read the
/// item, or its card, which holds the fields of lists.
fn fields<'a>(view: &'a Arc<View>, article: ArticleId, shown: impl Fn(&Field) -> bool + 'a) -> impl Iterator<Item = Value> + 'a {
    let a = view.world.library.get(article);
    let schema = view.world.library.schemas.get(a.card.category);
    schema.fields.iter().filter(move |f| shown(f)).filter_map(move |f| {
        let value = a.rare().data.get(&f.name)?;
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            return None;
        }
        let label = f.labels.get(&**view.tag()).map_or_else(|| Value::from(f.label.clone()), |l| text(l));
        let value = field_value(view, article, f, value);
        Some(Value::from_object(FieldObject { name: f.name.clone(), label, kind: f.kind, value, jsonld: f.jsonld }))
    })
}

/// A field's value as a page shows it: items as cards, files with size and address, dates as dates.
fn field_value(view: &Arc<View>, article: ArticleId, field: &Field, value: &Json) -> Value {
    if let Json::Array(list) = value {
        return list.iter().map(|x| field_value(view, article, field, x)).collect();
    }
    let written = value.as_str().unwrap_or_default();
    match field.kind {
        FieldType::Item => {
            let hit = view.resolve(written, Some(article));
            or_none(hit.and_then(|h| view.card(h)), |c| card(view, c, false))
        }
        FieldType::File => or_none(view.attachment(article, written), |f| file(view, f, "")),
        FieldType::Date | FieldType::Datetime => match crate::base::date::Date::parse(written, &view.world.platform.zone) {
            Ok(d) => Value::from_object(Moment { date: d, view: view.clone() }),
            Err(_) => json(value),
        },
        _ => json(value),
    }
}

/// Name and address.
pub type Crumb = (Arc<str>, Option<Arc<str>>);
/// Language and address.
pub type Translation = (Arc<str>, Arc<str>);

/// What a page says about itself. What takes reading is read only when a template asks for it.
pub struct PageObject {
    pub view: Arc<View>,
    pub kind: &'static str,
    pub title: Arc<str>,
    /// Path, encoded.
    pub url: String,
    /// Of another place than the page itself.
    pub canonical: Option<Box<dyn Fn(&View) -> Option<String> + Send + Sync>>,
    /// Else that of the site.
    pub description: Option<Arc<str>>,
    /// Else those of the site.
    pub keywords: Option<Vec<Arc<str>>>,
    /// The last is the page itself.
    pub breadcrumbs: Box<dyn Fn(&View) -> Vec<Crumb> + Send + Sync>,
    pub translations: Box<dyn Fn(&View) -> Vec<Translation> + Send + Sync>,
}

object!(PageObject, PAGE, "page");

impl PageObject {
    fn get(&self, key: &str) -> Option<Value> {
        let v = &self.view;
        let site = v.config();
        Some(match key {
            "kind" => text(self.kind),
            "title" => Value::from(self.title.clone()),
            "url" => text(&self.url),
            "absolute_url" => Value::from(format!("{}{}", site.url, self.url)),
            "canonical" => {
                let elsewhere = self.canonical.as_ref().and_then(|c| c(v));
                Value::from(elsewhere.unwrap_or_else(|| format!("{}{}", site.url, self.url)))
            }
            "lang" => Value::from(v.tag().clone()),
            "description" => match &self.description {
                Some(own) => Value::from(own.clone()),
                None => text(v.text_setting("description")),
            },
            "keywords" => match &self.keywords {
                Some(own) => own.iter().map(|k| Value::from(k.clone())).collect(),
                None => match v.setting("keywords") {
                    Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).map(text).collect(),
                    _ => Value::from(Vec::<Value>::new()),
                },
            },
            "breadcrumbs" => (self.breadcrumbs)(v)
                .into_iter()
                .map(|(name, url)| pairs([("name", Value::from(name)), ("url", or_none(url, Value::from))]))
                .collect(),
            "translations" => (self.translations)(v)
                .into_iter()
                .map(|(lang, url)| {
                    let name = v.phrase(&format!("language_{lang}")).unwrap_or_else(|| lang.clone());
                    let absolute = if url.contains("://") { url.to_string() } else { format!("{}{url}", site.url) };
                    pairs([
                        ("lang", Value::from(lang.clone())),
                        ("name", Value::from(name)),
                        ("url", Value::from(url.clone())),
                        ("absolute_url", Value::from(absolute)),
                    ])
                })
                .collect(),
            "noindex" => Value::from(site.noindex),
            _ => return None,
        })
    }
}

/// What a fragment sees: the site and the column, nothing of the page.
pub fn fragment(view: &Arc<View>, active: Option<ColumnId>) -> Value {
    let site = Value::from_object(SiteObject { view: view.clone(), column: active });
    pairs([("site", site), ("column", or_none(active, |c| column(view, c, active)))])
}

fn asker() -> Option<Rc<Asker>> {
    crate::facts::reads::asker::<Asker>()
}
