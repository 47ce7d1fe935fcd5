//! `hansho cost` as it is run, and the paragraph of README that it prints.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

use std::process::Command;

fn cost(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hansho")).arg("cost").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_costs_in_readme_are_what_the_command_prints() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let printed = cost(&[]);
    assert!(readme.contains(&format!("```\n{printed}```\n")), "put this into README.md, under \"What it costs\":\n```\n{printed}```");
}

#[test]
fn a_region_an_amount_and_a_language_can_be_chosen() {
    let tokyo = cost(&["--region", "ap-northeast-1", "--incidents", "50", "--people", "3", "--language", "ja"]);
    assert!(tokyo.contains("月額(米ドル)") && tokyo.contains("インシデント数: 50") && tokyo.contains("人数: 3"), "{tokyo}");
    assert!(tokyo.contains("ap-northeast-1") && !tokyo.contains("us-east-1"), "{tokyo}");
    let json: serde_json::Value = serde_json::from_str(&cost(&["--json"])).unwrap();
    let regions: Vec<&str> = json["estimates"].as_array().unwrap().iter().map(|estimate| estimate["region"].as_str().unwrap()).collect();
    assert_eq!(regions, ["ap-northeast-1", "us-east-1"]);
    assert_eq!((json["usage"]["incidents"].as_f64(), json["assumptions"]["verified"].as_bool()), (Some(1000.0), Some(false)));
    assert!(cost(&["--prices"]).contains("dynamodb_write_units"));
}
