//! Raw HTML: what stays of it (D19).

use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};
use lol_html::{HtmlRewriter, Settings, element, html_content::ContentType};

use super::HtmlPolicy;

/// Elements of HTML. A name that is none of them is text that happens to stand in angle brackets.
const ELEMENTS: &str = " a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote body br button \
canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font \
footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark \
marquee math menu meta meter nav noframes noscript object ol optgroup option output p param picture pre progress q rb rp rt rtc ruby s samp \
script search section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead \
time title tr track tt u ul var video wbr ";

/// Names of classes that content may use: those that Markdown itself makes, and alignment.
fn is_class(name: &str) -> bool {
    matches!(name, "table" | "center" | "right" | "left" | "indent" | "part" | "addressee" | "signature")
        || name.starts_with("markdown-alert")
        || name.starts_with("footnote")
        || name.starts_with("language-")
}

/// The name of the tag that a piece of raw HTML starts with.
fn name(text: &str) -> Option<String> {
    let rest = text.trim_start().strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// It is a tag of HTML, a comment or another construct of it; not text in angle brackets.
pub fn is_tag(text: &str) -> bool {
    match name(text) {
        Some(name) => ELEMENTS.contains(&format!(" {name} ")),
        None => text.trim_start().starts_with("<!") || text.trim_start().starts_with("<?"),
    }
}

/// A tag of HTML stands in the text.
pub fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| is_tag(&text[at..]))
}

/// What is no tag of HTML, as the text that it is: `<foo>` becomes `&lt;foo>`.
pub fn escape_unknown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for (at, _) in text.match_indices('<') {
        let rest = &text[at..];
        if name(rest).is_some() && !is_tag(rest) {
            out.push_str(&text[from..at]);
            out.push_str("&lt;");
            from = at + 1;
        }
    }
    out.push_str(&text[from..]);
    out
}

/// What the cleaning takes away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Removed {
    /// An element; a frame with the address that is not allowed.
    Element(String),
    /// `onclick` of `b`.
    Attribute { tag: String, name: String },
}

/// What of `text` the cleaning takes away, and where in it, for the message.
pub fn refused(text: &str, policy: &HtmlPolicy) -> Vec<(usize, Removed)> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices('<') {
        let rest = &text[at..];
        let Some(tag) = name(rest).filter(|n| !rest.starts_with("</") && ELEMENTS.contains(&format!(" {n} "))) else { continue };
        // Up to the next bracket of either kind: a text of nothing but `<a` is not read once for each of them.
        let end = memchr::memchr2(b'<', b'>', &rest.as_bytes()[1..]).map_or(rest.len(), |i| i + 1);
        let attributes = attributes(&rest[1 + tag.len()..end.max(1 + tag.len())]);
        let taken = attributes.iter().map(|(name, _)| name.to_ascii_lowercase()).filter(|n| n.starts_with("on") || n == "style");
        let taken: Vec<Removed> = taken.map(|name| Removed::Attribute { tag: tag.clone(), name }).collect();
        match policy {
            HtmlPolicy::Embed(hosts) if tag == "iframe" => {
                let source = attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case("src")).map_or("", |(_, value)| *value);
                if !is_frame(source, hosts) {
                    out.push((at, Removed::Element(format!("iframe src=\"{}\"", super::shortened(source)))));
                }
            }
            _ if !allowed().contains(tag.as_str()) => out.push((at, Removed::Element(tag))),
            _ => out.extend(taken.into_iter().map(|t| (at, t))),
        }
    }
    out.dedup();
    out
}

/// Names and values of the attributes of a tag, from what follows its name.
fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let length = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/' | '>')).unwrap_or(rest.len());
        if length == 0 {
            return out;
        }
        let (name, after) = rest.split_at(length);
        rest = after;
        let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            out.push((name, ""));
            continue;
        };
        let (value, after) = match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len())),
        };
        out.push((name, value));
        rest = after;
    }
}

fn allowed() -> &'static HashSet<&'static str> {
    static TAGS: std::sync::LazyLock<HashSet<&'static str>> = std::sync::LazyLock::new(|| {
        let mut tags = ammonia::Builder::default().clone_tags();
        tags.extend(["figure", "figcaption", "section", "input", "u", "font"]);
        tags
    });
    &TAGS
}

