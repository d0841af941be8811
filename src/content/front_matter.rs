//! Front matter: YAML between `---`, TOML between `+++`, or a JSON object, before a body; or none.

use std::cell::Cell;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

/// Longer front matter is refused before it is parsed: a scanner may take quadratic time over it.
pub const MAX_BYTES: usize = 64 * 1024;
/// More values than any honest front matter has; a YAML alias bomb counts what it unfolds.
pub const MAX_VALUES: usize = 20_000;

/// The fields of an item and where each was written.
#[derive(Debug, Default)]
pub struct Fields {
    pub values: Map<String, Json>,
    /// Key → line of the file, from 1, and column of the key.
    places: Vec<(String, u32, u32)>,
    /// Line that the front matter starts on; 0 when there is none.
    pub first_line: u32,
}

/// A front matter that cannot be read.
#[derive(Debug)]
pub struct Problem {
    pub id: &'static str,
    pub line: u32,
    pub column: u32,
    pub text: String,
}

impl Fields {
    /// Fields of a record: all of them on one line.
    pub fn on_line(values: Map<String, Json>, line: u32) -> Fields {
        Fields { values, places: Vec::new(), first_line: line }
    }

    /// Line and column of a key, else of the front matter.
    pub fn place(&self, key: &str) -> (u32, u32) {
        let hit = self.places.iter().find(|(k, ..)| k == key);
        hit.map_or((self.first_line, u32::from(self.first_line > 0)), |(_, line, column)| (*line, *column))
    }
}

/// Splits a file into its fields and the range of its body. A byte-order mark has been taken off before.
pub fn split(text: &str) -> Result<(Fields, Range<usize>), Problem> {
    let none = || Ok((Fields::default(), 0..text.len()));
    let (mark, parse): (&str, fn(&str) -> Result<Map<String, Json>, Problem>) = match text.as_bytes().first() {
        Some(b'-') => ("---", yaml),
        Some(b'+') => ("+++", toml),
        Some(b'{') => return json_front(text),
        _ => return none(),
    };
    let Some(first_end) = line_is(text, mark) else { return none() };
    // Look for the closing mark at the start of a line.
    let mut at = first_end;
    let close = loop {
        if at >= text.len() {
            // `---` alone is a rule of Markdown as well; without a second one there is no front matter to speak of,
            // unless what follows looks like keys: then the second mark has been forgotten.
            let next = text[first_end..].lines().next().unwrap_or("");
            let looks_like_key = next.split_once([':', '=']).is_some_and(|(k, _)| !k.trim().is_empty() && !k.contains(' '));
            if looks_like_key {
                return Err(Problem { id: "content.unclosed", line: 1, column: 1, text: mark.to_owned() });
            }
            return none();
        }
        if line_is(&text[at..], mark).is_some() {
            break at;
        }
        at = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |i| at + i + 1);
    };
    let inner = &text[first_end..close];
    if inner.len() > MAX_BYTES {
        return Err(Problem { id: "content.front-matter-size", line: 1, column: 1, text: inner.len().to_string() });
    }
    let values = parse(inner).map_err(|mut p| {
        p.line += 1;
        p
    })?;
    let body = close + line_is(&text[close..], mark).unwrap_or(mark.len());
    let separators: &[char] = if mark == "---" { &[':'] } else { &['='] };
    Ok((Fields { places: key_places(inner, 1, separators), values, first_line: 1 }, body..text.len()))
}

/// `Some(end of the line)` when the text starts with a line that is `mark` alone.
fn line_is(text: &str, mark: &str) -> Option<usize> {
    let rest = text.strip_prefix(mark)?;
    let end = memchr::memchr(b'\n', rest.as_bytes());
    let line = &rest[..end.unwrap_or(rest.len())];
    line.trim().is_empty().then(|| mark.len() + end.map_or(rest.len(), |i| i + 1))
}

/// Top-level keys of YAML or TOML by line: enough to place a later message, without a parser that keeps positions.
fn key_places(inner: &str, above: u32, separators: &[char]) -> Vec<(String, u32, u32)> {
    let mut places = Vec::new();
    for (at, line) in inner.lines().enumerate() {
        if line.starts_with([' ', '\t', '#', '-', '[']) {
            continue;
        }
        if let Some((key, _)) = line.split_once(separators) {
            let key = key.trim().trim_matches(['"', '\'']);
            places.push((key.to_owned(), at as u32 + 1 + above, 1));
        }
    }
    places
}

