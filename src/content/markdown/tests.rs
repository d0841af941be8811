use super::*;

fn options() -> Options<'static> {
    Options { html: HtmlPolicy::Clean, chinese: true, drop_title: None, articles: true }
}

fn html(source: &str) -> String {
    render(source, &options()).html
}

#[test]
fn emphasis_beside_chinese_punctuation() {
    for (source, want) in [
        ("**“标题”**内容", "<p><strong>“标题”</strong>内容</p>\n"),
        ("**重点：**请注意", "<p><strong>重点：</strong>请注意</p>\n"),
        ("说**“你好”**吧", "<p>说<strong>“你好”</strong>吧</p>\n"),
        ("这是*“斜体”*字", "<p>这是<em>“斜体”</em>字</p>\n"),
        ("~~（旧）~~新", "<p><del>（旧）</del>新</p>\n"),
        ("用`**“码”**中`", "<p>用<code>**“码”**中</code></p>\n"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>\n"),
    ] {
        assert_eq!(html(source), want);
    }
}

#[test]
fn lines_of_chinese_join_without_a_space() {
    assert_eq!(html("第一行\n第二行"), "<p>第一行第二行</p>\n");
    assert_eq!(html("one\ntwo"), "<p>one\ntwo</p>\n");
}

#[test]
fn the_parts_of_an_act_have_anchors() {
    let body = render("## 第一章 总则\n\n第一条　为了规范。\n\n第二条　本法。\n\n第一条　又一。", &options());
    for id in ["<h2 id=\"第一章-总则\">", "<p id=\"第一条\">", "<p id=\"第二条\">", "<p id=\"第一条-2\">"] {
        assert!(body.html.contains(id), "{id} in {}", body.html);
    }
    assert_eq!(body.toc.len(), 1);
}

#[test]
fn what_only_looks_like_a_tag_stays_visible() {
    let shown = html("依照<中华人民共和国立法法>和 <foo> 制定");
    assert!(shown.contains("&lt;中华人民共和国立法法&gt;"), "{shown}");
    assert!(shown.contains("&lt;foo&gt;"), "{shown}");
}

#[test]
fn no_script_style_or_frame_survives() {
    for hostile in [
        "<script>alert(1)</script>",
        "<p onclick=\"x()\">a</p>",
        "<iframe src=\"https://evil.example/\"></iframe>",
        "a <style>*{}</style> b",
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<a href=\"javascript:alert(1)\">a</a>",
        "[a](javascript:alert\\(1\\))",
        "![a](data:text/html;base64,AAAA)",
        "<div style=\"background:url(x)\">a</div>",
    ] {
        let body = render(hostile, &options());
        let shown = body.html.to_lowercase();
        for bad in ["<script", "<style", "<iframe", "<svg", " onclick", " onerror", "javascript:", "style=", "data:"] {
            assert!(!shown.contains(bad), "{hostile} → {shown}");
        }
        assert!(!body.findings.is_empty() || !shown.contains("alert"), "{hostile} went without a word: {shown}");
    }
}

#[test]
fn a_tree_that_mutates_gives_no_element() {
    let hostile = "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">";
    let shown = html(hostile);
    assert!(!shown.contains("<img src=1") && !shown.contains("<style"), "{shown}");
}

#[test]
fn frames_of_named_hosts_stay() {
    let options = Options { html: HtmlPolicy::Embed(vec!["video.example".into()]), ..options() };
    let shown =
        render("<iframe src=\"https://video.example/1\"></iframe>\n\n<iframe src=\"https://video.example.evil/1\"></iframe>", &options)
            .html;
    assert!(shown.contains("https://video.example/1"), "{shown}");
    assert!(!shown.contains("evil"), "{shown}");
}

#[test]
fn links_into_the_repository_are_holes() {
    let body = render("见[通知](../2025/a.md#x)和[主页](https://a.example/)。\n\n![图](p.png \"说明\")", &options());
    assert_eq!(body.links.len(), 2);
    assert_eq!(body.holes.len(), 3);
    assert_eq!(body.links[0].target, Target::Path { path: "../2025/a.md".into(), anchor: Some("x".into()) });
    assert!(body.html.contains("<a href=\"https://a.example/\" rel=\"external noopener\">主页</a>"), "{}", body.html);
    assert!(body.html.contains("<figure><figcaption>说明</figcaption></figure>"), "{}", body.html);
}

#[test]
fn links_of_raw_html_are_holes_too() {
    let source = "<p>见<a href=\"../2025/a.md\">通知</a>，<img src=\"p.png\" alt=\"图\"></p>";
    let body = render(source, &options());
    assert_eq!(body.links.len(), 2, "{body:?}");
    assert_eq!(&source[body.links[0].range.clone()], "../2025/a.md");
    assert!(matches!(body.holes[2].kind, HoleKind::Image { .. }), "{body:?}");
    assert!(!body.html.contains("<a"), "{}", body.html);
}

#[test]
fn a_hole_inside_an_attribute_is_dropped() {
    let body = render("<div title=\"\n\n[x](a.md)\n\n\">b</div>", &options());
    for hole in &body.holes {
        let before = &body.html[..hole.at];
        assert!(before.rfind('<') <= before.rfind('>'), "{body:?}");
    }
}

#[test]
fn tables_have_header_cells_and_no_inline_style() {
    let shown = html("| 项 | 数 |\n|---|--:|\n| a | 1 |");
    assert_eq!(
        shown,
        "<div class=\"table\"><table><thead><tr><th scope=\"col\">项</th><th scope=\"col\" class=\"right\">数</th></tr></thead><tbody>\n\
         <tr><td>a</td><td class=\"right\">1</td></tr>\n</tbody></table></div>\n"
    );
}

#[test]
fn titles_and_summaries() {
    assert_eq!(first_heading("# 关于**绿化**的通知\n\n正文").as_deref(), Some("关于绿化的通知"));
    assert_eq!(first_heading("正文"), None);
    assert_eq!(summary("# 题\n\n第一段。\n\n- 一\n- 二", 120, None), "第一段。一 二");
    assert_eq!(summary("一二三四五", 3, None), "一二三…");
    let options = Options { drop_title: Some("题"), ..options() };
    assert_eq!(render("# 题\n\n文", &options).html, "<p>文</p>\n");
}

#[test]
fn marks_of_our_own_in_the_source_are_text() {
    let body = render("\u{E000}\u{E001}0\u{E001} **“a”**中 [x](y.md)", &options());
    assert!(body.html.contains("\u{E000}\u{E001}0\u{E001}"), "{:?}", body.html);
    assert_eq!(body.holes.len(), 2);
}

proptest::proptest! {
    /// Whatever is written: no panic, holes on character boundaries and in order, nothing executable.
    #[test]
    fn any_text_is_rendered_safely(source in "[\\PC\n*_~`<>\"'=\\[\\]()#|!/:-]{0,200}") {
        let body = render(&source, &options());
        let mut last = 0;
        for hole in &body.holes {
            assert!(hole.at >= last && body.html.is_char_boundary(hole.at));
            last = hole.at;
        }
        assert!(!body.html.to_lowercase().contains("<script"));
        for link in &body.links {
            assert!(source.get(link.range.clone()).is_some());
        }
    }
}
