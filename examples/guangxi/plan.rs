//! How many items stand where, before any is written: site × column × year. A cell is a run of item numbers, so that an
//! item can be named, dated and titled from its number by whoever links to it, and nothing has to be kept.

use crate::calendar::{FIRST_YEAR, LAST_YEAR};
use crate::character::Character;
use crate::fleet::Site;
use crate::rng::Rng;

#[derive(Clone, Copy)]
pub struct Cell {
    pub site: u16,
    /// Place in the columns of the site.
    pub column: u16,
    pub year: u16,
    /// Number of its first item.
    pub first: u32,
    pub count: u32,
    /// The last so many are Markdown files, the others records.
    pub files: u32,
    /// The first so many of the files come in pairs: an item and its translation.
    pub paired: u32,
}

impl Cell {
    pub fn records(&self) -> u32 {
        self.count - self.files
    }
}

pub struct Plan {
    pub cells: Vec<Cell>,
    /// By site: its cells.
    pub of_site: Vec<std::ops::Range<usize>>,
}

impl Plan {
    pub fn cells(&self, site: usize) -> &[Cell] {
        &self.cells[self.of_site[site].clone()]
    }
}

const YEARS: usize = (LAST_YEAR - FIRST_YEAR + 1) as usize;
/// Each year brings more than the one before.
const GROWTH: [f64; YEARS] = [3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 9.0, 10.0, 11.0, 12.0, 14.0, 15.0];

/// Share of a column in what a site publishes day by day.
fn flow(id: &str, category: &str) -> f64 {
    match category {
        "news" if id == "xw/yw" => 26.0,
        "news" if id.starts_with("zt/") => 3.0,
        "news" => 9.0,
        "notice" => 15.0,
        // Those of other bodies come by themselves.
        "policy" if id == "zwgk/zcwj" => 11.0,
        "data" if id == "sj" => 5.0,
        "service" => 5.0,
        "letter" => 9.0,
        "survey" => 2.0,
        "disclosure" => 6.0,
        "topic" => 0.6,
        _ => 0.0,
    }
}

/// What a site has however little it publishes, in the order of importance: category and the most there are of it.
fn structure(site: &Site) -> &'static [(&'static str, u32)] {
    if site.is_department() { &[("leader", 5), ("institution", 10)] } else { &[("leader", 8), ("institution", 24), ("page", 3)] }
}

pub fn make(sites: &[Site], characters: &[Character], items: u32, records: u32, seed: u64) -> Plan {
    // counts[site][column][year]
    let mut counts: Vec<Vec<[u32; YEARS]>> = characters.iter().map(|c| vec![[0; YEARS]; c.columns.len()]).collect();
    let fixed = fixed(sites, characters, items, seed, &mut counts);
    let rest = f64::from(items - fixed);
    let total: f64 = sites.iter().map(|s| s.share).sum();
    let mut upto = 0.0;
    for (at, site) in sites.iter().enumerate() {
        let before = (rest * upto / total + 0.5).floor();
        upto += site.share;
        let last = at + 1 == sites.len();
        let after = if last { rest } else { (rest * upto / total + 0.5).floor() };
        spread(&characters[at], after - before, &mut Rng::of_text(seed ^ 23, &site.id), &mut counts[at]);
        interpretations(&characters[at], &mut counts[at]);
    }
    let mut plan = Plan { cells: Vec::new(), of_site: Vec::new() };
    let (mut number, mut files) = (0u32, 0u64);
    let wanted_files = u64::from(items - records.min(items));
    for (at, columns) in counts.iter().enumerate() {
        let start = plan.cells.len();
        for (column, years) in columns.iter().enumerate() {
            let c = &characters[at].columns[column];
            for (year, count) in years.iter().enumerate().filter(|(_, n)| **n > 0) {
                let next = u64::from(number + count) * wanted_files / u64::from(items.max(1));
                let own = (next - files) as u32;
                let translated = characters[at].bilingual && (c.id == "xw/yw" || c.id == "gk");
                plan.cells.push(Cell {
                    site: at as u16,
                    column: column as u16,
                    year: FIRST_YEAR + year as u16,
                    first: number,
                    count: *count,
                    files: own,
                    paired: if translated { (own / 4).clamp(1, 20).min(own / 2) * 2 } else { 0 },
                });
                number += count;
                files = next;
            }
        }
        plan.of_site.push(start..plan.cells.len());
    }
    plan
}

