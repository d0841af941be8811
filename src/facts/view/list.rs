//! Lists: the newest, blocks, years, tags, counts, parts of the sitemap.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{CardView, Counted, Tally, View, YearView};
use crate::base::fingerprint::Writer;
use crate::base::id::{ArticleId, Lang};
use crate::base::path;
use crate::config::ColumnId;
use crate::facts::key::{About, FactKey, Kind};
use crate::facts::reads::record;
use crate::plan::site::tag_path;
use crate::plan::{Block, ListKey};
use crate::route;

impl View {
    /// The newest of a column and its descendants, pinned ones first.
    pub fn items(&self, column: ColumnId, count: usize) -> Vec<CardView> {
        let count = count.min(500);
        let w = &self.world;
        let cards = self.placed(&self.plan.index.newest(&w.platform, &w.routes, (self.lang, column), count, true));
        let key = FactKey::new(Kind::Query, self.lang, About::Column(column)).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// The newest of a column and its descendants, whatever is pinned.
    pub fn recent(&self, column: ColumnId, count: usize) -> Vec<CardView> {
        let w = &self.world;
        let cards = self.placed(&self.plan.index.newest(&w.platform, &w.routes, (self.lang, column), count, false));
        let key = FactKey::new(Kind::Recent, self.lang, About::Column(column)).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// The newest of a list, without descendants and pins.
    pub fn newest(&self, list: ListKey, count: usize) -> Vec<CardView> {
        let all = self.plan.index.list(self.lang, list);
        let cards = self.placed(&all[..count.min(all.len())]);
        let key = FactKey::new(Kind::Newest, self.lang, About::List(list)).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// One block of a list, newest first, with its year.
    pub fn block(&self, list: ListKey, at: u32) -> (Option<i16>, Vec<CardView>) {
        let Some(block) = self.plan.blocks.get(&(self.lang, list)).and_then(|b| b.get(at as usize)) else {
            return (None, Vec::new());
        };
        let cards = self.placed(&block.items);
        let key = FactKey::new(Kind::Block, self.lang, About::Block(list, at));
        record(key, || self.print_cards(&cards));
        (block.year, cards)
    }

    /// Addresses of the older and newer neighbour of a block.
    pub fn block_neighbours(&self, list: ListKey, at: u32, url: &str) -> (Option<String>, Option<String>) {
        let Some(blocks) = self.plan.blocks.get(&(self.lang, list)) else { return (None, None) };
        let Some(block) = blocks.get(at as usize) else { return (None, None) };
        let find = |year, number| blocks.iter().find(|b| b.year == year && b.number == number).map(|b| b.url(url));
        let (older, newer) = if block.paged {
            (find(None, block.number + 1), block.number.checked_sub(1).and_then(|n| find(None, n)))
        } else {
            by_years(blocks, block, url)
        };
        record(FactKey::new(Kind::Neighbouring, self.lang, About::Block(list, at)), || {
            Writer::new("blocks").option(older.as_deref()).option(newer.as_deref()).finish()
        });
        (older, newer)
    }

    /// How many pages a list by pages has; 0 of one by years.
    pub fn page_count(&self, list: ListKey) -> usize {
        let blocks = self.plan.blocks.get(&(self.lang, list)).map_or(&[][..], |b| b);
        let count = blocks.iter().filter(|b| b.paged).count();
        record(FactKey::new(Kind::Pages, self.lang, About::List(list)), || Writer::new("pages").number(count as u64).finish());
        count
    }

    /// Address of a page of a list by pages.
    pub fn page_url(&self, list: ListKey, number: usize, url: &str) -> Option<String> {
        self.plan.blocks.get(&(self.lang, list)).and_then(|b| b.get(number.checked_sub(1)?)).filter(|b| b.paged).map(|b| b.url(url))
    }

    /// The years of a list, newest first; each leads to its newest block's year at block 1.
    pub fn years(&self, list: ListKey, url: &str) -> Vec<YearView> {
        let blocks = self.plan.blocks.get(&(self.lang, list)).map_or(&[][..], |b| b);
        let years: Vec<YearView> = blocks
            .iter()
            .filter(|b| b.number == 1 && !b.paged)
            .map(|b| YearView { year: b.folder().into(), url: path::encode(&b.url(url)).into() })
            .collect();
        record(FactKey::new(Kind::Years, self.lang, About::List(list)), || {
            let mut w = Writer::new("years");
            years.iter().for_each(|y| _ = w.text(&y.url));
            w.finish()
        });
        years
    }

    /// The newest of the whole site.
    pub fn latest(&self, count: usize) -> Vec<CardView> {
        let w = &self.world;
        let placements = &w.routes.site(self.site).placements;
        let shown = |at: &u32| {
            let p = &placements[*at as usize];
            p.primary && w.library.get(p.article).lang == self.lang
        };
        // None asked for: all of them.
        let most = if count == 0 { usize::MAX } else { count };
        let all: Vec<u32> = self.plan.index.order.iter().copied().filter(shown).take(most).collect();
        let cards = self.placed(&all);
        let key = FactKey::new(Kind::Latest, self.lang, About::Nothing).count(count);
        record(key, || self.print_cards(&cards));
        cards
    }

    /// Name and address of each tag, and of how many items it is at least: an exact number would make the page of all tags
    /// part of every new item.
    pub fn tags(&self) -> Vec<(Arc<str>, Arc<str>, usize)> {
        let home = self.home();
        let list = self.plan.index.tags.get(&self.lang);
        let tags: Vec<(Arc<str>, Arc<str>, usize)> = list
            .into_iter()
            .flatten()
            .map(|(name, items)| (name.clone(), path::encode(&tag_path(&home, name)).into(), at_least(items.len())))
            .collect();
        record(FactKey::new(Kind::Tags, self.lang, About::Nothing), || {
            let mut w = Writer::new("tags");
            tags.iter().for_each(|(n, u, c)| _ = w.text(n).text(u).number(*c as u64));
            w.finish()
        });
        tags
    }

    /// Whether the page of all tags is there, in a language.
    pub fn has_tags(&self, lang: Lang) -> bool {
        let has = self.plan.index.tags.get(&lang).is_some_and(|t| !t.is_empty());
        record(FactKey::new(Kind::HasTags, lang, About::Nothing), || Writer::new("has-tags").byte(has as u8).finish());
        has
    }

    /// How many items of a column and those below it have each value of a field: the most frequent first, then by value;
    /// those without a value last. Of a list each entry counts.
    pub fn tally(&self, column: ColumnId, field: &str, counted: Counted) -> Vec<Tally> {
        let mut found: std::collections::BTreeMap<String, Tally> = std::collections::BTreeMap::new();
        let mut none = 0;
        for article in self.counted(column, counted) {
            let details = self.world.library.details(self.world.library.get(article));
            let value = details.data.get(field).filter(|v| filled(v));
            let Some(value) = value else {
                none += 1;
                continue;
            };
            let values = value.as_array().map_or_else(|| vec![value], |v| v.iter().collect());
            for value in values {
                let key = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                found.entry(key).or_insert_with(|| (Some(value.clone()), 0)).1 += 1;
            }
        }
        // Values of one frequency stay in their order.
        let mut tally: Vec<Tally> = found.into_values().collect();
        tally.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if none > 0 {
            tally.push((None, none));
        }
        record(self.tally_key(column, Some(field), counted), || {
            let mut w = Writer::new("tally");
            tally.iter().for_each(|(value, count)| _ = w.json(value.as_ref().unwrap_or(&Json::Null)).number(*count as u64));
            w.finish()
        });
        tally
    }

    /// How many items a column and those below it have.
    pub fn count(&self, column: ColumnId, counted: Counted) -> usize {
        let count = self.counted(column, counted).count();
        record(self.tally_key(column, None, counted), || Writer::new("count").number(count as u64).finish());
        count
    }

    pub(super) fn tally_key(&self, column: ColumnId, field: Option<&str>, counted: Counted) -> FactKey {
        FactKey::new(
            Kind::Tally,
            self.lang,
            About::Tally { column, field: field.map(Arc::from), category: counted.category.into(), given: counted.given.into() },
        )
    }

    /// Each item once, in whatever order.
    pub(super) fn counted<'a>(&'a self, column: ColumnId, counted: Counted<'a>) -> impl Iterator<Item = ArticleId> + 'a {
        let w = &self.world;
        self.plan.index.all(&w.platform, &w.routes, self.lang, column).into_iter().filter(move |article| {
            let a = w.library.get(*article);
            let fits = counted.category.is_empty() || *w.library.schemas.get(a.card.category).id == *counted.category;
            fits && (counted.given.is_empty() || w.library.details(a).data.get(counted.given).is_some_and(filled))
        })
    }

    /// Path of the front page of a list.
    pub fn list_path(&self, list: ListKey) -> String {
        match list {
            ListKey::Column(c) => route::column_path(&self.world.platform, self.site, self.raw_column(c), self.lang),
            ListKey::Tag(t) => {
                let name = self.plan.index.tags.get(&self.lang).and_then(|tags| tags.get(t as usize)).map_or("", |(name, _)| name);
                tag_path(&self.home(), name)
            }
        }
    }

    /// Address of a tag's page. It depends on the tag alone.
    pub fn tag_url(&self, tag: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.memo.tags.read().ok().and_then(|t| t.get(tag).cloned()) {
            return known;
        }
        let url: Arc<str> = path::encode(&tag_path(&self.home(), tag)).into();
        if let Ok(mut tags) = self.memo.tags.write() {
            tags.insert(tag.clone(), url.clone());
        }
        url
    }

    /// Names of the sitemap's parts.
    pub fn shards(&self) -> Vec<&str> {
        let names: Vec<&str> = self.plan.shards.iter().map(|s| s.name.as_str()).collect();
        record(FactKey::plain(Kind::Shards, About::Nothing), || {
            let mut w = Writer::new("shards");
            names.iter().for_each(|n| _ = w.text(n));
            w.finish()
        });
        names
    }

    /// Address and last change of each item of a sitemap shard.
    pub fn shard(&self, at: u32) -> Vec<(String, Option<String>)> {
        let w = &self.world;
        let Some(shard) = self.plan.shards.get(at as usize) else { return Vec::new() };
        let zone = &w.platform.zone;
        let list: Vec<(String, Option<String>)> = shard
            .items
            .iter()
            .filter(|a| w.routes.canonical(**a) == Some(self.site))
            .filter_map(|a| {
                let path = w.routes.path(&w.platform, &w.library, self.site, *a)?;
                let article = w.library.get(*a);
                let changed = article.rare().lastmod.or(article.card.date);
                Some((format!("{}{}", self.config().url, path::encode(&path)), changed.map(|d| d.rfc3339(zone))))
            })
            .collect();
        record(FactKey::text(Kind::Shard, &shard.name), || {
            let mut p = Writer::new("shard");
            list.iter().for_each(|(u, d)| _ = p.text(u).option(d.as_deref()));
            p.finish()
        });
        list
    }
}

/// Neighbours among blocks of years. The first block of the next year is the newer one of a year's last: it never moves.
fn by_years(blocks: &[Block], block: &Block, url: &str) -> (Option<String>, Option<String>) {
    let find = |year, number| blocks.iter().find(|b| b.year == year && b.number == number).map(|b| b.url(url));
    let older = if block.number > 1 {
        find(block.year, block.number - 1)
    } else {
        blocks.iter().find(|b| b.year < block.year && b.number == 1).map(|b| b.url(url))
    };
    let newer = find(block.year, block.number + 1)
        .or_else(|| blocks.iter().rev().find(|b| b.year > block.year && b.number == 1).map(|b| b.url(url)));
    (older, newer)
}

/// A field that says something.
fn filled(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(s) => !s.is_empty(),
        Json::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// 1, 2, 5, 10, 20, 50 … whatever is the last not above `count`.
fn at_least(count: usize) -> usize {
    let tens = std::iter::successors(Some(1usize), |ten| ten.checked_mul(10));
    let steps = tens.flat_map(|ten| [1, 2, 5].map(|n| ten.checked_mul(n))).flatten();
    steps.take_while(|step| *step <= count).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_of_items_are_rounded_down() {
        let of = [0, 1, 2, 4, 5, 9, 10, 19, 20, 49, 50, 99, 100, 12_300, usize::MAX].map(super::at_least);
        assert_eq!(of, [0, 1, 2, 2, 5, 5, 10, 10, 20, 20, 50, 50, 100, 10_000, 10_000_000_000_000_000_000]);
    }
}
