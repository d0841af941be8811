//! `[domains]`, `[domain]`, `hosts` and `aliases` → the [`Register`], with what does not fit together.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use super::names::{self, bare, below};
use super::retired::{self, Retired};
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::config::{Node, Platform};

/// Every host name and what is known of it.
pub struct Register {
    pub zones: Vec<Zone>,
    pub targets: Vec<Target>,
    pub certificates: Vec<Certificate>,
    pub retired: Vec<Retired>,
    /// By host.
    pub names: Vec<Name>,
    /// Paths below hosts that belong to other sites.
    pub paths: Vec<super::Path>,
}

/// A host name in the form that servers use: ASCII, small letters, no port.
pub struct Name {
    pub host: Arc<str>,
    /// As people read it: `兴宁.政务.example`.
    pub shown: String,
    pub role: Role,
    pub owner: Owner,
    pub https: bool,
    /// Places in the lists of the register.
    pub zone: Option<usize>,
    pub target: Option<usize>,
    pub certificate: Option<usize>,
    pub ttl: u32,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The first of `hosts`: the one in canonical links.
    Main,
    /// A further one of `hosts`: it shows the same pages.
    Host,
    /// It leads to the main one.
    Alias,
    Retired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Site(SiteId),
    /// Place in [`Register::retired`].
    Retired(usize),
}

pub struct Zone {
    /// ASCII.
    pub name: String,
    pub nameservers: Vec<String>,
    pub contact: Option<String>,
    pub ttl: u32,
    pub records: Vec<Record>,
    pub place: Place,
}

/// A record that is written as it stands.
pub struct Record {
    /// Relative to the zone; empty: the zone itself.
    pub name: String,
    pub kind: String,
    pub values: Vec<String>,
    pub ttl: u32,
    pub place: Place,
}

pub struct Target {
    pub id: String,
    pub ipv4: Vec<Ipv4Addr>,
    pub ipv6: Vec<Ipv6Addr>,
    pub cname: Option<String>,
    pub ttl: Option<u32>,
    pub server: Server,
    pub place: Place,
}

/// What answers at a target: each has limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Nginx,
    Caddy,
    Netlify,
    Cloudflare,
}

pub struct Certificate {
    pub id: String,
    /// ASCII; `*.x` for one label.
    pub names: Vec<String>,
    pub file: Option<String>,
    pub key: Option<String>,
}

impl Zone {
    /// As people read it.
    pub fn shown(&self) -> String {
        names::shown(&self.name)
    }
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Main => "main",
            Role::Host => "host",
            Role::Alias => "alias",
            Role::Retired => "retired",
        }
    }
}

impl Register {
    pub fn find(&self, host: &str) -> Option<&Name> {
        self.names.binary_search_by(|n| (*n.host).cmp(host)).ok().map(|at| &self.names[at])
    }

    /// Names of a site, the main one first.
    pub fn of_site(&self, site: SiteId) -> Vec<&Name> {
        let mut own: Vec<&Name> = self.names.iter().filter(|n| n.owner == Owner::Site(site)).collect();
        own.sort_by_key(|n| n.role);
        own
    }

    /// For a trial: every host with a target is at one address instead.
    pub fn all_at(&mut self, address: IpAddr) {
        for target in &mut self.targets {
            target.cname = None;
            (target.ipv4, target.ipv6) = match address {
                IpAddr::V4(a) => (vec![a], Vec::new()),
                IpAddr::V6(a) => (Vec::new(), vec![a]),
            };
        }
    }

    pub fn new(platform: &Platform, out: &mut Vec<Diagnostic>) -> Register {
        let node = &platform.domains;
        let top = Defaults { ttl: number(node, "ttl").unwrap_or(600), contact: node.text("contact") };
        let zones = zones(node, &top, out);
        let targets = targets(node, out);
        let certificates = certificates(node, out);
        let retired = retired::read(platform, out);
        let mut draft =
            Draft { platform, zones: &zones, targets: &targets, certificates: &certificates, ttl: top.ttl, names: BTreeMap::new() };
        draft.sites(out);
        draft.retired(&retired, out);
        let names: Vec<Name> = draft.names.into_values().collect();
        let paths = super::paths::read(platform, &names, out);
        Register { zones, targets, certificates, retired, names, paths }
    }
}

