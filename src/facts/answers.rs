//! Who can be asked again.

use super::{FactKey, Kind};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::ArticleId;

/// Prints of answers, as they are now; absent ones have a print too.
pub trait Answers: Sync {
    fn ask(&self, key: &FactKey) -> Fingerprint;

    /// The same of several questions about one item, in their order: asked for every page of an item.
    fn about_item(&self, article: ArticleId, kinds: &[Kind]) -> Vec<Fingerprint>;
}
