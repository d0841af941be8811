//! How much a build does after a named edit, with the standard themes: its work follows the change, not the size of the
//! platform. A count that grows says that some page reads more than it shows.

use std::collections::BTreeSet;

use crate::world::content::Article;
use crate::world::edits::{edit_article, edit_toml, table, tables};
use crate::world::{self, Bench, Files};
use banyan::build::{Front, Silent, Status, Use};
use banyan::plan::SitePlan;
use banyan::plan::site::ThemeOutputs;

const PLATFORM: &str = r#"
[platform]
name = "Realm"

[tiers.city]
label = "City"
theme = "city"
identity = "optional"

[tiers.county]
label = "County"
theme = "county"
identity = "optional"

[[defaults.column]]
id = "xw"
name = "News"

[[defaults.column]]
id = "xw/yw"
name = "Headlines"

[[defaults.column]]
id = "zwgk"
name = "Government"

[[defaults.column]]
id = "zwgk/tzgg"
name = "Notices"

[[defaults.column]]
id = "zwgk/zcwj"
name = "Policy"

[defaults.blocks.columns]
columns = ["xw/yw", "zwgk/tzgg"]

[[site]]
id = "city"
name = "The City"
tier = "city"
hosts = ["city.example"]

[[site.accept]]
from = ["*"]

[[site]]
id = "north"
name = "North County"
tier = "county"
parent = "city"
hosts = ["north.example"]

[[site]]
id = "south"
name = "South County"
tier = "county"
parent = "city"
hosts = ["south.example"]
"#;

