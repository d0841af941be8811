//! The server: only this machine, only names it answers to, only what a site's plan names.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::answer::Answer;
use super::dress::{Dress, OWN};
use super::hosts::{Asked, Door, Names};
use super::live::{Live, Shown, State};
use super::problem::Printer;
use super::snapshot::Snapshot;
use super::{Hear, Order, front_page};
use crate::base::diag::{Diagnostic, Tongue};
use crate::base::id::SiteId;
use crate::build::kept::Kept;

/// So many ports after the wished one are tried.
const TRIES: u16 = 20;
/// A request that waits for a change is answered after so long all the same.
const WAIT: Duration = Duration::from_secs(25);
/// A page asked for by a person is answered with one that waits, when reading takes longer.
const PATIENCE: Duration = Duration::from_millis(700);

/// One listener and all that it needs.
#[derive(Clone)]
struct Desk {
    live: Arc<Live>,
    door: Door,
    port: u16,
    ports: Arc<Vec<(Arc<str>, u16)>>,
    /// Tells this run from the one before: their readings are counted from 1 alike.
    run: u32,
    renderers: Arc<rayon::ThreadPool>,
}

pub fn run(order: Order, kept: Kept, hear: Arc<dyn Hear>) -> Result<(), Diagnostic> {
    let machine = |e: &dyn std::fmt::Display| Diagnostic::error("cli.usage").arg("problem", e);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| machine(&e))?;
    // Pages do not wait behind a reading.
    let pool = || rayon::ThreadPoolBuilder::new().stack_size(crate::build::STACK).build().map_err(|e| machine(&e));
    let (renderers, readers) = (Arc::new(pool()?), pool()?);
    runtime.block_on(async move {
        let front = listen(IpAddr::V4(Ipv4Addr::LOCALHOST), order.port, order.port_may_move).await?;
        let at = front.local_addr().map_err(|e| machine(&e))?;
        let mut doors = vec![(front, Door::Loopback)];
        // Browsers may take either loopback address for the name.
        if let Ok(v6) = TcpListener::bind(SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), at.port())).await {
            doors.push((v6, Door::Loopback));
        }
        let mut sites: Vec<(Arc<str>, SocketAddr)> = Vec::new();
        if let Some(host) = order.host {
            for (n, site) in order.sites.iter().enumerate() {
                let listener = listen(host, at.port().saturating_add(1 + n as u16), true).await?;
                let site: Arc<str> = site.as_str().into();
                sites.push((site.clone(), listener.local_addr().map_err(|e| machine(&e))?));
                doors.push((listener, Door::Site(site)));
            }
        }
        let ports = Arc::new(sites.iter().map(|(s, a)| (s.clone(), a.port())).collect::<Vec<_>>());
        hear.open(at, &sites);
        let live = Live::start(order, kept, readers, hear);
        let mut all = Vec::new();
        for (listener, door) in doors {
            let run = std::process::id();
            let desk = Desk { live: live.clone(), door, port: at.port(), ports: ports.clone(), run, renderers: renderers.clone() };
            let router = Router::new().fallback(answer).with_state(desk);
            all.push(tokio::spawn(async move { axum::serve(listener, router).await }));
        }
        for one in all {
            _ = one.await;
        }
        Ok(())
    })
}

async fn listen(ip: IpAddr, port: u16, may_move: bool) -> Result<TcpListener, Diagnostic> {
    let last = if may_move && port != 0 { port.saturating_add(TRIES) } else { port };
    let mut wrong = None;
    for port in port..=last {
        match TcpListener::bind(SocketAddr::new(ip, port)).await {
            Ok(listener) => return Ok(listener),
            Err(e) => wrong = Some(e),
        }
    }
    let problem = wrong.map(|e| e.to_string()).unwrap_or_default();
    Err(Diagnostic::error("serve.port").arg("address", SocketAddr::new(ip, port)).arg("problem", problem))
}

