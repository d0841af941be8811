//! sites/<id>.toml.

use std::fmt::Write;

use crate::character::{Character, list_block};
use crate::fleet::{Site, Tier};
use crate::people::{address, postcode};
use crate::rng::Rng;
use crate::rules::Accept;
use crate::toml::{Edit, list, quoted};
use crate::world::World;

/// Sites with a theme of their own: see themes/ beside this file.
const OVERLAYS: &[(&str, &str)] =
    &[("guilin", "guilin"), ("beihai", "beihai"), ("longsheng", "longsheng"), ("sanjiang", "sanjiang"), ("gx-nynct", "nynct")];

pub fn file(world: &World, at: usize) -> String {
    let (site, c) = (&world.sites[at], &world.characters[at]);
    let mut rng = Rng::of_text(world.seed ^ 31, &site.id);
    let mut out = String::from("# 演示站点：单位名称取自公开的行政区划，内容、号码和人物均为虚构。\n");
    let mut put = |key: &str, value: &str| _ = writeln!(out, "{key} = {value}");
    put("name", &quoted(&site.name));
    put("short_name", &quoted(&site.short));
    put("names", &format!("{{ en = {} }}", quoted(&site.english)));
    put("tier", &quoted(site.tier.key()));
    if let Some(parent) = site.parent {
        put("parent", &quoted(&world.sites[parent].id));
    }
    put("hosts", &list(&[&site.host, &crate::domains::chinese(site)]));
    if !site.is_department() {
        let bare = site.host.trim_start_matches("www.").to_owned();
        put("aliases", &if site.tier == Tier::Region { list(&[bare, "广西.example".into()]) } else { list(&[bare]) });
    }
    put("description", &quoted(&format!("{}网站（演示），公开政务信息，提供办事服务，开展政民互动。", site.name)));
    put("keywords", &list(&[site.short.as_str(), "政务公开", "演示"]));
    put("noindex", "true");
    let overlay = OVERLAYS.iter().find(|(id, _)| *id == site.id);
    if let Some((_, theme)) = overlay {
        put("theme", &quoted(theme));
    }
    for (key, value) in &c.settings {
        put(key, value);
    }
    identity(world, at, &mut rng, &mut out);
    if let (Some((colour, dark)), None) = (c.tokens, overlay) {
        _ = write!(out, "\n[tokens]\ncolor-primary = \"{colour}\"\ncolor-primary-dark = \"{dark}\"\n");
    }
    params(site, c, &mut rng, &mut out);
    for edit in &c.edits {
        column(edit, "column", &mut out);
    }
    for rule in &c.accepts {
        accept(rule, "accept", &mut out);
    }
    place(world, at, &mut rng, &mut out);
    menus(world, at, &mut out);
    children(site, c, &mut out);
    out
}

fn identity(world: &World, at: usize, rng: &mut Rng, out: &mut String) {
    let site = &world.sites[at];
    let organizer = match site.tier {
        Tier::Department => site.name.clone(),
        Tier::Region => format!("{}办公厅", site.name),
        _ => format!("{}办公室", site.name),
    };
    let operator = match site.tier {
        Tier::Region | Tier::Department if site.government == 0 => None,
        Tier::City => Some(format!("{}大数据发展局", site.place)),
        Tier::County => Some(format!("{}融媒体中心", site.place)),
        _ => Some(format!("{}信息中心", site.name)),
    };
    // Numbers that nobody has: the region's records start with another figure.
    let record = 99_000_000 + site.government;
    let branch = site.serial - 9000;
    let digits = format!("99{}02{:06}", &site.division[2..6], (site.serial - 9000) * 10 + 5);
    let mark: String = (0..3).map(|_| format!("{:08x}", rng.next() as u32)).collect();
    _ = write!(out, "\n[identity]\norganizer = {}\n", quoted(&format!("{organizer}（演示）")));
    if let Some(operator) = operator {
        _ = writeln!(out, "operator = {}", quoted(&operator));
    }
    let mut put = |key: &str, value: String| _ = writeln!(out, "{key} = {}", quoted(&value));
    put("address", address(site, rng));
    put("postcode", postcode(site));
    put("phone", site.telephone(1));
    put("email", format!("web@{}", site.host.trim_start_matches("www.")));
    put("code", site.code());
    put("icp", format!("桂ICP备{record}号-{branch}"));
    put("police", format!("桂公网安备{digits}号"));
    put("conac", format!("{}{mark}", "00000000"));
}

