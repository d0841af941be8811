//! The world as one site sees it in one language: each answer is recorded.

mod column;
mod file;
mod item;
mod list;
mod site;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use serde_json::Value as Json;

use super::world::World;
use crate::base::fingerprint::Fingerprint;
use crate::base::id::{ArticleId, Lang, SiteId};
use crate::config::{ColumnId, Site};
use crate::plan::SitePlan;
use crate::theme::Stack;

pub struct View {
    pub world: Arc<World>,
    pub plan: Arc<SitePlan>,
    pub site: SiteId,
    pub lang: Lang,
    memo: Memo,
}

/// Answers that every page of a site asks for, made once. What is read is recorded each time all the same.
#[derive(Default)]
struct Memo {
    own: OnceLock<(SiteRef, Fingerprint)>,
    /// By [`ColumnId`].
    columns: OnceLock<Box<[OnceLock<(Arc<ColumnView>, Fingerprint)>]>>,
    /// Addresses of tags.
    tags: RwLock<HashMap<Arc<str>, Arc<str>, foldhash::fast::RandomState>>,
    /// Encoded, by the place of the item's page among the placements of the site.
    addresses: OnceLock<Box<[OnceLock<Arc<str>>]>>,
    /// Of cards, by the place of each among the placements of the site: most stand in several lists, and beside several pages.
    prints: OnceLock<Box<[OnceLock<Fingerprint>]>>,
}

fn cells<T>(count: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

/// An item as other pages may show it.
#[derive(Clone, Debug)]
pub struct CardView {
    pub article: ArticleId,
    /// Another title on this site.
    pub title: Option<Arc<str>>,
    /// Path, or absolute on another site; empty when the item has no page.
    pub url: Arc<str>,
    pub weight: i32,
    /// The column it stands in on this site.
    pub column: Option<ColumnId>,
    /// Where among the placements of the site.
    place: Option<u32>,
}

impl CardView {
    /// Its page is on another site.
    pub fn external(&self) -> bool {
        self.url.contains("://")
    }
}

#[derive(Clone, Debug)]
pub struct ColumnView {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub url: Arc<str>,
    pub kind: Arc<str>,
    pub description: Arc<str>,
    pub keywords: Vec<String>,
    pub category: Arc<str>,
    pub parent: Option<ColumnId>,
    pub hidden: bool,
    pub topic: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct SiteRef {
    pub id: Arc<str>,
    pub name: Arc<str>,
    /// Absolute address of the home page.
    pub url: Arc<str>,
    pub tier: Arc<str>,
}

#[derive(Clone, Debug)]
pub struct MenuView {
    pub name: Arc<str>,
    /// Name, address, leads to another site.
    pub items: Vec<(Arc<str>, Arc<str>, bool)>,
}

#[derive(Clone, Debug)]
pub struct YearView {
    pub year: Arc<str>,
    pub url: Arc<str>,
}

/// A value of a field and how many items have it; `None`: those that have none.
pub type Tally = (Option<Json>, usize);

/// Which items are counted: an empty text asks for nothing.
#[derive(Clone, Copy, Default)]
pub struct Counted<'a> {
    pub category: &'a str,
    /// A field that must be filled in.
    pub given: &'a str,
}

/// A file beside a page.
#[derive(Clone, Debug)]
pub struct FileView {
    /// Its place in the repository.
    pub file: u32,
    pub name: Arc<str>,
    pub url: Arc<str>,
    pub size: u64,
    pub ext: Arc<str>,
    pub width: u32,
    pub height: u32,
    /// Widths in which it is there besides its own, rising.
    pub widths: Arc<[u32]>,
}

impl FileView {
    /// The `srcset` of HTML; empty where there is one width only. The picture itself is the last of the candidates unless
    /// there is a variant of the widest width that is asked for: nobody should load what is larger.
    pub fn srcset(&self, widest: u32) -> String {
        let mut all: Vec<String> = self.widths.iter().map(|w| format!("{} {w}w", crate::picture::address(&self.url, *w))).collect();
        if self.widths.last().is_some_and(|w| *w < widest) {
            all.push(format!("{} {}w", self.url, self.width));
        }
        all.join(", ")
    }
}

impl View {
    pub fn new(world: Arc<World>, plan: Arc<SitePlan>, site: SiteId, lang: Lang) -> View {
        View { world, plan, site, lang, memo: Memo::default() }
    }

    pub fn config(&self) -> &Site {
        self.world.platform.site(self.site)
    }

    pub fn tag(&self) -> &Arc<str> {
        self.world.platform.language(self.lang)
    }

    pub fn stack(&self) -> Option<&Stack> {
        self.world.themes.of(self.site)
    }

    /// Path of the home page in this language.
    pub fn home(&self) -> String {
        self.config().home(self.lang, self.tag())
    }
}
