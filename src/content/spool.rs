//! Bodies on their way from the reading to the rendering. The first stay in memory; the others lie in a file without a name, so that
//! the system decides how much of them is in memory, and nothing is left of them when a build is killed.

use std::fs::File;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use super::markdown::{Body, Heading, Hole, Link};

/// Bytes of bodies that stay in memory. Platforms of some ten thousand items need no file.
const HELD: usize = 128 << 20;

/// Of what is free on the disk a tenth is taken: outputs come first.
const SHARE: u64 = 10;

/// So much is written at once.
const BLOCK: usize = 1 << 20;

/// Bits of a [`Spooled`] that tell the length; the others tell where it starts.
const LENGTH: u32 = 24;

/// Where a body lies in its [`Spool`]: start and length in the file, or, of no length, a place among those held. One number, since
/// a library has millions of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spooled(NonZeroU64);

impl Spooled {
    fn new(start: u64, length: usize) -> Option<Spooled> {
        let fits = length < 1 << LENGTH && start < 1 << (u64::BITS - LENGTH);
        NonZeroU64::new((start << LENGTH) | length as u64).filter(|_| fits).map(Spooled)
    }

    fn start(self) -> u64 {
        self.0.get() >> LENGTH
    }

    fn length(self) -> usize {
        (self.0.get() & ((1 << LENGTH) - 1)) as usize
    }
}

/// A body that finds no room, or cannot be read back, is rendered again: time, never truth.
#[derive(Debug)]
pub struct Spool {
    /// `None`: there is no place for one.
    file: Option<File>,
    /// Bytes that the file may take.
    most: u64,
    filling: Mutex<Filling>,
    held: OnceLock<Vec<Arc<Body>>>,
    /// Something was not written: what the file holds is not to be trusted.
    broken: AtomicBool,
}

#[derive(Debug, Default)]
struct Filling {
    held: Vec<Arc<Body>>,
    /// Bytes of them, about.
    bytes: usize,
    /// Bytes of the file, with those that wait to be written.
    end: u64,
    waiting: Vec<u8>,
}

impl Spool {
    /// On the disk of this folder, which is made.
    pub fn new(folder: &Path) -> Spool {
        let file = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder)).ok();
        let disk = file.as_ref().and_then(|file| rustix::fs::fstatvfs(file).ok());
        let most = disk.map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize) / SHARE);
        Spool { file, most, filling: Mutex::default(), held: OnceLock::new(), broken: AtomicBool::new(false) }
    }

    /// `None`: it is not kept.
    pub fn keep(&self, body: Body) -> Option<Spooled> {
        let size = body.html.len() + body.holes.len() * size_of::<Hole>() + body.links.len() * size_of::<Link>();
        {
            let mut filling = self.filling.lock().ok()?;
            if filling.bytes + size <= HELD {
                filling.bytes += size;
                filling.held.push(Arc::new(body));
                // From one on: nothing at all is no place.
                return Spooled::new(filling.held.len() as u64, 0);
            }
        }
        let bytes = encode(&body)?;
        let mut filling = self.filling.lock().ok()?;
        let place = Spooled::new(filling.end, bytes.len())?;
        let end = filling.end + bytes.len() as u64;
        if end > self.most || self.broken.load(Ordering::Relaxed) {
            return None;
        }
        filling.end = end;
        filling.waiting.extend_from_slice(&bytes);
        if filling.waiting.len() >= BLOCK {
            let block = std::mem::replace(&mut filling.waiting, Vec::with_capacity(BLOCK + BLOCK / 4));
            drop(filling);
            self.write(&block, end);
        }
        Some(place)
    }

    fn write(&self, block: &[u8], end: u64) {
        let start = end - block.len() as u64;
        if self.file.as_ref().is_none_or(|file| file.write_all_at(block, start).is_err()) {
            self.broken.store(true, Ordering::Relaxed);
            // The disk is full, most likely.
            self.empty();
        }
    }

    /// All are kept: from now on they can be read.
    pub fn fill(&self) {
        let Ok(mut filling) = self.filling.lock() else { return };
        let block = std::mem::take(&mut filling.waiting);
        if !block.is_empty() {
            self.write(&block, filling.end);
        }
        _ = self.held.set(std::mem::take(&mut filling.held));
    }

    /// `None`: it cannot be read back.
    pub fn body(&self, place: Spooled) -> Option<Arc<Body>> {
        if place.length() == 0 {
            return self.held.get()?.get(place.start() as usize - 1).cloned();
        }
        if self.broken.load(Ordering::Relaxed) {
            return None;
        }
        let mut bytes = vec![0; place.length()];
        self.file.as_ref()?.read_exact_at(&mut bytes, place.start()).ok()?;
        decode(&bytes).map(Arc::new)
    }

    /// Nothing is asked for any more. What is let go before a sync of the disk need not be written to it.
    pub fn empty(&self) {
        if let Some(file) = &self.file {
            _ = file.set_len(0);
        }
    }
}

