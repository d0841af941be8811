//! `banyan serve`: the preview in a browser.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Common, Io, Time, human, moment};
use crate::base::diag::{Diagnostic, Severity, Tongue};
use crate::build::Outcome;
use crate::build::kept::{Files, Kept};
use crate::serve::{Hear, Loaded, Order, Shown, serve};

/// Where the preview begins to look for a free port.
const PORT: u16 = 3770;

#[derive(clap::Args)]
pub struct Args {
    /// Port of the preview; default: the first free one from 3770 on
    #[arg(long, short, value_name = "N")]
    port: Option<u16>,
    /// Opens the sites of --site to the local network at this address of the machine (0.0.0.0: all of them)
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// A site that --host opens; may be repeated
    #[arg(long = "site", value_name = "ID")]
    sites: Vec<String>,
    /// Shows items that wait for their day
    #[arg(long, short = 'F')]
    future: bool,
    /// Address that opens a file in your editor, with {file}, {line} and {column}; empty: none
    #[arg(long, value_name = "URL", default_value = "vscode://file{file}:{line}:{column}")]
    editor: String,
    #[command(flatten)]
    time: Time,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let first = moment(&args.time, &common.root, io)?;
    let mut kept = Kept::default();
    let platform = match kept.configuration(&common.root, Files::of(&common.root).configuration) {
        Ok(configuration) => configuration.platform,
        Err(diagnostics) => {
            // Without a platform there is nothing to follow.
            human::findings(&diagnostics, common, io);
            return Ok(Outcome::Refused);
        }
    };
    let mut sites = Vec::new();
    if !args.sites.is_empty() {
        let chosen = crate::build::select(&platform, &args.sites)?;
        sites.extend(chosen.into_iter().map(|id| platform.site(id).id.to_string()));
    }
    let host = match &args.host {
        None => None,
        Some(_) if sites.is_empty() => return Err(Diagnostic::error("serve.which-sites")),
        Some(text) => Some(text.parse::<IpAddr>().map_err(|_| Diagnostic::error("serve.host").arg("value", text))?),
    };
    // A moment that was given stays; else it is always the present one.
    let given = args.time.clock.is_some() || std::env::var_os("SOURCE_DATE_EPOCH").is_some();
    let order = Order {
        root: common.root.clone(),
        port: args.port.unwrap_or(PORT),
        port_may_move: args.port.is_none(),
        host,
        sites,
        shown: Shown { drafts: args.time.drafts, future: args.future },
        now: Box::new(move || if given { first.clock } else { super::present() }),
        editor: args.editor.clone(),
        tongue: io.tongue,
    };
    let printer = Printer { root: common.root.clone(), common: common.clone(), tongue: io.tongue, color: io.color, width: io.width };
    serve(order, kept, Arc::new(printer))?;
    Ok(Outcome::Good)
}

/// Prints to standard error while the preview runs.
struct Printer {
    root: PathBuf,
    common: Common,
    tongue: Tongue,
    color: bool,
    width: usize,
}

impl Printer {
    fn with(&self, work: impl FnOnce(&mut Io)) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut io = Io {
            out: &mut out,
            err: &mut err,
            progress: false,
            moving: false,
            color: self.color,
            width: self.width,
            tongue: self.tongue,
            now: 0,
        };
        work(&mut io);
        _ = std::io::stderr().write_all(&err);
    }
}

impl Hear for Printer {
    fn open(&self, front: SocketAddr, sites: &[(Arc<str>, SocketAddr)]) {
        self.with(|io| {
            let root = self.root.display();
            io.say(io.either(&format!("Preview of {root}; Ctrl-C ends it"), &format!("预览 {root}；按 Ctrl-C 结束")));
            io.say(format!("  http://localhost:{}/", front.port()));
            for (site, at) in sites {
                io.say(format!("  {site}: http://{at}/"));
            }
        });
    }

    fn loaded(&self, loaded: &Loaded) {
        self.with(|io| {
            human::findings(&loaded.diagnostics, &self.common, io);
            if self.common.quiet {
                return;
            }
            let errors = loaded.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
            let took = format!("{:.2} s", loaded.took.as_secs_f64());
            let what = match (loaded.only_themes, loaded.refused) {
                (_, true) => io.either("cannot be shown: what was good before stays", "无法显示：仍显示上一次的正确内容"),
                (true, _) => io.either("themes read again", "已重新读取主题"),
                (false, _) => io.either("everything read", "已读取全部内容"),
            };
            let errors = if errors == 0 {
                String::new()
            } else {
                io.either(&format!(", {}", super::many(errors, "error")), &format!("，错误 {errors}"))
            };
            io.say(format!("{what} ({took}){errors}"));
        });
    }
}
