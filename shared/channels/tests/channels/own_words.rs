//! A page in its service's own words: on every channel, escaped, cut, and never instead of the page.

use hansho_channels::{IncidentFacts, Language, Method, Page, Templates, render_page, sms_parts};
use hansho_domain::{Actor, Destination, PageReason, Priority, Recipient, Severity, Urgency, UserId};

const LINK: &str = "https://oncall.example.com/i/7K3QabcDEF12";
const HOSTILE: &str = "</p><script>alert(1)</script>\u{202E}\r\nBcc: x@example.com {{ link }} {% if 1 %} @channel <!here>";

fn page(templates: Templates, title: &str) -> Page {
    Page {
        incident: IncidentFacts {
            id: "01K6P4E8G0ABCDEFGHJKMNPQRS".parse().unwrap(),
            service: "checkout".to_owned(),
            title: title.to_owned(),
            severity: Severity::Critical,
            priority: Some(Priority::Sev1),
            urgency: Urgency::High,
            since: "2026-10-03T18:12:00Z".parse().unwrap(),
            runbook: None,
            details: "first line\nsecond line".to_owned(),
        },
        reason: PageReason::Step { step: 0, round: 0, via: "schedule/checkout".to_owned() },
        named: None,
        link: LINK.to_owned(),
        takes_answers: false,
        time_zone: "Asia/Tokyo".to_owned(),
        now: "2026-10-03T18:12:45Z".parse().unwrap(),
        templates,
    }
}

fn templates(line: &str, subject: &str, body: &str) -> Templates {
    let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Templates { line: part(line), subject: part(subject), body: part(body) }
}

fn text_of(message: &str) -> String {
    serde_json::from_str::<serde_json::Value>(message).unwrap()["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_page_is_in_the_services_own_words_between_the_severity_and_the_link() {
    let page = page(templates("決済停止: {{ title }}", "決済停止 ({{ since }})", "窓口に電話\n{{ details | first_line }}"), "5xx率 12%");
    assert_eq!(render_page(Method::Sms, Language::Ja, &page).text, format!("[SEV1] 決済停止: 5xx率 12% 対応: {LINK}"));
    let mail = render_page(Method::Email, Language::Ja, &page);
    assert_eq!(mail.subject, "[SEV1 発生] 決済停止 (03:12)");
    assert!(mail.text.contains("\n\n窓口に電話\nfirst line\n\nインシデント") && !mail.text.contains("second line"), "{}", mail.text);
    let html = mail.html.unwrap();
    assert!(html.contains(">窓口に電話\nfirst line</p>") && html.contains(&format!("href=\"{LINK}\"")), "{html}");
    let webhook = render_page(Method::Webhook, Language::Ja, &page).text;
    assert_eq!(text_of(&webhook), format!("[SEV1] 決済停止: 5xx率 12% 対応: {LINK}"));
    assert!(webhook.contains("second line"), "programs read the alert's own details: {webhook}");
    let channel: Destination = "channel/incidents".parse().unwrap();
    let chat = hansho_channels::render_page_to(&Recipient::Destination { destination: channel }, Language::Ja, &page).text;
    assert!(text_of(&chat).starts_with("[SEV1] 決済停止: 5xx率 12%"), "{chat}");
}

#[test]
fn who_asks_for_help_is_said_whatever_the_template_says() {
    let asked = PageReason::Requested { by: Actor::User(UserId::new("ben").unwrap()), message: String::new() };
    let page = Page { reason: asked, named: Some("Ben".to_owned()), ..page(templates("all hands", "", ""), "5xx") };
    let text = render_page(Method::Sms, Language::En, &page).text;
    assert_eq!(text, format!("[SEV1] Ben asks for help: all hands. Answer: {LINK}"));
}

#[test]
fn a_template_that_fails_takes_no_page_with_it_and_the_mail_says_so() {
    let standard = |method| render_page(method, Language::En, &page(Templates::default(), "5xx rate"));
    for broken in [
        "{{ titel }}",
        "{% if title %}",
        "{{ title * 99999999 }}",
        "{% for a in title %}x{% endfor %}",
        "{{ title(1) }}",
        "{{ title[0]/0 }}",
    ] {
        let page = page(templates(broken, broken, broken), "5xx rate");
        assert_eq!(render_page(Method::Sms, Language::En, &page).text, standard(Method::Sms).text, "{broken}");
        let (mail, usual) = (render_page(Method::Email, Language::En, &page), standard(Method::Email));
        assert_eq!(mail.subject, usual.subject, "{broken}");
        assert!(
            mail.text.starts_with(&usual.text) && mail.text.contains("\nThis service's own text could not be used (line, line 1: "),
            "{}",
            mail.text
        );
        assert!(mail.html.unwrap().contains("<br>This service's own text could not be used"), "{broken}");
    }
    for silent in ["{% if runbook %}x{% endif %}", "  "] {
        let page = page(templates(silent, silent, silent), "5xx rate");
        assert_eq!(render_page(Method::Sms, Language::En, &page), standard(Method::Sms), "what says nothing is no page: {silent}");
        assert_eq!(render_page(Method::Email, Language::En, &page), standard(Method::Email));
    }
}

#[test]
fn what_an_alert_says_does_not_break_out_of_a_template() {
    let mut page = page(templates("{{ title }}", "{{ title }} {{ details }}", "{{ title }}\n{{ details }}"), HOSTILE);
    page.incident.details = HOSTILE.repeat(30);
    let mail = render_page(Method::Email, Language::En, &page);
    assert!(!mail.subject.contains(['\r', '\n', '\u{202E}']) && mail.subject.chars().count() <= 200, "{}", mail.subject);
    let html = mail.html.unwrap();
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;") && html.contains("{{ link }}"), "{html}");
    assert!(!html.contains('\u{202E}'));
    for language in [Language::En, Language::Ja] {
        for method in [Method::Sms, Method::Webhook] {
            let text = render_page(method, language, &page).text;
            assert!(!text.contains(['\r', '\n', '\u{202E}']), "{text}");
        }
    }
    let channel: Destination = "channel/incidents".parse().unwrap();
    let chat = hansho_channels::render_page_to(&Recipient::Destination { destination: channel }, Language::En, &page).text;
    assert!(!chat.contains("<!here>") && !chat.contains("@channel"), "{chat}");
}

#[test]
fn an_sms_stays_one_part_whatever_a_template_says() {
    for template in [
        "{{ details }}",
        "{{ title }} {{ title }} {{ title }} {{ details }}",
        "決済 {{ details }}",
        "x",
        "{{ id }}{{ reason }}{{ since_full }}",
    ] {
        for language in [Language::En, Language::Ja] {
            let mut page = page(templates(template, "", ""), &"率 high ".repeat(30));
            page.incident.details = "long details ".repeat(300);
            let text = render_page(Method::Sms, language, &page).text;
            assert_eq!(sms_parts(&text), 1, "{template}: {text}");
            assert!(text.ends_with(LINK), "{template}: {text}");
        }
    }
}
