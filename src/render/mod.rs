//! An `Output` and its `World` → [`Rendered`]: bytes, reads, diagnostics. Nothing is written here.
