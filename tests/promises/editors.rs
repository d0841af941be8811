//! An editor writes one item of each kind with `banyan new article`: the page is right the first time, and a mistake in
//! any field says how to mend it.

use std::path::Path;
use std::process::Command;

use banyan::content::{Field, FieldType, Schemas};
use serde_json::Value as Json;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The starter platform without its content.
fn platform() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for part in ["sites.toml", "sites"] {
        let done = Command::new("cp").arg("-r").arg(format!("{ROOT}/{part}")).arg(dir.path()).status().unwrap();
        assert!(done.success());
    }
    // The starter places single items by name and has themes of its own: here there are neither.
    for entry in std::fs::read_dir(dir.path().join("sites")).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let text: String = text.split("\n[[").filter(|part| !part.contains("\nitem = \"")).collect::<Vec<_>>().join("\n[[");
        let text: String = text.lines().filter(|l| !l.starts_with("theme = ")).map(|l| format!("{l}\n")).collect();
        std::fs::write(entry.path(), text).unwrap();
    }
    dir
}

fn banyan(root: &Path, args: &[&str]) -> (i32, String, Json) {
    let done = Command::new(env!("CARGO_BIN_EXE_banyan"))
        .args(args)
        .arg("--root")
        .arg(root)
        .args(["--lang", "en"])
        .env("SOURCE_DATE_EPOCH", "1795399200")
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.code().unwrap(), err, serde_json::from_slice(&done.stdout).unwrap_or_default())
}

/// A value that an editor would write.
fn good(field: &Field) -> String {
    let known = [
        ("indexNo", "990000101/2026-00012"),
        ("docNo", "云岭政发〔2026〕12号"),
        ("itemCode", "450000-000123"),
        ("phone", "0771-5550100"),
        ("complaint", "12345"),
        ("deadline", "2026-12-31"),
        ("from", "张先生"),
        ("postcode", "530000"),
    ];
    if let Some((_, value)) = known.iter().find(|(name, value)| {
        **name == *field.name && field.kind != FieldType::Date && field.pattern.as_ref().is_none_or(|p| p.is_match(value))
    }) {
        return format!("\"{value}\"");
    }
    if let Some(pattern) = &field.pattern {
        for try_this in [
            "12345",
            "0771-5550100",
            "http://x.example/a",
            "https://x.example/a",
            "2026",
            "A1",
            "450000-000123",
            "990000101/2026-00012",
            "张三",
            "1000",
        ] {
            if pattern.is_match(try_this) {
                return format!("\"{try_this}\"");
            }
        }
        panic!("no sample for {} ({pattern})", field.name);
    }
    match field.kind {
        FieldType::Choice => format!("\"{}\"", field.values[0]),
        FieldType::List if !field.values.is_empty() => format!("[\"{}\"]", field.values[0]),
        FieldType::List => "[\"第一项\", \"第二项\"]".into(),
        FieldType::Date => "2026-05-06".into(),
        FieldType::Datetime => "2026-05-06 09:30".into(),
        FieldType::Number | FieldType::Integer => "3".into(),
        FieldType::Bool => "true".into(),
        FieldType::Url => "https://x.example/".into(),
        FieldType::Email => "web@x.example".into(),
        FieldType::Phone => "0771-5550100".into(),
        FieldType::Object => "{a: b}".into(),
        FieldType::Item => "\"id:rule1\"".into(),
        FieldType::File => "\"\"".into(),
        FieldType::Text | FieldType::Longtext => "一段文字".into(),
    }
}

/// A value that the field does not take; `None`: it takes any text.
fn bad(field: &Field) -> Option<&'static str> {
    Some(match field.kind {
        _ if field.pattern.is_some() => "\"?!\"",
        FieldType::Choice => "没有这一项",
        FieldType::List if !field.values.is_empty() => "[没有这一项]",
        FieldType::Date | FieldType::Datetime => "2026-02-30",
        FieldType::Number | FieldType::Integer => "三",
        FieldType::Bool => "也许",
        FieldType::Url | FieldType::Email => "\"?!\"",
        FieldType::Object => "x",
        FieldType::Item => "\"id:nowhere\"",
        FieldType::File => "\"nowhere.pdf\"",
        FieldType::Text | FieldType::Longtext | FieldType::Phone if field.max.is_some() => return None,
        _ => return None,
    })
}

fn schemas() -> Schemas {
    Schemas::load(Path::new("/nowhere"), &mut Vec::new())
}

