//! What editors, designers, operators and accidents do to a platform. Each edit is made from the platform as it is and a
//! number; it says in words what it did, or `None` where there was nothing to do it to.

use super::bench::{Bench, NOW};
use super::content::{Article, any_article, png};
use super::rng::Rng;
use super::sites::{COLUMNS, SITES};

pub type Act = fn(&mut Bench, &mut Rng) -> Option<String>;

/// How often, what, how.
pub const EDITS: &[(usize, &str, Act)] = &[
    // Articles.
    (6, "body", body),
    (5, "title", |b, r| field(b, r, "title", |r| r.words(2).into())),
    (4, "date", |b, r| field(b, r, "date", |r| any_date(r).into())),
    (2, "slug", |b, r| field(b, r, "slug", |r| format!("slug-{}", r.below(9)).into())),
    (2, "category", |b, r| field(b, r, "category", |r| r.pick(&["news", "rule", "guest"]).into())),
    (2, "summary", |b, r| field(b, r, "summary", |r| r.words(3).into())),
    (4, "tags", |b, r| field(b, r, "tags", any_tags)),
    (3, "weight", |b, r| field(b, r, "weight", |r| (r.below(3) as i64).into())),
    (2, "state", |b, r| field(b, r, "state", |r| r.pick(&["live", "archived", "repealed", "withdrawn"]).into())),
    (1, "source", |b, r| field(b, r, "source", |r| r.words(1).into())),
    (1, "author", |b, r| field(b, r, "author", |r| r.words(1).into())),
    (2, "lastmod", |b, r| field(b, r, "lastmod", |r| any_date(r).into())),
    (1, "keywords", |b, r| field(b, r, "keywords", |r| vec![toml::Value::from(r.word())].into())),
    (2, "mood", |b, r| field(b, r, "mood", |r| r.words(1).into())),
    (2, "docNo", |b, r| field(b, r, "docNo", |r| format!("N{}", r.below(5)).into())),
    (1, "signed", |b, r| field(b, r, "signed", |r| any_date(r).into())),
    (2, "of", |b, r| field(b, r, "of", |r| r.pick(&["id:anchor", "id:hub", "id:bundle"]).into())),
    (1, "url", |b, r| field(b, r, "url", |r| format!("/own/{}.html", r.below(4)).into())),
    (2, "aliases", |b, r| field(b, r, "aliases", |r| vec![toml::Value::from(format!("/was/{}.html", r.below(6)))].into())),
    (2, "draft", |b, r| field(b, r, "draft", |_| true.into())),
    (2, "publishDate", |b, r| field(b, r, "publishDate", |r| r.pick(&["2026-11-24 08:00", "2026-01-01", "2026-12-24"]).into())),
    (2, "expiryDate", |b, r| field(b, r, "expiryDate", |r| r.pick(&["2026-11-24 12:00", "2026-11-01", "2027-01-01"]).into())),
    (2, "replacedBy", |b, r| field(b, r, "replacedBy", |r| r.pick(&["id:anchor", "id:hub"]).into())),
    (2, "related", |b, r| field(b, r, "related", |r| vec![toml::Value::from(r.pick(&["id:anchor", "id:hub", "id:bundle"]))].into())),
    (2, "versionKey", |b, r| field(b, r, "versionKey", |r| r.pick(&["act", "other"]).into())),
    (1, "translationKey", |b, r| field(b, r, "translationKey", |r| r.pick(&["tk1", "tk2"]).into())),
    (1, "lang", |b, r| field(b, r, "lang", |r| r.pick(&["en", "zh-Hans"]).into())),
    (1, "officialDocument", |b, r| field(b, r, "officialDocument", |_| true.into())),
    (1, "template", |b, r| field(b, r, "template", |r| r.pick(&["article.html", "probe/file-name.html"]).into())),
    (2, "cover", |b, r| field(b, r, "cover", |r| r.pick(&["/city/news/2026/bundle/wide.png", "https://pic.example/x.png"]).into())),
    (5, "push", pushes),
    (4, "new article", new_article),
    (3, "delete article", |b, r| {
        let path = any(r, articles(b))?;
        b.remove(&path);
        Some(format!("delete {path}"))
    }),
    (3, "move article", |b, r| {
        let path = any(r, articles(b))?;
        let name = path.rsplit('/').next().filter(|n| *n != "index.md")?.to_owned();
        let to = format!("content/{}/{}/{}/{name}", r.pick(SITES), r.pick(COLUMNS), 2024 + r.below(3));
        b.rename(&path, &to);
        Some(format!("move {path} to {to}"))
    }),
    (2, "rename article", |b, r| {
        let path = any(r, articles(b))?;
        let stem = path.strip_suffix(".md").filter(|s| !s.ends_with("/index"))?;
        let to = format!("{stem}-r.md");
        b.rename(&path, &to);
        Some(format!("rename {path} to {to}"))
    }),
    // Files beside them.
    (3, "attachment bytes", |b, r| {
        let path = any(r, attachments(b))?;
        let bytes =
            if path.ends_with(".png") { png(1 + r.below(50) as u32, 2) } else { format!("{},{}\n1,2\n", r.word(), r.word()).into_bytes() };
        b.set(&path, bytes);
        Some(format!("other bytes in {path}"))
    }),
    (2, "attachment added", |b, r| {
        let path = any(r, b.files.paths("content/", "/index.md"))?;
        let folder = path.strip_suffix("index.md")?;
        let name = format!("{folder}more{}.pdf", r.below(3));
        b.set(&name, "%PDF");
        Some(format!("add {name}"))
    }),
    (2, "attachment removed", |b, r| {
        let path = any(r, attachments(b))?;
        b.remove(&path);
        Some(format!("remove {path}"))
    }),
    (1, "attachment renamed", |b, r| {
        let path = any(r, attachments(b).into_iter().filter(|p| p.ends_with(".pdf")).collect())?;
        let to = path.replace(".pdf", "-r.pdf");
        b.rename(&path, &to);
        Some(format!("rename {path} to {to}"))
    }),
    // Records.
    (3, "record", record),
    (2, "row", row),
    (2, "table of a mount", |b, r| {
        let text = b.files.text("acts.jsonl").replace("\"number\":\"3", &format!("\"number\":\"{}3", r.below(9)));
        b.set("acts.jsonl", text);
        Some("other numbers in acts.jsonl".into())
    }),
    // Texts of columns.
    (3, "column text", |b, r| {
        let mut all = b.files.paths("content/", "/_index.md");
        all.push(format!("content/{}/{}/_index.md", r.pick(SITES), r.pick(COLUMNS)));
        all.push("content/city/gov/_index.en.md".into());
        let path = any(r, all)?;
        if b.files.0.contains_key(&path) && r.once_in(3) {
            b.remove(&path);
            return Some(format!("remove {path}"));
        }
        b.set(&path, format!("+++\nsummary = \"{}\"\n+++\n{} [anchor](id:anchor)\n", r.words(2), r.words(3)));
        Some(format!("write {path}"))
    }),
    // Themes.
    (5, "template", template),
    (3, "template removed", |b, r| {
        let path = any(r, b.files.paths("themes/", ".html"))?;
        b.remove(&path);
        Some(format!("remove {path}"))
    }),
    (4, "override", override_block),
    (2, "optional include", |b, r| {
        let path = format!("themes/{}/templates/maybe.html", r.pick(&["ground", "mid", "city-own"]));
        if b.files.0.contains_key(&path) {
            b.remove(&path);
            return Some(format!("remove {path}"));
        }
        b.set(&path, format!("maybe {}\n", r.word()));
        Some(format!("write {path}"))
    }),
    (3, "phrase", |b, r| {
        let path = format!("themes/{}/phrases/{}.toml", r.pick(LAYERS), r.pick(&["zh-Hans", "en"]));
        let key = r.pick(&["foot", "hello", "greeting", "home", "title_tags", "language_en", "title_404"]);
        let value = format!("{} {{name}}", r.word());
        edit_toml(b, &path, |t| _ = t.insert(key.into(), value.into()))?;
        Some(format!("phrase {key} in {path}"))
    }),
    (2, "token", |b, r| {
        let path = format!("themes/{}/theme.toml", r.pick(LAYERS));
        let (key, value) = (r.pick(&["color-ink", "space", "width"]), format!("{}px", r.below(40)));
        edit_toml(b, &path, |t| _ = table(t, "tokens").insert(key.into(), value.into()))?;
        Some(format!("token {key} in {path}"))
    }),
    (3, "asset", |b, r| {
        let path = format!("themes/{}/assets/{}", r.pick(LAYERS), r.pick(&["img/dot.svg", "js/site.js", "img/more.svg"]));
        if b.files.0.contains_key(&path) && r.once_in(3) {
            b.remove(&path);
            return Some(format!("remove {path}"));
        }
        b.set(&path, format!("<!-- {} -->\n", r.word()));
        Some(format!("write {path}"))
    }),
    (2, "static file", |b, r| {
        let path = format!("themes/{}/static/{}", r.pick(LAYERS), r.pick(&["proof.txt", "city.txt", "news", "more.txt"]));
        if b.files.0.contains_key(&path) && r.once_in(2) {
            b.remove(&path);
            return Some(format!("remove {path}"));
        }
        b.set(&path, r.word());
        Some(format!("write {path}"))
    }),
    (3, "lock", |b, r| {
        let path = format!("themes/{}/theme.toml", r.pick(&["ground", "mid", "low"]));
        let part = r.pick(&["foot.html", "page.html#head", "page.html#main", "side.html", "macros.html", "page.html#foot"]);
        edit_toml(b, &path, |t| {
            let list = t.entry("lock").or_insert_with(|| toml::Value::Array(Vec::new())).as_array_mut().unwrap();
            match list.iter().position(|v| v.as_str() == Some(part)) {
                Some(at) => _ = list.remove(at),
                None => list.push(part.into()),
            }
        })?;
        Some(format!("lock or unlock {part} in {path}"))
    }),
    (1, "theme extends", |b, r| {
        let (layer, above) = (r.pick(&["city-own", "county-own", "mid"]), r.pick(&["ground", "mid", "low", "high"]));
        edit_toml(b, &format!("themes/{layer}/theme.toml"), |t| _ = t.insert("extends".into(), above.into()))?;
        Some(format!("{layer} extends {above}"))
    }),
    // Settings.
    (8, "setting", setting),
    (5, "column", column),
    (4, "menu", menu),
    (3, "accept", accept),
    (3, "place", place),
    (3, "outputs", outputs),
    (4, "defaults", defaults),
    (3, "platform", platform),
    (2, "site removed", |b, r| {
        let path = format!("sites/{}.toml", r.pick(&["county", "dept"]));
        if !b.files.0.contains_key(&path) {
            return None;
        }
        b.remove(&path);
        Some(format!("remove {path}"))
    }),
    (2, "site added", |b, r| {
        let id = format!("extra{}", r.below(2));
        let path = format!("sites/{id}.toml");
        let theme = r.pick(&["", "theme = \"county-own\"\n"]);
        b.set(
            &path,
            format!(
                "name = \"Extra {id}\"\ntier = \"low\"\nparent = \"{}\"\nhosts = [\"{id}.example\"]\n{theme}",
                r.pick(&["city", "region"])
            ),
        );
        b.set(&format!("content/{id}/news/2026/first-{id}.md"), Article::new("First").with("date", "2026-01-05").text());
        Some(format!("add site {id}"))
    }),
    (3, "redirects", |b, r| {
        let mut text = b.files.text("redirects.csv");
        if r.once_in(3) {
            text = text.lines().take(1 + r.below(3)).map(|l| format!("{l}\n")).collect();
        } else {
            text += &format!(
                "{},/gone/{}.html,{}\n",
                r.pick(SITES),
                r.below(5),
                r.pick(&["id:anchor", "/news/", "id:hub", "https://x.example/"])
            );
        }
        b.set("redirects.csv", text);
        Some("other rows in redirects.csv".into())
    }),
    (4, "schema", schema),
    // Time.
    (4, "clock", |b, r| {
        let days = r.below(9) as i64 - 3;
        b.moment.clock = NOW + days * 86_400 + r.below(86_400) as i64;
        Some(format!("the clock stands {days} days later than at first"))
    }),
    (1, "drafts", |b, _| {
        b.moment.drafts = !b.moment.drafts;
        Some(format!("drafts {}", b.moment.drafts))
    }),
    // Broken input.
    (3, "broken", broken),
    (6, "mend", |b, _| {
        if !b.is_broken() {
            return None;
        }
        let good = b.good.clone();
        b.become_files(&good);
        Some("all files as in the last good build".into())
    }),
    // Accidents.
    (6, "state", damage),
    (3, "tree", tamper),
    // Ways to build.
    (5, "some sites", |b, r| {
        // A body changes too, so that what is built is not all.
        let more = body(b, r).unwrap_or_default();
        b.asked.sites = vec![r.pick(&["city", "c*", "region", "{dept,county}"]).to_owned()];
        Some(format!("{more}; build {:?} only", b.asked.sites))
    }),
    (2, "jobs", |b, r| {
        let more = body(b, r).unwrap_or_default();
        b.asked.jobs = 1 + r.below(4);
        Some(format!("{more}; {} jobs", b.asked.jobs))
    }),
    (2, "output moved", |b, r| {
        let (from, name) = (b.out(), format!("public{}", r.below(3)));
        edit_toml(b, "sites.toml", |t| _ = table(t, "platform").insert("output".into(), name.clone().into()))?;
        let to = b.out();
        if from == to || to.exists() {
            return Some(format!("output is {name}"));
        }
        _ = std::fs::rename(from, to);
        b.asked.damaged = true;
        Some(format!("output moved to {name}"))
    }),
    (2, "again", |_, _| Some("nothing".into())),
    (3, "cut off", |b, r| {
        let more = template(b, r).unwrap_or_default();
        let sites = r.below(4);
        b.build_cut_off(sites);
        b.asked.between = true;
        Some(format!("{more}; a build that is stopped after {sites} sites"))
    }),
    (2, "elsewhere", |b, r| {
        let more = template(b, r).unwrap_or_default();
        b.build_elsewhere(false);
        Some(format!("{more}; a build into another folder"))
    }),
    (2, "delta", |b, r| {
        let more = template(b, r).unwrap_or_default();
        b.build_elsewhere(true);
        Some(format!("{more}; what changed, written into a folder of its own"))
    }),
];

