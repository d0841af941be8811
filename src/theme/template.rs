//! The template engine of one stack. Templates are known to it as `LAYER@name`, so that a layer's page.html and the one
//! above it are two; one callback finds which is meant.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::layer::Layers;
use super::stack::{Stack, above, resolve};
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::LayerId;

/// Steps of one rendering. A page of 300 links takes about 20,000; a loop over a loop over all items ends here.
const FUEL: u64 = 20_000_000;
/// Bytes of one page.
pub const MAX_OUTPUT: usize = 16 * 1024 * 1024;
const RECURSION: usize = 100;

/// Told of each lookup: the name as asked for (`LAYER^name` for one above a layer), and what was found.
pub type Heard = dyn Fn(&str, Option<Fingerprint>) + Send + Sync;

pub struct Engine {
    env: Environment<'static>,
    layers: Arc<Layers>,
    chain: Vec<LayerId>,
    heard: Arc<Heard>,
}

/// A rendering that failed: where, and why.
pub struct TemplateError {
    pub place: Option<Place>,
    pub kind: &'static str,
    pub detail: String,
    /// The variable or name that is at fault, when the engine says.
    pub name: Option<String>,
}

impl Engine {
    /// `setup` adds filters, functions and globals.
    pub fn new(layers: &Arc<Layers>, stack: &Stack, heard: Arc<Heard>, setup: impl FnOnce(&mut Environment<'static>)) -> Engine {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
        env.set_auto_reload(false);
        env.set_debug(true);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(RECURSION);
        let (all, chain) = (layers.clone(), stack.chain.clone());
        env.set_loader(move |qualified: &str| {
            let text = qualified.split_once('@').and_then(|(layer, name)| {
                let layer = all.find(layer)?;
                all.get(layer).templates.get(name).map(|t| t.text.to_string())
            });
            let _ = &chain;
            Ok::<_, Error>(text)
        });
        let (all, chain, told) = (layers.clone(), stack.chain.clone(), heard.clone());
        env.set_path_join_callback(move |name, parent| {
            let from = parent.split_once('@').and_then(|(layer, _)| all.find(layer));
            Cow::Owned(qualified(&all, &chain, name, from, &*told))
        });
        // The engine's own escape writes `/` as an entity, which is right and makes every address unreadable.
        env.set_formatter(|out, state, value| match (state.auto_escape(), value.as_str()) {
            (minijinja::AutoEscape::Html, Some(text)) if !value.is_safe() => escape(out, text),
            _ => minijinja::escape_formatter(out, state, value),
        });
        setup(&mut env);
        Engine { env, layers: layers.clone(), chain: stack.chain.clone(), heard }
    }

    /// The first of `names` that the stack has.
    pub fn choose<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        names.into_iter().find(|name| {
            let hit = resolve(&self.layers, &self.chain, name);
            (self.heard)(name, hit.map(|(_, t)| t.print));
            hit.is_some()
        })
    }

    /// Renders a template of the stack.
    pub fn render(&self, name: &str, context: Value) -> Result<Vec<u8>, TemplateError> {
        let full = qualified(&self.layers, &self.chain, name, None, &*self.heard);
        let mut out = Limited(Vec::with_capacity(16 * 1024));
        let done = self.env.get_template(&full).and_then(|t| t.render_captured_to(context, &mut out).map(|_| ()));
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

    /// Every template of the stack, compiled: errors of syntax, all of them, before anything renders.
    pub fn check(&self, out: &mut Vec<Diagnostic>) {
        for l in &self.chain {
            let layer = self.layers.get(*l);
            for name in layer.templates.keys() {
                if let Err(e) = self.env.get_template(&format!("{}@{name}", layer.name)) {
                    out.push(self.explain(&e, false).diagnostic());
                }
            }
        }
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
        let kind = match deepest.kind() {
            _ if full => "render.output-size",
            ErrorKind::OutOfFuel => "render.fuel",
            ErrorKind::UndefinedError => "render.undefined",
            ErrorKind::TemplateNotFound => "theme.no-template",
            ErrorKind::SyntaxError => "theme.syntax",
            ErrorKind::UnknownFilter | ErrorKind::UnknownFunction | ErrorKind::UnknownTest | ErrorKind::UnknownMethod => {
                "theme.unknown-name"
            }
            _ => "render.template",
        };
        let detail = deepest.detail().map_or_else(|| deepest.kind().to_string(), str::to_owned);
        let name = place.as_ref().and_then(|p| self.excerpt(deepest, p));
        TemplateError { place, kind, detail: detail.replace("missing@", ""), name }
    }

    fn excerpt(&self, error: &Error, _: &Place) -> Option<String> {
        let text = error.template_source()?.get(error.range()?)?;
        (text.len() < 80 && !text.contains('\n')).then(|| text.trim().to_owned())
    }
}

impl TemplateError {
    pub fn diagnostic(&self) -> Diagnostic {
        let mut d = Diagnostic::error(self.kind).arg("problem", &self.detail).arg("name", self.name.as_deref().unwrap_or_default());
        d.place = self.place.clone();
        d
    }
}

/// `LAYER@name` of what `name` means: `^x.html` the x.html above the layer that asks, else that of the first layer.
fn qualified(layers: &Layers, chain: &[LayerId], name: &str, from: Option<LayerId>, heard: &Heard) -> String {
    let (asked, hit) = match (name.strip_prefix('^'), from) {
        (Some(same), Some(layer)) => {
            let hit = resolve(layers, above(chain, layer), same);
            (Cow::Owned(format!("{}^{same}", layers.get(layer).name)), hit.map(|h| (same, h)))
        }
        _ => (Cow::Borrowed(name), resolve(layers, chain, name).map(|h| (name, h))),
    };
    heard(&asked, hit.map(|(_, (_, t))| t.print));
    match hit {
        Some((name, (layer, _))) => format!("{}@{name}", layers.get(layer).name),
        None => format!("missing@{name}"),
    }
}

/// `&`, `<`, `>` and both quotes: enough for text and for attributes in quotes.
fn escape(out: &mut minijinja::Output, text: &str) -> Result<(), Error> {
    let mut from = 0;
    for (at, b) in text.bytes().enumerate() {
        let entity = match b {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.write_str(&text[from..at])?;
        out.write_str(entity)?;
        from = at + 1;
    }
    Ok(out.write_str(&text[from..])?)
}

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
