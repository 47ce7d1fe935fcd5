//! The test page: one person is paged as by any incident, through table, stream, queue and provider, and it is told by which way it was
//! sent and whether it was answered. Only where it is asked for.

use hansho_domain::UserId;
use serde_json::{Value, json};

use super::{
    Doctor,
    ask::{Question, Refusal},
    finding::{Finding, Said, said},
    trial::{LOOKS_MAX, PAUSE},
    unanswered,
};
use crate::commands::configuration::whoever;

/// What the findings are about.
const CHECK: &str = "test contact";

/// What became of a test page, as far as it was waited for.
#[derive(Default)]
struct Followed {
    deliveries: Vec<Delivery>,
    /// After how many seconds it was first sent.
    sent: Option<u64>,
    /// By the link of which way it was answered (none where that was on a page, or by mail where a phone was proven before), and after how many seconds.
    answered: Option<(Option<String>, u64)>,
}

impl Followed {
    /// By which ways it was sent.
    fn ways(&self) -> Vec<&str> {
        let mut ways = Vec::new();
        for sent in self.deliveries.iter().filter(|delivery| delivery.state == "sent") {
            if !ways.contains(&sent.by.as_str()) {
                ways.push(sent.by.as_str());
            }
        }
        ways
    }
}

/// One delivery of the test page.
struct Delivery {
    by: String,
    wakes: bool,
    state: String,
    reason: String,
}

/// One of their notification rules for what is urgent.
struct Rule {
    after_seconds: u64,
    by: String,
    wakes: bool,
}

impl Doctor {
    pub(super) async fn try_a_contact(&mut self, user: &UserId) {
        let request = format!("doctor/{}", self.asker.clock.now());
        let event = json!({ "action": "send_test_page", "user": user, "request": request, "by": whoever(), "with": "hansho doctor" });
        let answer = match self.invoke("config", &event).await {
            Ok(answer) => answer,
            Err(refusal) => return self.add(self.unasked(&event, &refusal)),
        };
        let Some(incident) = answer["incident"].as_str().filter(|_| answer["result"] == "test_page_sent").map(str::to_owned) else {
            return self.add(refused(user, &answer));
        };
        let rules: Vec<Rule> = answer["rules"].as_array().into_iter().flatten().map(rule).collect();
        let waited_seconds = LOOKS_MAX as u64 * PAUSE.as_secs();
        if let Some(first) = rules.iter().min_by_key(|rule| rule.after_seconds).filter(|first| first.after_seconds >= waited_seconds) {
            return self.add(first_is_late(user, first));
        }
        self.progress(&said(
            format!("{user} is paged; waiting for up to {waited_seconds} s until it was sent and answered by the link in it ..."),
            format!("{user} を呼び出しています。送信と、メッセージ内のリンクでの応答を最大 {waited_seconds} 秒待ちます ..."),
        ));
        match self.follow_contact(&incident).await {
            Ok(followed) => self.tell(user, &rules, &followed),
            Err(finding) => self.add(finding),
        }
    }

    /// Waits until it was answered, or for as long as it is waited for.
    async fn follow_contact(&self, incident: &str) -> Result<Followed, Finding> {
        let event = json!({ "action": "test_page", "incident": incident });
        let mut followed = Followed::default();
        for look in 0..LOOKS_MAX {
            if look > 0 {
                self.asker.clock.sleep(PAUSE).await;
            }
            let answer = self.invoke("config", &event).await.map_err(|refusal| self.unasked(&event, &refusal))?;
            if answer["result"] != "test_page" {
                return Err(refused_in_words(&answer));
            }
            let seconds = look as u64 * PAUSE.as_secs();
            followed.deliveries = answer["deliveries"].as_array().into_iter().flatten().map(delivery).collect();
            let ways = followed.ways();
            if followed.sent.is_none() && !ways.is_empty() {
                let by = ways.join(", ");
                self.progress(&said(
                    format!("sent by {by} after {seconds} s; waiting for the answer ..."),
                    format!("{seconds} 秒後に {by} で送信しました。応答を待っています ..."),
                ));
                followed.sent = Some(seconds);
            }
            // It resolves itself only long after this.
            if matches!(answer["phase"].as_str(), Some("acknowledged" | "resolved")) {
                let by = answer["answered"]["by"].as_str().map(str::to_owned);
                followed.answered = Some((by, seconds));
                break;
            }
        }
        Ok(followed)
    }

