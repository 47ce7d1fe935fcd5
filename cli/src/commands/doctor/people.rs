//! Who can be woken today: each person and each way, as the configuration in force has them.

use hansho_channels::{EmailAddress, PhoneNumber};
use hansho_configuration::{Contact, Loaded, is_invented};
use hansho_domain::{Method, User};
use serde_json::json;

use super::{
    Doctor,
    ask::{Question, Refusal},
    finding::{Finding, Reach, Said, said},
    unanswered,
};

/// Methods that ring.
const RINGING: &str = "sms";

impl Doctor {
    pub(super) async fn look_at_people(&mut self) {
        let Some(loaded) = self.configuration().await else { return };
        self.services = loaded.configuration.services().iter().map(|service| service.id().clone()).collect();
        for user in loaded.configuration.users() {
            let Some(contact) = loaded.contacts.get(user.id()) else { continue };
            self.look_at_person(user, contact).await;
        }
        self.tell_who_wakes(loaded.configuration.users().len());
    }

    async fn configuration(&mut self) -> Option<Loaded> {
        let function = format!("{}-config:live", self.name);
        let question = Question::invoke(&function, &json!({ "action": "export" }));
        let exported = match self.invoke("config", &json!({ "action": "export" })).await {
            Ok(answer) if answer["result"] == "exported" => answer["files_gzip"].as_str().unwrap_or_default().to_owned(),
            Ok(answer) => {
                let why = answer["message"].as_str().unwrap_or("it answers something else").to_owned();
                self.add(Finding::fault(
                    "people",
                    said(format!("there is no configuration: {why}"), format!("設定がありません: {why}")),
                    apply(&function),
                ));
                return None;
            }
            Err(refusal) if refusal.is_missing() => return None,
            Err(refusal) => {
                self.add(unanswered("people", &question, &refusal));
                return None;
            }
        };
        let read = hansho_config::unpack(&exported).map_err(|why| Refusal { status: 200, code: "Configuration".to_owned(), message: why });
        let files = match read {
            Ok(files) => files,
            Err(refusal) => {
                self.add(unanswered("people", &question, &refusal));
                return None;
            }
        };
        match hansho_configuration::load_stored(&files) {
            Ok((loaded, _)) => Some(loaded),
            Err(problems) => {
                let why = problems.first().map(ToString::to_string).unwrap_or_default();
                self.add(Finding::fault(
                    "people",
                    said(format!("the configuration in force can not be read: {why}"), format!("有効な設定を読み取れません: {why}")),
                    apply(&function),
                ));
                None
            }
        }
    }

    async fn look_at_person(&mut self, user: &User, contact: &Contact) {
        for method in Method::ALL {
            let method = method.as_str();
            let (address, reached) = match (method, &contact.phone, &contact.email, &contact.webhook) {
                ("sms", Some(phone), _, _) => (phone, self.texts.reaches(phone)),
                ("email", _, Some(email), _) => (email, self.mail_reaches(email).await),
                ("webhook", _, _, Some(url)) => (url, (true, said("needs nobody's approval", "承認は不要"))),
                // They have no such address.
                _ => continue,
            };
            let (works, because) = match reached {
                (true, _) if is_invented(address) => (false, said("kept for examples: nobody has it", "例示用で、誰にも届きません")),
                reached => reached,
            };
            let address = masked(address);
            self.reach(Reach { who: user.id().to_string(), method, address, works, because });
        }
    }

    fn tell_who_wakes(&mut self, people: usize) {
        let people_reached = |report: &super::Report, rings: bool| {
            let reached =
                report.reach.iter().filter(|reach| reach.works && reach.who != "operators" && (!rings || reach.method == RINGING));
            reached.map(|reach| reach.who.clone()).collect::<std::collections::BTreeSet<_>>().len()
        };
        let (reached, ringing) = (people_reached(&self.report, false), people_reached(&self.report, true));
        let found = said(
            format!("{reached} of {people} people are reached today, {ringing} of them by a phone that rings"),
            format!("現在 {people} 人中 {reached} 人に届き、うち {ringing} 人は電話が鳴ります"),
        );
        if ringing > 0 && reached == people {
            return self.add(Finding::well("people", found));
        }
        let first = said(
            "a phone rings in minutes and without any approval: `aws sns create-sms-sandbox-phone-number --phone-number +81...` sends it a code, `aws sns verify-sms-sandbox-phone-number --phone-number +81... --one-time-password CODE` proves it (ten numbers); mails: `aws sesv2 create-email-identity --email-identity you@example.com`",
            "承認なしで数分で電話を鳴らせます: `aws sns create-sms-sandbox-phone-number --phone-number +81...` で届くコードを `aws sns verify-sms-sandbox-phone-number --phone-number +81... --one-time-password CODE` に入力します(10 件まで)。メールは `aws sesv2 create-email-identity --email-identity you@example.com`",
        );
        self.add(if ringing == 0 { Finding::fault("people", found, first) } else { Finding::advice("people", found, first) });
    }
}

fn apply(function: &str) -> Said {
    said(
        format!("`hansho apply --config on-call/ --function {function}`"),
        format!("`hansho apply --config on-call/ --function {function}` を実行してください"),
    )
}

/// An address as far as its owner knows it by.
pub(super) fn masked(address: &str) -> String {
    if let Ok(phone) = PhoneNumber::new(address) {
        return phone.to_string();
    }
    if let Ok(email) = EmailAddress::new(address) {
        return email.to_string();
    }
    let host = address.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', '@']).next().unwrap_or_default();
    format!("https://{host}/***")
}
