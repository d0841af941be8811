//! The sample items: long titles, no picture, a table of twelve columns, other scripts, and a value for each field.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io;
use std::path::Path;

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::config::{ColumnId, Site};
use crate::content::{Category, Field, FieldType, Schemas};

/// What a site must say of who runs it.
pub const IDENTITY: &[(&str, &str)] = &[
    ("organizer", "样例市人民政府办公室"),
    ("address", "样例市人民路1号"),
    ("phone", "0999-5550100"),
    ("email", "office@sample.example"),
    ("code", "9902000001"),
    ("icp", "例ICP备99020001号-1"),
    ("police", "例公网安备99020002000001号"),
    ("conac", "9F1C0A6E52D84B7300000000000B0001"),
];

struct Item {
    name: &'static str,
    title: &'static str,
    extra: &'static str,
    body: &'static str,
    picture: bool,
}

const WIDE: &str = "样例正文第一段，说明这项工作的背景和意义。这里有一个[指向外面的链接](https://www.example.com/)和**一句要紧的话**。\n\n![样例图片](pic.png)\n\n## 主要内容\n\n1. 第一件事。\n2. 第二件事，写得长一些，看看折行以后的样子是不是还整齐，标号和文字有没有对上。\n\n> 引用一句话。\n\n### 数据\n\n| 地区 | 一月 | 二月 | 三月 | 四月 | 五月 | 六月 | 七月 | 八月 | 九月 | 十月 | 合计 |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n| 东城 | 1,024 | 998 | 1,130 | 1,204 | 1,180 | 1,320 | 1,411 | 1,390 | 1,402 | 1,377 | 12,436 |\n| 西城 | 824 | 798 | 930 | 1,004 | 980 | 1,120 | 1,211 | 1,190 | 1,202 | 1,177 | 10,436 |\n\n## 联系方式\n\n电话 0999-5550100。\n";

/// In the default language; the first is the richest.
const ITEMS: &[Item] = &[
    Item {
        name: "tuwen", title: "样例：图文并茂、有表格有附件的一篇", extra: "tags: [样例, 民生]\n", body: WIDE, picture: true
    },
    Item {
        name: "chang",
        title: "关于进一步加强和改进新形势下城乡基层社会治理与公共服务一体化建设工作并同步做好汛期防灾减灾救灾和安全生产各项准备的实施意见（征求意见稿）https://www.example.com/a-very-long-word-without-any-break-in-it",
        extra: "tags: [样例]\n",
        body: "没有图片的一篇。\n",
        picture: false,
    },
    Item { name: "duan", title: "短", extra: "state: archived\n", body: "", picture: false },
    Item { name: "feizhi", title: "样例：已经废止的一篇", extra: "state: repealed\n", body: "一段文字。\n", picture: false },
    Item {
        name: "chehui", title: "样例：已经撤回的一篇", extra: "state: withdrawn\n", body: "一段文字。\n", picture: false
    },
    Item {
        name: "putong",
        title: "样例：普通的一篇",
        extra: "tags: [一个名称比较长的标签]\n",
        body: "一段文字。\n\n又一段文字。\n",
        picture: false,
    },
];

/// In another language or script: one item, with the same table.
const FURTHER: &[(&str, &str, &str)] = &[
    ("zh-Hans", "样例：中文的一篇", "一段中文。\n"),
    (
        "en",
        "Implementation Opinions on the Internationalisation of Public-Service Counters and Telecommunications Infrastructure",
        "A paragraph of English with a rather long word: Donaudampfschifffahrtsgesellschaft.\n\n## A heading\n\nAnother paragraph.\n",
    ),
    (
        "za",
        "Gvangjsih Bouxcuengh Swcigih sijbinj vwnzcieng",
        "Neix dwg duenh vwnzcih ndeu, yawj yienghneix.\n\n## Gij neiyungz\n\nLij miz duenh ndeu.\n",
    ),
    ("ug", "بۇ بىر ئۈلگە ماقالە", "بۇ ئوڭدىن سولغا يېزىلغان بىر ئابزاس، ئىچىدە 2026 دېگەن سان بار.\n\n## مەزمۇنى\n\nيەنە بىر ئابزاس.\n"),
];

