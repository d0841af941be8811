//! One site's folder: changed files are staged in a hidden folder beside it and moved in when the site is whole (D9).
//!
//! A first build moves the folder as one. A later one moves file by file; what is in flight stands in the journal, so
//! that the next build after a crash writes just those again. There is no sync of single files.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::manifest::Hash;
use super::state::{State, fault};
use super::sweep::{Sweeper, remove};

#[derive(Clone)]
pub struct Tree {
    out: PathBuf,
    site: String,
    /// There is no tree: what changed is written into a folder of its own, with a list of what goes.
    delta: bool,
    /// `public/x`
    folder: PathBuf,
    /// `public/.x.new`
    stage: PathBuf,
    /// There was nothing to build upon: the stage becomes the folder.
    first: bool,
    /// Folders of the stage that are there, as outputs name them.
    made: Arc<Mutex<HashSet<Box<str>, foldhash::fast::RandomState>>>,
}

/// Files smaller than this are read at once.
const CHUNK: usize = 1 << 20;

impl Tree {
    pub fn open(out: &Path, site: &str, first: bool) -> io::Result<Tree> {
        let stage = out.join(format!(".{site}.new"));
        remove(&stage)?;
        std::fs::create_dir_all(&stage)?;
        Ok(Tree { out: out.to_owned(), site: site.to_owned(), delta: false, folder: out.join(site), stage, first, made: Arc::default() })
    }

    /// A tree that is looked at, not written.
    pub fn seen(out: &Path, site: &str) -> Tree {
        let stage = out.join(format!(".{site}.new"));
        Tree { out: out.to_owned(), site: site.to_owned(), delta: false, folder: out.join(site), stage, first: false, made: Arc::default() }
    }

    /// Writes changes only: `DIR/files/<site>/…`, `DIR/manifests/<site>/`, and a line of `DIR/deleted.txt` for each file that goes.
    pub fn delta(dir: &Path, site: &str) -> io::Result<Tree> {
        let tree = Tree::open(&dir.join("files"), site, true)?;
        Ok(Tree { out: dir.to_owned(), delta: true, ..tree })
    }

    fn place(&self, path: &str) -> io::Result<PathBuf> {
        let folder = crate::base::path::folder(path);
        if !folder.is_empty()
            && let Ok(mut made) = self.made.lock()
            && !made.contains(folder)
        {
            self.make(folder, &mut made)?;
        }
        Ok(self.stage.join(path))
    }

