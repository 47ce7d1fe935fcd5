//! The address that every link and every tool leads to.

use serde_json::Value;

use super::{
    Doctor,
    finding::{Finding, Said, said},
    without_settings,
};

/// Longest part of a foreign answer that is told, in characters.
const TOLD_CHARS_MAX: usize = 120;

impl Doctor {
    /// Looked at as any phone would: without credentials, and with a GET, which changes nothing.
    pub(super) async fn look_at_address(&mut self) {
        let Some(url) = self.setting("delivery", "HANSHO_PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()) else {
            let what = said(
                "the address of links and tools is not known, and was not looked at",
                "リンクとツールのアドレスが不明で、確認していません",
            );
            return self.add(without_settings("address", what, &format!("{}-delivery", self.name)));
        };
        let answered = self.asker.get(&format!("{url}/health"), "application/json").await;
        let finding = match answered {
            Ok((200, body)) if is_hansho(&body) => {
                Finding::well("address", said(format!("{url} answers"), format!("{url} は応答しています")))
            }
            Ok((status, body)) => {
                let told = one_line(&body);
                let what = format!("{url}/health answers {status} {told}: links in pages and events of tools do not come through");
                let what_ja = format!("{url}/health の応答が {status} {told} です。ページのリンクもツールのイベントも届きません");
                Finding::fault("address", said(what.trim_end(), what_ja), to_do_of(status, &self.name))
            }
            Err(why) => Finding::fault(
                "address",
                said(
                    format!("{url} does not answer ({why}): links in pages and events of tools do not come through"),
                    format!("{url} が応答しません ({why})。ページのリンクもツールのイベントも届きません"),
                ),
                said(
                    "look whether the name leads to API Gateway (`terraform -chdir=infra output dns_records` has its record), whether its certificate is valid, and whether this machine reaches it",
                    "名前が API Gateway を指しているか (`terraform -chdir=infra output dns_records`)、証明書が有効か、この端末から到達できるかを確認してください",
                ),
            ),
        };
        self.add(finding);
    }
}

fn is_hansho(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|answer| answer["status"] == "ok")
}

fn one_line(body: &[u8]) -> String {
    hansho_domain::text::one_line(&String::from_utf8_lossy(body)).chars().take(TOLD_CHARS_MAX).collect()
}

fn to_do_of(status: u16, name: &str) -> Said {
    if status >= 500 {
        return said(
            format!("look at the log /aws/lambda/{name}-api and at that of API Gateway, /aws/apigateway/{name}"),
            format!("ログ /aws/lambda/{name}-api と API Gateway のログ /aws/apigateway/{name} を確認してください"),
        );
    }
    said(
        "the address leads to something else: look where its DNS record points, and run `terraform -chdir=infra apply`",
        "アドレスが別のものを指しています。DNS レコードの指す先を確認し、`terraform -chdir=infra apply` を実行してください",
    )
}
