//! What makes each site different from the others of its tier: columns, rules, order, colours, addresses.

use crate::columns::{COMMON, Column, LOCALS, Local, TOPICS, home_of_tier, of_tier};
use crate::fleet::{Site, Tier};
use crate::rng::Rng;
use crate::rules::{self, Accept};
use crate::toml::{Edit, list, quoted};
use crate::words::{THEMES, theme_of};

#[derive(Default)]
pub struct Character {
    /// All columns that the site has in the end.
    pub columns: Vec<Column>,
    pub edits: Vec<Edit>,
    /// Columns that its children get.
    pub handed: Vec<(Edit, Column)>,
    pub accepts: Vec<Accept>,
    pub handed_accepts: Vec<Accept>,
    /// Columns of the home page where they are not the tier's, for the block that [`list_block`] names.
    pub home: Option<Vec<String>>,
    /// Single settings at the top of the file: values are TOML.
    pub settings: Vec<(&'static str, String)>,
    pub tokens: Option<(&'static str, &'static str)>,
    /// English beside Chinese.
    pub bilingual: bool,
    /// The menu of services differs from the tier's.
    pub own_menu: bool,
    /// First year of its items.
    pub since: u16,
}

impl Character {
    pub fn find(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.id == id)
    }
}

const BILINGUAL: &[&str] =
    &["guangxi", "nanning", "guilin", "beihai", "fangchenggang", "dongxing", "yangshuo", "gx-wsb", "gx-swt", "gx-wlt"];

/// Addresses as systems of the past made them: a migrated site keeps its own.
const PERMALINKS: &[&str] = &[
    "/:column/:year/:month/:slug.html",
    "/:column/t:id.html",
    "/art/:year/:month/:day/art_:id.html",
    "/:column/:id/",
    "/:column/:year:month/t:year:month:day_:id.html",
    "/content/:category/:id.html",
];

const COLOURS: &[(&str, &str)] = &[
    ("#0f5e6e", "#0a4350"),
    ("#1b5fa6", "#124478"),
    ("#7a2e12", "#59210d"),
    ("#2d6640", "#1f4a2e"),
    ("#8a1f3d", "#64162c"),
    ("#3f4fa0", "#2d3975"),
    ("#6b4a12", "#4d350c"),
    ("#0b6480", "#07485d"),
];

/// Parents come before their children in `sites`.
pub fn make(sites: &[Site], platform: &str, seed: u64) -> Vec<Character> {
    let mut out: Vec<Character> = Vec::with_capacity(sites.len());
    for (at, site) in sites.iter().enumerate() {
        let mut rng = Rng::of_text(seed ^ 11, &site.id);
        let mut c = Character { columns: of_tier(platform, site.tier.key()), since: 2015, ..Character::default() };
        let mut up = site.parent;
        let mut handed = Vec::new();
        while let Some(p) = up {
            handed.splice(0..0, out[p].handed.iter().map(|(_, column)| column.clone()));
            up = sites[p].parent;
        }
        c.columns.extend(handed);
        c.since = if site.share > 0.02 { 2015 } else { 2015 + rng.range(0, 4) as u16 };
        names(site, &mut c, &mut rng);
        drops(site, &mut c, &mut rng);
        locals(site, &mut c, &mut rng);
        topics(site, &mut c, &mut rng);
        pulls(sites, at, &mut c, &mut rng);
        order(&mut c, &mut rng);
        home(site, platform, &mut c, &mut rng);
        settings(site, &mut c, &mut rng);
        rules::accepts(sites, at, &mut c, &mut rng);
        out.push(c);
    }
    out
}

fn edit<'a>(c: &'a mut Character, id: &str) -> &'a mut Edit {
    let at = c.edits.iter().position(|e| e.id == id).unwrap_or_else(|| {
        c.edits.push(Edit { id: id.to_owned(), keys: Vec::new() });
        c.edits.len() - 1
    });
    &mut c.edits[at]
}

fn rename(c: &mut Character, id: &str, name: String) {
    let Some(at) = c.find(id) else { return };
    if c.columns[at].name != name {
        edit(c, id).keys.push(("name", quoted(&name)));
        c.columns[at].name = name;
    }
}

