//! What is wrong with schedules, calendars, hours and policies.

use hansho_texts::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    // Moments.
    ("{} is in the year {}; write one between {} and {}", "{} は{}年です。{}年から{}年の間にしてください"),
    (
        "`{}` is no day; write it as {}, or name a calendar such as {}",
        "`{}` は日付ではありません。{} のように書くか、{} のようにカレンダーの名前を書いてください",
    ),
    (
        "`{}` is no day; write it as {}, or as {} for every year, and several days as {}",
        "`{}` は日付ではありません。{}、毎年なら {}、何日か続くなら {} のように書いてください",
    ),
    (
        "`{}` is longer than a year; leave the service's hours out instead",
        "`{}` は1年より長いものです。代わりにサービスのサポート時間を外してください",
    ),
    ("`{}` ends before it begins; write the earlier day first", "`{}` は終わりが始まりより前です。早い日を先に書いてください"),
    (
        "`{}` is no date and time; write it as {}, on the clock of the schedule's time zone",
        "`{}` は日時ではありません。当番表のタイムゾーンの時刻で {} のように書いてください",
    ),
    ("is no date and time; write it as {}, or as {}", "日時ではありません。{} か {} のように書いてください"),
    (
        "`{}` is on no clock; add `time_zone`, or write it with its offset as {}",
        "`{}` はどのタイムゾーンの時刻かわかりません。`time_zone` を加えるか、{} のように時差を付けてください",
    ),
    (
        "{} does not exist in {}: the clock is put forward over it; write {}, or another day",
        "{} は {} に存在しません (時計が進められます)。{} か、別の日にしてください",
    ),
    (
        "`{}` is no time; write it as {}, or {} for a time of the week",
        "`{}` は時刻ではありません。{} か、曜日を付けて {} のように書いてください",
    ),
    (
        "there is no time zone `{}`; write area and city, such as {} or {}",
        "タイムゾーン `{}` はありません。{} や {} のように地域と都市で書いてください",
    ),
    ("there is no time zone `{}`", "タイムゾーン `{}` はありません"),
    ("there is no day `{}`", "曜日 `{}` はありません"),
    ("`{}` is no duration; write {}", "`{}` は時間の長さではありません。{} のように書いてください"),
    ("`{}` has no unit; write {}", "`{}` に単位がありません。{} のように書いてください"),
    ("must be between 1m and 24h", "1分以上、24時間以内にしてください"),
    // Calendars.
    ("has no day at all; write days such as {}", "日が1日もありません。{} のように書いてください"),
    (
        "is in the folder fetched, where the answers of addresses are kept; put it elsewhere",
        "フォルダーfetchedはアドレスの応答の保存場所です。別の場所に置いてください",
    ),
    ("is no iCalendar file by its name; write one such as {}", "iCalendarファイルの名前ではありません。{} のように書いてください"),
    (
        "leads out of the folder of this file; put the calendar beside it, and write {}",
        "このファイルのフォルダーの外です。隣に置いて {} のように書いてください",
    ),
    (
        "there is no file {} in the configuration; put it beside this file, or mend the name",
        "設定にファイル {} がありません。このファイルの隣に置くか、名前を直してください",
    ),
    (
        "says on whose clock the times of a file are, and there is none; remove it, or add `file` or `url`",
        "ファイルの時刻のためのものですが、ファイルがありません。外すか、`file` か `url` を加えてください",
    ),
    ("begins with webcal://; write the same with https://", "webcal:// で始まっています。https:// に変えてください"),
    (
        "has a user name or password in it; use an address that is secret by itself, or a file",
        "ユーザー名やパスワードが含まれています。それ自体が秘密のアドレスか、ファイルを使ってください",
    ),
    ("must begin with https://, so that nobody on the way can change who is woken", "途中で改変されないように https:// で始めてください"),
    (
        "must begin with https://, so that nobody on the way can read or change a page",
        "途中で読まれたり改変されたりしないように https:// で始めてください",
    ),
    (
        "stands beside `file`; make two calendars of it, and `include` one in the other",
        "`file` と一緒には書けません。カレンダーを2つに分け、一方で他方を `include` してください",
    ),
    (
        "what this address answers is not among the files as {}; `hansho check`, `plan` and `apply` ask it, unless they are told --offline",
        "このアドレスの応答 ({}) がファイルにありません。`hansho check`、`plan`、`apply` は --offline でなければ取得します",
    ),
    (
        "has {} dates; {} are the most, so take some out, or end the rules that they come from",
        "{}日あります。{}日までです。減らすか、繰り返しを終わらせてください",
    ),
    ("includes itself; take its name out of `include`", "自分自身を含んでいます。`include` から外してください"),
    (
        "is the name of Japan's national holidays, which are known without being written; choose another name, and `include: [jp-national]` if these are meant too",
        "日本の祝日の名前で、書かなくても使えます。別の名前にし、祝日も含めるなら `include: [jp-national]` と書いてください",
    ),
    // Calendar files.
    (
        "`{}` has no end: the file is cut off; export the calendar again",
        "`{}` に終わりがありません。ファイルが途中で切れています。書き出し直してください",
    ),
    ("{} has `{}`, which is no date; write it as {}, or {}", "{} の `{}` は日付ではありません。{} か {} のように書いてください"),
    ("{} is `{}`; write it as {} or {}", "{} が `{}` です。{} か {} のように書いてください"),
    ("is empty; export the calendar as .ics (iCalendar)", "空です。カレンダーを .ics (iCalendar) で書き出してください"),
    (
        "the events stand for more than {} days; end the rules with UNTIL, or take events out",
        "予定が{}日を超えています。繰り返しをUNTILで終わらせるか、予定を減らしてください",
    ),
    (
        "ends `{}`, and what is open here is `{}` of line {}; export the calendar again",
        "`{}` の終わりですが、ここで開いているのは `{}` ({}行目) です。書き出し直してください",
    ),
    ("the event ends before it begins; mend its DTEND", "予定の終わりが始まりより前です。DTENDを直してください"),
    (
        "the event is longer than a year; leave the service's hours out instead",
        "予定が1年より長いものです。代わりにサービスのサポート時間を外してください",
    ),
    ("is an event without DTSTART; it has no day", "DTSTARTのない予定で、日がありません"),
    (
        "`{}` is no line of an iCalendar file; export the calendar again",
        "`{}` はiCalendarファイルの行ではありません。書き出し直してください",
    ),
    (
        "is no iCalendar file, which begins with BEGIN:VCALENDAR; export the calendar as .ics (iCalendar)",
        "BEGIN:VCALENDARで始まるiCalendarファイルではありません。.ics (iCalendar) で書き出してください",
    ),
    (
        "has no event between {} and {} in it, so no day; export the calendar again, or take it out",
        "{}年から{}年の予定がなく、日がありません。書き出し直すか、外してください",
    ),
    (
        "has no event (VEVENT) in it, so no day; export the calendar again, or take it out",
        "予定 (VEVENT) がなく、日がありません。書き出し直すか、外してください",
    ),
    ("{} is not supported; list the days as EXDATE or RDATE", "{} には対応していません。EXDATEかRDATEで日を列挙してください"),
    (
        "{} in RRULE is not supported; a calendar of days has no times of day",
        "RRULEの {} には対応していません。日のカレンダーに時刻はありません",
    ),
    (
        "{} in RRULE is not supported; a calendar of days repeats by the day at most",
        "RRULEの {} には対応していません。日のカレンダーの繰り返しは1日単位までです",
    ),
    ("RRULE FREQ is {}; write {}", "RRULEのFREQが {} です。{} のどれかを書いてください"),
    (
        "UNTIL in RRULE is a time in UTC, and the event's time zone is not known; give its last day as {}",
        "RRULEのUNTILがUTCの時刻で、予定のタイムゾーンがわかりません。最後の日を {} のように書いてください",
    ),
    (
        "{} is a time in UTC, and nothing says on whose clock it is a day; add `{}` to the calendar",
        "{} がUTCの時刻で、どこの日かわかりません。カレンダーに `{}` を加えてください",
    ),
    (
        "{} is in the time zone `{}`, which is not known; take `time_zone` out, so that each event is on its own clock",
        "{} のタイムゾーン `{}` は知られていません。`time_zone` を外すと、予定ごとの時刻になります",
    ),
    // Support hours.
    ("is empty; write at least one, such as {}", "空です。{} のように1つ以上書いてください"),
    // Schedules and their rotations.
    ("is {}; it must be after {}, when the rotation starts", "{} です。ローテーションの開始 {} より後にしてください"),
    ("is {}; it must be after {}, when they join", "{} です。加わる {} より後にしてください"),
    ("`{}` would never turn; the least is {}", "`{}` では交代しません。{} 以上にしてください"),
    (
        "has nobody in any slot, so nobody would ever be on call; name at least one user, or remove the rotation",
        "誰もいないため、当番がいないままになります。1人以上書くか、ローテーションを外してください",
    ),
    ("is empty; name at least one user", "空です。1人以上書いてください"),
    ("stands beside `users`; write all of them in `users`", "`users` と一緒には書けません。全員を `users` に書いてください"),
    ("names {} twice; remove one", "{} が2回書かれています。一方を外してください"),
    (
        "`nobody` stands alone; take it out of the list, or write it instead of the list",
        "`nobody` は単独で書きます。一覧から外すか、一覧の代わりに書いてください",
    ),
    (
        "names nobody; add `users`, such as {}, or `user: nobody`",
        "誰も書かれていません。{} のように `users` を加えるか、`user: nobody` と書いてください",
    ),
    (
        "names nobody; name a user, or write `nobody` for a slot in which nobody is on call",
        "誰も書かれていません。担当者を書くか、当番のいない枠なら `nobody` と書いてください",
    ),
    ("is empty, so it never matches; name a day, or leave `days` out", "空なので当てはまりません。曜日を書くか、`days` を外してください"),
    (
        "has `days`, and its times name days already; remove one of them",
        "`days` がありますが、時刻にも曜日があります。一方を外してください",
    ),
    (
        "names a day in only one of its times; write {} and {}, or {} and {}",
        "一方の時刻にだけ曜日があります。{} と {}、または {} と {} のように書いてください",
    ),
    (
        "never matches between {} and {}, while the rotation runs; remove it, or mend its times",
        "ローテーションのある {} から {} の間に当てはまりません。外すか、時刻を直してください",
    ),
    (
        "{} has {}; write MO, TU, WE, TH, FR, SA or SU, with a number before it as in 2MO or -1FR",
        "{} が {} です。MO、TU、WE、TH、FR、SA、SUのどれかを、前に数字を付けるなら2MOや-1FRのように書いてください",
    ),
    (
        "{} is not supported; hand-offs are at the time of day of the rotation's start",
        "{} には対応していません。交代の時刻はローテーションの開始と同じです",
    ),
    ("{} is not supported; use {} (such as {}), {} and {}", "{} には対応していません。{} (例: {})、{}、{} を使ってください"),
    (
        "COUNT is {}; it is a number from {} to {}, and without COUNT the rule goes on",
        "COUNTが {} です。{}から{}の数を書いてください。COUNTがなければ続きます",
    ),
    ("{} is not supported; for turns shorter than a day use `{}`", "{} には対応していません。1日より短い交代には `{}` を使ってください"),
    ("{} has no occurrence from {} on; mend the rule", "{} は {} 以降に一度も起きません。規則を直してください"),
    (
        "UNTIL is {}, in UTC; write it on the clock of the schedule, without Z, or use `end`",
        "UNTILがUTCの {} です。Zを付けずに当番表の時刻で書くか、`end` を使ってください",
    ),
    (
        "has no FREQ; begin it with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
        "FREQがありません。FREQ=DAILY、WEEKLY、MONTHLY、YEARLYのどれかで始めてください",
    ),
    ("stands beside `every`; a rotation turns by one of them, so remove the other", "`every` と一緒には書けません。一方を外してください"),
    (
        "is on {}, on which the rule does not occur; start on {}, its first occurrence after that",
        "{} は規則に当てはまりません。その後で最初に当てはまる {} に始めてください",
    ),
    (
        "the key `every` is missing; add it (`every: 1 week`), or `rule` with a recurrence rule",
        "キー `every` がありません。加えるか (`every: 1 week`)、繰り返しの規則を `rule` に書いてください",
    ),
    ("{} is the name of another rotation too", "{} は別のローテーションの名前でもあります"),
    // Escalation policies.
    (
        "never happens, because the last step hands over; repeat the other policy instead",
        "最後の段が引き継ぐため、繰り返しは起きません。引き継ぎ先のポリシーで繰り返してください",
    ),
    (
        "the steps after it are never taken; make it the last one, or say when it hands over",
        "この後の段に進むことはありません。最後の段にするか、いつ引き継ぐかを書いてください",
    ),
    ("a step either calls somebody or hands over; make two steps of it", "段は呼び出すか引き継ぐかのどちらかです。2つの段に分けてください"),
    ("a step that hands over waits for nobody; remove it", "引き継ぐ段は待ちません。外してください"),
    ("stands beside `during`; a step is for one of them, so remove one", "`during` と一緒には書けません。一方を外してください"),
    (
        "asks for nothing; add `priority`, `urgency`, `during` or `outside_of`, or remove it",
        "条件がありません。`priority`、`urgency`、`during`、`outside_of` のどれかを加えるか、外してください",
    ),
    ("hands over in a circle ({}); let one of them end", "引き継ぎが循環しています ({})。どれかを終わらせてください"),
    (
        "this name is kept for alerts that no service claims; add a service `catch-all` that uses the policy, or give it another name",
        "どのサービスのものでもないアラートのための名前です。このポリシーを使うサービス `catch-all` を加えるか、別の名前にしてください",
    ),
    ("is {}; {} is the most", "{} です。{} までです"),
    ("is empty; a policy needs at least one step", "空です。ポリシーには段が1つ以上必要です"),
    ("{} is no target; write {}", "{} は呼び出し先ではありません。{} のように書いてください"),
    (
        "more than {} policies follow each other from here; put the steps of some into one",
        "ここから{}個を超えるポリシーが続きます。いくつかの段を1つにまとめてください",
    ),
    ("names nobody to call; add a user, a schedule or a team", "呼び出す人がいません。人、当番表、チームのどれかを加えてください"),
];
