//! Texts that more than one part of Hansho needs: what it keeps in English, in the reader's language ([`spoken`]); how long a text is as
//! an SMS ([`sms_units`]); and the templates by which a service says its pages in its own words ([`filled`]).
//!
//! Everything else that people read stands in one place per language beside what shows it: the messages in
//! `shared/channels/templates/{en,ja}`, the pages in `functions/api/src/words/{en,ja}`.

mod gsm7;
mod spoken;
mod wording;

pub use gsm7::{Alphabet, sms_parts, sms_units};
pub use spoken::{Sentence, parted, spoken, told};
pub use wording::{FILTERS, Facts, VARIABLES, WordingProblem, filled, problem};
