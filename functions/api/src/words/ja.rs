//! Japanese.

mod app;
mod judgement;
mod people;
mod response;
mod setup;
mod shifts;

use std::borrow::Cow;

use hansho_domain::{Actor, Event, Language, Method, PhaseName, Severity, Skipped, Urgency};
use hansho_store::{Delivery, DeliveryState};
use hansho_texts::spoken;

use super::{BackAt, JudgementTongue, Labels, ProofWords, Standing, Telling, Tongue, linked, places, with};
use crate::page::{self, Notice};

pub(super) struct Japanese;

static LABELS: Labels = Labels {
    acknowledge: "対応する",
    acknowledge_hint: "あなたが担当になり、呼び出しが止まります。",
    acknowledge_all: "すべて対応する",
    join: "自分も対応する",
    join_explanation: "今の担当者と並んで、あなたの名前が載ります。誰も呼び出しません。",
    join_confirm: "はい、自分も対応する",
    escalate: "次の人を呼ぶ (エスカレーション)",
    escalate_confirm: "はい、呼ぶ",
    snooze: "1時間スヌーズする",
    snooze_explanation: "あなたが担当になり、呼び出しが止まります。解決しなければ、1時間後に再び呼び出します。",
    snooze_confirm: "はい、1時間後に呼び出す",
    asked: "応援を求められています。",
    accept: "応援する",
    accept_hint: "応援者として、あなたの名前が載ります。",
    decline: "応援できない",
    decline_hint: "この依頼では、もう呼び出しません。",
    resolve: "解決にする",
    resolve_explanation: "問題が終わったことにします。以後、誰も呼び出しません。",
    resolve_confirm: "はい、解決にする",
    calling: "呼び出し中",
    told: "連絡済み",
    you: "あなた",
    unreachable: "連絡がつきません",
    runbook: "手順書",
    link: "グラフ",
    links: "リンク",
    details: "詳細",
    timeline: "経過",
    older: "件の古い記録は省略しています",
    reload: "最新の状態を見る",
    all_incidents: "このメッセージの全件",
    times_in: "時刻:",
    incident: "インシデント",
    low_urgency: "緊急ではない",
};

