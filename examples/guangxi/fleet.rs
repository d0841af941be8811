//! The sites: the region, its cities and counties, and departments of both.

use crate::offices::{COAST, OFFICES, Office};
use crate::rng::Rng;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    Region,
    City,
    County,
    Department,
}

impl Tier {
    /// Its key in platform.toml.
    pub fn key(self) -> &'static str {
        match self {
            Tier::Region => "province",
            Tier::City => "city",
            Tier::County => "county",
            Tier::Department => "department",
        }
    }
}

pub struct Site {
    pub id: String,
    pub tier: Tier,
    /// 网站规范名称: 南宁市人民政府, 南宁市水利局.
    pub name: String,
    pub short: String,
    /// The land it speaks of: 南宁市. Of a department that of its government.
    pub place: String,
    /// Where it stands, from the city down: 南宁市兴宁区.
    pub seat: String,
    /// 广西, 南宁, 兴安: as in 走进兴安.
    pub brief: String,
    /// One or two characters for numbers of documents.
    pub sign: String,
    pub english: String,
    pub host: String,
    /// GB/T 2260 code of the division, and the site's serial number under it.
    pub division: String,
    pub serial: u32,
    /// 市辖区, 自治县 …; empty for departments.
    pub kind: String,
    pub parent: Option<usize>,
    /// The government: itself, or that of a department.
    pub government: usize,
    pub office: Option<&'static Office>,
    /// Share of the made-up items, relative to the other sites.
    pub share: f64,
}

impl Site {
    pub fn is_department(&self) -> bool {
        self.tier == Tier::Department
    }

    pub fn field(&self) -> Option<&'static str> {
        self.office.map(|o| o.field)
    }

    pub fn code(&self) -> String {
        format!("{}{}", self.division, self.serial)
    }

    pub fn telephone(&self, at: usize) -> String {
        // Neither the area code nor the exchange exists.
        let number = self.serial as usize * 131 + at * 17 + self.division.bytes().fold(0, |a, b| a * 7 + b as usize);
        format!("0699-555{:04}", number % 10_000)
    }
}

struct Division {
    name: String,
    short: String,
    code: String,
    kind: String,
    parent: String,
    romanized: String,
    slug: String,
}

fn divisions(text: &str) -> Result<Vec<Division>, String> {
    let json: serde_json::Value = serde_json::from_str(text).map_err(|e| format!("divisions.json: {e}"))?;
    let rows = json["divisions"].as_array().ok_or("divisions.json: no divisions")?;
    let get = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    Ok(rows
        .iter()
        .map(|r| Division {
            name: get(r, "name"),
            short: get(r, "short"),
            code: get(r, "code"),
            kind: get(r, "kind"),
            parent: get(r, "parent"),
            romanized: get(r, "romanized"),
            slug: get(r, "slug"),
        })
        .collect())
}

/// How much the cities differ: the first is the seat of the region.
const SIZES: [f64; 14] = [3.0, 2.2, 2.1, 1.2, 1.3, 1.0, 1.1, 1.2, 1.6, 1.2, 0.9, 1.1, 0.9, 1.0];

/// `count` sites, parents before children.
pub fn make(text: &str, count: usize, seed: u64) -> Result<Vec<Site>, String> {
    let all = divisions(text)?;
    let region = &all[0];
    let cities: Vec<&Division> = all.iter().filter(|d| d.parent == region.code).collect();
    let is_city = |code: &str| cities.iter().position(|c| c.code == code);
    let counties: Vec<&Division> = all.iter().filter(|d| is_city(&d.parent).is_some()).collect();
    if count < 3 {
        return Err("at least 3 sites".into());
    }
    // Below the full number each tier keeps its part.
    let full = 1 + cities.len() + counties.len();
    let governments = (count * full).div_ceil(377).clamp(3, full).min(count);
    let chosen_cities = (governments * cities.len()).div_ceil(full).clamp(1, cities.len());
    let mut sites = vec![government(region, None, &[], 0)];
    for (at, city) in cities.iter().take(chosen_cities).enumerate() {
        sites.push(government(city, Some(0), &sites, 1 + at));
    }
    // One county of each city in turn, so that a small platform has some of several.
    let mut queue: Vec<(usize, usize, &Division)> = Vec::new();
    for (city, above) in cities.iter().enumerate().take(chosen_cities) {
        let own = counties.iter().filter(|c| c.parent == above.code);
        queue.extend(own.enumerate().map(|(turn, c)| (turn, city, *c)));
    }
    queue.sort_by_key(|(turn, city, _)| (*turn, *city));
    queue.truncate(governments - sites.len().min(governments));
    queue.sort_by_key(|(turn, city, _)| (*city, *turn));
    for (_, city, county) in queue {
        sites.push(government(county, Some(1 + city), &sites, sites.len()));
    }
    departments(&mut sites, count, chosen_cities, seed)?;
    shares(&mut sites, seed);
    Ok(sites)
}

