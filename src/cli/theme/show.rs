//! `banyan theme show SITE TEMPLATE`.

use super::{Common, Io, StackOf};
use crate::base::diag::Diagnostic;
use crate::build::Outcome;

/// The text of a template as a site finds it; each `^` in front means the one above.
pub fn run(site: &str, template: &str, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let Some(StackOf { layers, chain, .. }) = super::stack_of(site, common, io)? else { return Ok(Outcome::Refused) };
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
