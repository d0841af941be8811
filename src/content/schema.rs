//! Categories and their fields. The standard set ships inside the program; a file of the same name in the platform's
//! `schemas/` wins.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use regex::Regex;
use serde_json::Value as Json;

use crate::base::date::{Date, DateError};
use crate::base::diag::{Diagnostic, Place, Severity};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::config::Platform;
use crate::config::read::{File, Node, read, texts};
use crate::config::spec::{Kind, Spec};

static STANDARD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");

/// A category: its place in [`Schemas::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct CategoryId(pub u8);

pub struct Schemas {
    /// In the order of their ids.
    pub all: Vec<Category>,
}

pub struct Category {
    pub id: Arc<str>,
    pub label: Arc<str>,
    pub labels: BTreeMap<String, String>,
    /// `false`: items stand in lists but have no page.
    pub page: bool,
    pub template: Arc<str>,
    pub fields: Vec<Field>,
    /// Of the text of its file: pages show labels and choose fields by it.
    pub print: Fingerprint,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    Text,
    Longtext,
    Number,
    Integer,
    Bool,
    Date,
    Datetime,
    Url,
    Email,
    Phone,
    List,
    Item,
    File,
    Object,
    Choice,
}

pub struct Field {
    pub name: Arc<str>,
    pub label: Arc<str>,
    pub labels: BTreeMap<String, String>,
    pub kind: FieldType,
    pub required: bool,
    pub pattern: Option<Regex>,
    pub values: Vec<String>,
    pub max: Option<usize>,
    /// A date field, or `date`, that this date may not be later than.
    pub not_after: Option<Arc<str>>,
    pub severity: Severity,
    pub card: bool,
    pub list: bool,
    pub page: bool,
    pub meta: bool,
    pub jsonld: bool,
    pub help: Arc<str>,
    pub help_en: Arc<str>,
}

impl FieldType {
    const NAMES: [(&'static str, FieldType); 15] = [
        ("text", FieldType::Text),
        ("longtext", FieldType::Longtext),
        ("number", FieldType::Number),
        ("integer", FieldType::Integer),
        ("bool", FieldType::Bool),
        ("date", FieldType::Date),
        ("datetime", FieldType::Datetime),
        ("url", FieldType::Url),
        ("email", FieldType::Email),
        ("phone", FieldType::Phone),
        ("list", FieldType::List),
        ("item", FieldType::Item),
        ("file", FieldType::File),
        ("object", FieldType::Object),
        ("choice", FieldType::Choice),
    ];

    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, t)| *t == self).map_or("text", |(n, _)| n)
    }
}

use Kind::{Bool, Count, Tables, Text, TextMap, Texts};

const fn row(key: &'static str, kind: Kind, en: &'static str, zh: &'static str) -> Spec {
    Spec { key, kind, handed_down: false, en, zh }
}

#[rustfmt::skip]
pub const SCHEMA: &[Spec] = &[
    row("label", Text, "name of the category; required", "类别名称；必填"),
    row("labels", TextMap, "name in other languages", "其他语言的名称"),
    row("page", Bool, "items have pages; default true", "条目有页面；默认 true"),
    row("template", Text, "template of the page; default <category>.html, then article.html", "页面模板"),
    row("field", Tables(FIELD), "fields", "字段"),
];

#[rustfmt::skip]
pub const FIELD: &[Spec] = &[
    row("name", Text, "key in front matter and records; required", "键名；必填"),
    row("label", Text, "name shown; required", "显示名称；必填"),
    row("labels", TextMap, "name in other languages", "其他语言的名称"),
    row("type", Text, "text (default) longtext number integer bool date datetime url email phone list item file object choice", "类型"),
    row("required", Bool, "must be given", "必填"),
    row("pattern", Text, "regular expression that a text must match", "正则表达式"),
    row("values", Texts, "allowed values of a choice or list", "可选值"),
    row("max", Count, "most characters", "最多字符数"),
    row("not_after", Text, "of a date: another date field, or `date`, that it may not be later than", "日期不得晚于的另一日期字段，或 date"),
    row("severity", Text, "of a violation: error (default) or warning", "违反时的级别：error 或 warning"),
    row("show", Texts, "where: card list page meta jsonld", "显示位置：card list page meta jsonld"),
    row("help", Text, "how to fill it in, printed with the message", "填写说明"),
    row("help_en", Text, "the same in English", "英文填写说明"),
];

