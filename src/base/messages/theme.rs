//! Messages of `theme`.

use super::{Message, m};

#[rustfmt::skip]
pub const TABLE: &[Message] = &[
];
