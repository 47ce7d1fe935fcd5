//! On-call schedules become schedules, their rotations rotations: one schedule for each clock that they are on.

use std::collections::BTreeMap;

use jiff::{
    Span, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZoneDatabase,
};

use super::{
    made::{Made, Stands, quoted},
    reading::{Coverage, Export, Read, Recurrence, Rotation, TimeOfDay},
};

const DAYS: [(&str, &str, &str); 7] = [
    ("MON", "mon", "MO"),
    ("TUE", "tue", "TU"),
    ("WED", "wed", "WE"),
    ("THU", "thu", "TH"),
    ("FRI", "fri", "FR"),
    ("SAT", "sat", "SA"),
    ("SUN", "sun", "SU"),
];
/// A turn without anybody.
const NOBODY: &str = "nobody";
/// How far back a hand-off is looked for, in days: two months have one of each day.
const LOOK_BACK_DAYS: i64 = 62;

/// The section `schedules`.
pub(super) fn write(export: &Export, made: &mut Made) -> String {
    let mut text = String::new();
    let mut used = Vec::new();
    for contact in export.contacts.iter().filter(|contact| contact.value.kind == "ONCALL_SCHEDULE") {
        let found: Vec<&Read<Rotation>> =
            export.rotations.iter().filter(|rotation| contact.value.plan.rotation_ids.contains(&rotation.value.rotation_arn)).collect();
        used.extend(found.iter().map(|rotation| rotation.value.rotation_arn.clone()));
        for missing in contact.value.plan.rotation_ids.iter().filter(|id| !found.iter().any(|r| r.value.rotation_arn == **id)) {
            made.leave(
                &contact.file,
                &contact.value.alias,
                format!("the rotation {missing} is not there; fetch it with get-rotation"),
                format!("ローテーション {missing} がありません。get-rotation で取得してください"),
            );
        }
        let mut by_zone: BTreeMap<&str, Vec<&Read<Rotation>>> = BTreeMap::new();
        for rotation in found {
            by_zone.entry(&rotation.value.time_zone_id).or_default().push(rotation);
        }
        let mut names = Vec::new();
        for (zone, rotations) in by_zone {
            let rotations: Vec<String> = rotations.into_iter().filter_map(|rotation| self::rotation(rotation, made)).collect();
            if rotations.is_empty() {
                continue;
            }
            let name = made.name("schedules", &contact.value.alias);
            text.push_str(&format!("  {name}:\n"));
            text.extend(contact.value.display_name.as_deref().map(|shown| format!("    name: {}\n", quoted(shown))));
            text.push_str(&format!("    time_zone: {zone}\n    rotations:\n{}", rotations.concat()));
            names.push(name);
        }
        if names.len() > 1 {
            made.leave(
                &contact.file,
                &contact.value.alias,
                "its rotations are on different clocks: it became a schedule for each, which are called together",
                "タイムゾーンが異なるため、複数の当番表に分けました。一緒に呼び出されます",
            );
        }
        if names.is_empty() {
            made.leave(
                &contact.file,
                &contact.value.alias,
                "it has no rotation that was carried over, and is no schedule here: whoever is called by it is called by nobody",
                "移行できたローテーションがないため、当番表になりません。この当番表による呼び出しは行われません",
            );
            continue;
        }
        made.stands.insert(contact.value.contact_arn.clone(), Stands::Schedules(names));
    }
    for rotation in export.rotations.iter().filter(|rotation| !used.contains(&rotation.value.rotation_arn)) {
        made.leave(&rotation.file, &rotation.value.name, "no on-call schedule has this rotation", "どの当番表にも含まれていません");
    }
    text
}

fn rotation(rotation: &Read<Rotation>, made: &mut Made) -> Option<String> {
    let Read { file, value, .. } = rotation;
    let Ok(zone) = TimeZoneDatabase::bundled().get(&value.time_zone_id) else {
        made.leave(
            file,
            &value.name,
            format!("nobody knows the time zone {}", value.time_zone_id),
            format!("タイムゾーン {} は不明です", value.time_zone_id),
        );
        return None;
    };
    let members = members(rotation, made)?;
    let turning = match turning(&value.recurrence) {
        Ok(turning) => turning,
        Err((english, japanese)) => {
            made.leave(file, &value.name, english, japanese);
            return None;
        }
    };
    for (english, japanese) in &turning.remarks {
        made.leave(file, &value.name, *english, *japanese);
    }
    let start = turning.start(value.start_time.to_zoned(zone).datetime());
    let mut text = format!(
        "      - name: {}\n        start: {}\n        {}\n",
        quoted(&value.name),
        start.strftime("%Y-%m-%dT%H:%M"),
        turning.written
    );
    text.push_str(&format!("        members: [{}]\n", members.join(", ")));
    let only = coverage(&value.recurrence.shift_coverages);
    if !only.is_empty() {
        text.push_str(&format!("        only: [{}]\n", only.join(", ")));
    }
    Some(text)
}

