//! What a stack is made of: who provides each template, block, asset, token and phrase, what is locked and what is open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ast::outline;
use super::bounds::{Bounds, Said};
use super::layer::Layers;
use super::origin;
use crate::base::diag::Place;
use crate::base::id::LayerId;

/// A thing of the stack, by the layer that provides it.
pub struct Provided {
    pub name: String,
    pub layer: LayerId,
    pub place: Place,
    /// The layers it lies over, the nearest first.
    pub over: Vec<LayerId>,
    pub bound: Bound,
}

pub enum Bound {
    /// Any layer below may have its own.
    Free,
    Locked(Said),
    /// It stands in a locked part and is left open by name.
    Slot(Said),
}

/// A token or phrase with its value.
pub struct Valued {
    pub provided: Provided,
    pub value: String,
    /// Of a phrase.
    pub lang: Option<Arc<str>>,
}

pub struct Explained {
    pub chain: Vec<LayerId>,
    pub templates: Vec<Provided>,
    /// By template, in the order of its outermost file.
    pub blocks: Vec<(String, Vec<Provided>)>,
    pub assets: Vec<Provided>,
    pub tokens: Vec<Valued>,
    pub phrases: Vec<Valued>,
}

/// `template`: only that one, with all the blocks that it has of the files it extends.
pub fn explain(layers: &Layers, chain: &[LayerId], template: Option<&str>) -> Explained {
    let bounds = Bounds::new(layers, chain);
    let names: BTreeSet<&Arc<str>> = chain.iter().flat_map(|l| layers.get(*l).templates.keys()).collect();
    let wanted: Vec<&str> = names.iter().map(|n| &***n).filter(|n| template.is_none_or(|t| t == *n)).collect();
    let file = |name: &str| {
        provided(chain, name, |l| layers.get(l).templates.get(name).map(|t| Place::file(t.file.clone()))).map(|mut p| {
            if let Some(said) = bounds.files.get(name) {
                p.bound = Bound::Locked(said.clone());
            }
            p
        })
    };
    let blocks = wanted.iter().map(|name| ((*name).to_owned(), blocks(layers, chain, &bounds, name, template.is_some())));
    let assets: BTreeSet<&Arc<str>> = chain.iter().flat_map(|l| layers.get(*l).assets.keys()).collect();
    let asset = |name: &&Arc<str>| provided(chain, name, |l| layers.get(l).assets.get(*name).map(|a| Place::file(a.file.clone())));
    let tokens: BTreeSet<&String> = chain.iter().flat_map(|l| layers.get(*l).tokens.keys()).collect();
    let token = |name: &&String| {
        let provided = provided(chain, name, |l| layers.get(l).tokens.get(*name).map(|t| t.place.clone()))?;
        let value = layers.get(provided.layer).tokens.get(*name)?.value.clone();
        Some(Valued { provided, value, lang: None })
    };
    let all = template.is_none();
    Explained {
        chain: chain.to_vec(),
        templates: wanted.iter().filter_map(|n| file(n)).collect(),
        blocks: blocks.filter(|(_, b)| !b.is_empty()).collect(),
        assets: if all { assets.iter().filter_map(asset).collect() } else { Vec::new() },
        tokens: if all { tokens.iter().filter_map(token).collect() } else { Vec::new() },
        phrases: if all { phrases(layers, chain) } else { Vec::new() },
    }
}

fn provided(chain: &[LayerId], name: &str, at: impl Fn(LayerId) -> Option<Place>) -> Option<Provided> {
    let mut holders = chain.iter().filter_map(|l| Some((*l, at(*l)?)));
    let (layer, place) = holders.next()?;
    Some(Provided { name: name.to_owned(), layer, place, over: holders.map(|(l, _)| l).collect(), bound: Bound::Free })
}

fn blocks(layers: &Layers, chain: &[LayerId], bounds: &Bounds, name: &str, inherited: bool) -> Vec<Provided> {
    let mut own: BTreeSet<String> = BTreeSet::new();
    for t in chain.iter().filter_map(|l| layers.get(*l).templates.get(name)) {
        own.extend(outline(&t.text).map(|o| o.blocks).unwrap_or_default().into_iter().map(|b| b.name));
    }
    let (files, found) = origin::blocks(layers, chain, name);
    let files: Vec<&str> = files.iter().filter_map(|f| f.file.split_once("templates/").map(|(_, n)| n)).collect();
    let layer_of: BTreeMap<&str, LayerId> =
        chain.iter().flat_map(|l| layers.get(*l).templates.values().map(move |t| (&*t.file, *l))).collect();
    let shown = found.into_iter().filter(|b| inherited || own.contains(&b.name));
    shown
        .map(|b| {
            let bound = match (files.iter().find_map(|f| bounds.slot(f, &b.name)), files.iter().find_map(|f| bounds.lock(f, &b.name))) {
                (Some(slot), _) => Bound::Slot(slot.clone()),
                (None, Some(lock)) => Bound::Locked(lock.clone()),
                (None, None) => Bound::Free,
            };
            let over = b.over.iter().filter_map(|p| layer_of.get(&*p.file).copied()).collect();
            Provided { name: b.name, layer: b.layer, place: b.place, over, bound }
        })
        .collect()
}

fn phrases(layers: &Layers, chain: &[LayerId]) -> Vec<Valued> {
    let mut keys: BTreeSet<(&Arc<str>, &Arc<str>)> = BTreeSet::new();
    for layer in chain {
        keys.extend(layers.get(*layer).phrases.iter().flat_map(|(lang, map)| map.keys().map(move |k| (lang, k))));
    }
    let one = |(lang, key): (&Arc<str>, &Arc<str>)| {
        let provided = provided(chain, key, |l| {
            let layer = layers.get(l);
            layer.phrases.get(lang)?.get(key)?;
            Some(Place::file(format!("themes/{}/phrases/{lang}.toml", layer.name)))
        })?;
        let value = layers.get(provided.layer).phrases.get(lang)?.get(key)?.to_string();
        Some(Valued { provided, value, lang: Some(lang.clone()) })
    };
    keys.into_iter().filter_map(one).collect()
}
