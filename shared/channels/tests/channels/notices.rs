//! Every notice of every channel in both languages, to be read by eye.

use hansho_channels::{ChangeFacts, Language, Method, NoticeFacts, NoticeText, Rendered, ShiftFacts, SwapFacts, render_notice, sms_parts};
use hansho_domain::{Shift, SwapStage};

const LINK: &str = "https://h.example/p/7K3Q7K3Q7K3Q";

fn kinds() -> Vec<(&'static str, NoticeFacts)> {
    let shift = |until: Option<&str>, others: &[&str]| ShiftFacts {
        schedule: "Checkout, primary".to_owned(),
        at: "2027-01-05T01:00:00Z".parse().unwrap(),
        until: until.map(|until| until.parse().unwrap()),
        others: others.iter().map(|name| (*name).to_owned()).collect(),
    };
    vec![
        ("verification", NoticeFacts::Verification { link: LINK.to_owned() }),
        (
            "drill",
            NoticeFacts::Drill {
                from: "2027-01-10T15:00:00Z".parse().unwrap(),
                until: "2027-01-16T15:00:00Z".parse().unwrap(),
                link: LINK.to_owned(),
            },
        ),
        ("sign_in", NoticeFacts::SignIn { until: "2027-01-04T01:20:00Z".parse().unwrap(), link: LINK.to_owned() }),
        (
            "invitation",
            NoticeFacts::Invitation {
                until: "2027-01-11T01:00:00Z".parse().unwrap(),
                by: Some("Ben Carter".to_owned()),
                link: LINK.to_owned(),
            },
        ),
        (
            "invitation_by_a_tool",
            NoticeFacts::Invitation { until: "2027-01-11T01:00:00Z".parse().unwrap(), by: None, link: LINK.to_owned() },
        ),
        (
            "passkey_added",
            NoticeFacts::PasskeyAdded { name: "phone\r\nBcc: x@example.com".to_owned(), at: "2027-01-04T01:00:00Z".parse().unwrap() },
        ),
        ("shift_begins", NoticeFacts::ShiftBegins(shift(Some("2027-01-12T01:00:00Z"), &["Ben Carter", "田中 千恵"]))),
        ("shift_begins_alone", NoticeFacts::ShiftBegins(shift(None, &[]))),
        ("shift_ends", NoticeFacts::ShiftEnds(shift(None, &["Ben Carter"]))),
        ("override_made", NoticeFacts::OverrideMade(change(&["佐藤 愛子"], &["Ben Carter"]))),
        ("override_made_of_a_gap", NoticeFacts::OverrideMade(change(&[], &["Ben Carter"]))),
        ("override_removed", NoticeFacts::OverrideRemoved(change(&["Ben Carter"], &["佐藤 愛子"]))),
        ("swap_asked", swap(SwapStage::Asked)),
        ("swap_accepted", swap(SwapStage::Accepted)),
        ("swap_declined", swap(SwapStage::Declined)),
        ("swap_withdrawn", swap(SwapStage::Withdrawn)),
        ("swap_expired", swap(SwapStage::Expired)),
    ]
}

fn change(before: &[&str], after: &[&str]) -> ChangeFacts {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ChangeFacts {
        schedule: "Checkout, primary".to_owned(),
        from: "2027-01-09T01:00:00Z".parse().unwrap(),
        until: "2027-01-11T01:00:00Z".parse().unwrap(),
        before: names(before),
        after: names(after),
        by: "Mona".to_owned(),
    }
}

fn swap(stage: SwapStage) -> NoticeFacts {
    let shift = |from: &str, until: &str| Shift { from: from.parse().unwrap(), until: until.parse().unwrap() };
    NoticeFacts::Swap(SwapFacts {
        stage,
        schedule: "Checkout, primary".to_owned(),
        other: "Ben Carter".to_owned(),
        gives: shift("2027-01-09T01:00:00Z", "2027-01-11T01:00:00Z"),
        gets: shift("2027-01-18T01:00:00Z", "2027-01-25T01:00:00Z"),
        until: "2027-01-09T01:00:00Z".parse().unwrap(),
        link: (stage == SwapStage::Asked).then(|| LINK.to_owned()),
    })
}

fn rendered(method: Method, language: Language, facts: NoticeFacts) -> Rendered {
    let now = "2027-01-04T01:00:00Z".parse().unwrap();
    render_notice(method, language, &NoticeText { facts, time_zone: "Asia/Tokyo".to_owned(), now })
}

#[test]
fn every_notice_reads_well_on_every_channel_in_both_languages() {
    let mut told = String::new();
    for (name, facts) in kinds() {
        for (language, code) in [(Language::En, "en"), (Language::Ja, "ja")] {
            let sms = rendered(Method::Sms, language, facts.clone());
            let mail = rendered(Method::Email, language, facts.clone());
            let webhook = rendered(Method::Webhook, language, facts.clone());
            told.push_str(&format!(
                "=== {name} {code}\nsms ({} parts): {}\nsubject: {}\n{}\nwebhook: {}\n\n",
                sms_parts(&sms.text),
                sms.text,
                mail.subject,
                mail.text,
                webhook.text
            ));
            assert!(mail.html.unwrap().contains("</html>"), "{name} {code}");
        }
    }
    insta::assert_snapshot!("notices", told);
}

#[test]
fn a_mail_that_asks_for_an_answer_has_its_button() {
    for (name, facts) in kinds() {
        let html = rendered(Method::Email, Language::En, facts.clone()).html.unwrap();
        let asks = matches!(
            facts,
            NoticeFacts::Verification { .. } | NoticeFacts::Drill { .. } | NoticeFacts::SignIn { .. } | NoticeFacts::Invitation { .. }
        ) || matches!(&facts, NoticeFacts::Swap(swap) if swap.stage == SwapStage::Asked);
        assert_eq!(html.contains(&format!("href=\"{LINK}\"")), asks, "{name}");
    }
    insta::assert_snapshot!("notice_drill_html", rendered(Method::Email, Language::Ja, kinds()[1].1.clone()).html.unwrap());
}

#[test]
fn hostile_names_stay_text_on_one_line() {
    let facts = NoticeFacts::ShiftBegins(ShiftFacts {
        schedule: "pri\u{202E}mary\r\nBcc: x@example.com <b>".to_owned(),
        at: "2027-01-05T01:00:00Z".parse().unwrap(),
        until: None,
        others: vec!["{{ link }}\n<script>".to_owned(), "x".repeat(500)],
    });
    let hostile = "<script>\r\nBcc: \u{202E}{{ link }}".to_owned();
    let changed = NoticeFacts::OverrideMade(ChangeFacts { by: hostile.clone(), before: vec![hostile.clone()], ..change(&[], &["Ben"]) });
    let asked = match swap(SwapStage::Asked) {
        NoticeFacts::Swap(facts) => NoticeFacts::Swap(SwapFacts { other: hostile, ..facts }),
        other => other,
    };
    for facts in [changed, asked] {
        let mail = rendered(Method::Email, Language::En, facts);
        assert!(!mail.subject.contains(['\n', '\r', '\u{202E}']), "{}", mail.subject);
        assert!(!mail.html.unwrap().contains("<script>"));
    }
    for language in [Language::En, Language::Ja] {
        let mail = rendered(Method::Email, language, facts.clone());
        assert!(!mail.subject.contains(['\n', '\r', '\u{202E}']), "{}", mail.subject);
        assert!(!mail.html.unwrap().contains("<script>"));
        assert!(rendered(Method::Sms, language, facts.clone()).text.chars().count() < 300);
    }
}
