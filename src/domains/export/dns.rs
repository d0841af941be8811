//! The records of a zone, whatever they are written as.

use std::collections::BTreeMap;

use crate::domains::names::below;
use crate::domains::register::Register;

/// Records of one name and kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set {
    pub kind: String,
    pub ttl: u32,
    /// As a zone file has them, names with a dot at the end.
    pub values: Vec<String>,
}

/// Name relative to the zone, empty for itself → its records. Without SOA, and without the zone's own name servers.
pub fn sets(register: &Register, zone: usize) -> BTreeMap<String, Vec<Set>> {
    let z = &register.zones[zone];
    let relative = |host: &str| host.strip_suffix(&z.name).map_or(host, |r| r.trim_end_matches('.')).to_owned();
    let mut all: BTreeMap<String, Vec<Set>> = BTreeMap::new();
    for name in register.names.iter().filter(|n| n.zone == Some(zone)) {
        let Some(target) = name.target.map(|t| &register.targets[t]) else { continue };
        let own = relative(&name.host);
        let sets = all.entry(own.clone()).or_default();
        // The top of a zone has other records, beside which no alias may stand.
        if let Some(cname) = target.cname.as_ref().filter(|_| !own.is_empty()) {
            sets.push(Set { kind: "CNAME".into(), ttl: name.ttl, values: vec![format!("{cname}.")] });
            continue;
        }
        let mut add = |kind: &str, values: Vec<String>| {
            if !values.is_empty() {
                sets.push(Set { kind: kind.into(), ttl: name.ttl, values });
            }
        };
        add("A", target.ipv4.iter().map(ToString::to_string).collect());
        add("AAAA", target.ipv6.iter().map(ToString::to_string).collect());
    }
    for record in &z.records {
        let set = Set { kind: record.kind.clone(), ttl: record.ttl, values: record.values.clone() };
        all.entry(record.name.clone()).or_default().push(set);
    }
    // A zone below this one is handed to its own servers.
    for (at, lower) in register.zones.iter().enumerate() {
        let nearest = |w: &(usize, &crate::domains::Zone)| w.0 != at && below(&lower.name, &w.1.name);
        let above = register.zones.iter().enumerate().filter(nearest).max_by_key(|(_, w)| w.name.len());
        if above.is_some_and(|(above, _)| above == zone) && !lower.nameservers.is_empty() {
            let values = lower.nameservers.iter().map(|n| format!("{n}.")).collect();
            all.entry(relative(&lower.name)).or_default().push(Set { kind: "NS".into(), ttl: lower.ttl, values });
        }
    }
    all.retain(|_, sets| !sets.is_empty());
    for sets in all.values_mut() {
        sets.sort();
    }
    all
}
