//! What a test expects of a story, and what it says when the story is another.

use hansho_domain::{Method, PhaseName, ScheduleId, TeamId, UserId};
use jiff::SignedDuration;

use crate::{
    span::written,
    story::{Page, Story},
};

/// How many pages a sentence names.
const PAGES_TOLD_MAX: usize = 4;

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// One person.
    User(UserId),
    /// Everybody in a team.
    Team(TeamId),
    /// Everybody who is on call when the alarm comes in.
    Schedule(ScheduleId),
    /// Everybody whom the steps of the service's policy name when the alarm comes in.
    Everybody,
}

/// One thing that has to be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// All of them are paged by then.
    Paged {
        /// Who.
        whom: Whom,
        /// How long after the alarm at the latest, in seconds.
        within_seconds: u32,
        /// How; any way is right without it.
        by: Option<Method>,
    },
    /// None of them is paged.
    NotPaged {
        /// Who.
        whom: Whom,
        /// For how long after the alarm, in seconds; the whole story without it.
        within_seconds: Option<u32>,
        /// How; any way is wrong without it.
        by: Option<Method>,
    },
    /// Nobody at all is paged.
    Silent {
        /// For how long after the alarm, in seconds.
        for_seconds: u32,
    },
}

impl Expectation {
    /// What is wrong with `story`, whose alarm is about `people` where somebody is meant.
    pub(crate) fn wrong(&self, story: &Story, people: &[UserId]) -> Option<String> {
        match self {
            Self::Paged { within_seconds, by, .. } => not_paged(story, people, *within_seconds, *by),
            Self::NotPaged { within_seconds, by, .. } => paged(story, people, *within_seconds, *by),
            Self::Silent { for_seconds } => {
                let pages: Vec<&Page> = story.pages.iter().filter(|page| story.since_start(page.at) < seconds(*for_seconds)).collect();
                (!pages.is_empty()).then(|| format!("silent for {}: {}", written((*for_seconds).into()), told(story, &pages)))
            }
        }
    }
}

fn not_paged(story: &Story, people: &[UserId], within_seconds: u32, by: Option<Method>) -> Option<String> {
    let in_time: Vec<&Page> = story.pages_within(Some(seconds(within_seconds))).collect();
    let missing: Vec<&UserId> = people.iter().filter(|user| !in_time.iter().any(|page| is_to(page, user, by))).collect();
    if missing.is_empty() {
        return None;
    }
    let of_missing: Vec<&Page> = story.pages.iter().filter(|page| page.person().is_some_and(|user| missing.contains(&user))).collect();
    let happened = if !of_missing.is_empty() {
        told(story, &of_missing)
    } else if in_time.is_empty() {
        let later: Vec<&Page> = story.pages.iter().take(1).collect();
        if later.is_empty() { "nobody was paged at all".to_owned() } else { format!("nobody was paged; {}", told(story, &later)) }
    } else {
        told(story, &in_time)
    };
    let names: Vec<&str> = missing.iter().map(|user| user.as_str()).collect();
    let were = if names.len() == 1 { "was" } else { "were" };
    Some(format!("within {}: {} {were} not paged{}; {happened}", written(within_seconds.into()), names.join(", "), way(by)))
}

fn paged(story: &Story, people: &[UserId], within_seconds: Option<u32>, by: Option<Method>) -> Option<String> {
    let within = within_seconds.map(seconds);
    let wrong: Vec<&Page> = story.pages_within(within).filter(|page| people.iter().any(|user| is_to(page, user, by))).collect();
    let time = within_seconds.map_or_else(|| "never".to_owned(), |within| format!("not within {}", written(within.into())));
    (!wrong.is_empty()).then(|| format!("{time}: {}", told(story, &wrong)))
}

fn is_to(page: &Page, user: &UserId, by: Option<Method>) -> bool {
    page.person() == Some(user) && by.is_none_or(|by| page.way() == by.as_str())
}

fn way(by: Option<Method>) -> String {
    by.map_or_else(String::new, |by| format!(" by {}", by.as_str()))
}

/// `ben was paged by sms at 5m (step 2)`, for the first few.
fn told(story: &Story, pages: &[&Page]) -> String {
    let mut sentences: Vec<String> = pages.iter().take(PAGES_TOLD_MAX).map(|page| sentence(story, page)).collect();
    if pages.len() > PAGES_TOLD_MAX {
        sentences.push(format!("and {} more", pages.len() - PAGES_TOLD_MAX));
    }
    sentences.join(", ")
}

fn sentence(story: &Story, page: &Page) -> String {
    let place = match (page.phase, page.position.round) {
        (PhaseName::Exhausted, _) => "after the last step".to_owned(),
        (_, 0) => format!("step {}", page.position.step + 1),
        (_, round) => format!("step {}, round {}", page.position.step + 1, round + 1),
    };
    let at = written(story.since_start(page.at).as_secs());
    let was = if page.person().is_some() { "was paged" } else { "was told" };
    format!("{} {was} by {} at {at} ({place})", page.who(), page.way())
}

fn seconds(seconds: u32) -> SignedDuration {
    SignedDuration::from_secs(seconds.into())
}
