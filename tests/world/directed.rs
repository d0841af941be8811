//! For each kind of question an edit after which a page differs only because the answer to that question does: a recorder
//! that forgets the kind leaves the page as it was.

use banyan::facts::Kind;

use super::bench::Bench;
use super::content::{Article, png};
use super::edits::{edit_article, edit_toml, table, tables};

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
        one(Kind::HomeColumns, "other columns on the home page", |b| {
            site(b, "city", |t| _ = table(t, "home").insert("columns".into(), vec![toml::Value::from("gov"), "news".into()].into()));
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
