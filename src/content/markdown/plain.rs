//! The words of a body, without its markup: for structured data and names of files.

use super::{Body, HoleKind};

/// Tags after which another line starts.
const LINES: &[&str] = &["p", "li", "tr", "br", "div", "dd", "dt", "blockquote", "pre", "figure", "h1", "h2", "h3", "h4", "h5", "h6"];

/// The text of HTML that [`super::render`] wrote, at most so many characters.
pub fn plain_text(html: &str, most: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut rest = html;
    let mut gap = None;
    while let Some(c) = rest.chars().next() {
        let (word, length) = match c {
            '<' => {
                let end = rest.find('>').map_or(rest.len(), |i| i + 1);
                let name = rest[1..end].trim_start_matches('/');
                let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
                rest = &rest[end..];
                if LINES.contains(&name) {
                    gap = Some('\n');
                } else if matches!(name, "td" | "th") {
                    gap = gap.or(Some(' '));
                }
                continue;
            }
            '&' => entity(rest),
            c => (c, c.len_utf8()),
        };
        rest = &rest[length..];
        if word.is_whitespace() || word.is_control() {
            gap = gap.or(Some(' '));
            continue;
        }
        if let Some(gap) = gap.take().filter(|_| !out.is_empty()) {
            out.push(gap);
            count += 1;
        }
        if count >= most {
            return format!("{}…", out.trim_end());
        }
        out.push(word);
        count += 1;
    }
    out
}

/// The character that an entity stands for, and how long it is written. The writer knows these; others stay as they are.
fn entity(text: &str) -> (char, usize) {
    const KNOWN: &[(&str, char)] =
        &[("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&#x27;", '\''), ("&nbsp;", ' ')];
    KNOWN.iter().find(|(name, _)| text.starts_with(name)).map_or(('&', 1), |(name, c)| (*c, name.len()))
}

impl Body {
    /// The text between the marks of a link.
    pub fn link_text(&self, link: u32) -> String {
        let at = |kind: HoleKind| self.holes.iter().find(|h| h.kind == kind).map(|h| h.at);
        let (Some(open), Some(close)) = (at(HoleKind::LinkOpen(link)), at(HoleKind::LinkClose(link))) else { return String::new() };
        self.html.get(open..close).map(|html| plain_text(html, 200)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HtmlPolicy, Options, render};
    use super::*;

    fn body(text: &str) -> Body {
        let options = Options {
            html: HtmlPolicy::Clean,
            chinese: true,
            drop_title: None,
            articles: true,
            official: false,
            extras: super::super::Extras::All,
        };
        render(text, &options)
    }

    #[test]
    fn markup_goes_and_lines_stay() {
        let text = body("# 一 & 二\n\n第一行\n第二行 **粗** `<b>`\n\n- 甲\n- 乙\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<u>线</u>");
        assert_eq!(plain_text(&text.html, 100), "一 & 二\n第一行第二行 粗 <b>\n甲\n乙\na b\n1 2\n线");
        assert_eq!(plain_text("<p>一二三四</p>", 3), "一二三…");
        assert_eq!(plain_text("<p>一二三</p>\n", 3), "一二三");
    }

    #[test]
    fn a_link_has_a_text() {
        let text = body("见[申请 *表*](a.doc)，[b](b.doc)");
        assert_eq!((text.link_text(0).as_str(), text.link_text(1).as_str()), ("申请 表", "b"));
    }
}
