//! A warning: what loads and works, and is probably not what its author means.

use std::fmt;

use crate::problem::Problem;

/// What a warning is about. Its name is what `# hansho: allow NAME` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WarningKind {
    /// At times no rotation of a schedule is in force.
    CoverageGap,
    /// At times a slot of nobody has its turn.
    NobodySlot,
    /// Nobody at all is on call in the next 90 days.
    NeverCovered,
    /// Later rotations hide a rotation wherever it is in force.
    RotationHidden,
    /// A rotation ended so long ago that no calendar shows it.
    RotationEnded,
    /// A step calls several schedules, and at times all of them are empty.
    StepReachesNobody,
    /// At times every step of a policy is empty.
    PolicyReachesNobody,
    /// Somebody who is called has no phone.
    NoPhone,
    /// Somebody who is called has a phone, and their rules for high urgency never use it.
    NeverWoken,
    /// A notification rule is later than every escalation of its person.
    RuleNeverFires,
    /// Nobody names a user.
    UserUnused,
    /// Nothing pages a team.
    TeamUnused,
    /// No policy calls a schedule.
    ScheduleUnused,
    /// No service uses a policy.
    PolicyUnused,
    /// No step tells a machine or channel.
    DestinationUnused,
    /// No alarm belongs to a service.
    NoAlarms,
    /// Whatever an alarm pattern matches belongs to an earlier service.
    AlarmShadowed,
    /// Whatever an alarm pattern matches, another one of the same service matches too.
    AlarmRedundant,
    /// Some alarms match the patterns of two services.
    AlarmOverlap,
    /// A service has no runbook.
    RunbookMissing,
    /// A runbook is not read over https.
    RunbookInsecure,
    /// A runbook points at no file of the folder of runbooks.
    RunbookUnknown,
    /// After a day in the next 90 days a calendar has no holiday any more.
    CalendarEnds,
    /// Nothing goes by a set of support hours.
    HoursUnused,
    /// A set of support hours has no day left.
    HoursNeverBegin,
    /// Nothing names a calendar.
    CalendarUnused,
    /// A maintenance window is over.
    MaintenanceOver,
    /// A step is for hours that do not come.
    StepNeverTaken,
    /// What waits for hours to begin resolves itself before they do.
    AutoResolveBeforeHours,
    /// Somebody is texted at any hour about what is not urgent.
    TextAtNight,
    /// An earlier rule takes every alert that a rule is for.
    RuleShadowed,
    /// A rule's condition holds for no alert.
    RuleConditionNeverTrue,
    /// A rule does not say whose it is.
    RuleWithoutOwner,
    /// A rule does not say what it is for.
    RuleWithoutDescription,
    /// A rule suppresses every alert.
    RuleSuppressesEverything,
    /// A comment allows what is not there.
    AllowUnused,
}

