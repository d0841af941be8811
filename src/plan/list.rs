//! Lists (D7): newest first on front pages; blocks of a year from the oldest, so that a new item moves nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::base::id::{ArticleId, Lang, SiteId};
use crate::base::path;
use crate::config::{ColumnId, Platform};
use crate::content::Library;
use crate::route::{Placement, Routes};

/// One block of a list: its folder (a year, `undated`, or `page`), its number from 1, and its items (newest first).
///
/// By years, block 1 of a year holds its oldest items. By pages, block 1 is the front page of the list itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `None`: undated, or a list by pages.
    pub year: Option<i16>,
    pub paged: bool,
    pub number: u32,
    /// Places in the site's placements. They need not follow one another in the list: the year is that of the date as
    /// written, the list is in the order of the instants.
    pub items: Vec<u32>,
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
    /// Tags in order, by language; `tags[lang][n]` is tag n. Spellings of one [`tag_name`] are one tag, under the first.
    pub tags: BTreeMap<Lang, Vec<(Arc<str>, Vec<u32>)>>,
    /// By language and [`tag_name`]: the number of the tag.
    numbers: HashMap<(Lang, String), u32>,
}

/// What a tag is called in addresses: the tag in small letters, made safe. Two tags of one name would have one page: they
/// are one.
pub fn tag_name(tag: &str) -> String {
    let safe: String =
        path::folded(tag).chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).collect();
    let safe = match safe.trim_matches('.') {
        "" => "-",
        // The page of all tags has that name.
        "index.html" => "index-html",
        safe => safe,
    };
    let mut end = safe.len().min(path::MAX_NAME - 10);
    while !safe.is_char_boundary(end) {
        end -= 1;
    }
    safe[..end].to_owned()
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
        let mut numbers = HashMap::new();
        let joined = tags.into_iter().map(|(lang, spelled)| (lang, join_tags(lang, spelled, &mut numbers)));
        let mut tags: BTreeMap<Lang, Vec<(Arc<str>, Vec<u32>)>> = joined.collect();
        tags.values_mut().flatten().for_each(|(_, list)| {
            newest(list);
            // An item may have two spellings of one tag.
            list.dedup();
        });
        SiteIndex { site, columns, tags, numbers }
    }

    /// The number of a tag, however it is spelled.
    pub fn tag(&self, lang: Lang, tag: &str) -> Option<u32> {
        self.numbers.get(&(lang, tag_name(tag))).copied()
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
        (lang, column): (Lang, ColumnId),
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
        let mut years: BTreeMap<Option<i16>, Vec<u32>> = BTreeMap::new();
        for at in list {
            years.entry(year_of(*at)).or_default().push(*at);
        }
        // The undated ones come last.
        let mut blocks = Vec::new();
        for (year, items) in years.into_iter().rev() {
            // Block 1 holds the oldest: the far end.
            let parts = items.rchunks(size).enumerate();
            blocks.extend(parts.map(|(k, part)| Block { year, paged: false, number: k as u32 + 1, items: part.to_vec() }));
        }
        blocks
    }

    /// The blocks of a list by pages, newest first; the first is the list's front page.
    pub fn pages(&self, list: &[u32], size: usize) -> Vec<Block> {
        let parts = list.chunks(size).enumerate();
        parts.map(|(k, part)| Block { year: None, paged: true, number: k as u32 + 1, items: part.to_vec() }).collect()
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

/// The tags of a language by spelling → in order, those of one name joined.
fn join_tags(lang: Lang, spelled: BTreeMap<Arc<str>, Vec<u32>>, numbers: &mut HashMap<(Lang, String), u32>) -> Vec<(Arc<str>, Vec<u32>)> {
    let mut list: Vec<(Arc<str>, Vec<u32>)> = Vec::new();
    for (tag, items) in spelled {
        let number = *numbers.entry((lang, tag_name(&tag))).or_insert(list.len() as u32);
        match list.get_mut(number as usize) {
            Some((_, known)) => known.extend(items),
            None => list.push((tag, items)),
        }
    }
    list
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
