//! Golden pages: one page of each kind in each tier of the starter platform, head and main part, held against
//! `tests/pages/`. `BANYAN_BLESS=1` rewrites them; read the difference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Site of each tier that stands for it.
const TIERS: [(&str, &str); 4] = [("province", "yunling"), ("city", "guhai"), ("county", "beihe"), ("department", "slt")];

fn built() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for part in ["sites.toml", "sites", "content", "themes", "redirects.csv"] {
        assert!(Command::new("cp").arg("-r").arg(format!("{ROOT}/{part}")).arg(dir.path()).status().unwrap().success());
    }
    let done = Command::new(env!("CARGO_BIN_EXE_banyan"))
        .args(["build", "--quiet", "--clock", "2026-11-23T10:00:00+08:00", "--root"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    dir
}

/// What belongs to the page itself: page tags, structured data, and the main part; names of assets without fingerprints.
fn own_part(html: &str) -> String {
    let fingerprint = regex::Regex::new(r"\.[0-9a-f]{8}\.(css|js|svg|mjs)").unwrap();
    let meta = html.lines().filter(|l| {
        ["<title", "<meta name", "<link rel=\"canonical", "<link rel=\"alternate", "<script type=\"application/ld+json"]
            .iter()
            .any(|s| l.trim_start().starts_with(s))
    });
    let mut out: String =
        meta.filter(|l| !l.contains("name=\"viewport\"") && !l.contains("name=\"generator\"")).map(|l| format!("{}\n", l.trim())).collect();
    let main = html.split("<main").nth(1).and_then(|m| m.split("</main>").next()).unwrap_or("");
    out.push_str("<main");
    out.extend(main.lines().map(str::trim_end).filter(|l| !l.is_empty()).map(|l| format!("{l}\n")));
    out.push_str("</main>\n");
    fingerprint.replace_all(&out, ".$1").into_owned()
}

/// The category of a page, as its body says it, else the kind.
fn kind(html: &str) -> String {
    let class = html.split("<body class=\"").nth(1).and_then(|c| c.split('"').next()).unwrap_or("");
    let word = |prefix: &str| class.split(' ').find_map(|w| w.strip_prefix(prefix).map(str::to_owned));
    word("is-").or(word("kind-")).unwrap_or_default()
}

fn pages(site: &Path) -> BTreeMap<String, PathBuf> {
    let mut first: BTreeMap<String, PathBuf> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(site).sort_by_file_name().into_iter().flatten() {
        let path = entry.into_path();
        if path.extension().is_some_and(|e| e == "html") {
            let kind = kind(&std::fs::read_to_string(&path).unwrap());
            if !kind.is_empty() {
                first.entry(kind).or_insert(path);
            }
        }
    }
    first
}

#[test]
fn one_page_of_each_kind_in_each_tier() {
    let dir = built();
    let folder = Path::new(ROOT).join("tests/pages");
    let bless = std::env::var_os("BANYAN_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    for (tier, site) in TIERS {
        for (kind, path) in pages(&dir.path().join("public").join(site)) {
            let found = own_part(&std::fs::read_to_string(&path).unwrap());
            let golden = folder.join(format!("{tier}-{kind}.html"));
            kinds.insert(kind);
            if bless {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&golden, &found).unwrap();
            } else if std::fs::read_to_string(&golden).unwrap_or_default() != found {
                wrong.push(format!("{} is not {}", path.strip_prefix(dir.path()).unwrap().display(), golden.display()));
            }
        }
    }
    for needed in ["home", "column", "archive", "404", "sitemap", "tag", "tags"] {
        assert!(kinds.contains(needed), "no page of kind {needed}: {kinds:?}");
    }
    assert!(wrong.is_empty(), "{}\n(BANYAN_BLESS=1 rewrites them: read the difference)", wrong.join("\n"));
}
