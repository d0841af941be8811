//! The built sites brought to a folder, plain and by releases: only what differs, in the right order, signed, rolled back.

use crate::support;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use crate::fleet::{Fleet, changes, missing_assets, request, shown, visible};

const WWW: &str = "\n[deploy.www]\ntarget = \"file://DIR/www\"\n";
const REL: &str = "\n[deploy.rel]\ntarget = \"file://DIR/rel\"\nlayout = \"releases\"\nkeep = 2\n";

#[test]
fn plain_brings_what_differs_and_prints_it_before() {
    let f = Fleet::new(WWW);
    let first = f.run(&["deploy"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(visible(&f.path("www")) == f.built());
    assert!(missing_assets(&f.built()).is_empty() && f.built().keys().any(|k| k.contains("/assets/")));

    let nothing = f.run(&["deploy", "www"]);
    assert_eq!((nothing.status("xishan"), request(&nothing.report, "written")), ("unchanged".into(), 0));
    assert_eq!(request(&nothing.report, "read"), 1);

    f.retitle("xishan", "另一个标题");
    f.restyle();
    std::fs::remove_file(f.root().join(f.item("qinghe"))).unwrap();
    f.build();
    let before = visible(&f.path("www"));
    let dry = f.run(&["deploy", "--dry-run"]);
    assert!(visible(&f.path("www")) == before);
    let done = f.run(&["deploy"]);
    for site in ["qinghe", "xishan"] {
        assert_eq!(changes(&dry.report, site), changes(&done.report, site));
        assert!(!changes(&done.report, site).is_empty());
    }
    assert!(changes(&done.report, "qinghe").iter().any(|c| c.starts_with("delete ") && c.ends_with(".html")));
    assert!(visible(&f.path("www")) == f.built());
    let puts: u64 = ["qinghe", "xishan"].iter().flat_map(|s| changes(&done.report, s)).filter(|c| c.starts_with("put")).count() as u64;
    // A shard and a root of each site, and the record of the fleet.
    assert_eq!(request(&done.report, "written"), puts + 2 * 2 + 1);
    // Nothing of the old manifests is left.
    let left = std::fs::read_dir(f.path("www/.banyan/manifests/xishan")).unwrap().count();
    assert_eq!(left, 2);
    // The addresses that answer otherwise now.
    let lists = walkdir::WalkDir::new(f.root().join(".banyan/deploy")).into_iter().flatten();
    let list = lists.map(|e| e.into_path()).find(|p| p.ends_with("changed-urls/xishan.txt")).unwrap();
    assert!(std::fs::read_to_string(list).unwrap().lines().any(|l| l == "https://www.xishan.example/"));
}

/// Other bytes under the same headers, and the same bytes under others.
#[test]
fn headers_are_part_of_what_is_compared() {
    let f = Fleet::new(WWW);
    f.run(&["deploy"]);
    // Frames of a host may be shown now: another policy for every page of the site, and no other byte.
    f.configure("\n[[owner]]\nid = \"xishan\"\nhtml = \"embed\"\nhtml_hosts = [\"video.example\"]\n");
    f.build();
    let done = f.run(&["deploy"]);
    assert!(done.report.to_string().contains("\"why\":\"headers\""), "{}", done.report);
}

#[test]
fn releases_are_kept_switched_rolled_back_and_pruned() {
    let f = Fleet::new(REL);
    assert_eq!(f.run(&["deploy"]).code, 0);
    let one = f.built();
    assert_eq!(shown(&f.path("rel")), one);
    // What both sites have is one object.
    let objects = walkdir::WalkDir::new(f.path("rel/objects")).into_iter().flatten().filter(|e| e.file_type().is_file()).count();
    assert!(objects < one.len(), "{objects} of {}", one.len());

    f.retitle("xishan", "二");
    f.build();
    let second = f.run(&["deploy"]);
    let two = f.built();
    assert_eq!(shown(&f.path("rel")), two);
    // Outputs, a shard, a root, the pointer, the record of the fleet.
    assert_eq!(request(&second.report, "written"), changes(&second.report, "xishan").len() as u64 + 4);
    assert_eq!(std::fs::read_link(f.path("rel/sites/xishan")).unwrap(), PathBuf::from("../releases/xishan/2"));

    let back = f.run(&["deploy", "rollback", "xishan"]);
    assert_eq!((back.code, &back.report["from"], &back.report["to"]), (0, &2.into(), &1.into()), "{}", back.stderr);
    // The pointer and the record of the fleet: no page was moved.
    assert_eq!(request(&back.report, "written"), 2);
    assert_eq!(shown(&f.path("rel")), one);

    // What was rolled back does not come again by itself.
    let held = f.run(&["deploy"]);
    assert_eq!((held.code, held.status("xishan")), (0, "held".into()));
    assert_eq!(held.said(), ["deploy.held"]);
    assert_eq!(shown(&f.path("rel")), one);
    f.retitle("xishan", "三");
    f.build();
    assert_eq!(f.run(&["deploy"]).status("xishan"), "deployed");
    assert_eq!(shown(&f.path("rel")), f.built());

    let listed = f.run(&["deploy", "list", "xishan"]);
    let numbers: Vec<u64> = listed.report["releases"].as_array().unwrap().iter().map(|r| r["number"].as_u64().unwrap()).collect();
    assert_eq!((numbers, &listed.report["current"]), (vec![2, 3], &3.into()));
    let to_one = f.run(&["deploy", "rollback", "xishan", "1"]);
    assert_eq!(to_one.code, 2, "it is kept no more");
    assert!(to_one.stderr.contains("there are: 2, 3"), "{}", to_one.stderr);

    let pruned = f.run(&["deploy", "prune"]);
    assert_eq!((pruned.code, &pruned.report["manifests"]), (0, &1.into()), "{}", pruned.stderr);
    assert!(!pruned.report["objects"].as_array().unwrap().is_empty());
    assert_eq!(shown(&f.path("rel")), f.built());
    assert_eq!(f.run(&["deploy", "rollback", "xishan", "2"]).code, 0);
    assert_eq!(shown(&f.path("rel")), two);
}

#[test]
fn a_site_that_fails_holds_up_no_other_and_stays_whole() {
    for (config, target) in [(WWW, "www"), (REL, "rel")] {
        let f = Fleet::new(config);
        f.run(&["deploy"]);
        let see = |f: &Fleet| if target == "www" { visible(&f.path("www")) } else { shown(&f.path("rel")) };
        let before = see(&f);
        f.retitle("xishan", "甲");
        f.retitle("qinghe", "乙");
        f.build();
        // Someone wrote into the output folder after the build.
        let page = f.root().join("public/qinghe/index.html");
        let good = std::fs::read(&page).unwrap();
        std::fs::write(&page, "defaced").unwrap();
        let done = f.run(&["deploy"]);
        assert_eq!((done.code, done.status("xishan"), done.status("qinghe")), (4, "deployed".into(), "failed".into()), "{target}");
        assert_eq!(done.said(), ["deploy.source"]);
        let after = see(&f);
        assert_eq!(after["qinghe/index.html"], before["qinghe/index.html"]);
        assert_ne!(after["xishan/index.html"], before["xishan/index.html"]);
        std::fs::write(&page, good).unwrap();
        assert_eq!(f.run(&["deploy"]).code, 0);
        assert_eq!(see(&f), f.built());
    }
}

#[test]
fn many_deletes_want_a_word() {
    let f = Fleet::new(&format!("{WWW}max_deletes = 3\n"));
    f.run(&["deploy"]);
    let xishan = || visible(&f.path("www/xishan"));
    let before = xishan();
    std::fs::remove_dir_all(f.root().join("content/xishan")).unwrap();
    f.build();
    let done = f.run(&["deploy"]);
    assert_eq!((done.code, done.status("qinghe"), done.said()), (4, "deployed".into(), vec!["deploy.deletes".to_owned()]));
    assert!(xishan() == before);
    assert_eq!(f.run(&["deploy", "--max-deletes", "50"]).code, 0);
    assert!(visible(&f.path("www")) == f.built());
}

#[test]
fn damaged_and_foreign_targets() {
    let f = Fleet::new(WWW);
    f.run(&["deploy"]);
    // The manifest of a site is damaged: all of it is brought anew.
    let shards = std::fs::read_dir(f.path("www/.banyan/manifests/xishan")).unwrap().flatten().map(|e| e.path());
    for shard in shards {
        std::fs::write(shard, "{").unwrap();
    }
    std::fs::write(f.path("www/xishan/index.html"), "defaced").unwrap();
    f.retitle("xishan", "新");
    f.build();
    let done = f.run(&["deploy"]);
    assert_eq!((done.code, done.said()), (0, vec!["deploy.manifest".to_owned()]), "{}", done.stderr);
    assert!(visible(&f.path("www")) == f.built());
    assert!(f.run(&["deploy"]).said().is_empty());

    // The record of the fleet is cut short: everything is brought anew.
    let fleet = f.path("www/.banyan/fleet.json");
    let whole = std::fs::read(&fleet).unwrap();
    std::fs::write(&fleet, &whole[..30]).unwrap();
    let done = f.run(&["deploy"]);
    assert_eq!((done.code, done.said()), (0, vec!["deploy.fleet".to_owned()]));
    assert_eq!(request(&f.run(&["deploy"]).report, "written"), 0);

    // It is of another program: nothing is touched.
    std::fs::write(&fleet, "{\"version\": 7}").unwrap();
    f.retitle("xishan", "更新");
    f.build();
    let before = visible(&f.path("www"));
    let refused = f.run(&["deploy"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("error[deploy.foreign]"), "{}", refused.stderr);
    assert!(visible(&f.path("www")) == before);
    // A layout is chosen once.
    std::fs::write(&fleet, whole).unwrap();
    f.configure("layout = \"releases\"\n");
    assert!(f.run(&["deploy"]).stderr.contains("error[deploy.layout]"));
}

#[test]
fn one_deploy_at_a_time() {
    let f = Fleet::new(WWW);
    f.run(&["deploy"]);
    f.retitle("xishan", "新");
    f.build();
    let lock = std::fs::File::open(f.path("www/.banyan/lock")).unwrap();
    lock.lock().unwrap();
    let second = f.run(&["deploy"]);
    assert_eq!(second.code, 2);
    assert!(second.stderr.contains("error[deploy.locked]: another deploy to this target is running"), "{}", second.stderr);
    // Nothing to do needs no lock.
    let waiting = f.command(&["deploy", "-q", "--wait", "60"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(lock);
    assert!(waiting.wait_with_output().unwrap().status.success());
    assert!(visible(&f.path("www")) == f.built());
}

#[test]
fn a_credential_is_refused_at_its_line_and_not_shown() {
    let f = Fleet::new("");
    let first = std::fs::read_to_string(f.root().join("sites.toml")).unwrap().lines().count();
    f.configure(
        "\n[deploy.a]\ntarget = \"s3://hunter2id:hunter2@b/x\"\n\n[deploy.b]\ntarget = \"s3://b/x\"\nsecret_access_key = \"hunter2\"\n",
    );
    for format in ["human", "json"] {
        let said = f.command(&["deploy", "a", "--lang", "en", "--format", format]).output().unwrap();
        assert_eq!(said.status.code(), Some(2));
        let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(!text.contains("hunter2"), "{text}");
        let lines = [first + 3, first + 7];
        assert!(lines.iter().all(|l| text.contains(&format!("sites.toml:{l}"))), "{lines:?} {text}");
    }
}

/// Lists of changed addresses, in batches, without a shell; what fails is told and comes again.
#[test]
fn caches_are_told() {
    let f = Fleet::new(&format!("{WWW}purge = [\"DIR/purge\", \"{{file}}\", \"a b; touch DIR/shell\"]\npurge_batch = 5\n"));
    let script = |code: u32| {
        let text = format!("#!/bin/sh\ncat \"$1\" >> {0}/purged\necho \"$#\" >> {0}/batches\nexit {code}\n", f.dir.path().display());
        std::fs::write(f.path("purge"), text).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(f.path("purge")).status().unwrap().success());
    };
    script(3);
    let first = f.run(&["deploy"]);
    assert_eq!((first.code, first.said()), (4, vec!["deploy.purge".to_owned(); 2]));
    assert!(visible(&f.path("www")) == f.built());
    std::fs::remove_file(f.path("purged")).unwrap();
    std::fs::remove_file(f.path("batches")).unwrap();
    script(0);
    // Nothing changed since, and the lists are still waiting.
    assert_eq!(f.run(&["deploy"]).code, 0);
    let purged = std::fs::read_to_string(f.path("purged")).unwrap();
    assert_eq!(purged.lines().count(), f.built().len());
    let batches = std::fs::read_to_string(f.path("batches")).unwrap();
    assert!(batches.lines().count() >= f.built().len() / 5 && batches.lines().all(|n| n == "2"));
    assert!(!f.path("shell").exists());
    f.run(&["deploy"]);
    assert_eq!(std::fs::read_to_string(f.path("purged")).unwrap(), purged, "told once");
}

/// From a machine that keeps `.banyan/` and no output.
#[test]
fn a_delta_is_enough() {
    let f = Fleet::new(WWW);
    f.run(&["deploy"]);
    std::fs::remove_dir_all(f.root().join("public")).unwrap();
    f.retitle("xishan", "新");
    let delta = f.path("delta");
    assert_eq!(f.run(&["build", "--delta", delta.to_str().unwrap()]).code, 0);
    let done = f.run(&["deploy", "--delta", delta.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{} {:?}", done.stderr, done.said());
    f.build();
    assert!(visible(&f.path("www")) == f.built());
}

#[test]
fn precompressed_files_are_outputs() {
    let f = Fleet::new(WWW);
    f.replace("sites.toml", "[deploy.www]", "[defaults.outputs]\nprecompress = [\"gzip\", \"brotli\", \"zstd\"]\n\n[deploy.www]");
    f.build();
    let all = f.built();
    let (page, gz) = (&all["xishan/index.html"], &all["xishan/index.html.gz"]);
    let mut back = Vec::new();
    flate2::read::GzDecoder::new(&gz[..]).read_to_end(&mut back).unwrap();
    assert_eq!(&back, page);
    assert!(all.contains_key("xishan/index.html.br") && all.contains_key("xishan/index.html.zst"));
    let small = all.iter().find(|(path, bytes)| path.ends_with(".xml") && bytes.len() < 1024).unwrap().0;
    assert!(!all.contains_key(&format!("{small}.gz")));

    // Work follows the change: the forms of what changed, and no others; and no address of a form is told.
    let stamp = |p: &str| std::fs::metadata(f.root().join("public").join(p)).unwrap().modified().unwrap();
    let before = stamp("qinghe/index.html.br");
    f.retitle("xishan", "新");
    f.build();
    assert_eq!(stamp("qinghe/index.html.br"), before);
    assert_ne!(f.built()["xishan/index.html.br"], all["xishan/index.html.br"]);
    let urls = std::fs::read_to_string(f.root().join(".banyan/changed-urls.txt")).unwrap();
    assert!(urls.lines().count() > 3 && !urls.contains(".gz") && !urls.contains(".br"), "{urls}");
    assert_eq!(f.run(&["plan"]).report["sites"][0]["gone"].as_array().unwrap().len(), 0);
    let built = f.built();
    assert_eq!(f.run(&["build", "--verify-incremental"]).code, 0);
    f.run(&["deploy"]);
    assert_eq!(visible(&f.path("www")), built);
    // A target that does not want them.
    f.configure("precompressed = false\n");
    assert_eq!(f.run(&["deploy", "--max-deletes", "1000"]).code, 0);
    assert!(!visible(&f.path("www")).keys().any(|k| k.ends_with(".br")));
    // Switched off: they go.
    f.replace("sites.toml", "precompress = [\"gzip\", \"brotli\", \"zstd\"]\n", "");
    f.build();
    assert!(!f.built().keys().any(|k| k.ends_with(".gz")));
}

/// A key of the minisign program is taken, and that program believes the signature.
#[test]
fn manifests_are_signed_as_minisign_does() {
    let f = Fleet::new("");
    let key = f.path("key");
    let made = f.command(&["deploy", "keygen"]).arg(&key).output().unwrap();
    let line = String::from_utf8(made.stdout).unwrap();
    assert!(line.starts_with("public_key = \"RW"), "{line}");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions()) & 0o777, 0o600);
    f.configure(&format!("\n[deploy]\nsign = \"required\"\n{line}{REL}"));

    // No key, a key among the files, another's key.
    let refused = f.run(&["deploy"]);
    assert!(refused.code == 2 && refused.stderr.contains("error[deploy.unsigned]"), "{}", refused.stderr);
    assert!(!f.path("rel").exists());
    for place in ["p/deploy.key", "p/public/deploy.key", "rel/deploy.key"] {
        std::fs::create_dir_all(f.path(place).parent().unwrap()).unwrap();
        std::fs::copy(&key, f.path(place)).unwrap();
        let bad = f.command(&["deploy", "--lang", "en"]).env("BANYAN_SIGN_KEY_FILE", f.path(place)).output().unwrap();
        assert_eq!(bad.status.code(), Some(2), "{place}");
        assert!(String::from_utf8_lossy(&bad.stderr).contains("error[deploy.key-place]"), "{place}");
        std::fs::remove_file(f.path(place)).unwrap();
    }
    let inside = f.command(&["deploy", "keygen"]).arg(f.root().join("k")).output().unwrap();
    assert!(inside.status.code() == Some(2) && !f.root().join("k").exists());
    let other = f.path("other");
    f.command(&["deploy", "keygen"]).arg(&other).output().unwrap();
    let bad = f.command(&["deploy", "--lang", "en"]).env("BANYAN_SIGN_KEY_FILE", &other).output().unwrap();
    assert!(String::from_utf8_lossy(&bad.stderr).contains("error[deploy.key-unknown]"));

    let deploy = || {
        let text = std::fs::read_to_string(&key).unwrap();
        support::Built::new(f.command(&["deploy", "--format", "json"]).env("BANYAN_SIGN_KEY", text).output().unwrap())
    };
    assert_eq!(deploy().code, 0);
    assert_eq!(request(&deploy().report, "written"), 0);
    let folder = f.path("rel/.banyan/manifests/xishan");
    let signature = std::fs::read_dir(&folder).unwrap().flatten().map(|e| e.path()).find(|p| p.extension().unwrap() == "minisig").unwrap();
    let root = signature.with_extension("");
    let public = line.trim().trim_start_matches("public_key = ").trim_matches('"');
    let minisign = |file: &std::path::Path| {
        Command::new("minisign").args(["-V", "-P", public, "-x"]).arg(&signature).arg("-m").arg(file).output().unwrap()
    };
    let checked = minisign(&root);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("site:xishan"));

    // The site, asked over HTTP.
    let server = Server::new(f.path("rel/sites/xishan"));
    let verify = |f: &Fleet| f.run(&["deploy", "verify", "xishan", "--url", &server.url, "--ignore-header", "content-security-policy"]);
    let good = verify(&f);
    assert_eq!(
        (good.code, &good.report["signed"], &good.report["differences"]),
        (0, &true.into(), &serde_json::json!([])),
        "{}",
        good.report
    );
    let page = f.path("rel/sites/xishan/index.html");
    let bytes = std::fs::read(&page).unwrap();
    std::fs::remove_file(&page).unwrap();
    std::fs::write(&page, [&bytes[..], b"<script src=//evil.example></script>"].concat()).unwrap();
    std::fs::remove_file(f.path("rel/sites/xishan/404.html")).unwrap();
    let found = verify(&f);
    assert_eq!(found.code, 3);
    assert_eq!(
        found.report["differences"],
        serde_json::json!([["404.html", {"what": "missing", "status": 404}], ["index.html", {"what": "changed"}]])
    );
    let all = f.run(&["deploy", "verify", "xishan", "--url", &server.url]);
    assert!(all.report.to_string().contains("content-security-policy"));
    let sample = f.run(&["deploy", "verify", "xishan", "--url", &server.url, "--sample", "4"]);
    assert_eq!(sample.report["checked"], 4);

    // Whoever writes the manifest too has not the key.
    let fleet = std::fs::read_to_string(f.path("rel/.banyan/fleet.json")).unwrap();
    let hash = root.file_stem().unwrap().to_str().unwrap().to_owned();
    let forged = std::fs::read_to_string(&root).unwrap().replace("\"bytes\":", "\"bytes\" :");
    let name = blake3::hash(forged.as_bytes()).to_hex().to_string();
    std::fs::write(folder.join(format!("{name}.json")), &forged).unwrap();
    std::fs::copy(&signature, folder.join(format!("{name}.json.minisig"))).unwrap();
    std::fs::write(f.path("rel/.banyan/fleet.json"), fleet.replace(&hash, &name)).unwrap();
    assert!(!minisign(&folder.join(format!("{name}.json"))).status.success());
    let forged = verify(&f);
    assert!(forged.code == 2 && forged.stderr.contains("error[deploy.signature]"), "{}", forged.stderr);
    std::fs::remove_file(folder.join(format!("{name}.json.minisig"))).unwrap();
    assert!(verify(&f).stderr.contains("error[deploy.not-signed]"));
}

/// Gives out a folder, with the headers that the manifest has for its kinds of files.
struct Server {
    url: String,
}

impl Server {
    fn new(folder: PathBuf) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let folder = folder.clone();
                std::thread::spawn(move || _ = answer(stream, &folder));
            }
        });
        Server { url }
    }
}

