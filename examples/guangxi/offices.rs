//! The departments that have a site of their own.

pub struct Office {
    /// Field of work; themes name theirs (see `words`).
    pub field: &'static str,
    /// Code and name at the region; empty: there is none.
    pub region: (&'static str, &'static str),
    /// Code and name in a city or county; empty: there is none.
    pub city: (&'static str, &'static str),
    /// In numbers of documents: 桂水发〔2026〕8号.
    pub sign: &'static str,
    pub english: &'static str,
    /// Place in the order in which cities open a site for it.
    pub order: u8,
}

const fn office(
    field: &'static str,
    region: (&'static str, &'static str),
    city: (&'static str, &'static str),
    sign: &'static str,
    english: &'static str,
    order: u8,
) -> Office {
    Office { field, region, city, sign, english, order }
}

#[rustfmt::skip]
pub const OFFICES: &[Office] = &[
    office("fg", ("fgw", "发展和改革委员会"), ("fgw", "发展和改革委员会"), "发改", "Development and Reform Commission", 7),
    office("jy", ("jyt", "教育厅"), ("jyj", "教育局"), "教", "Education Department", 1),
    office("kj", ("kjt", "科学技术厅"), ("kjj", "科学技术局"), "科", "Science and Technology Department", 26),
    office("gx", ("gxt", "工业和信息化厅"), ("gxj", "工业和信息化局"), "工信", "Industry and Information Department", 25),
    office("mz", ("mzw", "民族宗教事务委员会"), ("mzw", "民族宗教事务委员会"), "民宗", "Ethnic and Religious Affairs Commission", 29),
    office("ga", ("gat", "公安厅"), ("gaj", "公安局"), "公", "Public Security Department", 20),
    office("mzh", ("mzt", "民政厅"), ("mzj", "民政局"), "民", "Civil Affairs Department", 13),
    office("sf", ("sft", "司法厅"), ("sfj", "司法局"), "司", "Justice Department", 12),
    office("cz", ("czt", "财政厅"), ("czj", "财政局"), "财", "Finance Department", 8),
    office("rs", ("rst", "人力资源和社会保障厅"), ("rsj", "人力资源和社会保障局"), "人社", "Human Resources and Social Security Department", 3),
    office("zr", ("zrzyt", "自然资源厅"), ("zrzyj", "自然资源局"), "自然资", "Natural Resources Department", 4),
    office("st", ("sthjt", "生态环境厅"), ("sthjj", "生态环境局"), "环", "Ecology and Environment Department", 5),
    office("zj", ("zjt", "住房和城乡建设厅"), ("zjj", "住房和城乡建设局"), "建", "Housing and Construction Department", 6),
    office("jt", ("jtt", "交通运输厅"), ("jtj", "交通运输局"), "交", "Transport Department", 9),
    office("sl", ("slt", "水利厅"), ("slj", "水利局"), "水", "Water Resources Department", 10),
    office("ny", ("nynct", "农业农村厅"), ("nyncj", "农业农村局"), "农", "Agriculture and Rural Affairs Department", 11),
    office("sw", ("swt", "商务厅"), ("swj", "商务局"), "商", "Commerce Department", 17),
    office("wl", ("wlt", "文化和旅游厅"), ("wlj", "文化广电和旅游局"), "文旅", "Culture and Tourism Department", 18),
    office("wj", ("wjw", "卫生健康委员会"), ("wjw", "卫生健康委员会"), "卫健", "Health Commission", 2),
    office("ty", ("tyjrt", "退役军人事务厅"), ("tyjrj", "退役军人事务局"), "退役", "Veterans Affairs Department", 28),
    office("yj", ("yjt", "应急管理厅"), ("yjj", "应急管理局"), "应急", "Emergency Management Department", 14),
    office("sj", ("sjt", "审计厅"), ("sjj", "审计局"), "审", "Audit Office", 24),
    office("ws", ("wsb", "外事办公室"), ("wsb", "外事办公室"), "外", "Foreign Affairs Office", 33),
    office("gz", ("gzw", "国有资产监督管理委员会"), ("gzw", "国有资产监督管理委员会"), "国资", "State-owned Assets Commission", 32),
    office("sc", ("scjgj", "市场监督管理局"), ("scjgj", "市场监督管理局"), "市监", "Market Regulation Administration", 15),
    office("gd", ("gdj", "广播电视局"), ("", ""), "广", "Radio and Television Administration", 0),
    office("tyu", ("tyj", "体育局"), ("tyj", "体育局"), "体", "Sports Bureau", 31),
    office("tj", ("tjj", "统计局"), ("tjj", "统计局"), "统", "Bureau of Statistics", 16),
    office("yb", ("ybj", "医疗保障局"), ("ybj", "医疗保障局"), "医保", "Medical Insurance Bureau", 19),
    office("ly", ("lyj", "林业局"), ("lyj", "林业局"), "林", "Forestry Bureau", 21),
    office("dsj", ("dsjj", "大数据发展局"), ("dsjj", "大数据发展局"), "数", "Big Data Bureau", 22),
    office("ls", ("lsj", "粮食和物资储备局"), ("lsj", "粮食和物资储备局"), "粮", "Grain and Reserves Bureau", 36),
    office("yp", ("ypj", "药品监督管理局"), ("", ""), "药监", "Drug Administration", 0),
    office("jg", ("jgj", "机关事务管理局"), ("jgj", "机关事务管理局"), "机管", "Office of Government Affairs", 35),
    office("bb", ("bbwb", "北部湾经济区规划建设管理办公室"), ("", ""), "北部湾", "Beibu Gulf Economic Zone Office", 0),
    office("tz", ("tzj", "投资促进局"), ("tzj", "投资促进局"), "投促", "Investment Promotion Bureau", 30),
    office("hy", ("hyj", "海洋局"), ("hyj", "海洋局"), "海", "Oceanic Bureau", 27),
    office("dz", ("dfz", "地方志编纂委员会办公室"), ("daj", "档案局"), "志", "Office of Local Chronicles", 38),
    office("gxs", ("gxs", "供销合作联社"), ("gxs", "供销合作社联合社"), "供销", "Supply and Marketing Cooperatives", 37),
    office("xf", ("xfj", "信访局"), ("xfj", "信访局"), "信访", "Letters and Calls Bureau", 39),
    office("gf", ("gfb", "国防动员办公室"), ("gfb", "国防动员办公室"), "动员", "National Defence Mobilization Office", 40),
    office("gg", ("ggzy", "公共资源交易中心"), ("ggzy", "公共资源交易中心"), "公资", "Public Resources Trading Centre", 34),
    office("xz", ("", ""), ("xzspj", "行政审批局"), "审批", "Administrative Approval Bureau", 18),
    office("cg", ("", ""), ("cgj", "城市管理综合行政执法局"), "城管", "Urban Management Bureau", 23),
    office("gjj", ("", ""), ("gjj", "住房公积金管理中心"), "公积金", "Housing Provident Fund Centre", 26),
];

/// Cities on the sea; the others have no oceanic bureau.
pub const COAST: &[&str] = &["beihai", "fangchenggang", "qinzhou"];
