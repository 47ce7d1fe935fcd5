//! Who is on call, for whoever asks: the directory of names, the schedules' definitions, the overrides, and the record of worked shifts.
//!
//! What is over comes from the record, what is to come from the configuration in force and the overrides. No page depends on any of this.

mod allowance;
mod directory;
mod record;
mod recorder;
mod shifts;
mod user;

pub(crate) use directory::mail_hash;
pub use recorder::Recording;
