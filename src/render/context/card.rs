//! An item as other pages show it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, Value};

use super::file::picture;
use super::{CARD, fields, json, none, or_none, pairs, text};
use crate::base::id::ArticleId;
use crate::content::Details;
use crate::facts::{CardView, View};
use crate::render::functions::Moment;

pub fn cards(view: &Arc<View>, list: Vec<CardView>) -> Value {
    list.into_iter().map(|c| card(view, c, false)).collect()
}

pub fn card(view: &Arc<View>, card: CardView, current: bool) -> Value {
    Value::from_object(CardObject { view: view.clone(), card, current, details: OnceLock::new() })
}

/// An item as other pages show it. All it says is of the item's `Card`, so that a change of a body reaches no list.
pub struct CardObject {
    view: Arc<View>,
    card: CardView,
    current: bool,
    details: OnceLock<Arc<Details>>,
}

object!(CardObject, CARD, "card");

impl CardObject {
    fn details(&self) -> &Arc<Details> {
        let library = &self.view.world.library;
        self.details.get_or_init(|| library.details(library.get(self.card.article)))
    }

    fn get(&self, key: &str) -> Option<Value> {
        let v = &self.view;
        let card = &v.world.library.get(self.card.article).card;
        Some(match key {
            "id" => Value::from(card.id.clone()),
            "title" => Value::from(self.card.title.as_ref().unwrap_or_else(|| &self.details().title).clone()),
            "url" => Value::from(self.card.url.clone()),
            "date" => or_none(card.date, |d| Value::from_object(Moment { date: d, view: v.clone() })),
            "year" => or_none(card.date, |d| Value::from(d.year())),
            "summary" => Value::from(self.details().summary.clone()),
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
            "data" => Value::from_object(Data { details: self.details().clone(), card: true }),
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
pub(super) struct Data {
    pub(super) details: Arc<Details>,
    pub(super) card: bool,
}

impl Data {
    fn fields(&self) -> &crate::content::Data {
        if self.card { &self.details.listed } else { &self.details.data }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.fields().iter().map(|(k, v)| (k, json(v)))).finish()
    }
}

impl Object for Data {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.fields().get(key).map(json)
    }
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields().iter().map(|(k, _)| Value::from(k.clone())).collect())
    }
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.fields().len())
    }
}

pub(super) fn cover(view: &Arc<View>, article: ArticleId) -> Value {
    let Some(cover) = &view.world.library.get(article).card.cover else { return none() };
    let alt = text(&cover.alt);
    if cover.path.starts_with("https://") {
        let (zero, nothing) = (Value::from(0), text(""));
        return pairs([
            ("url", text(&cover.path)),
            ("width", zero.clone()),
            ("height", zero),
            ("alt", alt),
            ("srcset", nothing.clone()),
            ("sizes", nothing),
        ]);
    }
    or_none(view.attachment(article, &cover.path), |f| picture(view, f, alt))
}
