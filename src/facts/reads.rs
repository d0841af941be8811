//! The recorder. A template engine gives its objects no state, so what is read lands in the one thread-local of the
//! program, guarded around each rendering.

use std::cell::RefCell;
use std::collections::HashMap;

use super::key::FactKey;
use crate::base::fingerprint::Fingerprint;

thread_local! {
    static RECORDER: RefCell<Vec<Reads>> = const { RefCell::new(Vec::new()) };
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

/// Runs `work` and gives what it read. Recordings nest: a fragment has its own.
pub fn recording<T>(work: impl FnOnce() -> T) -> (T, Reads) {
    RECORDER.with(|r| r.borrow_mut().push(Reads::default()));
    // The recorder is taken off again whatever happens inside: a panic of a worker must not leave it behind.
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            if std::thread::panicking() {
                RECORDER.with(|r| r.borrow_mut().pop());
            }
        }
    }
    let guard = Guard;
    let out = work();
    drop(guard);
    let reads = RECORDER.with(|r| r.borrow_mut().pop()).unwrap_or_default();
    (out, reads)
}

/// Notes that `key` was read; `print` is asked for only the first time.
pub fn record(key: FactKey, print: impl FnOnce() -> Fingerprint) {
    RECORDER.with(|r| {
        let known = match r.borrow().last() {
            None => return,
            Some(reads) => reads.has(&key),
        };
        if !known {
            // Taken outside the borrow: to print a value may read others.
            let print = print();
            if let Some(reads) = r.borrow_mut().last_mut()
                && reads.known.insert(key.clone(), ()).is_none()
            {
                reads.list.push((key, print));
            }
        }
    });
}