/// An item of a day: number 0 is the oldest.
fn item(n: usize) -> Article {
    let (year, month, day) = (2019 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
    let a = Article::new(&format!("Item {n}")).with("id", format!("item-{n}")).with("date", format!("{year}-{month:02}-{day:02}"));
    a.with("summary", format!("About {n}")).with("category", "news").body(&format!("Body of {n}.\n"))
}

fn path(site: &str, column: &str, n: usize) -> String {
    format!("content/{site}/{column}/{}/item{n}.md", 2019 + n / 336)
}

/// `count` items in the headlines of north, the first and the last of them with two tags; a few elsewhere.
fn platform(count: usize) -> Bench {
    let mut files = Files::default();
    files.put("sites.toml", PLATFORM);
    for n in 0..count {
        let tags: &[&str] = if n < 3 || n + 3 > count { &["water", "roads"] } else { &[] };
        let tags: toml::Value = tags.iter().map(|t| toml::Value::from(*t)).collect::<Vec<_>>().into();
        files.put(path("north", "xw/yw", n), item(n).with("tags", tags).text());
    }
    for (k, site) in ["city", "south"].into_iter().enumerate() {
        for n in 0..6 {
            let a = item(n).with("id", format!("{site}-{n}")).with("title", format!("{site} {n}"));
            files.put(path(site, ["xw/yw", "zwgk/tzgg"][k], n), a.text());
        }
    }
    let bench = Bench::new(&files);
    let first = bench.build().unwrap();
    let said: Vec<String> = first.diagnostics.iter().map(|d| serde_json::to_string(d).unwrap()).collect();
    assert!(first.sites.iter().all(|s| s.status == Status::Built), "{}", said.join("\n"));
    bench
}

/// Whatever their paths are: the words of a large site are not all in memory.
#[test]
fn pages_that_show_the_same_items_are_made_one_after_another() {
    let bench = platform(60);
    let front = Front::load(&bench.root(), bench.moment, Use::Look, &Silent);
    let world = front.world.unwrap();
    let north = world.platform.find_site("north").unwrap();
    let theme = ThemeOutputs { assets: &[], statics: &[], tokens: None };
    let plan = SitePlan::new(&world.sources(), &theme, north, &mut Vec::new());
    let mut order: Vec<(u32, ())> = (0..plan.outputs.len() as u32).map(|at| (at, ())).collect();
    plan.in_order_of_lists(world.routes.site(north), &mut order);
    let made: Vec<&str> = order.iter().map(|(at, ())| &*plan.outputs[*at as usize].path).collect();
    let items: Vec<String> = (0..60).rev().map(|n| format!("xw/yw/2019/item{n}.html")).collect();
    let found: Vec<&&str> = made.iter().filter(|path| path.contains("/item")).collect();
    assert!(found.iter().map(|p| **p).eq(items.iter().map(String::as_str)), "{found:#?}");
    // A block stands before the newest item that it shows: the second holds items 20 to 39.
    let place = |path: &str| made.iter().position(|p| *p == path).unwrap();
    let block = place("xw/yw/2019/2.html");
    assert!(block < place("xw/yw/2019/item39.html") && block > place("xw/yw/2019/item40.html"), "{made:#?}");
}

/// What the next build does: outputs rendered, with the reasons; how many files are not what they were; how many go.
struct Work {
    rendered: BTreeSet<String>,
    reasons: Vec<String>,
    written: usize,
    deleted: usize,
}

/// Builds, and checks that the outputs rendered are those that `plan` names.
fn work(bench: &Bench) -> Work {
    let reasons = bench.stale();
    let rendered: BTreeSet<String> = reasons.iter().map(|r| r.split("  ").next().unwrap().to_owned()).collect();
    let report = bench.build().unwrap();
    assert!(report.sites.iter().all(|s| s.status == Status::Built));
    let count: usize = report.sites.iter().map(|s| s.rendered).sum();
    assert_eq!(count, rendered.len(), "`plan` says {reasons:#?}");
    let sum = |of: fn(&banyan::build::SiteReport) -> usize| report.sites.iter().map(of).sum();
    Work { rendered, reasons, written: sum(|s| s.written), deleted: sum(|s| s.deleted) }
}

impl Work {
    fn of(&self, site: &str) -> Vec<&str> {
        self.rendered.iter().filter_map(|r| r.strip_prefix(&format!("{site}/"))).collect()
    }
}

fn print(what: &str, w: &Work) {
    println!("{what}: {} rendered, {} written, {} deleted", w.rendered.len(), w.written, w.deleted);
    w.reasons.iter().take(40).for_each(|r| println!("    {r}"));
}

#[test]
fn nothing_changed() {
    let bench = platform(30);
    let w = work(&bench);
    assert_eq!((w.rendered.len(), w.written, w.deleted), (0, 0, 0), "{:#?}", w.reasons);
}

#[test]
fn a_body_is_that_of_its_own_pages() {
    let mut bench = platform(30);
    edit_article(&mut bench, &path("north", "xw/yw", 10), |a| a.body = "Another body.\n".into()).unwrap();
    let w = work(&bench);
    print("body", &w);
    assert_eq!(w.rendered, ["north/xw/yw/2019/item10.html".to_owned()].into(), "{:#?}", w.reasons);
}

/// The item is also on the site of the city, where it was pushed: two pages.
#[test]
fn a_body_on_two_sites() {
    let mut bench = platform(30);
    let file = path("north", "xw/yw", 10);
    edit_article(&mut bench, &file, |a| _ = a.fields.insert("sites".into(), vec![toml::Value::from("city")].into())).unwrap();
    bench.build().unwrap();
    edit_article(&mut bench, &file, |a| a.body = "Another body.\n".into()).unwrap();
    let w = work(&bench);
    let wanted = ["city/xw/yw/2019/item10.html", "north/xw/yw/2019/item10.html"];
    assert_eq!(w.rendered, wanted.into_iter().map(str::to_owned).collect(), "{:#?}", w.reasons);
}

/// Of an old item: its page, its block of the list, its two neighbours; not the home page, not the front of the column, no
/// feed.
#[test]
fn a_title_of_an_old_item() {
    let mut bench = platform(60);
    edit_article(&mut bench, &path("north", "xw/yw", 10), |a| _ = a.fields.insert("title".into(), "Another".into())).unwrap();
    let w = work(&bench);
    print("old title", &w);
    let wanted = ["10", "11", "9"].map(|n| format!("north/xw/yw/2019/item{n}.html"));
    let wanted: BTreeSet<String> = wanted.into_iter().chain(["north/xw/yw/2019/1.html".to_owned()]).collect();
    assert_eq!(w.rendered, wanted, "{:#?}", w.reasons);
}

/// Pages that have nothing to do with the item are not even asked: all but its own, its neighbours', and those that name it as
/// related, being newer under its tag.
#[test]
fn pages_far_from_an_edit_are_not_asked() {
    let mut bench = platform(60);
    for (n, near) in [(30, 3), (1, 5)] {
        let title = |a: &mut Article| _ = a.fields.insert("title".into(), format!("Another {n}").into());
        edit_article(&mut bench, &path("north", "xw/yw", n), title).unwrap();
        let report = bench.build().unwrap();
        let north = report.sites.iter().find(|s| s.id == "north").unwrap();
        assert_eq!(north.rested, 60 - near, "item {n}");
    }
}

/// Of one of the newest items: also the fronts of its columns, the home page and the feeds.
#[test]
fn a_title_of_a_new_item() {
    let mut bench = platform(60);
    edit_article(&mut bench, &path("north", "xw/yw", 56), |a| _ = a.fields.insert("title".into(), "Another".into())).unwrap();
    let w = work(&bench);
    print("new title", &w);
    assert!(w.of("city").is_empty() && w.of("south").is_empty(), "{:#?}", w.reasons);
    let wanted = [
        "feed.json",
        "feed.xml",
        "index.html",
        "xw/feed.xml",
        "xw/index.html",
        "xw/yw/2019/3.html",
        "xw/yw/2019/item55.html",
        "xw/yw/2019/item56.html",
        "xw/yw/2019/item57.html",
        "xw/yw/feed.xml",
        "xw/yw/index.html",
    ];
    assert_eq!(w.of("north"), wanted, "{:#?}", w.reasons);
}

/// However many items the column has. Ten: its page, its older neighbour, the newest block, front and feed of its column,
/// home page, both feeds of the site, the part of the sitemap and the index of parts. Two for each column above: front and
/// feed. Two for each tag: front and block. A tag that nothing had is also on the page of all tags.
#[test]
fn a_new_item_costs_the_same_however_many_there_are() {
    for (count, names) in [(10, ["water", "roads"]), (200, ["water", "roads"]), (2_000, ["water", "roads"]), (200, ["new", "newer"])] {
        let mut bench = platform(count);
        let tags = names.map(toml::Value::from).to_vec();
        bench.set(&path("north", "xw/yw", count), item(count).with("tags", tags).text());
        let w = work(&bench);
        print(&format!("new among {count}"), &w);
        let (column_above, tags) = (2, 2 * 2 + usize::from(names[0] == "new"));
        // One that opens a block of its year: the block before it leads on to it.
        let opens = usize::from(count % 336 % 20 == 0);
        assert!(w.written <= 10 + opens + column_above + tags, "among {count}: {} written {:#?}", w.written, w.reasons);
        assert_eq!(w.rendered.len(), w.written, "among {count}: rendered in vain {:#?}", w.reasons);
        assert!(w.of("city").is_empty() && w.of("south").is_empty(), "{:#?}", w.reasons);
    }
}

/// A county's own template: the pages of that county only.
#[test]
fn an_override_is_that_of_its_county() {
    let mut bench = platform(30);
    bench.set("themes/own/theme.toml", "label = \"own\"\nextends = \"county\"\n");
    edit_toml(&mut bench, "sites.toml", |t| {
        let north = tables(t, "site").iter_mut().find(|s| s["id"].as_str() == Some("north")).unwrap();
        north.as_table_mut().unwrap().insert("theme".into(), "own".into());
    });
    bench.build().unwrap();
    let text = "{% extends \"^article.html\" %}\n{% block main %}own {{ super() }}{% endblock %}\n";
    bench.set("themes/own/templates/article.html", text);
    let w = work(&bench);
    print("override", &w);
    assert!(w.of("city").is_empty() && w.of("south").is_empty(), "{:#?}", w.reasons);
    assert!(w.of("north").iter().all(|p| p.contains("/item")), "{:#?}", w.reasons);
    assert_eq!(w.of("north").len(), 30);
}

#[test]
fn a_setting_of_one_site_touches_no_other() {
    let changes: [fn(&mut toml::Table); 5] = [
        |s| _ = s.insert("description".into(), "Another".into()),
        |s| _ = s.insert("page_size".into(), 7.into()),
        |s| _ = table(s, "params").insert("hotline".into(), "12345".into()),
        |s| _ = table(s, "identity").insert("phone".into(), "123".into()),
        |s| _ = table(s, "tokens").insert("color-primary".into(), "teal".into()),
    ];
    for change in changes {
        let mut bench = platform(30);
        edit_toml(&mut bench, "sites.toml", |t| {
            let north = tables(t, "site").iter_mut().find(|s| s["id"].as_str() == Some("north")).unwrap();
            change(north.as_table_mut().unwrap());
        });
        let w = work(&bench);
        assert!(w.of("city").is_empty() && w.of("south").is_empty(), "{:#?}", w.reasons);
        assert!(!w.of("north").is_empty());
    }
}

#[test]
fn a_token_is_one_file() {
    let mut bench = platform(30);
    edit_toml(&mut bench, "sites.toml", |t| _ = table(table(t, "defaults"), "tokens").insert("radius".into(), "9px".into()));
    let w = work(&bench);
    print("token", &w);
    assert_eq!(w.rendered, ["city", "north", "south"].map(|s| format!("{s}/assets/tokens.css")).into(), "{:#?}", w.reasons);
}

/// A template of the base in the platform's own hands: the pages that use it.
#[test]
fn a_template_of_the_base() {
    let mut bench = platform(30);
    let text = |name: &str| std::fs::read_to_string(format!("{}/themes/base/templates/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    bench.set("themes/base/templates/404.html", text("404.html") + "{# changed #}\n");
    bench.set("themes/base/templates/tags.html", text("tags.html") + "{# changed #}\n");
    let w = work(&bench);
    print("template", &w);
    // Only north has tags.
    let wanted = ["city/404.html", "north/404.html", "north/tags/index.html", "south/404.html"];
    assert_eq!(w.rendered, wanted.into_iter().map(str::to_owned).collect(), "{:#?}", w.reasons);
}

/// One thread or many, one root or another: the same trees, manifests and receipts.
#[test]
fn threads_and_places_leave_no_trace() {
    let files = world::world(0);
    let built = |jobs: usize| {
        let mut bench = Bench::new(&files);
        bench.asked.jobs = jobs;
        bench.build().unwrap();
        let below = |name: &str| world::bench::tree(&bench.state().join(name));
        (world::bench::tree(&bench.out()), below("manifests"), below("receipts"))
    };
    // Each has a root of its own.
    let (one, many, again) = (built(1), built(16), built(16));
    for other in [many, again] {
        world::bench::same_trees("output", &other.0, &one.0).unwrap();
        world::bench::same_trees("manifests", &other.1, &one.1).unwrap();
        world::bench::same_trees("receipts", &other.2, &one.2).unwrap();
    }
}
