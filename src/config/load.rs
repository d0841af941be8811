//! `sites.toml` and `sites/*.toml` → [`Platform`], with everything that is wrong with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use super::check;
use super::deploy;
use super::merge::merge;
use super::platform::{Asked, HtmlRule, Mount, MountRule, Owner, Pictures, Platform, Tier, below};
use super::read::{File, Node, Setting, read};
use super::spec;
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::{Lang, SiteId};

/// Narrower than an icon, or wider than any screen: a slip.
const MIN_WIDTH: u32 = 16;
const MAX_WIDTH: u32 = 8_192;

/// What a load gives. `platform` is `None` when nothing may be built: an error in `sites.toml`, a host claimed twice, a
/// circle of parents (D10).
pub struct Loaded {
    pub platform: Option<Platform>,
    pub diagnostics: Vec<Diagnostic>,
}

/// A site as written, before anything is handed down.
pub(super) struct Raw {
    pub id: String,
    pub node: Node,
    pub children: Node,
    pub place: Place,
    pub broken: bool,
    /// The file could not be read to its end: what it lacks may have been written.
    pub partial: bool,
}

/// The platform-wide part of sites.toml.
#[derive(Default)]
struct Root {
    platform: Node,
    pictures: Node,
    defaults: Node,
    tiers: BTreeMap<String, (Node, Node)>,
    owners: Vec<Node>,
    mounts: Vec<Node>,
    deploy: deploy::Raw,
    sites: Vec<Raw>,
    domains: Node,
}

pub fn load(root: &Path) -> Loaded {
    let mut out = Vec::new();
    let mut fatal = false;
    let mut top = Root::default();
    match std::fs::read(root.join("sites.toml")) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            out.push(Diagnostic::error("config.no-platform").arg("folder", root.display()).at(Place::file("sites.toml")));
            fatal = true;
        }
        Err(e) => {
            out.push(Diagnostic::error("config.unreadable").at(Place::file("sites.toml")).arg("problem", e));
            fatal = true;
        }
        Ok(bytes) => {
            if let Some(text) = text("sites.toml", &bytes, &mut out) {
                read_root(&File { name: "sites.toml".into(), text: &text }, &mut top, &mut out);
            }
        }
    }
    fatal |= out.iter().any(Diagnostic::is_error);
    read_site_files(root, &mut top.sites, &mut out, &mut fatal);
    if fatal {
        return Loaded { platform: None, diagnostics: out };
    }
    let platform = assemble(root, top, &mut out);
    Loaded { platform, diagnostics: out }
}

/// Bytes as UTF-8, a byte-order mark left out; else an error that says where and in which encoding they may be.
fn text(name: &str, bytes: &[u8], out: &mut Vec<Diagnostic>) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(e) => {
            let line = memchr::memchr_iter(b'\n', &bytes[..e.valid_up_to()]).count() as u32 + 1;
            out.push(Diagnostic::error("config.encoding").at(Place::at(name, line, 1)));
            None
        }
    }
}

