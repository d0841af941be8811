//! A deploy: planned from what is known, then files, pointers, the record of the fleet, and last what goes.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use super::job::{self, Job};
use super::journal::{self, Journal};
use super::lock::{self, Had, Lock, Open};
use super::record::{FLEET, Fleet, Standing, Unusable, manifest_key, object_key, root_key, signature_key};
use super::sign::Signer;
use super::store::{Body, Kind, Store, Trouble};
use super::{Order, Report, Requests, SiteDone, Status, purge, releases};
use crate::base::diag::{Diagnostic, sort};
use crate::build::manifest::{Hash, Manifest, is_shard};
use crate::build::write::hash_file;
use crate::build::{Outcome, State};
use crate::config::{Layout, Location, Platform, Target};

/// Files up to this size are read at once.
const WHOLE: u64 = 8 << 20;

/// Sites after which a target that answers none of them is left alone.
const UNREACHABLE: usize = 3;

pub(super) struct Run<'a> {
    pub order: &'a Order<'a>,
    pub store: Store,
    signer: Option<Signer>,
    id: String,
    said: Mutex<Vec<Diagnostic>>,
    /// Sites in a row that the target did not answer.
    silent: AtomicUsize,
    /// Objects that are there, or are being brought.
    objects: Mutex<HashSet<Hash>>,
    /// Objects that could not be brought.
    lost: Mutex<HashSet<Hash>>,
    /// An earlier run broke off: what is there is looked at.
    resumed: AtomicBool,
    journal: Mutex<Option<Journal>>,
    files: (AtomicUsize, AtomicUsize),
}

/// Folders from which files are published or copied.
pub fn published(platform: &Platform, target: Option<&Target>) -> Vec<PathBuf> {
    let mut folders = vec![platform.root.clone(), platform.output.clone()];
    if let Some(Location::Folder(path)) = target.map(|t| &t.location) {
        folders.push(path.clone());
    }
    folders
}

/// Deploys. What concerns single sites is in the report; `Err`: nothing could be done.
pub fn deploy(order: &Order) -> Result<Report, Diagnostic> {
    let run = Run::new(order)?;
    run.pool()?.install(|| run.all())
}

