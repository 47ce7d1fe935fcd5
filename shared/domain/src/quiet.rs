//! Quiet times: when a person would rather not be told, and who is called in their place.
//!
//! What wakes nobody waits until the quiet time is over. A page of high urgency never waits: it goes to the cover whom the person
//! named, and where there is none, or the cover is quiet too, to the person. So nobody is lost by a quiet time.
//!
//! A text rings. Where it is the only way to tell somebody who has chosen none, what wakes nobody waits for their day.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Time, time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::{
    alert::Urgency,
    error::{FieldError, Problems},
    id::UserId,
    roster::Roster,
    schedule::{Restriction, Weekdays, time_zone_named},
    user::{Method, NotificationRule, User},
};

/// Most quiet times of a person.
pub const QUIET_TIMES_MAX: usize = 20;
/// Longest wait for the end of quiet times that lie end to end. Who is never not quiet is told at once: a message that nobody ever
/// tells helps nobody.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The night, in which nobody is texted about what can wait. Calls to people at home are held to the same hours where law has a say:
/// 8:00 to 21:00 (47 CFR 64.1200(c)(1) in the United States, article 19 of the Ordinance for Enforcement of the Money Lending Business
/// Act in Japan).
const NIGHT: (Time, Time) = (time(21, 0, 0, 0), time(8, 0, 0, 0));

/// What a quiet time does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quiet {
    /// What wakes nobody waits until it is over, on these methods; none named is all of them.
    Waits {
        /// The methods.
        methods: Vec<Method>,
    },
    /// Somebody else is called for what is urgent.
    Covered {
        /// Who.
        by: UserId,
    },
}

/// A window of every day or week in which a person wants quiet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietTime {
    /// When, on the person's clock.
    pub window: Restriction,
    /// What it does.
    pub quiet: Quiet,
}

/// A person's quiet times on their clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "QuietTimesParts")]
pub struct QuietTimes {
    time_zone: String,
    #[serde(skip_serializing)]
    zone: TimeZone,
    times: Vec<QuietTime>,
}

#[derive(Deserialize)]
struct QuietTimesParts {
    time_zone: String,
    times: Vec<QuietTime>,
}

impl TryFrom<QuietTimesParts> for QuietTimes {
    type Error = Problems;
    fn try_from(p: QuietTimesParts) -> Result<Self, Problems> {
        Self::new(&p.time_zone, p.times)
    }
}

impl Default for QuietTimes {
    fn default() -> Self {
        Self { time_zone: String::new(), zone: TimeZone::UTC, times: Vec::new() }
    }
}

impl QuietTimes {
    /// Quiet times on the clock of `time_zone`, an IANA name.
    ///
    /// # Errors
    /// No such zone, more than [`QUIET_TIMES_MAX`], one that begins on no day.
    pub fn new(time_zone: &str, times: Vec<QuietTime>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if times.len() > QUIET_TIMES_MAX {
            problems.push(FieldError::new("notify.quiet", format!("has {}; {QUIET_TIMES_MAX} are the most", times.len())));
        }
        for (place, time) in times.iter().enumerate() {
            if time.window.names_no_day() {
                let problem = "is empty; name a day, or leave `days` out for every day";
                problems.push(FieldError::new(format!("notify.quiet[{place}].days"), problem));
            }
        }
        match time_zone_named(time_zone) {
            Ok((time_zone, zone)) => Problems::none_or(problems, Self { time_zone, zone, times }),
            Err(problem) => {
                problems.insert(0, FieldError::new("time_zone", problem));
                Err(Problems(problems))
            }
        }
    }

