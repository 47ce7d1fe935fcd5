//! `tests:` alarms that are played, and what has to follow.

use hansho_domain::{Labels, Method, Priority, ServiceId, Severity};
use hansho_rehearsal::{About, Answer, Expectation, Expected, Place, Reaction, Test, When, Whom};
use jiff::tz::TimeZone;

use crate::{
    maintenance::no_label,
    map::{Keys, Map},
    names::Section,
    policy,
    spot::Spot,
    team,
    tree::Value,
    user, year,
};

const KEYS: Keys = Keys {
    known: &["name", "at", "zone", "service", "alarm", "severity", "priority", "labels", "answers", "expect", "never", "silent_for"],
    later: &[],
};
const EXPECT_KEYS: Keys = Keys { known: &["within", "page", "by"], later: &[] };
const ANSWER_KEYS: Keys = Keys { known: &["user", "after", "with", "to"], later: &[] };
const SEVERITIES: [(&str, Severity); 4] =
    [("critical", Severity::Critical), ("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];
const PRIORITIES: [(&str, Priority); 4] =
    [("SEV1", Priority::Sev1), ("SEV2", Priority::Sev2), ("SEV3", Priority::Sev3), ("SEV4", Priority::Sev4)];

/// Reads the tests of one file; what is wrong with one does not hide the others.
pub(crate) fn read(spot: &Spot<'_>) -> Vec<Test> {
    if let Value::Null = spot.node.value {
        return Vec::new(); // A heading without anything below it yet.
    }
    spot.list(|item| Some(test(item))).unwrap_or_default().into_iter().flatten().collect()
}

fn test(spot: &Spot<'_>) -> Option<Test> {
    let map = spot.map(&KEYS)?;
    let at = at(&map);
    let about = about(spot, &map);
    let answers = map.optional("answers").map(|s| s.list(answer));
    let expected = expected(spot, &map)?;
    Some(Test {
        place: place(spot),
        name: map.optional("name").and_then(Spot::name),
        about: about?,
        at: at?,
        severity: map.optional("severity").and_then(|s| s.choice(&SEVERITIES)).unwrap_or(Severity::Critical),
        priority: map.optional("priority").and_then(|s| s.choice(&PRIORITIES)),
        labels: map.optional("labels").and_then(labels).unwrap_or_default(),
        answers: answers.flatten().unwrap_or_default(),
        expected,
    })
}

/// When the alarm comes in; `zone` is for a time that does not say it itself.
fn at(map: &Map<'_>) -> Option<When> {
    let zone_spot = map.optional("zone");
    let zone = zone_spot.and_then(|s| s.parsed(user::time_zone));
    match (map.required("at")?.parsed(moment)?, zone_spot) {
        (When::Clock { time, .. }, _) => Some(When::Clock { time, zone }),
        (When::Moment(moment), None) => Some(When::Moment(moment)),
        (When::Moment(_), Some(spot)) => {
            spot.fail("stands beside a time that says its zone itself; remove one of them");
            None
        }
    }
}

fn moment(text: &str) -> Result<When, String> {
    let when: When = text.parse()?;
    let date = match &when {
        When::Clock { time, .. } => time.date(),
        When::Moment(at) => TimeZone::UTC.to_datetime(*at).date(),
    };
    year::check(text, date).map(|()| when)
}

fn about(spot: &Spot<'_>, map: &Map<'_>) -> Option<About> {
    match (map.optional("service"), map.optional("alarm")) {
        (Some(service), None) => {
            let name: ServiceId = service.parsed(str::parse)?;
            // It is there even where nobody writes it down.
            if name != ServiceId::catch_all() {
                service.refers_to(Section::Services, name.as_str());
            }
            Some(About::Service(name))
        }
        (None, Some(alarm)) => alarm.text().map(|name| About::Alarm(name.to_owned())),
        (Some(_), Some(alarm)) => {
            alarm.fail("stands beside `service`; a test is about one of them, so remove the other");
            None
        }
        (None, None) => {
            spot.fail("the key `service` is missing; add it, or `alarm` with the name of an alarm");
            None
        }
    }
}

fn answer(spot: &Spot<'_>) -> Option<Answer> {
    let map = spot.map(&ANSWER_KEYS)?;
    let user = map.required("user").and_then(team::user);
    let after = map.required("after").and_then(Spot::seconds);
    let words = Reaction::ALL.map(|reaction| (reaction.as_str(), reaction));
    let reaction = map.optional("with").map_or(Some(Reaction::Acknowledge), |s| s.choice(&words))?;
    let to = match (reaction, map.optional("to")) {
        (Reaction::Request, Some(to)) => to.list(policy::target).filter(|found| !found.is_empty()).or_else(|| {
            to.fail("names nobody; say whom they ask for help, such as [user/ben]");
            None
        }),
        (Reaction::Request, None) => {
            spot.fail("asks for help, and does not say whom; add `to`, such as [user/ben]");
            None
        }
        (_, None) => Some(Vec::new()),
        (_, Some(to)) => {
            to.fail("says whom they ask for help, and they do not ask; write `with: request`, or remove it");
            None
        }
    };
    Some(Answer { user: user?, after_seconds: after?, reaction, to: to? })
}

/// The labels of the alert.
fn labels(spot: &Spot<'_>) -> Option<Labels> {
    let pairs = spot.pairs(Spot::text)?;
    if let Some((wrong, _)) = pairs.iter().find(|(key, _)| Labels::key(key).is_none()) {
        spot.fail(no_label(wrong));
        return None;
    }
    let mut labels = Labels::new();
    pairs.iter().for_each(|(key, value)| labels.add(key, value));
    Some(labels)
}

/// Everything that has to follow, in the order of the keys.
fn expected(spot: &Spot<'_>, map: &Map<'_>) -> Option<Vec<Expected>> {
    let keys = ["expect", "never", "silent_for"].map(|key| map.optional(key));
    if keys.iter().all(Option::is_none) {
        spot.fail("expects nothing; add `expect`, `never` or `silent_for`");
        return None;
    }
    let [expect, never, silent_for] = keys;
    let mut all = Vec::new();
    if let Some(expect) = expect {
        let found = expect.list(paged)?;
        if found.is_empty() {
            expect.fail("is empty; say who has to be paged, such as [{ within: 5m, page: aiko }]");
        }
        all.extend(found);
    }
    all.extend(never.map_or(Some(Vec::new()), |s| s.list(not_paged))?);
    if let Some(silent_for) = silent_for {
        let for_seconds = silent_for.seconds()?;
        if for_seconds == 0 {
            silent_for.fail("must be longer than nothing; write 1h");
        }
        all.push(Expected { place: place(silent_for), expectation: Expectation::Silent { for_seconds } });
    }
    Some(all)
}

fn paged(spot: &Spot<'_>) -> Option<Expected> {
    let map = spot.map(&EXPECT_KEYS)?;
    let within = map.required("within").and_then(Spot::seconds);
    let (whom, by) = whom(&map);
    Some(Expected { place: place(spot), expectation: Expectation::Paged { whom: whom?, within_seconds: within?, by } })
}

fn not_paged(spot: &Spot<'_>) -> Option<Expected> {
    let map = spot.map(&EXPECT_KEYS)?;
    let within_seconds = map.optional("within").and_then(Spot::seconds);
    let (whom, by) = whom(&map);
    Some(Expected { place: place(spot), expectation: Expectation::NotPaged { whom: whom?, within_seconds, by } })
}

fn whom(map: &Map<'_>) -> (Option<Whom>, Option<Method>) {
    let words = Method::ALL.map(|method| (method.as_str(), method));
    let by = map.optional("by").and_then(|s| s.choice(&words));
    (map.required("page").and_then(page), by)
}

/// `aiko`, `user/aiko`, `team/sre`, `schedule/primary` or `everybody`.
fn page(spot: &Spot<'_>) -> Option<Whom> {
    let text = spot.text()?;
    let read = |name: &str, section: Section| spot.refers_to(section, name);
    match text.split_once('/') {
        None if text == "everybody" => Some(Whom::Everybody),
        None => spot.parsed(str::parse).map(Whom::User).inspect(|_| read(text, Section::Users)),
        Some(("user", name)) => spot.parsed(|_| name.parse()).map(Whom::User).inspect(|_| read(name, Section::Users)),
        Some(("team", name)) => spot.parsed(|_| name.parse()).map(Whom::Team).inspect(|_| read(name, Section::Teams)),
        Some(("schedule", name)) => spot.parsed(|_| name.parse()).map(Whom::Schedule).inspect(|_| read(name, Section::Schedules)),
        Some(_) => {
            spot.fail("names nobody; write a person, team/NAME, schedule/NAME or everybody");
            None
        }
    }
}

fn place(spot: &Spot<'_>) -> Place {
    let place = spot.key.unwrap_or(spot.node.place);
    Place { file: spot.file.to_path_buf(), line: place.line, column: place.column }
}
