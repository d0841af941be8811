mod commonmark;
mod hostile;

use super::*;

fn options() -> Options<'static> {
    Options { html: HtmlPolicy::Clean, chinese: true, drop_title: None, articles: true, official: false, extras: Extras::All }
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

fn said(source: &str) -> Vec<(&'static str, String)> {
    let body = render(source, &options());
    body.findings.iter().map(|f| (f.id, source[f.range.clone()].to_owned())).collect()
}

fn calls(source: &str) -> Vec<shortcode::Call> {
    let body = render(source, &options());
    body.holes.into_iter().filter_map(|h| if let HoleKind::Shortcode(c) = h.kind { Some(*c) } else { None }).collect()
}

#[test]
fn plain_headings_of_an_act_are_in_its_contents() {
    let source = "第一编　总则\n\n第一章　基本规定\n\n第一条　为了。\n\n**第二章　范围**\n\n第二条　适用。\n\n第一节　一般\n\n第三条　略。";
    let body = render(source, &options());
    let toc: Vec<(u8, &str)> = body.toc.iter().map(|h| (h.level, &*h.id)).collect();
    assert_eq!(toc, [(2, "第一编-总则"), (3, "第一章-基本规定"), (3, "第二章-范围"), (4, "第一节-一般")]);
    assert!(body.html.contains("<p id=\"第二章-范围\" class=\"part\"><strong>第二章　范围</strong></p>"), "{}", body.html);
    // What only starts so is text.
    assert!(render("第一章规定的事项，由省政府解释。", &options()).toc.is_empty());
    assert!(render("第一章 总则\n自公布之日起施行", &options()).toc.is_empty());
}

#[test]
fn a_list_of_the_parts_in_front_of_an_act_is_none_of_them() {
    let source = "目　录\n\n第一章　总则\n\n第一节　甲\n\n第二章　附则\n\n第一章　总则\n\n第一节　甲\n\n第一条　略。\n\n第二章　附则\n\n第二条　略。";
    let body = render(source, &options());
    let toc: Vec<&str> = body.toc.iter().map(|h| &*h.id).collect();
    assert_eq!(toc.last(), Some(&"第二章-附则"), "{toc:?}");
    assert!(body.html.contains("<p>第一章　总则</p>"), "{}", body.html);
    assert_eq!(toc.iter().filter(|t| t.starts_with("第一章")).count(), 1, "{toc:?}");
}

#[test]
fn shortcodes_are_holes_with_declared_values() {
    let source = "前\n\n{{< figure src=\"img/a b.png\" alt='图\\'一' caption=说明 >}}\n\n{{<gallery files=\"a.png， b.jpg\" columns=3>}}\n{{< table file=x.csv header=false / >}}\n";
    let found = calls(source);
    assert_eq!(found.iter().map(|c| c.name).collect::<Vec<_>>(), ["figure", "gallery", "table"]);
    assert_eq!(
        found[0].values,
        [
            ("src", shortcode::Value::File(0)),
            ("alt", shortcode::Value::Text("图'一".into())),
            ("caption", shortcode::Value::Text("说明".into())),
        ]
    );
    assert_eq!(found[1].values, [("files", shortcode::Value::Files(vec![1, 2])), ("columns", shortcode::Value::Number(3))]);
    assert_eq!(found[2].values, [("file", shortcode::Value::Rows(3)), ("header", shortcode::Value::Flag(false))]);
    let body = render(source, &options());
    let links: Vec<(&str, LinkKind)> = body.links.iter().map(|l| (&source[l.range.clone()], l.kind)).collect();
    assert_eq!(
        links,
        [("img/a b.png", LinkKind::Image), ("a.png", LinkKind::Image), ("b.jpg", LinkKind::Image), ("x.csv", LinkKind::Table)]
    );
    assert_eq!(calls("{{< table file=\"x.csv\" >}}")[0].values[1], ("header", shortcode::Value::Flag(true)));
    assert_eq!(body.html, "<p>前</p>\n\n\n\n");
}

