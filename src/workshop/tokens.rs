//! Design tokens and style sheets: names that lead nowhere, values that are no colours, braces that nobody closed.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::base::diag::Diagnostic;
use crate::base::id::LayerId;
use crate::base::source::place;
use crate::theme::Layers;
use crate::theme::layer::Layer;

/// Colours of CSS that are no values of their own.
const KEYWORDS: &[&str] = &[
    "currentcolor",
    "transparent",
    "inherit",
    "initial",
    "unset",
    "revert",
    "revert-layer",
    "canvas",
    "canvastext",
    "linktext",
    "visitedtext",
    "activetext",
    "buttonface",
    "buttontext",
    "buttonborder",
    "field",
    "fieldtext",
    "highlight",
    "highlighttext",
    "selecteditem",
    "selecteditemtext",
    "mark",
    "marktext",
    "graytext",
    "accentcolor",
    "accentcolortext",
];

/// Tokens of a layer that are called colours and are none.
pub fn colours(layer: &Layer, out: &mut Vec<Diagnostic>) {
    for (name, token) in layer.tokens.iter().filter(|(name, _)| name.starts_with("color-")) {
        if !is_colour(&token.value) {
            let d = Diagnostic::error("theme.no-colour").at(token.place.clone());
            out.push(d.arg("token", name).arg("value", &token.value));
        }
    }
}

/// What is made by a function is the browser's matter.
fn is_colour(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let hex = |v: &str| v.bytes().all(|b| b.is_ascii_hexdigit());
    match value.strip_prefix('#') {
        Some(digits) => matches!(digits.len(), 3 | 4 | 6 | 8) && hex(digits),
        // The parser takes bare digits too, which CSS does not.
        None => value.contains('(') || KEYWORDS.contains(&value.as_str()) || (!hex(&value) && csscolorparser::parse(&value).is_ok()),
    }
}

/// Style sheets and tokens of a layer in its chain. `further`: tokens that sites of the platform add.
pub fn check(layers: &Layers, chain: &[LayerId], layer: LayerId, further: &BTreeSet<&str>, out: &mut Vec<Diagnostic>) {
    let own = layers.get(layer);
    let mut defined: BTreeSet<String> = further.iter().map(|n| (*n).to_owned()).collect();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut elsewhere = String::new();
    for l in chain.iter().map(|l| layers.get(*l)) {
        defined.extend(l.tokens.keys().cloned());
        used.extend(l.tokens.values().flat_map(|t| uses(&t.value)).map(|u| u.name));
        for (name, file) in &l.assets {
            let text = String::from_utf8_lossy(&file.bytes);
            if name.ends_with(".css") {
                let sheet = blanked(&text);
                defined.extend(definitions(&sheet));
                used.extend(uses(&sheet).into_iter().map(|u| u.name));
            } else if name.ends_with(".js") || name.ends_with(".svg") {
                elsewhere.push_str(&text);
            }
        }
        l.templates.values().for_each(|t| elsewhere.push_str(&t.text));
    }
    let near = |name: &str, of: &BTreeSet<String>| {
        let others = of.iter().map(String::as_str).filter(|o| *o != name);
        crate::base::source::nearest(name, others).map(str::to_owned)
    };
    let unknown = |u: &Use| !u.fallback && !defined.contains(&u.name) && !elsewhere.contains(&format!("--{}", u.name));
    for (_, file) in own.assets.iter().filter(|(name, _)| name.ends_with(".css")) {
        let text = String::from_utf8_lossy(&file.bytes);
        let sheet = blanked(&text);
        for u in uses(&sheet).into_iter().filter(unknown) {
            let mut d =
                Diagnostic::warning("theme.unknown-property").at(place(&file.file, &text, u.range)).arg("name", format!("--{}", u.name));
            d.nearest = near(&u.name, &defined).map(|n| format!("--{n}"));
            out.push(d);
        }
        if let Some(at) = unclosed(&sheet) {
            let start = sheet[..at].rfind(['{', '}', ';']).map_or(0, |i| i + 1);
            let head = start + (sheet[start..at].len() - sheet[start..at].trim_start().len());
            let what = text[head..at].trim();
            let d = Diagnostic::error("theme.css-brace")
                .at(place(&file.file, &text, head..at + 1))
                .arg("what", if what.is_empty() { "{" } else { what });
            out.push(d);
        }
    }
    for (name, token) in &own.tokens {
        for u in uses(&token.value).into_iter().filter(unknown) {
            let mut d = Diagnostic::warning("theme.unknown-property").at(token.place.clone()).arg("name", format!("--{}", u.name));
            d.nearest = near(&u.name, &defined).map(|n| format!("--{n}"));
            out.push(d);
        }
        // The lowest theme of all makes the words that others use.
        let above = crate::theme::stack::above(chain, layer);
        let new = !above.is_empty() && !above.iter().any(|l| layers.get(*l).tokens.contains_key(name));
        if new && !used.contains(name) && !elsewhere.contains(&format!("--{name}")) {
            let mut d = Diagnostic::warning("theme.unused-token").at(token.place.clone()).arg("token", name);
            d.nearest = near(name, &used);
            out.push(d);
        }
    }
}

