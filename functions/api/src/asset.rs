//! What pages load: the style sheet, the one script, and what makes them installable.

use std::sync::LazyLock;

use axum::{Router, response::IntoResponse, routing::get};
use http::header;

use crate::input_id::hash_text;

const SHEET: &str = concat!(include_str!("../assets/style.css"), include_str!("../assets/calendar.css"));
const SCRIPT: &str = include_str!("../assets/live.js");
const PASSKEY_SCRIPT: &str = include_str!("../assets/passkey.js");
const SERVICE_WORKER: &str = include_str!("../assets/service-worker.js");
const MANIFEST: &str = include_str!("../assets/manifest.webmanifest");
const ICON: &str = include_str!("../assets/icon.svg");

/// Where pages look for the style sheet: the same text has the same address, so browsers may keep it.
pub(crate) static STYLE: LazyLock<String> = LazyLock::new(|| format!("/style.css?v={}", hash_text(&[SHEET], 8)));
/// Where pages look for the script.
pub(crate) static LIVE: LazyLock<String> = LazyLock::new(|| format!("/live.js?v={}", hash_text(&[SCRIPT], 8)));

/// Where pages look for the script that asks for a passkey.
pub(crate) static PASSKEY: LazyLock<String> = LazyLock::new(|| format!("/passkey.js?v={}", hash_text(&[PASSKEY_SCRIPT], 8)));

/// Kept for a day: another text has another address.
const KEPT: &str = "public, max-age=86400";
/// Asked for every time: its address does not change (Service Workers, W3C, "Update").
const ASKED: &str = "no-cache";

/// Their addresses.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/style.css", get(|| of("text/css; charset=utf-8", KEPT, SHEET)))
        .route("/live.js", get(|| of("text/javascript; charset=utf-8", KEPT, SCRIPT)))
        .route("/passkey.js", get(|| of("text/javascript; charset=utf-8", KEPT, PASSKEY_SCRIPT)))
        .route("/service-worker.js", get(|| of("text/javascript; charset=utf-8", ASKED, SERVICE_WORKER)))
        .route("/manifest.webmanifest", get(|| of("application/manifest+json", KEPT, MANIFEST)))
        .route("/icon.svg", get(|| of("image/svg+xml", KEPT, ICON)))
}

async fn of(kind: &'static str, kept: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], text)
}
