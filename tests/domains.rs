//! The register of host names against real servers: nginx and Caddy serve the demonstration platform of 377 sites from the
//! exported configuration, BIND answers its names, octoDNS reads its zones, a browser holds its policy.
//!
//! Everything is on loopback. A server that is not there is told, and the test passed over, but not where `CI` is set.

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use banyan::build::Manifest;
use serde_json::Value as Json;

struct Fleet {
    dir: tempfile::TempDir,
    /// `domains list`
    hosts: Vec<Json>,
    manifests: BTreeMap<String, Manifest>,
}

/// Built once for all tests here.
fn fleet() -> &'static Fleet {
    static FLEET: OnceLock<Fleet> = OnceLock::new();
    FLEET.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("gx");
        support::guangxi(&root, &["--items", "800", "--seed", "7"]);
        // A department that was known by a path of its city's host.
        let file = root.join("sites/nanning-jyj.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}\n[domain]\npaths = [\"www.nanning.guangxi.example/jyj\"]\n")).unwrap();
        // Another one has no host of its own: its site is shown below a path of the city's.
        let file = root.join(format!("sites/{BELOW}.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        let rest: Vec<&str> = text.lines().filter(|l| !l.starts_with("hosts = ")).collect();
        let hosts = "hosts = \"www.nanning.guangxi.example/slj\"\naliases = \"slj.nanning.guangxi.example\"";
        std::fs::write(&file, rest.join("\n").replacen("\nparent = ", &format!("\n{hosts}\nparent = "), 1)).unwrap();
        let file = root.join("sites.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}\n[defaults.outputs]\nprecompress = [\"gzip\", \"brotli\", \"zstd\"]\n")).unwrap();
        let done = banyan(&root, &["build", "--clock", CLOCK]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let done = banyan(&root, &["domains", "list"]);
        let mut hosts: Vec<Json> = serde_json::from_slice(&done.stdout).unwrap();
        let before = hosts.len();
        hosts.retain(|h| h["what"] != "path" && h["what"] != "below");
        // The site below a path is on the other host of the city too.
        assert_eq!(before, hosts.len() + 3);
        let mut manifests = BTreeMap::new();
        for site in std::fs::read_dir(root.join(".banyan/manifests")).unwrap().flatten() {
            let manifest = Manifest::read(&site.path()).unwrap().unwrap();
            manifests.insert(manifest.site.clone(), manifest);
        }
        assert_eq!(manifests.len(), 377);
        Fleet { dir, hosts, manifests }
    })
}

/// One test at a time: some change the register, which all of them read.
fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A site below a path of its city's host.
const BELOW: &str = "nanning-slj";
const CITY: &str = "www.nanning.guangxi.example";
const CLOCK: &str = "2026-11-30T08:00:00+08:00";

fn banyan(root: &Path, args: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
    command.args(args).arg("--root").arg(root).args(["--format", "json", "--lang", "en"]);
    command.output().unwrap()
}

impl Fleet {
    fn root(&self) -> PathBuf {
        self.dir.path().join("gx")
    }

    fn export(&self, form: &str, out: &str, more: &[&str]) -> PathBuf {
        let out = self.dir.path().join(out);
        let folder = out.to_str().unwrap().to_owned();
        let args = ["domains", "export", form, "--out", &folder];
        let done = banyan(&self.root(), &[&args[..], more].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        out
    }

    fn file(&self, site: &str, path: &str) -> PathBuf {
        self.root().join("public").join(site).join(path)
    }
}

/// A program of the machine or of the tests' own environment. `None`: told, and not in CI.
fn program(name: &str) -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/py/bin").join(name);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let all = std::env::split_paths(&paths).map(|p| p.join(name)).chain([PathBuf::from("/usr/sbin").join(name), venv]);
    let found = all.into_iter().find(|p| p.is_file());
    if found.is_none() {
        assert!(std::env::var("CI").is_err(), "{name} is not installed: sh tests/tools.sh");
        eprintln!("SKIPPED: {name} is not installed: sh tests/tools.sh");
    }
    found
}

fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Server(Child);

