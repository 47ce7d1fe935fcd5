//! People: invitations, who sees whom, and who signs whom out.

use jiff::SignedDuration;
use serde_json::Value;

use crate::{
    app::{Browser, form, session},
    bench::{Ask, Bench, user},
};

/// Mona manages the shop, of which Aiko, Ben and Olga are; Gus is its guest, Nell has no mail address. Dora is of another team.
const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo }
  ben: { name: Ben Carter, email: ben@example.com, phone: "+447700900101" }
  mona: { name: Mona, email: mona@example.com }
  gus: { name: Gus, email: gus@example.com, role: guest }
  nell: { name: Nell, phone: "+819000000009" }
  dora: { name: Dora, email: dora@example.com }
  stan: { name: Stan, email: stan@example.com, role: stakeholder }
  ada: { name: Ada, email: ada@example.com, role: admin }
  abe: { name: Abe, email: abe@example.com, role: admin }
  olga: { name: Olga, email: olga@example.com, role: owner }
teams:
  shop: { name: The shop, members: [aiko, ben, gus, nell, olga], managers: [mona] }
  data: { name: The data, members: [dora] }
schedules:
  shop: { name: The shop, time_zone: Asia/Tokyo, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop], wait: 5m }] }
services:
  checkout: { name: Checkout, escalation_policy: shop }
  catch-all: { name: Rest, escalation_policy: shop }
fallback: [user/ada]
"#;

const NONE: [(&str, &str); 0] = [];

async fn bench() -> Bench {
    Bench::with(TEAM).await
}

/// The path of the newest invitation that was mailed to somebody, and its mail.
fn invitation(bench: &Bench, address: &str) -> (String, String) {
    let mail = bench.machine.outbox().since(0).into_iter().rev().find(|sent| sent.to == address && sent.text.contains("/invitation/"));
    let text = mail.unwrap_or_else(|| panic!("no invitation to {address}")).text;
    let begin = text.find("https://oncall.example.com/invitation/").unwrap() + "https://oncall.example.com".len();
    (text[begin..].split_whitespace().next().unwrap().to_owned(), text)
}

fn invitations(bench: &Bench) -> usize {
    bench.machine.outbox().since(0).iter().filter(|sent| sent.text.contains("/invitation/")).count()
}

/// Invites somebody by the token, and gives the path of their link.
async fn invited(bench: &Bench, name: &str) -> String {
    bench.later(SignedDuration::from_secs(61));
    let answer = bench.send(Ask::post(&format!("/users/{name}/invite")).token()).await.expect(202, &[]).json();
    assert_eq!((&answer["result"], &answer["user"]), (&Value::from("sent"), &Value::from(name)));
    bench.machine.settle().await.unwrap();
    invitation(bench, &format!("{name}@example.com")).0
}

#[tokio::test]
async fn an_invitation_signs_in_once_by_a_tap_and_leads_to_the_checklist() {
    let bench = bench().await;
    let path = invited(&bench, "aiko").await;
    let (_, mail) = invitation(&bench, "aiko@example.com");
    assert!(mail.contains("Hanshoへようこそ") && mail.contains("1回だけ"), "in their language: {mail}");
    let writes = bench.writes();
    for request in [Ask::get(&path), Ask::new("HEAD", &path)] {
        let looked = bench.send(request).await;
        assert!(looked.status == 200 && looked.cookies.is_empty(), "{} {:?}", looked.status, looked.cookies);
    }
    assert_eq!(bench.writes(), writes, "a scanner that opens the link signs nobody in");
    bench.send(Ask::get(&path)).await.expect(200, &["佐藤 愛子さんとしてサインインしますか?"]);
    bench.send(form(&path, &NONE).header("sec-fetch-site", "cross-site")).await.expect(403, &[]);
    // It lives for a week, which a link that somebody asks for does not.
    bench.later(SignedDuration::from_hours(7 * 24 - 1));
    let entered = bench.send(form(&path, &NONE)).await.expect_redirect("/app/me/checklist");
    bench.send(Ask::get("/app/me/checklist").cookie(&session(&entered))).await.expect(200, &["呼び出しの準備"]);
    bench.send(form(&path, &NONE)).await.expect(410, &["This link was used"]);
    bench.send(Ask::get(&path)).await.expect(410, &["This link was used"]);
    assert_eq!(bench.store().sessions(&user("aiko")).await.unwrap().len(), 1, "a replay begins no second session");
}