/// The text comes last, as it is: most of a body, and checked by what checks it fastest.
fn encode(body: &Body) -> Option<Vec<u8>> {
    // What there was to say was said when the body was read.
    let Body { html, holes, links, toc, findings: _ } = body;
    let mut bytes = postcard::to_extend(&(holes, links, toc), Vec::with_capacity(html.len() + 256)).ok()?;
    bytes.extend_from_slice(html.as_bytes());
    Some(bytes)
}

fn decode(bytes: &[u8]) -> Option<Body> {
    let ((holes, links, toc), html) = postcard::take_from_bytes::<(Vec<Hole>, Vec<Link>, Vec<Heading>)>(bytes).ok()?;
    let html = simdutf8::basic::from_utf8(html).ok()?.to_owned();
    Some(Body { html, holes, links, toc, findings: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::build::options;
    use crate::content::markdown::render;

    const TEXTS: &[&str] = &[
        "",
        "# 通知\n\n第一条 见[办法](办法.md)和![图](图.png \"题\")。\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "{{< figure src=\"图.png\" >}}\n\n说明\n\n{{< /figure >}}\n\n{{< table file=\"数.csv\" header=\"false\" >}}\n\n{{< gallery files=\"a.png, b.png\" columns=\"3\" >}}\n",
        "{{< document item=\"id:abc\" >}}\n\n{{< no-such >}}\n",
    ];

    fn body(text: &str) -> Body {
        let mut body = render(text, &options(None, None, false));
        body.findings.clear();
        body
    }

    /// As if the memory were full.
    fn on_disk(folder: &Path) -> Spool {
        let spool = Spool::new(folder);
        spool.filling.lock().unwrap().bytes = HELD;
        spool
    }

    #[test]
    fn a_body_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        for spool in [Spool::new(folder.path()), on_disk(folder.path())] {
            let places: Vec<_> = TEXTS.iter().map(|t| spool.keep(body(t)).unwrap()).collect();
            spool.fill();
            for (text, place) in TEXTS.iter().zip(&places) {
                assert_eq!(*spool.body(*place).unwrap(), body(text), "{text}");
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has a name");
    }

    #[test]
    fn bodies_of_more_than_a_block_come_back_from_many_threads() {
        let folder = tempfile::tempdir().unwrap();
        let spool = on_disk(folder.path());
        let text = |n: usize| format!("第{n}条 {}\n", "长".repeat(n % 7_000));
        let places: Vec<Vec<(usize, Spooled)>> = std::thread::scope(|s| {
            let keep = |t: usize| (0..200).map(|n| n * 4 + t).map(|n| (n, spool.keep(body(&text(n * 37))).unwrap())).collect();
            let threads: Vec<_> = (0..4).map(|t| s.spawn(move || keep(t))).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        spool.fill();
        assert!(spool.filling.lock().unwrap().end > 3 * BLOCK as u64);
        for (n, place) in places.into_iter().flatten() {
            assert_eq!(*spool.body(place).unwrap(), body(&text(n * 37)), "{n}");
        }
        spool.empty();
        assert_eq!(spool.file.as_ref().unwrap().metadata().unwrap().len(), 0);
    }

    #[test]
    fn what_finds_no_room_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = on_disk(folder.path());
        spool.most = 100;
        let small = spool.keep(body("短")).unwrap();
        assert_eq!(spool.keep(body(&"长".repeat(100))), None);
        let other = spool.keep(body("也短")).unwrap();
        spool.fill();
        assert_eq!((&*spool.body(small).unwrap(), &*spool.body(other).unwrap()), (&body("短"), &body("也短")));
    }

    #[test]
    fn where_one_was_not_written_none_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("unwritable");
        std::fs::write(&file, "").unwrap();
        let mut spool = on_disk(folder.path());
        spool.file = Some(File::open(&file).unwrap());
        let place = spool.keep(body("短")).unwrap();
        spool.fill();
        assert!(spool.body(place).is_none());
        assert_eq!(spool.keep(body("短")), None);
        // Nor where there can be no file at all.
        assert_eq!(on_disk(&file.join("below")).keep(body("短")), None);
    }

    #[test]
    fn a_place_holds_what_it_was_made_of() {
        assert_eq!(Spooled::new(0, 0), None);
        assert_eq!(Spooled::new(0, 1 << LENGTH), None);
        assert_eq!(Spooled::new(1 << 40, 1), None);
        let last = Spooled::new((1 << 40) - 1, (1 << LENGTH) - 1).unwrap();
        assert_eq!((last.start(), last.length()), ((1 << 40) - 1, (1 << LENGTH) - 1));
    }
}
