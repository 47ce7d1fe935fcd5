//! The SMTP listener on loopback: in the local run it stands where SES does, so that any mailer can page. Every mail goes to the
//! handler of `email-intake`, with what the envelope says.
//!
//! Like SES it takes mail for whatever address: one that is nobody's ends on the list of suppressed alerts. A mail is answered with
//! 250 when it is durable, and with 451 when it could not be made so, on which mailers try again.

mod letter;
mod reply;
mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hansho_email_intake::{Envelope, Verdict, Verdicts};
use hansho_runtime::{Clock, SystemClock};
use hansho_store::StoreError;
use jiff::Timestamp;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time::Duration};

use super::{machine::Machine, server::Shared};
use letter::Counter;
pub use session::MAIL_BYTES_MAX;
use session::{Desk, Session};

/// Most conversations at a time. Each may hold a mail of [`MAIL_BYTES_MAX`].
const CONVERSATIONS_MAX: usize = 10;
/// Longest conversation.
const CONVERSATION_MAX: Duration = Duration::from_secs(30 * 60);
/// How long the listener waits when the system gives it no connection, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes mails in for a machine, as long as this is polled.
pub async fn receive_mail(machine: Arc<Machine>, listener: TcpListener) {
    serve(listener, Arc::new(Shared::new(machine, &[]))).await;
}

/// The same where whoever sends is taken for whom they say, as [`super::Options::smtp_trust_senders`] has it.
pub async fn receive_mail_of_trusted(machine: Arc<Machine>, listener: TcpListener) {
    serve(listener, Arc::new(Shared::new(machine, &[]).trusting_senders(true))).await;
}

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let counter = Arc::new(Counter::new());
    let places = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    // Whoever drops the listener ends its conversations.
    let mut conversations = JoinSet::new();
    loop {
        while conversations.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a mailer could not be heard");
                SystemClock.sleep(PAUSE).await;
                continue;
            }
        };
        let place = Arc::clone(&places).try_acquire_owned();
        let (shared, counter) = (Arc::clone(&shared), Arc::clone(&counter));
        conversations.spawn(async move {
            let session = Session::new(stream, &*shared, &counter, &SystemClock);
            let conversation = async {
                match place {
                    Ok(_place) => session.converse().await,
                    Err(_) => session.turn_away().await,
                }
            };
            tokio::select! {
                ended = conversation => if let Err(error) = ended {
                    tracing::debug!(%error, "a mailer went away in the middle");
                },
                () = SystemClock.sleep(CONVERSATION_MAX) => tracing::warn!("a conversation with a mailer took too long"),
            }
        });
    }
}

impl Desk for Shared {
    fn now(&self) -> Timestamp {
        self.machine.clock().now()
    }

    async fn take(&self, envelope: &Envelope, raw: &[u8]) -> Result<(), StoreError> {
        let received_at = Some(self.machine.store().mail_received_at(&envelope.id).await?);
        let dmarc = if self.trusts_senders { Verdict::Pass } else { Verdict::Unknown };
        let envelope = Envelope { received_at, verdicts: Verdicts { dmarc, ..envelope.verdicts }, ..envelope.clone() };
        let taken = self.machine.functions().email_intake().receive(&envelope, raw).await;
        // Also where one of several recipients failed: what was taken in for the others is followed up.
        self.follow_up().await;
        taken.map(|_| ())
    }
}
