//! What a mail looks like to programs: its parts, its headers, its size, whatever is in it.

use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use wattline::{
    digest::{
        mail::{Headers, Sender, message},
        render::{self, Body},
    },
    ledger::{
        convert::Rates,
        derive::derive,
        issue::{Issue, Touched, choose},
        quiet::Patience,
        resolve::resolve,
    },
    model::{Claim, Deal, DealFilter, EmailAddress, Format, Kind, Period, Rank, Registry, SourcedClaim},
};

fn week() -> Period {
    "2026-W20".parse().unwrap()
}

/// A deal between these names.
fn deal(number: u128, buyer: &str, provider: &str, billions: i64) -> Deal {
    let published: DateTime<Utc> = week().from + TimeDelta::hours(9);
    let claim: Claim = serde_json::from_value(json!({
        "kind": "compute", "status": "signed", "chips": [], "duration_months": 60, "announced_on": "2026-05-12", "places": ["Texas"],
        "capacity": [{"mw": 120.0}], "confidence": 1.0, "evidence": [],
        "parties": [{"name": buyer, "role": "buyer"}, {"name": provider, "role": "provider"}],
        "amounts": [{"value": Decimal::from(billions * 1_000_000_000).to_string(), "value_max": null, "currency": "USD",
            "qualifier": "exact", "basis": "total", "certainty": "firm", "part": false}]
    }))
    .unwrap();
    let sourced = SourcedClaim {
        id: Uuid::from_u128(number),
        article: Uuid::from_u128(number),
        content: (number.to_be_bytes().to_vec(), 0),
        publishers: vec!["Rack & Grid".to_owned()],
        rank: Rank::Press,
        published,
        companies: claim.parties.iter().map(|party| resolve(&party.name, Registry::shipped()).slug).collect(),
        claim,
    };
    derive(&[sourced], Registry::shipped(), &Rates::default()).unwrap()
}

fn issue(deals: Vec<Deal>) -> Issue {
    let new = |(number, deal)| Touched {
        deal: Uuid::from_u128(number),
        before: None,
        after: Some(deal),
        edited: false,
        merged: false,
    };
    choose(week(), (1..).zip(deals).map(new).collect(), Vec::new(), Vec::new(), Patience::default())
}

fn body(issue: &Issue, filter: &DealFilter, query: &str) -> Body {
    let site = Url::parse("https://wattline.example/").unwrap();
    render::issue(&issue.view(filter, None), query, &site)
        .unwrap()
        .addressed("https://w.example/m", "https://w.example/l")
}

fn mail(body: &Body) -> Vec<u8> {
    let address = |text: &str| EmailAddress::parse(text).unwrap();
    let sender = Sender {
        name: "Wattline".to_owned(),
        from: address("digest@wattline.example"),
        bounces: address("bounces@wattline.example"),
        host: "wattline.example".to_owned(),
    };
    let leave = Some(("https://wattline.example/digest/unsubscribe/token".to_owned(), "token".to_owned()));
    let headers = Headers { delivery: Uuid::from_u128(1), date: Utc::now(), leave, format: Format::Both };
    message(&sender, &address("ada@reader.example"), body, &headers).unwrap()
}

