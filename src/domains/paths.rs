//! Paths below another site's host that belong to a site: at `www.qinghe.example/lyj` the forestry bureau's site is shown, where
//! that is the first of its `hosts`, or one is led to it, where it is one of its `domain.paths`.

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
    /// What is shown there, or where it leads.
    pub site: SiteId,
    /// The site is there; else it is elsewhere.
    pub shows: bool,
    pub place: Place,
}

impl Path {
    /// As people read it.
    pub fn readable(&self) -> String {
        let path = percent_encoding::percent_decode_str(&self.path).decode_utf8_lossy();
        format!("{}{path}", names::shown(&self.host))
    }

    /// An address of its host lies below it.
    pub fn holds(&self, asked: &str) -> bool {
        self.rest(asked).is_some()
    }

    /// What is left of an address below it: with a slash or a question mark before it, or nothing.
    fn rest<'a>(&self, asked: &'a str) -> Option<&'a str> {
        path::below(asked, &self.path)
    }

    /// Where an address of its host leads; `None` where the site itself is shown too.
    pub fn answer(&self, platform: &Platform, asked: &str) -> Option<String> {
        let rest = self.rest(asked).filter(|_| !self.shows)?;
        Some(format!("{}/{}", platform.site(self.site).base(), rest.strip_prefix('/').unwrap_or(rest)))
    }
}

/// By host, the longer path before the one that it lies in.
pub fn read(platform: &Platform, hosts: &[Name], out: &mut Vec<Diagnostic>) -> Vec<Path> {
    let mut all: Vec<Path> = Vec::new();
    for site in platform.site_ids() {
        shown(platform, hosts, site, &mut all, out);
        led(platform, hosts, site, &mut all, out);
    }
    all.sort_by(|a, b| (&a.host, b.path.len(), &a.path).cmp(&(&b.host, a.path.len(), &b.path)));
    all
}

/// The site whose pages a host shows at its root.
fn site_of<'n>(hosts: &'n [Name], host: &str, not: SiteId) -> Option<(&'n Name, SiteId)> {
    let name = hosts.binary_search_by(|n| (*n.host).cmp(host)).ok().map(|at| &hosts[at])?;
    match (name.owner, name.role) {
        (Owner::Site(id), Role::Main | Role::Host) if id != not => Some((name, id)),
        _ => None,
    }
}

fn add(one: Path, site: &Arc<str>, all: &mut Vec<Path>, out: &mut Vec<Diagnostic>) {
    match all.iter().find(|p| p.host == one.host && p.path == one.path) {
        Some(first) => {
            let d = Diagnostic::error("domains.twice").at(one.place.clone()).arg("host", one.readable());
            out.push(d.also(first.place.clone()).site(site));
        }
        None => all.push(one),
    }
}

/// A site that is shown below a path is there on every host of the other site.
fn shown(platform: &Platform, hosts: &[Name], site: SiteId, all: &mut Vec<Path>, out: &mut Vec<Diagnostic>) {
    let own = platform.site(site);
    let Some(host) = own.hosts.first().filter(|_| !own.below.is_empty()) else { return };
    let place = own.settings.get("hosts").map_or(own.place.clone(), |s| s.place.clone());
    let Some((_, other)) = site_of(hosts, names::bare(host), site) else {
        let text = format!("{host}{}", own.below);
        out.push(Diagnostic::error("domains.path-host").at(place).arg("path", text).site(&own.id));
        return;
    };
    let served = hosts.iter().filter(|n| n.owner == Owner::Site(other) && matches!(n.role, Role::Main | Role::Host));
    for name in served {
        let path = own.below.to_string();
        add(Path { host: name.host.clone(), below: other, path, site, shows: true, place: place.clone() }, &own.id, all, out);
    }
}

fn led(platform: &Platform, hosts: &[Name], site: SiteId, all: &mut Vec<Path>, out: &mut Vec<Diagnostic>) {
    let own = platform.site(site);
    let Some(setting) = own.settings.get("domain.paths") else { return };
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
        let Some((name, other)) = site_of(hosts, &host, site) else {
            out.push(tell("domains.path-host"));
            continue;
        };
        let path = format!("/{}", path::encode(below));
        add(Path { host: name.host.clone(), below: other, path, site, shows: false, place: setting.place.clone() }, &own.id, all, out);
    }
}

/// Pages that nobody would see any more.
pub fn check(platform: &Platform, paths: &[Path], fleet: &Fleet, out: &mut Vec<Diagnostic>) {
    for p in paths {
        // Of the site that has the host, and of those below paths that this one lies in.
        let around = paths.iter().filter(|q| q.shows && q.host == p.host && q.path != p.path && q.rest(&p.path).is_some());
        for site in around.map(|q| q.site).chain([p.below]) {
            let files = &fleet.site(site).files;
            let hidden: Vec<_> = files.iter().filter(|f| p.holds(&path::encode(&address(&f.path)))).collect();
            if let Some(first) = hidden.first() {
                let d = Diagnostic::error("domains.path-hides").at(p.place.clone()).arg("path", p.readable()).arg("count", hidden.len());
                let d = d.arg("site", &platform.site(site).id).arg("first", &first.path);
                out.push(d.site(&platform.site(p.site).id));
            }
        }
    }
}
