//! The files of one owner: remembered, or read and remembered from now on.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::pack::{Entry, Fact, Pack, Written};
use super::share::share;
use super::{Memo, Prints, entry, file_name};
use crate::base::diag::{Diagnostic, Place};
use crate::base::fingerprint::{Fingerprint, Writer};
use crate::content::details::Slot;
use crate::content::kept::KeptOwner;
use crate::content::library::MAX_MARKDOWN;
use crate::content::read::{self, FromFile, Kind, Reader};
use crate::content::repository::{Repository, SourceFile, display};
use crate::content::scan::{Checkout, Digest, Names, Row, Seen, Through};

/// What the readers of all owners share.
pub struct Readers<'a> {
    pub reader: Reader<'a>,
    pub repository: &'a Repository,
    pub prints: &'a Prints,
    pub memo: Option<&'a Memo>,
    /// Set from outside: what is not read yet is left out, and nothing is remembered.
    pub stop: &'a AtomicBool,
}

/// How much of the content was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Files that hold items or the text of a column.
    pub files: usize,
    /// Opened and read, if only to see what they hold.
    pub read: usize,
    pub parsed: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        let Counts { files, read, parsed } = more;
        self.files += files;
        self.read += read;
        self.parsed += parsed;
    }
}

pub struct OwnerRead {
    /// In the order of the files.
    pub from: Vec<Arc<FromFile>>,
    /// Of the files: it was kept from a reading in which the file could have changed unseen. Empty: none is.
    pub doubted: Vec<bool>,
    /// Print of all that the reading of the owner's files depends on besides what they hold.
    pub context: Fingerprint,
    pub counts: Counts,
    /// What is wrong with what was remembered of the owner.
    pub damage: Option<&'static str>,
}

/// One file, done.
#[derive(Default)]
struct Done<'a> {
    from: FromFile,
    counts: Counts,
    names: Option<Names>,
    /// What is remembered of it.
    kept: Option<Entry<'a>>,
    /// It is from now on only.
    new: bool,
    damaged: bool,
}

impl Done<'_> {
    /// The details of its items are in a pack that was written now.
    fn move_to(&mut self, written: &Written) {
        let Some(entry) = &self.kept else { return };
        let Some(first) = written.details.get(&entry.key) else { return };
        let mut start = *first;
        for a in &mut self.from.articles {
            let (Slot::Stored { length, .. } | Slot::Coded { length, .. }) = a.details else { return };
            Arc::make_mut(a).details = Slot::Stored { store: written.store.clone(), start, length };
            start += u64::from(length);
        }
    }
}

