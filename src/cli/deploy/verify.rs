//! `banyan deploy verify`, `keygen`

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::super::{Common, Format, Io, stop};
use super::{chosen, order};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::config::Platform;
use crate::deploy::verify::{Difference, Question, verify};
use crate::deploy::{releases, sign};

#[derive(clap::Args)]
pub struct Args {
    /// Id of a site
    site: String,
    /// Where the site answers; default: its main host
    #[arg(long)]
    url: Option<String>,
    /// Looks at so many files, others each minute; default: all
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Does not look at this header; may be repeated
    #[arg(long = "ignore-header", value_name = "NAME")]
    ignore: Vec<String>,
    /// Believes the manifest that was built here, not the one at the target
    #[arg(long)]
    local: bool,
    /// A target of sites.toml, where there are several
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
}

pub fn run(args: &Args, platform: &Platform, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let target = chosen(platform, args.target.as_deref())?;
    let order = order(platform, target, io);
    let site = releases::site_of(&order, &args.site)?;
    let question = Question {
        url: args.url.clone().unwrap_or_else(|| site.url.to_string()),
        sample: args.sample,
        seed: io.now,
        ignore: args.ignore.clone(),
        local: args.local,
        stop: stop(),
    };
    let found = verify(&order, site, &question)?;
    let outcome = if found.differences.is_empty() { Outcome::Good } else { Outcome::Findings };
    if common.format != Format::Human {
        let text = serde_json::to_string_pretty(&found).unwrap_or_default();
        io.print(format!("{text}\n"));
        return Ok(outcome);
    }
    let zh = io.is_chinese();
    for (path, what) in &found.differences {
        io.print(format!("{path}: {}\n", words(what, zh)));
    }
    let (checked, files, count) = (found.checked, found.files, found.differences.len());
    let manifest = &found.manifest[..found.manifest.len().min(12)];
    let signed = match (found.signed, args.local, zh) {
        (true, _, false) => "signed",
        (true, _, true) => "已签名",
        (false, true, false) => "built here",
        (false, true, true) => "本地构建",
        (false, false, false) => "not signed",
        (false, false, true) => "未签名",
    };
    io.print(if zh {
        format!("清单 {manifest}（{signed}）：{files} 个文件中核对 {checked} 个，{count} 处不符\n")
    } else {
        format!("manifest {manifest} ({signed}): {checked} of {files} files looked at, {count} differences\n")
    });
    Ok(outcome)
}

fn words(what: &Difference, zh: bool) -> String {
    match what {
        Difference::Changed => if zh { "内容被改动" } else { "other bytes than were deployed" }.to_owned(),
        Difference::Missing { status } if zh => format!("缺失：服务器答复 {status}"),
        Difference::Missing { status } => format!("missing: the server answers {status}"),
        Difference::Redirect { to } if zh => format!("被跳转到 {to}"),
        Difference::Redirect { to } => format!("leads to {to}"),
        Difference::Header { name, wanted, found } => {
            let found = found.as_deref().unwrap_or("-");
            if zh {
                format!("响应头 {name}：应为“{wanted}”，实为“{found}”")
            } else {
                format!("header {name}: `{found}`, not `{wanted}`")
            }
        }
        Difference::Unreachable { problem } if zh => format!("没有答复：{problem}"),
        Difference::Unreachable { problem } => format!("no answer: {problem}"),
    }
}

#[derive(clap::Args)]
pub struct Keygen {
    /// File for the secret key, outside the platform
    file: PathBuf,
}

pub fn keygen(args: &Keygen, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let platform = crate::config::load(&common.root).platform;
    let mut folders = vec![common.root.clone()];
    if let Some(platform) = &platform {
        folders.push(platform.output.clone());
        folders.extend(platform.deploy.targets.iter().filter_map(|t| match &t.location {
            crate::config::Location::Folder(path) => Some(path.clone()),
            crate::config::Location::Bucket { .. } => None,
        }));
    }
    // Without a platform here nothing is published from here.
    let folders = if platform.is_some() { folders } else { Vec::new() };
    sign::may_lie_at(&args.file, &folders)?;
    let trouble = |problem: String| Diagnostic::error("cli.io").arg("path", args.file.display()).arg("problem", problem);
    let password = std::env::var(sign::PASSWORD).ok().filter(|p| !p.is_empty());
    let (secret, public) = sign::new_pair(password).map_err(trouble)?;
    let file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&args.file);
    match file.and_then(|mut f| f.write_all(secret.as_bytes())) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Diagnostic::error("cli.exists").arg("path", args.file.display()));
        }
        Err(e) => return Err(trouble(e.to_string())),
        Ok(()) => {}
    }
    io.print(format!("public_key = \"{public}\"\n"));
    if !common.quiet {
        let text = io.either(
            "the line above belongs into [deploy] of sites.toml; the file is the secret",
            "上面一行写入 sites.toml 的 [deploy]；该文件为私钥，须保密",
        );
        io.say(text);
    }
    Ok(Outcome::Good)
}