    /// What became of it, a finding for each thing that is to be known.
    fn tell(&mut self, user: &UserId, rules: &[Rule], followed: &Followed) {
        for failed in followed.deliveries.iter().filter(|delivery| delivery.state == "failed") {
            let Delivery { by, reason, .. } = failed;
            self.add(Finding::fault(
                CHECK,
                said(format!("it did not reach {user} by {by}: {reason}"), format!("{by} では {user} に届きませんでした: {reason}")),
                said(
                    format!("correct the address of {user} where it is wrong; see above what can wake somebody, and why not"),
                    format!("{user} の連絡先に誤りがあれば修正し、上の「人を起こせる手段」で理由を確認してください"),
                ),
            ));
        }
        let has_failed = followed.deliveries.iter().any(|delivery| delivery.state == "failed");
        match (&followed.sent, &followed.answered) {
            (None, None) if has_failed => {}
            (None, None) => self.add(self.nothing_was_sent(user, &followed.deliveries)),
            (None, Some(_)) => self.add(answered_unsent(user)),
            (Some(seconds), answered) => {
                let found = sent_and_answered(user, &followed.ways().join(", "), *seconds, answered.as_ref());
                let wakes = followed.deliveries.iter().any(|delivery| delivery.state == "sent" && delivery.wakes);
                self.add(if wakes { Finding::well(CHECK, found) } else { asleep(user, rules, found) });
            }
        }
    }

    /// Nobody was asked to send it, or nothing is left to be sent: where it stands tells which part is to be looked at.
    fn nothing_was_sent(&self, user: &UserId, deliveries: &[Delivery]) -> Finding {
        let name = &self.name;
        let Some(waiting) = deliveries.last() else {
            return Finding::fault(
                CHECK,
                said(
                    format!("the incident is open, and after two minutes nothing came out of the table's stream for {user}"),
                    format!("インシデントは開きましたが、2 分待っても {user} への配信がテーブルのストリームから出てきません"),
                ),
                said(
                    format!("see above whether the stream's mapping is on, and look at the log /aws/lambda/{name}-outbox-relay"),
                    format!("上の stream mapping が有効かを確認し、ログ /aws/lambda/{name}-outbox-relay を確認してください"),
                ),
            );
        };
        let Delivery { by, state, reason, .. } = waiting;
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        Finding::fault(
            CHECK,
            said(
                format!("after two minutes it was not sent to {user}: the delivery by {by} is {state}{why}"),
                format!("2 分待っても {user} に送信されていません。{by} の配信の状態: {state}{why}"),
            ),
            said(
                format!(
                    "see above whether the deliveries' mapping is on and dead letters lie there, and look at the log /aws/lambda/{name}-delivery"
                ),
                format!("上の deliveries mapping とデッドレターを確認し、ログ /aws/lambda/{name}-delivery を確認してください"),
            ),
        )
    }

    fn unasked(&self, event: &Value, refusal: &Refusal) -> Finding {
        unanswered(CHECK, &Question::invoke(&format!("{}-config:live", self.name), event), refusal)
    }
}

/// By which ways it was sent, and whether and how it was answered.
fn sent_and_answered(user: &UserId, ways: &str, sent_seconds: u64, answered: Option<&(Option<String>, u64)>) -> Said {
    let en = format!("a test page was sent to {user} by {ways} within {sent_seconds} s");
    let ja = format!("テストの呼び出しを {sent_seconds} 秒以内に {ways} で {user} へ送信しました");
    match answered {
        Some((Some(by), seconds)) => said(
            format!("{en}, and answered by the link in the {by} within {seconds} s"),
            format!("{ja}。{by} のリンクから {seconds} 秒以内に応答がありました"),
        ),
        Some((None, seconds)) => said(
            format!("{en}, and acknowledged within {seconds} s, not by a link that proves a phone; ask {user} whether it arrived"),
            format!("{ja}。{seconds} 秒以内に応答がありましたが、電話のリンクからではないため、届いたか {user} に確認してください"),
        ),
        None => said(
            format!("{en}, and not answered within two minutes; ask {user} whether it arrived"),
            format!("{ja}。2 分以内の応答はありません。届いたか {user} に確認してください"),
        ),
    }
}

/// They saw it on a page before it was sent.
fn answered_unsent(user: &UserId) -> Finding {
    Finding::advice(
        CHECK,
        said(
            format!("{user} has answered on a page before it was sent, so it was not sent any more"),
            format!("送信前に {user} がページ上で応答したため、送信していません"),
        ),
        said(
            format!("run it again, and let {user} answer by the link in the message"),
            format!("再実行し、{user} にはメッセージ内のリンクから応答してもらってください"),
        ),
    )
}

