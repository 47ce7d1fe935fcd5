//! No English is left in a Japanese page: every page that a link leads to is read word by word, and every address of the pages is led to.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use hansho_domain::{Actor, Command, Input, InputId, Priority};
use jiff::SignedDuration;

use crate::{
    app::{Browser, form, link},
    bench::{Ask, Bench, Reply, user},
    suppressed_page::suppress,
};

/// Everybody and everything has a Japanese name, so that a Latin word on a page is Hansho's own, or an id.
const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, email: aiko@example.com, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }, { after: 3m, by: email }] } }
  ken: { name: 鈴木 健, email: ken@example.com, language: ja, time_zone: Asia/Tokyo }
  gen: { name: 田中 元, email: gen@example.com, language: ja, time_zone: Asia/Tokyo, role: guest }
  ada: { name: 山田 灯, email: ada@example.com, phone: "+819000000004", language: ja, time_zone: Asia/Tokyo, role: owner }
teams:
  shop: { name: 店舗, members: [aiko, ken, gen, ada], managers: [ken] }
schedules:
  shop: { name: 店舗の当番, time_zone: Asia/Tokyo, rotations: [{ name: 週番, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ken, ada] }] }
  gaps: { name: 夜の当番, time_zone: Asia/Tokyo, rotations: [{ name: 夜, start: 2026-01-05T22:00, every: 1 day, members: [gen], only: [{ from: "22:00", to: "07:00" }] }] }
escalation_policies:
  shop: { steps: [{ notify: [schedule/shop], wait: 5m }, { notify: [team/shop], wait: 5m }] }
services:
  checkout: { name: 決済, team: shop, escalation_policy: shop, runbook: "https://example.com/", alarms: ["checkout-*"] }
  search: { name: 検索, team: shop, escalation_policy: shop, urgency: low, alarms: ["search-*"] }
integrations:
  shop: { name: 店舗のイベント, service: checkout, type: events }
routes:
  - { name: 静かな時間, if: 'labels.alarm == "checkout-xx"', then: { suppress: 作業中のため } }
fallback: [user/ada]
"#;

/// Latin words that may stand on a Japanese page: names of things that Japanese writes so, the ids of the team above, and those that Hansho
/// gives itself: the service `catch-all`, and a team's own.
const LATIN: [&str; 30] = [
    "ack",
    "aiko",
    "all",
    "ada",
    "asia",
    "aws",
    "catch",
    "checkout",
    "cloudwatch",
    "face",
    "gaps",
    "gen",
    "hansho",
    "id",
    "javascript",
    "ken",
    "markdown",
    "pin",
    "policy",
    "schedule",
    "search",
    "sev",
    "shop",
    "sms",
    "team",
    "tokyo",
    "touch",
    "utc",
    "webhook",
    "xx",
];

/// Addresses that show no page of their own in words: where a browser goes back to from an action, what a page asks for while it is open, and
/// what is no page. Everything else has to be reached from a page.
const NOT_PAGES: [&str; 2] = ["/", "/app/me/numbers.vcf"];
/// Pages to which no link of a page leads but one in a message, and those that are asked for here by hand.
const BY_HAND: [&str; 3] = ["/sign-in", "/app/offline", "/s/{code}"];

/// The words of a page that are seen or read aloud.
fn seen(page: &str) -> String {
    let mut text = String::new();
    let mut hidden = 0;
    for part in page.split('<').skip(1) {
        let (tag, shown) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.split([' ', '/', '\n']).find(|word| !word.is_empty()).unwrap_or_default();
        // Code, and what an alert said in its own words.
        if ["head", "script", "pre"].contains(&name) {
            hidden = if tag.starts_with('/') { 0 } else { 1 };
        }
        if hidden > 0 {
            continue;
        }
        for attribute in ["aria-label=\"", "placeholder=\"", "alt=\""] {
            if let Some((_, value)) = tag.split_once(attribute) {
                text.push_str(value.split('"').next().unwrap());
                text.push('\n');
            }
        }
        text.push_str(shown);
        text.push('\n');
    }
    ["&lt;", "&gt;", "&amp;", "&quot;", "&#x27;"].iter().fold(text.replace("&#x2f;", "/"), |text, entity| text.replace(entity, " "))
}

/// Latin words of a page, without addresses, ids, entities and the names above.
fn latin(page: &str) -> BTreeSet<String> {
    let seen = seen(page);
    let words = seen
        .split_whitespace()
        .filter(|word| !word.contains("https://") && !word.contains('@') && !word.starts_with("/app") && !word.contains("arn:aws:"));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric() && c != '&' && c != ';'));
    let words = words.filter(|word| word.len() < 26 && !word.starts_with('&'));
    let words = words.map(|word| word.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase());
    words.filter(|word| word.len() > 1 && !LATIN.contains(&word.as_str())).collect()
}

