//! The user guide is the same in both languages, and names pages and buttons as they are called.
#![expect(clippy::unwrap_used, reason = "a file that can not be read fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn guide(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// By what a page says: what it is called in the sources of a language, such as `app.rs: on_call`.
fn words(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join("functions/api/src/words");
    let mut files = vec![folder.join(language).with_extension("rs")];
    files.extend(fs::read_dir(folder.join(language)).unwrap().map(|entry| entry.unwrap().path()));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let stem = file.file_stem().unwrap().to_str().unwrap().replace(language, "labels");
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some((field, rest)) = line.trim().split_once(": \"") else { continue };
            let Some(word) = rest.strip_suffix("\",") else { continue };
            found.entry(word.to_owned()).or_default().insert(format!("{stem}: {field}"));
        }
    }
    assert!(found.len() > 150, "{} words of {language} were found", found.len());
    found
}

/// What stands in bold.
fn names(guide: &str) -> BTreeSet<String> {
    guide.split("**").skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_page_and_button_of_the_guide_is_called_so_and_both_languages_name_the_same() {
    let mut named = Vec::new();
    for (file, language) in [("guide.md", "en"), ("guide.ja.md", "ja")] {
        let (words, names) = (words(language), names(&guide(file)));
        assert!(names.len() > 25, "{names:?}");
        let unknown: Vec<_> = names.iter().filter(|name| !words.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "{file} names what no page says: {unknown:?}");
        named.push(names.into_iter().map(|name| (words[&name].clone(), name)).collect::<Vec<_>>());
    }
    for (here, there) in [(&named[0], &named[1]), (&named[1], &named[0])] {
        let missing: Vec<_> = here.iter().filter(|(fields, _)| !there.iter().any(|(others, _)| !fields.is_disjoint(others))).collect();
        assert!(missing.is_empty(), "only one of both languages names these: {missing:?}");
    }
}

#[test]
fn both_guides_have_the_same_parts_in_the_same_order() {
    let parts = |guide: &str| -> Vec<String> {
        let lines = guide
            .lines()
            .filter(|line| line.starts_with("<a id=") || line.starts_with('#') || line.starts_with("- ") || line.starts_with("1. "));
        lines.map(|line| if line.starts_with("<a") { line.to_owned() } else { line.split(' ').next().unwrap().to_owned() }).collect()
    };
    let (english, japanese) = (parts(&guide("guide.md")), parts(&guide("guide.ja.md")));
    assert_eq!(english, japanese);
    assert!(english.iter().filter(|part| part.starts_with("<a id=")).count() >= 11, "{english:?}");
}

/// The commands are the same to the letter, so that what was tried in one language works in the other.
#[test]
fn both_readmes_have_the_same_parts_tables_and_commands() {
    let (english, japanese) =
        (fs::read_to_string(root().join("README.md")).unwrap(), fs::read_to_string(root().join("README.ja.md")).unwrap());
    let code = |text: &str| -> Vec<String> { text.split("```").skip(1).step_by(2).map(str::to_owned).collect() };
    assert!(code(&english).len() > 8);
    assert_eq!(code(&english), code(&japanese));
    let prose = |text: &str| text.split("```").step_by(2).collect::<Vec<_>>().join("");
    let shape = |text: &str| -> Vec<&'static str> {
        let kind = |line: &str| match line {
            line if line.starts_with("## ") => Some("part"),
            line if line.starts_with('|') => Some("row"),
            line if line.starts_with("- ") => Some("point"),
            _ => None,
        };
        prose(text).lines().filter_map(kind).collect()
    };
    assert_eq!(shape(&english), shape(&japanese));
    let commands = |text: &str| -> BTreeSet<String> {
        let quoted = prose(text).split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
        quoted.into_iter().filter(|word| word.contains("cargo run") || word.starts_with("hansho ") || word.starts_with("--")).collect()
    };
    assert_eq!(commands(&english), commands(&japanese), "left: English, right: Japanese");
}
