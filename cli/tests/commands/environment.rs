//! Where Hansho is, said once: HANSHO_URL and HANSHO_TOKEN.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use crate::process::{Folder, Served, hansho, text};

const AWAY: &str = "http://hansho.example:9";

fn asked(arguments: &[&str], url: &str, token: &str) -> (bool, String, String) {
    let done = hansho(arguments).env("HANSHO_URL", url).env("HANSHO_TOKEN", token).output().unwrap();
    (done.status.success(), text(&done.stdout), text(&done.stderr))
}

#[test]
fn the_environment_says_for_every_command_where_hansho_is_and_who_asks() {
    let folder = Folder::new("environment");
    let served = Served::local(&folder);
    let (url, elsewhere) = (format!("http://localhost:{}", served.port), folder.path("nothing"));
    let secrets = std::fs::read_to_string(folder.0.join("data/secrets")).unwrap();
    let token = secrets.lines().nth(1).unwrap();
    for command in [
        &["incident", "list"][..],
        &["oncall"],
        &["override", "list", "--schedule", "checkout-primary"],
        &["maintenance", "list"],
        &["drill", "list"],
        &["simulate", "--service", "checkout"],
        &["versions"],
    ] {
        let (is_done, said, told) = asked(&[command, &["--data", &elsewhere]].concat(), &url, token);
        assert!(is_done, "{command:?}: {said} {told}");
        let (is_done, _, told) = asked(&[command, &["--data", &elsewhere]].concat(), &url, "no-token");
        assert!(!is_done && told.contains("401"), "{command:?}: {told}");
    }
    // What is said with the command counts.
    let (is_done, _, told) = asked(&["incident", "list", "--url", &url, "--token", token], AWAY, "no-token");
    assert!(is_done, "{told}");
    let (is_done, _, told) = asked(&["incident", "list", "--url", AWAY, "--data", &elsewhere], &url, token);
    assert!(!is_done && told.contains(&format!("no API token for {AWAY}")), "the token is for {url}: {told}");
    // A folder needs no Hansho.
    let (is_done, said, told) = asked(&["oncall", "--config", concat!(env!("CARGO_MANIFEST_DIR"), "/example")], AWAY, token);
    assert!(is_done && said.contains("On call at"), "{told}");
}

#[test]
fn an_address_that_is_empty_or_none_is_refused_with_what_to_do() {
    for url in ["", "oncall.example.com", "None"] {
        let (is_done, _, told) = asked(&["incident", "list"], url, "token");
        let sentence =
            format!("{url:?} is no web address; say where Hansho is with --url or HANSHO_URL, such as https://oncall.example.com");
        assert!(!is_done && told.contains(&sentence), "{told}");
    }
    let help = text(&hansho(&["incident", "list", "--help"]).output().unwrap().stdout);
    assert!(help.contains("HANSHO_URL") && help.contains("HANSHO_TOKEN"), "{help}");
}

#[test]
fn the_configuration_of_a_deployment_is_not_at_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]).unwrap();
        let body = r#"{"error":{"message":"There is nothing at this address."}}"#;
        write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
    });
    let (is_done, _, told) = asked(&["versions"], &format!("http://127.0.0.1:{port}"), "token");
    answering.join().unwrap();
    assert!(!is_done && told.contains("is named with --function, such as hansho-config:live"), "{told}");
}
