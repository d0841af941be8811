//! One static page that shows every kind of page and every block of a stack side by side at three widths, and where the blocks
//! of the templates come from. It opens from a disk: nothing in it is absolute, and nothing comes from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::alone::alone;
use super::pages::{Page, render};
use super::sample::{Case, Sample};
use crate::base::diag::Diagnostic;
use crate::base::fs::write_atomic;
use crate::base::path;
use crate::build::machine;
use crate::theme::explain::{Bound, explain};
use crate::theme::mark::ATTRIBUTE;
use crate::theme::stack::block_names;

/// A phone, a tablet, a desk.
pub const WIDTHS: [u32; 3] = [360, 768, 1366];
/// Where the blocks of home pages stand, each on a page of its own.
const BLOCKS: &str = "gallery-blocks";
/// Pages shown of one kind: a rich one, a long title, another script.
const SHOWN: usize = 5;

const STYLE: &str = "body { margin: 0; padding: 1rem; font: 16px/1.6 system-ui, sans-serif; color: #1f2328; background: #f4f6f9; }
h1, h2, h3 { margin: 1.5rem 0 .5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
.row { display: flex; gap: 1.5rem; align-items: flex-start; overflow-x: auto; padding-bottom: 1rem; }
figure { flex: none; margin: 0; }
figcaption { font-size: .875rem; }
iframe { display: block; height: 1200px; border: 1px solid #57606a; background: #fff; zoom: .5; }
.block iframe { height: 700px; }
table { border-collapse: collapse; background: #fff; font-size: .875rem; }
th, td { padding: .15rem .6rem; border: 1px solid #d9dee5; text-align: left; }
";

/// Writes it into a folder. What the pages say while they are made comes back, with how many there are.
pub fn gallery(sample: &Sample, out: &Path) -> Result<(usize, Vec<Diagnostic>), Diagnostic> {
    let mut said = Vec::new();
    let mut body = String::new();
    let mut count = 0;
    for case in &sample.cases {
        let site = sample.world.platform.site(case.site);
        let mut pages = render(&sample.world, case.site, true, &mut said);
        let blocks = blocks(&pages, sample.world.platform.language(site.default_language()));
        let names: Vec<String> = blocks.iter().map(|p| p.kind.clone()).collect();
        pages.extend(blocks);
        for page in &pages {
            let bytes = if page.path.ends_with(".html") { relative(page).into_bytes() } else { page.bytes.clone() };
            put(&out.join(&*site.id).join(&page.path), &bytes)?;
        }
        section(sample, case, &pages, &names, &mut body);
        count += pages.iter().filter(|p| p.html).count();
    }
    let title = "Gallery";
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<link rel=\"stylesheet\" href=\"gallery.css\">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    );
    put(&out.join("gallery.css"), STYLE.as_bytes())?;
    put(&out.join("index.html"), html.as_bytes())?;
    Ok((count, said))
}

fn put(file: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    write_atomic(file, bytes).map_err(|e| machine("build.write", file, e))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Each block of the home page as a page: its kind is the name of the block.
fn blocks(pages: &[Page], lang: &str) -> Vec<Page> {
    let home = pages.iter().find(|p| p.html && p.kind == "home" && p.lang == lang);
    let found = home.map(|p| alone(&String::from_utf8_lossy(&p.bytes))).unwrap_or_default();
    found
        .into_iter()
        .map(|b| Page {
            path: format!("{BLOCKS}/{}.html", b.name),
            kind: b.name,
            lang: lang.to_owned(),
            bytes: b.html.into_bytes(),
            // It is a part of a page that is counted already.
            html: false,
        })
        .collect()
}

/// One page at each width.
fn row(site: &str, name: &str, page: &str, class: &str, out: &mut String) {
    _ = writeln!(out, "<div class=\"{class}\">");
    for width in WIDTHS {
        let address = escaped(&path::encode(&format!("{site}/{page}")));
        let (name, title) = (escaped(name), escaped(&format!("{page} {width}")));
        _ = writeln!(
            out,
            "<figure><figcaption><a href=\"{address}\">{name}</a> · {width}px</figcaption><iframe src=\"{address}\" title=\"{title}\" width=\"{width}\" loading=\"lazy\"></iframe></figure>"
        );
    }
    out.push_str("</div>\n");
}

/// The kinds of pages and the blocks of one site, and what they are made of.
fn section(sample: &Sample, case: &Case, pages: &[Page], blocks: &[String], out: &mut String) {
    let world = &sample.world;
    let site = world.platform.site(case.site);
    let Some(stack) = world.themes.of(case.site) else { return };
    let layers = &world.themes.layers;
    let chain: Vec<&str> = stack.chain.iter().map(|l| &*layers.get(*l).name).collect();
    _ = writeln!(
        out,
        "<section id=\"{0}\">\n<h2>{1}</h2>\n<p>{2}</p>",
        escaped(&site.id),
        escaped(&format!("{} · {}", case.theme, case.tier)),
        escaped(&chain.join(" → "))
    );
    let mut kinds: BTreeMap<&str, Vec<&Page>> = BTreeMap::new();
    for page in pages.iter().filter(|p| p.html) {
        kinds.entry(&page.kind).or_default().push(page);
    }
    out.push_str("<nav aria-label=\"kinds\"><ul>\n");
    for kind in kinds.keys() {
        _ = writeln!(out, "<li><a href=\"#{0}-{1}\">{1}</a></li>", escaped(&site.id), escaped(kind));
    }
    for name in blocks {
        _ = writeln!(out, "<li><a href=\"#{0}-block-{1}\">{1}</a></li>", escaped(&site.id), escaped(name));
    }
    out.push_str("</ul></nav>\n");
    for (kind, all) in kinds {
        _ = writeln!(out, "<h3 id=\"{0}-{1}\">{1}</h3>", escaped(&site.id), escaped(kind));
        for page in chosen(&all, world.platform.language(site.default_language())) {
            row(&site.id, &page.path, &page.path, "row", out);
        }
    }
    for name in blocks {
        _ = writeln!(out, "<h3 id=\"{0}-block-{1}\">block {1}</h3>", escaped(&site.id), escaped(name));
        row(&site.id, name, &format!("{BLOCKS}/{name}.html"), "row block", out);
    }
    let empty: Vec<String> =
        block_names(layers, &stack.chain).into_iter().filter(|k| !blocks.iter().any(|b| b == k)).map(escaped).collect();
    if !empty.is_empty() {
        _ = writeln!(out, "<p>Blocks that have nothing to show here: {}</p>", empty.join(", "));
    }
    let told = explain(layers, &stack.chain, None);
    out.push_str(
        "<h3>blocks of the templates</h3>\n<table>\n<thead><tr><th>template</th><th>block</th><th>layer</th><th>place</th><th></th></tr></thead>\n<tbody>\n",
    );
    for (template, b) in told.blocks.iter().flat_map(|(t, all)| all.iter().map(move |b| (t, b))) {
        let state = match &b.bound {
            Bound::Free => String::new(),
            Bound::Locked(said) => format!("locked by {}", layers.get(said.layer).name),
            Bound::Slot(said) => format!("open in {}", layers.get(said.layer).name),
        };
        let cells = [template, &b.name, &*layers.get(b.layer).name, &b.place.to_string(), &state].map(escaped);
        _ = writeln!(out, "<tr><td>{}</td></tr>", cells.join("</td><td>"));
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

/// A few of one kind: in the default language, and one in each other.
fn chosen<'p>(all: &[&'p Page], default: &str) -> Vec<&'p Page> {
    let mut langs: Vec<&str> = Vec::new();
    let mut out: Vec<&Page> = all.iter().copied().filter(|p| p.lang == default || p.lang.is_empty()).take(2).collect();
    for page in all.iter().copied().filter(|p| p.lang != default && !p.lang.is_empty()) {
        if !langs.contains(&page.lang.as_str()) {
            langs.push(&page.lang);
            out.push(page);
        }
    }
    out.truncate(SHOWN);
    out
}

/// A page whose addresses lead to files beside it. Integrity and policies ask for an origin, which files have not.
fn relative(page: &Page) -> String {
    let html = String::from_utf8_lossy(&page.bytes).into_owned();
    let up = "../".repeat(page.path.matches('/').count());
    let lead = |address: &str| {
        let plain = address.strip_prefix('/').filter(|a| !a.starts_with('/'))?;
        let (path, rest) = plain.find(['?', '#']).map_or((plain, ""), |at| plain.split_at(at));
        let index = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
        Some(format!("{up}{path}{index}{rest}"))
    };
    let every = element!("*", |el| {
        for name in ["href", "src", "poster", "data", "action"] {
            if let Some(new) = el.get_attribute(name).and_then(|a| lead(&a)) {
                el.set_attribute(name, &new)?;
            }
        }
        if let Some(set) = el.get_attribute("srcset") {
            let part = |p: &str| {
                let (address, size) = p.trim().split_once(' ').unwrap_or((p.trim(), ""));
                format!("{} {size}", lead(address).unwrap_or_else(|| address.to_owned())).trim().to_owned()
            };
            el.set_attribute("srcset", &set.split(',').map(part).collect::<Vec<_>>().join(", "))?;
        }
        el.remove_attribute(ATTRIBUTE);
        el.remove_attribute("integrity");
        el.remove_attribute("crossorigin");
        Ok(())
    });
    let policy = element!("meta[http-equiv]", |el| {
        let name = el.get_attribute("http-equiv").unwrap_or_default();
        if name.eq_ignore_ascii_case("Content-Security-Policy") {
            el.remove();
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(every).append_element_content_handler(policy);
    rewrite_str(&html, settings).unwrap_or(html)
}