impl Server {
    fn start(mut command: Command, port: u16) -> Server {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if child.try_wait().unwrap().is_some() || start.elapsed() > Duration::from_secs(60) {
                _ = child.kill();
                let mut said = String::new();
                _ = child.stderr.take().unwrap().read_to_string(&mut said);
                panic!("the server does not start: {said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Server(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx ends its workers only when asked.
        _ = Command::new("kill").arg(self.0.id().to_string()).status();
        _ = self.0.wait();
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().filter(|(n, _)| n == name);
        let first = all.next().map(|(_, v)| v.as_str());
        assert!(all.next().is_none(), "{name} twice: {:?}", self.headers);
        first
    }
}

/// A connection that is kept: thousands of questions are asked.
struct Client {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    fn new(port: u16) -> Client {
        Client { port, stream: None }
    }

    fn get(&mut self, host: &str, path: &str, encoding: &str) -> Answer {
        for _ in 0..2 {
            if let Some(answer) = self.try_get(host, path, encoding) {
                return answer;
            }
            self.stream = None;
        }
        panic!("no answer of {host}{path}");
    }

    fn try_get(&mut self, host: &str, path: &str, encoding: &str) -> Option<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
            self.stream = Some(BufReader::new(stream));
        }
        let stream = self.stream.as_mut()?;
        let asked = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {encoding}\r\n\r\n");
        stream.get_mut().write_all(asked.as_bytes()).ok()?;
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(n, _)| n == "content-length").map(|(_, v)| v.parse::<usize>().unwrap());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).ok()?;
        if length.is_none() || headers.iter().any(|(n, v)| n == "connection" && v == "close") {
            self.stream = None;
        }
        Some(Answer { status, headers, body })
    }
}

fn asked(path: &str) -> String {
    let address = match path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
        _ => path,
    };
    const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
    format!("/{}", percent_encoding::utf8_percent_encode(address, PLAIN))
}

/// Where a page that only leads elsewhere leads.
fn refresh(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let at = text.find("http-equiv=\"refresh\"")?;
    let url = text[at..].split("url=").nth(1)?.split('"').next()?;
    Some(url.replace("&amp;", "&"))
}

/// All hosts, aliases, retired hosts, redirects, every file with its headers, every packed form, and what is not there.
fn questions(fleet: &Fleet, client: &mut Client, encodings: &[&str]) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut count = |what| *counts.entry(what).or_default() += 1;
    let mains: BTreeMap<&str, &str> =
        fleet.hosts.iter().filter(|h| h["what"] == "main").map(|h| (h["site"].as_str().unwrap(), h["host"].as_str().unwrap())).collect();
    assert_eq!(mains.len(), 376);
    for name in &fleet.hosts {
        let (host, site) = (name["host"].as_str().unwrap(), name["site"].as_str().unwrap_or_default());
        let answer = client.get(host, "/", "identity");
        match name["what"].as_str().unwrap() {
            "main" | "host" => {
                assert_eq!(answer.status, 200, "{host}");
                assert!(answer.body == std::fs::read(fleet.file(site, "index.html")).unwrap(), "{host}");
                count("hosts");
            }
            "alias" => {
                assert_eq!(answer.status, 301, "{host}");
                let base = mains.get(site).map_or_else(|| CITY.to_owned() + "/slj", |host| (*host).to_owned());
                assert_eq!(answer.header("location").unwrap(), format!("https://{base}/"));
                let deep = client.get(host, "/a/b.html?x=1&y=%E5%B9%BF", "identity");
                assert_eq!(deep.header("location").unwrap(), format!("https://{base}/a/b.html?x=1&y=%E5%B9%BF"));
                count("aliases");
            }
            _ => count("retired"),
        }
    }
    for (site, manifest) in &fleet.manifests {
        let (host, start) = mains.get(site.as_str()).map_or((CITY, "/slj"), |host| (*host, ""));
        for entry in &manifest.entries {
            let file = fleet.file(site, &entry.path);
            if let Some(to) =
                Some(&file).filter(|f| !f.extension().is_some_and(|e| e == "pdf" || e == "css" || e == "js")).and_then(|f| refresh(f))
            {
                let answer = client.get(host, &asked(&entry.path), "identity");
                assert_eq!(answer.status, 301, "{host} {}", entry.path);
                let location = answer.header("location").unwrap();
                let decode = |t: &str| percent_encoding::percent_decode_str(t).decode_utf8().unwrap().into_owned();
                assert_eq!(decode(location), decode(&to), "{host} {}", entry.path);
                count("redirects");
                continue;
            }
            // A packed form has no address of its own: it is asked for by its source's.
            let headers = &manifest.headers[usize::from(entry.headers)].0;
            let (address, encoding) = match headers.get("content-encoding") {
                None => (&*entry.path, "identity"),
                Some(form) => match encodings.iter().find(|e| *e == form) {
                    Some(encoding) => (entry.path.rsplit_once('.').unwrap().0, *encoding),
                    None => continue,
                },
            };
            let answer = client.get(host, &asked(address), encoding);
            assert_eq!(answer.status, 200, "{host} {}", entry.path);
            assert!(answer.body == std::fs::read(&file).unwrap(), "{host} {}", entry.path);
            for (name, value) in headers {
                let same = answer.header(name).is_some_and(|v| v == value || (name == "vary" && v.eq_ignore_ascii_case(value)));
                assert!(same, "{name} of {host} {}: {value} and {:?}", entry.path, answer.headers);
            }
            count(if encoding == "identity" { "files" } else { "packed" });
        }
        let answer = client.get(host, &format!("{start}/not/there.html"), "identity");
        assert_eq!(answer.status, 404, "{host}");
        assert!(
            answer.body == std::fs::read(fleet.file(site, &format!("{start}/404.html")[1..])).unwrap(),
            "{host}: its own page for what is not there"
        );
        assert!(answer.header("content-security-policy").is_some_and(|v| v.contains("default-src 'self'")), "{host}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        count("not found");
    }
    below(fleet, client);
    retired(fleet, client);
    for (path, to) in [("/jyj", ""), ("/jyj/", ""), ("/jyj/a/%E9%80%9A.html?x=1", "a/%E9%80%9A.html?x=1"), ("/jyj?x=1", "?x=1")] {
        let answer = client.get(CITY, path, "identity");
        let to = format!("https://{}/{to}", mains["nanning-jyj"]);
        assert_eq!((answer.status, answer.header("location")), (301, Some(to.as_str())), "{path}");
    }
    assert_eq!(client.get(CITY, "/jyjx", "identity").status, 404);
    assert_eq!(client.get("nobody.example", "/", "identity").status, 421);
    // Chinese names are asked for in their ASCII form.
    assert!(fleet.hosts.iter().filter(|h| h["what"] == "host" && h["host"].as_str().unwrap().starts_with("xn--")).count() >= 370);
    counts
}