    /// Makes a folder and those above it that are not known to be there.
    fn make(&self, folder: &str, made: &mut HashSet<Box<str>, foldhash::fast::RandomState>) -> io::Result<()> {
        let above = crate::base::path::folder(folder);
        if !above.is_empty() && !made.contains(above) {
            self.make(above, made)?;
        }
        match std::fs::create_dir(self.stage.join(folder)) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => made.insert(folder.into()),
        };
        Ok(())
    }

    pub fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        fault::point()?;
        if fault::sink() {
            return Ok(());
        }
        let mut file = std::fs::File::create(self.place(path)?)?;
        file.write_all(bytes)
    }

    /// Copies a file of the repository, unless it is what `known` says.
    pub fn put_file(&self, path: &str, from: &Path, known: Option<(&Hash, u64)>) -> io::Result<(Hash, u64, bool)> {
        if let Some((hash, size)) = known {
            let (now, length) = hash_file(from)?;
            if now == *hash && length == size {
                return Ok((now, length, false));
            }
        }
        fault::point()?;
        if fault::sink() {
            return hash_file(from).map(|(hash, size)| (hash, size, true));
        }
        let mut source = std::fs::File::open(from)?;
        let mut target = std::fs::File::create(self.place(path)?)?;
        let mut hasher = blake3::Hasher::new();
        let mut size = 0;
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = source.read(&mut buffer)?;
            if read == 0 {
                return Ok((*hasher.finalize().as_bytes(), size, true));
            }
            hasher.update(&buffer[..read]);
            target.write_all(&buffer[..read])?;
            size += read as u64;
        }
    }

    /// Bytes of an output of this run: staged, or as the last one left it. `None`: a delta has no such file.
    pub fn bytes(&self, path: &str, staged: bool) -> Option<io::Result<Vec<u8>>> {
        match (staged, self.delta) {
            (true, _) => Some(std::fs::read(self.stage.join(path))),
            (false, true) => None,
            (false, false) => Some(std::fs::read(self.folder.join(path))),
        }
    }

    /// Hash and size of a file as it lies in the site's folder.
    pub fn present(&self, path: &str) -> Option<(Hash, u64)> {
        hash_file(&self.folder.join(path)).ok()
    }

    /// Notes which manifest the files belong to: the last step of a build. A manifest restored from elsewhere, or a
    /// folder, is then seen not to belong. Beside a delta the manifest itself is laid, where it is a new one.
    pub fn sign(&self, root: &[u8], manifest: Option<&PathBuf>) -> io::Result<()> {
        if self.delta {
            return manifest.map_or(Ok(()), |folder| copy_files(folder, &self.out.join("manifests").join(&self.site)));
        }
        let now = signature(root);
        if signed(&self.out, &self.site).as_deref() == Some(&now) {
            return Ok(());
        }
        crate::base::fs::write_atomic(&signature_file(&self.out, &self.site), now.as_bytes())
    }

    /// The site is whole: moves what was staged into its folder.
    pub fn commit(
        &self,
        state: &State,
        site: &str,
        staged: &[&str],
        deletes: &BTreeSet<String>,
        planned: &HashSet<&str>,
        sweeper: &Sweeper,
    ) -> io::Result<()> {
        if self.delta {
            return if staged.is_empty() { remove(&self.stage) } else { self.replace(sweeper) };
        }
        if self.first {
            state.unknow(site)?;
            return self.replace(sweeper);
        }
        if staged.is_empty() && deletes.is_empty() || fault::sink() {
            return remove(&self.stage);
        }
        state.note(site, staged.iter().copied().chain(deletes.iter().map(String::as_str)))?;
        for path in staged {
            fault::point()?;
            let (from, to) = (self.stage.join(path), self.folder.join(path));
            if put_in_place(&from, &to).is_err() {
                // A folder is missing, or a file stands where one is needed, or a folder where the file goes.
                self.make_way(path, planned)?;
                std::fs::rename(&from, &to)?;
            }
        }
        // With the files that were replaced.
        sweeper.take(&self.stage)
    }

    fn replace(&self, sweeper: &Sweeper) -> io::Result<()> {
        fault::point()?;
        let old = self.folder.with_file_name(format!(".{}.old", self.folder.file_name().unwrap_or_default().to_string_lossy()));
        remove(&old)?;
        let stood = match std::fs::rename(&self.folder, &old) {
            Ok(()) => true,
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => return Err(e),
        };
        std::fs::rename(&self.stage, &self.folder)?;
        if stood { sweeper.take(&old) } else { Ok(()) }
    }

    fn make_way(&self, path: &str, planned: &HashSet<&str>) -> io::Result<()> {
        let mut at = String::new();
        let parts: Vec<&str> = path.split('/').collect();
        for part in &parts[..parts.len() - 1] {
            if !at.is_empty() {
                at.push('/');
            }
            at.push_str(part);
            let full = self.folder.join(&at);
            match std::fs::symlink_metadata(&full) {
                Ok(m) if !m.is_dir() && !planned.contains(at.as_str()) => std::fs::remove_file(&full)?,
                _ => {}
            }
        }
        let full = self.folder.join(path);
        std::fs::create_dir_all(full.parent().unwrap_or(&self.folder))?;
        if std::fs::symlink_metadata(&full).is_ok_and(|m| m.is_dir()) {
            // No output may lie below another (that is checked): whatever is in it is planned no more.
            std::fs::remove_dir_all(&full)?;
        }
        Ok(())
    }

    /// Takes away files that are planned no more, and folders that they leave empty. After the manifest.
    pub fn delete(&self, paths: &BTreeSet<String>) -> io::Result<()> {
        if self.delta {
            let mut list = std::fs::File::options().create(true).append(true).open(self.out.join("deleted.txt"))?;
            return paths.iter().try_for_each(|path| writeln!(list, "{}/{path}", self.site));
        }
        for path in paths {
            fault::point()?;
            let full = self.folder.join(path);
            match std::fs::remove_file(&full) {
                Ok(()) => {}
                Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory) => {
                    continue;
                }
                Err(e) => return Err(e),
            }
            let mut folder = full.parent();
            while let Some(f) = folder.filter(|f| *f != self.folder && f.starts_with(&self.folder)) {
                if std::fs::remove_dir(f).is_err() {
                    break;
                }
                folder = f.parent();
            }
        }
        Ok(())
    }

    /// Files in the site's folder that nobody planned.
    pub fn strays(&self, planned: &HashSet<&str>) -> BTreeSet<String> {
        let walk = walkdir::WalkDir::new(&self.folder).into_iter().flatten().filter(|e| !e.file_type().is_dir());
        walk.filter_map(|e| {
            let below = e.path().strip_prefix(&self.folder).ok()?;
            let below = below.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/");
            (!planned.contains(below.as_str())).then_some(below)
        })
        .collect()
    }

    pub fn abandon(&self) {
        _ = remove(&self.stage);
    }
}

/// Which manifest the folder of a site belongs to.
pub fn signed(out: &Path, site: &str) -> Option<String> {
    std::fs::read_to_string(signature_file(out, site)).ok()
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        std::fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

pub fn signature(root: &[u8]) -> String {
    blake3::hash(root).to_hex().to_string()
}

pub fn signature_file(out: &Path, site: &str) -> PathBuf {
    out.join(format!(".{site}.manifest"))
}

pub fn hash_file(path: &Path) -> io::Result<(Hash, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut file = std::fs::File::open(path)?;
    let size = io::copy(&mut file, &mut hasher)?;
    Ok((*hasher.finalize().as_bytes(), size))
}

/// Moves a file to where an older one may lie. The two change places where the system can do that, and the old one goes with
/// the stage: over a file that a move replaces ext4 writes the new one out at once (`auto_da_alloc`), each time.
fn put_in_place(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    // Nothing lies there; or the system knows of no exchange.
    renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE).or_else(|_| std::fs::rename(from, to))
}
