//! `[[domains.policy]]`: what the names of sites must look like.

use super::names::{self, below};
use super::register::{Name, Owner, Register, Role, choice, host, number, place};
use crate::base::diag::{Diagnostic, Severity};
use crate::config::{Node, Platform};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Www {
    Required,
    Refused,
    Either,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Han,
    Any,
}

pub fn check(platform: &Platform, register: &Register, out: &mut Vec<Diagnostic>) {
    for row in platform.domains.list("policy") {
        one(platform, register, row, out);
    }
}

fn one(platform: &Platform, register: &Register, row: &Node, out: &mut Vec<Diagnostic>) {
    let tiers = row.texts("tiers");
    for tier in tiers.iter().filter(|t| !platform.tiers.contains_key(t.as_str())) {
        let d = Diagnostic::error("config.unknown-tier").at(place(row, "tiers")).arg("tier", tier);
        out.push(d.nearest(tier, platform.tiers.keys().map(|k| &**k)));
    }
    let www = choice(row, "www", &[("required", Www::Required), ("refused", Www::Refused), ("either", Www::Either)], Www::Either, out);
    let script = choice(row, "script", &[("latin", Script::Latin), ("han", Script::Han)], Script::Any, out);
    let severity = choice(row, "severity", &[("error", Severity::Error), ("warning", Severity::Warning)], Severity::Error, out);
    let suffixes: Vec<String> = row.texts("suffix").iter().filter_map(|s| host(row, "suffix", s.trim_start_matches('.'), out)).collect();
    let under = row.text("under").filter(|u| *u != "parent").and_then(|u| host(row, "under", u, out));
    let parent = row.text("under") == Some("parent");
    let applies = |n: &&Name| match script {
        Script::Latin => n.shown.is_ascii(),
        Script::Han => !n.shown.is_ascii(),
        Script::Any => true,
    };
    for id in platform.site_ids().filter(|s| tiers.is_empty() || tiers.iter().any(|t| **t == *platform.site(*s).tier)) {
        let site = platform.site(id);
        let own: Vec<&Name> = register.of_site(id).into_iter().filter(|n| n.role != Role::Alias).filter(applies).collect();
        let rule = place(row, "suffix");
        let tell = |id: &'static str, name: &Name| {
            Diagnostic::with_severity(severity, id).at(name.place.clone()).site(&site.id).arg("host", &name.shown)
        };
        for name in &own {
            if !suffixes.is_empty() && !suffixes.iter().any(|s| below(&name.host, s) && *name.host != **s) {
                let allowed: Vec<String> = suffixes.iter().map(|s| format!(".{}", names::shown(s))).collect();
                out.push(tell("domains.suffix", name).arg("allowed", allowed.join(", ")).also(rule.clone()));
            }
            if (www == Www::Required && !name.host.starts_with("www.")) || (www == Www::Refused && name.host.starts_with("www.")) {
                let wanted = if www == Www::Required { "required" } else { "refused" };
                out.push(tell("domains.www", name).arg("wanted", wanted).also(place(row, "www")));
            }
            if let Some(zone) = &under
                && !below(&name.host, zone)
            {
                out.push(tell("domains.outside", name).arg("zone", names::shown(zone)).also(place(row, "under")));
            }
            if let Some(above) = site.parent.filter(|_| parent) {
                let tops: Vec<&Name> = register.names.iter().filter(|n| n.owner == Owner::Site(above) && n.role != Role::Alias).collect();
                let tops: Vec<&Name> = tops.into_iter().filter(|n| n.shown.is_ascii() == name.shown.is_ascii()).collect();
                let zone = |n: &Name| n.host.strip_prefix("www.").unwrap_or(&n.host).to_owned();
                if let Some(first) = tops.first()
                    && !tops.iter().any(|t| below(&name.host, &zone(t)))
                {
                    let d = tell("domains.outside", name).arg("zone", names::shown(&zone(first)));
                    out.push(d.also(first.place.clone()).also(place(row, "under")));
                }
            }
        }
        if let (Some(most), Some(last)) = (number(row, "hosts"), own.last())
            && own.len() > most as usize
        {
            out.push(tell("domains.too-many-hosts", last).arg("count", own.len()).arg("most", most).also(place(row, "hosts")));
        }
    }
}
