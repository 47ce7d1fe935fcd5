//! Ten thousand incidents are stored, and the pages answer as they did with a few hundred.

use std::time::{Duration, Instant};

use hansho::local::TABLE;
use hansho_domain::{AlertId, IncidentId};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{app::Browser, bench::Bench};

/// How many are stored in all, and how many of them are open.
const STORED: u32 = 10_000;
const OPEN: u32 = 300;

#[tokio::test]
async fn ten_thousand_incidents_that_are_over_cost_the_pages_nothing() {
    let bench =
        Bench::with(&acceptance::TEAM.replace("ben: { name: Ben Carter,", "ben: { name: Ben Carter, email: ben@example.com,")).await;
    let (over, open) = (bench.alarm("checkout-5xx").await, bench.alarm("checkout-latency").await);
    let browser = Browser::of(&bench, "ben@example.com").await;
    browser.act(over, "resolve").await.expect(303, &[]);
    let paths = ["/app?show=all".to_owned(), format!("/app/incidents/{open}")];
    bench.copies(open, 1..OPEN);
    let before = costs(&bench, &browser, &paths).await;
    bench.copies(over, OPEN..STORED);
    let after = costs(&bench, &browser, &paths).await;
    for ((path, (calls_before, quick)), (calls, slow)) in paths.iter().zip(before).zip(after) {
        eprintln!("{path}: {calls} reads, {} ms of unoptimised code; {} ms with {OPEN} stored", slow.as_millis(), quick.as_millis());
        assert_eq!(calls, calls_before, "{path} reads more with {STORED} incidents stored");
        assert!(slow < quick * 4 + Duration::from_millis(100), "{path} took {slow:?}, and {quick:?} before");
    }
    browser.get("/app?show=all").await.expect(200, &["150 more are open"]);
}

/// How often each page asks the table, and the least time that it takes.
#[expect(clippy::disallowed_methods, reason = "what is measured is how long it takes")]
async fn costs(bench: &Bench, browser: &Browser<'_>, paths: &[String]) -> Vec<(usize, Duration)> {
    let mut costs = Vec::new();
    for path in paths {
        browser.get(path).await.expect(200, &[]);
        let (mut least, calls) = (Duration::MAX, bench.reads());
        for _ in 0..4 {
            let begun = Instant::now();
            browser.get(path).await.expect(200, &[]);
            least = least.min(begun.elapsed());
        }
        costs.push((bench.reads() - calls, least));
    }
    costs
}

impl Bench {
    /// Stores an incident again under other ids, as it stands.
    fn copies(&self, id: IncidentId, numbers: std::ops::Range<u32>) {
        let key = json!({ "pk": { "S": format!("INCIDENT#{id}") }, "sk": { "S": "META" } });
        let (status, body) =
            self.database.call("DynamoDB_20120810.GetItem", json!({ "TableName": TABLE, "Key": key }).to_string().as_bytes());
        assert_eq!(status, 200);
        let found: Value = serde_json::from_slice(&body).unwrap();
        let item = found["Item"].to_string();
        assert!(item.contains("open_pk") || item.contains("recent_pk"), "{item}");
        for number in numbers {
            let mut hash = [0; 16];
            hash[..4].copy_from_slice(&number.to_be_bytes());
            let copy = IncidentId::derived(self.now() - SignedDuration::from_secs(i64::from(number)), AlertId::from_hash(hash));
            let item: Value = serde_json::from_str(&item.replace(&id.to_string(), &copy.to_string())).unwrap();
            let put = json!({ "TableName": TABLE, "Item": item }).to_string();
            let (status, body) = self.database.call("DynamoDB_20120810.PutItem", put.as_bytes());
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        }
    }
}
