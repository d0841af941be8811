//! The memo: what a file gave when it was last read, by what it holds and by what its reading depends on. A file whose
//! content is known unopened (see [`super::scan`]) and whose entry is there is neither opened nor parsed.
//!
//! Keys are made of content, so an entry cannot be stale: a memo may be older, of another machine, or of another branch. What
//! is damaged or foreign counts as absent.

mod entry;
pub mod json;
mod owner;
mod pack;
mod print;
mod share;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

pub use owner::{Counts, OwnerRead, Readers};
pub use print::Prints;

/// Where the memo lies.
pub struct Memo {
    /// Packs, one for each owner: they may be carried elsewhere.
    packs: PathBuf,
    /// What the files of each owner were: of this machine alone.
    files: PathBuf,
    pub write: bool,
}

/// Where the packs lie, below the folder of state.
pub const PACKS: &str = "memo";

impl Memo {
    /// `folder`: where state is kept.
    pub fn new(folder: &Path, write: bool) -> Memo {
        Memo { packs: folder.join(PACKS), files: folder.join("files"), write }
    }

    /// The moment from which on a change of a file could go unseen, in nanoseconds: by the clock, and by that of the file
    /// system, which may lag behind.
    pub fn moment(&self) -> i64 {
        let nanos = |t: std::time::SystemTime| {
            t.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
        };
        let now = nanos(std::time::SystemTime::now());
        if !self.write {
            return now;
        }
        let probe = std::fs::create_dir_all(&self.files).and_then(|()| tempfile::tempfile_in(&self.files));
        let there = probe.and_then(|f| f.metadata()).and_then(|m| m.modified()).map_or(now, nanos);
        now.min(there)
    }

    /// Takes away what belongs to no owner any more.
    pub fn drop_others<'a>(&self, owners: impl Iterator<Item = &'a str>) {
        let known: HashSet<String> = owners.map(file_name).collect();
        for folder in [&self.packs, &self.files] {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if !entry.file_name().to_str().is_some_and(|n| known.contains(n)) {
                    _ = std::fs::remove_file(entry.path());
                }
            }
        }
    }
}

/// The file of an owner; a name that not every system can hold is hashed.
fn file_name(owner: &str) -> String {
    let plain = owner.len() <= 100 && owner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    if plain { owner.to_owned() } else { format!("={}", &blake3::hash(owner.as_bytes()).to_hex()[..32]) }
}
