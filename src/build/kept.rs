//! What a process that reads one platform again and again keeps from one reading to the next: the preview.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::diag::Diagnostic;
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::config::{self, Platform};
use crate::content::{self, Memo, Repository, Schemas};
use crate::theme::Themes;

#[derive(Default)]
pub struct Kept {
    /// Prints of the files from before they were read last.
    pub(super) files: Option<Files>,
    pub(super) configuration: Option<Configuration>,
    /// Files and what was said of them.
    repository: Option<(Arc<Repository>, Vec<Diagnostic>)>,
    /// What changed since then.
    changed: BTreeSet<PathBuf>,
    pub(super) content: content::Kept,
    /// With the print of their files, and what was said of them.
    pub(super) themes: Option<(Fingerprint, Arc<Themes>, Vec<Diagnostic>)>,
}

/// `sites.toml`, `sites/` and `schemas/`, read.
#[derive(Clone)]
pub struct Configuration {
    print: Fingerprint,
    pub platform: Arc<Platform>,
    pub schemas: Arc<Schemas>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Prints of the files that are read in each build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    pub configuration: Fingerprint,
    pub themes: Fingerprint,
}

impl Files {
    pub fn of(root: &Path) -> Files {
        let print = |folders: &[&str], names: &[&str]| {
            let mut w = Writer::new("files");
            for folder in folders {
                let walk = walkdir::WalkDir::new(root.join(folder)).follow_links(true).sort_by_file_name();
                for entry in walk.into_iter().flatten().filter(|e| !e.file_type().is_dir()) {
                    file(&mut w, root, entry.path());
                }
            }
            for name in names {
                file(&mut w, root, &root.join(name));
            }
            w.finish()
        };
        Files { configuration: print(&["sites", "schemas"], &["sites.toml", "redirects.csv"]), themes: print(&["themes"], &[]) }
    }

    pub fn print(self) -> Fingerprint {
        Writer::new("all files").print(self.configuration).print(self.themes).finish()
    }
}

/// A file by its name below the root and its bytes.
pub fn file(w: &mut Writer, root: &Path, path: &Path) {
    w.text(&path.strip_prefix(root).unwrap_or(path).to_string_lossy());
    match std::fs::read(path) {
        Ok(bytes) => _ = w.byte(1).bytes(&bytes),
        Err(_) => _ = w.byte(0),
    }
}

impl Configuration {
    /// `Err`: nothing may be built.
    pub fn read(root: &Path, print: Fingerprint) -> Result<Configuration, Vec<Diagnostic>> {
        let config::Loaded { platform, mut diagnostics } = config::load(root);
        let Some(platform) = platform else { return Err(diagnostics) };
        let before = diagnostics.len();
        let schemas = Schemas::load(&root.join("schemas"), &mut diagnostics);
        // A broken schema would let every item of its category through unchecked.
        if diagnostics[before..].iter().any(Diagnostic::is_error) {
            return Err(diagnostics);
        }
        schemas.check(&platform, &mut diagnostics);
        Ok(Configuration { print, platform: platform.into(), schemas: schemas.into(), diagnostics })
    }

    /// It is what a reading would give now: its files are the same, and the folders that it names are there.
    fn stands(&self, print: Fingerprint) -> bool {
        self.print == print && self.platform.mounts.iter().all(|m| m.path.is_dir())
    }
}

impl Kept {
    pub fn platform(&self) -> Option<Arc<Platform>> {
        self.configuration.as_ref().map(|c| c.platform.clone())
    }

    /// The files may be other ones than those that were read last.
    pub fn is_behind(&self, root: &Path) -> bool {
        let content = self.configuration.as_ref().zip(self.repository.as_ref());
        self.files != Some(Files::of(root)) || content.is_some_and(|(c, (repository, _))| !repository.stands(&c.platform))
    }

    /// These paths are not as they were; `None`: nobody knows which.
    pub(super) fn changed(&mut self, paths: Option<BTreeSet<PathBuf>>) {
        match paths {
            Some(paths) => self.changed.extend(paths),
            None => self.repository = None,
        }
    }

    /// The files of the content: all of them looked at, or those that changed.
    pub(super) fn repository(&mut self, platform: &Platform, memo: Option<&Memo>, out: &mut Vec<Diagnostic>) -> Arc<Repository> {
        let changed = std::mem::take(&mut self.changed);
        let known = self.repository.as_ref().and_then(|(old, said)| Some((old.after(platform, memo, &changed)?.into(), said.clone())));
        let (repository, said): (Arc<Repository>, _) = known.unwrap_or_else(|| {
            let mut said = Vec::new();
            (Repository::scan(platform, memo, &mut said).into(), said)
        });
        self.repository = Some((repository.clone(), said.clone()));
        out.extend(said);
        repository
    }

    /// The configuration, read or kept. `Err`: nothing may be built.
    pub fn configuration(&mut self, root: &Path, print: Fingerprint) -> Result<Configuration, Vec<Diagnostic>> {
        match &self.configuration {
            Some(known) if known.stands(print) => Ok(known.clone()),
            _ => {
                // A platform that is read anew has other sites, owners, accept rules: what hangs on it goes with it.
                (self.configuration, self.themes) = (None, None);
                let now = Configuration::read(root, print)?;
                self.configuration = Some(now.clone());
                Ok(now)
            }
        }
    }
}
