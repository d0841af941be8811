//! A place that sites are brought to: objects by key, read, written and deleted one by one. There is no listing: what is
//! there is known from manifests.

#[cfg(feature = "cloud")]
mod bucket;
mod folder;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::diag::Diagnostic;
use crate::build::fault;
use crate::build::headers::Headers;
use crate::build::manifest::Hash;
use crate::config::{Location, Target};

pub use folder::{Folder, trouble};

/// What is written.
pub enum Body<'a> {
    Bytes(&'a [u8]),
    /// A file, which is read while it is sent.
    File(&'a Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The network, or the server; tried again already.
    Unreachable,
    /// The server knows the caller and will not, or does not know the caller.
    Denied,
    Full,
    /// Anything else, of one object.
    Object,
}

/// Why an object could not be read or written. There is no credential in it.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub kind: Kind,
    pub key: String,
    pub problem: String,
}

impl Trouble {
    pub fn diagnostic(&self) -> Diagnostic {
        let id = match self.kind {
            Kind::Unreachable => "deploy.unreachable",
            Kind::Denied => "deploy.denied",
            Kind::Full => "deploy.disk-full",
            Kind::Object => "deploy.write",
        };
        Diagnostic::error(id).arg("path", &self.key).arg("problem", &self.problem)
    }
}

/// Whether the lock was had.
pub enum Taken {
    /// With what an earlier deploy that broke off left in it.
    Mine(Option<Vec<u8>>),
    /// Another's, as it reads.
    Theirs(Vec<u8>),
}

pub trait Backend: Send + Sync {
    /// `None`: there is no such object.
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble>;
    fn write(&self, key: &str, body: Body, served: Option<&Headers>) -> Result<(), Trouble>;
    /// An object that is not there is as good as deleted.
    fn delete(&self, key: &str) -> Result<(), Trouble>;
    /// Whether an object has these bytes, where that costs less than writing it.
    fn holds(&self, _key: &str, _hash: &Hash, _size: u64) -> Option<bool> {
        None
    }
    /// Everything written so far stays, whatever happens to the machine.
    fn sync(&self) -> Result<(), Trouble> {
        Ok(())
    }
    /// Takes the lock with `mine` in it; `over` is one that may be taken over, as it was read.
    fn lock(&self, mine: &[u8], over: Option<&[u8]>) -> Result<Taken, Trouble>;
    /// What is in the lock now; empty or absent: nobody has it, and nothing was left.
    fn locked(&self) -> Result<Option<Vec<u8>>, Trouble>;
    fn relock(&self, mine: &[u8]) -> Result<(), Trouble>;
    fn unlock(&self) -> Result<(), Trouble>;
    fn folder(&self) -> Option<&Folder> {
        None
    }
}

/// Key of the lock.
pub const LOCK: &str = ".banyan/lock";

/// Requests of a run.
#[derive(Debug, Default)]
pub struct Counts {
    pub read: AtomicU64,
    pub written: AtomicU64,
    pub bytes: AtomicU64,
    pub deleted: AtomicU64,
}

/// A backend whose requests are counted.
pub struct Store {
    backend: Box<dyn Backend>,
    pub counts: Counts,
}

impl Store {
    /// `Err`: what is lacking to use the target.
    pub fn open(target: &Target) -> Result<Store, Diagnostic> {
        let backend: Box<dyn Backend> = match &target.location {
            Location::Folder(path) => Box::new(Folder::open(path).map_err(|t| t.diagnostic())?),
            #[cfg(feature = "cloud")]
            Location::Bucket { .. } => Box::new(bucket::Bucket::open(target)?),
            #[cfg(not(feature = "cloud"))]
            Location::Bucket { .. } => {
                return Err(Diagnostic::error("deploy.no-cloud").at(target.place.clone()).arg("target", &target.name));
            }
        };
        Ok(Store { backend, counts: Counts::default() })
    }

    pub fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let found = self.backend.read(key)?;
        if found.is_some() {
            self.counts.read.fetch_add(1, Ordering::Relaxed);
        }
        Ok(found)
    }

    pub fn write(&self, key: &str, body: Body, size: u64, served: Option<&Headers>) -> Result<(), Trouble> {
        point(key)?;
        self.backend.write(key, body, served)?;
        self.counts.written.fetch_add(1, Ordering::Relaxed);
        self.counts.bytes.fetch_add(size, Ordering::Relaxed);
        Ok(())
    }

    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.write(key, Body::Bytes(bytes), bytes.len() as u64, None)
    }

    pub fn delete(&self, key: &str) -> Result<(), Trouble> {
        point(key)?;
        self.backend.delete(key)?;
        self.counts.deleted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Everything but reading, writing and deleting, which are counted.
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    pub fn folder(&self) -> Option<&Folder> {
        self.backend.folder()
    }
}

/// Where tests end a run.
pub fn point(key: &str) -> Result<(), Trouble> {
    fault::point().map_err(|e| Trouble { kind: Kind::Full, key: key.to_owned(), problem: e.to_string() })
}
