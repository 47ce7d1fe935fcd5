//! Every fault is seen by the SDK as the error that it stands for.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{
        put_item::{PutItemError, PutItemOutput},
        transact_write_items::TransactWriteItemsError,
    },
    types::{Put, TransactWriteItem},
};
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use aws_sdk_sesv2::{
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message},
};
use aws_sdk_sns::operation::publish::PublishError;
use hansho::local::aws::{OpenGate, ProviderFault};

use super::{
    Answer, Call, Clients, Decides, Gate, Outcome, Passage, Pending, Service, failure, local,
    table::{TABLE, create_table, text},
};

type PutResult = Result<PutItemOutput, SdkError<PutItemError>>;

async fn put(clients: &Clients) -> PutResult {
    clients.dynamodb.put_item().table_name(TABLE).item("pk", text("a")).item("sk", text("1")).send().await
}

async fn is_written(clients: &Clients) -> Result<bool, Box<dyn std::error::Error>> {
    let get = clients.dynamodb.get_item().table_name(TABLE);
    let found = get.key("pk", text("a")).key("sk", text("1")).send().await?;
    Ok(found.item().is_some())
}

fn answers(operation: &'static str, answer: Answer) -> Decides {
    Decides { operation, passage: Passage::Answer(answer) }
}

#[tokio::test]
async fn the_table_throttles_conflicts_and_fails() -> Outcome {
    type Seen = fn(&PutItemError) -> bool;
    let cases: [(Answer, Seen); 3] = [
        (Answer::throttled(Service::DynamoDb), PutItemError::is_provisioned_throughput_exceeded_exception),
        (Answer::conditional_conflict(), PutItemError::is_transaction_conflict_exception),
        (Answer::unavailable(Service::DynamoDb), PutItemError::is_internal_server_error),
    ];
    for (answer, seen) in cases {
        let (clients, _) = local(answers("PutItem", answer))?;
        create_table(&clients.dynamodb).await?;
        let error = failure(put(&clients).await)?.into_service_error();
        assert!(seen(&error), "{error:?}");
        assert!(!is_written(&clients).await?, "an answered call does not run");
    }
    Ok(())
}

#[tokio::test]
async fn a_conflict_cancels_a_transaction() -> Outcome {
    let gate = answers("TransactWriteItems", Answer::transaction_conflict(2));
    let (clients, _) = local(gate)?;
    let item = Put::builder().table_name(TABLE).item("pk", text("a")).build()?;
    let write = clients.dynamodb.transact_write_items().transact_items(TransactWriteItem::builder().put(item).build());
    let error = failure(write.send().await)?.into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return Err(error.into());
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, [Some("TransactionConflict"), Some("None")]);
    Ok(())
}

/// Sends one message on every service and gives the codes of the errors.
async fn codes(clients: &Clients) -> Result<[Option<String>; 4], Box<dyn std::error::Error>> {
    let queued = clients.sqs.send_message().queue_url("q").message_body("x");
    let target = Target::builder().arn("arn:aws:sqs:us-east-1:000000000000:q").role_arn("arn:aws:iam::000000000000:role/r").build()?;
    let off = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off);
    let scheduled = clients
        .scheduler
        .create_schedule()
        .name("n")
        .schedule_expression("at(2026-01-05T10:00:00)")
        .flexible_time_window(off.build()?)
        .target(target);
    let texted = clients.sns.publish().phone_number("+819012345678").message("x");
    let content = || Content::builder().data("x").build();
    let message = Message::builder().subject(content()?).body(Body::builder().text(content()?).build()).build();
    let mailed = clients
        .ses
        .send_email()
        .from_email_address("a@example.com")
        .destination(Destination::builder().to_addresses("b@example.com").build())
        .content(EmailContent::builder().simple(message).build());
    let queued = failure(queued.send().await)?.into_service_error();
    let scheduled = failure(scheduled.send().await)?.into_service_error();
    let texted: PublishError = failure(texted.send().await)?.into_service_error();
    let mailed: SendEmailError = failure(mailed.send().await)?.into_service_error();
    Ok([queued.meta().code(), scheduled.meta().code(), texted.meta().code(), mailed.meta().code()].map(|code| code.map(str::to_owned)))
}

