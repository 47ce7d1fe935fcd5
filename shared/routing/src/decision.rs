//! A decision in the making: what an alert is about, while rules change it.

use hansho_domain::{Alert, Pause};
use serde_json::Value;

use crate::{
    event::{Event, Part},
    reads::Reads,
    rule_set::{Act, RuleSet},
    scope::{Known, priority_word, severity_word},
    subject::Subject,
    trace::{Change, Trace, Tried, Verdict},
};
use hansho_domain::{DedupKey, Priority, ServiceId, Severity};

/// The most steps of all rules on one alert: some 100 ms.
const STEPS_MAX: u64 = 2_000_000;
/// Longest title that rules make, in characters, as everywhere.
const TITLE_CHARS_MAX: usize = 160;
/// How many characters there are at least before the mark of a cut in a title or an account: the shortest piece that a way in cuts has 40.
const CHARS_BEFORE_CUT_MIN: usize = 30;
/// Longest reason that rules make, in characters.
const REASON_CHARS_MAX: usize = 300;

/// What is decided about an alert so far.
pub struct Decision<'e> {
    subject: Subject,
    event: &'e Event,
    known: Known<'e>,
    pause: Option<Pause>,
    suppression: Option<Suppression>,
    trace: Trace,
    steps_left: u64,
    /// Something that a rule has asked about and that is not there to be seen whole: what was decided since may be wrong.
    unseen: Option<String>,
    /// The same where it was a condition that asked: another rule may be the one that is for this alert.
    unseen_by_condition: Option<String>,
    /// The title says all there is to say: two that are the same are those of the same trouble.
    is_title_whole: bool,
    /// The same of the source's own account, which no rule changes.
    are_details_whole: bool,
}

/// The rule that keeps an alert from paging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rule.
    pub rule: String,
    /// Its reason.
    pub reason: String,
}

/// What rules came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the alert is about now.
    pub subject: Subject,
    /// For how long it is held, if it opens an incident.
    pub pause: Option<Pause>,
    /// Set when it pages nobody.
    pub suppression: Option<Suppression>,
    /// How it came to this.
    pub trace: Trace,
}

impl<'e> Decision<'e> {
    /// Nothing is decided yet. `body` is [`Event::body_of`] the payload.
    pub fn new(subject: Subject, event: &'e Event, body: &'e Value) -> Self {
        let known = Known::new(event, body, &subject);
        let trace = Trace { is_cut: known.extent().is_cut, ..Trace::default() };
        let unseen = trace.is_cut.then(|| "the alert".to_owned());
        let is_title_whole = !event.unseen().is_partial(Part::Title) && !has_cut(&subject.title);
        let are_details_whole = !event.unseen().is_partial(Part::Details) && !has_cut(&subject.details);
        Self {
            subject,
            event,
            known,
            pause: None,
            suppression: None,
            trace,
            steps_left: STEPS_MAX,
            unseen,
            unseen_by_condition: None,
            is_title_whole,
            are_details_whole,
        }
    }

    /// The service that it leads to so far.
    pub fn service(&self) -> &ServiceId {
        &self.subject.service
    }

    /// Whether nothing more is to be decided: a rule suppresses it.
    pub fn is_over(&self) -> bool {
        self.suppression.is_some()
    }

    /// Applies rules in their order, until one fires that does not go on. `of` is the service whose own they are.
    pub fn apply(&mut self, rules: &RuleSet, of: Option<&ServiceId>) {
        for rule in rules.rules() {
            if self.is_over() {
                return;
            }
            let holds = rule.holds(&self.known, &mut self.steps_left);
            if self.unseen_by_condition.is_none() {
                self.unseen_by_condition = rule.condition_reads().find_map(|reads| self.unseen_in_text(reads));
            }
            if self.unseen.is_none() {
                // A title that is made of a cut one is shown, and remembered as not whole; it decides nothing.
                let of_acts = || rule.acts().iter().filter(|_| holds == Ok(true)).flat_map(Act::reads);
                self.unseen = self.unseen_by_condition.clone().or_else(|| of_acts().find_map(|reads| self.unseen_in(reads)));
            }
            let verdict = match holds {
                Err(reason) => Verdict::Failed { reason },
                Ok(false) => Verdict::Passed,
                Ok(true) => self.fire(rule.name(), rule.acts()),
            };
            let is_last = matches!(verdict, Verdict::Fired { .. }) && !rule.goes_on();
            self.trace.add(verdict, |verdict| Tried { rule: rule.name().to_owned(), of: of.cloned(), verdict });
            if is_last {
                return;
            }
        }
    }

