//! How fast mail is made and sent, beside bare loops of the mail library with a constant body: as the library opens its lines,
//! and over lines that do not hold short writes back (`TCP_NODELAY`), as ours are.
//!
//! `cargo bench --bench mail` first renders an issue of a hundred deals for as many filters as it can, then sends one issue to
//! subscribers of a database of its own, by a server on this machine that takes everything, and prints how the memory grows
//! with their number.

mod server;

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{client::AsyncSmtpConnection, extension::ClientId},
};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use url::Url;
use uuid::Uuid;
use wattline::{
    db::{MIGRATOR, deliveries, embedded::Durability, issues},
    digest::{
        mail::Sender,
        render,
        smtp::{Outbox, Server},
    },
    ingest::fetch::{FetchOptions, Fetcher},
    jobs::post::{Pace, Post, Setting, drain},
    ledger::{
        convert::Rates,
        derive::derive,
        issue::{Issue, Touched, choose},
        quiet::Patience,
        resolve::resolve,
    },
    model::{Claim, Deal, DealFilter, EmailAddress, Period, Rank, Registry, SourcedClaim},
};

/// To how many subscribers is sent; the last number is for the memory alone.
const READERS: [i64; 3] = [1_000, 10_000, 100_000];
/// Over how many lines.
const LINES: usize = 4;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let issue = issue(100);
    rendering(&issue);
    runtime.block_on(sending(&issue));
}

fn week() -> Period {
    "2026-W20".parse().expect("a week")
}

fn deal(number: u128) -> Deal {
    let published: DateTime<Utc> = week().from + TimeDelta::hours(9);
    let billions = Decimal::from(u64::try_from(number).unwrap_or(1) * 1_000_000_000);
    let (buyer, provider) = (format!("Buyer {number}"), format!("Provider {number}"));
    let claim: Claim = serde_json::from_value(json!({
        "kind": "compute", "status": "signed", "chips": [], "duration_months": 60, "announced_on": "2026-05-12", "places": ["Texas"],
        "capacity": [{"mw": 120.0}], "confidence": 1.0, "evidence": [],
        "parties": [{"name": buyer, "role": "buyer"}, {"name": provider, "role": "provider"}],
        "amounts": [{"value": billions.to_string(), "value_max": null, "currency": "USD", "qualifier": "exact", "basis": "total",
            "certainty": "firm", "part": false}]
    }))
    .expect("a claim");
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
    derive(&[sourced], Registry::shipped(), &Rates::default()).expect("a record")
}

fn issue(deals: u128) -> Issue {
    let touched = (1..=deals)
        .map(|number| Touched {
            deal: Uuid::from_u128(number),
            before: None,
            after: Some(deal(number)),
            edited: false,
            merged: false,
        })
        .collect();
    choose(week(), touched, Vec::new(), Vec::new(), Patience::default())
}

fn rendering(issue: &Issue) {
    let site = Url::parse("https://wattline.example/").expect("a URL");
    let (start, mut mails) = (Instant::now(), 0_u32);
    while start.elapsed() < Duration::from_secs(5) {
        let filter = DealFilter { min_usd: Some(Decimal::from(mails)), ..DealFilter::default() };
        let view = issue.view(&filter, None);
        black_box(render::issue(&view, "min_usd=1", &site).expect("a mail"));
        mails += 1;
    }
    println!(
        "rendered: {:.0} mails a second, each of another filter",
        f64::from(mails) / start.elapsed().as_secs_f64()
    );
}

/// A server that takes everything and keeps nothing; how many it took.
async fn sink() -> (u16, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let taken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                let mut in_message = false;
                let _ = stream.get_mut().write_all(b"220 ready\r\n").await;
                loop {
                    line.clear();
                    if stream.read_until(b'\n', &mut line).await.unwrap_or_default() == 0 {
                        return;
                    }
                    let answer: &[u8] = if in_message {
                        if line != b".\r\n" {
                            continue;
                        }
                        in_message = false;
                        counter.fetch_add(1, Ordering::Relaxed);
                        b"250 taken\r\n"
                    } else if line.starts_with(b"DATA") {
                        in_message = true;
                        b"354 go on\r\n"
                    } else {
                        b"250 ok\r\n"
                    };
                    if stream.get_mut().write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, taken)
}

