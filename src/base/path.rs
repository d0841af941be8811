//! Addresses, output paths and the names that may stand in them.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// No part of an output path may be longer: file systems take 255 bytes, and a temp suffix must fit (issue of
/// encrypted file systems: 143; not held).
pub const MAX_NAME: usize = 200;

/// What must be escaped in a path of a URL; `/` stays.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|')
    .add(b'[')
    .add(b']');

/// The pieces of an encoded path.
pub fn encoded(path: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(path, PATH)
}

/// Percent-encodes a path as a browser would; letters of other scripts are encoded too.
pub fn encode(path: &str) -> Cow<'_, str> {
    utf8_percent_encode(path, PATH).into()
}

/// Text in Unicode form C, so that one name is one sequence of bytes whatever system it was typed on.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The form in which two addresses are the same to some server or file system: form C, lower case.
pub fn folded(path: &str) -> String {
    // Neither ASCII nor a Han character has another form, and only ASCII has a case.
    if path.chars().all(|c| c.is_ascii() || ('\u{4E00}'..='\u{9FFF}').contains(&c)) {
        return path.to_ascii_lowercase();
    }
    path.nfc().flat_map(char::to_lowercase).collect()
}

/// What is left of an address that lies below a path, `/lyj`: with `/`, `?` or `#` before it, or nothing.
pub fn below<'a>(asked: &'a str, path: &str) -> Option<&'a str> {
    asked.strip_prefix(path).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// The file that answers an address: `/a/` → `a/index.html`, `/a.html` → `a.html`.
pub fn output_file(url_path: &str) -> String {
    let path = url_path.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() }
}

/// Why a path may not be written; the ids are those of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPath {
    /// `..`, `.`, an empty part, a backslash, a drive, a control character.
    Unsafe,
    /// A part over [`MAX_NAME`] bytes.
    TooLong,
}

/// A path below a site's folder that is safe on every system a build runs on.
pub fn check_output(path: &str) -> Result<(), BadPath> {
    if path.is_empty() || path.starts_with('/') {
        return Err(BadPath::Unsafe);
    }
    for part in path.split('/') {
        let bad_char = part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'));
        // A hidden name means something to servers: .htaccess, .git.
        if part.is_empty() || (part.starts_with('.') && part != ".well-known") || bad_char || part.ends_with(' ') {
            return Err(BadPath::Unsafe);
        }
        if part.len() > MAX_NAME {
            return Err(BadPath::TooLong);
        }
    }
    Ok(())
}

/// Resolves `.` and `..` of `relative` against the folder `base`; `None` when it leaves the root.
/// A leading `/` starts at the root.
pub fn join(base: &str, relative: &str) -> Option<String> {
    let base = if relative.starts_with('/') { "" } else { base };
    let mut out = String::with_capacity(base.len() + relative.len() + 1);
    let push = |out: &mut String, part: &str| {
        if !out.is_empty() {
            out.push('/');
        }
        out.push_str(part);
    };
    base.split('/').filter(|p| !p.is_empty()).for_each(|p| push(&mut out, p));
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if out.is_empty() => return None,
            ".." => out.truncate(folder(&out).len()),
            p => push(&mut out, p),
        }
    }
    Some(out)
}

/// The folder of a path, without its last part; empty at the root.
pub fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |i| &path[..i])
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Name and extension (lower case is not applied): `a.tar.gz` → (`a.tar`, `gz`).
pub fn stem_ext(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(i) if i > 0 => (&name[..i], &name[i + 1..]),
        _ => (name, ""),
    }
}

/// ASCII letters, digits, `-`, `_` and `.`; every other run becomes one `-`. Case is kept: a migrated address may need it.
pub fn ascii_slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches(['-', '.']).to_owned()
}

/// Pinyin of a text, syllables joined by `-`, ü written v, at most `max` bytes cut at a syllable. Characters without
/// pinyin and punctuation are left out.
pub fn pinyin_slug(text: &str, max: usize) -> String {
    use pinyin::ToPinyin;
    let mut out = String::new();
    let mut word = String::new();
    let push = |out: &mut String, word: &str| -> bool {
        if word.is_empty() {
            return true;
        }
        let extra = word.len() + usize::from(!out.is_empty());
        if out.len() + extra > max {
            return false;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(word);
        true
    };
    for c in text.nfkc() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
            continue;
        }
        if !push(&mut out, &std::mem::take(&mut word)) {
            return out;
        }
        if let Some(p) = c.to_pinyin() {
            let plain = p.plain().replace('ü', "v");
            if !push(&mut out, &plain) {
                return out;
            }
        }
    }
    push(&mut out, &word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        assert_eq!(pinyin_slug("关于绿化2026年的通知（一）", 60), "guan-yu-lv-hua-2026-nian-de-tong-zhi-yi");
        assert_eq!(pinyin_slug("中华人民共和国", 12), "zhong-hua");
        assert_eq!(ascii_slug("../a b//c.html"), "a-b-c.html");
    }

    #[test]
    fn outputs_stay_in_their_folder() {
        assert_eq!(check_output("a/b.html"), Ok(()));
        for bad in ["", "/a", "a//b", "../a", "a/./b", "a\\b", "a\0b", "c:/x"] {
            assert_eq!(check_output(bad), Err(BadPath::Unsafe), "{bad}");
        }
        assert_eq!(check_output(&"长".repeat(67)), Err(BadPath::TooLong));
        assert_eq!(join("a/b", "../c.md").as_deref(), Some("a/c.md"));
        assert_eq!(join("a", "../../c.md"), None);
        assert_eq!(join("a/b", "../../c/./d//").as_deref(), Some("c/d"));
        assert_eq!(join("a/b", "/c").as_deref(), Some("c"));
        assert_eq!(join("", "..").as_deref(), None);
        assert_eq!(output_file("/a/"), "a/index.html");
        assert_eq!(output_file("/"), "index.html");
    }

    #[test]
    fn one_name_in_two_forms_is_one() {
        assert_eq!(folded("/Caf\u{e9}"), folded("/cafe\u{301}"));
    }
}
