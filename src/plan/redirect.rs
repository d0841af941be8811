//! Redirects (D18): from `aliases` of items, and from the committed `redirects.csv`; never from old state.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::Platform;
use crate::content::Library;

/// Rows of redirects.csv by site: from, to, line.
#[derive(Default)]
pub struct Redirects {
    pub rows: BTreeMap<SiteId, Vec<(String, String, u32)>>,
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
            let Some(id) = platform.find_site(site) else {
                let d = Diagnostic::error("route.redirect-site").at(place).arg("site", site);
                out.push(d.nearest(site, platform.sites.iter().map(|s| &*s.id)));
                continue;
            };
            let from = format!("/{}", from.trim_start_matches('/'));
            let known = to.starts_with('/')
                || to.starts_with("https://")
                || to.starts_with("http://")
                || to.strip_prefix("id:").is_some_and(|i| library.find_id(i).is_some());
            let bad = if path::check_output(&path::output_file(&from)).is_err() {
                Some(from.clone())
            } else if !known || to.contains(['"', '<', '>', '\n']) {
                Some(to.to_owned())
            } else {
                None
            };
            if let Some(problem) = bad {
                out.push(Diagnostic::error("route.redirect-row").at(place).arg("problem", problem));
                continue;
            }
            redirects.rows.entry(id).or_default().push((from, to.to_owned(), line));
        }
        redirects
    }
}
