//! A local folder: files that a server on this machine, or a mounted disk, gives out.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Backend, Body, Kind, LOCK, Taken, Trouble};
use crate::build::headers::Headers;
use crate::build::manifest::Hash;
use crate::build::write::hash_file;

pub struct Folder {
    root: PathBuf,
    /// Held while this deploy runs; the system lets go of it whatever happens to the program.
    lock: Mutex<Option<File>>,
}

/// Files in the making: beside all else, so that no server gives one out.
const MAKING: &str = ".banyan/making";

impl Folder {
    pub fn open(root: &Path) -> Result<Folder, Trouble> {
        Ok(Folder { root: root.to_owned(), lock: Mutex::default() })
    }

    pub fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// A file of another name for the same bytes; a copy where the file system has no more names for it.
    pub fn link(&self, from: &str, to: &Path) -> io::Result<()> {
        match fs::hard_link(self.path(from), to) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(e),
            Err(_) => fs::copy(self.path(from), to).map(|_| ()),
            Ok(()) => Ok(()),
        }
    }

    /// Lets a link point elsewhere, in one step.
    pub fn switch(&self, link: &str, to: &str) -> io::Result<()> {
        let path = self.path(link);
        if fs::read_link(&path).is_ok_and(|now| now == Path::new(to)) {
            return Ok(());
        }
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent)?;
        let fresh = parent.join(format!(".{}.new", path.file_name().unwrap_or_default().to_string_lossy()));
        match fs::remove_file(&fresh) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        std::os::unix::fs::symlink(to, &fresh)?;
        fs::rename(&fresh, &path)
    }

    fn put(&self, key: &str, body: Body) -> io::Result<()> {
        let making = self.root.join(MAKING);
        fs::create_dir_all(&making)?;
        let mut temp = tempfile::Builder::new().tempfile_in(&making)?;
        match body {
            Body::Bytes(bytes) => temp.write_all(bytes)?,
            Body::File(path) => _ = io::copy(&mut File::open(path)?, &mut temp)?,
        }
        let mut mode = temp.as_file().metadata()?.permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o644);
        temp.as_file().set_permissions(mode)?;
        let path = self.path(key);
        let kept = temp.into_temp_path();
        if fs::rename(&kept, &path).is_err() {
            self.make_way(key)?;
            fs::rename(&kept, &path)?;
        }
        // It has been moved away: nothing is to be taken away.
        _ = kept.keep();
        Ok(())
    }

    /// A folder is missing, or a file stands where one is needed, or a folder where the file goes.
    fn make_way(&self, key: &str) -> io::Result<()> {
        let mut at = self.root.clone();
        let parts: Vec<&str> = key.split('/').collect();
        for part in &parts[..parts.len() - 1] {
            at.push(part);
            match fs::symlink_metadata(&at) {
                Ok(m) if !m.is_dir() => fs::remove_file(&at)?,
                _ => {}
            }
        }
        fs::create_dir_all(&at)?;
        let full = self.path(key);
        if fs::symlink_metadata(&full).is_ok_and(|m| m.is_dir()) {
            fs::remove_dir_all(&full)?;
        }
        Ok(())
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        let full = self.path(key);
        match fs::remove_file(&full) {
            Ok(()) => {}
            // A folder stands there now, or a file where its folder was: it is gone.
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory) => {}
            Err(e) => return Err(e),
        }
        let mut folder = full.parent();
        while let Some(f) = folder.filter(|f| *f != self.root && f.starts_with(&self.root)) {
            if fs::remove_dir(f).is_err() {
                break;
            }
            folder = f.parent();
        }
        Ok(())
    }
}

pub fn trouble(key: &str, e: io::Error) -> Trouble {
    let kind = match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::Full,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Kind::Denied,
        _ => Kind::Object,
    };
    Trouble { kind, key: key.to_owned(), problem: e.to_string() }
}

impl Backend for Folder {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        match fs::read(self.path(key)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(e) => Err(trouble(key, e)),
        }
    }

    fn write(&self, key: &str, body: Body, _: Option<&Headers>) -> Result<(), Trouble> {
        self.put(key, body).map_err(|e| trouble(key, e))
    }

    fn delete(&self, key: &str) -> Result<(), Trouble> {
        self.remove(key).map_err(|e| trouble(key, e))
    }

    fn holds(&self, key: &str, hash: &Hash, size: u64) -> Option<bool> {
        let path = self.path(key);
        let there = fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() == size);
        Some(there && hash_file(&path).is_ok_and(|(now, _)| now == *hash))
    }

    fn sync(&self) -> Result<(), Trouble> {
        let synced = File::open(&self.root).and_then(|dir| rustix::fs::syncfs(&dir).map_err(io::Error::from));
        synced.map_err(|e| trouble("", e))
    }

    fn lock(&self, mine: &[u8], _: Option<&[u8]>) -> Result<Taken, Trouble> {
        let take = || -> io::Result<Taken> {
            let path = self.path(LOCK);
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
            let mut left = Vec::new();
            match file.try_lock() {
                Ok(()) => _ = file.read_to_end(&mut left)?,
                Err(fs::TryLockError::WouldBlock) => {
                    file.read_to_end(&mut left)?;
                    return Ok(Taken::Theirs(left));
                }
                Err(fs::TryLockError::Error(e)) => return Err(e),
            }
            // What an earlier run left half-made.
            _ = fs::remove_dir_all(self.root.join(MAKING));
            rewrite(&mut file, mine)?;
            if let Ok(mut held) = self.lock.lock() {
                *held = Some(file);
            }
            Ok(Taken::Mine((!left.is_empty()).then_some(left)))
        };
        take().map_err(|e| trouble(LOCK, e))
    }

    fn locked(&self) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(self.read(LOCK)?.filter(|b| !b.is_empty()))
    }

    fn relock(&self, mine: &[u8]) -> Result<(), Trouble> {
        match self.lock.lock().ok().as_mut().and_then(|held| held.as_mut()) {
            Some(file) => rewrite(file, mine).map_err(|e| trouble(LOCK, e)),
            None => Ok(()),
        }
    }

    fn unlock(&self) -> Result<(), Trouble> {
        self.relock(&[])?;
        if let Ok(mut held) = self.lock.lock() {
            *held = None;
        }
        Ok(())
    }

    fn folder(&self) -> Option<&Folder> {
        Some(self)
    }
}

/// The file that is locked is the lock: it is written over, not replaced. Longer text first, so that a reader in between
/// finds something.
fn rewrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(io::SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_data()
}
