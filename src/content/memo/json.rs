//! JSON values in a format that does not say what comes next: each has a number in front.
//!
//! Numbers keep their bits, which a text of them would not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value as Json};

/// As deep as the parsers let it be.
const DEPTH: usize = 130;

#[derive(Serialize, Deserialize)]
pub struct Bytes<'a>(pub &'a [u8]);

/// `None`: it nests deeper than any parser allows.
pub fn put_pairs<'a>(pairs: impl ExactSizeIterator<Item = (&'a str, &'a Json)>, out: &mut Vec<u8>) -> Option<()> {
    put_length(pairs.len(), out)?;
    for (key, value) in pairs {
        put_text(key, out)?;
        put(value, DEPTH, out)?;
    }
    Some(())
}

/// All of the bytes, as written by [`put_pairs`].
pub fn take_pairs(mut bytes: &[u8]) -> Option<Vec<(Arc<str>, Json)>> {
    let bytes = &mut bytes;
    let count = length(bytes)?;
    // A pair takes five bytes at least: a count alone buys no memory.
    let mut pairs = Vec::with_capacity(count.min(bytes.len() / 5));
    for _ in 0..count {
        let key = text(bytes)?.into();
        pairs.push((key, take(bytes, DEPTH)?));
    }
    bytes.is_empty().then_some(pairs)
}

fn put_length(length: usize, out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    Some(())
}

fn put_text(text: &str, out: &mut Vec<u8>) -> Option<()> {
    put_length(text.len(), out)?;
    out.extend_from_slice(text.as_bytes());
    Some(())
}

fn put_map(map: &Map<String, Json>, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    put_length(map.len(), out)?;
    for (key, value) in map {
        put_text(key, out)?;
        put(value, depth.checked_sub(1)?, out)?;
    }
    Some(())
}

fn put(value: &Json, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Json::Null => out.push(0),
        Json::Bool(b) => out.push(1 + u8::from(*b)),
        Json::Number(n) => {
            if let Some(n) = n.as_u64() {
                out.push(3);
                out.extend_from_slice(&n.to_le_bytes());
            } else if let Some(n) = n.as_i64() {
                out.push(4);
                out.extend_from_slice(&n.to_le_bytes());
            } else {
                out.push(5);
                out.extend_from_slice(&n.as_f64()?.to_bits().to_le_bytes());
            }
        }
        Json::String(s) => {
            out.push(6);
            put_text(s, out)?;
        }
        Json::Array(list) => {
            out.push(7);
            put_length(list.len(), out)?;
            for item in list {
                put(item, depth.checked_sub(1)?, out)?;
            }
        }
        Json::Object(map) => {
            out.push(8);
            put_map(map, depth, out)?;
        }
    }
    Some(())
}

fn eight(bytes: &mut &[u8]) -> Option<[u8; 8]> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(*head)
}

fn length(bytes: &mut &[u8]) -> Option<usize> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*head) as usize)
}

fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = length(bytes)?;
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(head).ok()
}

fn take_map(bytes: &mut &[u8], depth: usize) -> Option<Map<String, Json>> {
    let mut map = Map::new();
    for _ in 0..length(bytes)? {
        let key = text(bytes)?.to_owned();
        map.insert(key, take(bytes, depth.checked_sub(1)?)?);
    }
    Some(map)
}

fn take(bytes: &mut &[u8], depth: usize) -> Option<Json> {
    let (kind, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(match kind {
        0 => Json::Null,
        1 => Json::Bool(false),
        2 => Json::Bool(true),
        3 => Json::Number(u64::from_le_bytes(eight(bytes)?).into()),
        4 => Json::Number(i64::from_le_bytes(eight(bytes)?).into()),
        5 => Json::Number(Number::from_f64(f64::from_bits(u64::from_le_bytes(eight(bytes)?)))?),
        6 => Json::String(text(bytes)?.to_owned()),
        7 => {
            let mut list = Vec::new();
            for _ in 0..length(bytes)? {
                list.push(take(bytes, depth.checked_sub(1)?)?);
            }
            Json::Array(list)
        }
        8 => Json::Object(take_map(bytes, depth)?),
        _ => return None,
    })
}
