//! Overrides whose parent changed since they were written. The layer's `theme.lock` keeps a print of what each override lay
//! over; it is written when somebody has looked, and committed with the layer.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::diff::{Change, difference};
use super::layer::Layers;
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::LayerId;

/// The record of a layer, in its folder.
pub const FILE: &str = "theme.lock";

const HEAD: &str = "# What the overrides of this layer lay over when they were last looked at. Written by `banyan theme drift --accept`.\n";

/// An override that is not as it was recorded.
pub struct Drift {
    pub part: String,
    pub kind: Kind,
    /// The override.
    pub place: Place,
    /// What it lies over now: layer, place, text.
    pub now: Option<(LayerId, Place, String)>,
    /// The layer that it lay over, as recorded.
    pub was: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What it lies over is another now.
    Changed,
    /// There is nothing any more that it lies over.
    Gone,
    /// Nobody has recorded it.
    New,
}

/// Overrides of a layer with what they lie over: templates, blocks, assets.
fn overrides(layers: &Layers, layer: LayerId) -> Vec<Change> {
    let found = difference(layers, layer);
    found.templates.into_iter().chain(found.assets).filter(|c| c.over.is_some()).collect()
}

/// Indents, line ends and blank lines mean nothing.
fn print(text: &str) -> String {
    let lines = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|l| !l.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n");
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

fn print_of(layers: &Layers, change: &Change) -> String {
    match (&change.old, &change.over) {
        (Some(text), _) => print(text),
        (None, Some((layer, _))) => {
            let above = layers.get(*layer);
            let bytes = change.part.split_once('/').and_then(|(kind, name)| match kind {
                "assets" => above.assets.get(name),
                _ => above.statics.get(name),
            });
            bytes.map_or_else(String::new, |f| blake3::hash(&f.bytes).to_hex()[..16].to_owned())
        }
        (None, None) => String::new(),
    }
}

/// `part layer print` by part.
fn recorded(text: &str) -> BTreeMap<String, (String, String)> {
    let mut known = BTreeMap::new();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split_whitespace();
        if let (Some(part), Some(layer), Some(print)) = (words.next(), words.next(), words.next()) {
            known.insert(part.to_owned(), (layer.to_owned(), print.to_owned()));
        }
    }
    known
}

/// The text of the record of a layer as it stands: sorted, a line an override, so that two hands can merge theirs. `None`:
/// it overrides nothing.
pub fn record(layers: &Layers, layer: LayerId) -> Option<String> {
    let mut lines: Vec<String> = overrides(layers, layer)
        .iter()
        .filter_map(|c| Some(format!("{} {} {}", c.part, layers.get(c.over.as_ref()?.0).name, print_of(layers, c))))
        .collect();
    lines.sort();
    let mut text = String::from(HEAD);
    for line in &lines {
        _ = writeln!(text, "{line}");
    }
    (!lines.is_empty()).then_some(text)
}

/// What of a layer is not as it was recorded.
pub fn drift(layers: &Layers, layer: LayerId) -> Vec<Drift> {
    let known = recorded(layers.get(layer).record.as_deref().unwrap_or_default());
    let mut out = Vec::new();
    let mut seen = Vec::new();
    for c in overrides(layers, layer) {
        let Some((above, place)) = &c.over else { continue };
        seen.push(c.part.clone());
        let kind = match known.get(&c.part) {
            None => Kind::New,
            Some((_, old)) if *old == print_of(layers, &c) => continue,
            Some(_) => Kind::Changed,
        };
        let was = known.get(&c.part).map(|(layer, _)| layer.clone());
        let text = c.old.clone().unwrap_or_default();
        out.push(Drift { part: c.part.clone(), kind, place: c.place.clone(), now: Some((*above, place.clone(), text)), was });
    }
    // It is recorded, and still there, but lies over nothing.
    for c in difference(layers, layer).templates.into_iter().filter(|c| c.over.is_none()) {
        if let Some((was, _)) = known.get(&c.part).filter(|_| !seen.contains(&c.part)) {
            out.push(Drift { part: c.part, kind: Kind::Gone, place: c.place, now: None, was: Some(was.clone()) });
        }
    }
    out
}

impl Drift {
    pub fn diagnostic(&self, layers: &Layers, layer: LayerId) -> Diagnostic {
        let d = match self.kind {
            Kind::Changed => Diagnostic::warning("theme.drift"),
            Kind::Gone => Diagnostic::warning("theme.drift-gone"),
            Kind::New => Diagnostic::note("theme.drift-new"),
        };
        let was = self.was.clone().unwrap_or_default();
        let now = self.now.as_ref().map_or(was.clone(), |(l, ..)| layers.get(*l).name.to_string());
        let d = d.at(self.place.clone()).arg("part", &self.part).arg("layer", &layers.get(layer).name).arg("above", now).arg("was", was);
        match &self.now {
            Some((_, place, _)) => d.also(place.clone()),
            None => d,
        }
    }
}

/// One line for each layer that has drifted.
pub fn summary(layers: &Layers, layer: LayerId) -> Option<Diagnostic> {
    let all = drift(layers, layer);
    let changed: Vec<&str> = all.iter().filter(|d| d.kind != Kind::New).map(|d| &*d.part).collect();
    let name = &layers.get(layer).name;
    let place = Place::file(format!("themes/{name}/{FILE}"));
    let d = Diagnostic::warning("theme.drifted").at(place).arg("layer", name).arg("count", changed.len());
    (!changed.is_empty()).then(|| d.arg("parts", changed.join(", ")))
}
