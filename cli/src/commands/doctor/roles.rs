//! Whether the roles of the functions may do what they have to, as IAM itself reckons it (iam:SimulatePrincipalPolicy): with what
//! somebody has added or taken out, and with boundaries.

use super::{
    Doctor,
    ask::{IAM, Question},
    finding::{Finding, said},
    queues::DEAD_LETTERS,
    unanswered, without_settings,
};
use crate::local::FUNCTION_NAMES;

const CHECK: &str = "permissions";

/// What a function does with the table (infra/permissions.tf).
const OF_TABLE: [(&str, &[&str]); 8] = [
    ("alarm-intake", &["GetItem", "Query", "PutItem", "UpdateItem"]),
    ("email-intake", &["GetItem", "Query", "PutItem", "UpdateItem"]),
    ("api", &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"]),
    ("config", &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]),
    ("outbox-relay", &["PutItem", "UpdateItem", "DeleteItem"]),
    ("escalation", &["GetItem", "Query", "PutItem", "UpdateItem"]),
    ("delivery", &["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"]),
    ("sweeper", &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]),
];
/// The indexes of the table that a function asks (infra/permissions.tf).
const OF_INDEXES: [(&str, &[&str]); 3] = [("api", &["open", "recent"]), ("config", &["open"]), ("sweeper", &["open", "work"])];
/// What is done with a queue that feeds the function, in its name and by itself.
const OF_ITS_QUEUE: [&str; 4] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"];
const SENDS: [&str; 1] = ["sqs:SendMessage"];

