//! Pictures in smaller widths: what is known of a picture from its head, and the variants that are made of it.
//!
//! Which variants there are follows from the size of a picture and the settings alone, so that a plan can name them and no
//! page waits for an encoder. The head is read when someone first asks; pixels are decoded when a variant is to be written
//! that neither the last build nor [`cache`] has.
//!
//! Pictures are hostile: nothing is decoded beyond [`MAX_PIXELS`] and [`MAX_BYTES`], at most [`BUDGET`] bytes of pixels are
//! held at a time whatever the number of threads, and a decoder that fails, in whatever way, costs that picture its
//! variants and nothing else.

#[cfg_attr(not(feature = "images"), allow(dead_code))]
mod cache;
#[cfg(feature = "images")]
mod encode;
mod head;
#[cfg(feature = "images")]
mod room;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use serde::Serialize;

use crate::base::fingerprint::{Fingerprint, Writer};
use crate::config;
use cache::Cache;
pub use head::{Head, Problem};

/// A picture of more pixels is served as it is.
pub const MAX_PIXELS: u64 = 50_000_000;

/// A file of more bytes is served as it is.
pub const MAX_BYTES: u64 = 64 << 20;

/// Bytes of decoded pixels at a time, over all threads.
#[cfg(feature = "images")]
const BUDGET: u64 = 256 << 20;

/// Wider or higher no WebP can be.
const MAX_SIDE: u32 = 16_383;

/// Another number where the same picture and settings give other bytes: by another encoder, or another way to resize.
const ENCODER: u64 = 1;

/// How many pictures were worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Pictures whose pixels were read.
    pub decoded: usize,
    /// Variants that were made.
    pub encoded: usize,
    /// Variants that were found in `.banyan/pictures`, or made for another site of this build.
    pub kept: usize,
}

/// A variant, or what is served in its place.
pub struct Variant {
    pub bytes: Vec<u8>,
    /// The picture is damaged: these are the bytes of the picture itself.
    pub damage: Option<Arc<str>>,
}

/// The pictures of a repository, by the places of their files in it.
pub struct Pictures {
    settings: config::Pictures,
    cache: Cache,
    heads: Asked<u32, Result<Head, Problem>>,
    /// Of the bytes.
    prints: Asked<u32, Fingerprint>,
    /// Pictures that are worked on, by their bytes: one thread decodes, those that want the same wait.
    #[cfg_attr(not(feature = "images"), allow(dead_code))]
    work: Asked<Fingerprint, Mutex<Option<Arc<str>>>>,
    #[cfg(feature = "images")]
    room: room::Room,
    decoded: AtomicUsize,
    encoded: AtomicUsize,
    kept: AtomicUsize,
}

impl Pictures {
    /// `folder`: where variants are kept from build to build; `None`: for this build alone. `write`: new ones are kept.
    pub fn new(settings: &config::Pictures, folder: Option<PathBuf>, write: bool) -> Pictures {
        let mut settings = settings.clone();
        if cfg!(not(feature = "images")) {
            settings.widths.clear();
        }
        Pictures {
            settings,
            cache: Cache::new(folder, write),
            heads: Asked::default(),
            prints: Asked::default(),
            work: Asked::default(),
            #[cfg(feature = "images")]
            room: room::Room::new(BUDGET),
            decoded: AtomicUsize::new(0),
            encoded: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
        }
    }

    /// What the head of a picture says.
    pub fn head(&self, file: u32, disk: &Path) -> Result<Head, Problem> {
        self.heads.get(file).get_or_init(|| head::read(disk)).clone()
    }

    /// Width and height as it is shown; `None` for what is no picture. One that is damaged may say its size all the same.
    pub fn size(&self, file: u32, disk: &Path) -> Option<(u32, u32)> {
        match self.head(file, disk) {
            Ok(head) => Some((head.width, head.height)),
            Err(Problem::Pixels { width, height }) => Some((width, height)),
            Err(Problem::Foreign) => None,
            Err(Problem::Bytes(_) | Problem::Damaged(_)) => head::plain(disk).ok().map(|head| (head.width, head.height)),
        }
    }

    /// The widths of its variants, rising.
    pub fn widths(&self, file: u32, disk: &Path) -> Vec<u32> {
        if self.settings.widths.is_empty() {
            return Vec::new();
        }
        let Ok(head) = self.head(file, disk) else { return Vec::new() };
        let fits = |width: &u32| *width < head.width && head.height_at(*width) <= MAX_SIDE;
        if head.still { self.settings.widths.iter().copied().filter(fits).collect() } else { Vec::new() }
    }

    /// Why a picture that should have variants has none.
    pub fn problem(&self, file: u32, disk: &Path) -> Option<Problem> {
        if self.settings.widths.is_empty() {
            return None;
        }
        self.head(file, disk).err().filter(|p| *p != Problem::Foreign)
    }

    /// The widest width that is asked for.
    pub fn widest(&self) -> u32 {
        self.settings.widths.last().copied().unwrap_or(0)
    }

    /// How wide a picture of a text stands on the page.
    pub fn sizes(&self) -> &Arc<str> {
        &self.settings.sizes
    }

    /// All that the bytes of a variant follow from.
    pub fn key(&self, file: u32, disk: &Path, width: u32) -> Fingerprint {
        let print = *self.prints.get(file).get_or_init(|| print_of(disk));
        self.key_of(print, width)
    }

