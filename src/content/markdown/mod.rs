//! Markdown → [`Body`]: HTML that belongs to no site yet. Links and pictures that lead into the repository are holes,
//! filled in for each site, so that a body is rendered once whatever the number of sites that show it.
//!
//! The set of extensions is fixed: CommonMark, and of GFM tables, footnotes, strikethrough, task lists and alerts.
//! Nothing in a body becomes script, style or frame unless the owner's policy names it.

mod document;
mod han;
mod plain;
mod policy;
pub mod shortcode;
mod target;
mod writer;

use std::ops::Range;

use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};

use crate::base::diag::Severity;
pub use plain::plain_text;
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

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Hole {
    pub at: usize,
    pub kind: HoleKind,
}

/// Numbers are places in [`Body::links`].
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Link {
    pub target: Target,
    /// Bytes of the source.
    pub range: Range<usize>,
    pub kind: LinkKind,
    pub title: String,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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
    render_events(source, options, |_, _| {})
}

/// Renders a body and cuts its summary from the same reading.
pub fn render_with_summary(source: &str, options: &Options, count: usize, title: Option<&str>) -> (Body, String) {
    let mut summary = String::new();
    let body = render_events(source, options, |text, events| {
        // The events carry places of the source, not of the text that was parsed.
        let mut cutter = Cutter::new(source, text.mark, count, title);
        for (at, (event, range)) in events.iter().enumerate() {
            cutter.take(event, range.clone(), events.get(at + 1).map(|(e, _)| e));
            if cutter.full() {
                break;
            }
        }
        summary = cutter.finish();
    });
    (body, summary)
}

