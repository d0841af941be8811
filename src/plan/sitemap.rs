//! Sitemaps cut by month, so that a new item touches one shard and the index.

use std::collections::BTreeMap;

use crate::base::id::ArticleId;
use crate::content::Library;
use crate::route::SiteRoutes;

/// The protocol allows 50,000 addresses in a file.
pub const LIMIT: usize = 50_000;

/// One sitemap file: its name below `/sitemap/` without ending, and its items; columns have none.
#[derive(Clone, Debug)]
pub struct Shard {
    pub name: String,
    pub items: Vec<ArticleId>,
}

/// The shard of columns first, then months in order, undated last.
pub fn shards(library: &Library, routes: &SiteRoutes) -> Vec<Shard> {
    let mut months: BTreeMap<(bool, String), Vec<ArticleId>> = BTreeMap::new();
    for p in routes.placements.iter().filter(|p| p.primary) {
        let article = library.get(p.article);
        if !library.schemas.get(article.card.category).page {
            continue;
        }
        let key = match article.card.date.map(|d| d.as_written()) {
            Some(d) => (false, format!("{:04}-{:02}", d.year(), d.month())),
            None => (true, "undated".to_owned()),
        };
        months.entry(key).or_default().push(p.article);
    }
    let mut shards = vec![Shard { name: "columns".into(), items: Vec::new() }];
    for ((_, name), mut items) in months {
        // From the oldest, so that a new item moves nothing from file to file.
        items.sort_by(|a, b| library.get(*b).newest_first(library.get(*a)));
        for (at, part) in items.chunks(LIMIT).enumerate() {
            let name = if at == 0 { name.clone() } else { format!("{name}-{}", at + 1) };
            shards.push(Shard { name, items: part.to_vec() });
        }
    }
    shards
}
