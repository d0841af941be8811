//! All files below a folder, each with its stamp: names and times are asked for once, by all threads.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// What tells one state of a file from another without opening it. The time of the change is set by the system alone; that
/// of the modification can be set back by anyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    pub length: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    pub changed: i64,
    pub inode: u64,
}

impl Stamp {
    pub fn of(m: &fs::Metadata) -> Stamp {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Stamp { length: m.len(), modified: nanos(m.mtime(), m.mtime_nsec()), changed: nanos(m.ctime(), m.ctime_nsec()), inode: m.ino() }
    }
}

/// One file of a walk.
pub struct Found {
    pub path: PathBuf,
    /// Relative to the walked folder, `/` between the parts, form C. Names that are not UTF-8 are replaced lossily.
    pub relative: String,
    pub stamp: Stamp,
}

/// What a walk met that it did not take, or not as it lay there.
pub enum Passed {
    /// A symbolic link that leads out of the walked tree, or into a circle.
    LinkOut(PathBuf),
    Unreadable(PathBuf, io::Error),
    /// A file with a leading dot.
    Hidden(PathBuf),
    /// A link inside the tree: what lies behind it was taken under its name too.
    Link(PathBuf),
}

/// All files below `root` in the order of their relative paths. Hidden files and folders (leading dot), editors'
/// backups (trailing `~`) are left out. Symbolic links are followed inside the tree only: what lies behind one that leads
/// out may be a whole machine.
pub fn walk(root: &Path) -> (Vec<Found>, Vec<Passed>) {
    let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let mut seen = Seen::default();
    folder(&Step { path: root, relative: "", real: &real, above: None, root: &real }, &mut seen);
    // Form C may have moved a name.
    seen.found.sort_by(|a, b| a.relative.cmp(&b.relative));
    (seen.found, seen.passed)
}

/// Hidden, or an editor's backup.
pub fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~')
}

#[derive(Default)]
struct Seen {
    found: Vec<Found>,
    passed: Vec<Passed>,
}

/// A folder on the way: a link to one of those above it would lead in a circle.
struct Step<'a> {
    path: &'a Path,
    relative: &'a str,
    real: &'a Path,
    above: Option<&'a Step<'a>>,
    root: &'a Path,
}

enum Entry {
    File(Found),
    /// Path, path relative to the root, real path.
    Folder(PathBuf, String, PathBuf),
}

