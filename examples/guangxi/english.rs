//! Translations: of some news and of the pages about a place.

use crate::head::head;
use crate::people::PAGES;
use crate::plan::Cell;
use crate::rng::Rng;
use crate::sheet::Sheet;
use crate::world::World;

const DOES: &[&str] = &[
    "steps up work on",
    "makes progress in",
    "sets out new measures for",
    "invites opinions on",
    "reports first results in",
    "holds a meeting on",
];
const SAYS: &[&str] = &[
    "The work covers towns and villages alike, and the first results are to be seen by the end of the year.",
    "Officials said that procedures have been cut and that most applications can now be made online.",
    "Residents were heard before the plan was drawn up; their suggestions have been published.",
    "Funds are tracked from the budget to the last recipient, and figures are made public every quarter.",
    "Neighbouring cities share equipment and data, so that help arrives where it is needed.",
    "A review is planned for next spring, when the measures will be adjusted.",
];

/// The place as English calls it.
fn name(world: &World, cell: &Cell) -> String {
    let site = world.site(cell);
    if site.is_department() {
        return format!("The {}", site.english.split(',').next().unwrap_or("department"));
    }
    site.english.trim_start_matches("The People's Government of ").split(" Zhuang").next().unwrap_or("Guangxi").to_owned()
}

/// Item `at` is the translation of the one before it.
pub fn translation(world: &World, cell: &Cell, at: u32, sheet: &mut Sheet) {
    let original = head(world, cell, at - 1);
    let mut rng = Rng::new(world.seed, u64::from(cell.first + at), 6);
    let name = name(world, cell);
    let page = world.column(cell).category.as_deref() == Some("page");
    sheet.start();
    sheet.text("id", &world.id(cell.first + at));
    let title =
        if page { format!("{name} {}", PAGES[original.form].1) } else { format!("{name} {} {}", rng.pick(DOES), original.theme.english) };
    sheet.text("title", &title);
    let date = original.at.text();
    sheet.date("date", if page { &date[..10] } else { &date });
    sheet.text("source", &world.site(cell).english);
    if page {
        sheet.date("updated", &original.at.day.iso());
        sheet.text("unit", &world.site(cell).english);
    }
    let mut body = if page {
        format!("{name} lies in Guangxi, in the south of China. All figures on this page are made up for a demonstration.\n\n")
    } else {
        format!("{name} {} {}, it was announced this week.\n\n", rng.pick(DOES), original.theme.english)
    };
    let mut says = SAYS.to_vec();
    rng.shuffle(&mut says);
    body.push_str(&says[..rng.range(2, 4) as usize].join(" "));
    sheet.finish(&body);
}