fn json_front(text: &str) -> Result<(Fields, Range<usize>), Problem> {
    let after = text[1..].trim_start();
    if !after.starts_with(['"', '}']) {
        return Ok((Fields::default(), 0..text.len()));
    }
    let end = text.len().min(MAX_BYTES + 1);
    let mut window = end;
    while !text.is_char_boundary(window) {
        window -= 1;
    }
    let mut stream = serde_json::Deserializer::from_str(&text[..window]).into_iter::<Json>();
    match stream.next() {
        Some(Ok(Json::Object(values))) => {
            let stop = stream.byte_offset();
            if stop > MAX_BYTES {
                return Err(Problem { id: "content.front-matter-size", line: 1, column: 1, text: stop.to_string() });
            }
            let places = text[..stop]
                .lines()
                .enumerate()
                .filter_map(|(at, line)| {
                    let start = line.len() - line.trim_start().len();
                    let key = line.trim_start().strip_prefix(['{', '"']).unwrap_or("").trim_start_matches('"');
                    let (key, _) = key.split_once('"')?;
                    Some((key.to_owned(), at as u32 + 1, start as u32 + 1))
                })
                .collect();
            let rest = &text[stop..];
            let body = stop + rest.find('\n').map_or(rest.len(), |i| if rest[..i].trim().is_empty() { i + 1 } else { 0 });
            Ok((Fields { values, places, first_line: 1 }, body..text.len()))
        }
        Some(Ok(_)) | None => Ok((Fields::default(), 0..text.len())),
        Some(Err(_)) if window < text.len() => {
            Err(Problem { id: "content.front-matter-size", line: 1, column: 1, text: text.len().to_string() })
        }
        Some(Err(e)) => Err(Problem {
            id: "content.json",
            line: e.line().max(1) as u32,
            column: e.column().max(1) as u32,
            text: plain_error(&e.to_string()),
        }),
    }
}

/// A parser's sentence without the place it ends with: the place is said in front.
fn plain_error(text: &str) -> String {
    text.split(" at line ").next().unwrap_or(text).to_owned()
}

fn toml(text: &str) -> Result<Map<String, Json>, Problem> {
    match ::toml::de::DeTable::parse(text) {
        Ok(table) => Ok(table.get_ref().iter().map(|(k, v)| (k.get_ref().to_string(), crate::config::read::json(v.get_ref()))).collect()),
        Err(e) => {
            let (line, column) = crate::base::source::line_column(text, e.span().map_or(0, |s| s.start));
            Err(Problem { id: "content.toml", line, column, text: e.message().trim().to_owned() })
        }
    }
}

/// YAML with a budget of values, so that neither nested nor flat alias bombs cost more than their text.
pub fn yaml(text: &str) -> Result<Map<String, Json>, Problem> {
    let left = Cell::new(MAX_VALUES);
    let parsed = Counted(&left).deserialize(serde_yaml::Deserializer::from_str(text));
    match parsed {
        Ok(Json::Object(map)) => Ok(map),
        Ok(Json::Null) => Ok(Map::new()),
        Ok(_) => Err(Problem { id: "content.yaml-table", line: 1, column: 1, text: String::new() }),
        Err(e) => {
            let (mut line, mut column) = e.location().map_or((1, 1), |l| (l.line() as u32, l.column() as u32));
            let whole = e.to_string();
            let mut text_of = plain_error(&whole);
            // A quote that is never closed is found at the end of the text; where it opens is where to mend it.
            if let Some(place) = whole.split("while scanning a quoted scalar at line ").nth(1) {
                let mut numbers = place.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
                (line, column) = (numbers.next().unwrap_or(line), numbers.next().unwrap_or(column));
                text_of = "the quote is never closed".to_owned();
            }
            if let Some(key) = text_of.split("duplicate key `").nth(1).and_then(|t| t.split('`').next()) {
                // The parser knows no place for it: the second line that starts with the key is it.
                let second = text
                    .lines()
                    .enumerate()
                    .filter(|(_, l)| l.trim_start().strip_prefix(key).is_some_and(|r| r.trim_start().starts_with(':')))
                    .nth(1);
                if let Some((at, _)) = second {
                    (line, column) = (at as u32 + 1, 1);
                }
                text_of = format!("duplicate key `{key}`");
            }
            let bad_line = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
            let id = if let Some(number) = text_of.split("invalid type: integer `").nth(1).and_then(|t| t.split('`').next()) {
                // One that fits into 64 bits is read.
                text_of = number.to_owned();
                "content.yaml-number"
            } else if bad_line.starts_with('\t') || text.lines().any(|l| l.starts_with('\t')) {
                "content.yaml-tab"
            } else {
                "content.yaml"
            };
            Err(Problem { id, line, column, text: text_of })
        }
    }
}

