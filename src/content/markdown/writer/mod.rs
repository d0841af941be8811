//! Events of the parser → HTML with holes.

mod ids;
mod notes;
mod raw;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd};

use ids::Ids;
use notes::{Notes, reference_id};

use super::document::{self, Role};
use super::policy::Removed;
use super::shortcode::{self, Found, Piece};
use super::target::has_host;
use super::{Body, Extras, Finding, Heading, Hole, HoleKind, Link, LinkKind, Options, Target, han, policy, shortened};
use crate::base::diag::Severity;

/// Quotes and lists nested deeper than this are shown as if they were not: no reader can tell them apart, and browsers
/// stop nesting at some depth too.
pub const MAX_DEPTH: usize = 60;

/// More findings of one body than anyone reads.
const MAX_FINDINGS: usize = 200;

/// Addresses of raw HTML that are looked for in the source without being found.
const MAX_MISSED: usize = 100;

/// With more ids than these, none is looked for that is nearly the one written.
const MAX_COMPARED: usize = 3_000;

/// Ids that every page has.
const PAGE_IDS: [&str; 2] = ["top", "main"];

pub struct Writer<'a, 'b> {
    source: &'a str,
    options: &'a Options<'a>,
    text: &'a han::Prepared,
    out: Vec<Event<'b>>,
    /// What stands at each mark of the HTML until it is cut into holes.
    marks: Vec<HoleKind>,
    body: Body,
    ids: Ids,
    notes: Notes<'b>,
    /// Links to a place of the body itself.
    anchors: Vec<(String, Range<usize>)>,
    /// Raw HTML was met: bytes of its first place.
    raw: Option<Range<usize>>,
    /// Attributes that are told to be left out.
    told: HashSet<Removed>,
    roles: HashMap<usize, Role>,
    shortcodes: HashMap<usize, Vec<Piece>>,
    /// The source has something that looks like one.
    braces: bool,
    state: State<'b>,
}

/// Looks for addresses of raw HTML in the source. They come in its order; the cleaning may have changed one: it is not
/// looked for for ever.
struct Written<'a> {
    source: &'a str,
    first: Range<usize>,
    from: usize,
    missed: usize,
}

impl<'a> Written<'a> {
    fn new(source: &'a str, first: &Range<usize>) -> Written<'a> {
        Written { source, first: first.clone(), from: first.start, missed: 0 }
    }

    /// Where an address stands, else where the first raw HTML does.
    fn find(&mut self, address: &str) -> Range<usize> {
        let hit = if self.missed < MAX_MISSED { self.source[self.from..].find(address) } else { None };
        let Some(at) = hit else {
            self.missed += 1;
            return self.first.clone();
        };
        let start = self.from + at;
        self.from = start + address.len();
        start..self.from
    }
}

/// Where in the text the writer is.
#[derive(Default)]
struct State<'b> {
    /// Of the columns of the table.
    aligned: Vec<Alignment>,
    cell: usize,
    head: bool,
    /// Ends of links: what closes each.
    open: Vec<Option<Event<'b>>>,
    /// The first heading is behind.
    titled: bool,
    /// Headings stand one level lower than they are written: the page has its title as the only first heading.
    lower: bool,
    /// Quotes and lists around.
    depth: usize,
    /// They were too many once.
    deep: bool,
    code: bool,
    /// Lines of this paragraph stay lines.
    signature: bool,
    /// The next text loses its leading spaces.
    trim: bool,
}

/// Plain text of the events of one element.
pub fn plain(events: &[(Event, Range<usize>)], mark: char) -> String {
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
pub fn end_of(events: &[(Event, Range<usize>)], from: usize) -> usize {
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
    let mut out = String::with_capacity(text.len() + 8);
    _ = pulldown_cmark_escape::escape_html(&mut out, text);
    out
}

/// An address as an attribute holds it: what is not ASCII is encoded, what is encoded stays.
fn href(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    _ = pulldown_cmark_escape::escape_href(&mut out, address);
    out
}

fn html<'b>(text: impl Into<CowStr<'b>>) -> Event<'b> {
    Event::InlineHtml(text.into())
}

/// First or last character of a text event.
fn edge(event: &Event, mark: char, last: bool) -> Option<char> {
    match event {
        Event::Text(t) if last => t.chars().rev().find(|c| *c != mark),
        Event::Text(t) => t.chars().find(|c| *c != mark),
        _ => None,
    }
}

