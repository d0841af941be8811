//! The site and its columns.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use minijinja::value::Value;
use serde_json::Value as Json;

use super::{COLUMN, SITE, filled, json, none, or_none, pairs, text};
use crate::base::diag::Diagnostic;
use crate::config::ColumnId;
use crate::config::site::Block;
use crate::content::markdown;
use crate::facts::{SiteRef, View};
use crate::render::body::{From as Base, splice};

pub(super) fn site_ref(site: SiteRef) -> Value {
    pairs([
        ("id", Value::from(site.id)),
        ("name", Value::from(site.name)),
        ("url", Value::from(site.url)),
        ("tier", Value::from(site.tier)),
    ])
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
            "home_blocks" => v.home_blocks().iter().map(|b| block(b, v.tag())).collect(),
            "sitemap_url" => or_none(site.outputs.site_map.as_ref(), |n| Value::from(format!("{}{n}", v.home()))),
            "feed_url" => or_none(site.outputs.feed.as_ref(), |n| Value::from(format!("{}{n}", v.home()))),
            "json_feed_url" => or_none(site.outputs.json_feed.as_ref(), |n| Value::from(format!("{}{n}", v.home()))),
            "tokens_css" => Value::from(format!("{}/{}", site.below, crate::theme::asset::TOKENS)),
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

/// A block with its settings; of `title`, `titles.<language>` is the one of the page's.
fn block(block: &Block, lang: &str) -> Value {
    let own = block.settings.get("titles").and_then(|t| t.get(lang)).filter(|t| t.is_string());
    let mut all = BTreeMap::from([("name", Value::from(block.name.clone()))]);
    for (key, value) in block.settings.iter().filter(|(k, _)| *k != "name") {
        all.insert(key, json(if key == "title" { own.unwrap_or(value) } else { value }));
    }
    if let (Some(own), false) = (own, block.settings.contains_key("title")) {
        all.insert("title", json(own));
    }
    Value::from(all)
}

pub(super) struct Identity {
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
            "cover" => or_none(v.column_cover(self.id), |f| super::file::picture(v, f, Value::from(c.name.clone()))),
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
pub(super) fn told(d: &Diagnostic) -> String {
    let place = d.place.as_ref().map(|p| format!("{}: ", p.file)).unwrap_or_default();
    format!("{place}{}", d.message(crate::base::diag::Tongue::English))
}
