//! nginx: the hosts in maps, and one server for each certificate.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Files, HEAD, Setup, title, variable};
use crate::config::Platform;
use crate::domains::Path;
use crate::domains::fleet::{Fleet, address};
use crate::domains::headers::Rules;
use crate::domains::register::{Name, Owner, Register, Role};
use crate::domains::retired::State;

pub fn files(platform: &Platform, register: &Register, fleet: &Fleet, rules: &BTreeMap<String, Rules>, setup: &Setup) -> Files {
    let mut out = HEAD.to_owned();
    out.push_str("# For the http block: include FILE;\n\n");
    let mut maps = Maps { out: String::new(), longest: 0, most: 0 };
    sites(platform, register, &mut maps);
    below(platform, register, &mut maps);
    retired(register, &mut maps);
    moved(platform, fleet, &mut maps);
    let headers = headers(rules, &mut maps);
    // A bucket holds a key and a pointer to its value; a key longer than that is refused.
    let bucket = (maps.longest + 64).next_power_of_two().max(128);
    let table = (maps.most * 2).next_power_of_two().max(2048);
    _ = writeln!(out, "map_hash_bucket_size {bucket};\nmap_hash_max_size {table};\nvariables_hash_max_size 4096;");
    // The longest list of names is the key of a table too.
    _ = writeln!(out, "server_names_hash_max_size {table};\nserver_names_hash_bucket_size 256;\n");
    out.push_str(&maps.out);
    servers(platform, register, fleet, &headers, setup, &mut out);
    Files::from([("banyan.conf".to_owned(), out), ("nginx.conf".to_owned(), trial(setup))])
}

struct Maps {
    out: String,
    longest: usize,
    most: usize,
}

