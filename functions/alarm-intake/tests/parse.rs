//! Every sample event, read; and what no sample shows: broken, hostile and mutilated ones.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use hansho_alarm_intake::parse::{AlarmState, AlarmTransition, Directives, Reading, Record, parse, timestamp};
use hansho_domain::{Labels, Priority, Severity};
use jiff::Timestamp;
use serde_json::{Value, json};

#[path = "parse/aws_events.rs"]
mod aws_events;
#[path = "parse/mutilation.rs"]
mod mutilation;
#[path = "parse/samples.rs"]
mod samples;

#[test]
fn a_transition_is_the_same_by_every_route() {
    let direct = sample("alarm-direct-metric");
    let by_action = alarm(&direct);
    let event = json!({
        "detail-type": "CloudWatch Alarm State Change", "time": "2026-11-20T18:12:37Z", "account": "111122223333",
        "resources": [by_action.arn], "detail": direct["alarmData"],
    });
    let notification = json!({
        "AlarmName": by_action.name, "AlarmArn": by_action.arn, "NewStateValue": "ALARM",
        "StateChangeTime": "2026-11-20T18:12:36.490Z", "Region": "Asia Pacific (Tokyo)",
    });
    let sns = json!({ "Type": "Notification", "Message": notification.to_string(), "Timestamp": "2026-11-20T18:12:37.000Z" });
    let sqs = |body: &Value| json!({ "Records": [{ "messageId": "1", "body": body.to_string() }] });
    for other in [&event, &json!({ "Records": [{ "Sns": sns }] }), &sqs(&sns), &sqs(&event), &sqs(&notification), &sqs(&direct)] {
        let other = alarm(other);
        assert_eq!((other.alert_id(), other.dedup_key()), (by_action.alert_id(), by_action.dedup_key()));
    }
    // Written down, because a change of the recipe would page once more for whatever is under way.
    assert_eq!(by_action.alert_id().to_string(), "bd528f89112599918687831b33391f70");
}

