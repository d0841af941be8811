//! The built sites brought to a real S3 server that checks signatures, over a line that fails in every way. Needs
//! `--features cloud,faults`, and the server that `make tools` installs.

#[path = "support/fleet.rs"]
mod fleet;
#[path = "support/s3.rs"]
mod s3;
mod support;

use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;

use fleet::{Fleet, changes, missing_assets, request};
use libtest_mimic::{Arguments, Failed, Trial};
use s3::{ID, Mood, Proxy, SECRET, Weed};
use support::Built;

fn main() {
    let arguments = Arguments::from_args();
    let weed = Arc::new(Weed::start());
    let tests: &[(&'static str, fn(&Weed))] = &[
        ("plain", plain),
        ("releases", releases),
        ("a_wrong_key", a_wrong_key),
        ("busy_and_slow", busy_and_slow),
        ("stopped_in_mid_upload", stopped_in_mid_upload),
        ("killed", killed),
        ("two_at_once", two_at_once),
        ("damaged", damaged),
        ("front", front),
    ];
    let trials = tests.iter().map(|(name, test)| {
        let (weed, test) = (weed.clone(), *test);
        Trial::test(*name, move || {
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&weed)));
            done.map_err(|p| Failed::from(p.downcast_ref::<String>().cloned().unwrap_or_else(|| "panicked".to_owned())))
        })
    });
    let done = libtest_mimic::run(&arguments, trials.collect());
    drop(weed);
    done.exit();
}

/// A platform whose target is `bucket`, behind a proxy.
struct Site {
    f: Fleet,
    proxy: Proxy,
    bucket: &'static str,
}

