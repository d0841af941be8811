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
    let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// It is a tag of HTML, a comment or another construct of it; not text in angle brackets.
pub fn is_tag(text: &str) -> bool {
    match name(text) {
        Some(name) => ELEMENTS.contains(&format!(" {name} ")),
        None => text.trim_start().starts_with("<!") || text.trim_start().starts_with("<?"),
    }
}

/// Names of elements and attributes of `text` that the cleaning takes away, for the message.
pub fn refused(text: &str, policy: &HtmlPolicy) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(name) = name(rest)
            && !rest.starts_with("</")
            && ELEMENTS.contains(&format!(" {name} "))
        {
            // Up to the next bracket of either kind: a text of nothing but `<a` is not read once for each of them.
            let end = memchr::memchr2(b'<', b'>', &rest.as_bytes()[1..]).map_or(rest.len(), |i| i + 1);
            if rest[..end].to_ascii_lowercase().split_ascii_whitespace().any(|w| w.starts_with("on") && w.contains('=')) {
                out.push(format!("{name} on…"));
            }
            let embedded = name == "iframe" && matches!(policy, HtmlPolicy::Embed(_));
            if !allowed().contains(name.as_str()) && !embedded {
                out.push(name);
            }
        }
        rest = &rest[1..];
    }
    out.dedup();
    out
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
        HtmlPolicy::Embed(hosts) => only_hosts(&FRAMES.clean(html).to_string(), hosts),
        HtmlPolicy::None | HtmlPolicy::Clean => CLEAN.clean(html).to_string(),
        #[cfg(test)]
        HtmlPolicy::Raw => html.to_owned(),
    }
}

fn settings<'h, 's>() -> Settings<'h, 's> {
    Settings::new().with_strict(false).with_enable_esi_tags(false)
}

/// Runs a rewriter over a whole text. An error (the memory cap) leaves the text as it was: it is clean already.
fn rewrite(html: &str, settings: Settings<'_, '_>) -> String {
    let mut out = Vec::with_capacity(html.len());
    let mut rewriter = HtmlRewriter::new(settings, |part: &[u8]| out.extend_from_slice(part));
    let done = rewriter.write(html.as_bytes()).and_then(|()| rewriter.end());
    match done {
        Ok(()) => String::from_utf8(out).unwrap_or_else(|_| html.to_owned()),
        Err(_) => html.to_owned(),
    }
}

/// Frames of other hosts go. A host is compared whole, and only https is taken.
fn only_hosts(html: &str, hosts: &[String]) -> String {
    let handler = element!("iframe", |e| {
        let source = e.get_attribute("src").unwrap_or_default();
        let host = source.strip_prefix("https://").map(|r| r.split(['/', '?', '#']).next().unwrap_or(""));
        if !host.is_some_and(|h| hosts.iter().any(|known| known.eq_ignore_ascii_case(h))) {
            e.remove();
        }
        Ok(())
    });
    rewrite(html, settings().append_element_content_handler(handler))
}

pub struct Element {
    pub picture: bool,
    pub address: Option<String>,
    pub alt: String,
    pub title: String,
}

/// Shows every `a[href]` and `img[src]` to `take`; what it gives stands in the place of the tags.
pub fn elements(html: &str, take: impl FnMut(Element) -> Option<(String, String)>) -> String {
    if !html.contains("<a ") && !html.contains("<img ") {
        return html.to_owned();
    }
    let take = std::cell::RefCell::new(take);
    let text = |e: &lol_html::html_content::Element, key: &str| {
        e.get_attribute(key).map(|v| v.replace("&amp;", "&").replace("&quot;", "\"")).unwrap_or_default()
    };
    let links = element!("a[href]", |e| {
        let shown = Element { picture: false, address: Some(text(e, "href")), alt: String::new(), title: text(e, "title") };
        if let Some((start, end)) = take.borrow_mut()(shown) {
            e.before(&start, ContentType::Text);
            e.after(&end, ContentType::Text);
            e.remove_and_keep_content();
        }
        Ok(())
    });
    let pictures = element!("img[src]", |e| {
        let shown = Element { picture: true, address: Some(text(e, "src")), alt: text(e, "alt"), title: text(e, "title") };
        match take.borrow_mut()(shown) {
            Some((start, _)) => e.replace(&start, ContentType::Text),
            None => e.set_attribute("loading", "lazy")?,
        }
        Ok(())
    });
    rewrite(html, settings().append_element_content_handler(links).append_element_content_handler(pictures))
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
