//! What is set up, as the pages show it: services, teams and the configuration, to whom it is theirs to see.

use hansho_store::Author;
use jiff::SignedDuration;

use crate::{
    app::Browser,
    bench::{Ask, Bench},
};

/// Aiko and Ben are of the shop, which Mona manages; Gus is its guest. Dora is of the data team, Stan only looks, Ada and Olga look after all.
pub const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, language: ja, time_zone: Asia/Tokyo }
  ben: { name: "Ben <b>Carter</b>", email: ben@example.com }
  mona: { name: Mona, email: mona@example.com }
  gus: { name: Gus, email: gus@example.com, role: guest }
  dora: { name: Dora, email: dora@example.com }
  stan: { name: Stan, email: stan@example.com, role: stakeholder }
  ada: { name: Ada, email: ada@example.com, role: admin }
  olga: { name: Olga, email: olga@example.com, role: owner }
teams:
  shop: { name: "The <i>shop</i>", members: [aiko, ben, gus], managers: [mona] }
  data: { name: The data, members: [dora] }
schedules:
  shop: { name: "Shop <u>rota</u>", time_zone: Asia/Tokyo, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }] }
  data: { name: Data rota, time_zone: UTC, rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [dora] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop], wait: 5m }, { notify: [user/ben, team/shop], wait: 10m, when: { priority: [SEV1] } }], repeat: 2 }
  data: { steps: [{ notify: [schedule/data], wait: 5m }] }
services:
  checkout: { name: "Checkout <script>alert(1)</script>", team: shop, escalation_policy: shop, alarms: ["checkout-*"], urgency: by_severity, acknowledgement_timeout: 30m, runbook: "https://runbooks.example.com/checkout" }
  database: { name: Database, team: data, escalation_policy: data, alarms: ["database-*"] }
  catch-all: { name: Rest, escalation_policy: data }
integrations:
  shop: { name: "Shop <em>events</em>", service: checkout, type: events }
  base: { name: Base events, service: database, type: events }
maintenance_windows:
  upgrade: { from: 2027-01-10T02:00Z, until: 2027-01-10T04:00Z, services: [checkout], reason: "The <s>upgrade</s>" }
routes:
  - { name: quiet shop, if: 'labels.alarm == "checkout-quiet"', then: { suppress: "it is <b>only</b> noise" } }
  - { name: quiet data, if: 'labels.alarm == "database-quiet"', then: { suppress: "the base is being moved" } }
fallback: [user/ada]
"#;

pub async fn bench() -> Bench {
    Bench::with(TEAM).await
}

/// Every page of what is set up.
const PAGES: [&str; 12] = [
    "/app/more",
    "/app/services",
    "/app/services/checkout",
    "/app/services/database",
    "/app/teams",
    "/app/teams/shop",
    "/app/teams/data",
    "/app/suppressed",
    "/app/configuration",
    "/app/keys",
    "/app/keys/integrations/shop",
    "/app/keys/integrations/base",
];

#[tokio::test]
async fn each_page_is_shown_to_whoever_may_see_it_and_others_learn_nothing() {
    let bench = bench().await;
    let of_the_shop = ["/app/more", "/app/services", "/app/services/checkout", "/app/teams", "/app/teams/shop", "/app/suppressed"];
    let everything: Vec<&str> = PAGES[..9].to_vec();
    for (who, sees) in [
        ("ada", PAGES.to_vec()),
        ("olga", PAGES.to_vec()),
        ("mona", everything.iter().copied().chain(["/app/keys", "/app/keys/integrations/shop"]).collect()),
        ("ben", everything.clone()),
        ("stan", everything.clone()),
        ("gus", of_the_shop.to_vec()),
    ] {
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        let nothing = browser.get("/app/services/nothing-here").await.expect(404, &[]);
        for path in PAGES {
            let page = browser.get(path).await;
            assert_eq!(page.status, if sees.contains(&path) { 200 } else { 404 }, "{who} asks for {path}: {}", page.body);
            if page.status == 404 {
                assert_eq!(page.body, nothing.body, "{who} learns that there is {path}");
            }
        }
        // The page that leads to all of them leads to no closed door.
        let more = browser.get("/app/more").await;
        for path in ["/app/services", "/app/teams", "/app/suppressed", "/app/configuration", "/app/keys"] {
            let href = format!("href=\"{}\"", path.replace('/', "&#x2f;"));
            assert_eq!(more.body.contains(&href), sees.contains(&path), "{who}, {path}: {}", more.body);
        }
    }
    for path in PAGES {
        let to: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        bench.send(Ask::get(path)).await.expect_redirect(&format!("/sign-in?to={to}"));
    }
}

