//! Mails: the identity, the sandbox, and where mails to Hansho go.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Doctor,
    ask::{Question, SES, encoded},
    finding::{Approval, Finding, Said, said},
    unanswered, without_settings,
};
use crate::commands::aws;

/// What is known of mails.
#[derive(Debug, Default)]
pub(super) struct Mails {
    /// Whether it is known which domain they come from, if any.
    is_looked_at: bool,
    /// The domain that they come from; none where no mail is sent.
    domain: Option<String>,
    /// Whether SES sends; none where it did not say.
    is_working: Option<bool>,
    is_production: bool,
    /// Addresses that were asked about, in the sandbox; none where SES did not say.
    verified: BTreeMap<String, Option<bool>>,
    /// Whether it was told why SES did not say it.
    is_refusal_told: bool,
}

impl Doctor {
    pub(super) async fn look_at_mail(&mut self) {
        if !self.settings.contains_key("delivery") {
            let what = said(
                "whether mails are sent is not known, and nothing about them was looked at",
                "メールが送信されるかどうか不明で、関連項目も確認していません",
            );
            return self.add(without_settings("mail", what, &format!("{}-delivery", self.name)));
        }
        self.mails.is_looked_at = true;
        let domain =
            self.setting("delivery", "HANSHO_EMAIL_FROM").and_then(|from| from.split_once('@')).map(|(_, domain)| domain.to_owned());
        let Some(domain) = domain else {
            return self.add(Finding::advice(
                "mail",
                said(
                    "no mail is sent: `mail_domain` is not set. Nobody can sign in to the pages, which takes a link in a mail",
                    "メールは送信されません(mail_domain が未設定)。メールのリンクが必要なため、ページに誰もサインインできません",
                ),
                said(
                    "set `mail_domain` and apply; without it people have the links in their messages, and tools their tokens",
                    "`mail_domain` を設定して適用してください。設定しない場合、担当者が使えるのはメッセージ内のリンクだけです",
                ),
            ));
        };
        self.mails.domain = Some(domain.clone());
        let is_verified = self.look_at_identity(&domain).await;
        let is_sending = self.look_at_account().await;
        self.mails.is_working = both(is_verified, is_sending);
        if self.untold.contains("email-intake") {
            let what = said(
                "whether mails are taken is not known, and nothing about it was looked at",
                "メールを受信するかどうか不明で、関連項目も確認していません",
            );
            self.add(without_settings("mail in", what, &format!("{}-email-intake", self.name)));
        }
        if self.setting("email-intake", "HANSHO_MAIL_BUCKET").is_some() {
            self.look_at_rules(&domain).await;
            self.look_at_mx(&domain).await;
        }
    }

    /// Whether the domain is verified; none where SES does not say.
    async fn look_at_identity(&mut self, domain: &str) -> Option<bool> {
        let question = Question::get(SES, format!("/v2/email/identities/{}", encoded(domain)), "GetEmailIdentity");
        let to_do = || {
            said(
                "enter the records of `terraform -chdir=infra output dns_records` where your names are kept; SES looks again within 72 hours, mostly minutes",
                "`terraform -chdir=infra output dns_records` のレコードを DNS に登録してください。通常数分、最長 72 時間で反映されます",
            )
        };
        match self.ask(&question).await {
            Ok(answer) if answer["VerifiedForSendingStatus"] == true => {
                self.add(Finding::well("mail", said(format!("{domain} is verified"), format!("{domain} は検証済みです"))));
                Some(true)
            }
            Ok(answer) => {
                let dkim = answer["DkimAttributes"]["Status"].as_str().unwrap_or("unknown").to_owned();
                self.add(Finding::fault(
                    "mail",
                    said(
                        format!("{domain} is not verified (DKIM: {dkim}): no mail is sent"),
                        format!("{domain} が未検証です (DKIM: {dkim})。メールは送信されません"),
                    ),
                    to_do(),
                ));
                Some(false)
            }
            Err(refusal) if refusal.is_missing() => {
                self.add(Finding::fault(
                    "mail",
                    said(format!("SES does not know {domain}"), format!("SES に {domain} がありません")),
                    said("`terraform -chdir=infra apply`", "`terraform -chdir=infra apply` を実行してください"),
                ));
                Some(false)
            }
            Err(refusal) => {
                self.add(unanswered("mail", &question, &refusal));
                self.mails.is_refusal_told = true;
                None
            }
        }
    }

