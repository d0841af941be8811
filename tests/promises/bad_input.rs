//! What a tired editor hands in, and what a machine does at the worst moment. Each: a message at the right place, the rest
//! built, nothing lost, no panic.

use crate::support::{self, Built, Platform};

/// `bytes` as an item of site a: the message, and that a keeps its output while b is built anew.
fn item(name: &str, bytes: impl AsRef<[u8]>, expected: &[&str]) {
    let p = Platform::new();
    assert_eq!(p.build().code, 0);
    let before = p.tree();
    p.write(&format!("content/a/news/2026/{name}"), bytes);
    p.write("content/b/news/2026/more.md", "---\ntitle: More B\ndate: 2026-02-01\n---\nText.\n");
    let built = p.build();
    assert_eq!(built.said(), expected, "{name}");
    assert_eq!((built.code, built.status("a"), built.status("b")), (4, "kept".into(), "built".into()), "{name}");
    let after = p.tree();
    assert!(after.contains_key("b/news/2026/more.html"), "{name}: the other site is built");
    let of_a = |t: &std::collections::BTreeMap<String, Vec<u8>>| {
        t.iter().filter(|(k, _)| k.starts_with("a/")).map(|(k, v)| (k.clone(), v.clone())).collect::<Vec<_>>()
    };
    assert_eq!(of_a(&before), of_a(&after), "{name}: nothing of the site is lost");
    p.check_manifests();
}

#[test]
fn broken_front_matter() {
    item("yaml.md", "---\ntitle: \"open\ndate: 2026-01-01\n---\nx\n", &["content.yaml content/a/news/2026/yaml.md:2"]);
    item("tab.md", "---\ntitle: t\ntags:\n\t- x\n---\nx\n", &["content.yaml-tab content/a/news/2026/tab.md:4"]);
    item("day.md", "---\ntitle: t\ndate: 2026-02-30\n---\nx\n", &["content.no-such-day content/a/news/2026/day.md:3"]);
    item("empty.md", "", &["content.empty content/a/news/2026/empty.md"]);
    item("up.md", "---\ntitle: t\nslug: ../../b/index\n---\nx\n", &["content.slug content/a/news/2026/up.md:3"]);
    item("url.md", "---\ntitle: t\nurl: /../../etc/passwd\n---\nx\n", &["content.url content/a/news/2026/url.md:3"]);
}

#[test]
fn other_encodings() {
    // 标题 in GBK.
    item("gbk.md", b"---\ntitle: \xb1\xea\xcc\xe2\n---\nx\n", &["content.gbk content/a/news/2026/gbk.md:2"]);
    item("bytes.md", b"---\ntitle: t\n---\n\xff\xfe\x00\xff\n", &["content.encoding content/a/news/2026/bytes.md:4"]);
    let p = Platform::new();
    p.write("content/a/news/2026/bom.md", "\u{feff}---\ntitle: With a mark\ndate: 2026-03-01\n---\nText.\n");
    let built = p.build();
    assert_eq!((built.code, built.said()), (0, vec![]), "a byte-order mark is accepted silently");
    assert!(p.read("public/a/news/2026/bom.html").contains("With a mark"));
}

#[test]
fn bombs() {
    let keys: String = (0..10_000).map(|i| format!("k{i}: 1\n")).collect();
    item("keys.md", format!("---\n{keys}---\nx\n"), &["content.front-matter-size content/a/news/2026/keys.md:1"]);
    let flat = format!("---\na: &a [{}]\nb: [{}]\n---\nx\n", "x,".repeat(2000), "*a,".repeat(2000));
    item("alias.md", flat, &["content.yaml content/a/news/2026/alias.md:2"]);
    item("deep.md", format!("---\na: {}\n---\nx\n", "[".repeat(20_000)), &["content.yaml content/a/news/2026/deep.md:2"]);
    item("large.md", vec![b'x'; 8 << 20], &["content.size content/a/news/2026/large.md"]);
    item("huge.md", vec![b'x'; 50 << 20], &["content.size content/a/news/2026/huge.md"]);
    // Small enough to be read, and five times as long as HTML.
    let grows = format!("---\ntitle: t\ndate: 2026-01-01\n---\n{}\n", "&".repeat(5 << 20));
    item("grows.md", grows, &["render.output-size content/a/news/2026/grows.md"]);
}

