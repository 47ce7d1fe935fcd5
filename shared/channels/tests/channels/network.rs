//! The real connector, over loopback: what it reaches, what it refuses to reach, what it does not follow.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use hansho_channels::{Address, Channels, Method, SendOutcome, Settings, WebhookPolicy};

use crate::provider::{message, phone};

fn channels(allow_private_addresses: bool) -> Channels {
    let sns = aws_sdk_sns::Client::from_conf(aws_sdk_sns::Config::builder().build());
    let ses = aws_sdk_sesv2::Client::from_conf(aws_sdk_sesv2::Config::builder().build());
    Channels::new(sns, ses, Settings { webhook: WebhookPolicy { allow_private_addresses }, ..Settings::default() })
}

/// A server that answers once; what it was asked arrives on the channel.
fn server(answer: &'static str) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, requests) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        asked.send(head(&mut stream)).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (port, requests)
}

fn head(stream: &mut TcpStream) -> String {
    let (mut text, mut byte) = (String::new(), [0]);
    while !text.ends_with("\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        text.push(char::from(byte[0]));
    }
    text
}

fn hook(host: &str, port: u16) -> Address {
    Address::webhook(&format!("http://{host}:{port}/hook"), "0123456789abcdef").unwrap()
}

#[tokio::test]
async fn it_sends_where_it_may_by_name_and_by_address() {
    for host in ["127.0.0.1", "localhost"] {
        let (port, requests) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        let outcome = channels(true).send(Method::Webhook, &message(hook(host, port))).await;
        assert_eq!(outcome, SendOutcome::Accepted { provider_id: "HTTP 200".to_owned() }, "{host}");
        assert!(requests.recv().unwrap().starts_with("POST /hook HTTP/1.1\r\n"), "{host}");
    }
}

#[tokio::test]
async fn it_follows_no_redirect() {
    let (port, _requests) = server("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n");
    let outcome = channels(true).send(Method::Webhook, &message(hook("127.0.0.1", port))).await;
    assert!(matches!(&outcome, SendOutcome::Failed { reason } if reason.contains("HTTP 307")), "{outcome:?}");
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_after_it_is_resolved() {
    let to = Address::webhook("https://localhost/", "0123456789abcdef").unwrap();
    let outcome = channels(false).send(Method::Webhook, &message(to)).await;
    assert!(matches!(&outcome, SendOutcome::Failed { reason } if reason.contains("this host")), "{outcome:?}");
}

#[tokio::test]
async fn what_does_not_answer_is_worth_another_try() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outcome = channels(true).send(Method::Webhook, &message(hook("127.0.0.1", free))).await;
    assert!(matches!(&outcome, SendOutcome::Retry { reason, .. } if reason.contains("could not be reached")), "{outcome:?}");
}

/// Channels whose SNS is on this port, behind the HTTP client that the functions have.
fn sns_at(port: u16) -> Channels {
    let credentials = Credentials::builder().access_key_id("k").secret_access_key("s").provider_name("test").build();
    let sns = aws_sdk_sns::Config::builder()
        .region(aws_sdk_sns::config::Region::new("ap-northeast-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let ses = aws_sdk_sesv2::Client::from_conf(aws_sdk_sesv2::Config::builder().build());
    Channels::new(aws_sdk_sns::Client::from_conf(sns), ses, Settings::default())
}

#[tokio::test]
async fn a_provider_that_was_never_connected_to_took_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outcome = sns_at(free).send(Method::Sms, &message(phone())).await;
    assert_eq!(outcome, SendOutcome::Retry { reason: "SNS could not be reached.".to_owned(), after_seconds: None });
}

#[tokio::test]
async fn a_provider_that_hangs_up_on_a_request_may_have_taken_it() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<Publish"] {
        let (port, requests) = server(answer);
        let outcome = sns_at(port).send(Method::Sms, &message(phone())).await;
        assert!(matches!(&outcome, SendOutcome::Unknown { .. }), "{answer:?}: {outcome:?}");
        assert!(requests.recv().unwrap().starts_with("POST / HTTP/1.1\r\n"), "it was asked");
    }
}
