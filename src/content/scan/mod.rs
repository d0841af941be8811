//! Which content each file holds, without opening it.
//!
//! What a file holds is the hash of its bytes, and nothing else (D16). Two witnesses may name it unopened: our own rows of
//! earlier builds, and git's index. Both are believed only where the whole stamp is the same (length, times of modification
//! *and* change, inode), and only if both times are older than the witness's by [`MARGIN`]: within the grain of a clock a
//! file can be written twice and look the same.

mod checkout;
mod digest;
mod index;
mod seen;

pub use checkout::Checkout;
pub use digest::{Algorithm, BlobId, Digest, Names, Through};
pub use seen::{Row, Seen};

use crate::base::walk::Stamp;

/// Nanoseconds. The coarsest clock of a file system still in use ticks every other second.
pub const MARGIN: i64 = 2_000_000_000;

impl Stamp {
    /// The file had been left alone for a while at that moment.
    pub fn settled(&self, moment: i64) -> bool {
        self.modified.max(self.changed).saturating_add(MARGIN) < moment
    }
}
