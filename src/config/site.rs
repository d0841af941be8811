//! One site, checked: everything it was handed down is in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::read::{Node, Settings};
use crate::base::date::Date;
use crate::base::diag::Place as At;
use crate::base::id::{Lang, SiteId};

/// A column of a site: its place in [`Site::columns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u16);

pub struct Site {
    pub id: Arc<str>,
    /// Effective value of every setting, with where each came from.
    pub settings: Settings,
    /// The file that declares the site.
    pub place: At,
    /// Its configuration has errors: it keeps its last complete output and is not built (D10).
    pub broken: bool,
    pub name: Arc<str>,
    pub short_name: Arc<str>,
    pub tier: Arc<str>,
    pub parent: Option<SiteId>,
    /// Of a site below a path: the host that it shares.
    pub hosts: Vec<Arc<str>>,
    pub aliases: Vec<Arc<str>>,
    /// `/lyj`: all addresses of the site begin with it, for it is shown below that path of another site's host. Empty for
    /// a site with a host of its own.
    pub below: Arc<str>,
    pub theme: Arc<str>,
    /// `https://host`, no slash at the end. Addresses of the site are put behind it.
    pub url: Arc<str>,
    /// The first is the default one, at `/`.
    pub languages: Vec<Lang>,
    pub page_size: usize,
    pub feed_size: usize,
    pub related: usize,
    pub noindex: bool,
    pub outputs: Outputs,
    /// What security.txt says; absent without a contact or an expiry.
    pub security: Option<Security>,
    /// In the order of the navigation: siblings by weight, then by declaration; parents before children.
    pub columns: Vec<Column>,
    pub accepts: Vec<Accept>,
    pub places: Vec<Place>,
    pub menus: Vec<Menu>,
    /// Blocks of the home page; `None`: those of the theme.
    pub home: Option<Vec<Block>>,
}

/// A block of a home page: the template `blocks/<name>.html`, with settings of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub name: Arc<str>,
    /// What the template sees besides the name.
    pub settings: BTreeMap<String, Json>,
    pub place: At,
    /// Of the settings, in their order.
    pub places: Vec<At>,
}

impl Block {
    /// The blocks of a checked list.
    pub fn all(nodes: &[Node]) -> Vec<Block> {
        nodes.iter().map(Block::new).collect()
    }

    fn new(node: &Node) -> Block {
        let settings = || node.values.iter().filter(|(k, _)| *k != "block");
        Block {
            name: node.text("block").unwrap_or_default().into(),
            settings: settings().map(|(k, s)| (k.clone(), s.value.clone())).collect(),
            places: settings().map(|(_, s)| s.place.clone()).collect(),
            place: node.place_of("block").unwrap_or_else(|| At::file("")),
        }
    }

    /// `blocks/lead.html`
    pub fn template(&self) -> String {
        format!("blocks/{}.html", self.name)
    }
}

/// Whom to tell of a security hole (RFC 9116).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Addresses with their schemes, the preferred one first.
    pub contacts: Vec<String>,
    pub expires: Date,
}

/// Files of a site besides its pages. `None`: the site has no such file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Lists are cut into `/page/2/` …, newest first, instead of into blocks of a year.
    pub pages: bool,
    pub feed: Option<Arc<str>>,
    pub json_feed: Option<Arc<str>>,
    pub column_feeds: bool,
    pub site_map: Option<Arc<str>>,
    pub one_sitemap: bool,
    pub not_found: bool,
    pub robots: bool,
    /// In which forms text files lie beside themselves.
    pub precompress: Vec<Encoding>,
}

/// A form of a file that a server may send in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    pub const ALL: [Encoding; 3] = [Encoding::Gzip, Encoding::Brotli, Encoding::Zstd];

    pub fn name(self) -> &'static str {
        match self {
            Encoding::Gzip => "gzip",
            Encoding::Brotli => "brotli",
            Encoding::Zstd => "zstd",
        }
    }

    /// The ending that servers look for.
    pub fn ending(self) -> &'static str {
        match self {
            Encoding::Gzip => ".gz",
            Encoding::Brotli => ".br",
            Encoding::Zstd => ".zst",
        }
    }

    /// What `content-encoding` says.
    pub fn token(self) -> &'static str {
        match self {
            Encoding::Gzip => "gzip",
            Encoding::Brotli => "br",
            Encoding::Zstd => "zstd",
        }
    }
}

