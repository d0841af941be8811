//! Checks that need more than one value: references, hosts, circles; and the checked [`Site`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::load::{Raw, language_index};
use super::platform::{Asked, Tier, below};
use super::read::{Node, Settings, texts};
use super::site::{
    Accept, Block, Column, ColumnId, Encoding, Menu, MenuItem, MenuTarget, Outputs, Permalink, Place, Security, Select, Site,
};
use crate::base::date::Date;
use crate::base::diag::{Diagnostic, Place as At};
use crate::base::id::SiteId;

pub const DEFAULT_PERMALINK: &str = "/:column/:year/:slug.html";

/// What a site is checked against.
pub struct Context<'a> {
    pub ids: &'a [Arc<str>],
    pub tiers: &'a BTreeMap<Arc<str>, Tier>,
    pub languages: &'a [Arc<str>],
    pub zone: &'a TimeZone,
}

impl Context<'_> {
    fn find(&self, id: &str) -> Option<SiteId> {
        self.ids.binary_search_by(|s| (**s).cmp(id)).ok().map(|i| SiteId(i as u16))
    }
}

/// Lower-case letters, digits and hyphens.
pub fn is_site_id(id: &str) -> bool {
    !id.is_empty() && !id.starts_with('-') && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Errors that concern the fleet, not one site (D10).
pub fn stops_all(d: &Diagnostic) -> bool {
    let fleet = ["config.host-twice", "config.cycle", "config.two-sites", "config.no-sites"];
    fleet.contains(&d.id) || d.place.as_ref().is_some_and(|p| &*p.file == "sites.toml")
}

/// The parent of each site. `None` when the parents go in a circle.
pub fn parents(sites: &mut [Raw], out: &mut Vec<Diagnostic>) -> Option<Vec<Option<SiteId>>> {
    let ids: Vec<String> = sites.iter().map(|s| s.id.clone()).collect();
    let mut parents = vec![None; sites.len()];
    for (at, site) in sites.iter_mut().enumerate() {
        let Some(parent) = site.node.text("parent") else { continue };
        match ids.binary_search_by(|s| s.as_str().cmp(parent)) {
            Ok(p) => parents[at] = Some(SiteId(p as u16)),
            Err(_) => {
                let place = site.node.place_of("parent").unwrap_or(site.place.clone());
                let d = Diagnostic::error("config.unknown-parent").at(place).arg("site", &site.id).arg("parent", parent);
                out.push(d.nearest(parent, ids.iter().map(String::as_str)).site(&site.id.as_str().into()));
                site.broken = true;
            }
        }
    }
    let mut circular = false;
    for start in 0..sites.len() {
        let mut at = start;
        let mut path = vec![ids[start].clone()];
        while let Some(p) = parents[at] {
            at = p.index();
            path.push(ids[at].clone());
            // Told once, from the first site of the circle in the order of ids.
            if at == start {
                if path.iter().min() == Some(&ids[start]) {
                    let place = sites[start].node.place_of("parent").unwrap_or(sites[start].place.clone());
                    out.push(Diagnostic::error("config.cycle").at(place).arg("sites", path.join(" → ")));
                }
                circular = true;
                break;
            }
            if path.len() > sites.len() {
                break;
            }
        }
    }
    (!circular).then_some(parents)
}

pub fn languages_of(node: &Node) -> Vec<String> {
    let list = node.texts("languages");
    if list.is_empty() { node.text("language").map(str::to_owned).into_iter().collect() } else { list }
}

/// A language tag as in BCP 47, as far as it stands in a path: letters, digits, hyphens.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or("");
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// ASCII form of a host name, lower case; `None` when it is none.
pub fn host_ascii(host: &str) -> Option<String> {
    let (name, port) = match host.rsplit_once(':') {
        Some((n, p)) if !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()) => (n, Some(p)),
        Some(_) => return None,
        None => (host, None),
    };
    let ascii = idna::domain_to_ascii_strict(name).ok()?;
    if ascii.is_empty() {
        return None;
    }
    Some(match port {
        Some(p) => format!("{ascii}:{p}"),
        None => ascii,
    })
}

