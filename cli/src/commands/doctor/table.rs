//! The table, and the parameter that signs links.

use hansho_store::{RestorePause, VERSIONS_PARTITION as VERSIONS};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Doctor,
    ask::{DYNAMODB, Question, SSM},
    finding::{Finding, said},
};

/// What the functions call the attribute by which items expire (infra/modules/table).
const TTL: &str = "expires_at";
/// The indexes (shared/store/src/table.rs).
const INDEXES: [&str; 3] = ["open", "recent", "work"];

impl Doctor {
    pub(super) async fn look_at_table(&mut self) {
        let table = self.setting("api", "HANSHO_TABLE").unwrap_or(&self.name).to_owned();
        let about = json!({ "TableName": table });
        let question = |operation: &str| Question::json(DYNAMODB, &format!("DynamoDB_20120810.{operation}"), &about);
        if let Some(answer) = self.ask_or_tell("table", &question("DescribeTable")).await {
            let described = &answer["Table"];
            self.look_at_status(&table, described);
            self.stream = described["LatestStreamArn"].as_str().map(str::to_owned);
            let is_protected = described["DeletionProtectionEnabled"] == true;
            self.table_setting(is_protected, "deletion protection", "削除保護", "-var deletion_protection=true");
            let stream = &described["StreamSpecification"];
            let is_streamed = stream["StreamEnabled"] == true && stream["StreamViewType"] == "NEW_IMAGE";
            self.table_setting(is_streamed, "its stream with new images", "新しいイメージのストリーム", "");
        }
        if let Some(answer) = self.ask_or_tell("table", &question("DescribeContinuousBackups")).await {
            let recovery = &answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
            let is_on = recovery["PointInTimeRecoveryStatus"] == "ENABLED";
            self.table_setting(is_on, "point-in-time recovery", "ポイントインタイムリカバリ", "");
        }
        if let Some(answer) = self.ask_or_tell("table", &question("DescribeTimeToLive")).await {
            let ttl = &answer["TimeToLiveDescription"];
            let is_on = ttl["TimeToLiveStatus"] == "ENABLED" && ttl["AttributeName"] == TTL;
            self.table_setting(is_on, "time to live", "TTL", "");
        }
        self.look_at_restore(&table).await;
        self.look_at_schema(&table).await;
    }

