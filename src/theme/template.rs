//! The template engine of one stack. Templates are known to it as `LAYER@name`, so that a layer's page.html and the one
//! above it are two; one callback finds which is meant.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::layer::Layers;
use super::names::{Used, What};
use super::stack::{Stack, above, resolve};
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::LayerId;

/// Steps of one rendering. A page of 300 links takes about 20,000; a loop over a loop over all items ends here. 64 bytes of
/// text that a template makes are a step too: what it can hold in memory is less than 200 MB.
const FUEL: u64 = 3_000_000;
/// Bytes of one page.
pub const MAX_OUTPUT: usize = 16 * 1024 * 1024;
const RECURSION: usize = 100;

/// Told of each lookup: the name as asked for (`LAYER^name` for one above a layer), and what was found.
pub type Heard = dyn Fn(&Arc<str>, Option<Fingerprint>) + Send + Sync;

pub struct Engine {
    env: Environment<'static>,
    layers: Arc<Layers>,
    chain: Vec<LayerId>,
    names: Arc<Names>,
    /// Filters besides those of the engine.
    filters: &'static [&'static str],
    /// What it renders says where each element comes from.
    marks: bool,
}

/// What the engine brings along, for the nearest name.
#[rustfmt::skip]
const FILTERS: &[&str] = &[
    "abs", "attr", "batch", "bool", "capitalize", "chain", "count", "default", "dictsort", "escape", "first", "float", "format", "groupby",
    "indent", "int", "items", "join", "last", "length", "lines", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace",
    "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "split", "string", "sum", "title", "trim", "unique", "upper",
    "urlencode", "zip",
];
#[rustfmt::skip]
const TESTS: &[&str] = &[
    "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "escaped", "even", "false", "filter", "float", "ge", "greaterthan",
    "gt", "in", "int", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none", "number", "odd", "safe", "sameas",
    "sequence", "startingwith", "string", "test", "true", "undefined", "upper",
];
/// Names that the language itself calls as functions.
const SPECIAL: &[&str] = &["super", "caller", "loop", "self"];

/// A rendering that failed: where, and why.
#[derive(Clone, Debug)]
pub struct TemplateError {
    pub place: Option<Place>,
    pub kind: &'static str,
    pub detail: String,
    /// The variable or name that is at fault, when the engine says.
    pub name: Option<String>,
    /// What kind of name it is: a filter, a test, a function.
    what: &'static str,
    pub nearest: Option<String>,
}

impl Engine {
    /// `setup` adds filters, functions and globals.
    pub fn new(
        layers: &Arc<Layers>,
        stack: &Stack,
        heard: Arc<Heard>,
        filters: &'static [&'static str],
        setup: impl FnOnce(&mut Environment<'static>),
    ) -> Engine {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
        env.set_auto_reload(false);
        env.set_debug(true);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(RECURSION);
        let all = layers.clone();
        env.set_loader(move |qualified: &str| {
            let text = qualified.split_once('@').and_then(|(layer, name)| {
                let layer = all.find(layer)?;
                all.get(layer).templates.get(name).map(|t| t.text.to_string())
            });
            Ok::<_, Error>(text)
        });
        let names = Arc::new(Names::new(layers, &stack.chain, heard));
        let known = names.clone();
        env.set_path_join_callback(move |name, parent| {
            let from = parent.split_once('@').map(|(layer, _)| layer);
            Cow::Owned(known.qualified(name, from).into_owned())
        });
        // The engine's own escape writes `/` as an entity, which is right and makes every address unreadable.
        env.set_formatter(|out, state, value| match (state.auto_escape(), value.as_str()) {
            (minijinja::AutoEscape::Html, Some(text)) if !value.is_safe() => escape(out, text),
            _ => minijinja::escape_formatter(out, state, value),
        });
        setup(&mut env);
        Engine { env, layers: layers.clone(), chain: stack.chain.clone(), names, filters, marks: false }
    }

    /// The same, of which each element says where it comes from: see [`super::mark`].
    pub fn marking(self) -> Engine {
        Engine { marks: true, ..self }
    }

    /// What a lookup would find: `name`, or `LAYER^name` for the one above a layer, as [`Heard`] is told.
    pub fn look_up(&self, asked: &str) -> Option<Fingerprint> {
        let hit = match asked.split_once('^') {
            Some((layer, name)) => resolve(&self.layers, above(&self.chain, self.layers.find(layer)?), name),
            None => resolve(&self.layers, &self.chain, asked),
        };
        hit.map(|(_, t)| t.print)
    }

