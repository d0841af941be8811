//! A platform on disk that is built twice after each edit: upon what the last build left, and from nothing. Both must
//! give the same trees, manifests, receipts and messages, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use banyan::base::diag::Diagnostic;
use banyan::build::front::{Front, Use};
use banyan::build::kept::Kept;
use banyan::build::{self, Order, Outcome, Report, Silent, Status};
use banyan::content::Article;
use banyan::content::details::Slot;
use banyan::receipts::Shard;
use banyan::route::Moment;

use super::Files;

/// 2026-11-23 10:00 in Shanghai.
pub const NOW: i64 = 1_795_399_200;

pub type Tree = BTreeMap<String, Vec<u8>>;

/// What the next build is asked besides.
#[derive(Clone, Default)]
pub struct Asked {
    /// Patterns of sites; none: all.
    pub sites: Vec<String>,
    pub jobs: usize,
    /// The state was damaged: messages that tell so are no difference.
    pub damaged: bool,
    /// The output tree was touched: until a build has repaired all sites, what lies there is nobody's.
    pub tampered: bool,
    /// Another build came between, with which nothing was compared.
    pub between: bool,
}

pub struct Bench {
    dir: tempfile::TempDir,
    /// What lies on the disk.
    pub files: Files,
    /// Of the last build that left no site out.
    pub good: Files,
    pub moment: Moment,
    pub asked: Asked,
    broken: bool,
    /// What a preview of the platform keeps, and which files changed since it last read them.
    kept: Kept,
    touched: BTreeSet<PathBuf>,
    checks: usize,
    /// Files that the preview read, and those that it had kept.
    pub reread: usize,
    pub reused: usize,
    /// Trees as the last build that was right left them.
    last: BTreeMap<String, Tree>,
    /// Older states of the state and of the sources, for edits that bring them back.
    pub stored: Option<PathBuf>,
    /// Outputs rendered by the last incremental build, and by all.
    pub rendered: usize,
    pub outputs: usize,
    /// Sites built, and sites left out.
    pub whole: usize,
    pub left: usize,
    /// Sites that nothing reached, of those.
    pub untouched: usize,
    /// Outputs that some edit changed: `site/path`.
    pub changed: BTreeSet<String>,
}

/// What a build from nothing left.
struct Clean {
    report: Result<Report, Diagnostic>,
    out: PathBuf,
    manifests: BTreeMap<String, Tree>,
    receipts: PathBuf,
}

