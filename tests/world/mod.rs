//! A small fleet from a seed, and what can be done to it: six theme layers, four sites, some thirty articles, records, and
//! a page for everything that a template can read. `incremental.rs`, `mutation.rs` and whoever else needs a platform in
//! which everything occurs share it.
#![allow(dead_code)]

pub mod bench;
pub mod content;
pub mod directed;
pub mod edits;
pub mod probes;
pub mod rng;
pub mod sites;
pub mod themes;

use std::collections::BTreeMap;

pub use bench::Bench;
pub use rng::Rng;

/// The sources of a platform: path below the root → bytes.
#[derive(Clone, Default, PartialEq)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn put(&mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.0.insert(path.into(), bytes.as_ref().to_vec());
    }

    pub fn text(&self, path: &str) -> String {
        self.0.get(path).map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default()
    }

    /// Paths that start and end so.
    pub fn paths(&self, start: &str, end: &str) -> Vec<String> {
        self.0.keys().filter(|p| p.starts_with(start) && p.ends_with(end)).cloned().collect()
    }
}

/// The platform of a seed. That of seed 0 has every probe; the others a third of them, by chance, so that many can be tried.
pub fn world(seed: u64) -> Files {
    let mut rng = Rng::new(seed);
    let mut files = Files::default();
    themes::lay(&mut files);
    let chosen = probes::choose(seed, &mut rng);
    probes::lay(&mut files, &chosen);
    sites::lay(&mut files, &chosen);
    content::lay(&mut files, &mut rng, &chosen);
    files
}
