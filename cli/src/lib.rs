//! The `hansho` command.

pub mod local;
