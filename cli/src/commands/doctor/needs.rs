//! What the role of each function has to be allowed (infra/permissions.tf, infra/bridge.tf, infra/modules/function).

use super::{BRIDGE, Doctor, queues::DEAD_LETTERS};

/// What a function does with the table (infra/permissions.tf, infra/bridge.tf).
const OF_TABLE: [(&str, &[&str]); 9] = [
    ("alarm-intake", &["GetItem", "Query", "PutItem", "UpdateItem"]),
    ("email-intake", &["GetItem", "Query", "PutItem", "UpdateItem"]),
    ("api", &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"]),
    ("config", &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]),
    ("outbox-relay", &["PutItem", "UpdateItem", "DeleteItem"]),
    ("escalation", &["GetItem", "Query", "PutItem", "UpdateItem"]),
    ("delivery", &["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"]),
    ("sweeper", &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]),
    (BRIDGE, &["GetItem", "Query", "BatchGetItem", "PutItem", "UpdateItem"]),
];
/// The indexes of the table that a function asks (infra/permissions.tf, infra/bridge.tf).
const OF_INDEXES: [(&str, &[&str]); 4] =
    [("api", &["open", "recent"]), ("config", &["open"]), ("sweeper", &["open", "work"]), (BRIDGE, &["open", "work"])];
/// What is done with a queue that feeds the function, in its name and by itself.
const OF_ITS_QUEUE: [&str; 4] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"];
/// What Lambda does with the stream that feeds the function, in its name.
const OF_ITS_STREAM: [&str; 3] = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
/// What the bridge does with a record of Incident Manager.
const OF_RECORDS: [&str; 4] = [
    "ssm-incidents:CreateTimelineEvent",
    "ssm-incidents:GetIncidentRecord",
    "ssm-incidents:UpdateIncidentRecord",
    "ssm-incidents:UpdateRelatedItems",
];
const SENDS: [&str; 1] = ["sqs:SendMessage"];

/// Something that a role has to be allowed.
pub(super) struct Need {
    pub(super) actions: Vec<String>,
    pub(super) resource: String,
    /// A key and its value that a condition of the policy asks for.
    pub(super) context: Option<(&'static str, String)>,
}

impl Doctor {
    pub(super) fn needs(&self, function: &str) -> Vec<Need> {
        let name = format!("{}-{function}", self.name);
        let queue = |name: &str| self.arn("sqs", &format!("{}-{name}", self.name));
        let parameter = |name: &str| self.arn("ssm", &format!("parameter{name}"));
        let table = self.setting(function, "HANSHO_TABLE").unwrap_or(&self.name);
        let of_table = OF_TABLE.iter().find(|(of, _)| *of == function).map(|(_, actions)| *actions).unwrap_or_default();
        let mut needs = vec![
            need(of_table.iter().map(|action| format!("dynamodb:{action}")), self.arn("dynamodb", &format!("table/{table}"))),
            need(["logs:CreateLogStream", "logs:PutLogEvents"], self.arn("logs", &format!("log-group:/aws/lambda/{name}:log-stream:any"))),
            need(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*".to_owned()),
        ];
        let of_indexes = OF_INDEXES.iter().find(|(of, _)| *of == function).map(|(_, indexes)| *indexes).unwrap_or_default();
        needs
            .extend(of_indexes.iter().map(|index| need(["dynamodb:Query"], self.arn("dynamodb", &format!("table/{table}/index/{index}")))));
        if DEAD_LETTERS.contains(&function) || function == BRIDGE {
            needs.push(need(SENDS, self.arn("sqs", &format!("{name}-dead-letters"))));
        }
        if let Some(key) = self.setting(function, "HANSHO_LINK_KEY_PARAMETER") {
            needs.push(need(["ssm:GetParameter"], parameter(key)));
        }
        if matches!(function, "outbox-relay" | BRIDGE) {
            needs.push(need(["dynamodb:ListStreams"], "*".to_owned()));
            needs.extend(self.stream.clone().map(|stream| need(OF_ITS_STREAM, stream)));
        }
        match function {
            BRIDGE => needs.extend(self.needs_of_bridge()),
            "outbox-relay" | "sweeper" => {
                needs.extend(self.watches(function));
                if function == "sweeper" {
                    needs.push(need(["dynamodb:DescribeTable"], self.arn("dynamodb", &format!("table/{table}"))));
                }
                // A clean sweep goes to the bus, from which the dead man's switch takes it.
                if function == "sweeper" && self.deployment.as_ref().is_some_and(|deployment| deployment.ping) {
                    needs.push(need(["events:PutEvents"], self.arn("events", "event-bus/default")));
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

    /// What the bridge does with its queue and with the other side, as far as it was asked for.
    fn needs_of_bridge(&self) -> Vec<Need> {
        let mut needs = vec![need(OF_ITS_QUEUE, self.arn("sqs", &format!("{}-{BRIDGE}", self.name)))];
        let Some(deployment) = &self.deployment else { return needs };
        for plan in &deployment.response_plans {
            needs.push(need(["ssm-incidents:StartIncident"], plan.clone()));
            needs.push(need(OF_RECORDS, format!("{}/any", plan.replace(":response-plan/", ":incident-record/"))));
        }
        if deployment.ops_center {
            needs.push(need(["ssm:GetOpsItem", "ssm:UpdateOpsItem"], self.arn("ssm", "opsitem/any")));
            // What is yet to be made has no ARN.
            needs.push(need(["ssm:CreateOpsItem"], "*".to_owned()));
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

    pub(super) fn needs_of_scheduler(&self) -> Vec<Need> {
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
        // That of the bridge stands in infra/bridge.tf: each of its actions is asked about (tests/ways_in.rs).
        assert_eq!(of_doctor(&OF_TABLE[..8]), of_terraform("table_actions"));
        assert_eq!(of_doctor(&OF_INDEXES[..3]), of_terraform("table_indexes"));
    }
}
