//! Where a link leads, as written.

use percent_encoding::percent_decode_str;

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Target {
    /// `id:abcdef0123#anchor`
    Item {
        id: String,
        anchor: Option<String>,
    },
    /// A path in the repository: relative, or from its root.
    Path {
        path: String,
        anchor: Option<String>,
    },
    Anchor(String),
    /// http, https, mailto, tel, or an address without a scheme (`//host/…`).
    External(String),
}

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

impl Target {
    /// `Err` holds the scheme that is not allowed; it is empty when there is no address at all.
    pub fn parse(raw: &str) -> Result<Target, String> {
        // Browsers drop control characters inside a scheme, so they may not hide one here.
        let raw: String = raw.chars().filter(|c| !c.is_control()).collect();
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(String::new());
        }
        if let Some(anchor) = raw.strip_prefix('#') {
            return Ok(Target::Anchor(decoded(anchor)));
        }
        if raw.starts_with("//") {
            return Ok(Target::External(raw.to_owned()));
        }
        let (before, anchor) = match raw.split_once('#') {
            Some((before, anchor)) => (before, Some(decoded(anchor)).filter(|a| !a.is_empty())),
            None => (raw, None),
        };
        if let Some(id) = before.strip_prefix("id:") {
            return Ok(Target::Item { id: id.to_owned(), anchor });
        }
        if let Some((scheme, _)) = raw.split_once(':')
            && is_scheme(scheme)
        {
            let scheme = scheme.to_ascii_lowercase();
            return if SCHEMES.contains(&scheme.as_str()) { Ok(Target::External(raw.to_owned())) } else { Err(scheme) };
        }
        // A mail address alone, as autolinks give it, comes with its scheme; what is left is a path.
        let path = before.split_once('?').map_or(before, |(p, _)| p);
        Ok(Target::Path { path: decoded(path), anchor })
    }
}

/// An address at a host; `mailto:` and `tel:` lead to none.
pub fn has_host(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(s, _)| s).to_ascii_lowercase();
    !matches!(scheme.as_str(), "mailto" | "tel")
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), |t| t.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_cannot_hide() {
        for bad in ["javascript:alert(1)", "JaVaScRiPt:x", "java\nscript:x", " data:text/html,x", "vbscript:x", "file:///etc/passwd"] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Target::parse("../a%20b.md#c"), Ok(Target::Path { path: "../a b.md".into(), anchor: Some("c".into()) }));
        assert_eq!(Target::parse("id:x1#第一条"), Ok(Target::Item { id: "x1".into(), anchor: Some("第一条".into()) }));
    }
}
