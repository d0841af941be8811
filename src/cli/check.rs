//! `banyan check`: everything but the rendering.

use super::{Common, Format, Io, Time, format, human, moment};
use crate::base::diag::{Diagnostic, Severity, sort};
use crate::build::{Front, Outcome, Silent};
use crate::plan::SitePlan;
use crate::plan::site::ThemeOutputs;

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
    let front = Front::load(&common.root, moment, 0, &Silent);
    let mut all = front.diagnostics;
    let refused = front.world.is_none();
    let (mut items, mut sites) = (0, 0);
    if let Some(world) = &front.world {
        items = world.library.articles.len();
        sites = world.platform.sites.len();
        for stack in &world.themes.stacks {
            crate::render::engine(world, stack).check(&mut all);
        }
        for site in world.platform.site_ids() {
            let Some(stack) = world.themes.of(site) else { continue };
            let theme =
                ThemeOutputs { assets: &stack.asset_paths, statics: &stack.statics, tokens: stack.tokens_path(world.platform.site(site)) };
            SitePlan::new(&world.platform, &world.library, &world.routes, &world.redirects, &theme, site, &mut all);
        }
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
                format!("{sites} sites, {items} items: {errors} errors, {warnings} warnings")
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
