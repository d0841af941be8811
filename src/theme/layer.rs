//! One theme folder each: theme.toml, templates/, assets/, static/, phrases/.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};

use super::ast::Outline;
use super::names::Names;
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::LayerId;
use crate::base::walk::{Passed, walk};
use crate::config::check_token;
use crate::config::read::{File, Node, read};
use crate::config::site::Block;
use crate::config::spec::{Kind, Spec};

static STANDARD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes");

/// The themes that ship with the program; what else lies in that folder belongs to the starter platform.
pub const STANDARD_NAMES: &[&str] = &["base", "city", "county", "department", "province"];

/// Where the standard themes are said to be in messages.
const STANDARD_ROOT: &str = "std:themes";

/// Bytes of one theme file; a picture of a theme is no photograph.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Bytes of one template: no hand writes more, and what a template nests grows with it.
const MAX_TEMPLATE: usize = 256 * 1024;

pub struct Template {
    pub text: Arc<str>,
    /// `themes/county/templates/page.html`, or `std:themes/…`.
    pub file: Arc<str>,
    pub print: Fingerprint,
    /// Read when someone asks: stacks share their layers.
    names: OnceLock<Option<Names>>,
    outline: OnceLock<Option<Outline>>,
}

impl Template {
    /// What it uses; `None` where it cannot be parsed.
    pub fn names(&self) -> Option<&Names> {
        self.names.get_or_init(|| super::names::names(&self.text)).as_ref()
    }

    /// Its skeleton; `None` where it cannot be parsed.
    pub fn outline(&self) -> Option<&Outline> {
        self.outline.get_or_init(|| super::ast::outline(&self.text)).as_ref()
    }
}

pub struct AssetFile {
    pub bytes: Arc<[u8]>,
    pub file: Arc<str>,
}

/// `page.html#footer`, or a whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub file: String,
    pub block: Option<String>,
    pub place: Place,
}

pub struct Token {
    pub value: String,
    pub place: Place,
}

pub struct Layer {
    pub name: Arc<str>,
    pub label: Arc<str>,
    pub extends: Option<LayerId>,
    /// Where `extends` or the file as a whole stands.
    pub place: Place,
    /// The theme ships inside the program; some of its files may be the platform's own.
    pub standard: bool,
    pub templates: BTreeMap<Arc<str>, Template>,
    pub assets: BTreeMap<Arc<str>, AssetFile>,
    /// `static/`: files that keep their names, at the root of each site: a proof of ownership, a favicon.ico.
    pub statics: BTreeMap<Arc<str>, AssetFile>,
    /// By language, by key.
    pub phrases: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
    pub tokens: BTreeMap<String, Token>,
    /// Pairs of tokens that stand on one another, beside the standard ones: text → grounds.
    pub contrast: BTreeMap<String, String>,
    /// What a setting of a home block may be, with blanks between: setting → values.
    pub choices: BTreeMap<String, String>,
    pub locks: Vec<Part>,
    pub open: Vec<Part>,
    /// Blocks of the home page; `None`: those of the layer above.
    pub home: Option<Vec<Block>>,
    /// Text of its theme.lock: what its overrides lay over when they were written.
    pub record: Option<Arc<str>>,
    /// Errors in its files: sites that use it are not built.
    pub broken: bool,
}

pub struct Layers {
    /// In the order of their names; [`LayerId`] counts in this list.
    pub all: Vec<Layer>,
}

const fn row(key: &'static str, kind: Kind, en: &'static str, zh: &'static str) -> Spec {
    Spec { key, kind, handed_down: false, en, zh }
}

#[rustfmt::skip]
pub const THEME: &[Spec] = &[
    row("label", Kind::Text, "name of the theme for people", "主题名称"),
    row("extends", Kind::Text, "the theme above; every theme but the lowest has one", "上一级主题"),
    row("lock", Kind::Texts, "what lower layers may not override: `file.html`, or `file.html#block`", "下级不得改动的文件或区块"),
    row("open", Kind::Texts, "slots: blocks inside a locked one that stay open", "锁定区块内开放的插槽"),
    row("tokens", Kind::TextMap, "design tokens: name = value", "设计变量"),
    row("home", Kind::Blocks, "[[home]]: blocks of the home page of sites that name none themselves", "[[home]]：站点自己未列出时首页的区块"),
    row("contrast", Kind::TextMap, "tokens of text, and those of the grounds it stands on, for `theme check`", "文字颜色与其背景颜色的设计变量，供 `theme check` 检查对比度"),
    row("choices", Kind::TextMap, "what a setting of a home block may be, values with blanks between: width = \"full half\"", "首页区块某项设置可取的值，以空格分隔：width = \"full half\""),
];

