//! An [`Output`] and its world → [`Rendered`]: bytes, what was read, what is to be said. Nothing is written here.

mod ask;
mod body;
mod context;
mod feed;
mod functions;
mod list;
mod page;
mod sitemap;
mod spent;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use minijinja::value::Value;

use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::Fingerprint;
use crate::base::id::Lang;
use crate::config::ColumnId;
use crate::facts::{About, FactKey, Kind, Named, Reads, View, World, record, record_named};
use crate::plan::{Output, Recipe, SitePlan};
use crate::theme::{Engine, Stack, TemplateError};

pub use body::Bodies;
pub use context::OBJECTS;
pub use functions::{FILTERS, FUNCTIONS, GLOBALS};

/// A rendered output.
pub struct Rendered {
    pub bytes: Content,
    pub reads: Reads,
    pub diagnostics: Vec<Diagnostic>,
}

pub enum Content {
    Bytes(Vec<u8>),
    /// Shared bytes of an asset.
    Shared(Arc<[u8]>),
    /// A file of the repository, copied as it is.
    File(u32),
    /// It could not be rendered; the diagnostics say why.
    Failed,
}

/// Everything that the pages of one site share while it is rendered; dropped with the site.
pub struct SiteRender {
    pub world: Arc<World>,
    pub plan: Arc<SitePlan>,
    engine: Arc<Engine>,
    views: Vec<Arc<View>>,
    bodies: Arc<Bodies>,
    /// Print of what every page may use unasked.
    base: Fingerprint,
    spent: spent::Spent,
    fragments: Mutex<Fast<(Lang, Option<ColumnId>), Fast<Box<str>, Arc<OnceLock<Fragment>>>>>,
}

/// Fragments inside one another.
const DEEPEST: usize = 16;

