//! Who is on call, on the pages: a schedule as a calendar, and shifts that somebody else takes, as the right person and the wrong one.

use hansho_domain::Override;
use jiff::{SignedDuration, Timestamp};

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench, Reply},
};

/// Ben is in both teams, and so is in both schedules; gus is a guest of the shop, which mona looks after. Stan only looks, ada is an admin.
pub const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, language: ja, time_zone: Asia/Tokyo }
  ben: { name: Ben Carter, email: ben@example.com, time_zone: Europe/London }
  mona: { name: Mona, email: mona@example.com }
  gus: { name: Gus, email: gus@example.com, role: guest }
  dora: { name: Dora, email: dora@example.com, time_zone: Asia/Tokyo }
  stan: { name: Stan, email: stan@example.com, role: stakeholder }
  ada: { name: Ada, email: ada@example.com, role: admin }
teams:
  shop: { members: [aiko, ben, gus], managers: [mona] }
  data: { members: [dora, ben] }
schedules:
  shop: { name: The shop, time_zone: Asia/Tokyo, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }] }
  data: { name: The data, time_zone: UTC, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [ben, dora] }] }
  nights: { name: Nights, time_zone: Asia/Tokyo, rotations: [{ name: nights, start: 2026-01-05T22:00, every: 1 day, members: [aiko], only: [{ from: "22:00", to: "07:00" }] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop, schedule/nights], wait: 5m }] }
  data: { steps: [{ notify: [schedule/data], wait: 5m }] }
services:
  checkout: { name: Checkout, team: shop, escalation_policy: shop, alarms: ["checkout-*"] }
  database: { name: Database, team: data, escalation_policy: data, alarms: ["database-*"] }
fallback: [user/ada]
"#;

/// Aiko's next shift in the shop. Now, on Saturday the 21st in Tokyo, it is Ben's until then.
pub const AIKO: (&str, &str) = ("2026-11-23T01:00:00Z", "2026-11-30T01:00:00Z");
/// Ben's shift after it.
pub const BEN: (&str, &str) = ("2026-11-30T01:00:00Z", "2026-12-07T01:00:00Z");

pub async fn bench() -> Bench {
    Bench::with(TEAM).await
}

/// The value of a field of a form.
pub fn field(page: &Reply, name: &str) -> String {
    let value = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
    value.unwrap_or_else(|| panic!("no {name} in {}", page.body)).split('"').next().unwrap().to_owned()
}

fn asked(schedule: &str, (from, until): (&str, &str), rest: &str) -> String {
    format!("/app/schedules/{schedule}/override?from={from}&until={until}{rest}")
}

/// Everything that a question asks, as its button sends it.
fn fields(page: &Reply) -> Vec<(&'static str, String)> {
    ["request", "from", "until", "of", "by", "seen"].map(|name| (name, field(page, name))).into()
}

async fn tap(browser: &Browser<'_>, schedule: &str, fields: &[(&'static str, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(&format!("/app/schedules/{schedule}/override"), &fields).await
}

/// Asks and taps, as somebody who may.
async fn handed(browser: &Browser<'_>, schedule: &str, shift: (&str, &str), rest: &str) -> Reply {
    let page = browser.get(&asked(schedule, shift, rest)).await.expect(200, &["Yes, change it"]);
    tap(browser, schedule, &fields(&page)).await
}

pub async fn overrides(bench: &Bench, schedule: &str) -> Vec<Override> {
    bench.store().overrides_between(&schedule.parse().unwrap(), bench.now(), Timestamp::MAX).await.unwrap()
}

pub async fn on_call_at(bench: &Bench, schedule: &str, at: &str) -> Vec<String> {
    bench.later(SignedDuration::from_secs(5));
    let answer = bench.read(&format!("/oncall?schedule={schedule}&at={at}")).await;
    let people = answer["schedules"][0]["now"]["people"].as_array().cloned().unwrap_or_default();
    people.iter().map(|person| person["user"].as_str().unwrap().to_owned()).collect()
}

