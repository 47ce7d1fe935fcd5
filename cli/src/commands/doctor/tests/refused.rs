//! What AWS refuses to say is not taken for well, nor for a fault, where other checks rest on it.

use serde_json::{Value, json};

use super::{Aws, State, ill, only};

fn configuration(function: &str) -> String {
    format!("lambda GET /2015-03-31/functions/hansho-{function}/configuration?Qualifier=live")
}

fn denied() -> Value {
    json!({ "__type": "AccessDeniedException", "Message": "no" })
}

/// What was found of a check, in every state.
async fn found(aws: &Aws, check: &str) -> Vec<(State, String)> {
    let doctor = aws.looked_at(None).await;
    let of_check = doctor.report.findings.iter().filter(|finding| finding.check == check);
    of_check.map(|finding| (finding.state, finding.found.en.clone())).collect()
}

/// Why a mail does not reach aiko, if so.
async fn aikos_mail(aws: &Aws) -> (bool, String) {
    let doctor = aws.looked_at(None).await;
    let reach = doctor.report.reach.iter().find(|reach| reach.who == "aiko" && reach.method == "email").unwrap();
    (reach.works, reach.because.en.clone())
}

#[tokio::test]
async fn settings_of_delivery_that_are_not_known_leave_mails_and_the_address_unknown() {
    for (status, answer) in [(403, denied()), (404, json!({ "Message": "Function not found" }))] {
        let aws = Aws::healthy().with(&configuration("delivery"), status, &answer);
        let mail = found(&aws, "mail").await;
        assert_eq!(mail.len(), 1, "{mail:?}");
        assert!(mail[0].0 == State::Unknown && mail[0].1.starts_with("whether mails are sent is not known"), "{mail:?}");
        let address = found(&aws, "address").await;
        assert!(address.len() == 1 && address[0].0 == State::Unknown && address[0].1.contains("hansho-delivery"), "{address:?}");
        assert_eq!(aikos_mail(&aws).await, (false, "could not be asked".to_owned()));
    }
    let aws = Aws::healthy().with(&configuration("email-intake"), 403, &denied());
    let mail_in = found(&aws, "mail in").await;
    assert!(mail_in.len() == 1 && mail_in[0].0 == State::Unknown, "{mail_in:?}");
}

#[tokio::test]
async fn only_roles_that_were_asked_are_well_and_those_that_were_not_are_named() {
    let permissions = found(&Aws::healthy(), "permissions").await;
    assert!(permissions.len() == 1 && permissions[0].1.starts_with("9 roles may do what they have to ("), "{permissions:?}");
    let aws = Aws::healthy().with(&configuration("api"), 403, &denied());
    let permissions = found(&aws, "permissions").await;
    assert!(permissions.len() == 2 && permissions[0].1.starts_with("8 roles may do what they have to ("), "{permissions:?}");
    assert_eq!(permissions[1].0, State::Unknown);
    assert!(permissions[1].1.contains("the settings of hansho-api could not be looked at"), "{permissions:?}");
    for (status, answer) in [(403, denied()), (404, json!({ "Message": "Function not found" }))] {
        let all = crate::local::FUNCTION_NAMES.into_iter();
        let aws = all.fold(Aws::healthy(), |aws, function| aws.with(&configuration(function), status, &answer));
        let permissions = found(&aws, "permissions").await;
        assert_eq!(permissions.len(), 1, "{permissions:?}");
        assert!(permissions[0].0 == State::Unknown && permissions[0].1.contains("hansho-sweeper"), "{permissions:?}");
    }
}

#[tokio::test]
async fn what_ses_refuses_to_say_is_no_reason_why_mails_do_not_come() {
    for name in ["email GET /v2/email/account", "email GET /v2/email/identities/oncall.example.com"] {
        let aws = Aws::healthy().with(name, 403, &denied());
        assert_eq!(aikos_mail(&aws).await, (false, "could not be asked".to_owned()), "{name}");
        only(&aws.looked_at(None).await, State::Unknown, "you may not look at it (ses:", "allow your role ses:");
    }
    let sandbox = json!({ "ProductionAccessEnabled": false, "SendingEnabled": true, "EnforcementStatus": "HEALTHY" });
    let of_aiko = |status: u16, answer: Value| {
        let unknown = json!({ "message": "Email identity does not exist." });
        let aws = Aws::healthy().with("email GET /v2/email/account", 200, &sandbox);
        let aws = aws.with("email GET /v2/email/identities/aiko%40example.jp", status, &answer);
        aws.with("email GET /v2/email/identities/example.jp", 404, &unknown)
    };
    let aws = of_aiko(403, denied());
    assert_eq!(aikos_mail(&aws).await, (false, "could not be asked".to_owned()));
    let told = ill(&aws.looked_at(None).await);
    assert_eq!(told.iter().filter(|(_, told)| told.contains("you may not look at it (ses:GetEmailIdentity)")).count(), 1, "{told:?}");
    assert_eq!(aikos_mail(&of_aiko(404, json!({}))).await, (false, "not verified in the sandbox".to_owned()));
    // That SES sends nothing is known, whatever else is not.
    let paused = json!({ "ProductionAccessEnabled": true, "SendingEnabled": false, "EnforcementStatus": "SHUTDOWN" });
    let aws = Aws::healthy().with("email GET /v2/email/account", 200, &paused);
    let aws = aws.with("email GET /v2/email/identities/oncall.example.com", 403, &denied());
    assert_eq!(aikos_mail(&aws).await, (false, "SES does not send".to_owned()));
}

#[tokio::test]
async fn a_wrong_sender_of_text_messages_is_found_and_nobody_is_said_to_be_reached() {
    let (aws, name) = (Aws::healthy(), configuration("delivery"));
    let mut delivery = aws.answer(&name);
    delivery["Environment"]["Variables"]["HANSHO_SMS_ORIGINATION_NUMBER"] = json!("090-1234-5678");
    let doctor = aws.with(&name, 200, &delivery).looked_at(None).await;
    let told = ill(&doctor);
    assert!(told.iter().any(|(state, told)| *state == State::Fault && told.contains("`origination_number` of `sms`")), "{told:?}");
    let texts: Vec<_> = doctor.report.reach.iter().filter(|reach| reach.method == "sms").collect();
    assert!(texts.len() == 3 && texts.iter().all(|reach| !reach.works && reach.because.en == "the sender is wrong"), "{texts:?}");
}
