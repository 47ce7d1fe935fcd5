//! One of every message that Hansho sends, about a night that never was.

use hansho_channels::{Bundle, ChangeFacts, IncidentFacts, NoticeFacts, NoticeText, Page, ShiftFacts, SwapFacts, Templates};
use hansho_domain::{Actor, AlertId, IncidentId, Language, Method, PageReason, Priority, Severity, Shift, SwapStage, Urgency, UserId};
use jiff::{SignedDuration, Timestamp};

/// 03:12:45 in Tokyo, in a night from Saturday to Sunday.
const NOW_SECONDS: i64 = 1_791_051_165;
const TIME_ZONE: &str = "Asia/Tokyo";
const LINK: &str = "https://oncall.example.com/i/7K3QabcDEF12";

/// What is told.
pub(super) enum Told {
    Page(Box<Page>),
    Bundle(Box<Bundle>),
    Notice(Box<NoticeText>),
}

/// A message by its name, with what it is for.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) about: (&'static str, &'static str),
    pub(super) told: Told,
}

/// The service of the pages: its name, and its own words where it has any.
#[derive(Clone)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) templates: Templates,
}

/// Every message, as a reader of `language` gets it.
pub(super) fn all(language: Language, service: &Described) -> Vec<Sample> {
    let pages = reasons().into_iter().map(|(reason, named)| {
        let (name, about) = described(&reason);
        Sample { name, about, told: Told::Page(Box::new(page(language, service, reason, named))) }
    });
    let bundle = Sample {
        name: "bundle",
        about: ("several incidents at once", "複数のインシデントをまとめて"),
        told: Told::Bundle(Box::new(bundle(language, service))),
    };
    let notices = notices().into_iter().map(|(name, about, facts)| Sample {
        name,
        about,
        told: Told::Notice(Box::new(NoticeText { facts, time_zone: TIME_ZONE.to_owned(), now: now() })),
    });
    pages.chain([bundle]).chain(notices).collect()
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW_SECONDS).unwrap_or_default()
}

fn hours(count: i64) -> Timestamp {
    now().saturating_add(SignedDuration::from_hours(count)).unwrap_or_default()
}

/// The person whom a reason is about; a name that is none is left out, as that of somebody who has left is.
fn person(id: &str) -> Option<UserId> {
    UserId::new(id).ok()
}

/// Every reason to page somebody, with the name of whom it is about.
fn reasons() -> Vec<(PageReason, Option<&'static str>)> {
    let aiko = person("aiko");
    let cover = aiko.clone().map(|user| (PageReason::Cover { user }, Some("佐藤 愛子")));
    let asked = aiko.map(|user| (PageReason::Requested { by: Actor::User(user), message: String::new() }, Some("佐藤 愛子")));
    let mut reasons = vec![
        (PageReason::Step { step: 0, round: 0, via: "schedule/checkout".to_owned() }, None),
        (PageReason::Rule { after_seconds: 180 }, None),
        (PageReason::NextMethod { failed: Method::Sms }, None),
        (PageReason::Fallback, None),
        (PageReason::Reassigned, None),
        (PageReason::Repage, None),
    ];
    reasons.extend(cover.into_iter().chain(asked));
    reasons
}

/// The name of a page, and what it is for.
fn described(reason: &PageReason) -> (&'static str, (&'static str, &'static str)) {
    match reason {
        PageReason::Step { .. } => ("page", ("a step of the escalation policy calls", "エスカレーションの段による呼び出し")),
        PageReason::Cover { .. } => ("page-cover", ("in the place of somebody who wants quiet", "休んでいる人の代わり")),
        PageReason::Rule { .. } => ("page-rule", ("by a later one of their notification rules", "通知ルールによる2回目以降")),
        PageReason::NextMethod { .. } => ("page-next-method", ("another method has failed", "別の連絡方法が失敗した後")),
        PageReason::Fallback => ("page-fallback", ("to the people of last resort", "最終連絡先への呼び出し")),
        PageReason::Reassigned => ("page-reassigned", ("somebody has given it to them", "担当に指名されたとき")),
        PageReason::Repage => ("page-again", ("nobody has answered yet", "応答がないときの再呼び出し")),
        PageReason::Requested { .. } => ("page-help", ("somebody asks for help", "応援の依頼")),
    }
}