/// Files of one theme before they are read as what they are: path below the theme → shown name, bytes.
type Files = BTreeMap<String, (String, Arc<[u8]>)>;

impl Layers {
    /// The standard themes and those of `folder`, file by file: the platform's own file wins.
    pub fn load(folder: &Path, out: &mut Vec<Diagnostic>) -> Layers {
        let mut themes: BTreeMap<String, (Files, Files)> = BTreeMap::new();
        for name in STANDARD_NAMES {
            let Some(theme) = STANDARD.get_dir(name) else { continue };
            let mut files = Files::new();
            embedded(theme, theme.path(), &mut files);
            themes.entry((*name).to_owned()).or_default().0 = files;
        }
        own(folder, &mut themes, out);
        // `std:city` is the embedded theme, beside the platform's own of that name (D6).
        for name in STANDARD_NAMES {
            if let Some((standard, own)) = themes.get(*name)
                && !own.is_empty()
            {
                let standard = standard.clone();
                themes.insert(format!("std:{name}"), (standard, Files::new()));
            }
        }
        let mut all = Vec::new();
        let names: Vec<String> = themes.keys().cloned().collect();
        for (name, (standard, own)) in &themes {
            all.push(layer(name, standard, own, &names, out));
        }
        Layers { all }
    }

    pub fn get(&self, id: LayerId) -> &Layer {
        &self.all[id.index()]
    }

    pub fn find(&self, name: &str) -> Option<LayerId> {
        self.all.binary_search_by(|l| (*l.name).cmp(name)).ok().map(|i| LayerId(i as u16))
    }
}

/// The bytes of a file of the standard themes, by the name that messages give it without `std:`.
pub fn standard_file(name: &str) -> Option<&'static [u8]> {
    STANDARD.get_file(name.strip_prefix("themes/")?).map(|f| f.contents())
}

fn embedded(dir: &Dir, root: &Path, files: &mut Files) {
    for file in dir.files() {
        let below = crate::base::fs::relative(root, file.path());
        let shown = format!("{STANDARD_ROOT}/{}", crate::base::fs::relative(Path::new(""), file.path()));
        files.insert(below, (shown, file.contents().into()));
    }
    for dir in dir.dirs() {
        embedded(dir, root, files);
    }
}

fn own(folder: &Path, themes: &mut BTreeMap<String, (Files, Files)>, out: &mut Vec<Diagnostic>) {
    if !folder.is_dir() {
        return;
    }
    let (found, passed) = walk(folder);
    for p in passed {
        let path: PathBuf = match p {
            Passed::LinkOut(path) | Passed::Unreadable(path, _) => path,
            Passed::Hidden(_) | Passed::Link(_) => continue,
        };
        let shown = format!("themes/{}", crate::base::fs::relative(folder, &path));
        out.push(Diagnostic::error("theme.unreadable").at(Place::file(shown)).arg("problem", "link"));
    }
    for file in found {
        let Some((theme, below)) = file.relative.split_once('/') else { continue };
        if theme.contains(['@', ':', '^', '#']) {
            out.push(Diagnostic::error("theme.name").at(Place::file(format!("themes/{theme}"))).arg("theme", theme));
            continue;
        }
        let shown = format!("themes/{}", file.relative);
        if file.stamp.length > MAX_FILE {
            out.push(Diagnostic::error("theme.size").at(Place::file(shown)).arg("max", MAX_FILE));
            continue;
        }
        match std::fs::read(&file.path) {
            Ok(bytes) => {
                themes.entry(theme.to_owned()).or_default().1.insert(below.to_owned(), (shown, bytes.into()));
            }
            Err(e) => out.push(Diagnostic::error("theme.unreadable").at(Place::file(shown)).arg("problem", e)),
        }
    }
}

