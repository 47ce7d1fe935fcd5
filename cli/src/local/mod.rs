//! Hansho on one machine.

pub mod aws;
