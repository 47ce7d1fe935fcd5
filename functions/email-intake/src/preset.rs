//! What the mails of well-known tools say. Each preset knows a tool's subjects in its own defaults, in Japanese where the tool has them.

use hansho_domain::{MailPreset, Severity};

use crate::{mail::Mail, pattern::compiled};

/// What a mail says about the state of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Something is wrong with it.
    Trigger,
    /// It is over.
    Resolve,
    /// Neither: an acknowledgement, a downtime, a missing value.
    Note,
}

/// What a preset read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub state: State,
    /// What it is about; the same in the firing mail and in the one of its end.
    pub about: String,
    /// How bad it says it is.
    pub severity: Option<Severity>,
}

/// What a tool's mails look like. Patterns of subjects are tried in order; the groups `scope`, `class` and `key` of the one that
/// matches make up what the mail is about, and `severity` says how bad it is.
struct Preset {
    subjects: &'static [(State, &'static str)],
    /// Found in the text, it is what the mail is about, instead of the subject's groups.
    body_key: Option<&'static str>,
    /// Found in the text, it stands before the subject's groups.
    body_scope: Option<&'static str>,
    /// Found in the text, it says how bad it is where the subject does not.
    body_severity: Option<&'static str>,
    /// How bad it is when nothing says so.
    severity: Option<Severity>,
}

const NOTHING: Preset = Preset { subjects: &[], body_key: None, body_scope: None, body_severity: None, severity: None };

/// Nagios Core's sample `commands.cfg`: `** PROBLEM Service Alert: host/service is CRITICAL **`.
const NAGIOS: Preset = Preset {
    subjects: &[
        (State::Resolve, r"(?i)^\W*recovery\s+(?:service\s+|host\s+)?alert\s*[:\-]\s*(?<key>.+?)\s+is\s+\w+\W*$"),
        (State::Trigger, r"(?i)^\W*problem\s+(?:service\s+|host\s+)?alert\s*[:\-]\s*(?<key>.+?)\s+is\s+(?<severity>\w+)\W*$"),
        (
            State::Note,
            r"(?i)^\W*(?:acknowledgement|flapping\w+|downtime\w+|custom)\s+(?:service\s+|host\s+)?alert\s*[:\-]\s*(?<key>.+?)\s+is\s+\w+\W*$",
        ),
    ],
    ..NOTHING
};

/// Icinga 2's `mail-service-notification.sh`: `[PROBLEM] service on host is CRITICAL!`, and Icinga's, which are as Nagios'.
const ICINGA: Preset = Preset {
    subjects: &[
        (State::Resolve, r"(?i)^\[recovery\]\s*(?<key>.+?)\s+is\s+\w+\W*$"),
        (State::Trigger, r"(?i)^\[problem\]\s*(?<key>.+?)\s+is\s+(?<severity>\w+)\W*$"),
        (State::Note, r"(?i)^\[(?:acknowledgement|flapping\w+|downtime\w+|custom)\]\s*(?<key>.+?)\s+is\s+\w+\W*$"),
        NAGIOS.subjects[0],
        NAGIOS.subjects[1],
        NAGIOS.subjects[2],
    ],
    ..NOTHING
};

/// Zabbix' default messages: `Problem: NAME`, `Resolved in 5m: NAME`, `Updated problem in 5m: NAME`, with the problem's id in the text; and
/// what Japanese installations call them.
const ZABBIX: Preset = Preset {
    subjects: &[
        (State::Note, r"(?i)^\W*(?:updated problem|障害更新|更新)(?:\s+in\s+[^:：]*)?\W*?[:：】\]]\s*(?<key>.+)$"),
        (
            State::Resolve,
            r"(?i)^\W*(?:resolved|recovery|ok|障害復旧|障害回復|復旧|回復|解決|正常)(?:通知)?(?:\s+in\s+[^:：]*)?\W*?[:：】\]]\s*(?<key>.+)$",
        ),
        (State::Trigger, r"(?i)^\W*(?:problem|障害発生|障害|異常)(?:通知)?\W*?[:：】\]]\s*(?<key>.+)$"),
    ],
    body_key: Some(
        r"(?im)^\W*(?:original problem id|problem id|元の障害の?(?:イベント)?id|障害の?(?:イベント)?id|イベントid)\s*[:：]\s*(?<key>\d+)",
    ),
    body_severity: Some(r"(?im)^\W*(?:trigger severity|severity|深刻度|重要度)\s*[:：]\s*(?<severity>\S.*)$"),
    ..NOTHING
};

