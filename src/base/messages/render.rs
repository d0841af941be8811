//! Messages of `render`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("render.template", "the template failed: {problem}", "模板运行出错：{problem}", "", ""),
    m("render.undefined", "the template uses what is not there: `{name}`", "模板使用了不存在的值：`{name}`",
      "docs/templates.md lists what a template sees; ask `if` whether it is there", "模板可用的值见 docs/templates.md；可先用 `if` 判断"),
    m("render.endless", "the page `{path}` did not end: its templates make a list or a text that grows without bound; the site was left as it was", "页面 `{path}` 无法生成完毕：模板中的列表或文字无限增长，本站保持原样", "look for a list that is joined with itself, or put into itself, inside a loop", "请检查循环中与自身拼接、或包含自身的列表"),
    m("render.fuel", "the template does too much: a loop runs over too many things or does not end, or a text grows without end; it was in {name}", "模板运行过多：循环过大或不终止，或文字无限增长；当时位于 {name}", "bound the loop: items(column, 20)", "请限定循环次数：items(栏目, 20)"),
    m("render.recursion", "the template calls itself without end, or nests too deep: {name}", "模板无限调用自身，或嵌套过深：{name}", "at most 100: an include counts 10, a call of a macro 4, a loop 1", "总深度不超过 100：include 计 10，宏调用计 4，循环计 1"),
    m("render.output-size", "the page grows over 16 MB", "页面超过 16 MB", "a list of a whole site belongs on several pages, a text of this length in an attachment", "全站列表应分多页；过长的正文宜改为附件"),
    m("render.changed", "the file changed while the build ran", "构建期间文件被改动", "build again", "请重新构建"),
];
