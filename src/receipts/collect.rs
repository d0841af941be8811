//! Receipts of a build under way: reads of many threads, interned; then the new shard.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::shard::{FragmentReceipt, Receipt, Shard};
use super::stored::{Names, Question};
use super::verdict::own;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Fingerprint;
use crate::base::id::ArticleId;
use crate::facts::{About, FactKey, Kind, Reads};

type Fast = foldhash::fast::RandomState;
type Facts = Vec<(FactKey, Fingerprint)>;

/// Sets that pages of one site share, while it is rendered.
#[derive(Default)]
pub struct Collector {
    sets: Mutex<(HashMap<Facts, u32, Fast>, Vec<Facts>)>,
}

/// The receipt of an output just rendered.
pub struct Made {
    rest: Fingerprint,
    key: Fingerprint,
    shared: u32,
    extra: Facts,
    shape: Vec<Kind>,
    own: Fingerprint,
    hints: Arc<[u8]>,
    pub diagnostics: Vec<Diagnostic>,
}

/// An output of the new shard: rendered, or with the receipt it had.
pub enum Output<'a> {
    Made(&'a Made),
    /// With [`Receipt::rest`] as it is now.
    Kept(&'a Receipt, Fingerprint),
}

/// What belongs to one item, one file, one reference: it is in no set that many share.
fn is_own(about: &About) -> bool {
    matches!(about, About::Article(_) | About::File(_) | About::Reference { .. })
}

impl Collector {
    /// Takes what an output read. `rest`, `key`: see [`Receipt`]; `article`: the item that it is the page of.
    pub fn take(
        &self,
        rest: Fingerprint,
        key: Fingerprint,
        reads: Reads,
        article: Option<ArticleId>,
        diagnostics: Vec<Diagnostic>,
    ) -> Made {
        let mut shared = Vec::with_capacity(reads.list.len());
        let mut extra = Vec::new();
        let mut about_own: Vec<(Kind, Fingerprint)> = Vec::new();
        for (key, print) in reads.list {
            match &key.about {
                About::Article(a) if Some(*a) == article && key.count == 0 && key.lang.is_none() => about_own.push((key.kind, print)),
                about if is_own(about) => extra.push((key, print)),
                _ => shared.push((key, print)),
            }
        }
        // Pages that read the same in another order read the same.
        shared.sort_unstable();
        extra.sort_unstable();
        about_own.sort_unstable();
        let prints: Vec<Fingerprint> = about_own.iter().map(|(_, p)| *p).collect();
        Made {
            rest,
            key,
            shared: self.intern(shared),
            extra,
            own: own(&prints),
            hints: prints.iter().map(|p| p.0[0]).collect(),
            shape: about_own.into_iter().map(|(kind, _)| kind).collect(),
            diagnostics,
        }
    }

    fn intern(&self, set: Facts) -> u32 {
        // A thread that panicked in here left a whole map behind: it only ever grows.
        let mut sets = self.sets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = sets.0.get(&set) {
            return *known;
        }
        let at = sets.1.len() as u32;
        sets.1.push(set.clone());
        sets.0.insert(set, at);
        at
    }

    /// The new shard. `outputs` by path: each with its receipt and the hash of its bytes.
    pub fn finish<'a>(
        self,
        engine: Fingerprint,
        names: &Names,
        old: Option<&Shard>,
        outputs: impl Iterator<Item = (&'a Arc<str>, Fingerprint, Output<'a>)>,
        fragments: Vec<(FactKey, Facts, Fingerprint)>,
        standing: Vec<&FragmentReceipt>,
    ) -> Shard {
        let (_, made) = self.sets.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut writer = ShardWriter::new(&names.world.platform.site(names.plan.site).id, engine);
        let mut of_made: HashMap<u32, u32, Fast> = HashMap::default();
        let mut of_old = old.map(Renumbered::new);
        for (path, hash, output) in outputs {
            let receipt = match output {
                Output::Made(m) => Receipt {
                    path: path.clone(),
                    rest: m.rest,
                    key: m.key,
                    shared: *of_made.entry(m.shared).or_insert_with(|| writer.set(names, &made[m.shared as usize])),
                    extra: writer.set(names, &m.extra),
                    shape: writer.shape(&m.shape),
                    own: m.own,
                    hints: m.hints.clone(),
                    hash,
                    diagnostics: m.diagnostics.clone(),
                },
                Output::Kept(r, rest) => {
                    let Some(old) = &mut of_old else { continue };
                    Receipt {
                        rest,
                        shared: old.set(r.shared, &mut writer),
                        extra: old.set(r.extra, &mut writer),
                        shape: old.shape(r.shape, &mut writer),
                        ..r.clone()
                    }
                }
            };
            writer.shard.receipts.push(receipt);
        }
        for (key, reads, print) in fragments {
            let set = writer.set(names, &reads);
            writer.shard.fragments.push(FragmentReceipt { question: names.store(&key), set, print });
        }
        for f in standing {
            if let Some(old) = &mut of_old
                && !writer.shard.fragments.iter().any(|new| new.question == f.question)
            {
                let set = old.set(f.set, &mut writer);
                writer.shard.fragments.push(FragmentReceipt { set, ..f.clone() });
            }
        }
        writer.shard.fragments.sort_by(|a, b| a.question.cmp(&b.question));
        writer.shard
    }
}

