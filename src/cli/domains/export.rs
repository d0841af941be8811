//! `banyan domains export`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::base::diag::{Diagnostic, sort};
use crate::base::fs;
use crate::build::{Front, Outcome, Silent, Use, machine};
use crate::cli::{Common, Io, Time, human, moment};
use crate::domains::export::{self, Files, Setup};
use crate::domains::{Fleet, Register, Server, headers};

#[derive(clap::Args)]
pub struct Args {
    /// What for
    #[arg(value_enum)]
    form: Form,
    /// Folder that is written into; files of that name are replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    time: Time,
    /// Serial number of the zones; default: one made from what is in each
    #[arg(long)]
    serial: Option<u32>,
    /// Address of all hosts, for a trial: in a hosts file (default: 127.0.0.1), or in zones instead of the targets
    #[arg(long)]
    address: Option<IpAddr>,
    /// Where the files of a site are on the server; {site} stands for its id; default: the output folder
    #[arg(long, value_name = "PATH")]
    files: Option<String>,
    /// Address that the server listens on; default: all
    #[arg(long, value_name = "ADDR")]
    listen: Option<IpAddr>,
    #[arg(long, default_value_t = 80)]
    http_port: u16,
    #[arg(long, default_value_t = 443)]
    https_port: u16,
    /// Port of the name server in its configuration for a trial
    #[arg(long, default_value_t = 53)]
    dns_port: u16,
    /// Plain HTTP: for a trial, or behind something that ends TLS
    #[arg(long)]
    no_tls: bool,
    /// Where the server has certificates that name no file: ID.pem and ID.key
    #[arg(long, value_name = "DIR", default_value = "/etc/ssl/banyan")]
    certificates: String,
    /// nginx has the module for files in Brotli
    #[arg(long)]
    brotli: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Zone files (RFC 1035)
    Zones,
    /// YAML of octoDNS
    Octodns,
    /// A hosts file, for trials
    Hosts,
    Nginx,
    Caddy,
    /// _redirects and _headers for Netlify
    Netlify,
    /// _redirects and _headers for Cloudflare Pages
    Cloudflare,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let (files, mut found) = match args.form {
        Form::Zones | Form::Octodns | Form::Hosts => match names(args, common, io)? {
            Some(files) => (files, Vec::new()),
            None => return Ok(Outcome::Refused),
        },
        _ => {
            let moment = moment(&args.time, &common.root, io)?;
            let front = Front::load(&common.root, moment, Use::Look, &Silent);
            let Some(world) = &front.world else {
                human::findings(&front.diagnostics, common, io);
                return Ok(Outcome::Refused);
            };
            let (mut found, mut told) = (Vec::new(), Vec::new());
            let register = Register::new(&world.platform, &mut found);
            let fleet = Fleet::new(world, &mut told);
            let rules = headers::learn(&world.platform, &fleet);
            let setup = setup(args, &world.platform.output)?;
            let files = match args.form {
                Form::Nginx => export::nginx::files(&world.platform, &register, &fleet, &rules, &setup),
                Form::Caddy => export::caddy::files(&world.platform, &register, &fleet, &rules, &setup),
                _ => {
                    let server = if args.form == Form::Netlify { Server::Netlify } else { Server::Cloudflare };
                    export::pages::files(&world.platform, &register, &fleet, &rules, server, &mut found)
                }
            };
            (files, found)
        }
    };
    sort(&mut found);
    human::findings(&found, common, io);
    for (name, text) in &files {
        let path = args.out.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| machine("build.write", folder, e))?;
        }
        fs::write_atomic(&path, text.as_bytes()).map_err(|e| machine("build.write", &path, e))?;
    }
    if !common.quiet {
        let text = if io.is_chinese() {
            format!("{}：写出 {} 个文件", args.out.display(), files.len())
        } else {
            format!("{}: {}", args.out.display(), crate::cli::many(files.len(), "file"))
        };
        io.say(text);
    }
    Ok(if found.iter().any(Diagnostic::is_error) { Outcome::Findings } else { Outcome::Good })
}

/// Forms that need no files of the sites.
fn names(args: &Args, common: &Common, io: &mut Io) -> Result<Option<Files>, Diagnostic> {
    let Some((_, mut register)) = super::register(common, io) else { return Ok(None) };
    Ok(Some(match args.form {
        Form::Hosts => export::hosts::files(&register, args.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))),
        Form::Octodns => export::octodns::files(&register).map_err(|e| machine("build.write", &args.out, e))?,
        _ => {
            if let Some(address) = args.address {
                register.all_at(address);
            }
            let mut files = export::zone::files(&register, args.serial);
            files.insert("named.conf".into(), export::zone::trial(args.listen, args.dns_port));
            files
        }
    }))
}

fn setup(args: &Args, output: &Path) -> Result<Setup, Diagnostic> {
    let files = match &args.files {
        Some(files) => files.clone(),
        None => {
            let output = std::path::absolute(output).map_err(|e| machine("build.write", output, e))?;
            format!("{}/{{site}}", output.display())
        }
    };
    let one_for_all = !files.contains("{site}");
    if one_for_all || !export::nginx::is_plain(&files) {
        return Err(Diagnostic::error("domains.files").arg("value", files).arg("site", "{site}"));
    }
    if !export::nginx::is_plain(&args.certificates) {
        return Err(Diagnostic::error("domains.path").arg("key", "--certificates").arg("value", &args.certificates));
    }
    Ok(Setup {
        files,
        listen: args.listen.map_or_else(String::new, |a| a.to_string()),
        http_port: args.http_port,
        https_port: args.https_port,
        tls: !args.no_tls,
        certificates: args.certificates.clone(),
        brotli: args.brotli,
    })
}
