//! One site: planned, rendered, staged, moved into place. Its manifest waits for the sync of the whole build.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use super::forms;
use super::headers;
use super::manifest::Manifest;
use super::outputs::{Before, Done, Work};
use super::patience::Patience;
use super::report::{SiteReport, Status};
use super::sample::Sampler;
use super::state::State;
use super::sweep::Sweeper;
use super::untouched::{Asked, Untouched};
use super::write::{self, Tree};
use super::{Order, machine};
use crate::base::diag::{Diagnostic, sort};
use crate::base::id::SiteId;
use crate::facts::World;
use crate::plan::SitePlan;
use crate::plan::site::ThemeOutputs;
use crate::receipts::{Collector, Names, Shard, Verifier};
use crate::render::{Bodies, SiteRender};
use crate::theme::Engine;

/// What all sites of a build share.
pub struct Shop<'a> {
    world: &'a Arc<World>,
    state: &'a State,
    out: &'a Path,
    order: &'a Order<'a>,
    untouched: Option<&'a Untouched<'a>>,
    patience: Option<&'a Patience>,
    pub bodies: Arc<Bodies>,
    sampler: Sampler,
    sweeper: Sweeper,
    /// What is wrong with the receipts of which sites.
    unusable: Mutex<BTreeMap<&'static str, BTreeSet<Arc<str>>>>,
    /// By stack: compiled when its first site is built, with what is wrong with its templates.
    engines: Vec<OnceLock<(Arc<Engine>, Vec<Diagnostic>)>>,
}

/// A site before anything of it renders.
pub struct Ready {
    pub render: Arc<SiteRender>,
    /// The last manifest, where there is one that speaks of a tree.
    pub old: Option<Manifest>,
    pub receipts: Option<Shard>,
    /// Paths that an earlier build may have touched.
    pub doubt: BTreeSet<String>,
    /// Every file is looked at.
    pub repair: bool,
}

/// What the last build of a site left.
struct Remembered {
    manifest: Option<Manifest>,
    /// There is a manifest, and it does not speak of the tree that is there.
    foreign: bool,
    receipts: Option<Shard>,
    damaged: Option<Diagnostic>,
}

/// A site after its build, before its manifest is written.
pub struct Built {
    site: SiteId,
    report: SiteReport,
    diagnostics: Vec<Diagnostic>,
    pending: Option<Pending>,
    /// Of a site that was built: what it asked of others.
    asked: Option<Asked>,
}

struct Pending {
    tree: Tree,
    folder: PathBuf,
    root: Vec<u8>,
    deletes: BTreeSet<String>,
    asked: Option<Asked>,
    /// There are new ones beside the old.
    receipts: bool,
    /// The manifest is not what it was.
    manifest: bool,
}

impl<'a> Shop<'a> {
    /// `sites`: how many are to be built.
    pub fn new(world: &'a Arc<World>, state: &'a State, out: &'a Path, order: &'a Order<'a>, sites: usize) -> Shop<'a> {
        let engines = world.themes.stacks.iter().map(|_| OnceLock::new()).collect();
        let sampler = Sampler::new(order.sample, sites, order.moment.clock);
        let bodies = Arc::new(Bodies::new());
        Shop {
            world,
            state,
            out,
            order,
            untouched: None,
            patience: None,
            bodies,
            sampler,
            sweeper: Sweeper::default(),
            unusable: Mutex::default(),
            engines,
        }
    }

    /// Gives the last report of sites that nothing reached.
    pub fn knowing(self, untouched: &'a Untouched<'a>) -> Shop<'a> {
        Shop { untouched: Some(untouched), ..self }
    }

