//! `banyan due`: when the clock next changes anything.

use serde_json::json;

use super::{Common, Format, Io, Time, human, moment};
use crate::base::date::Date;
use crate::base::diag::Diagnostic;
use crate::build::due::{Turn, next};
use crate::build::{Front, Outcome, Silent, Use};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    time: Time,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let moment = moment(&args.time, &common.root, io)?;
    let front = Front::load(&common.root, moment, Use::Look, &Silent);
    let Some(world) = front.world else {
        human::findings(&front.diagnostics, common, io);
        return Ok(Outcome::Refused);
    };
    let zone = &world.platform.zone;
    let due = next(&world.library, moment);
    if common.format != Format::Human {
        let items = due.iter().flat_map(|(_, items)| items).map(|(id, turn)| {
            let a = world.library.get(*id);
            let what = if *turn == Turn::Published { "published" } else { "expired" };
            json!({ "id": a.card.id, "title": world.library.details(a).title, "file": world.library.file_name(&world.platform, a), "what": what })
        });
        let items: Vec<_> = items.collect();
        let at = due.as_ref().map(|(at, _)| Date::moment(*at).rfc3339(zone));
        let text = serde_json::to_string_pretty(&json!({ "due": at, "items": items })).unwrap_or_default();
        io.print(format!("{text}\n"));
        return Ok(Outcome::Good);
    }
    let Some((at, items)) = due else {
        let text = io.either("nothing: no item waits for its day, and none expires", "无：没有等待发布的条目，也没有将要过期的条目");
        io.print(format!("{text}\n"));
        return Ok(Outcome::Good);
    };
    io.print(format!("{}\n", Date::moment(at).rfc3339(zone)));
    for (id, turn) in items {
        let a = world.library.get(id);
        let what = match turn {
            Turn::Published => io.either("is published", "发布"),
            Turn::Expired => io.either("expires", "过期"),
        };
        io.print(format!("  {what}: {} ({})\n", world.library.details(a).title, world.library.file_name(&world.platform, a)));
    }
    Ok(Outcome::Good)
}
