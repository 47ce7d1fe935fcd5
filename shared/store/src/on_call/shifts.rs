//! The answers: who is on call, and the shifts of a period.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{About, Directory, LOOK_DAYS_MAX, ListedShift, OnCallLine, ScheduleId, View, continued};
use jiff::{SignedDuration, Timestamp};

use crate::{Store, error::StoreError};

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
        let mut lines = Vec::new();
        for listed in &directory.schedules {
            let Some(view) = about.view_of(&listed.id, &listed.members, &elsewhere, &directory) else { continue };
            let Some(schedule) = self.definition(listed).await? else { continue };
            let overrides = self.overrides_between(&listed.id, from, until).await?;
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
        for listed in directory.schedules.iter().filter(|_| future < until) {
            let Some(view) = views.get(&listed.id) else { continue };
            let Some(schedule) = self.definition(listed).await? else { continue };
            let overrides = self.overrides_between(&listed.id, future, until).await?;
            let segments = schedule.shifts(&overrides, future, until);
            shifts.entry(listed.id.clone()).or_default().extend(listed.listed(&segments, view, |user| directory.name_of(user)));
        }
        Ok(shifts.into_values().flat_map(continued).collect())
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