const LAYERS: &[&str] = &["ground", "high", "mid", "low", "city-own", "county-own"];

fn any<T: Clone>(rng: &mut Rng, from: Vec<T>) -> Option<T> {
    if from.is_empty() { None } else { Some(rng.pick(&from)) }
}

pub fn articles(b: &Bench) -> Vec<String> {
    let all = b.files.paths("content/", ".md");
    all.into_iter().filter(|p| !p.contains("/_index.") && b.files.text(p).starts_with("+++\n")).collect()
}

fn attachments(b: &Bench) -> Vec<String> {
    [".png", ".csv", ".pdf", ".mp4"].iter().flat_map(|e| b.files.paths("content/", e)).filter(|p| !p.ends_with("figure.csv")).collect()
}

pub fn edit_article(b: &mut Bench, path: &str, act: impl FnOnce(&mut Article)) -> Option<()> {
    let mut article = Article::read(&b.files.text(path))?;
    act(&mut article);
    b.set(path, article.text());
    Some(())
}

/// `None`: the file is not there, or broken by another edit.
pub fn edit_toml(b: &mut Bench, path: &str, act: impl FnOnce(&mut toml::Table)) -> Option<()> {
    let mut table: toml::Table = b.files.text(path).parse().ok()?;
    act(&mut table);
    b.set(path, toml::to_string(&table).unwrap());
    Some(())
}

