//! The proof that a build upon the last one equals a build from nothing. Worlds from a seed (`world/`), random runs of
//! edits of every kind; after each edit both builds must give the same trees, manifests, receipts and messages, byte for
//! byte. A run that fails is made as short as it can be and told in words.
//!
//! `BANYAN_STEPS` sets how many edits are tried, `BANYAN_SEED` the first world.

mod world;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use world::edits::{EDITS, edit_article};
use world::{Bench, Files, Rng};

/// An edit of a run: its place in [`EDITS`], and the number it draws its chances from. It means something whatever came
/// before it, so that a run can be shortened.
#[derive(Clone, Copy, Debug)]
struct Step {
    edit: usize,
    number: u64,
}

/// After so many edits a new world: what accumulates hides what is new.
const RUN: usize = 24;

fn steps(seed: u64) -> Vec<Step> {
    let mut rng = Rng::new(seed ^ 0x00ED_1700);
    let all: usize = EDITS.iter().map(|(often, ..)| often).sum();
    let mut one = |_| {
        let mut at = rng.below(all);
        let edit = EDITS.iter().position(|(often, ..)| {
            let hit = at < *often;
            at = at.wrapping_sub(*often);
            hit
        });
        Step { edit: edit.unwrap(), number: rng.next() }
    };
    (0..RUN).map(&mut one).collect()
}

struct Failure {
    /// How many steps were taken, the failing one included.
    steps: usize,
    story: Vec<String>,
    what: String,
}

#[derive(Default)]
struct Counts {
    compared: AtomicUsize,
    rendered: AtomicUsize,
    outputs: AtomicUsize,
    whole: AtomicUsize,
    left: AtomicUsize,
    untouched: AtomicUsize,
    reread: AtomicUsize,
    reused: AtomicUsize,
    /// Probes of which some edit changed what they show.
    shown: Mutex<BTreeSet<&'static str>>,
}

impl Counts {
    fn take(&self, bench: &Bench) {
        for (count, more) in [
            (&self.rendered, bench.rendered),
            (&self.outputs, bench.outputs),
            (&self.whole, bench.whole),
            (&self.left, bench.left),
            (&self.untouched, bench.untouched),
            (&self.reread, bench.reread),
            (&self.reused, bench.reused),
        ] {
            count.fetch_add(more, Ordering::Relaxed);
        }
        let changed = probes().filter(|name| bench.changed.contains(&world::probes::page(name)));
        self.shown.lock().unwrap().extend(changed);
    }
}

fn probes() -> impl Iterator<Item = &'static str> {
    world::probes::COLUMNS.iter().chain(world::probes::ITEMS).map(|(name, _)| *name)
}

fn run(files: &Files, steps: &[Step], counts: &Counts) -> Result<(), Failure> {
    let mut bench = Bench::new(files);
    let mut story = Vec::new();
    let fail = |steps, story: &[String], what| Failure { steps, story: story.to_vec(), what };
    bench.check().map_err(|what| fail(0, &story, what))?;
    for (n, step) in steps.iter().enumerate() {
        let mut rng = Rng::new(step.number);
        // What an edit broke stays so for a step or two, no longer: sites that are not built prove nothing.
        if bench.is_broken() && rng.once_in(2) {
            let good = bench.good.clone();
            bench.become_files(&good);
            story.push("all files as in the last good build".to_owned());
        }
        let (_, kind, act) = EDITS[step.edit];
        if let Some(words) = act(&mut bench, &mut rng) {
            story.push(format!("{kind}: {words}"));
            // Often more than one thing has changed when somebody builds.
            if rng.once_in(4) && n + 1 < steps.len() {
                continue;
            }
            story.push("build".to_owned());
            let done = catch_unwind(AssertUnwindSafe(|| bench.check())).unwrap_or_else(|_| Err("a panic".to_owned()));
            done.map_err(|what| fail(n + 1, &story, what))?;
            counts.compared.fetch_add(1, Ordering::Relaxed);
        }
    }
    counts.take(&bench);
    Ok(())
}

/// The shortest run that still fails, as far as taking parts away finds it.
fn shrink(files: &Files, steps: Vec<Step>, failure: Failure) -> Failure {
    let counts = Counts::default();
    let mut steps = steps[..failure.steps].to_vec();
    let mut best = failure;
    let mut part = steps.len().div_ceil(2);
    while part > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + part).min(steps.len()));
            match run(files, &fewer, &counts) {
                Err(failure) => {
                    steps = fewer[..failure.steps].to_vec();
                    best = failure;
                }
                Ok(()) => at += part,
            }
        }
        part /= 2;
    }
    best
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// As many as take about two minutes on two cores.
const STEPS: u64 = 2_000;

