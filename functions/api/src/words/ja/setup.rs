//! Japanese, for what is set up.

use hansho_domain::{About, UrgencyLevel, UrgencyRule};
use hansho_store::{Act, SignedInBy};

use super::Japanese;
use crate::words::{Named, SetupLabels, SetupTongue};

static LABELS: SetupLabels = SetupLabels {
    more: "その他",
    back_to_more: "その他へ戻る",
    search: "名前の一部",
    search_do: "探す",
    nothing_found: "その名前で見られるものはありません。",
    next_page: "続き",
    people_text: "誰がいて、どう連絡がつくか",

    services: "サービス",
    services_text: "アラートの対象と、呼び出される人",
    service: "サービス",
    configured_as: "設定名",
    looked_after_by: "チーム",
    urgency: "緊急度",
    runbook: "手順書",
    alarms: "アラーム",
    own_rules: "ルール",
    when_taken: "対応中",
    when_open: "未解決",
    when_unanswered: "応答なし",
    steps: "呼び出しの順番",
    then_fallback: "この中に呼び出せる人がいないとき:",
    comes_in_by: "受信元",
    nothing_comes_in: "受信元の指定はありません。アラームやルールから届くことはあります。",
    maintenance: "メンテナンス",
    open_incidents: "未解決の件",
    none_open: "未解決の件はありません。",

    teams: "チーム",
    teams_text: "メンバーと、担当するサービス",
    members: "メンバー",
    managers: "管理する人",
    no_managers: "管理者と所有者のほかにはいません。",
    their_services: "サービス",
    no_services: "担当するサービスはありません。",
    their_schedules: "当番表",
    no_schedules: "サービスの呼び出しに使う当番表はありません。",

    suppressed: "呼び出さなかったアラート",
    suppressed_text: "受信したが誰も呼び出さなかったものと、その理由",
    none_suppressed: "この日は、見られるものがありません。",
    day_before: "前の日",
    day_after: "次の日",
    came_in: "受信",
    why: "理由",
    kept_until: "保存期限",
    times: "回数",
    made_of_it: "その後",
    make_incident: "インシデントにする",
    make_incident_confirm: "今すぐ呼び出す",

    configuration: "設定",
    configuration_text: "今の設定と、誰がいつ変えたか",
    owned_by_code: "ここにあるものはすべて設定ファイルにあり、Hanshoの管理者が変更して適用します。モジュールで管理しているチームは、そのモジュールで変更します。当番、メンテナンス、キー、連絡先のように設定の外にあるものは、それぞれのページで変更できます。",
    in_force: "今の設定",
    nothing_in_force: "まだ一度も適用されていません。",
    since: "適用日時",
    by_whom: "適用した人",
    because: "理由",
    changed: "変更内容",
    contents: "内容",
    schedules: "当番表",
    policies: "エスカレーションポリシー",
    integrations: "受信元",
    history: "以前のバージョン",
    first_version: "これより前はありません。",
    older_versions: "前のもの",

    keys: "キー",
    keys_text: "ツールと送信元が使うキー",
    tokens: "ツール用のトークン",
    tokens_text: "持っている人は、権限にかかわらずすべての操作をツールから行えます。作れるのは所有者だけです。",
    no_tokens: "ありません。",
    token_make: "トークンを作る",
    token_name: "名前 (半角の小文字、数字、ハイフン、ピリオド)",
    token_made: "作りました。表示は今回だけです。今コピーしてください。",
    token_known: "同じ名前のトークンがあります。別の名前にするか、先に無効にしてください。",
    token_name_wrong: "この名前は使えません。半角の小文字、数字、ハイフン、ピリオドで書いてください。",
    tokens_full: "数が上限です。使っていないものを無効にしてください。",
    revoke: "無効にする",
    revoke_confirm: "はい、無効にする",
    revoked: "無効にしました。もう使えません。",
    integration_keys: "受信元のキー",
    no_keys: "キーがまだないため、何も受信できません。",
    key_make: "キーを作る",
    key_made: "作りました。表示は今回だけです。今コピーしてください。",
    keys_full: "キーの数が上限です。使っていないものを無効にしてください。",
    keys_by_terraform: "モジュールが作ったキーは、モジュールのキーの番号を上げて作り直してください。",

    maintenance_text: "呼び出しを止める期間",
    maintenance_begin: "メンテナンスを始める",
    maintenance_what: "対象のサービス",
    maintenance_how_long: "期間",
    maintenance_why: "理由 (任意)",
    maintenance_ask: "何が起きるか確認する",
    maintenance_confirm: "今すぐ始める",
    maintenance_begun: "始めました。",
    maintenance_full: "数が上限です。先にどれかを終えてください。",
    maintenance_end: "今すぐ終える",
    maintenance_end_told: "保留中の件は、復旧していなければすぐに呼び出します。",
    maintenance_end_confirm: "はい、終える",
    maintenance_ended: "終えました。",
    maintenance_not_open: "すでに終わっているか、まだ始まっていません。",
    maintenance_all: "すべてのサービス",
    no_maintenance: "今も今後もありません。",

    audit: "操作の記録",
    audit_text: "キー、当番、サインイン、設定を誰が変えたか",
    audit_kept: "400日間保存します。インシデントへの操作は、それぞれの経過にあります。",
    none_audited: "記録はありません。",
    older_entries: "前のもの",
};

