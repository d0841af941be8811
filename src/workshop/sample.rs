//! The sample platform: the tiers, columns, menus and settings of the platform itself, so that every column that a template
//! asks for is there, and in each a few items that are hard on a layout. It lies in a folder of its own while it is looked at.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use toml::{Table, Value};

use super::words;
use crate::base::diag::Diagnostic;
use crate::base::id::{LayerId, SiteId};
use crate::build::front::{Front, Use, themes};
use crate::build::{Silent, machine};
use crate::config::{Platform, Site, is_site_id};
use crate::content::Schemas;
use crate::facts::World;
use crate::route::Moment;
use crate::theme::Layers;
use crate::theme::stack::{block_names, chain_of};

/// A moment after all dates of the samples.
const CLOCK: i64 = 1_798_732_800;
/// Items in a list, so that a handful makes an archive.
const PAGE_SIZE: i64 = 4;
/// A column that stays empty.
const EMPTY: &str = "yangli-kong";
const TOPIC: &str = "yangli-zhuanti";
const PAST_TOPIC: &str = "yangli-jiuti";

/// A layer in a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub tier: Arc<str>,
    /// The theme that the sample site has: the layer, or the standard theme of the tier where the layer lies above that.
    pub theme: Arc<str>,
    pub site: SiteId,
}

pub struct Sample {
    pub world: Arc<World>,
    pub cases: Vec<Case>,
    /// What was said while it was read; what is about the samples themselves is nobody's concern but the tests'.
    pub said: Vec<Diagnostic>,
    /// The files of the samples, as long as they are asked for.
    pub folder: tempfile::TempDir,
}

impl Sample {
    /// A site for each of the layers in each tier that could use it.
    pub fn lay(platform: &Platform, layers: &Layers, chosen: &[LayerId]) -> Result<Sample, Diagnostic> {
        let wanted = wanted(platform, layers, chosen);
        Sample::of(platform, layers, &wanted, None)
    }

    /// One site with the theme and the settings of a site of the platform.
    pub fn of_site(platform: &Platform, layers: &Layers, site: &Site) -> Result<Sample, Diagnostic> {
        Sample::of(platform, layers, &[(site.tier.clone(), site.theme.clone())], Some(&site.id))
    }

    fn of(platform: &Platform, layers: &Layers, wanted: &[(Arc<str>, Arc<str>)], like: Option<&str>) -> Result<Sample, Diagnostic> {
        let folder = tempfile::tempdir().map_err(|e| machine("build.root", &std::env::temp_dir(), e))?;
        let root = folder.path();
        let fault = |e: std::io::Error| machine("build.root", root, e);
        let (settings, ids) = settings(platform, layers, wanted, like);
        std::fs::write(root.join("sites.toml"), toml::to_string(&settings).unwrap_or_default()).map_err(fault)?;
        schemas(&platform.root.join("schemas"), &root.join("schemas")).map_err(fault)?;
        if let Some(samples) = crate::config::load(root).platform {
            let schemas = Schemas::load(&root.join("schemas"), &mut Vec::new());
            for id in &ids {
                if let Some(site) = samples.find_site(id).map(|s| samples.site(s)) {
                    let tags: Vec<String> = site.languages.iter().map(|l| samples.language(*l).to_string()).collect();
                    words::write(root, site, &schemas, &tags, &[EMPTY]).map_err(fault)?;
                }
            }
        }
        let moment = Moment { clock: CLOCK, drafts: false, future: false };
        let front = Front::load(root, moment, Use::Anew, &Silent);
        // Its own folder has no themes: what is said of them is said anew below.
        let mut said: Vec<Diagnostic> = front.diagnostics.into_iter().filter(|d| !d.id.starts_with("theme.")).collect();
        let Some(read) = front.world else {
            return Err(said.into_iter().find(Diagnostic::is_error).unwrap_or_else(|| Diagnostic::error("config.no-sites")));
        };
        let themes = themes(&platform.root, &read.platform, &read.library, &mut said);
        let world = World::new(
            read.platform.clone(),
            read.library.clone(),
            read.routes.clone(),
            read.redirects.clone(),
            read.pictures.clone(),
            themes.into(),
            moment,
        );
        let find = |((tier, theme), id): (&(Arc<str>, Arc<str>), &String)| {
            Some(Case { tier: tier.clone(), theme: theme.clone(), site: world.platform.find_site(id)? })
        };
        let cases = wanted.iter().zip(&ids).filter_map(find).collect();
        Ok(Sample { world: Arc::new(world), cases, said, folder })
    }
}

