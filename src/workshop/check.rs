//! The contract of a layer: what `theme check` holds it to, in every tier that could use it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::sync::Arc;

use super::html::{Flaw, inspect};
use super::pages::{Page, render};
use super::sample::{Case, Sample};
use super::{colour, css, phrases, tokens, unknown};
use crate::base::diag::{Diagnostic, Place, Severity, sort};
use crate::base::id::LayerId;
use crate::base::source;
use crate::config::Platform;
use crate::theme::Layers;
use crate::theme::bounds::Bounds;
use crate::theme::mark::ATTRIBUTE;

/// Bytes of a page with its style sheets and scripts, compressed.
const HEAVY: usize = 60 * 1024;

pub struct Contract {
    pub findings: Vec<Diagnostic>,
    /// Layers in tiers.
    pub cases: usize,
    pub pages: usize,
}

/// Builds the samples of the layers and looks at every page.
pub fn check(platform: &Platform, layers: &Layers, chosen: &[LayerId]) -> Result<Contract, Diagnostic> {
    let sample = Sample::lay(platform, layers, chosen)?;
    let layers = &sample.world.themes.layers;
    let names: BTreeSet<Arc<str>> = chosen.iter().map(|l| layers.get(*l).name.clone()).collect();
    let mut all: Vec<Diagnostic> = sample.said.iter().filter(|d| d.place.as_ref().is_some_and(is_of_theme)).cloned().collect();
    let further = tokens::of_sites(platform);
    let mut pages = 0;
    let mut stacks = BTreeSet::new();
    for case in &sample.cases {
        let Some(stack) = sample.world.themes.of(case.site) else { continue };
        let mut found = Vec::new();
        if stacks.insert(stack.id) {
            let engine = crate::render::engine(&sample.world, stack);
            engine.check(&mut found);
            for layer in stack.chain.iter().filter(|l| chosen.contains(l)) {
                unknown::check(layers, *layer, &engine, &mut found);
                found.extend(crate::theme::drift::summary(layers, *layer));
                outside(layers, *layer, &mut found);
                tokens::colours(layers.get(*layer), &mut found);
                tokens::check(layers, &stack.chain, *layer, &further, &mut found);
            }
            let here: Vec<LayerId> = stack.chain.iter().copied().filter(|l| chosen.contains(l)).collect();
            phrases::check(layers, &stack.chain, &here, &spoken(platform, layers, &here), &mut found);
            colour::check(layers, &stack.chain, &BTreeMap::new(), &mut found);
        }
        let mut said = Vec::new();
        let made = render(&sample.world, case.site, true, &mut said);
        found.extend(said.into_iter().filter(|d| d.place.as_ref().is_some_and(is_of_theme)));
        pages += made.iter().filter(|p| p.html).count();
        let look = Look { sample: &sample, layers, chain: &stack.chain, case, pages: &made };
        look.flaws(&mut found);
        look.weight(&mut found);
        for layer in stack.chain.iter().filter(|l| chosen.contains(l)) {
            look.hidden(*layer, &mut found);
        }
        all.extend(found);
    }
    own_tokens(platform, layers, &names, &mut all);
    Ok(Contract { findings: merged(all, &names), cases: sample.cases.len(), pages })
}

/// Languages of the sites that have one of these layers; whether it is the first of one.
fn spoken<'p>(platform: &'p Platform, layers: &Layers, chosen: &[LayerId]) -> BTreeMap<&'p str, bool> {
    let has = |theme: &str| {
        let chain = layers.find(theme).map(|l| crate::theme::stack::chain_of(layers, l)).unwrap_or_default();
        chain.iter().any(|l| chosen.contains(l))
    };
    let mut all = BTreeMap::new();
    for site in platform.sites.iter().filter(|s| has(&s.theme)) {
        for lang in &site.languages {
            *all.entry(&**platform.language(*lang)).or_default() |= *lang == site.default_language();
        }
    }
    all
}

fn is_of_theme(place: &Place) -> bool {
    layer_of(place).is_some()
}

