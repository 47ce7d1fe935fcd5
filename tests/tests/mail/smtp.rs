//! The same stories through the SMTP listener of the local run: a mailer talks to it over a socket.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use acceptance::{World, load, start};
use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_8};
use hansho::local::{
    LocalClock, LocalSecrets, Machine, Setup,
    aws::{Answer, Call, EmbeddedDynamoDb, Gate, Passage, Pending, Service},
    receive_mail, receive_mail_of_trusted,
};
use hansho_domain::PhaseName;
use jiff::SignedDuration;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    address,
    charsets::{Header, PRESETS, written_in},
    close, plain, sample, suppressed, team, world,
};

/// A mailer in a conversation with the listener of a machine.
pub(crate) struct Mailer {
    stream: BufReader<TcpStream>,
    _listener: JoinSet<()>,
}

impl Mailer {
    pub(crate) async fn connect(machine: &Arc<Machine>) -> Self {
        Self::connect_to(|listener| receive_mail(Arc::clone(machine), listener)).await
    }

    /// Talks to one that believes every mail its sender.
    pub(crate) async fn connect_believing(machine: &Arc<Machine>) -> Self {
        Self::connect_to(|listener| receive_mail_of_trusted(Arc::clone(machine), listener)).await
    }

    async fn connect_to<L: Future<Output = ()> + Send + 'static>(listen: impl FnOnce(TcpListener) -> L) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener));
        let stream = BufReader::new(TcpStream::connect(address).await.unwrap());
        let mut mailer = Self { stream, _listener: listening };
        assert!(mailer.reply().await.starts_with("220 "));
        assert!(mailer.say("EHLO web01.example.co.jp").await.starts_with("250 "));
        mailer
    }

    /// The last line of a reply.
    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.unwrap();
            assert!(line.ends_with("\r\n"), "it hung up: {line:?}");
            if line.as_bytes()[3] == b' ' {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.reply().await
    }

    /// Sends a mail; gives what the listener says of it in the end.
    pub(crate) async fn send(&mut self, sender: &str, recipient: &str, raw: &[u8]) -> String {
        for line in [format!("MAIL FROM:<{sender}> BODY=8BITMIME"), format!("RCPT TO:<{recipient}>")] {
            let reply = self.say(&line).await;
            assert!(reply.starts_with("250 "), "{line}: {reply}");
        }
        assert!(self.say("DATA").await.starts_with("354 "));
        let mut lines = Vec::new();
        for line in raw.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // A line that begins with a dot gets another (RFC 5321 section 4.5.2).
            lines.extend_from_slice(if line.first() == Some(&b'.') { b"." } else { b"" });
            lines.extend_from_slice(line);
            lines.extend_from_slice(b"\r\n");
        }
        lines.extend_from_slice(b".\r\n");
        self.stream.write_all(&lines).await.unwrap();
        self.reply().await
    }

    /// Sends a mail that is taken.
    async fn mail(&mut self, recipient: &str, raw: &[u8]) {
        let reply = self.send("sender@example.co.jp", recipient, raw).await;
        assert!(reply.starts_with("250 "), "{reply}");
    }
}