    fn key_of(&self, picture: Fingerprint, width: u32) -> Fingerprint {
        let mut w = Writer::new("picture");
        w.number(ENCODER).print(picture).number(width.into()).byte(self.settings.quality).finish()
    }

    pub fn counts(&self) -> Counts {
        let count = |n: &AtomicUsize| n.load(Ordering::Relaxed);
        Counts { decoded: count(&self.decoded), encoded: count(&self.encoded), kept: count(&self.kept) }
    }

    /// Lets go of kept variants that no picture of this build has: to be called when every site was built.
    pub fn evict(&self) {
        let prints: HashSet<Fingerprint> = self.prints.all(|cell| cell.get().copied());
        let names: HashSet<String> =
            prints.iter().flat_map(|p| self.settings.widths.iter().map(|w| cache::name(self.key_of(*p, *w)))).collect();
        self.cache.evict(&names);
    }
}

#[cfg(feature = "images")]
impl Pictures {
    /// The bytes of a variant: kept ones, or new ones of all widths at once, since decoding is half of the work.
    pub fn variant(&self, file: u32, disk: &Path, width: u32) -> std::io::Result<Variant> {
        let print = *self.prints.get(file).get_or_init(|| print_of(disk));
        let key = self.key_of(print, width);
        if let Some(bytes) = self.cache.get(key) {
            self.kept.fetch_add(1, Ordering::Relaxed);
            return Ok(Variant { bytes, damage: None });
        }
        let work = self.work.get(print);
        let Ok(mut damage) = work.get_or_init(Mutex::default).lock() else { return served_as_it_is(disk, "decoder".into()) };
        if let Some(problem) = &*damage {
            return served_as_it_is(disk, problem.clone());
        }
        // Another thread may have made it in the meantime.
        if let Some(bytes) = self.cache.get(key) {
            self.kept.fetch_add(1, Ordering::Relaxed);
            return Ok(Variant { bytes, damage: None });
        }
        let source = std::fs::read(disk)?;
        // Changed since it was named: what is made of it may not be kept under that name.
        let same = Fingerprint::of_bytes(&source) == print;
        match self.make(file, disk, &source, same, width) {
            Ok(bytes) => Ok(Variant { bytes, damage: None }),
            Err(problem) => {
                let problem: Arc<str> = problem.into();
                *damage = Some(problem.clone());
                Ok(Variant { bytes: source, damage: Some(problem) })
            }
        }
    }

    fn make(&self, file: u32, disk: &Path, source: &[u8], keep: bool, wanted: u32) -> Result<Vec<u8>, String> {
        let print = Fingerprint::of_bytes(source);
        let head = self.head(file, disk).map_err(|p| format!("{p:?}"))?;
        let _held = self.room.take(head.cost);
        self.decoded.fetch_add(1, Ordering::Relaxed);
        let picture = encode::Picture::decode(source, head.format)?;
        let mut found = None;
        for width in self.widths(file, disk) {
            if width != wanted && (!keep || !self.cache.keeps() || self.cache.has(self.key_of(print, width))) {
                continue;
            }
            let bytes = picture.variant(width, head.height_at(width), self.settings.quality)?;
            self.encoded.fetch_add(1, Ordering::Relaxed);
            if keep {
                self.cache.put(self.key_of(print, width), &bytes);
            }
            if width == wanted {
                found = Some(bytes);
            }
        }
        found.ok_or_else(|| "the picture changed".to_owned())
    }
}

#[cfg(not(feature = "images"))]
impl Pictures {
    /// Nothing plans a variant where there is no encoder.
    pub fn variant(&self, _file: u32, disk: &Path, _width: u32) -> std::io::Result<Variant> {
        served_as_it_is(disk, "no encoder".into())
    }
}

fn served_as_it_is(disk: &Path, problem: Arc<str>) -> std::io::Result<Variant> {
    Ok(Variant { bytes: std::fs::read(disk)?, damage: Some(problem) })
}

fn print_of(disk: &Path) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    let read = std::fs::File::open(disk).and_then(|file| hasher.update_reader(file).map(|_| ()));
    read.map_or(Fingerprint::ABSENT, |()| Fingerprint::cut(&hasher.finalize()))
}

/// Address of a variant, from that of the picture: one name for one picture and width, so that a page which a reader still
/// has open finds the picture after it changed.
pub fn address(picture: &str, width: u32) -> String {
    format!("{picture}.{width}.webp")
}

/// Answers by question, each found once.
struct Asked<K, V>(RwLock<HashMap<K, Arc<OnceLock<V>>>>);

impl<K, V> Default for Asked<K, V> {
    fn default() -> Self {
        Asked(RwLock::default())
    }
}

impl<K: Hash + Eq, V> Asked<K, V> {
    fn get(&self, key: K) -> Arc<OnceLock<V>> {
        if let Some(cell) = self.0.read().ok().and_then(|map| map.get(&key).cloned()) {
            return cell;
        }
        match self.0.write() {
            Ok(mut map) => map.entry(key).or_default().clone(),
            Err(_) => Arc::default(),
        }
    }

    fn all<T: Hash + Eq>(&self, pick: impl Fn(&OnceLock<V>) -> Option<T>) -> HashSet<T> {
        self.0.read().map_or_else(|_| HashSet::new(), |map| map.values().filter_map(|cell| pick(cell)).collect())
    }
}
