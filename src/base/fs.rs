//! Reading trees and writing files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One file of a walk.
pub struct Found {
    pub path: PathBuf,
    /// Relative to the walked folder, `/` between the parts, form C. Names that are not UTF-8 are replaced lossily.
    pub relative: String,
    pub length: u64,
}

/// What a walk met that it did not take.
pub enum Passed {
    /// A symbolic link that leads out of the walked tree, or into a circle.
    LinkOut(PathBuf),
    Unreadable(PathBuf, io::Error),
}

/// All files below `root` in the order of their relative paths. Hidden files and folders (leading dot), editors'
/// backups (trailing `~`) are left out. Symbolic links are followed inside the tree only.
pub fn walk(root: &Path) -> (Vec<Found>, Vec<Passed>) {
    let mut found = Vec::new();
    let mut passed = Vec::new();
    let real_root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    // A link that leads out is not entered: what lies behind it may be a whole machine.
    let outward = std::cell::RefCell::new(Vec::new());
    let entries = walkdir::WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter().filter_entry(|e| {
        let name = e.file_name().to_string_lossy();
        if e.depth() > 0 && e.path_is_symlink() && !name.starts_with('.') && leaves(e.path(), &real_root) {
            outward.borrow_mut().push(Passed::LinkOut(e.path().to_owned()));
            return false;
        }
        e.depth() == 0 || !(name.starts_with('.') || name.ends_with('~'))
    });
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                let path = e.path().unwrap_or(root).to_owned();
                passed.push(match e.loop_ancestor() {
                    Some(_) => Passed::LinkOut(path),
                    None => Passed::Unreadable(path, e.into()),
                });
                continue;
            }
        };
        if !entry.file_type().is_file() {
            if entry.path_is_symlink() && leaves(entry.path(), &real_root) {
                passed.push(Passed::LinkOut(entry.path().to_owned()));
            }
            continue;
        }
        // Only what is, or lies below, a link needs the dear question where it really is.
        if entry.path_is_symlink() && leaves(entry.path(), &real_root) {
            passed.push(Passed::LinkOut(entry.path().to_owned()));
            continue;
        }
        let relative = relative(root, entry.path());
        let length = entry.metadata().map_or(0, |m| m.len());
        found.push(Found { path: entry.into_path(), relative, length });
    }
    passed.extend(outward.into_inner());
    // A linked folder may have led out: its files are dropped with it.
    let outside: Vec<PathBuf> = passed
        .iter()
        .filter_map(|p| match p {
            Passed::LinkOut(path) => Some(path.clone()),
            Passed::Unreadable(..) => None,
        })
        .collect();
    if !outside.is_empty() {
        found.retain(|f| !outside.iter().any(|o| f.path.starts_with(o)));
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    (found, passed)
}

fn leaves(path: &Path, real_root: &Path) -> bool {
    fs::canonicalize(path).map_or(true, |real| !real.starts_with(real_root))
}

/// `path` below `root` with `/` between the parts, in form C.
pub fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
    super::path::nfc(&parts.join("/")).into_owned()
}

/// Writes a file so that a reader sees the old or the new content, never a part: a temp file beside it, renamed.
/// The content survives a crash of the process; of the machine only after a sync.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temp = tempfile::Builder::new().prefix(".banyan-").tempfile_in(folder)?;
    io::Write::write_all(&mut temp, bytes)?;
    let file = temp.as_file();
    let mut mode = file.metadata()?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o644);
    file.set_permissions(mode)?;
    temp.persist(path).map_err(|e| e.error)?;
    Ok(())
}
