//! Every fake hands what it accepts to the sink, and refuses what AWS refuses.

use std::{error::Error, sync::Arc};

use aws_sdk_scheduler::{
    operation::{create_schedule::CreateScheduleError, delete_schedule::DeleteScheduleError},
    types::{ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target},
};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use hansho::local::aws::{EmbeddedDynamoDb, Endpoints, ForeignRequest, Mail, OpenGate, Schedule, Sms, SqsMessage};

use super::{Accepted, Clients, Outcome, Recorder, failure, local};

const QUEUE_URL: &str = "http://sqs.local.hansho/000000000000/delivery";

#[tokio::test]
async fn a_message_reaches_its_queue_with_its_delay() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    let send =
        |delay| clients.sqs.send_message().queue_url(QUEUE_URL).message_body("{\"delivery\":\"d-1\"}").set_delay_seconds(delay).send();
    let sent = send(Some(900)).await?;
    assert_eq!(sent.message_id(), Some("message-1"));
    send(None).await?;
    let message = |delay_seconds| {
        Accepted::Sqs(SqsMessage { queue_url: QUEUE_URL.to_owned(), body: "{\"delivery\":\"d-1\"}".to_owned(), delay_seconds })
    };
    assert_eq!(recorder.accepted(), [message(900), message(0)]);

    for delay in [901, -1] {
        let error = failure(send(Some(delay)).await)?.into_service_error();
        assert_eq!(error.meta().code(), Some("InvalidParameterValue"));
    }
    assert_eq!(recorder.accepted().len(), 2, "a refused call is not accepted");
    Ok(())
}

async fn create(
    clients: &Clients,
    name: &str,
    at: &str,
    mode: FlexibleTimeWindowMode,
) -> Result<Result<(), CreateScheduleError>, Box<dyn Error>> {
    let target = Target::builder()
        .arn("arn:aws:lambda:us-east-1:000000000000:function:escalation")
        .role_arn("arn:aws:iam::000000000000:role/scheduler")
        .input("{\"generation\":7}")
        .build()?;
    let created = clients
        .scheduler
        .create_schedule()
        .name(name)
        .group_name("deadlines")
        .schedule_expression(at)
        .flexible_time_window(FlexibleTimeWindow::builder().mode(mode).build()?)
        .action_after_completion(ActionAfterCompletion::Delete)
        .client_token("token")
        .target(target)
        .send()
        .await;
    Ok(created.map(drop).map_err(|error| error.into_service_error()))
}

#[tokio::test]
async fn a_schedule_is_made_once_and_deleted_once() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    let at = "at(2026-01-05T10:00:30)";
    create(&clients, "i-1.7", at, FlexibleTimeWindowMode::Off).await??;
    let schedule = Schedule {
        name: "i-1.7".to_owned(),
        group: "deadlines".to_owned(),
        at: "2026-01-05T10:00:30Z".parse()?,
        target_arn: "arn:aws:lambda:us-east-1:000000000000:function:escalation".to_owned(),
        input: "{\"generation\":7}".to_owned(),
        delete_after_completion: true,
        client_token: Some("token".to_owned()),
    };
    assert_eq!(recorder.accepted(), [Accepted::Created(schedule)]);

    let again = create(&clients, "i-1.7", at, FlexibleTimeWindowMode::Off).await?;
    assert!(failure(again)?.is_conflict_exception());

    let delete = |name: &str| clients.scheduler.delete_schedule().name(name).group_name("deadlines").send();
    delete("i-1.7").await?;
    let gone = Accepted::Deleted("i-1.7".to_owned(), "deadlines".to_owned());
    assert_eq!(recorder.accepted().last(), Some(&gone));
    let error: DeleteScheduleError = failure(delete("i-9.9").await)?.into_service_error();
    assert!(error.is_resource_not_found_exception());
    Ok(())
}

#[tokio::test]
async fn a_schedule_that_aws_refuses_is_refused() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    let (off, flexible) = (FlexibleTimeWindowMode::Off, FlexibleTimeWindowMode::Flexible);
    let long = "n".repeat(65);
    for (name, at, mode) in [
        ("n", "at(2026-01-05T10:00:30Z)", &off),
        ("n", "at(2026-01-05T10:00:30.5)", &off),
        ("n", "at(2026-01-05 10:00:30)", &off),
        ("n", "at(2026-02-30T10:00:30)", &off),
        ("n", "rate(1 minute)", &off),
        ("n", "at(2026-01-05T10:00:30)", &flexible),
        ("a#b", "at(2026-01-05T10:00:30)", &off),
        (&long, "at(2026-01-05T10:00:30)", &off),
    ] {
        let error = failure(create(&clients, name, at, mode.clone()).await?)?;
        assert!(error.is_validation_exception(), "{name} {at}: {error:?}");
    }
    assert_eq!(recorder.accepted(), []);
    Ok(())
}

