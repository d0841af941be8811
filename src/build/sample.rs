//! A sample of what was taken for fresh, rendered all the same and compared: the proof, in every run, that receipts tell
//! the truth.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use super::outputs::{Done, Proof, Work};
use super::report::SiteReport;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Writer;
use crate::render::Content;

/// Nanoseconds that all samples of a run may take together.
const TIME: u64 = 500_000_000;

/// How many may still be looked at.
pub struct Sampler {
    left: AtomicUsize,
    /// For one site.
    share: usize,
    spent: AtomicU64,
    seed: i64,
}

impl Sampler {
    /// `most` in all, spread over so many sites; another moment picks others.
    pub fn new(most: usize, sites: usize, seed: i64) -> Sampler {
        let share = most.div_ceil(sites.max(1));
        Sampler { left: AtomicUsize::new(most), share, spent: AtomicU64::new(0), seed }
    }

    fn take(&self) -> bool {
        let free = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        free && self.spent.load(Ordering::Relaxed) < TIME
    }
}

impl Work<'_> {
    /// Renders some of the fresh outputs and says which are not what they were.
    pub fn sample(&self, done: &[Done], sampler: &Sampler, report: &mut SiteReport) -> Vec<Diagnostic> {
        if sampler.share == 0 || self.verifier.is_none() {
            return Vec::new();
        }
        let rank = |path: &str| Writer::new("sample").signed(sampler.seed).text(path).finish();
        // A picture reads nothing that its key does not hold, and costs a hundred pages.
        let is_picture = |at: usize| matches!(self.render.plan.outputs[at].recipe, crate::plan::Recipe::Picture { .. });
        let fresh = done.iter().enumerate().filter(|(at, d)| matches!(d.proof, Proof::Kept(..)) && !is_picture(*at));
        let mut chosen: Vec<(crate::base::fingerprint::Fingerprint, usize)> = fresh.map(|(at, d)| (rank(&d.path), at)).collect();
        let count = sampler.share.min(chosen.len());
        if count == 0 {
            return Vec::new();
        }
        chosen.select_nth_unstable(count - 1);
        let mut wrong = Vec::new();
        for (_, at) in &chosen[..count] {
            if !sampler.take() {
                break;
            }
            let start = Instant::now();
            let (output, known) = (&self.render.plan.outputs[*at], &done[*at]);
            let rendered = catch_unwind(AssertUnwindSafe(|| self.render.render(output)));
            let same = rendered.is_ok_and(|r| match &r.bytes {
                Content::Bytes(bytes) => *blake3::hash(bytes).as_bytes() == known.hash,
                Content::Shared(bytes) => *blake3::hash(bytes).as_bytes() == known.hash,
                Content::File(_) | Content::Failed => false,
            });
            sampler.spent.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
            report.verified += 1;
            if !same {
                let place = self.render.plan.source(&self.world.platform, &self.world.library, output);
                wrong.push(Diagnostic::error("build.unverified").at(place).arg("path", &output.path));
            }
        }
        wrong
    }
}
