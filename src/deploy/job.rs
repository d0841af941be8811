//! One site: what is here, what is there, and what makes the one into the other. Nothing is written here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::diff::{Changes, diff, without_variants};
use super::record::{Fleet, SiteRecord, Unusable, is_hash, pointer_key, root_key};
use super::store::{Store, Trouble};
use super::{Order, Status};
use crate::base::diag::Diagnostic;
use crate::build::manifest::{self, Manifest};
use crate::config::{Layout, Site};

pub struct Job<'a> {
    pub site: &'a Site,
    /// Where the manifest lies here.
    pub folder: PathBuf,
    pub root: Vec<u8>,
    /// Of the root.
    pub hash: String,
    pub new: Manifest,
    /// Names of the new manifest's shards.
    pub shards: Vec<String>,
    /// What stands there; none: nothing, or it cannot be read.
    pub old: Option<Manifest>,
    pub old_hash: Option<String>,
    /// Manifests that may be half there.
    pub doubt: Vec<String>,
    /// Objects of manifests that stand for nothing once this one does.
    pub stale: Vec<String>,
    /// Shards that are there already.
    pub known_shards: Vec<String>,
    pub record: Option<SiteRecord>,
    /// The release that is shown afterwards.
    pub release: Option<u64>,
    /// That release is there already: it is shown again.
    pub again: bool,
    pub changes: Changes,
    /// Only the signature is missing.
    pub only_sign: bool,
    pub status: Status,
    failed: AtomicBool,
    problem: Mutex<Option<Diagnostic>>,
}

impl Job<'_> {
    /// The first thing that goes wrong ends the work on a site.
    pub fn fail(&self, d: Diagnostic) {
        let id: &Arc<str> = &self.site.id;
        if !self.failed.swap(true, Ordering::SeqCst)
            && let Ok(mut problem) = self.problem.lock()
        {
            *problem = Some(d.site(id));
        }
    }

    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    pub fn problem(&self) -> Option<Diagnostic> {
        self.problem.lock().ok()?.clone()
    }
}

/// A manifest as it lies at a target, shards taken from `here` where they are the same. `Err` says what is wrong with it.
pub struct Read {
    pub manifest: Manifest,
    pub shards: Vec<String>,
}

pub enum NotRead {
    Trouble(Trouble),
    Bad(String),
}

impl From<Trouble> for NotRead {
    fn from(t: Trouble) -> NotRead {
        NotRead::Trouble(t)
    }
}

/// Bytes of a manifest's root at a target.
pub fn read_root(store: &Store, site: &str, hash: &str) -> Result<Vec<u8>, NotRead> {
    let root = store.read(&root_key(site, hash))?.ok_or_else(|| NotRead::Bad("it is not there".to_owned()))?;
    if blake3::hash(&root).to_hex().as_str() != hash {
        return Err(NotRead::Bad("damaged".to_owned()));
    }
    Ok(root)
}

pub fn read_manifest(store: &Store, site: &str, hash: &str, here: Option<&Path>) -> Result<Read, NotRead> {
    let root = read_root(store, site, hash)?;
    let mut trouble = None;
    let shard = |name: &str| {
        let local = here.and_then(|folder| std::fs::read(folder.join(name)).ok()).filter(|b| manifest::is_shard(name, b));
        if let Some(bytes) = local {
            return Ok(bytes);
        }
        match store.read(&super::record::manifest_key(site, name)) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(format!("{name}: not there")),
            Err(t) => {
                trouble = Some(t);
                Err(String::new())
            }
        }
    };
    let parsed = Manifest::parse(&root, shard);
    if let Some(t) = trouble {
        return Err(NotRead::Trouble(t));
    }
    let manifest = parsed.map_err(NotRead::Bad)?;
    if manifest.site != site {
        return Err(NotRead::Bad(format!("of site {}", manifest.site)));
    }
    Ok(Read { manifest, shards: Manifest::shard_names(&root).unwrap_or_default() })
}

/// The record of a site's releases; a damaged one is said and not used.
pub fn read_record(store: &Store, site: &str, said: &mut Vec<Diagnostic>) -> Result<Option<SiteRecord>, Trouble> {
    let Some(bytes) = store.read(&pointer_key(site))? else { return Ok(None) };
    match SiteRecord::read(site, &bytes) {
        Ok(record) => Ok(Some(record)),
        Err(Unusable::Damaged(problem) | Unusable::Foreign(problem)) => {
            let d = Diagnostic::warning("deploy.record").arg("path", pointer_key(site)).arg("problem", problem);
            said.push(d.site(&Arc::from(site)));
            Ok(None)
        }
    }
}

