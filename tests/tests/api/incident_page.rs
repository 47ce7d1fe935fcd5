//! The page of an incident: calling others in, rating it, writing notes, for whoever has signed in and by a link.

use acceptance::incident_of;
use hansho_domain::{IncidentId, PhaseName, Priority, Urgency};
use jiff::SignedDuration;

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench, Reply, user},
};

/// Aiko has the shop's shift, then Ben is called; Gus is a guest of the shop. Dora is of the data team, Stan only looks.
const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, language: ja, time_zone: Asia/Tokyo }
  ben: { name: Ben Carter, email: ben@example.com }
  gus: { name: Gus, email: gus@example.com, role: guest }
  dora: { name: Dora, email: dora@example.com, phone: "+819000000004", notify: { high: [{ after: 0m, by: sms }] } }
  stan: { name: Stan, email: stan@example.com, role: stakeholder }
teams:
  shop: { name: The shop, members: [aiko, ben, gus] }
  data: { name: The data, members: [dora] }
schedules:
  shop: { name: The shop's shift, time_zone: Asia/Tokyo, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko] }] }
  data: { name: The data's shift, time_zone: UTC, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [dora] }] }
  nobody: { name: The empty shift, time_zone: UTC, rotations: [{ name: weekly, start: 2099-01-05T10:00, every: 1 week, members: [stan] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop], wait: 5m }, { notify: [user/ben], wait: 5m }] }
  data: { steps: [{ notify: [schedule/data], wait: 5m }] }
services:
  checkout: { name: Checkout, team: shop, escalation_policy: shop, urgency: high, alarms: ["checkout-*"] }
  batch: { name: Batch, team: shop, escalation_policy: shop, urgency: low, alarms: ["batch-*"] }
  database: { name: Database, team: data, escalation_policy: data, urgency: high, alarms: ["database-*"] }
fallback: [user/ben]
"#;

async fn bench() -> Bench {
    Bench::with(TEAM).await
}

/// A field of a form on a page.
fn field(page: &Reply, name: &str) -> String {
    let value = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {}", page.body));
    value.split('"').next().unwrap().to_owned()
}

/// The fields of the button that does what the page says.
fn confirmed(page: &Reply, to: &str, message: &str) -> Vec<(&'static str, String)> {
    let pairs =
        [("to", to.to_owned()), ("message", message.to_owned()), ("seen", field(page, "seen")), ("version", field(page, "version"))];
    pairs.into()
}

fn fields<'a>(pairs: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    pairs.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// Texts that were sent to a number.
fn texts(bench: &Bench, number: &str) -> usize {
    bench.machine.outbox().since(0).into_iter().filter(|sent| sent.to == number).count()
}

#[tokio::test]
async fn reassigning_says_first_who_is_woken_then_does_that_and_twice_is_once() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    ben.get(&page).await.expect(200, &["Reassign", "Ask for help", "Write a note"]);
    ben.get(&format!("{page}/reassign"))
        .await
        .expect(200, &["user&#x2f;dora", "schedule&#x2f;data", "team&#x2f;data", "policy&#x2f;data", "The data&#x27;s shift"]);
    let writes = bench.writes();
    let asked = ben.get(&format!("{page}/reassign?to=user/dora")).await;
    let asked =
        asked.expect(200, &["If you do this now:", "Calls at once: Dora (SMS)", "No longer called: 佐藤 愛子", "Ben Carter [you] (mail)"]);
    assert_eq!(bench.writes(), writes, "asking changes nothing");
    let pairs = confirmed(&asked, "user/dora", "");
    ben.post(&format!("{page}/reassign"), &fields(&pairs)).await.expect_redirect(&page);
    bench.machine.settle().await.unwrap();
    let called = |incident: &hansho_domain::Incident| incident.wave.as_ref().map(|wave| wave.users.clone());
    let after = bench.incident(id).await;
    assert_eq!(called(&after), Some(vec![user("dora")]));
    assert_eq!(texts(&bench, "+819000000004"), 1);
    ben.post(&format!("{page}/reassign"), &fields(&pairs)).await.expect_redirect(&page);
    assert_eq!(called(&bench.incident(id).await), Some(vec![user("dora")]));
    assert_eq!(texts(&bench, "+819000000004"), 1, "a second tap wakes nobody");
    ben.get(&page).await.expect(200, &["Dora"]);
}