#[tokio::test]
async fn by_smtp_every_preset_pages_and_resolves_in_every_japanese_character_set() {
    let mut world = world().await;
    let mut mailer = Mailer::connect(&world.machine).await;
    // In turn, so that every character set comes in both.
    let mut headers = [Header::Words, Header::Raw].into_iter().cycle();
    for (preset, subject) in PRESETS {
        let to = address(&world, &format!("mail-{preset}")).await;
        headers.next();
        for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP, UTF_8] {
            let header = headers.next().unwrap();
            let story = format!("{preset} {} {header:?}", encoding.name());
            // "»" is in none of the older sets, so mailers write it otherwise.
            let subject = if encoding == UTF_8 { subject.to_owned() } else { subject.replace('»', "&#187;") };
            mailer.mail(&to, &written_in(encoding, header, &sample(&format!("{preset}-firing.eml")))).await;
            let opened = world.open_incident().await;
            assert_eq!((opened.title.as_str(), opened.service.as_str()), (subject.as_str(), "checkout"), "{story}");
            let sent = world.expect_texts(&["aiko"]);
            assert!(!sent[0].text.contains('\u{FFFD}'), "{story}: {}", sent[0].text);
            world.minutes(1).await;
            mailer.mail(&to, &written_in(encoding, header, &sample(&format!("{preset}-recovery.eml")))).await;
            World::is(&world.incident(opened.id).await, PhaseName::Resolved);
            assert!(world.open_incidents().await.is_empty(), "{story}");
            world.sent();
            world.minutes(2).await;
            world.expect_silence();
        }
    }
    assert!(suppressed(&world).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn by_smtp_absence_notes_bounces_and_our_own_mails_open_nothing_and_are_on_the_list_with_their_reason() {
    let mut world = world().await;
    let to = address(&world, "mail").await;
    let mut mailer = Mailer::connect(&world.machine).await;
    let stories = [
        ("away@example.co.jp", to.as_str(), sample("out-of-office.eml"), "an automatic answer (an absence note)"),
        ("away@example.co.jp", &to, sample("vacation.eml"), "an automatic answer (Auto-Submitted: auto-replied)"),
        ("", &to, sample("bounce.eml"), "a delivery report (multipart/report)"),
        ("", &to, plain("disk full", "x"), "its return path is empty"),
        ("hansho@hansho.example", &to, sample("own-page.eml"), "a mail of Hansho itself"),
        ("root@web01", "nobody@hansho.example", plain("disk full", "x"), "no integration has the address nobody@hansho.example"),
    ];
    for (sender, recipient, raw, why) in stories {
        let reply = mailer.send(sender, recipient, &raw).await;
        assert!(reply.starts_with("250 "), "{why}: {reply}");
        world.seconds(1).await;
        let listed = suppressed(&world).await;
        assert_eq!(listed.iter().filter(|entry| entry.reason.contains(why)).count(), 1, "{why}: {listed:#?}");
    }
    assert_eq!(suppressed(&world).await.len(), 6);
    world.minutes(10).await;
    world.expect_silence();
    assert!(world.open_incidents().await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_mail_that_a_mailer_sends_again_is_counted_once_and_one_without_message_id_each_time() {
    let world = world().await;
    let to = address(&world, "mail-each").await;
    let mut mailer = Mailer::connect(&world.machine).await;
    let mail = [b"Message-ID: <1@web01.example.co.jp>\r\n".to_vec(), plain("disk full", "x")].concat();
    mailer.mail(&to, &mail).await;
    mailer.mail(&to, &mail).await;
    assert_eq!(world.open_incidents().await.len(), 1);
    mailer.mail(&to, &plain("disk full", "x")).await;
    mailer.mail(&to, &plain("disk full", "x")).await;
    assert_eq!(world.open_incidents().await.len(), 3, "this integration opens for every mail");
    close(world).await;
}

#[tokio::test]
async fn a_mail_that_comes_again_after_its_incident_was_resolved_pages_nobody_and_another_does() {
    let mut world = world().await;
    let to = address(&world, "mail").await;
    let mut mailer = Mailer::connect(&world.machine).await;
    let mail = |id: &str| [format!("Message-ID: <{id}@web01.example.co.jp>\r\n").into_bytes(), plain("disk full", "x")].concat();
    mailer.mail(&to, &mail("1")).await;
    let opened = world.open_incident().await;
    world.expect_texts(&["aiko"]);
    world.minutes(3).await;
    world.ask(opened.id, "resolve", serde_json::json!({}), "aiko").await;
    world.sent();
    // The mailer did not hear that it was taken, also where the listener is another one by then.
    world.minutes(2).await;
    Mailer::connect(&world.machine).await.mail(&to, &mail("1")).await;
    world.expect_silence();
    assert!(world.open_incidents().await.is_empty(), "it is older than the end of its incident");
    assert_eq!(suppressed(&world).await.len(), 1, "it is on the list");
    mailer.mail(&to, &mail("2")).await;
    assert_eq!(world.open_incidents().await.len(), 1, "the trouble anew");
    close(world).await;
}

/// Lets nothing through to the table while it is shut.
#[derive(Debug, Default)]
struct Shut(AtomicBool);

impl Gate for Shut {
    fn pass<'a>(&'a self, _: &'a Call) -> Pending<'a, Passage> {
        let answer = self.0.load(Ordering::Relaxed).then(|| Passage::Answer(Answer::unavailable(Service::DynamoDb)));
        Box::pin(std::future::ready(answer.unwrap_or(Passage::Run)))
    }
}

#[tokio::test]
async fn a_mailer_is_asked_to_try_again_while_the_table_does_not_answer() {
    let shut = Arc::new(Shut::default());
    let secrets = LocalSecrets::passing().unwrap().secrets;
    let machine = Arc::new(Machine::new(Setup {
        database: EmbeddedDynamoDb::memory().unwrap(),
        clock: Arc::new(LocalClock::stopped_at(start())),
        secrets: secrets.clone(),
        public_url: "https://oncall.example.com".to_owned(),
        outbox: None,
        sweep_every: SignedDuration::from_mins(1),
        gate: Some(Arc::<Shut>::clone(&shut)),
        downloads: None,
    }));
    machine.prepare(load(&team())).await.unwrap();
    let id = "mail".parse().unwrap();
    let to = format!("{}@hansho.example", machine.store().mail_address(&id).await.unwrap().local_part(&secrets, &id));
    let mut mailer = Mailer::connect(&machine).await;
    shut.0.store(true, Ordering::Relaxed);
    let reply = mailer.send("root@web01", &to, &plain("disk full", "x")).await;
    assert!(reply.starts_with("451 4.3.0"), "{reply}");
    shut.0.store(false, Ordering::Relaxed);
    mailer.mail(&to, &plain("disk full", "x")).await;
    assert_eq!(machine.store().open_incidents(None).await.unwrap().len(), 1);
}
