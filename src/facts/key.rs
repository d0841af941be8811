//! Questions a template can ask. A key says all that its answer depends on besides the site that asks: a kind, a language
//! and what it is about.
//!
//! The numbers in it hold for one run. What is stored names things by their text (`receipts::stored`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::id::{ArticleId, Lang, SiteId};
use crate::config::ColumnId;
use crate::content::CategoryId;
use crate::plan::ListKey;

/// Declares the kinds with their names, so that no kind can be forgotten in the list of all.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What is asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// As reports and messages call it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// What every page of a site may use unasked: its id, host, address, tier, languages, sizes, file list, time zone.
    Base = "site base",
    /// A template by its name in the stack; absence is an answer too.
    Template = "template",
    /// Output path of an asset.
    Asset = "asset",
    /// Tokens of the stack.
    Tokens = "tokens",
    /// Locks of the stack, where an item or a column asks for a template of its own.
    Locks = "locks",
    Phrase = "phrase",
    /// One setting, or all below a prefix.
    Setting = "setting",
    /// Name and home address of a site.
    Site = "site",
    Children = "child sites",
    /// Label of a category in a language.
    Category = "category",
    /// Everything a schema says.
    Schema = "schema",
    /// What an owner may do.
    Owner = "owner",
    Menu = "menu",
    /// Whether there is a column of that id.
    FindColumn = "column id",
    /// Name, address, description … of a column.
    Column = "column",
    /// Which columns stand below one, or at the top, and are shown.
    Columns = "columns",
    HomeBlocks = "home blocks",
    /// The text of a column's `_index.md`.
    ColumnText = "column text",
    /// Whether a column or one below it has an item.
    HasItems = "has items",
    /// The newest so many of a column and its descendants.
    Query = "newest of a column",
    /// The same, whatever is pinned.
    Recent = "latest of a column",
    /// One block of a list.
    Block = "block of a list",
    /// Addresses of the older and newer block.
    Neighbouring = "neighbours of a block",
    /// The newest so many of a list without its descendants.
    Newest = "newest of a list",
    /// How many pages a list by pages has.
    Pages = "pages of a list",
    /// The years of a list.
    Years = "years of a list",
    Tags = "tags",
    /// Whether there is any tag.
    HasTags = "has tags",
    /// How often each value of a field stands in a column and below it; without a field, how many items there are.
    Tally = "tally",
    /// The newest of the whole site.
    Latest = "latest of the site",
    /// Everything the item itself says.
    Item = "item",
    Card = "card",
    /// Which item a reference leads to.
    Found = "reference",
    /// Which file a reference leads to.
    FoundFile = "file reference",
    /// Which files stand beside an item.
    Attachments = "attachments",
    Neighbours = "neighbours",
    Related = "related items",
    Versions = "versions",
    /// Items that name the item in a field.
    Referrers = "referrers",
    Translations = "translations",
    /// Address of an item as seen from the site; absent where it is not shown anywhere.
    Url = "address",
    Canonical = "canonical address",
    /// Author and last change.
    Byline = "byline",
    /// A file beside an item: its size and picture dimensions.
    File = "file",
    /// The bytes of a CSV file whose rows a page shows.
    Rows = "rows of a table",
    /// The first rows of a CSV file beside an item.
    Table = "head of a table",
    /// A part of the page that is the same for all pages of a site, language and column.
    Fragment = "fragment",
    /// Names of the sitemap's parts.
    Shards = "parts of the sitemap",
    /// Addresses of a part of the sitemap.
    Shard = "part of the sitemap",
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    Nothing,
    Text(Arc<str>),
    Site(SiteId),
    Category(CategoryId),
    Column(ColumnId),
    /// Below a column, or at the top.
    Below(Option<ColumnId>),
    List(ListKey),
    /// A block among those of its list.
    Block(ListKey, u32),
    Tally {
        column: ColumnId,
        field: Option<Arc<str>>,
        category: Arc<str>,
        given: Arc<str>,
    },
    Article(ArticleId),
    /// A reference as written: in the text of an item, in that of a file (a column's text), or from nowhere (`item_url`).
    Reference {
        from: From,
        to: Arc<str>,
    },
    File(u32),
    Fragment(Option<ColumnId>, Arc<str>),
}

/// Where a reference stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum From {
    Nowhere,
    Article(ArticleId),
    /// Content path of a column's text.
    Text(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey {
    pub kind: Kind,
    /// `None`: the answer is the same in every language.
    pub lang: Option<Lang>,
    /// How many are asked for; 0 where that means nothing.
    pub count: u32,
    pub about: About,
}

impl FactKey {
    pub fn new(kind: Kind, lang: Lang, about: About) -> FactKey {
        FactKey { kind, lang: Some(lang), count: 0, about }
    }

    pub fn count(mut self, count: usize) -> FactKey {
        self.count = count as u32;
        self
    }

    /// What does not depend on a language.
    pub fn plain(kind: Kind, about: About) -> FactKey {
        FactKey { kind, lang: None, count: 0, about }
    }

    pub fn text(kind: Kind, text: &str) -> FactKey {
        FactKey::plain(kind, About::Text(text.into()))
    }

    pub fn article(kind: Kind, article: ArticleId) -> FactKey {
        FactKey::plain(kind, About::Article(article))
    }

    pub fn file(kind: Kind, file: u32) -> FactKey {
        FactKey::plain(kind, About::File(file))
    }
}

/// A question about a text without the text, which is still borrowed where it is asked: most are asked again and again, and
/// none but the first needs a text of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    kind: Kind,
    lang: Option<Lang>,
    /// Of a fragment.
    column: Option<Option<ColumnId>>,
}

impl Named {
    pub fn plain(kind: Kind) -> Named {
        Named { kind, lang: None, column: None }
    }

    pub fn new(kind: Kind, lang: Lang) -> Named {
        Named { kind, lang: Some(lang), column: None }
    }

    pub fn fragment(lang: Lang, column: Option<ColumnId>) -> Named {
        Named { kind: Kind::Fragment, lang: Some(lang), column: Some(column) }
    }

    pub fn key(self, name: Arc<str>) -> FactKey {
        let about = match self.column {
            Some(column) => About::Fragment(column, name),
            None => About::Text(name),
        };
        FactKey { kind: self.kind, lang: self.lang, count: 0, about }
    }
}

impl FactKey {
    /// The question and its text, of those that have one and nothing besides.
    pub fn named(&self) -> Option<(Named, &Arc<str>)> {
        let (column, name) = match &self.about {
            About::Text(name) => (None, name),
            About::Fragment(column, name) => (Some(*column), name),
            _ => return None,
        };
        Some((Named { kind: self.kind, lang: self.lang, column }, name))
    }
}
