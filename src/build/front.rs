//! The front half of a build, always complete: from the files to the [`World`]. `check`, `plan` and `explain` use it too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::kept::{Configuration, Files, Kept};
use super::{Silent, Watch};
use crate::base::diag::Diagnostic;
use crate::config::Platform;
use crate::content::{Library, Memo, Reading, Repository, Schemas, Spool};
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

/// Nobody stops those that only look.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What is known before any item is read.
pub struct Opened {
    pub platform: Arc<Platform>,
    /// Prints of the files that are read each time, from before they were.
    pub files: Files,
    pub repository: Arc<Repository>,
    schemas: Arc<Schemas>,
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
            Ok(opened) => opened.load(root, moment, None, &NEVER, watch),
            Err(front) => *front,
        }
    }

    /// The same for a process that reads one platform again and again. `changed`: paths that are to be looked at again;
    /// `None`: all of them.
    pub fn again(root: &Path, moment: Moment, kept: &mut Kept, changed: Option<BTreeSet<PathBuf>>) -> Front {
        kept.changed(changed);
        match Front::begin(root, Use::Preview, kept, &Silent) {
            Ok(opened) => opened.go_on(root, moment, None, &NEVER, Some(kept), &Silent),
            Err(front) => *front,
        }
    }

    /// Configuration and scan. `Err`: nothing may be built.
    pub fn open(root: &Path, purpose: Use, watch: &dyn Watch) -> Result<Opened, Box<Front>> {
        Front::begin(root, purpose, &mut Kept::default(), watch)
    }

    fn begin(root: &Path, purpose: Use, kept: &mut Kept, watch: &dyn Watch) -> Result<Opened, Box<Front>> {
        watch.phase(Phase::Configuration);
        let mut clock = Stopwatch::start();
        let files = Files::of(root);
        kept.files = Some(files);
        let configuration = match kept.configuration(root, files.configuration) {
            Ok(configuration) => configuration,
            Err(diagnostics) => return Err(Box::new(Front::refused(diagnostics, clock))),
        };
        let Configuration { platform, schemas, mut diagnostics, .. } = configuration;
        clock.lap(Phase::Content, watch);
        let folder = root.join(super::state::FOLDER);
        let memo = match purpose {
            Use::Look => Some(Memo::new(&folder, false)),
            Use::Build => Some(Memo::new(&folder, true)),
            Use::Preview => Some(Memo::new(&folder.join(PREVIEW), true)),
            Use::Anew => None,
        };
        let repository = kept.repository(&platform, memo.as_ref(), &mut diagnostics);
        Ok(Opened { platform, files, repository, schemas, memo, purpose, diagnostics, clock })
    }
}

impl Opened {
    /// `spool`: for the bodies, where most of them will be rendered. `stop`: set from outside, the reading ends with nothing that may be built, and remembers nothing of what it did not see whole.
    pub fn load(self, root: &Path, moment: Moment, spool: Option<Spool>, stop: &AtomicBool, watch: &dyn Watch) -> Front {
        self.go_on(root, moment, spool, stop, None, watch)
    }

    fn go_on(
        self,
        root: &Path,
        moment: Moment,
        spool: Option<Spool>,
        stop: &AtomicBool,
        mut kept: Option<&mut Kept>,
        watch: &dyn Watch,
    ) -> Front {
        let Opened { platform, repository, schemas, memo, purpose, diagnostics: mut out, mut clock, files } = self;
        let reading = Reading { spool, memo: memo.as_ref(), kept: kept.as_deref_mut().map(|k| &mut k.content), stop };
        let mut library = Library::load(&platform, schemas, repository, reading, &mut out);
        if stop.load(Ordering::Relaxed) {
            return Front::refused(vec![Diagnostic::error("build.interrupted")], clock);
        }
        clock.lap(Phase::Routes, watch);
        let routes = Routes::new(&platform, &mut library, moment, &mut out);
        let before = out.len();
        let redirects = Redirects::load(root, &platform, &library, &mut out);
        if out[before..].iter().any(Diagnostic::is_error) {
            return Front::refused(out, clock);
        }
        clock.lap(Phase::Themes, watch);
        let of_themes = out.len();
        let themes = match kept.as_deref_mut().and_then(|k| k.themes.clone()).filter(|(print, ..)| *print == files.themes) {
            Some((_, themes, said)) => {
                out.extend(said);
                themes
            }
            None => Arc::new(themes(root, &platform, &library, &mut out)),
        };
        if let Some(kept) = kept {
            kept.themes = Some((files.themes, themes.clone(), out[of_themes..].to_vec()));
        }
        let keep = root.join(super::state::FOLDER).join(PICTURES);
        let pictures = match purpose {
            Use::Look => Pictures::new(&platform.pictures, Some(keep), false),
            Use::Build | Use::Preview => Pictures::new(&platform.pictures, Some(keep), true),
            Use::Anew => Pictures::new(&platform.pictures, None, true),
        };
        let world = World::new(platform, library.into(), routes.into(), redirects.into(), pictures.into(), themes, moment);
        Front { world: Some(Arc::new(world)), diagnostics: out, of_themes, clock }
    }
}

/// The themes of the sites, from the folder of layers and the standard ones.
pub fn themes(root: &Path, platform: &Platform, library: &Library, out: &mut Vec<Diagnostic>) -> Themes {
    let layers = Layers::load(&root.join("themes"), out);
    let pages: Vec<String> = library.schemas.all.iter().map(|c| c.template.to_string()).collect();
    Themes::new(platform, &pages, layers, out)
}