impl Schemas {
    /// The standard schemas, those of `folder` laid over them.
    pub fn load(folder: &Path, out: &mut Vec<Diagnostic>) -> Schemas {
        let mut sources: BTreeMap<String, (String, String)> = BTreeMap::new();
        for file in STANDARD.files() {
            let (Some(id), Some(text)) = (stem(file.path()), file.contents_utf8()) else { continue };
            sources.insert(id.clone(), (format!("std:schemas/{id}.toml"), text.to_owned()));
        }
        let mut own: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
        own.sort();
        for path in own {
            let Some(id) = stem(&path) else { continue };
            let name = format!("schemas/{id}.toml");
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    sources.insert(id, (name, text));
                }
                Err(e) => out.push(Diagnostic::error("config.unreadable").at(Place::file(name)).arg("problem", e)),
            }
        }
        let mut all = Vec::new();
        for (id, (name, text)) in sources.iter().take(u8::MAX as usize) {
            all.push(category(id, name, text, out));
        }
        Schemas { all }
    }

    pub fn find(&self, id: &str) -> Option<CategoryId> {
        self.all.binary_search_by(|c| (*c.id).cmp(id)).ok().map(|i| CategoryId(i as u8))
    }

    /// Categories that the configuration names and that are none: what they would choose stays empty.
    pub fn check(&self, platform: &Platform, out: &mut Vec<Diagnostic>) {
        let mut hold = |name: &str, at: &Place| {
            if self.find(name).is_none() {
                let d = Diagnostic::warning("content.category").at(at.clone()).arg("category", name);
                out.push(d.nearest(name, self.all.iter().map(|c| &*c.id)));
            }
        };
        for site in &platform.sites {
            for column in &site.columns {
                for key in ["category", "select.category"] {
                    let Some(setting) = column.settings.get(key) else { continue };
                    texts(&column.settings, key).iter().for_each(|name| hold(name, &setting.place));
                }
            }
            for rule in &site.accepts {
                rule.category.iter().for_each(|name| hold(name, &rule.at));
            }
        }
    }

    pub fn get(&self, id: CategoryId) -> &Category {
        &self.all[id.0 as usize]
    }
}

fn stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".toml").map(str::to_owned)
}

fn category(id: &str, name: &str, text: &str, out: &mut Vec<Diagnostic>) -> Category {
    let file = File { name: name.into(), text };
    let (table, _) = file.parse(out);
    let node = read(&file, table.get_ref(), SCHEMA, "", false, &[], out);
    if node.text("label").is_none() {
        out.push(Diagnostic::error("config.missing").at(Place::file(name)).arg("key", "label").arg("what", name));
    }
    let mut fields: Vec<Field> = Vec::new();
    for row in node.list("field") {
        if let Some(f) = field(row, name, out) {
            if fields.iter().any(|other| other.name == f.name) || super::build::KNOWN.contains(&&*f.name) {
                let at = row.place_of("name").unwrap_or(Place::file(name));
                out.push(Diagnostic::error("schema.field-twice").at(at).arg("field", &f.name));
                continue;
            }
            fields.push(f);
        }
    }
    Category {
        id: id.into(),
        label: node.text("label").unwrap_or(id).into(),
        labels: labels(&node),
        page: node.values.get("page").is_none_or(|s| s.value == true),
        template: node.text("template").map_or_else(|| format!("{id}.html").into(), Arc::from),
        fields,
        print: Writer::new("schema").text(id).text(text).finish(),
    }
}

fn labels(node: &Node) -> BTreeMap<String, String> {
    crate::config::platform::below(&node.values, "labels.").filter_map(|(k, v)| Some((k.to_owned(), v.as_str()?.to_owned()))).collect()
}

