//! What is wrong with files and values, whatever they are about.

use hansho_texts::Sentence;

/// Before all others: what is said behind whatever is wrong.
pub(super) const BEHIND: &[Sentence] = &[
    ("{}; did you mean `{}`?", "{}。`{}` のことですか?"),
    // Some say it in both languages already.
    ("{} (条件は真偽で書く)", "{}"),
];

pub(super) const SENTENCES: &[Sentence] = &[
    // YAML.
    ("`<<` merges maps; give it the alias of a map", "`<<` はマップを取り込みます。マップのエイリアスを書いてください"),
    (
        "a `: ` is not possible here; check that the line above ends with its `:`, that this line is indented as it should be, and that text with `: ` in it is in quotes",
        "ここに `: ` は書けません。上の行が `:` で終わっているか、字下げが正しいか、`: ` を含む文字列が引用符で囲まれているかを確認してください",
    ),
    ("a file must be a map of sections such as `users:`, {}", "ファイルは `users:` などの節のマップです ({})"),
    (
        "a key must be text; put text that begins with `{` or `[` in quotes",
        "キーは文字列です。`{` や `[` で始まる文字列は引用符で囲んでください",
    ),
    (
        "a second document begins here; remove the `---`, or move what follows to a file of its own",
        "ここから2つ目の文書です。`---` を外すか、続きを別のファイルに移してください",
    ),
    ("an anchor repeats itself; remove the alias", "アンカーが自分自身を繰り返しています。エイリアスを外してください"),
    ("text in quotes is not closed; add the closing quote", "引用符が閉じていません。閉じてください"),
    (
        "text that begins with `*` repeats an anchor, and there is none of this name; put the text in quotes, as in {}",
        "`*` で始まる文字列はアンカーの参照ですが、その名前のアンカーがありません。{} のように引用符で囲んでください",
    ),
    ("the tag `{}` is not supported; remove it", "タグ `{}` には対応していません。外してください"),
    ("there is a tab here; indent with spaces", "タブがあります。空白で字下げしてください"),
    (
        "this bracket does not fit the ones before it; check that every one is opened and closed",
        "括弧が対応していません。すべて開いて閉じているか確認してください",
    ),
    ("this bracket is not closed; add the closing one", "括弧が閉じていません。閉じてください"),
    // Files.
    ("can not be read: {}; check the path and its permissions", "読み取れません: {}。パスと権限を確認してください"),
    ("is no ordinary file; remove it, or give it another name", "通常のファイルではありません。外すか、名前を変えてください"),
    ("stands in another file already; write it in one place", "別のファイルにもあります。1か所に書いてください"),
    (
        "stand in another file already; their order is what they mean, so write them in one place",
        "別のファイルにもあります。順番に意味があるので、1か所に書いてください",
    ),
    // Keys.
    ("the key `{}` is missing; add it", "キー `{}` がありません。加えてください"),
    (
        "the key {} stands here twice, first in line {}, column {}; remove one",
        "キー {} が2回あります (最初は{}行{}列)。一方を外してください",
    ),
    ("the key {} stands here twice; remove one", "キー {} が2回あります。一方を外してください"),
    ("unknown key {}; it is called `{}` here", "不明なキー {}。ここでは `{}` と書きます"),
    ("unknown key {}; the keys here are {}", "不明なキー {}。使えるのは {} です"),
    ("unknown key {}", "不明なキー {}"),
    // Values.
    ("{} is not possible here; write {}", "{} は使えません。{} のどれかを書いてください"),
    ("must be a map from the name of each {} to what it is, {}", "名前から内容へのマップです ({}、{})"),
    ("must be a map of keys, {}", "キーのマップです ({})"),
    ("must be a list; write {}", "一覧です。{} のように書いてください"),
    ("must be a list, {}", "一覧です ({})"),
    ("must be text, {}", "文字列です ({})"),
    ("but has no value; give it one or remove it", "値がありません。書くか、外してください"),
    ("but is text", "文字列になっています"),
    ("but is a number", "数値になっています"),
    ("but is a list", "一覧になっています"),
    ("but is a map of keys", "マップになっています"),
    ("YAML reads this as a number; put it in quotes", "YAMLでは数値になります。引用符で囲んでください"),
    ("YAML reads this as true or false; put it in quotes", "YAMLでは真偽値になります。引用符で囲んでください"),
    ("is empty; give it a value or remove it", "空です。書くか、外してください"),
    (
        "has a line break or another control character in it; write it on one line",
        "改行などの制御文字が含まれています。1行で書いてください",
    ),
    ("has a control character in it; remove it", "制御文字が含まれています。外してください"),
    ("is longer than {} bytes; shorten it", "{}バイトを超えています。短くしてください"),
    ("is longer than {} characters; shorten it", "{}文字を超えています。短くしてください"),
    ("has {} characters; {} are the most", "{}文字あります。{}文字までです"),
    ("has {} items; {} are the most", "{}個あります。{}個までです"),
    ("has {} entries; {} are the most", "{}個あります。{}個までです"),
    ("has more than {} entries", "{}個を超えています"),
    // What is named and is not there.
    ("there is no calendar `{}`", "カレンダー `{}` はありません"),
    ("there is no destination `{}`", "送り先 `{}` はありません"),
    ("there is no set of support hours `{}`", "サポート時間 `{}` はありません"),
    ("there is no escalation policy `{}`", "エスカレーションポリシー `{}` はありません"),
    ("there is no schedule `{}`", "当番表 `{}` はありません"),
    ("there is no service `{}`", "サービス `{}` はありません"),
    ("there is no service {}", "サービス {} はありません"),
    ("there is no team `{}`", "チーム `{}` はありません"),
    ("there is no user `{}`", "担当者 `{}` はいません"),
    ("there is no {}", "{} はありません"),
    (
        "there is a character that YAML does not allow here; remove it or put the text in quotes",
        "YAMLで使えない文字があります。外すか、引用符で囲んでください",
    ),
    // Words in a row.
    ("90s, 5m, 1h30m, 4h or 1d", "90s、5m、1h30m、4h、1d"),
    ("{}s, {}m or {}h", "{}s、{}m、{}h"),
    (
        "user/NAME, schedule/NAME, team/NAME, webhook/NAME or channel/NAME",
        "user/NAME、schedule/NAME、team/NAME、webhook/NAME、channel/NAME",
    ),
    ("DAILY, WEEKLY, MONTHLY or YEARLY", "DAILY、WEEKLY、MONTHLY、YEARLY"),
    ("{} hours, {} days, {} weeks or {} months", "{} hours、{} days、{} weeks、{} months"),
    ("sms, email or webhook", "sms、email、webhook"),
    ("2MO or -1FR", "2MO、-1FR"),
    ("Availability, Cost, Performance, Recovery and Security", "Availability、Cost、Performance、Recovery、Security"),
    ("has, all, exists, exists_one, filter and map", "has、all、exists、exists_one、filter、map"),
    ("`{}` or `{}`", "`{}`か`{}`"),
    ("`{}` and `{}`", "`{}`と`{}`"),
];
