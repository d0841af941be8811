//! What the preview shows now, and how it follows the files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::snapshot::Snapshot;
use super::watch::{Batch, Files};
use super::{Hear, Order};
use crate::base::diag::Diagnostic;
use crate::build::FOLDER;
use crate::build::front::{self, Front};
use crate::build::kept::Kept;
use crate::config::Platform;
use crate::facts::World;
use crate::route::Moment;

/// What is shown of what is not yet to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub drafts: bool,
    pub future: bool,
}

/// One reading.
pub struct Loaded {
    pub took: Duration,
    /// Themes alone were read again.
    pub only_themes: bool,
    /// The newest state cannot be shown: the last good one is.
    pub refused: bool,
    pub diagnostics: Vec<Diagnostic>,
}

/// What requests see.
#[derive(Clone, Default)]
pub struct State {
    /// Known first: the front page needs no content.
    pub platform: Option<Arc<Platform>>,
    pub snapshot: Option<Arc<Snapshot>>,
    /// Why the newest state cannot be shown.
    pub refused: Vec<Diagnostic>,
    pub shown: Shown,
    /// Counts readings; the first is 1.
    pub generation: u64,
}

pub struct Live {
    pub order: Order,
    /// What hostile templates and content nest is read on deep stacks, as in a build.
    readers: rayon::ThreadPool,
    state: RwLock<State>,
    turns: watch::Sender<u64>,
    wishes: Mutex<Sender<Wish>>,
}

/// What may happen.
pub enum Wish {
    Changed(Batch),
    Show(Shown),
}

impl Live {
    /// Begins to read at once, on a thread of its own.
    pub fn start(order: Order, kept: Kept, readers: rayon::ThreadPool, hear: Arc<dyn Hear>) -> Arc<Live> {
        let (wishes, asked) = channel();
        let state = State { platform: kept.platform(), shown: order.shown, ..State::default() };
        let live =
            Arc::new(Live { order, readers, state: RwLock::new(state), turns: watch::Sender::new(0), wishes: Mutex::new(wishes.clone()) });
        let worker = live.clone();
        std::thread::spawn(move || worker.run(kept, &asked, wishes, &*hear));
        live
    }

    pub fn state(&self) -> State {
        self.state.read().map(|s| s.clone()).unwrap_or_default()
    }

    /// Is told the number of each reading.
    pub fn turns(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    pub fn show(&self, shown: Shown) {
        if let Ok(wishes) = self.wishes.lock() {
            _ = wishes.send(Wish::Show(shown));
        }
    }

    fn run(&self, mut kept: Kept, asked: &Receiver<Wish>, wishes: Sender<Wish>, hear: &dyn Hear) {
        let root = &self.order.root;
        self.seed();
        self.readers.install(|| self.read(&mut kept, hear, None, None));
        // Watched once it was read, for the system tells of each watched file that is opened, and loses count over many. What
        // changed between the two is looked for.
        let again = wishes.clone();
        let mut files = Files::new(root, self.state().platform.as_deref(), wishes);
        if self.readers.install(|| kept.is_behind(root)) {
            _ = again.send(Wish::Changed(Batch::all()));
        }
        while let Ok(first) = asked.recv() {
            let mut changed = Batch::default();
            for wish in std::iter::once(first).chain(asked.try_iter()) {
                match wish {
                    Wish::Changed(batch) => changed.add(batch),
                    Wish::Show(shown) => {
                        changed.settings = true;
                        self.put(|s| s.shown = shown);
                    }
                }
            }
            let mut state = self.state();
            // What the last reading remembers from went: nothing of it is kept.
            if state.snapshot.as_ref().is_some_and(|s| s.world.library.is_lost()) {
                (kept, state.snapshot) = (Kept::default(), None);
                changed.add(Batch::all());
            }
            let good = state.snapshot.clone().filter(|_| changed.only_themes() && state.refused.is_empty());
            self.readers.install(|| self.read(&mut kept, hear, good, changed.content()));
            if let Some(platform) = self.state().platform {
                files.follow(&platform);
            }
        }
    }

    /// Reads what changed of the content (`None`: nobody knows what did), or the themes alone over a snapshot that is otherwise
    /// as the files are.
    fn read(&self, kept: &mut Kept, hear: &dyn Hear, under: Option<Arc<Snapshot>>, changed: Option<BTreeSet<PathBuf>>) {
        let start = Instant::now();
        let root = &self.order.root;
        let shown = self.state().shown;
        let moment = Moment { clock: (self.order.now)(), drafts: shown.drafts, future: shown.future };
        let only_themes = under.is_some();
        let (snapshot, said) = match under {
            Some(old) => {
                let mut of_themes = Vec::new();
                let w = &old.world;
                let themes = front::themes(root, &w.platform, &w.library, &mut of_themes);
                let parts = (w.platform.clone(), w.library.clone(), w.routes.clone(), w.redirects.clone());
                let world = World::new(parts.0, parts.1, parts.2, parts.3, w.pictures.clone(), themes.into(), w.moment);
                let said = [&old.said[..], &of_themes].concat();
                (Some(Snapshot::new(Arc::new(world), old.said.clone(), of_themes)), said)
            }
            None => {
                let front = Front::again(root, moment, kept, changed);
                let (said, of_themes) = front.diagnostics.split_at(front.of_themes);
                (front.world.map(|world| Snapshot::new(world, said.to_vec(), of_themes.to_vec())), front.diagnostics.clone())
            }
        };
        let refused = snapshot.is_none();
        let mut old = None;
        self.put(|s| {
            match snapshot {
                Some(snapshot) => {
                    s.platform = Some(snapshot.world.platform.clone());
                    old = s.snapshot.replace(Arc::new(snapshot));
                    s.refused.clear();
                }
                None => s.refused = said.clone(),
            }
            s.generation += 1;
        });
        self.turns.send_modify(|turn| *turn += 1);
        // A large one takes its time to go: whoever waits for the new one need not wait for that.
        drop(old);
        hear.loaded(&Loaded { took: start.elapsed(), only_themes, refused, diagnostics: said });
    }

    fn put(&self, change: impl FnOnce(&mut State)) {
        if let Ok(mut state) = self.state.write() {
            change(&mut state);
        }
    }

    /// A first preview need not parse what a build has parsed.
    fn seed(&self) {
        let folder = self.order.root.join(FOLDER);
        let own = folder.join(front::PREVIEW);
        if own.is_dir() {
            return;
        }
        for part in ["memo", "files"] {
            _ = copy_folder(&folder.join(part), &own.join(part));
        }
    }
}

fn copy_folder(from: &Path, to: &PathBuf) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)?.flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
