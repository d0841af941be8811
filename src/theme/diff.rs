//! What a layer changes against what it lies over.

use std::sync::Arc;

use super::ast::{outline, whole};
use super::layer::{AssetFile, Layers};
use super::origin::parent_block;
use super::stack::{parents, resolve};
use crate::base::diag::Place;
use crate::base::id::LayerId;

pub struct Change {
    /// `page.html#head`, `color-primary`, `zh-Hans more`, `assets/css/local.css`.
    pub part: String,
    pub place: Place,
    /// What it lies over; `None`: it is new.
    pub over: Option<(LayerId, Place)>,
    /// Of a text: as it is above, and here. Bytes that are no text have none.
    pub old: Option<String>,
    pub new: Option<String>,
}

#[derive(Default)]
pub struct Difference {
    pub templates: Vec<Change>,
    pub tokens: Vec<Change>,
    pub phrases: Vec<Change>,
    pub assets: Vec<Change>,
}

pub fn difference(layers: &Layers, layer: LayerId) -> Difference {
    let parents = parents(layers, layer);
    Difference {
        templates: templates(layers, layer, &parents),
        tokens: tokens(layers, layer, &parents),
        phrases: phrases(layers, layer, &parents),
        assets: assets(layers, layer, &parents),
    }
}

/// Blocks that lie over one above, whole files in the place of one above, and what is new.
fn templates(layers: &Layers, layer: LayerId, parents: &[LayerId]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, t) in &layers.get(layer).templates {
        let above = resolve(layers, parents, name);
        if above.is_some_and(|(_, a)| a.print == t.print) {
            continue;
        }
        let outline = outline(&t.text).unwrap_or_default();
        if outline.extends.is_none() || (above.is_none() && outline.blocks.is_empty()) {
            let over = above.map(|(l, a)| (l, Place::file(a.file.clone())));
            let old = above.map(|(_, a)| a.text.to_string());
            changes.push(Change { part: name.to_string(), place: Place::file(t.file.clone()), over, old, new: Some(t.text.to_string()) });
            continue;
        }
        for b in &outline.blocks {
            let found = parent_block(layers, parents, &t.text, &b.name);
            let range = whole(&t.text, b.range.clone());
            let place = crate::base::source::place(&t.file, &t.text, range.clone());
            let (over, old) = found.map(|f| ((f.layer, f.place()), f.text().to_owned())).unzip();
            let new = t.text.get(range).map(str::to_owned);
            changes.push(Change { part: format!("{name}#{}", b.name), place, over, old, new });
        }
    }
    changes
}

fn tokens(layers: &Layers, layer: LayerId, parents: &[LayerId]) -> Vec<Change> {
    let change = |(name, token): (&String, &super::layer::Token)| {
        let above = parents.iter().find_map(|l| layers.get(*l).tokens.get(name).map(|t| (*l, t)));
        let same = above.is_some_and(|(_, t)| t.value == token.value);
        let (over, old) = above.map(|(l, t)| ((l, t.place.clone()), t.value.clone())).unzip();
        (!same).then(|| Change { part: name.clone(), place: token.place.clone(), over, old, new: Some(token.value.clone()) })
    };
    layers.get(layer).tokens.iter().filter_map(change).collect()
}

fn phrases(layers: &Layers, layer: LayerId, parents: &[LayerId]) -> Vec<Change> {
    let file = |l: LayerId, lang: &str| Place::file(format!("themes/{}/phrases/{lang}.toml", layers.get(l).name));
    let mut changes = Vec::new();
    for (lang, map) in &layers.get(layer).phrases {
        for (key, text) in map {
            let above = parents.iter().find_map(|l| layers.get(*l).phrases.get(lang)?.get(key).map(|t| (*l, t)));
            if above.is_some_and(|(_, t)| t == text) {
                continue;
            }
            let (over, old) = above.map(|(l, t)| ((l, file(l, lang)), t.to_string())).unzip();
            changes.push(Change { part: format!("{lang} {key}"), place: file(layer, lang), over, old, new: Some(text.to_string()) });
        }
    }
    changes
}

fn assets(layers: &Layers, layer: LayerId, parents: &[LayerId]) -> Vec<Change> {
    let text = |f: &AssetFile| std::str::from_utf8(&f.bytes).ok().map(str::to_owned);
    let all = |l: LayerId| {
        let layer = layers.get(l);
        let assets = layer.assets.iter().map(|(k, f)| (format!("assets/{k}"), f));
        assets.chain(layer.statics.iter().map(|(k, f)| (format!("static/{k}"), f)))
    };
    let change = |(part, file): (String, &AssetFile)| {
        let above = parents.iter().find_map(|l| Some((*l, all(*l).find(|(k, _)| *k == part)?.1)));
        let same = above.is_some_and(|(_, f)| f.bytes == file.bytes);
        let (over, old) = above.map(|(l, f)| ((l, Place::file(f.file.clone())), text(f))).unzip();
        let shown: Arc<str> = file.file.clone();
        (!same).then(|| Change { part, place: Place::file(shown), over, old: old.flatten(), new: text(file) })
    };
    all(layer).filter_map(change).collect()
}
