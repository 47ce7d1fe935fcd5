//! What an incident's timeline keeps: why it is held, why it calls again, whom it could not reach.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    // Why it is held.
    ("paused, because many alerts of this service clear by themselves", "このサービスのアラートは自然に収まることが多いため、一時保留"),
    ("paused by the rule {} for {} s, in case it clears by itself", "自然に収まるかもしれないため、ルール{}により{}秒間保留"),
    ("muted by {}", "{}によるミュート"),
    // Why it calls.
    ("still wrong at the end of the hold", "保留の終了時にもまだ続いています"),
    ("still wrong, and no longer held", "保留が解除され、まだ続いています"),
    ("the maintenance was ended early, and it is still wrong", "メンテナンスが早く終了し、まだ続いています"),
    ("the snooze is over", "スヌーズの終了"),
    ("acknowledged, and not resolved in time", "対応開始後、時間内に解決しませんでした"),
    ("urgent from now on, by the hours of the service", "サポート時間が始まり、緊急になりました"),
    ("nobody can be told of it quietly", "静かに知らせる方法では誰にも連絡がつきません"),
    ("the severity rose and made it urgent", "重大度が上がり、緊急になりました"),
    ("an urgent incident was merged into it", "緊急のインシデントが統合されました"),
    ("an incident that pages was merged into it", "呼び出し中のインシデントが統合されました"),
    // Why the people of last resort are called.
    ("nobody is on call on any step of the policy", "どの段にも当番がいません"),
    ("nobody who was called can be reached", "呼び出した全員に連絡がつきません"),
    ("nobody who was told can be reached", "知らせた全員に連絡がつきません"),
    ("every method they have has failed", "すべての連絡方法が失敗しました"),
    // Why it is over.
    ("open for longer than the service allows", "サービスの定める時間を過ぎました"),
];
