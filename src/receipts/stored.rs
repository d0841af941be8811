//! Questions as they are kept: everything by its name, since numbers change from run to run.

use serde::{Deserialize, Serialize};

use crate::config::ColumnId;
use crate::facts::{About, FactKey, From, Kind, World};
use crate::plan::{ListKey, SitePlan};

/// A [`FactKey`] by names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Question {
    pub kind: Kind,
    pub lang: Option<Box<str>>,
    pub count: u32,
    pub subject: Subject,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    Nothing,
    Text(Box<str>),
    Site(Box<str>),
    Category(Box<str>),
    Column(Box<str>),
    Below(Option<Box<str>>),
    List(List),
    Block { list: List, year: Option<i16>, paged: bool, number: u32 },
    Tally { column: Box<str>, field: Option<Box<str>>, category: Box<str>, given: Box<str> },
    Article(Box<str>),
    Reference { from: Source, to: Box<str> },
    File(Box<str>),
    Fragment(Option<Box<str>>, Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum List {
    Column(Box<str>),
    Tag(Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    Nowhere,
    Article(Box<str>),
    Text(Box<str>),
}

/// Names ↔ numbers, as one site has them in this run.
pub struct Names<'w> {
    pub world: &'w World,
    pub plan: &'w SitePlan,
}

impl Names<'_> {
    fn column(&self, id: ColumnId) -> Box<str> {
        (&*self.world.platform.site(self.plan.site).column(id).id).into()
    }

    fn find_column(&self, id: &str) -> Option<ColumnId> {
        self.world.platform.site(self.plan.site).find_column(id)
    }

    /// The name of a key of this run.
    pub fn store(&self, key: &FactKey) -> Question {
        let world = self.world;
        let article = |a| (&*world.library.get(a).card.id).into();
        let list = |l: &ListKey| match l {
            ListKey::Column(c) => List::Column(self.column(*c)),
            ListKey::Tag(t) => List::Tag(self.tag(key, *t)),
        };
        let subject = match &key.about {
            About::Nothing => Subject::Nothing,
            About::Text(text) => Subject::Text((&**text).into()),
            About::Site(site) => Subject::Site((&*world.platform.site(*site).id).into()),
            About::Category(c) => Subject::Category((&*world.library.schemas.get(*c).id).into()),
            About::Column(c) => Subject::Column(self.column(*c)),
            About::Below(c) => Subject::Below(c.map(|c| self.column(c))),
            About::List(l) => Subject::List(list(l)),
            About::Block(l, at) => {
                let block = key.lang.and_then(|lang| self.plan.blocks.get(&(lang, *l))).and_then(|b| b.get(*at as usize));
                let (year, paged, number) = block.map_or((None, false, 0), |b| (b.year, b.paged, b.number));
                Subject::Block { list: list(l), year, paged, number }
            }
            About::Tally { column, field, category, given } => Subject::Tally {
                column: self.column(*column),
                field: field.as_deref().map(Into::into),
                category: (&**category).into(),
                given: (&**given).into(),
            },
            About::Article(a) => Subject::Article(article(*a)),
            About::Reference { from, to } => Subject::Reference {
                from: match from {
                    From::Nowhere => Source::Nowhere,
                    From::Article(a) => Source::Article(article(*a)),
                    From::Text(path) => Source::Text((&**path).into()),
                },
                to: (&**to).into(),
            },
            About::File(file) => Subject::File((&*world.library.repository.files[*file as usize].path).into()),
            About::Fragment(column, name) => Subject::Fragment(column.map(|c| self.column(c)), (&**name).into()),
        };
        Question { kind: key.kind, lang: key.lang.map(|l| (&**world.platform.language(l)).into()), count: key.count, subject }
    }

    fn tag(&self, key: &FactKey, tag: u32) -> Box<str> {
        let tags = key.lang.and_then(|lang| self.plan.index.tags.get(&lang));
        tags.and_then(|t| t.get(tag as usize)).map_or_else(|| "".into(), |(name, _)| (&**name).into())
    }

    /// The key that a name means in this run; `None`: there is no such thing any more.
    pub fn find(&self, question: &Question) -> Option<FactKey> {
        let world = self.world;
        let lang = match &question.lang {
            None => None,
            Some(tag) => {
                let lang = world.platform.find_language(tag)?;
                Some(lang).filter(|l| world.platform.site(self.plan.site).languages.contains(l)).map(Some)?
            }
        };
        let list = |l: &List| match l {
            List::Column(c) => self.find_column(c).map(ListKey::Column),
            // A tag of another spelling has the same page: it is not the same list.
            List::Tag(t) => {
                let number = self.plan.index.tag(lang?, t)?;
                let (name, _) = self.plan.index.tags.get(&lang?)?.get(number as usize)?;
                (**name == **t).then_some(ListKey::Tag(number))
            }
        };
        let article = |id: &str| world.library.find_id(id);
        let about = match &question.subject {
            Subject::Nothing => About::Nothing,
            Subject::Text(text) => About::Text((&**text).into()),
            Subject::Site(id) => About::Site(world.platform.find_site(id)?),
            Subject::Category(id) => About::Category(world.library.schemas.find(id)?),
            Subject::Column(id) => About::Column(self.find_column(id)?),
            Subject::Below(None) => About::Below(None),
            Subject::Below(Some(id)) => About::Below(Some(self.find_column(id)?)),
            Subject::List(l) => About::List(list(l)?),
            Subject::Block { list: l, year, paged, number } => {
                let l = list(l)?;
                let blocks = self.plan.blocks.get(&(lang?, l))?;
                let at = blocks.iter().position(|b| b.year == *year && b.paged == *paged && b.number == *number)?;
                About::Block(l, at as u32)
            }
            Subject::Tally { column, field, category, given } => About::Tally {
                column: self.find_column(column)?,
                field: field.as_deref().map(Into::into),
                category: (&**category).into(),
                given: (&**given).into(),
            },
            Subject::Article(id) => About::Article(article(id)?),
            Subject::Reference { from, to } => About::Reference {
                from: match from {
                    Source::Nowhere => From::Nowhere,
                    Source::Article(id) => From::Article(article(id)?),
                    Source::Text(path) => From::Text((&**path).into()),
                },
                to: (&**to).into(),
            },
            Subject::File(path) => About::File(world.library.repository.find(path)? as u32),
            Subject::Fragment(None, name) => About::Fragment(None, (&**name).into()),
            Subject::Fragment(Some(c), name) => About::Fragment(Some(self.find_column(c)?), (&**name).into()),
        };
        Some(FactKey { kind: question.kind, lang, count: question.count, about })
    }
}

