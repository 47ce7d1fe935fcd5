//! What a rehearsal asks: the services, and one of them with what people have made live beside the configuration.

use hansho_rehearsal::{Stage, TurnsTaken};
use serde_json::{Value, json};

use crate::{
    bench::{Ask, Bench},
    on_call::{ROTA, bench, configure},
};

async fn stage(bench: &Bench, query: &str) -> Stage {
    serde_json::from_value(bench.read(&format!("/services/checkout/stage{query}")).await["stage"].clone()).unwrap()
}

fn names(stage: &Stage) -> Vec<&str> {
    stage.beyond.users.iter().map(|user| user.id().as_str()).collect()
}

#[tokio::test]
async fn the_services_are_listed_with_their_alarms_and_their_teams() {
    let bench = bench().await;
    let listed = bench.read("/services").await;
    assert_eq!(listed["now"], json!(bench.now()), "whoever has another clock rehearses what happens now");
    let of = |id: &str| listed["services"].as_array().unwrap().iter().find(|service| service["id"] == id).cloned().unwrap();
    assert_eq!(of("checkout")["alarms"], json!(["checkout-*"]));
    assert_eq!(of("catch-all")["alarms"], json!([]));
    assert_eq!(listed["owners"]["sre"], "team-sre");
    assert!(listed["version"].as_u64().is_some_and(|version| version > 0), "{listed}");
}

#[tokio::test]
async fn a_stage_has_the_overrides_and_whoever_they_put_on_call() {
    let bench = bench().await;
    assert!(stage(&bench, "").await.overrides.is_empty());
    let made = json!({ "change": "replace_all", "by": ["dan"], "until": "2026-11-22T00:00:00Z" });
    bench.send(Ask::post("/schedules/primary/overrides").token().json(&made)).await.expect(201, &[]);
    let with = stage(&bench, "").await;
    assert_eq!((with.overrides.len(), names(&with)), (1, vec!["dan"]), "dan is in no policy of the service");
    assert!(stage(&bench, "?from=2026-11-22T00:00:00Z").await.overrides.is_empty(), "it is over by then");
}

#[tokio::test]
async fn a_stage_has_the_maintenance_windows_about_its_service_that_people_began() {
    let bench = bench().await;
    assert!(stage(&bench, "").await.maintenance.is_empty());
    for service in ["checkout", "catch-all"] {
        let begun = json!({ "services": [service], "until": "2026-11-21T00:00:00Z" });
        bench.send(Ask::post("/maintenance").token().json(&begun)).await.expect(201, &[]);
    }
    let with = stage(&bench, "").await.maintenance;
    assert_eq!(with.len(), 1, "{with:?}");
    assert_eq!(with[0].window.spec().services[0].as_str(), "checkout");
}

#[tokio::test]
async fn a_stage_has_those_who_may_be_asked_for_help() {
    let bench = bench().await;
    let with = stage(&bench, "?ask=user/dan,schedule/office,team/second,team/unknown").await;
    assert_eq!(names(&with), ["dan"], "ben is in the bundle");
    assert_eq!((with.beyond.schedules.len(), with.beyond.teams.len()), (1, 1));
}

#[tokio::test]
async fn a_stage_says_how_far_the_turns_have_gone() {
    let bench = bench().await;
    configure(&bench, &ROTA.replace("{ notify: [schedule/primary], wait: 5m }", "{ notify: [team/sre], wait: 5m, round_robin: true }"))
        .await;
    let taken = |turns: &[TurnsTaken]| turns.iter().map(|turns| turns.taken).collect::<Vec<_>>();
    assert_eq!(taken(&stage(&bench, "").await.turns), [0]);
    bench.alarm("checkout-5xx").await;
    assert_eq!(taken(&stage(&bench, "").await.turns), [1]);
}

#[tokio::test]
async fn a_stage_tells_no_address() {
    let told: Value = bench().await.read("/services/checkout/stage?ask=user/dan").await;
    assert!(!told.to_string().contains("+81"), "{told}");
}

#[tokio::test]
async fn a_stage_of_nothing_that_exists_gets_a_sentence() {
    let bench = bench().await;
    let many = vec!["user/dan"; 21].join(",");
    for (path, status, sentence) in [
        ("/services/chekout/stage", 404, "There is no service chekout. GET /services lists those that there are."),
        ("/services/A%20B/stage", 400, "is not a valid service name"),
        ("/services/checkout/stage?from=noon", 400, "from is \"noon\"; write a moment"),
        ("/services/checkout/stage?ask=dan", 400, "write user/NAME"),
        ("/services/checkout/stage?whom=dan", 400, "can not be used"),
        (&format!("/services/checkout/stage?ask={many}"), 400, "ask names 21 targets; 20 are the most."),
    ] {
        let reply = bench.send(Ask::get(path).token()).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert!(reply.message().contains(sentence), "{path}: {}", reply.message());
    }
    bench.send(Ask::get("/services")).await.expect(401, &["A token is needed"]);
    bench.send(Ask::get("/services/checkout/stage")).await.expect(401, &["A token is needed"]);
}