/// A table in a table, made where it is missing.
pub fn table<'t>(t: &'t mut toml::Table, key: &str) -> &'t mut toml::Table {
    let value = t.entry(key).or_insert_with(|| toml::Table::new().into());
    if !value.is_table() {
        *value = toml::Table::new().into();
    }
    value.as_table_mut().unwrap()
}

/// The tables of `[[key]]`.
pub fn tables<'t>(t: &'t mut toml::Table, key: &str) -> &'t mut Vec<toml::Value> {
    let value = t.entry(key).or_insert_with(|| toml::Value::Array(Vec::new()));
    if !value.is_array() {
        *value = toml::Value::Array(Vec::new());
    }
    value.as_array_mut().unwrap()
}

fn any_date(rng: &mut Rng) -> String {
    match rng.below(6) {
        0 => format!("{}-{:02}", 2023 + rng.below(4), 1 + rng.below(11)),
        1 => format!("{}", 2022 + rng.below(5)),
        _ => format!("{}-{:02}-{:02} {:02}:00", 2023 + rng.below(4), 1 + rng.below(11), 1 + rng.below(28), rng.below(24)),
    }
}

fn any_tags(rng: &mut Rng) -> toml::Value {
    let all = ["flood", "school", "Road", "road", "防汛", "new tag"];
    let tags = all.into_iter().filter(|_| rng.once_in(3)).map(toml::Value::from).collect::<Vec<_>>();
    tags.into()
}

