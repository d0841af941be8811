//! Shortcodes: `{{< name key="value" >}}` alone in a paragraph. Which there are and what each may be given stands in
//! [`ALL`] and nowhere else; a template `shortcodes/NAME.html` of the site's stack makes the HTML.
//!
//! They are looked for in paragraphs of the parsed text, never in the text itself: what stands in code stays code, and
//! a position is one of the source.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use super::{Finding, LinkKind, Target};
use crate::base::diag::Severity;
use crate::base::source::nearest;

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    /// A whole number between two bounds.
    Number(i64, i64),
    /// true or false, and what it is when nothing is said.
    Flag(bool),
    /// A file beside the text, or elsewhere in the repository.
    File(Accept),
    /// Several, with commas between them.
    Files(Accept),
    /// An item of the repository: `id:…` or a path.
    Item,
}

/// Which files a parameter takes, by their endings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Accept {
    Any,
    Picture,
    Video,
    Table,
}

impl Accept {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Accept::Any => &[],
            Accept::Picture => &["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"],
            Accept::Video => &["mp4", "webm", "m4v", "ogv"],
            Accept::Table => &["csv"],
        }
    }

    fn shown(self) -> String {
        if self == Accept::Any { "*".to_owned() } else { self.endings().join(" ") }
    }

    fn takes(self, path: &str) -> bool {
        let (_, ending) = crate::base::path::stem_ext(crate::base::path::name(path));
        self == Accept::Any || self.endings().contains(&ending.to_ascii_lowercase().as_str())
    }

    fn link(self) -> LinkKind {
        match self {
            Accept::Any => LinkKind::File,
            Accept::Picture => LinkKind::Image,
            Accept::Video => LinkKind::Video,
            Accept::Table => LinkKind::Table,
        }
    }
}

#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

#[derive(Debug)]
pub struct Shortcode {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// Markdown may stand between `{{< name >}}` and `{{< /name >}}`.
    pub inner: bool,
    pub en: &'static str,
    pub zh: &'static str,
}

const fn must(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: false }
}

#[rustfmt::skip]
pub const ALL: &[Shortcode] = &[
    Shortcode {
        name: "figure", inner: true, en: "a picture with a caption", zh: "带说明的图片",
        parameters: &[must("src", Kind::File(Accept::Picture)), may("alt", Kind::Text), may("caption", Kind::Text)],
    },
    Shortcode {
        name: "gallery", inner: true, en: "pictures side by side", zh: "图片集",
        parameters: &[must("files", Kind::Files(Accept::Picture)), may("caption", Kind::Text), may("columns", Kind::Number(2, 6))],
    },
    Shortcode {
        name: "video", inner: true, en: "a video file with its player", zh: "视频文件",
        parameters: &[must("src", Kind::File(Accept::Video)), may("poster", Kind::File(Accept::Picture)), may("caption", Kind::Text)],
    },
    Shortcode {
        name: "attachment", inner: true, en: "a file to download, with its size", zh: "附件卡片",
        parameters: &[must("file", Kind::File(Accept::Any)), may("title", Kind::Text)],
    },
    Shortcode {
        name: "table", inner: true, en: "the rows of a CSV file as a table", zh: "CSV 表格",
        parameters: &[must("file", Kind::File(Accept::Table)), may("caption", Kind::Text), may("header", Kind::Flag(true))],
    },
    Shortcode {
        name: "document", inner: false, en: "a card that leads to an item", zh: "文件卡片",
        parameters: &[must("item", Kind::Item)],
    },
];

/// More shortcodes than any text needs; each runs a template.
const MAX_CALLS: usize = 500;

/// A shortcode as it stands in a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: &'static str,
    /// Every parameter of the shortcode that was given or has a value of its own.
    pub values: Vec<(&'static str, Value)>,
    /// What follows up to its end belongs to it.
    pub paired: bool,
    /// Bytes of the source.
    pub range: Range<usize>,
}

/// A [`Call`] as it is kept while a build runs: names are places in [`ALL`].
#[derive(serde::Serialize, serde::Deserialize)]
struct Numbered {
    shortcode: usize,
    values: Vec<(usize, Value)>,
    paired: bool,
    range: Range<usize>,
}

