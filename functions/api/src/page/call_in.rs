//! Calling others to an incident: whom, and what that does.

use axum::response::Html;
use hansho_domain::{Command, Incident, Phase, Rejected, Roster, Urgency, UserId, text};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Layout, Reader,
    incident::told,
    outlook::{self, Calling},
    template::filled,
};
use crate::{
    input_id::hash_text,
    words::{self, ResponseLabels},
};

/// What is done with whoever is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallIn {
    /// The incident is theirs.
    Reassign,
    /// They are asked to help, and whoever has it keeps it.
    Request,
}

impl CallIn {
    /// The word for it in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Reassign => "reassign",
            Self::Request => "request-responders",
        }
    }
}

/// Who can be chosen.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    pub(crate) groups: Vec<Group>,
    /// How many people are not among them.
    pub(crate) left_out: usize,
    /// Whether there are so many people that one looks for a name.
    pub(crate) is_long: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Group {
    pub(crate) word: &'static str,
    pub(crate) choices: Vec<Choice>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) word: String,
}

/// What asking it would do.
#[derive(Debug)]
pub(crate) enum Preview {
    /// It calls people.
    Calls(Box<Calling>),
    /// It would be refused.
    Refused(Rejected),
}

/// What `command` of that person does to the incident now.
pub(crate) fn preview(incident: &Incident, command: &Command, by: &UserId, roster: &Roster, now: Timestamp) -> Preview {
    match outlook::when_asked(incident, command, by, roster, now) {
        Ok(calling) => Preview::Calls(Box::new(calling)),
        Err(why) => Preview::Refused(why),
    }
}

impl Preview {
    /// Tells what a page says from what it would say otherwise: who has it, whom it calls, and how.
    pub(crate) fn seen(&self) -> String {
        let parts = match self {
            Self::Refused(why) => vec![why.to_string()],
            Self::Calls(calling) => {
                let called = calling.first.iter().map(|called| format!("{} {:?}", called.user, called.methods));
                let holders = calling.before.holders().map(ToString::to_string);
                let state = [calling.before.name().as_str().to_owned(), format!("{:?}", calling.urgency)];
                state.into_iter().chain(holders).chain(["calls".to_owned()]).chain(called).collect()
            }
        };
        hash_text(&parts.iter().map(String::as_str).collect::<Vec<_>>(), 16)
    }
}

/// What the page is made of.
pub(crate) struct CallInFacts<'a> {
    pub(crate) what: CallIn,
    pub(crate) incident: &'a Incident,
    pub(crate) service: &'a str,
    pub(crate) reader: &'a Reader,
    /// The address of the incident's page.
    pub(crate) address: &'a str,
    pub(crate) choices: &'a Choices,
    /// What was chosen, and how people say it.
    pub(crate) to: &'a str,
    pub(crate) to_word: &'a str,
    pub(crate) message: &'a str,
    pub(crate) find: &'a str,
    /// What that does, once it is chosen.
    pub(crate) preview: Option<&'a Preview>,
    /// Whether another page was shown before the button was pressed.
    pub(crate) is_changed: bool,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    layout: Layout,
    r: &'static ResponseLabels,
    what: &'static str,
    address: &'a str,
    service: String,
    title: String,
    state: &'static str,
    state_word: &'static str,
    groups: &'a [Group],
    left_out: Option<String>,
    is_long: bool,
    to: &'a str,
    to_word: &'a str,
    message: String,
    find: String,
    has_message: bool,
    is_changed: bool,
    /// What it does, sentence by sentence.
    told: Vec<String>,
    refused: Option<&'static str>,
    seen: String,
    version: u64,
    confirm: &'static str,
}

/// The page.
pub(crate) fn page(facts: &CallInFacts<'_>, layout: Layout) -> Html<String> {
    let CallInFacts { what, incident, service, reader, address, choices, to, to_word, message, find, preview, is_changed } = *facts;
    let tongue = words::tongue(reader.language);
    let r = tongue.response();
    let view = View {
        layout,
        r,
        what: what.as_str(),
        address,
        service: text::one_line(service),
        title: text::one_line(&incident.title),
        state: incident.phase.name().as_str(),
        state_word: tongue.phase(incident.phase.name()),
        groups: &choices.groups,
        left_out: (choices.left_out > 0).then(|| tongue.left_out(choices.left_out)),
        is_long: choices.is_long,
        to,
        to_word,
        message: text::one_line(message),
        find: text::one_line(find),
        has_message: what == CallIn::Request,
        is_changed,
        told: match preview {
            Some(Preview::Calls(calling)) => sentences(what, incident, calling, reader),
            Some(Preview::Refused(_)) | None => Vec::new(),
        },
        refused: match preview {
            Some(Preview::Refused(why)) => Some(tongue.refused(why)),
            Some(Preview::Calls(_)) | None => None,
        },
        seen: preview.map(Preview::seen).unwrap_or_default(),
        version: incident.version,
        confirm: match what {
            CallIn::Reassign => r.reassign_confirm,
            CallIn::Request => r.request_confirm,
        },
    };
    filled("call_in.html", &view)
}

/// From whom it goes, who is called how, and who is next.
fn sentences(what: CallIn, incident: &Incident, calling: &Calling, reader: &Reader) -> Vec<String> {
    let tongue = words::tongue(reader.language);
    let r = tongue.response();
    let mut sentences = Vec::new();
    if calling.first.is_empty() {
        sentences.push(tongue.opening_calls_nobody().to_owned());
    } else {
        sentences.push(tongue.opening_calls(&told(&calling.first, reader), calling.urgency == Urgency::High));
    }
    match what {
        CallIn::Request => sentences.push(r.request_explanation.to_owned()),
        CallIn::Reassign => {
            let holders: Vec<&UserId> = incident.phase.holders().collect();
            let called = incident.wave.iter().filter(|_| incident.phase.is_unacknowledged()).flat_map(|wave| &wave.users);
            let no_longer: Vec<&UserId> = called.filter(|user| calling.first.iter().all(|one| one.user != **user)).collect();
            if !holders.is_empty() {
                sentences.push(tongue.taken_from(&reader.names_of(holders)));
            }
            if !no_longer.is_empty() {
                sentences.push(tongue.no_longer_called(&reader.names_of(no_longer)));
            }
            if matches!(incident.phase, Phase::Held { .. }) {
                sentences.push(r.held_no_longer.to_owned());
            }
            if let Some(at) = calling.then_at.filter(|_| !calling.then.is_empty()) {
                sentences.push(tongue.opening_then(&told(&calling.then, reader), &reader.clock().short(at)));
            }
        }
    }
    sentences
}
