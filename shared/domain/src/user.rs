//! Responders, how they want to be told, and teams.

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use crate::{
    alert::Urgency,
    error::{FieldError, Problems},
    id::{PolicyId, TeamId, UserId},
    quiet::QuietTimes,
    reminder::{LEAD_SECONDS_MAX, LEAD_SECONDS_MIN, REMINDERS_MAX, ReminderRule},
    role::Role,
};

/// Most members of a team: a page to everybody has to fit into an incident of 16 KB.
pub const TEAM_MEMBERS_MAX: usize = 200;
/// Most notification rules of a person, per urgency.
const RULES_MAX: usize = 20;
/// Longest delay of a notification rule: a day.
const RULE_AFTER_SECONDS_MAX: u32 = 86_400;

/// The language a person is spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// A kind of contact method; each is a channel of `shared/channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A text message to a phone.
    Sms,
    /// A mail.
    Email,
    /// A signed HTTP request to an address of the person's.
    Webhook,
}

impl Method {
    /// Every method, in the order in which a person without rules is told.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Email, Self::Webhook];

    /// Whether it wakes somebody who sleeps: a text rings, and whoever has an address of their own for pages has it ring. A mail waits
    /// until it is read.
    pub fn wakes(self) -> bool {
        match self {
            Self::Sms | Self::Webhook => true,
            Self::Email => false,
        }
    }

    /// The word for it in configuration, keys and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

/// "After so long, tell me by this."
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotificationRule {
    /// Delay from the moment the person is called, in seconds.
    pub after_seconds: u32,
    /// How.
    pub by: Method,
}

/// A responder, without addresses: those are read when a message is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UserParts")]
pub struct User {
    id: UserId,
    name: String,
    language: Language,
    methods: Vec<Method>,
    high: Vec<NotificationRule>,
    low: Vec<NotificationRule>,
    #[serde(skip_serializing_if = "QuietTimes::say_nothing")]
    quiet: QuietTimes,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminders: Option<Vec<ReminderRule>>,
    #[serde(skip_serializing_if = "is_responder")]
    role: Role,
}

fn is_responder(role: &Role) -> bool {
    *role == Role::Responder
}

/// A responder as stored, perhaps by newer code: what this code does not know is left out, and the rest still reaches them.
#[derive(Deserialize)]
struct UserParts {
    id: UserId,
    name: String,
    #[serde(default, deserialize_with = "known_or_default")]
    language: Language,
    #[serde(deserialize_with = "known")]
    methods: Vec<Method>,
    #[serde(deserialize_with = "known")]
    high: Vec<NotificationRule>,
    #[serde(deserialize_with = "known")]
    low: Vec<NotificationRule>,
    #[serde(default, deserialize_with = "known_or_default")]
    quiet: QuietTimes,
    #[serde(default, deserialize_with = "known_if_any")]
    reminders: Option<Vec<ReminderRule>>,
    #[serde(default)]
    role: Option<Stored<Role>>,
}

impl TryFrom<UserParts> for User {
    type Error = Problems;
    fn try_from(p: UserParts) -> Result<Self, Problems> {
        let user = Self::new(p.id, p.name, p.language, p.methods, p.high, p.low)?;
        // A role that newer code knows may be less than a responder's.
        let role = p.role.map_or(Role::Responder, |role| role.known().unwrap_or(Role::Stakeholder));
        Ok(Self { quiet: p.quiet, reminders: p.reminders, role, ..user })
    }
}

/// A value that this code may not know.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored<T> {
    Known(T),
    Unknown(IgnoredAny),
}

impl<T> Stored<T> {
    fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(IgnoredAny) => None,
        }
    }
}

fn known<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let all = Vec::<Stored<T>>::deserialize(deserializer)?;
    Ok(all.into_iter().filter_map(Stored::known).collect())
}

fn known_if_any<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    known(deserializer).map(Some)
}

fn known_or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Stored::<T>::deserialize(deserializer)?.known().unwrap_or_default())
}