/// `www.x.example`, or `www.x.example/lyj`: a path of the host of another site. Gives the host in ASCII, and the path with a
/// slash before it and none behind, or nothing. The path is one that stands in an address as it is written.
pub fn address_ascii(address: &str) -> Option<(String, String)> {
    let Some((host, path)) = address.split_once('/') else { return Some((host_ascii(address)?, String::new())) };
    let path = path.strip_suffix('/').unwrap_or(path);
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    (plain && crate::base::path::check_output(path).is_ok()).then(|| Some((host_ascii(host)?, format!("/{path}"))))?
}

/// Two sites, or one site twice, with one host.
pub fn hosts(sites: &[Site], out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, (&Site, At)> = BTreeMap::new();
    for site in sites {
        for key in ["hosts", "aliases"] {
            for host in texts(&site.settings, key) {
                let Some(ascii) = address_ascii(&host).map(|(host, below)| host + &below) else { continue };
                let place = site.settings.get(key).map_or(site.place.clone(), |s| s.place.clone());
                match seen.get(&ascii) {
                    Some((other, at)) => out.push(
                        Diagnostic::error("config.host-twice")
                            .at(place)
                            .arg("host", &host)
                            .arg("one", &other.id)
                            .arg("two", &site.id)
                            .also(at.clone()),
                    ),
                    None => {
                        seen.insert(ascii, (site, place));
                    }
                }
            }
        }
    }
}

