//! Colours of tokens: the contrast of those that stand on one another, and how many main colours there are.

use std::collections::BTreeMap;

use csscolorparser::Color;

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::LayerId;
use crate::theme::Layers;
use crate::theme::layer::Layer;

/// Text on ground, of the standard tokens. A theme adds its own under `[contrast]`.
const PAIRS: &[(&str, &str)] = &[
    ("color-text", "color-bg"),
    ("color-text", "color-panel"),
    ("color-text", "color-tint"),
    ("color-muted", "color-bg"),
    ("color-muted", "color-panel"),
    ("color-link", "color-bg"),
    ("color-link", "color-panel"),
    ("color-link", "color-tint"),
    ("color-primary", "color-panel"),
    ("color-primary-dark", "color-tint"),
    ("color-on-primary", "color-primary"),
    ("color-on-primary", "color-primary-dark"),
    ("color-warn-text", "color-warn-bg"),
];

const ENOUGH: f32 = 4.5;
/// Of large text.
const ENOUGH_LARGE: f32 = 3.0;
/// Degrees between hues that count as two colours.
const APART: f32 = 40.0;
const MOST_COLOURS: usize = 3;
/// Below it a colour is a grey.
const CHROMA: f32 = 0.06;

/// Tokens of states are no main colours.
const STATES: &[&str] = &["warn", "error", "danger", "success", "info", "ok", "alert", "visited", "focus"];

struct Values<'a> {
    layers: &'a Layers,
    chain: &'a [LayerId],
    /// Those of a site over them.
    own: &'a BTreeMap<String, (String, Place)>,
}

impl Values<'_> {
    fn get(&self, name: &str) -> Option<(&str, &Place)> {
        let own = self.own.get(name).map(|(value, place)| (value.as_str(), place));
        own.or_else(|| self.chain.iter().find_map(|l| self.layers.get(*l).tokens.get(name).map(|t| (t.value.as_str(), &t.place))))
    }

    /// A colour, through `var(--other)`. `None`: it is none that can be known from here.
    fn colour(&self, name: &str) -> Option<Color> {
        let mut value = self.get(name)?.0.trim();
        for _ in 0..8 {
            let Some(inner) = value.strip_prefix("var(--").and_then(|v| v.strip_suffix(')')) else { break };
            value = self.get(inner.split(',').next()?.trim())?.0.trim();
        }
        csscolorparser::parse(value).ok()
    }
}

/// Pairs that a layer declares: `color-text = "color-bg, color-panel (large)"`.
fn declared(layer: &Layer) -> Vec<(String, String, bool)> {
    let mut pairs = Vec::new();
    for (text, grounds) in &layer.contrast {
        for ground in grounds.split(',').map(str::trim).filter(|g| !g.is_empty()) {
            let plain = ground.strip_suffix("(large)").map(str::trim);
            pairs.push((text.clone(), plain.unwrap_or(ground).to_owned(), plain.is_some()));
        }
    }
    pairs
}

/// `own`: tokens of a site, with their places.
pub fn check(layers: &Layers, chain: &[LayerId], own: &BTreeMap<String, (String, Place)>, out: &mut Vec<Diagnostic>) {
    let values = Values { layers, chain, own };
    let mut pairs: Vec<(String, String, bool)> = PAIRS.iter().map(|(t, g)| ((*t).to_owned(), (*g).to_owned(), false)).collect();
    pairs.extend(chain.iter().flat_map(|l| declared(layers.get(*l))));
    for (text, ground, large) in pairs {
        let (Some((first, at)), Some((second, under))) = (values.get(&text), values.get(&ground)) else { continue };
        let (Some(a), Some(b)) = (values.colour(&text), values.colour(&ground)) else {
            let d = Diagnostic::note("theme.colour").at(at.clone()).also(under.clone());
            out.push(d.arg("token", &text).arg("value", first).arg("other", &ground));
            continue;
        };
        let (ratio, needed) = (contrast(&a, &b), if large { ENOUGH_LARGE } else { ENOUGH });
        if ratio + 0.005 < needed {
            let nearer = nearer(layers, chain, at, under, own);
            let (at, under) = if nearer { (under, at) } else { (at, under) };
            let d = Diagnostic::error("theme.contrast").at(at.clone()).also(under.clone()).arg("text", &text).arg("ground", &ground);
            out.push(d.arg("first", first).arg("second", second).arg("ratio", format!("{ratio:.2}")).arg("needed", needed));
        }
    }
    main_colours(&values, out);
}

/// The second place is of a lower layer than the first: whoever wrote it last is told.
fn nearer(layers: &Layers, chain: &[LayerId], first: &Place, second: &Place, own: &BTreeMap<String, (String, Place)>) -> bool {
    let rank = |place: &Place| match own.values().any(|(_, p)| p == place) {
        true => 0,
        false => 1 + chain.iter().position(|l| layers.get(*l).tokens.values().any(|t| t.place == *place)).unwrap_or(usize::MAX - 1),
    };
    rank(second) < rank(first)
}

fn main_colours(values: &Values, out: &mut Vec<Diagnostic>) {
    let mut hues: Vec<(f32, String)> = Vec::new();
    let mut names: Vec<&String> = values.chain.iter().flat_map(|l| values.layers.get(*l).tokens.keys()).chain(values.own.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        if !name.starts_with("color-") || STATES.iter().any(|s| name.split('-').any(|part| part == *s)) {
            continue;
        }
        let Some(colour) = values.colour(name) else { continue };
        let [_, chroma, hue, _] = colour.to_oklcha();
        let hue = hue.to_degrees().rem_euclid(360.0);
        let near = |other: f32| {
            let d = (hue - other).abs();
            d.min(360.0 - d) < APART
        };
        if chroma >= CHROMA && !hues.iter().any(|(h, _)| near(*h)) {
            hues.push((hue, name.clone()));
        }
    }
    if hues.len() > MOST_COLOURS {
        let place = hues.last().and_then(|(_, name)| values.get(name)).map(|(_, p)| p.clone());
        let names: Vec<&str> = hues.iter().map(|(_, n)| n.as_str()).collect();
        let mut d = Diagnostic::warning("theme.colours").arg("count", hues.len()).arg("tokens", names.join(", "));
        d.place = place;
        out.push(d);
    }
}

/// As WCAG 2 has it. What shines through is taken as lying on white.
fn contrast(a: &Color, b: &Color) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(c: &Color) -> f32 {
    let over = |v: f32| v.mul_add(c.a, 1.0 - c.a).clamp(0.0, 1.0);
    let linear = |v: f32| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(over(c.r)) + 0.7152 * linear(over(c.g)) + 0.0722 * linear(over(c.b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let of = |a: &str, b: &str| contrast(&csscolorparser::parse(a).unwrap(), &csscolorparser::parse(b).unwrap());
        assert!((of("#000", "white") - 21.0).abs() < 0.01);
        assert!((of("#767676", "#ffffff") - 4.54).abs() < 0.01);
        assert!((of("rgb(119 119 119)", "hsl(0 0% 100%)") - 4.48).abs() < 0.01);
        assert!((of("rgb(0 0 0 / 0)", "white") - 1.0).abs() < 0.01);
    }
}
