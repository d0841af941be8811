//! The content repository: files → [`Article`]s with their [`Card`]s, records, column texts, schemas; and the Markdown
//! of bodies. Knows sites only as homes of owners; nothing here has an address yet.

pub mod article;
pub mod build;
pub mod data;
pub mod details;
pub mod front_matter;
mod ids;
mod kept;
pub mod library;
pub mod markdown;
pub mod memo;
mod metadata;
mod read;
mod record;
pub mod repository;
pub mod scan;
pub mod schema;
pub mod spool;
pub mod table;

pub use article::{Article, Card, Cover, Origin, Push, Rare, State};
pub use data::Data;
pub use details::Details;
pub use kept::Kept;
pub use library::{ColumnText, Library, Reading, Source};
pub use memo::{Counts, Memo};
pub use repository::{Repository, SourceFile};
pub use schema::{Category, CategoryId, Field, FieldType, Schemas};
pub use spool::Spool;
