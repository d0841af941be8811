//! The only door of a template. Whatever a page shows comes through a [`View`] of the [`World`], and each question is
//! recorded with a fingerprint of the whole answer: would you read the same things again?

pub mod answers;
pub mod key;
pub mod reads;
pub mod view;
pub mod world;

pub use answers::Answers;
pub use key::{About, FactKey, From, Kind, Named};
pub use reads::{Reads, record, record_named};
pub use view::{CardView, ColumnView, Counted, FileView, MenuView, SiteRef, View, YearView};
pub use world::World;