fn field(row: &Node, file: &str, out: &mut Vec<Diagnostic>) -> Option<Field> {
    let place = |key: &str| row.place_of(key).unwrap_or(Place::file(file));
    let Some(name) = row.text("name") else {
        out.push(Diagnostic::error("config.missing").at(place("name")).arg("key", "name").arg("what", "[[field]]"));
        return None;
    };
    let mut choose = |key: &str, default: &str, allowed: &[&str]| -> String {
        let value = row.text(key).unwrap_or(default);
        if !allowed.contains(&value) {
            let d = Diagnostic::error("config.value").at(place(key)).arg("key", format!("field.{key}")).arg("value", value);
            out.push(d.arg("allowed", allowed.join(", ")).nearest(value, allowed.iter().copied()));
        }
        value.to_owned()
    };
    let names: Vec<&str> = FieldType::NAMES.iter().map(|(n, _)| *n).collect();
    let kind = choose("type", "text", &names);
    let kind = FieldType::NAMES.iter().find(|(n, _)| *n == kind).map_or(FieldType::Text, |(_, t)| *t);
    let severity = if choose("severity", "error", &["error", "warning"]) == "warning" { Severity::Warning } else { Severity::Error };
    let pattern = row.text("pattern").and_then(|p| match regex::RegexBuilder::new(p).size_limit(1 << 20).build() {
        Ok(r) => Some(r),
        Err(e) => {
            out.push(Diagnostic::error("schema.pattern").at(place("pattern")).arg("problem", e.to_string().replace('\n', " ")));
            None
        }
    });
    let show = row.texts("show");
    for s in &show {
        let places = ["card", "list", "page", "meta", "jsonld"];
        if !places.contains(&s.as_str()) {
            let d = Diagnostic::error("config.value").at(place("show")).arg("key", "field.show").arg("value", s);
            out.push(d.arg("allowed", places.join(", ")).nearest(s, places));
        }
    }
    let shown = |what: &str| show.iter().any(|s| s == what);
    Some(Field {
        name: name.into(),
        label: row.text("label").unwrap_or(name).into(),
        labels: labels(row),
        kind,
        required: row.values.get("required").is_some_and(|s| s.value == true),
        pattern,
        values: row.texts("values"),
        max: row.values.get("max").and_then(|s| s.value.as_u64()).map(|n| n as usize),
        not_after: row.text("not_after").map(Arc::from),
        severity,
        // What a list shows, other pages show: it belongs to the card.
        card: shown("card") || shown("list"),
        list: shown("list"),
        page: shown("page"),
        meta: shown("meta"),
        jsonld: shown("jsonld"),
        help: row.text("help").unwrap_or_default().into(),
        help_en: row.text("help_en").or(row.text("help")).unwrap_or_default().into(),
    })
}

impl Category {
    pub fn label_in(&self, lang: &str) -> &str {
        self.labels.get(lang).map_or(&self.label, |l| l)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| &*f.name == name)
    }
}

impl Field {
    pub fn label_in(&self, lang: &str) -> &str {
        self.labels.get(lang).map_or(&self.label, |l| l)
    }

    /// Holds a value against the field. `Err` is a message id and its arguments; the caller knows the place.
    pub fn check(&self, value: &Json, zone: &jiff::tz::TimeZone) -> Result<(), (&'static str, Vec<(&'static str, String)>)> {
        let text = match value {
            Json::String(s) => Some(s.as_str()),
            _ => None,
        };
        let wrong = |expected: &str| Err(("schema.type", vec![("expected", expected.to_owned()), ("value", shown(value))]));
        match self.kind {
            FieldType::Text | FieldType::Longtext | FieldType::Phone if !(value.is_string() || value.is_number()) => {
                return wrong("text");
            }
            FieldType::Number if !(value.is_number() || text.is_some_and(|t| t.parse::<f64>().is_ok())) => {
                return wrong("number");
            }
            FieldType::Integer if !(value.is_i64() || text.is_some_and(|t| t.parse::<i64>().is_ok())) => {
                return wrong("whole number");
            }
            FieldType::Bool if !(value.is_boolean() || matches!(text, Some("true" | "false"))) => return wrong("flag"),
            FieldType::Date | FieldType::Datetime => {
                let text = match value {
                    Json::String(s) => s.clone(),
                    Json::Number(n) => n.to_string(),
                    _ => return wrong("date"),
                };
                match Date::parse(&text, zone) {
                    Ok(_) => {}
                    Err(DateError::NoSuchDay) => return Err(("content.no-such-day", vec![("value", text)])),
                    Err(DateError::Form) => return wrong("date"),
                }
            }
            FieldType::Url => {
                let good = text.is_some_and(|t| t.starts_with("https://") || t.starts_with("http://") || t.starts_with('/'));
                if !good {
                    return wrong("address");
                }
            }
            FieldType::Email if !text.is_some_and(|t| t.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'))) => {
                return wrong("e-mail");
            }
            FieldType::Object if !value.is_object() => return wrong("table"),
            FieldType::Item | FieldType::File if text.is_none() && !value.is_array() => return wrong("text"),
            _ => {}
        }
        let texts: Vec<&str> = match value {
            Json::String(s) => vec![s],
            Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        for text in texts {
            if let Some(pattern) = &self.pattern
                && !pattern.is_match(text)
            {
                return Err(("schema.no-match", vec![("value", text.to_owned()), ("pattern", pattern.to_string())]));
            }
            if !self.values.is_empty() && !self.values.iter().any(|v| v == text) {
                let args = vec![("value", text.to_owned()), ("allowed", self.values.join(", "))];
                return Err(("schema.not-allowed", args));
            }
            if let Some(max) = self.max
                && text.chars().count() > max
            {
                let args = vec![("count", text.chars().count().to_string()), ("max", max.to_string())];
                return Err(("schema.too-long", args));
            }
        }
        Ok(())
    }
}

fn shown(value: &Json) -> String {
    let text = match value {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    };
    text.chars().take(40).collect()
}
