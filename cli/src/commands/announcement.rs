//! What `hansho local` says when it is up.

use std::path::Path;

use hansho_runtime::settings::environment;

use super::client::{ServerArguments, url_by_default};
use crate::local::{SmtpDoor, Up};

pub(super) fn announce(up: &Up) {
    let port = up.at.http.port();
    if let Some(changed) = &up.started.changed {
        println!("Version {} of the configuration is in force: {changed}", up.started.version);
    }
    println!("Hansho is up: http://localhost:{port}   (stop with Ctrl-C)");
    println!(
        "  fire an alarm   curl -d @events/alarm-intake/alarm-direct-metric.json http://localhost:{port}/2015-03-31/functions/alarm-intake/invocations"
    );
    println!("  what was sent   curl http://localhost:{port}/_local/outbox   (each message is told here, too)");
    println!("  incidents       curl -H 'Authorization: Bearer {}' http://localhost:{port}/incidents", up.token);
    if let Some(more) = elsewhere(port, &up.data, &url_by_default(&environment)) {
        println!("  other commands  hansho incident list {more}   (this run is not where they look by themselves)");
    }
    for line in up.at.smtp.iter().flat_map(|door| mail(door, &up.mail_addresses)) {
        println!("{line}");
    }
    if let Some(address) = up.answers_to {
        println!(
            "  answer a page   by a mail to {address} from the person's address; senders are believed here (--smtp-trust-senders), so let nobody else use this machine"
        );
    }
    if let Some((address, certificate)) = &up.at.tls {
        println!("  HTTPS           https://localhost:{}   (clients have to trust {})", address.port(), certificate.display());
    }
}

/// What other commands have to be told to find a local run on this port and with this data folder.
/// `looked_at`: where they look by themselves.
fn elsewhere(port: u16, data: &Path, looked_at: &str) -> Option<String> {
    let server = ServerArguments { url: format!("http://localhost:{port}"), token: None, data: data.to_owned() };
    let data = data.to_string_lossy();
    let quoted = if data.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        data.to_string()
    } else {
        format!("'{}'", data.replace('\'', "'\\''"))
    };
    (!server.is_default() || server.url != looked_at).then(|| format!("--url {} --data {quoted}", server.url))
}

fn mail(door: &SmtpDoor, addresses: &[String]) -> Vec<String> {
    let port = match door {
        SmtpDoor::Open(address) => address.port(),
        SmtpDoor::Closed { port, error } => {
            return vec![format!(
                "  mail            none comes in: port {port} can not be used ({error}); choose another with --smtp-port, or --no-smtp"
            )];
        }
    };
    let Some((first, others)) = addresses.split_first() else {
        return vec![format!("  mail            localhost:{port} (SMTP); no integration of the configuration has the type email")];
    };
    let mut lines = vec![format!(
        "  send a mail     curl smtp://localhost:{port} --mail-from me@example.com --mail-rcpt {first} -T events/email-intake/zabbix-firing.eml"
    )];
    lines.extend(others.iter().map(|other| format!("                  or to {other}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_or_folder_is_told_with_what_other_commands_need() {
        let here = "http://localhost:8787";
        assert_eq!(elsewhere(8787, Path::new(".hansho"), here), None);
        assert_eq!(elsewhere(9000, Path::new(".hansho"), here).as_deref(), Some("--url http://localhost:9000 --data .hansho"));
        assert_eq!(elsewhere(8787, Path::new("/tmp/it's"), here).as_deref(), Some("--url http://localhost:8787 --data '/tmp/it'\\''s'"));
        let deployed = elsewhere(8787, Path::new(".hansho"), "https://oncall.example.com");
        assert_eq!(deployed.as_deref(), Some("--url http://localhost:8787 --data .hansho"), "HANSHO_URL names another");
    }

    #[test]
    fn a_port_for_mail_that_is_taken_is_told_with_what_to_do() {
        let told = mail(&SmtpDoor::Closed { port: 2525, error: "Address already in use (os error 98)".to_owned() }, &[]);
        assert!(told[0].contains("port 2525 can not be used (Address already in use") && told[0].contains("--smtp-port"), "{told:?}");
    }

    #[test]
    fn the_addresses_that_take_mail_are_told() {
        let door = SmtpDoor::Open(([127, 0, 0, 1], 2525).into());
        let told = mail(&door, &["a-1@hansho.example".to_owned(), "b-2@hansho.example".to_owned()]);
        assert!(told[0].contains("--mail-rcpt a-1@hansho.example") && told[1].ends_with("or to b-2@hansho.example"), "{told:?}");
        assert!(mail(&door, &[])[0].contains("no integration"));
    }
}
