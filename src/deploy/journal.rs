//! What a run has brought to a target whose objects cannot be looked at cheaply: a second run after a break does only what
//! is missing.
//!
//! A line before each object, and one after it. It counts only while the target says that no other run came in between;
//! without it more is written than need be, never less.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::base::fingerprint::Writer;
use crate::build::headers::Headers;
use crate::build::manifest::{Hash, hex};

pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    /// Key → print of what was written last; `None`: it may be anything.
    done: HashMap<String, Option<String>>,
}

/// Print of an object with how it is served.
pub fn print(hash: &Hash, served: Option<&Headers>) -> String {
    let mut w = Writer::new("object");
    w.bytes(hash);
    served.into_iter().flat_map(|h| &h.0).for_each(|(k, v)| _ = w.text(k).text(v));
    w.finish().hex()
}

impl Journal {
    /// Goes on with the journal of run `last`, or begins a new one for run `now`.
    pub fn open(folder: &Path, last: Option<&str>, now: &str) -> io::Result<Journal> {
        let path = folder.join("journal");
        std::fs::create_dir_all(folder)?;
        let text = std::fs::read(&path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines();
        let mut done = HashMap::new();
        if lines.next().is_some_and(|run| last == Some(run)) {
            for line in lines {
                match line.split_once(' ') {
                    Some(("-", key)) => _ = done.insert(key.to_owned(), None),
                    Some((print, key)) if print.len() == 32 => _ = done.insert(key.to_owned(), Some(print.to_owned())),
                    // Cut off in the middle.
                    _ => {}
                }
            }
        }
        let mut file = File::create(&path)?;
        let mut kept = format!("{now}\n");
        for (key, print) in &done {
            kept.push_str(&format!("{} {key}\n", print.as_deref().unwrap_or("-")));
        }
        file.write_all(kept.as_bytes())?;
        Ok(Journal { path, file: Mutex::new(file), done })
    }

    /// An earlier run brought this object, and nothing was written over it since.
    pub fn has(&self, key: &str, print: &str) -> bool {
        self.done.get(key).is_some_and(|p| p.as_deref() == Some(print))
    }

    pub fn begin(&self, key: &str) -> io::Result<()> {
        self.line(&format!("- {key}\n"))
    }

    pub fn end(&self, key: &str, print: &str) -> io::Result<()> {
        self.line(&format!("{print} {key}\n"))
    }

    fn line(&self, text: &str) -> io::Result<()> {
        let Ok(mut file) = self.file.lock() else { return Ok(()) };
        file.write_all(text.as_bytes())
    }

    /// The run is over, and the target says all.
    pub fn close(self) {
        _ = std::fs::remove_file(self.path);
    }
}

/// The folder below `.banyan/` that is of one target.
pub fn folder(root: &Path, target: &crate::config::Target) -> PathBuf {
    let hash = blake3::hash(format!("{:?}", target.location).as_bytes());
    root.join(crate::build::FOLDER).join("deploy").join(format!("{}-{}", target.name, &hex(hash.as_bytes())[..12]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_and_not_ended_is_in_doubt() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), None, "one").unwrap();
        let (a, b) = (print(&[1; 32], None), print(&[2; 32], None));
        journal.begin("x").unwrap();
        journal.end("x", &a).unwrap();
        journal.begin("y z").unwrap();
        journal.end("y z", &a).unwrap();
        journal.begin("x").unwrap();
        let again = Journal::open(dir.path(), Some("one"), "two").unwrap();
        assert!(!again.has("x", &a) && again.has("y z", &a) && !again.has("y z", &b));
        // Another run came in between.
        assert!(!Journal::open(dir.path(), Some("one"), "three").unwrap().has("y z", &a));
    }
}
