//! What a newcomer has yet to do: a test page, the shift, the numbers, and calendars.

use std::sync::Arc;

use hansho_api::{Api, Sender};
use hansho_domain::{About, IncidentId, Method, PhaseName};
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench, user},
};

/// Aiko is called at night by text, Ben by mail first; Gus has a mail address alone. Ben covers for Aiko at all times.
const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }], quiet: [{ from: "00:00", to: "12:00", urgency: high, cover: user/ben }, { from: "12:00", to: "00:00", urgency: high, cover: user/ben }] } }
  ben: { name: Ben Carter, email: ben@example.com, phone: "+447700900101", notify: { high: [{ after: 0m, by: email }, { after: 10m, by: sms }] } }
  gus: { name: Gus, email: gus@example.com, role: guest }
  ada: { name: Ada, email: ada@example.com, role: admin }
teams:
  shop: { name: The shop, members: [aiko, ben, gus] }
schedules:
  shop: { name: The shop, time_zone: Asia/Tokyo, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop], wait: 5m }] }
services:
  checkout: { name: Checkout, escalation_policy: shop, alarms: ["checkout-*"] }
  catch-all: { name: Rest, escalation_policy: shop }
fallback: [user/ada]
"#;

const AIKO: &str = "+819000000001";
const NONE: [(&str, &str); 0] = [];

async fn bench() -> Bench {
    Bench::with(TEAM).await
}

/// The value of the first field of that name on a page.
fn field(page: &str, name: &str) -> String {
    let begin = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    page[begin..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The item of the checklist with its state.
fn item<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = page.find(&format!("<li id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}"));
    page[begin..].split("</li>").next().unwrap()
}

#[track_caller]
fn expect_item(page: &str, id: &str, state: &str, parts: &[&str]) {
    let item = item(page, id);
    assert!(item.contains(&format!("class=\"{state}\"")), "{id} is not {state}: {item}");
    for part in parts {
        assert!(item.contains(part), "{part} is missing in {item}");
    }
}

/// Asks for a test page as the button does.
async fn ask(browser: &Browser<'_>) {
    let page = browser.get("/app/me/checklist").await.expect(200, &[]);
    let request = field(&page.body, "request");
    browser.post("/app/me/test-page", &[("request", &request)]).await.expect_redirect("/app/me/checklist?sent=test-page");
}

/// The address of the newest page to somebody, and its incident.
async fn paged(bench: &Bench, address: &str, name: &str) -> (String, IncidentId) {
    bench.machine.settle().await.unwrap();
    let sent = bench.machine.outbox().since(0).into_iter().rev().find(|sent| sent.to == address && sent.text.contains("/i/"));
    let text = sent.unwrap_or_else(|| panic!("no page to {address}")).text;
    let path = text[text.find("/i/").unwrap()..].split(|c: char| !c.is_ascii_alphanumeric() && c != '/').next().unwrap().to_owned();
    (path, bench.store().test_page(&user(name)).await.unwrap().unwrap().incident)
}

fn pages(bench: &Bench) -> Vec<(String, String)> {
    let sent = bench.machine.outbox().since(0).into_iter().filter(|sent| sent.text.contains("/i/"));
    sent.map(|sent| (sent.channel, sent.to)).collect()
}

#[tokio::test]
async fn a_test_page_calls_whoever_asks_and_nobody_else_and_its_link_is_the_answer() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let page = aiko.get("/app/me/checklist").await.expect(200, &["あと4件です。"]);
    expect_item(&page.body, "contact", "to_do", &["SMSが届くかどうか未確認です。"]);
    expect_item(&page.body, "test-page", "to_do", &["まだ送っていません。", "あなただけを呼び出します。"]);
    ask(&aiko).await;
    let (path, incident) = paged(&bench, AIKO, "aiko").await;
    assert_eq!(pages(&bench), [("sms".to_owned(), AIKO.to_owned())], "nobody covers, nobody else is called");
    let page = aiko.get("/app/me/checklist?sent=test-page").await.expect(200, &[]);
    expect_item(&page.body, "test-page", "to_do", &["リンクからの応答がありません。", "送りました。"]);
    let writes = bench.writes();
    bench.send(Ask::get(&path)).await.expect(200, &["テストの呼び出しです。障害ではありません。"]);
    assert_eq!(bench.writes(), writes, "a scanner that opens the link answers nothing");
    expect_item(&aiko.get("/app/me/checklist").await.body, "test-page", "to_do", &[]);
    let nonce = bench.send(Ask::get(&path)).await.nonce("acknowledge");
    bench.send(Ask::post(&format!("{path}/acknowledge")).form(&nonce)).await.expect_redirect(&path);
    assert_eq!(bench.incident(incident).await.phase.name(), PhaseName::Acknowledged);
    let page = aiko.get("/app/me/checklist").await.expect(200, &["あと2件です。"]);
    expect_item(&page.body, "test-page", "done", &["SMSで応答しました。"]);
    expect_item(&page.body, "contact", "done", &["SMSは届きます"]);
    // It is over by itself, and calls nobody meanwhile.
    for _ in 0..40 {
        bench.later(SignedDuration::from_mins(1));
        bench.machine.settle().await.unwrap();
    }
    assert_eq!((bench.incident(incident).await.phase.name(), pages(&bench).len()), (PhaseName::Resolved, 1));
    expect_item(&aiko.get("/app/me/checklist").await.body, "test-page", "done", &[]);
}

