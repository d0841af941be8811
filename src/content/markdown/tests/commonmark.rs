//! All examples of the CommonMark spec. The Chinese switches and Banyan's own markup are off; the extensions are on, as
//! they always are.

use super::super::*;

struct Example {
    number: usize,
    section: String,
    markdown: String,
    html: String,
}

fn examples() -> Vec<Example> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/commonmark/spec.txt");
    let spec = std::fs::read_to_string(path).unwrap();
    let fence = "`".repeat(32);
    let (mut all, mut section) = (Vec::new(), String::new());
    let mut lines = spec.lines().take_while(|l| *l != "<!-- END TESTS -->");
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix('#') {
            section = heading.trim_start_matches('#').trim().to_owned();
        }
        if line != format!("{fence} example") {
            continue;
        }
        let part = |lines: &mut dyn Iterator<Item = &str>, end: &str| {
            let text: String = lines.take_while(|l| *l != end).flat_map(|l| [l, "\n"]).collect();
            text.replace('→', "\t")
        };
        let markdown = part(&mut lines, ".");
        let html = part(&mut lines, &fence);
        all.push(Example { number: all.len() + 1, section: section.clone(), markdown, html });
    }
    all
}

/// The spec leaves open what this evens out: a line end behind `<li>`, and whether a quote is an entity.
fn even(html: &str) -> String {
    html.replace("<li>\n", "<li>").replace("&quot;", "\"").trim().to_owned()
}

fn failing(chinese: bool) -> Vec<String> {
    let options = Options { html: HtmlPolicy::Raw, chinese, drop_title: None, articles: false, official: false, extras: Extras::None };
    let failed = examples().into_iter().filter_map(|e| {
        let got = render(&e.markdown, &options).html;
        (even(&got) != even(&e.html)).then(|| format!("{} ({}): {:?}\n want {:?}\n  got {got:?}", e.number, e.section, e.markdown, e.html))
    });
    failed.collect()
}

#[test]
fn there_are_652_examples() {
    let all = examples();
    assert_eq!(all.len(), 652);
    assert_eq!(all[0].markdown, "\tfoo\tbaz\t\tbim\n");
    assert_eq!(all[651].section, "Textual content");
}

#[test]
fn all_examples_pass_with_the_chinese_switches_off() {
    let failed = failing(false);
    assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
}

/// They change nothing in text without Chinese punctuation.
#[test]
fn all_examples_pass_with_the_chinese_switches_on() {
    let failed = failing(true);
    assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
}
