//! What nobody should write and somebody will: nothing of it executes, nothing of it stops a build. Time is bounded by
//! what is refused, not by a clock: each of these would take minutes if the bound were not there.

use super::super::*;

fn options(html: HtmlPolicy) -> Options<'static> {
    Options { html, chinese: true, drop_title: None, articles: true, official: true, extras: Extras::All }
}

fn policies() -> [HtmlPolicy; 3] {
    [HtmlPolicy::None, HtmlPolicy::Clean, HtmlPolicy::Embed(vec!["video.example".into()])]
}

/// One vector a line; `⏎` is a line end, `⇥` a tab, `␀` a NUL.
fn vectors() -> Vec<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/xss.txt")).unwrap();
    let lines = text.lines().filter(|l| !l.is_empty() && !l.starts_with("## "));
    lines.map(|l| l.replace('⏎', "\n").replace('⇥', "\t").replace('␀', "\0")).collect()
}

/// Elements that a body may end up with.
const ELEMENTS: &str = " a abbr acronym area article aside b bdi bdo blockquote br caption center cite code col colgroup data dd del details \
dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i iframe img input ins kbd li map mark nav ol p pre q rp rt \
rtc ruby s samp section small span strike strong sub summary sup table tbody td th thead time tr tt u ul var wbr tfoot ";

/// Attributes whose value is an address.
const ADDRESSES: [&str; 8] = ["href", "src", "cite", "action", "formaction", "poster", "background", "longdesc"];

/// An attribute's value as a browser sees it. Of what is written, only these entities can stand in it.
fn decoded(value: &str) -> String {
    let text = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&nbsp;", " ");
    assert!(!text.contains("&#"), "a number as an entity: {value}");
    text.replace("&amp;", "&")
}

/// Parses the HTML as a browser would and says what in it could execute.
fn dangerous(html: &str) -> Vec<String> {
    use lol_html::{HtmlRewriter, Settings, element};
    let found = std::cell::RefCell::new(Vec::new());
    let handler = element!("*", |e| {
        let mut found = found.borrow_mut();
        let name = e.tag_name();
        if !ELEMENTS.contains(&format!(" {name} ")) {
            found.push(format!("<{name}>"));
        }
        if name == "iframe" && !e.get_attribute("src").is_some_and(|s| s.starts_with("https://video.example/")) {
            found.push("a frame of another host".to_owned());
        }
        if name == "input" && e.get_attribute("type").as_deref() != Some("checkbox") {
            found.push("an input".to_owned());
        }
        for attribute in e.attributes() {
            let (key, value) = (attribute.name(), decoded(&attribute.value()));
            if key.starts_with("on") || matches!(key.as_str(), "style" | "srcdoc" | "srcset" | "ping" | "target") || key.contains(':') {
                found.push(format!("{name} {key}"));
            }
            let plain: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            let scheme = plain.split(['/', '?', '#']).next().unwrap_or_default().split_once(':').map(|(s, _)| s.to_owned());
            if ADDRESSES.contains(&key.as_str())
                && scheme.is_some_and(|s| !matches!(s.as_str(), "http" | "https" | "mailto" | "tel" | "id"))
            {
                found.push(format!("{name} {key}={value}"));
            }
        }
        Ok(())
    });
    let settings = Settings::new().with_strict(false).with_enable_esi_tags(false).append_element_content_handler(handler);
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(html.as_bytes()).unwrap();
    rewriter.end().unwrap();
    found.into_inner()
}

