//! Leaders, institutions and pages about the place. All names are made up.

use crate::fleet::{Site, Tier};
use crate::head::Head;
use crate::items::{Item, person};
use crate::offices::OFFICES;
use crate::plan::Cell;
use crate::rng::Rng;
use crate::sheet::Sheet;
use crate::words::{NATIONS, STREETS, TOWNS};
use crate::world::World;

pub fn leader_title(head: &mut Head, rng: &mut Rng) {
    head.title = person(rng);
}

/// What the head of a government or of an office is called.
fn chief(site: &Site) -> &'static str {
    match site.tier {
        Tier::Region => "主席",
        Tier::City => "市长",
        Tier::County if site.kind == "市辖区" => "区长",
        Tier::County if site.kind == "县级市" => "市长",
        Tier::County => "县长",
        Tier::Department if site.name.ends_with('厅') => "厅长",
        Tier::Department if site.name.ends_with("委员会") || site.name.ends_with('室') || site.name.ends_with('心') => "主任",
        Tier::Department => "局长",
    }
}

pub fn leader(item: &mut Item, sheet: &mut Sheet) {
    let (site, at) = (item.site(), item.at);
    let chief = chief(site);
    let post = match (at, site.is_department()) {
        (0, false) => format!("党委副书记、{chief}"),
        (1, false) => format!("党委常委、常务副{chief}"),
        (_, false) => format!("副{chief}"),
        (0, true) => format!("党组书记、{chief}"),
        (4, true) => "二级调研员".into(),
        (_, true) => format!("党组成员、副{chief}"),
    };
    sheet.text("post", &post);
    sheet.plain("order", &(at + 1).to_string());
    sheet.text("gender", if item.rng.chance(0.7) { "男" } else { "女" });
    sheet.text("nation", item.rng.pick(NATIONS));
    let mut names: Vec<&str> = crate::words::THEMES.iter().map(|t| t.name).collect();
    item.rng.shuffle(&mut names);
    let duties =
        if at == 0 { "主持全面工作".to_owned() } else { format!("负责{}、{}、{}等方面工作", names[0], names[1], names[2]) };
    sheet.text("duties", &format!("{duties}，联系{}。", names[3]));
    let start = item.rng.range(1988, 2004);
    sheet.text("resume", &format!("演示人物，姓名和履历均为虚构。{start}年参加工作，先后在乡镇、县直机关任职，现任{post}。"));
}

const INNER: &[&str] =
    &["办公室", "政策法规科", "规划财务科", "人事科", "行政审批科", "综合业务科", "监督检查科", "信息中心", "机关党委", "综合行政执法支队"];

pub fn institution_title(world: &World, cell: &Cell, at: u32, head: &mut Head) {
    let site = world.site(cell);
    let at = at as usize;
    head.title = match site.tier {
        Tier::Department => format!("{}{}", site.short, INNER[at % INNER.len()]),
        Tier::County if at % 3 == 2 => {
            format!("{}{}人民政府", site.place, TOWNS[(at * 5 + site.id.len()) % TOWNS.len()]).replace("街道人民政府", "街道办事处")
        }
        _ => {
            let top = site.tier == Tier::Region;
            let office = OFFICES.iter().filter(|o| !(if top { o.region } else { o.city }).0.is_empty()).nth((at * 7 + 1) % 40);
            let office = office.unwrap_or(&OFFICES[0]);
            format!("{}{}", site.place, (if top { office.region } else { office.city }).1)
        }
    };
}

pub fn address(site: &Site, rng: &mut Rng) -> String {
    format!("广西{}{}{}号", site.seat, rng.pick(STREETS), rng.range(1, 188))
}

pub fn postcode(site: &Site) -> String {
    format!("53{}", &site.division[2..6])
}

pub const HOURS: [&str; 3] = [
    "工作日 8:00—12:00，15:00—18:00（法定节假日除外）",
    "工作日 8:30—12:00，14:30—17:30",
    "工作日 9:00—12:00，13:00—17:00，周六 9:00—12:00",
];

pub fn institution(item: &mut Item, sheet: &mut Sheet) {
    let (site, at) = (item.site(), item.at as usize);
    let title = &item.head.title;
    let kind = match site.tier {
        Tier::Department => "内设机构",
        _ if title.ends_with("人民政府") || title.ends_with("办事处") => "乡镇街道",
        _ if title.ends_with("中心") => "事业单位",
        _ if title.ends_with('厅') || title.ends_with("委员会") => "组成部门",
        _ => item.rng.pick(&["组成部门", "直属机构"]),
    };
    sheet.text("type", kind);
    sheet.plain("order", &(at + 1).to_string());
    if item.rng.chance(0.6) {
        sheet.text("head", &format!("{}（负责人，虚构）", person(&mut item.rng)));
    }
    sheet.text("duties", &format!("负责{}、{}等工作；承办上级交办的其他事项。", item.head.theme.name, item.head.theme.things[at % 4]));
    sheet.text("address", &address(site, &mut item.rng));
    sheet.text("postcode", &postcode(site));
    sheet.text("phone", &site.telephone(at + 50));
    if item.rng.chance(0.3) {
        sheet.text("fax", &site.telephone(at + 51));
    }
    if item.rng.chance(0.3) {
        sheet.text("email", &format!("bgs{}@{}", at + 1, site.host.trim_start_matches("www.")));
    }
    sheet.text("hours", item.rng.pick(&HOURS));
    if item.rng.chance(0.5) {
        let matter = item.matter();
        item.fill(&matter, 0.4);
    }
}

/// Number of pages that are no translation comes first: pairs share one title.
fn page_kind(cell: &Cell, at: u32) -> usize {
    let files = at.saturating_sub(cell.records());
    let at = if at >= cell.records() && files < cell.paired { cell.records() + files / 2 } else { at };
    at as usize % PAGES.len()
}

pub const PAGES: [(&str, &str); 3] = [("概况", "at a Glance"), ("历史沿革", "History"), ("自然地理", "Land and Climate")];

pub fn page_title(world: &World, cell: &Cell, at: u32, head: &mut Head) {
    head.form = page_kind(cell, at);
    head.title = format!("{}{}", world.site(cell).place, PAGES[head.form].0);
}

pub fn page(item: &mut Item, sheet: &mut Sheet) {
    let site = item.site();
    sheet.date("updated", &item.head.at.day.iso());
    sheet.text("unit", &format!("{}地方志编纂委员会办公室", site.place));
    let matter = item.matter();
    let text = match item.head.form {
        0 => format!("{}位于广西，下辖{}等地，是民族团结、山水秀丽的地方。本页数字为演示数据。", site.place, matter.sub(&mut item.rng)),
        1 => format!("{}历史悠久，境内有多处古代遗址和传统村落，壮、汉、瑶、苗、侗等民族世代聚居。", site.place),
        _ => format!(
            "{}属亚热带季风气候，年平均气温{}.{}℃，年降水量{}毫米。",
            site.place,
            item.rng.range(18, 22),
            item.rng.range(0, 9),
            item.rng.range(1100, 2600)
        ),
    };
    item.body.push_str(&text);
    item.body.push_str("\n\n");
    matter.paragraph(item.body, &mut item.rng, 1, 2);
    item.fill(&matter, 0.7);
}
