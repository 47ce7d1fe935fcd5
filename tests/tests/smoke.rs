//! Stories over the whole system on a virtual clock: who is paged, when, and when the paging stops.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use std::collections::BTreeSet;

use acceptance::{TEAM, World, alarm_event, incident_of, phone, result_of};
use hansho::local::aws::ProviderFault;
use hansho_domain::{Event, Override, OverrideChange, PhaseName, Priority, ScheduleId, UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};

#[tokio::test]
async fn an_alarm_pages_whoever_is_on_call_at_once_in_their_language() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    let sent = world.expect_texts(&["aiko"]);
    assert!(sent[0].text.contains("対応") && sent[0].text.contains("checkout"), "{}", sent[0].text);
    World::is(&world.incident(incident).await, PhaseName::Triggered);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn nobody_answers_and_the_next_person_is_paged() {
    let mut world = World::new().await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    world.minutes(4).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn an_acknowledgement_from_the_phone_stops_the_paging() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    assert!(world.tap("aiko", "acknowledge").await.is_redirection());
    World::is(&world.incident(incident).await, PhaseName::Acknowledged);
    world.minutes(12 * 60).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn the_policy_calls_everybody_at_last_repeats_and_then_pages_at_a_slow_beat() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    for round in 0..2 {
        world.expect_texts(&["aiko"]);
        world.minutes(5).await;
        world.expect_texts(&["ben"]);
        world.minutes(5).await;
        world.expect_texts(&["aiko", "ben", "chie"]);
        world.minutes(10).await;
        assert_eq!(world.incident(incident).await.position.round, 1, "round {round}");
    }
    world.expect_silence();
    World::is(&world.incident(incident).await, PhaseName::Exhausted);
    for _ in 0..3 {
        world.minutes(29).await;
        world.expect_silence();
        world.minutes(1).await;
        world.expect_texts(&["aiko", "ben", "chie"]);
    }
    world.tap("chie", "acknowledge").await;
    world.minutes(300).await;
    world.end().await;
}

#[tokio::test]
async fn a_snooze_keeps_quiet_until_its_end_and_then_pages_again() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    world.ask(incident, "snooze", json!({ "minutes": 60 }), "aiko").await;
    world.minutes(59).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn the_ok_state_resolves_and_nobody_is_paged_any_more() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    world.minutes(2).await;
    assert_eq!(result_of(&world.ok("checkout-5xx").await), "resolved");
    World::is(&world.incident(incident).await, PhaseName::Resolved);
    world.minutes(120).await;
    world.end().await;
}