impl serde::Serialize for Call {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let unknown = || serde::ser::Error::custom("not in the list of shortcodes");
        let shortcode = ALL.iter().position(|s| s.name == self.name).ok_or_else(unknown)?;
        let number = |name| ALL[shortcode].parameters.iter().position(|p| p.name == name).ok_or_else(unknown);
        let values = self.values.iter().map(|(name, value)| Ok((number(*name)?, value.clone()))).collect::<Result<_, S::Error>>()?;
        Numbered { shortcode, values, paired: self.paired, range: self.range.clone() }.serialize(to)
    }
}

impl<'de> serde::Deserialize<'de> for Call {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Call, D::Error> {
        let unknown = || serde::de::Error::custom("not in the list of shortcodes");
        let Numbered { shortcode, values, paired, range } = Numbered::deserialize(from)?;
        let shortcode = ALL.get(shortcode).ok_or_else(unknown)?;
        let name = |at: usize| shortcode.parameters.get(at).map(|p| p.name).ok_or_else(unknown);
        let values = values.into_iter().map(|(at, value)| Ok((name(at)?, value))).collect::<Result<_, D::Error>>()?;
        Ok(Call { name: shortcode.name, values, paired, range })
    }
}

/// Numbers are places in the body's links.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Value {
    Text(String),
    Number(i64),
    Flag(bool),
    File(u32),
    Files(Vec<u32>),
    /// A file whose rows are shown.
    Rows(u32),
    Item(u32),
}

/// A file or item that a shortcode names.
pub struct Named {
    pub target: Target,
    pub range: Range<usize>,
    pub kind: LinkKind,
}

/// What stands in the place of one `{{< … >}}`.
pub enum Piece {
    Open(Call),
    Close,
    /// It has an error, which is said.
    Nothing,
}

/// All shortcodes of a body.
#[derive(Default)]
pub struct Found {
    /// By the number of the event that starts their paragraph.
    pub pieces: HashMap<usize, Vec<Piece>>,
    pub named: Vec<Named>,
    pub findings: Vec<Finding>,
}

/// An opening that a closing may still come for: shortcode, paragraph, place in it.
type Open = (&'static str, usize, usize);

/// Looks through all paragraphs. `first`: the number that the first of `named` gets.
pub fn find(source: &str, events: &[(Event, Range<usize>)], first: usize) -> Found {
    let mut found = Found::default();
    if !any(source) {
        return found;
    }
    let mut count = 0;
    // A shortcode ends in the list, quote or note that it starts in: one frame for each that is open.
    let mut open: Vec<Vec<Open>> = vec![Vec::new()];
    for (at, (event, range)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Paragraph) => {
                open.push(Vec::new());
                let Some(tags) = source.get(range.clone()).and_then(|text| read(text, range.start)) else { continue };
                let frame = open.len() - 2;
                for tag in tags {
                    count += 1;
                    if count > MAX_CALLS {
                        found.say("shortcode.many", tag.range(), vec![("max", MAX_CALLS.to_string())], None);
                        return found;
                    }
                    let piece = piece(&mut found, &mut open[frame], at, first, tag);
                    found.pieces.entry(at).or_default().push(piece);
                }
            }
            Event::Start(_) => open.push(Vec::new()),
            Event::End(_) if open.len() > 1 => _ = open.pop(),
            _ => {}
        }
    }
    found
}

fn piece(found: &mut Found, open: &mut Vec<Open>, paragraph: usize, first: usize, tag: Result<Written, Wrong>) -> Piece {
    let written = match tag {
        Ok(written) => written,
        Err(wrong) => {
            found.say(wrong.id, wrong.range, vec![("text", wrong.text)], None);
            return Piece::Nothing;
        }
    };
    let Some(shortcode) = ALL.iter().find(|s| s.name == written.name) else {
        let near = nearest(written.name, ALL.iter().map(|s| s.name)).map(str::to_owned);
        found.say("shortcode.unknown", written.name_range, vec![("name", written.name.to_owned())], near);
        return Piece::Nothing;
    };
    if written.closing {
        return close(found, open, shortcode, written);
    }
    let at = found.pieces.get(&paragraph).map_or(0, Vec::len);
    open.push((shortcode.name, paragraph, at));
    let before = found.findings.len();
    let call = call(found, shortcode, written, first);
    if found.findings.len() > before { Piece::Nothing } else { Piece::Open(call) }
}

