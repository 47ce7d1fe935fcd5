//! The answers: who is on call, and the shifts of a period.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures_util::future::join_all;
use hansho_domain::{
    About, Directory, LOOK_DAYS_MAX, ListedSchedule, ListedShift, OnCallLine, Override, Schedule, ScheduleId, View, continued,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Store, error::StoreError};

/// So many schedules are read at once: an organisation has a thousand of them, and each is two requests.
const READ_AT_ONCE: usize = 25;

/// A schedule, what of it is asked about, and what has been made of it by hand.
struct Planned<'a> {
    listed: &'a ListedSchedule,
    view: View,
    schedule: Arc<Schedule>,
    overrides: Vec<Override>,
}

impl Store {
    /// Who is on call at `at` and who is next, by the configuration in force. The directory must know what is asked about.
    ///
    /// # Errors
    /// DynamoDB does not answer, or what it holds can not be read.
    pub async fn on_call(&self, about: &About, at: Timestamp) -> Result<Vec<OnCallLine>, StoreError> {
        let directory = self.directory().await?;
        let by = SignedDuration::from_hours(24 * LOOK_DAYS_MAX);
        let (from, until) = (at.saturating_sub(by).unwrap_or(Timestamp::MIN), at.saturating_add(by).unwrap_or(Timestamp::MAX));
        let elsewhere = self.covered(about, &directory, at).await?;
        let view = |listed: &ListedSchedule| about.view_of(&listed.id, &listed.members, &elsewhere, &directory);
        let mut lines = Vec::new();
        for found in self.planned(directory.schedules.iter().filter_map(|listed| Some((listed, view(listed)?))), from, until).await? {
            let Planned { listed, view, schedule, overrides } = found;
            lines.push(OnCallLine::at(&schedule, listed, &overrides, &view, |user| directory.name_of(user), at));
        }
        Ok(lines)
    }

    /// The shifts of a period: what is over as it was written down, the rest by the configuration in force.
    ///
    /// # Errors
    /// DynamoDB does not answer, or what it holds can not be read.
    pub async fn shifts(&self, about: &About, from: Timestamp, until: Timestamp) -> Result<Vec<ListedShift>, StoreError> {
        let directory = self.directory().await?;
        let recorded = self.recorded_until().await?.unwrap_or(from);
        let mut views = self.views(about, &directory, from).await?;
        let mut shifts: BTreeMap<ScheduleId, Vec<ListedShift>> = BTreeMap::new();
        let past = recorded.min(until);
        if from < past {
            views.extend(self.views_of_the_past(about, &directory, &views, from, past).await?);
            for (schedule, view) in &views {
                for stretch in self.worked(schedule, from, past).await? {
                    shifts.entry(schedule.clone()).or_default().extend(stretch.listed_as(view));
                }
            }
        }
        let future = from.max(recorded);
        let ahead = directory.schedules.iter().filter(|_| future < until);
        for found in self.planned(ahead.filter_map(|listed| Some((listed, views.remove(&listed.id)?))), future, until).await? {
            let Planned { listed, view, schedule, overrides } = found;
            let segments = schedule.shifts(&overrides, future, until);
            shifts.entry(listed.id.clone()).or_default().extend(listed.listed(&segments, &view, |user| directory.name_of(user)));
        }
        Ok(shifts.into_values().flat_map(continued).collect())
    }

    /// The definitions and overrides of these schedules. One that has no definition any more is left out.
    async fn planned<'a>(
        &self,
        wanted: impl Iterator<Item = (&'a ListedSchedule, View)>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Planned<'a>>, StoreError> {
        let wanted: Vec<(&ListedSchedule, View)> = wanted.collect();
        let mut all = Vec::new();
        for some in wanted.chunks(READ_AT_ONCE) {
            let read = some.iter().map(|(listed, view)| async move {
                let Some(schedule) = self.definition(listed).await? else { return Ok(None) };
                let overrides = self.overrides_between(&listed.id, from, until).await?;
                Ok(Some(Planned { listed, view: view.clone(), schedule, overrides }))
            });
            let read: Result<Vec<_>, StoreError> = join_all(read).await.into_iter().collect();
            all.extend(read?.into_iter().flatten());
        }
        Ok(all)
    }

    /// What of each schedule of the directory the question is about.
    async fn views(&self, about: &About, directory: &Directory, from: Timestamp) -> Result<BTreeMap<ScheduleId, View>, StoreError> {
        let elsewhere = self.covered(about, directory, from).await?;
        let views = directory
            .schedules
            .iter()
            .filter_map(|listed| about.view_of(&listed.id, &listed.members, &elsewhere, directory).map(|view| (listed.id.clone(), view)));
        Ok(views.collect())
    }

    /// The same for schedules that somebody worked in and has left, or that are gone.
    async fn views_of_the_past(
        &self,
        about: &About,
        directory: &Directory,
        known: &BTreeMap<ScheduleId, View>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<BTreeMap<ScheduleId, View>, StoreError> {
        let mut schedules = BTreeSet::new();
        for user in about.people(directory) {
            schedules.extend(self.schedules_worked_by(&user, from, until).await?);
        }
        if let About::Schedule(schedule) = about {
            schedules.insert(schedule.clone());
        }
        if *about == About::Everything {
            schedules.extend(self.schedules_recorded(from, until).await?);
        }
        let unknown = schedules.iter().filter(|schedule| !known.contains_key(*schedule));
        let views = unknown
            .filter_map(|schedule| about.view_of(schedule, &BTreeSet::new(), &schedules, directory).map(|view| (schedule.clone(), view)));
        Ok(views.collect())
    }

    /// Where the people who are asked about stand in by an override.
    async fn covered(&self, about: &About, directory: &Directory, from: Timestamp) -> Result<BTreeSet<ScheduleId>, StoreError> {
        let mut schedules = BTreeSet::new();
        for user in about.people(directory) {
            schedules.extend(self.schedules_covered_by(&user, from).await?);
        }
        Ok(schedules)
    }
}
