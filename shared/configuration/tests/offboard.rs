//! A person leaves: every mention is told, what can be repaired is, comments and everybody else's turns stay.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::{fs, path::PathBuf};

use hansho_configuration::{Gathered, Offboarding, Repair, load, offboard};
use hansho_domain::{Configuration, UserId};
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
  pairs:
    time_zone: Asia/Tokyo
    rotations:
      - name: pairs
        start: 2026-01-05T10:00
        every: 1 day
        members:
          - { users: [aiko, chie], joins: 2026-02-01T00:00 } # a pair
          - users: [ben, aiko] # another
            joins: 2026-03-01T00:00
          - user: chie
          - user: aiko
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
    assert_eq!(done.mentions.len(), 11, "{:#?}", done.mentions);
    assert!(done.mentions.iter().all(|mention| is_edit(&mention.repair)), "{:#?}", done.mentions);
    let text = fs::read_to_string(folder.0.join("team.yaml")).unwrap();
    for part in [
        "# The team.",
        "# everybody",
        "alone: { members: [ben] }",
        "sre: { members: [ben, chie] }",
        "members: [ben, { user: ben, joins: 2026-11-27T09:00 }, { user: aiko, leaves: 2026-11-27T09:00 }, chie] } # by the week",
        "          - { user: ben, joins: 2026-11-27T09:00 }\n          - { user: aiko, leaves: 2026-11-27T09:00 }\n",
        "          - { users: [chie, ben], joins: 2026-11-27T09:00 }\n          - { users: [chie, aiko], leaves: 2026-11-27T09:00 }\n",
        "          - { users: [ben, chie], joins: 2026-11-27T09:00 }\n",
        "          - { users: [aiko, chie], joins: 2026-02-01T00:00, leaves: 2026-11-27T09:00 } # a pair\n",
        "          - { user: ben, joins: 2026-11-27T09:00 }\n          - leaves: 2026-11-27T09:00\n            users: [ben, aiko] # another\n",
        "          - { user: ben, joins: 2026-11-27T09:00 }\n          - leaves: 2026-11-27T09:00\n            user: aiko\n",
        "notify: [schedule/primary, user/ben]",
        "          - user/ben\n          - team/sre\n",
        "fallback: [user/ben, team/sre]",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    let after = load(&folder.0).unwrap().configuration;
    assert_eq!(done.after.unwrap().configuration, after);
    for_everybody(&before, &after, |at, old, new| {
        for user in old.iter().filter(|user| user.as_str() != "aiko") {
            assert!(new.contains(user), "{user} at {at}: {old:?} {new:?}");
        }
    });
}

/// Looks at every schedule before and after somebody left it: she has all of her shifts until then, and none later; everybody's are
/// handed to `look`.
fn for_everybody(before: &Configuration, after: &Configuration, look: impl Fn(Timestamp, &[UserId], &[UserId])) {
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let leaves = datetime(2026, 11, 27, 9, 0, 0, 0).to_zoned(zone).unwrap().timestamp();
    let mut had = 0;
    for schedule in 0..before.schedules().len() {
        for hours in -1_200..1_200 {
            let at = leaves + hours.hours();
            let on_call = |configuration: &Configuration| configuration.schedules()[schedule].on_call_at(&[], at);
            let (old, new) = (on_call(before), on_call(after));
            if at < leaves {
                assert_eq!(old, new, "{at}");
                had += usize::from(old.iter().any(|user| user.as_str() == "aiko"));
            }
            // The longest turn is a week, and one that has begun is finished.
            if at > leaves + 168.hours() {
                assert!(!new.iter().any(|user| user.as_str() == "aiko") && !new.is_empty(), "{at}: {new:?}");
            }
            look(at, &old, &new);
        }
    }
    assert!(had > 100, "she had {had} hours");
}

