//! Where the local run is reached besides HTTP: mail by SMTP, and HTTPS.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a story that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use process::{Folder, Served};

#[expect(dead_code, reason = "other tests need the rest of it")]
mod process;

/// What stands behind `before` in a line, up to the next blank.
fn after<'a>(line: &'a str, before: &str) -> &'a str {
    line.split_once(before).expect(line).1.split_whitespace().next().unwrap()
}

#[test]
fn a_mail_to_the_address_that_is_printed_pages() {
    let folder = Folder::new("mail");
    let served = Served::local_with(&folder, &["--smtp-port", "0"]);
    let line = served.printed("--mail-rcpt");
    let (port, recipient) = (after(&line, "smtp://localhost:"), after(&line, "--mail-rcpt "));
    let stream = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    let mut replies = BufReader::new(stream.try_clone().unwrap()).lines();
    let mail = fs::read_to_string("../events/email-intake/zabbix-firing.eml").unwrap().replace('\n', "\r\n");
    write!(&stream, "HELO web01\r\nMAIL FROM:<zabbix@example.com>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n{mail}\r\n.\r\nQUIT\r\n").unwrap();
    let codes: Vec<String> = replies.by_ref().map(|line| line.unwrap()[..3].to_owned()).collect();
    assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "221"]);
    let sent = served.outbox();
    assert!(sent.iter().any(|sent| sent["text"].as_str().unwrap().contains("checkout: 障害: 決済")), "{sent:#?}");
}

#[test]
fn a_port_for_mail_that_is_taken_is_told_and_everything_else_goes_on() {
    let folder = Folder::new("mail-taken");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let served = Served::local_with(&folder, &["--smtp-port", &port]);
    let line = served.printed(&format!("port {port} can not be used"));
    assert!(line.contains("--smtp-port") && line.contains("--no-smtp"), "{line}");
    assert_eq!(served.exchange("GET", "/health", "", "").0, 200);
}

/// The answer to a GET over TLS, to a host that it names so.
async fn get(port: u16, certificate: &str, host: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(ring::default_provider().into()).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(format!("GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Servers may hang up without saying so.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn over_tls_the_same_is_served_to_whoever_trusts_the_certificate_of_the_data_folder() {
    let folder = Folder::new("tls");
    let served = Served::local_with(&folder, &["--tls", "--tls-port", "0", "--no-smtp"]);
    let line = served.printed("  HTTPS");
    let port: u16 = after(&line, "https://localhost:").parse().unwrap();
    let certificate = after(&line, "have to trust ").trim_end_matches(')');
    let answer = get(port, certificate, &format!("localhost:{port}")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let foreign = get(port, certificate, &format!("rebound.example.com:{port}")).await;
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
    assert_eq!(served.exchange("GET", "/health", "", "").0, 200, "and without TLS as before");
}