impl Bench {
    pub fn new(files: &Files) -> Bench {
        // A build ends with a sync of the file system: on a disk that others use too it takes longer than all the rest.
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let mut bench = Bench {
            dir,
            files: Files::default(),
            good: files.clone(),
            moment: Moment { clock: NOW, drafts: false, future: false },
            asked: Asked::default(),
            broken: false,
            kept: Kept::default(),
            touched: BTreeSet::new(),
            checks: 0,
            reread: 0,
            reused: 0,
            last: BTreeMap::new(),
            stored: None,
            rendered: 0,
            outputs: 0,
            whole: 0,
            left: 0,
            untouched: 0,
            changed: BTreeSet::new(),
        };
        bench.become_files(files);
        bench
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    pub fn state(&self) -> PathBuf {
        self.root().join(".banyan")
    }

    /// The configured output folder.
    pub fn out(&self) -> PathBuf {
        let text = self.files.text("sites.toml");
        let table: toml::Table = text.parse().unwrap_or_default();
        let name = table.get("platform").and_then(|p| p.get("output")).and_then(|o| o.as_str());
        self.root().join(name.unwrap_or("public"))
    }

    /// A place beside the platform, for what a test puts away.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn set(&mut self, path: &str, bytes: impl AsRef<[u8]>) {
        let full = self.root().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, bytes.as_ref()).unwrap();
        self.touched.insert(full);
        self.files.put(path, bytes);
    }

    pub fn remove(&mut self, path: &str) {
        if self.files.0.remove(path).is_some() {
            let full = self.root().join(path);
            std::fs::remove_file(&full).unwrap();
            self.touched.insert(full.clone());
            // A folder without files is not kept by a version control either.
            let mut folder = full.parent();
            while let Some(f) = folder.filter(|f| **f != self.root()) {
                if std::fs::remove_dir(f).is_err() {
                    break;
                }
                folder = f.parent();
            }
        }
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        let bytes = self.files.0[from].clone();
        self.remove(from);
        self.set(to, bytes);
    }

    /// Makes the sources these.
    pub fn become_files(&mut self, files: &Files) {
        let gone: Vec<String> = self.files.0.keys().filter(|p| !files.0.contains_key(*p)).cloned().collect();
        gone.iter().for_each(|p| self.remove(p));
        for (path, bytes) in &files.0 {
            if self.files.0.get(path) != Some(bytes) {
                self.set(path, bytes);
            }
        }
    }

    fn order<'a>(&self, out: Option<PathBuf>, stop: &'a AtomicBool) -> Order<'a> {
        Order {
            root: self.root(),
            out,
            sites: self.asked.sites.clone(),
            jobs: self.asked.jobs.max(1),
            moment: self.moment,
            repair: self.asked.tampered,
            // A build that looks at its own work would mend what this suite is to find.
            sample: 0,
            delta: None,
            forget: false,
            patience: banyan::build::PATIENCE,
            left_out: Vec::new(),
            watch: &Silent,
            stop,
        }
    }

    /// A build upon what the last one left.
    pub fn build(&self) -> Result<Report, Diagnostic> {
        let stop = AtomicBool::new(false);
        build::build(&self.order(None, &stop))
    }

    /// A build that is told to stop when it has done so many sites.
    pub fn build_cut_off(&self, sites: usize) {
        struct Cut<'a>(&'a AtomicBool, AtomicUsize);
        impl build::Watch for Cut<'_> {
            fn sites(&self, _count: usize) {
                self.0.store(self.1.load(Ordering::Relaxed) == 0, Ordering::Relaxed);
            }
            fn site(&self, _done: &build::SiteReport) {
                if self.1.fetch_sub(1, Ordering::Relaxed) == 1 {
                    self.0.store(true, Ordering::Relaxed);
                }
            }
        }
        let stop = AtomicBool::new(false);
        let watch = Cut(&stop, AtomicUsize::new(sites));
        _ = build::build(&Order { watch: &watch, ..self.order(None, &stop) });
    }

    /// A build into a folder of its own: of everything, or of what changed.
    pub fn build_elsewhere(&self, delta: bool) {
        let stop = AtomicBool::new(false);
        let folder = self.beside("elsewhere");
        _ = std::fs::remove_dir_all(&folder);
        let mut order = self.order(None, &stop);
        if delta {
            order.delta = Some(folder);
        } else {
            order.out = Some(folder);
        }
        _ = build::build(&order);
    }

    /// Builds from nothing, into a folder beside, with the state put away meanwhile: not even what is remembered of the
    /// content is shared.
    fn clean(&self) -> Clean {
        let (state, aside, out) = (self.state(), self.beside("aside"), self.beside("clean"));
        let had = state.is_dir();
        if had {
            std::fs::rename(&state, &aside).unwrap();
        }
        _ = std::fs::remove_dir_all(&out);
        let stop = AtomicBool::new(false);
        let report = build::build(&Order { repair: false, ..self.order(Some(out.clone()), &stop) });
        let own = std::fs::read_dir(state.join("out")).into_iter().flatten().flatten().next().map(|e| e.path()).unwrap_or_default();
        let (manifests, receipts) = (folders(&own.join("manifests")), self.beside("receipts"));
        _ = std::fs::remove_dir_all(&receipts);
        _ = std::fs::rename(own.join("receipts"), &receipts);
        _ = std::fs::remove_dir_all(&state);
        if had {
            std::fs::rename(&aside, &state).unwrap();
        }
        Clean { report, out, manifests, receipts }
    }

    /// A preview that is told what changed sees what one sees that reads everything.
    fn same_preview(&mut self) -> Result<(), String> {
        // Not each time: several changes come at once in life too, and the test need not take twice as long.
        self.checks += 1;
        if !self.checks.is_multiple_of(5) {
            return Ok(());
        }
        let touched = std::mem::take(&mut self.touched);
        let again = Front::again(&self.root(), self.moment, &mut self.kept, Some(touched));
        let anew = Front::load(&self.root(), self.moment, Use::Look, &Silent);
        if let Some(world) = &again.world {
            let counts = world.library.counts;
            self.reread += counts.read;
            self.reused += counts.files - counts.read;
        }
        match first_difference(&seen(&again), &seen(&anew)) {
            None => Ok(()),
            Some((_, x, y)) => Err(format!("preview:\n  told: {x}\n  anew: {y}")),
        }
    }

    /// Both builds; `Err` says how they differ.
    pub fn check(&mut self) -> Result<(), String> {
        self.same_preview()?;
        let ours = self.build();
        let clean = self.clean();
        let (ours, theirs) = match (ours, clean.report) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(a), Err(b)) if a.id == b.id => return Ok(()),
            (a, b) => return Err(format!("one of the builds gave up: {:?}, {:?}", a.err(), b.err())),
        };
        self.rendered += ours.sites.iter().map(|s| s.rendered).sum::<usize>();
        self.untouched += ours.untouched;
        self.outputs += ours.sites.iter().map(|s| s.outputs).sum::<usize>();
        same_messages(&ours, &theirs, self.asked.damaged)?;
        let status = |r: &Report| r.sites.iter().map(|s| (s.id.clone(), s.status)).collect::<Vec<_>>();
        if ours.outcome != theirs.outcome || status(&ours) != status(&theirs) {
            return Err(format!("incremental {:?} {:?}, clean {:?} {:?}", ours.outcome, status(&ours), theirs.outcome, status(&theirs)));
        }
        let out = self.out();
        let mut whole = BTreeSet::new();
        for site in ours.sites.iter().filter(|s| s.status == Status::Built) {
            let (now, wanted) = (tree(&out.join(&site.id)), tree(&clean.out.join(&site.id)));
            same_trees(&site.id, &now, &wanted)?;
            no_empty_folder(&out.join(&site.id))?;
            let manifest = tree(&self.state().join("manifests").join(&site.id));
            same_trees(&format!("manifest of {}", site.id), &manifest, &clean.manifests[&site.id])?;
            if let Some(before) = self.last.get(&site.id) {
                let differ = now.iter().filter(|(path, bytes)| before.get(*path).is_some_and(|b| b != *bytes));
                self.changed.extend(differ.map(|(path, _)| format!("{}/{path}", site.id)));
            }
            self.last.insert(site.id.clone(), now);
            whole.insert(site.id.clone());
        }
        self.whole += whole.len();
        self.left += ours.sites.len() - whole.len();
        for site in &whole {
            self.same_receipts(site, &clean.receipts)?;
        }
        // What is not built, or not asked for, or configured no more, stays as it was: unless another build came between.
        for (site, before) in self.last.iter().filter(|(s, _)| !whole.contains(*s) && !self.asked.tampered && !self.asked.between) {
            same_trees(&format!("kept {site}"), &tree(&out.join(site)), before)?;
        }
        for entry in std::fs::read_dir(&out).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".new") || name.ends_with(".old") {
                return Err(format!("{name} was left in the output folder"));
            }
        }
        let all = ours.outcome != Outcome::Refused && ours.sites.iter().all(|s| s.status == Status::Built);
        self.broken = !all;
        if all && self.asked.sites.is_empty() {
            self.good = self.files.clone();
            if self.asked.between || self.asked.tampered {
                // Of sites that are configured no more nobody knows what should lie there.
                self.last.iter_mut().filter(|(site, _)| !whole.contains(*site)).for_each(|(site, last)| *last = tree(&out.join(site)));
            }
            self.asked = Asked::default();
        } else {
            self.asked.sites.clear();
        }
        Ok(())
    }

    /// Some site was left out by the last build.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// What is remembered must be what a clean build would remember: a read too few or too many shows here before any edit
    /// brings it to light.
    fn same_receipts(&self, site: &str, clean: &Path) -> Result<(), String> {
        let read = |path: &Path| Shard::read(path, site, banyan::base::engine::print()).map_err(|e| format!("receipts of {site}: {e}"));
        let (ours, theirs) = (self.state().join("receipts").join(site), clean.join(site));
        if std::fs::read(&ours).ok() == std::fs::read(&theirs).ok() {
            return Ok(());
        }
        let (ours, theirs) = (read(&ours)?.unwrap_or_default(), read(&theirs)?.unwrap_or_default());
        match first_difference(&remembered(&ours, &theirs), &remembered(&theirs, &ours)) {
            None => Ok(()),
            Some((_, x, y)) => Err(format!("receipts of {site}:\n  incremental: {x}\n  clean:       {y}")),
        }
    }

    /// Stale outputs of all sites before a build: `site/path  why`.
    pub fn stale(&self) -> Vec<String> {
        let stop = AtomicBool::new(false);
        let preview = build::preview::preview(&self.order(None, &stop)).unwrap();
        let mut all = Vec::new();
        for site in preview.sites {
            for (path, _, reason) in site.stale {
                all.push(format!("{}/{path}  {}", site.id, why(&reason)));
            }
        }
        all
    }
}

