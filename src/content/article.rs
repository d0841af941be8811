//! One item: what places it, orders it and leads to it. Its words are its [`Details`].

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::data::Data;
use super::details::{Details, Slot};
use super::markdown::Link;
use super::schema::CategoryId;
use super::spool::Spooled;
use crate::base::date::Date;
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::{ArticleId, Lang};

/// State of an item (D13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    Live,
    Archived,
    Repealed,
    Withdrawn,
}

impl State {
    pub const NAMES: [&'static str; 4] = ["live", "archived", "repealed", "withdrawn"];

    pub fn parse(name: &str) -> Option<State> {
        match name {
            "live" => Some(State::Live),
            "archived" => Some(State::Archived),
            "repealed" => Some(State::Repealed),
            "withdrawn" => Some(State::Withdrawn),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A picture that stands for the item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// As written: relative to the item, or an https address.
    pub path: Box<str>,
    pub alt: Box<str>,
}

/// *All* that another page may show of an item, with title, summary and listed fields of its [`Details`]. A field more here is a
/// decision: whatever stands here dirties lists. A change of a body does not.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: Arc<str>,
    pub date: Option<Date>,
    /// Where the item comes from (来源).
    pub source: Arc<str>,
    pub category: CategoryId,
    pub state: State,
    pub cover: Option<Arc<Cover>>,
    /// Pins: 0 is none; else small first.
    pub weight: i32,
    pub tags: Arc<[Arc<str>]>,
    /// Over all of the above, title, summary and listed fields.
    pub print: Fingerprint,
}

impl Card {
    /// With the fingerprint of all that other pages may show.
    pub fn seal(mut self, details: &Details, category: &str) -> Card {
        let mut w = Writer::new("card");
        w.text(&self.id).text(&details.title).text(&self.source).text(&details.summary).text(category);
        w.byte(self.state as u8).signed(self.weight.into());
        match &self.date {
            None => w.byte(0),
            Some(d) => d.write(w.byte(1)),
        };
        match &self.cover {
            None => w.byte(0),
            Some(c) => w.byte(1).text(&c.path).text(&c.alt),
        };
        w.number(self.tags.len() as u64);
        for tag in self.tags.iter() {
            w.text(tag);
        }
        w.number(details.listed.len() as u64);
        details.listed.iter().for_each(|(k, v)| _ = w.text(k).json(v));
        self.print = w.finish();
        self
    }
}

/// Where the text of an item stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Origin {
    /// The whole file; the body starts at this byte (after a byte-order mark) and line.
    File { file: u32, body: u32, line: u32 },
    /// One line of a JSONL file, or one row of a CSV: bytes and line.
    Record { file: u32, start: u64, length: u32, line: u32 },
}

impl Origin {
    pub fn file(&self) -> usize {
        match self {
            Origin::File { file, .. } | Origin::Record { file, .. } => *file as usize,
        }
    }
}

/// A wish to stand on another site (D4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    pub site: Arc<str>,
    pub column: Option<Arc<str>>,
    pub title: Option<Arc<str>>,
    pub weight: Option<i32>,
    /// Line of the file that says it.
    pub line: u32,
}

/// What few items have: other addresses, and what leads to other things of the repository.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rare {
    pub url: Option<Box<str>>,
    pub aliases: Vec<Box<str>>,
    pub push: Vec<Push>,
    pub lastmod: Option<Date>,
    pub related: Vec<Box<str>>,
    pub replaced_by: Option<(Box<str>, u32)>,
    pub version_key: Option<Arc<str>>,
    /// Seconds; the item is live from then on. `None`: from its date on.
    pub publish: Option<i64>,
    /// Seconds; the item is gone from then on.
    pub expiry: Option<i64>,
    /// Schema fields that name items and files.
    pub named: Data,
    /// Links of the body and of `item` fields that lead into the repository, to be held against it.
    pub links: Vec<Link>,
    /// The body is laid out as an official document (公文).
    pub official: bool,
}

/// Where an item comes from: one for all items of which it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Home {
    /// `owner/column/2026/x.md`; of a record that of its file.
    pub path: Arc<str>,
    pub owner: Arc<str>,
    /// Column on the home site.
    pub column: Arc<str>,
}

/// What the memo keeps of it: see `memo::entry`. A library is millions of these.
#[derive(Clone, Debug)]
pub struct Article {
    pub card: Card,
    pub home: Arc<Home>,
    pub lang: Lang,
    /// The same for all translations of an item.
    pub translation_key: Arc<str>,
    pub slug: Arc<str>,
    pub origin: Origin,
    /// Of the bytes of the file or record.
    pub print: Fingerprint,
    /// Of everything the item says, whoever says it: its bytes, the metadata of its mount, what its site and its schema
    /// fill in. What an output read when it read the item.
    pub seal: Fingerprint,
    pub details: Slot,
    pub draft: bool,
    /// Its body, rendered when it was read in this run.
    pub kept: Option<Spooled>,
    /// It has errors: its home site keeps its last output, others leave it out (D10).
    pub bad: bool,
    /// `x/index.md`: the files beside it are its attachments.
    pub bundle: bool,
    /// The body starts with the title as a heading.
    pub title_in_body: bool,
    pub rare: Option<Box<Rare>>,
}

