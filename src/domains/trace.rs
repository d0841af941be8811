//! Redirects followed over the whole fleet: from each address that leads elsewhere, until a page answers, an address
//! outside is reached, or the way goes in a circle.

use super::fleet::{Fleet, Found};
use super::register::{Owner, Register, Role};
use super::retired::Answer;
use crate::base::diag::{Diagnostic, Place};
use crate::config::Platform;

/// Browsers give up sooner or later; nobody means so many.
const MOST: usize = 10;

pub struct Trace<'a> {
    pub platform: &'a Platform,
    pub register: &'a Register,
    pub fleet: &'a Fleet,
}

enum Step {
    /// A page answers, or somebody else does.
    Arrived,
    Moved(String),
    Gone,
    Nothing,
}

/// Host without its port, and path with query. `None`: no address of the web.
pub fn split(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let path = if rest[end..].starts_with('/') { &rest[end..] } else { "/" };
    let path = path.split('#').next().unwrap_or(path);
    Some((rest[..end].rsplit_once(':').map_or(&rest[..end], |(host, _)| host), path))
}

impl Trace<'_> {
    fn step(&self, address: &str) -> Step {
        let Some((host, path)) = split(address) else { return Step::Arrived };
        let Some(name) = super::names::ascii(host).and_then(|h| self.register.find(&h)) else { return Step::Arrived };
        match name.owner {
            Owner::Retired(at) => match self.register.retired[at].answer(path) {
                Answer::To(to) => Step::Moved(to),
                Answer::Gone => Step::Gone,
            },
            Owner::Site(id) => {
                let site = self.platform.site(id);
                if name.role == Role::Alias {
                    return Step::Moved(format!("{}{path}", site.base()));
                }
                // Of a site with errors nothing is known.
                if site.broken {
                    return Step::Arrived;
                }
                let led = self.register.paths.iter().filter(|p| p.host == name.host).find_map(|p| p.answer(self.platform, path));
                if let Some(to) = led {
                    return Step::Moved(to);
                }
                // Files of a site below a path have it in their own.
                let below = self.register.paths.iter().find(|p| p.host == name.host && p.holds(path));
                match self.fleet.site(below.map_or(id, |p| p.site)).answer(path) {
                    Some(Found::File(_)) => Step::Arrived,
                    Some(Found::Moved(m)) => Step::Moved(absolute(&site.url, &m.to)),
                    None => Step::Nothing,
                }
            }
        }
    }

    /// Follows `to`, which `from` leads to.
    fn follow(&self, from: &str, to: &str, place: &Place, out: &mut Vec<Diagnostic>) {
        let mut way = vec![from.to_owned(), to.to_owned()];
        loop {
            let last = way.last().cloned().unwrap_or_default();
            match self.step(&last) {
                Step::Moved(next) if way.contains(&next) || way.len() > MOST => {
                    way.push(next);
                    out.push(Diagnostic::error("domains.loop").at(place.clone()).arg("way", way.join(" → ")));
                    return;
                }
                Step::Moved(next) => way.push(next),
                Step::Nothing | Step::Gone => {
                    let d = Diagnostic::error("domains.nowhere").at(place.clone()).arg("from", from).arg("target", &last);
                    out.push(d);
                    return;
                }
                Step::Arrived => break,
            }
        }
        if way.len() > 2 {
            out.push(Diagnostic::warning("domains.chain").at(place.clone()).arg("count", way.len() - 1).arg("way", way.join(" → ")));
        }
    }

    pub fn all(&self, out: &mut Vec<Diagnostic>) {
        for old in &self.register.retired {
            let Some((host, _)) = old.hosts.first() else { continue };
            for row in &old.map {
                self.follow(&format!("https://{host}{}", row.from), &row.to, &row.place, out);
            }
            for p in &old.patterns {
                // What stands for the rest is not known; the front of it is.
                if !p.to.contains('*') {
                    self.follow(&format!("https://{host}{}", p.from), &p.to, &p.place, out);
                } else if let Some((host, _)) = split(&p.to)
                    && let Some(name) = self.register.find(host)
                    && matches!(name.role, Role::Alias | Role::Retired)
                {
                    let d = Diagnostic::warning("domains.chain").at(p.place.clone()).arg("count", 2);
                    out.push(d.arg("way", format!("{} → {}", p.to, name.shown)));
                }
            }
            if let Some(base) = &old.base {
                self.follow(&format!("https://{host}/"), &format!("{base}/"), &old.place, out);
            }
        }
        for (site, files) in self.platform.sites.iter().zip(&self.fleet.sites) {
            for m in &files.moved {
                let from = format!("{}{}", site.url, super::fleet::address(&m.path));
                // A dead end inside the site has been told by its plan.
                let to = absolute(&site.url, &m.to);
                let mut found = Vec::new();
                self.follow(&from, &to, &m.place, &mut found);
                let inside = m.to.starts_with('/');
                out.extend(found.into_iter().filter(|d| !(inside && d.id == "domains.nowhere")).map(|d| d.site(&site.id)));
            }
        }
    }
}

fn absolute(base: &str, to: &str) -> String {
    if to.starts_with('/') && !to.starts_with("//") { format!("{base}{to}") } else { to.to_owned() }
}