/// Monit's default format: `monit alert --  EVENT SERVICE`, with the host in the text.
const MONIT: Preset = Preset {
    subjects: &[
        (State::Note, r"(?i)^\W*monit alert\W+(?<class>monit instance changed|action done)\s+(?<key>\S+)$"),
        (State::Resolve, r"(?i)^\W*monit alert\W+(?<class>.+?)\s+(?:succeeded|recovery)\s+(?<key>\S+)$"),
        (State::Resolve, r"(?i)^\W*monit alert\W+exists\s+(?<key>\S+)$"),
        (State::Resolve, r"(?i)^\W*monit alert\W+(?<class>link)\s+up\s+(?<key>\S+)$"),
        (State::Trigger, r"(?i)^\W*monit alert\W+does not exist\s+(?<key>\S+)$"),
        (State::Trigger, r"(?i)^\W*monit alert\W+(?<class>.+?)(?:\s+(?:failed|matched|match|error|changed|down))?\s+(?<key>\S+)$"),
    ],
    body_scope: Some(r"(?im)^\s*host:\s*(?<scope>\S+)"),
    severity: Some(Severity::Error),
    ..NOTHING
};

/// Mackerel's notifications: the state stands in the subject, and the text has the address of the alert, which stays the same.
const MACKEREL: Preset = Preset {
    subjects: &[
        (State::Resolve, r"(?i)^(?:\[[^\]]*\]\s*)*?\W*(?:ok|復旧|回復|解決|closed)\b\W*[:：】\]]?\s*(?<key>.+)$"),
        (
            State::Trigger,
            r"(?i)^(?:\[[^\]]*\]\s*)*?\W*(?<severity>critical|warning|unknown|アラート発生|アラート|障害)\b\W*[:：】\]]?\s*(?<key>.+)$",
        ),
    ],
    body_key: Some(r"https://mackerel\.io/orgs/[^/\s]+/alerts/(?<key>[0-9A-Za-z]+)"),
    ..NOTHING
};

/// Alertmanager's default template: `[FIRING:2] GROUP LABELS (OTHER LABELS)`. The other labels may change between the two mails.
const ALERTMANAGER: Preset = Preset {
    subjects: &[
        (State::Resolve, r"(?i)^\[resolved[^\]]*\]\s*(?<key>.*?)(?:\s+\([^()]*\))?\s*$"),
        (State::Trigger, r"(?i)^\[firing[^\]]*\]\s*(?<key>.*?)(?:\s+\((?<severity>[^()]*)\))?\s*$"),
    ],
    body_severity: Some(r"(?im)^\W*severity\s*=\s*(?<severity>\S+)"),
    ..NOTHING
};

