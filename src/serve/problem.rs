//! Findings for the browser: the sentence, the line with the mark, how to mend it, and a link that opens the editor there.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::diag::{Diagnostic, Place, Severity, Tongue};
use crate::theme::excerpt::Excerpts;

/// More than anyone reads at once.
const MOST: usize = 20;

pub struct Printer<'a> {
    pub root: &'a Path,
    pub editor: &'a str,
    pub tongue: Tongue,
}

impl Printer<'_> {
    /// The errors among them, each once.
    pub fn errors(&self, all: &[Diagnostic]) -> Value {
        let mut seen: Vec<&Diagnostic> = Vec::new();
        for d in all.iter().filter(|d| d.severity == Severity::Error) {
            // A mistake of a theme is one of each of its sites.
            let known = |s: &&Diagnostic| (s.id, &s.place, &s.args) == (d.id, &d.place, &d.args);
            if seen.len() < MOST && !seen.iter().any(known) {
                seen.push(d);
            }
        }
        seen.into_iter().map(|d| self.one(d)).collect()
    }

    fn one(&self, d: &Diagnostic) -> Value {
        let lines = Excerpts::new(self.root);
        let excerpt = d.place.as_ref().and_then(|p| lines.read(p)).map(|e| {
            let (before, rest) = e.text.split_at(e.mark.start);
            let (marked, after) = rest.split_at(e.mark.len());
            json!({ "line": e.number, "before": before, "marked": marked, "after": after })
        });
        json!({
            "id": d.id,
            "message": d.message(self.tongue),
            "site": d.site,
            "place": d.place.as_ref().map(ToString::to_string),
            "editor": d.place.as_ref().and_then(|p| self.editor(p)),
            "excerpt": excerpt,
            "helps": d.helps(self.tongue),
            "related": d.related.iter().map(|p| json!({ "place": p.to_string(), "editor": self.editor(p) })).collect::<Vec<_>>(),
        })
    }

    /// The address that opens a file in the editor; what lies inside the program has none.
    pub fn editor(&self, place: &Place) -> Option<String> {
        if place.file.starts_with("std:") || self.editor.is_empty() {
            return None;
        }
        let file = crate::base::path::encode(&place.file).into_owned();
        let link = self.pattern()?.replace("{file}", &file).replace("{line}", &place.line.max(1).to_string());
        Some(link.replace("{column}", &place.column.max(1).to_string()))
    }

    /// The same for any file below the root.
    pub fn pattern(&self) -> Option<String> {
        let root = std::fs::canonicalize(self.root).ok()?;
        let root = crate::base::path::encode(root.to_str()?).into_owned();
        Some(self.editor.replace("{file}", &format!("{root}/{{file}}")))
    }
}