/// What was mailed since message `number`, but for links to sign in: to whom, and the first line.
pub async fn told(bench: &Bench, number: u64) -> Vec<(String, String)> {
    bench.machine.settle().await.unwrap();
    let sent = bench.machine.outbox().since(number).into_iter().filter(|sent| !sent.text.contains("/s/"));
    let mut told: Vec<(String, String)> = sent.map(|sent| (sent.to, sent.text.lines().next().unwrap_or_default().to_owned())).collect();
    told.sort();
    told
}

pub fn count(bench: &Bench) -> u64 {
    bench.machine.outbox().count()
}

#[tokio::test]
async fn a_schedule_is_a_calendar_with_a_row_for_each_rotation_and_a_table_that_says_the_same() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let writes = bench.writes();
    let page = ben.get("/app/schedules/shop").await.expect(
        200,
        &[
            "The shop",
            "Hand-offs of this schedule go by the clock of Asia&#x2f;Tokyo.",
            "weekly",
            "佐藤 愛子",
            "<table aria-labelledby=\"shifts\">",
            "Mon Nov 23 01:00",
            "class=\"now\"",
            "Sat 21",
        ],
    );
    assert_eq!(bench.writes(), writes, "looking changes nothing");
    assert!(!page.body.contains("style="), "the policy lets no style in: {}", page.body);
    assert_eq!(page.body.matches("<svg class=\"week\"").count(), 2);
    for (query, weeks) in [("weeks=1", 1), ("weeks=4", 4), ("weeks=9", 2), ("weeks=x&from=y", 2), ("from=2026-12-07&weeks=1", 1)] {
        let page = ben.get(&format!("/app/schedules/shop?{query}")).await.expect(200, &[]);
        assert_eq!(page.body.matches("<svg class=\"week\"").count(), weeks, "{query}");
    }
    ben.get("/app/schedules/shop?from=2026-12-07&weeks=1")
        .await
        .expect(200, &["Mon 7", "Sun 13", "from=2026-11-30&amp;weeks=1", "from=2026-12-14&amp;weeks=1"]);
    // A shift that goes on after what is shown is given away as a whole.
    let page = ben.get("/app/schedules/shop?from=2026-12-07&weeks=1").await.expect(200, &["until=2026-12-14T01:00:00Z&amp;of=aiko"]);
    assert!(!page.body.contains("until=2026-12-14T00:00:00Z"), "{}", page.body);
    ben.get("/app/on-call").await.expect(200, &["from=2026-12-14T01:00:00Z&amp;until=2026-12-21T01:00:00Z"]);
    // Somebody's colour is the same wherever they are.
    let colour = |page: &Reply, name: &str| {
        let before = page.body.split(&format!("<bdi>{name}</bdi>")).next().unwrap().to_owned();
        before.rsplit("rect class=\"").next().unwrap().split('"').next().unwrap().to_owned()
    };
    let data = ben.get("/app/schedules/data").await.expect(200, &["Dora"]);
    assert_eq!(colour(&page, "Ben Carter"), colour(&data, "Ben Carter"));
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let page = aiko.get("/app/schedules/shop").await.expect(200, &["11&#x2f;23(月) 10:00", "21土", "当番の一覧"]);
    assert!(!page.body.contains("Hand-offs") && !page.body.contains("引き継ぎ時刻"), "her clock is the schedule's: {}", page.body);
}

