//! `banyan theme show SITE TEMPLATE`.

use super::{Common, Io, human};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;
use crate::theme::stack::chain_of;

/// The text of a template as a site finds it; each `^` in front means the one above.
pub fn run(site: &str, template: &str, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    let Some(found) = platform.find_site(site).map(|s| platform.site(s)) else {
        return Err(Diagnostic::error("config.unknown-site").arg("site", site).nearest(site, platform.sites.iter().map(|s| &*s.id)));
    };
    let layers = super::layers(common, io);
    let chain = chain_of(&layers, super::find(&layers, &found.theme)?);
    let name = template.trim_start_matches('^');
    let all = chain.iter().filter_map(|l| layers.get(*l).templates.get(name));
    let Some(hit) = all.into_iter().nth(template.len() - name.len()) else {
        let d = Diagnostic::error("theme.no-template").arg("name", template);
        let known = chain.iter().flat_map(|l| layers.get(*l).templates.keys().map(|k| &**k)).filter(|k| *k != name);
        return Err(d.nearest(name, known));
    };
    io.print(&*hit.text);
    Ok(Outcome::Good)
}
