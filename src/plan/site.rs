//! All outputs of one site.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::feed;
use super::list::{Block, ListKey, SiteIndex, tag_name};
use super::output::{Asked, Output, Recipe};
use super::redirect::Redirects;
use super::sitemap::{self, Shard};
use crate::base::diag::{Diagnostic, Place};
use crate::base::id::{ArticleId, Lang, SiteId};
use crate::base::path;
use crate::config::Platform;
use crate::content::Library;
use crate::content::markdown::Target;
use crate::picture::{self, Pictures, Problem};
use crate::route::permalink::{attachment_folder, attachment_name};
use crate::route::{self, Routes, SiteRoutes, claims};

/// What a stack of themes adds to a site's files: output paths of its assets, in order.
pub struct ThemeOutputs<'a> {
    pub assets: &'a [String],
    /// Files that keep their names.
    pub statics: &'a [(String, Arc<[u8]>)],
    /// Absent where neither the theme nor the site has a token.
    pub tokens: Option<&'a str>,
}

/// What the plans of all sites are made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    pub platform: &'a Platform,
    pub library: &'a Library,
    pub routes: &'a Routes,
    pub redirects: &'a Redirects,
    pub pictures: &'a Pictures,
}

pub struct SitePlan {
    pub site: SiteId,
    pub index: SiteIndex,
    /// In the order of their paths.
    pub outputs: Vec<Output>,
    pub shards: Vec<Shard>,
    /// Blocks of every list that has any.
    pub blocks: std::collections::BTreeMap<(Lang, ListKey), Vec<Block>>,
    /// Two outputs claim one address, or one cannot be written: the site is not built.
    pub failed: bool,
}

/// Path of a tag's page: its [`tag_name`]. It depends on the tag alone.
pub fn tag_path(home: &str, tag: &str) -> String {
    format!("{home}tags/{}/", tag_name(tag))
}

impl SitePlan {
    pub fn new(sources: &Sources, theme: &ThemeOutputs, site: SiteId, out: &mut Vec<Diagnostic>) -> SitePlan {
        let Sources { platform, library, routes, redirects, pictures } = *sources;
        let index = SiteIndex::new(library, routes, site);
        let (outputs, blocks) = (Vec::new(), std::collections::BTreeMap::new());
        let mut planner = Planner { platform, library, routes, pictures, site, index: &index, outputs, blocks, said: Vec::new() };
        planner.lists();
        planner.items();
        planner.fixed(theme);
        let (mut outputs, blocks) = (planner.outputs, planner.blocks);
        out.extend(planner.said);
        let shards = sitemap::shards(library, routes.site(site));
        let own = platform.site(site);
        let parts = if own.outputs.one_sitemap { &[][..] } else { &shards[..] };
        for (at, shard) in parts.iter().enumerate() {
            let url = own.local(&format!("/sitemap/{}.xml", shard.name)).into_owned();
            outputs.push(Output { path: path::output_file(&url).into(), recipe: Recipe::Sitemap { shard: at as u32 } });
        }
        redirect_outputs(platform, library, routes, redirects, site, &mut outputs, out);
        // Files that several items name are the same file at the same address: one output.
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        outputs.dedup_by(|a, b| {
            let same = match (&a.recipe, &b.recipe) {
                (Recipe::File { file: x }, Recipe::File { file: y }) => x == y,
                (Recipe::Picture { file: x, width: v, .. }, Recipe::Picture { file: y, width: w, .. }) => x == y && v == w,
                _ => false,
            };
            same && a.path == b.path
        });
        let mut plan = SitePlan { site, index, outputs, shards, blocks, failed: false };
        plan.failed = plan.check(platform, library, out);
        plan
    }

    /// Puts some outputs, by their places, into the order in which the items that they show stand in lists. What shows the same items
    /// is made one after another: the words of a large site are not all in memory, and by their paths neighbours are far apart.
    pub fn in_order_of_lists<T: Send>(&self, routes: &SiteRoutes, some: &mut [(u32, T)]) {
        let block = |lang: Lang, list: ListKey, at: u32| self.blocks.get(&(lang, list))?.get(at as usize)?.items.first().copied();
        let newest = |output: &Output| match output.recipe {
            Recipe::Item { article } => routes.place(article).map(|place| place as u32),
            Recipe::Archive { lang, column, at } => block(lang, ListKey::Column(column), at),
            Recipe::TagArchive { lang, tag, at } => block(lang, ListKey::Tag(tag), at),
            _ => None,
        };
        let rank = |output: &Output| newest(output).map_or(0, |place| self.index.rank(place));
        some.par_sort_by_cached_key(|(at, _)| (rank(&self.outputs[*at as usize]), *at));
    }

