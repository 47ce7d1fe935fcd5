//! Maintenance on the pages: who begins and ends it, what it does, and that looking does nothing.

use hansho_domain::{Actor, PhaseName};
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench},
    setup::bench,
};

const NONE: [(&str, &str); 0] = [];
const BEGIN: &str = "/app/maintenance/begin";

/// The fields of the form that begins half an hour of maintenance.
fn fields<'a>(service: &'a str, request: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("service", service), ("minutes", "30"), ("reason", "the <b>disks</b>"), ("request", request)]
}

/// The ids of live windows that are not over.
async fn windows(bench: &Bench) -> Vec<String> {
    let all = bench.store().maintenance_over_after(bench.now()).await.unwrap();
    all.into_iter().filter(|live| live.ended.is_none()).map(|live| live.window.id().to_string()).collect()
}

const REQUEST: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn maintenance_holds_what_comes_in_and_its_end_pages_for_what_is_not_over() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let (writes, path) = (bench.writes(), format!("{BEGIN}?service=checkout&minutes=30&reason=the+%3Cb%3Edisks"));
    ben.get("/app/maintenance").await.expect(200, &["The &lt;s&gt;upgrade", "Begin maintenance"]);
    let asked = ben.get(&path).await.expect(200, &["nobody is paged for Checkout", "the &lt;b&gt;disks", "Begin it now"]);
    assert!(!asked.body.contains("<b>"), "{}", asked.body);
    assert_eq!((bench.writes(), windows(&bench).await.len()), (writes, 0), "looking began something");
    ben.post(BEGIN, &fields("checkout", REQUEST)).await.expect_redirect("/app/maintenance?done=begun");
    ben.post(BEGIN, &fields("checkout", REQUEST)).await.expect_redirect("/app/maintenance?done=begun");
    let there = windows(&bench).await;
    assert_eq!(there.len(), 1, "two taps are one");
    bench.later(SignedDuration::from_secs(5));
    let id = bench.alarm("checkout-5xx").await;
    assert_eq!(bench.incident(id).await.phase.name(), PhaseName::Held);
    ben.get("/app/maintenance?done=begun").await.expect(200, &["It has begun.", "the &lt;b&gt;disks", "Checkout", "End it now"]);
    ben.get("/app/services/checkout").await.expect(200, &["the &lt;b&gt;disks"]);
    let end = format!("/app/maintenance/{}/end", there[0]);
    ben.get(&end).await.expect_redirect("/app/maintenance");
    assert_eq!(windows(&bench).await.len(), 1, "GET ended it");
    ben.post(&end, &NONE).await.expect_redirect("/app/maintenance?done=ended");
    assert_eq!(bench.incident(id).await.phase.name(), PhaseName::Triggered);
    let story = format!("{:?}", bench.store().timeline(id).await.unwrap());
    assert!(story.contains(&format!("{:?}", Actor::User("ben".parse().unwrap()))), "{story}");
    ben.post(&end, &NONE).await.expect_redirect("/app/maintenance?done=not-open");
}

#[tokio::test]
async fn only_a_teams_own_responders_managers_and_admins_begin_and_end_it() {
    let bench = bench().await;
    for (number, (who, service, status)) in [
        ("ben", "checkout", 303),
        ("mona", "checkout", 303),
        ("ada", "database", 303),
        ("dora", "database", 303),
        ("ben", "database", 403),
        ("mona", "database", 403),
        ("gus", "checkout", 403),
        ("stan", "checkout", 403),
        ("ben", "nothing-here", 403),
    ]
    .into_iter()
    .enumerate()
    {
        // A mailbox gets three links that sign in within 20 minutes.
        bench.later(SignedDuration::from_mins(21));
        let before = windows(&bench).await;
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        let request = format!("{number:032x}");
        assert_eq!(browser.post(BEGIN, &fields(service, &request)).await.status, status, "{who} begins {service}");
        let after = windows(&bench).await;
        assert_eq!(after.len() - before.len(), usize::from(status == 303), "{who} begins {service}");
        if let Some(made) = after.iter().find(|id| !before.contains(id)) {
            browser.post(&format!("/app/maintenance/{made}/end"), &NONE).await.expect_redirect("/app/maintenance?done=ended");
        }
    }
    // Somebody else's, and one that is about all services.
    bench
        .send(Ask::post("/maintenance").token().json(&json!({ "services": ["database"], "minutes": 300, "reason": "x" })))
        .await
        .expect(201, &[]);
    bench
        .send(Ask::post("/maintenance").token().json(&json!({ "all_services": true, "minutes": 300, "reason": "y" })))
        .await
        .expect(201, &[]);
    let there = windows(&bench).await;
    bench.later(SignedDuration::from_mins(21));
    for (who, ended) in [("ben", 0), ("gus", 0), ("dora", 1), ("ada", 1)] {
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        let before = windows(&bench).await.len();
        for id in &there {
            let status = browser.post(&format!("/app/maintenance/{id}/end"), &NONE).await.status;
            assert!([303, 403].contains(&status), "{who}: {status}");
        }
        assert_eq!(before - windows(&bench).await.len(), ended, "{who}");
    }
    assert!(windows(&bench).await.is_empty());
}

#[tokio::test]
async fn forms_that_are_foreign_or_make_no_sense_begin_nothing() {
    let bench = bench().await;
    let (ben, stan) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "stan@example.com").await);
    let (mark, foreign) = (ben.mark().await, stan.mark().await);
    for (name, extra, site) in
        [("no mark", None, None), ("another session's", Some(&foreign), None), ("another site's", Some(&mark), Some("cross-site"))]
    {
        let mut all = fields("checkout", REQUEST);
        all.extend(extra.map(|mark| ("mark", mark.as_str())));
        let asked = form(BEGIN, &all).cookie(&ben.cookie);
        let asked = site.map_or(asked.clone(), |site| asked.header("sec-fetch-site", site));
        assert_eq!(bench.send(asked).await.status, 403, "{name}");
    }
    let long = "x".repeat(201);
    for (field, value) in
        [("minutes", "31"), ("minutes", "-30"), ("minutes", ""), ("reason", long.as_str()), ("request", "x"), ("request", "")]
    {
        let mut all = fields("checkout", REQUEST);
        all.retain(|(name, _)| *name != field);
        all.push((field, value));
        assert_eq!(ben.post(BEGIN, &all).await.status, 400, "{field} {value}");
    }
    for query in ["?service=checkout", "?service=%3Cscript%3E&minutes=30", "?minutes=99&service=checkout", ""] {
        let page = ben.get(&format!("{BEGIN}{query}")).await.expect(200, &["What is it about?"]);
        assert!(!page.body.contains("<script>"), "{}", page.body);
    }
    stan.get(BEGIN).await.expect(403, &[]);
    assert!(windows(&bench).await.is_empty());
}
