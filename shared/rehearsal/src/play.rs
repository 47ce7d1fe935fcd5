//! Plays a scenario: the domain decides, this file only brings it what comes due.

use std::collections::BTreeMap;

use hansho_domain::{
    Actor, Command, Due, Duty, Effect, Incident, Input, InputId, Notification, Phase, Roster, StepTurn, Transition, UserId, Verdict, open,
    step,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    delivery::Deliveries,
    scenario::{Answer, Reaction, Scenario},
    stage::Stage,
    story::{Ending, Idle, IdleAnswer, Moment, Page, Story},
};

/// Most things that happen in one story. A policy of 20 steps in 10 rounds whose people have 20 rules each makes about 4,000.
pub const STEPS_MAX: usize = 20_000;

/// When something is due, and its place among what is due then: queues keep the order in which they were filled.
type Turn = (Timestamp, u64);
/// Whoever answers finds everything settled that is due at the same moment.
const LAST: u64 = u64::MAX;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cue {
    Deadline { generation: u64 },
    Delivery,
    Answer { place: usize },
}

struct Play<'a> {
    stage: &'a Stage,
    scenario: &'a Scenario,
    now: Timestamp,
    incident: Incident,
    moments: Vec<Moment>,
    pages: Vec<Page>,
    deliveries: Deliveries,
    /// How many turns were taken, by step.
    turns: BTreeMap<StepTurn, u64>,
    /// How many timers and deliveries were put into a queue.
    queued: u64,
    /// The timer of the incident's deadline: its generation and its place in the queue.
    timer: (u64, u64),
    first_page_at: BTreeMap<UserId, Timestamp>,
    /// When people were first asked for help.
    first_asked_at: BTreeMap<UserId, Timestamp>,
    /// Which answers were given, and why they changed nothing, if they did not.
    answered: Vec<Option<Result<(), Idle>>>,
    repages: u32,
}

/// Plays `scenario` to its end.
pub fn rehearse(stage: &Stage, scenario: &Scenario) -> Story {
    let now = scenario.at;
    let mut turns = BTreeMap::new();
    let mut roster = stage.roster(now);
    let mut opened = open(&scenario.alert, &roster, now);
    if !opened.missing_turns.is_empty() {
        take_turns(&opened.missing_turns, &mut turns, &mut roster, (stage, scenario));
        opened = open(&scenario.alert, &roster, now);
    }
    let mut play = Play {
        stage,
        scenario,
        now,
        incident: opened.incident.clone(),
        moments: Vec::new(),
        pages: Vec::new(),
        deliveries: Deliveries::default(),
        turns,
        queued: 0,
        timer: (0, 0),
        first_page_at: BTreeMap::new(),
        first_asked_at: BTreeMap::new(),
        answered: vec![None; scenario.answers.len()],
        repages: 0,
    };
    play.happen(opened);
    let ending = play.play_out();
    play.story(ending)
}

