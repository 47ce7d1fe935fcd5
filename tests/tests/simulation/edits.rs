//! What is edited of people and of the service: methods, rules for what is not urgent, quiet times, covers, teams and hours.

use hansho_domain::{
    HoursCondition, HoursId, Method, NotificationRule, Quiet, QuietTime, QuietTimes, Restriction, SupportHours, TeamId, User, UserId,
    Weekdays,
};
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};

use super::{
    START_MS,
    random::Random,
    workload::{rule, user},
};

/// One person's ways, beside their rules for what is urgent.
#[derive(Debug, Clone)]
pub(crate) struct Habits {
    /// What they have.
    pub(crate) methods: Vec<Method>,
    /// Their rules for what is not urgent.
    pub(crate) low: Vec<NotificationRule>,
    /// When they want quiet.
    pub(crate) quiet: Vec<QuietTime>,
}

impl Default for Habits {
    fn default() -> Self {
        Self { methods: vec![Method::Sms, Method::Email], low: Vec::new(), quiet: Vec::new() }
    }
}

impl Habits {
    /// Of one of so many people; `high` are their rules for what is urgent, by methods that they have.
    pub(crate) fn random(random: &mut Random, high: &[NotificationRule], people: u64) -> Self {
        let methods = match random.below(4) {
            0 => vec![Method::Sms],
            1 => vec![Method::Email],
            _ => vec![Method::Sms, Method::Email],
        };
        let has_them = high.iter().all(|rule| methods.contains(&rule.by));
        let methods = if has_them { methods } else { Self::default().methods };
        let late = 60 * u32::try_from(random.between(0, 8)).unwrap();
        let low = if random.chance(4_000) { vec![rule(late, methods[0])] } else { Vec::new() };
        let quiet = if random.chance(3_000) {
            let quiet = if random.chance(5_000) {
                Quiet::Covered { by: user(1 + random.below(people)) }
            } else {
                Quiet::Waits { methods: Vec::new() }
            };
            vec![QuietTime { window: window(random), quiet }]
        } else {
            Vec::new()
        };
        Self { methods, low, quiet }
    }

    /// The person who has them; nobody covers for themselves.
    pub(crate) fn person(&self, person: User, id: &UserId) -> User {
        let quiet: Vec<QuietTime> =
            self.quiet.iter().filter(|time| !matches!(&time.quiet, Quiet::Covered { by } if by == id)).cloned().collect();
        if quiet.is_empty() { person } else { person.with_quiet(QuietTimes::new("Asia/Tokyo", quiet).unwrap()).unwrap() }
    }
}

/// A window of some minutes that begins about when the world does.
fn window(random: &mut Random) -> Restriction {
    let start = Timestamp::from_millisecond(START_MS).unwrap().to_zoned(TimeZone::get("Asia/Tokyo").unwrap());
    let from: Time = start.time().wrapping_add(SignedDuration::from_mins(random.between(-5, 20)));
    let to = from.wrapping_add(SignedDuration::from_mins(random.between(5, 25)));
    Restriction::TimeOfDay { from, to, days: Weekdays::ALL }
}

pub(crate) fn office() -> HoursId {
    HoursId::new("office").unwrap()
}

/// A step that is for the hours only, or for all others.
pub(crate) fn in_or_out(random: &mut Random) -> HoursCondition {
    if random.chance(5_000) { HoursCondition::During(office()) } else { HoursCondition::OutsideOf(office()) }
}

/// Hours that begin and end while the world goes on.
pub(crate) fn hours(random: &mut Random) -> SupportHours {
    let windows = (0..=random.below(2)).map(|_| window(random)).collect();
    SupportHours::new(office(), "Asia/Tokyo", windows, Vec::new()).unwrap()
}

pub(crate) fn everybody() -> TeamId {
    TeamId::new("everybody").unwrap()
}
