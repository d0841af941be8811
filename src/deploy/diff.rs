//! The change list of a site: two manifests compared, headers included.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::build::headers::Headers;
use crate::build::manifest::{Hash, Manifest};

/// In the order of writing: what a page names is there before the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Asset,
    Page,
    /// Feeds, sitemaps, robots.txt: what leads readers to pages.
    Feed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    New,
    Changed,
    /// The same bytes, served otherwise.
    Headers,
    /// An earlier run may or may not have brought it.
    Doubt,
}

/// A file to be brought.
#[derive(Clone, Debug)]
pub struct Put {
    pub path: Arc<str>,
    pub stage: Stage,
    pub why: Why,
    pub hash: Hash,
    pub size: u64,
    /// Place in the headers of the new manifest.
    pub headers: u16,
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// By stage, then by path.
    pub puts: Vec<Put>,
    pub deletes: Vec<Arc<str>>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty()
    }
}

/// A precompressed form of another file.
pub fn is_variant(headers: &Headers) -> bool {
    headers.0.contains_key("content-encoding")
}

/// The manifest without precompressed files.
pub fn without_variants(mut manifest: Manifest) -> Manifest {
    let variant: Vec<bool> = manifest.headers.iter().map(is_variant).collect();
    manifest.entries.retain(|e| !variant[e.headers as usize]);
    manifest
}

fn stage(path: &str, headers: &Headers) -> Stage {
    let kind = headers.0.get("content-type").map_or("", |t| t.as_str());
    // A precompressed page names what the page names.
    if kind.starts_with("text/html") {
        return Stage::Page;
    }
    let feed = ["application/atom+xml", "application/feed+json", "application/xml"].iter().any(|t| kind.starts_with(t));
    if feed || path == "robots.txt" { Stage::Feed } else { Stage::Asset }
}

type Files<'m> = HashMap<&'m str, (&'m Hash, &'m Headers), foldhash::fast::RandomState>;

fn files(m: &Manifest) -> Files<'_> {
    m.entries.iter().map(|e| (&*e.path, (&e.hash, &m.headers[e.headers as usize]))).collect()
}

/// What makes `old` into `new`. `doubt`: manifests whose files may be there in part.
pub fn diff(old: Option<&Manifest>, doubt: &[Manifest], new: &Manifest) -> Changes {
    let before = old.map(files).unwrap_or_default();
    let doubts: Vec<Files> = doubt.iter().map(files).collect();
    let mut puts = Vec::new();
    for e in &new.entries {
        let headers = &new.headers[e.headers as usize];
        let why = match before.get(&*e.path) {
            None => Some(Why::New),
            Some((hash, _)) if **hash != e.hash => Some(Why::Changed),
            Some((_, served)) if *served != headers => Some(Why::Headers),
            Some(_) => None,
        };
        // The one that stands is what is wanted; another run may have written over it.
        let written = || doubts.iter().any(|d| d.get(&*e.path) != Some(&(&e.hash, headers)));
        if let Some(why) = why.or_else(|| written().then_some(Why::Doubt)) {
            let stage = stage(&e.path, headers);
            puts.push(Put { path: e.path.clone(), stage, why, hash: e.hash, size: e.size, headers: e.headers });
        }
    }
    puts.sort_by(|a, b| (a.stage, &a.path).cmp(&(b.stage, &b.path)));
    let gone = old.iter().copied().chain(doubt).flat_map(|m| &m.entries).filter(|e| new.find(&e.path).is_none());
    let mut deletes: Vec<Arc<str>> = gone.map(|e| e.path.clone()).collect();
    deletes.sort();
    deletes.dedup();
    Changes { puts, deletes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: &[(&str, &str, &str)]) -> Manifest {
        let class = |t: &str| Arc::new(Headers([("content-type".to_owned(), t.to_owned())].into()));
        let files = files.iter().map(|(path, text, t)| ((*path).into(), *blake3::hash(text.as_bytes()).as_bytes(), 1, class(t)));
        Manifest::new("x", files.collect())
    }

    #[test]
    fn pages_after_assets_feeds_after_pages_and_headers_count() {
        let old = manifest(&[("a.html", "1", "text/html"), ("b.css", "1", "text/css"), ("gone.html", "1", "text/html")]);
        let new = manifest(&[
            ("a.html", "2", "text/html"),
            ("b.css", "1", "text/css; charset=utf-8"),
            ("feed.xml", "1", "application/atom+xml"),
            ("new.png", "1", "image/png"),
        ]);
        let changes = diff(Some(&old), &[], &new);
        let puts: Vec<(&str, Why)> = changes.puts.iter().map(|p| (&*p.path, p.why)).collect();
        assert_eq!(puts, [("b.css", Why::Headers), ("new.png", Why::New), ("a.html", Why::Changed), ("feed.xml", Why::New)]);
        assert_eq!(changes.deletes, ["gone.html".into()]);
        assert!(diff(Some(&new), &[], &new).is_empty());
    }

    /// A run that broke off brought some of its files: what it may have touched is written again, what it may have left goes.
    #[test]
    fn a_run_that_broke_off() {
        let old = manifest(&[("a.html", "1", "text/html"), ("b.html", "1", "text/html")]);
        let broken = manifest(&[("a.html", "2", "text/html"), ("b.html", "1", "text/html"), ("c.html", "1", "text/html")]);
        let changes = diff(Some(&old), std::slice::from_ref(&broken), &old);
        assert_eq!(changes.puts.iter().map(|p| (&*p.path, p.why)).collect::<Vec<_>>(), [("a.html", Why::Doubt)]);
        assert_eq!(changes.deletes, ["c.html".into()]);
    }
}
