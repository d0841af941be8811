//! What is kept between builds, below `.banyan/`: the lock, manifest and receipts of each site, a journal of files in flight,
//! the addresses that the last build changed. Losing it costs minutes, never correctness.
//!
//! State belongs to one output folder: of the configured one it lies in `.banyan/` itself, of another one in
//! `.banyan/out/<hash of that folder>/`, so that two output folders do not take each other's files for their own.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::machine;
use super::manifest::Manifest;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::config::{Platform, Site};
use crate::receipts::Shard;

pub const FOLDER: &str = ".banyan";

/// Addresses that the last build changed, one a line.
pub const CHANGED: &str = "changed-urls.txt";

pub struct State {
    folder: PathBuf,
    /// Hash of the program.
    pub engine: Fingerprint,

    /// Held while the build runs; the system lets go of it whatever happens to the program.
    _lock: Option<File>,
}

impl State {
    /// Opens the state of `out` and takes the lock of the platform.
    pub fn open(root: &Path, configured: &Path, out: &Path) -> Result<State, Diagnostic> {
        let base = root.join(FOLDER);
        std::fs::create_dir_all(&base).map_err(|e| machine("build.root", &base, e))?;
        make_output(root, out)?;
        let lock = lock(&base)?;
        let (folder, now) = folder_of(root, configured, out);
        // A link that leads elsewhere, or another `output`, is another tree.
        let mark = folder.join("output");
        let moved = std::fs::read(&mark).is_ok_and(|before| before != now);
        crate::base::fs::write_atomic(&mark, &now).map_err(|e| machine("build.root", &mark, e))?;
        if moved {
            _ = std::fs::remove_dir_all(folder.join("manifests"));
        }
        Ok(State { folder, engine: crate::base::engine::print(), _lock: Some(lock) })
    }

    /// The state as it lies there, for one who only looks: nothing is written, no lock is taken.
    pub fn look(root: &Path, configured: &Path, out: &Path) -> State {
        let (folder, now) = folder_of(root, configured, out);
        let here = std::fs::read(folder.join("output")).is_ok_and(|before| before == now);
        // State of another tree is none.
        let folder = if here { folder } else { folder.join("none") };
        State { folder, engine: crate::base::engine::print(), _lock: None }
    }

    /// The state of the configured output folder, for changes that are written into a folder of their own: the output
    /// itself is on another machine.
    pub fn open_delta(root: &Path, delta: &Path) -> Result<State, Diagnostic> {
        make_output(root, delta)?;
        if std::fs::read_dir(delta).map_err(|e| machine("build.root", delta, e))?.next().is_some() {
            return Err(Diagnostic::error("build.delta").arg("path", delta.display()));
        }
        let base = root.join(FOLDER);
        std::fs::create_dir_all(&base).map_err(|e| machine("build.root", &base, e))?;
        let lock = lock(&base)?;
        Ok(State { folder: base, engine: crate::base::engine::print(), _lock: Some(lock) })
    }

    pub fn manifest_folder(&self, site: &str) -> PathBuf {
        self.folder.join("manifests").join(site)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn receipts(&self, site: &str) -> PathBuf {
        self.folder.join("receipts").join(site)
    }

    /// The receipts of a site; `Err` says in a word what is wrong with them.
    pub fn shard(&self, site: &str) -> Result<Option<Shard>, &'static str> {
        Shard::read(&self.receipts(site), site, self.engine)
    }

    /// Puts new receipts beside the old ones; they count from [`State::keep_receipts`] on.
    pub fn stage_receipts(&self, shard: &Shard) -> io::Result<()> {
        fault::point()?;
        shard.write(&self.receipts(&format!(".{}.new", shard.site)))
    }

    pub fn keep_receipts(&self, site: &str) -> io::Result<()> {
        fault::point()?;
        std::fs::rename(self.receipts(&format!(".{site}.new")), self.receipts(site))
    }

    fn changed(&self, site: &str) -> PathBuf {
        self.folder.join("changed").join(site)
    }

