//! Where names resolve to.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::{Order, Problem, Verdict};
use crate::domains::register::{Name, Register};

pub fn ask(register: &Register, names: &[&Name], order: &Order, all: &mut [Verdict]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(|e| e.to_string())?;
    let resolver = Arc::new(resolver(order)?);
    let found = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        let mut found: Vec<Option<Found>> = names.iter().map(|_| None).collect();
        for (at, name) in names.iter().enumerate() {
            // As many at the same time as are allowed: the next one starts when one is done.
            while tasks.len() >= order.at_once.max(1) {
                if let Some(Ok((at, answer))) = tasks.join_next().await {
                    let answer: Found = answer;
                    let at: usize = at;
                    found[at] = Some(answer);
                }
            }
            let (resolver, host) = (resolver.clone(), format!("{}.", name.host));
            let alias = wants_alias(register, name).is_some();
            tasks.spawn(async move { (at, one(&resolver, &host, alias).await) });
        }
        while let Some(done) = tasks.join_next().await {
            if let Ok((at, answer)) = done {
                found[at] = Some(answer);
            }
        }
        found
    });
    for ((name, verdict), found) in names.iter().zip(all).zip(found) {
        let Some(found) = found else { continue };
        judge(register, name, found, verdict);
    }
    Ok(())
}

fn resolver(order: &Order) -> Result<TokioResolver, String> {
    let mut builder = match order.resolver {
        None => TokioResolver::builder_tokio().map_err(|e| e.to_string())?,
        Some(address) => {
            let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
            (udp.port, tcp.port) = (address.port(), address.port());
            let server = NameServerConfig::new(address.ip(), true, vec![udp, tcp]);
            TokioResolver::builder_with_config(ResolverConfig::from_name_servers(vec![server]), TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    (options.timeout, options.attempts) = (order.timeout, 2);
    builder.build().map_err(|e| e.to_string())
}

#[derive(Default)]
struct Found {
    addresses: BTreeSet<IpAddr>,
    alias: Option<String>,
    trouble: Option<String>,
}

async fn one(resolver: &TokioResolver, host: &str, alias: bool) -> Found {
    let mut found = Found::default();
    for kind in [RecordType::A, RecordType::AAAA] {
        match resolver.lookup(host, kind).await {
            Ok(lookup) => {
                for record in lookup.answers() {
                    match &record.data {
                        RData::A(a) => _ = found.addresses.insert(a.0.into()),
                        RData::AAAA(a) => _ = found.addresses.insert(a.0.into()),
                        _ => {}
                    }
                }
            }
            Err(e) if e.is_no_records_found() => {}
            Err(e) => found.trouble = Some(e.to_string()),
        }
    }
    if alias {
        match resolver.lookup(host, RecordType::CNAME).await {
            Ok(lookup) => {
                let named = lookup.answers().iter().find_map(|r| match &r.data {
                    RData::CNAME(name) => Some(name.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
                    _ => None,
                });
                found.alias = named;
                found.trouble = None;
            }
            Err(e) if e.is_no_records_found() => {}
            Err(e) => found.trouble = Some(e.to_string()),
        }
    }
    found
}

fn wants_alias<'r>(register: &'r Register, name: &Name) -> Option<&'r str> {
    let apex = name.zone.is_some_and(|z| register.zones[z].name == *name.host);
    register.targets[name.target?].cname.as_deref().filter(|_| !apex)
}

fn judge(register: &Register, name: &Name, found: Found, verdict: &mut Verdict) {
    verdict.addresses = found.addresses.iter().copied().collect();
    let Some(target) = name.target.map(|t| &register.targets[t]) else { return };
    let list = |all: &BTreeSet<IpAddr>| match all.is_empty() {
        true => "-".to_owned(),
        false => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    if let Some(trouble) = found.trouble {
        verdict.problems.push(Problem::new("resolve", &target.id, trouble));
    } else if let Some(wanted) = wants_alias(register, name) {
        if found.alias.as_deref() != Some(wanted) {
            verdict.problems.push(Problem::new("resolve", wanted, found.alias.unwrap_or_else(|| list(&found.addresses))));
        }
    } else {
        let v4 = target.ipv4.iter().map(|a| IpAddr::from(*a));
        let wanted: BTreeSet<IpAddr> = v4.chain(target.ipv6.iter().map(|a| IpAddr::from(*a))).collect();
        if wanted != found.addresses {
            verdict.problems.push(Problem::new("resolve", list(&wanted), list(&found.addresses)));
        }
    }
}
