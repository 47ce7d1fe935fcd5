//! Messages that belong to no incident, as the calls and their answers show them: reminders of shifts and drills; and the laws
//! about them.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{HandOff, Notice, NoticeKind, Override, Schedule, ShiftEdge, UserId};
use jiff::Timestamp;
use serde_json::Value;

use super::{laws::Broken, world::World};

/// An edit of the configuration is in force everywhere within so long.
const CONFIGURATION_MS: i64 = 5_000;
/// A reminder is made by the sweeper of the next minute, and is on its way a moment later.
const REMINDER_MS: i64 = 180_000;

/// One notice that a provider accepted.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) ms: i64,
    /// When the function had claimed it: what it looked at is not older.
    pub(crate) claimed_ms: i64,
    pub(crate) task: u64,
    pub(crate) id: String,
    pub(crate) channel: &'static str,
    pub(crate) is_recorded: bool,
    /// What kept the function from recording it.
    pub(crate) excuse: Option<&'static str>,
}

/// A notice that an invocation has claimed.
#[derive(Debug, Clone)]
struct Claim {
    id: String,
    order: u64,
    ms: i64,
}

/// Everything that was seen of them.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    pub(crate) made: BTreeMap<String, Notice>,
    pub(crate) told: Vec<Told>,
    /// The overrides that stand from each moment on, by their sort keys.
    pub(crate) overrides: Vec<(i64, BTreeMap<String, Override>)>,
    pub(crate) duplicates_explained: u64,
    unanswered: BTreeMap<String, u32>,
    claims: BTreeMap<u64, Claim>,
}

/// The id of a notice by its partition key.
fn id_of(pk: &str) -> Option<&str> {
    pk.strip_prefix("NOTICE#")
}

impl Notices {
    /// An item was written. Whether it is a new notice.
    pub(crate) fn put(&mut self, ms: i64, pk: &str, sk: &str, body: &str) -> bool {
        if pk.starts_with("SCHEDULE#") && sk.starts_with("OVERRIDE#") {
            if let Ok(made) = serde_json::from_str(body) {
                self.change_overrides(ms, |overrides| drop(overrides.insert(format!("{pk} {sk}"), made)));
            }
            return false;
        }
        let (Some(id), Ok(notice)) = (id_of(pk), serde_json::from_str(body)) else { return false };
        self.made.insert(id.to_owned(), notice).is_none()
    }

    /// An item was deleted.
    pub(crate) fn delete(&mut self, ms: i64, pk: &str, sk: &str) {
        if pk.starts_with("SCHEDULE#") {
            self.change_overrides(ms, |overrides| drop(overrides.remove(&format!("{pk} {sk}"))));
        }
    }

    fn change_overrides(&mut self, ms: i64, change: impl FnOnce(&mut BTreeMap<String, Override>)) {
        let mut overrides = self.overrides.last().map(|(_, overrides)| overrides.clone()).unwrap_or_default();
        change(&mut overrides);
        self.overrides.push((ms, overrides));
    }

    /// An item was updated: perhaps a notice was claimed, or a claim was ended.
    pub(crate) fn update(&mut self, task: u64, order: u64, ms: i64, pk: &str, expression: &str, state: Option<&str>) {
        let Some(id) = id_of(pk) else { return };
        if expression.contains("attempt") {
            self.claims.insert(task, Claim { id: id.to_owned(), order, ms });
        } else if let Some(state) = state {
            self.claims.remove(&task);
            for told in self.told.iter_mut().filter(|told| state == "sent" && told.task == task && told.id == id) {
                told.is_recorded = true;
            }
        }
    }

    /// When the invocation has claimed the notice that it is at.
    pub(crate) fn claimed_at(&self, task: u64) -> Option<u64> {
        self.claims.get(&task).map(|claim| claim.order)
    }

    /// A provider has accepted what the invocation had claimed. What is against the law about that, and whose notice it was.
    pub(crate) fn accept(
        &mut self,
        task: u64,
        ms: i64,
        channel: &'static str,
        no_answer: &'static str,
    ) -> (Option<Broken>, Option<Notice>) {
        let Some(Claim { id, ms: claimed_ms, .. }) = self.claims.get(&task).cloned() else { return (None, None) };
        let broken = self.check_duplicate(&id, no_answer);
        self.told.push(Told { ms, claimed_ms, task, id: id.clone(), channel, is_recorded: false, excuse: None });
        (broken, self.made.get(&id).cloned())
    }

