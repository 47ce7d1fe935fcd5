//! Whatever stands in a folder, reading it ends soon, with a sentence and without a panic.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hansho_configuration::{Problem, load, load_files};

const USERS: &str = "users:\n  aiko: { name: 愛子, email: aiko@example.com }\n";

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<(PathBuf, String)> = files.iter().map(|(name, text)| (name.into(), (*text).to_owned())).collect();
    load_files(&files).map_or_else(|problems| problems.iter().map(Problem::to_string).collect(), |_| Vec::new())
}

/// An empty folder of its own for the test of this name.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

fn problems_in(folder: &Path) -> Vec<String> {
    load(folder).map_or_else(|problems| problems.iter().map(Problem::to_string).collect(), |_| Vec::new())
}

#[test]
fn aliases_repeat_values_but_not_without_end() {
    let shared = "users:\n  aiko: { name: 愛子, email: a@example.com, notify: &both { high: [{ after: 0m, by: email }] } }\n  ben: { name: Ben, email: b@example.com, notify: *both }\n";
    assert_eq!(problems(&[("a.yaml", shared)]), [""; 0]);

    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{before}]\n");
    }
    assert_eq!(problems(&[("a.yaml", &bomb)]), ["a.yaml:5:10: the aliases of this file repeat too much; write the values out"]);
}

#[test]
fn deep_nesting_is_refused() {
    for open in ["[", "{a: ", "- ", "? "] {
        let found = problems(&[("a.yaml", &open.repeat(100_000))]);
        assert_eq!(found.len(), 1, "{open}");
        assert!(found[0].contains("nested too deeply"), "{open} {found:?}");
    }
}

#[test]
fn many_values_are_refused() {
    let text = format!("fallback: [{}]", "x,".repeat(120_000));
    assert!(problems(&[("a.yaml", &text)])[0].contains("there is too much in this file"));
    let text = format!("{USERS}fallback: [{}]", "user/aiko,".repeat(1_001));
    assert_eq!(problems(&[("a.yaml", &text)]), ["a.yaml:3:1: fallback: has 1001 items; 1000 are the most"]);
    let text = format!("{USERS}fallback: [{}]", "user/aiko,".repeat(21));
    assert_eq!(problems(&[("a.yaml", &text)]), ["a.yaml:3:1: fallback: names 21; 20 targets are the most, so make a team of them"]);
    let text: String = (0..5_001).map(|n| format!("  u{n}:\n")).collect();
    assert_eq!(problems(&[("a.yaml", &format!("users:\n{text}"))]), ["a.yaml:1:1: users: has more than 5000 entries"]);
}

#[test]
fn large_files_and_folders_are_refused() {
    let comment = format!("#{}\n", "x".repeat(1_990_000));
    assert_eq!(problems(&[("a.yaml", USERS), ("b.yaml", &comment)]), [""; 0]);
    assert_eq!(
        problems(&[("a.yaml", USERS), ("b.yaml", &format!("{comment}{comment}"))]),
        ["b.yaml: is larger than 2 MB; divide it into several files"]
    );
    let many: Vec<_> = (0..6).map(|_| ("b.yaml", comment.as_str())).collect();
    let too_large = "the YAML files of this folder are larger than 10 MB together; a configuration is never that large";
    assert_eq!(problems(&many), [format!(".: {too_large}")]);

    let folder = folder("large");
    for name in 0..6 {
        fs::write(folder.join(format!("{name}.yaml")), &comment).expect("a file");
    }
    assert_eq!(problems_in(&folder), [format!("{}: {too_large}", folder.display())]);
    fs::write(folder.join("0.yaml"), comment.repeat(2)).expect("a file");
    assert!(problems_in(&folder).contains(&"0.yaml: is larger than 2 MB; divide it into several files".to_owned()));
}

#[test]
fn a_folder_is_read_by_name_without_what_is_hidden() {
    let folder = folder("folders");
    fs::create_dir_all(folder.join("teams/.old")).expect("folders");
    fs::create_dir_all(folder.join(".git")).expect("folders");
    for (name, text) in [
        ("people.yml", USERS),
        ("teams/sre.yaml", "teams:\n  sre: { members: [aiko] }\n"),
        ("empty.yaml", ""),
        ("comments.yaml", "# nothing yet\n"),
        ("README.md", "not: [yaml"),
        (".people.yaml.swp.yaml", "not: [yaml"),
        (".git/config.yaml", "not: [yaml"),
        ("teams/.old/sre.yaml", "not: [yaml"),
    ] {
        fs::write(folder.join(name), text).expect("a file");
    }
    let loaded = load(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(loaded.configuration.teams()[0].members()[0].as_str(), "aiko");

    fs::write(folder.join("teams/ops.yaml"), "teams:\n  sre: { members: [aiko] }\n").expect("a file");
    assert_eq!(
        problems_in(&folder),
        ["teams/sre.yaml:2:3: teams.sre: this team is already given in teams/ops.yaml:2:3; remove one, or give it another name"]
    );
}

#[test]
fn what_can_not_be_read_is_said() {
    let root = folder("unreadable");
    assert_eq!(problems_in(&root), [format!("{}: there is no YAML file in this folder; write one, such as team.yaml", root.display())]);
    let found = problems_in(&root.join("missing"));
    assert!(found[0].contains("can not be read") && found.len() == 1, "{found:?}");

    fs::write(root.join("people.yaml"), USERS).expect("a file");
    fs::write(root.join("shift-jis.yaml"), b"# one\nname: \x88\xa4\x8eq\n").expect("a file");
    assert_eq!(problems_in(&root), ["shift-jis.yaml:2:1: is not UTF-8 from here on; save the file as UTF-8, not as Shift_JIS or UTF-16"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_not_to_folders_or_devices() {
    let root = folder("links");
    fs::create_dir_all(root.join("..data")).expect("a folder");
    fs::write(root.join("..data/people.yaml"), USERS).expect("a file");
    // This is how a Kubernetes ConfigMap mounts its files.
    std::os::unix::fs::symlink("..data/people.yaml", root.join("people.yaml")).expect("a link");
    std::os::unix::fs::symlink(".", root.join("circle")).expect("a link");
    assert_eq!(problems_in(&root), [""; 0]);
    std::os::unix::fs::symlink("/dev/zero", root.join("zero.yaml")).expect("a link");
    std::os::unix::fs::symlink("nowhere", root.join("gone.yaml")).expect("a link");
    let found = problems_in(&root);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("gone.yaml: can not be read"), "{found:?}");
    assert_eq!(found[1], "zero.yaml: is no ordinary file; remove it, or give it another name");
}

/// The example with a piece cut out, doubled or replaced, at many places: a result, never a panic.
#[test]
fn no_damage_makes_it_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cli/example");
    let text: String = ["people", "on-call", "services"]
        .map(|name| fs::read_to_string(folder.join(format!("{name}.yaml"))).expect("the example"))
        .concat()
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    let damage = ["", "\t", "\n", ": ", "{", "]", "\"", "*", "&a ", "!", "- ", "\u{0}", "99999999999999999999", "愛", "? ", "|", "<<: "];
    for (count, place) in places.iter().step_by(19).enumerate() {
        let (before, after) = text.split_at(*place);
        let put = damage[count % damage.len()];
        let _ = problems(&[("a.yaml", before)]);
        let _ = problems(&[("a.yaml", &format!("{before}{put}{after}"))]);
        let _ = problems(&[("a.yaml", &format!("{before}{put}{}", after.chars().skip(3).collect::<String>()))]);
    }
}