/// Items into every column of a site: all of them once for each category, then a few.
pub fn write(root: &Path, site: &Site, schemas: &Schemas, languages: &[String], empty: &[&str]) -> io::Result<()> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    // What fields that name another item are given: a document, else the first there is.
    let listed = || site.column_ids().filter(|c| category(site, *c).is_some() || site.column(*c).children.is_empty());
    let target = listed().find(|c| category(site, *c).as_deref() == Some("policy")).or_else(|| listed().next());
    let target = target.map(|c| format!("/{}/{}/2026/{}.md", site.id, site.column(c).id, ITEMS[1].name)).unwrap_or_default();
    for (at, column) in site.column_ids().map(|c| (c, site.column(c))).filter(|(_, c)| !empty.contains(&&*c.id)) {
        let named = category(site, at);
        if named.is_none() && !column.children.is_empty() {
            continue;
        }
        let wanted = named.unwrap_or_else(|| "news".to_owned());
        let Some(schema) = schemas.find(&wanted).map(|c| schemas.get(c)) else { continue };
        let whole = seen.insert(wanted);
        let folder = root.join("content").join(&*site.id).join(&*column.id).join("2026");
        std::fs::create_dir_all(&folder)?;
        for (n, item) in ITEMS.iter().enumerate().take(if whole { ITEMS.len() } else { 2 }) {
            let mut text = head(item.title, n, schema, item.picture, &target);
            text.push_str(item.extra);
            // Ids are the platform's; addresses are the site's.
            if n == 0 {
                _ = writeln!(text, "aliases: [/jiu/{}.html]", column.id);
            }
            if item.picture {
                let bundle = folder.join(item.name);
                std::fs::create_dir_all(&bundle)?;
                std::fs::write(bundle.join("pic.png"), picture())?;
                std::fs::write(bundle.join("fujian.csv"), "项目,数量\n甲,1\n乙,2\n")?;
                std::fs::write(bundle.join("index.md"), format!("{text}cover: pic.png\n---\n{}", item.body))?;
            } else {
                std::fs::write(folder.join(format!("{}.md", item.name)), format!("{text}---\n{}", item.body))?;
            }
        }
        for (lang, title, body) in FURTHER.iter().filter(|(l, ..)| languages[1..].iter().any(|k| k == l) && whole) {
            let text = head(title, 0, schema, false, &target);
            std::fs::write(folder.join(format!("yiwen-{lang}.md")), format!("{text}lang: {lang}\n---\n{body}"))?;
        }
    }
    Ok(())
}

