//! How the pages read, state by state.

use hansho_api::page::{BundleFacts, Notice, bundle, notice};
use hansho_domain::{Actor, Command, DedupKey, HeldBy, Language, Method, Quiet, QuietTime, QuietTimes, Restriction, Severity, Weekdays};
use hansho_store::DeliveryState;

use crate::{
    facts::{World, alert, reader, user},
    looked_at,
};

const TITLE: &str = "5xx rate 12 % (limit 1 %)";

fn paging() -> World {
    World::open(&alert(TITLE))
        .later(2)
        .delivery("aiko", Method::Sms, DeliveryState::Sent, None)
        .delivery("aiko", Method::Email, DeliveryState::Sending, None)
        .later(120)
}

#[test]
fn a_triggered_incident() {
    insta::assert_snapshot!("triggered_en", looked_at("triggered_en", &paging().page("aiko", Language::En)));
    insta::assert_snapshot!("triggered_ja", looked_at("triggered_ja", &paging().page("aiko", Language::Ja)));
}

#[test]
fn an_incident_that_the_reader_has() {
    let world = paging().then(Actor::User(user("aiko")), Command::Acknowledge).later(60);
    insta::assert_snapshot!("acknowledged_by_reader_ja", looked_at("acknowledged_by_reader_ja", &world.page("aiko", Language::Ja)));
}

#[test]
fn an_incident_that_somebody_else_has() {
    let world = paging().then(Actor::User(user("ben")), Command::Acknowledge).later(60);
    insta::assert_snapshot!("acknowledged_by_other_en", looked_at("acknowledged_by_other_en", &world.page("aiko", Language::En)));
}

#[test]
fn an_incident_that_nobody_answered() {
    let world = paging().deadline().deadline().deadline().deadline();
    let page = looked_at("exhausted_ja", &world.page("aiko", Language::Ja));
    assert!(page.contains("全員を呼び出しましたが、応答がありません。"), "{page}");
    assert!(page.contains("対応する"), "{page}");
    looked_at("exhausted_en", &world.page("aiko", Language::En));
}

#[test]
fn a_resolved_incident_has_no_buttons() {
    let world = paging().then(Actor::User(user("aiko")), Command::Resolve).later(600);
    let page = looked_at("resolved_en", &world.page("aiko", Language::En));
    assert!(page.contains("It is over. Resolved by 佐藤 愛子, 03:14."), "{page}");
    assert!(!page.contains("<button"), "{page}");
}

#[test]
fn a_held_incident_says_until_when() {
    let mut held = alert(TITLE);
    held.held = Some(HeldBy { until: "2026-10-04T00:00:00Z".parse().unwrap(), reason: "maintenance of the database".to_owned() });
    let page = looked_at("held_en", &World::open(&held).page("aiko", Language::En));
    assert!(page.contains("Held until 09:00: maintenance of the database. Nobody is called before."), "{page}");
}

#[test]
fn an_incident_that_is_not_urgent_says_that_nobody_is_woken() {
    let mut quiet = alert("disk 81 % full");
    (quiet.severity, quiet.priority) = (Severity::Warning, None);
    let page = looked_at("low_en", &World::open(&quiet).page("aiko", Language::En));
    assert!(page.contains("It is not urgent: nobody is woken."), "{page}");
    assert!(page.contains("Told"), "{page}");
}

#[test]
fn escalating_says_first_whom_it_calls_and_how() {
    let page = paging().page("aiko", Language::En);
    assert!(page.contains("Calls at once: 田中 千恵 (SMS, mail)."), "{page}");
    let at_the_end = paging().deadline().deadline().page("aiko", Language::En);
    assert!(at_the_end.contains("Calls at once: 佐藤 愛子 [you] (SMS, mail)."), "after the last step comes the first: {at_the_end}");
}

/// A page in the night, and a quiet time of 田中 千恵, who is called next, from 03:15 to 07:00 in Tokyo.
fn quiet_night(quiet: Quiet) -> World {
    let mut world = paging();
    let time = |hour, minute| jiff::civil::Time::constant(hour, minute, 0, 0);
    let window = Restriction::TimeOfDay { from: time(3, 15), to: time(7, 0), days: Weekdays::ALL };
    let times = QuietTimes::new("Asia/Tokyo", vec![QuietTime { window, quiet }]).unwrap();
    let chie = world.roster.users.remove(&user("chie")).unwrap().with_quiet(times).unwrap();
    world.roster.users.insert(user("chie"), chie);
    world
}

#[test]
fn what_is_urgent_does_not_wait_for_the_end_of_a_quiet_time() {
    let page = quiet_night(Quiet::Waits { methods: Vec::new() }).page("aiko", Language::En);
    assert!(page.contains("Next: 田中 千恵 at 03:17, in 2 min") && page.contains("Calls at once: 田中 千恵 (SMS, mail)."), "{page}");
}

#[test]
fn a_cover_is_next_in_place_of_whoever_wants_quiet_by_then() {
    // It begins between now, 03:14, and the next step, 03:17.
    let world = quiet_night(Quiet::Covered { by: user("ben") });
    let page = world.page("aiko", Language::En);
    assert!(page.contains("Next: Ben Carter at 03:17"), "{page}");
    assert!(page.contains("Calls at once: 田中 千恵 (SMS, mail)."), "at this moment it is her: {page}");
    let page = world.later(90).page("aiko", Language::En);
    assert!(page.contains("Calls at once: Ben Carter (SMS, mail)."), "later it is her cover: {page}");
}

#[test]
fn a_failed_message_is_told_once_with_what_followed() {
    let report = Command::DeliveryReport {
        delivery: paging().deliveries[0].id,
        user: user("aiko"),
        method: Method::Sms,
        holds: hansho_domain::Holds::Unacknowledged { episode: 1 },
        outcome: hansho_domain::DeliveryOutcome::Failed("The phone is switched off.".to_owned()),
    };
    let mut world = paging();
    world.deliveries[0].state = DeliveryState::Failed;
    world.deliveries[0].reason = Some("The phone is switched off.".to_owned());
    let page = world.then(Actor::Hansho, report).page("aiko", Language::En);
    assert_eq!(page.matches("The phone is switched off").count(), 1, "{page}");
}

#[test]
fn a_bundle_shows_all_and_takes_all() {
    let mut other = alert("nightly job failed");
    (other.dedup_key, other.severity, other.priority) = (DedupKey::new("batch").unwrap(), Severity::Error, None);
    other.id = hansho_domain::AlertId::from_hash([1; 16]);
    let taken = World::open(&other).then(Actor::User(user("ben")), Command::Acknowledge);
    let mut third = other.clone();
    (third.title, third.id) = ("queue of payments is 4,000 long and grows".to_owned(), hansho_domain::AlertId::from_hash([2; 16]));
    let items = [taken.item(), paging().item(), World::open(&third).item()];
    for (name, language) in [("bundle_en", Language::En), ("bundle_ja", Language::Ja)] {
        let reader = reader("aiko", language, paging().now);
        let page = bundle(&BundleFacts { items: &items, reader: &reader, address: "/b/7K3QabcDEF12" }).0;
        insta::assert_snapshot!(name, looked_at(name, &page));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn notices_say_what_to_do() {
    for (name, language) in [("notice_en", Language::En), ("notice_ja", Language::Ja)] {
        let response = notice(language, Notice::LinkUnknown);
        assert_eq!(response.status(), 404);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        insta::assert_snapshot!(name, looked_at(name, std::str::from_utf8(&body).unwrap()));
    }
}