async fn sending(issue: &Issue) {
    let (port, taken) = sink().await;
    let message = constant(issue);
    let library = bare(port, &message).await;
    println!("sent by the library's bare loop over {LINES} lines: {library:.0} mails a second");
    let limit = bare_without_delay(port, &message).await;
    println!("sent by the same over lines without delay: {limit:.0} mails a second");

    let (server, _folder) = server::start(Durability::Durable).await;
    let options = server.options(wattline::db::embedded::APPLICATION_DATABASE);
    let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.expect("a database");
    MIGRATOR.run(&pool).await.expect("a schema");
    let mut db = pool.acquire().await.expect("a connection");
    issues::freeze(&mut db, issue, Utc::now()).await.expect("an issue");
    let id = issues::id_of(&mut db, &issue.period.name()).await.expect("a database").expect("an issue");
    drop(db);

    for readers in READERS {
        let subscriptions = subscribe(&pool, readers).await;
        let mut db = pool.acquire().await.expect("a connection");
        deliveries::plan(&mut db, id, &subscriptions, Utc::now()).await.expect("deliveries");
        drop((db, subscriptions));
        let post = Arc::new(Post::open(pool.clone(), setting(port)).await.expect("a post"));
        let (before, start) = (taken.load(Ordering::Relaxed), Instant::now());
        let memory = memory();
        drain(&post).await.expect("mail");
        let seconds = start.elapsed().as_secs_f64();
        let sent = taken.load(Ordering::Relaxed) - before;
        println!(
            "sent to {readers} subscribers: {:.0} mails a second, {:.0}% and {:.0}% of the loops; memory grew by {} MB",
            sent as f64 / seconds,
            sent as f64 / seconds / library * 100.0,
            sent as f64 / seconds / limit * 100.0,
            (self::memory().saturating_sub(memory)) / 1024
        );
        assert_eq!(sent, u64::try_from(readers).unwrap_or_default());
    }
    pool.close().await;
    server.stop().await;
}

fn constant(issue: &Issue) -> Message {
    let site = Url::parse("https://wattline.example/").expect("a URL");
    let body = render::issue(&issue.view(&DealFilter::default(), None), "", &site).expect("a mail");
    Message::builder()
        .from("digest@wattline.example".parse().expect("an address"))
        .to("ada@reader.example".parse().expect("an address"))
        .subject(&body.subject)
        .multipart(lettre::message::MultiPart::alternative_plain_html(body.text, body.html))
        .expect("a message")
}

/// Mails a second of the mail library alone, each line one after the other.
async fn bare(port: u16, message: &Message) -> f64 {
    let (start, number) = (Instant::now(), 200);
    let lines = (0..LINES).map(|_| {
        let (bytes, envelope) = (message.formatted(), message.envelope().clone());
        tokio::spawn(async move {
            let line = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(port).build();
            for _ in 0..number {
                line.send_raw(&envelope, &bytes).await.expect("a mail");
            }
        })
    });
    futures::future::join_all(lines).await;
    (LINES * number) as f64 / start.elapsed().as_secs_f64()
}

/// The same over lines that send every write at once.
async fn bare_without_delay(port: u16, message: &Message) -> f64 {
    let (start, number) = (Instant::now(), 4000);
    let lines = (0..LINES).map(|_| {
        let (bytes, envelope) = (message.formatted(), message.envelope().clone());
        tokio::spawn(async move {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
            stream.set_nodelay(true).expect("a socket");
            let hello = ClientId::Domain("wattline.example".to_owned());
            let mut line =
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.expect("a greeting");
            for _ in 0..number {
                line.send(&envelope, &bytes).await.expect("a mail");
            }
        })
    });
    futures::future::join_all(lines).await;
    (LINES * number) as f64 / start.elapsed().as_secs_f64()
}

fn setting(port: u16) -> Setting {
    let address = |text: &str| EmailAddress::parse(text).expect("an address");
    let url = Url::parse(&format!("smtp://127.0.0.1:{port}?tls=none")).expect("a URL");
    Setting {
        outbox: Some(Outbox::Server(Server::parse(&url, "wattline.example").expect("a server"))),
        fetcher: Fetcher::new(FetchOptions::default()).expect("a fetcher"),
        inbound: None,
        sender: Sender {
            name: "Wattline".to_owned(),
            from: address("digest@wattline.example"),
            bounces: address("bounces@wattline.example"),
            host: "wattline.example".to_owned(),
        },
        site: Url::parse("https://wattline.example/").expect("a URL"),
        pace: Pace { a_second: 1e6, domain_a_minute: 6e7, lines: LINES },
        patience: Patience::default(),
    }
}

/// Adds so many confirmed subscribers, who are the only ones.
async fn subscribe(pool: &PgPool, number: i64) -> Vec<Uuid> {
    for statement in ["DELETE FROM deliveries", "DELETE FROM subscriptions", "DELETE FROM addresses"] {
        sqlx::query(statement).execute(pool).await.expect("a database");
    }
    sqlx::query(
        "INSERT INTO addresses (id, channel, address, created_at)
         SELECT gen_random_uuid(), 'mail', 'reader' || n || '@host' || n % 100 || '.example', now() FROM generate_series(1, $1) n",
    )
    .bind(number)
    .execute(pool)
    .await
    .expect("addresses");
    let made = sqlx::query_scalar(
        "WITH made AS (
             INSERT INTO subscriptions (id, query, wish, cadence, weekday, hour, zone, format, when_quiet, created_at)
             SELECT id, '', '{}', 'weekly', 1, 7, 'UTC', 'both', true, now() FROM addresses RETURNING id)
         INSERT INTO recipients (id, subscription_id, address_id, confirmed_at, created_at)
         SELECT id, id, id, now(), now() FROM made RETURNING subscription_id",
    );
    made.fetch_all(pool).await.expect("subscribers")
}

/// The memory that this process holds, in kilobytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
