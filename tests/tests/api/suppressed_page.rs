//! What was suppressed, on the pages: who sees what, and an incident made of it by whoever may page for the service.

use acceptance::alarm_event;
use hansho_domain::{Actor, IncidentId};
use jiff::SignedDuration;

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench},
    setup::bench,
};

const NONE: [(&str, &str); 0] = [];
/// The day on which tests begin (UTC).
const DAY: &str = "2026-11-20";

/// An alarm that a rule suppresses.
pub async fn suppress(bench: &Bench, name: &str) {
    let answer = bench.machine.invoke("alarm-intake", alarm_event(name).at(bench.now()).build()).await.unwrap().unwrap();
    assert_eq!(answer["results"][0]["result"], "suppressed", "{answer}");
    bench.machine.settle().await.unwrap();
}

/// The addresses of the entries on a page, below the site.
fn entries(page: &str) -> Vec<String> {
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(|href| href.replace("&#x2f;", "/"));
    found.filter(|href| href.starts_with("/app/suppressed/")).collect()
}

async fn open_incidents(bench: &Bench) -> usize {
    bench.store().open_incidents(None).await.unwrap().len()
}

#[tokio::test]
async fn what_was_suppressed_is_listed_by_day_for_those_who_see_its_service() {
    let bench = bench().await;
    suppress(&bench, "checkout-quiet").await;
    bench.later(SignedDuration::from_secs(60));
    suppress(&bench, "database-quiet").await;
    for (who, count) in [("ben", 2), ("stan", 2), ("dora", 2), ("gus", 1)] {
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        let page = browser.get("/app/suppressed").await.expect(200, &["it is &lt;b&gt;only&lt;&#x2f;b&gt; noise", DAY]);
        assert_eq!(entries(&page.body).len(), count, "{who}: {}", page.body);
        assert_eq!(page.body.contains("being moved"), count == 2, "{who}: {}", page.body);
        if count == 2 {
            assert!(page.body.find("being moved").unwrap() < page.body.find("noise").unwrap(), "the newest comes first");
        }
    }
    let ben = Browser::of(&bench, "ben@example.com").await;
    for day in ["2026-11-19", "1999-01-01"] {
        let page = ben.get(&format!("/app/suppressed?day={day}")).await.expect(200, &["Nothing was suppressed", day, "The day after"]);
        assert!(entries(&page.body).is_empty());
    }
    // What is no day, or has not come yet, is today.
    for day in ["nonsense", "2199-01-01", "%3Cscript%3E"] {
        let page = ben.get(&format!("/app/suppressed?day={day}")).await.expect(200, &[DAY]);
        assert!(entries(&page.body).len() == 2 && !page.body.contains("The day after"), "{day}: {}", page.body);
    }
}

#[tokio::test]
async fn one_shows_why_nobody_was_paged_and_what_came_in_and_a_guest_sees_no_other_teams() {
    let bench = bench().await;
    suppress(&bench, "checkout-quiet").await;
    suppress(&bench, "database-quiet").await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let all = entries(&ben.get("/app/suppressed").await.body);
    let gus = Browser::of(&bench, "gus@example.com").await;
    let of_gus = entries(&gus.get("/app/suppressed").await.body);
    for path in &all {
        let page = ben.get(path).await.expect(200, &["Why", "quiet ", "arn:aws:cloudwatch", "What came in", "Kept until"]);
        assert!(!page.body.contains("<b>"), "{}", page.body);
        let status = gus.get(path).await.status;
        assert_eq!(status, if of_gus.contains(path) { 200 } else { 404 }, "{path}");
    }
    let unknown = gus.get(&format!("/app/suppressed/{DAY}/{}", "a".repeat(32))).await.expect(404, &[]);
    let other = all.iter().find(|path| !of_gus.contains(path)).unwrap();
    assert_eq!(gus.get(other).await.body, unknown.body, "a guest learns what there is");
    for path in ["/app/suppressed/nonsense/x", "/app/suppressed/2026-11-20/x", "/app/suppressed/2199-01-01/x/open"] {
        let status = gus.get(path).await.status;
        assert!([303, 404].contains(&status), "{path}: {status}");
    }
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    aiko.get(&all[0]).await.expect(200, &["理由", "受信した内容", "インシデントにする"]);
}