fn read_root(file: &File, top: &mut Root, out: &mut Vec<Diagnostic>) {
    const KEYS: &[&str] = &["platform", "pictures", "defaults", "tiers", "owner", "mount", "site", "deploy", "domains"];
    let (table, _) = file.parse(out);
    let table = table.get_ref();
    for (key, value) in table.iter() {
        let name: &str = key.get_ref();
        let wrong = |expected: &str, out: &mut Vec<Diagnostic>| {
            out.push(
                Diagnostic::error("config.type")
                    .at(file.place(value.span()))
                    .arg("key", name)
                    .arg("expected", expected)
                    .arg("found", value.get_ref().type_str()),
            );
        };
        match (name, value.get_ref()) {
            ("platform", DeValue::Table(t)) => top.platform = read(file, t, spec::PLATFORM, "platform", false, &[], out),
            ("pictures", DeValue::Table(t)) => top.pictures = read(file, t, spec::PICTURES, "pictures", false, &[], out),
            ("defaults", DeValue::Table(t)) => top.defaults = read(file, t, spec::SITE, "defaults", true, &[], out),
            ("tiers", DeValue::Table(tiers)) => {
                for (id, tier) in tiers.iter() {
                    let DeValue::Table(t) = tier.get_ref() else {
                        wrong("table", out);
                        continue;
                    };
                    let within = format!("tiers.{}", id.get_ref());
                    let mut own = Node { place: Some(file.place(id.span())), ..Node::default() };
                    // `identity` is a word about the tier's sites, or the table that is handed down to them.
                    let word = t.iter().any(|(k, v)| k.get_ref() == "identity" && v.get_ref().as_str().is_some());
                    let also: &[&str] = if word { &["label", "names", "identity"] } else { &["label", "names"] };
                    own.values = read(file, &only(t, also), spec::TIER, &within, false, &[], out).values;
                    let handed = read(file, t, spec::SITE, &within, true, also, out);
                    top.tiers.insert(id.get_ref().to_string(), (own, handed));
                }
            }
            ("deploy", DeValue::Table(t)) => top.deploy = deploy::read_deploy(file, t, out),
            ("domains", DeValue::Table(t)) => {
                top.domains = read(file, t, spec::DOMAINS, "domains", false, &[], out);
                top.domains.place = Some(file.place(key.span()));
            }
            ("owner", DeValue::Array(_)) => top.owners = tables(file, table, "owner", spec::OWNER, out),
            ("mount", DeValue::Array(_)) => top.mounts = tables(file, table, "mount", spec::MOUNT, out),
            ("site", DeValue::Array(items)) => {
                for item in items.iter() {
                    let DeValue::Table(t) = item.get_ref() else {
                        wrong("tables", out);
                        continue;
                    };
                    let place = item_place(file, item.span());
                    let id = t.iter().find(|(k, _)| k.get_ref() == "id").and_then(|(_, v)| v.get_ref().as_str());
                    let Some(id) = id else {
                        out.push(Diagnostic::error("config.missing").at(place).arg("key", "id").arg("what", "[[site]]"));
                        continue;
                    };
                    let id = id.to_owned();
                    if let Some(other) = top.sites.iter().find(|s| s.id == id) {
                        let d = Diagnostic::error("config.two-sites").at(place).arg("site", &id);
                        out.push(d.also(other.place.clone()));
                        continue;
                    }
                    top.sites.push(read_site(file, t, "site", id, place, out));
                }
            }
            ("platform" | "defaults" | "tiers" | "deploy" | "domains", _) => wrong("table", out),
            ("owner" | "mount" | "site", _) => wrong("tables", out),
            _ => out.push(
                Diagnostic::error("config.unknown-key").at(file.place(key.span())).arg("key", name).nearest(name, KEYS.iter().copied()),
            ),
        }
    }
}

/// The rows of `[[key]]`, by the general reader.
fn tables(file: &File, table: &DeTable<'_>, key: &'static str, specs: &'static [spec::Spec], out: &mut Vec<Diagnostic>) -> Vec<Node> {
    let Some((_, value)) = table.iter().find(|(k, _)| k.get_ref() == key) else { return Vec::new() };
    let DeValue::Array(items) = value.get_ref() else { return Vec::new() };
    let mut nodes = Vec::new();
    for item in items.iter() {
        if let DeValue::Table(t) = item.get_ref() {
            let mut node = read(file, t, specs, key, false, &[], out);
            node.place = Some(item_place(file, item.span()));
            nodes.push(node);
        }
    }
    nodes
}

fn item_place(file: &File, span: std::ops::Range<usize>) -> Place {
    let end = file.text.get(span.clone()).and_then(|t| t.find('\n')).map_or(span.end, |i| span.start + i);
    file.place(span.start..end)
}

fn only<'t>(table: &DeTable<'t>, keys: &[&str]) -> DeTable<'t> {
    table.iter().filter(|(k, _)| keys.contains(&k.get_ref().as_ref())).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// `within`: `site` for a `[[site]]`, nothing for a file of its own.
