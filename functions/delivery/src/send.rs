//! One claimed delivery, from the last look to the record.

use std::time::Duration;

use hansho_channels::SendOutcome;
use hansho_domain::{Actor, Command, DeliveryOutcome, Holds, Incident, Input, InputId, Notification, Recipient, Urgency};
use hansho_runtime::{Failure, backoff::backoff};
use hansho_store::{Delivery, Ending, Passage, Setback, StoreError, is_canary, is_test_page};
use jiff::{SignedDuration, Timestamp};

use crate::{
    DeliveryFunction,
    addressee::{Addressee, Reached},
    bundle::Companion,
    unavailable,
};

/// How long one method may take for a page, counted from when it was due; then the person's next method is used.
const BUDGET_HIGH: SignedDuration = SignedDuration::from_secs(60);
/// The same for what wakes nobody.
const BUDGET_LOW: SignedDuration = SignedDuration::from_mins(30);
/// How often a message is sent again that a provider has perhaps accepted. Losing a page is worse than one double.
const REPEATS_MAX: u32 = 1;
const WAIT_BASE: Duration = Duration::from_secs(2);
const WAIT_MAX: Duration = Duration::from_secs(20);

/// Whether a delivery should still be sent.
pub(crate) enum Look {
    /// It should, about this incident.
    Needed(Box<Incident>),
    /// It should not, for this reason.
    Over(String),
    /// An attempt before this one failed for good, and the incident knows.
    Reported(String),
}

impl DeliveryFunction {
    pub(crate) async fn work(&self, delivery: Delivery) -> Result<(), Failure> {
        let incident = match self.look(&delivery).await? {
            Look::Needed(incident) => incident,
            Look::Over(reason) => return self.finish_unsent(&delivery, &Ending::Ended { reason }).await,
            Look::Reported(reason) => return self.finish_unsent(&delivery, &Ending::Failed { reason }).await,
        };
        if is_canary(&incident.service) {
            return self.canary_arrives(&delivery, &incident).await;
        }
        let addressee = match self.addressee(&delivery).await? {
            Reached::At(addressee) => addressee,
            Reached::Nobody(reason) => return self.unreachable(&delivery, &reason).await,
            Reached::NotByThis(reason) => return self.fail_unsent(&delivery, &reason).await,
        };
        if is_test_page(&incident.service) {
            // It passes no gate: a real page must not wait for it.
            let text = self.compose(&delivery, &incident, &[], addressee).await?;
            let outcome = self.channels.send_to(&delivery.notification.to, &text).await;
            return self.record_outcome(&delivery, Vec::new(), outcome).await;
        }
        match self.store.pass_gate(delivery.id, &delivery.notification).await.map_err(unavailable)? {
            Passage::Closed { until, .. } => self.wait_at_gate(&delivery, until).await,
            Passage::Open => {
                let companions = self.companions(&delivery).await?;
                let text = self.compose(&delivery, &incident, &companions, addressee).await?;
                let outcome = self.channels.send_to(&delivery.notification.to, &text).await;
                self.record_outcome(&delivery, companions, outcome).await
            }
        }
    }

    /// The last look before sending: does what the notification was made for still hold?
    pub(crate) async fn look(&self, delivery: &Delivery) -> Result<Look, Failure> {
        let incident = match self.store.incident(delivery.id.incident).await {
            Ok(Some(stored)) => stored.incident,
            Ok(None) => return Ok(Look::Over("its incident does not exist".to_owned())),
            Err(StoreError::UnreadableIncident { incident, message }) => {
                self.report_unreadable(incident, &message).await?;
                return Ok(Look::Over("its incident can not be read; the people of last resort are paged about that".to_owned()));
            }
            Err(error) => return Err(unavailable(error)),
        };
        if incident.has_seen(&failed_input(delivery)) {
            return Ok(Look::Reported(delivery.reason.clone().unwrap_or_else(|| "an attempt before this one failed for good".to_owned())));
        }
        let Notification { holds, .. } = delivery.notification;
        if incident.still_holds(holds, delivery.notification.user()) {
            return Ok(Look::Needed(Box::new(incident)));
        }
        Ok(Look::Over(match holds {
            Holds::Requested { .. } if !incident.phase.is_resolved() => {
                "no longer needed: the request was answered or cancelled".to_owned()
            }
            Holds::Unacknowledged { .. } | Holds::Requested { .. } | Holds::Always => {
                format!("no longer needed: the incident is {}", incident.phase.name().as_str())
            }
        }))
    }