    fn check(&self, platform: &Platform, library: &Library, out: &mut Vec<Diagnostic>) -> bool {
        let before = out.len();
        let site = &platform.site(self.site).id;
        for output in &self.outputs {
            if path::check_output(&output.path).is_err() {
                let d = Diagnostic::error("route.address").at(self.source(platform, library, output)).arg("path", &output.path);
                out.push(d.site(site));
            }
        }
        let paths = || self.outputs.iter().map(|o| &*o.path);
        let (collisions, shadowed) = rayon::join(|| claims::collisions(paths()), || claims::shadowed(paths()));
        for (first, second) in collisions {
            let (first, second) = (&self.outputs[first], &self.outputs[second]);
            let d = Diagnostic::error("route.claimed-twice").at(self.source(platform, library, second));
            out.push(d.also(self.source(platform, library, first)).arg("path", format!("/{}", second.path)).site(site));
        }
        for (file, below) in shadowed {
            let (file, below) = (&self.outputs[file], &self.outputs[below]);
            let d = Diagnostic::error("route.shadowed").at(self.source(platform, library, file));
            out.push(d.also(self.source(platform, library, below)).arg("path", format!("/{}", file.path)).site(site));
        }
        out.len() > before
    }

    /// Where an output comes from: the item, the column, the file.
    pub fn source(&self, platform: &Platform, library: &Library, output: &Output) -> Place {
        let site = platform.site(self.site);
        match &output.recipe {
            Recipe::Item { article } | Recipe::Picture { by: Some(article), .. } | Recipe::Redirect { from: Asked::Item(article), .. } => {
                route::source(platform, library, *article)
            }
            Recipe::Column { column, .. } | Recipe::Archive { column, .. } | Recipe::Feed { column: Some(column), .. } => {
                let settings = &site.column(*column).settings;
                let key = if settings.contains_key("url") { "url" } else { "id" };
                settings.get(key).map_or(site.place.clone(), |s| s.place.clone())
            }
            Recipe::File { file } | Recipe::Picture { file, .. } => {
                Place::file(crate::content::repository::display(platform, &library.repository.files[*file as usize]))
            }
            Recipe::Redirect { from: Asked::Line(line), .. } => Place::at(super::redirect::FILE, *line, 1),
            _ => site.place.clone(),
        }
    }
}

struct Planner<'a> {
    platform: &'a Platform,
    library: &'a Library,
    routes: &'a Routes,
    pictures: &'a Pictures,
    site: SiteId,
    index: &'a SiteIndex,
    outputs: Vec<Output>,
    blocks: std::collections::BTreeMap<(Lang, ListKey), Vec<Block>>,
    said: Vec<Diagnostic>,
}

