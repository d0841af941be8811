//! Locks and slots (D14), checked when a stack is made, before anything renders. A lock of a layer holds for every layer
//! below it; each finding names both places: the lock and what goes against it.

use std::collections::BTreeSet;

use super::ast::Outline;
use super::layer::{Layer, Layers, Part, Template};
use super::stack::{above, resolve};
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::LayerId;
use crate::base::source::place;

/// Templates that the program itself asks for: what is rendered as a page.
pub const PAGES: [&str; 11] = [
    "home.html",
    "column.html",
    "archive.html",
    "topic.html",
    "article.html",
    "tag.html",
    "tags.html",
    "sitemap.html",
    "404.html",
    "redirect.html",
    "page.html",
];

/// Names a template finds without having set them; a layer below a lock may not put others in their place.
pub(super) const WORLD: [&str; 21] = [
    "site",
    "page",
    "item",
    "list",
    "column",
    "tag",
    "tags",
    "target",
    "items",
    "columns",
    "menu",
    "asset",
    "integrity",
    "t",
    "fragment",
    "item_url",
    "generator",
    "range",
    "dict",
    "namespace",
    "debug",
];

pub fn check(layers: &Layers, pages: &[String], chain: &[LayerId], out: &mut Vec<Diagnostic>) {
    for (at, upper) in chain.iter().enumerate() {
        let owner = layers.get(*upper);
        if owner.locks.is_empty() {
            continue;
        }
        let lower = &chain[..at];
        let mut check = Check { layers, chain, from: &chain[at..], owner, lower, files: Vec::new(), out };
        for lock in &owner.locks {
            match &lock.block {
                None => check.whole_file(lock, &lock.file),
                Some(block) => check.block(lock, block),
            }
        }
        check.slots();
        check.escapes(pages);
    }
}

