//! The `hansho` command.

pub mod commands;
pub mod cost;
pub mod example;
pub mod gathering;
pub mod local;
pub mod table;
