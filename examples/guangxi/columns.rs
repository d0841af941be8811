//! Columns: those of the tiers, read out of platform.toml, and those that only some sites have.

/// A column as it stands on one site.
#[derive(Clone)]
pub struct Column {
    pub id: String,
    pub name: String,
    pub category: Option<String>,
    pub locked: bool,
    /// Theme of everything in it (its place in `words::THEMES`).
    pub theme: Option<usize>,
    /// Years of its items; `None`: as long as the site exists.
    pub years: Option<(u16, u16)>,
    /// It only shows what it pulls.
    pub pulls: bool,
}

/// The columns of a tier, in the order of platform.toml. It is our own file, one key a line: no parser is needed.
pub fn of_tier(platform: &str, tier: &str) -> Vec<Column> {
    let head = format!("[[tiers.{tier}.column]]");
    let mut out: Vec<Column> = Vec::new();
    let mut inside = false;
    for line in platform.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == head;
            if inside {
                out.push(Column {
                    id: String::new(),
                    name: String::new(),
                    category: None,
                    locked: false,
                    theme: None,
                    years: None,
                    pulls: false,
                });
            }
            continue;
        }
        let (Some(column), Some((key, value))) = (out.last_mut().filter(|_| inside), line.split_once(" = ")) else { continue };
        let text = || value.trim_matches('"').to_owned();
        match key {
            "id" => column.id = text(),
            "name" => column.name = text(),
            "category" => column.category = Some(text()),
            "locked" => column.locked = value == "true",
            _ => {}
        }
    }
    out
}

/// The columns that a tier's home page lists: `columns = [...]` of `[tiers.x.home]`.
pub fn home_of_tier(platform: &str, tier: &str, block: &str) -> Vec<String> {
    let head = format!("[tiers.{tier}.blocks.{block}]");
    let line = platform.lines().skip_while(|l| *l != head).find(|l| l.starts_with("columns = "));
    let list = line.and_then(|l| l.split_once('[')).map_or("", |(_, l)| l.trim_end_matches(']'));
    list.split(", ").map(|s| s.trim_matches('"').to_owned()).filter(|s| !s.is_empty()).collect()
}

/// A column that shows what a place is known for.
pub struct Local {
    pub site: &'static str,
    pub id: &'static str,
    pub name: &'static str,
    pub english: &'static str,
    pub theme: &'static str,
    pub about: &'static str,
}

const fn local(
    site: &'static str,
    id: &'static str,
    name: &'static str,
    english: &'static str,
    theme: &'static str,
    about: &'static str,
) -> Local {
    Local { site, id, name, english, theme, about }
}

#[rustfmt::skip]
pub const LOCALS: &[Local] = &[
    local("guangxi", "xw/plyh", "平陆运河建设", "The Pinglu Canal", "pinglu", "平陆运河航道、枢纽、桥梁和生态修复工程的进展。"),
    local("nanning", "xw/dmblh", "开放的南宁", "Open Nanning", "kaifang", "面向东盟的会展、贸易和投资合作动态。"),
    local("nanning", "xw/mlh", "茉莉花产业", "Jasmine", "guoye", "茉莉花种植、加工和文化活动。"),
    local("liuzhou", "xw/lsf", "螺蛳粉产业", "River-snail Noodles", "gongye", "螺蛳粉全产业链发展、质量监管和市场拓展。"),
    local("liuzhou", "xw/xnyc", "新能源汽车", "Electric Cars", "gongye", "整车、零部件和充电设施建设动态。"),
    local("guilin", "xw/lijiang", "漓江保护", "The Li River", "hehu", "漓江流域水质、岸线和喀斯特景观保护工作。"),
    local("guilin", "xw/sjjlyc", "世界级旅游城市", "World-class Tourism", "wenlv", "旅游产品、服务质量和国际交流的新进展。"),
    local("wuzhou", "xw/lbc", "六堡茶产业", "Liubao Tea", "guoye", "六堡茶种植、加工、标准和品牌建设。"),
    local("beihai", "xw/xhjj", "向海经济", "The Sea Economy", "haiyang", "海洋渔业、临港产业和滨海生态。"),
    local("fangchenggang", "xw/bjkf", "边境开放", "Border Opening", "kaifang", "口岸建设、边民互市和国际医学开放合作。"),
    local("qinzhou", "xw/yhcs", "运河城市建设", "Canal City", "pinglu", "平陆运河钦州段建设和沿线城镇发展。"),
    local("guigang", "xw/xjhy", "西江航运", "Xijiang Shipping", "tongdao", "西江航道、港口和船舶产业动态。"),
    local("yulin", "xw/zyyy", "中医药产业", "Herbal Medicine", "zhongyi", "中药材种植、交易和香料产业。"),
    local("baise", "xw/mangguo", "百色芒果", "Baise Mangoes", "guoye", "芒果种植、采收、冷链和销售信息。"),
    local("hezhou", "xw/csy", "长寿康养", "Health and Long Life", "yanglao", "康养产业和粤港澳大湾区合作。"),
    local("hechi", "xw/cansang", "桑蚕丝绸", "Silk", "guoye", "桑园、蚕茧和丝绸工业发展。"),
    local("laibin", "xw/zhetang", "糖业基地", "Sugar Base", "tangye", "糖料蔗生产、蔗糖加工和蔗农服务。"),
    local("chongzuo", "xw/bmjj", "口岸经济", "Port Economy", "kaifang", "边境口岸、互市贸易和落地加工。"),
    local("yangshuo", "xw/ycyd", "阳朔文旅", "Yangshuo Tourism", "wenlv", "山水演艺、民宿和户外运动。"),
    local("dongxing", "xw/hsmy", "互市贸易", "Border Trade", "kaifang", "东兴口岸互市贸易和跨境合作。"),
    local("pingxiang", "xw/ygwl", "友谊关物流", "Youyi Pass", "tongdao", "友谊关口岸通关和跨境物流。"),
    local("sanjiang", "xw/dzgj", "侗寨风情", "Dong Villages", "minzu", "侗族木构建筑、大歌和百家宴。"),
    local("longsheng", "xw/longji", "龙脊梯田", "Longji Terraces", "wenlv", "梯田保护和稻作文化。"),
    local("hengzhou", "xw/molihua", "茉莉花都", "Jasmine Town", "guoye", "茉莉花茶和茉莉香精产业。"),
    local("rongshui", "xw/mzj", "苗乡坡会", "Miao Festivals", "minzu", "坡会、斗马和芦笙文化。"),
    local("bama", "xw/csx", "长寿之乡", "Home of Long Life", "yanglao", "长寿文化和健康旅游。"),
    local("gongcheng", "xw/yueshi", "月柿产业", "Persimmons", "guoye", "月柿种植、晾晒和深加工。"),
    local("tiandong", "xw/qiujie", "秋季蔬菜", "Winter Vegetables", "guoye", "秋冬菜生产和产销对接。"),
];

