//! Writing down the shifts that are over.
//!
//! One moment says up to when everything is written down. Whoever records writes what the configuration in force says about the time since
//! then, and moves that moment last, under the condition that nobody else did. A crash leaves records beyond it, which are written again; two
//! at once write the same, because both speak of a time that is over. The moment of recording is taken before the configuration is read, so what
//! was read was in force throughout.

use std::collections::BTreeSet;

use hansho_domain::{Directory, ScheduleId, UserId, WorkedStretch};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

use crate::{
    Store,
    error::StoreError,
    item::{self, Item, With, item, s, time},
    keys,
};

/// Most stretches that are written before the moment moves: a run that dies has little to repeat, and a long silence is made up for in pieces.
const STRETCHES_MAX: usize = 3_000;
/// The beat records when so much time is not written down yet. An apply records all of it, so nothing depends on the beat but the size of a record.
const BEAT: SignedDuration = SignedDuration::from_hours(24);

/// What became of a recording. A lost race is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Recording {
    /// Everything up to this moment is written down.
    Until(Timestamp),
    /// There was nothing to write down yet.
    NotYet,
    /// Somebody else did it at the same time.
    Overtaken,
}

impl Store {
    /// Writes down what was worked, at most once a day; the sweeper's beat.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn record_daily(&self) -> Result<Recording, StoreError> {
        let now = self.clock.now();
        // A warm function remembers, so that a minute costs no read.
        if self.cached(|cache| cache.recorded).is_some_and(|until| now.duration_since(until) < BEAT) {
            return Ok(Recording::NotYet);
        }
        let recorded = self.recorded_until().await?;
        self.cached(|cache| cache.recorded = recorded);
        let version = self.read_current().await?.version;
        if version == 0 || recorded.is_some_and(|until| now.duration_since(until) < BEAT) {
            return Ok(Recording::NotYet);
        }
        self.record_until(version, now).await
    }

    /// Writes down all that was worked under `version`, before another one is in force.
    pub(super) async fn record_until_apply(&self, version: u64) -> Result<(), StoreError> {
        let now = self.clock.now();
        loop {
            match self.record_until(version, now).await? {
                Recording::Until(until) if until < now => {}
                // Somebody else recorded the same time; what is left after it is ours again.
                Recording::Overtaken => {}
                Recording::Until(_) | Recording::NotYet => return Ok(()),
            }
        }
    }

    /// Writes down what was worked under `version` until `now`, or the oldest part of it.
    async fn record_until(&self, version: u64, now: Timestamp) -> Result<Recording, StoreError> {
        let Some(from) = self.recorded_until().await? else { return self.begin_recording(now).await };
        if now <= from {
            return Ok(Recording::NotYet);
        }
        let directory = match self.directory_at(version).await {
            Err(StoreError::Unreadable { key, .. }) => {
                tracing::error!(%key, "the directory can not be read; worked shifts are not written down until it is applied again");
                return Ok(Recording::NotYet);
            }
            other => other?,
        };
        let days = days(from, now, STRETCHES_MAX / directory.schedules.len().max(1));
        let until = days.last().map_or(now, |(_, until)| *until);
        for listed in &directory.schedules {
            self.record_schedule(&directory, &listed.id, &days).await?;
        }
        self.move_recorded(from, until).await
    }

    async fn record_schedule(&self, directory: &Directory, id: &ScheduleId, days: &[(Timestamp, Timestamp)]) -> Result<(), StoreError> {
        let (Some(listed), Some((from, _)), Some((_, until))) = (directory.schedule(id), days.first(), days.last()) else { return Ok(()) };
        let Some(schedule) = self.definition(listed).await? else { return Ok(()) };
        let overrides = self.overrides_between(id, *from, *until).await?;
        let mut items = Vec::new();
        let mut worked_by: BTreeSet<(UserId, String)> = BTreeSet::new();
        for (from, until) in days {
            let stretch = WorkedStretch::new(&schedule, directory, &overrides, *from, *until);
            let month = keys::month(*from);
            worked_by.extend(stretch.people.keys().map(|user| (user.clone(), month.clone())));
            let key = keys::worked(&month, id, *from);
            items.push(item(&key).with("body", s(item::json(&key.pk, &stretch)?)));
        }
        for (user, month) in worked_by {
            items.push(item(&keys::worked_by(&user, &month, id)).with("schedule", s(id.to_string())));
        }
        self.write_all(Box::new(items.into_iter().map(Ok))).await
    }

    async fn begin_recording(&self, now: Timestamp) -> Result<Recording, StoreError> {
        let made: Item = item(&keys::recorded()).with("until", time(now));
        let request = self.client.put_item().table_name(&self.table).set_item(Some(made)).condition_expression("attribute_not_exists(pk)");
        match self.retrying("recorded", || request.clone().send()).await {
            Ok(_) => Ok(Recording::Until(now)),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(Recording::Overtaken),
            Err(error) => Err(StoreError::unavailable("begin the record of worked shifts", &error)),
        }
    }

    async fn move_recorded(&self, from: Timestamp, until: Timestamp) -> Result<Recording, StoreError> {
        let key = keys::recorded();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #until = :until")
            .condition_expression("#until = :from")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":from", time(from))
            .expression_attribute_values(":until", time(until));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(Recording::Until(until)),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(Recording::Overtaken),
            Err(error) => Err(StoreError::unavailable("move the record of worked shifts", &error)),
        }
    }
}

/// The period cut at the midnights of UTC, the first `most` parts of it, one at least.
fn days(from: Timestamp, until: Timestamp, most: usize) -> Vec<(Timestamp, Timestamp)> {
    let mut days = Vec::new();
    let mut begin = from;
    while begin < until && days.len() < most.max(1) {
        let midnight = begin.to_zoned(TimeZone::UTC).date().checked_add(1.day()).and_then(|day| day.to_zoned(TimeZone::UTC));
        let end = midnight.map_or(until, |midnight| midnight.timestamp()).min(until);
        days.push((begin, end));
        begin = end;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn a_record_never_reaches_over_a_midnight_and_a_long_silence_is_made_up_for_in_pieces() {
        let at = |text: &str| text.parse().unwrap();
        let cut = days(at("2026-11-29T18:00:00Z"), at("2026-12-01T06:00:00Z"), 10);
        assert_eq!(cut.len(), 3);
        assert_eq!(cut[0], (at("2026-11-29T18:00:00Z"), at("2026-11-30T00:00:00Z")));
        assert_eq!(cut[2], (at("2026-12-01T00:00:00Z"), at("2026-12-01T06:00:00Z")));
        assert_eq!(days(at("2026-01-01T00:00:00Z"), at("2026-12-01T06:00:00Z"), 0).len(), 1);
    }
}
