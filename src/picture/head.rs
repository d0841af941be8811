//! The head of a picture: what it is and how large, without its pixels.

use std::path::Path;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Webp,
    /// A picture that is served as it is: GIF, SVG, AVIF …
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// As it is shown: a camera may have been held upright.
    pub width: u32,
    pub height: u32,
    pub format: Format,
    /// Variants can be made: it does not move, and there is an encoder.
    pub still: bool,
    /// Bytes of memory that decoding takes.
    pub cost: u64,
}

impl Head {
    /// Its height at another width.
    pub fn height_at(&self, width: u32) -> u32 {
        let height = (u64::from(self.height) * u64::from(width) + u64::from(self.width) / 2) / u64::from(self.width.max(1));
        u32::try_from(height).unwrap_or(u32::MAX).max(1)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No picture that this room knows of.
    Foreign,
    /// It has more pixels than are decoded.
    Pixels {
        width: u32,
        height: u32,
    },
    /// The file is larger than is read.
    Bytes(u64),
    Damaged(Arc<str>),
}

/// What the width and height are where nothing else is to be known.
pub fn plain(disk: &Path) -> Result<Head, Problem> {
    let size = imagesize::size(disk).map_err(|_| Problem::Foreign)?;
    let (width, height) = (u32::try_from(size.width), u32::try_from(size.height));
    let (Ok(width), Ok(height)) = (width, height) else { return Err(Problem::Foreign) };
    Ok(Head { width, height, format: Format::Other, still: false, cost: 0 })
}

#[cfg(not(feature = "images"))]
pub fn read(disk: &Path) -> Result<Head, Problem> {
    plain(disk)
}

#[cfg(feature = "images")]
pub use with_decoders::read;

#[cfg(feature = "images")]
mod with_decoders {
    use std::fs::File;
    use std::io::{BufRead, BufReader, Cursor, Read, Seek};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::Path;

    use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
    use image::metadata::Orientation;
    use image::{ImageDecoder, ImageResult, Limits};

    use super::{Format, Head, Problem, plain};
    use crate::picture::{MAX_BYTES, MAX_PIXELS};

    /// How much of a JPEG is read for its head. Thumbnails and profiles stand before its size.
    const JPEG_HEAD: u64 = 128 << 10;

    /// Bytes that the parts of a head may take.
    const HEAD_MEMORY: u64 = 16 << 20;

    pub fn read(disk: &Path) -> Result<Head, Problem> {
        let mut start = [0; 16];
        let (length, got) = File::open(disk)
            .and_then(|mut file| {
                let mut got = 0;
                while got < start.len() {
                    match file.read(&mut start[got..])? {
                        0 => break,
                        n => got += n,
                    }
                }
                Ok((file.metadata()?.len(), got))
            })
            .map_err(|_| Problem::Foreign)?;
        let Some(format) = format(&start[..got]) else { return plain(disk) };
        if length > MAX_BYTES {
            return Err(Problem::Bytes(length));
        }
        // A decoder that panics has met a picture that is damaged.
        let head = catch_unwind(AssertUnwindSafe(|| known(disk, format, length)));
        let head = head.unwrap_or_else(|_| Ok(Err(Problem::Damaged("decoder".into()))));
        head.unwrap_or_else(|e| Err(Problem::Damaged(e.to_string().into())))
    }

    fn format(start: &[u8]) -> Option<Format> {
        match start {
            [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::Webp),
            _ => None,
        }
    }

    fn known(disk: &Path, format: Format, length: u64) -> ImageResult<Result<Head, Problem>> {
        match format {
            Format::Jpeg => {
                let mut start = Vec::new();
                File::open(disk)?.take(JPEG_HEAD).read_to_end(&mut start)?;
                let head = JpegDecoder::new(Cursor::new(start)).and_then(|mut d| of(&mut d, format, true, length));
                head.or_else(|_| of(&mut JpegDecoder::new(Cursor::new(std::fs::read(disk)?))?, format, true, length))
            }
            Format::Png => {
                let mut limits = Limits::no_limits();
                limits.max_alloc = Some(HEAD_MEMORY);
                let mut decoder = PngDecoder::with_limits(open(disk)?, limits)?;
                let still = !decoder.is_apng()?;
                of(&mut decoder, format, still, length)
            }
            _ => {
                let mut decoder = WebPDecoder::new(open(disk)?)?;
                let still = !decoder.has_animation();
                of(&mut decoder, format, still, length)
            }
        }
    }

    fn open(disk: &Path) -> std::io::Result<impl BufRead + Seek> {
        Ok(BufReader::new(File::open(disk)?))
    }

    fn of(decoder: &mut impl ImageDecoder, format: Format, still: bool, length: u64) -> ImageResult<Result<Head, Problem>> {
        let (mut width, mut height) = decoder.dimensions();
        // What cannot be read of the orientation is as if it were not there.
        if decoder.orientation().is_ok_and(turned) {
            (width, height) = (height, width);
        }
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MAX_PIXELS {
            return Ok(Err(Problem::Pixels { width, height }));
        }
        // A JPEG that comes in passes is held as coefficients, and pixels are held once more while they become RGB.
        let cost = length + pixels * u64::from(decoder.color_type().bytes_per_pixel()).max(3) * 2;
        Ok(Ok(Head { width, height, format, still, cost }))
    }

    fn turned(orientation: Orientation) -> bool {
        use Orientation::*;
        matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    }
}
