//! What every phase leans on: messages, fingerprints, ids, paths, files. Knows nothing of sites.

pub mod date;
pub mod diag;
pub mod engine;
pub mod fingerprint;
pub mod fs;
pub mod id;
pub mod messages;
pub mod path;
pub mod sealed;
pub mod source;
pub mod walk;
