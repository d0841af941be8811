//! What a mount says of its files: a metadata file, fixed values and rules (D1).

use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

use serde_json::{Map, Value as Json};

use crate::base::diag::{Diagnostic, Place};
use crate::base::path::nfc;
use crate::config::Mount;

/// Keys that need no `fields` entry when the metadata calls them as we do.
const SAME: &[&str] = &["title", "date", "lastmod", "source", "tags", "summary"];

/// The rows of a mount's metadata by path below the mount.
pub type Metadata = HashMap<String, Map<String, Json>, foldhash::fast::RandomState>;

/// Rows for files that are not there: told once for a mount, since a folder that moved makes thousands of them.
pub fn idle(mount: &Mount, rows: &Metadata, is_there: impl Fn(&str) -> bool, out: &mut Vec<Diagnostic>) {
    let idle = rows.keys().filter(|path| !is_there(path));
    let (count, first) = idle.fold((0, None), |(count, first), path| (count + 1, first.map_or(Some(path), |f| Some(path.min(f)))));
    if let Some(first) = first {
        let d = Diagnostic::warning("content.metadata-nowhere").at(Place::file(mount.metadata_display.clone()));
        out.push(d.arg("count", count).arg("path", first));
    }
}

pub fn load(mount: &Mount, out: &mut Vec<Diagnostic>) -> Metadata {
    let mut rows = Metadata::default();
    let Some(path) = &mount.metadata else { return rows };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) => {
            let place = Place::file(mount.metadata_display.clone());
            out.push(Diagnostic::error("content.unreadable").at(place).arg("problem", e));
            return rows;
        }
    };
    for (at, line) in std::io::BufReader::new(file).lines().enumerate() {
        let place = Place::at(mount.metadata_display.clone(), at as u32 + 1, 1);
        let parsed = line
            .map_err(|e| e.to_string())
            .and_then(|l| if l.trim().is_empty() { Ok(Json::Null) } else { serde_json::from_str(&l).map_err(|e| e.to_string()) });
        match parsed {
            Ok(Json::Object(map)) => match map.get("path").and_then(Json::as_str) {
                Some(path) => {
                    rows.insert(nfc(path).into_owned(), map);
                }
                None => out.push(Diagnostic::warning("content.metadata-path").at(place)),
            },
            Ok(Json::Null) => {}
            Ok(_) => out.push(Diagnostic::warning("content.metadata-path").at(place)),
            Err(problem) => out.push(Diagnostic::error("content.json").at(place).arg("problem", problem)),
        }
    }
    rows
}

/// Values for the item at `path` (below the mount).
pub fn values(mount: &Mount, rows: &Metadata, path: &str) -> BTreeMap<String, Json> {
    let mut out = BTreeMap::new();
    let empty = Map::new();
    let row = rows.get(path).unwrap_or(&empty);
    for (key, value) in &mount.set {
        out.insert(key.clone(), value.clone());
    }
    for key in SAME {
        if let Some(value) = row.get(*key)
            && !mount.fields.contains_key(*key)
        {
            out.insert((*key).to_owned(), value.clone());
        }
    }
    for (ours, theirs) in &mount.fields {
        if let Some(value) = row.get(theirs) {
            out.insert(ours.clone(), value.clone());
        }
    }
    for rule in &mount.rules {
        if rule.when.iter().all(|(k, v)| row.get(k) == Some(v)) {
            out.extend(rule.set.iter().cloned());
        }
    }
    out
}
