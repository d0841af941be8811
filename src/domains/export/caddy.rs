//! Caddy: the hosts in maps, and one site for each certificate, all with one snippet.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Files, HEAD, Setup, nginx, title};
use crate::config::Platform;
use crate::domains::Path;
use crate::domains::fleet::{Fleet, address};
use crate::domains::headers::Rules;
use crate::domains::register::{Name, Owner, Register, Role};
use crate::domains::retired::State;

pub fn files(platform: &Platform, register: &Register, fleet: &Fleet, rules: &BTreeMap<String, Rules>, setup: &Setup) -> Files {
    let mut out = format!(
        "{HEAD}{{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n\thttp_port {}\n\thttps_port {}\n",
        setup.http_port, setup.https_port
    );
    if !setup.listen.is_empty() {
        _ = writeln!(out, "\tdefault_bind {}", setup.listen);
    }
    out.push_str("}\n\n(banyan) {\n");
    hosts(platform, register, &mut out);
    out.push_str("\troute {\n");
    body(platform, register, fleet, rules, setup, &mut out);
    out.push_str("\t}\n");
    let start = if register.paths.iter().any(|p| p.shows) { "{banyan_start}" } else { "" };
    _ = writeln!(out, "\thandle_errors 404 {{\n\t\troute {{\n\t\t\trewrite * {start}/404.html");
    out.push_str(&headers(rules, "\t\t\t"));
    _ = writeln!(out, "\t\t\troot * {}", root(setup));
    out.push_str("\t\t\tfile_server {\n\t\t\t\tstatus 404\n\t\t\t\tprecompressed br zstd gzip\n\t\t\t}\n\t\t}\n\t}\n}\n\n");
    blocks(register, setup, &mut out);
    Files::from([("Caddyfile".to_owned(), out)])
}

fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() && *c != '`').collect();
    // Braces would begin a placeholder.
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('{', "\\{").replace('}', "\\}"))
}

fn root(setup: &Setup) -> String {
    format!("\"{}\"", setup.files.replace("{site}", "{banyan_site}"))
}

fn map(source: &str, variable: &str, rows: &[(String, String)], out: &mut String) {
    _ = writeln!(out, "\tmap {source} {{{variable}}} {{");
    for (key, value) in rows {
        _ = writeln!(out, "\t\t{key} {value}");
    }
    out.push_str("\t\tdefault \"\"\n\t}\n");
}

