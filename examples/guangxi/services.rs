//! Guides to services, letters with their answers, surveys.

use crate::calendar::LAST;
use crate::head::Head;
use crate::items::Item;
use crate::people::{HOURS, address};
use crate::plan::Cell;
use crate::rng::Rng;
use crate::sheet::Sheet;
use crate::words::{LETTERS, SERVICES, SURNAMES};
use crate::world::World;

pub fn service_title(world: &World, cell: &Cell, head: &mut Head, rng: &mut Rng) {
    // Governments list those of all their departments.
    let field = world.site(cell).field();
    let fits = |s: &usize| field.is_none_or(|f| SERVICES[*s].0 == f || SERVICES[*s].0.is_empty());
    let own: Vec<usize> = (0..SERVICES.len()).filter(fits).collect();
    head.form = *rng.one(&own);
    let kind = rng.pick(&["", "", "变更", "延续", "补证", "注销"]);
    let name = SERVICES[head.form].1;
    let way = if kind.is_empty() { String::new() } else { format!("（{kind}）") };
    head.title = format!("{name}{way}");
    if rng.chance(0.3) {
        head.title = format!("{}{}", world.site(cell).brief, head.title);
    }
}

pub fn service(item: &mut Item, sheet: &mut Sheet) {
    let (_, name, result, basis, law, promised) = SERVICES[item.head.form];
    let site = item.site();
    let code = format!("{}{:04}-{:06}", site.division, site.serial, item.head.number % 1_000_000);
    sheet.text("itemCode", &code);
    let audience = item.rng.pick(&[&["个人"][..], &["法人", "其他组织"], &["个人", "法人", "其他组织"]]);
    sheet.list("audience", audience);
    sheet.text("basis", basis);
    sheet.text("conditions", &format!("在{}行政区域内，符合{name}法定条件、材料真实齐全的申请人。", site.place));
    let mut materials = vec![format!("{name}申请表（原件1份）"), "申请人身份证明或者营业执照（可以通过共享获取，免于提交）".to_owned()];
    if item.rng.chance(0.6) {
        materials.push(format!("与{}有关的证明材料（复印件1份）", item.head.thing));
    }
    sheet.list("materials", &materials);
    let steps: &[&str] = if law > 15 { &["申请", "受理", "审查", "决定", "送达"] } else { &["申请", "受理", "办结"] };
    sheet.list("procedure", steps);
    sheet.text("timeLimit", &format!("法定{law}个工作日，承诺{promised}个工作日"));
    sheet.text("fees", if item.rng.chance(0.93) { "不收费" } else { "每证10元" });
    let hall = address(site, &mut item.rng);
    sheet.text("place", &format!("{hall}政务服务大厅{}号窗口", item.rng.range(1, 60)));
    sheet.text("hours", item.rng.pick(&HOURS));
    sheet.text("phone", &site.telephone(item.at as usize % 40));
    sheet.text("complaint", "12345");
    if item.rng.chance(0.8) {
        sheet.text("online", &format!("https://zwfw.guangxi.example/item/{code}"));
    }
    sheet.text("result", result);
    if item.file && item.rng.chance(0.12) {
        let form = format!("{name}申请表\r\n申请人,\r\n联系电话,\r\n申请事项,{name}\r\n");
        item.beside.push(("shenqingbiao.csv".into(), format!("\u{feff}{form}").into_bytes()));
        sheet.list("forms", &["shenqingbiao.csv"]);
    }
    if item.rng.chance(0.6) {
        item.body.push_str("### 温馨提示\n\n");
        let matter = item.matter();
        matter.paragraph(item.body, &mut item.rng, 1, 2);
    }
}

pub fn letter_title(head: &mut Head, rng: &mut Rng) {
    head.form = rng.below(LETTERS.len());
    let what = head.thing;
    head.title = match LETTERS[head.form].0 {
        "咨询" => format!("咨询{what}{}", rng.pick(&["的办理条件", "补贴标准", "有关政策", "何时开始"])),
        "建议" => format!("关于{what}的建议"),
        "投诉" => format!("反映{what}{}", rng.pick(&["进展缓慢", "服务不到位", "咨询电话难打通"])),
        "求助" => format!("{what}能否上门服务"),
        _ => format!("感谢做好{what}"),
    };
}

