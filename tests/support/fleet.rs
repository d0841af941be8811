//! A platform that is deployed: `banyan init` with targets, and what a reader of a target sees.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::support::Built;

pub type Tree = BTreeMap<String, Vec<u8>>;

pub struct Fleet {
    pub dir: tempfile::TempDir,
}

impl Fleet {
    /// Two sites with the standard themes, built; `config` is added to sites.toml, `DIR` in it is a folder beside.
    pub fn new(config: &str) -> Fleet {
        let fleet = Fleet { dir: tempfile::tempdir().unwrap() };
        let made = Command::new(env!("CARGO_BIN_EXE_banyan")).args(["init", "-q"]).arg(fleet.root()).output().unwrap();
        assert!(made.status.success());
        fleet.configure(config);
        fleet.build();
        fleet
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("p")
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub fn configure(&self, config: &str) {
        let file = self.root().join("sites.toml");
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str(&config.replace("DIR", &self.dir.path().display().to_string()));
        std::fs::write(file, text).unwrap();
    }

    /// The same platform with its output, state and targets, elsewhere.
    pub fn copy(&self) -> Fleet {
        let fleet = Fleet { dir: tempfile::tempdir().unwrap() };
        let from = format!("{}/.", self.dir.path().display());
        assert!(Command::new("cp").args(["-a", &from]).arg(fleet.dir.path()).status().unwrap().success());
        let file = fleet.root().join("sites.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let (old, new) = (self.dir.path().display().to_string(), fleet.dir.path().display().to_string());
        std::fs::write(file, text.replace(&old, &new)).unwrap();
        fleet
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
        command.args(args).arg("--root").arg(self.root()).env("SOURCE_DATE_EPOCH", "1795399200").env_remove("BANYAN_FAULT");
        for name in ["BANYAN_SIGN_KEY", "BANYAN_SIGN_KEY_FILE", "BANYAN_SIGN_PASSWORD"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Built {
        Built::new(self.command(args).args(["--format", "json", "--lang", "en"]).output().unwrap())
    }

    pub fn build(&self) {
        let built = self.run(&["build"]);
        assert_eq!(built.code, 0, "{}", built.stderr);
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A file, with a text replaced.
    pub fn replace(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.root().join(name)).unwrap();
        assert!(text.contains(from), "{name}");
        self.write(name, &text.replace(from, to));
    }

    pub fn item(&self, site: &str) -> String {
        let files = walkdir::WalkDir::new(self.root().join("content").join(site)).sort_by_file_name().into_iter().flatten();
        let is_item = |p: &Path| p.extension().is_some_and(|e| e == "md") && !p.ends_with("_index.md");
        let path = files.map(|e| e.into_path()).find(|p| is_item(p)).unwrap();
        path.strip_prefix(self.root()).unwrap().display().to_string()
    }

    /// Another title of an item: its page, lists and feeds change.
    pub fn retitle(&self, site: &str, title: &str) {
        let item = self.item(site);
        let text = std::fs::read_to_string(self.root().join(&item)).unwrap();
        let line = text.lines().find(|l| l.starts_with("title:")).unwrap();
        self.replace(&item, line, &format!("title: {title}"));
    }

    /// Another style sheet: an asset of a new name, which every page names.
    pub fn restyle(&self) {
        self.write("themes/xishan/theme.toml", "label = \"西山\"\nextends = \"county\"\n");
        self.write("themes/xishan/assets/css/site.css", "body { margin: 0 }\n");
        let config = std::fs::read_to_string(self.root().join("sites/xishan.toml")).unwrap();
        self.write("sites/xishan.toml", &format!("theme = \"xishan\"\n{config}"));
    }

    /// What is built here, by site and path.
    pub fn built(&self) -> Tree {
        visible(&self.root().join("public"))
    }
}

/// Files that a server gives out: none of hidden folders.
pub fn visible(root: &Path) -> Tree {
    let hidden = |e: &walkdir::DirEntry| e.depth() > 0 && e.depth() < 3 && e.file_name().to_string_lossy().starts_with('.');
    let walk = walkdir::WalkDir::new(root).follow_links(true).into_iter().filter_entry(|e| !hidden(e) || e.file_name() == ".well-known");
    let files = walk.flatten().filter(|e| e.file_type().is_file());
    files.map(|e| (e.path().strip_prefix(root).unwrap().display().to_string(), std::fs::read(e.path()).unwrap())).collect()
}

/// The trees below `sites/`, without the records beside them.
pub fn shown(root: &Path) -> Tree {
    visible(&root.join("sites")).into_iter().filter(|(path, _)| path.contains('/')).collect()
}

/// Assets that pages name and that are not there.
pub fn missing_assets(tree: &Tree) -> Vec<String> {
    let link = regex::Regex::new(r#"(?:href|src)="(/assets/[^"]+)""#).unwrap();
    let mut missing = Vec::new();
    for (path, bytes) in tree.iter().filter(|(path, _)| path.ends_with(".html")) {
        let site = path.split('/').next().unwrap();
        for c in link.captures_iter(&String::from_utf8_lossy(bytes)) {
            if !tree.contains_key(&format!("{site}{}", &c[1])) {
                missing.push(format!("{path}: {}", &c[1]));
            }
        }
    }
    missing
}

/// `op path` of each change of a site, in the order of the list.
pub fn changes(report: &Json, site: &str) -> Vec<String> {
    let sites = report["sites"].as_array().cloned().unwrap_or_default();
    let hit = sites.iter().find(|s| s["id"] == site).map(|s| s["changes"].clone()).unwrap_or_default();
    hit.as_array().into_iter().flatten().map(|c| format!("{} {}", c["op"].as_str().unwrap(), c["path"].as_str().unwrap())).collect()
}

pub fn request(report: &Json, kind: &str) -> u64 {
    report["requests"][kind].as_u64().unwrap_or(u64::MAX)
}