#[tokio::test]
async fn what_changed_meanwhile_is_shown_anew_before_anything_is_done() {
    let bench = bench().await;
    let (ben, aiko) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "aiko@example.com").await);
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    let asked = ben.get(&format!("{page}/reassign?to=user/dora")).await;
    aiko.act(id, "acknowledge").await.expect_redirect(&page);
    let before = bench.incident(id).await;
    let pairs = confirmed(&asked, "user/dora", "");
    let refused = ben.post(&format!("{page}/reassign"), &fields(&pairs)).await;
    let refused = refused.expect(409, &["Nothing was done", "It is taken from 佐藤 愛子.", "Calls at once: Dora (SMS)"]);
    assert_eq!(bench.incident(id).await, before);
    let pairs = confirmed(&refused, "user/dora", "");
    ben.post(&format!("{page}/reassign"), &fields(&pairs)).await.expect_redirect(&page);
    assert_eq!(bench.incident(id).await.phase.name(), PhaseName::Triggered);
}

#[tokio::test]
async fn an_incident_goes_to_a_team_or_to_another_policy() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    let asked = ben.get(&format!("{page}/reassign?to=policy/data")).await.expect(200, &["Calls at once: Dora (SMS)"]);
    ben.post(&format!("{page}/reassign"), &fields(&confirmed(&asked, "policy/data", ""))).await.expect_redirect(&page);
    assert_eq!(bench.incident(id).await.policy.id.as_str(), "data");
    let asked = ben.get(&format!("{page}/reassign?to=team/shop")).await.expect(200, &["佐藤 愛子", "Ben Carter [you]", "Gus"]);
    ben.post(&format!("{page}/reassign"), &fields(&confirmed(&asked, "team/shop", ""))).await.expect_redirect(&page);
    assert_eq!(bench.incident(id).await.wave.unwrap().users.len(), 3);
    ben.get(&format!("{page}/reassign?to=schedule/nobody")).await.expect(200, &["Nobody would be called"]);
    for nobody in ["user/nobody-here", "policy/nope", "webhook/ops"] {
        ben.get(&format!("{page}/reassign?to={nobody}")).await.expect(403, &[]);
    }
    ben.get(&format!("{page}/reassign?to=%3Cscript%3E")).await.expect(400, &[]);
}

#[tokio::test]
async fn help_is_asked_of_one_more_and_whoever_has_it_keeps_it() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    aiko.act(id, "acknowledge").await.expect_redirect(&page);
    let path = format!("{page}/request-responders");
    let asked = aiko.get(&format!("{path}?to=team/data&message=the+database+is+slow")).await;
    let asked = asked.expect(200, &["すぐに呼び出します: Dora (SMS)", "今の担当は変わりません", "the database is slow"]);
    let pairs = confirmed(&asked, "team/data", "the database is slow");
    for _ in 0..2 {
        aiko.post(&path, &fields(&pairs)).await.expect_redirect(&page);
    }
    bench.machine.settle().await.unwrap();
    let incident = bench.incident(id).await;
    assert!(incident.is_asked(&user("dora")) && incident.requests.len() == 1, "{:?}", incident.requests);
    assert_eq!(incident.phase.holders().collect::<Vec<_>>(), [&user("aiko")]);
    assert_eq!(texts(&bench, "+819000000004"), 1);
    aiko.get(&format!("{path}?to=user/dora")).await.expect(200, &["誰にも頼めません"]);
    aiko.get(&format!("{path}?to=policy/data")).await.expect(400, &[]);
    let dora = Browser::of(&bench, "dora@example.com").await;
    dora.get(&page).await.expect(200, &["the database is slow", "I can help"]);
    dora.act(id, "accept").await.expect_redirect(&page);
    assert_eq!(bench.incident(id).await.responders, [user("dora")]);
}

