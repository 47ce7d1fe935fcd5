//! The pages behind a sign-in: a link by mail, sessions, and what each role sees and may do.

use acceptance::incident_of;
use hansho_domain::{IncidentId, PhaseName};
use jiff::SignedDuration;
use serde_json::Value;

use crate::bench::{Ask, Bench, Reply, user};

/// Aiko and Ben are of the shop, Gus is its guest; Dora is of the data team, Stan only looks. Ada looks after all.
pub const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, language: ja, time_zone: Asia/Tokyo }
  ben: { name: Ben Carter, email: Ben@Example.com }
  gus: { name: Gus, email: gus@example.com, role: guest }
  dora: { name: Dora, email: dora@example.com }
  stan: { name: Stan, email: stan@example.com, role: stakeholder }
  ada: { name: Ada, email: ada@example.com, role: admin }
teams:
  shop: { members: [aiko, ben, gus] }
  data: { members: [dora] }
schedules:
  shop: { name: The shop, time_zone: Asia/Tokyo, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, gus] }] }
  data: { name: The data, time_zone: UTC, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [dora] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop, team/shop], wait: 5m }] }
  data: { steps: [{ notify: [schedule/data, team/data], wait: 5m }] }
services:
  checkout: { name: Checkout, escalation_policy: shop, alarms: ["checkout-*"] }
  database: { name: Database, escalation_policy: data, alarms: ["database-*"] }
fallback: [user/ada]
"#;

const UNKNOWN: &str = "nobody@example.com";

async fn bench() -> Bench {
    Bench::with(TEAM).await
}

/// A form as browsers send it, from our own page.
pub fn form(path: &str, fields: &[(&str, &str)]) -> Ask {
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Ask::post(path).body(body).header("content-type", "application/x-www-form-urlencoded").header("sec-fetch-site", "same-origin")
}

/// The address in the newest mail to somebody, below the public one.
pub fn mailed(bench: &Bench, address: &str) -> String {
    let mail = bench
        .machine
        .outbox()
        .since(0)
        .into_iter()
        .rev()
        .find(|sent| sent.to.eq_ignore_ascii_case(address) && sent.text.contains("/s/"))
        .unwrap_or_else(|| panic!("no mail to {address}"));
    let begin = mail.text.find("https://oncall.example.com/s/").unwrap_or_else(|| panic!("no link in {}", mail.text));
    mail.text[begin + "https://oncall.example.com".len()..].split_whitespace().next().unwrap().to_owned()
}

/// Asks for a link, and gives its address.
pub async fn link(bench: &Bench, address: &str) -> String {
    bench.send(form("/sign-in", &[("mail", address)])).await.expect(200, &[]);
    bench.machine.settle().await.unwrap();
    mailed(bench, address)
}

/// A browser in which somebody has signed in.
pub struct Browser<'a> {
    bench: &'a Bench,
    pub cookie: String,
}

impl<'a> Browser<'a> {
    pub async fn of(bench: &'a Bench, address: &str) -> Self {
        // Links are sent half a minute apart.
        bench.later(SignedDuration::from_secs(31));
        let path = link(bench, address).await;
        let entered = bench.send(form(&path, &[])).await.expect_redirect("/app");
        Self { bench, cookie: session(&entered) }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.bench.send(Ask::get(path).cookie(&self.cookie)).await
    }

    /// The mark that forms of this browser's pages carry.
    pub async fn mark(&self) -> String {
        let page = self.get("/app/me").await;
        let begin = page.body.find("name=\"mark\" value=\"").unwrap() + 19;
        page.body[begin..begin + 32].to_owned()
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mark = self.mark().await;
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("mark", mark.as_str())]).collect();
        self.bench.send(form(path, &fields).cookie(&self.cookie)).await
    }

    /// Taps a button of the incident's page.
    pub async fn act(&self, id: IncidentId, action: &str) -> Reply {
        let page = self.get(&format!("/app/incidents/{id}")).await;
        let form = page.body.split("<form").find(|form| form.contains(&format!("&#x2f;{action}\""))).map(str::to_owned);
        let nonce = form.and_then(|form| Some(form.split("name=\"nonce\" value=\"").nth(1)?[..16].to_owned()));
        self.post(&format!("/app/incidents/{id}/{action}"), &[("nonce", nonce.as_deref().unwrap_or("0123456789abcdef"))]).await
    }
}

