//! What pages ask of their site: settings, phrases, assets, menus, the sites around it; schemas and owners.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{MenuView, SiteRef, View};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::site::{MenuTarget, Outputs};
use crate::config::{HtmlRule, Platform, Security};
use crate::content::CategoryId;
use crate::content::schema::Category;
use crate::facts::key::{About, FactKey, Kind, Named};
use crate::facts::reads::{record, record_named};
use crate::facts::world::World;
use crate::theme::layer::{Layer, Part};
use crate::theme::lock;

impl View {
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
        let asset = stack.asset(logical).map(|a| (format!("{}/{}", self.config().below, path::encode(&a.path)), a.integrity.clone()));
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

    pub(super) fn make_site_ref(&self, site: SiteId) -> (SiteRef, Fingerprint) {
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
        w.text(&s.id).text(&s.url).text(&s.below).text(&s.tier).text(&world.generator).option(platform.zone.iana_name());
        w.number(s.hosts.len() as u64);
        s.hosts.iter().for_each(|h| _ = w.text(h));
        w.number(s.languages.len() as u64);
        s.languages.iter().for_each(|l| _ = w.text(platform.language(*l)));
        w.number(s.page_size as u64).number(s.feed_size as u64).number(s.related as u64).byte(s.noindex as u8);
        w.option(s.parent.map(|p| &*platform.site(p).id));
        for (base, path, hidden) in Self::shown_below(platform, site) {
            w.text(&base).text(path).byte(hidden as u8);
        }
        let tier = platform.tiers.get(&s.tier);
        w.option(tier.map(|t| &*t.label));
        for (lang, label) in tier.iter().flat_map(|t| &t.labels) {
            w.text(lang).text(label);
        }
        let Outputs { pages, feed, json_feed, column_feeds, site_map, one_sitemap, not_found, robots, precompress: _ } = &s.outputs;
        for name in [feed, json_feed, site_map] {
            w.option(name.as_deref());
        }
        for flag in [pages, column_feeds, one_sitemap, not_found, robots] {
            w.byte(*flag as u8);
        }
        w.finish()
    }

    /// Sites below paths of this one's hosts: address, path, whether search engines are to stay away. What robots.txt of the
    /// host must say for them.
    pub fn shown_below(platform: &Platform, site: SiteId) -> impl Iterator<Item = (String, &str, bool)> {
        platform.below(site).map(|s| platform.site(s)).map(|s| (s.base(), &*s.below, s.noindex))
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

    /// The address of a path of a site as people write it: seen from the site itself a path, from others a whole address.
    pub fn local(&self, site: SiteId, path: &str) -> String {
        if site == self.site {
            return self.config().local(path).into_owned();
        }
        self.site_ref(site);
        let s = self.world.platform.site(site);
        format!("{}{}", s.url, s.local(path))
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
                    MenuTarget::Url(url) => (own.unwrap_or_else(|| url.clone()), self.config().local(url).into()),
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
                        (own.unwrap_or_else(|| self.title(&card)), card.url)
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
}
