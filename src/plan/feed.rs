//! Which feeds there are and where (D7): Atom for each column with items, Atom and JSON Feed for the site.

use super::output::{FeedKind, Output, Recipe};
use crate::base::id::Lang;
use crate::config::{ColumnId, Outputs};

pub fn site_feeds(lang: Lang, home: &str, asked: &Outputs) -> Vec<Output> {
    let base = home.trim_start_matches('/');
    let kinds = [(&asked.feed, FeedKind::Atom), (&asked.json_feed, FeedKind::Json)];
    let wanted = kinds.into_iter().filter_map(|(name, kind)| name.as_ref().map(|n| (n, kind)));
    wanted.map(|(name, kind)| Output { path: format!("{base}{name}").into(), recipe: Recipe::Feed { lang, column: None, kind } }).collect()
}

pub fn column_feed(lang: Lang, column: ColumnId, url: &str) -> Output {
    let path = format!("{}feed.xml", url.trim_start_matches('/'));
    Output { path: path.into(), recipe: Recipe::Feed { lang, column: Some(column), kind: FeedKind::Atom } }
}
