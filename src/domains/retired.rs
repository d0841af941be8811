//! Hosts of sites that are no more: where each of their old addresses leads.

use std::path::{Component, Path};

use super::register::{choice, host, place, required};
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::{Node, Platform};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing took its place: what no map names is gone (410).
    Closed,
    /// Its content went into another site: what no map names leads to that site's home page.
    Merged,
    /// The same site under another name: each address leads to the same one there.
    Moved,
}

pub struct Retired {
    pub name: Option<String>,
    pub state: State,
    /// ASCII, each with where it was written.
    pub hosts: Vec<(String, Place)>,
    pub site: Option<SiteId>,
    /// What paths are taken relative to, no slash at its end; absent for a closed site.
    pub base: Option<String>,
    pub map: Vec<MapRow>,
    pub patterns: Vec<Pattern>,
    pub target: Option<(String, Place)>,
    pub certificate: Option<(String, Place)>,
    pub place: Place,
}

/// A line of the map.
pub struct MapRow {
    /// Decoded, unless it has a query: then as it is asked for.
    pub from: String,
    /// An address.
    pub to: String,
    pub place: Place,
}

pub struct Pattern {
    /// Without the `*`.
    pub from: String,
    pub all_below: bool,
    /// An address; `*` in it stands for what follows `from`.
    pub to: String,
    pub place: Place,
}

/// What an old address is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    To(String),
    Gone,
}

impl Retired {
    /// What a path, with its query if it has one, is answered with.
    pub fn answer(&self, asked: &str) -> Answer {
        let plain = asked.split('?').next().unwrap_or(asked);
        let decoded = percent_encoding::percent_decode_str(plain).decode_utf8_lossy();
        if let Some(row) = self.map.iter().find(|r| if r.from.contains('?') { r.from == asked } else { r.from == decoded }) {
            return Answer::To(row.to.clone());
        }
        for p in &self.patterns {
            if p.all_below {
                if let Some(rest) = asked.strip_prefix(p.from.as_str()) {
                    return Answer::To(p.to.replace('*', rest));
                }
            } else if p.from == plain {
                return Answer::To(p.to.clone());
            }
        }
        match (&self.base, self.state) {
            (Some(base), State::Moved) => Answer::To(format!("{base}{asked}")),
            (Some(base), _) => Answer::To(format!("{base}/")),
            (None, _) => Answer::Gone,
        }
    }
}

pub fn read(platform: &Platform, out: &mut Vec<Diagnostic>) -> Vec<Retired> {
    platform.domains.list("retired").iter().filter_map(|row| one(platform, row, out)).collect()
}

fn one(platform: &Platform, row: &Node, out: &mut Vec<Diagnostic>) -> Option<Retired> {
    let what = "[[domains.retired]]";
    let hosts: Vec<(String, Place)> =
        row.texts("hosts").iter().filter_map(|h| Some((host(row, "hosts", h, out)?, place(row, "hosts")))).collect();
    if hosts.is_empty() {
        super::register::missing(row, "hosts", what, out);
    }
    required(row, "state", what, out)?;
    let states = [("closed", State::Closed), ("merged", State::Merged), ("moved", State::Moved)];
    let state = choice(row, "state", &states, State::Closed, out);
    let site = row.text("site").and_then(|id| {
        let found = platform.find_site(id);
        if found.is_none() {
            let d = Diagnostic::error("config.unknown-site").at(place(row, "site")).arg("site", id);
            out.push(d.nearest(id, platform.sites.iter().map(|s| &*s.id)));
        }
        found
    });
    let url = row.text("url").map(|u| u.trim_end_matches('/'));
    if let Some(url) = url
        && !is_address(url)
    {
        out.push(Diagnostic::error("domains.to").at(place(row, "url")).arg("target", url));
    }
    let base = site.map(|s| platform.site(s).base()).or(url.map(str::to_owned));
    if state != State::Closed && base.is_none() && row.text("site").is_none() {
        out.push(Diagnostic::error("domains.no-heir").at(place(row, "state")).arg("state", row.text("state").unwrap_or_default()));
    }
    let mut patterns = Vec::new();
    for rule in row.list("rule") {
        let at = place(rule, "from");
        let (Some(from), Some(to)) = (required(rule, "from", "rule", out), required(rule, "to", "rule", out)) else { continue };
        let (start, all_below) = from.strip_suffix('*').map_or((from, false), |start| (start, true));
        // Compared with what is asked for, which is encoded.
        let start = path::encode(&percent_encoding::percent_decode_str(start).decode_utf8_lossy()).into_owned();
        if !start.starts_with('/') || start.contains('*') || (to.contains('*') && !all_below) || to.matches('*').count() > 1 {
            out.push(Diagnostic::error("domains.pattern").at(at).arg("from", from).arg("to", to));
            continue;
        }
        match address(base.as_deref(), to) {
            Some(to) => patterns.push(Pattern { from: start, all_below, to, place: at }),
            None => out.push(Diagnostic::error("domains.to").at(place(rule, "to")).arg("target", to)),
        }
    }
    let map = row.text("map").map_or_else(Vec::new, |file| map(&platform.root, file, place(row, "map"), base.as_deref(), out));
    let text = |key: &str| row.text(key).map(|t| (t.to_owned(), place(row, key)));
    let (target, certificate) = (text("target"), text("certificate"));
    let at = place(row, "hosts");
    Some(Retired { name: row.text("name").map(str::to_owned), state, hosts, site, base, map, patterns, target, certificate, place: at })
}