    /// A second message needs a crash between the first's acceptance and its record, or one answer that did not come.
    fn check_duplicate(&mut self, id: &str, no_answer: &'static str) -> Option<Broken> {
        let before = self.told.iter().rev().find(|told| told.id == id)?;
        let text =
            format!("NOTICE#{id} was accepted twice by {} (recorded: {}, excuse: {:?})", before.channel, before.is_recorded, before.excuse);
        let Some(excuse) = before.excuse.filter(|_| !before.is_recorded) else { return Some(("8", text)) };
        self.duplicates_explained += 1;
        let unanswered = self.unanswered.entry(id.to_owned()).or_default();
        *unanswered += u32::from(excuse == no_answer);
        (*unanswered > 1).then_some(("8", text))
    }

    /// The invocation is over; what it did not record it never will.
    pub(crate) fn over(&mut self, task: u64, excuse: Option<&'static str>) {
        self.claims.remove(&task);
        if excuse.is_some() {
            for told in self.told.iter_mut().rev().take(20).filter(|told| told.task == task) {
                told.excuse = excuse;
            }
        }
    }

    /// What stood at any time from `from_ms` to `until_ms`.
    fn overrides_between(&self, from_ms: i64, until_ms: i64) -> Vec<Vec<Override>> {
        let mut stood: Vec<&BTreeMap<String, Override>> = Vec::new();
        for (at, overrides) in &self.overrides {
            if *at > until_ms {
                break;
            }
            if *at <= from_ms {
                stood.clear();
            }
            stood.push(overrides);
        }
        let began_empty = self.overrides.first().is_none_or(|(at, _)| *at > from_ms);
        began_empty.then(Vec::new).into_iter().chain(stood.into_iter().map(|overrides| overrides.values().cloned().collect())).collect()
    }
}

fn hand_off_of(notice: &Notice) -> Option<(ShiftEdge, &HandOff)> {
    match &notice.kind {
        NoticeKind::ShiftBegins(hand_off) => Some((ShiftEdge::Start, hand_off)),
        NoticeKind::ShiftEnds(hand_off) => Some((ShiftEdge::End, hand_off)),
        NoticeKind::Verification
        | NoticeKind::Drill { .. }
        | NoticeKind::SignIn { .. }
        | NoticeKind::PasskeyAdded { .. }
        | NoticeKind::Invitation { .. }
        | NoticeKind::OverrideMade(_)
        | NoticeKind::OverrideRemoved(_)
        | NoticeKind::Swap { .. } => None,
    }
}

fn is_edge(schedule: &Schedule, overrides: &[Override], user: &UserId, edge: ShiftEdge, at: Timestamp) -> bool {
    let before = Timestamp::from_millisecond(at.as_millisecond() - 1).unwrap();
    let (was, is) = (schedule.on_call_at(overrides, before).contains(user), schedule.on_call_at(overrides, at).contains(user));
    match edge {
        ShiftEdge::Start => is && !was,
        ShiftEdge::End => was && !is,
    }
}

/// Nobody is reminded of a shift that was not theirs when the function looked, by no configuration and no override that stood then.
pub(crate) fn check_told(world: &World, notices: &Notices, broken: &mut Vec<Broken>) {
    for told in &notices.told {
        let Some((edge, hand_off)) = notices.made.get(&told.id).and_then(hand_off_of) else { continue };
        let user = &notices.made[&told.id].user;
        let from_ms = told.claimed_ms - CONFIGURATION_MS;
        let applied = world.applied.iter().filter(|(at, _)| *at <= told.ms);
        let teams: BTreeSet<usize> = applied.map(|(_, team)| *team).collect();
        let schedules =
            teams.iter().flat_map(|team| world.teams[*team].0.schedules()).filter(|schedule| *schedule.id() == hand_off.schedule);
        let stood = notices.overrides_between(from_ms, told.ms);
        let was_theirs = schedules.into_iter().any(|schedule| stood.iter().any(|o| is_edge(schedule, o, user, edge, hand_off.at)));
        if !was_theirs || told.ms >= hand_off.at.as_millisecond() {
            broken.push(("notices", format!("NOTICE#{} reminded {user} of {edge:?} at {}, which is not theirs", told.id, hand_off.at)));
        }
    }
}

