//! Precompressed forms of text files: `x.html.gz` beside `x.html`, for servers that send them in its place.
//!
//! A form is an output whose recipe is the bytes of its source: it is made where the source changed, and kept where it did
//! not. It lies beside the source, is in the manifest, and has no address of its own.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::headers::Headers;
use super::manifest::{Entry, Hash, Manifest};
use super::outputs::{Done, Proof, Work};
use super::site::trouble;
use crate::base::diag::Diagnostic;
use crate::config::Encoding;
use crate::plan::{Output, Recipe};

/// Below it a packet is a packet.
const LEAST: u64 = 1024;
/// Larger files are served as they are: compressing them takes seconds.
const MOST: u64 = 64 << 20;

/// Read by many, written once: near the best that each can do without taking milliseconds a page.
const GZIP: u32 = 9;
const BROTLI: u32 = 9;
const ZSTD: i32 = 12;

/// The forms of one site's outputs.
pub struct Forms<'a, 'w> {
    work: &'a Work<'w>,
    wanted: &'a [Encoding],
    /// Paths of the plan: a file of that name is an author's own.
    planned: HashSet<&'a str>,
    /// Made ones: a site has a handful, and thousands of files.
    headers: Mutex<Vec<(Arc<Headers>, Encoding, Arc<Headers>)>>,
}

/// A file of a manifest that is a form of another.
pub fn is_form(manifest: &Manifest, path: &str) -> bool {
    manifest.find(path).is_some_and(|entry| is_of_form(manifest, entry))
}

fn is_of_form(manifest: &Manifest, entry: &Entry) -> bool {
    manifest.headers.get(entry.headers as usize).is_some_and(|h| h.0.contains_key("content-encoding"))
}

impl<'a, 'w> Forms<'a, 'w> {
    pub fn new(work: &'a Work<'w>) -> Forms<'a, 'w> {
        let plan = &work.render.plan;
        let wanted = work.world.platform.site(plan.site).outputs.precompress.as_slice();
        let planned = if wanted.is_empty() { HashSet::new() } else { plan.outputs.iter().map(|o| &*o.path).collect() };
        Forms { work, wanted, planned, headers: Mutex::default() }
    }

    /// The forms of an output that is done.
    pub fn of(&self, output: &Output, done: &Done<'w>) -> Result<Vec<Done<'w>>, Diagnostic> {
        let mut forms = Vec::new();
        if self.wanted.is_empty() || !(LEAST..=MOST).contains(&done.size) || !is_text(&done.headers) {
            return Ok(forms);
        }
        let mut bytes: Option<Vec<u8>> = None;
        for encoding in self.wanted {
            let path = format!("{}{}", done.path, encoding.ending());
            if self.planned.contains(path.as_str()) || crate::base::path::check_output(&path).is_err() {
                continue;
            }
            let before = self.work.old.and_then(|m| m.find(&path));
            if let Some(kept) = self.kept(&path, before, done, *encoding) {
                forms.push(kept);
                continue;
            }
            let wrong = |e: io::Error| trouble(Path::new(&path), e);
            if bytes.is_none() {
                bytes = Some(self.source(output, done).map_err(wrong)?);
            }
            let source = bytes.as_deref().unwrap_or_default();
            let compressed = compress(source, *encoding).map_err(wrong)?;
            if compressed.len() >= source.len() {
                continue;
            }
            let hash = *blake3::hash(&compressed).as_bytes();
            let size = compressed.len() as u64;
            let changed = !self.stands(&path, before, (&hash, size));
            if changed {
                self.work.tree.put(&path, &compressed).map_err(wrong)?;
            }
            forms.push(self.form(&path, done, *encoding, (hash, size), changed));
        }
        Ok(forms)
    }

    /// The form that an earlier run made of the same bytes by the same program.
    fn kept(&self, path: &str, before: Option<&Entry>, done: &Done, encoding: Encoding) -> Option<Done<'w>> {
        let (work, entry) = (self.work, before?);
        // Receipts that can be used are of this program.
        let same = !done.changed && work.verifier.is_some() && work.old.is_some_and(|m| is_of_form(m, entry));
        let is = (entry.hash, entry.size);
        (same && self.stands(path, before, (&is.0, is.1))).then(|| self.form(path, done, encoding, is, false))
    }

