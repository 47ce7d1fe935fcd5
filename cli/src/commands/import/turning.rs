//! When the turns of a rotation change, as `every` or `rule`, and where they begin.

use jiff::{
    Span, ToSpan,
    civil::{Date, DateTime},
};

use super::{
    coverage::DAYS,
    reading::{Recurrence, TimeOfDay},
};

/// How far from a moment a hand-off is looked for, in days: two months have one of each day.
const LOOKED_AT_DAYS: i64 = 62;
/// Most turns that a rotation begins earlier, where it can not begin with the one in which it begins there.
const TURNS_EARLIER_MAX: usize = 12;

/// When turns change.
#[derive(Debug)]
pub(super) struct Turning {
    /// `every: ...` or `rule: ...`.
    pub(super) written: String,
    pub(super) remarks: Vec<Sentence>,
    at: Vec<TimeOfDay>,
    /// Weekdays (1 is Monday), or days of the month; none: every day.
    weekdays: Vec<i8>,
    month_days: Vec<i8>,
    /// Whether the last day of a month stands for a day that the month does not have.
    has_last_day: bool,
    /// How far the hand-offs of a simple turn are apart, where that is more than one unit.
    apart: Option<Span>,
}

/// In English and in Japanese.
pub(super) type Sentence = (&'static str, &'static str);

pub(super) fn turning(recurrence: &Recurrence) -> Result<Turning, Sentence> {
    if !recurrence.monthly_settings.is_empty() {
        return Ok(monthly(recurrence));
    }
    if !recurrence.weekly_settings.is_empty() {
        return weekly(recurrence);
    }
    daily(recurrence)
}

fn new(written: String, at: Vec<TimeOfDay>) -> Turning {
    Turning { written, at, weekdays: Vec::new(), month_days: Vec::new(), has_last_day: false, apart: None, remarks: Vec::new() }
}

fn monthly(recurrence: &Recurrence) -> Turning {
    let many = recurrence.recurrence_multiplier;
    let mut days: Vec<i8> = recurrence.monthly_settings.iter().map(|setting| setting.day_of_month).collect();
    days.sort();
    days.dedup();
    let times: Vec<TimeOfDay> = recurrence.monthly_settings.iter().map(|setting| setting.hand_off_time).collect();
    let mut turning = new(every(many, "month"), times.first().copied().into_iter().collect());
    turning.has_last_day = days.len() == 1 || days.contains(&31);
    if days.len() > 1 {
        // A month without the day has no hand-off by a rule, and every month has a last day.
        let listed = days.iter().map(|day| if *day == 31 { "-1".to_owned() } else { day.to_string() }).collect::<Vec<_>>().join(",");
        turning.written = format!("rule: FREQ=MONTHLY;INTERVAL={many};BYMONTHDAY={listed}");
    } else if many > 1 {
        turning.apart = Some(many.months());
    }
    let is_short = days.iter().any(|day| (29..=30).contains(day));
    match (days.contains(&31), is_short) {
        (true, false) => turning.remarks.push(SHORT_MONTHS),
        (false, true) if days.len() == 1 => turning.remarks.push(FEBRUARY),
        (false, true) => turning.remarks.push(NO_FEBRUARY),
        (true, true) => turning.remarks.extend([SHORT_MONTHS, NO_FEBRUARY]),
        (false, false) => {}
    }
    turning.remarks.extend(differ(&times));
    turning.month_days = days;
    turning
}

