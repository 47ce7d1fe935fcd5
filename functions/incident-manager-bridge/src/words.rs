//! What the other side is told, in its limits.

use hansho_api::page::{Reader, sentences};
use hansho_domain::{Bridge, Bundle, Event, Incident, IncidentId, Severity, TimelineEntry, UserId, text};
use jiff::Timestamp;

/// Whom an incident says it comes from. It must not begin with `aws.` (`TriggerDetails`, Incident Manager API reference), nor have
/// `aws`, `amazon` or `amzn` in it (`CreateOpsItem`, Systems Manager API reference).
pub(crate) const SOURCE: &str = "hansho";
/// What Incident Manager takes, in characters (API reference: `IncidentTitle`, `RawData`, `EventData`, `RelatedItemTitleString`, `Url`).
pub(crate) const TITLE_MAX: usize = 200;
pub(crate) const RAW_MAX: usize = 10_000;
pub(crate) const EVENT_DATA_MAX: usize = 12_000;
/// Longest account of a timeline entry; it becomes longer as JSON.
const TOLD_MAX: usize = 11_000;
const LINK_MAX: usize = 1_000;

/// What an incident is opened with. The same whenever it is asked for, because a client token stands for one request.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) incident: IncidentId,
    pub(crate) service: String,
    pub(crate) title: String,
    pub(crate) details: String,
    pub(crate) severity: Severity,
    pub(crate) at: Timestamp,
    /// What the source sent first.
    pub(crate) raw: Option<String>,
    /// The alarm, if it is one with an ARN.
    pub(crate) arn: Option<String>,
    pub(crate) links: Vec<Link>,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) title: String,
    pub(crate) to: LinkTo,
}

/// What it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LinkTo {
    Url(String),
    Arn(String),
}

/// What is told of a timeline entry.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) version: u64,
    pub(crate) at: Timestamp,
    pub(crate) text: String,
    /// Whether it is what somebody wrote.
    pub(crate) is_note: bool,
    pub(crate) links: Vec<Link>,
}

/// 1 is the highest of five (`Impact`, Incident Manager API reference); 5, "no impact", is nothing that Hansho pages for.
pub(crate) fn impact(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 1,
        Severity::Error => 2,
        Severity::Warning => 3,
        Severity::Info => 4,
    }
}

/// The alarm that the incident is about.
pub(crate) fn arn_of(incident: &Incident) -> Option<String> {
    let arn = incident.dedup_key.as_str();
    is_arn(arn).then(|| arn.to_owned())
}

/// As `Arn` of Incident Manager has it: `^arn:aws(-cn|-us-gov)?:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12})?:.+$`, up to 1,000 characters.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts.as_slice() else { return false };
    let is_name = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    *scheme == "arn"
        && ["aws", "aws-cn", "aws-us-gov"].contains(partition)
        && is_name(service)
        && is_name(region)
        && (account.is_empty() || account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
        && !resource.is_empty()
        && !resource.contains(['\n', '\r'])
        && text.chars().count() <= LINK_MAX
}

/// What to look at about an incident, in this order.
pub(crate) fn links(incident: &Incident, public_url: &str) -> Vec<Link> {
    let page = Some(("Hansho", format!("{public_url}/incidents/{}", incident.id)));
    let runbook = incident.runbook.clone().map(|runbook| ("Runbook", runbook));
    let source = incident.link.clone().map(|link| ("Source", link));
    let urls = [page, runbook, source].into_iter().flatten();
    let mut links: Vec<Link> =
        urls.filter(|(_, url)| fits(url)).map(|(title, url)| Link { title: title.to_owned(), to: LinkTo::Url(url) }).collect();
    links.extend(arn_of(incident).map(|arn| Link { title: "Alarm".to_owned(), to: LinkTo::Arn(arn) }));
    links
}

fn fits(url: &str) -> bool {
    url.chars().count() <= LINK_MAX
}

/// What is told of an entry, as the bridge's language has it.
pub(crate) fn told(entry: &TimelineEntry, reader: &Reader) -> Told {
    let linked = entry.events.iter().filter_map(|event| if let Event::Linked { references } = event { Some(references) } else { None });
    let links = linked.flatten().filter(|reference| fits(&reference.address)).map(|reference| Link {
        title: if reference.text.is_empty() { "Link".to_owned() } else { text::cut(&reference.text, TITLE_MAX) },
        to: LinkTo::Url(reference.address.clone()),
    });
    Told {
        version: entry.version,
        at: entry.at,
        text: text::cut(&sentences(entry, reader).join("\n"), TOLD_MAX),
        is_note: !entry.events.is_empty() && entry.events.iter().all(|event| matches!(event, Event::Noted { .. })),
        links: links.collect(),
    }
}

/// Whoever reads the other side.
pub(crate) fn reader(bridge: &Bridge, bundle: &Bundle, user: UserId, now: Timestamp) -> Reader {
    let names = bundle.users.iter().map(|user| (user.id().clone(), user.name().to_owned())).collect();
    Reader { user, language: bridge.language, time_zone: bridge.time_zone.clone(), now, names }
}

#[cfg(test)]
mod tests {
    use super::is_arn;

    #[test]
    fn only_what_incident_manager_takes_for_an_arn_is_one() {
        for (text, expected) in [
            ("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx", true),
            ("arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:日本語", true),
            ("arn:aws:s3:::bucket", true),
            ("arn:aws-iso:s3:::bucket", false),
            ("arn:aws:cloudwatch:ap-northeast-1:1111:alarm:x", false),
            ("arn:aws:cloudwatch:ap-northeast-1:111122223333:", false),
            ("pay-1", false),
        ] {
            assert_eq!(is_arn(text), expected, "{text}");
        }
        assert!(!is_arn(&format!("arn:aws:s3:::{}", "a".repeat(1_000))));
    }
}