/// Leaders, institutions, pages and guides: about a third of a small platform, a fixed number on a large one.
fn fixed(sites: &[Site], characters: &[Character], items: u32, seed: u64, counts: &mut [Vec<[u32; YEARS]>]) -> u32 {
    let each = 0.3 * f64::from(items) / sites.len() as f64;
    let mut given = 0;
    for (at, site) in sites.iter().enumerate() {
        let mut rng = Rng::of_text(seed ^ 29, &site.id);
        let quota = each * if site.is_department() { 0.7 } else { 1.6 };
        let mut left = (quota + rng.part()).floor().min(40.0) as u32;
        let last = YEARS - 1;
        let column = |category: &str| characters[at].columns.iter().position(|c| c.category.as_deref() == Some(category) && !c.pulls);
        if let Some(guide) = column("disclosure")
            && left > 1
        {
            counts[at][guide][last] += 1;
            (left, given) = (left - 1, given + 1);
        }
        // In turn, so that a few of each come before many of one.
        let mut round = 0;
        while left > 0 && round < 24 {
            for (category, most) in structure(site) {
                let every = if *category == "page" { 3 } else { 1 };
                if left == 0 || round % every != 0 || round / every >= *most {
                    continue;
                }
                if let Some(c) = column(category) {
                    counts[at][c][last] += 1;
                    (left, given) = (left - 1, given + 1);
                }
            }
            round += 1;
        }
    }
    given
}

/// `amount` items over columns and years, by rounding a running sum: exactly `amount` in the end.
fn spread(character: &Character, amount: f64, rng: &mut Rng, counts: &mut [[u32; YEARS]]) {
    let mut weights = vec![[0.0; YEARS]; counts.len()];
    let mut total = 0.0;
    for (column, c) in character.columns.iter().enumerate() {
        if c.pulls {
            continue;
        }
        let share = flow(&c.id, c.category.as_deref().unwrap_or("")) * (0.6 + 0.8 * rng.part());
        for year in 0..YEARS {
            let y = FIRST_YEAR + year as u16;
            let open = y >= character.since && c.years.is_none_or(|(from, to)| (from..=to).contains(&y));
            // A topic packs into a few years what other columns have in all.
            let dense = c.years.map_or(1.0, |(from, to)| f64::from(12 / (to - from + 1)).min(4.0));
            weights[column][year] = if open { share * GROWTH[year] * dense } else { 0.0 };
            total += weights[column][year];
        }
    }
    if total == 0.0 {
        return;
    }
    let phase = rng.part();
    let (mut upto, mut given) = (0.0, 0.0);
    for (column, years) in weights.iter().enumerate() {
        for (year, w) in years.iter().enumerate() {
            upto += w;
            let next = (amount * (upto / total) + phase).floor().min(amount);
            if next > given {
                counts[column][year] += (next - given) as u32;
                given = next;
            }
        }
    }
    // The last cell that is open takes what the rounding of the sum left over.
    let cells = (0..weights.len()).flat_map(|c| (0..YEARS).map(move |y| (c, y)));
    if let Some((column, year)) = cells.rev().find(|(c, y)| weights[*c][*y] > 0.0)
        && amount > given
    {
        counts[column][year] += (amount - given) as u32;
    }
}

/// Of the places of documents some go to interpretations; each has a document of its year or an earlier one to interpret.
fn interpretations(character: &Character, counts: &mut [[u32; YEARS]]) {
    let (Some(policies), Some(column)) = (character.find("zwgk/zcwj"), character.find("zwgk/zcjd")) else { return };
    let (mut due, mut any) = (0.0, false);
    let mut moved = [0; YEARS];
    for (count, moved) in counts[policies].iter_mut().zip(&mut moved) {
        due += 0.3 * f64::from(*count);
        *moved = (due as u32).min(if any { *count } else { count.saturating_sub(1) });
        due -= f64::from(*moved);
        *count -= *moved;
        any |= *count > 0;
    }
    counts[column].iter_mut().zip(moved).for_each(|(count, moved)| *count += moved);
}