/// What an old shard has, by its numbers in the new one: each looked up once, for a large site's pages name them millions of times.
struct Renumbered<'s> {
    old: &'s Shard,
    facts: Vec<u32>,
    sets: Vec<u32>,
    shapes: Vec<u32>,
}

/// It has no new number yet.
const NEW: u32 = u32::MAX;

impl<'s> Renumbered<'s> {
    fn new(old: &'s Shard) -> Renumbered<'s> {
        Renumbered { old, facts: vec![NEW; old.facts.len()], sets: vec![NEW; old.sets.len()], shapes: vec![NEW; old.shapes.len()] }
    }

    fn set(&mut self, at: u32, writer: &mut ShardWriter) -> u32 {
        if self.sets[at as usize] == NEW {
            let mut set: Vec<u32> = self.old.sets[at as usize]
                .iter()
                .map(|fact| {
                    known(&mut self.facts, *fact, || {
                        let (question, print) = &self.old.facts[*fact as usize];
                        writer.fact(question.clone(), *print)
                    })
                })
                .collect();
            set.sort_unstable();
            self.sets[at as usize] = writer.numbered(set);
        }
        self.sets[at as usize]
    }

    fn shape(&mut self, at: u32, writer: &mut ShardWriter) -> u32 {
        known(&mut self.shapes, at, || writer.shape(&self.old.shapes[at as usize]))
    }
}

fn known(numbers: &mut [u32], at: u32, make: impl FnOnce() -> u32) -> u32 {
    if numbers[at as usize] == NEW {
        numbers[at as usize] = make();
    }
    numbers[at as usize]
}

/// Numbers facts, sets and shapes as they come: in the order of the paths, so that a shard does not tell which thread was
/// faster.
struct ShardWriter {
    shard: Shard,
    facts: HashMap<(Question, Fingerprint), u32, Fast>,
    sets: HashMap<Vec<u32>, u32, Fast>,
    shapes: HashMap<Vec<Kind>, u32, Fast>,
}

impl ShardWriter {
    fn new(site: &str, engine: Fingerprint) -> ShardWriter {
        let shard = Shard { site: site.to_owned(), engine, ..Shard::default() };
        ShardWriter { shard, facts: HashMap::default(), sets: HashMap::default(), shapes: HashMap::default() }
    }

    fn fact(&mut self, question: Question, print: Fingerprint) -> u32 {
        let next = self.facts.len() as u32;
        *self.facts.entry((question, print)).or_insert_with_key(|(question, print)| {
            self.shard.facts.push((question.clone(), *print));
            next
        })
    }

    fn set(&mut self, names: &Names, reads: &[(FactKey, Fingerprint)]) -> u32 {
        let mut facts: Vec<u32> = reads.iter().map(|(key, print)| self.fact(names.store(key), *print)).collect();
        facts.sort_unstable();
        self.numbered(facts)
    }

    fn numbered(&mut self, set: Vec<u32>) -> u32 {
        let next = self.sets.len() as u32;
        *self.sets.entry(set).or_insert_with_key(|set| {
            self.shard.sets.push(set.clone());
            next
        })
    }

    fn shape(&mut self, kinds: &[Kind]) -> u32 {
        let next = self.shapes.len() as u32;
        *self.shapes.entry(kinds.to_vec()).or_insert_with_key(|kinds| {
            self.shard.shapes.push(kinds.clone());
            next
        })
    }
}
