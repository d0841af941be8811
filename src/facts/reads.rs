//! The recorder. A template engine gives its objects and functions no state of ours, so who asks and what is read stand
//! in the one thread-local of the program, guarded around each rendering.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::key::FactKey;
use crate::base::fingerprint::Fingerprint;

thread_local! {
    static RECORDER: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// One rendering in progress.
struct Frame {
    reads: Reads,
    asker: Rc<dyn Any>,
}

/// What one rendering read, in the order of first reading.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    pub list: Vec<(FactKey, Fingerprint)>,
    known: HashMap<FactKey, (), foldhash::fast::RandomState>,
}

impl Reads {
    pub fn has(&self, key: &FactKey) -> bool {
        self.known.contains_key(key)
    }

    pub fn fingerprint_of(&self, key: &FactKey) -> Option<Fingerprint> {
        self.list.iter().find(|(k, _)| k == key).map(|(_, f)| *f)
    }
}

/// Runs `work` for `asker` and gives what it read. Recordings nest: a fragment has its own.
pub fn recording<T>(asker: Rc<dyn Any>, work: impl FnOnce() -> T) -> (T, Reads) {
    RECORDER.with(|r| r.borrow_mut().push(Frame { reads: Reads::default(), asker }));
    // The frame is taken off again whatever happens inside: a panic of a worker must not leave it behind.
    struct Guard(bool);
    impl Drop for Guard {
        fn drop(&mut self) {
            if self.0 {
                RECORDER.with(|r| r.borrow_mut().pop());
            }
        }
    }
    let mut guard = Guard(true);
    let out = work();
    guard.0 = false;
    let reads = RECORDER.with(|r| r.borrow_mut().pop()).map(|f| f.reads).unwrap_or_default();
    (out, reads)
}

/// Who is being rendered on this thread.
pub fn asker<T: 'static>() -> Option<Rc<T>> {
    let any = RECORDER.with(|r| r.borrow().last().map(|f| f.asker.clone()))?;
    any.downcast::<T>().ok()
}

/// Notes that `key` was read; `print` is asked for only the first time.
pub fn record(key: FactKey, print: impl FnOnce() -> Fingerprint) {
    #[cfg(feature = "faults")]
    if fault::is_forgotten(key.kind) {
        return;
    }
    let known = RECORDER.with(|r| r.borrow().last().map(|f| f.reads.has(&key)));
    if known == Some(false) {
        // Taken outside the borrow: to print a value may read others.
        let print = print();
        RECORDER.with(|r| {
            if let Some(frame) = r.borrow_mut().last_mut()
                && frame.reads.known.insert(key.clone(), ()).is_none()
            {
                frame.reads.list.push((key, print));
            }
        });
    }
}

/// Faults for tests: a recorder that forgets one kind of question must be found out. Absent from a normal build.
#[cfg(feature = "faults")]
pub mod fault {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::facts::Kind;

    /// 0: none; else 1 + the kind's place among all.
    static FORGOTTEN: AtomicUsize = AtomicUsize::new(0);

    /// From now on, in this process, no question of the kind is noted.
    pub fn forget(kind: Option<Kind>) {
        FORGOTTEN.store(kind.map_or(0, |k| 1 + k as usize), Ordering::SeqCst);
    }

    pub(super) fn is_forgotten(kind: Kind) -> bool {
        FORGOTTEN.load(Ordering::Relaxed) == 1 + kind as usize
    }
}