struct Check<'a> {
    layers: &'a Layers,
    chain: &'a [LayerId],
    /// The layer of the lock and those above it: what it was locked to.
    from: &'a [LayerId],
    owner: &'a Layer,
    lower: &'a [LayerId],
    /// Files already locked as a whole.
    files: Vec<String>,
    out: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn say(&mut self, id: &'static str, at: Place, lock: &Part, part: &str, layer: &Layer) {
        let d = Diagnostic::error(id).at(at).also(lock.place.clone());
        self.out.push(d.arg("part", part).arg("theme", &self.owner.name).arg("layer", &layer.name));
    }

    /// No lower layer may have the file, nor any file that it uses.
    fn whole_file(&mut self, lock: &Part, file: &str) {
        if self.files.iter().any(|f| f == file) {
            return;
        }
        self.files.push(file.to_owned());
        for l in self.lower {
            let layer = self.layers.get(*l);
            if let Some(t) = layer.templates.get(file) {
                let start = place(&t.file, &t.text, 0..0);
                self.say("lock.file", start, lock, file, layer);
            }
        }
        let Some((_, t)) = resolve(self.layers, self.from, file) else {
            let d = Diagnostic::error("lock.nothing").at(lock.place.clone());
            self.out
                .push(d.arg("part", file).nearest(file, self.from.iter().flat_map(|l| self.layers.get(*l).templates.keys().map(|k| &**k))));
            return;
        };
        if let Some(o) = t.outline() {
            self.uses(lock, t, o.uses.iter());
        }
    }

    fn uses<'n>(&mut self, lock: &Part, t: &Template, uses: impl Iterator<Item = &'n super::ast::Named>) {
        for used in uses {
            match &used.name {
                // `^x` is of the layers above: nobody below can touch it.
                Some(name) if name.starts_with('^') => {}
                Some(name) => self.whole_file(lock, name),
                None => {
                    let d = Diagnostic::error("lock.dynamic").at(place(&t.file, &t.text, used.range.clone()));
                    self.out.push(d.also(lock.place.clone()).arg("part", &lock.file).arg("theme", &self.owner.name));
                }
            }
        }
    }

    fn block(&mut self, lock: &Part, block: &str) {
        let shown = format!("{}#{block}", lock.file);
        // All layers from the lock upwards may add to the block; what it uses in each is locked with it.
        let mut inside: BTreeSet<String> = BTreeSet::from([block.to_owned()]);
        // Blocks around it: who overrides one of them without `super()` takes the locked one out with it.
        let mut around: BTreeSet<String> = BTreeSet::new();
        let mut found = false;
        for l in self.from {
            let Some(t) = self.layers.get(*l).templates.get(lock.file.as_str()) else { continue };
            let Some(o) = t.outline() else { continue };
            around.extend(o.blocks.iter().filter(|b| b.inside.iter().any(|i| i == block)).map(|b| b.name.clone()));
            for b in o.blocks.iter().filter(|b| b.name == block) {
                found = true;
                inside.extend(b.inside.iter().cloned());
                let imports: Vec<_> = b.uses.iter().chain(o.imports.iter()).collect();
                self.uses(lock, t, imports.into_iter());
            }
        }
        if !found {
            self.nothing(lock, block);
            return;
        }
        for slot in self.owner.open.iter().filter(|s| s.file == lock.file) {
            if let Some(name) = &slot.block
                && name != block
            {
                inside.remove(name);
            }
        }
        for l in self.lower {
            let layer = self.layers.get(*l);
            for (name, t) in &layer.templates {
                let Some(o) = t.outline() else { continue };
                let start = place(&t.file, &t.text, 0..0);
                if **name == *lock.file && o.extends.is_none() {
                    self.say("lock.replaced", start.clone(), lock, &shown, layer);
                    continue;
                }
                if !self.reaches(*l, name, o, &lock.file) {
                    continue;
                }
                for b in o.blocks.iter().filter(|b| inside.contains(&b.name)) {
                    self.say(
                        "lock.block",
                        place(&t.file, &t.text, b.range.start..b.range.start + 2),
                        lock,
                        &format!("{}#{}", lock.file, b.name),
                        layer,
                    );
                }
                for b in o.blocks.iter().filter(|b| around.contains(&b.name) && !b.keeps) {
                    let at = place(&t.file, &t.text, b.range.start..b.range.start + 2);
                    self.say("lock.around", at, lock, &shown, layer);
                }
                for set in o.sets.iter().filter(|s| s.name.as_deref().is_some_and(|n| WORLD.contains(&n))) {
                    let name = set.name.clone().unwrap_or_default();
                    self.say("lock.name", place(&t.file, &t.text, set.range.clone()), lock, &name, layer);
                }
            }
        }
    }

    /// A block that is nowhere, with the nearest one of its file. It may be in a file that cannot be read.
    fn nothing(&mut self, part: &Part, block: &str) {
        let templates = || self.from.iter().filter_map(|l| self.layers.get(*l).templates.get(&*part.file));
        if templates().any(|t| t.outline().is_none()) {
            return;
        }
        let known: Vec<String> = self.blocks(&part.file).into_iter().map(|b| format!("{}#{b}", part.file)).collect();
        let shown = format!("{}#{block}", part.file);
        let d = Diagnostic::error("lock.nothing").at(part.place.clone()).arg("part", &shown);
        self.out.push(d.nearest(&shown, known.iter().map(String::as_str)));
    }

    /// Blocks of a file in the layer of the lock and those above.
    fn blocks(&self, file: &str) -> BTreeSet<String> {
        let templates = self.from.iter().filter_map(|l| self.layers.get(*l).templates.get(file));
        templates.filter_map(|t| t.outline()).flat_map(|o| &o.blocks).map(|b| b.name.clone()).collect()
    }

    /// A slot that is nowhere opens nothing.
    fn slots(&mut self) {
        for slot in &self.owner.open {
            if let Some(block) = slot.block.as_ref().filter(|b| !self.blocks(&slot.file).contains(*b)) {
                self.nothing(slot, block);
            }
        }
    }

    /// The chain of `extends` of a template comes by `file`. One that is not literal counts as coming by everything; so does
    /// one that leads nowhere, into a circle or to a file that cannot be read: that is told of, and nothing comes of it.
    fn reaches(&self, layer: LayerId, name: &str, o: &Outline, file: &str) -> bool {
        let (mut layer, mut name, mut o) = (layer, name, o);
        let mut seen: Vec<(LayerId, &str)> = Vec::new();
        for _ in 0..self.chain.len() * 8 {
            if name == file || seen.contains(&(layer, name)) {
                return true;
            }
            seen.push((layer, name));
            let Some(next) = &o.extends else { return false };
            let Some(next) = next.name.as_deref() else { return true };
            let hit = match next.strip_prefix('^') {
                Some(same) => resolve(self.layers, above(self.chain, layer), same).map(|h| (same, h)),
                None => resolve(self.layers, self.chain, next).map(|h| (next, h)),
            };
            let Some((next, (l, t))) = hit else { return true };
            let Some(outline) = t.outline() else { return true };
            (layer, name, o) = (l, next, outline);
        }
        false
    }

    /// Pages of lower layers that go round a lock: a page of their own that comes by no locked layout, or one in the place
    /// of a page that came by a locked file and no longer does.
    fn escapes(&mut self, pages: &[String]) {
        let owner = self.owner;
        let locks: Vec<&Part> = owner.locks.iter().filter(|l| l.block.is_some()).collect();
        // A layout is where a chain of `extends` ends; a file in the middle of one concerns only the pages behind it.
        let is_layout =
            |file: &str| resolve(self.layers, self.from, file).and_then(|(_, t)| t.outline()).is_some_and(|o| o.extends.is_none());
        let layouts: Vec<&Part> = locks.iter().copied().filter(|l| is_layout(&l.file)).collect();
        let asked: BTreeSet<&str> = PAGES.iter().copied().chain(pages.iter().map(String::as_str)).collect();
        for l in self.lower {
            let layer = self.layers.get(*l);
            for (name, t) in &layer.templates {
                let Some(o) = t.outline() else { continue };
                if let (Some(e), Some(lock)) = (o.extends.as_ref().filter(|e| e.name.is_none()), locks.first()) {
                    self.say("lock.dynamic-extends", place(&t.file, &t.text, e.range.clone()), lock, &lock.file, layer);
                    continue;
                }
                let comes_by = |file: &str| **name == *file || self.reaches(*l, name, o, file);
                let page = asked.contains(&**name) || t.text.to_ascii_lowercase().contains("<html");
                let outside = (page && !layouts.iter().any(|lock| comes_by(&lock.file))).then(|| layouts.first()).flatten();
                let skipped = locks.iter().find(|lock| {
                    let came_by = resolve(self.layers, self.from, name)
                        .and_then(|(upper, u)| Some((upper, u.outline()?)))
                        .is_some_and(|(upper, u)| self.reaches(upper, name, u, &lock.file));
                    came_by && !comes_by(&lock.file)
                });
                if let Some(lock) = outside.or(skipped) {
                    self.say("lock.escape", place(&t.file, &t.text, 0..0), lock, &lock.file, layer);
                    if let Some(said) = self.out.last_mut() {
                        said.args.push(("page".into(), name.to_string()));
                    }
                }
            }
        }
    }
}