    /// Notes the addresses that a build of a site changes: for caches to be purged and for people to look at.
    pub fn note_changed<'p>(
        &self,
        site: &Site,
        written: impl Iterator<Item = &'p str>,
        deleted: impl Iterator<Item = &'p str>,
    ) -> io::Result<()> {
        let file = self.changed(&site.id);
        let mut urls: Vec<String> = written.chain(deleted).map(|path| address(site, path)).collect();
        if urls.is_empty() {
            return match std::fs::remove_file(file) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            };
        }
        urls.sort();
        crate::base::fs::write_atomic(&file, (urls.join("\n") + "\n").as_bytes())
    }

    /// `changed-urls.txt` of all sites of a build that are whole, site after site.
    pub fn gather_changed(&self, sites: &[&str]) -> io::Result<PathBuf> {
        let path = self.folder.join(CHANGED);
        let mut out = io::BufWriter::new(File::create(&path)?);
        for site in sites {
            match File::open(self.changed(site)) {
                Ok(mut list) => _ = io::copy(&mut list, &mut out)?,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        out.flush()?;
        Ok(path)
    }

    fn journal(&self, site: &str) -> PathBuf {
        self.folder.join("journal").join(site)
    }

    /// Paths that an earlier build, which did not end, may have written or deleted.
    pub fn in_flight(&self, site: &str) -> BTreeSet<String> {
        let text = std::fs::read(self.journal(site)).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter(|l| crate::base::path::check_output(l).is_ok()).map(str::to_owned).collect()
    }

    /// Notes what is about to be touched in a site's folder, and what an earlier build left in doubt.
    pub fn note<'p>(&self, site: &str, paths: impl Iterator<Item = &'p str>) -> io::Result<()> {
        let path = self.journal(site);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        let mut text = Vec::new();
        for p in paths {
            text.extend_from_slice(p.as_bytes());
            text.push(b'\n');
        }
        let mut file = File::create(&path)?;
        file.write_all(&text)?;
        // The one file that must be on the disk before the others.
        file.sync_data()
    }

    pub fn clear(&self, site: &str) {
        _ = std::fs::remove_file(self.journal(site));
    }

    /// One sync for everything written, before any manifest names it.
    pub fn sync(&self, out: &Path) -> Result<(), Diagnostic> {
        for folder in [out, self.folder.as_path()] {
            if let Ok(dir) = File::open(folder) {
                rustix::fs::syncfs(&dir).map_err(|e| machine("build.write", folder, e))?;
            }
        }
        Ok(())
    }

    /// Sites that were built once and are configured no more.
    pub fn unknown_sites(&self, platform: &Platform) -> Vec<String> {
        let folder = self.folder.join("manifests");
        let mut names: Vec<String> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|n| platform.find_site(n).is_none());
        names.sort();
        names
    }

    /// Takes the outputs and the state of a site away.
    pub fn forget(&self, out: &Path, site: &str) -> io::Result<()> {
        let gone = |r: io::Result<()>| match r {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            r => r,
        };
        gone(std::fs::remove_file(self.manifest_folder(site).join(super::manifest::ROOT)))?;
        gone(std::fs::remove_file(self.receipts(site)))?;
        gone(std::fs::remove_file(super::write::signature_file(out, site)))?;
        gone(std::fs::remove_dir_all(out.join(site)))?;
        gone(std::fs::remove_dir_all(self.manifest_folder(site)))
    }

    /// Takes the state of an output folder away that is not the configured one.
    pub fn remove(&self) {
        if self.folder.parent().is_some_and(|p| p.ends_with("out")) {
            _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    /// Hash of the manifest; what [`super::write::Tree::signature`] must say of a tree that it speaks of.
    pub fn signature(&self, site: &str) -> Option<String> {
        let root = std::fs::read(self.manifest_folder(site).join(super::manifest::ROOT)).ok()?;
        Some(super::write::signature(&root))
    }

    /// Before the folder of a site is replaced as a whole: from then on nothing is known of it.
    pub fn unknow(&self, site: &str) -> io::Result<()> {
        match std::fs::remove_file(self.manifest_folder(site).join(super::manifest::ROOT)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// The manifest of a site, `None` when there is none or it cannot be used; then with the reason.
    pub fn manifest(&self, site: &str) -> (Option<Manifest>, Option<Diagnostic>) {
        match Manifest::read(&self.manifest_folder(site)) {
            Ok(manifest) => (manifest, None),
            Err(problem) => (None, Some(Diagnostic::warning("build.state").arg("site", site).arg("problem", problem))),
        }
    }
}

/// Where the state of an output folder lies, and what names that folder: below the root it is named from there, so that a
/// checkout can be moved with its state.
fn folder_of(root: &Path, configured: &Path, out: &Path) -> (PathBuf, Vec<u8>) {
    let real = |p: &Path| std::fs::canonicalize(p).unwrap_or_else(|_| p.to_owned());
    let place = real(out);
    let named = place.strip_prefix(real(root)).unwrap_or(&place).as_os_str().as_encoded_bytes().to_vec();
    let base = root.join(FOLDER);
    if real(configured) == place {
        return (base, named);
    }
    let name = blake3::hash(&named).to_hex();
    (base.join("out").join(&name[..16]), named)
}

/// The lock of the platform: held while its file is open.
fn lock(base: &Path) -> Result<File, Diagnostic> {
    let path = base.join("lock");
    let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| machine("build.root", &path, e))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(Diagnostic::error("build.locked")),
        Err(std::fs::TryLockError::Error(e)) => Err(machine("build.root", &path, e)),
    }
}

/// The address of an output.
pub fn address(site: &Site, path: &str) -> String {
    let path = if path == "index.html" { "" } else { path.strip_suffix("/index.html").map_or(path, |folder| &path[..=folder.len()]) };
    format!("{}/{}", site.url, crate::base::path::encode(path))
}

/// Makes an output folder, unless it would take the platform's own files. Looked at twice: `none/../content` lies where it
/// says only once `none` is there.
fn make_output(root: &Path, out: &Path) -> Result<(), Diagnostic> {
    refuse_own_files(root, out)?;
    std::fs::create_dir_all(out).map_err(|e| machine("build.root", out, e))?;
    refuse_own_files(root, out)
}

/// Where a folder lies, or will lie when it is made: links are followed as far as there is anything.
fn place_of(folder: &Path) -> Option<PathBuf> {
    let full = std::path::absolute(folder).ok()?;
    let there = full.ancestors().find(|a| a.exists())?;
    let real = std::fs::canonicalize(there).ok()?;
    Some(full.strip_prefix(there).map_or(real.clone(), |below| real.join(below)))
}

/// An output folder that is, or lies around or in, the platform's sources would be emptied of them.
fn refuse_own_files(root: &Path, out: &Path) -> Result<(), Diagnostic> {
    let (Ok(root), Some(real)) = (std::fs::canonicalize(root), place_of(out)) else { return Ok(()) };
    let own = ["content", "themes", "sites", "schemas", FOLDER, ".git"];
    let inside = own.iter().any(|o| real.starts_with(root.join(o)));
    if root.starts_with(&real) || inside {
        return Err(Diagnostic::error("build.output").arg("path", out.display()));
    }
    Ok(())
}

/// Faults for tests: the build ends, as by kill -9, before the n-th write, rename or delete. Absent from a normal build.
pub(crate) mod fault {
    use std::io;

    #[cfg(not(feature = "faults"))]
    #[inline(always)]
    pub fn point() -> io::Result<()> {
        Ok(())
    }

    /// Outputs are counted and hashed, and thrown away: for a measurement of more than the disk holds (`BANYAN_FAULT=sink`).
    #[cfg(feature = "faults")]
    pub fn sink() -> bool {
        static SINK: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| std::env::var("BANYAN_FAULT").is_ok_and(|f| f == "sink"));
        *SINK
    }

    #[cfg(not(feature = "faults"))]
    #[inline(always)]
    pub fn sink() -> bool {
        false
    }

    /// `BANYAN_FAULT=kill:n` kills the process at the n-th point; `full:n` says there that the disk is full, and goes on
    /// saying so.
    #[cfg(feature = "faults")]
    pub fn point() -> io::Result<()> {
        use std::sync::LazyLock;
        use std::sync::atomic::{AtomicU64, Ordering};
        static FAULT: LazyLock<Option<(bool, u64)>> = LazyLock::new(|| {
            let text = std::env::var("BANYAN_FAULT").ok()?;
            let (kind, n) = text.split_once(':')?;
            Some((kind == "kill", n.parse().ok()?))
        });
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let Some((kill, n)) = *FAULT else { return Ok(()) };
        let now = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
        if kill && now == n {
            _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        if !kill && now >= n {
            return Err(io::Error::from_raw_os_error(28));
        }
        Ok(())
    }
}
