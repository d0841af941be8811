//! Lists (D7): newest first on front pages; blocks of a year from the oldest, so that a new item moves nothing.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::base::id::{ArticleId, Lang, SiteId};
use crate::config::{ColumnId, Platform};
use crate::content::Library;
use crate::route::{Placement, Routes};

/// One block of a list: its folder (a year, `undated`, or `page`), its number from 1, and its slice of the list (newest first).
///
/// By years, block 1 of a year holds its oldest items. By pages, block 1 is the front page of the list itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `None`: undated, or a list by pages.
    pub year: Option<i16>,
    pub paged: bool,
    pub number: u32,
    pub slice: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListKey {
    Column(ColumnId),
    Tag(u32),
}

/// The lists of one site: items by column and by tag, newest first.
pub struct SiteIndex {
    pub site: SiteId,
    /// Places in the site's placements.
    columns: BTreeMap<(Lang, ColumnId), Vec<u32>>,
    /// Tag names in order, by language; `tags[lang][n]` is tag n.
    pub tags: BTreeMap<Lang, Vec<(Arc<str>, Vec<u32>)>>,
}

impl SiteIndex {
    pub fn new(library: &Library, routes: &Routes, site: SiteId) -> SiteIndex {
        let placements = &routes.site(site).placements;
        let mut columns: BTreeMap<(Lang, ColumnId), Vec<u32>> = BTreeMap::new();
        let mut tags: BTreeMap<Lang, BTreeMap<Arc<str>, Vec<u32>>> = BTreeMap::new();
        for (at, p) in placements.iter().enumerate() {
            let article = library.get(p.article);
            columns.entry((article.lang, p.column)).or_default().push(at as u32);
            if p.primary {
                for tag in article.card.tags.iter() {
                    tags.entry(article.lang).or_default().entry(tag.clone()).or_default().push(at as u32);
                }
            }
        }
        let newest = |list: &mut Vec<u32>| {
            list.sort_by(|a, b| {
                let (a, b) = (&placements[*a as usize], &placements[*b as usize]);
                library.get(a.article).newest_first(library.get(b.article))
            });
        };
        columns.values_mut().for_each(newest);
        let tags = tags
            .into_iter()
            .map(|(lang, map)| {
                let mut list: Vec<(Arc<str>, Vec<u32>)> = map.into_iter().collect();
                list.iter_mut().for_each(|(_, l)| newest(l));
                (lang, list)
            })
            .collect();
        SiteIndex { site, columns, tags }
    }

    /// A list, newest first.
    pub fn list(&self, lang: Lang, key: ListKey) -> &[u32] {
        match key {
            ListKey::Column(c) => self.columns.get(&(lang, c)).map_or(&[], |v| v),
            ListKey::Tag(t) => self.tags.get(&lang).and_then(|l| l.get(t as usize)).map_or(&[], |(_, v)| v),
        }
    }

    /// The newest `n` of a column and its descendants; with `pins` the pinned ones first (small weights first). An item that
    /// stands in several of the columns comes once.
    pub fn newest(
        &self,
        platform: &Platform,
        library: &Library,
        routes: &Routes,
        lang: Lang,
        column: ColumnId,
        n: usize,
        pins: bool,
    ) -> Vec<u32> {
        let placements = &routes.site(self.site).placements;
        let mut lists = Vec::new();
        let mut stack = vec![column];
        while let Some(c) = stack.pop() {
            lists.push(self.list(lang, ListKey::Column(c)));
            stack.extend(&platform.site(self.site).column(c).children);
        }
        let mut picked: Vec<u32> = Vec::new();
        for list in lists {
            let pinned = |at: &&u32| pins && placements[**at as usize].weight != 0;
            picked.extend(list.iter().filter(pinned));
            // Only so many of one list can be among the newest of all.
            picked.extend(list.iter().filter(|at| !pinned(at)).take(n));
        }
        let key = |at: &u32| &placements[*at as usize];
        picked.sort_by(|a, b| {
            let (a, b) = (key(a), key(b));
            let pin = |p: &Placement| if p.weight == 0 || !pins { i64::MAX } else { i64::from(p.weight) };
            (pin(a).cmp(&pin(b))).then_with(|| library.get(a.article).newest_first(library.get(b.article))).then(b.primary.cmp(&a.primary))
        });
        let mut seen: Vec<ArticleId> = Vec::new();
        picked.retain(|at| {
            let article = key(at).article;
            let new = !seen.contains(&article);
            if new && seen.len() < n {
                seen.push(article);
                true
            } else {
                false
            }
        });
        picked.truncate(n);
        picked
    }

