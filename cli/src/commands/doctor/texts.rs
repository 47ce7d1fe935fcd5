//! Text messages: the sandbox, the month's limit, and numbers that are still to be allowed.

use std::collections::BTreeSet;

use hansho_channels::{PhoneNumber, SmsSender};
use hansho_domain::OriginationNumber;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Doctor,
    ask::{CLOUDWATCH, Question, SMS_VOICE, SNS},
    finding::{Approval, Finding, Reach, Said, said},
    people::masked,
};

const VERSION: &str = "2010-03-31";
/// The month's limit of an account that has asked for no other (SNS developer guide, "Setting SMS messaging preferences").
const LIMIT_USD: f64 = 1.0;
/// From here on it is time to ask for more.
const LIMIT_NEAR: f64 = 0.8;
/// States of a registration in which somebody else has the next move.
const IN_REVIEW: [&str; 5] = ["SUBMITTED", "AWS_REVIEWING", "REVIEWING", "REQUIRES_AUTHENTICATION", "PROVISIONING"];

/// What is known of text messages.
#[derive(Debug, Default)]
pub(super) struct Texts {
    is_sandbox: Option<bool>,
    verified: BTreeSet<String>,
    /// The month's limit and what was spent of it, in US dollars; none where AWS did not say.
    limit_usd: Option<f64>,
    spent_usd: Option<f64>,
    has_number: bool,
    /// Whether the deployment is wrong about whom text messages come from: none goes out.
    is_sender_wrong: bool,
    /// The operators' numbers, as their topic has them.
    pub(super) operators: Vec<String>,
}

impl Texts {
    /// Whether a text message reaches this number today, and why.
    pub(super) fn reaches(&self, number: &str) -> (bool, Said) {
        let (Some(_), Some(limit), Some(spent)) = (self.is_sandbox, self.limit_usd, self.spent_usd) else {
            return (false, said("could not be asked", "確認できません"));
        };
        if self.is_sender_wrong {
            return (false, said("the sender is wrong", "送信元の設定が誤っています"));
        }
        if spent >= limit {
            return (false, said("this month's limit is used up", "今月の利用限度額に達しています"));
        }
        if number.starts_with("+1") && !self.has_number {
            return (
                false,
                said("the United States and Canada want a number of your own as sender", "米国とカナダには自前の発信番号が必要です"),
            );
        }
        match (self.is_sandbox, self.verified.contains(number)) {
            (Some(true), true) => (true, said("verified in the sandbox", "サンドボックスで検証済み")),
            (Some(true), false) => (false, said("not verified in the sandbox", "サンドボックスで未検証")),
            (Some(false) | None, _) => (true, said("out of the sandbox", "サンドボックス解除済み")),
        }
    }
}

impl Doctor {
    pub(super) async fn look_at_texts(&mut self) {
        self.texts.has_number = self.setting("delivery", "HANSHO_SMS_ORIGINATION_NUMBER").is_some();
        self.look_at_sender();
        self.look_at_sandbox().await;
        self.look_at_limit_of_texts().await;
        self.look_at_registrations().await;
        for number in std::mem::take(&mut self.texts.operators) {
            let (works, because) = self.texts.reaches(&number);
            self.reach(Reach { who: "operators".to_owned(), method: "sms", address: masked(&number), works, because });
        }
    }

    /// What delivery refuses to send text messages with.
    fn look_at_sender(&mut self) {
        let setting = |name: &str| self.setting("delivery", name).map(str::to_owned);
        let number = setting("HANSHO_SMS_ORIGINATION_NUMBER");
        let sender = SmsSender::new(setting("HANSHO_SMS_SENDER_ID"), number.as_deref(), setting("HANSHO_SMS_MAX_PRICE_USD"));
        let Some(problem) = sender.problem() else { return };
        self.texts.is_sender_wrong = true;
        self.add(Finding::fault(
            "text messages",
            said(problem, format!("SMS を送信できません。デプロイの設定 `sms` が誤っています: {problem}")),
            said("mend it in the variable `sms` and apply", "変数 `sms` を修正して適用してください"),
        ));
    }

