//! The manifest of a site: all its files, what is in them and how they are served (D8). Written last: it is the commit.
//!
//! A root and shards. An entry lies in the shard that the first bits of the blake3 hash of its path name; there are as
//! many shards, a power of two, as keep each at 4,096 entries or fewer. So a changed page changes one shard and the root.
//! A shard's file is named by its own hash. A manifest tells no path of a source: it is published.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::headers::Headers;
use crate::base::fs;

pub const FORMAT: u32 = 1;
const MOST: usize = 4096;
pub const ROOT: &str = "manifest.json";

/// blake3 of a file's bytes.
pub type Hash = [u8; 32];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the site's folder.
    pub path: Arc<str>,
    pub hash: Hash,
    pub size: u64,
    /// Place in [`Manifest::headers`].
    pub headers: u16,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub site: String,
    /// In order.
    pub headers: Vec<Headers>,
    /// By path.
    pub entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct RootFile {
    format: u32,
    site: String,
    /// Of all entries.
    files: u64,
    bytes: u64,
    headers: Vec<Headers>,
    /// Names of the shards, in order.
    shards: Vec<String>,
}

/// Path, hash, size, place of the headers.
#[derive(Serialize, Deserialize)]
struct Row<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>, String, u64, u16);

pub fn hex(hash: &Hash) -> String {
    data_encoding::HEXLOWER.encode(hash)
}

fn unhex(text: &str) -> Option<Hash> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

