//! The register of host names: zones, targets, certificates, and sites of before. All of it below `.example`, with
//! addresses that documentation is given.

use std::fmt::Write;
use std::path::Path;

use crate::fleet::{Site, Tier};
use crate::toml::{list, quoted};
use crate::world::World;

/// The Chinese name of a site: `南宁.政务.example`, `南宁市水利局.政务.example`.
pub fn chinese(site: &Site) -> String {
    format!("{}.政务.example", if site.tier == Tier::Region { "广西" } else { &site.short })
}

/// What stands at the end of sites.toml.
pub fn text(world: &World) -> String {
    let mut out = String::from(HEAD);
    for (at, city) in world.sites.iter().enumerate().filter(|(_, s)| s.tier == Tier::City) {
        let own = |s: &&Site| s.id == city.id || (s.tier == Tier::County && s.parent == Some(at));
        let names = world.sites.iter().filter(own).map(|s| format!("*.{}", s.host.trim_start_matches("www.")));
        let names: Vec<String> = names.collect();
        _ = write!(out, "\n[[domains.certificate]]\nid = {}\nnames = {}\n", quoted(&city.id), list(&names));
    }
    for (at, (site, code)) in heirs(world).into_iter().enumerate() {
        let was = format!("{}（原）", site.short);
        _ = write!(out, "\n[[domains.retired]]\nhosts = [{}]\nname = {}\n", quoted(&format!("{code}-old.guangxi.example")), quoted(&was));
        match at % 3 {
            0 => _ = write!(out, "state = \"moved\"\nsite = {}\n", quoted(&site.id)),
            1 => {
                _ = write!(out, "state = \"merged\"\nsite = {}\nmap = {}\n", quoted(&site.id), quoted(&format!("maps/{code}.csv")));
                out.push_str("\n[[domains.retired.rule]]\nfrom = \"/tzgg/*\"\nto = \"/zwgk/tzgg/\"\n");
            }
            _ => out.push_str("state = \"closed\"\n"),
        }
    }
    out
}

/// Departments of the region that had another name once, each with the label of its host.
fn heirs(world: &World) -> Vec<(&Site, String)> {
    let of_region = world.sites.iter().filter(|s| s.is_department() && s.government == 0);
    of_region.take(6).map(|s| (s, s.host.split('.').next().unwrap_or_default().to_owned())).collect()
}

/// Old addresses one by one.
pub fn maps(world: &World, root: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(root.join("maps"))?;
    for (_, code) in heirs(world).into_iter().enumerate().filter(|(at, _)| at % 3 == 1).map(|(_, h)| h) {
        let mut out = String::from("from,to\n/index.jsp,/\n/通知公告/列表.html,/zwgk/tzgg/\n");
        for id in 1..=20 {
            _ = writeln!(out, "/art/2015/1/{id}/art_100_{id}.html,/zwgk/tzgg/\n/show.jsp?id={id},/map.html");
        }
        crate::files::write(&root.join(format!("maps/{code}.csv")), out.as_bytes())?;
    }
    Ok(())
}

const HEAD: &str = r#"
# ---- 域名 ----

[defaults.domain]
target = "origin"

[tiers.province.domain]
target = "cdn"

[domains]
ttl = 600
contact = "hostmaster@guangxi.example"

[[domains.zone]]
name = "guangxi.example"
nameservers = ["ns1.guangxi.example", "ns2.guangxi.example"]

[[domains.zone.record]]
name = "ns1"
type = "A"
values = "192.0.2.53"

[[domains.zone.record]]
name = "ns2"
type = "AAAA"
values = "2001:db8::53"

[[domains.zone.record]]
type = "TXT"
values = "v=spf1 -all"

[[domains.zone]]
name = "广西.example"
nameservers = ["ns1.guangxi.example", "ns2.guangxi.example"]

[[domains.zone]]
name = "政务.example"
nameservers = ["ns1.guangxi.example", "ns2.guangxi.example"]

[[domains.target]]
id = "origin"
ipv4 = "192.0.2.10"
ipv6 = "2001:db8::10"

[[domains.target]]
id = "cdn"
cname = "guangxi.cdn.example"
# 区顶端不能用别名，改用地址。
ipv4 = "192.0.2.20"
ipv6 = "2001:db8::20"

[[domains.policy]]
script = "latin"
suffix = "guangxi.example"
hosts = 1

[[domains.policy]]
script = "han"
suffix = "政务.example"

[[domains.policy]]
tiers = ["province", "city", "county"]
script = "latin"
www = "required"

[[domains.policy]]
tiers = "department"
script = "latin"
www = "refused"
under = "parent"

[[domains.certificate]]
id = "guangxi"
names = ["guangxi.example", "*.guangxi.example", "广西.example", "*.政务.example"]
"#;