#[tokio::test]
async fn gaps_are_hatched_and_say_how_long_and_an_override_lies_over_what_it_replaces() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let page = ben
        .get("/app/schedules/nights?from=2026-11-23&weeks=1")
        .await
        .expect(200, &["class=\"gap\">nobody for 15 h<", "fill=\"url(#gap)\"", "id=\"gap\""]);
    let hatched = page.body.matches("fill=\"url(#gap)\"").count();
    assert_eq!(hatched, 8, "every day, and the piece before the first night: {}", page.body);
    assert!(!ben.get("/app/schedules/shop").await.body.contains("by-hand"), "nothing is changed by hand yet");
    handed(&ben, "shop", AIKO, "&of=aiko&by=ben").await;
    let page = ben
        .get("/app/schedules/shop")
        .await
        .expect(200, &["by-hand", "(changed by hand)", "佐藤 愛子 -&gt; Ben Carter, Mon Nov 23 01:00 - Mon Nov 30 01:00."]);
    let drawn = page.body.split("<svg class=\"week\"").nth(2).unwrap().split("</svg>").next().unwrap();
    let parts: Vec<&str> = drawn.split("<rect").skip(1).collect();
    let replaced = parts.iter().position(|part| part.contains("<title>佐藤 愛子")).unwrap();
    let over = parts.iter().position(|part| part.contains("by-hand")).unwrap();
    assert!(replaced < over, "it is drawn after what it replaces: {drawn}");
}

#[tokio::test]
async fn a_shift_is_given_away_by_whoever_has_it_and_the_other_is_told() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let listed = aiko.get("/app/on-call").await.expect(200, &["自分の次の当番", "11&#x2f;23(月) 10:00 〜 11&#x2f;30(月) 10:00"]);
    assert!(
        listed.body.contains(&asked("shop", AIKO, "&of=aiko").replace('/', "&#x2f;").replace('&', "&amp;").replace("&amp;#x2f;", "&#x2f;")),
        "{}",
        listed.body
    );
    let writes = bench.writes();
    let choose = aiko
        .get(&asked("shop", AIKO, "&of=aiko"))
        .await
        .expect(200, &["誰が代わりますか?", "Ben Carter", "現地は今", "Gus", "ほかの人", "Dora"]);
    assert!(!choose.body.contains("Stan"), "who only looks is nobody to be called: {}", choose.body);
    let page = aiko.get(&asked("shop", AIKO, "&of=aiko&by=gus")).await;
    let page = page.expect(200, &["佐藤 愛子 → Gus、11&#x2f;23(月) 10:00 〜 11&#x2f;30(月) 10:00。", "Gusさんに知らせます。"]);
    assert_eq!(bench.writes(), writes, "asking changes nothing");
    let before = count(&bench);
    let made = tap(&aiko, "shop", &fields(&page)).await;
    let id = overrides(&bench, "shop").await[0].id.clone();
    made.expect_redirect(&format!("/app/schedules/shop?made={id}"));
    aiko.get(&format!("/app/schedules/shop?made={id}")).await.expect(200, &["変更しました。", "取り消す"]);
    assert_eq!(on_call_at(&bench, "shop", "2026-11-24T00:00:00Z").await, ["gus"]);
    let told = told(&bench, before).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 == "gus@example.com" && told[0].1.contains("佐藤 愛子 changed who is on call (The shop)"), "{told:?}");
}

#[tokio::test]
async fn for_others_decide_managers_of_the_team_admins_and_nobody_else() {
    for (who, by, status) in [
        ("mona@example.com", "gus", 303),
        ("ada@example.com", "dora", 303),
        ("ben@example.com", "gus", 403),
        ("ben@example.com", "ben", 303),
        ("dora@example.com", "ben", 403),
        ("dora@example.com", "dora", 303),
        ("gus@example.com", "ben", 403),
        ("gus@example.com", "gus", 303),
        ("stan@example.com", "ben", 403),
        ("stan@example.com", "stan", 403),
        ("mona@example.com", "stan", 403),
        ("mona@example.com", "nobody-here", 403),
    ] {
        let bench = bench().await;
        let browser = Browser::of(&bench, who).await;
        let looked = browser.get(&asked("shop", AIKO, &format!("&of=aiko&by={by}"))).await;
        assert_eq!(looked.status == 200, status == 303, "{who} {by}: {}", looked.body);
        // Whoever sees the button nowhere may still send what it would.
        let admin = Browser::of(&bench, "ada@example.com").await;
        let mut sent = fields(&admin.get(&asked("shop", AIKO, "&of=aiko&by=ben")).await);
        sent.retain(|(name, _)| *name != "by");
        sent.push(("by", by.to_owned()));
        assert_eq!(tap(&browser, "shop", &sent).await.status, status, "{who} {by}");
        assert_eq!(overrides(&bench, "shop").await.len(), usize::from(status == 303), "{who} {by}");
    }
}