    /// The first of `names` that the stack has.
    pub fn choose<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        names.into_iter().find(|name| self.names.has(name))
    }

    /// Renders a template of the stack.
    pub fn render(&self, name: &str, context: Value) -> Result<Vec<u8>, TemplateError> {
        let full = self.names.qualified(name, None);
        let mut out = Limited(Vec::with_capacity(16 * 1024));
        let done = match self.marks {
            false => self.env.get_template(&full).and_then(|t| t.render_captured_to(context, &mut out).map(|_| ())),
            true => self.env.get_template(&full).and_then(|t| t.render_with_spans(context)).map(|(html, spans)| {
                out.0 = super::mark::mark(html, &spans, &self.layers).into_bytes();
            }),
        };
        match done {
            Ok(()) => Ok(out.0),
            Err(e) => {
                let mut error = self.explain(&e, out.0.len() >= MAX_OUTPUT);
                // Of what has no line the file is known.
                if error.place.is_none() {
                    error.place = resolve(&self.layers, &self.chain, name).map(|(_, t)| Place::file(t.file.clone()));
                }
                Err(error)
            }
        }
    }

    /// Every template of the stack, compiled, with the names that it uses: all errors before anything renders.
    pub fn check(&self, out: &mut Vec<Diagnostic>) {
        let templates = || self.chain.iter().flat_map(|l| self.layers.get(*l).templates.iter().map(|(name, t)| (*l, name, t)));
        let given: BTreeSet<&str> =
            templates().filter_map(|(_, _, t)| t.names()).flat_map(|n| n.given.iter().map(String::as_str)).collect();
        for (layer, name, t) in templates() {
            if let Err(e) = self.env.get_template(&format!("{}@{name}", self.layers.get(layer).name)) {
                out.push(self.explain(&e, false).diagnostic());
                continue;
            }
            for used in t.names().into_iter().flat_map(|n| &n.used).filter(|u| !self.is_known(layer, u, &given)) {
                let (kind, what) = match used.what {
                    What::File => ("theme.no-template", ""),
                    What::Filter => ("theme.unknown-name", "filter"),
                    What::Test => ("theme.unknown-name", "test"),
                    What::Function => ("theme.unknown-name", "function"),
                };
                let place = Some(crate::base::source::place(&t.file, &t.text, used.range.clone()));
                let name = used.name.trim_start_matches('^').to_owned();
                let above = if used.name.starts_with('^') { "^" } else { "" };
                let files = if used.name.starts_with('^') { super::stack::above(&self.chain, layer) } else { &self.chain };
                let nearest = self.nearest(kind, what, &name, files).map(|n| format!("{above}{n}"));
                out.push(TemplateError { place, kind, detail: String::new(), name: Some(name), what, nearest }.diagnostic());
            }
        }
    }

    /// Names that a template uses without having set them, objects with their keys: `site.name`.
    pub fn undeclared(&self, layer: &str, name: &str) -> BTreeSet<String> {
        let found = self.env.get_template(&format!("{layer}@{name}"));
        found.map(|t| t.undeclared_variables(true).into_iter().collect()).unwrap_or_default()
    }

    /// Names that are there without anyone having set them, or that some template of the stack sets.
    pub fn given(&self) -> BTreeSet<String> {
        let templates = self.chain.iter().flat_map(|l| self.layers.get(*l).templates.values());
        let set = templates.filter_map(|t| t.names()).flat_map(|n| n.given.iter().cloned());
        let globals = self.env.globals().map(|(name, _)| name.to_owned());
        set.chain(globals).chain(SPECIAL.iter().chain(&super::lock::WORLD).map(|n| (*n).to_owned())).collect()
    }

    /// `given`: names that some template of the stack gives to something.
    fn is_known(&self, layer: LayerId, used: &Used, given: &BTreeSet<&str>) -> bool {
        let mut state = self.env.empty_state();
        match used.what {
            What::Filter => !state.apply_filter(&used.name, &[]).is_err_and(|e| e.kind() == ErrorKind::UnknownFilter),
            What::Test => !state.perform_test(&used.name, &[]).is_err_and(|e| e.kind() == ErrorKind::UnknownTest),
            What::Function => {
                let name = used.name.as_str();
                given.contains(name)
                    || SPECIAL.contains(&name)
                    || super::lock::WORLD.contains(&name)
                    || self.env.globals().any(|(known, _)| known == name)
            }
            What::File => match used.name.strip_prefix('^') {
                Some(same) => resolve(&self.layers, above(&self.chain, layer), same).is_some(),
                None => resolve(&self.layers, &self.chain, &used.name).is_some(),
            },
        }
    }

    /// The nearest name of the kind that was meant.
    fn nearest(&self, kind: &str, what: &str, name: &str, files: &[LayerId]) -> Option<String> {
        let functions: Vec<&str> = self.env.globals().map(|(name, _)| name).collect();
        let files = files.iter().flat_map(|l| self.layers.get(*l).templates.keys().map(|k| &**k));
        let hit = match (kind, what) {
            ("theme.no-template", _) => crate::base::source::nearest(name, files),
            ("theme.syntax", _) => super::syntax::nearest(name),
            ("theme.unknown-name", "filter") => crate::base::source::nearest(name, FILTERS.iter().chain(self.filters).copied()),
            ("theme.unknown-name", "test") => crate::base::source::nearest(name, TESTS.iter().copied()),
            ("theme.unknown-name", "function") => crate::base::source::nearest(name, functions),
            _ => None,
        };
        hit.map(str::to_owned)
    }

    fn explain(&self, error: &Error, full: bool) -> TemplateError {
        // The innermost error that knows its place is where the mistake stands.
        let mut deepest = error;
        let mut source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
        while let Some(e) = source {
            if let Some(e) = e.downcast_ref::<Error>()
                && e.name().is_some()
            {
                deepest = e;
            }
            source = e.source();
        }
        let place = deepest.name().and_then(|name| {
            let (layer, file) = name.split_once('@')?;
            let t = self.layers.get(self.layers.find(layer)?).templates.get(file)?;
            Some(match deepest.range() {
                Some(range) => crate::base::source::place(&t.file, &t.text, range),
                None => Place::at(t.file.clone(), deepest.line().unwrap_or(1) as u32, 0),
            })
        });
        let deep = deepest.detail().is_some_and(|d| d.contains("recursion limit"));
        let kind = match deepest.kind() {
            _ if full => "render.output-size",
            _ if deep => "render.recursion",
            ErrorKind::OutOfFuel => "render.fuel",
            ErrorKind::UndefinedError => "render.undefined",
            ErrorKind::TemplateNotFound => "theme.no-template",
            ErrorKind::SyntaxError => "theme.syntax",
            ErrorKind::UnknownFilter | ErrorKind::UnknownFunction | ErrorKind::UnknownTest => "theme.unknown-name",
            _ => "render.template",
        };
        let detail = deepest.detail().map_or_else(|| deepest.kind().to_string(), str::to_owned);
        let detail = detail.replace("missing@", "");
        let open = deepest.name().and_then(|n| n.split_once('@')).filter(|_| kind == "theme.syntax");
        let open = open.filter(|_| detail.starts_with("unknown statement end") || detail.contains("unexpected end of input"));
        let open = open.and_then(|(layer, file)| self.layers.get(self.layers.find(layer)?).templates.get(file));
        if let Some((t, open)) = open.and_then(|t| Some((t, super::syntax::left_open(&t.text)?))) {
            let tag = t.text[open.range.clone()].chars().take(80).collect();
            let place = Some(crate::base::source::place(&t.file, &t.text, open.range));
            return TemplateError { place, kind: "theme.unclosed", detail, name: Some(tag), what: open.end, nearest: None };
        }
        let what = match deepest.kind() {
            ErrorKind::UnknownFilter => "filter",
            ErrorKind::UnknownTest => "test",
            _ => "function",
        };
        let name = match kind {
            // `filter x is unknown`, `x is unknown`
            "theme.unknown-name" => detail.strip_suffix(" is unknown").and_then(|d| d.rsplit(' ').next()).map(str::to_owned),
            "theme.syntax" => detail.strip_prefix("unknown statement ").map(str::to_owned),
            // `tried to include non-existing template 'x'`, `template "x" does not exist`
            "theme.no-template" => detail.split(['\'', '"']).nth(1).map(str::to_owned),
            _ => place.as_ref().and_then(|p| self.excerpt(deepest, p)),
        };
        let nearest = name.as_ref().and_then(|name| self.nearest(kind, what, name, &self.chain));
        if kind == "render.fuel" {
            let (loops, at) = self.loops(error);
            return TemplateError { place: at.or(place), kind, detail, name: Some(loops), what, nearest };
        }
        TemplateError { place, kind, detail, name, what, nearest }
    }

    /// The loops that a rendering was in, the outermost first, in words; and the place of the innermost.
    fn loops(&self, error: &Error) -> (String, Option<Place>) {
        let mut told: Vec<String> = Vec::new();
        let mut inner = None;
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(e) = next {
            next = e.source();
            let Some(e) = e.downcast_ref::<Error>() else { continue };
            let Some((layer, file)) = e.name().and_then(|n| n.split_once('@')) else { continue };
            let Some(t) = self.layers.find(layer).and_then(|l| self.layers.get(l).templates.get(file)) else { continue };
            let line = e.line().unwrap_or(1) as u32;
            for range in super::ast::loops(&t.text) {
                let first = crate::base::source::line_column(&t.text, range.start).0;
                let last = crate::base::source::line_column(&t.text, range.end).0;
                let within = e.range().map_or((first..=last).contains(&line), |r| range.start <= r.start && r.start <= range.end);
                if !within {
                    continue;
                }
                let head: String =
                    t.text[range.clone()].split("%}").next().unwrap_or_default().trim_end_matches('-').trim().chars().take(80).collect();
                let words = format!("`{head}` ({}:{first})", t.file);
                if !told.contains(&words) {
                    inner = Some(crate::base::source::place(&t.file, &t.text, range.start..range.start + head.len()));
                    told.push(words);
                }
            }
        }
        if told.is_empty() {
            let names = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |e| e.source());
            let files = names.filter_map(|e| e.downcast_ref::<Error>()?.name()?.split_once('@'));
            told.extend(files.last().map(|(_, file)| format!("`{file}`")));
        }
        (told.join(", "), inner)
    }

    fn excerpt(&self, error: &Error, _: &Place) -> Option<String> {
        let text = error.template_source()?.get(error.range()?)?;
        (text.len() < 80 && !text.contains('\n')).then(|| text.trim().to_owned())
    }
}