/// The file that `new article` wrote, with its fields filled in by `value`.
fn written(root: &Path, category: &str, value: impl Fn(&Field) -> Option<String>) -> std::path::PathBuf {
    let column = if category == "topic" { "zt" } else { "" };
    let mut args = vec!["new", "article", "一篇新的文字", "--site", "yunling", "--category", category];
    if !column.is_empty() {
        args.extend(["--column", column]);
    }
    let (code, said, _) = banyan(root, &args);
    assert_eq!(code, 0, "{category}: {said}");
    let path = std::path::PathBuf::from(said.trim());
    let text = std::fs::read_to_string(&path).unwrap();
    let schemas = schemas();
    let schema = schemas.get(schemas.find(category).unwrap());
    let mut filled = String::new();
    for line in text.lines() {
        let key = line.trim_start_matches("# ").split(':').next().unwrap_or("").to_owned();
        // A comment that explains names the label; one that stands for a key names the key.
        match schema.field(&key).and_then(&value) {
            Some(v) => filled.push_str(&format!("{key}: {v}\n")),
            None if line == "draft: true" => {}
            None => filled.push_str(&format!("{line}\n")),
        }
    }
    filled.push_str("正文。\n");
    std::fs::write(&path, filled).unwrap();
    path
}

#[test]
fn one_item_of_each_kind_is_right_the_first_time() {
    let dir = platform();
    let schemas = schemas();
    let mut pages = Vec::new();
    // What interpretations interpret.
    let rule = dir.path().join("content/yunling/zwgk/zcwj/2025/rule.md");
    std::fs::create_dir_all(rule.parent().unwrap()).unwrap();
    std::fs::write(rule, "---\nid: rule1\ntitle: 办法\ndate: 2025-01-01\nsource: 省政府\n---\n正文。\n").unwrap();
    for category in &schemas.all {
        // With the required fields alone, and again with all of them.
        let path = written(dir.path(), &category.id, |f| f.required.then(|| good(f)));
        pages.push((category.id.clone(), path.clone()));
        let renamed = path.with_file_name(format!("{}-short.md", category.id));
        let text = std::fs::read_to_string(&path).unwrap();
        let text: String = text.lines().filter(|l| !l.starts_with("id: ")).map(|l| format!("{l}\n")).collect();
        std::fs::write(&renamed, text).unwrap();
        std::fs::remove_file(&path).unwrap();
        let path = written(dir.path(), &category.id, |f| {
            (f.kind != FieldType::File && (f.required || f.kind != FieldType::Item)).then(|| good(f))
        });
        let full = path.with_file_name(format!("{}-full.md", category.id));
        std::fs::rename(&path, full).unwrap();
    }
    let (code, said, report) = banyan(dir.path(), &["build", "--format", "json"]);
    let found: Vec<String> =
        report["diagnostics"].as_array().unwrap().iter().map(|d| format!("{} {} {}", d["id"], d["place"]["file"], d["message"])).collect();
    assert_eq!((code, found), (0, vec![]), "{said}");
    for (category, path) in &pages {
        let year = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let column = path.parent().unwrap().parent().unwrap().strip_prefix(dir.path().join("content/yunling")).unwrap().to_owned();
        for which in ["short", "full"] {
            let page = dir.path().join("public/yunling").join(&column).join(&year).join(format!("{category}-{which}.html"));
            let html = std::fs::read_to_string(&page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
            assert!(html.contains("一篇新的文字") && html.contains("name=\"ArticleTitle\""), "{category}");
        }
    }
    assert_eq!(pages.len(), 13);
}

#[test]
fn a_mistake_in_a_field_says_how_to_mend_it() {
    let schemas = schemas();
    let mut tried = 0;
    for category in &schemas.all {
        let wrong: Vec<&Field> = category.fields.iter().filter(|f| bad(f).is_some()).collect();
        if wrong.is_empty() {
            continue;
        }
        let dir = platform();
        written(dir.path(), &category.id, |f| bad(f).map(str::to_owned).or_else(|| f.required.then(|| good(f))));
        let (_, _, findings) = banyan(dir.path(), &["check", "--format", "json"]);
        for field in wrong {
            let hit = findings
                .as_array()
                .unwrap()
                .iter()
                .find(|d| d["message"].as_str().is_some_and(|m| m.contains(&format!("`{}`", field.name))));
            let hit = hit.unwrap_or_else(|| panic!("{}: nothing is said of {} = {:?}: {findings:#}", category.id, field.name, bad(field)));
            assert!(hit["place"]["line"].as_u64().unwrap() > 0, "{}", hit["message"]);
            let help = hit["help"].as_array().unwrap();
            assert!(!help.is_empty() || field.kind == FieldType::Item, "{}: {} says not how to mend it", category.id, hit["message"]);
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried} fields tried");
}
