//! Where no file changed, nothing is read, planned or asked; where a change does not reach a site, that site is not; and
//! whatever changed, it is seen.

use std::time::Duration;

use crate::support::{self, Built, Platform};

/// Files must have been left alone for two seconds before their times are believed.
fn rest() {
    std::thread::sleep(Duration::from_millis(2_200));
}

/// The last build's answer was given again: not one output was even sampled.
fn is_answered(built: &Built) -> bool {
    let sites = built.report["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 2);
    let sum = |key: &str| sites.iter().map(|s| s[key].as_u64().unwrap()).sum::<u64>();
    assert!(sum("outputs") > 10);
    sum("rendered") + sum("verified") == 0
}

#[test]
fn the_last_answer_is_given_again_until_something_changes() {
    let p = Platform::new();
    p.write("content/a/news/2026/slip.md", "---\ntitle: Slip\ndate: 2026-01-02\nnonsense: 1\n---\nText.\n");
    rest();
    let first = p.build();
    assert!(first.said().iter().any(|s| s.starts_with("content.unknown-key")));
    let again = p.build();
    assert!(is_answered(&again));
    assert_eq!(first.report["diagnostics"], again.report["diagnostics"], "warnings are said again");
    let tree = p.tree();

    let changes: &[(&str, &dyn Fn(&Platform))] = &[
        ("an item", &|p| p.write("content/a/news/2026/good.md", "---\ntitle: Better\ndate: 2026-01-01\n---\nText.\n")),
        ("a new file", &|p| p.write("content/b/news/2026/new.md", "---\ntitle: New\ndate: 2026-01-02\n---\nText.\n")),
        ("a file gone", &|p| std::fs::remove_file(p.path("content/b/news/2026/new.md")).unwrap()),
        ("a template", &|p| {
            let text = p.read("themes/mini/templates/article.html");
            p.write("themes/mini/templates/article.html", text + "<!-- more -->");
        }),
        ("the configuration", &|p| p.write("sites.toml", support::SITES.replace("name = \"B\"", "name = \"Bee\""))),
        ("redirects", &|p| p.write("redirects.csv", "site,from,to\na,/old,/news/\n")),
        ("a schema", &|p| p.write("schemas/note.toml", "label = \"Note\"\n")),
        ("the state of a site", &|p| std::fs::remove_dir_all(p.path(".banyan/manifests/a")).unwrap()),
        ("the output of a site", &|p| std::fs::remove_dir_all(p.path("public/b")).unwrap()),
        ("an interrupted build", &|p| p.write(".banyan/journal/a", "index.html\n")),
        ("the record itself", &|p| p.write(".banyan/whole", "damaged")),
    ];
    for (what, change) in changes {
        change(&p);
        let built = p.build();
        assert!(!is_answered(&built), "{what}");
        rest();
        p.build();
        assert!(is_answered(&p.build()), "after {what}");
        let clean = p.copy();
        clean.build();
        assert_eq!(p.tree(), clean.tree(), "{what}");
    }
    assert_ne!(tree, p.tree());
}

#[test]
fn the_clock_ends_it() {
    let p = Platform::new();
    p.write("content/a/news/2026/soon.md", "---\ntitle: Soon\ndate: 2026-01-02\npublishDate: 2099-01-01\n---\nText.\n");
    rest();
    let at = |clock: &str| Built::new(p.command(&["build", "--format", "json", "--clock", clock]).output().unwrap());
    at("2026-11-30T08:00:00+08:00");
    assert!(is_answered(&at("2026-12-30T08:00:00+08:00")));
    assert!(!is_answered(&at("2026-11-30T07:00:00+08:00")), "a clock set back");
    at("2026-11-30T08:00:00+08:00");
    assert!(!is_answered(&at("2099-01-01T00:00:00+08:00")));
    assert!(p.path("public/a/news/2026/soon.html").is_file());
}

/// How many sites were not reached; one of them is asked all the same, to prove it.
fn untouched(built: &Built) -> u64 {
    built.report["untouched"].as_u64().unwrap()
}

#[test]
fn a_site_that_nothing_reached_is_left_alone() {
    let p = Platform::new();
    let item = |title: &str, body: &str| format!("---\ntitle: {title}\ndate: 2026-01-01\n---\n{body}\n");
    p.write("content/a/news/2026/good.md", item("Good", "Text."));
    p.write("content/b/news/2026/link.md", item("Link", "See [it](/a/news/2026/good.md)."));
    p.write("content/b/news/2026/slip.md", "---\ntitle: Slip\ndate: 2026-01-02\nnonsense: 1\n---\nText.\n");
    let first = p.build();
    assert_eq!(untouched(&first), 0);
    let changes: &[(&str, u64, &dyn Fn(&Platform))] = &[
        ("a body that b links to", 0, &|p| p.write("content/a/news/2026/good.md", item("Good", "Another text."))),
        ("an item of a alone", 1, &|p| p.write("content/a/news/2026/own.md", item("Own", "Text."))),
        ("it again", 1, &|p| p.write("content/a/news/2026/own.md", item("Its own", "Text."))),
        ("an item of b alone", 1, &|p| p.write("content/b/news/2026/own.md", item("Own", "Text."))),
        ("the title that b leads to", 0, &|p| p.write("content/a/news/2026/good.md", item("Better", "Another text."))),
        ("an address that b leads to", 0, &|p| {
            p.write("content/a/news/2026/good.md", item("Better\nslug: elsewhere", "Another text."));
        }),
        ("the state of b", 1, &|p| p.write(".banyan/receipts/b", "damaged")),
        ("the state of b, and a", 0, &|p| {
            std::fs::remove_dir_all(p.path(".banyan/manifests/b")).unwrap();
            p.write("content/a/news/2026/own.md", item("Its very own", "Text."));
        }),
        ("the output of a", 1, &|p| std::fs::remove_dir_all(p.path("public/a")).unwrap()),
        ("an interrupted build of a", 1, &|p| p.write(".banyan/journal/a", "index.html\n")),
        ("a file beside an item of a", 1, &|p| {
            p.write("content/a/news/2026/sheet.txt", "1");
            p.write("content/a/news/2026/own.md", item("Its very own", "[Sheet](sheet.txt)."));
        }),
        ("that file", 1, &|p| p.write("content/a/news/2026/sheet.txt", "2")),
        ("a name of a site", 0, &|p| p.write("sites.toml", support::SITES.replace("name = \"B\"", "name = \"Bee\""))),
        ("the record itself", 0, &|p| p.write(".banyan/untouched", "damaged")),
    ];
    for (what, expected, change) in changes {
        change(&p);
        let built = p.build();
        assert_eq!(untouched(&built), *expected, "{what}");
        let at_rest = p.build();
        assert_eq!(untouched(&at_rest), 2, "after {what}");
        let clean = p.copy();
        let all = clean.build();
        assert_eq!(at_rest.said(), all.said(), "{what}: what was said of the state is not said again");
        assert_eq!(p.tree(), clean.tree(), "{what}");
        let said = |b: &Built| b.said().into_iter().filter(|s| !s.starts_with("build.receipts")).collect::<Vec<_>>();
        assert_eq!(said(&built), said(&all), "{what}: what was said of a site is said again");
    }
}
