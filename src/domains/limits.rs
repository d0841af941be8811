//! What hosts of static sites take: so many redirects, so long a line.

use super::export::pages;
use super::fleet::Fleet;
use super::register::{Owner, Register, Role, Server};
use crate::base::diag::Diagnostic;
use crate::config::Platform;

pub struct Limits {
    pub name: &'static str,
    /// Redirects without a `*`.
    pub redirects: usize,
    /// Redirects with one.
    pub patterns: usize,
    /// Characters of a redirect.
    pub redirect_line: usize,
    /// Blocks of `_headers`.
    pub headers: usize,
    pub header_line: usize,
}

pub const CLOUDFLARE: Limits =
    Limits { name: "cloudflare", redirects: 2_000, patterns: 100, redirect_line: 1_000, headers: 100, header_line: 2_000 };

/// Netlify names one number, from which on it advises against it; the others are not told.
pub const NETLIFY: Limits = Limits {
    name: "netlify",
    redirects: 10_000,
    patterns: 10_000,
    redirect_line: usize::MAX,
    headers: usize::MAX,
    header_line: usize::MAX,
};

pub fn of(server: Server) -> Option<&'static Limits> {
    match server {
        Server::Cloudflare => Some(&CLOUDFLARE),
        Server::Netlify => Some(&NETLIFY),
        Server::Nginx | Server::Caddy => None,
    }
}

/// Sites whose target is such a host.
pub fn check(platform: &Platform, register: &Register, fleet: &Fleet, out: &mut Vec<Diagnostic>) {
    let hosted = |n: &&super::Name| n.role == Role::Main && n.target.is_some_and(|t| of(register.targets[t].server).is_some());
    let hosted: Vec<_> = register.names.iter().filter(hosted).collect();
    if hosted.is_empty() {
        return;
    }
    let rules = super::headers::learn(platform, fleet);
    for name in hosted {
        let (Owner::Site(id), Some(target)) = (name.owner, name.target) else { continue };
        let server = register.targets[target].server;
        let Some(limits) = of(server) else { continue };
        let pages = pages::site(platform, register, fleet, &rules, id, server);
        let at = register.targets[target].place.clone();
        out.extend(held(&pages, limits).into_iter().map(|d| d.at(at.clone()).site(&platform.site(id).id)));
    }
}

/// What goes over a limit.
pub fn held(pages: &pages::Pages, limits: &Limits) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut over = |what: &'static str, found: usize, most: usize| {
        if found > most {
            let d = Diagnostic::error("domains.limit").arg("server", limits.name).arg("what", what);
            out.push(d.arg("found", found).arg("most", most));
        }
    };
    let lines = |text: &str| text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
    over("redirects", pages.redirects, limits.redirects);
    over("patterns", pages.patterns, limits.patterns);
    over("redirect-line", lines(&pages.redirects_file), limits.redirect_line);
    over("header-rules", pages.header_rules, limits.headers);
    over("header-line", lines(&pages.headers_file), limits.header_line);
    out
}
