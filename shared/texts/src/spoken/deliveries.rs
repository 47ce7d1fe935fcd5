//! What became of a message: why it is sent again, why it failed, why it need not be sent.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    // Why it was not sent, or not by itself.
    ("no longer needed: the request was answered or cancelled", "不要になりました: 応援の依頼は回答済みか取り消し済みです"),
    ("no longer needed: the incident is held", "不要になりました: インシデントは保留中です"),
    ("no longer needed: the incident is triggered", "不要になりました: インシデントは再び発生中です"),
    ("no longer needed: the incident is acknowledged", "不要になりました: インシデントは対応中です"),
    ("no longer needed: the incident is exhausted", "不要になりました: 全員の呼び出しが終わっています"),
    ("no longer needed: the incident is resolved", "不要になりました: インシデントは解決済みです"),
    ("no longer needed: the time to sign in by it is over", "不要になりました: サインインの期限を過ぎました"),
    ("no longer needed: the period of the drill is over", "不要になりました: 訓練の期間を過ぎました"),
    ("no longer needed: the hand-off is over", "不要になりました: 引き継ぎの時刻を過ぎました"),
    ("no longer needed: the incident is {}", "不要になりました: インシデントは{}です"),
    ("no longer needed: their address has changed", "不要になりました: 連絡先が変わりました"),
    ("no longer needed: another invitation was sent, or it was ended", "不要になりました: 新しい招待を送ったか、招待が無効になりました"),
    ("no longer needed: the time that it is about is over", "不要になりました: 対象の時間を過ぎました"),
    (
        "no longer needed: the swap was answered, or nobody can answer it any more",
        "不要になりました: 交換は返事が済んだか、返事ができなくなりました",
    ),
    ("no longer needed: the drill was called off", "不要になりました: 訓練は中止されました"),
    ("no longer needed: the schedule has changed", "不要になりました: 当番表が変わりました"),
    ("in one message with {} others", "ほかの{}件とまとめて送信"),
    ("in one message with {}", "{}とまとめて送信"),
    ("waits a moment, so that several go together", "まとめて送るため、少し待っています"),
    ("its incident does not exist", "インシデントがありません"),
    (
        "its incident can not be read; the people of last resort are paged about that",
        "インシデントを読み取れません。最終連絡先を呼び出しています",
    ),
    ("an attempt before this one failed for good", "前の試行が失敗で終わっています"),
    ("the canary has arrived", "動作確認の通知が届きました"),
    // Why it is given up.
    ("given up, though it may have been sent: {}", "断念しました。ただし届いた可能性があります: {}"),
    ("given up: {}", "断念しました: {}"),
    // What the person lacks.
    ("they have no phone number; add it to their contact methods", "電話番号がありません。連絡先に追加してください"),
    ("they have no mail address; add it to their contact methods", "メールアドレスがありません。連絡先に追加してください"),
    ("they have no webhook secret; add it to their contact methods", "webhookの秘密鍵がありません。連絡先に追加してください"),
    ("they have no webhook; add it to their contact methods", "webhookがありません。連絡先に追加してください"),
    ("they have no {}; add it to their contact methods", "{}がありません。連絡先に追加してください"),
    ("they are not in the configuration any more", "設定から外されています"),
    ("their profile can not be read; apply the configuration again", "プロフィールを読み取れません。設定を適用し直してください"),
    ("the address of {} can not be read; apply the configuration again", "{}のアドレスを読み取れません。設定を適用し直してください"),
    ("{} is not in the configuration any more", "{}は設定から外されています"),
    (
        "A phone number is written with its country code and digits only, such as +819012345678.",
        "電話番号は国番号と数字だけで書きます (例: +819012345678)。",
    ),
    (
        "A mail address is written as name@example.com, without a display name.",
        "メールアドレスは表示名を付けずにname@example.comのように書きます。",
    ),
    ("A webhook's secret has 16 to 256 characters.", "webhookの秘密鍵は16〜256文字です。"),
    (
        "A webhook's address is a web address without user name and password, such as https://hooks.example.com/hansho.",
        "webhookのアドレスは、ユーザー名とパスワードを含まないウェブアドレスです (例: https://hooks.example.com/hansho)。",
    ),
    // What a report says later.
    ("the mail bounced ({}, {})", "メールが不達で戻りました ({}、{})"),
    ("SES rejected the mail", "SESがメールを拒否しました"),
    ("the mail was reported as spam", "メールが迷惑メールとして報告されました"),
    ("SES could not make the mail", "SESがメールを作成できませんでした"),
    ("the SMS did not arrive: no reason given", "SMSが届きませんでした (理由の記載なし)"),
    ("the SMS did not arrive: {}", "SMSが届きませんでした: {}"),
    // What AWS answers.
    ("AWS is throttling requests.", "AWSがリクエストを制限しています。"),
    ("AWS had an internal error.", "AWSの内部エラーです。"),
    ("The credentials had just expired.", "認証情報の期限が切れた直後でした。"),
    (
        "AWS did not accept Hansho's credentials; check the role of the function.",
        "AWSがHanshoの認証情報を受け付けません。関数のロールを確認してください。",
    ),
    (
        "The phone has opted out of SMS; opt it in again in the SNS console (possible once in 30 days).",
        "この電話番号はSMSを受信拒否 (オプトアウト) しています。SNSコンソールで解除してください (30日に1回可能)。",
    ),
    (
        "The month's spending limit for SMS is reached; raise it in AWS End User Messaging.",
        "SMSの今月の利用上限に達しました。AWS End User Messagingで引き上げてください。",
    ),
    (
        "SNS did not accept the number, the sender or the text; check the contact method and the SMS settings.",
        "SNSが電話番号、送信元、本文のいずれかを受け付けません。連絡先とSMSの設定を確認してください。",
    ),
    ("Hansho may not send SMS; allow its role sns:Publish.", "SMSを送る権限がありません。ロールにsns:Publishを許可してください。"),
    (
        "SNS could not use the encryption key; check the key and its policy.",
        "SNSが暗号化キーを使えません。キーとそのポリシーを確認してください。",
    ),
    (
        "SNS has disabled the endpoint; enable it again in the SNS console.",
        "SNSがエンドポイントを無効にしました。SNSコンソールで有効に戻してください。",
    ),
    ("SNS does not know the endpoint; check the contact method.", "SNSにエンドポイントがありません。連絡先を確認してください。"),
    (
        "The AWS account may not use SNS; finish its registration.",
        "このAWSアカウントではSNSを使えません。アカウントの登録を完了してください。",
    ),
    (
        "The day's quota of mails is used up; raise it in Service Quotas.",
        "メールの1日の送信上限に達しました。Service Quotasで引き上げてください。",
    ),
    (
        "SES does not know the sender, or is in the sandbox and does not know the recipient; verify the identity, or ask for production access.",
        "SESで送信元が検証されていないか、サンドボックス内で宛先が検証されていません。検証するか、本番利用を申請してください。",
    ),
    (
        "The MAIL FROM domain is not verified in SES; complete its DNS records.",
        "SESのMAIL FROMドメインが検証されていません。DNSレコードを設定してください。",
    ),
    (
        "SES rejected the mail; check the sender and whether the recipient is on the suppression list.",
        "SESがメールを拒否しました。送信元と、宛先がサプレッションリストにないかを確認してください。",
    ),
    ("SES has suspended the account for good; contact AWS support.", "SESがアカウントを停止しました。AWSサポートに連絡してください。"),
    (
        "Sending is paused for the account or the configuration set; resume it in the SES console.",
        "アカウントか設定セットの送信が一時停止しています。SESコンソールで再開してください。",
    ),
    ("SES does not know the configuration set; check the mail settings.", "SESに設定セットがありません。メールの設定を確認してください。"),
    (
        "SES did not accept the mail; check the sender and the address of the contact method.",
        "SESがメールを受け付けません。送信元と連絡先のアドレスを確認してください。",
    ),
    (
        "Hansho may not send mail; allow its role ses:SendEmail on the identity and the configuration set.",
        "メールを送る権限がありません。IDと設定セットへのses:SendEmailをロールに許可してください。",
    ),
    (
        "No sender address is configured, so no mail can be sent; verify an identity in SES and set it as the sender.",
        "送信元アドレスが設定されていないため、メールを送れません。SESで検証したアドレスを設定してください。",
    ),
    ("The mail could not be put together.", "メールを作成できませんでした。"),
    ("The SMS attribute {} could not be set.", "SMSの属性{}を設定できませんでした。"),
    ("No text message can go out. The deployment is wrong about {}.", "SMSを送れません。デプロイの設定に誤りがあります: {}"),
    ("The message was meant for {} but carries an address for {}.", "{}用のメッセージですが、宛先が{}用です。"),
    ("a chat channel", "チャット"),
    // What a webhook or a chat answers.
    ("The chat did not answer in time.", "チャットから時間内に応答がありませんでした。"),
    ("The webhook did not answer in time.", "webhookから時間内に応答がありませんでした。"),
    (
        "The webhook redirects elsewhere (HTTP {}), which is not followed; give the final address.",
        "webhookが別のアドレスに転送しています (HTTP {})。転送先のアドレスを設定してください。",
    ),
    (
        "The webhook refused the request (HTTP {}); check its secret and its rights.",
        "webhookがリクエストを拒否しました (HTTP {})。秘密鍵と権限を確認してください。",
    ),
    ("The webhook is not there (HTTP {}); check its address.", "webhookが見つかりません (HTTP {})。アドレスを確認してください。"),
    ("The webhook refused the request (HTTP {}).", "webhookがリクエストを拒否しました (HTTP {})。"),
    ("The webhook could not take it (HTTP {}).", "webhookが受け取れませんでした (HTTP {})。"),
    (
        "The request to the webhook could not be sent; check its address.",
        "webhookにリクエストを送れませんでした。アドレスを確認してください。",
    ),
    ("The request to the webhook could not be put together.", "webhookへのリクエストを作成できませんでした。"),
    (
        "The webhook could not be reached: its name, its connection or its certificate failed.",
        "webhookに接続できませんでした (名前解決、接続、証明書のいずれか)。",
    ),
    (
        "The webhook's address is not encrypted; it must start with https://.",
        "webhookのアドレスが暗号化されていません。https://で始まるアドレスにしてください。",
    ),
    (
        "The webhook's address leads to {}, which Hansho does not call; use a public address, or allow private addresses in the settings.",
        "webhookのアドレスが{}を指しているため、送信しません。公開アドレスを使うか、設定でプライベートアドレスを許可してください。",
    ),
    ("this host", "このホスト自身"),
    ("a private network", "プライベートネットワーク"),
    ("a carrier's private network", "通信事業者の内部ネットワーク"),
    ("a link-local address", "リンクローカルアドレス"),
    ("a reserved address", "予約済みアドレス"),
    ("a documentation address", "文書用アドレス"),
    ("a benchmarking network", "ベンチマーク用ネットワーク"),
    ("a multicast address", "マルチキャストアドレス"),
    // What stands around an answer that is not known.
    ("{} answered something that can not be read.", "{}の応答を読み取れませんでした。"),
    ("{} did not answer in time.", "{}から時間内に応答がありませんでした。"),
    ("{} could not be reached.", "{}に接続できませんでした。"),
    ("The connection to {} broke before the answer came.", "{}との接続が応答の前に切れました。"),
    (
        "The request to {} could not be put together; check the settings.",
        "{}へのリクエストを作成できませんでした。設定を確認してください。",
    ),
    ("{} could not be asked.", "{}に送信を依頼できませんでした。"),
    ("{} could not take it. ({} {} HTTP {})", "{}が受け取れませんでした。({} {} HTTP {})"),
    ("{} refused the message. ({} {} HTTP {})", "{}がメッセージを拒否しました。({} {} HTTP {})"),
    ("{} (SNS {})", "{} (SNS {})"),
    ("{} (SES {})", "{} (SES {})"),
];
