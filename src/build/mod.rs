//! The pipeline: configuration, content and themes become a [`World`]; every site is planned, rendered, written; last of
//! all the manifests, which are the commit.
//!
//! A site is worked through whole by the threads that are free: its plan, pages and staged files are dropped before the
//! next, so that memory follows the content and not the outputs.

pub mod concern;
pub mod due;
mod forms;
pub mod front;
pub mod headers;
pub mod kept;
pub mod manifest;
mod outputs;
mod patience;
pub mod preview;
pub mod report;
mod rests;
mod sample;
mod site;
mod state;
mod sweep;
mod turns;
mod untouched;
mod whole;
pub mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::content::Spool;
use crate::facts::World;
use crate::route::Moment;

pub use front::{Front, Phase, Use};
pub use manifest::{Entry, Manifest};
pub use patience::{Endless, PATIENCE, Patience};
pub use report::{Outcome, Report, SiteReport, Status};
pub(crate) use state::fault;
pub use state::{FOLDER, State, address};
use untouched::Untouched;

/// Stack of a thread that parses, renders and drops what hostile templates nest. Only what is used of it costs memory.
pub const STACK: usize = 1 << 30;

/// What a build is asked to do.
pub struct Order<'a> {
    pub root: PathBuf,
    /// Another output folder than the configured one.
    pub out: Option<PathBuf>,
    /// Patterns of site ids; none: all sites.
    pub sites: Vec<String>,
    /// Threads; 0: one a core.
    pub jobs: usize,
    pub moment: Moment,
    /// Hashes what lies in the output folder instead of trusting the last manifest.
    pub repair: bool,
    /// How many fresh outputs are rendered all the same and compared.
    pub sample: usize,
    /// Writes what changed into this folder, with manifests and deletions, instead of changing an output folder.
    pub delta: Option<PathBuf>,
    /// Neither uses nor keeps what earlier builds remembered of the content.
    pub forget: bool,
    /// How long one output may take before [`Watch::endless`] is told.
    pub patience: Duration,
    /// Outputs that did not end in a run before: their sites are left as they are.
    pub left_out: Vec<Endless>,
    pub watch: &'a dyn Watch,
    /// Set from outside: sites not yet whole are given up.
    pub stop: &'a AtomicBool,
}

/// Fresh outputs that a run renders all the same, where nothing else is asked.
pub const SAMPLE: usize = 200;

/// Is told how far a build has come. The library never prints.
pub trait Watch: Sync {
    fn phase(&self, _phase: Phase) {}
    /// So many sites are to be built.
    fn sites(&self, _count: usize) {}
    fn site(&self, _done: &SiteReport) {}
    /// These outputs take too long, and cannot be stopped. Told again and again; who does not end the process waits on.
    fn endless(&self, _outputs: &[Endless]) {}
}

/// One who does not want to know.
pub struct Silent;

impl Watch for Silent {}

/// Builds. What a person can mend is in the report; `Err`: the program could not do its own work.
pub fn build(order: &Order) -> Result<Report, Diagnostic> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(order.jobs).stack_size(STACK).build();
    let pool = pool.map_err(|e| Diagnostic::error("cli.usage").arg("problem", e))?;
    let patience = Patience::new(order.patience, pool.current_num_threads());
    patience.during(order.watch, || pool.install(|| run(order, &patience)))
}