fn hosts(platform: &Platform, register: &Register, out: &mut String) {
    let (mut shown, mut led, mut old) = (Vec::new(), Vec::new(), Vec::new());
    for name in &register.names {
        let host = quoted(&name.host);
        match name.owner {
            Owner::Retired(at) => old.push((host, format!("r{at}"))),
            Owner::Site(id) if name.role == Role::Alias => led.push((host, quoted(&platform.site(id).base()))),
            Owner::Site(id) => shown.push((host, quoted(&platform.site(id).id))),
        }
    }
    let below: Vec<_> = register.paths.iter().filter(|p| p.shows).collect();
    if below.is_empty() {
        map("{host}", "banyan_site", &shown, out);
    } else {
        // A site below a path of a host comes before the one that has the host. A default is taken as it stands, so that
        // which of the two it is takes a map of its own.
        map("{host}", "banyan_host", &shown, out);
        let site = |p: &&Path| quoted(&platform.site(p.site).id);
        let row = |p: &&Path| (format!("`~^{}(?:/|$)`", regex::escape(&format!("{}{}", p.host, p.path))), site(p));
        map("{host}{http.request.uri.path}", "banyan_below", &below.iter().map(row).collect::<Vec<_>>(), out);
        let which = [("`~^\\|(.*)$`", "\"${1}\""), ("`~^([^|]+)\\|`", "\"${1}\"")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        map("{banyan_below}|{banyan_host}", "banyan_site", &which, out);
        let mut starts: Vec<_> = below.iter().map(|p| (site(p), quoted(&p.path))).collect();
        starts.sort();
        starts.dedup();
        map("{banyan_site}", "banyan_start", &starts, out);
    }
    map("{host}", "banyan_main", &led, out);
    map("{host}", "banyan_old", &old, out);
}

fn body(platform: &Platform, register: &Register, fleet: &Fleet, rules: &BTreeMap<String, Rules>, setup: &Setup, out: &mut String) {
    let lead = |name: &str, out: &mut String| {
        _ = writeln!(out, "\t\t@{name} not vars {{banyan_{name}}} \"\"\n\t\tredir @{name} {{banyan_{name}}} 301");
    };
    out.push_str("\t\t@main not vars {banyan_main} \"\"\n\t\tredir @main {banyan_main}{uri} 301\n");
    out.push_str("\t\t@old not vars {banyan_old} \"\"\n\t\thandle @old {\n");
    let mut inner = String::new();
    retired(register, &mut inner);
    for line in inner.lines() {
        _ = writeln!(out, "\t\t{line}");
    }
    out.push_str("\t\t}\n\t\t@unknown vars {banyan_site} \"\"\n\t\trespond @unknown 421\n");
    let elsewhere: Vec<_> = register.paths.iter().filter(|p| !p.shows).collect();
    if !elsewhere.is_empty() {
        let mut rows = Vec::new();
        for p in elsewhere {
            let from = regex::escape(&format!("{}{}", p.host, p.path));
            let to = quoted(&format!("{}/*", platform.site(p.site).base())).replace('*', "${1}");
            rows.push((format!("`~^{from}(?:/(.*))?$`"), to.clone()));
            rows.push((format!("`~^{from}(\\?.*)$`"), to));
        }
        let mut led = String::new();
        map("{host}{http.request.uri}", "banyan_path", &rows, &mut led);
        for line in led.lines() {
            _ = writeln!(out, "\t{line}");
        }
        lead("path", out);
    }
    let mut rows = Vec::new();
    for (site, files) in platform.sites.iter().zip(&fleet.sites) {
        rows.extend(files.moved.iter().map(|m| (quoted(&format!("{}{}", site.id, address(&m.path))), quoted(&m.to))));
    }
    let mut moved = String::new();
    map("{banyan_site}{http.request.uri.path}", "banyan_to", &rows, &mut moved);
    for line in moved.lines() {
        _ = writeln!(out, "\t{line}");
    }
    lead("to", out);
    // The file is named, so that what speaks of endings speaks of folders too.
    out.push_str("\t\t@folder path */\n\t\trewrite @folder {http.request.uri.path}index.html\n");
    out.push_str(&headers(rules, "\t\t"));
    _ = writeln!(out, "\t\troot * {}\n\t\tfile_server {{\n\t\t\tprecompressed br zstd gzip\n\t\t}}", root(setup));
}

/// Within `handle`: a map for what was asked for, one for paths, one for patterns.
fn retired(register: &Register, out: &mut String) {
    let (mut asked, mut paths, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
    for (at, old) in register.retired.iter().enumerate() {
        for row in &old.map {
            let key = quoted(&format!("r{at}{}", row.from));
            let rows = if row.from.contains('?') { &mut asked } else { &mut paths };
            rows.push((key, quoted(&row.to)));
        }
        let regex = |text: &str| format!("`{text}`");
        for p in &old.patterns {
            let from = regex::escape(&p.from);
            if p.all_below {
                patterns.push((regex(&format!("~^r{at}{from}(.*)$")), quoted(&p.to).replace('*', "${1}")));
            } else {
                patterns.push((regex(&format!("~^r{at}{from}(?:\\?|$)")), quoted(&p.to)));
            }
        }
        match (&old.base, old.state) {
            (Some(base), State::Moved) => patterns.push((regex(&format!("~^r{at}(/.*)$")), format!("\"{base}${{1}}\""))),
            (Some(base), _) => patterns.push((regex(&format!("~^r{at}/")), quoted(&format!("{base}/")))),
            (None, _) => {}
        }
    }
    for (source, variable, rows) in [
        ("{banyan_old}{http.request.uri}", "old_1", asked),
        ("{banyan_old}{http.request.uri.path}", "old_2", paths),
        ("{banyan_old}{http.request.uri}", "old_3", patterns),
    ] {
        map(source, &format!("banyan_{variable}"), &rows, out);
        _ = writeln!(out, "\t@{variable} not vars {{banyan_{variable}}} \"\"\n\tredir @{variable} {{banyan_{variable}}} 301");
    }
    out.push_str("\trespond 410\n");
}

/// From the general to the particular: in a `route` the last one that fits counts.
fn headers(rules: &BTreeMap<String, Rules>, indent: &str) -> String {
    let mut out = String::new();
    let mut number = 0;
    let mut put = |matcher: String, header: &str, value: &str| {
        let change = if value.is_empty() { format!("-{}", title(header)) } else { format!("{} {}", title(header), quoted(value)) };
        _ = writeln!(out, "{indent}@h{number} {matcher}\n{indent}header @h{number} {change}");
        number += 1;
    };
    for (header, rules) in rules {
        // Endings that are served alike are told in one line.
        let mut alike: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (ending, value) in rules.endings.iter().filter(|(e, v)| !e.is_empty() && !v.is_empty()) {
            alike.entry(value).or_default().push(format!("*.{ending}"));
        }
        for (value, paths) in alike {
            put(format!("path {}", paths.join(" ")), header, value);
        }
        for ((site, ending), value) in &rules.sites {
            put(format!("{{\n{indent}\tvars {{banyan_site}} {site}\n{indent}\tpath *.{ending}\n{indent}}}"), header, value);
        }
        for (name, value) in &rules.names {
            put(format!("path {}", quoted(&format!("*/{name}"))), header, value);
        }
        for ((folder, ending), value) in &rules.folders {
            put(format!("path_regexp `^/{}/.*\\.{ending}$`", regex::escape(folder)), header, value);
        }
        for ((site, path), value) in &rules.files {
            put(
                format!("{{\n{indent}\tvars {{banyan_site}} {site}\n{indent}\tpath {}\n{indent}}}", quoted(&format!("/{path}"))),
                header,
                value,
            );
        }
    }
    out
}

fn blocks(register: &Register, setup: &Setup, out: &mut String) {
    if !setup.tls {
        _ = write!(out, "http://:{} {{\n\timport banyan\n}}\n", setup.http_port);
        return;
    }
    let mut groups: BTreeMap<usize, Vec<&Name>> = BTreeMap::new();
    for name in &register.names {
        if let Some(certificate) = name.certificate {
            groups.entry(certificate).or_default().push(name);
        }
    }
    let secure: Vec<&str> = groups.values().flatten().map(|n| &*n.host).collect();
    _ = writeln!(out, "http://:{} {{", setup.http_port);
    if !secure.is_empty() {
        _ = write!(out, "\t@secure host {}\n\tredir @secure https://{{host}}{{uri}} 301\n", secure.join(" "));
    }
    out.push_str("\timport banyan\n}\n");
    for (certificate, names) in groups {
        let c = &register.certificates[certificate];
        let names: Vec<String> = names.iter().map(|n| format!("https://{}", n.host)).collect();
        let (file, key) = nginx::paths(c, setup);
        _ = write!(out, "\n# {}\n{} {{\n\ttls {} {}\n\timport banyan\n}}\n", c.id, names.join(",\n"), quoted(&file), quoted(&key));
    }
}