fn facts(language: Language, service: &Described) -> IncidentFacts {
    let (title, details) = match language {
        Language::En => ("5xx rate 12 %", "The rate of failed payments is 12.1 %, and the threshold is 1.0 %."),
        Language::Ja => ("5xx率 12 %", "決済の失敗率が12.1 %で、しきい値の1.0 %を超えています。"),
    };
    IncidentFacts {
        id: IncidentId::derived(now(), AlertId::from_hash([0xa5; 16])),
        service: service.name.clone(),
        title: title.to_owned(),
        severity: Severity::Critical,
        priority: Some(Priority::Sev1),
        urgency: Urgency::High,
        since: now().saturating_sub(SignedDuration::from_secs(45)).unwrap_or_default(),
        runbook: Some("https://runbooks.example.com/checkout".to_owned()),
        details: details.to_owned(),
    }
}

fn page(language: Language, service: &Described, reason: PageReason, named: Option<&str>) -> Page {
    Page {
        incident: facts(language, service),
        reason,
        named: named.map(str::to_owned),
        link: LINK.to_owned(),
        takes_answers: true,
        time_zone: TIME_ZONE.to_owned(),
        now: now(),
        templates: service.templates.clone(),
    }
}

fn bundle(language: Language, service: &Described) -> Bundle {
    let worst = facts(language, service);
    let title = match language {
        Language::En => "disk 91 % full",
        Language::Ja => "ディスク使用率 91 %",
    };
    let other = IncidentFacts { title: title.to_owned(), severity: Severity::Warning, priority: None, ..worst.clone() };
    Bundle {
        count: 5,
        items: vec![worst.clone(), other],
        worst,
        link: "https://oncall.example.com/b/7K3QabcDEF12".to_owned(),
        takes_answers: true,
        time_zone: TIME_ZONE.to_owned(),
        now: now(),
    }
}

type NoticeSample = (&'static str, (&'static str, &'static str), NoticeFacts);

fn notices() -> Vec<NoticeSample> {
    let link = |kind: &str| format!("https://oncall.example.com/{kind}/7K3QabcDEF12");
    let shift = |until: Option<Timestamp>| ShiftFacts {
        schedule: "checkout".to_owned(),
        at: hours(31),
        until,
        others: vec!["田中 千恵".to_owned()],
    };
    vec![
        ("verification", ("asks for proof that messages arrive", "連絡が届くかの確認"), NoticeFacts::Verification { link: link("p") }),
        ("drill", ("the same before a period", "訓練"), NoticeFacts::Drill { from: hours(7 * 24), until: hours(9 * 24), link: link("p") }),
        ("sign-in", ("lets somebody sign in", "サインイン"), NoticeFacts::SignIn { until: hours(0), link: link("s") }),
        (
            "invitation",
            ("invites a newcomer", "招待"),
            NoticeFacts::Invitation { until: hours(7 * 24), by: Some("佐藤 愛子".to_owned()), link: link("invitation") },
        ),
        (
            "passkey-added",
            ("a passkey signs them in from now on", "パスキーの追加"),
            NoticeFacts::PasskeyAdded { name: "iPhone".to_owned(), at: now() },
        ),
        ("shift-begins", ("their shift begins soon", "当番の開始"), NoticeFacts::ShiftBegins(shift(Some(hours(7 * 24))))),
        ("shift-ends", ("their shift ends soon", "当番の終了"), NoticeFacts::ShiftEnds(shift(None))),
        ("override-made", ("somebody else has changed who is on call", "当番の変更"), NoticeFacts::OverrideMade(change())),
        ("override-removed", ("and has taken it back", "当番の変更の取り消し"), NoticeFacts::OverrideRemoved(change())),
        ("swap-asked", ("somebody asks for a swap of shifts", "当番の交換の依頼"), swap(SwapStage::Asked)),
        ("swap-accepted", ("the other swaps", "交換の承諾"), swap(SwapStage::Accepted)),
        ("swap-declined", ("the other does not", "交換の辞退"), swap(SwapStage::Declined)),
        ("swap-withdrawn", ("it is asked for no more", "依頼の取り消し"), swap(SwapStage::Withdrawn)),
        ("swap-expired", ("nobody has answered in time", "依頼の期限切れ"), swap(SwapStage::Expired)),
    ]
}

fn change() -> ChangeFacts {
    ChangeFacts {
        schedule: "checkout".to_owned(),
        from: hours(31),
        until: hours(79),
        before: vec!["佐藤 愛子".to_owned()],
        after: vec!["田中 千恵".to_owned()],
        by: "鈴木 健".to_owned(),
    }
}

fn swap(stage: SwapStage) -> NoticeFacts {
    NoticeFacts::Swap(SwapFacts {
        stage,
        schedule: "checkout".to_owned(),
        other: "田中 千恵".to_owned(),
        gives: Shift { from: hours(31), until: hours(79) },
        gets: Shift { from: hours(8 * 24), until: hours(10 * 24) },
        until: hours(31),
        link: (stage == SwapStage::Asked).then(|| "https://oncall.example.com/w/7K3QabcDEF12".to_owned()),
    })
}
