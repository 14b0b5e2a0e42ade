//! How fast news comes in: pages to their main text a second, beside trafilatura from `PyPI` where it is installed; entries
//! a second from the bytes of a feed to committed articles; articles a second from stored text to merged deals; and what a
//! worker makes of all that: articles a second from feeds that a server on this machine serves to merged deals. `make bench`
//! runs it, with a Postgres of its own on this machine.

mod server;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use axum::{Router, extract, http::header, routing::get};
use chrono::Utc;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, postgres::PgPoolOptions};
use wattline::{
    db::{
        MIGRATOR,
        embedded::{Durability, EmbeddedPostgres},
        sources,
    },
    ingest::{feed, page},
    jobs::{
        merge::merge_pending,
        read::read_unread,
        store::{Publisher, from_entry, store},
    },
    ledger::convert::Rates,
    model::{Rank, Registry},
};

/// How often the pages are read.
const ROUNDS: usize = 40;
/// How many entries a feed has, and how many feeds there are.
const FEED: (usize, usize) = (500, 10);

fn pages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let files = std::fs::read_dir(folder).expect("the pages of the tests").map(|file| file.expect("a file").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "html")).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("a page")).collect()
}

/// Pages a second, each of those of the tests in turn.
fn measure_pages() {
    let pages = pages();
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        for html in &pages {
            std::hint::black_box(page::read(html, None).expect("an article"));
        }
    }
    let count = ROUNDS * pages.len();
    println!("{:<44} {:>8.0} a second", "pages to text, one thread", count as f64 / begun.elapsed().as_secs_f64());

    let script = "import glob, sys, time, trafilatura\n\
        pages = [open(f, encoding='utf-8').read() for f in sorted(glob.glob(sys.argv[1] + '/*.html'))]\n\
        begun = time.perf_counter()\n\
        for _ in range(int(sys.argv[2])):\n    for page in pages: trafilatura.extract(page)\n\
        print(len(pages) * int(sys.argv[2]) / (time.perf_counter() - begun))";
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/recognizers/bin/python");
    let python = if python.exists() { python } else { "python3".into() };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let ran =
        Command::new(python).args(["-c", script]).arg(folder).arg(ROUNDS.to_string()).stderr(Stdio::null()).output();
    let printed = ran.ok().and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse::<f64>().ok());
    match printed {
        Some(rate) => println!("{:<44} {rate:>8.0} a second", "the same by trafilatura from PyPI"),
        None => println!("{:<44} {:>8}", "the same by trafilatura from PyPI", "not installed"),
    }
}

/// A feed of short articles, each of which tells of one deal.
fn drawn(feed: usize) -> Vec<u8> {
    const PLACES: [&str; 12] = [
        "Ohio", "Texas", "Iowa", "Virginia", "Norway", "Spain", "Oregon", "Georgia", "Nevada", "Sweden", "Japan",
        "Utah",
    ];
    const SYLLABLES: [&str; 20] = [
        "North", "Stone", "Iron", "Oak", "River", "Moor", "Glen", "Raven", "Heron", "Larch", "field", "ford", "bridge",
        "mere", "wick", "dale", "holt", "gate", "haven", "worth",
    ];
    let name = |n: usize| format!("{}{}", SYLLABLES[n % 10], SYLLABLES[10 + n / 10 % 10]);
    let item = |k: usize| {
        let n = feed * FEED.0 + k;
        let (buyer, seller, place) = (name(n * 7), name(n * 13 + 5), PLACES[n % 12]);
        let (sum, power) = (1 + n % 90, 10 + n % 700);
        // Words of its own, so that no article is a near copy of another.
        let filler: Vec<String> = (0..120).map(|w| format!("w{}", n * 131 + w * 17)).collect();
        format!(
            "<item><title>{buyer} Cloud rents in {place}</title><link>https://bench.example/{n}</link>\
             <pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate><description>{buyer} Cloud signed a ${sum} billion contract with \
             {seller} Data Centers on Tuesday for {power} MW of capacity in {place}.&lt;p&gt;{}.</description></item>",
            filler.join(" ")
        )
    };
    let items: Vec<String> = (0..FEED.0).map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>Bench {feed}</title>{}</channel></rss>", items.concat()).into_bytes()
}