pub struct Column {
    pub id: Arc<str>,
    pub settings: Settings,
    pub parent: Option<ColumnId>,
    pub children: Vec<ColumnId>,
    pub name: Arc<str>,
    pub kind: Arc<str>,
    pub category: Option<Arc<str>>,
    /// Starts and ends with `/`.
    pub url: Arc<str>,
    pub permalink: Permalink,
    pub hidden: bool,
    pub select: Option<Select>,
    /// `open` or `archived`.
    pub topic: Option<Arc<str>>,
    pub template: Option<Arc<str>>,
}

#[derive(Clone, Debug, Default)]
pub struct Select {
    pub owner: Vec<String>,
    pub under: Option<SiteId>,
    pub category: Vec<String>,
    pub column: Vec<String>,
    pub tag: Vec<String>,
    /// Seconds; inclusive.
    pub since: Option<i64>,
    /// Seconds; the end of the named day, inclusive.
    pub until: Option<i64>,
    pub fields: Vec<(String, String)>,
}

pub struct Accept {
    pub from: Vec<String>,
    pub under: Option<SiteId>,
    pub category: Vec<String>,
    pub column: Vec<String>,
    pub to: Option<ColumnId>,
    pub weight: i32,
    pub at: At,
}

/// One item that the site pulls by name.
pub struct Place {
    pub item: String,
    pub column: ColumnId,
    pub title: Option<Arc<str>>,
    pub weight: i32,
    pub at: At,
}

pub struct Menu {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub names: BTreeMap<String, String>,
    pub items: Vec<MenuItem>,
}

pub struct MenuItem {
    pub name: Option<Arc<str>>,
    pub names: BTreeMap<String, String>,
    pub target: MenuTarget,
    pub at: At,
}

pub enum MenuTarget {
    Url(Arc<str>),
    Column(ColumnId),
    Site(SiteId),
    Item(Arc<str>),
}

/// A checked pattern of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permalink(pub Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Column,
    Year,
    Month,
    Day,
    Slug,
    Id,
    Filename,
    Category,
}

impl Permalink {
    /// `/:column/:year/:slug.html`. `Err` names what is wrong: an unknown token, or that nothing in it tells one item
    /// from another.
    pub fn parse(pattern: &str) -> Result<Permalink, String> {
        if !pattern.starts_with('/') {
            return Err("/".into());
        }
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find(':') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
            let piece = match &rest[..end] {
                "column" => Piece::Column,
                "year" => Piece::Year,
                "month" => Piece::Month,
                "day" => Piece::Day,
                "slug" => Piece::Slug,
                "id" => Piece::Id,
                "filename" => Piece::Filename,
                "category" => Piece::Category,
                other => return Err(format!(":{other}")),
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(piece);
            rest = &rest[end..];
        }
        text.push_str(rest);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        if !pieces.iter().any(|p| matches!(p, Piece::Slug | Piece::Id | Piece::Filename)) {
            return Err(":slug".into());
        }
        Ok(Permalink(pieces))
    }
}

impl Site {
    pub fn default_language(&self) -> Lang {
        self.languages[0]
    }

    pub fn column(&self, id: ColumnId) -> &Column {
        &self.columns[id.0 as usize]
    }

    pub fn find_column(&self, id: &str) -> Option<ColumnId> {
        self.columns.iter().position(|c| &*c.id == id).map(|i| ColumnId(i as u16))
    }

    pub fn column_ids(&self) -> impl Iterator<Item = ColumnId> + use<> {
        (0..self.columns.len() as u16).map(ColumnId)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(|s| s.value.as_str())
    }

    /// The name in a language, else the name.
    pub fn name_in(&self, lang: &str) -> &str {
        self.text(&format!("names.{lang}")).unwrap_or(&self.name)
    }

    /// Path of the home page in a language: `/` or `/en/`.
    pub fn home(&self, lang: Lang, tag: &str) -> String {
        if lang == self.default_language() { format!("{}/", self.below) } else { format!("{}/{tag}/", self.below) }
    }

    /// `https://host` or `https://host/path`: what the paths that people write for the site begin at. No slash at the end.
    pub fn base(&self) -> String {
        format!("{}{}", self.url, self.below)
    }

    /// The address of a path of the site as people write it: `/news/` is `/lyj/news/` on a site below `/lyj`. Whole
    /// addresses stay as they are.
    pub fn local<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let own = !self.below.is_empty() && path.starts_with('/') && !path.starts_with("//");
        if own { format!("{}{path}", self.below).into() } else { path.into() }
    }
}

impl Column {
    pub fn text(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(|s| s.value.as_str())
    }

    pub fn name_in(&self, lang: &str) -> &str {
        self.text(&format!("names.{lang}")).unwrap_or(&self.name)
    }
}

impl Permalink {
    /// Four digits: the folder of a year, which ends the folders that name a column (D2).
    pub fn is_year(part: &str) -> bool {
        part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit())
    }
}
