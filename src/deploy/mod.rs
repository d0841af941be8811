//! The built fleet, brought to where it is served: what differs between the manifests here and there, and nothing else.
//!
//! A target tells in one object which manifest of each site stands; that is all that is read of a fleet with nothing to do.
//! What differs is written in an order in which every state that a reader can meet is sound: what pages name, pages, feeds,
//! then the pointer, and what is no more named last. Before anything is touched the lock names the manifests that may be
//! half there, so that the next run, from whatever machine, knows what to look after when this one breaks off.

mod diff;
mod job;
mod journal;
mod lock;
mod purge;
mod record;
pub mod releases;
mod run;
pub mod sign;
mod store;
pub mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::Serialize;

use crate::base::diag::Diagnostic;
use crate::base::id::SiteId;
use crate::build::Outcome;
use crate::config::{Layout, Platform, Target};

pub use diff::{Changes, Put, Stage, Why};
pub use record::{Release, SiteRecord};
pub use run::deploy;

/// What a deploy is asked to do.
pub struct Order<'a> {
    pub platform: &'a Platform,
    pub target: &'a Target,
    pub sites: Vec<SiteId>,
    /// A folder that `build --delta` wrote, instead of the output folder.
    pub delta: Option<PathBuf>,
    pub dry_run: bool,
    /// Files of one site that may go.
    pub max_deletes: Option<usize>,
    /// Brings what was rolled back too.
    pub again: bool,
    pub access: Access,
    /// Runs the command that purges caches.
    pub purge: bool,
    /// Seconds, for the list of releases.
    pub now: i64,
    pub watch: &'a dyn Watch,
    pub stop: &'a AtomicBool,
}

/// How the lock of a target is had.
#[derive(Clone, Copy, Debug, Default)]
pub struct Access {
    /// So long another deploy is waited for.
    pub wait: Duration,
    /// A lock in a bucket is taken over though it still counts.
    pub force: bool,
}

/// Is told how far a deploy has come.
pub trait Watch: Sync {
    /// So many files of so many are there.
    fn file(&self, _done: usize, _of: usize) {}
}

impl Watch for crate::build::Silent {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is there as it is here.
    Unchanged,
    /// What would be done.
    Planned,
    Deployed,
    Failed,
    /// It was rolled back from what is here.
    Held,
}

/// One site of a deploy.
#[derive(Debug)]
pub struct SiteDone {
    pub id: Arc<str>,
    pub status: Status,
    /// Its number, where the layout has releases.
    pub release: Option<u64>,
    pub changes: Changes,
    /// Its manifest is signed anew, its files are as they were.
    pub signed: bool,
}

/// Requests of a run.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Requests {
    pub read: u64,
    pub written: u64,
    pub bytes: u64,
    pub deleted: u64,
}

#[derive(Debug)]
pub struct Report {
    pub outcome: Outcome,
    pub target: Arc<str>,
    pub location: String,
    pub layout: Layout,
    /// In the order of their ids; those that are as they were too.
    pub sites: Vec<SiteDone>,
    pub diagnostics: Vec<Diagnostic>,
    pub requests: Requests,
    pub millis: u64,
}
