//! What a page must hold: names for pictures and fields, headings in order, ids once, nothing inline, nothing from elsewhere.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::rc::Rc;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str, text};

use crate::theme::mark::ATTRIBUTE;

/// Something that a page does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub id: &'static str,
    /// What the element says of where it comes from.
    pub mark: Option<String>,
    /// `<img src="x.png">`, `#main`.
    pub what: String,
    /// Of an id that stands twice: what the first element says of where it comes from.
    pub first: Option<String>,
}

/// What a page has loaded, for its weight.
#[derive(Default)]
pub struct Inspected {
    pub flaws: Vec<Flaw>,
    /// Style sheets and scripts of the site itself, as addressed.
    pub loads: Vec<String>,
}

#[derive(Default)]
struct State {
    out: Inspected,
    /// Each id, with the mark of its element.
    ids: HashMap<String, Option<String>>,
    /// Level of the last heading.
    level: u8,
    /// Open links and buttons: the element, and whether anything names it.
    open: Vec<(Flaw, bool)>,
    labels: usize,
    labelled: HashSet<String>,
    /// Fields that a `label for` may still name.
    fields: HashMap<String, Flaw>,
    /// Elements that wait for their end, in order; `None`: it came.
    ends: Vec<Option<Flaw>>,
}

/// Fields that need no label of their own.
const SELF_NAMED: &[&str] = &["hidden", "submit", "button", "reset", "image"];
/// Elements that HTML itself closes, or that have no end.
#[rustfmt::skip]
const SELF_CLOSED: &[&str] = &[
    "html", "head", "body", "p", "li", "dt", "dd", "rt", "rp", "option", "optgroup", "colgroup", "caption", "thead", "tbody", "tfoot", "tr",
    "td", "th", "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
];
/// Links of a head that load something.
const LOADING: &[&str] = &["stylesheet", "icon", "preload", "modulepreload", "manifest", "apple-touch-icon"];

pub fn inspect(html: &str) -> Inspected {
    let state = Rc::new(RefCell::new(State::default()));
    let (each, words) = (state.clone(), state.clone());
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("*", |el| {
            look(el, &each);
            Ok(())
        }))
        .append_element_content_handler(text!("a, button", |chunk| {
            if !chunk.as_str().trim().is_empty() {
                words.borrow_mut().open.iter_mut().for_each(|(_, named)| *named = true);
            }
            Ok(())
        }));
    _ = rewrite_str(html, settings);
    let mut state = state.take();
    let labelled = take(&mut state.labelled);
    let mut bare: Vec<(String, Flaw)> = state.fields.drain().filter(|(id, _)| !labelled.contains(id)).collect();
    bare.sort_by(|a, b| a.0.cmp(&b.0));
    state.out.flaws.extend(bare.into_iter().map(|(_, flaw)| flaw));
    let open = take(&mut state.ends);
    state.out.flaws.extend(open.into_iter().flatten());
    state.out
}

/// Where a text opens an element of this name that it does not close.
pub fn open_tag(text: &str, name: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        let (end, rest) = rest.strip_prefix('/').map_or((false, rest), |r| (true, r));
        let is = rest.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name));
        if !is || rest[name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-') {
            continue;
        }
        match end {
            true => _ = open.pop(),
            false => open.push(at),
        }
    }
    open.pop()
}

fn shown(el: &Element) -> String {
    let mut text = format!("<{}", el.tag_name());
    for name in ["id", "class", "name", "type", "rel", "src", "href"] {
        if let Some(value) = el.get_attribute(name).filter(|v| !v.is_empty()) {
            let cut: String = value.chars().take(60).collect();
            text.push_str(&format!(" {name}=\"{cut}\""));
        }
    }
    text + ">"
}

fn is_elsewhere(address: &str) -> bool {
    let address = address.trim().to_ascii_lowercase();
    address.starts_with("//") || address.starts_with("http:") || address.starts_with("https:")
}

