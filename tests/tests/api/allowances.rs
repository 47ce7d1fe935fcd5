//! The allowance report over the API: what was worked, whatever is configured afterwards.

use jiff::SignedDuration;
use serde_json::Value;

use crate::{
    bench::{Ask, Bench},
    on_call::{ROTA, bench, configure},
};

/// From 20 November to some days into December, with a page that Aiko answers on her Saturday.
async fn worked() -> Bench {
    let bench = bench().await;
    let incident = bench.alarm("checkout-5xx").await;
    let body = serde_json::json!({ "user": "aiko" });
    bench.send(Ask::post(&format!("/incidents/{incident}/acknowledge")).token().json(&body)).await.expect(200, &["changed"]);
    // Ben takes one that is not his.
    let other = bench.alarm("checkout-slow").await;
    let body = serde_json::json!({ "user": "ben" });
    bench.send(Ask::post(&format!("/incidents/{other}/acknowledge")).token().json(&body)).await.expect(200, &["changed"]);
    bench.later(SignedDuration::from_hours(24 * 14));
    bench
}

async fn report(bench: &Bench, query: &str) -> String {
    bench.send(Ask::get(&format!("/oncall/report?month=2026-11{query}")).token()).await.expect(200, &[]).body
}

fn line<'a>(report: &'a Value, user: &str) -> &'a Value {
    report["people"].as_array().unwrap().iter().find(|line| line["user"] == user).unwrap()
}

#[tokio::test]
async fn a_report_gives_the_hours_of_each_person_by_class_and_the_pages_they_answered_on_call() {
    let bench = worked().await;
    let report: Value = serde_json::from_str(&report(&bench, "&time_zone=Asia/Tokyo").await).unwrap();
    assert_eq!(report["classes"], serde_json::json!(["night", "holiday", "weekend", "weekday"]));
    let hours = |user: &str| {
        let line = line(&report, user);
        let seconds: Vec<u64> = line["seconds"].as_array().unwrap().iter().map(|seconds| seconds.as_u64().unwrap()).collect();
        assert_eq!(line["total_seconds"].as_u64().unwrap(), seconds.iter().sum::<u64>());
        (seconds, line["pages_answered"].as_u64().unwrap())
    };
    // Chie's turn is from Monday, 30 November, 10:00 to the month's end: 2 hours of night.
    assert_eq!(hours("chie"), (vec![2 * 3_600, 0, 0, 12 * 3_600], 0));
    // Aiko's began with the first configuration, on Saturday at 03:12; it ended on Monday at 10:00.
    let (aiko, answered) = hours("aiko");
    assert_eq!((aiko.iter().sum::<u64>(), aiko[2], answered), (55 * 3_600 - 12 * 60, 34 * 3_600, 1));
    assert_eq!(hours("ben").1, 0, "he was not on call");
    assert!(report["people"].as_array().unwrap().iter().all(|line| line["user"] != "dan"));
}