fn weekly(recurrence: &Recurrence) -> Result<Turning, Sentence> {
    let many = recurrence.recurrence_multiplier;
    let place = |day: &str| DAYS.iter().position(|(name, ..)| *name == day);
    let days: Option<Vec<usize>> = recurrence.weekly_settings.iter().map(|setting| place(&setting.day_of_week)).collect();
    let mut days = days.ok_or(("its turns change on a day that nobody knows", "不明な曜日に交代します"))?;
    days.sort();
    days.dedup();
    let times: Vec<TimeOfDay> = recurrence.weekly_settings.iter().map(|setting| setting.hand_off_time).collect();
    let mut turning = new(every(many, "week"), times.first().copied().into_iter().collect());
    if days.len() > 1 {
        let listed = days.iter().map(|day| DAYS[*day].2).collect::<Vec<_>>().join(",");
        turning.written = format!("rule: FREQ=WEEKLY;INTERVAL={many};BYDAY={listed}");
    } else if many > 1 {
        turning.apart = Some(many.weeks());
    }
    turning.remarks.extend(differ(&times));
    turning.weekdays = days.iter().filter_map(|day| i8::try_from(*day + 1).ok()).collect();
    Ok(turning)
}

fn daily(recurrence: &Recurrence) -> Result<Turning, Sentence> {
    let many = recurrence.recurrence_multiplier;
    let mut times = recurrence.daily_settings.clone();
    times.sort();
    times.dedup();
    match times.as_slice() {
        [] => Err(("it says nothing about when turns change", "交代の時刻がありません")),
        [_] => {
            let apart = (many > 1).then(|| many.days());
            Ok(Turning { apart, ..new(every(many, "day"), times) })
        }
        _ if many == 1 && is_even(&times) => {
            let hours = 24 / times.len();
            let mut turning = new(format!("every: {hours} hours"), times);
            turning.remarks.push((
                "turns of hours: after a change of the clocks they hand off an hour earlier or later",
                "時間単位の交代です。夏時間の切り替え後は交代時刻が 1 時間ずれます",
            ));
            Ok(turning)
        }
        _ => Err((
            "turns of different lengths in a day; write a rotation for each with `only`",
            "一日の中で長さの違う交代です。`only` を使って個別に書いてください",
        )),
    }
}

/// What Incident Manager does in such a month its documents do not say.
const SHORT_MONTHS: Sentence = (
    "a hand-off on the 31st: in the five months that have none it is on their last day; compare those with `aws ssm-contacts list-preview-rotation-shifts`",
    "31 日に交代します。31 日のない 5 つの月では月末に交代します。`aws ssm-contacts list-preview-rotation-shifts` と比べてください",
);
const FEBRUARY: Sentence = (
    "a hand-off on the 29th or 30th: in February it is on the last day; compare it with `aws ssm-contacts list-preview-rotation-shifts`",
    "29 日または 30 日に交代します。2 月は月末に交代します。`aws ssm-contacts list-preview-rotation-shifts` と比べてください",
);
const NO_FEBRUARY: Sentence = (
    "hand-offs on several days, one of them the 29th or 30th: a February without it has one hand-off fewer; compare it with `aws ssm-contacts list-preview-rotation-shifts`",
    "29 日または 30 日を含む複数の日に交代します。その日のない 2 月は交代が一回少なくなります。`aws ssm-contacts list-preview-rotation-shifts` と比べてください",
);
const DIFFERENT_TIMES: Sentence =
    ("hand-offs at different times of day; the first one was taken for all", "交代時刻が曜日によって異なるため、最初の時刻に揃えました");

fn differ(times: &[TimeOfDay]) -> Option<Sentence> {
    times.iter().any(|time| Some(time) != times.first()).then_some(DIFFERENT_TIMES)
}

fn every(many: i64, unit: &str) -> String {
    format!("every: {many} {unit}{}", if many == 1 { "" } else { "s" })
}

/// Whether the times of day are equally far apart, in whole hours.
fn is_even(times: &[TimeOfDay]) -> bool {
    let length = 24 * 60 / i32::try_from(times.len()).unwrap_or(i32::MAX);
    24 % times.len() == 0 && times.windows(2).all(|pair| pair[1].minutes() - pair[0].minutes() == length)
}

