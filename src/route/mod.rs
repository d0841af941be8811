//! Which item stands where: article × site × column → [`Placement`], and its address.
//!
//! Pure and always complete: nothing is remembered from an earlier build.

pub mod claims;
mod links;
pub mod permalink;
mod syndicate;

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::{ArticleId, Lang, SiteId};
use crate::config::site::MenuTarget;
use crate::config::{Column, ColumnId, Platform};
use crate::content::article::{Origin, Phase};
use crate::content::{Article, ColumnText, FieldType, Library};

pub use syndicate::Refusal;

/// Why an item stands on a site. The order is that of D5: the page is at the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    Own,
    Pushed,
    Pulled,
}

/// An item in a column of a site.
#[derive(Clone, Debug)]
pub struct Placement {
    pub article: ArticleId,
    pub column: ColumnId,
    pub how: How,
    /// Pins; 0 is none.
    pub weight: i32,
    /// Another title on this site.
    pub title: Option<Arc<str>>,
    /// The page is here; the site's further columns link to it.
    pub primary: bool,
}

/// The placements of one site, by article; the primary one first.
#[derive(Default)]
pub struct SiteRoutes {
    pub placements: Vec<Placement>,
}

impl SiteRoutes {
    /// The placement that has the page of an item.
    pub fn page(&self, article: ArticleId) -> Option<&Placement> {
        self.place(article).map(|at| &self.placements[at])
    }

    /// Where that placement stands.
    pub fn place(&self, article: ArticleId) -> Option<usize> {
        let at = self.placements.partition_point(|p| p.article < article);
        self.placements.get(at).filter(|p| p.article == article).map(|_| at)
    }
}

pub struct Routes {
    /// By [`SiteId`].
    pub sites: Vec<SiteRoutes>,
    /// Where the canonical page of each item is: its home site, else the first site that shows it (D5).
    canonical: Vec<Option<SiteId>>,
    /// On how many sites each item has a page.
    shown: Vec<u16>,
    /// Items that name an item in a field, newest first.
    referrers: HashMap<ArticleId, Vec<ArticleId>>,
    /// Sites that may not be built, with the number of errors in their own content.
    pub failed: HashMap<SiteId, usize>,
}

/// The moment of a build, and what is shown of what is not yet to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds.
    pub clock: i64,
    pub drafts: bool,
    /// What waits for its day is shown too: in a preview only, for a build's outputs would be wrong the day after.
    pub future: bool,
}

impl Moment {
    /// What an item is at the moment (D12).
    pub fn phase(&self, article: &Article) -> Phase {
        match article.phase(self.clock, self.drafts) {
            Phase::Scheduled if self.future => Phase::Live,
            phase => phase,
        }
    }
}

/// So many items are placed by one thread at a time.
const CHUNK: usize = 1 << 13;

/// What placing an item takes.
struct Placing<'a> {
    platform: &'a Platform,
    library: &'a Library,
    rules: &'a syndicate::Rules<'a>,
    /// The first error of each file.
    errors: &'a HashMap<Arc<str>, &'static str>,
    moment: Moment,
}

/// Some items that follow one another, placed.
struct Part {
    /// By [`SiteId`].
    sites: Vec<Vec<Placement>>,
    /// By item, as in [`Routes`].
    canonical: Vec<Option<SiteId>>,
    shown: Vec<u16>,
    /// Home sites of items that stop them.
    failed: Vec<SiteId>,
    said: Vec<Diagnostic>,
}

