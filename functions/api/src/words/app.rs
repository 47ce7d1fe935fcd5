//! What the pages say that are behind a sign-in, apart from what all pages say.

use hansho_domain::{Role, Severity};
use serde::Serialize;

/// Words that stand alone, as templates name them.
#[derive(Serialize)]
pub(crate) struct AppLabels {
    pub(crate) navigation: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) open: &'static str,
    pub(crate) on_call: &'static str,
    pub(crate) me: &'static str,
    pub(crate) more: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) sign_in_text: &'static str,
    pub(crate) mail_address: &'static str,
    pub(crate) send_link: &'static str,
    pub(crate) link_sent: &'static str,
    pub(crate) link_sent_text: &'static str,
    pub(crate) no_mail: &'static str,
    pub(crate) sign_in_hint: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) mine: &'static str,
    pub(crate) my_teams: &'static str,
    pub(crate) all: &'static str,
    pub(crate) nothing_open: &'static str,
    pub(crate) nothing_of_mine: &'static str,
    pub(crate) on_call_now: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) no_schedules: &'static str,
    pub(crate) take: &'static str,
    pub(crate) take_confirm: &'static str,
    pub(crate) sessions: &'static str,
    pub(crate) sessions_text: &'static str,
    pub(crate) this_browser: &'static str,
    pub(crate) unknown_browser: &'static str,
    pub(crate) end_session: &'static str,
    pub(crate) end_other_sessions: &'static str,
    pub(crate) only_looking: &'static str,
    pub(crate) role: &'static str,
    pub(crate) contacts: &'static str,
    pub(crate) contacts_text: &'static str,
    pub(crate) verify: &'static str,
    pub(crate) tonight: &'static str,
    pub(crate) owned_by_code: &'static str,
    pub(crate) page_somebody: &'static str,
    pub(crate) open_service: &'static str,
    pub(crate) open_title: &'static str,
    pub(crate) open_details: &'static str,
    pub(crate) open_severity: &'static str,
    pub(crate) open_ask: &'static str,
    pub(crate) open_question: &'static str,
    pub(crate) open_confirm: &'static str,
    pub(crate) open_choose: &'static str,
    pub(crate) open_change: &'static str,
    pub(crate) test_sent: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) open_incomplete: &'static str,
    pub(crate) teams: &'static str,
    pub(crate) passkey_sign_in_title: &'static str,
    pub(crate) passkey_sign_in: &'static str,
    pub(crate) passkey_nothing: &'static str,
    pub(crate) passkey_elsewhere: &'static str,
    pub(crate) passkey_unsupported: &'static str,
    pub(crate) passkey_no_script: &'static str,
    pub(crate) passkeys: &'static str,
    pub(crate) passkeys_text: &'static str,
    pub(crate) passkeys_full: &'static str,
    pub(crate) passkey_name: &'static str,
    pub(crate) passkey_add: &'static str,
    pub(crate) passkey_remove: &'static str,
    pub(crate) passkey_not_made: &'static str,
    pub(crate) passkey_known: &'static str,
}

/// A language, for the pages behind a sign-in.
pub(crate) trait AppTongue: Sync {
    fn app(&self) -> &'static AppLabels;
    /// The question whether to sign in as somebody.
    fn sign_in_as(&self, name: &str) -> String;
    fn role(&self, role: Role) -> &'static str;
    /// How many incidents are open beyond those that are shown.
    fn more_open(&self, count: usize) -> String;
    /// Until when a shift lasts.
    fn until(&self, clock: &str) -> String;
    /// Who is on call next, and from when.
    fn next_on_call(&self, people: &str, clock: &str) -> String;
    /// What taking a shift does: from whom to whom, from when until when, who is told.
    fn taking(&self, from: &str, to: &str, until: Option<&str>) -> String;
    /// A severity, as whoever opens an incident by hand would say it.
    fn how_bad(&self, severity: Severity) -> &'static str;
    /// Whom opening an incident calls, and whether that wakes them.
    fn opening_calls(&self, people: &str, is_urgent: bool) -> String;
    fn opening_calls_nobody(&self) -> &'static str;
    /// Until when it is held.
    fn opening_held(&self, clock: &str) -> String;
    /// Who is next if nobody answers, and when.
    fn opening_then(&self, people: &str, clock: &str) -> String;
    /// Whether an address is proven, and when it was.
    fn contact_standing(&self, proven_at: Option<&str>) -> String;
    /// Who is called in the reader's place at night.
    fn tonight_covered(&self, cover: &str) -> String;
    /// How the reader is called at night.
    fn tonight_urgent(&self, told: &str) -> String;
    /// How they are told what is not urgent.
    fn tonight_not_urgent(&self, told: &str) -> String;
    /// When somebody signed in, and when the browser was last seen.
    fn session(&self, since: &str, seen: &str) -> String;
    /// When a passkey was added, and when it last signed in.
    fn passkey(&self, since: &str, used: Option<&str>) -> String;
}
