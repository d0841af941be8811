//! Sites that a change does not reach: neither planned nor asked.
//!
//! A site is made from the configuration and the themes, from the items that stand on it, and from what its outputs asked
//! of others. Each is in one print: the first for all sites, the second over the items and all that a page of an item may be
//! told unasked (`reach`), the third answer by answer, as the receipts name the questions. Where all three are as they were,
//! and tree and state lie as the last build left them, its last report is given again.
//!
//! What must stay true: whatever a page of an item shows of another one comes through a question about that other, or is in
//! the item's reach. Each run holds one untouched site against this: it is planned and asked all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Order;
use super::report::SiteReport;
use super::rests::Rests;
use super::state::State;
use super::write;
use crate::base::diag::Diagnostic;
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::base::id::{ArticleId, SiteId};
use crate::base::sealed;
use crate::config::ColumnId;
use crate::config::site::MenuTarget;
use crate::content::markdown::Target;
use crate::content::{Article, FieldType};
use crate::facts::{Kind, World};
use crate::plan::SitePlan;
use crate::receipts::{Question, Shard, Source, Subject};
use crate::route;

const FILE: &str = "untouched";
const MAGIC: &[u8; 16] = b"banyan rest 2\0\0\0";

/// A site with more outputs than this is not taken for the one that is asked all the same.
const PROBE: usize = 2_000;

/// What the last build of a site was made from, and what it said.
#[derive(Clone, Serialize, Deserialize)]
pub struct Note {
    print: Fingerprint,
    asked: Asked,
    /// Of the manifest: the tree is signed with it.
    signature: String,
    /// Stamps of manifest and receipts.
    state: Fingerprint,
    report: SiteReport,
    diagnostics: Vec<Diagnostic>,
}

/// Questions about what does not stand on the site, with the prints of the answers.
pub type Asked = Vec<(Question, Fingerprint)>;

pub struct Untouched<'a> {
    world: &'a World,
    state: &'a State,
    prints: Prints<'a>,
    /// By site; `None`: it cannot be told.
    now: HashMap<SiteId, Option<Fingerprint>>,
    /// What is known of the last build of each site.
    notes: BTreeMap<String, Note>,
    standing: BTreeSet<SiteId>,
    /// It is untouched, and is asked all the same.
    probe: Option<SiteId>,
}

/// What all sites depend on: the program, the files that are read each time, the order.
pub fn common(order: &Order, files: Fingerprint, engine: Fingerprint) -> Fingerprint {
    let mut w = Writer::new("untouched");
    w.print(engine).print(files).byte(order.moment.drafts as u8).byte(order.moment.future as u8).finish()
}

