//! Records: one JSON object a line (JSONL), or one row of a CSV. Read line by line: a file may be larger than memory.

use std::io::{BufRead, Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::{Map, Value as Json};

/// A longer line is no record.
pub const MAX_LINE: usize = 8 * 1024 * 1024;

/// One record, or what is wrong with its line.
pub struct Row {
    pub start: u64,
    pub length: u32,
    /// From 1.
    pub line: u32,
    pub bytes: Vec<u8>,
    pub values: Result<Map<String, Json>, (&'static str, u32, String)>,
}

/// Calls `take` with every record of a JSONL file.
pub fn jsonl(from: impl Read, mut take: impl FnMut(Row)) -> std::io::Result<()> {
    let mut reader = std::io::BufReader::with_capacity(1 << 18, from);
    let (mut start, mut line) = (0u64, 0u32);
    loop {
        let mut bytes = Vec::new();
        let read = (&mut reader).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        line += 1;
        let mut length = read as u64;
        let too_long = read > MAX_LINE && bytes.last() != Some(&b'\n');
        if too_long {
            // Step over the rest of the line without holding it.
            loop {
                let chunk = reader.fill_buf()?;
                if chunk.is_empty() {
                    break;
                }
                let (used, end) = match memchr::memchr(b'\n', chunk) {
                    Some(i) => (i + 1, true),
                    None => (chunk.len(), false),
                };
                reader.consume(used);
                length += used as u64;
                if end {
                    break;
                }
            }
        }
        let mut content = &bytes[..];
        if line == 1 {
            content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        }
        let content = content.trim_ascii();
        if !content.is_empty() {
            let values = if too_long { Err(("content.line-size", 1, MAX_LINE.to_string())) } else { object(content) };
            let content = if too_long { Vec::new() } else { content.to_vec() };
            take(Row { start, length: length.min(u32::MAX as u64) as u32, line, bytes: content, values });
        }
        start += length;
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Json>, (&'static str, u32, String)> {
    let Ok(text) = simdutf8::basic::from_utf8(bytes) else {
        return Err(("content.encoding", 1, String::new()));
    };
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(map)) => Ok(map),
        Ok(_) => Err(("content.record-object", 1, String::new())),
        Err(e) => {
            let text = e.to_string();
            let text = text.split(" at line ").next().unwrap_or_default().to_owned();
            Err(("content.json", e.column() as u32, text))
        }
    }
}

/// Calls `take` with every row of a CSV file; the first row names the fields. Its line is that on which the row starts.
pub fn csv(mut from: impl Read, mut take: impl FnMut(Row)) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let skip = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&bytes[skip..]);
    let headers: Vec<String> = match reader.byte_headers() {
        Ok(h) => h.iter().map(|c| String::from_utf8_lossy(c).trim().to_owned()).collect(),
        Err(e) => return Err(std::io::Error::other(e)),
    };
    for row in reader.into_byte_records() {
        let row = match row {
            Ok(row) => row,
            Err(e) => {
                let line = e.position().map_or(1, |p| p.line() as u32);
                let values = Err(("content.csv", 1, e.to_string()));
                take(Row { start: 0, length: 0, line, bytes: Vec::new(), values });
                continue;
            }
        };
        let position = row.position().cloned();
        let line = position.as_ref().map_or(1, |p| p.line() as u32);
        let start = position.as_ref().map_or(0, csv::Position::byte) + skip as u64;
        let values = if row.iter().any(|c| std::str::from_utf8(c).is_err()) {
            Err(("content.encoding", 1, String::new()))
        } else if row.len() != headers.len() {
            Err(("content.csv-cells", 1, format!("{} / {}", row.len(), headers.len())))
        } else {
            Ok(fields(&headers, row.iter()))
        };
        let bytes = row.iter().fold(Vec::new(), |mut all, cell| {
            all.extend_from_slice(&(cell.len() as u64).to_le_bytes());
            all.extend_from_slice(cell);
            all
        });
        take(Row { start, length: row.as_slice().len() as u32, line, bytes, values });
    }
    Ok(())
}

fn fields<'a>(headers: &[String], cells: impl Iterator<Item = &'a [u8]>) -> Map<String, Json> {
    headers
        .iter()
        .zip(cells)
        .filter(|(h, cell)| !h.is_empty() && !cell.is_empty())
        .map(|(h, cell)| (h.clone(), Json::String(String::from_utf8_lossy(cell).into_owned())))
        .collect()
}

/// Reads one record again by its place. `Ok(None)`: there is no record at that place any more.
pub fn reread(path: &Path, start: u64, length: u32, line: u32) -> std::io::Result<Option<Map<String, Json>>> {
    let mut file = std::fs::File::open(path)?;
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(std::io::BufReader::new(file));
        let headers: Vec<String> = match reader.byte_headers() {
            Ok(h) => h.iter().map(|c| String::from_utf8_lossy(c).trim_start_matches('\u{feff}').trim().to_owned()).collect(),
            Err(e) => return Err(std::io::Error::other(e)),
        };
        let mut position = csv::Position::new();
        position.set_byte(start).set_line(line.into());
        reader.seek(position).map_err(std::io::Error::other)?;
        let mut row = csv::ByteRecord::new();
        let found = reader.read_byte_record(&mut row).map_err(std::io::Error::other)?;
        return Ok((found && row.len() == headers.len()).then(|| fields(&headers, row.iter())));
    }
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    let content = if start == 0 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes) } else { &bytes };
    Ok(object(content.trim_ascii()).ok())
}
