//! The floor under every build: the bytes of a tree, written as Banyan writes them (into a hidden folder, renamed when it
//! is whole, one sync of the file system), by so many threads, and nothing else.
//!
//! `floor SRC DST [--threads N] [--sizes]` reads SRC first, outside the measured time; with `--sizes` it keeps only the
//! sizes and writes as many zero bytes, for trees larger than memory. Prints one line of JSON.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn cpu() -> f64 {
    // utime and stime of this process in clock ticks: fields 14 and 15 of /proc/self/stat.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = stat.rsplit(')').next().unwrap_or("");
    let ticks: Vec<f64> = rest.split_whitespace().skip(11).take(2).filter_map(|t| t.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let threads = args.iter().position(|a| a == "--threads").and_then(|i| args.get(i + 1)?.parse().ok()).unwrap_or(2);
    let sizes = args.iter().any(|a| a == "--sizes");
    let paths: Vec<&String> = args.iter().filter(|a| !a.starts_with("--") && a.parse::<usize>().is_err()).collect();
    let [source, target] = paths[..] else { return Err("floor SRC DST [--threads N] [--sizes]".into()) };
    let (source, target) = (Path::new(source), Path::new(target));
    let mut files: Vec<(PathBuf, Vec<u8>, usize)> = Vec::new();
    // What lies beside the folders of the sites is no output.
    for entry in walkdir::WalkDir::new(source).min_depth(2).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(source)?.to_owned();
            let size = entry.metadata()?.len() as usize;
            files.push((below, if sizes { Vec::new() } else { std::fs::read(entry.path())? }, size));
        }
    }
    let bytes: usize = files.iter().map(|f| f.2).sum();
    std::fs::create_dir_all(target)?;
    let zeros = vec![0u8; files.iter().map(|f| f.2).max().unwrap_or(0)];
    let (start, before) = (Instant::now(), cpu());
    let next = AtomicUsize::new(0);
    let hidden = |below: &Path| -> PathBuf {
        let mut parts = below.iter();
        let site = parts.next().unwrap_or_default().to_string_lossy().into_owned();
        target.join(format!(".{site}.new")).join(parts.as_path())
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut made = BTreeSet::new();
                loop {
                    // A run of neighbours at a time, as the files of one site go to one thread.
                    let from = next.fetch_add(64, Ordering::Relaxed);
                    let Some(run) = files.get(from..files.len().min(from + 64)).filter(|r| !r.is_empty()) else { return };
                    for (below, content, size) in run {
                        let path = hidden(below);
                        let folder = path.parent().unwrap_or(target).to_owned();
                        if !made.contains(&folder) {
                            std::fs::create_dir_all(&folder).expect("a folder can be made");
                            made.insert(folder);
                        }
                        let mut file = std::fs::File::create(&path).expect("a file can be made");
                        file.write_all(if sizes { &zeros[..*size] } else { content }).expect("there is room");
                    }
                }
            });
        }
    });
    let sites: BTreeSet<_> = files.iter().filter_map(|f| f.0.iter().next()).collect();
    for site in sites {
        let site = site.to_string_lossy();
        std::fs::rename(target.join(format!(".{site}.new")), target.join(&*site))?;
    }
    rustix::fs::syncfs(std::fs::File::open(target)?)?;
    let (wall, used) = (start.elapsed().as_secs_f64(), cpu() - before);
    println!("{{\"files\": {}, \"bytes\": {bytes}, \"wall\": {wall:.2}, \"cpu\": {used:.2}}}", files.len());
    Ok(())
}
