//! What a site answers to an address.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::diag::Diagnostic;
use crate::build::headers::Headers;

pub enum Answer {
    Bytes {
        status: u16,
        headers: Arc<Headers>,
        bytes: Vec<u8>,
        said: Vec<Diagnostic>,
    },
    /// A file of the content.
    File {
        disk: PathBuf,
        headers: Arc<Headers>,
    },
    /// An address of this site, or a whole one.
    Moved(String),
    /// It cannot be rendered: why.
    Failed(Vec<Diagnostic>),
    /// Not even a page that says so.
    Nothing,
}

impl Answer {
    pub fn failed(said: Vec<Diagnostic>) -> Answer {
        Answer::Failed(said)
    }

    pub fn is_html(headers: &Headers) -> bool {
        headers.0.get("content-type").is_some_and(|t| t.starts_with("text/html"))
    }
}