    /// Tells what each thread is at.
    pub fn timed(self, patience: &'a Patience) -> Shop<'a> {
        Shop { patience: Some(patience), ..self }
    }

    pub fn build(&self, id: SiteId) -> Built {
        let start = Instant::now();
        let site = self.world.platform.site(id);
        if let Some((report, diagnostics)) = self.untouched.and_then(|u| u.answer(id)).filter(|_| self.rests(site)) {
            self.order.watch.site(&report);
            return Built { site: id, report, diagnostics, pending: None, asked: None };
        }
        let mut report = SiteReport::new(&site.id, &site.name);
        let mut said = Vec::new();
        let left_out = self.order.left_out.iter().filter(|e| e.site == site.id);
        said.extend(left_out.map(|e| Diagnostic::error("render.endless").at(site.place.clone()).arg("path", &e.path)));
        // A fault of the program over one site is told of that site.
        let built = || if said.is_empty() { self.work(id, &mut report, &mut said) } else { None };
        let pending = catch_unwind(AssertUnwindSafe(built)).unwrap_or_else(|panic| {
            report.status = Status::Kept;
            said.push(Diagnostic::error("build.panic").at(site.place.clone()).arg("path", &site.id).arg("problem", words(&*panic)));
            None
        });
        for d in &mut said {
            d.site.get_or_insert_with(|| site.id.clone());
        }
        sort(&mut said);
        // Pages of several templates end in one and the same loop.
        let mut spent = BTreeSet::new();
        said.retain(|d| d.id != "render.fuel" || spent.insert(d.place.clone()));
        report.millis = start.elapsed().as_millis() as u64;
        report.errors = said.iter().filter(|d| d.is_error()).count();
        report.warnings = said.iter().filter(|d| d.severity == crate::base::diag::Severity::Warning).count();
        self.order.watch.site(&report);
        Built { site: id, report, diagnostics: said, pending, asked: None }
    }

    /// Nothing of the site changes its address.
    fn rests(&self, site: &crate::config::Site) -> bool {
        self.state.note_changed(site, std::iter::empty(), std::iter::empty()).is_ok()
    }

    /// Receipts that could not be used: a line for each reason, however many sites it is of.
    pub fn unusable(&self) -> Vec<Diagnostic> {
        let Ok(unusable) = self.unusable.lock() else { return Vec::new() };
        let line = |(problem, sites): (&&str, &BTreeSet<Arc<str>>)| {
            // A new version of the program renders everything anew: that is no news.
            let d = if *problem == "of another version" { Diagnostic::note } else { Diagnostic::warning };
            d("build.receipts").arg("count", sites.len()).arg("site", sites.first().map_or("", |s| s)).arg("problem", problem)
        };
        unusable.iter().map(line).collect()
    }

    /// Everything about a site that is known before anything of it renders. `None`: it cannot be whole.
    pub fn ready(&self, id: SiteId, said: &mut Vec<Diagnostic>) -> Option<Ready> {
        let world = self.world;
        let site = world.platform.site(id);
        let (Some(stack), false) = (world.themes.of(id), site.broken) else { return None };
        let theme = ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(site) };
        let plan = || {
            let mut found = Vec::new();
            (SitePlan::new(&world.sources(), &theme, id, &mut found), found)
        };
        let ((plan, found), Remembered { manifest, foreign, receipts, damaged }) = rayon::join(plan, || self.remembered(site));
        said.extend(found);
        let (engine, broken) = self.engines[stack.id.0 as usize].get_or_init(|| {
            let engine = Arc::new(crate::render::engine(world, stack));
            let mut out = Vec::new();
            engine.check(&mut out);
            (engine, out)
        });
        said.extend(broken.iter().cloned());
        if plan.failed || !broken.is_empty() || world.routes.failed.contains_key(&id) {
            return None;
        }
        said.extend(damaged);
        let render = SiteRender::new(world, Arc::new(plan), engine.clone(), &self.bodies);
        let doubt = self.state.in_flight(&site.id);
        Some(Ready { render, old: manifest, receipts, doubt, repair: self.order.repair || foreign })
    }