/// With the counts of its `Arc` 256 bytes, a size that the allocator has: eight bytes more would cost 64 an item.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Article>() <= 240);

static NO_RARE: std::sync::LazyLock<Rare> = std::sync::LazyLock::new(Rare::default);

impl Article {
    pub fn rare(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&NO_RARE)
    }

    /// Seconds; the item is live from then on.
    pub fn publish(&self) -> Option<i64> {
        self.rare().publish.or_else(|| Some(self.card.date?.seconds))
    }

    /// Seconds; the item is gone from then on.
    pub fn expiry(&self) -> Option<i64> {
        self.rare().expiry
    }

    /// With [`Article::seal`].
    pub fn sealed(mut self, details: &Details) -> Article {
        self.seal = self.print_of_all(details);
        self
    }

    fn print_of_all(&self, details: &Details) -> Fingerprint {
        let mut w = Writer::new("item");
        let Home { path, owner, column } = &*self.home;
        w.print(self.print).print(self.card.print).text(path).text(owner).text(column).text(&self.slug);
        w.text(&self.translation_key).byte(self.title_in_body as u8).byte(self.bundle as u8);
        w.signed(self.publish().unwrap_or(i64::MIN));
        // Named one by one: a field more does not compile until it stands here, or is known to be in the card, or the item's own text.
        let Details { title: _, summary: _, listed: _, data, template, keywords, author, lines: _ } = details;
        w.option(template.as_ref().map(|(t, _)| &**t)).option(author.as_deref());
        w.number(keywords.len() as u64);
        keywords.iter().for_each(|k| _ = w.text(k));
        w.number(data.len() as u64);
        data.iter().for_each(|(k, v)| _ = w.text(k).json(v));
        let Some(rare) = self.rare.as_deref() else { return w.byte(0).finish() };
        let Rare { url, aliases, push: _, lastmod, related, replaced_by, version_key, publish: _, expiry: _, named: _, links: _, official } =
            rare;
        w.byte(1).option(url.as_deref());
        w.option(replaced_by.as_ref().map(|(r, _)| &**r)).option(version_key.as_deref()).byte(*official as u8);
        match lastmod {
            None => _ = w.byte(0),
            Some(d) => _ = d.write(w.byte(1)),
        }
        for list in [aliases, related] {
            w.number(list.len() as u64);
            list.iter().for_each(|t| _ = w.text(t));
        }
        w.finish()
    }

    /// The folder its relative links start from.
    pub fn folder(&self) -> &str {
        crate::base::path::folder(&self.home.path)
    }

    /// Order of lists: newest first; undated last; equal dates by id, so that the order is total.
    pub fn newest_first(&self, other: &Article) -> std::cmp::Ordering {
        let key = |a: &Article| a.card.date.map(|d| d.seconds);
        key(other).cmp(&key(self)).then_with(|| self.card.id.cmp(&other.card.id))
    }

    /// Year in addresses: of the date as written, else `undated`.
    pub fn year(&self) -> Option<i16> {
        self.card.date.map(|d| d.year())
    }
}

/// The text of a body: where it starts in its file, for messages.
pub struct BodyText {
    pub text: String,
    /// Line of the file on which `text` starts.
    pub line: u32,
    /// Positions inside a record's body cannot be told: it is one line of JSON.
    pub exact: bool,
}

impl BodyText {
    /// Line, column and length in the file of a byte range of the text.
    pub fn place(&self, range: Range<usize>) -> (u32, u32, u32) {
        if !self.exact {
            return (self.line, 1, 1);
        }
        let place = crate::base::source::place(&"".into(), &self.text, range);
        (self.line + place.line - 1, place.column, place.length)
    }
}

/// What an item is at a moment (D12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Draft,
    Scheduled,
    Live,
    Expired,
}

impl Article {
    pub fn phase(&self, clock: i64, drafts: bool) -> Phase {
        if self.draft && !drafts {
            Phase::Draft
        } else if self.expiry().is_some_and(|e| e <= clock) {
            Phase::Expired
        } else if self.publish().is_some_and(|p| p > clock) {
            Phase::Scheduled
        } else {
            Phase::Live
        }
    }
}

/// An item by number.
pub type Numbered<'a> = (ArticleId, &'a Article);