    /// Whether the account may send; none where SES does not say.
    async fn look_at_account(&mut self) -> Option<bool> {
        let question = Question::get(SES, "/v2/email/account", "GetAccount");
        let answer = self.ask_or_tell("mail", &question).await?;
        let enforcement = answer["EnforcementStatus"].as_str().unwrap_or("HEALTHY").to_owned();
        let is_sending = answer["SendingEnabled"] != false && enforcement != "SHUTDOWN";
        if !is_sending || enforcement == "PROBATION" {
            self.add(Finding::fault(
                "mail",
                said(
                    format!("SES has stopped or is about to stop sending ({enforcement})"),
                    format!("SES の送信が停止されているか、停止されるおそれがあります ({enforcement})"),
                ),
                said(
                    "answer the case that AWS Support has opened; look at bounces (`hansho user list`)",
                    "AWS サポートのケースに回答し、バウンスを確認してください (`hansho user list`)",
                ),
            ));
        }
        self.mails.is_production = answer["ProductionAccessEnabled"] == true;
        if self.mails.is_production {
            self.add(Finding::well("mail", said("SES is out of the sandbox", "SES はサンドボックスを解除済みです")));
            return Some(is_sending);
        }
        let review = answer["Details"]["ReviewDetails"]["Status"].as_str().unwrap_or_default();
        let is_asked_for = review == "PENDING";
        let how = said(
            "console of SES, Account dashboard, \"Request production access\" (or `aws sesv2 put-account-details --production-access-enabled ...`)",
            "SES コンソールのアカウントダッシュボードから「本番アクセスのリクエスト」(または `aws sesv2 put-account-details --production-access-enabled ...`)",
        );
        let refused = if matches!(review, "DENIED" | "FAILED") { format!(" ({review})") } else { String::new() };
        self.add(Finding::advice(
            "mail",
            said(
                format!("SES is in the sandbox{refused}: mails reach verified addresses only, 200 a day"),
                format!("SES はサンドボックス内です{refused}。検証済みアドレスにしか届かず、1 日 200 通までです"),
            ),
            if is_asked_for {
                said("production access was asked for: wait", "本番アクセスは申請済みです。お待ちください")
            } else {
                how.clone()
            },
        ));
        self.approve(Approval {
            what: said("SES: mails to everybody (production access)", "SES: 全宛先へのメール(本番アクセス)"),
            is_asked_for,
            lead_time: said("a first answer within 24 hours", "初回回答は 24 時間以内"),
            how,
        });
        Some(is_sending)
    }