    /// Every item of a column and its descendants, once, by number.
    pub fn all(&self, platform: &Platform, routes: &Routes, lang: Lang, column: ColumnId) -> Vec<ArticleId> {
        let placements = &routes.site(self.site).placements;
        let mut all = Vec::new();
        let mut stack = vec![column];
        while let Some(c) = stack.pop() {
            all.extend(self.list(lang, ListKey::Column(c)).iter().map(|at| placements[*at as usize].article));
            stack.extend(&platform.site(self.site).column(c).children);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The column, or one below it, has an item in the language.
    pub fn has_items(&self, platform: &Platform, lang: Lang, column: ColumnId) -> bool {
        let mut stack = vec![column];
        while let Some(c) = stack.pop() {
            if !self.list(lang, ListKey::Column(c)).is_empty() {
                return true;
            }
            stack.extend(&platform.site(self.site).column(c).children);
        }
        false
    }

    /// The blocks of a list, newest year first, in a year from number 1, the oldest.
    pub fn blocks(&self, library: &Library, routes: &Routes, list: &[u32], size: usize) -> Vec<Block> {
        let placements = &routes.site(self.site).placements;
        let year_of = |at: u32| library.get(placements[at as usize].article).year();
        let mut blocks = Vec::new();
        let mut start = 0;
        while start < list.len() {
            let year = year_of(list[start]);
            let mut end = start;
            while end < list.len() && year_of(list[end]) == year {
                end += 1;
            }
            let count = (end - start).div_ceil(size);
            for k in 0..count {
                // Block 1 holds the oldest: the far end of the year's run.
                let far = end - k * size;
                let near = far.saturating_sub(size).max(start);
                blocks.push(Block { year, paged: false, number: k as u32 + 1, slice: near..far });
            }
            start = end;
        }
        blocks
    }

    /// The blocks of a list by pages, newest first; the first is the list's front page.
    pub fn pages(&self, list: &[u32], size: usize) -> Vec<Block> {
        let count = list.len().div_ceil(size);
        let slice = |k: usize| k * size..((k + 1) * size).min(list.len());
        (0..count).map(|k| Block { year: None, paged: true, number: k as u32 + 1, slice: slice(k) }).collect()
    }

    /// Older and newer neighbour of an item in the list of its own column: (older, newer).
    pub fn neighbours(
        &self,
        library: &Library,
        routes: &Routes,
        column: ColumnId,
        article: ArticleId,
    ) -> (Option<ArticleId>, Option<ArticleId>) {
        let placements = &routes.site(self.site).placements;
        let me = library.get(article);
        let list = self.list(me.lang, ListKey::Column(column));
        let article_at = |i: usize| list.get(i).map(|at| placements[*at as usize].article);
        // The order of the list is total, so an item is found by halving.
        let hit = list.binary_search_by(|at| library.get(placements[*at as usize].article).newest_first(me));
        match hit {
            Ok(i) => (article_at(i + 1), i.checked_sub(1).and_then(article_at)),
            Err(_) => (None, None),
        }
    }
}

impl Block {
    /// `2026` or `undated`; `page` in a list by pages.
    pub fn folder(&self) -> String {
        if self.paged { "page".to_owned() } else { year_name(self.year) }
    }

    /// Its address below that of its list.
    pub fn url(&self, list: &str) -> String {
        match (self.paged, self.number) {
            (true, 1) => list.to_owned(),
            (true, n) => format!("{list}page/{n}/"),
            (false, n) => format!("{list}{}/{n}.html", self.folder()),
        }
    }
}

pub fn year_name(year: Option<i16>) -> String {
    year.map_or_else(|| "undated".to_owned(), |y| format!("{y:04}"))
}
