//! Sites one after another, on all threads. A parallel iterator would give each thread a run of them, and all sites that an edit
//! reaches may stand in one; and a thread that waits inside a site would begin others before it ends.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::id::SiteId;

/// What comes of each site, in the order given: each thread takes the next site when it is done with its own, and helps with those
/// of others when there is none left.
pub fn in_turn<T: Send>(sites: &[SiteId], work: impl Fn(SiteId) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let turn = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < sites.len());
    let line = |_: rayon::BroadcastContext| std::iter::from_fn(|| turn().map(|at| (at, work(sites[at])))).collect::<Vec<_>>();
    let mut done: Vec<(usize, T)> = rayon::broadcast(line).into_iter().flatten().collect();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, built)| built).collect()
}