impl Site {
    fn new(weed: &Weed, bucket: &'static str, more: &str) -> Site {
        weed.bucket(bucket);
        let proxy = Proxy::new(weed.s3);
        let config = "\n[deploy.s3]\nretries = 4\nconnections = 4\ntimeout = 5\n";
        let target = format!("target = \"s3://{bucket}/政务?endpoint=http://127.0.0.1:{}&region=us-east-1\"\n", proxy.port);
        Site { f: Fleet::new(&format!("{config}{target}{more}")), proxy, bucket }
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.f.command(args);
        command.args(["--format", "json", "--lang", "en"]).env("AWS_ACCESS_KEY_ID", ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
        command.env_remove("AWS_SESSION_TOKEN");
        command
    }

    fn run(&self, args: &[&str]) -> Built {
        let done = Built::new(self.command(args).output().unwrap());
        assert!(!done.stderr.contains(SECRET) && !done.report.to_string().contains(SECRET));
        done
    }

    fn key(&self, below: &str) -> String {
        format!("{}/政务/{below}", self.bucket)
    }

    /// What lies at its address, but for what releases keep.
    fn tree(&self, weed: &Weed) -> fleet::Tree {
        weed.tree(&format!("{}/政务", self.bucket))
    }

    /// The site as one who follows its pointer sees it.
    fn shown(&self, weed: &Weed, site: &str) -> Option<fleet::Tree> {
        let pointer: serde_json::Value = serde_json::from_slice(&weed.get(&self.key(&format!("sites/{site}.json")))?.0).unwrap();
        let hash = pointer["manifest"].as_str().unwrap();
        let object = |name: &str| weed.get(&self.key(&format!(".banyan/manifests/{site}/{name}"))).map(|(bytes, _)| bytes);
        let root = object(&format!("{hash}.json")).expect("the manifest that is pointed to is there");
        let manifest = banyan::build::Manifest::parse(&root, |name| object(name).ok_or("not there".to_owned())).unwrap();
        let file = |e: &banyan::build::Entry| {
            let hash = banyan::build::manifest::hex(&e.hash);
            let bytes = weed.get(&self.key(&format!("objects/{}/{hash}", &hash[..2]))).expect("each file is there").0;
            assert_eq!(blake3::hash(&bytes).as_bytes(), &e.hash);
            (format!("{site}/{}", e.path), bytes)
        };
        Some(manifest.entries.iter().map(file).collect())
    }

    fn built(&self, site: &str) -> fleet::Tree {
        self.f.built().into_iter().filter(|(path, _)| path.starts_with(&format!("{site}/"))).collect()
    }
}

fn plain(weed: &Weed) {
    let s = Site::new(weed, "plain", "");
    let first = s.run(&["deploy"]);
    assert_eq!(first.code, 0, "{} {:?}", first.stderr, first.said());
    assert_eq!(s.tree(weed), s.f.built());
    let (_, headers) = weed.get(&s.key("xishan/index.html")).unwrap();
    assert_eq!(
        (&headers["content-type"], &headers["cache-control"]),
        (&"text/html; charset=utf-8".parse().unwrap(), &"public, max-age=300".parse().unwrap())
    );
    // Of each site: what pages name, pages, feeds. Nothing is ever listed.
    let puts = s.proxy.puts();
    for site in ["qinghe", "xishan"] {
        let mine: Vec<&str> =
            puts.iter().filter_map(|p| p.split_once(&format!("/{site}/")).filter(|_| !p.contains("/.banyan/"))).map(|(_, p)| p).collect();
        let last_asset = mine.iter().rposition(|p| p.starts_with("assets/")).unwrap();
        let first_page = mine.iter().position(|p| p.ends_with(".html")).unwrap();
        let last_page = mine.iter().rposition(|p| p.ends_with(".html")).unwrap();
        let first_feed = mine.iter().position(|p| p.ends_with("feed.xml")).unwrap();
        assert!(last_asset < first_page && last_page < first_feed, "{mine:?}");
    }
    assert!(s.proxy.log().iter().all(|(_, path)| !path.contains("list-type") && !path.ends_with("/plain")));

    s.proxy.set(Mood::Good);
    let nothing = s.run(&["deploy"]);
    assert_eq!((request(&nothing.report, "read"), request(&nothing.report, "written")), (1, 0));
    assert_eq!(s.proxy.log().len(), 1, "{:?}", s.proxy.log());

    s.f.retitle("xishan", "新");
    s.f.build();
    let one = s.run(&["deploy"]);
    // Outputs, a shard, a root, the record of the fleet.
    assert_eq!(request(&one.report, "written"), changes(&one.report, "xishan").len() as u64 + 3);
    assert_eq!(s.tree(weed), s.f.built());
    // Precompressed files stay here unless they are asked for.
    s.f.replace("sites.toml", "[deploy.s3]", "[defaults.outputs]\nprecompress = [\"gzip\"]\n\n[deploy.s3]");
    s.f.build();
    assert_eq!(s.run(&["deploy"]).code, 0);
    assert!(!s.tree(weed).keys().any(|k| k.ends_with(".gz")) && s.f.built().keys().any(|k| k.ends_with(".gz")));
    s.f.configure("precompressed = true\n");
    assert_eq!(s.run(&["deploy"]).code, 0);
    assert_eq!(s.tree(weed), s.f.built());
}

fn releases(weed: &Weed) {
    let s = Site::new(weed, "releases", "layout = \"releases\"\nkeep = 2\n");
    assert_eq!(s.run(&["deploy"]).code, 0);
    let one = s.built("xishan");
    assert_eq!(s.shown(weed, "xishan").unwrap(), one);
    s.f.retitle("xishan", "二");
    s.f.build();
    let second = s.run(&["deploy"]);
    assert_eq!(request(&second.report, "written"), changes(&second.report, "xishan").len() as u64 + 4);
    assert_eq!(s.shown(weed, "xishan").unwrap(), s.built("xishan"));
    s.proxy.set(Mood::Good);
    let back = s.run(&["deploy", "rollback", "xishan"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert_eq!(s.shown(weed, "xishan").unwrap(), one);
    assert!(s.proxy.puts().iter().all(|p| !p.contains("/objects/")));
    for title in ["三", "四"] {
        s.f.retitle("xishan", title);
        s.f.build();
        assert_eq!(s.run(&["deploy"]).code, 0);
    }
    let pruned = s.run(&["deploy", "prune"]);
    assert!(pruned.code == 0 && !pruned.report["objects"].as_array().unwrap().is_empty(), "{}", pruned.stderr);
    for site in ["qinghe", "xishan"] {
        assert_eq!(s.shown(weed, site).unwrap(), s.built(site));
    }
}

fn a_wrong_key(weed: &Weed) {
    let s = Site::new(weed, "wrong", "");
    let refused = s.command(&["deploy"]).env("AWS_SECRET_ACCESS_KEY", "another-secret").output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("error[deploy.denied]") && !said.contains("another-secret"), "{said}");
    let without = s.command(&["deploy"]).env_remove("AWS_SECRET_ACCESS_KEY").output().unwrap();
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("`AWS_SECRET_ACCESS_KEY` is not in the environment"));
    assert!(s.tree(weed).is_empty());
}

fn busy_and_slow(weed: &Weed) {
    let s = Site::new(weed, "busy", "");
    s.f.replace("sites.toml", "timeout = 5", "timeout = 1");
    s.proxy.set(Mood::Busy(5));
    let busy = s.run(&["deploy"]);
    assert_eq!(busy.code, 0, "{:?} {}", busy.report["diagnostics"], busy.stderr);
    assert_eq!(s.tree(weed), s.f.built());
    s.f.retitle("xishan", "新");
    s.f.build();
    s.proxy.set(Mood::Slow(4, 3));
    let slow = s.run(&["deploy"]);
    assert_eq!(slow.code, 0, "{:?} {}", slow.report["diagnostics"], slow.stderr);
    assert_eq!(s.tree(weed), s.f.built());
}

/// The server goes away in the middle: nothing half-published is visible, and the next run does only what is missing.
fn stopped_in_mid_upload(weed: &Weed) {
    for (bucket, more) in [("stop-plain", "retries = 1\n"), ("stop-releases", "layout = \"releases\"\n")] {
        let s = Site::new(weed, bucket, "");
        s.f.replace("sites.toml", "retries = 4\n", if more.starts_with("retries") { more } else { "retries = 1\n" });
        if more.starts_with("layout") {
            s.f.configure(more);
        }
        s.proxy.set(Mood::Dead(40));
        let cut = s.run(&["deploy"]);
        assert!(matches!(cut.code, 1 | 4), "{}", cut.code);
        assert!(cut.said().iter().any(|d| d.starts_with("deploy.unreachable")), "{:?}", cut.said());
        assert_eq!(missing_assets(&s.tree(weed)), Vec::<String>::new());
        for site in ["qinghe", "xishan"] {
            assert!(s.shown(weed, site).is_none());
        }
        let before = s.proxy.puts();
        assert!(before.len() > 20, "{before:?}");
        s.proxy.set(Mood::Good);
        let again = s.run(&["deploy"]);
        assert_eq!(again.code, 0, "{:?} {}", again.said(), again.stderr);
        let twice: Vec<String> = s.proxy.puts().into_iter().filter(|p| before.contains(p) && !p.contains("/.banyan/")).collect();
        assert_eq!(twice, Vec::<String>::new());
        match bucket {
            "stop-plain" => assert_eq!(s.tree(weed), s.f.built()),
            _ => assert_eq!(s.shown(weed, "xishan").unwrap(), s.built("xishan")),
        }
        assert_eq!(request(&s.run(&["deploy"]).report, "written"), 0);
    }
}

fn killed(weed: &Weed) {
    for (bucket, more) in [("kill-plain", ""), ("kill-releases", "layout = \"releases\"\n")] {
        let s = Site::new(weed, bucket, more);
        assert_eq!(s.run(&["deploy"]).code, 0);
        for n in [1, 4, 9, 12, 15, 18] {
            s.f.retitle("xishan", &format!("第{n}版"));
            s.f.build();
            let before = s.shown(weed, "xishan");
            let killed = s.command(&["deploy"]).env("BANYAN_FAULT", format!("kill:{n}")).output().unwrap();
            assert!(killed.status.signal() == Some(9) || killed.status.success(), "{bucket} {n}");
            assert_eq!(missing_assets(&s.tree(weed)), Vec::<String>::new());
            if let Some(now) = s.shown(weed, "xishan") {
                assert!(now == before.unwrap() || now == s.built("xishan"), "{bucket} {n}");
            }
            let again = s.run(&["deploy"]);
            assert_eq!(again.code, 0, "{bucket} {n}: {:?} {}", again.said(), again.stderr);
            match s.shown(weed, "xishan") {
                Some(now) => assert_eq!(now, s.built("xishan"), "{bucket} {n}"),
                None => assert_eq!(s.tree(weed), s.f.built(), "{bucket} {n}"),
            }
            assert_eq!(request(&s.run(&["deploy"]).report, "written"), 0, "{bucket} {n}");
        }
    }
}

fn two_at_once(weed: &Weed) {
    let s = Site::new(weed, "two", "");
    s.proxy.set(Mood::Far(60));
    let first = s.command(&["deploy"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    while !s.proxy.puts().iter().any(|p| p.contains("/manifests/")) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = s.run(&["deploy"]);
    assert_eq!(second.code, 2, "{:?}", second.report);
    assert!(second.stderr.contains("error[deploy.locked]"), "{}", second.stderr);
    let third = s.run(&["deploy", "--wait", "60"]);
    assert_eq!(third.code, 0, "{}", third.stderr);
    assert!(first.wait_with_output().unwrap().status.success());
    assert_eq!(request(&third.report, "written"), 0, "the first had done it");
    assert_eq!(s.tree(weed), s.f.built());
}

fn damaged(weed: &Weed) {
    let s = Site::new(weed, "damaged", "layout = \"releases\"\n");
    assert_eq!(s.run(&["deploy"]).code, 0);
    s.f.retitle("xishan", "新");
    s.f.build();
    weed.put(&s.key(".banyan/fleet.json"), b"{\"banyan\": 1, \"sites\"");
    let done = s.run(&["deploy"]);
    assert_eq!((done.code, done.said()), (0, vec!["deploy.fleet".to_owned()]), "{}", done.stderr);
    assert_eq!(s.shown(weed, "xishan").unwrap(), s.built("xishan"));
    assert_eq!(s.run(&["deploy", "list", "xishan"]).report["releases"].as_array().unwrap().len(), 2);
    weed.put(&s.key(".banyan/fleet.json"), b"<html>another tool</html>");
    assert_eq!(s.run(&["deploy"]).code, 0);
    weed.put(&s.key(".banyan/fleet.json"), b"{\"generator\": \"x\"}");
    let refused = s.run(&["deploy"]);
    assert!(refused.code == 2 && refused.stderr.contains("error[deploy.foreign]"), "{}", refused.stderr);
}

/// docs/deploy/front.py shows what the pointer names, with the headers of the manifest, and a rollback at once.
fn front(weed: &Weed) {
    let s = Site::new(weed, "front", "layout = \"releases\"\n");
    assert_eq!(s.run(&["deploy"]).code, 0);
    let hosts = s.f.path("hosts.json");
    let list = s.run(&["domains", "list"]);
    std::fs::write(&hosts, list.report.to_string()).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = std::process::Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/deploy/front.py")).arg(weed.url(s.key("").trim_end_matches('/'))).arg(&hosts);
    let _end = Ended(command.args(["--seconds", "0", "--port", &port.to_string()]).spawn().unwrap());
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let get = |host: &str, path: &str| {
        let url = format!("http://127.0.0.1:{port}{}", banyan::base::path::encode(path));
        (0..200)
            .find_map(|_| {
                let answer = agent.get(&url).header("host", host).call();
                answer.ok().or_else(|| {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    None
                })
            })
            .expect("the front answers")
    };
    let main = |site: &str| {
        let name = list.report.as_array().unwrap().iter().find(|n| n["site"] == site && n["what"] == "main").unwrap();
        name["host"].as_str().unwrap().to_owned()
    };
    let look = || {
        for site in ["qinghe", "xishan"] {
            let folder = s.f.root().join(".banyan/manifests").join(site);
            let manifest = banyan::build::Manifest::read(&folder).unwrap().unwrap();
            for entry in &manifest.entries {
                let path = entry.path.strip_suffix("index.html").filter(|p| p.is_empty() || p.ends_with('/')).unwrap_or(&entry.path);
                let answer = get(&main(site), &format!("/{path}"));
                assert_eq!(answer.status(), 200, "{site}/{path}");
                for (name, value) in &manifest.headers[usize::from(entry.headers)].0 {
                    assert_eq!(answer.headers()[name], value.as_str(), "{site}/{path}");
                }
                let bytes = answer.into_body().read_to_vec().unwrap();
                assert_eq!(blake3::hash(&bytes).as_bytes(), &entry.hash, "{site}/{path}");
            }
        }
    };
    look();
    s.f.retitle("xishan", "二");
    let home = |s: &Site| s.built("xishan")["xishan/index.html"].clone();
    let one = home(&s);
    s.f.build();
    assert_eq!(s.run(&["deploy"]).code, 0);
    look();
    assert_eq!(s.run(&["deploy", "rollback", "xishan"]).code, 0);
    let now = get(&main("xishan"), "/").into_body().read_to_vec().unwrap();
    assert!(now == one && now != home(&s));
    let missing = get(&main("xishan"), "/not/there.html");
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.into_body().read_to_vec().unwrap(), s.built("xishan")["xishan/404.html"]);
    assert_eq!(get("nobody.example", "/").status(), 421);
}

struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
