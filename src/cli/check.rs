//! `banyan check`: everything but the rendering.

use super::{Common, Format, Io, Time, format, human, many, moment, wrongs};
use crate::base::diag::{Diagnostic, Severity, sort};
use crate::base::id::LayerId;
use crate::build::{Front, Outcome, Silent, Use};
use crate::content::Article;
use crate::facts::World;
use crate::plan::SitePlan;
use crate::plan::site::ThemeOutputs;
use crate::route::How;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    time: Time,
    /// Warnings count as findings too (exit code 3)
    #[arg(long)]
    strict: bool,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let moment = moment(&args.time, &common.root, io)?;
    let front = Front::load(&common.root, moment, Use::Look, &Silent);
    let mut all = front.diagnostics;
    let refused = front.world.is_none();
    let (mut items, mut sites) = (0, 0);
    if let Some(world) = &front.world {
        items = world.library.articles.len();
        sites = world.platform.sites.len();
        let layers = &world.themes.layers;
        // Of a theme whose own files are wrong it is not known what it lies over.
        let whole = |l: &LayerId| !layers.get(*l).broken;
        for stack in world.themes.stacks.iter().filter(|s| s.chain.iter().all(whole)) {
            crate::render::engine(world, stack).check(&mut all);
        }
        for layer in layers.all.iter().filter(|l| !l.standard) {
            crate::workshop::colours(layer, &mut all);
        }
        for site in world.platform.site_ids() {
            let Some(stack) = world.themes.of(site) else { continue };
            let theme =
                ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(world.platform.site(site)) };
            SitePlan::new(&world.sources(), &theme, site, &mut all);
        }
    }
    if let Some(world) = &front.world {
        let layers = &world.themes.layers;
        all.extend(layers.all.iter().filter(|l| !l.broken).filter_map(|l| crate::theme::drift::summary(layers, layers.find(&l.name)?)));
    }
    if let (Some(world), true) = (&front.world, common.verbose) {
        all.extend(untranslated(world));
    }
    sort(&mut all);
    let count = |s: Severity| all.iter().filter(|d| d.severity == s).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if common.format == Format::Human {
        human::findings(&all, common, io);
        if !common.quiet {
            let text = if io.is_chinese() {
                format!("{sites} 个站点，{items} 个条目：{errors} 个错误，{warnings} 个警告")
            } else {
                format!("{}, {}: {}", many(sites, "site"), many(items, "item"), wrongs(errors, warnings))
            };
            io.say(text);
        }
    } else {
        io.print(format::findings(&all, common.format, io.tongue));
    }
    Ok(match () {
        () if refused => Outcome::Refused,
        () if errors > 0 || (args.strict && warnings > 0) => Outcome::Findings,
        () => Outcome::Good,
    })
}

/// Items of a site of several languages that have no translation: told with `-v`, since nobody must translate everything.
fn untranslated(world: &World) -> Vec<Diagnostic> {
    const NAMED: usize = 5;
    let (platform, library, routes) = (&world.platform, &world.library, &world.routes);
    let mut out = Vec::new();
    for site in platform.site_ids().map(|id| (id, platform.site(id))).filter(|(_, s)| s.languages.len() > 1) {
        let (id, site) = site;
        let own = routes.site(id).placements.iter().filter(|p| p.primary && p.how == How::Own).map(|p| library.get(p.article));
        let own: Vec<_> = own.filter(|a| a.lang == site.default_language()).collect();
        for lang in &site.languages[1..] {
            let lacks = |a: &&&Article| !library.translations(a).iter().any(|t| library.get(*t).lang == *lang);
            let missing: Vec<&&Article> = own.iter().filter(lacks).collect();
            if missing.is_empty() {
                continue;
            }
            let mut files: Vec<_> = missing.iter().take(NAMED).map(|a| library.file_name(platform, a).to_string()).collect();
            if missing.len() > NAMED {
                files.push("…".to_owned());
            }
            let d = Diagnostic::note("content.untranslated").arg("site", &site.id).arg("count", missing.len());
            out.push(d.arg("language", platform.language(*lang)).arg("files", files.join(", ")).site(&site.id));
        }
    }
    out
}