/// An address that may stand in a header.
fn is_address(text: &str) -> bool {
    let good = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty());
    good && !text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\\' | '<' | '>' | '{' | '}' | '$' | '`'))
}

/// A path of the new site, or an address, as an address in ASCII.
fn address(base: Option<&str>, to: &str) -> Option<String> {
    let full = if to.starts_with('/') && !to.starts_with("//") { format!("{}{}", base?, ascii(to)) } else { ascii(to) };
    is_address(&full).then_some(full)
}

/// A path or an address with what no header has encoded; a query stays one, and what is encoded already stays so.
pub(super) fn ascii(text: &str) -> String {
    const NOT: &percent_encoding::AsciiSet =
        &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'$').add(b'<').add(b'>').add(b'\\').add(b'`').add(b'{').add(b'|').add(b'}');
    percent_encoding::utf8_percent_encode(text, NOT).to_string()
}

/// `from,to`, with or without a line of headings.
fn map(root: &Path, file: &str, at: Place, base: Option<&str>, out: &mut Vec<Diagnostic>) -> Vec<MapRow> {
    let below = Path::new(file).components().all(|c| matches!(c, Component::Normal(_)));
    let bytes = if below { std::fs::read(root.join(file)) } else { Err(std::io::Error::other("not below the root")) };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(e) => {
            out.push(Diagnostic::error("domains.map").at(at).arg("file", file).arg("problem", e));
            return Vec::new();
        }
    };
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).from_reader(text.as_bytes());
    let mut rows: Vec<MapRow> = Vec::new();
    let mut seen = std::collections::BTreeMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                let line = e.position().map_or(1, |p| p.line() as u32);
                out.push(Diagnostic::error("domains.map-row").at(Place::at(file, line, 1)).arg("problem", e));
                continue;
            }
        };
        let line = record.position().map_or(1, |p| p.line() as u32);
        let place = Place::at(file, line, 1);
        let cell = |i: usize| record.get(i).unwrap_or("").trim();
        let (from, to) = (cell(0), cell(1));
        if line == 1 && (from, to) == ("from", "to") {
            continue;
        }
        if !from.starts_with('/') || from.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
            out.push(Diagnostic::error("domains.from").at(place).arg("from", from));
            continue;
        }
        let from = match from.contains('?') {
            true => ascii(from),
            false => percent_encoding::percent_decode_str(from).decode_utf8_lossy().into_owned(),
        };
        if let Some(other) = seen.insert(from.clone(), line) {
            out.push(Diagnostic::error("domains.map-twice").at(place).arg("from", from).also(Place::at(file, other, 1)));
            continue;
        }
        match address(base, to) {
            Some(to) => rows.push(MapRow { from, to, place }),
            None => out.push(Diagnostic::error("domains.to").at(place).arg("target", to)),
        }
    }
    rows
}
