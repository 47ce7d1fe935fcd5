//! Every key of the table, in one place.
//!
//! One table with a partition key `pk` and a sort key `sk`, and three sparse indexes: `work` (what has to be looked at by
//! a time), `open` (open incidents by service), `recent` (all incidents by time of opening). Keys of indexes are spread
//! over [`SHARDS`] hash shards, because every write of a storm would otherwise meet in one partition
//! (1,000 write units a second: DynamoDB developer guide, "Designing partition keys").

mod access_patterns;
mod audit;
mod passkeys;
mod readiness;

use hansho_domain::{
    About, AlertId, DedupKey, Destination, DrillId, EffectId, IncidentId, IntegrationId, MaintenanceId, Method, NoticeId, PolicyId,
    Recipient, ScheduleId, ServiceId, StepTurn, SwapId, Urgency, UserId,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use access_patterns::access_patterns;
pub(crate) use audit::*;
pub(crate) use passkeys::*;
pub(crate) use readiness::*;

/// Over how many partitions the keys of an index are spread.
pub const SHARDS: u8 = 16;

/// Partition and sort key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

/// The partition of an incident: the incident itself, its timeline, its outbox rows, deliveries and raw alerts.
pub(crate) fn incident_partition(incident: IncidentId) -> String {
    format!("INCIDENT#{incident}")
}

/// Partition and beginning of the sort keys of an incident's deliveries, for tools that look at the table itself.
pub fn deliveries_of(incident: IncidentId) -> (String, &'static str) {
    (incident_partition(incident), DELIVERY_PREFIX)
}

pub(crate) const META: &str = "META";
pub(crate) const ENTRY_PREFIX: &str = "ENTRY#";
pub(crate) const DELIVERY_PREFIX: &str = "DELIVERY#";
pub(crate) const OUTBOX_PREFIX: &str = "OUTBOX#";
pub(crate) const ALERT_PREFIX: &str = "ALERT#";
pub(crate) const ALIAS_PREFIX: &str = "ALIAS#";

pub(crate) fn incident(incident: IncidentId) -> Key {
    Key::new(incident_partition(incident), META)
}

pub(crate) fn entry(incident: IncidentId, version: u64) -> Key {
    Key::new(incident_partition(incident), format!("{ENTRY_PREFIX}{version:010}"))
}

pub(crate) fn outbox(id: EffectId) -> Key {
    Key::new(incident_partition(id.incident), format!("{OUTBOX_PREFIX}{:010}#{:04}", id.version, id.index))
}

pub(crate) fn delivery(id: EffectId) -> Key {
    Key::new(incident_partition(id.incident), format!("{DELIVERY_PREFIX}{:010}#{:04}", id.version, id.index))
}

pub(crate) fn alert(incident: IncidentId, alert: AlertId) -> Key {
    Key::new(incident_partition(incident), format!("{ALERT_PREFIX}{alert}"))
}

/// How often an incident's source had repeated itself when another incident took its dedup key.
pub(crate) fn repeats(incident: IncidentId) -> Key {
    Key::new(incident_partition(incident), "REPEATS")
}

/// How far an incident was copied to the other side of the bridge.
pub(crate) fn bridged_incident(incident: IncidentId) -> Key {
    Key::new(incident_partition(incident), "BRIDGE")
}

/// What is known of a record on the other side. Its name is foreign, so it is hashed.
pub(crate) fn bridged_record(record: &str) -> Key {
    Key::new(format!("BRIDGE-RECORD#{}", hash(record)), "RECORD")
}

/// The dedup pointer. Dedup keys are long and foreign, so they are hashed.
pub(crate) fn pointer(integration: &IntegrationId, dedup_key: &DedupKey) -> Key {
    Key::new(format!("DEDUP#{integration}#{}", hash(dedup_key.as_str())), "POINTER")
}

/// A dedup pointer whose partition key is known.
pub(crate) fn pointer_of(pk: &str) -> Key {
    Key::new(pk.to_owned(), "POINTER")
}

/// Leads from the dedup key of a source to one that a rule made of it.
pub(crate) fn alias(integration: &IntegrationId, sent_as: &DedupKey, made: &DedupKey) -> Key {
    Key::new(pointer(integration, sent_as).pk, format!("{ALIAS_PREFIX}{}", hash(made.as_str())))
}

/// Suppressed alerts of a day (UTC).
pub(crate) fn suppressed_partition(at: Timestamp) -> String {
    format!("SUPPRESSED#{}", at.strftime("%Y-%m-%d"))
}

pub(crate) fn suppressed(received_at: Timestamp, alert: AlertId) -> Key {
    Key::new(suppressed_partition(received_at), format!("{ALERT_PREFIX}{alert}"))
}

/// The pointer to the configuration in force.
pub(crate) fn configuration() -> Key {
    Key::new("CONFIGURATION", "CURRENT")
}

pub(crate) const BUNDLE_PREFIX: &str = "BUNDLE#";

pub(crate) fn bundle_partition(service: &ServiceId) -> String {
    format!("{BUNDLE_PREFIX}{service}")
}

/// A policy by itself, for incidents that somebody gives to it.
pub(crate) fn policy_partition(policy: &PolicyId) -> String {
    format!("POLICY#{policy}")
}

/// How many turns were taken at a step; no version of the configuration begins again.
pub(crate) fn turn(turn: &StepTurn) -> Key {
    Key::new(format!("TURN#{}", turn.policy), format!("STEP#{:02}", turn.step))
}

pub(crate) fn destination_partition(destination: &Destination) -> String {
    format!("DESTINATION#{destination}")
}

/// An integration as the configuration has it.
pub(crate) fn integration_partition(integration: &IntegrationId) -> String {
    format!("INTEGRATION#{integration}")
}

/// Which generation of an integration's mail address is in use.
pub(crate) fn mail_address(integration: &IntegrationId) -> Key {
    Key::new(format!("MAIL-ADDRESS#{integration}"), "ADDRESS")
}

/// An integration key is found by the hash of its secret.
pub(crate) fn integration_key(token_hash: &str) -> Key {
    Key::new(format!("INTEGRATION-KEY#{token_hash}"), "KEY")
}

/// The keys of an integration.
pub(crate) fn integration_keys_partition(integration: &IntegrationId) -> String {
    format!("INTEGRATION-KEYS#{integration}")
}

pub(crate) const KEY_PREFIX: &str = "KEY#";

pub(crate) fn integration_key_of(integration: &IntegrationId, id: &str) -> Key {
    Key::new(integration_keys_partition(integration), format!("{KEY_PREFIX}{id}"))
}

/// How many events came in under an integration key in a minute.
pub(crate) fn rate(integration: &IntegrationId, key: &str, minute: i64) -> Key {
    Key::new(format!("RATE#{integration}#{key}"), format!("MINUTE#{minute:010}"))
}

/// Change events of a day (UTC).
pub(crate) fn changes_partition(at: Timestamp) -> String {
    format!("CHANGES#{}", at.strftime("%Y-%m-%d"))
}

pub(crate) const CHANGE_PREFIX: &str = "CHANGE#";

pub(crate) fn change(received_at: Timestamp, id: AlertId) -> Key {
    Key::new(changes_partition(received_at), format!("{CHANGE_PREFIX}{:014}#{id}", received_at.as_millisecond().max(0)))
}

pub(crate) const ROUTES_PARTITION: &str = "ROUTES";
/// Everybody who was in an earlier version and is in none now.
pub(crate) const LEAVERS_PARTITION: &str = "LEAVERS";
pub(crate) const USER_PREFIX: &str = "USER#";

pub(crate) fn user_partition(user: &UserId) -> String {
    format!("{USER_PREFIX}{user}")
}

/// A part of the configuration as a version wrote it: a bundle, a person, the routes.
pub(crate) fn part(partition: &str, version: u64) -> Key {
    Key::new(partition, version_sk(version))
}

/// Sorts as the versions do.
pub(crate) fn version_sk(version: u64) -> String {
    format!("{VERSION_PREFIX}{version:010}")
}

pub(crate) const VERSION_PREFIX: &str = "V#";
/// The versions that were ever in force, with who made them.
pub const VERSIONS_PARTITION: &str = "VERSIONS";

/// What a version is made of: the text it was read from, and the list of its parts.
pub(crate) fn version_partition(version: u64) -> String {
    format!("VERSION#{version}")
}

/// How far the apply that makes a version has come.
pub(crate) fn progress(version: u64) -> Key {
    Key::new(version_partition(version), "PROGRESS")
}

pub(crate) const TEXT_PREFIX: &str = "TEXT#";
pub(crate) const PARTS_PREFIX: &str = "PARTS#";
pub(crate) const ROUTES_PREFIX: &str = "ROUTES#";

/// A piece of what is too large for one item.
pub(crate) fn piece(partition: &str, prefix: &str, place: usize) -> Key {
    Key::new(partition, format!("{prefix}{place:04}"))
}

/// What is known of a person's addresses, apart from their profile.
pub(crate) fn contact_partition(user: &UserId) -> String {
    format!("CONTACT#{user}")
}

pub(crate) const METHOD_PREFIX: &str = "METHOD#";

pub(crate) fn contact(user: &UserId, method: Method) -> Key {
    Key::new(contact_partition(user), format!("{METHOD_PREFIX}{}", method.as_str()))
}

pub(crate) const NOTICE_PREFIX: &str = "NOTICE#";

/// A message that belongs to no incident.
pub(crate) fn notice(id: &NoticeId) -> Key {
    Key::new(format!("{NOTICE_PREFIX}{id}"), "NOTICE")
}

/// When a schedule is looked at next for the reminders of its hand-offs.
pub(crate) fn reminder(schedule: &ScheduleId) -> Key {
    Key::new(format!("{REMINDER_PREFIX}{schedule}"), "REMINDER")
}

pub(crate) const REMINDER_PREFIX: &str = "REMINDER#";

/// The version of the configuration whose schedules were looked at.
pub(crate) fn reminders_followed() -> Key {
    Key::new("REMINDERS", "FOLLOWED")
}

pub(crate) const DRILL_PREFIX: &str = "DRILL#";

pub(crate) fn drill(id: &DrillId) -> Key {
    Key::new(format!("{DRILL_PREFIX}{id}"), "DRILL")
}

pub(crate) const DRILLS_PARTITION: &str = "DRILLS";
pub(crate) const LISTED_DRILL_PREFIX: &str = "AT#";

/// A drill in the list, by the time at which it began.
pub(crate) fn listed_drill(began_at: Timestamp, id: &DrillId) -> Key {
    Key::new(DRILLS_PARTITION, format!("{LISTED_DRILL_PREFIX}{:014}#{id}", began_at.as_millisecond().max(0)))
}

/// How many drills began of late.
pub(crate) fn drills_begun() -> Key {
    Key::new(DRILLS_PARTITION, "BEGUN")
}

pub(crate) fn schedule_partition(schedule: &ScheduleId) -> String {
    format!("SCHEDULE#{schedule}")
}

/// Overrides sort by their end, so that those which are over are not read.
pub(crate) fn schedule_override(schedule: &ScheduleId, until: Timestamp, id: &str) -> Key {
    Key::new(schedule_partition(schedule), format!("{}{id}", override_from(until)))
}

pub(crate) fn override_from(until: Timestamp) -> String {
    format!("OVERRIDE#{:014}#", until.as_millisecond().max(0))
}

/// Sorts behind every override of a partition.
pub(crate) const OVERRIDE_END: &str = "OVERRIDE#~";

/// Where a person stands in by an override.
pub(crate) fn stands_in_partition(user: &UserId) -> String {
    format!("STANDS-IN#{user}")
}

pub(crate) fn user_override(user: &UserId, until: Timestamp, id: &str) -> Key {
    Key::new(stands_in_partition(user), format!("{}{id}", override_from(until)))
}

/// A swap of shifts.
pub(crate) fn swap(id: &SwapId) -> Key {
    Key::new(format!("SWAP#{id}"), "SWAP")
}

/// The swaps that a person asks for or is asked.
pub(crate) fn swaps_partition(user: &UserId) -> String {
    format!("SWAPS#{user}")
}

/// They sort by the time at which it is too late for an answer, so that those of the past are not read.
pub(crate) fn swap_of(user: &UserId, expires_at: Timestamp, id: &SwapId) -> Key {
    Key::new(swaps_partition(user), format!("{}{id}", swap_from(expires_at)))
}

pub(crate) fn swap_from(expires_at: Timestamp) -> String {
    format!("SWAP#{:014}#", expires_at.as_millisecond().max(0))
}

/// Sorts behind every swap of a partition.
pub(crate) const SWAP_END: &str = "SWAP#~";

fn maintenance_partition(id: &MaintenanceId) -> String {
    format!("MAINTENANCE#{id}")
}

/// A maintenance window that people began.
pub(crate) fn maintenance(id: &MaintenanceId) -> Key {
    Key::new(maintenance_partition(id), "WINDOW")
}

/// The rest that somebody cut off of a planned maintenance window, which would have closed at `until`.
pub(crate) fn maintenance_rest(id: &MaintenanceId, until: Timestamp) -> Key {
    Key::new(maintenance_partition(id), format!("REST#{:014}", until.as_millisecond().max(0)))
}

/// That an apply has taken windows out of the configuration, or changed them.
pub(crate) fn maintenance_replanned(version: u64) -> Key {
    Key::new(MAINTENANCE_REPLANNED, format!("{version:010}"))
}

pub(crate) const MAINTENANCE_REPLANNED: &str = "MAINTENANCE-REPLANNED";

/// Both of them in the order in which they are over, so that those which are are not read.
pub(crate) const MAINTENANCE_BY_END: &str = "MAINTENANCE";

pub(crate) fn maintenance_by_end(over_at: Timestamp, id: &MaintenanceId) -> Key {
    Key::new(MAINTENANCE_BY_END, format!("{}{id}", maintenance_from(over_at)))
}

pub(crate) fn maintenance_from(over_at: Timestamp) -> String {
    format!("WINDOW#{:014}#", over_at.as_millisecond().max(0))
}

/// Sorts behind every window of the partition.
pub(crate) const MAINTENANCE_END: &str = "WINDOW#~";

/// The directory of a version, in pieces that fit into items.
pub(crate) fn directory_partition(version: u64) -> String {
    format!("DIRECTORY#{version:010}")
}

pub(crate) fn directory(version: u64, piece: usize) -> Key {
    Key::new(directory_partition(version), format!("PIECE#{piece:03}"))
}

/// A definition of a schedule, named by its hash.
pub(crate) fn definition(schedule: &ScheduleId, hash: &str) -> Key {
    Key::new(format!("DEFINITION#{schedule}"), hash)
}

/// A month of UTC: `2026-11`.
pub(crate) fn month(at: Timestamp) -> String {
    at.strftime("%Y-%m").to_string()
}

/// Worked shifts of a month (UTC).
pub(crate) fn worked_partition(month: &str) -> String {
    format!("WORKED#{month}")
}

pub(crate) fn worked(month: &str, schedule: &ScheduleId, from: Timestamp) -> Key {
    Key::new(worked_partition(month), format!("{schedule}#{:014}", from.as_millisecond().max(0)))
}

/// In which schedules a person has worked.
pub(crate) fn worked_by_partition(user: &UserId) -> String {
    format!("WORKED-BY#{user}")
}

pub(crate) fn worked_by(user: &UserId, month: &str, schedule: &ScheduleId) -> Key {
    Key::new(worked_by_partition(user), format!("{month}#{schedule}"))
}

/// Allowance rules, named by their hash.
pub(crate) fn allowances(hash: &str) -> Key {
    Key::new("ALLOWANCES", hash)
}

/// Partition of the `recent` index: acknowledgements by people in a month (UTC).
pub(crate) fn answered_partition(month: &str) -> String {
    format!("ANSWERED#{month}")
}

pub(crate) fn answered_sk(at: Timestamp, user: &UserId, incident: IncidentId) -> String {
    format!("{:014}#{user}#{incident}", at.as_millisecond().max(0))
}

/// Up to when worked shifts are written down.
pub(crate) fn recorded() -> Key {
    Key::new("WORKED", "RECORDED")
}

/// Where it is written which table it is.
pub(crate) fn table_identity() -> Key {
    let (pk, sk) = identity_of_table();
    Key::new(pk, sk)
}

/// Partition and sort key of what says which table it is, for tools that look at the table itself.
pub fn identity_of_table() -> (&'static str, &'static str) {
    ("TABLE", "IDENTITY")
}

pub(crate) fn gate_partition(to: &Recipient, urgency: Urgency) -> String {
    let urgency = match urgency {
        Urgency::High => "high",
        Urgency::Low => "low",
    };
    match to {
        Recipient::Person { user, method } => format!("GATE#{user}#{}#{urgency}", method.as_str()),
        // No user is named with a slash.
        Recipient::Destination { destination } => format!("GATE#{destination}#{urgency}"),
    }
}

pub(crate) const GATE: &str = "GATE";
pub(crate) const WAITING_PREFIX: &str = "WAITING#";

pub(crate) fn gate(to: &Recipient, urgency: Urgency) -> Key {
    Key::new(gate_partition(to, urgency), GATE)
}

pub(crate) fn waiting(to: &Recipient, urgency: Urgency, delivery: EffectId) -> Key {
    Key::new(gate_partition(to, urgency), format!("{WAITING_PREFIX}{delivery}"))
}

/// A link is found by the hash of its code: whoever reads the table can not follow it.
pub(crate) fn link(code: &str) -> Key {
    Key::new(format!("LINK#{}", hash(code)), "LINK")
}

/// That a link that counts once was used.
pub(crate) fn used_link(code: &str) -> Key {
    Key::new(link(code).pk, "USED")
}

/// How often links that sign in were asked for, for a mail address.
pub(crate) fn sign_in(mail_hash: &str) -> Key {
    Key::new(format!("SIGN-IN#{mail_hash}"), "ASKED")
}

/// How often somebody at a network address asked for such links.
pub(crate) fn sign_in_asker(asker: &str) -> Key {
    Key::new(format!("SIGN-IN-ASKER#{}", hash(asker)), "ASKED")
}

/// How many such mails there were in a day (UTC), and how many that nobody gets.
pub(crate) fn sign_ins_of_day(at: Timestamp, are_sent: bool) -> Key {
    Key::new(format!("SIGN-INS#{}", at.strftime("%Y-%m-%d")), if are_sent { "SENT" } else { "NOBODY" })
}

/// What is written where a notice would be, for an address that is nobody's.
pub(crate) fn sign_in_of_nobody(mail_hash: &str) -> Key {
    Key::new(sign_in(mail_hash).pk, "NOBODY")
}

/// A session is found by the hash of its secret.
pub(crate) fn session(token_hash: &str) -> Key {
    Key::new(format!("SESSION#{token_hash}"), "SESSION")
}

/// The sessions of a person.
pub(crate) fn sessions_partition(user: &UserId) -> String {
    format!("SESSIONS#{user}")
}

pub(crate) const SESSION_PREFIX: &str = "SESSION#";

pub(crate) fn session_of(user: &UserId, id: &str) -> Key {
    Key::new(sessions_partition(user), format!("{SESSION_PREFIX}{id}"))
}

pub(crate) const CALENDAR: &str = "CALENDAR";

/// A calendar link is found by the hash of its code, as other links are.
pub(crate) fn calendar(code: &str) -> Key {
    Key::new(format!("CALENDAR#{}", hash(code)), CALENDAR)
}

/// The calendar links of a person, a team or a schedule.
pub(crate) fn calendars_partition(about: &About) -> String {
    match about {
        About::Everything => "CALENDARS#EVERYTHING".to_owned(),
        About::Schedule(id) => format!("CALENDARS#SCHEDULE#{id}"),
        About::Team(id) => format!("CALENDARS#TEAM#{id}"),
        About::User(id) => format!("CALENDARS#USER#{id}"),
    }
}

pub(crate) fn calendar_of(about: &About, id: &str) -> Key {
    Key::new(calendars_partition(about), id)
}

/// A mail that came by SMTP, by what it is known as.
pub(crate) fn received_mail(id: &str) -> Key {
    Key::new(format!("MAIL#{}", hash(id)), "MAIL")
}

/// A request by hand is found by the hash of who asked what.
pub(crate) fn request(alert: AlertId) -> Key {
    Key::new(format!("REQUEST#{alert}"), "REQUEST")
}

pub(crate) fn token(token_hash: &str) -> Key {
    Key::new(format!("TOKEN#{token_hash}"), "TOKEN")
}

/// The tokens that were made.
pub(crate) const TOKENS_PARTITION: &str = "TOKENS";

pub(crate) const TOKEN_PREFIX: &str = "NAME#";

pub(crate) fn token_of(name: &str) -> Key {
    Key::new(TOKENS_PARTITION, format!("{TOKEN_PREFIX}{name}"))
}

/// What a provider calls a message, so that its report finds the delivery.
pub(crate) fn provider_message(method: Method, provider_id: &str) -> Key {
    Key::new(format!("MESSAGE#{}#{}", method.as_str(), hash(provider_id)), "MESSAGE")
}

/// Partitions of the `work` index.
pub(crate) fn due_shard(shard: u8) -> String {
    format!("DUE#{shard:02}")
}

pub(crate) fn outbox_shard(shard: u8) -> String {
    format!("OUTBOX#{shard:02}")
}

pub(crate) fn delivery_shard(shard: u8) -> String {
    format!("DELIVERY#{shard:02}")
}

pub(crate) fn bridge_shard(shard: u8) -> String {
    format!("BRIDGE#{shard:02}")
}

/// Not sharded: no storm of alarms makes any.
pub(crate) const NOTICE_WORK: &str = "NOTICE";
pub(crate) const REMINDER_WORK: &str = "REMINDER";
pub(crate) const DRILL_WORK: &str = "DRILL";
pub(crate) const MAINTENANCE_WORK: &str = "MAINTENANCE";

/// Partitions of the `open` and `recent` indexes.
pub(crate) fn open_shard(shard: u8) -> String {
    format!("OPEN#{shard:02}")
}

pub(crate) fn open_sk(service: &ServiceId, incident: IncidentId) -> String {
    format!("{service}#{incident}")
}

pub(crate) fn recent_shard(shard: u8) -> String {
    format!("RECENT#{shard:02}")
}

/// The shard of an incident and of everything that belongs to it.
pub(crate) fn shard(incident: IncidentId) -> u8 {
    Sha256::digest(incident.to_string())[0] % SHARDS
}

/// The first half of SHA-256, in lower-case hexadecimal: 128 bits are enough for a key that only has to be distinct.
pub(crate) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect()
}
