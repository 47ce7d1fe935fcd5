//! Japanese, about shifts that change hands.

use hansho_domain::SwapStage;

use super::Japanese;
use crate::words::{ShiftLabels, ShiftTongue};

static LABELS: ShiftLabels = ShiftLabels {
    calendar: "当番表",
    on_call: "当番",
    earlier: "前へ",
    later: "次へ",
    today: "今日",
    shifts: "当番の一覧",
    when: "日時",
    who: "担当",
    change: "変更",
    by_hand: "手動で変更",
    rotations: "ローテーションのみの当番",
    overrides: "手動の変更",
    undo: "取り消す",
    undo_confirm: "はい、取り消す",
    done: "変更しました。",
    whose_place: "誰の代わりですか?",
    everybody: "その時間の当番全員",
    who_takes: "誰が代わりますか?",
    of_the_team: "チームの人",
    others: "ほかの人",
    part: "一部の時間だけ",
    part_from: "開始",
    part_until: "終了",
    part_use: "この時間にする",
    confirm: "はい、変更する",
    somebody_else: "ほかの人に代わってもらう",
    swap: "ほかの当番と交換する",
    swap_which: "代わりにどの当番を受け持ちますか?",
    swap_nobody: "この先8週間、ほかの人の当番がありません。",
    swap_ask: "頼む",
    swaps: "返事待ちの交換",
    swap_open: "内容を見る",
    accept: "はい、交換する",
    decline: "断る",
    withdraw: "取り下げる",
    you_give: "渡す当番",
    you_get: "受け取る当番",
    my_shifts: "自分の次の当番",
    no_shifts: "この先4週間、当番はありません。",
    bad_time: "この時間は指定できません。終了は開始と現在より後にして、選び直してください。",
    not_yours: "ここの当番を決めるのは、チームのマネージャーか管理者です。自分が代わることと、自分の当番を渡すことはできます。",
};

impl ShiftTongue for Japanese {
    fn shifts(&self) -> &'static ShiftLabels {
        &LABELS
    }

    fn weeks(&self, count: i64) -> String {
        format!("{count}週間")
    }

    fn stretch(&self, from: &str, until: &str) -> String {
        format!("{from} 〜 {until}")
    }

    fn gap(&self, span: &str) -> String {
        format!("{span}当番なし")
    }

    fn local_time(&self, clock: &str) -> String {
        format!("現地は今{clock}")
    }

    fn changing(&self, before: &str, after: &str, stretch: &str) -> String {
        let named = |names: &str| if names.is_empty() { "なし".to_owned() } else { names.to_owned() };
        format!("{} → {}、{stretch}。", named(before), named(after))
    }

    fn told(&self, names: &str, count: usize) -> String {
        match count {
            0 => "ほかに関係する人はいません。".to_owned(),
            2 => "両方に知らせます。".to_owned(),
            _ => format!("{names}さんに知らせます。"),
        }
    }

    fn not_told(&self, names: &str) -> String {
        format!("{names}さんには知らせる手段がありません。直接伝えてください。")
    }

    fn schedule_zone(&self, zone: &str) -> String {
        format!("この当番表の引き継ぎ時刻は{zone}の時刻で決まります。")
    }

    fn changes_nothing(&self, who: &str) -> String {
        format!("何も変わりません。その時間は{who}さんがすでに当番です。")
    }

    fn elsewhere(&self, who: &str, schedule: &str, stretch: &str) -> String {
        format!("{who}さんは同じ時間に「{schedule}」でも当番です ({stretch})。片方に出られないと、もう片方にも出られません。")
    }

    fn overlaps(&self, stretch: &str) -> String {
        format!("この時間にはほかにも手動の変更があります ({stretch})。今回の変更が優先されます。")
    }

    fn swap_of(&self, by: &str, with: &str) -> String {
        format!("{by}さんから{with}さんへの交換の依頼")
    }

    fn swap_asking(&self, with: &str, until: &str) -> String {
        format!("{with}さんに頼みます。返事の期限は{until}です。承諾されるまで何も変わりません。")
    }

    fn swap_stage(&self, stage: SwapStage, other: &str, is_asker: bool, until: &str) -> String {
        match stage {
            SwapStage::Asked if is_asker => format!("{other}さんに頼んでいます。返事の期限は{until}です。"),
            SwapStage::Asked => format!("{other}さんから交換を頼まれています。{until}までに返事をしてください。"),
            SwapStage::Accepted => "交換が成立し、当番表に反映されました。".to_owned(),
            SwapStage::Declined if is_asker => format!("{other}さんが断りました。何も変わっていません。"),
            SwapStage::Declined => "断りました。何も変わっていません。".to_owned(),
            SwapStage::Withdrawn if is_asker => "取り下げました。何も変わっていません。".to_owned(),
            SwapStage::Withdrawn => format!("{other}さんが取り下げました。何も変わっていません。"),
            SwapStage::Expired => "先の当番が始まるまでに返事がありませんでした。何も変わっていません。".to_owned(),
        }
    }
}
