//! A calendar's address, shown once.

use axum::response::Html;
use serde::Serialize;

use super::Frame;
use crate::page::template::filled;

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    /// The whole address.
    address: String,
    /// The same below this site.
    path: &'a str,
}

/// The page that shows the address at `host`.
pub(crate) fn made(host: &str, path: &str, frame: Frame) -> Html<String> {
    filled("calendar_link.html", &View { frame, address: format!("{host}{path}"), path })
}
