//! Messages of `build`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