/// Slots in the order of their turns; several people in each where several are on call at once.
fn members(rotation: &Read<Rotation>, made: &mut Made) -> Option<Vec<String>> {
    let Read { file, value, .. } = rotation;
    // Whoever is missing keeps the turn, so that nobody else's moves.
    let mut people: Vec<Option<String>> = Vec::new();
    for contact in &value.contact_ids {
        let Some(Stands::User(user)) = made.stands.get(contact) else {
            made.leave(
                file,
                &value.name,
                format!("{contact} is left out: it is no person that was carried over; its turns are nobody's until somebody is put there"),
                format!("{contact} は移行されていないため除きました。その番は nobody（担当なし）です。代わりの人を入れてください"),
            );
            people.push(None);
            continue;
        };
        people.push(Some(user.clone()));
    }
    let at_once = value.recurrence.number_of_on_calls.clamp(1, people.len().max(1));
    if people.iter().all(Option::is_none) {
        made.leave(file, &value.name, "nobody of it was carried over", "移行できた人がいません");
        return None;
    }
    if at_once == 1 {
        return Some(people.into_iter().map(|person| person.unwrap_or_else(|| NOBODY.to_owned())).collect());
    }
    made.leave(
        file,
        &value.name,
        "several people at once: compare the next shifts with `aws ssm-contacts list-preview-rotation-shifts`",
        "複数人が同時に当番です。`aws ssm-contacts list-preview-rotation-shifts` と比べてください",
    );
    // As many slots as it takes until the same people come first again.
    let mut slots = Vec::new();
    let mut first = 0;
    loop {
        let slot: Vec<&str> = (0..at_once).filter_map(|place| people[(first + place) % people.len()].as_deref()).collect();
        slots.push(if slot.is_empty() { NOBODY.to_owned() } else { format!("[{}]", slot.join(", ")) });
        first = (first + at_once) % people.len();
        if first == 0 {
            return Some(slots);
        }
    }
}

/// When turns change.
#[derive(Debug)]
struct Turning {
    /// `every: ...` or `rule: ...`.
    written: String,
    at: Vec<TimeOfDay>,
    /// Weekdays (1 is Monday), or days of the month; none: every day.
    weekdays: Vec<i8>,
    month_days: Vec<i8>,
    /// How far the hand-offs of a simple turn are apart, where that is more than one unit.
    apart: Option<Span>,
    remarks: Vec<(&'static str, &'static str)>,
}

type Sentence = (&'static str, &'static str);

