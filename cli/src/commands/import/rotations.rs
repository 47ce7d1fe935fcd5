//! A rotation there as rotations here: who takes turns, from when on, and in which hours.

use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::{
    coverage::{self, DAYS, Hours},
    made::{Made, Stands},
    reading::{Read, Rotation},
    turning::turning,
    yaml::{quoted, refused, stand_ins, word},
};

/// A turn without anybody.
const NOBODY: &str = "nobody";
/// Most people of one turn.
const TURN_USERS_MAX: usize = 20;

/// A rotation but for its name, which its schedule gives.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) zone: String,
    pub(super) hours: Hours,
    /// Everything below the name.
    rest: String,
}

impl Layer {
    /// The rotation as it stands in a list of them.
    pub(super) fn written(&self, name: &str) -> String {
        format!("      - name: {}\n{}", quoted(name), self.rest)
    }
}

/// More than one where a turn has more people than one may have; they are on call at the same time.
pub(super) fn layers(rotation: &Read<Rotation>, made: &mut Made) -> Vec<Layer> {
    let Read { file, value, .. } = rotation;
    let Ok(zone) = TimeZoneDatabase::bundled().get(&value.time_zone_id) else {
        made.leave(
            file,
            &value.name,
            format!("nobody knows the time zone {}", value.time_zone_id),
            format!("タイムゾーン {} は不明です", value.time_zone_id),
        );
        return Vec::new();
    };
    let Some(mut slots) = slots(rotation, made) else { return Vec::new() };
    let turning = match turning(&value.recurrence) {
        Ok(turning) => turning,
        Err((english, japanese)) => {
            made.leave(file, &value.name, english, japanese);
            return Vec::new();
        }
    };
    for (english, japanese) in &turning.remarks {
        made.leave(file, &value.name, *english, *japanese);
    }
    told_about_hours(rotation, made);
    let exists = |at| !matches!(zone.to_ambiguous_timestamp(at).offset(), AmbiguousOffset::Gap { .. });
    let (start, turns) = turning.start(value.start_time.to_zoned(zone.clone()).datetime(), exists);
    let around = turns % slots.len().max(1);
    slots.rotate_right(around);
    let parts = slots.iter().map(|slot| slot.len().div_ceil(TURN_USERS_MAX)).max().unwrap_or_default();
    if parts > 1 {
        made.leave(
            file,
            &value.name,
            format!("more than {TURN_USERS_MAX} people at once: it became {parts} rotations, which are called together"),
            format!("同時に {TURN_USERS_MAX} 人を超えるため、{parts} つのローテーションに分けました。一緒に呼び出されます"),
        );
    }
    let only = coverage::written(&value.recurrence.shift_coverages);
    let only = if only.is_empty() { String::new() } else { format!("        only: [{}]\n", only.join(", ")) };
    let mut layers = Vec::new();
    for part in 0..parts {
        let slots: Vec<&[String]> = slots.iter().map(|slot| slot.chunks(TURN_USERS_MAX).nth(part).unwrap_or_default()).collect();
        let members = slots.iter().map(|slot| member(slot)).collect::<Vec<_>>().join(", ");
        let start = start.strftime("%Y-%m-%dT%H:%M");
        let layer = Layer {
            file: file.clone(),
            name: value.name.clone(),
            zone: zone_name(&zone, &value.time_zone_id),
            hours: Hours::of(&value.recurrence.shift_coverages),
            rest: format!("        start: {start}\n        {}\n        members: [{members}]\n{only}", turning.written),
        };
        layers.extend(taken(layer, &slots, made));
    }
    layers
}

fn zone_name(zone: &TimeZone, given: &str) -> String {
    zone.iana_name().unwrap_or(given).to_owned()
}

fn member(slot: &[String]) -> String {
    match slot {
        [] => NOBODY.to_owned(),
        [user] => word(user),
        users => format!("[{}]", users.iter().map(|user| word(user)).collect::<Vec<_>>().join(", ")),
    }
}

/// A rotation that a configuration takes.
fn taken(layer: Layer, slots: &[&[String]], made: &mut Made) -> Option<Layer> {
    let people = stand_ins(slots.iter().copied().flatten().collect::<std::collections::BTreeSet<_>>().into_iter().map(String::as_str));
    let text = format!("{people}schedules:\n  a:\n    time_zone: {}\n    rotations:\n{}", layer.zone, layer.written("a"));
    let Some(why) = refused(&text) else { return Some(layer) };
    made.leave(
        &layer.file,
        &layer.name,
        format!("it is left out, and its people are called by nobody: it {why}"),
        format!("移行できないため、このローテーションの呼び出しは行われません: {why}"),
    );
    None
}

fn told_about_hours(rotation: &Read<Rotation>, made: &mut Made) {
    let Read { file, value, .. } = rotation;
    let covered = &value.recurrence.shift_coverages;
    for day in covered.keys().filter(|day| !DAYS.iter().any(|(name, ..)| name == day)) {
        made.leave(
            file,
            &value.name,
            format!("its hours on {day} are left out: nobody knows the day"),
            format!("{day} の時間帯は不明な曜日のため除きました"),
        );
    }
    if !covered.is_empty() && Hours::of(covered).is_always() {
        made.leave(
            file,
            &value.name,
            "it names days and no hours: its people are on call all the time",
            "時間帯がないため、常に当番になります",
        );
    }
}

/// The turns in their order, and who is on call in each; nobody where all of them are missing.
fn slots(rotation: &Read<Rotation>, made: &mut Made) -> Option<Vec<Vec<String>>> {
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
    if people.iter().all(Option::is_none) {
        made.leave(file, &value.name, "nobody of it was carried over", "移行できた人がいません");
        return None;
    }
    let at_once = value.recurrence.number_of_on_calls.clamp(1, people.len());
    if at_once > 1 {
        made.leave(
            file,
            &value.name,
            "several people at once: compare the next shifts with `aws ssm-contacts list-preview-rotation-shifts`",
            "複数人が同時に当番です。`aws ssm-contacts list-preview-rotation-shifts` と比べてください",
        );
    }
    // As many turns as it takes until the same people come first again.
    let mut slots = Vec::new();
    let mut first = 0;
    loop {
        let mut slot: Vec<String> = Vec::new();
        for user in (0..at_once).filter_map(|place| people[(first + place) % people.len()].as_ref()) {
            if !slot.contains(user) {
                slot.push(user.clone());
            }
        }
        slots.push(slot);
        first = (first + at_once) % people.len();
        if first == 0 {
            return Some(slots);
        }
    }
}
