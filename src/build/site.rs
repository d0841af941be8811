//! One site: planned, rendered, staged, moved into place. Its manifest waits for the sync of the whole build.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use rayon::prelude::*;

use super::headers;
use super::manifest::{Hash, Manifest};
use super::report::{SiteReport, Status};
use super::state::State;
use super::write::Tree;
use super::{Order, machine};
use crate::base::diag::{Diagnostic, Place, sort};
use crate::base::id::SiteId;
use crate::facts::World;
use crate::plan::site::ThemeOutputs;
use crate::plan::{Output, SitePlan};
use crate::render::{Bodies, Content, SiteRender};
use crate::theme::Engine;

/// What all sites of a build share.
pub struct Shop<'a> {
    world: &'a Arc<World>,
    state: &'a State,
    out: &'a Path,
    order: &'a Order<'a>,
    pub bodies: Arc<Bodies>,
    /// By stack: compiled when its first site is built, with what is wrong with its templates.
    engines: Vec<OnceLock<(Arc<Engine>, Vec<Diagnostic>)>>,
}

/// A site after its build, before its manifest is written.
pub struct Built {
    report: SiteReport,
    diagnostics: Vec<Diagnostic>,
    pending: Option<Pending>,
}

struct Pending {
    tree: Tree,
    folder: PathBuf,
    root: Vec<u8>,
    deletes: BTreeSet<String>,
}

/// One output, done.
struct Done {
    path: Arc<str>,
    hash: Hash,
    size: u64,
    headers: Arc<headers::Headers>,
    changed: bool,
    page: bool,
}

