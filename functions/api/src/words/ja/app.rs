//! Japanese, behind a sign-in.

use hansho_domain::{Role, Severity};

use super::Japanese;
use crate::words::{AppLabels, AppTongue};

static LABELS: AppLabels = AppLabels {
    navigation: "ページ",
    skip: "本文へ",
    open: "未解決の件",
    on_call: "当番",
    me: "マイページ",
    more: "その他",
    sign_in: "サインイン",
    sign_in_text: "メールアドレスを入力してください。サインイン用のリンクが届きます。パスワードは要りません。",
    mail_address: "メールアドレス",
    send_link: "リンクを送る",
    link_sent: "メールを確認してください",
    link_sent_text: "このアドレスが登録されていれば、リンクを送りました。20分間、1回だけ使えます。",
    no_mail: "届かないときは、迷惑メールとアドレスの打ち間違いを確認し、設定にあるアドレスかどうかをHanshoの管理者に聞いてください。",
    sign_in_hint: "このブラウザでは、最後に使ってから90日間サインインしたままになります。",
    sign_out: "サインアウト",
    mine: "自分",
    my_teams: "自分のチーム",
    all: "すべて",
    nothing_open: "未解決の件はありません。",
    nothing_of_mine: "ここにはありません。「すべて」を見てください。",
    on_call_now: "今の当番",
    nobody: "当番がいません。",
    no_schedules: "見られる当番表がありません。",
    take: "自分が代わる",
    take_confirm: "はい、自分が当番になる",
    sessions: "サインイン中のブラウザ",
    sessions_text: "心当たりのないものは終了してください。すぐにサインアウトされます。",
    this_browser: "このブラウザ",
    unknown_browser: "不明なブラウザ",
    end_session: "サインアウトさせる",
    end_other_sessions: "ほかをすべてサインアウトさせる",
    only_looking: "状況を見ることができます。対応するには応答者以上の権限が要ります。",
    role: "権限",
    contacts: "連絡先",
    contacts_text: "自分にメッセージを送って答えると、呼び出しが届くことが確認されます。",
    verify: "テストを送る",
    tonight: "今夜3時に呼び出されたら",
    owned_by_code: "名前、連絡先、通知ルールは設定ファイルにあります。変更はHanshoの管理者に頼んでください。",
    page_somebody: "呼び出す",
    open_service: "何についてですか?",
    open_title: "何が起きていますか?",
    open_details: "ほかにわかっていること (任意)",
    open_severity: "どのくらい深刻ですか? 迷ったら1段階上を選んでください。",
    open_ask: "誰が呼び出されるか確認する",
    open_question: "今呼び出すと:",
    open_confirm: "今すぐ呼び出す",
    open_choose: "選んでください",
    open_change: "変更する",
    test_sent: "送りました。届いたリンクを開いてボタンを押すと、確認されます。",
    stale: "Hanshoにつながりません。このページは最新でない可能性があります。",
    open_incomplete: "足りない項目があります。何が起きているかを短く書き、対象を選んでください。",
    teams: "チーム",
    passkey_sign_in_title: "またはパスキーで",
    passkey_sign_in: "パスキーでサインイン",
    passkey_nothing: "パスキーは使われませんでした。この端末になければ、メールアドレスでサインインし、マイページで追加してください。",
    passkey_elsewhere: "パスキーはHansho本来のアドレスでだけ使えます。Hanshoから届いたメールのリンクで開いてください。",
    passkey_unsupported: "このブラウザではパスキーを使えません。メールアドレスでサインインしてください。",
    passkey_no_script: "パスキーにはJavaScriptが必要です。使えないときは、メールのリンクでサインインしてください。",
    passkeys: "パスキー",
    passkeys_text: "指紋、顔、PINのどれかで、メールを待たずにサインインできます。手元にない端末のものは削除してください。",
    passkeys_full: "パスキーの数が上限です。追加するには、どれかを削除してください。",
    passkey_name: "新しいパスキーの名前 (端末の名前など)",
    passkey_add: "パスキーを追加する",
    passkey_remove: "削除する",
    passkey_not_made: "パスキーは追加されませんでした。もう一度試し、端末が確認を求めたら許可してください。",
    passkey_known: "この端末にはすでにあなたのパスキーがあります。",
};

impl AppTongue for Japanese {
    fn app(&self) -> &'static AppLabels {
        &LABELS
    }

    fn sign_in_as(&self, name: &str) -> String {
        format!("{name}さんとしてサインインしますか?")
    }

    fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Stakeholder => "関係者",
            Role::Guest => "ゲスト",
            Role::Responder => "応答者",
            Role::Admin => "管理者",
            Role::Owner => "所有者",
        }
    }

    fn more_open(&self, count: usize) -> String {
        format!("ほかに{count}件あります。新しい順に表示しています。")
    }

    fn until(&self, clock: &str) -> String {
        format!("〜 {clock}")
    }

    fn next_on_call(&self, people: &str, clock: &str) -> String {
        format!("次: {people} {clock}から")
    }

    fn taking(&self, from: &str, to: &str, until: Option<&str>) -> String {
        let until = until.map(|until| format!("{until}まで")).unwrap_or_default();
        format!("{from} → {to}、今から{until}。{from}さんに知らせます。すでに対応中の件の担当は変わりません。")
    }

    fn how_bad(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => "重大: 利用者に影響が出ている、または間もなく出る",
            Severity::Error => "エラー: 何かが壊れている",
            Severity::Warning => "警告: 壊れるかもしれない",
            Severity::Info => "情報: いつか見てほしい",
        }
    }

    fn opening_calls(&self, people: &str, is_urgent: bool) -> String {
        if is_urgent {
            format!("すぐに呼び出します: {people}")
        } else {
            format!("知らせますが、起こしません: {people}")
        }
    }

    fn opening_calls_nobody(&self) -> &'static str {
        "今は誰も呼び出しません。誰かが対応するまで一覧に残ります。"
    }

    fn opening_held(&self, clock: &str) -> String {
        format!("{clock}まで誰も呼び出しません。メンテナンス中のため保留されます。")
    }

    fn opening_then(&self, people: &str, clock: &str) -> String {
        format!("{clock}までに応答がなければ: {people}")
    }

    fn contact_standing(&self, proven_at: Option<&str>) -> String {
        proven_at.map_or_else(|| "届くかどうか未確認です。".to_owned(), |at| format!("届きます ({at}に確認)。"))
    }

    fn tonight_covered(&self, cover: &str) -> String {
        format!("緊急: 代わりに{cover}さんを呼び出します。")
    }

    fn tonight_urgent(&self, told: &str) -> String {
        if told.is_empty() {
            "緊急: 連絡手段がありません。電話番号かメールアドレスの登録を頼んでください。".to_owned()
        } else {
            format!("緊急: {told}")
        }
    }

    fn tonight_not_urgent(&self, told: &str) -> String {
        if told.is_empty() { "緊急でない: 知らせません。".to_owned() } else { format!("緊急でない: {told}") }
    }

    fn session(&self, since: &str, seen: &str) -> String {
        format!("{since}にサインイン、最後の利用 {seen}")
    }

    fn passkey(&self, since: &str, used: Option<&str>) -> String {
        match used {
            Some(used) => format!("{since}に追加、最後の利用 {used}"),
            None => format!("{since}に追加、まだ使われていません"),
        }
    }
}
