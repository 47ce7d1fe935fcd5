//! The local endpoints, seen through the real SDK clients.

mod endpoints;
mod faults;
mod objects;
mod parity;
mod survival;
mod table;

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use hansho::local::aws::{Answer, Call};
use hansho::local::aws::{
    EmbeddedDynamoDb, Endpoints, ForeignRequest, Gate, Mail, Passage, Pending, ProviderFault, Schedule, ScheduleCreation, ScheduleDeletion,
    Service, Sink, Sms, SqsMessage,
};

/// What a test gives back: the first surprise ends it.
type Outcome = Result<(), Box<dyn Error>>;

/// The five clients of a function, without retries and timeouts.
struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    scheduler: aws_sdk_scheduler::Client,
    sns: aws_sdk_sns::Client,
    ses: aws_sdk_sesv2::Client,
}

macro_rules! client {
    ($sdk:ident, $service:expr, $endpoints:expr) => {{
        use $sdk::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig};
        let mut config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .http_client($endpoints.clone().client());
        config.set_endpoint_url($service.endpoint_url());
        $sdk::Client::from_conf(config.build())
    }};
}

impl Clients {
    fn of(endpoints: &Endpoints) -> Self {
        Self {
            dynamodb: client!(aws_sdk_dynamodb, Service::DynamoDb, endpoints),
            sqs: client!(aws_sdk_sqs, Service::Sqs, endpoints),
            scheduler: client!(aws_sdk_scheduler, Service::Scheduler, endpoints),
            sns: client!(aws_sdk_sns, Service::Sns, endpoints),
            ses: client!(aws_sdk_sesv2, Service::Ses, endpoints),
        }
    }
}

/// Endpoints over memory, what they were handed, and clients for them.
fn local(gate: impl Gate + 'static) -> Result<(Clients, Arc<Recorder>), Box<dyn Error>> {
    let recorder = Arc::new(Recorder::default());
    let endpoints = Endpoints::new(EmbeddedDynamoDb::memory()?, recorder.clone()).with_gate(Arc::new(gate));
    Ok((Clients::of(&endpoints), recorder))
}

/// Everything that the sink was handed, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Accepted {
    Sqs(SqsMessage),
    Created(Schedule),
    Deleted(String, String),
    Sms(Sms),
    Mail(Mail),
    Foreign(ForeignRequest),
}

/// A sink that keeps what it is handed, and refuses messages while a fault is set.
#[derive(Default)]
struct Recorder {
    accepted: Mutex<Vec<Accepted>>,
    fault: Mutex<Option<ProviderFault>>,
}

impl Recorder {
    fn accepted(&self) -> Vec<Accepted> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fail_with(&self, fault: ProviderFault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    fn take(&self, what: Accepted) -> Result<String, ProviderFault> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = fault.clone() {
            return Err(fault);
        }
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.push(what);
        Ok(format!("message-{}", accepted.len()))
    }
}

impl Sink for Recorder {
    fn sqs_message(&self, message: SqsMessage) -> Result<String, ProviderFault> {
        self.take(Accepted::Sqs(message))
    }

    fn schedule_created(&self, schedule: Schedule) -> Result<ScheduleCreation, ProviderFault> {
        let taken = self.accepted().iter().any(|accepted| match accepted {
            Accepted::Created(earlier) => earlier.name == schedule.name,
            _ => false,
        });
        if taken {
            return Ok(ScheduleCreation::Conflict);
        }
        self.take(Accepted::Created(schedule)).map(|_| ScheduleCreation::Created)
    }

    fn schedule_deleted(&self, name: &str, group: &str) -> Result<ScheduleDeletion, ProviderFault> {
        let known = self.accepted().iter().any(|accepted| matches!(accepted, Accepted::Created(earlier) if earlier.name == name));
        if !known {
            return Ok(ScheduleDeletion::NotFound);
        }
        self.take(Accepted::Deleted(name.to_owned(), group.to_owned())).map(|_| ScheduleDeletion::Deleted)
    }

    fn sms(&self, sms: Sms) -> Result<String, ProviderFault> {
        self.take(Accepted::Sms(sms))
    }

    fn mail(&self, mail: Mail) -> Result<String, ProviderFault> {
        self.take(Accepted::Mail(mail))
    }

    fn object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ProviderFault> {
        Ok((bucket == "mails" && key == "in/a b+c").then(|| b"Subject: x".to_vec()))
    }

    fn foreign(&self, request: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        if request.uri.contains("nobody") {
            return Err("no such host".to_owned());
        }
        let answered = self.take(Accepted::Foreign(request));
        Ok((202, answered.unwrap_or_default().into_bytes()))
    }
}

/// A gate that decides every call of one operation the same way.
struct Decides {
    operation: &'static str,
    passage: Passage,
}

impl Gate for Decides {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let passage = if call.operation == self.operation { self.passage.clone() } else { Passage::Run };
        Box::pin(std::future::ready(passage))
    }
}

/// The error of a call that has to fail.
fn failure<T, E>(result: Result<T, E>) -> Result<E, Box<dyn Error>> {
    match result {
        Ok(_) => Err("the call was expected to fail".into()),
        Err(error) => Ok(error),
    }
}
