//! `banyan explain` (D20): where a setting comes from; where an item is shown, and why, or why not; what a page is made from.

mod page;

use clap::Subcommand;
use serde_json::{Value as Json, json};

use crate::base::diag::Diagnostic;
use crate::base::id::{ArticleId, SiteId};
use crate::build::{Front, Outcome, Silent, Use};
use crate::cli::{Common, Format, Io, Time, human, moment};
use crate::config::Platform;
use crate::config::spec::{COLUMN, Kind, SITE};
use crate::content::article::Phase;
use crate::facts::World;
use crate::route::{How, Refusal};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The effective value of every setting of a site, and the file and line each comes from
    Site { id: String },
    /// The sites and columns that show an item, and why; the sites that do not, and why not
    Item {
        /// A file below content/, or id:…
        item: String,
        #[command(flatten)]
        time: Time,
    },
    /// What a page is made from: its templates and blocks by layer and line, what it read, and whether that changed
    Page {
        /// Its address, or site/path
        url: String,
        #[command(flatten)]
        time: Time,
    },
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    match &args.what {
        What::Site { id } => site(id, common, io),
        What::Page { url, time } => page::page(url, time, common, io),
        What::Item { item: reference, time } => {
            let moment = moment(time, &common.root, io)?;
            let front = Front::load(&common.root, moment, Use::Look, &Silent);
            let Some(world) = front.world else {
                human::findings(&front.diagnostics, common, io);
                return Ok(Outcome::Refused);
            };
            let own: Vec<Diagnostic> = item(&world, reference, common, io, &front.diagnostics)?;
            human::findings(&own, common, io);
            Ok(Outcome::Good)
        }
    }
}

