//! Paths below a folder, and writing files.

use std::fs;
use std::io;
use std::path::Path;

/// `path` below `root` with `/` between the parts, in form C.
pub fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
    super::path::nfc(&parts.join("/")).into_owned()
}

/// Writes a file so that a reader sees the old or the new content, never a part: a temp file beside it, renamed.
/// The content survives a crash of the process; of the machine only after a sync.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temp = temp_beside(path)?;
    io::Write::write_all(&mut temp, bytes)?;
    put_in_place(temp, path).map(|_| ())
}

/// A file that may become `path`: see [`put_in_place`].
pub fn temp_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".banyan-").tempfile_in(folder)
}

/// The file under its name, still open.
pub fn put_in_place(temp: tempfile::NamedTempFile, path: &Path) -> io::Result<fs::File> {
    let file = temp.as_file();
    let mut mode = file.metadata()?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o644);
    file.set_permissions(mode)?;
    temp.persist(path).map_err(|e| e.error)
}