impl Planner<'_> {
    fn push(&mut self, url: &str, recipe: Recipe) {
        self.outputs.push(Output { path: path::output_file(url).into(), recipe });
    }

    fn home(&self, lang: Lang) -> String {
        self.platform.site(self.site).home(lang, self.platform.language(lang))
    }

    /// Blocks of a list, planned below `url`.
    fn archive(&mut self, lang: Lang, key: ListKey, url: &str, recipe: impl Fn(u32) -> Recipe) {
        let size = self.platform.site(self.site).page_size;
        let list = self.index.list(lang, key);
        let paged = self.platform.site(self.site).outputs.pages;
        let blocks = if paged { self.index.pages(list, size) } else { self.index.blocks(self.library, self.routes, list, size) };
        for (at, block) in blocks.iter().enumerate() {
            if paged && block.number == 1 {
                // The front page shows it; its number leads there.
                self.push(&format!("{url}page/1/"), Recipe::Redirect { to: url.into(), from: Asked::List });
            } else {
                self.push(&block.url(url), recipe(at as u32));
            }
        }
        if !blocks.is_empty() {
            self.blocks.insert((lang, key), blocks);
        }
    }

    fn lists(&mut self) {
        let site = self.platform.site(self.site);
        for lang in site.languages.clone() {
            let home = self.home(lang);
            self.push(&home, Recipe::Home { lang });
            self.outputs.extend(feed::site_feeds(lang, &home, &site.outputs));
            if let Some(name) = &site.outputs.site_map {
                self.push(&format!("{home}{name}"), Recipe::SiteMap { lang });
            }
            for column in site.column_ids() {
                let has_items = self.index.has_items(self.platform, lang, column);
                let c = site.column(column);
                // In a further language only columns that have something to show.
                let has_text = route::column_text(self.platform, self.library, self.site, c, lang).is_some();
                if lang != site.default_language() && !has_items && !has_text {
                    continue;
                }
                let url = route::column_path(self.platform, self.site, c, lang);
                self.push(&url, Recipe::Column { lang, column });
                if has_items && site.outputs.column_feeds {
                    self.outputs.push(feed::column_feed(lang, column, &url));
                }
                self.archive(lang, ListKey::Column(column), &url, |at| Recipe::Archive { lang, column, at });
            }
            let names: Vec<_> = self.index.tags.get(&lang).into_iter().flatten().map(|(name, _)| name.clone()).collect();
            if !names.is_empty() {
                self.push(&format!("{home}tags/"), Recipe::Tags { lang });
            }
            for (tag, name) in names.iter().enumerate() {
                let tag = tag as u32;
                let url = tag_path(&home, name);
                self.push(&url, Recipe::Tag { lang, tag });
                self.archive(lang, ListKey::Tag(tag), &url, |at| Recipe::TagArchive { lang, tag, at });
            }
        }
    }

    fn items(&mut self) {
        let routes = self.routes;
        for p in routes.site(self.site).placements.iter().filter(|p| p.primary) {
            let Some(url) = routes.path(self.platform, self.library, self.site, p.article) else { continue };
            self.push(&url, Recipe::Item { article: p.article });
            let article = self.library.get(p.article);
            for file in self.library.attachments(article) {
                let name = path::name(&self.library.repository.files[file].path);
                let url = format!("{}{}", attachment_folder(&url), attachment_name(name));
                self.variants(&url, file, Some(p.article));
                self.push(&url, Recipe::File { file: file as u32 });
            }
            if routes.canonical(p.article) == Some(self.site) {
                let place = || route::source(self.platform, self.library, p.article);
                self.problems(self.library.pictures(article), place);
            }
            // A copy elsewhere needs no redirect of its own: old addresses belong to the home site.
            if self.platform.owner(&article.home.owner).and_then(|o| o.home) == Some(self.site) {
                for alias in &article.rare().aliases {
                    let from = format!("/{}", alias.trim_start_matches('/'));
                    self.push(
                        &self.platform.site(self.site).local(&from),
                        Recipe::Redirect { to: url.as_str().into(), from: Asked::Item(p.article) },
                    );
                }
            }
        }
        // Covers and pictures of column texts.
        let site = self.platform.site(self.site);
        for lang in site.languages.clone() {
            for column in site.column_ids() {
                let c = site.column(column);
                let Some(text) = route::column_text(self.platform, self.library, self.site, c, lang) else { continue };
                let url = route::column_path(self.platform, self.site, c, lang);
                let named = text.links.iter().filter_map(|l| match &l.target {
                    Target::Path { path, .. } => Some(path.as_str()),
                    _ => None,
                });
                let named = named.filter(|p| !crate::content::library::is_text(p));
                for file in text.cover.as_deref().into_iter().chain(named).filter_map(|p| self.library.column_file(&text.path, p)) {
                    let name = path::name(&self.library.repository.files[file].path);
                    let url = format!("{url}{}", attachment_name(name));
                    self.variants(&url, file, None);
                    self.push(&url, Recipe::File { file: file as u32 });
                }
                self.problems(self.library.column_pictures(text), || Place::file(text.file.clone()));
            }
        }
    }

    /// The other widths of a picture that stands at `url`.
    fn variants(&mut self, url: &str, file: usize, by: Option<ArticleId>) {
        for width in super::picture::widths(self.library, self.pictures, file) {
            self.push(&picture::address(url, width), Recipe::Picture { file: file as u32, width, by });
        }
    }

    /// Says which of the pictures that stand in one place are served as they are, because of what they are.
    fn problems(&mut self, mut files: Vec<usize>, place: impl Fn() -> Place) {
        files.sort_unstable();
        files.dedup();
        for file in files {
            let source = &self.library.repository.files[file];
            let Some(problem) = self.pictures.problem(file as u32, &source.disk) else { continue };
            let d = match problem {
                Problem::Foreign => continue,
                Problem::Pixels { width, height } => {
                    Diagnostic::warning("picture.pixels").arg("width", width).arg("height", height).arg("limit", picture::MAX_PIXELS)
                }
                Problem::Bytes(bytes) => Diagnostic::warning("picture.bytes").arg("bytes", bytes).arg("limit", picture::MAX_BYTES),
                Problem::Damaged(problem) => Diagnostic::warning("picture.damaged").arg("problem", problem),
            };
            let target = crate::content::repository::display(self.platform, source);
            self.said.push(d.at(place()).arg("target", target).site(&self.platform.site(self.site).id));
        }
    }

    fn fixed(&mut self, theme: &ThemeOutputs) {
        let site = self.platform.site(self.site);
        let asked = &site.outputs;
        if asked.not_found {
            self.push(&site.local("/404.html"), Recipe::NotFound);
        }
        // These two speak for a host, and are looked for at its root alone.
        if asked.robots && site.below.is_empty() {
            self.push("/robots.txt", Recipe::Robots);
        }
        if site.security.is_some() && site.below.is_empty() {
            self.push("/.well-known/security.txt", Recipe::Security);
        }
        self.push(&site.local("/sitemap.xml"), if asked.one_sitemap { Recipe::SitemapWhole } else { Recipe::SitemapIndex });
        let below = |path: &str| format!("{}/{path}", site.below);
        if let Some(tokens) = theme.tokens {
            self.push(&below(tokens), Recipe::Tokens);
        }
        for (at, (path, _)) in theme.statics.iter().enumerate() {
            self.push(&below(path), Recipe::Static { at: at as u32 });
        }
        for (at, asset) in theme.assets.iter().enumerate() {
            self.push(&below(asset), Recipe::Asset { at: at as u32 });
        }
    }
}

