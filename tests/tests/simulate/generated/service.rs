//! The service of a generated configuration, and what decides about its incidents by the clock: hours, pauses, maintenance windows.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{
    dice::{Dice, clock},
    text::ZONES,
};

const LEVELS: [&str; 3] = ["high", "low", "by_severity"];

pub fn service(dice: &mut Dice, at: Timestamp) -> String {
    let mut keys = vec!["escalation_policy: shop".to_owned(), "alarms: [\"shop-*\"]".to_owned()];
    let by_hours = dice.once_in(3);
    keys.push(match by_hours {
        true => format!("urgency: {{ during: {{ hours: office, is: {} }}, otherwise: {} }}", dice.of(&LEVELS), dice.of(&LEVELS)),
        false => format!("urgency: {}", dice.of(&["high", "high", "high", "low", "by_severity"])),
    });
    let optional = [
        ("repage_every", ["10m", "15m", "30m"]),
        ("acknowledgement_timeout", ["5m", "10m", "20m"]),
        ("auto_resolve", ["1m", "30m", "50m"]),
    ];
    for (key, values) in optional {
        if dice.once_in(3) {
            keys.push(format!("{key}: {}", dice.of(&values)));
        }
    }
    if dice.once_in(4) {
        keys.push(match dice.between(0, 2) {
            0 => format!("auto_pause: {}", dice.of(&["20s", "2m", "10m"])),
            1 => "auto_pause: { for: 3m, except: [critical] }".to_owned(),
            _ => "auto_pause: { for: 90s, except: [warning, info] }".to_owned(),
        });
    }
    if dice.once_in(2) {
        let default = if dice.once_in(2) { ", default: SEV3" } else { "" };
        keys.push(format!("priority: {{ label: prio, map: {{ P1: SEV1, P2: SEV2 }}{default} }}"));
    }
    let mut text = format!("services:\n  shop: {{ {} }}\n", keys.join(", "));
    if by_hours {
        text += &hours(dice, at);
    }
    if dice.once_in(3) {
        text += &maintenance(dice, at);
    }
    text
}

fn hours(dice: &mut Dice, at: Timestamp) -> String {
    let zone = dice.of(&ZONES);
    let windows: Vec<String> = (0..dice.between(1, 2)).map(|_| format!("{{ {} }}", dice.window(at, zone))).collect();
    let holidays = match dice.between(0, 3) {
        0 => ", holidays: [jp-national]",
        1 => ", holidays: [closings]",
        _ => "",
    };
    let closed = clock(at, zone, "%Y-%m-%d");
    let calendars = if holidays.contains("closings") { format!("calendars:\n  closings: {{ days: [{closed}] }}\n") } else { String::new() };
    format!("hours:\n  office: {{ time_zone: {zone}, windows: [{}]{holidays} }}\n{calendars}", windows.join(", "))
}

/// Windows that are open, or will be, for this alarm or others.
fn maintenance(dice: &mut Dice, at: Timestamp) -> String {
    let mut text = String::from("maintenance_windows:\n");
    for number in 0..dice.between(1, 3) {
        let zone = dice.of(&ZONES);
        let time = if dice.once_in(3) {
            format!("windows: [{{ {} }}]", dice.window(at, zone))
        } else {
            let from = dice.near(at, -60, 30);
            let until = dice.near(from, 1, 90);
            let shown = |at| clock(at, zone, "%Y-%m-%dT%H:%M");
            format!("from: {}, until: {}", shown(from), shown(until))
        };
        let only = match dice.between(0, 7) {
            0 => ", only: { alarms: [\"shop-*\"] }",
            1 => ", only: { alarms: [\"other-*\"] }",
            2 => ", only: { labels: { env: \"prod*\" } }",
            3 => ", only: { severities: [critical, error] }",
            _ => "",
        };
        let services = dice.of(&["", ", services: [shop]", ", services: [catch-all]"]);
        let reason = dice.of(&["", ", reason: a new database"]);
        writeln!(text, "  w{number}: {{ time_zone: {zone}, {time}{services}{only}{reason} }}").unwrap();
    }
    text
}