/// The innermost opening of the name takes the closing; those opened since stand for themselves.
fn close(found: &mut Found, open: &mut Vec<Open>, shortcode: &'static Shortcode, written: Written) -> Piece {
    let name = vec![("name", shortcode.name.to_owned())];
    let Some(hit) = open.iter().rposition(|(name, _, _)| *name == shortcode.name) else {
        found.say("shortcode.closing", written.range, name, None);
        return Piece::Nothing;
    };
    let (_, paragraph, at) = open[hit];
    open.truncate(hit);
    if !shortcode.inner {
        found.say("shortcode.no-inner", written.range, name, None);
        return Piece::Nothing;
    }
    match found.pieces.get_mut(&paragraph).and_then(|p| p.get_mut(at)) {
        Some(Piece::Open(call)) => {
            call.paired = true;
            Piece::Close
        }
        _ => Piece::Nothing,
    }
}

impl Found {
    fn say(&mut self, id: &'static str, range: Range<usize>, args: Vec<(&'static str, String)>, nearest: Option<String>) {
        // Messages have braces of their own.
        let marks = [("open", "{{<".to_owned()), ("close", ">}}".to_owned())];
        let args = args.into_iter().chain(marks).collect();
        self.findings.push(Finding { range, id, severity: Severity::Error, args, nearest });
    }

    fn name(&mut self, first: usize, target: Target, range: Range<usize>, kind: LinkKind) -> u32 {
        self.named.push(Named { target, range, kind });
        (first + self.named.len() - 1) as u32
    }
}

/// Holds what is written against what is declared.
fn call(found: &mut Found, shortcode: &'static Shortcode, written: Written, first: usize) -> Call {
    let mut call = Call { name: shortcode.name, values: Vec::new(), paired: false, range: written.range };
    let given: Vec<&str> = written.pairs.iter().map(|p| p.key).collect();
    for pair in written.pairs {
        let args = || vec![("name", shortcode.name.to_owned()), ("key", pair.key.to_owned())];
        let Some(parameter) = shortcode.parameters.iter().find(|p| p.name == pair.key) else {
            let known: Vec<&str> = shortcode.parameters.iter().map(|p| p.name).collect();
            let near = nearest(pair.key, known.iter().copied()).map(str::to_owned);
            let args = args().into_iter().chain([("known", known.join(" "))]).collect();
            found.say("shortcode.parameter", pair.key_range, args, near);
            continue;
        };
        if call.values.iter().any(|(key, _)| *key == parameter.name) {
            found.say("shortcode.twice", pair.key_range, args(), None);
            continue;
        }
        if let Some(value) = value(found, parameter, &pair, first) {
            call.values.push((parameter.name, value));
        }
    }
    for parameter in shortcode.parameters.iter().filter(|p| !given.contains(&p.name)) {
        if parameter.required {
            let args = vec![("name", shortcode.name.to_owned()), ("key", parameter.name.to_owned())];
            found.say("shortcode.missing", call.range.clone(), args, None);
        }
        if let Kind::Flag(own) = parameter.kind {
            call.values.push((parameter.name, Value::Flag(own)));
        }
    }
    call
}