/// The site below a path: on all hosts of the city, with its own pages and files, and nothing of it elsewhere.
fn below(fleet: &Fleet, client: &mut Client) {
    let home = std::fs::read(fleet.file(BELOW, "slj/index.html")).unwrap();
    let further = fleet.hosts.iter().find(|h| h["what"] == "host" && h["site"] == "nanning").unwrap()["host"].as_str().unwrap();
    for host in [CITY, further] {
        let answer = client.get(host, "/slj/", "identity");
        assert!(answer.status == 200 && answer.body == home, "{host}");
        let answer = client.get(host, "/slj", "identity");
        assert!([301, 308].contains(&answer.status) && answer.header("location") == Some("/slj/"), "{host}: {:?}", answer.headers);
        assert_eq!(client.get(host, "/sljx/", "identity").status, 404);
    }
    // Every path of its pages begins with that: nothing leads to a page of the city by mistake.
    let text = String::from_utf8(home).unwrap();
    let paths: Vec<&str> = ["href=\"/", "src=\"/"].iter().flat_map(|start| text.split(*start).skip(1)).collect();
    assert!(paths.len() > 20 && paths.iter().all(|p| p.starts_with("slj/")), "{text}");
    let robots = client.get(CITY, "/robots.txt", "identity");
    let robots = String::from_utf8(robots.body).unwrap();
    assert!(robots.contains(&format!("Sitemap: https://{CITY}/slj/sitemap.xml")), "{robots}");
}

