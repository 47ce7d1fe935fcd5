//! Test pages: a real page to one person, the whole way through table, stream, queue, delivery and provider. The person has asked for it, or
//! whoever runs Hansho has, who tries the way to them.
//!
//! Its incident is of a service that is built in and calls this person and nobody else, whoever covers for them and whatever window is on.
//! It is on no list, counts in no allowance, passes no gate (a real page waits for no test) and resolves itself.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use hansho_domain::{
    Actor, Alert, AlertId, Bundle, DedupKey, EscalationPolicy, Incident, IncidentId, IntegrationId, InvalidId, Labels, Method, PolicyId,
    PolicyStep, Problems, QuietTimes, Roster, Service, ServiceId, ServiceSpec, Severity, Target, User, UserId, open,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::{
    Store,
    commit::{Commit, Extra},
    delivery::later,
    error::StoreError,
    frequency::{Count, Frequency},
    item::{Item, With, item, n, s, text, time, timestamp},
    keys,
};

/// How often somebody may ask for one: messages cost money.
const ASKING: Frequency = Frequency { apart: SignedDuration::from_secs(60), max: 10, within: SignedDuration::from_hours(24) };
/// So long it waits for an answer before it resolves itself: every rule of most people has come due by then.
const RESOLVES_AFTER_SECONDS: u32 = 30 * 60;
/// How long its policy waits for the person, and when it would page again: never before it is over.
const WAIT_SECONDS: u32 = 86_400;
/// The beginning of its dedup keys, before the name of its person.
const DEDUP_PREFIX: &str = "test-page/";
/// The policy of each: a name that no configuration gives to anything, for it is looked up nowhere.
const POLICY: &str = "test-page";

/// The newest test page of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPage {
    /// Its incident.
    pub incident: IncidentId,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When and by which method they last answered one: this one, or an earlier one.
    pub answered: Option<(Timestamp, Method)>,
    /// Whether it was this one.
    pub is_answered: bool,
}

impl TestPage {
    fn from_item(found: &Item) -> Option<Self> {
        let method = text(found, "answered_by").and_then(|word| Method::ALL.into_iter().find(|method| method.as_str() == word));
        Some(Self {
            incident: text(found, "incident")?.parse().ok()?,
            asked_at: timestamp(found, "asked_at")?,
            answered: timestamp(found, "answered_at").zip(method),
            is_answered: text(found, "answered") == text(found, "incident"),
        })
    }
}

/// A test page as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct TestPageRequest<'a> {
    /// The same again pages nobody.
    pub id: &'a str,
    /// What the page says.
    pub title: &'a str,
    /// What else is told where there is room.
    pub details: &'a str,
    /// Who asks.
    pub by: &'a Actor,
}

/// What asking for a test page comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum TestPageAsked {
    /// It is on its way.
    Sent(IncidentId),
    /// This very request was made before.
    Known(IncidentId),
    /// There were too many of late.
    TooOften {
        /// When the next may be asked for.
        again_at: Timestamp,
    },
    /// There is no such person, or they have no way to be told.
    Nobody,
}

/// Whether the service is that of test pages.
pub fn is_test_page(service: &ServiceId) -> bool {
    *service == ServiceId::test_page()
}

/// Whose test page it is; `None` for an incident that is none.
pub fn person_of_test_page(incident: &Incident) -> Option<UserId> {
    if !is_test_page(&incident.service) {
        return None;
    }
    incident.dedup_key.as_str().strip_prefix(DEDUP_PREFIX)?.split('/').next()?.parse().ok()
}

/// What a test page needs: a policy that calls its person, and nobody in their place.
fn bundle(version: u64, user: Option<User>) -> Result<Bundle, StoreError> {
    let service = ServiceId::test_page();
    let unreadable = |error: &dyn std::fmt::Display| StoreError::unreadable(ServiceId::test_page().as_str(), error);
    let wrong = |problems: Problems| unreadable(&problems);
    let policy = PolicyId::new(POLICY).map_err(|error: InvalidId| unreadable(&error))?;
    let user = user.map(|user| user.with_quiet(QuietTimes::default())).transpose().map_err(wrong)?;
    // A step has to call somebody; whoever has left is not among its people, and nobody is called.
    let nobody = UserId::new("nobody").map_err(|error: InvalidId| unreadable(&error))?;
    let target = Target::User(user.as_ref().map_or(nobody, |user| user.id().clone()));
    let spec = ServiceSpec {
        name: "Hansho".to_owned(),
        auto_resolve_seconds: Some(RESOLVES_AFTER_SECONDS),
        repage_seconds: Some(WAIT_SECONDS),
        ..ServiceSpec::new(service, policy.clone())
    };
    Ok(Bundle {
        version,
        service: Service::new(spec).map_err(wrong)?,
        policy: EscalationPolicy::new(policy, vec![PolicyStep::calling(vec![target], WAIT_SECONDS)], 0).map_err(wrong)?,
        policies: Vec::new(),
        schedules: Vec::new(),
        teams: Vec::new(),
        users: user.into_iter().collect(),
        fallback: Vec::new(),
        hours: Vec::new(),
        maintenance: Vec::new(),
    })
}

