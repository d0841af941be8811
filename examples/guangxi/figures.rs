//! Figures, disclosure and announcements of topics.

use crate::head::Head;
use crate::items::Item;
use crate::plan::Cell;
use crate::rng::Rng;
use crate::sheet::Sheet;
use crate::words::{INDICATORS, MATTERS};
use crate::world::World;

/// The period that figures of a month are about.
fn period(head: &Head) -> (String, &'static str) {
    let day = head.at.day;
    match day.month {
        1..=3 => (format!("{}年", day.year - 1), "每年"),
        4..=6 => (format!("{}年一季度", day.year), "每季度"),
        7..=9 => (format!("{}年上半年", day.year), "每半年"),
        _ => (format!("{}年前三季度", day.year), "每季度"),
    }
}

pub fn data_title(world: &World, cell: &Cell, head: &mut Head, rng: &mut Rng) {
    let site = world.site(cell);
    head.form = rng.below(INDICATORS.len());
    let (period, _) = period(head);
    // Statistics are for governments and their statisticians; other departments count what they do.
    head.title = match site.field() {
        None | Some("tj") => format!("{period}{}{}", site.place, INDICATORS[head.form].0),
        Some(_) => format!("{period}{}{}完成情况", site.place, head.thing),
    };
}

pub fn data(item: &mut Item, sheet: &mut Sheet) {
    let (period, frequency) = period(&item.head);
    let site = item.site();
    sheet.text("period", &period);
    let statistics = matches!(site.field(), None | Some("tj"));
    let unit = if statistics && !site.is_department() { format!("{}统计局", site.place) } else { site.name.clone() };
    sheet.text("unit", &unit);
    let (indicator, measure, low, high) = INDICATORS[item.head.form];
    if statistics {
        sheet.text("indicator", indicator);
        // Small places have small numbers.
        let top = if matches!(measure, "%" | "元" | "上年同期=100") {
            high
        } else {
            low + (high - low) * (0.02 + 3.0 * site.share.min(0.3))
        };
        sheet.plain("value", &format!("{:.1}", low + (top - low) * item.rng.part()));
        sheet.text("measure", measure);
    } else {
        sheet.text("indicator", &format!("{}完成数", item.head.thing));
        sheet.plain("value", &item.rng.range(12, 9800).to_string());
        sheet.text("measure", item.rng.pick(&["个", "项", "件", "户", "公里"]));
    }
    sheet.plain("growth", &format!("{:.1}", -4.0 + 15.0 * item.rng.part()));
    sheet.text("frequency", frequency);
    if item.file && item.rng.chance(0.35) {
        let file = item.table();
        sheet.text("file", file);
        item.body.push_str(&format!("分地区数据见[明细表]({file})。\n\n"));
    }
    let matter = item.matter();
    matter.paragraph(item.body, &mut item.rng, 1, 2);
    item.fill(&matter, 0.4);
}

const PARTS: [&str; 4] = ["公开指南", "公开制度", "法定主动公开内容", "公开年报"];

pub fn disclosure_title(world: &World, cell: &Cell, at: u32, head: &mut Head, rng: &mut Rng) {
    let site = world.site(cell);
    // The first of the last year is the guide: see `plan`.
    let guide = cell.year == crate::calendar::LAST_YEAR && at == 0;
    head.form = match rng.below(20) {
        _ if guide => 0,
        0 | 1 => 1,
        2 => 3,
        _ => 2,
    };
    let year = head.at.day.year;
    head.title = match head.form {
        0 => format!("{}信息公开指南", site.name),
        1 => format!(
            "{}{}制度",
            site.name,
            rng.pick(&["政府信息公开保密审查", "政府信息主动公开", "政府信息依申请公开", "政府信息公开属性认定"])
        ),
        3 => format!("{}{}年政府信息公开工作年度报告", site.name, year - 1),
        _ => format!("{}{year}年{}", site.place, MATTERS[head.number as usize % MATTERS.len()].1),
    };
}

pub fn disclosure(item: &mut Item, sheet: &mut Sheet) {
    let (form, day) = (item.head.form, item.head.at.day);
    sheet.text("part", PARTS[form]);
    if form == 2 {
        sheet.text("matter", MATTERS[item.head.number as usize % MATTERS.len()].0);
    }
    sheet.text("indexNo", &item.index_number());
    sheet.text("issuer", &item.world.office(item.cell));
    sheet.date("generatedDate", &day.minus(item.rng.range(1, 15)).iso());
    let article = ["第十二条", "第五十四条", "第二十条", "第四十九条"][form];
    sheet.text("basis", &format!("《中华人民共和国政府信息公开条例》{article}"));
    sheet.text("audience", "全社会");
    if form == 3 {
        sheet.plain("year", &(day.year - 1).to_string());
    }
    if form == 0 {
        let site = item.site();
        let text = format!(
            "## 一、主动公开\n\n主动公开的信息通过本网站“政务公开”栏目和档案馆、图书馆的查阅点提供。\n\n## 二、依申请公开\n\n公民、法人或者其他组织可以当面、邮寄或者在线提出申请。\n\n- 受理机构：{}\n- 联系电话：{}\n- 办公时间：工作日 8:30—12:00，14:30—17:30\n\n## 三、监督与救济\n\n认为行政机关不依法履行政府信息公开义务的，可以向上一级行政机关投诉、举报。",
            item.world.office(item.cell),
            site.telephone(12),
        );
        item.body.push_str(&text);
        return;
    }
    let matter = item.matter();
    item.fill(&matter, 0.9);
}

pub fn topic(item: &mut Item, sheet: &mut Sheet) {
    let site = item.site();
    sheet.text("organizer", &item.world.office(item.cell));
    sheet.date("from", &item.head.at.day.iso());
    let character = &item.world.characters[usize::from(item.cell.site)];
    // A topic of the site that is about this, if there is one.
    let own = character
        .columns
        .iter()
        .find(|c| c.id.starts_with("zt/") && c.theme.is_some_and(|t| std::ptr::eq(&crate::words::THEMES[t], item.head.theme)));
    if let Some(column) = own {
        sheet.text("link", &format!("/{}/", column.id));
    }
    item.body.push_str(&format!("为集中反映{}工作，{}开设“{}”专题。\n\n", item.head.theme.name, site.short, item.head.theme.name));
    let matter = item.matter();
    item.fill(&matter, 0.6);
}