#[tokio::test]
async fn both_are_told_when_somebody_else_decides() {
    let bench = bench().await;
    let mona = Browser::of(&bench, "mona@example.com").await;
    mona.get(&asked("shop", AIKO, "&of=aiko&by=gus")).await.expect(200, &["佐藤 愛子 -&gt; Gus", "Both are told."]);
    let before = count(&bench);
    handed(&mona, "shop", AIKO, "&of=aiko&by=gus").await;
    let told = told(&bench, before).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].0 == "aiko@example.com" && told[0].1.contains("Monaさんが当番を変更しました"), "{told:?}");
    assert!(told[1].0 == "gus@example.com" && told[1].1.contains("Mona changed who is on call"), "{told:?}");
}

#[tokio::test]
async fn two_taps_are_one_and_of_two_tabs_the_second_is_told_that_it_is_too_late() {
    let bench = bench().await;
    let (mona, ada) = (Browser::of(&bench, "mona@example.com").await, Browser::of(&bench, "ada@example.com").await);
    let first = fields(&mona.get(&asked("shop", AIKO, "&of=aiko&by=gus")).await);
    let second = fields(&ada.get(&asked("shop", AIKO, "&of=aiko&by=ben")).await);
    let before = count(&bench);
    let to = tap(&mona, "shop", &first).await.headers["location"].clone();
    tap(&mona, "shop", &first).await.expect_redirect(&to);
    tap(&ada, "shop", &second).await.expect(409, &["Somebody else is on call by now"]);
    assert_eq!(overrides(&bench, "shop").await.len(), 1);
    assert_eq!(told(&bench, before).await.len(), 2, "each is told once");
}

#[tokio::test]
async fn a_form_of_another_site_changes_no_shift_and_neither_does_a_get() {
    let bench = bench().await;
    let (mona, ada) = (Browser::of(&bench, "mona@example.com").await, Browser::of(&bench, "ada@example.com").await);
    let sent = fields(&mona.get(&asked("shop", AIKO, "&of=aiko&by=gus")).await);
    let (mark, foreign) = (mona.mark().await, ada.mark().await);
    let all = |mark: &str| {
        let fields: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).chain([("mark", mark)]).collect();
        form("/app/schedules/shop/override", &fields).cookie(&mona.cookie)
    };
    for (name, ask) in
        [("no mark", all("")), ("another's mark", all(&foreign)), ("another site", all(&mark).header("sec-fetch-site", "cross-site"))]
    {
        assert_eq!(bench.send(ask).await.status, 403, "{name}");
    }
    mona.post("/app/schedules/shop/override", &[("by", "gus")]).await.expect(400, &[]);
    handed(&mona, "shop", AIKO, "&of=aiko&by=gus").await;
    let id = overrides(&bench, "shop").await[0].id.clone();
    let path = format!("/app/schedules/shop/overrides/{id}/remove");
    mona.get(&path).await.expect_redirect("/app/schedules/shop");
    bench.send(form(&path, &[("mark", &foreign)]).cookie(&mona.cookie)).await.expect(403, &[]);
    bench.send(Ask::get("/app/schedules/shop")).await.expect_redirect("/sign-in?to=%2Fapp%2Fschedules%2Fshop");
    assert_eq!(overrides(&bench, "shop").await.len(), 1);
}

