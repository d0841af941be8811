//! Fingerprints: 16 bytes of blake3 over an unambiguous encoding.
//!
//! Encoding, so that it can be written again elsewhere: integers little-endian at their full width; a string
//! or byte string is its length as u64, then the bytes; an option is a byte 0, or 1 and the value; a sequence
//! is its length as u64, then the items; a map is a sequence of key, value in key order; an enum is its number
//! as one byte, then its fields.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// Of a value that is not there: absence is a value too.
    pub const ABSENT: Fingerprint = Fingerprint([0; 16]);

    pub fn of_bytes(bytes: &[u8]) -> Fingerprint {
        Fingerprint::cut(&blake3::hash(bytes))
    }

    pub fn cut(hash: &blake3::Hash) -> Fingerprint {
        let mut out = [0; 16];
        out.copy_from_slice(&hash.as_bytes()[..16]);
        Fingerprint(out)
    }

    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex()[..8])
    }
}

/// Writes the encoding above into a hash.
#[derive(Default)]
pub struct Writer(blake3::Hasher);

impl Writer {
    pub fn new(domain: &str) -> Writer {
        let mut w = Writer(blake3::Hasher::new());
        w.text(domain);
        w
    }

    pub fn text(&mut self, s: &str) -> &mut Self {
        self.bytes(s.as_bytes())
    }

    pub fn bytes(&mut self, b: &[u8]) -> &mut Self {
        self.number(b.len() as u64);
        self.0.update(b);
        self
    }

    pub fn number(&mut self, n: u64) -> &mut Self {
        self.0.update(&n.to_le_bytes());
        self
    }

    pub fn signed(&mut self, n: i64) -> &mut Self {
        self.0.update(&n.to_le_bytes());
        self
    }

    pub fn byte(&mut self, b: u8) -> &mut Self {
        self.0.update(&[b]);
        self
    }

    pub fn print(&mut self, f: Fingerprint) -> &mut Self {
        self.0.update(&f.0);
        self
    }

    pub fn option(&mut self, s: Option<&str>) -> &mut Self {
        match s {
            None => self.byte(0),
            Some(s) => self.byte(1).text(s),
        }
    }

    /// A JSON value; objects are maps in key order, numbers their shortest text.
    pub fn json(&mut self, v: &serde_json::Value) -> &mut Self {
        use serde_json::Value::*;
        match v {
            Null => self.byte(0),
            Bool(b) => self.byte(1).byte(*b as u8),
            Number(n) => self.byte(2).text(&n.to_string()),
            String(s) => self.byte(3).text(s),
            Array(items) => {
                self.byte(4).number(items.len() as u64);
                for item in items {
                    self.json(item);
                }
                self
            }
            Object(map) => {
                self.byte(5).number(map.len() as u64);
                for (k, item) in map {
                    self.text(k).json(item);
                }
                self
            }
        }
    }

    pub fn finish(&self) -> Fingerprint {
        Fingerprint::cut(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_keep_neighbours_apart() {
        let a = Writer::new("t").text("ab").text("c").finish();
        let b = Writer::new("t").text("a").text("bc").finish();
        assert_ne!(a, b);
        assert_eq!(a, Writer::new("t").text("ab").text("c").finish());
    }
}
