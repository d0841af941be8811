//! Pixels: decoded, made smaller, encoded as WebP. Nothing but pixels passes, so that a variant carries no place and no
//! camera of the picture.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageResult, Limits, RgbImage, RgbaImage};

use super::MAX_PIXELS;
use super::head::Format;

/// A decoded picture, as the file has it: it is turned when it is small.
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    alpha: bool,
    orientation: Orientation,
}

impl Picture {
    pub fn decode(bytes: &[u8], format: Format) -> Result<Picture, String> {
        let decoded = catch_unwind(AssertUnwindSafe(|| match format {
            Format::Jpeg => decode(JpegDecoder::new(Cursor::new(bytes))?),
            Format::Png => decode(PngDecoder::with_limits(Cursor::new(bytes), limits())?),
            _ => decode(WebPDecoder::new(Cursor::new(bytes))?),
        }));
        decoded.map_err(|_| "decoder".to_owned())?.map_err(|e| e.to_string())
    }

    /// The picture at this size, upright.
    pub fn variant(&self, width: u32, height: u32, quality: u8) -> Result<Vec<u8>, String> {
        use Orientation::*;
        let turned = matches!(self.orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH);
        let (across, down) = if turned { (height, width) } else { (width, height) };
        let kind = if self.alpha { PixelType::U8x4 } else { PixelType::U8x3 };
        let from = ImageRef::new(self.width, self.height, &self.pixels, kind).map_err(|e| e.to_string())?;
        let mut small = Image::new(across, down, kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize(&from, &mut small, &options).map_err(|e| e.to_string())?;
        let pixels = small.into_vec();
        let small = match self.alpha {
            true => RgbaImage::from_raw(across, down, pixels).map(DynamicImage::from),
            false => RgbImage::from_raw(across, down, pixels).map(DynamicImage::from),
        };
        let mut small = small.ok_or("size")?;
        small.apply_orientation(self.orientation);
        let bytes = small.as_bytes();
        if bytes.len() != width as usize * height as usize * if self.alpha { 4 } else { 3 } {
            return Err("size".to_owned());
        }
        let encoder = match self.alpha {
            true => webp::Encoder::from_rgba(bytes, width, height),
            false => webp::Encoder::from_rgb(bytes, width, height),
        };
        encoder.encode_simple(false, quality.into()).map(|bytes| bytes.to_vec()).map_err(|e| format!("{e:?}"))
    }
}

/// Of what a decoder holds besides the pixels it gives: these are bounded by the head.
fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    limits
}

fn decode(mut decoder: impl ImageDecoder) -> ImageResult<Picture> {
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    decoder.set_limits(limits())?;
    let (width, height) = decoder.dimensions();
    let alpha = decoder.color_type().has_alpha();
    let decoded = DynamicImage::from_decoder(decoder)?;
    let pixels = if alpha { decoded.into_rgba8().into_raw() } else { decoded.into_rgb8().into_raw() };
    Ok(Picture { width, height, pixels, alpha, orientation })
}
