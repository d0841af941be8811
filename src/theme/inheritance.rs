//! What templates extend, checked when a stack is made: none extends itself, and each block of one that extends another has
//! its place in a layout above. The engine runs in a circle until it is stopped, and says nothing of a block that it does not
//! show.

use std::collections::BTreeSet;

use super::layer::{Layers, Template};
use super::stack::{above, resolve};
use crate::base::diag::Diagnostic;
use crate::base::id::LayerId;
use crate::base::source::place;

/// Files that one page is laid out by; who has more is not followed further.
const DEEPEST: usize = 64;

pub fn check(layers: &Layers, chain: &[LayerId], out: &mut Vec<Diagnostic>) {
    for layer in chain {
        for (name, t) in &layers.get(*layer).templates {
            match follow(layers, chain, *layer, name, t) {
                Way::Layout(above) => blocks(name, t, &above, out),
                Way::Circle(by) => circle(layers, chain, t, &by, out),
                Way::Unknown => {}
            }
        }
    }
}

/// A template on the way up: its layer, its name, itself.
type Step<'l> = (LayerId, &'l str, &'l Template);

enum Way<'l> {
    /// It ends at a layout: the templates above, the nearest first.
    Layout(Vec<&'l Template>),
    /// It comes back to where it began; by these, itself first.
    Circle(Vec<Step<'l>>),
    /// Something on it is told of elsewhere, or only known at run time.
    Unknown,
}

fn follow<'l>(layers: &'l Layers, chain: &[LayerId], layer: LayerId, name: &'l str, t: &'l Template) -> Way<'l> {
    let mut steps: Vec<Step<'l>> = vec![(layer, name, t)];
    while let Some((layer, _, t)) = steps.last().copied().filter(|_| steps.len() < DEEPEST) {
        let Some(outline) = t.outline() else { return Way::Unknown };
        let Some(next) = &outline.extends else { return Way::Layout(steps.iter().skip(1).map(|(.., t)| *t).collect()) };
        let Some(next) = next.name.as_deref() else { return Way::Unknown };
        let found = match next.strip_prefix('^') {
            Some(same) => resolve(layers, above(chain, layer), same).map(|(l, t)| (l, same, t)),
            None => resolve(layers, chain, next).map(|(l, t)| (l, next, t)),
        };
        let Some(step) = found else { return Way::Unknown };
        match steps.iter().position(|(l, n, _)| (*l, *n) == (step.0, step.1)) {
            Some(0) => return Way::Circle(steps),
            Some(_) => return Way::Unknown,
            None => steps.push(step),
        }
    }
    Way::Unknown
}

/// A circle is told once, of the lowest layer that has a part in it: it was written last.
fn circle(layers: &Layers, chain: &[LayerId], t: &Template, by: &[Step], out: &mut Vec<Diagnostic>) {
    let rank = |step: &Step| (chain.iter().position(|l| *l == step.0), step.1.to_owned());
    let Some((first, rest)) = by.split_first() else { return };
    if rest.iter().any(|step| rank(step) < rank(first)) {
        return;
    }
    let Some(extends) = t.outline().and_then(|o| o.extends.as_ref()) else { return };
    let d = Diagnostic::error("theme.extends-itself").at(place(&t.file, &t.text, extends.range.clone()));
    let way: Vec<String> = by.iter().chain([first]).map(|(l, name, _)| format!("{}/{name}", layers.get(*l).name)).collect();
    out.push(d.arg("name", first.1).arg("way", way.join(" → ")));
}

/// A block inside another one is shown with it.
fn blocks(name: &str, t: &Template, above: &[&Template], out: &mut Vec<Diagnostic>) {
    let Some(outline) = t.outline().filter(|_| !above.is_empty()) else { return };
    let inner: BTreeSet<&str> = outline.blocks.iter().flat_map(|b| b.inside.iter().map(String::as_str)).collect();
    let known: BTreeSet<&str> = above.iter().filter_map(|t| t.outline()).flat_map(|o| &o.blocks).map(|b| &*b.name).collect();
    let called = |block: &str| above.iter().chain([&t]).any(|t| t.text.contains(&format!("self.{block}")));
    for b in outline.blocks.iter().filter(|b| !known.contains(&*b.name) && !inner.contains(&*b.name) && !called(&b.name)) {
        // From the word `block` to its name.
        let head = b.range.start..t.text[b.range.start..].find(&b.name).map_or(b.range.start + 5, |at| b.range.start + at + b.name.len());
        let d = Diagnostic::warning("theme.unknown-block").at(place(&t.file, &t.text, head)).arg("block", &b.name).arg("template", name);
        out.push(d.nearest(&b.name, known.iter().copied()));
    }
}