impl Placing<'_> {
    fn part(&self, first: usize, articles: &[Arc<Article>]) -> Part {
        let mut part = Part {
            sites: self.platform.sites.iter().map(|_| Vec::new()).collect(),
            canonical: Vec::with_capacity(articles.len()),
            shown: Vec::with_capacity(articles.len()),
            failed: Vec::new(),
            said: Vec::new(),
        };
        for (at, article) in articles.iter().enumerate() {
            let home = self.platform.owner(&article.home.owner).and_then(|o| o.home);
            let placed = self.item(ArticleId((first + at) as u32), article, home, &mut part);
            let on = |site: &SiteId| placed.iter().any(|(s, _)| s == site);
            part.canonical.push(home.filter(on).or_else(|| placed.iter().map(|(s, _)| *s).min()));
            part.shown.push(placed.iter().filter(|(_, p)| p.primary).count() as u16);
            placed.into_iter().for_each(|(site, placement)| part.sites[site.index()].push(placement));
        }
        part
    }

    fn item(&self, id: ArticleId, article: &Article, home: Option<SiteId>, part: &mut Part) -> Vec<(SiteId, Placement)> {
        let Placing { platform, library, .. } = *self;
        if self.moment.phase(article) != Phase::Live {
            return Vec::new();
        }
        let mut said = Vec::new();
        let placed = syndicate::place(platform, library, self.rules, id, article, &mut said);
        if !article.bad {
            part.said.extend(said);
            return placed;
        }
        // A bad record is held back and listed; a bad item that is not yet or no longer shown stops nobody.
        if matches!(article.origin, Origin::File { .. }) {
            part.failed.extend(home);
        }
        let mut sites: Vec<SiteId> = placed.iter().map(|(s, _)| *s).filter(|s| Some(*s) != home).collect();
        sites.dedup();
        for site in sites {
            let d = Diagnostic::warning("route.left-out").at(library.place(platform, id));
            let error = self.errors.get(&*library.file_name(platform, article)).copied().unwrap_or_default();
            part.said.push(d.arg("title", &library.details(article).title).arg("error", error).site(&platform.site(site).id));
        }
        Vec::new()
    }
}

impl Routes {
    pub fn site(&self, site: SiteId) -> &SiteRoutes {
        &self.sites[site.index()]
    }

    pub fn canonical(&self, article: ArticleId) -> Option<SiteId> {
        self.canonical[article.index()]
    }

    pub fn shown_on(&self, article: ArticleId) -> usize {
        self.shown[article.index()].into()
    }

    /// Routes every item. Items with errors are left out; each failed home site is listed in `failed` (D10).
    pub fn new(platform: &Platform, library: &mut Library, moment: Moment, out: &mut Vec<Diagnostic>) -> Routes {
        links::check(platform, library, moment, out);
        for site in platform.sites.iter().filter(|s| !s.broken) {
            for place in site.places.iter().filter(|p| library.resolve(&p.item, None).is_none()) {
                let mut d = Diagnostic::warning("route.place").at(place.at.clone()).arg("item", &place.item);
                d.nearest = library.near(&place.item, None, |_| true);
                out.push(d.site(&site.id));
            }
        }
        menu_items(platform, library, out);
        let all = Placing { platform, library, rules: &syndicate::Rules::new(platform), errors: &errors(out), moment };
        let parts: Vec<Part> = library.articles.par_chunks(CHUNK).enumerate().map(|(n, part)| all.part(n * CHUNK, part)).collect();
        let mut canonical = Vec::with_capacity(library.articles.len());
        let mut shown = Vec::with_capacity(library.articles.len());
        let mut failed: HashMap<SiteId, usize> = HashMap::new();
        let mut by_site: Vec<Vec<Vec<Placement>>> = platform.sites.iter().map(|_| Vec::new()).collect();
        for part in parts {
            out.extend(part.said);
            canonical.extend(part.canonical);
            shown.extend(part.shown);
            part.failed.into_iter().for_each(|home| *failed.entry(home).or_default() += 1);
            let some = part.sites.into_iter().zip(&mut by_site).filter(|(placements, _)| !placements.is_empty());
            some.for_each(|(placements, all)| all.push(placements));
        }
        let sites = by_site.into_par_iter().map(|parts| SiteRoutes { placements: parts.into_iter().flatten().collect() }).collect();
        let referrers = referrers(library, &canonical);
        Routes { sites, canonical, shown, referrers, failed }
    }

    /// Items shown somewhere that name this one in a field of their schema, newest first.
    pub fn referrers(&self, article: ArticleId) -> &[ArticleId] {
        self.referrers.get(&article).map_or(&[], |v| v)
    }

    /// Path of the page of an item on a site.
    pub fn path(&self, platform: &Platform, library: &Library, site: SiteId, article: ArticleId) -> Option<String> {
        let placement = self.site(site).page(article)?;
        let a = library.get(article);
        library.schemas.get(a.card.category).page.then(|| permalink::address(platform, library, site, placement, a))
    }

