//! Markdown → [`Body`]: HTML that belongs to no site yet. Links and pictures that lead into the repository are holes,
//! filled in for each site, so that a body is rendered once whatever the number of sites that show it.
//!
//! The set of extensions is fixed: CommonMark, and of GFM tables, footnotes, strikethrough, task lists and alerts.
//! Nothing in a body becomes script, style or frame unless the owner's policy names it.

mod document;
mod han;
mod policy;
pub mod shortcode;
mod target;
mod writer;

use std::ops::Range;

use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};

use crate::base::diag::Severity;
pub use target::Target;

/// What raw HTML may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HtmlPolicy {
    /// It is shown as text.
    None,
    /// Cleaned: structure and text, no script, style, frame or form.
    Clean,
    /// As `Clean`, and frames of these hosts.
    Embed(Vec<String>),
    /// All of it stays: the examples of CommonMark want it so, nothing else may have it.
    #[cfg(test)]
    Raw,
}

/// Markup of our own: ids, figures, holes, boxes around tables, `rel` and `loading`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extras {
    All,
    /// None of it, so that the examples of CommonMark can be compared as they are written.
    #[cfg(test)]
    None,
}

pub struct Options<'a> {
    pub html: HtmlPolicy,
    /// Emphasis beside Chinese punctuation, no space at line ends between Han characters.
    pub chinese: bool,
    /// The first heading is left out when its text is this: the page shows it already.
    pub drop_title: Option<&'a str>,
    /// Paragraphs that start with 第X条 get that as their id; those that are `第X章 …` stand in the table of contents.
    pub articles: bool,
    /// An official document (公文): addressee, indents and signature are marked.
    pub official: bool,
    pub extras: Extras,
}

/// A rendered body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    pub html: String,
    /// In order; `at` is a byte position in `html`.
    pub holes: Vec<Hole>,
    pub links: Vec<Link>,
    pub toc: Vec<Heading>,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hole {
    pub at: usize,
    pub kind: HoleKind,
}

/// Numbers are places in [`Body::links`].
#[derive(Clone, Debug, PartialEq)]
pub enum HoleKind {
    LinkOpen(u32),
    LinkClose(u32),
    Image {
        link: u32,
        alt: String,
        title: String,
    },
    Shortcode(Box<shortcode::Call>),
    /// What stands since the last open [`HoleKind::Shortcode`] that is paired belongs to it.
    ShortcodeEnd,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub target: Target,
    /// Bytes of the source.
    pub range: Range<usize>,
    pub kind: LinkKind,
    pub title: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LinkKind {
    Link,
    Image,
    /// Of a shortcode: a video to be played.
    Video,
    /// Of a shortcode: a file to be downloaded.
    File,
    /// Of a shortcode: a file whose rows are shown.
    Table,
    /// Of a shortcode: an item.
    Item,
}

/// Something to say about a place of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub range: Range<usize>,
    pub id: &'static str,
    pub severity: Severity,
    pub args: Vec<(&'static str, String)>,
    pub nearest: Option<String>,
}

fn extensions() -> Extensions {
    Extensions::ENABLE_TABLES
        | Extensions::ENABLE_FOOTNOTES
        | Extensions::ENABLE_STRIKETHROUGH
        | Extensions::ENABLE_TASKLISTS
        | Extensions::ENABLE_GFM
}

/// Renders a body.
pub fn render(source: &str, options: &Options) -> Body {
    let text = han::Prepared::new(source, options.chinese);
    let events: Vec<(Event, Range<usize>)> =
        Parser::new_ext(&text.text, extensions()).into_offset_iter().map(|(e, r)| (e, text.original(r))).collect();
    let mut writer = writer::Writer::new(source, options, &text);
    writer.all(&events);
    writer.finish()
}

/// The links of a body and what is wrong with it on sight.
pub fn links(source: &str, options: &Options) -> (Vec<Link>, Vec<Finding>) {
    // Most texts have neither: they are not parsed a second time.
    if memchr::memchr2(b'[', b'<', source.as_bytes()).is_none() {
        return (Vec::new(), Vec::new());
    }
    let body = render(source, options);
    (body.links, body.findings)
}

/// How much of a body is looked at for its summary and first heading, in bytes.
const HEAD: usize = 16 * 1024;

fn head(source: &str) -> &str {
    let mut end = source.len().min(HEAD);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    &source[..end]
}

/// The first `count` characters of the text, without headings, code, tables and notes.
pub fn summary(source: &str, count: usize, title: Option<&str>) -> String {
    let text = han::Prepared::new(head(source), true);
    let mut out = String::new();
    let mut skip = 0usize;
    let mut length = 0;
    let mut events = Parser::new_ext(&text.text, extensions()).into_offset_iter().peekable();
    let mut shortcode = false;
    while let Some((event, range)) = events.next() {
        match event {
            Event::Start(Tag::Paragraph) if text.text[range.clone()].trim_start().starts_with("{{<") => {
                skip += 1;
                shortcode = true;
            }
            Event::End(TagEnd::Paragraph) if shortcode => {
                skip = skip.saturating_sub(1);
                shortcode = false;
            }
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_) | Tag::FootnoteDefinition(_) | Tag::Image { .. }) => {
                skip += 1
            }
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table | TagEnd::FootnoteDefinition | TagEnd::Image) => {
                skip = skip.saturating_sub(1);
            }
            Event::Text(t) | Event::Code(t) if skip == 0 => {
                for c in t.chars().filter(|c| *c != text.mark) {
                    let blank = c.is_whitespace() || c.is_control();
                    if blank && (out.is_empty() || out.ends_with(' ')) {
                        continue;
                    }
                    out.push(if blank { ' ' } else { c });
                    length += 1;
                }
            }
            Event::SoftBreak | Event::HardBreak if skip == 0 => {
                let next = match events.peek() {
                    Some((Event::Text(t), _)) => t.chars().find(|c| *c != text.mark),
                    _ => None,
                };
                let joined = out.chars().next_back().is_some_and(han::is_wide) && next.is_some_and(han::is_wide);
                if !joined && !out.is_empty() {
                    out.push(' ');
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item) if skip == 0 => {
                // A paragraph that only repeats the title says nothing.
                if title.is_some_and(|t| out.trim() == t.trim()) {
                    out.clear();
                    length = 0;
                }
                let ended = out.ends_with(|c: char| !c.is_alphanumeric());
                if !out.is_empty() && !ended {
                    out.push(' ');
                }
            }
            _ => {}
        }
        if length > count {
            break;
        }
    }
    let text = out.trim();
    if text.chars().count() <= count {
        return text.to_owned();
    }
    let cut: String = text.chars().take(count).collect();
    format!("{}…", cut.trim_end())
}

/// The text of the first heading.
pub fn first_heading(source: &str) -> Option<String> {
    let text = han::Prepared::new(head(source), true);
    let mut found: Option<String> = None;
    for event in Parser::new_ext(&text.text, extensions()) {
        match (&mut found, event) {
            (None, Event::Start(Tag::Heading { .. })) => found = Some(String::new()),
            (Some(_), Event::End(TagEnd::Heading(_))) => break,
            (Some(out), Event::Text(t) | Event::Code(t)) => out.push_str(&t),
            (Some(out), Event::SoftBreak | Event::HardBreak) => out.push(' '),
            (Some(out), Event::InlineHtml(t)) if !policy::is_tag(&t) => out.push_str(&t),
            _ => {}
        }
    }
    let title = found?.replace(text.mark, "");
    let title = title.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { format!("{}…", text.chars().take(80).collect::<String>()) }
}

#[cfg(test)]
mod tests;
