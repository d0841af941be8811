//! `banyan domains list`.

use serde_json::{Value as Json, json};

use super::{register, table};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::cli::{Common, Format, Io};
use crate::config::Platform;
use crate::domains::check::counts;
use crate::domains::{Name, Owner, Path, Register};

pub fn run(sites: &[String], common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let Some((platform, register)) = register(common, io) else { return Ok(Outcome::Refused) };
    let chosen = crate::build::select(&platform, sites)?;
    let shown = |n: &&Name| match n.owner {
        Owner::Site(id) => chosen.contains(&id),
        Owner::Retired(_) => sites.is_empty(),
    };
    let names: Vec<&Name> = register.names.iter().filter(shown).collect();
    if common.format != Format::Human {
        let mut rows: Vec<Json> = names.iter().map(|n| row(n, &platform, &register)).collect();
        rows.extend(register.paths.iter().filter(|p| chosen.contains(&p.site)).map(|p| {
            json!({
                "host": &*p.host,
                "shown": p.readable(),
                "what": what(p),
                "path": p.path,
                "site": &*platform.site(p.site).id,
                "place": p.place.to_string(),
            })
        }));
        io.print(format!("{}\n", serde_json::to_string_pretty(&rows).unwrap_or_default()));
        return Ok(Outcome::Good);
    }
    let head = ["host", "what", "site", "target", "zone", "certificate"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    for n in &names {
        let json = row(n, &platform, &register);
        let text = |key: &str| json[key].as_str().unwrap_or("-").to_owned();
        rows.push(vec![n.shown.clone(), n.role.name().to_owned(), text("site"), text("target"), text("zone"), text("certificate")]);
    }
    for p in register.paths.iter().filter(|p| chosen.contains(&p.site)) {
        let dash = || "-".to_owned();
        rows.push(vec![p.readable(), what(p).to_owned(), platform.site(p.site).id.to_string(), dash(), dash(), dash()]);
    }
    io.print(table(&rows));
    if !common.quiet && sites.is_empty() {
        let [main, more, aliases, retired] = counts(&register);
        let text = if io.is_chinese() {
            format!("{} 个域名：主域名 {main}，其他域名 {more}，跳转 {aliases}，停用 {retired}", register.names.len())
        } else {
            format!("{} hosts: {main} main, {more} further, {aliases} aliases, {retired} retired", register.names.len())
        };
        io.say(text);
    }
    Ok(Outcome::Good)
}

/// A site that is shown below a path, or a path that leads to one.
fn what(p: &Path) -> &'static str {
    if p.shows { "below" } else { "path" }
}

fn row(n: &Name, platform: &Platform, register: &Register) -> Json {
    let site = match n.owner {
        Owner::Site(id) => Some(&*platform.site(id).id),
        Owner::Retired(at) => register.retired[at].site.map(|s| &*platform.site(s).id),
    };
    json!({
        "host": &*n.host,
        "shown": n.shown,
        "what": n.role.name(),
        "site": site,
        "target": n.target.map(|t| &register.targets[t].id),
        "zone": n.zone.map(|z| register.zones[z].shown()),
        "certificate": n.certificate.map(|c| &register.certificates[c].id),
        "ttl": n.ttl,
        "place": n.place.to_string(),
    })
}