/// Unlocked columns are called as people there call them.
fn names(site: &Site, c: &mut Character, rng: &mut Rng) {
    let brief = &site.brief;
    if let Some(office) = site.office {
        let tag = THEMES.iter().find(|t| t.field == office.field).map_or("单位", |t| t.tag);
        let name = match rng.below(4) {
            0 => format!("{tag}要闻"),
            1 => format!("{tag}动态"),
            2 => "单位要闻".into(),
            _ => return,
        };
        rename(c, "xw/yw", name);
        return;
    }
    rename(c, "gk", format!("{}{brief}", rng.pick(&["走进", "走进", "印象", "认识"])));
    match rng.below(4) {
        0 => rename(c, "xw/yw", format!("今日{brief}")),
        1 => rename(c, "xw/yw", format!("{brief}要闻")),
        2 => rename(c, "xw/yw", format!("{brief}新闻")),
        _ => {}
    }
    match rng.below(5) {
        0 => rename(c, "sj", format!("数说{brief}")),
        1 => rename(c, "sj", "统计数据".into()),
        _ => {}
    }
    if rng.chance(0.2) {
        rename(c, "hd/lyxd", "百姓心声".into());
    }
    if rng.chance(0.15) {
        rename(c, "zwgk/ldzc", "政府领导".into());
    }
}

fn drops(site: &Site, c: &mut Character, rng: &mut Rng) {
    let likely: &[(&str, f64)] = match site.tier {
        Tier::Region => &[],
        Tier::City => &[("hd/zjdc", 0.1), ("sj", 0.0)],
        Tier::County => &[("hd/zjdc", 0.3), ("zwgk/zcjd", 0.25), ("sj", 0.2), ("xw/xzdt", 0.15), ("gk", 0.05)],
        Tier::Department => &[("hd/zjdc", 0.25), ("sj", 0.35), ("zwgk/ldzc", 0.2), ("zwgk/zcjd", 0.2), ("zt", 0.2)],
    };
    for (id, part) in likely {
        if rng.chance(*part)
            && let Some(at) = c.find(id)
        {
            edit(c, id).keys.retain(|(k, _)| *k == "id");
            edit(c, id).keys.push(("drop", "true".into()));
            c.columns.remove(at);
        }
    }
    if rng.chance(0.12) && c.find("hd/zjdc").is_some() {
        edit(c, "hd/zjdc").keys.push(("hidden", "true".into()));
    }
}

