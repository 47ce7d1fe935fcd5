//! One conversation with a mailer (RFC 5321).

use std::io;

use hansho_email_intake::Envelope;
use hansho_runtime::Clock;
use hansho_store::StoreError;
use jiff::Timestamp;
use smtp_proto::{
    Error, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MailFrom, Request,
    request::receiver::{DataReceiver, DummyDataReceiver, MAX_LINE_LENGTH},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::Duration,
};

use super::{
    letter::{Counter, Letter},
    reply::Reply,
};

/// Largest mail, in bytes: that of SES (SES quotas: 40 MB for a mail that is received).
pub const MAIL_BYTES_MAX: usize = 40 * 1024 * 1024;
/// Most recipients of a mail (RFC 5321 section 4.5.3.1.8: at least 100).
pub(super) const RECIPIENTS_MAX: usize = 100;
/// How long the mailer may be silent (RFC 5321 section 4.5.3.2.7: at least five minutes).
const SILENCE_MAX: Duration = Duration::from_secs(5 * 60);
/// Most mistakes of one conversation.
const MISTAKES_MAX: u32 = 10;
/// Bytes that are read at a time.
const READ_BYTES: usize = 64 * 1024;

/// Where mails go.
pub(super) trait Desk: Sync {
    /// What time it is there.
    fn now(&self) -> Timestamp;

    /// Takes a mail in. When this is `Ok`, it is durable.
    fn take(&self, envelope: &Envelope, raw: &[u8]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What follows after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    HangUp,
}

/// A conversation.
pub(super) struct Session<'a, S, D> {
    stream: S,
    desk: &'a D,
    counter: &'a Counter,
    /// Waits on the machine's clock, also where the desk's is virtual.
    patience: &'a dyn Clock,
    /// What was read and not yet understood.
    unread: Vec<u8>,
    has_greeted: bool,
    letter: Option<Letter>,
    mistakes: u32,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin + Send, D: Desk> Session<'a, S, D> {
    pub(super) fn new(stream: S, desk: &'a D, counter: &'a Counter, patience: &'a dyn Clock) -> Self {
        Self { stream, desk, counter, patience, unread: Vec::new(), has_greeted: false, letter: None, mistakes: 0 }
    }

    /// There is no place for it.
    pub(super) async fn turn_away(mut self) -> io::Result<()> {
        self.say(&Reply::too_many_conversations()).await?;
        self.stream.shutdown().await
    }

    /// Talks until one of the two ends it.
    pub(super) async fn converse(mut self) -> io::Result<()> {
        self.say(&Reply::greeting()).await?;
        while let Some(line) = self.line().await? {
            let request = match line {
                Line::TooLong => Err(Error::ResponseTooLong),
                Line::Whole(line) => Request::parse(&mut line.iter()).map(Request::into_owned),
            };
            let next = match request {
                Ok(request) => self.answer(request).await?,
                Err(error) => self.mistake(&error).await?,
            };
            if next == Next::HangUp {
                break;
            }
        }
        self.stream.shutdown().await
    }

    async fn answer(&mut self, request: Request<String>) -> io::Result<Next> {
        let reply = match request {
            Request::Ehlo { .. } => {
                (self.has_greeted, self.letter) = (true, None);
                self.write(&Reply::ehlo()).await?;
                return Ok(Next::GoOn);
            }
            Request::Helo { .. } => {
                (self.has_greeted, self.letter) = (true, None);
                Reply::helo()
            }
            Request::Mail { from } => self.begin(from),
            Request::Rcpt { to } => self.address_to(to.address),
            Request::Data => return self.data().await,
            Request::Rset => {
                self.letter = None;
                Reply::done()
            }
            Request::Noop { .. } => Reply::done(),
            Request::Vrfy { .. } => Reply::not_verified(),
            Request::Help { .. } => Reply::help(),
            Request::Quit => {
                self.say(&Reply::bye()).await?;
                return Ok(Next::HangUp);
            }
            // What follows would be read as commands (RFC 3030); it was not offered, so nobody sends it in good faith.
            Request::Bdat { .. } | Request::Burl { .. } => {
                self.say(&Reply::not_offered(&request)).await?;
                return Ok(Next::HangUp);
            }
            Request::Lhlo { .. }
            | Request::Auth { .. }
            | Request::Expn { .. }
            | Request::Etrn { .. }
            | Request::Atrn { .. }
            | Request::StartTls => Reply::not_offered(&request),
        };
        self.say(&reply).await?;
        Ok(Next::GoOn)
    }