#[test]
fn without_anybody_to_take_over_names_are_taken_out_and_what_would_be_empty_is_told() {
    let folder = Folder::new("out", TEAM);
    let before = load(&folder.0).unwrap().configuration;
    let done = folder.offboard(None);
    let by_hand: Vec<&str> =
        done.mentions.iter().filter(|mention| !is_edit(&mention.repair)).map(|mention| mention.path.as_str()).collect();
    assert_eq!(by_hand, ["teams.alone.members[0]"]);
    let text = fs::read_to_string(folder.0.join("team.yaml")).unwrap();
    for part in [
        "sre: { members: [ben, chie] }",
        "members: [ben, { user: aiko, leaves: 2026-11-27T09:00 }, chie]",
        "          - { user: chie, joins: 2026-11-27T09:00 }\n          - { users: [chie, aiko], leaves: 2026-11-27T09:00 }\n",
        "          - { user: chie, joins: 2026-11-27T09:00 }\n          - { users: [aiko, chie], joins: 2026-02-01T00:00, leaves: 2026-11-27T09:00 } # a pair\n",
        "          - leaves: 2026-11-27T09:00\n            user: aiko\n",
        "notify: [schedule/primary]",
        "      - notify:\n          - team/sre\n",
        "fallback: [team/sre]",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    for_everybody(&before, &load(&folder.0).unwrap().configuration, |_, _, _| {});
    // Teams, steps and the fallback know no time, and the listing says so; a rotation does.
    for mention in done.mentions.iter().filter(|mention| is_edit(&mention.repair)) {
        let Repair::Edit(told) = &mention.repair else { continue };
        let is_planned = mention.path.starts_with("schedules.");
        assert_eq!(told.contains("leaves at 2026-11-27T09:00 (Asia/Tokyo)"), is_planned, "{}: {told}", mention.path);
        assert_eq!(told.contains("as soon as this is applied"), !is_planned, "{}: {told}", mention.path);
    }
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

/// Every mention of aiko with what is done about it.
fn told(done: &Offboarding) -> Vec<(&str, String)> {
    let sentence = |repair: &Repair| match repair {
        Repair::Edit(sentence) => format!("edit: {sentence}"),
        Repair::Keep(sentence) => format!("keep: {sentence}"),
        Repair::ByHand(sentence) => format!("by hand: {sentence}"),
    };
    done.mentions.iter().map(|mention| (mention.path.as_str(), sentence(&mention.repair))).collect()
}

#[track_caller]
fn assert_told(done: &Offboarding, expected: &[(&str, &str)]) {
    let told = told(done);
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for ((path, told), (expected_path, part)) in told.iter().zip(expected) {
        assert!(path == expected_path && told.contains(part), "{expected_path} should say {part:?}: {path} says {told:?}");
    }
}

const QUIET: &str = r#"users:
  aiko: { name: Aiko, phone: "+819000000001" }
  ben: { name: Ben, phone: "+819000000002", time_zone: Asia/Tokyo, notify: { quiet: [{ from: "22:00", to: "07:00", cover: user/aiko }] } } # sleeps
  chie: { name: Chie, phone: "+819000000003" }
fallback: [user/ben]
"#;

#[test]
fn whoever_covers_a_quiet_time_is_replaced_and_nobody_covers_for_themself() {
    let folder = Folder::new("cover", QUIET);
    assert_told(&folder.offboard(None), &[("users.ben.notify.quiet[0].cover", "by hand: nobody would be called in this quiet time")]);
    assert_told(&folder.offboard(Some("ben")), &[("users.ben.notify.quiet[0].cover", "by hand: ben can not cover for themself")]);
    assert_told(&folder.offboard(Some("chie")), &[("users.ben.notify.quiet[0].cover", "edit: chie instead, as soon as this is applied")]);
    let text = fs::read_to_string(folder.0.join("team.yaml")).unwrap();
    assert_eq!(text, QUIET.replace("cover: user/aiko", "cover: user/chie"));
}

#[test]
fn tests_about_a_time_before_they_leave_stay_and_later_ones_are_told() {
    let tests = r"
tests:
  - { at: 2026-11-27T08:59, zone: Asia/Tokyo, service: catch-all, expect: [{ within: 5m, page: aiko }] }
  - { at: 2026-12-27T09:00, zone: Asia/Tokyo, service: catch-all, answers: [{ user: aiko, after: 5m }], expect: [{ within: 5m, page: user/aiko }] }
";
    let folder = Folder::new("tests", &format!("{QUIET}{tests}"));
    assert_told(
        &folder.offboard(Some("chie")),
        &[
            ("users.ben.notify.quiet[0].cover", "edit: "),
            ("tests[0].expect[0].page", "keep: it is about a time before they leave"),
            ("tests[1].answers[0].user", "by hand: write whom this test is to name from then on"),
            ("tests[1].expect[0].page", "by hand: write whom this test is to name from then on"),
        ],
    );
}

#[test]
fn what_an_anchor_or_an_alias_shares_is_left_to_people() {
    let text = r#"users:
  aiko: { name: Aiko, phone: "+819000000001" }
  ben: { name: Ben, phone: "+819000000002" }
teams:
  sre: { members: &people [aiko, ben] }
  web: { members: *people }
  ops: { members: [&one aiko, ben] }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations:
      - { name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [&slot [aiko, ben], ben] }
fallback: [user/ben]
"#;
    let folder = Folder::new("anchor", text);
    let done = folder.offboard(Some("ben"));
    assert_told(
        &done,
        &[
            ("teams.sre.members[0]", "by hand: this word stands in several places at once, by an alias"),
            ("teams.web.members[0]", "by hand: this word stands in several places at once, by an alias"),
            ("teams.ops.members[0]", "by hand: it is not written out here (an anchor"),
            ("schedules.primary.rotations[0].members[0][0]", "by hand: add `leaves: 2026-11-27T09:00` to this slot"),
        ],
    );
    assert!(done.files.is_empty());
}

#[test]
fn a_leave_that_is_planned_stays_and_one_that_is_later_is_told() {
    let team = r#"users:
  aiko: { name: Aiko, phone: "+819000000001" }
  ben: { name: Ben, phone: "+819000000002" }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations:
      - name: weekly
        start: 2026-01-05T10:00
        every: 1 week
        members: [ben, { user: aiko, leaves: 2026-11-01T09:00 }, { user: aiko, leaves: 2027-01-01T09:00 }, { user: aiko, joins: 2027-01-01T09:00 }]
fallback: [user/ben]
"#;
    let folder = Folder::new("planned", team);
    assert_told(
        &folder.offboard(Some("ben")),
        &[
            ("schedules.primary.rotations[0].members[1].user", "keep: they leave already, at 2026-11-01T09:00"),
            ("schedules.primary.rotations[0].members[2].user", "by hand: they leave at 2027-01-01T09:00 already, which is later"),
            ("schedules.primary.rotations[0].members[3].user", "by hand: they join only after they leave"),
        ],
    );
}

/// Aiko and ben take turns in the first schedule, chie and dai in the second.
const TWO_LAYERS: &str = r#"
users:
  aiko: { name: Aiko, phone: "+819000000001" }
  ben: { name: Ben, phone: "+819000000002" }
  chie: { name: Chie, phone: "+819000000003" }
  dai: { name: Dai, phone: "+819000000004" }
schedules:
  primary: { time_zone: Asia/Tokyo, rotations: [{ name: w, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }] }
  secondary: { time_zone: Asia/Tokyo, rotations: [{ name: w, start: 2026-01-05T10:00, every: 1 week, members: [chie, dai] }] }
escalation_policies:
  checkout:
    steps:
      - { notify: [schedule/primary], wait: 5m }
      - { notify: [schedule/secondary], wait: 5m }
      - { notify: [user/dai], wait: 5m }
services:
  checkout: { escalation_policy: checkout }
fallback: [user/chie]
"#;

#[test]
fn whoever_takes_over_and_would_be_called_twice_at_once_is_told() {
    let twice = |by: &str| Folder::new(&format!("twice-{by}"), TWO_LAYERS).offboard(Some(by)).twice;
    // Chie has aiko's weeks in the second schedule.
    assert_eq!(
        twice("chie"),
        [
            "chie is then called twice at once by escalation_policies.checkout, by schedule/primary (step 1) and schedule/secondary (step 2), first on 2026-12-07T10:00 (Asia/Tokyo); put somebody else in one of them"
        ]
    );
    // Dai has the other weeks there, and is named by the last step: in the second schedule they were before.
    assert_eq!(
        twice("dai"),
        [
            "dai is then called twice at once by escalation_policies.checkout, by schedule/primary (step 1) and user/dai (step 3), first on 2026-12-07T10:00 (Asia/Tokyo); put somebody else in one of them"
        ]
    );
    // Ben then has every week of the first schedule, and no other.
    assert!(twice("ben").is_empty());
    let done = Folder::new("twice-nobody", TWO_LAYERS).offboard(None);
    assert!(done.twice.is_empty(), "{:?}", done.twice);
}
