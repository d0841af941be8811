//! Everything that is settled before the first item is written.

use crate::calendar::{Day, Moment, days};
use crate::character::{self, Character};
use crate::columns::Column;
use crate::fleet::{Site, Tier};
use crate::plan::{self, Cell, Plan};
use crate::rng::{self, Rng};
use crate::rules::{self, Receivers};
use crate::words::{THEMES, TOWNS, Theme};

pub struct World {
    pub seed: u64,
    /// Bytes of a body, on average.
    pub body: usize,
    pub sites: Vec<Site>,
    pub characters: Vec<Character>,
    pub plan: Plan,
    pub receivers: Vec<Receivers>,
    /// By site: cells of policy documents.
    pub policies: Vec<Vec<usize>>,
    /// By site: themes of its field of work; empty: it speaks of everything.
    fields: Vec<Vec<usize>>,
    /// By site: names of the places below it.
    below: Vec<Vec<String>>,
}

impl World {
    pub fn new(sites: Vec<Site>, platform: &str, items: u32, records: u32, body: usize, seed: u64) -> World {
        let characters = character::make(&sites, platform, seed);
        let plan = plan::make(&sites, &characters, items, records, seed);
        let receivers = rules::receivers(&sites, &characters);
        let policies = (0..sites.len())
            .map(|at| {
                let column = characters[at].find("zwgk/zcwj");
                plan.of_site[at].clone().filter(|c| Some(usize::from(plan.cells[*c].column)) == column).collect()
            })
            .collect();
        let fields = sites.iter().map(|s| (0..THEMES.len()).filter(|t| Some(THEMES[*t].field) == s.field()).collect()).collect();
        let below = (0..sites.len())
            .map(|at| {
                let government = sites[at].government;
                let children = sites.iter().filter(|s| s.parent == Some(government) && s.tier != Tier::Department);
                let names: Vec<String> = children.map(|s| s.place.clone()).collect();
                if names.is_empty() { TOWNS.iter().map(|s| (*s).to_owned()).collect() } else { names }
            })
            .collect();
        World { seed, body, sites, characters, plan, receivers, policies, fields, below }
    }

    pub fn site(&self, cell: &Cell) -> &Site {
        &self.sites[usize::from(cell.site)]
    }

    pub fn column(&self, cell: &Cell) -> &Column {
        &self.characters[usize::from(cell.site)].columns[usize::from(cell.column)]
    }

    pub fn id(&self, number: u32) -> String {
        rng::id(self.seed, number)
    }

    /// When item `at` of a cell was published: the items of a cell follow one another through its year.
    pub fn moment(&self, cell: &Cell, at: u32) -> Moment {
        let mut rng = Rng::new(self.seed, u64::from(cell.first + at), 4);
        let days = days(cell.year);
        let ordinal = ((f64::from(at) + rng.part()) / f64::from(cell.count) * f64::from(days)) as u32;
        Moment { day: Day::of(cell.year, ordinal.min(days - 1)).working(), minute: rng.range(8 * 60 + 30, 17 * 60 + 50) }
    }

    /// Departments write about their field; governments about everything.
    pub fn theme(&self, cell: &Cell, rng: &mut Rng) -> &'static Theme {
        let own = &self.fields[usize::from(cell.site)];
        let at = match self.column(cell).theme {
            Some(theme) => theme,
            None if !own.is_empty() && rng.chance(0.85) => *rng.one(own),
            None => rng.below(THEMES.len()),
        };
        &THEMES[at]
    }

    pub fn below(&self, site: usize, rng: &mut Rng) -> &str {
        rng.one(&self.below[site]).as_str()
    }

    /// Who speaks: the office of a government, or the department.
    pub fn office(&self, cell: &Cell) -> String {
        let site = self.site(cell);
        match site.tier {
            Tier::Region => format!("{}办公厅", site.name),
            Tier::Department => site.name.clone(),
            _ => format!("{}办公室", site.name),
        }
    }
}