fn layer(name: &str, standard: &Files, own: &Files, names: &[String], out: &mut Vec<Diagnostic>) -> Layer {
    let before = out.len();
    let mut files = standard.clone();
    files.extend(own.iter().map(|(k, v)| (k.clone(), v.clone())));
    let mut layer = Layer {
        name: name.into(),
        label: name.into(),
        extends: None,
        place: Place::file(format!("themes/{name}/theme.toml")),
        standard: !standard.is_empty(),
        templates: BTreeMap::new(),
        assets: BTreeMap::new(),
        statics: BTreeMap::new(),
        phrases: BTreeMap::new(),
        tokens: BTreeMap::new(),
        contrast: BTreeMap::new(),
        choices: BTreeMap::new(),
        locks: Vec::new(),
        open: Vec::new(),
        home: None,
        record: None,
        broken: false,
    };
    match files.get("theme.toml") {
        Some((shown, bytes)) => settings(&mut layer, shown, bytes, names, out),
        None => out.push(Diagnostic::error("theme.no-file").at(layer.place.clone()).arg("theme", name)),
    }
    // Who shadows a standard theme stays bound by its locks: to loosen them is to make another theme.
    if let (Some((shown, bytes)), true) = (standard.get("theme.toml"), own.contains_key("theme.toml")) {
        let mut first = Layer {
            locks: Vec::new(),
            open: Vec::new(),
            tokens: BTreeMap::new(),
            templates: BTreeMap::new(),
            assets: BTreeMap::new(),
            statics: BTreeMap::new(),
            phrases: BTreeMap::new(),
            ..shallow(&layer)
        };
        settings(&mut first, shown, bytes, names, &mut Vec::new());
        let known: Vec<(String, Option<String>)> = layer.locks.iter().map(|p| (p.file.clone(), p.block.clone())).collect();
        layer.locks.extend(first.locks.into_iter().filter(|p| !known.contains(&(p.file.clone(), p.block.clone()))));
        layer.open = first.open;
    }
    layer.record = own.get(super::drift::FILE).map(|(_, bytes)| String::from_utf8_lossy(bytes).into());
    for (path, (shown, bytes)) in &files {
        if let Some(template) = path.strip_prefix("templates/") {
            if bytes.len() > MAX_TEMPLATE {
                out.push(Diagnostic::error("theme.size").at(Place::file(shown.as_str())).arg("max", MAX_TEMPLATE));
                continue;
            }
            let Ok(text) = std::str::from_utf8(bytes) else {
                out.push(Diagnostic::error("theme.encoding").at(Place::file(shown.as_str())));
                continue;
            };
            let print = Fingerprint::of_bytes(bytes);
            layer.templates.insert(
                template.into(),
                Template { text: text.into(), file: shown.as_str().into(), print, names: OnceLock::new(), outline: OnceLock::new() },
            );
        } else if let Some(asset) = path.strip_prefix("assets/") {
            layer.assets.insert(asset.into(), AssetFile { bytes: bytes.clone(), file: shown.as_str().into() });
        } else if let Some(fixed) = path.strip_prefix("static/") {
            layer.statics.insert(fixed.into(), AssetFile { bytes: bytes.clone(), file: shown.as_str().into() });
        } else if let Some(lang) = path.strip_prefix("phrases/").and_then(|p| p.strip_suffix(".toml")) {
            let phrases = phrases(shown, bytes, out);
            layer.phrases.insert(lang.into(), phrases);
        }
    }
    folders(name, own, out);
    for (path, (shown, _)) in own {
        shadowed(&layer, standard, path, shown, out);
    }
    layer.broken = out[before..].iter().any(Diagnostic::is_error);
    layer
}

/// A folder that is nearly called as one of those that are read. Others are the platform's own matter.
fn folders(name: &str, own: &Files, out: &mut Vec<Diagnostic>) {
    const FOLDERS: [&str; 4] = ["assets", "phrases", "static", "templates"];
    let mut all: Vec<&str> = own.keys().filter_map(|path| path.split_once('/')).map(|(folder, _)| folder).collect();
    all.dedup();
    for folder in all.into_iter().filter(|f| !FOLDERS.contains(f)) {
        let d = Diagnostic::warning("theme.folder").at(Place::file(format!("themes/{name}/{folder}"))).arg("folder", folder);
        let d = d.nearest(folder, FOLDERS);
        if d.nearest.is_some() {
            out.push(d);
        }
    }
}

fn shallow(layer: &Layer) -> Layer {
    Layer {
        name: layer.name.clone(),
        label: layer.label.clone(),
        extends: None,
        place: layer.place.clone(),
        standard: true,
        templates: BTreeMap::new(),
        assets: BTreeMap::new(),
        statics: BTreeMap::new(),
        phrases: BTreeMap::new(),
        tokens: BTreeMap::new(),
        contrast: BTreeMap::new(),
        choices: BTreeMap::new(),
        locks: Vec::new(),
        open: Vec::new(),
        home: None,
        record: None,
        broken: false,
    }
}