#[tokio::test]
async fn an_sms_reaches_its_phone() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    let publish = |phone: &str, message: &str| clients.sns.publish().phone_number(phone).message(message);
    let kind = MessageAttributeValue::builder().data_type("String").string_value("Transactional").build()?;
    let text = "火事です & more: https://hansho.example/i/1?a=b+c";
    let sent = publish("+819012345678", text).message_attributes("AWS.SNS.SMS.SMSType", kind).send().await?;
    assert_eq!(sent.message_id(), Some("message-1"));
    let sms = Sms {
        phone: "+819012345678".to_owned(),
        message: text.to_owned(),
        attributes: [("AWS.SNS.SMS.SMSType".to_owned(), "Transactional".to_owned())].into(),
    };
    assert_eq!(recorder.accepted(), [Accepted::Sms(sms)]);

    let long = "火".repeat(534);
    for (phone, message) in [
        ("09012345678", "x"),
        ("+0123", "x"),
        ("+81 90", "x"),
        ("+1234567890123456", "x"),
        ("+819012345678", ""),
        ("+819012345678", long.as_str()),
    ] {
        let error = failure(publish(phone, message).send().await)?.into_service_error();
        assert!(error.is_invalid_parameter_exception(), "{phone}: {error:?}");
    }
    Ok(())
}

fn content(text: &str) -> Result<Content, Box<dyn Error>> {
    Ok(Content::builder().data(text).charset("UTF-8").build()?)
}

#[tokio::test]
async fn a_mail_reaches_its_mailbox() -> Outcome {
    let (clients, recorder) = local(OpenGate)?;
    let send = |to: &str, tag: &str| -> Result<_, Box<dyn Error>> {
        let body = Body::builder().text(content("本文")?).html(content("<p>本文</p>")?).build();
        let header = MessageHeader::builder().name("In-Reply-To").value("<i-1@hansho>").build()?;
        let message = Message::builder().subject(content("火事")?).body(body).headers(header).build();
        Ok(clients
            .ses
            .send_email()
            .from_email_address("hansho@example.com")
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(MessageTag::builder().name("delivery").value(tag).build()?)
            .configuration_set_name("hansho")
            .send())
    };
    let sent = send("aiko@example.com", "d-1")?.await?;
    assert_eq!(sent.message_id(), Some("message-1"));
    let mail = Mail {
        from: "hansho@example.com".to_owned(),
        to: vec!["aiko@example.com".to_owned()],
        reply_to: vec![],
        subject: "火事".to_owned(),
        text: "本文".to_owned(),
        html: Some("<p>本文</p>".to_owned()),
        headers: vec![("In-Reply-To".to_owned(), "<i-1@hansho>".to_owned())],
        tags: vec![("delivery".to_owned(), "d-1".to_owned())],
    };
    assert_eq!(recorder.accepted(), [Accepted::Mail(mail)]);

    for (to, tag) in [("aiko", "d-1"), ("aiko@example.com", "d:1")] {
        let error = failure(send(to, tag)?.await)?.into_service_error();
        assert!(error.is_bad_request_exception(), "{to} {tag}: {error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_webhook_reaches_its_host() -> Outcome {
    let recorder = Arc::new(Recorder::default());
    let endpoints = Endpoints::new(EmbeddedDynamoDb::memory()?, recorder.clone());
    let request = |uri: &str| -> Result<HttpRequest, Box<dyn Error>> {
        let mut request = HttpRequest::new(SdkBody::from("{}"));
        request.set_method("POST")?;
        request.set_uri(uri)?;
        request.headers_mut().insert("content-type", "application/json");
        Ok(request)
    };
    let uri = "https://hooks.example.com/services/T?x=1";
    let answer = endpoints.call(request(uri)?).await?;
    assert_eq!(answer.status().as_u16(), 202);
    let foreign = ForeignRequest {
        method: "POST".to_owned(),
        uri: uri.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: b"{}".to_vec(),
    };
    assert_eq!(recorder.accepted(), [Accepted::Foreign(foreign)]);

    let error = failure(endpoints.call(request("https://nobody.example.com/")?).await)?;
    assert!(error.is_io());
    Ok(())
}