/// The layer that a place lies in.
fn layer_of(place: &Place) -> Option<&str> {
    let file = place.file.strip_prefix("std:").unwrap_or(&place.file);
    file.strip_prefix("themes/")?.split('/').next()
}

/// What sites lay over the tokens of these layers.
fn own_tokens(platform: &Platform, layers: &Layers, names: &BTreeSet<Arc<str>>, out: &mut Vec<Diagnostic>) {
    for site in &platform.sites {
        let Some(theme) = layers.find(&site.theme).filter(|_| names.contains(&site.theme)) else { continue };
        let own: BTreeMap<String, (String, Place)> = site
            .settings
            .iter()
            .filter_map(|(k, s)| Some((k.strip_prefix("tokens.")?.to_owned(), (s.value.as_str()?.to_owned(), s.place.clone()))))
            .collect();
        if own.is_empty() {
            continue;
        }
        let mut found = Vec::new();
        colour::check(layers, &crate::theme::stack::chain_of(layers, theme), &own, &mut found);
        // The rest is the theme's, and told with it.
        let places: Vec<&Place> = own.values().map(|(_, p)| p).collect();
        found.retain(|d| d.place.iter().chain(&d.related).any(|p| places.contains(&p)));
        out.extend(found.into_iter().map(|d| d.site(&site.id)));
    }
}

/// Style sheets that load from other hosts.
fn outside(layers: &Layers, layer: LayerId, out: &mut Vec<Diagnostic>) {
    for file in layers.get(layer).assets.iter().filter(|(k, _)| k.ends_with(".css")).map(|(_, f)| f) {
        let sheet = String::from_utf8_lossy(&file.bytes);
        for (range, address) in css::elsewhere(&sheet) {
            out.push(Diagnostic::error("theme.external").at(source::place(&file.file, &sheet, range)).arg("what", address));
        }
    }
}

/// One sample site, rendered.
struct Look<'a> {
    sample: &'a Sample,
    layers: &'a Layers,
    chain: &'a [LayerId],
    case: &'a Case,
    pages: &'a [Page],
}

/// What a mark says: the place, and the name and block of the template.
fn marked(mark: &str) -> Option<(Place, &str, &str)> {
    let mut words = mark.splitn(4, ' ');
    let (_, file, line) = (words.next()?, words.next()?, words.next()?);
    let name = file.split_once("/templates/")?.1;
    Some((Place::at(file, line.parse().ok()?, 0), name, words.next().unwrap_or_default()))
}

