//! What a policy has room for: stages there may call more people, last longer, and be more of them.

use super::{made::Made, policies::Step, yaml::word};

/// Most targets of a step, most steps of a policy, and most policies that follow each other.
const TARGETS_MAX: usize = 20;
const STEPS_MAX: usize = 20;
const POLICIES_MAX: usize = 10;
/// Shortest and longest wait of a step, in minutes.
pub(super) const WAIT_MIN: u32 = 1;
const WAIT_MAX: u32 = 24 * 60;
/// What begins the name of a person among targets.
const USER: &str = "user/";

/// Where a policy comes from: a file, and what it is called there.
pub(super) type From<'a> = (&'a str, &'a str);

/// The policy of these steps, under the name, and those that go on where it has no room: each hands over to the next.
pub(super) fn policies(name: &str, remark: &str, steps: &[Step], from: From<'_>, made: &mut Made) -> String {
    let steps = fitting(steps, from, made);
    let (file, what) = from;
    let mut text = String::new();
    let mut name = name.to_owned();
    let mut rest = steps.as_slice();
    for count in 1..=POLICIES_MAX {
        text.push_str(&format!("  {}:\n", word(&name)));
        if count == 1 {
            text.push_str(remark);
        }
        text.push_str("    steps:\n");
        let is_last = rest.len() <= STEPS_MAX || count == POLICIES_MAX;
        let (own, more) = rest.split_at(if is_last { rest.len().min(STEPS_MAX) } else { STEPS_MAX - 1 });
        for (targets, wait) in own {
            text.push_str(&format!("      - {{ notify: [{}], wait: {wait}m }}\n", targets.join(", ")));
        }
        rest = more;
        if is_last {
            break;
        }
        name = made.name("escalation_policies", what);
        text.push_str(&format!("      - {{ hand_over: {} }}\n", word(&name)));
        made.leave(
            file,
            what,
            format!("it has more steps than a policy: `{name}` goes on where it ends"),
            format!("段階が多いため、続きは `{name}` というポリシーになりました"),
        );
    }
    if !rest.is_empty() {
        made.leave(
            file,
            what,
            format!("its last {} steps are left out, and call nobody: write them by hand", rest.len()),
            format!("最後の {} 段階は移行できず、呼び出されません。手で書いてください", rest.len()),
        );
    }
    text
}

/// The same steps, none of which is too much for one.
fn fitting(steps: &[Step], (file, what): From<'_>, made: &mut Made) -> Vec<Step> {
    let mut fitting = Vec::new();
    for (targets, wait) in steps {
        if *wait > WAIT_MAX {
            made.leave(
                file,
                what,
                format!("a wait of {wait} minutes: a day is the most"),
                format!("{wait} 分の待ち時間は最長の 24 時間としました"),
            );
        }
        let wait = (*wait).clamp(WAIT_MIN, WAIT_MAX);
        if targets.len() <= TARGETS_MAX {
            fitting.push((targets.clone(), wait));
            continue;
        }
        let targets = in_teams(targets, (file, what), made);
        let parts: Vec<&[String]> = targets.chunks(TARGETS_MAX).collect();
        let before = u32::try_from(parts.len().saturating_sub(1)).unwrap_or(WAIT_MAX);
        for (place, part) in parts.iter().enumerate() {
            let is_last = place + 1 == parts.len();
            fitting.push((part.to_vec(), if is_last { wait.saturating_sub(before).max(WAIT_MIN) } else { WAIT_MIN }));
        }
        if parts.len() > 1 {
            made.leave(
                file,
                what,
                format!("a stage calls {} schedules and teams, and a step {TARGETS_MAX} at most: the others are called a minute later, when messages of the first that are due later end", targets.len()),
                format!("一つの段階で呼び出せるのは {TARGETS_MAX} 件までのため、残りは 1 分後に呼び出します。最初の人への以降の通知はそこで終わります"),
            );
        }
    }
    fitting
}

/// The people of the targets as teams, since a step can not name so many.
fn in_teams(targets: &[String], (file, what): From<'_>, made: &mut Made) -> Vec<String> {
    let (people, mut rest): (Vec<String>, Vec<String>) = targets.iter().cloned().partition(|target| target.starts_with(USER));
    let users: Vec<String> = people.iter().filter_map(|target| target.strip_prefix(USER)).map(str::to_owned).collect();
    let teams = made.teams_of(&users, what);
    if !teams.is_empty() {
        let all = teams.join(", ");
        made.leave(
            file,
            what,
            format!("a stage calls {} at once, and a step names {TARGETS_MAX} at most: its people became the team {all}", targets.len()),
            format!("一度に {} 件を呼び出すため、人をチーム {all} にまとめました", targets.len()),
        );
    }
    rest.extend(teams.iter().map(|team| format!("team/{team}")));
    rest
}
