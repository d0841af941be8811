//! The demonstration platform of 377 sites: generated, built, and looked at from outside.

use crate::support;
use std::path::Path;
use std::process::Command;

use crate::support::guangxi as generate;
use serde_json::Value as Json;

fn banyan(root: &Path, args: &[&str]) -> Json {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
    command.args(args).arg("--root").arg(root).args(["--format", "json", "--clock", "2026-11-30T08:00:00+08:00"]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn three_hundred_and_seventy_seven_sites() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("gx");
    generate(&root, &["--items", "3000", "--seed", "7"]);
    let report = banyan(&root, &["build"]);
    assert_eq!(report["outcome"], "good");
    assert_eq!(report["diagnostics"], serde_json::json!([]));
    let sites = report["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 377);
    assert!(sites.iter().all(|s| s["status"] == "built" && s["pages"].as_u64().unwrap() > 5));
    let sum = |key: &str| sites.iter().map(|s| s[key].as_u64().unwrap()).sum::<u64>();
    assert!(sum("pages") > 10_000 && sum("outputs") > 20_000, "{} pages, {} files", sum("pages"), sum("outputs"));

    // Every site has a home page, a site map, feeds, a sitemap; its own name and host on it.
    let configs = std::fs::read_dir(root.join("sites")).unwrap().count();
    assert_eq!(configs, 377, "one configuration each");
    let mut texts = std::collections::BTreeSet::new();
    for site in sites {
        let folder = root.join("public").join(site["id"].as_str().unwrap());
        let home = std::fs::read_to_string(folder.join("index.html")).unwrap();
        assert!(home.contains(site["name"].as_str().unwrap()));
        for file in ["map.html", "feed.xml", "sitemap.xml", "robots.txt", "404.html"] {
            assert!(folder.join(file).is_file(), "{}/{file}", site["id"]);
        }
        texts.insert(std::fs::read_to_string(root.join(format!("sites/{}.toml", site["id"].as_str().unwrap()))).unwrap());
    }
    assert_eq!(texts.len(), 377, "no two are alike");

    // Pages that stand on several sites: one canonical address, the same on each.
    let canonical = regex::Regex::new(r#"<link rel="canonical" href="https://([^/"]+)/([^"]*)">"#).unwrap();
    let (mut copies, mut links_between) = (0, 0);
    let hosts: std::collections::BTreeMap<String, String> = sites
        .iter()
        .map(|s| {
            let id = s["id"].as_str().unwrap().to_owned();
            let toml = std::fs::read_to_string(root.join(format!("sites/{id}.toml"))).unwrap();
            let host = toml.lines().find_map(|l| l.strip_prefix("hosts = [\"")).unwrap().split('"').next().unwrap().to_owned();
            (host, id)
        })
        .collect();
    let link = regex::Regex::new(r##"href="https://([a-z0-9.-]+\.guangxi\.example)(/[^"#]*)"##).unwrap();
    for entry in
        walkdir::WalkDir::new(root.join("public")).into_iter().flatten().filter(|e| e.path().extension().is_some_and(|x| x == "html"))
    {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let id = entry.path().strip_prefix(root.join("public")).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
        if let Some(c) = canonical.captures(&text)
            && let Some(home) = hosts.get(&c[1])
            && *home != id
        {
            copies += 1;
            let file = root.join("public").join(home).join(percent_encoding::percent_decode_str(&c[2]).decode_utf8().unwrap().as_ref());
            let file = if file.is_dir() { file.join("index.html") } else { file };
            assert!(file.is_file(), "canonical of {} is not there: {}", entry.path().display(), file.display());
        }
        for c in link.captures_iter(&text).filter(|c| hosts.get(&c[1]).is_some_and(|h| *h != id)).take(3) {
            links_between += 1;
            let below = percent_encoding::percent_decode_str(c[2].trim_start_matches('/')).decode_utf8().unwrap().into_owned();
            let file = root.join("public").join(&hosts[&c[1]]).join(below);
            let file = if file.is_dir() { file.join("index.html") } else { file };
            assert!(file.is_file(), "{} links to {}, which is not there", entry.path().display(), file.display());
        }
    }
    assert!(copies > 300, "{copies} copies of pages of other sites");
    assert!(links_between > 1_000, "{links_between} links between sites");

    // What an item's own site pushes and others pull, as explain tells it.
    let pushed = walkdir::WalkDir::new(root.join("content")).sort_by_file_name().into_iter().flatten().find(|e| {
        e.path().extension().is_some_and(|x| x == "md")
            && std::fs::read_to_string(e.path()).is_ok_and(|t| t.contains("\nsites: ") && !t.contains("draft: true"))
    });
    let path = pushed.expect("an item that is pushed").into_path();
    let told = banyan(&root, &["explain", "item", &path.strip_prefix(&root).unwrap().display().to_string()]);
    let why: Vec<&str> = told["places"].as_array().unwrap().iter().filter_map(|p| p["why"].as_str()).collect();
    assert!(why.contains(&"own") && why.iter().any(|w| w.starts_with("pushed")), "{why:?}");

    // Again: nothing is written.
    let again = banyan(&root, &["build"]);
    assert!(again["sites"].as_array().unwrap().iter().all(|s| s["written"] == 0 && s["deleted"] == 0));
}

/// The same arguments give the same platform, and any size can be asked for.
#[test]
fn the_generator_is_steady() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for dir in [&a, &b] {
        generate(&dir.path().join("p"), &["--sites", "12", "--items", "200", "--seed", "3"]);
    }
    assert!(support::tree(a.path()) == support::tree(b.path()));
    let report = banyan(&a.path().join("p"), &["build"]);
    assert_eq!(report["sites"].as_array().unwrap().len(), 12);
}
