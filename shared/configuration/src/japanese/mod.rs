//! What is wrong, in Japanese. Problems are found and kept in English, as programs and other tools read them; here is what each says.

mod alerts;
mod files;
mod people;
mod plans;

use std::borrow::Cow;

use hansho_texts::{Sentence, told};

/// All of them. Of two that fit, the first counts.
const TABLES: [&[Sentence]; 5] = [files::BEHIND, people::SENTENCES, plans::SENTENCES, alerts::SENTENCES, files::SENTENCES];

/// The message of a [`Problem`](crate::Problem) in Japanese: its address stays, and so does what is not known here.
pub fn in_japanese(message: &str) -> Cow<'_, str> {
    match message.split_once(": ").filter(|(path, _)| !path.contains([' ', '`'])) {
        Some((path, wrong)) => Cow::Owned(format!("{path}: {}", told(&TABLES, wrong))),
        None => told(&TABLES, message),
    }
}

#[cfg(test)]
mod tests {
    use super::{TABLES, in_japanese};

    #[test]
    fn both_languages_have_room_for_the_same() {
        for (english, japanese) in TABLES.into_iter().flatten() {
            assert_eq!(english.matches("{}").count(), japanese.matches("{}").count(), "{english}");
        }
    }

    #[test]
    fn the_address_stays_and_what_is_wrong_is_told() {
        for (english, japanese) in [
            ("users.aiko: the key `name` is missing; add it", "users.aiko: キー `name` がありません。加えてください"),
            ("there is a tab here; indent with spaces", "タブがあります。空白で字下げしてください"),
            (
                "services.a.urgency: `hgih` is not possible here; write `high`, `low` or `by_severity`",
                "services.a.urgency: `hgih` は使えません。`high`, `low`か`by_severity` のどれかを書いてください",
            ),
            (
                "teams.a.members[0]: there is no user `aikoo`; did you mean `aiko`?",
                "teams.a.members[0]: 担当者 `aikoo` はいません。`aiko` のことですか?",
            ),
            ("routes[0].if: nobody knows this", "routes[0].if: nobody knows this"),
        ] {
            assert_eq!(in_japanese(english), japanese);
        }
    }
}
