//! Applies an answer to the mail of a page, if its sender may.

use hansho_domain::{Actor, Command, EffectId, Ignored, IncidentId, Input, InputId, Method, Recipient, UserId};
use hansho_store::{AddressHash, Applied, Store, StoreError};

use crate::{
    envelope::Verdict,
    mail::Mail,
    reply::{self, Reply},
    signal::Arrival,
};

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is on the timeline of this incident, and of those that were in one message with it.
    Applied(IncidentId),
    /// Nothing follows from it, and why.
    Refused(String),
}

/// Applies what `arrival` asks for. Only the person to whom the page was sent may ask, from the address that they have proven to be
/// theirs, and only where DMARC says that it is that address.
///
/// # Errors
/// DynamoDB does not answer, or an incident can not be read.
pub async fn apply(store: &Store, arrival: &Arrival<'_>) -> Result<Answered, StoreError> {
    if arrival.envelope.verdicts.dmarc != Verdict::Pass {
        return Ok(refused("it is an answer, and DMARC does not vouch for its sender"));
    }
    let Some(page) = page(store, arrival.mail).await? else {
        return Ok(refused("it is no answer to a page that Hansho has sent: use the mail program's reply on the mail itself"));
    };
    if !is_of(store, &page.user, arrival.mail.from.as_deref()).await? {
        return Ok(refused("it is an answer to somebody's page, and not from the proven address of that person"));
    }
    let Reply { command, note } = reply::read(arrival.mail);
    let commands: Vec<Command> = command.into_iter().chain(note.map(|text| Command::Note { text })).collect();
    if commands.is_empty() {
        return Ok(refused("it is an answer without a word of its own"));
    }
    let mut reached = None;
    let mut why = String::new();
    for incident in page.incidents {
        for (index, command) in commands.iter().enumerate() {
            let id = InputId::derived(format!("mail-{}-{index}", arrival.alert_id()));
            let input = Input { id, actor: Actor::User(page.user.clone()), command: command.clone() };
            match store.apply(incident, &input).await? {
                Applied::Changed(_) | Applied::Ignored(Ignored::AlreadyApplied, _) => reached = reached.or(Some(incident)),
                Applied::Ignored(..) => why = format!("it is an answer that changes nothing: incident {incident} is as it says already"),
                Applied::Rejected(rejected, _) => why = format!("it is an answer that came too late: {rejected}"),
                Applied::Unknown => why = "it is an answer about an incident that is not kept any more".to_owned(),
            }
        }
    }
    Ok(reached.map_or(Answered::Refused(why), Answered::Applied))
}

fn refused(why: &str) -> Answered {
    Answered::Refused(why.to_owned())
}

/// A page that was sent by mail.
struct Page {
    user: UserId,
    incidents: Vec<IncidentId>,
}

/// The page that a mail answers.
async fn page(store: &Store, mail: &Mail) -> Result<Option<Page>, StoreError> {
    for message in reply::answered(mail) {
        let deliveries: Vec<EffectId> = store.deliveries_of_message(Method::Email, &message).await?;
        let Some(first) = deliveries.first() else { continue };
        let Some(delivery) = store.delivery(*first).await? else { continue };
        if let Recipient::Person { user, .. } = delivery.notification.to {
            let mut incidents: Vec<IncidentId> = deliveries.iter().map(|delivery| delivery.incident).collect();
            incidents.dedup();
            return Ok(Some(Page { user, incidents }));
        }
    }
    Ok(None)
}

/// Whether `from` is the address that the person has, and has proven to be theirs.
async fn is_of(store: &Store, user: &UserId, from: Option<&str>) -> Result<bool, StoreError> {
    let (Some(from), Some(profile)) = (from, store.profile(user).await?) else { return Ok(false) };
    if !profile.contact.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(from)) {
        return Ok(false);
    }
    // The proof is of the address as the profile has it.
    let is_kept = AddressHash::of(&profile.contact, Method::Email).is_some();
    let proofs = store.contact_proofs(user, &profile.contact).await?;
    Ok(is_kept && proofs.get(&Method::Email).is_some_and(|proof| proof.verified_at.is_some()))
}
