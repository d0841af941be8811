//! Pictures in smaller widths: which there are, what is in them, and when they are made.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::support::{self, Platform};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// Left half red, right half blue, as a camera would hold it.
fn halves(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) }).into()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    encoded(&halves(width, height), ImageFormat::Jpeg)
}

/// The same JPEG with EXIF: turned, and with a word that must not be published.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 39.9N 116.4E");
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

fn platform() -> Platform {
    let p = Platform::new();
    set(&p, "widths = [32, 16]");
    p
}

/// `[pictures]`; site b shows what a pushes to it.
fn set(p: &Platform, pictures: &str) {
    let sites = support::SITES.replace("[tiers.t]\n", &format!("[pictures]\n{pictures}\n\n[tiers.t]\n"));
    p.write("sites.toml", format!("{sites}\n[[site.accept]]\nfrom = [\"a\"]\n"));
}

fn item(p: &Platform, name: &str, picture: &[u8]) {
    p.write(&format!("content/a/news/2026/{name}"), picture);
    let text = format!("---\ntitle: Pictures\ndate: 2026-02-01\nsites: [b]\n---\n![Alt]({name})\n");
    p.write("content/a/news/2026/pictures.md", text);
}

fn counts(p: &Platform) -> (u64, u64) {
    let report: serde_json::Value = serde_json::from_str(&p.read(".banyan/report.json")).unwrap();
    (report["pictures"]["decoded"].as_u64().unwrap(), report["pictures"]["encoded"].as_u64().unwrap())
}

fn variants(p: &Platform) -> BTreeMap<String, Vec<u8>> {
    p.tree().into_iter().filter(|(path, _)| path.ends_with(".webp")).collect()
}

#[test]
fn a_picture_stands_on_its_page_in_the_widths_below_its_own() {
    let p = platform();
    item(&p, "x.jpg", &jpeg(40, 20));
    let built = p.build();
    assert_eq!((built.code, built.said()), (0, vec![]));
    let page = p.read("public/a/news/2026/pictures.html");
    assert!(page.contains("srcset=\"/news/2026/pictures/x.jpg.16.webp 16w, /news/2026/pictures/x.jpg.32.webp 32w\""), "{page}");
    assert!(
        page.contains("<img src=\"/news/2026/pictures/x.jpg\" alt=\"Alt\" width=\"40\" height=\"20\" loading=\"lazy\" decoding=\"async\">"),
        "{page}"
    );
    let found = variants(&p);
    let size = |path: &str| image::load_from_memory(&found[path]).map(|i| (i.width(), i.height())).unwrap();
    assert_eq!((size("a/news/2026/pictures/x.jpg.16.webp"), size("a/news/2026/pictures/x.jpg.32.webp")), ((16, 8), (32, 16)));
    p.check_manifests();
}

#[test]
fn a_narrower_picture_is_the_last_of_its_own_candidates() {
    let p = platform();
    item(&p, "x.png", &encoded(&halves(20, 10), ImageFormat::Png));
    assert_eq!(p.build().code, 0);
    let page = p.read("public/a/news/2026/pictures.html");
    assert!(page.contains("srcset=\"/news/2026/pictures/x.png.16.webp 16w, /news/2026/pictures/x.png 20w\""), "{page}");
    item(&p, "x.png", &encoded(&halves(16, 10), ImageFormat::Png));
    assert_eq!(p.build().code, 0);
    assert!(!p.read("public/a/news/2026/pictures.html").contains("srcset"));
    assert!(variants(&p).is_empty(), "a small picture has none, and old ones go");
}

#[test]
fn a_turned_picture_is_shown_upright_and_tells_no_place() {
    let p = platform();
    // Turned by a quarter to the right: what was left is above.
    item(&p, "x.jpg", &with_exif(&jpeg(60, 40), 6));
    assert_eq!(p.build().code, 0);
    assert!(p.read("public/a/news/2026/pictures.html").contains("width=\"40\" height=\"60\""));
    let bytes = &variants(&p)["a/news/2026/pictures/x.jpg.32.webp"];
    assert!(!bytes.windows(3).any(|w| w == b"GPS"));
    let picture = image::load_from_memory(bytes).unwrap().into_rgb8();
    assert_eq!((picture.width(), picture.height()), (32, 48));
    assert!(picture.get_pixel(16, 4)[0] > 150 && picture.get_pixel(16, 43)[2] > 150, "red above, blue below");
}

#[test]
fn what_is_seen_through_stays_so() {
    let p = platform();
    let clear = RgbaImage::from_fn(40, 40, |x, _| if x < 20 { Rgba([0, 200, 0, 0]) } else { Rgba([0, 200, 0, 255]) });
    item(&p, "x.png", &encoded(&clear.into(), ImageFormat::Png));
    assert_eq!(p.build().code, 0);
    let picture = image::load_from_memory(&variants(&p)["a/news/2026/pictures/x.png.32.webp"]).unwrap().into_rgba8();
    assert!(picture.get_pixel(4, 16)[3] < 10 && picture.get_pixel(28, 16)[3] > 245);
}

/// A PNG that says how large it is, and has nothing else.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut small = encoded(&halves(1, 1), ImageFormat::Png);
    small[16..20].copy_from_slice(&width.to_be_bytes());
    small[20..24].copy_from_slice(&height.to_be_bytes());
    // The checksum of the head follows it.
    let mut crc = !0u32;
    for byte in &small[12..29] {
        crc ^= u32::from(*byte);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    }
    small[29..33].copy_from_slice(&(!crc).to_be_bytes());
    small
}

