//! What a build would do, before anything of it renders: which outputs of which sites are stale, and why; which addresses
//! go. The same plan, the same verdicts as in a build.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::front::{Front, Use};
use super::outputs::{Before, Work};
use super::rests::Rests;
use super::site::{Ready, Shop};
use super::state::State;
use super::turns::in_turn;
use super::write::Tree;
use super::{Order, STACK, choose, headers};
use crate::base::diag::{Diagnostic, Place, sort};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::SiteId;
use crate::config::Platform;
use crate::facts::{FactKey, World};
use crate::plan::Recipe;
use crate::receipts::{Collector, Names, Question, Reason, Verifier};

pub struct Preview {
    /// In the order of their ids.
    pub sites: Vec<SitePreview>,
    pub diagnostics: Vec<Diagnostic>,
}

pub struct SitePreview {
    pub id: Arc<str>,
    /// It has errors: it would keep its last output.
    pub refused: bool,
    pub outputs: usize,
    /// By path; with the name of what the output is.
    pub stale: Vec<(Arc<str>, &'static str, Reason)>,
    /// Files of the last build that are planned no more.
    pub gone: Vec<Gone>,
}

/// An address that would answer no more.
pub struct Gone {
    pub path: String,
    /// It is that of a page: readers have it in their notes, and want to be led on.
    pub page: bool,
}

/// `Err`: nothing can be said, for what the configuration or the program lacks.
pub fn preview(order: &Order) -> Result<Preview, Diagnostic> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(order.jobs).stack_size(STACK).build();
    let pool = pool.map_err(|e| Diagnostic::error("cli.usage").arg("problem", e))?;
    pool.install(|| run(order))
}

fn run(order: &Order) -> Result<Preview, Diagnostic> {
    let mut front = Front::load(&order.root, order.moment, Use::Look, order.watch);
    let Some(world) = front.world.take() else { return Ok(Preview { sites: Vec::new(), diagnostics: front.diagnostics }) };
    let chosen = choose(&world, &order.sites)?;
    let out = order.out.clone().unwrap_or_else(|| world.platform.output.clone());
    let state = State::look(&order.root, &world.platform.output, &out);
    let shop = Shop::new(&world, &state, &out, order, chosen.len());
    let done: Vec<(SitePreview, Vec<Diagnostic>)> = in_turn(&chosen, |id| site(&world, &shop, &out, order, id));
    front.diagnostics.extend(shop.unusable());
    let mut sites = Vec::new();
    for (site, said) in done {
        front.diagnostics.extend(said);
        sites.push(site);
    }
    sites.sort_by(|a, b| a.id.cmp(&b.id));
    sort(&mut front.diagnostics);
    Ok(Preview { sites, diagnostics: front.diagnostics })
}

/// One output, looked at.
pub struct Looked {
    pub world: Arc<World>,
    pub site: SiteId,
    /// Below the site's folder.
    pub path: String,
    /// `None`: nothing is planned there, or the site cannot be whole.
    pub found: Option<Found>,
    pub diagnostics: Vec<Diagnostic>,
}

pub struct Found {
    pub kind: &'static str,
    pub source: Place,
    /// In the order of reading.
    pub reads: Vec<(FactKey, Fingerprint)>,
    pub questions: Vec<Question>,
    /// `None`: it is as the last build left it.
    pub stale: Option<Reason>,
}

