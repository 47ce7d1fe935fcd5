//! Keeps the documents true: what they name exists, every sample is used, every function says what it promises.
#![expect(clippy::unwrap_used, reason = "a file that can not be read fails the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below `folder` whose name ends in `ending`, without what is built.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                found.extend(files(&path, ending));
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn documents() -> Vec<PathBuf> {
    let root = root();
    let mut documents = vec![root.join("README.md"), root.join("README.ja.md"), root.join("ARCHITECTURE.md")];
    documents.extend(files(&root.join("docs"), ".md"));
    documents.push(root.join("fuzz/README.md"));
    documents.push(root.join("infra/README.md"));
    documents.push(root.join("infra/README.ja.md"));
    documents
}

/// Words in back quotes or link targets that look like a path of this project.
fn paths_named(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let tops = [
        "functions/",
        "shared/",
        "cli/",
        "tests/",
        "events/",
        "docs/",
        "infra/",
        "scripts/",
        "bench/",
        "fuzz/",
        ".ci/",
        "README.md",
        "ARCHITECTURE.md",
        "clippy.toml",
        "deny.toml",
        "Cargo.toml",
    ];
    quoted
        .chain(linked)
        .filter(|word| tops.iter().any(|top| word.starts_with(top)))
        .filter(|word| !word.contains([' ', '*', '<', '{', '\n', '…']))
        .map(|word| word.trim_end_matches('/').to_owned())
        .collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        let folder = document.parent().unwrap().to_owned();
        for path in paths_named(&read(&document)) {
            let here = folder.join(&path);
            // `shared/{store,...}` and the like are not paths; whole paths count from the workspace or from the document.
            if !root().join(&path).exists() && !here.exists() {
                missing.push(format!("{} names {path}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_reading_of_paths_finds_them() {
    let found = paths_named("see `docs/style.md`, [x](shared/domain) and `cargo test`, `shared/{a,b}`, `tests/`");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["docs/style.md", "shared/domain", "tests"]);
}

#[test]
fn every_sample_event_is_used_by_a_test() {
    let root = root();
    let mut sources = String::new();
    for folder in ["functions", "shared", "tests", "cli"] {
        for file in files(&root.join(folder), ".rs") {
            if file.file_name().is_some_and(|name| name != "tidy.rs") {
                sources.push_str(&read(&file));
            }
        }
    }
    let samples = files(&root.join("events"), ".json");
    assert!(samples.len() > 20, "{samples:?}");
    let unused: Vec<_> = samples.iter().filter(|path| !sources.contains(path.file_stem().unwrap().to_str().unwrap())).collect();
    assert!(unused.is_empty(), "no test uses {unused:#?}");
}

#[test]
fn every_function_says_what_wakes_it_and_what_it_promises() {
    let functions: Vec<PathBuf> = fs::read_dir(root().join("functions")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(functions.len() >= 6, "{functions:?}");
    for function in functions {
        let text = read(&function.join("src/lib.rs"));
        for fact in ["**Wakes it:**", "**Delivery:**", "**Durable when it returns:**", "**If it dies half-way:**"] {
            assert!(
                text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.contains(fact)),
                "{}: {fact} is missing",
                function.display()
            );
        }
    }
}

#[test]
fn a_functions_main_only_wires() {
    for main in files(&root().join("functions"), "main.rs") {
        let lines = read(&main).lines().count();
        assert!(lines <= 40, "{} has {lines} lines", main.display());
    }
}

#[test]
fn every_failure_mode_has_a_simulation_case_of_its_name() {
    let table = read(&root().join("docs/failure-modes.md"));
    let mut simulation = read(&root().join("tests/tests/simulation.rs"));
    for file in files(&root().join("tests/tests/simulation"), ".rs") {
        simulation.push_str(&read(&file));
    }
    let named: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(named.len() >= 10, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !simulation.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "no simulation case is called {missing:#?}");
}

/// What a patch expects and does not find, or finds in more than one place, in the files that it is for.
fn lost_hunks(patch: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut lost = Vec::new();
    for change in patch.split("diff --git ").skip(1) {
        let Some(file) = change.lines().find_map(|line| line.strip_prefix("--- a/")) else {
            lost.push("a patch names no file".to_owned());
            continue;
        };
        let Some(text) = read(file) else {
            lost.push(format!("there is no {file}"));
            continue;
        };
        let hunks: Vec<&str> = change.split("\n@@ ").skip(1).collect();
        if hunks.is_empty() {
            lost.push(format!("nothing is changed in {file}"));
        }
        for hunk in hunks {
            let kept = hunk.lines().skip(1).filter(|line| line.starts_with([' ', '-']));
            let before: String = kept.map(|line| format!("{}\n", &line[1..])).collect();
            let starts_a_line = |place: &usize| *place == 0 || text.as_bytes()[place - 1] == b'\n';
            match text.match_indices(&before).filter(|(place, _)| starts_a_line(place)).count() {
                1 => {}
                found => lost.push(format!("{file} has {found} times:\n{before}")),
            }
        }
    }
    lost
}

#[test]
fn every_planted_fault_has_its_place_in_the_code() {
    let patches = files(&root().join("tests/faults"), ".patch");
    assert!(patches.len() >= 15, "{patches:?}");
    for patch in patches {
        let lost = lost_hunks(&read(&patch), |file| fs::read_to_string(root().join(file)).ok());
        assert!(lost.is_empty(), "{} does not apply any more; plant the same fault in today's code:\n{}", patch.display(), lost.join("\n"));
    }
}

#[test]
fn a_patch_without_its_place_is_told() {
    let patch = "diff --git a/x.rs b/x.rs\n--- a/x.rs\n+++ b/x.rs\n@@ -1,2 +1,2 @@ fn x\n one\n-two\n+three\n";
    let lost = |text: Option<&str>| lost_hunks(patch, |file| text.filter(|_| file == "x.rs").map(str::to_owned)).len();
    assert_eq!(lost(Some("zero\none\ntwo\n")), 0);
    assert_eq!(lost(Some("one\nthree\n")), 1, "it is planted already");
    assert_eq!(lost(Some("one\ntwo\none\ntwo\n")), 1, "in which place?");
    assert_eq!(lost(None), 1, "there is no such file");
    assert_eq!(lost_hunks("diff --git a/x b/x\n", |_| None).len(), 1);
}

#[test]
fn the_pure_part_depends_on_nothing_that_could_read_a_clock() {
    let manifest = read(&root().join("shared/domain/Cargo.toml"));
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names: Vec<&str> =
        dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty()).collect();
    assert_eq!(names, ["serde", "jiff", "thiserror"]);
}

#[test]
fn architecture_is_at_most_150_lines() {
    let lines = read(&root().join("ARCHITECTURE.md")).lines().count();
    assert!(lines <= 150, "{lines} lines");
}
