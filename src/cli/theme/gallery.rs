//! `banyan theme gallery [SITE] --out DIR`.

use std::path::Path;

use super::{Common, Io, human};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::cli::init::write_file;
use crate::cli::many;
use crate::workshop::{Sample, WIDTHS, gallery};

/// In the folder of a gallery: what of it is the program's own, a name a line.
const MARK: &str = ".banyan-gallery";

/// Takes away what an earlier gallery wrote, and nothing else.
fn clear(out: &Path, mark: &Path) -> Result<(), Diagnostic> {
    let names = std::fs::read_to_string(mark).unwrap_or_default();
    let plain = |n: &&str| !n.is_empty() && *n != "." && *n != ".." && !n.contains(['/', '\\']);
    for path in names.lines().filter(plain).map(|name| out.join(name)) {
        // A link is taken away itself, never what it leads to.
        let done = match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => std::fs::remove_dir_all(&path),
            Ok(_) => std::fs::remove_file(&path),
            Err(_) => Ok(()),
        };
        done.map_err(|e| Diagnostic::error("cli.io").arg("path", path.display()).arg("problem", e))?;
    }
    Ok(())
}

pub fn run(site: Option<&str>, out: &Path, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    let mark = out.join(MARK);
    let taken = std::fs::read_dir(out).is_ok_and(|mut d| d.next().is_some()) || out.is_file();
    if taken && !mark.is_file() {
        return Err(Diagnostic::error("theme.gallery-exists").arg("path", out.display()));
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
    let mut names: Vec<String> = sample.cases.iter().map(|c| sample.world.platform.site(c.site).id.to_string()).collect();
    names.extend(["index.html", "gallery.css"].map(str::to_owned));
    names.sort();
    clear(out, &mark)?;
    write_file(&mark, format!("{}\n", names.join("\n")).as_bytes())?;
    let (pages, mut said) = gallery(&sample, out)?;
    said.extend(sample.said.iter().filter(|d| d.place.as_ref().is_some_and(|p| p.file.contains("themes/"))).cloned());
    said.retain(Diagnostic::is_error);
    crate::base::diag::sort(&mut said);
    human::findings(&said, common, io);
    if !common.quiet {
        let (sites, file) = (sample.cases.len(), out.join("index.html"));
        let widths = WIDTHS.map(|w| w.to_string()).join(", ");
        io.say(io.either(
            &format!("{}, {}, at {widths} px\n{}", many(sites, "stack"), many(pages, "page"), file.display()),
            &format!("{sites} 组主题，{pages} 个页面，宽度 {widths} px\n{}", file.display()),
        ));
    }
    Ok(if said.is_empty() { Outcome::Good } else { Outcome::Partial })
}