/// Looks at the output that `find` names. `Ok(None)`: it names none.
pub fn look(order: &Order, find: impl FnOnce(&Platform) -> Option<(SiteId, String)>) -> Result<Option<Looked>, Diagnostic> {
    let mut front = Front::load(&order.root, order.moment, Use::Look, order.watch);
    let Some(world) = front.world.take() else {
        return front.diagnostics.into_iter().find(Diagnostic::is_error).map_or(Ok(None), Err);
    };
    let Some((site, path)) = find(&world.platform) else { return Ok(None) };
    let out = world.platform.output.clone();
    let state = State::look(&order.root, &world.platform.output, &out);
    let shop = Shop::new(&world, &state, &out, order, 1);
    let mut said = Vec::new();
    let found = shop.ready(site, &mut said).and_then(|ready| {
        let outputs = &ready.render.plan.outputs;
        let at = outputs.binary_search_by(|o| (*o.path).cmp(&path)).ok()?;
        let output = &outputs[at];
        let names = Names { world: &world, plan: &ready.render.plan };
        let rendered = ready.render.render(output);
        said.extend(rendered.diagnostics);
        let stale = stale(&world, &ready, &out, order, at..at + 1).pop().map(|(.., why)| why);
        Some(Found {
            kind: output.recipe.kind(),
            source: ready.render.plan.source(&world.platform, &world.library, output),
            questions: rendered.reads.list.iter().map(|(key, _)| names.store(key)).collect(),
            reads: rendered.reads.list,
            stale,
        })
    });
    Ok(Some(Looked { world, site, path, found, diagnostics: said }))
}

fn site(world: &Arc<World>, shop: &Shop, out: &Path, order: &Order, id: SiteId) -> (SitePreview, Vec<Diagnostic>) {
    let mut said = Vec::new();
    let config = world.platform.site(id);
    let mut preview = SitePreview { id: config.id.clone(), refused: true, outputs: 0, stale: Vec::new(), gone: Vec::new() };
    if let Some(ready) = shop.ready(id, &mut said) {
        preview.refused = false;
        preview.outputs = ready.render.plan.outputs.len();
        preview.stale = stale(world, &ready, out, order, 0..preview.outputs);
        preview.gone = gone(&ready);
    }
    said.iter_mut().for_each(|d| _ = d.site.get_or_insert_with(|| config.id.clone()));
    (preview, said)
}

/// Those of some outputs of the plan that are stale.
fn stale(
    world: &Arc<World>,
    ready: &Ready,
    out: &Path,
    order: &Order,
    some: std::ops::Range<usize>,
) -> Vec<(Arc<str>, &'static str, Reason)> {
    let id = ready.render.plan.site;
    let names = Names { world, plan: &ready.render.plan };
    let verifier = ready.receipts.as_ref().map(|shard| Verifier::new(shard, &names, &ready.render));
    let work = Work {
        patience: None,
        world,
        stop: order.stop,
        render: &ready.render,
        policy: &headers::Policy::new(&world.platform, &world.library, &world.routes, id),
        tree: &Tree::seen(out, &world.platform.site(id).id),
        before: Before::of(&ready.render.plan.outputs, ready.old.as_ref(), ready.receipts.as_ref()),
        old: ready.old.as_ref(),
        doubt: &ready.doubt,
        repair: ready.repair,
        verifier: verifier.as_ref(),
        rests: Rests::default(),
        collector: Collector::default(),
    };
    let verdict = |at: usize| {
        let output = &ready.render.plan.outputs[at];
        let known = work.trusted(at);
        let reason = match (output.recipe.clone(), known) {
            (Recipe::File { file }, Some(known)) => match work.is_copied(file, known) {
                true => return None,
                false => Reason::Source,
            },
            (Recipe::File { .. }, None) => Reason::New,
            (_, known) => {
                // Every answer is asked for: a plan says why.
                work.verdict(at, Fingerprint::ABSENT, known.map(|(hash, _)| hash)).err()?
            }
        };
        Some((output.path.clone(), output.recipe.kind(), reason))
    };
    some.into_par_iter().filter_map(verdict).collect()
}

fn gone(ready: &Ready) -> Vec<Gone> {
    let outputs = &ready.render.plan.outputs;
    let planned = |path: &str| outputs.binary_search_by(|o| (*o.path).cmp(path)).is_ok();
    let Some(old) = &ready.old else { return Vec::new() };
    let is_page = |headers: u16| {
        let class = old.headers.get(headers as usize);
        class.and_then(|h| h.0.get("content-type")).is_some_and(|t| t.starts_with("text/html"))
    };
    let gone = old.entries.iter().filter(|e| !planned(&e.path) && !super::forms::is_form(old, &e.path));
    gone.map(|e| Gone { path: e.path.to_string(), page: is_page(e.headers) }).collect()
}
