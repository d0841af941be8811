//! What a page says about itself.

use std::sync::Arc;

use minijinja::value::Value;
use serde_json::Value as Json;

use super::{PAGE, or_none, pairs, text};
use crate::facts::View;

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