    fn begin(&mut self, from: MailFrom<String>) -> Reply {
        if !self.has_greeted {
            return Reply::out_of_order("EHLO");
        }
        if self.letter.is_some() {
            return Reply::out_of_order("DATA, or RSET to begin anew");
        }
        if from.size > MAIL_BYTES_MAX {
            return Reply::too_large();
        }
        if from.flags & MAIL_BODY_BINARYMIME != 0 {
            return Reply::parameter_not_offered("BODY=BINARYMIME");
        }
        if from.flags & MAIL_REQUIRETLS != 0 {
            return Reply::parameter_not_offered("REQUIRETLS");
        }
        self.letter = Some(Letter { sender: from.address, recipients: Vec::new() });
        Reply::done()
    }

    fn address_to(&mut self, recipient: String) -> Reply {
        let Some(letter) = &mut self.letter else { return Reply::out_of_order("MAIL FROM") };
        if letter.recipients.len() >= RECIPIENTS_MAX {
            return Reply::too_many_recipients();
        }
        letter.recipients.push(recipient);
        Reply::done()
    }

    /// The mail itself. The reply comes when it is durable, and not before.
    async fn data(&mut self) -> io::Result<Next> {
        let Some(letter) = self.letter.take_if(|letter| !letter.recipients.is_empty()) else {
            self.say(&Reply::out_of_order("MAIL FROM and RCPT TO")).await?;
            return Ok(Next::GoOn);
        };
        self.say(&Reply::send_it()).await?;
        let Some(raw) = self.mail().await? else {
            self.say(&Reply::too_large()).await?;
            return Ok(Next::GoOn);
        };
        let envelope = letter.envelope(&raw, self.counter, self.desk.now());
        let reply = match self.desk.take(&envelope, &raw).await {
            Ok(()) => Reply::taken(&envelope.id),
            Err(error) => {
                tracing::error!(error = %hansho_runtime::chain(&error), "a mail could not be made durable; its mailer is asked to try again");
                Reply::not_durable()
            }
        };
        self.say(&reply).await?;
        Ok(Next::GoOn)
    }

    /// Reads to the line that is a dot. `None`: it is too large; what is too much is read and forgotten.
    async fn mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (mut raw, mut receiver) = (Vec::new(), DataReceiver::new());
        loop {
            let mut unread = self.unread.iter();
            let is_whole = receiver.ingest(&mut unread, &mut raw);
            self.unread = unread.as_slice().to_vec();
            if is_whole {
                return Ok((raw.len() <= MAIL_BYTES_MAX).then_some(raw));
            }
            if raw.len() > MAIL_BYTES_MAX {
                break;
            }
            self.must_read().await?;
        }
        drop(raw);
        let mut rest = DummyDataReceiver::new_data(&receiver);
        loop {
            self.must_read().await?;
            let mut unread = self.unread.iter();
            let is_whole = rest.ingest(&mut unread);
            self.unread = unread.as_slice().to_vec();
            if is_whole {
                return Ok(None);
            }
        }
    }

    /// Whoever writes what is no command before it has greeted speaks another language, such as a browser that was told to post here.
    async fn mistake(&mut self, error: &Error) -> io::Result<Next> {
        self.mistakes += 1;
        self.say(&Reply::mistake(error)).await?;
        if !self.has_greeted && matches!(error, Error::UnknownCommand) {
            return Ok(Next::HangUp);
        }
        if self.mistakes < MISTAKES_MAX {
            return Ok(Next::GoOn);
        }
        self.say(&Reply::too_many_mistakes()).await?;
        Ok(Next::HangUp)
    }

    /// The next line with its end; `None` when the mailer has hung up.
    async fn line(&mut self) -> io::Result<Option<Line>> {
        let mut is_too_long = false;
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                is_too_long |= line.len() > MAX_LINE_LENGTH;
                return Ok(Some(if is_too_long { Line::TooLong } else { Line::Whole(line) }));
            }
            if self.unread.len() > MAX_LINE_LENGTH {
                is_too_long = true;
                self.unread.clear();
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    async fn must_read(&mut self) -> io::Result<()> {
        if self.read().await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Reads more; `false` when nothing comes any more.
    async fn read(&mut self) -> io::Result<bool> {
        let mut more = vec![0; READ_BYTES];
        let read = tokio::select! {
            biased;
            read = self.stream.read(&mut more) => read?,
            () = self.patience.sleep(SILENCE_MAX) => {
                self.say(&Reply::too_slow()).await?;
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        self.unread.extend(more.iter().take(read));
        Ok(read > 0)
    }

    async fn say(&mut self, reply: &Reply) -> io::Result<()> {
        self.write(format!("{}\r\n", reply.0).as_bytes()).await
    }

    /// A mailer that reads nothing is waited for as long as one that says nothing.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        tokio::select! {
            biased;
            written = async { self.stream.write_all(bytes).await?; self.stream.flush().await } => written,
            () = self.patience.sleep(SILENCE_MAX) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// A line of the mailer.
enum Line {
    Whole(Vec<u8>),
    TooLong,
}
