//! Redirects (D18): from `aliases` of items, and from the committed `redirects.csv`; never from old state.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::Platform;
use crate::content::Library;

/// Rows of redirects.csv by site.
#[derive(Default)]
pub struct Redirects {
    pub rows: BTreeMap<SiteId, Vec<Row>>,
}

pub struct Row {
    pub from: String,
    /// A path, an address, or `id:…` of an item that exists.
    pub to: String,
    pub line: u32,
}

pub const FILE: &str = "redirects.csv";

impl Redirects {
    pub fn load(root: &Path, platform: &Platform, library: &Library, out: &mut Vec<Diagnostic>) -> Redirects {
        let mut redirects = Redirects::default();
        let text = match std::fs::read(root.join(FILE)) {
            Ok(bytes) => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return redirects,
            Err(e) => {
                out.push(Diagnostic::error("config.unreadable").at(Place::file(FILE)).arg("problem", e));
                return redirects;
            }
        };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).from_reader(text.as_bytes());
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(e) => {
                    let line = e.position().map_or(1, |p| p.line() as u32);
                    out.push(Diagnostic::error("route.redirect-row").at(Place::at(FILE, line, 1)).arg("problem", e));
                    continue;
                }
            };
            let line = row.position().map_or(1, |p| p.line() as u32);
            let place = Place::at(FILE, line, 1);
            let cell = |i: usize| row.get(i).unwrap_or("").trim();
            let (site, from, to) = (cell(0), cell(1), cell(2));
            if line == 1 && (site, from, to) == ("site", "from", "to") {
                continue;
            }
            if row.len() < 3 {
                out.push(Diagnostic::error("route.redirect-cells").at(place).arg("count", row.len()));
                continue;
            }
            let Some(id) = platform.find_site(site) else {
                let d = Diagnostic::error("route.redirect-site").at(place).arg("site", site);
                out.push(d.nearest(site, platform.sites.iter().map(|s| &*s.id)));
                continue;
            };
            let from = format!("/{}", from.trim_start_matches('/'));
            match problem(library, &from, to) {
                Some(d) => out.push(d.at(place)),
                None => redirects.rows.entry(id).or_default().push(Row { from, to: to.to_owned(), line }),
            }
        }
        redirects
    }
}

/// What is wrong with a row.
fn problem(library: &Library, from: &str, to: &str) -> Option<Diagnostic> {
    if path::check_output(&path::output_file(from)).is_err() {
        return Some(Diagnostic::error("route.redirect-from").arg("path", from));
    }
    if to.strip_prefix("id:").is_some_and(|id| library.find_id(id).is_none()) {
        let mut d = Diagnostic::error("link.dead-id").arg("target", to);
        d.nearest = library.near(to, None, |_| true);
        return Some(d);
    }
    let known = ["/", "https://", "http://", "id:"].iter().any(|s| to.starts_with(s));
    let bad = !known || to.contains(['"', '<', '>', '\n']);
    bad.then(|| Diagnostic::error("route.redirect-to").arg("target", to))
}