fn read_site(file: &File, table: &DeTable<'_>, within: &str, id: String, place: Place, out: &mut Vec<Diagnostic>) -> Raw {
    let before = out.len();
    if !check::is_site_id(&id) {
        out.push(Diagnostic::error("config.site-id").at(place.clone()).arg("site", &id).site(&id.as_str().into()));
    }
    let mut node = read(file, table, spec::SITE, within, false, &["id", "children"], out);
    node.place = Some(place.clone());
    let mut children = Node::default();
    if let Some((_, value)) = table.iter().find(|(k, _)| k.get_ref() == "children") {
        match value.get_ref() {
            DeValue::Table(t) => {
                children = read(file, t, spec::SITE, "children", true, &[], out);
                // An overlay shows one place's character: it is not inherited (D6).
                if let Some(theme) = children.values.remove("theme") {
                    out.push(Diagnostic::error("config.not-handed-down").at(theme.place).arg("key", "children.theme"));
                }
            }
            other => out.push(
                Diagnostic::error("config.type")
                    .at(file.place(value.span()))
                    .arg("key", "children")
                    .arg("expected", "table")
                    .arg("found", other.type_str()),
            ),
        }
    }
    let broken = out[before..].iter().any(Diagnostic::is_error);
    Raw { id, node, children, place, broken, partial: false }
}

fn read_site_files(root: &Path, sites: &mut Vec<Raw>, out: &mut Vec<Diagnostic>, fatal: &mut bool) {
    let Ok(entries) = std::fs::read_dir(root.join("sites")) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    for path in paths {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("sites/{id}.toml");
        if let Some(other) = sites.iter().find(|s| s.id == id) {
            out.push(Diagnostic::error("config.two-sites").at(Place::file(&*name)).arg("site", &id).also(other.place.clone()));
            *fatal = true;
            continue;
        }
        let bad = |d: Diagnostic, out: &mut Vec<Diagnostic>, sites: &mut Vec<Raw>| {
            out.push(d);
            let place = Place::file(&*name);
            sites.push(Raw { id: id.clone(), node: Node::default(), children: Node::default(), place, broken: true, partial: true });
        };
        if !path.is_file() {
            continue;
        }
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) => {
                bad(Diagnostic::error("config.unreadable").at(Place::file(&*name)).arg("problem", e), out, sites);
                continue;
            }
        };
        let mut found = Vec::new();
        let Some(text) = text(&name, &bytes, &mut found) else {
            for d in found {
                bad(d, out, sites);
            }
            continue;
        };
        let file = File { name: name.as_str().into(), text: &text };
        let (table, good) = file.parse(out);
        let mut raw = read_site(&file, table.get_ref(), "", id.clone(), Place::file(&*name), out);
        if let Some((key, _)) = table.get_ref().iter().find(|(k, _)| k.get_ref() == "id") {
            out.push(Diagnostic::warning("config.id-is-file").at(file.place(key.span())).arg("site", &id));
        }
        (raw.broken, raw.partial) = (raw.broken || !good, !good);
        sites.push(raw);
    }
}

