//! The register of host names: which names the fleet has, where they lead, and what becomes of those it had.
//!
//! It is read from the configuration ([`Register`]) and held against the files of the sites ([`Fleet`]); servers of names
//! and of pages are configured from both (`export`). Nothing of it reaches a page.

pub mod check;
pub mod export;
mod fleet;
pub mod headers;
pub mod limits;
mod names;
mod paths;
mod policy;
mod register;
mod retired;
mod trace;
#[cfg(feature = "network")]
pub mod verify;

pub use fleet::{File, Fleet, Moved, SiteFiles};
pub use paths::Path;
pub use register::{Certificate, Name, Owner, Record, Register, Role, Server, Target, Zone};
pub use retired::{Answer, MapRow, Pattern, Retired, State};
pub use trace::split;