impl<'a, 'b> Writer<'a, 'b> {
    pub fn new(source: &'a str, options: &'a Options<'a>, text: &'a han::Prepared) -> Writer<'a, 'b> {
        Writer {
            source,
            options,
            text,
            out: Vec::new(),
            marks: Vec::new(),
            body: Body { html: String::new(), holes: Vec::new(), links: Vec::new(), toc: Vec::new(), findings: Vec::new() },
            ids: Ids::default(),
            notes: Notes::default(),
            anchors: Vec::new(),
            raw: None,
            told: HashSet::new(),
            roles: HashMap::new(),
            shortcodes: HashMap::new(),
            braces: shortcode::any(source),
            state: State::default(),
        }
    }

    fn extras(&self) -> bool {
        matches!(self.options.extras, Extras::All)
    }

    fn clean(&self, text: &str) -> String {
        if han::contains(text, self.text.mark) { text.replace(self.text.mark, "") } else { text.to_owned() }
    }

    fn mark(&mut self, kind: HoleKind) -> Event<'b> {
        let hole = self.text.hole;
        let n = self.marks.len();
        self.marks.push(kind);
        html(format!("{hole}{n}{hole}"))
    }

    fn say(&mut self, range: Range<usize>, severity: Severity, id: &'static str, args: Vec<(&'static str, String)>) {
        self.find(Finding { range, id, severity, args, nearest: None });
    }

    /// An error is always kept one of: it is what holds the item back.
    fn find(&mut self, finding: Finding) {
        let errors = self.body.findings.iter().any(|f| f.severity == Severity::Error);
        if self.body.findings.len() < MAX_FINDINGS || (finding.severity == Severity::Error && !errors) {
            self.body.findings.push(finding);
        }
    }

    pub fn all(&mut self, events: &[(Event<'b>, Range<usize>)]) {
        self.out.reserve(events.len());
        if self.extras() {
            self.roles = document::roles(events, self.text.mark, self.options);
            self.state.lower = self.has_first_heading(events);
            let found = if self.braces { shortcode::find(self.source, events, 0) } else { Found::default() };
            let named = found.named.into_iter();
            self.body.links = named.map(|n| Link { target: n.target, range: n.range, kind: n.kind, title: String::new() }).collect();
            self.shortcodes = found.pieces;
            found.findings.into_iter().for_each(|f| self.find(f));
        }
        let mut at = 0;
        while at < events.len() {
            at = self.event(events, at);
        }
    }

    fn level(&self, level: HeadingLevel) -> u8 {
        (level as u8 + u8::from(self.state.lower)).min(6)
    }

    /// A heading of the first level is there beside the one that is left out as the title.
    fn has_first_heading(&self, events: &[(Event<'b>, Range<usize>)]) -> bool {
        let is_heading = |e: &Event| matches!(e, Event::Start(Tag::Heading { .. }));
        let first = events.iter().position(|(e, _)| is_heading(e));
        let title =
            |at: usize| self.options.drop_title.is_some_and(|t| t.trim() == plain(&events[at..end_of(events, at)], self.text.mark).trim());
        let dropped = first.filter(|at| title(*at));
        let level_one = |e: &Event| matches!(e, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }));
        events.iter().enumerate().any(|(at, (e, _))| level_one(e) && Some(at) != dropped)
    }

    /// Writes the event at `at`, with what belongs to it; gives the place of the next one.
    fn event(&mut self, events: &[(Event<'b>, Range<usize>)], at: usize) -> usize {
        let (event, range) = &events[at];
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph) => return self.block(events, at),
            Event::End(TagEnd::Heading(level)) if self.extras() => self.out.push(html(format!("</h{}>\n", self.level(*level)))),
            Event::End(TagEnd::Paragraph) if self.extras() => {
                (self.state.signature, self.state.trim) = (false, false);
                self.out.push(html("</p>\n"));
            }
            Event::Start(Tag::Image { link_type, dest_url, title, .. }) => {
                let end = end_of(events, at);
                let alt = plain(&events[at + 1..end], self.text.mark);
                let picture = self.image(*link_type, dest_url, title, &alt, range.clone());
                self.out.push(picture);
                return end + 1;
            }
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                let (start, end) = self.link(*link_type, dest_url, title, range.clone());
                self.out.extend(start);
                self.state.open.push(end);
            }
            Event::End(TagEnd::Link) => {
                let end = self.state.open.pop().flatten();
                self.out.extend(end);
            }
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => {
                self.state.depth += 1;
                self.nested(event, range);
            }
            Event::Start(Tag::Item) | Event::End(TagEnd::Item) => self.nested(event, range),
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => {
                self.nested(event, range);
                self.state.depth -= 1;
            }
            Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock) => {
                self.state.code = matches!(event, Event::Start(_));
                self.out.push(event.clone());
            }
            Event::Start(Tag::HtmlBlock) if self.extras() => return self.html_block(events, at),
            Event::Text(t) => self.plain_text(t, range),
            Event::SoftBreak => self.soft_break(events, at),
            Event::Html(t) | Event::InlineHtml(t) => self.raw_html(t, matches!(event, Event::Html(_)), range.clone()),
            Event::FootnoteReference(label) if self.extras() => {
                let (number, again) = self.notes.refer(&self.clean(label).to_lowercase());
                let id = reference_id(number, again);
                let link = format!("<sup class=\"footnote-ref\"><a href=\"#fn:{number}\" id=\"{id}\">{number}</a></sup>");
                self.out.push(html(link));
            }
            Event::Start(Tag::FootnoteDefinition(label)) if self.extras() => {
                let label = self.clean(label).to_lowercase();
                self.notes.begin(label, std::mem::take(&mut self.out));
            }
            Event::End(TagEnd::FootnoteDefinition) if self.extras() => {
                self.out = self.notes.end(std::mem::take(&mut self.out));
            }
            other if self.extras() && self.table(other) => {}
            other => self.out.push(other.clone()),
        }
        at + 1
    }

    /// Quotes and lists, as deep as a reader can follow.
    fn nested(&mut self, event: &Event<'b>, range: &Range<usize>) {
        if self.state.depth <= MAX_DEPTH {
            self.out.push(event.clone());
        } else if !std::mem::replace(&mut self.state.deep, true) {
            self.say(range.clone(), Severity::Warning, "markdown.deep", vec![("max", MAX_DEPTH.to_string())]);
        }
    }

    /// Headings and paragraphs.
    fn block(&mut self, events: &[(Event<'b>, Range<usize>)], at: usize) -> usize {
        let end = end_of(events, at);
        if let Event::Start(Tag::Heading { level, .. }) = &events[at].0 {
            let text = plain(&events[at..end], self.text.mark);
            let titled = std::mem::replace(&mut self.state.titled, true);
            if !titled && self.options.drop_title.is_some_and(|t| t.trim() == text.trim()) {
                return end + 1;
            }
            if !self.extras() {
                self.out.push(events[at].0.clone());
                return at + 1;
            }
            let id = self.ids.take(&text);
            let level = self.level(*level);
            self.out.push(html(format!("<h{level} id=\"{}\">", escape(&id))));
            self.body.toc.push(Heading { level, id, text: text.trim().to_owned() });
            return at + 1;
        }
        if !self.extras() {
            self.out.push(events[at].0.clone());
            return at + 1;
        }
        if self.braces
            && let Some(pieces) = self.shortcodes.remove(&at)
        {
            pieces.into_iter().for_each(|piece| self.shortcode(piece));
            return end + 1;
        }
        let inner = &events[at + 1..end.max(at + 1)];
        if let Some(figure) = self.figure(inner) {
            self.out.extend(figure);
            return end + 1;
        }
        self.state.trim = self.options.official && self.state.depth == 0;
        let role = if self.roles.is_empty() { None } else { self.roles.remove(&at) };
        let start: CowStr = match role {
            Some(Role::Part(level)) => {
                let text = plain(inner, self.text.mark).trim().to_owned();
                let id = self.ids.take(&text);
                let start = format!("<p id=\"{}\" class=\"part\">", escape(&id));
                self.body.toc.push(Heading { level, id, text });
                start.into()
            }
            Some(Role::Addressee) => "<p class=\"addressee\">".into(),
            Some(Role::Signature) => {
                self.state.signature = true;
                "<p class=\"signature\">".into()
            }
            None => self.article(inner),
        };
        self.out.push(html(start));
        at + 1
    }

    /// The start of a paragraph; `第X条` is its id.
    fn article(&mut self, inner: &[(Event<'b>, Range<usize>)]) -> CowStr<'b> {
        let head = || plain(&inner[..inner.len().min(5)], self.text.mark);
        // Most paragraphs start with another character: their text is not put together.
        let first = inner.iter().find_map(|(e, _)| edge(e, self.text.mark, false));
        let may = first.is_some_and(|c| c == '第' || c.is_whitespace());
        match (self.options.articles && may).then(head).and_then(|text| han::article_number(&text)) {
            Some(number) => format!("<p id=\"{}\">", self.ids.take(&number)).into(),
            None => "<p>".into(),
        }
    }

    fn shortcode(&mut self, piece: Piece) {
        let mark = match piece {
            Piece::Open(call) => self.mark(HoleKind::Shortcode(Box::new(call))),
            Piece::Close => self.mark(HoleKind::ShortcodeEnd),
            Piece::Nothing => return,
        };
        self.out.extend([mark, html("\n")]);
    }

    fn plain_text(&mut self, text: &CowStr<'b>, range: &Range<usize>) {
        if self.braces
            && self.extras()
            && !self.state.code
            && let Some(place) = shortcode::stray(self.source, range)
        {
            self.say(place, Severity::Warning, "shortcode.inline", vec![]);
        }
        if !std::mem::take(&mut self.state.trim) {
            self.out.push(Event::Text(text.clone()));
            return;
        }
        // The style sheet indents: spaces that were typed for it would come on top.
        let mark = self.text.mark;
        let rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == mark);
        self.state.trim = rest.is_empty();
        self.out.push(Event::Text(CowStr::from(rest.to_owned())));
    }

    fn soft_break(&mut self, events: &[(Event<'b>, Range<usize>)], at: usize) {
        if self.state.signature {
            self.out.push(Event::HardBreak);
            return;
        }
        let before = at.checked_sub(1).and_then(|i| edge(&events[i].0, self.text.mark, true));
        let after = events.get(at + 1).and_then(|(e, _)| edge(e, self.text.mark, false));
        let joined = self.options.chinese && before.is_some_and(han::is_wide) && after.is_some_and(han::is_wide);
        if !joined {
            self.out.push(Event::SoftBreak);
        }
    }

    /// Parts of a table; false for what is none.
    fn table(&mut self, event: &Event<'b>) -> bool {
        let state = &mut self.state;
        let markup: CowStr = match event {
            Event::Start(Tag::Table(aligned)) => {
                state.aligned.clone_from(aligned);
                "<div class=\"table\"><table>".into()
            }
            Event::End(TagEnd::Table) => "</tbody></table></div>\n".into(),
            Event::Start(Tag::TableHead) => {
                (state.cell, state.head) = (0, true);
                "<thead><tr>".into()
            }
            Event::End(TagEnd::TableHead) => {
                state.head = false;
                "</tr></thead><tbody>\n".into()
            }
            Event::Start(Tag::TableRow) => {
                state.cell = 0;
                "<tr>".into()
            }
            Event::End(TagEnd::TableRow) => "</tr>\n".into(),
            Event::Start(Tag::TableCell) => {
                // A class, not a style: the pages' policy allows no inline style.
                let class = match state.aligned.get(state.cell) {
                    Some(Alignment::Center) => " class=\"center\"",
                    Some(Alignment::Right) => " class=\"right\"",
                    _ => "",
                };
                state.cell += 1;
                if state.head { format!("<th scope=\"col\"{class}>").into() } else { format!("<td{class}>").into() }
            }
            Event::End(TagEnd::TableCell) => if state.head { "</th>" } else { "</td>" }.into(),
            _ => return false,
        };
        self.out.push(html(markup));
        true
    }

    /// A paragraph that is one picture with a title becomes a figure; without one, the picture stands for itself.
    fn figure(&mut self, inner: &[(Event<'b>, Range<usize>)]) -> Option<Vec<Event<'b>>> {
        let [(Event::Start(Tag::Image { link_type, dest_url, title, .. }), range), middle @ .., (Event::End(TagEnd::Image), _)] = inner
        else {
            return None;
        };
        if middle.iter().any(|(e, _)| matches!(e, Event::Start(_) | Event::End(_))) {
            return None;
        }
        let alt = plain(middle, self.text.mark);
        let caption = self.clean(title);
        let picture = self.image(*link_type, dest_url, "", &alt, range.clone());
        let end =
            if caption.is_empty() { "</figure>\n".to_owned() } else { format!("<figcaption>{}</figcaption></figure>\n", escape(&caption)) };
        Some(vec![html("<figure>"), picture, html(end)])
    }

    /// The address of a link as it would be written: a mail address between angle brackets has no scheme.
    fn address(&self, kind: LinkType, dest: &str) -> String {
        let dest = self.clean(dest);
        if kind == LinkType::Email { format!("mailto:{dest}") } else { dest }
    }

    fn image(&mut self, kind: LinkType, dest: &str, title: &str, alt: &str, range: Range<usize>) -> Event<'b> {
        let title = self.clean(title);
        let dest = self.address(kind, dest);
        let attribute = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(&title)) };
        if !self.extras() {
            return html(format!("<img src=\"{}\" alt=\"{}\"{attribute} />", href(&dest), escape(alt)));
        }
        match Target::parse(&dest) {
            Ok(Target::External(url)) if has_host(&url) => {
                html(format!("<img src=\"{}\" alt=\"{}\"{attribute} loading=\"lazy\">", href(&url), escape(alt)))
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

    fn link(&mut self, kind: LinkType, dest: &str, title: &str, range: Range<usize>) -> (Option<Event<'b>>, Option<Event<'b>>) {
        let title = self.clean(title);
        let dest = self.address(kind, dest);
        let attribute = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(&title)) };
        if !self.extras() {
            return (Some(html(format!("<a href=\"{}\"{attribute}>", href(&dest)))), Some(html("</a>")));
        }
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
                let rel = if has_host(url) { " rel=\"external noopener\"" } else { "" };
                let start = html(format!("<a href=\"{}\"{attribute}{rel}>", href(url)));
                (Some(start), Some(html("</a>")))
            }
            Target::Anchor(id) => {
                let start = html(format!("<a href=\"#{}\"{attribute}>", escape(&crate::base::path::encode(id))));
                self.anchors.push((id.clone(), range));
                (Some(start), Some(html("</a>")))
            }
            Target::Item { .. } | Target::Path { .. } => {
                let link = self.body.links.len() as u32;
                self.body.links.push(Link { target, range, kind: LinkKind::Link, title });
                (Some(self.mark(HoleKind::LinkOpen(link))), Some(self.mark(HoleKind::LinkClose(link))))
            }
        }
    }

    pub fn finish(mut self) -> Body {
        let notes = self.notes.below(&mut self.ids);
        self.out.extend(notes);
        let mut html = String::with_capacity(self.source.len() * 3 / 2);
        pulldown_cmark::html::push_html(&mut html, self.out.drain(..));
        if han::contains(&html, self.text.mark) {
            html = html.replace(self.text.mark, "");
        }
        let raw = self.raw.take();
        // Without raw HTML a mark stands where it was written, in the text.
        let bare = raw.is_none();
        if let Some(range) = raw {
            if policy::too_much(&html) {
                self.say(range.clone(), Severity::Error, "markdown.html-nested", vec![]);
                html = String::new();
            }
            self.raw_addresses(&html, &range);
            html = policy::clean(&html, &self.options.html);
            html = self.raw_links(html, &range);
            policy::ids(&html).into_iter().for_each(|id| self.ids.keep(id));
        }
        self.dead_anchors();
        self.cut(html, bare);
        self.body
    }

    /// Links to a place of the body that is not there.
    fn dead_anchors(&mut self) {
        if self.anchors.is_empty() {
            return;
        }
        let known: HashSet<&str> = self.ids.all().chain(PAGE_IDS).collect();
        let mut dead = Vec::new();
        for (id, range) in std::mem::take(&mut self.anchors) {
            if id.is_empty() || known.contains(id.as_str()) || dead.len() > MAX_FINDINGS {
                continue;
            }
            // `#第一章` is short for `#第一章-总则`; the shortest and first, so that the answer is always the same.
            let longer = known.iter().copied().filter(|k| k.starts_with(id.as_str())).min_by_key(|k| (k.len(), *k));
            let few = known.iter().copied().take(if known.len() > MAX_COMPARED { 0 } else { MAX_COMPARED });
            let near = longer.or_else(|| crate::base::source::nearest(&id, few));
            let nearest = near.map(|n| format!("#{n}"));
            dead.push(Finding { range, id: "link.anchor", severity: Severity::Warning, args: vec![("target", shortened(&id))], nearest });
        }
        dead.into_iter().for_each(|f| self.find(f));
    }

    /// Cuts the marks out of the HTML. A mark inside a tag (an attribute that swallowed a link) is dropped: filled in
    /// there, its quotes would end the attribute. `bare`: there is no raw HTML, and so no such tag.
    fn cut(&mut self, html: String, bare: bool) {
        let hole = self.text.hole;
        if !han::contains(&html, hole) {
            self.body.html = html;
            return;
        }
        let mut out = String::with_capacity(html.len());
        let (mut tag, mut quote) = (false, None);
        let mut rest = html.as_str();
        while let Some(start) = han::find(rest, hole) {
            let before = &rest[..start];
            for b in before.bytes().take(if bare { 0 } else { start }) {
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
            let Some(end) = han::find(after, hole) else { break };
            if !tag && let Some(kind) = after[..end].parse().ok().and_then(|n: usize| self.marks.get(n)) {
                self.body.holes.push(Hole { at: out.len(), kind: kind.clone() });
            }
            rest = &after[end + hole.len_utf8()..];
        }
        out.push_str(rest);
        self.body.html = out;
    }
}