#[tokio::test]
async fn an_invitation_is_over_after_a_week_and_when_a_newer_one_is_sent() {
    let bench = bench().await;
    let first = invited(&bench, "ben").await;
    let second = invited(&bench, "ben").await;
    assert_ne!(first, second);
    for request in [Ask::get(&first), form(&first, &NONE)] {
        bench.send(request).await.expect(410, &["This invitation works no more"]);
    }
    bench.send(Ask::get(&second)).await.expect(200, &["Sign in as Ben Carter?"]);
    bench.later(SignedDuration::from_hours(7 * 24));
    for request in [Ask::get(&second), form(&second, &NONE)] {
        bench.send(request).await.expect(410, &["This invitation works no more"]);
    }
    bench.send(Ask::get("/invitation/7K3Q7K3Q7K3Q")).await.expect(404, &["This link is not valid"]);
    // A link that signs in is no invitation, nor the other way round.
    let third = invited(&bench, "ben").await;
    bench.send(form(&third.replace("/invitation/", "/s/"), &NONE)).await.expect(404, &[]);
    assert!(bench.store().sessions(&user("ben")).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invitation_signs_nobody_in_who_has_left_or_has_another_address() {
    let bench = bench().await;
    let path = invited(&bench, "ben").await;
    bench.configure(&TEAM.replace("email: ben@example.com", "email: carter@example.com")).await;
    for request in [Ask::get(&path), form(&path, &NONE)] {
        bench.send(request).await.expect(404, &["This link is not valid"]);
    }
    bench.configure(TEAM).await;
    bench.send(Ask::get(&path)).await.expect(200, &["Ben Carter"]);
    let left = TEAM.replace("  ben: { name: Ben Carter, email: ben@example.com, phone: \"+447700900101\" }\n", "");
    bench.configure(&left.replace("[aiko, ben, gus", "[aiko, gus").replace("[aiko, ben]", "[aiko]")).await;
    for request in [Ask::get(&path), form(&path, &NONE)] {
        bench.send(request).await.expect(404, &["This link is not valid"]);
    }
    assert!(bench.store().sessions(&user("ben")).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invitation_that_was_not_sent_yet_goes_to_no_other_address() {
    let bench = bench().await;
    bench.send(Ask::post("/users/ben/invite").token()).await.expect(202, &[]);
    bench.configure(&TEAM.replace("email: ben@example.com", "email: carter@example.com")).await;
    bench.machine.settle().await.unwrap();
    assert_eq!(invitations(&bench), 0);
}

#[tokio::test]
async fn two_taps_at_once_begin_one_session() {
    let bench = bench().await;
    let path = invited(&bench, "ben").await;
    let (one, other) = tokio::join!(bench.send(form(&path, &NONE)), bench.send(form(&path, &NONE)));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    assert_eq!(bench.store().sessions(&user("ben")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn signing_in_by_an_invitation_makes_a_new_session_and_ends_the_one_before() {
    let bench = bench().await;
    let dora = Browser::of(&bench, "dora@example.com").await;
    let path = invited(&bench, "ben").await;
    let entered = bench.send(form(&path, &NONE).cookie(&dora.cookie)).await.expect_redirect("/app/me/checklist");
    assert_ne!(session(&entered), dora.cookie, "no browser keeps a secret that somebody may have planted");
    dora.get("/app").await.expect_redirect("/sign-in?to=%2Fapp");
}

#[tokio::test]
async fn a_token_invites_with_a_measure_and_says_what_is_wrong() {
    let bench = bench().await;
    bench.send(Ask::post("/users/ben/invite")).await.expect(401, &[]);
    bench.send(Ask::post("/users/nobody-here/invite").token()).await.expect(404, &["There is no user"]);
    let without = bench.send(Ask::post("/users/nell/invite").token()).await.expect(422, &["Add `email:`"]);
    assert!(without.message().contains("nell has no mail address"));
    for _ in 0..5 {
        invited(&bench, "ben").await;
    }
    bench.send(Ask::post("/users/ben/invite").token()).await.expect(429, &["too often"]);
    bench.later(SignedDuration::from_secs(61));
    bench.send(Ask::post("/users/ben/invite").token()).await.expect(429, &["too often"]);
    bench.later(SignedDuration::from_hours(24));
    invited(&bench, "ben").await;
    assert_eq!(invitations(&bench), 6);
}

#[tokio::test]
async fn of_a_day_there_are_so_many_invitations_that_pages_have_room() {
    let people = (0..60).map(|n| format!("  p{n}: {{ name: P{n}, email: p{n}@example.com }}\n")).collect::<String>();
    let bench = Bench::with(&TEAM.replacen("users:\n", &format!("users:\n{people}"), 1)).await;
    for number in 0..60 {
        let status = bench.send(Ask::post(&format!("/users/p{number}/invite")).token()).await.status;
        assert_eq!(status, if number < 50 { 202 } else { 429 }, "{number}");
    }
    bench.send(Ask::post("/users/p55/invite").token()).await.expect(429, &["tomorrow"]);
    bench.later(SignedDuration::from_hours(24));
    bench.send(Ask::post("/users/p55/invite").token()).await.expect(202, &[]);
}

/// Who may invite whom on the page.
#[tokio::test]
async fn only_those_who_look_after_a_person_invite_them() {
    let bench = bench().await;
    for (address, who, status) in [
        ("ada@example.com", "dora", 303),
        ("olga@example.com", "ada", 303),
        ("mona@example.com", "gus", 303),
        ("mona@example.com", "dora", 404),
        ("mona@example.com", "nobody-here", 404),
        ("mona@example.com", "mona", 404),
        ("ben@example.com", "aiko", 404),
        ("ben@example.com", "ben", 404),
        ("gus@example.com", "aiko", 404),
        ("stan@example.com", "aiko", 404),
        ("ada@example.com", "nell", 404),
    ] {
        let before = invitations(&bench);
        // A mailbox gets three links that sign in within 20 minutes.
        bench.later(SignedDuration::from_mins(7));
        let browser = Browser::of(&bench, address).await;
        let answer = browser.post(&format!("/app/people/{who}/invite"), &NONE).await;
        assert_eq!(answer.status, status, "{address} invites {who}: {}", answer.body);
        bench.machine.settle().await.unwrap();
        assert_eq!(invitations(&bench) - before, usize::from(status == 303), "{address} invites {who}");
    }
    let (_, mail) = invitation(&bench, "gus@example.com");
    assert!(mail.contains("Mona invites you"), "{mail}");
    bench.later(SignedDuration::from_mins(21));
    let again = Browser::of(&bench, "mona@example.com").await;
    again.post("/app/people/gus/invite", &NONE).await.expect_redirect("/app/people/gus?done=invited");
    again.post("/app/people/gus/invite", &NONE).await.expect(429, &["too many invitations"]);
    again.get("/app/people/gus?done=invited").await.expect(200, &["on its way", "by Mona", "not used yet"]);
}

#[tokio::test]
async fn a_form_of_another_site_or_session_invites_and_signs_out_nobody() {
    let bench = bench().await;
    let (ada, ben) = (Browser::of(&bench, "ada@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let (mark, foreign) = (ada.mark().await, ben.mark().await);
    for action in ["invite", "sign-out"] {
        let path = format!("/app/people/ben/{action}");
        for (name, asked) in [
            ("no mark", form(&path, &NONE)),
            ("another session's", form(&path, &[("mark", &foreign)])),
            ("another site's", form(&path, &[("mark", &mark)]).header("sec-fetch-site", "cross-site")),
        ] {
            let refused = bench.send(asked.cookie(&ada.cookie)).await;
            assert_eq!(refused.status, 403, "{action}, {name}: {}", refused.body);
        }
        ada.get(&path).await.expect_redirect("/app/people/ben");
        bench.send(form(&path, &[("mark", &mark)])).await.expect_redirect(&format!("/sign-in?to=%2Fapp%2Fpeople%2Fben%2F{action}"));
    }
    bench.machine.settle().await.unwrap();
    assert_eq!((invitations(&bench), bench.store().sessions(&user("ben")).await.unwrap().len()), (0, 1));
}

#[tokio::test]
async fn everybody_sees_the_names_of_their_teams_and_who_looks_after_them_sees_more() {
    let bench = bench().await;
    for (address, sees, not) in [
        ("ada@example.com", vec!["愛子", "Dora", "Stan", "owner", "Not signed in.", "/app/people/dora"], vec![]),
        ("mona@example.com", vec!["愛子", "Gus", "/app/people/gus", "Nobody knows whether SMS arrives."], vec!["Dora", "Stan", "Abe"]),
        ("ben@example.com", vec!["愛子", "Gus", "Mona"], vec!["Dora", "Stan", "/app/people/", "arrives", "owner", "signed in"]),
        ("gus@example.com", vec!["愛子", "Ben Carter"], vec!["Dora", "Stan", "/app/people/", "arrives", "owner"]),
        ("stan@example.com", vec!["You are in no team"], vec!["愛子", "Dora", "Ada", "/app/people/"]),
    ] {
        let page = Browser::of(&bench, address).await.get("/app/people").await.expect(200, &sees);
        for one in not {
            assert!(!page.body.contains(one), "{address} sees {one}: {}", page.body);
        }
        for number in ["+819000000001", "9000000001", "+447700900101", "aiko@example.com"] {
            assert!(!page.body.contains(number), "{address} sees {number}");
        }
    }
}

#[tokio::test]
async fn a_persons_page_is_for_those_who_look_after_them_and_nobody_else_learns_who_there_is() {
    let bench = bench().await;
    for (address, sees) in [
        ("ada@example.com", true),
        ("mona@example.com", true),
        ("ben@example.com", false),
        ("gus@example.com", false),
        ("stan@example.com", false),
    ] {
        let browser = Browser::of(&bench, address).await;
        let theirs = browser.get("/app/people/aiko").await;
        let unknown = browser.get("/app/people/nobody-here").await.expect(404, &[]);
        assert_eq!(theirs.status, if sees { 200 } else { 404 }, "{address}");
        if sees {
            let page = theirs.expect(200, &["Ready to be called", "things are left", "Send an invitation"]);
            assert!(!page.body.contains("9000000001") && !page.body.contains("aiko@example.com"), "{}", page.body);
            assert_eq!(page.body.contains("Sign them out everywhere"), address == "ada@example.com", "{address}");
        } else {
            assert_eq!(theirs.body, unknown.body, "{address} learns who there is");
        }
    }
    bench.send(Ask::get("/app/people/aiko")).await.expect_redirect("/sign-in?to=%2Fapp%2Fpeople%2Faiko");
}

/// Who signs whom out.
#[tokio::test]
async fn admins_sign_people_out_and_only_owners_admins_and_owners() {
    let bench = bench().await;
    for (address, who, status) in [
        ("ada@example.com", "ben", 303),
        ("ada@example.com", "abe", 403),
        ("ada@example.com", "olga", 403),
        ("olga@example.com", "abe", 303),
        ("mona@example.com", "ben", 403),
        ("ben@example.com", "aiko", 404),
        ("gus@example.com", "aiko", 404),
    ] {
        bench.later(SignedDuration::from_mins(21));
        let theirs = Browser::of(&bench, &format!("{who}@example.com")).await;
        let browser = Browser::of(&bench, address).await;
        let answer = browser.post(&format!("/app/people/{who}/sign-out"), &NONE).await;
        assert_eq!(answer.status, status, "{address} signs {who} out: {}", answer.body);
        let ended = theirs.get("/app").await.status == 303;
        assert_eq!(ended, status == 303, "{address} signs {who} out");
    }
    let olga = Browser::of(&bench, "olga@example.com").await;
    olga.get("/app/people/ada").await.expect(200, &["Sign them out everywhere"]);
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.get("/app/people/olga").await.expect(200, &["Only an owner signs out admins and owners."]);
}

#[tokio::test]
async fn signing_somebody_out_ends_an_invitation_that_they_have_not_used() {
    let bench = bench().await;
    let path = invited(&bench, "ben").await;
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.post("/app/people/ben/sign-out", &NONE).await.expect_redirect("/app/people/ben?done=signed-out");
    bench.send(form(&path, &NONE)).await.expect(410, &["This invitation works no more"]);
    let path = invited(&bench, "ben").await;
    bench.send(Ask::post("/users/ben/sign-out").token()).await.expect(200, &[]);
    bench.send(form(&path, &NONE)).await.expect(410, &["This invitation works no more"]);
}

#[tokio::test]
async fn whoever_looks_after_somebody_sees_whether_a_drill_has_reached_them() {
    let bench = bench().await;
    let body = serde_json::json!({ "from": "2026-12-29", "to": "2027-01-03", "team": "shop", "time_zone": "Asia/Tokyo" });
    bench.send(Ask::post("/drills").token().json(&body)).await.expect(201, &[]);
    bench.machine.settle().await.unwrap();
    let mona = Browser::of(&bench, "mona@example.com").await;
    mona.get("/app/people/ben").await.expect(200, &["Last drill", "not answered."]);
    let text = bench.machine.outbox().since(0).into_iter().rev().find(|sent| sent.to == "+447700900101").unwrap().text;
    let path = text[text.find("/p/").unwrap()..].split_whitespace().next().unwrap().to_owned();
    bench.send(Ask::post(&format!("{path}/confirm")).form("0123456789abcdef")).await.expect_redirect(&path);
    mona.get("/app/people/ben").await.expect(200, &["SMS arrives: proven", ", answered "]);
    let list = mona.get("/app/people").await.expect(200, &["Last drill"]);
    assert!(!list.body.contains("Dora"));
}
