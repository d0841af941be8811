//! `banyan new`: a site, a theme, or an article with every field of its category, ready to be filled in.

use std::fmt::Write;
use std::path::Path;

use clap::Subcommand;

use super::init::write_file;
use super::{Common, Io, human};
use crate::base::date::Date;
use crate::base::diag::Diagnostic;
use crate::base::{id, path};
use crate::build::Outcome;
use crate::config::{Platform, Site};
use crate::content::{Category, Field, FieldType, Schemas};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// sites/ID.toml
    Site {
        id: String,
        /// Level: a key of [tiers]
        #[arg(long)]
        tier: String,
        /// Id of the parent site
        #[arg(long)]
        parent: Option<String>,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        host: Option<String>,
    },
    /// themes/NAME: the smallest layer that works
    Theme {
        name: String,
        /// The theme above: a standard one, or another layer
        #[arg(long)]
        extends: String,
        /// Id of the site that is to use it
        #[arg(long)]
        site: Option<String>,
    },
    /// content/SITE/COLUMN/YEAR/NAME.md
    Article {
        title: String,
        /// Owner: a site id
        #[arg(long)]
        site: String,
        /// Column; default: the first whose items are of the category
        #[arg(long)]
        column: Option<String>,
        /// Category; default: that of the column
        #[arg(long)]
        category: Option<String>,
        /// A folder of its own, for attachments
        #[arg(long)]
        bundle: bool,
        /// File name without ending; default: from the title
        #[arg(long)]
        slug: Option<String>,
    },
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    match &args.what {
        What::Site { id, tier, parent, name, host } => site(&platform, id, tier, parent.as_deref(), name.as_deref(), host.as_deref(), io),
        What::Theme { name, extends, site } => super::theme::new::run(&platform, name, extends, site.as_deref(), common, io),
        What::Article { title, site, column, category, bundle, slug } => {
            let mut said = Vec::new();
            let schemas = Schemas::load(&common.root.join("schemas"), &mut said);
            human::findings(&said, common, io);
            let wish = Wish { title, column: column.as_deref(), category: category.as_deref(), bundle: *bundle, slug: slug.as_deref() };
            article(&platform, &schemas, site, &wish, io)
        }
    }
}

/// A TOML or YAML text in double quotes: both read JSON's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn site(
    platform: &Platform,
    id: &str,
    tier: &str,
    parent: Option<&str>,
    name: Option<&str>,
    host: Option<&str>,
    io: &mut Io,
) -> Result<Outcome, Diagnostic> {
    if !crate::config::is_site_id(id) {
        return Err(Diagnostic::error("config.site-id").arg("site", id));
    }
    if !platform.tiers.contains_key(tier) {
        return Err(Diagnostic::error("config.unknown-tier").arg("tier", tier).nearest(tier, platform.tiers.keys().map(|t| &**t)));
    }
    let known = || platform.sites.iter().map(|s| &*s.id);
    if let Some(parent) = parent.filter(|p| platform.find_site(p).is_none()) {
        return Err(Diagnostic::error("config.unknown-site").arg("site", parent).nearest(parent, known()));
    }
    let file = platform.root.join("sites").join(format!("{id}.toml"));
    if file.exists() || platform.find_site(id).is_some() {
        return Err(Diagnostic::error("cli.exists").arg("path", file.display()));
    }
    // A host beside the parent's, else one that exists nowhere.
    let zone = parent.and_then(|p| platform.find_site(p)).and_then(|p| platform.site(p).hosts.first().cloned());
    let zone = zone.map_or_else(|| "example".to_owned(), |h| h.strip_prefix("www.").unwrap_or(&h).to_owned());
    let host = host.map_or_else(|| format!("www.{id}.{zone}"), str::to_owned);
    let mut text = String::new();
    let parent_line = parent.map(|p| format!("parent = {}\n", quoted(p))).unwrap_or_default();
    _ = write!(
        text,
        "name = {}\ntier = {}\n{parent_line}hosts = [{}]\ndescription = \"\"\n\n[identity]\n",
        quoted(name.unwrap_or(id)),
        quoted(tier),
        quoted(&host)
    );
    for spec in crate::config::spec::IDENTITY {
        let note = if io.is_chinese() { spec.zh } else { spec.en };
        _ = writeln!(text, "# {} = \"\"  # {note}", spec.key);
    }
    write_file(&file, text.as_bytes())?;
    io.say(file.display());
    Ok(Outcome::Good)
}

