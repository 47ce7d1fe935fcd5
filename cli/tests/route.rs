//! `hansho route` and `hansho suppressed`: a decision and its trace, and rules tried on what came in.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]
#![expect(dead_code, reason = "the other commands' tests use the rest of what starts processes")]

mod process;

use std::fs;

use process::{Folder, Served, run, text};
use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");
const RULES: &str = r#"
routes:
  - { name: night, if: title.contains("nothing"), then: { suppress: never } }
  - { name: claim, if: labels.alarm.startsWith("checkout-"), then: { severity: warning, title: "支払い: {{ title }}" }, continue: true }
  - { name: quiet, if: integration == "checkout-events" || severity == "warning", then: { suppress: 夜間は不要 } }
"#;

/// An event of those that the alarm intake is tested with.
fn event(name: &str) -> String {
    format!("{}/../events/alarm-intake/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// A copy of the example with these rules.
fn folder_with(name: &str, rules: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir_all(folder.path("on-call")).unwrap();
    for entry in fs::read_dir(EXAMPLE).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.0.join("on-call").join(path.file_name().unwrap())).unwrap();
    }
    fs::write(folder.path("on-call/routes.yaml"), rules).unwrap();
    folder
}

#[track_caller]
fn told(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_decision_is_told_with_every_rule_that_was_tried_in_both_languages() {
    let folder = folder_with("route", RULES);
    let config = folder.path("on-call");
    let of = |more: &[&str]| told(&[&["route", "--config", &config, "--event", &event("alarm-direct-metric")], more].concat());
    let english = of(&[]);
    for part in [
        "It pages nobody: the rule quiet suppresses it",
        "night  is for other alerts",
        "claim  FIRES: severity critical -> warning, title",
        "quiet  FIRES: suppressed",
        "  支払い: checkout-5xx-rate: 12.0 > 1.0 (5XXError) (it came as: checkout-5xx-rate: 12.0 > 1.0 (5XXError))",
    ] {
        assert!(english.contains(part), "{part:?} is missing in\n{english}");
    }
    assert!(of(&["--language", "ja"]).contains("誰も呼び出しません: ルール quiet による抑止 (夜間は不要)。"));
    let json: Value = serde_json::from_str(&of(&["--json"])).unwrap();
    assert_eq!((&json["result"], &json["suppressed"]["rule"]), (&"suppressed".into(), &"quiet".into()));
    assert_eq!(json["decision"]["rules"].as_array().unwrap().len(), 3);
    // Without rules it goes where it goes, and simulate takes the same way.
    let plain = told(&["route", "--config", EXAMPLE, "--event", &event("alarm-direct-metric")]);
    assert!(plain.contains("It goes to the service checkout") && plain.contains("There are no rules for it."), "{plain}");
    let simulated = told(&["simulate", "--config", &config, "--event", &event("alarm-direct-metric")]);
    assert!(simulated.contains("is recorded as suppressed, and nobody is paged: rule quiet: 夜間は不要"), "{simulated}");
    let simulated = told(&["simulate", "--config", EXAMPLE, "--event", &event("alarm-direct-metric")]);
    assert!(!simulated.contains("Rules:") && simulated.contains("Calling step 1"), "{simulated}");
}

#[test]
fn an_event_of_the_events_api_and_one_that_no_rule_is_asked_about_are_told_too() {
    let folder = folder_with("route-events", RULES);
    let config = folder.path("on-call");
    let body = r#"{"routing_key":"k","event_action":"trigger","dedup_key":"db-1","payload":{"summary":"disk","source":"db-1","severity":"critical"}}"#;
    fs::write(folder.path("event.json"), body).unwrap();
    let path = folder.path("event.json");
    let by_integration = ["route", "--config", &config, "--event", &path, "--integration", "checkout-events"];
    assert!(told(&by_integration).contains("the rule quiet suppresses it"));
    let plain = told(&["route", "--config", EXAMPLE, "--event", &path, "--integration", "checkout-events"]);
    assert!(plain.contains("It goes to the service checkout; dedup key db-1."), "the integration's service: {plain}");
    let unknown = told(&["route", "--config", &config, "--event", &path]);
    assert!(unknown.contains("It goes to the service catch-all") && unknown.contains("name it with --integration"), "{unknown}");
    assert!(!plain.contains("--integration"), "{plain}");
    let other = told(&["route", "--config", &config, "--event", &path, "--service", "batch"]);
    assert!(other.contains("It goes to the service batch; dedup key db-1."), "{other}");
    let unreadable = told(&["route", "--config", &config, "--event", &event("unreadable-truncated"), "--language", "ja"]);
    assert!(unreadable.contains("ルールの対象外です: 読み取れないため、ルールによらず"), "{unreadable}");
    let unreadable = told(&["route", "--config", &config, "--event", &event("unreadable-truncated")]);
    assert!(unreadable.contains("No rule is asked: it can not be read"), "{unreadable}");
    assert!(told(&["route", "--config", &config, "--event", &event("ok-direct-metric")]).contains("is over."));
}

#[test]
fn a_message_of_a_topic_goes_to_the_service_of_the_integration_that_lists_it() {
    let folder = folder_with("route-sns", "integrations: {}\n");
    fs::write(
        folder.path("on-call/routes.yaml"),
        "integrations:\n  aws: { type: sns, service: batch, topics: [\"arn:aws:sns:ap-northeast-1:111122223333:alarms\"] }\n",
    )
    .unwrap();
    let config = folder.path("on-call");
    let message = |topic: &str, text: &str| {
        serde_json::json!({
            "Type": "Notification", "MessageId": "m-1", "TopicArn": format!("arn:aws:sns:ap-northeast-1:111122223333:{topic}"),
            "Subject": "Backup failed", "Message": text, "Timestamp": "2026-11-20T18:12:00.000Z", "SignatureVersion": "1",
            "Signature": "c2lnbmF0dXJl", "SigningCertURL": "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0.pem",
        })
    };
    let of = |command: &str, topic: &str| {
        fs::write(folder.path("message.json"), message(topic, "the volume is full").to_string()).unwrap();
        told(&[command, "--config", &config, "--event", &folder.path("message.json")])
    };
    let routed = of("route", "alarms");
    assert!(routed.contains("It goes to the service batch") && routed.contains("Backup failed"), "{routed}");
    let played = of("simulate", "alarms");
    assert!(played.contains("It comes in by aws and goes to the service batch."), "{played}");
    assert!(of("route", "others").contains("it can not be read, so it pages by the catch-all service"));
}

/// What the command says when it refuses.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn a_name_that_is_misspelt_is_refused_with_the_one_that_was_meant() {
    let folder = Folder::new("route-names");
    fs::write(folder.path("event.json"), r#"{"event_action":"resolve","dedup_key":"db-1"}"#).unwrap();
    let path = folder.path("event.json");
    let of = |command: &str, more: &[&str]| refused(&[&[command, "--config", EXAMPLE, "--event", &path], more].concat());
    let unknown = of("route", &["--integration", "checkout-event"]);
    assert!(unknown.contains("there is no integration checkout-event; did you mean `checkout-events`?"), "{unknown}");
    let unknown = of("route", &["--service", "chekout"]);
    assert!(unknown.contains("there is no service chekout; did you mean `checkout`?"), "{unknown}");
    let of_another_type = of("route", &["--integration", "checkout-mail"]);
    assert!(of_another_type.contains("checkout-mail is of the type email"), "{of_another_type}");
    assert!(of("simulate", &["--integration", "nobodys"]).contains("there is no integration nobodys"));
    fs::write(&path, r#"{"event_action":"resolve"}"#).unwrap();
    assert!(of("route", &[]).contains("it would be refused: 'dedup_key' is missing or blank"));
    fs::write(&path, "nothing of the kind").unwrap();
    assert!(of("route", &[]).contains("is no JSON"));
}

#[test]
fn a_mail_is_told_and_played_as_its_integration_reads_it() {
    let mail = |name: &str| format!("{}/../events/email-intake/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    let of = |command: &str, name: &str| told(&[command, "--config", EXAMPLE, "--event", &mail(name), "--integration", "checkout-mail"]);
    let firing = of("route", "zabbix-firing");
    assert!(firing.contains("It goes to the service checkout"), "{firing}");
    assert!(of("route", "zabbix-recovery").contains("is over."));
    let played = of("simulate", "zabbix-firing");
    assert!(
        played.contains("It comes in by checkout-mail and goes to the service checkout.") && played.contains("Calling step 1"),
        "{played}"
    );
}

#[test]
fn an_event_of_the_events_api_is_played_to_its_end() {
    let folder = Folder::new("simulate-events");
    let body = r#"{"event_action":"trigger","dedup_key":"db-1","payload":{"summary":"disk","source":"db-1","severity":"critical"}}"#;
    fs::write(folder.path("event.json"), body).unwrap();
    let path = folder.path("event.json");
    let arguments = ["simulate", "--config", EXAMPLE, "--event", &path, "--integration", "checkout-events"];
    let played = told(&arguments);
    assert!(
        played.contains("It comes in by checkout-events and goes to the service checkout.") && played.contains("Calling step 1"),
        "{played}"
    );
    let json: Value = serde_json::from_str(&told(&[&arguments[..], &["--json"]].concat())).unwrap();
    assert_eq!((&json["event"]["service_found_by"], &json["event"]["found"]), (&"integration".into(), &"checkout-events".into()));
}

#[test]
fn other_rules_are_tried_on_what_came_in_and_a_suppressed_alert_is_made_an_incident() {
    let folder = folder_with("replay", RULES);
    let served = Served::local_with(&folder, &["--config", &folder.path("on-call"), "--start-at", "2026-11-20T18:13:00Z"]);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let server = ["--url", &url, "--data", &data];
    for name in ["alarm-direct-metric", "alarm-sns-metric"] {
        let alarm = fs::read_to_string(event(name)).unwrap();
        let (status, body) = served.exchange("POST", "/2015-03-31/functions/alarm-intake/invocations", "", &alarm);
        assert_eq!(status, 200, "{body}");
    }
    // Rules are for what comes in, not for what somebody opens by hand.
    told(&[&["incident", "create", "--service", "checkout", "--title", "nothing works"], &server[..]].concat());
    let same = told(&[&["route", "--replay", "7d"], &server[..]].concat());
    assert!(same.starts_with("0 of 2 alerts since 2026-11-13T18:13"), "{same}");
    assert!(same.contains("The rule night was for none of them."), "{same}");
    fs::write(folder.path("on-call/routes.yaml"), RULES.replace("夜間は不要", "x").replace("severity == \"warning\"", "false")).unwrap();
    let changed = told(&[&["route", "--replay", "7d", "--config", &folder.path("on-call")], &server[..]].concat());
    assert!(changed.starts_with("2 of 2 alerts") && changed.contains("result: suppressed -> incident"), "{changed}");
    let changed = told(&[&["route", "--replay", "7d", "--json", "--config", &folder.path("on-call")], &server[..]].concat());
    let changed: Value = serde_json::from_str(&changed).unwrap();
    assert_eq!(changed["different"][0]["differs"]["result"]["would_be"], "incident");
    assert_eq!(changed["never"], serde_json::json!(["night", "quiet"]));

    let list = told(&[&["suppressed", "list", "--language", "ja"], &server[..]].concat());
    assert!(list.contains("ルール quiet: 夜間は不要"), "{list}");
    let id = list.lines().nth(2).unwrap().trim().to_owned();
    assert!(told(&[&["suppressed", "show", &id], &server[..]].concat()).contains("cloudwatch"));
    let opened = told(&[&["suppressed", "open", &id], &server[..]].concat());
    assert!(opened.contains("was opened."), "{opened}");
    assert!(told(&[&["suppressed", "open", &id], &server[..]].concat()).contains("was made of it before."));
    for list in ["suppressed", "incident"] {
        let misspelt = run(&[&[list, "list", "--service", "chekout"], &server[..]].concat());
        let said = text(&misspelt.stderr);
        assert!(!misspelt.status.success() && said.contains("there is no service `chekout`; did you mean `checkout`?"), "{said}");
        assert!(!told(&[&[list, "list", "--service", "batch"], &server[..]].concat()).is_empty());
    }
    let refused = run(&[&["suppressed", "open", "nothing"], &server[..]].concat());
    assert!(text(&refused.stderr).contains("is no suppressed alert"), "{}", text(&refused.stderr));
}

#[test]
fn events_of_aws_services_are_read_as_alarms_are() {
    let told = told(&["route", "--event", &event("alarm-eventbridge-health"), "--config", EXAMPLE]);
    assert!(told.contains("AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED"), "{told}");
    let simulated = self::told(&["simulate", "--event", &event("alarm-eventbridge-guardduty"), "--config", EXAMPLE]);
    assert!(
        simulated.contains("The event CryptoCurrency:EC2/BitcoinTool.B!DNS of AWS goes to the service")
            && simulated.contains("Severity error"),
        "{simulated}"
    );
}