/// Moved, merged with a map and a pattern, closed: the first six departments in turn.
fn retired(fleet: &Fleet, client: &mut Client) {
    let sites = std::fs::read_to_string(fleet.root().join("sites.toml")).unwrap();
    let mut seen = [0; 3];
    for block in sites.split("[[domains.retired]]").skip(1) {
        let value = |key: &str| {
            block.lines().find_map(|l| l.strip_prefix(&format!("{key} = "))).map(|v| v.trim_matches(['"', '[', ']']).to_owned())
        };
        let (host, state) = (value("hosts").unwrap(), value("state").unwrap());
        let main = value("site").map(|id| {
            let host = fleet.hosts.iter().find(|h| h["what"] == "main" && h["site"] == *id).unwrap();
            format!("https://{}", host["host"].as_str().unwrap())
        });
        let mut leads = |path: &str, to: String| {
            let answer = client.get(&host, path, "identity");
            assert_eq!((answer.status, answer.header("location")), (301, Some(to.as_str())), "{host}{path}");
        };
        match state.as_str() {
            "moved" => {
                let main = main.unwrap();
                leads("/", format!("{main}/"));
                leads("/a/%E9%80%9A%E7%9F%A5.html?x=1", format!("{main}/a/%E9%80%9A%E7%9F%A5.html?x=1"));
                // What is encoded stays so: nothing ends the header.
                leads("/a%0d%0aSet-Cookie:%20x=1", format!("{main}/a%0d%0aSet-Cookie:%20x=1"));
                seen[0] += 1;
            }
            "merged" => {
                let main = main.unwrap();
                leads("/", format!("{main}/"));
                leads("/index.jsp", format!("{main}/"));
                leads("/art/2015/1/7/art_100_7.html", format!("{main}/zwgk/tzgg/"));
                leads("/show.jsp?id=3", format!("{main}/map.html"));
                leads("/show.jsp?id=99", format!("{main}/"));
                leads("/%E9%80%9A%E7%9F%A5%E5%85%AC%E5%91%8A/%E5%88%97%E8%A1%A8.html", format!("{main}/zwgk/tzgg/"));
                leads("/tzgg/2016/x.html", format!("{main}/zwgk/tzgg/"));
                leads("/anything/else.html", format!("{main}/"));
                seen[1] += 1;
            }
            _ => {
                assert_eq!(client.get(&host, "/", "identity").status, 410);
                assert_eq!(client.get(&host, "/any.html", "identity").status, 410);
                seen[2] += 1;
            }
        }
    }
    assert_eq!(seen, [2, 2, 2]);
}

#[test]
fn nginx_serves_the_fleet() {
    let Some(nginx) = program("nginx") else { return };
    let _turn = turn();
    let fleet = fleet();
    let brotli = Path::new("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so").is_file();
    assert!(brotli || std::env::var("CI").is_err(), "libnginx-mod-http-brotli-static is not installed");
    let port = port();
    let http = port.to_string();
    let mut more = vec!["--no-tls", "--listen", "127.0.0.1", "--http-port", &http, "--clock", CLOCK];
    if brotli {
        more.push("--brotli");
    }
    let out = fleet.export("nginx", "nginx", &more);
    let config = std::fs::read_to_string(out.join("banyan.conf")).unwrap();
    assert_eq!(config.matches("server {").count(), 1, "not a copy for each site");
    let mut command = Command::new(&nginx);
    command.arg("-p").arg(&out).arg("-c").arg(out.join("nginx.conf")).args(["-g", "daemon off;"]);
    let _server = Server::start(command, port);
    let mut client = Client::new(port);
    let encodings: &[&str] = if brotli { &["gzip", "br"] } else { &["gzip"] };
    let counts = questions(fleet, &mut client, encodings);
    eprintln!("nginx: {counts:?}");
    assert!(counts["hosts"] >= 752 && counts["aliases"] >= 120 && counts["redirects"] >= 70, "{counts:?}");
    assert!(counts["files"] >= 5_000 && counts["packed"] >= 5_000, "{counts:?}");
    // A folder without its slash.
    let answer = client.get("www.guangxi.example", "/zwgk", "identity");
    assert_eq!((answer.status, answer.header("location")), (301, Some("/zwgk/")));
    browser(fleet, port);
}

/// An inline script does not run, one of the site does.
fn browser(fleet: &Fleet, port: u16) {
    let Some(chromium) = program("chromium") else { return };
    let page = "<!doctype html><title>x</title><p id=a>no</p><p id=b>no</p><script>document.getElementById('a').textContent='INLINE RAN'</script><script src=\"/probe.js\"></script>";
    std::fs::write(fleet.file("guangxi", "probe.html"), page).unwrap();
    std::fs::write(fleet.file("guangxi", "probe.js"), "document.getElementById('b').textContent='OWN RAN'").unwrap();
    let profile = tempfile::tempdir().unwrap();
    let done = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=5000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--host-resolver-rules=MAP * 127.0.0.1:{port}"))
        .arg("http://www.guangxi.example/probe.html")
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&done.stdout).into_owned();
    for file in ["probe.html", "probe.js"] {
        std::fs::remove_file(fleet.file("guangxi", file)).unwrap();
    }
    assert!(dom.contains("OWN RAN") && !dom.contains("<p id=\"a\">INLINE RAN"), "{dom}");
}

