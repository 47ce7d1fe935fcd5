//! Ids and patterns: what they look like, how they sort, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::{fmt::Debug, str::FromStr, time::Duration};

use hansho_domain::{
    AlarmPattern, AlertId, DedupKey, EffectId, IncidentId, InputId, IntegrationId, PolicyId, ScheduleId, ServiceId, Target, TeamId, UserId,
};
use jiff::Timestamp;
use proptest::prelude::*;

// Incidents.

#[test]
fn incident_id_is_a_ulid() {
    // The example of the ULID specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV is 2016-07-30T23:54:10.259Z.
    let example: IncidentId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert_eq!(example.to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let id = IncidentId::derived(at("2016-07-30T23:54:10.259Z"), AlertId::from_hash([0; 16]));
    assert_eq!(id.to_string(), "01ARZ3NDEK0000000000000000");
    let id = IncidentId::derived(at("2016-07-30T23:54:10.259Z"), AlertId::from_hash([0xff; 16]));
    assert_eq!(id.to_string(), "01ARZ3NDEKZZZZZZZZZZZZZZZZ");
}

#[test]
fn incident_id_may_be_typed_in_lower_case() {
    assert_eq!("01arz3ndektsv4rrffq69g5fav".parse::<IncidentId>().unwrap().to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

#[test]
fn incident_id_of_before_1970_is_the_first() {
    assert_eq!(IncidentId::derived(Timestamp::MIN, AlertId::from_hash([0; 16])).to_string(), "0".repeat(26));
}

#[test]
fn incident_id_of_the_same_alert_at_the_same_time_is_the_same() {
    let alert = AlertId::from_hash([7; 16]);
    let now = at("2026-11-02T09:00:00Z");
    assert_eq!(IncidentId::derived(now, alert), IncidentId::derived(now, alert));
    assert_ne!(IncidentId::derived(now, alert), IncidentId::derived(now, AlertId::from_hash([8; 16])));
}

#[test]
fn text_that_is_no_incident_id_is_refused_with_the_reason() {
    refused::<IncidentId>(&[
        ("", "26 characters"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FA", "26 characters"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAVX", "26 characters"),
        // Crockford's alphabet has no I, L, O and U.
        ("01ARZ3NDEKTSV4RRFFQ69G5FAI", "a character that no incident id has"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAU", "a character that no incident id has"),
        ("01ARZ3NDEKTSV4RRFFQ69G5F-V", "a character that no incident id has"),
        // 26 bytes, of which one character takes three.
        ("01ARZ3NDEKTSV4RRFFQ69G5鐘", "a character that no incident id has"),
        ("80000000000000000000000000", "too large"),
        ("ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "too large"),
    ]);
    assert_eq!("7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<IncidentId>().unwrap().to_string(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

// Names.

#[test]
fn name_is_made_of_lower_case_letters_digits_and_dashes() {
    for name in ["a", "0", "aiko", "checkout-primary", "a_b-c", "a-", &"x".repeat(40)] {
        UserId::new(name).unwrap();
        TeamId::new(name).unwrap();
        ScheduleId::new(name).unwrap();
        PolicyId::new(name).unwrap();
        ServiceId::new(name).unwrap();
        IntegrationId::new(name).unwrap();
    }
    refused::<ServiceId>(&[
        ("", "it is empty"),
        ("Aiko", "lower-case"),
        ("a b", "lower-case"),
        ("a/b", "lower-case"),
        ("a.b", "lower-case"),
        ("a#b", "lower-case"),
        ("愛子", "lower-case"),
        ("a\n", "lower-case"),
        ("-a", "must start with"),
        ("_a", "must start with"),
        (&"x".repeat(41), "longer than 40"),
    ]);
}

#[test]
fn refusal_names_the_kind_and_repeats_no_more_than_60_characters() {
    let error = UserId::new("鐘".repeat(1000)).unwrap_err().to_string();
    assert_eq!(error, format!("{:?} is not a valid user name: it is longer than 40 characters", "鐘".repeat(60)));
}

#[test]
fn catch_all_is_a_name_like_any_other() {
    assert_eq!(ServiceId::catch_all(), ServiceId::new("catch-all").unwrap());
}

#[test]
fn dedup_key_is_any_text_of_up_to_512_bytes_without_control_characters() {
    for key in ["x", " ", "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:決済", &"x".repeat(512)] {
        assert_eq!(DedupKey::new(key).unwrap().as_str(), key);
    }
    refused::<DedupKey>(&[
        ("", "it is empty"),
        (&"x".repeat(513), "longer than 512 bytes"),
        (&"鐘".repeat(171), "longer than 512 bytes"),
        ("a\0b", "control characters"),
        ("a\nb", "control characters"),
    ]);
}

#[test]
fn input_id_is_any_text_of_up_to_80_bytes_without_control_characters() {
    assert_eq!(InputId::new("i".repeat(80)).unwrap(), InputId::derived("i".repeat(80)));
    refused::<InputId>(&[("", "it is empty"), (&"i".repeat(81), "longer than 80 bytes"), ("a\u{7f}b", "control characters")]);
}

#[test]
fn target_says_its_kind() {
    for target in ["user/aiko", "schedule/checkout-primary", "team/sre"] {
        assert_eq!(target.parse::<Target>().unwrap().to_string(), target);
    }
    refused::<Target>(&[
        ("aiko", "write user/NAME"),
        ("", "write user/NAME"),
        ("person/aiko", "no kind of target"),
        ("User/aiko", "no kind of target"),
        ("user/", "it is empty"),
        ("user/Aiko", "lower-case"),
        ("user/a/b", "lower-case"),
    ]);
}

// Alerts.

#[test]
fn alert_id_is_32_hexadecimal_digits() {
    let id = AlertId::from_hash([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
    assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
    assert_eq!(format!("{id:?}"), "AlertId(000102030405060708090a0b0c0d0eff)");
    assert_eq!(AlertId::try_from("000102030405060708090A0B0C0D0EFF".to_owned()), Ok(id));
    for text in ["", "00", &"0".repeat(31), &"0".repeat(33), &"g".repeat(32), &"+f".repeat(16), &"-1".repeat(16), "鐘鐘鐘鐘鐘鐘鐘鐘鐘鐘00"]
    {
        let error = AlertId::try_from(text.to_owned()).unwrap_err().to_string();
        assert!(error.contains("32 hexadecimal digits"), "{error}");
    }
}

// Effects.

#[test]
fn effect_id_is_incident_version_and_index() {
    let text = "01ARZ3NDEKTSV4RRFFQ69G5FAV-12-3";
    let id: EffectId = text.parse().unwrap();
    assert_eq!((id.incident.to_string().as_str(), id.version, id.index), ("01ARZ3NDEKTSV4RRFFQ69G5FAV", 12, 3));
    assert_eq!(id.to_string(), text);
    refused::<EffectId>(&[
        ("", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-12", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-12-3-4", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-12-", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV--3", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-+12-3", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-12-0x3", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-12-4294967296", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV-18446744073709551616-0", "INCIDENT-VERSION-INDEX"),
        ("01ARZ3NDEK-12-3", "26 characters"),
    ]);
}

// Patterns.

#[test]
fn star_stands_for_any_run_of_characters() {
    for (pattern, name, is_match) in [
        ("checkout", "checkout", true),
        ("checkout", "checkout-5xx", false),
        ("checkout", "my-checkout", false),
        ("checkout-*", "checkout-5xx", true),
        ("checkout-*", "checkout-", true),
        ("checkout-*", "checkout", false),
        ("*-5xx", "checkout-5xx", true),
        ("*-5xx", "checkout-5xx-b", false),
        ("*", "", true),
        ("**", "anything", true),
        ("", "", true),
        ("", "x", false),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "abc", true),
        ("a*b*c", "acb", false),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("*ab*ab", "abab", true),
        ("*ab*ab", "ab", false),
        // The last piece is taken from the end, not from where it occurs first.
        ("a*bc", "abcbc", true),
        ("*.*", "a.b.c", true),
        // Everything else stands for itself.
        ("a?c", "abc", false),
        ("[a]", "a", false),
        (".*", "x", false),
        ("決済*", "決済-遅延", true),
        ("*済*", "決済", true),
        ("Checkout", "checkout", false),
    ] {
        assert_eq!(AlarmPattern::new(pattern).matches(name, "arn"), is_match, "{pattern} on {name}");
    }
}

#[test]
fn pattern_that_starts_with_arn_is_about_the_arn() {
    let (name, arn) = ("checkout-5xx", "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx");
    assert!(AlarmPattern::new("arn:aws:cloudwatch:*:111122223333:alarm:checkout-*").matches(name, arn));
    assert!(!AlarmPattern::new("arn:aws:cloudwatch:*:444455556666:alarm:checkout-*").matches(name, arn));
    assert!(!AlarmPattern::new("arn:*").matches("arn:", "something else"));
    assert!(!AlarmPattern::new("*:alarm:*").matches(name, arn), "it does not start with arn:, so it is about the name");
}

#[test]
fn pattern_of_many_stars_on_a_long_name_is_fast() {
    let (asked, answered) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let name = "a".repeat(100_000);
        for pattern in ["*a".repeat(1000) + "*b", "*a".repeat(1000) + "*b*", "a*".repeat(1000) + "ab", "*aaaaaaaaab".repeat(100)] {
            assert!(!AlarmPattern::new(pattern).matches(&name, ""));
        }
        asked.send(()).unwrap();
    });
    // It is a matter of milliseconds; one that tries every way would take years.
    assert_eq!(answered.recv_timeout(Duration::from_secs(5)), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incident_ids_survive_their_text(milliseconds in 0..(1_i64 << 47), hash: [u8; 16]) {
        let id = IncidentId::derived(Timestamp::from_millisecond(milliseconds).unwrap(), AlertId::from_hash(hash));
        prop_assert_eq!(id.to_string().parse::<IncidentId>().unwrap(), id);
        let stored = serde_json::to_string(&id).unwrap();
        prop_assert_eq!(&stored, &format!("\"{id}\""));
        prop_assert_eq!(serde_json::from_str::<IncidentId>(&stored).unwrap(), id);
    }

    #[test]
    fn incident_ids_sort_by_time_as_values_and_as_text(one in 0..(1_i64 << 47), later in 1..1_000_000_i64, hashes: [[u8; 16]; 2]) {
        let id = |milliseconds, hash| IncidentId::derived(Timestamp::from_millisecond(milliseconds).unwrap(), AlertId::from_hash(hash));
        let (one, other) = (id(one, hashes[0]), id(one + later, hashes[1]));
        prop_assert!(one < other && one.to_string() < other.to_string());
    }

    #[test]
    fn effect_ids_survive_their_text(hash: [u8; 16], version: u64, index: u32) {
        let id = EffectId { incident: IncidentId::derived(Timestamp::UNIX_EPOCH, AlertId::from_hash(hash)), version, index };
        prop_assert_eq!(id.to_string().parse::<EffectId>().unwrap(), id);
        prop_assert_eq!(serde_json::from_str::<EffectId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        let alert = AlertId::from_hash(hash);
        prop_assert_eq!(AlertId::try_from(alert.to_string()).unwrap(), alert);
    }

    #[test]
    fn no_text_makes_an_id_panic(text in ".{0,40}") {
        let _ = (text.parse::<IncidentId>().is_ok(), text.parse::<EffectId>().is_ok(), text.parse::<Target>().is_ok(), AlertId::try_from(text.clone()).is_ok());
        if let Ok(name) = UserId::new(text.as_str()) {
            prop_assert_eq!(name.as_str(), text.as_str());
        }
        // What can not be made can not be read from the table either.
        let stored = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(serde_json::from_str::<UserId>(&stored).is_ok(), UserId::new(text.as_str()).is_ok());
        prop_assert_eq!(serde_json::from_str::<DedupKey>(&stored).is_ok(), DedupKey::new(text).is_ok());
    }

    #[test]
    fn patterns_match_what_the_slow_way_matches(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
        prop_assert_eq!(AlarmPattern::new(pattern.as_str()).matches(&name, ""), matches_slowly(pattern.as_bytes(), name.as_bytes()));
    }
}

/// Every way to read the stars, one after the other.
fn matches_slowly(pattern: &[u8], name: &[u8]) -> bool {
    match pattern {
        [] => name.is_empty(),
        [b'*', rest @ ..] => (0..=name.len()).any(|skipped| matches_slowly(rest, &name[skipped..])),
        [first, rest @ ..] => name.first() == Some(first) && matches_slowly(rest, &name[1..]),
    }
}

#[track_caller]
fn refused<T: FromStr<Err: ToString> + Debug>(texts: &[(&str, &str)]) {
    for (text, reason) in texts {
        let error = text.parse::<T>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text:?}: {error}");
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
