//! The settings: four sites in three tiers, `region` above `city` above `county`, and `dept` beside them.

use super::{Files, probes};

const PLATFORM: &str = r##"
[platform]
name = "Realm"

[defaults]
page_size = 3
feed_size = 4
related = 2
description = "A site of the realm"
keywords = ["realm", "law"]

[defaults.identity]
operator = "Office of machines"

[defaults.security]
expires = "2027-10-31"

[defaults.tokens]
space = "3rem"

[defaults.params]
motto = "onward"

[[defaults.column]]
id = "news"
name = "News"
names = { en = "News in English" }
type = "news"

[[defaults.column]]
id = "gov"
name = "Government"

[[defaults.column]]
id = "gov/law"
name = "Laws"
category = "rule"
description = "All laws"
locked = true

[[defaults.column]]
id = "gov/notice"
name = "Notices"

[[defaults.column]]
id = "data"
name = "Figures"
category = "figure"

[[defaults.column]]
id = "letters"
name = "Letters"

[[defaults.column]]
id = "zt/flood"
name = "Floods"
topic = { state = "open" }
select = { tag = ["flood"] }

[[defaults.menu]]
id = "links"
name = "Links"
names = { en = "Links in English" }

[[defaults.menu.item]]
name = "The realm"
url = "https://realm.example/"

[[defaults.menu.item]]
site = "region"

[[defaults.menu.item]]
column = "gov/notice"

[[defaults.menu.item]]
item = "id:anchor"

[tiers.high]
label = "High"
names = { en = "High in English" }
theme = "high"
identity = "optional"

[tiers.mid]
label = "Mid"
theme = "mid"
identity = "optional"

[[tiers.mid.home]]
block = "list"
columns = ["news", "gov"]

[tiers.low]
label = "Low"
theme = "low"
identity = "optional"

[[tiers.low.home]]
block = "list"
columns = ["news"]

[[owner]]
id = "bureau"
home = "region"
html = "clean"

[[mount]]
path = "acts"
owner = "acts"
column = "gov/law"
metadata = "acts.jsonl"
version_key = "title"

[mount.fields]
docNo = "number"

[mount.set]
category = "rule"

[[owner]]
id = "acts"
home = "region"
"##;

const REGION: &str = r#"
name = "The Region"
short_name = "Region"
tier = "high"
hosts = ["region.example", "www.region.example"]
aliases = ["old.region.example"]
search = "https://search.example/"

[identity]
organizer = "Office of the region"
email = "box@region.example"

[[home]]
block = "list"
title = "Newest"
titles = { en = "The newest" }
columns = ["news", "gov/law"]

[[accept]]
under = "region"
category = ["news"]
to = "news"
weight = 3

[[accept]]
from = ["city"]

[[place]]
item = "id:anchor"
column = "gov/notice"
title = "Placed by hand"
weight = 1
"#;

const CITY: &str = r#"
name = "The City"
names = { en = "The City in English" }
tier = "mid"
parent = "region"
hosts = ["city.example"]
theme = "city-own"
languages = ["zh-Hans", "en"]
params = { colour = "green" }
params_in = { en = { motto = "onward in English" } }

[identity]
organizer = "Office of the city"
address = "1 Market Street"

[children.params]
inherited = "from the city"

[[accept]]
from = ["*"]

[[menu]]
id = "extra"
name = "Extra"

[[menu.item]]
name = "Anchor"
item = "id:anchor"
"#;

const COUNTY: &str = r#"
name = "The County"
tier = "low"
parent = "city"
hosts = ["county.example"]
theme = "county-own"
page_size = 2
permalink = "/:column/:year/:month/:id.html"

[tokens]
color-ink = "teal"

[[column]]
id = "news"
name = "County news"
weight = 5

[[column]]
id = "gov/notice"
drop = true

[[column]]
id = "pulled"
name = "Pulled"
select = { under = "city", category = ["news", "rule"], column = ["news", "gov*"], since = "2025-01-01" }
"#;

const DEPT: &str = r#"
name = "The Department"
tier = "low"
parent = "region"
hosts = ["dept.example"]
noindex = true

[outputs]
lists = "pages"
sitemap = "one"
json_feed = ""
feed = "atom.xml"
site_map = "plan.html"

[[accept]]
category = ["rule"]
to = "gov/law"

[[column]]
id = "all"
name = "Everything"
select = { column = ["gov", "gov/*", "letters"] }
"#;

const SCHEMAS: &[(&str, &str)] = &[
    (
        "news",
        r#"
label = "News"
labels = { en = "News item" }
template = "article.html"

[[field]]
name = "editor"
label = "Editor"
labels = { en = "Editor in English" }
show = ["page", "meta"]
severity = "warning"

[[field]]
name = "mood"
label = "Mood"
show = ["card", "list", "page"]
severity = "warning"
"#,
    ),
    (
        "rule",
        r#"
label = "Rule"

[[field]]
name = "docNo"
label = "Number"
show = ["card", "list", "page", "meta", "jsonld"]
severity = "warning"

[[field]]
name = "of"
label = "About"
type = "item"
show = ["list", "page"]

[[field]]
name = "form"
label = "Form"
type = "file"
show = ["page"]

[[field]]
name = "signed"
label = "Signed"
type = "date"
show = ["card", "list", "page"]
severity = "warning"

[[field]]
name = "mood"
label = "Mood"
show = ["page"]
severity = "warning"
"#,
    ),
    (
        "figure",
        r#"
label = "Figure"
page = false

[[field]]
name = "value"
label = "Value"
type = "number"
show = ["card", "list"]
severity = "warning"
"#,
    ),
    ("guest", "label = \"Guest\"\n"),
    (
        "letter",
        r#"
label = "Letter"

[[field]]
name = "from"
label = "From"
required = true
show = ["page"]

[[field]]
name = "kind"
label = "Kind"
values = ["praise", "blame"]
show = ["card", "list", "page"]
severity = "warning"
"#,
    ),
];

pub const SITES: &[&str] = &["region", "city", "county", "dept"];

/// Columns that every site has and items are written for.
pub const COLUMNS: &[&str] = &["news", "gov", "gov/law", "gov/notice"];

pub fn lay(files: &mut Files, chosen: &probes::Chosen) {
    files.put("sites.toml", PLATFORM);
    files.put("sites/region.toml", REGION);
    files.put("sites/city.toml", format!("{CITY}{}", probes::columns(chosen)));
    files.put("sites/county.toml", COUNTY);
    files.put("sites/dept.toml", DEPT);
    for (id, text) in SCHEMAS {
        files.put(format!("schemas/{id}.toml"), text);
    }
    files.put("redirects.csv", "site,from,to\nregion,/old/anchor.html,id:anchor\ncity,/old/,/news/\ndept,/away,https://away.example/\n");
}