    async fn record_outcome(&self, delivery: &Delivery, companions: Vec<Companion>, outcome: SendOutcome) -> Result<(), Failure> {
        match outcome {
            SendOutcome::Accepted { provider_id } => self.accepted(delivery, companions, provider_id).await,
            SendOutcome::Failed { reason } => {
                // Nothing was said, so whoever comes next need not wait for the gate.
                self.store.reopen_gate(delivery.id, &delivery.notification).await.map_err(unavailable)?;
                self.fail_all(delivery, companions, &reason).await
            }
            SendOutcome::Retry { reason, after_seconds } => self.try_again(delivery, companions, reason, after_seconds).await,
            SendOutcome::Unknown { reason } => self.repeat(delivery, companions, &reason).await,
        }
    }

    async fn accepted(&self, delivery: &Delivery, companions: Vec<Companion>, provider_id: String) -> Result<(), Failure> {
        let together = (!companions.is_empty()).then(|| format!("in one message with {} others", companions.len()));
        let ids = companions.iter().map(|companion| companion.delivery.id).collect();
        // The record of the one whose turn it was comes first: if this dies now, it alone is known to be sent and the
        // others are sent once more, which is the smaller evil. It names the others, for what the provider reports later.
        self.finish(delivery, &Ending::Sent { provider_id, companions: ids, reason: together }).await?;
        for companion in companions {
            let reason = format!("in one message with {}", delivery.id.incident);
            self.finish(&companion.delivery, &Ending::SentAlong { reason }).await?;
        }
        Ok(())
    }

    /// A message for a time is sent before the record says that one is on its way; see the gate.
    async fn try_again(
        &self,
        delivery: &Delivery,
        companions: Vec<Companion>,
        reason: String,
        after_seconds: Option<u32>,
    ) -> Result<(), Failure> {
        let at = self.next_attempt(delivery, after_seconds);
        if at > deadline_of(delivery) {
            self.store.reopen_gate(delivery.id, &delivery.notification).await.map_err(unavailable)?;
            return self.fail_all(delivery, companions, &format!("given up: {reason}")).await;
        }
        for one in std::iter::once(delivery).chain(companions.iter().map(|companion| &companion.delivery)) {
            self.come_back(one.id, at).await?;
            self.end(one, &Ending::Retry { at, reason: reason.clone(), setback: Setback::Refused }).await?;
        }
        Ok(())
    }

    /// Nobody knows whether the message was sent. The gate stays closed: perhaps it was.
    async fn repeat(&self, delivery: &Delivery, companions: Vec<Companion>, reason: &str) -> Result<(), Failure> {
        let at = self.next_attempt(delivery, None);
        for one in std::iter::once(delivery).chain(companions.iter().map(|companion| &companion.delivery)) {
            if one.unanswered >= REPEATS_MAX || at > deadline_of(one) {
                self.fail(one, &format!("given up, though it may have been sent: {reason}")).await?;
            } else {
                self.come_back(one.id, at).await?;
                self.end(one, &Ending::Retry { at, reason: reason.to_owned(), setback: Setback::Unanswered }).await?;
            }
        }
        Ok(())
    }