/// What receipts say, a line for each output and each of its reads, whatever their numbers. Of fragments those that both
/// have: one inside another is remembered only where it was asked for by itself.
fn remembered(shard: &Shard, other: &Shard) -> Vec<String> {
    let set = |at: u32| {
        let mut facts: Vec<String> = shard.sets[at as usize]
            .iter()
            .map(|f| {
                let (question, print) = &shard.facts[*f as usize];
                format!("{question} {:?} {print:?}", question.lang)
            })
            .collect();
        facts.sort();
        facts
    };
    let mut lines = Vec::new();
    for r in &shard.receipts {
        lines.push(format!("{} {:?} {:?} {:?} {:?}", r.path, r.key, shard.shapes[r.shape as usize], r.own, r.diagnostics));
        for at in [r.shared, r.extra] {
            lines.extend(set(at).into_iter().map(|f| format!("{} reads {f}", r.path)));
        }
    }
    for f in shard.fragments.iter().filter(|f| other.fragments.iter().any(|o| o.question == f.question)) {
        lines.push(format!("{} {:?}", f.question, f.print));
        lines.extend(set(f.set).into_iter().map(|r| format!("{} reads {r}", f.question)));
    }
    lines
}

/// A reason in a few words.
fn why(reason: &banyan::receipts::Reason) -> String {
    use banyan::receipts::Reason;
    match reason {
        Reason::Read(question) => question.to_string(),
        Reason::Own(kinds) => kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(", "),
        other => other.name().to_owned(),
    }
}

