//! Hosts that are broken or hostile: each costs itself only, and is told of in a sentence.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wattline::{
    db::sources,
    ingest::fetch::{FetchOptions, Fetcher},
    jobs::{
        host::Asker,
        poll::{Polled, poll_source},
    },
    model::Rank,
};

use crate::support::{
    database::{TestDatabase, WATTLINE},
    news::News,
};

/// A host that answers each request by `answer`, and counts them.
async fn host<A, F>(answer: A) -> (String, Arc<AtomicUsize>)
where
    A: Fn(TcpStream) -> F + Send + Sync + 'static,
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/feed", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if stream.read(&mut request).await.unwrap_or(0) == 0 {
                continue;
            }
            counter.fetch_add(1, Ordering::SeqCst);
            // That the other side hangs up is what is hoped for.
            tokio::spawn(answer(stream));
        }
    });
    (url, asked)
}

/// The same with a whole answer.
async fn says(head: &str, body: impl Into<Vec<u8>>) -> String {
    let body: Vec<u8> = body.into();
    let answer: Arc<[u8]> =
        [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").into_bytes(), body].concat().into();
    host(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            stream.write_all(&answer).await?;
            stream.shutdown().await
        }
    })
    .await
    .0
}

/// Bytes for ever, with a pause behind each piece.
async fn endless(head: &'static str, piece: &'static [u8], pause: Duration) -> String {
    host(move |mut stream| async move {
        stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes()).await?;
        loop {
            stream.write_all(piece).await?;
            tokio::time::sleep(pause).await;
        }
    })
    .await
    .0
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, bytes).unwrap();
    packer.finish().unwrap()
}

fn bomb() -> Vec<u8> {
    gzip(&vec![b' '; 64 * 1024 * 1024])
}

fn feed(items: usize) -> String {
    let item =
        |n| format!("<item><title>Item {n}</title><guid>{n}</guid><description>Words about {n}.</description></item>");
    format!(
        "<rss version=\"2.0\"><channel><title>Long</title>{}</channel></rss>",
        (0..items).map(item).collect::<Vec<_>>().concat()
    )
}

