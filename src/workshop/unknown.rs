//! Names in templates that nobody gives: seldom seen, since in `if` they are silently false.

use crate::base::diag::Diagnostic;
use crate::base::id::LayerId;
use crate::base::source::place;
use crate::theme::{Engine, Layers};

pub fn check(layers: &Layers, layer: LayerId, engine: &Engine, out: &mut Vec<Diagnostic>) {
    let given = engine.given();
    let layer = layers.get(layer);
    // A shortcode is given what an author writes.
    for (name, t) in layer.templates.iter().filter(|(name, _)| !name.starts_with("shortcodes/")) {
        for used in engine.undeclared(&layer.name, name) {
            let known = match used.split_once('.') {
                None => given.contains(&used),
                Some((object, rest)) => {
                    let key = rest.split('.').next().unwrap_or(rest);
                    crate::render::knows(object, key).unwrap_or_else(|| given.contains(object))
                }
            };
            if known {
                continue;
            }
            // A key of an object is at fault, not what lies behind it.
            let shown: String = used.split('.').take(2).collect::<Vec<_>>().join(".");
            let mut d = Diagnostic::warning("theme.unknown-variable").arg("name", &shown);
            d.place = find(&t.text, &shown).map(|range| place(&t.file, &t.text, range));
            d.nearest = crate::render::near_variable(&shown);
            out.push(d);
        }
    }
}

/// Where a name stands by itself.
fn find(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let alone = |at: usize| {
        let before = text[..at].chars().next_back().is_none_or(|c| !part(c) && c != '.');
        let after = text[at + name.len()..].chars().next().is_none_or(|c| !part(c));
        before && after
    };
    text.match_indices(name).map(|(at, _)| at).find(|at| alone(*at)).map(|at| at..at + name.len())
}
