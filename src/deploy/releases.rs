//! Layout `releases`: each deploy of a site numbered and kept, its contents objects that all sites share, one of them shown
//! by one atomic switch.

use std::collections::{BTreeMap, HashSet};
use std::io;

use rayon::prelude::*;

use super::diff::diff;
use super::job::{Job, NotRead, read_manifest, read_record};
use super::lock::Open;
use super::record::{FORMAT, Release, SiteRecord, manifest_key, object_key, pointer_key};
use super::run::Run;
use super::store::{Store, Trouble, point as fault};
use super::{Order, Requests, purge};
use crate::base::diag::Diagnostic;
use crate::build::manifest::{Hash, Manifest};
use crate::config::{Layout, Site};

/// The objects of a new release; in a folder also its files, which are further names of them.
pub(super) fn lay(run: &Run, job: &Job) -> Result<(), Trouble> {
    let (Some(number), id) = (job.release, &job.site.id) else { return Ok(()) };
    if !job.again {
        let brought: Result<Vec<()>, Trouble> =
            job.changes.puts.par_iter().map(|put| run.object(job, &put.path, &put.hash, put.size)).collect();
        brought?;
    }
    let Some(folder) = run.store.folder() else { return Ok(()) };
    let key = format!("releases/{id}/{number}");
    if job.again && folder.path(&key).is_dir() {
        return Ok(());
    }
    fault(&key)?;
    let making = folder.path(&format!("releases/{id}/.{number}.new"));
    let trouble = |e: io::Error| super::store::trouble(&key, e);
    clear(&making).map_err(trouble)?;
    std::fs::create_dir_all(&making).map_err(trouble)?;
    for e in &job.new.entries {
        let to = making.join(&*e.path);
        if let Some(above) = to.parent() {
            std::fs::create_dir_all(above).map_err(trouble)?;
        }
        let object = object_key(&e.hash);
        match folder.link(&object, &to) {
            Ok(()) => continue,
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(trouble(e)),
            // Another site brings it just now, or someone took it away: it is brought once more.
            Err(_) => run.send(job, &e.path, &object, (&e.hash, e.size), None)?,
        }
        folder.link(&object, &to).map_err(trouble)?;
    }
    let place = folder.path(&key);
    // One that no record names: a run broke off.
    clear(&place).map_err(trouble)?;
    std::fs::rename(&making, &place).map_err(trouble)
}

