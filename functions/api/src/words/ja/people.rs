//! Japanese, of people.

use hansho_domain::Language;

use super::Japanese;
use crate::words::{PeopleLabels, PeopleTongue};

static LABELS: PeopleLabels = PeopleLabels {
    people: "メンバー",
    people_text: "あなたが管理する人と、その連絡状況です。",
    people_of_teams: "あなたのチームの人です。",
    nobody_else: "チームに入っていないため、表示する人がいません。",
    more_people: "続きを見る",
    reached: "連絡状況",
    drill: "前回の訓練",
    invitation: "招待",
    invite: "招待を送る",
    invited: "招待を送りました。",
    no_mail_address: "設定にメールアドレスがありません。招待するには設定に追加してください。",
    browsers: "サインイン中のブラウザ",
    no_browsers: "ありません。",
    sign_out_everywhere: "すべてサインアウトさせる",
    signed_out: "すべてサインアウトさせ、パスキーを削除し、未使用の招待も無効にしました。",
    only_owners: "管理者と所有者をサインアウトさせられるのは所有者だけです。",
    checklist: "呼び出しの準備",
    checklist_text: "最初の夜までに、上から順に済ませてください。",
    ready: "準備ができています。",
    done: "済み",
    to_do: "これから",
    optional: "任意",
    wakes: "起きられる連絡方法",
    test_page: "テストの呼び出しへの応答",
    test_page_title: "テストの呼び出しです。障害ではありません。ボタンを押して応答してください。",
    send_test_page: "テストの呼び出しを送る",
    test_page_sent: "送りました。電話に届いたリンクを開き、大きなボタンを押してください。",
    rules: "間に合う通知ルール",
    shift: "最初の当番",
    shift_seen: "日時を確認した",
    numbers: "夜間の着信許可",
    numbers_card: "番号を連絡先に追加する",
    numbers_done: "電話の設定を済ませた",
    calendar: "カレンダーで見る当番",
    calendar_text: "この秘密のアドレスをカレンダーに登録すると、当番が表示され、変更も反映されます。",
    calendar_make: "カレンダー用のアドレスを作る",
    calendar_made: "カレンダー用のアドレス",
    calendar_once: "今コピーしてください。表示は1回だけです。このアドレスを知っている人には、あなたの当番だけが見えます。",
    calendar_open: "この端末のカレンダーで開く",
    calendar_revoke: "無効にする",
    language: "言語",
    back: "戻る",
};

