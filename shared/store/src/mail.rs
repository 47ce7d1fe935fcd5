//! Mails that come by SMTP. SES gives each a time of its own that stays the same when the mail is handed over again; nobody does here.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    delivery::later,
    error::StoreError,
    item::{n, s, time, timestamp},
    keys,
};

/// How long it is remembered: mailers try for some days (RFC 5321 section 4.5.4.1: at least 4 to 5).
const KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);

impl Store {
    /// When the mail that is known as `id` came first: now, unless it came before. A mailer that did not hear that it was taken sends it
    /// again, and what happened in between is newer than the mail.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn mail_received_at(&self, id: &str) -> Result<Timestamp, StoreError> {
        let (key, now) = (keys::received_mail(id), self.clock.now());
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET received_at = if_not_exists(received_at, :now), expires_at = if_not_exists(expires_at, :expires)")
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":expires", n(later(now, KEPT).as_second()))
            .return_values(ReturnValue::AllNew);
        let answer = self.retrying(&key.pk, || request.clone().send()).await;
        let answer = answer.map_err(|error| StoreError::unavailable("remember a mail", &error))?;
        Ok(answer.attributes.and_then(|found| timestamp(&found, "received_at")).unwrap_or(now))
    }
}
