//! A page for each thing that a template can read, which reads little else: where many reads stand on one page, one that
//! was forgotten hides behind the others. They belong to the site `city`.

use super::{Files, Rng};

/// Key of an object, or function, filter, global → a template that prints it, on the front page of a column of its own.
pub const COLUMNS: &[(&str, &str)] = &[
    ("site.id", "{{ site.id }}"),
    ("site.name", "{{ site.name }}"),
    ("site.short_name", "{{ site.short_name }}"),
    ("site.tier", "{{ site.tier }}"),
    ("site.tier_label", "{{ site.tier_label }}"),
    ("site.lang", "{{ site.lang }}"),
    ("site.host", "{{ site.host }}"),
    ("site.url", "{{ site.url }}"),
    ("site.home", "{{ site.home }}"),
    ("site.description", "{{ site.description }}"),
    ("site.keywords", "{% for k in site.keywords or [] %}{{ k }},{% endfor %}"),
    (
        "site.identity",
        "{% for k in [\"organizer\", \"operator\", \"address\", \"postcode\", \"phone\", \"email\", \"code\", \"icp\", \"police\", \"conac\"] %}{{ site.identity[k] }};{% endfor %}",
    ),
    ("site.params", "{{ site.params|json }}"),
    ("site.search", "{{ site.search or \"\" }}"),
    (
        "site.parent",
        "{% if site.parent %}{{ site.parent.id }} {{ site.parent.name }} {{ site.parent.url }} {{ site.parent.tier }}{% endif %}",
    ),
    ("site.children", "{% for s in site.children %}{{ s.id }} {{ s.name }} {{ s.url }} {{ s.tier }};{% endfor %}"),
    ("site.languages", "{% for l in site.languages %}{{ l.lang }} {{ l.name }} {{ l.url }} {{ l.current }};{% endfor %}"),
    ("site.columns", "{% for c in site.columns %}{{ c.id }} {% endfor %}"),
    ("site.home_blocks", "{% for b in site.home_blocks %}{{ b.name }} {{ b.columns or \"\" }} {{ b.title or \"\" }} {% endfor %}"),
    ("site.sitemap_url", "{{ site.sitemap_url or \"\" }}"),
    ("site.feed_url", "{{ site.feed_url or \"\" }}"),
    ("site.json_feed_url", "{{ site.json_feed_url or \"\" }}"),
    ("site.tags_url", "{{ site.tags_url or \"\" }}"),
    ("page.kind", "{{ page.kind }}"),
    ("page.title", "{{ page.title }}"),
    ("page.url", "{{ page.url }}"),
    ("page.absolute_url", "{{ page.absolute_url }}"),
    ("page.canonical", "{{ page.canonical }}"),
    ("page.lang", "{{ page.lang }}"),
    ("page.description", "{{ page.description }}"),
    ("page.keywords", "{{ page.keywords|join(\",\") }}"),
    ("page.breadcrumbs", "{% for b in page.breadcrumbs %}{{ b.name }} {{ b.url or \"\" }};{% endfor %}"),
    ("page.translations", "{% for x in page.translations %}{{ x.lang }} {{ x.name }} {{ x.url }} {{ x.absolute_url }};{% endfor %}"),
    ("page.noindex", "{{ page.noindex }}"),
    ("card.id", "{% for c in items(\"news\", 4) %}{{ c.id }};{% endfor %}"),
    ("card.title", "{% for c in items(\"news\", 4) %}{{ c.title }};{% endfor %}"),
    ("card.url", "{% for c in items(\"news\", 4) %}{{ c.url }};{% endfor %}"),
    ("card.date", "{% for c in items(\"news\", 4) %}{{ c.date or \"\" }};{% endfor %}"),
    ("card.year", "{% for c in items(\"news\", 4) %}{{ c.year or \"\" }};{% endfor %}"),
    ("card.summary", "{% for c in items(\"news\", 4) %}{{ c.summary }};{% endfor %}"),
    ("card.category", "{% for c in items(\"gov\", 9) %}{{ c.category }};{% endfor %}"),
    ("card.category_label", "{% for c in items(\"gov\", 9) %}{{ c.category_label }};{% endfor %}"),
    ("card.source", "{% for c in items(\"news\", 4) %}{{ c.source }};{% endfor %}"),
    ("card.state", "{% for c in items(\"gov\", 40) %}{{ c.state }};{% endfor %}"),
    (
        "card.cover",
        "{% for c in items(\"news\", 9) %}{% if c.cover %}{{ c.cover.url }} {{ c.cover.width }} {{ c.cover.height }} {{ c.cover.alt }};{% endif %}{% endfor %}",
    ),
    ("card.weight", "{% for c in items(\"news\", 9) %}{{ c.weight }};{% endfor %}"),
    ("card.tags", "{% for c in items(\"news\", 9) %}{{ c.tags|join(\",\") }};{% endfor %}"),
    ("card.column", "{% for c in items(\"gov\", 9) %}{% if c.column %}{{ c.column.name }} {{ c.column.url }};{% endif %}{% endfor %}"),
    ("card.data", "{% for c in items(\"gov\", 9) %}{{ c.data|json }};{% endfor %}"),
    (
        "card.fields",
        "{% for c in items(\"gov\", 9) %}{% for f in c.fields|named([\"of\", \"mood\", \"docNo\"]) %}{{ f.label }} {{ f.value.title if f.type == \"item\" else f.value }};{% endfor %}{% endfor %}",
    ),
    ("card.has_page", "{% for c in items(\"data\", 9) %}{{ c.has_page }};{% endfor %}"),
    ("column.id", "{{ column.id }}"),
    ("column.name", "{{ column.name }}"),
    ("column.url", "{{ column.url }}"),
    ("column.type", "{{ column.type }}"),
    ("column.description", "{{ column.description }}"),
    ("column.keywords", "{{ column.keywords|join(\",\") }}"),
    ("column.category", "{{ column.category }}"),
    ("column.children", "{% for c in column.children %}{{ c.id }} {% endfor %}"),
    ("column.parent", "{{ column.parent.name }}"),
    ("column.hidden", "{% for c in column.children %}{{ c.hidden }}{% endfor %}{{ column.hidden }}"),
    ("column.topic", "{{ column.topic or \"\" }}"),
    (
        "column.cover",
        "{% if column.cover %}{{ column.cover.url }} {{ column.cover.width }} {{ column.cover.height }} {{ column.cover.alt }}{% endif %}",
    ),
    ("column.body", "{{ column.body }}"),
    ("column.active", "{% for c in site.columns %}{{ c.active }} {% endfor %}{{ column.active }}"),
    ("column.feed_url", "{% for c in site.columns %}{{ c.feed_url or \"none\" }} {% endfor %}"),
    ("items()", "{% for c in items(\"gov\") %}{{ c.title }};{% endfor %}{% for c in items(\"nowhere\", 3) %}{{ c.title }};{% endfor %}"),
    (
        "menu()",
        "{% for id in [\"links\", \"extra\"] %}{% set m = menu(id) %}{% if m %}{{ m.name }}: {% for i in m.items %}{{ i.name }} {{ i.url }} {{ i.external }};{% endfor %}{% endif %}{% endfor %}",
    ),
    ("asset()", "{{ asset(\"css/site.css\") }}"),
    ("integrity()", "{{ integrity(\"js/site.js\") }}"),
    ("t()", "{{ t(\"hello\", name=\"all\") }}"),
    ("fragment()", "{{ fragment(\"side.html\") }}"),
    ("item_url()", "{{ item_url(\"id:anchor\") or \"\" }}"),
    (
        "tally()",
        "{% for x in tally(\"gov\", \"docNo\") %}{{ x.value or \"none\" }} {{ x.count }};{% endfor %}{% for x in tally(\"gov\", \"mood\", category=\"rule\", given=\"docNo\") %}{{ x.value or \"none\" }} {{ x.count }};{% endfor %}",
    ),
    ("count()", "{{ count(\"gov\") }} {{ count(\"gov\", category=\"rule\") }} {{ count(\"gov\", given=\"docNo\") }}"),
    ("date", "{% for c in items(\"news\", 4) %}{{ c.date|date(\"%Y/%m/%d\") }};{% endfor %}"),
    ("datetime", "{% for c in items(\"news\", 4) %}{{ c.date|datetime }};{% endfor %}"),
    ("isodate", "{% for c in items(\"news\", 4) %}{{ c.date|isodate }};{% endfor %}"),
    ("cut", "{% for c in items(\"news\", 4) %}{{ c.title|cut(6) }};{% endfor %}"),
    ("mask", "{% for c in items(\"news\", 4) %}{{ c.source|mask }};{% endfor %}"),
    ("json", "{% for c in items(\"news\", 4) %}{{ c.title|json }};{% endfor %}"),
    ("site.tokens_css", "{{ site.tokens_css }}"),
    ("generator", "{{ generator }}"),
    // Templates that come by others: an include that may be missing, a macro, a layer above.
    ("include", "{% include \"maybe.html\" ignore missing %}"),
    ("macro", "{% import \"macros.html\" as m %}{{ m.line(column.name) }}"),
];