fn builder(frames: bool) -> Builder<'static> {
    let mut b = Builder::default();
    b.tags(allowed().clone());
    if frames {
        b.add_tags(["iframe"]);
        b.add_tag_attributes("iframe", ["src", "title", "width", "height", "allowfullscreen"]);
        b.set_tag_attribute_value("iframe", "loading", "lazy");
    }
    b.add_tag_attributes("input", ["checked", "disabled"]);
    b.tag_attribute_values(HashMap::from([("input", HashMap::from([("type", HashSet::from(["checkbox"]))]))]));
    b.set_tag_attribute_value("input", "type", "checkbox");
    b.set_tag_attribute_value("input", "disabled", "disabled");
    b.add_generic_attributes(["id", "class", "dir"]);
    b.add_tag_attributes("th", ["scope"]);
    b.add_tag_attributes("a", ["rel"]);
    b.add_tag_attributes("img", ["loading"]);
    b.link_rel(None);
    b.url_schemes(HashSet::from(["http", "https", "mailto", "tel", "id"]));
    b.url_relative(UrlRelative::PassThrough);
    b.attribute_filter(|_, attribute, value| {
        // Nothing follows this address today; that it is harmless is no reason to keep it.
        if attribute == "cite" {
            return (value.starts_with("https://") || value.starts_with("http://")).then(|| value.into());
        }
        if attribute != "class" {
            return Some(value.into());
        }
        let kept: Vec<&str> = value.split_ascii_whitespace().filter(|c| is_class(c)).collect();
        (!kept.is_empty()).then(|| kept.join(" ").into())
    });
    b
}

/// HTML cleaned by the policy: structure and text stay; script, style, forms, handlers go; frames stay of named hosts.
pub fn clean(html: &str, policy: &HtmlPolicy) -> String {
    static CLEAN: std::sync::LazyLock<Builder<'static>> = std::sync::LazyLock::new(|| builder(false));
    static FRAMES: std::sync::LazyLock<Builder<'static>> = std::sync::LazyLock::new(|| builder(true));
    match policy {
        // Where the frames cannot be looked at, none stays.
        HtmlPolicy::Embed(hosts) => only_hosts(&FRAMES.clean(html).to_string(), hosts).unwrap_or_else(|| CLEAN.clean(html).to_string()),
        HtmlPolicy::None | HtmlPolicy::Clean => CLEAN.clean(html).to_string(),
        #[cfg(test)]
        HtmlPolicy::Raw => html.to_owned(),
    }
}

fn settings<'h, 's>() -> Settings<'h, 's> {
    Settings::new().with_strict(false).with_enable_esi_tags(false)
}

/// Runs a rewriter over a whole text. `None`: it failed (the memory cap).
fn rewrite(html: &str, settings: Settings<'_, '_>) -> Option<String> {
    let mut out = Vec::with_capacity(html.len());
    let mut rewriter = HtmlRewriter::new(settings, |part: &[u8]| out.extend_from_slice(part));
    rewriter.write(html.as_bytes()).and_then(|()| rewriter.end()).ok()?;
    String::from_utf8(out).ok()
}

/// A frame with this address may stay. A host is compared whole, and only https is taken.
fn is_frame(source: &str, hosts: &[String]) -> bool {
    let host = source.strip_prefix("https://").map(|r| r.split(['/', '?', '#']).next().unwrap_or(""));
    host.is_some_and(|h| hosts.iter().any(|known| known.eq_ignore_ascii_case(h)))
}

/// Frames of other hosts go. `None`: it could not be told which.
fn only_hosts(html: &str, hosts: &[String]) -> Option<String> {
    let handler = element!("iframe", |e| {
        if !is_frame(&e.get_attribute("src").unwrap_or_default(), hosts) {
            e.remove();
        }
        Ok(())
    });
    rewrite(html, settings().append_element_content_handler(handler))
}