impl Play<'_> {
    fn play_out(&mut self) -> Ending {
        let end = self.scenario.until.map(|until| self.scenario.at.saturating_add(until).unwrap_or(Timestamp::MAX));
        for _ in 0..STEPS_MAX {
            let Some(((at, _), cue)) = self.next() else {
                return if self.incident.phase.is_resolved() { Ending::Resolved } else { Ending::Quiet };
            };
            if end.is_some_and(|end| at > end) {
                return Ending::Cut;
            }
            if self.only_repeats(cue) {
                return Ending::Exhausted { repage_seconds: self.stage.bundle.service.repage_seconds() };
            }
            self.now = self.now.max(at);
            self.perform(cue);
        }
        Ending::TooLong
    }

    fn next(&self) -> Option<(Turn, Cue)> {
        let deadline = self.incident.deadline.map(|d| ((d.at, self.timer.1), Cue::Deadline { generation: d.generation }));
        let delivery = self.deliveries.next().map(|turn| (turn, Cue::Delivery));
        let answers = self.scenario.answers.iter().enumerate().filter(|(place, _)| self.answered[*place].is_none());
        let answers = answers.filter_map(|(place, answer)| Some(((self.time_of(answer)?, LAST), Cue::Answer { place })));
        deadline.into_iter().chain(delivery).chain(answers).min()
    }

    /// Answers count from the person's first page, or from the first that asks them for what they answer.
    fn time_of(&self, answer: &Answer) -> Option<Timestamp> {
        let first = if answer.reaction.answers_request() { &self.first_asked_at } else { &self.first_page_at };
        let paged_at = first.get(&answer.user)?;
        Some(paged_at.saturating_add(SignedDuration::from_secs(answer.after_seconds.into())).unwrap_or(Timestamp::MAX))
    }

    /// Whether this is one more page of an exhausted incident than the scenario asks for.
    fn only_repeats(&mut self, cue: Cue) -> bool {
        let is_deadline = matches!(cue, Cue::Deadline { .. });
        // Whoever is still to answer may end it.
        let is_awaited = (0..self.answered.len()).any(|n| self.answered[n].is_none() && self.time_of(&self.scenario.answers[n]).is_some());
        if !is_deadline || is_awaited || self.incident.phase != Phase::Exhausted || self.duty() != Some(Duty::Repage) {
            return false;
        }
        self.repages += 1;
        self.repages > self.scenario.repages
    }

    fn duty(&self) -> Option<Duty> {
        self.incident.agenda.earliest().map(|due| due.duty)
    }

    fn perform(&mut self, cue: Cue) {
        match cue {
            Cue::Deadline { generation } => {
                let id = InputId::derived(format!("deadline-{generation}"));
                // A timer that is stale changes nothing, and need not.
                let _ = self.apply(&Input { id, actor: Actor::Hansho, command: Command::DeadlinePassed { generation } });
            }
            Cue::Delivery => {
                let later = self.queue();
                if let Some(page) = self.deliveries.attempt_next(&self.incident, self.now, later) {
                    if let Some(user) = page.person() {
                        self.first_page_at.entry(user.clone()).or_insert(page.at);
                        if page.asks_for_help() {
                            self.first_asked_at.entry(user.clone()).or_insert(page.at);
                        }
                    }
                    self.pages.push(page);
                }
            }
            Cue::Answer { place } => {
                let answer = &self.scenario.answers[place];
                let command = match answer.reaction {
                    Reaction::Acknowledge => Command::Acknowledge,
                    Reaction::Resolve => Command::Resolve,
                    Reaction::Escalate => Command::Escalate,
                    Reaction::Request => Command::RequestResponders { to: answer.to.clone(), message: String::new() },
                    Reaction::Accept => Command::AcceptRequest,
                    Reaction::Decline => Command::DeclineRequest,
                };
                let id = InputId::derived(format!("answer-{place}"));
                let change = self.apply(&Input { id, actor: Actor::User(answer.user.clone()), command });
                self.answered[place] = Some(change);
            }
        }
    }

    /// Says why it changes nothing, if it does not.
    fn apply(&mut self, input: &Input) -> Result<(), Idle> {
        let mut roster = self.stage.roster_of(&self.incident, &input.command, self.now);
        let mut verdict = step(&self.incident, input, &roster, self.now);
        if let Verdict::Apply(transition) = &verdict
            && !transition.missing_turns.is_empty()
        {
            take_turns(&transition.missing_turns, &mut self.turns, &mut roster, (self.stage, self.scenario));
            verdict = step(&self.incident, input, &roster, self.now);
        }
        match verdict {
            Verdict::Apply(transition) => {
                self.happen(*transition);
                Ok(())
            }
            Verdict::Ignore(why) => Err(Idle::Settled(why)),
            Verdict::Reject(why) => Err(Idle::Refused(why)),
        }
    }

    fn happen(&mut self, transition: Transition) {
        let Transition { incident, entry, effects, .. } = transition;
        self.incident = incident;
        let until = waits_until(&self.incident);
        if self.timer.0 != self.incident.generation {
            self.timer = (self.incident.generation, self.queue());
        }
        for notification in effects.iter().flat_map(Effect::notifications) {
            let place = (self.now, self.queue());
            self.deliveries.add(Notification::clone(notification), &self.incident, until, place);
        }
        self.moments.push(Moment { at: self.now, entry, until });
    }

    /// The next place in the queues.
    fn queue(&mut self) -> u64 {
        self.queued += 1;
        self.queued
    }

    fn story(self, ending: Ending) -> Story {
        let answers = self.scenario.answers.iter().zip(&self.answered);
        let idle = answers.filter_map(|(answer, change)| {
            let why = match change {
                Some(Ok(())) => return None,
                Some(Err(why)) => why.clone(),
                None if !self.first_page_at.contains_key(&answer.user) => Idle::NeverPaged,
                None if self.time_of(answer).is_none() => Idle::NeverAsked,
                None => Idle::TooLate,
            };
            Some(IdleAnswer { answer: answer.clone(), why })
        });
        let idle_answers = idle.collect();
        Story { started_at: self.scenario.at, moments: self.moments, pages: self.pages, incident: self.incident, idle_answers, ending }
    }
}

/// Takes a turn at every step that asked for one, as the store does: a number is taken, and it is decided again with it.
fn take_turns(missing: &[StepTurn], turns: &mut BTreeMap<StepTurn, u64>, roster: &mut Roster, (stage, scenario): (&Stage, &Scenario)) {
    let before = |turn: &StepTurn| scenario.turns_taken.or_else(|| stage.turns_of(turn)).unwrap_or(0);
    for turn in missing {
        let next = turns.entry(turn.clone()).or_insert_with(|| before(turn));
        roster.turns.insert(turn.clone(), *next);
        *next += 1;
    }
}

/// What is due next, people's own delayed rules aside: those do not end the waiting.
fn waits_until(incident: &Incident) -> Option<Timestamp> {
    let duty = |due: &&Due| due.duty != Duty::NotificationRules;
    incident.agenda.entries().iter().find(duty).map(|due| due.at)
}
