//! The rows of a CSV file that a page shows as a table.

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

fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| ("table.encoding", String::new()))?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| ("table.unreadable", e.to_string()))?;
        if rows.len() == MAX_ROWS || row.len() > MAX_CELLS {
            return Err(("table.size", format!("{MAX_ROWS} × {MAX_CELLS}")));
        }
        if row.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(row.iter().map(|cell| cell.trim().to_owned()).collect());
        }
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return Err(("table.unreadable", "0".to_owned()));
    }
    rows.iter_mut().for_each(|row| row.resize(width, String::new()));
    Ok(rows)
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
    fn what_is_no_table_is_refused() {
        let id = |bytes: &[u8]| rows(bytes).unwrap_err().0;
        assert_eq!(id(b""), "table.unreadable");
        assert_eq!(id(b"\xcf\xee\xc4\xbf,1"), "table.encoding");
        assert_eq!(id("a\n".repeat(MAX_ROWS + 1).as_bytes()), "table.size");
        assert_eq!(id(",".repeat(MAX_CELLS).as_bytes()), "table.size");
    }
}