/// Asks a source once, as the worker does but with little patience, and returns what is noted on it.
async fn asked(pool: &PgPool, url: &str, allow: &str) -> (Option<String>, i32, DateTime<Utc>) {
    let options = FetchOptions {
        allow_private: vec![allow.parse().unwrap()],
        connect_timeout: Duration::from_secs(2),
        read_timeout: Duration::from_secs(2),
        timeout: Duration::from_secs(4),
        ..FetchOptions::default()
    };
    let asker = Asker::new(pool.clone(), Fetcher::new(options).unwrap(), Duration::ZERO);
    sources::watch(pool, url, url, Rank::Press, Utc::now()).await.unwrap();
    let id = sources::all(pool).await.unwrap().into_iter().find(|source| source.url == url).unwrap().id;
    let polled = poll_source(pool, &asker, id, Utc::now()).await.unwrap();
    assert!(matches!(polled, Polled::Done(_)), "{url}: {polled:?}");
    sqlx::query_as("SELECT last_error, failures, due_at FROM sources WHERE id = $1")
        .bind(id)
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Asserts that a source fails with a sentence.
async fn fails(pool: &PgPool, url: &str, sentence: &str) -> DateTime<Utc> {
    let (error, failures, due) = asked(pool, url, "127.0.0.0/8").await;
    let error = error.unwrap_or_else(|| panic!("{url} did not fail: {sentence}"));
    assert!(error.contains(sentence), "{error} is not: {sentence}");
    assert_eq!(failures, 1, "{error}");
    due
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_drip_and_a_body_without_end_are_cut_off() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let drip = endless("Content-Type: text/xml\r\n", b"x", Duration::from_millis(200)).await;
    fails(pool, &drip, "did not answer in time").await;
    let silent = host(|stream| async move {
        tokio::time::sleep(Duration::from_mins(1)).await;
        drop(stream);
        Ok(())
    });
    fails(pool, &silent.await.0, "did not answer in time").await;
    let flood = endless("Content-Type: text/xml\r\n", &[b'x'; 8_192], Duration::ZERO).await;
    fails(pool, &flood, "larger than 16 MB").await;
    let announced = says("200 OK\r\nContent-Length: 99999999999", "x").await;
    fails(pool, &announced, "larger than 16 MB").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_body_that_unpacks_to_a_large_one_is_never_held_whole() {
    let database = TestDatabase::new().await;
    let bomb = bomb();
    assert!(bomb.len() < 100_000);
    let url = says("200 OK\r\nContent-Encoding: gzip", bomb).await;
    fails(database.pool(), &url, "larger than 16 MB").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_in_a_circle_or_to_where_nobody_may_look_lead_nowhere() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let circle = host(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await
    });
    let (circle, count) = circle.await;
    fails(pool, &circle, "redirected more than 8 times").await;
    assert_eq!(count.load(Ordering::SeqCst), 9);

    let (inside, seen) =
        host(|mut stream| async move { stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nsecret").await }).await;
    let inside = inside.replace("127.0.0.1", "127.0.0.2");
    for target in
        [inside.as_str(), "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://0x0a000001/"]
    {
        let url = says(&format!("302 Found\r\nLocation: {target}"), "").await;
        let (error, ..) = asked(pool, &url, "127.0.0.1/32").await;
        assert!(error.as_deref().unwrap().contains("is not public"), "{target}: {error:?}");
    }
    let file = says("302 Found\r\nLocation: file:///etc/passwd", "").await;
    fails(pool, &file, "Only http and https").await;
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_judged_by_the_address_that_is_connected_to() {
    // A name may say one thing when it is checked and another when it is connected to. Here it is looked up once, by
    // what connects: a name that leads to this machine passes no check of its address, and is stopped all the same.
    let database = TestDatabase::new().await;
    let (url, seen) = host(|mut stream| async move { stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nsecret").await }).await;
    let named = url.replace("127.0.0.1", "localhost");
    let (error, ..) = asked(database.pool(), &named, "10.0.0.0/8").await;
    assert!(error.as_deref().unwrap().contains("is not public"), "{error:?}");
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    let (error, ..) = asked(database.pool(), &named, "127.0.0.0/8").await;
    assert!(!error.as_deref().unwrap().contains("is not public"), "{error:?}");
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_told_apart() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let whole = feed(2);
    let short = says(&format!("200 OK\r\nContent-Length: {}", whole.len() + 100), whole.clone()).await;
    fails(pool, &short, "broke off").await;
    let garbage = host(|mut stream| async move { stream.write_all(&[0, 159, 146, 150, 13, 10, 13, 10]).await });
    fails(pool, &garbage.await.0, "could not be understood").await;
    let reset = host(|stream| async move {
        stream.set_zero_linger()?;
        drop(stream);
        Ok(())
    });
    fails(pool, &reset.await.0, "broke off").await;
    let no_tls = says("200 OK", whole.clone()).await.replace("http:", "https:");
    fails(pool, &no_tls, "No secure connection").await;
    let bad_gzip = says("200 OK\r\nContent-Encoding: gzip", "no gzip").await;
    fails(pool, &bad_gzip, "broke off").await;
    fails(pool, &says("500 Oops", "").await, "a problem of its own (500)").await;
    let noise: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fails(pool, &says("200 OK", noise).await, "neither RSS, Atom nor JSON Feed").await;
    // What is longer than it says is read as far as it says.
    let long = says(&format!("200 OK\r\nContent-Length: {}", whole.len()), format!("{whole}<rubbish>")).await;
    assert_eq!(asked(pool, &long, "127.0.0.0/8").await.0, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_asks_for_rest_gets_it_and_one_that_is_gone_is_left_alone() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let busy = says("429 Too Many Requests\r\nRetry-After: 7200", "").await;
    let due = fails(pool, &busy, "asks for fewer requests (429)").await;
    assert!(due >= Utc::now() + chrono::TimeDelta::minutes(119), "{due}");
    fails(pool, &says("410 Gone", "").await, "gone for good (410)").await;
    let active: bool =
        sqlx::query_scalar("SELECT active FROM sources WHERE last_error LIKE '%410%'").fetch_one(pool).await.unwrap();
    assert!(!active);
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_of_entities_and_entities_from_elsewhere_are_text() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let (elsewhere, seen) =
        host(|mut stream| async move { stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nsecret").await }).await;
    let levels: String = (1..12)
        .map(|n| format!("<!ENTITY b{n} \"{}\">", format!("&b{};", n - 1).repeat(10)))
        .collect::<Vec<_>>()
        .concat();
    let body = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY b0 \"boom\">{levels}<!ENTITY x SYSTEM \"{elsewhere}\">\
         <!ENTITY f SYSTEM \"file:///etc/passwd\"><!ENTITY % p SYSTEM \"{elsewhere}\"> %p;]>\
         <rss version=\"2.0\"><channel><title>T</title><item><title>Bomb &b11; &x; &f;</title></item></channel></rss>"
    );
    assert_eq!(asked(pool, &says("200 OK", body).await, "127.0.0.0/8").await.0, None);
    let title: String = sqlx::query_scalar("SELECT title FROM articles").fetch_one(pool).await.unwrap();
    assert_eq!(title, "Bomb &b11; &x; &f;");
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

/// A worker as a process of its own, whose memory can be looked at.
struct Worker(Child);

impl Worker {
    fn start(database: &TestDatabase) -> Self {
        let mut command = Command::new(WATTLINE);
        command.args([
            "worker",
            "--no-archive",
            "--no-sources",
            "--allow-private",
            "127.0.0.0/8",
            "--host-delay",
            "10",
        ]);
        command.args(["--database-url", &database.url()]);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// A line of its status in kilobytes.
    fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("the worker lives");
        let found = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':')).expect("Linux says so");
        found.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn until(pool: &PgPool, query: &'static str) {
    for _ in 0..1200 {
        if sqlx::query_scalar::<_, bool>(query).fetch_one(pool).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("in vain: {query}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_among_hostile_hosts_reads_the_others_and_stays_small() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let pool = database.pool();
    let worker = Worker::start(&database);
    until(pool, "SELECT to_regclass('graphile_worker._private_jobs') IS NOT NULL").await;

    let watch = async |url: &str| {
        sources::watch(pool, url, url, Rank::Press, Utc::now()).await.unwrap();
        sqlx::query("SELECT pg_notify('wattline_due', '')").execute(pool).await.unwrap();
    };
    // The good one is read while another drips.
    watch(&endless("Content-Type: text/xml\r\n", b"x", Duration::from_millis(200)).await).await;
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    news.serve("/harrow-loan", "harrow-loan.html", "text/html").await;
    watch(&news.url("/feed.xml")).await;
    until(pool, "SELECT count(*) = 2 FROM deals").await;
    // What it needs to know for reading, it has learned by now.
    let idle = worker.memory("VmRSS");
    watch(&endless("Content-Type: text/xml\r\n", &[b'x'; 8_192], Duration::ZERO).await).await;
    until(pool, "SELECT count(*) = 1 FROM sources WHERE last_error LIKE '%larger than 16 MB%'").await;
    watch(&says("200 OK\r\nContent-Encoding: gzip", bomb()).await).await;
    until(pool, "SELECT count(*) = 2 FROM sources WHERE last_error LIKE '%larger than 16 MB%'").await;
    watch(&says("200 OK", feed(100_000)).await).await;
    until(pool, "SELECT count(*) = 1 FROM sources WHERE last_error LIKE '%more than 10000 entries%'").await;
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM articles WHERE title LIKE 'Item %'").fetch_one(pool).await.unwrap();
    assert_eq!(kept, 10_000);
    let most = worker.memory("VmHWM");
    assert!(most < idle + 64 * 1024, "{most} kB at most, {idle} kB when idle");
}