/// CloudWatch's mails by SNS: `ALARM: "NAME" in REGION`, with the ARN of the alarm in the text.
const CLOUDWATCH: Preset = Preset {
    subjects: &[
        (State::Resolve, r#"^OK:\s*"(?<key>.+)"\s+in\s+(?<scope>.+)$"#),
        (State::Trigger, r#"^ALARM:\s*"(?<key>.+)"\s+in\s+(?<scope>.+)$"#),
        (State::Note, r#"^INSUFFICIENT_DATA:\s*"(?<key>.+)"\s+in\s+(?<scope>.+)$"#),
    ],
    body_key: Some(r"(?im)^\W*alarm\s+arn:\s*(?<key>arn:\S+)"),
    severity: Some(Severity::Critical),
    ..NOTHING
};

/// Datadog's monitors: `[Triggered on {host:web01}] NAME`, and `[Monitor Alert] Triggered: NAME` of older ones.
const DATADOG: Preset = Preset {
    subjects: &[
        (State::Resolve, r"(?i)^(?:\[P[1-5]\]\s*)?\[recovered(?:\s+on\s+(?<scope>[^\]]*))?\]\s*(?<key>.+)$"),
        (
            State::Trigger,
            r"(?i)^(?:\[P[1-5]\]\s*)?\[(?:re-?|still\s+)?(?<severity>triggered|warn(?:ing)?|alert|no data)(?:\s+on\s+(?<scope>[^\]]*))?\]\s*(?<key>.+)$",
        ),
        (State::Resolve, r"(?i)^\[monitor alert\]\s*recovered\s*:\s*(?<key>.+)$"),
        (State::Trigger, r"(?i)^\[monitor alert\]\s*(?:re-?)?(?<severity>triggered|warn(?:ing)?|no data)\s*:\s*(?<key>.+)$"),
    ],
    ..NOTHING
};

/// Jenkins' mailer and the default subject of its extended mailer (`JOB - Build # 12 - Failure!`). A job is what is broken, not a build.
const JENKINS: Preset = Preset {
    subjects: &[
        (State::Resolve, r"(?i)^jenkins build is back to (?:normal|stable)\s*:\s*(?<key>.+?)\s*#\s*\d+.*$"),
        (State::Trigger, r"(?i)^build (?:still )?(?:failed|failing) in jenkins\s*:\s*(?<key>.+?)\s*#\s*\d+.*$"),
        (State::Trigger, r"(?i)^jenkins build (?:became|is still|is) (?<severity>unstable)\s*:\s*(?<key>.+?)\s*#\s*\d+.*$"),
        (State::Resolve, r"(?i)^(?<key>.+?)\s+-\s+build\s*#\s*\d+\s+-\s+(?:fixed|success(?:ful)?|stable)\W*$"),
        (State::Trigger, r"(?i)^(?<key>.+?)\s+-\s+build\s*#\s*\d+\s+-\s+(?:still )?(?:failing|failure|failed)\W*$"),
        (State::Trigger, r"(?i)^(?<key>.+?)\s+-\s+build\s*#\s*\d+\s+-\s+(?:still )?(?<severity>unstable)\W*$"),
        (State::Note, r"(?i)^(?<key>.+?)\s+-\s+build\s*#\s*\d+\s+-\s+(?:aborted|not built|not_built)\W*$"),
    ],
    severity: Some(Severity::Error),
    ..NOTHING
};

/// Words by which the tools say how bad it is, worst first. Japanese ones count inside a longer word too (致命的な障害), others only where
/// they stand alone: an `infoblox-01` is not informational.
const SEVERITIES: [(Severity, &[&str]); 4] = [
    (
        Severity::Critical,
        &["critical", "crit", "fatal", "down", "unreachable", "disaster", "emergency", "triggered", "致命的", "緊急", "page"],
    ),
    (Severity::Error, &["error", "high", "major", "unknown", "no data", "重度"]),
    (Severity::Warning, &["warn", "warning", "average", "minor", "unstable", "軽度", "警告"]),
    (Severity::Info, &["info", "information", "informational", "not classified", "notice", "情報", "未分類"]),
];

/// What a mail of the tool says; `None` when its subject is none of the tool's.
pub fn read(preset: MailPreset, subject: &str, mail: &Mail) -> Option<Reading> {
    let preset = match preset {
        MailPreset::Nagios => NAGIOS,
        MailPreset::Icinga => ICINGA,
        MailPreset::Zabbix => ZABBIX,
        MailPreset::Monit => MONIT,
        MailPreset::Mackerel => MACKEREL,
        MailPreset::Alertmanager => ALERTMANAGER,
        MailPreset::Cloudwatch => CLOUDWATCH,
        MailPreset::Datadog => DATADOG,
        MailPreset::Jenkins => JENKINS,
    };
    let (state, found) = preset.subjects.iter().find_map(|(state, pattern)| {
        let found = compiled(pattern)?;
        let groups = found.captures(subject)?;
        let group = |name: &str| groups.name(name).map(|group| group.as_str().trim().to_owned());
        Some((*state, ["scope", "class", "key", "severity"].map(group)))
    })?;
    let [scope, class, key, severity] = found;
    let in_text = |pattern: Option<&str>, group: &str| {
        let groups = compiled(pattern?)?.captures(&mail.text)?.name(group)?.as_str().trim().to_owned();
        Some(groups)
    };
    let about = in_text(preset.body_key, "key").unwrap_or_else(|| {
        let parts = [in_text(preset.body_scope, "scope"), scope, class.map(|class| class.to_lowercase()), key];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" / ")
    });
    // What the text says of it by name, before words in a subject that may be anything.
    let said = in_text(preset.body_severity, "severity").and_then(|word| severity_of(&word)).or_else(|| severity_of(&severity?));
    Some(Reading { state, about, severity: said.or(preset.severity) })
}

fn severity_of(text: &str) -> Option<Severity> {
    let lower = text.to_lowercase();
    SEVERITIES.iter().find(|(_, words)| words.iter().any(|word| says(&lower, word))).map(|(severity, _)| *severity)
}

fn says(text: &str, word: &str) -> bool {
    let goes_on = |beside: Option<char>| word.is_ascii() && beside.is_some_and(|beside| beside.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, _)| !goes_on(text[..at].chars().next_back()) && !goes_on(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use hansho_domain::{MailPreset, Severity};

    use super::{State, read};
    use crate::mail::Mail;

    #[test]
    fn the_subjects_of_the_tools_are_read() {
        use MailPreset::{Alertmanager, Cloudwatch, Datadog, Icinga, Jenkins, Mackerel, Monit, Nagios, Zabbix};
        for (preset, subject, state, about, severity) in [
            (Nagios, "** PROBLEM Service Alert: web01/HTTP is CRITICAL **", State::Trigger, "web01/HTTP", Some(Severity::Critical)),
            (Nagios, "** RECOVERY Service Alert: web01/HTTP is OK **", State::Resolve, "web01/HTTP", None),
            (Nagios, "** PROBLEM Host Alert: web01 is DOWN **", State::Trigger, "web01", Some(Severity::Critical)),
            (Nagios, "** ACKNOWLEDGEMENT Host Alert: web01 is DOWN **", State::Note, "web01", None),
            (Icinga, "[PROBLEM] HTTP on web01 is WARNING!", State::Trigger, "HTTP on web01", Some(Severity::Warning)),
            (Icinga, "[RECOVERY] HTTP on web01 is OK!", State::Resolve, "HTTP on web01", None),
            (Icinga, "[DOWNTIMESTART] Host web01 is UP!", State::Note, "Host web01", None),
            (Icinga, "** PROBLEM alert - web01/HTTP is CRITICAL **", State::Trigger, "web01/HTTP", Some(Severity::Critical)),
            (Zabbix, "Problem: High CPU on web01", State::Trigger, "High CPU on web01", None),
            (Zabbix, "Resolved in 5m 3s: High CPU on web01", State::Resolve, "High CPU on web01", None),
            (Zabbix, "Updated problem in 1m: High CPU on web01", State::Note, "High CPU on web01", None),
            (Zabbix, "障害: web01 のディスク", State::Trigger, "web01 のディスク", None),
            (Zabbix, "復旧: web01 のディスク", State::Resolve, "web01 のディスク", None),
            (Zabbix, "【障害発生】web01 のディスク", State::Trigger, "web01 のディスク", None),
            (Zabbix, "[障害復旧] web01 のディスク", State::Resolve, "web01 のディスク", None),
            (Zabbix, "障害通知：ディスク", State::Trigger, "ディスク", None),
            (Monit, "monit alert --  Connection failed nginx", State::Trigger, "connection / nginx", Some(Severity::Error)),
            (Monit, "monit alert --  Connection succeeded nginx", State::Resolve, "connection / nginx", Some(Severity::Error)),
            (Monit, "monit alert --  Does not exist nginx", State::Trigger, "nginx", Some(Severity::Error)),
            (Monit, "monit alert --  Exists nginx", State::Resolve, "nginx", Some(Severity::Error)),
            (Monit, "monit alert --  Resource limit matched web01", State::Trigger, "resource limit / web01", Some(Severity::Error)),
            (Monit, "monit alert --  Timeout recovery nginx", State::Resolve, "timeout / nginx", Some(Severity::Error)),
            (Monit, "monit alert --  Monit instance changed web01", State::Note, "monit instance changed / web01", Some(Severity::Error)),
            (Mackerel, "[Mackerel] CRITICAL: CPU % at web01", State::Trigger, "CPU % at web01", Some(Severity::Critical)),
            (Mackerel, "[Mackerel] OK: CPU % at web01", State::Resolve, "CPU % at web01", None),
            (
                Alertmanager,
                "[FIRING:2] HighErrorRate checkout (critical)",
                State::Trigger,
                "HighErrorRate checkout",
                Some(Severity::Critical),
            ),
            (Alertmanager, "[RESOLVED] HighErrorRate checkout (critical prod)", State::Resolve, "HighErrorRate checkout", None),
            (Alertmanager, "[FIRING:1] HostDead (infoblox-01:9100 node)", State::Trigger, "HostDead", None),
            (Alertmanager, "[FIRING:1] HostDead (eu-1:9100 warner downtown)", State::Trigger, "HostDead", None),
            (Alertmanager, "[FIRING:1] HostDead (infoblox-01:9100 warning)", State::Trigger, "HostDead", Some(Severity::Warning)),
            (
                Cloudwatch,
                "ALARM: \"checkout-5xx\" in Asia Pacific (Tokyo)",
                State::Trigger,
                "Asia Pacific (Tokyo) / checkout-5xx",
                Some(Severity::Critical),
            ),
            (Cloudwatch, "INSUFFICIENT_DATA: \"a \"b\"\" in EU (Milan)", State::Note, "EU (Milan) / a \"b\"", Some(Severity::Critical)),
            (Datadog, "[P1] [Triggered on {host:web01}] CPU", State::Trigger, "{host:web01} / CPU", Some(Severity::Critical)),
            (Datadog, "[P1] [Recovered on {host:web01}] CPU", State::Resolve, "{host:web01} / CPU", None),
            (Datadog, "[Re-Triggered] CPU", State::Trigger, "CPU", Some(Severity::Critical)),
            (Datadog, "[Warn] CPU", State::Trigger, "CPU", Some(Severity::Warning)),
            (Datadog, "[Monitor Alert] Recovered: CPU", State::Resolve, "CPU", None),
            (Jenkins, "Build failed in Jenkins: checkout #128", State::Trigger, "checkout", Some(Severity::Error)),
            (Jenkins, "Jenkins build is back to normal : checkout #130", State::Resolve, "checkout", Some(Severity::Error)),
            (Jenkins, "Jenkins build became unstable:  checkout » main #3", State::Trigger, "checkout » main", Some(Severity::Warning)),
            (Jenkins, "checkout - Build # 12 - Still Failing!", State::Trigger, "checkout", Some(Severity::Error)),
            (Jenkins, "checkout - Build # 13 - Fixed!", State::Resolve, "checkout", Some(Severity::Error)),
        ] {
            let reading = read(preset, subject, &Mail::default()).unwrap_or_else(|| panic!("{subject} is not read"));
            assert_eq!((reading.state, reading.about.as_str(), reading.severity), (state, about, severity), "{subject}");
        }
    }

    #[test]
    fn what_is_no_subject_of_a_tool_is_not_read() {
        for (_, preset) in MailPreset::ALL {
            for subject in ["", "Hello", "monthly report", "Weekly newsletter: OK to read"] {
                assert_eq!(read(preset, subject, &Mail::default()), None, "{preset:?} {subject}");
            }
        }
    }

    #[test]
    fn the_text_says_what_the_subject_does_not() {
        let mail = |text: &str| Mail { text: text.to_owned(), ..Mail::default() };
        let zabbix = read(MailPreset::Zabbix, "障害: x", &mail("ホスト: web01\n深刻度: 重度の障害\n障害ID: 4711")).unwrap();
        assert_eq!((zabbix.about.as_str(), zabbix.severity), ("4711", Some(Severity::Error)));
        let alertmanager =
            read(MailPreset::Alertmanager, "[FIRING:1] HostDead (web-01:9100 info)", &mail("Labels\n - severity = critical\n")).unwrap();
        assert_eq!(alertmanager.severity, Some(Severity::Critical));
        let monit = read(MailPreset::Monit, "monit alert --  Exists nginx", &mail("\tHost:        web02\n")).unwrap();
        assert_eq!(monit.about, "web02 / nginx");
    }
}
