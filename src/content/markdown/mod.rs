//! Markdown → [`Body`]: HTML that belongs to no site yet. Links and pictures that lead into the repository are holes,
//! filled in for each site, so that a body is rendered once whatever the number of sites that show it.
//!
//! The set of extensions is fixed: CommonMark, and of GFM tables, footnotes, strikethrough, task lists and alerts.
//! Nothing in a body becomes script, style or frame unless the owner's policy names it.

mod han;
mod policy;
mod target;

use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, Options as Extensions, Parser, Tag, TagEnd};

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
}

pub struct Options<'a> {
    pub html: HtmlPolicy,
    /// Emphasis beside Chinese punctuation, no space at line ends between Han characters.
    pub chinese: bool,
    /// The first heading is left out when its text is this: the page shows it already.
    pub drop_title: Option<&'a str>,
    /// Paragraphs that start with 第X条 get that as their id.
    pub articles: bool,
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
    Image { link: u32, alt: String, title: String },
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
    let mut writer = Writer {
        options,
        text: &text,
        out: Vec::with_capacity(events.len()),
        marks: Vec::new(),
        body: Body { html: String::new(), holes: Vec::new(), links: Vec::new(), toc: Vec::new(), findings: Vec::new() },
        ids: Ids::default(),
        raw: None,
    };
    writer.all(&events);
    writer.finish(source)
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
    let mut events = Parser::new_ext(&text.text, extensions()).peekable();
    while let Some(event) = events.next() {
        match event {
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
                    Some(Event::Text(t)) => t.chars().find(|c| *c != text.mark),
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

/// Ids of one page: unique, stable, in the words of the text.
#[derive(Default)]
struct Ids(std::collections::HashMap<String, u32>);

impl Ids {
    fn take(&mut self, text: &str) -> String {
        let mut id = String::new();
        for c in text.chars() {
            if c.is_alphanumeric() || c == '_' {
                id.extend(c.to_lowercase());
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
            if id.len() > 120 {
                break;
            }
        }
        let id = id.trim_end_matches('-').to_owned();
        let id = if id.is_empty() { "section".to_owned() } else { id };
        let mut name = id.clone();
        loop {
            let seen = self.0.entry(name.clone()).or_default();
            *seen += 1;
            if *seen == 1 {
                return name;
            }
            let n = *seen;
            name = format!("{id}-{n}");
        }
    }
}

struct Writer<'a, 'b> {
    options: &'a Options<'a>,
    text: &'a han::Prepared,
    out: Vec<Event<'b>>,
    /// What stands at each mark of the HTML until it is cut into holes.
    marks: Vec<HoleKind>,
    body: Body,
    ids: Ids,
    /// Raw HTML was met: bytes of its first place.
    raw: Option<Range<usize>>,
}

/// Plain text of the events of one element.
fn plain(events: &[(Event, Range<usize>)], mark: char) -> String {
    let mut out = String::new();
    for (event, _) in events {
        match event {
            Event::Text(t) | Event::Code(t) => out.push_str(t),
            Event::InlineHtml(t) if !policy::is_tag(t) => out.push_str(t),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            _ => {}
        }
    }
    out.retain(|c| c != mark);
    out
}

/// Place of the end that belongs to the start at `from`.
fn end_of(events: &[(Event, Range<usize>)], from: usize) -> usize {
    let mut depth = 0;
    for (at, (event, _)) in events.iter().enumerate().skip(from) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    events.len() - 1
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    _ = pulldown_cmark_escape::escape_html(&mut out, text);
    out
}

fn html<'b>(text: impl Into<String>) -> Event<'b> {
    Event::InlineHtml(CowStr::from(text.into()))
}

impl<'b> Writer<'_, 'b> {
    fn clean(&self, text: &str) -> String {
        if text.contains(self.text.mark) { text.replace(self.text.mark, "") } else { text.to_owned() }
    }

    fn mark(&mut self, kind: HoleKind) -> Event<'b> {
        let hole = self.text.hole;
        let n = self.marks.len();
        self.marks.push(kind);
        html(format!("{hole}{n}{hole}"))
    }

    fn say(&mut self, range: Range<usize>, severity: Severity, id: &'static str, args: Vec<(&'static str, String)>) {
        self.body.findings.push(Finding { range, id, severity, args, nearest: None });
    }

    fn all(&mut self, events: &[(Event<'b>, Range<usize>)]) {
        let mut at = 0;
        let mut aligned: Vec<Alignment> = Vec::new();
        let (mut cell, mut head) = (0usize, false);
        // Ends of links: what closes each.
        let mut open: Vec<Option<Event<'b>>> = Vec::new();
        let mut dropped = false;
        while at < events.len() {
            let (event, range) = &events[at];
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let end = end_of(events, at);
                    let text = plain(&events[at..end], self.text.mark);
                    if !dropped && self.options.drop_title.is_some_and(|t| t.trim() == text.trim()) {
                        dropped = true;
                        at = end + 1;
                        continue;
                    }
                    dropped = true;
                    let id = self.ids.take(&text);
                    self.out.push(html(format!("<{level} id=\"{}\">", escape(&id))));
                    self.body.toc.push(Heading { level: *level as u8, id, text: text.trim().to_owned() });
                }
                Event::End(TagEnd::Heading(level)) => self.out.push(html(format!("</{level}>\n"))),
                Event::Start(Tag::Paragraph) => {
                    let end = end_of(events, at);
                    if let Some(figure) = self.figure(&events[at + 1..end]) {
                        self.out.extend(figure);
                        at = end + 1;
                        continue;
                    }
                    let article = self
                        .options
                        .articles
                        .then(|| han::article_number(&plain(&events[at + 1..end.min(at + 6)], self.text.mark)))
                        .flatten();
                    match article {
                        Some(number) => {
                            let id = self.ids.take(&number);
                            self.out.push(html(format!("<p id=\"{id}\">")));
                        }
                        None => self.out.push(html("<p>")),
                    }
                }
                Event::End(TagEnd::Paragraph) => self.out.push(html("</p>\n")),
                Event::Start(Tag::Table(a)) => {
                    aligned = a.clone();
                    self.out.push(html("<div class=\"table\"><table>"));
                }
                Event::End(TagEnd::Table) => self.out.push(html("</tbody></table></div>\n")),
                Event::Start(Tag::TableHead) => {
                    (cell, head) = (0, true);
                    self.out.push(html("<thead><tr>"));
                }
                Event::End(TagEnd::TableHead) => {
                    head = false;
                    self.out.push(html("</tr></thead><tbody>\n"));
                }
                Event::Start(Tag::TableRow) => {
                    cell = 0;
                    self.out.push(html("<tr>"));
                }
                Event::End(TagEnd::TableRow) => self.out.push(html("</tr>\n")),
                Event::Start(Tag::TableCell) => {
                    // A class, not a style: the pages' policy allows no inline style.
                    let class = match aligned.get(cell) {
                        Some(Alignment::Center) => " class=\"center\"",
                        Some(Alignment::Right) => " class=\"right\"",
                        _ => "",
                    };
                    self.out.push(html(if head { format!("<th scope=\"col\"{class}>") } else { format!("<td{class}>") }));
                    cell += 1;
                }
                Event::End(TagEnd::TableCell) => self.out.push(html(if head { "</th>" } else { "</td>" })),
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    let end = end_of(events, at);
                    let alt = plain(&events[at + 1..end], self.text.mark);
                    let picture = self.image(dest_url, title, &alt, range.clone());
                    self.out.push(picture);
                    at = end + 1;
                    continue;
                }
                Event::Start(Tag::Link { dest_url, title, .. }) => {
                    let (start, end) = self.link(dest_url, title, range.clone());
                    self.out.extend(start);
                    open.push(end);
                }
                Event::End(TagEnd::Link) => self.out.extend(open.pop().flatten()),
                Event::SoftBreak => {
                    let before = at.checked_sub(1).and_then(|i| edge(&events[i].0, self.text.mark, true));
                    let after = events.get(at + 1).and_then(|(e, _)| edge(e, self.text.mark, false));
                    let joined = self.options.chinese && before.is_some_and(han::is_wide) && after.is_some_and(han::is_wide);
                    if !joined {
                        self.out.push(Event::SoftBreak);
                    }
                }
                Event::Html(t) | Event::InlineHtml(t) => self.raw_html(t, matches!(event, Event::Html(_)), range.clone()),
                other => self.out.push(other.clone()),
            }
            at += 1;
        }
    }

    /// A paragraph that is one picture with a title becomes a figure; without one, the picture stands for itself.
    fn figure(&mut self, inner: &[(Event<'b>, Range<usize>)]) -> Option<Vec<Event<'b>>> {
        let [(Event::Start(Tag::Image { dest_url, title, .. }), range), middle @ .., (Event::End(TagEnd::Image), _)] = inner else {
            return None;
        };
        if middle.iter().any(|(e, _)| matches!(e, Event::Start(_) | Event::End(_))) {
            return None;
        }
        let alt = plain(middle, self.text.mark);
        let caption = self.clean(title);
        let picture = self.image(dest_url, "", &alt, range.clone());
        let end =
            if caption.is_empty() { "</figure>\n".to_owned() } else { format!("<figcaption>{}</figcaption></figure>\n", escape(&caption)) };
        Some(vec![html("<figure>"), picture, html(end)])
    }

    fn image(&mut self, dest: &str, title: &str, alt: &str, range: Range<usize>) -> Event<'b> {
        let title = self.clean(title);
        let dest = self.clean(dest);
        match Target::parse(&dest) {
            Ok(Target::External(url)) if !url.starts_with("mailto:") && !url.starts_with("tel:") => {
                let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(&title)) };
                html(format!("<img src=\"{}\" alt=\"{}\"{title} loading=\"lazy\">", escape(&url), escape(alt)))
            }
            Ok(target @ Target::Path { .. }) => {
                let link = self.body.links.len() as u32;
                self.body.links.push(Link { target, range, kind: LinkKind::Image, title: title.clone() });
                self.mark(HoleKind::Image { link, alt: alt.to_owned(), title })
            }
            _ => {
                self.say(range, Severity::Error, "markdown.picture-address", vec![("target", shortened(&dest))]);
                Event::Text(CowStr::from(alt.to_owned()))
            }
        }
    }

    fn link(&mut self, dest: &str, title: &str, range: Range<usize>) -> (Option<Event<'b>>, Option<Event<'b>>) {
        let title = self.clean(title);
        let dest = self.clean(dest);
        let attribute = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(&title)) };
        let target = match Target::parse(&dest) {
            Ok(target) => target,
            Err(scheme) => {
                let (severity, id) = match scheme.as_str() {
                    "" => (Severity::Warning, "markdown.empty-link"),
                    _ => (Severity::Error, "markdown.scheme"),
                };
                self.say(range, severity, id, vec![("scheme", scheme)]);
                return (None, None);
            }
        };
        match &target {
            Target::External(url) => {
                let start = html(format!("<a href=\"{}\"{attribute} rel=\"external noopener\">", escape(url)));
                (Some(start), Some(html("</a>")))
            }
            Target::Anchor(id) => {
                let start = html(format!("<a href=\"#{}\"{attribute}>", escape(&crate::base::path::encode(id))));
                (Some(start), Some(html("</a>")))
            }
            Target::Item { .. } | Target::Path { .. } => {
                let link = self.body.links.len() as u32;
                self.body.links.push(Link { target, range, kind: LinkKind::Link, title });
                (Some(self.mark(HoleKind::LinkOpen(link))), Some(self.mark(HoleKind::LinkClose(link))))
            }
        }
    }

    /// Raw HTML: kept for the cleaning, or shown as the text it is. What is no tag of HTML is text: `<某某法>` and
    /// `<foo>` were written to be read.
    fn raw_html(&mut self, text: &str, block: bool, range: Range<usize>) {
        let text = self.clean(text);
        if self.options.html == HtmlPolicy::None {
            self.say(range, Severity::Warning, "markdown.html-shown", vec![]);
            self.out.push(Event::Text(CowStr::from(text)));
            return;
        }
        if !block && !policy::is_tag(&text) {
            self.out.push(Event::Text(CowStr::from(text)));
            return;
        }
        for name in policy::refused(&text, &self.options.html) {
            self.say(range.clone(), Severity::Warning, "markdown.html-removed", vec![("tag", name)]);
        }
        self.raw.get_or_insert(range);
        self.out.push(if block { Event::Html(text.into()) } else { Event::InlineHtml(text.into()) });
    }

    fn finish(mut self, source: &str) -> Body {
        let mut html = String::with_capacity(source.len() * 3 / 2);
        pulldown_cmark::html::push_html(&mut html, self.out.drain(..));
        if html.contains(self.text.mark) {
            html = html.replace(self.text.mark, "");
        }
        if let Some(range) = self.raw.take() {
            html = policy::clean(&html, &self.options.html);
            html = self.raw_links(html, source, &range);
        }
        self.cut(html);
        self.body
    }

    /// Links and pictures of raw HTML become holes as those of Markdown do.
    fn raw_links(&mut self, html: String, source: &str, first: &Range<usize>) -> String {
        let (hole, base) = (self.text.hole, self.marks.len());
        let mut found: Vec<(HoleKind, Option<HoleKind>)> = Vec::new();
        let links = &mut self.body.links;
        let findings = &mut self.body.findings;
        let written = |value: &str| match source[first.start..].find(value) {
            Some(i) => first.start + i..first.start + i + value.len(),
            None => first.clone(),
        };
        let rewritten = policy::elements(&html, |element| {
            let raw = element.address?;
            let range = written(&raw);
            let kind = if element.picture { LinkKind::Image } else { LinkKind::Link };
            let (start, end) = match Target::parse(&raw) {
                Ok(Target::External(_) | Target::Anchor(_)) => return None,
                Ok(Target::Item { .. }) if element.picture => return None,
                Ok(target) => {
                    let link = links.len() as u32;
                    links.push(Link { target, range, kind, title: element.title.clone() });
                    match kind {
                        LinkKind::Image => (HoleKind::Image { link, alt: element.alt, title: element.title }, None),
                        LinkKind::Link => (HoleKind::LinkOpen(link), Some(HoleKind::LinkClose(link))),
                    }
                }
                Err(scheme) => {
                    findings.push(Finding {
                        range,
                        id: "markdown.scheme",
                        severity: Severity::Error,
                        args: vec![("scheme", scheme)],
                        nearest: None,
                    });
                    return None;
                }
            };
            let n = base + 2 * found.len();
            found.push((start, end));
            Some((format!("{hole}{n}{hole}"), format!("{hole}{}{hole}", n + 1)))
        });
        for (start, end) in found {
            self.marks.push(start);
            // A picture has no second mark; its number is left free.
            self.marks.push(end.unwrap_or(HoleKind::LinkClose(u32::MAX)));
        }
        rewritten
    }

    /// Cuts the marks out of the HTML. A mark inside a tag (an attribute that swallowed a link) is dropped: filled in
    /// there, its quotes would end the attribute.
    fn cut(&mut self, html: String) {
        let hole = self.text.hole;
        if !html.contains(hole) {
            self.body.html = html;
            return;
        }
        let mut out = String::with_capacity(html.len());
        let (mut tag, mut quote) = (false, None);
        let mut rest = html.as_str();
        while let Some(start) = rest.find(hole) {
            let before = &rest[..start];
            for b in before.bytes() {
                match (tag, quote, b) {
                    (false, _, b'<') => tag = true,
                    (true, None, b'>') => tag = false,
                    (true, None, b'"' | b'\'') => quote = Some(b),
                    (true, Some(q), b) if q == b => quote = None,
                    _ => {}
                }
            }
            out.push_str(before);
            let after = &rest[start + hole.len_utf8()..];
            let Some(end) = after.find(hole) else { break };
            if !tag && let Some(kind) = after[..end].parse().ok().and_then(|n: usize| self.marks.get(n)) {
                self.body.holes.push(Hole { at: out.len(), kind: kind.clone() });
            }
            rest = &after[end + hole.len_utf8()..];
        }
        out.push_str(rest);
        self.body.html = out;
    }
}

/// First or last character of a text event.
fn edge(event: &Event, mark: char, last: bool) -> Option<char> {
    match event {
        Event::Text(t) if last => t.chars().rev().find(|c| *c != mark),
        Event::Text(t) => t.chars().find(|c| *c != mark),
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { format!("{}…", text.chars().take(80).collect::<String>()) }
}

#[cfg(test)]
mod tests;
