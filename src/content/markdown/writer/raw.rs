//! HTML that an author wrote: kept, cleaned or shown as text, its addresses held like those of links.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event};

use super::{Writer, Written, end_of, html};
use crate::base::diag::Severity;
use crate::content::markdown::policy::{self, Fate, Removed};
use crate::content::markdown::target::has_host;
use crate::content::markdown::{HoleKind, HtmlPolicy, Link, LinkKind, Target, shortened};

impl<'b> Writer<'_, 'b> {
    /// Raw HTML: kept for the cleaning, or shown as the text it is. What is no tag of HTML is text: `<某某法>` and
    /// `<foo>` were written to be read.
    pub(super) fn raw_html(&mut self, text: &str, block: bool, range: Range<usize>) {
        let text = self.clean(text);
        if self.options.html == HtmlPolicy::None {
            self.say(range, Severity::Warning, "markdown.html-shown", vec![]);
            self.out.push(Event::Text(CowStr::from(text)));
            return;
        }
        if self.extras() {
            if !policy::is_tag(&text) {
                self.out.push(Event::Text(CowStr::from(text)));
                return;
            }
            self.removed(&text, |_| range.clone());
            self.raw.get_or_insert(range);
        }
        self.out.push(if block { Event::Html(text.into()) } else { Event::InlineHtml(text.into()) });
    }

    /// Raw HTML that is a block of its own. Lines in angle brackets that are no tags stay to be read, as those inside a line.
    pub(super) fn html_block(&mut self, events: &[(Event<'b>, Range<usize>)], at: usize) -> usize {
        let end = end_of(events, at);
        let range = events[at].1.clone();
        let mut text = String::new();
        // Where each line of the source starts in the text.
        let mut lines: Vec<(usize, Range<usize>)> = Vec::new();
        for (event, range) in &events[at + 1..end.max(at + 1)] {
            if let Event::Html(t) | Event::Text(t) = event {
                lines.push((text.len(), range.clone()));
                text.push_str(&self.clean(t));
            }
        }
        let shown = self.options.html == HtmlPolicy::None;
        if shown {
            self.say(range.clone(), Severity::Warning, "markdown.html-shown", vec![]);
        }
        if shown || !policy::has_tag(&text) {
            self.out.extend([html("<p>"), Event::Text(CowStr::from(text.trim_end().to_owned())), html("</p>\n")]);
            return end + 1;
        }
        self.removed(&text, |at| {
            let line = lines.partition_point(|(start, _)| *start <= at);
            line.checked_sub(1).map_or(range.clone(), |i| lines[i].1.clone())
        });
        self.raw.get_or_insert(range);
        self.out.push(Event::Html(policy::escape_unknown(&text).into()));
        end + 1
    }

    /// Says what the cleaning will take out of raw HTML; of an attribute once for each kind of element, since a text from a
    /// word processor has hundreds. `place`: of a position of the text in the source.
    pub(super) fn removed(&mut self, text: &str, place: impl Fn(usize) -> Range<usize>) {
        for (at, removed) in policy::refused(text, &self.options.html) {
            let (id, args) = match &removed {
                Removed::Element(tag) => ("markdown.html-removed", vec![("tag", tag.clone())]),
                Removed::Attribute { tag, name } => ("markdown.attribute-removed", vec![("tag", tag.clone()), ("attribute", name.clone())]),
            };
            if matches!(removed, Removed::Element(_)) || self.told.insert(removed) {
                self.say(place(at), Severity::Warning, id, args);
            }
        }
    }

    /// Addresses that the cleaning would take away in silence are errors, as those of Markdown are.
    pub(super) fn raw_addresses(&mut self, html: &str, first: &Range<usize>) {
        let mut written = Written::new(self.source, first);
        for (picture, address) in policy::addresses(html) {
            let (severity, id, args) = match (Target::parse(&address), picture) {
                (Err(scheme), false) if scheme.is_empty() => (Severity::Warning, "markdown.empty-link", vec![]),
                (Err(scheme), false) => (Severity::Error, "markdown.scheme", vec![("scheme", scheme)]),
                (Ok(Target::External(url)), true) if has_host(&url) => continue,
                (Ok(Target::Path { .. }), true) | (Ok(_), false) => continue,
                (_, true) => (Severity::Error, "markdown.picture-address", vec![("target", shortened(&address))]),
            };
            let range = written.find(&address);
            self.say(range, severity, id, args);
        }
    }

    /// Links and pictures of raw HTML become holes as those of Markdown do.
    pub(super) fn raw_links(&mut self, html: String, first: &Range<usize>) -> String {
        let (hole, base, source) = (self.text.hole, self.marks.len(), self.source);
        let mut found: Vec<(HoleKind, Option<HoleKind>)> = Vec::new();
        let (links, anchors) = (&mut self.body.links, &mut self.anchors);
        let mut written = Written::new(source, first);
        // Those of Markdown are known already.
        let known: HashSet<String> = anchors.iter().map(|(id, _)| id.clone()).collect();
        let rewritten = policy::elements(&html, |element| {
            let raw = element.address;
            let kind = if element.picture { LinkKind::Image } else { LinkKind::Link };
            let (start, end) = match Target::parse(&raw) {
                Ok(Target::External(url)) if has_host(&url) => return Fate::External,
                Ok(Target::External(_)) | Err(_) => return Fate::Stays,
                Ok(Target::Anchor(id)) => {
                    if !known.contains(&id) {
                        anchors.push((id, written.find(&raw)));
                    }
                    return Fate::Stays;
                }
                Ok(Target::Item { .. }) if element.picture => return Fate::Stays,
                Ok(target) => {
                    let link = links.len() as u32;
                    links.push(Link { target, range: written.find(&raw), kind, title: element.title.clone() });
                    match kind {
                        LinkKind::Image => (HoleKind::Image { link, alt: element.alt, title: element.title }, None),
                        _ => (HoleKind::LinkOpen(link), Some(HoleKind::LinkClose(link))),
                    }
                }
            };
            let n = base + 2 * found.len();
            found.push((start, end));
            Fate::Hole(format!("{hole}{n}{hole}"), format!("{hole}{}{hole}", n + 1))
        });
        for (start, end) in found {
            self.marks.push(start);
            // A picture has no second mark; its number is left free.
            self.marks.push(end.unwrap_or(HoleKind::LinkClose(u32::MAX)));
        }
        rewritten
    }
}
