//! Content that is known is not opened: what a build remembers of the files, what it believes of their times and of git,
//! and that it never says anything else than a build that remembers nothing.

use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use crate::support::{Built, Platform};
use banyan::base::sealed::{self, SEAL};
use banyan::build::{Order, PATIENCE, Phase, Status, Watch};
use banyan::route::Moment;

/// Files of items, of which: opened, parsed.
fn counts(b: &Built) -> [u64; 3] {
    ["files", "read", "parsed"].map(|k| b.report["content"][k].as_u64().unwrap_or(u64::MAX))
}

fn git(p: &Platform, args: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=T", "-c", "user.email=t@example", "-c", "init.defaultBranch=main"]).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").current_dir(p.root());
    let out = command.output().unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// Builds as if the last build had said nothing of the whole: here it is the memo that answers.
fn build(p: &Platform) -> Built {
    _ = std::fs::remove_file(p.path(".banyan/whole"));
    p.build()
}

/// Files must have been left alone for two seconds before their times are believed.
fn rest() {
    std::thread::sleep(Duration::from_millis(2_200));
}

/// A build that remembers nothing says the same and writes the same.
fn same_as_clean(p: &Platform, built: &Built, tree: &std::collections::BTreeMap<String, Vec<u8>>) {
    let fresh = p.copy();
    let clean = build(&fresh);
    assert_eq!(counts(&clean)[1], counts(&clean)[0]);
    assert_eq!(built.report["diagnostics"], clean.report["diagnostics"]);
    assert_eq!(built.code, clean.code);
    let other = fresh.tree();
    let mut names: std::collections::BTreeSet<&String> = tree.keys().chain(other.keys()).collect();
    // A site with errors keeps its last complete output, which the copy never had.
    let kept = |name: &str| ["a", "b"].iter().any(|s| built.status(s) == "kept" && name.trim_start_matches('.').starts_with(s));
    names.retain(|n| tree.get(*n) != other.get(*n) && !kept(n));
    assert!(names.is_empty(), "other files: {names:?}");
}

/// The receipts are taken away: what outputs remember is not told here.
fn checked(p: &Platform) -> [u64; 3] {
    _ = std::fs::remove_dir_all(p.path(".banyan/receipts"));
    let built = build(p);
    same_as_clean(p, &built, &p.tree());
    counts(&built)
}

#[test]
fn what_was_left_alone_is_neither_opened_nor_parsed() {
    let p = Platform::new();
    p.write("content/a/news/staff.jsonl", "{\"id\":\"r1\",\"title\":\"One\"}\n{\"id\":\"r2\",\"title\":\"Two\"}\n{\"id\":\"bad\"}\n");
    p.write("content/a/news/2026/slip.md", "---\ntitle: Slip\ndate: 2026-02-30\nnonsense: 1\n---\nText.\n");
    p.write("content/a/news/_index.md", "---\ntitle: News of A\n---\nWords.\n");
    rest();
    let first = build(&p);
    assert_eq!(counts(&first), [5, 5, 5]);
    assert!(first.said().iter().any(|s| s.starts_with("content.no-such-day")), "{:?}", first.said());
    let second = build(&p);
    assert_eq!(counts(&second), [5, 0, 0]);
    assert_eq!(first.report["diagnostics"], second.report["diagnostics"]);
    same_as_clean(&p, &second, &p.tree());
}

#[test]
fn what_is_edited_is_read_and_nothing_else() {
    let p = Platform::new();
    rest();
    build(&p);
    p.write("content/a/news/2026/good.md", "---\ntitle: Better A\ndate: 2026-01-01\n---\nText.\n");
    p.write("content/a/news/2026/new.md", "---\ntitle: New\ndate: 2026-01-02\n---\nText.\n");
    assert_eq!(checked(&p), [3, 2, 2]);
    // Just written: their times are not believed yet, but what they hold is known.
    assert_eq!(checked(&p), [3, 2, 0]);
    rest();
    assert_eq!(checked(&p), [3, 2, 0]);
    assert_eq!(checked(&p), [3, 0, 0]);
    std::fs::remove_file(p.path("content/a/news/2026/new.md")).unwrap();
    assert_eq!(checked(&p), [2, 0, 0]);
}

