//! The theme designer's workshop: a small platform of sample content in every tier that could use a layer, built by the
//! ordinary phases; the contract that its pages are held to; and the gallery that shows them side by side.

mod alone;
pub mod check;
mod colour;
mod css;
mod gallery;
mod html;
mod pages;
mod phrases;
mod sample;
mod tokens;
mod unknown;
mod words;

pub use gallery::{WIDTHS, gallery};
pub use sample::{Case, Sample};
pub use tokens::colours;
