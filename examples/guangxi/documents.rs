//! News, notices, policy documents and their interpretations.

use crate::head::{GENRES, INTERPRETATIONS, NOTICES, head, interpreted};
use crate::items::{Item, person};
use crate::sheet::Sheet;

pub fn news(item: &mut Item, sheet: &mut Sheet) {
    if item.rng.chance(0.3) {
        sheet.text("author", &person(&mut item.rng));
    }
    if item.rng.chance(0.6) {
        sheet.text("editor", &person(&mut item.rng));
    }
    if item.rng.chance(0.05) {
        sheet.text("subtitle", &format!("——{}{}记", item.site().place, item.head.thing));
    }
    if item.rng.chance(0.03) {
        let url = format!("https://news.guangxi.example/{}/{}.html", item.head.at.day.year, item.head.number);
        sheet.text("originalUrl", &url);
    }
    let day = item.head.at.day;
    let matter = item.matter();
    let lead = format!("{}月{}日，{}{}工作推进会召开，", day.month, day.day, matter.actor(), item.head.theme.name);
    item.body.push_str(&lead);
    matter.paragraph(item.body, &mut item.rng, 1, 2);
    item.fill(&matter, 0.85);
    if item.rng.chance(0.09)
        && let Some(link) = item.link()
    {
        item.body.push_str(&format!("\n\n有关规定见{link}。"));
    }
    if item.file && item.rng.chance(0.12) {
        let file = item.picture();
        let alt = format!("{}现场", item.head.thing);
        sheet.cover(file, &alt);
        item.body.push_str(&format!("\n\n![{alt}示意图]({file} \"{}\")", item.head.title.replace('"', "")));
    }
    if item.file
        && item.rng.chance(0.06)
        && let Some(to) = item.document()
    {
        sheet.list("related", &[format!("id:{}", item.world.id(to.number))]);
    }
}

/// 桂水发〔2026〕8号.
fn number(item: &Item, office: bool) -> String {
    let site = item.site();
    let series = match (site.is_department(), office) {
        (true, _) => "发",
        (false, true) => "政办发",
        (false, false) => "政发",
    };
    format!("{}{series}〔{}〕{}号", site.sign, item.head.at.day.year, item.at % 999 + 1)
}

pub fn notice(item: &mut Item, sheet: &mut Sheet) {
    let form = item.head.form;
    let day = item.head.at.day;
    let issuer = if form == 0 { item.world.office(item.cell) } else { item.site().name.clone() };
    sheet.text("issuer", &issuer);
    if form == 0 {
        sheet.text("docNo", &number(item, true));
    }
    sheet.text("indexNo", &item.index_number());
    sheet.text("kind", NOTICES[form]);
    if matches!(form, 2 | 5 | 6) {
        sheet.date("deadline", &day.plus(item.rng.range(7, 20)).iso());
    }
    if form == 5 && day.year == 2026 && day.month >= 10 {
        sheet.date("expiryDate", "2027-03-31");
    }
    let phone = item.site().telephone(item.at as usize % 40);
    if item.rng.chance(0.6) {
        sheet.text("contact", &format!("{} {}老师", item.rng.pick(&["办公室", "综合科", "业务科"]), item.rng.pick(crate::words::SURNAMES)));
        sheet.text("phone", &phone);
    }
    let matter = item.matter();
    let opening = match form {
        0 => format!("各有关单位：\n\n为做好{}，现将有关事项通知如下：\n\n", item.head.thing),
        4 => format!("{}气象、水利、林业等部门会商研判，预计未来24小时风险较高，请注意防范。\n\n", matter.place()),
        5 => format!("因工作需要，{}面向社会公开招聘工作人员{}名，现将有关事项公告如下：\n\n", issuer, item.rng.range(2, 38)),
        _ => format!("根据有关规定，现将{}有关事项公布如下。\n\n", item.head.thing),
    };
    item.body.push_str(&opening);
    matter.paragraph(item.body, &mut item.rng, 1, 1);
    item.fill(&matter, 0.8);
    if item.rng.chance(0.12)
        && let Some(link) = item.link()
    {
        item.body.push_str(&format!("\n\n办理依据：{link}。"));
    }
    if item.file && matches!(form, 2 | 5 | 6) && item.rng.chance(0.5) {
        let file = item.table();
        item.body.push_str(&format!("\n\n附件：[{}明细表]({file})", NOTICES[form]));
    }
    item.body.push_str(&format!("\n\n联系电话：{phone}。\n\n{issuer}  \n{}", day.chinese()));
}