pub(super) fn site(raw: &Raw, node: Node, parent: Option<SiteId>, context: &Context, out: &mut Vec<Diagnostic>) -> Site {
    let mut found = Vec::new();
    let id: Arc<str> = raw.id.as_str().into();
    let name: Arc<str> = node.text("name").unwrap_or(&raw.id).into();
    // A file that could not be read has been reported; what it lacks needs no further word.
    for key in ["name", "tier", "hosts"].into_iter().filter(|k| !raw.partial && is_empty(&node.values, k)) {
        let at = node.values.get(key).map_or(raw.place.clone(), |s| s.place.clone());
        found.push(Diagnostic::error("config.missing").at(at).arg("key", key).arg("what", format!("site {id}")));
    }
    let tier: Arc<str> = node.text("tier").unwrap_or_default().into();
    if !tier.is_empty() && !context.tiers.contains_key(&tier) {
        let at = node.place_of("tier").unwrap_or(raw.place.clone());
        let d = Diagnostic::error("config.unknown-tier").at(at).arg("tier", &tier);
        found.push(d.nearest(&tier, context.tiers.keys().map(|k| &**k)));
    }
    let place = |key: &str| node.place_of(key).unwrap_or(raw.place.clone());
    let addresses = node.texts("hosts");
    for (key, hosts) in [("hosts", &addresses), ("aliases", &node.texts("aliases"))] {
        for host in hosts {
            match address_ascii(host) {
                None => found.push(Diagnostic::error("config.host").at(place(key)).arg("host", host)),
                Some((_, below)) if !below.is_empty() && (key == "aliases" || hosts.len() > 1) => {
                    found.push(Diagnostic::error("config.host-below").at(place(key)).arg("host", host));
                }
                Some(_) => {}
            }
        }
    }
    let scheme = node.text("scheme").unwrap_or("https");
    if !matches!(scheme, "https" | "http") {
        let d = Diagnostic::error("config.value").at(place("scheme")).arg("key", "scheme").arg("value", scheme);
        found.push(d.arg("allowed", "https, http"));
    }
    let addresses: Vec<(String, String)> = addresses.iter().filter_map(|h| address_ascii(h)).collect();
    let below: Arc<str> = addresses.first().map_or("", |(_, below)| below).into();
    let hosts: Vec<Arc<str>> = addresses.into_iter().map(|(host, _)| host.into()).collect();
    let aliases = node.texts("aliases").iter().filter_map(|h| host_ascii(h)).map(Arc::from).collect();
    let url = format!("{scheme}://{}", hosts.first().map_or("", |h| h)).into();
    let mut languages = Vec::new();
    for tag in languages_of(&node) {
        if !is_language(&tag) {
            found.push(Diagnostic::error("config.language").at(place("languages")).arg("language", &tag));
        }
        let lang = language_index(context.languages, &tag);
        if !languages.contains(&lang) {
            languages.push(lang);
        }
    }
    let pattern = node.text("permalink").unwrap_or(DEFAULT_PERMALINK);
    let permalink = permalink(pattern, place("permalink"), &mut found);
    let columns = columns(&node, &permalink, context, &mut found);
    let find_column = |name: &str, at: At, found: &mut Vec<Diagnostic>| -> Option<ColumnId> {
        let hit = columns.iter().position(|c| &*c.id == name).map(|i| ColumnId(i as u16));
        if hit.is_none() {
            let d = Diagnostic::error("config.unknown-column").at(at).arg("column", name).arg("site", &id);
            found.push(d.nearest(name, columns.iter().map(|c| &*c.id)));
        }
        hit
    };
    // What was handed down may name a column that this site has dropped: the block then goes without it.
    let own = raw.node.values.iter().filter(|(key, _)| key.starts_with("blocks."));
    for (key, setting) in own.chain(raw.node.list("home").iter().flat_map(|block| &block.values)) {
        let names = match key.rsplit('.').next() {
            Some("column") => setting.value.as_str().into_iter().collect(),
            Some("columns") => setting.value.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect(),
            _ => Vec::new(),
        };
        for name in names {
            find_column(name, setting.place.clone(), &mut found);
        }
    }
    let home = node.lists.get("home").map(|blocks| Block::all(blocks));
    let mut accepts = Vec::new();
    for rule in node.list("accept") {
        let at = rule.place.clone().unwrap_or(raw.place.clone());
        let to = match rule.text("to") {
            // A rule handed down may name a column that this site has dropped: it then decides nothing.
            Some(name) => match columns.iter().position(|c| &*c.id == name) {
                Some(i) => Some(ColumnId(i as u16)),
                None if raw.node.list("accept").iter().any(|r| r.place == rule.place) => {
                    find_column(name, rule.place_of("to").unwrap_or(at.clone()), &mut found)
                }
                None => None,
            },
            None => None,
        };
        accepts.push(Accept {
            from: globs(rule, "from", &mut found),
            under: site_of(rule, "under", context, &mut found),
            category: rule.texts("category"),
            column: globs(rule, "column", &mut found),
            to,
            weight: number(&rule.values, "weight").unwrap_or(0) as i32,
            at,
        });
    }
    let mut places = Vec::new();
    for row in node.list("place") {
        let at = row.place.clone().unwrap_or(raw.place.clone());
        let (Some(item), Some(column)) = (row.text("item"), row.text("column")) else {
            let key = if row.text("item").is_none() { "item" } else { "column" };
            found.push(Diagnostic::error("config.missing").at(at).arg("key", key).arg("what", "[[place]]"));
            continue;
        };
        if let Some(column) = find_column(column, row.place_of("column").unwrap_or(at.clone()), &mut found) {
            places.push(Place {
                item: item.to_owned(),
                column,
                title: row.text("title").map(Arc::from),
                weight: number(&row.values, "weight").unwrap_or(0) as i32,
                at: row.place_of("item").unwrap_or(at),
            });
        }
    }
    let mut menus = Vec::new();
    for row in node.list("menu") {
        let Some(menu_id) = row.text("id") else {
            let at = row.place.clone().unwrap_or(raw.place.clone());
            found.push(Diagnostic::error("config.missing").at(at).arg("key", "id").arg("what", "[[menu]]"));
            continue;
        };
        let mut items = Vec::new();
        for item in row.list("item") {
            let at = item.place.clone().unwrap_or(raw.place.clone());
            let target = if let Some(url) = item.text("url") {
                if !url.starts_with(['/', '#']) && !["https://", "http://", "mailto:", "tel:"].iter().any(|s| url.starts_with(s)) {
                    let at = item.place_of("url").unwrap_or(at.clone());
                    found.push(Diagnostic::error("config.menu-url").at(at).arg("url", url));
                }
                MenuTarget::Url(url.into())
            } else if let Some(column) = item.text("column") {
                match columns.iter().position(|c| &*c.id == column) {
                    Some(i) => MenuTarget::Column(ColumnId(i as u16)),
                    None => {
                        let at = item.place_of("column").unwrap_or(at);
                        // Standard menus of a tier may name a column that this site has dropped.
                        let d = Diagnostic::warning("config.menu-column").at(at).arg("column", column).arg("site", &id);
                        found.push(d.nearest(column, columns.iter().map(|c| &*c.id)));
                        continue;
                    }
                }
            } else if item.text("site").is_some() {
                match site_of(item, "site", context, &mut found) {
                    Some(site) => MenuTarget::Site(site),
                    None => continue,
                }
            } else if let Some(item_id) = item.text("item") {
                if !item_id.starts_with("id:") {
                    let at = item.place_of("item").unwrap_or(at.clone());
                    found.push(Diagnostic::warning("config.menu-item-id").at(at).arg("item", item_id));
                }
                MenuTarget::Item(item_id.trim_start_matches("id:").into())
            } else {
                found.push(Diagnostic::error("config.menu-item").at(at).arg("menu", menu_id));
                continue;
            };
            items.push(MenuItem { name: item.text("name").map(Arc::from), names: map(&item.values, "names."), target, at });
        }
        menus.push(Menu { id: menu_id.into(), name: row.text("name").unwrap_or(menu_id).into(), names: map(&row.values, "names."), items });
    }
    for (key, setting) in node.values.range("tokens.".to_owned()..).take_while(|(k, _)| k.starts_with("tokens.")) {
        found.extend(check_token(&key["tokens.".len()..], setting.value.as_str().unwrap_or_default(), &setting.place));
    }
    let default_theme = context.tiers.get(&tier).map_or("base", |t| &*t.theme);
    let theme: Arc<str> = node.text("theme").unwrap_or(default_theme).into();
    let short_name = node.text("short_name").unwrap_or(&name).into();
    let count = |key: &str, default: usize| number(&node.values, key).map_or(default, |n| n as usize);
    let (page_size, feed_size, related) = (count("page_size", 20), count("feed_size", 20), count("related", 5));
    let outputs = outputs(&node, &place, &mut found);
    let security = security(&node, context, &place, &mut found);
    if !raw.partial {
        found.extend(identity(&node, context.tiers.get(&tier).map_or(Asked::Optional, |t| t.identity), &id, &raw.place));
    }
    let noindex = node.values.get("noindex").is_some_and(|s| s.value == true);
    let broken = raw.broken || found.iter().any(Diagnostic::is_error);
    // What is said of half a file may be mended by its other half.
    if raw.partial {
        found.clear();
    }
    out.extend(found.into_iter().map(|d| d.site(&id)));
    Site {
        id,
        place: raw.place.clone(),
        broken,
        name,
        short_name,
        tier,
        parent,
        hosts,
        aliases,
        below,
        theme,
        url,
        languages,
        page_size,
        feed_size,
        related,
        noindex,
        outputs,
        security,
        columns,
        accepts,
        places,
        menus,
        home,
        settings: node.values,
    }
}

