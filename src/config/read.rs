//! TOML tables held against their [`Spec`]s: unknown keys, wrong types, all in one run, each at its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::spec::{Kind, Spec};
use crate::base::diag::{Diagnostic, Place};
use crate::base::source;

/// One value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub value: Json,
    pub place: Place,
}

/// Values by dotted key: `identity.phone`, `tokens.color-primary`.
pub type Settings = BTreeMap<String, Setting>;

/// A table after the check: flat values, and lists of tables.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub values: Settings,
    pub lists: BTreeMap<&'static str, Vec<Node>>,
    pub place: Option<Place>,
}

impl Node {
    pub fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(|s| s.value.as_str())
    }

    pub fn texts(&self, key: &str) -> Vec<String> {
        texts(&self.values, key)
    }

    pub fn list(&self, key: &str) -> &[Node] {
        self.lists.get(key).map_or(&[], |v| v)
    }

    /// Where a key was written, else where its table starts.
    pub fn place_of(&self, key: &str) -> Option<Place> {
        self.values.get(key).map(|s| s.place.clone()).or_else(|| self.place.clone())
    }
}

pub fn texts(settings: &Settings, key: &str) -> Vec<String> {
    match settings.get(key).map(|s| &s.value) {
        Some(Json::Array(items)) => items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        Some(Json::String(s)) => vec![s.clone()],
        _ => Vec::new(),
    }
}

/// A file being read.
pub struct File<'a> {
    pub name: Arc<str>,
    pub text: &'a str,
}

impl File<'_> {
    pub fn place(&self, span: std::ops::Range<usize>) -> Place {
        source::place(&self.name, self.text, span)
    }

    /// The table of the whole file. Syntax errors are all reported; what could be read is read on.
    pub fn parse(&self, out: &mut Vec<Diagnostic>) -> (Spanned<DeTable<'_>>, bool) {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for e in &errors {
            let mut d = Diagnostic::error("config.syntax").arg("problem", e.message().trim());
            d = d.at(self.place(e.span().unwrap_or(0..0)));
            if let Some(span) = e.span() {
                let line = self.text[..span.start.min(self.text.len())].rfind('\n').map_or(0, |i| i + 1);
                let key: String = self.text[line..].chars().take_while(|c| *c != '=' && *c != '\n').collect();
                if !key.is_ascii() && !key.contains('"') {
                    d.id = "config.bare-key";
                    d.args.push(("key".into(), key.trim().to_owned()));
                }
            }
            out.push(d);
        }
        (table, errors.is_empty())
    }
}

/// Reads `table` by `specs`. `within`: where the table stands in its file, `tiers.county`, for messages. `inherited_only`: a
/// place from which settings are handed down, where those of one site are refused. `also`: keys that the caller reads
/// itself.
pub fn read(
    file: &File,
    table: &DeTable<'_>,
    specs: &'static [Spec],
    within: &str,
    inherited_only: bool,
    also: &[&str],
    out: &mut Vec<Diagnostic>,
) -> Node {
    let mut node = Node::default();
    let within = if within.is_empty() { String::new() } else { format!("{within}.") };
    Reader { file, inherited_only, out }.section(table, specs, "", &within, also, &mut node);
    node
}

struct Reader<'a> {
    file: &'a File<'a>,
    inherited_only: bool,
    out: &'a mut Vec<Diagnostic>,
}

/// A value and what it is called: in its node, and in messages.
struct Named<'v> {
    dotted: String,
    shown: String,
    value: &'v Spanned<DeValue<'v>>,
}

