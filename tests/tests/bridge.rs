//! The bridge to AWS Systems Manager: what Incident Manager and OpsCenter are asked, through the function's own handler on the embedded
//! database, and what comes back from there.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "bridge/bench.rs"]
mod bench;
#[path = "bridge/other_side.rs"]
mod other_side;

#[path = "bridge/back.rs"]
mod back;
#[path = "bridge/life.rs"]
mod life;
#[path = "bridge/ops_center.rs"]
mod ops_center;
#[path = "bridge/refusals.rs"]
mod refusals;
#[path = "bridge/trouble.rs"]
mod trouble;
