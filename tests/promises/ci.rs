//! The files of docs/ci, run as far as a machine without GitLab and GitHub can: their commands, in a clone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc;

use crate::fleet::{Fleet, visible};
use serde_json::Value as Json;

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/docs/ci/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn yaml(name: &str) -> Json {
    serde_yaml::from_str(&file(name)).unwrap()
}

/// A platform in a repository, with a target beside it.
struct Repository {
    f: Fleet,
}

impl Repository {
    fn new() -> Repository {
        let f = Fleet::new("\n[deploy.www]\ntarget = \"file://DIR/www\"\n");
        for folder in ["public", ".banyan"] {
            std::fs::remove_dir_all(f.root().join(folder)).unwrap();
        }
        f.write(".gitignore", "/public\n/.banyan\n");
        let r = Repository { f };
        r.git(&["init", "-q", "-b", "main"]);
        r.commit();
        r
    }

    fn git(&self, args: &[&str]) {
        let done = git(&self.f.root(), args);
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"]);
    }

    /// A fresh clone, with what the cache kept of another.
    fn clone_to(&self, name: &str, cache: Option<&Path>) -> PathBuf {
        let to = self.f.path(name);
        self.git(&["clone", "-q", ".", to.to_str().unwrap()]);
        for folder in [".banyan", "public"] {
            if let Some(from) = cache.map(|c| c.join(folder)).filter(|c| c.exists()) {
                assert!(Command::new("cp").arg("-a").arg(from).arg(&to).status().unwrap().success());
            }
        }
        to
    }
}

fn git(folder: &Path, args: &[&str]) -> Output {
    Command::new("git").args(args).current_dir(folder).output().unwrap()
}

/// Commands as a runner gives them to a shell, with the program on the path.
fn run(folder: &Path, script: &str, environment: &[(&str, String)]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_banyan")).parent().unwrap().display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-e", "-c", script]).current_dir(folder).env("PATH", path).env("SOURCE_DATE_EPOCH", "1795399200");
    for (name, value) in environment {
        command.env(name, value);
    }
    let done = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{script}\n{said}");
    done
}

#[test]
fn gitlab() {
    let ci = yaml("gitlab-ci.yml");
    let script = |job: &str| -> String {
        let lines = ci[job]["script"].as_array().unwrap().iter();
        lines.map(|l| l.as_str().unwrap()).collect::<Vec<_>>().join("\n")
    };
    let stages: Vec<&str> = ci["stages"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    for job in ["review", "publish"] {
        assert!(stages.contains(&ci[job]["stage"].as_str().unwrap()));
    }
    let variables: Vec<(&str, String)> =
        ci["variables"].as_object().unwrap().iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap().to_owned())).collect();
    let r = Repository::new();
    let first = r.clone_to("first", None);
    run(&first, &script("publish"), &variables);
    assert!(visible(&r.f.path("www")) == visible(&first.join("public")));

    r.f.retitle("xishan", "合并请求里的标题");
    r.commit();
    let second = r.clone_to("second", Some(&first));
    let (url, asked) = listener();
    let mut environment = variables.clone();
    environment.extend([
        ("NOTE_TOKEN", "t0ken".into()),
        ("CI_API_V4_URL", url),
        ("CI_PROJECT_ID", "1".into()),
        ("CI_MERGE_REQUEST_IID", "7".into()),
    ]);
    run(&second, &script("review"), &environment);
    let request = asked.recv().unwrap();
    assert!(request.starts_with("POST /projects/1/merge_requests/7/notes "), "{request}");
    assert!(request.contains("PRIVATE-TOKEN: t0ken") && request.contains("www.xishan.example"), "{request}");
    assert!(std::fs::read_to_string(second.join("findings.xml")).unwrap().contains("<testsuite"));
    let before = visible(&r.f.path("www"));
    run(&second, &script("publish"), &variables);
    let after = visible(&r.f.path("www"));
    assert!(after != before && after == visible(&second.join("public")));
    assert!(std::fs::read_to_string(second.join("changes.txt")).unwrap().contains("~ index.html"));
}

#[test]
fn github() {
    let ci = yaml("github.yml");
    let script = |job: &str| -> String {
        let steps = ci["jobs"][job]["steps"].as_array().unwrap().iter().filter_map(|s| s["run"].as_str());
        steps.collect::<Vec<_>>().join("\n")
    };
    for job in ["review", "publish"] {
        // What others wrote is never part of a command.
        assert!(!script(job).contains("${{"), "{job}");
    }
    let r = Repository::new();
    let tools = r.f.path("tools");
    std::fs::create_dir_all(&tools).unwrap();
    let gh = format!("#!/bin/sh\necho \"$@\" > {0}/asked\ncat comment.md >> {0}/asked\n", tools.display());
    std::fs::write(tools.join("gh"), gh).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(tools.join("gh")).status().unwrap().success());
    let target = ("TARGET", ci["env"]["TARGET"].as_str().unwrap().to_owned());
    let first = r.clone_to("first", None);
    run(&first, &script("publish"), std::slice::from_ref(&target));
    r.f.retitle("xishan", "合并请求里的标题");
    r.commit();
    let second = r.clone_to("second", Some(&first));
    let with_gh = format!("PATH={}:$PATH\n{}", tools.display(), script("review"));
    run(&second, &with_gh, &[target.clone(), ("NUMBER", "12".into())]);
    let asked = std::fs::read_to_string(tools.join("asked")).unwrap();
    assert!(asked.starts_with("pr comment 12 --body-file comment.md") && asked.contains("- https://www.xishan.example/"), "{asked}");
    run(&second, &script("publish"), &[target]);
    assert!(visible(&r.f.path("www")) == visible(&second.join("public")));
}

#[test]
fn a_push_to_a_plain_server() {
    let r = Repository::new();
    let bare = r.f.path("bare.git");
    r.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    std::fs::write(bare.join("hooks/post-receive"), file("post-receive")).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(bare.join("hooks/post-receive")).status().unwrap().success());
    let work = r.f.path("work");
    for title in ["第一次推送", "第二次推送"] {
        r.f.retitle("xishan", title);
        r.commit();
        let push = format!("git push -q {} main", bare.display());
        run(&r.f.root(), &push, &[("WORK", work.display().to_string())]);
        let shown = visible(&r.f.path("www"));
        assert!(shown == visible(&work.join("public")));
        assert!(String::from_utf8_lossy(&shown["xishan/index.html"]).contains(title));
    }
    // Another branch is nobody's business.
    run(&r.f.root(), &format!("git push -q {} main:other", bare.display()), &[("WORK", "/nowhere".to_owned())]);
}

/// Takes one request and gives its text.
fn listener() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = Vec::new();
        let mut part = [0; 4096];
        loop {
            let read = stream.read(&mut part).unwrap();
            text.extend_from_slice(&part[..read]);
            let whole = String::from_utf8_lossy(&text).into_owned();
            let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").unwrap();
                sender.send(percent_encoding::percent_decode_str(&whole).decode_utf8_lossy().into_owned()).unwrap();
                return;
            }
        }
    });
    (url, receiver)
}