fn assemble(root: &Path, mut top: Root, out: &mut Vec<Diagnostic>) -> Option<Platform> {
    let before = out.len();
    top.sites.sort_by(|a, b| a.id.cmp(&b.id));
    let name: Arc<str> = match top.platform.text("name") {
        Some(name) => name.into(),
        None => {
            let place = top.platform.place.clone().unwrap_or(Place::file("sites.toml"));
            out.push(Diagnostic::error("config.missing").at(place).arg("key", "name").arg("what", "[platform]"));
            "".into()
        }
    };
    let zone_name = top.platform.text("time_zone").unwrap_or("Asia/Shanghai").to_owned();
    let zone = TimeZone::get(&zone_name).unwrap_or_else(|_| {
        let place = top.platform.place_of("time_zone").unwrap_or(Place::file("sites.toml"));
        out.push(Diagnostic::error("config.time-zone").at(place).arg("zone", &zone_name));
        TimeZone::UTC
    });
    if top.sites.is_empty() {
        out.push(Diagnostic::error("config.no-sites").at(Place::file("sites.toml")));
    }
    if top.sites.len() > u16::MAX as usize {
        out.push(Diagnostic::error("config.too-many-sites").at(Place::file("sites.toml")).arg("count", top.sites.len()));
        return None;
    }
    let mut tiers = BTreeMap::new();
    for (id, (own, handed)) in &top.tiers {
        let place = own.place.clone().unwrap_or(Place::file("sites.toml"));
        let Some(theme) = handed.text("theme") else {
            out.push(Diagnostic::error("config.tier-theme").at(place).arg("tier", id));
            continue;
        };
        let label = own.text("label").unwrap_or(id).into();
        let labels = below(&own.values, "names.").map(|(k, v)| (k.to_owned(), v.as_str().unwrap_or("").to_owned())).collect();
        let identity = asked(own, &place, out);
        tiers.insert(id.as_str().into(), Tier { id: id.as_str().into(), label, labels, theme: theme.into(), identity });
    }
    let parents = check::parents(&mut top.sites, out)?;
    let language = top.platform.text("language").unwrap_or("zh-Hans").to_owned();

    // Lay the layers over each other, site by site.
    let mut merged: Vec<Node> = Vec::new();
    for at in 0..top.sites.len() {
        let site = &top.sites[at];
        let mut ancestors = Vec::new();
        let mut up = parents[at];
        while let Some(p) = up {
            ancestors.push(p.index());
            up = parents[p.index()];
        }
        let mut layers = vec![&top.defaults];
        let tier = site.node.text("tier").unwrap_or_default();
        let empty = Node::default();
        layers.push(top.tiers.get(tier).map_or(&empty, |t| &t.1));
        layers.extend(ancestors.iter().rev().map(|a| &top.sites[*a].children));
        layers.push(&site.node);
        let mut found = Vec::new();
        let mut node = merge(&layers, &mut found);
        node.values.entry("language".into()).or_insert_with(|| Setting {
            value: Json::String(language.clone()),
            place: top.platform.place_of("language").unwrap_or(Place::file("sites.toml")),
        });
        for d in &mut found {
            d.site = Some(site.id.as_str().into());
        }
        let broken = !found.is_empty();
        out.extend(found);
        top.sites[at].broken |= broken;
        merged.push(node);
    }

    let mut languages: Vec<Arc<str>> = merged.iter().flat_map(check::languages_of).map(Arc::from).collect();
    languages.push(language.as_str().into());
    languages.sort();
    languages.dedup();
    if languages.len() > 200 {
        out.push(Diagnostic::error("config.too-many-languages").at(Place::file("sites.toml")));
        return None;
    }
    let ids: Vec<Arc<str>> = top.sites.iter().map(|s| s.id.as_str().into()).collect();
    let mut sites = Vec::new();
    for (at, node) in merged.into_iter().enumerate() {
        let raw = &top.sites[at];
        let context = check::Context { ids: &ids, tiers: &tiers, languages: &languages, zone: &zone };
        sites.push(check::site(raw, node, parents[at], &context, out));
    }
    // A site below a broken one is broken too: what it was handed down cannot be trusted.
    for at in 0..sites.len() {
        let mut up = parents[at];
        while let Some(p) = up {
            if sites[p.index()].broken {
                sites[at].broken = true;
            }
            up = parents[p.index()];
        }
    }
    check::hosts(&sites, out);
    let find = |id: &str| ids.binary_search_by(|s| (**s).cmp(id)).ok().map(|i| SiteId(i as u16));
    let owners = owners(&top.owners, &ids, &find, out);
    let mounts = mounts(root, &top.mounts, &owners, out);
    let pictures = pictures(&top.pictures, out);
    let output = root.join(top.platform.text("output").unwrap_or("public"));
    let deploy = deploy::check(root, &output, &top.deploy, out);
    // What came out of sites.toml itself, or concerns the fleet, stops everything.
    let fatal = out[before..].iter().any(|d| d.is_error() && check::stops_all(d));
    let date_from_name = top.platform.values.get("date_from_name").is_none_or(|s| s.value == true);
    let (domains, default_target) = (top.domains, top.defaults.text("domain.target").map(Arc::from));
    let root = root.to_owned();
    (!fatal).then_some(Platform {
        root,
        date_from_name,
        name,
        zone,
        output,
        languages,
        tiers,
        sites,
        owners,
        mounts,
        pictures,
        deploy,
        domains,
        default_target,
    })
}