impl TemplateError {
    pub fn diagnostic(&self) -> Diagnostic {
        let mut d = Diagnostic::error(self.kind).arg("problem", &self.detail).arg("name", self.name.as_deref().unwrap_or_default());
        d.args.push(("what".into(), self.what.to_owned()));
        d.place = self.place.clone();
        d.nearest = self.nearest.clone();
        d
    }
}

/// What each name means, looked up once: a page asks for half a dozen of them.
struct Names {
    plain: HashMap<Box<str>, Found>,
    /// By layer: what `^name` means there.
    above: HashMap<Box<str>, HashMap<Box<str>, Found>>,
    heard: Arc<Heard>,
}

struct Found {
    /// The name as it is told: `LAYER^name` for one above a layer.
    asked: Arc<str>,
    /// `LAYER@name`
    full: Box<str>,
    print: Fingerprint,
}

impl Names {
    fn new(layers: &Layers, chain: &[LayerId], heard: Arc<Heard>) -> Names {
        let all: BTreeSet<&Arc<str>> = chain.iter().flat_map(|l| layers.get(*l).templates.keys()).collect();
        let found = |asked: &str, chain: &[LayerId], name: &str| {
            let (layer, t) = resolve(layers, chain, name)?;
            Some((name.into(), Found { asked: asked.into(), full: format!("{}@{name}", layers.get(layer).name).into(), print: t.print }))
        };
        let plain = all.iter().filter_map(|name| found(name, chain, name)).collect();
        let of = |layer: &LayerId| {
            let own = &layers.get(*layer).name;
            let here = all.iter().filter_map(|name| found(&format!("{own}^{name}"), above(chain, *layer), name)).collect();
            ((&**own).into(), here)
        };
        Names { plain, above: chain.iter().map(of).collect(), heard }
    }

