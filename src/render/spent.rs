//! Templates that ran out of fuel: a page of one takes as long as thousands of others, and the next would most often end in
//! the same way. What is told does not hang on which was rendered first: it is what the first of them says, in the order of
//! their addresses, and nothing of those behind it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::base::diag::Diagnostic;

#[derive(Default)]
pub struct Spent(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// By template: the first output that ran out, and what it said.
    first: BTreeMap<String, (String, Diagnostic)>,
    /// Outputs that failed, with their template.
    failed: BTreeMap<String, String>,
}

impl Spent {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an output before this one said when the template ran out of fuel: this one is not tried.
    pub fn first(&self, template: &str, output: &str) -> Option<Diagnostic> {
        let mut known = self.known();
        let said = known.first.get(template).filter(|(first, _)| **first < *output).map(|(_, said)| said.clone())?;
        known.failed.insert(output.to_owned(), template.to_owned());
        Some(said)
    }

    /// Notes that an output failed, and with what.
    pub fn failed(&self, template: &str, output: &str, said: Diagnostic) -> Diagnostic {
        let mut known = self.known();
        known.failed.insert(output.to_owned(), template.to_owned());
        if said.id == "render.fuel" && known.first.get(template).is_none_or(|(first, _)| *output < **first) {
            known.first.insert(template.to_owned(), (output.to_owned(), said.clone()));
        }
        said
    }

    pub fn is_void(&self, output: &str) -> bool {
        let known = self.known();
        let first = known.failed.get(output).and_then(|template| known.first.get(template));
        first.is_some_and(|(first, _)| **first < *output)
    }
}
