//! The files of every site, as a build makes them: what is there, how it is served, what leads elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::diag::{Diagnostic, Place};
use crate::base::id::SiteId;
use crate::base::path;
use crate::build::headers::{self, Headers, Policy};
use crate::facts::World;
use crate::plan::output::Recipe;
use crate::plan::site::{SitePlan, ThemeOutputs};

pub struct Fleet {
    /// In the order of the platform's sites.
    pub sites: Vec<SiteFiles>,
}

#[derive(Default)]
pub struct SiteFiles {
    /// By path.
    pub files: Vec<File>,
    pub moved: Vec<Moved>,
    /// The site has a page for what is not there.
    pub not_found: bool,
    /// Folded path → is a redirect, and its place in its list.
    index: HashMap<String, (bool, usize)>,
}

pub struct File {
    pub path: Box<str>,
    pub headers: Arc<Headers>,
}

/// A file that only leads elsewhere: a server answers 301 instead of showing it.
pub struct Moved {
    pub path: Box<str>,
    /// A path of the site, or an address, fit for a header.
    pub to: String,
    pub place: Place,
}

impl Fleet {
    /// What planning finds wrong with redirects is told here too.
    pub fn new(world: &World, out: &mut Vec<Diagnostic>) -> Fleet {
        let told = |d: &Diagnostic| {
            let redirects = ["route.redirect-hidden", "route.redirect-nowhere", "route.redirect-shadow"];
            redirects.contains(&d.id) || matches!(d.id, "route.claimed-twice" | "route.shadowed")
        };
        let mut sites = Vec::new();
        for id in world.platform.site_ids() {
            let mut found = Vec::new();
            sites.push(one(world, id, &mut found));
            out.extend(found.into_iter().filter(told));
        }
        Fleet { sites }
    }

    pub fn site(&self, id: SiteId) -> &SiteFiles {
        &self.sites[id.index()]
    }
}

fn one(world: &World, id: SiteId, out: &mut Vec<Diagnostic>) -> SiteFiles {
    let mut all = SiteFiles::default();
    let site = world.platform.site(id);
    let Some(stack) = world.themes.of(id).filter(|_| !site.broken) else { return all };
    let theme = ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(site) };
    let plan = SitePlan::new(&world.sources(), &theme, id, out);
    let policy = Policy::new(&world.platform, &world.library, &world.routes, id);
    for output in &plan.outputs {
        let key = path::folded(&output.path);
        if let Recipe::Redirect { to, .. } = &output.recipe {
            all.index.insert(key, (true, all.moved.len()));
            let place = plan.source(&world.platform, &world.library, output);
            all.moved.push(Moved { path: (&*output.path).into(), to: super::retired::ascii(to), place });
            continue;
        }
        all.not_found |= matches!(output.recipe, Recipe::NotFound);
        all.index.insert(key, (false, all.files.len()));
        all.files.push(File { path: (&*output.path).into(), headers: headers::of(&output.recipe, &output.path, &policy) });
    }
    all
}

impl SiteFiles {
    /// What answers a path of the site, encoded or not.
    pub fn answer(&self, asked: &str) -> Option<Found<'_>> {
        let plain = asked.split(['?', '#']).next().unwrap_or_default();
        let plain = percent_encoding::percent_decode_str(plain).decode_utf8_lossy();
        let at = |url: &str| self.index.get(&path::folded(&path::output_file(url)));
        let (moved, at) = at(&plain).or_else(|| at(&format!("{plain}/")))?;
        Some(if *moved { Found::Moved(&self.moved[*at]) } else { Found::File(&self.files[*at]) })
    }
}

pub enum Found<'a> {
    File(&'a File),
    Moved(&'a Moved),
}

/// The address under which a server is asked for an output: `a/index.html` is `/a/`.
pub fn address(output: &str) -> String {
    match output.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("/{folder}"),
        _ => format!("/{output}"),
    }
}