impl<'a> Shop<'a> {
    pub fn new(world: &'a Arc<World>, state: &'a State, out: &'a Path, order: &'a Order<'a>) -> Shop<'a> {
        let engines = world.themes.stacks.iter().map(|_| OnceLock::new()).collect();
        Shop { world, state, out, order, bodies: Arc::new(Bodies::new()), engines }
    }

    pub fn build(&self, id: SiteId) -> Built {
        let start = Instant::now();
        let site = self.world.platform.site(id);
        let mut report = SiteReport::new(&site.id, &site.name);
        let mut said = Vec::new();
        // A fault of the program over one site is told of that site.
        let pending = catch_unwind(AssertUnwindSafe(|| self.work(id, &mut report, &mut said))).unwrap_or_else(|panic| {
            report.status = Status::Kept;
            said.push(Diagnostic::error("build.panic").at(site.place.clone()).arg("path", &site.id).arg("problem", words(&*panic)));
            None
        });
        for d in &mut said {
            d.site.get_or_insert_with(|| site.id.clone());
        }
        sort(&mut said);
        report.millis = start.elapsed().as_millis() as u64;
        report.errors = said.iter().filter(|d| d.is_error()).count();
        report.warnings = said.iter().filter(|d| d.severity == crate::base::diag::Severity::Warning).count();
        self.order.watch.site(&report);
        Built { report, diagnostics: said, pending }
    }

    fn work(&self, id: SiteId, report: &mut SiteReport, said: &mut Vec<Diagnostic>) -> Option<Pending> {
        let world = self.world;
        let site = world.platform.site(id);
        let stack = world.themes.of(id);
        report.status = Status::Kept;
        let (Some(stack), false) = (stack, site.broken) else { return None };
        let theme = ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(site) };
        let plan = SitePlan::new(&world.platform, &world.library, &world.routes, &world.redirects, &theme, id, said);
        let (engine, broken) = self.engines[stack.id.0 as usize].get_or_init(|| {
            let engine = Arc::new(crate::render::engine(world, stack));
            let mut out = Vec::new();
            engine.check(&mut out);
            (engine, out)
        });
        said.extend(broken.iter().cloned());
        // Known before anything renders: the site cannot be whole.
        if plan.failed || !broken.is_empty() || world.routes.failed.contains_key(&id) {
            return None;
        }
        let (old, damaged) = self.state.manifest(&site.id);
        said.extend(damaged);
        let doubt = self.state.in_flight(&site.id);
        let first = old.is_none() || !self.out.join(&*site.id).is_dir();
        let tree = match Tree::open(self.out, &site.id, first) {
            Ok(tree) => tree,
            Err(e) => {
                said.push(trouble(&self.out.join(&*site.id), e));
                return None;
            }
        };
        let render = SiteRender::new(world, Arc::new(plan), engine.clone(), &self.bodies);
        let policy = headers::Policy::new(&world.platform, &world.library, &world.routes, id);
        let work = Work { shop: self, render: &render, policy: &policy, tree: &tree, old: old.as_ref().filter(|_| !first), doubt: &doubt };
        let Some(done) = work.all(said) else {
            tree.abandon();
            return None;
        };
        let planned: HashSet<&str> = done.iter().map(|d| &*d.path).collect();
        let mut deletes: BTreeSet<String> = BTreeSet::new();
        if !first {
            let gone = old.iter().flat_map(|m| &m.entries).map(|e| e.path.to_string()).chain(doubt.iter().cloned());
            deletes.extend(gone.filter(|p| !planned.contains(p.as_str())));
            if self.order.repair {
                deletes.extend(tree.strays(&planned));
            }
        }
        let staged: Vec<&str> = done.iter().filter(|d| d.changed).map(|d| &*d.path).collect();
        report.outputs = done.len();
        report.pages = done.iter().filter(|d| d.page).count();
        report.written = staged.len();
        report.written_bytes = done.iter().filter(|d| d.changed).map(|d| d.size).sum();
        report.bytes = done.iter().map(|d| d.size).sum();
        report.deleted = deletes.len();
        let folder = self.state.manifest_folder(&site.id);
        let moved = tree.commit(self.state, &site.id, &staged, &deletes, &planned);
        drop((planned, staged));
        let files = done.into_iter().map(|d| (d.path, d.hash, d.size, d.headers)).collect();
        let root =
            moved.and_then(|()| std::fs::create_dir_all(&folder)).and_then(|()| Manifest::new(&site.id, files).write_shards(&folder));
        match root {
            Ok(root) => {
                report.status = Status::Built;
                Some(Pending { tree, folder, root, deletes })
            }
            Err(e) => {
                said.push(trouble(&self.out.join(&*site.id), e));
                tree.abandon();
                None
            }
        }
    }
}

/// The outputs of one site.
struct Work<'w> {
    shop: &'w Shop<'w>,
    render: &'w Arc<SiteRender>,
    policy: &'w headers::Policy,
    tree: &'w Tree,
    old: Option<&'w Manifest>,
    doubt: &'w BTreeSet<String>,
}