fn add(c: &mut Character, id: &str, name: &str, theme: Option<usize>, years: Option<(u16, u16)>, keys: Vec<(&'static str, String)>) {
    if c.find(id).is_some() {
        return;
    }
    let category = keys.iter().find(|(k, _)| *k == "category").map(|(_, v)| v.trim_matches('"').to_owned());
    let pulls = keys.iter().any(|(k, _)| *k == "select") && theme.is_none();
    let column = Column { id: id.into(), name: name.into(), category, locked: false, theme, years, pulls };
    c.columns.push(column);
    c.edits.push(Edit { id: id.into(), keys });
}

fn local(c: &mut Character, l: &Local, weight: i32) {
    let theme = theme_of(l.theme);
    let keys = vec![
        ("name", quoted(l.name)),
        ("names", format!("{{ en = {} }}", quoted(l.english))),
        ("type", quoted("工作动态")),
        ("category", quoted("news")),
        ("description", quoted(l.about)),
        ("keywords", keywords(l.name, THEMES[theme].tag)),
        ("weight", weight.to_string()),
    ];
    add(c, l.id, l.name, Some(theme), None, keys);
}

fn keywords(name: &str, tag: &str) -> String {
    if name == tag { list(&[name]) } else { list(&[name, tag]) }
}

fn locals(site: &Site, c: &mut Character, rng: &mut Rng) {
    let mut any = false;
    for l in LOCALS.iter().filter(|l| l.site == site.id) {
        local(c, l, 5);
        any = true;
    }
    let part = match site.tier {
        Tier::County if !any => 0.45,
        Tier::Department => 0.15,
        _ => 0.0,
    };
    if rng.chance(part) {
        let l = rng.one(COMMON);
        local(c, l, rng.range(1, 9) as i32);
    }
}

fn topics(site: &Site, c: &mut Character, rng: &mut Rng) {
    if c.find("zt").is_none() {
        return;
    }
    let count = match site.tier {
        Tier::Region => 6,
        Tier::City => rng.range(2, 5),
        Tier::County => rng.range(0, 3),
        Tier::Department => rng.range(0, 2),
    };
    let mut order: Vec<usize> = (0..TOPICS.len()).collect();
    rng.shuffle(&mut order);
    for at in order.into_iter().take(count as usize) {
        let t = &TOPICS[at];
        let theme = theme_of(t.theme);
        let mut keys = vec![
            ("name", quoted(t.name)),
            ("names", format!("{{ en = {} }}", quoted(t.english))),
            ("type", quoted("专题专栏")),
            ("category", quoted("news")),
            ("description", quoted(t.about)),
            ("keywords", keywords(t.name, THEMES[theme].tag)),
            ("topic", format!("{{ state = {} }}", quoted(if t.open { "open" } else { "archived" }))),
        ];
        let look = match t.id {
            "zt/slfh" => Some("topic-environment.html"),
            "zt/xczx" => Some("topic-rural.html"),
            "zt/tpgj" => Some("topic-poverty.html"),
            _ => None,
        };
        keys.extend(look.map(|look| ("template", quoted(look))));
        if !t.open {
            keys.push(("weight", "90".into()));
        } else if !site.is_department() && rng.chance(0.3) {
            // What other columns of the same site say about it stands here as well.
            let own = quoted(&site.id);
            keys.push(("select", format!("{{ owner = [{own}], tag = [{}], since = \"2025-01-01\" }}", quoted(THEMES[theme].tag))));
        }
        add(c, t.id, t.name, Some(theme), Some(t.years), keys);
    }
    // A topic that gathers what the site says elsewhere; its own look is that of travel.
    if matches!(site.id.as_str(), "guilin" | "longsheng" | "sanjiang") {
        let keys = vec![
            ("name", quoted("山水旅居")),
            ("names", "{ en = \"Travel\" }".into()),
            ("type", quoted("专题专栏")),
            ("description", quoted(&format!("{}的景区、民宿、非遗工坊和出行提示。", site.brief))),
            ("keywords", list(&["文旅", "旅居"])),
            ("topic", "{ state = \"open\" }".into()),
            ("template", quoted("topic-tourism.html")),
            ("select", format!("{{ owner = [{}], tag = [\"文旅\"] }}", quoted(&site.id))),
        ];
        add(c, "zt/lvju", "山水旅居", None, None, keys);
    }
    // A topic that a city opens for all of its sites.
    if site.tier == Tier::City && matches!(site.id.as_str(), "nanning" | "guilin" | "yulin" | "baise") {
        let t = TOPICS.iter().find(|t| t.id == "zt/cjwm").expect("the topic is in the table");
        let theme = theme_of(t.theme);
        let name = format!("{}{}", site.brief, t.name);
        let id = format!("zt/{}-wmcs", site.id);
        let keys = vec![
            ("name", quoted(&name)),
            ("names", format!("{{ en = {} }}", quoted(t.english))),
            ("type", quoted("专题专栏")),
            ("category", quoted("news")),
            ("description", quoted(&format!("{}全市共同的专题：文明城市创建的部署、点位整治和志愿服务。", site.brief))),
            ("keywords", list(&["文明城市", "创建"])),
            ("topic", "{ state = \"open\" }".into()),
        ];
        let column = Column {
            id: id.clone(),
            name,
            category: Some("news".into()),
            locked: false,
            theme: Some(theme),
            years: Some((2024, 2026)),
            pulls: false,
        };
        c.handed.push((Edit { id, keys }, column));
    }
}

/// Columns that show what others publish.
fn pulls(sites: &[Site], at: usize, c: &mut Character, rng: &mut Rng) {
    let site = &sites[at];
    let pull = |c: &mut Character, id: &str, name: &str, kind: &str, category: &str, about: &str, select: String| {
        let keys = vec![
            ("name", quoted(name)),
            ("type", quoted(kind)),
            ("category", quoted(category)),
            ("description", quoted(about)),
            ("keywords", list(&[name])),
            ("select", select),
        ];
        add(c, id, name, None, None, keys);
    };
    match site.tier {
        Tier::Region => pull(
            c,
            "zwgk/zcwjk",
            "全区政策文件库",
            "政策文件",
            "policy",
            "汇集自治区、市、县三级优化营商环境的政策文件。",
            "{ under = \"guangxi\", category = [\"policy\"], tag = [\"营商环境\"], since = \"2024-01-01\" }".into(),
        ),
        Tier::City => {
            if rng.chance(0.5) {
                let select = format!(
                    "{{ under = {}, category = [\"data\"], where = {{ frequency = \"每年\" }}, since = \"2024-01-01\" }}",
                    quoted(&site.id)
                );
                pull(c, "sj/xqsj", "县区年度数据", "数据发布", "data", "各县区每年发布的主要统计数据。", select);
            }
            if rng.chance(0.3) {
                let select = "{ owner = [\"flfg\"], where = { level = \"地方性法规\" } }".into();
                pull(c, "zwgk/dffg", "地方性法规参考", "政策文件", "policy", "兄弟省份的地方性法规，供立法参考。", select);
            }
        }
        Tier::County => {
            if rng.chance(0.35) && c.find("zwgk/sjwj").is_some() {
                let city = &sites[site.parent.unwrap_or(0)].id;
                let tag = rng.pick(&["营商环境", "乡村振兴", "就业", "教育", "农业"]);
                let select =
                    format!("{{ owner = [{}], category = [\"policy\"], tag = [{}], since = \"2024-01-01\" }}", quoted(city), quoted(tag));
                edit(c, "zwgk/sjwj").keys.push(("select", select));
            }
        }
        Tier::Department => {
            let Some(office) = site.office else { return };
            let (region, city) = (office.region.0, office.city.0);
            if site.government == 0 && office.field == "sf" {
                pull(
                    c,
                    "zwgk/flfg",
                    "法律法规",
                    "政策文件",
                    "policy",
                    "宪法、法律、行政法规和司法解释文本。",
                    "{ owner = [\"flfg\"] }".into(),
                );
            } else if site.government == 0 && !city.is_empty() && rng.chance(0.3) {
                let select = format!("{{ owner = [\"*-{city}\"], column = [\"xw/*\"], category = [\"news\"], since = \"2026-01-01\" }}");
                pull(c, "xw/jcdt", "基层动态", "工作动态", "news", "市、县有关部门的工作动态。", select);
            } else if site.government != 0 && !region.is_empty() && rng.chance(0.3) && sites.iter().any(|s| s.id == format!("gx-{region}"))
            {
                let select = format!(
                    "{{ owner = [\"gx-{region}\"], column = [\"zwgk/*\"], category = [\"policy\", \"notice\"], since = \"2025-01-01\" }}"
                );
                pull(c, "zwgk/sjwj", "上级文件", "政策文件", "policy", "自治区主管部门的文件和通知。", select);
            }
        }
    }
}

/// Some put their figures or their country first; some rename the address of a column.
fn order(c: &mut Character, rng: &mut Rng) {
    for (id, weight) in [("gk", -10i32), ("sj", -5), ("zt", 3), ("xw/yw", -2)] {
        if rng.chance(0.25) && c.find(id).is_some() {
            edit(c, id).keys.push(("weight", weight.to_string()));
        }
    }
    if rng.chance(0.06) && c.find("sj").is_some() {
        edit(c, "sj").keys.push(("url", quoted("/tjsj/")));
    }
    if rng.chance(0.05) && c.find("gk").is_some() {
        edit(c, "gk").keys.push(("permalink", quoted("/:column/:slug.html")));
    }
}

/// The block of a tier's home page that lists columns by name. The region's has two such blocks, each with categories of its own.
pub fn list_block(tier: Tier) -> Option<&'static str> {
    match tier {
        Tier::Region => None,
        Tier::City => Some("headlines"),
        Tier::County | Tier::Department => Some("columns"),
    }
}

