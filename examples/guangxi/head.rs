//! What an item is, seen from elsewhere: date, theme, title. A function of its number alone: links are made with it.

use crate::calendar::Moment;
use crate::figures;
use crate::people;
use crate::plan::Cell;
use crate::prose::Matter;
use crate::rng::Rng;
use crate::services;
use crate::words::{ADVERBS, BENEFITS, RESULTS, Theme};
use crate::world::World;

pub struct Head {
    pub number: u32,
    pub at: Moment,
    pub theme: &'static Theme,
    pub thing: &'static str,
    pub title: String,
    /// Which of the forms of its category.
    pub form: usize,
    /// Number of the document that took its place.
    pub replaced_by: Option<u32>,
}

pub fn head(world: &World, cell: &Cell, at: u32) -> Head {
    let number = cell.first + at;
    let mut rng = Rng::new(world.seed, u64::from(number), 1);
    let theme = world.theme(cell, &mut rng);
    let thing = *rng.one(&theme.things);
    let mut head = Head { number, at: world.moment(cell, at), theme, thing, title: String::new(), form: 0, replaced_by: None };
    let category = world.column(cell).category.as_deref().unwrap_or("news");
    let matter = Matter::new(world, cell, theme, thing);
    match category {
        "notice" => notice(&matter, &mut head, &mut rng),
        "policy" => policy(world, cell, &mut head, &mut rng),
        "interpretation" => interpretation(world, cell, at, &mut head, &mut rng),
        "leader" => people::leader_title(&mut head, &mut rng),
        "institution" => people::institution_title(world, cell, at, &mut head),
        "page" => people::page_title(world, cell, at, &mut head),
        "service" => services::service_title(world, cell, &mut head, &mut rng),
        "letter" => services::letter_title(&mut head, &mut rng),
        "survey" => services::survey_title(world, cell, &mut head, &mut rng),
        "data" => figures::data_title(world, cell, &mut head, &mut rng),
        "disclosure" => figures::disclosure_title(world, cell, at, &mut head, &mut rng),
        "topic" => head.title = format!("“{}”专题上线", theme.name),
        _ => head.title = news(&matter, &mut rng),
    }
    head
}

fn news(m: &Matter, rng: &mut Rng) -> String {
    let (actor, thing) = (m.actor(), m.thing);
    match rng.below(12) {
        0 => format!("{actor}召开{}工作会议", m.theme.name),
        1 => format!("{actor}{}推进{thing}", rng.pick(ADVERBS)),
        2 => format!("{actor}{thing}{}", rng.pick(RESULTS)),
        3 => format!("{}：{thing}让{}", m.sub(rng), rng.pick(BENEFITS)),
        4 => format!("{actor}负责同志到{}调研{thing}", m.sub(rng)),
        5 => format!("{actor}部署下一阶段{thing}"),
        6 => format!("{actor}{}个{thing}项目集中开工", rng.range(3, 48)),
        7 => format!("{actor}开展{thing}专项行动"),
        8 => format!("{}{thing}经验在{}推广", m.sub(rng), m.place()),
        9 => format!("一线见闻｜{}的{thing}故事", m.sub(rng)),
        10 => format!("{actor}举办{}宣传活动　{}", m.theme.name, rng.pick(BENEFITS)),
        _ => format!("从{thing}看{}变化", m.place()),
    }
}

pub const NOTICES: [&str; 7] = ["通知", "公告", "公示", "通告", "预警", "招聘", "采购"];

fn notice(m: &Matter, head: &mut Head, rng: &mut Rng) {
    let year = head.at.day.year;
    let warns = matches!(m.theme.key, "fangxun" | "senfang" | "yingji");
    head.form = match rng.below(12) {
        0..4 => 0,
        4..6 => 1,
        6..8 => 2,
        8 => 3,
        9 if warns => 4,
        9 | 10 => 5,
        _ => 6,
    };
    let thing = m.thing;
    head.title = match head.form {
        0 => format!("{}关于做好{year}年{thing}有关工作的通知", m.world.office(m.cell)),
        1 => format!("关于{}{thing}有关事项的公告", m.place()),
        2 => format!("{year}年{}{thing}项目名单公示", m.place()),
        3 => format!("{}关于加强{thing}的通告", m.world.site(m.cell).name),
        4 => format!("{}{}预警信息（第{}号）", m.place(), m.theme.tag, rng.range(1, 60)),
        5 => format!("{}{year}年公开招聘工作人员公告", m.world.site(m.cell).name),
        _ => format!("{}{thing}服务项目采购公告", m.place()),
    };
}

/// Forms of documents: name of the genre; the first is written in articles.
pub const GENRES: [&str; 5] = ["规章", "意见", "方案", "通知", "规划"];

fn policy(world: &World, cell: &Cell, head: &mut Head, rng: &mut Rng) {
    let (site, thing) = (world.site(cell), head.thing);
    head.form = match rng.below(10) {
        0..3 => 0,
        3 | 4 => 1,
        5 | 6 => 2,
        7 | 8 => 3,
        _ => 4,
    };
    let place = &site.place;
    head.title = match head.form {
        0 => format!("{place}{thing}管理办法"),
        1 => format!("{}关于加强{thing}的意见", site.name),
        2 => format!("{}关于印发{place}{}实施方案的通知", world.office(cell), head.theme.name),
        3 => format!("{}关于进一步规范{thing}工作的通知", world.office(cell)),
        _ => format!("{place}{}“十{}五”规划", head.theme.name, if cell.year < 2021 { "三" } else { "四" }),
    };
    // Some old ones have been replaced by the first document of a later year; they bear its title.
    if cell.year <= 2022 && rng.chance(0.07) {
        let later = world.policies[usize::from(cell.site)].iter().map(|c| &world.plan.cells[*c]).find(|c| c.year >= 2024);
        if let Some(later) = later {
            let new = self::head(world, later, 0);
            head.title = format!("{}（试行）", new.title);
            (head.theme, head.thing, head.form) = (new.theme, new.thing, new.form);
            head.replaced_by = Some(new.number);
        }
    }
}

/// The document that the interpretation `at` of a cell is about: one of the same year, else of the nearest before.
pub fn interpreted<'a>(world: &'a World, cell: &Cell, at: u32) -> Option<(&'a Cell, u32)> {
    let own = world.policies[usize::from(cell.site)].iter().map(|c| &world.plan.cells[*c]);
    let policies = own.take_while(|c| c.year <= cell.year).last()?;
    Some((policies, at % policies.count))
}

pub const INTERPRETATIONS: [&str; 4] = ["文字", "图解", "问答", "专家"];

fn interpretation(world: &World, cell: &Cell, at: u32, head: &mut Head, rng: &mut Rng) {
    let Some((policies, which)) = interpreted(world, cell, at) else { return };
    let of = self::head(world, policies, which);
    head.form = rng.below(INTERPRETATIONS.len());
    head.title = match head.form {
        0 => format!("《{}》政策解读", of.title),
        1 => format!("一图读懂《{}》", of.title),
        2 => format!("《{}》问答", of.title),
        _ => format!("专家解读《{}》", of.title),
    };
    (head.theme, head.thing) = (of.theme, of.thing);
    if policies.year == cell.year {
        head.at = of.at;
        head.at.minute = (of.at.minute + 40).min(18 * 60 + 30);
    }
}