#[test]
fn what_makes_a_transition_unique_makes_its_id_unique() {
    let ids = |change: &dyn Fn(&mut Value)| {
        let mut event = sample("alarm-eventbridge-contributor");
        change(&mut event);
        (alarm(&event).alert_id(), alarm(&event).dedup_key())
    };
    let (id, key) = ids(&|_| {});
    for (pointer, value, is_another_trouble) in [
        ("/resources/0", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:other", true),
        ("/detail/alarmContributor/id", "other", true),
        ("/detail/state/timestamp", "2026-11-20T18:12:04.920+0000", false),
        ("/detail/state/value", "OK", false),
    ] {
        let (other_id, other_key) = ids(&|event| *event.pointer_mut(pointer).unwrap() = json!(value));
        assert_ne!(id, other_id, "{pointer}");
        assert_eq!(key != other_key, is_another_trouble, "{pointer}");
    }
    assert_eq!(ids(&|event| event["detail"]["state"]["reason"] = json!("said otherwise")), (id, key));
}

#[test]
fn a_time_is_read_as_aws_writes_it() {
    let at = |text: &str| timestamp(text).map(|t| t.to_string());
    for text in [
        "2026-11-20T18:12:36.490+0000",
        "2026-11-20T18:12:36.490Z",
        "2026-11-21T03:12:36.490+09:00",
        "2026-11-21T03:12:36.49+0900",
        " 2026-11-20T18:12:36.490+00:00\n",
        "2026-11-20t18:12:36.49z",
    ] {
        assert_eq!(at(text).as_deref(), Some("2026-11-20T18:12:36.49Z"), "{text}");
    }
    assert_eq!(at("2026-11-20T18:12:36+0000").as_deref(), Some("2026-11-20T18:12:36Z"));
    for text in
        ["", "yesterday", "2026-11-20", "2026-11-20T18:12:36.490", "2026-13-20T18:12:36Z", "2026-11-20T25:12:36+0000", "1795198356", "🕕"]
    {
        assert_eq!(at(text), None, "{text}");
    }
}

#[test]
fn a_time_that_is_missing_is_that_of_the_nearest_envelope() {
    let at = |event: &Value| alarm(event).occurred_at.to_string();
    let mut direct = sample("alarm-direct-metric");
    direct["alarmData"]["state"]["timestamp"] = json!("soon");
    direct["time"] = json!("2026-11-20T18:12:40.000+0000");
    assert_eq!(at(&direct), "2026-11-20T18:12:40Z");
    direct["time"] = json!(["never"]);
    assert_eq!(at(&direct), received_at().to_string());

    let message = json!({ "AlarmName": "a", "NewStateValue": "OK" }).to_string();
    let sns = json!({ "Message": message, "Timestamp": "2026-11-20T18:12:41.5Z" });
    assert_eq!(at(&json!({ "Records": [{ "Sns": sns }] })), "2026-11-20T18:12:41.5Z");
    let queued =
        |body: &str| json!({ "Records": [{ "messageId": "1", "body": body, "attributes": { "SentTimestamp": "1795198362000" } }] });
    assert_eq!(at(&queued(&sns.to_string())), "2026-11-20T18:12:41.5Z");
    assert_eq!(at(&queued(&message)), "2026-11-20T18:12:42Z");
}

#[test]
fn whatever_is_no_alarm_is_one_unreadable_record() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = json!({ "Records": [{ "Sns": { "Message": deep } }] });
    let wrapped = (0..9).fold(json!({ "AlarmName": "a", "NewStateValue": "ALARM" }), |inner, _| json!({ "Message": inner.to_string() }));
    for event in [
        json!(null),
        json!({}),
        json!([]),
        json!([1, 2]),
        json!(0),
        json!(1e300),
        json!("ALARM"),
        json!({ "Records": [] }),
        json!({ "Records": {} }),
        json!({ "Records": [null] }),
        json!({ "Records": [{ "body": "" }] }),
        json!({ "Records": [{ "Sns": { "Message": "the disk is full" } }] }),
        json!({ "Records": [{ "Sns": { "Message": "null" } }] }),
        json!({ "alarmData": 7 }),
        json!({ "alarmData": {} }),
        json!({ "alarmData": { "alarmName": "a" } }),
        json!({ "alarmData": { "alarmName": "a", "state": { "value": "alarm" } } }),
        json!({ "alarmData": { "state": { "value": "ALARM" } } }),
        json!({ "AlarmName": "a", "NewStateValue": null }),
        json!({ "detail-type": "CloudWatch Alarm State Change" }),
        json!({ "detail-type": "CloudWatch Alarm Contributor State Change", "detail": { "alarmName": "a", "state": { "value": "OK" } } }),
        json!({ "alarmData": { "alarmName": "a", "state": { "value": "OK" }, "alarmContributor": { "attributes": { "Queue": "q" } } } }),
        json!({ "x": "半".repeat(300 * 1024) }),
        deep,
        wrapped,
    ] {
        let records = parse(&event, received_at());
        let [Record { reading: Reading::Unreadable { reason, raw }, .. }] = &records[..] else {
            panic!("{records:?}");
        };
        assert!(reason.ends_with('.') && reason.len() < 500, "{reason}");
        assert!(!raw.is_empty() && raw.len() <= 200 * 1024);
    }
}

#[test]
fn one_bad_record_leaves_the_others_alone() {
    let mut event = sample("alarm-sqs-eventbridge");
    let mut bad = event["Records"][0].clone();
    bad["messageId"] = json!("bad");
    bad["body"] = json!("{\"AlarmName\": ");
    event["Records"].as_array_mut().unwrap().insert(1, bad);
    let records = parse(&event, received_at());
    let kinds: Vec<(&str, bool)> =
        records.iter().map(|r| (r.message_id.as_deref().unwrap(), matches!(r.reading, Reading::Alarm(_)))).collect();
    assert_eq!(kinds, [("0d6b9f14-8a35-4a43-9d0c-6c9d2d0e7f01", true), ("bad", false), ("2c84d0a7-5be1-4f1d-b6f3-9b7a1c3d5e02", true)]);
}

