//! Conversations, as mailers and others hold them.

use std::sync::{Mutex, PoisonError};

use hansho_email_intake::{Envelope, Sent, Verdicts};
use hansho_runtime::Clock;
use hansho_store::StoreError;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::{
    MAIL_BYTES_MAX,
    letter::Counter,
    session::{Desk, Session},
};
use crate::local::LocalClock;

/// Keeps what it is given, or is out of order.
#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<(Envelope, Vec<u8>)>>,
    is_out_of_order: bool,
}

impl Desk for Kept {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    async fn take(&self, envelope: &Envelope, raw: &[u8]) -> Result<(), StoreError> {
        if self.is_out_of_order {
            return Err(StoreError::Contention { key: "a".to_owned() });
        }
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push((envelope.clone(), raw.to_vec()));
        Ok(())
    }
}

/// Waits for ever, so that whatever comes is waited for.
#[derive(Debug)]
struct Patient;

impl Clock for Patient {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _: std::time::Duration) -> hansho_runtime::clock::Sleep<'_> {
        Box::pin(std::future::pending())
    }
}

/// Says all of it and hangs up; gives the replies.
async fn conversation(desk: &Kept, says: &[u8]) -> Vec<String> {
    talk(desk, says, &Patient, false).await
}

async fn talk(desk: &Kept, says: &[u8], patience: &dyn Clock, stays: bool) -> Vec<String> {
    let (here, there) = duplex(1 << 20);
    let counter = Counter::new();
    let session = Session::new(there, desk, &counter, patience);
    let mailer = async {
        let (mut read, mut write) = tokio::io::split(here);
        let mut replies = Vec::new();
        let say = async {
            // It may be hung up on before it has said everything.
            let _ = write.write_all(says).await;
            if !stays {
                let _ = write.shutdown().await;
            }
        };
        let (_, read) = tokio::join!(say, read.read_to_end(&mut replies));
        read.unwrap();
        String::from_utf8(replies).unwrap()
    };
    let (_, replies) = tokio::join!(session.converse(), mailer);
    assert!(replies.ends_with("\r\n"), "{replies:?}");
    replies.lines().map(str::to_owned).collect()
}

/// The replies behind the greeting, without what they say.
fn codes(replies: &[String]) -> Vec<&str> {
    replies[1..].iter().map(|reply| reply.get(..4).unwrap_or(reply).trim()).filter(|code| !code.ends_with('-')).collect()
}

fn mails(desk: &Kept) -> Vec<(Envelope, String)> {
    let mails = desk.mails.lock().unwrap_or_else(PoisonError::into_inner);
    mails.iter().map(|(envelope, raw)| (envelope.clone(), String::from_utf8_lossy(raw).into_owned())).collect()
}

#[tokio::test]
async fn a_mail_is_taken_with_its_envelope_whatever_its_header_says() {
    let desk = Kept::default();
    let says = "EHLO web01\r\nMAIL FROM:<root@web01.example.com> BODY=8BITMIME SIZE=100 SMTPUTF8\r\nRCPT TO:<checkout-mail-0a@hansho.example>\r\n\
         RCPT TO:<当番@例え.example>\r\nDATA\r\nTo: somebody@example.com\r\nSubject: 障害\r\n\r\n..a dot\r\n.\r\nQUIT\r\n";
    let replies = conversation(&desk, says.as_bytes()).await;
    assert!(replies[0].starts_with("220 localhost ESMTP"), "{replies:?}");
    for offered in ["8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", &format!("SIZE {MAIL_BYTES_MAX}")] {
        assert!(replies.iter().any(|reply| reply[4..] == *offered), "{offered}: {replies:?}");
    }
    assert!(!replies.iter().any(|reply| reply.contains("STARTTLS") || reply.contains("AUTH") || reply.contains("CHUNKING")), "{replies:?}");
    assert_eq!(codes(&replies), ["250", "250", "250", "250", "354", "250", "221"], "{replies:?}");
    let taken = mails(&desk);
    assert_eq!(taken.len(), 1);
    let (envelope, raw) = &taken[0];
    assert_eq!(envelope.sender, Sent::By("root@web01.example.com".to_owned()));
    assert_eq!(envelope.recipients, ["checkout-mail-0a@hansho.example", "当番@例え.example"]);
    assert_eq!((envelope.received_at, envelope.verdicts), (Some(Timestamp::UNIX_EPOCH), Verdicts::default()));
    assert_eq!(raw, "To: somebody@example.com\r\nSubject: 障害\r\n\r\n.a dot\r\n");
    assert!(replies[replies.len() - 2].contains(&envelope.id), "{replies:?}");
}

#[tokio::test]
async fn a_bounce_has_an_empty_sender_and_a_conversation_may_have_several_mails() {
    let desk = Kept::default();
    let one = "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nSubject: x\r\n\r\n.\r\n";
    let replies = conversation(&desk, format!("HELO web01\r\n{one}RSET\r\n{one}").as_bytes()).await;
    assert_eq!(codes(&replies), ["250", "250", "250", "354", "250", "250", "250", "250", "354", "250"], "{replies:?}");
    let taken = mails(&desk);
    assert!(taken.len() == 2 && taken.iter().all(|(envelope, _)| envelope.sender == Sent::By(String::new())), "{taken:?}");
    assert_ne!(taken[0].0.id, taken[1].0.id, "without a Message-ID they are two");
}

