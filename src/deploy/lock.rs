//! One deploy at a time. A folder has a lock of the system, which ends with its process; a bucket an object that its holder
//! renews, and that counts no more when it was not renewed in time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use super::record::{FORMAT, LockRecord};
use super::store::{Store, Taken, Trouble};
use crate::base::diag::Diagnostic;

/// Seconds that a lock counts after it was written.
const LEASE: i64 = 600;
/// How often it is written again.
const RENEWED: Duration = Duration::from_secs(120);

/// Manifests that may be half there, by site.
pub type Open = BTreeMap<String, Vec<String>>;

pub struct Lock<'s> {
    store: &'s Store,
    record: Mutex<LockRecord>,
    lost: AtomicBool,
}

pub enum Had<'s> {
    /// With what a run that broke off left: its id, and what it left half-made.
    Mine(Lock<'s>, Option<LockRecord>),
    Locked(Diagnostic),
}

/// The name of a run. It tells one run from another, and goes into no file that is served.
pub fn run_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Takes the lock, waits for it so long, or says who has it.
pub fn take<'s>(store: &'s Store, run: &str, open: &Open, wait: Duration, force: bool, stop: &AtomicBool) -> Result<Had<'s>, Trouble> {
    let start = Instant::now();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let mut over: Option<Vec<u8>> = None;
    loop {
        let at = now();
        let mut record = LockRecord {
            banyan: FORMAT,
            run: run.to_owned(),
            host: host.clone(),
            process: std::process::id(),
            since: at,
            until: at + LEASE,
            open: open.clone(),
        };
        // What an earlier run left half-made stays named until this one is through.
        if let Some(left) = over.as_deref().and_then(LockRecord::read) {
            merge(&mut record.open, &left.open);
        }
        match store.backend().lock(&record.bytes(), over.as_deref())? {
            Taken::Mine(left) => {
                let left = left.as_deref().and_then(LockRecord::read);
                let lock = Lock { store, record: Mutex::new(record), lost: AtomicBool::new(false) };
                if let Some(left) = &left {
                    lock.note(&left.open)?;
                }
                return Ok(Had::Mine(lock, left));
            }
            Taken::Theirs(bytes) => {
                let theirs = LockRecord::read(&bytes);
                let dead = theirs.as_ref().is_none_or(|t| t.until < at || is_gone(t, &host));
                if (dead || force) && store.folder().is_none() && over.as_deref() != Some(&*bytes) {
                    over = Some(bytes);
                    continue;
                }
                if start.elapsed() >= wait || stop.load(Ordering::Relaxed) {
                    let (who, since) = theirs.map_or(("?".to_owned(), at), |t| (format!("{} ({})", t.host, t.process), t.since));
                    return Ok(Had::Locked(Diagnostic::error("deploy.locked").arg("who", who).arg("seconds", at - since)));
                }
                over = None;
                std::thread::sleep(Duration::from_millis(500));
            }
        }
    }
}

/// Its process was on this machine, and is no more.
fn is_gone(lock: &LockRecord, host: &str) -> bool {
    lock.host == host && std::path::Path::new("/proc/self").exists() && !std::path::Path::new(&format!("/proc/{}", lock.process)).exists()
}

pub fn merge(open: &mut Open, more: &Open) {
    for (site, manifests) in more {
        let all = open.entry(site.clone()).or_default();
        for m in manifests {
            if !all.contains(m) {
                all.push(m.clone());
            }
        }
    }
}

impl Lock<'_> {
    /// Says which manifests may be half there from now on.
    pub fn note(&self, open: &Open) -> Result<(), Trouble> {
        let Ok(mut record) = self.record.lock() else { return Ok(()) };
        let before = record.open.clone();
        merge(&mut record.open, open);
        if record.open == before {
            return Ok(());
        }
        self.store.backend().relock(&record.bytes())
    }

    pub fn open(&self) -> Open {
        self.record.lock().map(|r| r.open.clone()).unwrap_or_default()
    }

    /// Runs `work` and renews the lock meanwhile.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let (done, wait) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while wait.recv_timeout(RENEWED) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.renew();
                }
            });
            let result = work();
            drop(done);
            result
        })
    }

    fn renew(&self) {
        let Ok(mut record) = self.record.lock() else { return };
        if self.store.folder().is_some() || !self.is_mine(&record.run) {
            return;
        }
        record.until = now() + LEASE;
        _ = self.store.backend().relock(&record.bytes());
    }

    fn is_mine(&self, run: &str) -> bool {
        let mine = match self.store.backend().locked() {
            Ok(now) => now.as_deref().and_then(LockRecord::read).is_some_and(|r| r.run == run),
            // Nothing was said against it.
            Err(_) => true,
        };
        if !mine {
            self.lost.store(true, Ordering::Relaxed);
        }
        mine
    }

    /// Asked before anything is switched: another may have taken it over from a run that stood still too long.
    pub fn is_held(&self) -> bool {
        if self.store.folder().is_some() {
            return true;
        }
        let run = self.record.lock().map(|r| r.run.clone()).unwrap_or_default();
        !self.lost.load(Ordering::Relaxed) && self.is_mine(&run)
    }

    pub fn release(self) -> Result<(), Trouble> {
        if self.lost.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.store.backend().unlock()
    }
}