fn outputs(node: &Node, place: &impl Fn(&str) -> At, found: &mut Vec<Diagnostic>) -> Outputs {
    let mut file = |key: &str, default: &str| -> Option<Arc<str>> {
        let name = node.text(key).unwrap_or(default);
        if !name.is_empty() && (name.contains('/') || crate::base::path::check_output(name).is_err()) {
            let d = Diagnostic::error("config.file-name").at(place(key)).arg("key", key).arg("value", name);
            found.push(d);
        }
        (!name.is_empty()).then(|| name.into())
    };
    let (feed, json_feed) = (file("outputs.feed", "feed.xml"), file("outputs.json_feed", "feed.json"));
    let site_map = file("outputs.site_map", "map.html");
    let mut choice = |key: &str, usual: &'static str, other: &'static str| -> bool {
        let value = node.text(key).unwrap_or(usual);
        if value != usual && value != other {
            let d = Diagnostic::error("config.value").at(place(key)).arg("key", key).arg("value", value);
            found.push(d.arg("allowed", format!("{usual}, {other}")).nearest(value, [usual, other]));
        }
        value == other
    };
    let (pages, one_sitemap) = (choice("outputs.lists", "years", "pages"), choice("outputs.sitemap", "months", "one"));
    let on = |key: &str| node.values.get(key).is_none_or(|s| s.value == true);
    let mut precompress = Vec::new();
    for name in node.texts("outputs.precompress") {
        match Encoding::ALL.into_iter().find(|e| e.name() == name) {
            Some(encoding) => precompress.push(encoding),
            None => {
                let names = Encoding::ALL.map(Encoding::name);
                let d = Diagnostic::error("config.value").at(place("outputs.precompress")).arg("key", "outputs.precompress");
                found.push(d.arg("value", &name).arg("allowed", names.join(", ")).nearest(&name, names));
            }
        }
    }
    precompress.sort();
    precompress.dedup();
    Outputs {
        pages,
        feed,
        json_feed,
        column_feeds: on("outputs.column_feeds"),
        site_map,
        one_sitemap,
        not_found: on("outputs.not_found"),
        robots: on("outputs.robots"),
        precompress,
    }
}

