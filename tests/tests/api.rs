//! The HTTP function over a real table: every address, good and bad, through the events that Lambda brings.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "api/bench.rs"]
mod bench;

#[path = "api/actions.rs"]
mod actions;
#[path = "api/allowances.rs"]
mod allowances;
#[path = "api/app.rs"]
mod app;
#[path = "api/audit_log.rs"]
mod audit_log;
#[path = "api/bad_input.rs"]
mod bad_input;
#[path = "api/bundles.rs"]
mod bundles;
#[path = "api/calendars.rs"]
mod calendars;
#[path = "api/checklist.rs"]
mod checklist;
#[path = "api/incident_page.rs"]
mod incident_page;
#[path = "api/japanese.rs"]
mod japanese;
#[path = "api/keys_page.rs"]
mod keys_page;
#[path = "api/links.rs"]
mod links;
#[path = "api/lists.rs"]
mod lists;
#[path = "api/maintenance.rs"]
mod maintenance;
#[path = "api/maintenance_page.rs"]
mod maintenance_page;
#[path = "api/manual.rs"]
mod manual;
#[path = "api/many_incidents.rs"]
mod many_incidents;
#[path = "api/on_call.rs"]
mod on_call;
#[path = "api/overrides.rs"]
mod overrides;
#[path = "api/own_words.rs"]
mod own_words;
#[path = "api/passkeys.rs"]
mod passkeys;
#[path = "api/people.rs"]
mod people;
#[path = "api/proofs.rs"]
mod proofs;
#[path = "api/samples.rs"]
mod samples;
#[path = "api/scanners.rs"]
mod scanners;
#[path = "api/services.rs"]
mod services;
#[path = "api/setup.rs"]
mod setup;
#[path = "api/shifts.rs"]
mod shifts;
#[path = "api/suppressed_page.rs"]
mod suppressed_page;
#[path = "api/swaps.rs"]
mod swaps;
#[path = "api/trouble.rs"]
mod trouble;
