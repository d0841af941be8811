//! Files of state: a mark that says what they are, a format, and a hash at the end. What does not hold is not used.
//!
//! The hash is XXH3 of 128 bits: it finds what a disk, a crash or a careless copy did. Whoever can write these files can write any hash,
//! so that a cryptographic one, of which gigabytes take seconds, would keep nobody out.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use twox_hash::XxHash3_128;

use super::fs::{put_in_place, temp_beside, write_atomic};

/// More than that is not read into memory at all.
const MAX: u64 = 4 << 30;

/// Bytes at a time.
const CHUNK: usize = 1 << 20;

/// Bytes of the hash at the end.
pub const SEAL: usize = 16;

/// Bytes for a file, after its mark.
pub fn start(mark: &[u8; 16]) -> Vec<u8> {
    mark.to_vec()
}

/// Writes what [`start`] began.
pub fn write(path: &Path, mut bytes: Vec<u8>) -> io::Result<()> {
    let seal = XxHash3_128::oneshot(&bytes);
    bytes.extend_from_slice(&seal.to_le_bytes());
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
    let Some(end) = bytes.len().checked_sub(SEAL).filter(|end| *end >= mark.len()) else { return Err("truncated") };
    if !bytes.starts_with(mark) {
        return Err("foreign");
    }
    if XxHash3_128::oneshot(&bytes[..end]).to_le_bytes() != bytes[end..] {
        return Err("damaged");
    }
    bytes.truncate(end);
    Ok(Some(bytes))
}

/// A file that is larger than it should be in memory: written part by part.
pub struct Sealing {
    temp: tempfile::NamedTempFile,
    hash: XxHash3_128,
    waiting: Vec<u8>,
}

impl Sealing {
    pub fn begin(path: &Path, mark: &[u8; 16]) -> io::Result<Sealing> {
        let mut waiting = Vec::with_capacity(CHUNK);
        waiting.extend_from_slice(mark);
        Ok(Sealing { temp: temp_beside(path)?, hash: XxHash3_128::new(), waiting })
    }

    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK { self.pass_on() } else { Ok(()) }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.hash.write(&self.waiting);
        self.temp.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// The file under its name, open.
    pub fn finish(mut self, path: &Path) -> io::Result<File> {
        self.pass_on()?;
        self.temp.write_all(&self.hash.finish_128().to_le_bytes())?;
        put_in_place(self.temp, path)
    }
}

/// Bytes at the start of a file from which is known how much of it is its front.
pub const HEAD: usize = 64;

/// The front of a file that was found whole, and the file: the rest of it is left there. `front`: from the first [`HEAD`] bytes, or
/// all of fewer, the bytes that are wanted, mark and head included.
pub fn read_front(path: &Path, mark: &[u8; 16], front: impl Fn(&[u8]) -> Option<u64>) -> Result<Option<(Vec<u8>, File)>, &'static str> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err("unreadable"),
    };
    let length = file.metadata().map_err(|_| "unreadable")?.len();
    let Some(end) = length.checked_sub(SEAL as u64).filter(|end| *end >= mark.len() as u64) else { return Err("truncated") };
    let mut take = |bytes: &mut [u8]| file.read_exact(bytes).map_err(|_| "unreadable");
    let mut bytes = vec![0; end.min(HEAD as u64) as usize];
    take(&mut bytes)?;
    if !bytes.starts_with(mark) {
        return Err("foreign");
    }
    let wanted = front(&bytes).filter(|wanted| (bytes.len() as u64..=end).contains(wanted)).ok_or("damaged")?;
    if wanted > MAX {
        return Err("too large");
    }
    let head = bytes.len();
    bytes.resize(wanted as usize, 0);
    take(&mut bytes[head..])?;
    let mut hash = XxHash3_128::new();
    hash.write(&bytes);
    let mut chunk = vec![0; CHUNK.min((end - wanted) as usize)];
    let mut left = end - wanted;
    while left > 0 {
        let part = &mut chunk[..(left.min(CHUNK as u64) as usize)];
        take(part)?;
        hash.write(part);
        left -= part.len() as u64;
    }
    let mut seal = [0; SEAL];
    take(&mut seal)?;
    if hash.finish_128().to_le_bytes() != seal { Err("damaged") } else { Ok(Some((bytes, file))) }
}