impl Maps {
    /// `rows`: what it is, and what that gives; a value may be a variable.
    fn map(&mut self, source: &str, variable: &str, default: &str, rows: &[(String, String)]) {
        _ = writeln!(self.out, "map {source} ${variable} {{\n    default {default};");
        for (key, value) in rows {
            self.longest = self.longest.max(key.len());
            _ = writeln!(self.out, "    {key} {value};");
        }
        self.out.push_str("}\n\n");
        self.most = self.most.max(rows.len());
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out + "\""
}

/// A key that is nothing but that: a tilde begins a pattern, and a map has words of its own.
fn key(text: &str) -> String {
    let special = text.starts_with(['~', '\\']) || matches!(text, "default" | "hostnames" | "include" | "volatile");
    if special { quoted(&format!("\\{text}")) } else { quoted(text) }
}

/// A value, in which a dollar would begin a variable.
fn value(text: &str) -> String {
    quoted(&text.replace('$', "%24"))
}

fn sites(platform: &Platform, register: &Register, maps: &mut Maps) {
    let (mut shown, mut led, mut tls) = (Vec::new(), Vec::new(), Vec::new());
    for name in &register.names {
        let host = key(&name.host);
        if let Owner::Site(id) = name.owner {
            let site = platform.site(id);
            match name.role {
                Role::Alias => led.push((host.clone(), value(&site.base()))),
                _ => shown.push((host.clone(), value(&site.id))),
            }
        }
        if name.certificate.is_some() {
            tls.push((host, "1".to_owned()));
        }
    }
    // A site below a path of a host comes before the one that has the host. Paths are plain: nothing in them is encoded.
    let below: Vec<_> = register.paths.iter().filter(|p| p.shows).collect();
    if below.is_empty() {
        maps.map("$host", "banyan_site", "\"\"", &shown);
    } else {
        maps.map("$host", "banyan_host", "\"\"", &shown);
        let row = |p: &&Path| {
            (quoted_regex(&format!("~^{}(?:/|$)", regex::escape(&format!("{}{}", p.host, p.path)))), value(&platform.site(p.site).id))
        };
        maps.map("$host$uri", "banyan_site", "$banyan_host", &below.iter().map(row).collect::<Vec<_>>());
        let mut starts: Vec<_> = below.iter().map(|p| (value(&platform.site(p.site).id), value(&p.path))).collect();
        starts.sort();
        starts.dedup();
        maps.map("$banyan_site", "banyan_start", "\"\"", &starts);
    }
    maps.map("$host", "banyan_main", "\"\"", &led);
    maps.map("$host", "banyan_tls", "\"\"", &tls);
}

/// The first that fits counts: longer paths come first.
fn below(platform: &Platform, register: &Register, maps: &mut Maps) {
    let led: Vec<_> = register.paths.iter().filter(|p| !p.shows).collect();
    if led.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for p in led {
        let from = regex::escape(&format!("{}{}", p.host, p.path));
        // What was asked for is encoded: nothing in it ends a line.
        let to = value(&format!("{}/*", platform.site(p.site).base())).replace('*', "${banyan_below}");
        rows.push((quoted_regex(&format!("~^{from}(?:/(?<banyan_below>.*))?$")), to.clone()));
        rows.push((quoted_regex(&format!("~^{from}(?<banyan_below>\\?.*)$")), to));
    }
    maps.map("$host$request_uri", "banyan_path", "\"\"", &rows);
}

/// Only a retired host is held against its patterns.
fn retired(register: &Register, maps: &mut Maps) {
    let hosts = register.names.iter().filter_map(|n| match n.owner {
        Owner::Retired(at) => Some((key(&n.host), format!("r{at}"))),
        Owner::Site(_) => None,
    });
    let hosts: Vec<_> = hosts.collect();
    maps.map("$host", "banyan_old", "\"\"", &hosts);
    let (mut asked, mut paths, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
    for (at, old) in register.retired.iter().enumerate() {
        for row in &old.map {
            let key = quoted(&format!("r{at}{}", row.from));
            let rows = if row.from.contains('?') { &mut asked } else { &mut paths };
            rows.push((key, value(&row.to)));
        }
        for p in &old.patterns {
            let from = regex::escape(&p.from);
            if p.all_below {
                // What was asked for is encoded: nothing in it ends a line.
                let to = value(&p.to).replace('*', "${banyan_rest}");
                patterns.push((quoted_regex(&format!("~^r{at}{from}(?<banyan_rest>.*)$")), to));
            } else {
                patterns.push((quoted_regex(&format!("~^r{at}{from}(?:\\?|$)")), value(&p.to)));
            }
        }
        let rest = match (&old.base, old.state) {
            (Some(base), State::Moved) => format!("\"{}$request_uri\"", base.replace('$', "%24")),
            (Some(base), _) => value(&format!("{base}/")),
            (None, _) => continue,
        };
        patterns.push((quoted_regex(&format!("~^r{at}/")), rest));
    }
    maps.map("$banyan_old$request_uri", "banyan_old_3", "\"\"", &patterns);
    maps.map("$banyan_old$uri", "banyan_old_2", "$banyan_old_3", &paths);
    maps.map("$banyan_old$request_uri", "banyan_old_1", "$banyan_old_2", &asked);
    maps.map("$banyan_old", "banyan_old_to", "$banyan_old_1", &[("\"\"".to_owned(), "\"\"".to_owned())]);
}

/// In quotes a backslash stands for itself unless a quotation mark or a backslash follows.
fn quoted_regex(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn moved(platform: &Platform, fleet: &Fleet, maps: &mut Maps) {
    let mut rows = Vec::new();
    for (site, files) in platform.sites.iter().zip(&fleet.sites) {
        for m in &files.moved {
            rows.push((quoted(&format!("{}{}", site.id, address(&m.path))), value(&m.to)));
        }
    }
    maps.map("$banyan_site$uri", "banyan_to", "\"\"", &rows);
}

/// Maps for each header, the most particular one first; gives header and variable.
fn headers(rules: &BTreeMap<String, Rules>, maps: &mut Maps) -> Vec<(String, String)> {
    let mut out = String::new();
    let part = |variable: &str, regex: &str| format!("map $uri ${variable} {{\n    default \"\";\n    {regex} ${variable}_x;\n}}\n\n");
    out.push_str(&part("banyan_ending", "\"~\\.(?<banyan_ending_x>[A-Za-z0-9]+)$\""));
    out.push_str(&part("banyan_folder", "\"~^/(?<banyan_folder_x>[^/]+)/\""));
    out.push_str(&part("banyan_name", "\"~/(?<banyan_name_x>[^/]+)$\""));
    maps.out.push_str(&out);
    let mut all = Vec::new();
    for (header, rules) in rules {
        let name = format!("banyan_{}", variable(header));
        let one = |rows: &BTreeMap<String, String>| rows.iter().map(|(k, v)| (key(k), value(v))).collect::<Vec<_>>();
        let two = |rows: &BTreeMap<(String, String), String>, between: &str| {
            rows.iter().map(|((a, b), v)| (quoted(&format!("{a}{between}{b}")), value(v))).collect::<Vec<_>>()
        };
        let none = rules.endings.get("").map_or("\"\"".to_owned(), |v| value(v));
        let endings: Vec<_> = one(&rules.endings).into_iter().filter(|(k, v)| k != "\"\"" && *v != none).collect();
        let levels = [
            ("$banyan_ending", endings),
            ("$banyan_site/$banyan_ending", two(&rules.sites, "/")),
            ("$banyan_name", one(&rules.names)),
            ("$banyan_folder/$banyan_ending", two(&rules.folders, "/")),
            ("$banyan_site$uri", two(&rules.files, "/")),
        ];
        let mut last = none;
        for (at, (source, rows)) in levels.into_iter().enumerate() {
            if !rows.is_empty() {
                let own = format!("{name}_{at}");
                maps.map(source, &own, &last, &rows);
                last = format!("${own}");
            }
        }
        // A redirect has a type of its own, which a second one would contradict.
        if header == "content-type" {
            maps.map("$status", "banyan_type", "\"\"", &[("\"~^(2|304|404)\"".to_owned(), last)]);
            last = "$banyan_type".to_owned();
        }
        all.push((title(header), last));
    }
    all
}

fn servers(platform: &Platform, register: &Register, fleet: &Fleet, headers: &[(String, String)], setup: &Setup, out: &mut String) {
    let listen = |port: u16, more: &str| {
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        match setup.listen.as_str() {
            "" => format!("    listen {port}{more};\n    listen [::]:{port}{more};\n"),
            address if address.contains(':') => format!("    listen [{address}]:{port}{more};\n"),
            address => format!("    listen {address}:{port}{more};\n"),
        }
    };
    let body = body(platform, register, fleet, headers, setup);
    out.push_str("# All hosts by HTTP; those with a certificate are led to HTTPS.\nserver {\n");
    out.push_str(&listen(setup.http_port, "default_server"));
    out.push_str("    server_name _;\n");
    if setup.tls {
        out.push_str("    absolute_redirect off;\n    if ($banyan_tls) {\n        return 301 https://$host$request_uri;\n    }\n");
        out.push_str(body.trim_start_matches("    absolute_redirect off;\n"));
    } else {
        out.push_str(&body);
    }
    out.push_str("}\n");
    if !setup.tls {
        return;
    }
    let mut groups: BTreeMap<usize, Vec<&Name>> = BTreeMap::new();
    for name in &register.names {
        if let Some(certificate) = name.certificate {
            groups.entry(certificate).or_default().push(name);
        }
    }
    out.push_str("\n# Without a name that we have there is no certificate to show.\nserver {\n");
    out.push_str(&listen(setup.https_port, "ssl default_server"));
    out.push_str("    server_name _;\n    ssl_reject_handshake on;\n}\n");
    for (certificate, names) in groups {
        let c = &register.certificates[certificate];
        _ = write!(out, "\n# {}\nserver {{\n{}    server_name", c.id, listen(setup.https_port, "ssl"));
        for name in names {
            _ = write!(out, "\n        {}", name.host);
        }
        let (file, key) = paths(c, setup);
        _ = write!(out, ";\n    ssl_certificate {};\n    ssl_certificate_key {};\n", quoted(&file), quoted(&key));
        out.push_str("    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_session_cache shared:banyan:10m;\n");
        out.push_str(&body);
        out.push_str("}\n");
    }
}

/// Where a certificate and its key are on the server.
pub(super) fn paths(c: &crate::domains::Certificate, setup: &Setup) -> (String, String) {
    let file = c.file.clone().unwrap_or_else(|| format!("{}/{}.pem", setup.certificates, c.id));
    let key = c.key.clone().unwrap_or_else(|| format!("{}/{}.key", setup.certificates, c.id));
    (file, key)
}

/// What every server does, by the variables of the maps.
fn body(platform: &Platform, register: &Register, fleet: &Fleet, headers: &[(String, String)], setup: &Setup) -> String {
    let mut out = String::from(
        "    absolute_redirect off;
    server_tokens off;
    log_not_found off;
    if ($banyan_main) {
        return 301 $banyan_main$request_uri;
    }
    if ($banyan_old_to) {
        return 301 $banyan_old_to;
    }
    if ($banyan_old) {
        return 410;
    }
    if ($banyan_site = \"\") {
        return 421;
    }
",
    );
    if register.paths.iter().any(|p| !p.shows) {
        out.push_str("    if ($banyan_path) {\n        return 301 $banyan_path;\n    }\n");
    }
    out.push_str("    if ($banyan_to) {\n        return 301 $banyan_to;\n    }\n");
    _ = writeln!(out, "    root {};", quoted(&setup.files).replace("{site}", "$banyan_site"));
    out.push_str("    index index.html;\n");
    if fleet.sites.iter().any(|s| s.not_found) || platform.sites.is_empty() {
        // A folder without a page of its own is nothing that anybody may look into.
        let start = if register.paths.iter().any(|p| p.shows) { "$banyan_start" } else { "" };
        _ = writeln!(out, "    error_page 404 {start}/404.html;\n    error_page 403 =404 {start}/404.html;");
    }
    out.push_str("    gzip_static on;\n    gzip_vary on;\n");
    if setup.brotli {
        out.push_str("    brotli_static on;\n");
    }
    // The type is a header like the others: no table of endings knows that this .xml is a feed.
    out.push_str("    types { }\n    default_type \"\";\n");
    for (name, variable) in headers {
        _ = writeln!(out, "    add_header {name} {variable} always;");
    }
    out
}

/// A whole configuration for a trial: `nginx -p DIR -c DIR/nginx.conf`.
fn trial(setup: &Setup) -> String {
    let module = if setup.brotli { "load_module modules/ngx_http_brotli_static_module.so;\n" } else { "" };
    let module = module.replace("modules/", "/usr/lib/nginx/modules/");
    format!(
        "{HEAD}# A trial: nginx -p DIR -c DIR/nginx.conf
{module}pid nginx.pid;
error_log error.log warn;
worker_processes auto;
events {{
    worker_connections 1024;
}}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000;
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    include banyan.conf;
}}
"
    )
}

/// A path that may stand in the configuration of any server.
pub fn is_plain(path: &str) -> bool {
    !path.chars().any(|c| c.is_control() || matches!(c, '"' | '\\' | '$' | ';' | '`'))
}
