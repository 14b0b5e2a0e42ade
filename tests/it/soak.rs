//! Three workers on one database, one of them killed every few seconds, and many sources: at the end each article is there
//! once with its claims, and no host was asked twice at a time.
//!
//! Small by default; `make soak` runs it at full size: articles appear over an hour, and the memory of the worker that is
//! never killed is drawn in `target/soak.svg`. The sizes are told in the environment.

use std::{
    collections::HashMap,
    fmt::Write as _,
    ops::Range,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use wattline::{db::sources, model::Rank};

use crate::support::database::{TestDatabase, WATTLINE};

/// Hosts as they were seen from their side.
#[derive(Default)]
struct Seen {
    /// How many requests each is answering.
    now: HashMap<String, usize>,
    /// What was asked of hosts that were answering already.
    at_once: Vec<String>,
    requests: usize,
}

#[derive(Clone)]
struct Hosts {
    seen: Arc<Mutex<Seen>>,
    articles: usize,
    begun: DateTime<Utc>,
    /// How long it takes until the last article of each source is out.
    spread: Duration,
}

/// A request that is being answered.
struct Answering(Arc<Mutex<Seen>>, String);

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(now) = self.0.lock().unwrap().now.get_mut(&self.1) {
            *now -= 1;
        }
    }
}

impl Hosts {
    fn begin(&self, headers: &HeaderMap, what: &str) -> Answering {
        let host = headers[header::HOST].to_str().unwrap().to_owned();
        let mut seen = self.seen.lock().unwrap();
        seen.requests += 1;
        let now = seen.now.entry(host.clone()).or_default();
        *now += 1;
        if *now > 1 {
            seen.at_once.push(format!("{host}{what}"));
        }
        Answering(Arc::clone(&self.seen), host)
    }

    /// Which articles of each source its feed shows: of those that are out the latest, as feeds do.
    fn shown(&self) -> Range<usize> {
        const LATEST: usize = 60;
        if self.spread.is_zero() {
            return 0..self.articles;
        }
        let since = (Utc::now() - self.begun).to_std().unwrap_or_default().as_secs_f64();
        let out = (self.articles as f64 * (since / self.spread.as_secs_f64()).min(1.0)) as usize;
        out.saturating_sub(LATEST)..out
    }
}

const FIRST: [&str; 24] = [
    "North", "South", "East", "West", "High", "Low", "Stone", "Iron", "Copper", "Silver", "Oak", "Elm", "Birch",
    "River", "Lake", "Hill", "Moor", "Glen", "Fen", "Heath", "Raven", "Heron", "Otter", "Larch",
];
const SECOND: [&str; 24] = [
    "field", "ford", "bridge", "mere", "wick", "stead", "dale", "combe", "holt", "shaw", "croft", "gate", "mont",
    "brook", "burn", "haven", "port", "well", "thorpe", "worth", "ley", "hurst", "den", "cliff",
];
const WORDS: [&str; 40] = [
    "the", "weather", "turned", "mild", "over", "valley", "while", "old", "orchard", "stood", "quiet", "people",
    "walked", "along", "canal", "under", "grey", "clouds", "children", "played", "near", "church", "with", "small",
    "wooden", "boats", "bakers", "opened", "early", "and", "sold", "warm", "bread", "to", "those", "who", "waited",
    "in", "cold", "morning",
];

/// What the names of the companies begin with, in turn. News moves on: if all the articles were about the same companies on
/// one day, each new deal would be held against ever more others, and the worker's memory would show that and nothing else.
const MARKETS: [&str; 6] = ["Al", "Bel", "Cor", "Dun", "El", "Fal"];

/// Numbers that look like chance and are the same each time.
fn mixed(n: usize, salt: usize) -> usize {
    (n.wrapping_mul(0x9E37_79B9).wrapping_add(salt.wrapping_mul(0x85EB_CA6B))).wrapping_mul(0xC2B2_AE35) >> 7
}

/// A company of article `n`, of a source with so many articles.
fn name(n: usize, salt: usize, articles: usize) -> String {
    let (drawn, market) = (mixed(n, salt), n % articles * MARKETS.len() / articles);
    format!("{}{}{}", MARKETS[market], FIRST[drawn % 24].to_lowercase(), SECOND[drawn / 24 % 24])
}

fn lead(n: usize, articles: usize) -> String {
    let (buyer, seller) = (name(n, 1, articles), name(n, 2, articles));
    let (sum, power) = (1 + mixed(n, 3) % 90, 10 + mixed(n, 4) % 900);
    format!(
        "{buyer} Cloud signed a ${sum}.{} billion contract with {seller} Data Centers on Tuesday for {power} MW of capacity in Ohio.",
        n % 10
    )
}