#[test]
fn random_edits() {
    let first = number("BANYAN_SEED").unwrap_or(1);
    let runs = number("BANYAN_STEPS").unwrap_or(STEPS).div_ceil(RUN as u64);
    let (next, counts) = (AtomicUsize::new(0), Counts::default());
    let start = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let found = std::thread::scope(|scope| {
        let work = || {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed) as u64;
                if n >= runs {
                    return None;
                }
                let seed = first + n;
                let (files, steps) = (world::world(seed), steps(seed));
                if let Err(failure) = run(&files, &steps, &counts) {
                    next.store(runs as usize, Ordering::Relaxed);
                    let first = failure.what.clone();
                    let failure = shrink(&files, steps, failure);
                    let story: String = failure.story.iter().enumerate().map(|(n, s)| format!("  {}. {s}\n", n + 1)).collect();
                    return Some(format!(
                        "seed {seed}, shortened to {} edits:\n{story}{}\n(at first: {first})",
                        failure.story.len(),
                        failure.what
                    ));
                }
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|t| t.join().unwrap()).collect::<Vec<_>>()
    });
    let of = |c: &AtomicUsize| c.load(Ordering::Relaxed);
    println!(
        "{} times both builds in {:.0} s: {} sites built, {} of them untouched, and {} left out",
        of(&counts.compared),
        start.elapsed().as_secs_f64(),
        of(&counts.whole),
        of(&counts.untouched),
        of(&counts.left)
    );
    println!("previews beside them: {} files read, {} kept from the reading before", of(&counts.reread), of(&counts.reused));
    println!("{} of {} outputs rendered", of(&counts.rendered), of(&counts.outputs));
    let shown = counts.shown.lock().unwrap().clone();
    println!("no edit changed what these show: {:?}", probes().filter(|p| !shown.contains(p)).collect::<Vec<_>>());
    assert!(found.is_empty(), "\n{}", found.join("\n\n"));
    assert!(of(&counts.untouched) > 0, "no edit left a site alone: that no site was left alone wrongly is not tried");
    assert!(of(&counts.reused) > of(&counts.reread), "previews keep nothing between two readings");
}

/// Whatever is done to the state or to the output as a whole: the next build is right, and the one after it has nothing to
/// say about it.
#[test]
fn damage_is_made_good() {
    use world::edits::copy;
    let mut bench = Bench::new(&world::world(1));
    bench.check().unwrap();
    let (old_state, old_out) = (bench.beside("old state"), bench.beside("old output"));
    copy(&bench.state(), &old_state);
    copy(&bench.out(), &old_out);
    let hub = "content/city/news/2025/hub.md";
    let mut rounds = 0;
    let mut round = |bench: &mut Bench, words: &str| {
        rounds += 1;
        bench.asked.damaged = true;
        bench.check().unwrap_or_else(|what| panic!("{words}: {what}"));
        let title = toml::Value::from(format!("The hub {}", rounds % 3));
        edit_article(bench, hub, |a| _ = a.fields.insert("title".into(), title)).unwrap();
        bench.check().unwrap_or_else(|what| panic!("{words}, then another title: {what}"));
    };
    round(&mut bench, "nothing yet");
    let (state, out) = (bench.state(), bench.out());
    // What is kept of one site stands for what is kept of the others.
    let files = || {
        let all = walkdir::WalkDir::new(&state).sort_by_file_name().into_iter().flatten().filter(|e| e.file_type().is_file());
        all.map(|e| e.into_path()).filter(|p| !["lock", "county", "dept", "region"].iter().any(|n| p.iter().any(|part| part == *n)))
    };
    for at in 0..files().count() {
        for (words, act) in [
            ("deleted", (|_| None) as fn(Vec<u8>) -> Option<Vec<u8>>),
            ("empty", |_| Some(Vec::new())),
            ("cut short", |bytes| Some(bytes[..bytes.len() / 2].to_vec())),
            ("changed", |mut bytes| {
                let middle = bytes.len() / 2;
                bytes.iter_mut().skip(middle).take(1).for_each(|b| *b ^= 4);
                Some(bytes)
            }),
        ] {
            let Some(file) = files().nth(at) else { continue };
            let done = match act(std::fs::read(&file).unwrap()) {
                None => std::fs::remove_file(&file),
                Some(bytes) => std::fs::write(&file, bytes),
            };
            done.unwrap();
            round(&mut bench, &format!("{} {words}", file.strip_prefix(&state).unwrap().display()));
        }
    }
    let replace = |from: &std::path::Path, to: &std::path::Path| {
        _ = std::fs::remove_dir_all(to);
        copy(from, to);
    };
    replace(&old_state, &state);
    round(&mut bench, "an older state");
    replace(&old_out, &out);
    round(&mut bench, "an older output");
    replace(&old_state.join("receipts"), &state.join("receipts"));
    round(&mut bench, "older receipts");
    replace(&old_state.join("manifests"), &state.join("manifests"));
    round(&mut bench, "older manifests");
    for folder in ["manifests", "receipts"] {
        let (a, b, c) = (state.join(folder).join("city"), state.join(folder).join("county"), bench.beside("c"));
        std::fs::rename(&a, &c).unwrap();
        std::fs::rename(&b, &a).unwrap();
        std::fs::rename(&c, &b).unwrap();
        round(&mut bench, &format!("{folder} of city and county exchanged"));
    }
    std::fs::remove_dir_all(out.join("city")).unwrap();
    round(&mut bench, "the output of a site deleted");
    std::fs::remove_dir_all(&out).unwrap();
    round(&mut bench, "the output deleted");
    std::fs::remove_dir_all(&state).unwrap();
    round(&mut bench, "the state deleted");
}

