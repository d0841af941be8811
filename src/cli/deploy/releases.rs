//! `banyan deploy list`, `rollback`, `prune`

use serde_json::json;

use super::super::{Common, Format, Io, build, human};
use super::{Reach, chosen, order};
use crate::base::date::Date;
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::config::Platform;
use crate::deploy::{Order, releases};

#[derive(clap::Args)]
pub struct List {
    /// Id of a site
    site: String,
    /// A target of sites.toml, where there are several
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
}

pub fn list(args: &List, platform: &Platform, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let target = chosen(platform, args.target.as_deref())?;
    let order = order(platform, target, io);
    let record = releases::list(&order, releases::site_of(&order, &args.site)?)?;
    if common.format != Format::Human {
        let text = serde_json::to_string_pretty(&record).unwrap_or_default();
        io.print(format!("{text}\n"));
        return Ok(Outcome::Good);
    }
    for r in record.releases.iter().rev() {
        let shown = match (r.number == record.current, io.is_chinese()) {
            (false, _) => "",
            (true, false) => "  shown",
            (true, true) => "  当前",
        };
        let at = Date::moment(r.at).rfc3339(&platform.zone);
        let files = if io.is_chinese() { "个文件" } else { "files" };
        io.print(format!("{:>5}  {at}  {:>7} {files}  {:>9}  {}{shown}\n", r.number, r.files, build::bytes(r.bytes), &r.manifest[..12]));
    }
    Ok(Outcome::Good)
}

#[derive(clap::Args)]
pub struct Rollback {
    /// Id of a site
    site: String,
    /// Number of a release; default: the one before the one that is shown
    number: Option<u64>,
    /// A target of sites.toml, where there are several
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Does not run the command that purges caches
    #[arg(long)]
    no_purge: bool,
    #[command(flatten)]
    reach: Reach,
}

pub fn rollback(args: &Rollback, platform: &Platform, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let target = chosen(platform, args.target.as_deref())?;
    let order = Order { access: args.reach.access(), purge: !args.no_purge, ..order(platform, target, io) };
    let done = releases::rollback(&order, releases::site_of(&order, &args.site)?, args.number)?;
    if common.format == Format::Human {
        human::findings(&done.diagnostics, common, io);
        let line = if io.is_chinese() {
            format!("{}：版本 {} → {}\n", args.site, done.from, done.to)
        } else {
            format!("{}: release {} → {}\n", args.site, done.from, done.to)
        };
        io.print(line);
    } else {
        let text = json!({ "site": args.site, "from": done.from, "to": done.to, "requests": done.requests });
        io.print(format!("{}\n", serde_json::to_string_pretty(&text).unwrap_or_default()));
    }
    Ok(if done.diagnostics.iter().any(Diagnostic::is_error) { Outcome::Partial } else { Outcome::Good })
}

#[derive(clap::Args)]
pub struct Prune {
    /// A target of sites.toml, where there are several
    target: Option<String>,
    /// Prints what would go
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reach: Reach,
}

pub fn prune(args: &Prune, platform: &Platform, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let target = chosen(platform, args.target.as_deref())?;
    let order = Order { dry_run: args.dry_run, access: args.reach.access(), ..order(platform, target, io) };
    let done = releases::prune_objects(&order)?;
    if common.format != Format::Human {
        let text = json!({ "manifests": done.manifests, "objects": done.objects, "requests": done.requests });
        io.print(format!("{}\n", serde_json::to_string_pretty(&text).unwrap_or_default()));
        return Ok(Outcome::Good);
    }
    if args.dry_run {
        done.objects.iter().for_each(|key| io.print(format!("  - {key}\n")));
    }
    let (objects, manifests) = (done.objects.len(), done.manifests);
    io.print(match (args.dry_run, io.is_chinese()) {
        (false, false) => format!("{objects} objects of {manifests} old releases taken away\n"),
        (false, true) => format!("已清理 {manifests} 个旧版本的 {objects} 个对象\n"),
        (true, false) => format!("{objects} objects of {manifests} old releases would go\n"),
        (true, true) => format!("将清理 {manifests} 个旧版本的 {objects} 个对象\n"),
    });
    Ok(Outcome::Good)
}