fn redirect_outputs(
    platform: &Platform,
    library: &Library,
    routes: &Routes,
    redirects: &Redirects,
    site: SiteId,
    outputs: &mut Vec<Output>,
    out: &mut Vec<Diagnostic>,
) {
    let Some(rows) = redirects.rows.get(&site) else { return };
    let own = platform.site(site);
    let site_id = &own.id;
    let taken: HashSet<String> = outputs.iter().map(|o| path::folded(&o.path)).collect();
    // A row may lead to the address of another one.
    let known: HashSet<String> =
        rows.iter().map(|r| path::folded(&path::output_file(&own.local(&r.from)))).chain(taken.iter().cloned()).collect();
    for row in rows {
        let place = Place::at(super::redirect::FILE, row.line, 1);
        let target = match row.to.strip_prefix("id:") {
            Some(id) => library.find_id(id).and_then(|a: ArticleId| routes.address(platform, library, site, a)),
            None => Some(own.local(&row.to).into_owned()),
        };
        let from = own.local(&row.from);
        let file = path::output_file(&from);
        if taken.contains(&path::folded(&file)) || target.as_deref() == Some(&*from) {
            out.push(Diagnostic::warning("route.redirect-shadow").at(place).arg("path", &row.from).site(site_id));
            continue;
        }
        let Some(target) = target else {
            let d = Diagnostic::warning("route.redirect-hidden").at(place).arg("path", &row.from);
            out.push(d.arg("target", &row.to).site(site_id));
            continue;
        };
        if target.starts_with('/') && !is_answered(&target, &known) {
            let d = Diagnostic::warning("route.redirect-nowhere").at(place).arg("path", &row.from);
            out.push(d.arg("target", &target).site(site_id));
        }
        outputs.push(Output { path: file.into(), recipe: Recipe::Redirect { to: target.into(), from: Asked::Line(row.line) } });
    }
}

/// One of `files` answers an address of the site: `/a` as well as `/a/`, encoded or not, whatever follows the path.
fn is_answered(address: &str, files: &HashSet<String>) -> bool {
    if address.starts_with("//") {
        return true;
    }
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    let plain = percent_encoding::percent_decode_str(plain).decode_utf8_lossy();
    let has = |url: &str| files.contains(&path::folded(&path::output_file(url)));
    has(&plain) || has(&format!("{plain}/"))
}