impl Manifest {
    /// From entries in any order, each with its headers.
    pub fn new(site: &str, files: Vec<(Arc<str>, Hash, u64, Arc<Headers>)>) -> Manifest {
        // Files share few headers: those are compared, not those of each file.
        let seen: BTreeMap<*const Headers, &Headers> = files.iter().map(|(.., h)| (Arc::as_ptr(h), &**h)).collect();
        let mut classes: BTreeMap<Headers, u16> = seen.values().map(|h| ((*h).clone(), 0)).collect();
        for (at, place) in classes.values_mut().enumerate() {
            *place = at as u16;
        }
        let place: BTreeMap<*const Headers, u16> = seen.into_iter().map(|(at, h)| (at, classes[h])).collect();
        let mut entries: Vec<Entry> =
            files.into_iter().map(|(path, hash, size, h)| Entry { path, hash, size, headers: place[&Arc::as_ptr(&h)] }).collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Manifest { site: site.to_owned(), headers: classes.into_keys().collect(), entries }
    }

    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.binary_search_by(|e| (*e.path).cmp(path)).ok().map(|i| &self.entries[i])
    }

    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|e| e.size).sum()
    }

    /// Gives `each` name and bytes of the shards, one after another, for all of a large site are hundreds of megabytes. Returns the root.
    fn shards(&self, mut each: impl FnMut(&str, &[u8]) -> io::Result<()>) -> io::Result<Vec<u8>> {
        let mut count = 1usize;
        let firsts: Vec<u32> = self.entries.iter().map(|e| first_bits(&e.path)).collect();
        let shards = loop {
            let mut shards: Vec<Vec<&Entry>> = vec![Vec::new(); count];
            for (e, first) in self.entries.iter().zip(&firsts) {
                shards[shard_of(*first, count)].push(e);
            }
            if shards.iter().all(|s| s.len() <= MOST) {
                break shards;
            }
            count *= 2;
        };
        let mut names = Vec::new();
        for shard in shards {
            let rows: Vec<Row> = shard.iter().map(|e| Row((&*e.path).into(), hex(&e.hash), e.size, e.headers)).collect();
            let mut bytes = serde_json::to_vec(&rows).map_err(io::Error::other)?;
            bytes.push(b'\n');
            let name = format!("{}.json", &blake3::hash(&bytes).to_hex()[..32]);
            each(&name, &bytes)?;
            names.push(name);
        }
        let root = RootFile {
            format: FORMAT,
            site: self.site.clone(),
            files: self.entries.len() as u64,
            bytes: self.bytes(),
            headers: self.headers.clone(),
            shards: names,
        };
        let mut bytes = serde_json::to_vec_pretty(&root).map_err(io::Error::other)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a manifest. `Ok(None)`: there is none. `Err` says in a word what is wrong with it.
    pub fn read(folder: &Path) -> Result<Option<Manifest>, String> {
        let root = match std::fs::read(folder.join(ROOT)) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.to_string()),
        };
        Manifest::parse(&root, |name| std::fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))).map(Some)
    }

    /// A manifest from its root; `shard` gives the bytes of a shard by its name.
    pub fn parse(root: &[u8], mut shard: impl FnMut(&str) -> Result<Vec<u8>, String>) -> Result<Manifest, String> {
        let root = read_root(root)?;
        let mut entries = Vec::new();
        for name in &root.shards {
            let bytes = shard(name)?;
            if !is_shard(name, &bytes) {
                return Err(format!("{name}: damaged"));
            }
            let rows: Vec<Row> = serde_json::from_slice(&bytes).map_err(|e| format!("{name}: {e}"))?;
            for Row(path, hash, size, headers) in rows {
                let hash = unhex(&hash).ok_or_else(|| format!("{name}: hash of {path}"))?;
                if headers as usize >= root.headers.len() || crate::base::path::check_output(&path).is_err() {
                    return Err(format!("{name}: entry {path}"));
                }
                entries.push(Entry { path: path.as_ref().into(), hash, size, headers });
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        if entries.len() as u64 != root.files {
            return Err(format!("{ROOT}: {} files", root.files));
        }
        Ok(Manifest { site: root.site, headers: root.headers, entries })
    }

    /// Names of the shards that a root names.
    pub fn shard_names(root: &[u8]) -> Result<Vec<String>, String> {
        Ok(read_root(root)?.shards)
    }

    /// Writes the shards; they mean nothing before a root names them. Gives the root, to be written after a sync.
    pub fn write_shards(&self, folder: &Path) -> io::Result<Vec<u8>> {
        self.shards(|name, bytes| {
            let file = folder.join(name);
            if file.is_file() { Ok(()) } else { fs::write_atomic(&file, bytes) }
        })
    }

    /// Writes the root, then takes away shards it does not name.
    pub fn write_root(folder: &Path, root: &[u8]) -> io::Result<()> {
        let path = folder.join(ROOT);
        if std::fs::read(&path).is_ok_and(|old| old == root) {
            return Ok(());
        }
        fs::write_atomic(&path, root)?;
        let named: RootFile = serde_json::from_slice(root).map_err(io::Error::other)?;
        for file in std::fs::read_dir(folder)? {
            let name = file?.file_name().to_string_lossy().into_owned();
            if name != ROOT && !named.shards.contains(&name) {
                std::fs::remove_file(folder.join(name))?;
            }
        }
        Ok(())
    }
}

fn read_root(bytes: &[u8]) -> Result<RootFile, String> {
    let root: RootFile = serde_json::from_slice(bytes).map_err(|e| format!("{ROOT}: {e}"))?;
    if root.format != FORMAT {
        return Err(format!("{ROOT}: format {}", root.format));
    }
    match root.shards.iter().find(|name| name.contains(['/', '\\'])) {
        Some(name) => Err(format!("{ROOT}: shard {name}")),
        None => Ok(root),
    }
}

/// A shard's name is the hash of its bytes.
pub fn is_shard(name: &str, bytes: &[u8]) -> bool {
    name.strip_suffix(".json") == Some(&blake3::hash(bytes).to_hex()[..32])
}

fn first_bits(path: &str) -> u32 {
    let hash = blake3::hash(path.as_bytes());
    u32::from_be_bytes([hash.as_bytes()[0], hash.as_bytes()[1], hash.as_bytes()[2], hash.as_bytes()[3]])
}

/// The highest bits decide: doubling the count splits a shard into two neighbours.
fn shard_of(first: u32, count: usize) -> usize {
    ((u64::from(first) * count as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(count: usize, changed: usize) -> Manifest {
        let class = Arc::new(Headers([("content-type".to_owned(), "text/html".to_owned())].into()));
        let files = (0..count).map(|i| {
            let path: Arc<str> = format!("zwgk/2026/{i}.html").into();
            let bytes = if i == changed { "new".into() } else { i.to_string() };
            (path, *blake3::hash(bytes.as_bytes()).as_bytes(), 10, class.clone())
        });
        Manifest::new("x", files.collect())
    }

    #[test]
    fn one_changed_file_changes_one_shard_and_the_root() {
        let files = |changed: usize| {
            let mut files = Vec::new();
            let keep = |_: &str, bytes: &[u8]| {
                files.push(bytes.to_vec());
                Ok(())
            };
            let root = manifest(20_000, changed).shards(keep).unwrap();
            files.into_iter().chain([root]).collect::<Vec<_>>()
        };
        let (a, b) = (files(usize::MAX), files(77));
        assert!(a.len() > 5);
        assert_eq!(a.iter().zip(&b).filter(|(x, y)| x != y).count(), 2);
    }

    #[test]
    fn what_is_written_is_read_again_and_damage_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let m = manifest(9_000, 1);
        let root = m.write_shards(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path()), Ok(None));
        Manifest::write_root(dir.path(), &root).unwrap();
        assert_eq!(Manifest::read(dir.path()), Ok(Some(m)));
        let shard = std::fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().path()).find(|p| !p.ends_with(ROOT)).unwrap();
        let half = std::fs::read(&shard).unwrap();
        std::fs::write(&shard, &half[..half.len() / 2]).unwrap();
        assert!(Manifest::read(dir.path()).unwrap_err().ends_with("damaged"));
    }
}
