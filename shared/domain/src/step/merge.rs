//! Merging: two incidents turn out to be one trouble.

use super::{Decision, Rejected, draft::Draft, hold, reject, source};
use crate::{
    alert::{Clear, Severity, Urgency},
    id::IncidentId,
    incident::{MERGED_MAX, Merged, Phase},
    input::Actor,
    timeline::Event,
};

/// This one is over: its alerts go to `target` from now on.
pub(super) fn into(next: &mut Draft<'_>, target: IncidentId, actor: &Actor) -> Decision {
    if target == next.incident.id {
        return reject(Rejected::MergeIntoItself);
    }
    next.happened(Event::MergedInto { incident: target });
    super::call::over(next, Phase::Resolved { by: actor.clone(), at: next.now });
    next.incident.merged_into = Some(target);
    next.incident.merged.clear();
    Ok(())
}

/// This one takes `source` in, with all its keys. It becomes as bad as the other was: whoever has it, has both.
pub(super) fn absorb(
    next: &mut Draft<'_>,
    source: IncidentId,
    title: &str,
    keys: &[Merged],
    (severity, urgency): (Severity, Urgency),
    is_paging: bool,
) -> Decision {
    if source == next.incident.id {
        return reject(Rejected::MergeIntoItself);
    }
    if next.incident.merged.len() + keys.len() > MERGED_MAX {
        return reject(Rejected::TooManyMerged);
    }
    next.incident.merged.extend_from_slice(keys);
    next.happened(Event::Merged { incident: source, title: title.to_owned() });
    next.incident.severity = next.incident.severity.max(severity);
    if urgency > next.incident.urgency {
        source::made_urgent(next, "an urgent incident was merged into it");
    }
    // What was paging is not silenced by a hold that was about something else.
    if is_paging && matches!(next.incident.phase, Phase::Held { .. }) {
        hold::trigger(next, "an incident that pages was merged into it");
    }
    Ok(())
}

/// The source of a merged incident says that it is wrong.
pub(super) fn fires(next: &mut Draft<'_>, of: IncidentId) {
    set_firing(next, of, true);
}

/// The source of a merged incident says that it is over. What was merged is over when all of them say so.
pub(super) fn clear(next: &mut Draft<'_>, of: IncidentId, clear: &Clear, actor: &Actor) -> Decision {
    set_firing(next, of, false);
    source::cleared(next, clear, actor)
}

fn set_firing(next: &mut Draft<'_>, of: IncidentId, is_firing: bool) {
    for merged in next.incident.merged.iter_mut().filter(|merged| merged.incident == of) {
        merged.is_firing = is_firing;
    }
}
