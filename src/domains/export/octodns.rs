//! Zones as octoDNS reads them, and a configuration that brings them into zone files; with another target, to a provider.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Files, HEAD, Set, sets};
use crate::domains::register::Register;

#[derive(Serialize)]
struct Row {
    ttl: u32,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<serde_json::Value>>,
}

/// `Err`: what serde says.
pub fn files(register: &Register) -> Result<Files, String> {
    let mut files = Files::new();
    let mut config = format!(
        "{HEAD}providers:\n  config:\n    class: octodns.provider.yaml.YamlProvider\n    directory: ./zones\n    enforce_order: false\n  zonefiles:\n    class: octodns_bind.ZoneFileProvider\n    directory: ./zonefiles\n    file_extension: .zone\nzones:\n"
    );
    for (at, zone) in register.zones.iter().enumerate() {
        let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for (name, sets) in sets(register, at) {
            rows.insert(name, sets.into_iter().map(row).collect());
        }
        if !zone.nameservers.is_empty() {
            let values = zone.nameservers.iter().map(|n| format!("{n}.").into()).collect();
            rows.entry(String::new()).or_default().push(Row { ttl: zone.ttl, kind: "NS".into(), value: None, values: Some(values) });
        }
        let text = serde_yaml::to_string(&rows).map_err(|e| e.to_string())?;
        files.insert(format!("zones/{}.yaml", zone.name), format!("{HEAD}{text}"));
        config.push_str(&format!("  {}.:\n    sources: [config]\n    targets: [zonefiles]\n", zone.name));
    }
    files.insert("octodns.yaml".into(), config);
    Ok(files)
}

/// octoDNS names the parts of some values.
fn row(set: Set) -> Row {
    use serde_json::{Value, json};
    let part = |value: &str| -> Value {
        let words: Vec<&str> = value.split_whitespace().collect();
        let number = |at: usize| words.get(at).and_then(|w| w.parse::<u32>().ok()).unwrap_or(0);
        let word = |at: usize| words.get(at).copied().unwrap_or_default();
        match set.kind.as_str() {
            "MX" => json!({ "preference": number(0), "exchange": word(1) }),
            "CAA" => json!({ "flags": number(0), "tag": word(1), "value": word(2).trim_matches('"') }),
            "SRV" => json!({ "priority": number(0), "weight": number(1), "port": number(2), "target": word(3) }),
            "TXT" => value.replace(';', "\\;").into(),
            _ => value.into(),
        }
    };
    let mut values: Vec<Value> = set.values.iter().map(|v| part(v)).collect();
    let one = set.kind == "CNAME" || values.len() == 1;
    let value = if one { values.pop() } else { None };
    Row { ttl: set.ttl, kind: set.kind, value, values: (!one).then_some(values) }
}
