//! docs/publishing.md, done as it says: built, deployed, found by name through BIND and nginx, changed, put back.

mod support;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Blocks that are meant to be run, by the heading above them.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let (mut heading, mut inside) = ("", None::<String>);
    for line in text.lines() {
        match (&mut inside, line) {
            (None, "```sh") => inside = Some(String::new()),
            (None, _) => heading = line.strip_prefix("## ").unwrap_or(heading),
            (Some(block), "```") => {
                all.push((heading.to_owned(), std::mem::take(block)));
                inside = None;
            }
            (Some(block), _) => block.push_str(&format!("{line}\n")),
        }
    }
    all
}

fn port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// Ends both servers, whatever becomes of the test.
struct Servers<'d>(&'d Path);

impl Drop for Servers<'_> {
    fn drop(&mut self) {
        for pid in ["zones/named.pid", "conf/nginx.pid"] {
            if let Ok(pid) = std::fs::read_to_string(self.0.join("target/live").join(pid)) {
                _ = Command::new("kill").arg(pid.trim()).status();
            }
        }
    }
}

#[test]
fn a_newcomer_publishes_the_demonstration() {
    let sbin = Path::new("/usr/sbin");
    for program in ["nginx", "named"] {
        if !sbin.join(program).is_file() {
            assert!(std::env::var("CI").is_err(), "{program} is not installed: sh tests/tools.sh servers");
            eprintln!("SKIPPED: {program} is not installed: sh tests/tools.sh servers");
            return;
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path();
    // What the first command would build, and a demonstration of fewer items.
    std::fs::create_dir_all(work.join("target/release/examples")).unwrap();
    symlink(env!("CARGO_BIN_EXE_banyan"), work.join("target/release/banyan")).unwrap();
    support::guangxi(&work.join("target/live/platform"), &["--items", "800", "--seed", "7"]);
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/publishing.md")).unwrap();
    let done_before = ["cargo build ", "target/release/examples/guangxi "];
    let mut script = String::from("set -eu\n");
    let blocks = blocks(&text);
    let mut last = "";
    for (heading, block) in &blocks {
        if heading != last {
            script.push_str(&format!("echo '== {heading}'\n"));
            last = heading;
        }
        for line in block.lines().filter(|l| !done_before.iter().any(|d| l.starts_with(d))) {
            script.push_str(&format!("{line}\n"));
        }
    }
    let script = script.replace("8080", &port()).replace("5300", &port());
    let servers = Servers(work);
    // The shell may not wait for what goes on in the background.
    let (out, err) = (work.join("out"), work.join("err"));
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(work).env("LANG", "C.UTF-8");
    command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::fs::File::create(&err).unwrap());
    let status = command.status().unwrap();
    let said = std::fs::read_to_string(&out).unwrap();
    assert!(status.success(), "{said}\n{}", std::fs::read_to_string(&err).unwrap());
    drop(servers);
    let parts: BTreeMap<&str, &str> = said.split("== ").filter_map(|p| p.split_once('\n')).collect();
    let titles: Vec<&str> = parts["Found"].lines().filter(|l| l.contains("<title>")).collect();
    assert!(titles.len() == 3 && titles[1] == titles[2] && titles[0] != titles[1], "{said}");
    assert!(parts["Changed"].contains("nanning: deployed, release 2"), "{said}");
    let shown = |part: &str| parts[part].lines().filter_map(|l| l.parse::<u32>().ok()).map(|n| n > 0).collect::<Vec<_>>();
    assert_eq!(shown("Changed"), [true], "{said}");
    assert!(parts["Put back"].contains("nanning: release 2 → 1") && parts["Put back"].contains("nanning: release 1 → 2"), "{said}");
    assert_eq!(shown("Put back"), [false, true], "{said}");
}