impl Look<'_> {
    fn shown(&self, page: &Page) -> String {
        format!("{}/{}", self.sample.world.platform.site(self.case.site).id, page.path)
    }

    fn flaws(&self, out: &mut Vec<Diagnostic>) {
        for page in self.pages.iter().filter(|p| p.html) {
            let html = String::from_utf8_lossy(&page.bytes);
            for flaw in inspect(&html).flaws {
                let d = match flaw.id {
                    "theme.heading" => Diagnostic::warning("theme.heading"),
                    id => Diagnostic::error(id),
                };
                let (mut place, mut what) = (self.place(&flaw), flaw.what.clone());
                let mut other = None;
                match flaw.id {
                    "theme.unclosed-element" => {
                        if let Some((found, tag)) = self.unclosed(&flaw) {
                            (place, what) = (Some(found), tag);
                        }
                    }
                    // Whoever wrote the lower of two can mend it.
                    "theme.id-twice" => {
                        other = flaw.first.clone().and_then(|mark| self.place(&Flaw { mark: Some(mark), ..flaw.clone() }));
                        if self.rank(other.as_ref()) < self.rank(place.as_ref()) {
                            std::mem::swap(&mut place, &mut other);
                        }
                    }
                    _ => {}
                }
                let mut d = d.arg("what", what).arg("page", self.shown(page));
                d.related.extend(other.filter(|o| Some(o) != place.as_ref()));
                d.place = place;
                out.push(d);
            }
        }
    }

    /// Where the element was written. What stands in the head has no mark, and is looked for in the templates.
    fn place(&self, flaw: &Flaw) -> Option<Place> {
        if let Some((place, ..)) = flaw.mark.as_deref().and_then(marked) {
            return Some(self.exact(place, &flaw.what));
        }
        let needle = flaw.what.trim_end_matches('>');
        let templates = self.chain.iter().flat_map(|l| self.layers.get(*l).templates.values());
        let hit = templates.into_iter().find_map(|t| Some((t, t.text.find(needle)?)));
        hit.map(|(t, at)| source::place(&t.file, &t.text, at..at + needle.len()))
    }

    /// The place of a line, at the element itself where it can be found there.
    fn exact(&self, line: Place, what: &str) -> Place {
        let mut templates = self.chain.iter().flat_map(|l| self.layers.get(*l).templates.values());
        let Some(t) = templates.find(|t| t.file == line.file) else { return line };
        let start: usize = t.text.split_inclusive('\n').take(line.line.saturating_sub(1) as usize).map(str::len).sum();
        let text = t.text[start..].lines().next().unwrap_or_default();
        let tag = match what.strip_prefix('#') {
            Some(id) => format!("id=\"{id}\""),
            None => what[what.rfind("→ ").map_or(0, |at| at + "→ ".len())..].split([' ', '>']).next().unwrap_or_default().to_owned(),
        };
        let Some(at) = text.find(&tag).filter(|_| !tag.is_empty()) else { return line };
        source::place(&t.file, &t.text, start + at..start + at + tag.len())
    }

    /// How near the layer of a place is to the site.
    fn rank(&self, place: Option<&Place>) -> usize {
        let layer = place.and_then(layer_of);
        self.chain.iter().position(|l| Some(&*self.layers.get(*l).name) == layer).unwrap_or(usize::MAX)
    }

    /// A page closes in one element what was opened in another: the lowest template that opens more elements of the name than
    /// it closes is to be mended. Its place, and the tag as written.
    fn unclosed(&self, flaw: &Flaw) -> Option<(Place, String)> {
        let name = flaw.what.trim_start_matches('<').split([' ', '>']).next()?;
        let templates = self.chain.iter().flat_map(|l| self.layers.get(*l).templates.values());
        templates.into_iter().find_map(|t| {
            let at = super::html::open_tag(&t.text, name)?;
            let end = t.text[at..].find('>').map_or(t.text.len(), |end| at + end + 1);
            Some((source::place(&t.file, &t.text, at..end), t.text[at..end].chars().take(80).collect()))
        })
    }

    fn weight(&self, out: &mut Vec<Diagnostic>) {
        let mut sizes: HashMap<&str, usize> = HashMap::new();
        let files: HashMap<&str, &Page> = self.pages.iter().map(|p| (p.path.as_str(), p)).collect();
        let mut heaviest: BTreeMap<&str, (usize, &Page)> = BTreeMap::new();
        for page in self.pages.iter().filter(|p| p.html) {
            let html = String::from_utf8_lossy(&page.bytes);
            let mut weight = packed(plain(&html).as_bytes());
            for address in inspect(&html).loads {
                let path = address.trim_start_matches('/').split(['?', '#']).next().unwrap_or_default();
                if let Some((name, file)) = files.get_key_value(path) {
                    weight += *sizes.entry(name).or_insert_with(|| packed(&file.bytes));
                }
            }
            let known = heaviest.entry(&page.kind).or_insert((weight, page));
            if weight > known.0 {
                *known = (weight, page);
            }
        }
        for (kind, (weight, page)) in heaviest.into_iter().filter(|(_, (w, _))| *w > HEAVY) {
            let place = self.layers.get(self.chain[0]).place.clone();
            let d = Diagnostic::warning("theme.weight").at(place).arg("kind", kind).arg("weight", weight.div_ceil(1024));
            out.push(d.arg("most", HEAVY / 1024).arg("page", self.shown(page)));
        }
    }

    /// Rules of a layer that take locked parts of the themes above it out of sight.
    fn hidden(&self, layer: LayerId, out: &mut Vec<Diagnostic>) {
        let rank = |l: LayerId| self.chain.iter().position(|c| *c == l).unwrap_or(0);
        let bounds = Bounds::new(self.layers, self.chain);
        let lock = |mark: &str| {
            let (_, name, block) = marked(mark)?;
            let held = bounds.lock(name, block).filter(|_| bounds.slot(name, block).is_none() && !bounds.macros.contains(name));
            held.filter(|said| rank(said.layer) > rank(layer)).cloned()
        };
        let locked = |mark: &str| lock(mark).is_some();
        let mut kinds = BTreeSet::new();
        let pages: Vec<&Page> = self.pages.iter().filter(|p| p.html && kinds.insert(&p.kind)).collect();
        for file in self.layers.get(layer).assets.iter().filter(|(k, _)| k.ends_with(".css")).map(|(_, f)| f) {
            let sheet = String::from_utf8_lossy(&file.bytes);
            let rules = css::hidings(&sheet);
            if rules.is_empty() {
                continue;
            }
            let mut told = BTreeSet::new();
            for page in &pages {
                for (rule, mark) in css::hidden(&String::from_utf8_lossy(&page.bytes), &rules, &locked) {
                    let (Some(said), Some((place, name, block))) = (lock(&mark), marked(&mark)) else { continue };
                    let start = sheet[rule.at..].find(&rule.selector).map_or(rule.at, |at| rule.at + at);
                    if !told.insert((start, rule.selector.clone())) {
                        continue;
                    }
                    let part = if bounds.files.contains_key(name) { name.to_owned() } else { format!("{name}#{block}") };
                    let at = source::place(&file.file, &sheet, start..start + rule.selector.len());
                    let d = Diagnostic::error("theme.hides").at(at).also(said.place.clone()).also(place).arg("what", &rule.selector);
                    let d = d.arg("declaration", &rule.declaration).arg("part", part).arg("theme", &self.layers.get(said.layer).name);
                    out.push(d.arg("page", self.shown(page)));
                }
            }
        }
    }
}

