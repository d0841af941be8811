//! The order of the house: imports go one way, and every message has its sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const SRC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Each room, and the rooms it may use. A room that is not here may be used by `cli` alone.
const ORDER: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("config", &["base"]),
    ("content", &["base", "config"]),
    ("route", &["base", "config", "content"]),
    ("theme", &["base", "config"]),
    ("picture", &["base", "config"]),
    ("plan", &["base", "config", "content", "route", "picture"]),
    ("facts", &["base", "config", "content", "route", "theme", "picture", "plan"]),
    ("render", &["base", "config", "content", "route", "theme", "picture", "plan", "facts"]),
    ("receipts", &["base", "config", "content", "route", "theme", "picture", "plan", "facts"]),
    ("build", &["base", "config", "content", "route", "theme", "picture", "plan", "facts", "render", "receipts"]),
    ("domains", &["base", "config", "content", "route", "theme", "plan", "facts", "build"]),
    ("serve", &["base", "config", "content", "route", "theme", "picture", "plan", "facts", "render", "build"]),
    ("deploy", &["base", "config", "build"]),
    ("workshop", &["base", "config", "content", "route", "theme", "picture", "plan", "facts", "render", "build"]),
    (
        "cli",
        &[
            "base", "config", "content", "route", "theme", "picture", "plan", "facts", "render", "receipts", "build", "serve", "deploy",
            "domains", "workshop",
        ],
    ),
];

fn files() -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    for entry in walkdir::WalkDir::new(SRC).sort_by_file_name().into_iter().flatten() {
        let path = entry.into_path();
        // Tests that are too long for the file they test stand in a file or folder of that name.
        let tests = path.iter().any(|part| part == "tests" || part == "tests.rs");
        if path.extension().is_some_and(|e| e == "rs") && !tests {
            let below = path.strip_prefix(SRC).unwrap();
            let room = below.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
            all.push((room, path));
        }
    }
    all
}

fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_go_one_way() {
    let order: BTreeMap<&str, &[&str]> = ORDER.iter().copied().collect();
    let mut wrong = Vec::new();
    for (room, path) in files() {
        let Some(allowed) = order.get(room.as_str()) else { continue };
        for used in code(&path).split("crate::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name != room && !allowed.contains(&name.as_str()) && order.contains_key(name.as_str()) {
                wrong.push(format!("{}: uses {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_stands_in_the_order() {
    let known: BTreeSet<&str> = ORDER.iter().map(|(r, _)| *r).chain(["lib", "main"]).collect();
    let unknown: BTreeSet<String> = files().into_iter().map(|(room, _)| room).filter(|r| !known.contains(r.as_str())).collect();
    assert!(unknown.is_empty(), "give these rooms a place in ORDER: {unknown:?}");
}

#[test]
fn every_message_is_in_the_catalogue_and_is_used() {
    let id = regex::Regex::new(
        r#""((?:config|content|schema|markdown|shortcode|table|theme|lock|route|link|render|build|cli|serve|domains|deploy|picture|audit)\.[a-z-]+)""#,
    )
    .unwrap();
    let mut used = BTreeSet::new();
    for (_, path) in files().into_iter().filter(|(_, p)| !p.to_string_lossy().contains("/messages/")) {
        used.extend(id.captures_iter(&code(&path)).map(|c| c[1].to_owned()));
    }
    let known: BTreeSet<String> = banyan::base::messages::all().map(|m| m.id.to_owned()).collect();
    let missing: Vec<_> = used.difference(&known).filter(|i| !["theme.toml", "theme.lock"].contains(&i.as_str())).collect();
    let idle: Vec<_> = known.difference(&used).collect();
    assert!(missing.is_empty(), "no sentence for {missing:?}");
    assert!(idle.is_empty(), "nobody says {idle:?}");
}

#[test]
fn both_languages_name_the_same_arguments() {
    let argument = regex::Regex::new(r"\{([a-z_]+)\}").unwrap();
    let names = |text: &str| argument.captures_iter(text).map(|c| c[1].to_owned()).collect::<BTreeSet<_>>();
    for m in banyan::base::messages::all() {
        assert_eq!(names(m.en), names(m.zh), "{}", m.id);
        assert!(!m.zh.is_empty() && !m.en.is_empty(), "{}", m.id);
        assert_eq!(m.help_en.is_empty(), m.help_zh.is_empty(), "{}", m.id);
    }
}

#[test]
fn no_panic_is_written_where_input_goes() {
    let mut wrong = Vec::new();
    for (_, path) in files() {
        for (n, line) in code(&path).lines().enumerate() {
            if [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("].iter().any(|p| line.contains(p)) {
                wrong.push(format!("{}: {n}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