    /// When the next attempt may be made, at the earliest after as many seconds as the provider asks for.
    fn next_attempt(&self, delivery: &Delivery, after_seconds: Option<u32>) -> Timestamp {
        let wait = backoff(&delivery.id.to_string(), delivery.refusals + delivery.unanswered + 1, WAIT_BASE, WAIT_MAX);
        let asked = Duration::from_secs(after_seconds.unwrap_or(0).into());
        let wait = SignedDuration::try_from(wait.max(asked)).unwrap_or(BUDGET_HIGH);
        self.store.clock().now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    async fn fail_all(&self, delivery: &Delivery, companions: Vec<Companion>, reason: &str) -> Result<(), Failure> {
        self.fail(delivery, reason).await?;
        for companion in companions {
            self.fail(&companion.delivery, reason).await?;
        }
        Ok(())
    }

    /// This method does not work: the incident is told first, so that the next method is on its way before this one ends.
    pub(crate) async fn fail(&self, delivery: &Delivery, reason: &str) -> Result<(), Failure> {
        if let Some(command) = failure(delivery, reason) {
            self.tell(delivery, command).await?;
        }
        self.finish(delivery, &Ending::Failed { reason: reason.to_owned() }).await
    }

    /// No method can reach this person.
    async fn unreachable(&self, delivery: &Delivery, reason: &str) -> Result<(), Failure> {
        let holds = delivery.notification.holds;
        if let (Some(user), true) = (delivery.notification.user(), is_followed(holds)) {
            self.tell(delivery, Command::TargetUnreachable { user: user.clone(), holds, reason: reason.to_owned() }).await?;
        }
        self.finish_unsent(delivery, &Ending::Failed { reason: reason.to_owned() }).await
    }

    /// This method does not work, and nobody was asked.
    async fn fail_unsent(&self, delivery: &Delivery, reason: &str) -> Result<(), Failure> {
        self.hand_on(delivery).await?;
        self.fail(delivery, reason).await
    }

    /// Ends the claim of what was not sent.
    async fn finish_unsent(&self, delivery: &Delivery, ending: &Ending) -> Result<(), Failure> {
        self.hand_on(delivery).await?;
        self.finish(delivery, ending).await
    }

    async fn tell(&self, delivery: &Delivery, command: Command) -> Result<(), Failure> {
        let input = Input { id: failed_input(delivery), actor: Actor::Hansho, command };
        match self.store.apply(delivery.id.incident, &input).await {
            Ok(_) => Ok(()),
            Err(StoreError::UnreadableIncident { incident, message }) => self.report_unreadable(incident, &message).await,
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Ends the claim, and takes the delivery off the gate if it waited there.
    pub(crate) async fn finish(&self, delivery: &Delivery, ending: &Ending) -> Result<(), Failure> {
        self.end(delivery, ending).await?;
        // Only what was claimed before can have waited.
        if delivery.attempt > 1 {
            self.store.leave_gate(delivery.id, &delivery.notification).await.map_err(unavailable)?;
        }
        Ok(())
    }

    async fn compose(
        &self,
        delivery: &Delivery,
        incident: &Incident,
        companions: &[Companion],
        to: Addressee,
    ) -> Result<hansho_channels::Message, Failure> {
        if companions.is_empty() { self.page(delivery, incident, to).await } else { self.bundle(delivery, incident, companions, to).await }
    }
}

/// The input by which the incident learns that this delivery failed: once, however often the attempt is repeated.
pub(crate) fn failed_input(delivery: &Delivery) -> InputId {
    InputId::derived(format!("failed-{}", delivery.id))
}

/// What the incident is told when the delivery has failed. `None` where nobody would do anything about it: a machine or a
/// channel has no other method, and the delivery itself says that it failed.
pub(crate) fn failure(delivery: &Delivery, reason: &str) -> Option<Command> {
    let holds = delivery.notification.holds;
    match &delivery.notification.to {
        Recipient::Person { user, method } if is_followed(holds) => Some(Command::DeliveryReport {
            delivery: delivery.id,
            user: user.clone(),
            method: *method,
            holds,
            outcome: DeliveryOutcome::Failed(reason.to_owned()),
        }),
        Recipient::Person { .. } | Recipient::Destination { .. } => None,
    }
}

/// Whether the incident looks after it that the person is reached.
fn is_followed(holds: Holds) -> bool {
    match holds {
        Holds::Unacknowledged { .. } | Holds::Requested { .. } => true,
        Holds::Always => false,
    }
}

/// When the method counts as not working. Whoever was never asked has not refused: a late first attempt is made in any case.
fn deadline_of(delivery: &Delivery) -> Timestamp {
    let budget = match delivery.notification.urgency {
        Urgency::High => BUDGET_HIGH,
        Urgency::Low => BUDGET_LOW,
    };
    delivery.created_at.saturating_add(budget).unwrap_or(Timestamp::MAX)
}
