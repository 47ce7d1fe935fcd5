//! Every mistake of the broken examples is told in Japanese, with nothing of the English sentence left.

use std::{collections::BTreeSet, fs, path::Path};

use hansho_configuration::{in_japanese, load_files};

/// Words that make a sentence English. Names, keys and values of the files stay as they are written there.
const ENGLISH: [&str; 30] = [
    "the", "is", "are", "and", "or", "not", "have", "to", "of", "it", "that", "this", "there", "with", "write", "remove", "add", "must",
    "but", "its", "from", "on", "be", "by", "for", "as", "so", "which", "an", "such",
];

/// The English words of a sentence outside of what it quotes.
fn english(sentence: &str) -> BTreeSet<String> {
    let unquoted: String = sentence.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let unquoted: String = unquoted.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let words = unquoted.split(|c: char| !c.is_ascii_alphanumeric() && !"_./:-=".contains(c));
    words.map(str::to_lowercase).filter(|word| ENGLISH.contains(&word.as_str())).collect()
}

#[test]
fn every_mistake_is_told_in_japanese() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let entries: Vec<_> = fs::read_dir(&folder).expect("the broken examples").map(|entry| entry.expect("an entry").path()).collect();
    let is = |path: &Path, end: &str| path.extension().is_some_and(|extension| extension == end);
    let read = |path: &Path| (path.file_name().expect("a name").into(), fs::read_to_string(path).expect("the text"));
    let calendars: Vec<_> = entries.iter().filter(|path| is(path, "ics")).map(|path| read(path)).collect();
    let mut left = BTreeSet::new();
    let mut count = 0;
    for path in entries.iter().filter(|path| is(path, "yaml")) {
        let files = [vec![read(path)], calendars.clone()].concat();
        for problem in load_files(&files).err().unwrap_or_default() {
            count += 1;
            let told = in_japanese(&problem.message);
            let sentence = told.split_once(": ").filter(|(path, _)| !path.contains([' ', '`'])).map_or(&*told, |(_, sentence)| sentence);
            let words = english(sentence);
            if !words.is_empty() || sentence.is_ascii() {
                left.insert(format!("{words:?} in {told}"));
            }
        }
    }
    assert!(count > 250, "{count} mistakes");
    assert!(left.is_empty(), "{} are not told in Japanese:\n{}", left.len(), left.into_iter().collect::<Vec<_>>().join("\n"));
}
