//! Against a local server that speaks the protocol, well and badly.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use super::{
    Reader, Secret,
    client::{AskError, Client, Endpoint, Limits},
};
use crate::{
    extract::{self, Reading},
    model::{Article, Claim, Kind, Registry, Status, Use},
};

const KEY: &str = "sk-never-to-be-seen";

fn limits() -> Limits {
    Limits {
        budget: 100,
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_millis(500),
        patience: Duration::from_secs(10),
        retries: 2,
        first_wait: Duration::from_millis(5),
        most_text: 2_000,
        most_answer: 20_000,
    }
}

fn article() -> Article {
    Article {
        title: "Zephyrlane to rent capacity from AWS".to_owned(),
        text:
            "Zephyrlane has signed a contract worth $3 billion with Amazon Web Services. Its revenue was $70 million."
                .to_owned(),
        ..Article::default()
    }
}

/// What the rules alone read in it.
fn rules() -> Reading {
    extract::read(&article(), Registry::shipped())
}

fn deal() -> Value {
    json!({
        "kind": "compute",
        "status": "signed",
        "parties": [{"name": "Zephyrlane", "role": "buyer"}, {"name": "Amazon Web Services", "role": "provider"}],
        "amounts": [{"value": "3000000000", "value_max": null, "currency": "USD", "basis": "total", "certainty": "firm", "part": false}],
        "capacity": [], "chips": [], "duration_months": null, "announced_on": null, "places": [],
        "evidence": ["Zephyrlane has signed a contract worth $3 billion with Amazon Web Services."],
    })
}

/// An answer of the model with this content.
fn completion(content: impl Into<Value>) -> ResponseTemplate {
    let message = json!({"role": "assistant", "content": content.into()});
    ResponseTemplate::new(200).set_body_json(json!({"choices": [{"message": message, "finish_reason": "stop"}]}))
}

fn telling(deals: &[Value]) -> ResponseTemplate {
    completion(json!({"deals": deals}).to_string())
}

fn client(address: &str, limits: Limits) -> Client {
    let url = format!("{address}/v1/").parse().unwrap();
    Client::new(Endpoint { url, model: "reader-7b".to_owned(), key: Some(KEY.to_owned().into()) }, limits).unwrap()
}

/// Reads the article with a server that gives these answers, the last one for ever. Gives the number of requests too.
async fn read_with(answers: Vec<ResponseTemplate>, limits: Limits) -> (Reading, usize) {
    let server = serving(answers).await;
    let reader = Reader::with(Registry::shipped(), client(&server.uri(), limits), false);
    let reading = reader.read(&article()).await;
    (reading, server.received_requests().await.unwrap().len())
}

async fn serving(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (nth, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(method("POST")).respond_with(answer);
        if nth == last { mock } else { mock.up_to_n_times(1) }.mount(&server).await;
    }
    server
}

fn is_told(reading: &Reading) -> bool {
    let [Claim { kind: Kind::Compute, status: Status::Signed, parties, confidence, .. }] = reading.claims.as_slice()
    else {
        return false;
    };
    parties.len() == 2 && *confidence > 0.79 && *confidence < 0.81
}

#[tokio::test]
async fn a_deal_that_stands_in_the_text_is_taken() {
    assert!(!is_told(&rules()), "the rules would have said so too");
    let (reading, requests) = read_with(vec![telling(&[deal()])], limits()).await;
    assert!(is_told(&reading), "{reading:?}");
    assert_eq!(requests, 1);
    assert_eq!(reading.quantities[0].usage, Use::Deal);
    let lengths = |reading: &Reading| reading.quantities.len();
    assert_eq!(lengths(&reading), lengths(&rules()));
}

