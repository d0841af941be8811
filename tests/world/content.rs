//! Articles, records, texts of columns, attachments.

use super::probes::{Chosen, ITEMS, plain};
use super::sites::{COLUMNS, SITES};
use super::{Files, Rng};

/// A picture of a size: what readers of pictures look at, and no more.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut part = |name: &[u8; 4], data: &[u8]| {
        let named = [&name[..], data].concat();
        let mut crc = !0u32;
        for byte in &named {
            crc ^= u32::from(*byte);
            (0..8).for_each(|_| crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 });
        }
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(named);
        bytes.extend((!crc).to_be_bytes());
    };
    part(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat());
    // Black, and stored as it is in one block.
    let length = (height * (1 + 3 * width)) as u16;
    let sum = (u32::from(length) << 16) | 1;
    let black = vec![0; length.into()];
    part(b"IDAT", &[&[0x78, 1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &black, &sum.to_be_bytes()].concat());
    part(b"IEND", &[]);
    bytes
}

/// A Markdown file with its fields.
#[derive(Clone)]
pub struct Article {
    pub fields: toml::Table,
    pub body: String,
}

impl Article {
    pub fn new(title: &str) -> Article {
        let mut fields = toml::Table::new();
        fields.insert("title".into(), title.into());
        Article { fields, body: "Text.\n".to_owned() }
    }

    pub fn with(mut self, key: &str, value: impl Into<toml::Value>) -> Article {
        self.fields.insert(key.into(), value.into());
        self
    }

    pub fn body(mut self, body: &str) -> Article {
        self.body = body.to_owned();
        self
    }

    pub fn text(&self) -> String {
        format!("+++\n{}+++\n{}", toml::to_string(&self.fields).unwrap(), self.body)
    }

    /// `None`: a file with no such front matter.
    pub fn read(text: &str) -> Option<Article> {
        let (fields, body) = text.strip_prefix("+++\n")?.split_once("\n+++\n")?;
        Some(Article { fields: fields.parse().ok()?, body: body.to_owned() })
    }
}

fn list(items: &[&str]) -> toml::Value {
    toml::Value::Array(items.iter().map(|i| (*i).into()).collect())
}

fn push(site: &str, more: &[(&str, toml::Value)]) -> toml::Value {
    let mut table = toml::Table::new();
    table.insert("site".into(), site.into());
    more.iter().for_each(|(k, v)| _ = table.insert((*k).into(), v.clone()));
    table.into()
}

/// An article as chance has it, owned by `owner`.
pub fn any_article(rng: &mut Rng, owner: &str, number: usize) -> (String, Article) {
    let column = rng.pick(COLUMNS);
    let year = 2024 + rng.below(3);
    let (month, day) = (1 + rng.below(10), 1 + rng.below(28));
    let mut a = Article::new(&rng.words(3)).with("id", format!("{owner}-{number}"));
    a = a.with("date", format!("{year}-{month:02}-{day:02}"));
    let tags: Vec<&str> = ["flood", "school", "Road", "防汛"].into_iter().filter(|_| rng.once_in(3)).collect();
    if !tags.is_empty() {
        a = a.with("tags", list(&tags));
    }
    match rng.below(8) {
        0 => a = a.with("summary", rng.words(4)),
        1 => a = a.with("weight", 1 + rng.below(3) as i64),
        2 => a = a.with("source", rng.words(1)),
        3 => a = a.with("author", rng.words(1)).with("lastmod", "2026-11-02"),
        4 => a = a.with("mood", rng.words(1)),
        5 => a = a.with("state", rng.pick(&["archived", "withdrawn"])),
        6 => a = a.with("keywords", list(&["key", "word"])),
        _ => {}
    }
    if column == "gov/law" {
        a = a.with("docNo", format!("{year}-{number}")).with("of", "id:anchor");
    }
    if rng.once_in(3) {
        let to = rng.pick(SITES);
        let more = [("title", "Pushed title".into()), ("weight", 2.into())];
        a = a.with("sites", toml::Value::Array(vec![push(to, &more[..rng.below(3)])]));
    }
    let link = rng.pick(&["[anchor](id:anchor)", "[news](/news/)", "[out](https://out.example/)", "no link", "[hub](id:hub)"]);
    a = a.body(&format!("{}\n\n## Part {}\n\n{link}\n", rng.words(5), rng.word()));
    (format!("content/{owner}/{column}/{year}/{owner}-{number}.md"), a)
}