/// It is not there, or nothing is in it.
fn is_empty(settings: &Settings, key: &str) -> bool {
    match settings.get(key).map(|s| &s.value) {
        None => true,
        Some(value) => value.as_str().is_some_and(str::is_empty) || value.as_array().is_some_and(Vec::is_empty),
    }
}

/// Contacts and expiry of security.txt. The expiry is a setting and not a span from now: a page changes with its sources
/// only.
fn security(node: &Node, context: &Context, place: &impl Fn(&str) -> At, found: &mut Vec<Diagnostic>) -> Option<Security> {
    let key = "security.contact";
    let mut contacts = Vec::new();
    for contact in node.texts(key) {
        let is_mail = !contact.contains(['/', ':', ' ']) && contact.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'));
        if is_mail {
            contacts.push(format!("mailto:{contact}"));
        } else if ["mailto:", "https://", "tel:"].iter().any(|s| contact.starts_with(s)) && !contact.contains(char::is_whitespace) {
            contacts.push(contact);
        } else {
            let d = Diagnostic::error("config.value").at(place(key)).arg("key", key).arg("value", contact);
            found.push(d.arg("allowed", "web@x.example, mailto:…, https://…, tel:…"));
        }
    }
    if contacts.is_empty() {
        contacts.extend(node.text("identity.email").filter(|e| !e.is_empty()).map(|e| format!("mailto:{e}")));
    }
    let key = "security.expires";
    let text = node.text(key).filter(|t| !t.is_empty())?;
    match Date::parse(text, context.zone) {
        Ok(expires) => (!contacts.is_empty()).then_some(Security { contacts, expires }),
        Err(_) => {
            found.push(Diagnostic::error("config.date").at(place(key)).arg("key", key).arg("value", text));
            None
        }
    }
}

/// What the footer and the page tags of a public site must say. A site that says nothing of it at all is taken for one
/// that has no such numbers, unless its tier requires them.
fn identity(node: &Node, asked: Asked, site: &str, file: &At) -> Option<Diagnostic> {
    let has = |key: &str| node.text(&format!("identity.{key}")).is_some_and(|t| !t.is_empty());
    let mut missing: Vec<&str> = ["organizer", "address", "code", "icp", "police", "conac"].into_iter().filter(|k| !has(k)).collect();
    if !has("phone") && !has("email") {
        missing.push("phone / email");
    }
    // Organizer and operator may be handed down; the others are a site's own.
    let silent = missing.len() == 7 || (missing.len() == 6 && has("organizer"));
    if missing.is_empty() || asked == Asked::Optional || (asked == Asked::Expected && silent) {
        return None;
    }
    let at = node.values.get("identity").map_or(file.clone(), |s| s.place.clone());
    let d = if asked == Asked::Required { Diagnostic::error("config.identity") } else { Diagnostic::warning("config.identity") };
    Some(d.at(at).arg("site", site).arg("keys", missing.join(", ")))
}

fn number(settings: &Settings, key: &str) -> Option<i64> {
    settings.get(key).and_then(|s| s.value.as_i64())
}