/// Every file below a folder.
pub fn tree(root: &Path) -> Tree {
    let files = walkdir::WalkDir::new(root).into_iter().flatten().filter(|e| !e.file_type().is_dir());
    files.map(|e| (e.path().strip_prefix(root).unwrap().display().to_string(), std::fs::read(e.path()).unwrap_or_default())).collect()
}

/// The trees of the folders in a folder.
fn folders(root: &Path) -> BTreeMap<String, Tree> {
    let all = std::fs::read_dir(root).into_iter().flatten().flatten();
    all.map(|e| (e.file_name().to_string_lossy().into_owned(), tree(&e.path()))).collect()
}

fn no_empty_folder(root: &Path) -> Result<(), String> {
    for entry in walkdir::WalkDir::new(root).min_depth(1).into_iter().flatten().filter(|e| e.file_type().is_dir()) {
        if std::fs::read_dir(entry.path()).is_ok_and(|mut d| d.next().is_none()) {
            return Err(format!("the folder {} is empty", entry.path().display()));
        }
    }
    Ok(())
}

fn same_messages(ours: &Report, theirs: &Report, damaged: bool) -> Result<(), String> {
    let legal = |d: &&Diagnostic| !(damaged && matches!(d.id, "build.state" | "build.receipts" | "content.memo"));
    let lines = |r: &Report| r.diagnostics.iter().filter(legal).map(|d| serde_json::to_string(d).unwrap()).collect::<Vec<_>>();
    let (a, b) = (lines(ours), lines(theirs));
    match first_difference(&a, &b) {
        None => Ok(()),
        Some((at, x, y)) => Err(format!("messages differ at {at}:\n  incremental: {x}\n  clean:       {y}")),
    }
}

