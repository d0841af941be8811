//! A small platform on disk, and the program run on it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

pub struct Platform {
    dir: tempfile::TempDir,
    below: PathBuf,
}

/// A build of all sites by the library, on two threads: for a test that listens to it or stops it.
pub fn order<'a>(root: &Path, watch: &'a dyn banyan::build::Watch, stop: &'a std::sync::atomic::AtomicBool) -> banyan::build::Order<'a> {
    banyan::build::Order {
        root: root.to_owned(),
        out: None,
        sites: Vec::new(),
        jobs: 2,
        moment: banyan::route::Moment { clock: 1_795_399_200, drafts: false, future: false },
        repair: false,
        sample: banyan::build::SAMPLE,
        delta: None,
        forget: false,
        patience: banyan::build::PATIENCE,
        left_out: Vec::new(),
        watch,
        stop,
    }
}

pub const SITES: &str = r#"
[platform]
name = "P"

[tiers.t]
theme = "mini"

[[tiers.t.column]]
id = "news"
name = "News"

[[site]]
id = "a"
name = "A"
tier = "t"
hosts = ["a.example"]

[[site]]
id = "b"
name = "B"
tier = "t"
hosts = ["b.example"]
"#;

impl Platform {
    /// Two sites with a good item each, and the theme of the cases.
    pub fn new() -> Platform {
        let p = Platform::empty();
        let mini = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/mini.txt")).unwrap();
        for part in mini.split("\n-- ").skip(1) {
            let (name, body) = part.split_once(" --\n").unwrap();
            p.write(name, format!("{body}\n"));
        }
        p.write("sites.toml", SITES);
        p.write("content/a/news/2026/good.md", "---\ntitle: Good A\ndate: 2026-01-01\n---\nText.\n");
        p.write("content/b/news/2026/good.md", "---\ntitle: Good B\ndate: 2026-01-01\n---\nText.\n");
        p
    }

    pub fn empty() -> Platform {
        Platform { dir: tempfile::tempdir().unwrap(), below: PathBuf::new() }
    }

    /// The same folder, one further in.
    pub fn below(self, name: &str) -> Platform {
        Platform { below: self.below.join(name), dir: self.dir }
    }

    /// Its sources, in another place, without state and output.
    pub fn copy(&self) -> Platform {
        let to = Platform::empty();
        for entry in std::fs::read_dir(self.root()).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !matches!(&*name, ".banyan" | "public" | ".git") {
                to.take(self, &name);
            }
        }
        to
    }

    /// A file or folder of another platform, at the same place here.
    pub fn take(&self, from: &Platform, name: &str) {
        let source = from.path(name);
        for entry in walkdir::WalkDir::new(&source).into_iter().flatten().filter(|e| e.file_type().is_file()) {
            let below = entry.path().strip_prefix(from.root()).unwrap();
            self.write(&below.to_string_lossy(), std::fs::read(entry.path()).unwrap());
        }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join(&self.below)
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root().join(below)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(name)).unwrap_or_default()).into_owned()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
        command.args(args).arg("--root").arg(self.root()).env("SOURCE_DATE_EPOCH", "1795399200").env_remove("BANYAN_FAULT");
        command
    }

    pub fn build(&self) -> Built {
        Built::new(self.command(&["build", "--format", "json"]).output().unwrap())
    }

    /// Every file below `public/` with its bytes.
    pub fn tree(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        tree(&self.path("public"))
    }

    /// Every manifest names files that are there, with their bytes; and no file of a site is in none.
    pub fn check_manifests(&self) {
        let folder = self.path(".banyan/manifests");
        for site in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(Some(manifest)) = banyan::build::Manifest::read(&site.path()) else { continue };
            let root = self.path("public").join(site.file_name());
            for e in &manifest.entries {
                let bytes = std::fs::read(root.join(&*e.path)).unwrap_or_else(|_| panic!("{} is named and not there", e.path));
                assert_eq!(blake3::hash(&bytes).as_bytes(), &e.hash, "{} is not what the manifest says", e.path);
            }
        }
    }
}

pub fn tree(root: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(root).into_iter().flatten().filter(|e| e.file_type().is_file());
    files.map(|e| (e.path().strip_prefix(root).unwrap().display().to_string(), std::fs::read(e.path()).unwrap_or_default())).collect()
}

pub struct Built {
    pub code: i32,
    pub report: Json,
    pub stderr: String,
}

impl Built {
    pub fn new(output: Output) -> Built {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "{stderr}");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        Built { code: output.status.code().unwrap_or(-1), report, stderr }
    }

    /// `id file:line` of each finding, in order.
    pub fn said(&self) -> Vec<String> {
        let found = self.report["diagnostics"].as_array().cloned().unwrap_or_default();
        let place = |d: &Json| match (d["place"]["file"].as_str(), d["place"]["line"].as_u64()) {
            (Some(f), Some(0) | None) => format!(" {f}"),
            (Some(f), Some(n)) => format!(" {f}:{n}"),
            _ => String::new(),
        };
        found.iter().map(|d| format!("{}{}", d["id"].as_str().unwrap_or_default(), place(d))).collect()
    }

    pub fn status(&self, site: &str) -> String {
        let sites = self.report["sites"].as_array().cloned().unwrap_or_default();
        let hit = sites.iter().find(|s| s["id"] == site);
        hit.and_then(|s| s["status"].as_str()).unwrap_or("absent").to_owned()
    }
}

/// The generator, which cargo builds beside the tests.
pub fn guangxi(dir: &std::path::Path, args: &[&str]) {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    let program = program.join("examples/guangxi");
    if !program.is_file() {
        // `cargo test --test promises` alone builds no examples.
        let built = std::process::Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--example", "guangxi"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.is_ok_and(|s| s.success()));
    }
    let done = std::process::Command::new(&program).arg(dir).args(args).output().unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
