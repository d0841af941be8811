//! Findings as a person reads them: the sentence, the line with a mark below it, how to mend it.

use std::collections::HashMap;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Common, Io};
use crate::base::diag::{Diagnostic, Place, Severity};
use crate::theme::excerpt::{Excerpt, Excerpts};

/// More of one kind than anyone reads: the rest is counted. `-v` prints all.
const MOST: usize = 30;

pub fn findings(all: &[Diagnostic], common: &Common, io: &mut Io) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut left: Vec<(&str, usize)> = Vec::new();
    let lines = Excerpts::new(&common.root);
    for d in all {
        if d.severity == Severity::Note && !common.verbose {
            continue;
        }
        let count = seen.entry(d.id).or_default();
        *count += 1;
        if *count > MOST && !common.verbose {
            match left.iter_mut().find(|(id, _)| *id == d.id) {
                Some((_, n)) => *n += 1,
                None => left.push((d.id, 1)),
            }
            continue;
        }
        let text = one(d, &lines, io);
        io.say(text);
        io.say("");
    }
    for (id, n) in left {
        let text = if io.is_chinese() {
            format!("… 另有 {n} 条 {id}（-v 列出全部）")
        } else {
            format!("… and {n} more of {id} (-v prints all)")
        };
        io.say(text);
    }
}

fn one(d: &Diagnostic, lines: &Excerpts, io: &Io) -> String {
    let message = d.message(io.tongue);
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let level = match (d.severity, io.is_chinese()) {
        (_, false) => level,
        (Severity::Error, true) => level.with_name("错误"),
        (Severity::Warning, true) => level.with_name("警告"),
        (Severity::Note, true) => level.with_name("提示"),
    };
    let site = match (&d.site, io.is_chinese()) {
        (None, _) => String::new(),
        (Some(s), false) => format!(" ({s})"),
        (Some(s), true) => format!("（{s}）"),
    };
    let title = level.primary_title(format!("{message}{site}")).id(d.id);
    let read: Vec<(Arc<str>, Option<Excerpt>, &Place)> =
        d.place.iter().chain(&d.related).map(|p| (Arc::from(p.to_string()), lines.read(p), p)).collect();
    let mut group = Group::with_title(title);
    for (at, (shown, line, place)) in read.iter().enumerate() {
        let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        group = match line {
            Some(line) => group
                .element(Snippet::source(&line.text).line_start(line.number).path(&*place.file).annotation(kind.span(line.mark.clone()))),
            None => group.element(annotate_snippets::Origin::path(&**shown)),
        };
    }
    let helps = d.helps(io.tongue);
    let help = if io.is_chinese() { Level::HELP.with_name("办法") } else { Level::HELP };
    for text in &helps {
        group = group.element(help.clone().message(text.as_str()));
    }
    let renderer = if io.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(io.width).render(&[group])
}
