//! A build that is killed before any of its writes, renames or deletes, a disk that fills up at any of them: the next
//! build is right, and no manifest ever names a file that is not there. Needs `--features faults`.

use std::os::unix::process::ExitStatusExt;

use crate::support::{self, Platform};

/// A platform with an earlier output, and changes of every kind since.
fn changed() -> Platform {
    let p = Platform::new();
    for i in 0..4 {
        p.write(
            &format!("content/a/news/2026/old{i}.md"),
            format!("---\ntitle: Old {i}\ndate: 2026-01-0{}\ntags: [x]\n---\nText.\n", i + 1),
        );
    }
    p.write("content/a/news/2026/folder.md", "---\ntitle: F\ndate: 2026-01-01\nurl: /place\n---\nText.\n");
    assert_eq!(p.build().code, 0);
    std::fs::remove_file(p.path("content/a/news/2026/old1.md")).unwrap();
    // A file becomes a folder, a folder a file.
    p.write("content/a/news/2026/folder.md", "---\ntitle: F\ndate: 2026-01-01\nurl: /place/below.html\n---\nText.\n");
    p.write("content/a/news/2026/old2.md", "---\ntitle: Renewed\ndate: 2026-01-03\ntags: [y]\n---\nNew text.\n");
    p.write("content/b/news/2026/new.md", "---\ntitle: New B\ndate: 2026-02-01\n---\nText.\n");
    p
}

fn clean() -> std::collections::BTreeMap<String, Vec<u8>> {
    let p = changed();
    std::fs::remove_dir_all(p.path("public")).unwrap();
    std::fs::remove_dir_all(p.path(".banyan")).unwrap();
    assert_eq!(p.build().code, 0);
    p.tree()
}

/// Files of finished sites only: what is hidden is in the making.
fn visible(p: &Platform) -> Vec<String> {
    p.tree().into_keys().filter(|k| !k.starts_with('.')).collect()
}

#[test]
fn killed_before_each_write_in_turn() {
    let wanted = clean();
    let mut survived = false;
    for n in 1.. {
        let p = changed();
        let status = p.command(&["build", "-q", "--jobs", "1"]).env("BANYAN_FAULT", format!("kill:{n}")).status().unwrap();
        if status.signal() != Some(9) {
            // More faults than the build has writes: it ends by itself.
            assert!(status.success());
            survived = true;
            assert!(n > 20, "only {n} points");
            break;
        }
        if n % 3 == 0 {
            // What is visible is whole: a page, or nothing.
            for name in visible(&p) {
                let bytes = std::fs::read(p.path("public").join(&name)).unwrap();
                assert!(!bytes.is_empty() || name.ends_with("tokens.css"), "{name} is half-written (kill {n})");
            }
        }
        let again = p.build();
        assert_eq!(again.code, 0, "kill {n}: {:?}", again.said());
        assert!(p.tree() == wanted, "kill {n}: {:?}", diff(&p.tree(), &wanted));
        p.check_manifests();
    }
    assert!(survived);
}

fn diff(a: &std::collections::BTreeMap<String, Vec<u8>>, b: &std::collections::BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter().filter(|k| a.get(*k) != b.get(*k)).cloned().collect()
}

#[test]
fn a_disk_that_fills_up_at_each_write_in_turn() {
    let wanted = clean();
    for n in (1..60).step_by(3) {
        let p = changed();
        let before = p.tree();
        let full = support::Built::new(
            p.command(&["build", "--format", "json", "--jobs", "1"]).env("BANYAN_FAULT", format!("full:{n}")).output().unwrap(),
        );
        if full.code == 0 {
            break;
        }
        for site in ["a", "b"].into_iter().filter(|s| full.status(s) == "kept") {
            // Before the site was whole nothing of it was touched.
            if full.said().iter().any(|s| s.contains("news/") || s.contains(".html")) {
                let of = |t: &std::collections::BTreeMap<String, Vec<u8>>| t.iter().filter(|(k, _)| k.starts_with(site)).count();
                assert!(of(&p.tree()) >= of(&before) - 1, "full {n}");
            }
        }
        assert!(full.said().iter().any(|s| s.starts_with("build.disk-full")), "full {n}: {:?}", full.said());
        assert_eq!(p.build().code, 0);
        assert!(p.tree() == wanted, "full {n}: {:?}", diff(&p.tree(), &wanted));
        p.check_manifests();
    }
}

/// Ctrl-C: what is not whole stays as it was; the next build is right.
#[test]
fn interrupted() {
    let p = changed();
    for i in 0..3000 {
        p.write(&format!("content/a/news/2026/many{i}.md"), format!("---\ntitle: Many {i}\ndate: 2026-03-01\n---\nText.\n"));
    }
    let mut child = p.command(&["build", "-q", "--jobs", "1"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(150));
    _ = rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT);
    let status = child.wait().unwrap();
    assert!(status.code().is_some(), "it ends by itself: {status}");
    assert!(!visible(&p).iter().any(|k| k.contains(".new")));
    assert_eq!(p.build().code, 0);
    p.check_manifests();
}

/// Told to stop while it reads: it ends there, and begins no site. What lies staged may be of another build, whose lock went with the folder
/// of state.
#[test]
fn told_to_stop_before_the_first_site() {
    use std::sync::atomic::{AtomicBool, Ordering};
    struct Stop<'a>(&'a AtomicBool);
    impl banyan::build::Watch for Stop<'_> {
        fn phase(&self, phase: banyan::build::Phase) {
            if phase == banyan::build::Phase::Content {
                self.0.store(true, Ordering::Relaxed);
            }
        }
    }
    let p = changed();
    p.write("public/.a.new/index.html", "of another build");
    let before = p.tree();
    let stop = AtomicBool::new(false);
    let report = banyan::build::build(&support::order(&p.root(), &Stop(&stop), &stop)).unwrap();
    assert!(report.diagnostics.iter().any(|d| d.id == "build.interrupted"));
    assert!(report.sites.is_empty(), "it went on to the sites");
    assert!(p.tree() == before, "{:?}", diff(&p.tree(), &before));
    assert!(p.path("public/.a.new/index.html").is_file());
    assert_eq!(p.build().code, 0);
    p.check_manifests();
}

/// Two builds on one root: the second says so and touches nothing.
#[test]
fn a_second_build_waits_outside() {
    let p = changed();
    let lock = std::fs::File::create(p.path(".banyan/lock")).unwrap();
    lock.lock().unwrap();
    let second = p.command(&["build", "-q", "--lang", "en"]).output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another build is running"));
    drop(lock);
    assert_eq!(p.build().code, 0);
}
