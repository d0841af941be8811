//! The names of a file's bytes: ours, and the one that git would give them.

use std::io::Read;

use sha2::Digest as _;

use crate::base::fingerprint::Fingerprint;

/// The hash that a repository names its blobs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Sha1,
    Sha256,
}

impl Algorithm {
    pub fn bytes(self) -> usize {
        match self {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }
}

/// Git's name of some bytes; what a shorter hash leaves is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 32]);

impl BlobId {
    pub fn new(hash: &[u8]) -> BlobId {
        let mut id = [0; 32];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        BlobId(id)
    }
}

enum Blob {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

pub struct Digest {
    own: blake3::Hasher,
    blob: Option<Blob>,
    announced: u64,
    read: u64,
}

/// What some bytes are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    pub hash: Fingerprint,
    /// `None`: not asked for, or the file was not as long as it was said to be.
    pub blob: Option<BlobId>,
}

impl Digest {
    /// `length`: of the file, which git puts in front of its bytes.
    pub fn new(algorithm: Option<Algorithm>, length: u64) -> Digest {
        let head = format!("blob {length}\0");
        let blob = algorithm.map(|a| match a {
            Algorithm::Sha1 => Blob::Sha1(sha1::Sha1::new_with_prefix(&head)),
            Algorithm::Sha256 => Blob::Sha256(sha2::Sha256::new_with_prefix(&head)),
        });
        Digest { own: blake3::Hasher::new(), blob, announced: length, read: 0 }
    }

    pub fn of(algorithm: Option<Algorithm>, length: u64, bytes: &[u8]) -> Names {
        let mut digest = Digest::new(algorithm, length);
        digest.update(bytes);
        digest.finish()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.own.update(bytes);
        self.read += bytes.len() as u64;
        match &mut self.blob {
            None => {}
            Some(Blob::Sha1(h)) => h.update(bytes),
            Some(Blob::Sha256(h)) => h.update(bytes),
        }
    }

    pub fn finish(self) -> Names {
        let blob = self.blob.filter(|_| self.read == self.announced).map(|b| match b {
            Blob::Sha1(h) => BlobId::new(&h.finalize()),
            Blob::Sha256(h) => BlobId::new(&h.finalize()),
        });
        Names { hash: Fingerprint::cut(&self.own.finalize()), blob }
    }
}

/// A reader whose bytes are digested on their way.
pub struct Through<'a, R> {
    pub from: R,
    pub digest: &'a mut Digest,
}

impl<R: Read> Read for Through<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_named_as_git_names_them() {
        let hex = |a| data_encoding::HEXLOWER.encode(&Digest::of(Some(a), 6, b"hello\n").blob.unwrap().0[..a.bytes()]);
        assert_eq!(hex(Algorithm::Sha1), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(hex(Algorithm::Sha256), "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4");
    }

    #[test]
    fn a_file_that_grew_while_it_was_read_has_no_blob() {
        let mut digest = Digest::new(Some(Algorithm::Sha1), 3);
        digest.update(b"four");
        let names = digest.finish();
        assert_eq!(names, Names { hash: Fingerprint::of_bytes(b"four"), blob: None });
    }
}