    fn remembered(&self, site: &crate::config::Site) -> Remembered {
        let (manifest, damaged) = self.state.manifest(&site.id);
        // Of a tree that is not there nothing is known; a delta needs none.
        let manifest = manifest.filter(|_| self.order.delta.is_some() || self.out.join(&*site.id).is_dir());
        // A manifest that does not speak of this tree: every file is looked at.
        let signed = || write::signed(self.out, &site.id) == self.state.signature(&site.id);
        let foreign = manifest.is_some() && self.order.delta.is_none() && !signed();
        let receipts = manifest.as_ref().and_then(|_| {
            self.state.shard(&site.id).unwrap_or_else(|problem| {
                if let Ok(mut unusable) = self.unusable.lock() {
                    unusable.entry(problem).or_default().insert(site.id.clone());
                }
                None
            })
        });
        Remembered { manifest, foreign, receipts, damaged }
    }

    fn work(&self, id: SiteId, report: &mut SiteReport, said: &mut Vec<Diagnostic>) -> Option<Pending> {
        let world = self.world;
        let site = world.platform.site(id);
        report.status = Status::Kept;
        // Told to stop, perhaps while the content was read: what is not begun is not touched.
        if self.order.stop.load(Ordering::Relaxed) {
            return None;
        }
        let ready = self.ready(id, said)?;
        let tree = match &self.order.delta {
            Some(delta) => Tree::delta(delta, &site.id),
            None => Tree::open(self.out, &site.id, ready.old.is_none()),
        };
        let tree = match tree {
            Ok(tree) => tree,
            Err(e) => {
                said.push(trouble(&self.out.join(&*site.id), e));
                return None;
            }
        };
        let names = Names { world, plan: &ready.render.plan };
        let verifier = ready.receipts.as_ref().map(|shard| Verifier::new(shard, &names, &ready.render));
        let policy = headers::Policy::new(&world.platform, &world.library, &world.routes, id);
        let before = || Before::of(&ready.render.plan.outputs, ready.old.as_ref(), ready.receipts.as_ref());
        let rests = || self.untouched.map(|untouched| untouched.rests(&ready.render.plan)).unwrap_or_default();
        let (before, rests) = rayon::join(before, rests);
        let mut work = Work {
            world,
            stop: self.order.stop,
            render: &ready.render,
            policy: &policy,
            tree: &tree,
            patience: self.patience,
            before,
            old: ready.old.as_ref(),
            doubt: &ready.doubt,
            repair: ready.repair,
            verifier: verifier.as_ref(),
            rests,
            collector: Collector::default(),
        };
        let mut done = work.all(said);
        if let Some(all) = &done {
            let wrong = work.sample(all, &self.sampler, report);
            if !wrong.is_empty() {
                // What the receipts say of this site is not to be believed.
                said.extend(wrong);
                work = Work { verifier: None, collector: Collector::default(), ..work };
                done = work.all(said);
            }
        }
        if world.library.is_lost() {
            said.push(Diagnostic::error("content.memo-lost").at(site.place.clone()).arg("path", &site.id));
            done = None;
        }
        let Some(done) = done else {
            tree.abandon();
            return None;
        };
        self.keep(work, done, ready.old.as_ref(), ready.receipts.as_ref(), report, said)
    }

