//! Messages of `picture`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("picture.pixels", "the picture `{target}` has {width} × {height} pixels, more than the {limit} that are decoded: it is served as it is",
      "图片 `{target}` 为 {width} × {height} 像素，超过可处理的 {limit} 像素，按原样发布",
      "save it smaller: no screen shows so many", "请缩小后再保存，没有屏幕能显示这么多像素"),
    m("picture.bytes", "the picture `{target}` has {bytes} bytes, more than the {limit} that are read: it is served as it is",
      "图片 `{target}` 有 {bytes} 字节，超过可处理的 {limit} 字节，按原样发布",
      "save it smaller", "请缩小或压缩后再保存"),
    m("picture.damaged", "the picture `{target}` cannot be decoded ({problem}): it is served as it is",
      "图片 `{target}` 无法解码（{problem}），按原样发布",
      "open it in a program for pictures and save it again", "请用图片软件打开并重新保存"),
];