/// The same on the page of an item of its own.
pub const ITEMS: &[(&str, &str)] = &[
    ("item.id", "{{ item.id }}"),
    ("item.title", "{{ item.title }}"),
    ("item.url", "{{ item.url or \"\" }}"),
    ("item.absolute_url", "{{ item.absolute_url or \"\" }}"),
    ("item.date", "{{ item.date or \"\" }}"),
    ("item.publish_date", "{{ item.publish_date or \"\" }}"),
    ("item.lastmod", "{{ item.lastmod or \"\" }}"),
    ("item.year", "{{ item.year or \"\" }}"),
    ("item.source", "{{ item.source }}"),
    ("item.author", "{{ item.author }}"),
    ("item.category", "{{ item.category }}"),
    ("item.category_label", "{{ item.category_label }}"),
    ("item.state", "{{ item.state }}"),
    ("item.body", "{{ item.body }}"),
    ("item.summary", "{{ item.summary }}"),
    (
        "item.cover",
        "{% if item.cover %}{{ item.cover.url }} {{ item.cover.width }} {{ item.cover.height }} {{ item.cover.alt }}{% endif %}",
    ),
    ("item.tags", "{% for x in item.tags %}{{ x.name }} {{ x.url }};{% endfor %}"),
    ("item.keywords", "{{ item.keywords|join(\",\") }}"),
    ("item.column", "{{ item.column.name }} {{ item.column.url }}"),
    ("item.attachments", "{% for f in item.attachments %}{{ f.name }} {{ f.url }};{% endfor %}"),
    ("item.fields", "{% for f in item.fields %}{{ f.label }};{% endfor %}"),
    ("item.data", "{{ item.data|json }}"),
    ("item.prev", "{% if item.prev %}{{ item.prev.title }} {{ item.prev.url }}{% endif %}"),
    ("item.next", "{% if item.next %}{{ item.next.title }} {{ item.next.url }}{% endif %}"),
    ("item.related", "{% for c in item.related %}{{ c.title }} {{ c.url }};{% endfor %}"),
    ("item.versions", "{% for c in item.versions %}{{ c.title }} {{ c.current }};{% endfor %}"),
    ("item.replaced_by", "{% if item.replaced_by %}{{ item.replaced_by.title }} {{ item.replaced_by.url }}{% endif %}"),
    ("item.referrers", "{% for c in item.referrers %}{{ c.title }} {{ c.url }};{% endfor %}"),
    ("item.meta", "{% for m in item.meta %}{{ m.name }}={{ m.value }};{% endfor %}"),
    ("item.text", "{{ item.text }}"),
    ("item.toc", "{% for h in item.toc %}{{ h.level }} {{ h.id }} {{ h.text }};{% endfor %}"),
    ("item.home_site", "{% if item.home_site %}{{ item.home_site.name }} {{ item.home_site.url }}{% endif %}"),
    ("item.weight", "{{ item.weight }}"),
    ("item.official", "{{ item.official }}"),
    ("card.current", "{% for c in item.versions %}{{ c.id }} {{ c.current }};{% endfor %}"),
    ("card.external", "{% if item.replaced_by %}{{ item.replaced_by.external }}{% endif %}"),
    ("field.name", "{% for f in item.fields %}{{ f.name }};{% endfor %}"),
    ("field.label", "{% for f in item.fields %}{{ f.label }};{% endfor %}"),
    ("field.type", "{% for f in item.fields %}{{ f.type }};{% endfor %}"),
    (
        "field.value",
        "{% for f in item.fields %}{% if f.value %}{% if f.type == \"item\" %}{{ f.value.title }} {{ f.value.url }}{% elif f.type == \"file\" %}{{ f.value.url }} {{ f.value.size }}{% else %}{{ f.value }}{% endif %};{% endif %}{% endfor %}",
    ),
    ("field.jsonld", "{% for f in item.fields %}{{ f.jsonld }};{% endfor %}"),
    ("file.name", "{% for f in item.attachments %}{{ f.name }};{% endfor %}"),
    ("file.title", "{% for f in item.attachments %}{{ f.title }};{% endfor %}"),
    ("file.url", "{% for f in item.attachments %}{{ f.url }};{% endfor %}"),
    ("file.size", "{% for f in item.attachments %}{{ f.size }};{% endfor %}"),
    ("file.type", "{% for f in item.attachments %}{{ f.type }};{% endfor %}"),
    ("file.ext", "{% for f in item.attachments %}{{ f.ext }};{% endfor %}"),
    ("file.width", "{% for f in item.attachments %}{{ f.width }};{% endfor %}"),
    ("file.srcset", "{% for f in item.attachments %}{{ f.srcset }};{% endfor %}"),
    ("file.sizes", "{% for f in item.attachments %}{{ f.sizes }};{% endfor %}"),
    ("file.height", "{% for f in item.attachments %}{{ f.height }};{% endfor %}"),
    (
        "file.table",
        "{% for f in item.attachments %}{% if f.table %}{{ f.table.head|join(\",\") }}/{% for r in f.table.rows %}{{ r|join(\",\") }};{% endfor %}{{ f.table.more }}{% endif %}{% endfor %}",
    ),
    ("filesize", "{% for f in item.attachments %}{{ f.size|filesize }};{% endfor %}"),
];

