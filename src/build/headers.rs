//! How each file is to be served: its type, how long it may be kept, what a page may load. The manifest says it, servers
//! are configured by it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::base::id::SiteId;
use crate::base::path;
use crate::config::{HtmlRule, Platform};
use crate::content::Library;
use crate::plan::Recipe;
use crate::route::Routes;

/// A class of files that are served alike: name in small letters → value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Headers(pub BTreeMap<String, String>);

/// What the pages of one site may load.
pub struct Policy {
    csp: String,
    /// By type and cache: a site has a handful of classes and thousands of files.
    made: Mutex<Vec<(Cow<'static, str>, &'static str, Arc<Headers>)>>,
}

impl Policy {
    /// Nothing inline and no script of another host; frames of the hosts that owners of shown items may embed.
    pub fn new(platform: &Platform, library: &Library, routes: &Routes, site: SiteId) -> Policy {
        let mut owners: BTreeSet<&str> = BTreeSet::new();
        if platform.owners.iter().any(|o| matches!(o.html, HtmlRule::Embed(_))) {
            owners.extend(routes.site(site).placements.iter().filter(|p| p.primary).map(|p| &*library.get(p.article).home.owner));
        }
        let mut hosts: BTreeSet<String> = BTreeSet::new();
        for owner in owners {
            if let Some(HtmlRule::Embed(list)) = platform.owner(owner).map(|o| &o.html) {
                // A host is one word of the policy, and must not end it.
                let good = |h: &&String| h.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
                hosts.extend(list.iter().filter(good).map(|h| format!("https://{h}")));
            }
        }
        let frames = if hosts.is_empty() { "'none'".to_owned() } else { hosts.into_iter().collect::<Vec<_>>().join(" ") };
        let csp = format!(
            "default-src 'self'; img-src 'self' https:; media-src 'self' https:; frame-src {frames}; object-src 'none'; \
             base-uri 'self'; form-action 'self' https:; frame-ancestors 'self'"
        );
        Policy { csp, made: Mutex::default() }
    }
}

pub fn of(recipe: &Recipe, output: &str, policy: &Policy) -> Arc<Headers> {
    let (_, ext) = path::stem_ext(path::name(output));
    let content_type: Cow<'static, str> = match ext.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8".into(),
        "css" => "text/css; charset=utf-8".into(),
        "js" | "mjs" => "text/javascript; charset=utf-8".into(),
        "txt" => "text/plain; charset=utf-8".into(),
        "csv" => "text/csv; charset=utf-8".into(),
        "json" if matches!(recipe, Recipe::Feed { .. }) => "application/feed+json; charset=utf-8".into(),
        "json" => "application/json; charset=utf-8".into(),
        "xml" if matches!(recipe, Recipe::Feed { .. }) => "application/atom+xml; charset=utf-8".into(),
        "xml" => "application/xml; charset=utf-8".into(),
        // An old address may end in anything; what stands there is a page.
        _ if matches!(recipe, Recipe::Item { .. } | Recipe::Redirect { .. }) => "text/html; charset=utf-8".into(),
        _ => mime_guess::from_ext(ext).first_or_octet_stream().essence_str().to_owned().into(),
    };
    let cache_control = match recipe {
        // Its name changes with its bytes (D17).
        Recipe::Asset { .. } => "public, max-age=31536000, immutable",
        Recipe::Tokens => "public, max-age=60",
        Recipe::File { .. } | Recipe::Picture { .. } | Recipe::Static { .. } => "public, max-age=3600",
        _ => "public, max-age=300",
    };
    let Ok(mut made) = policy.made.lock() else { return Arc::new(make(&content_type, cache_control, policy)) };
    if let Some((.., known)) = made.iter().find(|(t, c, _)| *t == content_type && *c == cache_control) {
        return known.clone();
    }
    let headers = Arc::new(make(&content_type, cache_control, policy));
    made.push((content_type, cache_control, headers.clone()));
    headers
}

fn make(content_type: &str, cache_control: &str, policy: &Policy) -> Headers {
    let mut headers = BTreeMap::new();
    let mut put = |name: &str, value: &str| _ = headers.insert(name.to_owned(), value.to_owned());
    if content_type.starts_with("text/html") {
        put("content-security-policy", &policy.csp);
        put("referrer-policy", "strict-origin-when-cross-origin");
    }
    put("cache-control", cache_control);
    // An attachment that a browser takes for a page would be one.
    put("x-content-type-options", "nosniff");
    put("content-type", content_type);
    Headers(headers)
}
