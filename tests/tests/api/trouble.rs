//! The table does not answer, or holds what can not be read: people and tools are told what to do, and nothing of ours.

use hansho_domain::ServiceId;
use serde_json::json;

use crate::bench::{Ask, Bench};

#[tokio::test]
async fn a_table_that_does_not_answer_is_said_to_people_and_to_tools() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let code = bench.link("aiko", id).await;
    bench.set_down(true);
    for ask in [
        Ask::get("/health"),
        Ask::get("/incidents").token(),
        Ask::get(&format!("/incidents/{id}")).token(),
        Ask::post("/incidents").token().json(&json!({ "service": "checkout", "title": "x" })),
        Ask::post(&format!("/incidents/{id}/resolve")).token(),
        Ask::get("/services").token(),
        Ask::get("/services/checkout/stage").token(),
        Ask::get("/suppressed").token(),
    ] {
        let reply = bench.send(ask).await.expect(503, &[]);
        assert_eq!(reply.headers["retry-after"], "2");
        assert!(reply.message().contains("Send the same request again"), "{}", reply.body);
    }
    for ask in [Ask::get(&format!("/i/{code}")), Ask::post(&format!("/i/{code}/acknowledge")), Ask::get(&format!("/b/{code}"))] {
        bench.send(ask.clone()).await.expect(503, &["Load this page again in a moment."]);
        bench.send(ask.japanese()).await.expect(503, &["読み込み直してください"]);
    }
    bench.set_down(false);
    bench.send(Ask::get(&format!("/i/{code}"))).await.expect(200, &[]);
}

#[tokio::test]
async fn an_incident_that_can_not_be_read_is_said_to_be_one_and_pages_when_somebody_acts_on_it() {
    let bench = Bench::new().await;
    let (id, fine) = (bench.alarm("checkout-5xx").await, bench.alarm("checkout-latency").await);
    let (code, all) = (bench.link("aiko", id).await, bench.bundle("aiko", &[id, fine]).await);
    bench.spoil(&format!("INCIDENT#{id}"), "META");
    let writes = bench.writes();
    let reply = bench.send(Ask::get(&format!("/incidents/{id}")).token()).await.expect(500, &[]);
    assert!(reply.message().contains("can not be read") && !reply.body.contains("internals"), "{}", reply.body);
    bench.send(Ask::get(&format!("/i/{code}"))).await.expect(500, &["What is stored about it can not be read."]);
    bench.send(Ask::get(&format!("/b/{all}"))).await.expect(200, &["checkout-latency"]);
    assert_eq!(bench.read("/incidents").await["incidents"].as_array().unwrap().len(), 1, "it hides no other");
    assert_eq!(bench.writes(), writes, "reading changes nothing");
    bench.send(Ask::post(&format!("/i/{code}/acknowledge"))).await.expect(500, &["What is stored about it can not be read."]);
    bench.send(Ask::post(&format!("/incidents/{id}/resolve")).token()).await.expect(500, &[]);
    let open = bench.store().open_incidents(Some(&ServiceId::catch_all())).await.unwrap();
    assert_eq!(open.len(), 1, "the people of last resort are paged, once");
    assert!(open[0].title.contains(&id.to_string()), "{}", open[0].title);
}

#[tokio::test]
async fn a_profile_that_can_not_be_read_costs_a_name_and_not_the_page() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let code = bench.link("aiko", id).await;
    bench.spoil("USER#aiko", "V#0000000001");
    bench.send(Ask::get(&format!("/i/{code}"))).await.expect(200, &["<html lang=\"en\">", "Acknowledge", "UTC"]);
    bench.send(Ask::post(&format!("/i/{code}/acknowledge"))).await.expect(303, &[]);
}

#[tokio::test]
async fn without_a_configuration_a_page_says_less_and_tools_are_told_to_apply_one() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let code = bench.link("aiko", id).await;
    bench.unconfigure();
    bench.send(Ask::get(&format!("/i/{code}"))).await.expect(200, &["対応する", "checkout-5xx"]);
    for ask in [
        Ask::post("/incidents").token().json(&json!({ "service": "checkout", "title": "x" })),
        Ask::post(&format!("/incidents/{id}/acknowledge")).token(),
    ] {
        let reply = bench.send(ask).await.expect(503, &[]);
        assert!(reply.message().contains("hansho apply"), "{}", reply.body);
    }
}
