//! Fields of an item, as its schema names them.

use std::sync::Arc;

use minijinja::value::Value;
use serde_json::Value as Json;

use super::{card, file, json, or_none, text};
use crate::base::id::ArticleId;
use crate::content::{Field, FieldType};
use crate::facts::View;
use crate::render::functions::Moment;

pub const FIELD: &[&str] = &["name", "label", "type", "value", "jsonld"];

#[derive(Clone)]
pub(super) struct FieldObject {
    pub(super) name: Arc<str>,
    pub(super) label: Value,
    pub(super) kind: FieldType,
    pub(super) value: Value,
    pub(super) jsonld: bool,
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
pub(super) fn fields<'a>(view: &'a Arc<View>, article: ArticleId, shown: impl Fn(&Field) -> bool + 'a) -> impl Iterator<Item = Value> + 'a {
    let a = view.world.library.get(article);
    let schema = view.world.library.schemas.get(a.card.category);
    let details = view.world.library.details(a);
    schema.fields.iter().filter(move |f| shown(f)).filter_map(move |f| {
        let value = details.data.get(&f.name)?;
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            return None;
        }
        let label = f.labels.get(&**view.tag()).map_or_else(|| Value::from(f.label.clone()), |l| text(l));
        let value = field_value(view, article, f, value);
        Some(Value::from_object(FieldObject { name: f.name.clone(), label, kind: f.kind, value, jsonld: f.jsonld }))
    })
}

/// A field's value as a page shows it: items as cards, files with size and address, dates as dates.
pub(super) fn field_value(view: &Arc<View>, article: ArticleId, field: &Field, value: &Json) -> Value {
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
