//! Messages of `content`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
