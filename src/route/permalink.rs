//! Addresses of items.

use super::{How, Placement};
use crate::base::id::SiteId;
use crate::base::path;
use crate::config::{Piece, Platform};
use crate::content::{Article, Library, Origin};

/// Path of an item's page: its own `url` on its home site, else the pattern of the column it stands in. Dates are as
/// written; an undated item has `undated` for a year (D3). Other languages than the default have their tag in front.
pub fn address(platform: &Platform, library: &Library, site: SiteId, placement: &Placement, article: &Article) -> String {
    let s = platform.site(site);
    if placement.how == How::Own
        && let Some(url) = &article.rare().url
    {
        return s.local(url).into_owned();
    }
    let column = s.column(placement.column);
    let mut out = String::with_capacity(64);
    out.push_str(&s.below);
    if article.lang != s.default_language() {
        out.push('/');
        out.push_str(platform.language(article.lang));
    }
    let written = article.card.date.map(|d| d.as_written());
    for piece in &column.permalink.0 {
        use std::fmt::Write;
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Column => out.push_str(column.url.trim_matches('/')),
            Piece::Year => match written {
                Some(d) => _ = write!(out, "{:04}", d.year()),
                None => out.push_str("undated"),
            },
            Piece::Month => match written {
                Some(d) => _ = write!(out, "{:02}", d.month()),
                None => out.push_str("00"),
            },
            Piece::Day => match written {
                Some(d) => _ = write!(out, "{:02}", d.day()),
                None => out.push_str("00"),
            },
            Piece::Slug => out.push_str(&article.slug),
            Piece::Id => out.push_str(&article.card.id),
            Piece::Filename => out.push_str(match article.origin {
                // The records of a file share its name.
                Origin::Record { .. } => &article.slug,
                Origin::File { .. } if article.bundle => path::name(article.folder()),
                Origin::File { .. } => crate::content::build::parts(platform, &article.home.path).stem,
            }),
            Piece::Category => out.push_str(&library.schemas.get(article.card.category).id),
        }
    }
    out
}

/// The folder of a page's attachments: beside the page, named like it.
pub fn attachment_folder(page: &str) -> String {
    if page.ends_with('/') {
        return page.to_owned();
    }
    let folder = path::folder(page);
    let (stem, _) = path::stem_ext(path::name(page));
    format!("{folder}/{stem}/")
}

/// A file name that is safe on every system and in every header; letters of any script are kept.
pub fn attachment_name(name: &str) -> String {
    let safe: String = path::nfc(name)
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '(' | ')' | '（' | '）' | '〔' | '〕' | '《' | '》') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let safe = safe.trim_matches(['.', '-']).to_owned();
    if safe.len() <= path::MAX_NAME - 20 && !safe.is_empty() {
        return safe;
    }
    // Too long: the front of it, a fingerprint of the whole, and the ending.
    let (stem, ext) = path::stem_ext(&safe);
    let mut end = stem.len().min(100);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let print = crate::base::fingerprint::Fingerprint::of_bytes(name.as_bytes()).hex();
    let ext: String = ext.chars().take(10).collect();
    format!("{}-{}{}{ext}", &stem[..end], &print[..8], if ext.is_empty() { "" } else { "." })
}