    /// What the last manifest says of a path can be believed, and is this.
    fn stands(&self, path: &str, before: Option<&Entry>, this: (&Hash, u64)) -> bool {
        let work = self.work;
        before.is_some_and(|entry| (&entry.hash, entry.size) == this)
            && !work.doubt.contains(path)
            && (!work.repair || work.tree.present(path).is_some_and(|(hash, size)| (&hash, size) == this))
    }

    fn form(&self, path: &str, of: &Done, encoding: Encoding, (hash, size): (Hash, u64), changed: bool) -> Done<'w> {
        let headers = self.headers_of(&of.headers, encoding);
        Done { path: path.into(), hash, size, headers, changed, page: false, form: true, proof: Proof::Copied }
    }

    fn headers_of(&self, source: &Arc<Headers>, encoding: Encoding) -> Arc<Headers> {
        let make = || {
            let mut headers = (**source).clone();
            headers.0.insert("content-encoding".to_owned(), encoding.token().to_owned());
            Arc::new(headers)
        };
        let Ok(mut made) = self.headers.lock() else { return make() };
        if let Some((.., known)) = made.iter().find(|(s, e, _)| Arc::ptr_eq(s, source) && *e == encoding) {
            return known.clone();
        }
        let headers = make();
        made.push((source.clone(), encoding, headers.clone()));
        headers
    }

    fn source(&self, output: &Output, done: &Done) -> io::Result<Vec<u8>> {
        if let Recipe::File { file } = output.recipe {
            return std::fs::read(&self.work.world.library.repository.files[file as usize].disk);
        }
        match self.work.tree.bytes(&done.path, done.changed) {
            Some(bytes) => bytes,
            // The tree is on another machine: it is rendered once more.
            None => match self.work.render.render(output).bytes {
                crate::render::Content::Bytes(bytes) => Ok(bytes.to_vec()),
                crate::render::Content::Shared(bytes) => Ok(bytes.to_vec()),
                crate::render::Content::File(file) => std::fs::read(&self.work.world.library.repository.files[file as usize].disk),
                crate::render::Content::Failed => Err(io::Error::other("not rendered")),
            },
        }
    }
}

/// What is worth compressing: text, whatever it is called.
fn is_text(headers: &Headers) -> bool {
    let kind = headers.0.get("content-type").map_or("", |t| t.as_str());
    let kind = kind.split(';').next().unwrap_or_default();
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(kind, "application/json" | "application/xml" | "application/javascript" | "application/wasm")
}

/// The same bytes give the same bytes: no name and no time is in them.
fn compress(bytes: &[u8], encoding: Encoding) -> io::Result<Vec<u8>> {
    match encoding {
        Encoding::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 2), flate2::Compression::new(GZIP));
            writer.write_all(bytes)?;
            writer.finish()
        }
        Encoding::Brotli => {
            let mut out = Vec::with_capacity(bytes.len() / 2);
            // The window costs more than a small page: it is as large as it must be.
            let window = (bytes.len().max(1 << 16).ilog2() + 1).min(22) as i32;
            let parameters = brotli::enc::BrotliEncoderParams { quality: BROTLI as i32, lgwin: window, ..Default::default() };
            brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
            Ok(out)
        }
        Encoding::Zstd => zstd::bulk::compress(bytes, ZSTD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_compressed_to_the_same_and_come_back() {
        let text = "关于印发《西山县优化营商环境若干措施》的通知\n".repeat(200).into_bytes();
        for encoding in Encoding::ALL {
            let packed = compress(&text, encoding).unwrap();
            assert_eq!(packed, compress(&text, encoding).unwrap());
            assert!(packed.len() < text.len() / 10);
            let mut back = Vec::new();
            match encoding {
                Encoding::Gzip => _ = io::copy(&mut flate2::read::GzDecoder::new(&*packed), &mut back).unwrap(),
                Encoding::Brotli => brotli::BrotliDecompress(&mut &*packed, &mut back).unwrap(),
                Encoding::Zstd => back = zstd::bulk::decompress(&packed, 1 << 20).unwrap(),
            }
            assert_eq!(back, text, "{}", encoding.name());
        }
        // No time stands in it.
        assert_eq!(compress(&text, Encoding::Gzip).unwrap()[4..8], [0; 4]);
    }
}
