//! Fresh, or stale and why.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};

use super::shard::{Receipt, Shard};
use super::stored::{Names, Question};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::ArticleId;
use crate::facts::{Answers, Kind};

/// Why an output is rendered.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Nothing is known of the site's last build.
    NoState,
    /// It was not there.
    New,
    /// Its address, column, title or weight on this site, or its part of a list changed.
    Recipe,
    /// An answer that it read.
    Read(Question),
    /// The bytes of the file that it is a copy of.
    Source,
    /// What it read of its own item.
    Own(Vec<Kind>),
    /// The last manifest does not have it as its receipt says, or an earlier build was cut off while it was written.
    Doubt,
}

impl Reason {
    /// One word for JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Reason::NoState => "no-state",
            Reason::New => "new",
            Reason::Recipe => "recipe",
            Reason::Source => "source",
            Reason::Read(_) | Reason::Own(_) => "read",
            Reason::Doubt => "doubt",
        }
    }
}

const UNKNOWN: u8 = 0;
const SAME: u8 = 1;
const CHANGED: u8 = 2;

/// Holds the receipts of one site against this run. Each fact and each set is looked at once, whatever the number of
/// pages that read it.
pub struct Verifier<'w> {
    pub shard: &'w Shard,
    names: &'w Names<'w>,
    answers: &'w dyn Answers,
    facts: Vec<AtomicU8>,
    /// 0 unknown, 1 same, else 2 + the place of a fact that changed.
    sets: Vec<AtomicU32>,
    rested: AtomicUsize,
}

impl<'w> Verifier<'w> {
    pub fn new(shard: &'w Shard, names: &'w Names<'w>, answers: &'w dyn Answers) -> Verifier<'w> {
        let facts = shard.facts.iter().map(|_| AtomicU8::new(UNKNOWN)).collect();
        let sets = shard.sets.iter().map(|_| AtomicU32::new(0)).collect();
        Verifier { shard, names, answers, facts, sets, rested: AtomicUsize::new(0) }
    }

    /// Whether an output is as it was: `rest` is what [`Receipt::rest`] would be now, `key` what the plan knows of it, `article`
    /// the item that it is the page of.
    pub fn verdict(
        &self,
        receipt: &Receipt,
        rest: Fingerprint,
        key: impl FnOnce() -> Fingerprint,
        article: Option<ArticleId>,
    ) -> Result<(), Reason> {
        let rests = rest != Fingerprint::ABSENT && receipt.rest == rest;
        if !rests && receipt.key != key() {
            return Err(Reason::Recipe);
        }
        for set in [receipt.shared, receipt.extra] {
            if let Some(fact) = self.changed(set) {
                return Err(Reason::Read(self.shard.facts[fact as usize].0.clone()));
            }
        }
        if rests {
            self.rested.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        let shape = &self.shard.shapes[receipt.shape as usize];
        let Some(article) = article.filter(|_| !shape.is_empty()) else {
            return if shape.is_empty() { Ok(()) } else { Err(Reason::Recipe) };
        };
        let prints = self.answers.about_item(article, shape);
        if own(&prints) == receipt.own {
            return Ok(());
        }
        let differ = shape.iter().zip(&prints).zip(&*receipt.hints).filter(|((_, now), before)| now.0[0] != **before);
        Err(Reason::Own(differ.map(|((kind, _), _)| *kind).collect()))
    }

    /// How many pages were fresh without being asked about their own item.
    pub fn rested(&self) -> usize {
        self.rested.load(Ordering::Relaxed)
    }

    /// A fact of the set that is not as it was.
    fn changed(&self, set: u32) -> Option<u32> {
        let known = &self.sets[set as usize];
        match known.load(Ordering::Relaxed) {
            0 => {
                let hit = self.shard.sets[set as usize].iter().copied().find(|fact| !self.same(*fact));
                known.store(hit.map_or(1, |fact| 2 + fact), Ordering::Relaxed);
                hit
            }
            1 => None,
            fact => Some(fact - 2),
        }
    }

    fn same(&self, fact: u32) -> bool {
        let known = &self.facts[fact as usize];
        match known.load(Ordering::Relaxed) {
            UNKNOWN => {
                let (question, print) = &self.shard.facts[fact as usize];
                let same =
                    self.fragment_stands(question, *print) || self.names.find(question).is_some_and(|key| self.answers.ask(&key) == *print);
                known.store(if same { SAME } else { CHANGED }, Ordering::Relaxed);
                same
            }
            state => state == SAME,
        }
    }

    /// A fragment need not be rendered to know its print: what it read tells.
    fn fragment_stands(&self, question: &Question, print: Fingerprint) -> bool {
        if question.kind != Kind::Fragment {
            return false;
        }
        let hit = self.shard.fragments.iter().find(|f| f.question == *question && f.print == print);
        // Of a shard that anyone may have written: one that names itself would ask for ever.
        let inner = |set: u32| self.shard.sets[set as usize].iter().any(|f| self.shard.facts[*f as usize].0 == *question);
        hit.is_some_and(|f| !inner(f.set) && self.names.find(question).is_some() && self.changed(f.set).is_none())
    }

    /// Fragments that were not rendered because they stand.
    pub fn standing(&self) -> impl Iterator<Item = &super::FragmentReceipt> {
        self.shard.fragments.iter().filter(|f| self.sets[f.set as usize].load(Ordering::Relaxed) == 1)
    }
}

/// One print over the answers of a page's own item.
pub fn own(prints: &[Fingerprint]) -> Fingerprint {
    let mut w = Writer::new("own");
    prints.iter().for_each(|p| _ = w.print(*p));
    w.finish()
}