/// A page without the marks of its elements.
fn plain(html: &str) -> String {
    let start = format!(" {ATTRIBUTE}=\"");
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(&start) {
        out.push_str(&rest[..at]);
        let after = &rest[at + start.len()..];
        rest = after.find('"').map_or("", |end| &after[end + 1..]);
    }
    out + rest
}

fn packed(bytes: &[u8]) -> usize {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    _ = gz.write_all(bytes);
    gz.finish().map_or(bytes.len(), |b| b.len())
}

/// The same of many pages is told once, with the first of them. What only stands in layers that nobody asked for is a warning:
/// whoever wrote this one cannot mend it.
fn merged(all: Vec<Diagnostic>, names: &BTreeSet<Arc<str>>) -> Vec<Diagnostic> {
    let mut seen = HashMap::new();
    let mut out: Vec<Diagnostic> = Vec::new();
    for mut d in all {
        let places: Vec<&str> = d.place.iter().chain(&d.related).filter_map(layer_of).collect();
        let ours = places.is_empty() || places.iter().any(|l| names.iter().any(|n| **n == **l));
        if !ours && d.severity == Severity::Error && d.id.starts_with("theme.") {
            d.severity = Severity::Warning;
        }
        // One and the same template in several sample sites.
        if d.place.as_ref().is_some_and(is_of_theme) {
            d.site = None;
        }
        let args: Vec<(String, String)> = d
            .args
            .iter()
            .filter(|(k, _)| k != "page" && (d.id != "render.fuel" || k != "name"))
            .map(|(k, v)| (k.to_string(), v.clone()))
            .collect();
        match seen.get(&(d.id, d.place.clone(), args.clone())) {
            Some(_) => {}
            None => {
                seen.insert((d.id, d.place.clone(), args), out.len());
                out.push(d);
            }
        }
    }
    // What fails on a page need not be said again of the template.
    let failed: BTreeSet<Place> = out.iter().filter(|d| d.id == "render.undefined").filter_map(|d| d.place.clone()).collect();
    out.retain(|d| d.id != "theme.unknown-variable" || !d.place.as_ref().is_some_and(|p| failed.contains(p)));
    sort(&mut out);
    out
}
