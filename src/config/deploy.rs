//! `[deploy]` and `[deploy.NAME]`: where the built sites are brought to, and how.
//!
//! A credential never stands here: it comes from the environment. One that does is refused at its line, and the line is
//! not shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::read::{File, Node, read};
use super::spec;
use crate::base::diag::{Diagnostic, Place};

/// What `[deploy]` says.
#[derive(Clone, Debug, Default)]
pub struct Deploy {
    /// A manifest that is not signed is refused.
    pub signed: bool,
    /// File of the key that signs, where the environment names none.
    pub key: Option<PathBuf>,
    pub key_place: Option<Place>,
    /// Keys in base 64 whose signatures count.
    pub public_keys: Vec<String>,
    /// In the order of their names.
    pub targets: Vec<Target>,
}

#[derive(Clone, Debug)]
pub struct Target {
    pub name: Arc<str>,
    pub place: Place,
    pub location: Location,
    pub layout: Layout,
    /// Releases that are kept of each site.
    pub keep: usize,
    /// Files of one site that may go in one run; none: a tenth of the site, at least [`DELETES`].
    pub max_deletes: Option<usize>,
    /// Requests at the same time.
    pub connections: usize,
    /// Seconds for one request.
    pub timeout: u64,
    /// How often a request is tried again.
    pub retries: usize,
    /// Files such as `x.html.gz` are brought there too.
    pub precompressed: bool,
    /// A command and its arguments, run with lists of changed addresses.
    pub purge: Vec<String>,
    /// Addresses in one such list.
    pub purge_batch: usize,
}

/// So many files of a site may always go.
pub const DELETES: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Each file at its address.
    Plain,
    /// Numbered releases, of which one is shown.
    Releases,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    Folder(PathBuf),
    Bucket { service: Service, bucket: String, prefix: String, endpoint: Option<String>, region: Option<String> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    S3,
    /// Aliyun
    Oss,
    /// Tencent
    Cos,
    /// Huawei
    Obs,
}

impl Location {
    /// As it is told to people; there is no credential in it.
    pub fn display(&self) -> String {
        match self {
            Location::Folder(path) => path.display().to_string(),
            Location::Bucket { service, bucket, prefix, .. } => {
                let scheme = match service {
                    Service::S3 => "s3",
                    Service::Oss => "oss",
                    Service::Cos => "cos",
                    Service::Obs => "obs",
                };
                format!("{scheme}://{bucket}/{prefix}")
            }
        }
    }

    /// The address of a target: `file:///srv/www`, `s3://bucket/prefix?endpoint=…&region=…`. `Err`: what is wrong with it.
    pub fn parse(text: &str) -> Result<Location, Wrong> {
        let url = url::Url::parse(text).map_err(|_| Wrong::Url)?;
        if !url.username().is_empty() || url.password().is_some() || url.query_pairs().any(|(k, _)| is_credential(&k)) {
            return Err(Wrong::Credential);
        }
        let service = match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| Wrong::Url)?;
                let plain = url.query().is_none() && url.fragment().is_none() && path.parent().is_some();
                return if plain { Ok(Location::Folder(path)) } else { Err(Wrong::Url) };
            }
            "s3" => Service::S3,
            "oss" => Service::Oss,
            "cos" => Service::Cos,
            "obs" => Service::Obs,
            _ => return Err(Wrong::Url),
        };
        let bucket = url.host_str().filter(|h| !h.is_empty()).ok_or(Wrong::Url)?.to_owned();
        let prefix = percent_encoding::percent_decode_str(url.path().trim_matches('/')).decode_utf8().map_err(|_| Wrong::Url)?;
        if !prefix.is_empty() && crate::base::path::check_output(&prefix).is_err() {
            return Err(Wrong::Url);
        }
        let (mut endpoint, mut region) = (None, None);
        for (key, value) in url.query_pairs() {
            match &*key {
                "endpoint" => {
                    let place = url::Url::parse(&value).map_err(|_| Wrong::Url)?;
                    if !place.username().is_empty() || place.password().is_some() || place.query().is_some() {
                        return Err(Wrong::Credential);
                    }
                    if !matches!(place.scheme(), "http" | "https") {
                        return Err(Wrong::Url);
                    }
                    endpoint = Some(value.trim_end_matches('/').to_owned());
                }
                "region" => region = Some(value.into_owned()),
                _ => return Err(Wrong::Url),
            }
        }
        if service != Service::S3 && endpoint.is_none() {
            return Err(Wrong::Url);
        }
        Ok(Location::Bucket { service, bucket, prefix: prefix.into_owned(), endpoint, region })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Url,
    Credential,
}

