//! What one file gave, as bytes and back. The bytes may have been written by anyone: what later phases take for granted
//! is held against them here.

use std::borrow::Cow;
use std::sync::Arc;

use super::pack::{Entry, Words};
use crate::base::fingerprint::Fingerprint;
use crate::base::path;
use crate::content::article::Article;
use crate::content::details::Slot;
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

/// What the file gave, followed by how many bytes the details of each item take; the items have them in this form from then on.
/// `None`: it cannot be written, and will be read again.
pub fn encode(from: &mut FromFile, key: Fingerprint) -> Option<Entry<'static>> {
    let mut words = Vec::new();
    let mut lengths: Vec<u32> = Vec::with_capacity(from.articles.len());
    for a in &from.articles {
        let Slot::Held(details) = &a.details else { return None };
        let bytes = details.encode()?;
        lengths.push(u32::try_from(bytes.len()).ok()?);
        words.extend_from_slice(&bytes);
    }
    let words: Arc<[u8]> = words.into();
    u32::try_from(words.len()).ok()?;
    let bytes = postcard::to_allocvec(from).and_then(|bytes| postcard::to_extend(&lengths, bytes)).ok()?;
    let mut start = 0;
    for (a, length) in from.articles.iter_mut().zip(lengths) {
        Arc::make_mut(a).details = Slot::Coded { words: words.clone(), start, length };
        start += length;
    }
    Some(Entry { key, bytes: Cow::Owned(bytes), details: Words::New(words) })
}

pub fn decode(entry: &Entry, place: &Place) -> Option<FromFile> {
    let Words::Stored(store, range) = &entry.details else { return None };
    let (mut from, rest) = postcard::take_from_bytes::<FromFile>(&entry.bytes).ok()?;
    let (lengths, rest) = postcard::take_from_bytes::<Vec<u32>>(rest).ok()?;
    let whole = lengths.iter().map(|l| u64::from(*l)).sum::<u64>() == range.end - range.start;
    if !rest.is_empty() || !whole || lengths.len() != from.articles.len() {
        return None;
    }
    from.stand_at(place.at);
    let mut start = range.start;
    for (a, length) in from.articles.iter_mut().zip(lengths) {
        let a = Arc::make_mut(a);
        a.details = Slot::Stored { store: (*store).clone(), start, length };
        start += u64::from(length);
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
