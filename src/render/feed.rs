//! Feeds: Atom (RFC 4287) and JSON Feed 1.1. A feed's only moment is that of its last change: no clock is written.

use std::sync::Arc;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::json;

use crate::config::ColumnId;
use crate::facts::{CardView, View};
use crate::plan::FeedKind;

/// When nothing has a date yet.
const NEVER: &str = "1970-01-01T00:00:00Z";

pub fn feed(view: &Arc<View>, column: Option<ColumnId>, kind: FeedKind) -> Vec<u8> {
    let size = view.config().feed_size;
    let cards = match column {
        Some(c) => view.recent(c, size),
        None => view.latest(size),
    };
    let mut cards: Vec<CardView> = cards.into_iter().filter(|c| date(view, c).is_some() && !c.url.is_empty()).collect();
    cards.sort_by(|a, b| view.world.library.get(a.article).newest_first(view.world.library.get(b.article)));
    let name = view.site_ref(view.site).name;
    let (title, home) = match column {
        Some(c) => {
            let c = view.column(c);
            (format!("{} - {name}", c.name), c.url.to_string())
        }
        None => (name.to_string(), view.home()),
    };
    let asked = &view.config().outputs;
    let own = match (column, kind) {
        (Some(_), _) => "feed.xml",
        (None, FeedKind::Atom) => asked.feed.as_deref().unwrap_or_default(),
        (None, FeedKind::Json) => asked.json_feed.as_deref().unwrap_or_default(),
    };
    match kind {
        FeedKind::Atom => atom(view, &title, &home, &format!("{home}{own}"), &cards),
        FeedKind::Json => json_feed(view, &title, &home, &format!("{home}{own}"), &cards),
    }
}

fn date(view: &View, card: &CardView) -> Option<String> {
    view.world.library.get(card.article).card.date.map(|d| d.rfc3339(&view.world.platform.zone))
}

/// The last change of an entry, else its date.
fn updated(view: &View, card: &CardView) -> Option<String> {
    let changed = view.byline(card.article).1.map(|d| d.rfc3339(&view.world.platform.zone));
    changed.or_else(|| date(view, card))
}

fn absolute(view: &View, url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("{}{url}", view.config().url) }
}

/// XML 1.0 has no place for most control characters.
pub fn xml_text(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).filter(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

/// An id that survives a change of address: a tag URI (RFC 4151) of the site's main host.
fn tag_uri(view: &View, rest: &str) -> String {
    format!("tag:{},2026:{rest}", view.config().hosts[0])
}

fn atom(view: &View, title: &str, home: &str, own: &str, cards: &[CardView]) -> Vec<u8> {
    let mut w = Writer::new(Vec::new());
    let done = (|| -> std::io::Result<()> {
        w.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let feed =
            w.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom")).with_attribute(("xml:lang", &**view.tag()));
        feed.write_inner_content(|w| {
            let text = |w: &mut Writer<Vec<u8>>, name: &str, value: &str| {
                w.create_element(name).write_text_content(BytesText::new(&xml_text(value))).map(|_| ())
            };
            text(w, "title", title)?;
            text(w, "id", &tag_uri(view, home))?;
            w.create_element("link").with_attribute(("href", absolute(view, home).as_str())).write_empty()?;
            let own = absolute(view, own);
            w.create_element("link").with_attribute(("rel", "self")).with_attribute(("href", own.as_str())).write_empty()?;
            let newest = cards.iter().filter_map(|c| updated(view, c)).max();
            text(w, "updated", newest.as_deref().unwrap_or(NEVER))?;
            w.create_element("author").write_inner_content(|w| text(w, "name", &view.site_ref(view.site).name))?;
            for card in cards {
                w.create_element("entry").write_inner_content(|w| {
                    let item = view.world.library.get(card.article);
                    let (a, details) = (&item.card, view.world.library.details(item));
                    text(w, "title", &view.title(card))?;
                    text(w, "id", &tag_uri(view, &a.id))?;
                    w.create_element("link").with_attribute(("href", absolute(view, &card.url).as_str())).write_empty()?;
                    let date = date(view, card).unwrap_or_else(|| NEVER.to_owned());
                    text(w, "published", &date)?;
                    text(w, "updated", &updated(view, card).unwrap_or_else(|| date.clone()))?;
                    if let Some(author) = view.byline(card.article).0 {
                        w.create_element("author").write_inner_content(|w| text(w, "name", &author))?;
                    }
                    if !details.summary.is_empty() {
                        text(w, "summary", &details.summary)?;
                    }
                    for tag in a.tags.iter() {
                        w.create_element("category").with_attribute(("term", &*xml_text(tag))).write_empty()?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(())
    })();
    // Writing into memory cannot fail.
    _ = done;
    let mut out = w.into_inner();
    out.push(b'\n');
    out
}

fn json_feed(view: &View, title: &str, home: &str, own: &str, cards: &[CardView]) -> Vec<u8> {
    let items: Vec<_> = cards
        .iter()
        .map(|card| {
            let item = view.world.library.get(card.article);
            let (a, details) = (&item.card, view.world.library.details(item));
            let tags: Vec<&str> = a.tags.iter().map(|t| &**t).collect();
            let (author, changed) = view.byline(card.article);
            let mut item = json!({
                "id": tag_uri(view, &a.id),
                "url": absolute(view, &card.url),
                "title": &*view.title(card),
                "content_text": &*details.summary,
                "date_published": date(view, card),
                "tags": tags,
            });
            if let Some(author) = author {
                item["authors"] = json!([{ "name": &*author }]);
            }
            if changed.is_some() {
                item["date_modified"] = json!(updated(view, card));
            }
            item
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": absolute(view, home),
        "feed_url": absolute(view, own),
        "language": &**view.tag(),
        "items": items,
    });
    let mut out = serde_json::to_vec(&feed).unwrap_or_default();
    out.push(b'\n');
    out
}
