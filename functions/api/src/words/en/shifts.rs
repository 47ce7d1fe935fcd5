//! English, about shifts that change hands.

use hansho_domain::SwapStage;

use super::English;
use crate::words::{ShiftLabels, ShiftTongue};

static LABELS: ShiftLabels = ShiftLabels {
    calendar: "Calendar",
    on_call: "On call",
    earlier: "Earlier",
    later: "Later",
    today: "Today",
    shifts: "Shifts",
    when: "When",
    who: "Who",
    change: "Change",
    by_hand: "changed by hand",
    rotations: "What the rotations alone say",
    overrides: "Changes by hand",
    undo: "Take it back",
    undo_confirm: "Yes, take it back",
    done: "It is changed.",
    whose_place: "Whose place?",
    everybody: "Everybody who is on call then",
    who_takes: "Who takes it?",
    of_the_team: "People of the team",
    others: "Others",
    part: "Only a part of it",
    part_from: "From",
    part_until: "Until",
    part_use: "Take this time",
    confirm: "Yes, change it",
    somebody_else: "Somebody else takes it",
    swap: "Swap it for another shift",
    swap_which: "Which shift do you take for it?",
    swap_nobody: "Nobody else has a shift of this schedule in the next eight weeks.",
    swap_ask: "Ask",
    swaps: "Swaps that wait for an answer",
    swap_open: "Look at it",
    accept: "Yes, swap",
    decline: "No",
    withdraw: "Do not ask any more",
    you_give: "You give",
    you_get: "You take",
    my_shifts: "Your next shifts",
    no_shifts: "You have no shift in the next four weeks.",
    bad_time: "This is no time for it: it has to end after it begins, and after now. Choose it again.",
    not_yours: "Somebody else decides who is on call here: a manager of the team or an admin. You can take a shift yourself, or give away your own.",
};

impl ShiftTongue for English {
    fn shifts(&self) -> &'static ShiftLabels {
        &LABELS
    }

    fn weeks(&self, count: i64) -> String {
        if count == 1 { "1 week".to_owned() } else { format!("{count} weeks") }
    }

    fn stretch(&self, from: &str, until: &str) -> String {
        format!("{from} - {until}")
    }

    fn gap(&self, span: &str) -> String {
        format!("nobody for {span}")
    }

    fn local_time(&self, clock: &str) -> String {
        format!("{clock} there now")
    }

    fn changing(&self, before: &str, after: &str, stretch: &str) -> String {
        let named = |names: &str| if names.is_empty() { "nobody".to_owned() } else { names.to_owned() };
        format!("{} -> {}, {stretch}.", named(before), named(after))
    }

    fn told(&self, names: &str, count: usize) -> String {
        match count {
            0 => "Nobody else is concerned.".to_owned(),
            1 => format!("{names} is told."),
            2 => "Both are told.".to_owned(),
            _ => format!("{names} are told."),
        }
    }

    fn not_told(&self, names: &str) -> String {
        format!("Hansho has no way to tell {names}: tell them yourself.")
    }

    fn schedule_zone(&self, zone: &str) -> String {
        format!("Hand-offs of this schedule go by the clock of {zone}.")
    }

    fn changes_nothing(&self, who: &str) -> String {
        format!("This changes nothing: {who} is on call then already.")
    }

    fn elsewhere(&self, who: &str, schedule: &str, stretch: &str) -> String {
        format!("{who} is on call at the same time in {schedule}: {stretch}. If one call goes unanswered, so does the other.")
    }

    fn overlaps(&self, stretch: &str) -> String {
        format!("There is another change by hand in this time, {stretch}; this one wins over it.")
    }

    fn swap_of(&self, by: &str, with: &str) -> String {
        format!("{by} asks {with} to swap")
    }

    fn swap_asking(&self, with: &str, until: &str) -> String {
        format!("{with} is asked, and has until {until} to say yes. Nothing changes before that.")
    }

    fn swap_stage(&self, stage: SwapStage, other: &str, is_asker: bool, until: &str) -> String {
        match stage {
            SwapStage::Asked if is_asker => format!("{other} is asked and has until {until} to say yes."),
            SwapStage::Asked => format!("{other} asks you to swap. You have until {until} to answer."),
            SwapStage::Accepted => "It is agreed, and so it is in the calendar.".to_owned(),
            SwapStage::Declined if is_asker => format!("{other} said no. Nothing has changed."),
            SwapStage::Declined => "You said no. Nothing has changed.".to_owned(),
            SwapStage::Withdrawn if is_asker => "You do not ask any more. Nothing has changed.".to_owned(),
            SwapStage::Withdrawn => format!("{other} does not ask any more. Nothing has changed."),
            SwapStage::Expired => "Nobody answered before the first of the two shifts began. Nothing has changed.".to_owned(),
        }
    }
}
