//! A mail whose function dies half-way comes again.

use std::sync::Arc;

use acceptance::{Cut, incident_of, load};
use hansho::local::{LocalClock, LocalSecrets, MAIL_BUCKET, Machine, Setup, aws::EmbeddedDynamoDb};
use hansho_domain::IntegrationId;
use jiff::SignedDuration;
use serde_json::Value;

use crate::{sample, team};

/// Most calls that the function may make for one mail.
const CALLS_MAX: i64 = 40;

#[tokio::test]
async fn a_mail_whose_function_dies_at_any_call_is_one_incident_when_it_comes_again() {
    for calls in 0..CALLS_MAX {
        let gate = Arc::new(Cut::none());
        let secrets = LocalSecrets::passing().unwrap().secrets;
        let machine = Machine::new(Setup {
            database: EmbeddedDynamoDb::memory().unwrap(),
            clock: Arc::new(LocalClock::stopped_at(acceptance::start())),
            secrets: secrets.clone(),
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: Some(gate.clone()),
            downloads: None,
        });
        machine.prepare(load(&team())).await.unwrap();
        machine.mailbag().put_object(MAIL_BUCKET, "inbound/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1", sample("zabbix-firing.eml"));
        let id = IntegrationId::new("mail-zabbix").unwrap();
        let address = machine.store().mail_address(&id).await.unwrap().local_part(&secrets, &id);
        let text = String::from_utf8(sample("ses-lambda-action.json")).unwrap();
        let event: Value = serde_json::from_str(&text.replace("RECIPIENT", &format!("{address}@oncall.example.com"))).unwrap();

        gate.after(calls);
        let first = machine.invoke("email-intake", event.clone()).await.unwrap();
        let left = gate.mend();
        let second = machine.invoke("email-intake", event).await.unwrap().expect("the second time nothing is in its way");
        let open = machine.store().open_incidents(None).await.unwrap();
        assert_eq!(open.len(), 1, "after {calls} calls: {open:#?}");
        assert_eq!(incident_of(&second), open[0].id, "after {calls} calls");
        machine.settle().await.unwrap();
        assert_eq!(machine.outbox().count(), 1, "one page after {calls} calls");
        if left > 0 {
            assert!(first.is_ok() && calls > 4, "only {calls} calls were cut");
            return;
        }
    }
    panic!("the function needs more than {CALLS_MAX} calls for a mail");
}
