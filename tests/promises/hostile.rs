//! What a hostile author of one site tries: neither the build nor another site falls with it.

use crate::support::{self, Platform, SITES};

/// Site a has an overlay with `template` in its article.html.
fn overlay(files: &[(&str, String)]) -> support::Built {
    let p = Platform::new();
    p.write("themes/own/theme.toml", "label = \"own\"\nextends = \"mini\"\n");
    for (name, text) in files {
        p.write(&format!("themes/own/templates/{name}"), text);
    }
    p.write("sites.toml", SITES.replacen("hosts = [\"a.example\"]", "hosts = [\"a.example\"]\ntheme = \"own\"", 1));
    let built = p.build();
    assert_eq!((built.status("a"), built.status("b")), ("kept".into(), "built".into()), "{:?} {}", built.said(), built.stderr);
    built
}

#[test]
fn a_fragment_that_calls_itself_is_an_error() {
    let one = overlay(&[("f.html", "{{ fragment(\"f.html\") }}".into()), ("article.html", "{{ fragment(\"f.html\") }}".into())]);
    assert!(!one.said().is_empty());
    let two = [
        ("f.html", "{{ fragment(\"g.html\") }}".into()),
        ("g.html", "{{ fragment(\"f.html\") }}".into()),
        ("article.html", "{{ fragment(\"f.html\") }}{{ fragment(\"g.html\") }}".into()),
    ];
    overlay(&two);
}

#[test]
fn templates_that_nest_without_end() {
    overlay(&[("article.html", format!("{{{{ 1{} }}}}", "+1".repeat(200_000)))]);
    overlay(&[("article.html", format!("{{{{ 1{} }}}}", "+x".repeat(15_000)))]);
    overlay(&[("article.html", format!("{{{{ site{} }}}}", ".a".repeat(15_000)))]);
}

#[test]
fn files_that_a_browser_or_a_server_would_run() {
    let p = Platform::new();
    for name in ["e.html", "e.js", "e.php", "e.svg", ".htaccess"] {
        p.write(&format!("content/a/news/2026/bundle/{name}"), "x");
    }
    p.write("content/a/news/2026/bundle/index.md", "---\ntitle: B\ndate: 2026-01-02\nsites: [b]\n---\nText.\n");
    let built = p.build();
    assert_eq!(built.said().iter().filter(|s| s.starts_with("content.attachment-type")).count(), 4, "{:?}", built.said());
    assert_eq!((built.status("a"), built.status("b")), ("kept".into(), "built".into()));
    p.write("content/a/news/2026/bundle/index.md", "---\ntitle: B\nurl: /.htaccess\n---\nText.\n");
    assert!(p.build().said().iter().any(|s| s.starts_with("content.url")));
}

/// The output folder is another one now, though it is called the same.
#[test]
fn state_belongs_to_one_folder() {
    let p = Platform::new();
    let (one, two) = (p.path("one"), p.path("two"));
    std::fs::create_dir(&one).unwrap();
    std::os::unix::fs::symlink(&one, p.path("public")).unwrap();
    assert_eq!(p.build().code, 0);
    assert!(std::process::Command::new("cp").arg("-r").arg(&one).arg(&two).status().unwrap().success());
    p.write("content/a/news/2026/good.md", "---\ntitle: Changed\ndate: 2026-01-01\n---\nText.\n");
    assert_eq!(p.build().code, 0);
    std::fs::remove_file(p.path("public")).unwrap();
    std::os::unix::fs::symlink(&two, p.path("public")).unwrap();
    assert_eq!(p.build().code, 0);
    assert!(support::tree(&one) == support::tree(&two));
}

/// A file in the place of a site's folder.
#[test]
fn a_file_in_the_place_of_a_site() {
    let p = Platform::new();
    assert_eq!(p.build().code, 0);
    let wanted = p.tree();
    std::fs::remove_dir_all(p.path("public/a")).unwrap();
    p.write("public/a", "a file");
    assert_eq!(p.build().code, 0);
    assert!(p.tree() == wanted);
    p.check_manifests();
}

/// What a page says does not depend on how much else there is.
#[test]
fn a_summary_is_cut_in_one_way() {
    let page = |items: usize| {
        let p = Platform::new();
        let table = format!("| a | b |\n|---|---|\n{}", "| cell | cell |\n".repeat(2_000));
        p.write("content/a/news/2026/long.md", format!("---\ntitle: Long\ndate: 2026-01-01\n---\n{table}\nAfter the table.\n"));
        let filler = "word ".repeat(1_500_000);
        (0..items)
            .for_each(|i| p.write(&format!("content/a/news/2026/fill{i}.md"), format!("---\ntitle: F{i}\ndraft: true\n---\n{filler}\n")));
        assert_eq!(p.build().code, 0);
        p.read("public/a/feed.json")
    };
    assert_eq!(page(0), page(11));
    assert!(page(0).contains("After the table."));
}