#[tokio::test]
async fn what_can_not_be_made_durable_is_asked_for_again() {
    let desk = Kept { is_out_of_order: true, ..Kept::default() };
    let replies = conversation(&desk, b"EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n\r\n.\r\nQUIT\r\n").await;
    assert_eq!(codes(&replies), ["250", "250", "250", "354", "451", "221"], "{replies:?}");
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_refused_and_the_next_one_is_not() {
    let desk = Kept::default();
    let begin = "MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n";
    let large = "x".repeat(99).repeat(MAIL_BYTES_MAX / 99 + 1);
    let most = "x".repeat(MAIL_BYTES_MAX - 2);
    let says = format!("EHLO a\r\nMAIL FROM:<a@b.c> SIZE=41943041\r\n{begin}{large}\r\n.\r\n{begin}{most}\r\n.\r\nQUIT\r\n");
    let replies = conversation(&desk, says.as_bytes()).await;
    assert_eq!(codes(&replies), ["250", "552", "250", "250", "354", "552", "250", "250", "354", "250", "221"], "{replies:?}");
    let taken = mails(&desk);
    assert!(taken.len() == 1 && taken[0].1.len() == MAIL_BYTES_MAX);
}

#[tokio::test]
async fn a_mail_has_at_most_a_hundred_recipients_and_goes_to_those() {
    let desk = Kept::default();
    let recipients = "RCPT TO:<a@b.c>\r\n".repeat(101);
    let replies = conversation(&desk, format!("EHLO a\r\nMAIL FROM:<a@b.c>\r\n{recipients}DATA\r\n\r\n.\r\n").as_bytes()).await;
    assert_eq!(codes(&replies).iter().filter(|code| **code == "452").count(), 1, "{replies:?}");
    assert_eq!(mails(&desk)[0].0.recipients.len(), 100);
}

#[tokio::test]
async fn commands_have_an_order_and_what_is_not_offered_is_told() {
    let desk = Kept::default();
    let says = b"MAIL FROM:<a@b.c>\r\nEHLO a\r\nRCPT TO:<a@b.c>\r\nDATA\r\nMAIL FROM:<a@b.c>\r\nMAIL FROM:<a@b.c>\r\nDATA\r\n\
        RCPT TO:a\r\nRCPT TO:<@>\r\nSTARTTLS\r\nAUTH PLAIN AA==\r\nVRFY a\r\nNOOP\r\nHELP\r\nEXPN a\r\nHELO \r\nBDAT 4 LAST\r\nQUIT";
    let replies = conversation(&desk, says).await;
    let expected = ["503", "250", "503", "503", "250", "503", "503", "501", "501", "502", "502", "252", "250", "214", "502", "501", "502"];
    assert_eq!(codes(&replies), expected, "{replies:?}");
    assert!(mails(&desk).is_empty());
}

#[tokio::test]
async fn only_a_dot_between_two_whole_ends_of_line_ends_a_mail() {
    let desk = Kept::default();
    let smuggled = "MAIL FROM:<x@y.z>\r\nRCPT TO:<x@y.z>\r\nDATA\r\nsmuggled\r\n";
    for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n"] {
        let says = format!("EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\nfirst{end}{smuggled}.\r\n");
        conversation(&desk, says.as_bytes()).await;
    }
    let taken = mails(&desk);
    assert!(taken.len() == 4 && taken.iter().all(|(_, raw)| raw.contains("first") && raw.contains("smuggled")), "{taken:?}");
}

#[tokio::test]
async fn a_browser_that_was_told_to_post_here_is_hung_up_on() {
    let desk = Kept::default();
    let says = b"POST / HTTP/1.1\r\nHost: localhost:2525\r\n\r\nEHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n\r\n.\r\n";
    assert_eq!(codes(&conversation(&desk, says).await), ["500"]);
    assert!(mails(&desk).is_empty());
}

#[tokio::test]
async fn lines_without_end_and_many_mistakes_come_to_an_end() {
    let desk = Kept::default();
    let long = format!("EHLO a\r\nMAIL FROM:<{}@b.c>\r\nNOOP\r\n", "a".repeat(300_000));
    assert_eq!(codes(&conversation(&desk, long.as_bytes()).await), ["250", "500", "250"]);
    let many = format!("EHLO a\r\n{}", "WHAT\r\n".repeat(1_000));
    let replies = conversation(&desk, many.as_bytes()).await;
    assert!(replies.len() < 20 && replies.last().unwrap().starts_with("421 4.7.0"), "{replies:?}");
}

#[tokio::test]
async fn a_mailer_that_says_nothing_is_hung_up_on_and_half_a_mail_is_none() {
    let desk = Kept::default();
    // On a clock that is not moved nobody waits.
    let impatient = LocalClock::stopped_at(Timestamp::UNIX_EPOCH);
    let replies = talk(&desk, b"EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\nhalf a mail", &impatient, true).await;
    assert!(replies.last().unwrap().starts_with("421 4.4.2"), "{replies:?}");
    let replies = conversation(&desk, b"EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\nhalf a mail").await;
    assert_eq!(codes(&replies).last(), Some(&"354"), "it went away: {replies:?}");
    assert!(mails(&desk).is_empty());
}
