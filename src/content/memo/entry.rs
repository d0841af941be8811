//! What one file gave, as bytes and back. The bytes may have been written by anyone: what later phases take for granted
//! is held against them here.

use std::sync::Arc;

use crate::base::path;
use crate::content::article::Article;
use crate::content::read::FromFile;

/// Whose bytes they are: what the entry itself does not say.
pub struct Place<'a> {
    /// Content path of the file, and its place in the repository.
    pub path: &'a Arc<str>,
    pub at: u32,
    pub owner: &'a Arc<str>,
    pub categories: usize,
    pub languages: usize,
}

/// `None`: it cannot be written, and will be read again.
pub fn encode(from: &FromFile) -> Option<Vec<u8>> {
    postcard::to_allocvec(from).ok()
}

pub fn decode(bytes: &[u8], place: &Place) -> Option<FromFile> {
    let (mut from, rest) = postcard::take_from_bytes::<FromFile>(bytes).ok()?;
    if !rest.is_empty() {
        return None;
    }
    from.stand_at(place.at);
    for a in &mut from.articles {
        let a = Arc::make_mut(a);
        a.path = place.path.clone();
        a.owner = place.owner.clone();
        if !fits(a, place) {
            return None;
        }
    }
    let column = from.column.as_ref().is_none_or(|((_, _, lang), _)| lang.index() < place.languages);
    column.then_some(from)
}

fn fits(a: &Article, place: &Place) -> bool {
    let rare = a.rare();
    let address = |url: &str| path::check_output(&path::output_file(url)).is_ok();
    (a.card.category.0 as usize) < place.categories
        && a.lang.index() < place.languages
        && !a.slug.contains('/')
        && (a.slug.is_empty() || path::check_output(&a.slug).is_ok())
        && rare.url.as_deref().is_none_or(address)
        && rare.links.iter().all(|l| l.range.start <= l.range.end)
}
