//! Messages of the preview.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
    m("serve.port",
      "cannot listen on {address}: {problem}",
      "无法监听 {address}：{problem}",
      "another program may have it: --port N takes another one",
      "端口可能已被占用，可用 --port N 换一个"),
    m("serve.which-sites",
      "--host opens a site to the local network: say which with --site ID",
      "--host 会把站点开放给局域网：请用 --site ID 指明是哪些站点",
      "each gets a port of its own, since `*.localhost` ends at this machine",
      "每个站点使用各自的端口，因为 `*.localhost` 只在本机有效"),
    m("serve.host",
      "`{value}` is no address of this machine",
      "“{value}”不是本机的地址",
      "0.0.0.0 means all of them",
      "0.0.0.0 表示本机的全部地址"),
];