/// Reads that only certain pages have: the templates of the ground layer print them.
pub const ELSEWHERE: &[&str] = &[
    "column()",
    "list.items",
    "list.years",
    "list.year",
    "list.older",
    "list.newer",
    "list.feed_url",
    "list.page",
    "list.pages",
    "list.last",
    // In the probe of `card.fields`.
    "named",
];

/// `site.tier_label` → `site-tier_label`: a name for a column, a file, a template.
pub fn plain(name: &str) -> String {
    name.replace('.', "-").replace("()", "-of")
}

/// The page of a probe: `site/path`.
pub fn page(name: &str) -> String {
    let id = plain(name);
    let of_item = ITEMS.iter().any(|(item, _)| *item == name);
    if of_item { format!("city/lab/2026/{id}.html") } else { format!("city/probe/{id}/index.html") }
}

/// Names of probes.
pub type Chosen = Vec<&'static str>;

/// Items of these are named by others.
const ALWAYS: &[&str] = &["file.name", "item.referrers", "column.body"];

pub fn choose(seed: u64, rng: &mut Rng) -> Chosen {
    let all = COLUMNS.iter().chain(ITEMS).map(|(name, _)| *name);
    all.filter(|name| rng.once_in(3) || seed == 0 || ALWAYS.contains(name)).collect()
}