impl Readers<'_> {
    /// Reads files that share their first folder; `first` is the place of the first of them. `before`: what they gave when
    /// this process last read them.
    pub fn owner(&self, first: usize, files: &[SourceFile], before: Option<&KeptOwner>) -> OwnerRead {
        let owner: Arc<str> = files.first().map_or("", |f| f.owner()).into();
        let context = self.prints.owner(self.reader.context.platform, &owner);
        let before = before.filter(|b| b.context == context);
        let standing = before.map(|b| b.standing(self.repository, first, files)).unwrap_or_default();
        let stands = |at: usize| standing.get(at).and_then(Option::as_ref).map(|(from, _)| from);
        let doubted: Vec<bool> = standing.iter().map(|s| s.as_ref().is_some_and(|(_, settled)| !settled)).collect();
        if before.is_some() && standing.iter().all(Option::is_some) {
            let from: Vec<Arc<FromFile>> = standing.into_iter().flatten().map(|(from, _)| from).collect();
            let files = files.iter().filter(|f| Kind::of(self.repository, f) != Kind::Attachment).count();
            return OwnerRead { from, doubted, context, counts: Counts { files, ..Counts::default() }, damage: None };
        }
        let mut damage = None;
        let mut seen = Seen::default();
        let mut pack = Pack::default();
        // A file beside the owners' folders is an error, and has no pack.
        let memo = self.memo.filter(|_| !owner.is_empty());
        if let Some(memo) = memo {
            let name = file_name(&owner);
            seen = Seen::read(&memo.files.join(&name)).unwrap_or_else(|e| {
                damage = Some(e);
                Seen::default()
            });
            pack = Pack::read(&memo.packs.join(&name), context).unwrap_or_else(|e| {
                damage = Some(e);
                Pack::default()
            });
        }
        let rows = seen.rows().unwrap_or_else(|e| {
            damage = Some(e);
            Vec::new()
        });
        let mut done: Vec<Done> = files
            .par_iter()
            .enumerate()
            .map(|(at, file)| {
                if self.stop.load(Ordering::Relaxed) {
                    return Done::default();
                }
                if stands(at).is_some() {
                    return Done { counts: Counts { files: 1, ..Counts::default() }, ..Done::default() };
                }
                // A fault of the program over one file is said of that file: it stops neither the others nor the build.
                let file_done = catch_unwind(AssertUnwindSafe(|| {
                    let mut done = self.file((first + at) as u32, file, &owner, &rows, &pack);
                    // At once where there are many: what is thrown away between them would leave holes in memory.
                    if done.counts.parsed == 1 && done.from.articles.len() > 1 {
                        share(std::iter::once((file, &mut done.from)), &owner);
                    }
                    done
                }));
                file_done.unwrap_or_else(|_| {
                    let d = Diagnostic::error("content.fault").at(Place::file(display(self.reader.context.platform, file)));
                    Done { from: FromFile { diagnostics: vec![d], ..FromFile::default() }, ..Done::default() }
                })
            })
            .collect();
        let mut counts = Counts::default();
        done.iter().for_each(|d| counts += d.counts);
        if done.iter().any(|d| d.damaged) {
            damage = Some("damaged");
        }
        // What stands has no names here: the memo is written by readings that looked at everything.
        if let Some(memo) = memo.filter(|m| m.write && before.is_none() && !self.stop.load(Ordering::Relaxed)) {
            // What cannot be remembered is read again: that is no reason to stop.
            _ = self.remember_files(memo, &owner, files, &done, &rows);
            // From now on the details are where they were written.
            if let Ok(Some(written)) = remember_content(memo, &owner, context, files, &done, &pack) {
                done.iter_mut().for_each(|d| d.move_to(&written));
            }
        }
        let mut from: Vec<FromFile> = done.into_iter().map(|d| d.from).collect();
        let read = files.iter().zip(&mut from).enumerate().filter(|(at, _)| stands(*at).is_none()).map(|(_, read)| read);
        share(read.filter(|(_, from)| from.articles.len() == 1), &owner);
        let from = from.into_iter().enumerate().map(|(at, read)| stands(at).cloned().unwrap_or_else(|| read.into())).collect();
        OwnerRead { from, doubted, context, counts, damage }
    }

    fn key(&self, file: &SourceFile, hash: Fingerprint) -> Fingerprint {
        let mut w = Writer::new("file");
        w.print(hash).text(&file.path);
        let Some(mount) = file.mount else { return w.byte(0).finish() };
        w.byte(1).print(self.prints.mount(mount));
        let row = self.reader.metadata.get(mount as usize).and_then(|m| m.get(file.below()));
        match row {
            None => _ = w.byte(0),
            Some(row) => {
                w.byte(1).number(row.len() as u64);
                row.iter().for_each(|(k, v)| _ = w.text(k).json(v));
            }
        }
        w.finish()
    }

    fn file<'p>(&self, at: u32, file: &SourceFile, owner: &Arc<str>, rows: &[Row], pack: &'p Pack) -> Done<'p> {
        let kind = Kind::of(self.repository, file);
        if kind == Kind::Attachment {
            return Done::default();
        }
        let mut counts = Counts { files: 1, ..Counts::default() };
        if kind == Kind::Markdown && file.length >= MAX_MARKDOWN {
            let from = read::markdown(&self.reader, at, file, Err(std::io::ErrorKind::FileTooLarge.into()));
            return Done { from, counts, ..Done::default() };
        }
        let checkout = self.repository.checkout(file).filter(|_| self.memo.is_some());
        let known = witnessed(file, rows, checkout, pack);
        let place = || entry::Place {
            path: &file.path,
            at,
            owner,
            categories: self.reader.context.schemas.all.len(),
            languages: self.reader.context.platform.languages.len(),
        };
        let mut damaged = false;
        let mut recall = |names: Names, counts: Counts| {
            let key = self.key(file, names.hash);
            let entry = pack.get(key)?;
            let Some(from) = entry::decode(&entry, &place()) else {
                damaged = true;
                return None;
            };
            Some(Done { from, counts, names: Some(names), kept: Some(entry), new: false, damaged: false })
        };
        if let Some(hash) = known
            && let Some(done) = recall(Names { hash, blob: None }, counts)
        {
            return done;
        }
        counts.read = 1;
        let algorithm = checkout.map(|c| c.algorithm);
        let (mut from, names) = if kind == Kind::Markdown {
            let bytes = std::fs::read(&file.disk);
            let names = bytes.as_ref().ok().map(|b| Digest::of(algorithm, file.length, b));
            if let Some(done) = names.and_then(|n| recall(n, counts)) {
                return done;
            }
            let read = bytes.as_deref().map_err(|e| std::io::Error::new(e.kind(), e.to_string()));
            let read = read.map(|b| (b, names.map_or(Fingerprint::ABSENT, |n| n.hash)));
            (read::markdown(&self.reader, at, file, read), names)
        } else {
            // A file of records may be larger than memory: it is read once to see what it holds, and once more if need be.
            if !pack.is_empty()
                && let Some(done) = names_of(file, algorithm).and_then(|n| recall(n, counts))
            {
                return done;
            }
            let mut digest = Digest::new(algorithm, file.length);
            let opened = std::fs::File::open(&file.disk).map(|from| Through { from, digest: &mut digest });
            let from = read::records(&self.reader, at, file, kind, opened);
            let whole = !from.diagnostics.iter().any(|d| d.id == "content.unreadable");
            (from, whole.then(|| digest.finish()))
        };
        counts.parsed = 1;
        let key = names.map(|n| self.key(file, n.hash));
        let kept = key.filter(|_| self.memo.is_some_and(|m| m.write)).and_then(|key| entry::encode(&mut from, key));
        Done { from, counts, names, new: kept.is_some(), kept, damaged }
    }

    /// The rows of the files that had been left alone when this build began.
    fn remember_files(&self, memo: &Memo, owner: &str, files: &[SourceFile], done: &[Done], rows: &[Row]) -> std::io::Result<()> {
        let settled = |f: &SourceFile| f.stamp.settled(self.repository.moment);
        let now: Vec<Row> = files
            .iter()
            .zip(done)
            .filter_map(|(f, d)| Some(Row { path: &f.path, stamp: f.stamp, hash: d.names.filter(|_| settled(f))?.hash }))
            .collect();
        if now == rows { Ok(()) } else { Seen::write(&memo.files.join(file_name(owner)), &now) }
    }
}

