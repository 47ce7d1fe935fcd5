//! The pages, rendered from facts: how they read, and that hostile text stays text.
//!
//! Every page is also written to `target/tmp/pages`, to be looked at in a browser.
#![expect(clippy::unwrap_used, reason = "a page that can not be made fails the test")]

mod facts;
mod hostile;
mod wording;

use std::{fs, path::Path};

/// The page without the parts of addresses that change with what is there, written down to be looked at.
fn looked_at(name: &str, html: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let mut parts = html.split("?v=");
    let first = parts.next().unwrap().to_owned();
    let page = parts.fold(first, |page, rest| format!("{page}\"{}", rest.split_once('"').unwrap().1));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("style.css"), include_str!("../../assets/style.css")).unwrap();
    fs::write(folder.join(name).with_extension("html"), page.replace("&#x2f;style.css", "style.css")).unwrap();
    page
}