fn map(settings: &Settings, prefix: &str) -> BTreeMap<String, String> {
    below(settings, prefix).filter_map(|(k, v)| Some((k.to_owned(), v.as_str()?.to_owned()))).collect()
}

fn permalink(pattern: &str, at: At, found: &mut Vec<Diagnostic>) -> Permalink {
    Permalink::parse(pattern).unwrap_or_else(|wrong| {
        let id = match wrong.as_str() {
            "/" => "config.permalink-start",
            ":slug" => "config.permalink-same",
            _ => "config.permalink-token",
        };
        let known = [":column", ":year", ":month", ":day", ":slug", ":id", ":filename", ":category"];
        let d = Diagnostic::error(id).at(at).arg("pattern", pattern).arg("token", &wrong);
        found.push(if id == "config.permalink-token" { d.nearest(&wrong, known) } else { d });
        Permalink::parse(DEFAULT_PERMALINK).unwrap_or(Permalink(Vec::new()))
    })
}

fn globs(node: &Node, key: &str, found: &mut Vec<Diagnostic>) -> Vec<String> {
    let list = node.texts(key);
    for glob in &list {
        if globset::Glob::new(glob).is_err() {
            let at = node.place_of(key).unwrap_or(At::file("sites.toml"));
            found.push(Diagnostic::error("config.glob").at(at).arg("glob", glob));
        }
    }
    list
}

fn site_of(node: &Node, key: &str, context: &Context, found: &mut Vec<Diagnostic>) -> Option<SiteId> {
    let name = node.text(key)?;
    let hit = context.find(name);
    if hit.is_none() {
        let at = node.place_of(key).unwrap_or(At::file("sites.toml"));
        let d = Diagnostic::error("config.unknown-site").at(at).arg("site", name);
        found.push(d.nearest(name, context.ids.iter().map(|s| &**s)));
    }
    hit
}

/// The columns in the order of the navigation.
fn columns(node: &Node, site_permalink: &Permalink, context: &Context, found: &mut Vec<Diagnostic>) -> Vec<Column> {
    let mut checked: Vec<Column> = Vec::new();
    for row in node.list("column") {
        let at = row.place.clone().unwrap_or(At::file("sites.toml"));
        let Some(id) = row.text("id") else {
            found.push(Diagnostic::error("config.missing").at(at).arg("key", "id").arg("what", "[[column]]"));
            continue;
        };
        let good = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !crate::config::site::Permalink::is_year(part)
                && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if !id.split('/').all(good) {
            let at = row.place_of("id").unwrap_or(at);
            found.push(Diagnostic::error("config.column-id").at(at).arg("column", id));
            continue;
        }
        let Some(name) = row.text("name") else {
            found.push(Diagnostic::error("config.missing").at(at).arg("key", "name").arg("what", format!("[[column]] {id}")));
            continue;
        };
        let url = match row.text("url") {
            None => format!("/{id}/"),
            Some(written) => {
                let url = format!("/{}/", written.trim_matches('/')).replace("//", "/");
                if crate::base::path::check_output(&crate::base::path::output_file(&url)).is_err() {
                    let at = row.place_of("url").unwrap_or(at.clone());
                    found.push(Diagnostic::error("config.column-url").at(at).arg("url", written));
                }
                url
            }
        };
        let permalink = match row.text("permalink") {
            Some(pattern) => permalink(pattern, row.place_of("permalink").unwrap_or(at.clone()), found),
            None => site_permalink.clone(),
        };
        let has = |section: &str| row.values.keys().any(|k| k == section || k.starts_with(&format!("{section}.")));
        let topic = has("topic").then(|| row.text("topic.state").unwrap_or("open"));
        if let Some(state) = topic
            && !matches!(state, "open" | "archived")
        {
            let at = row.place_of("topic.state").unwrap_or(at.clone());
            let d = Diagnostic::error("config.value").at(at).arg("key", "column.topic.state").arg("value", state);
            found.push(d.arg("allowed", "open, archived").nearest(state, ["open", "archived"]));
        }
        checked.push(Column {
            id: id.into(),
            parent: None,
            children: Vec::new(),
            name: name.into(),
            kind: row.text("type").unwrap_or_default().into(),
            category: row.text("category").map(Arc::from),
            url: url.into(),
            permalink,
            hidden: row.values.get("hidden").is_some_and(|s| s.value == true),
            select: has("select").then(|| select(row, context, found)),
            topic: topic.map(Arc::from),
            template: row.text("template").map(Arc::from),
            settings: row.values.clone(),
        });
    }
    order(checked)
}

