//! What the pages say about shifts that change hands: the calendar, overrides, swaps.

use hansho_domain::SwapStage;
use serde::Serialize;

/// Words that stand alone, as templates name them.
#[derive(Serialize)]
pub(crate) struct ShiftLabels {
    pub(crate) calendar: &'static str,
    pub(crate) on_call: &'static str,
    pub(crate) earlier: &'static str,
    pub(crate) later: &'static str,
    pub(crate) today: &'static str,
    pub(crate) shifts: &'static str,
    pub(crate) when: &'static str,
    pub(crate) who: &'static str,
    pub(crate) change: &'static str,
    pub(crate) by_hand: &'static str,
    pub(crate) rotations: &'static str,
    pub(crate) overrides: &'static str,
    pub(crate) undo: &'static str,
    pub(crate) undo_confirm: &'static str,
    pub(crate) done: &'static str,
    pub(crate) whose_place: &'static str,
    pub(crate) everybody: &'static str,
    pub(crate) who_takes: &'static str,
    pub(crate) of_the_team: &'static str,
    pub(crate) others: &'static str,
    pub(crate) part: &'static str,
    pub(crate) part_from: &'static str,
    pub(crate) part_until: &'static str,
    pub(crate) part_use: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) somebody_else: &'static str,
    pub(crate) swap: &'static str,
    pub(crate) swap_which: &'static str,
    pub(crate) swap_nobody: &'static str,
    pub(crate) swap_ask: &'static str,
    pub(crate) swaps: &'static str,
    pub(crate) swap_open: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) decline: &'static str,
    pub(crate) withdraw: &'static str,
    pub(crate) you_give: &'static str,
    pub(crate) you_get: &'static str,
    pub(crate) my_shifts: &'static str,
    pub(crate) no_shifts: &'static str,
    pub(crate) bad_time: &'static str,
    pub(crate) not_yours: &'static str,
}

/// A language, for shifts.
pub(crate) trait ShiftTongue: Sync {
    fn shifts(&self) -> &'static ShiftLabels;
    /// So many weeks.
    fn weeks(&self, count: i64) -> String;
    /// From when until when.
    fn stretch(&self, from: &str, until: &str) -> String;
    /// That nobody is on call for so long.
    fn gap(&self, span: &str) -> String;
    /// Somebody's clock.
    fn local_time(&self, clock: &str) -> String;
    /// From whom to whom; either may be empty, for nobody.
    fn changing(&self, before: &str, after: &str, stretch: &str) -> String;
    /// Who is told of it: the names, and whether they are two.
    fn told(&self, names: &str, count: usize) -> String;
    /// Who can not be told.
    fn not_told(&self, names: &str) -> String;
    /// That the times of the schedule go by another clock.
    fn schedule_zone(&self, zone: &str) -> String;
    /// That it changes nothing.
    fn changes_nothing(&self, who: &str) -> String;
    /// That somebody is on call elsewhere at the same time.
    fn elsewhere(&self, who: &str, schedule: &str, stretch: &str) -> String;
    /// That there is another change by hand in that time.
    fn overlaps(&self, stretch: &str) -> String;
    /// Who asks whom.
    fn swap_of(&self, by: &str, with: &str) -> String;
    /// What becomes of it when they are asked.
    fn swap_asking(&self, with: &str, until: &str) -> String;
    /// Where a swap stands, for one of both.
    fn swap_stage(&self, stage: SwapStage, other: &str, is_asker: bool, until: &str) -> String;
}
