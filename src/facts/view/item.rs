//! Items, as their own page and as others show them.

use std::sync::Arc;

use super::{CardView, View, cells};
use crate::base::date::Date;
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::{ArticleId, Lang, SiteId};
use crate::base::path;
use crate::content::Article;
use crate::facts::key::{FactKey, Kind};
use crate::facts::reads::record;
use crate::plan::ListKey;
use crate::route::Placement;

impl View {
    pub(super) fn card_at(&self, at: u32) -> CardView {
        let p = &self.world.routes.site(self.site).placements[at as usize];
        CardView {
            article: p.article,
            title: p.title.clone(),
            url: if p.primary { self.address_at(at as usize, p.article) } else { self.address(p.article) },
            weight: p.weight,
            column: Some(p.column),
            place: Some(at),
        }
    }

    /// A card of an item that does not stand here.
    fn card_of(&self, article: ArticleId, url: Arc<str>) -> CardView {
        CardView { article, title: None, url, weight: 0, column: None, place: None }
    }

    /// Address without a record: cards carry it in their own fingerprint.
    pub(super) fn address(&self, article: ArticleId) -> Arc<str> {
        match self.world.routes.site(self.site).place(article) {
            Some(at) => self.address_at(at, article),
            None => self.make_address(article),
        }
    }

    /// `at`: where the item has its page among the placements of the site.
    fn address_at(&self, at: usize, article: ArticleId) -> Arc<str> {
        let known = self.memo.addresses.get_or_init(|| cells(self.world.routes.site(self.site).placements.len()));
        known[at].get_or_init(|| self.make_address(article)).clone()
    }

    pub(super) fn make_address(&self, article: ArticleId) -> Arc<str> {
        let w = &self.world;
        let address = w.routes.address(&w.platform, &w.library, self.site, article);
        address.map_or_else(|| "".into(), |a| encoded(&a).into())
    }

    pub(super) fn print_cards(&self, cards: &[CardView]) -> Fingerprint {
        let mut w = Writer::new("cards");
        w.number(cards.len() as u64);
        cards.iter().for_each(|c| _ = w.print(self.print_card(c)));
        w.finish()
    }

    fn print_card(&self, c: &CardView) -> Fingerprint {
        let Some(at) = c.place else { return self.make_print(c) };
        let known = self.memo.prints.get_or_init(|| cells(self.world.routes.site(self.site).placements.len()));
        *known[at as usize].get_or_init(|| self.make_print(c))
    }

    fn make_print(&self, c: &CardView) -> Fingerprint {
        let mut w = Writer::new("card as shown");
        let card = &self.world.library.get(c.article).card;
        w.print(card.print).print(self.world.library.schemas.get(card.category).print);
        w.option(c.title.as_deref()).text(&c.url).signed(c.weight.into());
        w.option(c.column.map(|column| &*self.raw_column(column).id));
        w.finish()
    }

    /// What a card is called on this site. Whoever has the card has read it.
    pub fn title(&self, card: &CardView) -> Arc<str> {
        let library = &self.world.library;
        card.title.clone().unwrap_or_else(|| library.details(library.get(card.article)).title.clone())
    }

    pub(super) fn placed(&self, at: &[u32]) -> Vec<CardView> {
        at.iter().map(|at| self.card_at(*at)).collect()
    }

    /// Everything an item itself says.
    pub fn item(&self, article: ArticleId) -> &Article {
        let a = self.world.library.get(article);
        record(FactKey::article(Kind::Item, article), || a.seal);
        a
    }

    /// Author, and last change where it is later than the date: what a feed says besides the card.
    pub fn byline(&self, article: ArticleId) -> (Option<Arc<str>>, Option<Date>) {
        let a = self.world.library.get(article);
        let (author, changed) =
            (self.world.library.details(a).author.clone(), a.rare().lastmod.filter(|d| a.card.date.is_none_or(|first| *d > first)));
        record(FactKey::article(Kind::Byline, article), || {
            let mut w = Writer::new("byline");
            w.option(author.as_deref()).signed(changed.map_or(i64::MIN, |d| d.seconds));
            w.finish()
        });
        (author, changed)
    }

    /// Another item as this site shows it; `None` when it has no place anywhere.
    pub fn card(&self, article: ArticleId) -> Option<CardView> {
        let card = match self.world.routes.site(self.site).place(article) {
            Some(at) => Some(self.card_at(at as u32)),
            None => self.world.routes.canonical(article).map(|_| self.card_of(article, self.address(article))),
        };
        record(FactKey::article(Kind::Card, article), || match &card {
            None => Fingerprint::ABSENT,
            Some(c) => self.print_cards(std::slice::from_ref(c)),
        });
        card
    }

    pub fn placement(&self, article: ArticleId) -> Option<&Placement> {
        self.world.routes.site(self.site).page(article)
    }

    /// Older and newer neighbour in the item's column.
    pub fn neighbours(&self, article: ArticleId) -> (Option<CardView>, Option<CardView>) {
        let w = &self.world;
        let routes = w.routes.site(self.site);
        let Some(place) = routes.place(article) else { return (None, None) };
        let column = routes.placements[place].column;
        let (older, newer) = self.plan.index.neighbours(w.library.get(article).lang, column, place as u32);
        // As it stands where it has its page, which may be another column.
        let card = |at: u32| self.plain_card(routes.placements[at as usize].article);
        let pair = (older.and_then(card), newer.and_then(card));
        record(FactKey::article(Kind::Neighbours, article), || {
            let mut w = Writer::new("neighbours");
            for card in [&pair.0, &pair.1] {
                w.byte(card.is_some() as u8);
                card.iter().for_each(|c| _ = w.print(self.print_card(c)));
            }
            w.finish()
        });
        pair
    }