impl Turning {
    /// The hand-off at which the first turn would have begun: the one at `begins`, or the one before. So the first hand-off after it is the
    /// same as in Incident Manager, and the first person has the shift until then. Where it can not begin there, because the month has not
    /// the day or the clock not the time (`exists`), it is one of those before: so many turns earlier.
    pub(super) fn start(&self, begins: DateTime, exists: impl Fn(DateTime) -> bool) -> (DateTime, usize) {
        let all = self.around(begins);
        let after = all.iter().copied().filter(|at| *at > begins).min();
        let first = match all.iter().copied().filter(|at| *at <= begins).max() {
            Some(at) if at == begins => at,
            before => match (self.apart, after) {
                (Some(_), Some(after)) => self.before(after).unwrap_or(begins),
                _ => before.unwrap_or(begins),
            },
        };
        let mut at = first;
        for turns in 0..=TURNS_EARLIER_MAX {
            if self.has_its_day(at) && exists(at) {
                return (at, turns);
            }
            let Some(earlier) = self.before(at) else { break };
            at = earlier;
        }
        (first, 0)
    }

    /// The hand-offs around a moment, were they as close as can be.
    fn around(&self, moment: DateTime) -> Vec<DateTime> {
        let all = (-LOOKED_AT_DAYS..=LOOKED_AT_DAYS).filter_map(|days| moment.date().checked_add(days.days()).ok());
        all.filter(|date| self.is_hand_off(*date))
            .flat_map(|date| self.at.iter().map(move |at| date.at(at.hour_of_day, at.minute_of_hour, 0, 0)))
            .collect()
    }

    /// The hand-off before one.
    fn before(&self, hand_off: DateTime) -> Option<DateTime> {
        let Some(apart) = self.apart else {
            return self.around(hand_off).into_iter().filter(|at| *at < hand_off).max();
        };
        let before = hand_off.checked_sub(apart).ok()?;
        match self.month_days.first() {
            Some(day) => before.with().day((*day).min(before.date().days_in_month())).build().ok(),
            None => Some(before),
        }
    }

    fn is_hand_off(&self, date: Date) -> bool {
        let stands_in = self.has_last_day && date == date.last_of_month() && self.month_days.last().is_some_and(|day| *day > date.day());
        (self.weekdays.is_empty() || self.weekdays.contains(&date.weekday().to_monday_one_offset()))
            && (self.month_days.is_empty() || self.month_days.contains(&date.day()) || stands_in)
    }

