//! The platform at one moment: what was read, and of each site that someone asked for its plan and its pages.

use std::sync::{Arc, OnceLock};

use super::answer::Answer;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::id::SiteId;
use crate::base::path;
use crate::build::headers::{self, Policy};
use crate::facts::World;
use crate::plan::site::ThemeOutputs;
use crate::plan::{Output, Recipe, SitePlan};
use crate::render::{Bodies, Content, SiteRender};
use crate::theme::Engine;

pub struct Snapshot {
    pub world: Arc<World>,
    /// Of configuration, content and addresses.
    pub said: Vec<Diagnostic>,
    pub said_of_themes: Vec<Diagnostic>,
    bodies: Arc<Bodies>,
    /// By stack.
    engines: Vec<OnceLock<(Arc<Engine>, Vec<Diagnostic>)>>,
    /// By site.
    sites: Vec<OnceLock<Prepared>>,
}

/// A site that someone asked for.
pub struct Prepared {
    /// `None`: its theme or configuration does not allow it.
    pub render: Option<Arc<SiteRender>>,
    policy: Policy,
    /// What is wrong with it as a whole.
    pub said: Vec<Diagnostic>,
    /// Print of the file of tokens, which keeps its name when it changes (D17).
    pub tokens: Option<(String, Fingerprint)>,
}

impl Snapshot {
    pub fn new(world: Arc<World>, said: Vec<Diagnostic>, said_of_themes: Vec<Diagnostic>) -> Snapshot {
        let engines = world.themes.stacks.iter().map(|_| OnceLock::new()).collect();
        let sites = world.platform.sites.iter().map(|_| OnceLock::new()).collect();
        Snapshot { world, said, said_of_themes, bodies: Arc::new(Bodies::new()), engines, sites }
    }

    pub fn prepared(&self, id: SiteId) -> &Prepared {
        self.sites[id.index()].get_or_init(|| self.prepare(id))
    }

    fn prepare(&self, id: SiteId) -> Prepared {
        let world = &self.world;
        let site = world.platform.site(id);
        let concern = crate::build::concern::Concern::new(world, &[id]);
        let said = self.said.iter().chain(&self.said_of_themes).filter(|d| concern.is_of(d)).cloned().collect();
        let policy = Policy::new(&world.platform, &world.library, &world.routes, id);
        let mut prepared = Prepared { render: None, policy, said, tokens: None };
        let (Some(stack), false) = (world.themes.of(id), site.broken) else { return prepared };
        let theme = ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(site) };
        let plan = SitePlan::new(&world.sources(), &theme, id, &mut prepared.said);
        let (engine, broken) = self.engines[stack.id.0 as usize].get_or_init(|| {
            let engine = Arc::new(crate::render::engine(world, stack).marking());
            let mut out = Vec::new();
            engine.check(&mut out);
            (engine, out)
        });
        // A page that does not use the broken template is shown all the same.
        prepared.said.extend(broken.iter().cloned());
        let render = SiteRender::new(world, Arc::new(plan), engine.clone(), &self.bodies);
        prepared.tokens = render.plan.outputs.iter().find(|o| matches!(o.recipe, Recipe::Tokens)).and_then(|output| {
            let Content::Bytes(bytes) = render.render(output).bytes else { return None };
            Some((format!("/{}", path::encode(&output.path)), Fingerprint::of_bytes(&bytes)))
        });
        prepared.render = Some(render);
        prepared
    }

    /// The output that answers an address; for `a/b` that of `a/b/` says so.
    pub fn find<'p>(&self, prepared: &'p Prepared, url_path: &str) -> Option<&'p Output> {
        let outputs = &prepared.render.as_ref()?.plan.outputs;
        let wanted = path::output_file(url_path);
        outputs.binary_search_by(|o| (*o.path).cmp(wanted.as_str())).ok().map(|at| &outputs[at])
    }

    /// What a server of the built site would answer; `url_path` is decoded.
    pub fn answer(&self, id: SiteId, url_path: &str) -> Answer {
        let prepared = self.prepared(id);
        let Some(render) = &prepared.render else { return Answer::failed(prepared.said.clone()) };
        let Some(output) = self.find(prepared, url_path) else {
            if !url_path.ends_with('/') && self.find(prepared, &format!("{url_path}/")).is_some() {
                return Answer::Moved(format!("{}/", path::encode(url_path)));
            }
            let Some(page) = render.plan.outputs.iter().find(|o| matches!(o.recipe, Recipe::NotFound)) else { return Answer::Nothing };
            return self.rendered(prepared, render, page, 404);
        };
        match &output.recipe {
            Recipe::Redirect { to, .. } if to.contains("://") => Answer::Moved(to.to_string()),
            Recipe::Redirect { to, .. } => Answer::Moved(path::encode(to).into_owned()),
            _ => self.rendered(prepared, render, output, 200),
        }
    }

    fn rendered(&self, prepared: &Prepared, render: &Arc<SiteRender>, output: &Output, status: u16) -> Answer {
        let headers = headers::of(&output.recipe, &output.path, &prepared.policy);
        let done = render.render(output);
        let mut said = done.diagnostics;
        match done.bytes {
            Content::Failed => {
                said.extend(prepared.said.iter().cloned());
                Answer::failed(said)
            }
            Content::File(file) => {
                let disk = self.world.library.repository.files[file as usize].disk.clone();
                Answer::File { disk: disk.to_path_buf(), headers }
            }
            Content::Shared(bytes) => Answer::Bytes { status, headers, bytes: bytes.to_vec(), said },
            Content::Bytes(bytes) => {
                said.extend(prepared.said.iter().cloned());
                Answer::Bytes { status, headers, bytes, said }
            }
        }
    }
}
