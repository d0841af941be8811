//! `banyan clean`

use super::{Common, Io};
use crate::base::diag::Diagnostic;
use crate::build::{Outcome, State};

#[derive(clap::Args)]
pub struct Args {
    /// Only outputs of sites that are configured no more
    #[arg(long)]
    sites: bool,
    /// Another output folder than the configured one
    #[arg(long, value_name = "DIR")]
    out: Option<std::path::PathBuf>,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        super::human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    let out = args.out.clone().unwrap_or_else(|| platform.output.clone());
    let state = State::open(&common.root, &platform.output, &out)?;
    let mut gone = state.unknown_sites(&platform);
    if !args.sites {
        gone.extend(platform.sites.iter().map(|s| s.id.to_string()));
        gone.sort();
    }
    for site in &gone {
        state.forget(&out, site).map_err(|e| Diagnostic::error("cli.io").arg("path", out.join(site).display()).arg("problem", e))?;
    }
    if !common.quiet {
        let text = if io.is_chinese() {
            format!("已清除 {} 个站点的输出和状态", gone.len())
        } else {
            format!("outputs and state of {} taken away", super::many(gone.len(), "site"))
        };
        io.say(text);
    }
    Ok(Outcome::Good)
}