#[tokio::test]
async fn a_priority_is_raised_by_one_and_never_lowered_by_whoever_looked_before() {
    let bench = bench().await;
    let (ben, aiko) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "aiko@example.com").await);
    let asked = [("service", "checkout"), ("title", "It is slow"), ("severity", "info"), ("request", "0123456789abcdef0123456789abcdef")];
    let page = ben.post("/app/open", &asked).await.headers["location"].clone();
    let id: IncidentId = page.rsplit('/').next().unwrap().parse().unwrap();
    bench.machine.settle().await.unwrap();
    let before = bench.incident(id).await;
    ben.get(&page).await.expect(200, &["Raise the priority: SEV3", "Nobody is called by that."]);
    ben.act(id, "raise-to-sev3").await.expect_redirect(&page);
    let raised = bench.incident(id).await;
    assert_eq!((raised.priority, raised.wave), (Some(Priority::Sev3), before.wave));
    aiko.get(&page).await.expect(200, &["優先度を1段上げる (SEV2)"]);
    aiko.act(id, "raise-to-sev2").await.expect_redirect(&page);
    let stale = ben.post(&format!("{page}/raise-to-sev3"), &[("nonce", "0123456789abcdef")]).await;
    stale.expect_redirect(&page);
    assert_eq!(bench.incident(id).await.priority, Some(Priority::Sev2), "an old page lowers nothing");
    ben.act(id, "raise-to-sev1").await.expect_redirect(&page);
    assert!(!ben.get(&page).await.body.contains("raise-to"), "there is nothing above SEV1");
}

#[tokio::test]
async fn what_woke_nobody_is_made_urgent_and_says_first_whom_that_wakes() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let id = bench.alarm("batch-nightly").await;
    assert_eq!(bench.incident(id).await.urgency, Urgency::Low);
    ben.get(&format!("/app/incidents/{id}")).await.expect(200, &["It is urgent from now on. Calls at once: 佐藤 愛子 (mail)"]);
    ben.act(id, "make-urgent").await.expect(303, &[]);
    assert_eq!(bench.incident(id).await.urgency, Urgency::High);
    assert!(!ben.get(&format!("/app/incidents/{id}")).await.body.contains("make-urgent"));
}

#[tokio::test]
async fn a_note_is_markdown_kept_once_and_never_lost() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    let version = field(&ben.get(&format!("{page}/notes")).await.expect(200, &["Markdown"]), "version");
    let note = "rolled **back** to `41`\r\n\r\n- [graph](https://graphs.example.com/a)\r\n- <script>alert(1)</script>";
    for _ in 0..2 {
        ben.post(&format!("{page}/notes"), &[("text", note), ("version", &version)]).await.expect_redirect(&format!("{page}#timeline"));
    }
    let shown = ben.get(&page).await;
    let shown = shown.expect(
        200,
        &[
            "Note of Ben Carter:",
            "rolled <strong>back</strong> to <code>41</code>",
            "<a href=\"https://graphs.example.com/a\" rel=\"noopener noreferrer nofollow\">graph</a>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ],
    );
    assert_eq!(shown.body.matches("Note of Ben Carter").count(), 1, "two taps are one note");
    let long = "鐘".repeat(4001);
    ben.post(&format!("{page}/notes"), &[("text", &long), ("version", &version)])
        .await
        .expect(422, &["between 1 and 4000 characters", &long]);
    ben.post(&format!("{page}/notes"), &[("text", " \n"), ("version", &version)]).await.expect(422, &[]);
    ben.act(id, "resolve").await.expect(303, &[]);
    let version = field(&ben.get(&format!("{page}/notes")).await, "version");
    ben.post(&format!("{page}/notes"), &[("text", "it was the disk"), ("version", &version)]).await.expect(303, &[]);
    ben.get(&page).await.expect(200, &["it was the disk"]);
}