fn asked(tier: &Node, place: &Place, out: &mut Vec<Diagnostic>) -> Asked {
    match tier.text("identity").unwrap_or("expected") {
        "required" => Asked::Required,
        "expected" => Asked::Expected,
        "optional" => Asked::Optional,
        other => {
            let at = tier.place_of("identity").unwrap_or(place.clone());
            let d = Diagnostic::error("config.value").at(at).arg("key", "identity").arg("value", other);
            out.push(d.arg("allowed", "required, expected, optional").nearest(other, ["required", "expected", "optional"]));
            Asked::Expected
        }
    }
}

fn owners(nodes: &[Node], ids: &[Arc<str>], find: &impl Fn(&str) -> Option<SiteId>, out: &mut Vec<Diagnostic>) -> Vec<Owner> {
    let mut owners: Vec<Owner> = Vec::new();
    for node in nodes {
        let place = node.place.clone().unwrap_or(Place::file("sites.toml"));
        let Some(id) = node.text("id") else {
            out.push(Diagnostic::error("config.missing").at(place).arg("key", "id").arg("what", "[[owner]]"));
            continue;
        };
        if owners.iter().any(|o| &*o.id == id) {
            out.push(Diagnostic::error("config.two-owners").at(place).arg("owner", id));
            continue;
        }
        let wanted = node.text("home").unwrap_or(id);
        let home = find(wanted);
        if home.is_none() && !wanted.is_empty() {
            let at = node.place_of("home").unwrap_or(place.clone());
            let d = Diagnostic::error("config.unknown-site").at(at).arg("site", wanted);
            out.push(d.nearest(wanted, ids.iter().map(|s| &**s)));
        }
        let hosts = node.texts("html_hosts");
        let html = match node.text("html").unwrap_or("clean") {
            "none" => HtmlRule::None,
            "clean" => HtmlRule::Clean,
            "embed" => HtmlRule::Embed(hosts),
            other => {
                let at = node.place_of("html").unwrap_or(place);
                let d = Diagnostic::error("config.value").at(at).arg("key", "owner.html").arg("value", other);
                out.push(d.arg("allowed", "none, clean, embed").nearest(other, ["none", "clean", "embed"]));
                HtmlRule::Clean
            }
        };
        let dead = node.text("dead_links").unwrap_or("error");
        if !matches!(dead, "error" | "keep") {
            let at = node.place_of("dead_links").unwrap_or(Place::file("sites.toml"));
            let d = Diagnostic::error("config.value").at(at).arg("key", "owner.dead_links").arg("value", dead);
            out.push(d.arg("allowed", "error, keep").nearest(dead, ["error", "keep"]));
        }
        let attachments = node.texts("attachments").iter().map(|e| e.trim_start_matches('.').to_lowercase()).collect();
        owners.push(Owner { id: id.into(), home, html, keep_dead_links: dead == "keep", attachments });
    }
    for (at, id) in ids.iter().enumerate() {
        if !owners.iter().any(|o| o.id == *id) {
            owners.push(Owner {
                id: id.clone(),
                home: Some(SiteId(at as u16)),
                html: HtmlRule::Clean,
                keep_dead_links: false,
                attachments: Vec::new(),
            });
        }
    }
    owners.sort_by(|a, b| a.id.cmp(&b.id));
    owners
}