impl User {
    /// A responder with the contact methods they have and the rules they chose. Somebody without rules for high urgency
    /// is told at once by every method they have: nobody is unreachable for want of configuration.
    ///
    /// # Errors
    /// A rule names a method the person does not have, more than 20 rules, a delay over a day.
    pub fn new(
        id: UserId,
        name: impl Into<String>,
        language: Language,
        mut methods: Vec<Method>,
        mut high: Vec<NotificationRule>,
        mut low: Vec<NotificationRule>,
    ) -> Result<Self, Problems> {
        methods.sort();
        methods.dedup();
        let mut problems = Vec::new();
        for (field, rules) in [("notify.high", &mut high), ("notify.low", &mut low)] {
            if rules.len() > RULES_MAX {
                problems.push(FieldError::new(field, format!("has {} rules; {RULES_MAX} are the most", rules.len())));
            }
            for (place, rule) in rules.iter().enumerate() {
                if !methods.contains(&rule.by) {
                    let by = rule.by.as_str();
                    problems.push(FieldError::new(
                        format!("{field}[{place}].by"),
                        format!("{id} has no {by}; add it to the person or choose another method"),
                    ));
                }
                if rule.after_seconds > RULE_AFTER_SECONDS_MAX {
                    problems.push(FieldError::new(format!("{field}[{place}].after"), "is longer than a day"));
                }
            }
            // The order of rules at the same delay is the person's own: the first is the first choice.
            rules.sort_by_key(|rule| rule.after_seconds);
        }
        Problems::none_or(
            problems,
            Self {
                id,
                name: name.into(),
                language,
                methods,
                high,
                low,
                quiet: QuietTimes::default(),
                reminders: None,
                role: Role::default(),
            },
        )
    }

    /// The same person with these quiet times.
    ///
    /// # Errors
    /// They cover for themselves.
    pub fn with_quiet(self, quiet: QuietTimes) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if quiet.covers().any(|cover| *cover == self.id) {
            problems.push(FieldError::new("notify.quiet", format!("names {} as their own cover; name somebody else", self.id)));
        }
        Problems::none_or(problems, Self { quiet, ..self })
    }

    /// The same person with these reminders of their shifts; none of them is no reminder at all.
    ///
    /// # Errors
    /// A reminder by a method the person does not have, more than 10, a lead that is shorter than a minute or longer than two weeks.
    pub fn with_reminders(self, reminders: Vec<ReminderRule>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if reminders.len() > REMINDERS_MAX {
            problems.push(FieldError::new("notify.handoff_reminders", format!("has {}; {REMINDERS_MAX} are the most", reminders.len())));
        }
        for (place, rule) in reminders.iter().enumerate() {
            let field = format!("notify.handoff_reminders[{place}]");
            if let Some(by) = rule.by.filter(|by| !self.methods.contains(by)) {
                let problem = format!("{} has no {}; add it to the person or choose another method", self.id, by.as_str());
                problems.push(FieldError::new(format!("{field}.by"), problem));
            }
            if !(LEAD_SECONDS_MIN..=LEAD_SECONDS_MAX).contains(&rule.before_seconds) {
                problems.push(FieldError::new(field, "is shorter than a minute or longer than two weeks"));
            }
        }
        Problems::none_or(problems, Self { reminders: Some(reminders), ..self })
    }

    /// The same person in this role.
    #[must_use]
    pub fn in_role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// What they may do where they have signed in.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Their name in ids and configuration.
    pub fn id(&self) -> &UserId {
        &self.id
    }

    /// Their name as people say it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The language they are spoken to in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The contact methods they have.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// When they would rather not be told.
    pub fn quiet(&self) -> &QuietTimes {
        &self.quiet
    }

    /// Whether they have rules of their own for what wakes nobody.
    pub fn chose_low(&self) -> bool {
        !self.low.is_empty()
    }

    /// Whether their reminders are their own choice.
    pub(crate) fn chose_reminders(&self) -> bool {
        self.reminders.is_some()
    }

    /// When they are reminded of their shifts; a day before one begins where they chose nothing.
    pub fn reminders(&self) -> &[ReminderRule] {
        self.reminders.as_deref().unwrap_or(&[ReminderRule::DEFAULT])
    }

    /// The rules for an urgency, by delay. Without any of their own: every method at once for high urgency,
    /// mail (or what there is; a text only by day, see [`User::rules_from`]) at once for low.
    pub fn rules(&self, urgency: Urgency) -> Vec<NotificationRule> {
        let (own, default): (_, Vec<Method>) = match urgency {
            Urgency::High => (&self.high, self.methods.clone()),
            Urgency::Low => {
                let quiet = [Method::Email, Method::Webhook, Method::Sms];
                (&self.low, quiet.into_iter().find(|m| self.methods.contains(m)).into_iter().collect())
            }
        };
        if own.is_empty() { default.into_iter().map(|by| NotificationRule { after_seconds: 0, by }).collect() } else { own.clone() }
    }
}

/// People who work together; a page to the team is a page to everybody in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TeamParts")]
pub struct Team {
    id: TeamId,
    name: String,
    members: Vec<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalation_policy: Option<PolicyId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    managers: Vec<UserId>,
}

#[derive(Deserialize)]
struct TeamParts {
    id: TeamId,
    name: String,
    members: Vec<UserId>,
    #[serde(default)]
    escalation_policy: Option<PolicyId>,
    #[serde(default)]
    managers: Vec<UserId>,
}

