//! Whose turn it is: a counter for each step whose people take turns, outside of every transaction.
//!
//! A number is taken when it is known that the step is called. If the commit then loses its race or the function dies, the
//! number is lost, and if an answer is lost it is taken twice: that only changes whose turn it is.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnValue;
use hansho_domain::{Roster, StepTurn};

use crate::{
    Store,
    error::StoreError,
    item::{n, number, s},
    keys,
};

/// The numbers that were taken for one input, kept over the turns of its loop.
pub(crate) type Turns = BTreeMap<StepTurn, u64>;

impl Store {
    /// Takes a number for every step of `missing`, and says them in the roster.
    pub(crate) async fn take_turns(&self, missing: &[StepTurn], turns: &mut Turns, roster: &mut Roster) -> Result<(), StoreError> {
        for step in missing {
            if !turns.contains_key(step) {
                let number = self.take_turn(step).await?;
                turns.insert(step.clone(), number);
            }
        }
        roster.turns.extend(turns.clone());
        Ok(())
    }

    /// How many turns were taken before this one: one atomic write.
    async fn take_turn(&self, step: &StepTurn) -> Result<u64, StoreError> {
        let key = keys::turn(step);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("ADD taken :one")
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::UpdatedNew);
        let answer =
            self.retrying(&key.pk, || request.clone().send()).await.map_err(|error| StoreError::unavailable("take a turn", &error))?;
        Ok(answer.attributes.as_ref().and_then(|found| number::<u64>(found, "taken")).map_or(0, |taken| taken.saturating_sub(1)))
    }

    /// Says in the roster whose turn it would be at each step of its policies, without taking any.
    pub(crate) async fn look_at_turns(&self, roster: &mut Roster) -> Result<(), StoreError> {
        for policy in [&roster.policy].into_iter().chain(roster.policies.values()) {
            for (step, _) in (0u8..).zip(policy.steps()).filter(|(_, step)| step.round_robin) {
                let step = StepTurn { policy: policy.id().clone(), step };
                let taken = self.turns_taken(&step).await?;
                roster.turns.insert(step, taken);
            }
        }
        Ok(())
    }

    /// How many turns were taken at a step so far.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn turns_taken(&self, step: &StepTurn) -> Result<u64, StoreError> {
        Ok(self.get(&keys::turn(step)).await?.and_then(|found| number(&found, "taken")).unwrap_or(0))
    }
}
