//! Phrases that fail without a word: a value that a text waits for and is not given, a language in which there is no text.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::LayerId;
use crate::base::source::place;
use crate::theme::Layers;

/// Phrases of a chain that a layer has a part in: values that are not given, languages of its sites that are missing.
/// `spoken`: languages of the sites; whether one has it first.
pub fn check(layers: &Layers, chain: &[LayerId], chosen: &[LayerId], spoken: &BTreeMap<&str, bool>, out: &mut Vec<Diagnostic>) {
    let mut all: BTreeMap<&str, BTreeMap<&str, (&str, LayerId)>> = BTreeMap::new();
    let mut languages: BTreeSet<&str> = BTreeSet::new();
    for layer in chain.iter().rev() {
        for (lang, map) in &layers.get(*layer).phrases {
            languages.insert(lang);
            map.iter().for_each(|(key, text)| _ = all.entry(key).or_default().insert(lang, (text, *layer)));
        }
    }
    let file = |layer: LayerId, lang: &str| Place::file(format!("themes/{}/phrases/{lang}.toml", layers.get(layer).name));
    for (layer, t) in chain.iter().flat_map(|l| layers.get(*l).templates.values().map(move |t| (*l, t))) {
        for call in t.names().into_iter().flat_map(|n| &n.phrases) {
            let Some(given) = &call.given else { continue };
            let mut told = BTreeSet::new();
            for (lang, (text, of)) in all.get(&*call.key).into_iter().flatten() {
                for name in placeholders(text).filter(|n| !given.contains(*n)) {
                    if (chosen.contains(&layer) || chosen.contains(of)) && told.insert(name) {
                        let d =
                            Diagnostic::error("theme.placeholder").at(place(&t.file, &t.text, call.range.clone())).also(file(*of, lang));
                        out.push(d.arg("key", &call.key).arg("name", name));
                    }
                }
            }
        }
    }
    // A language that the themes above do not speak whole is one whose sites show another in places.
    let of_others = || all.values().filter(|texts| !texts.values().any(|(_, l)| chosen.contains(l)));
    let whole = |lang: &str| of_others().next().is_some() && of_others().all(|texts| has(texts, lang));
    let spoken: Vec<&str> =
        spoken.iter().filter(|(lang, first)| languages.contains(*lang) && (**first || whole(lang))).map(|(l, _)| *l).collect();
    for (key, texts) in &all {
        let Some((have, (_, layer))) = texts.iter().find(|(_, (_, l))| chosen.contains(l)) else { continue };
        for lang in spoken.iter().filter(|l| !has(texts, l)) {
            let d = Diagnostic::warning("theme.phrase-language").at(file(*layer, have));
            out.push(d.arg("key", key).arg("language", lang));
        }
    }
}

/// There is a text in the language, or in the one that it is a form of.
fn has(texts: &BTreeMap<&str, (&str, LayerId)>, lang: &str) -> bool {
    texts.contains_key(lang) || texts.contains_key(lang.split('-').next().unwrap_or(lang))
}

/// Names in braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let inner = text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
    inner.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}