    /// A restored table leaves for a while what was due before.
    async fn look_at_restore(&mut self, table: &str) {
        let (pk, sk) = hansho_store::identity_of_table();
        let key = json!({ "TableName": table, "ConsistentRead": true, "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
        let question = Question::json(DYNAMODB, "DynamoDB_20120810.GetItem", &key);
        let Some(answer) = self.ask_or_tell("restore", &question).await else { return };
        let item = &answer["Item"];
        let restored_at = item["restored_at"]["N"].as_str().and_then(|at| Timestamp::from_millisecond(at.parse().ok()?).ok());
        let now = self.asker.clock.now();
        let pause = restored_at.map(|since| (since, RestorePause::end(since)));
        let Some((since, until)) = pause.filter(|(_, until)| item["resumed_at"].is_null() && now < *until) else { return };
        let command = format!("hansho resume --name {} --region {}", self.name, self.asker.region);
        self.add(Finding::fault(
            "restore",
            said(
                format!("the table {table} is a restored one: what was due before {since} is left until {until}"),
                format!("テーブル {table} は復旧されたものです。{since} より前に期限が来ていたものは {until} まで保留されます"),
            ),
            said(
                format!("resolve what is over (`hansho incident list`), then `{command}`; docs/recovery.md has every step"),
                format!(
                    "解決済みのインシデントを解決 (`hansho incident list`) してから `{command}` を実行してください。手順は docs/recovery.md にあります"
                ),
            ),
        ));
    }

    fn look_at_status(&mut self, table: &str, described: &Value) {
        let mut indexes: Vec<&str> =
            described["GlobalSecondaryIndexes"].as_array().into_iter().flatten().filter_map(|i| i["IndexName"].as_str()).collect();
        indexes.sort_unstable();
        let status = described["TableStatus"].as_str().unwrap_or_default();
        let finding = if !matches!(status, "ACTIVE" | "UPDATING") {
            Finding::fault(
                "table",
                said(format!("the table {table} is {status}"), format!("テーブル {table} の状態は {status} です")),
                said("wait until it is ACTIVE, then look again", "ACTIVE になるまで待ち、再度確認してください"),
            )
        } else if indexes != INDEXES {
            Finding::fault(
                "table",
                said(
                    format!("the table {table} has the indexes {indexes:?}, not {INDEXES:?}"),
                    format!("テーブル {table} のインデックスは {indexes:?} で、{INDEXES:?} と異なります"),
                ),
                said(
                    "`terraform -chdir=infra apply`: an apply has ended half-way",
                    "`terraform -chdir=infra apply` を実行してください。前回の適用が途中で終わっています",
                ),
            )
        } else {
            Finding::well("table", said(format!("{table} is {status}"), format!("{table} の状態は {status} です")))
        };
        self.add(finding);
    }

    fn table_setting(&mut self, is_on: bool, english: &str, japanese: &str, with: &str) {
        if is_on {
            return self.add(Finding::well("table", said(format!("{english} is on"), format!("{japanese}は有効です"))));
        }
        let command = format!("terraform -chdir=infra apply {with}").trim_end().to_owned();
        self.add(Finding::fault(
            "table",
            said(format!("{english} is off"), format!("{japanese}が無効です")),
            said(format!("`{command}`"), format!("`{command}` を実行してください")),
        ));
    }

    /// The record of the newest version of the configuration says in which shape items are written.
    async fn look_at_schema(&mut self, table: &str) {
        let newest = json!({
            "TableName": table, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": { ":pk": { "S": VERSIONS } },
            "ScanIndexForward": false, "Limit": 1, "ConsistentRead": true, "ProjectionExpression": "#schema", "ExpressionAttributeNames": { "#schema": "schema" },
        });
        let question = Question::json(DYNAMODB, "DynamoDB_20120810.Query", &newest);
        let Some(answer) = self.ask_or_tell("schema", &question).await else { return };
        let written: Option<u64> = answer["Items"][0]["schema"]["N"].as_str().and_then(|number| number.parse().ok());
        let known = hansho_store::SCHEMA;
        let finding = match written {
            Some(written) if written > known => Finding::fault(
                "schema",
                said(
                    format!("items are written in shape {written}, and this command knows shape {known}: the deployment is newer"),
                    format!("項目の形式は {written} ですが、このコマンドは {known} までしか扱えません。デプロイの方が新しい版です"),
                ),
                said(
                    "use the command of the deployment's version, and deploy no functions of this one",
                    "デプロイと同じ版のコマンドを使い、この版の関数はデプロイしないでください",
                ),
            ),
            Some(written) => {
                Finding::well("schema", said(format!("items are written in shape {written}"), format!("項目の形式は {written} です")))
            }
            None => Finding::fault(
                "schema",
                said(
                    "no configuration is in force: whatever comes in pages nobody",
                    "有効な設定がありません。アラートが来ても誰も呼び出されません",
                ),
                said(
                    format!("`hansho apply --config on-call/ --function {}-config:live`", self.name),
                    format!("`hansho apply --config on-call/ --function {}-config:live` を実行してください", self.name),
                ),
            ),
        };
        self.add(finding);
    }

    pub(super) async fn look_at_secrets(&mut self) {
        let parameter =
            self.setting("delivery", "HANSHO_LINK_KEY_PARAMETER").map_or_else(|| format!("/{}/link-key", self.name), str::to_owned);
        let filter = json!({ "ParameterFilters": [{ "Key": "Name", "Option": "Equals", "Values": [parameter] }] });
        let Some(answer) = self.ask_or_tell("secrets", &Question::json(SSM, "AmazonSSM.DescribeParameters", &filter)).await else { return };
        let found = answer["Parameters"].as_array().into_iter().flatten().find(|found| found["Name"] == parameter.as_str());
        let finding = match found.map(|found| found["Type"] == "SecureString") {
            Some(true) => {
                Finding::well("secrets", said(format!("{parameter} is there, encrypted"), format!("{parameter} は暗号化されて存在します")))
            }
            Some(false) => Finding::fault(
                "secrets",
                said(
                    format!("{parameter} is not encrypted: whoever may read it can make links"),
                    format!("{parameter} が暗号化されていません。読める人は誰でもリンクを作れます"),
                ),
                said(
                    "delete it and run `terraform -chdir=infra apply`: links that were sent end",
                    "削除して `terraform -chdir=infra apply` を実行してください。送信済みのリンクは無効になります",
                ),
            ),
            None => Finding::fault(
                "secrets",
                said(
                    format!("{parameter} is not there: functions that make links do not start"),
                    format!("{parameter} がありません。リンクを作る関数が起動できません"),
                ),
                said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
            ),
        };
        self.add(finding);
    }
}