#[test]
fn fields_of_the_wrong_type_cost_nothing_but_themselves() {
    let mut event = sample("alarm-direct-metric");
    event["accountId"] = json!(111_122_223_333_u64);
    event["time"] = json!({});
    event["region"] = json!(9);
    event["alarmData"]["configuration"] = json!("gone");
    event["alarmData"]["previousState"] = json!([1]);
    event["alarmData"]["muteDetail"] = json!(true);
    for field in ["reason", "reasonData", "timestamp", "actionsSuppressedBy", "actionsSuppressedReason"] {
        event["alarmData"]["state"][field] = json!({ "no": 1e300 });
    }
    let read = alarm(&event);
    assert_eq!((read.title().as_str(), read.details().as_str()), ("checkout-5xx-rate: ALARM", "CloudWatch gave no reason."));
    assert_eq!((read.suppressed_by, read.muted, read.previous, read.metric, read.description), (None, None, None, None, None));
    assert_eq!((read.region.as_deref(), read.account.as_str()), (Some("ap-northeast-1"), "111122223333"));
}

#[test]
fn ok_and_suppressed_is_ok() {
    let mut event = sample("alarm-direct-composite-suppressed");
    event["alarmData"]["state"]["value"] = json!("OK");
    assert_eq!(alarm(&event).state, AlarmState::Ok);
    assert!(alarm(&event).suppressed_by.is_some());
}

#[test]
fn long_texts_are_cut_and_still_told_apart() {
    let long = "長い\n".repeat(100 * 1024);
    let mut event = sample("alarm-eventbridge-contributor");
    event["detail"]["alarmName"] = json!(long);
    event["detail"]["state"]["reason"] = json!(long);
    event["detail"]["configuration"]["description"] = json!(format!("service: {long}\n{}", "severity: ?;".repeat(9999)));
    event["detail"]["configuration"]["metrics"][0]["expression"] = json!(long);
    let mut keys: Vec<String> = ["a", "b"]
        .iter()
        .map(|end| {
            event["resources"][0] = json!(format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{long}{end}"));
            let read = alarm(&event);
            assert_sizes(&read);
            assert_eq!(read.console_link(), None);
            read.dedup_key().to_string()
        })
        .collect();
    keys.dedup();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].starts_with("arn:aws:cloudwatch:us-east-1:111122223333:alarm:長い"));
}

#[test]
fn the_console_link_is_right_for_the_region_and_the_name() {
    let link = |region: &str, name: &str| {
        let arn = format!("arn:aws:cloudwatch:{region}:111122223333:alarm:{name}");
        alarm(&json!({ "AlarmArn": arn, "NewStateValue": "ALARM", "Region": "EU (Milan)" })).console_link()
    };
    let expected =
        "https://eu-south-1.console.aws.amazon.com/cloudwatch/home?region=eu-south-1#alarmsV2:alarm/a%3Ab%2F%E6%B1%BA%E6%B8%88%20%231";
    assert_eq!(link("eu-south-1", "a:b/決済 #1").as_deref(), Some(expected));
    assert_eq!(
        link("cn-north-1", "a").as_deref(),
        Some("https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/a")
    );
    for unknown in ["", "REGION", "Asia Pacific (Tokyo)", "us-iso-east-1", "evil.example/x-1"] {
        assert_eq!(link(unknown, "a"), None, "{unknown}");
    }
}

#[test]
fn a_title_says_nothing_that_the_reason_does_not_say() {
    let title = |reason: &str| alarm(&json!({ "AlarmName": "a", "NewStateValue": "ALARM", "NewStateReason": reason })).title();
    for (reason, expected) in [
        ("Threshold Crossed: 1 datapoint [5.0 (20/11/26 18:11:00)] was greater than the threshold (1.0).", "a: 5.0 > 1.0"),
        ("Threshold Crossed: 1 datapoint [1.00004123 (20/11/26 18:11:00)] was greater than the threshold (1.0).", "a: 1.00004123 > 1.0"),
        (
            "Threshold Crossed: 1 datapoint [1.0E-7 (20/11/26 18:11:00)] was less than or equal to the threshold (0.0012345678).",
            "a: 1.0E-7 <= 0.001235",
        ),
        ("Threshold Crossed: 1 datapoint [98765432.1 (20/11/26 18:11:00)] was greater than the threshold (5.0E7).", "a: 98765432 > 5.0E7"),
        // The listed value does not cross the bound, so the two are not put together.
        (
            "1 datapoint [0.5 (20/11/26 18:11:00)] was greater than the threshold (1.0).",
            "a: 1 datapoint [0.5 (20/11/26 18:11:00)] was greater than the threshold (1.0).",
        ),
        (
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].",
            "a: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].",
        ),
        ("line one\r\n\tline two\u{2028}\u{0}three", "a: line one line two three"),
        ("[ ( ] [", "a: [ ( ] ["),
        ("", "a: ALARM"),
    ] {
        assert_eq!(title(reason), expected);
    }
}