fn answer(mut stream: std::net::TcpStream, folder: &std::path::Path) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = percent_encoding::percent_decode_str(head.split(' ').nth(1).unwrap_or("/")).decode_utf8_lossy().into_owned();
    let mut file = folder.join(path.trim_start_matches('/'));
    if path.ends_with('/') {
        file.push("index.html");
    }
    let Ok(bytes) = std::fs::read(&file) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    let ending = file.extension().unwrap_or_default().to_string_lossy().into_owned();
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (kind, age) = match &*ending {
        "html" => ("text/html; charset=utf-8", 300),
        "css" if name == "tokens.css" => ("text/css; charset=utf-8", 60),
        "css" => ("text/css; charset=utf-8", 31536000),
        "js" => ("text/javascript; charset=utf-8", 31536000),
        "txt" => ("text/plain; charset=utf-8", 300),
        "json" => ("application/feed+json; charset=utf-8", 300),
        "xml" if name.contains("feed") => ("application/atom+xml; charset=utf-8", 300),
        "xml" => ("application/xml; charset=utf-8", 300),
        "svg" => ("image/svg+xml", 31536000),
        _ => ("application/octet-stream", 300),
    };
    let age = if age == 31536000 { format!("public, max-age={age}, immutable") } else { format!("public, max-age={age}") };
    let policy = if ending == "html" { "referrer-policy: strict-origin-when-cross-origin\r\n" } else { "" };
    let length = bytes.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncache-control: {age}\r\nx-content-type-options: nosniff\r\n{policy}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&bytes)
}
