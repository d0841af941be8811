//! Which feeds there are and where (D7): Atom for each column with items, Atom and JSON Feed for the site.

use super::output::{FeedKind, Output, Recipe};
use crate::base::id::Lang;
use crate::config::ColumnId;

pub fn site_feeds(lang: Lang, home: &str) -> [Output; 2] {
    let base = home.trim_start_matches('/');
    [
        Output { path: format!("{base}feed.xml").into(), recipe: Recipe::Feed { lang, column: None, kind: FeedKind::Atom } },
        Output { path: format!("{base}feed.json").into(), recipe: Recipe::Feed { lang, column: None, kind: FeedKind::Json } },
    ]
}

pub fn column_feed(lang: Lang, column: ColumnId, url: &str) -> Output {
    let path = format!("{}feed.xml", url.trim_start_matches('/'));
    Output { path: path.into(), recipe: Recipe::Feed { lang, column: Some(column), kind: FeedKind::Atom } }
}