fn folder(step: &Step, seen: &mut Seen) {
    let list = match fs::read_dir(step.path) {
        Ok(list) => list,
        Err(e) => return seen.passed.push(Passed::Unreadable(step.path.to_owned(), e)),
    };
    let mut entries: Vec<(String, Entry)> = Vec::new();
    for entry in list {
        let kind = entry.and_then(|e| e.file_type().map(|t| (e, t)));
        let (entry, kind) = match kind {
            Ok(known) => known,
            Err(e) => {
                seen.passed.push(Passed::Unreadable(step.path.to_owned(), e));
                continue;
            }
        };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if is_passed_over(&name) {
            if kind.is_file() && name.starts_with('.') {
                seen.passed.push(Passed::Hidden(entry.path()));
            }
            continue;
        }
        let relative = match step.relative {
            "" => super::path::nfc(&name).into_owned(),
            above => format!("{above}/{}", super::path::nfc(&name)),
        };
        match taken(step, &entry, kind, &relative) {
            Ok(Some(taken)) => {
                if kind.is_symlink() {
                    seen.passed.push(Passed::Link(entry.path()));
                }
                // In the order of whole paths, in which `a-b` stands before `a/b`.
                let key = match taken {
                    Entry::File(_) => relative,
                    Entry::Folder(..) => relative + "/",
                };
                entries.push((key, taken));
            }
            Ok(None) => {}
            Err(passed) => seen.passed.push(passed),
        }
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let below: Vec<Seen> = entries
        .par_iter()
        .filter_map(|(_, entry)| match entry {
            Entry::File(_) => None,
            Entry::Folder(path, relative, real) => {
                let mut seen = Seen::default();
                folder(&Step { path, relative, real, above: Some(step), root: step.root }, &mut seen);
                Some(seen)
            }
        })
        .collect();
    let mut below = below.into_iter();
    for (_, entry) in entries {
        match entry {
            Entry::File(file) => seen.found.push(file),
            Entry::Folder(..) => {
                let mut inner = below.next().unwrap_or_default();
                seen.found.append(&mut inner.found);
                seen.passed.append(&mut inner.passed);
            }
        }
    }
}

fn taken(step: &Step, entry: &fs::DirEntry, kind: fs::FileType, relative: &str) -> Result<Option<Entry>, Passed> {
    let path = entry.path();
    if !kind.is_symlink() {
        return Ok(if kind.is_dir() {
            let real = step.real.join(entry.file_name());
            Some(Entry::Folder(path, relative.to_owned(), real))
        } else if kind.is_file() {
            match entry.metadata() {
                Ok(m) => Some(Entry::File(Found { stamp: Stamp::of(&m), relative: relative.to_owned(), path })),
                // Taken away while we looked.
                Err(e) if e.kind() == io::ErrorKind::NotFound => None,
                Err(e) => return Err(Passed::Unreadable(path, e)),
            }
        } else {
            None
        });
    }
    let behind = fs::canonicalize(&path).and_then(|real| fs::metadata(&real).map(|m| (real, m)));
    let (real, m) = match behind {
        Ok(known) => known,
        Err(e) if e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => return Err(Passed::LinkOut(path)),
        Err(e) => return Err(Passed::Unreadable(path, e)),
    };
    let circle = std::iter::successors(Some(step), |s| s.above).any(|s| s.real == real);
    if circle || !real.starts_with(step.root) {
        return Err(Passed::LinkOut(path));
    }
    Ok(if m.is_dir() {
        Some(Entry::Folder(path, relative.to_owned(), real))
    } else if m.is_file() {
        Some(Entry::File(Found { stamp: Stamp::of(&m), relative: relative.to_owned(), path }))
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_inside_and_never_in_a_circle() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "").unwrap();
        let root = dir.path();
        for folder in ["a/b", "a-c", "d"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["a/b/1", "a-c/2", "a/.gitattributes", "a/x~", "d/3"] {
            fs::write(root.join(file), "").unwrap();
        }
        let link = |to: &Path, at: &str| std::os::unix::fs::symlink(to, root.join(at)).unwrap();
        link(&root.join("a/b"), "in");
        link(&root.join("d"), "a/to-d");
        link(&root.join("a"), "d/to-a");
        link(outside.path(), "out");
        link(&outside.path().join("secret"), "out-file");
        link(&root.join("loop"), "loop");
        link(&root.join("nothing"), "broken");
        let (found, passed) = walk(root);
        let names: Vec<&str> = found.iter().map(|f| &*f.relative).collect();
        assert_eq!(names, ["a-c/2", "a/b/1", "a/to-d/3", "d/3", "d/to-a/b/1", "in/1"]);
        let passed: std::collections::BTreeSet<String> = passed
            .iter()
            .map(|p| match p {
                Passed::LinkOut(p) => format!("out {}", p.strip_prefix(root).unwrap().display()),
                Passed::Unreadable(p, _) => format!("unreadable {}", p.strip_prefix(root).unwrap().display()),
                Passed::Hidden(p) => format!("hidden {}", p.strip_prefix(root).unwrap().display()),
                Passed::Link(p) => format!("link {}", p.strip_prefix(root).unwrap().display()),
            })
            .collect();
        let passed: Vec<&str> = passed.iter().map(|s| &**s).collect();
        let met = [
            "hidden a/.gitattributes",
            "hidden d/to-a/.gitattributes",
            "link a/to-d",
            "link d/to-a",
            "link in",
            "out a/to-d/to-a",
            "out d/to-a/to-d",
            "out loop",
            "out out",
            "out out-file",
            "unreadable broken",
        ];
        assert_eq!(passed, met);
    }
}
