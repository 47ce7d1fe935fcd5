//! A message whose function dies half-way comes again: SNS was not answered, or with a status on which it tries again.

use std::sync::Arc;

use acceptance::{Cut, load};
use axum::body::Body;
use axum::http::Request;
use hansho::local::{LocalClock, LocalSecrets, Machine, Setup, aws::EmbeddedDynamoDb};
use jiff::SignedDuration;
use serde_json::Value;
use tower::ServiceExt;

use crate::{amazon::Amazon, bench::configuration};

/// Most calls that the function may make for one message.
const CALLS_MAX: i64 = 40;

#[tokio::test]
async fn a_message_whose_function_dies_at_any_call_is_one_incident_when_it_comes_again() {
    let event: Value = serde_json::from_str(include_str!("../../../events/api/sns-alarm-signature-version-1.json")).unwrap();
    for calls in 0..CALLS_MAX {
        let gate = Arc::new(Cut::none());
        let machine = Machine::new(Setup {
            database: EmbeddedDynamoDb::memory().unwrap(),
            clock: Arc::new(LocalClock::stopped_at(acceptance::start())),
            secrets: LocalSecrets::passing().unwrap().secrets,
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: Some(gate.clone()),
            downloads: Some(Amazon::new().downloads()),
        });
        machine.prepare(load(&configuration())).await.unwrap();
        let send = || async {
            let request = Request::post("/sns/aws-alarms").body(Body::from(event["body"].as_str().unwrap().to_owned())).unwrap();
            hansho_api::router(machine.functions().api()).oneshot(request).await.unwrap().status().as_u16()
        };
        gate.after(calls);
        let first = send().await;
        let left = gate.mend();
        assert_eq!(send().await, 200, "the second time nothing is in its way");
        let open = machine.store().open_incidents(None).await.unwrap();
        assert_eq!(open.len(), 1, "after {calls} calls: {open:#?}");
        machine.settle().await.unwrap();
        assert_eq!(machine.outbox().count(), 1, "one page after {calls} calls");
        if left > 0 {
            assert!(first == 200 && calls > 4, "only {calls} calls were cut");
            return;
        }
        assert_eq!(first, 503, "after {calls} calls SNS is told to try again");
    }
    panic!("the function needs more than {CALLS_MAX} calls for a message");
}