/// A field set, or taken away where it was.
fn field(b: &mut Bench, rng: &mut Rng, key: &str, value: fn(&mut Rng) -> toml::Value) -> Option<String> {
    let path = any(rng, articles(b))?;
    let (gone, value) = (key != "title" && rng.once_in(3), value(rng));
    edit_article(b, &path, |a| {
        if !(gone && a.fields.remove(key).is_some()) {
            a.fields.insert(key.into(), value);
        }
    })?;
    Some(format!("{key} of {path}"))
}

fn body(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = any(rng, b.files.paths("content/", ".md"))?;
    let mut text = b.files.text(&path);
    let more = match rng.below(6) {
        0 => "\n[the anchor](id:anchor)\n".to_owned(),
        1 => "\n{{< document item=\"id:hub\" >}}\n".to_owned(),
        2 => "\n![dot](/city/news/2026/bundle/dot.png)\n".to_owned(),
        3 => format!("\n### {}\n", rng.words(2)),
        4 => "\n{{< table file=\"/city/news/2026/bundle/rows.csv\" >}}\n".to_owned(),
        _ => format!("\n{}\n", rng.words(4)),
    };
    text += &more;
    b.set(&path, text);
    Some(format!("body of {path}: {}", more.trim()))
}

fn pushes(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = any(rng, articles(b))?;
    let site = rng.pick(SITES);
    let mut push = toml::Table::new();
    push.insert("site".into(), site.into());
    for (key, value) in
        [("title", toml::Value::from(rng.words(2))), ("weight", (rng.below(4) as i64).into()), ("column", rng.pick(COLUMNS).into())]
    {
        if rng.once_in(2) {
            push.insert(key.into(), value);
        }
    }
    let gone = rng.once_in(3);
    edit_article(b, &path, |a| {
        if gone {
            a.fields.remove("sites");
        } else {
            a.fields.insert("sites".into(), vec![toml::Value::Table(push.clone())].into());
        }
    })?;
    Some(if gone { format!("{path} is pushed nowhere") } else { format!("{path} is pushed: {push}").replace('\n', ", ") })
}

fn new_article(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let (owner, number) = (rng.pick(SITES), 100 + rng.below(1000));
    let (path, article) = any_article(rng, owner, number);
    b.set(&path, article.text());
    Some(format!("new {path}"))
}

fn record(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = "content/region/letters/2026/letter.jsonl";
    let mut lines: Vec<String> = b.files.text(path).lines().map(str::to_owned).collect();
    let words = match rng.below(5) {
        0 => {
            let n = rng.below(50);
            lines.push(format!(
                "{{\"id\":\"let-n{n}\",\"title\":\"Letter {n}\",\"date\":\"2026-07-{:02}\",\"from\":\"Cy\",\"kind\":\"praise\"}}",
                1 + n % 28
            ));
            "a letter more"
        }
        1 if lines.len() > 1 => {
            lines.remove(rng.below(lines.len()));
            "a letter less"
        }
        2 => {
            lines.push("{\"id\": broken".into());
            "a broken letter"
        }
        _ => {
            let at = rng.below(lines.len().max(1));
            let line = lines.get_mut(at)?;
            *line = line.replace("\"title\":\"", &format!("\"title\":\"{} ", rng.word()));
            "another title of a letter"
        }
    };
    b.set(path, lines.join("\n") + "\n");
    Some(words.to_owned())
}