#[tokio::test]
async fn a_part_of_a_shift_is_taken_on_the_readers_clock() {
    let bench = bench().await;
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    let part = "/app/schedules/shop/override?of=aiko&part_from=2026-11-28T10:00&part_until=2026-11-29T10:00";
    let choose = aiko.get(part).await.expect(200, &["11&#x2f;28(土) 10:00 〜 11&#x2f;29(日) 10:00"]);
    assert!(choose.body.contains("from=2026-11-28T01:00:00Z&amp;until=2026-11-29T01:00:00Z&amp;of=aiko&amp;by=ben"), "{}", choose.body);
    let page = aiko.get(&asked("shop", ("2026-11-28T01:00:00Z", "2026-11-29T01:00:00Z"), "&of=aiko&by=ben")).await;
    tap(&aiko, "shop", &fields(&page)).await;
    for (at, who) in [("2026-11-28T00:59:00Z", "aiko"), ("2026-11-28T01:00:00Z", "ben"), ("2026-11-29T01:00:00Z", "aiko")] {
        assert_eq!(on_call_at(&bench, "shop", at).await, [who], "{at}");
    }
    for odd in [
        "part_from=2026-11-29T10:00&part_until=2026-11-28T10:00",
        "from=x&until=y",
        "",
        "from=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z",
        "from=2026-11-23T01:00:00Z&until=2028-11-23T01:00:00Z",
    ] {
        aiko.get(&format!("/app/schedules/shop/override?{odd}")).await.expect(200, &["この時間は指定できません"]);
    }
}

#[tokio::test]
async fn a_question_warns_of_two_shifts_at_once_of_other_overrides_and_of_what_changes_nothing() {
    let bench = bench().await;
    let mona = Browser::of(&bench, "mona@example.com").await;
    // Ben is on call in the other team's schedule that week.
    mona.get(&asked("shop", AIKO, "&of=aiko&by=ben"))
        .await
        .expect(200, &["Ben Carter is on call at the same time in The data", "Yes, change it"]);
    let plain = mona.get(&asked("shop", AIKO, "&of=aiko&by=gus")).await.expect(200, &[]);
    assert!(!plain.body.contains("class=\"warning\""), "{}", plain.body);
    handed(&mona, "shop", AIKO, "&of=aiko&by=gus").await;
    mona.get(&asked("shop", AIKO, "&of=gus&by=mona")).await.expect(200, &["another change by hand in this time"]);
    let nothing = mona.get(&asked("shop", AIKO, "&of=aiko&by=mona")).await.expect(200, &["This changes nothing"]);
    assert!(!nothing.body.contains("Yes, change it"), "there is nothing to do: {}", nothing.body);
    // Another moment is another question.
    bench.later(SignedDuration::from_secs(1));
    let mut sent = fields(&mona.get(&asked("shop", AIKO, "&of=gus&by=mona")).await);
    sent.retain(|(name, _)| *name != "of");
    sent.push(("of", "aiko".to_owned()));
    tap(&mona, "shop", &sent).await.expect(409, &[]);
}

#[tokio::test]
async fn an_override_is_taken_back_by_whom_it_concerns_and_the_others_are_told() {
    let bench = bench().await;
    let (mona, gus) = (Browser::of(&bench, "mona@example.com").await, Browser::of(&bench, "gus@example.com").await);
    let (dora, stan) = (Browser::of(&bench, "dora@example.com").await, Browser::of(&bench, "stan@example.com").await);
    handed(&mona, "shop", AIKO, "&of=aiko&by=gus").await;
    let id = overrides(&bench, "shop").await[0].id.clone();
    let path = format!("/app/schedules/shop/overrides/{id}/remove");
    for (name, browser) in [("dora", &dora), ("stan", &stan)] {
        assert!(!browser.get("/app/schedules/shop").await.body.contains("/remove"), "{name}");
        browser.post(&path, &[]).await.expect(403, &[]);
    }
    gus.post(&format!("/app/schedules/data/overrides/{id}/remove"), &[]).await.expect(404, &[]);
    assert_eq!(overrides(&bench, "shop").await.len(), 1);
    told(&bench, 0).await;
    let before = count(&bench);
    gus.get("/app/schedules/shop").await.expect(200, &["Gus -&gt; 佐藤 愛子, Mon Nov 23 01:00 - Mon Nov 30 01:00."]);
    gus.post(&path, &[]).await.expect_redirect("/app/schedules/shop");
    gus.post(&path, &[]).await.expect_redirect("/app/schedules/shop");
    assert_eq!(on_call_at(&bench, "shop", "2026-11-24T00:00:00Z").await, ["aiko"]);
    let told = told(&bench, before).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 == "aiko@example.com" && told[0].1.contains("Gusさんが当番の変更を取り消し"), "{told:?}");
}

