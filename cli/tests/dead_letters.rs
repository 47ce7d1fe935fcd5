//! `hansho dead-letters` as it is called: what it teaches, and what it says when nobody can be asked. What it does is shown by
//! tests/tests/dead_letters.rs.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]
#![expect(dead_code, reason = "other tests use more of the process")]

mod process;

use process::{run, text};

#[test]
fn help_says_what_a_dead_letter_is_how_it_is_replayed_and_that_a_repeat_does_no_harm() {
    let help = text(&run(&["dead-letters", "--help"]).stdout);
    for part in [
        "--replay",
        "--delete",
        "14 days",
        "nothing is lost",
        "may be repeated",
        "lambda:InvokeFunction",
        "sqs:DeleteMessage",
        "何度実行しても",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}

#[test]
fn a_function_or_a_name_that_is_none_is_refused_with_what_is_possible() {
    let refused = run(&["dead-letters", "--function", "intake", "--region", "ap-northeast-1"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("alarm-intake"), "{}", text(&refused.stderr));
    let refused = run(&["dead-letters", "--name", "Not A Name"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("name of a deployment"), "{}", text(&refused.stderr));
    let refused = run(&["dead-letters", "--region", "example.net/"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("is no Region"), "{}", text(&refused.stderr));
    let refused = run(&["dead-letters", "--replay", "--delete", "x"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("cannot be used with"), "{}", text(&refused.stderr));
}