#[test]
fn caddy_serves_the_fleet() {
    let Some(caddy) = program("caddy") else { return };
    let _turn = turn();
    let fleet = fleet();
    let port = port();
    let http = port.to_string();
    let out = fleet.export("caddy", "caddy", &["--no-tls", "--listen", "127.0.0.1", "--http-port", &http, "--clock", CLOCK]);
    let mut command = Command::new(caddy);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(out.join("Caddyfile")).env("HOME", &out);
    let _server = Server::start(command, port);
    let counts = questions(fleet, &mut Client::new(port), &["gzip", "br", "zstd"]);
    eprintln!("caddy: {counts:?}");
    assert!(counts["hosts"] >= 752 && counts["aliases"] >= 120 && counts["redirects"] >= 70, "{counts:?}");
    assert!(counts["files"] >= 5_000 && counts["packed"] >= 5_000, "{counts:?}");
}

#[test]
fn a_name_server_answers_every_name_and_verify_agrees() {
    let (Some(named), Some(checkzone), Some(dig)) = (program("named"), program("named-checkzone"), program("dig")) else { return };
    let _turn = turn();
    let fleet = fleet();
    let out = fleet.export("zones", "zones", &[]);
    let again = fleet.export("zones", "zones2", &[]);
    assert!(support::tree(&out) == support::tree(&again), "the same register gives the same zones");
    let mut zones = 0;
    for file in std::fs::read_dir(&out).unwrap().flatten().map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "zone")) {
        let done = Command::new(&checkzone).arg(file.file_stem().unwrap()).arg(&file).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        zones += 1;
    }
    assert_eq!(zones, 3);
    let port = port();
    let (number, trial) = (port.to_string(), fleet.dir.path().join("trial"));
    fleet.export("zones", "trial", &["--listen", "127.0.0.1", "--dns-port", &number]);
    let mut command = Command::new(named);
    command.arg("-g").args(["-c", "named.conf"]).current_dir(&trial).stderr(Stdio::null());
    let _server = Server::start(command, port);
    // Asked by a tool that knows nothing of the register.
    let list: String =
        fleet.hosts.iter().map(|h| format!("{} A\n{} AAAA\n", h["host"].as_str().unwrap(), h["host"].as_str().unwrap())).collect();
    std::fs::write(out.join("asked"), list).unwrap();
    let done = Command::new(dig)
        .args(["@127.0.0.1", "-p", &port.to_string(), "+noall", "+answer", "+norecurse", "+tcp", "-f"])
        .arg(out.join("asked"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).replace('\t', " ");
    for name in &fleet.hosts {
        let own: Vec<&str> = said.lines().filter(|l| l.starts_with(&format!("{}.", name["host"].as_str().unwrap()))).collect();
        let good = own.iter().any(|l| l.contains("CNAME") && l.contains("guangxi.cdn.example."))
            || (own.iter().any(|l| l.contains(" A 192.0.2.")) && own.iter().any(|l| l.contains(" AAAA 2001:db8::")));
        assert!(good, "{}: {own:?}", name["host"]);
    }
    let resolver = format!("127.0.0.1:{port}");
    let done = banyan(&fleet.root(), &["domains", "verify", "--resolver", &resolver, "--no-web"]);
    let told: Json = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["in_order"], told["hosts"], "{told:#}");
    assert_eq!(told["hosts"].as_u64().unwrap() as usize, fleet.hosts.len());
    tls(fleet, &resolver);
}

