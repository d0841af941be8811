//! Files to show or to download.

use std::sync::Arc;

use minijinja::value::Value;

use super::{FILE, none, or_none, pairs, text};
use crate::facts::{FileView, View};

/// How many rows of a table stand beside a link to it.
const TABLE_ROWS: usize = 20;

/// A file to show or to download; `title` is what a text calls it.
pub fn file(view: &Arc<View>, file: FileView, title: &str) -> Value {
    Value::from_object(FileObject { view: view.clone(), file, title: title.into() })
}

/// A picture that stands for something: a cover.
pub(super) fn picture(view: &View, f: FileView, alt: Value) -> Value {
    let pictures = &view.world.pictures;
    let srcset = Value::from(f.srcset(pictures.widest()));
    let (width, height, sizes) = (Value::from(f.width), Value::from(f.height), Value::from(sizes(view, &f)));
    pairs([("url", Value::from(f.url)), ("width", width), ("height", height), ("alt", alt), ("srcset", srcset), ("sizes", sizes)])
}

/// How wide the picture of a text stands on the page; empty where there is one width only.
fn sizes(view: &View, f: &FileView) -> Arc<str> {
    if f.widths.is_empty() { "".into() } else { view.world.pictures.sizes().clone() }
}

pub(super) struct FileObject {
    view: Arc<View>,
    pub(super) file: FileView,
    title: Box<str>,
}

object!(FileObject, FILE, "file");

impl FileObject {
    fn get(&self, key: &str) -> Option<Value> {
        let f = &self.file;
        Some(match key {
            "name" => Value::from(f.name.clone()),
            "title" => text(&self.title),
            "url" => Value::from(f.url.clone()),
            "size" => Value::from(f.size),
            "type" => Value::from(mime_guess::from_ext(&f.ext).first_or_octet_stream().essence_str()),
            "ext" => Value::from(f.ext.clone()),
            "width" => Value::from(f.width),
            "height" => Value::from(f.height),
            "srcset" => Value::from(f.srcset(self.view.world.pictures.widest())),
            "sizes" => Value::from(sizes(&self.view, f)),
            "table" if &*f.ext == "csv" => or_none(self.view.table(f.file, TABLE_ROWS), |(mut rows, more)| {
                let cells = |row: Vec<String>| row.into_iter().map(Value::from).collect::<Value>();
                let head = cells(rows.remove(0));
                pairs([("head", head), ("rows", rows.into_iter().map(cells).collect()), ("more", Value::from(more))])
            }),
            "table" => none(),
            _ => return None,
        })
    }
}
