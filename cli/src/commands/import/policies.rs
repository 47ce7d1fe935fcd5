//! Escalation plans become escalation policies: a stage is a step.

use hansho_domain::text;

use super::{
    made::{Made, Stands},
    reading::{Contact, Export, Read},
};

/// Shortest wait of a step, in minutes.
const WAIT_MIN: u32 = 1;

/// The section `escalation_policies`.
pub(super) fn write(export: &Export, made: &mut Made) -> String {
    let mut text = String::new();
    for plan in export.contacts.iter().filter(|contact| contact.value.kind == "ESCALATION") {
        let steps = steps(plan, made);
        if steps.is_empty() {
            made.leave(&plan.file, &plan.value.alias, "it calls nobody that was carried over", "移行できた呼び出し先がありません");
            continue;
        }
        let name = made.name("escalation_policies", &plan.value.alias);
        text.push_str(&policy(&name, plan.value.display_name.as_deref(), &steps));
        made.stands.insert(plan.value.contact_arn.clone(), Stands::Policy(name));
    }
    text
}

/// A step: whom it calls, and how long it waits, in minutes.
pub(super) type Step = (Vec<String>, u32);

/// A policy of these steps. A policy has no name but the one that others call it by, so what people called it is a remark.
pub(super) fn policy(name: &str, shown: Option<&str>, steps: &[Step]) -> String {
    let mut text = format!("  {name}:\n");
    text.extend(shown.map(text::one_line).filter(|shown| !shown.is_empty()).map(|shown| format!("    # {shown}\n")));
    text.push_str("    steps:\n");
    for (targets, wait) in steps {
        text.push_str(&format!("      - {{ notify: [{}], wait: {}m }}\n", targets.join(", "), (*wait).max(WAIT_MIN)));
    }
    text
}

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
            if target.is_essential {
                made.leave(file, alias, "an essential contact: there, the plan went on until that very person answered; here, anybody's acknowledgement ends it", "必須の連絡先です。Hansho では誰かが確認すると呼び出しが止まります");
            }
        }
        targets.sort();
        targets.dedup();
        if stage.duration_in_minutes < WAIT_MIN {
            made.leave(file, alias, "a stage of no minutes: a step waits for one at least", "0 分の段階です。最短 1 分待ちます");
        }
        match (targets.is_empty(), steps.last_mut()) {
            (false, _) => steps.push((targets, stage.duration_in_minutes)),
            (true, Some((_, wait))) => *wait += stage.duration_in_minutes,
            (true, None) => {}
        }
    }
    steps
}