#[test]
fn whoever_is_woken_reads_what_the_alarms_owner_wrote_and_then_the_reason() {
    let read = alarm(&json!({
        "AlarmName": "a", "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed",
        "AlarmDescription": "決済の 5xx が増えています。\nservice: checkout",
    }));
    assert_eq!(read.details(), "決済の 5xx が増えています。\nThreshold Crossed");
    assert_eq!(read.reason(), "Threshold Crossed");
}

#[test]
fn owner_and_other_labels_are_read_from_the_description() {
    let read = |description: &str| alarm(&json!({ "AlarmName": "a", "NewStateValue": "OK", "AlarmDescription": description })).directives();
    let found = read("Owner: SRE\nenv: prod; Job：api-1\n見る: https://example.com\nhttps://example.com/x\nnot a label: x\nempty:");
    assert_eq!(found.owner.as_deref(), Some("SRE"));
    assert_eq!(found.labels.iter().collect::<Vec<_>>(), [("env", "prod"), ("job", "api-1"), ("owner", "SRE")]);
    assert!(found.prose.contains("env: prod"), "what is no directive of ours stays for people: {}", found.prose);
    assert_eq!(read("team: sre\nowner: web").owner.as_deref(), Some("sre"), "the first counts");
    let many: String = (0..100).map(|n| format!("key{n}: {}\n", "x".repeat(300))).collect();
    assert!(read(&many).labels.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= 1_500);
}

#[test]
fn an_alarm_knows_what_its_metric_is_of() {
    let metric = |dimensions: Value| json!({ "metric": { "namespace": "Shop", "name": "Lag", "dimensions": dimensions } });
    let of = |metrics: Value| {
        let read = alarm(&json!({
            "source": "aws.cloudwatch", "alarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a", "time": "2026-11-20T18:12:36.490+0000",
            "alarmData": { "alarmName": "a", "state": { "value": "ALARM" }, "configuration": { "metrics": metrics } },
        }));
        read.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(json!([{ "id": "m1", "metricStat": metric(json!({ "Team": "sre", "Stage": "prod" })) }])), "Stage=prod Team=sre");
    // Of an expression, what all its metrics have in common.
    let both = json!([
        { "id": "e1", "expression": "m1 / m2", "label": "ratio", "returnData": true },
        { "id": "m1", "returnData": false, "metricStat": metric(json!({ "Team": "sre", "Stage": "prod", "Host": "a" })) },
        { "id": "m2", "returnData": false, "metricStat": metric(json!({ "Team": "sre", "Stage": "test" })) },
    ]);
    assert_eq!(of(both), "Team=sre");
    assert_eq!(of(json!([{ "id": "e1", "expression": "TIME_SERIES(1)", "returnData": true }])), "");
    // SNS writes them as a list of pairs.
    assert_eq!(alarm(&sample("alarm-sns-metric")).dimensions, alarm_dimensions("alarm-sns-metric"));
}

/// The dimensions of a sample by SNS, read without this crate.
fn alarm_dimensions(name: &str) -> BTreeMap<String, String> {
    let event = sample(name);
    let message: Value = serde_json::from_str(event["Records"][0]["Sns"]["Message"].as_str().unwrap()).unwrap();
    let pairs = message["Trigger"]["Dimensions"].as_array().unwrap();
    let pairs: BTreeMap<_, _> =
        pairs.iter().map(|p| (p["name"].as_str().unwrap().to_owned(), p["value"].as_str().unwrap().to_owned())).collect();
    assert!(!pairs.is_empty());
    pairs
}

