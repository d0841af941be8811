//! Themes: layers of templates, assets, phrases and tokens, laid over each other. A stack is the chain from an overlay
//! through the theme of its tier down to the base; what an upper theme locks, no lower layer may change (D14).
//!
//! "Above" is the side of the base: `{% extends "^page.html" %}` means the page.html of the next layer towards it.

pub mod asset;
mod ast;
pub mod bounds;
pub mod diff;
pub mod drift;
pub mod excerpt;
pub mod explain;
mod inheritance;
pub mod layer;
pub mod lock;
pub mod mark;
mod names;
pub mod origin;
pub mod stack;
mod syntax;
pub mod template;

pub use asset::Asset;
pub use layer::Layers;
pub use stack::{Stack, StackId, Themes};
pub use template::{Engine, MAX_OUTPUT, TemplateError};