fn clear(folder: &std::path::Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Shows the new release: the record, then in a folder the link.
pub(super) fn point(run: &Run, job: &mut Job) -> Result<(), Trouble> {
    let Some(number) = job.release else { return Ok(()) };
    let id = job.site.id.to_string();
    let mut record = job.record.take().unwrap_or_else(|| SiteRecord {
        banyan: FORMAT,
        site: id.clone(),
        current: 0,
        manifest: String::new(),
        releases: Vec::new(),
        pruned: Vec::new(),
    });
    let before = record.clone();
    if record.release(number).is_none() {
        let (files, bytes) = (job.new.entries.len() as u64, job.new.bytes());
        record.releases.push(Release { number, manifest: job.hash.clone(), at: run.order.now, files, bytes });
    }
    record.current = number;
    record.manifest.clone_from(&job.hash);
    job.stale = prune(&mut record, run.order.target.keep);
    let written = if record.bytes() == before.bytes() { Ok(()) } else { run.store.put(&pointer_key(&id), &record.bytes()) };
    job.record = Some(record);
    written?;
    switch(&run.store, &id, number)
}

fn switch(store: &Store, site: &str, number: u64) -> Result<(), Trouble> {
    let Some(folder) = store.folder() else { return Ok(()) };
    let link = format!("sites/{site}");
    fault(&link)?;
    folder.switch(&link, &format!("../releases/{site}/{number}")).map_err(|e| super::store::trouble(&link, e))
}

/// Takes releases beyond those that are kept out of the record. Gives their folders.
fn prune(record: &mut SiteRecord, keep: usize) -> Vec<String> {
    let mut gone = Vec::new();
    while record.releases.len() > keep.max(1) {
        let Some(at) = record.releases.iter().position(|r| r.number != record.current) else { break };
        let old = record.releases.remove(at);
        if !record.releases.iter().any(|r| r.manifest == old.manifest) && !record.pruned.contains(&old.manifest) {
            record.pruned.push(old.manifest);
        }
        gone.push(format!("releases/{}/{}", record.site, old.number));
    }
    let kept: HashSet<&String> = record.releases.iter().map(|r| &r.manifest).collect();
    record.pruned.retain(|m| !kept.contains(m));
    gone
}

/// The folders of releases that are kept no more. Their objects go with `deploy prune`.
pub(super) fn drop_old(run: &Run, job: &Job) -> Result<(), Trouble> {
    let Some(folder) = run.store.folder() else { return Ok(()) };
    for key in &job.stale {
        if key.starts_with("releases/") {
            fault(key)?;
            clear(&folder.path(key)).map_err(|e| super::store::trouble(key, e))?;
        }
    }
    Ok(())
}

/// The releases of a site, as its target tells them.
pub fn list(order: &Order, site: &Site) -> Result<SiteRecord, Diagnostic> {
    releases_only(order)?;
    let store = Store::open(order.target)?;
    record(&store, site)
}

fn releases_only(order: &Order) -> Result<(), Diagnostic> {
    match order.target.layout {
        Layout::Releases => Ok(()),
        Layout::Plain => Err(Diagnostic::error("deploy.no-releases").at(order.target.place.clone()).arg("target", &order.target.name)),
    }
}

fn record(store: &Store, site: &Site) -> Result<SiteRecord, Diagnostic> {
    let mut said = Vec::new();
    let found = read_record(store, &site.id, &mut said).map_err(|t| t.diagnostic())?;
    let none = || said.pop().unwrap_or_else(|| Diagnostic::error("deploy.not-deployed").arg("site", &site.id));
    found.ok_or_else(none)
}

pub struct RolledBack {
    pub from: u64,
    pub to: u64,
    pub requests: Requests,
    pub diagnostics: Vec<Diagnostic>,
}

/// Shows an earlier release of a site: `number`, or the one before the one that is shown.
pub fn rollback(order: &Order, site: &Site, number: Option<u64>) -> Result<RolledBack, Diagnostic> {
    releases_only(order)?;
    let run = Run::new(order)?;
    let id = site.id.to_string();
    let before = record(&run.store, site)?;
    let wanted = |record: &SiteRecord| {
        let found = match number {
            Some(n) => record.release(n),
            None => record.releases.iter().rfind(|r| r.number < record.current),
        };
        let numbers = record.releases.iter().map(|r| r.number.to_string()).collect::<Vec<_>>().join(", ");
        found.cloned().ok_or_else(|| Diagnostic::error("deploy.no-release").arg("site", &site.id).arg("known", numbers))
    };
    let to = wanted(&before)?;
    let open: Open = BTreeMap::from([(id.clone(), vec![before.manifest.clone(), to.manifest.clone()])]);
    let (lock, _) = run.lock(&open)?;
    let done = lock.during(|| {
        let (mut fleet, _) = run.fleet()?;
        // Once more, now that nobody else writes.
        let mut record = record(&run.store, site)?;
        let to = wanted(&record)?;
        let from = record.current;
        let left = record.manifest.clone();
        if let Some(folder) = run.store.folder()
            && !folder.path(&format!("releases/{id}/{}", to.number)).is_dir()
        {
            return Err(Diagnostic::error("deploy.no-release").arg("site", &site.id).arg("known", ""));
        }
        record.current = to.number;
        record.manifest.clone_from(&to.manifest);
        run.store.put(&pointer_key(&id), &record.bytes()).map_err(|t| t.diagnostic())?;
        switch(&run.store, &id, to.number).map_err(|t| t.diagnostic())?;
        if let Some(standing) = fleet.sites.get_mut(&id) {
            // The release that is left is not brought again by itself; going forward to it lifts that.
            let forward = to.number > from;
            standing.held = if forward { standing.held.take().filter(|h| *h != to.manifest) } else { Some(left.clone()) };
            standing.manifest.clone_from(&to.manifest);
            standing.release = Some(to.number);
            // It was signed when it was deployed, maybe by an earlier key.
            standing.key = None;
        }
        fleet.open.remove(&id);
        if !run.write_fleet(&mut fleet) {
            return Err(Diagnostic::error("deploy.unreachable").arg("path", super::record::FLEET));
        }
        Ok((from, to, left))
    });
    let (from, to, left) = done?;
    lock.release().map_err(|t| t.diagnostic())?;
    let mut diagnostics = changed(&run, site, &left, &to.manifest);
    if order.purge && !order.target.purge.is_empty() {
        let folder = super::journal::folder(&order.platform.root, order.target);
        diagnostics.extend(purge::run(&folder, order.target));
    }
    Ok(RolledBack { from, to: to.number, requests: run.requests(), diagnostics })
}

/// Notes the addresses that a switch changes. That they cannot be told keeps nobody from switching.
fn changed(run: &Run, site: &Site, left: &str, to: &str) -> Vec<Diagnostic> {
    let read = |hash: &str| match read_manifest(&run.store, &site.id, hash, None) {
        Ok(read) => Ok(read.manifest),
        Err(NotRead::Trouble(t)) => Err(t.diagnostic()),
        Err(NotRead::Bad(problem)) => Err(Diagnostic::warning("deploy.manifest").arg("site", &site.id).arg("problem", problem)),
    };
    let (left, to) = match (read(left), read(to)) {
        (Ok(left), Ok(to)) => (left, to),
        (Err(d), _) | (_, Err(d)) => return vec![d],
    };
    let folder = super::journal::folder(&run.order.platform.root, run.order.target);
    let urls = purge::addresses(site, Some(&left), &to, &diff(Some(&left), &[], &to));
    purge::write(&folder, run.order.target, &[(&site.id, urls)]).err().map(|e| purge::trouble(&folder, e)).into_iter().collect()
}

#[derive(Debug, Default)]
pub struct Pruned {
    pub manifests: usize,
    /// Keys of objects that no kept release names.
    pub objects: Vec<String>,
    pub requests: Requests,
}

/// Takes away the objects that only releases name which are kept no more. Every kept manifest of every site is read.
pub fn prune_objects(order: &Order) -> Result<Pruned, Diagnostic> {
    releases_only(order)?;
    let run = Run::new(order)?;
    let (first, _) = run.fleet()?;
    if order.dry_run {
        let (records, objects, _) = unused(&run, first.sites.keys())?;
        return Ok(Pruned { manifests: records.iter().map(|r| r.pruned.len()).sum(), objects, requests: run.requests() });
    }
    let (lock, left) = run.lock(&Open::new())?;
    let done = lock.during(|| {
        let (fleet, _) = run.fleet()?;
        if !fleet.open.is_empty() || left.is_some_and(|l| !l.open.is_empty()) {
            return Err(Diagnostic::error("deploy.unfinished"));
        }
        let (records, objects, names) = unused(&run, fleet.sites.keys())?;
        let gone: Result<Vec<()>, Trouble> = run.pool()?.install(|| objects.par_iter().map(|key| run.store.delete(key)).collect());
        gone.map_err(|t| t.diagnostic())?;
        let mut manifests = 0;
        for mut record in records.into_iter().filter(|r| !r.pruned.is_empty()) {
            manifests += record.pruned.len();
            for name in names.get(&record.site).into_iter().flatten() {
                run.store.delete(&manifest_key(&record.site, name)).map_err(|t| t.diagnostic())?;
            }
            record.pruned.clear();
            run.store.put(&pointer_key(&record.site), &record.bytes()).map_err(|t| t.diagnostic())?;
        }
        Ok(Pruned { manifests, objects, requests: run.requests() })
    });
    let keep = done.as_ref().is_err_and(|d| d.id == "deploy.unfinished");
    if done.is_ok() {
        lock.release().map_err(|t| t.diagnostic())?;
    } else if keep {
        // What the lock says of the unfinished run must stay said.
        drop(lock);
    }
    done
}

type Unused = (Vec<SiteRecord>, Vec<String>, BTreeMap<String, Vec<String>>);

/// Records of all sites, objects that none of their kept releases names, and names of files of manifests that go.
fn unused<'f>(run: &Run, sites: impl Iterator<Item = &'f String>) -> Result<Unused, Diagnostic> {
    let mut records = Vec::new();
    for site in sites {
        let mut said = Vec::new();
        match read_record(&run.store, site, &mut said).map_err(|t| t.diagnostic())? {
            Some(record) => records.push(record),
            // Nothing may go while it is not known what a site shows.
            None => return Err(said.pop().unwrap_or_else(|| Diagnostic::error("deploy.not-deployed").arg("site", site))),
        }
    }
    let read = |site: &str, hash: &str| match read_manifest(&run.store, site, hash, None) {
        Ok(read) => Ok(Some(read)),
        Err(NotRead::Trouble(t)) => Err(t.diagnostic()),
        Err(NotRead::Bad(problem)) => Err(Diagnostic::error("deploy.manifest").arg("site", site).arg("problem", problem)),
    };
    let hashes = |m: &Manifest| m.entries.iter().map(|e| e.hash).collect::<Vec<Hash>>();
    let mut candidates: HashSet<Hash> = HashSet::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in &records {
        for hash in &record.pruned {
            // One that is gone already was pruned by a run that broke off.
            if let Ok(Some(read)) = read(&record.site, hash) {
                candidates.extend(hashes(&read.manifest));
                let of_site = names.entry(record.site.clone()).or_default();
                of_site.extend(read.shards);
                of_site.extend([format!("{hash}.json.minisig"), format!("{hash}.json")]);
            }
        }
    }
    if candidates.is_empty() {
        return Ok((records, Vec::new(), names));
    }
    for record in &records {
        for release in &record.releases {
            if let Some(read) = read(&record.site, &release.manifest)? {
                hashes(&read.manifest).iter().for_each(|h| _ = candidates.remove(h));
                if let Some(of_site) = names.get_mut(&record.site) {
                    of_site.retain(|name| !read.shards.contains(name));
                }
            }
        }
    }
    let mut objects: Vec<String> = candidates.iter().map(object_key).collect();
    objects.sort();
    Ok((records, objects, names))
}

/// Which site ids a record may be of.
pub fn site_of<'p>(order: &Order<'p>, id: &str) -> Result<&'p Site, Diagnostic> {
    let platform = order.platform;
    let found = platform.find_site(id).map(|s| platform.site(s));
    let known = platform.sites.iter().map(|s: &Site| -> &str { &s.id });
    found.ok_or_else(|| Diagnostic::error("cli.no-site").arg("site", id).nearest(id, known))
}