impl WarningKind {
    /// Every kind.
    pub const ALL: [Self; 36] = [
        Self::CoverageGap,
        Self::NobodySlot,
        Self::NeverCovered,
        Self::RotationHidden,
        Self::RotationEnded,
        Self::StepReachesNobody,
        Self::PolicyReachesNobody,
        Self::NoPhone,
        Self::NeverWoken,
        Self::RuleNeverFires,
        Self::UserUnused,
        Self::TeamUnused,
        Self::ScheduleUnused,
        Self::PolicyUnused,
        Self::DestinationUnused,
        Self::NoAlarms,
        Self::AlarmShadowed,
        Self::AlarmRedundant,
        Self::AlarmOverlap,
        Self::RunbookMissing,
        Self::RunbookInsecure,
        Self::RunbookUnknown,
        Self::CalendarEnds,
        Self::HoursUnused,
        Self::HoursNeverBegin,
        Self::CalendarUnused,
        Self::MaintenanceOver,
        Self::StepNeverTaken,
        Self::AutoResolveBeforeHours,
        Self::TextAtNight,
        Self::RuleShadowed,
        Self::RuleConditionNeverTrue,
        Self::RuleWithoutOwner,
        Self::RuleWithoutDescription,
        Self::RuleSuppressesEverything,
        Self::AllowUnused,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CoverageGap => "coverage-gap",
            Self::NobodySlot => "nobody-slot",
            Self::NeverCovered => "never-covered",
            Self::RotationHidden => "rotation-hidden",
            Self::RotationEnded => "rotation-ended",
            Self::StepReachesNobody => "step-reaches-nobody",
            Self::PolicyReachesNobody => "policy-reaches-nobody",
            Self::NoPhone => "no-phone",
            Self::NeverWoken => "never-woken",
            Self::RuleNeverFires => "rule-never-fires",
            Self::UserUnused => "user-unused",
            Self::TeamUnused => "team-unused",
            Self::ScheduleUnused => "schedule-unused",
            Self::PolicyUnused => "policy-unused",
            Self::DestinationUnused => "destination-unused",
            Self::NoAlarms => "no-alarms",
            Self::AlarmShadowed => "alarm-shadowed",
            Self::AlarmRedundant => "alarm-redundant",
            Self::AlarmOverlap => "alarm-overlap",
            Self::RunbookMissing => "runbook-missing",
            Self::RunbookInsecure => "runbook-insecure",
            Self::RunbookUnknown => "runbook-unknown",
            Self::CalendarEnds => "calendar-ends",
            Self::HoursUnused => "hours-unused",
            Self::HoursNeverBegin => "hours-never-begin",
            Self::CalendarUnused => "calendar-unused",
            Self::MaintenanceOver => "maintenance-over",
            Self::StepNeverTaken => "step-never-taken",
            Self::AutoResolveBeforeHours => "auto-resolve-before-hours",
            Self::TextAtNight => "text-at-night",
            Self::RuleShadowed => "rule-shadowed",
            Self::RuleConditionNeverTrue => "rule-condition-never-true",
            Self::RuleWithoutOwner => "rule-without-owner",
            Self::RuleWithoutDescription => "rule-without-description",
            Self::RuleSuppressesEverything => "rule-suppresses-everything",
            Self::AllowUnused => "allow-unused",
        }
    }

    /// What it means, in English and then in Japanese.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::CoverageGap => {
                "At times in the next 90 days no rotation of a schedule is in force. 今後90日に担当者のいない時間帯がある。"
            }
            Self::NobodySlot => "At times in the next 90 days it is the turn of `nobody`. nobody の番の時間帯がある。",
            Self::NeverCovered => "Nobody is on call in a schedule in all of the next 90 days. 今後90日、当番が一人もいない。",
            Self::RotationHidden => "Later rotations hide this one wherever it is in force. 後の交代に隠れて一度も有効にならない。",
            Self::RotationEnded => "A rotation ended more than 13 months ago. 13か月以上前に終わった交代。",
            Self::StepReachesNobody => {
                "A step calls several schedules, and at times all of them are empty. 段階のすべての当番表が空になる時間帯がある。"
            }
            Self::PolicyReachesNobody => {
                "At times every step of a policy is empty, and the fallback is called. すべての段階が空になる時間帯がある。"
            }
            Self::NoPhone => "Somebody who is called has no phone. 呼び出される人に電話番号がない。",
            Self::NeverWoken => {
                "Somebody who is called has a phone, and their rules for high urgency never use it. 緊急時の通知に電話を使っていない。"
            }
            Self::RuleNeverFires => {
                "A notification rule is later than every escalation of its person. エスカレーションより遅く、決して使われない通知ルール。"
            }
            Self::UserUnused => "A user is in no schedule, team or policy. どこにも属さない人。",
            Self::TeamUnused => "Nothing pages a team. 呼び出されることのないチーム。",
            Self::ScheduleUnused => "No policy calls a schedule. どのポリシーにも使われない当番表。",
            Self::DestinationUnused => "No step tells a machine or channel. どの段階も使わない通知先。",
            Self::PolicyUnused => "No service uses a policy. どのサービスにも使われないポリシー。",
            Self::NoAlarms => "A service has no alarm pattern. アラームのないサービス。",
            Self::AlarmShadowed => {
                "An earlier service has a pattern that matches all that this one does. 先のサービスにすべて取られるアラーム名。"
            }
            Self::AlarmRedundant => {
                "Another pattern of the same service matches all that this one does. 同じサービスの別のパターンに含まれる。"
            }
            Self::AlarmOverlap => "Some alarms match the patterns of two services. 二つのサービスのパターンに合うアラームがある。",
            Self::RunbookMissing => "A service has no runbook. 手順書のないサービス。",
            Self::RunbookInsecure => "A runbook is not read over https. 手順書が https ではない。",
            Self::RunbookUnknown => "A runbook points at no file of the folder that `--runbooks` names. 手順書のファイルがない。",
            Self::CalendarEnds => "A calendar has no holiday after a day in the next 90 days. 90日以内に祝日が尽きるカレンダー。",
            Self::HoursUnused => "No service and no step goes by a set of support hours. どこにも使われないサポート時間。",
            Self::HoursNeverBegin => {
                "Support hours that do not begin in the next 400 days: holidays take every day out. 始まらないサポート時間。"
            }
            Self::CalendarUnused => "No hours, allowances or calendar name a calendar. どこにも使われないカレンダー。",
            Self::MaintenanceOver => "A maintenance window is over. 終わったメンテナンス。",
            Self::StepNeverTaken => "A step is for hours that do not come in the next 90 days. 今後90日、対象の時間帯が来ない段階。",
            Self::AutoResolveBeforeHours => {
                "What waits for hours to begin can resolve itself before they do, in the next 90 days. サポート時間の開始前に自動で解決する。"
            }
            Self::TextAtNight => {
                "Somebody who has nothing but a phone is texted at any hour about what is not urgent. 緊急でない知らせが夜中でも SMS で届く人。"
            }
            Self::RuleShadowed => "An earlier rule takes every alert that a rule is for. 先のルールにすべて取られるルール。",
            Self::RuleConditionNeverTrue => "A rule's condition holds for no alert. 条件がどのアラートにも当てはまらないルール。",
            Self::RuleWithoutOwner => "A rule does not say whose it is. 担当チームのないルール。",
            Self::RuleWithoutDescription => "A rule does not say what it is for. 説明のないルール。",
            Self::RuleSuppressesEverything => "A rule suppresses every alert that gets to it. すべてのアラートを抑止するルール。",
            Self::AllowUnused => "A comment allows what is not there. 何も許可していないコメント。",
        }
    }

    /// Whether it comes and goes with the date. A comment that allows it is right also on days on which it allows nothing.
    pub(crate) fn depends_on_time(self) -> bool {
        match self {
            Self::CoverageGap
            | Self::NobodySlot
            | Self::NeverCovered
            | Self::RotationHidden
            | Self::RotationEnded
            | Self::StepReachesNobody
            | Self::PolicyReachesNobody
            | Self::CalendarEnds
            | Self::HoursNeverBegin
            | Self::MaintenanceOver
            | Self::StepNeverTaken
            | Self::AutoResolveBeforeHours => true,
            Self::NoPhone
            | Self::NeverWoken
            | Self::RuleNeverFires
            | Self::UserUnused
            | Self::TeamUnused
            | Self::ScheduleUnused
            | Self::PolicyUnused
            | Self::DestinationUnused
            | Self::NoAlarms
            | Self::AlarmShadowed
            | Self::AlarmRedundant
            | Self::AlarmOverlap
            | Self::RunbookMissing
            | Self::RunbookInsecure
            | Self::RunbookUnknown
            | Self::HoursUnused
            | Self::CalendarUnused
            | Self::TextAtNight
            | Self::RuleShadowed
            | Self::RuleConditionNeverTrue
            | Self::RuleWithoutOwner
            | Self::RuleWithoutDescription
            | Self::RuleSuppressesEverything
            | Self::AllowUnused => false,
        }
    }
}

impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One warning: what it is about, where, and what to do. Ordered by place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Where, and what to do.
    pub problem: Problem,
    /// What it is about.
    pub kind: WarningKind,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, kind } = self;
        write!(f, "{}: warning: {} [{kind}]", problem.position(), problem.message)
    }
}
