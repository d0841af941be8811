//! The receipt of a whole build: where nothing it was made from changed, nothing need be read, planned or asked.
//!
//! A build is a function of its files, the program and the moment. The files of the content are held by their stamps, under
//! the rule of the scan (length, both times, inode, and none of it younger than two seconds when it was noted); the others
//! are read. What the last build said is said again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::front::Opened;
use super::kept::file;
use super::report::{Outcome, Report, SiteReport, Status};
use super::state::State;
use super::{Order, write};
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::sealed;

const FILE: &str = "whole";
const MAGIC: &[u8; 16] = b"banyan whole 2\n\0";

#[derive(Serialize, Deserialize)]
struct Whole {
    inputs: Fingerprint,
    /// Seconds: from the moment of that build on, until the clock changes something.
    from: i64,
    until: Option<i64>,
    /// Of each site: what its tree is signed with.
    sites: Vec<(SiteReport, String)>,
    /// Files of items.
    files: u64,
    diagnostics: Vec<Diagnostic>,
}

/// Over everything that a build reads, taken before it is read: what changes in between is a change to the next build.
pub struct Inputs {
    print: Fingerprint,
    /// No file could have changed unseen since it was looked at.
    settled: bool,
}

impl Inputs {
    pub fn new(order: &Order, opened: &Opened, engine: Fingerprint) -> Inputs {
        let (platform, repository) = (&opened.platform, &opened.repository);
        let mut w = Writer::new("whole");
        w.print(engine).print(opened.files.print()).byte(order.moment.drafts as u8);
        for mount in &platform.mounts {
            w.text(&mount.path.to_string_lossy());
            if let Some(path) = &mount.metadata {
                file(&mut w, &order.root, path);
            }
        }
        w.number(repository.files.len() as u64);
        for f in &repository.files {
            let s = &f.stamp;
            w.text(&f.path).number(s.length).signed(s.modified).signed(s.changed).number(s.inode);
        }
        let settled = repository.files.iter().all(|f| f.stamp.settled(repository.moment));
        Inputs { print: w.finish(), settled }
    }
}

/// Whether this order may be answered from the last one: it asks for all sites of the configured output, as they are.
fn is_plain(order: &Order) -> bool {
    order.sites.is_empty() && order.out.is_none() && order.delta.is_none() && !order.repair && !order.forget
}

/// The report of the last build, where this one would do nothing.
pub fn unchanged(order: &Order, inputs: &Inputs, state: &State, out: &Path) -> Option<Report> {
    if !is_plain(order) {
        return None;
    }
    let body = sealed::read(&path(order), MAGIC).ok()??;
    let whole: Whole = postcard::from_bytes(&body[MAGIC.len()..]).ok()?;
    let now = order.moment.clock;
    if now < whole.from || whole.until.is_some_and(|until| until <= now) {
        return None;
    }
    if inputs.print != whole.inputs {
        return None;
    }
    // The trees, the manifests and the journals are as that build left them.
    let stands = |(site, signature): &(SiteReport, String)| {
        write::signed(out, &site.id).as_ref() == Some(signature)
            && state.signature(&site.id).as_ref() == Some(signature)
            && out.join(&site.id).is_dir()
            && state.in_flight(&site.id).is_empty()
    };
    if !whole.sites.iter().all(stands) {
        return None;
    }
    let sites: Vec<SiteReport> = whole.sites.into_iter().map(|(site, _)| site).collect();
    sites.iter().for_each(|s| order.watch.site(s));
    let mut report = Report::unchanged(sites, whole.diagnostics);
    report.content.files = whole.files as usize;
    Some(report)
}

/// Notes a build that made every site, for the next one.
pub fn note(order: &Order, inputs: &Inputs, state: &State, until: Option<i64>, report: &Report) {
    let whole = report.outcome == Outcome::Good && report.sites.iter().all(|s| s.status == Status::Built);
    if !is_plain(order) || !whole || !inputs.settled {
        return;
    }
    let signed = |s: &SiteReport| Some((s.at_rest(), state.signature(&s.id)?));
    let Some(sites) = report.sites.iter().map(signed).collect() else { return };
    let whole = Whole {
        inputs: inputs.print,
        from: order.moment.clock,
        until,
        sites,
        files: report.content.files as u64,
        diagnostics: report.diagnostics.iter().filter(|d| super::is_lasting(d)).cloned().collect(),
    };
    // Without it the next build only works more.
    if let Ok(bytes) = postcard::to_extend(&whole, sealed::start(MAGIC)) {
        _ = sealed::write(&path(order), bytes);
    }
}

/// Before anything is touched: what a build for some sites, or one that is cut off, leaves is not what was noted.
pub fn forget(order: &Order) {
    _ = std::fs::remove_file(path(order));
}

fn path(order: &Order) -> PathBuf {
    order.root.join(super::FOLDER).join(FILE)
}