/// The value of one parameter; `None` when it is none, which is said.
fn value(found: &mut Found, parameter: &Parameter, pair: &Pair, first: usize) -> Option<Value> {
    let text = pair.value.trim();
    let wrong = |found: &mut Found, id: &'static str, expected: String| {
        let args = vec![("key", parameter.name.to_owned()), ("value", super::shortened(text)), ("expected", expected)];
        found.say(id, pair.value_range.clone(), args, None);
        None
    };
    match parameter.kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Number(least, most) => match text.parse::<i64>() {
            Ok(n) if (least..=most).contains(&n) => Some(Value::Number(n)),
            _ => wrong(found, "shortcode.value", format!("{least}–{most}")),
        },
        Kind::Flag(_) => match text {
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => wrong(found, "shortcode.value", "true / false".to_owned()),
        },
        Kind::Item => match Target::parse(text) {
            Ok(target @ (Target::Item { .. } | Target::Path { .. })) => {
                Some(Value::Item(found.name(first, target, pair.value_range.clone(), LinkKind::Item)))
            }
            _ => wrong(found, "shortcode.value", "id:…".to_owned()),
        },
        Kind::File(accept) => {
            let Some(file) = file(found, accept, text, pair.value_range.clone(), first) else {
                return wrong(found, "shortcode.file-kind", accept.shown());
            };
            Some(if accept == Accept::Table { Value::Rows(file) } else { Value::File(file) })
        }
        Kind::Files(accept) => {
            let mut files = Vec::new();
            for (part, range) in parts(&pair.value, pair.value_range.clone()) {
                let Some(file) = file(found, accept, part, range, first) else {
                    return wrong(found, "shortcode.file-kind", accept.shown());
                };
                files.push(file);
            }
            if files.is_empty() { wrong(found, "shortcode.file-kind", accept.shown()) } else { Some(Value::Files(files)) }
        }
    }
}

fn file(found: &mut Found, accept: Accept, text: &str, range: Range<usize>, first: usize) -> Option<u32> {
    // An ending with `%` or `#` in front of it is still the name of a file: it is taken as written.
    let target = Target::Path { path: text.to_owned(), anchor: None };
    let inside = matches!(Target::parse(text), Ok(Target::Path { .. }));
    (inside && accept.takes(text)).then(|| found.name(first, target, range, accept.link()))
}

/// The names of a list, each with its place. A value with escapes in it has only one place: its own.
fn parts(value: &str, range: Range<usize>) -> Vec<(&str, Range<usize>)> {
    let exact = value.len() == range.len();
    let mut out = Vec::new();
    let mut at = 0;
    for part in value.split([',', '，']) {
        let name = part.trim();
        let start = range.start + at + (part.len() - part.trim_start().len());
        if !name.is_empty() {
            out.push((name, if exact { start..start + name.len() } else { range.clone() }));
        }
        at += part.len() + value[at + part.len()..].chars().next().map_or(0, char::len_utf8);
    }
    out
}

/// One `{{< … >}}` as written; ranges are of the source.
#[derive(Debug)]
struct Written<'s> {
    name: &'s str,
    name_range: Range<usize>,
    closing: bool,
    pairs: Vec<Pair<'s>>,
    range: Range<usize>,
}

#[derive(Debug)]
struct Pair<'s> {
    key: &'s str,
    key_range: Range<usize>,
    value: String,
    value_range: Range<usize>,
}

/// Why one cannot be read.
#[derive(Debug)]
struct Wrong {
    id: &'static str,
    range: Range<usize>,
    text: String,
}

trait Placed {
    fn range(&self) -> Range<usize>;
}

impl Placed for Result<Written<'_>, Wrong> {
    fn range(&self) -> Range<usize> {
        match self {
            Ok(written) => written.range.clone(),
            Err(wrong) => wrong.range.clone(),
        }
    }
}

/// The shortcodes of a paragraph that holds nothing else; `None` when it holds something else.
fn read(text: &str, base: usize) -> Option<Vec<Result<Written<'_>, Wrong>>> {
    let mut out = Vec::new();
    let mut at = text.len() - text.trim_start().len();
    while at < text.len() {
        let inner = text[at..].strip_prefix("{{<")?;
        let start = at + 3;
        let Some(length) = end(inner) else {
            let shown = super::shortened(text[at..].lines().next().unwrap_or_default());
            out.push(Err(Wrong { id: "shortcode.unclosed", range: base + at..base + text.trim_end().len().max(at), text: shown }));
            return Some(out);
        };
        let stop = start + length + 3;
        out.push(written(&text[start..start + length], base + start, base + at..base + stop));
        at = stop + (text[stop..].len() - text[stop..].trim_start().len());
    }
    (!out.is_empty()).then_some(out)
}

