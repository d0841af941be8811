//! Messages of `markdown`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("markdown.scheme", "a link with `{scheme}:` is not allowed", "不允许使用 `{scheme}:` 链接", "https:, mailto:, tel:, id:, or a path", "可用 https:、mailto:、tel:、id: 或路径"),
    m("markdown.empty-link", "this link has no address", "链接没有地址", "write the address between the brackets, or only the text", "请在括号内写上地址，或只留文字"),
    m("markdown.picture-address", "a picture cannot be at `{target}`", "图片地址不能是 `{target}`",
      "put the picture beside the text and name its file", "请把图片放在文章旁边，写上文件名"),
    m("markdown.html-removed", "`<{tag}>` is left out: what editors write may not hold it", "已略去 `<{tag}>`：正文不允许使用", "", ""),
    m("markdown.html-shown", "raw HTML is shown as text: the policy of this owner is `none`", "HTML 标签按文字显示：此所有者的 html 设为 none",
      "write Markdown, or set html = \"clean\" for the owner in sites.toml", "请用 Markdown，或在 sites.toml 中将该所有者的 html 设为 \"clean\""),
];
