//! `banyan theme drift [LAYER…]`.

use super::{Common, Io, human};
use crate::base::diag::{Diagnostic, sort};
use crate::build::Outcome;
use crate::cli::init::write_file;
use crate::cli::{Format, format};
use crate::theme::drift::{FILE, Kind, drift, record};

pub fn run(names: &[String], accept: bool, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let layers = super::layers(common, io);
    let chosen = super::chosen(&layers, names, common)?;
    if accept {
        for id in chosen {
            let file = common.root.join("themes").join(&*layers.get(id).name).join(FILE);
            match record(&layers, id) {
                Some(text) => {
                    write_file(&file, text.as_bytes())?;
                    io.say(file.display());
                }
                // It overrides nothing: an old record would be kept for nobody.
                None if file.is_file() => {
                    std::fs::remove_file(&file).map_err(|e| Diagnostic::error("cli.io").arg("path", file.display()).arg("problem", e))?;
                }
                None => {}
            }
        }
        return Ok(Outcome::Good);
    }
    let mut all = Vec::new();
    let mut changed = 0;
    for id in chosen {
        for d in drift(&layers, id) {
            let said = d.diagnostic(&layers, id);
            changed += usize::from(d.kind != Kind::New);
            if common.format == Format::Human {
                // New ones are few and are to be seen here.
                let loud = Common { verbose: true, ..common.clone() };
                human::findings(std::slice::from_ref(&said), &loud, io);
                if let Some((_, place, text)) = d.now.filter(|_| d.kind == Kind::Changed && !common.quiet) {
                    io.say(io.either(&format!("{place} is now:"), &format!("{place} 现为：")));
                    text.lines().for_each(|l| io.say(format!("    {l}")));
                    io.say("");
                }
            }
            all.push(said);
        }
    }
    sort(&mut all);
    if common.format != Format::Human {
        io.print(format::findings(&all, common.format, io.tongue));
    } else if !common.quiet {
        let new = all.len() - changed;
        io.say(io.either(&format!("{changed} have drifted, {new} are not recorded"), &format!("{changed} 处有变动，{new} 处未记录")));
    }
    Ok(if changed > 0 { Outcome::Findings } else { Outcome::Good })
}