/// A name under which people write a credential.
fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    ["accesskey", "secret", "password", "passwd", "token", "credential", "signature", "apikey"].iter().any(|w| name.contains(w))
}

/// Commands of `deploy`, which no target may be called by.
pub const TAKEN: &[&str] = &["list", "rollback", "verify", "prune", "keygen", "help"];

/// `[deploy]` as written.
#[derive(Default)]
pub(super) struct Raw {
    own: Node,
    targets: Vec<(String, Node)>,
}

pub(super) fn read_deploy(file: &File, table: &DeTable<'_>, out: &mut Vec<Diagnostic>) -> Raw {
    let is_target = |v: &DeValue<'_>| matches!(v, DeValue::Table(_));
    let names: Vec<&str> = table.iter().filter(|(_, v)| is_target(v.get_ref())).map(|(k, _)| &**k.get_ref()).collect();
    let mut raw = Raw::default();
    let clean = without_credentials(file, table, out);
    raw.own = read(file, &clean, spec::DEPLOY, "deploy", false, &names, out);
    for (key, value) in table.iter() {
        let DeValue::Table(t) = value.get_ref() else { continue };
        let clean = without_credentials(file, t, out);
        let mut node = read(file, &clean, spec::DEPLOY_TARGET, &format!("deploy.{}", key.get_ref()), false, &[], out);
        node.place = Some(file.place(key.span()));
        // Before anything else can go wrong and leave it unsaid.
        if let Some(target) = node.values.get("target").filter(|s| s.value.as_str().map(Location::parse) == Some(Err(Wrong::Credential))) {
            out.push(Diagnostic::error("config.credential").at(target.place.clone().unshown()).arg("key", "target"));
        }
        raw.targets.push((key.get_ref().to_string(), node));
    }
    raw
}

/// The table without keys that hold credentials, each of them said.
fn without_credentials<'t>(file: &File, table: &DeTable<'t>, out: &mut Vec<Diagnostic>) -> DeTable<'t> {
    let (bad, good): (Vec<_>, Vec<_>) = table.iter().partition(|(k, v)| is_credential(k.get_ref()) && v.get_ref().is_str());
    for (key, _) in bad {
        out.push(Diagnostic::error("config.credential").at(file.place(key.span()).unshown()).arg("key", key.get_ref()));
    }
    good.into_iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}

pub(super) fn check(root: &Path, output: &Path, raw: &Raw, out: &mut Vec<Diagnostic>) -> Deploy {
    let signed = choice(&raw.own, "sign of [deploy]", "sign", &["optional", "required"], out) == "required";
    let public_keys = raw.own.texts("public_key");
    if signed && public_keys.is_empty() {
        let place = raw.own.place_of("sign").unwrap_or(Place::file("sites.toml"));
        out.push(Diagnostic::error("config.missing").at(place).arg("key", "public_key").arg("what", "[deploy]"));
    }
    for key in &public_keys {
        // `Ed`, the number of the key, the key: 42 bytes.
        let good = data_encoding::BASE64.decode(key.as_bytes()).is_ok_and(|b| b.len() == 42 && b.starts_with(b"Ed"));
        if !good {
            let place = raw.own.place_of("public_key").unwrap_or(Place::file("sites.toml"));
            out.push(Diagnostic::error("config.public-key").at(place).arg("value", key));
        }
    }
    let mut targets: Vec<Target> = raw.targets.iter().filter_map(|(name, node)| target((root, output), name, node, out)).collect();
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    let key = raw.own.text("key").map(|k| root.join(k));
    Deploy { signed, key, key_place: raw.own.values.get("key").map(|s| s.place.clone()), public_keys, targets }
}