struct Wish<'a> {
    title: &'a str,
    column: Option<&'a str>,
    category: Option<&'a str>,
    bundle: bool,
    slug: Option<&'a str>,
}

fn article(platform: &Platform, schemas: &Schemas, site: &str, wish: &Wish, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let Some(home) = platform.find_site(site).map(|s| platform.site(s)) else {
        return Err(Diagnostic::error("config.unknown-site").arg("site", site).nearest(site, platform.sites.iter().map(|s| &*s.id)));
    };
    if let Some(name) = wish.category.filter(|c| schemas.find(c).is_none()) {
        return Err(Diagnostic::error("content.category").arg("category", name).nearest(name, schemas.all.iter().map(|c| &*c.id)));
    }
    let column = match wish.column {
        Some(name) => home.find_column(name).ok_or_else(|| {
            let d = Diagnostic::error("content.column").arg("column", name).arg("site", &home.id);
            d.nearest(name, home.columns.iter().map(|c| &*c.id))
        })?,
        None => column_for(home, wish.category).ok_or_else(|| {
            let problem = "--column";
            Diagnostic::error("cli.usage").arg("problem", problem)
        })?,
    };
    let column = home.column(column);
    let usual = category_of(home, &column.id).unwrap_or_else(|| "news".into());
    let category = wish.category.unwrap_or(&usual);
    let Some(schema) = schemas.find(category).map(|c| schemas.get(c)) else {
        return Err(Diagnostic::error("content.category").arg("category", category));
    };
    let now = Date::moment(io.now);
    let local = now.in_zone(&platform.zone);
    let slug = match wish.slug {
        Some(slug) => path::ascii_slug(slug),
        None => path::pinyin_slug(wish.title, 60),
    };
    let slug = if slug.is_empty() { local.strftime("%m%d-%H%M").to_string() } else { slug };
    let folder = format!("{}/{}/{:04}", home.id, column.id, local.year());
    let below = if wish.bundle { format!("{folder}/{slug}/index.md") } else { format!("{folder}/{slug}.md") };
    let file = platform.root.join("content").join(&below);
    if file.exists() {
        return Err(Diagnostic::error("cli.exists").arg("path", file.display()));
    }
    let named = (category != &*usual).then_some(category);
    let text = front_matter(schema, &id::derived(&below), wish.title, &now.display(&platform.zone), &home.name, named, io.is_chinese());
    write_file(&file, text.as_bytes())?;
    io.say(Path::new(&file).display());
    Ok(Outcome::Good)
}

/// The nearest column that names a category, upwards.
fn category_of(home: &Site, column: &str) -> Option<std::sync::Arc<str>> {
    let mut at = home.find_column(column);
    while let Some(c) = at {
        let c = home.column(c);
        if c.category.is_some() {
            return c.category.clone();
        }
        at = c.parent;
    }
    None
}

fn column_for(home: &Site, category: Option<&str>) -> Option<crate::config::ColumnId> {
    let wanted = category.unwrap_or("news");
    home.column_ids()
        .filter(|c| home.column(*c).children.is_empty())
        .find(|c| category_of(home, &home.column(*c).id).as_deref() == Some(wanted))
}

/// Required fields are there to be filled in; the others stand as comments with what they are for.
fn front_matter(schema: &Category, id: &str, title: &str, date: &str, source: &str, category: Option<&str>, chinese: bool) -> String {
    let mut text = format!("---\nid: {id}\ntitle: {}\ndate: {date}\nsource: {}\n", quoted(title), quoted(source));
    if let Some(category) = category {
        _ = writeln!(text, "category: {category}");
    }
    let note = |field: &Field| {
        let (label, help) = if chinese { (&*field.label, &field.help) } else { (field.label_in("en"), &field.help_en) };
        if help.is_empty() { label.to_owned() } else { format!("{label}: {help}") }
    };
    for field in schema.fields.iter().filter(|f| f.required) {
        _ = writeln!(text, "# {}\n{}: {}", note(field), field.name, empty(field));
    }
    for field in schema.fields.iter().filter(|f| !f.required) {
        _ = writeln!(text, "# {}: {}  # {}", field.name, empty(field), note(field));
    }
    text.push_str("tags: []\ndraft: true\n---\n\n");
    text
}

fn empty(field: &Field) -> String {
    match field.kind {
        FieldType::List => "[]".into(),
        FieldType::Choice => field.values.first().cloned().unwrap_or_default(),
        FieldType::Bool => "false".into(),
        _ => "\"\"".into(),
    }
}