impl<'a> Untouched<'a> {
    /// Finds out which of the sites of a build are as they were.
    pub fn new(order: &Order, common: Fingerprint, world: &'a World, state: &'a State, out: &Path, chosen: &[SiteId]) -> Untouched<'a> {
        let prints = Prints::new(world, common);
        let now: HashMap<SiteId, Option<Fingerprint>> = chosen.par_iter().map(|site| (*site, prints.site(*site))).collect();
        let mut untouched = Untouched { world, state, prints, now, notes: read(state), standing: BTreeSet::new(), probe: None };
        if order.repair || order.forget {
            return untouched;
        }
        let trees = order.delta.is_none().then_some(out);
        untouched.standing = chosen.par_iter().copied().filter(|site| untouched.stands(*site, trees).is_some()).collect();
        if order.sample > 0 {
            let rank = |site: &SiteId| Writer::new("probe").signed(order.moment.clock).text(&world.platform.site(*site).id).finish();
            let small = |site: &&SiteId| untouched.note(**site).is_some_and(|n| n.report.outputs <= PROBE);
            untouched.probe = untouched.standing.iter().filter(small).min_by_key(|site| rank(site)).copied();
        }
        untouched
    }

    fn note(&self, site: SiteId) -> Option<&Note> {
        self.notes.get(&*self.world.platform.site(site).id)
    }

    fn stands(&self, site: SiteId, trees: Option<&Path>) -> Option<()> {
        let note = self.note(site)?;
        let id = &*self.world.platform.site(site).id;
        let there = |out: &Path| write::signed(out, id).as_deref() == Some(&*note.signature) && out.join(id).is_dir();
        let stands = self.now.get(&site).copied()?? == note.print
            && trees.is_none_or(there)
            && stamps(self.state, id) == note.state
            && self.state.in_flight(id).is_empty()
            && note.asked.iter().all(|(question, print)| self.prints.answer(question) == *print);
        stands.then_some(())
    }

    /// The last report of a site that need not be looked at, with what it said.
    pub fn answer(&self, site: SiteId) -> Option<(SiteReport, Vec<Diagnostic>)> {
        let note = self.note(site).filter(|_| self.standing.contains(&site) && self.probe != Some(site))?;
        Some((note.report.at_rest(), note.diagnostics.clone()))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.standing.len()
    }

    /// The questions in the receipts of a site about what does not stand on it.
    pub fn asked(&self, site: SiteId, shard: &Shard) -> Asked {
        self.prints.asked(site, shard)
    }

    /// What the pages of the items of a site are made from.
    pub fn rests(&self, plan: &SitePlan) -> Rests {
        Rests::new(self.world, self.prints.common, &self.prints.reach, plan)
    }

    /// Notes what was built, for the next build. `built`: each whole site with what it asked. `Some`: the site that was asked
    /// although untouched was not as it was, so that none of this is to be believed.
    pub fn keep<'b>(mut self, built: impl Iterator<Item = (SiteId, &'b SiteReport, &'b [Diagnostic], Asked)>) -> Option<Diagnostic> {
        let mut wrong = None;
        for (site, report, said, asked) in built {
            if self.probe == Some(site) && report.rendered + report.written + report.deleted > 0 {
                let s = self.world.platform.site(site);
                wrong = Some(Diagnostic::error("build.unverified").at(s.place.clone()).arg("path", &s.id).site(&s.id));
            }
            let (Some(Some(print)), Some(signature)) = (self.now.get(&site).copied(), self.state.signature(&report.id)) else {
                self.notes.remove(&report.id);
                continue;
            };
            let state = stamps(self.state, &report.id);
            let diagnostics = said.iter().filter(|d| super::is_lasting(d)).cloned().collect();
            let note = Note { print, asked, signature, state, report: report.at_rest(), diagnostics };
            self.notes.insert(report.id.clone(), note);
        }
        if wrong.is_some() {
            self.notes.clear();
        }
        self.notes.retain(|id, _| self.world.platform.find_site(id).is_some());
        // Without it the next build only works more.
        if let Ok(bytes) = postcard::to_extend(&self.notes, sealed::start(MAGIC)) {
            _ = sealed::write(&file(self.state), bytes);
        }
        wrong
    }
}

fn file(state: &State) -> PathBuf {
    state.folder().join(FILE)
}

fn read(state: &State) -> BTreeMap<String, Note> {
    let body = sealed::read(&file(state), MAGIC).ok().flatten();
    body.and_then(|body| postcard::from_bytes(&body[MAGIC.len()..]).ok()).unwrap_or_default()
}

/// State of a site that was damaged, or is of another machine, is looked at.
fn stamps(state: &State, site: &str) -> Fingerprint {
    let mut w = Writer::new("state");
    let folder = state.manifest_folder(site);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    files.push(state.receipts(site));
    for path in files {
        let stamp = std::fs::metadata(&path).map(|m| crate::base::walk::Stamp::of(&m)).unwrap_or_default();
        w.text(&path.file_name().unwrap_or_default().to_string_lossy());
        w.number(stamp.length).signed(stamp.modified).signed(stamp.changed).number(stamp.inode);
    }
    w.finish()
}

/// Prints of items and sites, as they are now.
struct Prints<'w> {
    world: &'w World,
    common: Fingerprint,
    /// By item: everything it says, and where it stands on which sites.
    items: Vec<Fingerprint>,
    /// By item: that, and the same of the items and files that it belongs together with.
    reach: Vec<Fingerprint>,
}

