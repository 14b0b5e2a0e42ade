use std::io::Write as _;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;
use wiremock::matchers::{header as sent, header_exists, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Body, FetchError, FetchOptions, Fetched, Fetcher, Lookup, Validators};
use crate::ingest::poll::{Outcome, RetryAfter};

fn options() -> FetchOptions {
    FetchOptions {
        contact: "https://ledger.example/about".to_owned(),
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        connect_timeout: Duration::from_secs(10),
        read_timeout: Duration::from_secs(10),
        timeout: Duration::from_secs(20),
        most_bytes: 1024 * 1024,
        most_redirects: 3,
    }
}

async fn get(address: &str) -> Result<Fetched, FetchError> {
    get_with(options(), address).await
}

async fn get_with(options: FetchOptions, address: &str) -> Result<Fetched, FetchError> {
    Fetcher::new(options).unwrap().get(&Url::parse(address).unwrap(), &Validators::default()).await
}

fn body(fetched: Result<Fetched, FetchError>) -> Body {
    match fetched.unwrap() {
        Fetched::Body(body) => body,
        Fetched::Unchanged => panic!("nothing had been fetched before"),
    }
}

async fn server_answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(response).mount(&server).await;
    server
}

/// Answers every connection with these bytes, then leaves it open.
async fn raw_server(answer: &'static [u8], then_drip: Option<Duration>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer).await;
                while let Some(pause) = then_drip {
                    tokio::time::sleep(pause).await;
                    if stream.write_all(b"x").await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}/")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_document_comes_with_what_the_host_says_of_it() {
    let response = ResponseTemplate::new(200)
        .insert_header("etag", "\"v1\"")
        .insert_header("last-modified", "Wed, 04 Mar 2026 05:06:07 GMT")
        .set_body_raw("<rss/>", "application/rss+xml; charset=utf-8");
    let server = MockServer::start().await;
    let agent = format!("Wattline/{} (+https://ledger.example/about)", env!("CARGO_PKG_VERSION"));
    Mock::given(sent("user-agent", agent.as_str())).respond_with(response).mount(&server).await;
    let body = body(get(&server.uri()).await);
    assert_eq!(&body.bytes[..], b"<rss/>");
    assert_eq!(body.content_type.as_deref(), Some("application/rss+xml; charset=utf-8"));
    assert_eq!(body.validators.etag.as_deref(), Some("\"v1\""));
    assert_eq!(body.validators.last_modified.as_deref(), Some("Wed, 04 Mar 2026 05:06:07 GMT"));
    assert_eq!(body.moved_to, None);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = MockServer::start().await;
    Mock::given(sent("if-none-match", "\"v1\""))
        .and(header_exists("if-modified-since"))
        .respond_with(ResponseTemplate::new(304))
        .mount(&server)
        .await;
    let known =
        Validators { etag: Some("\"v1\"".to_owned()), last_modified: Some("Wed, 04 Mar 2026 05:06:07 GMT".to_owned()) };
    let fetcher = Fetcher::new(options()).unwrap();
    assert_eq!(fetcher.get(&server.uri().parse().unwrap(), &known).await, Ok(Fetched::Unchanged));
}

#[tokio::test]
async fn packed_bodies_are_unpacked_and_bombs_are_not() {
    let packed = ResponseTemplate::new(200).insert_header("content-encoding", "gzip");
    let server = server_answering(packed.clone().set_body_bytes(gzip(b"<rss/>"))).await;
    assert_eq!(&body(get(&server.uri()).await).bytes[..], b"<rss/>");

    let server = server_answering(packed.set_body_bytes(gzip(&vec![0; 64 * 1024 * 1024]))).await;
    assert_eq!(get(&server.uri()).await, Err(FetchError::TooLarge { most: 1024 * 1024 }));
}

#[tokio::test]
async fn too_large_a_body_is_refused_announced_or_not() {
    let server = server_answering(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 1024 * 1024 + 1])).await;
    let refused = get(&server.uri()).await.unwrap_err();
    assert_eq!(refused.to_string(), "The document is larger than 1 MB, the most that is read.");

    // Endless and without a length.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    assert_eq!(get(&format!("http://{address}/")).await, Err(FetchError::TooLarge { most: 1024 * 1024 }));
}

#[tokio::test]
async fn redirects_are_followed_remembered_and_counted() {
    let server = MockServer::start().await;
    let to = |status, target: &str| ResponseTemplate::new(status).insert_header("location", target);
    for (from, response) in [
        ("/old", to(301, "/older")),
        ("/older", to(308, "new")),
        ("/for-now", to(302, "/old")),
        ("/circle", to(301, "/circle")),
        ("/nowhere", to(301, "http://[broken")),
        ("/inside", to(302, "http://10.0.0.1/secret")),
        ("/file", to(302, "file:///etc/passwd")),
        ("/new", ResponseTemplate::new(200).set_body_string("here")),
    ] {
        Mock::given(path(from)).respond_with(response).mount(&server).await;
    }
    let at = |path: &str| format!("{}{path}", server.uri());
    let moved = body(get(&at("/old")).await);
    assert_eq!(moved.url.as_str(), at("/new"));
    assert_eq!(moved.moved_to.map(String::from), Some(at("/new")));
    assert_eq!(body(get(&at("/for-now")).await).moved_to, None);
    assert_eq!(get(&at("/circle")).await, Err(FetchError::TooManyRedirects { most: 3 }));
    assert_eq!(get(&at("/nowhere")).await, Err(FetchError::BadRedirect));
    assert_eq!(get(&at("/inside")).await, Err(FetchError::Private { address: "10.0.0.1".parse().unwrap() }));
    assert_eq!(get(&at("/file")).await, Err(FetchError::NotHttp { scheme: "file".to_owned() }));
}