#[tokio::test]
async fn duplicate_alarms_are_one_incident_and_one_page() {
    let mut world = World::new().await;
    let event = alarm_event("checkout-5xx").at(world.now()).build();
    let incident = incident_of(&world.event(event.clone()).await);
    for _ in 0..20 {
        assert_eq!(result_of(&world.event(event.clone()).await), "repeated");
    }
    world.expect_texts(&["aiko"]);
    let stored = world.incident(incident).await;
    assert_eq!(world.machine.store().repeats(&stored).await.unwrap(), 20);
    assert_eq!(stored.version, 1, "repeats are counted beside the incident");
    world.tap("aiko", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn two_alarms_at_once_are_two_incidents_the_first_page_goes_at_once_and_the_second_soon_after() {
    let mut world = World::new().await;
    world.alarm("checkout-5xx").await;
    world.alarm("checkout-latency").await;
    world.expect_texts(&["aiko"]);
    world.seconds(29).await;
    world.expect_silence();
    world.seconds(1).await;
    world.expect_texts(&["aiko"]);
    assert_eq!(world.open_incidents().await.len(), 2);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_storm_is_a_bundle_and_one_tap_takes_it_all() {
    let mut world = World::new().await;
    for n in 0..30 {
        world.alarm(&format!("checkout-{n}")).await;
    }
    world.expect_texts(&["aiko"]);
    world.seconds(30).await;
    let sent = world.expect_texts(&["aiko"]);
    assert!(sent[0].text.contains("29件"), "{}", sent[0].text);
    assert!(world.tap("aiko", "acknowledge").await.is_redirection());
    let left: Vec<_> = world.open_incidents().await.into_iter().filter(|incident| incident.phase.name() == PhaseName::Triggered).collect();
    assert_eq!(left.len(), 1, "only the first, which has a page of its own, is left: {left:#?}");
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_tried_for_a_minute_and_then_the_next_method_is_used() {
    let mut world = World::with(&TEAM.replace(
        r#"aiko: { name: 佐藤 愛子, phone: "+819000000001","#,
        r#"aiko: { name: 佐藤 愛子, email: aiko@example.com, phone: "+819000000001","#,
    ))
    .await;
    world.provider("sms", Some(ProviderFault::Unavailable));
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_silence();
    world.seconds(60).await;
    let sent = world.sent();
    assert_eq!(sent.iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), ["aiko@example.com"], "{sent:#?}");
    assert!(happened(&world, incident).await.iter().any(|event| matches!(event, Event::DeliveryFailed { next: Some(_), .. })));
    world.provider("sms", None);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn whoever_can_not_be_reached_at_all_is_passed_over_at_once() {
    let mut world = World::new().await;
    world.provider("sms", Some(ProviderFault::Rejected("opted out".to_owned())));
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    let events = happened(&world, incident).await;
    assert!(events.iter().any(|event| matches!(event, Event::Unreachable { user, .. } if user.as_str() == "aiko")), "{events:#?}");
    World::is(&world.incident(incident).await, PhaseName::Exhausted);
    world.provider("sms", None);
    world.minutes(31).await;
    world.expect_texts(&["aiko", "ben", "chie"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn nobody_on_call_pages_the_fallback_and_the_timeline_says_why() {
    let configuration = TEAM
        .replace("members: [aiko] }]", "members: [aiko], end: 2026-01-05T10:01 }]")
        .replace("      - { notify: [user/ben], wait: 5m }\n      - { notify: [team/sre], wait: 10m }\n", "");
    let mut world = World::with(&configuration).await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko", "ben", "chie"]);
    assert!(happened(&world, incident).await.iter().any(|event| matches!(event, Event::FallbackPaged { .. })));
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_empty_step_is_passed_at_once() {
    let mut world = World::with(&TEAM.replace("members: [aiko] }]", "members: [aiko], end: 2026-01-05T10:01 }]")).await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["ben"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_override_puts_somebody_else_on_call_within_five_seconds() {
    let mut world = World::new().await;
    let (from, until) = (world.now(), world.now() + SignedDuration::from_hours(8));
    let by = vec![UserId::new("chie").unwrap()];
    let change = OverrideChange::ReplaceAll { by };
    let made = Override::new("o1".to_owned(), ScheduleId::new("primary").unwrap(), from, until, change, from).unwrap();
    world.machine.store().add_override(&made, "tests").await.unwrap();
    world.seconds(5).await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["chie"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_alarm_of_an_unknown_service_opens_on_the_catch_all_service() {
    let mut world = World::new().await;
    let incident = incident_of(&world.alarm("legacy-thing").await);
    assert_eq!(world.incident(incident).await.service.as_str(), "catch-all");
    world.expect_texts(&["aiko", "ben", "chie"]);
    resolve_all(&mut world).await;
    world.end().await;
}

/// Nobody wrote a service or a pattern for these alarms: what they say about themselves is enough.
#[tokio::test]
async fn an_alarm_that_names_its_owner_pages_that_team_without_any_rule() {
    let team = TEAM.replace(
        "teams:\n",
        "teams:\n  payments: { name: Payments, members: [ben], escalation_policy: payments }\n  data: { members: [chie] }\n",
    );
    let policies = "escalation_policies:\n  payments: { steps: [{ notify: [user/ben], wait: 5m }, { notify: [user/aiko], wait: 5m }] }\n";
    let mut world = World::with(&team.replace("escalation_policies:\n", policies)).await;
    let now = world.now();

    // By its description; the team has a policy.
    let id = incident_of(&world.event(alarm_event("ledger-lag").at(now).described("owner: payments\npriority: SEV2").build()).await);
    world.expect_texts(&["ben"]);
    let incident = world.incident(id).await;
    assert_eq!((incident.service.as_str(), incident.labels.get("owner")), ("team-payments", Some("payments")));
    world.minutes(5).await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "resolve").await;

    // By a dimension of its metric; the team has none, so everybody in it is paged.
    let id = incident_of(
        &world.event(alarm_event("etl-age").at(world.now()).measured(json!({ "Team": "Data", "Job": "nightly" })).build()).await,
    );
    world.expect_texts(&["chie"]);
    let incident = world.incident(id).await;
    assert_eq!((incident.service.as_str(), incident.labels.get("job")), ("team-data", Some("nightly")));
    world.tap("chie", "resolve").await;

    // What somebody wrote wins over what a metric is called by, and a pattern of a service over both.
    world.event(alarm_event("etl-rows").at(world.now()).described("owner: payments").measured(json!({ "owner": "data" })).build()).await;
    world.expect_texts(&["ben"]);
    world.tap("ben", "resolve").await;
    // Aiko has just had a message, and the next one would wait for others.
    world.minutes(2).await;
    let id = incident_of(&world.event(alarm_event("checkout-5xx").at(world.now()).measured(json!({ "owner": "data" })).build()).await);
    world.expect_texts(&["aiko"]);
    assert_eq!(world.incident(id).await.labels.get("owner"), Some("data"));
    world.tap("aiko", "resolve").await;

    // A team that does not exist pages the catch-all service, and says why.
    world.minutes(2).await;
    let id = incident_of(&world.event(alarm_event("etl-size").at(world.now()).measured(json!({ "owner": "nobody" })).build()).await);
    world.expect_texts(&["aiko", "ben", "chie"]);
    let (entries, _) = world.machine.store().timeline(id).await.unwrap();
    assert!(format!("{entries:?}").contains("its metric names the owner"), "{entries:?}");
    world.tap("chie", "resolve").await;
    world.end().await;
}

#[tokio::test]
async fn labels_of_an_alarm_decide_its_priority_and_what_maintenance_holds() {
    let rules = TEAM.replace("repage_every: 30m }", "repage_every: 30m, priority: { label: tier, map: { gold: SEV1 }, default: SEV3 } }")
        + "maintenance_windows:\n  move: { services: [checkout], from: 2026-11-20T18:00Z, until: 2026-11-20T19:00Z, only: { labels: { stage: \"stag*\" } } }\n";
    let mut world = World::with(&rules).await;
    let fire = |name: &str, tier: &str, stage: &str| alarm_event(name).measured(json!({ "Tier": tier, "Stage": stage })).build();
    let id = incident_of(&world.event(fire("checkout-1", "gold", "prod")).await);
    world.expect_texts(&["aiko"]);
    assert_eq!(world.incident(id).await.priority, Some(Priority::Sev1));
    world.tap("aiko", "resolve").await;
    let held = incident_of(&world.event(fire("checkout-2", "tin", "staging")).await);
    world.expect_silence();
    let incident = world.incident(held).await;
    assert_eq!(incident.priority, Some(Priority::Sev3));
    World::is(&incident, PhaseName::Held);
    world.event(alarm_event("checkout-2").ok().at(world.now()).build()).await;
    world.end().await;
}

#[tokio::test]
async fn a_payload_that_is_not_recognised_pages_once_and_is_kept_and_another_one_pages_too() {
    let mut world = World::new().await;
    let at = |time: &str| json!({ "hello": "world", "time": time });
    let first = incident_of(&world.event(at("2026-11-20T18:12:36Z")).await);
    assert_eq!(result_of(&world.event(at("2026-11-20T18:13:36Z")).await), "repeated");
    world.expect_texts(&["aiko", "ben", "chie"]);
    let raw = world.machine.store().raw_alerts(first).await.unwrap();
    let both = [r#"{"hello":"world","time":"2026-11-20T18:12:36Z"}"#, r#"{"hello":"world","time":"2026-11-20T18:13:36Z"}"#];
    assert_eq!(raw.iter().map(String::as_str).collect::<BTreeSet<_>>(), both.into());
    assert!(world.incident(first).await.title.contains("Unrecognised"));
    // Whoever has the one has heard nothing of another.
    world.ask(first, "acknowledge", json!({}), "aiko").await;
    world.minutes(1).await;
    let other = incident_of(&world.event(json!({ "something": ["else", 1] })).await);
    assert_ne!(other, first);
    world.expect_texts(&["aiko", "ben", "chie"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn suppressed_and_muted_alarms_are_recorded_and_page_nobody() {
    let mut world = World::new().await;
    let mut suppressed = alarm_event("checkout-composite").at(world.now()).build();
    suppressed["alarmData"]["state"]["actionsSuppressedBy"] = json!("WaitPeriod");
    suppressed["alarmData"]["state"]["actionsSuppressedReason"] = json!("Actions suppressed by WaitPeriod");
    assert_eq!(result_of(&world.event(suppressed).await), "suppressed");
    world.expect_silence();
    let list = world.machine.store().suppressed_on(world.now()).await.unwrap();
    assert_eq!(list.len(), 1);
    assert!(list[0].reason.contains("suppressed"), "{list:?}");
    // The suppressor lets go: the alarm was in ALARM before, and it is a real page.
    world.minutes(2).await;
    let mut after = alarm_event("checkout-composite").at(world.now()).build();
    after["alarmData"]["previousState"]["value"] = json!("ALARM");
    world.event(after).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

/// CloudWatch believes its work done: what is not said can not be waited for without end.
#[tokio::test]
async fn a_mute_that_does_not_say_until_when_is_believed_for_an_hour() {
    let mut world = World::new().await;
    for (name, end) in [("checkout-1", json!("")), ("checkout-2", json!("garbage")), ("checkout-3", Value::Null)] {
        let mut muted = alarm_event(name).at(world.now()).build();
        let by = "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm-mute-rule:night";
        muted["alarmData"]["muteDetail"] = json!({ "mutedByArn": by, "muteWindowEnd": end });
        let held = incident_of(&world.event(muted).await);
        World::is(&world.incident(held).await, PhaseName::Held);
        world.minutes(59).await;
        world.expect_silence();
        world.minutes(2).await;
        world.expect_texts(&["aiko"]);
        resolve_all(&mut world).await;
        world.minutes(1).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_muted_alarm_is_held_until_the_window_ends_and_pages_if_it_is_still_wrong() {
    let mut world = World::new().await;
    let mut muted = alarm_event("checkout-5xx").at(world.now()).build();
    let mut muted_other = alarm_event("checkout-latency").at(world.now()).build();
    for event in [&mut muted, &mut muted_other] {
        event["alarmData"]["muteDetail"] = json!({
            "mutedByArn": "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm-mute-rule:night",
            "muteWindowStart": "2026-11-20T18:00:00.000+0000", "muteWindowEnd": "2026-11-20T19:00:00.000+0000",
        });
    }
    let held = incident_of(&world.event(muted).await);
    world.event(muted_other).await;
    World::is(&world.incident(held).await, PhaseName::Held);
    world.minutes(20).await;
    world.ok("checkout-latency").await;
    world.expect_silence();
    world.minutes(28).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

/// The mute rule was deleted, or cut short: CloudWatch says it again without it, with the same transition or a newer one.
#[tokio::test]
async fn an_alarm_that_is_no_longer_muted_pages_before_the_window_would_have_ended() {
    let mut world = World::new().await;
    let window = |end: &str| {
        json!({
            "mutedByArn": "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm-mute-rule:night",
            "muteWindowStart": "2026-11-20T18:00:00.000+0000", "muteWindowEnd": end,
        })
    };
    let plain = alarm_event("checkout-5xx").at(world.now()).build();
    let mut muted = plain.clone();
    muted["alarmData"]["muteDetail"] = window("2026-11-21T02:00:00.000+0000");
    let held = incident_of(&world.event(muted.clone()).await);
    world.minutes(5).await;
    assert_eq!(result_of(&world.event(muted.clone()).await), "repeated");
    muted["alarmData"]["muteDetail"] = window("2026-11-21T04:00:00.000+0000");
    assert_eq!(result_of(&world.event(muted).await), "louder", "another end of the window is news");
    World::is(&world.incident(held).await, PhaseName::Held);
    world.expect_silence();
    world.minutes(5).await;
    assert_eq!(incident_of(&world.event(plain.clone()).await), held);
    World::is(&world.incident(held).await, PhaseName::Triggered);
    world.expect_texts(&["aiko"]);
    assert_eq!(result_of(&world.event(plain).await), "repeated");
    resolve_all(&mut world).await;
    world.end().await;
}

/// Some sources are finer than the milliseconds that are stored.
#[tokio::test]
async fn an_alarm_of_a_finer_clock_redelivered_after_a_resolve_is_out_of_date() {
    let mut world = World::new().await;
    let mut alarm = alarm_event("checkout-5xx").at(world.now()).build();
    let at = alarm["alarmData"]["state"]["timestamp"].as_str().unwrap().replace("+0000", "500+0000");
    alarm["alarmData"]["state"]["timestamp"] = json!(at);
    world.event(alarm.clone()).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.minutes(1).await;
    assert_eq!(result_of(&world.event(alarm).await), "out_of_date");
    world.end().await;
}

#[tokio::test]
async fn missing_data_is_a_note_on_the_open_incident_and_opens_none() {
    let mut world = World::new().await;
    assert_eq!(result_of(&world.event(alarm_event("checkout-5xx").no_data().at(world.now()).build()).await), "suppressed");
    world.minutes(1).await;
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.minutes(1).await;
    assert_eq!(result_of(&world.event(alarm_event("checkout-5xx").no_data().at(world.now()).build()).await), "noted");
    assert!(happened(&world, incident).await.iter().any(|event| matches!(event, Event::Noted { .. })));
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn low_urgency_tells_and_wakes_nobody_and_a_rise_in_severity_pages() {
    let mut world = World::new().await;
    world.event(alarm_event("batch-slow").at(world.now()).described("severity: warning").build()).await;
    // Without a mail address the quietest way to tell them is a text, and it is 03:12 where they are: it waits for 08:00.
    world.minutes(4 * 60 + 47).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    // It is told once and not escalated.
    world.minutes(180).await;
    world.expect_silence();
    world.event(alarm_event("batch-slow").at(world.now()).described("severity: critical").build()).await;
    world.expect_texts(&["aiko"]);
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_ok_that_overtakes_its_alarm_leaves_nothing_open() {
    let mut world = World::new().await;
    let alarm = alarm_event("checkout-5xx").at(world.now()).build();
    world.minutes(2).await;
    assert_eq!(result_of(&world.ok("checkout-5xx").await), "remembered");
    assert_eq!(result_of(&world.event(alarm).await), "out_of_date");
    world.expect_silence();
    assert!(world.open_incidents().await.is_empty());
    assert_eq!(world.machine.store().suppressed_on(world.now()).await.unwrap().len(), 2, "both are on the list of suppressed alerts");
    // The next real alarm pages.
    world.minutes(1).await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_alarm_redelivered_after_its_ok_opens_nothing() {
    let mut world = World::new().await;
    let alarm = alarm_event("checkout-5xx").at(world.now()).build();
    world.event(alarm.clone()).await;
    world.expect_texts(&["aiko"]);
    world.minutes(1).await;
    world.ok("checkout-5xx").await;
    world.minutes(1).await;
    assert_eq!(result_of(&world.event(alarm).await), "out_of_date");
    assert!(world.open_incidents().await.is_empty());
    world.minutes(60).await;
    world.end().await;
}

#[tokio::test]
async fn repeats_delivered_late_early_and_twice_end_in_the_right_state() {
    let mut world = World::new().await;
    let start = world.now();
    let at = |seconds| start + SignedDuration::from_secs(seconds);
    let event = |seconds| alarm_event("checkout-5xx").at(at(seconds)).build();
    let ok = |seconds| alarm_event("checkout-5xx").ok().at(at(seconds)).build();
    world.minutes(10).await;
    let incident = incident_of(&world.event(event(60)).await);
    world.expect_texts(&["aiko"]);
    assert_eq!(result_of(&world.event(event(120)).await), "repeated", "a repeat");
    assert_eq!(result_of(&world.event(event(120)).await), "repeated", "the same twice");
    assert_eq!(result_of(&world.event(event(90)).await), "out_of_date", "late: older than what is known");
    assert_eq!(result_of(&world.event(ok(100)).await), "out_of_date", "an OK from before the newest ALARM");
    World::is(&world.incident(incident).await, PhaseName::Triggered);
    assert_eq!(result_of(&world.event(ok(180)).await), "resolved");
    assert_eq!(result_of(&world.event(ok(180)).await), "remembered", "the same OK twice");
    assert_eq!(result_of(&world.event(event(150)).await), "out_of_date", "an ALARM from before the OK");
    World::is(&world.incident(incident).await, PhaseName::Resolved);
    let again = incident_of(&world.event(event(240)).await);
    assert_ne!(again, incident, "an ALARM after the OK is a new incident");
    world.seconds(60).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn the_same_transition_by_two_ways_is_one_incident() {
    let mut world = World::new().await;
    let direct = alarm_event("checkout-5xx").at(world.now()).build();
    let bridge = json!({
        "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "region": "ap-northeast-1", "account": "111122223333",
        "time": direct["time"], "resources": [direct["alarmArn"]], "detail": direct["alarmData"],
    });
    world.event(direct).await;
    assert_eq!(result_of(&world.event(bridge).await), "repeated");
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn every_timer_and_message_is_lost_and_the_sweeper_pages_all_the_same() {
    let mut world = World::new().await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    world.machine.mailbag().lose_everything();
    world.minutes(5).await;
    world.expect_silence();
    world.seconds(90).await;
    world.expect_texts(&["ben"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_acknowledgement_that_is_forgotten_pages_again() {
    let mut world = World::with(&TEAM.replace("repage_every: 30m", "acknowledgement_timeout: 30m")).await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    world.tap("aiko", "acknowledge").await;
    world.minutes(29).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_mail_that_bounces_starts_the_next_method() {
    let configuration = TEAM.replace(
        r#"aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }] } }"#,
        r#"aiko: { name: 佐藤 愛子, phone: "+819000000001", email: aiko@example.com, language: ja, notify: { high: [{ after: 0m, by: email }] } }"#,
    );
    let mut world = World::with(&configuration).await;
    world.alarm("checkout-5xx").await;
    let mail = world.sent().remove(0);
    assert_eq!(mail.to, "aiko@example.com");
    let bounce = json!({
        "eventType": "Bounce",
        "mail": { "messageId": "m", "tags": { "hansho-delivery": [mail.delivery.unwrap()] } },
        "bounce": { "bounceType": "Permanent", "bounceSubType": "General" },
    });
    let event = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": bounce.to_string() } }] });
    world.invoke("delivery", event.clone()).await;
    world.expect_texts(&["aiko"]);
    world.invoke("delivery", event).await;
    world.expect_silence();
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_bundle_that_bounces_is_told_to_every_incident_in_it() {
    let configuration = TEAM.replace(
        r#"aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }] } }"#,
        r#"aiko: { name: 佐藤 愛子, phone: "+819000000001", email: aiko@example.com, language: ja, notify: { high: [{ after: 0m, by: email }] } }"#,
    );
    let mut world = World::with(&configuration).await;
    world.alarm("checkout-0").await;
    let mut bundled = Vec::new();
    for n in 1..=3 {
        bundled.push(incident_of(&world.alarm(&format!("checkout-{n}")).await));
    }
    assert_eq!(world.sent().len(), 1, "the first goes alone");
    world.seconds(30).await;
    let bundle = world.sent().remove(0);
    let bounce = json!({
        "eventType": "Bounce",
        "mail": { "messageId": format!("local-email-{}", bundle.number), "tags": { "hansho-delivery": [bundle.delivery.unwrap()] } },
        "bounce": { "bounceType": "Permanent", "bounceSubType": "General" },
    });
    world.invoke("delivery", json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": bounce.to_string() } }] })).await;
    for incident in bundled {
        let events = happened(&world, incident).await;
        let told = events.iter().filter(|event| matches!(event, Event::DeliveryFailed { next: Some(_), .. })).count();
        assert_eq!(told, 1, "{incident}: {events:#?}");
    }
    world.seconds(30).await;
    let texts = world.sent();
    assert!(!texts.is_empty() && texts.iter().all(|sent| sent.to == phone("aiko")), "{texts:#?}");
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn whoever_has_no_readable_profile_is_unreachable_and_the_next_person_is_paged() {
    let mut world = World::new().await;
    world.put_body("USER#aiko", "V#0000000001", &json!({ "written_by": "newer code" }));
    let incident = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["ben"]);
    let events = happened(&world, incident).await;
    let is_said =
        |event: &Event| matches!(event, Event::Unreachable { user, reason } if user.as_str() == "aiko" && reason.contains("profile"));
    assert!(events.iter().any(is_said), "{events:#?}");
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_contact_method_that_this_code_does_not_know_keeps_nobody_from_being_paged() {
    let mut world = World::new().await;
    let rule = |by: &str| json!({ "after_seconds": 0, "by": by });
    let user = json!({
        "id": "aiko", "name": "Aiko", "language": "fr", "methods": ["push", "sms"], "high": [rule("push"), rule("sms")], "low": [rule("push")],
    });
    world.put_body("USER#aiko", "V#0000000001", &json!({ "user": user, "contact": { "phone": phone("aiko"), "push": "token" } }));
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_incident_opened_by_hand_pages_and_names_who_opened_it() {
    let mut world = World::new().await;
    let body = json!({ "service": "checkout", "title": "Payments fail" });
    let (status, answer) = world.post("/incidents", Some(body)).await;
    assert_eq!(status.as_u16(), 201, "{answer}");
    let sent = world.expect_texts(&["aiko"]);
    assert!(sent[0].text.contains("Payments"), "{}", sent[0].text);
    let incident = world.open_incident().await;
    let (entries, _) = world.machine.store().timeline(incident.id).await.unwrap();
    assert_eq!(entries[0].actor.to_string(), "token/story");
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn an_edit_of_the_policy_is_for_the_next_incident_and_an_edit_of_the_people_for_all() {
    let mut world = World::new().await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    world.configure(&TEAM.replace("- { notify: [user/ben], wait: 5m }", "- { notify: [user/chie], wait: 5m }")).await;
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    world.alarm("checkout-latency").await;
    world.expect_texts(&["aiko"]);
    world.minutes(5).await;
    let sent = world.sent();
    assert!(sent.iter().any(|sent| sent.to == phone("chie")), "{sent:#?}");
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_configuration_change_of_an_alarm_opens_nothing_and_is_on_the_list() {
    let mut world = World::new().await;
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/alarm-intake/configuration-change-eventbridge.json"))
            .unwrap();
    let event: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result_of(&world.event(event).await), "suppressed");
    assert!(world.open_incidents().await.is_empty());
    let listed = world.machine.store().suppressed_on(world.now()).await.unwrap();
    let [entry] = &listed[..] else { panic!("{listed:?}") };
    assert!(entry.title == "batch-report-late" && entry.reason.starts_with("The alarm was deleted."), "{entry:?}");
    world.end().await;
}

async fn resolve_all(world: &mut World) {
    for incident in world.open_incidents().await {
        world.ask(incident.id, "resolve", json!({}), "aiko").await;
    }
    world.minutes(3).await;
}

async fn happened(world: &World, incident: hansho_domain::IncidentId) -> Vec<Event> {
    let (entries, _) = world.machine.store().timeline(incident).await.unwrap();
    entries.into_iter().flat_map(|entry| entry.events).collect()
}
