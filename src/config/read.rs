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
                    d.args.push(("key", key.trim().to_owned()));
                }
            }
            out.push(d);
        }
        (table, errors.is_empty())
    }
}

/// Reads `table` by `specs`. `inherited_only`: a place from which settings are handed down, where those of one site are
/// refused. `also`: keys that the caller reads itself.
pub fn read(
    file: &File,
    table: &DeTable<'_>,
    specs: &'static [Spec],
    inherited_only: bool,
    also: &[&str],
    out: &mut Vec<Diagnostic>,
) -> Node {
    let mut node = Node::default();
    section(file, table, specs, "", inherited_only, also, &mut node, out);
    node
}

#[allow(clippy::too_many_arguments)]
fn section(
    file: &File,
    table: &DeTable<'_>,
    specs: &'static [Spec],
    prefix: &str,
    inherited_only: bool,
    also: &[&str],
    node: &mut Node,
    out: &mut Vec<Diagnostic>,
) {
    for (key, value) in table.iter() {
        let name: &str = key.get_ref();
        if also.contains(&name) {
            continue;
        }
        let dotted = format!("{prefix}{name}");
        let Some(spec) = specs.iter().find(|s| s.key == name) else {
            let known = specs.iter().map(|s| s.key).chain(also.iter().copied());
            let d = Diagnostic::error("config.unknown-key").at(file.place(key.span())).arg("key", &dotted);
            out.push(d.nearest(name, known));
            continue;
        };
        let takes = spec.handed_down || matches!(spec.kind, Kind::Section(_));
        if inherited_only && !takes {
            out.push(Diagnostic::error("config.not-handed-down").at(file.place(key.span())).arg("key", &dotted));
            continue;
        }
        let wrong = |expected: &str, value: &Spanned<DeValue<'_>>| {
            Diagnostic::error("config.type")
                .at(file.place(value.span()))
                .arg("key", &dotted)
                .arg("expected", expected)
                .arg("found", value.get_ref().type_str())
        };
        let place = file.place(value.span());
        let mut put = |json: Json| {
            node.values.insert(dotted.clone(), Setting { value: json, place: place.clone() });
        };
        match (spec.kind, value.get_ref()) {
            (Kind::Text, DeValue::String(s)) => put(Json::String(s.trim().to_owned())),
            (Kind::Text, DeValue::Datetime(d)) => put(Json::String(d.to_string())),
            (Kind::Text, _) => out.push(wrong("text", value)),
            (Kind::Texts, DeValue::String(s)) => put(Json::Array(vec![Json::String(s.trim().to_owned())])),
            (Kind::Texts, DeValue::Array(items)) => {
                let mut list = Vec::new();
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::String(s) => list.push(Json::String(s.trim().to_owned())),
                        _ => out.push(wrong("list of texts", item)),
                    }
                }
                put(Json::Array(list));
            }
            (Kind::Texts, _) => out.push(wrong("list of texts", value)),
            (Kind::Count, DeValue::Integer(i)) => match i64::from_str_radix(i.as_str(), i.radix()) {
                Ok(n) if (1..=100_000).contains(&n) => put(n.into()),
                _ => out.push(wrong("whole number from 1 to 100000", value)),
            },
            (Kind::Count, _) => out.push(wrong("whole number from 1 to 100000", value)),
            (Kind::Weight, DeValue::Integer(i)) => match i32::from_str_radix(i.as_str(), i.radix()) {
                Ok(n) => put(n.into()),
                Err(_) => out.push(wrong("whole number", value)),
            },
            (Kind::Weight, _) => out.push(wrong("whole number", value)),
            (Kind::Bool, DeValue::Boolean(b)) => put((*b).into()),
            (Kind::Bool, _) => out.push(wrong("true or false", value)),
            (Kind::TextMap, DeValue::Table(map)) => {
                for (k, v) in map.iter() {
                    let text = match v.get_ref() {
                        DeValue::String(s) => s.trim().to_owned(),
                        DeValue::Integer(i) => i.as_str().to_owned(),
                        DeValue::Float(f) => f.as_str().to_owned(),
                        DeValue::Boolean(b) => b.to_string(),
                        _ => {
                            out.push(wrong("text", v));
                            continue;
                        }
                    };
                    let value = Setting { value: Json::String(text), place: file.place(v.span()) };
                    node.values.insert(format!("{dotted}.{}", k.get_ref()), value);
                }
            }
            (Kind::FreeMap, DeValue::Table(map)) => {
                for (k, v) in map.iter() {
                    let value = Setting { value: json(v.get_ref()), place: file.place(v.span()) };
                    node.values.insert(format!("{dotted}.{}", k.get_ref()), value);
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
                        out.push(wrong("list of texts", v));
                        continue;
                    };
                    let value = Setting { value: Json::Array(texts), place: file.place(v.span()) };
                    node.values.insert(format!("{dotted}.{}", k.get_ref()), value);
                }
            }
            (Kind::FreeMaps, DeValue::Table(maps)) => {
                for (outer, map) in maps.iter() {
                    let DeValue::Table(map) = map.get_ref() else {
                        out.push(wrong("table", map));
                        continue;
                    };
                    for (k, v) in map.iter() {
                        let value = Setting { value: json(v.get_ref()), place: file.place(v.span()) };
                        node.values.insert(format!("{dotted}.{}.{}", outer.get_ref(), k.get_ref()), value);
                    }
                }
            }
            (Kind::TextMap | Kind::TextsMap | Kind::FreeMap | Kind::FreeMaps, _) => out.push(wrong("table", value)),
            (Kind::Section(inner), DeValue::Table(map)) => {
                section(file, map, inner, &format!("{dotted}."), inherited_only, &[], node, out);
                // A section that is there, though empty, says something: `topic = {}`.
                node.values.entry(dotted.clone()).or_insert_with(|| Setting { value: Json::Bool(true), place: place.clone() });
            }
            (Kind::Section(_), _) => out.push(wrong("table", value)),
            (Kind::Tables(inner), DeValue::Array(items)) => {
                let mut nodes = Vec::new();
                for item in items.iter() {
                    let DeValue::Table(map) = item.get_ref() else {
                        out.push(wrong("table", item));
                        continue;
                    };
                    let mut child = Node { place: Some(table_place(file, item.span())), ..Node::default() };
                    section(file, map, inner, "", inherited_only, &[], &mut child, out);
                    nodes.push(child);
                }
                node.lists.insert(spec.key, nodes);
            }
            (Kind::Tables(_), _) => {
                out.push(wrong("list of tables", value));
            }
        }
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
