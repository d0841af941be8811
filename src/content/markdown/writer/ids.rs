//! Ids of headings and of what else is linked to.

use std::collections::HashMap;

/// Ids of one page: unique, stable, in the words of the text.
#[derive(Default)]
pub struct Ids(HashMap<String, u32>);

impl Ids {
    /// One of this text that nobody has.
    pub fn take(&mut self, text: &str) -> String {
        let mut id = String::new();
        for c in text.chars() {
            if c.is_alphanumeric() || c == '_' {
                id.extend(c.to_lowercase());
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
            if id.len() > 120 {
                break;
            }
        }
        let id = id.trim_end_matches('-').to_owned();
        let id = if id.is_empty() { "section".to_owned() } else { id };
        let mut name = id.clone();
        loop {
            let seen = self.0.entry(name.clone()).or_default();
            *seen += 1;
            if *seen == 1 {
                return name;
            }
            let n = *seen;
            name = format!("{id}-{n}");
        }
    }
    /// This one is taken.
    pub fn keep(&mut self, id: String) {
        self.0.insert(id, 1);
    }

    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