    pub(super) fn plain_card(&self, article: ArticleId) -> Option<CardView> {
        self.world.routes.site(self.site).place(article).map(|at| self.card_at(at as u32))
    }

    /// Items named by the item itself, else the nearest older ones that share a tag (D7): what is published later does not
    /// change them.
    pub fn related(&self, article: ArticleId) -> Vec<CardView> {
        let w = &self.world;
        let a = w.library.get(article);
        let most = self.config().related;
        let mut found: Vec<ArticleId> =
            a.rare().related.iter().filter_map(|r| w.library.resolve(r, Some(a))).filter(|r| *r != article).collect();
        if found.is_empty() && !a.card.tags.is_empty() {
            let (index, routes) = (&self.plan.index, w.routes.site(self.site));
            let mut places: Vec<u32> = Vec::new();
            if let Some(own) = routes.place(article) {
                let mut tags: Vec<u32> = a.card.tags.iter().filter_map(|t| index.tag(a.lang, t)).collect();
                tags.sort_unstable();
                tags.dedup();
                for items in tags.into_iter().map(|t| index.list(a.lang, ListKey::Tag(t))) {
                    places.extend(index.older(items, own as u32).iter().take(most));
                }
            }
            index.sort(&mut places);
            places.dedup();
            found.extend(places.iter().take(most).map(|at| routes.placements[*at as usize].article));
        }
        found.truncate(most);
        let cards: Vec<CardView> = found
            .into_iter()
            .filter_map(|r| {
                self.plain_card(r).or_else(|| {
                    let url = self.address(r);
                    (!url.is_empty()).then(|| self.card_of(r, url))
                })
            })
            .collect();
        record(FactKey::article(Kind::Related, article), || self.print_cards(&cards));
        cards
    }

    /// All versions of the item that the site can lead to, newest first; empty when there is only one.
    pub fn versions(&self, article: ArticleId) -> Vec<CardView> {
        let a = self.world.library.get(article);
        let all = self.world.library.versions(a);
        let cards: Vec<CardView> = all.iter().filter_map(|v| self.reachable(*v)).collect();
        let cards = if cards.len() > 1 { cards } else { Vec::new() };
        record(FactKey::article(Kind::Versions, article), || self.print_cards(&cards));
        cards
    }

    /// Items that name this one in a field of their schema, newest first. Of an item in several languages that in the
    /// language of this one is enough.
    pub fn referrers(&self, article: ArticleId) -> Vec<CardView> {
        let w = &self.world;
        let lang = w.library.get(article).lang;
        let all = w.routes.referrers(article);
        let translated = |r: &ArticleId| {
            let a = w.library.get(*r);
            let has = |t: &ArticleId| w.library.get(*t).lang == lang && all.contains(t);
            a.lang != lang && w.library.translations(a).iter().any(has)
        };
        let cards: Vec<CardView> = all.iter().filter(|r| !translated(r)).filter_map(|r| self.reachable(*r)).collect();
        record(FactKey::article(Kind::Referrers, article), || self.print_cards(&cards));
        cards
    }

    pub(super) fn reachable(&self, article: ArticleId) -> Option<CardView> {
        if let Some(card) = self.plain_card(article) {
            return Some(card);
        }
        let url = self.address(article);
        (!url.is_empty()).then(|| self.card_of(article, url))
    }

    /// The item in other languages of the site, itself included: language, address.
    pub fn translations(&self, article: ArticleId) -> Vec<(Lang, Arc<str>)> {
        let w = &self.world;
        let all = w.library.translations(w.library.get(article));
        let found: Vec<(Lang, Arc<str>)> = all
            .iter()
            .filter(|a| self.placement(**a).is_some())
            .map(|a| (w.library.get(*a).lang, self.address(*a)))
            .filter(|(_, url)| !url.is_empty())
            .collect();
        let found = if found.len() > 1 { found } else { Vec::new() };
        record(FactKey::article(Kind::Translations, article), || {
            let mut p = Writer::new("translations");
            found.iter().for_each(|(l, u)| _ = p.text(w.platform.language(*l)).text(u));
            p.finish()
        });
        found
    }

    /// Address of an item as seen from the site.
    pub fn url(&self, article: ArticleId) -> Option<Arc<str>> {
        let url = Some(self.address(article)).filter(|u| !u.is_empty());
        record(FactKey::article(Kind::Url, article), || Writer::new("url").option(url.as_deref()).finish());
        url
    }

    /// Absolute address of the item's canonical page (D5), and the site it is on.
    pub fn canonical(&self, article: ArticleId) -> Option<(SiteId, String)> {
        let w = &self.world;
        let found = w.routes.canonical(article).and_then(|site| {
            let path = w.routes.path(&w.platform, &w.library, site, article)?;
            Some((site, format!("{}{}", w.platform.site(site).url, path::encode(&path))))
        });
        record(FactKey::article(Kind::Canonical, article), || match &found {
            None => Fingerprint::ABSENT,
            Some((site, url)) => Writer::new("canonical").text(&w.platform.site(*site).id).text(url).finish(),
        });
        found
    }
}

/// Encodes the path of an address, absolute or not.
fn encoded(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{host}/{}", path::encode(path))
        }
        None => path::encode(address).into_owned(),
    }
}