impl TryFrom<TeamParts> for Team {
    type Error = Problems;
    fn try_from(p: TeamParts) -> Result<Self, Problems> {
        Self::new(p.id, p.name, p.members)?.paged_by(p.escalation_policy).managed_by(p.managers)
    }
}

impl Team {
    /// A team.
    ///
    /// # Errors
    /// Nobody in it, more than [`TEAM_MEMBERS_MAX`], somebody twice.
    pub fn new(id: TeamId, name: impl Into<String>, members: Vec<UserId>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if members.is_empty() {
            problems.push(FieldError::new("members", "has nobody in it; name at least one user"));
        }
        if members.len() > TEAM_MEMBERS_MAX {
            problems.push(FieldError::new("members", format!("has {}; {TEAM_MEMBERS_MAX} are the most", members.len())));
        }
        for (place, member) in members.iter().enumerate() {
            if members[..place].contains(member) {
                problems.push(FieldError::new(format!("members[{place}]"), format!("{member} is in it twice")));
            }
        }
        Problems::none_or(problems, Self { id, name: name.into(), members, escalation_policy: None, managers: Vec::new() })
    }

    /// Its name in ids and configuration.
    pub fn id(&self) -> &TeamId {
        &self.id
    }

    /// Its name as people say it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same team, paged by that policy where an alert names it as its owner.
    #[must_use]
    pub fn paged_by(self, policy: Option<PolicyId>) -> Self {
        Self { escalation_policy: policy, ..self }
    }

    /// The policy by which it is paged where an alert names it as its owner. Without one, everybody in it is.
    pub fn escalation_policy(&self) -> Option<&PolicyId> {
        self.escalation_policy.as_ref()
    }

    /// Everybody in it.
    pub fn members(&self) -> &[UserId] {
        &self.members
    }

    /// The same team with these managers. They need not be in it, and nothing pages them for being its managers.
    ///
    /// # Errors
    /// More than [`TEAM_MEMBERS_MAX`], somebody twice.
    pub fn managed_by(self, managers: Vec<UserId>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if managers.len() > TEAM_MEMBERS_MAX {
            problems.push(FieldError::new("managers", format!("has {}; {TEAM_MEMBERS_MAX} are the most", managers.len())));
        }
        for (place, manager) in managers.iter().enumerate().filter(|(place, manager)| managers[..*place].contains(manager)) {
            problems.push(FieldError::new(format!("managers[{place}]"), format!("{manager} is in it twice")));
        }
        Problems::none_or(problems, Self { managers, ..self })
    }

    /// Who looks after it: its overrides, keys and people.
    pub fn managers(&self) -> &[UserId] {
        &self.managers
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Method, NotificationRule, User};
    use crate::alert::Urgency;

    fn rule(after_seconds: u32, by: Method) -> NotificationRule {
        NotificationRule { after_seconds, by }
    }

    #[test]
    fn a_user_whom_newer_code_wrote_is_read_without_what_this_code_does_not_know() {
        let stored = r#"{
            "id": "aiko", "name": "Aiko", "language": "fr", "pronouns": "she/her",
            "methods": ["push", "sms", {"voice": {"rings": 3}}],
            "high": [
                {"after_seconds": 0, "by": "push"}, {"after_seconds": 60, "by": "sms", "when": "asleep"},
                {"at": "09:00", "by": "sms"}, {"after_seconds": 0, "by": {"voice": {}}}
            ],
            "low": [{"after_seconds": 0, "by": "push"}]
        }"#;
        let user: User = serde_json::from_str(stored).unwrap();
        assert_eq!((user.id().as_str(), user.name(), user.language()), ("aiko", "Aiko", Language::En));
        assert_eq!(user.methods(), [Method::Sms]);
        assert_eq!(user.rules(Urgency::High), [rule(60, Method::Sms)]);
        assert_eq!(user.rules(Urgency::Low), [rule(0, Method::Sms)], "without a known rule of their own, what there is");
    }

    #[test]
    fn what_this_code_wrote_is_read_unchanged() {
        let rules = vec![rule(0, Method::Webhook), rule(0, Method::Email)];
        let id = "aiko".parse().unwrap();
        let user = User::new(id, "Aiko", Language::Ja, vec![Method::Email, Method::Webhook], rules, Vec::new()).unwrap();
        assert_eq!(serde_json::from_str::<User>(&serde_json::to_string(&user).unwrap()).unwrap(), user);
        assert!(serde_json::from_str::<User>(r#"{"id":"aiko","name":"Aiko","methods":"sms","high":[],"low":[]}"#).is_err());
    }
}
