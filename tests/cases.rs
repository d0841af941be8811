//! Whole small sites in one text: what is built and what is said. tests/README.md tells how to read and write one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use banyan::base::diag::Tongue;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let mut args = Arguments::from_args();
    // Each case builds with as many threads as there are.
    args.test_threads.get_or_insert(2);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut trials = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().flatten() {
        let path = entry.path().to_owned();
        if path.extension().is_none_or(|e| e != "txt") || path.parent() == Some(&folder) {
            continue;
        }
        let name = path.strip_prefix(&folder).unwrap().with_extension("").display().to_string();
        trials.push(Trial::test(name, move || run(&path)));
    }
    libtest_mimic::run(&args, trials).exit();
}

/// A case: its story, its commands, its files; and what is expected.
struct Case {
    head: String,
    commands: Vec<String>,
    sections: Vec<(String, String)>,
}

fn parse(text: &str) -> Case {
    let mut head = String::new();
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --"));
        match (name, sections.last_mut()) {
            (Some(name), _) => sections.push((name.to_owned(), String::new())),
            (None, Some((_, body))) => body.push_str(line),
            (None, None) => head.push_str(line),
        }
    }
    let commands = head.lines().filter_map(|l| l.strip_prefix("$ ")).map(str::to_owned).collect();
    Case { head, commands, sections }
}

fn write(root: &Path, name: &str, body: &str) {
    let (name, base64) = match name.strip_suffix(" (base64)") {
        Some(name) => (name, true),
        None => (name, false),
    };
    if let Some(gone) = name.strip_suffix(" (deleted)") {
        let path = root.join(gone);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap()
        } else {
            std::fs::remove_file(path).unwrap()
        }
        return;
    }
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    if base64 {
        let text: String = body.split_whitespace().collect();
        std::fs::write(path, data_encoding::BASE64.decode(text.as_bytes()).unwrap()).unwrap();
    } else {
        std::fs::write(path, body).unwrap();
    }
}

fn run(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let case = parse(&text);
    let dir = tempfile::tempdir()?;
    let root = dir.path().to_owned();
    for base in case.head.lines().filter_map(|l| l.strip_prefix("use ")) {
        let base = std::fs::read_to_string(path.parent().unwrap().parent().unwrap().join(format!("{}.txt", base.trim())))?;
        for (name, body) in parse(&base).sections {
            write(&root, &name, &body);
        }
    }
    let mut said = String::new();
    for (at, command) in case.commands.iter().enumerate() {
        // Files of the first step have no number; those of step n are written before command n.
        for (name, body) in &case.sections {
            let (step, name) = match name.strip_prefix('@').and_then(|r| r.split_once(' ')) {
                Some((n, name)) => (n.parse::<usize>()?, name),
                None => (1, name.as_str()),
            };
            if step == at + 1 && !name.starts_with("> ") {
                write(&root, name, body);
            }
        }
        let code = banyan_command(command, &root, &mut said);
        if code != 0 {
            _ = writeln!(said, "[exit {code}]");
        }
    }
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for (name, _) in case.sections.iter().filter(|(n, _)| n.starts_with("> ")) {
        let name = &name[2..];
        let found = match name {
            "said" => said.clone(),
            "tree" => tree(&root.join("public")),
            file => match std::fs::read(root.join(file)) {
                Ok(bytes) => lines(&String::from_utf8_lossy(&bytes)),
                Err(e) => format!("{e}\n"),
            },
        };
        wanted.insert(name.to_owned(), found);
    }
    if std::env::var_os("BANYAN_BLESS").is_some() {
        let mut new = case.head.clone();
        for (name, body) in &case.sections {
            let body = name.strip_prefix("> ").map_or(body, |n| &wanted[n]);
            _ = write!(new, "-- {name} --\n{body}");
        }
        if new != text {
            std::fs::write(path, new)?;
        }
        return Ok(());
    }
    let mut wrong = String::new();
    for (name, body) in case.sections.iter().filter(|(n, _)| n.starts_with("> ")) {
        let found = &wanted[&name[2..]];
        if found != body {
            _ = write!(wrong, "--- {name}: expected\n{body}--- {name}: found\n{found}");
        }
    }
    if case.commands.is_empty() || wanted.is_empty() {
        wrong.push_str("the case runs no command or expects nothing\n");
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{wrong}(BANYAN_BLESS=1 rewrites what is expected: read the difference)").into()) }
}

/// Blank lines of templates say nothing and are left out.
fn lines(text: &str) -> String {
    text.lines().map(str::trim_end).filter(|l| !l.is_empty()).fold(String::new(), |all, l| all + l + "\n")
}

fn tree(root: &Path) -> String {
    let mut files: Vec<String> = walkdir::WalkDir::new(root)
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file())
        .map(|e| e.path().strip_prefix(root).unwrap().display().to_string())
        // Beside the sites' folders: which manifest each belongs to.
        .filter(|name| !(name.starts_with('.') && name.ends_with(".manifest")))
        .collect();
    files.sort();
    files.into_iter().fold(String::new(), |all, f| all + &f + "\n")
}

/// Runs one command in the process; what it says is appended, with what differs from run to run taken out.
fn banyan_command(command: &str, root: &Path, said: &mut String) -> u8 {
    _ = writeln!(said, "$ {command}");
    let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
    words.splice(1..1, ["--root".to_owned(), root.display().to_string()]);
    if !command.contains("--lang") {
        words.splice(1..1, ["--lang".to_owned(), "en".to_owned()]);
    }
    // A path argument is meant below the platform.
    for word in &mut words {
        if let Some(path) = word.strip_prefix("./") {
            *word = PathBuf::from(root).join(path).display().to_string();
        }
    }
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut io = banyan::cli::Io {
        out: &mut out,
        err: &mut err,
        progress: false,
        moving: false,
        color: false,
        width: 140,
        tongue: Tongue::English,
        // 2026-11-23 10:00 in Shanghai.
        now: 1_795_399_200,
    };
    let code = banyan::cli::run(words, &mut io);
    let text = String::from_utf8_lossy(&[out, err].concat()).replace(&root.display().to_string(), "ROOT");
    let times = regex::Regex::new(r"\d+\.\d\d s").unwrap();
    let memory = regex::Regex::new(r"(peak memory|内存峰值) [0-9.]+ [KMG]?B").unwrap();
    let text = times.replace_all(&text, "T s");
    said.push_str(&lines(&memory.replace_all(&text, "$1 M")));
    code
}
