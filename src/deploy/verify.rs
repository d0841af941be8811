//! What a server really gives out, held against the signed manifest.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rayon::prelude::*;
use serde::Serialize;

use super::diff::is_variant;
use super::job::{NotRead, read_manifest, read_root};
use super::record::{FLEET, Fleet, signature_key};
use super::{Order, sign};
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::Writer;
use crate::build::State;
use crate::build::headers::Headers;
use crate::build::manifest::{Entry, Manifest};
use crate::config::Site;

/// What is asked.
pub struct Question<'a> {
    /// Address below which the site answers.
    pub url: String,
    /// So many files; none: all.
    pub sample: Option<usize>,
    /// Another sample each time.
    pub seed: i64,
    /// Headers that are not looked at: a bucket keeps few of them.
    pub ignore: Vec<String>,
    /// The manifest that was built here, instead of the one at the target.
    pub local: bool,
    pub stop: &'a AtomicBool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum Difference {
    /// Other bytes.
    Changed,
    /// The server answers something else than the file.
    Missing {
        status: u16,
    },
    /// It leads elsewhere.
    Redirect {
        to: String,
    },
    Header {
        name: String,
        wanted: String,
        found: Option<String>,
    },
    /// No answer at all.
    Unreachable {
        problem: String,
    },
}

#[derive(Debug, Serialize)]
pub struct Verified {
    pub site: String,
    /// Hash of the manifest that was believed.
    pub manifest: String,
    /// A key that is configured signed it.
    pub signed: bool,
    pub files: usize,
    pub checked: usize,
    /// Path, what differs.
    pub differences: Vec<(String, Difference)>,
}

/// A larger answer is not what was asked for.
const MARGIN: u64 = 1 << 20;

pub fn verify(order: &Order, site: &Site, question: &Question) -> Result<Verified, Diagnostic> {
    let base = url::Url::parse(&question.url).ok().filter(|u| matches!(u.scheme(), "http" | "https"));
    let Some(base) = base else {
        return Err(Diagnostic::error("deploy.url").arg("value", &question.url));
    };
    let (manifest, hash, signed) = if question.local { local(order, site)? } else { at_target(order, site)? };
    let class: Vec<&Headers> = manifest.headers.iter().collect();
    let of = |e: &Entry| class[e.headers as usize];
    let mut chosen: Vec<&Entry> = manifest.entries.iter().filter(|e| !is_variant(of(e))).collect();
    let files = chosen.len();
    if let Some(count) = question.sample {
        let rank = |e: &&Entry| Writer::new("verify").signed(question.seed).text(&e.path).finish();
        chosen.sort_by_cached_key(rank);
        chosen.truncate(count);
        chosen.sort_by(|a, b| a.path.cmp(&b.path));
    }
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).max_redirects_will_error(false);
    let config = config.timeout_global(Some(Duration::from_secs(order.target.timeout)));
    let agent: ureq::Agent = config.user_agent("banyan").build().into();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(order.target.connections).build();
    let pool = pool.map_err(|e| Diagnostic::error("cli.usage").arg("problem", e))?;
    let look = |e: &&Entry| -> Vec<(String, Difference)> {
        if question.stop.load(Ordering::Relaxed) {
            return vec![(e.path.to_string(), Difference::Unreachable { problem: "stopped".to_owned() })];
        }
        let found = one(&agent, &base, e, of(e), question);
        found.into_iter().map(|d| (e.path.to_string(), d)).collect()
    };
    let differences = pool.install(|| chosen.par_iter().flat_map_iter(look).collect());
    Ok(Verified { site: site.id.to_string(), manifest: hash, signed, files, checked: chosen.len(), differences })
}

/// The manifest that was built here. It is not signed: it never left.
fn local(order: &Order, site: &Site) -> Result<(Manifest, String, bool), Diagnostic> {
    let platform = order.platform;
    let folder = State::look(&platform.root, &platform.output, &platform.output).manifest_folder(&site.id);
    let not = |problem: String| Diagnostic::error("deploy.not-built").arg("site", &site.id).arg("problem", problem);
    let manifest = Manifest::read(&folder).map_err(not)?.ok_or_else(|| not("no manifest".to_owned()))?;
    Ok((manifest, super::job::local_hash(&folder).unwrap_or_default(), false))
}

