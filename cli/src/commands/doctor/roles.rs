//! Whether the roles of the functions may do what they have to, as IAM itself reckons it (iam:SimulatePrincipalPolicy): with what
//! somebody has added or taken out, and with boundaries.

use super::{
    BRIDGE, Doctor,
    ask::{IAM, Question},
    finding::{Finding, said},
    needs::Need,
    unanswered, without_settings,
};
use crate::local::FUNCTION_NAMES;

const CHECK: &str = "permissions";

impl Doctor {
    pub(super) async fn look_at_roles(&mut self) {
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            FUNCTION_NAMES.into_iter().partition(|function| self.settings.contains_key(function));
        let mut roles: Vec<(String, Vec<Need>)> =
            known.iter().map(|function| (format!("{}-{function}", self.name), self.needs(function))).collect();
        // It is off unless somebody asks for it.
        if self.settings.contains_key(BRIDGE) {
            roles.push((format!("{}-{BRIDGE}", self.name), self.needs(BRIDGE)));
        }
        roles.push((format!("{}-scheduler", self.name), self.needs_of_scheduler()));
        let (mut asked, count, mut is_any) = (0, roles.len(), false);
        for (role, needs) in roles {
            for need in needs {
                asked += need.actions.len();
                let question = self.simulation(&role, &need);
                match self.ask(&question).await {
                    Ok(answer) => {
                        let results = &answer["SimulatePrincipalPolicyResult"]["EvaluationResults"]["member"];
                        let results = results.as_array().map(Vec::as_slice).unwrap_or_default();
                        let is_allowed = |action: &&String| {
                            results.iter().any(|one| one["EvalActionName"] == action.as_str() && one["EvalDecision"] == "allowed")
                        };
                        let denied: Vec<&str> = need.actions.iter().filter(|action| !is_allowed(action)).map(String::as_str).collect();
                        if !denied.is_empty() {
                            is_any = true;
                            self.add(lacking(&role, &denied.join(", "), &need.resource));
                        }
                    }
                    Err(refusal) if refusal.is_missing() => {
                        is_any = true;
                        self.add(gone(&role));
                        break;
                    }
                    // It is the same for all of them.
                    Err(refusal) => return self.add(unanswered(CHECK, &question, &refusal)),
                }
            }
        }
        if !is_any && !known.is_empty() {
            self.add(Finding::well(
                CHECK,
                said(
                    format!("{count} roles may do what they have to ({asked} permissions)"),
                    format!("ロール {count} 件に必要な権限があります(権限 {asked} 件)"),
                ),
            ));
        }
        // That a single one is not there was told above.
        if known.is_empty() || unknown.iter().any(|function| self.untold.contains(function)) {
            let names: Vec<String> = unknown.iter().map(|function| format!("{}-{function}", self.name)).collect();
            let (names, what) = (names.join(", "), said("not every role of a function was asked", "確認していない関数のロールがあります"));
            self.add(without_settings(CHECK, what, &names));
        }
    }

    fn simulation(&self, role: &str, need: &Need) -> Question {
        let account = self.account.as_deref().unwrap_or_default();
        let role = format!("arn:{}:iam::{account}:role/{role}", self.partition());
        let names: Vec<String> = (1..=need.actions.len()).map(|place| format!("ActionNames.member.{place}")).collect();
        let mut fields = vec![("PolicySourceArn", role.as_str()), ("ResourceArns.member.1", &need.resource)];
        fields.extend(names.iter().map(String::as_str).zip(need.actions.iter().map(String::as_str)));
        if let Some((key, value)) = &need.context {
            fields.extend([
                ("ContextEntries.member.1.ContextKeyName", *key),
                ("ContextEntries.member.1.ContextKeyType", "string"),
                ("ContextEntries.member.1.ContextKeyValues.member.1", value),
            ]);
        }
        Question::query(IAM, "2010-05-08", "SimulatePrincipalPolicy", &fields)
    }
}

fn lacking(role: &str, actions: &str, resource: &str) -> Finding {
    Finding::fault(
        CHECK,
        said(
            format!("the role {role} may not {actions} on {resource}"),
            format!("ロール {role} に {resource} への {actions} の権限がありません"),
        ),
        said(
            "`terraform -chdir=infra apply` gives it back; where it does not, look at the role's permissions boundary",
            "`terraform -chdir=infra apply` で元に戻ります。戻らない場合はロールのアクセス許可の境界を確認してください",
        ),
    )
}

fn gone(role: &str) -> Finding {
    Finding::fault(
        CHECK,
        said(format!("the role {role} is not there"), format!("ロール {role} がありません")),
        said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
    )
}
