//! Progress: a bar on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::build::{Endless, Phase, SiteReport, Status, Watch};

pub struct Progress {
    chinese: bool,
    bar: Option<ProgressBar>,
    /// Where nothing moves: when something was last said, and how many sites are done.
    plain: Mutex<(Instant, usize, usize)>,
    quiet: bool,
    every: bool,
}

impl Progress {
    pub fn new(moving: bool, chinese: bool, quiet: bool, every: bool) -> Progress {
        let bar = (moving && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress { chinese, bar, plain: Mutex::new((Instant::now(), 0, 0)), quiet, every }
    }

    fn line(&self, text: String) {
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if !self.quiet => eprintln!("{text}"),
            None => {}
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Progress {
    fn phase(&self, phase: Phase) {
        let text = match (phase, self.chinese) {
            (Phase::Configuration, false) => "reading the configuration",
            (Phase::Configuration, true) => "读取配置",
            (Phase::Content, false) => "reading the content",
            (Phase::Content, true) => "读取内容",
            (Phase::Themes, false) => "reading the themes",
            (Phase::Themes, true) => "读取主题",
            (Phase::Routes, false) => "placing the items",
            (Phase::Routes, true) => "安排条目位置",
            (Phase::Render, false) => "rendering",
            (Phase::Render, true) => "生成页面",
            (Phase::Save, false) => "saving the manifests",
            (Phase::Save, true) => "保存清单",
        };
        self.line(text.to_owned());
    }

    fn endless(&self, outputs: &[Endless]) {
        self.end();
        let names: Vec<String> = outputs.iter().map(|o| format!("{}/{}", o.site, o.path)).collect();
        let names = names.join(", ");
        if !self.quiet {
            match self.chinese {
                true => eprintln!("{names} 无法生成完毕：重新开始，不含该站点"),
                false => eprintln!("{names} does not end: starting anew without its site"),
            }
        }
        let problem = super::restart::leaving_out(outputs);
        eprintln!("{problem}");
        std::process::exit(1);
    }

    fn sites(&self, count: usize) {
        if let Ok(mut plain) = self.plain.lock() {
            plain.2 = count;
        }
        if let Some(bar) = &self.bar {
            bar.set_length(count as u64);
            let template = "{spinner} [{bar:24}] {pos}/{len} {msg}";
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        }
    }

    fn site(&self, done: &SiteReport) {
        let kept = match (done.status, self.chinese) {
            (Status::Built, _) => "",
            (Status::Kept, false) => " (kept as it was)",
            (Status::Kept, true) => "（保留原样）",
        };
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(format!("{}{kept}", done.id));
            return;
        }
        let Ok(mut plain) = self.plain.lock() else { return };
        plain.1 += 1;
        let (since, at, of) = *plain;
        // A log is read afterwards: one line in five seconds tells that it goes on.
        if self.every || since.elapsed() > Duration::from_secs(5) || (at == of && of > 1) {
            plain.0 = Instant::now();
            drop(plain);
            self.line(format!("  {at}/{of} {}{kept}", done.id));
        }
    }
}