#[tokio::test]
async fn a_storm_is_taken_with_one_tap_after_the_page_has_named_it() {
    let bench = bench().await;
    let (mine, also) = (bench.alarm("checkout-5xx").await, bench.alarm("checkout-latency").await);
    let other = bench.alarm("database-slow").await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    gus.get("/app?show=teams").await.expect(200, &["/app/bundle?show=teams", "Acknowledge all (2)"]);
    let writes = bench.writes();
    let page = gus.get("/app/bundle?show=teams").await.expect(200, &["checkout-5xx", "checkout-latency", "Acknowledge all (2)"]);
    assert!(bench.writes() == writes && !page.body.contains("database-slow"), "{}", page.body);
    let later = bench.alarm("checkout-queue").await;
    let (ids, nonce) = (field(&page, "ids"), field(&page, "nonce"));
    let with_other = format!("{ids},{other}");
    gus.post("/app/bundle", &[("ids", &with_other), ("nonce", &nonce), ("show", "teams")]).await.expect(404, &[]);
    for id in [mine, also] {
        assert_eq!(bench.incident(id).await.phase.holders().collect::<Vec<_>>(), [&user("gus")], "what one lacks does not keep the others");
    }
    let versions = (bench.incident(mine).await.version, bench.incident(also).await.version);
    gus.post("/app/bundle", &[("ids", &ids), ("nonce", &nonce), ("show", "//evil.example")]).await.expect_redirect("/app?show=all");
    assert_eq!((bench.incident(mine).await.version, bench.incident(also).await.version), versions, "twice is once");
    for id in [other, later] {
        assert_eq!(
            bench.incident(id).await.phase.name(),
            PhaseName::Triggered,
            "nothing is taken that the page did not name, or that is not theirs"
        );
    }
    let stan = Browser::of(&bench, "stan@example.com").await;
    assert!(!stan.get("/app/bundle?show=all").await.expect(200, &[]).body.contains("form class"), "who only looks takes nothing");
    let ids = later.to_string();
    stan.post("/app/bundle", &[("ids", &ids), ("nonce", &nonce)]).await.expect(403, &[]);
    gus.post("/app/bundle", &[("ids", "x"), ("nonce", &nonce)]).await.expect(400, &[]);
    gus.post("/app/bundle", &[("ids", &ids), ("nonce", "x")]).await.expect(400, &[]);
    bench.send(form("/app/bundle", &[("ids", &ids), ("nonce", &nonce)]).cookie(&gus.cookie)).await.expect(403, &[]);
    bench.send(form("/app/bundle", &[("ids", &ids), ("nonce", &nonce)])).await.expect_redirect("/sign-in?to=%2Fapp%2Fbundle");
    assert_eq!(bench.incident(later).await.phase.name(), PhaseName::Triggered);
}

#[tokio::test]
async fn alerts_are_shown_with_the_rules_that_made_them_and_payloads_only_behind_a_sign_in() {
    let rules = r#"
routes:
  - { name: quiet, if: 'title == "never"', then: { severity: info } }
  - { name: louder, if: 'title.contains("5xx")', then: { priority: SEV2, labels: { team: "<b>shop</b>" } } }
"#;
    let bench = Bench::with(&format!("{TEAM}{rules}")).await;
    let (ben, aiko) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "aiko@example.com").await);
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    ben.get(&page).await.expect(200, &["Alerts, and what rules made of them"]);
    let alerts = ben.get(&format!("{page}/alerts")).await;
    alerts.expect(
        200,
        &[
            "Dedup key",
            "Something is wrong",
            "<bdi>louder</bdi>",
            "priority: SEV2",
            "&lt;b&gt;shop",
            "1 rule was asked that is for other alerts.",
            "What came in",
        ],
    );
    aiko.get(&page).await.expect(200, &["ルールlouder: 優先度 SEV2"]);
    let linked = bench.send(Ask::get(&format!("/i/{}/alerts", bench.link("aiko", id).await))).await;
    let linked = linked.expect(200, &["重複排除キー", "優先度: SEV2", "ほかのルール1件は"]);
    assert!(!linked.body.contains("受信した内容"), "{}", linked.body);
    let gus = Browser::of(&bench, "gus@example.com").await;
    let data = bench.alarm("database-slow").await;
    gus.get(&format!("/app/incidents/{data}/alerts")).await.expect(404, &[]);
    gus.get(&format!("{page}/alerts?after=x")).await.expect(400, &[]);
    let stan = Browser::of(&bench, "stan@example.com").await;
    stan.get(&format!("{page}/alerts")).await.expect(200, &["louder"]);
}