/// `var(--name)`, with a second value or without.
struct Use {
    name: String,
    range: Range<usize>,
    fallback: bool,
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn uses(sheet: &str) -> Vec<Use> {
    let mut out = Vec::new();
    for (at, open) in sheet.match_indices("var(") {
        let inner = &sheet[at + open.len()..];
        let start = at + open.len() + (inner.len() - inner.trim_start().len());
        let Some(rest) = sheet[start..].strip_prefix("--") else { continue };
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let fallback = rest[length..].trim_start().starts_with(',');
        out.push(Use { name: rest[..length].to_owned(), range: start..start + 2 + length, fallback });
    }
    out
}

/// Custom properties that a sheet gives a value.
fn definitions(sheet: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (at, dashes) in sheet.match_indices("--").filter(|(at, _)| !sheet[..*at].ends_with(is_name)) {
        let rest = &sheet[at + dashes.len()..];
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if rest[length..].trim_start().starts_with(':') || sheet[..at].trim_end().ends_with("@property") {
            out.insert(rest[..length].to_owned());
        }
    }
    out
}

/// Byte of the outermost brace that stays open at the end.
fn unclosed(sheet: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (at, c) in sheet.char_indices() {
        match c {
            '{' => open.push(at),
            '}' => _ = open.pop(),
            _ => {}
        }
    }
    open.first().copied()
}

/// A sheet with spaces in the place of its comments and texts: the same bytes elsewhere.
fn blanked(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |at| at + 4),
            '\\' => c.len_utf8() + rest[1..].chars().next().map_or(0, char::len_utf8),
            '"' | '\'' => text_end(rest, c),
            _ => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        out.extend(rest[..length].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    out
}

/// Bytes of the text that starts here; one that is not closed ends with its line.
fn text_end(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' if !escaped => return at,
            c if c == quote && !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    rest.len()
}

/// Names of tokens that sites of a platform set.
pub fn of_sites(platform: &crate::config::Platform) -> BTreeSet<&str> {
    platform.sites.iter().flat_map(|s| s.settings.keys()).filter_map(|k| k.strip_prefix("tokens.")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_style_sheets() {
        for good in [
            "#fff",
            "#2d6640",
            "#2D6640cc",
            "white",
            "rgb(1 2 3)",
            "color-mix(in srgb, red, blue)",
            "var(--x)",
            "transparent",
            "CanvasText",
        ] {
            assert!(is_colour(good), "{good}");
        }
        for bad in ["#2d664", "2d6640", "#ggg", "greeen", "12px"] {
            assert!(!is_colour(bad), "{bad}");
        }
    }

    #[test]
    fn names_and_braces_of_sheets() {
        let sheet =
            blanked("/* var(--no) { */ .a::after { content: \"}\\\" var(--no)\"; --own : 1; color: var( --it ); width: var(--w, 1px) }");
        assert_eq!(uses(&sheet).iter().map(|u| (&*u.name, u.fallback)).collect::<Vec<_>>(), [("it", false), ("w", true)]);
        assert_eq!(definitions(&sheet).into_iter().collect::<Vec<_>>(), ["own"]);
        assert_eq!(unclosed(&sheet), None);
        assert_eq!(unclosed(&blanked(".a { b: 1; .c { } ")), Some(3));
        assert_eq!(blanked("标 '题' \\").len(), "标 '题' \\".len());
    }
}
