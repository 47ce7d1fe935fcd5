//! Every sentence, in both languages, side by side.

use std::collections::BTreeMap;

use hansho_domain::{Actor, Event, IncidentId, Language, Method, Priority, Reference, ReferenceKind, Severity, Skipped, Urgency, UserId};
use jiff::Timestamp;

use super::{BackAt, Standing, Telling, tongue};
use crate::page::{Notice, Reader};

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn reader(language: Language) -> Reader {
    let names = BTreeMap::from([(user("aiko"), "佐藤 愛子".to_owned()), (user("ben"), "Ben Carter".to_owned())]);
    let now: Timestamp = "2026-10-03T18:15:00Z".parse().unwrap();
    Reader { user: user("aiko"), language, time_zone: "Asia/Tokyo".to_owned(), now, names }
}

/// What happened, who did it, and how it is told.
type Told = (Event, Actor, &'static str, &'static str);

#[test]
fn every_event_is_told_in_both_languages() {
    let until: Timestamp = "2026-10-03T19:00:00Z".parse().unwrap();
    let (ben, hansho) = (Actor::User(user("ben")), Actor::Hansho);
    let cloudwatch = Actor::Integration("cloudwatch".parse().unwrap());
    let token = Actor::Token("deploy".to_owned());
    let other: IncidentId = "01JD5Z0000ABCDEFGHJKMNPQRS".parse().unwrap();
    let both = vec![user("aiko"), user("stranger")];
    let reason = |text: &str| text.to_owned();
    let rows: Vec<Told> = vec![
        (
            Event::Opened { title: reason("5xx"), severity: Severity::Critical, urgency: Urgency::High, remark: None },
            cloudwatch.clone(),
            "Opened by cloudwatch: 5xx (critical)",
            "発生 (cloudwatch): 5xx [重大]",
        ),
        (
            Event::Opened {
                title: reason("5xx"),
                severity: Severity::Info,
                urgency: Urgency::Low,
                remark: Some(reason("names the unknown service x")),
            },
            token,
            "Opened by the token deploy: 5xx (info). names the unknown service x",
            "発生 (トークンdeploy): 5xx [情報]。names the unknown service x",
        ),
        (
            Event::Linked {
                references: [("Graph", "https://graphs.example.com/a"), ("", "https://graphs.example.com/b")]
                    .into_iter()
                    .filter_map(|(text, address)| Reference::new(ReferenceKind::Link, address, text))
                    .collect(),
            },
            cloudwatch.clone(),
            "Links of cloudwatch: Graph: https://graphs.example.com/a, https://graphs.example.com/b",
            "cloudwatchのリンク: Graph: https://graphs.example.com/a, https://graphs.example.com/b",
        ),
        (
            Event::Held { until, reason: reason("maintenance") },
            hansho.clone(),
            "Held until 04:00: maintenance",
            "04:00まで保留: maintenance",
        ),
        (
            Event::Triggered { reason: reason("the snooze is over") },
            hansho.clone(),
            "Triggered: the snooze is over",
            "呼び出しを開始: スヌーズの終了",
        ),
        (
            Event::Triggered { reason: reason("user/ben escalated it") },
            ben.clone(),
            "Triggered: Ben Carter escalated it",
            "呼び出しを開始: Ben Carterによるエスカレーション",
        ),
        (
            Event::Triggered { reason: reason("user/ben asked for it") },
            ben.clone(),
            "Triggered: Ben Carter asked for it",
            "呼び出しを開始: Ben Carterの依頼",
        ),
        (
            Event::Repeated { details: reason("13 %"), severity: Severity::Error },
            cloudwatch.clone(),
            "Repeated by cloudwatch, error: 13 %",
            "cloudwatchから再度の通知 [エラー]: 13 %",
        ),
        (
            Event::Escalated { step: 0, round: 0, users: both.clone() },
            hansho.clone(),
            "Calling step 1: 佐藤 愛子, stranger",
            "1段目を呼び出し: 佐藤 愛子、stranger",
        ),
        (
            Event::Escalated { step: 1, round: 2, users: vec![user("ben")] },
            hansho.clone(),
            "Calling step 2 (round 3): Ben Carter",
            "2段目・3巡目を呼び出し: Ben Carter",
        ),
        (
            Event::StepSkipped { step: 0, round: 0, why: Skipped::Nobody },
            hansho.clone(),
            "Step 1 was skipped: nobody is on call",
            "1段目は当番がいないため飛ばしました",
        ),
        (
            Event::StepSkipped { step: 1, round: 0, why: Skipped::Condition },
            hansho.clone(),
            "Step 2 was skipped: it is for other incidents",
            "2段目は条件に合わないため飛ばしました",
        ),
        (
            Event::StepSkipped { step: 1, round: 0, why: Skipped::Hours },
            hansho.clone(),
            "Step 2 was skipped: it is for other hours",
            "2段目は対象の時間帯ではないため飛ばしました",
        ),
        (
            Event::Covered { user: user("ben"), by: user("aiko") },
            hansho.clone(),
            "Calling 佐藤 愛子 for Ben Carter",
            "Ben Carterの代わりに佐藤 愛子を呼び出し",
        ),
        (
            Event::Posted { destinations: vec!["channel/incidents".parse().unwrap(), "webhook/ops".parse().unwrap()] },
            hansho.clone(),
            "Posting to channel/incidents, webhook/ops",
            "channel/incidents、webhook/opsに投稿",
        ),
        (
            Event::HandedOver { policy: "major".parse().unwrap() },
            hansho.clone(),
            "Handed over to the policy major",
            "エスカレーションポリシーmajorに引き継ぎ",
        ),
        (
            Event::ReassignedToPolicy { policy: "major".parse().unwrap() },
            ben.clone(),
            "Ben Carter gave it to the policy major",
            "Ben Carterがエスカレーションポリシーmajorに変更",
        ),
        (
            Event::RespondersRequested { users: both.clone(), message: reason("the database is slow") },
            ben.clone(),
            "Ben Carter asked for help: 佐藤 愛子, stranger. the database is slow",
            "Ben Carterが応援を依頼: 佐藤 愛子、stranger。the database is slow",
        ),
        (Event::RequestAccepted, ben.clone(), "Ben Carter helps", "Ben Carterが応援を引き受けました"),
        (Event::RequestDeclined, ben.clone(), "Ben Carter can not help", "Ben Carterは応援できません"),
        (
            Event::RequestsCancelled { users: vec![user("aiko")] },
            ben.clone(),
            "佐藤 愛子 need not help any more, says Ben Carter",
            "Ben Carterが応援の依頼を取り消し: 佐藤 愛子",
        ),
        (
            Event::UrgencyChanged { urgency: Urgency::Low },
            ben.clone(),
            "Ben Carter changed the urgency to low",
            "Ben Carterが緊急度を「低」に変更",
        ),
        (
            Event::PriorityChanged { priority: Some(Priority::Sev1) },
            ben.clone(),
            "Ben Carter rated it SEV1",
            "Ben Carterが優先度をSEV1に設定",
        ),
        (Event::PriorityChanged { priority: None }, ben.clone(), "Ben Carter took the rating off", "Ben Carterが優先度を外しました"),
        (
            Event::MergedInto { incident: other },
            ben.clone(),
            "Resolved: Ben Carter merged it into incident 01JD5Z0000ABCDEFGHJKMNPQRS",
            "解決: Ben Carterがインシデント01JD5Z0000ABCDEFGHJKMNPQRSに統合",
        ),
        (
            Event::Merged { incident: other, title: reason("5xx") },
            ben.clone(),
            "Ben Carter merged incident 01JD5Z0000ABCDEFGHJKMNPQRS into this one: 5xx",
            "Ben Carterがインシデント01JD5Z0000ABCDEFGHJKMNPQRSをここに統合: 5xx",
        ),
        (
            Event::Cleared { details: reason("OK again") },
            cloudwatch.clone(),
            "Over for cloudwatch; another source of this incident is still at it: OK again",
            "cloudwatchからの通知は収まりましたが、統合した他の通知元ではまだ続いています: OK again",
        ),
        (
            Event::Triggered { reason: reason("user/ben made it urgent") },
            ben.clone(),
            "Triggered: Ben Carter made it urgent",
            "呼び出しを開始: Ben Carterが緊急にしました",
        ),
        (
            Event::Triggered { reason: reason("the severity rose and made it urgent") },
            cloudwatch.clone(),
            "Triggered: the severity rose and made it urgent",
            "呼び出しを開始: 重大度が上がり、緊急になりました",
        ),
        (
            Event::FallbackPaged { reason: reason("nobody is on call on any step of the policy"), users: both.clone() },
            hansho.clone(),
            "Calling the people of last resort, 佐藤 愛子, stranger: nobody is on call on any step of the policy",
            "最終連絡先を呼び出し (どの段にも当番がいません): 佐藤 愛子、stranger",
        ),
        (
            Event::FallbackPaged { reason: reason("nobody who was called can be reached"), users: vec![] },
            hansho.clone(),
            "Nobody could be called: nobody who was called can be reached",
            "呼び出せる人がいません: 呼び出した全員に連絡がつきません",
        ),
        (Event::RulesDue { after_seconds: 180 }, hansho.clone(), "Calling again, after 3 min", "3分たったため、再度呼び出し"),
        (Event::Acknowledged, ben.clone(), "Ben Carter acknowledged", "Ben Carterが対応を開始"),
        (
            Event::Snoozed { until },
            ben.clone(),
            "Ben Carter took it and wants to be called again at 04:00",
            "Ben Carterが担当し、04:00の再呼び出しを希望",
        ),
        (
            Event::Reassigned { users: vec![user("aiko")] },
            ben.clone(),
            "Ben Carter assigned it to 佐藤 愛子",
            "Ben Carterが担当を変更: 佐藤 愛子",
        ),
        (Event::Exhausted, hansho.clone(), "Everybody was called and nobody answered", "全員を呼び出しましたが、応答がありませんでした"),
        (Event::Repaged { users: vec![user("aiko")] }, hansho.clone(), "Calling once more: 佐藤 愛子", "もう一度呼び出し: 佐藤 愛子"),
        (Event::Resolved { reason: None }, ben.clone(), "Resolved by Ben Carter", "解決 (Ben Carter)"),
        (
            Event::Resolved { reason: Some(reason("open for longer than the service allows")) },
            hansho.clone(),
            "Resolved by Hansho: open for longer than the service allows",
            "解決 (Hansho): サービスの定める時間を過ぎました",
        ),
        (Event::Reopened, ben.clone(), "Reopened by Ben Carter", "Ben Carterが再開"),
        (
            Event::UrgencyStays,
            Actor::Hansho,
            "The service's hours have begun; by its rule this is still not urgent",
            "サポート時間が始まりましたが、サービスの設定により緊急ではないままです",
        ),
        (Event::Noted { text: reason("rolled back") }, ben, "Note by Ben Carter: rolled back", "Ben Carterのメモ: rolled back"),
        (
            Event::DeliveryFailed {
                user: user("aiko"),
                method: Method::Email,
                reason: reason("The mailbox is full."),
                next: Some(Method::Sms),
            },
            hansho.clone(),
            "Mail to 佐藤 愛子 failed: The mailbox is full. Trying SMS instead",
            "佐藤 愛子にメールが届きませんでした: The mailbox is full。SMSで連絡します",
        ),
        (
            Event::RulesReviewed,
            hansho.clone(),
            "The configuration was changed; people are told by their rules as they are now",
            "設定が変更されたため、変更後の通知ルールで連絡します",
        ),
        (
            Event::ToldAlready { user: user("aiko"), method: Method::Sms },
            hansho.clone(),
            "No second SMS to 佐藤 愛子: one about this had just gone out",
            "佐藤 愛子には直前にSMSで連絡したため、重ねての連絡はしません",
        ),
        (
            Event::Unreachable { user: user("aiko"), reason: reason("every method they have has failed") },
            hansho,
            "佐藤 愛子 can not be reached: every method they have has failed",
            "佐藤 愛子に連絡がつきません: すべての連絡方法が失敗しました",
        ),
    ];
    let (english, japanese) = (reader(Language::En), reader(Language::Ja));
    for (event, actor, in_english, in_japanese) in rows {
        assert_eq!(tongue(Language::En).event(&event, &actor, &Telling::new(&english)), in_english);
        assert_eq!(tongue(Language::Ja).event(&event, &actor, &Telling::new(&japanese)), in_japanese);
    }
}

