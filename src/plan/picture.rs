//! Which pictures are shown, and in which widths: known from their heads and the settings before anything is encoded.

use crate::content::Library;
use crate::picture::Pictures;

/// The widths in which a file is shown besides its own; none for what is no picture, or is shown nowhere.
pub fn widths(library: &Library, pictures: &Pictures, file: usize) -> Vec<u32> {
    if !library.is_shown(file) {
        return Vec::new();
    }
    pictures.widths(file as u32, &library.repository.files[file].disk)
}
