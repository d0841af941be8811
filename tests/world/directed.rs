//! For each kind of question an edit after which a page differs only because the answer to that question does: a recorder
//! that forgets the kind leaves the page as it was.

use banyan::facts::Kind;

use super::bench::Bench;
use super::content::{Article, png};
use super::edits::{edit_article, edit_toml, table, tables};
use super::probes::plain;

pub struct Directed {
    pub kind: Kind,
    pub words: &'static str,
    /// What must be there first.
    pub before: fn(&mut Bench),
    pub edit: fn(&mut Bench),
}

fn nothing(_: &mut Bench) {}

/// The city may leave links that lead nowhere, and has an item with two of them, whose page shows its body alone.
fn dead_links(b: &mut Bench) {
    edit_toml(b, "sites.toml", |t| {
        let mut owner = toml::Table::new();
        owner.insert("id".into(), "city".into());
        owner.insert("dead_links".into(), "keep".into());
        tables(t, "owner").push(owner.into());
    });
    edit_article(b, "content/city/lab/2026/item-body.md", |a| a.body = "[item](later.md) [file](later.pdf)\n".into()).unwrap();
}

fn field(b: &mut Bench, path: &str, key: &str, value: impl Into<toml::Value>) {
    edit_article(b, path, |a| _ = a.fields.insert(key.into(), value.into())).unwrap();
}

fn add(b: &mut Bench, path: &str, article: Article) {
    b.set(path, article.text());
}

fn site(b: &mut Bench, id: &str, edit: impl FnOnce(&mut toml::Table)) {
    edit_toml(b, &format!("sites/{id}.toml"), edit).unwrap();
}

fn column(b: &mut Bench, site_id: &str, id: &str, values: &[(&str, toml::Value)]) {
    site(b, site_id, |t| {
        let list = tables(t, "column");
        let at = list.iter().position(|c| c["id"].as_str() == Some(id)).unwrap_or_else(|| {
            let mut new = toml::Table::new();
            new.insert("id".into(), id.into());
            list.push(new.into());
            list.len() - 1
        });
        values.iter().for_each(|(k, v)| _ = list[at].as_table_mut().unwrap().insert((*k).into(), v.clone()));
    });
}

fn replace(b: &mut Bench, path: &str, from: &str, to: &str) {
    let text = b.files.text(path);
    assert!(text.contains(from), "{path} has no {from}");
    b.set(path, text.replace(from, to));
}

fn tagged(title: &str, tag: &str, date: &str) -> Article {
    Article::new(title).with("date", date).with("tags", vec![toml::Value::from(tag)])
}