fn check(source: &str) {
    for policy in policies() {
        let body = render(source, &options(policy.clone()));
        let found = dangerous(&body.html);
        assert!(found.is_empty(), "{policy:?}: {source:?}\n{found:?}\n{}", body.html);
        let mut last = 0;
        for hole in &body.holes {
            assert!(hole.at >= last && body.html.is_char_boundary(hole.at), "{source:?}");
            last = hole.at;
            // A hole is filled in between tags, never inside one.
            let before = &body.html[..hole.at];
            assert!(before.rfind('<') <= before.rfind('>'), "{source:?} {}", body.html);
        }
        for link in &body.links {
            assert!(source.get(link.range.clone()).is_some(), "{source:?}");
            let own = matches!(&link.target, Target::External(url) if !["http", "https", "mailto", "tel", "//"].iter().any(|s| url.to_ascii_lowercase().starts_with(s)));
            assert!(!own, "{:?}", link.target);
        }
        for finding in &body.findings {
            assert!(source.get(finding.range.clone()).is_some(), "{source:?} {finding:?}");
        }
    }
    _ = summary(source, 120, None);
    _ = first_heading(source);
}

#[test]
fn the_check_itself_sees_what_is_dangerous() {
    for bad in [
        "<script>x</script>",
        "<p onclick=x>",
        "<a href=\" java\nscript:x\">",
        "<svg>",
        "<iframe src=\"https://evil.example/\">",
        "<p style=x>",
    ] {
        assert!(!dangerous(bad).is_empty(), "{bad}");
    }
}

#[test]
fn no_vector_executes() {
    let all = vectors();
    assert!(all.len() >= 200, "{}", all.len());
    for vector in &all {
        check(vector);
        // In the middle of a text, in a list, in a cell, in a quote, in a shortcode.
        check(&format!("正文 {vector} 后文\n\n- {vector}\n\n| 表 |\n|---|\n| {vector} |\n\n> {vector}\n"));
        check(&format!("{{{{< figure src=\"a.png\" alt=\"{vector}\" >}}}}\n\n{vector}\n\n{{{{< /figure >}}}}"));
        check(&format!("[{vector}]({vector})\n\n![{vector}](<{vector}> \"{vector}\")"));
    }
}

#[test]
fn deep_nesting_is_cut_off() {
    let n = 10_000;
    for source in [
        format!("{} a", ">".repeat(n)),
        format!("{}a", "> ".repeat(n)),
        format!("{}a", "- ".repeat(n)),
        (0..500).map(|i| format!("{}- a\n", "  ".repeat(i))).collect::<String>(),
        format!("{}a{}", "*".repeat(n), "*".repeat(n)),
        "*a **b ".repeat(n),
        format!("{}a{}", "[".repeat(n), "](x)".repeat(n)),
        "![".repeat(n),
        "`".repeat(n) + &"` ".repeat(n),
        "\\[^a\\]: ".repeat(n),
        "[^1]".repeat(n / 10) + "\n\n[^1]: a\n",
        (0..n / 10).map(|i| format!("[^{i}]\n\n[^{i}]: b\n\n")).collect(),
        (0..n).map(|i| format!("[x](#a{i})\n")).collect(),
        "# a\n".repeat(n),
        "{{<".repeat(n),
        "{{< figure src=\"".repeat(n),
        "{{< figure src=a.png >}}\n".repeat(n),
        "{{< /figure >}}\n".repeat(n),
        "<a href=x>".repeat(n),
        format!("<div>\n{}", "<a".repeat(n * 4)),
    ] {
        check(&source);
    }
    let body = render(&format!("{} a", ">".repeat(n)), &options(HtmlPolicy::Clean));
    assert_eq!(body.html.matches("<blockquote>").count(), body.html.matches("</blockquote>").count());
    assert!(body.html.matches("<blockquote>").count() <= 60, "{}", body.html.len());
    assert_eq!(body.findings.iter().filter(|f| f.id == "markdown.deep").count(), 1);
    for tag in ["div", "b", "font color=1", "table", "ul", "span", "svg"] {
        let body = render(&format!("<div>\n{}", format!("<{tag}>").repeat(n)), &options(HtmlPolicy::Clean));
        assert!(body.html.is_empty() && body.findings.iter().any(|f| f.id == "markdown.html-nested"), "{tag}");
    }
}