/// A world without an error, in which each site is built: else the rest proves little.
#[test]
fn the_world_is_whole() {
    for seed in [1, 2, 3] {
        let bench = Bench::new(&world::world(seed));
        let report = bench.build().unwrap();
        let said: Vec<String> = report.diagnostics.iter().filter(|d| d.is_error()).map(|d| serde_json::to_string(d).unwrap()).collect();
        assert!(said.is_empty(), "seed {seed}:\n{}", said.join("\n"));
        assert!(report.sites.iter().all(|s| s.status == banyan::build::Status::Built), "{:#?}", report.sites);
    }
}

/// Of each thing that templates read one edit changes what its page shows; and both builds show it.
#[test]
fn every_probe_follows_an_edit() {
    let mut bench = Bench::new(&world::world(0));
    bench.check().unwrap();
    let check = |bench: &mut Bench, words: &str| {
        bench.check().unwrap_or_else(|what| panic!("{words}: {what}"));
        if bench.is_broken() {
            let good = bench.good.clone();
            bench.become_files(&good);
            bench.check().unwrap_or_else(|what| panic!("after {words}, taken back: {what}"));
        }
    };
    for directed in world::directed::all() {
        (directed.before)(&mut bench);
        check(&mut bench, directed.words);
        (directed.edit)(&mut bench);
        check(&mut bench, directed.words);
        bench.become_files(&world::world(0));
    }
    for (words, edit) in world::directed::named() {
        edit(&mut bench);
        check(&mut bench, &words);
    }
    let still = probes().filter(|name| !bench.changed.contains(&world::probes::page(name)));
    let still: Vec<&str> = still.filter(|name| !world::directed::CONSTANT.contains(name)).collect();
    assert!(still.is_empty(), "no edit changed what these show: {still:?}");
}

/// Every key, function, filter and global has a page that shows it.
#[test]
fn templates_of_the_world_use_everything() {
    use banyan::render::{FILTERS, FUNCTIONS, GLOBALS, OBJECTS};
    let mut wanted: Vec<String> = Vec::new();
    for (object, keys) in OBJECTS {
        wanted.extend(keys.iter().map(|k| format!("{object}.{k}")));
    }
    wanted.extend(FUNCTIONS.iter().map(|f| format!("{f}()")));
    wanted.extend(FILTERS.iter().chain(GLOBALS).map(|f| (*f).to_owned()));
    let shown: Vec<&str> = probes().chain(world::probes::ELSEWHERE.iter().copied()).collect();
    let missing: Vec<&String> = wanted.iter().filter(|w| !shown.contains(&w.as_str())).collect();
    assert!(missing.is_empty(), "nothing in tests/world/probes.rs shows {missing:?}");
}

/// Lays the world of `BANYAN_SEED` in the folder `BANYAN_WORLD`, to look at it or to build it by hand.
#[test]
#[ignore]
fn lay_a_world() {
    let Ok(folder) = std::env::var("BANYAN_WORLD") else { return };
    for (path, bytes) in world::world(number("BANYAN_SEED").unwrap_or(1)).0 {
        let path = std::path::Path::new(&folder).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
