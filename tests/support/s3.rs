//! A real S3 server that checks signatures, and a proxy before it that misbehaves when it is told to.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

pub const ID: &str = "testid";
pub const SECRET: &str = "testsecret-not-for-anyone";

/// SeaweedFS, on ports that are free.
pub struct Weed {
    child: Child,
    _dir: tempfile::TempDir,
    pub s3: u16,
    filer: u16,
}

fn free() -> u16 {
    // Its inner ports are these and ten thousand more.
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let low = 20_000 + port % 25_000;
        if TcpListener::bind(("127.0.0.1", low)).is_ok() && TcpListener::bind(("127.0.0.1", low + 10_000)).is_ok() {
            return low;
        }
    }
}

impl Weed {
    pub fn start() -> Weed {
        let program = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/py/bin/weed"));
        assert!(program.exists(), "`make tools` installs the S3 server");
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("s3.json");
        let actions = r#"["Admin","Read","Write","List","Tagging"]"#;
        let identities = format!(
            r#"{{"identities":[{{"name":"t","credentials":[{{"accessKey":"{ID}","secretKey":"{SECRET}"}}],"actions":{actions}}}]}}"#
        );
        std::fs::write(&config, identities).unwrap();
        let (master, volume, filer, s3) = (free(), free(), free(), free());
        let mut command = Command::new(program);
        command.arg("server").args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-filer", "-master.telemetry=false", "-volume.max=0"]);
        command.arg(format!("-dir={}", dir.path().display())).arg(format!("-s3.config={}", config.display()));
        command.args([format!("-master.port={master}"), format!("-volume.port={volume}")]);
        command.args([format!("-filer.port={filer}"), format!("-s3.port={s3}"), "-master.volumeSizeLimitMB=256".to_owned()]);
        // Catalogues that nobody asks for.
        command.args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let weed = Weed { child, _dir: dir, s3, filer };
        let start = Instant::now();
        weed.bucket("first");
        assert!(start.elapsed() < Duration::from_secs(60), "the S3 server does not come up");
        weed
    }

    /// Makes a bucket. The server needs a while for its first ones.
    pub fn bucket(&self, name: &str) {
        let tries = (0..300).any(|_| {
            let made = self.made(name);
            if !made {
                std::thread::sleep(Duration::from_millis(200));
            }
            made
        });
        assert!(tries, "no bucket {name}");
    }

    /// A bucket is a folder of its file system.
    fn made(&self, name: &str) -> bool {
        let made = agent().post(format!("http://127.0.0.1:{}/buckets/{name}/", self.filer)).send_empty();
        // 409: an earlier try made it.
        made.is_ok_and(|r| r.status().is_success() || r.status() == 409) && self.put(&format!("{name}/.probe"), b"x")
    }

    /// Where an object can be read without a signature.
    pub fn url(&self, key: &str) -> String {
        format!("http://127.0.0.1:{}/buckets/{}", self.filer, banyan::base::path::encode(key))
    }

    /// An object as it lies there, read past the S3 interface.
    pub fn get(&self, key: &str) -> Option<(Vec<u8>, ureq::http::HeaderMap)> {
        let answer = agent().get(self.url(key)).header("accept-encoding", "identity").call().ok().filter(|r| r.status() == 200)?;
        let headers = answer.headers().clone();
        Some((answer.into_body().read_to_vec().ok()?, headers))
    }

    pub fn put(&self, key: &str, bytes: &[u8]) -> bool {
        agent().put(self.url(key)).send(bytes).is_ok_and(|r| r.status().is_success())
    }