/// An address as it was written: of an attribute with entities the two that editors and the cleaning write.
fn attribute(e: &lol_html::html_content::Element, key: &str) -> String {
    e.get_attribute(key).map(|v| v.replace("&amp;", "&").replace("&quot;", "\"")).unwrap_or_default()
}

/// Addresses of raw links and pictures (then true) before the cleaning, which takes dangerous ones away in silence.
pub fn addresses(html: &str) -> Vec<(bool, String)> {
    let found = std::cell::RefCell::new(Vec::new());
    let links = element!("a[href], area[href]", |e| {
        found.borrow_mut().push((false, attribute(e, "href")));
        Ok(())
    });
    let pictures = element!("img[src]", |e| {
        found.borrow_mut().push((true, attribute(e, "src")));
        Ok(())
    });
    rewrite(html, settings().append_element_content_handler(links).append_element_content_handler(pictures));
    found.into_inner()
}

/// What becomes of a link or picture of raw HTML.
pub enum Fate {
    Stays,
    /// It leads to another host.
    External,
    /// These stand in the place of its tags.
    Hole(String, String),
}

pub struct Element {
    pub picture: bool,
    pub address: String,
    pub alt: String,
    pub title: String,
}

/// Shows every `a[href]` and `img[src]` to `take`, and does with it what that says.
pub fn elements(html: &str, take: impl FnMut(Element) -> Fate) -> String {
    if !html.contains("<a ") && !html.contains("<img ") {
        return html.to_owned();
    }
    let take = std::cell::RefCell::new(take);
    let links = element!("a[href]", |e| {
        let shown = Element { picture: false, address: attribute(e, "href"), alt: String::new(), title: attribute(e, "title") };
        match take.borrow_mut()(shown) {
            Fate::Stays => {}
            Fate::External => e.set_attribute("rel", "external noopener")?,
            Fate::Hole(start, end) => {
                e.before(&start, ContentType::Text);
                e.after(&end, ContentType::Text);
                e.remove_and_keep_content();
            }
        }
        Ok(())
    });
    let pictures = element!("img[src]", |e| {
        let shown = Element { picture: true, address: attribute(e, "src"), alt: attribute(e, "alt"), title: attribute(e, "title") };
        match take.borrow_mut()(shown) {
            Fate::Hole(start, _) => e.replace(&start, ContentType::Text),
            Fate::Stays | Fate::External => e.set_attribute("loading", "lazy")?,
        }
        Ok(())
    });
    // It is clean already: left as it is, it does no harm.
    rewrite(html, settings().append_element_content_handler(links).append_element_content_handler(pictures))
        .unwrap_or_else(|| html.to_owned())
}

/// Ids of all elements.
pub fn ids(html: &str) -> Vec<String> {
    if !html.contains(" id=") {
        return Vec::new();
    }
    let ids = std::cell::RefCell::new(Vec::new());
    let handler = element!("[id]", |e| {
        ids.borrow_mut().extend(e.get_attribute("id"));
        Ok(())
    });
    rewrite(html, settings().append_element_content_handler(handler));
    ids.into_inner()
}

/// Elements that stay open in what follows until their end comes, wherever that is: each is opened again in every
/// paragraph.
const FORMATTING: &str = " a b big code em font i nobr s small strike strong tt u ";

/// Elements that end by themselves: empty ones, and those that the next of their kind closes.
const ENDING: &str = " br hr img p li dd dt ";

/// What the cleaning may cost at most: elements times how deep they are nested.
const MAX_WORK: usize = 50_000_000;
const MAX_FORMATTING_WORK: usize = 1_000_000;

