//! Small numbers that stand for things while a build runs. They are never written: what is stored names
//! things by their text, so that state outlives a renumbering.

/// A site: its place among the platform's sites in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(pub u16);

/// An item: its place in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleId(pub u32);

/// A theme layer: its place among the layers in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(pub u16);

/// A language: its place among the platform's languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Lang(pub u8);

impl SiteId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ArticleId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl LayerId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Lang {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The id of an item that names none: 10 base-32 characters of blake3 over its NFC content path (D3).
pub fn derived(content_path: &str) -> String {
    let hash = blake3::hash(content_path.as_bytes());
    let mut text = data_encoding::BASE32_NOPAD.encode(&hash.as_bytes()[..8]).to_ascii_lowercase();
    text.truncate(10);
    text
}