async fn answer(Shared(desk): Shared<Desk>, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default().to_owned();
    let path = request.uri().path().to_owned();
    let asked = desk.door.asked(&host);
    let own = path.strip_prefix(OWN).map(str::to_owned);
    match (asked, own) {
        (Asked::Foreign, _) => plain(StatusCode::FORBIDDEN, "This preview does not answer to that name."),
        (_, Some(own)) => desk.own(&own, &host, request).await,
        (Asked::Front, None) if path == "/" => {
            let state = desk.sites().await;
            html(StatusCode::OK, front_page::html(&state, &desk.turn(&state), &desk.names(&state), desk.live.order.tongue))
        }
        (Asked::Front, None) => plain(StatusCode::NOT_FOUND, "Not found"),
        (Asked::Site(site), None) => desk.site(&site, &host, request).await,
    }
}

impl Desk {
    fn names(&self, state: &State) -> Names {
        Names::new(state.platform.as_deref(), self.port, &self.ports)
    }

    fn turn(&self, state: &State) -> String {
        format!("{}-{}", self.run, state.generation)
    }

    /// What belongs to the preview itself.
    async fn own(&self, name: &str, host: &str, request: Request) -> Response {
        let text = |kind: &'static str, body: &'static str| {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], body).into_response()
        };
        const JS: &str = "text/javascript; charset=utf-8";
        const CSS: &str = "text/css; charset=utf-8";
        match (request.method(), name) {
            (&Method::GET, "live.js") => text(JS, include_str!("assets/live.js")),
            (&Method::GET, "patch.js") => text(JS, include_str!("assets/patch.js")),
            (&Method::GET, "inspect.js") => text(JS, include_str!("assets/inspect.js")),
            (&Method::GET, "overlay.css") => text(CSS, include_str!("assets/overlay.css")),
            (&Method::GET, "front.js") => text(JS, include_str!("assets/front.js")),
            (&Method::GET, "icon.svg") => text("image/svg+xml", include_str!("assets/icon.svg")),
            (&Method::GET, "front.css") => text(CSS, include_str!("assets/front.css")),
            (&Method::GET, "turn") => self.wait(request.uri().query().unwrap_or_default()).await,
            (&Method::GET, "where") => self.whence(host, request.uri().query().unwrap_or_default().to_owned()).await,
            (&Method::POST, "show") => self.show(host, request).await,
            _ => plain(StatusCode::NOT_FOUND, "Not found"),
        }
    }

    /// The number of the newest reading, as soon as it is not the one that the page is of.
    async fn wait(&self, seen: &str) -> Response {
        let mut turns = self.live.turns();
        let new = async {
            loop {
                let now = self.turn(&self.live.state());
                if now != seen || turns.changed().await.is_err() {
                    return;
                }
            }
        };
        _ = tokio::time::timeout(WAIT, new).await;
        plain(StatusCode::OK, self.turn(&self.live.state()))
    }

    /// Switches what is shown. Only a page of this preview may ask for it.
    async fn show(&self, host: &str, request: Request) -> Response {
        let origin = request.headers().get(header::ORIGIN).and_then(|o| o.to_str().ok()).map(str::to_owned);
        if self.door != Door::Loopback || origin.as_deref() != Some(&format!("http://{host}")) {
            return plain(StatusCode::FORBIDDEN, "Only the preview itself may ask for this.");
        }
        let Ok(body) = axum::body::to_bytes(request.into_body(), 1024).await else { return plain(StatusCode::BAD_REQUEST, "Bad request") };
        let mut shown: Shown = self.live.state().shown;
        for pair in String::from_utf8_lossy(&body).split('&') {
            match pair.split_once('=') {
                Some(("drafts", on)) => shown.drafts = on == "true",
                Some(("future", on)) => shown.future = on == "true",
                _ => {}
            }
        }
        let mut turns = self.live.turns();
        turns.mark_unchanged();
        self.live.show(shown);
        _ = tokio::time::timeout(WAIT, turns.changed()).await;
        (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response()
    }

    /// Which file an address is made from: `url` is one of this preview.
    async fn whence(&self, host: &str, query: String) -> Response {
        let url = query.strip_prefix("url=").unwrap_or_default();
        let Ok(url) = percent_encoding::percent_decode_str(url).decode_utf8() else { return plain(StatusCode::BAD_REQUEST, "Bad request") };
        let rest = url.split_once("://").map_or(&*url, |(_, rest)| rest);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let door = self.ports.iter().find(|(_, port)| authority.ends_with(&format!(":{port}")));
        let site = match (door, self.door.asked(authority)) {
            (Some((site, _)), _) => site.to_string(),
            (None, Asked::Site(site)) => site,
            _ => match self.door.asked(host) {
                Asked::Site(site) => site,
                _ => return plain(StatusCode::NOT_FOUND, "Not found"),
            },
        };
        let state = self.live.state();
        let Some(snapshot) = state.snapshot.clone() else { return plain(StatusCode::NOT_FOUND, "Not found") };
        let Some(id) = snapshot.world.platform.find_site(&site) else { return plain(StatusCode::NOT_FOUND, "Not found") };
        let path = path.split(['?', '#']).next().unwrap_or_default().to_owned();
        let live = self.live.clone();
        let found = self
            .render(move || {
                let decoded = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned();
                let prepared = snapshot.prepared(id);
                let output = snapshot.find(prepared, &decoded)?;
                let plan = &prepared.render.as_ref()?.plan;
                let place = plan.source(&snapshot.world.platform, &snapshot.world.library, output);
                let editor = printer(&live).editor(&place);
                Some(json!({ "kind": output.recipe.kind(), "source": place.to_string(), "editor": editor }))
            })
            .await
            .flatten();
        // `null`: it is none of the platform's.
        let json = found.unwrap_or_default().to_string();
        ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], json).into_response()
    }

    async fn site(&self, site: &str, host: &str, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD");
        }
        let Ok(path) = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8().map(|p| p.into_owned()) else {
            return plain(StatusCode::BAD_REQUEST, "Bad request");
        };
        let by_person = request.headers().get("sec-fetch-dest").is_some_and(|d| d == "document");
        let Some((state, snapshot)) = self.snapshot(by_person).await else { return self.not_yet(host) };
        let Some(id) = snapshot.world.platform.find_site(site) else {
            return plain(StatusCode::NOT_FOUND, format!("No site `{site}`. All sites: http://localhost:{}/", self.port));
        };
        let (made, url, from) = (snapshot.clone(), path.clone(), self.clone());
        let at_host = host.to_owned();
        let done = self.render(move || from.made(&state, &made, id, &url, &at_host)).await;
        let Some(done) = done else { return plain(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be rendered.") };
        match done {
            Made::Ready(response) => *response,
            Made::File(disk, headers) => {
                // What the scan accepted may have become a link since.
                if !std::fs::symlink_metadata(&disk).is_ok_and(|m| m.is_file()) {
                    return plain(StatusCode::NOT_FOUND, "Not found");
                }
                let Ok(served) = tower_http::services::ServeFile::new(disk).oneshot(request).await;
                let mut response = served.map(Body::new);
                put(&mut response, &headers);
                response
            }
        }
    }

    /// The state, as soon as the sites are known: a matter of milliseconds.
    async fn sites(&self) -> State {
        let mut turns = self.live.turns();
        let known =
            async { while self.live.state().platform.is_none() && self.live.state().generation == 0 && turns.changed().await.is_ok() {} };
        _ = tokio::time::timeout(PATIENCE, known).await;
        self.live.state()
    }

    /// What is shown now; the first reading is waited for.
    async fn snapshot(&self, by_person: bool) -> Option<(State, Arc<Snapshot>)> {
        let mut turns = self.live.turns();
        let ready = async {
            loop {
                let state = self.live.state();
                if let Some(snapshot) = state.snapshot.clone() {
                    return Some((state, snapshot));
                }
                if state.generation > 0 || turns.changed().await.is_err() {
                    return None;
                }
            }
        };
        match by_person {
            true => tokio::time::timeout(PATIENCE, ready).await.ok().flatten(),
            false => ready.await,
        }
    }

    /// A page that waits for the first reading, or says why there is nothing to show.
    fn not_yet(&self, host: &str) -> Response {
        let state = self.live.state();
        let names = self.names(&state);
        let dress = self.dress(&state, &names, host, &state.refused, None);
        html(StatusCode::SERVICE_UNAVAILABLE, dress.failed())
    }

    fn dress<'d>(
        &'d self,
        state: &State,
        names: &'d Names,
        host: &'d str,
        said: &[Diagnostic],
        tokens: Option<&'d (String, crate::base::fingerprint::Fingerprint)>,
    ) -> Dress<'d> {
        let mut errors: Vec<Diagnostic> = state.refused.clone();
        errors.extend(said.iter().filter(|d| !state.refused.contains(d)).cloned());
        Dress {
            names,
            door: &self.door,
            host,
            turn: self.turn(state),
            tokens,
            errors: printer(&self.live).errors(&errors),
            source: None,
            editor: printer(&self.live).pattern().unwrap_or_default(),
            lang: if self.live.order.tongue == Tongue::Chinese { "zh-Hans" } else { "en" },
        }
    }

    /// One answer, ready to be sent.
    fn made(&self, state: &State, snapshot: &Snapshot, id: SiteId, url_path: &str, host: &str) -> Made {
        let names = self.names(state);
        let below = &snapshot.world.platform.site(id).below;
        if url_path == "/" && !below.is_empty() {
            return Made::Ready(Box::new((StatusCode::FOUND, [(header::LOCATION, format!("{below}/"))]).into_response()));
        }
        let response = match snapshot.answer(id, url_path) {
            Answer::File { disk, headers } => return Made::File(disk, headers.0.clone()),
            Answer::Moved(to) => {
                let to = names.local(&to, &self.door, host).unwrap_or(to);
                (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
            }
            Answer::Nothing => plain(StatusCode::NOT_FOUND, "Not found"),
            Answer::Failed(said) => html(StatusCode::INTERNAL_SERVER_ERROR, self.dress(state, &names, host, &said, None).failed()),
            Answer::Bytes { status, headers, bytes, said } => {
                let prepared = snapshot.prepared(id);
                let bytes = match String::from_utf8(bytes) {
                    Ok(text) if Answer::is_html(&headers) => {
                        let mut dress = self.dress(state, &names, host, &said, prepared.tokens.as_ref());
                        dress.source = snapshot.find(prepared, url_path).zip(prepared.render.as_ref()).map(|(output, render)| {
                            render.plan.source(&snapshot.world.platform, &snapshot.world.library, output).to_string()
                        });
                        dress.page(&text).into_bytes()
                    }
                    Ok(text) => text.into_bytes(),
                    Err(e) => e.into_bytes(),
                };
                let mut response = Response::new(Body::from(bytes));
                *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                put(&mut response, &headers.0);
                response
            }
        };
        Made::Ready(Box::new(response))
    }

    /// Work for the deep stacks of the renderers. `None`: it was a fault of the program.
    async fn render<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.renderers.spawn(move || {
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            _ = tell.send(done.ok());
        });
        told.await.ok().flatten()
    }
}

enum Made {
    Ready(Box<Response>),
    File(std::path::PathBuf, BTreeMap<String, String>),
}

fn printer(live: &Live) -> Printer<'_> {
    Printer { root: &live.order.root, editor: &live.order.editor, tongue: live.order.tongue }
}

/// The headers that the built site asks its server for; nothing is kept by the browser.
fn put(response: &mut Response, headers: &BTreeMap<String, String>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text.into()).into_response()
}

fn html(status: StatusCode, text: String) -> Response {
    let policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (status, headers, text).into_response()
}
