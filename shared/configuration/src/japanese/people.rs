//! What is wrong with people, teams, and what is said of them.

use hansho_texts::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    ("there are none, so nobody can be paged; add one under `users:`", "1人もいないため、誰も呼び出せません。`users:` に加えてください"),
    ("can not be reached; add `phone`, `email` or `webhook`", "連絡先がありません。`phone`、`email`、`webhook` のどれかを加えてください"),
    (
        "can not be sent to: it must have ASCII characters only, and no dot at its start",
        "送信できないアドレスです。ASCII文字だけにし、先頭に点を置かないでください",
    ),
    (
        "is no mail address; write it as {}, without a name or brackets",
        "メールアドレスではありません。名前や括弧を付けずに {} のように書いてください",
    ),
    ("{} has no {}; add it to the person or choose another method", "{} には {} がありません。連絡先に加えるか、別の方法を選んでください"),
    ("the person has no {}; add it, or choose another method", "この人には {} がありません。加えるか、別の方法を選んでください"),
    ("is shorter than a minute or longer than two weeks", "1分以上、2週間以内にしてください"),
    ("is longer than a day", "1日以内にしてください"),
    ("`{}` is too long", "`{}` は長すぎます"),
    ("`{}` is not supported yet; use {}", "`{}` にはまだ対応していません。{} を使ってください"),
    (
        "is on the person's clock, and they have no `time_zone`; add it to the person, such as {}",
        "本人の時刻ですが `time_zone` がありません。{} のように加えてください",
    ),
    ("names {} as their own cover; name somebody else", "{} 自身が代わりになっています。別の人を書いてください"),
    ("must be one person; write it as {}", "1人だけを {} のように書いてください"),
    ("is empty; name a day, or leave `days` out for every day", "空です。曜日を書くか、毎日なら `days` を外してください"),
    (
        "names a `cover`, who is called for high urgency only; write `urgency: high`, or remove `cover`",
        "`cover` (代わりの人) は緊急度が高いときだけ呼び出されます。`urgency: high` と書くか、`cover` を外してください",
    ),
    (
        "names a `cover`, who takes every page whatever the method; remove `methods`",
        "`cover` (代わりの人) は方法によらずすべてを受けます。`methods` を外してください",
    ),
    (
        "would hide pages of high urgency; name who is called instead, such as {}, or write `urgency: low`",
        "緊急度の高い呼び出しが届かなくなります。代わりの人を {} のように書くか、`urgency: low` と書いてください",
    ),
    (
        "must begin with + and the country code, without the number's leading 0: a Japanese 090-1234-5678 is {}",
        "+ と国番号で始め、先頭の0は付けません。日本の 090-1234-5678 は {} です",
    ),
    (
        "must have the country code after the +, and no 0 after it: a Japanese 090-1234-5678 is {}",
        "+ の後に国番号を書き、その後に0は付けません。日本の 090-1234-5678 は {} です",
    ),
    (
        "needs `webhook_secret` beside it, 16 to 256 characters that sign what is sent there; nothing is sent without",
        "署名のための `webhook_secret` (16〜256文字) も必要です。なければ何も送られません",
    ),
    ("must have 16 to 256 characters", "16〜256文字にしてください"),
    (
        "signs requests to a webhook, and there is none; add `webhook`, or remove it",
        "webhookの署名に使いますが、`webhook` がありません。加えるか、これを外してください",
    ),
    (
        "this user is already given in {}; remove one, or give it another name",
        "この担当者は {} にもあります。一方を外すか、別の名前にしてください",
    ),
    (
        "`nobody` stands for an empty slot of a rotation; give the person another name",
        "`nobody` はローテーションの空きを表します。別の名前にしてください",
    ),
    (
        "is the name of a parameter, whose value only a secret or a webhook's address has; write the name itself",
        "パラメーターの名前です。値を受け取れるのは秘密鍵とwebhookのアドレスだけです。名前そのものを書いてください",
    ),
    (
        "{} is not a valid user name: use lower-case letters a-z, digits, '-' and '_'",
        "{} は担当者の名前に使えません。小文字の英字、数字、-、_ で書いてください",
    ),
    ("{} is not a valid service name: it is longer than 40 characters", "{} はサービスの名前に使えません。40文字以内にしてください"),
    ("{} is in it twice", "{} が2回書かれています"),
    ("has nobody in it; name at least one user", "誰もいません。1人以上書いてください"),
    // Allowances.
    (
        "must end with a class that fits every moment: one with a name alone, such as {}",
        "最後は、いつでも当てはまる区分 (名前だけのもの。例: {}) にしてください",
    ),
    (
        "has only one of `from` and `to`; write both, or none of them for the whole day",
        "`from` と `to` の一方だけです。両方書くか、終日なら両方外してください",
    ),
    (
        "stands in another file already; an organisation has one set of allowances, so write them in one place",
        "別のファイルにもあります。手当の設定は1か所に書いてください",
    ),
];
