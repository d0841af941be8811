//! `banyan build`

use std::path::PathBuf;
use std::time::Duration;

use super::terminal::Progress;
use super::{Common, Format, Io, Time, format, human, many, moment, stop, wrongs};
use crate::base::diag::{Diagnostic, Severity};
use crate::build::{FOLDER, Order, Outcome, PATIENCE, Report, SAMPLE, Status, due};

#[derive(clap::Args)]
pub struct Args {
    /// Only these sites: ids or patterns such as `gx-*`; may be repeated
    #[arg(long = "site", value_name = "ID")]
    pub(super) sites: Vec<String>,
    /// Builds into another folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Threads; default: one a core
    #[arg(long, short, default_value_t = 0, value_name = "N", hide_default_value = true)]
    jobs: usize,
    #[command(flatten)]
    time: Time,
    /// Every error fails the build (exit code 1): what a merge request runs
    #[arg(long)]
    strict: bool,
    /// Compares every file in the output folder, and takes away what nobody planned
    #[arg(long)]
    repair: bool,
    /// Writes only what changed into this new folder, with the manifests and the list of deletions; needs .banyan/, no output folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "repair"])]
    delta: Option<PathBuf>,
    /// Builds only if the clock has brought something since the last build: see `banyan due`
    #[arg(long)]
    due: bool,
    /// Then builds everything anew beside it, in another process, and compares byte for byte
    #[arg(long, conflicts_with = "delta")]
    verify_incremental: bool,
    /// Neither uses nor keeps what earlier builds remembered of the content
    #[arg(long, hide = true)]
    forget: bool,
    /// Seconds that one page may take
    #[arg(long, hide = true, default_value_t = PATIENCE.as_secs())]
    patience: u64,
    /// Renders so many unchanged outputs all the same, and compares
    #[arg(long, value_name = "N", default_value_t = SAMPLE)]
    sample: usize,
    /// Writes the report as JSON to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub fn run(args: &Args, common: &Common, io: &mut Io) -> Result<Outcome, Diagnostic> {
    let moment = moment(&args.time, &common.root, io)?;
    if args.due
        && let Some(next) = due::noted(&common.root)
        && next.is_none_or(|at| at > moment.clock)
    {
        if !common.quiet {
            io.say(io.either("nothing is due: `banyan due` says when", "没有到期的内容：`banyan due` 可查看下一次时间"));
        }
        return Ok(Outcome::Good);
    }
    let quiet = common.quiet || !io.progress || common.format != Format::Human;
    let progress = Progress::new(io.moving, io.is_chinese(), quiet, common.verbose);
    let order = Order {
        root: common.root.clone(),
        out: args.out.clone(),
        sites: args.sites.clone(),
        jobs: args.jobs,
        moment,
        repair: args.repair,
        sample: args.sample,
        delta: args.delta.clone(),
        forget: args.forget,
        patience: Duration::from_secs(args.patience),
        left_out: super::restart::left_out(),
        watch: &progress,
        stop: stop(),
    };
    let report = crate::build::build(&order);
    progress.end();
    let mut report = report?;
    if args.verify_incremental && !report.sites.is_empty() {
        let wrong = super::verify::verify(args, common, moment, &report, io)?;
        if !wrong.is_empty() {
            report.diagnostics.extend(wrong);
            report.outcome = Outcome::Failed;
        }
    }
    if args.strict && report.outcome == Outcome::Partial {
        report.outcome = Outcome::Failed;
    }
    // What preview and purge read, whether or not anyone asked for a file of their own.
    let kept = (args.out.is_none() && !report.sites.is_empty()).then(|| common.root.join(FOLDER).join("report.json"));
    let beside = args.delta.as_ref().map(|delta| delta.join("report.json"));
    for path in args.report.iter().chain(&kept).chain(&beside) {
        let bytes = serde_json::to_vec_pretty(&format::report(&report, io.tongue)).unwrap_or_default();
        crate::base::fs::write_atomic(path, &bytes)
            .map_err(|e| Diagnostic::error("cli.io").arg("path", path.display()).arg("problem", e))?;
    }
    match common.format {
        Format::Human => {
            human::findings(&report.diagnostics, common, io);
            if !common.quiet {
                summary(&report, args, common, io);
            }
        }
        Format::Json => {
            let text = serde_json::to_string_pretty(&format::report(&report, io.tongue)).unwrap_or_default();
            io.print(format!("{text}\n"));
        }
        other => io.print(format::findings(&report.diagnostics, other, io.tongue)),
    }
    Ok(report.outcome)
}

pub(super) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} KB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}

/// More sites than this are summed up; `-v` lists all.
const LISTED: usize = 20;

