//! Shortcodes and official documents through the standard templates: from files to pages.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::build::{Order, Report, Silent, build};
use crate::route::Moment;

const PLATFORM: &str = r#"
[platform]
name = "测试平台"
language = "zh-Hans"
time_zone = "Asia/Shanghai"

[tiers.county]
label = "县级"
theme = "county"

[[tiers.county.column]]
id = "xw"
name = "新闻"

[[site]]
id = "a"
name = "甲县人民政府"
tier = "county"
hosts = ["a.example"]
"#;

/// A picture of 3 × 2, as far as anyone looks.
#[rustfmt::skip]
const PICTURE: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x03\x00\x00\x00\x02\x08\x00\x00\x00\x00\xb8\x1f\x39\xc6\x00\x00\x00\x0e\x49\x44\x41\x54\x78\xda\x63\x68\x68\x68\x60\x00\x62\x00\x0c\x08\x03\x01\xd8\xc9\xf7\xf0\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

fn write(root: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A platform of one site with one bundle, which has this front matter and body.
fn built(front: &str, body: &str) -> (Report, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "sites.toml", PLATFORM);
    write(root, "content/a/xw/2026/b/index.md", format!("---\ntitle: 题\ndate: 2026-03-05\nid: item1\n{front}---\n\n{body}\n"));
    write(root, "content/a/xw/2026/c.md", "---\ntitle: 另一篇 <b>\ndate: 2026-03-04\nid: item2\n---\n\n文。\n");
    for name in ["p.png", "q.png"] {
        write(root, &format!("content/a/xw/2026/b/{name}"), PICTURE);
    }
    write(root, "content/a/xw/2026/b/v.mp4", "v");
    write(root, "content/a/xw/2026/b/f.pdf", "x".repeat(2500));
    write(root, "content/a/xw/2026/b/t.csv", "项目,金额\n水费,<b>1</b>\n合计\n");
    write(root, "content/a/xw/2026/b/bytes.csv", b"\xff\xff,1\n");
    let stop = AtomicBool::new(false);
    let moment = Moment { clock: 1_790_000_000, drafts: false, future: false };
    let root = root.to_owned();
    let order = Order {
        root: root.clone(),
        out: None,
        sites: Vec::new(),
        jobs: 1,
        moment,
        repair: false,
        sample: crate::build::SAMPLE,
        delta: None,
        forget: false,
        patience: crate::build::PATIENCE,
        left_out: Vec::new(),
        watch: &Silent,
        stop: &stop,
    };
    let report = build(&order).map_err(|d| format!("{d:?}")).unwrap();
    let page = std::fs::read_to_string(root.join("public/a/xw/2026/b.html")).unwrap_or_default();
    (report, page)
}

fn said(report: &Report) -> Vec<(&'static str, u32, u32)> {
    let placed = report.diagnostics.iter().filter(|d| d.id.contains('.') && !d.id.starts_with("build."));
    placed.map(|d| (d.id, d.place.as_ref().map_or(0, |p| p.line), d.place.as_ref().map_or(0, |p| p.column))).collect()
}

#[test]
fn shortcodes_are_rendered_by_the_templates_of_the_stack() {
    let body = "{{< figure src=\"p.png\" alt=\"图 <1>\" >}}\n\n说明[另一篇](../c.md)。\n\n{{< /figure >}}\n\n\
        {{< gallery files=\"p.png, q.png\" columns=2 >}}\n\n{{< video src=\"v.mp4\" poster=\"q.png\" >}}\n\n\
        {{< attachment file=\"f.pdf\" title=\"附件一\" >}}\n\n{{< table file=\"t.csv\" caption=\"费用\" >}}\n\n{{< document item=\"id:item2\" >}}";
    let (report, page) = built("", body);
    assert_eq!(said(&report), [], "{:?}", report.diagnostics);
    for part in [
        "<figure class=\"picture\">\n<img src=\"/xw/2026/b/p.png\" alt=\"图 &lt;1&gt;\" width=\"3\" height=\"2\" loading=\"lazy\" decoding=\"async\">",
        "<p>说明<a href=\"/xw/2026/c.html\">另一篇</a>。</p>",
        "<figure class=\"gallery gallery-2\">",
        "<source src=\"/xw/2026/b/v.mp4\" type=\"video/mp4\">",
        "poster=\"/xw/2026/b/q.png\"",
        "<a href=\"/xw/2026/b/f.pdf\" type=\"application/pdf\" download>附件一</a> <span class=\"note\">PDF 2.5 KB</span>",
        "<caption>费用</caption>",
        "<th scope=\"col\">项目</th><th scope=\"col\">金额</th>",
        "<td>水费</td><td>&lt;b&gt;1&lt;/b&gt;</td>",
        "<td>合计</td><td></td>",
        "<a href=\"/xw/2026/c.html\">另一篇 &lt;b&gt;</a>",
    ] {
        assert!(page.replace("&#x2f;", "/").contains(part), "{part} in\n{page}");
    }
    // Pictures and videos that the text shows are no files to download; the rest is.
    let list = &page[page.find("class=\"attachments\"").unwrap()..];
    assert!(list.contains("f.pdf") && list.contains("t.csv") && !list.contains("p.png") && !list.contains("v.mp4"), "{list}");
    assert!(!page.contains("{{"), "{page}");
}

#[test]
fn files_and_items_of_shortcodes_are_checked_at_their_place() {
    let body = "{{< figure src=\"pp.png\" >}}\n\n{{< attachment file=\"no.pdf\" >}}\n\n> {{< document item=\"id:nobody\" >}}\n\n\
        {{< table file=\"bytes.csv\" >}}\n\n{{< document item=\"../d.md\" >}}";
    let (report, page) = built("", body);
    let mut found = said(&report);
    found.retain(|(id, ..)| *id != "route.left-out");
    assert_eq!(
        found,
        [("link.picture", 7, 17), ("link.no-file", 9, 22), ("link.dead-id", 11, 22), ("table.encoding", 13, 17), ("link.no-item", 15, 20),]
    );
    let nearest = |id: &str| report.diagnostics.iter().find(|d| d.id == id).and_then(|d| d.nearest.clone());
    assert_eq!(nearest("link.picture").as_deref(), Some("p.png"));
    assert_eq!(nearest("link.no-item").as_deref(), Some("../c.md"));
    assert!(page.is_empty());
}

#[test]
fn an_official_document_says_so_to_its_template() {
    let (report, page) = built(
        "officialDocument: true\ndocNo: 甲政发〔2026〕1号\ncategory: policy\n",
        "各乡镇人民政府：\n\n　　通知如下。\n\n甲县人民政府\n2026年3月5日",
    );
    assert!(!page.is_empty(), "{:?}", report.diagnostics);
    for part in [
        "<article class=\"article official\">",
        "<p class=\"doc-number\">甲政发〔2026〕1号</p>",
        "<p class=\"addressee\">各乡镇人民政府：</p>\n<p>通知如下。</p>",
        "<p class=\"signature\">甲县人民政府<br />\n2026年3月5日</p>",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    let (_, page) = built("officialDocument: maybe\n", "文。");
    assert!(page.is_empty());
}