#[tokio::test]
async fn private_addresses_are_refused_as_numbers_and_by_name() {
    let closed = || FetchOptions { allow_private: Vec::new(), ..options() };
    let server = server_answering(ResponseTemplate::new(200)).await;
    let port = server.address().port();
    for host in ["127.0.0.1", "localhost", "127.1", "[::1]"] {
        let refused = get_with(closed(), &format!("http://{host}:{port}/")).await;
        assert!(matches!(refused, Err(FetchError::Private { .. })), "{host}: {refused:?}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(get("http://no-such-host.invalid/").await, Err(FetchError::UnknownHost));
}

#[tokio::test]
async fn a_name_that_changes_its_address_never_leads_inside() {
    // What may be asked is 127.0.0.1 alone here; what is behind the firewall answers at 127.0.0.2.
    let open =
        server_answering(ResponseTemplate::new(200).set_body_string("open").insert_header("connection", "close")).await;
    let port = open.address().port();
    let inside = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let reached = Arc::new(AtomicBool::new(false));
    let reaches = Arc::clone(&reached);
    tokio::spawn(async move {
        while inside.accept().await.is_ok() {
            reaches.store(true, Ordering::SeqCst);
        }
    });
    // A name server that first gives one address, then the other, then both, then two of the inside.
    let answers: [&[[u8; 4]]; 4] =
        [&[[127, 0, 0, 1]], &[[127, 0, 0, 2]], &[[127, 0, 0, 2], [127, 0, 0, 1]], &[[127, 0, 0, 2], [10, 0, 0, 1]]];
    let asked = Arc::new(AtomicUsize::new(0));
    let turn = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_| {
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        let found = answers[turn.min(3)].iter().map(|address| (*address, 0).into()).collect();
        Box::pin(async move { Ok(found) })
    });
    let options = FetchOptions { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..options() };
    let fetcher = Fetcher::looking_up(options, lookup).unwrap();
    let url = Url::parse(&format!("http://rebound.example:{port}/")).unwrap();
    let get = async || fetcher.get(&url, &Validators::default()).await;
    let refused = Err(FetchError::Private { address: "127.0.0.2".parse().unwrap() });
    assert_eq!(&body(get().await).bytes[..], b"open");
    assert_eq!(get().await, refused);
    assert_eq!(&body(get().await).bytes[..], b"open", "of two addresses the one that may be asked");
    assert_eq!(get().await, refused);
    assert_eq!(asked.load(Ordering::SeqCst), 4, "each is looked up once, by what connects");
    assert!(!reached.load(Ordering::SeqCst));
}

#[tokio::test]
async fn statuses_become_sentences_and_say_when_to_come_back() {
    for (status, sentence) in [
        (404, "The host says that there is nothing at this address (404)."),
        (410, "The host says that this is gone for good (410)."),
        (403, "The host does not let us read this (403)."),
        (418, "The host answered with status 418, which gives nothing to read."),
        (503, "The host has a problem of its own (503)."),
    ] {
        let server = server_answering(ResponseTemplate::new(status)).await;
        assert_eq!(get(&server.uri()).await.unwrap_err().to_string(), sentence);
    }
    let server = server_answering(ResponseTemplate::new(429).insert_header("retry-after", "120")).await;
    let error = get(&server.uri()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(RetryAfter::Wait(chrono::Duration::seconds(120))));
    assert_eq!((error.outcome(), FetchError::Gone.outcome()), (Outcome::Failed, Outcome::Gone));
}

#[tokio::test]
async fn slow_hosts_cost_no_more_than_the_time_limits() {
    let hurried =
        || FetchOptions { read_timeout: Duration::from_millis(300), timeout: Duration::from_secs(3), ..options() };
    let get = |address: String| async move { get_with(hurried(), &address).await };
    let started = Instant::now();
    let silent = raw_server(b"", Some(Duration::from_mins(1))).await;
    assert_eq!(get(silent).await, Err(FetchError::Timeout));
    let stalling = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Some(Duration::from_mins(1))).await;
    assert_eq!(get(stalling).await, Err(FetchError::Timeout));
    assert!(started.elapsed() < Duration::from_secs(3));
    // A byte now and then outlasts the limit between two pieces, not the one for the whole.
    let dripping =
        raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", Some(Duration::from_millis(100))).await;
    assert_eq!(get(dripping).await, Err(FetchError::Timeout));
}

#[tokio::test]
async fn broken_answers_are_told_apart() {
    let short = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", None).await;
    assert_eq!(get(&short).await, Err(FetchError::Broken));
    let garbage = raw_server(b"\x00\x01 this is no HTTP\r\n\r\n", None).await;
    assert_eq!(get(&garbage).await, Err(FetchError::Broken));
    let bad_gzip =
        raw_server(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", None).await;
    assert_eq!(get(&bad_gzip).await, Err(FetchError::Broken));
    let no_tls = raw_server(b"HTTP/1.1 200 OK\r\n\r\n", None).await.replace("http:", "https:");
    assert!(matches!(get(&no_tls).await, Err(FetchError::Tls { .. })));
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(get(&format!("http://127.0.0.1:{port}/")).await, Err(FetchError::Refused));
}
