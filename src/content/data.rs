//! The fields that an item's schema names. A tree of them would take more room than all the rest of most items.

use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::memo::json;

/// In the order of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data(Box<[(Arc<str>, Json)]>);

impl Data {
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.binary_search_by(|(n, _)| (**n).cmp(name)).ok().map(|at| &self.0[at].1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Json)> {
        self.0.iter().map(|(n, v)| (n, v))
    }

    /// The names are those of a few fields: many items can share them.
    pub fn names_mut(&mut self) -> impl Iterator<Item = &mut Arc<str>> {
        self.0.iter_mut().map(|(n, _)| n)
    }
}

impl From<Map<String, Json>> for Data {
    fn from(map: Map<String, Json>) -> Data {
        let mut rows: Vec<(Arc<str>, Json)> = map.into_iter().map(|(n, v)| (n.into(), v)).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Data(rows.into())
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = Vec::new();
        json::put_pairs(self.iter().map(|(n, v)| (&**n, v)), &mut out).ok_or_else(|| S::Error::custom("too deep"))?;
        json::Bytes(&out).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Data, D::Error> {
        let json::Bytes(bytes) = json::Bytes::deserialize(d)?;
        let rows = json::take_pairs(bytes).ok_or_else(|| D::Error::custom("not a map"))?;
        if rows.is_sorted_by(|a, b| a.0 < b.0) { Ok(Data(rows.into())) } else { Err(D::Error::custom("not in order")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(value: Json) -> Data {
        value.as_object().cloned().unwrap_or_default().into()
    }

    #[test]
    fn values_come_back_bit_for_bit() {
        let value = serde_json::json!({
            "a": null, "b": [true, false, 1, -1, u64::MAX, i64::MIN, 0.1, 1e-300, 5e-324, [], {}],
            "c": {"d": "文"}, "": ""
        });
        for held in [data(value), Data::default()] {
            let bytes = postcard::to_allocvec(&held).unwrap();
            assert_eq!(postcard::from_bytes::<Data>(&bytes).unwrap(), held);
            for end in 0..bytes.len() {
                assert!(postcard::from_bytes::<Data>(&bytes[..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn what_nests_without_end_is_refused() {
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend([7, 1, 0, 0, 0].repeat(100_000));
        assert!(json::take_pairs(&bytes).is_none());
        let mut value = Json::Null;
        for _ in 0..200 {
            value = Json::Array(vec![value]);
        }
        assert!(postcard::to_allocvec(&data(serde_json::json!({ "a": value }))).is_err());
    }

    #[test]
    fn names_are_found() {
        let d = data(serde_json::json!({ "b": 1, "a": 2, "标": 3 }));
        assert_eq!((d.get("b"), d.get("标"), d.get("c")), (Some(&Json::from(1)), Some(&Json::from(3)), None));
    }
}