/// What is here of a site, where it is not what stands there.
pub fn local<'a>(order: &Order<'a>, site: &'a Site, folder: PathBuf) -> Result<Option<Job<'a>>, Diagnostic> {
    let id = &site.id;
    let not = |problem: String| Diagnostic::error("deploy.not-built").arg("site", id).arg("problem", problem).site(id);
    let root = match std::fs::read(folder.join(manifest::ROOT)) {
        Ok(root) => root,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(not(e.to_string())),
    };
    let read = Manifest::parse(&root, |name| std::fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}")));
    let mut new = read.map_err(not)?;
    if new.site != **id {
        return Err(not(format!("of site {}", new.site)));
    }
    if !order.target.precompressed {
        new = without_variants(new);
    }
    Ok(Some(Job {
        site,
        shards: Manifest::shard_names(&root).map_err(not)?,
        hash: blake3::hash(&root).to_hex().to_string(),
        folder,
        root,
        new,
        old: None,
        old_hash: None,
        doubt: Vec::new(),
        stale: Vec::new(),
        known_shards: Vec::new(),
        record: None,
        release: None,
        again: false,
        changes: Changes::default(),
        only_sign: false,
        status: Status::Planned,
        failed: AtomicBool::new(false),
        problem: Mutex::new(None),
    }))
}

impl Job<'_> {
    /// Reads what is there and makes the change list.
    pub fn compare(&mut self, order: &Order, store: &Store, fleet: &Fleet, said: &mut Vec<Diagnostic>) -> Result<(), Trouble> {
        let id: &str = &self.site.id;
        let releases = order.target.layout == Layout::Releases;
        let standing = fleet.sites.get(id);
        self.old_hash = standing.map(|s| s.manifest.clone());
        self.doubt = fleet.open.get(id).cloned().unwrap_or_default();
        let mut doubts = Vec::new();
        let mut lost = false;
        for hash in self.old_hash.iter().chain(&self.doubt) {
            match read_manifest(store, id, hash, Some(&self.folder)) {
                Ok(read) => {
                    let manifest = if fleet.precompressed { read.manifest } else { without_variants(read.manifest) };
                    if *hash != self.hash {
                        self.stale.push(format!("{hash}.json"));
                        if standing.is_none_or(|s| s.key.is_some()) {
                            self.stale.push(format!("{hash}.json.minisig"));
                        }
                        self.stale.extend(read.shards.iter().filter(|s| !self.shards.contains(s)).cloned());
                    }
                    self.known_shards.extend(read.shards);
                    match Some(hash) == self.old_hash.as_ref() {
                        true => self.old = Some(manifest),
                        false => doubts.push(manifest),
                    }
                }
                Err(NotRead::Trouble(t)) => return Err(t),
                // A run may have broken off before its manifest was there: then nothing else of it is.
                Err(NotRead::Bad(_)) if Some(hash) != self.old_hash.as_ref() => {}
                Err(NotRead::Bad(problem)) => {
                    lost = true;
                    let d = Diagnostic::warning("deploy.manifest").arg("site", id).arg("problem", problem);
                    said.push(d.site(&self.site.id));
                }
            }
        }
        if lost {
            // Shards that are damaged stand under their right names.
            self.known_shards.clear();
        }
        self.stale.sort();
        self.stale.dedup();
        if releases {
            self.record = read_record(store, id, said)?;
            let kept = self.record.as_ref().and_then(|r| r.releases.iter().rev().find(|r| r.manifest == self.hash));
            self.again = kept.is_some();
            let next = self.record.as_ref().and_then(|r| r.releases.last()).map_or(1, |r| r.number + 1);
            self.release = Some(kept.map_or(next, |r| r.number));
            doubts.clear();
        }
        self.changes = diff(self.old.as_ref(), &doubts, &self.new);
        let unchanged = self.old_hash.as_deref() == Some(&*self.hash) && self.doubt.is_empty() && !lost;
        self.only_sign = unchanged && self.changes.is_empty();
        self.cap(order);
        Ok(())
    }

    /// A site that is half gone is more often a mistake than a wish.
    fn cap(&self, order: &Order) {
        let before = self.old.as_ref().map_or(0, |m| m.entries.len());
        let usual = (before / 10).max(crate::config::deploy::DELETES);
        let most = order.max_deletes.or(order.target.max_deletes).unwrap_or(usual);
        let count = self.changes.deletes.len();
        if count > most {
            self.fail(Diagnostic::error("deploy.deletes").arg("count", count).arg("of", before).arg("most", most));
        }
    }
}

/// What is in `.banyan/manifests` and is the hash of a root.
pub fn local_hash(folder: &Path) -> Option<String> {
    let root = std::fs::read(folder.join(manifest::ROOT)).ok()?;
    let hash = blake3::hash(&root).to_hex().to_string();
    is_hash(&hash).then_some(hash)
}
