//! Who asks, and whether this machine's clock is right.

use super::{
    Doctor,
    ask::{Question, STS},
    finding::{Finding, said},
    unanswered,
};

/// AWS refuses signatures that are five minutes off; links and deadlines are shown wrong long before.
const AHEAD_SECONDS_MAX: i64 = 30;

impl Doctor {
    /// Whether it goes on: without anybody to ask there is nothing to find.
    pub(super) async fn look_at_caller(&mut self) -> bool {
        let question = Question::query(STS, "2011-06-15", "GetCallerIdentity", &[]);
        let answered = self.ask(&question).await;
        self.look_at_clock();
        match answered {
            Ok(answer) => {
                let result = answer.get("GetCallerIdentityResult").unwrap_or(&answer);
                let text = |name: &str| result.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
                let (account, arn, region) = (text("Account"), text("Arn"), self.asker.region.clone());
                self.account = Some(account.clone());
                let found = said(format!("{arn}, account {account}, {region}"), format!("{arn}、アカウント {account}、{region}"));
                self.add(Finding::well("caller", found));
                true
            }
            Err(refusal) => {
                let mut finding = unanswered("caller", &question, &refusal);
                // Whom nobody answers need not log in.
                if refusal.status != 0 {
                    finding.to_do = Some(said(
                        "log in again (`aws sso login`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` has to answer",
                        "再度ログインするか (`aws sso login`)、AWS_ACCESS_KEY_ID と AWS_SECRET_ACCESS_KEY を設定してください。`aws sts get-caller-identity` が応答する必要があります",
                    ));
                }
                self.add(finding);
                false
            }
        }
    }

    fn look_at_clock(&mut self) {
        let Some(ahead) = self.asker.ahead() else { return };
        let seconds = ahead.as_secs();
        if seconds.abs() <= AHEAD_SECONDS_MAX {
            let found = said(
                format!("this machine's clock is {seconds} s ahead of AWS's"),
                format!("この端末の時計は AWS より {seconds} 秒進んでいます"),
            );
            return self.add(Finding::well("clock", found));
        }
        self.add(Finding::fault(
            "clock",
            said(
                format!("this machine's clock is {seconds} s ahead of AWS's; beyond 300 s AWS refuses every request"),
                format!("この端末の時計が AWS より {seconds} 秒進んでいます。300 秒を超えると AWS はすべてのリクエストを拒否します"),
            ),
            said("set the clock by the network (`timedatectl set-ntp true`)", "時刻同期を有効にしてください (`timedatectl set-ntp true`)"),
        ));
    }
}
