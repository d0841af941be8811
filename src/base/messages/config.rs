//! Messages of `config`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