thread_local! {
    /// Fragments being rendered on this thread, by name.
    static OPEN: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

type Fast<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A fragment as rendered: its HTML or why there is none, its fingerprint, and what it read.
#[derive(Clone)]
struct Fragment {
    html: Result<Value, String>,
    print: Fingerprint,
    reads: Arc<Reads>,
}

/// The engine of a stack: its templates, with the functions and filters of this module.
pub fn engine(world: &World, stack: &Stack) -> Engine {
    let heard = Arc::new(|name: &Arc<str>, print: Option<Fingerprint>| {
        record_named(Named::plain(Kind::Template), name, || name.clone(), || print.unwrap_or(Fingerprint::ABSENT));
    });
    Engine::new(&world.themes.layers, stack, heard, FILTERS, |env| functions::add(env, world))
}

impl SiteRender {
    pub fn new(world: &Arc<World>, plan: Arc<SitePlan>, engine: Arc<Engine>, bodies: &Arc<Bodies>) -> Arc<SiteRender> {
        let site = plan.site;
        let views = world.platform.site(site).languages.iter().map(|lang| Arc::new(View::new(world.clone(), plan.clone(), site, *lang)));
        let views = views.collect();
        let base = View::print_of_base(world, site);
        Arc::new(SiteRender {
            world: world.clone(),
            plan,
            engine,
            views,
            bodies: bodies.clone(),
            base,
            spent: spent::Spent::default(),
            fragments: Mutex::default(),
        })
    }

    /// The view of a language; an item may have one that its site does not speak: it sees the default one.
    fn view(&self, lang: Lang) -> &Arc<View> {
        self.views.iter().find(|v| v.lang == lang).unwrap_or(&self.views[0])
    }

    pub fn render(self: &Arc<Self>, output: &Output) -> Rendered {
        let site = &self.world.platform.site(self.plan.site).id;
        let mut rendered = match &output.recipe {
            Recipe::Asset { at } => {
                let bytes = self.stack().map(|s| s.assets[*at as usize].bytes.clone());
                plain(bytes.map_or(Content::Failed, Content::Shared))
            }
            Recipe::Static { at } => {
                let bytes = self.stack().map(|s| s.statics[*at as usize].1.clone());
                plain(bytes.map_or(Content::Failed, Content::Shared))
            }
            Recipe::File { file } => plain(Content::File(*file)),
            Recipe::Picture { file, width, .. } => self.picture(output, *file, *width),
            Recipe::Tokens => self.recorded(Lang(0), None, || Ok(page::tokens(self))),
            Recipe::Robots => self.recorded(Lang(0), None, || Ok(sitemap::robots(self))),
            Recipe::Security => self.recorded(Lang(0), None, || Ok(sitemap::security(self))),
            Recipe::SitemapIndex => self.recorded(Lang(0), None, || Ok(sitemap::index(self))),
            Recipe::SitemapWhole => self.recorded(Lang(0), None, || Ok(sitemap::whole(self))),
            Recipe::Sitemap { shard } => self.recorded(Lang(0), None, || Ok(sitemap::shard(self, *shard))),
            Recipe::Feed { lang, column, kind } => self.recorded(*lang, *column, || Ok(feed::feed(self.view(*lang), *column, *kind))),
            _ => page::render(self, output),
        };
        for d in &mut rendered.diagnostics {
            *d = d.clone().site(site);
        }
        rendered
    }

    /// A picture in another width. One that is damaged is served as it is: pages name this address already.
    fn picture(&self, output: &Output, file: u32, width: u32) -> Rendered {
        let (platform, library) = (&self.world.platform, &self.world.library);
        let source = &library.repository.files[file as usize];
        let target = || crate::content::repository::display(platform, source);
        match self.world.pictures.variant(file, &source.disk, width) {
            Err(e) => {
                let d = Diagnostic::error("content.unreadable").at(Place::file(target())).arg("problem", e);
                Rendered { bytes: Content::Failed, reads: Reads::default(), diagnostics: vec![d] }
            }
            Ok(variant) => {
                let said = variant.damage.map(|problem| {
                    let place = self.plan.source(platform, library, output);
                    Diagnostic::warning("picture.damaged").at(place).arg("problem", problem).arg("target", target())
                });
                Rendered { bytes: Content::Bytes(variant.bytes), reads: Reads::default(), diagnostics: said.into_iter().collect() }
            }
        }
    }

    /// What is said of an output is not to be told: its template ran out of fuel on one before it.
    pub fn is_void(&self, output: &Output) -> bool {
        self.spent.is_void(&output.path)
    }

    fn stack(&self) -> Option<&Stack> {
        self.world.themes.of(self.plan.site)
    }

    /// Runs `work` as the asker of functions, and records what it reads.
    fn recorded(self: &Arc<Self>, lang: Lang, column: Option<ColumnId>, work: impl FnOnce() -> Result<Vec<u8>, Diagnostic>) -> Rendered {
        let asker = functions::Asker { render: self.clone(), view: self.view(lang).clone(), column };
        let (done, reads) = crate::facts::reads::recording(std::rc::Rc::new(asker), || {
            self.record_base();
            work()
        });
        match done {
            Ok(bytes) => Rendered { bytes: Content::Bytes(bytes), reads, diagnostics: Vec::new() },
            Err(d) => Rendered { bytes: Content::Failed, reads, diagnostics: vec![d] },
        }
    }

    fn rendered(self: &Arc<Self>, view: &Arc<View>, column: Option<ColumnId>, name: &str) -> Fragment {
        let context = context::fragment(view, column);
        let asker = functions::Asker { render: self.clone(), view: view.clone(), column };
        let (done, reads) = crate::facts::reads::recording(std::rc::Rc::new(asker), || {
            self.record_base();
            self.engine.render(name, context)
        });
        let print = done.as_ref().map_or(Fingerprint::ABSENT, |bytes| Fingerprint::of_bytes(bytes));
        let html = match done {
            Ok(bytes) => Ok(Value::from_safe_string(String::from_utf8_lossy(&bytes).into_owned())),
            Err(e) => {
                let place = e.place.as_ref().map(|p| format!("{p}: ")).unwrap_or_default();
                Err(format!("{place}{}", e.detail))
            }
        };
        Fragment { html, print, reads: Arc::new(reads) }
    }

    /// Fragments rendered in this run, with what they read.
    pub fn fragments(&self) -> Vec<(FactKey, Vec<(FactKey, Fingerprint)>, Fingerprint)> {
        let Ok(map) = self.fragments.lock() else { return Vec::new() };
        let cells = map.iter().flat_map(|((lang, column), here)| here.iter().map(move |(name, cell)| (*lang, *column, name, cell)));
        let done = cells.filter_map(|(lang, column, name, cell)| {
            let fragment = cell.get()?;
            let key = Named::fragment(lang, column).key((&**name).into());
            Some((key, fragment.reads.list.clone(), fragment.print))
        });
        let mut all: Vec<_> = done.collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn record_base(&self) {
        record(FactKey::plain(Kind::Base, About::Nothing), || self.base);
    }

    /// A template rendered once for a site, language and column.
    fn fragment(self: &Arc<Self>, view: &Arc<View>, column: Option<ColumnId>, name: &str) -> Result<Value, String> {
        let place = (view.lang, column);
        let cell = match self.fragments.lock() {
            Ok(mut map) => {
                let here = map.entry(place).or_default();
                match here.get(name) {
                    Some(cell) => cell.clone(),
                    None => here.entry(name.into()).or_default().clone(),
                }
            }
            Err(_) => return Err("fragment".into()),
        };
        // One that calls itself would wait for itself for ever; and one inside another waits for nobody, since the other way
        // round may be under way on another thread.
        let open = OPEN.with(|o| o.borrow().clone());
        if open.iter().any(|n| n == name) {
            return Err(format!("fragment `{name}` calls itself"));
        }
        if open.len() >= DEEPEST {
            return Err(format!("fragment `{name}`: fragments nest more than {DEEPEST} deep"));
        }
        let make = || {
            OPEN.with(|o| o.borrow_mut().push(name.to_owned()));
            let done = self.rendered(view, column, name);
            OPEN.with(|o| o.borrow_mut().pop());
            done
        };
        let done = match (cell.get(), open.is_empty()) {
            (Some(done), _) => done.clone(),
            (None, true) => cell.get_or_init(make).clone(),
            (None, false) => {
                let done = make();
                // Else a fragment that asks for another twice, and that one for a third, renders more with each storey.
                if done.html.is_ok() {
                    _ = cell.set(done.clone());
                }
                done
            }
        };
        record_named(Named::fragment(view.lang, column), name, || name.into(), || done.print);
        done.html
    }
}

/// Objects that no page is given under their names: loops hold them, and name them as they like.
const LOOPED: [&str; 3] = ["card", "file", "field"];

/// A failed rendering in words; of a variable that is not there the nearest one.
fn explained(error: &TemplateError) -> Diagnostic {
    let mut d = error.diagnostic();
    if d.id == "render.undefined"
        && let Some(name) = &error.name
    {
        d.nearest = near_variable(name);
    }
    d
}

/// Whether `object.key` is one that templates are given; `None`: of this object that is not known.
pub fn knows(object: &str, key: &str) -> Option<bool> {
    let keys = OBJECTS.iter().find(|(n, _)| *n == object && !LOOPED.contains(n)).map(|(_, keys)| *keys);
    match (object, keys) {
        (_, Some(keys)) => Some(keys.contains(&key)),
        ("tag", None) => Some(["name", "url"].contains(&key)),
        _ => None,
    }
}

/// `site.nmae` → `site.name`, `stie` → `site`. A variable of the template's own is most often a card.
pub fn near_variable(name: &str) -> Option<String> {
    let Some((object, key)) = name.rsplit_once('.') else {
        let plain = OBJECTS.iter().map(|(n, _)| *n).filter(|n| !LOOPED.contains(n)).chain(["tags", "tag", "target"]);
        return crate::base::source::nearest(name, plain.chain(FUNCTIONS.iter().copied()).chain(GLOBALS.iter().copied()))
            .map(str::to_owned);
    };
    let inner = object.rsplit('.').next().unwrap_or(object);
    let known = match inner {
        "identity" => crate::config::IDENTITY_KEYS,
        _ => OBJECTS.iter().find(|(n, _)| *n == inner).map_or(context::CARD, |(_, keys)| *keys),
    };
    crate::base::source::nearest(key, known.iter().copied()).map(|hit| format!("{object}.{hit}"))
}

fn plain(bytes: Content) -> Rendered {
    Rendered { bytes, reads: Reads::default(), diagnostics: Vec::new() }
}