pub fn all() -> Vec<Directed> {
    let one = |kind, words, edit| Directed { kind, words, before: nothing, edit };
    let two = |kind, words, before, edit| Directed { kind, words, before, edit };
    vec![
        one(Kind::Base, "another label of a tier: site.tier_label", |b| {
            edit_toml(b, "sites.toml", |t| _ = table(table(t, "tiers"), "mid").insert("label".into(), "Middle".into())).unwrap();
        }),
        one(Kind::Template, "a template that was missing: the optional include", |b| {
            b.set("themes/city-own/templates/maybe.html", "now it is there\n")
        }),
        one(Kind::Asset, "other bytes of a picture that the style sheet names", |b| b.set("themes/ground/assets/js/site.js", "void 1;\n")),
        one(Kind::Tokens, "a token of the theme: tokens.css", |b| {
            edit_toml(b, "themes/ground/theme.toml", |t| _ = table(t, "tokens").insert("width".into(), "9px".into())).unwrap();
        }),
        two(
            Kind::Locks,
            "a new lock that the templates of items lead round",
            |b| b.remove("themes/mid/templates/guest.html"),
            |b| {
                edit_toml(b, "themes/ground/theme.toml", |t| tables(t, "lock").push("page.html#main".into())).unwrap();
            },
        ),
        one(Kind::Phrase, "another phrase: the foot of every page", |b| {
            replace(b, "themes/ground/phrases/zh-Hans.toml", "foot = \"脚\"", "foot = \"足\"")
        }),
        one(Kind::Setting, "another address in the identity", |b| {
            site(b, "city", |t| _ = table(t, "identity").insert("address".into(), "2 Market Street".into()));
        }),
        one(Kind::Site, "another name of the site above: site.parent", |b| {
            site(b, "region", |t| _ = t.insert("name".into(), "The Realm's Region".into()))
        }),
        one(Kind::Children, "a site more below the city: site.children", |b| {
            b.set("sites/village.toml", "name = \"Village\"\ntier = \"low\"\nparent = \"city\"\nhosts = [\"village.example\"]\n");
        }),
        one(Kind::Category, "another label of a category: card.category_label", |b| {
            replace(b, "schemas/rule.toml", "label = \"Rule\"", "label = \"Statute\"")
        }),
        one(Kind::Schema, "another label of a field: item.fields", |b| {
            replace(b, "schemas/rule.toml", "label = \"Signed\"", "label = \"Signed on\"")
        }),
        one(Kind::Owner, "HTML is not allowed any more: item.body", |b| {
            edit_toml(b, "sites.toml", |t| _ = tables(t, "owner")[0].as_table_mut().unwrap().insert("html".into(), "none".into())).unwrap();
        }),
        one(Kind::Menu, "another name of a menu", |b| {
            site(b, "city", |t| _ = tables(t, "menu")[0].as_table_mut().unwrap().insert("name".into(), "More".into()))
        }),
        one(Kind::FindColumn, "a column that items() asked for and was not there", |b| {
            let mut select = toml::Table::new();
            select.insert("tag".into(), vec![toml::Value::from("flood")].into());
            column(b, "city", "nowhere", &[("name", "Nowhere".into()), ("select", select.into())]);
        }),
        one(Kind::Column, "another name of a column: breadcrumbs", |b| column(b, "city", "lab", &[("name", "Workshop".into())])),
        one(Kind::Columns, "a column more at the top: site.columns", |b| column(b, "city", "fresh", &[("name", "Fresh".into())])),
        one(Kind::HomeBlocks, "another column on the home page", |b| {
            site(b, "city", |t| _ = t.insert("home".into(), super::edits::home_blocks("gov", false)));
        }),
        one(Kind::ColumnText, "another text of a column", |b| {
            replace(b, "content/city/probe/column-body/_index.md", "Body of", "The body of")
        }),
        one(Kind::HasItems, "the first item of a column: column.feed_url", |b| {
            add(
                b,
                "content/city/letters/2026/first.md",
                Article::new("First").with("date", "2026-01-01").with("from", "Di").with("category", "letter"),
            );
        }),
        one(Kind::Query, "another title of an item of the newest", |b| field(b, "content/city/news/2026/many4.md", "title", "Many more")),
        one(Kind::Recent, "another title of an item: the feed of its column", |b| {
            field(b, "content/city/news/2026/many4.md", "title", "Many more")
        }),
        one(Kind::Block, "another title of an item on an old page of a list", |b| {
            field(b, "content/city/news/2025/hub.md", "title", "The old hub")
        }),
        two(
            Kind::Neighbouring,
            "a second page of a year: list.newer of the first",
            |b| {
                (0..3).for_each(|n| {
                    add(
                        b,
                        &format!("content/region/gov/notice/2023/n{n}.md"),
                        Article::new("Notice").with("date", format!("2023-01-0{}", n + 1)),
                    )
                })
            },
            |b| {
                (3..4).for_each(|n| {
                    add(
                        b,
                        &format!("content/region/gov/notice/2023/n{n}.md"),
                        Article::new("Notice").with("date", format!("2023-01-0{}", n + 1)),
                    )
                })
            },
        ),
        one(Kind::Newest, "another title of an item: the front page of its tag", |b| {
            field(b, "content/city/gov/notice/2026/anchor.md", "title", "Another anchor")
        }),
        one(Kind::Pages, "a page more of a list by pages: list.pages", |b| {
            (0..4).for_each(|n| {
                add(b, &format!("content/dept/news/2020/old{n}.md"), Article::new("Old").with("date", format!("2020-01-0{}", n + 1)))
            });
        }),
        one(Kind::Years, "an item of a year that had none: list.years", |b| {
            add(b, "content/city/news/2019/old.md", Article::new("Old").with("date", "2019-05-05"))
        }),
        one(Kind::Tags, "a second item with a tag: its count on the page of all tags", |b| {
            add(b, "content/city/gov/2020/tagged.md", tagged("Tagged", "防汛", "2020-01-01"))
        }),
        two(
            Kind::HasTags,
            "the last tag of a language goes: site.tags_url in English",
            |b| b.set("content/city/probe/site-tags_url/_index.en.md", "English.\n"),
            |b| {
                edit_article(b, "content/city/news/2026/tongues.en.md", |a| _ = a.fields.remove("tags")).unwrap();
            },
        ),
        one(Kind::Tally, "another value of a field: tally()", |b| field(b, "content/city/gov/law/2024/act.md", "docNo", "A2026")),
        one(Kind::Latest, "another title of an item: the feed of the site", |b| {
            field(b, "content/city/gov/2026/brief.md", "title", "Briefer")
        }),
        one(Kind::Item, "another body", |b| replace(b, "content/city/news/2025/hub.md", "[anchor]", "The [anchor]")),
        one(Kind::Card, "another title of the item that replaces one", |b| {
            field(b, "content/city/gov/notice/2026/anchor.md", "title", "Another anchor")
        }),
        two(Kind::Found, "an item that a link led to in vain", dead_links, |b| {
            add(b, "content/city/lab/2026/later.md", Article::new("Later").with("date", "2020-01-01"));
        }),
        two(Kind::FoundFile, "a file that a link led to in vain", dead_links, |b| b.set("content/city/lab/2026/later.pdf", "%PDF")),
        one(Kind::Attachments, "a file more beside an item", |b| b.set("content/city/lab/2026/item-attachments/more.pdf", "%PDF")),
        one(Kind::Neighbours, "another title of the older neighbour: item.prev", |b| {
            field(b, "content/city/lab/2026/item-data.md", "title", "Other data")
        }),
        one(Kind::Related, "an older item that shares a tag: item.related", |b| {
            add(b, "content/city/gov/2025/kin.md", tagged("Kin", "flood", "2025-12-31"));
        }),
        one(Kind::Versions, "a version more", |b| {
            add(b, "content/city/gov/law/2025/act.md", Article::new("Act of 2025").with("date", "2025-02-02").with("versionKey", "act"));
        }),
        one(Kind::Referrers, "an item more that refers to one", |b| {
            add(
                b,
                "content/city/gov/law/2020/refers.md",
                Article::new("Refers too").with("date", "2020-02-02").with("of", "id:lab-item-referrers"),
            );
        }),
        one(Kind::Translations, "another address of a translation", |b| {
            field(b, "content/city/news/2026/tongues.en.md", "slug", "two-tongues")
        }),
        one(Kind::Url, "another address of an item: item_url()", |b| {
            field(b, "content/city/gov/notice/2026/anchor.md", "slug", "moved-anchor")
        }),
        one(Kind::Canonical, "another address of the canonical page of an item", |b| {
            site(b, "city", |t| _ = t.insert("permalink".into(), "/:column/:id.html".into()));
        }),
        one(Kind::Byline, "another author of an item: the feeds", |b| field(b, "content/city/news/2026/many4.md", "author", "Eve")),
        one(Kind::File, "a picture of another size: file.width", |b| b.set("content/city/lab/2026/file-width/pic.png", png(33, 9))),
        one(Kind::Rows, "other cells of a table, of the same length", |b| {
            replace(b, "content/city/news/2026/bundle/rows.csv", "alpha", "gamma")
        }),
        one(Kind::Table, "other cells of a table beside an item, of the same length", |b| {
            replace(b, "content/city/lab/2026/file-table/data.csv", "1,2", "3,4")
        }),
        one(Kind::Fragment, "another title of an item that a fragment shows", |b| {
            field(b, "content/city/news/2026/many4.md", "title", "Many more")
        }),
        one(Kind::Shards, "a month that had no item: the index of sitemaps", |b| {
            add(b, "content/region/gov/2019/old.md", Article::new("Old").with("date", "2019-05-05"));
        }),
        one(Kind::Shard, "another day of the last change: a sitemap", |b| {
            field(b, "content/city/news/2026/many4.md", "lastmod", "2026-11-12")
        }),
    ]
}

