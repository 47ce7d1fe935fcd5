//! What the pages about people say: who is there, and what a newcomer has yet to do.

use hansho_domain::Language;
use serde::Serialize;

/// Words that stand alone, as templates name them.
#[derive(Serialize)]
pub(crate) struct PeopleLabels {
    pub(crate) people: &'static str,
    pub(crate) people_text: &'static str,
    pub(crate) people_of_teams: &'static str,
    pub(crate) nobody_else: &'static str,
    pub(crate) more_people: &'static str,
    pub(crate) reached: &'static str,
    pub(crate) drill: &'static str,
    pub(crate) invitation: &'static str,
    pub(crate) invite: &'static str,
    pub(crate) invited: &'static str,
    pub(crate) no_mail_address: &'static str,
    pub(crate) browsers: &'static str,
    pub(crate) no_browsers: &'static str,
    pub(crate) sign_out_everywhere: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) only_owners: &'static str,
    pub(crate) checklist: &'static str,
    pub(crate) checklist_text: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) done: &'static str,
    pub(crate) to_do: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) wakes: &'static str,
    pub(crate) test_page: &'static str,
    pub(crate) test_page_title: &'static str,
    pub(crate) send_test_page: &'static str,
    pub(crate) test_page_sent: &'static str,
    pub(crate) rules: &'static str,
    pub(crate) shift: &'static str,
    pub(crate) shift_seen: &'static str,
    pub(crate) numbers: &'static str,
    pub(crate) numbers_card: &'static str,
    pub(crate) numbers_done: &'static str,
    pub(crate) calendar: &'static str,
    pub(crate) calendar_text: &'static str,
    pub(crate) calendar_make: &'static str,
    pub(crate) calendar_made: &'static str,
    pub(crate) calendar_once: &'static str,
    pub(crate) calendar_open: &'static str,
    pub(crate) calendar_revoke: &'static str,
    pub(crate) language: &'static str,
    pub(crate) back: &'static str,
}

/// A language, for the pages about people.
pub(crate) trait PeopleTongue: Sync {
    fn people(&self) -> &'static PeopleLabels;
    /// How many things are left to do.
    fn left(&self, count: usize) -> String;
    /// That an address of a method is proven, and when it was.
    fn proven(&self, method: &str, clock: &str) -> String;
    /// That nobody knows whether messages by a method arrive.
    fn unproven(&self, method: &str) -> String;
    /// There is no address that wakes somebody; there may be one that does not.
    fn wakes_nobody(&self) -> &'static str;
    /// What to do about that.
    fn ask_for_phone(&self) -> &'static str;
    /// How an address that wakes is proven.
    fn prove_by_test(&self) -> &'static str;
    /// When and by which method a test page was answered.
    fn test_answered(&self, method: &str, clock: &str) -> String;
    /// A test page was answered in a way that wakes nobody.
    fn test_answered_asleep(&self, method: &str) -> String;
    /// When one was sent that nobody has answered.
    fn test_unanswered(&self, clock: &str) -> String;
    fn test_never(&self) -> &'static str;
    /// What sending one does.
    fn test_explained(&self) -> &'static str;
    /// By what the first call comes that wakes, and so many seconds after it is due.
    fn rules_wake(&self, method: &str, span: Option<&str>) -> String;
    /// The first call that wakes comes after so long, or never does.
    fn rules_too_late(&self, span: Option<&str>) -> String;
    fn rules_next(&self) -> &'static str;
    /// Which shift is next: of which schedule, from when until when.
    fn next_shift(&self, schedule: &str, from: Option<&str>, until: Option<&str>) -> String;
    /// None is planned within so many days.
    fn no_shift(&self, days: i64) -> String;
    /// The shift was seen at a time.
    fn shift_seen_at(&self, clock: &str) -> String;
    /// From which number messages come, and by which name.
    fn numbers_known(&self, number: &str) -> String;
    /// That messages come from no number of one's own, perhaps by a name.
    fn numbers_unknown(&self, name: Option<&str>) -> String;
    /// How to let messages through while the phone is silent.
    fn numbers_next(&self, has_number: bool) -> &'static str;
    fn numbers_done_at(&self, clock: &str) -> String;
    /// How many calendar links there are.
    fn calendars(&self, count: usize) -> String;
    /// When a calendar link was made.
    fn calendar_made_at(&self, clock: &str) -> String;
    /// In which language somebody is spoken to.
    fn spoken(&self, language: Language) -> &'static str;
    /// Where that is changed.
    fn spoken_owned(&self, user: &str) -> String;
    /// That somebody was invited: when, by whom, until when it lasts.
    fn invitation_open(&self, clock: &str, by: &str, until: &str) -> String;
    fn invitation_used(&self, clock: &str) -> String;
    fn invitation_over(&self, clock: &str) -> String;
    fn never_invited(&self) -> &'static str;
    /// Who is meant by what invites without being a person.
    fn a_tool(&self) -> &'static str;
    /// In how many browsers somebody is signed in, and when one was last used.
    fn signed_in(&self, count: usize, seen: &str) -> String;
    fn never_signed_in(&self) -> &'static str;
    /// When somebody was asked in a drill, and whether they have answered.
    fn drill_standing(&self, began: &str, answered: Option<&str>) -> String;
}
