//! Configuration of servers, as texts: file name → what is in it. The same register and files give the same bytes.

mod bulk;
pub mod caddy;
mod dns;
pub mod hosts;
pub mod nginx;
pub mod octodns;
pub mod pages;
pub mod zone;

use std::collections::BTreeMap;

pub use dns::{Set, sets};

/// Path below the folder of the export → text.
pub type Files = BTreeMap<String, String>;

/// How the servers are set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the files of a site are: `{site}` stands for its id.
    pub files: String,
    /// Address to listen on; empty: all, of both kinds.
    pub listen: String,
    pub http_port: u16,
    pub https_port: u16,
    /// Without: plain HTTP, for trials and behind something that ends TLS.
    pub tls: bool,
    /// Where certificates are that name no file.
    pub certificates: String,
    /// nginx has the module for files in Brotli.
    pub brotli: bool,
}

/// `content-type` → `Content-Type`.
fn title(header: &str) -> String {
    let words = header.split('-').map(|w| w.get(..1).map_or(String::new(), |first| format!("{}{}", first.to_ascii_uppercase(), &w[1..])));
    words.collect::<Vec<_>>().join("-")
}

/// `content-type` → `content_type`, for the name of a variable.
fn variable(header: &str) -> String {
    header.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

const HEAD: &str = "# Written by `banyan domains export`: change the register, not this file.\n";
