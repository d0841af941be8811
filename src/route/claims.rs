//! Who owns an address: two outputs that claim one are an error that names both (also when they differ only in case or
//! Unicode form: some servers and file systems take them for one).

use std::collections::HashMap;

use crate::base::path::folded;

/// Pairs of outputs (by their place in `paths`) that claim one address, the earlier first.
pub fn collisions<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<(usize, usize)> {
    let mut seen: HashMap<String, usize, foldhash::fast::RandomState> = HashMap::default();
    let mut out = Vec::new();
    for (at, path) in paths.enumerate() {
        match seen.entry(folded(path)) {
            std::collections::hash_map::Entry::Occupied(first) => out.push((*first.get(), at)),
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(at);
            }
        }
    }
    out
}

/// Pairs (file, folder): a file whose path another output needs as a folder.
pub fn shadowed<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> Vec<(usize, usize)> {
    let files: HashMap<&str, usize, foldhash::fast::RandomState> = paths.clone().enumerate().map(|(i, p)| (p, i)).collect();
    let mut out = Vec::new();
    for (at, path) in paths.enumerate() {
        let mut up = path;
        while let Some(cut) = up.rfind('/') {
            up = &up[..cut];
            // A name without an ending can only be a folder of ours; asking is cheaper than guessing.
            if let Some(file) = files.get(up) {
                out.push((*file, at));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_form_do_not_tell_addresses_apart() {
        let paths = ["a/b.html", "A/B.html", "a/c.html", "caf\u{e9}.html", "cafe\u{301}.html"];
        assert_eq!(collisions(paths.into_iter()), [(0, 1), (3, 4)]);
        assert_eq!(shadowed(["a", "a/b"].into_iter()), [(0, 1)]);
    }
}