fn government(d: &Division, parent: Option<usize>, sites: &[Site], at: usize) -> Site {
    let tier = match parent {
        None => Tier::Region,
        Some(0) => Tier::City,
        Some(_) => Tier::County,
    };
    // A district says which city it is part of.
    let above = parent.filter(|_| d.kind == "市辖区").map_or("", |p| &sites[p].place);
    let host = if tier == Tier::Region { format!("www.{}.example", d.slug) } else { format!("www.{}.guangxi.example", d.slug) };
    let english = match tier {
        Tier::Region => "The People's Government of Guangxi Zhuang Autonomous Region".to_owned(),
        _ => format!("The People's Government of {}", d.romanized),
    };
    let sign: String =
        if tier == Tier::Region { "桂".into() } else { d.short.chars().take(if tier == Tier::City { 1 } else { 2 }).collect() };
    Site {
        id: d.slug.clone(),
        tier,
        name: format!("{above}{}人民政府", d.name),
        short: d.short.clone(),
        place: d.name.clone(),
        seat: match tier {
            Tier::Region => "南宁市".into(),
            Tier::City => d.name.clone(),
            _ => format!("{}{}", sites[parent.unwrap_or(0)].place, d.name),
        },
        brief: d.short.clone(),
        sign,
        english,
        host,
        division: d.code.clone(),
        serial: 9001,
        kind: d.kind.clone(),
        parent,
        government: at,
        office: None,
        share: 0.0,
    }
}

fn department(sites: &[Site], government: usize, office: &'static Office, serial: u32) -> Site {
    let above = &sites[government];
    let top = above.tier == Tier::Region;
    let (code, title) = if top { office.region } else { office.city };
    let slug = above.host.strip_prefix("www.").unwrap_or(&above.host);
    Site {
        id: format!("{}-{code}", if top { "gx" } else { &above.id }),
        tier: Tier::Department,
        name: format!("{}{title}", above.place),
        short: if top { format!("自治区{title}") } else { format!("{}{title}", above.place) },
        place: above.place.clone(),
        seat: above.seat.clone(),
        brief: above.brief.clone(),
        sign: format!("{}{}", above.sign, office.sign),
        english: format!("{}, {}", office.english, if top { "Guangxi" } else { above.english.rsplit(' ').next().unwrap_or("") }),
        host: format!("{code}.{slug}"),
        division: above.division.clone(),
        serial,
        kind: String::new(),
        parent: Some(government),
        government,
        office: Some(office),
        share: 0.0,
    }
}

fn departments(sites: &mut Vec<Site>, count: usize, cities: usize, seed: u64) -> Result<(), String> {
    let wanted = count - sites.len();
    let of_region: Vec<&'static Office> = OFFICES.iter().filter(|o| !o.region.0.is_empty()).collect();
    let here = (wanted * of_region.len()).div_ceil(251).min(of_region.len()).min(wanted);
    for (at, office) in of_region.into_iter().take(here).enumerate() {
        sites.push(department(sites, 0, office, 9002 + at as u32));
    }
    // Large cities open more of them, and each in an order of its own; counties only when all cities have all.
    let mut candidates: Vec<(f64, usize, &'static Office)> = Vec::new();
    for at in 1..sites.len() {
        if sites[at].is_department() {
            continue;
        }
        let mut rng = Rng::of_text(seed, &sites[at].id);
        let county = sites[at].tier == Tier::County;
        let size = if county { 1.0 } else { SIZES[(at - 1).min(SIZES.len() - 1)] };
        debug_assert!(county || at <= cities);
        for office in OFFICES.iter().filter(|o| !o.city.0.is_empty()) {
            if office.field == "hy" && !COAST.contains(&sites[at].id.as_str()) {
                continue;
            }
            let wait = f64::from(office.order) / size.sqrt() * (0.7 + 0.6 * rng.part());
            candidates.push((wait + if county { 1000.0 } else { 0.0 }, at, office));
        }
    }
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.order.cmp(&b.2.order)));
    candidates.truncate(wanted - here);
    if candidates.len() < wanted - here {
        return Err(format!("at most {} sites", sites.len() + candidates.len()));
    }
    candidates.sort_by_key(|(_, at, office)| (*at, office.order));
    let mut serial = (0, 0);
    for (_, government, office) in candidates {
        serial = if serial.0 == government { (government, serial.1 + 1) } else { (government, 9002) };
        sites.push(department(sites, government, office, serial.1));
    }
    Ok(())
}

/// A power law: the largest site has about a tenth of everything.
fn shares(sites: &mut [Site], seed: u64) {
    let weights: Vec<f64> = sites
        .iter()
        .map(|s| {
            let mut rng = Rng::new(Rng::of_text(seed, &s.id).next(), 3, 3);
            let base = match s.tier {
                Tier::Region => 1e6,
                Tier::City => 60.0 * SIZES[(s.government - 1).min(SIZES.len() - 1)],
                Tier::County => 14.0,
                Tier::Department if s.government == 0 => 28.0,
                Tier::Department => 9.0,
            };
            base * (0.3 + 1.9 * rng.part())
        })
        .collect();
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    let power = power(sites.len());
    for (rank, at) in order.into_iter().enumerate() {
        sites[at].share = ((rank + 1) as f64).powf(-power);
    }
}

fn power(count: usize) -> f64 {
    let (mut low, mut high) = (0.0, 3.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        let sum: f64 = (1..=count).map(|r| (r as f64).powf(-middle)).sum();
        if sum > 10.0 { low = middle } else { high = middle }
    }
    low
}