/// A `template` that an item (`instead_of`: the template of its category) or a column asks for may not lead round a lock
/// either. What the layer of the lock, or one above it, provides is fit for its pages; what a lower one provides must come
/// by the locked file. `None`: all is well. Else the lock that it goes round.
pub fn bypassed<'l>(layers: &'l Layers, chain: &[LayerId], template: &str, instead_of: Option<&str>) -> Option<(&'l Layer, &'l Part)> {
    let (layer, t) = resolve(layers, chain, template)?;
    let outline = t.outline()?;
    let mut none = Vec::new();
    for (at, upper) in chain.iter().enumerate() {
        let owner = layers.get(*upper);
        if let Some(own) = owner.locks.iter().find(|l| l.block.is_none() && instead_of == Some(&l.file) && l.file != template) {
            return Some((owner, own));
        }
        let locks: Vec<&Part> = owner.locks.iter().filter(|l| l.block.is_some()).collect();
        let Some(first) = locks.first().filter(|_| !chain[at..].contains(&layer)) else { continue };
        let check = Check { layers, chain, from: chain, owner, lower: &[], files: Vec::new(), out: &mut none };
        if !locks.iter().any(|l| check.reaches(layer, template, outline, &l.file)) {
            return Some((owner, first));
        }
    }
    None
}
