//! Configuration: `sites.toml` and `sites/*.toml`, checked in full before anything is built.
//!
//! Raw tables stay in [`read`]; what leaves this room is checked. Every value remembers the file and line it came from
//! ([`Setting`]), which is what `explain site` prints and what a message points at.

mod check;
pub mod deploy;
mod load;
mod merge;
pub mod platform;
pub mod read;
pub mod site;
pub mod spec;

pub use check::{check_token, is_site_id};
pub use deploy::{Deploy, Layout, Location, Service, Target};
pub use load::{Loaded, load};
pub use platform::{ATTACHMENTS, Asked, HtmlRule, Mount, MountRule, Owner, Pictures, Platform, Tier};
pub use read::{Node, Setting, Settings};
pub use site::{Accept, Column, ColumnId, Encoding, Menu, MenuItem, MenuTarget, Outputs, Permalink, Piece, Place, Security, Select, Site};
pub use spec::IDENTITY_KEYS;
