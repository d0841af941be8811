//! The line that a finding speaks of, from a file of the platform or of the standard themes inside the program.

use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::base::diag::Place;

/// Characters of a line on either side of the mark: records are long.
const AROUND: usize = 60;

pub struct Excerpt {
    pub text: String,
    pub number: usize,
    /// Bytes of `text` to mark.
    pub mark: std::ops::Range<usize>,
}

/// Reads excerpts of the files of one platform.
pub struct Excerpts<'a> {
    root: &'a Path,
}

impl<'a> Excerpts<'a> {
    pub fn new(root: &'a Path) -> Excerpts<'a> {
        Excerpts { root }
    }

    /// The line of a place, cut to what is near the mark. Files of the standard themes lie inside the program.
    pub fn read(&self, place: &Place) -> Option<Excerpt> {
        if place.line == 0 || place.length == 0 {
            return None;
        }
        let text = match place.file.strip_prefix("std:") {
            Some(inner) => {
                String::from_utf8(super::layer::standard_file(inner)?.to_vec()).ok()?.lines().nth(place.line as usize - 1)?.to_owned()
            }
            None => {
                let file = std::fs::File::open(self.root.join(&*place.file)).ok()?;
                let line = BufReader::new(file).split(b'\n').nth(place.line as usize - 1)?.ok()?;
                String::from_utf8_lossy(&line).trim_end_matches('\r').trim_start_matches('\u{feff}').to_owned()
            }
        };
        let chars: Vec<char> = text.chars().collect();
        let start = (place.column.max(1) as usize - 1).min(chars.len());
        let end = (start + place.length.max(1) as usize).min(chars.len());
        let (from, to) = (start.saturating_sub(AROUND), (end + AROUND).min(chars.len()));
        let bytes = |r: &[char]| r.iter().map(|c| c.len_utf8()).sum::<usize>();
        let cut: String = chars[from..to].iter().collect();
        let mark = bytes(&chars[from..start])..bytes(&chars[from..end]);
        Some(Excerpt { text: cut, number: place.line as usize, mark })
    }
}
