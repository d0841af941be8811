//! What a style sheet of a layer does to parts that a theme above has locked, and what it loads from elsewhere.

use std::cell::RefCell;
use std::rc::Rc;

use cssparser::{ParseError, Parser, Token};
use lol_html::{RewriteStrSettings, Selector, element, rewrite_str};

use crate::theme::mark::ATTRIBUTE;

/// A rule that takes what it matches out of sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hiding {
    /// One of its selectors, as written.
    pub selector: String,
    /// `display: none`
    pub declaration: String,
    /// Byte of the selector in the sheet.
    pub at: usize,
}

/// Rules of a sheet that hide something on a screen.
pub fn hidings(sheet: &str) -> Vec<Hiding> {
    let mut out = Vec::new();
    rules(&mut Parser::new(sheet), sheet, &mut out);
    out
}

fn rules(parser: &mut Parser, sheet: &str, out: &mut Vec<Hiding>) {
    let mut start = None;
    loop {
        let before = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { return };
        match token {
            Token::WhiteSpace(_) | Token::Comment(_) | Token::CDO | Token::CDC if start.is_none() => {}
            Token::Semicolon => start = None,
            Token::CurlyBracketBlock => {
                let from = start.take().unwrap_or(before);
                let prelude = sheet.get(from..before).unwrap_or_default().trim().to_owned();
                _ = parser.parse_nested_block(|p| {
                    match prelude.strip_prefix('@') {
                        // Keyframes and fonts have no selectors; what is for paper is not seen on a screen.
                        Some(rule) => {
                            let rule = rule.to_ascii_lowercase();
                            let inner = ["media", "supports", "layer", "container", "scope"].iter().any(|r| rule.starts_with(r));
                            if inner && rule.strip_prefix("media").is_none_or(|m| m.trim() != "print") {
                                rules(p, sheet, out);
                            }
                        }
                        None => {
                            let hides = declarations(p, sheet);
                            for selector in split(&prelude) {
                                if let Some(declaration) = hides.first() {
                                    out.push(Hiding { selector, declaration: declaration.clone(), at: from });
                                }
                            }
                        }
                    }
                    Ok::<(), ParseError<()>>(())
                });
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                start.get_or_insert(before);
                _ = parser.parse_nested_block(|p| {
                    while p.next().is_ok() {}
                    Ok::<(), ParseError<()>>(())
                });
            }
            _ => _ = start.get_or_insert(before),
        }
    }
}

/// Declarations of a rule that hide. Rules inside it are passed over.
fn declarations(parser: &mut Parser, sheet: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut start = parser.position().byte_index();
    loop {
        let before = parser.position().byte_index();
        let token = parser.next_including_whitespace_and_comments().cloned();
        let end = match &token {
            Ok(Token::Semicolon) => before,
            Err(_) => parser.position().byte_index(),
            Ok(Token::CurlyBracketBlock) => {
                start = before + 1;
                continue;
            }
            Ok(_) => continue,
        };
        if let Some((name, value)) = sheet.get(start..end).and_then(|d| d.split_once(':')) {
            let name = name.rsplit("*/").next().unwrap_or(name).trim().to_ascii_lowercase();
            let value = value.replace("!important", "").trim().to_ascii_lowercase();
            if hides(&name, &value) {
                out.push(format!("{name}: {value}"));
            }
        }
        if token.is_err() {
            return out;
        }
        start = parser.position().byte_index();
    }
}

fn hides(name: &str, value: &str) -> bool {
    let number = |v: &str| v.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').parse::<f32>().ok();
    let far = || {
        number(value).is_some_and(|n| match value.trim_start_matches(|c: char| c == '-' || c == '.' || c.is_ascii_digit()) {
            "px" => n <= -500.0,
            "em" | "rem" => n <= -30.0,
            "vw" | "vh" | "%" => n <= -90.0,
            _ => false,
        })
    };
    match name {
        "display" => value == "none",
        "visibility" => matches!(value, "hidden" | "collapse"),
        "content-visibility" => value == "hidden",
        "opacity" => number(value).is_some_and(|n| n < 0.05),
        "clip-path" => value.starts_with("inset(50%") || value.starts_with("inset(100%") || value.starts_with("circle(0"),
        "clip" => value.starts_with("rect(0") || value.starts_with("rect(1px"),
        "left" | "right" | "top" | "bottom" | "text-indent" => far(),
        _ if name.starts_with("inset") || name.starts_with("margin") => far(),
        "width" | "height" | "max-width" | "max-height" | "block-size" | "inline-size" | "font-size" => number(value) == Some(0.0),
        "transform" | "scale" => value == "scale(0)" || value == "0",
        _ => false,
    }
}

