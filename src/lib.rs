//! Banyan: one content repository, one small config per site, hundreds of static sites.
//!
//! The house, a folder a phase and a type a phase. Imports go one way and a test (`tests/promises/house.rs`) holds it:
//!
//! ```text
//! base ← config ← content ← route ← plan          config ← theme, picture
//! all of these ← facts ← render, receipts ← build ← serve, workshop, deploy, domains ← cli
//! ```
//!
//! | phase | takes | gives |
//! |---|---|---|
//! | `config` | sites.toml, sites/*.toml | [`config::Platform`], `Site`s |
//! | `content` | content/, mounts, schemas | `Repository` → `Library` of `Article`s with `Card`s; `Body` |
//! | `theme` | themes/ | `Layer`s → `Stack`s, locks checked |
//! | `route` | all of these | `Placement`s: which item stands where on which site, and its address |
//! | `picture` | files of pictures | `Head`s, and variants in smaller widths |
//! | `plan` | one site's placements | `SitePlan`: every file to be written, as an `Output` |
//! | `facts` | everything above | `World`, the only door of a template, and its recorder |
//! | `render` | an `Output` and its `World` | `Rendered`: bytes, reads, diagnostics |
//! | `receipts` | what an output read | fresh, or stale and why |
//! | `build` | plans and renderings | files on disk and a `Manifest` per site |
//! | `domains` | hosts of the configuration, files of the sites | the `Register`, checked; configuration of servers |
//! | `serve` | what a build would read | pages in a browser, as they are asked for |
//! | `workshop` | a layer | sample sites of it: their flaws, and a gallery |
//! | `deploy` | manifests, here and at a target | the target as it is here, and only the difference moved |

#![forbid(unsafe_code)]

pub mod base;
pub mod build;
pub mod cli;
pub mod config;
pub mod content;
pub mod deploy;
pub mod domains;
pub mod facts;
pub mod picture;
pub mod plan;
pub mod receipts;
pub mod render;
pub mod route;
#[cfg(feature = "serve")]
pub mod serve;
pub mod theme;
pub mod workshop;
