//! Fields → [`Article`]: every key checked, every finding at its line.

mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::article::{Article, Card, Cover, Home, Origin, Push, Rare, State};
use super::details::{Details, Slot};
use super::front_matter::Fields;
use super::markdown::{self, HtmlPolicy, Target};
use super::schema::{CategoryId, FieldType, Schemas};
use super::spool::Spool;
use crate::base::date::{Date, Precision};
use crate::base::diag::{Diagnostic, Place, Severity};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::{Lang, derived};
use crate::base::path;
use crate::config::{HtmlRule, Platform, Site};

/// Keys of an item that no schema may claim.
pub const KNOWN: &[&str] = &[
    "title",
    "date",
    "publishDate",
    "expiryDate",
    "lastmod",
    "slug",
    "url",
    "aliases",
    "weight",
    "summary",
    "keywords",
    "draft",
    "tags",
    "template",
    "params",
    "translationKey",
    "versionKey",
    "id",
    "category",
    "sites",
    "source",
    "author",
    "state",
    "replacedBy",
    "cover",
    "related",
    "column",
    "body",
    "lang",
    "officialDocument",
];

/// Other generators' names for the same.
const SYNONYMS: &[(&str, &str)] =
    &[("updated", "lastmod"), ("path", "url"), ("extra", "params"), ("description", "summary"), ("layout", "template")];

/// Characters of a summary cut from the body (D11).
const SUMMARY: usize = 120;

/// A slug made from a name that is not ASCII: pinyin of at most so many bytes, then six characters of the id.
const PINYIN_BYTES: usize = 80;

pub struct Context<'a> {
    pub platform: &'a Platform,
    pub schemas: &'a Schemas,
    /// Keeps the bodies of this reading for the rendering; `None`: nothing will be rendered, or not now.
    pub spool: Option<&'a Spool>,
}

/// An item as found, before it is checked.
pub struct Draft<'a> {
    pub fields: Fields,
    pub body: &'a str,
    /// Content path of the file.
    pub path: &'a str,
    /// For messages.
    pub file: Arc<str>,
    /// Line on which the body starts; the same line for all of a record.
    pub body_line: u32,
    pub origin: Origin,
    pub print: Fingerprint,
    pub record: bool,
    /// Column that its mount gives it.
    pub column: Option<&'a str>,
    /// Item without a version key takes this one.
    pub version_key: Option<String>,
}

pub struct Made {
    pub article: Article,
    pub diagnostics: Vec<Diagnostic>,
}

struct Maker<'a> {
    context: &'a Context<'a>,
    draft: &'a Draft<'a>,
    out: Vec<Diagnostic>,
}

/// Owner, column, year folder and stem of a content path (D1, D2): `owner/a/b/2026/x.en.md`.
pub struct PathParts<'a> {
    pub owner: &'a str,
    pub column: &'a str,
    /// File name without language and ending; of a bundle the name of its folder.
    pub stem: &'a str,
    pub lang: Option<Lang>,
    pub bundle: bool,
    /// Content path without language and ending.
    pub key: String,
}

pub fn parts<'a>(platform: &Platform, content_path: &'a str) -> PathParts<'a> {
    let (owner, below) = content_path.split_once('/').unwrap_or((content_path, ""));
    let name = path::name(content_path);
    let (stem, _) = path::stem_ext(name);
    // `x.en.md`: the last part of the stem is a language of the platform.
    let (stem, lang) = match stem.rsplit_once('.') {
        Some((s, tag)) if !s.is_empty() => match platform.find_language(tag) {
            Some(lang) => (s, Some(lang)),
            None => (stem, None),
        },
        _ => (stem, None),
    };
    let bundle = stem == "index";
    let mut folder = path::folder(below);
    let mut key_folder = path::folder(content_path);
    let mut shown_stem = stem;
    if bundle {
        shown_stem = path::name(folder);
        folder = path::folder(folder);
    } else if key_folder.is_empty() {
        key_folder = "";
    }
    let mut column_end = 0;
    for part in folder.split('/') {
        if part.is_empty() || crate::config::Permalink::is_year(part) {
            break;
        }
        column_end += part.len() + usize::from(column_end > 0);
    }
    let key = format!("{key_folder}/{stem}");
    PathParts { owner, column: &folder[..column_end], stem: shown_stem, lang, bundle, key }
}

