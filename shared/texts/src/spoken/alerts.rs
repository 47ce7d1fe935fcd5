//! What Hansho has to say about an alert that opened an incident.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    (
        "{} of its links and images are no https addresses, and were left out",
        "リンクと画像のうち{}件は、httpsのアドレスではないため省きました",
    ),
    (
        "only its header is known: set {} to the bucket into which the receipt rule writes",
        "メールはヘッダーしか読めませんでした: {}に、受信ルールの書き込み先のバケットを設定してください",
    ),
    ("only its header is known: {}", "メールはヘッダーしか読めませんでした: {}"),
    ("it is larger or more deeply nested than what is read of a mail", "大きすぎるか入れ子が深すぎるため、メールの一部だけを読みました"),
    ("SES says {}; look twice before you follow its links", "SESの判定: {}。リンクを開く前に、よく確かめてください"),
    ("SES says {}", "SESの判定: {}"),
    ("look twice before you follow its links", "リンクを開く前に、よく確かめてください"),
    (
        "its integration takes no mail any more; write it into the configuration, or change the address there",
        "連携はメールを受け付けなくなっています。設定に書くか、送信元の宛先を変更してください",
    ),
    (
        "it came in by the integration {}, which the configuration does not have any more; end its key with `{}`, or write the integration again",
        "連携{}から届きましたが、設定から外されています。`{}` でキーを失効させるか、連携を設定に書き直してください",
    ),
    ("the payload is kept with the incident", "受信した内容はインシデントとともに保存しています"),
    ("its description names the service {}, which does not exist", "アラームの説明にあるサービス{}は存在しません"),
    ("its description names the owner {}, and there is no such team", "アラームの説明にあるowner {}というチームはありません"),
    ("its metric names the owner {}, and there is no such team", "メトリクスにあるowner {}というチームはありません"),
    ("its resource names the owner {}, and there is no such team", "リソースにあるowner {}というチームはありません"),
    ("its {} names the owner {}, and there is no such team", "{}にあるowner {}というチームはありません"),
    (
        "no service claims this alarm: add its name to the alarms of one",
        "このアラームを担当するサービスがありません。担当するサービスのalarmsに名前を加えてください",
    ),
    (
        "no service claims this event: add {} or its ARN to the alarms of one, or a rule to the routes",
        "このイベントを担当するサービスがありません。担当するサービスのalarmsに{}かARNを、またはroutesにルールを加えてください",
    ),
    ("The alarm's description says {}: {}, {}.", "アラームの説明の{}にある{}は使えません: {}"),
    ("but it has said so before, and the first one counts", "2回目の指定で、最初のものが有効です"),
    ("which names nobody", "名前がありません"),
    ("which is no service's name (lower-case letters, digits, '-' and '_')", "サービスの名前ではありません (小文字の英数字と - と _)"),
    ("which is not one of critical, error, warning and info", "critical、error、warning、infoのどれかではありません"),
    ("which is not one of SEV1, SEV2, SEV3 and SEV4", "SEV1、SEV2、SEV3、SEV4のどれかではありません"),
    ("which is no web address (https://...)", "ウェブアドレス (https://...) ではありません"),
    (
        "the event is of no category of AWS Health that is known, so it is taken for critical",
        "AWS Healthの既知のカテゴリーではないため、重大とみなします",
    ),
    ("the finding does not say how severe it is, so it is taken for critical", "重大度が示されていないため、重大とみなします"),
    ("it was suppressed at {} ({})", "{}に抑止されていました ({})"),
];
