//! `banyan theme gallery [SITE] --out DIR`.

use std::path::Path;

use super::{Common, Io, human};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::workshop::{Sample, WIDTHS, gallery};

pub fn run(site: Option<&str>, out: &Path, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    if std::fs::read_dir(out).is_ok_and(|mut d| d.next().is_some()) || out.is_file() {
        return Err(Diagnostic::error("cli.exists").arg("path", out.display()));
    }
    let layers = super::layers(common, io);
    let sample = match site {
        Some(id) => {
            let Some(found) = platform.find_site(id).map(|s| platform.site(s)) else {
                return Err(Diagnostic::error("config.unknown-site").arg("site", id).nearest(id, platform.sites.iter().map(|s| &*s.id)));
            };
            Sample::of_site(&platform, &layers, found)?
        }
        None => {
            let mut chosen = super::chosen(&layers, &[], common)?;
            chosen.extend(platform.tiers.values().filter_map(|t| layers.find(&t.theme)));
            Sample::lay(&platform, &layers, &chosen)?
        }
    };
    let (pages, mut said) = gallery(&sample, out)?;
    said.extend(sample.said.iter().filter(|d| d.place.as_ref().is_some_and(|p| p.file.contains("themes/"))).cloned());
    said.retain(Diagnostic::is_error);
    crate::base::diag::sort(&mut said);
    human::findings(&said, common, io);
    if !common.quiet {
        let (sites, file) = (sample.cases.len(), out.join("index.html"));
        let widths = WIDTHS.map(|w| w.to_string()).join(", ");
        io.say(io.either(
            &format!("{sites} stacks, {pages} pages, at {widths} px\n{}", file.display()),
            &format!("{sites} 组主题，{pages} 个页面，宽度 {widths} px\n{}", file.display()),
        ));
    }
    Ok(if said.is_empty() { Outcome::Good } else { Outcome::Partial })
}
