//! `_redirects` and `_headers` of hosts of static sites, a folder for each site. Netlify and Cloudflare Pages read the same
//! files in two ways.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Files, HEAD, title};
use crate::base::diag::Diagnostic;
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::Platform;
use crate::domains::Path;
use crate::domains::fleet::{Fleet, address};
use crate::domains::headers::Rules;
use crate::domains::limits;
use crate::domains::register::{Owner, Register, Role, Server};
use crate::domains::retired::State;

/// Both files of one site, and what counts against the limits.
pub struct Pages {
    pub redirects_file: String,
    pub headers_file: String,
    pub redirects: usize,
    pub patterns: usize,
    pub header_rules: usize,
}

/// All sites; what goes over a limit is told, and written all the same: it says how far it is over.
pub fn files(
    platform: &Platform,
    register: &Register,
    fleet: &Fleet,
    rules: &BTreeMap<String, Rules>,
    server: Server,
    out: &mut Vec<Diagnostic>,
) -> Files {
    let mut files = Files::new();
    for id in platform.site_ids() {
        let own = platform.site(id);
        let pages = site(platform, register, fleet, rules, id, server);
        if let Some(limits) = limits::of(server) {
            out.extend(limits::held(&pages, limits).into_iter().map(|d| d.at(own.place.clone()).site(&own.id)));
        }
        files.insert(format!("{}/_redirects", own.id), pages.redirects_file);
        files.insert(format!("{}/_headers", own.id), pages.headers_file);
    }
    let host = |p: &&Path| register.find(&p.host).is_some_and(|n| n.role == Role::Main);
    for p in register.paths.iter().filter(|p| p.shows).filter(host) {
        let site = &platform.site(p.site).id;
        let d = Diagnostic::warning("domains.below-pages").at(p.place.clone()).arg("path", p.readable());
        out.push(d.arg("server", limits::of(server).map_or("", |l| l.name)).arg("site", site).site(site));
    }
    if server == Server::Cloudflare {
        files.insert("bulk-redirects.json".into(), super::bulk::list(platform, register, out));
    }
    files
}

pub fn site(platform: &Platform, register: &Register, fleet: &Fleet, rules: &BTreeMap<String, Rules>, id: SiteId, server: Server) -> Pages {
    let mut pages = Pages { redirects_file: HEAD.into(), headers_file: HEAD.into(), redirects: 0, patterns: 0, header_rules: 0 };
    redirects(platform, register, fleet, id, server, &mut pages);
    headers(platform, fleet, rules, id, server, &mut pages);
    pages
}

/// What is exact comes first: the first line that fits counts.
fn redirects(platform: &Platform, register: &Register, fleet: &Fleet, id: SiteId, server: Server, pages: &mut Pages) {
    // Netlify shows a file before it looks at redirects, unless it is told otherwise.
    let code = if server == Server::Netlify { "301!" } else { "301" };
    let (mut exact, mut patterns) = (Vec::new(), Vec::new());
    for m in &fleet.site(id).moved {
        exact.push(format!("{} {} {code}", path::encode(&address(&m.path)), m.to));
    }
    for p in register.paths.iter().filter(|p| p.below == id && !p.shows) {
        let to = platform.site(p.site).base();
        exact.push(format!("{} {to}/ {code}", p.path));
        patterns.push(format!("{}/* {to}/:splat {code}", p.path));
    }
    // Rules for a host are Netlify's alone.
    if server == Server::Netlify {
        let site = platform.site(id);
        for name in register.of_site(id).iter().filter(|n| n.role == Role::Alias) {
            patterns.push(format!("https://{}/* {}/:splat {code}", name.host, site.base()));
        }
        for name in &register.names {
            let Owner::Retired(at) = name.owner else { continue };
            let old = &register.retired[at];
            if old.site != Some(id) {
                continue;
            }
            let from = format!("https://{}", name.host);
            for row in old.map.iter().filter(|r| !r.from.contains('?')) {
                exact.push(format!("{from}{} {} {code}", path::encode(&row.from), row.to));
            }
            for p in &old.patterns {
                let star = if p.all_below { "*" } else { "" };
                patterns.push(format!("{from}{}{star} {} {code}", p.from, p.to.replace('*', ":splat")));
            }
            if let Some(base) = &old.base {
                let to = if old.state == State::Moved { ":splat" } else { "" };
                patterns.push(format!("{from}/* {base}/{to} {code}"));
            }
        }
    }
    (pages.redirects, pages.patterns) = (exact.len(), patterns.len());
    for line in exact.into_iter().chain(patterns) {
        _ = writeln!(pages.redirects_file, "{line}");
    }
}

fn headers(platform: &Platform, fleet: &Fleet, rules: &BTreeMap<String, Rules>, id: SiteId, server: Server, pages: &mut Pages) {
    let site = platform.site(id);
    let files = &fleet.site(id).files;
    // Block → header → value.
    let mut blocks: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (header, rules) in rules {
        // What all pages have does no harm to the other files; what differs among these is told by their names, since a
        // second value would be added to the first.
        let page = rules.of(&site.id, "index.html");
        let common = !matches!(header.as_str(), "content-type" | "cache-control");
        if common && !page.is_empty() {
            blocks.entry("/*".into()).or_default().insert(title(header), page.to_owned());
            continue;
        }
        let cloudflare = server == Server::Cloudflare;
        // Cloudflare takes a value back; so pages, whose addresses have no ending, can have one.
        if cloudflare && header == "cache-control" && !page.is_empty() {
            blocks.entry("/*".into()).or_default().insert(title(header), page.to_owned());
        }
        for f in files {
            let value = rules.of(&site.id, &f.path);
            let ending = path::stem_ext(path::name(&f.path)).1;
            let differs = value != page || (!cloudflare && header == "cache-control");
            if value.is_empty() || !differs || (header == "content-type" && is_usual(ending, value)) {
                continue;
            }
            let block = if header == "cache-control" && !ending.is_empty() && uniform(files, ending, value) {
                if ending == "html" { continue } else { format!("/*.{ending}") }
            } else {
                path::encode(&address(&f.path)).into_owned()
            };
            blocks.entry(block).or_default().insert(title(header), value.to_owned());
        }
    }
    pages.header_rules = blocks.len();
    for (block, headers) in blocks {
        _ = writeln!(pages.headers_file, "{block}");
        for (name, value) in headers {
            if server == Server::Cloudflare && name == "Cache-Control" && block != "/*" {
                _ = writeln!(pages.headers_file, "  ! {name}");
            }
            _ = writeln!(pages.headers_file, "  {name}: {value}");
        }
    }
}

/// Hosts know the type of such a file by themselves.
fn is_usual(ending: &str, value: &str) -> bool {
    let usual = mime_guess::from_ext(ending).first_raw().unwrap_or("application/octet-stream");
    let plain = value.split(';').next().unwrap_or(value);
    plain == usual || (plain == "application/xml" && usual == "text/xml")
}

/// All files with this ending may be kept as long.
fn uniform(files: &[crate::domains::File], ending: &str, value: &str) -> bool {
    files
        .iter()
        .filter(|f| path::stem_ext(path::name(&f.path)).1 == ending)
        .all(|f| f.headers.0.get("cache-control").is_some_and(|v| v == value))
}
