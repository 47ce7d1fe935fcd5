//! English, for what is set up.

use hansho_domain::{About, UrgencyLevel, UrgencyRule};
use hansho_store::{Act, SignedInBy};

use super::English;
use crate::words::{Named, SetupLabels, SetupTongue};

static LABELS: SetupLabels = SetupLabels {
    more: "More",
    back_to_more: "Back to everything else",
    search: "Part of a name",
    search_do: "Look for it",
    nothing_found: "There is nothing of that name that you can see.",
    next_page: "The next ones",
    people_text: "Who is there, and how they are reached",

    services: "Services",
    services_text: "What alerts are about, and who is called for it",
    service: "Service",
    configured_as: "Named",
    looked_after_by: "Teams",
    urgency: "Urgency",
    runbook: "Runbook",
    alarms: "Alarms",
    own_rules: "Rules",
    when_taken: "Taken",
    when_open: "Open",
    when_unanswered: "In vain",
    steps: "Who is called, step by step",
    then_fallback: "Where nobody of these is there to be called:",
    comes_in_by: "What comes in for it",
    nothing_comes_in: "No integration names it. Alarms and rules may lead here.",
    maintenance: "Maintenance windows",
    open_incidents: "Open now",
    none_open: "Nothing is open.",

    teams: "Teams",
    teams_text: "Who works together, and what they look after",
    members: "Members",
    managers: "Managers",
    no_managers: "Nobody but admins and owners looks after it.",
    their_services: "Services",
    no_services: "It looks after no service.",
    their_schedules: "Schedules",
    no_schedules: "No service of theirs calls by a schedule.",

    suppressed: "Suppressed alerts",
    suppressed_text: "What came in and paged nobody, and why",
    none_suppressed: "Nothing was suppressed on this day that you can see.",
    day_before: "The day before",
    day_after: "The day after",
    came_in: "Came in",
    why: "Why",
    kept_until: "Kept until",
    times: "Times",
    made_of_it: "Became",
    make_incident: "Make an incident of it",
    make_incident_confirm: "Page now",

    configuration: "Configuration",
    configuration_text: "What is in force, and who changed it when",
    owned_by_code: "All of this stands in files. Whoever runs Hansho changes it there: with hansho apply, and what a module of Terraform brings, in that module. What lives beside it is changed on these pages: who is on call, maintenance windows, keys, contact methods.",
    in_force: "In force",
    nothing_in_force: "Nothing was ever put in force.",
    since: "Since",
    by_whom: "By",
    because: "Why",
    changed: "Changed",
    contents: "What is in it",
    schedules: "Schedules",
    policies: "Escalation policies",
    integrations: "Integrations",
    history: "Versions before",
    first_version: "There is none before it.",
    older_versions: "Older ones",

    keys: "Keys",
    keys_text: "What tools and senders sign in with",
    tokens: "API tokens",
    tokens_text: "Whoever has one may do what the API can, whatever their role. Only owners make them.",
    no_tokens: "There is none.",
    token_make: "Make a token",
    token_name: "Its name: lower-case letters, digits, hyphens and dots, such as ci.checkout",
    token_made: "Made. It is shown this once: copy it now.",
    token_known: "There is a token of that name. Choose another one, or revoke it first.",
    token_name_wrong: "That can not be a name. Take lower-case letters, digits, hyphens and dots.",
    tokens_full: "There are as many as there may be. Revoke one that nobody uses any more.",
    revoke: "Revoke it",
    revoke_confirm: "Yes, revoke it",
    revoked: "Revoked. It opens nothing any more.",
    integration_keys: "Integration keys",
    no_keys: "It has no key yet: nothing can come in by it.",
    key_make: "Make a key",
    key_made: "Made. It is shown this once: copy it now.",
    keys_full: "It has as many keys as it may have. Revoke one that nobody uses any more.",
    keys_by_terraform: "Those that Terraform has made are changed in its module: raise key_version there.",

    maintenance_text: "When nobody is paged, and until when",
    maintenance_begin: "Begin maintenance",
    maintenance_what: "What is it about?",
    maintenance_how_long: "For how long?",
    maintenance_why: "Why? (optional)",
    maintenance_ask: "What would that do?",
    maintenance_confirm: "Begin it now",
    maintenance_begun: "It has begun.",
    maintenance_full: "There are as many windows as there may be. End one first.",
    maintenance_end: "End it now",
    maintenance_end_told: "What it holds is paged for at once, unless it is over.",
    maintenance_end_confirm: "Yes, end it",
    maintenance_ended: "It has ended.",
    maintenance_not_open: "It is not open any more, or not yet.",
    maintenance_all: "All services",
    no_maintenance: "There is none, now or planned.",

    audit: "Audit log",
    audit_text: "Who changed what: keys, shifts, sign-ins, versions",
    audit_kept: "Kept for 400 days. What happens to an incident is on its own timeline.",
    none_audited: "Nothing is in the log.",
    older_entries: "Older ones",
};