    /// Each of them.
    pub fn times(&self) -> &[QuietTime] {
        &self.times
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The IANA name of the clock that they are told on; empty when it is not known.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// Whether the person's clock is known.
    pub fn knows_clock(&self) -> bool {
        !self.time_zone.is_empty()
    }

    /// Whether they say nothing, not even the person's clock.
    pub(crate) fn say_nothing(&self) -> bool {
        self.is_empty() && !self.knows_clock()
    }

    /// Everybody who covers for the person.
    pub fn covers(&self) -> impl Iterator<Item = &UserId> {
        self.times.iter().filter_map(|time| match &time.quiet {
            Quiet::Covered { by } => Some(by),
            Quiet::Waits { .. } => None,
        })
    }

    /// Who is called in the person's place for what is urgent at `at`: the cover of the first quiet time that is on.
    pub fn cover_at(&self, at: Timestamp) -> Option<&UserId> {
        self.times.iter().find_map(|time| match &time.quiet {
            Quiet::Covered { by } => time.end_at(&self.zone, at).map(|_| by),
            Quiet::Waits { .. } => None,
        })
    }

    /// When a message by `method` that wakes nobody and is due at `at` is told: then, or when the quiet is over.
    pub fn told_at(&self, method: Method, at: Timestamp) -> Timestamp {
        self.told_after(method, at, None)
    }

    /// When a text that wakes nobody and that the person did not choose is told: by day, if their clock is known.
    fn texted_at(&self, at: Timestamp) -> Timestamp {
        let window = Restriction::TimeOfDay { from: NIGHT.0, to: NIGHT.1, days: Weekdays::ALL };
        let night = QuietTime { window, quiet: Quiet::Waits { methods: vec![Method::Sms] } };
        self.told_after(Method::Sms, at, Some(&night).filter(|_| self.knows_clock()))
    }

    fn told_after(&self, method: Method, at: Timestamp, night: Option<&QuietTime>) -> Timestamp {
        let waits = |time: &&QuietTime| match &time.quiet {
            Quiet::Waits { methods } => methods.is_empty() || methods.contains(&method),
            Quiet::Covered { .. } => false,
        };
        let mut told_at = at;
        while let Some(end) = self.times.iter().chain(night).filter(waits).filter_map(|time| time.end_at(&self.zone, told_at)).max() {
            told_at = end;
            if told_at.duration_since(at) > WAIT_MAX {
                return at;
            }
        }
        told_at
    }
}

impl QuietTime {
    /// When it ends, if it is on at `at`.
    fn end_at(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let next = at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX);
        self.window.windows_in(zone, at, next).map(|(_, end)| end).max()
    }
}

impl User {
    /// The rules for an urgency as they come due for somebody who is called at `called_at`: what wakes nobody waits for the end
    /// of a quiet time, and a text that they did not choose for the day. By delay, as [`User::rules`].
    pub fn rules_from(&self, urgency: Urgency, called_at: Timestamp) -> Vec<NotificationRule> {
        let mut rules = self.rules(urgency);
        match urgency {
            Urgency::High => {}
            Urgency::Low => {
                for rule in &mut rules {
                    let due_at = crate::incident::plus_seconds(called_at, rule.after_seconds);
                    let is_text_by_default = rule.by == Method::Sms && !self.chose_low();
                    let told_at = if is_text_by_default { self.quiet().texted_at(due_at) } else { self.quiet().told_at(rule.by, due_at) };
                    let waits = told_at.duration_since(due_at);
                    rule.after_seconds = rule.after_seconds.saturating_add(whole_seconds(waits));
                }
                rules.sort_by_key(|rule| rule.after_seconds);
            }
        }
        rules
    }
}

fn whole_seconds(duration: SignedDuration) -> u32 {
    let up = i64::from(duration.subsec_nanos() > 0);
    u32::try_from(duration.as_secs().saturating_add(up)).unwrap_or(u32::MAX)
}

/// Somebody to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Who.
    pub user: UserId,
    /// The target that led to them.
    pub via: String,
    /// In whose place, if it is in somebody's.
    pub for_user: Option<UserId>,
}

/// The people to be called at `at` with an urgency: each of `people`, or the cover who takes their place. Everybody is called once.
/// A cover who is quiet too, has no method or is not known takes nobody's place.
pub fn with_covers(roster: &Roster, people: Vec<(UserId, String)>, urgency: Urgency, at: Timestamp) -> Vec<Called> {
    let mut called: Vec<Called> = Vec::with_capacity(people.len());
    let themselves: Vec<UserId> = match urgency {
        Urgency::High => people.iter().filter(|(user, _)| cover(roster, user, at).is_none()).map(|(user, _)| user.clone()).collect(),
        Urgency::Low => people.iter().map(|(user, _)| user.clone()).collect(),
    };
    for (user, via) in people {
        let (user, for_user) = match cover(roster, &user, at) {
            Some(by) if !themselves.contains(&user) => (by.clone(), Some(user)),
            Some(_) | None => (user, None),
        };
        // Whoever is called for themselves is not called for others too.
        let is_called = called.iter().any(|known| known.user == user) || (for_user.is_some() && themselves.contains(&user));
        if !is_called {
            called.push(Called { user, via, for_user });
        }
    }
    called
}

/// Who takes the person's place.
fn cover<'a>(roster: &'a Roster, user: &UserId, at: Timestamp) -> Option<&'a UserId> {
    let by = roster.users.get(user)?.quiet().cover_at(at)?;
    let is_reachable = |cover: &User| !cover.methods().is_empty() && cover.quiet().cover_at(at).is_none();
    roster.users.get(by).filter(|cover| cover.id() != user && is_reachable(cover)).map(|_| by)
}