#[tokio::test]
async fn the_report_of_a_month_that_is_over_has_the_same_bytes_after_any_edit_of_the_configuration() {
    let bench = worked().await;
    let (own, tokyo) = (report(&bench, "").await, report(&bench, "&time_zone=Asia/Tokyo").await);
    let edited = ROTA
        .replace("name: 佐藤 愛子", "name: 佐藤 愛")
        .replace("time_zone: Asia/Tokyo\n    rotations", "time_zone: America/New_York\n    rotations")
        .replace("every: 1 week, members: [aiko, ben, chie]", "every: 1 day, members: [dan, aiko]")
        .replace("name: Primary (一次)", "name: Renamed");
    configure(&bench, &edited).await;
    assert_eq!((report(&bench, "").await, report(&bench, "&time_zone=Asia/Tokyo").await), (own.clone(), tokyo.clone()));
    let gone = r#"
users:
  dan: { name: Dan, phone: "+819000000004" }
escalation_policies:
  checkout: { steps: [{ notify: [user/dan], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout }
"#;
    configure(&bench, gone).await;
    bench.later(SignedDuration::from_hours(24 * 100));
    assert_eq!((report(&bench, "").await, report(&bench, "&time_zone=Asia/Tokyo").await), (own, tokyo));
}

#[tokio::test]
async fn a_month_that_is_none_or_has_not_begun_gets_a_sentence() {
    let bench = bench().await;
    for (path, status, sentence) in [
        ("/oncall/report?month=2026-13", 400, "month is \"2026-13\"; write it as 2026-12."),
        ("/oncall/report?month=December", 400, "write it as 2026-12."),
        ("/oncall/report?month=2027-05", 422, "2027-05 has not begun"),
        ("/oncall/report?month=2026-11&time_zone=Tokio", 400, "write its IANA name"),
        ("/oncall/report", 400, "missing field"),
    ] {
        let reply = bench.send(Ask::get(path).token()).await;
        assert!(reply.status == status && reply.message().contains(sentence), "{path}: {}", reply.body);
    }
    bench.send(Ask::get("/oncall/report?month=2026-11")).await.expect(401, &["A token is needed"]);
}

#[tokio::test]
async fn holidays_are_the_days_of_calendars_and_a_later_edit_of_a_calendar_changes_no_month_before() {
    let bench = bench().await;
    let own = "\nallowances:\n  holidays: [jp-national, company]\n  classes:\n    - { name: day off, days: holidays }\n    - { name: other }\ncalendars:\n  company: { days: [2026-11-25] }\n";
    configure(&bench, &format!("{ROTA}{own}")).await;
    bench.later(SignedDuration::from_hours(24 * 14));
    let before = report(&bench, "&time_zone=Asia/Tokyo").await;
    // Labour Thanksgiving Day is the 23rd: Aiko has it until 10:00, then Ben, who has the 25th too.
    let read: Value = serde_json::from_str(&before).unwrap();
    let place = read["classes"].as_array().unwrap().iter().position(|name| name == "day off").unwrap();
    let hours = |user: &str| line(&read, user)["seconds"][place].as_u64().unwrap() / 3_600;
    assert_eq!((hours("aiko"), hours("ben")), (10, 14 + 24));
    // Another day, and then no calendar at all.
    configure(&bench, &format!("{ROTA}{}", own.replace("2026-11-25", "2026-11-26"))).await;
    assert_eq!(report(&bench, "&time_zone=Asia/Tokyo").await, before);
    configure(&bench, ROTA).await;
    bench.later(SignedDuration::from_hours(24));
    assert_eq!(report(&bench, "&time_zone=Asia/Tokyo").await, before);
}

#[tokio::test]
async fn classes_and_holidays_are_configured_and_hold_from_the_apply_on() {
    let bench = bench().await;
    let own = "\nallowances:\n  holidays: [2026-11-23]\n  classes:\n    - { name: deep night, from: \"00:00\", to: \"05:00\" }\n    - { name: day off, days: holidays }\n    - { name: other }\n";
    configure(&bench, &format!("{ROTA}{own}")).await;
    bench.later(SignedDuration::from_hours(24 * 14));
    // Edited afterwards: what was worked keeps the classes of its time.
    let before = report(&bench, "&time_zone=Asia/Tokyo").await;
    configure(&bench, ROTA).await;
    assert_eq!(report(&bench, "&time_zone=Asia/Tokyo").await, before);
    let report: Value = serde_json::from_str(&before).unwrap();
    let place = |class: &str| report["classes"].as_array().unwrap().iter().position(|name| name == class).unwrap();
    let seconds = |user: &str, class: &str| line(&report, user)["seconds"][place(class)].as_u64().unwrap();
    // The 23rd is a holiday in that month: Aiko has it until 10:00, then Ben.
    assert_eq!((seconds("aiko", "day off"), seconds("ben", "day off")), (5 * 3_600, 14 * 3_600));
    assert_eq!(seconds("ben", "deep night"), 7 * 5 * 3_600);
}
