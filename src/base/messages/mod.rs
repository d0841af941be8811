//! The catalogue of messages: every id Banyan can print, in English and Chinese, with how to mend it.
//! A table a phase; `{name}` stands for an argument. A test holds the tables and the ids used in the code together.

mod build;
mod config;
mod content;
mod deploy;
mod domains;
mod markdown;
mod picture;
mod render;
mod route;
mod serve;
mod theme;
mod words;

pub use words::word;

pub struct Message {
    pub id: &'static str,
    pub en: &'static str,
    pub zh: &'static str,
    /// How to mend it; empty where the sentence says all.
    pub help_en: &'static str,
    pub help_zh: &'static str,
}

/// All messages, table after table.
pub fn all() -> impl Iterator<Item = &'static Message> {
    [
        config::TABLE,
        content::TABLE,
        markdown::TABLE,
        theme::TABLE,
        route::TABLE,
        render::TABLE,
        picture::TABLE,
        build::TABLE,
        deploy::TABLE,
        domains::TABLE,
        serve::TABLE,
    ]
    .into_iter()
    .flatten()
}

pub fn find(id: &str) -> Option<&'static Message> {
    all().find(|m| m.id == id)
}

const fn m(id: &'static str, en: &'static str, zh: &'static str, help_en: &'static str, help_zh: &'static str) -> Message {
    Message { id, en, zh, help_en, help_zh }
}
