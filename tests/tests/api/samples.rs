//! The sample requests of `events/api`, each as the gateway brings it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::bench::{Bench, TOKEN};

/// What each sample is answered with.
const ANSWERS: [(&str, u16, &str); 11] = [
    ("acknowledge-from-page-base64.json", 303, ""),
    ("acknowledge-from-elsewhere.json", 403, "This did not come from our page"),
    ("get-health-function-url.json", 200, "\"status\":\"ok\""),
    ("get-incidents-open.json", 200, "\"incidents\":["),
    ("get-link-by-chat-scanner.json", 200, "発生中"),
    ("get-link-path-decoded.json", 404, "このリンクは無効です"),
    ("open-incident.json", 201, "customers can not pay"),
    ("open-incident-truncated.json", 400, "ends in the middle"),
    ("open-incident-unknown-field.json", 400, "unknown field `message`"),
    ("snooze-for-a-person.json", 200, "\"result\":\"changed\""),
    // No topic may send to this configuration; the tests of SNS have one that may.
    ("sns-alarm-signature-version-1.json", 404, "no integration of this name and of the type sns"),
];

#[tokio::test]
async fn every_sample_is_answered_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/api");
    let mut names: Vec<String> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut expected: Vec<&str> = ANSWERS.iter().map(|(name, ..)| *name).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    for (name, status, said) in ANSWERS {
        let bench = Bench::new().await;
        let id = bench.alarm("checkout-5xx").await;
        let code = bench.link("aiko", id).await;
        // A sample can not know the code, the id and the token of a system that is made for it.
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let text = text.replace("CODE", &code).replace("INCIDENT", &id.to_string()).replace("TOKEN", TOKEN);
        let event: Value = serde_json::from_str(&text).unwrap();
        let reply = bench.send_event(event).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        assert!(reply.body.contains(said), "{name}: {}", reply.body);
    }
}
