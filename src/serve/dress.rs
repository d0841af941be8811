//! A rendered page as the preview sends it: links to the platform's other sites lead to their previews, and a script
//! follows what changes. The page's own policy allows both: everything comes from the site's own host.

use std::sync::LazyLock;

use lol_html::html_content::ContentType;
use lol_html::{RewriteStrSettings, element, rewrite_str};
use regex::Regex;
use serde_json::Value;

use super::hosts::{Door, Names};
use crate::base::fingerprint::Fingerprint;

/// The platform's own addresses below each host of the preview.
pub const OWN: &str = "/_banyan/";

/// Parts of a page that name style sheets: without them, two pages that differ in these alone are the same.
static SHEETS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"<link\b[^>]*\bstylesheet\b[^>]*>"#).ok());

pub struct Dress<'a> {
    pub names: &'a Names,
    pub door: &'a Door,
    /// The Host header.
    pub host: &'a str,
    /// Which reading the page is of.
    pub turn: String,
    /// Address and print of the file of tokens.
    pub tokens: Option<&'a (String, Fingerprint)>,
    /// What is wrong, for the overlay.
    pub errors: Value,
    /// The file that the page is made from.
    pub source: Option<String>,
    /// Address that opens a file of the platform, with `{file}`, `{line}`, `{column}`.
    pub editor: String,
    pub lang: &'static str,
}

impl Dress<'_> {
    pub fn page(&self, html: &str) -> String {
        let skeleton = SHEETS.as_ref().map_or(html.into(), |r| r.replace_all(html, ""));
        let script = self.script(&Fingerprint::of_bytes(skeleton.as_bytes()).hex());
        let link = |el: &mut lol_html::html_content::Element, name: &str| {
            let local = el.get_attribute(name).and_then(|url| self.names.local(&url, self.door, self.host));
            if let Some(local) = local {
                el.set_attribute(name, &local)?;
            }
            Ok(())
        };
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("a[href], area[href]", |el| link(el, "href")))
            .append_element_content_handler(element!("form[action]", |el| link(el, "action")))
            .append_element_content_handler(element!("[src]", |el| link(el, "src")))
            .append_element_content_handler(element!("meta[http-equiv=refresh]", |el| {
                // Pages that lead on.
                let Some(content) = el.get_attribute("content") else { return Ok(()) };
                if let Some((wait, url)) = content.split_once("url=")
                    && let Some(local) = self.names.local(url.trim(), self.door, self.host)
                {
                    el.set_attribute("content", &format!("{wait}url={local}"))?;
                }
                Ok(())
            }))
            .append_element_content_handler(element!("link[rel=stylesheet]", |el| {
                // The file of tokens keeps its name: a browser that has it would not ask again.
                if let (Some((url, print)), Some(href)) = (self.tokens, el.get_attribute("href"))
                    && href == *url
                {
                    el.set_attribute("href", &format!("{href}?v={}", print.hex()))?;
                }
                Ok(())
            }))
            .append_element_content_handler(element!("body", |el| {
                el.append(&script, ContentType::Html);
                Ok(())
            }));
        rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
    }

    /// A page that could not be rendered: the overlay says why, and goes when it can.
    pub fn failed(&self) -> String {
        let script = self.script("failed");
        format!(
            "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>Banyan</title></head><body>{script}</body></html>\n",
            self.lang
        )
    }

    fn script(&self, print: &str) -> String {
        format!(
            "<script type=\"module\" src=\"{OWN}live.js\" data-page=\"{print}\" data-turn=\"{}\" data-front=\"{}\" data-source=\"{}\" data-editor=\"{}\" data-errors=\"{}\"></script>",
            self.turn,
            match self.door {
                Door::Loopback => format!("http://localhost:{}/", self.names.port),
                Door::Site(_) => String::new(),
            },
            escaped(self.source.as_deref().unwrap_or_default()),
            escaped(&self.editor),
            escaped(&self.errors.to_string()),
        )
    }
}

pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