    async fn look_at_rules(&mut self, domain: &str) {
        let question = Question::query(SES, "2010-12-01", "DescribeActiveReceiptRuleSet", &[]);
        let Some(answer) = self.ask_or_tell("mail in", &question).await else { return };
        let bucket = self.setting("email-intake", "HANSHO_MAIL_BUCKET").unwrap_or_default().to_owned();
        let rules = answer["DescribeActiveReceiptRuleSetResult"]["Rules"]["member"].as_array().cloned().unwrap_or_default();
        let found = rule_of(&rules, domain, &bucket, &self.function_arn("email-intake"));
        let with_rule_sets = said(
            "`terraform -chdir=infra apply`; one rule set is active in a Region: where it is another one, name it in `receipt_rule_set`",
            "`terraform -chdir=infra apply` を実行してください。リージョンで有効なルールセットは 1 つだけなので、別のものが有効なら `receipt_rule_set` に指定します",
        );
        self.add(match found {
            Rule::Ours => {
                Finding::well("mail in", said(format!("SES takes mails for {domain}"), format!("SES は {domain} 宛のメールを受信します")))
            }
            Rule::Behind(other) => Finding::fault(
                "mail in",
                said(
                    format!("the receipt rule {other} takes mails for {domain} first and stops: they do not come here"),
                    format!("受信ルール {other} が先に {domain} 宛のメールを受け取って停止するため、メールが届きません"),
                ),
                said(
                    format!("put {}-intake before it (`aws ses set-receipt-rule-position`), or take its stop action out", self.name),
                    format!(
                        "`aws ses set-receipt-rule-position` で {}-intake を前に移すか、そのルールの停止アクションを外してください",
                        self.name
                    ),
                ),
            ),
            Rule::Elsewhere => Finding::fault(
                "mail in",
                said(
                    format!(
                        "the receipt rule for {domain} does not put mails into {bucket} and tell {}-email-intake: they do not come here",
                        self.name
                    ),
                    format!(
                        "{domain} の受信ルールが {bucket} への保存と {}-email-intake の呼び出しを行わないため、メールが届きません",
                        self.name
                    ),
                ),
                with_rule_sets,
            ),
            Rule::Missing => Finding::fault(
                "mail in",
                said(
                    format!("no active receipt rule takes mails for {domain}"),
                    format!("{domain} 宛のメールを受け取る有効な受信ルールがありません"),
                ),
                with_rule_sets,
            ),
        });
    }

    async fn look_at_mx(&mut self, domain: &str) {
        let expected = format!("inbound-smtp.{}.{}", self.asker.region, aws::suffix(&self.asker.region));
        let by_hand = format!("dig +short MX {domain}");
        let Some(resolver) = self.resolver.clone() else {
            return self.add(Finding::advice(
                "mail in",
                said(format!("nobody was asked for the MX record of {domain}"), format!("{domain} の MX レコードは未確認です")),
                by_hand_todo(&by_hand, &expected),
            ));
        };
        let finding = match self.resolve(&resolver, domain).await {
            Ok(hosts) if hosts.iter().any(|host| host == &expected) => Finding::well(
                "mail in",
                said(format!("the MX record of {domain} is {expected}"), format!("{domain} の MX レコードは {expected} です")),
            ),
            Ok(hosts) => {
                let hosts = if hosts.is_empty() { "none".to_owned() } else { hosts.join(", ") };
                Finding::fault(
                    "mail in",
                    said(
                        format!("the MX record of {domain} is {hosts}, not {expected}: mails do not come here"),
                        format!("{domain} の MX レコードは {hosts} で、{expected} ではありません。メールが届きません"),
                    ),
                    said(
                        format!("enter `{domain}. MX 10 {expected}` where your names are kept"),
                        format!("DNS に `{domain}. MX 10 {expected}` を登録してください"),
                    ),
                )
            }
            Err(why) => Finding::unknown(
                "mail in",
                said(
                    format!("the MX record of {domain} could not be asked for: {why}"),
                    format!("{domain} の MX レコードを確認できません: {why}"),
                ),
                by_hand_todo(&by_hand, &expected),
            ),
        };
        self.add(finding);
    }

