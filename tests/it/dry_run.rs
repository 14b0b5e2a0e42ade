//! What would be read of files, told without a database.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::database::WATTLINE;

/// Runs the program with no database to be had; returns the lines that it printed, and whether it was content.
fn run(arguments: &[&str], input: &[u8]) -> (Vec<Value>, bool) {
    let mut command = Command::new(WATTLINE);
    command.args(arguments).env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output.status.success())
}

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).display().to_string()
}

#[test]
fn each_file_is_told_of_in_a_line_of_its_own() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty.xml").display().to_string();
    std::fs::write(&empty, "").unwrap();
    let files = [fixture("feeds/doctype-entities.xml"), empty.clone(), fixture("feeds/json-feed-fields.json")];
    let (lines, content) = run(&["ingest", "--dry-run", &files[0], &files[1], &files[2], "/no/such/file"], b"");
    assert!(!content);
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[0],
        json!({
            "file": files[0], "format": "RSS", "title": "Grid Weekly", "entries": [{
                "id": null, "title": "Ferrow Cloud pays 5 € million &bad;", "url": "https://grid.example/ferrow",
                "published": "2026-03-03T08:00:00Z",
            }],
        })
    );
    assert_eq!(lines[1], json!({ "file": empty, "error": "the file is empty" }));
    assert_eq!(lines[2]["entries"].as_array().unwrap().len(), 3);
    assert_eq!(lines[3]["error"], "there is no such file");
}

#[test]
fn every_kind_of_feed_is_read_by_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().display().to_string())
        .filter(|file| !file.ends_with(".expected.json"))
        .collect();
    files.sort();
    let mut arguments = vec!["ingest", "--dry-run"];
    arguments.extend(files.iter().map(String::as_str));
    let (lines, _) = run(&arguments, b"");
    assert_eq!(lines.len(), files.len());
    let unread: Vec<&str> =
        lines.iter().filter(|line| line.get("error").is_some()).filter_map(|line| line["file"].as_str()).collect();
    let names: Vec<&str> = unread.iter().filter_map(|file| file.rsplit('/').next()).collect();
    // What holds nothing has nothing to give, and a page without a word is none.
    assert_eq!(names, ["empty.xml", "xhtml-page.xml"]);
}

#[test]
fn pages_texts_and_lines_are_told_of_too() {
    let (lines, content) = run(
        &["ingest", "--dry-run", &fixture("pages/news-story.html"), "-"],
        b"{\"id\": 1, \"title\": \"a\", \"text\": \"x\", \"published\": \"2026-03-04\"}\nbroken\n",
    );
    assert!(content);
    assert_eq!(lines[0]["format"], "page");
    assert_eq!(lines[0]["entries"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&lines[1]["entries"], lines[1]["faults"].as_array().unwrap().len()),
        (&json!([{ "id": "1", "title": "a", "url": null, "published": "2026-03-04T00:00:00Z" }]), 1)
    );
}

#[test]
fn the_main_text_of_a_page_is_printed_alone() {
    let html = std::fs::read(fixture("pages/news-story.html")).unwrap();
    let (lines, content) = run(&["extract", "--text-only"], &html);
    assert!(content);
    let keys: Vec<&str> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((lines.len(), keys), (1, vec!["author", "published", "text", "title"]));
    assert!(lines[0]["text"].as_str().unwrap().lines().count() > 2);

    let (lines, content) = run(&["extract", "--text-only"], b" ");
    assert!(!content);
    assert_eq!(lines, [json!({ "file": "-", "error": "The page is empty." })]);
}
