//! One item, whole: what all categories share here, their own fields in the modules named after them.

use crate::documents;
use crate::english;
use crate::figures;
use crate::head::{Head, head};
use crate::people;
use crate::pictures;
use crate::plan::Cell;
use crate::prose::Matter;
use crate::rng::{Rng, short};
use crate::rules::PUSHED;
use crate::services;
use crate::sheet::{Push, Sheet};
use crate::words::{GIVEN, PAPERS, SURNAMES};
use crate::world::World;

/// An item that is being written.
pub struct Item<'a> {
    pub world: &'a World,
    pub cell: &'a Cell,
    /// Its place in the cell.
    pub at: u32,
    pub head: Head,
    pub rng: Rng,
    pub file: bool,
    pub body: &'a mut String,
    /// Files that stand beside it: it becomes a folder.
    pub beside: Vec<(String, Vec<u8>)>,
}

pub fn person(rng: &mut Rng) -> String {
    format!("{}{}", rng.pick(SURNAMES), rng.pick(GIVEN))
}

impl<'a> Item<'a> {
    pub fn matter(&self) -> Matter<'a> {
        Matter::new(self.world, self.cell, self.head.theme, self.head.thing)
    }

    pub fn site(&self) -> &'a crate::fleet::Site {
        self.world.site(self.cell)
    }

    /// `part` of the usual length, with some chance.
    pub fn length(&mut self, part: f64) -> usize {
        (self.world.body as f64 * part * (0.5 + self.rng.part())) as usize
    }

    pub fn fill(&mut self, matter: &Matter, part: f64) {
        let bytes = self.length(part);
        matter.fill(self.body, &mut self.rng, bytes);
    }

    /// 索引号: division, serial of the site, year and number.
    pub fn index_number(&self) -> String {
        let site = self.site();
        format!("{}{:03}/{}-{:05}", site.division, site.serial % 1000, self.head.at.day.year, self.at % 100_000)
    }

    /// A document to link to: of this site, its government or the region; not one of a later year.
    pub fn document(&mut self) -> Option<Head> {
        let own = usize::from(self.cell.site);
        let site = &self.world.sites[own];
        let from = match self.rng.below(6) {
            0..3 => own,
            3 | 4 => site.parent.unwrap_or(0),
            _ => 0,
        };
        let cells = &self.world.policies[from];
        let upto = cells.partition_point(|c| self.world.plan.cells[*c].year <= self.cell.year);
        if upto == 0 {
            return None;
        }
        let cell = &self.world.plan.cells[cells[self.rng.below(upto)]];
        let at = self.rng.below(cell.count as usize) as u32;
        let found = head(self.world, cell, at);
        (found.number != self.head.number).then_some(found)
    }

    /// 《title》 as a link.
    pub fn link(&mut self) -> Option<String> {
        let to = self.document()?;
        let id = self.world.id(to.number);
        // Rules are written in articles, at least six of them.
        if to.form == 0 && self.rng.chance(0.3) {
            let article = ["第一条", "第二条", "第三条", "第四条", "第五条"][self.rng.below(5)];
            return Some(format!("《[{}](id:{id})》[{article}](id:{id}#{article})", to.title));
        }
        Some(format!("《[{}](id:{id})》", to.title))
    }

    /// A small picture beside a file item; its name.
    pub fn picture(&mut self) -> &'static str {
        self.beside.push(("tupian.png".into(), pictures::png(u64::from(self.head.number))));
        "tupian.png"
    }

    /// A table beside a file item; its name.
    pub fn table(&mut self) -> &'static str {
        let mut text = String::from("\u{feff}序号,地区,事项,数量\r\n");
        for row in 1..=self.rng.range(4, 14) {
            let sub = self.matter().sub(&mut self.rng).to_owned();
            let thing = *self.rng.one(&self.head.theme.things);
            text.push_str(&format!("{row},{sub},{thing},{}\r\n", self.rng.range(2, 900)));
        }
        self.beside.push(("mingxi.csv".into(), text.into_bytes()));
        "mingxi.csv"
    }

    fn source(&mut self, category: &str) -> String {
        let site = self.site();
        match category {
            "news" if self.rng.chance(0.35) => format!("{}{}", site.brief, self.rng.pick(PAPERS)),
            _ if site.is_department() => site.short.clone(),
            _ => self.world.office(self.cell),
        }
    }
}

