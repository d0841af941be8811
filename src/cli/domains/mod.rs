//! `banyan domains`: the register of host names shown, checked, exported to servers, and held against the network.

mod check;
mod export;
mod list;
#[cfg(feature = "network")]
mod verify;

use clap::Subcommand;

use super::{Common, Io, Time, human};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::config::{self, Platform};
use crate::domains::Register;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Every host name: what it is, where it leads, its certificate
    List {
        /// Sites, by id (globs)
        #[arg(long = "site", value_name = "ID")]
        sites: Vec<String>,
    },
    /// Names, certificates, policy, redirects over the whole fleet, limits of the hosts
    Check {
        #[command(flatten)]
        time: Time,
        /// Warnings count as findings too (exit code 3)
        #[arg(long)]
        strict: bool,
    },
    /// Writes configuration for servers of names and of pages
    Export(export::Args),
    /// Asks name servers and hosts, and compares with the register
    #[cfg(feature = "network")]
    Verify(verify::Args),
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    match &args.what {
        What::List { sites } => list::run(sites, common, io),
        What::Check { time, strict } => check::run(time, *strict, common, io),
        What::Export(args) => export::run(args, common, io),
        #[cfg(feature = "network")]
        What::Verify(args) => verify::run(args, common, io),
    }
}

/// The register, for commands that need no files of sites. `None`: the configuration has errors, which are told.
fn register(common: &Common, io: &mut Io) -> Option<(Platform, Register)> {
    let loaded = config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return None;
    };
    let mut out = Vec::new();
    let register = Register::new(&platform, &mut out);
    crate::base::diag::sort(&mut out);
    human::findings(&out, common, io);
    Some((platform, register))
}

/// Lines of a table, each column as wide as its widest cell; Chinese letters count for two.
fn table(rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum::<usize>();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|c| rows.iter().filter_map(|r| r.get(c)).map(|t| width(t)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide - width(cell) + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
