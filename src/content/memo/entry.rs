//! What one file gave, as bytes and back. The bytes may have been written by anyone: what later phases take for granted
//! is held against them here.
//!
//! An item is a row whose texts are borrowed from the bytes: of those that come again and again (source, column, tags) one is made
//! for the whole file, and the others point at it.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pack::{Entry, Words};
use super::share::Known;
use crate::base::date::Date;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::id::Lang;
use crate::base::path;
use crate::content::article::{Article, Card, Cover, Origin, Rare, State};
use crate::content::details::Slot;
use crate::content::read::{ColumnEntry, FromFile};
use crate::content::schema::CategoryId;

/// Whose bytes they are: what the entry itself does not say.
pub struct Place<'a> {
    /// Content path of the file, and its place in the repository.
    pub path: &'a Arc<str>,
    pub at: u32,
    pub owner: &'a Arc<str>,
    pub categories: usize,
    pub languages: usize,
}

/// An [`Article`], but for what is known from the place of its file.
#[derive(Serialize, Deserialize)]
struct Row<'a> {
    id: &'a str,
    date: Option<Date>,
    source: &'a str,
    category: CategoryId,
    state: State,
    cover: Option<Cow<'a, Cover>>,
    weight: i32,
    #[serde(borrow)]
    tags: Vec<&'a str>,
    card: Fingerprint,
    column: &'a str,
    lang: Lang,
    translation_key: &'a str,
    /// `None`: it is the id.
    slug: Option<&'a str>,
    origin: Origin,
    print: Fingerprint,
    seal: Fingerprint,
    draft: bool,
    bad: bool,
    bundle: bool,
    title_in_body: bool,
    rare: Option<Cow<'a, Rare>>,
    /// Bytes of its details.
    details: u32,
}

/// No row takes fewer bytes: a count alone buys no memory.
const SHORTEST: usize = 60;

impl<'a> Row<'a> {
    fn new(a: &'a Article, details: u32) -> Row<'a> {
        // Named one by one: a field more does not compile until it stands here, or is known to be made anew.
        let Article {
            card,
            home,
            lang,
            translation_key,
            slug,
            origin,
            print,
            seal,
            details: _,
            draft,
            kept: _,
            bad,
            bundle,
            title_in_body,
            rare,
        } = a;
        let Card { id, date, source, category, state, cover, weight, tags, print: shown } = card;
        Row {
            id,
            date: *date,
            source,
            category: *category,
            state: *state,
            cover: cover.as_deref().map(Cow::Borrowed),
            weight: *weight,
            tags: tags.iter().map(|t| &**t).collect(),
            card: *shown,
            column: &home.column,
            lang: *lang,
            translation_key,
            slug: Some(&**slug).filter(|slug| *slug != &**id),
            origin: origin.clone(),
            print: *print,
            seal: *seal,
            draft: *draft,
            bad: *bad,
            bundle: *bundle,
            title_in_body: *title_in_body,
            rare: rare.as_deref().map(Cow::Borrowed),
            details,
        }
    }

    fn article(self, place: &Place, details: Slot, known: &mut Known) -> Article {
        let id: Arc<str> = self.id.into();
        let origin = match self.origin {
            Origin::File { file: _, body, line } => Origin::File { file: place.at, body, line },
            Origin::Record { file: _, start, length, line } => Origin::Record { file: place.at, start, length, line },
        };
        Article {
            home: known.home(place.path, place.owner, self.column),
            lang: self.lang,
            translation_key: match origin {
                Origin::File { .. } => self.translation_key.into(),
                Origin::Record { .. } => known.of_text(self.translation_key),
            },
            slug: self.slug.map_or_else(|| id.clone(), Arc::from),
            origin,
            print: self.print,
            seal: self.seal,
            details,
            draft: self.draft,
            kept: None,
            bad: self.bad,
            bundle: self.bundle,
            title_in_body: self.title_in_body,
            rare: self.rare.map(|r| Box::new(r.into_owned())),
            card: Card {
                id,
                date: self.date,
                source: known.of_text(self.source),
                category: self.category,
                state: self.state,
                cover: self.cover.map(|c| Arc::new(c.into_owned())),
                weight: self.weight,
                tags: known.of_list(&self.tags),
                print: self.card,
            },
        }
    }
}

/// How many rows, the rows, the text of a column, findings. The details of the items are beside it, and the items have them in
/// that form from then on. `None`: it cannot be written, and will be read again.
pub fn encode(from: &mut FromFile, key: Fingerprint) -> Option<Entry<'static>> {
    let mut words = Vec::new();
    let mut lengths: Vec<u32> = Vec::with_capacity(from.articles.len());
    let mut bytes = postcard::to_allocvec(&(from.articles.len() as u64)).ok()?;
    for a in &from.articles {
        let Slot::Held(details) = &a.details else { return None };
        let coded = details.encode()?;
        let length = u32::try_from(coded.len()).ok()?;
        bytes = postcard::to_extend(&Row::new(a, length), bytes).ok()?;
        lengths.push(length);
        words.extend_from_slice(&coded);
    }
    bytes = postcard::to_extend(&(&from.column, &from.diagnostics), bytes).ok()?;
    words.shrink_to_fit();
    let words = Arc::new(words);
    u32::try_from(words.len()).ok()?;
    let mut start = 0;
    for (a, length) in from.articles.iter_mut().zip(lengths) {
        Arc::make_mut(a).details = Slot::Coded { words: words.clone(), start, length };
        start += length;
    }
    Some(Entry { key, bytes: Cow::Owned(bytes), details: Words::New(words) })
}

pub fn decode(entry: &Entry, place: &Place) -> Option<FromFile> {
    let Words::Stored(store, range) = &entry.details else { return None };
    let (count, mut rest) = postcard::take_from_bytes::<u64>(&entry.bytes).ok()?;
    let count = usize::try_from(count).ok().filter(|count| *count <= rest.len() / SHORTEST)?;
    let mut articles = Vec::with_capacity(count);
    let mut known = Known::default();
    let mut start = range.start;
    for _ in 0..count {
        let (row, more) = postcard::take_from_bytes::<Row>(rest).ok()?;
        let length = row.details;
        let details = Slot::Stored { store: (*store).clone(), start, length };
        let a = row.article(place, details, &mut known);
        if !fits(&a, place) {
            return None;
        }
        articles.push(Arc::new(a));
        start = start.checked_add(u64::from(length))?;
        rest = more;
    }
    let ((column, diagnostics), rest) = postcard::take_from_bytes::<(Option<ColumnEntry>, Vec<Diagnostic>)>(rest).ok()?;
    if !rest.is_empty() || start != range.end {
        return None;
    }
    let from = FromFile { articles, column, diagnostics };
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
