//! Every message of every channel in both languages, to be read by eye, and what must hold for whatever an alert says.

use std::fmt::Write;

use hansho_channels::{
    Bundle, IncidentFacts, Language, Method, Page, Rendered, Templates, render_bundle, render_page, sms_parts, sms_units,
};
use hansho_domain::{Actor, PageReason, Priority, Severity, Urgency, UserId};

const LANGUAGES: [(Language, &str); 2] = [(Language::En, "en"), (Language::Ja, "ja")];
const LINK: &str = "https://h.example/i/7K3Q";

fn facts(title: &str) -> IncidentFacts {
    IncidentFacts {
        id: "01K6P4E8G0ABCDEFGHJKMNPQRS".parse().unwrap(),
        service: "checkout".to_owned(),
        title: title.to_owned(),
        severity: Severity::Critical,
        priority: Some(Priority::Sev1),
        urgency: Urgency::High,
        since: "2026-10-03T18:12:00Z".parse().unwrap(),
        runbook: Some("https://github.com/example/runbooks/blob/main/checkout.md".to_owned()),
        details: "Threshold Crossed: 3 datapoints [12.1, 11.8, 12.4] were greater than the threshold (1.0).\nRegion: ap-northeast-1"
            .to_owned(),
    }
}

fn page(language: Language) -> Page {
    Page {
        incident: facts(match language {
            Language::En => "5xx rate 12%",
            Language::Ja => "5xx率 12%",
        }),
        reason: PageReason::Step { step: 0, round: 0, via: "schedule/checkout-primary".to_owned() },
        named: None,
        link: LINK.to_owned(),
        takes_answers: false,
        time_zone: "Asia/Tokyo".to_owned(),
        now: "2026-10-03T18:12:45Z".parse().unwrap(),
        templates: Templates::default(),
    }
}

/// Everything that is missing or hostile at once.
fn hostile(language: Language) -> Page {
    let mut page = page(language);
    page.incident.priority = None;
    page.incident.severity = Severity::Warning;
    page.incident.urgency = Urgency::Low;
    page.incident.service = "check\u{202E}out\r\nBcc: x@example.com".to_owned();
    page.incident.title = "<script>alert(1)</script> & \"quotes\" {{ link }}\u{0}\u{2066}\nsecond line".to_owned();
    page.incident.details = "a < b\r\n\u{1B}[31mred\u{202D}\n</pre><img src=https://evil.example/x.png>".to_owned();
    page.incident.runbook = Some("javascript:alert(1)".to_owned());
    page.reason = PageReason::Repage;
    page.link = "https://h.example/i/7K3Q?a=1&b=2".to_owned();
    page.time_zone = String::new();
    page.now = "2026-10-05T18:12:45Z".parse().unwrap();
    page
}

fn bundle(language: Language) -> Bundle {
    let Page { incident: worst, link, time_zone, now, .. } = page(language);
    let mut other = facts("job <nightly> failed");
    other.service = "batch".to_owned();
    other.priority = None;
    other.severity = Severity::Warning;
    Bundle { count: 5, items: vec![worst.clone(), other], worst, link, takes_answers: true, time_zone, now }
}

fn shown(message: &Rendered) -> String {
    let mut out = String::new();
    for (name, part) in [("subject", message.subject.as_str()), ("text", &message.text), ("html", message.html.as_deref().unwrap_or(""))] {
        if !part.is_empty() {
            writeln!(out, "--- {name}\n{part}").unwrap();
        }
    }
    out
}

/// A webhook's body spread over lines.
fn spread(message: &Rendered) -> String {
    let body: serde_json::Value = serde_json::from_str(&message.text).unwrap();
    serde_json::to_string_pretty(&body).unwrap()
}

