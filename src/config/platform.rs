//! The platform as a whole, checked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::read::{Node, Settings};
use super::site::Site;
use crate::base::id::{Lang, SiteId};

pub struct Platform {
    pub root: PathBuf,
    pub name: Arc<str>,
    pub zone: TimeZone,
    pub output: PathBuf,
    /// An item without a date takes that of its file name.
    pub date_from_name: bool,
    /// Every language some site has; [`Lang`] counts in this list. Sorted.
    pub languages: Vec<Arc<str>>,
    pub tiers: BTreeMap<Arc<str>, Tier>,
    /// In the order of their ids; [`SiteId`] counts in this list.
    pub sites: Vec<Site>,
    /// In the order of their ids: the declared ones, then one for each site without.
    pub owners: Vec<Owner>,
    pub mounts: Vec<Mount>,
    pub pictures: Pictures,
    pub deploy: super::deploy::Deploy,
    /// `[domains]`, read by its spec; the room `domains` makes the register of it. No page depends on it.
    pub domains: Node,
    /// `target` of `[defaults.domain]`, for hosts that belong to no site.
    pub default_target: Option<Arc<str>>,
}

/// In which widths pictures are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// In pixels, rising; empty: pictures are served as they are.
    pub widths: Vec<u32>,
    /// Of WebP: 1 to 100.
    pub quality: u8,
    /// How wide a picture of a text stands on the page.
    pub sizes: Arc<str>,
}

impl Default for Pictures {
    fn default() -> Pictures {
        Pictures { widths: vec![480, 960, 1440], quality: 80, sizes: "(min-width: 900px) 800px, 100vw".into() }
    }
}

pub struct Tier {
    pub id: Arc<str>,
    pub label: Arc<str>,
    pub labels: BTreeMap<String, String>,
    /// The standard theme of the tier.
    pub theme: Arc<str>,
    pub identity: Asked,
}

/// How much of `[identity]` the sites of a tier must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What is missing is an error.
    Required,
    /// A site that says some of it is warned of the rest.
    Expected,
    Optional,
}

/// What raw HTML in bodies may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HtmlRule {
    None,
    Clean,
    /// As `Clean`, and frames of these hosts.
    Embed(Vec<String>),
}

/// Files that items may carry where their owner says nothing else. HTML, SVG, XML and scripts are not among them: a browser
/// that opens one runs what is in it, on the site's own address.
pub const ATTACHMENTS: &[&str] = &[
    "pdf", "ofd", "doc", "docx", "wps", "odt", "rtf", "txt", "xls", "xlsx", "et", "ods", "csv", "jsonl", "json", "ppt", "pptx", "dps",
    "odp", "jpg", "jpeg", "png", "gif", "webp", "avif", "bmp", "tif", "tiff", "mp3", "wav", "m4a", "ogg", "mp4", "webm", "mov", "vtt",
    "zip", "rar", "7z",
];

pub struct Owner {
    pub id: Arc<str>,
    pub home: Option<SiteId>,
    pub html: HtmlRule,
    /// Links that lead nowhere stay as written.
    pub keep_dead_links: bool,
    /// Endings of files that its items may carry, in lower case; none: [`ATTACHMENTS`].
    pub attachments: Vec<String>,
}

pub struct Mount {
    pub path: PathBuf,
    /// As written, for messages.
    pub display: Arc<str>,
    pub owner: Arc<str>,
    pub column: Option<Arc<str>>,
    pub metadata: Option<PathBuf>,
    pub metadata_display: Arc<str>,
    /// Our key → key in the metadata.
    pub fields: BTreeMap<String, String>,
    pub set: Vec<(String, Json)>,
    pub version_key: Option<String>,
    pub rules: Vec<MountRule>,
}

pub struct MountRule {
    pub when: Vec<(String, Json)>,
    pub set: Vec<(String, Json)>,
}

impl Platform {
    pub fn site(&self, id: SiteId) -> &Site {
        &self.sites[id.index()]
    }

    /// Sites that are shown below paths of the hosts of a site, by id.
    pub fn below(&self, id: SiteId) -> impl Iterator<Item = SiteId> {
        let host = self.site(id);
        self.site_ids().filter(move |s| {
            let s = self.site(*s);
            host.below.is_empty() && !s.below.is_empty() && s.hosts.first().is_some_and(|h| host.hosts.contains(h))
        })
    }

    pub fn find_site(&self, id: &str) -> Option<SiteId> {
        self.sites.binary_search_by(|s| (*s.id).cmp(id)).ok().map(|i| SiteId(i as u16))
    }

    pub fn site_ids(&self) -> impl Iterator<Item = SiteId> + use<> {
        (0..self.sites.len() as u16).map(SiteId)
    }

    pub fn language(&self, lang: Lang) -> &Arc<str> {
        &self.languages[lang.index()]
    }

    pub fn find_language(&self, tag: &str) -> Option<Lang> {
        self.languages.binary_search_by(|l| (**l).cmp(tag)).ok().map(|i| Lang(i as u8))
    }

    pub fn owner(&self, id: &str) -> Option<&Owner> {
        self.owners.binary_search_by(|o| (*o.id).cmp(id)).ok().map(|i| &self.owners[i])
    }

    /// `site` lies in the subtree of `top`, itself included.
    pub fn is_under(&self, site: SiteId, top: SiteId) -> bool {
        let mut at = Some(site);
        while let Some(s) = at {
            if s == top {
                return true;
            }
            at = self.site(s).parent;
        }
        false
    }

    /// Children in the order of their ids.
    pub fn children(&self, of: SiteId) -> impl Iterator<Item = SiteId> + '_ {
        self.site_ids().filter(move |s| self.site(*s).parent == Some(of))
    }
}

/// `prefix.x` → `x`, value.
pub fn below<'a>(settings: &'a Settings, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    settings.range(prefix.to_owned()..).take_while(move |(k, _)| k.starts_with(prefix)).map(move |(k, s)| (&k[prefix.len()..], &s.value))
}