/// Selectors of a list, at its commas outside parentheses.
fn split(prelude: &str) -> Vec<String> {
    let (mut depth, mut start, mut out) = (0, 0, Vec::new());
    for (at, c) in prelude.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                out.push(prelude[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(prelude[start..].trim().to_owned());
    out.retain(|s| !s.is_empty());
    out
}

/// A selector that finds elements in a page: without states; where siblings are asked for, of its last element alone.
/// `None`: it is about what is beside an element.
fn findable(selector: &str) -> Option<Selector> {
    if selector.contains("::") || [":before", ":after", ":first-line", ":first-letter"].iter().any(|p| selector.contains(p)) {
        return None;
    }
    let mut plain = String::new();
    let (mut depth, mut state) = (0, false);
    for c in selector.chars() {
        match c {
            '(' if state => depth += 1,
            ')' if state => {
                depth -= 1;
                state = depth > 0;
            }
            ':' => state = true,
            c if state && depth == 0 && !(c.is_ascii_alphanumeric() || c == '-') => {
                state = false;
                plain.push(c);
            }
            _ if state => {}
            c => plain.push(c),
        }
    }
    let last = plain.rsplit(['+', '~']).next().unwrap_or(&plain).trim();
    let last = if last.is_empty() || last.ends_with('>') { format!("{last} *") } else { last.to_owned() };
    last.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).parse().ok()
}

/// Which of the rules take a locked part of a marked page out of sight: the rule, and where that part comes from.
/// `locked`: whether an element with this mark is in a locked part.
pub fn hidden<'h>(html: &str, rules: &'h [Hiding], locked: &dyn Fn(&str) -> bool) -> Vec<(&'h Hiding, String)> {
    let found: Rc<RefCell<Vec<(usize, String)>>> = Rc::default();
    // Rules whose elements are open here.
    let open: Rc<RefCell<Vec<usize>>> = Rc::default();
    let mut settings = RewriteStrSettings::new();
    for (at, selector) in rules.iter().enumerate().filter_map(|(at, r)| Some((at, findable(&r.selector)?))) {
        let (found, open) = (found.clone(), open.clone());
        let handler = move |el: &mut lol_html::html_content::Element| {
            if let Some(mark) = el.get_attribute(ATTRIBUTE).filter(|m| locked(m)) {
                found.borrow_mut().push((at, mark));
            }
            let inside = open.clone();
            // An element without an end has nothing inside.
            let ends = el.on_end_tag(lol_html::end_tag!(move |_| {
                inside.borrow_mut().pop();
                Ok(())
            }));
            if ends.is_ok() {
                open.borrow_mut().push(at);
            }
            Ok(())
        };
        settings = settings.append_element_content_handler((
            std::borrow::Cow::Owned(selector),
            lol_html::ElementContentHandlers::default().element(handler),
        ));
    }
    let (all, inside) = (found.clone(), open.clone());
    settings = settings.append_element_content_handler(element!("*", move |el| {
        if !inside.borrow().is_empty()
            && let Some(mark) = el.get_attribute(ATTRIBUTE).filter(|m| locked(m))
        {
            all.borrow_mut().extend(inside.borrow().iter().map(|at| (*at, mark.clone())));
        }
        Ok(())
    }));
    _ = rewrite_str(html, settings);
    let mut found = found.take();
    found.sort();
    found.dedup_by_key(|(at, _)| *at);
    found.into_iter().map(|(at, mark)| (&rules[at], mark)).collect()
}

/// Addresses of other hosts that a sheet loads, with their bytes.
pub fn elsewhere(sheet: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = crate::theme::asset::addresses(sheet);
    found.retain(|(_, address)| {
        let a = address.trim().to_ascii_lowercase();
        a.starts_with("//") || a.starts_with("http:") || a.starts_with("https:")
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(css: &str) -> Vec<String> {
        hidings(css).into_iter().map(|h| format!("{} {{ {} }}", h.selector, h.declaration)).collect()
    }

    #[test]
    fn rules_that_hide_are_found_and_others_are_not() {
        assert_eq!(
            found("p { color: red } .a, #b > c { margin: 0; display: none !important; }"),
            [".a { display: none }", "#b > c { display: none }"]
        );
        assert_eq!(found("@media (max-width: 40em) { .a { visibility: hidden } }"), [".a { visibility: hidden }"]);
        assert_eq!(
            found("@media print { .a { display: none } } @keyframes x { to { opacity: 0 } } .b { opacity: .5; top: -1rem }"),
            Vec::<String>::new()
        );
        for hides in [
            "opacity:0",
            "left:-9999px",
            "text-indent:-100%",
            "clip-path:inset(50%)",
            "clip:rect(0 0 0 0)",
            "height:0",
            "font-size:0px",
            "transform:scale(0)",
        ] {
            assert_eq!(found(&format!(".a {{ {hides} }}")).len(), 1, "{hides}");
        }
    }

    #[test]
    fn what_is_hidden_may_lie_inside() {
        let page = r#"<body data-banyan="b page.html 1 "><div class="x"><p class="y" data-banyan="b header.html 1 header">a</p></div><p data-banyan="b page.html 3 main">c</p></body>"#;
        let hit = |css: &str| hidden(page, &hidings(css), &|m| m.contains("header")).len();
        for css in [".x", "div", "body", ".y", "p", "div > .y", "a + .y", ".y:hover", "div:not(.z) p"] {
            assert_eq!(hit(&format!("{css} {{ display: none }}")), 1, "{css}");
        }
        for css in [".z", "body > p", ".y::before", "p ~ i"] {
            assert_eq!(hit(&format!("{css} {{ display: none }}")), 0, "{css}");
        }
    }
}
