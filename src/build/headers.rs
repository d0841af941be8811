//! How each file is to be served: its type and how long it may be kept. The manifest says it, servers are configured by it.

use crate::base::path;
use crate::plan::Recipe;

/// A class of files that are served alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Headers {
    #[serde(rename = "content-type")]
    pub content_type: String,
    #[serde(rename = "cache-control")]
    pub cache_control: String,
}

pub fn of(recipe: &Recipe, output: &str) -> Headers {
    let (_, ext) = path::stem_ext(path::name(output));
    let content_type = match ext.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8".to_owned(),
        "css" => "text/css; charset=utf-8".to_owned(),
        "js" | "mjs" => "text/javascript; charset=utf-8".to_owned(),
        "txt" => "text/plain; charset=utf-8".to_owned(),
        "csv" => "text/csv; charset=utf-8".to_owned(),
        "json" if matches!(recipe, Recipe::Feed { .. }) => "application/feed+json; charset=utf-8".to_owned(),
        "json" => "application/json; charset=utf-8".to_owned(),
        "xml" if matches!(recipe, Recipe::Feed { .. }) => "application/atom+xml; charset=utf-8".to_owned(),
        "xml" => "application/xml; charset=utf-8".to_owned(),
        // An old address may end in anything; what stands there is a page.
        _ if matches!(recipe, Recipe::Item { .. } | Recipe::Redirect { .. }) => "text/html; charset=utf-8".to_owned(),
        _ => mime_guess::from_ext(ext).first_or_octet_stream().essence_str().to_owned(),
    };
    let cache_control = match recipe {
        // Its name changes with its bytes (D17).
        Recipe::Asset { .. } => "public, max-age=31536000, immutable",
        Recipe::Tokens => "public, max-age=60",
        Recipe::File { .. } | Recipe::Static { .. } => "public, max-age=3600",
        _ => "public, max-age=300",
    };
    Headers { content_type, cache_control: cache_control.to_owned() }
}