#[test]
fn times_that_were_set_back_are_no_disguise() {
    let p = Platform::new();
    let path = p.path("content/a/news/2026/good.md");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    let write = |text: &str| {
        p.write("content/a/news/2026/good.md", format!("---\ntitle: {text}\n---\nText.\n"));
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
    };
    // At once after the build that read it.
    write("First");
    build(&p);
    write("Other");
    checked(&p);
    assert!(p.read("public/a/index.html").contains("Other"));
    // Long after it.
    rest();
    build(&p);
    assert_eq!(checked(&p), [2, 0, 0]);
    write("Third");
    assert_eq!(checked(&p), [2, 1, 1]);
    assert!(p.read("public/a/index.html").contains("Third"));
}

#[test]
fn a_checkout_elsewhere_is_known_by_git() {
    let p = Platform::new();
    p.write(".gitignore", "public/\n.banyan/\ncontent/b/ignored.jsonl\n");
    p.write("content/b/ignored.jsonl", "{\"id\":\"r1\",\"title\":\"One\",\"column\":\"news\"}\n");
    git(&p, &["init", "-q"]);
    git(&p, &["add", "."]);
    git(&p, &["commit", "-qm", "one"]);
    rest();
    build(&p);

    // Another machine: a clone, and the memo without the rows of this one.
    let clone = Platform::empty();
    git(&clone, &["clone", "-q", &p.root().display().to_string(), "."]);
    clone.take(&p, ".banyan/memo");
    clone.take(&p, "content/b/ignored.jsonl");
    // The index is older than its margin only when git writes it again later.
    rest();
    git(&clone, &["update-index", "--refresh", "--force-write-index"]);
    assert_eq!(checked(&clone), [3, 1, 0], "only what git does not know is opened");
    assert_eq!(checked(&clone), [3, 0, 0]);

    // An edit, then its commit; a file that git does not know.
    clone.write("content/a/news/2026/good.md", "---\ntitle: Edited A\n---\nText.\n");
    clone.write("content/a/news/2026/untracked.md", "---\ntitle: Untracked\n---\nText.\n");
    assert_eq!(checked(&clone), [4, 2, 2]);
    git(&clone, &["commit", "-qam", "two"]);
    rest();
    checked(&clone);
    assert_eq!(checked(&clone), [4, 0, 0]);

    // Another branch and back: all times are new, all content is known.
    git(&clone, &["checkout", "-q", "HEAD~"]);
    assert_eq!(counts(&build(&clone))[2], 1, "the old version had been forgotten");
    git(&clone, &["checkout", "-q", "-"]);
    assert!(counts(&build(&clone))[1] <= 2);
}

#[test]
fn every_kind_of_index_is_understood_or_left() {
    let p = Platform::new();
    p.write(".gitignore", "public/\n.banyan/\n");
    for n in 0..40 {
        p.write(&format!("content/a/news/2026/{}{n}.md", "x".repeat(n)), format!("---\ntitle: N{n}\n---\nText.\n"));
    }
    git(&p, &["init", "-q"]);
    git(&p, &["add", "."]);
    git(&p, &["commit", "-qm", "one"]);
    rest();
    build(&p);
    let read = |args: &[&str]| {
        std::fs::remove_dir_all(p.path(".banyan/files")).unwrap();
        git(&p, args);
        counts(&build(&p))[1]
    };
    assert_eq!(read(&["update-index", "--index-version", "2", "--force-write-index"]), 0);
    assert_eq!(read(&["update-index", "--index-version", "4", "--force-write-index"]), 0);
    assert_eq!(read(&["update-index", "--assume-unchanged", "content/a/news/2026/0.md"]), 1);
    assert_eq!(read(&["update-index", "--no-assume-unchanged", "content/a/news/2026/0.md"]), 0);
    assert_eq!(read(&["update-index", "--skip-worktree", "content/a/news/2026/0.md"]), 1);
    assert_eq!(read(&["update-index", "--no-skip-worktree", "content/a/news/2026/0.md"]), 0);
    // Half of a split index is elsewhere: it is left alone.
    assert_eq!(read(&["update-index", "--split-index"]), 42);
    assert_eq!(read(&["update-index", "--no-split-index", "--force-write-index"]), 0);
    // A filter may make other bytes of a blob.
    p.write(".gitattributes", "*.md filter=any\n");
    assert_eq!(read(&["status"]), 42);
    // Cut anywhere, it is no index.
    p.write(".gitattributes", "");
    let index = std::fs::read(p.path(".git/index")).unwrap();
    for end in (0..index.len()).step_by(97) {
        std::fs::write(p.path(".git/index"), &index[..end]).unwrap();
        std::fs::remove_dir_all(p.path(".banyan/files")).unwrap();
        assert_eq!(build(&p).code, 0);
    }
}

