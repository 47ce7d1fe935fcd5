//! The allowance report of a month, from what was written down and from the days since.

use std::{collections::BTreeMap, sync::Arc};

use hansho_domain::{AllowanceReport, AllowanceRules, AnsweredPage, ReportPeriod, WorkedStretch, joined};
use jiff::Timestamp;

use super::record::months;
use crate::{
    Store,
    error::StoreError,
    item::{Item, body, s, text},
    keys,
};

impl Store {
    /// Who was on call for how long in the month, by class, and how many pages they answered. The past is what was written down.
    ///
    /// # Errors
    /// DynamoDB does not answer, or what it holds can not be read.
    pub async fn allowances(&self, period: &ReportPeriod) -> Result<AllowanceReport, StoreError> {
        let (from, until) = period.around();
        let mut by_schedule: BTreeMap<_, Vec<WorkedStretch>> = BTreeMap::new();
        for month in months(from, until) {
            for stretch in self.worked_in(&month, "").await? {
                by_schedule.entry(stretch.schedule.clone()).or_default().push(stretch);
            }
        }
        // A record whose end of recording did not come to be is left to what follows.
        let recorded = self.recorded_until().await?.unwrap_or(until);
        let whole = by_schedule.into_values().flat_map(joined);
        let mut stretches: Vec<WorkedStretch> = whole.filter_map(|stretch| stretch.within(from, until.min(recorded))).collect();
        stretches.extend(self.not_yet_recorded(from.max(recorded), until).await?);
        let mut rules: BTreeMap<String, Arc<AllowanceRules>> = BTreeMap::new();
        for stretch in &stretches {
            if !rules.contains_key(&stretch.rules) {
                rules.insert(stretch.rules.clone(), self.allowance_rules(&stretch.rules).await?);
            }
        }
        let default = AllowanceRules::default();
        let stretches: Vec<(WorkedStretch, &AllowanceRules)> = stretches
            .into_iter()
            .map(|stretch| {
                let own = rules.get(&stretch.rules).map_or(&default, |rules| &**rules);
                (stretch, own)
            })
            .collect();
        let answered = self.answered(from, until).await?;
        Ok(AllowanceReport::new(period, &stretches, &answered))
    }

    async fn not_yet_recorded(&self, from: Timestamp, until: Timestamp) -> Result<Vec<WorkedStretch>, StoreError> {
        let mut stretches = Vec::new();
        if from >= until {
            return Ok(stretches);
        }
        let directory = self.directory().await?;
        for listed in &directory.schedules {
            let Some(schedule) = self.definition(listed).await? else { continue };
            let overrides = self.overrides_between(&listed.id, from, until).await?;
            stretches.push(WorkedStretch::new(&schedule, &directory, &overrides, from, until));
        }
        Ok(stretches)
    }

    /// The rules of that hash; those that hold without any for none.
    async fn allowance_rules(&self, hash: &str) -> Result<Arc<AllowanceRules>, StoreError> {
        if hash.is_empty() {
            return Ok(Arc::default());
        }
        let found = self.get(&keys::allowances(hash)).await?;
        Ok(Arc::new(found.map(|found| body(&found)).transpose()?.unwrap_or_default()))
    }

    /// The acknowledgements by people in the period, by time.
    async fn answered(&self, from: Timestamp, until: Timestamp) -> Result<Vec<AnsweredPage>, StoreError> {
        let mut pages = Vec::new();
        for month in months(from, until) {
            let mut start = None;
            loop {
                let answer = self
                    .client
                    .query()
                    .table_name(&self.table)
                    .index_name("recent")
                    .key_condition_expression("recent_pk = :pk")
                    .expression_attribute_values(":pk", s(keys::answered_partition(&month)))
                    .set_exclusive_start_key(start)
                    .send()
                    .await
                    .map_err(|error| StoreError::unavailable("list answered pages", &error))?;
                pages.extend(answer.items.unwrap_or_default().iter().filter_map(answered_page));
                start = answer.last_evaluated_key;
                if start.is_none() {
                    break;
                }
            }
        }
        pages.retain(|page| from <= page.at && page.at < until);
        pages.sort();
        Ok(pages)
    }
}

fn answered_page(found: &Item) -> Option<AnsweredPage> {
    let mut parts = text(found, "recent_sk")?.splitn(3, '#');
    let at = Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok()?;
    Some(AnsweredPage { at, user: parts.next()?.parse().ok()? })
}
