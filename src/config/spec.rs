//! The table of every setting: one row gives the check, the documentation and what `explain site` lists.

use super::spec::Kind::*;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    /// A list of texts; one text alone is taken as a list of one.
    Texts,
    /// A whole number of at least 1.
    Count,
    /// A list of such numbers.
    Counts,
    /// A whole number.
    Weight,
    Bool,
    /// Name → text; numbers are taken as text.
    TextMap,
    /// Name → list of texts.
    TextsMap,
    /// Name → any value.
    FreeMap,
    /// Language → name → any value.
    FreeMaps,
    /// A table of settings of its own.
    Section(&'static [Spec]),
    /// `[[name]]`: a list of such tables.
    Tables(&'static [Spec]),
    /// `[[name]]`: blocks of a page, each a name under `block` and settings of its own; or the name alone.
    Blocks,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    pub key: &'static str,
    pub kind: Kind,
    /// May stand in `[defaults]`, `[tiers.X]` and `[children]`, and is handed down.
    pub handed_down: bool,
    pub en: &'static str,
    pub zh: &'static str,
}

const fn own(key: &'static str, kind: Kind, en: &'static str, zh: &'static str) -> Spec {
    Spec { key, kind, handed_down: false, en, zh }
}

const fn down(key: &'static str, kind: Kind, en: &'static str, zh: &'static str) -> Spec {
    Spec { key, kind, handed_down: true, en, zh }
}

#[rustfmt::skip]
pub const SITE: &[Spec] = &[
    own("name", Text, "full name of the site; required", "网站规范名称；必填"),
    own("short_name", Text, "short name, for breadcrumbs and links; default: the name", "简称；默认同名称"),
    own("names", TextMap, "name in other languages, by language", "其他语言的名称"),
    own("tier", Text, "level: a key of [tiers]; required", "层级：[tiers] 中的一个；必填"),
    own("parent", Text, "id of the parent site", "上级站点 id"),
    own("hosts", Texts, "host names; the first is the main one; or one path of another site's host; required", "域名，第一个为主域名；或其他站点域名下的一个路径；必填"),
    own("aliases", Texts, "hosts that redirect to the main one", "跳转到主域名的域名"),
    down("theme", Text, "theme; default: the tier's", "主题；默认为本层级的标准主题"),
    down("scheme", Text, "https (default) or http", "https（默认）或 http"),
    down("language", Text, "default language; default: the platform's", "默认语言；默认同平台"),
    down("languages", Texts, "all languages; the first is the default one", "全部语言，第一个为默认语言"),
    down("permalink", Text, "address of an item: tokens :column :year :month :day :slug :id :filename :category", "条目地址格式"),
    down("description", Text, "what the site is, for the page tags", "网站描述"),
    down("keywords", Texts, "key words, for the page tags", "网站关键词"),
    down("page_size", Count, "items on a list page; default 20", "每页条数；默认 20"),
    down("feed_size", Count, "entries of a feed; default 20", "订阅源条数；默认 20"),
    down("related", Count, "related items on a page; default 5", "相关条目数；默认 5"),
    down("search", Text, "action of the search form; absent: no form", "搜索表单的地址；不写则无搜索框"),
    own("noindex", Bool, "asks search engines to stay away (robots.txt)", "不让搜索引擎收录"),
    own("identity", Section(IDENTITY), "who runs the site; shown in the footer and page tags", "网站标识信息"),
    down("outputs", Section(OUTPUTS), "which files a site has besides its pages, and where", "页面以外的输出文件"),
    down("tokens", TextMap, "design tokens: name = value; they become CSS custom properties", "设计变量"),
    down("params", FreeMap, "free values for templates: site.params.x", "模板自由参数"),
    down("params_in", FreeMaps, "free values in another language, laid over params: [params_in.en]", "其他语言的模板参数，覆盖同名的 params"),
    down("security", Section(SECURITY), "whom to tell of a security hole: /.well-known/security.txt", "安全漏洞联系方式：/.well-known/security.txt"),
    down("home", Blocks, "[[home]]: blocks of the home page, in order: `block` is the name, other keys are settings of that block; default: the theme's", "[[home]]：首页依次显示的区块；block 为名称，其余键为该区块的设置；默认同主题"),
    down("blocks", FreeMaps, "settings of blocks, wherever they stand: [blocks.lead]; an entry of [[home]] lays its own over them", "区块的设置：[blocks.lead]；[[home]] 中的同名设置优先"),
    down("column", Tables(COLUMN), "columns; merged by id with those handed down", "栏目；与继承的同 id 栏目合并"),
    down("accept", Tables(ACCEPT), "whose pushed items are accepted", "接收推送的规则"),
    own("place", Tables(PLACE), "single items pulled in", "单条引用"),
    down("menu", Tables(MENU), "named menus", "菜单"),
    down("domain", Section(DOMAIN), "where its hosts lead: target, certificate, time to live", "域名的解析目标、证书和缓存时间"),
];

#[rustfmt::skip]
pub const DOMAIN: &[Spec] = &[
    down("target", Text, "where its hosts lead: id of a [[domains.target]]", "域名的解析目标：[[domains.target]] 的 id"),
    down("certificate", Text, "id of a [[domains.certificate]]; default: the first whose names cover the host", "证书：[[domains.certificate]] 的 id；默认取名称相符的第一个"),
    down("ttl", Count, "seconds for which an answer about its hosts may be kept; default: the target's, else that of [domains]", "解析记录缓存秒数；默认同目标，再同 [domains]"),
    own("paths", Texts, "paths below hosts of other sites that lead here: www.qinghe.example/lyj", "其他站点域名下跳转到本站的路径：www.qinghe.example/lyj"),
];

#[rustfmt::skip]
/// `[domains]`: what the register of host names holds besides those of the sites. Nothing of it reaches a page.
pub const DOMAINS: &[Spec] = &[
    own("ttl", Count, "seconds for which answers may be kept; default 600", "解析记录缓存秒数；默认 600"),
    own("contact", Text, "mail address of whoever answers for the zones; default hostmaster@ the zone", "区的负责人邮箱；默认 hostmaster@ 该区"),
    own("zone", Tables(ZONE), "zones that are served", "托管的区"),
    own("target", Tables(TARGET), "where hosts may lead", "解析目标"),
    own("certificate", Tables(CERTIFICATE), "certificates, each for a group of names", "证书，每个对应一组域名"),
    own("policy", Tables(POLICY), "what names must look like", "域名规范"),
    own("retired", Tables(RETIRED), "hosts of sites that were closed, merged or moved", "已关停、归并、迁移网站的域名"),
];

#[rustfmt::skip]
pub const ZONE: &[Spec] = &[
    own("name", Text, "its name; required", "区名；必填"),
    own("nameservers", Texts, "its name servers; required for an export", "权威服务器；导出时必填"),
    own("contact", Text, "mail address; default: that of [domains]", "负责人邮箱；默认同 [domains]"),
    own("ttl", Count, "seconds; default: that of [domains]", "缓存秒数；默认同 [domains]"),
    own("record", Tables(RECORD), "further records: mail, glue, proofs", "其他记录：邮件、胶水、验证"),
];

#[rustfmt::skip]
pub const RECORD: &[Spec] = &[
    own("name", Text, "relative to the zone; @ or nothing: the zone itself", "相对区名；@ 或不写为区本身"),
    own("type", Text, "A, AAAA, CAA, CNAME, MX, NS, SRV or TXT; required", "A、AAAA、CAA、CNAME、MX、NS、SRV、TXT；必填"),
    own("values", Texts, "as a zone file has them; required", "同区文件写法；必填"),
    own("ttl", Count, "seconds; default: the zone's", "缓存秒数；默认同区"),
];

#[rustfmt::skip]
pub const TARGET: &[Spec] = &[
    own("id", Text, "its name for sites; required", "供站点引用；必填"),
    own("ipv4", Texts, "addresses", "IPv4 地址"),
    own("ipv6", Texts, "addresses", "IPv6 地址"),
    own("cname", Text, "name that a CDN gave; at the top of a zone the addresses are used", "CDN 给的别名；区顶端改用地址"),
    own("ttl", Count, "seconds; default: that of [domains]", "缓存秒数；默认同 [domains]"),
    own("server", Text, "nginx (default), caddy, netlify or cloudflare: whose limits are held", "nginx（默认）、caddy、netlify、cloudflare：按其限制检查"),
];

#[rustfmt::skip]
pub const CERTIFICATE: &[Spec] = &[
    own("id", Text, "its name; required", "名称；必填"),
    own("names", Texts, "host names, also *.x; required", "域名，可用 *.x；必填"),
    own("file", Text, "path of the chain on the server", "服务器上的证书链路径"),
    own("key", Text, "path of the key on the server", "服务器上的私钥路径"),
];

#[rustfmt::skip]
pub const POLICY: &[Spec] = &[
    own("tiers", Texts, "tiers that it speaks of; default: all", "适用层级；默认全部"),
    own("script", Text, "latin or han: names that it speaks of; default: all", "latin 或 han：适用的域名；默认全部"),
    own("suffix", Texts, "what names may end in", "允许的后缀"),
    own("www", Text, "required, refused, or either (default)", "www. 前缀：required、refused、either（默认）"),
    own("under", Text, "parent: names lie below a host of the parent site; else a zone", "parent：须在上级站点域名之下；或区名"),
    own("hosts", Count, "so many hosts of this script at most", "此类域名最多个数"),
    own("severity", Text, "error (default) or warning", "error（默认）或 warning"),
];

#[rustfmt::skip]
pub const RETIRED: &[Spec] = &[
    own("hosts", Texts, "host names; required", "域名；必填"),
    own("name", Text, "what stood there", "原网站名称"),
    own("state", Text, "closed, merged or moved; required", "closed（关停）、merged（归并）、moved（迁移）；必填"),
    own("site", Text, "site that took its place", "承接站点"),
    own("url", Text, "address that took its place, outside the platform", "承接网址（平台以外）"),
    own("map", Text, "CSV file with from,to: exact old addresses", "CSV 文件 from,to：逐条对应"),
    own("rule", Tables(RETIRED_RULE), "patterns of old addresses, the first that fits counts", "旧地址模式，先者优先"),
    own("target", Text, "where its hosts lead; default: as those of the site, else the target of [defaults.domain]", "解析目标；默认同承接站点，再同 [defaults.domain]"),
    own("certificate", Text, "id of a certificate; default: by name", "证书 id；默认按名称"),
];

#[rustfmt::skip]
pub const RETIRED_RULE: &[Spec] = &[
    own("from", Text, "/a/b.html, or /a/* for all below; required", "/a/b.html，或 /a/* 表示其下全部；必填"),
    own("to", Text, "a path of the new site or an address; * stands for the rest; required", "新站路径或网址，* 代表其余部分；必填"),
];

#[rustfmt::skip]
/// Keys of `[identity]`, as templates see them.
pub const IDENTITY_KEYS: &[&str] = &["organizer", "operator", "address", "postcode", "phone", "email", "code", "icp", "police", "conac"];

#[rustfmt::skip]
pub const IDENTITY: &[Spec] = &[
    down("organizer", Text, "body that is responsible for the site", "主办单位"),
    down("operator", Text, "body that runs the site", "承办单位"),
    own("address", Text, "address", "地址"),
    own("postcode", Text, "postcode", "邮编"),
    own("phone", Text, "telephone", "电话"),
    own("email", Text, "e-mail", "邮箱"),
    own("code", Text, "site identification code", "网站标识码"),
    own("icp", Text, "ICP record number", "ICP备案号"),
    own("police", Text, "public-security record number", "公安机关备案号"),
    own("conac", Text, "id of the CONAC mark", "党政机关网站标识编号"),
];

#[rustfmt::skip]
pub const SECURITY: &[Spec] = &[
    down("contact", Texts, "mail or web addresses, the preferred one first; default: identity.email", "联系邮箱或网址，首选在前；默认 identity.email"),
    down("expires", Text, "date until which the file may be trusted; without it there is no file", "文件有效期；不写则不生成"),
];

#[rustfmt::skip]
pub const OUTPUTS: &[Spec] = &[
    down("lists", Text, "years (default): blocks of a year, oldest first, which a new item does not move; pages: /page/2/, newest first", "列表分页方式：years（默认，按年分块）或 pages（/page/2/）"),
    down("feed", Text, "file name of the site's Atom feed; default feed.xml; empty: none", "全站 Atom 文件名；默认 feed.xml；空则不要"),
    down("json_feed", Text, "file name of the site's JSON Feed; default feed.json; empty: none", "全站 JSON Feed 文件名；默认 feed.json；空则不要"),
    down("column_feeds", Bool, "an Atom feed for each column with items; default true", "每个栏目一个 Atom；默认 true"),
    down("site_map", Text, "file name of the site map page; default map.html; empty: none", "站点地图页文件名；默认 map.html；空则不要"),
    down("sitemap", Text, "months (default): an index and a part a month; one: a single file", "sitemap.xml：months（默认，按月分片）或 one（单个文件）"),
    down("not_found", Bool, "404.html; default true", "404.html；默认 true"),
    down("robots", Bool, "robots.txt; default true", "robots.txt；默认 true"),
    down("precompress", Texts, "gzip, brotli, zstd: text files of 1 KB and more also as x.html.gz, .br, .zst; default none", "gzip、brotli、zstd：1 KB 以上的文本文件另存 .gz、.br、.zst；默认不要"),
];

#[rustfmt::skip]
pub const COLUMN: &[Spec] = &[
    down("id", Text, "path of the column, e.g. zwgk/tzgg; required", "栏目路径；必填"),
    down("name", Text, "name; required unless inherited", "名称；继承的可不写"),
    down("names", TextMap, "name in other languages", "其他语言的名称"),
    down("type", Text, "ColumnType of the page tags", "栏目类别（ColumnType）"),
    down("description", Text, "ColumnDescription", "栏目描述"),
    down("descriptions", TextMap, "ColumnDescription in other languages", "其他语言的栏目描述"),
    down("keywords", Texts, "ColumnKeywords", "栏目关键词"),
    down("keywords_in", TextsMap, "ColumnKeywords in other languages", "其他语言的栏目关键词"),
    down("category", Text, "category of its items where they name none", "条目默认类别"),
    down("url", Text, "address; default /<id>/", "地址；默认 /<id>/"),
    down("permalink", Text, "address of its items; default: the site's", "条目地址格式；默认同站点"),
    down("weight", Weight, "order among its siblings, small first; then order of declaration", "排序，小者在前"),
    down("hidden", Bool, "not in the navigation", "不在导航中显示"),
    down("drop", Bool, "takes an inherited column out", "去掉继承的栏目"),
    down("locked", Bool, "lower levels may not drop, rename, move or hide it", "下级不得删除、改名、移动或隐藏"),
    down("template", Text, "template of its front page", "栏目首页模板"),
    down("select", Section(SELECT), "pulls items of other owners: all given conditions hold", "拉取条件：所列条件须同时满足"),
    down("topic", Section(TOPIC), "makes it a topic", "设为专题"),
];

#[rustfmt::skip]
pub const SELECT: &[Spec] = &[
    down("owner", Texts, "owners (globs)", "所有者（可用通配符）"),
    down("under", Text, "home sites in the subtree of this site, itself included", "某站点及其下级"),
    down("category", Texts, "categories", "类别"),
    down("column", Texts, "columns on the home site (globs)", "原站栏目（可用通配符）"),
    down("tag", Texts, "at least one of these tags", "至少含其中一个标签"),
    down("since", Text, "dated on or after", "起始日期"),
    down("until", Text, "dated on or before", "截止日期"),
    down("where", TextMap, "fields with these values", "字段取值"),
];

#[rustfmt::skip]
pub const TOPIC: &[Spec] = &[
    down("state", Text, "open (default) or archived", "open（默认）或 archived"),
];

#[rustfmt::skip]
pub const ACCEPT: &[Spec] = &[
    down("from", Texts, "home sites (globs)", "来源站点（可用通配符）"),
    down("under", Text, "home sites in the subtree of this site", "来源于某站点及其下级"),
    down("category", Texts, "categories", "类别"),
    down("column", Texts, "columns on the home site (globs)", "原站栏目（可用通配符）"),
    down("to", Text, "column here; default: the item's wish, the same id, the same type", "放入的本站栏目"),
    down("weight", Weight, "pins (see `weight` of an item)", "置顶权重"),
];

#[rustfmt::skip]
pub const PLACE: &[Spec] = &[
    own("item", Text, "id:… or a path from the content root; required", "id:… 或内容路径；必填"),
    own("column", Text, "column here; required", "放入的本站栏目；必填"),
    own("title", Text, "another title", "另用标题"),
    own("weight", Weight, "pins", "置顶权重"),
];

#[rustfmt::skip]
pub const MENU: &[Spec] = &[
    down("id", Text, "name for templates: menu(\"id\"); required", "供模板引用；必填"),
    down("name", Text, "heading", "标题"),
    down("names", TextMap, "heading in other languages", "其他语言的标题"),
    down("item", Tables(MENU_ITEM), "entries", "菜单项"),
];

#[rustfmt::skip]
pub const MENU_ITEM: &[Spec] = &[
    down("name", Text, "text; default: the name of what it points to", "文字；默认为所指对象的名称"),
    down("names", TextMap, "text in other languages", "其他语言的文字"),
    down("url", Text, "address", "地址"),
    down("column", Text, "column of this site", "本站栏目"),
    down("site", Text, "home page of a site", "某站点首页"),
    down("item", Text, "id:… of an item", "条目 id:…"),
];

#[rustfmt::skip]
pub const PLATFORM: &[Spec] = &[
    own("name", Text, "name of the platform; required", "平台名称；必填"),
    own("language", Text, "default language of every site; default zh-Hans", "默认语言；默认 zh-Hans"),
    own("time_zone", Text, "IANA time zone; default Asia/Shanghai", "时区；默认 Asia/Shanghai"),
    own("date_from_name", Bool, "an item without a date takes that of its file name: 2026-03-05-x.md, x(2026-03-05).md; default true", "无日期的条目取文件名中的日期；默认 true"),
    own("output", Text, "folder that is built into; default public", "输出目录；默认 public"),
];

#[rustfmt::skip]
pub const PICTURES: &[Spec] = &[
    own("enabled", Bool, "pictures also in smaller widths; default true", "图片另备较小的宽度；默认 true"),
    own("widths", Counts, "widths in pixels; of each picture those that it is wider than; default 480, 960, 1440", "宽度（像素），只取小于原图的；默认 480、960、1440"),
    own("quality", Count, "1 to 100, of WebP; default 80", "WebP 质量，1 至 100；默认 80"),
    own("sizes", Text, "how wide a picture of a text stands on the page, as the `sizes` of HTML; default (min-width: 900px) 800px, 100vw", "正文图片的显示宽度，即 HTML 的 sizes；默认 (min-width: 900px) 800px, 100vw"),
];

#[rustfmt::skip]
pub const TIER: &[Spec] = &[
    own("label", Text, "name of the level", "层级名称"),
    own("names", TextMap, "name in other languages", "其他语言的名称"),
    own("identity", Text, "how much [identity] of its sites is asked for: required (an error where it is missing), expected (default: a warning on sites that have some of it), optional; a table here is handed down", "对网站标识信息的要求：required（缺项为错误）、expected（默认，缺项警告）、optional；写成表则供下级继承"),
];

#[rustfmt::skip]
pub const OWNER: &[Spec] = &[
    own("id", Text, "first folder under content/; required", "content/ 下的一级目录；必填"),
    own("home", Text, "home site of its items; default: the site of that id; empty: none, other sites accept or pull them", "所属站点；默认同名站点；留空则无，由各站接收或引用"),
    own("attachments", Texts, "endings of files that its items may carry; default: documents, tables, pictures, sound, film, archives; none that a browser runs", "条目可带附件的扩展名；默认为文档、表格、图片、音视频、压缩包，不含浏览器会执行的类型"),
    own("dead_links", Text, "links of bodies that lead nowhere: error (default), or keep: they stay as written, for imported text whose files are served elsewhere", "正文死链：error（默认）或 keep（原样保留，用于附件另有服务器的导入内容）"),
    own("html", Text, "raw HTML in bodies: none, clean (default), embed", "正文 HTML：none、clean（默认）、embed"),
    own("html_hosts", Texts, "hosts whose frames `embed` lets through", "embed 允许的框架域名"),
];

#[rustfmt::skip]
pub const MOUNT: &[Spec] = &[
    own("path", Text, "folder, relative to the root; required", "目录，相对根目录；必填"),
    own("owner", Text, "owner of its items; required", "条目所有者；必填"),
    own("column", Text, "column of all its items; default: from the folders", "全部条目的栏目；默认按目录"),
    own("metadata", Text, "JSONL with a key `path` relative to the mount", "元数据 JSONL，`path` 相对挂载目录"),
    own("fields", TextMap, "our key = key in the metadata", "我方字段 = 元数据字段"),
    own("set", FreeMap, "values for every item", "每个条目的固定值"),
    own("version_key", Text, "items with one value of this field are versions of one another", "同值条目互为版本"),
    own("rule", Tables(MOUNT_RULE), "values where the metadata says so", "按元数据取值"),
];

#[rustfmt::skip]
pub const MOUNT_RULE: &[Spec] = &[
    own("if", FreeMap, "fields of the metadata that must have these values", "元数据须有的值"),
    own("set", FreeMap, "values for the item", "条目取值"),
];

#[rustfmt::skip]
pub const DEPLOY: &[Spec] = &[
    own("sign", Text, "required: a manifest that is not signed is refused; optional (default)", "required：拒绝未签名的清单；optional（默认）"),
    own("key", Text, "file of the key that signs, outside the platform; BANYAN_SIGN_KEY and BANYAN_SIGN_KEY_FILE come before it", "签名私钥文件，须在平台目录之外；环境变量 BANYAN_SIGN_KEY、BANYAN_SIGN_KEY_FILE 优先"),
    own("public_key", Texts, "public keys whose signatures count", "认可的公钥"),
];

#[rustfmt::skip]
pub const DEPLOY_TARGET: &[Spec] = &[
    own("target", Text, "address: file:///folder, s3://bucket/prefix?endpoint=…&region=…, oss://, cos://, obs://; required", "地址：file:///目录、s3://桶/前缀?endpoint=…&region=…、oss://、cos://、obs://；必填"),
    own("layout", Text, "plain (default): each file at its address; releases: numbered, one is shown", "plain（默认）：文件按网址存放；releases：按版本存放，切换生效"),
    own("keep", Count, "releases that are kept of each site; default 5", "每站保留的版本数；默认 5"),
    own("max_deletes", Count, "files of one site that may go in one run; default: a tenth of the site, at least 100", "每站每次最多删除的文件数；默认为十分之一，至少 100"),
    own("connections", Count, "requests at the same time; default 16", "并发请求数；默认 16"),
    own("timeout", Count, "seconds for one request; default 60", "单次请求的超时秒数；默认 60"),
    own("retries", Count, "how often a request is tried again; default 5", "请求失败的重试次数；默认 5"),
    own("precompressed", Bool, "brings x.html.gz and the like too; default: not to a bucket with layout plain", "同时部署 x.html.gz 等；plain 布局的存储桶默认不部署"),
    own("purge", Texts, "command that is run, without a shell, with lists of changed addresses: [\"cmd\", \"{file}\"]", "以变化网址清单为参数运行的命令（不经 shell）：[\"cmd\", \"{file}\"]"),
    own("purge_batch", Count, "addresses in one list; default 1000", "每份清单的网址数；默认 1000"),
];