/// Tier and theme of each site that is needed, each once.
fn wanted(platform: &Platform, layers: &Layers, chosen: &[LayerId]) -> Vec<(Arc<str>, Arc<str>)> {
    let mut all: BTreeSet<(Arc<str>, Arc<str>)> = BTreeSet::new();
    for layer in chosen {
        let name = &layers.get(*layer).name;
        let chain = chain_of(layers, *layer);
        let before = all.len();
        for (id, tier) in &platform.tiers {
            let Some(standard) = layers.find(&tier.theme) else { continue };
            if chain.contains(&standard) {
                all.insert((id.clone(), name.clone()));
            } else if chain_of(layers, standard).contains(layer) {
                all.insert((id.clone(), tier.theme.clone()));
            }
        }
        // No tier of the platform leads to it: it is looked at by itself.
        if all.len() == before && !all.iter().any(|(_, theme)| theme == name) {
            all.insert((format!("yangli-{name}").into(), name.clone()));
        }
    }
    all.into_iter().collect()
}

/// The platform's tiers and defaults, and in each tier a site like one of the platform; with the ids of the sites.
fn settings(platform: &Platform, layers: &Layers, wanted: &[(Arc<str>, Arc<str>)], like: Option<&str>) -> (Table, Vec<String>) {
    let file = table(&platform.root.join("sites.toml"));
    let mut out = Table::new();
    let mut head = Table::new();
    for key in ["name", "language", "time_zone"] {
        if let Some(value) = file.get("platform").and_then(|p| p.get(key)) {
            head.insert(key.to_owned(), value.clone());
        }
    }
    out.insert("platform".to_owned(), head.into());
    let mut defaults = file.get("defaults").and_then(Value::as_table).cloned().unwrap_or_default();
    clean(&mut defaults);
    menus(&mut defaults);
    out.insert("defaults".to_owned(), defaults.into());
    let mut tiers = file.get("tiers").and_then(Value::as_table).cloned().unwrap_or_default();
    clean(&mut tiers);
    let mut sites = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for (tier, theme) in wanted {
        if !tiers.contains_key(&**tier) {
            let mut table = Table::new();
            table.insert("theme".to_owned(), Value::from(&**theme));
            tiers.insert(tier.to_string(), table.into());
        }
        let (id, site) = site(platform, layers, &file, tier, theme, like, &ids);
        ids.push(id);
        sites.push(Value::from(site));
    }
    out.insert("tiers".to_owned(), tiers.into());
    out.insert("site".to_owned(), sites.into());
    (out, ids)
}

fn table(file: &Path) -> Table {
    std::fs::read_to_string(file).ok().and_then(|t| t.parse().ok()).unwrap_or_default()
}

/// Takes out what speaks of sites and items that the samples do not have.
fn clean(table: &mut Table) {
    for key in ["accept", "place", "select", "children"] {
        table.remove(key);
    }
    for (_, value) in table.iter_mut() {
        match value {
            Value::Table(inner) => clean(inner),
            Value::Array(all) => {
                all.retain(|v| !(v.get("site").is_some() || v.get("item").is_some_and(|i| i.is_str())));
                all.iter_mut().filter_map(Value::as_table_mut).for_each(clean);
            }
            _ => {}
        }
    }
}

/// Menus that standard templates ask for, where nobody has written them.
fn menus(defaults: &mut Table) {
    let known: Vec<String> = defaults
        .get("menu")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|m| m.get("id")?.as_str().map(str::to_owned))
        .collect();
    let mut all = defaults.remove("menu").and_then(|m| m.as_array().cloned()).unwrap_or_default();
    for (id, name) in [("services", "便民服务"), ("links", "友情链接"), ("footer", "页脚")] {
        if known.iter().any(|k| k == id) {
            continue;
        }
        let item =
            |name: &str, url: &str| Value::from(Table::from_iter([("name".to_owned(), name.into()), ("url".to_owned(), url.into())]));
        let items = vec![item("办事指南", "/"), item("一个名称很长很长很长的办事入口", "https://www.example.com/"), item("表格", "/")];
        let menu = Table::from_iter([("id".to_owned(), id.into()), ("name".to_owned(), name.into()), ("item".to_owned(), items.into())]);
        all.push(menu.into());
    }
    defaults.insert("menu".to_owned(), all.into());
}

/// The table of a site of the platform that has the theme, else one of its tier.
fn representative(platform: &Platform, file: &Table, tier: &str, theme: &str, like: Option<&str>) -> (Table, Option<String>) {
    let named = like.and_then(|id| platform.find_site(id)).map(|s| platform.site(s));
    let of_theme = || platform.sites.iter().find(|s| *s.theme == *theme && *s.tier == *tier);
    let Some(found) = named.or_else(of_theme).or_else(|| platform.sites.iter().find(|s| *s.tier == *tier)) else {
        return (Table::new(), None);
    };
    let inline = file.get("site").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    let inline = inline.into_iter().find(|t| t.get("id").and_then(Value::as_str) == Some(&*found.id)).cloned();
    let own = inline.unwrap_or_else(|| table(&platform.root.join("sites").join(format!("{}.toml", found.id))));
    // What one site lays over the tokens of its theme is not the layer's doing, unless it is asked for.
    let mut own = own;
    if like.is_none() {
        own.remove("tokens");
    }
    (own, found.languages.first().map(|l| platform.language(*l).to_string()))
}

