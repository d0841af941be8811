//! The tools of theme designers: the tutorial as it stands, what `theme check` says of the standard themes, the gallery.

use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn banyan(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
    command.args(args).args(["--lang", "en"]).current_dir(folder).env("SOURCE_DATE_EPOCH", "1795399200").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

/// docs/themes.md from its first step to its last: files are written, commands run, and what it says of them is true.
#[test]
fn the_tutorial_works_as_described() {
    let dir = tempfile::tempdir().unwrap();
    let mut at = dir.path().to_owned();
    let text = std::fs::read_to_string(format!("{ROOT}/docs/themes.md")).unwrap();
    let tutorial = text.split("\n## Layers").next().unwrap();
    let step = regex::Regex::new(r"(?ms)^(?:`([^`\n]+)`:\n\n)?```([a-z]+)\n(.*?)^```").unwrap();
    let (mut files, mut commands, mut texts, mut last) = (0, 0, 0, String::new());
    for c in step.captures_iter(tutorial) {
        if let Some(file) = c.get(1) {
            let path = at.join(file.as_str());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &c[3]).unwrap();
            files += 1;
            continue;
        }
        if &c[2] == "text" {
            assert!(last.contains(c[3].trim_end()), "{}\n{last}", &c[3]);
            texts += 1;
            continue;
        }
        last.clear();
        for line in c[3].lines().filter_map(|l| l.strip_prefix("$ ")) {
            if let Some(folder) = line.strip_prefix("cd ") {
                at = at.join(folder);
                continue;
            }
            let (line, code) = line.split_once("  # exit ").map_or((line, 0), |(l, c)| (l, c.trim().parse().unwrap()));
            let done = banyan(&at, &line.split(' ').skip(1).collect::<Vec<_>>());
            last += &said(&done);
            assert_eq!(done.status.code(), Some(code), "{line}: {}", said(&done));
            assert!(code != 0 || !said(&done).contains("error["), "{line}: {}", said(&done));
            commands += 1;
        }
        if last.contains("lock.block") {
            std::fs::remove_file(at.join("themes/hills/templates/404.html")).unwrap();
        }
    }
    assert_eq!((files, texts), (8, 2));
    assert!(commands >= 11, "{commands}");
    assert!(last.contains("0 have drifted, 0 are not recorded"), "{last}");
    // As the reader is told to look at it.
    let pages: String = walkdir::WalkDir::new(at.join("public/xishan"))
        .into_iter()
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|e| e == "html"))
        .map(|e| std::fs::read_to_string(e.path()).unwrap())
        .collect();
    assert!(pages.contains("hills-motto") && pages.contains("转载请注明来源：西山县人民政府"));
    assert!(at.join("gallery/index.html").is_file());
    // Nothing is left to be said of the finished theme.
    let done = banyan(&at, &["theme", "check", "hills", "--strict"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}

/// The theme that `new theme` writes is whole: it builds, it breaks nothing, and it is recorded.
#[test]
fn a_new_theme_works_in_each_tier() {
    let dir = tempfile::tempdir().unwrap();
    assert!(banyan(dir.path(), &["init", "p"]).status.success());
    let root = dir.path().join("p");
    for (parent, site) in [("county", "xishan"), ("city", "qinghe")] {
        let name = format!("my-{parent}");
        let done = banyan(&root, &["new", "theme", &name, "--extends", parent, "--site", site]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let config = std::fs::read_to_string(root.join(format!("sites/{site}.toml"))).unwrap();
        assert!(config.starts_with(&format!("theme = \"{name}\"\n")), "{config}");
    }
    // A theme of a layer, for no site yet; the line is told.
    let done = banyan(&root, &["new", "theme", "mine", "--extends", "my-county"]);
    assert!(said(&done).contains("theme = \"mine\""), "{}", said(&done));
    let done = banyan(&root, &["theme", "check", "--strict"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(said(&done).contains("3 sample sites"), "{}", said(&done));
    let done = banyan(&root, &["theme", "drift"]);
    assert!(said(&done).contains("0 have drifted, 0 are not recorded"), "{}", said(&done));
    let done = banyan(&root, &["build"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    // Another line in the place of the old one.
    assert!(banyan(&root, &["new", "theme", "other", "--extends", "county", "--site", "xishan"]).status.success());
    let config = std::fs::read_to_string(root.join("sites/xishan.toml")).unwrap();
    assert_eq!(config.matches("theme = ").count(), 1, "{config}");
    for (args, message) in [
        (&["new", "theme", "mine", "--extends", "county"][..], "cli.exists"),
        (&["new", "theme", "../x", "--extends", "county"], "theme.name"),
        (&["new", "theme", "x", "--extends", "countyy"], "theme.no-layer"),
        (&["new", "theme", "x", "--extends", "city", "--site", "xishan"], "theme.not-of-tier"),
        (&["new", "theme", "x", "--extends", "city", "--site", "xishann"], "config.unknown-site"),
    ] {
        let done = banyan(&root, args);
        assert!(done.status.code() == Some(2) && said(&done).contains(message), "{args:?}: {}", said(&done));
        assert!(!root.join("themes/x").exists());
    }
}

/// The standard themes, and the overlays of the starter platform, keep the contract.
#[test]
fn the_standard_themes_keep_the_contract() {
    let done = banyan(Path::new(ROOT), &["theme", "check", "--strict"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}

/// Every kind of page and every block at every width, and every address in it leads to a file of the gallery.
#[test]
fn the_gallery_opens_from_a_disk() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("gallery");
    let done = banyan(Path::new(ROOT), &["theme", "gallery", "nanshan", "--out", out.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let index = std::fs::read_to_string(out.join("index.html")).unwrap();
    for kind in ["home", "column", "archive", "news", "notice", "policy", "tags", "tag", "site-map", "404"] {
        assert!(index.contains(&format!("-{kind}\">{kind}</h3>")), "{kind}");
    }
    for layer in ["base", "nanshan"] {
        for file in std::fs::read_dir(Path::new(ROOT).join("themes").join(layer).join("templates/blocks")).unwrap().flatten() {
            let name = file.path().file_stem().unwrap().to_string_lossy().into_owned();
            // This overlay has emptied its banner; a county has no figures, and no sites below it.
            let shown = !["banner", "data", "sites"].contains(&&*name);
            assert_eq!(index.contains(&format!(">block {name}</h3>")), shown, "{name}");
        }
    }
    assert!(index.contains("Blocks that have nothing to show here: banner, data, sites"), "{index}");
    let site = std::fs::read_dir(&out).unwrap().flatten().find(|d| d.path().is_dir()).unwrap();
    let lead = std::fs::read_to_string(site.path().join("gallery-blocks/lead.html")).unwrap();
    assert!(lead.contains("class=\"home\"") && lead.contains("lead-list") && lead.contains("tier."), "{lead}");
    assert!(!lead.contains("site-header") && !lead.contains("panel services") && !lead.contains("data-banyan"), "{lead}");
    for width in [360, 768, 1366] {
        assert!(index.contains(&format!("width=\"{width}\"")));
    }
    assert!(index.contains("header_local") && index.contains("locked by base"));
    let address = regex::Regex::new(r#"<(?:link|script|img|iframe|a|source)\b[^>]*?\s(?:href|src)="([^"]*)""#).unwrap();
    let (mut looked, mut dead) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(&out).into_iter().flatten().filter(|e| e.path().extension().is_some_and(|e| e == "html")) {
        let html = std::fs::read_to_string(entry.path()).unwrap();
        assert!(!html.contains("integrity=") && !html.contains("Content-Security-Policy"), "{}", entry.path().display());
        for c in address.captures_iter(&html).filter(|c| !c[1].contains(':') && !c[1].starts_with('#')) {
            let plain = c[1].split(['#', '?']).next().unwrap().replace("&amp;", "&");
            let plain = percent_encoding::percent_decode_str(&plain).decode_utf8().unwrap().into_owned();
            let target = entry.path().parent().unwrap().join(&plain);
            looked += 1;
            if plain.starts_with('/') || !target.is_file() {
                dead.push(format!("{}: {}", entry.path().display(), &c[1]));
            }
        }
    }
    assert!(looked > 500 && dead.is_empty(), "{looked} {:#?}", &dead[..dead.len().min(20)]);
    let again = banyan(Path::new(ROOT), &["theme", "gallery", "nanshan", "--out", out.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    // What it did not make itself stays.
    std::fs::write(out.join("mine.txt"), "mine").unwrap();
    std::fs::write(out.join("nanshan-old.html"), "mine").unwrap();
    let again = banyan(Path::new(ROOT), &["theme", "gallery", "nanshan", "--out", out.to_str().unwrap()]);
    assert!(again.status.code() == Some(0) && out.join("mine.txt").is_file() && out.join("nanshan-old.html").is_file());
    std::fs::remove_file(out.join(".banyan-gallery")).unwrap();
    let refused = banyan(Path::new(ROOT), &["theme", "gallery", "nanshan", "--out", out.to_str().unwrap()]);
    assert!(said(&refused).contains("theme.gallery-exists") && refused.status.code() == Some(2), "{}", said(&refused));
}
