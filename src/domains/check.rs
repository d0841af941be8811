//! `domains check`: the register held against itself, against the policy of names, and against the files of the sites.

use super::fleet::Fleet;
use super::register::{Register, Role};
use super::trace::Trace;
use super::{limits, policy};
use crate::base::diag::Diagnostic;
use crate::config::Platform;

/// What can be said without the files of the sites.
pub fn names(platform: &Platform, register: &Register, out: &mut Vec<Diagnostic>) {
    policy::check(platform, register, out);
    let site_of = |n: &super::Name, d: Diagnostic| match n.owner {
        super::Owner::Site(id) => d.site(&platform.site(id).id),
        super::Owner::Retired(_) => d,
    };
    for name in &register.names {
        let tell = |d: Diagnostic| site_of(name, d.at(name.place.clone()).arg("host", &name.shown));
        if !register.zones.is_empty() && name.zone.is_none() {
            let d = tell(Diagnostic::error("domains.no-zone"));
            out.push(d);
        }
        match name.target {
            None if !register.targets.is_empty() => out.push(tell(Diagnostic::error("domains.no-target"))),
            Some(at) => {
                let target = &register.targets[at];
                let apex = name.zone.is_some_and(|z| register.zones[z].name == *name.host);
                if apex && target.ipv4.is_empty() && target.ipv6.is_empty() {
                    out.push(tell(Diagnostic::error("domains.apex")).arg("target", &target.id).also(target.place.clone()));
                }
            }
            None => {}
        }
        if name.https && !register.certificates.is_empty() {
            match name.certificate.map(|c| &register.certificates[c]) {
                None => out.push(tell(Diagnostic::error("domains.no-certificate"))),
                Some(c) if !c.names.iter().any(|n| super::names::covers(n, &name.host)) => {
                    out.push(tell(Diagnostic::error("domains.not-covered")).arg("certificate", &c.id));
                }
                Some(_) => {}
            }
        }
    }
    for (at, target) in register.targets.iter().enumerate() {
        let used = register.names.iter().filter(|n| n.target == Some(at)).count();
        if target.ipv6.is_empty() && target.cname.is_none() && used > 0 {
            let d = Diagnostic::warning("domains.no-aaaa").at(target.place.clone());
            out.push(d.arg("target", &target.id).arg("count", used));
        }
    }
    records(register, out);
}

/// Records of the register beside those written in a zone.
fn records(register: &Register, out: &mut Vec<Diagnostic>) {
    for zone in &register.zones {
        if zone.nameservers.is_empty() {
            out.push(Diagnostic::error("domains.no-nameserver").at(zone.place.clone()).arg("zone", zone.shown()));
        }
        for record in &zone.records {
            let full = if record.name.is_empty() { zone.name.clone() } else { format!("{}.{}", record.name, zone.name) };
            let name = register.find(&full);
            let own = zone.records.iter().any(|r| !std::ptr::eq(r, record) && r.name == record.name);
            let aliased = name.is_some_and(|n| is_aliased(register, n));
            let address = matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME");
            if (record.kind == "CNAME" && (own || name.is_some())) || aliased || (address && name.is_some()) {
                let d = Diagnostic::error("domains.beside").at(record.place.clone()).arg("host", super::names::shown(&full));
                let d = d.arg("kind", &record.kind);
                out.push(name.map_or(d.clone(), |n| d.also(n.place.clone())));
            }
        }
    }
}

/// The name is answered by the name of its target.
fn is_aliased(register: &Register, name: &super::Name) -> bool {
    let apex = name.zone.is_some_and(|z| register.zones[z].name == *name.host);
    !apex && name.target.is_some_and(|t| register.targets[t].cname.is_some())
}

/// What needs the files of the sites.
pub fn files(platform: &Platform, register: &Register, fleet: &Fleet, out: &mut Vec<Diagnostic>) {
    super::paths::check(platform, &register.paths, fleet, out);
    Trace { platform, register, fleet }.all(out);
    limits::check(platform, register, fleet, out);
}

/// Names by what they are, for a line of summary: main, further hosts, aliases, retired.
pub fn counts(register: &Register) -> [usize; 4] {
    [Role::Main, Role::Host, Role::Alias, Role::Retired].map(|role| register.names.iter().filter(|n| n.role == role).count())
}
