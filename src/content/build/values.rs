//! Values of an item by their keys, each of the kind that is asked for.

use serde_json::Value as Json;

use super::{Maker, SYNONYMS, kind};
use crate::base::date::{Date, DateError};
use crate::base::diag::{Diagnostic, Place};

impl Maker<'_> {
    pub(super) fn place(&self, key: &str) -> Place {
        let (line, column) = self.draft.fields.place(key);
        if line == 0 {
            return Place::file(self.draft.file.clone());
        }
        let length = if self.draft.record { 1 } else { key.chars().count() as u32 };
        Place::span(self.draft.file.clone(), line, column.max(1), length)
    }

    pub(super) fn say(&mut self, d: Diagnostic, key: &str) {
        let place = self.place(key);
        self.out.push(d.at(place).arg("key", key));
    }

    pub(super) fn raw(&self, key: &str) -> Option<&Json> {
        let value = self.draft.fields.values.get(key).or_else(|| {
            let other = SYNONYMS.iter().find(|(_, ours)| *ours == key)?.0;
            self.draft.fields.values.get(other)
        });
        // An empty value is one that was not filled in.
        value.filter(|v| !v.is_null() && v.as_str().is_none_or(|s| !s.trim().is_empty()))
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.text_as(key, "text")
    }

    /// `expected`: what the text is to be, for the message.
    pub(super) fn text_as(&mut self, key: &str, expected: &'static str) -> Option<String> {
        match self.raw(key)? {
            Json::String(s) => Some(s.trim().to_owned()),
            Json::Number(n) => Some(n.to_string()),
            other => {
                let found = kind(other);
                self.say(Diagnostic::error("content.type").arg("expected", expected).arg("found", found), key);
                None
            }
        }
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let list = match self.raw(key) {
            None => return Vec::new(),
            Some(Json::Array(items)) => items.clone(),
            // Records from tables write lists with separators.
            Some(Json::String(s)) => s.split([',', '，', '、', ';', '；']).map(|s| Json::String(s.trim().to_owned())).collect(),
            Some(other) => vec![other.clone()],
        };
        let mut out: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for item in &list {
            let text = match item {
                Json::String(s) => s.trim().to_owned(),
                Json::Number(n) => n.to_string(),
                other => {
                    let found = kind(other);
                    self.say(Diagnostic::error("content.type").arg("expected", "texts").arg("found", found), key);
                    continue;
                }
            };
            if !text.is_empty() && seen.insert(text.clone()) {
                out.push(text);
            }
        }
        out
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.raw(key) {
            None => false,
            Some(Json::Bool(b)) => *b,
            Some(Json::String(s)) if s == "true" => true,
            Some(Json::String(s)) if s == "false" => false,
            Some(other) => {
                let found = kind(other);
                self.say(Diagnostic::error("content.type").arg("expected", "flag").arg("found", found), key);
                false
            }
        }
    }

    pub(super) fn weight(&mut self, key: &str) -> i32 {
        let value = self.raw(key).cloned();
        match value {
            None => 0,
            Some(v) => {
                let number = v.as_i64().or_else(|| v.as_str().and_then(|s| s.parse().ok()));
                match number.and_then(|n| i32::try_from(n).ok()) {
                    Some(n) => n,
                    None => {
                        self.say(Diagnostic::error("content.type").arg("expected", "whole number").arg("found", kind(&v)), key);
                        0
                    }
                }
            }
        }
    }

    pub(super) fn date(&mut self, key: &str) -> Option<Date> {
        let text = self.text_as(key, "date")?;
        match Date::parse(&text, &self.context.platform.zone) {
            Ok(d) => Some(d),
            Err(e) => {
                let id = if e == DateError::NoSuchDay { "content.no-such-day" } else { "content.date" };
                self.say(Diagnostic::error(id).arg("value", text), key);
                None
            }
        }
    }
}
