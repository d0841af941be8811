//! Addresses whose copies in caches are old now, and the command that tells the caches.
//!
//! The lists wait in `.banyan/deploy/<target>/` until the command has taken them: one that fails is run again by the next
//! deploy. What was deployed stands either way.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::Status;
use super::diff::{Changes, is_variant};
use super::job::Job;
use crate::base::diag::Diagnostic;
use crate::base::fs::write_atomic;
use crate::build::address;
use crate::build::manifest::Manifest;
use crate::config::{Site, Target};

/// Addresses of the last deploy, by site.
pub const CHANGED: &str = "changed-urls";
const WAITING: &str = "purge";

pub fn trouble(folder: &Path, e: io::Error) -> Diagnostic {
    Diagnostic::error("deploy.write").arg("path", folder.display()).arg("problem", e)
}

/// The addresses that answer otherwise than before. What was not there before is in no cache, but for its absence.
pub fn addresses(site: &Site, old: Option<&Manifest>, new: &Manifest, changes: &Changes) -> Vec<String> {
    let puts = changes.puts.iter().filter(|p| !is_variant(&new.headers[p.headers as usize])).map(|p| &*p.path);
    let is_form = |path: &str| old.and_then(|m| m.find(path).map(|e| &m.headers[e.headers as usize])).is_some_and(is_variant);
    let deletes = changes.deletes.iter().map(|p| &**p).filter(|p| !is_form(p));
    let mut urls: Vec<String> = puts.chain(deletes).map(|path| address(site, path)).collect();
    urls.sort();
    urls
}

/// Notes the addresses of a deploy.
pub fn note(folder: &Path, target: &Target, jobs: &[Job]) -> io::Result<()> {
    let done = jobs.iter().filter(|j| j.status == Status::Deployed && !j.has_failed() && !j.only_sign);
    let lists: Vec<(&Arc<str>, Vec<String>)> = done.map(|j| (&j.site.id, addresses(j.site, j.old.as_ref(), &j.new, &j.changes))).collect();
    write(folder, target, &lists)
}

pub fn write(folder: &Path, target: &Target, lists: &[(&Arc<str>, Vec<String>)]) -> io::Result<()> {
    match std::fs::remove_dir_all(folder.join(CHANGED)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    for (site, urls) in lists.iter().filter(|(_, urls)| !urls.is_empty()) {
        let text = urls.join("\n") + "\n";
        write_atomic(&folder.join(CHANGED).join(format!("{site}.txt")), text.as_bytes())?;
        if target.purge.is_empty() {
            continue;
        }
        // What an earlier deploy left is still old.
        let waiting = folder.join(WAITING).join(format!("{site}.txt"));
        let mut all: Vec<&str> = urls.iter().map(String::as_str).collect();
        let before = std::fs::read_to_string(&waiting).unwrap_or_default();
        all.extend(before.lines());
        all.sort();
        all.dedup();
        write_atomic(&waiting, (all.join("\n") + "\n").as_bytes())?;
    }
    Ok(())
}

/// Runs the command over all lists that wait, in batches. Says which sites it failed for.
pub fn run(folder: &Path, target: &Target) -> Vec<Diagnostic> {
    let Ok(entries) = std::fs::read_dir(folder.join(WAITING)) else { return Vec::new() };
    let mut lists: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    lists.sort();
    let mut said = Vec::new();
    for list in lists {
        let site = list.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&list).unwrap_or_default();
        let urls: Vec<&str> = text.lines().collect();
        let done = urls.chunks(target.purge_batch.max(1)).try_for_each(|batch| {
            let file = folder.join(WAITING).join(format!("{site}.batch"));
            write_atomic(&file, (batch.join("\n") + "\n").as_bytes()).map_err(|e| e.to_string())?;
            let ended = command(target, &site, &file);
            _ = std::fs::remove_file(&file);
            ended
        });
        match done {
            Ok(()) => _ = std::fs::remove_file(&list),
            Err(problem) => {
                let site: Arc<str> = site.as_str().into();
                said.push(Diagnostic::error("deploy.purge").arg("site", &site).arg("problem", problem).site(&site));
            }
        }
    }
    said
}

fn command(target: &Target, site: &str, file: &Path) -> Result<(), String> {
    let Some((program, arguments)) = target.purge.split_first() else { return Ok(()) };
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let name = file.to_string_lossy();
    let arguments = arguments.iter().map(|a| a.replace("{file}", &name).replace("{site}", site));
    let ended = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let ended = ended.map_err(|e| format!("{program}: {e}"))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let last = said.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
    Err(format!("{program}: {} {}", ended.status, last.chars().take(200).collect::<String>()))
}
