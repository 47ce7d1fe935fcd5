//! What the pages say about what is set up: services, teams, suppressed alerts, the configuration and keys.

use hansho_domain::{ScheduleId, UrgencyLevel, UrgencyRule, UserId};
use hansho_store::Act;
use jiff::Timestamp;
use serde::Serialize;

/// Words that stand alone, as pages name them.
#[derive(Serialize)]
pub(crate) struct SetupLabels {
    pub(crate) more: &'static str,
    pub(crate) back_to_more: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_do: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) next_page: &'static str,
    pub(crate) people_text: &'static str,

    pub(crate) services: &'static str,
    pub(crate) services_text: &'static str,
    pub(crate) service: &'static str,
    pub(crate) configured_as: &'static str,
    pub(crate) looked_after_by: &'static str,
    pub(crate) urgency: &'static str,
    pub(crate) runbook: &'static str,
    pub(crate) alarms: &'static str,
    pub(crate) own_rules: &'static str,
    pub(crate) when_taken: &'static str,
    pub(crate) when_open: &'static str,
    pub(crate) when_unanswered: &'static str,
    pub(crate) steps: &'static str,
    pub(crate) then_fallback: &'static str,
    pub(crate) comes_in_by: &'static str,
    pub(crate) nothing_comes_in: &'static str,
    pub(crate) maintenance: &'static str,
    pub(crate) open_incidents: &'static str,
    pub(crate) none_open: &'static str,

    pub(crate) teams: &'static str,
    pub(crate) teams_text: &'static str,
    pub(crate) members: &'static str,
    pub(crate) managers: &'static str,
    pub(crate) no_managers: &'static str,
    pub(crate) their_services: &'static str,
    pub(crate) no_services: &'static str,
    pub(crate) their_schedules: &'static str,
    pub(crate) no_schedules: &'static str,

    pub(crate) suppressed: &'static str,
    pub(crate) suppressed_text: &'static str,
    pub(crate) none_suppressed: &'static str,
    pub(crate) day_before: &'static str,
    pub(crate) day_after: &'static str,
    pub(crate) came_in: &'static str,
    pub(crate) why: &'static str,
    pub(crate) kept_until: &'static str,
    pub(crate) times: &'static str,
    pub(crate) made_of_it: &'static str,
    pub(crate) make_incident: &'static str,
    pub(crate) make_incident_confirm: &'static str,

    pub(crate) configuration: &'static str,
    pub(crate) configuration_text: &'static str,
    pub(crate) owned_by_code: &'static str,
    pub(crate) in_force: &'static str,
    pub(crate) nothing_in_force: &'static str,
    pub(crate) since: &'static str,
    pub(crate) by_whom: &'static str,
    pub(crate) because: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) schedules: &'static str,
    pub(crate) policies: &'static str,
    pub(crate) integrations: &'static str,
    pub(crate) history: &'static str,
    pub(crate) first_version: &'static str,
    pub(crate) older_versions: &'static str,

    pub(crate) keys: &'static str,
    pub(crate) keys_text: &'static str,
    pub(crate) tokens: &'static str,
    pub(crate) tokens_text: &'static str,
    pub(crate) no_tokens: &'static str,
    pub(crate) token_make: &'static str,
    pub(crate) token_name: &'static str,
    pub(crate) token_made: &'static str,
    pub(crate) token_known: &'static str,
    pub(crate) token_name_wrong: &'static str,
    pub(crate) tokens_full: &'static str,
    pub(crate) revoke: &'static str,
    pub(crate) revoke_confirm: &'static str,
    pub(crate) revoked: &'static str,
    pub(crate) integration_keys: &'static str,
    pub(crate) no_keys: &'static str,
    pub(crate) key_make: &'static str,
    pub(crate) key_made: &'static str,
    pub(crate) keys_full: &'static str,
    pub(crate) keys_by_terraform: &'static str,

    pub(crate) maintenance_text: &'static str,
    pub(crate) maintenance_begin: &'static str,
    pub(crate) maintenance_what: &'static str,
    pub(crate) maintenance_how_long: &'static str,
    pub(crate) maintenance_why: &'static str,
    pub(crate) maintenance_ask: &'static str,
    pub(crate) maintenance_confirm: &'static str,
    pub(crate) maintenance_begun: &'static str,
    pub(crate) maintenance_full: &'static str,
    pub(crate) maintenance_end: &'static str,
    pub(crate) maintenance_end_told: &'static str,
    pub(crate) maintenance_end_confirm: &'static str,
    pub(crate) maintenance_ended: &'static str,
    pub(crate) maintenance_not_open: &'static str,
    pub(crate) maintenance_all: &'static str,
    pub(crate) no_maintenance: &'static str,

    pub(crate) audit: &'static str,
    pub(crate) audit_text: &'static str,
    pub(crate) audit_kept: &'static str,
    pub(crate) none_audited: &'static str,
    pub(crate) older_entries: &'static str,
}