fn select(row: &Node, context: &Context, found: &mut Vec<Diagnostic>) -> Select {
    let mut date = |key: &str, end: bool| -> Option<i64> {
        let text = row.text(key)?;
        match Date::parse(text, context.zone) {
            Ok(d) => Some(if end { d.seconds + 86_399 } else { d.seconds }),
            Err(_) => {
                let at = row.place_of(key).unwrap_or(At::file("sites.toml"));
                found.push(Diagnostic::error("config.date").at(at).arg("key", key).arg("value", text));
                None
            }
        }
    };
    let (since, until) = (date("select.since", false), date("select.until", true));
    Select {
        owner: globs(row, "select.owner", found),
        under: site_of(row, "select.under", context, found),
        category: row.texts("select.category"),
        column: globs(row, "select.column", found),
        tag: row.texts("select.tag"),
        since,
        until,
        fields: map(&row.values, "select.where.").into_iter().collect(),
    }
}

/// Siblings by weight, then by declaration; parents before children. The parent of `a/b/c` is the nearest declared of
/// `a/b`, `a`.
fn order(columns: Vec<Column>) -> Vec<Column> {
    let ids: Vec<Arc<str>> = columns.iter().map(|c| c.id.clone()).collect();
    let parent_of = |id: &str| -> Option<usize> {
        let mut at = id;
        while let Some(cut) = at.rfind('/') {
            at = &at[..cut];
            if let Some(p) = ids.iter().position(|i| &**i == at) {
                return Some(p);
            }
        }
        None
    };
    let parents: Vec<Option<usize>> = ids.iter().map(|id| parent_of(id)).collect();
    let weight = |i: usize| columns[i].settings.get("weight").and_then(|s| s.value.as_i64()).unwrap_or(0);
    let mut sequence = Vec::with_capacity(columns.len());
    let mut stack: Vec<usize> = (0..columns.len()).filter(|i| parents[*i].is_none()).collect();
    stack.sort_by_key(|i| (weight(*i), *i));
    stack.reverse();
    while let Some(at) = stack.pop() {
        sequence.push(at);
        let mut children: Vec<usize> = (0..columns.len()).filter(|i| parents[*i] == Some(at)).collect();
        children.sort_by_key(|i| (weight(*i), *i));
        stack.extend(children.into_iter().rev());
    }
    let mut new_place = vec![0u16; columns.len()];
    for (new, old) in sequence.iter().enumerate() {
        new_place[*old] = new as u16;
    }
    let mut slots: Vec<Option<Column>> = columns.into_iter().map(Some).collect();
    let mut ordered: Vec<Column> = sequence.iter().filter_map(|old| slots[*old].take()).collect();
    for (new, old) in sequence.iter().enumerate() {
        if let Some(p) = parents[*old] {
            let parent = ColumnId(new_place[p]);
            ordered[new].parent = Some(parent);
            ordered[parent.0 as usize].children.push(ColumnId(new as u16));
        }
    }
    ordered
}

/// A token is one value of one custom property: it can neither end its declaration nor load anything.
pub fn check_token(key: &str, value: &str, place: &At) -> Option<Diagnostic> {
    let good_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let lower = value.to_ascii_lowercase();
    let bad = value.chars().any(|c| matches!(c, ';' | '{' | '}' | '<' | '>' | '\\' | '@') || c.is_control())
        || value.contains("/*")
        || lower.contains("url(")
        || lower.contains("expression(")
        || value.matches('"').count() % 2 == 1
        || value.matches('\'').count() % 2 == 1
        || value.matches('(').count() != value.matches(')').count()
        || value.trim().is_empty()
        || value.len() > 500;
    (!good_key || bad).then(|| Diagnostic::error("config.token").at(place.clone()).arg("token", key).arg("value", value))
}
