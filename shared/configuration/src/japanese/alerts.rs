//! What is wrong with services, integrations, rules, destinations, maintenance windows and tests.

use hansho_texts::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    // Destinations.
    ("a destination is either a webhook or a chat channel; make two of it", "webhookかチャットのどちらかです。2つに分けてください"),
    (
        "leads nowhere; add `webhook` with a `secret`, or `chat` with the address of an incoming webhook of the chat",
        "送り先がありません。`webhook` と `secret` か、チャットの受信webhookのアドレスを `chat` に書いてください",
    ),
    (
        "the key `secret` is missing; add one of 16 to 256 characters, which signs the requests",
        "キー `secret` がありません。署名のための16〜256文字を加えてください",
    ),
    (
        "signs requests to a webhook, and a chat channel takes none; remove it",
        "webhookの署名に使うもので、チャットには要りません。外してください",
    ),
    // Integrations.
    (
        "is for integrations of the type {}, and this one is of the type {}; remove it",
        "{} 型の連携のものですが、これは {} 型です。外してください",
    ),
    ("has {} twice; remove one", "{} が2回書かれています。一方を外してください"),
    ("must be 1 to 100 topics", "トピックは1〜100個です"),
    ("is no ARN of an SNS topic; write one such as {}", "SNSトピックのARNではありません。{} のように書いてください"),
    (
        "is the name of a way in that Hansho has itself; give the integration another name",
        "Hansho自身の受け口の名前です。別の名前にしてください",
    ),
    ("needs two texts: what stands before the key, and what stands behind it", "2つの文字列が必要です: キーの前にあるものと、後にあるもの"),
    ("has no group; put the part that is the key in parentheses", "グループがありません。キーになる部分を丸括弧で囲んでください"),
    (
        "has `regex` and `between`; the key is found in one way, so remove one",
        "`regex` と `between` の両方があります。一方を外してください",
    ),
    ("must be 1 to {}", "1〜{} にしてください"),
    ("must be a whole number, such as {}", "{} のような整数で書いてください"),
    ("must be a small whole number, such as {}", "{} のような小さい整数で書いてください"),
    ("has no condition; give it one, or remove it", "条件がありません。加えるか、外してください"),
    (
        "needs `all` or `any`, and not both: which conditions a mail has to meet",
        "`all` か `any` の一方だけが必要です (メールが満たすべき条件)",
    ),
    ("is no regular expression: {} (syntax: {})", "正規表現ではありません: {} (文法: {})"),
    ("unclosed group", "グループが閉じていません"),
    ("look-around, including look-ahead and look-behind, is not supported", "先読みと後読みには対応していません"),
    ("a severity needs 1 to 50 words", "深刻度ごとに1〜50語が必要です"),
    ("is too large when it is compiled; ask for fewer repetitions", "コンパイルすると大きくなりすぎます。繰り返しを減らしてください"),
    (
        "needs one of `subject`, `body` and `sender`, with a regular expression; write a condition for each",
        "`subject`、`body`、`sender` のどれか1つと正規表現が必要です。条件は1つずつ書いてください",
    ),
    // Maintenance windows.
    (
        "is open all the time, so its alerts would page nobody for a week each; leave time between its `windows`",
        "常に開いているため、アラートが1週間ずつ誰も呼び出さなくなります。`windows` の間を空けてください",
    ),
    (
        "begins with `{}`, as the names of windows do that people begin with `hansho maintenance add`; choose another name",
        "`{}` で始まる名前は `hansho maintenance add` で始めたもののためです。別の名前にしてください",
    ),
    ("is more than 31 days after `from`; make it shorter", "`from` から31日を超えています。短くしてください"),
    ("is not after `from`; a window ends after it begins", "`from` より後ではありません。始まりより後に終わるようにしてください"),
    (
        "stands beside `from` or `until`; a window is either once or in `windows`, so remove one",
        "`from` や `until` と一緒には書けません。1回だけか `windows` か、一方を外してください",
    ),
    (
        "says not when; write `from` and `until`, or `time_zone` and `windows` for one that comes back",
        "いつかが書かれていません。`from` と `until` か、繰り返すなら `time_zone` と `windows` を書いてください",
    ),
    (
        "has `windows` and no `time_zone`; add the zone on whose clock they are",
        "`windows` がありますが `time_zone` がありません。タイムゾーンを加えてください",
    ),
    ("must be a number of whole days from 1d to 730d", "1dから730dまでの日数で書いてください"),
    // Rules.
    (
        "has `{}` beside `&&`, which is a text and neither true nor false; compare it, such as {}",
        "`&&` の隣の `{}` は文字列で、真偽値ではありません。{} のように比べてください",
    ),
    ("has the regular expression {}, which can not be read: {}", "正規表現 {} を読み取れません: {}"),
    ("is a text, and a condition is true or false; compare it, such as {}", "文字列です。条件は真偽値なので、{} のように比べてください"),
    ("is no expression that can be read, at column {} of it: {}", "式の{}文字目を読み取れません: {}"),
    ("there is no function `{}`; there are {}, and {}", "関数 `{}` はありません。使えるのは {}、{} です"),
    ("there is no variable `{}`; there are {}", "変数 `{}` はありません。使えるのは {} です"),
    ("there is no tag `{}`; there are {}", "タグ `{}` はありません。使えるのは {} です"),
    ("there is no filter `{}`; there are {}", "フィルター `{}` はありません。使えるのは {} です"),
    (
        "`{}` is no label; labels are letters, digits, `_`, `-`, `.` and `/`, such as {}",
        "`{}` はラベルではありません。英数字と _、-、.、/ で {} のように書いてください",
    ),
    (
        "`{}` is no label; labels are letters, digits, `_`, `-`, `.` and `/`",
        "`{}` はラベルではありません。英数字と _、-、.、/ で書いてください",
    ),
    (
        "must be between 1s and 1h; for longer use a maintenance window",
        "1秒以上、1時間以内にしてください。長いものはメンテナンスを使ってください",
    ),
    ("must be between 1m and 30 days (720h)", "1分以上、30日 (720h) 以内にしてください"),
    ("is no web address; it must start with https://", "ウェブアドレスではありません。https:// で始めてください"),
    ("has `{{` without `}}`; write it as {}", "`{{` に対する `}}` がありません。{} のように書いてください"),
    (
        "has {} in it, and only a label of the alert can stand there, such as {}",
        "{} があります。ここに書けるのは {} のようなアラートのラベルだけです",
    ),
    ("has {} in it: {}", "{} があります: {}"),
    ("does nothing; write what is done, such as {}, or remove the rule", "何もしません。{} のように書くか、ルールを外してください"),
    ("pauses what it suppresses; remove one of them", "抑止するものを保留しています。一方を外してください"),
    (
        "the name `{}` is given to another rule above; traces tell rules apart by it",
        "名前 `{}` は上の別のルールにもあります。記録ではルールを名前で区別します",
    ),
    // Services.
    ("is empty; write an alarm name such as {}", "空です。{} のようなアラームの名前を書いてください"),
    ("needs the ARN of a response plan, such as {}; `{}` has them", "{} のような対応プランのARNが必要です。`{}` で確認できます"),
    (
        "has a category that is empty or longer than 64 characters; OpsCenter has {}",
        "カテゴリーが空か64文字を超えています。OpsCenterには {} があります",
    ),
    (
        "is beside `incident_manager`, and an incident goes to one of them; remove one",
        "`incident_manager` と一緒には書けません。一方を外してください",
    ),
    ("has a `map` and no `label`; write which label it is about", "`map` がありますが `label` がありません。どのラベルかを書いてください"),
    ("says nothing; give it a `label` with a `map`, or a `default`", "内容がありません。`label` と `map` か、`default` を加えてください"),
    (
        "this name is kept for the canary, which calls nobody; give the service another name",
        "動作確認のための名前です。別の名前にしてください",
    ),
    (
        "this name is kept for test pages, which call whoever asks for one; give the service another name",
        "テストの呼び出しのための名前です。別の名前にしてください",
    ),
    // Messages.
    ("is no template that can be filled: line {}: {} (テンプレートの誤り)", "テンプレートの{}行目に誤りがあります: {}"),
    (
        "its own words take {} {} of an SMS, and beside the severity, what happened and the link there is room for {}; make it shorter (SMSに入りません)",
        "文面だけでSMSの{}文字分 ({}) になります。深刻度、件名、リンクのほかに入るのは{}文字分です。短くしてください",
    ),
    ("characters (70 in all, because some are not in the alphabet of SMS)", "全体で70文字"),
    ("characters", "全体で160文字"),
    ("a tag is not closed", "タグが閉じていません"),
    ("a quote is not closed", "引用符が閉じていません"),
    ("`{}` is not possible in a tag", "タグの中で `{}` は使えません"),
    (
        "says nothing; give it `en` or `ja` with a `line`, a `subject` or a `body`, or remove it for the standard texts",
        "内容がありません。`en` か `ja` に `line`、`subject`、`body` を加えるか、標準の文面なら外してください",
    ),
    ("is empty; remove it for the standard text", "空です。標準の文面なら外してください"),
    // Tests.
    ("stands beside `service`; a test is about one of them, so remove the other", "`service` と一緒には書けません。一方を外してください"),
    (
        "says whom they ask for help, and they do not ask; write `with: request`, or remove it",
        "応援を頼む相手がありますが、頼んでいません。`with: request` と書くか、外してください",
    ),
    ("asks for help, and does not say whom; add `to`, such as {}", "応援を頼む相手がありません。{} のように `to` を加えてください"),
    ("is empty; say who has to be paged, such as {}", "空です。誰が呼び出されるべきかを {} のように書いてください"),
    (
        "names nobody; write a person, team/NAME, schedule/NAME or everybody",
        "誰も書かれていません。人、team/名前、schedule/名前、everybodyのどれかを書いてください",
    ),
    ("names nobody; say whom they ask for help, such as {}", "誰も書かれていません。応援を頼む相手を {} のように書いてください"),
    ("must be longer than nothing; write {}", "0より長くしてください (例: {})"),
    ("stands beside a time that says its zone itself; remove one of them", "時刻にタイムゾーンが含まれています。一方を外してください"),
    (
        "expects nothing; add `expect`, `never` or `silent_for`",
        "期待がありません。`expect`、`never`、`silent_for` のどれかを加えてください",
    ),
    (
        "the key `service` is missing; add it, or `alarm` with the name of an alarm",
        "キー `service` がありません。加えるか、`alarm` にアラームの名前を書いてください",
    ),
];
