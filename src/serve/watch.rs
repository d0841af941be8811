//! Files that change, gathered until the editor is done writing.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecursiveMode, Watcher};

use super::live::Wish;
use crate::config::Platform;

/// Without a change for so long, what changed is passed on: an editor writes one file in several steps.
const QUIET: Duration = Duration::from_millis(20);
/// Changes that do not end are passed on all the same.
const LONGEST: Duration = Duration::from_millis(500);
/// More paths than this are a branch that was changed: everything is looked at.
const MOST: usize = 1_000;
/// Where the system cannot watch so many folders, they are looked through.
const LOOK: Duration = Duration::from_secs(2);

/// What changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    themes: bool,
    /// Configuration, schemas, redirects, or what is shown.
    pub settings: bool,
    /// Which of the content is not known.
    pub everything: bool,
    pub content: BTreeSet<PathBuf>,
}

impl Batch {
    /// Nobody knows what.
    pub fn all() -> Batch {
        Batch { everything: true, ..Batch::default() }
    }

    pub fn add(&mut self, other: Batch) {
        self.themes |= other.themes;
        self.settings |= other.settings;
        self.everything |= other.everything;
        self.content.extend(other.content);
        self.everything |= self.content.len() > MOST;
    }

    pub fn only_themes(&self) -> bool {
        self.themes && !self.settings && !self.everything && self.content.is_empty()
    }

    /// Paths of the content that changed; `None`: nobody knows which.
    pub fn content(self) -> Option<BTreeSet<PathBuf>> {
        (!self.everything).then_some(self.content)
    }
}

pub struct Files {
    root: PathBuf,
    watcher: Option<Box<dyn Watcher + Send>>,
    /// The platform's own folders that are watched, and which they were.
    own: BTreeMap<&'static str, u64>,
    /// Folders of content outside of them.
    mounts: BTreeSet<PathBuf>,
}

impl Files {
    pub fn new(root: &Path, platform: Option<&Platform>, wishes: Sender<Wish>) -> Files {
        let (tell, told) = channel();
        let root = root.to_owned();
        let below = root.clone();
        std::thread::spawn(move || gather(&below, &told, &wishes));
        let mut files = Files { root, watcher: watcher(tell.clone(), false), own: BTreeMap::new(), mounts: BTreeSet::new() };
        if !files.watch_own() {
            files.watcher = watcher(tell, true);
            files.own.clear();
            files.watch_own();
        }
        if let Some(platform) = platform {
            files.follow(platform);
        }
        files
    }

    fn watch_own(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        watcher.watch(&self.root, RecursiveMode::NonRecursive).is_ok() && self.watch_folders()
    }

    /// Those that are there and are not watched yet. To watch one anew lets go of it for a moment, in which a save would go
    /// unseen.
    fn watch_folders(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let mut good = true;
        for name in OWN {
            let folder = self.root.join(name);
            let Some(now) = std::fs::metadata(&folder).ok().filter(|m| m.is_dir()).map(|m| m.ino()) else {
                self.own.remove(name);
                continue;
            };
            if self.own.get(name) != Some(&now) {
                let watched = watcher.watch(&folder, RecursiveMode::Recursive).is_ok();
                good &= watched;
                if watched {
                    self.own.insert(name, now);
                }
            }
        }
        good
    }

    /// Content that lies elsewhere is watched too.
    pub fn follow(&mut self, platform: &Platform) {
        let Some(watcher) = &mut self.watcher else { return };
        for mount in &platform.mounts {
            if !self.mounts.contains(&mount.path) && watcher.watch(&mount.path, RecursiveMode::Recursive).is_ok() {
                self.mounts.insert(mount.path.clone());
            }
        }
        // One may not have been there at the start.
        self.watch_folders();
    }
}

const OWN: [&str; 4] = ["content", "sites", "themes", "schemas"];

fn watcher(tell: Sender<Event>, looking: bool) -> Option<Box<dyn Watcher + Send>> {
    let handler = move |event: notify::Result<Event>| {
        if let Ok(event) = event {
            _ = tell.send(event);
        }
    };
    if looking {
        let config = notify::Config::default().with_poll_interval(LOOK);
        return notify::PollWatcher::new(handler, config).ok().map(|w| Box::new(w) as _);
    }
    notify::recommended_watcher(handler).ok().map(|w| Box::new(w) as _)
}

fn gather(root: &Path, told: &Receiver<Event>, wishes: &Sender<Wish>) {
    // Events name the folder as it was asked for.
    while let Ok(first) = told.recv() {
        let mut batch = Batch::default();
        note(&mut batch, root, &first);
        let end = Instant::now() + LONGEST;
        while Instant::now() < end {
            match told.recv_timeout(QUIET) {
                Ok(event) => note(&mut batch, root, &event),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        if batch != Batch::default() && wishes.send(Wish::Changed(batch)).is_err() {
            return;
        }
    }
}

fn note(batch: &mut Batch, root: &Path, event: &Event) {
    if matches!(event.kind, EventKind::Access(_)) {
        return;
    }
    // The system lost count.
    batch.everything |= event.need_rescan();
    for path in &event.paths {
        let Ok(below) = path.strip_prefix(root) else {
            batch.content.insert(path.clone());
            continue;
        };
        let mut parts = below.iter().map(|p| p.to_string_lossy());
        match parts.next().as_deref() {
            Some("themes") => batch.themes = true,
            // In the root itself only these are read.
            Some("sites" | "schemas" | "sites.toml" | "redirects.csv") => batch.settings = true,
            Some("content") => _ = batch.content.insert(path.clone()),
            // The root is watched without what lies below it: this is in a mount.
            Some(_) if parts.next().is_some() => _ = batch.content.insert(path.clone()),
            _ => {}
        }
    }
}