/// The manifest that stands at the target, its signature looked at first.
fn at_target(order: &Order, site: &Site) -> Result<(Manifest, String, bool), Diagnostic> {
    let store = super::store::Store::open(order.target)?;
    let fleet = store.read(FLEET).map_err(|t| t.diagnostic())?;
    let bad = |problem: String| Diagnostic::error("deploy.manifest").arg("site", &site.id).arg("problem", problem);
    let none = || Diagnostic::error("deploy.not-deployed").arg("site", &site.id);
    let fleet = Fleet::read(&fleet.ok_or_else(none)?).map_err(|e| bad(format!("{e:?}")))?;
    let hash = fleet.sites.get(&*site.id).ok_or_else(none)?.manifest.clone();
    let not_read = |e: NotRead| match e {
        NotRead::Trouble(t) => t.diagnostic(),
        NotRead::Bad(problem) => bad(problem),
    };
    let root = read_root(&store, &site.id, &hash).map_err(not_read)?;
    let signature = store.read(&signature_key(&site.id, &hash)).map_err(|t| t.diagnostic())?;
    let deploy = &order.platform.deploy;
    let signed = match signature {
        Some(signature) if !deploy.public_keys.is_empty() => {
            let wrong = |problem: String| Diagnostic::error("deploy.signature").arg("site", &site.id).arg("problem", problem);
            sign::check(&deploy.public_keys, &site.id, &root, &signature).map_err(wrong)?;
            true
        }
        _ if deploy.signed => return Err(Diagnostic::error("deploy.not-signed").arg("site", &site.id)),
        _ => false,
    };
    let manifest = read_manifest(&store, &site.id, &hash, None).map_err(not_read)?.manifest;
    let manifest = if fleet.precompressed { manifest } else { super::diff::without_variants(manifest) };
    Ok((manifest, hash, signed))
}

fn one(agent: &ureq::Agent, base: &url::Url, e: &Entry, headers: &Headers, question: &Question) -> Vec<Difference> {
    let path = match &*e.path {
        "index.html" => "",
        path => path.strip_suffix("/index.html").map_or(path, |folder| &path[..=folder.len()]),
    };
    let url = format!("{}/{}", base.as_str().trim_end_matches('/'), crate::base::path::encode(path));
    let answer = match agent.get(&url).header("accept-encoding", "identity").call() {
        Ok(answer) => answer,
        Err(problem) => return vec![Difference::Unreachable { problem: problem.to_string() }],
    };
    let status = answer.status().as_u16();
    let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    if (300..400).contains(&status) {
        return vec![Difference::Redirect { to: header("location").unwrap_or_default() }];
    }
    // The page for addresses that are not there is answered as such.
    if status != 200 && !(status == 404 && path == "404.html") {
        return vec![Difference::Missing { status }];
    }
    let mut differences = Vec::new();
    for (name, wanted) in headers.0.iter().filter(|(name, _)| !question.ignore.iter().any(|i| i.eq_ignore_ascii_case(name))) {
        let found = header(name);
        if found.as_deref().map(loose) != Some(loose(wanted)) {
            differences.push(Difference::Header { name: name.clone(), wanted: wanted.clone(), found });
        }
    }
    let mut body = answer.into_body();
    let mut reader = body.as_reader().take(e.size + MARGIN);
    let mut hasher = blake3::Hasher::new();
    match std::io::copy(&mut reader, &mut hasher) {
        Ok(_) if *hasher.finalize().as_bytes() == e.hash => {}
        // It is the server's own.
        Ok(_) if status == 404 => return vec![Difference::Missing { status }],
        Ok(_) => differences.insert(0, Difference::Changed),
        Err(problem) => differences.insert(0, Difference::Unreachable { problem: problem.to_string() }),
    }
    differences
}

/// `text/html; charset=UTF-8` is `text/html;charset=utf-8`.
fn loose(value: &str) -> String {
    value.to_ascii_lowercase().split_whitespace().collect()
}