    /// Address of the page of an item as seen from a site: a path there, else an absolute address on its canonical site.
    pub fn address(&self, platform: &Platform, library: &Library, from: SiteId, article: ArticleId) -> Option<String> {
        if let Some(path) = self.path(platform, library, from, article) {
            return Some(path);
        }
        let site = self.canonical(article)?;
        let path = self.path(platform, library, site, article)?;
        Some(format!("{}{path}", platform.site(site).url))
    }
}

/// Entries of menus that lead to an item that is nowhere. Sites share the menus of their tier: told once for all of them.
fn menu_items(platform: &Platform, library: &Library, out: &mut Vec<Diagnostic>) {
    let items = platform.sites.iter().filter(|s| !s.broken).flat_map(|s| &s.menus).flat_map(|m| &m.items);
    for item in items {
        let MenuTarget::Item(id) = &item.target else { continue };
        if library.resolve(id, None).is_none() {
            let reference = format!("id:{id}");
            let mut d = Diagnostic::warning("route.place").at(item.at.clone()).arg("item", &reference);
            d.nearest = library.near(&reference, None, |_| true);
            out.push(d);
        }
    }
}

/// The first error of each file, by its line.
fn errors(said: &[Diagnostic]) -> HashMap<Arc<str>, &'static str> {
    let mut first: HashMap<Arc<str>, (u32, &'static str)> = HashMap::new();
    for d in said.iter().filter(|d| d.is_error()) {
        let Some(place) = &d.place else { continue };
        let here = (place.line, d.id);
        first.entry(place.file.clone()).and_modify(|known| *known = here.min(*known)).or_insert(here);
    }
    first.into_iter().map(|(file, (_, id))| (file, id)).collect()
}

/// The fields of type `item` the other way round.
fn referrers(library: &Library, canonical: &[Option<SiteId>]) -> HashMap<ArticleId, Vec<ArticleId>> {
    let named = |from: ArticleId| -> Vec<(ArticleId, ArticleId)> {
        let a = library.get(from);
        let fields = library.schemas.get(a.card.category).fields.iter().filter(|f| f.kind == FieldType::Item);
        let values = fields.filter_map(|f| a.rare().named.get(&f.name));
        let texts = values.flat_map(|value| value.as_array().map_or_else(|| vec![value], |v| v.iter().collect()));
        let items = texts.filter_map(|v| v.as_str()).filter_map(|r| library.resolve(r, Some(a)));
        items.filter(|to| *to != from).map(|to| (to, from)).collect()
    };
    let shown = |id: &ArticleId| library.get(*id).rare.is_some() && canonical[id.index()].is_some();
    let pairs: Vec<(ArticleId, ArticleId)> =
        (0..library.articles.len() as u32).into_par_iter().map(ArticleId).filter(shown).flat_map_iter(named).collect();
    let mut all: HashMap<ArticleId, Vec<ArticleId>> = HashMap::new();
    pairs.into_iter().for_each(|(to, from)| all.entry(to).or_default().push(from));
    for list in all.values_mut() {
        list.sort_by(|x, y| library.get(*x).newest_first(library.get(*y)));
        list.dedup();
    }
    all
}

/// The text of a site's column in a language.
pub fn column_text<'a>(platform: &Platform, library: &'a Library, site: SiteId, column: &Column, lang: Lang) -> Option<&'a ColumnText> {
    // The site's own folder first, then those of owners that have their home here.
    let own = platform.site(site).id.clone();
    let key = |owner: &Arc<str>| (owner.clone(), column.id.clone(), lang);
    let text = library.columns.get(&key(&own)).or_else(|| {
        let here = platform.owners.iter().filter(|o| o.home == Some(site) && o.id != own);
        here.filter_map(|o| library.columns.get(&key(&o.id))).next()
    });
    text.map(|text| &**text)
}

/// Path of a column's front page in a language.
pub fn column_path(platform: &Platform, site: SiteId, column: &Column, lang: Lang) -> String {
    let s = platform.site(site);
    let below = &s.below;
    if lang == s.default_language() {
        format!("{below}{}", column.url)
    } else {
        format!("{below}/{}{}", platform.language(lang), column.url)
    }
}

/// Why an item is not on a site, or that it is: for `explain`.
pub fn refusal(platform: &Platform, library: &Library, article: &Article, site: SiteId) -> Option<Refusal> {
    syndicate::refusal(platform, library, article, site)
}

/// Where an item is told from: its file.
pub fn source(platform: &Platform, library: &Library, article: ArticleId) -> Place {
    library.place(platform, article)
}