    /// Whether turns that are counted in months would come on the day that is meant, were this the first hand-off.
    fn has_its_day(&self, at: DateTime) -> bool {
        match self.month_days.as_slice() {
            [day] => at.day() == *day,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Recurrence, turning};

    fn start(recurrence: serde_json::Value, begins: &str) -> (String, String) {
        let recurrence: Recurrence = serde_json::from_value(recurrence).unwrap();
        let turning = turning(&recurrence).unwrap();
        let (start, _) = turning.start(begins.parse().unwrap(), |_| true);
        (turning.written.clone(), start.strftime("%a %Y-%m-%dT%H:%M").to_string())
    }

    /// Each is what the first hand-off after the start says: a turn of the same length before it.
    #[test]
    fn a_rotation_begins_with_the_hand_off_before_its_start() {
        let at = |hour: i8| json!({ "HourOfDay": hour, "MinuteOfHour": 0 });
        let of = |settings: serde_json::Value, many: i64| {
            let mut recurrence = json!({ "NumberOfOnCalls": 1, "RecurrenceMultiplier": many });
            recurrence.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
            recurrence
        };
        let weekly = |days: &[&str]| json!({ "WeeklySettings": days.iter().map(|day| json!({ "DayOfWeek": day, "HandOffTime": at(9) })).collect::<Vec<_>>() });
        // 2026-01-07 is a Wednesday.
        for (recurrence, begins, written, expected) in [
            (of(json!({ "DailySettings": [at(9)] }), 1), "2026-01-07T12:00", "every: 1 day", "Wed 2026-01-07T09:00"),
            (of(json!({ "DailySettings": [at(9)] }), 1), "2026-01-07T08:00", "every: 1 day", "Tue 2026-01-06T09:00"),
            (of(json!({ "DailySettings": [at(9)] }), 3), "2026-01-07T12:00", "every: 3 days", "Mon 2026-01-05T09:00"),
            (of(json!({ "DailySettings": [at(9), at(21)] }), 1), "2026-01-07T12:00", "every: 12 hours", "Wed 2026-01-07T09:00"),
            (of(weekly(&["MON"]), 1), "2026-01-05T09:00", "every: 1 week", "Mon 2026-01-05T09:00"),
            (of(weekly(&["MON"]), 2), "2026-01-07T12:00", "every: 2 weeks", "Mon 2025-12-29T09:00"),
            (of(weekly(&["MON", "THU"]), 1), "2026-01-07T12:00", "rule: FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH", "Mon 2026-01-05T09:00"),
            (
                of(json!({ "MonthlySettings": [{ "DayOfMonth": 1, "HandOffTime": at(9) }] }), 1),
                "2026-01-07T12:00",
                "every: 1 month",
                "Thu 2026-01-01T09:00",
            ),
        ] {
            assert_eq!(start(recurrence.clone(), begins), (written.to_owned(), expected.to_owned()), "{recurrence} {begins}");
        }
        let uneven: Recurrence = serde_json::from_value(of(json!({ "DailySettings": [at(9), at(17)] }), 1)).unwrap();
        assert!(turning(&uneven).is_err());
    }

    /// `every: 1 month` is counted from the start's day: begun on 28 February, it would stay on the 28th.
    #[test]
    fn a_rotation_of_the_31st_begins_on_a_31st_and_its_turns_are_counted_from_there() {
        let of = |days: &[i8], many: i64| {
            let settings: Vec<_> =
                days.iter().map(|day| json!({ "DayOfMonth": day, "HandOffTime": { "HourOfDay": 9, "MinuteOfHour": 0 } })).collect();
            let recurrence: Recurrence =
                serde_json::from_value(json!({ "NumberOfOnCalls": 1, "RecurrenceMultiplier": many, "MonthlySettings": settings })).unwrap();
            turning(&recurrence).unwrap()
        };
        for (days, many, begins, expected, earlier) in [
            (&[31][..], 1, "2026-03-10T12:00", "2026-01-31T09:00", 1),
            (&[31], 1, "2026-01-31T09:00", "2026-01-31T09:00", 0),
            (&[31], 1, "2026-12-01T12:00", "2026-10-31T09:00", 1),
            (&[31], 2, "2026-05-10T12:00", "2026-03-31T09:00", 0),
            (&[31], 2, "2026-03-31T09:00", "2026-03-31T09:00", 0),
            (&[30], 1, "2026-03-01T12:00", "2026-01-30T09:00", 1),
            (&[29], 12, "2027-02-28T09:00", "2024-02-29T09:00", 3),
            (&[15, 31], 1, "2026-03-01T12:00", "2026-02-28T09:00", 0),
            (&[15, 30], 1, "2026-03-01T12:00", "2026-02-15T09:00", 0),
        ] {
            let turning = of(days, many);
            let expected = (expected.parse().unwrap(), earlier);
            assert_eq!(turning.start(begins.parse().unwrap(), |_| true), expected, "{days:?} {many} {begins}");
        }
        assert_eq!(of(&[15, 31], 1).written, "rule: FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15,-1");
        assert_eq!(of(&[31], 1).remarks.first().map(|(english, _)| english.contains("five months")), Some(true));
    }

    #[test]
    fn a_start_that_the_clock_never_shows_is_put_one_turn_earlier() {
        let recurrence =
            json!({ "NumberOfOnCalls": 1, "RecurrenceMultiplier": 2, "DailySettings": [{ "HourOfDay": 2, "MinuteOfHour": 30 }] });
        let turning = turning(&serde_json::from_value(recurrence).unwrap()).unwrap();
        let gone = "2026-03-08T02:30".parse().unwrap();
        assert_eq!(turning.start(gone, |at| at != gone), ("2026-03-06T02:30".parse().unwrap(), 1));
    }
}
