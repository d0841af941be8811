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

/// The front page of a list: its newest items, and the years behind them.
pub fn front(view: &Arc<View>, key: ListKey, url: &str, items: Vec<CardView>, feed: Option<String>) -> Value {
    pairs([
        ("items", cards(view, items)),
        ("years", years(view.years(key, url))),
        ("year", Value::from(())),
        ("older", Value::from(())),
        ("newer", Value::from(())),
        ("feed_url", or_none(feed)),
    ])
}

/// One block of a year. It knows its neighbours only: a new year changes no old block but the last.
pub fn block(view: &Arc<View>, key: ListKey, url: &str, at: u32) -> Value {
    let (year, items) = view.block(key, at);
    let (older, newer) = view.block_neighbours(key, at, url);
    pairs([
        ("items", cards(view, items)),
        ("years", Value::from(Vec::<Value>::new())),
        ("year", Value::from(crate::plan::list::year_name(year))),
        ("older", or_none(older)),
        ("newer", or_none(newer)),
        ("feed_url", Value::from(())),
    ])
}
