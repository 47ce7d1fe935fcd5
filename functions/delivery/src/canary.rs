//! The canary has come the whole way: intake, table, stream, relay, queue, and here. It is sent to nobody; that it came is a metric, whose
//! absence is an alarm (infra/canary.tf).

use hansho_domain::{Actor, Command, Incident, Input, InputId};
use hansho_runtime::{Failure, telemetry};
use hansho_store::{Delivery, Ending};
use jiff::Timestamp;

use crate::{DeliveryFunction, unavailable};

impl DeliveryFunction {
    /// Resolves its incident and counts it. One that is brought twice finds that it is resolved and is counted once.
    pub(crate) async fn canary_arrives(&self, delivery: &Delivery, incident: &Incident) -> Result<(), Failure> {
        let resolve = Input { id: InputId::derived(format!("canary-{}", delivery.id)), actor: Actor::Hansho, command: Command::Resolve };
        let _ = self.store.apply(incident.id, &resolve).await.map_err(unavailable)?;
        self.finish(delivery, &Ending::Ended { reason: "the canary has arrived".to_owned() }).await?;
        let now = self.store.clock().now();
        for (name, value, unit) in arrived(incident.opened_at, now) {
            telemetry::print_metric(now, name, value, unit);
        }
        Ok(())
    }
}

/// That it came, and how long it took.
fn arrived(opened_at: Timestamp, now: Timestamp) -> [(&'static str, f64, &'static str); 2] {
    [("CanaryArrived", 1.0, "Count"), ("CanarySeconds", now.duration_since(opened_at).as_secs_f64(), "Seconds")]
}

#[cfg(test)]
mod tests {
    use super::arrived;

    #[test]
    fn a_canary_is_counted_with_the_time_that_it_took() {
        let at = |text: &str| text.parse().unwrap();
        let metrics = arrived(at("2026-11-20T18:12:00Z"), at("2026-11-20T18:12:01.500Z"));
        assert_eq!(metrics, [("CanaryArrived", 1.0, "Count"), ("CanarySeconds", 1.5, "Seconds")]);
    }
}