/// What pages of probes show at their address whatever is edited.
pub const CONSTANT: &[&str] = &[
    // Another one is another page.
    "site.id",
    "site.home",
    "page.url",
    "column.id",
    "column.url",
    "item.url",
    "item.year",
    "file.name",
    // One word of the program.
    "generator",
    "site.tokens_css",
    // None on the site that the item is at home on; `guest.html` shows that of another.
    "item.home_site",
    // There are always tags in Chinese; the edit of `Kind::HasTags` is of the English page.
    "site.tags_url",
];

/// Edits of one value each: with those of [`all`] they change what every probe shows.
pub fn named() -> Vec<(String, Box<dyn Fn(&mut Bench)>)> {
    let mut edits: Vec<(String, Box<dyn Fn(&mut Bench)>)> = Vec::new();
    let mut edit = |words: &str, act: Box<dyn Fn(&mut Bench)>| edits.push((words.to_owned(), act));
    // Of the item that shows it.
    let fields: &[(&str, &str, toml::Value)] = &[
        ("item.id", "id", "lab-other-id".into()),
        ("item.title", "title", "Another title".into()),
        ("item.date", "date", "2026-01-01 12:00".into()),
        ("item.publish_date", "publishDate", "2026-01-02".into()),
        ("item.lastmod", "lastmod", "2026-11-10".into()),
        ("item.source", "source", "Another source".into()),
        ("item.author", "author", "Eve".into()),
        ("item.category", "category", "rule".into()),
        ("item.state", "state", "archived".into()),
        ("item.summary", "summary", "Another summary".into()),
        ("item.tags", "tags", vec![toml::Value::from("school")].into()),
        ("item.keywords", "keywords", vec![toml::Value::from("lock")].into()),
        ("item.data", "docNo", "8".into()),
        ("item.meta", "docNo", "8".into()),
        ("item.weight", "weight", 5.into()),
        ("item.official", "officialDocument", true.into()),
        ("item.replaced_by", "replacedBy", "id:hub".into()),
        // Not on the city's own site.
        ("card.external", "replacedBy", "id:dept0".into()),
        // The newer neighbour of `item.next`.
        ("item.related", "title", "Another title".into()),
        ("field.name", "mood", "good".into()),
    ];
    for (probe, key, value) in fields.iter().cloned() {
        let path = format!("content/city/lab/2026/{}.md", plain(probe));
        edit(&format!("{key} of {path}"), Box::new(move |b| field(b, &path, key, value.clone())));
    }
    for probe in ["item.body", "item.text", "item.toc"] {
        let path = format!("content/city/lab/2026/{}.md", plain(probe));
        edit(&format!("body of {path}"), Box::new(move |b| replace(b, &path, "## A part", "## Another part")));
    }
    for probe in ["file.url", "file.ext", "file.title", "file.type"] {
        let path = format!("content/city/lab/2026/{}/more.pdf", plain(probe));
        edit(&format!("new {path}"), Box::new(move |b| b.set(&path, "%PDF")));
    }
    for probe in ["file.size", "filesize"] {
        let path = format!("content/city/lab/2026/{}/data.csv", plain(probe));
        edit(&format!("more rows in {path}"), Box::new(move |b| b.set(&path, "a,b\n1,2\n3,4\n")));
    }
    for probe in ["file.srcset", "file.sizes"] {
        let path = format!("content/city/lab/2026/{}/pic.png", plain(probe));
        edit(&format!("a narrow picture in {path}"), Box::new(move |b| b.set(&path, png(30, 9))));
    }
    edit("a higher picture", Box::new(|b| b.set("content/city/lab/2026/file-height/pic.png", png(3, 90))));
    // Of the column that shows it.
    let map = |key: &str, value: &str| -> toml::Value {
        let mut t = toml::Table::new();
        t.insert(key.into(), value.into());
        t.into()
    };
    let columns: &[(&str, &str, toml::Value)] = &[
        ("page.kind", "topic", map("state", "open")),
        ("page.title", "name", "Another name".into()),
        ("page.keywords", "keywords", vec![toml::Value::from("word")].into()),
        ("page.description", "description", "Another description".into()),
        ("column.name", "name", "Another name".into()),
        ("column.type", "type", "other".into()),
        ("column.description", "description", "Another description".into()),
        ("column.keywords", "keywords", vec![toml::Value::from("word")].into()),
        ("column.category", "category", "news".into()),
        ("column.hidden", "hidden", true.into()),
        ("column.topic", "topic", map("state", "archived")),
    ];
    for (probe, key, value) in columns.iter().cloned() {
        let id = format!("probe/{}", plain(probe));
        edit(&format!("{key} of column {id}"), Box::new(move |b| column(b, "city", &id, &[(key, value.clone())])));
    }
    edit("a column more below another", Box::new(|b| column(b, "city", "probe/column-children/z", &[("name", "Z".into())])));
    edit("the name of the column above", Box::new(|b| column(b, "city", "probe", &[("name", "Soundings".into())])));
    edit("the picture of a column", Box::new(|b| b.set("content/city/probe/column-cover/cover.png", png(70, 70))));
    edit(
        "an item in English in a column that had none",
        Box::new(|b| add(b, "content/city/probe/page-translations/2026/x.en.md", Article::new("X").with("date", "2026-01-01"))),
    );
    // Of the site.
    let settings: &[(&str, toml::Value)] = &[
        ("name", "Another City".into()),
        ("short_name", "Town".into()),
        ("description", "Another description".into()),
        ("keywords", vec![toml::Value::from("word")].into()),
        ("search", "https://find.example/".into()),
        ("noindex", true.into()),
        ("hosts", vec![toml::Value::from("town.example")].into()),
        ("scheme", "http".into()),
        ("languages", vec![toml::Value::from("zh-Hans"), "en".into(), "za".into()].into()),
    ];
    for (key, value) in settings.iter().cloned() {
        edit(&format!("{key} of the city"), Box::new(move |b| site(b, "city", |t| _ = t.insert(key.into(), value.clone()))));
    }
    for (section, key) in [("outputs", "site_map"), ("outputs", "feed"), ("outputs", "json_feed"), ("params", "colour")] {
        let act = move |b: &mut Bench| site(b, "city", |t| _ = table(t, section).insert(key.into(), format!("{key}.txt").into()));
        edit(&format!("{section}.{key} of the city"), Box::new(act));
    }
    edit(
        "another tier of the city",
        Box::new(|b| {
            edit_toml(b, "sites.toml", |t| {
                let tiers = table(t, "tiers");
                let mut new = tiers["mid"].as_table().unwrap().clone();
                new.insert("label".into(), "New".into());
                tiers.insert("new".into(), new.into());
            })
            .unwrap();
            site(b, "city", |t| _ = t.insert("tier".into(), "new".into()));
        }),
    );
    edit("another template of macros", Box::new(|b| replace(b, "themes/ground/templates/macros.html", "* {{ text }}", "+ {{ text }}")));
    edit("other bytes of the style sheet", Box::new(|b| b.set("themes/ground/assets/css/site.css", ".other { color: red; }\n")));
    edit("a phrase with a value", Box::new(|b| replace(b, "themes/ground/phrases/zh-Hans.toml", "你好", "您好")));
    // Of the newest items, which cards are made of.
    edit("an old item is pinned", Box::new(|b| field(b, "content/city/news/2025/hub.md", "weight", 1)));
    edit("the day of a new item", Box::new(|b| field(b, "content/city/news/2026/many4.md", "date", "2026-10-20 07:30")));
    edit("the source of a new item", Box::new(|b| field(b, "content/city/news/2026/many4.md", "source", "Zoe")));
    edit("the summary of a new item", Box::new(|b| field(b, "content/city/news/2026/many4.md", "summary", "In short")));
    edit("the tags of a new item", Box::new(|b| field(b, "content/city/news/2026/many4.md", "tags", vec![toml::Value::from("school")])));
    edit("the state of a law", Box::new(|b| field(b, "content/city/gov/law/2024/act.md", "state", "repealed")));
    edit("the category of an item", Box::new(|b| field(b, "content/city/gov/2026/brief.md", "category", "rule")));
    edit("a picture of a new item", Box::new(|b| field(b, "content/city/news/2026/many4.md", "cover", "/city/news/2026/bundle/dot.png")));
    edit("another size of a picture", Box::new(|b| b.set("content/city/news/2026/bundle/wide.png", png(41, 11))));
    edit(
        "another type of a field",
        Box::new(|b| replace(b, "schemas/rule.toml", "name = \"docNo\"", "name = \"docNo\"\ntype = \"longtext\"")),
    );
    edit(
        "a field in structured data",
        Box::new(|b| {
            replace(
                b,
                "schemas/rule.toml",
                "type = \"date\"\nshow = [\"card\", \"list\", \"page\"]",
                "type = \"date\"\nshow = [\"jsonld\", \"page\"]",
            )
        }),
    );
    edit("an item is pushed", Box::new(|b| field(b, "content/region/gov/2026/guest.md", "title", "Another guest")));
    edit(
        "a row more of figures",
        Box::new(|b| replace(b, "content/city/data/2026/figure.csv", "fig2,", "fig3,Third,2026-04-03,3.5\nfig2,")),
    );
    edit("figures get pages", Box::new(|b| replace(b, "schemas/figure.toml", "page = false", "page = true")));
    edit(
        "an item of the newest goes to another site",
        Box::new(|b| {
            add(
                b,
                "content/region/news/2026/far.md",
                Article::new("Far").with("date", "2026-11-11").with("sites", vec![toml::Value::from("city")]),
            );
        }),
    );
    // Templates that were missing where somebody looked for them.
    for (path, block) in [
        ("high/templates/guest.html", "article.html"),
        ("mid/templates/page.html", "^page.html"),
        ("city-own/templates/topic.html", "^topic.html"),
    ] {
        let text = format!("{{% extends \"{block}\" %}}\n{{% block head %}}new {{{{ super() }}}}{{% endblock %}}\n");
        let path = format!("themes/{path}");
        edit(&format!("new {path}"), Box::new(move |b| b.set(&path, &text)));
    }
    edit(
        "frames are allowed",
        Box::new(|b| {
            edit_toml(b, "sites.toml", |t| {
                let owner = tables(t, "owner")[0].as_table_mut().unwrap();
                owner.insert("html".into(), "embed".into());
                owner.insert("html_hosts".into(), vec![toml::Value::from("video.example")].into());
            })
            .unwrap();
        }),
    );
    // Of the default language: all pages speak another one.
    edit(
        "another default language",
        Box::new(|b| site(b, "city", |t| _ = t.insert("languages".into(), vec![toml::Value::from("en"), "zh-Hans".into()].into()))),
    );
    // Last: every address of the city changes, and with it where its pages lie.
    edit("the city below a path", Box::new(|b| site(b, "city", |t| _ = t.insert("hosts".into(), "region.example/town".into()))));
    edits
}
