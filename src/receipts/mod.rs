//! What every output of the last build was made from, and whether that is still so.
//!
//! Nothing here propagates dirt. A build plans everything anew and asks of each output one question: would you read the
//! same things again? Rendering is a function of the key and of the answers it reads; where all of these are as they were,
//! so are the bytes.

mod collect;
mod key;
mod shard;
mod stored;
mod verdict;

pub use collect::{Collector, Made, Output};
pub use key::key;
pub use shard::{FragmentReceipt, Receipt, Shard};
pub use stored::{Names, Question, Source, Subject};
pub use verdict::{Reason, Verifier};