fn mounts(root: &Path, nodes: &[Node], owners: &[Owner], out: &mut Vec<Diagnostic>) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for node in nodes {
        let place = node.place.clone().unwrap_or(Place::file("sites.toml"));
        let missing = |key: &str| Diagnostic::error("config.missing").at(place.clone()).arg("key", key).arg("what", "[[mount]]");
        let (Some(path), Some(owner)) = (node.text("path"), node.text("owner")) else {
            for key in ["path", "owner"] {
                if node.text(key).is_none() {
                    out.push(missing(key));
                }
            }
            continue;
        };
        if !owners.iter().any(|o| &*o.id == owner) {
            let at = node.place_of("owner").unwrap_or(place.clone());
            let d = Diagnostic::error("config.unknown-owner").at(at).arg("owner", owner);
            out.push(d.nearest(owner, owners.iter().map(|o| &*o.id)));
        }
        if !root.join(path).is_dir() {
            let at = node.place_of("path").unwrap_or(place.clone());
            out.push(Diagnostic::error("config.no-folder").at(at).arg("path", path));
        }
        let metadata = node.text("metadata");
        if let Some(file) = metadata
            && !root.join(file).is_file()
        {
            let at = node.place_of("metadata").unwrap_or(place.clone());
            out.push(Diagnostic::error("config.no-file").at(at).arg("path", file));
        }
        let pairs = |node: &Node, prefix: &str| -> Vec<(String, Json)> {
            below(&node.values, prefix).map(|(k, v)| (k.to_owned(), v.clone())).collect()
        };
        mounts.push(Mount {
            path: root.join(path),
            display: path.trim_end_matches('/').into(),
            owner: owner.into(),
            column: node.text("column").map(|c| c.trim_matches('/').into()),
            metadata: metadata.map(|m| root.join(m)),
            metadata_display: metadata.unwrap_or_default().into(),
            fields: below(&node.values, "fields.").map(|(k, v)| (k.to_owned(), v.as_str().unwrap_or_default().to_owned())).collect(),
            set: pairs(node, "set."),
            version_key: node.text("version_key").map(str::to_owned),
            rules: node.list("rule").iter().map(|r| MountRule { when: pairs(r, "if."), set: pairs(r, "set.") }).collect(),
        });
    }
    mounts
}

pub(super) fn language_index(languages: &[Arc<str>], tag: &str) -> Lang {
    Lang(languages.binary_search_by(|l| (**l).cmp(tag)).unwrap_or(0) as u8)
}

/// `[pictures]`: the widths in rising order, each once.
fn pictures(node: &Node, out: &mut Vec<Diagnostic>) -> Pictures {
    let mut pictures = Pictures::default();
    let place = |key: &str| node.place_of(key).unwrap_or(Place::file("sites.toml"));
    let mut wrong = |key: &str, value: u64, allowed: &str| {
        let d = Diagnostic::error("config.value").at(place(key)).arg("key", format!("pictures.{key}"));
        out.push(d.arg("value", value).arg("allowed", allowed));
    };
    if let Some(list) = node.values.get("widths").and_then(|s| s.value.as_array()) {
        pictures.widths.clear();
        for width in list.iter().filter_map(Json::as_u64) {
            match u32::try_from(width) {
                Ok(fits) if (MIN_WIDTH..=MAX_WIDTH).contains(&fits) => pictures.widths.push(fits),
                _ => wrong("widths", width, &format!("{MIN_WIDTH} … {MAX_WIDTH}")),
            }
        }
        pictures.widths.sort_unstable();
        pictures.widths.dedup();
    }
    if let Some(quality) = node.values.get("quality").and_then(|s| s.value.as_u64()) {
        match u8::try_from(quality) {
            Ok(fits) if fits <= 100 => pictures.quality = fits,
            _ => wrong("quality", quality, "1 … 100"),
        }
    }
    if let Some(sizes) = node.text("sizes").filter(|s| !s.is_empty()) {
        pictures.sizes = sizes.into();
    }
    if node.values.get("enabled").is_some_and(|s| s.value == false) {
        pictures.widths.clear();
    }
    pictures
}
