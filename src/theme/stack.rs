//! The chain of layers of a site: overlay → tier → base. Equal chains are one [`Stack`] and share one compiled engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::asset::{self, Asset};
use super::layer::{Layers, Template};
use super::{inheritance, lock};
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::{LayerId, SiteId};
use crate::config::Platform;
use crate::config::site::Block;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackId(pub u16);

pub struct Stack {
    pub id: StackId,
    /// The overlay first, the base last.
    pub chain: Vec<LayerId>,
    /// Merged, addressed by logical path, in order.
    pub assets: Vec<Asset>,
    /// Output paths of the assets, in the same order.
    pub asset_paths: Vec<String>,
    /// Files that keep their names: path below the site, bytes; in order.
    pub statics: Vec<(String, Arc<[u8]>)>,
    /// By language, by key: the first layer that has one.
    pub phrases: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
    /// Tokens of the chain; a site lays its own over them.
    pub tokens: BTreeMap<String, String>,
    /// Blocks of the home page, of the first layer that names any.
    pub home: Vec<Block>,
    pub failed: bool,
}

/// All stacks of a platform.
pub struct Themes {
    pub layers: Arc<Layers>,
    pub stacks: Vec<Stack>,
    /// By [`SiteId`]; `None`: the site's theme cannot be used, it is not built.
    of_site: Vec<Option<StackId>>,
}

impl Themes {
    /// Stacks of all sites: each theme exists, its chain reaches the theme of the site's tier, nothing locked is touched.
    /// `pages`: templates that categories ask for.
    pub fn new(platform: &Platform, pages: &[String], layers: Layers, out: &mut Vec<Diagnostic>) -> Themes {
        let layers = Arc::new(layers);
        let mut themes = Themes { layers: layers.clone(), stacks: Vec::new(), of_site: Vec::new() };
        for id in platform.site_ids() {
            let site = platform.site(id);
            if site.broken {
                themes.of_site.push(None);
                continue;
            }
            let place = site.settings.get("theme").map_or(site.place.clone(), |s| s.place.clone());
            let Some(chain) = chain(&layers, &site.theme, &place, out) else {
                themes.of_site.push(None);
                continue;
            };
            let standard = platform.tiers.get(&site.tier).map(|t| t.theme.clone());
            // A theme that could not be read has been reported; what it extends is not known.
            let broken = chain.iter().any(|l| layers.get(*l).broken);
            if let Some(standard) = standard
                && !broken
                && !chain.iter().any(|l| layers.get(*l).name == standard)
            {
                let d = Diagnostic::error("theme.not-of-tier").at(place).arg("theme", &site.theme).arg("tier", &site.tier);
                out.push(d.arg("standard", &standard).site(&site.id));
                themes.of_site.push(None);
                continue;
            }
            let known = themes.stacks.iter().position(|s| s.chain == chain);
            let at = known.unwrap_or_else(|| {
                let id = StackId(themes.stacks.len() as u16);
                let mut said = Vec::new();
                themes.stacks.push(Stack::new(&layers, pages, id, chain, &mut said));
                // Of a layer that many stacks share it is told once.
                out.extend(said.into_iter().filter(|d| !out.contains(d)).collect::<Vec<_>>());
                themes.stacks.len() - 1
            });
            let mut good = !themes.stacks[at].failed;
            let mut said = Vec::new();
            good &= broken || blocks(&layers, &themes.stacks[at].chain, site.home.as_deref().unwrap_or_default(), &mut said);
            // A list that was handed down is wrong once, however many sites have it.
            out.extend(said.into_iter().filter(|d| !out.contains(d)).collect::<Vec<_>>());
            themes.of_site.push(good.then_some(StackId(at as u16)));
        }
        themes
    }

    pub fn of(&self, site: SiteId) -> Option<&Stack> {
        self.of_site[site.index()].map(|s| &self.stacks[s.0 as usize])
    }
}

