//! A deploy that is killed before each of its steps in turn, a disk that fills up at any of them: what a reader sees is
//! whole, and the next deploy finishes the work. Needs `--features faults`.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use crate::fleet::{self, Fleet, Tree, missing_assets, shown, visible};

/// Both layouts, deployed once, and changes of every kind since.
fn changed(layout: &str) -> (Fleet, Tree) {
    let f = Fleet::new(&format!("\n[deploy.t]\ntarget = \"file://DIR/t\"\nlayout = \"{layout}\"\nkeep = 1\n"));
    f.write("content/xishan/xw/2026/place.md", "---\ntitle: 位置\ndate: 2026-01-01\nurl: /place\n---\n正文。\n");
    f.build();
    assert_eq!(f.run(&["deploy"]).code, 0);
    let before = see(&f, layout);
    // A file becomes a folder; an item goes; every page has another style sheet.
    f.write("content/xishan/xw/2026/place.md", "---\ntitle: 位置\ndate: 2026-01-01\nurl: /place/below.html\n---\n正文。\n");
    std::fs::remove_file(f.root().join(f.item("qinghe"))).unwrap();
    f.restyle();
    f.build();
    (f, before)
}

fn see(f: &Fleet, layout: &str) -> Tree {
    if layout == "plain" { visible(&f.path("t")) } else { shown(&f.path("t")) }
}

/// Files of one site.
fn of<'t>(tree: &'t Tree, site: &str) -> Vec<(&'t String, &'t Vec<u8>)> {
    tree.iter().filter(|(path, _)| path.starts_with(&format!("{site}/"))).collect()
}

/// With `plain` no page names an asset that is not there; with `releases` each site is as it was, or as it will be.
fn check(now: &Tree, before: &Tree, after: &Tree, layout: &str, when: &str) {
    if layout == "plain" {
        assert_eq!(missing_assets(now), Vec::<String>::new(), "{when}");
        return;
    }
    for site in ["qinghe", "xishan"] {
        let now = of(now, site);
        assert!(now == of(before, site) || now == of(after, site), "{when}: {site} is half there");
    }
}

/// Nothing is left of what was half-made, and the record is right.
fn clean(f: &Fleet, when: &str) {
    assert_eq!(std::fs::metadata(f.path("t/.banyan/lock")).unwrap().len(), 0, "{when}");
    let making = std::fs::read_dir(f.path("t/.banyan/making")).map_or(0, Iterator::count);
    assert_eq!(making, 0, "{when}");
    let new = walkdir::WalkDir::new(f.path("t")).into_iter().flatten().filter(|e| e.file_name().to_string_lossy().ends_with(".new"));
    assert_eq!(new.count(), 0, "{when}");
    let again = f.run(&["deploy"]);
    assert_eq!((again.code, fleet::request(&again.report, "written")), (0, 0), "{when}");
}

fn each_point(layout: &str, kind: &str, step: usize) {
    let (prepared, before) = changed(layout);
    let after = prepared.built();
    let mut points = 0;
    for n in (1..).step_by(step) {
        let f = prepared.copy();
        let when = format!("{layout} {kind}:{n}");
        let run = f.command(&["deploy", "-q"]).env("BANYAN_FAULT", format!("{kind}:{n}")).env("RAYON_NUM_THREADS", "1").output().unwrap();
        check(&see(&f, layout), &before, &after, layout, &when);
        if run.status.success() {
            break;
        }
        points = n;
        match kind {
            "kill" => assert_eq!(run.status.signal(), Some(9), "{when}"),
            _ => assert!(matches!(run.status.code(), Some(1 | 4)), "{when}: {:?}", run.status),
        }
        let again = f.run(&["deploy"]);
        assert_eq!(again.code, 0, "{when}: {:?} {}", again.said(), again.stderr);
        assert_eq!(see(&f, layout), after, "{when}");
        clean(&f, &when);
    }
    assert!(points > 30, "only {points} points");
}

#[test]
fn plain_killed_at_each_step() {
    each_point("plain", "kill", 3);
}

#[test]
fn releases_killed_at_each_step() {
    each_point("releases", "kill", 3);
}

#[test]
fn plain_on_a_disk_that_fills_up() {
    each_point("plain", "full", 7);
}

#[test]
fn releases_on_a_disk_that_fills_up() {
    each_point("releases", "full", 7);
}

/// A run that broke off, then another edit, on another machine that has nothing of the first.
#[test]
fn another_machine_goes_on() {
    for layout in ["plain", "releases"] {
        for n in [9, 23, 41] {
            let (f, _) = changed(layout);
            let killed = f.command(&["deploy", "-q"]).env("BANYAN_FAULT", format!("kill:{n}")).output().unwrap();
            assert_eq!(killed.status.signal(), Some(9));
            std::fs::remove_dir_all(f.root().join(".banyan")).unwrap();
            // What the first run was bringing is given up again.
            f.write("content/xishan/xw/2026/place.md", "---\ntitle: 位置\ndate: 2026-01-01\nurl: /elsewhere.html\n---\n正文。\n");
            f.build();
            assert_eq!(f.run(&["deploy"]).code, 0);
            assert_eq!(see(&f, layout), f.built(), "{layout} {n}");
            clean(&f, layout);
        }
    }
}

/// A real disk without room, where one may be mounted.
#[test]
fn a_small_disk() {
    let f = Fleet::new("\n[deploy.t]\ntarget = \"file://DIR/t\"\nlayout = \"releases\"\n");
    std::fs::create_dir_all(f.path("t")).unwrap();
    let mount = |size: &str| {
        let mut command = std::process::Command::new("mount");
        let done = command.args(["-t", "tmpfs", "-o", &format!("remount,size={size}"), "tmpfs"]).arg(f.path("t")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=100k", "tmpfs"]).arg(f.path("t")).output().unwrap();
    if !mounted.status.success() {
        eprintln!("nothing may be mounted here");
        return;
    }
    let place = f.path("t");
    let _end = Unmount(&place);
    let full = f.run(&["deploy"]);
    assert!(matches!(full.code, 1 | 4), "{}", full.code);
    assert!(full.said().iter().any(|s| s.starts_with("deploy.disk-full")), "{:?}", full.said());
    mount("8m");
    assert_eq!(f.run(&["deploy"]).code, 0);
    assert_eq!(shown(&f.path("t")), f.built());
}

struct Unmount<'p>(&'p Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        _ = std::process::Command::new("umount").arg(self.0).status();
    }
}
