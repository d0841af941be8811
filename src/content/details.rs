//! What only pages, lists and messages show of an item. A library is millions of items: what places them stays in memory,
//! this is read from the memo when someone asks.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::data::Data;
use crate::base::walk::Stamp;

/// The words of an item, and what is not needed to place it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Details {
    pub title: Arc<str>,
    pub summary: Arc<str>,
    /// The fields that the schema marks for cards and lists.
    pub listed: Data,
    /// Schema fields of the page, and `params`.
    pub data: Data,
    /// With the line that names it.
    pub template: Option<(Box<str>, u32)>,
    pub keywords: Vec<Arc<str>>,
    pub author: Option<Arc<str>>,
    /// Lines of keys that name other things of the repository, for messages of later phases.
    pub lines: Vec<(Arc<str>, u32)>,
}

impl Details {
    /// `None`: they nest too deep to be written.
    pub fn encode(&self) -> Option<Vec<u8>> {
        postcard::to_allocvec(self).ok()
    }
}

/// Where the details of an item are.
#[derive(Clone, Debug)]
pub enum Slot {
    /// Read in this run, and to be remembered nowhere.
    Held(Arc<Details>),
    /// Read in this run: bytes that wait to be written. A library whose words lay between its items until then would be one of holes.
    Coded {
        words: Arc<Vec<u8>>,
        start: u32,
        length: u32,
    },
    Stored {
        store: Arc<Store>,
        start: u64,
        length: u32,
    },
}

impl Default for Slot {
    fn default() -> Slot {
        Slot::Held(Arc::default())
    }
}

/// Files that stay open; those of further owners are opened for each reading. Most systems allow a process 1,024.
const MOST_OPEN: usize = 400;

static OPEN: AtomicUsize = AtomicUsize::new(0);
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A file that was found whole, and from which details are read.
#[derive(Debug)]
pub struct Store {
    number: u32,
    /// `None`: more are open than may be.
    file: Option<File>,
    path: PathBuf,
    stamp: Stamp,
}

impl Store {
    pub fn new(file: File, path: &Path) -> io::Result<Store> {
        let stamp = Stamp::of(&file.metadata()?);
        let open = OPEN.fetch_add(1, Ordering::Relaxed) < MOST_OPEN;
        if !open {
            OPEN.fetch_sub(1, Ordering::Relaxed);
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Ok(Store { number, file: open.then_some(file), path: path.to_owned(), stamp })
    }

    pub fn read(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        if let Some(file) = &self.file {
            return file.read_exact_at(bytes, start);
        }
        let file = File::open(&self.path)?;
        if Stamp::of(&file.metadata()?) != self.stamp {
            return Err(io::Error::other("changed"));
        }
        file.read_exact_at(bytes, start)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.file.is_some() {
            OPEN.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Details in memory: what one page shows the next ones show too, for pages are made in the order of lists. A block of a list reaches
/// furthest: over twenty items of its own column, and those of the others in between.
const CACHED: usize = 1 << 14;

/// Reads details, and keeps some.
pub struct Shelf {
    cache: quick_cache::sync::Cache<(u32, u64), Arc<Details>>,
    lost: AtomicBool,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf { cache: quick_cache::sync::Cache::new(CACHED), lost: AtomicBool::new(false) }
    }
}

impl Shelf {
    /// What cannot be read any more is empty, and noted: see [`Shelf::is_lost`].
    pub fn get(&self, slot: &Slot) -> Arc<Details> {
        let (store, start, length) = match slot {
            Slot::Held(details) => return details.clone(),
            Slot::Coded { words, start, length } => {
                let bytes = words.get(*start as usize..).and_then(|rest| rest.get(..*length as usize));
                // They were written a moment ago by this program.
                return bytes.and_then(|bytes| postcard::from_bytes(bytes).ok()).map_or_else(Arc::default, Arc::new);
            }
            Slot::Stored { store, start, length } => (store, *start, *length),
        };
        let key = (store.number, start);
        if let Some(known) = self.cache.get(&key) {
            return known;
        }
        let mut bytes = vec![0; length as usize];
        let read = store.read(start, &mut bytes).ok().and_then(|()| postcard::from_bytes::<Details>(&bytes).ok());
        let Some(details) = read.map(Arc::new) else {
            self.lost.store(true, Ordering::Relaxed);
            return Arc::default();
        };
        self.cache.insert(key, details.clone());
        details
    }

    /// Something could not be read: the file had been found whole, so it went or was changed since.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }
}
