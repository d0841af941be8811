//! Messages of `build` and the commands.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("build.write", "cannot write `{path}`: {problem}; the site keeps its last complete output", "无法写入 `{path}`：{problem}；站点保留上一次完整的输出", "", ""),
    m("build.disk-full", "the disk is full: `{path}` could not be written; the site keeps its last complete output", "磁盘已满：`{path}` 未能写入；站点保留上一次完整的输出",
      "make room and build again; nothing was lost", "腾出空间后重新构建即可，没有丢失任何内容"),
    m("build.state", "the saved state of site `{site}` cannot be used ({problem}); its output is written anew", "站点 `{site}` 的保存状态不可用（{problem}），将重新写出", "", ""),
    m("build.receipts", "the receipts of {count} sites cannot be used ({problem}), the first is `{site}`: their pages are rendered anew", "{count} 个站点的构建凭据不可用（{problem}），首个为 `{site}`：其页面将重新渲染", "", ""),
    m("build.unverified", "`{path}` was taken for unchanged and is not: its site is built anew", "`{path}` 被判定为未变化，实际已变化：其站点将重新完整构建",
      "please report this: what changed before this build, and `banyan explain`", "请反馈此问题：说明本次构建前改动了什么"),
    m("build.delta", "`{path}` is not empty: changes are written into a folder of their own", "`{path}` 不是空文件夹：变化须写入单独的文件夹",
      "name a new folder", "请指定一个新文件夹"),
    m("build.verify", "the clean build to compare with could not be made: {problem}", "无法完成用于比对的全新构建：{problem}", "", ""),
    m("build.unequal", "not what a clean build makes: {path}", "与全新构建的结果不同：{path}",
      "please report this: what changed before this build, and `banyan explain`", "请反馈此问题：说明本次构建前改动了什么"),
    m("build.locked", "another build is running on this platform", "此平台上另有构建正在进行", "wait for it, or stop it", "请等待其结束，或先停止它"),
    m("build.root", "`{path}` cannot be used: {problem}", "`{path}` 不可用：{problem}", "", ""),
    m("build.output", "the output folder `{path}` holds the platform's own files", "输出目录 `{path}` 中是平台自己的文件",
      "build into a folder of its own: `--out DIR`, or `output` in sites.toml", "请输出到单独的目录：`--out 目录`，或 sites.toml 的 `output`"),
    m("build.interrupted", "interrupted: sites not finished keep their last complete output", "已中断：未完成的站点保留上一次完整的输出", "", ""),
    m("build.panic", "a fault of the program while `{path}` was rendered: {problem}", "渲染 `{path}` 时程序出错：{problem}", "please report it; the other sites are built", "请报告此问题；其他站点不受影响"),
    m("cli.usage", "{problem}", "{problem}", "", ""),
    m("cli.no-site", "no site matches `{site}`", "没有与 `{site}` 匹配的站点", "", ""),
    m("cli.clock", "`{value}` is not a moment for --clock", "`{value}` 不能用作 --clock", "RFC 3339: 2026-11-23T09:30:00+08:00", "RFC 3339 格式：2026-11-23T09:30:00+08:00"),
    m("cli.exists", "`{path}` is there already; nothing was written", "`{path}` 已存在，未写入任何内容", "", ""),
    m("cli.no-page", "nothing is planned at `{url}`", "`{url}` 处没有计划任何输出", "write https://host/path, or site/path; `banyan explain item` says where an item is shown",
      "请写 https://主机/路径，或 站点/路径；`banyan explain item` 可查看条目显示在何处"),
    m("cli.no-item", "there is no item `{item}`", "没有条目 `{item}`", "a file below content/, or id:…", "请写 content/ 下的文件，或 id:…"),
    m("cli.io", "`{path}`: {problem}", "`{path}`：{problem}", "", ""),
];
