//! The documentation names all there is: a setting, key, variable or function that is not described is a failure.

use banyan::config::spec::{self, Kind, Spec};

fn doc(name: &str) -> String {
    std::fs::read_to_string(format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn missing<'a>(text: &str, names: impl Iterator<Item = String> + 'a) -> Vec<String> {
    names.filter(|n| !text.contains(&format!("`{n}`"))).collect()
}

fn keys(specs: &'static [Spec]) -> Vec<String> {
    let mut all = Vec::new();
    for s in specs {
        all.push(s.key.to_owned());
        if let Kind::Section(inner) | Kind::Tables(inner) = s.kind {
            all.extend(keys(inner));
        }
    }
    all
}

#[test]
fn every_setting_is_described() {
    let text = doc("configuration.md");
    let all = [
        spec::PLATFORM,
        spec::PICTURES,
        spec::TIER,
        spec::SITE,
        spec::OWNER,
        spec::MOUNT,
        spec::DEPLOY,
        spec::DEPLOY_TARGET,
        spec::DOMAINS,
    ]
    .into_iter()
    .flat_map(keys);
    assert_eq!(missing(&text, all), Vec::<String>::new());
}

#[test]
fn every_key_of_an_item_is_described() {
    let text = doc("content.md");
    let known = banyan::content::build::KNOWN.iter().map(|k| (*k).to_owned());
    let schema = [banyan::content::schema::SCHEMA, banyan::content::schema::FIELD].into_iter().flat_map(keys);
    assert_eq!(missing(&text, known.chain(schema)), Vec::<String>::new());
}

#[test]
fn every_field_of_every_category_is_described() {
    let text = doc("content.md");
    let schemas = banyan::content::Schemas::load(std::path::Path::new("/nowhere"), &mut Vec::new());
    assert_eq!(schemas.all.len(), 13);
    for category in &schemas.all {
        assert_eq!(missing(&text, category.fields.iter().map(|f| f.name.to_string())), Vec::<String>::new(), "{}", category.id);
    }
}

#[test]
fn every_variable_function_and_filter_is_described() {
    use banyan::render::{FILTERS, FUNCTIONS, GLOBALS, OBJECTS};
    let text = doc("templates.md");
    let variables = OBJECTS.into_iter().flat_map(|(name, keys)| keys.iter().map(move |k| format!("{name}.{k}")));
    assert_eq!(missing(&text, variables), Vec::<String>::new());
    let plain = FILTERS.iter().chain(GLOBALS).map(|n| (*n).to_owned());
    assert_eq!(missing(&text, plain), Vec::<String>::new());
    let calls: Vec<_> = FUNCTIONS.iter().filter(|f| !text.contains(&format!("`{f}("))).collect();
    assert!(calls.is_empty(), "{calls:?}");
}

/// Links between the documents lead somewhere.
#[test]
fn links_of_the_documentation_lead_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let link = regex::Regex::new(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)").unwrap();
    let docs = walkdir::WalkDir::new(root.join("docs")).into_iter().flatten().map(|e| e.into_path());
    let code = regex::Regex::new(r"`[^`\n]*`").unwrap();
    let mut dead = Vec::new();
    for path in docs.chain(["README.md", "CONTRIBUTING.md"].map(|f| root.join(f))).filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(&path).unwrap();
        // Examples in code blocks are about somebody's own files.
        let prose: String = text.split("```").step_by(2).collect();
        let prose = code.replace_all(&prose, "").into_owned();
        for c in link.captures_iter(&prose) {
            let target = path.parent().unwrap().join(&c[1]);
            if !target.exists() {
                dead.push(format!("{}: {}", path.display(), &c[1]));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

/// docs/own-category.md, done as it says.
#[test]
fn a_category_of_your_own_works_as_described() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("p");
    let run = |args: &[&str]| std::process::Command::new(env!("CARGO_BIN_EXE_banyan")).args(args).args(["--lang", "en"]).output().unwrap();
    assert!(run(&["init", root.to_str().unwrap()]).status.success());
    let text = doc("own-category.md");
    let file = regex::Regex::new(r"(?ms)^`([^`\n]+)`( \(added at its end\))?:\n\n```[a-z]+\n(.*?)^```").unwrap();
    let mut written = 0;
    for c in file.captures_iter(&text) {
        let path = root.join(&c[1]);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = if c.get(2).is_some() { std::fs::read_to_string(&path).unwrap() } else { String::new() };
        std::fs::write(&path, before + &c[3]).unwrap();
        written += 1;
    }
    assert_eq!(written, 5);
    let site = root.join("sites/qinghe.toml");
    let config = std::fs::read_to_string(&site).unwrap();
    std::fs::write(&site, format!("theme = \"qinghe\"\n{config}")).unwrap();
    let build = || run(&["build", "--root", root.to_str().unwrap(), "--quiet", "--clock", "2026-11-25T09:00:00+08:00"]);
    let done = build();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && said.is_empty(), "{said}");
    let page = std::fs::read_to_string(root.join("public/qinghe/gy/2026/renmin-gongyuan.html")).unwrap();
    assert!(page.contains("人民公园：12.5 公顷，6:00—22:00 开放") && page.contains("园内有湖"));
    let item = root.join("content/qinghe/gy/2026/renmin-gongyuan.md");
    let wrong = std::fs::read_to_string(&item).unwrap().replace("6:00—22:00", "all day");
    std::fs::write(&item, wrong).unwrap();
    let said = String::from_utf8_lossy(&build().stderr).into_owned();
    assert!(said.contains("error[schema.no-match]: `opens` (Opening hours): `all day` has not the form asked for"), "{said}");
    assert!(said.contains("Such as 6:00—22:00"), "{said}");
}
