//! What the functions find around them: a table with a small team, queues, timers, a phone and a mailbox.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use hansho::local::{
    LocalClock, Machine, Mailbag, Outbox, Setup, Waiting,
    aws::{EmbeddedDynamoDb, Endpoints},
};
use hansho_runtime::{Secrets, SharedClock, SystemClock};
use hansho_store::Store;
use jiff::{SignedDuration, Timestamp};

use crate::{Outcome, aws_front};

/// Where links lead.
pub(crate) const PUBLIC_URL: &str = "https://oncall.example.com";
/// Signs links; a value for tests.
pub(crate) const LINK_KEY: &str = "the-key-of-the-lambda-suite-0123456789";
pub(crate) const DELIVERY_QUEUE_URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/hansho-delivery";
pub(crate) const BRIDGE_QUEUE_URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/hansho-incident-manager-bridge";
pub(crate) const TIMER_QUEUE_URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/hansho-timers";
pub(crate) const ESCALATION_ARN: &str = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-escalation";

/// The first is called, and after the shortest wait there is the second.
pub(crate) const FIRST_PHONE: &str = "+819000000001";
pub(crate) const SECOND_PHONE: &str = "+819000000002";
pub(crate) const TEAM: &str = r#"
users:
  first: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: sms }] } }
  second: { name: Mori Dan, phone: "+819000000002", language: en, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: sms }] } }
escalation_policies:
  checkout:
    steps:
      - { notify: [user/first], wait: 1m }
      - { notify: [user/second], wait: 30m }
services:
  checkout: { name: Checkout, escalation_policy: checkout, urgency: high, alarms: ["*"] }
fallback: [user/first]
"#;

/// Everything outside the functions.
#[derive(Debug)]
pub(crate) struct World {
    address: SocketAddr,
    mailbag: Arc<Mailbag>,
    outbox: Arc<Outbox>,
    machine: Machine,
}

impl World {
    /// Makes the table, puts the team in force and answers on `port` (0: a free one).
    pub(crate) async fn start(port: u16) -> Outcome<Self> {
        let database = EmbeddedDynamoDb::memory()?;
        let secrets = Secrets::new(LINK_KEY.as_bytes().to_vec())?;
        let machine = Machine::new(Setup {
            database: database.clone(),
            clock: Arc::new(LocalClock::real()),
            secrets,
            public_url: PUBLIC_URL.to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: None,
            downloads: None,
        });
        let team = [(PathBuf::from("team.yaml"), TEAM.to_owned())];
        let loaded = hansho_configuration::load_files(&team).map_err(|problems| format!("the suite's team: {problems:?}"))?;
        machine.prepare(loaded).await?;
        let clock: SharedClock = Arc::new(SystemClock);
        let outbox = Arc::new(Outbox::new(Arc::clone(&clock)));
        let mailbag = Arc::new(Mailbag::new(clock, Arc::clone(&outbox)));
        let address = aws_front::serve(Endpoints::new(database, Arc::<Mailbag>::clone(&mailbag)), port).await?;
        Ok(Self { address, mailbag, outbox, machine })
    }

    /// For `AWS_ENDPOINT_URL`.
    pub(crate) fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        self.machine.store()
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Takes out everything that waits, each with the moment for which it waits.
    pub(crate) fn take_waiting(&self) -> Vec<(Timestamp, Waiting)> {
        let next = || {
            let at = self.mailbag.next_at()?;
            Some((at, self.mailbag.take_due(at)?))
        };
        std::iter::from_fn(next).collect()
    }
}