fn body(n: usize, articles: usize) -> String {
    let sentence = |s: usize| {
        let words: Vec<&str> = (0..14).map(|w| WORDS[mixed(n, 100 + s * 20 + w) % 40]).collect();
        let mut sentence = words.join(" ");
        sentence[..1].make_ascii_uppercase();
        sentence + "."
    };
    format!("{}\n{}", lead(n, articles), (0..10).map(sentence).collect::<Vec<_>>().join(" "))
}

/// Every fourth article is a summary in its feed, and whole on its page.
fn is_summary(n: usize) -> bool {
    n.is_multiple_of(4)
}

async fn feed(State(hosts): State<Hosts>, Path(source): Path<usize>, headers: HeaderMap) -> Response {
    let answering = hosts.begin(&headers, "/feed");
    let host = headers[header::HOST].to_str().unwrap();
    let items: Vec<String> = hosts
        .shown()
        .map(|k| {
            let n = source * hosts.articles + k;
            let text = if is_summary(n) {
                lead(n, hosts.articles)
            } else {
                body(n, hosts.articles).replace('\n', "&lt;p&gt;")
            };
            format!(
                "<item><title>{} Cloud rents capacity, part {n}</title><link>http://{host}/article/{n}</link>\
                 <pubDate>{}</pubDate><description>{text}</description></item>",
                name(n, 1, hosts.articles),
                (hosts.begun - TimeDelta::minutes(i64::try_from(n % 1000).unwrap())).to_rfc2822()
            )
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(answering);
    let feed =
        format!("<rss version=\"2.0\"><channel><title>Source {source}</title>{}</channel></rss>", items.concat());
    ([(header::CONTENT_TYPE, "application/rss+xml")], Body::from(feed)).into_response()
}

async fn page(State(hosts): State<Hosts>, Path(n): Path<usize>, headers: HeaderMap) -> Response {
    let answering = hosts.begin(&headers, "/article");
    tokio::time::sleep(Duration::from_millis(5)).await;
    drop(answering);
    let paragraphs = format!("<p>{}</p>", body(n, hosts.articles).replace('\n', "</p><p>"));
    let html = format!("<!doctype html><html lang=en><title>Part {n}</title><article>{paragraphs}</article></html>");
    ([(header::CONTENT_TYPE, "text/html")], Body::from(html)).into_response()
}

async fn nothing(State(hosts): State<Hosts>, headers: HeaderMap) -> StatusCode {
    drop(hosts.begin(&headers, "/robots.txt"));
    StatusCode::NOT_FOUND
}

struct Worker(Child);

impl Worker {
    /// What it holds in memory, in megabytes.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    fn start(database: &TestDatabase) -> Self {
        let mut command = Command::new(WATTLINE);
        command.args([
            "worker",
            "--no-archive",
            "--no-sources",
            "--allow-private",
            "127.0.0.0/8",
            "--host-delay",
            "20",
        ]);
        command.args(["--log", "error", "--database-url", &database.url()]);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // SIGKILL, as when the machine goes.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Megabytes over seconds, as a picture.
fn plot(points: &[(f64, f64)]) -> String {
    let (width, height) = (720.0, 240.0);
    let seconds = points.last().unwrap().0;
    let top = (points.iter().map(|(_, megabytes)| *megabytes).fold(0.0, f64::max) / 50.0).ceil() * 50.0;
    let (x, y) = (|s: f64| 48.0 + s / seconds * (width - 60.0), |m: f64| height - 28.0 - m / top * (height - 48.0));
    let line: Vec<String> = points.iter().map(|(s, m)| format!("{:.1},{:.1}", x(*s), y(*m))).collect();
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' font-family='sans-serif' font-size='11' \
         fill='#555'><title>Memory of a worker that is never killed</title>"
    );
    for megabytes in [0.0, top / 2.0, top] {
        let at = y(megabytes);
        let _ = write!(
            svg,
            "<path d='M48 {at:.1}H{}' stroke='#ccc'/><text x='42' y='{:.1}' text-anchor='end'>{megabytes:.0} MB</text>",
            width - 12.0,
            at + 4.0
        );
    }
    for part in 0..=4 {
        let at = seconds * f64::from(part) / 4.0;
        let anchor = if part == 4 { "end" } else { "middle" };
        let _ = write!(
            svg,
            "<text x='{:.1}' y='{}' text-anchor='{anchor}'>{:.0} min</text>",
            x(at),
            height - 8.0,
            at / 60.0
        );
    }
    svg + &format!("<polyline points='{}' fill='none' stroke='#b45309' stroke-width='1.5'/></svg>\n", line.join(" "))
}

fn size(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

async fn count(pool: &PgPool, query: &'static str) -> usize {
    usize::try_from(sqlx::query_scalar::<_, i64>(query).fetch_one(pool).await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_are_killed_lose_nothing_double_nothing_and_stay_polite() {
    let (sources, articles) = (size("WATTLINE_SOAK_SOURCES", 8), size("WATTLINE_SOAK_ARTICLES", 160));
    let (minutes, kills) = (size("WATTLINE_SOAK_MINUTES", 5), size("WATTLINE_SOAK_KILLS", 3));
    let spread = Duration::from_mins(size("WATTLINE_SOAK_SPREAD", 0) as u64);
    assert!(sources <= 200 && articles.is_multiple_of(sources));
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let hosts = Hosts { seen: Arc::default(), articles: articles / sources, begun: Utc::now(), spread };
    // All of 127.0.0.0/8 is this machine, and each of its addresses a host of its own.
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new()
        .route("/feed/{source}", get(feed))
        .route("/article/{n}", get(page))
        .fallback(nothing)
        .with_state(hosts.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    for source in 0..sources {
        let url = format!("http://127.0.1.{}:{port}/feed/{source}", source + 1);
        sources::add(pool, &url, &format!("Source {source}"), Rank::Press, Utc::now()).await.unwrap();
    }
    if !spread.is_zero() {
        sqlx::query("UPDATE sources SET poll_every = '1 minute'").execute(pool).await.unwrap();
    }

    let mut workers: Vec<Worker> = (0..3).map(|_| Worker::start(&database)).collect();
    let begun = Instant::now();
    let (mut killed, mut last_kill) = (0, Instant::now());
    let mut memory: Vec<(f64, f64)> = Vec::new();
    loop {
        tokio::time::sleep(Duration::from_millis(if spread.is_zero() { 250 } else { 2000 })).await;
        memory.push((begun.elapsed().as_secs_f64(), workers[2].memory()));
        let read = count(pool, "SELECT count(*) FROM articles WHERE extractor IS NOT NULL").await;
        let merged = count(pool, "SELECT count(*) FROM claims WHERE merged_at IS NULL").await == 0;
        if read == articles && merged {
            break;
        }
        let stored = count(pool, "SELECT count(*) FROM articles").await;
        assert!(
            begun.elapsed() < Duration::from_mins(minutes as u64),
            "{read} of {stored} stored articles are read, of {articles}, and {killed} workers were killed"
        );
        if killed < kills && last_kill.elapsed() > Duration::from_secs(4) {
            // The third is never killed: its memory is what is drawn.
            let at = killed % 2;
            workers[at] = Worker::start(&database);
            killed += 1;
            last_kill = Instant::now();
        }
    }
    let took = begun.elapsed().as_secs_f64();
    drop(workers);

    assert_eq!(count(pool, "SELECT count(*) FROM articles").await, articles);
    assert_eq!(count(pool, "SELECT count(DISTINCT url) FROM articles").await, articles);
    let of_each = "SELECT count(*) FROM (SELECT a.id FROM articles a LEFT JOIN claims c ON c.article_id = a.id AND c.superseded_at IS NULL \
                   GROUP BY a.id HAVING count(c.id) <> 1) odd";
    assert_eq!(count(pool, of_each).await, 0, "every article has one deal");
    assert_eq!(count(pool, "SELECT count(*) FROM articles WHERE fault IS NOT NULL OR page_error IS NOT NULL").await, 0);
    assert_eq!(
        count(pool, "SELECT count(*) FROM articles WHERE length(text) < 700").await,
        0,
        "every page was fetched"
    );
    let in_deals = "SELECT count(*) FROM claims c WHERE superseded_at IS NULL AND NOT EXISTS (SELECT FROM deal_claims dc WHERE dc.claim_id = c.id)";
    assert_eq!(count(pool, in_deals).await, 0);
    let seen = hosts.seen.lock().unwrap();
    assert!(seen.at_once.is_empty(), "asked while they answered: {:?}", seen.at_once);
    let (first, last) = memory.split_at(memory.len() / 2);
    let most = |part: &[(f64, f64)]| part.iter().map(|(_, megabytes)| *megabytes).fold(0.0, f64::max);
    println!(
        "the third worker held at most {:.0} MB in the first half, {:.0} MB in the second",
        most(first),
        most(last)
    );
    if !spread.is_zero() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/soak.svg");
        std::fs::write(path, plot(&memory)).unwrap();
    }
    println!(
        "{articles} articles of {sources} sources in {took:.0} s, {:.0} a second; {} requests, {killed} workers killed",
        articles as f64 / took,
        seen.requests
    );
}