fn row(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = "content/city/data/2026/figure.csv";
    let mut lines: Vec<String> = b.files.text(path).lines().map(str::to_owned).collect();
    if rng.once_in(3) && lines.len() > 2 {
        lines.pop();
    } else if rng.once_in(2) {
        let n = rng.below(50);
        lines.push(format!("fig-n{n},Figure {n},2026-04-{:02},{n}", 1 + n % 28));
    } else {
        let last = lines.last_mut()?;
        last.push('7');
    }
    b.set(path, lines.join("\n") + "\n");
    Some(format!("other rows in {path}"))
}

fn template(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = any(rng, b.files.paths("themes/", ".html"))?;
    let mut text = b.files.text(&path);
    let word = rng.word();
    let more = match rng.below(5) {
        0 => "{{ site.name }}".to_owned(),
        1 => "{{ site.params|json }}".to_owned(),
        2 => format!("{{# {word} #}}"),
        _ => word.to_owned(),
    };
    // Inside a block, where there is one: what a template that extends has outside is not shown.
    match text.rfind("{% endblock %}") {
        Some(at) => text.insert_str(at, &more),
        None => text.push_str(&more),
    }
    b.set(&path, text);
    Some(format!("{more} in {path}"))
}

fn override_block(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let layer = rng.pick(&["high", "mid", "low", "city-own", "county-own"]);
    let name = rng.pick(&[
        "page.html",
        "article.html",
        "column.html",
        "home.html",
        "archive.html",
        "tag.html",
        "404.html",
        "foot.html",
        "macros.html",
        "side.html",
        "rule.html",
    ]);
    let path = format!("themes/{layer}/templates/{name}");
    if b.files.0.contains_key(&path) {
        b.remove(&path);
        return Some(format!("remove {path}"));
    }
    let block = if name == "page.html" { rng.pick(&["head", "foot_local", "main"]) } else { "main" };
    let text = match name {
        "foot.html" => format!("{} foot\n", rng.word()),
        "macros.html" => {
            b.files.text("themes/ground/templates/macros.html").replace("- {{ c.title", &format!("{} {{{{ c.title", rng.word()))
        }
        "side.html" => format!("{} {{{{ site.id }}}}\n", rng.word()),
        "rule.html" => format!("{{% extends \"article.html\" %}}\n{{% block main %}}{} {{{{ super() }}}}{{% endblock %}}\n", rng.word()),
        _ => format!("{{% extends \"^{name}\" %}}\n{{% block {block} %}}{} {{{{ super() }}}}{{% endblock %}}\n", rng.word()),
    };
    b.set(&path, text);
    Some(format!("new {path}"))
}

fn setting(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = format!("sites/{}.toml", rng.pick(SITES));
    let word = rng.word().to_owned();
    let number = 1 + rng.below(5) as i64;
    let gone = rng.once_in(4);
    let keys: &[&str] = &[
        "name",
        "short_name",
        "names.en",
        "description",
        "keywords",
        "page_size",
        "feed_size",
        "related",
        "search",
        "noindex",
        "scheme",
        "hosts",
        "aliases",
        "permalink",
        "identity.organizer",
        "identity.email",
        "identity.icp",
        "tokens.space",
        "tokens.extra",
        "params.motto",
        "params.more",
        "params_in.en.motto",
        "security.contact",
        "security.expires",
        "home",
        "languages",
        "tier",
        "parent",
        "theme",
        "children.params.inherited",
        "children.page_size",
        "language",
    ];
    let key = rng.pick(keys);
    let choice = rng.below(4);
    let value: toml::Value = match key {
        "keywords" => vec![toml::Value::from(word)].into(),
        "page_size" | "feed_size" | "related" | "children.page_size" => number.into(),
        "noindex" => (choice > 1).into(),
        "scheme" => ["http", "https"][choice % 2].into(),
        "hosts" if choice == 0 => format!("region.example/{}", path.replace(['/', '.'], "-")).into(),
        "hosts" => vec![toml::Value::from(format!("h{number}.{}", path.replace(['/', '.'], "-") + ".example"))].into(),
        "aliases" => vec![toml::Value::from(format!("a{number}.{}", path.replace(['/', '.'], "-") + ".example"))].into(),
        "permalink" => ["/:column/:year/:slug.html", "/:column/:id.html", "/:column/:year/:slug/", "/:category/:id.html"][choice].into(),
        "search" => format!("https://{number}.example/").into(),
        "identity.email" => format!("m{number}@x.example").into(),
        "security.contact" => format!("tel:+86{number}").into(),
        "security.expires" => format!("2028-01-0{number}").into(),
        "home" => home_blocks(["news", "gov", "gov/law", "data"][choice], choice > 1),
        "languages" => vec![toml::Value::from("zh-Hans"), ["en", "za"][choice % 2].into()].into(),
        "language" => ["en", "zh-Hans"][choice % 2].into(),
        "tier" => ["high", "mid", "low"][choice % 3].into(),
        "parent" => ["region", "city"][choice % 2].into(),
        "theme" => ["city-own", "county-own", "high", "mid", "low"][number as usize - 1].into(),
        _ => word.into(),
    };
    edit_toml(b, &path, |t| {
        let (folders, last) = key.rsplit_once('.').unwrap_or(("", key));
        let mut at = t;
        for part in folders.split('.').filter(|p| !p.is_empty()) {
            at = table(at, part);
        }
        if !(gone && !matches!(key, "name" | "tier" | "hosts") && at.remove(last).is_some()) {
            at.insert(last.into(), value);
        }
    })?;
    Some(format!("{key} of {path}"))
}

