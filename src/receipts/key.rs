//! What the plan itself knows of an output. All else that a page shows is a recorded read.

use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::Lang;
use crate::config::Site;
use crate::facts::World;
use crate::plan::{Block, ListKey, Output, Recipe, SitePlan};
use crate::route::How;

/// The print of an output's recipe. Its address is part of it: pages show it.
pub fn key(world: &World, plan: &SitePlan, output: &Output) -> Fingerprint {
    let site = world.platform.site(plan.site);
    let mut w = Writer::new("output");
    w.text(output.recipe.kind()).text(&output.path);
    let tag = |lang: &Lang| world.platform.language(*lang);
    let block = |w: &mut Writer, lang: Lang, list: ListKey, at: u32| {
        let found: Option<&Block> = plan.blocks.get(&(lang, list)).and_then(|b| b.get(at as usize));
        w.option(found.and_then(|b| b.year).map(|y| y.to_string()).as_deref());
        w.number(found.map_or(0, |b| b.number.into())).byte(found.is_some_and(|b| b.paged) as u8);
    };
    let tag_name = |lang: &Lang, tag: u32| plan.index.tags.get(lang).and_then(|t| t.get(tag as usize)).map(|(name, _)| &**name);
    match &output.recipe {
        Recipe::Home { lang } | Recipe::Tags { lang } | Recipe::SiteMap { lang } => _ = w.text(tag(lang)),
        Recipe::Column { lang, column } => {
            let c = site.column(*column);
            w.text(tag(lang)).text(&c.id).option(c.template.as_deref());
        }
        Recipe::Archive { lang, column, at } => {
            w.text(tag(lang)).text(&site.column(*column).id);
            block(&mut w, *lang, ListKey::Column(*column), *at);
        }
        Recipe::Item { article } => {
            w.text(&world.library.get(*article).card.id);
            if let Some(p) = world.routes.site(plan.site).page(*article) {
                let how = match p.how {
                    How::Own => 0,
                    How::Pushed => 1,
                    How::Pulled => 2,
                };
                w.text(&site.column(p.column).id).byte(how).signed(p.weight.into()).option(p.title.as_deref());
            }
        }
        Recipe::Tag { lang, tag: t } => _ = w.text(tag(lang)).option(tag_name(lang, *t)),
        Recipe::TagArchive { lang, tag: t, at } => {
            w.text(tag(lang)).option(tag_name(lang, *t));
            block(&mut w, *lang, ListKey::Tag(*t), *at);
        }
        Recipe::Feed { lang, column, .. } => _ = w.text(tag(lang)).option(column.map(|c| &*site.column(c).id)),
        Recipe::Sitemap { shard } => {
            w.option(plan.shards.get(*shard as usize).map(|s| s.name.as_str()));
            if *shard == 0 {
                columns(&mut w, site);
            }
        }
        Recipe::SitemapWhole => columns(&mut w, site),
        Recipe::Redirect { to, .. } => _ = w.text(to),
        Recipe::Asset { at } => {
            let bytes = world.themes.of(plan.site).map(|s| &s.assets[*at as usize].bytes);
            w.print(bytes.map_or(Fingerprint::ABSENT, |b| Fingerprint::of_bytes(b)));
        }
        Recipe::Static { at } => {
            let bytes = world.themes.of(plan.site).map(|s| &s.statics[*at as usize].1);
            w.print(bytes.map_or(Fingerprint::ABSENT, |b| Fingerprint::of_bytes(b)));
        }
        Recipe::Picture { file, width, .. } => {
            let disk = &world.library.repository.files[*file as usize].disk;
            w.print(world.pictures.key(*file, disk, *width));
        }
        Recipe::File { file } => _ = w.text(&world.library.repository.files[*file as usize].path),
        Recipe::NotFound | Recipe::SitemapIndex | Recipe::Robots | Recipe::Security | Recipe::Tokens => {}
    }
    w.finish()
}

/// Which columns there are: the sitemap names every one, and no question asks for those that are new.
fn columns(w: &mut Writer, site: &Site) {
    w.number(site.columns.len() as u64);
    site.columns.iter().for_each(|c| _ = w.text(&c.id));
}
