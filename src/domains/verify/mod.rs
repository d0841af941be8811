//! `domains verify`: what the network says of each name, held against the register.

mod dns;
mod tls;
mod web;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

use super::Path;
use super::register::{Name, Register};
use crate::build::Manifest;
use crate::config::Platform;

pub struct Order {
    /// Name server that is asked; none: the system's.
    pub resolver: Option<SocketAddr>,
    /// All hosts are asked at this address; none: where they resolve to.
    pub connect: Option<IpAddr>,
    pub http_port: u16,
    pub https_port: u16,
    /// Everything is asked by HTTP.
    pub plain: bool,
    /// Whoever issued a certificate is taken for trusted: its names and days are still held.
    pub any_issuer: bool,
    pub dns: bool,
    pub web: bool,
    pub timeout: Duration,
    /// Names asked at the same time.
    pub at_once: usize,
    /// Seconds, against which the end of certificates is held.
    pub now: i64,
    /// A certificate that ends within so many days is told.
    pub days: i64,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `resolve`, `answer`, `certificate` or `header`.
    pub about: &'static str,
    pub wanted: String,
    pub found: String,
}

impl Problem {
    fn new(about: &'static str, wanted: impl ToString, found: impl ToString) -> Problem {
        Problem { about, wanted: wanted.to_string(), found: found.to_string() }
    }
}

/// What was found of one name, or of one path below it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    pub host: String,
    pub shown: String,
    pub addresses: Vec<IpAddr>,
    /// Status of the answer to `/`, or to the path.
    pub status: Option<u16>,
    /// Days until the certificate ends.
    pub days: Option<i64>,
    pub problems: Vec<Problem>,
}

impl Verdict {
    pub fn in_order(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn of(&self, about: &str) -> Option<&Problem> {
        self.problems.iter().find(|p| p.about == about)
    }
}

/// `manifests`: of the sites, in their order; headers are compared where there is one. First the names, then the paths,
/// which are asked for where their host is. `Err`: nothing could be asked.
pub fn verify(
    platform: &Platform,
    register: &Register,
    manifests: &[Option<Manifest>],
    names: &[&Name],
    paths: &[&Path],
    order: &Order,
) -> Result<Vec<Verdict>, String> {
    let mut all: Vec<Verdict> =
        names.iter().map(|n| Verdict { host: n.host.to_string(), shown: n.shown.clone(), ..Verdict::default() }).collect();
    if order.dns {
        dns::ask(register, names, order, &mut all)?;
    }
    if order.web {
        let questions = web::Question::all(platform, register, names, paths);
        for question in &questions[names.len()..] {
            let addresses = names.iter().position(|n| n.host == question.name.host).map_or(Vec::new(), |at| all[at].addresses.clone());
            let shown = question.shown.clone();
            all.push(Verdict { host: question.name.host.to_string(), shown, addresses, ..Verdict::default() });
        }
        web::ask(register, manifests, &questions, order, &mut all);
    }
    Ok(all)
}