fn site(
    platform: &Platform,
    layers: &Layers,
    file: &Table,
    tier: &str,
    theme: &str,
    like: Option<&str>,
    taken: &[String],
) -> (String, Table) {
    let (mut site, language) = representative(platform, file, tier, theme, like);
    clean(&mut site);
    for key in ["id", "hosts", "aliases", "parent", "redirects", "children", "language", "noindex", "outputs"] {
        site.remove(key);
    }
    let plain = format!("{theme}-{tier}").replace(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()), "-");
    let id = if is_site_id(&plain) && !taken.contains(&plain) { plain } else { format!("s{}", taken.len()) };
    let label = layers.find(theme).map_or(theme, |l| &layers.get(l).label);
    let text = |v: &str| Value::from(v);
    let default = language.unwrap_or_else(|| "zh-Hans".to_owned());
    let further = ["zh-Hans", "en", "za", "ug"].into_iter().filter(|l| *l != default).map(text);
    site.insert("languages".to_owned(), std::iter::once(text(&default)).chain(further).collect::<Vec<_>>().into());
    site.insert("id".to_owned(), text(&id));
    site.entry("name").or_insert_with(|| format!("样例市人民政府（{label}）").into());
    site.insert("names".to_owned(), names().into());
    site.insert("tier".to_owned(), text(tier));
    site.insert("theme".to_owned(), text(theme));
    site.insert("hosts".to_owned(), vec![text(&format!("{id}.example"))].into());
    site.insert("page_size".to_owned(), PAGE_SIZE.into());
    let identity = site.entry("identity").or_insert_with(|| Table::new().into());
    if let Value::Table(identity) = identity {
        for (key, value) in words::IDENTITY {
            identity.entry(*key).or_insert_with(|| text(value));
        }
    }
    let mut columns = site.remove("column").and_then(|c| c.as_array().cloned()).unwrap_or_default();
    let column = |id: &str, name: &str| Table::from_iter([("id".to_owned(), text(id)), ("name".to_owned(), text(name))]);
    columns.push(column(EMPTY, "空栏目").into());
    for (id, state) in [(TOPIC, "open"), (PAST_TOPIC, "archived")] {
        let mut topic = column(id, if state == "open" { "专题样例" } else { "往期专题样例" });
        topic.insert("topic".to_owned(), Table::from_iter([("state".to_owned(), text(state))]).into());
        topic.insert("description".to_owned(), text("集中展示一项工作的背景、进展和成果。"));
        columns.push(topic.into());
    }
    site.insert("column".to_owned(), columns.into());
    if let Some(blocks) = home(layers, file, tier, theme, &site) {
        site.insert("home".to_owned(), blocks.into());
    }
    (id, site)
}

/// The blocks of the home page as they are listed, and then those that the stack has and nobody lists. `None`: it has none.
fn home(layers: &Layers, file: &Table, tier: &str, theme: &str, site: &Table) -> Option<Vec<Value>> {
    let chain = chain_of(layers, layers.find(theme)?);
    let known = block_names(layers, &chain);
    let of_tier = || file.get("tiers").and_then(|t| t.get(tier)).and_then(|t| t.get("home"));
    let listed = site.get("home").or_else(of_tier).or_else(|| file.get("defaults").and_then(|d| d.get("home")));
    let block = |name: &str| Table::from_iter([("block".to_owned(), Value::from(name))]);
    let of_theme = || {
        let blocks = chain.iter().find_map(|l| layers.get(*l).home.as_ref()).into_iter().flatten();
        let set = |b: &crate::config::site::Block| {
            let mut table = block(&b.name);
            table.extend(b.settings.iter().filter_map(|(k, v)| Some((k.clone(), Value::try_from(v).ok()?))));
            Value::from(table)
        };
        blocks.map(set).collect()
    };
    let mut all: Vec<Value> = listed.and_then(Value::as_array).cloned().unwrap_or_else(of_theme);
    let named: Vec<String> = all.iter().filter_map(|v| v.as_str().or_else(|| v.get("block")?.as_str()).map(str::to_owned)).collect();
    all.extend(known.iter().filter(|k| !named.iter().any(|n| n == *k)).map(|k| Value::from(block(k))));
    (!all.is_empty()).then_some(all)
}

/// A name in each language, so that a page in one does not show another.
fn names() -> Table {
    let all = [("en", "The People's Government of Sample City"), ("za", "Yinzminz Cwngfuj Sijsi"), ("ug", "ئۈلگە شەھەرلىك خەلق ھۆكۈمىتى")];
    all.into_iter().map(|(lang, name)| (lang.to_owned(), Value::from(name))).collect()
}

fn schemas(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)?.flatten().filter(|f| f.path().is_file()) {
        std::fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
