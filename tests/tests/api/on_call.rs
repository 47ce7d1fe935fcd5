//! Who is on call, over the API: now, over a period, per schedule, team and user.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::bench::{Ask, Bench};

/// Aiko, Ben and Chie take turns by the week; Ben is alone in the second schedule, with nobody at weekends.
pub const ROTA: &str = r#"
users:
  aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja }
  ben: { name: Ben Carter, phone: "+819000000002" }
  chie: { name: 田中 千恵, phone: "+819000000003", language: ja }
  dan: { name: Dan, phone: "+819000000004" }
teams:
  sre: { name: SRE, members: [aiko, ben, chie] }
  second: { name: Second line, members: [ben] }
schedules:
  primary:
    name: Primary (一次)
    time_zone: Asia/Tokyo
    rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben, chie] }]
  office:
    time_zone: Europe/London
    rotations: [{ name: day, start: 2026-01-05T09:00, every: 1 day, members: [ben], only: [{ from: "09:00", to: "17:00", days: [mon, tue, wed, thu, fri] }] }]
escalation_policies:
  checkout: { steps: [{ notify: [schedule/primary], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [team/sre]
"#;

pub async fn bench() -> Bench {
    let bench = Bench::new().await;
    configure(&bench, ROTA).await;
    bench
}

pub async fn configure(bench: &Bench, yaml: &str) {
    let loaded = hansho_configuration::load_files(&[("team.yaml".into(), yaml.to_owned())]);
    bench.machine.configure(loaded.unwrap_or_else(|problems| panic!("{problems:?}"))).await.unwrap();
    bench.later(SignedDuration::from_secs(5));
}

pub fn people(shift: &Value) -> Vec<&str> {
    shift["people"].as_array().unwrap().iter().map(|person| person["user"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whoever_is_on_call_now_is_told_with_who_is_next() {
    let bench = bench().await;
    // 20 November 2026, 18:12 in London, 03:12 on Saturday in Tokyo: 45 weeks after the start, and the office is closed.
    let answer = bench.read("/oncall").await;
    let schedules = answer["schedules"].as_array().unwrap();
    let [office, primary] = &schedules[..] else { panic!("{schedules:?}") };
    assert_eq!((&primary["schedule"], people(&primary["now"])), (&json!("primary"), vec!["aiko"]));
    assert_eq!((&primary["now"]["until"], people(&primary["next"])), (&json!("2026-11-23T01:00:00Z"), vec!["ben"]));
    assert_eq!(primary["now"]["people"][0]["name"], "佐藤 愛子");
    assert_eq!((people(&office["now"]), &office["now"]["gap"]), (vec![], &json!("no_rotation")));
    assert_eq!((&office["next"]["from"], people(&office["next"])), (&json!("2026-11-23T09:00:00Z"), vec!["ben"]));
    let later = bench.read("/oncall?at=2026-11-23T10:00:00%2B09:00&schedule=primary").await;
    assert_eq!((later["schedules"].as_array().unwrap().len(), people(&later["schedules"][0]["now"])), (1, vec!["ben"]));
}

#[tokio::test]
async fn a_person_a_team_and_a_schedule_have_their_own_shifts() {
    let bench = bench().await;
    let period = "from=2026-11-23T00:00:00Z&until=2026-12-07T00:00:00Z";
    let shifts = async |whom: &str| bench.read(&format!("/oncall?{period}{whom}")).await["shifts"].as_array().unwrap().clone();
    let primary = shifts("&schedule=primary").await;
    assert_eq!(primary.iter().map(people).collect::<Vec<_>>(), [["aiko"], ["ben"], ["chie"]]);
    let ben = shifts("&user=ben").await;
    assert_eq!(ben.len(), 1 + 10, "his week, and ten days of the office");
    assert!(ben.iter().all(|shift| people(shift) == ["ben"] && shift["gap"].is_null()));
    let second = shifts("&team=second").await;
    assert!(second.iter().any(|shift| shift["schedule"] == "office" && people(shift).is_empty()), "its own schedule shows its gaps");
    assert!(second.iter().all(|shift| shift["schedule"] == "office" || people(shift) == ["ben"]), "another's shows its people alone");
    assert_eq!(shifts("&user=dan").await.len(), 0);
    assert!(shifts("").await.len() > 20);
}

#[tokio::test]
async fn a_schedule_is_shown_with_its_shifts_layers_and_overrides() {
    let bench = bench().await;
    let listed = bench.read("/schedules").await;
    assert_eq!(listed["schedules"][1]["members"][2], json!({ "user": "chie", "name": "田中 千恵" }));
    let shown = bench.read("/schedules/primary?from=2026-11-23T01:00:00Z&until=2026-12-07T01:00:00Z").await;
    assert_eq!((shown["schedule"]["time_zone"].as_str(), shown["shifts"].as_array().unwrap().len()), (Some("Asia/Tokyo"), 2));
    assert_eq!(shown["layers"][0]["rotation"], "weekly");
    assert_eq!(shown["overrides"], json!([]));
}

#[tokio::test]
async fn a_question_about_nothing_that_exists_gets_a_sentence() {
    let bench = bench().await;
    for (path, status, sentence) in [
        ("/oncall?schedule=nights", 404, "There is no schedule nights; use one of these: office, primary."),
        ("/oncall?team=dev", 404, "There is no team dev; use one of these: second, sre."),
        ("/oncall?user=zoe", 404, "There is no user zoe; use one of these: aiko, ben, chie, dan."),
        ("/schedules/nights", 404, "There is no schedule nights"),
        ("/oncall?user=aiko&team=sre", 400, "Name one of schedule, team and user"),
        ("/oncall?at=noon", 400, "at is \"noon\"; write a moment"),
        ("/oncall?from=2026-11-23T00:00:00Z", 400, "ends at until, or after so many days"),
        ("/oncall?until=2026-12-23T00:00:00Z&days=3", 400, "ends at until, or after so many days"),
        ("/oncall?at=2026-12-23T00:00:00Z&days=3", 400, "Give at for a moment, or until or days for a period"),
        ("/oncall?days=3&time_zone=Tokio", 400, "time_zone is \"Tokio\", which is none"),
        ("/oncall?from=2026-11-23T00:00:00Z&until=2026-11-23T00:00:00Z", 400, "is not after"),
        ("/oncall?from=2026-11-23T00:00:00Z&until=2028-11-23T00:00:00Z", 400, "longer than 400 days"),
        ("/oncall?user=A%20B", 400, "is not a valid user name"),
        ("/oncall?whom=aiko", 400, "can not be used"),
    ] {
        let reply = bench.send(Ask::get(path).token()).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert!(reply.message().contains(sentence), "{path}: {}", reply.message());
    }
    bench.send(Ask::get("/oncall")).await.expect(401, &["A token is needed"]);
    bench.send(Ask::get("/schedules/primary")).await.expect(401, &["A token is needed"]);
}

#[tokio::test]
async fn a_period_begins_now_by_the_clock_of_hansho_and_has_days_of_the_calendar() {
    let bench = bench().await;
    let answer = bench.read("/oncall?schedule=primary&days=7&time_zone=Asia/Tokyo").await;
    let end = bench.now() + SignedDuration::from_hours(7 * 24);
    assert_eq!((&answer["from"], &answer["until"]), (&json!(bench.now()), &json!(end)));
    assert_eq!(people(&answer["shifts"][0]), ["aiko"]);
    let answer = bench.read("/oncall?schedule=primary&until=2026-12-01T00:00:00Z").await;
    assert_eq!((&answer["from"], &answer["until"]), (&json!(bench.now()), &json!("2026-12-01T00:00:00Z")));
    // In London the clock is put forward in the night to 28 March 2027: this day has 23 hours.
    let answer = bench.read("/oncall?from=2027-03-27T12:00:00Z&days=1&time_zone=Europe/London").await;
    assert_eq!(answer["until"], "2027-03-28T11:00:00Z");
}