impl PeopleTongue for Japanese {
    fn people(&self) -> &'static PeopleLabels {
        &LABELS
    }

    fn left(&self, count: usize) -> String {
        format!("あと{count}件です。")
    }

    fn proven(&self, method: &str, clock: &str) -> String {
        format!("{method}は届きます ({clock}に確認)。")
    }

    fn unproven(&self, method: &str) -> String {
        format!("{method}が届くかどうか未確認です。")
    }

    fn wakes_nobody(&self) -> &'static str {
        "電話番号がありません。メールでは起きられません。"
    }

    fn ask_for_phone(&self) -> &'static str {
        "設定への電話番号の追加を、Hanshoの管理者に頼んでください。"
    }

    fn prove_by_test(&self) -> &'static str {
        "テストを送って電話で答えてください。テストの呼び出しでも確認できます。"
    }

    fn test_answered(&self, method: &str, clock: &str) -> String {
        format!("{clock}に{method}で応答しました。")
    }

    fn test_answered_asleep(&self, method: &str) -> String {
        format!("{method}で応答しました。これでは起きられません。")
    }

    fn test_unanswered(&self, clock: &str) -> String {
        format!("{clock}に送りましたが、リンクからの応答がありません。")
    }

    fn test_never(&self) -> &'static str {
        "まだ送っていません。"
    }

    fn test_explained(&self) -> &'static str {
        "本物と同じ方法で、今すぐ、あなただけを呼び出します。届いたリンクから応答してください。"
    }

    fn rules_wake(&self, method: &str, span: Option<&str>) -> String {
        span.map_or_else(|| format!("緊急の件はすぐに{method}で届きます。"), |span| format!("緊急の件は{span}後に{method}で届きます。"))
    }

    fn rules_too_late(&self, span: Option<&str>) -> String {
        span.map_or_else(
            || "緊急の件が、起きられる方法では届きません。".to_owned(),
            |span| format!("起きられる方法で届くのは{span}後です。その前に次の人が呼び出されます。"),
        )
    }

    fn rules_next(&self) -> &'static str {
        "5分以内に起きられる方法で届くルールの追加を、Hanshoの管理者に頼んでください。"
    }

    fn next_shift(&self, schedule: &str, from: Option<&str>, until: Option<&str>) -> String {
        let from = from.map_or_else(|| "今".to_owned(), str::to_owned);
        format!("{schedule}: {from} 〜 {}", until.unwrap_or_default())
    }

    fn no_shift(&self, days: i64) -> String {
        format!("今後{days}日間、予定はありません。エスカレーションで直接呼び出されることはあります。")
    }

    fn shift_seen_at(&self, clock: &str) -> String {
        format!("{clock}に確認しました。")
    }

    fn numbers_known(&self, number: &str) -> String {
        format!("メッセージは{number}から届きます。")
    }

    fn numbers_unknown(&self, name: Option<&str>) -> String {
        name.map_or_else(
            || "メッセージが届く番号は毎回変わります。".to_owned(),
            |name| format!("メッセージは「{name}」という名前で届きます。番号ではありません。"),
        )
    }

    fn numbers_next(&self, has_number: bool) -> &'static str {
        if has_number {
            "番号を連絡先に追加し、おやすみモードでもその連絡先の着信を許可してから、下のボタンを押してください。"
        } else {
            "連絡先に登録できる番号がありません。おやすみモードでもメッセージの音が鳴るように設定するか、専用の番号をHanshoの管理者に頼んでください。済んだら下のボタンを押してください。"
        }
    }

    fn numbers_done_at(&self, clock: &str) -> String {
        format!("{clock}に電話の設定を済ませました。")
    }

    fn calendars(&self, count: usize) -> String {
        if count == 0 {
            "カレンダーには表示されていません。".to_owned()
        } else {
            format!("カレンダー用のアドレスが{count}件あります。")
        }
    }

    fn calendar_made_at(&self, clock: &str) -> String {
        format!("{clock}に作ったアドレス")
    }

    fn spoken(&self, language: Language) -> &'static str {
        match language {
            Language::En => "画面とメッセージは英語です。",
            Language::Ja => "画面とメッセージは日本語です。",
        }
    }

    fn spoken_owned(&self, _user: &str) -> String {
        "設定ファイルにあります。変更はHanshoの管理者に頼んでください。".to_owned()
    }

    fn invitation_open(&self, clock: &str, by: &str, until: &str) -> String {
        format!("{clock}に{by}が送りました。{until}まで使えます。まだ使われていません。")
    }

    fn invitation_used(&self, clock: &str) -> String {
        format!("{clock}に使われました。")
    }

    fn invitation_over(&self, clock: &str) -> String {
        format!("{clock}に送りましたが、使われないまま無効になりました。")
    }

    fn never_invited(&self) -> &'static str {
        "まだ送っていません。"
    }

    fn a_tool(&self) -> &'static str {
        "ツール"
    }

    fn signed_in(&self, count: usize, seen: &str) -> String {
        format!("{count}件のブラウザでサインイン中、最後の利用 {seen}")
    }

    fn never_signed_in(&self) -> &'static str {
        "サインインしていません。"
    }

    fn drill_standing(&self, began: &str, answered: Option<&str>) -> String {
        answered.map_or_else(|| format!("{began}に確認を依頼、応答なし。"), |answered| format!("{began}に確認を依頼、{answered}に応答。"))
    }
}