fn turning(recurrence: &Recurrence) -> Result<Turning, Sentence> {
    let many = recurrence.recurrence_multiplier;
    let new = |written: String, at: Vec<TimeOfDay>| Turning {
        written,
        at,
        weekdays: Vec::new(),
        month_days: Vec::new(),
        apart: None,
        remarks: Vec::new(),
    };
    if let [first, rest @ ..] = recurrence.monthly_settings.as_slice() {
        let mut days: Vec<i8> = recurrence.monthly_settings.iter().map(|setting| setting.day_of_month).collect();
        days.sort();
        days.dedup();
        let mut turning = new(every(many, "month"), vec![first.hand_off_time]);
        if days.len() > 1 {
            let listed = days.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            turning.written = format!("rule: FREQ=MONTHLY;INTERVAL={many};BYMONTHDAY={listed}");
        } else if many > 1 {
            turning.apart = Some(many.months());
        }
        if days.iter().any(|day| *day > 28) {
            turning.remarks.push((
                "a hand-off on a day that not every month has: look at February",
                "毎月あるとは限らない日に交代します。2 月を確認してください",
            ));
        }
        turning.remarks.extend(rest.iter().any(|setting| setting.hand_off_time != first.hand_off_time).then_some(DIFFERENT_TIMES));
        turning.month_days = days;
        return Ok(turning);
    }
    if let [first, rest @ ..] = recurrence.weekly_settings.as_slice() {
        let named = |day: &str| DAYS.iter().position(|(name, ..)| *name == day);
        let mut days: Vec<usize> = recurrence.weekly_settings.iter().filter_map(|setting| named(&setting.day_of_week)).collect();
        days.sort();
        days.dedup();
        let mut turning = new(every(many, "week"), vec![first.hand_off_time]);
        if days.len() > 1 {
            let listed = days.iter().map(|day| DAYS[*day].2).collect::<Vec<_>>().join(",");
            turning.written = format!("rule: FREQ=WEEKLY;INTERVAL={many};BYDAY={listed}");
        } else if many > 1 {
            turning.apart = Some(many.weeks());
        }
        turning.remarks.extend(rest.iter().any(|setting| setting.hand_off_time != first.hand_off_time).then_some(DIFFERENT_TIMES));
        turning.weekdays = days.iter().filter_map(|day| i8::try_from(*day + 1).ok()).collect();
        return Ok(turning);
    }
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

const DIFFERENT_TIMES: Sentence =
    ("hand-offs at different times of day; the first one was taken for all", "交代時刻が曜日によって異なるため、最初の時刻に揃えました");

fn every(many: i64, unit: &str) -> String {
    format!("every: {many} {unit}{}", if many == 1 { "" } else { "s" })
}

/// Whether the times of day are equally far apart, in whole hours.
fn is_even(times: &[TimeOfDay]) -> bool {
    let minutes = |time: &TimeOfDay| i32::from(time.hour_of_day) * 60 + i32::from(time.minute_of_hour);
    let length = 24 * 60 / i32::try_from(times.len()).unwrap_or(i32::MAX);
    24 % times.len() == 0 && times.windows(2).all(|pair| minutes(&pair[1]) - minutes(&pair[0]) == length)
}

impl Turning {
    /// The hand-off at which the first turn would have begun: the one at `begins`, or the one before. So the first hand-off after it is the
    /// same as in Incident Manager, and the first person has the shift until then.
    fn start(&self, begins: DateTime) -> DateTime {
        let all = (-LOOK_BACK_DAYS..=LOOK_BACK_DAYS).filter_map(|days| begins.date().checked_add(days.days()).ok());
        let hand_offs: Vec<DateTime> = all
            .filter(|date| self.is_hand_off(*date))
            .flat_map(|date| self.at.iter().map(move |at| date.at(at.hour_of_day, at.minute_of_hour, 0, 0)))
            .collect();
        let before = hand_offs.iter().copied().filter(|at| *at <= begins).max();
        let after = hand_offs.iter().copied().filter(|at| *at > begins).min();
        match (before, after, self.apart) {
            (Some(at), ..) if at == begins => at,
            (_, Some(after), Some(apart)) => after.checked_sub(apart).unwrap_or(begins),
            (Some(before), ..) => before,
            (None, ..) => begins,
        }
    }

    fn is_hand_off(&self, date: Date) -> bool {
        (self.weekdays.is_empty() || self.weekdays.contains(&date.weekday().to_monday_one_offset()))
            && (self.month_days.is_empty() || self.month_days.contains(&date.day()))
    }
}

/// The windows in which somebody is on call at all; days with the same hours together.
fn coverage(covered: &BTreeMap<String, Vec<Coverage>>) -> Vec<String> {
    let mut windows: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for (name, day, _) in DAYS {
        for Coverage { start, end } in covered.get(name).map(Vec::as_slice).unwrap_or_default() {
            let written = |time: &TimeOfDay| format!("{:02}:{:02}", time.hour_of_day, time.minute_of_hour);
            let to = if (end.hour_of_day, end.minute_of_hour) == (0, 0) { "24:00".to_owned() } else { written(end) };
            windows.entry((written(start), to)).or_default().push(day);
        }
    }
    let is_always =
        windows.len() == 1 && windows.get(&("00:00".to_owned(), "24:00".to_owned())).is_some_and(|days| days.len() == DAYS.len());
    if is_always {
        return Vec::new();
    }
    let mut written: Vec<String> = Vec::new();
    for ((from, to), days) in windows {
        let days = if days.len() == DAYS.len() { String::new() } else { format!(", days: [{}]", days.join(", ")) };
        written.push(format!("{{ from: \"{from}\", to: \"{to}\"{days} }}"));
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Recurrence, turning};

    fn start(recurrence: serde_json::Value, begins: &str) -> (String, String) {
        let recurrence: Recurrence = serde_json::from_value(recurrence).unwrap();
        let turning = turning(&recurrence).unwrap();
        (turning.written.clone(), turning.start(begins.parse().unwrap()).strftime("%a %Y-%m-%dT%H:%M").to_string())
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
}
