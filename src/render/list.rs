//! Lists as pages show them.

use std::sync::Arc;

use minijinja::value::Value;

use super::context::{cards, pairs};
use crate::facts::{CardView, View, YearView};
use crate::plan::ListKey;

fn or_none(value: Option<String>) -> Value {
    value.map_or_else(|| Value::from(()), |u| Value::from(crate::base::path::encode(&u).into_owned()))
}

fn years(years: Vec<YearView>) -> Value {
    years.into_iter().map(|y| pairs([("year", Value::from(y.year)), ("url", Value::from(y.url))])).collect()
}

/// The front page of a list: its newest items, and what lies behind them: years, or further pages.
pub fn front(view: &Arc<View>, key: ListKey, url: &str, items: Vec<CardView>, feed: Option<String>) -> Value {
    let paged = view.config().outputs.pages;
    // Only a list by pages knows its length: its pages all change when it grows.
    let count = if paged { view.page_count(key) } else { 0 };
    let items = if count > 0 { view.block(key, 0).1 } else { items };
    pairs([
        ("items", cards(view, items)),
        ("years", years(view.years(key, url))),
        ("year", Value::from(())),
        ("older", or_none(view.page_url(key, 2, url))),
        ("newer", Value::from(())),
        ("feed_url", or_none(feed)),
        ("page", Value::from(usize::from(count > 0))),
        ("pages", Value::from(count)),
        ("last", or_none(view.page_url(key, count, url))),
    ])
}

/// One block of a list. By years it knows its neighbours only: a new year changes no old block but the last.
pub fn block(view: &Arc<View>, key: ListKey, url: &str, at: u32) -> Value {
    let (year, items) = view.block(key, at);
    let (older, newer) = view.block_neighbours(key, at, url);
    let paged = view.config().outputs.pages;
    let count = if paged { view.page_count(key) } else { 0 };
    pairs([
        ("items", cards(view, items)),
        ("years", Value::from(Vec::<Value>::new())),
        ("year", if paged { Value::from(()) } else { Value::from(crate::plan::list::year_name(year)) }),
        ("older", or_none(older)),
        ("newer", or_none(newer)),
        ("feed_url", Value::from(())),
        ("page", Value::from(if paged { at as usize + 1 } else { 0 })),
        ("pages", Value::from(count)),
        ("last", or_none(view.page_url(key, count, url))),
    ])
}
