//! The front half of a build, always complete: from the files to the [`World`]. `check`, `plan` and `explain` use it too.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::Watch;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::config::{self, Platform};
use crate::content::{Library, Memo, Repository, Schemas};
use crate::facts::World;
use crate::picture::Pictures;
use crate::plan::Redirects;
use crate::route::{Moment, Routes};
use crate::theme::{Layers, Themes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Configuration,
    Content,
    Themes,
    Routes,
    Render,
    Save,
}

pub struct Front {
    /// `None`: nothing may be built (D10).
    pub world: Option<Arc<World>>,
    pub diagnostics: Vec<Diagnostic>,
    /// Where in them those of the themes begin.
    pub of_themes: usize,
    pub clock: Stopwatch,
}

/// How long each phase took, in milliseconds.
pub struct Stopwatch {
    since: Instant,
    now: Phase,
    pub laps: Vec<(Phase, u64)>,
}

impl Stopwatch {
    fn start() -> Stopwatch {
        Stopwatch { since: Instant::now(), now: Phase::Configuration, laps: Vec::new() }
    }

    /// Ends the phase that runs and starts another.
    pub fn lap(&mut self, next: Phase, watch: &dyn Watch) {
        self.stop();
        self.now = next;
        watch.phase(next);
    }

    pub fn stop(&mut self) {
        self.laps.push((self.now, self.since.elapsed().as_millis() as u64));
        self.since = Instant::now();
    }
}

/// What the world is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Nothing will be rendered: what earlier builds remember is used and left as it is.
    Look,
    Build,
    /// A preview: it remembers in a folder of its own, so that a build beside it is not disturbed.
    Preview,
    /// As if nothing were remembered, and remembering nothing.
    Anew,
}

/// Pictures in other widths, by what they are made of: below the folder of state.
const PICTURES: &str = "pictures";

/// Where previews remember, below the folder of state.
pub const PREVIEW: &str = "preview";

/// Bytes of bodies that are kept from the reading for the rendering: they are then parsed once. Larger libraries pay with
/// time, not with memory.
const KEEP: usize = 160 << 20;

/// What is known before any item is read.
pub struct Opened {
    pub platform: Platform,
    /// Print of the files that are read each time, from before they were.
    pub files: Fingerprint,
    pub repository: Repository,
    schemas: Schemas,
    memo: Option<Memo>,
    purpose: Use,
    pub diagnostics: Vec<Diagnostic>,
    pub clock: Stopwatch,
}

impl Front {
    fn refused(diagnostics: Vec<Diagnostic>, clock: Stopwatch) -> Front {
        Front { world: None, of_themes: diagnostics.len(), diagnostics, clock }
    }

    pub fn load(root: &Path, moment: Moment, purpose: Use, watch: &dyn Watch) -> Front {
        match Front::open(root, purpose, watch) {
            Ok(opened) => opened.load(root, moment, watch),
            Err(front) => *front,
        }
    }

    /// Configuration and scan. `Err`: nothing may be built.
    pub fn open(root: &Path, purpose: Use, watch: &dyn Watch) -> Result<Opened, Box<Front>> {
        watch.phase(Phase::Configuration);
        let mut clock = Stopwatch::start();
        let files = super::whole::files(root);
        let loaded = config::load(root);
        let mut out = loaded.diagnostics;
        let Some(platform) = loaded.platform else { return Err(Box::new(Front::refused(out, clock))) };
        let before = out.len();
        let schemas = Schemas::load(&root.join("schemas"), &mut out);
        // A broken schema would let every item of its category through unchecked.
        if out[before..].iter().any(Diagnostic::is_error) {
            return Err(Box::new(Front::refused(out, clock)));
        }
        schemas.check(&platform, &mut out);
        clock.lap(Phase::Content, watch);
        let folder = root.join(super::state::FOLDER);
        let memo = match purpose {
            Use::Look => Some(Memo::new(&folder, false)),
            Use::Build => Some(Memo::new(&folder, true)),
            Use::Preview => Some(Memo::new(&folder.join(PREVIEW), true)),
            Use::Anew => None,
        };
        let repository = Repository::scan(&platform, memo.as_ref(), &mut out);
        Ok(Opened { platform, files, repository, schemas, memo, purpose, diagnostics: out, clock })
    }
}

impl Opened {
    pub fn load(self, root: &Path, moment: Moment, watch: &dyn Watch) -> Front {
        let Opened { platform, repository, schemas, memo, purpose, diagnostics: mut out, mut clock, .. } = self;
        let keep = if matches!(purpose, Use::Build | Use::Anew) { KEEP } else { 0 };
        let mut library = Library::load(&platform, schemas, repository, keep, memo.as_ref(), &mut out);
        clock.lap(Phase::Routes, watch);
        let routes = Routes::new(&platform, &mut library, moment, &mut out);
        let before = out.len();
        let redirects = Redirects::load(root, &platform, &library, &mut out);
        if out[before..].iter().any(Diagnostic::is_error) {
            return Front::refused(out, clock);
        }
        clock.lap(Phase::Themes, watch);
        let of_themes = out.len();
        let themes = themes(root, &platform, &library, &mut out);
        let keep = root.join(super::state::FOLDER).join(PICTURES);
        let pictures = match purpose {
            Use::Look => Pictures::new(&platform.pictures, Some(keep), false),
            Use::Build | Use::Preview => Pictures::new(&platform.pictures, Some(keep), true),
            Use::Anew => Pictures::new(&platform.pictures, None, true),
        };
        let world = World::new(platform.into(), library.into(), routes.into(), redirects.into(), pictures.into(), themes, moment);
        Front { world: Some(Arc::new(world)), diagnostics: out, of_themes, clock }
    }
}

/// The themes of the sites, from the folder of layers and the standard ones.
pub fn themes(root: &Path, platform: &Platform, library: &Library, out: &mut Vec<Diagnostic>) -> Themes {
    let layers = Layers::load(&root.join("themes"), out);
    let pages: Vec<String> = library.schemas.all.iter().map(|c| c.template.to_string()).collect();
    Themes::new(platform, &pages, layers, out)
}
