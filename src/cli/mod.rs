//! The commands: arguments in, words and an exit code out. The only room that prints.

mod build;
mod check;
mod clean;
mod deploy;
mod domains;
mod due;
mod explain;
mod format;
mod human;
mod init;
mod new;
mod plan;
mod restart;
#[cfg(feature = "serve")]
mod serve;
mod terminal;
mod theme;
mod verify;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::base::diag::{Diagnostic, Tongue};
use crate::build::Outcome;
use crate::route::Moment;

/// Builds hundreds of sites from one content repository.
#[derive(Parser)]
#[command(name = "banyan", version, about, disable_help_subcommand = true, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args, Clone)]
pub struct Common {
    /// The platform's folder: the one with sites.toml
    #[arg(long, global = true, default_value = ".", value_name = "DIR")]
    pub root: PathBuf,
    /// How findings are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Language of messages: en or zh; default: that of the system
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<String>,
    /// Says only what is wrong
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Says more: every site, every note
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

#[derive(clap::Args, Clone)]
pub struct Time {
    /// "Now", RFC 3339; default: SOURCE_DATE_EPOCH, else the present minute
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
    /// Shows drafts too
    #[arg(long, short = 'D')]
    pub drafts: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
    Sarif,
    Junit,
    Github,
}

#[derive(Subcommand)]
enum Command {
    /// Writes a platform to start from: a city, a county, a department, a few items
    Init(init::Args),
    /// Writes a new site, theme or article
    New(new::Args),
    /// Builds the sites into the output folder
    Build(build::Args),
    /// Checks configuration, content and themes without rendering
    Check(check::Args),
    /// Shows the sites in a browser, as their files are this moment
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    /// Says what a build would make anew, and why
    Plan(plan::Args),
    /// Says when the clock next changes anything
    Due(due::Args),
    /// Says where a setting comes from, or where an item is shown and why
    Explain(explain::Args),
    /// What themes are made of, what they change, and whether they hold what is asked of them
    Theme(theme::Args),
    /// Brings what differs to where the sites are served
    Deploy(deploy::Args),
    /// Host names: shows, checks and exports the register, and holds it against the network
    Domains(domains::Args),
    /// Takes outputs and saved state away
    Clean(clean::Args),
    /// Prints a completion script for a shell
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// Where a command reads and writes.
pub struct Io<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// How far a build has come is told while it runs, on standard error.
    pub progress: bool,
    /// Standard error is a terminal: progress moves.
    pub moving: bool,
    pub color: bool,
    pub width: usize,
    pub tongue: Tongue,
    /// Seconds that "now" is when no one says: SOURCE_DATE_EPOCH, else the present minute.
    pub now: i64,
}

impl Io<'_> {
    /// A closed pipe is nobody's error.
    pub fn say(&mut self, text: impl std::fmt::Display) {
        _ = writeln!(self.err, "{text}");
    }

    pub fn print(&mut self, text: impl std::fmt::Display) {
        _ = write!(self.out, "{text}");
    }

    pub fn is_chinese(&self) -> bool {
        self.tongue == Tongue::Chinese
    }

    /// One of two sentences, by the user's language.
    pub fn either(&self, en: &str, zh: &str) -> String {
        if self.is_chinese() { zh.to_owned() } else { en.to_owned() }
    }
}

/// `1 error`, `2 errors`: words of which there are several by an `s`.
pub fn many(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// `2 errors, 1 warning`
pub fn wrongs(errors: usize, warnings: usize) -> String {
    format!("{}, {}", many(errors, "error"), many(warnings, "warning"))
}

/// Set by Ctrl-C and SIGTERM.
pub fn stop() -> &'static AtomicBool {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    STOP.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        // A second one ends the program at once: what is staged is swept by the next build.
        _ = ctrlc::set_handler(move || {
            if set.swap(true, std::sync::atomic::Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        flag
    })
}

/// Runs in a thread with room for what hostile input nests.
pub fn main() -> ExitCode {
    let room = std::thread::Builder::new().stack_size(crate::build::STACK);
    let done = room.spawn(in_thread).map(std::thread::JoinHandle::join);
    match done {
        Ok(Ok(code)) => code,
        _ => ExitCode::from(Outcome::Failed as u8),
    }
}

fn in_thread() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let moving = std::io::stderr().is_terminal();
    let color = moving && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(120);
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|v| v.trim().parse().ok());
    let now = epoch.unwrap_or_else(present);
    let tongue = tongue(sys_locale::get_locale().as_deref());
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr());
    let mut io = Io { out: &mut out, err: &mut err, progress: true, moving, color, width, tongue, now };
    ExitCode::from(run(args, &mut io))
}

/// The present minute, in seconds.
fn present() -> i64 {
    jiff::Timestamp::now().as_second().div_euclid(60) * 60
}

fn tongue(locale: Option<&str>) -> Tongue {
    if locale.is_some_and(|l| l.to_ascii_lowercase().starts_with("zh")) { Tongue::Chinese } else { Tongue::English }
}

/// Runs one command; the number is the exit code.
pub fn run(args: impl IntoIterator<Item = impl Into<std::ffi::OsString> + Clone>, io: &mut Io) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) => {
            let text = e.render();
            let text = if io.color { text.ansi().to_string() } else { text.to_string() };
            if e.use_stderr() {
                _ = write!(io.err, "{text}");
                return Outcome::Refused as u8;
            }
            io.print(text);
            return Outcome::Good as u8;
        }
    };
    if let Some(lang) = &cli.common.lang {
        io.tongue = tongue(Some(lang));
    }
    let common = cli.common;
    let done = match cli.command {
        Command::Init(args) => init::run(&args, io),
        Command::New(args) => new::run(&args, &common, io),
        Command::Build(args) => build::run(&args, &common, io),
        Command::Check(args) => check::run(&args, &common, io),
        Command::Due(args) => due::run(&args, &common, io),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(&args, &common, io),
        Command::Plan(args) => plan::run(&args, &common, io),
        Command::Explain(args) => explain::run(&args, &common, io),
        Command::Theme(args) => theme::run(&args, &common, io),
        Command::Deploy(args) => deploy::run(&args, &common, io),
        Command::Domains(args) => domains::run(&args, &common, io),
        Command::Clean(args) => clean::run(&args, &common, io),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "banyan", &mut script);
            io.print(String::from_utf8_lossy(&script));
            Ok(Outcome::Good)
        }
    };
    match done {
        Ok(outcome) => outcome as u8,
        Err(d) => {
            human::findings(std::slice::from_ref(&d), &common, io);
            // What the machine could not do is a failure; all else was asked for wrongly.
            let target = matches!(d.id, "deploy.unreachable" | "deploy.disk-full" | "deploy.write" | "deploy.denied");
            let machine = target || d.id.starts_with("build.") && !matches!(d.id, "build.output" | "build.locked");
            if !machine { Outcome::Refused as u8 } else { Outcome::Failed as u8 }
        }
    }
}

/// "Now" of a command (D12).
fn moment(time: &Time, root: &std::path::Path, io: &Io) -> Result<Moment, Diagnostic> {
    let clock = match &time.clock {
        None => io.now,
        Some(text) => {
            // A moment without an offset is in the platform's zone; a platform that cannot be read says so by itself.
            let zone = || crate::config::load(root).platform.map_or(jiff::tz::TimeZone::UTC, |p| p.zone);
            crate::base::date::parse_clock(text, zone).ok_or_else(|| Diagnostic::error("cli.clock").arg("value", text))?
        }
    };
    Ok(Moment { clock, drafts: time.drafts, future: false })
}
