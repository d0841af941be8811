//! `banyan deploy`

mod print;
mod releases;
mod verify;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Subcommand;

use super::{Common, Format, Io, human, stop};
use crate::base::diag::Diagnostic;
use crate::build::{Outcome, select};
use crate::config::{Platform, Target};
use crate::deploy::{Access, Order, Watch};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    deploy: Deploy,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the releases of a site
    List(releases::List),
    /// Shows an earlier release of a site: no page is moved
    Rollback(releases::Rollback),
    /// Takes away objects that only releases name which are kept no more
    Prune(releases::Prune),
    /// Fetches pages and holds them against the signed manifest
    Verify(verify::Args),
    /// Makes a pair of keys for signing manifests
    Keygen(verify::Keygen),
}

#[derive(clap::Args)]
struct Deploy {
    /// A target of sites.toml, where there are several; then ids or patterns of sites
    #[arg(value_name = "TARGET] [SITES")]
    names: Vec<String>,
    /// Prints what would be done
    #[arg(long)]
    dry_run: bool,
    /// Files of one site that may go in this run
    #[arg(long, value_name = "N")]
    max_deletes: Option<usize>,
    /// Brings changes that `build --delta DIR` wrote
    #[arg(long, value_name = "DIR")]
    delta: Option<PathBuf>,
    /// Brings what was rolled back too
    #[arg(long)]
    again: bool,
    /// Does not run the command that purges caches
    #[arg(long)]
    no_purge: bool,
    #[command(flatten)]
    reach: Reach,
}

/// How the lock of a target is had.
#[derive(clap::Args, Clone, Copy)]
struct Reach {
    /// Waits so long for another deploy to end
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    wait: u64,
    /// Takes over the lock of a deploy to a bucket that is certainly dead
    #[arg(long)]
    break_lock: bool,
}

impl Reach {
    fn access(self) -> Access {
        Access { wait: Duration::from_secs(self.wait), force: self.break_lock }
    }
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    if let Some(Command::Keygen(args)) = &args.command {
        return verify::keygen(args, common, io);
    }
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    match &args.command {
        Some(Command::List(args)) => releases::list(args, &platform, common, io),
        Some(Command::Rollback(args)) => releases::rollback(args, &platform, common, io),
        Some(Command::Prune(args)) => releases::prune(args, &platform, common, io),
        Some(Command::Verify(args)) => verify::run(args, &platform, common, io),
        Some(Command::Keygen(_)) => Ok(Outcome::Good),
        None => deploy(&args.deploy, &platform, common, io),
    }
}

fn deploy(args: &Deploy, platform: &Platform, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let (target, sites) = names(platform, &args.names)?;
    let progress = Progress::new(common, io);
    let order = Order {
        delta: args.delta.clone(),
        dry_run: args.dry_run,
        max_deletes: args.max_deletes,
        again: args.again,
        access: args.reach.access(),
        purge: !args.no_purge,
        watch: &progress,
        ..order(platform, target, io)
    };
    let order = Order { sites: select(platform, &sites)?, ..order };
    let report = crate::deploy::deploy(&order)?;
    print::report(&report, args.dry_run, common, io);
    Ok(report.outcome)
}

/// An order that asks for nothing yet.
fn order<'a>(platform: &'a Platform, target: &'a Target, io: &Io) -> Order<'a> {
    Order {
        platform,
        target,
        sites: Vec::new(),
        delta: None,
        dry_run: false,
        max_deletes: None,
        again: false,
        access: Access::default(),
        purge: true,
        now: io.now,
        watch: &crate::build::Silent,
        stop: stop(),
    }
}

/// The first name is a target, unless there is but one and it is not called so.
fn names<'p>(platform: &'p Platform, names: &[String]) -> Result<(&'p Target, Vec<String>), Diagnostic> {
    if let [first, rest @ ..] = names
        && let Some(target) = find(platform, first)
    {
        return Ok((target, rest.to_vec()));
    }
    match platform.deploy.targets.as_slice() {
        [one] => Ok((one, names.to_vec())),
        _ => match names.first() {
            Some(first) => Err(unknown(platform, first)),
            None => only(platform).map(|target| (target, Vec::new())),
        },
    }
}

fn find<'p>(platform: &'p Platform, name: &str) -> Option<&'p Target> {
    platform.deploy.targets.iter().find(|t| &*t.name == name)
}

fn known(platform: &Platform) -> String {
    platform.deploy.targets.iter().map(|t| &*t.name).collect::<Vec<&str>>().join(", ")
}

fn unknown(platform: &Platform, name: &str) -> Diagnostic {
    let d = Diagnostic::error("deploy.no-target").arg("target", name).arg("known", known(platform));
    d.nearest(name, platform.deploy.targets.iter().map(|t: &Target| -> &str { &t.name }))
}

/// The target that `--target` names, or the only one.
fn chosen<'p>(platform: &'p Platform, name: Option<&str>) -> Result<&'p Target, Diagnostic> {
    match name {
        Some(name) => find(platform, name).ok_or_else(|| unknown(platform, name)),
        None => only(platform),
    }
}

fn only(platform: &Platform) -> Result<&Target, Diagnostic> {
    match platform.deploy.targets.as_slice() {
        [one] => Ok(one),
        [] => Err(unknown(platform, "")),
        _ => Err(Diagnostic::error("deploy.which-target").arg("known", known(platform))),
    }
}

/// One line in five seconds, on standard error.
struct Progress {
    silent: bool,
    chinese: bool,
    last: Mutex<Instant>,
}

impl Progress {
    fn new(common: &Common, io: &Io) -> Progress {
        let silent = common.quiet || !io.progress || common.format != Format::Human;
        Progress { silent, chinese: io.is_chinese(), last: Mutex::new(Instant::now()) }
    }
}

impl Watch for Progress {
    fn file(&self, done: usize, of: usize) {
        let Ok(mut last) = self.last.try_lock() else { return };
        if self.silent || last.elapsed() < Duration::from_secs(5) {
            return;
        }
        *last = Instant::now();
        let line = if self.chinese { format!("已部署 {done}/{of} 个文件") } else { format!("{done} of {of} files are there") };
        _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{line}\n"));
    }
}
