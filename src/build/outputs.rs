//! The outputs of one site: each fresh, or rendered and staged.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::forms::Forms;
use super::headers;
use super::manifest::{Hash, Manifest};
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

/// Path → hash and size, as the last manifest says.
pub type Known<'w> = HashMap<&'w str, (&'w Hash, u64), foldhash::fast::RandomState>;

/// The outputs of one site.
pub struct Work<'w> {
    pub world: &'w Arc<World>,
    pub stop: &'w AtomicBool,
    pub render: &'w Arc<SiteRender>,
    pub policy: &'w headers::Policy,
    pub tree: &'w Tree,
    /// Empty: nothing is known, all is written.
    pub known: Known<'w>,
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
        let results: Vec<(Option<Done>, Vec<Done>, Vec<Diagnostic>)> = outputs
            .par_iter()
            .with_min_len(8)
            .map(|output| {
                if self.stop.load(Ordering::Relaxed) {
                    stopped.store(true, Ordering::Relaxed);
                    return (None, Vec::new(), Vec::new());
                }
                let _at_work = self.patience.filter(|_| !is_brought(&output.recipe)).map(|p| p.at(site, &output.path));
                let (done, mut found) = self.one(output);
                let more = match done.as_ref().map(|done| forms.of(output, done)) {
                    Some(Ok(more)) => more,
                    Some(Err(d)) => {
                        found.push(d);
                        Vec::new()
                    }
                    None => Vec::new(),
                };
                errors.fetch_add(found.iter().filter(|d| d.is_error()).count(), Ordering::Relaxed);
                (done, more, found)
            })
            .collect();
        let mut all = Vec::with_capacity(results.len());
        let mut beside = Vec::new();
        for (output, (done, more, found)) in outputs.iter().zip(results) {
            if !self.render.is_void(output) {
                said.extend(found);
            }
            all.extend(done);
            beside.extend(more);
        }
        let whole = errors.into_inner() == 0 && !stopped.into_inner() && all.len() == outputs.len();
        // After the outputs, whose places are those of the plan.
        all.extend(beside);
        whole.then_some(all)
    }

    /// What the last manifest says of an output, where it can be believed.
    pub fn trusted(&self, output: &Output) -> Option<(&'w Hash, u64)> {
        let known = self.known.get(&*output.path).copied().filter(|_| !self.doubt.contains(&*output.path))?;
        let stands = !self.repair || self.tree.present(&output.path).is_some_and(|(hash, size)| (&hash, size) == known);
        stands.then_some(known)
    }

    /// The receipt of an output that is as it was, or why it is not.
    pub fn verdict(&self, output: &Output, rest: Fingerprint, known: Option<&Hash>) -> Result<&'w Receipt, Reason> {
        let verifier = self.verifier.ok_or(Reason::NoState)?;
        let receipt = verifier.shard.find(&output.path).ok_or(Reason::New)?;
        verifier.verdict(receipt, rest, || self.key(output), page_of(output))?;
        match known {
            Some(hash) if hash.starts_with(&receipt.hash.0) => Ok(receipt),
            _ => Err(Reason::Doubt),
        }
    }

    fn key(&self, output: &Output) -> Fingerprint {
        receipts::key(self.world, &self.render.plan, output)
    }

    fn one(&self, output: &Output) -> (Option<Done<'w>>, Vec<Diagnostic>) {
        let known = self.trusted(output);
        if let Recipe::File { file } = output.recipe {
            return self.copy(output, file, known);
        }
        let rest = self.rests.of(self.world.routes.site(self.render.plan.site), output);
        if let Some((hash, size)) = known
            && let Ok(receipt) = self.verdict(output, rest, Some(hash))
        {
            return (Some(self.done(output, *hash, size, false, Proof::Kept(receipt, rest))), receipt.diagnostics.clone());
        }
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
        Done { path: (&*output.path).into(), hash, size, headers, changed, page: output.recipe.is_page(), form: false, proof }
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
            Some((&*d.path, cut(&d.hash), output))
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
