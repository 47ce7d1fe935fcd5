//! The access patterns: an example of every key.

use hansho_domain::{
    About, AlertId, DedupKey, Destination, DrillId, EffectId, IncidentId, IntegrationId, MaintenanceId, Method, NoticeId, PolicyId,
    Recipient, ScheduleId, ServiceId, StepTurn, SwapId, Urgency, UserId,
};
use jiff::Timestamp;

use super::*;

/// An example of every key, for `docs/access-patterns.md`: name, partition key, sort key.
pub fn access_patterns() -> Vec<(&'static str, String, String)> {
    let Some(example) = Example::new() else { return Vec::new() };
    let Example { incident: id, alert: alert_id, service, user: person, schedule, integration, dedup_key, made, .. } = &example;
    let Example { policy: name, channel, notice: notice_id, drill: drill_id, maintenance: window, swap: exchange, at, .. } = &example;
    let phone = Recipient::Person { user: person.clone(), method: Method::Sms };
    let effect = EffectId { incident: *id, version: 3, index: 1 };
    let table = [
        ("incident", incident(*id)),
        ("timeline entry", entry(*id, 3)),
        ("outbox row", outbox(effect)),
        ("delivery", delivery(effect)),
        ("raw alert", alert(*id, *alert_id)),
        ("repeats of an incident that holds its key no more", repeats(*id)),
        ("copy of an incident", bridged_incident(*id)),
        ("record of the bridge", bridged_record("oi-0123456789ab")),
        ("dedup pointer", pointer(integration, dedup_key)),
        ("alias of a dedup key", alias(integration, dedup_key, made)),
        ("suppressed alert", suppressed(*at, *alert_id)),
        ("configuration in force", configuration()),
        ("version", part(VERSIONS_PARTITION, 17)),
        ("progress of an apply", progress(17)),
        ("text of a version", piece(&version_partition(17), TEXT_PREFIX, 1)),
        ("parts of a version", piece(&version_partition(17), PARTS_PREFIX, 1)),
        ("large routes of a version", piece(&version_partition(17), ROUTES_PREFIX, 1)),
        ("bundle of a service", part(&bundle_partition(service), 17)),
        ("routes", part(ROUTES_PARTITION, 17)),
        ("responder", part(&user_partition(person), 17)),
        ("integration", part(&integration_partition(integration), 17)),
        ("integration key", integration_key("hash")),
        ("integration key of its integration", integration_key_of(integration, "k1")),
        ("events of a minute", rate(integration, "k1", at.as_second() / 60)),
        ("change event", change(*at, *alert_id)),
        ("leavers", part(LEAVERS_PARTITION, 17)),
        ("contact", contact(person, Method::Sms)),
        ("override", schedule_override(schedule, *at, "o1")),
        ("override of a person", user_override(person, *at, "o1")),
        ("swap", swap(exchange)),
        ("swap of a person", swap_of(person, *at, exchange)),
        ("maintenance window", maintenance(window)),
        ("rest of a planned maintenance window", maintenance_rest(window, *at)),
        ("maintenance windows by their end", maintenance_by_end(*at, window)),
        ("maintenance that an apply changed", maintenance_replanned(17)),
        ("directory", directory(17, 0)),
        ("definition of a schedule", definition(schedule, "hash")),
        ("worked shifts", worked(&month(*at), schedule, *at)),
        ("schedule of a person's past", worked_by(person, &month(*at), schedule)),
        ("allowance rules", allowances("hash")),
        ("audit entry", audit_entry(*at, "hash")),
        ("end of the record", recorded()),
        ("which table it is", table_identity()),
        ("policy by itself", part(&policy_partition(name), 17)),
        ("turns of a step", turn(&StepTurn { policy: name.clone(), step: 1 })),
        ("destination", part(&destination_partition(channel), 17)),
        ("gate", gate(&phone, Urgency::High)),
        ("gate of a destination", gate(&Recipient::Destination { destination: channel.clone() }, Urgency::High)),
        ("waiting at a gate", waiting(&phone, Urgency::High, effect)),
        ("notice", notice(notice_id)),
        ("reminder of a schedule", reminder(schedule)),
        ("configuration that reminders follow", reminders_followed()),
        ("drill", drill(drill_id)),
        ("drill in the list", listed_drill(*at, drill_id)),
        ("drills of late", drills_begun()),
        ("link", link("code")),
        ("link that was used", used_link("code")),
        ("links to sign in that were asked for", sign_in("hash")),
        ("links to sign in that a network address asked for", sign_in_asker("192.0.2.1")),
        ("links to sign in of a day", sign_ins_of_day(*at, true)),
        ("link to sign in that nobody gets", sign_in_of_nobody("hash")),
        ("invitation", invitation(person)),
        ("invitations of a day", invitations_of_day(*at)),
        ("test page", test_page(person)),
        ("what a person has done", confirmed(person, "numbers")),
        ("session", session("hash")),
        ("session of a person", session_of(person, "s1")),
        ("ceremony", ceremony("name")),
        ("ceremonies of late", ceremony_asker("192.0.2.1")),
        ("passkey", passkey("hash")),
        ("passkey of a person", passkey_of(person, "p1")),
        ("calendar link", calendar("code")),
        ("calendar link of its owner", calendar_of(&About::User(person.clone()), "c1")),
        ("request", request(*alert_id)),
        ("mail address of an integration", mail_address(integration)),
        ("mail that came by SMTP", received_mail("smtp-1")),
        ("API token", token("hash")),
        ("API token in the list", token_of("ci")),
        ("provider's message id", provider_message(Method::Sms, "m-1")),
    ];
    let indexes = [
        ("index work: incident with a deadline", due_shard(shard(*id)), at.as_millisecond().to_string()),
        ("index work: pending outbox row", outbox_shard(shard(*id)), at.as_millisecond().to_string()),
        ("index work: unfinished delivery", delivery_shard(shard(*id)), at.as_millisecond().to_string()),
        ("index work: incident that is copied", bridge_shard(shard(*id)), at.as_millisecond().to_string()),
        ("index work: unfinished notice", NOTICE_WORK.to_owned(), at.as_millisecond().to_string()),
        ("index work: schedule to be looked at", REMINDER_WORK.to_owned(), at.as_millisecond().to_string()),
        ("index work: drill whose messages are not made", DRILL_WORK.to_owned(), at.as_millisecond().to_string()),
        ("index work: ended maintenance window", MAINTENANCE_WORK.to_owned(), at.as_millisecond().to_string()),
        ("index open: open incident", open_shard(shard(*id)), open_sk(service, *id)),
        ("index recent: answered page", answered_partition(&month(*at)), answered_sk(*at, person, *id)),
        ("index recent: incident", recent_shard(shard(*id)), id.to_string()),
    ];
    table.into_iter().map(|(name, key)| (name, key.pk, key.sk)).chain(indexes).collect()
}