#[test]
fn what_stands_between_belongs_to_a_shortcode() {
    let source = "{{< figure src=a.png >}}\n\n说明**“甲”**乙[丙](b.md)\n\n{{< /figure >}}\n\n- {{< figure src=c.png >}}\n\n  丁\n";
    let body = render(source, &options());
    let kinds: Vec<String> = body
        .holes
        .iter()
        .map(|h| match &h.kind {
            HoleKind::Shortcode(c) => format!("{} {}", c.name, c.paired),
            HoleKind::ShortcodeEnd => "end".into(),
            HoleKind::LinkOpen(_) | HoleKind::LinkClose(_) => "link".into(),
            HoleKind::Image { .. } => "image".into(),
        })
        .collect();
    assert_eq!(kinds, ["figure true", "link", "link", "end", "figure false"]);
    assert!(body.html[body.holes[0].at..body.holes[3].at].contains("<strong>“甲”</strong>乙"), "{}", body.html);
    // An end in a quote ends nothing outside it.
    assert_eq!(said("{{< figure src=a.png >}}\n\n> {{< /figure >}}")[0].0, "shortcode.closing");
}

#[test]
fn shortcodes_in_code_are_text() {
    for source in ["```\n{{< figure >}}\n```", "    {{< figure >}}", "`{{< figure >}}`", "\\{{< figure >}}"] {
        assert!(calls(source).is_empty() && said(source).is_empty(), "{source} {:?}", said(source));
        assert!(html(source).contains("{{&lt; figure &gt;}}"), "{source}");
    }
}

#[test]
fn mistakes_in_shortcodes_are_said_where_they_are() {
    for (source, id, place) in [
        ("{{< figur src=a.png >}}", "shortcode.unknown", "figur"),
        ("{{< figure src=a.png altt=x >}}", "shortcode.parameter", "altt"),
        ("{{< figure alt=x >}}", "shortcode.missing", "{{< figure alt=x >}}"),
        ("{{< figure src=a.png src=b.png >}}", "shortcode.twice", "src"),
        ("{{< figure \"a.png\" >}}", "shortcode.no-key", "\"a.png\""),
        ("{{< figure a.png >}}", "shortcode.no-key", "a.png"),
        ("{{< figure src=“a.png” >}}", "shortcode.quotes", "“a.png”"),
        ("{{< figure src=\"a.png >}}", "shortcode.quotes", "\"a.png"),
        ("{{< figure src=a.pdf >}}", "shortcode.file-kind", "a.pdf"),
        ("{{< figure src=https://a.example/a.png >}}", "shortcode.file-kind", "https://a.example/a.png"),
        ("{{< gallery files=a.png columns=9 >}}", "shortcode.value", "9"),
        ("{{< table file=a.csv header=ja >}}", "shortcode.value", "ja"),
        ("{{< document item=https://a.example/ >}}", "shortcode.value", "https://a.example/"),
        ("{{< document item=id:x >}}\n\n{{< /document >}}", "shortcode.no-inner", "{{< /document >}}"),
        ("{{< /figure >}}", "shortcode.closing", "{{< /figure >}}"),
        ("{{< >}}", "shortcode.no-name", "{{< >}}"),
        ("{{< figure src=a.png", "shortcode.unclosed", "{{< figure src=a.png"),
        ("见 {{< figure src=a.png >}} 图", "shortcode.inline", "{{<"),
    ] {
        assert_eq!(said(source), [(id, place.to_owned())], "{source}");
    }
    let body = render("{{< figure src=a.png captoin=x >}}", &options());
    assert_eq!(body.findings[0].nearest.as_deref(), Some("caption"));
    assert!(body.holes.is_empty());
}

#[test]
fn a_summary_holds_no_shortcode() {
    assert_eq!(summary("{{< figure src=\"a.png\" alt=\"甲\" >}}\n\n正文。", 120, None), "正文。");
}