    /// The site is whole: into its folder with it; what it was made from beside the manifest.
    fn keep(
        &self,
        work: Work,
        done: Vec<Done>,
        old: Option<&Manifest>,
        receipts: Option<&Shard>,
        report: &mut SiteReport,
        said: &mut Vec<Diagnostic>,
    ) -> Option<Pending> {
        let id = work.render.plan.site;
        let (site, tree) = (&self.world.platform.site(id).id, work.tree);
        let planned: HashSet<&str> = done.iter().map(|d| &*d.path).collect();
        let mut deletes: BTreeSet<String> = BTreeSet::new();
        if let Some(old) = old {
            let before = old.entries.iter().map(|e| &*e.path).chain(work.doubt.iter().map(String::as_str));
            deletes.extend(before.filter(|p| !planned.contains(p)).map(str::to_owned));
            if work.repair {
                deletes.extend(tree.strays(&planned));
            }
        }
        let staged: Vec<&str> = done.iter().filter(|d| d.changed).map(|d| &*d.path).collect();
        report.count(&done);
        report.rested = work.verifier.map_or(0, Verifier::rested);
        report.deleted = deletes.len();
        let folder = self.state.manifest_folder(site);
        // A form of a file has no address of its own.
        let written = done.iter().filter(|d| d.changed && !d.form).map(|d| &*d.path);
        let gone = deletes.iter().map(String::as_str).filter(|path| !old.is_some_and(|m| forms::is_form(m, path)));
        let noted = self.state.note_changed(self.world.platform.site(id), written, gone);
        let moved = noted.and_then(|()| tree.commit(self.state, site, &staged, &deletes, &planned, &self.sweeper));
        drop((planned, staged));
        let render = work.render;
        let names = Names { world: self.world, plan: &render.plan };
        if old.is_none() {
            // Shards of a manifest that could not be used may be damaged under their right names: they would be left as they are.
            _ = std::fs::remove_dir_all(&folder);
        }
        let receipts_now = || -> io::Result<Option<Shard>> {
            let shard = work.shard(self.state.engine, &names, receipts, &done);
            shard.iter().try_for_each(|shard| self.state.stage_receipts(shard))?;
            Ok(shard)
        };
        let manifest_now = || {
            std::fs::create_dir_all(&folder)?;
            let files = done.iter().map(|d| (d.path.clone(), d.hash, d.size, d.headers.clone())).collect();
            Manifest::new(site, files).write_shards(&folder)
        };
        let kept = moved.and_then(|()| {
            let (shard, root) = rayon::join(receipts_now, manifest_now);
            Ok((shard?, root?))
        });
        match kept {
            Ok((shard, root)) => {
                report.status = Status::Built;
                let manifest = self.state.signature(site) != Some(write::signature(&root));
                let asked = self.untouched.zip(shard.as_ref().or(receipts)).map(|(untouched, shard)| untouched.asked(id, shard));
                Some(Pending { tree: tree.clone(), folder, root, deletes, asked, receipts: shard.is_some(), manifest })
            }
            Err(e) => {
                said.push(trouble(&self.out.join(&**site), e));
                tree.abandon();
                None
            }
        }
    }
}

/// What a panic says.
pub(super) fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied()).unwrap_or("panic")
}

pub(super) fn trouble(path: &Path, e: io::Error) -> Diagnostic {
    let id = if e.kind() == io::ErrorKind::StorageFull { "build.disk-full" } else { "build.write" };
    machine(id, path, e)
}

impl Built {
    /// The commit of the site: its manifest, then the deletes, then the end of the journal.
    pub fn save(&mut self, state: &State) {
        let Some(pending) = self.pending.take() else { return };
        let id = self.report.id.as_str();
        let receipts = if pending.receipts { state.keep_receipts(id) } else { Ok(()) };
        let done = receipts
            .and_then(|()| super::state::fault::point())
            .and_then(|()| Manifest::write_root(&pending.folder, &pending.root))
            .and_then(|()| pending.tree.delete(&pending.deletes))
            .and_then(|()| pending.tree.sign(&pending.root, pending.manifest.then_some(&pending.folder)));
        match done {
            Ok(()) => {
                state.clear(&self.report.id);
                self.asked = pending.asked;
            }
            Err(e) => {
                self.report.status = Status::Kept;
                self.report.errors += 1;
                let site: Arc<str> = self.report.id.as_str().into();
                self.diagnostics.push(trouble(&pending.folder, e).site(&site));
            }
        }
    }

    /// The site, where all of it is in place.
    pub fn whole(&self) -> Option<&str> {
        (self.report.status == Status::Built).then_some(self.report.id.as_str())
    }

    /// What the next build may know of the site.
    pub fn note(&mut self) -> Option<(SiteId, &SiteReport, &[Diagnostic], Asked)> {
        Some((self.site, &self.report, &self.diagnostics, self.asked.take()?))
    }

    pub fn into_parts(self) -> (SiteReport, Vec<Diagnostic>) {
        (self.report, self.diagnostics)
    }
}
