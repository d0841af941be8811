//! Where each block of a page comes from, and what a block lies over.

use super::ast::{outline, whole};
use super::layer::{Layers, Template};
use super::stack::{above, resolve};
use crate::base::diag::Place;
use crate::base::id::LayerId;

/// A block as a page shows it, and what it lies over.
pub struct BlockOrigin {
    pub name: String,
    pub layer: LayerId,
    pub place: Place,
    /// Of the layers above, the nearest first.
    pub over: Vec<Place>,
}

/// The files that a template is laid out by, from itself up to the outermost, and its blocks in the order of the outermost.
pub fn blocks(layers: &Layers, chain: &[LayerId], template: &str) -> (Vec<Place>, Vec<BlockOrigin>) {
    let mut files = Vec::new();
    let mut found: Vec<BlockOrigin> = Vec::new();
    let mut at = resolve(layers, chain, template);
    // As many steps as files there can be: a circle ends too.
    for _ in 0..64 {
        let Some((layer, t)) = at else { break };
        files.push(Place::file(t.file.clone()));
        let Some(outline) = outline(&t.text) else { break };
        let mut here = Vec::new();
        for block in &outline.blocks {
            let place = crate::base::source::place(&t.file, &t.text, block.range.clone());
            match found.iter().position(|b| b.name == block.name) {
                Some(known) => {
                    let mut known = found.remove(known);
                    known.over.push(place);
                    here.push(known);
                }
                None => here.push(BlockOrigin { name: block.name.clone(), layer, place, over: Vec::new() }),
            }
        }
        // Blocks that the outer file does not have stay behind those it has.
        here.append(&mut found);
        found = here;
        let Some(next) = outline.extends.and_then(|e| e.name) else { break };
        at = match next.strip_prefix('^') {
            Some(same) => resolve(layers, above(chain, layer), same),
            None => resolve(layers, chain, &next),
        };
    }
    (files, found)
}

/// A block of a template, where it stands.
#[derive(Clone)]
pub struct Found<'l> {
    pub layer: LayerId,
    pub template: &'l Template,
    pub range: std::ops::Range<usize>,
}

impl<'l> Found<'l> {
    pub fn text(&self) -> &'l str {
        self.template.text.get(self.range.clone()).unwrap_or_default()
    }

    pub fn place(&self) -> Place {
        crate::base::source::place(&self.template.file, &self.template.text, self.range.clone())
    }
}

/// The block that one of `text`, a template of a layer over `parents`, lies over: of the nearest file above that `extends`
/// leads to.
pub fn parent_block<'l>(layers: &'l Layers, parents: &[LayerId], text: &str, block: &str) -> Option<Found<'l>> {
    let mut next = outline(text)?.extends?.name?;
    let mut at: Option<LayerId> = None;
    for _ in 0..64 {
        let from = match at {
            Some(layer) if next.starts_with('^') => above(parents, layer),
            _ => parents,
        };
        let (layer, template) = resolve(layers, from, next.trim_start_matches('^'))?;
        let outline = outline(&template.text)?;
        if let Some(b) = outline.blocks.iter().find(|b| b.name == block) {
            return Some(Found { layer, template, range: whole(&template.text, b.range.clone()) });
        }
        (next, at) = (outline.extends?.name?, Some(layer));
    }
    None
}
