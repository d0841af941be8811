//! Equal texts of an owner's items, or of one file of records, become one, and what grew while it was made is cut to its size: a library is millions
//! of items.

use std::collections::HashMap;
use std::sync::Arc;

use crate::content::article::{Article, Home, Origin};
use crate::content::data::Data;
use crate::content::read::FromFile;
use crate::content::repository::SourceFile;

type Fast = foldhash::fast::RandomState;

/// Texts and lists of texts that are there already.
#[derive(Default)]
pub struct Known {
    texts: HashMap<Arc<str>, (), Fast>,
    lists: HashMap<Arc<[Arc<str>]>, (), Fast>,
    /// Of the items of the last file.
    homes: Vec<Arc<Home>>,
}

impl Known {
    fn text(&mut self, text: &mut Arc<str>) {
        match self.texts.get_key_value(text) {
            Some((known, ())) => *text = known.clone(),
            None => _ = self.texts.insert(text.clone(), ()),
        }
    }

    fn list(&mut self, list: &mut Arc<[Arc<str>]>) {
        if let Some((known, ())) = self.lists.get_key_value(list) {
            *list = known.clone();
            return;
        }
        let mut texts = list.to_vec();
        texts.iter_mut().for_each(|t| self.text(t));
        *list = texts.into();
        self.lists.insert(list.clone(), ());
    }

    pub fn of_text(&mut self, text: &str) -> Arc<str> {
        if let Some((known, ())) = self.texts.get_key_value(text) {
            return known.clone();
        }
        let text: Arc<str> = text.into();
        self.texts.insert(text.clone(), ());
        text
    }

    pub fn home(&mut self, path: &Arc<str>, owner: &Arc<str>, column: &str) -> Arc<Home> {
        if self.homes.first().is_some_and(|h| h.path != *path) {
            self.homes.clear();
        }
        if let Some(known) = self.homes.iter().find(|h| *h.column == *column) {
            return known.clone();
        }
        let home = Arc::new(Home { path: path.clone(), owner: owner.clone(), column: self.of_text(column) });
        self.homes.push(home.clone());
        home
    }

    pub fn of_list(&mut self, list: &[&str]) -> Arc<[Arc<str>]> {
        let texts: Vec<Arc<str>> = list.iter().map(|t| self.of_text(t)).collect();
        if let Some((known, ())) = self.lists.get_key_value(&*texts) {
            return known.clone();
        }
        let list: Arc<[Arc<str>]> = texts.into();
        self.lists.insert(list.clone(), ());
        list
    }

    fn data(&mut self, data: &mut Data) {
        data.names_mut().for_each(|n| self.text(n));
    }

    fn article(&mut self, a: &mut Article) {
        self.text(&mut a.card.source);
        self.list(&mut a.card.tags);
        if a.slug == a.card.id {
            a.slug = a.card.id.clone();
        }
        if matches!(a.origin, Origin::Record { .. }) {
            self.text(&mut a.translation_key);
        }
        let Some(rare) = &mut a.rare else { return };
        self.data(&mut rare.named);
        rare.links.shrink_to_fit();
        rare.aliases.shrink_to_fit();
        rare.related.shrink_to_fit();
    }
}

/// Files and what they gave.
pub fn share<'a>(read: impl Iterator<Item = (&'a SourceFile, &'a mut FromFile)>, owner: &Arc<str>) {
    let mut known = Known::default();
    for (file, from) in read {
        from.articles.shrink_to_fit();
        for a in &mut from.articles {
            let a = Arc::make_mut(a);
            a.home = known.home(&file.path, owner, &a.home.column);
            known.article(a);
        }
    }
}