/// Where the links of a page lead on the same site.
fn links(page: &Reply) -> Vec<String> {
    let found = page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&#x2f;", "/").replace("&amp;", "&"));
    found.filter(|to| to.starts_with("/app") && !to.contains('.')).map(|to| to.split('#').next().unwrap().to_owned()).collect()
}

/// The addresses of the pages, as the sources have them: those that answer a look with a page.
fn addresses() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/api/src/app");
    let mut files: Vec<PathBuf> = vec![folder];
    let mut found = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        for route in fs::read_to_string(&path).unwrap().split(".route(\"").skip(1) {
            let (address, rest) = route.split_once('"').unwrap();
            let handler =
                rest.split_once("get(").filter(|(before, _)| before.trim() == ",").map(|(_, after)| after.split(')').next().unwrap());
            let is_page =
                handler.is_some_and(|handler| !["back", "live"].iter().any(|no| handler.rsplit("::").next().unwrap().starts_with(no)));
            if is_page && !NOT_PAGES.contains(&address) {
                found.insert(address.to_owned());
            }
        }
    }
    assert!(found.len() > 10, "{found:?}");
    found
}

fn is_at(path: &str, address: &str) -> bool {
    let (path, address): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), address.split('/').collect());
    path.len() == address.len() && path.iter().zip(&address).all(|(part, known)| known.starts_with('{') || part == known)
}

/// Something of everything that a page can show.
async fn story(bench: &Bench) {
    let taken = bench.alarm("checkout-5xx").await;
    bench.machine.settle().await.unwrap();
    bench.later(SignedDuration::from_mins(6));
    bench.machine.settle().await.unwrap();
    let commands = [
        Command::Note { text: "データベースを確認中".to_owned() },
        Command::Acknowledge,
        Command::ChangePriority { priority: Some(Priority::Sev2) },
    ];
    for (number, command) in commands.into_iter().enumerate() {
        let input = Input { id: InputId::new(format!("story-{number}")).unwrap(), actor: Actor::User(user("ada")), command };
        let _ = bench.store().apply(taken, &input).await.unwrap();
    }
    bench.alarm("checkout-5xx-2").await;
    bench.alarm("search-5xx").await;
    suppress(bench, "checkout-xx").await;
    bench.machine.settle().await.unwrap();
}

/// Every page that links lead to from the first one, as somebody sees them.
async fn read(browser: &Browser<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut waiting: VecDeque<String> = ["/app".to_owned()].into();
    let (mut looked_at, mut like): (BTreeMap<String, BTreeSet<String>>, BTreeMap<String, usize>) = Default::default();
    while let Some(path) = waiting.pop_front() {
        // A few of a kind: calendars go on for ever.
        let kind = path.split('?').next().unwrap().to_owned();
        let count = like.entry(kind).or_default();
        *count += 1;
        if *count > 3 || looked_at.contains_key(&path) {
            continue;
        }
        let page = browser.get(&path).await;
        assert!(matches!(page.status, 200 | 303), "{path}: {} {}", page.status, page.body);
        looked_at.insert(path.clone(), latin(&page.body));
        waiting.extend(links(&page));
        assert!(looked_at.len() < 400, "links lead on and on");
    }
    looked_at
}

#[tokio::test]
async fn no_english_is_left_in_a_japanese_page_and_every_page_is_looked_at() {
    let bench = Bench::with(TEAM).await;
    story(&bench).await;
    let mut looked_at = BTreeMap::new();
    for mail in ["ada@example.com", "ken@example.com", "gen@example.com"] {
        looked_at.extend(read(&Browser::of(&bench, mail).await).await);
    }
    let code = link(&bench, "aiko@example.com").await;
    for path in ["/sign-in", "/app/offline", "/nowhere", code.as_str()] {
        looked_at.insert(path.to_owned(), latin(&bench.send(Ask::get(path).japanese()).await.body));
    }
    let sent = bench.send(form("/sign-in", &[("mail", "nobody@example.com")]).japanese()).await;
    looked_at.insert("/sign-in, sent".to_owned(), latin(&sent.body));
    let left: BTreeMap<_, _> = looked_at.iter().filter(|(_, words)| !words.is_empty()).collect();
    assert!(left.is_empty(), "not in Japanese: {left:#?}");
    let paths: Vec<&str> = looked_at.keys().map(|path| path.split('?').next().unwrap()).collect();
    let missed: Vec<String> = addresses()
        .into_iter()
        .filter(|address| !BY_HAND.contains(&address.as_str()) && !paths.iter().any(|path| is_at(path, address)))
        .collect();
    assert_eq!(missed, ["/app/swaps/{swap}", "/invitation/{code}"], "pages that no link has led to; lead to them in `story`");
}

#[test]
fn english_on_a_page_is_found_wherever_it_is_read() {
    let page = "<html><head><title>Title</title></head><body><p aria-label=\"Close it\">開く <b>Open</b></p><pre>raw</pre><bdi>SEV1 &lt;Name&gt;</bdi></body>";
    assert_eq!(latin(page).into_iter().collect::<Vec<_>>(), ["close", "it", "name", "open"]);
}
