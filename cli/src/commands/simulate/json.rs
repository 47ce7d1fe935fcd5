//! A story for machines.

use hansho_domain::Bundle;
use hansho_rehearsal::{IdleAnswer, Moment, Page, Scenario, Story};
use serde_json::{Value, json};

use super::{telling::Teller, words};

/// The story as one JSON object; times are in UTC, spans in seconds.
pub(super) fn story(story: &Story, bundle: &Bundle, scenario: &Scenario, teller: &Teller) -> Value {
    let first = story.first_pages();
    json!({
        "service": bundle.service.id(),
        "severity": scenario.alert.severity,
        "priority": story.incident.priority,
        "urgency": story.incident.urgency,
        "labels": scenario.alert.labels.kept(),
        "at": scenario.at,
        "time_zone": teller.zone,
        "answers": scenario.answers,
        "pages": story.pages.iter().map(|one| page(story, one, teller)).collect::<Vec<_>>(),
        "timeline": story.moments.iter().map(|one| moment(story, one, teller)).collect::<Vec<_>>(),
        "phase": story.incident.phase.name().as_str(),
        "ending": story.ending,
        "people_paged": first.len(),
        "first_page_after_seconds": first.first().map(|page| story.since_start(page.at).as_secs()),
        "everybody_paged_after_seconds": first.last().map(|page| story.since_start(page.at).as_secs()),
        "idle_answers": story.idle_answers.iter().map(|one| idle(one, teller)).collect::<Vec<_>>(),
        "summary": teller.summary(story).join(words::between_sentences(teller.language)),
    })
}

fn page(story: &Story, page: &Page, teller: &Teller) -> Value {
    json!({
        "at": page.at,
        "after_seconds": story.since_start(page.at).as_secs(),
        "user": page.person(),
        "who": page.who(),
        "name": teller.recipient(page),
        "by": page.way(),
        "urgency": page.urgency,
        "step": u16::from(page.position.step) + 1,
        "round": u16::from(page.position.round) + 1,
        "reasons": page.reasons,
        "why": teller.why(page),
        "until": page.until,
    })
}

fn idle(idle: &IdleAnswer, teller: &Teller) -> Value {
    let IdleAnswer { answer, why } = idle;
    json!({ "answer": answer, "why": words::idle(teller.language, &teller.name(&answer.user), answer, why) })
}

fn moment(story: &Story, moment: &Moment, teller: &Teller) -> Value {
    json!({
        "at": moment.at,
        "after_seconds": story.since_start(moment.at).as_secs(),
        "actor": moment.entry.actor.to_string(),
        "events": moment.entry.events,
        "sentences": teller.sentences(moment),
        "until": moment.until,
    })
}