/// Something that a role has to be allowed.
struct Need {
    actions: Vec<String>,
    resource: String,
    /// A key and its value that a condition of the policy asks for.
    context: Option<(&'static str, String)>,
}

impl Doctor {
    pub(super) async fn look_at_roles(&mut self) {
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            FUNCTION_NAMES.into_iter().partition(|function| self.settings.contains_key(function));
        let mut roles: Vec<(String, Vec<Need>)> =
            known.iter().map(|function| (format!("{}-{function}", self.name), self.needs(function))).collect();
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

    fn needs(&self, function: &str) -> Vec<Need> {
        let name = format!("{}-{function}", self.name);
        let queue = |name: &str| self.arn("sqs", &format!("{}-{name}", self.name));
        let parameter = |name: &str| self.arn("ssm", &format!("parameter{name}"));
        let table = self.setting(function, "HANSHO_TABLE").unwrap_or(&self.name);
        let of_table = OF_TABLE.iter().find(|(of, _)| *of == function).map(|(_, actions)| *actions).unwrap_or_default();
        let mut needs = vec![
            need(of_table.iter().map(|action| format!("dynamodb:{action}")), self.arn("dynamodb", &format!("table/{table}"))),
            need(["logs:CreateLogStream", "logs:PutLogEvents"], self.arn("logs", &format!("log-group:/aws/lambda/{name}:log-stream:any"))),
        ];
        let of_indexes = OF_INDEXES.iter().find(|(of, _)| *of == function).map(|(_, indexes)| *indexes).unwrap_or_default();
        needs
            .extend(of_indexes.iter().map(|index| need(["dynamodb:Query"], self.arn("dynamodb", &format!("table/{table}/index/{index}")))));
        if DEAD_LETTERS.contains(&function) {
            needs.push(need(SENDS, self.arn("sqs", &format!("{name}-dead-letters"))));
        }
        if let Some(key) = self.setting(function, "HANSHO_LINK_KEY_PARAMETER") {
            needs.push(need(["ssm:GetParameter"], parameter(key)));
        }
        match function {
            "outbox-relay" | "sweeper" => {
                needs.extend(self.watches(function));
                if function == "outbox-relay" {
                    needs.push(need(["dynamodb:ListStreams"], "*".to_owned()));
                }
                let group = self.setting(function, "HANSHO_SCHEDULE_GROUP").unwrap_or(&self.name);
                let role =
                    format!("arn:{}:iam::{}:role/{}-scheduler", self.partition(), self.account.as_deref().unwrap_or_default(), self.name);
                needs.extend([
                    need(SENDS, queue("deliveries")),
                    need(SENDS, queue("timers")),
                    need(["scheduler:CreateSchedule"], self.arn("scheduler", &format!("schedule/{group}/any"))),
                    Need { context: Some(("iam:PassedToService", "scheduler.amazonaws.com".to_owned())), ..need(["iam:PassRole"], role) },
                ]);
            }
            "escalation" => needs.push(need(OF_ITS_QUEUE, queue("timers"))),
            "delivery" => {
                needs.push(need(OF_ITS_QUEUE, queue("deliveries")));
                // A text message has no ARN.
                needs.push(need(["sns:Publish"], "*".to_owned()));
                if let Some((from, (_, domain))) =
                    self.setting(function, "HANSHO_EMAIL_FROM").and_then(|from| Some((from, from.split_once('@')?)))
                {
                    let set = self.setting(function, "HANSHO_SES_CONFIGURATION_SET").map(|set| format!("configuration-set/{set}"));
                    for resource in [Some(format!("identity/{domain}")), set].into_iter().flatten() {
                        let mail = need(["ses:SendEmail"], self.arn("ses", &resource));
                        needs.push(Need { context: Some(("ses:FromAddress", from.to_owned())), ..mail });
                    }
                }
            }
            "email-intake" => {
                if let Some(bucket) = self.setting(function, "HANSHO_MAIL_BUCKET") {
                    let prefix = self.setting(function, "HANSHO_MAIL_PREFIX").unwrap_or_default();
                    needs.push(need(["s3:GetObject"], format!("arn:{}:s3:::{bucket}/{prefix}any", self.partition())));
                }
            }
            "config" => needs.extend(
                ["keys/any", "secrets/any/any"].map(|place| need(["ssm:GetParameter"], parameter(&format!("/{}/{place}", self.name)))),
            ),
            _ => {}
        }
        needs
    }

    /// What the function asks Lambda and SQS about, each minute: what it may not ask is not heard of when it is switched off or gone.
    fn watches(&self, function: &str) -> Vec<Need> {
        let named = |name: &str| self.setting(function, name).unwrap_or_default().split(',').filter(|name| !name.is_empty());
        let functions = named("HANSHO_WATCHED_FUNCTIONS")
            .map(|name| need(["lambda:GetFunctionConcurrency"], self.arn("lambda", &format!("function:{name}"))));
        let mappings = named("HANSHO_WATCHED_MAPPINGS")
            .map(|id| need(["lambda:GetEventSourceMapping"], self.arn("lambda", &format!("event-source-mapping:{id}"))));
        let queues =
            ["deliveries", "timers"].map(|name| need(["sqs:GetQueueAttributes"], self.arn("sqs", &format!("{}-{name}", self.name))));
        functions.chain(mappings).chain(queues.into_iter().filter(|_| function == "sweeper")).collect()
    }

    fn needs_of_scheduler(&self) -> Vec<Need> {
        vec![
            need(["lambda:InvokeFunction"], self.function_arn("escalation")),
            need(SENDS, self.arn("sqs", &format!("{}-escalation-dead-letters", self.name))),
            need(SENDS, self.arn("sqs", &format!("{}-scheduler-beats", self.name))),
        ]
    }
}

fn need(actions: impl IntoIterator<Item = impl Into<String>>, resource: String) -> Need {
    Need { actions: actions.into_iter().map(Into::into).collect(), resource, context: None }
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

#[cfg(test)]
mod tests {
    use super::{OF_INDEXES, OF_TABLE};

    type Lists = Vec<(String, Vec<String>)>;

    /// A map of lists in infra/permissions.tf.
    fn of_terraform(name: &str) -> Lists {
        let written = include_str!("../../../../infra/permissions.tf");
        let block = written.split_once(&format!("{name} = {{")).unwrap().1.split_once("\n  }\n").unwrap().0;
        let lines = block.lines().filter_map(|line| line.split_once('='));
        let list = |(function, members): (&str, &str)| {
            let members = members.trim().trim_matches(['[', ']']).split(", ").map(|member| member.trim_matches('"').to_owned());
            (function.trim().to_owned(), members.collect())
        };
        lines.map(list).collect()
    }

    fn of_doctor(lists: &[(&str, &[&str])]) -> Lists {
        lists.iter().map(|(function, members)| ((*function).to_owned(), members.iter().map(ToString::to_string).collect())).collect()
    }

    #[test]
    fn what_a_function_does_with_the_table_is_what_terraform_allows() {
        assert_eq!(of_doctor(&OF_TABLE), of_terraform("table_actions"));
        assert_eq!(of_doctor(&OF_INDEXES), of_terraform("table_indexes"));
    }
}