/// The tree of the text would cost more than any text is worth: thousands of elements inside one another. Counted
/// without a tree, and rather too much than too little.
pub fn too_much(html: &str) -> bool {
    // Inside these, a tag may be text: an end tag found there ends nothing.
    let lower = html.to_ascii_lowercase();
    let opaque = [
        "<style",
        "<script",
        "<xmp",
        "<iframe",
        "<noembed",
        "<noframes",
        "<noscript",
        "<textarea",
        "<title",
        "<plaintext",
        "<svg",
        "<math",
        "<![",
        "<select",
        "<template",
    ];
    let ends_count = !opaque.iter().any(|o| lower.contains(o));
    let (mut open, mut depth, mut formatting, mut tags) = (HashMap::<&str, usize>::new(), 0usize, 0usize, 0usize);
    let (mut deepest, mut most) = (0, 0);
    let mut rest = lower.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = after_comment(comment);
            continue;
        }
        let closing = rest.starts_with("</");
        let start = if closing { 2 } else { 1 };
        let length = rest[start..].find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).unwrap_or(rest.len() - start);
        let name = &rest[start..start + length];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            rest = &rest[1..];
            continue;
        }
        tags += 1;
        let is_formatting = FORMATTING.contains(&format!(" {name} "));
        let count = open.entry(name).or_default();
        match closing {
            false if ENDING.contains(&format!(" {name} ")) => {}
            false => {
                *count += 1;
                (depth, formatting) = (depth + 1, formatting + usize::from(is_formatting));
            }
            true if ends_count && *count > 0 => {
                *count -= 1;
                (depth, formatting) = (depth - 1, formatting - usize::from(is_formatting));
            }
            true => {}
        }
        (deepest, most) = (deepest.max(depth), most.max(formatting));
        rest = after_tag(&rest[start + length..]);
    }
    tags.saturating_mul(deepest) > MAX_WORK || tags.saturating_mul(most) > MAX_FORMATTING_WORK
}

fn after_comment(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('>').or_else(|| text.strip_prefix("->")) {
        return rest;
    }
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let after = &rest[at + 2..];
        if let Some(end) = after.strip_prefix('>').or_else(|| after.strip_prefix("!>")) {
            return end;
        }
        rest = &rest[at + 1..];
    }
    ""
}

/// Where in the attributes of a tag a byte stands.
enum At {
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value,
    Quoted(u8),
}

/// What follows the attributes of a tag, by the rules of browsers: a `>` in quotes ends it only where the quotes are
/// no value's.
fn after_tag(text: &str) -> &str {
    let mut state = At::BeforeName;
    for (at, b) in text.bytes().enumerate() {
        state = match (state, b) {
            (At::Quoted(q), b) if q == b => At::BeforeName,
            (At::Quoted(q), _) => At::Quoted(q),
            (_, b'>') => return &text[at + 1..],
            (At::BeforeValue, b'"' | b'\'') => At::Quoted(b),
            (At::Name | At::AfterName, b'=') => At::BeforeValue,
            (At::Name | At::AfterName | At::BeforeName, b'/') => At::BeforeName,
            (At::Name | At::AfterName, b) if b.is_ascii_whitespace() => At::AfterName,
            (At::Value, b) if b.is_ascii_whitespace() => At::BeforeName,
            (state @ (At::BeforeName | At::BeforeValue), b) if b.is_ascii_whitespace() => state,
            (At::BeforeValue | At::Value, _) => At::Value,
            _ => At::Name,
        };
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_tree_is_seen_before_it_is_built() {
        let deep = |piece: &str| piece.repeat(10_000);
        for hostile in [
            "<div>",
            "<div><!--</div>-->",
            "<div title=\"</div>\">",
            "<a =\"><div>\"",
            "<div><style></div></style>",
            "<!--><div><!-- -->",
            "<svg><td>",
            "<font color=1><p>a",
        ] {
            assert!(too_much(&deep(hostile)), "{hostile}");
        }
        for fine in ["<p>a", "<div>a</div>", "<li><b>a</b>", "<p><a href='x'>a</a><br><img src=x>", "a < b <!-- c -->"] {
            assert!(!too_much(&deep(fine)), "{fine}");
        }
    }

    #[test]
    fn tags_end_where_browsers_end_them() {
        for (text, rest) in
            [(">b", "b"), (" a=\">\">b", "b"), (" =\">b", "b"), (" a = '>' c>b", "b"), (" a=b\">c\">", "c\">"), (" a=\"", "")]
        {
            assert_eq!(after_tag(text), rest, "{text}");
        }
        for (text, rest) in [("> a", " a"), ("-> a", " a"), (" - -- --> a", " a"), (" --!>a", "a"), (" a", "")] {
            assert_eq!(after_comment(text), rest, "{text}");
        }
    }
}
