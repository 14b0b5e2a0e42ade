//! What the program answers on the command line: `extract`, and the sentences for ordinary mistakes.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::database::WATTLINE;

/// Runs the program with these bytes on its standard input.
fn wattline(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(WATTLINE)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || {
        // A program that refuses its arguments does not read.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

/// The lines that `extract` answers, and its exit status.
fn extract(input: &[u8]) -> (Vec<Value>, Option<i32>) {
    let output = wattline(&["extract"], input);
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output.status.code())
}

/// What an answer is about, in short: its id, and `!` with the line for a fault.
fn brief(answers: &[Value]) -> Vec<String> {
    let told = answers.iter().map(|answer| {
        let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
        match answer.get("line") {
            Some(line) => format!("{id}!{line}"),
            None => format!("{id}:{}", answer["deals"].as_array().unwrap().len()),
        }
    });
    told.collect()
}

/// What the program complains of, and its exit status.
fn complaint(arguments: &[&str], input: &[u8]) -> (String, Option<i32>) {
    let output = wattline(arguments, input);
    (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
}

const LOAN: &str = "Harrow Data Centers closed a $900 million loan from Fennimore Bank.";

fn line(id: &str) -> String {
    format!(r#"{{"id":"{id}","title":"A loan for Harrow","published":"2026-06-12","text":"{LOAN}"}}"#)
}

#[test]
fn a_bad_line_is_answered_in_its_place_be_it_the_first() {
    let input = format!("not json\n{}\n{{\"id\":\"b\",\"text\":7}}\n{{\"id\":\"c\"}}\n{}\n", line("a"), line("d"));
    let (answers, status) = extract(input.as_bytes());
    assert_eq!(brief(&answers), ["!1", "a:1", "b!3", "c!4", "d:1"]);
    assert_eq!(status, Some(1));
}

#[test]
fn an_article_over_several_lines_and_a_list_of_articles_are_read() {
    let article: Value = serde_json::from_str(&line("a")).unwrap();
    let pretty = serde_json::to_string_pretty(&article).unwrap();
    let list = serde_json::to_string(&[&article, &article]).unwrap();
    let pretty_list = serde_json::to_string_pretty(&[&article, &article]).unwrap();
    for (input, count) in [(pretty, 1), (list, 2), (pretty_list, 2)] {
        let (answers, status) = extract(input.as_bytes());
        assert_eq!((brief(&answers), status), (vec!["a:1".to_owned(); count], Some(0)), "{input}");
    }
}

#[test]
fn text_lines_and_pages_in_utf_16_are_answered_like_others() {
    let page = include_str!("../fixtures/news/harrow-loan.html");
    for text in [format!("A loan for Harrow\n{LOAN}\n"), line("a"), page.to_owned()] {
        let mut utf16 = vec![0xFF, 0xFE];
        utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let expected = extract(text.as_bytes());
        assert_eq!(expected.0[0]["deals"].as_array().unwrap().len(), 1);
        assert_eq!(extract(&utf16), expected);
    }
}

#[test]
fn each_line_is_answered_before_the_next_is_asked_for() {
    let mut child = Command::new(WATTLINE).arg("extract").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for id in ["a", "b"] {
        writeln!(input, "{}", line(id)).unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("{{\"id\":\"{id}\"")), "{answer}");
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_date_is_read_in_any_form_and_one_that_cannot_be_is_told() {
    let dated =
        |date: &str| format!("{{\"id\":\"a\",\"title\":\"A loan\",\"text\":\"{LOAN}\",\"published\":{date}}}\n");
    for date in ["\"March 4, 2026\"", "\"04.03.2026\"", "\"2026-03-04 05:06:07\"", "20260304", "1772600767"] {
        let (answers, status) = extract(dated(date).as_bytes());
        assert_eq!((&answers[0]["deals"][0]["announced_on"], status), (&Value::from("2026-03-04"), Some(0)), "{date}");
    }
    let output = wattline(&["extract"], (line("a") + "\n" + &dated("\"rubbish\"")).as_bytes());
    let complaint = "standard input: line 2: the date `rubbish` cannot be read; the article is taken as undated\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), complaint);
    assert_eq!((String::from_utf8_lossy(&output.stdout).lines().count(), output.status.code()), (2, Some(1)));
}

#[test]
fn an_image_and_a_folder_are_refused_by_name() {
    let (answers, status) = extract(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!((&answers[0]["error"], status), (&Value::from("this is a PNG image, not text"), Some(1)));
    let folder = env!("CARGO_MANIFEST_DIR");
    let sentence = format!("wattline: {folder} is a folder: name the files in it\n");
    assert_eq!(complaint(&["extract", folder], b""), (sentence, Some(2)));
}

#[test]
fn an_address_to_listen_on_that_is_none_is_answered_with_an_example() {
    for wrong in ["8080", "localhost", "wattline.example:80"] {
        let (told, status) = complaint(&["extract", "--listen", wrong], b"");
        assert!(told.contains("such as 127.0.0.1:8080"), "{told}");
        assert_eq!(status, Some(2));
    }
    assert_eq!(complaint(&["extract", "--listen", "localhost:8080"], b""), (String::new(), Some(0)));
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let mut child = Command::new(WATTLINE)
        .arg("extract")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", line("a")).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), ("", Some(0)));
}
