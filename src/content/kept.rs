//! What a process that reads the same content again and again keeps from one reading to the next (the preview): what each
//! file gave, as long as its stamp and all that its reading depends on are the same.
//!
//! Stamps are believed under the rule of the scan: a file that had not been left alone for a while when it was read is read
//! once more, unless someone watches who tells of each change. Nothing here outlives the process, so nothing of it can be of another machine or program.

use std::collections::HashMap;
use std::sync::Arc;

use super::metadata::Metadata;
use super::read::{FromFile, Kind};
use super::repository::{Repository, SourceFile};
use crate::base::fingerprint::Fingerprint;
use crate::base::walk::Stamp;

#[derive(Default)]
pub struct Kept {
    /// What is said of the files of mounts, beside their bytes.
    pub(super) mounts: Vec<Fingerprint>,
    pub(super) metadata: Vec<Metadata>,
    pub(super) owners: HashMap<Arc<str>, KeptOwner>,
}

/// The files of one owner, in order, and what each gave.
pub struct KeptOwner {
    /// Print of all that the reading of the owner's files depends on besides what they hold.
    pub context: Fingerprint,
    files: Vec<KeptFile>,
}

struct KeptFile {
    path: Arc<str>,
    stamp: Stamp,
    /// It had been left alone for a while when it was read.
    settled: bool,
    kind: Kind,
    at: u32,
    from: Arc<FromFile>,
}

impl KeptOwner {
    /// `first`: the place of the first file in the repository; `doubted`: by file, that it stands from a reading in which it
    /// could have changed unseen.
    pub fn new(
        repository: &Repository,
        context: Fingerprint,
        first: usize,
        files: &[SourceFile],
        from: &[Arc<FromFile>],
        doubted: &[bool],
    ) -> KeptOwner {
        let one = |(at, (file, from)): (usize, (&SourceFile, &Arc<FromFile>))| KeptFile {
            path: file.path.clone(),
            stamp: file.stamp,
            settled: file.stamp.settled(repository.moment) && !doubted.get(at).copied().unwrap_or(false),
            kind: Kind::of(repository, file),
            at: (first + at) as u32,
            from: from.clone(),
        };
        KeptOwner { context, files: files.iter().zip(from).enumerate().map(one).collect() }
    }

    /// What each of `files` gave, where it still stands, and whether it was settled when it was read; both lists are in the order
    /// of paths.
    pub fn standing(&self, repository: &Repository, first: usize, files: &[SourceFile]) -> Vec<Option<(Arc<FromFile>, bool)>> {
        let mut old = self.files.iter().peekable();
        let one = |(at, file): (usize, &SourceFile)| {
            while old.next_if(|k| k.path < file.path).is_some() {}
            let known = old.next_if(|k| k.path == file.path)?;
            let believed = repository.is_untold(&file.path).unwrap_or(known.settled);
            if !believed || known.stamp != file.stamp || known.kind != Kind::of(repository, file) {
                return None;
            }
            let at = (first + at) as u32;
            if known.at == at {
                return Some((known.from.clone(), known.settled));
            }
            // Files came or went in front of it.
            let mut moved = (*known.from).clone();
            moved.stand_at(at);
            Some((moved.into(), known.settled))
        };
        files.iter().enumerate().map(one).collect()
    }
}
