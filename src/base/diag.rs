//! What a person can mend is a [`Diagnostic`]: collected, sorted, many in one run, printed once by `cli`.
//!
//! A diagnostic stores an id and arguments, never a sentence: the catalogue in [`super::messages`]
//! has the sentences, and the language is chosen when they are printed (D16).

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::messages;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// Where in a file. Lines and columns count from 1; columns count characters, not bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Path as a user would type it from the root of the platform.
    pub file: Arc<str>,
    /// 0 when the place is the file as a whole.
    pub line: u32,
    pub column: u32,
    /// Characters to underline on that line; at least 1.
    pub length: u32,
}

impl Place {
    pub fn file(file: impl Into<Arc<str>>) -> Place {
        Place { file: file.into(), line: 0, column: 0, length: 0 }
    }

    pub fn at(file: impl Into<Arc<str>>, line: u32, column: u32) -> Place {
        Place { file: file.into(), line, column, length: 1 }
    }

    pub fn span(file: impl Into<Arc<str>>, line: u32, column: u32, length: u32) -> Place {
        Place { file: file.into(), line, column, length: length.max(1) }
    }

    /// The line alone, whose text is not shown: there is a secret in it.
    pub fn unshown(self) -> Place {
        Place { column: 0, length: 0, ..self }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// The language messages are printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    English,
    Chinese,
}

/// One finding. `id` is a key of the catalogue; an unknown id is a bug that a test of the catalogue finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    pub place: Option<Place>,
    pub id: &'static str,
    /// Site id, where the finding belongs to one site.
    pub site: Option<Arc<str>>,
    pub args: Vec<(Cow<'static, str>, String)>,
    /// Other places that belong to the finding (the lock, the other claimant …).
    pub related: Vec<Place>,
    /// The nearest valid name, when what was written is not one.
    pub nearest: Option<String>,
}

impl Diagnostic {
    fn new(severity: Severity, id: &'static str) -> Diagnostic {
        Diagnostic { severity, id, site: None, place: None, args: Vec::new(), related: Vec::new(), nearest: None }
    }

    pub fn error(id: &'static str) -> Diagnostic {
        Diagnostic::new(Severity::Error, id)
    }

    pub fn warning(id: &'static str) -> Diagnostic {
        Diagnostic::new(Severity::Warning, id)
    }

    pub fn note(id: &'static str) -> Diagnostic {
        Diagnostic::new(Severity::Note, id)
    }

    pub fn with_severity(severity: Severity, id: &'static str) -> Diagnostic {
        Diagnostic::new(severity, id)
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn site(mut self, site: &Arc<str>) -> Self {
        self.site = Some(site.clone());
        self
    }

    pub fn arg(mut self, key: &'static str, value: impl ToString) -> Self {
        self.args.push((key.into(), value.to_string()));
        self
    }

    pub fn also(mut self, place: Place) -> Self {
        self.related.push(place);
        self
    }

    /// Adds the nearest of `known` to `name`, when one is near enough to be what was meant.
    pub fn nearest<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = super::source::nearest(name, known).map(str::to_owned);
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The sentence, arguments filled in.
    pub fn message(&self, tongue: Tongue) -> String {
        match messages::find(self.id) {
            Some(m) => self.fill(if tongue == Tongue::Chinese { m.zh } else { m.en }, tongue),
            None => format!("{} {:?}", self.id, self.args),
        }
    }

    /// How to mend it: a sentence of the catalogue, then the nearest name.
    pub fn helps(&self, tongue: Tongue) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(name) = &self.nearest {
            out.push(match tongue {
                Tongue::English => format!("did you mean `{name}`?"),
                Tongue::Chinese => format!("是不是想写 `{name}`？"),
            });
        }
        if let Some(m) = messages::find(self.id) {
            let help = if tongue == Tongue::Chinese { m.help_zh } else { m.help_en };
            let text = self.fill(help, tongue);
            if !text.trim().is_empty() {
                out.push(text);
            }
        }
        out
    }

    /// `{name}` becomes the argument of that name; an absent argument becomes nothing. All other braces are what a
    /// reader has to write.
    fn fill(&self, template: &str, tongue: Tongue) -> String {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            rest = &rest[open + 1..];
            match argument(rest) {
                Some(key) => {
                    out.push_str(&self.value(key, tongue));
                    rest = &rest[key.len() + 1..];
                }
                None => out.push('{'),
            }
        }
        out.push_str(rest);
        out
    }

    /// An argument in a language: types are words, a label may have an English one beside it.
    fn value(&self, key: &str, tongue: Tongue) -> Cow<'_, str> {
        let english = self.args.iter().find(|(k, _)| tongue == Tongue::English && k.strip_suffix("_en") == Some(key));
        let Some((_, value)) = english.or_else(|| self.args.iter().find(|(k, _)| *k == *key)) else { return Cow::Borrowed("") };
        match key {
            "expected" | "found" | "what" => messages::word(value, tongue == Tongue::Chinese),
            "allowed" if tongue == Tongue::Chinese => value.replace(", ", "、").into(),
            _ => Cow::Borrowed(value),
        }
    }
}

/// A diagnostic as it was written.
#[derive(Deserialize)]
struct Stored {
    severity: Severity,
    place: Option<Place>,
    id: String,
    site: Option<Arc<str>>,
    args: Vec<(String, String)>,
    related: Vec<Place>,
    nearest: Option<String>,
}

impl<'de> Deserialize<'de> for Diagnostic {
    /// An id that this catalogue does not have is of another version.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Diagnostic, D::Error> {
        let s = Stored::deserialize(from)?;
        let id = messages::find(&s.id).ok_or_else(|| serde::de::Error::custom("an unknown message"))?.id;
        let args = s.args.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Ok(Diagnostic { severity: s.severity, place: s.place, id, site: s.site, args, related: s.related, nearest: s.nearest })
    }
}

/// The name of the argument that starts a text, up to its closing brace.
fn argument(text: &str) -> Option<&str> {
    let name = &text[..text.find('}')?];
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).then_some(name)
}

/// Findings sorted by file, line, id: the order they are printed in, whatever thread found them.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (&a.place, a.id, &a.site, &a.args, &a.related).cmp(&(&b.place, b.id, &b.site, &b.args, &b.related)));
    diagnostics.dedup();
}