#[tokio::test]
async fn a_guest_sees_what_their_own_team_looks_after_and_nothing_of_another() {
    let bench = bench().await;
    let gus = Browser::of(&bench, "gus@example.com").await;
    for (path, sees) in [("/app/services", "Checkout"), ("/app/teams", "The &lt;i&gt;shop"), ("/app/services/checkout", "Ben")] {
        let page = gus.get(path).await.expect(200, &[sees]);
        for other in ["Database", "The data", "Dora", "Data rota", "Base events"] {
            assert!(!page.body.contains(other), "{path} tells a guest of {other}: {}", page.body);
        }
    }
    gus.get("/app/services?q=data").await.expect(200, &["nothing of that name"]);
    let page = gus.get("/app/teams/shop").await.expect(200, &["佐藤 愛子", "Mona"]);
    assert!(!page.body.contains("&#x2f;people"), "a guest looks after nobody");
}

#[tokio::test]
async fn looking_at_what_is_set_up_changes_nothing() {
    let bench = bench().await;
    let olga = Browser::of(&bench, "olga@example.com").await;
    let writes = bench.writes();
    for path in PAGES {
        olga.get(path).await.expect(200, &[]);
        bench.send(Ask::new("HEAD", path).cookie(&olga.cookie)).await.expect(200, &[]);
    }
    assert_eq!(bench.writes(), writes);
}

#[tokio::test]
async fn names_are_text_wherever_they_stand() {
    let bench = bench().await;
    let olga = Browser::of(&bench, "olga@example.com").await;
    for (path, shown) in [
        ("/app/services", "Checkout &lt;script&gt;"),
        ("/app/services/checkout", "The &lt;s&gt;upgrade"),
        ("/app/teams/shop", "Shop &lt;u&gt;rota"),
        ("/app/configuration", "Shop &lt;em&gt;events"),
        ("/app/keys", "Shop &lt;em&gt;events"),
    ] {
        let page = olga.get(path).await.expect(200, &[shown]);
        for raw in ["<script>", "<b>", "<i>", "<u>", "<em>", "<s>"] {
            assert!(!page.body.contains(raw), "{path} has {raw}: {}", page.body);
        }
    }
    let searched = olga.get("/app/services?q=%22%3E%3Cscript%3E").await.expect(200, &["value=\"&quot;&gt;&lt;script&gt;\""]);
    assert!(!searched.body.contains("<script>"), "{}", searched.body);
}

#[tokio::test]
async fn a_service_says_who_is_called_step_by_step() {
    let bench = bench().await;
    let id = bench.alarm("checkout-5xx").await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    let page = ben.get("/app/services/checkout").await;
    let page = page.expect(
        200,
        &[
            "Step 1, for 5 min",
            "Step 2, for 10 min",
            "Only for: SEV1",
            "gone through 3 times",
            "high for critical and error, low for the rest",
            "triggers again after 30 min",
            "checkout-*",
            "https:&#x2f;&#x2f;runbooks.example.com&#x2f;checkout",
            "&#x2f;app&#x2f;schedules&#x2f;shop",
            "&#x2f;app&#x2f;teams&#x2f;shop",
            &format!("&#x2f;app&#x2f;incidents&#x2f;{id}"),
            "Triggered",
            "events over HTTP",
            "&#x2f;app&#x2f;open?service=checkout",
        ],
    );
    let first = page.body.find("Shop &lt;u&gt;rota").unwrap();
    assert!(first < page.body.find("Step 2").unwrap() && page.body.find("Step 2").unwrap() < page.body.find("Ada").unwrap());
    // Who only looks is not led to a form that they may not fill in.
    let stan = Browser::of(&bench, "stan@example.com").await;
    assert!(!stan.get("/app/services/checkout").await.body.contains("&#x2f;app&#x2f;open"));
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    aiko.get("/app/services/checkout")
        .await
        .expect(200, &["1番目 (5分待つ)", "対象: SEV1", "この順番を3回行います。", "30分たつと、もう一度呼び出す"]);
}

