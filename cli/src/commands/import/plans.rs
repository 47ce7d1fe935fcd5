//! Response plans become services.

use std::collections::BTreeMap;

use super::{
    fitting,
    made::{Made, Stands},
    policies::{self, Step},
    reading::{Export, Read, ResponsePlan},
    yaml::{quoted, refused, stand_ins, word},
};

/// How long the last step of a policy that is made for a plan waits, in minutes.
const LAST_WAIT: u32 = 10;

/// The section `services`, and policies that only plans ask for.
pub(super) fn write(export: &Export, bridge: bool, made: &mut Made) -> (String, String) {
    let (mut services, mut own) = (String::new(), String::new());
    for plan in &export.plans {
        let Some(policy) = policy(plan, export, &mut own, made) else { continue };
        let Read { file, value: ResponsePlan { name, display_name, .. }, .. } = plan;
        let id = made.named("services", file, name);
        services.push_str(&format!("  {}:\n", word(&id)));
        let called = display_name.as_deref().and_then(|shown| made.shown(file, name, shown));
        services.extend(called.map(|called| format!("    name: {}\n", quoted(&called))));
        services.push_str(&format!("    escalation_policy: {}\n", word(&policy)));
        services.extend(bridge.then(|| kept_there(plan, made)).flatten());
        told_about(plan, bridge, made);
    }
    (services, own)
}

/// The line that has the service's incidents kept under the plan too.
fn kept_there(plan: &Read<ResponsePlan>, made: &mut Made) -> Option<String> {
    let line = format!("    incident_manager: {{ response_plan: {} }}\n", quoted(&plan.value.arn));
    let service = "escalation_policies:\n  a: { steps: [{ notify: [user/a], wait: 5m }] }\nservices:\n  a:\n    escalation_policy: a\n";
    let Some(why) = refused(&format!("{}{service}{line}", stand_ins(["a"]))) else { return Some(line) };
    made.leave(
        &plan.file,
        &plan.value.name,
        format!("its incidents are not kept there too: it {why}"),
        format!("Incident Manager への記録は設定できません: {why}"),
    );
    None
}

/// The plan's own escalation plan, or a policy that calls everybody whom it engages at once.
fn policy(plan: &Read<ResponsePlan>, export: &Export, own: &mut String, made: &mut Made) -> Option<String> {
    let Read { file, value, .. } = plan;
    if let [only] = value.engagements.as_slice()
        && let Some(Stands::Policy(policy)) = made.stands.get(only)
    {
        return Some(policy.clone());
    }
    let steps = engaged_together(plan, export, made);
    if steps.is_empty() {
        made.leave(
            file,
            &value.name,
            "it engages nobody that was carried over, and a service needs a policy: write one, and the service",
            "呼び出し先がありません。ポリシーとサービスを書いてください",
        );
        return None;
    }
    if value.engagements.len() > 1 {
        made.leave(
            file,
            &value.name,
            "it engages several at the same time: their stages were put together into one policy, which one acknowledgement ends",
            "複数の呼び出し先を一つのポリシーにまとめました。誰かが確認するとすべて止まります",
        );
    }
    let name = made.named("escalation_policies", file, &value.name);
    own.push_str(&fitting::policies(&name, "", &steps, (file, &value.name), made));
    Some(name)
}

/// Whom the engagements call when, counted from the beginning.
fn engaged_together(plan: &Read<ResponsePlan>, export: &Export, made: &mut Made) -> Vec<Step> {
    let Read { file, value, .. } = plan;
    let mut called: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut over = 0;
    for engaged in &value.engagements {
        if let Some(targets) = made.targets(engaged) {
            called.entry(0).or_default().extend(targets);
            continue;
        }
        let Some(escalation) =
            export.contacts.iter().find(|contact| contact.value.contact_arn == *engaged && contact.value.kind == "ESCALATION")
        else {
            made.leave(
                file,
                &value.name,
                format!("{engaged} is left out: it was not carried over"),
                format!("{engaged} は移行されていないため除きました"),
            );
            continue;
        };
        // What is to be said about it was said where it became a policy of its own.
        let said = made.left.len();
        let mut at = 0;
        for (targets, wait) in policies::steps(escalation, made) {
            called.entry(at).or_default().extend(targets);
            at = at.saturating_add(wait);
        }
        made.left.truncate(said);
        over = over.max(at);
    }
    let times: Vec<u32> = called.keys().copied().collect();
    let waits = times
        .iter()
        .enumerate()
        .map(|(place, at)| times.get(place + 1).copied().unwrap_or(if over > *at { over } else { at.saturating_add(LAST_WAIT) }) - at);
    let mut steps: Vec<Step> = called.into_values().zip(waits.collect::<Vec<_>>()).collect();
    for (targets, _) in &mut steps {
        targets.sort();
        targets.dedup();
    }
    steps
}

fn told_about(plan: &Read<ResponsePlan>, bridge: bool, made: &mut Made) {
    let Read { file, value, .. } = plan;
    let mut leave = |english: &str, japanese: &str| made.leave(file, &value.name, english, japanese);
    leave(
        "which alarms start it is said by the alarms: name `alarms:` of the service, and Hansho in their actions; how bad it is (its impact) is the severity of the alarm",
        "どのアラームで始まるかはアラーム側の設定です。サービスの `alarms:` とアラームのアクションを設定してください。影響度はアラームの重大度になります",
    );
    if !value.actions.is_empty() {
        leave(
            "its Automation runbook is not started: link it with `runbook:`, or start it by an EventBridge rule of the alarm",
            "Automation ランブックは起動されません。`runbook:` にリンクするか、EventBridge で起動してください",
        );
    }
    if value.chat_channel.as_ref().is_some_and(|channel| channel.get("chatbotSns").is_some()) {
        leave(
            "its chat channel: give the policy a destination with the address of an incoming webhook (`destinations:`)",
            "チャットチャンネルは `destinations:` に Incoming Webhook を設定してください",
        );
    }
    if !value.integrations.is_empty() {
        leave("its integration with PagerDuty ends with it", "PagerDuty との連携は移行されません");
    }
    if value.incident_template.summary.as_deref().is_some_and(|summary| !summary.trim().is_empty()) {
        leave("its summary: put it into the runbook", "概要はランブックに記載してください");
    }
    if value.incident_template.dedupe_string.as_deref().is_some_and(|string| !string.is_empty()) {
        leave(
            "its deduplication string: here an alarm is one incident while it is on; a rule with `dedup_key` puts several together",
            "重複排除の文字列は移行されません。アラームごとに一つのインシデントになり、まとめるには `dedup_key` のルールを使います",
        );
    }
    if !value.incident_template.notification_targets.is_empty() && !bridge {
        leave(
            "its notification targets: with --bridge the plan goes on telling them",
            "通知先の SNS トピックは移行されません。--bridge なら引き続き通知されます",
        );
    }
    if bridge {
        leave(
            "take its engagements out once Hansho pages: until then people are paged twice",
            "Hansho での呼び出しを確認したら、プランの呼び出し先を外してください。それまでは二重に呼び出されます",
        );
    }
}
