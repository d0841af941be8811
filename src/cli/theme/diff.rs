//! `banyan theme diff LAYER`.

use serde_json::{Value as Json, json};
use similar::TextDiff;

use super::{Common, Io};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::cli::Format;
use crate::theme::Layers;
use crate::theme::diff::{Change, difference};

/// Lines around a change.
const AROUND: usize = 2;

pub fn run(layer: &str, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let layers = super::layers(common, io);
    let id = super::find(&layers, layer)?;
    let found = difference(&layers, id);
    let parts = [
        ("templates", "模板", &found.templates, true),
        ("tokens", "设计变量", &found.tokens, false),
        ("phrases", "词条", &found.phrases, false),
        ("assets", "资源", &found.assets, true),
    ];
    if common.format != Format::Human {
        let mut json = json!({ "layer": layer });
        for (key, _, changes, _) in parts {
            json[key] = changes.iter().map(|c| change(&layers, c)).collect::<Vec<_>>().into();
        }
        io.print(format!("{}\n", serde_json::to_string_pretty(&json).unwrap_or_default()));
        return Ok(Outcome::Good);
    }
    for (en, zh, changes, long) in parts.into_iter().filter(|p| !p.2.is_empty()) {
        io.print(format!("{}\n", io.either(en, zh)));
        changes.iter().for_each(|c| human(&layers, c, long, io));
    }
    if parts.iter().all(|p| p.2.is_empty()) {
        io.print(io.either("nothing is changed\n", "没有改动\n"));
    }
    Ok(Outcome::Good)
}

fn unified(c: &Change) -> String {
    let (Some(old), Some(new)) = (&c.old, &c.new) else { return String::new() };
    let (old, new) = (format!("{}\n", old.trim_end()), format!("{}\n", new.trim_end()));
    TextDiff::from_lines(&old, &new).unified_diff().context_radius(AROUND).to_string()
}

fn human(layers: &Layers, c: &Change, long: bool, io: &mut Io) {
    let name = |l| &*layers.get(l).name;
    let over = match &c.over {
        Some((layer, place)) => format!("{} {}, {place}", io.either("over", "覆盖"), name(*layer)),
        None => io.either("new", "新增"),
    };
    if !long {
        let (new, old) = (c.new.as_deref().unwrap_or_default(), c.old.as_deref());
        let value = old.map_or_else(|| new.to_owned(), |old| format!("{old} → {new}"));
        io.print(format!("  {}  {value}  {}  {over}\n", c.part, c.place));
        return;
    }
    io.print(format!("  {}  {}  {over}\n", c.part, c.place));
    for line in unified(c).lines() {
        io.print(format!("    {line}\n"));
    }
}

fn change(layers: &Layers, c: &Change) -> Json {
    let over = c.over.as_ref().map(|(l, p)| json!({ "layer": &*layers.get(*l).name, "place": p.to_string() }));
    json!({ "part": c.part, "place": c.place.to_string(), "over": over, "old": c.old, "new": c.new, "diff": unified(c) })
}
