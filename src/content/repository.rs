//! The files of the content repository and its mounts, by content path.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::memo::Memo;
use super::scan::Checkout;
use crate::base::diag::{Diagnostic, Place};
use crate::base::fs;
use crate::base::walk::{Passed, Stamp, is_passed_over, walk};
use crate::config::Platform;

/// One file. Its content path starts with the owner, whether it lies below `content/` or in a mount.
#[derive(Clone)]
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
    /// `content/`, and each mount.
    roots: Vec<Root>,
    /// It has nothing but files under their own names: no links, nothing that could not be read, no file that hides another.
    plain: bool,
    /// Someone told which paths changed since the scan before: the files among them.
    told: Option<HashSet<Arc<str>>>,
}

/// A folder whose files are taken.
#[derive(Clone)]
struct Root {
    folder: PathBuf,
    /// Of a mount: whose files they are.
    owner: Option<Arc<str>>,
    checkout: Option<Arc<Checkout>>,
}

impl Repository {
    pub fn scan(platform: &Platform, memo: Option<&Memo>, out: &mut Vec<Diagnostic>) -> Repository {
        let moment = memo.map_or(0, Memo::moment);
        let mut files = Vec::new();
        let mut plain = true;
        let mut roots = roots(platform);
        for (at, root) in roots.iter_mut().enumerate() {
            let mount = at.checked_sub(1);
            let shown = mount.map_or("content", |m| &*platform.mounts[m].display);
            if mount.is_some() || root.folder.is_dir() {
                plain &= take(root, shown, mount.map(|m| m as u16), &mut files, out);
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        // A mount may not hide a file of content/, nor one mount another.
        let mut at = 1;
        while at < files.len() {
            if files[at].path == files[at - 1].path {
                let place = Place::file(display(platform, &files[at]));
                out.push(Diagnostic::error("content.two-files").at(place).also(Place::file(display(platform, &files[at - 1]))));
                files.remove(at);
                plain = false;
            } else {
                at += 1;
            }
        }
        Repository { files, moment, roots, plain, told: None }
    }

    /// The same after some paths changed, without looking at the others. `None`: it must be scanned whole.
    pub fn after(&self, platform: &Platform, memo: Option<&Memo>, changed: &BTreeSet<PathBuf>) -> Option<Repository> {
        let same = |(a, b): (&Root, &Root)| a.folder == b.folder && a.owner == b.owner;
        let now = roots(platform);
        if !self.plain || now.len() != self.roots.len() || !now.iter().zip(&self.roots).all(same) {
            return None;
        }
        let mut files = self.files.clone();
        let mut told = HashSet::new();
        for path in changed {
            self.follow(path, &mut files, &mut told)?;
        }
        Some(Repository { files, moment: memo.map_or(0, Memo::moment), roots: self.roots.clone(), plain: true, told: Some(told) })
    }

    /// The files are there as they were, and were left alone before they were looked at.
    pub fn stands(&self, platform: &Platform) -> bool {
        let now = Repository::scan(platform, None, &mut Vec::new());
        let same = |(a, b): (&SourceFile, &SourceFile)| a.path == b.path && a.stamp == b.stamp && a.stamp.settled(self.moment);
        self.files.len() == now.files.len() && self.files.iter().zip(&now.files).all(same)
    }

    /// Takes one path as it is now. `None`: it is nothing plain.
    fn follow(&self, path: &Path, files: &mut Vec<SourceFile>, told: &mut HashSet<Arc<str>>) -> Option<()> {
        let mut roots = self.roots.iter().enumerate().filter_map(|(at, r)| Some((at, r, path.strip_prefix(&r.folder).ok()?)));
        let Some((at, root, below)) = roots.next() else { return Some(()) };
        // A mount inside of content/ is two roots for one file.
        if roots.next().is_some() || below.as_os_str().is_empty() {
            return None;
        }
        if below.iter().any(|name| is_passed_over(&name.to_string_lossy())) {
            return (below.file_name() != Some(OsStr::new(".gitattributes"))).then_some(());
        }
        let below = below.to_str().filter(|name| crate::base::path::nfc(name) == *name)?;
        let content_path = root.content_path(below);
        let mount = at.checked_sub(1).map(|m| m as u16);
        let (place, there) = match files.binary_search_by(|f| (*f.path).cmp(&content_path)) {
            Ok(place) => (place, true),
            Err(place) => (place, false),
        };
        let known = |m: &std::fs::Metadata| there && files[place].mount == mount && m.is_file();
        match std::fs::symlink_metadata(path) {
            Ok(m) if known(&m) => {
                let stamp = Stamp::of(&m);
                (files[place].stamp, files[place].length) = (stamp, stamp.length);
                told.insert(files[place].path.clone());
            }
            Ok(m) if m.is_file() && !there => {
                let stamp = Stamp::of(&m);
                files.insert(place, source(root, below.to_owned(), path.to_owned(), stamp, mount));
                told.insert(files[place].path.clone());
            }
            // A file that became a folder, or a file of another mount: rare enough.
            Ok(m) if m.is_dir() && !there => {
                let before = files.len();
                remove_below(files, &content_path, mount)?;
                let mut found = Vec::new();
                if !walked(root, path, below, mount, &mut found) {
                    return None;
                }
                if !found.is_empty() || before != files.len() {
                    told.extend(found.iter().map(|f| f.path.clone()));
                    files.extend(found);
                    files.sort_by(|a, b| a.path.cmp(&b.path));
                    if files.windows(2).any(|w| w[0].path == w[1].path) {
                        return None;
                    }
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                if there && files[place].mount == mount {
                    files.remove(place);
                }
                remove_below(files, &content_path, mount)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// Nobody told of a change of the file since the scan before. `None`: nobody tells.
    pub fn is_untold(&self, path: &str) -> Option<bool> {
        Some(!self.told.as_ref()?.contains(path))
    }

    /// The git checkout that a file lies in.
    pub fn checkout(&self, file: &SourceFile) -> Option<&Checkout> {
        self.roots.get(file.mount.map_or(0, |m| m as usize + 1))?.checkout.as_deref()
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

fn roots(platform: &Platform) -> Vec<Root> {
    let content = Root { folder: platform.root.join("content"), owner: None, checkout: None };
    let mount = |m: &crate::config::Mount| Root { folder: m.path.clone(), owner: Some((&*m.owner).into()), checkout: None };
    std::iter::once(content).chain(platform.mounts.iter().map(mount)).collect()
}

impl Root {
    fn content_path(&self, below: &str) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}/{below}"),
            None => below.to_owned(),
        }
    }
}

/// Takes away what lies below a folder. `None`: a mount lies there too.
fn remove_below(files: &mut Vec<SourceFile>, folder: &str, mount: Option<u16>) -> Option<()> {
    let start = files.partition_point(|f| below_key(&f.path, folder).is_lt());
    let count = files[start..].partition_point(|f| below_key(&f.path, folder).is_eq());
    let gone = start..start + count;
    if files[gone.clone()].iter().any(|f| f.mount != mount) {
        return None;
    }
    files.drain(gone);
    Some(())
}

/// The files of one folder of a root. `false`: it has more than files under their own names.
fn walked(root: &Root, folder: &Path, below: &str, mount: Option<u16>, files: &mut Vec<SourceFile>) -> bool {
    let (found, passed) = walk(folder);
    files.extend(found.into_iter().map(|f| source(root, format!("{below}/{}", f.relative), f.path, f.stamp, mount)));
    passed.is_empty()
}

fn source(root: &Root, below: String, disk: PathBuf, stamp: Stamp, mount: Option<u16>) -> SourceFile {
    SourceFile { path: root.content_path(&below).into(), disk, length: stamp.length, stamp, mount }
}

/// Takes the files below a folder, and asks which checkout it lies in. `false`: there is more than files under their own names.
fn take(root: &mut Root, shown: &str, mount: Option<u16>, files: &mut Vec<SourceFile>, out: &mut Vec<Diagnostic>) -> bool {
    let (found, passed) = walk(&root.folder);
    let mut attributes = Vec::new();
    let mut plain = true;
    for p in passed {
        let place = |path: &Path| Place::file(format!("{shown}/{}", fs::relative(&root.folder, path)));
        match p {
            Passed::LinkOut(path) => out.push(Diagnostic::error("content.link-out").at(place(&path))),
            Passed::Unreadable(path, e) => out.push(Diagnostic::error("content.unreadable").at(place(&path)).arg("problem", e)),
            Passed::Hidden(path) => {
                if path.ends_with(".gitattributes") {
                    attributes.push(path);
                }
                continue;
            }
            Passed::Link(_) => {}
        }
        plain = false;
    }
    files.extend(found.into_iter().map(|f| source(root, f.relative, f.path, f.stamp, mount)));
    root.checkout = Checkout::around(&root.folder, attributes).map(Arc::new);
    plain
}