pub fn lay(files: &mut Files, chosen: &Chosen) {
    for (name, template) in COLUMNS.iter().chain(ITEMS).filter(|(name, _)| chosen.contains(name)) {
        files.put(format!("themes/mid/templates/probe/{}.html", plain(name)), format!("{template}\n"));
    }
}

/// The columns of the site `city` that show [`COLUMNS`].
pub fn columns(chosen: &Chosen) -> String {
    let mut text = "\n[[column]]\nid = \"probe\"\nname = \"Probes\"\nhidden = true\n".to_owned();
    for (name, _) in COLUMNS.iter().filter(|(name, _)| chosen.contains(name)) {
        let id = plain(name);
        text += &format!("\n[[column]]\nid = \"probe/{id}\"\nname = \"Probe {name}\"\ntemplate = \"probe/{id}.html\"\n");
        // Its text comes from its `_index.md`.
        if *name == "column.topic" {
            text += "topic = { state = \"open\" }\n";
        }
        if *name == "column.category" {
            text += "category = \"rule\"\n";
        }
        if *name == "column.type" {
            text += "type = \"kind\"\n";
        }
    }
    for (above, id) in [("column-children", "a"), ("column-children", "b"), ("column-hidden", "c")] {
        text += &format!("\n[[column]]\nid = \"probe/{above}/{id}\"\nname = \"Child {id}\"\n");
    }
    text + "\n[[column]]\nid = \"lab\"\nname = \"Laboratory\"\n"
}