fn look(el: &mut Element, state: &Rc<RefCell<State>>) {
    let mut s = state.borrow_mut();
    let tag = el.tag_name();
    let mark = el.get_attribute(ATTRIBUTE);
    let flaw = |id: &'static str, what: String| Flaw { id, mark: mark.clone(), what, first: None };
    let named = ["aria-label", "aria-labelledby", "title"].iter().any(|a| el.get_attribute(a).is_some_and(|v| !v.trim().is_empty()));
    if let Some(id) = el.get_attribute("id").filter(|id| !id.is_empty()) {
        match s.ids.get(&id).cloned() {
            Some(first) => s.out.flaws.push(Flaw { first, ..flaw("theme.id-twice", format!("#{id}")) }),
            None => _ = s.ids.insert(id, mark.clone()),
        }
    }
    if !SELF_CLOSED.contains(&tag.as_str()) {
        let (at, state, name) = (s.ends.len(), state.clone(), tag.clone());
        // The end of another element may close it as well.
        let ends = el.on_end_tag(lol_html::end_tag!(move |end| {
            if end.name() == name
                && let Some(open) = state.borrow_mut().ends.get_mut(at)
            {
                *open = None;
            }
            Ok(())
        }));
        if ends.is_ok() {
            s.ends.push(Some(flaw("theme.unclosed-element", shown(el))));
        }
    }
    inline(el, &tag, &flaw, &mut s.out.flaws);
    elsewhere(el, &tag, &flaw, &mut s.out);
    match tag.as_str() {
        "img" | "area" => match el.get_attribute("alt") {
            None if !named => s.out.flaws.push(flaw("theme.no-alt", shown(el))),
            Some(alt) if alt.trim().is_empty() => {}
            _ => s.open.iter_mut().for_each(|(_, named)| *named = true),
        },
        "label" => {
            s.labelled.extend(el.get_attribute("for"));
            s.labels += 1;
            let state = state.clone();
            _ = el.on_end_tag(lol_html::end_tag!(move |_| {
                state.borrow_mut().labels -= 1;
                Ok(())
            }));
        }
        "input" | "select" | "textarea" => {
            let kind = el.get_attribute("type").unwrap_or_default().to_ascii_lowercase();
            let own = tag == "input" && SELF_NAMED.contains(&kind.as_str());
            if !own && !named && s.labels == 0 {
                match el.get_attribute("id") {
                    Some(id) => _ = s.fields.insert(id, flaw("theme.no-label", shown(el))),
                    None => s.out.flaws.push(flaw("theme.no-label", shown(el))),
                }
            }
        }
        "a" | "button" if tag == "button" || el.has_attribute("href") => {
            s.open.push((flaw("theme.no-label", shown(el)), named));
            let state = state.clone();
            _ = el.on_end_tag(lol_html::end_tag!(move |_| {
                let mut s = state.borrow_mut();
                if let Some((flaw, false)) = s.open.pop() {
                    s.out.flaws.push(flaw);
                }
                Ok(())
            }));
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            let level = tag.as_bytes()[1] - b'0';
            if level > s.level + 1 {
                let what = if s.level == 0 { format!("<{tag}>") } else { format!("<h{}> → <{tag}>", s.level) };
                s.out.flaws.push(flaw("theme.heading", what));
            }
            s.level = level;
        }
        _ => {}
    }
}

