//! Push and pull (D4, D5): the sites and columns of one item.

use std::collections::HashMap;
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::{How, Placement};
use crate::base::diag::Diagnostic;
use crate::base::id::{ArticleId, SiteId};
use crate::config::{Accept, ColumnId, Platform, Select, Site};
use crate::content::{Article, Library, Push};

/// Why a site that an item asks for does not show it.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No accept rule of the site lets it in.
    NotAccepted,
    /// Accepted, but there is no column for it.
    NoColumn,
    /// The site does not have the item's language.
    Language,
    /// Neither pushed nor pulled.
    NotAsked,
}

struct Pull<'a> {
    site: SiteId,
    column: ColumnId,
    select: &'a Select,
    columns: Option<GlobSet>,
}

/// The rules of all sites, made ready: which pulls can concern which owner.
pub struct Rules<'a> {
    pulls: Vec<Pull<'a>>,
    by_owner: HashMap<Arc<str>, Vec<usize>>,
    accepts: Vec<Vec<(Option<GlobSet>, Option<GlobSet>)>>,
    /// Item reference → places that name it.
    places: HashMap<String, Vec<(SiteId, usize)>>,
}

fn globs(patterns: &[String]) -> Option<GlobSet> {
    if patterns.is_empty() {
        return None;
    }
    let mut set = GlobSetBuilder::new();
    for p in patterns {
        // Patterns were checked when the configuration was read.
        if let Ok(glob) = Glob::new(p) {
            set.add(glob);
        }
    }
    set.build().ok()
}

