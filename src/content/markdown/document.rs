//! Acts and official documents (公文) written as plain paragraphs: which paragraph is the heading of a part, the
//! addressee, the signature.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use super::writer::{end_of, plain};
use super::{Options, han};

#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// The heading of a part of an act, with its level in the table of contents.
    Part(u8),
    /// 主送机关: who a document is written to.
    Addressee,
    /// 署名 and 成文日期.
    Signature,
}

/// More offices than these do not sign above one date.
const MAX_ISSUERS: usize = 4;

/// A block at the top of the text.
struct Block {
    /// The number of its first event.
    at: usize,
    /// Its lines, when it is a paragraph.
    lines: Vec<String>,
    rank: Option<u8>,
}

/// Roles of the paragraphs at the top of a text, by the number of the event that starts each.
pub fn roles(events: &[(Event, Range<usize>)], mark: char, options: &Options) -> HashMap<usize, Role> {
    let mut roles = HashMap::new();
    if !options.articles && !options.official {
        return roles;
    }
    let blocks = blocks(events, mark, options.official);
    if options.articles {
        parts(&blocks, &mut roles);
    }
    if options.official {
        addressee(&blocks, &mut roles);
        signatures(&blocks, &mut roles);
    }
    roles
}

/// `all`: the lines of every paragraph are looked at, not only those of what may be the heading of a part.
fn blocks(events: &[(Event, Range<usize>)], mark: char, all: bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < events.len() {
        let end = match &events[at].0 {
            Event::Start(_) => end_of(events, at),
            _ => at,
        };
        let lines = match &events[at].0 {
            Event::Start(Tag::Paragraph) if all || may_be_part(&events[at + 1..end.max(at + 1)], mark) => {
                lines(&events[at + 1..end.max(at + 1)], mark)
            }
            _ => Vec::new(),
        };
        let rank = if let [line] = &lines[..] { han::part_rank(line) } else { None };
        blocks.push(Block { at, lines, rank });
        at = end + 1;
    }
    blocks
}

/// A paragraph that starts with 第, or with something that has to be looked at more closely.
fn may_be_part(inner: &[(Event, Range<usize>)], mark: char) -> bool {
    for (event, _) in inner {
        match event {
            Event::Text(t) | Event::Code(t) => {
                if let Some(first) = t.chars().find(|c| *c != mark && !c.is_whitespace()) {
                    return first == '第';
                }
            }
            Event::InlineHtml(_) => return true,
            _ => {}
        }
    }
    false
}

/// The lines of a paragraph; none when there is more in it than text.
fn lines(inner: &[(Event, Range<usize>)], mark: char) -> Vec<String> {
    let is_break = |e: &Event| matches!(e, Event::SoftBreak | Event::HardBreak);
    if inner.iter().any(|(e, _)| matches!(e, Event::Start(Tag::Image { .. }))) {
        return Vec::new();
    }
    inner.split(|(e, _)| is_break(e)).map(|line| plain(line, mark)).collect()
}

/// Headings of parts. A list of them in front of the act (目录) names the parts and is none itself.
fn parts(blocks: &[Block], roles: &mut HashMap<usize, Role>) {
    let ranks: BTreeSet<u8> = blocks.iter().filter_map(|b| b.rank).collect();
    // Where each line comes for the last time.
    let last: HashMap<&str, usize> =
        blocks.iter().enumerate().filter(|(_, b)| b.rank.is_some()).map(|(n, b)| (b.lines[0].trim(), n)).collect();
    let mut n = 0;
    while n < blocks.len() {
        let length = blocks[n..].iter().take_while(|b| b.rank.is_some()).count();
        let run = &blocks[n..n + length];
        for (block, rank) in run[listed(run, n, &last)..].iter().filter_map(|b| Some((b, b.rank?))) {
            let level = 2 + ranks.iter().position(|r| *r == rank).unwrap_or(0) as u8;
            roles.insert(block.at, Role::Part(level));
        }
        n += length + 1;
    }
}

/// How many of a run of headings are a list of what follows. A part without a text of its own is an entry of the list,
/// and so is all before it; the list's last entries come again.
fn listed(run: &[Block], start: usize, last: &HashMap<&str, usize>) -> usize {
    let Some(empty) = run.windows(2).rposition(|pair| pair[1].rank <= pair[0].rank) else { return 0 };
    let again = |at: &usize| last.get(run[*at].lines[0].trim()).is_some_and(|last| *last > start + at);
    empty + 1 + (empty + 1..run.len()).take_while(again).count()
}

/// The first paragraph, when it ends with a colon.
fn addressee(blocks: &[Block], roles: &mut HashMap<usize, Role>) {
    if let Some(first) = blocks.iter().find(|b| !b.lines.is_empty())
        && first.lines.len() == 1
        && first.lines[0].trim_end().ends_with(['：', ':'])
    {
        roles.insert(first.at, Role::Addressee);
    }
}

/// A paragraph that is a date, with the names above it: in the same paragraph, or short ones before it.
fn signatures(blocks: &[Block], roles: &mut HashMap<usize, Role>) {
    for (n, block) in blocks.iter().enumerate() {
        let Some((date, names)) = block.lines.split_last() else { continue };
        if !han::is_date(date) || names.len() > MAX_ISSUERS || !names.iter().all(|l| han::is_issuer(l)) {
            continue;
        }
        roles.insert(block.at, Role::Signature);
        if names.is_empty() {
            let signs = |b: &&Block| matches!(&b.lines[..], [line] if han::is_issuer(line));
            let above = blocks[..n].iter().rev().take(MAX_ISSUERS).take_while(signs);
            above.for_each(|b| _ = roles.insert(b.at, Role::Signature));
        }
    }
}
