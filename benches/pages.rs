//! How fast pages are over a hundred thousand drawn deals and a million articles, asked over eight connections, beside a
//! static file of the same size from the same server. `make bench` runs it; other sizes can be named:
//! `cargo bench --bench pages -- 5000 20000`.
//!
//! Each page is asked twice: as it is when nothing has changed, and with an address that has never been asked for, so
//! that it has to be made anew.

mod server;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Path,
    routing::get,
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sqlx::{PgPool, postgres::PgPoolOptions};
use wattline::{
    commands::synth,
    db::{MIGRATOR, embedded::Durability},
    web::{self, App},
};

const CONNECTIONS: usize = 8;
/// For how long each page is asked.
const ASKED: Duration = Duration::from_secs(6);
/// As many answers are thrown away first, so that what is measured is the steady state.
const WARM: usize = 50;

#[tokio::main]
async fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (deals, articles) = (numbers.first().copied().unwrap_or(100_000), numbers.get(1).copied().unwrap_or(1_000_000));
    let (server, _folder) = server::start(Durability::Disposable).await;
    let pool = PgPoolOptions::new().max_connections(16).connect_lazy_with(server.options("postgres"));
    MIGRATOR.run(&pool).await.expect("a schema");
    let started = Instant::now();
    synth::fill(&mut pool.acquire().await.expect("a connection"), deals, articles).await.expect("a ledger");
    eprintln!("{deals} deals and {articles} articles drawn in {} s", started.elapsed().as_secs());
    measure(pool.clone()).await;
    pool.close().await;
    server.stop().await;
}

async fn measure(pool: PgPool) {
    let company: String =
        sqlx::query_scalar("SELECT company FROM deal_parties GROUP BY 1 ORDER BY count(*) DESC LIMIT 1 OFFSET 20")
            .fetch_one(&pool)
            .await
            .expect("a company");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let site = web::router(App::new(pool, format!("http://{address}/").parse().expect("an address")));
    let router = site.merge(Router::new().route("/same-size/{bytes}", get(same_size)));
    tokio::spawn(async move { axum::serve(listener, router).await });

    println!(
        "{:<44}{:>9}{:>10}{:>10}{:>12}{:>16}",
        "page, over eight connections", "kB", "p50 ms", "p99 ms", "a second", "of a file's"
    );
    let mut names = vec![
        ("the timeline", "/".to_owned()),
        ("the timeline, filtered", "/?kind=compute&status=signed&min_usd=1bn".to_owned()),
        ("the timeline, by dollars", "/?sort=usd&country=NO".to_owned()),
        ("a company", format!("/companies/{company}")),
        ("the search", "/search?q=Quillmoor".to_owned()),
        ("the interface's deals", "/api/v1/deals?kind=power".to_owned()),
    ];
    if ask(&format!("http://{address}/network")).await.is_ok() {
        names.push(("the network", "/network".to_owned()));
    }
    for (name, path) in names {
        let url = format!("http://{address}{path}");
        let size = ask(&url).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let file = load(Arc::new(move |_| format!("http://{address}/same-size/{size}"))).await;
        let same = url.clone();
        let remembered = load(Arc::new(move |_| same.clone())).await;
        let joint = if url.contains('?') { '&' } else { '?' };
        print(&format!("{name}, unchanged"), size, &remembered, &file);
        // The interface takes no field that it does not know; some dollars more are another list.
        let field = if path.starts_with("/api/") { "min_usd" } else { "utm_number" };
        let anew = load(Arc::new(move |number| format!("{url}{joint}{field}={number}"))).await;
        print(&format!("{name}, made anew"), size, &anew, &file);
        print("    a file of its size", size, &file, &file);
    }
}

/// A file of so many bytes.
async fn same_size(Path(bytes): Path<usize>) -> Bytes {
    Bytes::from(vec![b'x'; bytes])
}

/// What a page took, the quickest first, and how many were answered in a second.
struct Measured {
    times: Vec<Duration>,
    rate: f64,
}

fn print(name: &str, size: usize, page: &Measured, file: &Measured) {
    let at = |share: f64| {
        let place = ((page.times.len() as f64 * share) as usize).min(page.times.len().saturating_sub(1));
        page.times[place].as_secs_f64() * 1000.0
    };
    println!(
        "{name:<44}{:>9.1}{:>10.2}{:>10.2}{:>12.0}{:>15.0}%",
        size as f64 / 1000.0,
        at(0.5),
        at(0.99),
        page.rate,
        page.rate / file.rate * 100.0
    );
}

/// Asks over all connections at once, one request after another on each; `address` makes the n-th address.
async fn load(address: Arc<dyn Fn(usize) -> String + Send + Sync>) -> Measured {
    let asked = Arc::new(AtomicUsize::new(0));
    for _ in 0..WARM {
        ask(&address(asked.fetch_add(1, Ordering::Relaxed))).await.expect("an answer");
    }
    let started = Instant::now();
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (asked, address) = (asked.clone(), address.clone());
            tokio::spawn(async move {
                let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1).build_http::<Body>();
                let mut times = Vec::new();
                while started.elapsed() < ASKED {
                    let url = address(asked.fetch_add(1, Ordering::Relaxed)).parse().expect("an address");
                    let sent = Instant::now();
                    let response = client.get(url).await.expect("an answer");
                    assert!(response.status().is_success(), "{}", response.status());
                    to_bytes(Body::new(response.into_body()), usize::MAX).await.expect("a body");
                    times.push(sent.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for connection in connections {
        times.extend(connection.await.expect("a connection"));
    }
    let rate = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort();
    Measured { times, rate }
}

/// Asks once; how many bytes the answer has.
async fn ask(url: &str) -> Result<usize, String> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let response = client.get(url.parse().expect("an address")).await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(response.status().to_string());
    }
    Ok(to_bytes(Body::new(response.into_body()), usize::MAX).await.map_err(|error| error.to_string())?.len())
}