fn inline(el: &Element, tag: &str, flaw: &impl Fn(&'static str, String) -> Flaw, out: &mut Vec<Flaw>) {
    let data = |kind: &str| kind.contains("json") || kind == "speculationrules";
    match tag {
        "style" => out.push(flaw("theme.inline", "<style>".to_owned())),
        "script" if !el.has_attribute("src") && !el.get_attribute("type").is_some_and(|t| data(&t)) => {
            out.push(flaw("theme.inline", "<script>".to_owned()));
        }
        _ => {}
    }
    for attribute in el.attributes() {
        let name = attribute.name();
        let value = attribute.value();
        if name == "style" || (name.len() > 3 && name.starts_with("on")) {
            out.push(flaw("theme.inline", format!("<{tag} {name}=\"…\">")));
        } else if matches!(name.as_str(), "href" | "src" | "action") && value.trim().to_ascii_lowercase().starts_with("javascript:") {
            out.push(flaw("theme.inline", format!("<{tag} {name}=\"javascript:…\">")));
        }
    }
}

fn elsewhere(el: &Element, tag: &str, flaw: &impl Fn(&'static str, String) -> Flaw, out: &mut Inspected) {
    let rel = el.get_attribute("rel").unwrap_or_default().to_ascii_lowercase();
    let attribute = match tag {
        "script" | "img" | "iframe" | "embed" | "video" | "audio" | "source" | "track" | "input" => "src",
        "object" => "data",
        "link" if rel.split_whitespace().any(|r| LOADING.contains(&r)) => "href",
        _ => return,
    };
    let Some(address) = el.get_attribute(attribute) else { return };
    if is_elsewhere(&address) {
        out.flaws.push(flaw("theme.external", address));
    } else if tag == "script" || rel.contains("stylesheet") {
        out.loads.push(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(html: &str) -> Vec<String> {
        inspect(html).flaws.into_iter().map(|f| format!("{} {}", f.id, f.what)).collect()
    }

    #[test]
    fn a_good_page_has_no_flaw() {
        let good = r##"<link rel="stylesheet" href="/a.css"><script src="/a.js"></script><script type="application/ld+json">{}</script>
            <h1>A</h1><h2>B</h2><h2>C</h2><h3>D</h3><h2>E</h2><img src="a.png" alt=""><a href="/"><img src="b.png" alt="B"></a>
            <label>Q <input type="search"></label><label for="w">W</label><input id="w"><button aria-label="go"></button>
            <a href="https://elsewhere.example/">out</a><link rel="canonical" href="https://x.example/">"##;
        assert_eq!(said(good), Vec::<String>::new());
        assert_eq!(inspect(good).loads, ["/a.css", "/a.js"]);
    }

    #[test]
    fn each_flaw_is_found() {
        let cases = [
            ("<img src=\"a.png\">", "theme.no-alt <img src=\"a.png\">"),
            ("<input name=\"q\">", "theme.no-label <input name=\"q\">"),
            ("<input id=\"q\">", "theme.no-label <input id=\"q\">"),
            ("<a href=\"/\"><img src=\"a\" alt=\"\"></a>", "theme.no-label <a href=\"/\">"),
            ("<button> </button>", "theme.no-label <button>"),
            ("<h1>a</h1><h3>b</h3>", "theme.heading <h1> → <h3>"),
            ("<h2>a</h2>", "theme.heading <h2>"),
            ("<p id=\"a\"></p><p id=\"a\"></p>", "theme.id-twice #a"),
            ("<p style=\"color:red\">", "theme.inline <p style=\"…\">"),
            ("<p onclick=\"x\">", "theme.inline <p onclick=\"…\">"),
            ("<main><div><div></div></main>", "theme.unclosed-element <div>"),
            ("<section class=\"a\">", "theme.unclosed-element <section class=\"a\">"),
            ("<style>p{}</style>", "theme.inline <style>"),
            ("<script>x</script>", "theme.inline <script>"),
            ("<a href=\"javascript:x\">x</a>", "theme.inline <a href=\"javascript:…\">"),
            ("<script src=\"https://cdn.example/a.js\"></script>", "theme.external https://cdn.example/a.js"),
            ("<link rel=\"stylesheet\" href=\"//cdn.example/a.css\">", "theme.external //cdn.example/a.css"),
        ];
        for (html, wanted) in cases {
            assert_eq!(said(html), [wanted], "{html}");
        }
    }
}
