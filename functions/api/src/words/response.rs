//! What pages say of how people work on an incident together: calling others in, rating it, writing notes.

use hansho_domain::{Priority, Rejected};
use serde::Serialize;

/// Words that stand alone, as templates name them.
#[derive(Serialize)]
pub(crate) struct ResponseLabels {
    pub(crate) reassign: &'static str,
    pub(crate) reassign_confirm: &'static str,
    pub(crate) request: &'static str,
    pub(crate) request_confirm: &'static str,
    pub(crate) request_explanation: &'static str,
    pub(crate) whom: &'static str,
    pub(crate) on_call_group: &'static str,
    pub(crate) teams_group: &'static str,
    pub(crate) people_group: &'static str,
    pub(crate) policies_group: &'static str,
    pub(crate) find: &'static str,
    pub(crate) find_button: &'static str,
    pub(crate) message: &'static str,
    pub(crate) question: &'static str,
    pub(crate) change: &'static str,
    pub(crate) back: &'static str,
    pub(crate) nothing_to_take: &'static str,
    /// Something is otherwise than the page said before its button was pressed.
    pub(crate) changed: &'static str,
    pub(crate) held_no_longer: &'static str,
    pub(crate) raise_explanation: &'static str,
    pub(crate) raise_confirm: &'static str,
    pub(crate) make_urgent: &'static str,
    pub(crate) make_urgent_confirm: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_label: &'static str,
    pub(crate) note_hint: &'static str,
    pub(crate) note_save: &'static str,
    pub(crate) note_refused: &'static str,
}

/// A language, for what people do together.
pub(crate) trait ResponseTongue: Sync {
    fn response(&self) -> &'static ResponseLabels;
    /// How many people can not be chosen from, because there are so many.
    fn left_out(&self, count: usize) -> String;
    /// Who has it no longer.
    fn taken_from(&self, people: &str) -> String;
    /// Whom nobody calls any more.
    fn no_longer_called(&self, people: &str) -> String;
    /// The button that raises the priority.
    fn raise(&self, to: Priority) -> String;
    /// Whom making it urgent calls; nobody at once where that is empty.
    fn making_urgent(&self, people: &str) -> String;
    /// Whose note it is.
    fn note_of(&self, who: &str) -> String;
    /// Why something was not done.
    fn refused(&self, why: &Rejected) -> &'static str;
}
