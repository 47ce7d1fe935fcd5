//! Rules that are compiled, in their order.

use hansho_domain::{Priority, Rule, ServiceId, Severity};

use crate::{expression::Expression, reads::Reads, scope::Known, template::Template};

/// Rules that are compiled, in their order.
#[derive(Debug, Default)]
pub struct RuleSet(Vec<Compiled>);

/// A rule that is compiled. One that can not be is for no alert, and says so in every trace.
#[derive(Debug)]
pub(crate) struct Compiled {
    name: String,
    condition: Result<Expression, String>,
    acts: Vec<Act>,
    goes_on: bool,
}

/// One thing that a rule does.
#[derive(Debug)]
pub(crate) enum Act {
    Route(ServiceId),
    Suppress(Template),
    Pause(u32),
    Severity(Severity),
    Priority(Priority),
    DedupKey(Template),
    Title(Template),
    Label(String, Template),
    Runbook(Template),
}

impl Act {
    /// What the texts in it read.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &Reads> {
        let text = match self {
            Self::DedupKey(text) | Self::Title(text) | Self::Label(_, text) | Self::Runbook(text) => Some(text),
            // What its reason says does not decide anything.
            Self::Route(_) | Self::Suppress(_) | Self::Pause(_) | Self::Severity(_) | Self::Priority(_) => None,
        };
        text.into_iter().flat_map(Template::reads)
    }
}

impl RuleSet {
    /// Compiles rules. What `hansho check` lets through compiles; what another version wrote may not.
    pub fn compile(rules: &[Rule]) -> Self {
        Self(rules.iter().map(Compiled::of).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn rules(&self) -> &[Compiled] {
        &self.0
    }
}

impl Compiled {
    fn of(rule: &Rule) -> Self {
        let compiled = Expression::compile(&rule.condition).and_then(|condition| Ok((condition, acts(rule)?)));
        let (condition, acts) = match compiled {
            Ok((condition, acts)) => (Ok(condition), acts),
            Err(problem) => (Err(format!("the rule {problem}")), Vec::new()),
        };
        Self { name: rule.name.clone(), condition, acts, goes_on: rule.goes_on }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn acts(&self) -> &[Act] {
        &self.acts
    }

    pub(crate) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// What its condition reads.
    pub(crate) fn condition_reads(&self) -> impl Iterator<Item = &Reads> {
        self.condition.iter().map(Expression::reads)
    }

    pub(crate) fn holds(&self, known: &Known<'_>, steps_left: &mut u64) -> Result<bool, String> {
        match &self.condition {
            Ok(condition) => condition.holds(known, steps_left),
            Err(problem) => Err(problem.clone()),
        }
    }
}

/// What the rule does, in the order in which it is told.
fn acts(rule: &Rule) -> Result<Vec<Act>, String> {
    let then = &rule.then;
    let text = |text: &Option<String>| text.as_deref().map(Template::compile).transpose();
    let mut acts = Vec::new();
    acts.extend(then.route.clone().map(Act::Route));
    acts.extend(then.severity.map(Act::Severity));
    acts.extend(then.priority.map(Act::Priority));
    acts.extend(text(&then.dedup_key)?.map(Act::DedupKey));
    acts.extend(text(&then.title)?.map(Act::Title));
    for (key, value) in &then.labels {
        acts.push(Act::Label(key.clone(), Template::compile(value)?));
    }
    acts.extend(then.runbook.as_deref().map(Template::compile_address).transpose()?.map(Act::Runbook));
    acts.extend(then.pause_seconds.map(Act::Pause));
    acts.extend(text(&then.suppress)?.map(Act::Suppress));
    Ok(acts)
}