impl<'w> Prints<'w> {
    fn new(world: &'w World, common: Fingerprint) -> Prints<'w> {
        let places = places(world);
        let library = &world.library;
        let item = |at: usize| {
            let article = ArticleId(at as u32);
            let home = world.routes.canonical(article).map_or("", |site| &*world.platform.site(site).id);
            let a = library.get(article);
            let mut w = Writer::new("item at its places");
            (w.print(a.seal).text(home).bytes(&places[at].to_le_bytes()).finish(), is_alone(world, article, a))
        };
        let (items, alone): (Vec<Fingerprint>, Vec<bool>) = (0..library.articles.len()).into_par_iter().map(item).unzip();
        let mut prints = Prints { world, common, items, reach: Vec::new() };
        let reach = |at: usize| if alone[at] { prints.items[at] } else { prints.reach(ArticleId(at as u32)) };
        prints.reach = (0..library.articles.len()).into_par_iter().map(reach).collect();
        prints
    }

    fn item(&self, article: ArticleId) -> Fingerprint {
        self.items[article.index()]
    }

    fn reach(&self, article: ArticleId) -> Fingerprint {
        let library = &self.world.library;
        let a = library.get(article);
        let mut w = Writer::new("reach");
        w.print(self.item(article));
        for group in groups(self.world, article, a) {
            w.number(group.len() as u64);
            group.iter().for_each(|other| _ = w.print(self.item(*other)));
        }
        let references = references(self.world, a);
        w.number(references.len() as u64);
        references.iter().for_each(|r| _ = w.print(self.named(library.resolve(r, Some(a)))));
        let files = library.attachments(a);
        w.number(files.len() as u64);
        files.into_iter().for_each(|f| _ = w.print(self.file(f)));
        w.finish()
    }

    /// An item that a text names, or that there is none.
    fn named(&self, hit: Option<ArticleId>) -> Fingerprint {
        let Some(hit) = hit else { return Fingerprint::ABSENT };
        Writer::new("named").text(&self.world.library.get(hit).card.id).print(self.item(hit)).finish()
    }

    /// A file by its stamp, where that may be believed, else by its bytes.
    fn file(&self, file: usize) -> Fingerprint {
        let library = &self.world.library;
        let f = &library.repository.files[file];
        let mut w = Writer::new("file at rest");
        w.text(&f.path).byte(library.is_shown(file) as u8);
        if f.stamp.settled(library.repository.moment) {
            w.byte(1).number(f.stamp.length).signed(f.stamp.modified).signed(f.stamp.changed).number(f.stamp.inode);
        } else {
            let bytes = write::hash_file(&f.disk);
            w.byte(2).bytes(bytes.as_ref().map_or(&[][..], |(hash, _)| hash));
        }
        w.finish()
    }

    /// Over all that a site is made from, but for what it asks of others. `None`: it cannot be built as it is.
    fn site(&self, id: SiteId) -> Option<Fingerprint> {
        let World { platform, library, routes, redirects, .. } = self.world;
        let site = platform.site(id);
        if site.broken || routes.failed.contains_key(&id) {
            return None;
        }
        let mut w = Writer::new("site at rest");
        w.print(self.common).text(&site.id);
        let placements = &routes.site(id).placements;
        w.number(placements.len() as u64);
        placements.iter().for_each(|p| _ = w.print(self.reach[p.article.index()]));
        for lang in &site.languages {
            for column in &site.columns {
                let Some(text) = route::column_text(platform, library, id, column, *lang) else {
                    w.byte(0);
                    continue;
                };
                w.byte(1).text(&text.path).print(text.print);
                let paths = text.links.iter().filter_map(|l| match &l.target {
                    Target::Path { path, .. } => Some(path.as_str()),
                    _ => None,
                });
                for path in text.cover.as_deref().into_iter().chain(paths) {
                    w.print(library.column_file(&text.path, path).map_or(Fingerprint::ABSENT, |f| self.file(f)));
                }
            }
        }
        for item in site.menus.iter().flat_map(|m| &m.items) {
            if let MenuTarget::Item(item) = &item.target {
                w.print(self.named(library.resolve(item, None)));
            }
        }
        for row in redirects.rows.get(&id).into_iter().flatten() {
            if let Some(item) = row.to.strip_prefix("id:") {
                w.print(self.named(library.find_id(item)));
            }
        }
        Some(w.finish())
    }

    fn asked(&self, site: SiteId, shard: &Shard) -> Asked {
        let World { library, routes, .. } = self.world;
        let here = |id: &str| library.find_id(id).filter(|a| routes.site(site).page(*a).is_some());
        let mut named: HashMap<ArticleId, HashSet<String>> = HashMap::new();
        let mut questions = BTreeSet::new();
        for (question, _) in &shard.facts {
            let kind = match &question.subject {
                Subject::Article(id) if here(id).is_none() => Kind::Item,
                Subject::File(_) => Kind::File,
                Subject::Reference { from: Source::Article(id), to } => match here(id) {
                    Some(a) if named.entry(a).or_insert_with(|| all_references(self.world, library.get(a))).contains(&**to) => continue,
                    _ => question.kind,
                },
                Subject::Reference { .. } => question.kind,
                _ => continue,
            };
            questions.insert(Question { kind, lang: None, count: 0, subject: question.subject.clone() });
        }
        questions.into_iter().map(|q| (q.clone(), self.answer(&q))).collect()
    }

    /// What is to be said now of something that does not stand on the site.
    fn answer(&self, question: &Question) -> Fingerprint {
        let library = &self.world.library;
        let path = |file: Option<usize>| {
            file.map_or(Fingerprint::ABSENT, |f| Writer::new("path").text(&library.repository.files[f].path).finish())
        };
        match &question.subject {
            Subject::Article(id) => library.find_id(id).map_or(Fingerprint::ABSENT, |a| self.reach[a.index()]),
            Subject::File(path) => library.repository.find(path).map_or(Fingerprint::ABSENT, |f| self.file(f)),
            Subject::Reference { from: Source::Article(id), to } => match library.find_id(id).map(|a| library.get(a)) {
                None => Fingerprint::ABSENT,
                Some(a) if question.kind == Kind::FoundFile => path(library.attachment(a, to)),
                Some(a) => self.named(library.resolve(to, Some(a))),
            },
            Subject::Reference { from: Source::Text(text), to } if question.kind == Kind::FoundFile => path(library.column_file(text, to)),
            Subject::Reference { from: Source::Text(text), to } => self.named(library.resolve_in_text(text, to)),
            Subject::Reference { from: Source::Nowhere, to } => self.named(library.resolve(to, None)),
            _ => Fingerprint::ABSENT,
        }
    }
}

/// Items that belong together with an item.
fn groups<'w>(world: &'w World, article: ArticleId, a: &Article) -> [&'w [ArticleId]; 3] {
    [world.library.translations(a), world.library.versions(a), world.routes.referrers(article)]
}

