//! Cloudflare's Bulk Redirects: what `_redirects` of its Pages cannot say, because it knows no hosts. One list for the
//! account, as its API takes it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::base::diag::Diagnostic;
use crate::base::path;
use crate::config::Platform;
use crate::domains::register::{Name, Owner, Register, Role};
use crate::domains::retired::State;

/// Aliases and retired hosts. What such a list cannot say is told.
pub fn list(platform: &Platform, register: &Register, out: &mut Vec<Diagnostic>) -> String {
    // An address stands in a list once: the first one counts, as everywhere.
    let mut all: BTreeMap<String, Json> = BTreeMap::new();
    let mut add = |name: &Name, from: &str, to: String, below: bool, rest: bool| {
        let source = format!("{}{from}", name.host);
        let redirect = json!({"redirect": {
            "source_url": source,
            "target_url": to,
            "status_code": 301,
            "subpath_matching": below,
            "preserve_path_suffix": rest,
            "preserve_query_string": rest,
        }});
        all.entry(source).or_insert(redirect);
    };
    for name in &register.names {
        let at = match name.owner {
            Owner::Site(id) if name.role == Role::Alias => {
                add(name, "/", format!("{}/", platform.site(id).base()), true, true);
                continue;
            }
            Owner::Site(_) => continue,
            Owner::Retired(at) => at,
        };
        let old = &register.retired[at];
        let mut left = 0;
        for row in &old.map {
            match row.from.contains('?') {
                true => left += 1,
                false => add(name, &path::encode(&row.from), row.to.clone(), false, false),
            }
        }
        for p in &old.patterns {
            let stem = p.to.strip_suffix('*');
            let to = stem.unwrap_or(&p.to);
            // Below a folder, and nothing but the rest at the end.
            if to.contains('*') || (p.all_below && !p.from.ends_with('/')) || stem.is_some_and(|s| !s.ends_with('/')) {
                left += 1;
                continue;
            }
            add(name, &p.from, to.to_owned(), p.all_below, stem.is_some());
        }
        if let Some(base) = &old.base {
            add(name, "/", format!("{base}/"), true, old.state == State::Moved);
        }
        if left > 0 {
            let d = Diagnostic::warning("domains.bulk").at(old.place.clone()).arg("host", &name.shown);
            out.push(d.arg("count", left));
        }
    }
    let list: Vec<Json> = all.into_values().collect();
    format!("{:#}\n", Json::from(list))
}
