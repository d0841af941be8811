//! Lists (D7): newest first on front pages; blocks of a year from the oldest, so that a new item moves nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

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
    /// Places in the site's placements, newest first: the one order of all its lists.
    pub order: Vec<u32>,
    /// Where each placement stands in it. Lists are put in order and searched by it, without looking at the items.
    rank: Vec<u32>,
    /// Places in the site's placements.
    columns: BTreeMap<(Lang, ColumnId), Vec<u32>>,
    /// Tags in order, by language; `tags[lang][n]` is tag n. Spellings of one [`tag_name`] are one tag, under the first.
    pub tags: BTreeMap<Lang, Vec<(Arc<str>, Vec<u32>)>>,
    /// By language and [`tag_name`]: the number of the tag.
    numbers: HashMap<(Lang, String), u32>,
    /// The same by the tag as it is written, of those that some item of the site has.
    written: HashMap<Lang, HashMap<Arc<str>, u32, Fast>>,
}

type Fast = foldhash::fast::RandomState;

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
        let order = newest_first(library, placements);
        let mut rank = vec![0; order.len()];
        order.iter().enumerate().for_each(|(n, at)| rank[*at as usize] = n as u32);
        let mut columns: BTreeMap<(Lang, ColumnId), Vec<u32>> = BTreeMap::new();
        let mut tags: BTreeMap<Lang, BTreeMap<Arc<str>, Vec<u32>>> = BTreeMap::new();
        for at in order.iter().copied() {
            let p = &placements[at as usize];
            let article = library.get(p.article);
            columns.entry((article.lang, p.column)).or_default().push(at);
            if p.primary {
                for tag in article.card.tags.iter() {
                    tags.entry(article.lang).or_default().entry(tag.clone()).or_default().push(at);
                }
            }
        }
        let mut numbers = HashMap::new();
        let mut written = HashMap::new();
        let joined = tags.into_iter().map(|(lang, spelled)| {
            let written = written.entry(lang).or_default();
            (lang, join_tags(lang, spelled, &mut numbers, written))
        });
        let mut tags: BTreeMap<Lang, Vec<(Arc<str>, Vec<u32>)>> = joined.collect();
        tags.values_mut().flatten().for_each(|(_, list)| {
            list.sort_unstable_by_key(|at| rank[*at as usize]);
            // An item may have two spellings of one tag.
            list.dedup();
        });
        SiteIndex { site, order, rank, columns, tags, numbers, written }
    }

    /// Where a placement stands in the one order of all lists.
    pub fn rank(&self, place: u32) -> u32 {
        self.rank[place as usize]
    }

    /// The number of a tag, however it is spelled.
    pub fn tag(&self, lang: Lang, tag: &str) -> Option<u32> {
        let known = self.written.get(&lang).and_then(|written| written.get(tag));
        known.or_else(|| self.numbers.get(&(lang, tag_name(tag)))).copied()
    }

    /// A list, newest first.
    pub fn list(&self, lang: Lang, key: ListKey) -> &[u32] {
        match key {
            ListKey::Column(c) => self.columns.get(&(lang, c)).map_or(&[], |v| v),
            ListKey::Tag(t) => self.tags.get(&lang).and_then(|l| l.get(t as usize)).map_or(&[], |(_, v)| v),
        }
    }

    /// All lists of columns, then all of tags.
    pub fn lists(&self) -> [Vec<&[u32]>; 2] {
        [self.columns.values().map(Vec::as_slice).collect(), self.tags.values().flatten().map(|(_, list)| &**list).collect()]
    }

    /// The newest `n` of a column and its descendants; with `pins` the pinned ones first (small weights first). An item that
    /// stands in several of the columns comes once.
    pub fn newest(&self, platform: &Platform, routes: &Routes, (lang, column): (Lang, ColumnId), n: usize, pins: bool) -> Vec<u32> {
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
        let pin = |p: &Placement| if p.weight == 0 || !pins { i64::MAX } else { i64::from(p.weight) };
        picked.sort_unstable_by_key(|at| (pin(key(at)), self.rank[*at as usize]));
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

    /// Older and newer neighbour of a placement in the list of its column: (older, newer).
    pub fn neighbours(&self, lang: Lang, column: ColumnId, place: u32) -> (Option<u32>, Option<u32>) {
        let list = self.list(lang, ListKey::Column(column));
        match self.find(list, place) {
            Ok(i) => (list.get(i + 1).copied(), i.checked_sub(1).map(|i| list[i])),
            Err(_) => (None, None),
        }
    }

    /// Where a placement stands in a list, or would stand.
    fn find(&self, list: &[u32], place: u32) -> Result<usize, usize> {
        list.binary_search_by_key(&self.rank[place as usize], |at| self.rank[*at as usize])
    }

    /// What a list has that is older than a placement.
    pub fn older<'l>(&self, list: &'l [u32], place: u32) -> &'l [u32] {
        match self.find(list, place) {
            Ok(i) => &list[i + 1..],
            Err(i) => &list[i..],
        }
    }

    /// Puts placements in the order of lists.
    pub fn sort(&self, places: &mut [u32]) {
        places.sort_unstable_by_key(|at| self.rank[*at as usize]);
    }
}

/// The placements of a site in the order of lists; of one item the primary one first.
fn newest_first(library: &Library, placements: &[Placement]) -> Vec<u32> {
    // The date alone decides most often, and then no item is looked up.
    let date = |p: &Placement| Reverse(library.get(p.article).card.date.map(|d| d.seconds));
    let mut keys: Vec<(Reverse<Option<i64>>, u32)> = placements.iter().enumerate().map(|(at, p)| (date(p), at as u32)).collect();
    let article = |at: u32| library.get(placements[at as usize].article);
    keys.par_sort_unstable_by(|(x, a), (y, b)| x.cmp(y).then_with(|| article(*a).newest_first(article(*b))).then(a.cmp(b)));
    keys.into_iter().map(|(_, at)| at).collect()
}

/// The tags of a language by spelling → in order, those of one name joined.
fn join_tags(
    lang: Lang,
    spelled: BTreeMap<Arc<str>, Vec<u32>>,
    numbers: &mut HashMap<(Lang, String), u32>,
    written: &mut HashMap<Arc<str>, u32, Fast>,
) -> Vec<(Arc<str>, Vec<u32>)> {
    let mut list: Vec<(Arc<str>, Vec<u32>)> = Vec::new();
    for (tag, items) in spelled {
        let number = *numbers.entry((lang, tag_name(&tag))).or_insert(list.len() as u32);
        written.insert(tag.clone(), number);
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