    /// What was decided.
    pub fn finish(self) -> Outcome {
        Outcome { subject: self.subject, pause: self.pause, suppression: self.suppression, trace: self.trace }
    }

    /// Every action sees the alert as it was before the rule.
    fn fire(&mut self, rule: &str, acts: &[Act]) -> Verdict {
        let (mut changes, mut problems) = (Vec::new(), Vec::new());
        let mut next = self.subject.clone();
        for act in acts {
            match self.act(rule, act, &mut next) {
                Ok(Some(change)) => changes.push(change),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        if next.title != self.subject.title {
            let reads_unseen = acts.iter().filter(|act| matches!(act, Act::Title(_))).any(|act| self.unseen_in_act(act).is_some());
            self.is_title_whole = !reads_unseen && !has_cut(&next.title);
        }
        if next != self.subject {
            self.subject = next;
            self.known.renew(&self.subject);
        }
        Verdict::Fired { changes, problems }
    }

    /// Names something that is read and that is not there to be seen whole.
    fn unseen_in(&self, reads: &Reads) -> Option<String> {
        let of_body = || (self.trace.is_cut && reads.reads_body()).then(|| "the payload".to_owned());
        reads.unseen(&self.subject.labels, self.event).or_else(of_body)
    }

    /// The same with the title and the source's own account, which may have been cut: what they do not say is not known then, and those
    /// of two troubles may be the same.
    fn unseen_in_text(&self, reads: &Reads) -> Option<String> {
        let of_title = || (reads.reads_title() && !self.is_title_whole).then(|| "the title".to_owned());
        let of_details = || (reads.reads_details() && !self.are_details_whole).then(|| "the details".to_owned());
        self.unseen_in(reads).or_else(of_title).or_else(of_details)
    }

    /// The same of the texts of an action.
    fn unseen_in_act(&self, act: &Act) -> Option<String> {
        act.reads().find_map(|reads| self.unseen_in_text(reads))
    }

    /// Why something is not done: it might make the alert quieter, or one trouble of two, by what was not seen whole.
    fn forbidden(&self, act: &Act) -> Option<String> {
        let by_condition = || self.unseen_by_condition.clone();
        let (what, unseen) = match act {
            Act::Suppress(_) | Act::Pause(_) => ("it pages at once", self.unseen.clone()),
            Act::Route(_) => ("the service stays", by_condition()),
            Act::Severity(severity) => {
                let is_lower = *severity < self.subject.severity.unwrap_or(Severity::Critical);
                ("severity stays", by_condition().filter(|_| is_lower))
            }
            Act::Priority(priority) => {
                // The service may have a rule that gives any priority.
                let is_lower = *priority > self.subject.priority.unwrap_or(Priority::Sev1);
                ("priority stays", by_condition().filter(|_| is_lower))
            }
            Act::DedupKey(_) => ("dedup_key stays", by_condition().or_else(|| self.unseen_in_act(act))),
            Act::Title(_) | Act::Label(..) | Act::Runbook(_) => return None,
        };
        unseen.map(|unseen| format!("{what}: {unseen} was too large to be seen whole, and what is left out may be what matters"))
    }

    /// Does one thing. `None`: it was so before.
    fn act(&mut self, rule: &str, act: &Act, next: &mut Subject) -> Result<Option<Change>, String> {
        if let Some(why) = self.forbidden(act) {
            return Err(why);
        }
        let is_made_of_whole = self.unseen_in_act(act).is_none();
        let (known, steps) = (&self.known, &mut self.steps_left);
        let change = match act {
            Act::Route(service) => {
                let before = std::mem::replace(&mut next.service, service.clone());
                Change::new("service", Some(before.as_str()), service.as_str())
            }
            Act::Suppress(text) => {
                // It is for this alert, whether its reason can be made or not.
                let reason = text.filled(known, steps).map(|made| hansho_domain::text::one_line(&made)).unwrap_or_default();
                let reason = if reason.is_empty() { text.written() } else { hansho_domain::text::cut(&reason, REASON_CHARS_MAX) };
                let change = Change::new("suppressed", None, &reason);
                self.suppression = Some(Suppression { rule: rule.to_owned(), reason });
                change
            }
            Act::Pause(seconds) => {
                let reason = format!("paused by the rule {rule} for {seconds} s, in case it clears by itself");
                self.pause = Some(Pause { seconds: *seconds, reason });
                Change::new("paused", None, &format!("{seconds} s"))
            }
            Act::Severity(severity) => {
                let before = next.severity.replace(*severity);
                Change::new("severity", before.map(severity_word), severity_word(*severity))
            }
            Act::Priority(priority) => {
                let before = next.priority.replace(*priority);
                Change::new("priority", before.map(priority_word), priority_word(*priority))
            }
            Act::DedupKey(text) => {
                let made = text.filled(known, steps).map_err(|why| format!("dedup_key stays: {why}"))?;
                let made = hansho_domain::text::one_line(&made);
                let key = DedupKey::new(made).map_err(|why| format!("dedup_key stays: {why}"))?;
                let before = std::mem::replace(&mut next.dedup_key, key);
                Change::new("dedup_key", Some(before.as_str()), next.dedup_key.as_str())
            }
            Act::Title(text) => {
                let made = text.filled(known, steps).map_err(|why| format!("title stays: {why}"))?;
                let made = hansho_domain::text::cut(&hansho_domain::text::one_line(&made), TITLE_CHARS_MAX);
                if made.is_empty() {
                    return Err("title stays: the new one would be empty".to_owned());
                }
                let before = std::mem::replace(&mut next.title, made);
                Change::new("title", Some(&before), &next.title)
            }
            Act::Label(key, text) => {
                let made = text.filled(known, steps).map_err(|why| format!("labels.{key} stays: {why}"))?;
                let before = next.labels.get(key).map(str::to_owned);
                next.labels = if is_made_of_whole { next.labels.with(key, &made) } else { next.labels.with_partial(key, &made) };
                Change::new(format!("labels.{key}"), before.as_deref(), next.labels.get(key).unwrap_or_default())
            }
            Act::Runbook(address) => {
                let made = address.filled_address(known, steps).map_err(|why| format!("runbook stays: {why}"))?;
                let before = next.runbook.replace(made);
                Change::new("runbook", before.as_deref(), next.runbook.as_deref().unwrap_or_default())
            }
        };
        Ok(Some(change).filter(|change| change.from.as_deref() != Some(change.to.as_str())))
    }
}

/// Whether a way in, or a rule, cut a text, at its end or in the middle.
fn has_cut(text: &str) -> bool {
    text.chars().enumerate().any(|(before, c)| c == hansho_domain::text::ELLIPSIS && before >= CHARS_BEFORE_CUT_MIN)
}

impl Outcome {
    /// The alert as it is after the rules.
    pub fn alert(&self, before: &Alert) -> Alert {
        let Subject { dedup_key, title, severity, priority, labels, runbook, .. } = self.subject.clone();
        let remarks: Vec<String> = before.remark.iter().cloned().chain(self.trace.remark()).collect();
        Alert {
            dedup_key,
            title,
            severity: severity.unwrap_or(before.severity),
            priority,
            labels,
            runbook,
            pause: self.pause.clone(),
            remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
            ..before.clone()
        }
    }
}
