//! The preview: all sites on one port, rendered as they are asked for, from what lies in the working tree this moment.
//!
//! A change means that everything is looked at again, as a build looks at it (themes alone where only themes changed). What
//! did not change is kept from the reading before; pages that are asked for are planned and rendered anew. Nothing is written but what previews
//! remember of the content.

mod answer;
mod dress;
mod front_page;
mod hosts;
mod http;
mod live;
mod problem;
mod snapshot;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::diag::{Diagnostic, Tongue};
use crate::build::kept::Kept;

pub use live::{Live, Loaded, Shown};

/// What a preview is asked for.
pub struct Order {
    pub root: PathBuf,
    /// 0: any free one.
    pub port: u16,
    /// The next free port is taken where this one is not.
    pub port_may_move: bool,
    /// An address of this machine on which `sites` are served besides, each on a port of its own: `*.localhost` ends at this machine.
    pub host: Option<IpAddr>,
    pub sites: Vec<String>,
    pub shown: Shown,
    /// Seconds: the moment of the preview, asked for at each reading.
    pub now: Box<dyn Fn() -> i64 + Send + Sync>,
    /// Address that opens an editor, with `{file}`, `{line}` and `{column}`.
    pub editor: String,
    pub tongue: Tongue,
}

/// Is told what happens. The library never prints.
pub trait Hear: Send + Sync {
    /// It answers at these addresses: the front page, then the sites of [`Order::host`].
    fn open(&self, front: SocketAddr, sites: &[(Arc<str>, SocketAddr)]);
    /// Everything was read (again), with what is wrong.
    fn loaded(&self, loaded: &Loaded);
}

/// Serves until the process ends. `Err`: it cannot begin.
/// `kept`: the configuration, which whoever made the order has read.
pub fn serve(order: Order, kept: Kept, hear: Arc<dyn Hear>) -> Result<(), Diagnostic> {
    http::run(order, kept, hear)
}