#[tokio::test]
async fn a_test_page_is_on_no_list_in_no_allowance_and_closes_no_gate() {
    let bench = bench().await;
    let (ada, ben) = (Browser::of(&bench, "ada@example.com").await, Browser::of(&bench, "ben@example.com").await);
    ask(&ben).await;
    let (test, incident) = paged(&bench, "ben@example.com", "ben").await;
    assert_eq!(bench.read("/incidents?status=all").await["incidents"], json!([]));
    let home = ada.get("/app?show=all").await.expect(200, &[]);
    assert!(!home.body.contains(&incident.to_string()), "{}", home.body);
    // What is real comes at once, by the same way and in a message of its own: the test has closed no gate.
    bench.alarm("checkout-5xx").await;
    assert_eq!(pages(&bench).len(), 2, "{:?}", pages(&bench));
    let (real, _) = paged(&bench, "ben@example.com", "ben").await;
    assert_ne!(real, test);
    for path in [&test, &real] {
        bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect_redirect(path);
    }
    bench.later(SignedDuration::from_hours(2));
    let report = bench.read("/oncall/report?month=2026-11").await;
    let line = report["people"].as_array().unwrap().iter().find(|line| line["user"] == "ben").unwrap();
    assert_eq!(line["pages_answered"], 1, "nobody is paid for a test: {report}");
}

#[tokio::test]
async fn two_taps_are_one_test_page_and_there_are_not_many() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let request = field(&aiko.get("/app/me/checklist").await.body, "request");
    for _ in 0..2 {
        aiko.post("/app/me/test-page", &[("request", &request)]).await.expect_redirect("/app/me/checklist?sent=test-page");
    }
    let other = [("request", "another")];
    aiko.post("/app/me/test-page", &other).await.expect(429, &["such a message a moment ago"]);
    bench.machine.settle().await.unwrap();
    assert_eq!(pages(&bench).len(), 1);
    for number in 0..9 {
        bench.later(SignedDuration::from_secs(61));
        aiko.post("/app/me/test-page", &[("request", &format!("r{number}"))]).await.expect_redirect("/app/me/checklist?sent=test-page");
    }
    bench.later(SignedDuration::from_secs(61));
    aiko.post("/app/me/test-page", &[("request", "r10")]).await.expect(429, &[]);
    let mark = aiko.mark().await;
    for asked in [form("/app/me/test-page", &NONE), form("/app/me/test-page", &[("mark", &mark)]).header("sec-fetch-site", "cross-site")] {
        bench.send(asked.cookie(&aiko.cookie)).await.expect(403, &[]);
    }
}

