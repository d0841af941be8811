//! Questions a template can ask. Every key says all that its answer depends on: site, language, stack.

use std::sync::Arc;

use crate::base::id::{ArticleId, Lang, SiteId};
use crate::config::ColumnId;
use crate::content::CategoryId;
use crate::plan::ListKey;

/// A question without its name, which is still borrowed where it is asked: most are asked again and again, and none but the
/// first needs a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    Template { stack: u16 },
    Asset { stack: u16 },
    Phrase { stack: u16, lang: Lang },
    Setting { site: SiteId },
    Menu { site: SiteId, lang: Lang },
    Fragment { site: SiteId, lang: Lang, column: Option<ColumnId> },
}

impl Named {
    pub fn key(self, name: Arc<str>) -> FactKey {
        match self {
            Named::Template { stack } => FactKey::Template { stack, name },
            Named::Asset { stack } => FactKey::Asset { stack, path: name },
            Named::Phrase { stack, lang } => FactKey::Phrase { stack, lang, id: name },
            Named::Setting { site } => FactKey::Setting { site, key: name },
            Named::Menu { site, lang } => FactKey::Menu { site, lang, id: name },
            Named::Fragment { site, lang, column } => FactKey::Fragment { site, lang, column, name },
        }
    }
}

impl FactKey {
    /// The question and its name, of those that have one and nothing besides.
    pub fn named(&self) -> Option<(Named, &Arc<str>)> {
        Some(match self {
            FactKey::Template { stack, name } => (Named::Template { stack: *stack }, name),
            FactKey::Asset { stack, path } => (Named::Asset { stack: *stack }, path),
            FactKey::Phrase { stack, lang, id } => (Named::Phrase { stack: *stack, lang: *lang }, id),
            FactKey::Setting { site, key } => (Named::Setting { site: *site }, key),
            FactKey::Menu { site, lang, id } => (Named::Menu { site: *site, lang: *lang }, id),
            FactKey::Fragment { site, lang, column, name } => (Named::Fragment { site: *site, lang: *lang, column: *column }, name),
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKey {
    /// A template by its name in a stack; absence is an answer too.
    Template {
        stack: u16,
        name: Arc<str>,
    },
    /// Output path of an asset.
    Asset {
        stack: u16,
        path: Arc<str>,
    },
    Phrase {
        stack: u16,
        lang: Lang,
        id: Arc<str>,
    },
    Setting {
        site: SiteId,
        key: Arc<str>,
    },
    /// Name and home address of a site in a language.
    Site {
        site: SiteId,
        lang: Lang,
    },
    Children {
        site: SiteId,
        lang: Lang,
    },
    /// Label of a category in a language.
    Category {
        lang: Lang,
        category: CategoryId,
    },
    Menu {
        site: SiteId,
        lang: Lang,
        id: Arc<str>,
    },
    /// Name, address, description … of a column.
    Column {
        site: SiteId,
        lang: Lang,
        column: ColumnId,
    },
    /// Which columns stand below one (`None`: at the top) and are shown.
    Columns {
        site: SiteId,
        lang: Lang,
        below: Option<ColumnId>,
    },
    /// The text of a column's `_index.md`.
    ColumnText {
        site: SiteId,
        lang: Lang,
        column: ColumnId,
    },
    /// The newest so many of a column and its descendants.
    Query {
        site: SiteId,
        lang: Lang,
        column: ColumnId,
        count: u32,
    },
    /// The same, whatever is pinned.
    Recent {
        site: SiteId,
        lang: Lang,
        column: ColumnId,
        count: u32,
    },
    /// One block of a list.
    Block {
        site: SiteId,
        lang: Lang,
        list: ListKey,
        at: u32,
    },
    /// Addresses of the older and newer block.
    Neighbouring {
        site: SiteId,
        lang: Lang,
        list: ListKey,
        at: u32,
    },
    /// The newest so many of a list without its descendants.
    Newest {
        site: SiteId,
        lang: Lang,
        list: ListKey,
        count: u32,
    },
    /// How many pages a list by pages has.
    Pages {
        site: SiteId,
        lang: Lang,
        list: ListKey,
    },
    /// The years of a list.
    Years {
        site: SiteId,
        lang: Lang,
        list: ListKey,
    },
    Tags {
        site: SiteId,
        lang: Lang,
    },
    /// Whether there is any tag.
    HasTags {
        site: SiteId,
        lang: Lang,
    },
    /// How often each value of a field stands in a column and below it; without a field, how many items there are.
    Tally {
        site: SiteId,
        lang: Lang,
        column: ColumnId,
        field: Option<Arc<str>>,
        category: Arc<str>,
        given: Arc<str>,
    },
    /// The newest of the whole site.
    Latest {
        site: SiteId,
        lang: Lang,
        count: u32,
    },
    /// Everything the item itself says: the bytes of its file or record.
    Item {
        article: ArticleId,
    },
    Card {
        site: SiteId,
        article: ArticleId,
    },
    Neighbours {
        site: SiteId,
        article: ArticleId,
    },
    Related {
        site: SiteId,
        article: ArticleId,
    },
    Versions {
        site: SiteId,
        article: ArticleId,
    },
    /// Items that name the item in a field.
    Referrers {
        site: SiteId,
        article: ArticleId,
    },
    Translations {
        site: SiteId,
        article: ArticleId,
    },
    /// Address of an item as seen from a site; absent where it is not shown anywhere.
    Url {
        site: SiteId,
        article: ArticleId,
    },
    Canonical {
        article: ArticleId,
    },
    /// Author and last change.
    Byline {
        article: ArticleId,
    },
    /// A file beside an item: its size and picture dimensions.
    File {
        file: u32,
    },
    /// The bytes of a CSV file whose rows a page shows.
    Rows {
        file: u32,
    },
    /// The first rows of a CSV file beside an item.
    Table {
        file: u32,
    },
    /// A part of the page that is the same for all pages of a site, language and column.
    Fragment {
        site: SiteId,
        lang: Lang,
        column: Option<ColumnId>,
        name: Arc<str>,
    },
    /// Addresses of a sitemap shard.
    Shard {
        site: SiteId,
        at: u32,
    },
}