#[test]
fn many_dead_links_and_words_cost_what_they_should() {
    let p = Platform::new();
    p.write("content/a/news/2026/links.md", format!("---\ntitle: L\ndate: 2026-01-01\n---\n{}", "[a](b)\n".repeat(20_000)));
    let words: Vec<String> = (0..100_000).map(|i| format!("w{i}")).collect();
    p.write("content/b/news/2026/news.jsonl", serde_json::json!({"id": "r", "title": "R", "keywords": words, "draft": true}).to_string());
    let built = p.build();
    assert_eq!(built.said().iter().filter(|s| s.starts_with("link.dead")).count(), 50);
}

/// A text that doubles ends before it has eaten the machine. What is made inside one step of the engine is not paid for:
/// [`a_page_that_does_not_end`].
#[test]
fn a_text_that_grows_without_end_costs_little_memory() {
    let grow = [
        "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s|replace('x', 'xxxx') %}{% endfor %}",
        "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set t %}{{ ns.s }}{{ ns.s }}{% endset %}{% set ns.s = t %}{% endfor %}",
        "{{ 'x' * 999999999999 }}",
    ];
    let peak = regex::Regex::new(r"peak memory ([0-9.]+) ([KMG])B").unwrap();
    for template in grow {
        let p = Platform::new();
        p.write("themes/own/theme.toml", "label = \"own\"\nextends = \"mini\"\n");
        p.write("themes/own/templates/404.html", format!("line\n{template}"));
        p.write("sites.toml", SITES.replacen("hosts = [\"a.example\"]", "hosts = [\"a.example\"]\ntheme = \"own\"", 1));
        let output = p.command(&["build", "--lang", "en", "--jobs", "1"]).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.contains("themes/own/templates/404.html:2"), "{said}");
        let memory = peak.captures(&said).unwrap();
        let size: f64 = memory[1].parse().unwrap();
        assert!(&memory[2] != "G" && (&memory[2] == "K" || size < 450.0), "{template}: {} {}B", &memory[1], &memory[2]);
    }
}

/// Steps are counted, but one step can work without end inside the engine. The build starts anew without that site.
#[test]
fn a_page_that_does_not_end() {
    let endless = [
        // A list that doubles, and one that holds itself twice: 2^60 elements of text.
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|string|length }}",
    ];
    for template in endless {
        let p = Platform::new();
        p.write("themes/own/theme.toml", "label = \"own\"\nextends = \"mini\"\n");
        p.write("themes/own/templates/404.html", template);
        p.write("sites.toml", SITES.replacen("hosts = [\"a.example\"]", "hosts = [\"a.example\"]\ntheme = \"own\"", 1));
        let built = p.command(&["build", "--lang", "en", "--patience", "2"]).output().unwrap();
        let said = String::from_utf8_lossy(&[built.stdout, built.stderr].concat()).into_owned();
        assert_eq!(built.status.code(), Some(4), "{said}");
        assert!(said.contains("error[render.endless]: the page `404.html` did not end"), "{said}");
        assert!(p.path("public/b/index.html").exists(), "{said}");
        assert!(!p.path("public/a/index.html").exists(), "{said}");
        // Mended, it is built.
        p.write("themes/own/templates/404.html", "not found");
        let mended = p.build();
        assert_eq!((mended.status("a"), mended.status("b")), ("built".into(), "built".into()), "{:?}", mended.said());
    }
}

/// Many places for one long value.
#[test]
fn a_phrase_that_is_filled_too_often() {
    let p = Platform::new();
    p.write("themes/own/theme.toml", "label = \"own\"\nextends = \"mini\"\n");
    p.write("themes/own/phrases/en.toml", format!("many = \"{}\"\n", "{x}".repeat(1_000_000)));
    p.write("themes/own/templates/404.html", "{% set s %}{% for i in range(9000) %}xxxxxxxxxx{% endfor %}{% endset %}{{ t('many', x=s) }}");
    p.write("sites.toml", SITES.replacen("hosts = [\"a.example\"]", "hosts = [\"a.example\"]\ntheme = \"own\"", 1));
    let built = p.build();
    assert_eq!((built.status("a"), built.status("b")), ("kept".into(), "built".into()), "{:?}", built.said());
}

/// Fragments that each ask for the next one twice would be two to the power of their number.
#[test]
fn fragments_that_ask_for_one_another_twice() {
    let mut files: Vec<(String, String)> =
        (0..12).map(|n| (format!("f{n}.html"), format!("{{{{ fragment('f{0}.html') }}}}{{{{ fragment('f{0}.html') }}}}", n + 1))).collect();
    files.push(("f12.html".into(), "{% for i in range(20000) %}{{ i }}{% endfor %}".into()));
    files.push(("404.html".into(), "{{ fragment('f0.html') }}".into()));
    let p = Platform::new();
    p.write("themes/own/theme.toml", "label = \"own\"\nextends = \"mini\"\n");
    for (name, text) in &files {
        p.write(&format!("themes/own/templates/{name}"), text);
    }
    p.write("sites.toml", SITES.replacen("hosts = [\"a.example\"]", "hosts = [\"a.example\"]\ntheme = \"own\"", 1));
    let start = std::time::Instant::now();
    let built = p.build();
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert_eq!(built.status("b"), "built", "{:?}", built.said());
}