impl SetupTongue for English {
    fn setup(&self) -> &'static SetupLabels {
        &LABELS
    }

    fn urgency_rule(&self, rule: &UrgencyRule) -> String {
        match rule {
            UrgencyRule::High => self.urgency_level(UrgencyLevel::High).to_owned(),
            UrgencyRule::Low => self.urgency_level(UrgencyLevel::Low).to_owned(),
            UrgencyRule::BySeverity => self.urgency_level(UrgencyLevel::BySeverity).to_owned(),
            UrgencyRule::ByHours { hours, during, otherwise } => {
                format!("during {hours}: {}; otherwise: {}", self.urgency_level(*during), self.urgency_level(*otherwise))
            }
        }
    }

    fn urgency_level(&self, level: UrgencyLevel) -> &'static str {
        match level {
            UrgencyLevel::High => "high",
            UrgencyLevel::Low => "low",
            UrgencyLevel::BySeverity => "high for critical and error, low for the rest",
        }
    }

    fn again_after(&self, span: &str) -> String {
        format!("triggers again after {span}")
    }

    fn resolves_after(&self, span: &str) -> String {
        format!("resolves itself after {span}")
    }

    fn called_every(&self, span: &str) -> String {
        format!("everybody is called again every {span}")
    }

    fn and_more(&self, count: usize) -> String {
        format!("and {count} more")
    }

    fn rules(&self, count: usize) -> String {
        match count {
            1 => "1 of its own".to_owned(),
            count => format!("{count} of its own"),
        }
    }

    fn step(&self, place: usize, wait: Option<&str>) -> String {
        match wait {
            Some(wait) => format!("Step {place}, for {wait}"),
            None => format!("Step {place}"),
        }
    }

    fn takes_turns(&self) -> &'static str {
        "They take turns: one of them each time."
    }

    fn only_for(&self, priorities: &str, urgency: &str, hours: Option<(&str, bool)>) -> String {
        let urgency = if urgency.is_empty() { String::new() } else { format!("{urgency} urgency") };
        let hours = hours.map(|(hours, is_inside)| format!("{} {hours}", if is_inside { "during" } else { "outside of" }));
        let told: Vec<String> =
            [priorities.to_owned(), urgency, hours.unwrap_or_default()].into_iter().filter(|one| !one.is_empty()).collect();
        format!("Only for: {}", told.join(", "))
    }

    fn hands_over(&self, policy: &str) -> String {
        format!("Hands over to the policy {policy}.")
    }

    fn repeats(&self, times: u8) -> String {
        match times {
            0 => "The steps are gone through once.".to_owned(),
            1 => "The steps are gone through twice.".to_owned(),
            times => format!("The steps are gone through {} times.", u16::from(times) + 1),
        }
    }

    fn window(&self, from: &str, until: &str) -> String {
        format!("{from} to {until}")
    }

    fn holding(&self, service: &str, until: &str) -> String {
        format!(
            "Until {until} nobody is paged for {service}. What comes in is kept, and paged for then if it is not over. What is open already goes on."
        )
    }

    fn people_count(&self, count: usize) -> String {
        match count {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        }
    }

    fn of_day(&self, day: &str) -> String {
        format!("{day}, a day of UTC.")
    }

    fn times(&self, count: u64) -> String {
        format!("{count} times on that day")
    }

    fn version(&self, number: u64) -> String {
        format!("Version {number}")
    }

    fn files(&self, count: usize) -> String {
        match count {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        }
    }

    fn summary(&self, summary: &str) -> String {
        summary.to_owned()
    }

    fn restores(&self, number: u64) -> String {
        format!("Goes back to version {number}.")
    }

    fn with_tool(&self, by: &str, tool: &str) -> String {
        format!("{by}, with {tool}")
    }

    fn made(&self, clock: &str, by: &str) -> String {
        format!("made {clock} by {by}")
    }

    fn ends(&self, clock: &str, is_over: bool) -> String {
        if is_over { format!("ended {clock}") } else { format!("ends {clock}: another has taken its place") }
    }

    fn key(&self, id: &str) -> String {
        format!("Key {id}")
    }

    fn revoking(&self) -> &'static str {
        "Whoever uses it is let in no more, at once and for good."
    }

    fn act(&self, act: &Act, named: &Named<'_>) -> String {
        let about = |about: &About| match about {
            About::Everything => "of everything".to_owned(),
            About::Schedule(id) => format!("of the schedule {}", (named.schedule)(id)),
            About::Team(id) => format!("of the team {id}"),
            About::User(id) => format!("of {}", (named.person)(id)),
        };
        match act {
            Act::Applied { version, restores: None } => format!("put version {version} of the configuration in force"),
            Act::Applied { version, restores: Some(old) } => {
                format!("put version {version} of the configuration in force, with the text of {old}")
            }
            Act::TokenMade { name } => format!("made the API token {name}"),
            Act::TokenRevoked { name } => format!("revoked the API token {name}"),
            Act::KeyMade { integration, key } => format!("made the key {key} of the integration {integration}"),
            Act::KeyRevoked { integration, key } => format!("revoked the key {key} of the integration {integration}"),
            Act::MailAddressChanged { integration } => format!("gave the integration {integration} another mail address"),
            Act::SignedIn { way: SignedInBy::Link } => "signed in by a link".to_owned(),
            Act::SignedIn { way: SignedInBy::Passkey } => "signed in with a passkey".to_owned(),
            Act::SignedOut { user } => format!("signed out a browser of {}", (named.person)(user)),
            Act::PasskeyAdded => "added a passkey".to_owned(),
            Act::PasskeyRemoved { user } => format!("removed a passkey of {}", (named.person)(user)),
            Act::Invited { user } => format!("invited {}", (named.person)(user)),
            Act::CalendarMade { about: whose } => format!("made a calendar address {}", about(whose)),
            Act::CalendarRevoked { about: whose } => format!("revoked a calendar address {}", about(whose)),
            Act::OverrideMade { schedule, from, until, .. } => {
                format!("changed who is on call in {} from {} to {}", (named.schedule)(schedule), (named.at)(*from), (named.at)(*until))
            }
            Act::OverrideRemoved { schedule, .. } => format!("took a change of {} back", (named.schedule)(schedule)),
            Act::MaintenanceBegun { id, until } => format!("began the maintenance window {id}, until {}", (named.at)(*until)),
            Act::MaintenanceEnded { id } => format!("ended the maintenance window {id}"),
            Act::DrillBegun { id } => format!("began the drill {id}"),
            Act::DrillEnded { id } => format!("called the drill {id} off"),
            Act::Other => "did something that this version does not know".to_owned(),
        }
    }

    fn kind(&self, kind: &str) -> &'static str {
        match kind {
            "events" => "events over HTTP",
            "email" => "mails",
            "sns" => "topics of Amazon SNS",
            _ => "another kind",
        }
    }
}