    async fn look_at_sandbox(&mut self) {
        let question = Question::query(SNS, VERSION, "GetSMSSandboxAccountStatus", &[]);
        let Some(answer) = self.ask_or_tell("text messages", &question).await else { return };
        let is_sandbox = answer["GetSMSSandboxAccountStatusResult"]["IsInSandbox"] != "false";
        self.texts.is_sandbox = Some(is_sandbox);
        if !is_sandbox {
            return self.add(Finding::well("text messages", said("SNS is out of the sandbox", "SNS はサンドボックスを解除済みです")));
        }
        self.add(Finding::advice(
            "text messages",
            said("SNS is in the sandbox: text messages reach verified numbers only, ten at most", "SNS はサンドボックス内です。検証済みの番号(最大 10 件)にしか SMS が届きません"),
            said(
                "ask for production (console of SNS, Text messaging, \"Exit SMS sandbox\"); until then verify the numbers of those on call",
                "本番利用を申請し(SNS コンソールの「テキストメッセージ」から「SMS サンドボックスの終了」)、それまでは当番の番号を検証してください",
            ),
        ));
        self.approve(Approval {
            what: said("SNS: text messages to everybody (production)", "SNS: 全番号への SMS(本番利用)"),
            is_asked_for: false,
            lead_time: said(
                "a first answer within 24 hours, often some days in all",
                "初回回答は 24 時間以内、完了まで数日かかることもあります",
            ),
            how: said(
                "console of SNS, Text messaging, \"Exit SMS sandbox\"",
                "SNS コンソールの「テキストメッセージ」から「SMS サンドボックスの終了」",
            ),
        });
        let question = Question::query(SNS, VERSION, "ListSMSSandboxPhoneNumbers", &[]);
        let Some(answer) = self.ask_or_tell("text messages", &question).await else { return };
        let numbers = &answer["ListSMSSandboxPhoneNumbersResult"]["PhoneNumbers"]["member"];
        let verified = numbers.as_array().into_iter().flatten().filter(|one| one["Status"] == "Verified");
        self.texts.verified = verified.filter_map(|one| one["PhoneNumber"].as_str().map(str::to_owned)).collect();
    }