/// nginx with a certificate for each group, looked at by `verify`; then the register changes, and the network does not.
fn tls(fleet: &Fleet, resolver: &str) {
    let (Some(nginx), Some(openssl)) = (program("nginx"), program("openssl")) else { return };
    let certificates = fleet.dir.path().join("certificates");
    std::fs::create_dir_all(&certificates).unwrap();
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for h in &fleet.hosts {
        groups.entry(h["certificate"].as_str().unwrap()).or_default().push(h["host"].as_str().unwrap());
    }
    assert_eq!(groups.len(), 15);
    for (id, hosts) in &groups {
        // One for *.x stands for all of x, as in the register.
        let names: std::collections::BTreeSet<String> = hosts
            .iter()
            .flat_map(|h| [(*h).to_owned(), format!("*.{}", h.split_once('.').unwrap().1)])
            .filter(|n| n.starts_with("*.") || n.matches('.').count() == 1)
            .filter(|n| n != "*.example")
            .map(|n| format!("DNS:{n}"))
            .collect();
        let done = Command::new(&openssl)
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj", "/CN=x"])
            .args(["-addext", &format!("subjectAltName={}", names.into_iter().collect::<Vec<_>>().join(","))])
            .arg("-keyout")
            .arg(certificates.join(format!("{id}.key")))
            .arg("-out")
            .arg(certificates.join(format!("{id}.pem")))
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let (http, https) = (port().to_string(), port());
    let (secure, folder) = (https.to_string(), certificates.to_str().unwrap().to_owned());
    let more = ["--listen", "127.0.0.1", "--http-port", &http, "--https-port", &secure, "--certificates", &folder, "--clock", CLOCK];
    let out = fleet.export("nginx", "nginx-tls", &more);
    let mut command = Command::new(nginx);
    command.arg("-p").arg(&out).arg("-c").arg(out.join("nginx.conf")).args(["-g", "daemon off;"]);
    let _server = Server::start(command, https);
    let args = ["domains", "verify", "--resolver", resolver, "--connect", "127.0.0.1", "--https-port", &secure, "--any-issuer"];
    let done = banyan(&fleet.root(), &args);
    let told: Json = serde_json::from_slice(&done.stdout).unwrap();
    let bad: Vec<&Json> = told["names"].as_array().unwrap().iter().filter(|n| n["in_order"] != true).collect();
    assert!(bad.is_empty() && done.status.success(), "{bad:#?}");
    assert_eq!(told["hosts"].as_u64().unwrap() as usize, fleet.hosts.len() + 3, "names, and paths that belong to other sites");
    // Nobody trusts whoever issued these.
    let done = banyan(&fleet.root(), &[&args[..args.len() - 1], &["--site", "guangxi"]].concat());
    assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stdout));
    // The register says one thing, the network another.
    let file = fleet.root().join("sites/guangxi.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let added = text.replacen("\n\n[identity]", "\n\n[domain]\ntarget = \"origin\"\n\n[identity]", 1);
    assert_ne!(text, added);
    std::fs::write(&file, added).unwrap();
    let done = banyan(&fleet.root(), &args);
    std::fs::write(&file, text).unwrap();
    let told: Json = serde_json::from_slice(&done.stdout).unwrap();
    let bad: Vec<&Json> = told["names"].as_array().unwrap().iter().filter(|n| n["in_order"] != true).collect();
    assert!(!bad.is_empty() && bad.iter().all(|n| n["problems"][0]["about"] == "resolve"), "{bad:#?}");
    assert_eq!(done.status.code(), Some(3));
}

#[test]
fn octodns_reads_the_zones() {
    let Some(validate) = program("octodns-validate") else { return };
    let _turn = turn();
    let fleet = fleet();
    let out = fleet.export("octodns", "octodns", &[]);
    std::fs::create_dir_all(out.join("zonefiles")).unwrap();
    let done = Command::new(validate).arg("--config-file").arg(out.join("octodns.yaml")).current_dir(&out).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success() && !said.contains("WARNING"), "{said}");
}

/// The example has nothing to be found; what a build wrote is not touched by a change of the register.
#[test]
fn the_example_is_in_order_and_no_site_is_rebuilt() {
    let _turn = turn();
    let fleet = fleet();
    let done = banyan(&fleet.root(), &["domains", "check", "--strict", "--clock", CLOCK]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    for form in ["netlify", "cloudflare"] {
        let out = fleet.export(form, form, &["--clock", CLOCK]);
        let redirects = std::fs::read_to_string(out.join("guangxi/_redirects")).unwrap();
        assert!(redirects.contains(" 301"), "{redirects}");
        let headers = std::fs::read_to_string(out.join("guangxi/_headers")).unwrap();
        assert!(headers.contains("/*\n") && headers.contains("Content-Security-Policy: default-src 'self'"), "{headers}");
    }
    // The register changes; no page does.
    let files = ["sites.toml", "sites/guangxi.toml"].map(|f| fleet.root().join(f));
    let texts = files.each_ref().map(|f| std::fs::read_to_string(f).unwrap());
    let changes = [("ttl = 600", "ttl = 300"), ("\n\n[identity]", "\n\n[domain]\nttl = 60\n\n[identity]")];
    for ((file, text), (from, to)) in files.iter().zip(&texts).zip(changes) {
        assert!(text.contains(from));
        std::fs::write(file, text.replacen(from, to, 1)).unwrap();
    }
    let done = banyan(&fleet.root(), &["plan", "--clock", CLOCK]);
    for (file, text) in files.iter().zip(&texts) {
        std::fs::write(file, text).unwrap();
    }
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    let told: Json = serde_json::from_str(&told).unwrap();
    assert!(told["sites"].as_array().unwrap().iter().all(|s| s["stale"].as_array().unwrap().is_empty()), "{told}");
}