impl Tongue for Japanese {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn phase(&self, phase: PhaseName) -> &'static str {
        match phase {
            PhaseName::Held => "保留中",
            PhaseName::Triggered => "発生中",
            PhaseName::Acknowledged => "対応中",
            PhaseName::Exhausted => "応答なし",
            PhaseName::Resolved => "解決済み",
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => "重大",
            Severity::Error => "エラー",
            Severity::Warning => "警告",
            Severity::Info => "情報",
        }
    }

    fn method(&self, method: Method) -> &'static str {
        match method {
            Method::Sms => "SMS",
            Method::Email => "メール",
            Method::Webhook => "webhook",
        }
    }

    fn list(&self, names: &[String]) -> String {
        names.join("、")
    }

    fn span(&self, seconds: u64) -> String {
        match (seconds / 86_400, seconds / 3600, seconds % 3600 / 60) {
            (0, 0, 0) => "1分未満".to_owned(),
            (0, 0, minutes) => format!("{minutes}分"),
            (0, hours, 0) => format!("{hours}時間"),
            (0, hours, minutes) => format!("{hours}時間{minutes}分"),
            (days, ..) => format!("{days}日"),
        }
    }

    fn since(&self, clock: &str, span: &str) -> String {
        format!("{clock}から ({span})")
    }

    fn standing(&self, standing: &Standing) -> String {
        match standing {
            Standing::Nobody { is_urgent: true } => "まだ誰も対応していません。".to_owned(),
            Standing::Nobody { is_urgent: false } => "まだ誰も対応していません。緊急ではないため、誰も起こしません。".to_owned(),
            Standing::Taken { by_reader, others, back_at } => with(taken(*by_reader, others), "", back_at.as_ref().map(back).as_deref()),
            Standing::Unanswered { again_at } => {
                let again = again_at.as_ref().map(|at| format!("次の呼び出しは{at}です。"));
                with("全員を呼び出しましたが、応答がありません。".to_owned(), "", again.as_deref())
            }
            Standing::Held { until, reason } => match until {
                Some(until) => format!("{until}まで保留中です ({})。それまで誰も呼び出しません。", held(reason)),
                None => format!("保留中です ({})。誰も呼び出しません。", held(reason)),
            },
            Standing::Over { by, at } => format!("解決済みです ({by}、{at})。"),
            Standing::Merged { into, by, at } => format!("インシデント{into}に統合しました ({by}、{at})。対応はそちらで続きます。"),
        }
    }

    fn next_call(&self, people: &str, clock: &str, span: Option<&str>) -> String {
        match span {
            Some(span) => format!("次: {people} {clock} ({span}後)"),
            None => format!("次: {people} まもなく"),
        }
    }

    fn last_call(&self, clock: &str) -> String {
        format!("全員を呼び出しました。{clock}までに応答がなければ、以後は間隔をあけて最後の段階を呼び出します。")
    }

    fn escalation(&self, people: &str) -> String {
        format!("すぐに呼び出します: {people}")
    }

    fn asked(&self, by: &str, message: &str) -> String {
        if message.is_empty() {
            format!("{by}が応援を求めています。")
        } else {
            format!("{by}が応援を求めています: {message}")
        }
    }

    fn helping(&self, helping: &str, asked: &str) -> String {
        match (helping, asked) {
            (helping, "") => format!("応援: {helping}"),
            ("", asked) => format!("応援を依頼中 (未回答): {asked}"),
            (helping, asked) => format!("応援: {helping} / 依頼中 (未回答): {asked}"),
        }
    }

    fn urgency(&self, urgency: Urgency) -> &'static str {
        match urgency {
            Urgency::High => "高",
            Urgency::Low => "低",
        }
    }

    fn called(&self, name: &str, methods: &str) -> String {
        if methods.is_empty() { name.to_owned() } else { format!("{name} ({methods})") }
    }

    fn open_count(&self, unacknowledged: usize, all: usize) -> String {
        match (unacknowledged, all) {
            (0, _) => format!("{all}件すべてに担当者がいます。"),
            (1, 1) => "まだ誰も対応していません。".to_owned(),
            (some, all) => format!("{all}件のうち{some}件は、まだ誰も対応していません。"),
        }
    }

    fn actor(&self, actor: &Actor, telling: &Telling<'_>) -> String {
        match actor {
            Actor::User(user) => telling.name(user),
            Actor::Integration(integration) => integration.to_string(),
            Actor::Token(name) => format!("トークン{name}"),
            Actor::Hansho => "Hansho".to_owned(),
        }
    }

    fn event(&self, event: &Event, actor: &Actor, telling: &Telling<'_>) -> String {
        let who = || self.actor(actor, telling);
        match event {
            Event::Opened { title, severity, remark, .. } => with(
                format!("発生 ({}): {title} [{}]", who(), self.severity(*severity)),
                "。",
                remark.as_deref().map(|remark| self.remark(remark)).as_deref(),
            ),
            Event::Linked { references } => format!("{}のリンク: {}", who(), linked(references, ": ")),
            Event::Held { until, reason } => format!("{}まで保留: {}", telling.at(*until), held(reason)),
            Event::Triggered { reason } => format!("呼び出しを開始: {}", triggered(reason, &who())),
            Event::Repeated { details, severity } => {
                with(format!("{}から再度の通知 [{}]", who(), self.severity(*severity)), ": ", Some(details))
            }
            Event::Escalated { step, round, users } => format!("{}を呼び出し: {}", place(*step, *round), telling.names(users)),
            Event::StepSkipped { step, round, why: Skipped::Nobody } => {
                format!("{}は当番がいないため飛ばしました", place(*step, *round))
            }
            Event::StepSkipped { step, round, why: Skipped::Condition } => {
                format!("{}は条件に合わないため飛ばしました", place(*step, *round))
            }
            Event::StepSkipped { step, round, why: Skipped::Hours } => {
                format!("{}は対象の時間帯ではないため飛ばしました", place(*step, *round))
            }
            Event::Covered { user, by } => format!("{}の代わりに{}を呼び出し", telling.name(user), telling.name(by)),
            Event::Posted { destinations } => format!("{}に投稿", places(destinations, self)),
            Event::HandedOver { policy } => format!("エスカレーションポリシー{policy}に引き継ぎ"),
            Event::FallbackPaged { reason, users } if users.is_empty() => format!("呼び出せる人がいません: {}", why(reason)),
            Event::FallbackPaged { reason, users } => format!("最終連絡先を呼び出し ({}): {}", why(reason), telling.names(users)),
            Event::RulesDue { after_seconds } => format!("{}たったため、再度呼び出し", self.span(u64::from(*after_seconds))),
            Event::Acknowledged => format!("{}が対応を開始", who()),
            Event::Snoozed { until } => format!("{}が担当し、{}の再呼び出しを希望", who(), telling.at(*until)),
            Event::Reassigned { users } => format!("{}が担当を変更: {}", who(), telling.names(users)),
            Event::ReassignedToPolicy { policy } => format!("{}がエスカレーションポリシー{policy}に変更", who()),
            Event::RespondersRequested { users, message } => {
                with(format!("{}が応援を依頼: {}", who(), telling.names(users)), "。", Some(message))
            }
            Event::RequestAccepted => format!("{}が応援を引き受けました", who()),
            Event::RequestDeclined => format!("{}は応援できません", who()),
            Event::RequestsCancelled { users } => format!("{}が応援の依頼を取り消し: {}", who(), telling.names(users)),
            Event::UrgencyChanged { urgency } => format!("{}が緊急度を「{}」に変更", who(), self.urgency(*urgency)),
            Event::PriorityChanged { priority: Some(priority) } => format!("{}が優先度を{}に設定", who(), page::priority(*priority)),
            Event::PriorityChanged { priority: None } => format!("{}が優先度を外しました", who()),
            Event::MergedInto { incident } => format!("解決: {}がインシデント{incident}に統合", who()),
            Event::Merged { incident, title } => format!("{}がインシデント{incident}をここに統合: {title}", who()),
            Event::Cleared { details } => {
                with(format!("{}からの通知は収まりましたが、統合した他の通知元ではまだ続いています", who()), ": ", Some(details))
            }
            Event::Exhausted => "全員を呼び出しましたが、応答がありませんでした".to_owned(),
            Event::Repaged { users } => format!("もう一度呼び出し: {}", telling.names(users)),
            Event::Resolved { reason } => with(format!("解決 ({})", who()), ": ", reason.as_deref().map(why).as_deref()),
            Event::UrgencyStays => "サポート時間が始まりましたが、サービスの設定により緊急ではないままです".to_owned(),
            Event::Reopened => format!("{}が再開", who()),
            Event::Noted { text } => format!("{}のメモ: {text}", who()),
            Event::DeliveryFailed { user, method, reason, next } => {
                let next = next.map(|next| format!("{}で連絡します", self.method(next)));
                with(format!("{}に{}が届きませんでした: {}", telling.name(user), self.method(*method), why(reason)), "。", next.as_deref())
            }
            Event::RulesReviewed => "設定が変更されたため、変更後の通知ルールで連絡します".to_owned(),
            Event::ToldAlready { user, method } => {
                format!("{}には直前に{}で連絡したため、重ねての連絡はしません", telling.name(user), self.method(*method))
            }
            Event::Unreachable { user, reason } => format!("{}に連絡がつきません: {}", telling.name(user), why(reason)),
        }
    }

    fn delivery(&self, delivery: &Delivery, telling: &Telling<'_>) -> String {
        let (to, method) = telling.recipient(&delivery.notification.to);
        let message = format!("{to}への{}", method.map_or("投稿", |method| self.method(*method)));
        if delivery.state == DeliveryState::Pending && delivery.reason.as_deref() == Some(hansho_store::WAITS_TOGETHER) {
            return format!("{message}は、まとめて送るため少し待っています");
        }
        let sentence = match (delivery.state, delivery.attempt) {
            (DeliveryState::Pending, 0) => format!("{message}を送信します"),
            (DeliveryState::Pending, attempt) => format!("{message}を再送します ({attempt}回試行済み)"),
            (DeliveryState::Sending, _) => format!("{message}を送信中"),
            (DeliveryState::Sent, _) => format!("{message}を送信"),
            (DeliveryState::Failed, _) => format!("{message}は失敗"),
            (DeliveryState::Ended, _) => format!("{message}は送信を取りやめ"),
        };
        with(sentence, ": ", delivery.reason.as_deref().map(why).as_deref())
    }

    fn proof(&self, is_drill: bool, method: &str, proven_at: Option<&str>) -> ProofWords {
        let (title, text) = match (is_drill, proven_at) {
            (_, Some(at)) => ("確認しました", format!("{method}で連絡が届くことを確認しました ({at})。このページでの操作は以上です。")),
            (false, None) => ("届いていますか?", format!("{method}で連絡が届くことを確認するため、ボタンを押してください。")),
            (true, None) => (
                "訓練: 届いていますか?",
                format!(
                    "障害は起きていません。{method}で連絡が届くことを知らせるため、ボタンを押してください。他の連絡先に届いた確認にも応答してください。"
                ),
            ),
        };
        ProofWords { title: title.to_owned(), text, button: Some("届いています") }
    }

    fn notice(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::LinkUnknown => (
                "このリンクは無効です",
                "途中で切れているか、Hanshoが発行していないリンクです。Hanshoからの最新のメッセージを開き、その中のリンクをタップしてください。",
            ),
            Notice::LinkExpired => {
                ("このリンクは期限切れです", "すでに解決し、表示期間も過ぎています。経過はHanshoの管理者に確認できます。")
            }
            Notice::QuestionOver => {
                ("この確認は終了しています", "応答の期限を過ぎました。次の確認で届く新しいメッセージをお待ちください。")
            }
            Notice::AddressChanged => (
                "この連絡先は変更されています",
                "このメッセージの送信後に、あなたの連絡先が変更されました。現在の連絡先を確認するには、新しいメッセージを依頼してください。",
            ),
            Notice::ForeignForm => (
                "このページからの操作ではありません",
                "何も変更していません。Hanshoからの最新のメッセージを開き、その中のリンクをタップして、そこでボタンを押してください。",
            ),
            Notice::BadForm => (
                "この操作は読み取れません",
                "何も変更していません。Hanshoからの最新のメッセージを開き、その中のリンクをタップして、そこでボタンを押してください。",
            ),
            Notice::TooLarge => (
                "内容が大きすぎます",
                "何も変更していません。Hanshoからの最新のメッセージを開き、その中のリンクをタップして、そこでボタンを押してください。",
            ),
            Notice::SignedOut => ("サインアウトしています", "このページを見るにはサインインしてください。"),
            Notice::SignInOver => ("このリンクは期限切れです", "有効なのは20分間です。サインインのページで新しいリンクを送ってください。"),
            Notice::SignInUsed => (
                "このリンクは使用済みです",
                "1回だけ使えます。心当たりがなければ、新しいリンクでサインインし、知らないブラウザをサインアウトさせてください。そうでなければ、サインインのページで新しいリンクを送ってください。",
            ),
            Notice::InvitationOver => (
                "この招待は使えません",
                "1週間が過ぎたか、無効になったか、新しい招待が送られています。メールアドレスが登録されていればサインインできます。そうでなければ、もう一度招待してもらってください。",
            ),
            Notice::InvitedTooOften => {
                ("招待が続いています", "同じ人を次に招待できるのは1分後で、1日に5回までです。全体では1日に50通までです。")
            }
            Notice::TooManyCalendars => {
                ("アドレスが20件あります", "使っていないものをマイページで無効にしてから、もう一度作ってください。")
            }
            Notice::PasskeyUnknown => (
                "このパスキーではサインインできません",
                "削除されたか、Hanshoのものではありません。メールアドレスでサインインし、マイページで追加し直し、端末にある古いものは削除してください。",
            ),
            Notice::PasskeyTooLate => ("時間がかかりすぎました", "パスキーの確認は5分以内に1回だけです。戻ってもう一度試してください。"),
            Notice::PasskeyNotAdded => (
                "パスキーを追加できませんでした",
                "マイページに戻り、もう一度試してください。繰り返す場合は、別の端末かブラウザを使い、この端末にできたパスキーは削除してください。",
            ),
            Notice::PasskeysTooMany => ("パスキーが多すぎます", "マイページでどれかを削除してから追加してください。"),
            Notice::SignInTooOften => (
                "同じネットワークからの試行が多すぎます",
                "1時間待つか、メールのリンクでサインインしてください。呼び出しのメッセージにあるリンクは使えます。",
            ),
            Notice::NotAllowed => {
                ("この操作をする権限がありません", "何も変更していません。チームの管理者か、Hanshoの管理者に相談してください。")
            }
            Notice::ShiftChanged => (
                "当番が変わっています",
                "表示されていた当番は、変更されたか終わっています。何も変更していません。戻って、今の当番を確認してください。",
            ),
            Notice::AskedTooOften => {
                ("少し前に送ったばかりです", "まず届いたメッセージを探してください。次に送れるのは1分後で、1日に5通までです。")
            }
            Notice::Offline => (
                "Hanshoにつながりません",
                "端末がオフラインか、Hanshoが応答していません。ほかのページが開けるなら、同僚に直接連絡してください。",
            ),
            Notice::NothingHere => (
                "ここには何もありません",
                "アドレスを確認するか、Hanshoからの最新のメッセージを開いて、その中のリンクをタップしてください。",
            ),
            Notice::WrongMethod => (
                "このアドレスはそのようには使えません",
                "何も変更していません。Hanshoからの最新のメッセージを開き、その中のリンクをタップしてください。",
            ),
            Notice::Unavailable => (
                "ただいまHanshoが応答できません",
                "少し待って、このページを読み込み直してください。ボタンを2回押しても問題ありません。続くときは、同僚に直接連絡してください。",
            ),
            Notice::Unreadable => (
                "表示できません",
                "保存されている内容を読み取れません。Hanshoの管理者に連絡し、それまでは対象のシステムを直接確認してください。",
            ),
        }
    }
}