/// The cookie that an answer sets.
pub fn session(reply: &Reply) -> String {
    let set = reply.cookies.iter().find(|set| set.starts_with("__Host-session=")).unwrap_or_else(|| panic!("{:?}", reply.cookies));
    assert!(set.contains("; Secure") && set.contains("; HttpOnly") && set.contains("; SameSite=Lax") && set.contains("; Path=/;"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

async fn alarm(bench: &Bench, name: &str) -> IncidentId {
    bench.alarm(name).await
}

#[tokio::test]
async fn a_link_by_mail_signs_in_once_by_a_tap_and_looking_does_nothing() {
    let bench = bench().await;
    let path = link(&bench, "aiko@example.com").await;
    let writes = bench.writes();
    for request in [Ask::get(&path), Ask::new("HEAD", &path), Ask::get(&path).japanese()] {
        let looked = bench.send(request).await;
        assert!(looked.status == 200 && looked.cookies.is_empty(), "{} {:?}", looked.status, looked.cookies);
    }
    assert_eq!(bench.writes(), writes, "a scanner that opens the link signs nobody in");
    bench.send(Ask::get(&path)).await.expect(200, &["<html lang=\"ja\">", "佐藤 愛子さんとしてサインインしますか?"]);
    let entered = bench.send(form(&path, &[])).await.expect_redirect("/app");
    let cookie = session(&entered);
    bench.send(Ask::get("/app").cookie(&cookie)).await.expect(200, &["未解決の件はありません。"]);
    bench.send(form(&path, &[])).await.expect(410, &["This link was used"]);
    assert_eq!(bench.store().sessions(&user("aiko")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_link_is_too_old_after_twenty_minutes_and_a_made_up_one_is_none() {
    let bench = bench().await;
    let path = link(&bench, "ben@example.com").await;
    bench.later(SignedDuration::from_mins(20));
    bench.send(Ask::get(&path)).await.expect(410, &["This link is too old"]);
    bench.send(form(&path, &[])).await.expect(410, &["This link is too old"]);
    bench.send(form("/s/7K3Q7K3Q7K3Q", &[])).await.expect(404, &["This link is not valid"]);
    let incident = alarm(&bench, "checkout-5xx").await;
    let code = bench.link("ben", incident).await;
    bench.send(form(&format!("/s/{code}"), &[])).await.expect(404, &[]);
    assert!(bench.store().sessions(&user("ben")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_that_went_to_an_address_of_before_signs_nobody_in() {
    let bench = bench().await;
    let path = link(&bench, "gus@example.com").await;
    bench
        .configure(
            &TEAM.replace("name: Gus, email: gus@example.com, role: guest", "name: Gustava, email: gustava@example.com, role: admin"),
        )
        .await;
    bench.send(form(&path, &[])).await.expect(404, &["This link is not valid"]);
    assert!(bench.store().sessions(&user("gus")).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_answer_says_nothing_of_whose_address_it_is() {
    let bench = bench().await;
    let mut answers = Vec::new();
    let mut writes = Vec::new();
    for address in ["aiko@example.com", UNKNOWN, "  AIKO@example.COM", "not an address", "gus@example.com"] {
        let before = bench.writes();
        let answer = bench.send(form("/sign-in", &[("mail", address)])).await.expect(200, &["Look into your mailbox"]);
        answers.push((answer.body.clone(), answer.headers.clone(), answer.cookies.clone()));
        writes.push(bench.writes() - before);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(writes, [1, 1, 0, 1, 1], "one transaction for whoever it is; asked again within half a minute: none");
    bench.machine.settle().await.unwrap();
    let sent: Vec<String> = bench.machine.outbox().since(0).into_iter().map(|sent| sent.to).collect();
    assert_eq!(sent, ["aiko@example.com", "gus@example.com"]);
}

#[tokio::test]
async fn a_stranger_can_not_fill_a_mailbox() {
    let bench = bench().await;
    let ask = |asker: usize| form("/sign-in", &[("mail", "aiko@example.com")]).source(&format!("192.0.2.{asker}"));
    for asker in 0..19 {
        bench.send(ask(asker)).await.expect(200, &[]);
        bench.later(SignedDuration::from_secs(60));
    }
    bench.machine.settle().await.unwrap();
    assert_eq!(bench.machine.outbox().since(0).len(), 3, "three within twenty minutes");
    // Whoever owns the mailbox is refused another one just then, and signs in by one that the strangers have asked for.
    bench.send(form(&mailed(&bench, "aiko@example.com"), &[])).await.expect_redirect("/app");
}

#[tokio::test]
async fn a_stranger_asks_for_so_many_addresses_and_no_more() {
    let bench = bench().await;
    let ask = |number: usize, asker: &str| form("/sign-in", &[("mail", &format!("person{number}@example.com"))]).source(asker);
    for number in 0..20 {
        bench.send(ask(number, "2001:db8:1:2::1")).await.expect(200, &[]);
    }
    let writes = bench.writes();
    for number in 20..30 {
        bench.send(ask(number, &format!("2001:db8:1:2::{number}"))).await.expect(200, &[]);
    }
    assert_eq!(bench.writes(), writes, "a network that has asked enough costs nothing more");
    bench.send(ask(30, "2001:db8:1:3::1")).await.expect(200, &[]);
    assert_eq!(bench.writes(), writes + 1);
}

#[tokio::test]
async fn of_a_day_there_are_so_many_mails_to_sign_in_that_pages_have_room() {
    let people = (0..120).map(|n| format!("  p{n}: {{ name: P{n}, email: p{n}@example.com }}\n")).collect::<String>();
    let bench = Bench::with(&TEAM.replacen("users:\n", &format!("users:\n{people}"), 1)).await;
    for number in 0..120 {
        let asked = form("/sign-in", &[("mail", &format!("p{number}@example.com"))]).source(&format!("192.0.2.{number}"));
        bench.send(asked).await.expect(200, &[]);
    }
    bench.machine.settle().await.unwrap();
    assert_eq!(bench.machine.outbox().since(0).len(), 100);
    bench.later(SignedDuration::from_hours(24));
    link(&bench, "p119@example.com").await;
}

#[tokio::test]
async fn a_session_is_nobody_elses_who_has_the_name_later_and_operators_end_it() {
    let bench = bench().await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    bench
        .configure(
            &TEAM.replace("name: Gus, email: gus@example.com, role: guest", "name: Gustava, email: gustava@example.com, role: admin"),
        )
        .await;
    gus.get("/app/me").await.expect_redirect("/sign-in?to=%2Fapp%2Fme");
    let (phone, laptop) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "aiko@example.com").await);
    bench.send(Ask::post("/users/aiko/sign-out")).await.expect(401, &[]);
    let ended = bench.send(Ask::post("/users/aiko/sign-out").token()).await.expect(200, &[]).json();
    assert_eq!(ended["ended"], 2);
    for browser in [phone, laptop] {
        browser.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
    }
    bench.send(Ask::post("/users/nobody-here/sign-out").token()).await.expect(404, &["There is no user"]);
}

#[tokio::test]
async fn a_storm_of_others_hides_nothing_of_ones_own() {
    let bench = bench().await;
    let mine = alarm(&bench, "checkout-5xx").await;
    for number in 0..160 {
        let event = acceptance::alarm_event(&format!("database-{number}")).at(bench.now()).build();
        bench.machine.invoke("alarm-intake", event).await.unwrap().unwrap();
        bench.later(SignedDuration::from_secs(1));
    }
    let gus = Browser::of(&bench, "gus@example.com").await;
    for show in ["mine", "teams", "all"] {
        gus.get(&format!("/app?show={show}")).await.expect(200, &[&mine.to_string()]);
    }
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.get("/app?show=all").await.expect(200, &["11 more are open"]);
}

#[tokio::test]
async fn who_is_signed_out_is_led_to_the_sign_in_and_back_and_to_no_other_site() {
    let bench = bench().await;
    bench.send(Ask::get("/app?show=all")).await.expect_redirect("/sign-in?to=%2Fapp%3Fshow%3Dall");
    bench.send(Ask::get("/app").cookie("__Host-session=made0up")).await.expect_redirect("/sign-in?to=%2Fapp");
    bench.send(Ask::get("/sign-in?to=%2Fapp%3Fshow%3Dall")).await.expect(200, &["name=\"to\" value=\"&#x2f;app?show=all\""]);
    for elsewhere in ["https://evil.example/", "//evil.example", "/app\\..\\x", "javascript:alert(1)"] {
        let to: String = form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        let page = bench.send(Ask::get(&format!("/sign-in?to={to}"))).await.expect(200, &[]);
        assert!(!page.body.contains("name=\"to\""), "{elsewhere}: {}", page.body);
        let sent = bench.send(form("/sign-in", &[("mail", "ben@example.com"), ("to", elsewhere)])).await.expect(200, &[]);
        assert!(sent.cookies.is_empty(), "{:?}", sent.cookies);
        bench.later(SignedDuration::from_mins(20));
    }
    let sent = bench.send(form("/sign-in", &[("mail", "ben@example.com"), ("to", "/app?show=all")])).await.expect(200, &[]);
    let way = sent.cookies[0].split(';').next().unwrap().to_owned();
    bench.machine.settle().await.unwrap();
    let path = mailed(&bench, "Ben@Example.com");
    let other = bench.send(form(&path, &[]).cookie("to=//evil.example")).await.expect_redirect("/app");
    let _signed_in = session(&other);
    bench.later(SignedDuration::from_mins(20));
    bench.send(form("/sign-in", &[("mail", "ben@example.com")])).await.expect(200, &[]);
    bench.machine.settle().await.unwrap();
    let path = mailed(&bench, "Ben@Example.com");
    bench.send(form(&path, &[]).cookie(&way)).await.expect_redirect("/app?show=all");
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_ends_the_one_before() {
    let bench = bench().await;
    let first = Browser::of(&bench, "aiko@example.com").await;
    bench.later(SignedDuration::from_secs(31));
    let path = link(&bench, "aiko@example.com").await;
    let again = bench.send(form(&path, &[]).cookie(&first.cookie)).await.expect_redirect("/app");
    assert_ne!(session(&again), first.cookie, "no browser keeps a secret that somebody may have planted");
    first.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
    let planted = bench.send(Ask::get("/app").cookie("__Host-session=planted")).await;
    assert_eq!(planted.status, 303);
}

#[tokio::test]
async fn a_session_ends_by_its_button_by_time_and_when_its_person_leaves() {
    let bench = bench().await;
    let phone = Browser::of(&bench, "aiko@example.com").await;
    let laptop = Browser::of(&bench, "aiko@example.com").await;
    let sessions = bench.store().sessions(&user("aiko")).await.unwrap();
    assert_eq!(sessions.len(), 2);
    phone.get("/app/me").await.expect(200, &["このブラウザ", "サインアウトさせる"]);
    phone.post("/app/me/sessions/end-others", &[]).await.expect_redirect("/app/me");
    laptop.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
    bench.later(SignedDuration::from_hours(24 * 60));
    phone.get("/app").await.expect(200, &[]);
    bench.later(SignedDuration::from_hours(24 * 60));
    phone.get("/app").await.expect(200, &[]);
    bench.later(SignedDuration::from_hours(24 * 91));
    phone.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
    let ben = Browser::of(&bench, "Ben@Example.com").await;
    bench
        .configure(&TEAM.replace("  ben: { name: Ben Carter, email: Ben@Example.com }\n", "").replace("[aiko, ben, gus]", "[aiko, gus]"))
        .await;
    ben.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let left = aiko.post("/sign-out", &[]).await.expect_redirect("/sign-in");
    assert!(
        left.cookies.iter().any(|cookie| cookie.starts_with("__Host-session=; ") && cookie.contains("Max-Age=0")),
        "{:?}",
        left.cookies
    );
    aiko.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "Ben@Example.com").await);
    let id = bench.store().sessions(&user("aiko")).await.unwrap()[0].id.clone();
    ben.post(&format!("/app/me/sessions/{id}/end"), &[]).await.expect_redirect("/app/me");
    aiko.get("/app").await.expect(200, &[]);
}

#[tokio::test]
async fn a_form_of_another_site_or_session_does_nothing() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "Ben@Example.com").await);
    let id = alarm(&bench, "checkout-5xx").await;
    let path = format!("/app/incidents/{id}/acknowledge");
    let (mark, foreign) = (aiko.mark().await, ben.mark().await);
    let nonce = "0123456789abcdef";
    for (name, asked) in [
        ("no mark", form(&path, &[("nonce", nonce)])),
        ("another session's", form(&path, &[("nonce", nonce), ("mark", &foreign)])),
        ("another site's", form(&path, &[("nonce", nonce), ("mark", &mark)]).header("sec-fetch-site", "cross-site")),
    ] {
        let refused = bench.send(asked.cookie(&aiko.cookie)).await;
        assert_eq!(refused.status, 403, "{name}: {}", refused.body);
    }
    bench.send(form(&path, &[("nonce", "x"), ("mark", &mark)]).cookie(&aiko.cookie)).await.expect(400, &[]);
    assert_eq!(bench.incident(id).await.phase.name(), PhaseName::Triggered);
}

#[tokio::test]
async fn whoever_has_signed_in_acknowledges_on_the_page_and_twice_is_once() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let id = alarm(&bench, "checkout-5xx").await;
    aiko.get("/app").await.expect(200, &["まだ誰も対応していません。", "checkout-5xx", "Checkout", &format!("incidents/{id}")]);
    aiko.get(&format!("/app/incidents/{id}")).await.expect(200, &["対応する</button>"]);
    aiko.act(id, "acknowledge").await.expect_redirect(&format!("/app/incidents/{id}"));
    let acknowledged = bench.incident(id).await;
    assert_eq!(acknowledged.phase.name(), PhaseName::Acknowledged);
    assert_eq!(acknowledged.phase.holders().map(ToString::to_string).collect::<Vec<_>>(), ["aiko"]);
    aiko.act(id, "acknowledge").await.expect_redirect(&format!("/app/incidents/{id}"));
    assert_eq!(bench.incident(id).await.version, acknowledged.version, "a second tap changes nothing");
    Browser::of(&bench, "Ben@Example.com").await.get(&format!("/app/incidents/{id}")).await.expect(200, &["佐藤 愛子 has it."]);
}

/// Who sees, and who may act on, an incident of the shop.
#[tokio::test]
async fn every_role_sees_and_does_what_is_its_own() {
    let bench = bench().await;
    let (shop, data) = (alarm(&bench, "checkout-5xx").await, alarm(&bench, "database-slow").await);
    for (address, sees_data, acts) in [
        ("gus@example.com", false, true),
        ("stan@example.com", true, false),
        ("dora@example.com", true, true),
        ("ada@example.com", true, true),
    ] {
        let browser = Browser::of(&bench, address).await;
        let open = browser.get("/app?show=all").await.expect(200, &["checkout-5xx"]);
        let is_open = !bench.incident(data).await.phase.is_resolved();
        assert_eq!(open.body.contains("database-slow"), sees_data && is_open, "{address}");
        let page = browser.get(&format!("/app/incidents/{shop}")).await.expect(200, &["checkout-5xx"]);
        assert_eq!(page.body.contains("&#x2f;acknowledge\""), acts, "{address}: {}", page.body);
        let other = browser.get(&format!("/app/incidents/{data}")).await;
        assert_eq!(other.status, if sees_data { 200 } else { 404 }, "{address}");
        let version = bench.incident(shop).await.version;
        let acted = browser.act(shop, "acknowledge").await;
        assert_eq!(acted.status, if acts { 303 } else { 403 }, "{address}");
        assert_eq!(bench.incident(shop).await.version > version, acts, "{address}");
        let foreign = browser.act(data, "resolve").await.status;
        assert_eq!(
            foreign,
            if !sees_data {
                404
            } else if acts {
                303
            } else {
                403
            },
            "{address}"
        );
    }
    // Dora and Ada have resolved what is theirs to see, the guest and the stakeholder have not.
    assert_eq!(bench.incident(data).await.phase.name(), PhaseName::Resolved);
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_theirs_look_the_same() {
    let bench = bench().await;
    let data = alarm(&bench, "database-slow").await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    let hidden = gus.get(&format!("/app/incidents/{data}")).await.expect(404, &[]);
    let absent = gus.get("/app/incidents/01JD5Z0000ABCDEFGHJKMNPQRS").await.expect(404, &[]);
    assert_eq!(hidden.body, absent.body);
    gus.get("/app/incidents/../../x").await.expect(404, &[]);
}

#[tokio::test]
async fn a_shift_is_taken_in_two_taps_by_whoever_may() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "Ben@Example.com").await;
    ben.get("/app/on-call").await.expect(200, &["The shop", "Gus", "I take it", "Gus -&gt; Ben Carter, from now until"]);
    let page = ben.get("/app/on-call").await;
    let form = page.body.split("id=\"shop\"").nth(1).unwrap();
    let seen = form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    ben.post("/app/on-call/shop/take", &[]).await.expect(409, &["Somebody else is on call by now"]);
    ben.post("/app/on-call/shop/take", &[("seen", "0123456789abcdef")]).await.expect(409, &[]);
    assert_eq!(on_call(&bench, "shop").await, ["gus"], "no other shift is taken than the one that was seen");
    ben.post("/app/on-call/shop/take", &[("seen", &seen)]).await.expect_redirect("/app/on-call");
    assert_eq!(on_call(&bench, "shop").await, ["ben"]);
    ben.post("/app/on-call/shop/take", &[("seen", &seen)]).await.expect_redirect("/app/on-call");
    let overrides = bench.read("/schedules/shop/overrides").await;
    assert_eq!(overrides["overrides"].as_array().unwrap().len(), 1, "two taps are one: {overrides}");
    let gus = Browser::of(&bench, "gus@example.com").await;
    let page = gus.get("/app/on-call").await.expect(200, &["The shop"]);
    assert!(!page.body.contains("The data"), "a guest sees the schedules of their teams: {}", page.body);
    gus.post("/app/on-call/data/take", &[]).await.expect(404, &[]);
    let stan = Browser::of(&bench, "stan@example.com").await;
    assert!(!stan.get("/app/on-call").await.expect(200, &["The data"]).body.contains("/take"), "who only looks takes nothing");
    stan.post("/app/on-call/data/take", &[]).await.expect(403, &[]);
    assert_eq!(on_call(&bench, "data").await, ["dora"]);
}

async fn on_call(bench: &Bench, schedule: &str) -> Vec<String> {
    let answer: Value = bench.read(&format!("/oncall?schedule={schedule}")).await;
    let people = answer["schedules"][0]["now"]["people"].as_array().unwrap();
    people.iter().map(|person| person["user"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn hostile_names_stay_text_behind_a_sign_in() {
    let bench = Bench::with(&TEAM.replace("name: Gus,", "name: \"<script>alert(1)</script>\",")).await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    let event = acceptance::alarm_event("checkout-<img src=x onerror=alert(1)>").at(bench.now()).build();
    let id = incident_of(&bench.machine.invoke("alarm-intake", event).await.unwrap().unwrap());
    for path in ["/app", "/app?show=all", "/app/me", "/app/on-call", &format!("/app/incidents/{id}")] {
        let page = gus.get(path).await;
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<img"), "{path}: {}", page.body);
        assert!(page.headers["content-security-policy"].contains("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn an_agent_that_the_browser_names_is_shown_as_text_and_not_at_any_length() {
    let bench = bench().await;
    let path = link(&bench, "ben@example.com").await;
    let agent = format!("<b>Phone</b>{}", "x".repeat(5000));
    let entered = bench.send(form(&path, &[]).header("user-agent", &agent)).await.expect_redirect("/app");
    let page = bench.send(Ask::get("/app/me").cookie(&session(&entered))).await.expect(200, &["&lt;b&gt;Phone"]);
    assert!(page.body.len() < 20_000, "{}", page.body.len());
}

#[tokio::test]
async fn paging_somebody_says_first_who_is_woken_and_twice_is_once() {
    let bench = bench().await;
    let stan = Browser::of(&bench, "stan@example.com").await;
    stan.get("/app/open").await.expect(403, &["Your role does not allow this"]);
    let gus = Browser::of(&bench, "gus@example.com").await;
    let empty = gus.get("/app/open").await.expect(200, &["Checkout", "What is wrong?"]);
    assert!(!empty.body.contains("Database") && !empty.body.contains("Page now"), "{}", empty.body);
    gus.get("/app/open?service=checkout&title=").await.expect(200, &["Something is missing"]);
    gus.get("/app/open?service=database&title=x").await.expect(200, &["Something is missing"]);
    let writes = bench.writes();
    let path = "/app/open?service=checkout&title=Customers+can+not+pay&details=a%0Ab&severity=critical";
    let asked = gus.get(path).await.expect(200, &["If you page now:", "Calls at once:", "Gus [you] (mail)", "Page now"]);
    assert_eq!(bench.writes(), writes, "asking opens nothing");
    assert!(
        !asked.body.contains("<select") && asked.body.contains("Checkout</bdi> · critical"),
        "what is asked is what is paged: {}",
        asked.body
    );
    gus.get(&format!("{path}&edit=1")).await.expect(200, &["<select", "value=\"Customers can not pay\""]);
    let field = |name: &str| asked.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let request = field("request");
    let fields =
        [("service", "checkout"), ("title", "Customers can not pay"), ("details", "a\nb"), ("severity", "critical"), ("request", &request)];
    let opened = gus.post("/app/open", &fields).await;
    let at = opened.headers["location"].clone();
    gus.post("/app/open", &fields).await.expect_redirect(&at);
    bench.machine.settle().await.unwrap();
    let id: IncidentId = at.rsplit('/').next().unwrap().parse().unwrap();
    let incident = bench.incident(id).await;
    assert_eq!((incident.title.as_str(), incident.details.as_str()), ("Customers can not pay", "a\nb"));
    assert_eq!(bench.store().open_incidents(None).await.unwrap().len(), 1);
    gus.get(&at).await.expect(200, &["Customers can not pay", "Gus"]);
    let data = [("service", "database"), ("title", "x"), ("severity", "critical"), ("request", &request)];
    gus.post("/app/open", &data).await.expect(403, &[]);
    assert_eq!(bench.store().open_incidents(None).await.unwrap().len(), 1, "a guest pages nobody for another team's service");
}

#[tokio::test]
async fn a_page_that_is_open_is_told_that_something_changed() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "Ben@Example.com").await);
    let id = alarm(&bench, "checkout-5xx").await;
    let path = format!("/app/incidents/{id}");
    let page = ben.get(&path).await.expect(200, &["<script src=\"&#x2f;live.js?v="]);
    let seen = page.body.split("data-seen=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(ben.get(&format!("{path}/live")).await.body, seen);
    let home = ben.get("/app/live?show=all").await.expect(200, &[]).body;
    aiko.act(id, "acknowledge").await;
    assert_ne!(ben.get(&format!("{path}/live")).await.body, seen);
    assert_ne!(ben.get("/app/live?show=all").await.body, home);
    let code = bench.link("ben", id).await;
    let linked = bench.send(Ask::get(&format!("/i/{code}/live"))).await.expect(200, &[]);
    assert_eq!(linked.body, bench.incident(id).await.version.to_string());
    bench.send(Ask::get("/i/7K3Q7K3Q7K3Q/live")).await.expect(404, &[]);
    let dora = Browser::of(&bench, "gus@example.com").await;
    let data = alarm(&bench, "database-slow").await;
    dora.get(&format!("/app/incidents/{data}/live")).await.expect(404, &[]);
}

#[tokio::test]
async fn the_pages_can_be_installed_and_say_so_without_a_network() {
    let bench = bench().await;
    let manifest = bench.send(Ask::get("/manifest.webmanifest")).await.expect(200, &["\"start_url\": \"/app\""]);
    assert!(serde_json::from_str::<Value>(&manifest.body).unwrap()["icons"].as_array().unwrap().len() == 2);
    for path in ["/live.js", "/service-worker.js", "/icon.svg", "/style.css"] {
        bench.send(Ask::get(path)).await.expect(200, &[]);
    }
    bench.send(Ask::get("/app/offline").japanese()).await.expect(200, &["Hanshoにつながりません"]);
}

#[tokio::test]
async fn ones_own_page_says_what_happens_tonight_and_proves_an_address() {
    let bench = Bench::with(&TEAM.replace(
        "ben: { name: Ben Carter, email: Ben@Example.com }",
        "ben: { name: Ben Carter, email: Ben@Example.com, phone: \"+819000000002\", time_zone: Asia/Tokyo, \
         notify: { high: [{ after: 0m, by: sms }, { after: 3m, by: email }], low: [{ after: 0m, by: email }], \
         quiet: [{ from: \"22:00\", to: \"07:00\", urgency: low }] } }",
    ))
    .await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let page = ben.get("/app/me").await;
    let page = page
        .expect(200, &["Urgent: 03:00 SMS, 03:03 mail.", "Not urgent: 07:00 mail.", "responder", "shop", "+819…0002", "B…@Example.com"]);
    assert!(!page.body.contains("+819000000002"), "whoever looks over a shoulder learns no number");
    assert!(page.body.contains("Arrives: proven"), "the mail that let them in has arrived: {}", page.body);
    ben.post("/app/me/contacts/sms/verify", &[("request", "r1")]).await.expect_redirect("/app/me?sent=sms");
    ben.get("/app/me?sent=sms").await.expect(200, &["Sent. Open the link in it"]);
    ben.post("/app/me/contacts/sms/verify", &[("request", "r1")]).await.expect_redirect("/app/me?sent=sms");
    ben.post("/app/me/contacts/sms/verify", &[("request", "r2")]).await.expect(429, &["a moment ago"]);
    ben.post("/app/me/contacts/webhook/verify", &[("request", "r3")]).await.expect(404, &[]);
    bench.machine.settle().await.unwrap();
    let texts = bench.machine.outbox().since(0).into_iter().filter(|sent| sent.channel == "sms").count();
    assert_eq!(texts, 1);
    let covered = Bench::with(&TEAM.replace(
        "gus: { name: Gus, email: gus@example.com, role: guest }",
        "gus: { name: Gus, email: gus@example.com, role: guest, time_zone: Asia/Tokyo, notify: { quiet: [{ from: \"22:00\", to: \"07:00\", urgency: high, cover: user/ben }] } }",
    ))
    .await;
    let gus = Browser::of(&covered, "gus@example.com").await;
    gus.get("/app/me").await.expect(200, &["Urgent: Ben Carter is called in your place."]);
}