/// Bytes up to the `>}}` that is in no quotes; when a quote is never closed, up to the first one.
fn end(inner: &str) -> Option<usize> {
    let mut quote = None;
    let mut skip = false;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            _ if skip => skip = false,
            (Some(_), '\\') => skip = true,
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') if inner[at..].starts_with(">}}") => return Some(at),
            _ => {}
        }
    }
    inner.find(">}}")
}

fn written(inner: &str, base: usize, range: Range<usize>) -> Result<Written<'_>, Wrong> {
    // `{{< x / >}}` and `{{< x a="b"/>}}` are ways to write one without an end; the slash of `a=b/` is of the value.
    let text = inner.trim_end();
    let own = text.strip_suffix('/').filter(|t| t.ends_with(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')));
    let mut cursor = Cursor { text: own.unwrap_or(text), at: 0, base };
    cursor.blank();
    let closing = cursor.take('/');
    cursor.blank();
    let (name, name_range) = cursor.word();
    if name.is_empty() {
        return Err(Wrong { id: "shortcode.no-name", range, text: String::new() });
    }
    let mut pairs = Vec::new();
    loop {
        cursor.blank();
        if cursor.rest().is_empty() {
            return Ok(Written { name, name_range, closing, pairs, range });
        }
        let (key, key_range) = cursor.word();
        cursor.blank();
        if key.is_empty() || !cursor.take('=') {
            let shown = super::shortened(if key.is_empty() { cursor.rest() } else { key });
            let range = if key.is_empty() { key_range.start..key_range.start + cursor.rest().len() } else { key_range };
            return Err(Wrong { id: "shortcode.no-key", range, text: shown });
        }
        cursor.blank();
        let (value, value_range) = cursor.value()?;
        pairs.push(Pair { key, key_range, value, value_range });
    }
}

struct Cursor<'s> {
    text: &'s str,
    at: usize,
    base: usize,
}

impl<'s> Cursor<'s> {
    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, c: char) -> bool {
        let hit = self.rest().starts_with(c);
        self.at += if hit { c.len_utf8() } else { 0 };
        hit
    }

    /// Up to a space, `=` or a quote.
    fn word(&mut self) -> (&'s str, Range<usize>) {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'' | '“' | '”')).unwrap_or(rest.len());
        let start = self.base + self.at;
        self.at += length;
        (&rest[..length], start..start + length)
    }

    fn value(&mut self) -> Result<(String, Range<usize>), Wrong> {
        let rest = self.rest();
        let start = self.base + self.at;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else {
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            // Quotes of a Chinese keyboard would end up in the name of the file.
            if rest.starts_with(['“', '”', '‘', '’']) || length == 0 {
                return Err(Wrong { id: "shortcode.quotes", range: start..start + length, text: super::shortened(&rest[..length]) });
            }
            self.at += length;
            return Ok((rest[..length].to_owned(), start..start + length));
        };
        let mut value = String::new();
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            if escaped {
                if c != quote && c != '\\' {
                    value.push('\\');
                }
                value.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.at += at + 1;
                return Ok((value, start + 1..start + at));
            } else {
                value.push(c);
            }
        }
        Err(Wrong { id: "shortcode.quotes", range: start..start + rest.len(), text: super::shortened(rest) })
    }
}

/// Whether there is something that may be one.
pub fn any(source: &str) -> bool {
    memchr::memmem::find(source.as_bytes(), b"{{<").is_some()
}

/// Where a text between `from` and `to` has a shortcode that is not recognised, because something else stands in its
/// paragraph. `\{{<` was written to be read.
pub fn stray(source: &str, range: &Range<usize>) -> Option<Range<usize>> {
    // The parser ends a text before `<`.
    let end = (range.end + 1).min(source.len());
    let at = range.start + memchr::memmem::find(source.as_bytes().get(range.start..end)?, b"{{<")?;
    let rest = source.get(at + 3..)?.trim_start().trim_start_matches('/').trim_start();
    let shown = rest.starts_with(|c: char| c.is_alphabetic()) && !source[..at].ends_with('\\');
    shown.then(|| at..at + 3)
}