fn taken(by_reader: bool, others: &[String]) -> String {
    match (by_reader, others) {
        (true, []) => "あなたが対応中です。".to_owned(),
        (true, others) => format!("あなたと{}が対応中です。", others.join("、")),
        (false, others) => format!("{}が対応中です。", others.join("、")),
    }
}

fn back(back_at: &BackAt) -> String {
    match back_at {
        BackAt::Snoozed(at) => format!("{at}に再び呼び出します。"),
        BackAt::TimedOut(at) => format!("{at}までに解決しなければ、再び呼び出します。"),
    }
}

/// `2段目`, or `2段目・3巡目`; people count from 1.
fn place(step: u8, round: u8) -> String {
    let step = u16::from(step) + 1;
    if round == 0 { format!("{step}段目") } else { format!("{step}段目・{}巡目", u16::from(round) + 1) }
}

/// Why it calls again, where a person asked for it.
fn triggered(reason: &str, who: &str) -> String {
    if reason.ends_with(" asked for it") {
        format!("{who}の依頼")
    } else if reason.ends_with(" escalated it") {
        format!("{who}によるエスカレーション")
    } else if reason.ends_with(" made it urgent") && reason.contains('/') {
        format!("{who}が緊急にしました")
    } else {
        why(reason).into_owned()
    }
}

/// Why it is held; a maintenance window keeps its name and its reason.
fn held(reason: &str) -> String {
    reason.strip_prefix("maintenance ").map_or_else(|| why(reason).into_owned(), |window| format!("メンテナンス {window}"))
}

/// A reason of Hansho's own; what others say stays in their words.
fn why(reason: &str) -> Cow<'_, str> {
    match spoken(Language::Ja, reason.trim()) {
        // Another sentence may follow, with a mark of its own.
        Cow::Owned(told) => Cow::Owned(told.trim_end_matches('。').to_owned()),
        Cow::Borrowed(said) => Cow::Borrowed(said.trim_end_matches('.')),
    }
}