fn summary(report: &Report, args: &Args, common: &Common, io: &mut Io) {
    if report.sites.is_empty() {
        let text = io.either("nothing was built", "未构建任何站点");
        io.say(text);
        return;
    }
    let zh = io.is_chinese();
    let wide = report.sites.iter().map(|s| s.id.len()).max().unwrap_or(4).max(4);
    let all = common.verbose || report.sites.len() <= LISTED;
    let mut shown: Vec<_> = report.sites.iter().filter(|s| all || s.status == Status::Kept).collect();
    if !all {
        let mut largest: Vec<_> = report.sites.iter().filter(|s| s.status == Status::Built).collect();
        largest.sort_by_key(|s| (std::cmp::Reverse(s.outputs), s.id.clone()));
        shown.extend(largest.into_iter().take(10));
    }
    io.say("");
    io.say(if zh {
        heads(wide, ["站点", "页面", "文件", "写出", "删除", "大小", "用时"])
    } else {
        heads(wide, ["site", "pages", "files", "written", "deleted", "bytes", "time"])
    });
    for s in &shown {
        let kept = match s.status {
            Status::Built => String::new(),
            Status::Kept => format!("  {}", if zh { "未构建，保留上次输出" } else { "not built: its last output stands" }),
        };
        io.say(format!(
            "{:wide$} {:>6} {:>7} {:>7} {:>7} {:>11} {:>8}{kept}",
            s.id,
            s.pages,
            s.outputs,
            s.written,
            s.deleted,
            bytes(s.bytes),
            seconds(s.millis)
        ));
    }
    if shown.len() < report.sites.len() {
        let rest = report.sites.len() - shown.len();
        io.say(if zh {
            format!("… 另有 {rest} 个站点（-v 列出全部）")
        } else {
            format!("… and {rest} more (-v lists all)")
        });
    }
    let sum = |f: &dyn Fn(&crate::build::SiteReport) -> u64| report.sites.iter().map(f).sum::<u64>();
    let built = report.sites.iter().filter(|s| s.status == Status::Built).count();
    let (pages, files) = (sum(&|s| s.pages as u64), sum(&|s| s.outputs as u64));
    let (written, deleted) = (sum(&|s| s.written as u64), sum(&|s| s.deleted as u64));
    io.say("");
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let total = bytes(sum(&|s| s.bytes));
    let memory = bytes(report.peak_memory);
    if zh {
        io.say(format!("{built}/{} 个站点，{pages} 个页面，{files} 个文件（{total}）；写出 {written}，删除 {deleted}", report.sites.len()));
        io.say(format!("{errors} 个错误，{warnings} 个警告；用时 {}，内存峰值 {memory}", seconds(report.millis)));
    } else {
        io.say(format!(
            "{built} of {}, {}, {} ({total}); {written} written, {deleted} deleted",
            many(report.sites.len(), "site"),
            many(pages as usize, "page"),
            many(files as usize, "file"),
        ));
        io.say(format!("{}; {} in all, peak memory {memory}", wrongs(errors, warnings), seconds(report.millis)));
    }
    let (rendered, verified) = (sum(&|s| s.rendered as u64), sum(&|s| s.verified as u64));
    if rendered == 0 && verified == 0 && written == 0 && files > 0 {
        io.say(io.either("nothing changed since the last build", "自上次构建以来没有变化"));
    } else if rendered < files && verified > 0 {
        io.say(if zh {
            format!("增量构建：重新渲染 {rendered} 个，其余未变；另抽查 {verified} 个")
        } else {
            format!("incremental: {rendered} rendered, the rest as it was; {verified} of it rendered again to compare")
        });
    }
    if common.verbose {
        let laps: Vec<String> = report.phases.iter().map(|(p, ms)| format!("{p:?} {}", seconds(*ms)).to_lowercase()).collect();
        io.say(laps.join(", "));
    }
    for site in &report.unknown {
        io.say(if zh {
            format!("`{site}` 有输出但已不在配置中：`banyan clean --sites` 可清除")
        } else {
            format!("`{site}` has output but is configured no more: `banyan clean --sites` takes it away")
        });
    }
    // Where to look next: the first site, as a file that a browser opens.
    let first = report.sites.iter().filter(|s| s.status == Status::Built).max_by_key(|s| s.outputs);
    if let Some(site) = first {
        let platform = crate::config::load(&common.root).platform;
        let below = platform.as_ref().and_then(|p| Some(p.site(p.find_site(&site.id)?).below.to_string())).unwrap_or_default();
        let out = args.out.clone().or(platform.map(|p| p.output)).unwrap_or_else(|| common.root.join("public"));
        let place = out.join(&site.id);
        let place = place.strip_prefix(".").unwrap_or(&place).display().to_string();
        io.say(if zh {
            format!("查看：python3 -m http.server -d {place}  然后打开 http://localhost:8000{below}/")
        } else {
            format!("to look: python3 -m http.server -d {place}   and open http://localhost:8000{below}/")
        });
    }
}

/// The first line of the table of sites: the first column to the left, the others to the right.
fn heads(wide: usize, [first, rest @ ..]: [&str; 7]) -> String {
    // A Chinese character is two cells wide.
    let cells = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let blanks = |text: &str, width: usize| " ".repeat(width.saturating_sub(cells(text)));
    let mut line = format!("{first}{}", blanks(first, wide));
    for (text, width) in rest.into_iter().zip([6, 7, 7, 7, 11, 8]) {
        line.push_str(&format!(" {}{text}", blanks(text, width)));
    }
    line
}

pub(super) fn seconds(millis: u64) -> String {
    format!("{}.{:02} s", millis / 1000, millis % 1000 / 10)
}
