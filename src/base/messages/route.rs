//! Messages of `route` and `plan`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("route.left-out", "\"{title}\" has an error ({error}) and is left out here", "《{title}》有错误（{error}），本站暂不收录", "mend the error of the item at its home site", "请先在原站点改正该条目的错误"),
    m("route.no-column", "site `{site}` accepts \"{title}\" but has no column for it", "站点 `{site}` 接收《{title}》，但没有可放的栏目",
      "name one: `sites: [{site: …, column: …}]`, or `to` in the site's accept rule", "请在 `sites` 中写明 column，或在该站点的接收规则中写 `to`"),
    m("route.claimed-twice", "two outputs claim the address `{path}`", "两个输出争用同一地址 `{path}`",
      "change the slug, the url or the alias of one of them", "请更改其中一个的 slug、url 或别名"),
    m("route.shadowed", "`{path}` would be a file and a folder", "`{path}` 既是文件又是目录", "change one of the two addresses", "请更改其中一个地址"),
    m("route.address", "the address `{path}` cannot be written: a part is unsafe or longer than 200 bytes", "地址 `{path}` 无法写出：某一级不安全或超过 200 字节",
      "give the item a shorter `slug`, or another permalink", "请写更短的 `slug`，或换地址格式"),
    m("route.place", "there is no item `{item}`", "没有条目 `{item}`", "`id:…` of an item, or its path below content/", "请写条目的 `id:…` 或 content/ 下的路径"),
    m("route.redirect-site", "redirects.csv names a site `{site}` that does not exist", "redirects.csv 中的站点 `{site}` 不存在", "", ""),
    m("route.redirect-row", "this row of redirects.csv cannot be read: {problem}", "redirects.csv 此行有误：{problem}",
      "site,from,to with `from` a path and `to` a path, an address or id:…", "各列为 site,from,to；from 为路径，to 为路径、网址或 id:…"),
    m("route.redirect-cells", "this row of redirects.csv has {count} of its three cells", "redirects.csv 此行只有 {count} 列，应为三列",
      "site,from,to with `from` a path and `to` a path, an address or id:…", "各列为 site,from,to；from 为路径，to 为路径、网址或 id:…"),
    m("route.redirect-from", "`{path}` cannot be the address of a redirect", "`{path}` 不能用作跳转的起点", "a path such as /old/a.html", "须为路径，如 /old/a.html"),
    m("route.redirect-to", "a redirect cannot lead to `{target}`", "跳转不能指向 `{target}`",
      "a path such as /a/b.html, an https:// address, or id:… of an item", "须为路径（如 /a/b.html）、https:// 网址或条目的 id:…"),
    m("route.redirect-hidden", "the redirect from `{path}` is left out: the item `{target}` is not published", "从 `{path}` 的跳转略去：条目 `{target}` 未发布", "", ""),
    m("route.redirect-nowhere", "the redirect from `{path}` leads to `{target}`, where this site has no page", "从 `{path}` 的跳转指向 `{target}`，本站没有该页面", "", ""),
    m("route.redirect-shadow", "the redirect from `{path}` is left out: there is a page at that address", "从 `{path}` 的跳转略去：该地址已有页面", "", ""),
    m("link.dead", "there is no item or file `{target}`", "没有条目或文件 `{target}`",
      "a path from this file, or from content/ with a leading `/`; or `id:…`", "请写相对本文件的路径，或以 `/` 开头从 content/ 算起，或 `id:…`"),
    m("link.dead-id", "there is no item `{target}`", "没有条目 `{target}`", "", ""),
    m("link.picture", "there is no picture `{target}`", "没有图片 `{target}`", "put the file beside the article", "请把图片放在文章旁边"),
    m("link.no-file", "there is no file `{target}`", "没有文件 `{target}`", "put the file beside the article", "请把文件放在文章旁边"),
    m("link.no-item", "there is no item `{target}`", "没有条目 `{target}`",
      "`id:…` of the item, or its path from this file, or from content/ with a leading `/`", "请写条目的 `id:…`，或相对本文件的路径，或以 `/` 开头从 content/ 算起"),
    m("link.anchor", "there is no place `#{target}` in this text", "本文中没有锚点 `#{target}`",
      "headings, 第X条 and 第X章 have their words as their id: `#第一章-总则`", "标题、第X条、第X章以其文字为锚点，如 `#第一章-总则`"),
    m("link.file", "`{key}`: there is no file `{target}`", "`{key}`：没有文件 `{target}`", "put the file beside the article", "请把文件放在文章旁边"),
    m("link.reference", "`{key}`: there is no item `{target}`", "`{key}`：没有条目 `{target}`", "", ""),
    m("link.not-shown", "the item `{target}` is not published (draft, future, expired or with an error): the link becomes plain text", "条目 `{target}` 未发布（草稿、未到时间、已过期或有错误）：链接显示为普通文字", "", ""),
];