fn render_events(source: &str, options: &Options, look: impl FnOnce(&han::Prepared, &[(Event, Range<usize>)])) -> Body {
    let text = han::Prepared::new(source, options.chinese);
    // Room for the events of a text of the usual kind: to grow is to copy all of them.
    let mut events: Vec<(Event, Range<usize>)> = Vec::with_capacity(source.len() / 16 + 16);
    events.extend(Parser::new_ext(&text.text, extensions()).into_offset_iter().map(|(e, r)| (e, text.original(r))));
    look(&text, &events);
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

/// What has to be known of a body before anything is rendered.
pub struct Survey {
    pub links: Vec<Link>,
    pub findings: Vec<Finding>,
    pub summary: String,
    /// The body itself, where it was rendered on the way.
    pub body: Option<Body>,
}

/// Links, findings and the first `count` characters of a body, in one reading where that is enough: a body with raw HTML,
/// shortcodes, links to its own places or a slip is rendered, so that both ways say the same.
pub fn survey(source: &str, options: &Options, count: usize, title: Option<&str>) -> Survey {
    if memchr::memchr2(b'[', b'<', source.as_bytes()).is_none() {
        return Survey { links: Vec::new(), findings: Vec::new(), summary: summary(source, count, title), body: None };
    }
    if memchr::memchr(b'<', source.as_bytes()).is_none()
        && let Some((links, summary)) = plain_survey(source, options, count, title)
    {
        return Survey { links, findings: Vec::new(), summary, body: None };
    }
    rendered_survey(source, options, count, title)
}

/// The same, with the body.
pub fn rendered_survey(source: &str, options: &Options, count: usize, title: Option<&str>) -> Survey {
    let (mut body, summary) = render_with_summary(source, options, count, title);
    body.html.shrink_to_fit();
    Survey { links: body.links.clone(), findings: body.findings.clone(), summary, body: Some(body) }
}

/// `None`: there is something to say, or to know, that only rendering tells.
fn plain_survey(source: &str, options: &Options, count: usize, title: Option<&str>) -> Option<(Vec<Link>, String)> {
    let text = han::Prepared::new(source, options.chinese);
    let mut cutter = Cutter::new(&text.text, text.mark, count, title);
    let mut links = Vec::new();
    let mut depth = 0usize;
    let mut events = Parser::new_ext(&text.text, extensions()).into_offset_iter().peekable();
    while let Some((event, range)) = events.next() {
        let (dest, title, kind) = match &event {
            Event::Start(Tag::Link { dest_url, title, .. }) => (dest_url, title, LinkKind::Link),
            Event::Start(Tag::Image { dest_url, title, .. }) => (dest_url, title, LinkKind::Image),
            other => {
                match other {
                    Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
                    Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => depth -= 1,
                    _ => {}
                }
                if depth > writer::MAX_DEPTH {
                    return None;
                }
                cutter.take(&event, range, events.peek().map(|(e, _)| e));
                continue;
            }
        };
        let clean = |t: &str| t.replace(text.mark, "");
        match (Target::parse(&clean(dest)), kind) {
            (Ok(Target::External(_)), LinkKind::Link) => {}
            (Ok(target @ Target::Path { .. }), _) | (Ok(target @ Target::Item { .. }), LinkKind::Link) => {
                links.push(Link { target, range: text.original(range.clone()), kind, title: clean(title) });
            }
            _ => return None,
        }
        cutter.take(&event, range, events.peek().map(|(e, _)| e));
    }
    Some((links, cutter.finish()))
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
    let text = han::Prepared::new(source, true);
    let mut cutter = Cutter::new(&text.text, text.mark, count, title);
    let mut events = Parser::new_ext(&text.text, extensions()).into_offset_iter().peekable();
    while let Some((event, range)) = events.next() {
        cutter.take(&event, range, events.peek().map(|(e, _)| e));
        if cutter.full() {
            break;
        }
    }
    cutter.finish()
}

/// Collects the first characters of a text from its events.
struct Cutter<'a> {
    /// What the places of the events are places of.
    text: &'a str,
    mark: char,
    count: usize,
    title: Option<&'a str>,
    out: String,
    length: usize,
    /// Elements around that are left out.
    skip: usize,
    shortcode: bool,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str, mark: char, count: usize, title: Option<&'a str>) -> Cutter<'a> {
        Cutter { text, mark, count, title, out: String::new(), length: 0, skip: 0, shortcode: false }
    }

    fn full(&self) -> bool {
        self.length > self.count
    }

    fn take(&mut self, event: &Event, range: Range<usize>, next: Option<&Event>) {
        if self.full() {
            return;
        }
        let mark = self.mark;
        match event {
            Event::Start(Tag::Paragraph) if self.text.get(range).is_some_and(|t| t.trim_start().starts_with("{{<")) => {
                self.skip += 1;
                self.shortcode = true;
            }
            Event::End(TagEnd::Paragraph) if self.shortcode => {
                self.skip = self.skip.saturating_sub(1);
                self.shortcode = false;
            }
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_) | Tag::FootnoteDefinition(_) | Tag::Image { .. }) => {
                self.skip += 1;
            }
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table | TagEnd::FootnoteDefinition | TagEnd::Image) => {
                self.skip = self.skip.saturating_sub(1);
            }
            Event::Text(t) | Event::Code(t) if self.skip == 0 => {
                for c in t.chars().filter(|c| *c != mark) {
                    let blank = c.is_whitespace() || c.is_control();
                    if blank && (self.out.is_empty() || self.out.ends_with(' ')) {
                        continue;
                    }
                    self.out.push(if blank { ' ' } else { c });
                    self.length += 1;
                    if self.full() {
                        break;
                    }
                }
            }
            Event::SoftBreak | Event::HardBreak if self.skip == 0 => {
                let next = match next {
                    Some(Event::Text(t)) => t.chars().find(|c| *c != mark),
                    _ => None,
                };
                let joined = self.out.chars().next_back().is_some_and(han::is_wide) && next.is_some_and(han::is_wide);
                if !joined && !self.out.is_empty() {
                    self.out.push(' ');
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item) if self.skip == 0 => {
                // A paragraph that only repeats the title says nothing.
                if self.title.is_some_and(|t| self.out.trim() == t.trim()) {
                    self.out.clear();
                    self.length = 0;
                }
                let ended = self.out.ends_with(|c: char| !c.is_alphanumeric());
                if !self.out.is_empty() && !ended {
                    self.out.push(' ');
                }
            }
            _ => {}
        }
    }

    fn finish(self) -> String {
        let text = self.out.trim();
        if text.chars().count() <= self.count {
            return text.to_owned();
        }
        let cut: String = text.chars().take(self.count).collect();
        format!("{}…", cut.trim_end())
    }
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
