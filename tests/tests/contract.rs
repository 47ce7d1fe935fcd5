//! The store's contract with DynamoDB, through the store's public face and nothing else.
//!
//! It runs on the embedded DynamoDB, which every local run uses. `HANSHO_TEST_DYNAMODB=http://...` runs the same suite on that
//! endpoint instead, a fresh table per test; `.ci/ministack` does so with a second implementation. What needs a hand between a
//! read and the write that follows it runs on the embedded one only.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "contract/fixtures.rs"]
mod fixtures;
#[path = "contract/table.rs"]
mod table;

#[path = "contract/aliases.rs"]
mod aliases;
#[path = "contract/configuration.rs"]
mod configuration;
#[path = "contract/contacts.rs"]
mod contacts;
#[path = "contract/delivery.rs"]
mod delivery;
#[path = "contract/drills.rs"]
mod drills;
#[path = "contract/gate.rs"]
mod gate;
#[path = "contract/incident.rs"]
mod incident;
#[path = "contract/integrations.rs"]
mod integrations;
#[path = "contract/limits.rs"]
mod limits;
#[path = "contract/links.rs"]
mod links;
#[path = "contract/lists.rs"]
mod lists;
#[path = "contract/maintenance.rs"]
mod maintenance;
#[path = "contract/merging.rs"]
mod merging;
#[path = "contract/notices.rs"]
mod notices;
#[path = "contract/order.rs"]
mod order;
#[path = "contract/outbox.rs"]
mod outbox;
#[path = "contract/races.rs"]
mod races;
#[path = "contract/reminders.rs"]
mod reminders;
#[path = "contract/unreadable.rs"]
mod unreadable;
#[path = "contract/work.rs"]
mod work;
#[path = "contract/worked.rs"]
mod worked;