#[tokio::test]
async fn a_team_shows_its_people_services_and_schedules_and_whoever_looks_after_them_gets_to_their_pages() {
    let bench = bench().await;
    let mona = Browser::of(&bench, "mona@example.com").await;
    let page = mona
        .get("/app/teams/shop")
        .await
        .expect(200, &["佐藤 愛子", "Gus", "Checkout", "Shop &lt;u&gt;rota", "&#x2f;app&#x2f;people&#x2f;aiko"]);
    assert!(!page.body.contains("Dora") && !page.body.contains("Database"), "{}", page.body);
    let other = mona.get("/app/teams/data").await.expect(200, &["Dora", "Nobody but admins and owners"]);
    assert!(!other.body.contains("&#x2f;app&#x2f;people&#x2f;dora"), "she does not look after Dora");
    let ben = Browser::of(&bench, "ben@example.com").await;
    assert!(!ben.get("/app/teams/shop").await.body.contains("&#x2f;app&#x2f;people&#x2f;"));
}

#[tokio::test]
async fn the_configuration_in_force_is_shown_with_who_made_it_and_the_versions_before() {
    let bench = bench().await;
    let ben = Browser::of(&bench, "ben@example.com").await;
    ben.get("/app/configuration").await.expect(200, &["Version 1", "There is none before it.", "hansho apply"]);
    for number in 0..24 {
        bench.configure(&TEAM.replace("Dora", &format!("Dora {number}"))).await;
    }
    let page =
        ben.get("/app/configuration").await.expect(200, &["Version 25", "users: 1 changed", "Versions before", "Version 6", "1 file"]);
    assert!(!page.body.contains("Version 5<"), "{}", page.body);
    let shown: Vec<&str> = ["Shop &lt;u&gt;rota", "Data rota", "Base events", "The &lt;s&gt;upgrade"].to_vec();
    assert!(shown.iter().all(|one| page.body.contains(one)), "{}", page.body);
    let before = ben.get("/app/configuration?before=6").await.expect(200, &["Version 5<", "Version 1<"]);
    assert!(!before.body.contains("Version 6<") && !before.body.contains("before=1\""), "{}", before.body);
    ben.get("/app/configuration?before=1").await.expect(200, &["There is none before it."]);
    ben.get("/app/configuration?before=nothing").await.expect(200, &["Version 25"]);
    let aiko = Browser::of(&bench, "aiko@example.com").await;
    aiko.get("/app/configuration").await.expect(200, &["バージョン25", "人 変更1"]);
    // It is read only: there is nothing to tap but links.
    assert!(!page.body.contains("<form"), "{}", page.body);
}

#[tokio::test]
async fn who_made_a_version_and_why_is_told_as_they_said() {
    let bench = bench().await;
    let author = Author {
        by: "aiko@<laptop>".to_owned(),
        with: "hansho apply".to_owned(),
        message: Some("she <b>asked</b>".to_owned()),
        restores: Some(1),
    };
    bench.machine.put_in_force(acceptance::load(&TEAM.replace("Dora", "Dorothea")), &author).await.unwrap();
    bench.later(SignedDuration::from_secs(5));
    let ben = Browser::of(&bench, "ben@example.com").await;
    let told =
        ["aiko@&lt;laptop&gt;, with hansho apply", "she &lt;b&gt;asked&lt;&#x2f;b&gt;", "Goes back to version 1.", "users: 1 changed"];
    let page = ben.get("/app/configuration").await.expect(200, &told);
    assert!(!page.body.contains("<b>") && !page.body.contains("<laptop>"), "{}", page.body);
}

#[tokio::test]
async fn three_hundred_services_are_pages_that_cost_no_more_than_one() {
    let services: String = (0..300)
        .map(|number| format!("  s{number:03}: {{ name: \"Service number {number} of a large shop\", escalation_policy: shop }}\n"))
        .collect();
    let small = bench().await;
    let large = Bench::with(&TEAM.replacen("services:\n", &format!("services:\n{services}"), 1)).await;
    let mut costs = Vec::new();
    for bench in [&small, &large] {
        let ada = Browser::of(bench, "ada@example.com").await;
        for path in ["/app/services", "/app/services/checkout", "/app/teams/shop", "/app/configuration", "/app/keys"] {
            ada.get(path).await.expect(200, &[]);
            let reads = bench.reads();
            let page = ada.get(path).await;
            assert!(page.body.len() < 40 * 1024, "{path} has {} bytes", page.body.len());
            costs.push(bench.reads() - reads);
        }
    }
    assert_eq!(costs[..5], costs[5..], "more services cost no more reads");
    assert!(costs.iter().all(|reads| *reads <= 21), "{costs:?}");
    let ada = Browser::of(&large, "ada@example.com").await;
    large.later(SignedDuration::from_secs(5));
    let found = ada.get("/app/services?q=number%20299").await.expect(200, &["Service number 299"]);
    assert!(!found.body.contains("Service number 298"));
    ada.get("/app/services").await.expect(200, &["&#x2f;app&#x2f;services?after="]);
}
