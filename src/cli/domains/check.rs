//! `banyan domains check`.

use crate::base::diag::{Diagnostic, Severity, sort};
use crate::build::{Front, Outcome, Silent, Use};
use crate::cli::{Common, Format, Io, Time, format, human, many, moment, wrongs};
use crate::domains::{Fleet, Register, check};

pub fn run(time: &Time, strict: bool, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let moment = moment(time, &common.root, io)?;
    let front = Front::load(&common.root, moment, Use::Look, &Silent);
    let (mut all, mut hosts) = (Vec::new(), 0);
    let refused = front.world.is_none();
    match &front.world {
        // What is wrong with content is no matter of domains; what stops all is.
        None => all.extend(front.diagnostics.into_iter().filter(Diagnostic::is_error)),
        Some(world) => {
            let register = Register::new(&world.platform, &mut all);
            hosts = register.names.len();
            check::names(&world.platform, &register, &mut all);
            let fleet = Fleet::new(world, &mut all);
            check::files(&world.platform, &register, &fleet, &mut all);
        }
    }
    sort(&mut all);
    let count = |s: Severity| all.iter().filter(|d| d.severity == s).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if common.format == Format::Human {
        human::findings(&all, common, io);
        if !common.quiet {
            let text = if io.is_chinese() {
                format!("{hosts} 个域名：{errors} 个错误，{warnings} 个警告")
            } else {
                format!("{}: {}", many(hosts, "host"), wrongs(errors, warnings))
            };
            io.say(text);
        }
    } else {
        io.print(format::findings(&all, common.format, io.tongue));
    }
    Ok(match () {
        () if refused => Outcome::Refused,
        () if errors > 0 || (strict && warnings > 0) => Outcome::Findings,
        () => Outcome::Good,
    })
}
