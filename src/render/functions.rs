//! Functions, filters and globals of templates.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use super::{SiteRender, context};
use crate::base::date::Date;
use crate::config::ColumnId;
use crate::facts::{Counted, View, World};

pub const FUNCTIONS: &[&str] = &["items", "column", "menu", "asset", "integrity", "t", "fragment", "item_url", "tally", "count"];
pub const FILTERS: &[&str] = &["date", "datetime", "isodate", "filesize", "cut", "mask", "json", "named"];
pub const GLOBALS: &[&str] = &["generator"];

/// Bytes of what values put into a phrase.
const MAX_PHRASE: usize = 1 << 20;

/// Who is being rendered: functions have no other way to know.
pub struct Asker {
    pub render: Arc<SiteRender>,
    pub view: Arc<View>,
    pub column: Option<ColumnId>,
}

fn asker() -> Result<Rc<Asker>, Error> {
    crate::facts::reads::asker::<Asker>().ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "not rendering"))
}

fn problem(text: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, text)
}

fn near<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let hint = crate::base::source::nearest(name, known).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    problem(format!("no {what} `{name}`{hint}"))
}

/// A date that prints itself as precisely as it is known.
pub struct Moment {
    pub date: Date,
    pub view: Arc<View>,
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date.display(&self.view.world.platform.zone))
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date.display(&self.view.world.platform.zone))
    }
}

fn missing(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Undefined | ValueKind::None)
}

/// Dates of records and fields come as texts: they are read as the platform's dates.
fn moment(value: &Value) -> Result<Arc<Moment>, Error> {
    if let Some(m) = value.downcast_object::<Moment>() {
        return Ok(m);
    }
    let view = asker()?.view.clone();
    let date = value.as_str().and_then(|t| Date::parse(t, &view.world.platform.zone).ok());
    date.map(|date| Arc::new(Moment { date, view })).ok_or_else(|| problem(format!("`{value}` is not a date")))
}

fn date(value: &Value, format: Option<&str>) -> Result<String, Error> {
    if missing(value) {
        return Ok(String::new());
    }
    let m = moment(value)?;
    let zone = &m.view.world.platform.zone;
    match format {
        None => Ok(m.date.display(zone)),
        Some(format) => m.date.format(format, zone).map_err(|e| problem(format!("date(\"{format}\"): {e}"))),
    }
}

fn datetime(value: &Value) -> Result<String, Error> {
    date(value, Some("%Y-%m-%d %H:%M"))
}

fn isodate(value: &Value) -> Result<String, Error> {
    if missing(value) {
        return Ok(String::new());
    }
    let m = moment(value)?;
    Ok(m.date.rfc3339(&m.view.world.platform.zone))
}

/// `1.4 MB`, decimal as file managers show it.
fn filesize(value: Value) -> Result<String, Error> {
    let bytes = u64::try_from(value).map_err(|_| problem("filesize needs a number of bytes".into()))?;
    let (mut n, mut unit) = (bytes as f64, "B");
    for next in ["KB", "MB", "GB", "TB"] {
        if n < 1000.0 {
            break;
        }
        n /= 1000.0;
        unit = next;
    }
    Ok(if unit == "B" || n >= 100.0 { format!("{n:.0} {unit}") } else { format!("{n:.1} {unit}") })
}

fn cut(value: Value, count: usize) -> String {
    let text = if missing(&value) { String::new() } else { value.to_string() };
    if text.chars().count() <= count {
        return text;
    }
    let short: String = text.chars().take(count).collect();
    format!("{}…", short.trim_end())
}

/// A name as a letter shows it: its first character.
fn mask(value: Value) -> String {
    let text = if missing(&value) { String::new() } else { value.to_string() };
    text.trim().chars().next().map_or_else(String::new, |first| format!("{first}＊"))
}

/// JSON that is safe inside a script element: it can end neither the element nor a comment.
fn json(value: Value) -> Result<Value, Error> {
    let text = value.as_str().map_or_else(|| serde_json::to_string(&value), serde_json::to_string).map_err(|e| problem(e.to_string()))?;
    if !text.contains(UNSAFE.map(|(c, _)| c)) {
        return Ok(Value::from_safe_string(text));
    }
    Ok(Value::from_safe_string(UNSAFE.iter().fold(text, |text, (c, escape)| text.replace(*c, escape))))
}

/// What a script element does not bear inside a text, as JSON writes it otherwise.
const UNSAFE: [(char, &str); 5] = [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];

/// Those of a list that have one of the names, in the order of the names.
fn named(list: Value, names: Value) -> Result<Vec<Value>, Error> {
    let all = list.try_iter()?.map(|entry| Ok((entry.get_attr("name")?, entry))).collect::<Result<Vec<(Value, Value)>, Error>>()?;
    let names = if names.as_str().is_some() { vec![names] } else { names.try_iter()?.collect() };
    Ok(names.iter().flat_map(|name| all.iter().filter(move |(known, _)| known == name)).map(|(_, entry)| entry.clone()).collect())
}

