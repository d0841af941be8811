//! Footnotes of a body.

use std::collections::HashMap;

use pulldown_cmark::Event;

use super::html;
use super::ids::Ids;

/// Footnotes, collected where they stand and put below the text. No heading gets an id with a colon in it, so theirs
/// meet none.
#[derive(Default)]
pub struct Notes<'b> {
    /// By label: its number less one.
    numbers: HashMap<String, usize>,
    /// In the order of their first reference.
    all: Vec<Note<'b>>,
    /// What nobody has referred to yet, in the order of the source.
    texts: Vec<(String, Vec<Event<'b>>)>,
    /// The text around a note that is being written.
    around: Vec<(String, Vec<Event<'b>>)>,
}

#[derive(Default)]
struct Note<'b> {
    references: usize,
    text: Vec<Event<'b>>,
}

impl<'b> Notes<'b> {
    fn at(&mut self, label: &str) -> usize {
        if let Some(at) = self.numbers.get(label) {
            return *at;
        }
        self.numbers.insert(label.to_owned(), self.all.len());
        self.all.push(Note::default());
        self.all.len() - 1
    }

    /// Number of a label, and which reference to it this is.
    pub fn refer(&mut self, label: &str) -> (usize, usize) {
        let at = self.at(label);
        self.all[at].references += 1;
        (at + 1, self.all[at].references)
    }

    /// All notes, those that nobody refers to last.
    fn take(&mut self) -> Vec<Note<'b>> {
        for (label, text) in std::mem::take(&mut self.texts) {
            let at = self.at(&label);
            self.all[at].text.extend(text);
        }
        std::mem::take(&mut self.all)
    }
    /// A note begins: what was written so far waits.
    pub fn begin(&mut self, label: String, around: Vec<Event<'b>>) {
        self.around.push((label, around));
    }

    /// A note ends; what was written before it goes on.
    pub fn end(&mut self, text: Vec<Event<'b>>) -> Vec<Event<'b>> {
        let Some((label, around)) = self.around.pop() else { return text };
        self.texts.push((label, text));
        around
    }

    /// The notes as they stand below the text.
    pub fn below(&mut self, ids: &mut Ids) -> Vec<Event<'b>> {
        let mut out = Vec::new();
        let notes = self.take();
        if notes.is_empty() {
            return out;
        }
        out.push(html("<section class=\"footnotes\">\n<ol>\n"));
        for (at, mut note) in notes.into_iter().enumerate() {
            let number = at + 1;
            // The way back stands in the note's last paragraph.
            let last = note.text.pop_if(|e| matches!(e, Event::InlineHtml(t) if &**t == "</p>\n"));
            ids.keep(format!("fn:{number}"));
            out.push(html(format!("<li id=\"fn:{number}\">")));
            out.extend(note.text);
            for again in 1..=note.references {
                let id = reference_id(number, again);
                out.push(html(format!(" <a href=\"#{id}\" class=\"footnote-back\">↩</a>")));
                ids.keep(id);
            }
            out.extend(last);
            out.push(html("</li>\n"));
        }
        out.push(html("</ol>\n</section>\n"));
        out
    }
}

/// Id of the n-th reference to a note.
pub fn reference_id(number: usize, n: usize) -> String {
    if n > 1 { format!("fnref:{number}-{n}") } else { format!("fnref:{number}") }
}