#[test]
fn a_repository_of_the_longer_hash_and_one_in_a_linked_checkout() {
    let p = Platform::new();
    p.write(".gitignore", "public/\n.banyan/\n");
    git(&p, &["init", "-q", "--object-format=sha256"]);
    git(&p, &["add", "."]);
    git(&p, &["commit", "-qm", "one"]);
    rest();
    build(&p);
    let linked = Platform::empty();
    git(&p, &["worktree", "add", "-q", &linked.path("w").display().to_string()]);
    let linked = linked.below("w");
    linked.take(&p, ".banyan/memo");
    rest();
    git(&linked, &["update-index", "--refresh", "--force-write-index"]);
    assert_eq!(checked(&linked), [2, 0, 0]);
}

#[test]
fn line_ends_that_git_changes_are_seen() {
    let p = Platform::new();
    p.write(".gitignore", "public/\n.banyan/\n");
    git(&p, &["init", "-q"]);
    git(&p, &["add", "."]);
    git(&p, &["commit", "-qm", "one"]);
    rest();
    build(&p);
    let other = Platform::empty();
    git(&other, &["clone", "-q", "-c", "core.autocrlf=true", &p.root().display().to_string(), "."]);
    other.take(&p, ".banyan/memo");
    rest();
    git(&other, &["update-index", "--refresh", "--force-write-index"]);
    assert!(other.read("content/a/news/2026/good.md").contains("\r\n"));
    assert_eq!(checked(&other), [2, 2, 2], "the blob is known, these bytes are not");
}

#[test]
fn what_the_reading_depends_on_is_part_of_the_key() {
    let p = Platform::new();
    p.write("schemas/note.toml", "label = \"Note\"\n[[field]]\nname = \"number\"\nlabel = \"No\"\n");
    p.write("content/a/news/2026/note.md", "---\ntitle: N\ncategory: note\nnumber: x\n---\n<b onclick=\"x\">b</b>\n");
    p.write("content/b/news/2026/x.en.md", "---\ntitle: Tongue\n---\nText.\n");
    let sites = p.read("sites.toml");
    rest();
    build(&p);
    assert_eq!(checked(&p), [4, 0, 0]);
    // A name is no business of the content.
    p.write("sites.toml", sites.replace("name = \"A\"", "name = \"AA\""));
    assert_eq!(checked(&p), [4, 0, 0]);
    // A rule of one owner.
    p.write("sites.toml", sites.clone() + "\n[[owner]]\nid = \"a\"\nhome = \"a\"\nhtml = \"none\"\n");
    assert_eq!(checked(&p)[2], 2);
    // A column of all sites.
    let columns = sites.replace("[[site]]\nid = \"a\"", "[[tiers.t.column]]\nid = \"more\"\nname = \"More\"\n\n[[site]]\nid = \"a\"");
    p.write("sites.toml", &columns);
    assert_eq!(checked(&p)[2], 4);
    // A language.
    p.write("sites.toml", sites.replace("hosts = [\"b.example\"]", "hosts = [\"b.example\"]\nlanguages = [\"zh\", \"en\"]"));
    assert_eq!(checked(&p)[2], 4);
    p.write("sites.toml", &sites);
    checked(&p);
    // A schema.
    p.write("schemas/note.toml", "label = \"Note\"\n[[field]]\nname = \"number\"\nlabel = \"No\"\ntype = \"integer\"\n");
    assert_eq!(checked(&p)[2], 4);
}

#[test]
fn a_mount_is_remembered_with_its_metadata() {
    let p = Platform::new();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(elsewhere.path().join("acts")).unwrap();
    for n in ["one", "two"] {
        std::fs::write(elsewhere.path().join(format!("acts/{n}.md")), format!("# {n}\n\nText.\n")).unwrap();
    }
    let meta = |one: &str| {
        p.write(
            "meta.jsonl",
            format!("{{\"path\":\"acts/one.md\",\"title\":\"{one}\"}}\n{{\"path\":\"acts/two.md\",\"title\":\"Two\"}}\n"),
        );
    };
    meta("One");
    let mount =
        format!("\n[[mount]]\npath = \"{}\"\nowner = \"a\"\ncolumn = \"news\"\nmetadata = \"meta.jsonl\"\n", elsewhere.path().display());
    p.write("sites.toml", p.read("sites.toml") + &mount);
    rest();
    build(&p);
    assert_eq!(checked(&p), [4, 0, 0]);
    meta("Changed");
    assert_eq!(checked(&p), [4, 1, 1]);
}

