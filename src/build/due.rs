//! When the clock next changes anything: an item that is published or expires (D12).

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::state::FOLDER;
use crate::base::fs;
use crate::base::id::ArticleId;
use crate::content::Library;
use crate::route::Moment;

/// What a later moment brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Published,
    Expired,
}

/// The next instant (seconds) at which an item appears or goes, and the items, in the order of their ids.
pub fn next(library: &Library, moment: Moment) -> Option<(i64, Vec<(ArticleId, Turn)>)> {
    let turns = library.ids().filter(|id| !library.get(*id).bad).flat_map(|id| {
        let a = library.get(id);
        let shown = !a.draft || moment.drafts;
        let (publish, expiry) = (a.publish(), a.expiry());
        let gone = expiry.is_some_and(|e| e <= moment.clock);
        // What has expired before it is published never appears.
        let appears = publish.filter(|p| *p > moment.clock && expiry.is_none_or(|e| e > *p));
        let goes = expiry.filter(|e| *e > moment.clock && publish.is_none_or(|p| p < *e));
        let turns = [appears.map(|at| (at, id, Turn::Published)), goes.map(|at| (at, id, Turn::Expired))];
        turns.into_iter().flatten().filter(move |_| shown && !gone)
    });
    let mut first = i64::MAX;
    let mut items: Vec<(ArticleId, Turn)> = Vec::new();
    for (at, id, turn) in turns {
        if at < first {
            first = at;
            items.clear();
        }
        if at == first {
            items.push((id, turn));
        }
    }
    let id_of = |id: ArticleId| -> &Arc<str> { &library.get(id).card.id };
    items.sort_by(|a, b| id_of(a.0).cmp(id_of(b.0)));
    (!items.is_empty()).then_some((first, items))
}

const FILE: &str = "due";

/// Notes it after a build of all sites, so that the next `build --due` need not read the content to know that it is early.
pub fn note(root: &Path, next: Option<i64>) -> io::Result<()> {
    let text = next.map_or_else(|| "never\n".to_owned(), |at| format!("{at}\n"));
    fs::write_atomic(&root.join(FOLDER).join(FILE), text.as_bytes())
}

/// What the last build of all sites noted: `None` nothing, `Some(None)` that nothing will ever be due.
pub fn noted(root: &Path) -> Option<Option<i64>> {
    let text = std::fs::read_to_string(root.join(FOLDER).join(FILE)).ok()?;
    match text.trim() {
        "never" => Some(None),
        at => at.parse().ok().map(Some),
    }
}
