//! Hansho's pure heart: what an incident is, and what happens to it next.
//!
//! Nothing here reads a clock, an environment, a network or a random number. [`open`] and [`step`] take the
//! time and the [`Roster`] as arguments and return the next state with its effects as data; `shared/store`
//! commits both in one transaction. Clippy denies wildcard arms here, so a new phase, input or duty does
//! not compile until every place that decides has decided about it.
#![deny(clippy::wildcard_enum_match_arm)]

mod access;
mod alert;
mod allowance;
mod bridge;
mod bundle;
mod calendar;
mod configuration;
mod directory;
mod drill;
mod effect;
mod error;
mod hand_over;
mod hours;
mod id;
mod incident;
mod input;
mod integration;
mod labels;
mod live_maintenance;
pub mod mail_rules;
mod maintenance;
mod message_templates;
mod notice;
mod on_call;
mod origination_number;
mod policy;
mod quiet;
mod reference;
mod reminder;
mod role;
mod roster;
mod rule;
mod runbook;
mod schedule;
mod service;
mod step;
mod swap;
mod target;
pub mod text;
mod timeline;
mod topic;
mod urgency;
mod user;

pub use access::Access;
pub use alert::{Alert, Clear, HeldBy, Pause, Priority, Severity, Urgency};
pub use allowance::{AllowanceClass, AllowanceLine, AllowanceReport, AllowanceRules, AnsweredPage, ClassDays, ReportPeriod};
pub use bridge::{Bridge, BridgeTo};
pub use bundle::{Bundle, PolicyBundle, RoutedService, Routes, SUPPRESSED_DAYS_DEFAULT};
pub use calendar::{Calendar, CalendarDays, Country, MonthDay, YearlySpan};
pub use configuration::{Configuration, ConfigurationParts};
pub use directory::{Directory, ListedIntegration, ListedSchedule, ListedService, ListedTeam, ListedUser};
pub use drill::{
    CalledHour, DRILL_DAYS_MAX, DrillPeriodError, Steps, Turns, called_in, common_zone, hours as drill_hours, period as drill_period,
    responders,
};
pub use effect::{
    Effect, GATE_SECONDS, Holds, NOTIFICATIONS_PER_COMMIT_MAX, NOTIFICATIONS_PER_FAN_OUT_MAX, Notification, PageReason, Recipient,
};
pub use error::{FieldError, Problems};
pub use hours::SupportHours;
pub use id::{
    AlertId, CalendarId, DedupKey, DestinationId, DrillId, EffectId, HoursId, IncidentId, InputId, IntegrationId, InvalidId, MaintenanceId,
    NoticeId, PolicyId, ScheduleId, ServiceId, SwapId, TeamId, UserId,
};
pub use incident::{
    Agenda, Deadline, Due, Duty, Exception, ExceptionKind, HoldCause, Incident, MERGED_MAX, Merged, Phase, PhaseName, PolicyVersion,
    Position, ResponderRequest, Spared, Told, Wave,
};
pub use input::{Actor, Command, DeliveryOutcome, Input};
pub use integration::{Integration, IntegrationKind, IntegrationSpec};
pub use labels::Labels;
pub use live_maintenance::{LiveMaintenance, MaintenanceEnd, MaintenanceState, maintenance_in_force};
pub use mail_rules::{
    MailCondition, MailExtract, MailField, MailFilters, MailKey, MailOpening, MailOtherwise, MailPreset, MailRules, MailVerdict,
    MailVerdicts,
};
pub use maintenance::{HeldForLess, MaintenanceFilter, MaintenanceSpec, MaintenanceTime, MaintenanceWindow};
pub use message_templates::{MessageTemplates, Templates};
pub use notice::{HandOff, Notice, NoticeKind, ShiftChange};
pub use on_call::{About, LOOK_DAYS_MAX, ListedPerson, ListedShift, OnCallLine, View, WorkedStretch, by_time, continued, joined};
pub use origination_number::{InvalidOriginationNumber, OriginationNumber};
pub use policy::{Condition, EscalationPolicy, HoursCondition, PolicyStep, REPEAT_MAX, STEPS_MAX, TARGETS_MAX, WAIT_SECONDS_MIN};
pub use quiet::{Called, QUIET_TIMES_MAX, Quiet, QuietTime, QuietTimes, with_covers};
pub use reference::{REFERENCES_MAX, Reference, ReferenceKind};
pub use reminder::{LEAD_SECONDS_MAX, LEAD_SECONDS_MIN, REMINDERS_MAX, Reminder, ReminderRule, Reminders, ShiftEdge};
pub use role::Role;
pub use roster::{Roster, StepTurn};
pub use rule::{Rule, RuleActions};
pub use schedule::{
    Gap, InvalidRecurrence, LayerShift, LayerShifts, Member, OnCall, Origin, Override, OverrideChange, OverrideEffect, Recurrence,
    Restriction, Rotation, RotationSpec, Schedule, Segment, Shift, Turn, WeekTime, Weekdays,
};
pub use service::{AlarmPattern, AutoPause, InsufficientData, PriorityRule, Service, ServiceSpec};
pub use step::{Ignored, Rejected, Transition, Verdict, open, step};
pub use swap::{Swap, SwapStage};
pub use target::{Destination, Target};
pub use timeline::{Event, Skipped, TimelineEntry};
pub use topic::{InvalidTopicArn, TopicArn, is_sns_host};
pub use urgency::{UrgencyLevel, UrgencyRule};
pub use user::{Language, Method, NotificationRule, TEAM_MEMBERS_MAX, Team, User};