async fn measure_entries(pool: &PgPool) {
    let feeds: Vec<Vec<u8>> = (0..FEED.1).map(drawn).collect();
    let mut db = pool.acquire().await.expect("a connection");
    let begun = Instant::now();
    for bytes in &feeds {
        let now = Utc::now();
        let feed = feed::parse(bytes, None, None).expect("a feed");
        let publisher = Publisher {
            source_id: None,
            name: "Bench",
            feed: None,
            rank: Rank::Press,
            language: None,
            fetch_pages: false,
            is_archive: false,
        };
        let entries: Vec<_> = feed.entries.iter().filter_map(|entry| from_entry(entry, publisher, now)).collect();
        store(&mut db, &entries, now).await.expect("stored");
    }
    let count = FEED.0 * FEED.1;
    println!("{:<44} {:>8.0} a second", "entries to committed articles", count as f64 / begun.elapsed().as_secs_f64());

    let begun = Instant::now();
    let now = Utc::now();
    let read = read_unread(&mut db, Registry::shipped(), now, || {}).await.expect("read");
    let reading = begun.elapsed();
    let merged = merge_pending(&mut db, Registry::shipped(), &Rates::default(), now).await.expect("merged");
    println!("{:<44} {:>8.0} a second", "stored articles to claims", read as f64 / reading.as_secs_f64());
    println!(
        "{:<44} {:>8.0} a second, into {} deals",
        "stored articles to merged deals",
        read as f64 / begun.elapsed().as_secs_f64(),
        merged.new
    );
}

/// From feeds to merged deals, by one worker process. Each feed is a host of its own.
async fn measure_worker(server: &EmbeddedPostgres, pool: &PgPool) {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let feed = get(async |extract::Path(feed): extract::Path<usize>| {
        ([(header::CONTENT_TYPE, "application/rss+xml")], drawn(feed))
    });
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/feed/{feed}", feed)).await });
    for feed in 0..FEED.1 {
        let url = format!("http://127.0.2.{}:{port}/feed/{feed}", feed + 1);
        sources::add(pool, &url, &format!("Bench {feed}"), Rank::Press, Utc::now()).await.expect("a source");
    }
    let begun = Instant::now();
    let mut worker = Command::new(env!("CARGO_BIN_EXE_wattline"))
        .args(["worker", "--no-archive", "--no-sources", "--allow-private", "127.0.0.0/8", "--log", "error"])
        .args(["--database-url", server.options("worker").to_url_lossy().as_str()])
        .stdin(Stdio::null())
        .spawn()
        .expect("a worker");
    let count = i64::try_from(FEED.0 * FEED.1).expect("few");
    let done = "SELECT (SELECT count(*) FROM articles WHERE extractor IS NOT NULL) = $1 \
                AND NOT EXISTS (SELECT FROM claims WHERE merged_at IS NULL)";
    while !sqlx::query_scalar::<_, bool>(done).bind(count).fetch_one(pool).await.expect("an answer") {
        assert!(begun.elapsed() < Duration::from_mins(10), "the worker has not read the feeds in ten minutes");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let took = begun.elapsed().as_secs_f64();
    println!("{:<44} {:>8.0} a second", "feeds to merged deals, by a worker", count as f64 / took);
    worker.kill().expect("an end");
    worker.wait().expect("an end");
}

/// A database with the tables of the program and nothing in them.
async fn database(server: &EmbeddedPostgres, name: &str) -> PgPool {
    let mut administration = PgConnection::connect_with(&server.options("postgres")).await.expect("a connection");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut administration).await.expect("a database");
    administration.close().await.expect("closed");
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(server.options(name));
    MIGRATOR.run(&pool).await.expect("a schema");
    pool
}

#[tokio::main]
async fn main() {
    measure_pages();
    // Durable, as it is in earnest.
    let (server, _folder) = server::start(Durability::Durable).await;
    let pool = database(&server, "ingest").await;
    measure_entries(&pool).await;
    pool.close().await;
    let pool = database(&server, "worker").await;
    measure_worker(&server, &pool).await;
    pool.close().await;
    server.stop().await;
}
