//! The one style sheet, at an address that changes with it.

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::header;

use crate::input_id::hash_text;

/// Where it is.
pub(crate) const PATH: &str = "/style.css";

const SHEET: &str = include_str!("../templates/style.css");

/// Where pages look for it: the same text has the same address, so browsers may keep it.
pub(crate) static ADDRESS: LazyLock<String> = LazyLock::new(|| format!("{PATH}?v={}", hash_text(&[SHEET], 8)));

pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=86400")], SHEET)
}
