//! A service's own words, from the files to the phones.

use jiff::SignedDuration;

use crate::bench::Bench;

/// The shop says its pages itself, in Japanese; whoever reads English has the standard text.
fn team(messages: &str) -> String {
    format!(
        r#"
users:
  aiko: {{ name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: {{ high: [{{ after: 0m, by: sms }}] }} }}
  ben: {{ name: Ben Carter, phone: "+819000000002", notify: {{ high: [{{ after: 0m, by: sms }}] }} }}
escalation_policies:
  shop: {{ steps: [{{ notify: [user/aiko, user/ben], wait: 5m }}], repeat: 5 }}
services:
  checkout: {{ escalation_policy: shop, alarms: ["checkout-*"]{messages} }}
fallback: [user/ben]
"#
    )
}

const OWN: &str = ", messages: { ja: { line: \"決済停止 {{ title }}\" } }";

/// The newest text to each of both.
fn texts(bench: &Bench) -> [String; 2] {
    let sent = bench.machine.outbox().since(0);
    ["+819000000001", "+819000000002"].map(|phone| sent.iter().rev().find(|one| one.to == phone).unwrap().text.clone())
}

#[tokio::test]
async fn a_page_is_in_the_services_own_words_for_whoever_reads_that_language() {
    let bench = Bench::with(&team(OWN)).await;
    bench.alarm("checkout-5xx").await;
    bench.machine.settle().await.unwrap();
    let [aiko, ben] = texts(&bench);
    assert!(aiko.starts_with("[重大] 決済停止 checkout-5xx") && aiko.contains("対応: https://oncall.example.com/i/"), "{aiko}");
    assert!(ben.starts_with("[critical] checkout: checkout-5xx"), "{ben}");

    // A mended text counts for the incident that is open.
    bench.configure(&team(", messages: { ja: { line: \"決済が停止中\" } }")).await;
    bench.later(SignedDuration::from_mins(6));
    bench.machine.settle().await.unwrap();
    let [aiko, _] = texts(&bench);
    assert!(aiko.starts_with("[重大] 決済が停止中 対応: "), "{aiko}");
}

#[tokio::test]
async fn a_page_does_not_wait_for_words_that_can_not_be_read() {
    let bench = Bench::with(&team(OWN)).await;
    bench.alarm("checkout-5xx").await;
    bench.machine.settle().await.unwrap();
    // The service is gone from the configuration, and its incident is not.
    bench.configure(&team(OWN).replace("checkout: {", "billing: {").replace("checkout-*", "billing-*")).await;
    bench.later(SignedDuration::from_mins(6));
    bench.machine.settle().await.unwrap();
    let [aiko, _] = texts(&bench);
    assert!(aiko.starts_with("[重大] checkout: "), "{aiko}");
}