fn items(column: String, count: Option<usize>) -> Result<Value, Error> {
    let asker = asker()?;
    let view = &asker.view;
    let Some(id) = view.find_column(&column) else { return Ok(Value::from(Vec::<Value>::new())) };
    Ok(context::cards(view, view.items(id, count.unwrap_or(10))))
}

fn column(id: String) -> Result<Value, Error> {
    let asker = asker()?;
    Ok(asker.view.find_column(&id).map_or_else(|| Value::from(()), |c| context::column(&asker.view, c, asker.column)))
}

fn menu(id: String) -> Result<Value, Error> {
    let asker = asker()?;
    let Some(menu) = asker.view.menu(&id) else { return Ok(Value::from(())) };
    let items: Value = menu
        .items
        .into_iter()
        .map(|(name, url, external)| {
            context::pairs([("name", Value::from(name)), ("url", Value::from(url)), ("external", Value::from(external))])
        })
        .collect();
    Ok(context::pairs([("name", Value::from(menu.name)), ("items", items)]))
}

/// A column and which of its items are counted.
fn counted<T>(column: &str, args: &Kwargs, work: impl FnOnce(&View, ColumnId, Counted) -> T) -> Result<Option<T>, Error> {
    let asker = asker()?;
    let category: Option<String> = args.get("category")?;
    let given: Option<String> = args.get("given")?;
    args.assert_all_used()?;
    let Some(id) = asker.view.find_column(column) else { return Ok(None) };
    let counted = Counted { category: category.as_deref().unwrap_or_default(), given: given.as_deref().unwrap_or_default() };
    Ok(Some(work(&asker.view, id, counted)))
}

fn tally(column: String, field: String, args: Kwargs) -> Result<Value, Error> {
    let tally = counted(&column, &args, |view, id, counted| view.tally(id, &field, counted))?.unwrap_or_default();
    let row = |(value, count): (Option<serde_json::Value>, usize)| {
        let value = value.map_or_else(|| Value::from(()), |v| context::json(&v));
        context::pairs([("value", value), ("count", Value::from(count))])
    };
    Ok(tally.into_iter().map(row).collect())
}

fn count(column: String, args: Kwargs) -> Result<Value, Error> {
    Ok(Value::from(counted(&column, &args, |view, id, counted| view.count(id, counted))?.unwrap_or(0)))
}

fn found(path: &str) -> Result<(String, Arc<str>), Error> {
    let asker = asker()?;
    asker.view.asset(path).ok_or_else(|| {
        let known = asker.view.stack().into_iter().flat_map(|s| s.assets.iter().map(|a| &*a.logical));
        near("asset", path, known)
    })
}

fn asset(path: String) -> Result<Value, Error> {
    found(&path).map(|(url, _)| Value::from(url))
}

fn integrity(path: String) -> Result<Value, Error> {
    found(&path).map(|(_, integrity)| Value::from(integrity))
}

fn t(key: String, args: Kwargs) -> Result<String, Error> {
    let asker = asker()?;
    let Some(phrase) = asker.view.phrase(&key) else {
        let known: Vec<Arc<str>> =
            asker.view.stack().into_iter().flat_map(|s| s.phrases.values().flat_map(|m| m.keys().cloned())).collect();
        return Err(near("phrase", &key, known.iter().map(|k| &**k)));
    };
    let mut text = phrase.to_string();
    for name in args.args() {
        let value: Value = args.get(name)?;
        let (mark, value) = (format!("{{{name}}}"), value.to_string());
        // Phrases are anyone's: many places for one long value are more than a machine has.
        if text.matches(&mark).count().saturating_mul(value.len()) > MAX_PHRASE {
            return Err(problem(format!("phrase `{key}` grows over {MAX_PHRASE} bytes")));
        }
        text = text.replace(&mark, &value);
    }
    args.assert_all_used()?;
    Ok(text)
}

fn fragment(name: String) -> Result<Value, Error> {
    let asker = asker()?;
    asker.render.fragment(&asker.view, asker.column, &name).map_err(problem)
}

fn item_url(reference: String) -> Result<Value, Error> {
    let asker = asker()?;
    let hit = asker.view.resolve(&reference, None).ok_or_else(|| problem(format!("no item `{reference}`")))?;
    Ok(asker.view.url(hit).map_or_else(|| Value::from(()), Value::from))
}

pub fn add(env: &mut Environment<'static>, world: &World) {
    env.add_function("items", items);
    env.add_function("column", column);
    env.add_function("menu", menu);
    env.add_function("asset", asset);
    env.add_function("integrity", integrity);
    env.add_function("t", t);
    env.add_function("fragment", fragment);
    env.add_function("item_url", item_url);
    env.add_function("tally", tally);
    env.add_function("count", count);
    env.add_filter("date", date);
    env.add_filter("datetime", datetime);
    env.add_filter("isodate", isodate);
    env.add_filter("filesize", filesize);
    env.add_filter("cut", cut);
    env.add_filter("mask", mask);
    env.add_filter("json", json);
    env.add_filter("named", named);
    env.add_global("generator", Value::from(world.generator.clone()));
    // What a page says must not depend on what was never written down.
    env.remove_global("debug");
    env.remove_filter("tojson");
}
