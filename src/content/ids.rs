//! Which item has an id: a table of numbers, for the items hold their ids themselves.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;

use super::article::Article;
use crate::base::id::ArticleId;

#[derive(Default)]
pub struct Ids {
    hasher: foldhash::fast::RandomState,
    table: HashTable<ArticleId>,
}

impl Ids {
    /// Of all items, by their place; of those that have one id the first counts, and each later one is told with it.
    pub fn of(articles: &[Arc<Article>]) -> (Ids, Vec<(ArticleId, ArticleId)>) {
        let hasher = foldhash::fast::RandomState::default();
        // Ids lie all over the memory: to read them is most of the work.
        let hashes: Vec<u64> = articles.par_iter().map(|a| hasher.hash_one(&*a.card.id)).collect();
        let mut table = HashTable::with_capacity(articles.len());
        let mut twice = Vec::new();
        for (at, hash) in hashes.iter().enumerate() {
            let same = |first: &ArticleId| articles[first.index()].card.id == articles[at].card.id;
            match table.entry(*hash, same, |known| hashes[known.index()]) {
                Entry::Occupied(first) => twice.push((*first.get(), ArticleId(at as u32))),
                Entry::Vacant(place) => _ = place.insert(ArticleId(at as u32)),
            }
        }
        (Ids { hasher, table }, twice)
    }

    /// `articles`: those that it was made of.
    pub fn find(&self, id: &str, articles: &[Arc<Article>]) -> Option<ArticleId> {
        self.table.find(self.hasher.hash_one(id), |at| *articles[at.index()].card.id == *id).copied()
    }
}
