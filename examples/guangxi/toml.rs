//! Values as TOML writes them. None of our texts holds a quotation mark or a backslash.

/// A `[[column]]` of a site's file: values are TOML.
pub struct Edit {
    pub id: String,
    pub keys: Vec<(&'static str, String)>,
}

pub fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

pub fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|s| quoted(s.as_ref())).collect();
    format!("[{}]", items.join(", "))
}
