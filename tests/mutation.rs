//! A recorder that forgets a kind of question must be found out: with the kind forgotten, the edit of `world/directed.rs`
//! leaves a page behind that a clean build has not. Needs `--features faults`; a process of its own, since the recorder
//! is the process's.

mod world;

use banyan::facts::Kind;
use banyan::facts::reads::fault::forget;
use world::Bench;
use world::directed::{Directed, all};

/// Kinds that other reads cover wherever they are read: forgetting them changes nothing.
const COVERED: &[(Kind, &str)] =
    &[(Kind::Category, "whoever shows the name of a category has read the schema: with the card, or for the page of the item")];

fn difference(directed: &Directed) -> Option<String> {
    let mut bench = Bench::new(&world::world(0));
    (directed.before)(&mut bench);
    if let Err(what) = bench.check() {
        return Some(format!("before the edit: {what}"));
    }
    assert!(!bench.is_broken(), "{}: what must be there first breaks a site", directed.kind.name());
    (directed.edit)(&mut bench);
    bench.check().err()
}

#[test]
fn each_forgotten_kind_is_found_out() {
    let directed = all();
    let without: Vec<&str> = Kind::ALL.iter().filter(|k| !directed.iter().any(|d| d.kind == **k)).map(|k| k.name()).collect();
    assert!(without.is_empty(), "no edit in tests/world/directed.rs for {without:?}");
    let mut wrong = Vec::new();
    for d in &directed {
        forget(None);
        if let Some(what) = difference(d) {
            wrong.push(format!("{}, {}: with nothing forgotten: {what}", d.kind.name(), d.words));
            continue;
        }
        forget(Some(d.kind));
        let found = difference(d);
        forget(None);
        let covered = COVERED.iter().find(|(kind, _)| *kind == d.kind);
        println!("{:24} {}: {}", d.kind.name(), d.words, found.as_deref().unwrap_or("NOT FOUND OUT").lines().next().unwrap_or_default());
        if found.is_some() == covered.is_some() {
            wrong.push(format!(
                "{}, {}: {}",
                d.kind.name(),
                d.words,
                if found.is_some() { "is not covered any more" } else { "nobody noticed" }
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