    /// The hosts of the MX records, by DNS over HTTPS in JSON.
    async fn resolve(&self, resolver: &str, domain: &str) -> Result<Vec<String>, String> {
        const MX: u64 = 15;
        let (status, bytes) = self.asker.get(&format!("{resolver}?name={domain}&type=MX"), "application/dns-json").await?;
        if !(200..300).contains(&status) {
            return Err(format!("{resolver} answers {status}"));
        }
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| format!("{resolver} does not answer in JSON"))?;
        // "10 inbound-smtp.ap-northeast-1.amazonaws.com."
        let host = |data: &str| data.split_whitespace().next_back().map(|host| host.trim_end_matches('.').to_ascii_lowercase());
        let records = answer["Answer"].as_array().into_iter().flatten().filter(|record| record["type"] == MX);
        Ok(records.filter_map(|record| host(record["data"].as_str()?)).collect())
    }

    /// Whether a mail reaches this address today, and why.
    pub(super) async fn mail_reaches(&mut self, address: &str) -> (bool, Said) {
        let not_asked = || (false, said("could not be asked", "確認できません"));
        if self.mails.is_looked_at && self.mails.domain.is_none() {
            return (false, said("no mail is sent: `mail_domain` is not set", "メール未設定 (mail_domain)"));
        }
        match self.mails.is_working {
            None => return not_asked(),
            Some(false) => return (false, said("SES does not send", "SES が送信できません")),
            Some(true) => {}
        }
        if self.mails.is_production {
            return (true, said("out of the sandbox", "サンドボックス解除済み"));
        }
        match self.is_verified(address).await {
            Some(true) => (true, said("verified in the sandbox", "サンドボックスで検証済み")),
            Some(false) => (false, said("not verified in the sandbox", "サンドボックスで未検証")),
            None => not_asked(),
        }
    }

    /// An address is verified by itself or with its domain; none where SES does not say.
    async fn is_verified(&mut self, address: &str) -> Option<bool> {
        let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        if self.mails.domain.as_deref() == Some(domain) {
            return Some(true);
        }
        let mut found = Some(false);
        for identity in [address, domain] {
            let known = match self.mails.verified.get(identity) {
                Some(known) => *known,
                None => {
                    let asked = self.ask_about(identity).await;
                    self.mails.verified.insert(identity.to_owned(), asked);
                    asked
                }
            };
            match known {
                Some(true) => return known,
                Some(false) => {}
                None => found = None,
            }
        }
        found
    }

    /// Whether SES has verified an identity. Why it does not say is told once: it is the same for all.
    async fn ask_about(&mut self, identity: &str) -> Option<bool> {
        let question = Question::get(SES, format!("/v2/email/identities/{}", encoded(identity)), "GetEmailIdentity");
        match self.ask(&question).await {
            Ok(answer) => Some(answer["VerifiedForSendingStatus"] == true),
            Err(refusal) if refusal.is_missing() => Some(false),
            Err(refusal) => {
                if !std::mem::replace(&mut self.mails.is_refusal_told, true) {
                    self.add(unanswered("mail", &question, &refusal));
                }
                None
            }
        }
    }
}

/// Whether both hold; that one does not is enough to know.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (None, _) | (_, None) => None,
    }
}

/// What the active receipt rules do with mails for a domain.
enum Rule {
    /// They come here.
    Ours,
    /// A rule before ours ends the way; its name.
    Behind(String),
    /// A rule takes them, and does something else with them.
    Elsewhere,
    /// None takes them.
    Missing,
}

/// The rules are gone through in their order, and each that names the domain acts (SES developer guide, "Receipt rules").
fn rule_of(rules: &[Value], domain: &str, bucket: &str, function: &str) -> Rule {
    let of_domain = |rule: &&Value| {
        rule["Enabled"] == "true"
            && rule["Recipients"]["member"].as_array().is_none_or(|all| all.is_empty() || all.iter().any(|one| one == domain))
    };
    let mut is_taken = false;
    for rule in rules.iter().filter(of_domain) {
        let actions = rule["Actions"]["member"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_kept = actions.iter().any(|action| action["S3Action"]["BucketName"] == bucket);
        if is_kept && actions.iter().any(|action| action["LambdaAction"]["FunctionArn"] == function) {
            return Rule::Ours;
        }
        if actions.iter().any(|action| action["StopAction"].is_object()) {
            return Rule::Behind(rule["Name"].as_str().unwrap_or_default().to_owned());
        }
        is_taken |= rule["Recipients"]["member"].as_array().is_some_and(|all| all.iter().any(|one| one == domain));
    }
    if is_taken { Rule::Elsewhere } else { Rule::Missing }
}

fn by_hand_todo(command: &str, expected: &str) -> Said {
    said(format!("`{command}` has to say `10 {expected}.`"), format!("`{command}` が `10 {expected}.` を返すことを確認してください"))
}
