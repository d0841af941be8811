//! Zone files (RFC 1035), one for each zone.

use std::fmt::Write;
use std::net::IpAddr;

use super::{Files, HEAD, sets};
use crate::domains::register::Register;

/// `serial`: for all zones. Without one each zone has a number made from what is in it: it changes with the zone, but does
/// not grow, so that a second name server that compares numbers needs one that is given.
pub fn files(register: &Register, serial: Option<u32>) -> Files {
    let mut files = Files::new();
    for (at, zone) in register.zones.iter().enumerate().filter(|(_, z)| !z.nameservers.is_empty()) {
        let mut body = String::new();
        for server in &zone.nameservers {
            _ = writeln!(body, "@ {} IN NS {server}.", zone.ttl);
        }
        for (name, sets) in sets(register, at) {
            let name = if name.is_empty() { "@" } else { &name };
            for set in sets {
                for value in &set.values {
                    _ = writeln!(body, "{name} {} IN {} {}", set.ttl, set.kind, text(&set.kind, value));
                }
            }
        }
        let contact = mailbox(zone.contact.as_deref(), &zone.name);
        let number = serial.unwrap_or_else(|| derived(&format!("{contact}{}{body}", zone.nameservers[0])));
        let mut out = format!("{}$ORIGIN {}.\n$TTL {}\n", HEAD.replacen('#', ";", 1), zone.name, zone.ttl);
        // Refresh, retry, expire, and how long a "no" is kept.
        _ = writeln!(out, "@ {} IN SOA {}. {contact} {number} 7200 3600 1209600 {}", zone.ttl, zone.nameservers[0], zone.ttl.min(3600));
        out.push_str(&body);
        files.insert(format!("{}.zone", zone.name), out);
    }
    let mut named = HEAD.to_owned();
    for name in files.keys() {
        _ = writeln!(named, "zone \"{}\" {{ type primary; file \"{name}\"; }};", name.trim_end_matches(".zone"));
    }
    files.insert("named.zones".into(), named);
    files
}

/// A whole configuration of BIND for a trial, started in the folder: `named -c named.conf`.
pub fn trial(listen: Option<IpAddr>, port: u16) -> String {
    let on = |v6: bool| match listen {
        Some(a) if a.is_ipv6() == v6 => format!("{{ {a}; }}"),
        Some(_) => "{ none; }".to_owned(),
        None => "{ any; }".to_owned(),
    };
    format!(
        "{}// A trial: cd DIR && named -c named.conf
options {{
    directory \".\";
    listen-on port {port} {};
    listen-on-v6 port {port} {};
    recursion no;
    dnssec-validation no;
    pid-file \"named.pid\";
    session-keyfile \"session.key\";
}};
controls {{ }};
include \"named.zones\";
",
        HEAD.replacen('#', "//", 1),
        on(false),
        on(true)
    )
}

fn derived(body: &str) -> u32 {
    let hash = blake3::hash(body.as_bytes());
    let bytes = hash.as_bytes();
    (u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) >> 1).max(1)
}

/// `a.b@c` → `a\.b.c.`
fn mailbox(contact: Option<&str>, zone: &str) -> String {
    match contact.and_then(|c| c.split_once('@')) {
        Some((user, host)) => {
            let host = crate::domains::names::ascii(host).unwrap_or_else(|| host.to_owned());
            format!("{}.{host}.", user.replace('.', "\\."))
        }
        None => format!("hostmaster.{zone}."),
    }
}

/// TXT in strings of at most 255 bytes.
fn text(kind: &str, value: &str) -> String {
    if kind != "TXT" || value.starts_with('"') {
        return value.to_owned();
    }
    let quoted = |part: &[u8]| {
        let mut out = String::from("\"");
        for b in part {
            match b {
                b'"' | b'\\' => _ = write!(out, "\\{}", *b as char),
                0x20..0x7f => out.push(*b as char),
                _ => _ = write!(out, "\\{b:03}"),
            }
        }
        out + "\""
    };
    value.as_bytes().chunks(255).map(quoted).collect::<Vec<_>>().join(" ")
}
