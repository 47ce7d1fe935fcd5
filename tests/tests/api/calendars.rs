//! Calendar feeds: secret, revocable, the same bytes for the same facts, and true to who is on call.

use jiff::SignedDuration;
use serde_json::json;

use crate::{
    bench::{Ask, Bench, Reply},
    on_call::{ROTA, bench, configure},
};

async fn make(bench: &Bench, whose: &str, body: &str) -> String {
    let reply = bench.send(Ask::post(&format!("/calendar-links/{whose}")).token().body(body)).await.expect(201, &["/calendars/"]);
    reply.json()["path"].as_str().unwrap().to_owned()
}

async fn feed(bench: &Bench, path: &str) -> Reply {
    let reply = bench.send(Ask::get(path)).await;
    assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "text/calendar; charset=utf-8"), "{}", reply.body);
    reply
}

/// The values of a property, unfolded, in the order of the feed.
fn values(feed: &Reply, name: &str) -> Vec<String> {
    let unfolded = feed.body.replace("\r\n ", "");
    let values = unfolded.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned));
    values.collect()
}

#[tokio::test]
async fn a_feed_shows_the_shifts_of_a_user_a_team_or_a_schedule_in_the_readers_language() {
    let bench = bench().await;
    let aiko = feed(&bench, &make(&bench, "user/aiko", "").await).await;
    assert_eq!(values(&aiko, "X-WR-CALNAME"), ["当番: 佐藤 愛子"]);
    assert!(values(&aiko, "SUMMARY").iter().all(|summary| summary == "当番: Primary (一次)"));
    let begins = values(&aiko, "DTSTART");
    assert_eq!(begins[1], "20261207T010000Z", "three weeks on, at ten in the morning in Tokyo");
    let office = feed(&bench, &make(&bench, "schedule/office", r#"{"language": "en"}"#).await).await;
    let summaries = values(&office, "SUMMARY");
    assert!(summaries.contains(&"Ben Carter".to_owned()) && summaries.contains(&"Nobody on call: office".to_owned()), "{summaries:?}");
    let second = feed(&bench, &make(&bench, "team/second", r#"{"language": "ja"}"#).await).await;
    let summaries = values(&second, "SUMMARY");
    assert!(
        summaries.contains(&"Primary (一次): Ben Carter".to_owned()) && summaries.contains(&"当番なし: office".to_owned()),
        "{summaries:?}"
    );
    // 6 months to come, to the end of the month.
    assert_eq!(values(&office, "DTEND").last().unwrap(), "20270601T000000Z");
}

#[tokio::test]
async fn the_same_facts_give_the_same_bytes_and_a_program_that_knows_them_is_told_so() {
    let bench = bench().await;
    let path = make(&bench, "schedule/primary", "").await;
    let first = feed(&bench, &path).await;
    bench.later(SignedDuration::from_hours(100));
    let again = feed(&bench, &path).await;
    assert_eq!((&first.body, &first.headers["etag"]), (&again.body, &again.headers["etag"]));
    let tag = first.headers["etag"].clone();
    let known = bench.send(Ask::get(&path).header("if-none-match", &tag)).await;
    assert_eq!((known.status, known.body.as_str(), known.headers["etag"].as_str()), (304, "", tag.as_str()));
    assert_eq!(known.headers["cache-control"], "private, max-age=300");
}

#[tokio::test]
async fn uids_stay_while_other_shifts_change_and_the_sequence_goes_up() {
    let bench = bench().await;
    let path = make(&bench, "schedule/primary", "").await;
    let before = feed(&bench, &path).await;
    let body = json!({ "change": "replace_all", "by": ["dan"], "from": "2026-12-01T00:00:00Z", "until": "2026-12-02T00:00:00Z" });
    bench.send(Ask::post("/schedules/primary/overrides").token().json(&body)).await.expect(201, &[]);
    bench.later(SignedDuration::from_secs(5));
    let after = feed(&bench, &path).await;
    let (old, new) = (values(&before, "UID"), values(&after, "UID"));
    assert!(old.iter().all(|uid| new.contains(uid)), "every shift that still begins is the same event");
    assert_eq!(new.len(), old.len() + 2, "the stand-in, and the rest of the week that they took a part of");
    let distinct: std::collections::BTreeSet<&String> = new.iter().collect();
    assert_eq!(distinct.len(), new.len());
    let sequence = |feed: &Reply| values(feed, "SEQUENCE")[0].parse::<u64>().unwrap();
    assert!(sequence(&after) > sequence(&before));
}

#[tokio::test]
async fn the_past_of_a_feed_is_what_was_worked_whatever_is_applied_later() {
    let bench = bench().await;
    let path = make(&bench, "user/aiko", "").await;
    bench.later(SignedDuration::from_hours(24 * 10));
    let until_now = |feed: &Reply| {
        let ends = values(feed, "DTEND");
        let begins = values(feed, "DTSTART");
        begins.into_iter().zip(ends).filter(|(_, end)| end.as_str() < "20261130").collect::<Vec<_>>()
    };
    let before = until_now(&feed(&bench, &path).await);
    assert_eq!(before.len(), 1);
    configure(&bench, &ROTA.replace("members: [aiko, ben, chie] }]\n  office", "members: [ben, chie] }]\n  office")).await;
    let after = feed(&bench, &path).await;
    assert_eq!(until_now(&after), before);
    assert_eq!(values(&after, "DTSTART").len(), 1, "and she has no shift any more");
}

#[tokio::test]
async fn a_link_is_secret_listed_without_its_code_and_useless_once_revoked() {
    let bench = bench().await;
    let path = make(&bench, "team/sre", "").await;
    let code = path.trim_start_matches("/calendars/").trim_end_matches(".ics").to_owned();
    assert!(code.len() == 24 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let listed = bench.send(Ask::get("/calendar-links/team/sre").token()).await.expect(200, &["\"made_by\":\"tests\""]);
    assert!(!listed.body.contains(&code), "the code is told once");
    let id = listed.json()["calendar_links"][0]["id"].as_str().unwrap().to_owned();
    feed(&bench, &path).await;
    bench.send(Ask::new("DELETE", &format!("/calendar-links/team/sre/{id}")).token()).await.expect(200, &["revoked"]);
    assert_eq!(bench.send(Ask::get(&path)).await.status, 404);
    bench
        .send(Ask::new("DELETE", &format!("/calendar-links/team/sre/{id}")).token())
        .await
        .expect(404, &["There is no such calendar link"]);
    assert_eq!(bench.read("/calendar-links/team/sre").await["calendar_links"], json!([]));
    for path in ["/calendars/guess.ics", "/calendars/", "/calendars/111111111111111111111111.ics", &path.replace(".ics", "")] {
        assert_eq!(bench.send(Ask::get(path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn links_for_nobody_and_without_a_token_are_refused() {
    let bench = bench().await;
    bench.send(Ask::post("/calendar-links/user/zoe").token()).await.expect(404, &["There is no user zoe"]);
    bench.send(Ask::get("/calendar-links/team/dev").token()).await.expect(404, &["There is no team dev"]);
    bench.send(Ask::post("/calendar-links/service/checkout").token()).await.expect(404, &["Calendar links are at"]);
    bench.send(Ask::post("/calendar-links/user/aiko").token().body(r#"{"language": "fr"}"#)).await.expect(400, &["en or ja"]);
    bench.send(Ask::post("/calendar-links/user/aiko")).await.expect(401, &["A token is needed"]);
    for _ in 0..20 {
        make(&bench, "user/aiko", "").await;
    }
    bench.send(Ask::post("/calendar-links/user/aiko").token()).await.expect(409, &["20 links"]);
}

#[tokio::test]
async fn somebody_without_a_shift_has_a_calendar_with_nothing_in_it() {
    let bench = bench().await;
    let dan = feed(&bench, &make(&bench, "user/dan", "").await).await;
    assert!(dan.body.contains("BEGIN:VTIMEZONE\r\n") && !dan.body.contains("VEVENT"), "{}", dan.body);
}