pub fn letter(item: &mut Item, sheet: &mut Sheet) {
    let (kind, question, answer) = LETTERS[item.head.form];
    let site = item.site();
    let who = match item.rng.below(6) {
        0 => "网友".to_owned(),
        1 => "匿名".to_owned(),
        2 => format!("{}**", item.rng.pick(SURNAMES)),
        3 => format!("{}先生", item.rng.pick(SURNAMES)),
        4 => format!("{}某", item.rng.pick(SURNAMES)),
        _ => format!("{}女士", item.rng.pick(SURNAMES)),
    };
    sheet.text("from", &who);
    sheet.text("kind", kind);
    let at = item.head.at;
    let asked = at.day.minus(item.rng.range(1, 9));
    sheet.text("number", &format!("{}{:04}{:02}{:02}{:05}", site.division, asked.year, asked.month, asked.day, item.head.number % 100_000));
    sheet.date("askedAt", &format!("{} {:02}:{:02}", asked.iso(), item.rng.range(7, 22), item.rng.range(0, 59)));
    sheet.date("answeredAt", &at.text());
    sheet.text("unit", if site.is_department() { site.name.clone() } else { item.world.office(item.cell) }.as_str());
    let rating = item.rng.pick(&["满意", "满意", "基本满意", "未评价", "不满意"]);
    sheet.text("satisfaction", rating);
    let place = item.matter().sub(&mut item.rng).to_owned();
    sheet.text("question", &format!("我住在{place}，{}", question.replace("{}", item.head.thing)));
    item.body.push_str(&answer.replace("{}", item.head.thing));
    let matter = item.matter();
    item.body.push_str("\n\n");
    matter.paragraph(item.body, &mut item.rng, 1, 2);
    if item.rng.chance(0.06)
        && let Some(link) = item.link()
    {
        item.body.push_str(&format!("\n\n有关政策见{link}。"));
    }
    item.body.push_str("\n\n感谢您对我们工作的关心和支持！");
}

pub fn survey_title(world: &World, cell: &Cell, head: &mut Head, rng: &mut Rng) {
    head.form = rng.below(KINDS.len());
    let (site, thing) = (world.site(cell), head.thing);
    head.title = match head.form {
        0 => format!("关于《{}{thing}管理办法（征求意见稿）》公开征求意见的公告", site.place),
        1 => format!("{}{thing}满意度网上调查", site.place),
        2 => format!("关于举行{thing}听证会的公告"),
        _ => format!("{}年度{}民生实事项目征集", head.at.day.year + 1, site.place),
    };
}

const KINDS: [&str; 4] = ["意见征集", "网上调查", "听证", "民生项目征集"];

pub fn survey(item: &mut Item, sheet: &mut Sheet) {
    let (site, day) = (item.site(), item.head.at.day);
    let to = day.plus(item.rng.range(10, 31));
    let open = to > LAST;
    let answered = !open && item.rng.chance(0.7);
    sheet.date("from", &day.iso());
    sheet.date("to", &to.iso());
    sheet.text(
        "status",
        if open {
            "进行中"
        } else if answered {
            "已反馈"
        } else {
            "已结束"
        },
    );
    sheet.text("kind", KINDS[item.head.form]);
    sheet.text("unit", &site.name);
    sheet.text("online", &format!("https://wj.guangxi.example/{}", item.world.id(item.head.number)));
    if item.rng.chance(0.4) {
        sheet.text("email", &format!("zjyj@{}", site.host.trim_start_matches("www.")));
    }
    sheet.text("phone", &site.telephone(item.at as usize % 40));
    if answered {
        let (all, taken) = (item.rng.range(6, 420), item.rng.range(1, 6));
        sheet.plain("opinions", &all.to_string());
        sheet.text(
            "result",
            &format!(
                "征集期间共收到意见{all}条，采纳{taken}条，其余意见已逐一说明理由。采纳的意见主要涉及{}。",
                item.head.theme.things[item.at as usize % 4]
            ),
        );
    }
    let matter = item.matter();
    item.fill(&matter, 0.7);
}