struct Defaults<'a> {
    ttl: u32,
    contact: Option<&'a str>,
}

struct Draft<'a> {
    platform: &'a Platform,
    zones: &'a [Zone],
    targets: &'a [Target],
    certificates: &'a [Certificate],
    ttl: u32,
    names: BTreeMap<Arc<str>, Name>,
}

/// What a name is given with its owner.
struct Wish<'a> {
    owner: Owner,
    https: bool,
    target: Option<(&'a str, Place)>,
    certificate: Option<(&'a str, Place)>,
    ttl: Option<u32>,
}

impl<'a> Draft<'a> {
    fn sites(&mut self, out: &mut Vec<Diagnostic>) {
        let platform = self.platform;
        for id in platform.site_ids() {
            let site = platform.site(id);
            let get = |key: &str| site.settings.get(key).and_then(|s| Some((s.value.as_str()?, s.place.clone())));
            let wish = Wish {
                owner: Owner::Site(id),
                https: site.url.starts_with("https:"),
                target: get("domain.target"),
                certificate: get("domain.certificate"),
                ttl: site.settings.get("domain.ttl").and_then(|s| u32::try_from(s.value.as_u64()?).ok()),
            };
            let place = |key: &str| site.settings.get(key).map_or(site.place.clone(), |s| s.place.clone());
            let found = self.wished(&wish, out);
            // A site below a path has no host of its own.
            let own = if site.below.is_empty() { &site.hosts[..] } else { &[] };
            for (at, host) in own.iter().enumerate() {
                let role = if at == 0 { Role::Main } else { Role::Host };
                self.name(host, role, &wish, found, place("hosts"), out);
            }
            for host in &site.aliases {
                self.name(host, Role::Alias, &wish, found, place("aliases"), out);
            }
        }
    }

    fn retired(&mut self, all: &[Retired], out: &mut Vec<Diagnostic>) {
        let platform = self.platform;
        for (at, old) in all.iter().enumerate() {
            let of_site = old.site.and_then(|s| platform.site(s).settings.get("domain.target"));
            let of_site = of_site.and_then(|s| Some((s.value.as_str()?, s.place.clone())));
            let own = old.target.as_ref().map(|(id, place)| (id.as_str(), place.clone()));
            let common = platform.default_target.as_deref().map(|t| (t, old.place.clone()));
            let https = old.site.is_none_or(|s| platform.site(s).url.starts_with("https:"));
            let certificate = old.certificate.as_ref().map(|(id, place)| (id.as_str(), place.clone()));
            let wish = Wish { owner: Owner::Retired(at), https, target: own.or(of_site).or(common), certificate, ttl: None };
            let found = self.wished(&wish, out);
            for (host, place) in &old.hosts {
                self.name(host, Role::Retired, &wish, found, place.clone(), out);
            }
        }
    }

    /// Target and certificate by their ids.
    fn wished(&self, wish: &Wish, out: &mut Vec<Diagnostic>) -> (Option<usize>, Option<usize>) {
        // What many sites inherit is told once.
        let mut tell = |d: Diagnostic| {
            if !out.contains(&d) {
                out.push(d);
            }
        };
        let target = wish.target.as_ref().and_then(|(id, place)| {
            let at = self.targets.iter().position(|t| t.id == *id);
            if at.is_none() {
                let d = Diagnostic::error("domains.unknown-target").at(place.clone()).arg("target", id);
                tell(d.nearest(id, self.targets.iter().map(|t| &*t.id)));
            }
            at
        });
        let certificate = wish.certificate.as_ref().and_then(|(id, place)| {
            let at = self.certificates.iter().position(|c| c.id == *id);
            if at.is_none() {
                let d = Diagnostic::error("domains.unknown-certificate").at(place.clone()).arg("certificate", id);
                tell(d.nearest(id, self.certificates.iter().map(|c| &*c.id)));
            }
            at
        });
        (target, certificate)
    }

    fn name(
        &mut self,
        host: &str,
        role: Role,
        wish: &Wish,
        (target, certificate): (Option<usize>, Option<usize>),
        place: Place,
        out: &mut Vec<Diagnostic>,
    ) {
        let host: Arc<str> = bare(host).into();
        if let Some(other) = self.names.get(&host) {
            // A port alone tells two sites apart on a server, not in the register.
            if other.owner != wish.owner || role == Role::Retired {
                out.push(Diagnostic::error("domains.twice").at(place).arg("host", names::shown(&host)).also(other.place.clone()));
            }
            return;
        }
        let zone = self.zones.iter().enumerate().filter(|(_, z)| below(&host, &z.name)).max_by_key(|(_, z)| z.name.len()).map(|(at, _)| at);
        let covers = |c: &Certificate| c.names.iter().any(|n| names::covers(n, &host));
        let certificate = certificate.or_else(|| self.certificates.iter().position(covers)).filter(|_| wish.https);
        let ttl = wish.ttl.or_else(|| target.and_then(|t| self.targets[t].ttl)).unwrap_or(self.ttl);
        let shown = names::shown(&host);
        let name = Name { host: host.clone(), shown, role, owner: wish.owner, https: wish.https, zone, target, certificate, ttl, place };
        self.names.insert(host, name);
    }
}

/// A text that must be there.
pub(super) fn required<'n>(node: &'n Node, key: &str, what: &str, out: &mut Vec<Diagnostic>) -> Option<&'n str> {
    let found = node.text(key).filter(|t| !t.is_empty());
    if found.is_none() {
        missing(node, key, what, out);
    }
    found
}