/// What Python's `email` makes of a mail: its headers, and each part with its defects.
fn read_by_python(bytes: &[u8]) -> Value {
    const READER: &str = r#"
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = [{"type": p.get_content_type(), "encoding": p.get("Content-Transfer-Encoding"), "id": p.get("Content-ID"),
          "defects": [repr(d) for d in p.defects] + [repr(d) for h in p.values() for d in h.defects],
          "text": p.get_content() if p.get_content_maintype() == "text" else None,
          "size": len(p.get_content()) if not p.is_multipart() else None} for p in m.walk()]
json.dump({"headers": {k: str(v) for k, v in m.items()}, "parts": parts}, sys.stdout)
"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let output = Command::new("python3")
        .args(["-c", READER])
        .stdin(std::fs::File::open(file.path()).unwrap())
        .output()
        .unwrap_or_else(|error| panic!("`python3` does not start ({error}): run `scripts/install python`"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What has to be true of every mail.
fn is_well_formed(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).expect("a mail in ASCII");
    assert!(text.is_ascii());
    assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.lines().all(|line| line.len() <= 200), "{head}");
    let read = read_by_python(bytes);
    for part in read["parts"].as_array().unwrap() {
        assert_eq!(part["defects"], json!([]), "{part}");
    }
    read
}

#[test]
fn every_part_is_what_another_program_expects() {
    let issue = issue(vec![deal(1, "Corvid AI", "Tundra Cloud", 7), deal(2, "Lumen Robotics", "Basalt Compute", 9)]);
    let read = is_well_formed(&mail(&body(&issue, &DealFilter::default(), "")));
    let types: Vec<&str> =
        read["parts"].as_array().unwrap().iter().map(|part| part["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
    let html = read["parts"][3]["text"].as_str().unwrap();
    assert!(html.contains("cid:chart") && read["parts"][4]["id"] == "<chart>");
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("style=\""));
    assert!(!html.contains("<script") && !html.contains("http-equiv=\"refresh\""));
    let text = read["parts"][1]["text"].as_str().unwrap();
    for words in ["$16B", "2 deals", "240 MW", "Tundra Cloud", "https://w.example/m", "https://w.example/l"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let headers = &read["headers"];
    assert_eq!(headers["List-Id"], "Wattline digest <digest.wattline.example>");
    assert_eq!(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    assert_eq!((&headers["Precedence"], &headers["Auto-Submitted"]), (&json!("bulk"), &json!("auto-generated")));
    assert!(headers["Message-ID"].as_str().unwrap().ends_with("@digest.wattline.example>"));
    let unsubscribe = headers["List-Unsubscribe"].as_str().unwrap();
    assert!(unsubscribe.starts_with("<https://wattline.example/digest/unsubscribe/token>,"), "{unsubscribe}");
    assert!(unsubscribe.ends_with("<mailto:bounces@wattline.example?subject=unsubscribe%20token>"), "{unsubscribe}");
    // No link goes by way of somebody who counts.
    for href in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(href.starts_with("https://wattline.example/") || href.starts_with("https://w.example/"), "{href}");
    }
}

#[test]
fn names_in_any_script_arrive_as_they_are_written() {
    let issue = issue(vec![deal(1, "Électricité du Fjörd 东方 & <b>Söhne</b>", "Ünïcode “Cloud” 🌩", 7)]);
    let read = is_well_formed(&mail(&body(&issue, &DealFilter::default(), "")));
    let subject = read["headers"]["Subject"].as_str().unwrap();
    assert!(subject.contains("Électricité du Fjörd 东方"), "{subject}");
    let text = read["parts"][1]["text"].as_str().unwrap();
    assert!(text.contains("Ünïcode “Cloud” 🌩"), "{text}");
    let html = read["parts"][3]["text"].as_str().unwrap();
    assert!(!html.contains("<b>Söhne") && html.contains("Söhne"), "{html}");
}

#[test]
fn a_subject_of_three_hundred_letters_arrives_whole() {
    for word in ["Meridian Computing ", "Ångström 计算 "] {
        let name = word.repeat(300 / word.chars().count() + 1).chars().take(300).collect::<String>().trim().to_owned();
        let subject = format!("$7B in 1 new deal: {name}");
        let body = Body { subject: subject.clone(), ..body(&issue(Vec::new()), &DealFilter::default(), "") };
        let bytes = mail(&body);
        let read = is_well_formed(&bytes);
        assert_eq!(read["headers"]["Subject"].as_str().unwrap(), subject);
        assert_eq!(MessageParser::default().parse(&bytes).unwrap().subject(), Some(subject.as_str()));
    }
}

#[test]
fn five_hundred_deals_make_a_mail_that_no_program_cuts_off() {
    let deals = (1..=500).map(|n| deal(n, &format!("Buyer {n}"), &format!("Provider {n}"), 1 + n as i64)).collect();
    let issue = issue(deals);
    let body = body(&issue, &DealFilter::default(), "");
    // Gmail shows the first 102 kilobytes.
    assert!(body.html.len() < 102_000, "{} bytes", body.html.len());
    let read = is_well_formed(&mail(&body));
    let text = read["parts"][1]["text"].as_str().unwrap();
    assert!(
        text.contains("500 deals") && text.contains("and 476 more: https://wattline.example/digest/2026-W20"),
        "{text}"
    );
    // The largest come first.
    assert!(text.contains("Buyer 500") && !text.contains("Buyer 13 "), "{text}");
}

#[test]
fn an_empty_week_and_a_filter_that_matches_nothing_say_so_in_a_few_lines() {
    let empty = body(&issue(Vec::new()), &DealFilter::default(), "");
    assert_eq!(empty.subject, "A quiet week · week 20 of 2026");
    assert!(empty.text.contains("A quiet week: nothing new.") && empty.text.lines().count() < 20, "{}", empty.text);
    is_well_formed(&mail(&empty));

    let issue = issue(vec![deal(1, "Corvid AI", "Tundra Cloud", 7)]);
    let ports = DealFilter { kinds: vec![Kind::Land], ..DealFilter::default() };
    let filtered = body(&issue, &ports, "kind=land");
    assert!(filtered.text.contains("Your filter: land") && filtered.text.contains("nothing new under your filter"));
    assert!(!filtered.text.contains("Corvid") && !filtered.html.contains("Corvid"));
    is_well_formed(&mail(&filtered));
}
