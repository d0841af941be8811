//! Pages of items that a change does not reach, on a site that it does: they are not asked again.
//!
//! What such a page is told of its own item follows from the item and all that it reaches (see [`super::untouched`]), from what
//! stands beside it in its column, and from what is older under its tags. All of that is in one print, which costs a few hashes
//! where the answers themselves cost addresses, searches and a recording. It is kept in the receipt. What the page shares with
//! others, and what else it alone read, is in the sets of its receipt and looked at all the same.
//!
//! What must stay true: an answer about an item (`About::Article`, in no language and without a count) depends on nothing else.

use rayon::prelude::*;

use crate::base::fingerprint::{Fingerprint, Writer};
use crate::facts::World;
use crate::plan::{Output, Recipe, SitePlan};
use crate::route::{Placement, SiteRoutes};

/// Of one site, by its placements. Empty: nothing is known.
#[derive(Default)]
pub struct Rests(Vec<Fingerprint>);

impl Rests {
    /// `common`: what all sites depend on. `reach`: by item, all that it says and reaches.
    pub fn new(world: &World, common: Fingerprint, reach: &[Fingerprint], plan: &SitePlan) -> Rests {
        let placements = &world.routes.site(plan.site).placements;
        let related = world.platform.site(plan.site).related;
        let of = |at: u32| reach[placements[at as usize].article.index()];
        let beside = |list: &&[u32]| -> Vec<(u32, u128)> {
            let primary = list.iter().enumerate().filter(|(_, at)| placements[**at as usize].primary);
            let print = |(i, at): (usize, &u32)| {
                let mut w = Writer::new("beside");
                for other in [list.get(i + 1), i.checked_sub(1).and_then(|i| list.get(i))] {
                    w.byte(other.is_some() as u8);
                    other.iter().for_each(|other| _ = w.print(of(**other)));
                }
                (*at, sum(&w))
            };
            primary.map(print).collect()
        };
        let older = |list: &&[u32]| -> Vec<(u32, u128)> {
            let prints: Vec<Fingerprint> = list.iter().map(|at| of(*at)).collect();
            let print = |(i, at): (usize, &u32)| {
                let mut w = Writer::new("older");
                prints[i + 1..].iter().take(related).for_each(|p| _ = w.print(*p));
                (*at, sum(&w))
            };
            list.iter().enumerate().map(print).collect()
        };
        let [columns, tags] = plan.index.lists();
        let all: Vec<Vec<(u32, u128)>> = columns.par_iter().map(beside).chain(tags.par_iter().map(older)).collect();
        // A sum, so that it does not matter in which lists an item is met first.
        let mut around = vec![0u128; placements.len()];
        for (at, print) in all.into_iter().flatten() {
            let known = &mut around[at as usize];
            *known = known.wrapping_add(print);
        }
        let print = |(p, around): (&Placement, &u128)| match p.primary {
            true => Writer::new("rest").print(common).print(reach[p.article.index()]).bytes(&around.to_le_bytes()).finish(),
            false => Fingerprint::ABSENT,
        };
        Rests(placements.par_iter().zip(&around).map(print).collect())
    }

    /// Of an output; `ABSENT` of what is no page of an item.
    pub fn of(&self, routes: &SiteRoutes, output: &Output) -> Fingerprint {
        let Recipe::Item { article } = output.recipe else { return Fingerprint::ABSENT };
        routes.place(article).and_then(|at| self.0.get(at)).copied().unwrap_or_default()
    }
}

fn sum(w: &Writer) -> u128 {
    u128::from_le_bytes(w.finish().0)
}
