//! What the files of one owner gave, by what they were: one file of the memo.
//!
//! Mark; print of what the reading depended on; facts (git's name and length of some bytes → our name of them); keys with
//! the places of their entries, both in order; the entries; a hash. Nothing in it belongs to a machine or a path outside
//! the repository.

use std::path::Path;

use crate::base::fingerprint::Fingerprint;
use crate::base::sealed;
use crate::content::scan::BlobId;

const MARK: &[u8; 16] = b"banyan memo 1\0\0\0";

/// Bytes named by git: true whatever checkout they lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    pub blob: BlobId,
    pub length: u64,
    pub hash: Fingerprint,
}

const FACT: usize = 32 + 8 + 16;
const ROW: usize = 16 + 8 + 8;

#[derive(Default)]
pub struct Pack {
    bytes: Vec<u8>,
    facts: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
    entries: usize,
}

impl Pack {
    /// One that depends on other things gives its facts alone. `Err` says in a word what is wrong with it.
    pub fn read(path: &Path, context: Fingerprint) -> Result<Pack, &'static str> {
        let Some(bytes) = sealed::read(path, MARK)? else { return Ok(Pack::default()) };
        Pack::parse(bytes, context).ok_or("damaged")
    }

    fn parse(bytes: Vec<u8>, context: Fingerprint) -> Option<Pack> {
        let (print, rest) = bytes.get(MARK.len()..)?.split_first_chunk::<16>()?;
        let (facts, rest) = rest.split_first_chunk::<8>()?;
        let (rows, rest) = rest.split_first_chunk::<8>()?;
        let table = |count: &[u8; 8], size: usize| usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(size);
        let (facts, rows) = (table(facts, FACT)?, table(rows, ROW)?);
        let start = bytes.len() - rest.len();
        let second = start.checked_add(facts)?;
        let entries = second.checked_add(rows).filter(|e| *e <= bytes.len())?;
        let known = *print == context.0;
        Some(Pack { facts: start..second, rows: if known { second..entries } else { second..second }, entries, bytes })
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

    pub fn get(&self, key: Fingerprint) -> Option<&[u8]> {
        let (rows, _) = self.bytes.get(self.rows.clone())?.as_chunks::<ROW>();
        let at = rows.binary_search_by(|row| row[..16].cmp(&key.0)).ok()?;
        let number = |from: usize| {
            let bytes = rows[at].get(from..)?.first_chunk::<8>()?;
            usize::try_from(u64::from_le_bytes(*bytes)).ok()
        };
        let (start, length) = (number(16)?, number(24)?);
        self.bytes.get(self.entries..)?.get(start..)?.get(..length)
    }

    /// `entries` and `facts`: in any order; of equal ones one is kept.
    pub fn write(
        path: &Path,
        context: Fingerprint,
        mut entries: Vec<(Fingerprint, std::borrow::Cow<[u8]>)>,
        mut facts: Vec<Fact>,
    ) -> std::io::Result<()> {
        entries.sort_by_key(|e| e.0);
        entries.dedup_by_key(|e| e.0);
        facts.sort();
        facts.dedup_by_key(|f| f.blob);
        let size: usize = entries.iter().map(|e| e.1.len() + ROW).sum();
        let mut out = sealed::start(MARK);
        out.reserve(size + facts.len() * FACT + 64);
        out.extend_from_slice(&context.0);
        out.extend_from_slice(&(facts.len() as u64).to_le_bytes());
        out.extend_from_slice(&(entries.len() as u64).to_le_bytes());
        for f in &facts {
            out.extend_from_slice(&f.blob.0);
            out.extend_from_slice(&f.length.to_le_bytes());
            out.extend_from_slice(&f.hash.0);
        }
        let mut start = 0u64;
        for (key, bytes) in &entries {
            out.extend_from_slice(&key.0);
            out.extend_from_slice(&start.to_le_bytes());
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            start += bytes.len() as u64;
        }
        entries.iter().for_each(|(_, bytes)| out.extend_from_slice(bytes));
        sealed::write(path, out)
    }
}

fn fact(row: &[u8; FACT]) -> Fact {
    let mut length = [0; 8];
    length.copy_from_slice(&row[32..40]);
    let mut hash = Fingerprint::ABSENT;
    hash.0.copy_from_slice(&row[40..]);
    Fact { blob: BlobId::new(&row[..32]), length: u64::from_le_bytes(length), hash }
}