fn column(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = rng.pick(&["sites.toml", "sites/region.toml", "sites/city.toml", "sites/county.toml", "sites/dept.toml"]).to_owned();
    let id = rng.pick(&["news", "gov", "gov/law", "gov/notice", "data", "letters", "zt/flood", "fresh", "gov/fresh"]);
    let key = rng.pick(&[
        "name",
        "hidden",
        "drop",
        "weight",
        "url",
        "template",
        "category",
        "description",
        "keywords",
        "type",
        "topic",
        "select",
        "permalink",
        "names",
        "descriptions",
        "keywords_in",
        "gone",
    ]);
    let (word, number) = (rng.word().to_owned(), rng.below(5) as i64);
    let platform = path == "sites.toml";
    let map = |key: &str, value: toml::Value| -> toml::Value {
        let mut t = toml::Table::new();
        t.insert(key.into(), value);
        t.into()
    };
    let value: toml::Value = match key {
        "hidden" | "drop" => (number > 1).into(),
        "weight" => (number - 2).into(),
        "url" => format!("/u{number}/").into(),
        "template" => ["topic.html", "column.html", "archive.html"][number as usize % 3].into(),
        "category" => ["news", "rule", "guest"][number as usize % 3].into(),
        "keywords" => vec![toml::Value::from(word)].into(),
        "topic" => map("state", ["open", "archived"][number as usize % 2].into()),
        "select" => map("tag", vec![toml::Value::from(["flood", "school", "Road"][number as usize % 3])].into()),
        "permalink" => ["/:column/:slug.html", "/:column/:year/:id/"][number as usize % 2].into(),
        "names" | "descriptions" => map("en", word.into()),
        "keywords_in" => map("en", vec![toml::Value::from(word)].into()),
        _ => word.into(),
    };
    edit_toml(b, &path, |t| {
        let list = if platform { tables(table(t, "defaults"), "column") } else { tables(t, "column") };
        let at = list.iter().position(|c| c.get("id").and_then(|i| i.as_str()) == Some(id));
        if key == "gone" {
            if let Some(at) = at {
                list.remove(at);
            }
            return;
        }
        let at = at.unwrap_or_else(|| {
            let mut new = toml::Table::new();
            new.insert("id".into(), id.into());
            if id.contains("fresh") {
                new.insert("name".into(), "Fresh".into());
            }
            list.push(new.into());
            list.len() - 1
        });
        list[at].as_table_mut().unwrap().insert(key.into(), value);
    })?;
    Some(format!("{key} of column {id} in {path}"))
}

fn menu(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = format!("sites/{}.toml", rng.pick(SITES));
    let id = rng.pick(&["links", "extra"]);
    let (key, value) = rng.pick(&[
        ("column", "news"),
        ("column", "gov/notice"),
        ("site", "county"),
        ("item", "id:hub"),
        ("url", "/x/"),
        ("item", "id:brief"),
    ]);
    let (what, word) = (rng.below(4), rng.word());
    edit_toml(b, &path, |t| {
        let list = tables(t, "menu");
        let at = list.iter().position(|c| c.get("id").and_then(|i| i.as_str()) == Some(id));
        if let (Some(at), 0) = (at, what) {
            list.remove(at);
            return;
        }
        let at = at.unwrap_or_else(|| {
            let mut new = toml::Table::new();
            new.insert("id".into(), id.into());
            list.push(new.into());
            list.len() - 1
        });
        let menu = list[at].as_table_mut().unwrap();
        menu.insert("name".into(), word.into());
        if what > 1 {
            let mut item = toml::Table::new();
            item.insert(key.into(), value.into());
            tables(menu, "item").push(item.into());
        }
    })?;
    Some(format!("menu {id} of {path}"))
}

fn accept(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = format!("sites/{}.toml", rng.pick(SITES));
    let mut rule = toml::Table::new();
    if rng.once_in(2) {
        rule.insert("to".into(), rng.pick(COLUMNS).into());
    }
    if rng.once_in(2) {
        rule.insert("weight".into(), (1 + rng.below(3) as i64).into());
    }
    if rng.once_in(3) {
        rule.insert("category".into(), vec![toml::Value::from(rng.pick(&["news", "rule"]))].into());
    }
    let gone = rng.once_in(2);
    edit_toml(b, &path, |t| {
        let list = tables(t, "accept");
        if gone {
            list.pop();
        } else {
            list.insert(0, rule.into());
        }
    })?;
    Some(format!("{} accept rule of {path}", if gone { "remove an" } else { "a new" }))
}

fn place(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = format!("sites/{}.toml", rng.pick(SITES));
    let mut new = toml::Table::new();
    new.insert("item".into(), rng.pick(&["id:anchor", "id:hub", "id:bundle", "id:act-2024"]).into());
    new.insert("column".into(), rng.pick(&["news", "gov"]).into());
    if rng.once_in(2) {
        new.insert("title".into(), rng.words(2).into());
    }
    if rng.once_in(2) {
        new.insert("weight".into(), (1 + rng.below(3) as i64).into());
    }
    let gone = rng.once_in(2);
    edit_toml(b, &path, |t| {
        let list = tables(t, "place");
        list.pop();
        if !gone {
            list.push(new.into());
        }
    })?;
    Some(format!("{} place of {path}", if gone { "remove a" } else { "another" }))
}