impl SetupTongue for Japanese {
    fn setup(&self) -> &'static SetupLabels {
        &LABELS
    }

    fn urgency_rule(&self, rule: &UrgencyRule) -> String {
        match rule {
            UrgencyRule::High => self.urgency_level(UrgencyLevel::High).to_owned(),
            UrgencyRule::Low => self.urgency_level(UrgencyLevel::Low).to_owned(),
            UrgencyRule::BySeverity => self.urgency_level(UrgencyLevel::BySeverity).to_owned(),
            UrgencyRule::ByHours { hours, during, otherwise } => {
                format!("{hours}の時間内: {}、それ以外: {}", self.urgency_level(*during), self.urgency_level(*otherwise))
            }
        }
    }

    fn urgency_level(&self, level: UrgencyLevel) -> &'static str {
        match level {
            UrgencyLevel::High => "高",
            UrgencyLevel::Low => "低",
            UrgencyLevel::BySeverity => "重大とエラーは高、ほかは低",
        }
    }

    fn again_after(&self, span: &str) -> String {
        format!("{span}たつと、もう一度呼び出す")
    }

    fn resolves_after(&self, span: &str) -> String {
        format!("{span}たつと、自動で解決する")
    }

    fn called_every(&self, span: &str) -> String {
        format!("{span}ごとに全員をもう一度呼び出す")
    }

    fn and_more(&self, count: usize) -> String {
        format!("ほか{count}件")
    }

    fn rules(&self, count: usize) -> String {
        format!("独自のルール{count}件")
    }

    fn step(&self, place: usize, wait: Option<&str>) -> String {
        match wait {
            Some(wait) => format!("{place}番目 ({wait}待つ)"),
            None => format!("{place}番目"),
        }
    }

    fn takes_turns(&self) -> &'static str {
        "順番に1人ずつ呼び出します。"
    }

    fn only_for(&self, priorities: &str, urgency: &str, hours: Option<(&str, bool)>) -> String {
        let urgency = if urgency.is_empty() { String::new() } else { format!("緊急度{urgency}") };
        let hours = hours.map(|(hours, is_inside)| format!("{hours}の時間{}", if is_inside { "内" } else { "外" }));
        let told: Vec<String> =
            [priorities.to_owned(), urgency, hours.unwrap_or_default()].into_iter().filter(|one| !one.is_empty()).collect();
        format!("対象: {}", told.join("、"))
    }

    fn hands_over(&self, policy: &str) -> String {
        format!("ポリシー{policy}に引き継ぎます。")
    }

    fn repeats(&self, times: u8) -> String {
        format!("この順番を{}回行います。", u16::from(times) + 1)
    }

    fn window(&self, from: &str, until: &str) -> String {
        format!("{from} 〜 {until}")
    }

    fn holding(&self, service: &str, until: &str) -> String {
        format!(
            "{until}まで、{service}では誰も呼び出しません。届いたものは保存し、終わったときに復旧していなければ呼び出します。すでに未解決の件はそのまま続きます。"
        )
    }

    fn people_count(&self, count: usize) -> String {
        format!("{count}人")
    }

    fn of_day(&self, day: &str) -> String {
        format!("{day} (UTCの1日)")
    }

    fn times(&self, count: u64) -> String {
        format!("その日に{count}回")
    }

    fn version(&self, number: u64) -> String {
        format!("バージョン{number}")
    }

    fn files(&self, count: usize) -> String {
        format!("ファイル{count}件")
    }

    fn summary(&self, summary: &str) -> String {
        changes(summary)
    }

    fn restores(&self, number: u64) -> String {
        format!("バージョン{number}に戻したもの")
    }

    fn with_tool(&self, by: &str, tool: &str) -> String {
        format!("{by} ({tool})")
    }

    fn made(&self, clock: &str, by: &str) -> String {
        format!("{clock}に{by}が作成")
    }

    fn ends(&self, clock: &str, is_over: bool) -> String {
        if is_over { format!("{clock}に終了") } else { format!("{clock}に終了 (新しいキーに交代)") }
    }

    fn key(&self, id: &str) -> String {
        format!("キー {id}")
    }

    fn revoking(&self) -> &'static str {
        "すぐに使えなくなります。元に戻せません。"
    }

    fn act(&self, act: &Act, named: &Named<'_>) -> String {
        let about = |about: &About| match about {
            About::Everything => "全体".to_owned(),
            About::Schedule(id) => (named.schedule)(id),
            About::Team(id) => format!("チーム{id}"),
            About::User(id) => format!("{}さん", (named.person)(id)),
        };
        match act {
            Act::Applied { version, restores: None } => format!("設定のバージョン{version}を適用"),
            Act::Applied { version, restores: Some(old) } => format!("設定のバージョン{version}を適用 (バージョン{old}の内容)"),
            Act::TokenMade { name } => format!("ツール用のトークン{name}を作成"),
            Act::TokenRevoked { name } => format!("ツール用のトークン{name}を無効化"),
            Act::KeyMade { integration, key } => format!("受信元{integration}のキー{key}を作成"),
            Act::KeyRevoked { integration, key } => format!("受信元{integration}のキー{key}を無効化"),
            Act::MailAddressChanged { integration } => format!("受信元{integration}のメールアドレスを変更"),
            Act::SignedIn { way: SignedInBy::Link } => "リンクでサインイン".to_owned(),
            Act::SignedIn { way: SignedInBy::Passkey } => "パスキーでサインイン".to_owned(),
            Act::SignedOut { user } => format!("{}さんのブラウザをサインアウト", (named.person)(user)),
            Act::PasskeyAdded => "パスキーを追加".to_owned(),
            Act::PasskeyRemoved { user } => format!("{}さんのパスキーを削除", (named.person)(user)),
            Act::Invited { user } => format!("{}さんを招待", (named.person)(user)),
            Act::CalendarMade { about: whose } => format!("カレンダー用のアドレスを作成 ({})", about(whose)),
            Act::CalendarRevoked { about: whose } => format!("カレンダー用のアドレスを無効化 ({})", about(whose)),
            Act::OverrideMade { schedule, from, until, .. } => {
                format!("{}の当番を変更 ({} 〜 {})", (named.schedule)(schedule), (named.at)(*from), (named.at)(*until))
            }
            Act::OverrideRemoved { schedule, .. } => format!("{}の当番の変更を取り消し", (named.schedule)(schedule)),
            Act::MaintenanceBegun { id, until } => format!("メンテナンス{id}を開始 ({}まで)", (named.at)(*until)),
            Act::MaintenanceEnded { id } => format!("メンテナンス{id}を終了"),
            Act::DrillBegun { id } => format!("訓練{id}を開始"),
            Act::DrillEnded { id } => format!("訓練{id}を中止"),
            Act::Other => "このバージョンでは表示できない操作".to_owned(),
        }
    }

    fn kind(&self, kind: &str) -> &'static str {
        match kind {
            "events" => "イベント",
            "email" => "メール",
            "sns" => "通知トピック",
            _ => "その他の種類",
        }
    }
}

