//! Assets of a stack: merged by layer, named after what is in them, so that they may be cached for ever (D17).

use std::collections::BTreeMap;
use std::sync::Arc;

use cssparser::{Parser, Token};
use sha2::{Digest, Sha384};

use super::layer::{AssetFile, Layers};
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::LayerId;
use crate::base::path;

pub struct Asset {
    /// `css/site.css`
    pub logical: Arc<str>,
    /// Output path: `assets/css/site.1f3a9c07.css`.
    pub path: String,
    pub bytes: Arc<[u8]>,
    /// `sha384-…`
    pub integrity: Arc<str>,
}

/// The custom properties of a site: one stable name, so that a colour does not rewrite every page.
pub const TOKENS: &str = "assets/tokens.css";

/// The assets of a chain in the order of their logical paths: of each path that of the first layer that has it.
pub fn merge(layers: &Layers, chain: &[LayerId], out: &mut Vec<Diagnostic>) -> Vec<Asset> {
    let mut files: BTreeMap<Arc<str>, &AssetFile> = BTreeMap::new();
    for l in chain.iter().rev() {
        files.extend(layers.get(*l).assets.iter().map(|(k, v)| (k.clone(), v)));
    }
    let mut merge = Merge { files: &files, done: BTreeMap::new(), open: Vec::new(), out };
    for logical in files.keys() {
        merge.one(logical);
    }
    let mut assets: Vec<Asset> = merge.done.into_values().collect();
    assets.sort_by(|a, b| a.logical.cmp(&b.logical));
    assets
}

struct Merge<'a> {
    files: &'a BTreeMap<Arc<str>, &'a AssetFile>,
    done: BTreeMap<Arc<str>, Asset>,
    /// Stylesheets being worked on: one that imports itself is a circle.
    open: Vec<Arc<str>>,
    out: &'a mut Vec<Diagnostic>,
}

impl Merge<'_> {
    /// Output path of an asset; what it refers to is named first.
    fn one(&mut self, logical: &str) -> Option<String> {
        if let Some(done) = self.done.get(logical) {
            return Some(done.path.clone());
        }
        let (logical, file) = self.files.get_key_value(logical)?;
        let (logical, file) = (logical.clone(), *file);
        if self.open.contains(&logical) {
            self.out.push(Diagnostic::error("theme.css-circle").at(Place::file(file.file.clone())).arg("asset", &logical));
            return None;
        }
        let bytes: Arc<[u8]> = if logical.ends_with(".css") {
            self.open.push(logical.clone());
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            let new = self.stylesheet(&logical, file, &text);
            self.open.pop();
            new.into_bytes().into()
        } else {
            file.bytes.clone()
        };
        let hash = blake3::hash(&bytes).to_hex();
        let (stem, ext) = path::stem_ext(path::name(&logical));
        let folder = path::folder(&logical);
        let slash = if folder.is_empty() { "" } else { "/" };
        let dot = if ext.is_empty() { "" } else { "." };
        let output = format!("assets/{folder}{slash}{stem}.{}{dot}{ext}", &hash[..8]);
        let integrity = format!("sha384-{}", data_encoding::BASE64.encode(&Sha384::digest(&bytes)));
        self.done.insert(logical.clone(), Asset { logical, path: output.clone(), bytes, integrity: integrity.into() });
        Some(output)
    }

    /// `url(…)` and `@import "…"` that name another asset get its real name; it stays in the same folder, so only the
    /// last part changes.
    fn stylesheet(&mut self, logical: &str, file: &AssetFile, text: &str) -> String {
        let mut found: Vec<(std::ops::Range<usize>, String, bool)> = Vec::new();
        urls(&mut Parser::new(text), &mut found);
        let mut out = String::with_capacity(text.len() + 256);
        let mut at = 0;
        for (range, address, quoted) in found {
            let (plain, rest) = match address.find(['?', '#']) {
                Some(i) => (&address[..i], &address[i..]),
                None => (address.as_str(), ""),
            };
            if plain.is_empty() || plain.starts_with('/') || plain.contains(':') {
                continue;
            }
            let target = path::join(path::folder(logical), plain).filter(|t| self.files.contains_key(t.as_str()));
            let Some(target) = target else {
                let mut d =
                    Diagnostic::error("theme.css-url").at(crate::base::source::place(&file.file, text, range.clone())).arg("target", plain);
                d = d.nearest(path::name(plain), self.files.keys().map(|k| path::name(k)));
                self.out.push(d);
                continue;
            };
            // A circle has been told of.
            let Some(new) = self.one(&target) else { continue };
            let renamed = format!("{}{}{rest}", &plain[..plain.len() - path::name(plain).len()], path::name(&new));
            out.push_str(&text[at..range.start]);
            out.push_str(&if quoted { format!("\"{renamed}\"") } else { format!("url(\"{renamed}\")") });
            at = range.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// Addresses of a stylesheet: bytes of the token, the address, whether the token is a quoted string.
fn urls(parser: &mut Parser, found: &mut Vec<(std::ops::Range<usize>, String, bool)>) {
    let mut import = false;
    loop {
        let start = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { return };
        let range = start..parser.position().byte_index();
        match token {
            Token::UnquotedUrl(address) => found.push((range, address.to_string(), false)),
            Token::QuotedString(address) if import => {
                found.push((range, address.to_string(), true));
                import = false;
            }
            Token::AtKeyword(name) => import = name.eq_ignore_ascii_case("import"),
            Token::WhiteSpace(_) | Token::Comment(_) => {}
            Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                _ = parser.parse_nested_block(|p| {
                    let start = p.position().byte_index();
                    if let Ok(Token::QuotedString(address)) = p.next_including_whitespace_and_comments().cloned() {
                        found.push((start..p.position().byte_index(), address.to_string(), true));
                    }
                    Ok::<(), cssparser::ParseError<()>>(())
                });
                import = false;
            }
            // The parser itself limits how deep blocks may lie.
            Token::Function(_) | Token::CurlyBracketBlock | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                _ = parser.parse_nested_block(|p| {
                    urls(p, found);
                    Ok::<(), cssparser::ParseError<()>>(())
                });
                import = false;
            }
            _ => import = false,
        }
    }
}

/// Addresses that a style sheet names, with their bytes.
pub fn addresses(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = Vec::new();
    urls(&mut Parser::new(text), &mut found);
    found.into_iter().map(|(range, address, _)| (range, address)).collect()
}

/// tokens.css: the tokens of the stack with those of the site laid over them.
pub fn tokens_css<'a>(tokens: &'a BTreeMap<String, String>, site: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut all: BTreeMap<&str, &str> = tokens.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    all.extend(site);
    let mut out = String::from(":root{");
    for (key, value) in all {
        out.push_str(&format!("--{key}:{value};"));
    }
    out.push_str("}\n");
    out
}
