//! The recorder. A template engine gives its objects and functions no state of ours, so who asks and what is read stand
//! in the one thread-local of the program, guarded around each rendering.

use std::any::Any;
use std::cell::RefCell;
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;

use super::key::{FactKey, Named};
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
    /// Where each key stands in the list, by its hash: open addressing, the place counted from one; twice as many as keys
    /// at least. A page reads a few dozen facts, and asks for most of them many times.
    places: Vec<(u32, u32)>,
}

impl Reads {
    pub fn has(&self, key: &FactKey) -> bool {
        self.find(hash(key), |k| k == key)
    }

    pub fn fingerprint_of(&self, key: &FactKey) -> Option<Fingerprint> {
        self.list.iter().find(|(k, _)| k == key).map(|(_, f)| *f)
    }

    fn find(&self, hash: u32, is: impl Fn(&FactKey) -> bool) -> bool {
        let Some(mask) = self.places.len().checked_sub(1) else { return false };
        let mut at = hash as usize & mask;
        loop {
            let (known, place) = self.places[at];
            if place == 0 {
                return false;
            }
            if known == hash && is(&self.list[place as usize - 1].0) {
                return true;
            }
            at = (at + 1) & mask;
        }
    }

    fn add(&mut self, hash: u32, key: FactKey, print: Fingerprint) {
        if (self.list.len() + 1) * 2 > self.places.len() {
            let old = std::mem::take(&mut self.places);
            self.places = vec![(0, 0); (old.len() * 2).max(64)];
            old.into_iter().filter(|(_, place)| *place > 0).for_each(|(hash, place)| self.set(hash, place));
        }
        if self.list.capacity() == 0 {
            self.list.reserve(32);
        }
        self.list.push((key, print));
        self.set(hash, self.list.len() as u32);
    }

    fn set(&mut self, hash: u32, place: u32) {
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        while self.places[at].1 > 0 {
            at = (at + 1) & mask;
        }
        self.places[at] = (hash, place);
    }
}

/// A named key has the hash of its parts, so that it is found without being made.
fn hash(key: &FactKey) -> u32 {
    match key.named() {
        Some((named, name)) => hash_of(&(named, &**name)),
        None => hash_of(key),
    }
}

fn hash_of(value: &impl Hash) -> u32 {
    let hash = foldhash::fast::FixedState::default().hash_one(value);
    (hash ^ (hash >> 32)) as u32
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
    note(hash(&key), |k| *k == key, || (key.clone(), print()));
}

/// The same of a key whose name is borrowed; `name` gives one of its own, the first time.
pub fn record_named(named: Named, name: &str, own: impl FnOnce() -> Arc<str>, print: impl FnOnce() -> Fingerprint) {
    let is = |k: &FactKey| k.named().is_some_and(|(kind, known)| kind == named && **known == *name);
    note(hash_of(&(named, name)), is, || (named.key(own()), print()));
}

fn note(hash: u32, is: impl Fn(&FactKey) -> bool, make: impl FnOnce() -> (FactKey, Fingerprint)) {
    let known = RECORDER.with(|r| r.borrow().last().map(|f| f.reads.find(hash, &is)));
    if known == Some(false) {
        // Taken outside the borrow: to print a value may read others.
        let (key, print) = make();
        #[cfg(feature = "faults")]
        if fault::is_forgotten(key.kind) {
            return;
        }
        RECORDER.with(|r| {
            if let Some(frame) = r.borrow_mut().last_mut()
                && !frame.reads.find(hash, &is)
            {
                frame.reads.add(hash, key, print);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::ArticleId;
    use crate::facts::Kind;

    #[test]
    fn each_fact_once_in_the_order_of_first_reading() {
        let setting = |n: u32| FactKey::text(Kind::Setting, &format!("k{n}"));
        let ((), reads) = recording(Rc::new(()), || {
            for n in (0..200).chain(0..200) {
                let name = format!("k{n}");
                record_named(Named::plain(Kind::Setting), &name, || name.as_str().into(), || Fingerprint::of_bytes(name.as_bytes()));
                record(setting(n), || Fingerprint::ABSENT);
                record(FactKey::article(Kind::Item, ArticleId(n)), || Fingerprint::ABSENT);
            }
        });
        assert_eq!(reads.list.len(), 400);
        assert_eq!(reads.list[2].0, setting(1));
        assert_eq!(reads.fingerprint_of(&setting(7)), Some(Fingerprint::of_bytes(b"k7")));
        assert!(reads.has(&setting(199)) && !reads.has(&setting(200)));
    }
}