#[tokio::test]
async fn a_test_page_of_before_answers_none_of_now_and_of_somebody_else_none_of_mine() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    ask(&aiko).await;
    let (first, _) = paged(&bench, AIKO, "aiko").await;
    bench.later(SignedDuration::from_secs(61));
    ask(&aiko).await;
    let (second, _) = paged(&bench, AIKO, "aiko").await;
    assert_ne!(first, second);
    bench.send(Ask::post(&format!("{first}/acknowledge"))).await.expect_redirect(&first);
    expect_item(&aiko.get("/app/me/checklist").await.body, "test-page", "to_do", &[]);
    bench.send(Ask::post(&format!("{second}/acknowledge"))).await.expect_redirect(&second);
    expect_item(&aiko.get("/app/me/checklist").await.body, "test-page", "done", &[]);
    expect_item(&ben.get("/app/me/checklist").await.body, "test-page", "to_do", &["None was sent yet."]);
}

#[tokio::test]
async fn a_test_page_that_was_answered_by_mail_says_that_a_mail_wakes_nobody() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let page = ben.get("/app/me/checklist").await.expect(200, &[]);
    expect_item(&page.body, "rules", "to_do", &["wakes only after 10 min", "within five minutes"]);
    ask(&ben).await;
    let (path, _) = paged(&bench, "ben@example.com", "ben").await;
    bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect_redirect(&path);
    let page = ben.get("/app/me/checklist").await.expect(200, &[]);
    expect_item(&page.body, "test-page", "to_do", &["Answered by mail, which wakes nobody."]);
    expect_item(&page.body, "contact", "to_do", &["Nobody knows whether SMS arrives."]);
    // An answer on the phone later counts, and a mail takes it back no more.
    let (incident, ben_id) = (bench.store().test_page(&user("ben")).await.unwrap().unwrap().incident, user("ben"));
    assert!(bench.store().answer_test_page(&ben_id, incident, Method::Sms).await.unwrap());
    assert!(!bench.store().answer_test_page(&ben_id, incident, Method::Email).await.unwrap());
    expect_item(&ben.get("/app/me/checklist").await.body, "test-page", "done", &["Answered by SMS"]);
}

#[tokio::test]
async fn who_has_a_mail_address_alone_is_told_to_ask_for_a_phone() {
    let bench = bench().await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    let page = gus.get("/app/me/checklist").await.expect(200, &[]);
    expect_item(&page.body, "contact", "to_do", &["a mail wakes nobody", "`phone:`"]);
    expect_item(&page.body, "rules", "to_do", &["no way that wakes"]);
    // No shift is planned, which is nothing to do.
    expect_item(&page.body, "shift", "optional", &["None is planned in the next 90 days."]);
    // Signing in has proven the mail address, and that is not enough.
    expect_item(&page.body, "language", "done", &["in English", "`language:` of gus"]);
}

