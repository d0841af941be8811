//! `banyan new theme`: the smallest layer that works, with what teaches the next step.

use std::path::Path;

use super::{Common, Io, find};
use crate::base::diag::{Diagnostic, Place};
use crate::build::Outcome;
use crate::cli::init::write_file;
use crate::cli::new::quoted;
use crate::config::Platform;
use crate::theme::Layers;
use crate::theme::drift::{FILE, record};
use crate::theme::explain::explain;
use crate::theme::stack::chain_of;

/// A green that can be read on white and that no standard theme has: it shows at once that the layer works.
const COLOUR: &str = "#2d6640";

pub fn run(
    platform: &Platform,
    name: &str,
    extends: &str,
    site: Option<&str>,
    common: &Common,
    io: &mut Io,
) -> Result<Outcome, Diagnostic> {
    let layers = super::layers(common, io);
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    if name.is_empty() || name.len() > 64 || name.starts_with(['-', '_']) || !name.bytes().all(plain) {
        return Err(Diagnostic::error("theme.name").arg("theme", name));
    }
    let parent = find(&layers, extends)?;
    let folder = common.root.join("themes").join(name);
    if folder.exists() || layers.find(name).is_some() {
        return Err(Diagnostic::error("cli.exists").arg("path", folder.display()));
    }
    let chain = chain_of(&layers, parent);
    if let Some(id) = site {
        let Some(found) = platform.find_site(id).map(|s| platform.site(s)) else {
            return Err(Diagnostic::error("config.unknown-site").arg("site", id).nearest(id, platform.sites.iter().map(|s| &*s.id)));
        };
        let standard = platform.tiers.get(&found.tier).map(|t| t.theme.clone()).unwrap_or_default();
        if !chain.iter().any(|l| layers.get(*l).name == standard) {
            let d = Diagnostic::error("theme.not-of-tier").at(Place::file(format!("sites/{id}.toml"))).arg("theme", name);
            return Err(d.arg("tier", &found.tier).arg("standard", standard));
        }
    }
    let page = explain(&layers, &chain, Some("page.html"));
    let has = |block: &str| page.blocks.iter().flat_map(|(_, b)| b).any(|b| b.name == block);
    let slot = has("header_local");
    let mut files = vec![
        ("theme.toml".to_owned(), settings(name, extends)),
        ("phrases/zh-Hans.toml".to_owned(), phrases(name)),
        (format!("assets/css/{name}.css"), style(name)),
    ];
    if has("head") {
        files.push(("templates/page.html".to_owned(), template(name, slot)));
    }
    for (file, text) in &files {
        write_file(&folder.join(file), text.as_bytes())?;
        io.say(folder.join(file).display());
    }
    let layers = Layers::load(&common.root.join("themes"), &mut Vec::new());
    if let Some(text) = layers.find(name).and_then(|l| record(&layers, l)) {
        write_file(&folder.join(FILE), text.as_bytes())?;
        io.say(folder.join(FILE).display());
    }
    let line = format!("theme = {}", quoted(name));
    match site {
        Some(id) => used_by(&common.root, id, name, &line, io)?,
        None => io.say(io.either(
            &format!("a site uses it with this line in sites/ID.toml, above its first [table]:\n{line}"),
            &format!("在 sites/站点.toml 的第一个 [表] 之前加上此行，即可使用：\n{line}"),
        )),
    }
    Ok(Outcome::Good)
}

/// The line that a site names its theme with: in the place of the one that is there, else first of all.
fn used_by(root: &Path, site: &str, theme: &str, line: &str, io: &mut Io) -> Result<(), Diagnostic> {
    let file = root.join("sites").join(format!("{site}.toml"));
    let Ok(text) = std::fs::read_to_string(&file) else {
        let d = Diagnostic::warning("theme.no-site-file").at(Place::file("sites.toml")).arg("site", site).arg("theme", theme);
        io.say(d.message(io.tongue));
        return Ok(());
    };
    let head = text.find("\n[").map_or(text.len(), |at| at + 1);
    let mut done = false;
    let mut new = String::new();
    for l in text[..head].split_inclusive('\n') {
        let key = l.split_once('=').map(|(k, _)| k.trim());
        if key == Some("theme") {
            done = true;
            new.push_str(&format!("{line}\n"));
        } else {
            new.push_str(l);
        }
    }
    let new = if done { new } else { format!("{line}\n{new}") };
    write_file(&file, format!("{new}{}", &text[head..]).as_bytes())?;
    io.say(format!("{}: {line}", file.display()));
    Ok(())
}

fn settings(name: &str, extends: &str) -> String {
    format!(
        r#"# A layer over the theme "{extends}". It holds only what is different here; all else keeps coming from above, also what
# changes there later. What there is to change: `banyan theme explain SITE`; whether all is well: `banyan theme check {name}`.
label = "{name}"
extends = "{extends}"

# Design tokens become custom properties of CSS, here --color-primary. `banyan theme explain` lists all, with their values.
[tokens]
color-primary = "{COLOUR}"
"#
    )
}

fn phrases(name: &str) -> String {
    format!(
        r#"# Texts of the theme, by key: a key that the theme above has is replaced, a new one is added. en.toml is the same in English.
{} = "本地特色"
"#,
        key(name)
    )
}

fn key(name: &str) -> String {
    format!("{}_motto", name.replace('-', "_"))
}

fn style(name: &str) -> String {
    format!(
        r#"/* Colours come from tokens, so that the style follows them. Pictures: url(../img/x.svg), a file in assets/img/. */
.{name}-motto {{ margin: 0; padding: .5rem var(--space, 1rem); background: var(--color-primary); color: var(--color-on-primary, #fff); text-align: center; }}
"#
    )
}

fn template(name: &str, slot: bool) -> String {
    let motto = match slot {
        true => format!(
            r#"
{{# the header is locked, but leaves this place open #}}
{{% block header_local %}}<p class="{name}-motto">{{{{ t("{}") }}}}</p>{{% endblock %}}
"#,
            key(name)
        ),
        false => "\n".to_owned(),
    };
    format!(
        r#"{{# ^ is the page.html of the theme above: what is not named here stays as it is there #}}
{{% extends "^page.html" %}}
{{# super() is what the block holds above; the style sheet comes after it #}}
{{% block head %}}{{{{ super() }}}}<link rel="stylesheet" href="{{{{ asset("css/{name}.css") }}}}" integrity="{{{{ integrity("css/{name}.css") }}}}">{{% endblock %}}{motto}"#
    )
}