#[tokio::test]
async fn taking_a_shift_tells_whoever_had_it_and_is_undone_from_the_same_page() {
    let bench = bench().await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    let page = gus.get("/app/on-call").await.expect(200, &["Ben Carter -&gt; Gus, from now until", "Ben Carter is told"]);
    let shop = page.body.split("id=\"shop\"").nth(1).unwrap();
    let seen = shop.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    told(&bench, 0).await;
    let before = count(&bench);
    gus.post("/app/on-call/shop/take", &[("seen", &seen)]).await.expect_redirect("/app/on-call");
    let taken = told(&bench, before).await;
    assert!(taken.len() == 1 && taken[0].0 == "ben@example.com", "{taken:?}");
    bench.later(SignedDuration::from_mins(10));
    let page = gus.get("/app/on-call").await.expect(200, &["Yes, take it back"]);
    let path = page.body.split("action=\"").find(|at| at.contains("remove")).unwrap().split('"').next().unwrap().replace("&#x2f;", "/");
    let before = count(&bench);
    gus.post(&path, &[]).await.expect_redirect("/app/schedules/shop");
    assert_eq!(on_call_at(&bench, "shop", &bench.now().to_string()).await, ["ben"]);
    let back = told(&bench, before).await;
    assert!(back.len() == 1 && back[0].0 == "ben@example.com" && back[0].1.contains("Gus took"), "{back:?}");
}

#[tokio::test]
async fn a_guest_sees_the_schedules_by_which_their_teams_services_call_and_no_other() {
    let bench = bench().await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    let page = gus.get("/app/on-call").await.expect(200, &["The shop", "Nights"]);
    assert!(!page.body.contains("The data"), "ben is in both teams, and that opens nothing: {}", page.body);
    gus.get("/app/schedules/nights").await.expect(200, &[]);
    let hidden = gus.get("/app/schedules/data").await.expect(404, &[]);
    let absent = gus.get("/app/schedules/unheard-of").await.expect(404, &[]);
    assert_eq!(hidden.body, absent.body, "what is not theirs and what is not there look the same");
    for path in [
        "/live",
        "/override?from=2026-11-23T01:00:00Z&until=2026-11-24T01:00:00Z",
        "/swap?from=2026-11-23T01:00:00Z&until=2026-11-24T01:00:00Z",
    ] {
        gus.get(&format!("/app/schedules/data{path}")).await.expect(404, &[]);
    }
    gus.post("/app/schedules/data/override", &[("request", "r"), ("from", AIKO.0), ("until", AIKO.1), ("by", "gus")])
        .await
        .expect(404, &[]);
    let choose = gus.get(&asked("shop", AIKO, "&of=aiko")).await.expect(200, &["Gus"]);
    assert!(!choose.body.contains("Dora"), "a guest learns no names of another team: {}", choose.body);
    assert!(overrides(&bench, "data").await.is_empty());
}

#[tokio::test]
async fn open_pages_of_who_is_on_call_are_told_of_a_change() {
    let bench = bench().await;
    let (ben, mona) = (Browser::of(&bench, "ben@example.com").await, Browser::of(&bench, "mona@example.com").await);
    for path in ["/app/on-call", "/app/schedules/shop"] {
        let page = ben.get(path).await.expect(200, &["live.js"]);
        let seen = page.body.split("data-seen=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(ben.get(&format!("{path}/live")).await.body, seen, "{path}");
    }
    let before = [ben.get("/app/on-call/live").await.body, ben.get("/app/schedules/shop/live").await.body];
    handed(&mona, "shop", AIKO, "&of=aiko&by=gus").await;
    let after = [ben.get("/app/on-call/live").await.body, ben.get("/app/schedules/shop/live").await.body];
    assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
}
