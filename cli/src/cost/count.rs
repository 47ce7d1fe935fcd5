//! What was counted: `tests/tests/cost.rs` plays each step through the functions on the embedded DynamoDB and compares.

use std::{
    collections::BTreeMap,
    ops::{Add, Mul},
};

use serde::{Deserialize, Serialize};

use super::CostError;

const FILE: &str = "cli/src/cost/counts.json";

/// What was counted of everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Each step of an incident's way, and what happens without one.
    pub steps: BTreeMap<String, Count>,
    /// What is there all the time.
    pub deployment: Deployment,
}

/// What one step takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Count {
    /// Invocations, by the function.
    pub invocations: BTreeMap<String, f64>,
    /// Requests to AWS, by the function that makes them.
    pub requests: BTreeMap<String, f64>,
    /// Consumed read units of the table.
    pub read_units: f64,
    /// Consumed write units of the table.
    pub write_units: f64,
    /// Messages that were put into a queue.
    pub messages: f64,
    /// Schedules that were made.
    pub schedules: f64,
    /// Text messages.
    pub texts: f64,
    /// Mails.
    pub mails: f64,
    /// Requests over HTTP.
    pub http: f64,
    /// Mails that come in, each written into the bucket once.
    pub mails_in: f64,
    /// Reads of the bucket.
    pub objects: f64,
}

/// What `infra/` makes and what costs something though nothing happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Alarms on Hansho itself, with mail and with a limit of text messages.
    pub alarms: f64,
    /// Metrics that Hansho emits while nothing is wrong.
    pub metrics: f64,
    /// Dashboards.
    pub dashboards: f64,
    /// Schedules that put a message into a queue every minute, which nobody reads.
    pub beats: f64,
    /// How often a canary goes the whole way, in minutes.
    pub canary_minutes: f64,
    /// Queues that Lambda polls.
    pub polled_queues: f64,
    /// Clean sweeps that the dead man's switch is told of, each minute.
    pub pings: f64,
    /// Functions and mappings that the sweeper asks Lambda about, each minute.
    pub watched: f64,
    /// Memory, by the function, in MB.
    pub memory_mb: BTreeMap<String, f64>,
}

impl Counts {
    /// As they are kept.
    ///
    /// # Errors
    /// The file is broken.
    pub fn kept() -> Result<Self, CostError> {
        serde_json::from_str(include_str!("counts.json")).map_err(|error| CostError::Data { file: FILE, message: error.to_string() })
    }

    /// What was counted of a step.
    ///
    /// # Errors
    /// It was not.
    pub fn step(&self, name: &str) -> Result<&Count, CostError> {
        self.steps.get(name).ok_or_else(|| CostError::Step(name.to_owned()))
    }

    /// The memory of a function, in MB.
    ///
    /// # Errors
    /// There is no such function.
    pub fn memory_mb(&self, function: &str) -> Result<f64, CostError> {
        self.deployment.memory_mb.get(function).copied().ok_or_else(|| CostError::Memory(function.to_owned()))
    }
}

impl Mul<f64> for &Count {
    type Output = Count;

    fn mul(self, times: f64) -> Count {
        let each = |map: &BTreeMap<String, f64>| map.iter().map(|(name, count)| (name.clone(), count * times)).collect();
        Count {
            invocations: each(&self.invocations),
            requests: each(&self.requests),
            read_units: self.read_units * times,
            write_units: self.write_units * times,
            messages: self.messages * times,
            schedules: self.schedules * times,
            texts: self.texts * times,
            mails: self.mails * times,
            http: self.http * times,
            mails_in: self.mails_in * times,
            objects: self.objects * times,
        }
    }
}

impl Add for Count {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for (mine, others) in [(&mut self.invocations, other.invocations), (&mut self.requests, other.requests)] {
            for (name, count) in others {
                *mine.entry(name).or_default() += count;
            }
        }
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.messages += other.messages;
        self.schedules += other.schedules;
        self.texts += other.texts;
        self.mails += other.mails;
        self.http += other.http;
        self.mails_in += other.mails_in;
        self.objects += other.objects;
        self
    }
}