#[test]
fn pages_read_well() {
    for (language, name) in LANGUAGES {
        for (kind, page) in [("page", page(language)), ("hostile", hostile(language))] {
            let sms = render_page(Method::Sms, language, &page);
            insta::assert_snapshot!(format!("{name}_{kind}_sms"), format!("{}\n({} units)", shown(&sms), sms_units(&sms.text)));
            insta::assert_snapshot!(format!("{name}_{kind}_email"), shown(&render_page(Method::Email, language, &page)));
            insta::assert_snapshot!(format!("{name}_{kind}_webhook"), spread(&render_page(Method::Webhook, language, &page)));
        }
    }
}

#[test]
fn bundles_read_well() {
    for (language, name) in LANGUAGES {
        let bundle = bundle(language);
        let sms = render_bundle(Method::Sms, language, &bundle);
        insta::assert_snapshot!(format!("{name}_bundle_sms"), format!("{}\n({} units)", shown(&sms), sms_units(&sms.text)));
        insta::assert_snapshot!(format!("{name}_bundle_email"), shown(&render_bundle(Method::Email, language, &bundle)));
        insta::assert_snapshot!(format!("{name}_bundle_webhook"), spread(&render_bundle(Method::Webhook, language, &bundle)));
    }
}

#[test]
fn the_words_are_those_that_were_agreed() {
    for (language, sms, subject, many) in [
        (
            Language::En,
            "[SEV1] checkout: 5xx rate 12% since 03:12. Ack: https://h.example/i/7K3Q",
            "[SEV1 triggered] checkout: 5xx rate 12%",
            "5 open, worst SEV1 checkout 5xx rate 12%. Ack all: https://h.example/i/7K3Q",
        ),
        (
            Language::Ja,
            "[SEV1] checkout: 5xx率 12% (03:12〜) 対応: https://h.example/i/7K3Q",
            "[SEV1 発生] checkout: 5xx率 12%",
            "5件発生中 (最重 SEV1 checkout 5xx率 12%) 一括対応: https://h.example/i/7K3Q",
        ),
    ] {
        assert_eq!(render_page(Method::Sms, language, &page(language)).text, sms);
        assert_eq!(render_page(Method::Email, language, &page(language)).subject, subject);
        assert_eq!(render_bundle(Method::Sms, language, &bundle(language)).text, many);
    }
}

