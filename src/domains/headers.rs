//! The headers of hundreds of thousands of files as a few rules: by ending, by folder, by name, by site, and single files
//! where nothing else says it. The rules give each file what its manifest says; nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Fleet;
use crate::base::path;
use crate::config::Platform;

/// The rules of one header. The first that speaks of a file counts, in the order of the fields.
#[derive(Default)]
pub struct Rules {
    /// Site and path.
    pub files: BTreeMap<(String, String), String>,
    /// First folder and ending.
    pub folders: BTreeMap<(String, String), String>,
    /// Last part of the path.
    pub names: BTreeMap<String, String>,
    /// Site and ending.
    pub sites: BTreeMap<(String, String), String>,
    pub endings: BTreeMap<String, String>,
}

/// What rules know of a path.
struct Seen<'a> {
    site: &'a str,
    path: &'a str,
    folder: &'a str,
    name: &'a str,
    ending: String,
    value: &'a str,
}

impl<'a> Seen<'a> {
    fn new(site: &'a str, path: &'a str, value: &'a str) -> Seen<'a> {
        let name = path::name(path);
        let folder = path.split_once('/').map_or("", |(first, _)| first);
        Seen { site, path, folder, name, ending: ending(name), value }
    }
}

fn ending(name: &str) -> String {
    let ending = path::stem_ext(name).1.to_ascii_lowercase();
    // What a map of a server compares: letters and digits.
    if ending.bytes().all(|b| b.is_ascii_alphanumeric()) { ending } else { String::new() }
}

/// Header name → its rules.
pub fn learn(platform: &Platform, fleet: &Fleet) -> BTreeMap<String, Rules> {
    let names: BTreeSet<&str> = fleet.sites.iter().flat_map(|s| &s.files).flat_map(|f| f.headers.0.keys()).map(String::as_str).collect();
    names.into_iter().map(|name| (name.to_owned(), one(name, platform, fleet))).collect()
}

fn one(header: &str, platform: &Platform, fleet: &Fleet) -> Rules {
    let mut all = Vec::new();
    for (site, files) in platform.sites.iter().zip(&fleet.sites) {
        all.extend(files.files.iter().map(|f| Seen::new(&site.id, &f.path, f.headers.0.get(header).map_or("", |v| v))));
    }
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for f in &all {
        *counts.entry(&f.ending).or_default().entry(f.value).or_default() += 1;
    }
    let most = |values: &BTreeMap<&str, usize>| {
        values.iter().max_by_key(|(v, n)| (**n, std::cmp::Reverse(**v))).map_or("", |(v, _)| *v).to_owned()
    };
    let mut rules = Rules { endings: counts.iter().map(|(e, values)| ((*e).to_owned(), most(values))).collect(), ..Rules::default() };
    let odd: Vec<&Seen> = all.iter().filter(|f| rules.endings.get(&f.ending).is_none_or(|v| v != f.value)).collect();
    if odd.is_empty() {
        return rules;
    }
    // A rule is one only where all files that it speaks of agree.
    let (folders, names, sites) = (
        agreed(&all, |f| (f.folder.to_owned(), f.ending.clone())),
        agreed(&all, |f| f.name.to_owned()),
        agreed(&all, |f| (f.site.to_owned(), f.ending.clone())),
    );
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for f in &all {
        *known.entry(f.name).or_default() += 1;
    }
    for f in odd {
        let (folder, site) = ((f.folder.to_owned(), f.ending.clone()), (f.site.to_owned(), f.ending.clone()));
        let value = f.value.to_owned();
        // A name that stands in several places means something: `feed.xml`. It holds for columns that are still to come.
        if names.contains_key(f.name) && known.get(f.name).is_some_and(|n| *n > 1) {
            rules.names.insert(f.name.to_owned(), value);
        } else if !f.folder.is_empty() && folders.contains_key(&folder) {
            rules.folders.insert(folder, value);
        } else if names.contains_key(f.name) {
            rules.names.insert(f.name.to_owned(), value);
        } else if sites.contains_key(&site) {
            rules.sites.insert(site, value);
        } else {
            rules.files.insert((f.site.to_owned(), f.path.to_owned()), value);
        }
    }
    rules
}

fn agreed<'a, K: Ord>(all: &'a [Seen<'a>], key: impl Fn(&Seen) -> K) -> BTreeMap<K, &'a str> {
    let mut values: BTreeMap<K, Option<&str>> = BTreeMap::new();
    for f in all {
        values.entry(key(f)).and_modify(|v| *v = v.filter(|v| *v == f.value)).or_insert(Some(f.value));
    }
    values.into_iter().filter_map(|(k, v)| Some((k, v?))).collect()
}

impl Rules {
    /// What a file of a site is served with; empty: without this header.
    pub fn of(&self, site: &str, path: &str) -> &str {
        let f = Seen::new(site, path, "");
        let found = (self.files.get(&(site.to_owned(), path.to_owned())))
            .or_else(|| self.folders.get(&(f.folder.to_owned(), f.ending.clone())))
            .or_else(|| self.names.get(f.name))
            .or_else(|| self.sites.get(&(site.to_owned(), f.ending.clone())))
            .or_else(|| self.endings.get(&f.ending));
        found.map_or("", |v| v)
    }
}
