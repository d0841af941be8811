//! `banyan plan`: what a build would render, and why; which addresses would answer no more.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::{Common, Format, Io, Time, human, moment, stop};
use crate::base::diag::{Diagnostic, Tongue};
use crate::build::preview::{Preview, SitePreview, preview};
use crate::build::{Order, Outcome, SAMPLE, Silent};
use crate::facts::Kind;
use crate::receipts::Reason;

#[derive(clap::Args)]
pub struct Args {
    /// Only these sites: ids or patterns; may be repeated
    #[arg(long = "site", value_name = "ID")]
    sites: Vec<String>,
    /// Of another output folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    time: Time,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let moment = moment(&args.time, &common.root, io)?;
    let order = Order {
        root: common.root.clone(),
        out: args.out.clone(),
        sites: args.sites.clone(),
        jobs: 0,
        moment,
        repair: false,
        sample: SAMPLE,
        delta: None,
        forget: false,
        patience: crate::build::PATIENCE,
        left_out: Vec::new(),
        watch: &Silent,
        stop: stop(),
    };
    let found = preview(&order)?;
    if common.format == Format::Human {
        human::findings(&found.diagnostics, common, io);
        print(&found, common, io);
    } else {
        let sites: Vec<_> = found.sites.iter().map(|s| in_json(s, io.tongue)).collect();
        let text = serde_json::to_string_pretty(&json!({ "sites": sites, "diagnostics": found.diagnostics })).unwrap_or_default();
        io.print(format!("{text}\n"));
    }
    Ok(if found.sites.is_empty() && found.diagnostics.iter().any(Diagnostic::is_error) { Outcome::Refused } else { Outcome::Good })
}

fn in_json(site: &SitePreview, tongue: Tongue) -> serde_json::Value {
    let stale: Vec<_> = site
        .stale
        .iter()
        .map(|(path, kind, why)| json!({ "path": path, "kind": kind, "reason": why.name(), "why": words(why, tongue) }))
        .collect();
    let gone: Vec<_> = site.gone.iter().map(|g| json!({ "path": g.path, "page": g.page })).collect();
    json!({ "id": site.id, "refused": site.refused, "outputs": site.outputs, "stale": stale, "gone": gone })
}

/// Files listed under one reason, where `-v` lists all.
const LISTED: usize = 8;

fn print(found: &Preview, common: &Common, io: &mut Io) {
    let tongue = io.tongue;
    let (mut outputs, mut stale, mut untouched) = (0, 0, 0);
    for site in &found.sites {
        outputs += site.outputs;
        stale += site.stale.len();
        if site.refused {
            io.print(format!("{}: {}\n", site.id, io.either("has errors and would keep its last output", "有错误，将保留上次的输出")));
            continue;
        }
        if site.stale.is_empty() && site.gone.is_empty() {
            untouched += 1;
            continue;
        }
        io.print(format!("{}: {}\n", site.id, count(site.stale.len(), site.outputs, tongue)));
        let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (path, _, why) in &site.stale {
            by_reason.entry(words(why, tongue)).or_default().push(path);
        }
        for (why, paths) in by_reason {
            io.print(format!("  {why}\n"));
            let shown = if common.verbose { paths.len() } else { LISTED };
            for path in paths.iter().take(shown) {
                io.print(format!("    {path}\n"));
            }
            if paths.len() > shown {
                let rest = paths.len() - shown;
                io.print(if io.is_chinese() { format!("    … 另有 {rest} 个\n") } else { format!("    … and {rest} more\n") });
            }
        }
        gone(site, io);
    }
    if untouched > 0 {
        io.print(if io.is_chinese() {
            format!("{untouched} 个站点没有变化\n")
        } else {
            format!("{untouched} sites: nothing to do\n")
        });
    }
    let line = if io.is_chinese() {
        format!("共 {} 个站点，{outputs} 个文件，其中 {stale} 个需要重新生成\n", found.sites.len())
    } else {
        format!("{stale} of {} of {} are to be made anew\n", super::many(outputs, "file"), super::many(found.sites.len(), "site"))
    };
    io.print(line);
}

fn count(stale: usize, outputs: usize, tongue: Tongue) -> String {
    match tongue {
        Tongue::Chinese => format!("{outputs} 个文件中有 {stale} 个需要重新生成"),
        Tongue::English => format!("{stale} of {outputs} files"),
    }
}

/// Addresses that go, with the line that would lead their readers on (D18).
fn gone(site: &SitePreview, io: &mut Io) {
    if site.gone.is_empty() {
        return;
    }
    let text = io.either(
        "these addresses would answer no more; a line of redirects.csv leads their readers on:",
        "以下地址将不再可用；可在 redirects.csv 中添加一行跳转：",
    );
    io.print(format!("  {text}\n"));
    for g in &site.gone {
        let url = format!("/{}", g.path.strip_suffix("index.html").unwrap_or(&g.path));
        if g.page {
            io.print(format!("    {},{url},{}\n", site.id, io.either("<where to>", "<目标地址>")));
        } else {
            io.print(format!("    {url}\n"));
        }
    }
}

/// A reason as a sentence.
pub fn words(why: &Reason, tongue: Tongue) -> String {
    let zh = tongue == Tongue::Chinese;
    match why {
        Reason::NoState => if zh { "尚无构建记录" } else { "nothing is known of an earlier build" }.to_owned(),
        Reason::New => if zh { "新文件" } else { "new" }.to_owned(),
        Reason::Recipe => {
            if zh { "地址、栏目、标题或所在列表有变化" } else { "its address, column, title or place in a list changed" }.to_owned()
        }
        Reason::Source => if zh { "文件内容有变化" } else { "its file changed" }.to_owned(),
        Reason::Doubt => if zh {
            "上次构建中断，或清单与记录不一致"
        } else {
            "an earlier build was cut off, or its records do not agree"
        }
        .to_owned(),
        Reason::Read(question) => {
            if zh {
                format!("变化：{question}")
            } else {
                format!("changed: {question}")
            }
        }
        Reason::Own(kinds) => {
            let names: Vec<&str> = kinds.iter().map(|k| if *k == Kind::Item { "its own text" } else { k.name() }).collect();
            if zh {
                format!("变化：{}", names.join("、").replace("its own text", "条目自身"))
            } else {
                format!("changed: {}", names.join(", "))
            }
        }
    }
}