impl<'a> Run<'a> {
    pub fn new(order: &'a Order<'a>) -> Result<Run<'a>, Diagnostic> {
        let mut folders = published(order.platform, Some(order.target));
        folders.extend(order.delta.clone());
        let signer = Signer::find(&order.platform.deploy, &folders)?;
        if order.platform.deploy.signed && signer.is_none() {
            return Err(Diagnostic::error("deploy.unsigned"));
        }
        Ok(Run {
            order,
            store: Store::open(order.target)?,
            signer,
            id: lock::run_id(),
            said: Mutex::default(),
            silent: AtomicUsize::new(0),
            objects: Mutex::default(),
            lost: Mutex::default(),
            resumed: AtomicBool::new(false),
            journal: Mutex::new(None),
            files: Default::default(),
        })
    }

    pub fn pool(&self) -> Result<rayon::ThreadPool, Diagnostic> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.order.target.connections).build();
        pool.map_err(|e| Diagnostic::error("cli.usage").arg("problem", e))
    }

    pub fn say(&self, d: Diagnostic) {
        if let Ok(mut said) = self.said.lock() {
            said.push(d);
        }
    }

    /// The record of the fleet, as bytes too: whether another run came in between.
    pub fn fleet(&self) -> Result<(Fleet, Option<Vec<u8>>), Diagnostic> {
        let target = self.order.target;
        let bytes = self.store.read(FLEET).map_err(|t| t.diagnostic())?;
        let empty = || Fleet::new(target.layout, target.precompressed);
        let Some(bytes) = bytes else { return Ok((empty(), None)) };
        let fleet = match Fleet::read(&bytes) {
            Ok(fleet) => fleet,
            Err(Unusable::Foreign(problem)) => {
                return Err(Diagnostic::error("deploy.foreign").arg("path", FLEET).arg("problem", problem));
            }
            Err(Unusable::Damaged(problem)) => {
                self.say(Diagnostic::warning("deploy.fleet").arg("path", FLEET).arg("problem", problem));
                empty()
            }
        };
        if fleet.layout != target.layout {
            let name = |l: Layout| if l == Layout::Plain { "plain" } else { "releases" };
            let d = Diagnostic::error("deploy.layout").at(target.place.clone()).arg("target", &target.name);
            return Err(d.arg("there", name(fleet.layout)).arg("here", name(target.layout)));
        }
        Ok((fleet, Some(bytes)))
    }

    /// Takes the lock, or says who has it. With what an earlier run left.
    pub fn lock(&self, open: &Open) -> Result<(Lock<'_>, Option<super::record::LockRecord>), Diagnostic> {
        let access = self.order.access;
        match lock::take(&self.store, &self.id, open, access.wait, access.force, self.order.stop).map_err(|t| t.diagnostic())? {
            Had::Mine(lock, left) => {
                if let Some(left) = &left {
                    self.say(Diagnostic::note("deploy.resumed").arg("who", &left.host).arg("count", left.open.len()));
                }
                Ok((lock, left))
            }
            Had::Locked(d) => Err(d),
        }
    }

    fn all(&self) -> Result<Report, Diagnostic> {
        let start = Instant::now();
        let (mut fleet, bytes) = self.fleet()?;
        let left = self.store.backend().locked().map_err(|t| t.diagnostic())?;
        let left = left.as_deref().and_then(super::record::LockRecord::read);
        if let Some(left) = &left {
            lock::merge(&mut fleet.open, &left.open);
        }
        let (mut jobs, mut done) = self.plan(&fleet)?;
        if !self.order.dry_run && jobs.iter().any(|j| !j.has_failed()) {
            let (lock, left) = self.lock(&open_of(&jobs))?;
            let (now, seen) = self.fleet()?;
            if seen != bytes || left.as_ref().is_some_and(|l| l.open.keys().any(|s| !fleet.open.contains_key(s))) {
                // Another run came in between: what it left is what counts.
                fleet = now;
                if let Some(left) = &left {
                    lock::merge(&mut fleet.open, &left.open);
                }
                (jobs, done) = self.plan(&fleet)?;
                lock.note(&open_of(&jobs)).map_err(|t| t.diagnostic())?;
            }
            let last = left.as_ref().map(|l| l.run.clone()).or_else(|| (!fleet.open.is_empty()).then(|| fleet.run.clone()));
            self.resumed.store(last.is_some(), Ordering::Relaxed);
            if self.store.folder().is_none() {
                let folder = journal::folder(&self.order.platform.root, self.order.target);
                let journal = Journal::open(&folder, last.as_deref(), &self.id);
                let journal = journal.map_err(|e| Diagnostic::error("deploy.write").arg("path", folder.display()).arg("problem", e))?;
                *self.journal.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(journal);
            }
            // Another run may have done all of it meanwhile.
            let rest = jobs.iter().any(|j| !j.has_failed());
            let finished = !rest || lock.during(|| self.bring(&mut jobs, &mut fleet, &lock));
            if finished {
                if let Some(journal) = self.journal.lock().ok().and_then(|mut j| j.take()).filter(|_| fleet.open.is_empty()) {
                    journal.close();
                }
                lock.release().map_err(|t| t.diagnostic())?;
            }
        }
        let purged = !self.order.dry_run && self.order.purge;
        let folder = journal::folder(&self.order.platform.root, self.order.target);
        if !self.order.dry_run {
            purge::note(&folder, self.order.target, &jobs).unwrap_or_else(|e| self.say(purge::trouble(&folder, e)));
        }
        if purged && !self.order.target.purge.is_empty() {
            purge::run(&folder, self.order.target).into_iter().for_each(|d| self.say(d));
        }
        done.extend(jobs.into_iter().map(|job| {
            let status = if job.has_failed() { Status::Failed } else { job.status };
            job.problem().into_iter().for_each(|d| self.say(d));
            SiteDone { id: job.site.id.clone(), status, release: job.release, signed: job.only_sign, changes: job.changes }
        }));
        Ok(self.report(done, start))
    }

    fn report(&self, mut sites: Vec<SiteDone>, start: Instant) -> Report {
        sites.sort_by(|a, b| a.id.cmp(&b.id));
        let mut diagnostics = self.said.lock().map(|mut said| std::mem::take(&mut *said)).unwrap_or_default();
        sort(&mut diagnostics);
        let good = sites.iter().any(|s| s.status != Status::Failed);
        let outcome = match (diagnostics.iter().any(Diagnostic::is_error), good) {
            (false, _) => Outcome::Good,
            (true, true) => Outcome::Partial,
            (true, false) => Outcome::Failed,
        };
        Report {
            outcome,
            target: self.order.target.name.clone(),
            location: self.order.target.location.display(),
            layout: self.order.target.layout,
            sites,
            diagnostics,
            requests: self.requests(),
            millis: start.elapsed().as_millis() as u64,
        }
    }

    pub fn requests(&self) -> Requests {
        let n = |c: &std::sync::atomic::AtomicU64| c.load(Ordering::Relaxed);
        let c = &self.store.counts;
        Requests { read: n(&c.read), written: n(&c.written), bytes: n(&c.bytes), deleted: n(&c.deleted) }
    }

    /// The sites with something to do, compared; and those without.
    fn plan(&self, fleet: &Fleet) -> Result<(Vec<Job<'a>>, Vec<SiteDone>), Diagnostic> {
        let order = self.order;
        let platform = order.platform;
        let state = State::look(&platform.root, &platform.output, &platform.output);
        let mut jobs = Vec::new();
        let mut done = Vec::new();
        for id in &order.sites {
            let site = platform.site(*id);
            let folder = state.manifest_folder(&site.id);
            let rest =
                |status: Status, release| SiteDone { id: site.id.clone(), status, release, changes: Default::default(), signed: false };
            let Some(hash) = job::local_hash(&folder) else {
                let d = Diagnostic::error("deploy.not-built").arg("site", &site.id).arg("problem", "no manifest");
                self.say(d.site(&site.id));
                done.push(rest(Status::Failed, None));
                continue;
            };
            let standing = fleet.sites.get(&*site.id);
            if let Some(s) = standing {
                if s.held.as_ref() == Some(&hash) && !order.again {
                    self.say(Diagnostic::warning("deploy.held").arg("site", &site.id).site(&site.id));
                    done.push(rest(Status::Held, s.release));
                    continue;
                }
                let signed = self.signer.as_ref().is_none_or(|key| s.key == Some(key.id()));
                let same = s.manifest == hash && signed && fleet.precompressed == order.target.precompressed;
                if same && !fleet.open.contains_key(&*site.id) {
                    done.push(rest(Status::Unchanged, s.release));
                    continue;
                }
            }
            match job::local(order, site, folder) {
                Ok(Some(job)) => jobs.push(job),
                Ok(None) => {}
                Err(d) => {
                    self.say(d);
                    done.push(rest(Status::Failed, None));
                }
            }
        }
        for id in fleet.sites.keys().filter(|id| platform.find_site(id).is_none()) {
            self.say(Diagnostic::note("deploy.unknown-site").arg("site", id));
        }
        let compared: Result<Vec<()>, Trouble> = jobs
            .par_iter_mut()
            .map(|job| {
                let mut said = Vec::new();
                let compared = job.compare(order, &self.store, fleet, &mut said);
                said.into_iter().for_each(|d| self.say(d));
                compared
            })
            .collect();
        compared.map_err(|t| t.diagnostic())?;
        Ok((jobs, done))
    }

    /// All that is written. `false`: the target does not know how it ended, and the lock must go on saying so.
    fn bring(&self, jobs: &mut [Job], fleet: &mut Fleet, lock: &Lock) -> bool {
        let releases = self.order.target.layout == Layout::Releases;
        if releases && jobs.iter().any(|j| !j.again && !j.has_failed()) {
            self.known(jobs, fleet);
        }
        let total = jobs.iter().filter(|j| !j.has_failed()).map(|j| j.changes.puts.len()).sum();
        self.files.1.store(total, Ordering::Relaxed);
        jobs.par_iter().filter(|j| !j.has_failed()).for_each(|job| {
            if self.silent.load(Ordering::Relaxed) >= UNREACHABLE {
                return job.fail(Diagnostic::error("deploy.given-up"));
            }
            match self.files(job) {
                Ok(()) => self.silent.store(0, Ordering::Relaxed),
                Err(t) => self.failed(job, t),
            }
        });
        if let Ok(lost) = self.lost.lock()
            && !lost.is_empty()
        {
            // Objects that another site was to bring.
            let waits = |job: &Job| job.new.entries.iter().any(|e| lost.contains(&e.hash));
            jobs.iter().filter(|j| !j.has_failed() && waits(j)).for_each(|j| j.fail(Diagnostic::error("deploy.given-up")));
        }
        if let Err(t) = self.store.backend().sync() {
            jobs.iter().for_each(|j| j.fail(t.diagnostic()));
        }
        if jobs.iter().all(Job::has_failed) {
            return self.note_failed(jobs, fleet, lock);
        }
        if !lock.is_held() {
            jobs.iter().for_each(|j| j.fail(Diagnostic::error("deploy.lock-lost")));
            return false;
        }
        if releases {
            jobs.par_iter_mut().filter(|j| !j.has_failed() && !j.only_sign).for_each(|job| {
                if let Err(t) = releases::point(self, job) {
                    self.failed(job, t);
                }
            });
        }
        for job in jobs.iter_mut().filter(|j| !j.has_failed()) {
            job.status = Status::Deployed;
            let key = self.signer.as_ref().map(Signer::id);
            let standing = Standing { manifest: job.hash.clone(), release: job.release, key, held: None };
            fleet.sites.insert(job.site.id.to_string(), standing);
        }
        fleet.precompressed = self.order.target.precompressed;
        if !self.note_failed(jobs, fleet, lock) {
            return false;
        }
        let late: Vec<&Job> = jobs.par_iter().filter(|j| !j.has_failed()).filter(|j| !self.take_away(j)).collect();
        if late.is_empty() {
            return true;
        }
        let open = lock.open();
        for job in late {
            let id = job.site.id.to_string();
            fleet.open.insert(id.clone(), open.get(&id).cloned().unwrap_or_default());
        }
        self.write_fleet(fleet)
    }

    /// Writes the record of the fleet; sites that failed are named in it with what may be half there.
    fn note_failed(&self, jobs: &[Job], fleet: &mut Fleet, lock: &Lock) -> bool {
        let open = lock.open();
        for job in jobs {
            let id = job.site.id.to_string();
            let before = fleet.open.remove(&id).unwrap_or_default();
            if job.has_failed() {
                let mut all = Open::from([(id.clone(), before)]);
                lock::merge(&mut all, &open.iter().filter(|(site, _)| **site == id).map(|(s, m)| (s.clone(), m.clone())).collect());
                // One that failed before anything of it was touched is as it was.
                fleet.open.extend(all.into_iter().filter(|(_, manifests)| !manifests.is_empty()));
            }
        }
        self.write_fleet(fleet)
    }

    pub fn write_fleet(&self, fleet: &mut Fleet) -> bool {
        fleet.run.clone_from(&self.id);
        let written = self.store.put(FLEET, &fleet.bytes());
        written.map_err(|t| self.say(t.diagnostic())).is_ok()
    }

    fn failed(&self, job: &Job, t: Trouble) {
        if t.kind == Kind::Unreachable {
            self.silent.fetch_add(1, Ordering::Relaxed);
        }
        job.fail(t.diagnostic());
    }

    /// Objects that are there for certain: those of the manifests that stand.
    fn known(&self, jobs: &[Job], fleet: &Fleet) {
        let platform = self.order.platform;
        let state = State::look(&platform.root, &platform.output, &platform.output);
        let working: HashSet<&str> = jobs.iter().map(|j| &*j.site.id).collect();
        let others: Vec<Manifest> = fleet
            .sites
            .par_iter()
            .filter(|(id, _)| !working.contains(id.as_str()) && !fleet.open.contains_key(*id))
            .filter_map(|(id, standing)| {
                let folder = state.manifest_folder(id);
                let same = job::local_hash(&folder).is_some_and(|h| h == standing.manifest);
                Manifest::read(&folder).ok().flatten().filter(|_| same)
            })
            .collect();
        let Ok(mut objects) = self.objects.lock() else { return };
        for manifest in others.into_iter().chain(jobs.iter().filter_map(|j| j.old.clone())) {
            let manifest = if fleet.precompressed { manifest } else { super::diff::without_variants(manifest) };
            objects.extend(manifest.entries.iter().map(|e| e.hash));
        }
    }

    /// Everything of a site that nobody sees yet; with layout `plain`, its files.
    fn files(&self, job: &Job) -> Result<(), Trouble> {
        let id: &str = &job.site.id;
        if !job.only_sign {
            for name in job.shards.iter().filter(|s| !job.known_shards.contains(s)) {
                let bytes = std::fs::read(job.folder.join(name)).unwrap_or_default();
                if !is_shard(name, &bytes) {
                    return Err(Trouble { kind: Kind::Object, key: name.clone(), problem: "built anew meanwhile".to_owned() });
                }
                self.store.put(&manifest_key(id, name), &bytes)?;
            }
            self.store.put(&root_key(id, &job.hash), &job.root)?;
        }
        if let Some(signer) = &self.signer {
            let key = signature_key(id, &job.hash);
            let bytes = signer.sign(id, &job.root).map_err(|problem| Trouble { kind: Kind::Object, key: key.clone(), problem })?;
            self.store.put(&key, &bytes)?;
        }
        if job.only_sign {
            return Ok(());
        }
        match self.order.target.layout {
            Layout::Plain => self.plain(job),
            Layout::Releases => releases::lay(self, job),
        }
    }

    fn plain(&self, job: &Job) -> Result<(), Trouble> {
        for stage in job.changes.puts.chunk_by(|a, b| a.stage == b.stage) {
            let brought: Result<Vec<()>, Trouble> = stage
                .par_iter()
                .map(|put| {
                    let key = format!("{}/{}", job.site.id, put.path);
                    self.send(job, &put.path, &key, (&put.hash, put.size), Some(put.headers))
                })
                .collect();
            brought?;
        }
        Ok(())
    }

    /// Brings an object of a site, once over all sites.
    pub fn object(&self, job: &Job, path: &str, hash: &Hash, size: u64) -> Result<(), Trouble> {
        let fresh = self.objects.lock().is_ok_and(|mut objects| objects.insert(*hash));
        if !fresh {
            self.count();
            return Ok(());
        }
        self.send(job, path, &object_key(hash), (hash, size), None).inspect_err(|_| {
            if let Ok(mut lost) = self.lost.lock() {
                lost.insert(*hash);
            }
        })
    }

    fn count(&self) {
        let done = self.files.0.fetch_add(1, Ordering::Relaxed) + 1;
        self.order.watch.file(done, self.files.1.load(Ordering::Relaxed));
    }

    /// Where a file of a site lies here.
    fn source(&self, job: &Job, path: &str) -> PathBuf {
        let built = self.order.platform.output.join(&*job.site.id).join(path);
        let delta = self.order.delta.as_ref().map(|d| d.join("files").join(&*job.site.id).join(path));
        delta.filter(|d| d.is_file()).unwrap_or(built)
    }

    /// Writes a file under a key, unless an earlier run did. What lies here must be what the manifest says.
    pub fn send(&self, job: &Job, path: &str, key: &str, (hash, size): (&Hash, u64), headers: Option<u16>) -> Result<(), Trouble> {
        let local = |problem: String| Trouble { kind: Kind::Object, key: path.to_owned(), problem };
        if job.has_failed() {
            return Err(local(String::new()));
        }
        if self.order.stop.load(Ordering::Relaxed) {
            job.fail(Diagnostic::error("deploy.interrupted"));
            return Err(local(String::new()));
        }
        let served = headers.map(|h| &job.new.headers[h as usize]);
        let print = journal::print(hash, served);
        let resumed = self.resumed.load(Ordering::Relaxed);
        let guard = self.journal.lock().ok();
        let journaled = guard.as_ref().and_then(|j| j.as_ref()).is_some_and(|j| j.has(key, &print));
        drop(guard);
        if resumed && (journaled || self.store.backend().holds(key, hash, size) == Some(true)) {
            self.count();
            return Ok(());
        }
        let note = |begin: bool| -> Result<(), Trouble> {
            let Some(guard) = self.journal.lock().ok() else { return Ok(()) };
            let Some(journal) = guard.as_ref() else { return Ok(()) };
            let noted = if begin { journal.begin(key) } else { journal.end(key, &print) };
            noted.map_err(|e| local(e.to_string()))
        };
        let file = self.source(job, path);
        let not = |_| {
            job.fail(Diagnostic::error("deploy.source").arg("path", file.display()));
            local(String::new())
        };
        if size <= WHOLE {
            let bytes = std::fs::read(&file).map_err(not)?;
            if blake3::hash(&bytes).as_bytes() != hash {
                return Err(not(std::io::ErrorKind::InvalidData.into()));
            }
            note(true)?;
            self.store.write(key, Body::Bytes(&bytes), size, served)?;
        } else {
            if hash_file(&file).map_err(not)? != (*hash, size) {
                return Err(not(std::io::ErrorKind::InvalidData.into()));
            }
            note(true)?;
            self.store.write(key, Body::File(&file), size, served)?;
        }
        note(false)?;
        self.count();
        Ok(())
    }

    /// What goes, after everything that stands is in place. `false`: not all of it went.
    fn take_away(&self, job: &Job) -> bool {
        let id = &job.site.id;
        let mut keys: Vec<String> = Vec::new();
        if self.order.target.layout == Layout::Plain {
            keys.extend(job.changes.deletes.iter().map(|path| format!("{id}/{path}")));
        }
        let gone: Result<Vec<()>, Trouble> = keys.par_iter().map(|key| self.store.delete(key)).collect();
        let gone = gone.and_then(|_| match self.order.target.layout {
            // The manifests last: they say what is still to go.
            Layout::Plain => job.stale.iter().try_for_each(|name| self.store.delete(&manifest_key(id, name))),
            Layout::Releases => releases::drop_old(self, job),
        });
        match gone {
            Ok(()) => true,
            Err(t) => {
                let mut d = t.diagnostic();
                d.severity = crate::base::diag::Severity::Warning;
                self.say(d.site(id));
                false
            }
        }
    }
}

/// Manifests of which files may be there while a run works: what stands, what was begun, what is brought.
fn open_of(jobs: &[Job]) -> Open {
    let open = jobs.iter().filter(|j| !j.has_failed() && !j.only_sign).map(|j| {
        let mut all: Vec<String> = j.old_hash.iter().chain(&j.doubt).chain([&j.hash]).cloned().collect();
        let mut seen = BTreeMap::new();
        all.retain(|h| seen.insert(h.clone(), ()).is_none());
        (j.site.id.to_string(), all)
    });
    open.collect()
}
