//! From whom each site accepts what is pushed to it, and to whom an item is worth pushing.

use crate::character::Character;
use crate::fleet::{Site, Tier};
use crate::rng::Rng;

pub struct Accept {
    pub from: Vec<String>,
    pub under: Option<String>,
    pub category: Vec<&'static str>,
    pub column: Option<&'static str>,
    pub to: Option<String>,
    pub weight: i32,
}

fn from<S: Into<String>>(from: impl IntoIterator<Item = S>, category: &[&'static str], to: Option<&str>) -> Accept {
    Accept {
        from: from.into_iter().map(Into::into).collect(),
        under: None,
        category: category.to_vec(),
        column: None,
        to: to.map(str::to_owned),
        weight: 0,
    }
}

/// The standard column of a category.
pub fn home_column(category: &str) -> &'static str {
    match category {
        "notice" => "zwgk/tzgg",
        "policy" => "zwgk/zcwj",
        "interpretation" => "zwgk/zcjd",
        "data" => "sj",
        _ => "xw/yw",
    }
}

/// The rules of one site. A rule without `to` is made only for categories that have their column here.
pub fn accepts(sites: &[Site], at: usize, c: &mut Character, rng: &mut Rng) {
    let site = &sites[at];
    let id = site.id.as_str();
    let all = ["notice", "policy", "interpretation", "data"];
    let papers: Vec<&'static str> = all.into_iter().filter(|k| c.find(home_column(k)).is_some()).collect();
    let to = |c: &Character, column: &str| c.find(column).is_some().then(|| column.to_owned());
    let mut rules = Vec::new();
    match site.tier {
        Tier::Region => {
            rules.push(from(["gx-*"], &["news"], Some("xw/bmdt")));
            rules.push(from(["gx-*"], &papers, None));
            let mut cities = from::<&str>([], &["news"], Some("xw/gddt"));
            cities.under = Some(id.to_owned());
            rules.push(cities);
        }
        // Two cities take nothing from anybody.
        Tier::City if matches!(id, "laibin" | "chongzuo") => {}
        Tier::City => {
            rules.push(from([format!("{id}-*")], &["news"], to(c, "xw/bmdt").as_deref()));
            let mut counties = from::<&str>([], &["news"], to(c, "xw/xqdt").as_deref());
            counties.under = Some(id.to_owned());
            if rng.chance(0.3) {
                counties.column = Some("xw/*");
            }
            rules.push(counties);
            if rng.chance(0.7) {
                rules.push(from([format!("{id}-*")], &papers, None));
            }
            if rng.chance(0.8) {
                rules.push(from(["guangxi"], &["notice", "policy"], to(c, "zwgk/sjwj").as_deref()));
            }
            if rng.chance(0.3) {
                rules.push(from(["gx-*"], &["notice"], Some("zwgk/tzgg")));
            }
            // Half of the cities say for their counties that these take what the city sends.
            if at % 2 == 1 {
                c.handed_accepts.push(from([id], &["notice", "policy"], Some("zwgk/sjwj")));
            }
        }
        Tier::County => {
            let city = &sites[site.parent.unwrap_or(0)].id;
            let place = to(c, "zwgk/sjwj");
            if rng.chance(0.5) {
                let mut rule = from([city.as_str()], &["notice", "policy"], place.as_deref());
                rule.weight = if rng.chance(0.2) { 5 } else { 0 };
                rules.push(rule);
            }
            if rng.chance(0.25) {
                rules.push(from(["guangxi"], &["notice"], place.as_deref()));
            }
            if rng.chance(0.25) {
                let near: Vec<&str> = sites
                    .iter()
                    .filter(|s| s.parent == site.parent && s.tier == Tier::County && s.id != id)
                    .map(|s| s.id.as_str())
                    .take(3)
                    .collect();
                if !near.is_empty() {
                    rules.push(from(near, &["news"], to(c, "xw/xzdt").as_deref()));
                }
            }
        }
        Tier::Department => {
            let government = &sites[site.government].id;
            let office = site.office.expect("a department has an office");
            if rng.chance(0.5) {
                rules.push(from([government.as_str()], &["notice", "policy"], Some("zwgk/tzgg")));
            }
            if site.government == 0 && !office.city.0.is_empty() && rng.chance(0.4) {
                rules.push(from([format!("*-{}", office.city.0)], &["news"], to(c, "xw/yw").as_deref()));
            }
            if site.government != 0 && !office.region.0.is_empty() && rng.chance(0.5) {
                rules.push(from([format!("gx-{}", office.region.0)], &papers[..papers.len().min(3)], None));
            }
        }
    }
    c.accepts = rules;
}

fn glob(pattern: &str, id: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => id.ends_with(end),
        (_, Some(start)) => id.starts_with(start),
        _ => pattern == id,
    }
}

fn is_under(sites: &[Site], site: usize, top: &str) -> bool {
    let mut at = Some(site);
    while let Some(s) = at {
        if sites[s].id == top {
            return true;
        }
        at = sites[s].parent;
    }
    false
}

/// Does `to` take items of `category` from `sender`? The rules about columns are left aside: they ask for news columns.
fn takes(sites: &[Site], characters: &[Character], to: usize, sender: usize, category: &str) -> bool {
    let fits = |r: &Accept| {
        (r.from.is_empty() || r.from.iter().any(|g| glob(g, &sites[sender].id)))
            && r.under.as_ref().is_none_or(|top| is_under(sites, sender, top))
            && r.category.contains(&category)
    };
    let mut up = sites[to].parent;
    if characters[to].accepts.iter().any(fits) {
        return true;
    }
    while let Some(p) = up {
        if characters[p].handed_accepts.iter().any(fits) {
            return true;
        }
        up = sites[p].parent;
    }
    false
}

pub const PUSHED: [&str; 5] = ["news", "notice", "policy", "interpretation", "data"];

/// By category of [`PUSHED`]: the sites that take a sender's items, and some that do not.
pub struct Receivers {
    pub willing: [Vec<u16>; PUSHED.len()],
    pub others: Vec<u16>,
}

pub fn receivers(sites: &[Site], characters: &[Character]) -> Vec<Receivers> {
    let near = |at: usize, to: usize| {
        let (s, t) = (&sites[at], &sites[to]);
        let same_field = s.office.is_some() && s.field() == t.field();
        to == 0
            || s.government == to
            || t.government == at
            || t.parent == Some(at)
            || s.parent == Some(to)
            || (s.parent == t.parent && s.tier == t.tier && s.tier != Tier::Department)
            || same_field
    };
    (0..sites.len())
        .map(|at| {
            let around: Vec<usize> = (0..sites.len()).filter(|to| *to != at && near(at, *to)).collect();
            let willing = PUSHED
                .map(|category| around.iter().filter(|to| takes(sites, characters, **to, at, category)).map(|to| *to as u16).collect());
            let others = around.iter().filter(|to| !takes(sites, characters, **to, at, "news")).map(|to| *to as u16).take(8).collect();
            Receivers { willing, others }
        })
        .collect()
}