fn run(order: &Order, patience: &Patience) -> Result<Report, Diagnostic> {
    let start = Instant::now();
    let opened = match Front::open(&order.root, if order.forget { Use::Anew } else { Use::Build }, order.watch) {
        Ok(opened) => opened,
        Err(front) => return Ok(Report::refused(front.diagnostics, start.elapsed())),
    };
    select(&opened.platform, &order.sites)?;
    let out = order.out.clone().unwrap_or_else(|| opened.platform.output.clone());
    let state = match &order.delta {
        Some(delta) => State::open_delta(&order.root, delta)?,
        None => State::open(&order.root, &opened.platform.output, &out)?,
    };
    let inputs = whole::Inputs::new(order, &opened, state.engine);
    if let Some(mut report) = whole::unchanged(order, &inputs, &state, &out) {
        state.gather_changed(&[]).map_err(|e| machine("build.write", &order.root, e))?;
        report.unknown = state.unknown_sites(&opened.platform);
        report.millis = start.elapsed().as_millis() as u64;
        return Ok(report);
    }
    whole::forget(order);
    let common = untouched::common(order, opened.files.print(), state.engine);
    // A build of some sites shows few of the bodies that it reads: those are rendered when they are asked for.
    let spool = order.sites.is_empty().then(|| Spool::new(&order.root.join(FOLDER)));
    let mut front = opened.load(&order.root, order.moment, spool, order.stop, order.watch);
    let Some(world) = front.world.take() else { return Ok(Report::refused(front.diagnostics, start.elapsed())) };
    let chosen = choose(&world, &order.sites)?;
    if !order.sites.is_empty() {
        let concern = concern::Concern::new(&world, &chosen);
        front.diagnostics.retain(|d| concern.is_of(d));
    }
    front.clock.lap(Phase::Render, order.watch);
    let untouched = Untouched::new(order, common, &world, &state, &out, &chosen);
    let shop = site::Shop::new(&world, &state, &out, order, chosen.len() - untouched.count()).knowing(&untouched).timed(patience);
    order.watch.sites(chosen.len());
    let mut built = turns::in_turn(&chosen, |id| shop.build(id));
    front.clock.lap(Phase::Save, order.watch);
    world.library.empty_spool();
    state.sync(&out)?;
    for done in &mut built {
        done.save(&state);
    }
    front.diagnostics.extend(shop.unusable());
    let (bodies, at_rest) = (shop.bodies.rendered(), untouched.count());
    drop(shop);
    front.diagnostics.extend(untouched.keep(built.iter_mut().filter_map(site::Built::note)));
    if order.stop.load(Ordering::Relaxed) {
        front.diagnostics.push(Diagnostic::error("build.interrupted"));
    }
    let unknown = if order.sites.is_empty() { state.unknown_sites(&world.platform) } else { Vec::new() };
    let whole: Vec<&str> = built.iter().filter_map(site::Built::whole).collect();
    let list = state.gather_changed(&whole).map_err(|e| machine("build.write", &order.root, e))?;
    if let Some(delta) = &order.delta {
        std::fs::copy(list, delta.join(state::CHANGED)).map_err(|e| machine("build.write", delta, e))?;
    }
    let next = due::next(&world.library, order.moment).map(|(at, _)| at);
    if order.sites.is_empty() && order.out.is_none() {
        due::note(&order.root, next).map_err(|e| machine("build.write", &order.root, e))?;
    }
    if world.library.is_lost() {
        _ = std::fs::remove_dir_all(order.root.join(FOLDER).join(crate::content::memo::PACKS));
    }
    front.clock.stop();
    let parts = built.into_iter().map(site::Built::into_parts).collect();
    let mut report = Report::new(front.diagnostics, parts, unknown, start.elapsed());
    (report.bodies, report.untouched) = (bodies, at_rest);
    report.content = world.library.counts;
    report.pictures = world.pictures.counts();
    if order.sites.is_empty() && report.outcome == Outcome::Good {
        world.pictures.evict();
    }
    report.phases = front.clock.laps;
    whole::note(order, &inputs, &state, next, &report);
    let_go(world);
    Ok(report)
}

/// Takes a world apart beside what comes next: that of millions of items takes seconds, for which nobody need wait, and a program
/// that ends is not held up by it.
fn let_go(world: Arc<World>) {
    // Without a thread it is dropped here.
    _ = std::thread::Builder::new().stack_size(STACK).spawn(move || drop(world));
}

/// The sites that the patterns mean, largest first, so that no thread is left with a large one at the end.
fn choose(world: &Arc<World>, patterns: &[String]) -> Result<Vec<SiteId>, Diagnostic> {
    let all: Vec<SiteId> = world.platform.site_ids().collect();
    let mut chosen = select(&world.platform, patterns)?;
    chosen.retain(|s| all.contains(s));
    chosen.sort_by_key(|s| (std::cmp::Reverse(world.routes.site(*s).placements.len()), *s));
    Ok(chosen)
}

/// Sites whose ids match one of the patterns, in order; all of them without a pattern.
pub fn select(platform: &crate::config::Platform, patterns: &[String]) -> Result<Vec<SiteId>, Diagnostic> {
    if patterns.is_empty() {
        return Ok(platform.site_ids().collect());
    }
    let mut chosen = Vec::new();
    for pattern in patterns {
        let glob = globset::Glob::new(pattern).map_err(|e| Diagnostic::error("cli.usage").arg("problem", e))?.compile_matcher();
        let hits: Vec<SiteId> = platform.site_ids().filter(|s| glob.is_match(&*platform.site(*s).id)).collect();
        if hits.is_empty() {
            let known = platform.sites.iter().map(|s| &*s.id);
            return Err(Diagnostic::error("cli.no-site").arg("site", pattern).nearest(pattern, known));
        }
        chosen.extend(hits);
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// It is said of the sources: a build that finds them as they were says it again. What is said of the state of earlier builds
/// is mended by the build that says it.
fn is_lasting(d: &Diagnostic) -> bool {
    !matches!(d.id, "build.state" | "build.receipts" | "content.memo" | "content.memo-lost")
}

/// An error of the machine, at a path.
pub(crate) fn machine(id: &'static str, path: &std::path::Path, e: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(id).at(Place::file(path.display().to_string())).arg("path", path.display()).arg("problem", e)
}
