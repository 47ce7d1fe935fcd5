//! The team of these stories, and how they are told.
#![allow(dead_code, reason = "not every file of tests needs all of it")]
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use hansho_domain::{Event, Severity};
use hansho_rehearsal::{Answer, Reaction, Scenario, Stage, Story};
use jiff::Timestamp;

pub const TEAM: &str = r#"
users:
  aiko: { name: 愛子, phone: "+819000000001", email: aiko@example.com, notify: { high: [{ after: 0m, by: sms }, { after: 3m, by: email }], low: [{ after: 0m, by: email }] } }
  ben: { name: Ben, phone: "+819000000002", notify: { high: [{ after: 0m, by: sms }] } }
  chie: { name: 千恵, phone: "+819000000003", notify: { high: [{ after: 0m, by: sms }] } }
teams:
  sre: { members: [aiko, ben, chie] }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations: [{ name: days, start: 2026-11-20T10:00, every: 1 day, members: [aiko, chie] }]
escalation_policies:
  checkout:
    steps:
      - { notify: [schedule/primary], wait: 5m }
      - { notify: [user/ben], wait: 5m }
      - { notify: [team/sre], wait: 10m }
    repeat: 1
services:
  checkout: { escalation_policy: checkout, repage_every: 30m, acknowledgement_timeout: 20m, urgency: by_severity }
"#;

pub fn stage(text: &str) -> Stage {
    let loaded = hansho_configuration::load_files(&[("a.yaml".into(), text.to_owned())]).unwrap_or_else(|problems| panic!("{problems:#?}"));
    loaded.configuration.bundle_of(&"checkout".parse().unwrap(), 1).unwrap().into()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn scenario() -> Scenario {
    Scenario::new(at("2026-11-20T12:00+09:00"), "5xx", Severity::Critical, None).unwrap()
}

pub fn answer(user: &str, after_seconds: u32, reaction: Reaction) -> Answer {
    Answer::new(user.parse().unwrap(), after_seconds, reaction)
}

/// `0 aiko sms` for every page, in seconds from the start.
pub fn told(story: &Story) -> Vec<String> {
    story.pages.iter().map(|p| format!("{} {} {}", story.since_start(p.at).as_secs(), p.who(), p.way())).collect()
}

/// What happened, without the pages.
pub fn happened(story: &Story) -> Vec<Event> {
    story.moments.iter().flat_map(|moment| moment.entry.events.clone()).collect()
}
