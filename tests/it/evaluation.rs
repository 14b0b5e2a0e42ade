//! What `/method` says of the extractor is what the extractor does.

use std::process::{Command, Stdio};

use crate::support::database::WATTLINE;

#[test]
fn the_figures_that_the_method_page_shows_are_those_that_an_evaluation_gives() {
    let mut command = Command::new(WATTLINE);
    command.args(["evaluate", "--json"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["tests/gold/held_back.jsonl", "tests/gold/dev.jsonl"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let kept: serde_json::Value = serde_json::from_str(include_str!("../../data/evaluation.json")).unwrap();
    assert_eq!(kept, measured, "run `make evaluate` and commit data/evaluation.json");
}