fn outputs(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let path = format!("sites/{}.toml", rng.pick(SITES));
    let key = rng.pick(&["lists", "feed", "json_feed", "column_feeds", "site_map", "sitemap", "not_found", "robots"]);
    let one = rng.once_in(2);
    let value: toml::Value = match key {
        "lists" => if one { "pages" } else { "years" }.into(),
        "sitemap" => if one { "one" } else { "months" }.into(),
        "feed" => if one { "" } else { "all.xml" }.into(),
        "json_feed" => if one { "" } else { "all.json" }.into(),
        "site_map" => if one { "" } else { "plan.html" }.into(),
        _ => one.into(),
    };
    edit_toml(b, &path, |t| _ = table(t, "outputs").insert(key.into(), value))?;
    Some(format!("outputs.{key} of {path}"))
}

fn defaults(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let (word, number) = (rng.word().to_owned(), 1 + rng.below(4) as i64);
    let key = rng.pick(&["page_size", "feed_size", "related", "description", "permalink", "params", "tokens", "menu", "identity"]);
    edit_toml(b, "sites.toml", |t| {
        let d = table(t, "defaults");
        match key {
            "page_size" | "feed_size" | "related" => _ = d.insert(key.into(), number.into()),
            "description" => _ = d.insert(key.into(), word.into()),
            "permalink" => _ = d.insert(key.into(), ["/:column/:year/:slug.html", "/:column/:slug.html"][number as usize % 2].into()),
            "params" => _ = table(d, "params").insert("motto".into(), word.into()),
            "tokens" => _ = table(d, "tokens").insert("space".into(), format!("{number}em").into()),
            "identity" => _ = table(d, "identity").insert("operator".into(), word.into()),
            _ => {
                if let Some(menu) = tables(d, "menu").first_mut().and_then(|m| m.as_table_mut()) {
                    menu.insert("name".into(), word.into());
                }
            }
        }
    })?;
    Some(format!("{key} of the defaults"))
}

fn platform(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let (word, what) = (rng.word().to_owned(), rng.below(8));
    let words = [
        "tier label",
        "tier names",
        "time zone",
        "HTML of an owner",
        "dead links of an owner",
        "version key of the mount",
        "values of the mount",
        "home blocks of a tier",
    ][what];
    let one = rng.once_in(2);
    let (html, host) = (rng.pick(&["none", "clean", "embed"]), rng.pick(&["video.example", "other.example"]));
    edit_toml(b, "sites.toml", |t| match what {
        0 => _ = table(table(t, "tiers"), "mid").insert("label".into(), word.into()),
        1 => _ = table(table(table(t, "tiers"), "mid"), "names").insert("en".into(), word.into()),
        2 => _ = table(t, "platform").insert("time_zone".into(), if one { "Asia/Urumqi" } else { "Asia/Shanghai" }.into()),
        3 | 4 => {
            if let Some(owner) = tables(t, "owner").first_mut().and_then(|o| o.as_table_mut()) {
                if what == 3 {
                    owner.insert("html".into(), html.into());
                    owner.insert("html_hosts".into(), vec![toml::Value::from(host)].into());
                } else {
                    owner.insert("dead_links".into(), if one { "keep" } else { "error" }.into());
                }
            }
        }
        5 | 6 => {
            if let Some(mount) = tables(t, "mount").first_mut().and_then(|o| o.as_table_mut()) {
                if what == 5 {
                    if mount.remove("version_key").is_none() {
                        mount.insert("version_key".into(), "title".into());
                    }
                } else {
                    table(mount, "set").insert("mood".into(), word.into());
                }
            }
        }
        _ => {
            let low = table(table(t, "tiers"), "low");
            low.insert("home".into(), home_blocks(if one { "gov" } else { "news" }, one));
        }
    })?;
    Some(words.to_owned())
}

fn schema(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let id = rng.pick(&["news", "rule", "figure", "letter", "guest"]);
    let path = format!("schemas/{id}.toml");
    let (word, what) = (rng.word().to_owned(), rng.below(7));
    let words = ["label", "label in English", "label of a field", "where a field is shown", "type of a field", "page", "template"][what];
    let shows = [&["card"][..], &["list", "page"], &["page", "meta", "jsonld"], &["card", "list", "page"]];
    let (show, one) = (rng.pick(&shows), rng.once_in(2));
    let at = rng.below(3);
    edit_toml(b, &path, |t| match what {
        0 => _ = t.insert("label".into(), word.into()),
        1 => _ = table(t, "labels").insert("en".into(), word.into()),
        5 => _ = t.insert("page".into(), one.into()),
        6 => _ = t.insert("template".into(), if one { "article.html" } else { "guest.html" }.into()),
        _ => {
            if let Some(field) = tables(t, "field").get_mut(at).and_then(|f| f.as_table_mut()) {
                match what {
                    2 => _ = field.insert("label".into(), word.into()),
                    3 => _ = field.insert("show".into(), show.iter().map(|s| toml::Value::from(*s)).collect::<Vec<_>>().into()),
                    _ => _ = field.insert("type".into(), if one { "longtext" } else { "text" }.into()),
                }
            }
        }
    })?;
    Some(format!("{words} of {path}"))
}

