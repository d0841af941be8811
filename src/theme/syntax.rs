//! Parts of a template that nobody closed. The parser notices at the end of the file, or at the end of another part; whoever
//! has to mend it wants to know where the part begins.

use std::ops::Range;

/// Statements that have an end: as they begin, as they end.
const PARTS: [(&str, &str); 10] = [
    ("block", "endblock"),
    ("if", "endif"),
    ("for", "endfor"),
    ("macro", "endmacro"),
    ("call", "endcall"),
    ("filter", "endfilter"),
    ("with", "endwith"),
    ("autoescape", "endautoescape"),
    ("set", "endset"),
    ("raw", "endraw"),
];
const SINGLE: [&str; 9] = ["extends", "include", "import", "from", "else", "elif", "do", "continue", "break"];

/// A part without its end.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOpen {
    /// Bytes of the tag that begins it.
    pub range: Range<usize>,
    /// `endblock`
    pub end: &'static str,
}

/// The first part that is not closed where it should be. `None`: all are, or something ends that is none.
pub fn left_open(source: &str) -> Option<LeftOpen> {
    let mut open: Vec<LeftOpen> = Vec::new();
    let mut at = 0;
    while let Some(start) = source[at..].find('{').map(|i| at + i) {
        let rest = &source[start..];
        let close = match rest.as_bytes().get(1) {
            Some(b'%') => "%}",
            Some(b'{') => "}}",
            Some(b'#') => "#}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = start + rest.find(close)? + 2;
        at = end;
        if close != "%}" {
            continue;
        }
        let inner = source[start + 2..end - 2].trim_matches(['-', '+']).trim();
        let word = inner.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
        if let Some((_, ends)) = PARTS.iter().find(|(begins, _)| *begins == word) {
            let part = LeftOpen { range: start..end, end: ends };
            match word {
                // `set x = 1` is whole.
                "set" if inner.contains('=') => {}
                // What follows is no template.
                "raw" => match raw_end(&source[end..]) {
                    Some(over) => at = end + over,
                    None => return Some(part),
                },
                _ => open.push(part),
            }
        } else if PARTS.iter().any(|(_, ends)| *ends == word) {
            let last = open.pop()?;
            if last.end != word {
                return open.iter().any(|o| o.end == word).then_some(last);
            }
        } else if !SINGLE.contains(&word) {
            return None;
        }
    }
    open.pop()
}

/// Where the tag that ends a `raw` is over.
fn raw_end(text: &str) -> Option<usize> {
    let at =
        text.match_indices("endraw").map(|(at, _)| at).find(|at| text[..*at].trim_end().trim_end_matches(['-', '+']).ends_with("{%"))?;
    Some(at + text[at..].find("%}")? + 2)
}

/// The statement that was meant.
pub fn nearest(word: &str) -> Option<&'static str> {
    crate::base::source::nearest(word, PARTS.iter().flat_map(|(begins, ends)| [*begins, *ends]).chain(SINGLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(source: &str) -> Option<(&str, &str)> {
        left_open(source).map(|o| (&source[o.range], o.end))
    }

    #[test]
    fn the_part_that_is_left_open_is_told() {
        assert_eq!(open("{% block a %}{% if x %}y{% endif %}"), Some(("{% block a %}", "endblock")));
        assert_eq!(open("{% block a %}{%- if x -%}y{% endblock %}"), Some(("{%- if x -%}", "endif")));
        assert_eq!(open("{% block a %}{% block b %}{% endblock %}"), Some(("{% block a %}", "endblock")));
        assert_eq!(open("{% raw %}{% if x %}"), Some(("{% raw %}", "endraw")));
    }

    #[test]
    fn what_is_closed_or_another_mistake_is_not() {
        for whole in [
            "{% set a = 1 %}{% set b %}x{% endset %}",
            "{% raw %}{% if x %}{%- endraw %}{# {% if #}{{ '{' }}",
            "{ {% if",
            "{% if a %}{% elif b %}{% endif %}",
        ] {
            assert_eq!(open(whole), None, "{whole}");
        }
        for other in ["{% endif %}", "{% block a %}{% endblok %}", "{% block a %}{% endif %}"] {
            assert_eq!(open(other), None, "{other}");
        }
        assert_eq!(nearest("endblok"), Some("endblock"));
    }
}
