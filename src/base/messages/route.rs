//! Messages of `route`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
