//! An item on its own page.

use std::sync::{Arc, OnceLock};

use minijinja::value::Value;
use serde_json::Value as Json;

use super::{Data, FieldObject, FileObject, ITEM, asker, card, cards, column, cover, fields, file, or_none, pairs, site_ref, text};
use crate::base::diag::Diagnostic;
use crate::base::id::ArticleId;
use crate::content::Details;
use crate::content::markdown;
use crate::content::markdown::Body;
use crate::facts::{CardView, FileView, View};
use crate::render::body::{From as Base, splice, unreadable};
use crate::render::functions::Moment;

/// The item of its own page.
pub struct ItemObject {
    pub view: Arc<View>,
    pub article: ArticleId,
    pub title: Arc<str>,
    details: Arc<Details>,
    body: OnceLock<Result<Arc<Body>, Arc<str>>>,
    html: OnceLock<Result<Value, Diagnostic>>,
    titles: OnceLock<Vec<(usize, String)>>,
    neighbours: OnceLock<(Option<CardView>, Option<CardView>)>,
    said: Said,
}

/// Answers that take work, made once for a page: a template asks for one in a condition, and again to show it.
#[derive(Default)]
struct Said {
    attachments: OnceLock<Value>,
    column: OnceLock<Value>,
    date: OnceLock<Value>,
    fields: OnceLock<Value>,
    home_site: OnceLock<Value>,
    next: OnceLock<Value>,
    prev: OnceLock<Value>,
    related: OnceLock<Value>,
    tags: OnceLock<Value>,
    toc: OnceLock<Value>,
    versions: OnceLock<Value>,
}

object!(ItemObject, ITEM, "item");

impl ItemObject {
    /// The item is read with this: what is asked of it later needs no record of its own.
    pub fn new(view: Arc<View>, article: ArticleId, title: Arc<str>) -> ItemObject {
        let details = view.world.library.details(view.item(article));
        ItemObject {
            details,
            view,
            article,
            title,
            body: OnceLock::new(),
            html: OnceLock::new(),
            titles: OnceLock::new(),
            neighbours: OnceLock::new(),
            said: Said::default(),
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
        let said = &self.said;
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
            "date" => said.date.get_or_init(|| or_none(a.card.date, date)).clone(),
            "publish_date" => or_none(a.publish(), |p| date(crate::base::date::Date::moment(p))),
            "lastmod" => or_none(rare.lastmod, date),
            "year" => or_none(a.card.date, |d| Value::from(d.year())),
            "source" => Value::from(a.card.source.clone()),
            "author" => text(self.details.author.as_deref().unwrap_or_default()),
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
            "summary" => Value::from(self.details.summary.clone()),
            "cover" => cover(v, self.article),
            "tags" => said.tags.get_or_init(|| self.tags()).clone(),
            "keywords" => self.details.keywords.iter().map(|k| Value::from(k.clone())).collect(),
            "column" => said.column.get_or_init(|| or_none(v.placement(self.article), |p| column(v, p.column, Some(p.column)))).clone(),
            "attachments" => said.attachments.get_or_init(|| self.files()).clone(),
            "fields" => said.fields.get_or_init(|| self.fields()).clone(),
            "meta" => self.meta(),
            "text" => match self.body() {
                Ok(body) => text(&markdown::plain_text(&body.html, TEXT)),
                Err(_) => text(""),
            },
            "referrers" => cards(v, v.referrers(self.article)),
            "data" => Value::from_object(Data { details: self.details.clone(), card: false }),
            "prev" => said.prev.get_or_init(|| or_none(self.neighbours().0.clone(), |c| card(v, c, false))).clone(),
            "next" => said.next.get_or_init(|| or_none(self.neighbours().1.clone(), |c| card(v, c, false))).clone(),
            "related" => said.related.get_or_init(|| cards(v, v.related(self.article))).clone(),
            "versions" => said.versions.get_or_init(|| self.versions()).clone(),
            "replaced_by" => {
                let hit = rare.replaced_by.as_ref().and_then(|(r, _)| v.resolve(r, Some(self.article)));
                or_none(hit.and_then(|h| v.card(h)), |c| card(v, c, false))
            }
            "toc" => said.toc.get_or_init(|| self.toc()).clone(),
            "home_site" => said.home_site.get_or_init(|| self.home_site()).clone(),
            "weight" => Value::from(v.placement(self.article).map_or(0, |p| p.weight)),
            "official" => Value::from(rare.official),
            _ => return None,
        })
    }

    fn tags(&self) -> Value {
        let tags = &self.view.world.library.get(self.article).card.tags;
        tags.iter().map(|t| pairs([("name", Value::from(t.clone())), ("url", Value::from(self.view.tag_url(t)))])).collect()
    }

    fn versions(&self) -> Value {
        let versions = self.view.versions(self.article);
        versions
            .into_iter()
            .map(|c| {
                let current = c.article == self.article;
                card(&self.view, c, current)
            })
            .collect()
    }

    fn toc(&self) -> Value {
        let Ok(body) = self.body() else { return Value::from(Vec::<Value>::new()) };
        let heading = |h: &markdown::Heading| pairs([("level", Value::from(h.level)), ("id", text(&h.id)), ("text", text(&h.text))]);
        body.toc.iter().map(heading).collect()
    }

    fn home_site(&self) -> Value {
        let home = self.view.canonical(self.article).map(|(s, _)| s).filter(|s| *s != self.view.site);
        or_none(home, |s| site_ref(self.view.site_ref(s)))
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
            let value = self.details.data.get(&field.name).map(plain).unwrap_or_default();
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
pub(super) const TEXT: usize = 5_000;

/// Names of the page tags that every page or item has, and of those of HTML, in small letters.
pub(super) const TAGS: &[&str] = &[
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
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        Json::Number(n) => n.to_string(),
        Json::Array(list) => list.iter().map(plain).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(","),
        _ => String::new(),
    }
}
