//! Old files go while the next site is made. To delete one takes the system's time and hardly the processor's: of a tree of
//! a million as long as to make it, on a file system that tells the disk of every block it frees.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

/// Folders that may wait: who brings one more waits too, so that old files do not fill the disk.
const WAITING: usize = 8;

/// Deletes folders, one after another. When it is dropped all of them are gone.
#[derive(Default)]
pub struct Sweeper(Mutex<Option<(SyncSender<PathBuf>, JoinHandle<()>)>>);

impl Sweeper {
    /// Takes a folder that nothing needs any more.
    pub fn take(&self, folder: &Path) -> io::Result<()> {
        match self.sender().map(|sender| sender.send(folder.to_owned())) {
            Some(Ok(())) => Ok(()),
            // There is no thread to be had.
            _ => remove(folder),
        }
    }

    /// Of the thread, which begins when there is something for it.
    fn sender(&self) -> Option<SyncSender<PathBuf>> {
        let mut at_work = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if at_work.is_none() {
            let (sender, folders) = sync_channel::<PathBuf>(WAITING);
            // What cannot be deleted is hidden, and the next build of the site tries again and says so.
            let sweep = move || folders.iter().for_each(|folder| _ = remove(&folder));
            *at_work = Some((sender, std::thread::Builder::new().name("sweeper".into()).spawn(sweep).ok()?));
        }
        at_work.as_ref().map(|(sender, _)| sender.clone())
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        let at_work = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = at_work {
            drop(sender);
            _ = thread.join();
        }
    }
}

/// Takes away a folder, or a file in its place; it need not be there.
pub fn remove(folder: &Path) -> io::Result<()> {
    if std::fs::symlink_metadata(folder).is_ok_and(|m| !m.is_dir()) {
        return std::fs::remove_file(folder);
    }
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