fn params(site: &Site, c: &Character, rng: &mut Rng, out: &mut String) {
    let slogans = ["山清水秀　{}如画", "开放{}　向海图强", "活力{}　幸福家园", "壮美{}　奋进有为", "务实为民　服务{}"];
    _ = write!(out, "\n[params]\nslogan = {}\n", quoted(&rng.pick(&slogans).replace("{}", &site.brief)));
    if let (Some(home), Some(block)) = (&c.home, list_block(site.tier)) {
        _ = write!(out, "\n[blocks.{block}]\ncolumns = {}\n", list(home));
    }
}

fn column(edit: &Edit, kind: &str, out: &mut String) {
    _ = write!(out, "\n[[{kind}]]\nid = {}\n", quoted(&edit.id));
    for (key, value) in &edit.keys {
        _ = writeln!(out, "{key} = {value}");
    }
}

fn accept(rule: &Accept, kind: &str, out: &mut String) {
    _ = write!(out, "\n[[{kind}]]\n");
    if !rule.from.is_empty() {
        _ = writeln!(out, "from = {}", list(&rule.from));
    }
    if let Some(under) = &rule.under {
        _ = writeln!(out, "under = {}", quoted(under));
    }
    _ = writeln!(out, "category = {}", list(&rule.category));
    if let Some(column) = rule.column {
        _ = writeln!(out, "column = [{}]", quoted(column));
    }
    if let Some(to) = &rule.to {
        _ = writeln!(out, "to = {}", quoted(to));
    }
    if rule.weight != 0 {
        _ = writeln!(out, "weight = {}", rule.weight);
    }
}

/// One item in ten sites is taken over by name: a news item of a site below or beside this one.
fn place(world: &World, at: usize, rng: &mut Rng, out: &mut String) {
    if !rng.chance(0.1) {
        return;
    }
    let from = rng.below(world.sites.len());
    let cell = world.plan.cells(from).iter().rev().find(|c| world.column(c).id == "xw/yw");
    let Some(cell) = cell.filter(|_| from != at && world.characters[at].find("xw/yw").is_some()) else { return };
    // The last record, else the first file: neither is a translation.
    let which = cell.records().saturating_sub(1);
    let head = crate::head::head(world, cell, which);
    _ = write!(out, "\n[[place]]\nitem = \"id:{}\"\ncolumn = \"xw/yw\"\n", world.id(head.number));
    if rng.chance(0.5) {
        _ = writeln!(out, "title = {}", quoted(&format!("{}：{}", world.sites[from].short, head.title)));
    }
}

fn menus(world: &World, at: usize, out: &mut String) {
    let (site, c) = (&world.sites[at], &world.characters[at]);
    let item = |out: &mut String, name: &str, key: &str, value: &str| {
        _ = write!(out, "\n[[menu.item]]\nname = {}\n{key} = {}\n", quoted(name), quoted(value));
    };
    if c.own_menu {
        out.push_str("\n[[menu]]\nid = \"services\"\nname = \"便民服务\"\nnames = { en = \"Services\" }\n");
        item(out, "办事指南", "column", "fw");
        item(out, "来信选登", "column", "hd/lyxd");
        if site.tier != Tier::Region {
            item(out, "上级网站", "site", &world.sites[site.parent.unwrap_or(0)].id);
        }
        item(out, "网上办事", "url", "https://zwfw.guangxi.example/");
    }
    let below: Vec<&Site> = world.sites.iter().filter(|s| s.parent == Some(at) && !s.is_department()).collect();
    if !below.is_empty() {
        let name = if site.tier == Tier::Region { "各市政府网站" } else { "县级政府网站" };
        _ = write!(out, "\n[[menu]]\nid = \"below\"\nname = \"{name}\"\nnames = {{ en = \"Governments below\" }}\n");
        for s in below {
            item(out, &s.place, "site", &s.id);
        }
    }
}

fn children(site: &Site, c: &Character, out: &mut String) {
    if c.handed.is_empty() && c.handed_accepts.is_empty() {
        return;
    }
    _ = write!(out, "\n# {}各县区和部门\n[children.params]\nhotline = \"12345\"\nabove = {}\n", site.place, quoted(&site.short));
    for (edit, _) in &c.handed {
        column(edit, "children.column", out);
    }
    for rule in &c.handed_accepts {
        accept(rule, "children.accept", out);
    }
}