pub fn policy(item: &mut Item, sheet: &mut Sheet) {
    let form = item.head.form;
    let day = item.head.at.day;
    let world = item.world;
    let by_office = matches!(form, 2 | 3);
    let issuer = if by_office { world.office(item.cell) } else { item.site().name.clone() };
    sheet.text("indexNo", &item.index_number());
    sheet.text("issuer", &issuer);
    sheet.text("docNo", &number(item, by_office));
    let signed = day.minus(item.rng.range(2, 12));
    sheet.date("signedDate", &signed.iso());
    sheet.date("effectiveDate", &(if form == 0 { day.plus(30) } else { signed }).iso());
    let later = world.policies[usize::from(item.cell.site)].iter().map(|c| &world.plan.cells[*c]).find(|c| c.year >= 2024);
    if let Some(new) = item.head.replaced_by {
        let id = world.id(new);
        sheet.text("state", "repealed");
        sheet.text("replacedBy", &format!("id:{id}"));
        sheet.text("versionKey", &format!("v-{id}"));
        sheet.text("validity", "废止");
    } else if day.year <= 2019 && form == 2 {
        sheet.date("lapseDate", &format!("{}-12-31", day.year + 2));
        sheet.text("validity", "失效");
    } else {
        if later.is_some_and(|c| c.first == item.head.number) {
            sheet.text("versionKey", &format!("v-{}", world.id(item.head.number)));
        }
        sheet.text("validity", "有效");
    }
    sheet.list("theme", &[item.head.theme.subject.split('、').next().unwrap_or("综合政务"), item.head.theme.tag]);
    // A department writes no rules in the sense of the law.
    let genre = if form == 0 && item.site().is_department() { "其他" } else { GENRES[form] };
    sheet.text("genre", genre);
    sheet.text("level", if genre == "规章" { "规章" } else { "行政规范性文件" });
    sheet.text("openness", "主动公开");
    sheet.list("subjects", &[item.head.theme.tag, genre]);
    let interpretations = interpretations(item);
    if !interpretations.is_empty() {
        sheet.list("interpretations", &interpretations);
    }
    let matter = item.matter();
    let bytes = item.length(1.0);
    if form == 0 {
        item.body.push_str(&format!("《{}》已经审议通过，现予公布，自公布之日起施行。", item.head.title));
        matter.articles(item.body, &mut item.rng, bytes);
    } else {
        item.body.push_str(&format!("为深入推进{}，经研究同意，现提出以下要求。\n\n", item.head.theme.name));
        matter.paragraph(item.body, &mut item.rng, 1, 1);
        matter.fill(item.body, &mut item.rng, bytes);
        if item.rng.chance(0.15)
            && item.head.replaced_by.is_none()
            && let Some(link) = item.link()
        {
            item.body.push_str(&format!("\n\n本文件未尽事项，按照{link}执行。"));
        }
        if item.file && item.rng.chance(0.12) {
            let file = item.table();
            item.body.push_str(&format!("\n\n附件：[任务分解表]({file})"));
        }
    }
    item.body.push_str(&format!("\n\n{issuer}  \n{}", signed.chinese()));
}

/// Ids of the interpretations of this document: the other side of `interpreted`.
fn interpretations(item: &Item) -> Vec<String> {
    let world = item.world;
    let site = usize::from(item.cell.site);
    let Some(column) = world.characters[site].find("zwgk/zcjd") else { return Vec::new() };
    let next = world.policies[site].iter().map(|c| world.plan.cells[*c].year).find(|y| *y > item.cell.year).unwrap_or(u16::MAX);
    let cells = world.plan.cells(site).iter().filter(|c| usize::from(c.column) == column && (item.cell.year..next).contains(&c.year));
    cells.flat_map(|c| (item.at..c.count).step_by(item.cell.count as usize).map(|at| format!("id:{}", world.id(c.first + at)))).collect()
}

pub fn interpretation(item: &mut Item, sheet: &mut Sheet) {
    let Some((cell, at)) = interpreted(item.world, item.cell, item.at) else { return };
    let of = head(item.world, cell, at);
    let id = item.world.id(of.number);
    sheet.text("of", &format!("id:{id}"));
    sheet.text("form", INTERPRETATIONS[item.head.form]);
    sheet.text("unit", &item.world.office(item.cell));
    if item.rng.chance(0.3) {
        sheet.text("interpreter", &format!("{}负责人", item.rng.pick(&["政策法规科", "办公室", "综合科"])));
    }
    sheet.text("phone", &item.site().telephone(item.at as usize % 40));
    item.body.push_str(&format!("《[{}](id:{id})》已经印发，现就有关内容解读如下。\n\n", of.title));
    let matter = item.matter();
    if item.head.form == 2 {
        for question in ["为什么出台这个文件？", "哪些人受益？", "什么时候开始执行？"] {
            item.body.push_str(&format!("**问：{question}**\n\n答："));
            matter.paragraph(item.body, &mut item.rng, 1, 2);
            item.body.push_str("\n\n");
        }
    }
    matter.paragraph(item.body, &mut item.rng, 1, 1);
    item.fill(&matter, 0.6);
    if item.head.form == 1 && item.file {
        let file = item.picture();
        sheet.cover(file, "图解");
        item.body.push_str(&format!("\n\n![{}图解]({file})", item.head.theme.name));
    }
}