impl<'a> Rules<'a> {
    pub fn new(platform: &'a Platform) -> Rules<'a> {
        let mut pulls = Vec::new();
        let mut owners: Vec<Option<GlobSet>> = Vec::new();
        let mut accepts = Vec::new();
        let mut places: HashMap<String, Vec<(SiteId, usize)>> = HashMap::new();
        for site in platform.site_ids() {
            let s = platform.site(site);
            for column in s.column_ids() {
                if let Some(select) = &s.column(column).select {
                    pulls.push(Pull { site, column, select, columns: globs(&select.column) });
                    owners.push(globs(&select.owner));
                }
            }
            accepts.push(s.accepts.iter().map(|a| (globs(&a.from), globs(&a.column))).collect());
            for (at, place) in s.places.iter().enumerate() {
                places.entry(place.item.clone()).or_default().push((site, at));
            }
        }
        let mut by_owner = HashMap::new();
        for owner in &platform.owners {
            let fits = pulls.iter().zip(&owners).enumerate().filter(|(_, (pull, globs))| {
                let named = globs.as_ref().is_none_or(|g| g.is_match(&*owner.id));
                let under = pull.select.under.is_none_or(|top| owner.home.is_some_and(|h| platform.is_under(h, top)));
                named && under
            });
            by_owner.insert(owner.id.clone(), fits.map(|(i, _)| i).collect());
        }
        Rules { pulls, by_owner, accepts, places }
    }
}

/// All placements of an item, one site after the other; on each the primary one first.
pub fn place(
    platform: &Platform,
    library: &Library,
    rules: &Rules,
    id: ArticleId,
    article: &Article,
    out: &mut Vec<Diagnostic>,
) -> Vec<(SiteId, Placement)> {
    let home = platform.owner(&article.home.owner).and_then(|o| o.home);
    let mut found: Vec<(SiteId, Placement)> = Vec::new();
    let mut add = |site: SiteId, column: ColumnId, how: How, weight: i32, title: Option<Arc<str>>| {
        if !platform.site(site).languages.contains(&article.lang) {
            return;
        }
        if let Some((_, known)) = found.iter_mut().find(|(s, p)| *s == site && p.column == column) {
            // Named again for the same column: what the receiver says of it wins.
            if weight != 0 {
                known.weight = weight;
            }
            known.title = title.or(known.title.take());
            return;
        }
        found.push((site, Placement { article: id, column, how, weight, title, primary: false }));
    };
    if let Some(home) = home
        && let Some(column) = platform.site(home).find_column(&article.home.column)
    {
        add(home, column, How::Own, article.card.weight, None);
    }
    for push in &article.rare().push {
        let Some(site) = platform.find_site(&push.site).filter(|s| Some(*s) != home) else { continue };
        match accepted(platform, library, Some(rules), article, home, site, push) {
            Ok((column, weight)) => add(site, column, How::Pushed, weight, push.title.clone()),
            Err(Refusal::NoColumn) => {
                let mut place = library.place(platform, id);
                if push.line > 0 {
                    (place.line, place.column, place.length) = (push.line, 1, 5);
                }
                let d = Diagnostic::warning("route.no-column").at(place).arg("site", &push.site);
                out.push(d.arg("title", &library.details(article).title));
            }
            Err(_) => {}
        }
    }
    for at in rules.by_owner.get(&article.home.owner).map_or(&[][..], |v| v) {
        let pull = &rules.pulls[*at];
        if selected(library, pull, article) {
            add(pull.site, pull.column, How::Pulled, 0, None);
        }
    }
    if !rules.places.is_empty() {
        let names = [format!("id:{}", article.card.id), article.home.path.to_string(), format!("/{}", article.home.path)];
        for (site, at) in names.iter().filter_map(|n| rules.places.get(n)).flatten() {
            let place = &platform.site(*site).places[*at];
            add(*site, place.column, How::Pulled, place.weight, place.title.clone());
        }
    }
    found.sort_by(|(s, a), (t, b)| (s, a.how, a.column).cmp(&(t, b.how, b.column)));
    let mut last = None;
    for (site, placement) in &mut found {
        placement.primary = last != Some(*site);
        last = Some(*site);
    }
    found
}

fn selected(library: &Library, pull: &Pull, article: &Article) -> bool {
    let s = pull.select;
    let category = &library.schemas.get(article.card.category).id;
    let date = article.card.date.map(|d| d.seconds);
    (s.category.is_empty() || s.category.iter().any(|c| **c == **category))
        && (s.tag.is_empty() || s.tag.iter().any(|t| article.card.tags.iter().any(|own| **own == **t)))
        && s.since.is_none_or(|since| date.is_some_and(|d| d >= since))
        && s.until.is_none_or(|until| date.is_some_and(|d| d <= until))
        && pull.columns.as_ref().is_none_or(|g| g.is_match(&*article.home.column))
        && s.fields.iter().all(|(key, value)| field_is(library, article, key, value))
}

fn field_is(library: &Library, article: &Article, key: &str, value: &str) -> bool {
    match key {
        "source" => return &*article.card.source == value,
        "state" => return article.card.state.name() == value,
        _ => {}
    }
    match library.details(article).data.get(key) {
        Some(serde_json::Value::String(s)) => s == value,
        Some(serde_json::Value::Array(items)) => items.iter().any(|i| i.as_str() == Some(value)),
        Some(serde_json::Value::Bool(b)) => value == if *b { "true" } else { "false" },
        Some(serde_json::Value::Number(n)) => n.to_string().as_str() == value,
        Some(_) => false,
        None => false,
    }
}

/// The receiver's rules decide and win; without a rule nothing is accepted (D4). Column: the rule's, else the item's
/// wish, else the same id, else the same column type.
fn accepted(
    platform: &Platform,
    library: &Library,
    rules: Option<&Rules>,
    article: &Article,
    home: Option<SiteId>,
    site: SiteId,
    push: &Push,
) -> Result<(ColumnId, i32), Refusal> {
    let receiver = platform.site(site);
    if !receiver.languages.contains(&article.lang) {
        return Err(Refusal::Language);
    }
    let category = &library.schemas.get(article.card.category).id;
    let home_id = home.map_or("", |h| &platform.site(h).id);
    let fits = |at: usize, rule: &Accept| {
        let ready;
        let (from, column) = match rules {
            Some(r) => &r.accepts[site.index()][at],
            None => {
                ready = (globs(&rule.from), globs(&rule.column));
                &ready
            }
        };
        from.as_ref().is_none_or(|g| g.is_match(home_id) || g.is_match(&*article.home.owner))
            && rule.under.is_none_or(|top| home.is_some_and(|h| platform.is_under(h, top)))
            && (rule.category.is_empty() || rule.category.iter().any(|c| **c == **category))
            && column.as_ref().is_none_or(|g| g.is_match(&*article.home.column))
    };
    let Some((_, rule)) = receiver.accepts.iter().enumerate().find(|(at, rule)| fits(*at, rule)) else {
        return Err(Refusal::NotAccepted);
    };
    let wish = push.column.as_deref().and_then(|c| receiver.find_column(c));
    let column = rule
        .to
        .or(wish)
        .or_else(|| receiver.find_column(&article.home.column))
        .or_else(|| same_type(platform, receiver, home, &article.home.column))
        .ok_or(Refusal::NoColumn)?;
    let weight = if rule.weight != 0 { rule.weight } else { push.weight.unwrap_or(0) };
    Ok((column, weight))
}

fn same_type(platform: &Platform, receiver: &Site, home: Option<SiteId>, column: &str) -> Option<ColumnId> {
    let home = platform.site(home?);
    let kind = &home.column(home.find_column(column)?).kind;
    if kind.is_empty() {
        return None;
    }
    receiver.column_ids().find(|c| receiver.column(*c).kind == *kind)
}

/// Why an item that may want to be on a site is not; `None` when a push of it is accepted.
pub fn refusal(platform: &Platform, library: &Library, article: &Article, site: SiteId) -> Option<Refusal> {
    let home = platform.owner(&article.home.owner).and_then(|o| o.home);
    let id = &platform.site(site).id;
    let Some(push) = article.rare().push.iter().find(|p| p.site == *id) else { return Some(Refusal::NotAsked) };
    accepted(platform, library, None, article, home, site, push).err()
}