#[tokio::test]
async fn a_providers_fault_is_said_in_its_own_words() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    for (fault, expected) in [
        (ProviderFault::Throttled, ["RequestThrottled", "ThrottlingException", "Throttling", "TooManyRequestsException"]),
        (ProviderFault::Unavailable, ["ServiceUnavailable", "InternalServerException", "InternalError", "ServiceUnavailableException"]),
        (
            ProviderFault::Rejected("no <budget> & more".to_owned()),
            ["InvalidMessageContents", "ValidationException", "InvalidParameter", "MessageRejected"],
        ),
    ] {
        recorder.fail_with(fault);
        assert_eq!(codes(&clients).await?, expected.map(|code| Some(code.to_owned())));
    }
    assert_eq!(recorder.accepted(), []);
    Ok(())
}

#[tokio::test]
async fn a_rejection_carries_its_reason() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    let why = "no <budget> & \"more\"";
    recorder.fail_with(ProviderFault::Rejected(why.to_owned()));
    let publish = clients.sns.publish().phone_number("+819012345678").message("x");
    let error = failure(publish.send().await)?.into_service_error();
    assert!(error.is_invalid_parameter_exception());
    assert_eq!(error.meta().message(), Some(why));
    Ok(())
}

#[tokio::test]
async fn a_call_that_never_arrives_does_not_run() -> Outcome {
    let gate = Decides { operation: "PutItem", passage: Passage::Fail("no route".to_owned()) };
    let (clients, _) = local(gate)?;
    create_table(&clients.dynamodb).await?;
    let error = failure(put(&clients).await)?;
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    assert!(!is_written(&clients).await?);
    Ok(())
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_has_run() -> Outcome {
    let gate = Decides { operation: "PutItem", passage: Passage::RunThenFail("connection reset".to_owned()) };
    let (clients, _) = local(gate)?;
    create_table(&clients.dynamodb).await?;
    let error = failure(put(&clients).await)?;
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    assert!(is_written(&clients).await?);
    Ok(())
}

/// Counts what ran and makes every read find nothing.
#[derive(Default)]
struct Stale {
    answered: AtomicU32,
}

impl Gate for Stale {
    fn answered<'a>(&'a self, call: &'a Call, answer: &'a Answer) -> Pending<'a, Option<Answer>> {
        self.answered.fetch_add(1, Ordering::Relaxed);
        let stale = (call.operation == "GetItem").then(|| Answer { body: b"{}".to_vec(), ..answer.clone() });
        Box::pin(std::future::ready(stale))
    }
}

#[tokio::test]
async fn a_gate_may_change_an_answer() -> Outcome {
    let gate = Arc::new(Stale::default());
    let (clients, _) = local(gate.clone())?;
    create_table(&clients.dynamodb).await?;
    put(&clients).await?;
    assert!(!is_written(&clients).await?, "the gate has emptied the answer");
    assert_eq!(gate.answered.load(Ordering::Relaxed), 4);
    Ok(())
}

#[tokio::test]
async fn a_gate_sees_the_operation_of_every_protocol() -> Outcome {
    #[derive(Default)]
    struct Names(std::sync::Mutex<Vec<(Service, String)>>);
    impl Gate for Names {
        fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
            if let Ok(mut names) = self.0.lock() {
                names.push((call.service, call.operation.clone()));
            }
            Box::pin(std::future::ready(Passage::Run))
        }
    }
    let names = Arc::new(Names::default());
    let (clients, recorder) = local(names.clone())?;
    recorder.fail_with(ProviderFault::Throttled);
    codes(&clients).await?;
    clients.dynamodb.list_tables().send().await?;
    let seen = names.0.lock().map(|seen| seen.clone()).unwrap_or_default();
    let expected = [
        (Service::Sqs, "SendMessage"),
        (Service::Scheduler, "CreateSchedule"),
        (Service::Sns, "Publish"),
        (Service::Ses, "SendEmail"),
        (Service::DynamoDb, "ListTables"),
    ];
    assert_eq!(seen, expected.map(|(service, name)| (service, name.to_owned())));
    Ok(())
}