#[tokio::test]
async fn the_request_is_the_protocols() {
    let server = MockServer::start().await;
    Mock::given(path("/v1/chat/completions"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .and(header("content-type", "application/json"))
        .respond_with(telling(&[deal()]))
        .mount(&server)
        .await;
    let reader = Reader::with(Registry::shipped(), client(&server.uri(), limits()), false);
    assert!(is_told(&reader.read(&article()).await));
    let sent: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!(sent["model"], "reader-7b");
    assert_eq!(sent["response_format"]["type"], "json_schema");
    let schema = &sent["response_format"]["json_schema"];
    assert_eq!(schema["strict"], true);
    assert_eq!(schema["schema"]["additionalProperties"], false);
    let deal = &schema["schema"]["properties"]["deals"]["items"];
    assert_eq!(deal["properties"]["kind"]["enum"].as_array().unwrap().len(), 12);
    assert_eq!(deal["required"].as_array().unwrap().len(), deal["properties"].as_object().unwrap().len());
    assert!(sent["messages"][1]["content"].as_str().unwrap().ends_with(&article().as_read()));
}

#[tokio::test]
async fn what_is_not_in_the_text_leaves_the_rules_answer() {
    let changed = |field: &str, value: Value| {
        let mut deal = deal();
        deal[field] = value;
        telling(&[deal])
    };
    let mut sum = deal()["amounts"].clone();
    sum[0]["value"] = json!("4000000000");
    for answer in [
        changed("evidence", json!(["Zephyrlane has signed a contract worth $4 billion with AWS."])),
        changed("amounts", sum),
        changed("parties", json!([{"name": "Google", "role": "buyer"}])),
        changed("kind", json!("merger")),
        changed("evidence", json!("a text, not a list")),
    ] {
        assert_eq!(read_with(vec![answer], limits()).await, (rules(), 1));
    }
}

#[tokio::test]
async fn answers_of_another_shape_leave_the_rules_answer_and_are_not_asked_for_again() {
    for answer in [
        completion("I found one deal: Zephyrlane rents from AWS."),
        completion("{\"deals\": [{\"kind\": \"comp"),
        completion("{\"answer\": []}"),
        completion("{\"deals\": {}}"),
        completion("[]"),
        completion(""),
        completion("  \n"),
        completion(Value::Null),
        completion(json!([{"type": "text"}])),
        ResponseTemplate::new(200),
        ResponseTemplate::new(200).set_body_string("<html>Welcome</html>"),
        ResponseTemplate::new(200).set_body_json(json!({"choices": []})),
        ResponseTemplate::new(200).set_body_json(json!({"error": {"message": "no such model"}})),
        ResponseTemplate::new(200).set_body_json(json!({
            "choices": [{"message": {"content": json!({"deals": [deal()]}).to_string()}, "finish_reason": "length"}]
        })),
        ResponseTemplate::new(200).set_body_bytes(vec![b' '; 20_001]),
        ResponseTemplate::new(200).set_body_bytes([b"{\"choices\": ".as_slice(), &[b'['; 9_000]].concat()),
        ResponseTemplate::new(401).set_body_string("wrong key"),
        ResponseTemplate::new(404),
        ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
    ] {
        assert_eq!(read_with(vec![answer], limits()).await, (rules(), 1));
    }
}

#[tokio::test]
async fn no_deal_is_an_answer_too() {
    let (reading, _) = read_with(vec![telling(&[])], limits()).await;
    assert_eq!(reading.claims, []);
    assert!(reading.quantities.iter().all(|quantity| quantity.usage != Use::Deal));
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_no_more_often_than_said() {
    let busy = || ResponseTemplate::new(500);
    let (reading, requests) = read_with(vec![busy(), ResponseTemplate::new(503), telling(&[deal()])], limits()).await;
    assert!(is_told(&reading));
    assert_eq!(requests, 3);
    assert_eq!(read_with(vec![busy()], limits()).await, (rules(), 3));
}

#[tokio::test]
async fn a_server_that_asks_for_a_pause_gets_it() {
    let busy = |seconds: &str| ResponseTemplate::new(429).insert_header("retry-after", seconds);
    let started = Instant::now();
    let (reading, requests) = read_with(vec![busy("1"), telling(&[deal()])], limits()).await;
    assert!(is_told(&reading));
    assert_eq!(requests, 2);
    assert!(started.elapsed() >= Duration::from_secs(1));
    // One that asks for more than an article may take is left alone.
    let started = Instant::now();
    assert_eq!(read_with(vec![busy("3600")], limits()).await, (rules(), 1));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_slow_server_costs_no_more_than_the_time_limits() {
    let delay = Duration::from_secs(50);
    let slow = || telling(&[deal()]).set_delay(delay);
    let started = Instant::now();
    assert_eq!(read_with(vec![slow()], limits()).await, (rules(), 3));
    let patience = Duration::from_millis(700);
    assert_eq!(read_with(vec![slow()], Limits { patience, timeout: patience * 10, ..limits() }).await, (rules(), 1));
    assert!(started.elapsed() < delay, "an answer was waited for");
}

#[tokio::test]
async fn a_connection_that_breaks_off_leaves_the_rules_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"choices\": [{\"mess").await;
        }
    });
    let ask = client(&address, limits());
    assert_eq!(ask.ask("x", None).await, Err(AskError::Broken));
    assert_eq!(Reader::with(Registry::shipped(), ask, false).read(&article()).await, rules());
    server.abort();
    let _ = server.await;
    // Now nobody listens.
    let ask = client(&address, limits());
    assert_eq!(ask.ask("x", None).await, Err(AskError::Unreachable));
    assert_eq!(Reader::with(Registry::shipped(), ask, false).read(&article()).await, rules());
}

#[tokio::test]
async fn the_hours_budget_is_not_exceeded() {
    let server = serving(vec![telling(&[deal()])]).await;
    let reader = Reader::with(Registry::shipped(), client(&server.uri(), Limits { budget: 2, ..limits() }), false);
    for told in [true, true, false, false] {
        assert_eq!(is_told(&reader.read(&article()).await), told);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
    // Tries count as well.
    assert_eq!(read_with(vec![ResponseTemplate::new(500)], Limits { budget: 2, ..limits() }).await, (rules(), 2));
    // Nor is an article sent that is too long.
    let long = Article { text: "word ".repeat(500), ..article() };
    reader.read(&long).await;
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn in_doubt_only_the_model_is_asked_where_the_rules_are_not_sure() {
    let server = serving(vec![telling(&[deal()])]).await;
    let reader = Reader::with(Registry::shipped(), client(&server.uri(), limits()), true);
    let sure = Article {
        title: "A quiet day".to_owned(),
        text: "The council met. The market was worth $5 billion last year, said analysts.".to_owned(),
        ..Article::default()
    };
    assert_eq!(reader.read(&sure).await, extract::read(&sure, Registry::shipped()));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
    let doubtful = Article {
        title: String::new(),
        text: "For Zephyrlane the $3 billion from Amazon Web Services changes little.".to_owned(),
        ..Article::default()
    };
    reader.read(&doubtful).await;
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_key_is_never_shown() {
    let secret: Secret = format!("{KEY}\n").into();
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    let server = serving(vec![ResponseTemplate::new(401).set_body_string(KEY)]).await;
    let client = client(&server.uri(), limits());
    let error = client.ask("x", None).await.unwrap_err();
    assert!(!format!("{error} {error:?} {client:?}").contains(KEY));
}
