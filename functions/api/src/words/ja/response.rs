//! Japanese, for what people do together.

use hansho_domain::{Priority, Rejected};

use super::Japanese;
use crate::{
    page,
    words::response::{ResponseLabels, ResponseTongue},
};

static LABELS: ResponseLabels = ResponseLabels {
    reassign: "担当を変える",
    reassign_confirm: "担当を変える",
    request: "応援を頼む",
    request_confirm: "応援を頼む",
    request_explanation: "今の担当は変わりません。頼んだ相手が答えるまで呼び出します。",
    whom: "誰に?",
    on_call_group: "今の当番",
    teams_group: "チームの全員",
    people_group: "1人",
    policies_group: "エスカレーションポリシー (1段目から)",
    find: "名前の一部",
    find_button: "探す",
    message: "相手への一言 (SMSで届きます)",
    question: "今実行すると:",
    change: "選び直す",
    back: "インシデントに戻る",
    nothing_to_take: "担当者のいない件はありません。",
    changed: "まだ何もしていません。表示していた内容から状況が変わりました。もう一度確認してから押してください。",
    held_no_longer: "保留は終わります。",
    raise_explanation: "迷ったら1段高く。一覧とメッセージで、より重要なものとして扱われます。これだけでは誰も呼び出しません。",
    raise_confirm: "はい、上げる",
    make_urgent: "緊急にする",
    make_urgent_confirm: "はい、緊急にする",
    note: "メモを書く",
    note_label: "メモ",
    note_hint: "このインシデントを見る全員が読めます。マークダウン記法: **太字**、`コード`、箇条書き、リンク。",
    note_save: "残す",
    note_refused: "メモを残せませんでした。1文字以上4000文字以内で書いてください。",
};

impl ResponseTongue for Japanese {
    fn response(&self) -> &'static ResponseLabels {
        &LABELS
    }

    fn left_out(&self, count: usize) -> String {
        format!("ほかに{count}人います。名前の一部で探してください。")
    }

    fn taken_from(&self, people: &str) -> String {
        format!("{people}は担当から外れます。")
    }

    fn no_longer_called(&self, people: &str) -> String {
        format!("呼び出しを止める相手: {people}")
    }

    fn raise(&self, to: Priority) -> String {
        format!("優先度を1段上げる ({})", page::priority(to))
    }

    fn making_urgent(&self, people: &str) -> String {
        if people.is_empty() {
            "以後、緊急として扱います。次に呼び出すときは、相手を起こします。".to_owned()
        } else {
            format!("以後、緊急として扱います。すぐに呼び出します: {people}")
        }
    }

    fn note_of(&self, who: &str) -> String {
        format!("{who}のメモ:")
    }

    fn refused(&self, why: &Rejected) -> &'static str {
        match why {
            Rejected::NobodyToCall => "今は当番がいないため、誰も呼び出せません。ほかの相手を選んでください。",
            Rejected::NobodyToAsk => "今は当番がいないか、すでに頼んであるため、誰にも頼めません。ほかの相手を選んでください。",
            Rejected::TooManyAsked => "同時に頼めるのは20人、4回までです。返事を待ってください。",
            Rejected::Resolved => "すでに解決しています。もう誰も呼び出しません。",
            Rejected::UnknownPolicy(_) => "このエスカレーションポリシーは、もうありません。ほかを選んでください。",
            Rejected::MessageLength => "相手への一言が長すぎます。200文字以内で書いてください。",
            Rejected::Merged(_) | Rejected::NewerIncident(_) => "対応は別のインシデントで続いています。そちらを開いてください。",
            Rejected::NotResolved
            | Rejected::SnoozeOutOfRange
            | Rejected::NotAsked
            | Rejected::MergeIntoItself
            | Rejected::MergeTargetResolved
            | Rejected::MergeTargetUnknown(_)
            | Rejected::TooManyMerged
            | Rejected::UsedName
            | Rejected::NoteLength => "今の状態ではできません。戻って、もう一度確認してください。",
        }
    }
}
