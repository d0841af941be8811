//! `banyan explain page URL`: what an address is made from; which layer and line gave each block of it; what it read, and
//! what of that is not as it was.

use std::sync::Arc;

use serde_json::json;

use crate::base::diag::Diagnostic;
use crate::base::id::SiteId;
use crate::base::path;
use crate::build::preview::{Looked, look};
use crate::build::{Order, Outcome, Silent};
use crate::cli::{Common, Format, Io, Time, human, moment, plan, stop};
use crate::config::Platform;
use crate::facts::Kind;
use crate::theme::origin;

/// Reads shown under one kind, where `-v` shows all.
const LISTED: usize = 6;

/// `https://host/path`, `host/path`, `site/path`, or the address of a preview.
fn find(platform: &Platform, url: &str) -> Option<(SiteId, String)> {
    let plain = url.split_once("://").map_or(url, |(_, rest)| rest);
    let plain = plain.split(['?', '#']).next().unwrap_or_default();
    let (host, rest) = plain.split_once('/').unwrap_or((plain, ""));
    let host = host.split(':').next().unwrap_or_default().to_lowercase();
    let host = host.strip_suffix(".localhost").unwrap_or(&host);
    let decoded = percent_encoding::percent_decode_str(rest).decode_utf8_lossy().into_owned();
    let site = platform.site_ids().find(|s| {
        let s = platform.site(*s);
        *s.id == *host || (s.below.is_empty() && s.hosts.iter().chain(&s.aliases).any(|h| **h == *host))
    })?;
    // Sites below paths of that host: of two that fit, the one further down.
    let asked = format!("/{decoded}");
    let holds = |s: &SiteId| path::below(&asked, &platform.site(*s).below).is_some();
    let site = platform.below(site).filter(holds).max_by_key(|s| platform.site(*s).below.len()).unwrap_or(site);
    Some((site, path::output_file(&asked)))
}

pub fn page(url: &str, time: &Time, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let order = Order {
        root: common.root.clone(),
        out: None,
        sites: Vec::new(),
        jobs: 0,
        moment: moment(time, &common.root, io)?,
        repair: false,
        sample: 0,
        delta: None,
        forget: false,
        patience: crate::build::PATIENCE,
        left_out: Vec::new(),
        watch: &Silent,
        stop: stop(),
    };
    let looked = look(&order, |platform| find(platform, url))?;
    let Some(Looked { world, site, path, found, diagnostics }) = looked else {
        return Err(Diagnostic::error("cli.no-page").arg("url", url));
    };
    human::findings(&diagnostics, common, io);
    let Some(found) = found else {
        return Err(Diagnostic::error("cli.no-page").arg("url", format!("{}/{path}", world.platform.site(site).id)));
    };
    let id: &Arc<str> = &world.platform.site(site).id;
    let (layers, chain) = (&world.themes.layers, world.themes.of(site).map_or(&[][..], |s| &s.chain));
    // The first template that was found is the page's own; what it reaches is in its blocks.
    let template =
        found.reads.iter().find(|(key, print)| key.kind == Kind::Template && *print != crate::base::fingerprint::Fingerprint::ABSENT);
    let name = template.and_then(|(key, _)| match &key.about {
        crate::facts::About::Text(name) => Some(name.clone()),
        _ => None,
    });
    let (files, blocks) = name.as_ref().map(|n| origin::blocks(layers, chain, n)).unwrap_or_default();
    let layer = |l| &*layers.get(l).name;
    let why = found.stale.as_ref().map(|why| plan::words(why, io.tongue));
    if common.format != Format::Human {
        let blocks: Vec<_> = blocks
            .iter()
            .map(|b| {
                let over: Vec<String> = b.over.iter().map(ToString::to_string).collect();
                json!({ "name": b.name, "layer": layer(b.layer), "place": b.place.to_string(), "over": over })
            })
            .collect();
        let reads: Vec<String> = found.questions.iter().map(ToString::to_string).collect();
        let files: Vec<String> = files.iter().map(ToString::to_string).collect();
        let json = json!({
            "site": id, "path": path, "kind": found.kind, "source": found.source.to_string(), "template": name.as_deref(),
            "files": files, "blocks": blocks, "reads": reads, "stale": why,
        });
        io.print(format!("{}\n", serde_json::to_string_pretty(&json).unwrap_or_default()));
        return Ok(Outcome::Good);
    }
    let zh = io.is_chinese();
    io.print(format!("{id}/{path}  {}\n{}  {}\n", found.kind, if zh { "来源：" } else { "from" }, found.source));
    match why {
        Some(why) => io.print(format!("{}{why}\n", if zh { "需要重新生成：" } else { "stale: " })),
        None => io.print(format!("{}\n", if zh { "自上次构建以来没有变化" } else { "as the last build left it" })),
    }
    if let Some(name) = &name {
        io.print(format!("{} {name}\n", if zh { "模板" } else { "template" }));
        files.iter().for_each(|f| io.print(format!("  {f}\n")));
    }
    if !blocks.is_empty() {
        io.print(if zh { "区块（所在层、文件与行）\n" } else { "blocks, with layer, file and line\n" });
    }
    for b in blocks {
        let over = if b.over.is_empty() { String::new() } else { format!("  {} {}", if zh { "覆盖" } else { "over" }, b.over[0]) };
        io.print(format!("  {:18} {:10} {}{over}\n", b.name, layer(b.layer), b.place));
    }
    io.print(if zh { "读取\n" } else { "reads\n" });
    for kind in Kind::ALL {
        let of_kind: Vec<String> = found.questions.iter().filter(|q| q.kind == *kind).map(ToString::to_string).collect();
        let shown = if common.verbose { of_kind.len() } else { LISTED };
        of_kind.iter().take(shown).for_each(|q| io.print(format!("  {q}\n")));
        if of_kind.len() > shown {
            io.print(format!("  … {} {}\n", of_kind.len() - shown, kind.name()));
        }
    }
    Ok(Outcome::Good)
}
