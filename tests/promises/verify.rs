//! `build --verify-incremental`: a clean build beside the one just done, by another process, and every byte compared.

use crate::support::Platform;

fn verify(p: &Platform) -> (i32, String) {
    let out = p.command(&["build", "--verify-incremental", "--lang", "en"]).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn an_incremental_build_is_held_against_a_clean_one() {
    let p = Platform::new();
    p.build();
    p.write("content/a/news/2026/good.md", "---\ntitle: 新的标题\ndate: 2026-01-01\nslug: good\n---\nText.\n");
    let (code, said) = verify(&p);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("equal to a clean build, byte for byte"), "{said}");
    // What was built beside is gone, with its state.
    assert!(!p.path(".public.verify").exists());
    assert_eq!(std::fs::read_dir(p.path(".banyan/out")).map_or(0, |d| d.count()), 0);
}

#[test]
fn what_is_not_as_a_clean_build_makes_it_is_named() {
    let p = Platform::new();
    p.build();
    p.write("public/b/news/2026/good.html", "changed behind its back");
    std::fs::remove_file(p.path("public/a/news/2026/good.html")).unwrap();
    p.write("public/a/news/2026/nobody.html", "planned by nobody");
    let (code, said) = verify(&p);
    assert_eq!(code, 1, "{said}");
    for path in ["b/news/2026/good.html", "a/news/2026/good.html", "a/news/2026/nobody.html"] {
        assert!(said.contains(path), "{path}: {said}");
    }
    assert!(!said.contains("index.html"), "{said}");
}

#[test]
fn a_site_that_cannot_be_built_is_no_difference() {
    let p = Platform::new();
    p.build();
    p.write("content/b/news/2026/bad.md", "---\ntitle: Bad\ndate: 2026-02-30\n---\nText.\n");
    let (code, said) = verify(&p);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("equal to a clean build"), "{said}");
}
