//! `banyan theme explain SITE [TEMPLATE]`.

use serde_json::{Value as Json, json};

use super::{Common, Io, StackOf};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::cli::Format;
use crate::theme::Layers;
use crate::theme::bounds::Bounds;
use crate::theme::explain::{Bound, Explained, Provided, Valued, explain};

pub fn run(site: &str, template: Option<&str>, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let Some(StackOf { platform, site, layers, chain }) = super::stack_of(site, common, io)? else { return Ok(Outcome::Refused) };
    let found = platform.site(site);
    let told = explain(&layers, &chain, template);
    if let Some(name) = template.filter(|_| told.templates.is_empty()) {
        let known = chain.iter().flat_map(|l| layers.get(*l).templates.keys().map(|k| &**k));
        return Err(Diagnostic::error("theme.no-template").arg("name", name).nearest(name, known));
    }
    // The site's own tokens lie over those of its themes.
    let own: Vec<(String, Option<String>, String)> = found
        .settings
        .iter()
        .filter_map(|(k, s)| Some((k.strip_prefix("tokens.")?.to_owned(), s.value.as_str().map(str::to_owned), s.place.to_string())))
        .collect();
    match common.format {
        Format::Human => text(&layers, &told, template.is_some(), &own, common, io),
        _ => io.print(format!("{}\n", serde_json::to_string_pretty(&json(&layers, &told, &found.id, &own)).unwrap_or_default())),
    }
    Ok(Outcome::Good)
}

fn text(layers: &Layers, told: &Explained, one: bool, own: &[(String, Option<String>, String)], common: &Common, io: &mut Io) {
    let zh = io.is_chinese();
    let name = |l| &*layers.get(l).name;
    io.print(io.either("stack, from the overlay to the base\n", "主题层次，自上（本站）而下（基础）\n"));
    for l in &told.chain {
        let layer = layers.get(*l);
        io.print(format!("  {:12} {}  {}\n", layer.name, layer.label, layer.place));
    }
    let bound = |b: &Bound| match (b, zh) {
        (Bound::Free, _) => String::new(),
        (Bound::Locked(s), false) => format!("  locked by {}, {}", name(s.layer), s.place),
        (Bound::Locked(s), true) => format!("  由 {} 锁定，{}", name(s.layer), s.place),
        (Bound::Slot(s), false) => format!("  open: a slot of {}, {}", name(s.layer), s.place),
        (Bound::Slot(s), true) => format!("  开放：{} 的插槽，{}", name(s.layer), s.place),
    };
    let over = |p: &Provided| match (p.over.is_empty(), zh) {
        (true, _) => String::new(),
        (false, _) => {
            let names: Vec<&str> = p.over.iter().map(|l| name(*l)).collect();
            format!("  {} {}", if zh { "覆盖" } else { "over" }, names.join(", "))
        }
    };
    let row =
        |p: &Provided, indent: &str| format!("{indent}{:24} {:12} {}{}{}\n", p.name, name(p.layer), p.place, over(p), bound(&p.bound));
    io.print(io.either("templates, and blocks below the file that has them\n", "模板及其区块\n"));
    for t in &told.templates {
        io.print(row(t, "  "));
        for b in told.blocks.iter().filter(|(of, _)| *of == t.name).flat_map(|(_, b)| b) {
            io.print(row(b, "    # "));
        }
    }
    if one {
        return;
    }
    io.print(io.either("assets\n", "资源\n"));
    told.assets.iter().for_each(|a| io.print(row(a, "  ")));
    io.print(io.either("tokens\n", "设计变量\n"));
    for t in &told.tokens {
        let site = own.iter().find(|(k, ..)| *k == t.provided.name);
        let p = &t.provided;
        match site {
            Some((_, value, place)) => {
                let site = if zh { "本站" } else { "(site)" };
                io.print(format!(
                    "  {:24} {:12} {}  {place}  {} {}\n",
                    p.name,
                    site,
                    value.as_deref().unwrap_or(""),
                    io.either("over", "覆盖"),
                    name(p.layer)
                ));
            }
            None => io.print(format!("  {:24} {:12} {}  {}{}\n", p.name, name(p.layer), t.value, p.place, over(p))),
        }
    }
    // Phrases of the lowest layer are many, and nobody's doing.
    let base = told.chain.last().copied();
    let (shown, rest): (Vec<&Valued>, Vec<&Valued>) = told.phrases.iter().partition(|p| common.verbose || Some(p.provided.layer) != base);
    io.print(io.either("phrases\n", "词条\n"));
    for p in shown {
        let lang = p.lang.as_deref().unwrap_or_default();
        io.print(format!(
            "  {:24} {:12} {}  {}{}\n",
            format!("{lang} {}", p.provided.name),
            name(p.provided.layer),
            p.value,
            p.provided.place,
            over(&p.provided)
        ));
    }
    if let (Some(base), false) = (base, rest.is_empty()) {
        let (n, base) = (rest.len(), name(base));
        io.print(io.either(&format!("  and {n} of {base} (-v prints all)\n"), &format!("  另有 {base} 的 {n} 条（-v 列出全部）\n")));
    }
    let bounds = Bounds::new(layers, &told.chain);
    io.print(io.either("what a layer below may not change\n", "下级不得改动\n"));
    for (file, said) in &bounds.files {
        io.print(format!("  {:32} {:12} {}\n", file, name(said.layer), said.place));
    }
    for ((file, block), said) in &bounds.blocks {
        io.print(format!("  {:32} {:12} {}\n", format!("{file}#{block}"), name(said.layer), said.place));
    }
}

fn json(layers: &Layers, told: &Explained, site: &str, own: &[(String, Option<String>, String)]) -> Json {
    let name = |l| &*layers.get(l).name;
    let provided = |p: &Provided| {
        let (state, said) = match &p.bound {
            Bound::Free => ("free", None),
            Bound::Locked(said) => ("locked", Some(said)),
            Bound::Slot(said) => ("open", Some(said)),
        };
        let over: Vec<&str> = p.over.iter().map(|l| name(*l)).collect();
        let by = said.map(|s| json!({ "layer": name(s.layer), "place": s.place.to_string() }));
        json!({ "name": p.name, "layer": name(p.layer), "place": p.place.to_string(), "over": over, "state": state, "by": by })
    };
    let valued = |v: &Valued| {
        let mut json = provided(&v.provided);
        json["value"] = v.value.clone().into();
        if let Some(lang) = &v.lang {
            json["lang"] = (**lang).into();
        }
        json
    };
    let stack: Vec<Json> = told
        .chain
        .iter()
        .map(|l| json!({ "layer": name(*l), "label": &*layers.get(*l).label, "place": layers.get(*l).place.to_string() }))
        .collect();
    let blocks: serde_json::Map<String, Json> =
        told.blocks.iter().map(|(t, b)| (t.clone(), b.iter().map(provided).collect::<Vec<_>>().into())).collect();
    let own: Vec<Json> = own.iter().map(|(k, v, p)| json!({ "name": k, "value": v, "place": p })).collect();
    json!({
        "site": site,
        "stack": stack,
        "templates": told.templates.iter().map(provided).collect::<Vec<_>>(),
        "blocks": blocks,
        "assets": told.assets.iter().map(provided).collect::<Vec<_>>(),
        "tokens": told.tokens.iter().map(valued).collect::<Vec<_>>(),
        "site_tokens": own,
        "phrases": told.phrases.iter().map(valued).collect::<Vec<_>>(),
    })
}
