//! The outputs of one site: each fresh, or rendered and staged.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::forms::Forms;
use super::headers;
use super::manifest::{Entry, Hash, Manifest};
use super::patience::Patience;
use super::rests::Rests;
use super::site::{trouble, words};
use super::write::{Tree, hash_file};
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::ArticleId;
use crate::facts::World;
use crate::plan::{Output, Recipe};
use crate::receipts::{self, Collector, Made, Names, Reason, Receipt, Shard, Verifier};
use crate::render::{Content, SiteRender};

/// What the last build left of an output.
#[derive(Clone, Copy)]
pub struct Before<'w> {
    pub entry: Option<&'w Entry>,
    pub receipt: Option<&'w Receipt>,
}

impl<'w> Before<'w> {
    /// Of each output. Plan, manifest and receipts are all in the order of the paths: one walk along the three.
    pub fn of(outputs: &[Output], manifest: Option<&'w Manifest>, shard: Option<&'w Shard>) -> Vec<Before<'w>> {
        let mut entries = manifest.map_or(&[][..], |m| &m.entries).iter().peekable();
        let mut receipts = shard.map_or(&[][..], |s| &s.receipts).iter().peekable();
        let of = |output: &Output| {
            let path = &*output.path;
            while entries.next_if(|e| *e.path < *path).is_some() {}
            while receipts.next_if(|r| *r.path < *path).is_some() {}
            let entry = entries.peek().copied().filter(|e| *e.path == *path);
            Before { entry, receipt: receipts.peek().copied().filter(|r| *r.path == *path) }
        };
        outputs.iter().map(of).collect()
    }
}

/// The outputs of one site.
pub struct Work<'w> {
    pub world: &'w Arc<World>,
    pub stop: &'w AtomicBool,
    pub render: &'w Arc<SiteRender>,
    pub policy: &'w headers::Policy,
    pub tree: &'w Tree,
    /// Of each output of the plan.
    pub before: Vec<Before<'w>>,
    /// The last manifest, where there is one.
    pub old: Option<&'w Manifest>,
    /// Paths that an earlier build may have touched.
    pub doubt: &'w BTreeSet<String>,
    /// Looks at the files instead of trusting the manifest.
    pub repair: bool,
    pub patience: Option<&'w Patience>,
    pub verifier: Option<&'w Verifier<'w>>,
    pub rests: Rests,
    pub collector: Collector,
}

/// One output, done.
pub struct Done<'w> {
    pub path: Arc<str>,
    pub hash: Hash,
    pub size: u64,
    pub headers: Arc<headers::Headers>,
    /// It is not what it was.
    pub changed: bool,
    pub page: bool,
    /// It is another form of an output, at no address of its own.
    pub form: bool,
    pub proof: Proof<'w>,
}

/// Where an output's bytes come from.
pub enum Proof<'w> {
    /// Rendered in this run.
    Made(Box<Made>),
    /// Fresh: not rendered. With [`Receipt::rest`] as it is now.
    Kept(&'w Receipt, Fingerprint),
    /// A copied file.
    Copied,
}

impl Done<'_> {
    pub fn is_rendered(&self) -> bool {
        matches!(self.proof, Proof::Made(_))
    }
}

/// An output that is to be rendered: its hash and size as the last manifest has them, where that can be believed, and the
/// [`Receipt::rest`] it will have.
#[derive(Clone, Copy)]
struct Stale<'w> {
    known: Option<(&'w Hash, u64)>,
    rest: Fingerprint,
}

/// No template makes it: it takes as long as it is large.
fn is_brought(recipe: &Recipe) -> bool {
    matches!(recipe, Recipe::File { .. } | Recipe::Picture { .. } | Recipe::Asset { .. } | Recipe::Static { .. })
}

