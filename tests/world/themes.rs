//! Six layers: `ground` below all; `high`, `mid` and `low` for the tiers; `city-own` and `county-own`, the overlays.

use super::Files;
use super::content::png;

/// Every file as it is written.
const TEXTS: &[(&str, &str)] = &[
    ("ground/theme.toml", "label = \"ground\"\n\n[tokens]\ncolor-ink = \"#123456\"\nspace = \"1rem\"\n"),
    (
        "ground/templates/page.html",
        r#"[{{ page.kind }}] {{ page.title }} {{ page.url }}
{% block head %}{{ asset("css/site.css") }} {{ site.tokens_css }}{% endblock %}
{% block main %}{% endblock %}
{% block foot %}{% include "foot.html" %}{% block foot_local %}{% endblock %}{% endblock %}
"#,
    ),
    ("ground/templates/foot.html", "-- {{ t(\"foot\") }}\n"),
    (
        "ground/templates/macros.html",
        r#"{% macro line(text) %}* {{ text }}{% endmacro %}
{% macro cards(list) %}{% for c in list %}- {{ c.title }} {{ c.url }} {{ c.date or "" }}{% if c.weight %} ^{{ c.weight }}{% endif %}{% if c.state != "live" %} ({{ c.state }}){% endif %}{% if c.external %} elsewhere{% endif %}
{% endfor %}{% endmacro %}
"#,
    ),
    (
        "ground/templates/home.html",
        r#"{% extends "page.html" %}{% import "macros.html" as m %}
{% block main %}{% for block in site.home_blocks %}{% include "blocks/" ~ block.name ~ ".html" %}{% endfor %}{% set n = column("gov/law") %}{% if n %}{{ n.name }} {{ n.description }} {{ n.feed_url or "" }}{% endif %}
{% set l = menu("links") %}{% if l %}{{ l.name }}{% for i in l.items %} {{ i.name }} {{ i.url }}{% endfor %}{% endif %}
{% endblock %}
"#,
    ),
    (
        "ground/templates/blocks/list.html",
        r#"{% import "macros.html" as m %}{{ block.title or "" }}{% for id in block.columns %}{% set c = column(id) %}{% if c %}{{ c.name }} {{ c.url }}
{{ m.cards(items(c.id, 3)) }}{% endif %}{% endfor %}
"#,
    ),
    ("ground/templates/blocks/motto.html", "motto: {{ site.params.motto or \"\" }}\n"),
    (
        "ground/templates/column.html",
        r#"{% extends "page.html" %}{% import "macros.html" as m %}
{% block main %}{{ column.description }}
{{ m.cards(list.items) }}{% for y in list.years %}year {{ y.year }} {{ y.url }}
{% endfor %}{{ list.year or "" }} {{ list.older or "" }} {{ list.newer or "" }} {{ list.feed_url or "" }} {{ list.page }} {{ list.pages }} {{ list.last or "" }}
{% for c in column.children %}below: {{ c.name }} {{ c.url }}
{% endfor %}{{ column.body }}{% endblock %}
"#,
    ),
    (
        "ground/templates/archive.html",
        r#"{% extends "page.html" %}{% import "macros.html" as m %}
{% block main %}{{ list.year or "" }} {{ list.older or "" }} {{ list.newer or "" }} {{ list.page }} {{ list.pages }} {{ list.last or "" }}
{{ m.cards(list.items) }}{% endblock %}
"#,
    ),
    (
        "ground/templates/topic.html",
        "{% extends \"column.html\" %}\n{% block main %}topic {{ column.topic or \"none\" }}\n{{ super() }}{% endblock %}\n",
    ),
    (
        "ground/templates/tag.html",
        r#"{% extends "archive.html" %}
{% block main %}tag {{ tag.name }} {{ tag.url }}
{{ super() }}{% for y in list.years %}year {{ y.year }} {{ y.url }}
{% endfor %}{% endblock %}
"#,
    ),
    (
        "ground/templates/tags.html",
        "{% extends \"page.html\" %}\n{% block main %}{% for x in tags %}{{ x.name }} {{ x.url }} {{ x.count }}\n{% endfor %}{% endblock %}\n",
    ),
    (
        "ground/templates/sitemap.html",
        "{% extends \"page.html\" %}\n{% block main %}{% for c in site.columns recursive %}{{ c.name }} {{ c.url }}\n{{ loop(c.children) }}{% endfor %}{% endblock %}\n",
    ),
    (
        "ground/templates/404.html",
        "{% extends \"page.html\" %}\n{% block main %}{% for s in site.children %}{{ s.name }} {% endfor %}{% endblock %}\n",
    ),
    ("ground/templates/redirect.html", "-> {{ target }} {{ page.canonical }}\n"),
    (
        "ground/templates/article.html",
        r#"{% extends "page.html" %}{% import "macros.html" as m %}
{% block main %}{{ item.title }} {{ item.date or "" }} {{ item.state }}{% if item.replaced_by %} -> {{ item.replaced_by.title }}{% endif %}
{{ item.body }}
{% for f in item.fields %}{{ f.label }}: {% if f.type == "item" and f.value %}{{ f.value.title }} {{ f.value.url }}{% else %}{{ f.value }}{% endif %}
{% endfor %}{% for a in item.attachments %}file: {{ a.name }} {{ a.url }} {{ a.size|filesize }}
{% endfor %}{% if item.prev %}prev: {{ item.prev.title }} {{ item.prev.url }}
{% endif %}{% if item.next %}next: {{ item.next.title }} {{ item.next.url }}
{% endif %}{{ m.cards(item.related) }}{{ m.cards(item.versions) }}{{ m.cards(item.referrers) }}{% for x in page.translations %}{{ x.lang }} {{ x.url }}
{% endfor %}{{ page.canonical }}{% endblock %}
"#,
    ),
    (
        "ground/templates/shortcodes/figure.html",
        "{% if src %}<figure>{{ src.url }} {{ src.width }}x{{ src.height }} {{ alt or \"\" }} {{ caption or \"\" }}{{ content or \"\" }}</figure>{% endif %}\n",
    ),
    (
        "ground/templates/shortcodes/gallery.html",
        "{% for f in files %}<img {{ f.url }} {{ f.width }}>{% endfor %}{{ caption or \"\" }}{{ columns or \"\" }}{{ content or \"\" }}\n",
    ),
    (
        "ground/templates/shortcodes/video.html",
        "{% if src %}<video {{ src.url }} {{ src.size }}>{% endif %}{% if poster %}{{ poster.url }}{% endif %}{{ caption or \"\" }}{{ content or \"\" }}\n",
    ),
    (
        "ground/templates/shortcodes/attachment.html",
        "{% if file %}<a {{ file.url }} {{ file.size }}>{{ title or file.name }}</a>{% endif %}{{ content or \"\" }}\n",
    ),
    (
        "ground/templates/shortcodes/table.html",
        "{% for r in rows or [] %}{{ r|join(\"|\") }}\n{% endfor %}{{ header }}{{ caption or \"\" }}{{ content or \"\" }}\n",
    ),
    ("ground/templates/shortcodes/document.html", "{% if item %}<doc {{ item.url }}>{{ item.title }}</doc>{% endif %}\n"),
    ("ground/assets/css/site.css", ".dot { background: url(../img/dot.svg); color: var(--color-ink); }\n"),
    ("ground/assets/img/dot.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
    ("ground/assets/js/site.js", "void 0;\n"),
    ("ground/static/proof.txt", "ground\n"),
    (
        "ground/phrases/zh-Hans.toml",
        "home = \"首页\"\ntitle_tags = \"标签\"\ntitle_sitemap = \"地图\"\ntitle_404 = \"没有\"\nlanguage_zh-Hans = \"中文\"\nlanguage_en = \"英文\"\nfoot = \"脚\"\nhello = \"你好{name}\"\n",
    ),
    (
        "ground/phrases/en.toml",
        "home = \"Home\"\ntitle_tags = \"Tags\"\ntitle_sitemap = \"Map\"\ntitle_404 = \"Not here\"\nlanguage_zh-Hans = \"Chinese\"\nlanguage_en = \"English\"\nfoot = \"foot\"\n",
    ),
    ("high/theme.toml", "label = \"high\"\nextends = \"ground\"\n\n[tokens]\nspace = \"2rem\"\n"),
    (
        "high/templates/page.html",
        "{% extends \"^page.html\" %}\n{% block head %}{{ super() }} high {{ fragment(\"side.html\") }}{% endblock %}\n",
    ),
    (
        "high/templates/side.html",
        "{% for c in site.columns %}{{ c.name }}{% if c.active %}!{% endif %} {% endfor %}{% if column %}in {{ column.name }}{% endif %}\n",
    ),
    ("high/phrases/zh-Hans.toml", "foot = \"高脚\"\n"),
    ("mid/theme.toml", "label = \"mid\"\nextends = \"ground\"\n"),
    (
        "mid/templates/side.html",
        "{% for c in items(\"news\", 2) %}{{ c.title }};{% endfor %}{% set m = menu(\"links\") %}{% if m %}{{ m.name }}{% endif %}{{ t(\"foot\") }}{{ fragment(\"inner.html\") }}\n",
    ),
    // An item of another site: the category names a template that only this layer has.
    (
        "mid/templates/guest.html",
        "{% if item.home_site %}{{ item.home_site.name }} {{ item.home_site.url }} {{ item.home_site.tier }}{% endif %} {{ page.canonical }} {{ item.weight }} {{ item.title }}\n",
    ),
    ("mid/templates/inner.html", "{{ site.params|json }}\n"),
    ("mid/static/city.txt", "city\n"),
    (
        "low/theme.toml",
        "label = \"low\"\nextends = \"ground\"\nlock = [\"page.html#foot\", \"foot.html\"]\nopen = [\"page.html#foot_local\"]\n",
    ),
    ("low/templates/rule.html", "{% extends \"article.html\" %}\n{% block main %}rule {{ super() }}{% endblock %}\n"),
    (
        "low/templates/letter.html",
        "{% extends \"article.html\" %}\n{% block main %}{{ item.data.from|mask if item.data.from else \"\" }} {{ super() }}{% endblock %}\n",
    ),
    ("low/phrases/zh-Hans.toml", "greeting = \"早\"\n"),
    ("city-own/theme.toml", "label = \"city-own\"\nextends = \"mid\"\n\n[tokens]\ncolor-ink = \"#445566\"\n"),
    ("city-own/templates/page.html", "{% extends \"^page.html\" %}\n{% block foot_local %}city {{ site.name }}{% endblock %}\n"),
    ("city-own/assets/img/dot.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>\n"),
    ("county-own/theme.toml", "label = \"county-own\"\nextends = \"low\"\n"),
    (
        "county-own/templates/page.html",
        "{% extends \"^page.html\" %}\n{% block head %}{{ super() }} {{ integrity(\"css/local.css\") }}{% endblock %}\n{% block foot_local %}{{ t(\"greeting\") }}{% endblock %}\n",
    ),
    ("county-own/templates/home.html", "{% extends \"^home.html\" %}\n{% block main %}county\n{{ super() }}{% endblock %}\n"),
    ("county-own/assets/css/local.css", "@import \"site.css\";\n"),
];

pub fn lay(files: &mut Files) {
    for (path, text) in TEXTS {
        files.put(format!("themes/{path}"), text);
    }
    files.put("themes/ground/assets/img/mark.png", png(8, 8));
}
