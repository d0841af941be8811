//! `banyan theme check [LAYER…]`.

use super::{Common, Io, human};
use crate::base::diag::{Diagnostic, Severity};
use crate::build::Outcome;
use crate::cli::{Format, format, many, wrongs};
use crate::workshop::check::check;

pub fn run(names: &[String], strict: bool, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let loaded = crate::config::load(&common.root);
    let Some(platform) = loaded.platform else {
        human::findings(&loaded.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    // What is wrong with the layers is among the findings.
    let layers = crate::theme::Layers::load(&common.root.join("themes"), &mut Vec::new());
    let mut chosen = super::chosen(&layers, names, common)?;
    if chosen.is_empty() {
        chosen = platform.tiers.values().filter_map(|t| layers.find(&t.theme)).collect();
    }
    let contract = check(&platform, &layers, &chosen)?;
    let all = contract.findings;
    let count = |s: Severity| all.iter().filter(|d| d.severity == s).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if common.format == Format::Human {
        human::findings(&all, common, io);
        if !common.quiet {
            let (cases, pages) = (contract.cases, contract.pages);
            io.say(io.either(
                &format!("{}, {}: {}", many(cases, "sample site"), many(pages, "page"), wrongs(errors, warnings)),
                &format!("{cases} 个样例站点，{pages} 个页面：{errors} 个错误，{warnings} 个警告"),
            ));
        }
    } else {
        io.print(format::findings(&all, common.format, io.tongue));
    }
    Ok(if errors > 0 || (strict && warnings > 0) { Outcome::Findings } else { Outcome::Good })
}