/// Everything that can be asked, of an incident of the shop and of one of the data team.
#[tokio::test]
async fn the_wrong_role_and_the_wrong_team_do_nothing() {
    let bench = bench().await;
    let (shop, data) = (bench.alarm("checkout-5xx").await, bench.alarm("database-slow").await);
    let (stan, gus) = (Browser::of(&bench, "stan@example.com").await, Browser::of(&bench, "gus@example.com").await);
    let before = (bench.incident(shop).await, bench.incident(data).await);
    let looked = stan.get(&format!("/app/incidents/{shop}")).await.expect(200, &[]);
    for what in ["/reassign", "/request-responders", "/notes", "raise-to", "make-urgent"] {
        assert!(!looked.body.contains(what), "who only looks is offered {what}");
    }
    let asked = [("to", "user/ben"), ("seen", "0123456789abcdef"), ("version", "1"), ("text", "x")];
    for (browser, id, status) in [(&stan, shop, 403), (&stan, data, 403), (&gus, data, 404)] {
        for what in ["reassign", "request-responders", "notes"] {
            let path = format!("/app/incidents/{id}/{what}");
            assert_eq!(browser.get(&path).await.status, status, "{what}");
            assert_eq!(browser.post(&path, &asked).await.status, status, "{what}");
        }
        for what in ["raise-to-sev1", "make-urgent"] {
            assert_eq!(browser.act(id, what).await.status, status, "{what}");
        }
    }
    let page = format!("/app/incidents/{shop}");
    let offered = gus.get(&format!("{page}/reassign")).await.expect(200, &["user&#x2f;ben", "team&#x2f;shop", "schedule&#x2f;shop"]);
    for hidden in ["Dora", "Stan", "The data", "policy&#x2f;"] {
        assert!(!offered.body.contains(hidden), "a guest is offered {hidden}");
    }
    for hidden in ["user/dora", "team/data", "schedule/data", "policy/data"] {
        gus.get(&format!("{page}/reassign?to={hidden}")).await.expect(403, &[]);
        let fields = [("to", hidden), ("seen", "0123456789abcdef"), ("version", "1")];
        gus.post(&format!("{page}/reassign"), &fields).await.expect(403, &[]);
    }
    assert_eq!((bench.incident(shop).await, bench.incident(data).await), before);
}

#[tokio::test]
async fn a_form_of_another_site_or_of_no_session_calls_nobody() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let id = bench.alarm("checkout-5xx").await;
    let page = format!("/app/incidents/{id}");
    let asked = ben.get(&format!("{page}/reassign?to=user/dora")).await;
    let mut pairs = confirmed(&asked, "user/dora", "");
    pairs.push(("text", "x".to_owned()));
    let before = bench.incident(id).await;
    for what in ["reassign", "request-responders", "notes"] {
        let path = format!("{page}/{what}");
        bench.send(form(&path, &fields(&pairs)).cookie(&ben.cookie)).await.expect(403, &[]);
        let signed_out = bench.send(form(&path, &fields(&pairs))).await;
        assert!(signed_out.status == 303 && signed_out.headers["location"].starts_with("/sign-in"), "{what}: {}", signed_out.status);
        let code = bench.link("ben", id).await;
        let foreign = form(&format!("/i/{code}/{what}"), &fields(&pairs)).header("sec-fetch-site", "cross-site");
        bench.send(foreign).await.expect(403, &[]);
    }
    ben.post(&format!("{page}/reassign"), &[("to", "user/dora"), ("seen", "x"), ("version", "1")]).await.expect(400, &[]);
    ben.post(&format!("{page}/reassign"), &[("to", "user/dora"), ("seen", "0123456789abcdef"), ("version", "x")]).await.expect(400, &[]);
    assert_eq!(bench.incident(id).await, before);
}