/// What the file holds, if a witness may be believed.
fn witnessed(file: &SourceFile, rows: &[Row], checkout: Option<&Checkout>, pack: &Pack) -> Option<Fingerprint> {
    if let Ok(hit) = rows.binary_search_by(|r| r.path.cmp(&file.path))
        && rows[hit].stamp == file.stamp
    {
        return Some(rows[hit].hash);
    }
    pack.hash(checkout?.blob(&file.disk, &file.stamp)?, file.length)
}

fn names_of(file: &SourceFile, algorithm: Option<crate::content::scan::Algorithm>) -> Option<Names> {
    let mut digest = Digest::new(algorithm, file.length);
    let from = std::fs::File::open(&file.disk).ok()?;
    std::io::copy(&mut Through { from, digest: &mut digest }, &mut std::io::sink()).ok()?;
    Some(digest.finish())
}

/// Writes the pack anew when there is more to remember, or much to forget.
fn remember_content(
    memo: &Memo,
    owner: &str,
    context: Fingerprint,
    files: &[SourceFile],
    done: &[Done],
    pack: &Pack,
) -> std::io::Result<Option<Written>> {
    let hashes: HashSet<Fingerprint> = done.iter().filter_map(|d| Some(d.names?.hash)).collect();
    let old: HashSet<Fact> = pack.facts().collect();
    let mut facts: Vec<Fact> = old.iter().copied().filter(|f| hashes.contains(&f.hash)).collect();
    let mut news = false;
    for (file, d) in files.iter().zip(done) {
        if let Some(Names { hash, blob: Some(blob) }) = d.names {
            let fact = Fact { blob, length: file.length, hash };
            if !old.contains(&fact) {
                news = true;
                facts.push(fact);
            }
        }
        news |= d.new;
    }
    let entries: Vec<&Entry> = done.iter().filter_map(|d| d.kept.as_ref()).collect();
    if !news && pack.len() <= entries.len() * 2 {
        return Ok(None);
    }
    Pack::write(&memo.packs.join(file_name(owner)), context, entries, facts).map(Some)
}