pub fn lay(files: &mut Files, rng: &mut Rng, chosen: &Chosen) {
    let put = |files: &mut Files, path: &str, a: Article| files.put(path, a.text());
    for number in 0..24 {
        let owner = SITES[number % 4];
        let (path, a) = any_article(rng, owner, number);
        // The county has no such column of its own.
        let path = if owner == "county" { path.replace("gov/notice", "gov") } else { path };
        put(files, &path, a);
    }
    // What others refer to.
    let anchor = Article::new("The anchor").with("id", "anchor").with("date", "2026-05-01 09:30").with("tags", list(&["flood"]));
    put(files, "content/city/gov/notice/2026/anchor.md", anchor.with("aliases", list(&["/anchor-was-here.html"])));
    put(
        files,
        "content/city/news/2025/hub.md",
        Article::new("The hub")
            .with("id", "hub")
            .with("date", "2025-03-01")
            .body("[anchor](id:anchor#part) and [a file](/city/lab/2026/file-name/data.csv)\n"),
    );
    // A picture as cover and in the text, tables, a film, all shortcodes.
    let bundle = "content/city/news/2026/bundle";
    let text = r#"Text with ![a dot](dot.png) and [a form](form.pdf) and <b onclick="x()">raw</b>.

{{< figure src="dot.png" alt="Dot" caption="One dot" >}}

{{< gallery files="dot.png, wide.png" columns="2" >}}

{{< video src="film.mp4" poster="dot.png" >}}

{{< attachment file="form.pdf" title="The form" >}}

{{< table file="rows.csv" caption="Rows" >}}

{{< document item="id:anchor" >}}
"#;
    let cover: toml::Table = "src = \"wide.png\"\nalt = \"Wide\"\n".parse().unwrap();
    let b = Article::new("The bundle").with("id", "bundle").with("date", "2026-09-09").with("cover", cover).body(text);
    put(files, &format!("{bundle}/index.md"), b.with("sites", list(&["region", "dept"])));
    files.put(format!("{bundle}/dot.png"), png(4, 4));
    files.put(format!("{bundle}/wide.png"), png(40, 10));
    files.put(format!("{bundle}/form.pdf"), "%PDF-1.4\n");
    files.put(format!("{bundle}/film.mp4"), "film");
    files.put(format!("{bundle}/rows.csv"), "name,number\nalpha,1\nbeta,2\n");
    // A year in which nothing stands on the first page of a list, and enough news for several blocks.
    for n in 0..5 {
        put(
            files,
            &format!("content/city/news/2026/many{n}.md"),
            Article::new(&format!("Many {n}")).with("id", format!("many{n}")).with("date", format!("2026-10-1{n}")),
        );
        put(
            files,
            &format!("content/dept/news/2026/dept{n}.md"),
            Article::new(&format!("Dept {n}")).with("id", format!("dept{n}")).with("date", format!("2026-10-1{n}")),
        );
    }
    // Time.
    put(
        files,
        "content/region/news/2026/soon.md",
        Article::new("Soon").with("id", "soon").with("date", "2026-11-20").with("publishDate", "2026-11-24 09:00"),
    );
    put(
        files,
        "content/city/gov/2026/brief.md",
        Article::new("Brief").with("id", "brief").with("date", "2026-11-01").with("expiryDate", "2026-11-25"),
    );
    put(
        files,
        "content/region/gov/2026/draft.md",
        Article::new("Draft").with("id", "draft").with("draft", true).with("date", "2026-11-02"),
    );
    // Languages and versions.
    put(
        files,
        "content/city/news/2026/tongues.md",
        Article::new("两种语言").with("lang", "zh-Hans").with("id", "tongues-zh").with("date", "2026-08-01").with("tags", list(&["flood"])),
    );
    put(
        files,
        "content/city/news/2026/tongues.en.md",
        Article::new("Two tongues").with("id", "tongues-en").with("date", "2026-08-01").with("tags", list(&["flood"])),
    );
    for year in [2024, 2026] {
        put(
            files,
            &format!("content/city/gov/law/{year}/act.md"),
            Article::new(&format!("Act of {year}"))
                .with("id", format!("act-{year}"))
                .with("date", format!("{year}-02-02"))
                .with("versionKey", "act")
                .with("docNo", format!("A{year}")),
        );
    }
    files.put(
        "content/bureau/news/2026/yaml.md",
        "---\ntitle: 'Written in YAML'\ndate: 2026-07-07\nsites: [city]\n---\n<div class=\"center\">raw <em>text</em></div>\n\n<iframe src=\"https://video.example/x\"></iframe>\n",
    );
    files.put("content/dept/news/2026/json.md", "{\"title\": \"Written in JSON\", \"date\": \"2026-07-08\"}\nBody of JSON.\n");
    files.put("acts/森林法(2019-12-28).md", "# 森林法\n\n第一条　树。\n");
    files.put("acts/森林法(1998-04-29).md", "# 森林法\n\n第一条　木。\n");
    files.put(
        "acts.jsonl",
        "{\"path\":\"森林法(2019-12-28).md\",\"title\":\"森林法\",\"number\":\"39\"}\n{\"path\":\"森林法(1998-04-29).md\",\"title\":\"森林法\",\"number\":\"3\"}\n",
    );
    // Records.
    files.put(
        "content/region/letters/2026/letter.jsonl",
        "{\"id\":\"let1\",\"title\":\"Letter one\",\"date\":\"2026-06-01\",\"from\":\"Ann\",\"kind\":\"praise\",\"body\":\"Answer **one**.\"}\n{\"id\":\"let2\",\"title\":\"Letter two\",\"date\":\"2026-06-02\",\"from\":\"Bob\",\"kind\":\"blame\",\"body\":\"See [it](id:anchor).\"}\n",
    );
    files.put(
        "content/city/data/2026/figure.csv",
        "id,title,date,value\nfig1,First figure,2026-04-01,1.5\nfig2,Second figure,2026-04-02,2.5\n",
    );
    // Texts of columns.
    files.put(
        "content/city/news/_index.md",
        "+++\nsummary = \"All the news\"\ncover = \"front.png\"\n+++\nNews, and [the anchor](id:anchor).\n",
    );
    files.put("content/city/news/front.png", png(30, 20));
    files.put(
        "content/city/probe/column-body/_index.md",
        "Body of a column with [the anchor](id:anchor) and ![a dot](dot.png).\n\n{{< table file=\"/city/news/2026/bundle/rows.csv\" >}}\n",
    );
    files.put("content/city/probe/column-body/dot.png", png(5, 6));
    files.put("content/city/probe/column-cover/_index.md", "+++\ncover = \"cover.png\"\n+++\n");
    files.put("content/city/probe/column-cover/cover.png", png(7, 7));
    files.put("content/city/probe/column-description/_index.md", "+++\nsummary = \"Described by its text\"\n+++\n");
    files.put(
        "content/city/probe/page-description/_index.en.md",
        "+++\ntitle = \"In English\"\nsummary = \"Described in English\"\n+++\nEnglish.\n",
    );
    laboratory(files, chosen);
}