#[test]
fn official_documents_have_addressee_and_signature() {
    let options = Options { official: true, ..options() };
    let source =
        "各市人民政府，省直各部门：\n\n　　现通知如下。\n\n一、加强领导\n\n特此通知\n\n云岭省人民政府\n\n2026年3月5日\n\n（此件公开发布）";
    let html = render(source, &options).html;
    for part in [
        "<p class=\"addressee\">各市人民政府，省直各部门：</p>",
        "<p>现通知如下。</p>",
        "<p>特此通知</p>",
        "<p class=\"signature\">云岭省人民政府</p>\n<p class=\"signature\">2026年3月5日</p>",
        "<p>（此件公开发布）</p>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let html = render("现予公布。\n\n省长　沈砚舟\n二〇二六年五月十八日", &options).html;
    assert!(html.ends_with("<p class=\"signature\">省长　沈砚舟<br />\n二〇二六年五月十八日</p>\n"), "{html}");
    // Cleaned HTML beside it changes nothing.
    let html = render("<div>甲</div>\n\n云岭省财政厅\n\n2026年3月5日", &options).html;
    assert_eq!(html.matches("class=\"signature\"").count(), 2, "{html}");
    assert!(!render(source, &self::options()).html.contains("class"));
}

#[test]
fn notes_stand_below_the_text_and_lead_back() {
    let html = html("甲[^b]乙[^a]丙[^b]\n\n[^a]: 一\n\n[^b]: 二\n\n    三\n\n丁");
    assert!(html.starts_with("<p>甲<sup class=\"footnote-ref\"><a href=\"#fn:1\" id=\"fnref:1\">1</a></sup>乙"), "{html}");
    let notes = &html[html.find("<section").unwrap()..];
    assert!(notes.find("二").unwrap() < notes.find("一").unwrap(), "{html}");
    assert!(
        notes.contains("<p>三 <a href=\"#fnref:1\" class=\"footnote-back\">↩</a> <a href=\"#fnref:1-2\" class=\"footnote-back\">↩</a></p>"),
        "{html}"
    );
    assert!(html.find("丁").unwrap() < html.find("<section").unwrap(), "{html}");
}

#[test]
fn links_to_places_that_are_not_there() {
    let source = "# 第一章 总则\n\n[一](#第一章-总则) [二](#第一章) [三](#第二章-总则) [四](#top) [五](#fn:1)注[^1]\n\n[^1]: 注\n\n<p id=\"own\"><a href=\"#own\">六</a> <a href=\"#onw\">七</a></p>";
    let body = render(source, &options());
    let said: Vec<(&str, &str, Option<&str>)> =
        body.findings.iter().map(|f| (f.id, &source[f.range.clone()], f.nearest.as_deref())).collect();
    assert_eq!(
        said,
        [
            ("link.anchor", "[二](#第一章)", Some("#第一章-总则")),
            ("link.anchor", "[三](#第二章-总则)", Some("#第一章-总则")),
            ("link.anchor", "#onw", Some("#own")),
        ]
    );
}

#[test]
fn mail_addresses_and_foreign_letters_in_links() {
    assert_eq!(html("<a@b.example>"), "<p><a href=\"mailto:a@b.example\">a@b.example</a></p>\n");
    assert!(html("[x](https://a.example/中)").contains("href=\"https://a.example/%E4%B8%AD\""));
}

#[test]
fn task_lists_and_callouts() {
    assert!(
        html("- [x] 已办\n- [ ] 未办").contains("<input disabled=\"\" type=\"checkbox\" checked=\"\"/>\n已办"),
        "{}",
        html("- [x] 已办")
    );
    assert!(html("> [!NOTE]\n> 说明").contains("<blockquote class=\"markdown-alert-note\">"));
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

/// One reading tells what two readings and a rendering tell: over real documents, the examples of CommonMark and slips.
#[test]
fn a_survey_says_what_rendering_says() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut texts: Vec<String> = [
        "[a](b.md) ![c](d.jpg \"t\")",
        "[x](javascript:y)",
        "[e]()",
        "[t](#x)\n\n# X",
        "> [q](id:a)",
        "**“标”**字[k](/a/)\n- [z](../q.md#r)",
    ]
    .map(str::to_owned)
    .to_vec();
    for entry in
        walkdir::WalkDir::new(root.join("corpus")).into_iter().flatten().filter(|e| e.path().extension().is_some_and(|x| x == "md"))
    {
        texts.push(std::fs::read_to_string(entry.path()).unwrap());
    }
    let spec = std::fs::read_to_string(root.join("data/commonmark/spec.txt")).unwrap();
    texts.extend(spec.split("`````").map(str::to_owned));
    assert!(texts.len() > 600);
    for text in &texts {
        let options = options();
        let one = survey(text, &options, 120, None);
        let whole = rendered_survey(text, &options, 120, None);
        let (links, findings) = links(text, &options);
        let keep = |l: &Link| matches!(l.target, Target::Item { .. } | Target::Path { .. });
        let links: Vec<Link> = links.into_iter().filter(keep).collect();
        let seen: Vec<Link> = one.links.into_iter().filter(keep).collect();
        assert_eq!((&seen, &one.findings), (&links, &findings), "{text}");
        assert_eq!((whole.links.into_iter().filter(keep).collect::<Vec<_>>(), whole.findings), (links, findings), "{text}");
        assert_eq!(whole.summary, one.summary, "{text}");
        assert_eq!(one.summary, summary(text, 120, None), "{text}");
    }
}