/// It went only by ways that wake nobody.
fn asleep(user: &UserId, rules: &[Rule], found: Said) -> Finding {
    match rules.iter().filter(|rule| rule.wakes).min_by_key(|rule| rule.after_seconds) {
        Some(Rule { after_seconds, by, .. }) => Finding::advice(
            CHECK,
            Said {
                en: format!("{}; that wakes nobody, and {by} comes after {after_seconds} s", found.en),
                ja: format!("{}。この方法では起きられず、{by} は {after_seconds} 秒後です", found.ja),
            },
            said(
                format!("unless {user} answers, {by} follows; let the first rule of `notify: {{ high: ... }}` of {user} be one that wakes"),
                format!(
                    "{user} が応答しなければ {by} が続きます。{user} の `notify: {{ high: ... }}` の最初を、起きられる方法にしてください"
                ),
            ),
        ),
        None => Finding::fault(
            CHECK,
            Said {
                en: format!("{}; that wakes nobody, and {user} has no contact that does", found.en),
                ja: format!("{}。この方法では起きられず、{user} には起きられる連絡方法がありません", found.ja),
            },
            said(
                format!("give {user} a `phone:`, and a rule by sms in `notify: {{ high: ... }}`, then `hansho apply`"),
                format!("{user} に `phone:` と、`notify: {{ high: ... }}` の sms のルールを設定し、`hansho apply` を実行してください"),
            ),
        ),
    }
}

/// It is not waited for.
fn first_is_late(user: &UserId, first: &Rule) -> Finding {
    let Rule { after_seconds, by, .. } = first;
    Finding::advice(
        CHECK,
        said(
            format!("{user} is called by nothing before {after_seconds} s have passed, then by {by}: that is not waited for"),
            format!("{user} への最初の通知は {after_seconds} 秒後の {by} のため、待たずに終了します"),
        ),
        said(
            format!("ask {user} then whether it arrived; a first rule of `notify: {{ high: ... }}` with `after: 0m` calls at once"),
            format!("その時刻に届いたか {user} に確認してください。`notify: {{ high: ... }}` に `after: 0m` を書くとすぐに通知されます"),
        ),
    )
}

/// Nobody was paged, and why.
fn refused(user: &UserId, answer: &Value) -> Finding {
    let message = answer["message"].as_str().unwrap_or_default();
    match answer["reason"].as_str() {
        Some("unknown_user") => {
            let names: Vec<&str> = answer["users"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let more = answer["more_users"].as_u64().unwrap_or_default();
            let names = names.join(", ");
            let (en, ja) =
                if more == 0 { (String::new(), String::new()) } else { (format!(" and {more} more"), format!(" ほか {more} 人")) };
            Finding::fault(
                CHECK,
                said(
                    format!("there is no user {user}, so nobody was paged"),
                    format!("ユーザー {user} がいないため、誰も呼び出していません"),
                ),
                said(format!("name one of {names}{en}"), format!("次のいずれかを指定してください: {names}{ja}")),
            )
        }
        Some("no_contact") => Finding::fault(
            CHECK,
            said(
                format!("{user} has no way to be told, so nobody was paged"),
                format!("{user} には連絡方法がないため、呼び出していません"),
            ),
            said(
                format!("give {user} a `phone:` in the configuration, then `hansho apply`"),
                format!("設定で {user} に `phone:` を追加し、`hansho apply` を実行してください"),
            ),
        ),
        Some("too_often") => {
            let at = answer["again_at"].as_str().unwrap_or_default();
            Finding::unknown(
                CHECK,
                said(
                    format!("{user} was sent a test page of late, so nobody was paged: once a minute and ten times a day are the most"),
                    format!("{user} には最近テストの呼び出しを送信したため、呼び出していません(1 分に 1 回、1 日 10 回まで)"),
                ),
                said(format!("run it again after {at}"), format!("{at} 以降に再実行してください")),
            )
        }
        Some(_) | None => Finding {
            found: said(format!("nobody was paged: {message}"), format!("呼び出していません: {message}")),
            ..refused_in_words(answer)
        },
    }
}

/// What the function says where this command has no words for it: it is an older one that knows nothing of test pages, most likely.
fn refused_in_words(answer: &Value) -> Finding {
    let message = answer["message"].as_str().unwrap_or("the function config answers something else than this command knows");
    Finding::fault(
        CHECK,
        said(message, message),
        said(
            "where the function config is older than this command, deploy it: `scripts/deploy config`",
            "関数 config がこのコマンドより古い場合は `scripts/deploy config` でデプロイしてください",
        ),
    )
}

fn rule(value: &Value) -> Rule {
    Rule {
        after_seconds: value["after_seconds"].as_u64().unwrap_or_default(),
        by: value["by"].as_str().unwrap_or_default().to_owned(),
        wakes: value["wakes"] == true,
    }
}

fn delivery(value: &Value) -> Delivery {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Delivery { by: text("by"), wakes: value["wakes"] == true, state: text("state"), reason: hansho_domain::text::one_line(&text("reason")) }
}
