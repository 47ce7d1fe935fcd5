//! Whatever stands in a folder, reading it ends soon, with a sentence and without a panic.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hansho_configuration::{Problem, check_files, load, load_files};

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
fn a_tab_is_told_on_its_own_line() {
    for (text, place) in [
        ("users:\n\taiko: {}\n", "2:2"),
        ("users:\n  aiko:\n    name: A\n\tben: {}\n", "4:2"),
        ("users:\n  aiko:\n    name: A\n  \tben: {}\n", "4:4"),
        ("users:\n  aiko:\n    name: A\n\n  # a comment\n\temail: a@example.com\n", "6:2"),
        ("users:\r\n  aiko:\r\n    name: A\r\n\temail: a@example.com\r\n", "4:2"),
        ("fallback:\n  - user/aiko\n\t- user/ben\n", "3:2"),
        ("users:\n  aiko: { name: A }\n\tben: { name: B }\n", "3:2"),
    ] {
        let found = problems(&[("a.yaml", text)]);
        assert_eq!(found, [format!("a.yaml:{place}: there is a tab here; indent with spaces")], "{text:?}");
    }
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

/// Each of them is work for `check`, not only bytes.
#[test]
fn many_tests_and_rotations_are_refused() {
    let rest = "escalation_policies:\n  p: { steps: [{ notify: [user/aiko], wait: 5m }] }\nservices:\n  s: { escalation_policy: p }\n";
    let tests = |count: usize| {
        let line = "  - { at: 2026-12-31T03:00, zone: Asia/Tokyo, service: s, expect: [{ within: 1m, page: aiko }] }\n";
        format!("tests:\n{}", line.repeat(count))
    };
    let told = "tests: are more than 1000 in all; put the others into a folder of their own, and check that too";
    let people = format!("{USERS}{rest}");
    assert_eq!(problems(&[("a.yaml", &people), ("b.yaml", &tests(500)), ("c.yaml", &tests(500))]), [""; 0]);
    assert_eq!(problems(&[("a.yaml", &people), ("b.yaml", &tests(500)), ("c.yaml", &tests(501))]), [format!("c.yaml:1:1: {told}")]);

    let schedule = |count: usize| {
        let rotation = |number: usize| format!("      - {{ name: r{number}, start: 2026-01-05T10:00, every: 1 week, members: [aiko] }}\n");
        format!("    time_zone: UTC\n    rotations:\n{}", (0..count).map(rotation).collect::<String>())
    };
    let schedules = |from: usize, count: usize| {
        let all: String = (from..from + count).map(|number| format!("  s{number}:\n{}", schedule(50))).collect();
        format!("schedules:\n{all}")
    };
    let (first, second, third) = (schedules(0, 100), schedules(100, 100), "schedules:\n  more:\n".to_owned() + &schedule(1));
    assert_eq!(problems(&[("a.yaml", USERS), ("b.yaml", &first), ("c.yaml", &second)]), [""; 0]);
    assert_eq!(
        problems(&[("a.yaml", USERS), ("b.yaml", &first), ("c.yaml", &second), ("d.yaml", &third)]),
        ["d.yaml:1:1: schedules: have more than 10000 rotations in all; remove those that are over"]
    );
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

/// Editors of every system write files; all of them are read, and lines are counted alike.
#[test]
fn files_with_a_byte_order_mark_or_carriage_returns_are_read_and_their_lines_counted() {
    let bom = format!("\u{feff}{USERS}");
    assert_eq!(problems(&[("a.yaml", &bom)]), [""; 0]);
    let crlf = "users:\r\n  aiko: { name: 愛子, email: aiko@example.com }\r\n  ben: { name: Ben }\r\n";
    assert_eq!(problems(&[("a.yaml", crlf)]), ["a.yaml:3:3: users.ben: can not be reached; add `phone`, `email` or `webhook`"]);
    let root = folder("utf16");
    let utf16: Vec<u8> = "users:\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(root.join("a.yaml"), [&[0xff, 0xfe], utf16.as_slice()].concat()).expect("a file");
    assert_eq!(problems_in(&root), ["a.yaml:1:1: is not UTF-8 from here on; save the file as UTF-8, not as Shift_JIS or UTF-16"]);
}

#[test]
fn very_long_lines_names_and_texts_are_refused_in_a_short_sentence() {
    let long = "x".repeat(1_900_000);
    for text in [
        long.clone(),
        format!("{long}: {{}}"),
        format!("users:\n  {long}: {{ name: A, email: a@example.com }}"),
        format!("users:\n  aiko: {{ name: {long}, email: a@example.com }}"),
        format!("users:\n  aiko: {{ name: A, email: {long}@example.com }}"),
        format!("{USERS}fallback: [user/{long}]"),
        format!("{USERS}fallback: [{long}]"),
        format!("{USERS}schedules:\n  s: {{ time_zone: {long}, rotations: [] }}"),
        format!(
            "{USERS}schedules:\n  s: {{ time_zone: UTC, rotations: [{{ name: r, start: {long}, every: {long}, members: [{long}] }}] }}"
        ),
    ] {
        let found = problems(&[("a.yaml", &text)]);
        assert!(
            !found.is_empty() && found.iter().all(|told| told.len() < 1_000),
            "{:?}",
            found.iter().map(String::len).collect::<Vec<_>>()
        );
    }
}

/// Thousands of mistakes are found in one pass: what is looked up for each is bounded.
#[test]
fn a_file_of_nothing_but_mistakes_ends() {
    let services: String = (0..4_000).map(|n| format!("  s{n}: {{ escalation_polcy: p{n}, urgensy: high }}\n")).collect();
    let found = problems(&[("a.yaml", &format!("{USERS}services:\n{services}"))]);
    assert_eq!(found.len(), 12_000);
    let targets: String =
        (0..4_000).map(|n| format!("  p{n}: {{ steps: [{{ notify: [user/u{n}, team/t{n}, schedule/s{n}], wait: 5m }}] }}\n")).collect();
    assert_eq!(problems(&[("a.yaml", &format!("{USERS}escalation_policies:\n{targets}"))]).len(), 12_000);
}

/// A rule of recurrence that would take for ever to walk through is read and answered at once.
#[test]
fn a_rule_that_hardly_ever_occurs_is_no_work() {
    for rule in ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=DAILY;INTERVAL=999", "FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=11", "FREQ=DAILY"] {
        let start = if rule.contains("29") { "2024-02-29T10:00" } else { "2020-01-31T10:00" };
        let text = format!(
            "{USERS}schedules:\n  s: {{ time_zone: UTC, rotations: [{{ name: r, start: {start}, rule: \"{rule}\", members: [aiko] }}] }}\n"
        );
        let files = [(PathBuf::from("a.yaml"), text)];
        let at = "9000-01-01T00:00:00Z".parse().expect("a moment");
        assert!(check_files(&files, at, None).is_ok(), "{rule}: {:?}", load_files(&files).err());
    }
}

/// Every valid example and every example of a warning with lines taken out, doubled, swapped and mixed with each other's, the same
/// way every time: a result, never a panic, and nothing that grows.
#[test]
fn no_mixture_of_the_examples_makes_it_panic() {
    let mut lines: Vec<String> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    for folder in ["tests/valid", "tests/warnings", "tests/broken"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("the examples").map(|entry| entry.expect("an entry").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        paths.sort();
        for text in paths.iter().map(|path| fs::read_to_string(path).expect("the text")) {
            lines.extend(text.lines().map(str::to_owned));
            texts.push(text);
        }
    }
    // A linear congruential generator (Knuth, MMIX): any numbers do, as long as they are the same every time.
    let mut state: u64 = 1;
    let mut pick = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below.max(1)
    };
    let at = "2026-12-01T00:00:00Z".parse().expect("a moment");
    for round in 0..1_500 {
        let mut text: Vec<&str> = texts[round % texts.len()].lines().collect();
        for _ in 0..=pick(4) {
            // There is always one line.
            let (here, there) = (pick(text.len()), pick(text.len()));
            match pick(5) {
                0 => drop(text.remove(here)),
                1 => text.swap(here, there),
                2 => text.insert(here, &lines[pick(lines.len())]),
                3 => text.insert(here, text[there]),
                _ => {
                    let line = text[here];
                    let cut = line.char_indices().map(|(place, _)| place).nth(pick(line.chars().count())).unwrap_or(0);
                    text[here] = &line[cut..];
                }
            }
            if text.is_empty() {
                text.push("");
            }
        }
        let text = text.join("\n");
        let _ = check_files(&[("a.yaml".into(), text)], at, None);
    }
}