impl std::fmt::Display for Question {
    /// `template page.html`, `menu main (zh)`: for `plan` and `explain`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.name())?;
        let list = |l: &List| match l {
            List::Column(c) => c.to_string(),
            List::Tag(t) => format!("tag {t}"),
        };
        match &self.subject {
            Subject::Nothing | Subject::Below(None) => {}
            Subject::Text(t) => write!(f, " {}", t.trim_end().replace('\n', " "))?,
            Subject::Site(t) | Subject::Category(t) | Subject::Column(t) | Subject::Below(Some(t)) => write!(f, " {t}")?,
            Subject::Article(t) => write!(f, " id:{t}")?,
            Subject::File(t) => write!(f, " {t}")?,
            Subject::List(l) => write!(f, " {}", list(l))?,
            Subject::Block { list: l, year, number, .. } => {
                write!(f, " {} {}/{number}", list(l), year.map_or_else(String::new, |y| y.to_string()))?;
            }
            Subject::Tally { column, field, .. } => write!(f, " {column} {}", field.as_deref().unwrap_or_default())?,
            Subject::Reference { to, .. } => write!(f, " {to}")?,
            Subject::Fragment(column, name) => {
                write!(f, " {name}")?;
                if let Some(c) = column {
                    write!(f, " of {c}")?;
                }
            }
        }
        match &self.lang {
            Some(lang) => write!(f, " ({lang})"),
            None => Ok(()),
        }
    }
}