/// A language, for what is set up.
pub(crate) trait SetupTongue: Sync {
    fn setup(&self) -> &'static SetupLabels;
    /// What decides an urgency; the support hours stand in it by their name.
    fn urgency_rule(&self, rule: &UrgencyRule) -> String;
    /// The same without a clock.
    fn urgency_level(&self, level: UrgencyLevel) -> &'static str;
    /// That it triggers again when it was acknowledged for so long.
    fn again_after(&self, span: &str) -> String;
    /// That it resolves itself when it was open for so long.
    fn resolves_after(&self, span: &str) -> String;
    /// That everybody is called again every so often.
    fn called_every(&self, span: &str) -> String;
    /// How many of something there are beyond those that are shown.
    fn and_more(&self, count: usize) -> String;
    /// How many rules there are.
    fn rules(&self, count: usize) -> String;
    /// The place of a step, and for how long it waits.
    fn step(&self, place: usize, wait: Option<&str>) -> String;
    /// That the people of a step take turns.
    fn takes_turns(&self) -> &'static str;
    /// For which incidents a step is: priorities, an urgency, and support hours with whether it is inside of them.
    fn only_for(&self, priorities: &str, urgency: &str, hours: Option<(&str, bool)>) -> String;
    /// That a step hands over to another policy.
    fn hands_over(&self, policy: &str) -> String;
    /// How often the steps are gone through again.
    fn repeats(&self, times: u8) -> String;
    /// From when until when a maintenance window is open.
    fn window(&self, from: &str, until: &str) -> String;
    /// What maintenance of a service until a time does.
    fn holding(&self, service: &str, until: &str) -> String;
    /// How many people there are.
    fn people_count(&self, count: usize) -> String;
    /// A day of UTC.
    fn of_day(&self, day: &str) -> String;
    /// How often the same came in on that day.
    fn times(&self, count: u64) -> String;
    /// A version of the configuration.
    fn version(&self, number: u64) -> String;
    /// Of how many files it is made.
    fn files(&self, count: usize) -> String;
    /// What a version changed, in one line, as Hansho has written it down.
    fn summary(&self, summary: &str) -> String;
    /// That a version has the text of an earlier one.
    fn restores(&self, number: u64) -> String;
    /// What somebody used for it.
    fn with_tool(&self, by: &str, tool: &str) -> String;
    /// When a key or token was made, and by whom.
    fn made(&self, clock: &str, by: &str) -> String;
    /// From when on a key opens nothing.
    fn ends(&self, clock: &str, is_over: bool) -> String;
    /// A key, by its id.
    fn key(&self, id: &str) -> String;
    /// What revoking a key or token does.
    fn revoking(&self) -> &'static str;
    /// What somebody did, without them.
    fn act(&self, act: &Act, named: &Named<'_>) -> String;
    /// What kind of integration it is.
    fn kind(&self, kind: &str) -> &'static str;
}

/// How people, schedules and times are told in the audit log.
pub(crate) struct Named<'a> {
    pub(crate) person: &'a dyn Fn(&UserId) -> String,
    pub(crate) schedule: &'a dyn Fn(&ScheduleId) -> String,
    pub(crate) at: &'a dyn Fn(Timestamp) -> String,
}