/// Whoever has a shift whose reminder is due was reminded of it, or their provider refused.
pub(crate) fn check_reminded(world: &World) -> Vec<Broken> {
    let mut broken = Vec::new();
    // After several applies the world does not know which is in force.
    let [(_, team)] = world.applied[..] else { return broken };
    let (made, told, overrides, now_ms) = {
        let state = world.board.state();
        let notices = &state.history.notices;
        let overrides: Vec<Override> = notices.overrides.last().map(|(_, o)| o.values().cloned().collect()).unwrap_or_default();
        let told: BTreeSet<String> = notices.told.iter().map(|told| told.id.clone()).collect();
        (notices.made.clone(), told, overrides, state.now_ms)
    };
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
    for schedule in world.teams[team].0.schedules() {
        for segment in schedule.shifts(&overrides, at(now_ms), at(now_ms + 7_200_000)) {
            for user in world.teams[team].0.users() {
                let edges = [ShiftEdge::Start, ShiftEdge::End].into_iter();
                for edge in edges.filter(|edge| is_edge(schedule, &overrides, user.id(), *edge, segment.from)) {
                    let lead =
                        user.reminders().iter().filter(|rule| rule.of == edge).map(|rule| i64::from(rule.before_seconds) * 1000).max();
                    let is_due = lead.is_some_and(|lead| segment.from.as_millisecond() - lead + REMINDER_MS <= now_ms);
                    if !is_due || segment.from.as_millisecond() <= now_ms {
                        continue;
                    }
                    let is_it = |notice: &Notice| {
                        let hand_off = hand_off_of(notice);
                        notice.user == *user.id()
                            && hand_off.is_some_and(|(of, h)| of == edge && h.at == segment.from && h.schedule == *schedule.id())
                    };
                    let ids: Vec<&String> = made.iter().filter(|(_, notice)| is_it(notice)).map(|(id, _)| id).collect();
                    let is_told = ids.iter().any(|id| told.contains(*id) || state_of(world, id) == "failed");
                    if !is_told {
                        broken.push(("notices", format!("{} was not reminded of {edge:?} at {} ({ids:?})", user.id(), segment.from)));
                    }
                }
            }
        }
    }
    broken
}

fn item_of(world: &World, id: &str) -> Value {
    world.partition(&format!("NOTICE#{id}")).into_iter().next().unwrap_or_default()
}

fn state_of(world: &World, id: &str) -> String {
    item_of(world, id)["state"]["S"].as_str().unwrap_or_default().to_owned()
}

/// Law 4 for notices: each is sent, or ended with a reason.
pub(crate) fn check_at_rest(world: &World) -> Vec<Broken> {
    let ids: Vec<String> = world.board.state().history.notices.made.keys().cloned().collect();
    let mut broken = Vec::new();
    for id in ids {
        let item = item_of(world, &id);
        let (state, reason) = (item["state"]["S"].as_str().unwrap_or_default(), item["reason"]["S"].as_str().unwrap_or_default());
        if !matches!(state, "sent" | "failed" | "ended") || state != "sent" && reason.is_empty() {
            broken.push(("4", format!("NOTICE#{id} is left {state:?} ({reason})")));
        }
    }
    broken
}

/// The certificate of every drill names exactly who did not answer, and everybody who was asked was told, or could not be.
pub(crate) fn check_drills(world: &World) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (number, tried) in &world.drills {
        let Some((drill, unproven, people)) = world.certificate(*number) else {
            if *tried {
                broken.push(("notices", format!("drill {number} was begun and is not there")));
            }
            continue;
        };
        let began_ms = drill.began_at.as_millisecond();
        for user in &people {
            let taps: Vec<_> = world.answers.values().filter(|answered| answered.user == *user && answered.over_ms >= began_ms).collect();
            let has_answered = taps.iter().any(|answered| answered.is_made && answered.began_ms >= began_ms);
            let is_wrong = if has_answered { unproven.contains(user) } else { taps.is_empty() && !unproven.contains(user) };
            if is_wrong {
                broken.push(("notices", format!("the certificate of drill {number} says of {user} what is not so ({taps:?})")));
            }
        }
        for asked in &drill.asked {
            let id = drill.notice_of(asked).unwrap().to_string();
            let was_made = world.board.state().history.notices.made.contains_key(&id);
            if !was_made {
                broken.push(("notices", format!("drill {number} never asked {} by {}", asked.user, asked.method.as_str())));
            }
        }
    }
    broken
}
