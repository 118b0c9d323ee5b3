//! The sample data of `serve --demo`: people, workspaces of each kind, assets, through the product's own operations.
//!
//! Never touches a database that somebody already uses.

use super::start::App;

/// How to sign in to the sample data.
pub(super) struct Demo;

pub(super) async fn fill(_app: &App) -> Result<Demo, String> {
    Err("not yet".into())
}

pub(super) fn greeting(_demo: &Demo, _public_url: &str) -> String {
    String::new()
}