#[test]
fn malformed_tables() {
    for source in [
        "| a | b |\n|---|\n| 1 |",
        "| a |\n|---|---|---|\n| 1 | 2 | 3 |",
        "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 | 4 |\n||||||",
        "|\n|-|\n|",
        "| a `|` b | c |\n|:-:|-:|\n| \\| | **x |\n",
        "|---|---|\n|---|---|",
        "| <b> | </td><script>alert(1)</script> |\n|---|---|\n| </table> | <td> |",
        "<table><tr><td>\n\n| a |\n|---|\n| b |\n\n</table>",
        "> | a |\n|---|\n| b",
        "| [a](b.md | c) |\n|---|---|\n| ![x](y.png | z) |",
    ] {
        check(source);
    }
    let columns = 2_000;
    let source = format!("{}|\n{}|\n{}|\n", "|a".repeat(columns), "|-".repeat(columns), "|b".repeat(columns));
    let body = render(&source, &options(HtmlPolicy::Clean));
    assert_eq!(body.html.matches("<th ").count(), columns);
    // Rows of one cell below a row of many are filled up by the parser: within bounds.
    let source = format!("{}|\n{}|\n{}", "|a".repeat(columns), "|-".repeat(columns), "|b\n".repeat(columns));
    assert!(render(&source, &options(HtmlPolicy::Clean)).html.len() < 64 * 1024 * 1024);
}

#[test]
fn strange_characters() {
    let private: String = ('\u{E000}'..='\u{F8FF}').collect();
    for source in [
        "\u{200B}**\u{200B}“标题”\u{200B}**\u{200D}内容\u{FEFF}",
        "# \u{200B}\u{200E}\u{200F}\u{202A}\u{202E}标题\u{2066}\u{2069}",
        "[\u{202E}txt.exe](a.md \"\u{202E}\")",
        "العربية **مرحبا**، 中文**“你好”**吧 עברית",
        "\u{E000}\u{E001}0\u{E001}\u{E000}[a](b.md)",
        "{{< figure src=\"\u{E000}.png\" alt=\"\u{E001}0\u{E001}\" >}}\n\n\u{E001}1\u{E001}\n\n{{< /figure >}}",
        "<p title=\"\u{E001}0\u{E001}\">\u{E001}0\u{E001}</p> [a](b.md)",
        "\0[a](\0b.md)\0",
        "a\u{85}b\u{2028}c\u{2029}d\r\re\r\n",
        "𠀀𠀁**“𠀂”**𠀃\n𠀄",
        "👨‍👩‍👧‍👦**“👍🏽”**中",
        "\u{FDD0}\u{FDD1}\u{FFFE}\u{FFFF}\u{10FFFF} [a](b.md)",
        "e\u{301}\u{301}\u{301}**“a\u{301}”**\u{301}中",
        &format!("{private}**“a”**中 [x](y.md)"),
        "第一章\u{200B}\u{3000}总则\n\n2026年\u{200B}3月5日",
    ] {
        check(source);
    }
    let all = format!("{private}[x](y.md) **“a”**中");
    let body = render(&all, &options(HtmlPolicy::Clean));
    assert!(body.html.contains(&private) && body.holes.len() == 2, "{}", body.html.len());
}

proptest::proptest! {
    /// Pieces of Markdown, HTML and shortcodes thrown together.
    #[test]
    fn nothing_thrown_together_executes(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "{{< figure src=\"a.png\" >}}", "{{< /figure >}}", "{{< gallery files=\"a.png,b.png\"", ">}}", "\n\n", "\n", "> ", "- ", "**", "“", "”", "中",
        "[a](", "b.md)", "![", "](c.png)", "<div>", "</div>", "<p title=\"", "\">", "<script>", "</script>", "<!--", "-->", "`", "```\n", "| a |\n|---|\n| ",
        "[^1]", "[^1]: ", "<a href=\"javascript:x\">", "\u{E000}", "\u{E001}0\u{E001}", "第一章 总则", "第一条 ", "2026年3月5日", "<img src=x onerror=y>", "&lt;", "\\", "#", " ",
    ]), 0..24)) {
        check(&pieces.concat());
    }
}
