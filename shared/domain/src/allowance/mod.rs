//! On-call allowances: the hours of each person by class (weekday, weekend, holiday, night), and the pages that they answered.
//!
//! Hours are elapsed ones: a night in which the clock is put forward has one less. Classes go by the wall clock and do not overlap: of those
//! that fit a moment, the first one counts.

mod class;
mod report;

pub use self::{
    class::{AllowanceClass, AllowanceRules, ClassDays},
    report::{AllowanceLine, AllowanceReport, AnsweredPage, ReportPeriod},
};
