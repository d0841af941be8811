//! What hosts answer to `/`: status, where it leads, headers, certificate.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::{Order, Problem, Verdict, tls};
use crate::build::Manifest;
use crate::config::Platform;
use crate::domains::names;
use crate::domains::register::{Name, Owner, Register, Role};
use crate::domains::retired::Answer;

pub fn ask(platform: &Platform, register: &Register, manifests: &[Option<Manifest>], names: &[&Name], order: &Order, all: &mut [Verdict]) {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let verdicts = &*all;
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(name), Some(verdict)) = (names.get(at), verdicts.get(at)) else { return };
            let mut verdict = verdict.clone();
            one(platform, register, manifests, name, order, &mut verdict);
            if let Ok(mut done) = done.lock() {
                done.push((at, verdict));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..order.at_once.clamp(1, names.len().max(1)) {
            scope.spawn(work);
        }
    });
    for (at, verdict) in done.into_inner().unwrap_or_default() {
        all[at] = verdict;
    }
}

fn one(platform: &Platform, register: &Register, manifests: &[Option<Manifest>], name: &Name, order: &Order, verdict: &mut Verdict) {
    let https = name.https && !order.plain;
    let address = order.connect.or_else(|| verdict.addresses.first().copied()).or_else(|| registered(register, name));
    let Some(address) = address else {
        verdict.problems.push(Problem::new("answer", "an address", "-"));
        return;
    };
    let port = if https { order.https_port } else { order.http_port };
    let socket = SocketAddr::new(address, port);
    if https {
        certificate(name, socket, order, verdict);
    }
    let (wanted, leads) = wanted(platform, register, name);
    let scheme = if https { "https" } else { "http" };
    let usual = port == if https { 443 } else { 80 };
    let url = if usual { format!("{scheme}://{}/", name.host) } else { format!("{scheme}://{}:{port}/", name.host) };
    let answer = match agent(socket, order).get(&url).call() {
        Ok(answer) => answer,
        Err(e) => {
            verdict.problems.push(Problem::new("answer", wanted, e));
            return;
        }
    };
    let status = answer.status().as_u16();
    verdict.status = Some(status);
    if status != wanted {
        verdict.problems.push(Problem::new("answer", wanted, status));
        return;
    }
    let get = |header: &str| answer.headers().get(header).and_then(|v| v.to_str().ok()).unwrap_or("-");
    if let Some(leads) = leads
        && get("location") != leads
    {
        verdict.problems.push(Problem::new("answer", leads, get("location")));
    }
    let Owner::Site(id) = name.owner else { return };
    let Some(manifest) = manifests.get(id.index()).and_then(Option::as_ref).filter(|_| status == 200) else { return };
    let Some(headers) = manifest.find("index.html").and_then(|e| manifest.headers.get(usize::from(e.headers))) else { return };
    for (header, value) in &headers.0 {
        if get(header) != value {
            verdict.problems.push(Problem::new("header", format!("{header}: {value}"), get(header)));
        }
    }
}

fn registered(register: &Register, name: &Name) -> Option<IpAddr> {
    let target = &register.targets[name.target?];
    target.ipv4.first().map(|a| IpAddr::from(*a)).or_else(|| target.ipv6.first().map(|a| IpAddr::from(*a)))
}

/// Status of the answer to `/`, and where it leads.
fn wanted(platform: &Platform, register: &Register, name: &Name) -> (u16, Option<String>) {
    match name.owner {
        Owner::Site(id) if name.role == Role::Alias => (301, Some(format!("{}/", platform.site(id).url))),
        Owner::Site(_) => (200, None),
        Owner::Retired(at) => match register.retired[at].answer("/") {
            Answer::To(to) => (301, Some(to)),
            Answer::Gone => (410, None),
        },
    }
}

fn certificate(name: &Name, socket: SocketAddr, order: &Order, verdict: &mut Verdict) {
    match tls::shown(&name.host, socket, order.timeout) {
        Err(e) => verdict.problems.push(Problem::new("certificate", &name.shown, e)),
        Ok(shown) => {
            let days = (shown.ends - order.now).div_euclid(86_400);
            verdict.days = Some(days);
            if !shown.names.iter().any(|n| names::covers(n, &name.host)) {
                verdict.problems.push(Problem::new("certificate", &name.host, shown.names.join(" ")));
            } else if days < order.days {
                verdict.problems.push(Problem::new("certificate", format!("{} days", order.days), format!("{days} days")));
            }
        }
    }
}

fn agent(socket: SocketAddr, order: &Order) -> Agent {
    let tls = TlsConfig::builder().disable_verification(order.any_issuer).build();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(order.timeout))
        .proxy(None)
        .tls_config(tls)
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Fixed(socket))
}

/// Every name is at this address: which one, the name servers were asked.
#[derive(Debug)]
struct Fixed(SocketAddr);

impl Resolver for Fixed {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut all = self.empty();
        all.push(self.0);
        Ok(all)
    }
}