impl Reader<'_> {
    /// `prefix`: of the keys in `node`; `shown`: of the keys in messages.
    fn section(&mut self, table: &DeTable<'_>, specs: &'static [Spec], prefix: &str, shown: &str, also: &[&str], node: &mut Node) {
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            if also.contains(&name) {
                continue;
            }
            let named = Named { dotted: format!("{prefix}{name}"), shown: format!("{shown}{name}"), value };
            let Some(spec) = specs.iter().find(|s| s.key == name) else {
                let known = specs.iter().map(|s| s.key).chain(also.iter().copied());
                let d = Diagnostic::error("config.unknown-key").at(self.file.place(key.span())).arg("key", named.shown);
                self.out.push(d.nearest(name, known));
                continue;
            };
            let takes = spec.handed_down || matches!(spec.kind, Kind::Section(_));
            if self.inherited_only && !takes {
                let d = Diagnostic::error("config.not-handed-down").at(self.file.place(key.span()));
                self.out.push(d.arg("key", named.shown));
                continue;
            }
            match self.simple(spec.kind, &named) {
                Some(json) => _ = node.values.insert(named.dotted, Setting { value: json, place: self.file.place(value.span()) }),
                None => self.compound(spec, &named, node),
            }
        }
    }

    fn wrong(&mut self, key: &str, expected: &str, value: &Spanned<DeValue<'_>>) {
        let whole = matches!(value.get_ref(), DeValue::Integer(_));
        let expected = if expected == "weight" && !whole { "whole number" } else { expected };
        let found = match value.get_ref() {
            // A number that is too large or too small is the number, not a type.
            DeValue::Integer(i) if matches!(expected, "count" | "weight") => format!("`{}`", i.as_str()),
            other => other.type_str().to_owned(),
        };
        let d = Diagnostic::error("config.type").at(self.file.place(value.span())).arg("key", key);
        self.out.push(d.arg("expected", expected).arg("found", found));
    }

    /// One value; `None`: it is none of this kind, or wrong.
    fn simple(&mut self, kind: Kind, named: &Named) -> Option<Json> {
        let value = named.value;
        match (kind, value.get_ref()) {
            (Kind::Text, DeValue::String(s)) => Some(Json::String(s.trim().to_owned())),
            (Kind::Text, DeValue::Datetime(d)) => Some(Json::String(d.to_string())),
            (Kind::Texts, DeValue::String(s)) => Some(Json::Array(vec![Json::String(s.trim().to_owned())])),
            (Kind::Texts, DeValue::Array(items)) => {
                let mut list = Vec::new();
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::String(s) => list.push(Json::String(s.trim().to_owned())),
                        _ => self.wrong(&named.shown, "texts", item),
                    }
                }
                Some(Json::Array(list))
            }
            (Kind::Count, DeValue::Integer(i)) => {
                let number = i64::from_str_radix(i.as_str(), i.radix()).ok();
                number.filter(|n| (1..=100_000).contains(n)).map(Json::from)
            }
            (Kind::Counts, DeValue::Array(items)) => {
                let mut list = Vec::new();
                for item in items.iter() {
                    let one = Named { dotted: named.dotted.clone(), shown: named.shown.clone(), value: item };
                    match self.simple(Kind::Count, &one) {
                        Some(number) => list.push(number),
                        None => self.wrong(&named.shown, "count", item),
                    }
                }
                Some(Json::Array(list))
            }
            (Kind::Weight, DeValue::Integer(i)) => i32::from_str_radix(i.as_str(), i.radix()).ok().map(Json::from),
            (Kind::Bool, DeValue::Boolean(b)) => Some((*b).into()),
            _ => None,
        }
    }

    /// Tables of all kinds, and what is wrong.
    fn compound(&mut self, spec: &Spec, named: &Named, node: &mut Node) {
        let place = |v: &Spanned<DeValue<'_>>| self.file.place(v.span());
        match (spec.kind, named.value.get_ref()) {
            (Kind::TextMap, DeValue::Table(map)) => {
                for (k, v) in map.iter() {
                    let text = match v.get_ref() {
                        DeValue::String(s) => s.trim().to_owned(),
                        DeValue::Integer(i) => i.as_str().to_owned(),
                        DeValue::Float(f) => f.as_str().to_owned(),
                        DeValue::Boolean(b) => b.to_string(),
                        _ => {
                            self.wrong(&format!("{}.{}", named.shown, k.get_ref()), "text", v);
                            continue;
                        }
                    };
                    let value = Setting { value: Json::String(text), place: self.file.place(v.span()) };
                    node.values.insert(format!("{}.{}", named.dotted, k.get_ref()), value);
                }
            }
            (Kind::FreeMap, DeValue::Table(map)) => {
                for (k, v) in map.iter() {
                    let value = Setting { value: json(v.get_ref()), place: place(v) };
                    node.values.insert(format!("{}.{}", named.dotted, k.get_ref()), value);
                }
            }
            (Kind::TextsMap, DeValue::Table(map)) => {
                for (k, v) in map.iter() {
                    let texts: Option<Vec<Json>> = match v.get_ref() {
                        DeValue::String(s) => Some(vec![Json::String(s.trim().to_owned())]),
                        DeValue::Array(items) => {
                            items.iter().map(|i| i.get_ref().as_str().map(|s| Json::String(s.trim().to_owned()))).collect()
                        }
                        _ => None,
                    };
                    let Some(texts) = texts else {
                        self.wrong(&format!("{}.{}", named.shown, k.get_ref()), "texts", v);
                        continue;
                    };
                    let value = Setting { value: Json::Array(texts), place: place(v) };
                    node.values.insert(format!("{}.{}", named.dotted, k.get_ref()), value);
                }
            }
            (Kind::FreeMaps, DeValue::Table(maps)) => {
                for (outer, map) in maps.iter() {
                    let DeValue::Table(map) = map.get_ref() else {
                        self.wrong(&format!("{}.{}", named.shown, outer.get_ref()), "table", map);
                        continue;
                    };
                    for (k, v) in map.iter() {
                        let value = Setting { value: json(v.get_ref()), place: place(v) };
                        node.values.insert(format!("{}.{}.{}", named.dotted, outer.get_ref(), k.get_ref()), value);
                    }
                }
            }
            (Kind::Section(inner), DeValue::Table(map)) => {
                let place = place(named.value);
                self.section(map, inner, &format!("{}.", named.dotted), &format!("{}.", named.shown), &[], node);
                // A section that is there, though empty, says something: `topic = {}`.
                node.values.entry(named.dotted.clone()).or_insert_with(|| Setting { value: Json::Bool(true), place });
            }
            (Kind::Tables(inner), DeValue::Array(items)) => {
                let mut nodes = Vec::new();
                for item in items.iter() {
                    let DeValue::Table(map) = item.get_ref() else {
                        self.wrong(&named.shown, "table", item);
                        continue;
                    };
                    let mut child = Node { place: Some(table_place(self.file, item.span())), ..Node::default() };
                    self.section(map, inner, "", &format!("{}.", named.shown), &[], &mut child);
                    nodes.push(child);
                }
                node.lists.insert(spec.key, nodes);
            }
            (Kind::Blocks, DeValue::Array(items)) => {
                let blocks = items.iter().filter_map(|item| self.block(&named.shown, item)).collect();
                node.lists.insert(spec.key, blocks);
            }
            (kind, _) => self.wrong(&named.shown, word(kind), named.value),
        }
    }

    /// A block of a page: its settings are those of its template, and free.
    fn block(&mut self, shown: &str, item: &Spanned<DeValue<'_>>) -> Option<Node> {
        let mut node = Node { place: Some(table_place(self.file, item.span())), ..Node::default() };
        let mut put = |key: &str, value: &Spanned<DeValue<'_>>| {
            node.values.insert(key.to_owned(), Setting { value: json(value.get_ref()), place: self.file.place(value.span()) });
        };
        match item.get_ref() {
            DeValue::String(_) => put("block", item),
            DeValue::Table(map) => map.iter().for_each(|(k, v)| put(k.get_ref(), v)),
            _ => {
                self.wrong(shown, "table", item);
                return None;
            }
        }
        if node.text("block").is_none_or(str::is_empty) {
            let place = node.place_of("block").unwrap_or_else(|| self.file.place(item.span()));
            self.out.push(Diagnostic::error("config.missing").at(place).arg("key", "block").arg("what", format!("[[{shown}]]")));
            return None;
        }
        Some(node)
    }
}

/// What a kind is called in messages.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Texts => "texts",
        Kind::Count => "count",
        Kind::Counts => "counts",
        Kind::Weight => "weight",
        Kind::Bool => "flag",
        Kind::TextMap | Kind::TextsMap | Kind::FreeMap | Kind::FreeMaps | Kind::Section(_) => "table",
        Kind::Tables(_) | Kind::Blocks => "tables",
    }
}

/// The header line of a table: its span reaches over its values.
fn table_place(file: &File, span: std::ops::Range<usize>) -> Place {
    let end = file.text.get(span.clone()).and_then(|t| t.find('\n')).map_or(span.end, |i| span.start + i);
    file.place(span.start..end)
}

/// Any TOML value; dates become text.
pub fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(s) => Json::String(s.to_string()),
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).map_or(Json::Null, Json::from),
        DeValue::Float(f) => f.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Boolean(b) => Json::Bool(*b),
        DeValue::Datetime(d) => Json::String(d.to_string()),
        DeValue::Array(items) => Json::Array(items.iter().map(|v| json(v.get_ref())).collect()),
        DeValue::Table(map) => Json::Object(map.iter().map(|(k, v)| (k.get_ref().to_string(), json(v.get_ref()))).collect()),
    }
}
