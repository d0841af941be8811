//! Paths below another site's host that belong to a site: `www.qinghe.example/lyj` leads to the forestry bureau's own host.

use std::sync::Arc;

use super::fleet::{Fleet, address};
use super::names;
use super::register::{Name, Owner, Role};
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::Platform;

pub struct Path {
    /// Of another site; ASCII.
    pub host: Arc<str>,
    /// The site that the host shows.
    pub below: SiteId,
    /// As it is asked for: encoded, a slash before it and none behind.
    pub path: String,
    /// Where it leads.
    pub site: SiteId,
    pub place: Place,
}

impl Path {
    /// As people read it.
    pub fn shown(&self) -> String {
        let path = percent_encoding::percent_decode_str(&self.path).decode_utf8_lossy();
        format!("{}{path}", names::shown(&self.host))
    }

    /// What is left of an address below it: with a slash or a question mark before it, or nothing.
    fn rest<'a>(&self, asked: &'a str) -> Option<&'a str> {
        asked.strip_prefix(self.path.as_str()).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    /// Where an address of its host leads.
    pub fn answer(&self, platform: &Platform, asked: &str) -> Option<String> {
        let rest = self.rest(asked)?;
        Some(format!("{}/{}", platform.site(self.site).url, rest.strip_prefix('/').unwrap_or(rest)))
    }
}

/// By host, the longer path before the one that it lies in.
pub fn read(platform: &Platform, hosts: &[Name], out: &mut Vec<Diagnostic>) -> Vec<Path> {
    let mut all: Vec<Path> = Vec::new();
    for site in platform.site_ids() {
        let own = platform.site(site);
        let Some(setting) = own.settings.get("domain.paths") else { continue };
        let texts = setting.value.as_array().into_iter().flatten().chain(setting.value.is_string().then_some(&setting.value));
        for text in texts.filter_map(|t| t.as_str()) {
            let tell = |id: &'static str| Diagnostic::error(id).at(setting.place.clone()).arg("path", text).site(&own.id);
            let Some((host, below)) = text.split_once('/').and_then(|(host, below)| Some((names::ascii(host)?, below))) else {
                out.push(tell("domains.path-form"));
                continue;
            };
            let below = below.trim_end_matches('/');
            if path::check_output(below).is_err() || below.contains(['*', '?', '#', '%', '"', '$', ';', '{', '}', '`']) {
                out.push(tell("domains.path-form"));
                continue;
            }
            let found = hosts.binary_search_by(|n| (*n.host).cmp(&host)).ok().map(|at| &hosts[at]);
            let other = found.and_then(|n| match (n.owner, n.role) {
                (Owner::Site(id), Role::Main | Role::Host) if id != site => Some(id),
                _ => None,
            });
            let Some(other) = other else {
                out.push(tell("domains.path-host"));
                continue;
            };
            let one =
                Path { host: host.into(), below: other, path: format!("/{}", path::encode(below)), site, place: setting.place.clone() };
            match all.iter().find(|p| p.host == one.host && p.path == one.path) {
                Some(first) => out.push(tell("domains.twice").arg("host", one.shown()).also(first.place.clone())),
                None => all.push(one),
            }
        }
    }
    all.sort_by(|a, b| (&a.host, b.path.len(), &a.path).cmp(&(&b.host, a.path.len(), &b.path)));
    all
}

/// Pages that nobody would see any more.
pub fn check(platform: &Platform, paths: &[Path], fleet: &Fleet, out: &mut Vec<Diagnostic>) {
    for p in paths {
        let files = &fleet.site(p.below).files;
        let hidden: Vec<_> = files.iter().filter(|f| p.rest(&path::encode(&address(&f.path))).is_some()).collect();
        if let Some(first) = hidden.first() {
            let d = Diagnostic::error("domains.path-hides").at(p.place.clone()).arg("path", p.shown()).arg("count", hidden.len());
            let d = d.arg("site", &platform.site(p.below).id).arg("first", &first.path);
            out.push(d.site(&platform.site(p.site).id));
        }
    }
}
