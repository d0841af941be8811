//! One item as text: a line of JSON for a record, front matter and body for a Markdown file.

pub struct Push {
    pub site: String,
    pub column: Option<String>,
    pub title: Option<String>,
    pub weight: Option<u32>,
}

pub struct Sheet {
    pub out: String,
    json: bool,
}

impl Sheet {
    pub fn new(json: bool) -> Sheet {
        Sheet { out: String::with_capacity(8 * 1024), json }
    }

    pub fn start(&mut self) {
        if self.json { self.out.push('{') } else { self.out.push_str("---\n") }
    }

    fn key(&mut self, key: &str) {
        if !self.json {
            self.out.push_str(key);
            self.out.push_str(": ");
            return;
        }
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    fn end(&mut self) {
        if !self.json {
            self.out.push('\n');
        }
    }

    pub fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        if self.json {
            json(&mut self.out, value)
        } else {
            yaml(&mut self.out, value, false)
        }
        self.end();
    }

    /// A number, or a date of YAML: written as it is.
    pub fn plain(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.push_str(value);
        self.end();
    }

    /// A date: a text in JSON, bare in YAML as editors write it.
    pub fn date(&mut self, key: &str, value: &str) {
        self.key(key);
        if self.json {
            json(&mut self.out, value)
        } else {
            self.out.push_str(value)
        }
        self.end();
    }

    pub fn list<S: AsRef<str>>(&mut self, key: &str, values: &[S]) {
        self.key(key);
        self.out.push('[');
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.out.push_str(if self.json { "," } else { ", " });
            }
            if self.json { json(&mut self.out, value.as_ref()) } else { yaml(&mut self.out, value.as_ref(), true) }
        }
        self.out.push(']');
        self.end();
    }

    pub fn cover(&mut self, file: &str, alt: &str) {
        self.key("cover");
        self.out.push_str(&format!("{{ src: {file}, alt: {alt} }}"));
        self.end();
    }

    pub fn pushes(&mut self, pushes: &[Push]) {
        if pushes.iter().all(|p| p.column.is_none() && p.title.is_none() && p.weight.is_none()) {
            let sites: Vec<&str> = pushes.iter().map(|p| p.site.as_str()).collect();
            self.list("sites", &sites);
            return;
        }
        self.key("sites");
        if self.json {
            self.out.push('[')
        } else {
            _ = self.out.pop()
        }
        for (at, p) in pushes.iter().enumerate() {
            let parts = [("column", p.column.as_deref()), ("title", p.title.as_deref())];
            let bare = parts.iter().all(|(_, v)| v.is_none()) && p.weight.is_none();
            if self.json {
                self.out.push_str(if at > 0 { "," } else { "" });
            } else {
                self.out.push_str("\n  - ");
            }
            if bare {
                if self.json {
                    json(&mut self.out, &p.site)
                } else {
                    self.out.push_str(&p.site)
                }
                continue;
            }
            let (open, colon, comma, close) = if self.json { ("{\"site\"", ":", ",", "}") } else { ("{ site", ": ", ", ", " }") };
            self.out.push_str(open);
            self.out.push_str(colon);
            if self.json {
                json(&mut self.out, &p.site)
            } else {
                self.out.push_str(&p.site)
            }
            for (key, value) in parts {
                let Some(value) = value else { continue };
                self.out.push_str(comma);
                if self.json {
                    json(&mut self.out, key)
                } else {
                    self.out.push_str(key)
                }
                self.out.push_str(colon);
                if self.json { json(&mut self.out, value) } else { yaml(&mut self.out, value, true) }
            }
            if let Some(weight) = p.weight {
                self.out.push_str(comma);
                if self.json {
                    json(&mut self.out, "weight")
                } else {
                    self.out.push_str("weight")
                }
                self.out.push_str(colon);
                self.out.push_str(&weight.to_string());
            }
            self.out.push_str(close);
        }
        if self.json {
            self.out.push(']');
        }
        self.end();
    }

    pub fn finish(&mut self, body: &str) {
        if self.json {
            if !body.is_empty() {
                self.text("body", body);
            }
            self.out.push_str("}\n");
        } else {
            self.out.push_str("---\n");
            self.out.push_str(body);
            if !body.is_empty() {
                self.out.push('\n');
            }
        }
    }
}

/// Bytes that JSON does not take as they are.
const ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = true;
        at += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

fn json(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| ESCAPED[usize::from(b)]) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b => out.push_str(&format!("\\u{b:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Bare where YAML reads it as this text, else in quotation marks. `inside`: in a list or map on one line.
fn yaml(out: &mut String, text: &str, inside: bool) {
    let number = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'));
    let special = text.is_empty()
        || number
        || matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off")
        || text.starts_with(['[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '-', '?', ':', ',', ' '])
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with([':', ' '])
        || text.contains('\n')
        || (inside && text.contains(['[', ']', '{', '}', ',', ':']));
    if special { json(out, text) } else { out.push_str(text) }
}
