//! A demonstration platform of the size of a region: `cargo run --release --example guangxi -- DIR`.
//!
//! The divisions are real, the legal texts are real, everything else is made up from phrase tables and a seed. The same
//! arguments give the same bytes. See README.md beside this file.

mod calendar;
mod character;
mod columns;
mod documents;
mod domains;
mod english;
mod figures;
mod files;
mod fleet;
mod head;
mod items;
mod offices;
mod people;
mod pictures;
mod plan;
mod prose;
mod rng;
mod rules;
mod services;
mod settings;
mod sheet;
mod toml;
mod words;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

const PLATFORM: &str = include_str!("platform.toml");
const DIVISIONS: &str = include_str!("divisions.json");
const LAWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/guangxi/laws");

/// Themes that show the character of a place.
const OVERLAYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/guangxi/themes");

const USAGE: &str = "usage: guangxi DIR [--sites 377] [--items 6000] [--records N] [--seed 1] [--body-bytes 500]

Writes a demonstration platform into DIR, which must be empty or absent.
  --sites N       sites in all: the region, cities, counties and departments
  --items N       made-up items in all
  --records N     how many of them stand in JSONL files; default: 60 %; the others are Markdown files
  --seed N        another seed, another platform
  --body-bytes N  length of the body of a news item, on average; letters and services have shorter ones";

struct Arguments {
    folder: PathBuf,
    sites: usize,
    items: u32,
    records: Option<u32>,
    seed: u64,
    body: usize,
}

fn arguments() -> Result<Arguments, String> {
    let mut out = Arguments { folder: PathBuf::new(), sites: 377, items: 6000, records: None, seed: 1, body: 500 };
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        if !word.starts_with("--") {
            if out.folder != PathBuf::new() {
                return Err(USAGE.into());
            }
            out.folder = word.into();
            continue;
        }
        let mut number = || given.next().and_then(|v| v.replace('_', "").parse::<u64>().ok()).ok_or(format!("{word}: a number, please"));
        match word.as_str() {
            "--sites" => out.sites = number()? as usize,
            "--items" => out.items = u32::try_from(number()?).ok().filter(|n| *n < 1 << 30).ok_or("--items: fewer than 2^30")?,
            "--records" => out.records = Some(number()?.min(1 << 30) as u32),
            "--seed" => out.seed = number()?,
            "--body-bytes" => out.body = number()?.clamp(100, 100_000) as usize,
            _ => return Err(USAGE.into()),
        }
    }
    if out.folder == PathBuf::new() { Err(USAGE.into()) } else { Ok(out) }
}

fn main() -> ExitCode {
    match arguments().and_then(|a| run(&a)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run(a: &Arguments) -> Result<(), String> {
    let root = a.folder.as_path();
    if std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{}: not empty", root.display()));
    }
    let start = Instant::now();
    let sites = fleet::make(DIVISIONS, a.sites, a.seed)?;
    let records = a.records.unwrap_or((u64::from(a.items) * 3 / 5) as u32).min(a.items);
    let world = world::World::new(sites, PLATFORM, a.items, records, a.body, a.seed);
    write_all(&world, root).map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{}: {} sites, {} items ({records} records, {} files), {seconds:.1} s, {:.0} items/s",
        root.display(),
        a.sites,
        a.items,
        a.items - records,
        f64::from(a.items) / seconds
    );
    Ok(())
}

fn write_all(world: &world::World, root: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(root)?;
    files::write(&root.join("sites.toml"), format!("{PLATFORM}{}", domains::text(world)).as_bytes())?;
    files::write(&root.join("README.md"), include_bytes!("README.md"))?;
    files::copy(Path::new(LAWS), &root.join("laws"))?;
    files::copy(Path::new(OVERLAYS), &root.join("themes"))?;
    files::sites(world, root)?;
    files::redirects(world, root)?;
    domains::maps(world, root)?;
    files::content(world, root)
}