impl Store {
    /// The newest test page of a person.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn test_page(&self, user: &UserId) -> Result<Option<TestPage>, StoreError> {
        Ok(self.get(&keys::test_page(user)).await?.as_ref().and_then(TestPage::from_item))
    }

    /// Pages this person, and nobody else. The same request again pages nobody.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn open_test_page(&self, user: &UserId, request: &TestPageRequest<'_>) -> Result<TestPageAsked, StoreError> {
        let now = self.clock.now();
        let Some(profile) = self.profile(user).await?.filter(|profile| !profile.user.methods().is_empty()) else {
            return Ok(TestPageAsked::Nobody);
        };
        let key = keys::test_page(user);
        let known = self.get(&key).await?;
        let alert = alert(user, request, now)?;
        if let Some(same) = known.as_ref().filter(|known| text(known, "request") == Some(alert.dedup_key.as_str()))
            && let Some(page) = TestPage::from_item(same)
        {
            return Ok(TestPageAsked::Known(page.incident));
        }
        let count = match ASKING.once_more(known.as_ref(), now) {
            Ok(count) => count,
            Err(again_at) => return Ok(TestPageAsked::TooOften { again_at }),
        };
        let version = self.configuration_version().await?;
        let transition = open(&alert, &Roster::at(&bundle(version, Some(profile.user))?, &[], now), now);
        let incident = transition.incident.id;
        let mut writes = self.open_pointer(&alert, &transition.incident, None)?;
        writes.push(self.put_test_page(&key, known.as_ref(), &alert, incident, count)?);
        match self.commit(&transition, None, &Map::new(), Extra { writes }, now).await? {
            Commit::Committed => Ok(TestPageAsked::Sent(incident)),
            // The other tap on the same button, or another request at the same time.
            Commit::Conflict => Ok(TestPageAsked::TooOften { again_at: later(now, ASKING.apart) }),
        }
    }

    /// The new page in place of the one before, if nobody else has asked meanwhile. That an earlier one was answered is kept.
    fn put_test_page(
        &self,
        key: &keys::Key,
        known: Option<&Item>,
        alert: &Alert,
        incident: IncidentId,
        count: Count,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut made = item(key)
            .with("incident", s(incident.to_string()))
            .with("request", s(alert.dedup_key.as_str()))
            .with("asked_at", time(alert.occurred_at))
            .with("asked_since", time(count.since))
            .with("asked", n(count.count));
        for kept in ["answered", "answered_at", "answered_by"] {
            if let Some(value) = known.and_then(|known| known.get(kept)) {
                made.insert(kept.to_owned(), value.clone());
            }
        }
        let put = Put::builder().table_name(&self.table).set_item(Some(made));
        let put = match known.and_then(|known| text(known, "incident")) {
            None => put.condition_expression("attribute_not_exists(incident)"),
            Some(before) => put.condition_expression("incident = :before").expression_attribute_values(":before", s(before)),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }

    /// Records that a person has answered their test page by the link that went by `method`. `false` when it is not their newest, or when
    /// what they have answered before says more: a mail wakes nobody.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn answer_test_page(&self, user: &UserId, incident: IncidentId, method: Method) -> Result<bool, StoreError> {
        let key = keys::test_page(user);
        let is_newest = "incident = :incident";
        let condition = if method.wakes() { is_newest.to_owned() } else { format!("{is_newest} AND attribute_not_exists(answered)") };
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET answered = :incident, answered_at = :now, answered_by = :method")
            .condition_expression(condition)
            .expression_attribute_values(":incident", s(incident.to_string()))
            .expression_attribute_values(":now", time(self.clock.now()))
            .expression_attribute_values(":method", s(method.as_str()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("record the answer to a test page", &error)),
        }
    }

    /// Who can be called for a test page: its person.
    pub(crate) async fn roster_of_test_page(&self, incident: &Incident, version: u64, now: Timestamp) -> Result<Roster, StoreError> {
        let profile = match person_of_test_page(incident) {
            Some(user) => self.profile(&user).await?,
            None => None,
        };
        Ok(Roster::at(&bundle(version, profile.map(|profile| profile.user))?, &[], now))
    }
}

fn alert(user: &UserId, request: &TestPageRequest<'_>, now: Timestamp) -> Result<Alert, StoreError> {
    let mut id = [0; 16];
    id.copy_from_slice(&Sha256::digest(format!("test-page/{user}/{}", request.id))[..16]);
    let key = format!("{DEDUP_PREFIX}{user}/{}", keys::hash(request.id));
    let dedup_key = DedupKey::new(&key).map_err(|error| StoreError::unreadable(&key, error))?;
    Ok(Alert {
        id: AlertId::from_hash(id),
        integration: IntegrationId::hansho(),
        dedup_key,
        occurred_at: now,
        severity: Severity::Critical,
        priority: None,
        title: request.title.to_owned(),
        details: request.details.to_owned(),
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: Some(request.by.clone()),
    })
}
