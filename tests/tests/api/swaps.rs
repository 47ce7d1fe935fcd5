//! Swaps on the pages: asked by one, answered by the other on their page or by the link in a message, once and in time.

use hansho_domain::SwapStage;
use jiff::SignedDuration;

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench, Reply},
    shifts::{AIKO, BEN, bench, count, field, on_call_at, overrides, told},
};

const FIELDS: [&str; 7] = ["request", "schedule", "from", "until", "with", "their_from", "their_until"];

fn question() -> String {
    let ((from, until), (their_from, their_until)) = (AIKO, BEN);
    format!("/app/schedules/shop/swap?from={from}&until={until}&with=ben&their_from={their_from}&their_until={their_until}")
}

async fn ask(browser: &Browser<'_>, page: &Reply) -> Reply {
    let fields = FIELDS.map(|name| (name, field(page, name)));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/app/swaps", &fields).await
}

/// Aiko asks Ben: her week for the one after it. Gives the address of the swap.
async fn asked(aiko: &Browser<'_>) -> String {
    let page = aiko.get(&question()).await.expect(200, &[]);
    ask(aiko, &page).await.headers["location"].clone()
}

async fn stage(bench: &Bench, at: &str) -> SwapStage {
    let id = at.rsplit('/').next().unwrap().parse().unwrap();
    bench.store().swap(&id).await.unwrap().unwrap().stage
}

/// The address of the answer in the newest message to Ben, below the public one.
fn link(bench: &Bench) -> String {
    let sent = bench.machine.outbox().since(0).into_iter().rev().find(|sent| sent.to == "ben@example.com" && sent.text.contains("/w/"));
    let text = sent.unwrap_or_else(|| panic!("no link was sent")).text;
    let begin = text.find("https://oncall.example.com/w/").unwrap();
    text[begin + "https://oncall.example.com".len()..].split_whitespace().next().unwrap().to_owned()
}

async fn is_untouched(bench: &Bench) {
    assert!(overrides(bench, "shop").await.is_empty());
    assert_eq!(on_call_at(bench, "shop", "2026-11-24T00:00:00Z").await, ["aiko"]);
}

#[tokio::test]
async fn a_swap_is_asked_for_and_accepted_and_is_two_overrides_that_both_are_told_of() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let choose = format!("/app/schedules/shop/override?from={}&until={}&of=aiko", AIKO.0, AIKO.1);
    aiko.get(&choose)
        .await
        .expect(200, &["ほかの当番と交換する", "&#x2f;app&#x2f;schedules&#x2f;shop&#x2f;swap?from=2026-11-23T01:00:00Z"]);
    let writes = bench.writes();
    let offers = aiko.get(&format!("/app/schedules/shop/swap?from={}&until={}", AIKO.0, AIKO.1)).await;
    offers.expect(200, &["代わりにどの当番を受け持ちますか?", "Ben Carter", "11&#x2f;30(月) 10:00 〜 12&#x2f;7(月) 10:00"]);
    let page = aiko
        .get(&question())
        .await
        .expect(200, &["渡す当番", "受け取る当番", "Ben Carterさんに頼みます。返事の期限は11&#x2f;23(月) 10:00です。"]);
    assert_eq!(bench.writes(), writes, "asking what it does changes nothing");
    told(&bench, 0).await;
    let before = count(&bench);
    let at = ask(&aiko, &page).await.headers["location"].clone();
    ask(&aiko, &page).await.expect_redirect(&at);
    let asked = told(&bench, before).await;
    assert_eq!(asked.len(), 1, "two taps ask once: {asked:?}");
    assert!(asked[0].0 == "ben@example.com" && asked[0].1 == "佐藤 愛子 asks to swap shifts with you (The shop).", "{asked:?}");
    is_untouched(&bench).await;
    aiko.get(&at).await.expect(200, &["Ben Carterさんに頼んでいます。", "取り下げる"]);
    ben.get("/app/on-call")
        .await
        .expect(200, &["Swaps that wait for an answer", "佐藤 愛子 asks Ben Carter to swap", &at.replace('/', "&#x2f;")]);
    let writes = bench.writes();
    let looked = ben.get(&at).await.expect(
        200,
        &["You give: <bdi>Mon Nov 30 01:00 - Mon Dec 7 01:00", "You take: <bdi>Mon Nov 23 01:00 - Mon Nov 30 01:00", "Yes, swap"],
    );
    assert_eq!(bench.writes(), writes);
    assert!(!looked.body.contains("withdraw"), "{}", looked.body);
    let before = count(&bench);
    ben.post(&format!("{at}/accept"), &[]).await.expect_redirect(&at);
    ben.post(&format!("{at}/accept"), &[]).await.expect_redirect(&at);
    ben.post(&format!("{at}/decline"), &[]).await.expect_redirect(&at);
    ben.get(&at).await.expect(200, &["It is agreed"]);
    assert_eq!(stage(&bench, &at).await, SwapStage::Accepted);
    assert_eq!(overrides(&bench, "shop").await.len(), 2);
    assert_eq!(on_call_at(&bench, "shop", "2026-11-24T00:00:00Z").await, ["ben"]);
    assert_eq!(on_call_at(&bench, "shop", "2026-12-01T00:00:00Z").await, ["aiko"]);
    let agreed = told(&bench, before).await;
    assert_eq!(agreed.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["aiko@example.com", "ben@example.com"], "{agreed:?}");
    assert!(agreed[0].1.contains("Ben Carterさんとの当番の交換が成立"), "{agreed:?}");
    // What waits for nothing is not listed any more, and nobody is told at the end that nobody answered.
    assert!(!ben.get("/app/on-call").await.body.contains("Swaps that wait"));
    let before = count(&bench);
    bench.machine.clock().move_to(AIKO.0.parse().unwrap());
    bench.machine.advance(SignedDuration::from_mins(5)).await.unwrap();
    let late = told(&bench, before).await;
    assert!(late.iter().all(|(_, line)| !line.contains("not answered") && !line.contains("返事がなかった")), "{late:?}");
}