/// A platform's file in the place of a standard one must leave what the standard theme locks as it is.
fn shadowed(layer: &Layer, standard: &Files, path: &str, shown: &str, out: &mut Vec<Diagnostic>) {
    let (Some(template), Some((first, bytes))) = (path.strip_prefix("templates/"), standard.get(path)) else { return };
    let (Ok(old), Some(new)) = (std::str::from_utf8(bytes), layer.templates.get(template)) else { return };
    if old == &*new.text {
        return;
    }
    for lock in layer.locks.iter().filter(|l| l.file == template) {
        let same = match &lock.block {
            None => false,
            Some(block) => super::ast::block_text(old, block).is_some_and(|t| super::ast::block_text(&new.text, block) == Some(t)),
        };
        if !same {
            let d = Diagnostic::error("lock.shadowed").at(Place::file(shown)).also(lock.place.clone());
            let part = lock.block.as_ref().map_or(template.to_owned(), |b| format!("{template}#{b}"));
            out.push(d.arg("part", part).arg("theme", &layer.name).arg("file", first));
        }
    }
}

fn settings(layer: &mut Layer, shown: &str, bytes: &[u8], names: &[String], out: &mut Vec<Diagnostic>) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        out.push(Diagnostic::error("theme.encoding").at(Place::file(shown)));
        return;
    };
    layer.place = Place::file(shown);
    let file = File { name: shown.into(), text };
    let (table, _) = file.parse(out);
    let node: Node = read(&file, table.get_ref(), THEME, "", false, &[], out);
    layer.home = node.lists.get("home").map(|blocks| Block::all(blocks));
    if let Some(label) = node.text("label") {
        layer.label = label.into();
    }
    if let Some(above) = node.text("extends") {
        let place = node.values["extends"].place.clone();
        match names.iter().position(|n| n == above) {
            Some(at) => layer.extends = Some(LayerId(at as u16)),
            None => {
                let d = Diagnostic::error("theme.extends").at(place.clone()).arg("theme", above);
                out.push(d.nearest(above, names.iter().map(String::as_str)));
            }
        }
        layer.place = place;
    }
    for (key, list) in [("lock", &mut layer.locks), ("open", &mut layer.open)] {
        let Some(setting) = node.values.get(key) else { continue };
        for part in setting.value.as_array().into_iter().flatten().filter_map(|v| v.as_str()) {
            let (file, block) = match part.split_once('#') {
                Some((file, block)) => (file, Some(block.to_owned())),
                None => (part, None),
            };
            list.push(Part { file: file.to_owned(), block, place: setting.place.clone() });
        }
    }
    for (table, map) in [("contrast.", &mut layer.contrast), ("choices.", &mut layer.choices)] {
        for (key, setting) in node.values.iter().filter_map(|(k, s)| k.strip_prefix(table).map(|k| (k, s))) {
            map.extend(setting.value.as_str().map(|text| (key.to_owned(), text.to_owned())));
        }
    }
    for (key, setting) in node.values.iter().filter_map(|(k, s)| k.strip_prefix("tokens.").map(|k| (k, s))) {
        let Some(value) = setting.value.as_str() else { continue };
        if let Some(d) = check_token(key, value, &setting.place) {
            out.push(d);
            continue;
        }
        layer.tokens.insert(key.to_owned(), Token { value: value.to_owned(), place: setting.place.clone() });
    }
}

fn phrases(shown: &str, bytes: &[u8], out: &mut Vec<Diagnostic>) -> BTreeMap<Arc<str>, Arc<str>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        out.push(Diagnostic::error("theme.encoding").at(Place::file(shown)));
        return BTreeMap::new();
    };
    let file = File { name: shown.into(), text };
    let (table, _) = file.parse(out);
    let mut map = BTreeMap::new();
    for (key, value) in table.get_ref() {
        match value.get_ref().as_str() {
            Some(text) => {
                map.insert(Arc::from(&**key.get_ref()), Arc::from(text));
            }
            None => {
                let place = crate::base::source::place(&file.name, file.text, key.span());
                out.push(Diagnostic::error("theme.phrase").at(place).arg("key", key.get_ref()));
            }
        }
    }
    map
}