/// For sites that the table does not name: one of these, by chance.
#[rustfmt::skip]
pub const COMMON: &[Local] = &[
    local("", "xw/tsny", "特色农业", "Local Farming", "guoye", "本地特色种植养殖和品牌建设。"),
    local("", "xw/xczx", "乡村振兴", "Rural Revitalization", "xiangcun", "乡村产业、环境和治理的新变化。"),
    local("", "xw/xmjs", "项目建设", "Projects", "xiangmu", "重点项目开工、建设和投产情况。"),
    local("", "xw/mstj", "民生实事", "For the People", "jiuzhu", "为民办实事项目的进展。"),
    local("", "xw/stwm", "生态文明", "Ecology", "huanbao", "生态保护修复和绿色发展。"),
    local("", "xw/yqdt", "园区动态", "Industrial Park", "touzi", "产业园区建设和企业服务。"),
];

/// A topic: opened for a time and later archived.
pub struct Topic {
    pub id: &'static str,
    pub name: &'static str,
    pub english: &'static str,
    pub theme: &'static str,
    pub years: (u16, u16),
    pub open: bool,
    pub about: &'static str,
}

const fn topic(
    id: &'static str,
    name: &'static str,
    english: &'static str,
    theme: &'static str,
    years: (u16, u16),
    open: bool,
    about: &'static str,
) -> Topic {
    Topic { id, name, english, theme, years, open, about }
}

#[rustfmt::skip]
pub const TOPICS: &[Topic] = &[
    topic("zt/yshj", "优化营商环境", "Business Environment", "yingshang", (2021, 2026), true, "汇集优化营商环境的政策、做法和企业评价。"),
    topic("zt/fxkh", "防汛抗旱", "Floods and Drought", "fangxun", (2022, 2026), true, "汇集防汛抗旱的部署、预警、科普和一线动态。"),
    topic("zt/xczx", "乡村全面振兴", "Rural Revitalization", "xiangcun", (2021, 2026), true, "学习运用“千万工程”经验，推进乡村全面振兴。"),
    topic("zt/mztj", "铸牢中华民族共同体意识", "One Community", "minzu", (2022, 2026), true, "民族团结进步示范创建的经验和故事。"),
    topic("zt/aqsc", "安全生产治本攻坚", "Workplace Safety", "anquan", (2024, 2026), true, "安全生产治本攻坚三年行动的进展。"),
    topic("zt/slfh", "森林防灭火", "Forest Fires", "senfang", (2023, 2026), true, "森林火险预警、禁火令和防火知识。"),
    topic("zt/gxbys", "高校毕业生就业", "Graduates", "jiuye", (2024, 2026), true, "就业政策、招聘活动和见习岗位。"),
    topic("zt/sww", "谋划“十五五”", "The Next Five Years", "xiangmu", (2025, 2026), true, "“十五五”规划编制和建言献策。"),
    topic("zt/tpgj", "决战脱贫攻坚", "Out of Poverty", "xiangcun", (2016, 2021), false, "脱贫攻坚工作专题，已经结束，内容存档备查。"),
    topic("zt/qzln", "自治区成立六十周年", "Sixty Years", "minzu", (2018, 2018), false, "庆祝广西壮族自治区成立六十周年，内容存档备查。"),
    topic("zt/rkpc", "第七次全国人口普查", "The 2020 Census", "tongji", (2019, 2021), false, "第七次全国人口普查的通知、问答和公报，内容存档备查。"),
    topic("zt/jjpc", "第五次全国经济普查", "Economic Census", "tongji", (2023, 2025), false, "第五次全国经济普查的通知和问答，内容存档备查。"),
    topic("zt/cjwm", "创建文明城市", "A Civil City", "chengguan", (2017, 2023), false, "创建文明城市工作专题，已经结束，内容存档备查。"),
    topic("zt/sfgg", "“放管服”改革", "Cutting Red Tape", "yingshang", (2017, 2020), false, "简政放权、放管结合、优化服务改革专题，内容存档备查。"),
];