pub fn article(context: &Context, draft: &Draft) -> Made {
    let mut maker = Maker { context, draft, out: Vec::new() };
    let mut article = maker.make();
    article.bad = maker.out.iter().any(Diagnostic::is_error);
    // A draft is allowed to be unfinished: it stops no site.
    if article.draft {
        maker.out.iter_mut().for_each(|d| d.severity = d.severity.min(Severity::Warning));
    }
    Made { article, diagnostics: maker.out }
}

impl Maker<'_> {
    fn make(&mut self) -> Article {
        let platform = self.context.platform;
        let parts = parts(platform, self.draft.path);
        let owner: Arc<str> = parts.owner.into();
        let home = platform.owner(parts.owner).and_then(|o| o.home).map(|s| platform.site(s));
        if !self.draft.path.contains('/') {
            self.out.push(Diagnostic::error("content.no-owner").at(Place::file(self.draft.file.clone())));
        } else if platform.owner(parts.owner).is_none() {
            let d = Diagnostic::error("content.owner").at(Place::file(self.draft.file.clone())).arg("owner", parts.owner);
            self.out.push(d.nearest(parts.owner, platform.owners.iter().map(|o| &*o.id)));
        }
        let column = match (self.draft.record.then(|| self.text("column")).flatten(), self.draft.column) {
            (Some(c), _) => c.trim_matches('/').to_owned(),
            (None, Some(c)) => c.to_owned(),
            (None, None) => self.text("column").map_or_else(|| parts.column.to_owned(), |c| c.trim_matches('/').to_owned()),
        };
        self.check_column(home, &column);
        let (category, labelled) = self.category(home, &column);
        self.unknown_keys(category);

        let lang = match self.text("lang") {
            None => parts.lang,
            Some(tag) => {
                let lang = platform.find_language(&tag);
                if lang.is_none() {
                    let d = Diagnostic::error("content.language").arg("language", &tag);
                    let d = d.nearest(&tag, platform.languages.iter().map(|l| &**l));
                    self.say(d, "lang");
                }
                lang
            }
        };
        let lang = lang.or(home.map(Site::default_language)).unwrap_or(Lang(0));
        if let Some(home) = home
            && !home.broken
            && !home.languages.contains(&lang)
        {
            let d = Diagnostic::warning("content.language-of-site").at(Place::file(self.draft.file.clone())).arg("site", &home.id);
            self.out.push(d.arg("language", platform.language(lang)));
        }

        let id: Arc<str> = match self.text("id") {
            Some(id) if is_id(&id) => id.into(),
            Some(id) => {
                self.say(Diagnostic::error("content.id").arg("id", &id), "id");
                derived(self.draft.path).into()
            }
            None if self.draft.record => {
                self.say(Diagnostic::error("content.record-id"), "id");
                derived(&format!("{}#{}", self.draft.path, self.draft.body_line)).into()
            }
            None => derived(self.draft.path).into(),
        };

        let mut title_in_body = false;
        let title = match self.text("title") {
            Some(t) => {
                title_in_body = starts_with_heading(self.draft.body, &t);
                t
            }
            None if self.draft.record => {
                self.say(Diagnostic::error("content.no-title"), "title");
                String::new()
            }
            None => match markdown::first_heading(self.draft.body) {
                Some(t) => {
                    title_in_body = true;
                    t
                }
                None => {
                    let d = Diagnostic::error("content.no-title").at(Place::at(self.draft.file.clone(), 1, 1));
                    self.out.push(d.arg("key", "title"));
                    parts.stem.to_owned()
                }
            },
        };
        if title.chars().count() > 500 {
            // Each list that shows the item repeats it.
            let severity = if title.chars().count() > 1000 { Severity::Error } else { Severity::Warning };
            self.say(Diagnostic::with_severity(severity, "content.long-title").arg("count", title.chars().count()), "title");
        }

        let (stem_date, bare_stem) = date_in_name(parts.stem);
        let mut date = self.date("date");
        let mut stem = parts.stem;
        if platform.date_from_name
            && !self.draft.record
            && let Some(text) = stem_date
        {
            if self.raw("date").is_none() {
                date = Date::parse(&text, &platform.zone).ok();
            }
            stem = bare_stem;
        }
        let publish = self.date("publishDate").map(|d| d.seconds);
        let expiry = self.date("expiryDate").map(|d| d.seconds);
        if let (Some(p), Some(e)) = (publish.or(date.map(|d| d.seconds)), expiry)
            && e <= p
        {
            self.say(Diagnostic::warning("content.expiry-first"), "expiryDate");
        }
        let slug = self.slug(stem, &id);
        let tags: Vec<Arc<str>> = self.texts("tags").into_iter().map(|t| path::nfc(&t).into_owned().into()).collect();
        let state = match self.text("state") {
            None => State::Live,
            Some(name) => State::parse(&name).unwrap_or_else(|| {
                let d = Diagnostic::error("content.state").arg("value", &name).nearest(&name, State::NAMES);
                self.say(d, "state");
                State::Live
            }),
        };
        let official = self.flag("officialDocument");
        let survey = self.survey(&owner, title_in_body.then_some(title.as_str()), official);
        let summary = self.text("summary").unwrap_or_else(|| survey.summary.clone());
        let cover = match self.raw("cover") {
            Some(Json::Object(map)) => {
                let get = |k: &str| map.get(k).and_then(Json::as_str).unwrap_or_default();
                let path = if get("src").is_empty() { get("path") } else { get("src") };
                (!path.is_empty()).then(|| Arc::new(Cover { path: path.into(), alt: get("alt").into() }))
            }
            _ => self.text("cover").map(|p| Arc::new(Cover { path: p.into(), alt: title.as_str().into() })),
        };
        let source = self.text("source").unwrap_or_default();
        let (data, listed) = self.data(category);
        self.order_of_dates(category, date, &data);
        let schema = self.context.schemas.get(category);
        let names = |f: &&super::schema::Field| matches!(f.kind, FieldType::Item | FieldType::File);
        let named = schema.fields.iter().filter(names).filter_map(|f| Some((f.name.to_string(), data.get(&*f.name)?.clone())));
        let named: Map<String, Json> = named.collect();
        let mut rare = Rare {
            url: self.url(),
            aliases: self.texts("aliases").into_iter().map(Into::into).collect(),
            push: self.pushes(),
            lastmod: self.date("lastmod"),
            related: self.texts("related").into_iter().map(Into::into).collect(),
            replaced_by: self.text("replacedBy").map(|t| (t.into(), self.draft.fields.place("replacedBy").0)),
            version_key: self.text("versionKey").or_else(|| self.draft.version_key.clone()).map(Into::into),
            publish,
            expiry,
            named: named.into(),
            links: Vec::new(),
            official,
        };
        let mut details = Details {
            title: title.as_str().into(),
            summary: summary.into(),
            listed: listed.into(),
            data: data.into(),
            template: self.text("template").map(|t| (t.into(), self.draft.fields.place("template").0)),
            keywords: self.texts("keywords").into_iter().map(Into::into).collect(),
            author: self.text("author").map(Into::into),
            lines: Vec::new(),
        };
        for key in ["cover", "related", "replacedBy", "sites", "template"] {
            if self.raw(key).is_some() {
                details.lines.push((key.into(), self.draft.fields.place(key).0));
            }
        }
        for field in &self.context.schemas.get(category).fields {
            if matches!(field.kind, FieldType::File | FieldType::Item) && self.raw(&field.name).is_some() {
                details.lines.push((field.name.clone(), self.draft.fields.place(&field.name).0));
            }
        }
        rare.links = survey.links;
        if state == State::Repealed
            && rare.replaced_by.is_none()
            && labelled == "policy"
            && self.draft.fields.first_line > 0
            && self.raw("state").is_some()
            && self.draft.column.is_none()
        {
            self.say(Diagnostic::warning("content.repealed-by"), "state");
        }
        let empty = rare.url.is_none()
            && rare.aliases.is_empty()
            && rare.push.is_empty()
            && rare.lastmod.is_none()
            && rare.related.is_empty()
            && rare.replaced_by.is_none()
            && rare.version_key.is_none()
            && rare.publish.is_none()
            && rare.expiry.is_none()
            && rare.named.is_empty()
            && rare.links.is_empty()
            && !rare.official;
        let key = self.text("translationKey").map_or(parts.key, |k| format!("key:{k}"));
        let card = Card {
            id,
            date,
            source: source.into(),
            category,
            state,
            cover,
            weight: self.weight("weight"),
            tags: tags.into(),
            print: Fingerprint::default(),
        };
        let draft_flag = self.flag("draft");
        let article = Article {
            card: card.seal(&details, &labelled),
            home: Arc::new(Home { path: self.draft.path.into(), owner, column: column.into() }),
            lang,
            translation_key: if self.draft.record { "".into() } else { key.into() },
            slug: slug.into(),
            origin: self.draft.origin.clone(),
            print: self.draft.print,
            seal: Fingerprint::default(),
            details: Slot::default(),
            draft: draft_flag,
            bad: false,
            kept: survey.body.and_then(|body| self.context.spool?.keep(body)),
            bundle: parts.bundle,
            title_in_body,
            rare: (!empty).then(|| Box::new(rare)),
        };
        let article = article.sealed(&details);
        Article { details: Slot::Held(details.into()), ..article }
    }

    fn check_column(&mut self, home: Option<&Site>, column: &str) {
        let Some(home) = home else { return };
        // A site whose configuration could not be read says nothing about columns.
        if column.is_empty() {
            self.out.push(Diagnostic::error("content.no-column").at(Place::file(self.draft.file.clone())).arg("site", &home.id));
        } else if home.find_column(column).is_none() && !(home.broken && home.columns.is_empty()) {
            let place = if self.raw("column").is_some() { self.place("column") } else { Place::file(self.draft.file.clone()) };
            let d = Diagnostic::error("content.column").at(place).arg("column", column).arg("site", &home.id);
            self.out.push(d.nearest(column, home.columns.iter().map(|c| &*c.id)));
        }
    }

    /// Category and its id: of the item; of a record also its file's stem (D11); of the nearest column that names one; news.
    fn category(&mut self, home: Option<&Site>, column: &str) -> (CategoryId, String) {
        let schemas = self.context.schemas;
        let named = self.text("category");
        if let Some(name) = &named {
            if let Some(id) = schemas.find(name) {
                return (id, name.clone());
            }
            let d = Diagnostic::error("content.category").arg("category", name);
            let d = d.nearest(name, schemas.all.iter().map(|c| &*c.id));
            self.say(d, "category");
        }
        if self.draft.record {
            let (stem, _) = path::stem_ext(path::name(self.draft.path));
            if let Some(id) = schemas.find(stem) {
                return (id, stem.to_owned());
            }
        }
        let mut at = home.and_then(|h| h.find_column(column));
        while let (Some(home), Some(c)) = (home, at) {
            let c = home.column(c);
            if let Some(name) = &c.category
                && let Some(id) = schemas.find(name)
            {
                return (id, name.to_string());
            }
            at = c.parent;
        }
        let id = schemas.find("news").unwrap_or(CategoryId(0));
        (id, schemas.get(id).id.to_string())
    }

    fn unknown_keys(&mut self, category: CategoryId) {
        let schema = self.context.schemas.get(category);
        let keys: Vec<String> = self.draft.fields.values.keys().cloned().collect();
        for key in keys {
            let known = KNOWN.contains(&key.as_str()) || SYNONYMS.iter().any(|(s, _)| *s == key) || schema.field(&key).is_some();
            if !known {
                let names = KNOWN.iter().copied().chain(schema.fields.iter().map(|f| &*f.name));
                let d = Diagnostic::warning("content.unknown-key").arg("category", &schema.id).nearest(&key, names);
                self.say(d, &key);
            }
        }
    }

    fn slug(&mut self, stem: &str, id: &str) -> String {
        if let Some(slug) = self.text("slug") {
            let slug = path::nfc(&slug).into_owned();
            if slug.contains('/') || path::check_output(&slug).is_err() || slug.len() > path::MAX_NAME - 10 {
                self.say(Diagnostic::error("content.slug").arg("slug", &slug), "slug");
            } else {
                return slug;
            }
        }
        let short = |s: &str| s.chars().take(6).collect::<String>();
        if self.draft.record {
            return path::ascii_slug(id);
        }
        if stem.is_ascii() && !stem.is_empty() {
            let slug = path::ascii_slug(stem);
            if slug.len() > 120 {
                return format!("{}-{}", slug[..120].trim_end_matches(['-', '.']), short(id));
            }
            if !slug.is_empty() {
                return slug;
            }
        }
        let slug = path::pinyin_slug(stem, PINYIN_BYTES);
        if slug.is_empty() { short(id) } else { format!("{slug}-{}", short(id)) }
    }

    fn url(&mut self) -> Option<Box<str>> {
        let written = self.text("url")?;
        let url = format!("/{}", written.trim_start_matches('/'));
        if path::check_output(&path::output_file(&url)).is_err() {
            self.say(Diagnostic::error("content.url").arg("url", &written), "url");
            return None;
        }
        Some(url.into())
    }

    fn pushes(&mut self) -> Vec<Push> {
        let line = self.draft.fields.place("sites").0;
        let rows = match self.raw("sites") {
            None => return Vec::new(),
            Some(Json::Array(rows)) => rows.clone(),
            Some(Json::String(s)) => s.split([',', '，', '、', ';', '；']).map(|s| Json::String(s.trim().to_owned())).collect(),
            Some(other) => vec![other.clone()],
        };
        let mut out: Vec<Push> = Vec::new();
        for row in &rows {
            let push = match row {
                Json::String(site) => Push { site: site.as_str().into(), column: None, title: None, weight: None, line },
                Json::Object(map) => {
                    for key in map.keys() {
                        let keys = ["site", "column", "title", "weight"];
                        if !keys.contains(&key.as_str()) {
                            let d = Diagnostic::warning("content.unknown-key").arg("category", "sites").nearest(key, keys);
                            let place = self.place("sites");
                            self.out.push(d.at(place).arg("key", format!("sites.{key}")));
                        }
                    }
                    let get = |k: &str| map.get(k).and_then(Json::as_str).map(Arc::from);
                    let Some(site) = get("site") else {
                        self.say(Diagnostic::error("content.push-site"), "sites");
                        continue;
                    };
                    let weight = map.get("weight").and_then(Json::as_i64).map(|n| n as i32);
                    Push { site, column: get("column"), title: get("title"), weight, line }
                }
                other => {
                    let found = kind(other);
                    self.say(Diagnostic::error("content.type").arg("expected", "sites").arg("found", found), "sites");
                    continue;
                }
            };
            let platform = self.context.platform;
            if platform.find_site(&push.site).is_none() {
                let d = Diagnostic::error("content.push-unknown").arg("site", &push.site);
                let d = d.nearest(&push.site, platform.sites.iter().map(|s| &*s.id));
                self.say(d, "sites");
                continue;
            }
            if !out.iter().any(|p| p.site == push.site) {
                out.push(push);
            }
        }
        out
    }

    /// Schema fields held against the schema: all of them with `params`, and those of cards.
    fn data(&mut self, category: CategoryId) -> (Map<String, Json>, Map<String, Json>) {
        let schema = self.context.schemas.get(category);
        let zone = &self.context.platform.zone;
        let (mut all, mut card) = (Map::new(), Map::new());
        if let Some(Json::Object(params)) = self.raw("params") {
            all.extend(params.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
        for field in &schema.fields {
            let help = |d: Diagnostic| {
                let d = d.arg("label", &field.label).arg("label_en", field.label_in("en"));
                d.arg("help", &field.help).arg("help_en", &field.help_en)
            };
            let Some(value) = self.raw(&field.name).cloned() else {
                if field.required {
                    let d = Diagnostic::with_severity(field.severity, "schema.required").arg("category", &schema.label);
                    let d = d.arg("category_en", schema.label_in("en"));
                    self.say(help(d), &field.name);
                }
                continue;
            };
            if let Err((id, args)) = field.check(&value, zone) {
                let mut d = help(Diagnostic::with_severity(field.severity, id));
                if id == "schema.not-allowed" {
                    let value = args[0].1.clone();
                    d = d.nearest(&value, field.values.iter().map(String::as_str));
                }
                d.args.extend(args.into_iter().map(|(key, value)| (key.into(), value)));
                self.say(d, &field.name);
                if field.severity == Severity::Error {
                    continue;
                }
            }
            // A list that a table wrote in one cell.
            let value = match (&value, field.kind) {
                (Json::String(s), FieldType::List) => {
                    Json::Array(s.split(['、', '；', ';']).map(|p| Json::String(p.trim().to_owned())).collect())
                }
                _ => value,
            };
            if field.card {
                card.insert(field.name.to_string(), value.clone());
            }
            all.insert(field.name.to_string(), value);
        }
        (all, card)
    }

    /// Dates of fields that may not be later than others, by the day. Always a warning: which of the two is wrong is not known.
    fn order_of_dates(&mut self, category: CategoryId, date: Option<Date>, data: &Map<String, Json>) {
        let zone = &self.context.platform.zone;
        let of = |name: &str| data.get(name).and_then(Json::as_str).and_then(|t| Date::parse(t, zone).ok());
        for field in &self.context.schemas.get(category).fields {
            let Some(other) = &field.not_after else { continue };
            let (Some(first), Some(second)) = (of(&field.name), if **other == *"date" { date } else { of(other) }) else { continue };
            // A year alone is earlier than every day of it.
            let days = first.precision >= Precision::Day && second.precision >= Precision::Day;
            if days && first.in_zone(zone).date() > second.in_zone(zone).date() {
                let d = Diagnostic::warning("schema.not-after").arg("label", &field.label).arg("other", other);
                let d = d.arg("value", first.display(zone)).arg("limit", second.display(zone));
                self.say(d.arg("help", &field.help).arg("help_en", &field.help_en), &field.name);
            }
        }
    }

    /// Summary of the body, and its links into the repository; what is wrong with them on sight is said here.
    fn survey(&mut self, owner: &str, title: Option<&str>, official: bool) -> markdown::Survey {
        let rule = self.context.platform.owner(owner).map(|o| &o.html);
        let options = options(rule, title, official);
        let look = if self.context.spool.is_some() { markdown::rendered_survey } else { markdown::survey };
        let mut survey = look(self.draft.body, &options, SUMMARY, title);
        for f in std::mem::take(&mut survey.findings) {
            let place = body_place(self.draft, f.range.clone());
            self.out.push(finding(f, place));
        }
        survey.links.retain(|l| matches!(l.target, Target::Item { .. } | Target::Path { .. }));
        survey
    }
}

/// A finding of the Markdown room, placed.
pub fn finding(f: markdown::Finding, place: Place) -> Diagnostic {
    let mut d = Diagnostic::with_severity(f.severity, f.id).at(place);
    d.args = f.args.into_iter().map(|(key, value)| (key.into(), value)).collect();
    d.nearest = f.nearest;
    d
}

fn body_place(draft: &Draft, range: std::ops::Range<usize>) -> Place {
    if draft.record {
        return Place::at(draft.file.clone(), draft.body_line, 1);
    }
    let mut place = crate::base::source::place(&draft.file, draft.body, range);
    place.line += draft.body_line - 1;
    place
}

/// How the bodies of an owner are rendered.
pub fn options<'a>(rule: Option<&HtmlRule>, title: Option<&'a str>, official: bool) -> markdown::Options<'a> {
    let html = match rule {
        Some(HtmlRule::None) => HtmlPolicy::None,
        Some(HtmlRule::Embed(hosts)) => HtmlPolicy::Embed(hosts.clone()),
        _ => HtmlPolicy::Clean,
    };
    markdown::Options { html, chinese: true, drop_title: title, articles: true, official, extras: markdown::Extras::All }
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "text",
        Json::Array(_) => "list",
        Json::Object(_) => "table",
    }
}

