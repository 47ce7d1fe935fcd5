//! Merging: one transaction over two incidents and their dedup pointers.

use aws_sdk_dynamodb::types::TransactWriteItem;
use hansho_domain::{Command, Incident, IncidentId, Input, Merged, Phase, Rejected, Verdict};

use crate::{
    Store,
    commit::{Applied, Commit},
    error::StoreError,
    incident::Stored,
    item::s,
    keys,
    turn::Turns,
};

impl Store {
    /// One turn of the loop for a merge: decides on both incidents and commits both, or neither. `None` when the race for
    /// one of them was lost.
    pub(crate) async fn merge_once(
        &self,
        source: Stored,
        target: IncidentId,
        input: &Input,
        turns: &mut Turns,
    ) -> Result<Option<Applied>, StoreError> {
        let now = self.clock.now();
        let reject = |why, incident: &Incident| Ok(Some(Applied::Rejected(why, Box::new(incident.clone()))));
        // Whether the two can be one is asked first of what is merged: it knows whether it was merged before.
        let merged = match self.decide(&source.incident, input, now, turns).await? {
            Verdict::Apply(transition) => transition,
            Verdict::Ignore(why) => return Ok(Some(Applied::Ignored(why, Box::new(source.incident)))),
            Verdict::Reject(why) => return Ok(Some(Applied::Rejected(why, Box::new(source.incident)))),
        };
        let Some(other) = self.incident(target).await? else {
            return reject(Rejected::MergeTargetUnknown(target), &source.incident);
        };
        let command = Command::Absorb {
            source: source.incident.id,
            title: source.incident.title.clone(),
            keys: keys_of(&source.incident),
            severity: source.incident.severity,
            urgency: source.incident.urgency,
            is_paging: matches!(source.incident.phase, Phase::Triggered | Phase::Exhausted),
        };
        let absorbs = Input { command, ..input.clone() };
        let absorbed = match self.decide(&other.incident, &absorbs, now, turns).await? {
            Verdict::Apply(transition) => transition,
            Verdict::Reject(why) => return reject(why, &source.incident),
            // It has this very input already: the merge was committed, and what was read of the source is older than that.
            Verdict::Ignore(_) => return Ok(None),
        };
        let mut writes = self.writes_of(&merged, Some(source.incident.version), &source.fields, now)?;
        writes.extend(self.writes_of(&absorbed, Some(other.incident.version), &other.fields, now)?);
        writes.extend(self.repointed(&source.incident, target)?);
        let token = format!("merge/{}/{}/{}/{}", source.incident.id, merged.incident.version, target, absorbed.incident.version);
        match self.transact(&token, writes).await? {
            Commit::Committed => Ok(Some(Applied::Changed(Box::new(merged.incident)))),
            Commit::Conflict => Ok(None),
        }
    }

    /// Every pointer of the merged incident leads to the other from now on.
    fn repointed(&self, source: &Incident, target: IncidentId) -> Result<Vec<TransactWriteItem>, StoreError> {
        let own = keys::pointer(&source.integration, &source.dedup_key);
        let mut writes = Vec::new();
        for merged in keys_of(source) {
            let key = keys::pointer_of(&merged.pointer);
            let update = self
                .pointer_update_at(&key, source.id)
                .update_expression("SET incident = :target, merged_from = :from")
                .condition_expression("incident = :incident AND #state = :open")
                .expression_attribute_values(":open", s("open"))
                .expression_attribute_values(":target", s(target.to_string()))
                .expression_attribute_values(":from", s(merged.incident.to_string()));
            writes.push(self.built(&own.pk, update)?);
        }
        Ok(writes)
    }
}

/// What the incident brings into a merge: its own key, and those of incidents that were merged into it before.
fn keys_of(incident: &Incident) -> Vec<Merged> {
    let pointer = keys::pointer(&incident.integration, &incident.dedup_key).pk;
    let own = Merged { incident: incident.id, pointer, is_firing: !incident.is_cleared };
    std::iter::once(own).chain(incident.merged.iter().cloned()).collect()
}
