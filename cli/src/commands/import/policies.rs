//! Escalation plans become escalation policies: a stage is a step.

use super::{
    fitting::{self, WAIT_MIN},
    made::{Made, Stands},
    reading::{Contact, ContactTarget, Export, Read, Stage},
    yaml,
};

/// The section `escalation_policies`.
pub(super) fn write(export: &Export, made: &mut Made) -> String {
    let mut text = String::new();
    for plan in export.contacts.iter().filter(|contact| contact.value.kind == "ESCALATION") {
        let steps = steps(plan, made);
        if steps.is_empty() {
            made.leave(&plan.file, &plan.value.alias, "it calls nobody that was carried over", "移行できた呼び出し先がありません");
            continue;
        }
        told_about_acknowledging(plan, made);
        let name = made.named("escalation_policies", &plan.file, &plan.value.alias);
        // A policy has no name but the one that others call it by, so what people called it is a remark.
        let remark = plan.value.display_name.as_deref().and_then(yaml::shown).map(|shown| format!("    # {shown}\n")).unwrap_or_default();
        text.push_str(&fitting::policies(&name, &remark, &steps, (&plan.file, &plan.value.alias), made));
        made.stands.insert(plan.value.contact_arn.clone(), Stands::Policy(name));
    }
    text
}

/// A step: whom it calls, and how long it waits, in minutes.
pub(super) type Step = (Vec<String>, u32);

/// The steps of an escalation plan. A stage that calls nobody makes the one before it wait longer.
pub(super) fn steps(plan: &Read<Contact>, made: &mut Made) -> Vec<Step> {
    let Read { file, value: Contact { alias, plan, .. }, .. } = plan;
    let mut steps: Vec<Step> = Vec::new();
    for stage in &plan.stages {
        let mut targets = Vec::new();
        for target in stage.targets.iter().filter_map(|target| target.contact_target_info.as_ref()) {
            let Some(contact) = &target.contact_id else {
                made.leave(file, alias, "a stage calls a contact without saying whom", "誰を呼び出すか書かれていない段階があります");
                continue;
            };
            match made.targets(contact) {
                Some(found) => targets.extend(found),
                None => made.leave(
                    file,
                    alias,
                    format!("{contact} is left out: it is neither a person nor a schedule that was carried over"),
                    format!("{contact} は移行されていないため除きました"),
                ),
            }
        }
        targets.sort();
        targets.dedup();
        if stage.duration_in_minutes < WAIT_MIN {
            made.leave(file, alias, "a stage of no minutes: a step waits for one at least", "0 分の段階です。最短 1 分待ちます");
        }
        match (targets.is_empty(), steps.last_mut()) {
            (false, _) => steps.push((targets, stage.duration_in_minutes)),
            (true, Some((_, wait))) => *wait = wait.saturating_add(stage.duration_in_minutes),
            (true, None) => {}
        }
    }
    steps
}

/// `IsEssential` is whether a contact's acknowledgement stops the stages that follow (ContactTargetInfo, Incident Manager API reference).
/// Here everybody's does, so where it does not, whoever is called later may be called no more.
fn told_about_acknowledging(plan: &Read<Contact>, made: &mut Made) {
    let Read { file, value: Contact { alias, plan, .. }, .. } = plan;
    let calls = |target: &&ContactTarget| target.contact_id.as_deref().is_some_and(|contact| made.targets(contact).is_some());
    let called = |stage: &Stage| {
        stage.targets.iter().filter_map(|target| target.contact_target_info.as_ref()).filter(calls).cloned().collect::<Vec<_>>()
    };
    let stages: Vec<Vec<ContactTarget>> = plan.stages.iter().map(called).collect();
    let last = stages.iter().rposition(|called| !called.is_empty()).unwrap_or_default();
    let going_on: Vec<String> = stages
        .iter()
        .take(last)
        .enumerate()
        .filter(|(_, called)| called.iter().any(|target| !target.is_essential))
        .map(|(place, _)| (place + 1).to_string())
        .collect();
    if !going_on.is_empty() {
        let listed = going_on.join(", ");
        made.leave(
            file,
            alias,
            format!("somebody in stage {listed} is not essential (`IsEssential` is false): there, the later stages are called although they acknowledge; here, everybody's acknowledgement ends the calls: move whoever has to hear of it in any case to the first step"),
            format!("段階 {listed} に必須でない連絡先 (`IsEssential` が false) があります。Incident Manager ではその人が確認しても次の段階が呼び出されますが、Hansho では誰かが確認すると呼び出しが止まります。必ず知らせる人は最初の段階に入れてください"),
        );
    }
}
