//! The rows of a CSV file that a page shows as a table.

use std::io::Read;
use std::path::Path;

/// A larger table is for a spreadsheet, not for a page.
pub const MAX_ROWS: usize = 2_000;
const MAX_BYTES: u64 = 1024 * 1024;
const MAX_CELLS: usize = 100;

pub struct Table {
    pub rows: Vec<Vec<String>>,
    /// What the rows were read from.
    pub bytes: Vec<u8>,
}

/// Id of the message, and what it says.
pub type Problem = (&'static str, String);

/// Reads a table. Rows shorter than the longest are filled up, so that a page's cells stand below one another.
pub fn read(path: &Path) -> Result<Table, Problem> {
    let unreadable = |e: std::io::Error| ("table.unreadable", e.to_string());
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_BYTES {
        return Err(("table.size", format!("{length} > {MAX_BYTES}")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let rows = rows(&bytes)?;
    Ok(Table { rows, bytes })
}

/// The first rows of a table, for a page that leads to the whole.
pub struct Head {
    pub rows: Vec<Vec<String>>,
    pub more: bool,
    /// What the rows were read from.
    pub bytes: Vec<u8>,
}

/// As much of a file as its first rows can be.
const HEAD_BYTES: u64 = 256 * 1024;

/// Reads the heading and at most `count` rows below it; `None` for what is no table.
pub fn head(path: &Path, count: usize) -> Option<Head> {
    let file = std::fs::File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut bytes = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    let mut whole = &bytes[..];
    let cut = length > bytes.len() as u64;
    if cut {
        // The last line may be half a line; what it leaves of a row is not among the first ones.
        whole = &bytes[..memchr::memrchr(b'\n', &bytes)? + 1];
    }
    let (rows, more) = parse(&text(whole)?, count + 1, Limit::Stop).ok()?;
    Some(Head { rows, more: more || cut, bytes })
}

/// The text of a file as office programs write it: UTF-8, with a byte-order mark or without, or GB18030.
fn text(bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.into());
    }
    let (text, _, wrong) = encoding_rs::GB18030.decode(bytes);
    (!wrong).then_some(text)
}

/// What is done with rows beyond the limit.
#[derive(PartialEq)]
enum Limit {
    Refuse,
    Stop,
}

fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    let text = text(bytes).ok_or(("table.encoding", String::new()))?;
    parse(&text, MAX_ROWS, Limit::Refuse).map(|(rows, _)| rows)
}

/// At most so many rows, and whether there were more.
fn parse(text: &str, most: usize, limit: Limit) -> Result<(Vec<Vec<String>>, bool), Problem> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut more = false;
    for row in reader.records() {
        let row = row.map_err(|e| ("table.unreadable", e.to_string()))?;
        let blank = row.iter().all(|cell| cell.trim().is_empty());
        if row.len() > MAX_CELLS || (rows.len() == most && limit == Limit::Refuse) {
            return Err(("table.size", format!("{MAX_ROWS} × {MAX_CELLS}")));
        }
        if blank {
            continue;
        }
        if rows.len() == most {
            more = true;
            break;
        }
        rows.push(row.iter().map(|cell| cell.trim().to_owned()).collect());
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return Err(("table.unreadable", "0".to_owned()));
    }
    rows.iter_mut().for_each(|row| row.resize(width, String::new()));
    Ok((rows, more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_filled_up_and_empty_ones_left_out() {
        let rows = rows("\u{feff}项目,金额\n水费,\"1,000\"\n\n合计\n".as_bytes()).unwrap();
        assert_eq!(rows, [["项目", "金额"], ["水费", "1,000"], ["合计", ""]]);
    }

    #[test]
    fn what_office_programs_write_in_chinese_is_read() {
        assert_eq!(rows(b"\xcf\xee\xc4\xbf,1").unwrap(), [["项目", "1"]]);
    }

    #[test]
    fn the_head_of_a_file_larger_than_a_page_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("名称,数\n{}", "水,1\n".repeat(100_000))).unwrap();
        let head = head(file.path(), 20).unwrap();
        assert_eq!((head.rows.len(), &*head.rows[0][0], head.more), (21, "名称", true));
        std::fs::write(file.path(), "名称,数\n水,1\n\n").unwrap();
        let head = super::head(file.path(), 20).unwrap();
        assert_eq!((head.rows.len(), head.more), (2, false));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let id = |bytes: &[u8]| rows(bytes).unwrap_err().0;
        assert_eq!(id(b""), "table.unreadable");
        assert_eq!(id(b"\xff\xff,1"), "table.encoding");
        assert_eq!(id("a\n".repeat(MAX_ROWS + 1).as_bytes()), "table.size");
        assert_eq!(id(",".repeat(MAX_CELLS).as_bytes()), "table.size");
    }
}