#[tokio::test]
async fn the_shift_and_the_phone_are_confirmed_and_another_number_is_set_up_again() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let page = aiko.get("/app/me/checklist").await.expect(200, &[]).body;
    expect_item(&page, "shift", "to_do", &["The shop: ", "日時を確認した"]);
    expect_item(&page, "numbers", "to_do", &["番号は毎回変わります。", "連絡先に登録できる番号がありません。"]);
    aiko.get("/app/me/numbers.vcf").await.expect(404, &[]);
    aiko.post("/app/me/checklist/shift", &[("of", "seen")]).await.expect_redirect("/app/me/checklist");
    aiko.post("/app/me/checklist/nothing", &[("of", "seen")]).await.expect(404, &[]);
    let numbers = field(item(&page, "numbers"), "of");
    aiko.post("/app/me/checklist/numbers", &[("of", "0123456789abcdef")]).await.expect_redirect("/app/me/checklist");
    expect_item(&aiko.get("/app/me/checklist").await.body, "numbers", "to_do", &[]);
    aiko.post("/app/me/checklist/numbers", &[("of", &numbers)]).await.expect_redirect("/app/me/checklist");
    let page = aiko.get("/app/me/checklist").await.body;
    expect_item(&page, "shift", "done", &["に確認しました。"]);
    expect_item(&page, "numbers", "done", &[]);
    // The deployment has a number of its own by now.
    for number in ["+819011112222", "12345"] {
        let sender = Sender { number: Some(number.to_owned()), name: None };
        let api = Arc::new(Api::new(Arc::clone(bench.machine.store())).with_sender(sender));
        let asked = |path: &str| Ask::get(path).cookie(&aiko.cookie).event();
        let page = api.handle(asked("/app/me/checklist")).await.unwrap()["body"].as_str().unwrap().to_owned();
        expect_item(&page, "numbers", "to_do", &[number, "/app/me/numbers.vcf"]);
        let card = api.handle(asked("/app/me/numbers.vcf")).await.unwrap();
        assert_eq!(card["headers"]["content-type"], "text/vcard; charset=utf-8");
        assert!(card["body"].as_str().unwrap().contains(&format!("TEL;TYPE=CELL,VOICE,PREF:{number}\r\n")), "{card}");
        let stranger = api.handle(Ask::get("/app/me/numbers.vcf").event()).await.unwrap();
        assert_eq!(stranger["statusCode"], 303, "nobody learns the number who has not signed in");
    }
}

#[tokio::test]
async fn everything_done_is_ready_and_whoever_looks_after_them_sees_that() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    ask(&aiko).await;
    let (path, _) = paged(&bench, AIKO, "aiko").await;
    bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect_redirect(&path);
    aiko.post("/app/me/checklist/shift", &[("of", "seen")]).await.expect_redirect("/app/me/checklist");
    let numbers = field(item(&aiko.get("/app/me/checklist").await.body, "numbers"), "of");
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.get("/app/people/aiko").await.expect(200, &["One thing is left."]);
    aiko.post("/app/me/checklist/numbers", &[("of", &numbers)]).await.expect_redirect("/app/me/checklist");
    aiko.get("/app/me/checklist").await.expect(200, &["準備ができています。"]);
    ada.get("/app/people/aiko").await.expect(200, &["Everything is ready."]);
}

#[tokio::test]
async fn a_calendar_address_is_shown_once_and_switched_off_by_its_owner_alone() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let made = aiko.post("/app/me/calendars", &NONE).await.expect(200, &["https:&#x2f;&#x2f;oncall.example.com&#x2f;calendars&#x2f;"]);
    let path = made.body.split("href=\"&#x2f;calendars&#x2f;").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/calendars/{path}");
    bench.send(Ask::get(&path)).await.expect(200, &["BEGIN:VCALENDAR"]);
    let page = aiko.get("/app/me").await.expect(200, &["に作ったアドレス", "無効にする"]);
    assert!(!page.body.contains(&path["/calendars/".len()..]), "the address is shown once");
    expect_item(&aiko.get("/app/me/checklist").await.body, "calendar", "done", &[]);
    let id = bench.store().calendars_of(&About::User(user("aiko"))).await.unwrap()[0].id.clone();
    ben.post(&format!("/app/me/calendars/{id}/revoke"), &NONE).await.expect_redirect("/app/me");
    bench.send(Ask::get(&path)).await.expect(200, &[]);
    let mark = aiko.mark().await;
    for asked in [form("/app/me/calendars", &NONE), form("/app/me/calendars", &[("mark", &mark)]).header("sec-fetch-site", "cross-site")] {
        bench.send(asked.cookie(&aiko.cookie)).await.expect(403, &[]);
    }
    aiko.post(&format!("/app/me/calendars/{id}/revoke"), &NONE).await.expect_redirect("/app/me");
    bench.send(Ask::get(&path)).await.expect(404, &[]);
    for _ in 0..20 {
        aiko.post("/app/me/calendars", &NONE).await.expect(200, &[]);
    }
    aiko.post("/app/me/calendars", &NONE).await.expect(409, &["There are 20 addresses already"]);
}