#[test]
fn whether_somebody_is_on_it_is_told_in_both_languages() {
    let text = str::to_owned;
    for (standing, english, japanese) in [
        (Standing::Nobody { is_urgent: true }, "Nobody has it yet.", "まだ誰も対応していません。"),
        (
            Standing::Nobody { is_urgent: false },
            "Nobody has it yet. It is not urgent: nobody is woken.",
            "まだ誰も対応していません。緊急ではないため、誰も起こしません。",
        ),
        (Standing::Taken { by_reader: true, others: vec![], back_at: None }, "You have it.", "あなたが対応中です。"),
        (
            Standing::Taken { by_reader: true, others: vec![text("Ben")], back_at: None },
            "You have it, with Ben.",
            "あなたとBenが対応中です。",
        ),
        (
            Standing::Taken { by_reader: false, others: vec![text("Ben")], back_at: Some(BackAt::Snoozed(text("09:00"))) },
            "Ben has it. It calls again at 09:00.",
            "Benが対応中です。09:00に再び呼び出します。",
        ),
        (
            Standing::Taken { by_reader: false, others: vec![text("Ben"), text("佐藤")], back_at: Some(BackAt::TimedOut(text("03:45"))) },
            "Ben, 佐藤 have it. If it is not resolved by 03:45, it calls again.",
            "Ben、佐藤が対応中です。03:45までに解決しなければ、再び呼び出します。",
        ),
        (
            Standing::Unanswered { again_at: Some(text("04:00")) },
            "Everybody was called and nobody answered. The next call is at 04:00.",
            "全員を呼び出しましたが、応答がありません。次の呼び出しは04:00です。",
        ),
        (
            Standing::Held { until: Some(text("09:00")), reason: text("maintenance") },
            "Held until 09:00: maintenance. Nobody is called before.",
            "09:00まで保留中です (maintenance)。それまで誰も呼び出しません。",
        ),
        (
            Standing::Merged { into: text("01JD5Z0000ABCDEFGHJKMNPQRS"), by: text("Ben"), at: text("03:40") },
            "Merged by Ben, 03:40. Work goes on in incident 01JD5Z0000ABCDEFGHJKMNPQRS.",
            "インシデント01JD5Z0000ABCDEFGHJKMNPQRSに統合しました (Ben、03:40)。対応はそちらで続きます。",
        ),
        (Standing::Over { by: text("Ben"), at: text("03:40") }, "It is over. Resolved by Ben, 03:40.", "解決済みです (Ben、03:40)。"),
    ] {
        assert_eq!(tongue(Language::En).standing(&standing), english);
        assert_eq!(tongue(Language::Ja).standing(&standing), japanese);
    }
}

#[test]
fn every_notice_says_what_to_do() {
    for notice in [
        Notice::LinkUnknown,
        Notice::LinkExpired,
        Notice::QuestionOver,
        Notice::AddressChanged,
        Notice::ForeignForm,
        Notice::BadForm,
        Notice::TooLarge,
        Notice::NothingHere,
        Notice::WrongMethod,
        Notice::Unavailable,
        Notice::Unreadable,
    ] {
        let (english, japanese) = (tongue(Language::En).notice(notice), tongue(Language::Ja).notice(notice));
        let asks = ["Open", "open", "Load", "Call", "look it up"];
        assert!(asks.iter().any(|ask| english.1.contains(ask)), "{english:?}");
        assert!(japanese.1.contains("ください") || japanese.1.contains("できます"), "{japanese:?}");
    }
}