impl<'w> Work<'w> {
    /// All outputs, the stale ones rendered and staged. `None`: the site is not whole.
    pub fn all(&self, said: &mut Vec<Diagnostic>) -> Option<Vec<Done<'w>>> {
        let errors = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let outputs = &self.render.plan.outputs;
        let site = &self.world.platform.site(self.render.plan.site).id;
        let forms = Forms::new(self);
        let results: Vec<OnceLock<Option<Done>>> = outputs.iter().map(|_| OnceLock::new()).collect();
        // What few outputs have: other forms, something to say.
        let rare: Mutex<Vec<(usize, Vec<Done>, Vec<Diagnostic>)>> = Mutex::default();
        let keep = |at: usize, (done, mut found): (Option<Done<'w>>, Vec<Diagnostic>)| {
            let output = &outputs[at];
            let more = match done.as_ref().map(|done| forms.of(output, done)) {
                Some(Ok(more)) => more,
                Some(Err(d)) => {
                    found.push(d);
                    Vec::new()
                }
                None => Vec::new(),
            };
            errors.fetch_add(found.iter().filter(|d| d.is_error()).count(), Ordering::Relaxed);
            _ = results[at].set(done);
            if !more.is_empty() || !found.is_empty() {
                rare.lock().unwrap_or_else(PoisonError::into_inner).push((at, more, found));
            }
        };
        let at_work = |output: &'w Output| self.patience.filter(|_| !is_brought(&output.recipe)).map(|p| p.at(site, &output.path));
        // Asked in the order of the paths, as plan, manifest and receipts lie; made in that of the lists.
        let stale = outputs.par_iter().enumerate().with_min_len(8).filter_map(|(at, output)| {
            if self.stop.load(Ordering::Relaxed) {
                stopped.store(true, Ordering::Relaxed);
                return None;
            }
            let _at_work = at_work(output);
            match self.fresh(at) {
                Ok(fresh) => keep(at, fresh),
                Err(stale) => return Some((at as u32, stale)),
            }
            None
        });
        let mut stale: Vec<(u32, Stale)> = stale.collect();
        self.render.plan.in_order_of_lists(self.world.routes.site(self.render.plan.site), &mut stale);
        stale.par_iter().with_min_len(8).for_each(|(at, stale)| {
            let at = *at as usize;
            if self.stop.load(Ordering::Relaxed) {
                return stopped.store(true, Ordering::Relaxed);
            }
            let _at_work = at_work(&outputs[at]);
            keep(at, self.make(at, stale));
        });
        drop(stale);
        let mut all: Vec<Done> = results.into_iter().filter_map(|done| done.into_inner().flatten()).collect();
        let mut rare = rare.into_inner().unwrap_or_else(PoisonError::into_inner);
        rare.sort_unstable_by_key(|(at, ..)| *at);
        let mut beside = Vec::new();
        for (at, more, found) in rare {
            beside.extend(more);
            if !self.render.is_void(&outputs[at]) {
                said.extend(found);
            }
        }
        let whole = errors.into_inner() == 0 && !stopped.into_inner() && all.len() == outputs.len();
        // After the outputs, whose places are those of the plan.
        all.extend(beside);
        whole.then_some(all)
    }

    /// What the last manifest says of an output of the plan, where it can be believed.
    pub fn trusted(&self, at: usize) -> Option<(&'w Hash, u64)> {
        let path = &*self.render.plan.outputs[at].path;
        let entry = self.before[at].entry.filter(|_| !self.doubt.contains(path))?;
        let known = (&entry.hash, entry.size);
        let stands = !self.repair || self.tree.present(path).is_some_and(|(hash, size)| (&hash, size) == known);
        stands.then_some(known)
    }

    /// The receipt of an output of the plan that is as it was, or why it is not.
    pub fn verdict(&self, at: usize, rest: Fingerprint, known: Option<&Hash>) -> Result<&'w Receipt, Reason> {
        let output = &self.render.plan.outputs[at];
        let verifier = self.verifier.ok_or(Reason::NoState)?;
        let receipt = self.before[at].receipt.ok_or(Reason::New)?;
        verifier.verdict(receipt, rest, || self.key(output), page_of(output))?;
        match known {
            Some(hash) if hash.starts_with(&receipt.hash.0) => Ok(receipt),
            _ => Err(Reason::Doubt),
        }
    }

    fn key(&self, output: &Output) -> Fingerprint {
        receipts::key(self.world, &self.render.plan, output)
    }

    /// An output that is as it was, or a file that is copied; or what is known of one that is to be rendered.
    fn fresh(&self, at: usize) -> Result<(Option<Done<'w>>, Vec<Diagnostic>), Stale<'w>> {
        let output = &self.render.plan.outputs[at];
        let known = self.trusted(at);
        if let Recipe::File { file } = output.recipe {
            return Ok(self.copy(output, file, known));
        }
        let rest = self.rests.of(self.world.routes.site(self.render.plan.site), output);
        if let Some((hash, size)) = known
            && let Ok(receipt) = self.verdict(at, rest, Some(hash))
        {
            return Ok((Some(self.done(output, *hash, size, false, Proof::Kept(receipt, rest))), receipt.diagnostics.clone()));
        }
        Err(Stale { known, rest })
    }

    /// Renders an output and stages it.
    fn make(&self, at: usize, stale: &Stale<'w>) -> (Option<Done<'w>>, Vec<Diagnostic>) {
        let output = &self.render.plan.outputs[at];
        let Stale { known, rest } = *stale;
        let rendered = match catch_unwind(AssertUnwindSafe(|| self.render.render(output))) {
            Ok(rendered) => rendered,
            Err(panic) => {
                let place = self.render.plan.source(&self.world.platform, &self.world.library, output);
                return (None, vec![Diagnostic::error("build.panic").at(place).arg("path", &output.path).arg("problem", words(&*panic))]);
            }
        };
        let mut said = rendered.diagnostics;
        let bytes: &[u8] = match &rendered.bytes {
            Content::Failed => return (None, said),
            Content::Bytes(bytes) => bytes,
            Content::Shared(bytes) => bytes,
            Content::File(file) => return self.copy(output, *file, known),
        };
        let hash = *blake3::hash(bytes).as_bytes();
        let size = bytes.len() as u64;
        let same = known == Some((&hash, size));
        if !same && let Err(e) = self.tree.put(&output.path, bytes) {
            said.push(trouble(Path::new(&*output.path), e));
            return (None, said);
        }
        let made = self.collector.take(rest, self.key(output), rendered.reads, page_of(output), said.clone());
        (Some(self.done(output, hash, size, !same, Proof::Made(Box::new(made)))), said)
    }

    /// A file of the repository is what lies in the output.
    pub fn is_copied(&self, file: u32, known: (&Hash, u64)) -> bool {
        let source = &self.world.library.repository.files[file as usize];
        hash_file(&source.disk).is_ok_and(|(hash, size)| (&hash, size) == known)
    }

    fn copy(&self, output: &Output, file: u32, known: Option<(&Hash, u64)>) -> (Option<Done<'w>>, Vec<Diagnostic>) {
        let world = self.world;
        let source = &world.library.repository.files[file as usize];
        match self.tree.put_file(&output.path, &source.disk, known) {
            Ok((hash, size, changed)) => (Some(self.done(output, hash, size, changed, Proof::Copied)), Vec::new()),
            Err(e) => {
                let gone = matches!(std::fs::File::open(&source.disk), Err(ref f) if f.kind() == e.kind());
                let d = if e.kind() == io::ErrorKind::StorageFull || !gone {
                    trouble(Path::new(&*output.path), e)
                } else {
                    let place = Place::file(crate::content::repository::display(&world.platform, source));
                    Diagnostic::error("content.unreadable").at(place).arg("problem", e)
                };
                (None, vec![d])
            }
        }
    }

    fn done(&self, output: &Output, hash: Hash, size: u64, changed: bool, proof: Proof<'w>) -> Done<'w> {
        let headers = headers::of(&output.recipe, &output.path, self.policy);
        Done { path: output.path.clone(), hash, size, headers, changed, page: output.recipe.is_page(), form: false, proof }
    }

    /// The receipts of the site after this run; `None`: they are what they were.
    pub fn shard(self, engine: Fingerprint, names: &Names, old: Option<&Shard>, done: &[Done]) -> Option<Shard> {
        let kept = done.iter().filter(|d| matches!(d.proof, Proof::Kept(receipt, rest) if receipt.rest == rest)).count();
        let made = done.iter().any(Done::is_rendered);
        if !made && old.is_some_and(|old| old.receipts.len() == kept) {
            return None;
        }
        let outputs = done.iter().filter_map(|d| {
            let output = match &d.proof {
                Proof::Made(made) => receipts::Output::Made(made),
                Proof::Kept(receipt, rest) => receipts::Output::Kept(receipt, *rest),
                Proof::Copied => return None,
            };
            Some((&d.path, cut(&d.hash), output))
        });
        let standing = self.verifier.iter().flat_map(|v| v.standing()).collect();
        Some(self.collector.finish(engine, names, old, outputs, self.render.fragments(), standing))
    }
}

fn cut(hash: &Hash) -> Fingerprint {
    let mut out = [0; 16];
    out.copy_from_slice(&hash[..16]);
    Fingerprint(out)
}

/// The item that an output is the page of.
fn page_of(output: &Output) -> Option<ArticleId> {
    match output.recipe {
        Recipe::Item { article } => Some(article),
        _ => None,
    }
}
