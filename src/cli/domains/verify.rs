//! `banyan domains verify`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::json;

use super::{register, table};
use crate::base::diag::Diagnostic;
use crate::build::{Outcome, State};
use crate::cli::{Common, Format, Io};
use crate::domains::verify::{Order, Verdict, verify};
use crate::domains::{Name, Owner, Path};

#[derive(clap::Args)]
pub struct Args {
    /// Sites, by id (globs)
    #[arg(long = "site", value_name = "ID")]
    sites: Vec<String>,
    /// Name server that is asked; default: the system's
    #[arg(long, value_name = "ADDR:PORT")]
    resolver: Option<String>,
    /// Asks all hosts at this address, wherever they resolve to
    #[arg(long, value_name = "ADDR")]
    connect: Option<IpAddr>,
    #[arg(long, default_value_t = 80)]
    http_port: u16,
    #[arg(long, default_value_t = 443)]
    https_port: u16,
    /// Asks by HTTP only
    #[arg(long)]
    no_tls: bool,
    /// Takes any issuer of a certificate for trusted
    #[arg(long)]
    any_issuer: bool,
    /// Asks no name server
    #[arg(long)]
    no_dns: bool,
    /// Asks no host
    #[arg(long)]
    no_web: bool,
    /// Seconds for one answer
    #[arg(long, default_value_t = 5)]
    timeout: u64,
    /// Hosts asked at the same time
    #[arg(long, default_value_t = 16)]
    at_once: usize,
    /// A certificate that ends within so many days is out of order
    #[arg(long, default_value_t = 14)]
    days: i64,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let resolver = match &args.resolver {
        None => None,
        Some(text) => {
            let bare = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
            let found = text.parse::<SocketAddr>().or(bare);
            Some(found.map_err(|_| Diagnostic::error("domains.resolver").arg("value", text))?)
        }
    };
    let Some((platform, register)) = register(common, io) else { return Ok(Outcome::Refused) };
    let chosen = crate::build::select(&platform, &args.sites)?;
    let shown = |n: &&Name| match n.owner {
        Owner::Site(id) => chosen.contains(&id),
        Owner::Retired(_) => args.sites.is_empty(),
    };
    let names: Vec<&Name> = register.names.iter().filter(shown).collect();
    let paths: Vec<&Path> = register.paths.iter().filter(|p| chosen.contains(&p.site)).collect();
    let state = State::look(&common.root, &platform.output, &platform.output);
    let manifests: Vec<_> = platform.sites.iter().map(|s| state.manifest(&s.id).0).collect();
    let order = Order {
        resolver,
        connect: args.connect,
        http_port: args.http_port,
        https_port: args.https_port,
        plain: args.no_tls,
        any_issuer: args.any_issuer,
        dns: !args.no_dns,
        web: !args.no_web,
        timeout: Duration::from_secs(args.timeout.max(1)),
        at_once: args.at_once,
        now: io.now,
        days: args.days,
    };
    let all = verify(&platform, &register, &manifests, &names, &paths, &order)
        .map_err(|e| Diagnostic::error("domains.verify").arg("problem", e))?;
    let good = all.iter().filter(|v| v.in_order()).count();
    if common.format == Format::Human {
        print(&all, &order, common, io);
        let share = if all.is_empty() { 100.0 } else { good as f64 * 100.0 / all.len() as f64 };
        // 99.96 % is not all of them.
        let share = (share * 10.0).floor() / 10.0;
        let text = if io.is_chinese() {
            format!("{} 项中 {good} 项正常（{share:.1} %）", all.len())
        } else {
            format!("{good} of {} names and paths in order ({share:.1} %)", all.len())
        };
        io.say(text);
    } else {
        let rows: Vec<_> = all
            .iter()
            .map(|v| {
                let mut row = serde_json::to_value(v).unwrap_or_default();
                row["in_order"] = v.in_order().into();
                row
            })
            .collect();
        let text = serde_json::to_string_pretty(&json!({ "hosts": all.len(), "in_order": good, "names": rows })).unwrap_or_default();
        io.print(format!("{text}\n"));
    }
    Ok(if good == all.len() { Outcome::Good } else { Outcome::Findings })
}

/// Names out of order; with `-v` all.
fn print(all: &[Verdict], order: &Order, common: &Common, io: &mut Io) {
    let mut rows = vec![["host", "resolves", "answers", "certificate", "headers"].map(str::to_owned).to_vec()];
    for v in all.iter().filter(|v| common.verbose || !v.in_order()) {
        let cell = |about: &str, asked: bool, good: String| match v.of(about) {
            Some(p) => format!("{} (not {})", p.found, p.wanted),
            None if asked => good,
            None => "-".to_owned(),
        };
        let status = v.status.map_or_else(|| "-".to_owned(), |s| s.to_string());
        rows.push(vec![
            v.shown.clone(),
            cell("resolve", order.dns, "ok".into()),
            cell("answer", order.web, status),
            cell("certificate", v.days.is_some(), v.days.map_or_else(String::new, |d| format!("{d} days"))),
            cell("header", v.status == Some(200), "ok".into()),
        ]);
    }
    if rows.len() > 1 {
        io.print(table(&rows));
    }
}
