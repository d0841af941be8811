//! The receipts of one site, kept in a sealed file.
//!
//! Read sets are interned: pages of one kind in one column mostly read the same, and each set is held once and verified
//! once a run. What an item's page reads of its own item is kept as kinds and one print.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::stored::Question;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::sealed;
use crate::facts::Kind;

/// Its number is that of the shape below.
const MARK: &[u8; 16] = b"banyan recpt 3\n\0";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    pub site: String,
    /// Hash of the program: another one renders everything again.
    pub engine: Fingerprint,
    /// Questions and the prints of their answers.
    pub facts: Vec<(Question, Fingerprint)>,
    /// Places in `facts`.
    pub sets: Vec<Vec<u32>>,
    /// Kinds that pages read of their own item.
    pub shapes: Vec<Vec<Kind>>,
    /// By path.
    pub receipts: Vec<Receipt>,
    pub fragments: Vec<FragmentReceipt>,
}

/// How an output came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Shared with the plan, and with the receipts of the build to come.
    #[serde(deserialize_with = "shared_text")]
    pub path: Arc<str>,
    /// Of the page of an item: one print over all that its recipe and its own answers are made from. Where it is as it was, only
    /// the sets are looked at. `ABSENT`: nobody knows it.
    pub rest: Fingerprint,
    /// What the plan knew of it.
    pub key: Fingerprint,
    /// Place in `sets`: what it shares with others.
    pub shared: u32,
    /// Place in `sets`: what it alone read.
    pub extra: u32,
    /// Place in `shapes`, and one print over all the answers in it.
    pub shape: u32,
    pub own: Fingerprint,
    /// First byte of each of those answers: enough to tell which of them changed, not to trust it.
    pub hints: Arc<[u8]>,
    /// Of the bytes: a manifest that names others is not of this run.
    pub hash: Fingerprint,
    /// Said again while the output is fresh.
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FragmentReceipt {
    pub question: Question,
    /// Place in `sets`.
    pub set: u32,
    pub print: Fingerprint,
}

/// Straight from the bytes, without a copy on the way.
fn shared_text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
    <&str>::deserialize(from).map(Arc::from)
}

impl Shard {
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let bytes = postcard::to_extend(self, sealed::start(MARK)).map_err(io::Error::other)?;
        sealed::write(path, bytes)
    }

    /// The receipts of a site; `Ok(None)`: there are none. `Err` says in a word what is wrong with them.
    pub fn read(path: &Path, site: &str, engine: Fingerprint) -> Result<Option<Shard>, &'static str> {
        let Some(bytes) = sealed::read(path, MARK)? else { return Ok(None) };
        let shard: Shard = postcard::from_bytes(&bytes[MARK.len()..]).map_err(|_| "damaged")?;
        if shard.site != site {
            return Err("of another site");
        }
        if shard.engine != engine {
            return Err("of another version");
        }
        shard.check().then_some(Some(shard)).ok_or("damaged")
    }

    /// Every place named is there: a shard may have been written by anyone.
    fn check(&self) -> bool {
        let set = |at: u32| (at as usize) < self.sets.len();
        self.sets.iter().flatten().all(|f| (*f as usize) < self.facts.len())
            && self
                .receipts
                .iter()
                .all(|r| set(r.shared) && set(r.extra) && self.shapes.get(r.shape as usize).is_some_and(|s| s.len() == r.hints.len()))
            && self.receipts.is_sorted_by(|a, b| a.path < b.path)
            && self.fragments.iter().all(|f| set(f.set))
    }
}
