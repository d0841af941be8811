//! What files were when a build last looked: path, stamp, hash. It belongs to this machine.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::fingerprint::Fingerprint;
use crate::base::sealed;
use crate::base::walk::Stamp;

const MARK: &[u8; 16] = b"banyan files 2\0\0";

/// Rows in the order of their paths.
#[derive(Default)]
pub struct Seen {
    bytes: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Row<'a> {
    pub path: &'a str,
    pub stamp: Stamp,
    pub hash: Fingerprint,
}

impl Seen {
    pub fn read(path: &Path) -> Result<Seen, &'static str> {
        Ok(sealed::read(path, MARK)?.map_or_else(Seen::default, |bytes| Seen { bytes }))
    }

    pub fn rows(&self) -> Result<Vec<Row<'_>>, &'static str> {
        let Some(bytes) = self.bytes.get(MARK.len()..) else { return Ok(Vec::new()) };
        let rows: Vec<Row> = postcard::from_bytes(bytes).map_err(|_| "damaged")?;
        if rows.is_sorted_by(|a, b| a.path < b.path) { Ok(rows) } else { Err("damaged") }
    }

    /// Only of files that had been left alone for a while when they were read: one that is written again at once may keep
    /// its stamp.
    pub fn write(path: &Path, rows: &[Row]) -> std::io::Result<()> {
        let bytes = postcard::to_extend(rows, sealed::start(MARK)).map_err(std::io::Error::other)?;
        sealed::write(path, bytes)
    }
}
