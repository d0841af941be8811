//! What a target knows of itself: one object over all sites, one for each site, the manifests; and their keys.
//!
//! ```text
//! .banyan/fleet.json                       which manifest of each site stands: what a deploy compares with
//! .banyan/lock                             who deploys now, and which manifests may be half there
//! .banyan/manifests/<site>/<hash>.json     roots and shards; .minisig beside a root that is signed
//! layout plain     <site>/<path>
//! layout releases  objects/<hh>/<hash>     each content once, whatever sites show it
//!                  sites/<site>.json       the releases of a site, and which is shown: the pointer
//!                  sites/<site>            in a folder: a link to
//!                  releases/<site>/<n>/    in a folder: the files of a release, as further names of the objects
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::build::manifest::{Hash, hex};
use crate::config::Layout;

pub const FORMAT: u32 = 1;
pub const FLEET: &str = ".banyan/fleet.json";

/// What stands at a target, over all sites.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fleet {
    pub banyan: u32,
    /// Of the run that wrote it.
    pub run: String,
    pub layout: Layout,
    /// Precompressed files were brought too.
    pub precompressed: bool,
    pub sites: BTreeMap<String, Standing>,
    /// Sites that a run did not finish → manifests whose files may be there in part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Hash of the manifest's root.
    pub manifest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<u64>,
    /// Id of the key that signed the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// It was rolled back from this one, which is not deployed again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

/// Why a record cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Of a later version, or of another program: it is not touched.
    Foreign(String),
    Damaged(String),
}

impl Fleet {
    pub fn new(layout: Layout, precompressed: bool) -> Fleet {
        let (sites, open) = Default::default();
        Fleet { banyan: FORMAT, run: String::new(), layout, precompressed, sites, open }
    }

    pub fn read(bytes: &[u8]) -> Result<Fleet, Unusable> {
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| Unusable::Damaged(e.to_string()))?;
        match value.get("banyan").and_then(serde_json::Value::as_u64) {
            Some(f) if f == u64::from(FORMAT) => {}
            Some(f) => return Err(Unusable::Foreign(format!("format {f}"))),
            None => return Err(Unusable::Foreign("no format".to_owned())),
        }
        let fleet: Fleet = serde_json::from_value(value).map_err(|e| Unusable::Damaged(e.to_string()))?;
        let names = fleet.sites.keys().chain(fleet.open.keys());
        let hashes = fleet.sites.values().map(|s| &s.manifest).chain(fleet.open.values().flatten());
        if names.into_iter().any(|n| !crate::config::is_site_id(n)) || hashes.into_iter().any(|h| !is_hash(h)) {
            return Err(Unusable::Damaged("names".to_owned()));
        }
        Ok(fleet)
    }

    pub fn bytes(&self) -> Vec<u8> {
        json(self)
    }
}

/// A hash as it stands in a key.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The releases of one site: the pointer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SiteRecord {
    pub banyan: u32,
    pub site: String,
    /// Number of the release that is shown.
    pub current: u64,
    /// Its manifest: what a server that reads this object needs.
    pub manifest: String,
    /// From the oldest.
    pub releases: Vec<Release>,
    /// Manifests that are kept no more, until `deploy prune` has looked which objects only they name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pruned: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    pub number: u64,
    /// Hash of the manifest's root.
    pub manifest: String,
    /// Seconds.
    pub at: i64,
    pub files: u64,
    pub bytes: u64,
}

impl SiteRecord {
    pub fn read(site: &str, bytes: &[u8]) -> Result<SiteRecord, Unusable> {
        let record: SiteRecord = serde_json::from_slice(bytes).map_err(|e| Unusable::Damaged(e.to_string()))?;
        if record.banyan != FORMAT {
            return Err(Unusable::Foreign(format!("format {}", record.banyan)));
        }
        let named = record.releases.iter().map(|r| &r.manifest).chain(&record.pruned).all(|h| is_hash(h));
        let current = record.releases.iter().any(|r| r.number == record.current && r.manifest == record.manifest);
        if record.site != site || !named || !current {
            return Err(Unusable::Damaged("its parts do not agree".to_owned()));
        }
        Ok(record)
    }

    pub fn bytes(&self) -> Vec<u8> {
        json(self)
    }

    pub fn release(&self, number: u64) -> Option<&Release> {
        self.releases.iter().find(|r| r.number == number)
    }
}

/// What is in the lock while a deploy runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LockRecord {
    pub banyan: u32,
    pub run: String,
    pub host: String,
    pub process: u32,
    /// Seconds.
    pub since: i64,
    /// Seconds: one that was not renewed until then is of a run that is no more.
    pub until: i64,
    pub open: BTreeMap<String, Vec<String>>,
}

impl LockRecord {
    pub fn read(bytes: &[u8]) -> Option<LockRecord> {
        let record: LockRecord = serde_json::from_slice(bytes).ok()?;
        record.open.values().flatten().all(|h| is_hash(h)).then_some(record)
    }

    pub fn bytes(&self) -> Vec<u8> {
        json(self)
    }
}

pub fn manifest_key(site: &str, name: &str) -> String {
    format!(".banyan/manifests/{site}/{name}")
}

/// Key of a manifest's root.
pub fn root_key(site: &str, hash: &str) -> String {
    manifest_key(site, &format!("{hash}.json"))
}

pub fn signature_key(site: &str, hash: &str) -> String {
    manifest_key(site, &format!("{hash}.json.minisig"))
}

pub fn object_key(hash: &Hash) -> String {
    let name = hex(hash);
    format!("objects/{}/{name}", &name[..2])
}

pub fn pointer_key(site: &str) -> String {
    format!("sites/{site}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_others_are_told_from_damaged_ones() {
        let fleet = Fleet::new(Layout::Plain, false);
        assert_eq!(Fleet::read(&fleet.bytes()).unwrap().layout, Layout::Plain);
        let whole = String::from_utf8(fleet.bytes()).unwrap();
        assert!(matches!(Fleet::read(&whole.as_bytes()[..20]), Err(Unusable::Damaged(_))));
        assert!(matches!(Fleet::read(b"{\"version\": 3}"), Err(Unusable::Foreign(_))));
        assert!(matches!(Fleet::read(whole.replace("\"banyan\": 1", "\"banyan\": 2").as_bytes()), Err(Unusable::Foreign(_))));
        let hash = "0".repeat(64);
        let evil = whole.replace("\"sites\": {}", &format!("\"sites\": {{\"../x\": {{\"manifest\": \"{hash}\"}}}}"));
        assert!(matches!(Fleet::read(evil.as_bytes()), Err(Unusable::Damaged(_))));
    }
}