impl Work<'_> {
    /// All outputs rendered and staged. `None`: the site is not whole.
    fn all(&self, said: &mut Vec<Diagnostic>) -> Option<Vec<Done>> {
        let errors = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let known = self.old.map(Manifest::by_path).unwrap_or_default();
        let outputs = &self.render.plan.outputs;
        let results: Vec<(Option<Done>, Vec<Diagnostic>)> = outputs
            .par_iter()
            .with_min_len(8)
            .map(|output| {
                if self.shop.order.stop.load(Ordering::Relaxed) {
                    stopped.store(true, Ordering::Relaxed);
                    return (None, Vec::new());
                }
                let trusted = known.get(&*output.path).copied().filter(|_| !self.doubt.contains(&*output.path));
                let (done, found) = self.one(output, trusted);
                errors.fetch_add(found.iter().filter(|d| d.is_error()).count(), Ordering::Relaxed);
                (done, found)
            })
            .collect();
        let mut all = Vec::with_capacity(results.len());
        for (done, found) in results {
            said.extend(found);
            all.extend(done);
        }
        let whole = errors.into_inner() == 0 && !stopped.into_inner() && all.len() == outputs.len();
        whole.then_some(all)
    }

    fn one(&self, output: &Output, known: Option<(&Hash, u64)>) -> (Option<Done>, Vec<Diagnostic>) {
        let rendered = match catch_unwind(AssertUnwindSafe(|| self.render.render(output))) {
            Ok(rendered) => rendered,
            Err(panic) => {
                let place = self.render.plan.source(&self.shop.world.platform, &self.shop.world.library, output);
                return (None, vec![Diagnostic::error("build.panic").at(place).arg("path", &output.path).arg("problem", words(&*panic))]);
            }
        };
        let mut said = rendered.diagnostics;
        let bytes: &[u8] = match &rendered.bytes {
            Content::Failed => return (None, said),
            Content::Bytes(bytes) => bytes,
            Content::Shared(bytes) => bytes,
            Content::File(file) => return self.file(output, *file, known, said),
        };
        let hash = *blake3::hash(bytes).as_bytes();
        let size = bytes.len() as u64;
        let same =
            known.is_some_and(|k| k == (&hash, size)) && (!self.shop.order.repair || self.tree.present(&output.path) == Some((hash, size)));
        if !same && let Err(e) = self.tree.put(&output.path, bytes) {
            said.push(trouble(Path::new(&*output.path), e));
            return (None, said);
        }
        (Some(self.done(output, hash, size, !same)), said)
    }

    fn file(&self, output: &Output, file: u32, known: Option<(&Hash, u64)>, mut said: Vec<Diagnostic>) -> (Option<Done>, Vec<Diagnostic>) {
        let world = self.shop.world;
        let source = &world.library.repository.files[file as usize];
        let known = known.filter(|k| !self.shop.order.repair || self.tree.present(&output.path).as_ref().map(|(h, s)| (h, *s)) == Some(*k));
        match self.tree.put_file(&output.path, &source.disk, known) {
            Ok((hash, size, changed)) => (Some(self.done(output, hash, size, changed)), said),
            Err(e) => {
                if e.kind() == io::ErrorKind::StorageFull
                    || !matches!(std::fs::File::open(&source.disk), Err(ref f) if f.kind() == e.kind())
                {
                    said.push(trouble(Path::new(&*output.path), e));
                } else {
                    let place = Place::file(crate::content::repository::display(&world.platform, source));
                    said.push(Diagnostic::error("content.unreadable").at(place).arg("problem", e));
                }
                (None, said)
            }
        }
    }

    fn done(&self, output: &Output, hash: Hash, size: u64, changed: bool) -> Done {
        let headers = headers::of(&output.recipe, &output.path, self.policy);
        Done { path: (&*output.path).into(), hash, size, headers, changed, page: output.recipe.is_page() }
    }
}

/// What a panic says.
fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied()).unwrap_or("panic")
}

fn trouble(path: &Path, e: io::Error) -> Diagnostic {
    let id = if e.kind() == io::ErrorKind::StorageFull { "build.disk-full" } else { "build.write" };
    machine(id, path, e)
}

impl Built {
    /// The commit of the site: its manifest, then the deletes, then the end of the journal.
    pub fn save(&mut self, state: &State) {
        let Some(pending) = self.pending.take() else { return };
        let done = super::state::fault::point()
            .and_then(|()| Manifest::write_root(&pending.folder, &pending.root))
            .and_then(|()| pending.tree.delete(&pending.deletes));
        match done {
            Ok(()) => state.clear(&self.report.id),
            Err(e) => {
                self.report.status = Status::Kept;
                self.report.errors += 1;
                let site: Arc<str> = self.report.id.as_str().into();
                self.diagnostics.push(trouble(&pending.folder, e).site(&site));
            }
        }
    }

    pub fn into_parts(self) -> (SiteReport, Vec<Diagnostic>) {
        (self.report, self.diagnostics)
    }
}
