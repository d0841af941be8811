//! JSON values in a format that does not say what comes next: each has a number in front.
//!
//! Numbers keep their bits, which a text of them would not.

use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};

/// As deep as the parsers let it be.
const DEPTH: usize = 130;

/// `#[serde(with)]` for a map.
pub mod map {
    use super::*;

    pub fn serialize<S: Serializer>(value: &Map<String, Json>, s: S) -> Result<S::Ok, S::Error> {
        let mut out = Vec::new();
        if !value.is_empty() {
            put_map(value, DEPTH, &mut out).ok_or_else(|| S::Error::custom("too deep"))?;
        }
        Bytes(&out).serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Map<String, Json>, D::Error> {
        let Bytes(bytes) = Bytes::deserialize(d)?;
        if bytes.is_empty() {
            return Ok(Map::new());
        }
        match take_map(&mut &*bytes, DEPTH) {
            Some(map) if !map.is_empty() => Ok(map),
            _ => Err(D::Error::custom("not a map")),
        }
    }
}

/// `#[serde(with)]` for a shared map; an empty one is none.
pub mod shared {
    use super::*;

    pub fn serialize<S: Serializer>(value: &Option<Arc<Map<String, Json>>>, s: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => map::serialize(value, s),
            None => map::serialize(&Map::new(), s),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Arc<Map<String, Json>>>, D::Error> {
        let map = map::deserialize(d)?;
        Ok((!map.is_empty()).then(|| Arc::new(map)))
    }
}

#[derive(Serialize, Deserialize)]
struct Bytes<'a>(&'a [u8]);

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

fn text(bytes: &mut &[u8]) -> Option<String> {
    let length = length(bytes)?;
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(head).ok().map(str::to_owned)
}

fn take_map(bytes: &mut &[u8], depth: usize) -> Option<Map<String, Json>> {
    let mut map = Map::new();
    for _ in 0..length(bytes)? {
        let key = text(bytes)?;
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
        6 => Json::String(text(bytes)?),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Held(#[serde(with = "map")] Map<String, Json>);

    #[test]
    fn values_come_back_bit_for_bit() {
        let value = serde_json::json!({
            "a": null, "b": [true, false, 1, -1, u64::MAX, i64::MIN, 0.1, 1e-300, 5e-324, [], {}],
            "c": {"d": "文"}, "": ""
        });
        let held = Held(value.as_object().unwrap().clone());
        let bytes = postcard::to_allocvec(&held).unwrap();
        assert_eq!(postcard::from_bytes::<Held>(&bytes).unwrap(), held);
        for end in 0..bytes.len() {
            assert!(postcard::from_bytes::<Held>(&bytes[..end]).is_err(), "{end}");
        }
        assert!(postcard::from_bytes::<Held>(&postcard::to_allocvec(&Held(Map::new())).unwrap()).unwrap().0.is_empty());
    }

    #[test]
    fn what_nests_without_end_is_refused() {
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend([7, 1, 0, 0, 0].repeat(100_000));
        assert_eq!(take_map(&mut &*bytes, DEPTH), None);
        let mut value = Json::Null;
        for _ in 0..DEPTH + 1 {
            value = Json::Array(vec![value]);
        }
        assert!(postcard::to_allocvec(&Held(Map::from_iter([("a".to_owned(), value)]))).is_err());
    }
}