#[tokio::test]
async fn whoever_may_page_makes_an_incident_of_one_once_after_the_page_has_said_whom_it_calls() {
    let bench = bench().await;
    suppress(&bench, "checkout-quiet").await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let path = entries(&ben.get("/app/suppressed").await.body).remove(0);
    let page = ben.get(&path).await.expect(200, &["Make an incident of it", "Calls at once: ", "Page now"]);
    assert!(page.body.contains("佐藤 愛子") || page.body.contains("Ben"), "{}", page.body);
    let (writes, open) = (bench.writes(), format!("{path}/open"));
    ben.get(&open).await.expect_redirect(&path);
    assert_eq!((bench.writes(), open_incidents(&bench).await), (writes, 0), "GET did something");

    let made = ben.post(&open, &NONE).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let to = made.headers["location"].clone();
    let id: IncidentId = to.strip_prefix("/app/incidents/").unwrap().parse().unwrap();
    let incident = bench.incident(id).await;
    assert_eq!(incident.service.as_str(), "checkout");
    let story = format!("{:?}", bench.store().timeline(id).await.unwrap());
    assert!(story.contains(&format!("{:?}", Actor::User("ben".parse().unwrap()))), "{story}");
    // Two taps, and somebody else's, are the same incident.
    ben.post(&open, &NONE).await.expect_redirect(&to);
    let gus = Browser::of(&bench, "gus@example.com").await;
    gus.post(&open, &NONE).await.expect_redirect(&to);
    assert_eq!(open_incidents(&bench).await, 1);
    let after = ben.get(&path).await.expect(200, &[&to.replace('/', "&#x2f;")]);
    assert!(!after.body.contains("Make an incident of it"), "{}", after.body);
}

#[tokio::test]
async fn whoever_only_looks_and_whoever_does_not_see_it_makes_no_incident_and_no_foreign_form_does() {
    let bench = bench().await;
    suppress(&bench, "database-quiet").await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let path = entries(&ben.get("/app/suppressed").await.body).remove(0);
    let open = format!("{path}/open");
    let stan = Browser::of(&bench, "stan@example.com").await;
    assert!(!stan.get(&path).await.expect(200, &[]).body.contains("<form"), "who only looks has a button");
    for (who, status) in [("stan", 403), ("gus", 404)] {
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        assert_eq!(browser.post(&open, &NONE).await.status, status, "{who}");
    }
    let (mark, foreign) = (ben.mark().await, stan.mark().await);
    for (name, asked) in [
        ("no mark", form(&open, &NONE)),
        ("another session's", form(&open, &[("mark", &foreign)])),
        ("another site's", form(&open, &[("mark", &mark)]).header("sec-fetch-site", "cross-site")),
    ] {
        assert_eq!(bench.send(asked.cookie(&ben.cookie)).await.status, 403, "{name}");
    }
    bench.send(Ask::post(&open)).await.expect(303, &[]);
    assert_eq!(open_incidents(&bench).await, 0);
}

#[tokio::test]
async fn a_day_of_many_is_pages_of_sixty_that_are_small_and_read_once_each() {
    let bench = bench().await;
    for _ in 0..130 {
        bench.later(SignedDuration::from_secs(1));
        suppress(&bench, "checkout-quiet").await;
    }
    let ben = Browser::of(&bench, "ben@example.com").await;
    let (mut path, mut seen) = ("/app/suppressed".to_owned(), Vec::new());
    for length in [60, 60, 10] {
        ben.get("/app/more").await;
        let reads = bench.reads();
        ben.get("/app/more").await;
        let frame = bench.reads() - reads;
        let reads = bench.reads();
        let page = ben.get(&path).await.expect(200, &[]);
        assert_eq!(bench.reads() - reads, frame + 1, "a page is one read beyond those of every page");
        assert!(page.body.len() < 45 * 1024, "{} bytes", page.body.len());
        let here = entries(&page.body);
        assert_eq!(here.len(), length);
        seen.extend(here);
        let next = page.body.split("href=\"").map(|rest| rest.split('"').next().unwrap_or_default()).find(|href| href.contains("after="));
        path = next.map(|href| href.replace("&#x2f;", "/").replace("&amp;", "&")).unwrap_or_default();
    }
    assert_eq!(path, "");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 130, "each is on one page");
}
