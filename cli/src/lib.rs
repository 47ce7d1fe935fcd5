//! The `hansho` command.

pub mod commands;
pub mod example;
pub mod local;
pub mod table;