#[test]
fn deep_markdown_is_rendered_or_refused_but_ends() {
    let p = Platform::new();
    p.write("content/a/news/2026/quotes.md", format!("---\ntitle: q\ndate: 2026-01-01\n---\n{} end\n", ">".repeat(10_000)));
    p.write("content/a/news/2026/brackets.md", format!("---\ntitle: b\ndate: 2026-01-01\n---\n{}\n", "[".repeat(50_000)));
    p.write("content/a/news/2026/stars.md", format!("---\ntitle: s\ndate: 2026-01-01\n---\n{}\n", "*a **b ".repeat(5_000)));
    let built = p.build();
    assert_eq!(built.code, 0, "{:?}", built.said());
}

#[test]
fn links_out_of_the_tree_are_not_followed() {
    let p = Platform::new();
    let secret = tempfile::tempdir().unwrap();
    std::fs::write(secret.path().join("secret.md"), "---\ntitle: Secret\n---\nsecret words\n").unwrap();
    std::os::unix::fs::symlink(secret.path().join("secret.md"), p.path("content/a/news/2026/link.md")).unwrap();
    std::os::unix::fs::symlink(secret.path(), p.path("content/a/news/folder")).unwrap();
    std::os::unix::fs::symlink(p.path("content/a"), p.path("content/a/news/circle")).unwrap();
    let built = p.build();
    assert_eq!(built.said().iter().filter(|s| s.starts_with("content.link-out")).count(), 3, "{:?}", built.said());
    assert_eq!(built.code, 4);
    assert!(!p.tree().values().any(|b| String::from_utf8_lossy(b).contains("secret words")));
}

#[test]
fn two_files_that_differ_in_case() {
    let p = Platform::new();
    p.write("content/a/news/2026/Good.md", "---\ntitle: Other\ndate: 2026-01-01\n---\nText.\n");
    let built = p.build();
    assert!(built.said().iter().all(|s| s.starts_with("route.claimed-twice content/a/news/2026/")), "{:?}", built.said());
    assert_eq!((built.code, built.status("a"), built.status("b")), (4, "kept".into(), "built".into()));
}

#[test]
fn one_broken_record_among_many() {
    let p = Platform::new();
    let mut text = String::new();
    for i in 1..=70_100 {
        if i == 70_001 {
            text.push_str("{\"id\": \"r70001\", \"title\": \"broken\n");
        } else {
            // Records without pages are cheap to list; each tenth of them is live.
            text.push_str(&format!(
                "{{\"id\": \"r{i}\", \"title\": \"Record {i}\", \"date\": \"2026-01-01\", \"draft\": {}}}\n",
                i % 100 != 0
            ));
        }
    }
    p.write("content/a/news/2026/news.jsonl", text);
    let built = p.build();
    assert_eq!(built.said(), ["content.json content/a/news/2026/news.jsonl:70001"]);
    assert_eq!((built.code, built.status("a")), (4, "built".into()), "a bad record is held back, its site is built");
    assert!(p.path("public/a/news/2026/r70100.html").is_file());
}

#[test]
fn templates_that_never_end_or_grow() {
    for (template, id) in [
        ("{% for a in range(100000) %}{% for b in range(100000) %}{{ b }}{% endfor %}{% endfor %}", "render."),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "render."),
        ("{% include \"article.html\" %}", "render."),
    ] {
        let p = Platform::new();
        p.write("themes/loop/theme.toml", "label = \"loop\"\nextends = \"mini\"\n");
        p.write("themes/loop/templates/article.html", template);
        p.write("sites.toml", support::SITES.replacen("hosts = [\"a.example\"]", "hosts = [\"a.example\"]\ntheme = \"loop\"", 1));
        let built = p.build();
        assert!(
            !built.said().is_empty() && built.said().iter().all(|s| s.starts_with(id) && s.contains("themes/loop/templates/article.html")),
            "{template}: {:?}",
            built.said()
        );
        assert_eq!((built.code, built.status("a"), built.status("b")), (4, "kept".into(), "built".into()));
    }
}

#[test]
fn a_file_that_goes_while_the_build_runs() {
    use std::sync::atomic::AtomicBool;
    struct Delete(std::path::PathBuf);
    impl banyan::build::Watch for Delete {
        fn phase(&self, phase: banyan::build::Phase) {
            if phase == banyan::build::Phase::Render {
                std::fs::remove_file(&self.0).unwrap();
            }
        }
    }
    let p = Platform::new();
    p.write("content/a/news/2026/files/index.md", "---\ntitle: Files\ndate: 2026-01-02\n---\n[x](x.txt)\n");
    p.write("content/a/news/2026/files/x.txt", "x");
    let (stop, watch) = (AtomicBool::new(false), Delete(p.path("content/a/news/2026/files/x.txt")));
    let report = banyan::build::build(&support::order(&p.root(), &watch, &stop)).unwrap();
    assert_eq!(report.diagnostics.iter().map(|d| d.id).collect::<Vec<_>>(), ["content.unreadable"]);
    assert!(!p.path("public/a").exists() && p.path("public/b/news/2026/good.html").is_file());
}

