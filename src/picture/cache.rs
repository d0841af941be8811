//! Variants by what they are made of, below `.banyan/pictures`: a picture on many sites is encoded once, and a lost output
//! folder costs no encoding. A file that is damaged is none.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::base::fingerprint::Fingerprint;
use crate::base::sealed;

const MAGIC: &[u8; 16] = b"banyan picture 2";

pub struct Cache {
    folder: Option<PathBuf>,
    write: bool,
    /// Of a build that keeps nothing: gone with it.
    _own: Option<tempfile::TempDir>,
}

pub fn name(key: Fingerprint) -> String {
    key.hex()
}

impl Cache {
    pub fn new(folder: Option<PathBuf>, write: bool) -> Cache {
        match folder {
            Some(folder) => Cache { folder: Some(folder), write, _own: None },
            None if write => {
                // Without one each site encodes for itself.
                let own = tempfile::tempdir().ok();
                Cache { folder: own.as_ref().map(|d| d.path().to_owned()), write, _own: own }
            }
            None => Cache { folder: None, write: false, _own: None },
        }
    }

    pub fn keeps(&self) -> bool {
        self.write && self.folder.is_some()
    }

    fn path(&self, key: Fingerprint) -> Option<PathBuf> {
        self.folder.as_ref().map(|f| f.join(name(key)))
    }

    pub fn has(&self, key: Fingerprint) -> bool {
        self.path(key).is_some_and(|p| p.is_file())
    }

    pub fn get(&self, key: Fingerprint) -> Option<Vec<u8>> {
        let mut bytes = sealed::read(&self.path(key)?, MAGIC).ok()??;
        bytes.drain(..MAGIC.len());
        Some(bytes)
    }

    /// A full disk is told of where it matters: where the output is written.
    pub fn put(&self, key: Fingerprint, bytes: &[u8]) {
        if let (true, Some(path)) = (self.write, self.path(key)) {
            let mut all = sealed::start(MAGIC);
            all.extend_from_slice(bytes);
            _ = sealed::write(&path, all);
        }
    }

    /// All but these go.
    pub fn evict(&self, names: &HashSet<String>) {
        let (true, Some(folder)) = (self.write, &self.folder) else { return };
        let Ok(files) = std::fs::read_dir(folder) else { return };
        for file in files.flatten() {
            if !names.contains(&*file.file_name().to_string_lossy()) {
                _ = std::fs::remove_file(file.path());
            }
        }
    }
}