struct Example {
    incident: IncidentId,
    alert: AlertId,
    service: ServiceId,
    user: UserId,
    schedule: ScheduleId,
    integration: IntegrationId,
    dedup_key: DedupKey,
    made: DedupKey,
    policy: PolicyId,
    channel: Destination,
    notice: NoticeId,
    drill: DrillId,
    maintenance: MaintenanceId,
    swap: SwapId,
    at: Timestamp,
}

impl Example {
    fn new() -> Option<Self> {
        let at: Timestamp = "2026-11-20T18:12:00Z".parse().ok()?;
        let alert = AlertId::from_hash([0xa5; 16]);
        Some(Self {
            incident: IncidentId::derived(at, alert),
            alert,
            service: ServiceId::new("checkout").ok()?,
            user: UserId::new("aiko").ok()?,
            schedule: ScheduleId::new("checkout-primary").ok()?,
            integration: IntegrationId::new("cloudwatch").ok()?,
            dedup_key: DedupKey::new("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx").ok()?,
            made: DedupKey::new("disk-db-1").ok()?,
            policy: PolicyId::new("checkout").ok()?,
            channel: "channel/incidents".parse().ok()?,
            notice: NoticeId::new(hash("verification/aiko/sms")).ok()?,
            drill: DrillId::new("0123456789ab").ok()?,
            maintenance: MaintenanceId::live("0123456789ab").ok()?,
            swap: SwapId::new(hash("swap/aiko/ben")).ok()?,
            at,
        })
    }
}
