//! The git checkout that a folder lies in. Its index names files that need not be opened.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::digest::{Algorithm, BlobId};
use super::index::Index;
use crate::base::walk::Stamp;

/// Where the index is asked for a file below one folder.
pub struct Checkout {
    tree: PathBuf,
    /// Of this checkout, and of the repository that it may share with others.
    git: PathBuf,
    common: PathBuf,
    /// The folder, as it was walked, and as git names it.
    folder: PathBuf,
    prefix: PathBuf,
    pub algorithm: Algorithm,
    /// Files of attributes that the walk met below the folder.
    attributes: Vec<PathBuf>,
    index: OnceLock<Option<Index>>,
}

impl Checkout {
    /// The innermost checkout around `folder`.
    pub fn around(folder: &Path, attributes: Vec<PathBuf>) -> Option<Checkout> {
        let real = std::fs::canonicalize(folder).ok()?;
        let tree = real.ancestors().find(|p| p.join(".git").exists())?;
        let git = git_folder(tree)?;
        let common = match std::fs::read_to_string(git.join("commondir")) {
            Ok(text) => git.join(text.trim_end()),
            Err(_) => git.clone(),
        };
        let settings = std::fs::read_to_string(common.join("config")).unwrap_or_default().to_lowercase();
        let format = settings.lines().find_map(|l| l.trim().strip_prefix("objectformat"));
        let algorithm = if format.is_some_and(|f| f.contains("sha256")) { Algorithm::Sha256 } else { Algorithm::Sha1 };
        Some(Checkout {
            prefix: real.strip_prefix(tree).ok()?.to_owned(),
            tree: tree.to_owned(),
            git,
            common,
            folder: folder.to_owned(),
            algorithm,
            attributes,
            index: OnceLock::new(),
        })
    }

    /// The blob that a file below the folder was when git last looked at it, if it has not been touched since.
    pub fn blob(&self, file: &Path, stamp: &Stamp) -> Option<BlobId> {
        let index = self.index.get_or_init(|| self.load()).as_ref()?;
        let path = self.prefix.join(file.strip_prefix(&self.folder).ok()?);
        index.blob(path.as_os_str().as_bytes(), stamp)
    }

    fn load(&self) -> Option<Index> {
        let index = Index::read(&self.git.join("index"), self.algorithm)?;
        self.is_plain(&index).then_some(index)
    }

    /// No filter and no other encoding stands between blobs and files. Line ends and `$Id$` may: they never leave the length
    /// as it was, and a blob is only believed at its own length.
    fn is_plain(&self, index: &Index) -> bool {
        let settings = std::fs::read(self.common.join("config")).unwrap_or_default();
        if contains(&settings, "attributesfile") {
            return false;
        }
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let own = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or(home.map(|h| h.join(".config")));
        let mut files = vec![self.common.join("info/attributes"), PathBuf::from("/etc/gitattributes")];
        files.extend(own.map(|o| o.join("git/attributes")));
        let above = self.prefix.ancestors().map(|p| self.tree.join(p).join(".gitattributes"));
        files.extend(above.chain(self.attributes.iter().cloned()));
        let changing = |bytes: &[u8]| ["filter", "working-tree-encoding"].iter().any(|word| contains(bytes, word));
        if files.iter().any(|f| std::fs::read(f).is_ok_and(|bytes| changing(&bytes))) {
            return false;
        }
        // One that is not checked out may still hold for the files that are.
        let mut tracked = index.ending(".gitattributes");
        tracked.all(|p| std::fs::read(self.tree.join(OsStr::from_bytes(p))).is_ok_and(|bytes| !changing(&bytes)))
    }
}

/// `.git` itself, or where the file of that name leads (a linked checkout, a submodule).
fn git_folder(tree: &Path) -> Option<PathBuf> {
    let path = tree.join(".git");
    if path.is_dir() {
        return Some(path);
    }
    let text = std::fs::read_to_string(path).ok()?;
    Some(tree.join(text.strip_prefix("gitdir:")?.trim()))
}

fn contains(bytes: &[u8], word: &str) -> bool {
    memchr::memmem::find(&bytes.to_ascii_lowercase(), word.as_bytes()).is_some()
}
