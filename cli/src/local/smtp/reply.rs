//! What the listener answers: codes of RFC 5321 section 4.2, enhanced codes of RFC 3463.

use smtp_proto::{
    EXT_8BIT_MIME, EXT_ENHANCED_STATUS_CODES, EXT_PIPELINING, EXT_SIZE, EXT_SMTP_UTF8, EhloResponse, Error, Request,
    request::receiver::MAX_LINE_LENGTH,
};

use super::session::{MAIL_BYTES_MAX, RECIPIENTS_MAX};

/// The name by which it greets.
const HOST: &str = "localhost";

/// A reply of one line, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply(pub(super) String);

impl Reply {
    fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }

    pub(super) fn greeting() -> Self {
        Self::new(format!("220 {HOST} ESMTP Hansho takes mail for its integrations"))
    }

    pub(super) fn helo() -> Self {
        Self::new(format!("250 {HOST}"))
    }

    /// What it offers besides RFC 5321: names in UTF-8 (RFC 6531), 8 bits (RFC 6152), a size (RFC 1870).
    pub(super) fn ehlo() -> Vec<u8> {
        let mut response = EhloResponse::new(HOST);
        response.capabilities = EXT_8BIT_MIME | EXT_ENHANCED_STATUS_CODES | EXT_PIPELINING | EXT_SIZE | EXT_SMTP_UTF8;
        response.size = MAIL_BYTES_MAX;
        let mut lines = Vec::new();
        // Writing into memory does not fail.
        let _ = response.write(&mut lines);
        lines
    }

    pub(super) fn done() -> Self {
        Self::new("250 2.0.0 OK")
    }

    pub(super) fn taken(id: &str) -> Self {
        Self::new(format!("250 2.0.0 it is durable as {id}"))
    }

    pub(super) fn send_it() -> Self {
        Self::new("354 send the mail; end it with a line that is a dot")
    }

    pub(super) fn bye() -> Self {
        Self::new("221 2.0.0 bye")
    }

    /// Whatever it is, SMTP lets nobody ask who is there.
    pub(super) fn not_verified() -> Self {
        Self::new("252 2.1.5 send it and see: mail to every address is taken")
    }

    pub(super) fn help() -> Self {
        Self::new("214 2.0.0 EHLO, MAIL FROM:<...>, RCPT TO:<the address of an integration>, DATA")
    }

    pub(super) fn too_many_conversations() -> Self {
        Self::new("421 4.3.2 too many mailers at a time; try again")
    }

    pub(super) fn too_slow() -> Self {
        Self::new("421 4.4.2 nothing came for too long; connect again")
    }

    pub(super) fn too_many_mistakes() -> Self {
        Self::new("421 4.7.0 too many commands that are none; connect again")
    }

    pub(super) fn not_durable() -> Self {
        Self::new("451 4.3.0 the mail could not be made durable; try again")
    }

    pub(super) fn too_many_recipients() -> Self {
        Self::new(format!("452 4.5.3 a mail has at most {RECIPIENTS_MAX} recipients; send it again to the others"))
    }

    pub(super) fn too_large() -> Self {
        Self::new(format!("552 5.3.4 a mail has at most {MAIL_BYTES_MAX} bytes, here as with SES; attach less"))
    }

    pub(super) fn too_long() -> Self {
        Self::new(format!("500 5.5.6 a command has at most {MAX_LINE_LENGTH} bytes"))
    }

    pub(super) fn out_of_order(first: &str) -> Self {
        Self::new(format!("503 5.5.1 first {first}"))
    }

    pub(super) fn not_offered(request: &Request<String>) -> Self {
        Self::new(format!("502 5.5.1 {} is not offered: this listener is for programs of this machine", request.name()))
    }

    pub(super) fn parameter_not_offered(parameter: &str) -> Self {
        Self::new(format!("555 5.5.4 {} is not offered", printable(parameter)))
    }

    /// What is wrong with a command.
    pub(super) fn mistake(error: &Error) -> Self {
        match error {
            Error::InvalidSenderAddress => Self::new("501 5.1.7 the sender is no address; write MAIL FROM:<name@example.com>"),
            Error::InvalidRecipientAddress => Self::new("501 5.1.3 the recipient is no address; write RCPT TO:<name@example.com>"),
            Error::SyntaxError { syntax } => Self::new(format!("501 5.5.4 write {syntax}")),
            Error::InvalidParameter { param } => Self::new(format!("501 5.5.4 the value of {param} is none")),
            Error::UnsupportedParameter { param } => Self::parameter_not_offered(param),
            Error::ResponseTooLong => Self::too_long(),
            Error::UnknownCommand | Error::NeedsMoreData { .. } | Error::InvalidResponse { .. } => {
                Self::new("500 5.5.1 this is no command of SMTP")
            }
        }
    }
}

/// What a client wrote, as it may stand in a line that goes back to it.
fn printable(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(40).collect()
}
