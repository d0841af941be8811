//! What a build did, for people and for programs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::front::Phase;
use super::outputs::Done;
use crate::base::diag::{Diagnostic, Severity, sort};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Built,
    /// It could not be built whole: its last complete output stands.
    Kept,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SiteReport {
    pub id: String,
    pub name: String,
    pub status: Status,
    /// HTML pages for people.
    pub pages: usize,
    pub outputs: usize,
    /// Outputs that were rendered because something they are made from changed.
    pub rendered: usize,
    /// Fresh outputs that were rendered all the same, to compare.
    pub verified: usize,
    /// Pages of items that nothing reached: fresh without being asked.
    pub rested: usize,
    /// Outputs that are new or not what they were.
    pub written: usize,
    pub deleted: usize,
    /// Of all outputs.
    pub bytes: u64,
    pub written_bytes: u64,
    pub errors: usize,
    pub warnings: usize,
    pub millis: u64,
}

impl SiteReport {
    pub fn new(id: &str, name: &str) -> SiteReport {
        SiteReport {
            id: id.to_owned(),
            name: name.to_owned(),
            status: Status::Kept,
            pages: 0,
            outputs: 0,
            rendered: 0,
            verified: 0,
            rested: 0,
            written: 0,
            deleted: 0,
            bytes: 0,
            written_bytes: 0,
            errors: 0,
            warnings: 0,
            millis: 0,
        }
    }

    /// As a build finds it that has nothing to do.
    pub(super) fn at_rest(&self) -> SiteReport {
        SiteReport { rendered: 0, verified: 0, rested: 0, written: 0, deleted: 0, written_bytes: 0, millis: 0, ..self.clone() }
    }

    pub(super) fn count(&mut self, done: &[Done]) {
        self.outputs = done.len();
        self.pages = done.iter().filter(|d| d.page).count();
        self.rendered = done.iter().filter(|d| d.is_rendered()).count();
        self.written = done.iter().filter(|d| d.changed).count();
        self.written_bytes = done.iter().filter(|d| d.changed).map(|d| d.size).sum();
        self.bytes = done.iter().map(|d| d.size).sum();
    }
}

/// How a run ended; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Good = 0,
    Failed = 1,
    /// Usage or configuration: nothing was built.
    Refused = 2,
    /// Findings at or above the threshold.
    Findings = 3,
    /// Some sites, or some items, could not be built; the rest is complete.
    Partial = 4,
}

#[derive(Debug, Serialize)]
pub struct Report {
    pub outcome: Outcome,
    /// In the order of their ids.
    pub sites: Vec<SiteReport>,
    pub diagnostics: Vec<Diagnostic>,
    /// Sites that have output but are not configured.
    pub unknown: Vec<String>,
    /// Milliseconds of each phase.
    pub phases: Vec<(Phase, u64)>,
    /// Sites that nothing reached: they were neither planned nor asked, but for one that was asked all the same.
    pub untouched: usize,
    /// Bodies rendered: one for each item, however many sites show it.
    pub bodies: usize,
    /// How much of the content was opened and parsed; the rest was remembered.
    pub content: crate::content::Counts,
    /// Pictures that were decoded, variants that were made.
    pub pictures: crate::picture::Counts,
    pub millis: u64,
    /// Most memory the process has used, in bytes; 0 where the system does not tell.
    pub peak_memory: u64,
}

impl Report {
    pub fn refused(mut diagnostics: Vec<Diagnostic>, time: Duration) -> Report {
        sort(&mut diagnostics);
        Report {
            outcome: Outcome::Refused,
            sites: Vec::new(),
            diagnostics,
            unknown: Vec::new(),
            phases: Vec::new(),
            untouched: 0,
            bodies: 0,
            content: Default::default(),
            pictures: Default::default(),
            millis: time.as_millis() as u64,
            peak_memory: peak_memory(),
        }
    }

    pub fn new(
        mut diagnostics: Vec<Diagnostic>,
        built: Vec<(SiteReport, Vec<Diagnostic>)>,
        unknown: Vec<String>,
        time: Duration,
    ) -> Report {
        let mut sites = Vec::new();
        for (site, said) in built {
            diagnostics.extend(said);
            sites.push(site);
        }
        sites.sort_by(|a, b| a.id.cmp(&b.id));
        sort(&mut diagnostics);
        let outcome = if !diagnostics.iter().any(Diagnostic::is_error) {
            Outcome::Good
        } else if sites.iter().any(|s| s.status == Status::Built) {
            Outcome::Partial
        } else {
            Outcome::Failed
        };
        Report {
            outcome,
            sites,
            diagnostics,
            unknown,
            phases: Vec::new(),
            untouched: 0,
            bodies: 0,
            content: Default::default(),
            pictures: Default::default(),
            millis: time.as_millis() as u64,
            peak_memory: peak_memory(),
        }
    }

    /// Nothing was looked at: all is as the last build left it.
    pub fn unchanged(sites: Vec<SiteReport>, diagnostics: Vec<Diagnostic>) -> Report {
        let sites = sites.into_iter().map(|site| (site, Vec::new())).collect();
        let report = Report::new(diagnostics, sites, Vec::new(), Duration::ZERO);
        Report { untouched: report.sites.len(), ..report }
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }
}

/// The high-water mark of resident memory.
pub fn peak_memory() -> u64 {
    of_status("VmHWM:")
}

/// Bytes of memory that the process has now; 0 where the system does not tell.
pub fn resident_memory() -> u64 {
    of_status("VmRSS:")
}

fn of_status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(name));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kb| kb * 1024)
}