#[tokio::test]
async fn only_the_one_who_is_asked_accepts_and_only_the_one_who_asked_withdraws() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let at = asked(&aiko).await;
    for who in ["mona@example.com", "gus@example.com", "ada@example.com", "stan@example.com"] {
        let other = Browser::of(&bench, who).await;
        other.get(&at).await.expect(404, &[]);
        other.post(&format!("{at}/accept"), &[]).await.expect(404, &[]);
    }
    aiko.post(&format!("{at}/accept"), &[]).await.expect(403, &[]);
    aiko.post(&format!("{at}/decline"), &[]).await.expect(403, &[]);
    ben.post(&format!("{at}/withdraw"), &[]).await.expect(403, &[]);
    ben.post(&format!("{at}/explode"), &[]).await.expect(404, &[]);
    ben.get(&format!("{at}/accept")).await.expect_redirect(&at);
    let mark = aiko.mark().await;
    bench.send(form(&format!("{at}/accept"), &[("mark", &mark)]).cookie(&ben.cookie)).await.expect(403, &[]);
    assert_eq!(stage(&bench, &at).await, SwapStage::Asked);
    is_untouched(&bench).await;
    told(&bench, 0).await;
    let before = count(&bench);
    aiko.post(&format!("{at}/withdraw"), &[]).await.expect_redirect(&at);
    ben.post(&format!("{at}/accept"), &[]).await.expect_redirect(&at);
    ben.get(&at).await.expect(200, &["does not ask any more"]);
    is_untouched(&bench).await;
    let withdrawn = told(&bench, before).await;
    assert!(withdrawn.len() == 1 && withdrawn[0].0 == "ben@example.com", "{withdrawn:?}");
}

#[tokio::test]
async fn a_swap_that_is_declined_changes_nothing_and_the_asker_is_told() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let at = asked(&aiko).await;
    told(&bench, 0).await;
    let before = count(&bench);
    ben.post(&format!("{at}/decline"), &[]).await.expect_redirect(&at);
    ben.post(&format!("{at}/accept"), &[]).await.expect_redirect(&at);
    assert_eq!(stage(&bench, &at).await, SwapStage::Declined);
    is_untouched(&bench).await;
    let declined = told(&bench, before).await;
    assert!(declined.len() == 1 && declined[0].0 == "aiko@example.com" && declined[0].1.contains("断りました"), "{declined:?}");
    aiko.get(&at).await.expect(200, &["Ben Carterさんが断りました。"]);
}

#[tokio::test]
async fn nobody_answers_before_the_first_shift_begins_and_both_are_told() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let at = asked(&aiko).await;
    told(&bench, 0).await;
    let before = count(&bench);
    bench.machine.clock().move_to(AIKO.0.parse().unwrap());
    ben.post(&format!("{at}/accept"), &[]).await.expect_redirect(&at);
    assert_eq!(stage(&bench, &at).await, SwapStage::Expired);
    ben.get(&at).await.expect(200, &["Nobody answered before the first of the two shifts began."]);
    assert!(overrides(&bench, "shop").await.is_empty());
    bench.machine.advance(SignedDuration::from_mins(5)).await.unwrap();
    let expired: Vec<(String, String)> = told(&bench, before)
        .await
        .into_iter()
        .filter(|(_, line)| line.contains("not answered") || line.contains("返事がなかった"))
        .collect();
    assert_eq!(expired.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["aiko@example.com", "ben@example.com"], "{expired:?}");
}