    async fn look_at_limit_of_texts(&mut self) {
        let question = Question::query(SNS, VERSION, "GetSMSAttributes", &[]);
        let Some(answer) = self.ask_or_tell("text messages", &question).await else { return };
        let entries = answer["GetSMSAttributesResult"]["attributes"]["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
        let value = |key: &str| entries.iter().find(|entry| entry["key"] == key).and_then(|entry| entry["value"].as_str());
        let limit = value("MonthlySpendLimit").and_then(|limit| limit.parse().ok()).unwrap_or(LIMIT_USD);
        self.texts.limit_usd = Some(limit);
        self.texts.spent_usd = self.spent().await;
        let Some(spent) = self.texts.spent_usd else { return };
        let found = said(
            format!("{spent:.2} of this month's {limit:.2} USD are spent"),
            format!("今月の限度額 {limit:.2} USD のうち {spent:.2} USD を使用"),
        );
        let raise = said(
            "ask for a higher limit (Service Quotas, \"SMS account spending quota\"), then set sms = { manage_account = true, monthly_limit_usd = 50 } and apply",
            "上限の引き上げを申請し(Service Quotas の「SMS account spending quota」)、sms = { manage_account = true, monthly_limit_usd = 50 } を適用してください",
        );
        if spent >= limit * LIMIT_NEAR {
            self.add(Finding::fault("text messages", found, raise));
        } else if limit <= LIMIT_USD {
            self.add(Finding::advice("text messages", found, raise.clone()));
            self.approve(Approval {
                what: said("SNS: a higher limit for text messages than 1 USD a month", "SNS: 月額 1 USD を超える SMS 限度額"),
                is_asked_for: false,
                lead_time: said("a first answer within 24 hours", "初回回答は 24 時間以内"),
                how: raise,
            });
        } else if self.deployment.as_ref().is_some_and(|deployment| !deployment.alarms.contains("sms-spend")) {
            self.add(Finding::advice(
                "text messages",
                said(
                    format!("nobody is told before this month's {limit:.2} USD are spent, {spent:.2} of them so far"),
                    format!("今月の限度額 {limit:.2} USD に近づいても通知されません(使用済み {spent:.2} USD)"),
                ),
                said(
                    format!(
                        "say the limit in sms = {{ monthly_limit_usd = {limit:.0} }} and apply: operators are told at four fifths of it"
                    ),
                    format!("sms = {{ monthly_limit_usd = {limit:.0} }} を適用してください。8 割に達すると運用者に通知されます"),
                ),
            ));
        } else {
            self.add(Finding::well("text messages", found));
        }
    }

    /// This month's spending in US dollars, 0 where nothing was sent; none where AWS does not say.
    async fn spent(&mut self) -> Option<f64> {
        let now = self.asker.clock.now();
        let start = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let body = json!({
            "Namespace": "AWS/SNS", "MetricName": "SMSMonthToDateSpentUSD", "StartTime": start.as_second(), "EndTime": now.as_second(),
            "Period": 3600, "Statistics": ["Maximum"],
        });
        let question = Question::json(CLOUDWATCH, "GraniteServiceVersion20100801.GetMetricStatistics", &body);
        let answer = self.ask_or_tell("text messages", &question).await?;
        let points = answer["Datapoints"].as_array().into_iter().flatten();
        Some(points.filter_map(|point| point["Maximum"].as_f64()).fold(0.0, f64::max))
    }

    /// Numbers and names of senders that were asked for.
    async fn look_at_registrations(&mut self) {
        let question = Question::json(SMS_VOICE, "PinpointSMSVoiceV2.DescribeRegistrations", &json!({}));
        let Some(answer) = self.ask_or_tell("sender numbers", &question).await else { return };
        let registrations = answer["Registrations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let mut is_any = false;
        for one in registrations {
            let (id, kind, status) = (text(one, "RegistrationId"), text(one, "RegistrationType"), text(one, "RegistrationStatus"));
            if IN_REVIEW.contains(&status.as_str()) {
                self.approve(Approval {
                    what: said(format!("sender number: {kind} {id} is {status}"), format!("発信番号: {kind} {id} は {status}")),
                    is_asked_for: true,
                    lead_time: said("days to some weeks, by country and kind", "国と種別により数日から数週間"),
                    how: said(
                        "wait; the console of AWS End User Messaging tells when it is through",
                        "完了まで待ってください。状況は AWS End User Messaging のコンソールで確認できます",
                    ),
                });
            } else if status == "REQUIRES_UPDATES" {
                is_any = true;
                self.add(Finding::fault(
                    "sender numbers",
                    said(format!("{kind} {id} was sent back"), format!("{kind} {id} が差し戻されています")),
                    said(
                        "mend it in the console of AWS End User Messaging, Registrations",
                        "AWS End User Messaging コンソールの「登録」で修正してください",
                    ),
                ));
            }
        }
        if !is_any {
            let sender = self.setting("delivery", "HANSHO_SMS_ORIGINATION_NUMBER").and_then(sender_shown);
            let sender = sender.or_else(|| self.setting("delivery", "HANSHO_SMS_SENDER_ID").map(str::to_owned));
            let found = sender.map_or_else(
                || {
                    said(
                        "text messages come from a shared number: no name stands there",
                        "SMS は共用番号から送られ、送信者名は表示されません",
                    )
                },
                |sender| said(format!("text messages come from {sender}"), format!("SMS の送信元は {sender} です")),
            );
            self.add(Finding::well("sender numbers", found));
        }
    }
}

/// A number as others are shown, and a short code whole: without its end nothing would be left of it.
fn sender_shown(number: &str) -> Option<String> {
    let number = OriginationNumber::new(number).ok()?;
    Some(PhoneNumber::new(number.as_str()).map_or_else(|_| number.to_string(), |phone| phone.to_string()))
}