/// `Err` names the first file that differs, with the lines.
pub fn same_trees(what: &str, ours: &Tree, theirs: &Tree) -> Result<(), String> {
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differ: Vec<&String> = names.into_iter().filter(|n| ours.get(*n) != theirs.get(*n)).collect();
    let Some(first) = differ.first() else { return Ok(()) };
    let how = match (ours.get(*first), theirs.get(*first)) {
        (Some(_), None) => "is there and should not be".to_owned(),
        (None, Some(_)) => "is missing".to_owned(),
        (a, b) => {
            let lines = |x: Option<&Vec<u8>>| String::from_utf8_lossy(x.unwrap()).lines().map(str::to_owned).collect::<Vec<_>>();
            let (at, x, y) = first_difference(&lines(a), &lines(b)).unwrap_or_default();
            format!("differs in line {}:\n  incremental: {x}\n  clean:       {y}", at + 1)
        }
    };
    Err(format!("{what}: {} files differ; {first} {how}", differ.len()))
}

/// Where two lists of lines first differ, and what stands there in each: the part of the line that tells them apart.
fn first_difference(a: &[String], b: &[String]) -> Option<(usize, String, String)> {
    let nothing = "(nothing)".to_owned();
    let at = (0..a.len().max(b.len())).find(|i| a.get(*i) != b.get(*i))?;
    let (x, y) = (a.get(at).unwrap_or(&nothing), b.get(at).unwrap_or(&nothing));
    let same = x.chars().zip(y.chars()).take_while(|(x, y)| x == y).count();
    let part = |line: &str| {
        let start = same.saturating_sub(80);
        let text: String = line.chars().skip(start).take(200).collect();
        if start > 0 { format!("…{text}") } else { text }
    };
    Some((at, part(x), part(y)))
}

/// What a reading sees, line by line.
fn seen(front: &Front) -> Vec<String> {
    let mut lines: Vec<String> = front.diagnostics.iter().map(|d| format!("{d:?}")).collect();
    // The memo tells of damage that a preview of its own has not.
    lines.retain(|l| !l.contains("\"content.memo\""));
    lines.sort();
    let Some(world) = &front.world else { return lines };
    let files = &world.library.repository.files;
    lines.extend(files.iter().map(|f| format!("{} {:?} {:?}", f.path, f.stamp, f.mount)));
    // A body that was rendered in passing is a matter of speed; where the details lie one of the memo.
    let bare = |a: &Article| Article { kept: None, details: Slot::default(), ..a.clone() };
    let item = |a: &Article| format!("{} {:?} {:?}", files[a.origin.file()].path, bare(a), world.library.details(a));
    lines.extend(world.library.articles.iter().map(|a| item(a)));
    assert!(!world.library.is_lost());
    lines.extend(world.library.columns.iter().map(|(key, text)| format!("{key:?} {:?} {:?}", text.print, text.title)));
    for (id, routes) in world.platform.site_ids().zip(&world.routes.sites) {
        lines.extend(routes.placements.iter().map(|p| format!("{} {p:?}", world.platform.site(id).id)));
    }
    lines.extend(world.redirects.rows.iter().flat_map(|(site, rows)| rows.iter().map(move |r| format!("{site:?} {} {}", r.from, r.to))));
    lines
}