#[test]
fn a_damaged_memo_is_said_once_and_never_believed() {
    let p = Platform::new();
    p.write("content/a/news/staff.jsonl", "{\"id\":\"r1\",\"title\":\"One\"}\n{\"id\":\"r2\",\"title\":\"Two\"}\n");
    rest();
    build(&p);
    let clean = p.tree();
    for folder in ["memo", "files"] {
        let path = p.path(&format!(".banyan/{folder}/a"));
        let whole = std::fs::read(&path).unwrap();
        let step = (whole.len() / 12).max(1);
        let cut = (0..whole.len()).step_by(step).map(|end| whole[..end].to_vec());
        let flipped = (0..whole.len()).step_by(step).map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x41;
            bytes
        });
        for bytes in cut.chain(flipped) {
            std::fs::write(&path, &bytes).unwrap();
            let built = build(&p);
            let said: Vec<_> = built.said().into_iter().filter(|s| s.starts_with("content.memo")).collect();
            assert_eq!((built.code, said.len()), (0, 1), "{:?}", built.said());
            assert!(p.tree() == clean);
            assert!(build(&p).said().iter().all(|s| !s.starts_with("content.memo")), "it is whole again");
        }
    }
    // Of another owner, under this name.
    std::fs::copy(p.path(".banyan/memo/b"), p.path(".banyan/memo/a")).unwrap();
    assert_eq!(checked(&p)[2], 2);
    assert!(p.tree() == clean);
}

#[test]
fn bytes_with_a_sound_hash_are_held_against_the_platform() {
    let p = Platform::new();
    rest();
    build(&p);
    let path = p.path(".banyan/memo/a");
    let whole = std::fs::read(&path).unwrap();
    let body = whole.len() - SEAL;
    // What is sealed so is believed: else nothing below would be looked at.
    sealed::write(&path, whole[..body].to_vec()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    for at in 16..body {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = whole[..body].to_vec();
            bytes[at] = value;
            sealed::write(&path, bytes).unwrap();
            // The front half alone: what is believed of a forged memo is not told here, only that it ends well.
            let moment = Moment { clock: 1_795_399_200, drafts: false, future: false };
            let front = banyan::build::Front::load(&p.root(), moment, banyan::build::Use::Look, &banyan::build::Silent);
            assert!(front.world.is_some() && front.diagnostics.iter().all(|d| d.id != "content.fault"), "{at}");
            // Words that cannot be made out are none, and said to be lost.
            let library = &front.world.as_ref().unwrap().library;
            let titles = library.articles.iter().filter(|a| !library.details(a).title.is_empty()).count();
            assert!(titles == library.articles.len() || library.is_lost() || value == 0, "{at} {value}");
        }
    }
}

/// Cuts what is remembered of an owner short in place, when its content was read and nothing is rendered yet.
struct Cuts(std::path::PathBuf);

impl Watch for Cuts {
    fn phase(&self, phase: Phase) {
        if phase == Phase::Render {
            std::fs::OpenOptions::new().write(true).open(&self.0).unwrap().set_len(100).unwrap();
        }
    }
}

#[test]
fn what_is_lost_while_it_is_used_empties_no_page() {
    let p = Platform::new();
    rest();
    build(&p);
    let clean = p.tree();
    p.write("content/b/news/2026/good.md", "---\ntitle: Better B\ndate: 2026-01-01\n---\nText.\n");
    _ = std::fs::remove_dir_all(p.path(".banyan/receipts"));
    let stop = AtomicBool::new(false);
    let order = Order {
        root: p.root(),
        out: None,
        sites: Vec::new(),
        jobs: 2,
        moment: Moment { clock: 1_795_399_200, drafts: false, future: false },
        repair: false,
        sample: 0,
        delta: None,
        forget: false,
        patience: PATIENCE,
        left_out: Vec::new(),
        watch: &Cuts(p.path(".banyan/memo/a")),
        stop: &stop,
    };
    let report = banyan::build::build(&order).unwrap();
    let of_a = report.sites.iter().find(|s| s.id == "a").unwrap();
    assert_eq!((of_a.status, report.diagnostics.iter().any(|d| d.id == "content.memo-lost")), (Status::Kept, true));
    let is_of_a = |name: &String| name.starts_with("a/");
    let now = p.tree();
    assert!(clean.iter().filter(|(name, _)| is_of_a(name)).all(|(name, bytes)| now.get(name) == Some(bytes)));
    let built = build(&p);
    assert_eq!((built.code, built.said().len()), (0, 0), "{:?}", built.said());
    same_as_clean(&p, &built, &p.tree());
}

