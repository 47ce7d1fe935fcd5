//! What is printed.

use hansho_domain::{Language, text::visible};

use super::{Action, Letter, Outcome, Queue, letter::Kind};
use crate::commands::language::word;

/// Every dead letter with what became of it, and what to do next.
pub(super) fn told(language: Language, queues: &[Queue], action: Action<'_>, name: &str) -> String {
    let word = |english, japanese| word(language, english, japanese);
    let mut text = String::new();
    for queue in queues {
        text += &format!("{}: {}\n", queue.name, lying(language, queue));
        if let Some(trouble) = &queue.trouble {
            text += &format!("  {}: {}\n", word("error", "エラー"), visible(trouble));
        }
        for (letter, outcome) in &queue.letters {
            text += &self::letter(language, letter, outcome, action);
        }
    }
    let letters = || queues.iter().flat_map(|queue| &queue.letters);
    let is = |wanted: fn(&Outcome) -> bool| letters().filter(|(_, outcome)| wanted(outcome)).count();
    let replayed = is(|outcome| matches!(outcome, Outcome::Replayed | Outcome::ReplayedAndKept(_)));
    let left = is(|outcome| !matches!(outcome, Outcome::Replayed | Outcome::Deleted));
    let is_all_known = queues.iter().all(|queue| queue.trouble.is_none());
    match action {
        Action::List if left > 0 => {
            text += &match language {
                Language::En => format!(
                    "\n{}: perhaps an alarm that nobody was paged for. Once the cause is mended, work on them again:\n  hansho dead-letters --name {name} --replay\nWhat was taken in before changes nothing: a repeat pages nobody.\n",
                    count(language, left)
                ),
                Language::Ja => format!(
                    "\nデッドレターが {left} 件あります。誰も呼び出されなかったアラームかもしれません。原因を直してから再実行してください:\n  hansho dead-letters --name {name} --replay\n既に受け付けたものは重複して処理されず、二重に呼び出されることはありません。\n"
                ),
            };
        }
        Action::List => {}
        Action::Replay => {
            text += &match language {
                Language::En => format!("\n{replayed} worked on again, {left} left"),
                Language::Ja => format!("\n再実行 {replayed} 件、残り {left} 件"),
            };
            text +=
                if is_all_known { "" } else { word("; not every queue could be asked", "(確認できないキューがあります)") };
            text.push('\n');
            if replayed > 0 {
                text += word(
                    "What fails again is a dead letter again within ten minutes; look once more then.\n",
                    "再び失敗したものは 10 分以内にデッドレターに戻ります。その頃にもう一度確認してください。\n",
                );
            }
        }
        Action::Delete(ids) => {
            let deleted = is(|outcome| matches!(outcome, Outcome::Deleted));
            for id in action.missing(queues) {
                let none = if is_all_known {
                    word(
                        "there is no dead letter with this id now; the list says them",
                        "この ID のデッドレターはありません。一覧で確認してください",
                    )
                } else {
                    word(
                        "not found, and not every queue could be asked",
                        "見つかりません。確認できないキューがあるため、存在しないとは限りません",
                    )
                };
                text += &format!("{}: {none}\n", visible(id));
            }
            text += &match language {
                Language::En => format!("\n{deleted} of {} deleted\n", ids.len()),
                Language::Ja => format!("\n{} 件中 {deleted} 件を削除しました\n", ids.len()),
            };
        }
    }
    text
}

/// How many lie in a queue. Where it could not be asked, or not to its end, nobody knows.
fn lying(language: Language, queue: &Queue) -> String {
    let found = queue.letters.len();
    match (&queue.trouble, found, language) {
        (None, _, _) => count(language, found),
        (Some(_), 0, _) => word(language, "unknown", "不明").to_owned(),
        (Some(_), _, Language::En) => format!("{}, perhaps more", count(language, found)),
        (Some(_), _, Language::Ja) => format!("{found} 件以上"),
    }
}

fn count(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::En, 0) => "empty".to_owned(),
        (Language::En, 1) => "1 dead letter".to_owned(),
        (Language::En, count) => format!("{count} dead letters"),
        (Language::Ja, 0) => "空".to_owned(),
        (Language::Ja, count) => format!("{count} 件"),
    }
}

fn letter(language: Language, letter: &Letter, outcome: &Outcome, action: Action<'_>) -> String {
    let word = |english, japanese| word(language, english, japanese);
    let at = letter.at.map_or_else(|| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string());
    let mut text = format!("  {at}  {}  {}\n", visible(&letter.about), letter.id);
    text += &format!("    {}: {}\n", by(language, letter.kind), visible(&letter.why));
    if matches!(action, Action::List) {
        if letter.kind == Kind::StreamBatch {
            text += &format!(
                "    {}\n",
                word(
                    "its rows are in the table, where the function that looks every minute has found them; --replay looks once more and deletes this",
                    "行はテーブルに残っており、毎分の巡回が処理します。--replay はもう一度巡回してからこれを削除します"
                )
            );
        }
        return text;
    }
    let became = match outcome {
        Outcome::Kept => return text,
        Outcome::Replayed => word("worked on again", "再実行しました").to_owned(),
        Outcome::ReplayedAndKept(why) => {
            format!(
                "{}: {why}",
                word(
                    "worked on again, but not deleted; again would do no harm",
                    "再実行しましたが削除できません。もう一度実行しても害はありません"
                )
            )
        }
        Outcome::Refused(why) => format!("{}: {why}", word("not taken, and kept", "受け付けられず、残しました")),
        Outcome::TooNew => {
            word("came in meanwhile, and kept: it may have failed again", "実行中に届いたため残しました。再び失敗したものかもしれません")
                .to_owned()
        }
        Outcome::Deleted => word("deleted", "削除しました").to_owned(),
    };
    text + &format!("    -> {}\n", visible(&became))
}