/// The chain of a theme; `None` and a message when it does not exist or runs in a circle.
fn chain(layers: &Layers, theme: &str, place: &Place, out: &mut Vec<Diagnostic>) -> Option<Vec<LayerId>> {
    let Some(first) = layers.find(theme) else {
        let d = Diagnostic::error("theme.unknown").at(place.clone()).arg("theme", theme);
        out.push(d.nearest(theme, layers.all.iter().map(|l| &*l.name)));
        return None;
    };
    let mut chain = vec![first];
    while let Some(above) = layers.get(chain[chain.len() - 1]).extends {
        if chain.contains(&above) {
            let d = Diagnostic::error("theme.cycle").at(layers.get(above).place.clone()).arg("theme", &layers.get(above).name);
            out.push(d);
            return None;
        }
        chain.push(above);
    }
    Some(chain)
}

impl Stack {
    fn new(layers: &Layers, pages: &[String], id: StackId, chain: Vec<LayerId>, out: &mut Vec<Diagnostic>) -> Stack {
        let before = out.len();
        let mut phrases: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>> = BTreeMap::new();
        let mut tokens = BTreeMap::new();
        for layer in chain.iter().rev().map(|l| layers.get(*l)) {
            for (lang, map) in &layer.phrases {
                phrases.entry(lang.clone()).or_default().extend(map.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            tokens.extend(layer.tokens.iter().map(|(k, t)| (k.clone(), t.value.clone())));
        }
        let assets = asset::merge(layers, &chain, out);
        let asset_paths = assets.iter().map(|a| a.path.clone()).collect();
        let mut statics: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
        for layer in chain.iter().rev().map(|l| layers.get(*l)) {
            statics.extend(layer.statics.iter().map(|(k, f)| (k.to_string(), f.bytes.clone())));
        }
        let statics = statics.into_iter().collect();
        lock::check(layers, pages, &chain, out);
        inheritance::check(layers, &chain, out);
        let home = chain.iter().find_map(|l| layers.get(*l).home.clone()).unwrap_or_default();
        let broken = chain.iter().any(|l| layers.get(*l).broken);
        // What a theme that could not be read lies over is not known.
        if !broken {
            blocks(layers, &chain, &home, out);
        }
        let failed = broken || out[before..].iter().any(Diagnostic::is_error);
        Stack { id, chain, assets, asset_paths, statics, phrases, tokens, home, failed }
    }

    /// The template of a name: of the first layer that has it.
    pub fn template<'l>(&self, layers: &'l Layers, name: &str) -> Option<(LayerId, &'l Template)> {
        resolve(layers, &self.chain, name)
    }

    /// Where the tokens of a site go; `None` where there is not one.
    pub fn tokens_path(&self, site: &crate::config::Site) -> Option<&'static str> {
        let own = crate::config::platform::below(&site.settings, "tokens.").next().is_some();
        (own || !self.tokens.is_empty()).then_some(asset::TOKENS)
    }

    pub fn asset(&self, path: &str) -> Option<&Asset> {
        self.assets.binary_search_by(|a| (*a.logical).cmp(path)).ok().map(|i| &self.assets[i])
    }

    /// The phrase of a language, else of the language it is a form of (`zh` of `zh-Hant`), else of `fallback`.
    pub fn phrase(&self, lang: &str, fallback: &str, key: &str) -> Option<&Arc<str>> {
        let wide = lang.split('-').next().unwrap_or(lang);
        [lang, wide, fallback, "zh-Hans", "en"].iter().find_map(|l| self.phrases.get(*l)?.get(key))
    }

    pub fn print_of_assets(&self) -> Fingerprint {
        let mut w = Writer::new("assets");
        for a in &self.assets {
            w.text(&a.logical).text(&a.path);
        }
        w.finish()
    }
}