#[test]
fn directives_are_found_between_lines_for_people() {
    let read = |description: &str| alarm(&json!({ "AlarmName": "a", "NewStateValue": "OK", "AlarmDescription": description })).directives();
    let prose = "決済が遅い。対応: 手順書を見る\nseverity of it: unclear\nnote service: x";
    assert_eq!(read(prose), Directives { prose: prose.to_owned(), ..Directives::default() });
    let expected = Directives {
        service: Some("checkout".to_owned()),
        severity: Some(Severity::Warning),
        priority: Some(Priority::Sev2),
        runbook: Some("https://example.com/a;b?c:d".to_owned()),
        owner: None,
        labels: Labels::from(BTreeMap::from(
            [("service", "checkout"), ("severity", "warning"), ("priority", "SEV2"), ("runbook", "https://example.com/a;b?c:d")]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        )),
        problems: Vec::new(),
        prose: String::new(),
    };
    for description in [
        "service: checkout\nseverity: warning\npriority: SEV2\nrunbook: https://example.com/a;b?c:d",
        "SERVICE :Checkout;Severity:WARNING; priority: sev2 ; runbook: https://example.com/a;b?c:d (first page)",
        "- service：checkout\n* severity：warning；priority：SEV2\n• runbook：https://example.com/a;b?c:d;",
    ] {
        // How values are spelt in labels is the author's business.
        assert_eq!(Directives { labels: expected.labels.clone(), ..read(description) }, expected, "{description}");
    }
    assert_eq!(read("service: checkout\nseverity: warning\npriority: SEV2\nrunbook: https://example.com/a;b?c:d"), expected);
    assert_eq!(read("見てください\r\n service: checkout\r\n\r\n手順書もある\r\n").prose, "見てください\n\n手順書もある");
    let wrong = read("service: チェックアウト; severity: sev9; priority: P1; runbook: ftp://x");
    assert_eq!((wrong.service, wrong.severity, wrong.priority, wrong.runbook), (None, None, None, None));
    assert_eq!(wrong.problems.len(), 4);
    assert_eq!(
        wrong.problems[1],
        "The alarm's description says severity: \"sev9\", which is not one of critical, error, warning and info."
    );
    let twice = read("severity: info\nseverity: critical");
    assert_eq!((twice.severity, twice.problems.len()), (Some(Severity::Info), 1));
}

#[test]
fn a_subscription_that_ends_is_told() {
    let event = json!({ "Records": [{ "Sns": { "Type": "UnsubscribeConfirmation", "TopicArn": "arn:aws:sns:us-east-1:111122223333:alarms", "Message": "bye" } }] });
    let records = parse(&event, received_at());
    assert!(
        matches!(&records[0].reading, Reading::NothingToOpen { reason, alarm: None, raw } if raw.is_empty() && reason.contains(":alarms has ended"))
    );
}

fn assert_sizes(alarm: &AlarmTransition) {
    let (title, details) = (alarm.title(), alarm.details());
    assert!(!title.is_empty() && title.chars().count() <= 120 && !title.contains(char::is_control), "{title:?}");
    assert!(!details.is_empty() && details.chars().count() <= 600);
    assert!(alarm.dedup_key().as_str().len() <= 512 && alarm.raw.len() <= 200 * 1024);
    assert!(alarm.directives().problems.iter().all(|p| p.len() < 400) && alarm.directives().problems.len() <= 5);
    assert_ne!(alarm.console_link().as_deref(), Some(""));
    assert_eq!(alarm.alert_id(), alarm.alert_id());
}

fn received_at() -> Timestamp {
    "2026-11-20T18:13:00Z".parse().unwrap()
}

fn alarm(event: &Value) -> AlarmTransition {
    let mut records = parse(event, received_at());
    match records.remove(0).reading {
        Reading::Alarm(alarm) if records.is_empty() => *alarm,
        other => panic!("{other:?} {records:?}"),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(name: &str) -> Value {
    own_samples().remove(name).unwrap()
}

fn own_samples() -> BTreeMap<String, Value> {
    events(&root().join("events/alarm-intake"))
}

fn published_samples() -> BTreeMap<String, Value> {
    let folder = root().join("../shared/samples");
    ["cloudwatch-lambda-direct", "cloudwatch-sns", "cloudwatch-eventbridge"]
        .iter()
        .map(|f| folder.join(f))
        .filter(|f| f.exists())
        .flat_map(|f| events(&f))
        .collect()
}

fn events(folder: &Path) -> BTreeMap<String, Value> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|f| (f.file_stem().unwrap().to_string_lossy().into_owned(), serde_json::from_slice(&fs::read(f).unwrap()).unwrap())).collect()
}
