//! The outputs of a sample site, rendered in memory.

use std::sync::Arc;

use rayon::prelude::*;

use crate::base::diag::Diagnostic;
use crate::base::id::SiteId;
use crate::facts::World;
use crate::plan::site::ThemeOutputs;
use crate::plan::{Recipe, SitePlan};
use crate::render::{Bodies, Content, SiteRender};

pub struct Page {
    pub path: String,
    /// Of the recipe, and for pages of items their category.
    pub kind: String,
    /// Position of its language among those of the site; items in a further language count too.
    pub lang: String,
    pub bytes: Vec<u8>,
    /// HTML for people.
    pub html: bool,
}

/// All outputs of a site. `marks`: each element says where it comes from. What fails is said and left out.
pub fn render(world: &Arc<World>, site: SiteId, marks: bool, said: &mut Vec<Diagnostic>) -> Vec<Page> {
    let Some(stack) = world.themes.of(site) else { return Vec::new() };
    let theme = ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(world.platform.site(site)) };
    let plan = Arc::new(SitePlan::new(&world.sources(), &theme, site, said));
    let engine = crate::render::engine(world, stack);
    let engine = if marks { engine.marking() } else { engine };
    let render = SiteRender::new(world, plan.clone(), Arc::new(engine), &Arc::new(Bodies::new()));
    let one = |output: &crate::plan::Output| {
        let done = render.render(output);
        let bytes = match done.bytes {
            Content::Bytes(bytes) => Some(bytes),
            Content::Shared(bytes) => Some(bytes.to_vec()),
            Content::File(file) => std::fs::read(&world.library.repository.files[file as usize].disk).ok(),
            Content::Failed => None,
        };
        let (kind, lang) = kind(world, &output.recipe);
        let html = output.recipe.is_page();
        (bytes.map(|bytes| Page { path: output.path.to_string(), kind, lang, bytes, html }), done.diagnostics)
    };
    let all: Vec<(Option<Page>, Vec<Diagnostic>)> = plan.outputs.par_iter().map(one).collect();
    let mut pages = Vec::new();
    for (output, (page, found)) in plan.outputs.iter().zip(all) {
        if !render.is_void(output) {
            said.extend(found);
        }
        pages.extend(page);
    }
    pages
}

fn kind(world: &World, recipe: &Recipe) -> (String, String) {
    use Recipe::*;
    let lang = match recipe {
        Home { lang }
        | Column { lang, .. }
        | Archive { lang, .. }
        | Tags { lang }
        | Tag { lang, .. }
        | TagArchive { lang, .. }
        | SiteMap { lang } => Some(*lang),
        Item { article } => Some(world.library.get(*article).lang),
        _ => None,
    };
    let kind = match recipe {
        Item { article } => world.library.schemas.get(world.library.get(*article).card.category).id.to_string(),
        other => other.kind().to_owned(),
    };
    (kind, lang.map(|l| world.platform.language(l).to_string()).unwrap_or_default())
}