fn home(site: &Site, platform: &str, c: &mut Character, rng: &mut Rng) {
    let standard = list_block(site.tier).map_or(Vec::new(), |block| home_of_tier(platform, site.tier.key(), block));
    let mut own: Vec<String> = standard.iter().filter(|id| c.find(id).is_some()).cloned().collect();
    if let Some(l) = c.columns.iter().find(|col| col.id.starts_with("xw/") && col.theme.is_some())
        && rng.chance(0.7)
    {
        own.insert(rng.below(own.len() + 1), l.id.clone());
    }
    if rng.chance(0.35) {
        rng.shuffle(&mut own);
    }
    if rng.chance(0.2) && own.len() > 3 {
        own.pop();
    }
    c.own_menu = c.find("hd/zjdc").is_none() || rng.chance(0.1);
    c.home = (own != standard).then_some(own);
}

fn settings(site: &Site, c: &mut Character, rng: &mut Rng) {
    c.bilingual = BILINGUAL.contains(&site.id.as_str());
    if c.bilingual {
        c.settings.push(("languages", list(&["zh-Hans", "en"])));
    }
    if rng.chance(0.11) {
        c.settings.push(("permalink", quoted(rng.pick(PERMALINKS))));
    }
    for (key, part, values) in [("page_size", 0.2, [10, 15, 25, 30]), ("feed_size", 0.1, [10, 15, 30, 50]), ("related", 0.1, [3, 4, 6, 8])]
    {
        if rng.chance(part) {
            c.settings.push((key, rng.one(&values).to_string()));
        }
    }
    if rng.chance(0.3) {
        c.tokens = Some(*rng.one(COLOURS));
    }
}
