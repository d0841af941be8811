//! Every file of one site, planned: nothing is written that is not an [`Output`] here.

pub mod feed;
pub mod list;
pub mod output;
pub mod picture;
pub mod redirect;
pub mod site;
pub mod sitemap;

pub use list::{Block, ListKey, SiteIndex};
pub use output::{FeedKind, Output, Recipe};
pub use redirect::Redirects;
pub use site::SitePlan;
