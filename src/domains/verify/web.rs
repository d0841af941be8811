//! What hosts answer to `/`, and to paths that belong to other sites: status, where it leads, headers, certificate.

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
use crate::base::id::SiteId;
use crate::build::Manifest;
use crate::config::Platform;
use crate::domains::Path;
use crate::domains::names;
use crate::domains::register::{Name, Owner, Register, Role};
use crate::domains::retired::Answer;

/// What one address is to answer.
pub struct Question<'a> {
    pub name: &'a Name,
    pub shown: String,
    path: &'a str,
    status: u16,
    /// Where it leads.
    to: Option<String>,
    /// The site, and the file of it, whose headers are those of the answer.
    file: Option<(SiteId, String)>,
    /// The certificate of the host is looked at with the host itself.
    certificate: bool,
}

impl<'a> Question<'a> {
    pub fn all(platform: &Platform, register: &'a Register, names: &[&'a Name], paths: &[&'a Path]) -> Vec<Question<'a>> {
        let mut all: Vec<Question> = names.iter().map(|n| Question::name(platform, register, n)).collect();
        all.extend(paths.iter().filter_map(|p| Question::below(platform, register.find(&p.host)?, p)));
        all
    }

    fn name(platform: &Platform, register: &Register, name: &'a Name) -> Question<'a> {
        let (status, to) = match name.owner {
            Owner::Site(id) if name.role == Role::Alias => (301, Some(format!("{}/", platform.site(id).base()))),
            Owner::Site(_) => (200, None),
            Owner::Retired(at) => match register.retired[at].answer("/") {
                Answer::To(to) => (301, Some(to)),
                Answer::Gone => (410, None),
            },
        };
        let file = match name.owner {
            Owner::Site(id) => Some((id, "index.html".to_owned())),
            Owner::Retired(_) => None,
        };
        Question { name, shown: name.shown.clone(), path: "/", status, to, file, certificate: true }
    }

    fn below(platform: &Platform, name: &'a Name, path: &'a Path) -> Option<Question<'a>> {
        let shown = path.readable();
        let certificate = false;
        Some(if path.shows {
            // Without its slash a folder leads to itself: the home page is asked for.
            let own = &platform.site(path.site).below;
            let file = Some((path.site, format!("{}/index.html", own.trim_start_matches('/'))));
            Question { name, shown, path: &path.path, status: 200, to: None, file, certificate }
        } else {
            Question { name, shown, path: &path.path, status: 301, to: path.answer(platform, &path.path), file: None, certificate }
        })
    }

    fn url(&self, scheme: &str, port: Option<u16>) -> String {
        let slash = if self.status == 200 && self.path != "/" { "/" } else { "" };
        let port = port.map_or(String::new(), |p| format!(":{p}"));
        format!("{scheme}://{}{port}{}{slash}", self.name.host, self.path)
    }
}

pub fn ask(register: &Register, manifests: &[Option<Manifest>], questions: &[Question], order: &Order, all: &mut [Verdict]) {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let verdicts = &*all;
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(question), Some(verdict)) = (questions.get(at), verdicts.get(at)) else { return };
            let mut verdict = verdict.clone();
            one(register, manifests, question, order, &mut verdict);
            if let Ok(mut done) = done.lock() {
                done.push((at, verdict));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..order.at_once.clamp(1, questions.len().max(1)) {
            scope.spawn(work);
        }
    });
    for (at, verdict) in done.into_inner().unwrap_or_default() {
        all[at] = verdict;
    }
}

fn one(register: &Register, manifests: &[Option<Manifest>], question: &Question, order: &Order, verdict: &mut Verdict) {
    let name = question.name;
    let https = name.https && !order.plain;
    let address = order.connect.or_else(|| verdict.addresses.first().copied()).or_else(|| registered(register, name));
    let Some(address) = address else {
        verdict.problems.push(Problem::new("answer", "an address", "-"));
        return;
    };
    let port = if https { order.https_port } else { order.http_port };
    let socket = SocketAddr::new(address, port);
    if https && question.certificate {
        certificate(name, socket, order, verdict);
    }
    let usual = port == if https { 443 } else { 80 };
    let url = question.url(if https { "https" } else { "http" }, (!usual).then_some(port));
    let answer = match agent(socket, order).get(&url).call() {
        Ok(answer) => answer,
        Err(e) => {
            verdict.problems.push(Problem::new("answer", question.status, e));
            return;
        }
    };
    let status = answer.status().as_u16();
    verdict.status = Some(status);
    if status != question.status {
        verdict.problems.push(Problem::new("answer", question.status, status));
        return;
    }
    let get = |header: &str| answer.headers().get(header).and_then(|v| v.to_str().ok()).unwrap_or("-");
    if let Some(leads) = &question.to
        && get("location") != leads
    {
        verdict.problems.push(Problem::new("answer", leads, get("location")));
    }
    let Some((id, file)) = question.file.as_ref().filter(|_| status == 200) else { return };
    let Some(manifest) = manifests.get(id.index()).and_then(Option::as_ref) else { return };
    let Some(headers) = manifest.find(file).and_then(|e| manifest.headers.get(usize::from(e.headers))) else { return };
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
