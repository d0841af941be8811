//! What templates see: objects that ask the view, so that nothing is read that a page does not show.

/// A named object: its keys are its documentation, and a test holds them to it.
macro_rules! object {
    ($type:ty, $keys:expr, $name:literal) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($name)
            }
        }
        impl minijinja::value::Object for $type {
            fn repr(self: &std::sync::Arc<Self>) -> minijinja::value::ObjectRepr {
                minijinja::value::ObjectRepr::Map
            }
            fn get_value(self: &std::sync::Arc<Self>, key: &minijinja::value::Value) -> Option<minijinja::value::Value> {
                self.get(key.as_str()?)
            }
            fn get_value_by_str(self: &std::sync::Arc<Self>, key: &str) -> Option<minijinja::value::Value> {
                self.get(key)
            }
            fn enumerate(self: &std::sync::Arc<Self>) -> minijinja::value::Enumerator {
                minijinja::value::Enumerator::Str($keys)
            }
        }
    };
}

mod card;
mod field;
mod file;
mod item;
mod page;
mod site;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};
use serde_json::Value as Json;

use super::functions::Asker;
use crate::config::ColumnId;
use crate::facts::View;
use card::{Data, cover};
use field::{FieldObject, fields};
use file::FileObject;
use site::site_ref;

pub use card::{card, cards};
pub use field::FIELD;
pub use file::file;
pub use item::ItemObject;
pub use page::{Crumb, PageObject, Translation};
pub use site::{SiteObject, column};

/// The objects that templates hold, by their names in the documentation, and what each can be asked for.
pub const OBJECTS: [(&str, &[&str]); 8] =
    [("site", SITE), ("page", PAGE), ("item", ITEM), ("card", CARD), ("column", COLUMN), ("list", LIST), ("file", FILE), ("field", FIELD)];

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
    "home_blocks",
    "sitemap_url",
    "feed_url",
    "json_feed_url",
    "tags_url",
    "tokens_css",
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
pub const FILE: &[&str] = &["name", "title", "url", "size", "type", "ext", "width", "height", "srcset", "sizes", "table"];
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

/// What a fragment sees: the site and the column, nothing of the page.
pub fn fragment(view: &Arc<View>, active: Option<ColumnId>) -> Value {
    let site = Value::from_object(SiteObject { view: view.clone(), column: active });
    pairs([("site", site), ("column", or_none(active, |c| column(view, c, active)))])
}

fn asker() -> Option<Rc<Asker>> {
    crate::facts::reads::asker::<Asker>()
}
