//! What the files of one owner gave, by what they were: one file of the memo.
//!
//! Mark; print of what the reading depended on; number of facts, number of rows, bytes of the entries; facts (git's name and
//! length of some bytes → our name of them); rows (key, place of the entry, place of the details), both in order; the entries;
//! the details of their items, which are not read with the rest; a hash. Nothing in it belongs to a machine or a path outside
//! the repository.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::base::fingerprint::Fingerprint;
use crate::base::sealed::{self, Sealing};
use crate::content::details::Store;
use crate::content::scan::BlobId;

const MARK: &[u8; 16] = b"banyan memo 5\0\0\0";

/// Bytes named by git: true whatever checkout they lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    pub blob: BlobId,
    pub length: u64,
    pub hash: Fingerprint,
}

const FACT: usize = 32 + 8 + 16;
const ROW: usize = 16 + 8 + 8 + 8 + 8;
/// Mark, print, three numbers.
const HEAD: usize = 16 + 16 + 8 * 3;

#[derive(Default)]
pub struct Pack {
    /// Everything in front of the details.
    bytes: Vec<u8>,
    facts: Range<usize>,
    rows: Range<usize>,
    store: Option<Arc<Store>>,
}

/// What one file gave.
pub struct Entry<'a> {
    pub key: Fingerprint,
    pub bytes: Cow<'a, [u8]>,
    pub details: Words<'a>,
}

/// The details of its items, one after the other.
pub enum Words<'a> {
    New(Arc<Vec<u8>>),
    /// In a pack that is there already: bytes of its file.
    Stored(&'a Arc<Store>, Range<u64>),
}

impl Words<'_> {
    fn length(&self) -> u64 {
        match self {
            Words::New(bytes) => bytes.len() as u64,
            Words::Stored(_, range) => range.end - range.start,
        }
    }
}

/// A pack that was written: where the details of each entry begin now.
pub struct Written {
    pub store: Arc<Store>,
    pub details: HashMap<Fingerprint, u64>,
}

impl Pack {
    /// One that depends on other things gives its facts alone. `Err` says in a word what is wrong with it.
    pub fn read(path: &Path, context: Fingerprint) -> Result<Pack, &'static str> {
        let front = |head: &[u8]| {
            let [facts, rows, entries] = numbers(head)?;
            let facts = facts.checked_mul(FACT as u64)?;
            (HEAD as u64).checked_add(facts)?.checked_add(rows.checked_mul(ROW as u64)?)?.checked_add(entries)
        };
        let Some((bytes, file)) = sealed::read_front(path, MARK, |head| front(head).map(|end| end.max(head.len() as u64)))? else {
            return Ok(Pack::default());
        };
        let store = Store::new(file, path).map_err(|_| "unreadable")?;
        Pack::parse(bytes, context, store).ok_or("damaged")
    }

    fn parse(bytes: Vec<u8>, context: Fingerprint, store: Store) -> Option<Pack> {
        let known = *bytes.get(16..)?.first_chunk::<16>()? == context.0;
        let [facts, rows, _] = numbers(&bytes)?;
        let first = HEAD.checked_add(usize::try_from(facts).ok()?.checked_mul(FACT)?)?;
        let second = first.checked_add(usize::try_from(rows).ok()?.checked_mul(ROW)?).filter(|end| *end <= bytes.len())?;
        Some(Pack { facts: HEAD..first, rows: first..if known { second } else { first }, bytes, store: Some(store.into()) })
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len() / ROW
    }

    /// Our name of the bytes that git names so.
    pub fn hash(&self, blob: BlobId, length: u64) -> Option<Fingerprint> {
        let (rows, _) = self.bytes.get(self.facts.clone())?.as_chunks::<FACT>();
        let at = rows.binary_search_by(|row| row[..32].cmp(&blob.0)).ok()?;
        let fact = fact(&rows[at]);
        (fact.length == length).then_some(fact.hash)
    }

    pub fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        self.bytes.get(self.facts.clone()).unwrap_or_default().as_chunks::<FACT>().0.iter().map(fact)
    }

    pub fn get(&self, key: Fingerprint) -> Option<Entry<'_>> {
        let (rows, _) = self.bytes.get(self.rows.clone())?.as_chunks::<ROW>();
        let at = rows.binary_search_by(|row| row[..16].cmp(&key.0)).ok()?;
        let number = |from: usize| Some(u64::from_le_bytes(*rows[at].get(from..)?.first_chunk::<8>()?));
        let (start, length) = (usize::try_from(number(16)?).ok()?, usize::try_from(number(24)?).ok()?);
        let bytes = self.bytes.get(self.rows.end..)?.get(start..)?.get(..length)?;
        let first = number(32)?.checked_add(self.bytes.len() as u64)?;
        let details = Words::Stored(self.store.as_ref()?, first..first.checked_add(number(40)?)?);
        Some(Entry { key, bytes: Cow::Borrowed(bytes), details })
    }

    /// `entries` and `facts`: in any order; of equal ones one is kept.
    pub fn write(path: &Path, context: Fingerprint, mut entries: Vec<&Entry>, mut facts: Vec<Fact>) -> std::io::Result<Written> {
        entries.sort_by_key(|e| e.key);
        entries.dedup_by_key(|e| e.key);
        facts.sort();
        facts.dedup_by_key(|f| f.blob);
        let size: u64 = entries.iter().map(|e| e.bytes.len() as u64).sum();
        let mut out = Sealing::begin(path, MARK)?;
        out.put(&context.0)?;
        for number in [facts.len() as u64, entries.len() as u64, size] {
            out.put(&number.to_le_bytes())?;
        }
        for f in &facts {
            out.put(&f.blob.0)?;
            out.put(&f.length.to_le_bytes())?;
            out.put(&f.hash.0)?;
        }
        let front = (HEAD + facts.len() * FACT + entries.len() * ROW) as u64 + size;
        let mut details = HashMap::with_capacity(entries.len());
        let (mut start, mut words) = (0u64, 0u64);
        for e in &entries {
            out.put(&e.key.0)?;
            for number in [start, e.bytes.len() as u64, words, e.details.length()] {
                out.put(&number.to_le_bytes())?;
            }
            details.insert(e.key, front + words);
            start += e.bytes.len() as u64;
            words += e.details.length();
        }
        for e in &entries {
            out.put(&e.bytes)?;
        }
        let mut chunk = Vec::new();
        for e in &entries {
            match &e.details {
                Words::New(bytes) => out.put(bytes)?,
                Words::Stored(store, range) => {
                    let mut at = range.start;
                    while at < range.end {
                        chunk.resize((range.end - at).min(1 << 20) as usize, 0);
                        store.read(at, &mut chunk)?;
                        out.put(&chunk)?;
                        at += chunk.len() as u64;
                    }
                }
            }
        }
        Ok(Written { store: Store::new(out.finish(path)?, path)?.into(), details })
    }
}

/// Facts, rows, bytes of the entries.
fn numbers(head: &[u8]) -> Option<[u64; 3]> {
    let (numbers, _) = head.get(32..HEAD)?.as_chunks::<8>();
    Some([u64::from_le_bytes(numbers[0]), u64::from_le_bytes(numbers[1]), u64::from_le_bytes(numbers[2])])
}

fn fact(row: &[u8; FACT]) -> Fact {
    let mut length = [0; 8];
    length.copy_from_slice(&row[32..40]);
    let mut hash = Fingerprint::ABSENT;
    hash.0.copy_from_slice(&row[40..]);
    Fact { blob: BlobId::new(&row[..32]), length: u64::from_le_bytes(length), hash }
}
