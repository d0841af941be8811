//! The change list and what became of it, for people and for programs. `--dry-run` prints the same list.

use serde_json::{Value as Json, json};

use super::super::{Common, Format, Io, format, human};
use crate::base::diag::Tongue;
use crate::build::manifest::hex;
use crate::deploy::{Report, SiteDone, Status, Why};

/// Changes of one site that are listed, where `-v` and `--dry-run` list all.
const LISTED: usize = 10;

pub fn report(report: &Report, dry_run: bool, common: &Common, io: &mut Io) {
    match common.format {
        Format::Human => {
            human::findings(&report.diagnostics, common, io);
            if !common.quiet {
                people(report, dry_run, common.verbose, io);
            }
        }
        Format::Json => {
            let text = serde_json::to_string_pretty(&in_json(report, io.tongue)).unwrap_or_default();
            io.print(format!("{text}\n"));
        }
        other => io.print(format::findings(&report.diagnostics, other, io.tongue)),
    }
}

fn in_json(report: &Report, tongue: Tongue) -> Json {
    let sites: Vec<Json> = report.sites.iter().map(site).collect();
    json!({
        "outcome": report.outcome,
        "target": report.target,
        "location": report.location,
        "layout": report.layout,
        "sites": sites,
        "requests": report.requests,
        "millis": report.millis,
        "diagnostics": format::in_json(&report.diagnostics, tongue),
    })
}

fn site(site: &SiteDone) -> Json {
    let puts = site
        .changes
        .puts
        .iter()
        .map(|p| json!({ "op": "put", "path": p.path, "stage": p.stage, "why": p.why, "size": p.size, "hash": hex(&p.hash) }));
    let deletes = site.changes.deletes.iter().map(|path| json!({ "op": "delete", "path": path }));
    let changes: Vec<Json> = puts.chain(deletes).collect();
    json!({ "id": site.id, "status": site.status, "release": site.release, "signed": site.signed, "changes": changes })
}

fn people(report: &Report, dry_run: bool, verbose: bool, io: &mut Io) {
    let zh = io.is_chinese();
    let (mut files, mut bytes, mut gone) = (0, 0, 0);
    for site in &report.sites {
        let note = match (site.status, zh) {
            (Status::Unchanged | Status::Held, _) => continue,
            (Status::Planned, false) => "would be deployed",
            (Status::Planned, true) => "将部署",
            (Status::Deployed, false) => "deployed",
            (Status::Deployed, true) => "已部署",
            (Status::Failed, false) => "failed: what is shown is as it was, or whole",
            (Status::Failed, true) => "失败：对外内容保持原样或完整",
        };
        if site.status != Status::Failed {
            files += site.changes.puts.len();
            bytes += site.changes.puts.iter().map(|p| p.size).sum::<u64>();
            gone += site.changes.deletes.len();
        }
        let release = match (site.release, zh) {
            (None, _) => String::new(),
            (Some(n), false) => format!(", release {n}"),
            (Some(n), true) => format!("，版本 {n}"),
        };
        let signed = match (site.signed, zh) {
            (false, _) => "",
            (true, false) => ", signature only",
            (true, true) => "，仅签名",
        };
        io.print(format!("{}: {note}{release}{signed}\n", site.id));
        let puts = site.changes.puts.iter().map(|p| {
            let sign = if p.why == Why::New { '+' } else { '~' };
            format!("  {sign} {} ({})", p.path, super::super::build::bytes(p.size))
        });
        let all: Vec<String> = puts.chain(site.changes.deletes.iter().map(|path| format!("  - {path}"))).collect();
        let shown = if verbose || dry_run { all.len() } else { LISTED.min(all.len()) };
        all[..shown].iter().for_each(|line| io.print(format!("{line}\n")));
        if shown < all.len() {
            let rest = all.len() - shown;
            io.print(if zh { format!("  … 另有 {rest} 个\n") } else { format!("  … and {rest} more\n") });
        }
    }
    let unchanged = report.sites.iter().filter(|s| s.status == Status::Unchanged).count();
    if unchanged > 0 {
        io.print(if zh { format!("{unchanged} 个站点没有变化\n") } else { format!("{unchanged} sites: nothing to do\n") });
    }
    let size = super::super::build::bytes(bytes);
    let place = &report.location;
    io.print(match (dry_run, zh) {
        (true, false) => format!("{files} files ({size}) would go to {place}, {gone} would be deleted there\n"),
        (true, true) => format!("将向 {place} 部署 {files} 个文件（{size}），删除 {gone} 个\n"),
        (false, false) => format!("{files} files ({size}) to {place}, {gone} deleted there; "),
        (false, true) => format!("向 {place} 部署 {files} 个文件（{size}），删除 {gone} 个；"),
    });
    if !dry_run {
        let r = report.requests;
        let time = super::super::build::seconds(report.millis);
        io.print(if zh {
            format!("读取对象 {}，写入 {}，删除 {}；用时 {time}\n", r.read, r.written, r.deleted)
        } else {
            format!("objects: {} read, {} written, {} deleted; {time}\n", r.read, r.written, r.deleted)
        });
    }
}
