//! Maintenance windows that end before their time, with one scripted fault each, under the names of `docs/failure-modes.md`.

use hansho_domain::{Event, PhaseName};

use super::{
    START_MS,
    scenarios::{Stage, once},
    work::{Upkeep, Work},
    workload::{Plan, alarm},
    world::Fate,
};

#[test]
fn window_ended_and_its_releaser_dies_half_way() {
    let mut releases = 0;
    let mut stage = Stage::with(move |scene| {
        let is_release = scene.call.operation == "TransactWriteItems" && scene.body.contains("maintenance-live-1-");
        releases += u32::from(is_release);
        (is_release && scene.function == "maintenance" && releases == 2).then_some(Fate::CrashBefore)
    });
    let maintain = |second: i64, act: Upkeep| (START_MS + second * 1000, Work::Maintain { number: 1, act, tries: 3 });
    for (at, work) in
        [maintain(0, Upkeep::Begin { seconds: 7_200, is_about_all: false, is_filtered: false }), maintain(60, Upkeep::End(Some(1)))]
    {
        stage.world.post(at, work);
    }
    for name in ["checkout-5xx", "checkout-latency"] {
        let event = alarm(name, "ALARM", "critical", START_MS + 30_000, None);
        stage.world.post(START_MS + 30_000, Work::Alarm { event, tries: 0 });
    }
    stage.until(59).expect_pages(&[]);
    assert!(stage.incidents().iter().all(|incident| incident.phase.name() == PhaseName::Held));
    // One of the two pages at once. The other is released by the next sweep, and its page passes the gate.
    stage.until(119).expect_pages(&[("u1", "sms", 60..=66), ("u1", "sms", 77..=100)]);
    assert!(stage.incidents().iter().all(|incident| incident.phase.name() == PhaseName::Triggered));
    assert_eq!(stage.events(|event| matches!(event, Event::Triggered { .. })), 2, "each is told once: {}", stage.trace());
    stage.ends_well();
}

#[test]
fn apply_takes_a_window_out_while_a_slow_function_holds_by_it() {
    let mut stage = Stage::of(Plan { maintenance: Some((0, 7_200)), ..Plan::two_people() });
    stage.world.teams.push(Plan::two_people().team());
    // The alarm was decided on with the window, and is written down when the window is no more.
    stage.world.script = Some(Box::new(once("alarm-intake", "TransactWriteItems", "", Fate::Slow(12_000))));
    let event = alarm("checkout-5xx", "ALARM", "critical", START_MS + 55_000, None);
    stage.world.post(START_MS + 55_000, Work::Alarm { event, tries: 0 });
    stage.world.post(START_MS + 58_000, Work::Apply { team: 1, tries: 0 });
    stage.until(72).expect_pages(&[]);
    assert_eq!(stage.incident().phase.name(), PhaseName::Held, "{}", stage.trace());
    assert_eq!(stage.events(|event| matches!(event, Event::Held { .. })), 1);
    // The sweeper goes through what the window may hold once more when nobody can still go by what was so before.
    stage.until(58 + 130).expect_pages(&[("u1", "sms", 73..=188)]);
    assert_eq!(stage.incident().phase.name(), PhaseName::Triggered);
    stage.ends_well();
}
