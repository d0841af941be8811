//! The files of the content repository and its mounts, by content path.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::memo::Memo;
use super::scan::Checkout;
use crate::base::diag::{Diagnostic, Place};
use crate::base::fs;
use crate::base::walk::{Passed, Stamp, walk};
use crate::config::Platform;

/// One file. Its content path starts with the owner, whether it lies below `content/` or in a mount.
pub struct SourceFile {
    /// `owner/column/2026/x.md`, form C.
    pub path: Arc<str>,
    pub disk: PathBuf,
    pub length: u64,
    pub stamp: Stamp,
    /// Index of the mount it came from.
    pub mount: Option<u16>,
}

impl SourceFile {
    /// Its first folder; empty for a file that lies in none.
    pub fn owner(&self) -> &str {
        self.path.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// Its path below that folder.
    pub fn below(&self) -> &str {
        self.path.split_once('/').map_or(&*self.path, |(_, below)| below)
    }
}

/// Sorted by path. Reads no file.
pub struct Repository {
    pub files: Vec<SourceFile>,
    /// A file changed from this moment on, in nanoseconds, may look as it did.
    pub moment: i64,
    /// Of `content/`, and of each mount.
    checkouts: Vec<Option<Checkout>>,
}

impl Repository {
    pub fn scan(platform: &Platform, memo: Option<&Memo>, out: &mut Vec<Diagnostic>) -> Repository {
        let moment = memo.map_or(0, Memo::moment);
        let mut files = Vec::new();
        let mut checkouts = Vec::new();
        let content = platform.root.join("content");
        if content.is_dir() {
            checkouts.push(take(&content, "content", None, None, &mut files, out));
        } else {
            checkouts.push(None);
        }
        for (at, mount) in platform.mounts.iter().enumerate() {
            checkouts.push(take(&mount.path, &mount.display, Some(&mount.owner), Some(at as u16), &mut files, out));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        // A mount may not hide a file of content/, nor one mount another.
        let mut at = 1;
        while at < files.len() {
            if files[at].path == files[at - 1].path {
                let place = Place::file(display(platform, &files[at]));
                out.push(Diagnostic::error("content.two-files").at(place).also(Place::file(display(platform, &files[at - 1]))));
                files.remove(at);
            } else {
                at += 1;
            }
        }
        Repository { files, moment, checkouts }
    }

    /// The git checkout that a file lies in.
    pub fn checkout(&self, file: &SourceFile) -> Option<&Checkout> {
        self.checkouts.get(file.mount.map_or(0, |m| m as usize + 1))?.as_ref()
    }

    pub fn find(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|f| (*f.path).cmp(path)).ok()
    }

    /// The files below a folder (a path without slash at the end), in order.
    pub fn below(&self, folder: &str) -> &[SourceFile] {
        let start = self.files.partition_point(|f| below_key(&f.path, folder).is_lt());
        let len = self.files[start..].partition_point(|f| below_key(&f.path, folder).is_eq());
        &self.files[start..start + len]
    }
}

/// Where `path` stands against the run of paths below `folder`: `Equal` inside it.
fn below_key(path: &str, folder: &str) -> std::cmp::Ordering {
    let prefix = path.get(..folder.len() + 1);
    match prefix {
        Some(p) if p.as_bytes()[folder.len()] == b'/' && &p[..folder.len()] == folder => std::cmp::Ordering::Equal,
        _ => path.as_bytes().cmp(format!("{folder}/").as_bytes()),
    }
}

/// The path of a file as a user would type it from the root.
pub fn display(platform: &Platform, file: &SourceFile) -> String {
    match file.mount.and_then(|m| platform.mounts.get(m as usize)) {
        None => format!("content/{}", file.path),
        Some(mount) => {
            let below = file.path.strip_prefix(&*mount.owner).unwrap_or(&file.path);
            format!("{}{}", mount.display, below)
        }
    }
}

/// Takes the files below a folder, and asks which checkout it lies in.
fn take(
    root: &Path,
    shown: &str,
    owner: Option<&str>,
    mount: Option<u16>,
    files: &mut Vec<SourceFile>,
    out: &mut Vec<Diagnostic>,
) -> Option<Checkout> {
    let (found, passed) = walk(root);
    let mut attributes = Vec::new();
    for p in passed {
        match p {
            Passed::LinkOut(path) => {
                let place = Place::file(format!("{shown}/{}", fs::relative(root, &path)));
                out.push(Diagnostic::error("content.link-out").at(place));
            }
            Passed::Unreadable(path, e) => {
                let place = Place::file(format!("{shown}/{}", fs::relative(root, &path)));
                out.push(Diagnostic::error("content.unreadable").at(place).arg("problem", e));
            }
            Passed::Hidden(path) if path.ends_with(".gitattributes") => attributes.push(path),
            Passed::Hidden(_) => {}
        }
    }
    files.extend(found.into_iter().map(|f| SourceFile {
        path: match owner {
            Some(owner) => format!("{owner}/{}", f.relative).into(),
            None => f.relative.into(),
        },
        disk: f.path,
        length: f.stamp.length,
        stamp: f.stamp,
        mount,
    }));
    Checkout::around(root, attributes)
}