/// An item for each of [`ITEMS`], in a column of their own.
fn laboratory(files: &mut Files, chosen: &Chosen) {
    for (n, (name, _)) in ITEMS.iter().enumerate().filter(|(_, (name, _))| chosen.contains(name)) {
        let id = plain(name);
        let mut a = Article::new(&format!("Item {name}")).with("id", format!("lab-{id}")).with("template", format!("probe/{id}.html"));
        a = a.with("date", format!("2026-01-01 {:02}:{:02}", n / 60, n % 60));
        let base = format!("content/city/lab/2026/{id}");
        match *name {
            "item.body" | "item.text" | "item.toc" => {
                a = a.body("## A part\n\nSee [it](id:anchor), [file](/city/lab/2026/file-name/data.csv), ![dot](/city/news/2026/bundle/dot.png), <u>raw</u>.\n\n{{< document item=\"id:anchor\" >}}\n");
            }
            "item.cover" => a = a.with("cover", "/city/news/2026/bundle/wide.png"),
            "item.tags" | "item.related" => a = a.with("tags", list(&["flood", "防汛"])),
            "item.keywords" => a = a.with("keywords", list(&["key"])),
            "item.versions" | "card.current" => a = a.with("versionKey", "act"),
            "item.replaced_by" | "card.external" => a = a.with("state", "repealed").with("replacedBy", "id:anchor"),
            "item.author" => a = a.with("author", "Ann"),
            "item.lastmod" => a = a.with("lastmod", "2026-11-11"),
            "item.home_site" => a = a.with("sites", list(&["region"])),
            "item.summary" => a = a.with("summary", "A summary"),
            "item.source" => a = a.with("source", "A source"),
            "item.weight" => a = a.with("weight", 4),
            _ => {}
        }
        if name.starts_with("field.") || matches!(*name, "item.fields" | "item.meta" | "item.data" | "item.category_label") {
            a = a
                .with("category", "rule")
                .with("docNo", "7")
                .with("of", "id:anchor")
                .with("form", "/city/lab/2026/file-name/data.csv")
                .with("signed", "2026-03-03");
        }
        if name.starts_with("file.") || matches!(*name, "filesize" | "item.attachments") {
            a = a.body("[the data](data.csv)\n");
            files.put(format!("{base}/data.csv"), "a,b\n1,2\n");
            let width = if matches!(*name, "file.srcset" | "file.sizes") { 600 } else { 3 };
            files.put(format!("{base}/pic.png"), png(width, 9));
            files.put(format!("{base}/index.md"), a.text());
        } else {
            files.put(format!("{base}.md"), a.text());
        }
    }
    // Only what some text shows has other widths.
    for probe in ["file.srcset", "file.sizes"].into_iter().filter(|name| chosen.contains(name)) {
        let shows = Article::new("Shows a picture").body(&format!("![Black](/city/lab/2026/{}/pic.png)\n", plain(probe)));
        let shows = shows.with("id", format!("shows-{}", plain(probe))).with("date", "2026-02-21");
        files.put(format!("content/city/news/2026/shows-{}.md", plain(probe)), shows.text());
    }
    let guest = Article::new("A guest").with("id", "guest").with("category", "guest").with("date", "2026-03-30");
    files.put("content/region/gov/2026/guest.md", guest.with("sites", list(&["city"])).text());
    // What the anchor is referred to by: see `item.referrers`.
    let to = Article::new("Refers").with("id", "refers").with("category", "rule").with("of", "id:lab-item-referrers");
    files.put("content/city/gov/law/2026/refers.md", to.with("date", "2026-02-20").text());
}