/// Writes item `at` of a cell. `body` is only a place to work in.
pub fn item(world: &World, cell: &Cell, at: u32, sheet: &mut Sheet, body: &mut String) -> Vec<(String, Vec<u8>)> {
    body.clear();
    let file = at >= cell.records();
    // Of each pair the second is the translation of the first.
    let pair = file && at - cell.records() < cell.paired;
    if pair && (at - cell.records()) % 2 == 1 {
        english::translation(world, cell, at, sheet);
        return Vec::new();
    }
    let head = head(world, cell, at);
    let rng = Rng::new(world.seed, u64::from(head.number), 2);
    let mut item = Item { world, cell, at, head, rng, file, body, beside: Vec::new() };
    let category = world.column(cell).category.as_deref().unwrap_or("news");
    sheet.start();
    sheet.text("id", &world.id(item.head.number));
    sheet.text("title", &item.head.title);
    let date = item.head.at.text();
    sheet.date("date", if matches!(category, "leader" | "institution" | "page") { &date[..10] } else { &date });
    sheet.text("source", &item.source(category));
    match category {
        "notice" => documents::notice(&mut item, sheet),
        "policy" => documents::policy(&mut item, sheet),
        "interpretation" => documents::interpretation(&mut item, sheet),
        "leader" => people::leader(&mut item, sheet),
        "institution" => people::institution(&mut item, sheet),
        "page" => people::page(&mut item, sheet),
        "service" => services::service(&mut item, sheet),
        "letter" => services::letter(&mut item, sheet),
        "survey" => services::survey(&mut item, sheet),
        "data" => figures::data(&mut item, sheet),
        "disclosure" => figures::disclosure(&mut item, sheet),
        "topic" => figures::topic(&mut item, sheet),
        _ => documents::news(&mut item, sheet),
    }
    if !matches!(category, "leader" | "institution" | "page") {
        tags(&mut item, sheet);
    }
    pushes(&mut item, category, sheet);
    sheet.finish(item.body);
    item.beside
}

fn tags(item: &mut Item, sheet: &mut Sheet) {
    let theme = item.head.theme;
    let mut tags = vec![theme.tag];
    if theme.name != theme.tag && item.rng.chance(0.45) {
        tags.push(theme.name);
    }
    sheet.list("tags", &tags);
    if item.file && item.rng.chance(0.04) {
        // What the item was called on the system it came from.
        let day = item.head.at.day;
        let old = format!("/art/{}/{}/{}/art_{}_{}.html", day.year, day.month, day.day, item.cell.column, item.head.number);
        sheet.list("aliases", &[old]);
    }
    if item.rng.chance(0.004) {
        sheet.plain("weight", "1");
    }
}

/// To other sites: most of them take it, some do not.
fn pushes(item: &mut Item, category: &str, sheet: &mut Sheet) {
    let Some(kind) = PUSHED.iter().position(|k| *k == category) else { return };
    let mut rng = Rng::new(item.world.seed, u64::from(item.head.number), 3);
    if !rng.chance([0.13, 0.2, 0.2, 0.12, 0.1][kind]) {
        return;
    }
    let receivers = &item.world.receivers[usize::from(item.cell.site)];
    let mut to: Vec<u16> = receivers.willing[kind].clone();
    rng.shuffle(&mut to);
    let wanted = match rng.below(100) {
        0..60 => 1,
        60..75 => 2,
        75..85 => 3,
        85..91 => 5,
        91..96 => 8,
        _ => 12,
    };
    to.truncate(wanted);
    if rng.chance(0.08) && !receivers.others.is_empty() && to.len() < 12 {
        to.push(*rng.one(&receivers.others));
    }
    if to.is_empty() {
        return;
    }
    let special = rng.chance(0.12);
    let pushes: Vec<Push> = to
        .iter()
        .enumerate()
        .map(|(at, site)| {
            let own = special && at == 0;
            let column = (own && category == "news").then(|| "xw/yw".to_owned());
            let title = (own && rng.chance(0.5)).then(|| format!("{}：{}", item.site().brief, item.head.title));
            let weight = (own && rng.chance(0.1)).then_some(3);
            Push { site: item.world.sites[usize::from(*site)].id.clone(), column, title, weight }
        })
        .collect();
    sheet.pushes(&pushes);
}

/// Name of a file item: the theme and six characters that no other has.
pub fn stem(world: &World, cell: &Cell, at: u32) -> String {
    let head = head(world, cell, at);
    format!("{}-{}", head.theme.key, short(world.seed, head.number))
}