fn shown(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn site(id: &str, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    let Some(found) = platform.find_site(id) else {
        return Err(Diagnostic::error("config.unknown-site").arg("site", id).nearest(id, platform.sites.iter().map(|s| &*s.id)));
    };
    let rows = settings(&platform, found);
    if common.format != Format::Human {
        let list: Vec<Json> = rows.iter().map(|(k, v, p)| json!({ "setting": k, "value": v, "place": p })).collect();
        io.print(format!("{}\n", serde_json::to_string_pretty(&list).unwrap_or_default()));
        return Ok(Outcome::Good);
    }
    let wide = rows.iter().map(|(k, ..)| k.chars().count()).max().unwrap_or(0).min(40);
    for (key, value, place) in rows {
        io.print(format!("{key:wide$}  {}   # {place}\n", shown(&value)));
    }
    Ok(Outcome::Good)
}

/// The header of a table is no setting; what stands in it is.
fn is_section(key: &str) -> bool {
    SITE.iter().any(|s| s.key == key && matches!(s.kind, Kind::Section(_)))
}

/// Every setting of a site: what is set with its place, what is not with its default.
fn settings(platform: &Platform, id: SiteId) -> Vec<(String, Json, String)> {
    let site = platform.site(id);
    let mut rows: Vec<(String, Json, String)> =
        site.settings.iter().filter(|(k, _)| !is_section(k)).map(|(k, s)| (k.clone(), s.value.clone(), s.place.to_string())).collect();
    let tier = platform.tiers.get(&site.tier);
    let defaults: [(&str, Json, &str); 9] = [
        ("theme", json!(&*site.theme), "tier"),
        ("scheme", json!("https"), "default"),
        ("permalink", json!("/:column/:year/:slug.html"), "default"),
        ("page_size", json!(site.page_size), "default"),
        ("feed_size", json!(site.feed_size), "default"),
        ("related", json!(site.related), "default"),
        ("short_name", json!(&*site.short_name), "default: name"),
        ("languages", json!(site.languages.iter().map(|l| &**platform.language(*l)).collect::<Vec<_>>()), "default: language"),
        ("noindex", json!(site.noindex), "default"),
    ];
    for (key, value, from) in defaults {
        if !site.settings.contains_key(key) {
            let from = if from == "tier" { format!("tiers.{}", tier.map_or("", |t| &t.id)) } else { from.to_owned() };
            rows.push((key.to_owned(), value, from));
        }
    }
    // The rest of the table: known, and not set.
    for spec in SITE {
        let set = rows.iter().any(|(k, ..)| k == spec.key || k.starts_with(&format!("{}.", spec.key)));
        let list = matches!(spec.kind, Kind::Tables(_) | Kind::Blocks);
        if !set && !list {
            rows.push((spec.key.to_owned(), Json::Null, "not set".to_owned()));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    for column in &site.columns {
        for spec in COLUMN.iter().filter(|s| s.key != "id") {
            let mine = column.settings.iter().filter(|(k, _)| *k == spec.key || k.starts_with(&format!("{}.", spec.key)));
            let mine: Vec<_> = mine.collect();
            // `topic = {}` says something, the header above `topic.state` does not.
            let headed = mine.len() > 1 && matches!(spec.kind, Kind::Section(_));
            for (key, setting) in mine.into_iter().filter(|(k, _)| !headed || *k != spec.key) {
                rows.push((format!("column {} {key}", column.id), setting.value.clone(), setting.place.to_string()));
            }
        }
    }
    for block in site.home.iter().flatten() {
        rows.push(("home".to_owned(), json!({ "block": &*block.name, "settings": block.settings }), block.place.to_string()));
    }
    for rule in &site.accepts {
        let to = rule.to.map(|c| site.column(c).id.to_string());
        let under = rule.under.map(|s| platform.site(s).id.to_string());
        let value =
            json!({ "from": rule.from, "under": under, "category": rule.category, "column": rule.column, "to": to, "weight": rule.weight });
        rows.push(("accept".to_owned(), value, rule.at.to_string()));
    }
    for place in &site.places {
        rows.push(("place".to_owned(), json!({ "item": place.item, "column": &*site.column(place.column).id }), place.at.to_string()));
    }
    for menu in &site.menus {
        for item in &menu.items {
            rows.push((format!("menu {}", menu.id), json!(item.name.as_deref()), item.at.to_string()));
        }
    }
    rows
}

/// A file as a user types it, a content path, or `id:…`.
fn find(world: &World, reference: &str) -> Option<ArticleId> {
    let (platform, library) = (&world.platform, &world.library);
    let plain = reference.trim_start_matches("./");
    let root = platform.root.join("");
    let plain = std::path::Path::new(plain).strip_prefix(&root).map_or(plain.into(), |p| p.to_string_lossy());
    let below = plain.strip_prefix("content/").unwrap_or(&plain);
    library.resolve(below, None).or_else(|| library.ids().find(|a| *library.file_name(platform, library.get(*a)) == *plain))
}

fn item(world: &World, reference: &str, common: &Common, io: &mut Io, all: &[Diagnostic]) -> Result<Vec<Diagnostic>, Diagnostic> {
    let (platform, library, routes) = (&world.platform, &world.library, &world.routes);
    let Some(id) = find(world, reference) else {
        return Err(Diagnostic::error("cli.no-item").arg("item", reference));
    };
    let a = library.get(id);
    let place = library.place(platform, id);
    let said: Vec<Diagnostic> = all
        .iter()
        .filter(|d| d.place.as_ref().is_some_and(|p| p.file == place.file && (place.line == 0 || p.line == place.line)))
        .cloned()
        .collect();
    let zh = io.is_chinese();
    let date = |s: Option<i64>| s.map_or_else(|| "-".to_owned(), |s| crate::base::date::Date::moment(s).display(&platform.zone));
    let phase = world.moment.phase(a);
    let state = match (phase, a.bad, zh) {
        (Phase::Draft, _, false) => "a draft: shown nowhere".to_owned(),
        (Phase::Draft, _, true) => "草稿：不显示".to_owned(),
        (Phase::Scheduled, _, false) => format!("shows from {} on", date(a.publish())),
        (Phase::Scheduled, _, true) => format!("{} 起显示", date(a.publish())),
        (Phase::Expired, _, false) => format!("expired on {}", date(a.expiry())),
        (Phase::Expired, _, true) => format!("{} 已过期", date(a.expiry())),
        (Phase::Live, true, false) => "has errors: shown nowhere, its home site keeps its last output".to_owned(),
        (Phase::Live, true, true) => "有错误：不显示，所属站点保留上次输出".to_owned(),
        (Phase::Live, false, false) => "live".to_owned(),
        (Phase::Live, false, true) => "已发布".to_owned(),
    };
    let canonical = routes.canonical(id);
    let mut rows = Vec::new();
    for site in platform.site_ids() {
        let s = platform.site(site);
        let here: Vec<_> = routes.site(site).placements.iter().filter(|p| p.article == id).collect();
        for p in &here {
            let url = if p.primary { routes.path(platform, library, site, id).map(|u| format!("{}{u}", s.url)) } else { None };
            let how = match (p.how, zh) {
                (How::Own, false) => "own",
                (How::Own, true) => "本站",
                (How::Pushed, false) => "pushed, accepted",
                (How::Pushed, true) => "推送，已接收",
                (How::Pulled, false) => "pulled",
                (How::Pulled, true) => "本站引用",
            };
            rows.push((s.id.clone(), s.column(p.column).id.to_string(), how, url, p.primary && canonical == Some(site)));
        }
        if here.is_empty()
            && let Some(refusal) = crate::route::refusal(platform, library, a, site).filter(|r| *r != Refusal::NotAsked)
        {
            let why = match (refusal, zh) {
                (Refusal::NotAccepted, false) => "pushed, but no accept rule of the site lets it in",
                (Refusal::NotAccepted, true) => "已推送，但该站点没有接收规则放行",
                (Refusal::NoColumn, false) => "accepted, but the site has no column for it",
                (Refusal::NoColumn, true) => "已接收，但该站点没有对应栏目",
                (Refusal::Language, false) => "the site does not have its language",
                (Refusal::Language, true) => "该站点没有此语言",
                (Refusal::NotAsked, _) => "",
            };
            rows.push((s.id.clone(), "-".to_owned(), why, None, false));
        }
    }
    if common.format != Format::Human {
        let list: Vec<Json> = rows
            .iter()
            .map(|(site, column, why, url, canonical)| json!({ "site": &**site, "column": column, "why": why, "url": url, "canonical": canonical }))
            .collect();
        let json =
            json!({ "id": &*a.card.id, "title": &*library.details(a).title, "file": place.to_string(), "state": state, "places": list });
        io.print(format!("{}\n", serde_json::to_string_pretty(&json).unwrap_or_default()));
        return Ok(said);
    }
    io.print(format!("{}\n{place}  id:{}  {}  {state}\n", library.details(a).title, a.card.id, library.schemas.get(a.card.category).id));
    for (site, column, why, url, canonical) in rows {
        let mark = match (canonical, zh) {
            (false, _) => "",
            (true, false) => "  (canonical)",
            (true, true) => "  （规范地址）",
        };
        io.print(format!("  {site}  {column}  {why}{}{mark}\n", url.map(|u| format!("  {u}")).unwrap_or_default()));
    }
    Ok(said)
}