#[test]
fn a_picture_without_end_is_served_as_it_is_and_named() {
    let p = platform();
    let bytes = png_head(100_000, 100_000);
    item(&p, "x.png", &bytes);
    let built = p.build();
    assert_eq!((built.code, built.said()), (0, vec!["picture.pixels content/a/news/2026/pictures.md".to_owned()]));
    assert!(variants(&p).is_empty());
    assert_eq!(p.tree()["a/news/2026/pictures/x.png"], bytes);
    assert_eq!(counts(&p), (0, 0));
}

#[test]
fn a_damaged_picture_is_served_as_it_is_and_named() {
    let p = platform();
    // Its head is good: that it is damaged is known when its pixels are read.
    let bytes = png_head(400, 300);
    item(&p, "x.png", &bytes);
    let expected = vec!["picture.damaged content/a/news/2026/pictures.md".to_owned(); 2];
    let built = p.build();
    assert_eq!(built.code, 0);
    assert!(!built.said().is_empty() && built.said().iter().all(|s| *s == expected[0]), "{:?}", built.said());
    assert!(variants(&p).values().all(|v| *v == bytes), "readers get what there is");
    let first = built.said();
    p.write("content/a/news/2026/other.md", "---\ntitle: Other\ndate: 2026-02-01\n---\nText.\n");
    assert_eq!(p.build().said(), first, "it is said again");
    assert_eq!(counts(&p), (0, 0), "and not tried again");
    // Cut off in its head.
    item(&p, "x.png", &bytes[..20]);
    let built = p.build();
    assert_eq!((built.code, built.said()), (0, expected[..1].to_vec()));
}

#[test]
fn only_pictures_that_changed_are_decoded() {
    let p = platform();
    item(&p, "x.jpg", &jpeg(40, 20));
    p.write("content/a/news/2026/y.jpg", jpeg(50, 20));
    p.write("content/a/news/2026/more.md", "---\ntitle: More\ndate: 2026-02-02\n---\n![Y](y.jpg)\n");
    assert_eq!(p.build().code, 0);
    assert_eq!(counts(&p), (2, 4), "once for both sites");
    let whole = variants(&p);
    assert_eq!(whole.len(), 6);

    p.write("content/a/news/2026/more.md", "---\ntitle: More\ndate: 2026-02-02\n---\nOther words. ![Y](y.jpg)\n");
    assert_eq!(p.build().code, 0);
    assert_eq!(counts(&p), (0, 0), "a text");

    let before = p.read("public/a/news/2026/more.html");
    p.write("content/a/news/2026/y.jpg", jpeg(50, 24));
    assert_eq!(p.build().code, 0);
    assert_eq!(counts(&p), (1, 2), "one picture");
    assert_ne!(p.read("public/a/news/2026/more.html"), before, "its page tells its size");
    let now = variants(&p);
    let changed: Vec<&String> = now.iter().filter(|(path, bytes)| whole.get(*path) != Some(*bytes)).map(|(path, _)| path).collect();
    assert_eq!(changed, ["a/news/2026/more/y.jpg.16.webp", "a/news/2026/more/y.jpg.32.webp"]);
    assert_eq!(std::fs::read_dir(p.path(".banyan/pictures")).unwrap().count(), 4, "variants of no picture go");

    std::fs::remove_dir_all(p.path("public")).unwrap();
    assert_eq!(p.build().code, 0);
    assert_eq!((counts(&p), variants(&p)), ((0, 0), now.clone()), "a lost output is no lost work");

    // A kept variant that is damaged is made anew.
    for file in std::fs::read_dir(p.path(".banyan/pictures")).unwrap().flatten() {
        std::fs::write(file.path(), b"nonsense").unwrap();
    }
    std::fs::remove_dir_all(p.path("public")).unwrap();
    assert_eq!(p.build().code, 0);
    assert_eq!(variants(&p), now);
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let p = platform();
    for n in 0..12 {
        item(&p, &format!("p{n}.jpg"), &jpeg(40 + n, 30));
    }
    let all: String = (0..12).map(|n| format!("![Alt](p{n}.jpg)\n\n")).collect();
    p.write("content/a/news/2026/pictures.md", format!("---\ntitle: All\ndate: 2026-02-01\n---\n{all}"));
    let (one, many) = (p.copy(), p.copy());
    assert!(one.command(&["build", "-j", "1"]).status().unwrap().success());
    assert!(many.command(&["build", "-j", "16"]).status().unwrap().success());
    assert_eq!(one.tree(), many.tree());
    assert_eq!(variants(&one).len(), 24);
}

#[test]
fn settings_have_their_say() {
    let p = platform();
    item(&p, "x.jpg", &jpeg(40, 20));
    let with = |text: &str| set(&p, text);
    with("enabled = false");
    assert_eq!(p.build().code, 0);
    assert!(variants(&p).is_empty());
    with("widths = [24]\nquality = 10");
    assert_eq!(p.build().code, 0);
    let rough = variants(&p);
    assert_eq!(rough.keys().collect::<Vec<_>>(), ["a/news/2026/pictures/x.jpg.24.webp", "b/news/2026/pictures/x.jpg.24.webp"]);
    with("widths = [24]\nquality = 90");
    assert_eq!(p.build().code, 0);
    assert_ne!(variants(&p), rough);
    with("widths = [2, \"x\"]\nquality = 101");
    let built = p.build();
    assert_eq!(built.code, 2);
    let said = built.said();
    assert!(said.iter().any(|s| s.starts_with("config.type sites.toml:6")), "{said:?}");
    with("widths = [2]\nquality = 101");
    let said = p.build().said();
    assert_eq!(said, ["config.value sites.toml:6", "config.value sites.toml:7"]);
}
