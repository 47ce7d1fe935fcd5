//! The team that ships with Hansho loads; every broken example says what is wrong with it, and where.
#![expect(clippy::expect_used, reason = "a test that can not go on has failed")]

use std::{collections::BTreeMap, fs, path::Path};

use hansho_configuration::{Problem, load, load_files};
use hansho_domain::{AutoPause, Labels, Language, Method, Priority, Roster, Severity, ShiftEdge, Urgency, UserId};
use jiff::Timestamp;

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_example_team_loads() {
    let loaded = load(&here("../../cli/example")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let configuration = &loaded.configuration;

    let users: Vec<_> = configuration.users().iter().map(|user| user.id().as_str()).collect();
    assert_eq!(users, ["aiko", "ben", "chie", "lead"]);
    let aiko = &configuration.users()[0];
    assert_eq!((aiko.name(), aiko.language(), aiko.methods()), ("佐藤 愛子", Language::Ja, &[Method::Sms, Method::Email][..]));
    let rules: Vec<_> = aiko.rules(Urgency::High).iter().map(|rule| (rule.after_seconds, rule.by)).collect();
    assert_eq!(rules, [(0, Method::Sms), (0, Method::Email), (180, Method::Sms)]);
    assert_eq!(loaded.contacts[aiko.id()].phone.as_deref(), Some("+819000000001"));
    assert_eq!(loaded.contacts[aiko.id()].time_zone, "Asia/Tokyo");

    let services: Vec<_> = configuration.services().iter().map(|service| service.id().as_str()).collect();
    assert_eq!(services, ["batch", "catch-all", "checkout"]);
    let steps: Vec<_> = configuration
        .policies()
        .iter()
        .find(|p| p.id().as_str() == "checkout")
        .expect("the policy")
        .steps()
        .iter()
        .map(|step| step.wait_seconds)
        .collect();
    assert_eq!(steps, [300, 600, 900]);
    let batch = configuration.services()[0].spec();
    assert_eq!((batch.auto_resolve_seconds, batch.repage_seconds), (Some(864_000), Some(3_600)));
    let hours: BTreeMap<_, _> = configuration.hours().iter().map(|hours| (hours.id().clone(), hours.clone())).collect();
    let urgency = |at: &str| batch.urgency.urgency(Severity::Warning, &hours, at.parse().expect("a moment"));
    // At night; in the office; on a national holiday; around New Year.
    let times = ["2026-11-24T03:00+09:00", "2026-11-24T10:00+09:00", "2026-11-23T10:00+09:00", "2027-12-30T10:00+09:00"];
    assert_eq!(times.map(urgency), [Urgency::Low, Urgency::High, Urgency::Low, Urgency::Low]);
    let routes = configuration.routes();
    assert_eq!(routes.service_of_alarm("checkout-5xx", "arn").map(|s| s.as_str()), Some("checkout"));
    assert_eq!(configuration.fallback().iter().map(ToString::to_string).collect::<Vec<_>>(), ["team/sre"]);
}

/// All that a rotation can say, and what it means, in the words of a file.
#[test]
fn a_schedule_with_everything_in_it_loads_and_means_what_it_says() {
    let text = r#"users:
  aiko: { name: 愛子, email: aiko@example.com }
  ben: { name: Ben, email: ben@example.com }
  chie: { name: 千恵, email: chie@example.com }
  dai: { name: 大, email: dai@example.com }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations:
      - name: days
        start: 2026-01-05T10:00
        every: 1 week
        members: [[aiko, ben], nobody, { users: [chie], joins: 2026-02-01T00:00, leaves: 2026-12-01T00:00 }, { user: nobody, leaves: 2026-01-06 10:00 }]
      - name: halves
        start: 2026-06-30T10:00
        end: 2026-09-30T10:00
        every: 1 month
        members: [dai]
      - { name: twice a week, start: 2027-01-04T10:00, rule: "RRULE:freq=weekly;byday=mo,th", members: [aiko, dai] }
      - name: nights
        start: 2026-01-05T00:00
        every: 1 day
        members: [dai]
        only: [{ from: "22:00", to: "07:00", days: [mon, Tue] }, { from: sat 12:00, to: sun 24:00 }]
"#;
    let loaded = load_files(&[("a.yaml".into(), text.to_owned())]).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let schedule = &loaded.configuration.schedules()[0];
    for (at, expected) in [
        ("2026-01-05T12:00+09:00", "aiko ben"),
        ("2026-01-12T12:00+09:00", ""),
        ("2026-01-12T22:00+09:00", "dai"),
        ("2026-01-14T23:00+09:00", ""),
        ("2026-01-19T12:00+09:00", "aiko ben"),
        // Chie joined on Sunday: the hand-off of Monday is hers, and the others go on after her.
        ("2026-02-01T10:00+09:00", "dai"),
        ("2026-02-02T12:00+09:00", "chie"),
        ("2026-02-09T12:00+09:00", "aiko ben"),
        ("2026-02-22T23:59+09:00", "dai"),
        ("2026-02-23T00:00+09:00", ""),
        ("2026-02-23T10:00+09:00", "chie"),
        ("2026-08-01T12:00+09:00", "dai"),
        ("2027-01-06T12:00+09:00", "aiko"),
        ("2027-01-07T12:00+09:00", "dai"),
    ] {
        let people = schedule.on_call_at(&[], at.parse().expect("a moment"));
        assert_eq!(people.iter().map(|user| user.as_str()).collect::<Vec<_>>().join(" "), expected, "{at}");
    }
}

/// Hours, calendars, priorities and pauses, in the words of a file.
#[test]
fn hours_calendars_priorities_and_pauses_load_and_mean_what_they_say() {
    let text = r#"users:
  aiko: { name: 愛子, email: aiko@example.com }
escalation_policies:
  checkout: { steps: [{ notify: [user/aiko], wait: 5m }] }
services:
  checkout:
    escalation_policy: checkout
    urgency: { during: { hours: jp-business, is: high }, otherwise: by_severity }
    auto_pause: { for: 2m, except: [critical] }
    priority: { label: Priority, map: { P1: SEV1, "2": SEV2 }, default: SEV3 }
hours:
  jp-business:
    time_zone: Asia/Tokyo
    windows:
      - { from: "09:00", to: "12:00", days: [mon, tue, wed, thu, fri] }
      - { from: "13:00", to: "18:00", days: [mon, tue, wed, thu, fri] }
    holidays: [company]
calendars:
  company:
    include: [jp-national, closings]
    days: [12-29..01-03, { day: 06-01, name: 創立記念日 }]
  closings: { days: ["2026-08-13..2026-08-15", 2026-04-30] }
"#;
    let loaded = load_files(&[("a.yaml".into(), text.to_owned())]).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let bundle = loaded.configuration.bundles(1).into_iter().find(|bundle| bundle.service.id().as_str() == "checkout").expect("it");
    let roster = Roster::at(&bundle, &[], Timestamp::UNIX_EPOCH);
    for (at, severity, expected) in [
        ("2026-11-26T10:00+09:00", Severity::Info, Urgency::High),
        ("2026-11-26T12:30+09:00", Severity::Info, Urgency::Low),
        ("2026-11-26T12:30+09:00", Severity::Error, Urgency::High),
        ("2026-09-22T10:00+09:00", Severity::Info, Urgency::Low),
        ("2026-12-31T10:00+09:00", Severity::Info, Urgency::Low),
        ("2030-01-03T10:00+09:00", Severity::Info, Urgency::Low),
        ("2026-06-01T10:00+09:00", Severity::Info, Urgency::Low),
        ("2026-08-14T10:00+09:00", Severity::Info, Urgency::Low),
        ("2026-04-30T10:00+09:00", Severity::Info, Urgency::Low),
        ("2026-05-01T10:00+09:00", Severity::Info, Urgency::High),
    ] {
        assert_eq!(roster.urgency(severity, at.parse().expect("a moment")), expected, "{at} {severity:?}");
    }
    let spec = bundle.service.spec();
    assert_eq!(spec.auto_pause, Some(AutoPause { seconds: 120, except: vec![Severity::Critical] }));
    let priority = |value: &str| {
        let mut labels = Labels::new();
        labels.add("priority", value);
        spec.priority.as_ref().expect("a rule").priority(&labels)
    };
    let found = [priority("p1"), priority("2"), priority("sev4"), priority("P9"), priority("")];
    assert_eq!(found, [Priority::Sev1, Priority::Sev2, Priority::Sev4, Priority::Sev3, Priority::Sev3].map(Some));
    let company = &loaded.configuration.calendars()[1];
    assert_eq!((company.id().as_str(), company.holiday("2027-06-01".parse().expect("a day"))), ("company", Some("創立記念日")));
}

/// All that a step can say, and what it means.
#[test]
fn a_policy_with_everything_in_it_loads_and_means_what_it_says() {
    let text = r#"users:
  aiko: { name: 愛子, email: aiko@example.com }
  ben: { name: Ben, email: ben@example.com }
destinations:
  ops: { webhook: "https://ops.example.com/hook", secret: "0123456789abcdef" }
  incidents: { chat: "https://chat.example.com/hook", language: ja, time_zone: Asia/Tokyo }
escalation_policies:
  first:
    steps:
      - { notify: [channel/incidents, webhook/ops], wait: 1m }
      - { notify: [user/aiko, user/ben], wait: 5m, round_robin: true }
      - { hand_over: major, when: { priority: [SEV1, SEV2], urgency: high } }
      - { notify: [user/ben], wait: 5m, when: { urgency: high } }
    repeat: 1
  major:
    steps: [{ notify: [user/ben], wait: 10m }, { hand_over: last }]
  last:
    steps: [{ notify: [user/aiko], wait: 10m }]
services:
  checkout: { escalation_policy: first }
"#;
    let loaded = load_files(&[("team.yaml".into(), text.to_owned())]).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let configuration = &loaded.configuration;
    let first = configuration.policies().iter().find(|policy| policy.id().as_str() == "first").expect("the policy");
    let [posts, turns, hand_over, last] = first.steps() else { panic!("{first:?}") };
    assert_eq!(posts.notify.iter().map(ToString::to_string).collect::<Vec<_>>(), ["channel/incidents", "webhook/ops"]);
    assert!(turns.round_robin && !posts.round_robin && turns.when.is_always_met());
    assert_eq!(hand_over.hand_over.as_ref().map(|policy| policy.as_str()), Some("major"));
    assert_eq!((&hand_over.when.priorities[..], hand_over.when.urgency), (&[Priority::Sev1, Priority::Sev2][..], Some(Urgency::High)));
    assert_eq!((last.when.priorities.len(), last.when.urgency, last.wait_seconds), (0, Some(Urgency::High), 300));
    // Whatever it may come to is at hand when it is needed.
    let bundle = configuration.bundles(1).into_iter().find(|bundle| bundle.service.id().as_str() == "checkout").expect("the bundle");
    assert_eq!(bundle.policies.iter().map(|policy| policy.id().as_str()).collect::<Vec<_>>(), ["last", "major"]);
    let by_themselves: Vec<_> = configuration.each_policy_bundle(1).map(|bundle| bundle.policy.id().to_string()).collect();
    assert_eq!(by_themselves, ["first", "last", "major", "catch-all"]);

    let addresses: Vec<_> = loaded.destinations.iter().map(|(name, address)| (name.to_string(), address.secret.is_some())).collect();
    assert_eq!(addresses, [("webhook/ops".to_owned(), true), ("channel/incidents".to_owned(), false)]);
    let channel = loaded.destinations.values().next_back().expect("the channel");
    assert_eq!((channel.language, channel.time_zone.as_str()), (Language::Ja, "Asia/Tokyo"));
    let log = format!("{:?}", loaded.destinations);
    assert!(!log.contains("example.com") && !log.contains("0123456789abcdef"), "whoever knows a channel's address can post to it: {log}");
}

/// The iCalendar files of a folder, by name.
fn calendars(folder: &str) -> Vec<(std::path::PathBuf, String)> {
    let paths = fs::read_dir(here(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let calendars = paths.filter(|path| path.extension().is_some_and(|extension| extension == "ics"));
    calendars.map(|path| (path.file_name().expect("a name").into(), fs::read_to_string(&path).expect("the text"))).collect()
}

/// Every file in `broken/` has one mistake. Its first line says what is expected: `# expect LINE: MESSAGE`.
#[test]
fn every_broken_example_says_what_is_wrong_and_where() {
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(here("tests/broken")).expect("the broken examples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("the text");
        let expected = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# expect "))
            .unwrap_or_else(|| panic!("{name} does not say what it expects"));
        let files = [vec![(name.clone().into(), text.clone())], calendars("tests/broken")].concat();
        // What is wrong with a calendar is told at its own line.
        let told = |p: &Problem| {
            let file = if p.file == Path::new(&name) { String::new() } else { format!("{}:", p.file.display()) };
            format!("{file}{}: {}", p.line, p.message)
        };
        let found = match load_files(&files) {
            Ok(_) => "nothing wrong".to_owned(),
            Err(problems) => problems.iter().map(told).collect::<Vec<_>>().join(" | "),
        };
        count += 1;
        if found != expected {
            failures.push(format!("{name}\n  expected {expected}\n     found {found}"));
        }
    }
    failures.sort();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(count >= 100, "only {count} broken examples");
}

/// Mistakes in different entries, fields and files are all reported, by file and line.
#[test]
fn every_mistake_is_reported_at_once() {
    let people = r#"users:
  aiko:
    name: 佐藤 愛子
    fone: "+819000000001"
    email: aiko(at)example.com
    notify:
      high: [{ after: 5, by: email }, { after: 1m, by: sms }]
  ben:
    name: Ben Carter
    email: ben@example.com
    time_zone: Europe/Londn
teams:
  sre: { members: [aiko, bne] }
"#;
    let on_call = r#"schedules:
  primary:
    time_zone: Tokyo
    rotations:
      - { name: weekly, start: tomorrow, every: weekly, members: [aiko, chie] }
escalation_policies:
  checkout:
    steps:
      - { notify: [schedule/primary, team/ops], wait: 1s }
      - { notify: [], wait: 5m }
    repeat: 10
services:
  checkout: { escalation_policy: chekout, urgency: medium }
users:
  ben: { name: Ben, email: ben@example.com }
"#;
    let broken = "services:\n\tbatch: {}\n";
    let files = [("people.yaml", people), ("on-call.yaml", on_call)].map(|(name, text)| (name.into(), text.to_owned()));
    let found = |files: &[(std::path::PathBuf, String)]| {
        load_files(files).expect_err("problems").iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let expected = [
        "on-call.yaml:3:16: schedules.primary.time_zone: there is no time zone `Tokyo`; did you mean `Asia/Tokyo`?",
        "on-call.yaml:5:32: schedules.primary.rotations[0].start: `tomorrow` is no date and time; write it as 2026-01-05T10:00, on the clock of the schedule's time zone",
        "on-call.yaml:5:49: schedules.primary.rotations[0].every: `weekly` is no turn; write a number and hours, days, weeks or months, such as 1 week",
        "on-call.yaml:5:73: schedules.primary.rotations[0].members[1]: there is no user `chie`",
        "on-call.yaml:9:38: escalation_policies.checkout.steps[0].notify[1]: there is no team `ops`",
        "on-call.yaml:9:55: escalation_policies.checkout.steps[0].wait: must be between 1m and 24h",
        "on-call.yaml:10:11: escalation_policies.checkout.steps[1].notify: names nobody; a step needs at least one target",
        "on-call.yaml:11:13: escalation_policies.checkout.repeat: is 10; 9 is the most",
        "on-call.yaml:13:34: services.checkout.escalation_policy: there is no escalation policy `chekout`; did you mean `checkout`?",
        "on-call.yaml:13:52: services.checkout.urgency: `medium` is not possible here; write `high`, `low` or `by_severity`",
        "on-call.yaml:15:3: users.ben: this user is already given in people.yaml:8:3; remove one, or give it another name",
        "people.yaml:4:5: users.aiko: unknown key `fone`; did you mean `phone`?",
        "people.yaml:5:12: users.aiko.email: is no mail address; write it as aiko@example.com, without a name or brackets",
        "people.yaml:7:23: users.aiko.notify.high[0].after: `5` has no unit; write 5s, 5m or 5h",
        "people.yaml:7:56: users.aiko.notify.high[1].by: aiko has no sms; add it to the person or choose another method",
        "people.yaml:11:16: users.ben.time_zone: there is no time zone `Europe/Londn`; did you mean `Europe/London`?",
        "people.yaml:13:26: teams.sre.members[1]: there is no user `bne`; did you mean `ben`?",
    ];
    assert_eq!(found(&files), expected);

    // What a file that is no YAML may have named is not reported as missing; everything else still is.
    let with_broken = found(&[files.as_slice(), &[("broken.yaml".into(), broken.to_owned())]].concat());
    assert_eq!(with_broken[0], "broken.yaml:2:2: there is a tab here; indent with spaces");
    assert_eq!(
        with_broken.len(),
        1 + expected
            .iter()
            .filter(|line| !line.contains("there is no user")
                && !line.contains("there is no team")
                && !line.contains("there is no escalation"))
            .count()
    );
}

/// Problems can end up in the log of a build: they never repeat an address or a secret.
#[test]
fn messages_and_logs_hold_no_addresses() {
    let text = "users:\n  aiko: { name: A, email: aiko at example, phone: 090-1234-5678, webhook: \"http://me:pw@example.com\", webhook_secret: [hush] }\n";
    for problem in load_files(&[("a.yaml".into(), text.to_owned())]).expect_err("problems") {
        for secret in ["aiko at", "5678-", "pw@", "hush"] {
            assert!(!problem.message.contains(secret), "{problem}");
        }
    }
    let text = "users:\n  aiko: { name: A, email: aiko@example.com, phone: \"+819000000001\", webhook: \"https://example.com/x\", webhook_secret: hush-hush-hush-hush }\n";
    let loaded = load_files(&[("a.yaml".into(), text.to_owned())]).expect("no problems");
    let log = format!("{:?}", loaded.contacts);
    assert!(!log.contains("hush") && !log.contains("+81") && !log.contains("@") && !log.contains("https"), "{log}");
}

/// Quiet times and reminders, in the words of a file.
#[test]
fn quiet_times_covers_and_reminders_load_and_mean_what_they_say() {
    let text = r#"users:
  aiko:
    name: 愛子
    email: aiko@example.com
    phone: "+819012345678"
    time_zone: Asia/Tokyo
    notify:
      quiet:
        - { from: "22:00", to: "07:00", methods: [email], urgency: low }
        - { from: sat 00:00, to: mon 00:00, cover: user/ben }
      handoff_reminders: [24h, { before: 1h, by: sms }, { before: 30m, of: end }]
  ben: { name: Ben, email: ben@example.com, notify: { handoff_reminders: [] } }
"#;
    let loaded = load_files(&[("people.yaml".into(), text.to_owned())]).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let [aiko, ben] = loaded.configuration.users() else { panic!("two people") };
    let quiet = aiko.quiet();
    assert_eq!((quiet.time_zone(), quiet.times().len()), ("Asia/Tokyo", 2));
    let night = "2027-01-04T15:00:00Z".parse().expect("a time");
    assert_eq!(quiet.told_at(Method::Email, night).to_string(), "2027-01-04T22:00:00Z");
    assert_eq!(quiet.told_at(Method::Sms, night), night);
    assert_eq!(quiet.cover_at(night), None);
    let saturday = "2027-01-09T00:00:00Z".parse().expect("a time");
    assert_eq!(quiet.cover_at(saturday).map(UserId::as_str), Some("ben"));
    let told: Vec<_> = aiko.reminders().iter().map(|rule| (rule.before_seconds, rule.by, rule.of)).collect();
    assert_eq!(told, [(86_400, None, ShiftEdge::Start), (3_600, Some(Method::Sms), ShiftEdge::Start), (1_800, None, ShiftEdge::End)]);
    assert_eq!(ben.reminders(), [], "an empty list is no reminder at all");
}