fn broken(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let (path, text) = match rng.below(9) {
        0 => (any(rng, articles(b))?, "+++\ntitle = \n+++\n"),
        1 => (format!("sites/{}.toml", rng.pick(SITES)), "name = \n"),
        2 => ("sites.toml".to_owned(), "[platform\n"),
        3 => ("schemas/news.toml".to_owned(), "label = 3\n[[field]]\n"),
        4 => (any(rng, b.files.paths("themes/", ".html"))?, "{% if %}"),
        5 => (format!("themes/{}/theme.toml", rng.pick(LAYERS)), "label = \"x\"\nextends = \"nobody\"\n"),
        6 => ("redirects.csv".to_owned(), "nobody,/x,/y\n"),
        7 => (any(rng, articles(b))?, "+++\ntitle = \"Dead\"\n+++\n[dead](nowhere.md)\n"),
        _ => ("themes/ground/templates/column.html".to_owned(), "{{ site.nowhere }}"),
    };
    b.set(&path, text);
    Some(format!("break {path}"))
}

/// Something below `.banyan` is lost, cut, changed, exchanged, or an older one.
fn damage(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let state = b.state();
    let mut files: Vec<std::path::PathBuf> = walkdir::WalkDir::new(&state)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file())
        .map(|e| e.into_path())
        .collect();
    files.retain(|f| !f.ends_with("lock"));
    let shown = |f: &std::path::Path| f.strip_prefix(&state).unwrap().display().to_string();
    b.asked.damaged = true;
    let store = b.beside("stored");
    match rng.below(8) {
        0 => {
            _ = std::fs::remove_dir_all(&state);
            Some("delete .banyan".into())
        }
        1 => {
            let f = any(rng, files)?;
            std::fs::remove_file(&f).unwrap();
            Some(format!("delete .banyan/{}", shown(&f)))
        }
        2 => {
            let f = any(rng, files)?;
            let bytes = std::fs::read(&f).unwrap();
            std::fs::write(&f, &bytes[..rng.below(bytes.len().max(1))]).unwrap();
            Some(format!("cut .banyan/{} short", shown(&f)))
        }
        3 => {
            let f = any(rng, files)?;
            let mut bytes = std::fs::read(&f).unwrap();
            let at = rng.below(bytes.len().max(1));
            *bytes.get_mut(at)? ^= 1 << rng.below(8);
            std::fs::write(&f, bytes).unwrap();
            Some(format!("flip a bit of .banyan/{} at {at}", shown(&f)))
        }
        4 => {
            let (a, c) = (state.join("manifests/city"), state.join("manifests/county"));
            exchange(&a, &c, &b.beside("exchange"))?;
            Some("exchange the manifests of city and county".into())
        }
        5 => {
            let (a, c) = (state.join("receipts/city"), state.join("receipts/county"));
            exchange(&a, &c, &b.beside("exchange"))?;
            Some("exchange the receipts of city and county".into())
        }
        // Put away, and brought back later.
        6 => {
            _ = std::fs::remove_dir_all(&store);
            copy(&state, &store);
            b.stored = Some(store);
            Some("put a copy of .banyan away".into())
        }
        _ => {
            let store = b.stored.take()?;
            _ = std::fs::remove_dir_all(&state);
            copy(&store, &state);
            Some("an older copy of .banyan".into())
        }
    }
}

fn exchange(a: &std::path::Path, b: &std::path::Path, spare: &std::path::Path) -> Option<()> {
    if !a.exists() || !b.exists() {
        return None;
    }
    std::fs::rename(a, spare).ok()?;
    std::fs::rename(b, a).ok()?;
    std::fs::rename(spare, b).ok()
}

pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().flatten() {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Somebody edits or deletes what was built; the next build is told to repair.
fn tamper(b: &mut Bench, rng: &mut Rng) -> Option<String> {
    let out = b.out();
    let files: Vec<std::path::PathBuf> = walkdir::WalkDir::new(&out)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file())
        .map(|e| e.into_path())
        .collect();
    let f = any(rng, files)?;
    b.asked.tampered = true;
    let shown = f.strip_prefix(&out).unwrap().display().to_string();
    match rng.below(3) {
        0 => {
            std::fs::remove_file(&f).unwrap();
            Some(format!("delete {shown} from the output"))
        }
        1 => {
            std::fs::write(&f, "edited").unwrap();
            Some(format!("edit {shown} in the output"))
        }
        _ => {
            std::fs::write(f.with_file_name("stray.txt"), "stray").unwrap();
            Some(format!("a stray file beside {shown}"))
        }
    }
}

/// A list of blocks for a home page.
pub fn home_blocks(column: &str, motto: bool) -> toml::Value {
    let mut list = toml::Table::new();
    list.insert("block".into(), "list".into());
    list.insert("columns".into(), vec![toml::Value::from(column)].into());
    let mut all = vec![toml::Value::from(list)];
    if motto {
        all.insert(0, "motto".into());
    }
    all.into()
}
