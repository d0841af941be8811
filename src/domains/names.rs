//! Host names: their two forms, what lies below what, which name of a certificate covers which.

use super::register::{self, Record};
use crate::base::diag::Diagnostic;
use crate::config::Node;

/// ASCII, small letters, no port; `None`: no host name.
pub fn ascii(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    idna::domain_to_ascii_strict(text).ok().filter(|a| !a.is_empty())
}

/// A checked host without its port.
pub fn bare(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// As people read it.
pub fn shown(host: &str) -> String {
    match idna::domain_to_unicode(host) {
        (text, Ok(())) => text,
        _ => host.to_owned(),
    }
}

/// `host` is `zone` or lies in it.
pub fn below(host: &str, zone: &str) -> bool {
    host == zone || host.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

/// A name of a certificate covers a host: `*.` stands for one label.
pub fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(_, above)| above == rest),
        None => name == host,
    }
}

/// `a@b.c`, in a form that a SOA record takes.
pub fn is_mail(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && user.bytes().all(good) && ascii(host).is_some())
}

const KINDS: &[&str] = &["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"];

/// One `[[domains.zone.record]]`.
pub fn record(row: &Node, zone: &str, ttl: u32, out: &mut Vec<Diagnostic>) -> Option<Record> {
    let what = "[[domains.zone.record]]";
    let kind = register::required(row, "type", what, out)?;
    if !KINDS.contains(&kind) {
        let d = Diagnostic::error("config.value").at(register::place(row, "type")).arg("key", "type").arg("value", kind);
        out.push(d.arg("allowed", KINDS.join(", ")).nearest(kind, KINDS.iter().copied()));
        return None;
    }
    let values = row.texts("values");
    if values.is_empty() {
        register::missing(row, "values", what, out);
        return None;
    }
    // A value ends with its line, and begins no comment.
    let bad = |v: &&String| {
        v.is_empty() || v.chars().any(char::is_control) || (kind != "TXT" && v.contains([';', '(', ')', '"']) && kind != "CAA")
    };
    if let Some(value) = values.iter().find(bad) {
        out.push(Diagnostic::error("domains.record").at(register::place(row, "values")).arg("value", value));
        return None;
    }
    let written = row.text("name").unwrap_or("@");
    let name = match written {
        "@" | "" => String::new(),
        // Names of services start with an underscore, which no host has.
        text if text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'*')) => text.to_ascii_lowercase(),
        text => register::host(row, "name", text, out)?,
    };
    let name = name.strip_suffix(&format!(".{zone}")).unwrap_or(&name).to_owned();
    let ttl = register::number(row, "ttl").unwrap_or(ttl);
    Some(Record { name, kind: kind.to_owned(), values, ttl, place: register::place(row, "type") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_both_forms() {
        assert_eq!(ascii("兴宁.政务.example").as_deref(), Some("xn--e6qw8v.xn--zfr164b.example"));
        assert_eq!(shown("xn--zfr164b.example"), "政务.example");
        assert!(below("a.b.example", "b.example") && !below("ab.example", "b.example"));
        assert!(covers("*.b.example", "a.b.example") && !covers("*.b.example", "x.a.b.example") && !covers("*.b.example", "b.example"));
        assert_eq!(bare("a.example:8080"), "a.example");
    }
}