/// As most items: it has to do with no other item, and with no file.
fn is_alone(world: &World, article: ArticleId, a: &Article) -> bool {
    a.rare.is_none() && a.card.cover.is_none() && !a.bundle && groups(world, article, a).iter().all(|g| g.is_empty())
}

/// Of each item where it stands: a sum of prints, so that the sites may come in any order.
fn places(world: &World) -> Vec<u128> {
    let of_site = |id: SiteId| {
        let site = world.platform.site(id);
        let print = |p: &route::Placement| {
            let mut w = Writer::new("place");
            w.text(&site.id).text(&site.column(p.column).id).byte(p.how as u8).signed(p.weight.into());
            u128::from_le_bytes(w.option(p.title.as_deref()).byte(p.primary as u8).finish().0)
        };
        // Neither pinned nor of another title, as most are: there are few ways to stand in a column.
        let mut usual: HashMap<(ColumnId, route::How, bool), u128, foldhash::fast::RandomState> = HashMap::default();
        let mut of = |p: &route::Placement| {
            let is_usual = p.weight == 0 && p.title.is_none();
            if is_usual { *usual.entry((p.column, p.how, p.primary)).or_insert_with(|| print(p)) } else { print(p) }
        };
        world.routes.site(id).placements.iter().map(|p| (p.article, of(p))).collect::<Vec<_>>()
    };
    let sites: Vec<SiteId> = world.platform.site_ids().collect();
    let all: Vec<Vec<(ArticleId, u128)>> = sites.into_par_iter().map(of_site).collect();
    let mut sums = vec![0u128; world.library.articles.len()];
    for (article, print) in all.into_iter().flatten() {
        sums[article.index()] = sums[article.index()].wrapping_add(print);
    }
    sums
}

/// Items that an item names, as it writes them.
fn references(world: &World, a: &Article) -> Vec<String> {
    let rare = a.rare();
    let mut all: Vec<String> = rare.links.iter().filter_map(|l| target(&l.target)).collect();
    all.extend(rare.related.iter().map(|r| r.to_string()));
    all.extend(rare.replaced_by.iter().map(|(r, _)| r.to_string()));
    all.extend(fields(world, a, FieldType::Item));
    all
}

/// The same, and the files that it names.
fn all_references(world: &World, a: &Article) -> HashSet<String> {
    let mut all: HashSet<String> = references(world, a).into_iter().collect();
    all.extend(a.card.cover.iter().map(|c| c.path.to_string()));
    all.extend(fields(world, a, FieldType::File));
    all
}

fn target(target: &Target) -> Option<String> {
    match target {
        Target::Item { id, .. } => Some(format!("id:{id}")),
        Target::Path { path, .. } => Some(path.clone()),
        Target::Anchor(_) | Target::External(_) => None,
    }
}

fn fields(world: &World, a: &Article, kind: FieldType) -> Vec<String> {
    let fields = world.library.schemas.get(a.card.category).fields.iter().filter(|f| f.kind == kind);
    let values = fields.filter_map(|f| a.rare().named.get(&f.name));
    let texts = values.flat_map(|value| value.as_array().map_or_else(|| vec![value], |v| v.iter().collect()));
    texts.filter_map(|v| v.as_str()).map(str::to_owned).collect()
}
