//! The people of the stories.

/// Aiko is on call, Ben is called after five minutes, then everybody; twice in all.
pub const TEAM: &str = r#"
users:
  aiko: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }] } }
  ben: { name: Ben Carter, phone: "+819000000002", notify: { high: [{ after: 0m, by: sms }] } }
  chie: { name: 田中 千恵, phone: "+819000000003", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }] } }
teams:
  sre: { members: [aiko, ben, chie] }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko] }]
escalation_policies:
  checkout:
    steps:
      - { notify: [schedule/primary], wait: 5m }
      - { notify: [user/ben], wait: 5m }
      - { notify: [team/sre], wait: 10m }
    repeat: 1
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"], repage_every: 30m }
  batch: { escalation_policy: checkout, alarms: ["batch-*"], urgency: by_severity }
fallback: [team/sre]
"#;

/// The phone number of a person of [`TEAM`].
pub fn phone(person: &str) -> &'static str {
    match person {
        "aiko" => "+819000000001",
        "ben" => "+819000000002",
        "chie" => "+819000000003",
        other => panic!("nobody is called {other}"),
    }
}
