//! Maintenance windows, as the pages tell them.

use hansho_domain::MaintenanceWindow;

use super::sheet::{Item, Said};
use crate::page::Reader;

/// A window that is open, or when it is next; nothing of one that never opens again.
pub(crate) fn told(window: &MaintenanceWindow, reader: &Reader) -> Option<Item> {
    let clock = reader.clock();
    let from = window.next_from(reader.now)?;
    let until = window.open_until(from).map(|until| clock.planned(until)).unwrap_or_default();
    let spec = window.spec();
    let name = if spec.reason.is_empty() { spec.id.as_str() } else { spec.reason.as_str() };
    let when = clock.tongue().window(&clock.planned(from), &until);
    Some(Item { name: Said::foreign(name), told: vec![Said::ours(when)], button: None })
}