fn by(language: Language, kind: Kind) -> &'static str {
    let word = |english, japanese| word(language, english, japanese);
    match kind {
        Kind::Invocation => word("the function failed", "関数の失敗"),
        Kind::StreamBatch => word("rows of the stream were given up", "ストリームの行の断念"),
        Kind::Event => word("EventBridge could not hand it over", "EventBridge の配信失敗"),
        Kind::Schedule => word("Scheduler could not hand it over", "Scheduler の配信失敗"),
        Kind::Notification => word("SNS could not hand it over", "SNS の配信失敗"),
        Kind::Message => word("the queue gave it up", "キューでの断念"),
        Kind::Unknown => word("nobody knows what it is", "種類不明"),
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::{super::letter::Kind, Action, Letter, Outcome, Queue, told};

    fn queue(outcomes: Vec<Outcome>) -> Queue {
        let letter = Letter {
            id: "m-1".to_owned(),
            kind: Kind::Invocation,
            at: "2026-11-20T18:10:00Z".parse().ok(),
            about: "checkout-5xx ALARM".to_owned(),
            why: "RetriesExhausted".to_owned(),
        };
        let letters = outcomes.into_iter().map(|outcome| (letter.clone(), outcome)).collect();
        Queue { function: "alarm-intake", name: "hansho-alarm-intake-dead-letters".to_owned(), letters, trouble: None }
    }

    #[test]
    fn a_list_says_what_why_and_what_to_do_next_in_both_languages() {
        let queues = [queue(vec![Outcome::Kept])];
        assert_eq!(
            told(Language::En, &queues, Action::List, "hansho"),
            "hansho-alarm-intake-dead-letters: 1 dead letter\n  2026-11-20 18:10:00Z  checkout-5xx ALARM  m-1\n    the function failed: RetriesExhausted\n\n1 dead letter: perhaps an alarm that nobody was paged for. Once the cause is mended, work on them again:\n  hansho dead-letters --name hansho --replay\nWhat was taken in before changes nothing: a repeat pages nobody.\n"
        );
        let japanese = told(Language::Ja, &queues, Action::List, "hansho");
        assert!(japanese.contains("デッドレターが 1 件") && japanese.contains("--replay"), "{japanese}");
        assert_eq!(told(Language::En, &[queue(Vec::new())], Action::List, "hansho"), "hansho-alarm-intake-dead-letters: empty\n");
    }

    #[test]
    fn a_queue_that_could_not_be_asked_is_not_said_to_be_empty() {
        let trouble = || Some("nobody has answered sqs:ReceiveMessage".to_owned());
        for (letters, action, language, said) in [
            (vec![], Action::List, Language::En, "hansho-alarm-intake-dead-letters: unknown\n  error: nobody has answered"),
            (vec![], Action::List, Language::Ja, "hansho-alarm-intake-dead-letters: 不明\n  エラー: "),
            (vec![Outcome::Kept], Action::List, Language::En, "dead-letters: 1 dead letter, perhaps more\n"),
            (vec![Outcome::Kept], Action::List, Language::Ja, "dead-letters: 1 件以上\n"),
            (vec![], Action::Replay, Language::En, "0 worked on again, 0 left; not every queue could be asked\n"),
            (vec![], Action::Replay, Language::Ja, "残り 0 件(確認できないキューがあります)\n"),
            (vec![], Action::Delete(&["m-2".to_owned()]), Language::En, "m-2: not found, and not every queue could be asked\n"),
            (vec![], Action::Delete(&["m-2".to_owned()]), Language::Ja, "m-2: 見つかりません。"),
        ] {
            let told = told(language, &[Queue { trouble: trouble(), ..queue(letters) }], action, "hansho");
            assert!(told.contains(said), "{said}: {told}");
            assert!(!told.contains("empty") && !told.contains('空'), "{told}");
        }
    }

    #[test]
    fn what_became_of_each_is_said_and_counted() {
        let outcomes =
            vec![Outcome::Replayed, Outcome::Refused("you may not".to_owned()), Outcome::TooNew, Outcome::ReplayedAndKept("no".to_owned())];
        let said = told(Language::En, &[queue(outcomes)], Action::Replay, "hansho");
        for part in [
            "-> worked on again\n",
            "-> not taken, and kept: you may not",
            "-> came in meanwhile",
            "but not deleted",
            "2 worked on again, 3 left",
            "ten minutes",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let said = told(Language::En, &[queue(vec![Outcome::Deleted])], Action::Delete(&["m-1".to_owned(), "m-2".to_owned()]), "hansho");
        assert!(said.contains("-> deleted") && said.contains("1 of 2 deleted"), "{said}");
        assert!(said.contains("m-2: there is no dead letter with this id") && !said.contains("m-1: there"), "{said}");
    }
}