fn target((root, output): (&Path, &Path), name: &str, node: &Node, out: &mut Vec<Diagnostic>) -> Option<Target> {
    let place = node.place.clone().unwrap_or(Place::file("sites.toml"));
    let what = format!("[deploy.{name}]");
    if TAKEN.contains(&name) || !super::check::is_site_id(name) {
        out.push(Diagnostic::error("config.target-name").at(place).arg("name", name));
        return None;
    }
    let Some(text) = node.text("target") else {
        out.push(Diagnostic::error("config.missing").at(place).arg("key", "target").arg("what", what));
        return None;
    };
    let at = node.place_of("target").unwrap_or(place.clone());
    let location = match Location::parse(text) {
        Ok(location) => location,
        // Said when it was read.
        Err(Wrong::Credential) => return None,
        Err(Wrong::Url) => {
            out.push(Diagnostic::error("config.target").at(at).arg("value", text));
            return None;
        }
    };
    let folder = matches!(location, Location::Folder(_));
    if let Location::Folder(path) = &location
        && is_own(root, output, path)
    {
        out.push(Diagnostic::error("config.target").at(at).arg("value", text));
        return None;
    }
    let layout = choice(node, &format!("deploy.{name}.layout"), "layout", &["plain", "releases"], out);
    let layout = if layout == "releases" { Layout::Releases } else { Layout::Plain };
    let number = |key: &str, default: usize| node.values.get(key).and_then(|s| s.value.as_u64()).map_or(default, |n| n as usize);
    let precompressed = node.values.get("precompressed").and_then(|s| s.value.as_bool());
    Some(Target {
        name: name.into(),
        place,
        layout,
        keep: number("keep", 5),
        max_deletes: node.values.get("max_deletes").and_then(|s| s.value.as_u64()).map(|n| n as usize),
        connections: number("connections", 16).min(256),
        timeout: number("timeout", 60) as u64,
        retries: number("retries", 5),
        precompressed: precompressed.unwrap_or(folder || layout == Layout::Releases),
        purge: node.texts("purge"),
        purge_batch: number("purge_batch", 1000),
        location,
    })
}

/// A folder that holds the platform, or lies in what is its own.
fn is_own(root: &Path, output: &Path, path: &Path) -> bool {
    let real = |p: &Path| std::fs::canonicalize(p).or_else(|_| std::path::absolute(p)).unwrap_or_else(|_| p.to_owned());
    let (root, output, path) = (real(root), real(output), real(path));
    let own = ["content", "themes", "sites", "schemas", ".banyan", ".git"].map(|o| root.join(o));
    root.starts_with(&path) || output.starts_with(&path) || own.iter().chain([&output]).any(|o| path.starts_with(o))
}

/// One of some words; the first is the default.
fn choice<'n>(node: &'n Node, shown: &str, key: &str, allowed: &'static [&'static str], out: &mut Vec<Diagnostic>) -> &'n str {
    let Some(value) = node.text(key) else { return allowed[0] };
    if !allowed.contains(&value) {
        let place = node.place_of(key).unwrap_or(Place::file("sites.toml"));
        let d = Diagnostic::error("config.value").at(place).arg("key", shown).arg("value", value);
        out.push(d.arg("allowed", allowed.join(", ")).nearest(value, allowed.iter().copied()));
        return allowed[0];
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_targets() {
        assert_eq!(Location::parse("file:///srv/www"), Ok(Location::Folder("/srv/www".into())));
        let s3 = Location::parse("s3://b/a/政务?endpoint=http://127.0.0.1:8333&region=cn-north-1").unwrap();
        let Location::Bucket { bucket, prefix, endpoint, region, .. } = s3 else { panic!() };
        assert_eq!((&*bucket, &*prefix), ("b", "a/政务"));
        assert_eq!((endpoint.as_deref(), region.as_deref()), (Some("http://127.0.0.1:8333"), Some("cn-north-1")));
        for wrong in ["/srv/www", "file:///", "ftp://x/y", "s3:///x", "s3://b/../c%2f..", "s3://b?zone=1", "oss://b"] {
            assert_eq!(Location::parse(wrong), Err(Wrong::Url), "{wrong}");
        }
        for secret in ["s3://id:key@b", "s3://b?access_key_id=1", "s3://b?X-Amz-Signature=1", "s3://b?endpoint=http://a:b@h"] {
            assert_eq!(Location::parse(secret), Err(Wrong::Credential), "{secret}");
        }
    }
}