#[test]
fn a_read_only_output() {
    if rustix::process::geteuid().is_root() {
        // Root writes anywhere but on a file system that is mounted to be read.
        let p = Platform::new();
        let disk = tempfile::tempdir().unwrap();
        let mount =
            |args: &[&str]| std::process::Command::new("mount").args(args).arg(disk.path()).output().is_ok_and(|o| o.status.success());
        if !mount(&["-t", "tmpfs", "tmpfs"]) {
            eprintln!("no tmpfs may be mounted here");
            return;
        }
        let out = disk.path().display().to_string();
        let build = || Built::new(p.command(&["build", "--format", "json", "--out", &out]).output().unwrap());
        let first = build().code;
        let before = support::tree(disk.path());
        p.write("content/a/news/2026/more.md", "---\ntitle: More\ndate: 2026-02-01\n---\nText.\n");
        let read_only = mount(&["-o", "remount,ro"]).then(build);
        let after = support::tree(disk.path());
        _ = std::process::Command::new("umount").arg(disk.path()).status();
        let built = read_only.expect("a remount");
        assert_eq!((first, built.code, built.status("a")), (0, 1, "kept".into()));
        assert!(built.said().iter().all(|s| s.starts_with("build.write")), "{:?}", built.said());
        assert!(before == after);
        return;
    }
    let p = Platform::new();
    p.build();
    std::fs::set_permissions(p.path("public"), std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
    p.write("content/a/news/2026/more.md", "---\ntitle: More\ndate: 2026-02-01\n---\nText.\n");
    let built = p.build();
    assert!(built.said()[0].starts_with("build.write"), "{:?}", built.said());
    std::fs::set_permissions(p.path("public"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(p.build().code, 0);
}

/// A real small file system that fills up, where one may be mounted.
#[test]
fn a_full_disk() {
    let p = Platform::new();
    let disk = tempfile::tempdir().unwrap();
    let mount = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"]).arg(disk.path()).output();
    if !mount.is_ok_and(|o| o.status.success()) {
        eprintln!("no tmpfs may be mounted here: tests/promises/crash.rs has the same with an injected fault");
        return;
    }
    let out = disk.path().display().to_string();
    let build = || Built::new(p.command(&["build", "--format", "json", "--out", &out]).output().unwrap());
    assert_eq!(build().code, 0);
    let before = support::tree(&disk.path().join("a"));
    for i in 0..400 {
        p.write(
            &format!("content/a/news/2026/n{i}.md"),
            format!("---\ntitle: N{i}\ndate: 2026-02-01\n---\n{}\n", "long text ".repeat(200)),
        );
    }
    let full = build();
    let after = support::tree(&disk.path().join("a"));
    let ids = full.said();
    _ = std::process::Command::new("umount").arg(disk.path()).status();
    assert!(ids.iter().any(|s| s.starts_with("build.disk-full")), "{ids:?}");
    assert_eq!((full.code, full.status("a")), (4, "kept".into()));
    assert!(before == after, "the last complete output stands");
}

/// Several slips in one run: each at its place.
#[test]
fn many_slips_in_one_run() {
    let p = Platform::new();
    p.write("content/a/news/2026/one.md", "---\ntitel: a\n---\n# One\n[x](nowhere.md) ![y](none.jpg)\n");
    p.write("content/a/nwes/2026/two.md", "---\ntitle: two\nstate: repaeled\n---\nx\n");
    p.write("content/c/news/2026/three.md", "x\n");
    let built = p.build();
    let mut said = built.said();
    said.sort();
    let expected = [
        "content.column content/a/nwes/2026/two.md",
        "content.no-title content/c/news/2026/three.md:1",
        "content.owner content/c/news/2026/three.md",
        "content.state content/a/nwes/2026/two.md:3",
        "content.unknown-key content/a/news/2026/one.md:2",
        "link.dead content/a/news/2026/one.md:5",
        "link.picture content/a/news/2026/one.md:5",
    ];
    assert_eq!(said, expected);
}
