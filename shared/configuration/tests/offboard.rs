//! A person leaves: every mention is told, what can be repaired is, comments and everybody else's turns stay.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::{fs, path::PathBuf};

use hansho_configuration::{Gathered, Offboarding, Repair, load, offboard};
use jiff::{Timestamp, ToSpan, civil::datetime, tz::TimeZone};

const TEAM: &str = r#"# The team.
users:
  aiko: { name: 佐藤 愛子, phone: "+819000000001" } # first
  ben: { name: Ben, phone: "+819000000002" }
  chie: { name: Chie, phone: "+819000000003" }
teams:
  sre: { members: [aiko, ben, chie] } # everybody
  alone: { members: [aiko] }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations:
      - { name: 週番, start: 2026-01-05T10:00, every: 1 week, members: [ben, aiko, chie] } # by the week
      - name: nights
        start: 2026-01-05T22:00
        every: 1 day
        members:
          - ben
          - aiko
          - [chie, aiko]
        only: [{ from: "22:00", to: "07:00" }]
escalation_policies:
  checkout:
    steps:
      - { notify: [schedule/primary, user/aiko], wait: 5m }
      - notify:
          - user/aiko
          - team/sre
        wait: 10m
services:
  checkout: { escalation_policy: checkout }
fallback: [user/aiko, team/sre]
"#;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hansho-offboard-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("team.yaml"), text).unwrap();
        Self(path)
    }

    fn offboard(&self, by: Option<&str>) -> Offboarding {
        let by = by.map(|by| by.parse().unwrap());
        let done = offboard(&Gathered::from_folder(&self.0), &"aiko".parse().unwrap(), by.as_ref(), |_| datetime(2026, 11, 27, 9, 0, 0, 0))
            .unwrap();
        for (file, text) in &done.files {
            fs::write(self.0.join(file), text).unwrap();
        }
        done
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn is_edit(repair: &Repair) -> bool {
    matches!(repair, Repair::Edit(_))
}

#[test]
fn somebody_takes_over_everywhere_and_nobody_elses_turn_moves() {
    let folder = Folder::new("by", TEAM);
    let before = load(&folder.0).unwrap().configuration;
    let done = folder.offboard(Some("ben"));
    assert_eq!(done.mentions.len(), 8, "{:#?}", done.mentions);
    assert!(done.mentions.iter().all(|mention| is_edit(&mention.repair)), "{:#?}", done.mentions);
    let text = fs::read_to_string(folder.0.join("team.yaml")).unwrap();
    for part in [
        "# The team.",
        "# everybody",
        "alone: { members: [ben] }",
        "sre: { members: [ben, chie] }",
        "members: [ben, { user: ben, joins: 2026-11-27T09:00 }, { user: aiko, leaves: 2026-11-27T09:00 }, chie] } # by the week",
        "          - { user: ben, joins: 2026-11-27T09:00 }\n          - { user: aiko, leaves: 2026-11-27T09:00 }\n",
        "          - [chie, ben]\n",
        "notify: [schedule/primary, user/ben]",
        "          - user/ben\n          - team/sre\n",
        "fallback: [user/ben, team/sre]",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    let after = load(&folder.0).unwrap().configuration;
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let mut at: Timestamp = datetime(2026, 11, 1, 12, 0, 0, 0).to_zoned(zone).unwrap().timestamp();
    for _ in 0..400 {
        let on_call = |configuration: &hansho_domain::Configuration| configuration.schedules()[0].on_call_at(&[], at);
        let (old, new) = (on_call(&before), on_call(&after));
        for user in old.iter().filter(|user| user.as_str() != "aiko") {
            assert!(new.contains(user), "{user} at {at}: {old:?} {new:?}");
        }
        if at > "2026-12-05T00:00:00Z".parse().unwrap() {
            assert!(!new.iter().any(|user| user.as_str() == "aiko") && !new.is_empty(), "{at}: {new:?}");
        }
        at += 6.hours();
    }
}

#[test]
fn without_anybody_to_take_over_names_are_taken_out_and_what_would_be_empty_is_told() {
    let folder = Folder::new("out", TEAM);
    let done = folder.offboard(None);
    let by_hand: Vec<&str> =
        done.mentions.iter().filter(|mention| !is_edit(&mention.repair)).map(|mention| mention.path.as_str()).collect();
    assert_eq!(by_hand, ["teams.alone.members[0]"]);
    let text = fs::read_to_string(folder.0.join("team.yaml")).unwrap();
    for part in [
        "sre: { members: [ben, chie] }",
        "members: [ben, { user: aiko, leaves: 2026-11-27T09:00 }, chie]",
        "          - [chie]\n",
        "notify: [schedule/primary]",
        "      - notify:\n          - team/sre\n",
        "fallback: [team/sre]",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    assert!(load(&folder.0).is_ok());
    // What is repaired stays as it is.
    let again = folder.offboard(None);
    assert!(again.files.is_empty(), "{:#?}", again.mentions);
}

#[test]
fn somebody_who_does_not_exist_and_a_folder_with_mistakes_are_refused() {
    let folder = Folder::new("refused", TEAM);
    let refused = |user: &str, by: &str| {
        let told = offboard(&Gathered::from_folder(&folder.0), &user.parse().unwrap(), Some(&by.parse().unwrap()), |_| {
            datetime(2026, 11, 27, 9, 0, 0, 0)
        });
        told.unwrap_err().iter().map(ToString::to_string).collect::<String>()
    };
    assert!(refused("zoe", "ben").contains("there is no user zoe"));
    assert!(refused("aiko", "zoe").contains("there is no user zoe"));
    fs::write(folder.0.join("more.yaml"), "teams:\n  x: { members: [zoe] }\n").unwrap();
    assert!(refused("aiko", "ben").contains("more.yaml:2"));
}
