//! A made-up organisation of any size, as files of configuration: a file per team, in which everything is right.
//!
//! Needs nothing but the standard library, so that benchmarks can take it in as a module.

use std::{fmt::Write, path::PathBuf};

/// How much of everything there is. Users, schedules, policies and services are shared out evenly among the teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Teams, each a file.
    pub teams: usize,
    /// Users.
    pub users: usize,
    /// Schedules.
    pub schedules: usize,
    /// Escalation policies.
    pub policies: usize,
    /// Services, with three alarm patterns each.
    pub services: usize,
}

/// As large as organisations get that page people by one tool.
pub const LARGE: Size = Size { teams: 200, users: 2_000, schedules: 1_000, policies: 1_000, services: 3_000 };

impl Size {
    /// The files of this organisation. Every team has at least one user, schedule, policy and service.
    pub fn files(self) -> Vec<(PathBuf, String)> {
        let each = |all: usize| all.div_ceil(self.teams.max(1)).max(1);
        let team =
            Team { users: each(self.users), schedules: each(self.schedules), policies: each(self.policies), services: each(self.services) };
        let mut files: Vec<(PathBuf, String)> =
            (0..self.teams).map(|number| (PathBuf::from(format!("teams/team-{number:04}.yaml")), team.file(number))).collect();
        files.push((PathBuf::from("fallback.yaml"), "fallback: [team/team-0000]\n".to_owned()));
        files
    }
}

/// How much of everything each team has.
struct Team {
    users: usize,
    schedules: usize,
    policies: usize,
    services: usize,
}

/// The turns of schedules, in turn, so that every kind is there.
const TURNS: [&str; 5] = ["every: 1 week", "every: 1 day", "every: 12 hours", "every: 1 month", "rule: \"FREQ=WEEKLY;BYDAY=MO,TH\""];
const ZONES: [&str; 4] = ["Asia/Tokyo", "Europe/London", "America/New_York", "UTC"];

impl Team {
    fn file(&self, team: usize) -> String {
        let mut text = String::new();
        self.write(team, &mut text).unwrap_or_else(|error| unreachable!("text grows as long as there is memory: {error}"));
        text
    }

    fn write(&self, team: usize, text: &mut String) -> std::fmt::Result {
        let user = |number: usize| format!("user-{team:04}-{:03}", number % self.users);
        writeln!(text, "users:")?;
        for number in 0..self.users {
            let (name, phone) = (user(number), format!("+8190{:08}", team * 1_000 + number));
            writeln!(text, "  {name}:")?;
            writeln!(text, "    name: Member {number} of team {team} (第{team}班)")?;
            writeln!(text, "    email: {name}@example.com")?;
            writeln!(text, "    phone: \"{phone}\"")?;
            writeln!(text, "    language: {}", if number % 2 == 0 { "ja" } else { "en" })?;
            writeln!(text, "    time_zone: {}", ZONES[number % ZONES.len()])?;
            writeln!(text, "    notify:")?;
            writeln!(text, "      high: [{{ after: 0m, by: sms }}, {{ after: 2m, by: email }}]")?;
            writeln!(text, "      low: [{{ after: 0m, by: email }}]")?;
        }
        let everybody: Vec<String> = (0..self.users).map(user).collect();
        writeln!(text, "teams:\n  team-{team:04}: {{ name: Team {team}, members: [{}] }}", everybody.join(", "))?;
        writeln!(text, "schedules:")?;
        for number in 0..self.schedules {
            let (turn, zone) = (TURNS[number % TURNS.len()], ZONES[number % ZONES.len()]);
            let members: Vec<String> = (0..self.users.min(6)).map(|n| user(n + number)).collect();
            writeln!(text, "  on-call-{team:04}-{number:03}:\n    time_zone: {zone}\n    rotations:")?;
            writeln!(text, "      - {{ name: base, start: 2026-01-05T10:00, {turn}, members: [{}] }}", members.join(", "))?;
            let nights = "only: [{ from: \"22:00\", to: \"07:00\" }]";
            writeln!(
                text,
                "      - {{ name: nights, start: 2026-01-05T22:00, every: 1 day, members: [{}], {nights} }}",
                members.join(", ")
            )?;
        }
        writeln!(text, "escalation_policies:")?;
        for number in 0..self.policies {
            writeln!(text, "  policy-{team:04}-{number:03}:\n    repeat: 2\n    steps:")?;
            // Every schedule is called by a policy, also where there are fewer policies.
            let schedules: Vec<String> =
                (number..self.schedules).step_by(self.policies).map(|n| format!("schedule/on-call-{team:04}-{n:03}")).collect();
            let first = if schedules.is_empty() {
                format!("schedule/on-call-{team:04}-{:03}", number % self.schedules)
            } else {
                schedules.join(", ")
            };
            writeln!(text, "      - {{ notify: [{first}], wait: 5m }}")?;
            writeln!(text, "      - {{ notify: [user/{}], wait: 10m }}", user(number))?;
            writeln!(text, "      - {{ notify: [team/team-{team:04}], wait: 15m }}")?;
        }
        writeln!(text, "services:")?;
        for number in 0..self.services {
            let name = format!("service-{team:04}-{number:03}");
            writeln!(text, "  {name}:\n    escalation_policy: policy-{team:04}-{:03}", number % self.policies)?;
            writeln!(text, "    urgency: by_severity\n    acknowledgement_timeout: 30m\n    auto_resolve: 12h")?;
            writeln!(text, "    alarms: [\"{name}-*\", \"{name}.errors\", \"arn:aws:cloudwatch:*:*:alarm:{name}-*\"]")?;
            writeln!(text, "    runbook: \"https://runbooks.example.com/{name}.md\"")?;
        }
        Ok(())
    }
}
