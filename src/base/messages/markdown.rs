//! Messages of `markdown`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