#[test]
fn a_memo_is_of_no_place_and_what_belongs_to_no_owner_is_dropped() {
    let p = Platform::new();
    p.write("content/a/news/staff.jsonl", "{\"id\":\"r1\",\"title\":\"One\"}\n");
    rest();
    build(&p);
    let other = p.copy();
    other.take(&p, ".banyan/memo");
    assert_eq!(counts(&build(&other)), [3, 3, 0], "opened, since nobody knows these files; not parsed");
    std::fs::write(other.path(".banyan/memo/gone"), "x").unwrap();
    std::fs::remove_dir_all(other.path("content/b")).unwrap();
    build(&other);
    let names = |folder: &str| {
        let list = std::fs::read_dir(other.path(folder)).unwrap().flatten();
        list.map(|e| e.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(".banyan/memo"), ["a"]);
    let _ = names(".banyan/files");
}

#[test]
fn check_looks_into_the_memo_and_leaves_it() {
    let p = Platform::new();
    rest();
    build(&p);
    let before = std::fs::read(p.path(".banyan/memo/a")).unwrap();
    p.write("content/a/news/2026/new.md", "---\ntitle: New\n---\nText.\n");
    assert!(p.command(&["check"]).output().unwrap().status.success());
    assert!(before == std::fs::read(p.path(".banyan/memo/a")).unwrap());
    // A platform that was never built gets no state from looking at it.
    let q = Platform::new();
    q.command(&["check"]).output().unwrap();
    assert!(!q.path(".banyan").exists());
}

/// Numbers that look thrown, the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn after_any_edits_the_memo_says_what_the_files_say() {
    let mut dice = Dice(7);
    for seed in 0..3 {
        let p = Platform::new();
        p.write(".gitignore", "public/\n.banyan/\n*.jsonl\n");
        git(&p, &["init", "-q"]);
        git(&p, &["add", "."]);
        git(&p, &["commit", "-qm", "start"]);
        let sites = p.read("sites.toml");
        let mut done = Vec::new();
        for step in 0..16 {
            let (owner, n) = (["a", "b"][dice.throw(2) as usize], dice.throw(4));
            let file = format!("content/{owner}/news/2026/{n}.md");
            let text = ["T", "U", "[x](nowhere.md)", "<b onclick=\"x\">y</b>"][dice.throw(4) as usize];
            let what = dice.throw(9);
            done.push((what, file.clone()));
            match what {
                0 | 1 => p.write(&file, format!("---\ntitle: Title {}\n---\n{text}\n", dice.throw(3))),
                2 => _ = std::fs::remove_file(p.path(&file)),
                3 => {
                    let rows: String = (0..dice.throw(4)).map(|r| format!("{{\"id\":\"{owner}{r}\",\"title\":\"R{n}\"}}\n")).collect();
                    p.write(&format!("content/{owner}/news/rows.jsonl"), rows);
                }
                4 => {
                    let path = p.path(&file);
                    if let Ok(f) = std::fs::File::options().write(true).open(path) {
                        f.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + n)).unwrap();
                    }
                }
                5 => {
                    let rule = ["", "\n[[owner]]\nid = \"a\"\nhome = \"a\"\nhtml = \"none\"\n"][dice.throw(2) as usize];
                    p.write("sites.toml", sites.clone() + rule);
                }
                6 => git(&p, &["stash", "-qu"]),
                7 => {
                    git(&p, &["add", "-A"]);
                    git(&p, &["commit", "-qm", "more", "--allow-empty"]);
                }
                _ => {
                    let path = p.path(&format!(".banyan/memo/{owner}"));
                    if let Ok(bytes) = std::fs::read(&path) {
                        std::fs::write(&path, &bytes[..bytes.len() - n as usize]).unwrap();
                    }
                }
            }
            if step % 5 == 4 {
                rest();
            }
            _ = std::fs::remove_dir_all(p.path(".banyan/receipts"));
            let mut built = build(&p);
            // What is wrong with the memo itself no other build can say.
            if let Some(said) = built.report["diagnostics"].as_array_mut() {
                said.retain(|d| d["id"] != "content.memo");
            }
            eprintln!("{seed} {step} {:?} {:?}", done.last(), counts(&built));
            same_as_clean(&p, &built, &p.tree());
        }
    }
}