#[tokio::test]
async fn a_swap_is_refused_whole_when_a_shift_has_changed_meanwhile() {
    let bench = bench().await;
    let (aiko, ben) = (Browser::of(&bench, "aiko@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let at = asked(&aiko).await;
    let part = serde_json::json!({ "change": "replace", "user": "ben", "by": ["dora"], "from": "2026-12-02T00:00:00Z", "until": "2026-12-03T00:00:00Z" });
    bench.send(Ask::post("/schedules/shop/overrides").token().json(&part)).await.expect(201, &[]);
    ben.post(&format!("{at}/accept"), &[]).await.expect(409, &["Somebody else is on call by now"]);
    assert_eq!((stage(&bench, &at).await, overrides(&bench, "shop").await.len()), (SwapStage::Asked, 1), "neither of both is made");
    assert_eq!(on_call_at(&bench, "shop", "2026-11-24T00:00:00Z").await, ["aiko"]);
}

#[tokio::test]
async fn what_is_not_ones_own_can_not_be_swapped() {
    let bench = bench().await;
    let (ben, dora) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "dora@example.com").await);
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let stan = Browser::of(&bench, "stan@example.com").await;
    let page = aiko.get(&question()).await;
    let fields = |with: &str| -> Vec<(&'static str, String)> {
        FIELDS.iter().map(|name| (*name, if *name == "with" { with.to_owned() } else { field(&page, name) })).collect()
    };
    for (name, browser, with, status) in [
        ("dora", &dora, "ben", 409),
        ("ben", &ben, "aiko", 409),
        ("stan", &stan, "ben", 403),
        ("aiko", &aiko, "aiko", 400),
        ("aiko", &aiko, "stan", 400),
        ("aiko", &aiko, "gus", 409),
    ] {
        let fields = fields(with);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post("/app/swaps", &fields).await.status, status, "{name} with {with}");
    }
    assert!(bench.store().open_swaps(&"ben".parse().unwrap()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_link_in_the_message_answers_without_a_sign_in_and_opening_it_does_nothing() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let at = asked(&aiko).await;
    bench.machine.settle().await.unwrap();
    let path = link(&bench);
    let writes = bench.writes();
    for request in [Ask::get(&path), Ask::new("HEAD", &path), Ask::get(&format!("{path}/accept"))] {
        bench.send(request).await;
    }
    assert_eq!(bench.writes(), writes, "a scanner that opens the link answers nothing");
    bench.send(Ask::get(&path)).await.expect(200, &["佐藤 愛子 asks you to swap.", "Yes, swap", "You give: <bdi>Mon Nov 30 01:00"]);
    bench.send(form(&format!("{path}/accept"), &[]).header("sec-fetch-site", "cross-site")).await.expect(403, &[]);
    bench.send(form(&format!("{path}/withdraw"), &[])).await.expect(404, &[]);
    bench.send(form("/w/7K3Q7K3Q7K3Q/accept", &[])).await.expect(404, &[]);
    is_untouched(&bench).await;
    bench.send(form(&format!("{path}/accept"), &[])).await.expect_redirect(&path);
    bench.send(form(&format!("{path}/accept"), &[])).await.expect_redirect(&path);
    bench.send(Ask::get(&path)).await.expect(200, &["It is agreed"]);
    assert_eq!((stage(&bench, &at).await, overrides(&bench, "shop").await.len()), (SwapStage::Accepted, 2));
}

#[tokio::test]
async fn a_link_that_went_to_an_address_of_before_answers_nothing() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let at = asked(&aiko).await;
    bench.machine.settle().await.unwrap();
    let path = link(&bench);
    bench.configure(&crate::shifts::TEAM.replace("ben@example.com", "ben-carter@example.com")).await;
    bench.send(Ask::get(&path)).await.expect(410, &[]);
    bench.send(form(&format!("{path}/accept"), &[])).await.expect(410, &[]);
    assert_eq!(stage(&bench, &at).await, SwapStage::Asked);
    is_untouched(&bench).await;
}

#[tokio::test]
async fn somebody_can_not_be_asked_without_end() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    for _ in 0..20 {
        bench.later(SignedDuration::from_secs(1));
        asked(&aiko).await;
    }
    bench.later(SignedDuration::from_secs(1));
    let page = aiko.get(&question()).await;
    ask(&aiko, &page).await.expect(429, &[]);
    assert_eq!(bench.store().open_swaps(&"ben".parse().unwrap()).await.unwrap().len(), 20);
}
