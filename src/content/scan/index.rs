//! Git's index: which blob each file was when git last looked, and the stamp it had then.
//!
//! It is read as the file it is. The `git` command would run what the repository's configuration says (a monitor of the file
//! system, filters), refuse a checkout of another user, and be moved by its environment; and it does not tell the times,
//! without which its answers cannot be held to our own rule.

use std::path::Path;

use super::digest::{Algorithm, BlobId};
use crate::base::walk::Stamp;

/// Entries of regular files, in the order of their paths.
pub struct Index {
    paths: Vec<u8>,
    entries: Vec<Entry>,
    /// When the index was written, in nanoseconds.
    pub written: i64,
}

struct Entry {
    path: std::ops::Range<usize>,
    id: BlobId,
    changed: (u32, u32),
    modified: (u32, u32),
    inode: u32,
    length: u32,
}

const ASSUMED: u16 = 0x8000;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const SKIPPED: u16 = 0x4000;
const INTENDED: u16 = 0x2000;

impl Index {
    /// `None`: there is none, or it is of a kind that is not understood.
    pub fn read(path: &Path, algorithm: Algorithm) -> Option<Index> {
        let stamp = Stamp::of(&std::fs::metadata(path).ok()?);
        // Its time of modification may have been set to the future.
        let written = stamp.modified.min(stamp.changed);
        let bytes = std::fs::read(path).ok()?;
        parse(&bytes, algorithm, written)
    }

    fn path(&self, e: &Entry) -> &[u8] {
        &self.paths[e.path.clone()]
    }

    /// The blob that the file at this path is, when its stamp is the one that git saw; by the rule of [`Stamp::settled`].
    pub fn blob(&self, path: &[u8], stamp: &Stamp) -> Option<BlobId> {
        let at = self.entries.binary_search_by(|e| self.path(e).cmp(path)).ok()?;
        let entry = &self.entries[at];
        let split = |nanos: i64| (nanos.div_euclid(1_000_000_000) as u32, nanos.rem_euclid(1_000_000_000) as u32);
        let same = entry.changed == split(stamp.changed)
            && entry.modified == split(stamp.modified)
            && entry.inode == stamp.inode as u32
            && entry.length == stamp.length as u32;
        (same && stamp.settled(self.written)).then_some(entry.id)
    }

    /// Paths that end with this.
    pub fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.entries.iter().map(|e| self.path(e)).filter(move |p| p.ends_with(end.as_bytes()))
    }
}

fn parse(bytes: &[u8], algorithm: Algorithm, written: i64) -> Option<Index> {
    let (mark, rest) = bytes.split_first_chunk::<4>()?;
    let (version, rest) = number(rest)?;
    let (count, mut rest) = number(rest)?;
    if mark != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let least = 40 + algorithm.bytes() + 3;
    let room = (count as usize).min(bytes.len() / least);
    let mut index = Index { paths: Vec::new(), entries: Vec::with_capacity(room), written };
    let mut before = 0..0;
    for _ in 0..count {
        let start = rest.len();
        let mut numbers = [0u32; 10];
        for n in &mut numbers {
            (*n, rest) = number(rest)?;
        }
        let (id, after) = rest.split_at_checked(algorithm.bytes())?;
        let (flags, after) = short(after)?;
        let (more, after) = if flags & EXTENDED != 0 { short(after)? } else { (0, after) };
        rest = after;
        let shared = if version == 4 {
            let cut;
            (cut, rest) = varint(rest)?;
            before.len().checked_sub(cut)?
        } else {
            0
        };
        let end = memchr::memchr(0, rest)?;
        let at = index.paths.len();
        index.paths.extend_from_within(before.start..before.start + shared);
        index.paths.extend_from_slice(&rest[..end]);
        before = at..index.paths.len();
        rest = &rest[end + 1..];
        if version < 4 {
            let length = start - rest.len();
            rest = rest.get(length.next_multiple_of(8) - length..)?;
        }
        let [changed, changed_nanos, modified, modified_nanos, _, inode, mode, _, _, length] = numbers;
        // Links, submodules, folders of a sparse index, and what is in conflict or only announced.
        let plain = mode & 0o170_000 == 0o100_000 && flags & (ASSUMED | STAGE) == 0 && more & (SKIPPED | INTENDED) == 0;
        if plain {
            index.entries.push(Entry {
                path: before.clone(),
                id: BlobId::new(id),
                changed: (changed, changed_nanos),
                modified: (modified, modified_nanos),
                inode,
                length,
            });
        }
    }
    // Half of the entries of a split index are in another file.
    while rest.len() > algorithm.bytes() {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = number(after)?;
        if name == b"link" {
            return None;
        }
        rest = after.get(length as usize..)?;
    }
    index.entries.is_sorted_by(|a, b| index.path(a) < index.path(b)).then_some(index)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*head), rest))
}

fn short(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*head), rest))
}

/// The number of git's packs: seven bits a byte, the highest first, one added for each byte more.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0usize;
    for (at, byte) in bytes.iter().enumerate().take(8) {
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
        value += 1;
    }
    None
}
