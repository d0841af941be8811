//! One file to be written, and what it is made from.

use std::sync::Arc;

use crate::base::id::{ArticleId, Lang};
use crate::config::ColumnId;

/// A file below the site's folder.
#[derive(Clone, Debug)]
pub struct Output {
    /// `zwgk/tzgg/2026/x.html`
    pub path: Arc<str>,
    pub recipe: Recipe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedKind {
    Atom,
    Json,
}

/// Who asks for a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The item has the address as an alias.
    Item(ArticleId),
    /// A line of redirects.csv.
    Line(u32),
    /// The first page of a list, which is the list's front page.
    List,
}

/// What an output is made from. A list names its slice, so that a new item changes the newest slice only (D7).
#[derive(Clone, Debug)]
pub enum Recipe {
    Home {
        lang: Lang,
    },
    /// Front page of a column: its newest items and those of its descendants.
    Column {
        lang: Lang,
        column: ColumnId,
    },
    /// One block of a year of a column; `at` counts the block among those of the list.
    Archive {
        lang: Lang,
        column: ColumnId,
        at: u32,
    },
    Item {
        article: ArticleId,
    },
    Tags {
        lang: Lang,
    },
    Tag {
        lang: Lang,
        tag: u32,
    },
    TagArchive {
        lang: Lang,
        tag: u32,
        at: u32,
    },
    SiteMap {
        lang: Lang,
    },
    NotFound,
    Feed {
        lang: Lang,
        column: Option<ColumnId>,
        kind: FeedKind,
    },
    SitemapIndex,
    /// All addresses in one file.
    SitemapWhole,
    /// Addresses of one month, or of the columns.
    Sitemap {
        shard: u32,
    },
    Robots,
    /// security.txt (RFC 9116).
    Security,
    Redirect {
        to: Box<str>,
        from: Asked,
    },
    /// A merged asset of the stack, by its place.
    Asset {
        at: u32,
    },
    Tokens,
    /// A file of the stack that keeps its name.
    Static {
        at: u32,
    },
    /// A file of the content repository, copied.
    File {
        file: u32,
    },
    /// A picture of the content repository in a smaller width; `by`: the item that shows it.
    Picture {
        file: u32,
        width: u32,
        by: Option<ArticleId>,
    },
}

impl Recipe {
    /// The kind, for reports and messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Recipe::Home { .. } => "home",
            Recipe::Column { .. } => "column",
            Recipe::Archive { .. } => "archive",
            Recipe::Item { .. } => "item",
            Recipe::Tags { .. } => "tags",
            Recipe::Tag { .. } => "tag",
            Recipe::TagArchive { .. } => "tag-archive",
            Recipe::SiteMap { .. } => "site-map",
            Recipe::NotFound => "404",
            Recipe::Feed { .. } => "feed",
            Recipe::SitemapIndex => "sitemap-index",
            Recipe::SitemapWhole => "sitemap",
            Recipe::Sitemap { .. } => "sitemap",
            Recipe::Robots => "robots",
            Recipe::Security => "security",
            Recipe::Redirect { .. } => "redirect",
            Recipe::Asset { .. } => "asset",
            Recipe::Tokens => "tokens",
            Recipe::Static { .. } => "static",
            Recipe::File { .. } => "file",
            Recipe::Picture { .. } => "picture",
        }
    }

    /// A page in the sense of the report: HTML that a person reads.
    pub fn is_page(&self) -> bool {
        use Recipe::*;
        matches!(
            self,
            Home { .. }
                | Column { .. }
                | Archive { .. }
                | Item { .. }
                | Tags { .. }
                | Tag { .. }
                | TagArchive { .. }
                | SiteMap { .. }
                | NotFound
        )
    }
}