#[tokio::test]
async fn a_link_calls_others_in_for_its_person_and_its_incident_and_not_after_its_end() {
    let bench = bench().await;
    let (id, other) = (bench.alarm("checkout-5xx").await, bench.alarm("database-slow").await);
    let path = format!("/i/{}", bench.link("aiko", id).await);
    bench.send(Ask::get(&path)).await.expect(200, &["担当を変える", "応援を頼む", "メモを書く"]);
    let asked = bench.send(Ask::get(&format!("{path}/request-responders?to=user/dora"))).await.expect(200, &["Dora (SMS)"]);
    assert!(!asked.body.contains("name=\"mark\"") && !asked.body.contains("<nav"), "{}", asked.body);
    let pairs = confirmed(&asked, "user/dora", "");
    for _ in 0..2 {
        bench.send(form(&format!("{path}/request-responders"), &fields(&pairs))).await.expect_redirect(&path);
    }
    assert!(bench.incident(id).await.is_asked(&user("dora")));
    let version = field(&bench.send(Ask::get(&format!("{path}/notes"))).await, "version");
    let note = [("text", "I look at it"), ("version", version.as_str())];
    bench.send(form(&format!("{path}/notes"), &note)).await.expect_redirect(&format!("{path}#timeline"));
    bench.send(Ask::get(&path)).await.expect(200, &["佐藤 愛子のメモ:", "I look at it"]);
    let bundle = format!("/b/{}", bench.bundle("aiko", &[id]).await);
    bench.send(Ask::get(&format!("{bundle}/{id}/reassign?to=user/ben"))).await.expect(200, &["Ben Carter (メール)"]);
    for hidden in [format!("{bundle}/{other}/reassign"), format!("{bundle}/reassign"), "/i/7K3Q7K3Q7K3Q/notes".to_owned()] {
        bench.send(Ask::get(&hidden)).await.expect(404, &[]);
    }
    assert!(!bench.incident(other).await.is_asked(&user("dora")));
    let page = bench.send(Ask::get(&path)).await;
    bench.send(Ask::post(&format!("{path}/resolve")).form(&page.nonce("resolve"))).await.expect(303, &[]);
    bench.later(SignedDuration::from_hours(24 * 40));
    for what in ["reassign", "request-responders", "notes"] {
        bench.send(Ask::get(&format!("{path}/{what}"))).await.expect(410, &[]);
        bench.send(form(&format!("{path}/{what}"), &[("text", "x"), ("version", "1")])).await.expect(410, &[]);
    }
}

#[tokio::test]
async fn hostile_strings_stay_text_on_every_page_of_an_incident() {
    const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onload=x {{ t }}";
    let team = TEAM.replace("name: Dora,", &format!("name: {HOSTILE:?},")).replace("name: The data,", &format!("name: {HOSTILE:?},"));
    let bench = Bench::with(&team.replace("name: Checkout,", &format!("name: {HOSTILE:?},"))).await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let event = acceptance::alarm_event(&format!("checkout-{HOSTILE}")).at(bench.now()).build();
    let id: IncidentId = incident_of(&bench.machine.invoke("alarm-intake", event).await.unwrap().unwrap());
    let page = format!("/app/incidents/{id}");
    let version = field(&ben.get(&format!("{page}/notes")).await, "version");
    ben.post(&format!("{page}/notes"), &[("text", HOSTILE), ("version", &version)]).await.expect(303, &[]);
    let message: String = form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    let asked = ben.get(&format!("{page}/request-responders?to=team/data&message={message}")).await;
    let pairs = confirmed(&asked, "team/data", HOSTILE);
    ben.post(&format!("{page}/request-responders"), &fields(&pairs)).await.expect_redirect(&page);
    let path = format!("/i/{}", bench.link("ben", id).await);
    let mut paths = vec!["/app?show=all".to_owned(), format!("{page}/reassign?find={message}"), format!("{page}/reassign?to={message}")];
    for place in [&page, &path] {
        paths.extend(
            ["", "/reassign", "/notes", "/alerts", "/reassign?to=user/dora", "/request-responders?to=user/dora"]
                .map(|what| format!("{place}{what}")),
        );
        paths.push(format!("{place}/request-responders?to=user/aiko&message={message}"));
    }
    for path in paths {
        let shown = ben.get(&path).await;
        assert!(!shown.body.contains("<script>alert") && !shown.body.contains("<img"), "{path}: {}", shown.body);
        // In a text a quotation mark is one; within a tag it would end the value of an attribute.
        let mut tags = shown.body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        assert!(tags.all(|tag| !tag.contains("\"' onload")), "{path}: {}", shown.body);
        assert!(shown.headers["content-security-policy"].contains("default-src 'none'"), "{path}");
    }
}
