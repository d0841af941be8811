//! Messages of `render`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
