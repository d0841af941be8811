//! Real public documents as they are: no front matter, dirty characters, long names, repealed acts, versions of one act.
//! Thirty of them lie here; the whole collection (3,076) is built where `BANYAN_CORPUS` names the archive or its folder.

use crate::support;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use banyan::base::diag::Severity;
use banyan::build::{Report, Silent};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");

fn platform(corpus: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(format!("{HERE}/sites.toml")).unwrap();
    std::fs::write(dir.path().join("sites.toml"), config.replace("CORPUS", &corpus.display().to_string())).unwrap();
    dir
}

fn build(root: &Path) -> Report {
    let stop = AtomicBool::new(false);
    banyan::build::build(&support::order(root, &Silent, &stop)).unwrap()
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(root.join("public/wenku/fagui")).into_iter().flatten().map(|e| e.into_path());
    all.filter(|p| p.extension().is_some_and(|e| e == "html") && p.file_name().unwrap().to_string_lossy().len() > 12).collect()
}

/// The page whose heading is `title`, of the given date where there are several.
fn page(all: &[PathBuf], title: &str, date: &str) -> String {
    let heading = format!("<h1>{title}</h1>");
    let read = all.iter().map(|p| std::fs::read_to_string(p).unwrap());
    let mut hits = read.filter(|t| t.contains(&heading) && t.contains(date));
    hits.next().unwrap_or_else(|| panic!("no page for {title} of {date}"))
}

fn check_long_names(root: &Path) {
    for entry in walkdir::WalkDir::new(root.join("public")).into_iter().flatten() {
        assert!(entry.file_name().as_encoded_bytes().len() <= 200, "{}", entry.path().display());
    }
}

#[test]
fn thirty_documents_become_pages() {
    let dir = platform(&Path::new(HERE).join("laws"));
    let report = build(dir.path());
    assert_eq!((report.count(Severity::Error), report.count(Severity::Warning)), (0, 0), "{:#?}", report.diagnostics);
    let all = pages(dir.path());
    assert_eq!(all.len(), 30);
    check_long_names(dir.path());

    // A repealed act is marked, and leads to the version in force.
    let old = page(&all, "中华人民共和国道路运输条例", "content=\"2019-03-02");
    assert!(old.contains("state-repealed") && old.contains("class=\"box versions\""));
    let links = old.split("<a href=\"").filter(|l| l.split('"').next().is_some_and(|h| h.contains("dao-lu-yun-shu-tiao-li-20")));
    assert_eq!(links.count(), 2, "links to two other versions");
    let new = page(&all, "中华人民共和国道路运输条例", "content=\"2023-07-20");
    assert!(!new.contains("state-repealed"));
    assert!(new.contains("<p id=\"第一条\">") && new.contains("id=\"第二十条\""), "every 第X条 has an anchor");

    // What stands in angle brackets is text.
    let bracket = page(&all, "中华人民共和国居民身份证法", "2011-10-29");
    assert!(bracket.contains("&lt;中华人民共和国居民身份证法&gt;"), "the text in angle brackets is visible");

    // A year alone stays a year; who has no date is listed last, under `undated`.
    let year = page(&all, "1975年中华人民共和国国务院政府工作报告", "");
    assert!(year.contains(">1975</time>"));
    let undated = page(&all, "上海市人才流动条例", "");
    assert!(!undated.contains("<time") || !undated.contains("published"));
    assert_eq!(std::fs::read_dir(dir.path().join("public/wenku/fagui/undated")).unwrap().count(), 3 + 1);

    // The second site shows its choice, with the library's pages as the canonical ones.
    let difang = std::fs::read_dir(dir.path().join("public/difang/fagui/2020")).unwrap().flatten();
    let copy = difang.map(|f| std::fs::read_to_string(f.path()).unwrap()).find(|t| t.contains("<h1>东营市湿地保护条例</h1>")).unwrap();
    assert!(copy.contains("<link rel=\"canonical\" href=\"https://wenku.example/fagui/2020/"));
}

#[test]
fn the_whole_collection_becomes_two_sites() {
    let place = std::env::var_os("BANYAN_CORPUS").map(PathBuf::from);
    let place = place.or_else(|| Some(Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/corpus")).filter(|p| p.is_dir()));
    let Some(place) = place else {
        eprintln!("BANYAN_CORPUS is not set: the whole collection is not built here");
        return;
    };
    let unpacked = tempfile::tempdir().unwrap();
    let archive = if place.is_dir() { place.join("laws.tar.zst") } else { place.clone() };
    let corpus = if archive.is_file() {
        let done =
            std::process::Command::new("tar").arg("--zstd").arg("-xf").arg(&archive).arg("-C").arg(unpacked.path()).status().unwrap();
        assert!(done.success(), "tar with zstd is needed");
        unpacked.path().join("laws")
    } else {
        place.join("laws")
    };
    let dir = platform(&corpus);
    let report = build(dir.path());
    assert_eq!(report.count(Severity::Error), 0, "{:#?}", report.diagnostics);
    let all = pages(dir.path());
    let texts: Vec<String> = all.iter().map(|p| std::fs::read_to_string(p).unwrap()).collect();
    let count = |mark: &str| texts.iter().filter(|t| t.contains(mark)).count();
    check_long_names(dir.path());
    // Counts of index.jsonl: documents, repealed ones, ones without a date.
    assert_eq!(all.len(), 3076);
    assert_eq!(count("state-repealed"), 104);
    let undated = std::fs::read_dir(dir.path().join("public/wenku/fagui/undated")).unwrap().flatten();
    assert_eq!(undated.filter(|f| f.file_name().len() > 12).count(), 86);
    // Every document has its title as the only first heading.
    assert!(texts.iter().all(|t| t.matches("<h1").count() == 1), "one h1 a page");
    // An act in three versions leads from each to the others.
    let law = page(&all, "中华人民共和国刑法", "2023-12-29");
    assert!(law.matches("<p id=\"第").count() >= 450, "{} anchors", law.matches("<p id=\"第").count());
    // What the source has between angle brackets can be read.
    let mut shown = 0;
    for entry in walkdir::WalkDir::new(corpus.join("content")).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let start = text.find("<中华人民共和国");
        if let Some(start) = start.filter(|s| text[*s..].lines().next().is_some_and(|l| l.contains('>'))) {
            let piece: String = text[start + 1..].chars().take(12).take_while(|c| *c != '>').collect();
            assert!(texts.iter().any(|t| t.contains(&format!("&lt;{piece}"))), "{}: <{piece}", entry.path().display());
            shown += 1;
        }
    }
    assert!(shown > 0);
    println!("{shown} documents with names of laws in angle brackets, all of them visible");
}
