//! Pages that do not end. A template pays for its steps, but a single step can work without end inside the engine: the text of
//! a list that holds itself twice, sixty times over. No thread can be stopped from outside. So whoever runs the build is told which
//! page it is, and may end the process: what is on the disk is as after any break, and the next start leaves that site out.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Watch;
use super::report::resident_memory;

/// How long one output may take. The longest that is not a mistake takes a second; a loaded machine makes that ten.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes that the process may grow by while one and the same output is made, once it has taken [`SOON`].
const GROWTH: u64 = 3 << 30;
const SOON: Duration = Duration::from_secs(3);

const LOOK: Duration = Duration::from_millis(250);

/// An output that did not end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Endless {
    pub site: Arc<str>,
    pub path: Box<str>,
}

pub struct Patience {
    limit: Duration,
    /// What each thread of the build is at.
    desks: Vec<Mutex<Option<(Instant, Endless)>>>,
    over: Mutex<bool>,
    ended: Condvar,
}

/// An output is being made.
pub struct AtWork<'p>(Option<&'p Mutex<Option<(Instant, Endless)>>>);

impl Patience {
    pub fn new(limit: Duration, threads: usize) -> Patience {
        let desks = (0..threads).map(|_| Mutex::new(None)).collect();
        Patience { limit, desks, over: Mutex::new(false), ended: Condvar::new() }
    }

    /// The thread is at this output until the answer is dropped. Of one output inside another the outer one counts.
    pub fn at(&self, site: &Arc<str>, path: &str) -> AtWork<'_> {
        let desk = rayon::current_thread_index().and_then(|at| self.desks.get(at));
        AtWork(desk.filter(|desk| {
            let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
            let free = desk.is_none();
            if free {
                *desk = Some((Instant::now(), Endless { site: site.clone(), path: path.into() }));
            }
            free
        }))
    }

    /// Does the work, and tells meanwhile of what takes too long.
    pub fn during<T>(&self, watch: &dyn Watch, work: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            // Where no thread is to be had the work is done all the same.
            _ = std::thread::Builder::new().spawn_scoped(scope, || self.watch(watch));
            // The scope waits for the watcher, also when the work panics.
            let _over = Over(self);
            work()
        })
    }

    fn watch(&self, watch: &dyn Watch) {
        // Resident memory when an output was first seen at work.
        let mut first: Vec<Option<(Instant, u64)>> = vec![None; self.desks.len()];
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        while !*over {
            let mut endless = Vec::new();
            let mut memory = None;
            for (desk, first) in self.desks.iter().zip(&mut first) {
                let at = desk.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let Some((since, output)) = at else { continue };
                let took = since.elapsed();
                if took < LOOK {
                    continue;
                }
                let memory = *memory.get_or_insert_with(resident_memory);
                let before = match first {
                    Some((known, before)) if *known == since => *before,
                    _ => first.insert((since, memory)).1,
                };
                if took > self.limit || (took > SOON && memory > before + GROWTH) {
                    endless.push(output);
                }
            }
            if !endless.is_empty() {
                watch.endless(&endless);
            }
            over = self.ended.wait_timeout(over, LOOK).map_or_else(|e| e.into_inner().0, |(over, _)| over);
        }
    }
}

/// The work is over when this is dropped.
struct Over<'p>(&'p Patience);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        *self.0.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.ended.notify_all();
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if let Some(desk) = self.0 {
            *desk.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}