    /// Names below a key, folders with a slash.
    fn names(&self, key: &str) -> Vec<String> {
        let url = format!("http://127.0.0.1:{}/buckets/{}/?limit=10000", self.filer, banyan::base::path::encode(key));
        let Ok(answer) = agent().get(&url).header("accept", "application/json").call() else { return Vec::new() };
        let list: Json = serde_json::from_slice(&answer.into_body().read_to_vec().unwrap_or_default()).unwrap_or_default();
        let entries = list["Entries"].as_array().cloned().unwrap_or_default();
        let name = |e: &Json| {
            let path = e["FullPath"].as_str().unwrap();
            let folder = e["Mode"].as_u64().unwrap_or(0) & (1 << 31) != 0;
            format!("{}{}", path.rsplit('/').next().unwrap(), if folder { "/" } else { "" })
        };
        entries.iter().map(name).collect()
    }

    /// Everything below a key, but for hidden names.
    pub fn tree(&self, key: &str) -> super::fleet::Tree {
        let mut tree = super::fleet::Tree::new();
        self.gather(key, "", &mut tree);
        tree
    }

    fn gather(&self, root: &str, below: &str, tree: &mut super::fleet::Tree) {
        for name in self.names(format!("{root}/{below}").trim_end_matches('/')) {
            if name.starts_with('.') && name != ".well-known/" {
                continue;
            }
            let path = format!("{below}{name}");
            match name.ends_with('/') {
                true => self.gather(root, &path, tree),
                false => _ = tree.insert(path.clone(), self.get(&format!("{root}/{path}")).unwrap().0),
            }
        }
    }
}

impl Drop for Weed {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20))).build().into()
}

/// What the proxy does instead of passing a request on.
#[derive(Clone, Copy, PartialEq)]
pub enum Mood {
    Good,
    /// Every n-th request is told to come again later.
    Busy(usize),
    /// Every n-th request gets no answer for so many seconds.
    Slow(usize, u64),
    /// After so many requests nothing is answered any more.
    Dead(usize),
    /// Each request takes so many milliseconds.
    Far(u64),
}

pub struct Proxy {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    mood: Mood,
    count: usize,
    /// Method and path of each request that was answered well, in the order of the answers.
    log: Vec<(String, String)>,
}

impl Proxy {
    pub fn new(to: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { mood: Mood::Good, count: 0, log: Vec::new() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || pass(client, to, &state));
            }
        });
        Proxy { port, state }
    }

    pub fn set(&self, mood: Mood) {
        let mut state = self.state.lock().unwrap();
        (state.mood, state.count) = (mood, 0);
        state.log.clear();
    }

    pub fn log(&self) -> Vec<(String, String)> {
        self.state.lock().unwrap().log.clone()
    }

    /// Paths that were written, in order.
    pub fn puts(&self) -> Vec<String> {
        self.log().into_iter().filter(|(method, _)| method == "PUT").map(|(_, path)| path).collect()
    }
}

/// One request of a connection, which ends with it.
fn pass(mut client: TcpStream, to: u16, state: &Mutex<State>) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let length = text.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body).ok()?;
    let (mood, count) = {
        let mut state = state.lock().unwrap();
        state.count += 1;
        (state.mood, state.count)
    };
    match mood {
        Mood::Busy(n) if count % n == 0 => {
            let error = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>later</Message></Error>";
            let head = format!("HTTP/1.1 503 Slow Down\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{error}", error.len());
            return client.write_all(head.as_bytes()).ok();
        }
        Mood::Slow(n, seconds) if count % n == 0 => {
            std::thread::sleep(Duration::from_secs(seconds));
            return None;
        }
        // In the middle of a request.
        Mood::Dead(n) if count > n => return None,
        Mood::Far(millis) => std::thread::sleep(Duration::from_millis(millis)),
        _ => {}
    }
    let mut server = TcpStream::connect(("127.0.0.1", to)).ok()?;
    let head = text.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    server.write_all(head.as_bytes()).ok()?;
    server.write_all(&body).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    if answer.starts_with(b"HTTP/1.1 2") {
        let mut words = text.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let path = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned();
        state.lock().unwrap().log.push((method, path));
    }
    client.write_all(&answer).ok()?;
    client.shutdown(Shutdown::Write).ok()
}
