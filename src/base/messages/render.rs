//! Messages of `render`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("render.template", "the template failed: {problem}", "模板运行出错：{problem}", "", ""),
    m("render.undefined", "the template uses what is not there: `{name}`", "模板使用了不存在的值：`{name}`",
      "docs/templates.md lists what a template sees; ask `if` whether it is there", "模板可用的值见 docs/templates.md；可先用 `if` 判断"),
    m("render.fuel", "the template does too much: a loop runs over too many things, or does not end", "模板运行过多：循环过大或不终止", "bound the loop: items(column, 20)", "请限定循环次数：items(栏目, 20)"),
    m("render.output-size", "the page grows over 16 MB", "页面超过 16 MB", "a list of a whole site belongs on several pages", "全站列表应分多页"),
    m("render.changed", "the file changed while the build ran", "构建期间文件被改动", "build again", "请重新构建"),
];
