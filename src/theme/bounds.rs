//! What the locks of a chain hold and what they leave open, with the lock that says so. [`super::lock`] checks; this tells.

use std::collections::{BTreeMap, BTreeSet};

use super::layer::{Layers, Part};
use super::stack::resolve;
use crate::base::diag::Place;
use crate::base::id::LayerId;

/// The theme that locks or opens a part, and where it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub layer: LayerId,
    pub place: Place,
}

#[derive(Default)]
pub struct Bounds {
    /// Files that are locked as a whole, by name.
    pub files: BTreeMap<String, Said>,
    /// Of those files the ones that locked parts only take macros from: what they write stands anywhere.
    pub macros: BTreeSet<String>,
    /// Locked blocks, those inside them included: `page.html`, `header`.
    pub blocks: BTreeMap<(String, String), Said>,
    /// Slots.
    pub open: BTreeMap<(String, String), Said>,
}

impl Bounds {
    /// What the chain's locks hold. Of two locks of one part that of the upper theme is told.
    pub fn new(layers: &Layers, chain: &[LayerId]) -> Bounds {
        let mut bounds = Bounds::default();
        for at in (0..chain.len()).rev() {
            let (owner, from) = (layers.get(chain[at]), &chain[at..]);
            for slot in &owner.open {
                if let Some(block) = &slot.block {
                    let said = Said { layer: chain[at], place: slot.place.clone() };
                    bounds.open.entry((slot.file.clone(), block.clone())).or_insert(said);
                }
            }
            for lock in &owner.locks {
                match &lock.block {
                    None => bounds.file(layers, from, lock, &lock.file),
                    Some(block) => bounds.block(layers, from, lock, block),
                }
            }
        }
        for slot in bounds.open.keys() {
            bounds.blocks.remove(slot);
        }
        bounds
    }

    /// The lock that holds a block of a file, or the file.
    pub fn lock(&self, file: &str, block: &str) -> Option<&Said> {
        self.files.get(file).or_else(|| self.blocks.get(&(file.to_owned(), block.to_owned())))
    }

    pub fn slot(&self, file: &str, block: &str) -> Option<&Said> {
        self.open.get(&(file.to_owned(), block.to_owned()))
    }

    fn file(&mut self, layers: &Layers, from: &[LayerId], lock: &Part, name: &str) {
        if self.files.contains_key(name) || name.starts_with('^') {
            return;
        }
        self.files.insert(name.to_owned(), Said { layer: from[0], place: lock.place.clone() });
        let outline = resolve(layers, from, name).and_then(|(_, t)| t.outline()).cloned().unwrap_or_default();
        self.macros.extend(outline.imports.iter().filter_map(|u| u.name.clone()));
        for used in outline.uses.into_iter().filter_map(|u| u.name) {
            self.file(layers, from, lock, &used);
        }
    }

    fn block(&mut self, layers: &Layers, from: &[LayerId], lock: &Part, block: &str) {
        for layer in from {
            let Some(o) = layers.get(*layer).templates.get(lock.file.as_str()).and_then(|t| t.outline()) else { continue };
            self.macros.extend(o.imports.iter().filter_map(|u| u.name.clone()));
            for b in o.blocks.iter().filter(|b| b.name == block) {
                for name in b.inside.iter().chain([&b.name]) {
                    let said = Said { layer: from[0], place: lock.place.clone() };
                    self.blocks.entry((lock.file.clone(), name.clone())).or_insert(said);
                }
                for used in b.uses.iter().chain(&o.imports).filter_map(|u| u.name.clone()) {
                    self.file(layers, from, lock, &used);
                }
            }
        }
    }
}