/// Letters, digits, `.`, `_`, `-`; at most 100.
pub fn is_id(id: &str) -> bool {
    (1..=100).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && !id.starts_with(['.', '-'])
}

/// `2026-03-05-x` and `x(2026-03-05)`: the date, and the stem without it.
fn date_in_name(stem: &str) -> (Option<String>, &str) {
    let is_date =
        |s: &str| s.len() == 10 && s.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    // The date alone is the name.
    if is_date(stem) {
        return (Some(stem.to_owned()), stem);
    }
    if let Some(head) = stem.get(..10)
        && is_date(head)
        && let Some(rest) = stem[10..].strip_prefix(['-', '_'])
        && !rest.is_empty()
    {
        return (Some(head.to_owned()), rest);
    }
    for (open, close) in [('(', ')'), ('（', '）')] {
        if let Some(inner) = stem.strip_suffix(close)
            && let Some((_, date)) = inner.rsplit_once(open)
            && is_date(date)
        {
            // The date stays in the stem: it tells the versions of an act apart.
            return (Some(date.to_owned()), stem);
        }
    }
    (None, stem)
}

/// The body's first line is `# title`.
fn starts_with_heading(body: &str, title: &str) -> bool {
    let first = body.trim_start().lines().next().unwrap_or("");
    first.strip_prefix("# ").is_some_and(|t| t.trim().trim_end_matches('#').trim() == title)
}

/// Values of `rules` and `set` of a mount, laid under what the item says itself.
pub fn lay_under(fields: &mut Fields, under: BTreeMap<String, Json>) {
    for (key, value) in under {
        fields.values.entry(key).or_insert(value);
    }
}