pub(super) fn missing(node: &Node, key: &str, what: &str, out: &mut Vec<Diagnostic>) {
    let place = node.place.clone().unwrap_or(Place::file("sites.toml"));
    out.push(Diagnostic::error("config.missing").at(place).arg("key", key).arg("what", what));
}

/// One of a few words.
pub(super) fn choice<T: Copy>(node: &Node, key: &str, words: &[(&'static str, T)], default: T, out: &mut Vec<Diagnostic>) -> T {
    let Some(word) = node.text(key) else { return default };
    if let Some((_, value)) = words.iter().find(|(w, _)| *w == word) {
        return *value;
    }
    let place = node.place_of(key).unwrap_or(Place::file("sites.toml"));
    let allowed: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
    let d = Diagnostic::error("config.value").at(place).arg("key", key).arg("value", word);
    out.push(d.arg("allowed", allowed.join(", ")).nearest(word, allowed));
    default
}

pub(super) fn number(node: &Node, key: &str) -> Option<u32> {
    node.values.get(key).and_then(|s| s.value.as_u64()).and_then(|n| u32::try_from(n).ok())
}

pub(super) fn place(node: &Node, key: &str) -> Place {
    node.place_of(key).unwrap_or(Place::file("sites.toml"))
}

/// A host name of the register, in ASCII; told when it is none.
pub(super) fn host(node: &Node, key: &str, text: &str, out: &mut Vec<Diagnostic>) -> Option<String> {
    let found = names::ascii(text);
    if found.is_none() {
        out.push(Diagnostic::error("domains.host").at(place(node, key)).arg("host", text));
    }
    found
}

fn zones(node: &Node, top: &Defaults, out: &mut Vec<Diagnostic>) -> Vec<Zone> {
    let mut all: Vec<Zone> = Vec::new();
    for row in node.list("zone") {
        let Some(name) = required(row, "name", "[[domains.zone]]", out).and_then(|n| host(row, "name", n, out)) else { continue };
        if let Some(other) = all.iter().find(|z| z.name == name) {
            out.push(
                Diagnostic::error("domains.two").at(place(row, "name")).arg("what", "zone").arg("id", &name).also(other.place.clone()),
            );
            continue;
        }
        let ttl = number(row, "ttl").unwrap_or(top.ttl);
        let mut records = Vec::new();
        for record in row.list("record") {
            records.extend(names::record(record, &name, ttl, out));
        }
        let nameservers = row.texts("nameservers").iter().filter_map(|n| host(row, "nameservers", n, out)).collect();
        let contact = row.text("contact").or(top.contact).map(str::to_owned);
        if contact.as_ref().is_some_and(|c| !names::is_mail(c)) {
            out.push(Diagnostic::error("domains.contact").at(place(row, "contact")).arg("value", contact.as_deref().unwrap_or_default()));
        }
        all.push(Zone { name, nameservers, contact: contact.filter(|c| names::is_mail(c)), ttl, records, place: place(row, "name") });
    }
    all
}

fn targets(node: &Node, out: &mut Vec<Diagnostic>) -> Vec<Target> {
    let mut all: Vec<Target> = Vec::new();
    for row in node.list("target") {
        let Some(id) = required(row, "id", "[[domains.target]]", out) else { continue };
        if let Some(other) = all.iter().find(|t| t.id == id) {
            out.push(Diagnostic::error("domains.two").at(place(row, "id")).arg("what", "target").arg("id", id).also(other.place.clone()));
            continue;
        }
        let (ipv4, ipv6) = (addresses(row, "ipv4", out), addresses(row, "ipv6", out));
        let cname = row.text("cname").and_then(|n| host(row, "cname", n, out));
        if ipv4.is_empty() && ipv6.is_empty() && cname.is_none() {
            out.push(Diagnostic::error("domains.empty-target").at(place(row, "id")).arg("target", id));
        }
        let servers =
            [("nginx", Server::Nginx), ("caddy", Server::Caddy), ("netlify", Server::Netlify), ("cloudflare", Server::Cloudflare)];
        let server = choice(row, "server", &servers, Server::Nginx, out);
        all.push(Target { id: id.to_owned(), ipv4, ipv6, cname, ttl: number(row, "ttl"), server, place: place(row, "id") });
    }
    all
}

fn addresses<T: FromStr>(row: &Node, key: &'static str, out: &mut Vec<Diagnostic>) -> Vec<T> {
    let mut all = Vec::new();
    for text in row.texts(key) {
        match text.parse() {
            Ok(address) => all.push(address),
            Err(_) => out.push(Diagnostic::error("domains.address").at(place(row, key)).arg("key", key).arg("value", &text)),
        }
    }
    all
}

fn certificates(node: &Node, out: &mut Vec<Diagnostic>) -> Vec<Certificate> {
    let mut all: Vec<Certificate> = Vec::new();
    for row in node.list("certificate") {
        let Some(id) = required(row, "id", "[[domains.certificate]]", out) else { continue };
        if all.iter().any(|c| c.id == id) {
            out.push(Diagnostic::error("domains.two").at(place(row, "id")).arg("what", "certificate").arg("id", id));
            continue;
        }
        let mut names = Vec::new();
        for text in row.texts("names") {
            let (star, rest) = text.strip_prefix("*.").map_or(("", text.as_str()), |rest| ("*.", rest));
            names.extend(host(row, "names", rest, out).map(|n| format!("{star}{n}")));
        }
        if names.is_empty() {
            missing(row, "names", "[[domains.certificate]]", out);
        }
        let path = |key: &str, out: &mut Vec<Diagnostic>| {
            let text = row.text(key)?;
            // It is written into the configuration of a server.
            if text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\' | '$' | ';' | '{' | '}')) {
                out.push(Diagnostic::error("domains.path").at(place(row, key)).arg("key", key).arg("value", text));
                return None;
            }
            Some(text.to_owned())
        };
        let (file, key) = (path("file", out), path("key", out));
        all.push(Certificate { id: id.to_owned(), names, file, key });
    }
    all
}