    fn has(&self, name: &str) -> bool {
        self.told(self.plain.get(name), name).is_some()
    }

    /// `LAYER@name` of what `name` means: `^x.html` the x.html above the layer that asks, else that of the first layer.
    fn qualified(&self, name: &str, from: Option<&str>) -> Cow<'_, str> {
        let hit = match (name.strip_prefix('^'), from.and_then(|layer| Some((layer, self.above.get(layer)?)))) {
            (Some(same), Some((layer, here))) => match here.get(same) {
                None => self.told(None, &format!("{layer}^{same}")),
                hit => self.told(hit, name),
            },
            _ => self.told(self.plain.get(name), name),
        };
        hit.map_or_else(|| format!("missing@{name}").into(), |found| Cow::Borrowed(&*found.full))
    }

    fn told<'n>(&self, hit: Option<&'n Found>, asked: &str) -> Option<&'n Found> {
        match hit {
            Some(found) => (self.heard)(&found.asked, Some(found.print)),
            None => (self.heard)(&asked.into(), None),
        }
        hit
    }
}

/// `&`, `<`, `>` and both quotes: enough for text and for attributes in quotes.
fn escape(out: &mut minijinja::Output, text: &str) -> Result<(), Error> {
    let bytes = text.as_bytes();
    // Of a long text most often nothing is to be escaped, which is seen faster in strides.
    if bytes.len() > 96 && memchr::memchr3(b'&', b'<', b'>', bytes).or_else(|| memchr::memchr2(b'"', b'\'', bytes)).is_none() {
        return Ok(out.write_str(text)?);
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| ENTITIES[b as usize] != 0) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    Ok(out.write_str(rest)?)
}

/// Bytes that [`escape`] writes in another way.
const ENTITIES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < b"&<>\"'".len() {
        table[b"&<>\"'"[at] as usize] = 1;
        at += 1;
    }
    table
};

/// A buffer that refuses to grow without end.
struct Limited(Vec<u8>);

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            self.0.resize(MAX_OUTPUT, b' ');
            return Err(std::io::Error::other("output limit"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
