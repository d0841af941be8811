//! `build --verify-incremental`: a clean build beside the one just done, by a process that remembers nothing, and every
//! byte compared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{Common, Io, build, format};
use crate::base::date::Date;
use crate::base::diag::Diagnostic;
use crate::build::{Report, State, Status};
use crate::route::Moment;

/// What differs, as errors. `Err`: the clean build could not be made.
pub fn verify(args: &build::Args, common: &Common, moment: Moment, report: &Report, io: &mut Io) -> Result<Vec<Diagnostic>, Diagnostic> {
    let Some(platform) = crate::config::load(&common.root).platform else { return Ok(Vec::new()) };
    let out = args.out.clone().unwrap_or_else(|| platform.output.clone());
    // On the same disk, and hidden.
    let beside = out.with_file_name(format!(".{}.verify", out.file_name().unwrap_or_default().to_string_lossy()));
    _ = std::fs::remove_dir_all(&beside);
    let trouble = |problem: String| Diagnostic::error("build.verify").arg("problem", problem);
    let program = std::env::current_exe().map_err(|e| trouble(e.to_string()))?;
    let mut command = std::process::Command::new(program);
    command.args(["build", "--quiet", "--format", "json", "--sample", "0", "--forget"]);
    command.arg("--root").arg(&common.root).arg("--out").arg(&beside);
    command.args(["--lang", if io.is_chinese() { "zh" } else { "en" }]);
    command.args(["--clock", &Date::moment(moment.clock).rfc3339(&jiff::tz::TimeZone::UTC)]);
    command.args(moment.drafts.then_some("--drafts"));
    command.args(args.sites.iter().flat_map(|s| ["--site", s.as_str()]));
    let ran = command.output().map_err(|e| trouble(e.to_string()))?;
    let said: Json = serde_json::from_slice(&ran.stdout).map_err(|_| trouble(String::from_utf8_lossy(&ran.stderr).into_owned()))?;
    let found = compare(&platform, common, report, (&out, &beside), &said, io);
    State::look(&common.root, &platform.output, &beside).remove();
    _ = std::fs::remove_dir_all(&beside);
    Ok(found)
}

fn compare(
    platform: &crate::config::Platform,
    common: &Common,
    report: &Report,
    (out, beside): (&Path, &PathBuf),
    said: &Json,
    io: &mut Io,
) -> Vec<Diagnostic> {
    let unequal = |what: String| Diagnostic::error("build.unequal").arg("path", what);
    let mut found = Vec::new();
    let ours = format::report(report, io.tongue);
    // An output taken for fresh that was not has been told already.
    if ours["diagnostics"] != said["diagnostics"] {
        let list = |v: &Json| v["diagnostics"].as_array().into_iter().flatten().map(Json::to_string).collect::<BTreeSet<String>>();
        let (a, b) = (list(&ours), list(said));
        found.extend(a.symmetric_difference(&b).map(|text| unequal(text.clone())));
    }
    let states = [out, beside.as_path()].map(|o| State::look(&common.root, &platform.output, o));
    let mut compared = 0;
    for site in report.sites.iter().filter(|s| s.status == Status::Built) {
        let trees = [out, beside.as_path()].map(|o| files(&o.join(&site.id)));
        let all: BTreeSet<&String> = trees[0].iter().chain(&trees[1]).collect();
        for path in all {
            compared += 1;
            let [a, b] = [out, beside.as_path()].map(|o| std::fs::read(o.join(&site.id).join(path)).ok());
            if a != b || a.is_none() {
                found.push(unequal(format!("{}/{path}", site.id)));
            }
        }
        if states[0].signature(&site.id) != states[1].signature(&site.id) {
            found.push(unequal(format!("{}: manifest", site.id)));
        }
    }
    if found.is_empty() && !common.quiet {
        let text = if io.is_chinese() {
            format!("与全新构建逐字节一致：{compared} 个文件")
        } else {
            format!("equal to a clean build, byte for byte: {}", super::many(compared, "file"))
        };
        io.say(text);
    }
    found
}

fn files(folder: &Path) -> BTreeSet<String> {
    let walk = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|e| !e.file_type().is_dir());
    walk.filter_map(|e| Some(e.path().strip_prefix(folder).ok()?.to_string_lossy().into_owned())).collect()
}