/// A JSON value out of any deserializer, counted.
struct Counted<'a>(&'a Cell<usize>);

impl Counted<'_> {
    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        match self.0.get().checked_sub(1) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => Err(E::custom(format!("more than {MAX_VALUES} values"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Json, D::Error> {
        self.count()?;
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Json, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Json, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Json, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Json, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Json, E> {
        Ok(v.into())
    }

    fn visit_string<E>(self, v: String) -> Result<Json, E> {
        Ok(v.into())
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Json, D::Error> {
        d.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(v) = seq.next_element_seed(Counted(self.0))? {
            list.push(v);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key_seed(Counted(self.0))? {
            let key = match key {
                Json::String(s) => s,
                Json::Null => "null".to_owned(),
                other => other.to_string(),
            };
            let value = access.next_value_seed(Counted(self.0))?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            map.insert(key, value);
        }
        Ok(Json::Object(map))
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, access: A) -> Result<Json, A::Error> {
        // A `!tag value`: the tag says nothing to us.
        use serde::de::VariantAccess;
        let (_, variant) = access.variant_seed(Counted(self.0))?;
        variant.newtype_variant_seed(Counted(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) -> String {
        match split(text) {
            Ok((f, body)) => format!("{} | {}", Json::Object(f.values), &text[body]),
            Err(p) => format!("{} {}:{} {}", p.id, p.line, p.column, p.text),
        }
    }

    #[test]
    fn three_forms_and_none() {
        assert_eq!(say("---\ntitle: 好\nno: 012\n---\n正文"), r#"{"no":"012","title":"好"} | 正文"#);
        assert_eq!(say("+++\ntitle = \"好\"\ndate = 2026-01-02\n+++\r\n正文"), r#"{"date":"2026-01-02","title":"好"} | 正文"#);
        assert_eq!(say("{\n \"title\": \"好\"\n}\n正文"), r#"{"title":"好"} | 正文"#);
        assert_eq!(say("# 标题\n---\nx"), "{} | # 标题\n---\nx");
        assert_eq!(say("{{< figure >}}"), "{} | {{< figure >}}");
        assert_eq!(say("---\n\n正文里的分隔线"), "{} | ---\n\n正文里的分隔线");
        assert_eq!(say(""), "{} | ");
        assert_eq!(say("---\n---\n"), "{} | ");
    }

    #[test]
    fn what_a_tired_editor_types() {
        assert_eq!(say("---\ntitle: 好\n正文"), "content.unclosed 1:1 ---");
        assert!(say("---\ntitle: \"好\ndate: x\n---\n").starts_with("content.yaml "));
        assert_eq!(say("---\ntitle: a\ntags:\n\t- x\n---\n").split(' ').next(), Some("content.yaml-tab"));
        assert_eq!(say("---\ntitle: a\ndate: b\ntitle: c\n---\n"), "content.yaml 4:1 duplicate key `title`");
        assert_eq!(say("---\n- a\n---\n"), "content.yaml-table 2:1 ");
        let number = "9".repeat(20);
        assert_eq!(say(&format!("---\ntitle: a\nweight: {number}\n---\n")), format!("content.yaml-number 3:9 {number}"));
        assert!(say("+++\ntitle = 好\n+++\n").starts_with("content.toml 2:9"));
        assert!(say("{\"title\": \n\"a\",}").starts_with("content.json 2:"));
    }

    #[test]
    fn bombs_cost_no_more_than_their_text() {
        let flat = format!("---\na: &a [{}]\nb: [{}]\n---\n", "x,".repeat(2000), "*a,".repeat(2000));
        assert!(say(&flat).contains("more than 20000 values"), "{}", say(&flat).len());
        let keys: String = (0..10_000).map(|i| format!("k{i}: 1\n")).collect();
        assert!(say(&format!("---\n{keys}---\n")).starts_with("content.front-matter-size"));
        let deep = format!("---\na: {}\n---\n", "[".repeat(20_000));
        assert!(say(&deep).starts_with("content.yaml "));
    }

    #[test]
    fn keys_are_placed() {
        let (fields, _) = split("---\ntitle: a\ntags:\n  - x\nweight: 1\n---\n").unwrap();
        assert_eq!(fields.place("weight"), (5, 1));
        assert_eq!(fields.place("absent"), (1, 1));
    }
}
