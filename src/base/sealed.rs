//! Files of state: a mark that says what they are, a format, and a hash at the end. What does not hold is not used.

use std::io;
use std::path::Path;

use super::fs::write_atomic;

/// A larger one is not read at all.
const MAX: u64 = 4 << 30;

/// Bytes for a file, after its mark.
pub fn start(mark: &[u8; 16]) -> Vec<u8> {
    mark.to_vec()
}

/// Writes what [`start`] began.
pub fn write(path: &Path, mut bytes: Vec<u8>) -> io::Result<()> {
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes());
    write_atomic(path, &bytes)
}

/// The bytes of a file after its mark, without the hash. `Ok(None)`: there is none; `Err` says in a word what is wrong.
pub fn read(path: &Path, mark: &[u8; 16]) -> Result<Option<Vec<u8>>, &'static str> {
    match std::fs::metadata(path) {
        Ok(m) if m.len() > MAX => return Err("too large"),
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err("unreadable"),
    }
    let mut bytes = std::fs::read(path).map_err(|_| "unreadable")?;
    let Some(end) = bytes.len().checked_sub(blake3::OUT_LEN).filter(|end| *end >= mark.len()) else { return Err("truncated") };
    if !bytes.starts_with(mark) {
        return Err("foreign");
    }
    if *blake3::hash(&bytes[..end]).as_bytes() != bytes[end..] {
        return Err("damaged");
    }
    bytes.truncate(end);
    Ok(Some(bytes))
}