/// Each block of a home page has its template, and its templates know its settings.
fn blocks(layers: &Layers, chain: &[LayerId], home: &[Block], out: &mut Vec<Diagnostic>) -> bool {
    let before = out.len();
    for block in home.iter().filter(|b| resolve(layers, chain, &b.template()).is_none()) {
        let known = block_names(layers, chain);
        let d = Diagnostic::error("theme.no-block").at(block.place.clone()).arg("block", &block.name);
        out.push(d.nearest(&block.name, known));
    }
    let whole = out.len() == before;
    let mut known = None;
    for block in home.iter().filter(|b| resolve(layers, chain, &b.template()).is_some()) {
        for ((key, value), place) in block.settings.iter().zip(&block.places) {
            let known: &BTreeSet<String> = known.get_or_insert_with(|| settings(layers, chain));
            if !known.contains(key) {
                let d = Diagnostic::warning("theme.block-setting").at(place.clone()).arg("setting", key).arg("block", &block.name);
                out.push(d.nearest(key, known.iter().map(String::as_str)));
                continue;
            }
            // Those of the upper layers first; a lower one adds its own.
            let choices = chain.iter().rev().filter_map(|l| layers.get(*l).choices.get(key));
            let choices: Vec<&str> = choices.flat_map(|c| c.split_whitespace()).collect();
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if !choices.is_empty() && !choices.contains(&value.as_str()) {
                let d = Diagnostic::warning("theme.block-choice").at(place.clone()).arg("setting", key).arg("value", &value);
                out.push(d.arg("allowed", choices.join(" ")).nearest(&value, choices));
            }
        }
    }
    whole
}

/// The blocks of home pages that a chain has.
pub fn block_names<'l>(layers: &'l Layers, chain: &[LayerId]) -> BTreeSet<&'l str> {
    let templates = chain.iter().flat_map(|l| layers.get(*l).templates.keys());
    templates.filter_map(|name| name.strip_prefix("blocks/")?.strip_suffix(".html")).collect()
}

/// Settings of blocks that some template of the stack asks for. Templates may hand a block on to macros of other files:
/// which asks for what is not told apart.
fn settings(layers: &Layers, chain: &[LayerId]) -> BTreeSet<String> {
    let templates = chain.iter().flat_map(|l| layers.get(*l).templates.values());
    let after = |text: &str| -> Vec<String> {
        let names = text.split("block.").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next());
        let quoted = text.split("block[\"").skip(1).map(|rest| rest.split('"').next());
        names.chain(quoted).flatten().filter(|n| !n.is_empty()).map(str::to_owned).collect()
    };
    let mut known: BTreeSet<String> = templates.flat_map(|t| after(&t.text)).collect();
    // Read by the program, for `title`.
    known.insert("titles".to_owned());
    known
}

pub fn resolve<'l>(layers: &'l Layers, chain: &[LayerId], name: &str) -> Option<(LayerId, &'l Template)> {
    chain.iter().find_map(|l| layers.get(*l).templates.get(name).map(|t| (*l, t)))
}

/// The chain of a layer without words; a circle ends where it closes.
pub fn chain_of(layers: &Layers, layer: LayerId) -> Vec<LayerId> {
    let mut chain = vec![layer];
    while let Some(above) = layers.get(chain[chain.len() - 1]).extends.filter(|a| !chain.contains(a)) {
        chain.push(above);
    }
    chain
}

/// What a layer lies over: the chain above it. A platform's folder in the place of a standard theme lies over that theme.
pub fn parents(layers: &Layers, layer: LayerId) -> Vec<LayerId> {
    match layers.find(&format!("std:{}", layers.get(layer).name)) {
        Some(standard) => chain_of(layers, standard),
        None => chain_of(layers, layer).split_off(1),
    }
}

/// The layers above `layer` in a chain.
pub fn above(chain: &[LayerId], layer: LayerId) -> &[LayerId] {
    chain.iter().position(|l| *l == layer).map_or(&[], |at| &chain[at + 1..])
}