#[test]
fn an_sms_is_one_part_whatever_the_title_says() {
    let pieces = ["a", "ab cd ", "[~]", "é", "率", "🔥", "— “x” …", "\n\u{202E}", "{{ x }}"];
    for (language, _) in LANGUAGES {
        for piece in pieces {
            for length in 0..200 {
                let mut page = page(language);
                page.incident.title = piece.repeat(length);
                let page_text = render_page(Method::Sms, language, &page).text;
                let mut bundle = bundle(language);
                bundle.worst.title.clone_from(&page.incident.title);
                let bundle_text = render_bundle(Method::Sms, language, &bundle).text;
                for text in [page_text, bundle_text] {
                    assert_eq!(sms_parts(&text), 1, "{length} x {piece:?}: {text}");
                    assert!(text.ends_with(LINK), "{length} x {piece:?}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_cut_title_uses_the_room_there_is() {
    for (language, title, cut) in [(Language::En, "x".repeat(300), ".. since 03:12"), (Language::Ja, "率".repeat(300), "… (03:12〜)")] {
        let mut page = page(language);
        page.incident.title = title;
        let text = render_page(Method::Sms, language, &page).text;
        let room = if language == Language::En { 160 } else { 70 };
        assert_eq!(sms_units(&text), room, "{text}");
        assert!(text.contains(cut), "{text}");
    }
}

#[test]
fn a_link_is_whole_however_long_it_is() {
    for (language, _) in LANGUAGES {
        for length in (20..900).step_by(7) {
            let mut page = page(language);
            page.incident.title = "率 high ".repeat(50);
            page.incident.service = "a service with a rather long name".to_owned();
            page.link = format!("https://h.example/{}", "k".repeat(length));
            let text = render_page(Method::Sms, language, &page).text;
            assert!(text.ends_with(&page.link), "{text}");
            // A part is added only for the link: without it there would be none too many.
            assert!(sms_parts(&text) <= 1 + (page.link.len() + 40).div_ceil(67), "{length}: {text}");
        }
    }
}

#[test]
fn a_japanese_page_with_a_real_link_keeps_its_title() {
    let mut page = page(Language::Ja);
    page.link = "https://abcdefghij0123456789.lambda-url.ap-northeast-1.on.aws/i/7K3QABCDEF".to_owned();
    let text = render_page(Method::Sms, Language::Ja, &page).text;
    assert!(text.contains("5xx率 12%"), "{text}");
    assert_eq!(sms_parts(&text), 2, "{text}");
}

#[test]
fn the_time_gives_way_before_a_second_part_is_paid_for() {
    let mut page = hostile(Language::Ja);
    page.link = "https://h.example/i/7K3QABCDEFG".to_owned();
    let text = render_page(Method::Sms, Language::Ja, &page).text;
    assert_eq!(sms_parts(&text), 1, "{text}");
    assert!(!text.contains("UTC") && text.starts_with("[警告] checkout Bcc:..: <"), "{text}");
}

#[test]
fn typography_does_not_cost_an_english_page_its_length() {
    let mut page = page(Language::En);
    page.incident.title = "“api” – can’t reach db…".to_owned();
    assert_eq!(
        render_page(Method::Sms, Language::En, &page).text,
        "[SEV1] checkout: \"api\" - can't reach db.. since 03:12. Ack: https://h.example/i/7K3Q"
    );
}

#[test]
fn no_message_carries_a_line_break_or_an_override_where_one_line_is_meant() {
    let is_bad = |c: char| c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    for (language, _) in LANGUAGES {
        let page = hostile(language);
        assert!(!render_page(Method::Sms, language, &page).text.contains(is_bad));
        assert!(!render_page(Method::Email, language, &page).subject.contains(is_bad));
        assert!(!render_page(Method::Webhook, language, &page).text.contains(is_bad));
    }
}

#[test]
fn a_bundle_lists_twenty_and_counts_the_rest() {
    for (language, _) in LANGUAGES {
        let mut bundle = bundle(language);
        bundle.count = 60;
        bundle.items = vec![bundle.worst.clone(); 60];
        let mail = render_bundle(Method::Email, language, &bundle);
        let html = mail.html.unwrap();
        assert_eq!(mail.text.matches("- [SEV1]").count(), 20);
        assert_eq!(html.matches("<li>[SEV1]").count(), 20);
        assert!(mail.text.contains("40") && html.contains("40"));
        let body: serde_json::Value = serde_json::from_str(&render_bundle(Method::Webhook, language, &bundle).text).unwrap();
        assert_eq!(body["incidents"].as_array().unwrap().len(), 20);
        assert_eq!(body["count"], 60);
    }
}

/// Whoever is asked for help has to know that this is no page of their own.
#[test]
fn a_text_says_who_asks_for_help_and_for_whom_somebody_covers() {
    let text = |language, reason: PageReason, named: Option<&str>| {
        let page = Page { reason, named: named.map(str::to_owned), ..page(language) };
        render_page(Method::Sms, language, &page).text
    };
    let asked = PageReason::Requested { by: Actor::User(UserId::new("ben").unwrap()), message: "the database is slow".to_owned() };
    let english = text(Language::En, asked.clone(), Some("Ben Carter"));
    assert!(english.starts_with("[SEV1] Ben Carter asks for help: checkout: ") && english.contains(". Answer: https://"), "{english}");
    let japanese = text(Language::Ja, asked, Some("Ben\u{202E} Carter"));
    assert!(japanese.starts_with("[SEV1] Ben Carterさんの応援要請: ") && japanese.contains("回答: https://"), "{japanese}");
    let cover = PageReason::Cover { user: UserId::new("aiko").unwrap() };
    assert!(text(Language::Ja, cover.clone(), Some("佐藤 愛子")).starts_with("[SEV1] (佐藤 愛子さんの代わり) "));
    assert!(text(Language::En, cover, None).starts_with("[SEV1] (for aiko) "));
}
