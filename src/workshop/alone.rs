//! The blocks of a home page, each alone on a page: the page as it is, without what stands beside the block.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use lol_html::{RewriteStrSettings, element, end_tag, rewrite_str};

use crate::theme::mark::ATTRIBUTE;

pub struct Alone {
    /// Of the block; a second one of the name has a number.
    pub name: String,
    pub html: String,
}

/// An element that is open: its name, the bytes of its start tag.
type Open = (String, Range<usize>);

struct Found {
    name: String,
    /// From the body inwards.
    around: Vec<Open>,
    bytes: Range<usize>,
}

#[derive(Default)]
struct State {
    open: Vec<Open>,
    /// Depth of the block that is being read.
    inside: Option<usize>,
    found: Vec<Found>,
}

/// The blocks of a page with its marks, in their order. A block is the outermost element that its template wrote.
pub fn alone(html: &str) -> Vec<Alone> {
    let state = Rc::new(RefCell::new(State::default()));
    let each = state.clone();
    let handler = element!("body, body *", |el| {
        let mut s = each.borrow_mut();
        let start = el.source_location().bytes();
        let depth = s.open.len();
        if s.inside.is_none()
            && let Some(name) = el.get_attribute(ATTRIBUTE).as_deref().and_then(block)
        {
            let around = s.open.clone();
            s.found.push(Found { name: name.to_owned(), around, bytes: start.clone() });
            s.inside = el.can_have_content().then_some(depth);
        }
        if el.can_have_content() {
            s.open.push((el.tag_name(), start));
            let state = each.clone();
            _ = el.on_end_tag(end_tag!(move |end| {
                let mut s = state.borrow_mut();
                // Elements inside that nobody has closed end here too.
                s.open.truncate(depth);
                if s.inside == Some(depth) {
                    s.inside = None;
                    let end = end.source_location().bytes().end;
                    if let Some(found) = s.found.last_mut() {
                        found.bytes.end = end;
                    }
                }
                Ok(())
            }));
        }
        Ok(())
    });
    _ = rewrite_str(html, RewriteStrSettings::new().append_element_content_handler(handler));
    let mut seen: HashMap<String, usize> = HashMap::new();
    let page = |found: Found| {
        let n = seen.entry(found.name.clone()).or_default();
        *n += 1;
        let name = if *n == 1 { found.name } else { format!("{}-{n}", found.name) };
        let head = found.around.first().map_or(0, |(_, body)| body.start);
        let mut out = html.get(..head)?.to_owned();
        for (_, tag) in &found.around {
            out.push_str(html.get(tag.clone())?);
        }
        out.push_str(html.get(found.bytes)?);
        for (tag, _) in found.around.iter().rev() {
            out.push_str(&format!("</{tag}>"));
        }
        Some(Alone { name, html: out + "</html>\n" })
    };
    state.take().found.into_iter().filter_map(page).collect()
}

/// The block whose template wrote an element: `LAYER …/templates/blocks/NAME.html LINE BLOCK`.
fn block(mark: &str) -> Option<&str> {
    mark.split(' ').nth(1)?.rsplit_once("blocks/")?.1.strip_suffix(".html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_alone_in_what_stands_around_it() {
        let page = r#"<html><head><title>t</title></head><body data-banyan="b page.html 1 "><p>before</p><div class="home"><img data-banyan="b blocks/pic.html 1 "><section data-banyan="o themes/o/templates/blocks/lead.html 2 "><ul><li>one<li>two</ul></section><section data-banyan="o x/blocks/lead.html 2 "><div data-banyan="o x/blocks/other.html 1 "></div></section></div><p>after</body></html>"#;
        let found = alone(page);
        assert_eq!(found.iter().map(|f| &*f.name).collect::<Vec<_>>(), ["pic", "lead", "lead-2"]);
        let lead = &found[1].html;
        assert!(lead.starts_with("<html><head><title>t</title></head><body data-banyan=\"b page.html 1 \">"), "{lead}");
        assert!(lead.contains("<div class=\"home\"><section") && lead.ends_with("</section></div></body></html>\n"), "{lead}");
        assert!(lead.contains("<li>two") && !lead.contains("before") && !lead.contains("<img") && !lead.contains("after"), "{lead}");
    }
}