/// What a version changed: `users: 1 new, 2 changed; services: 1 removed`.
fn changes(summary: &str) -> String {
    match summary {
        "comments and layout only" => return "コメントと書き方だけ".to_owned(),
        "the same files, written again" => return "同じ内容の書き直し".to_owned(),
        _ => {}
    }
    let section = |part: &str| {
        let (section, counts) = part.split_once(": ")?;
        let count = |count: &str| {
            let (number, word) = count.split_once(' ')?;
            let word = match word {
                "new" => "追加",
                "changed" => "変更",
                "removed" => "削除",
                _ => return None,
            };
            Some(format!("{word}{number}"))
        };
        let counts: Option<Vec<String>> = counts.split(", ").map(count).collect();
        Some(format!("{} {}", section_word(section), counts?.join("、")))
    };
    let told: Option<Vec<String>> = summary.split("; ").map(section).collect();
    told.map_or_else(|| summary.to_owned(), |told| told.join("; "))
}

/// A section of the configuration, as people say it; one without such a word stays as it is written.
fn section_word(section: &str) -> &str {
    match section {
        "users" => "人",
        "teams" => "チーム",
        "schedules" => "当番表",
        "escalation_policies" => "エスカレーションポリシー",
        "services" => "サービス",
        "integrations" => "受信元",
        "maintenance_windows" => "メンテナンス",
        "routes" => "ルール",
        "calendars" => "カレンダー",
        "tests" => "テスト",
        "hours" => "サポート時間",
        "destinations" => "送信先",
        "retention" => "保存期間",
        "fallback" => "最終連絡先",
        "allowances" => "当番手当",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn what_a_version_changed_is_told_in_japanese() {
        for (summary, expected) in [
            ("users: 1 new, 2 changed; services: 1 removed", "人 追加1、変更2; サービス 削除1"),
            ("comments and layout only", "コメントと書き方だけ"),
            ("allowances: 1 changed", "当番手当 変更1"),
            ("priorities: 1 changed", "priorities 変更1"),
            ("somebody's words; more", "somebody's words; more"),
        ] {
            assert_eq!(changes(summary), expected);
        }
    }
}
