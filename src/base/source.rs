//! Places in a text, and the nearest name.

use std::sync::Arc;

use super::diag::Place;

/// Line and column (characters, from 1) of a byte offset. An offset inside a character counts as its start.
pub fn line_column(text: &str, offset: usize) -> (u32, u32) {
    let offset = floor_char(text, offset);
    let before = &text[..offset];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    (line, before[start..].chars().count() as u32 + 1)
}

/// The place of a byte range; the underline stops at the end of its first line.
pub fn place(file: &Arc<str>, text: &str, range: std::ops::Range<usize>) -> Place {
    let (line, column) = line_column(text, range.start);
    let start = floor_char(text, range.start);
    let end = floor_char(text, range.end.max(start));
    let first = text[start..end].lines().next().unwrap_or("");
    Place::span(file.clone(), line, column, first.chars().count() as u32)
}

fn floor_char(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The name of `known` nearest to `name`, when it is near enough to be what was meant: two edits, or one in three
/// characters. Equal distances: the first in order, so that the answer does not depend on the caller's order.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(2);
    known
        .into_iter()
        .map(|k| (strsim::osa_distance(&name.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(d, k)| *d <= limit && *d < k.chars().count().max(2))
        .min()
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_column("标题\n  错", 9), (2, 3));
        assert_eq!(line_column("", 5), (1, 1));
    }

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        assert_eq!(nearest("hots", ["hosts", "name"]), Some("hosts"));
        assert_eq!(nearest("xinwne", ["xinwen", "zwgk"]), Some("xinwen"));
        assert_eq!(nearest("qqqqqq", ["hosts", "name"]), None);
    }
}