/// The nearest column that names a category, upwards.
fn category(site: &Site, at: ColumnId) -> Option<String> {
    let mut next = Some(at);
    while let Some(c) = next.map(|c| site.column(c)) {
        if let Some(category) = &c.category {
            return Some(category.to_string());
        }
        next = c.parent;
    }
    None
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn head(title: &str, n: usize, schema: &Category, bundle: bool, target: &str) -> String {
    let mut text = format!("---\ntitle: {}\ndate: 2026-0{}-1{n}\nsource: 样例来源\nauthor: 样例作者\n", quoted(title), 6 - n.min(5));
    _ = writeln!(text, "category: {}", schema.id);
    for field in &schema.fields {
        if let Some(value) = value(field, n, bundle, target) {
            _ = writeln!(text, "{}: {value}", field.name);
        }
    }
    text
}

/// A value that the field takes; `None`: it is left out.
fn value(field: &Field, n: usize, bundle: bool, target: &str) -> Option<String> {
    // The last of the items have what is asked for, and no more.
    if !field.required && n > 2 {
        return None;
    }
    // What every item has, or what speaks of other items.
    if matches!(&*field.name, "title" | "date" | "source" | "author" | "cover" | "tags" | "replacedBy") {
        return None;
    }
    let fit = |text: String| {
        let cut: String = text.chars().take(field.max.unwrap_or(usize::MAX)).collect();
        field.pattern.as_ref().is_none_or(|p| p.is_match(&cut)).then(|| quoted(&cut))
    };
    let text = || match &field.pattern {
        Some(pattern) => fit(shortest(pattern.as_str())?),
        None => fit(format!("样例{}", field.label)),
    };
    match field.kind {
        FieldType::Text => text(),
        FieldType::Longtext => fit(format!("样例{}，写得长一些，看看折行以后是不是还整齐，行与行之间的距离是不是合适。", field.label)),
        FieldType::Number => Some("12.5".to_owned()),
        FieldType::Integer => Some("12".to_owned()),
        FieldType::Bool => Some("true".to_owned()),
        FieldType::Date => Some("2026-01-05".to_owned()),
        FieldType::Datetime => Some("2026-01-05 09:30".to_owned()),
        FieldType::Url => Some("https://www.example.com/".to_owned()),
        FieldType::Email => Some("office@sample.example".to_owned()),
        FieldType::Phone => Some("0999-5550100".to_owned()),
        FieldType::List if field.values.is_empty() => Some("[\"样例一\", \"样例二，比较长的一条\"]".to_owned()),
        FieldType::List => Some(format!("[{}]", quoted(field.values.first()?))),
        FieldType::File => bundle.then(|| "fujian.csv".to_owned()),
        FieldType::Choice => Some(quoted(field.values.get(n % field.values.len().max(1))?)),
        FieldType::Item => (field.required && !target.is_empty()).then(|| quoted(target)),
        FieldType::Object => None,
    }
}

/// A short text that a pattern takes.
fn shortest(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut out = String::new();
    grow(&hir, &mut out);
    Some(out)
}

fn grow(hir: &Hir, out: &mut String) {
    match hir.kind() {
        HirKind::Literal(l) => out.push_str(&String::from_utf8_lossy(&l.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let has = |c: char| class.ranges().iter().any(|r| r.start() <= c && c <= r.end());
            let hit = ['1', '样', 'a', 'A'].into_iter().find(|c| has(*c)).or_else(|| class.ranges().first().map(|r| r.start()));
            out.extend(hit);
        }
        HirKind::Class(Class::Bytes(class)) => out.extend(class.ranges().first().map(|r| char::from(r.start()))),
        HirKind::Repetition(r) => (0..r.min.min(64)).for_each(|_| grow(&r.sub, out)),
        HirKind::Capture(c) => grow(&c.sub, out),
        HirKind::Concat(all) => all.iter().for_each(|h| grow(h, out)),
        HirKind::Alternation(all) => all.first().into_iter().for_each(|h| grow(h, out)),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// A picture of 640 by 400: hills under a sky, in one palette.
fn picture() -> Vec<u8> {
    let (width, height) = (640u32, 400u32);
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let hill = 240.0 - 60.0 * (f64::from(x) / 90.0).sin() - 30.0 * (f64::from(x) / 37.0).cos();
            let shade = (y / 4) as u8;
            rows.extend(if f64::from(y) > hill {
                [120 - shade / 2, 160 - shade / 2, 130 - shade / 2]
            } else {
                [190 + shade / 4, 215, 235]
            });
        }
    }
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    _ = io::Write::write_all(&mut packed, &rows);
    let mut head = Vec::new();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", head), (b"IDAT", packed.finish().unwrap_or_default()), (b"IEND", Vec::new())] {
        out.extend((data.len() as u32).to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(&data);
        out.extend(kind);
        out.extend(&data);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_gives_a_text_that_it_takes() {
        for pattern in
            [r"^.{1,20}〔\d{4}〕[1-9]\d{0,3}号$", r"^\d{6}$", r"^[0-9+（）() -]{5,24}(转[0-9]{1,6})?$|^12345$", r"^\p{Han}{2}先生$"]
        {
            let text = shortest(pattern).unwrap();
            assert!(regex::Regex::new(pattern).unwrap().is_match(&text), "{pattern}: {text}");
        }
    }

    #[test]
    fn the_picture_is_one() {
        let size = imagesize::blob_size(&picture()).unwrap();
        assert_eq!((size.width, size.height), (640, 400));
    }
}
