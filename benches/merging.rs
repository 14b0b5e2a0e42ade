//! How many claims a second are merged into ledgers of ten thousand, a hundred thousand and a million deals, and whether
//! one costs more the more there are. `make bench` runs it; other sizes can be named: `cargo bench --bench merging -- 5000`.
//!
//! The ledgers are drawn: markets of a thousand companies each, in the proportions of a Zipf distribution of exponent 0.8,
//! one company for ten deals, two or three to a deal, eight years of days. A larger ledger holds more markets (`wider`), or
//! the one market is larger (`denser`), so that its first company makes ever more deals a day, far beyond what any does. The
//! deals are copied into the tables with the keys that the program would give them; what is timed is the program's own
//! merging: half of the claims tell known deals again, half tell new ones.

mod server;

use std::{
    collections::HashSet,
    fmt::Write as _,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions};
use uuid::Uuid;
use wattline::{
    commands::synth::Dice,
    db::{
        MIGRATOR,
        articles::{self, NewArticle, Origin, Stored},
        claims::{self, ReadingOf},
        embedded::{Durability, EmbeddedPostgres},
    },
    jobs::merge::merge_pending,
    ledger::{
        convert::Rates,
        derive::derive,
        merge::{Keys, Profile},
        umbrella::{Node, Told},
    },
    model::{Claim, Kind, Rank, Registry, Role, Slug, SourcedClaim},
};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// How many companies deal with each other in a ledger of markets.
const MARKET: usize = 1000;
/// Where deals are, the first as often again as the second.
const PLACES: [&str; 24] = [
    "Texas",
    "Virginia",
    "Ohio",
    "United Kingdom",
    "Arizona",
    "Georgia",
    "Norway",
    "France",
    "Japan",
    "Indiana",
    "Germany",
    "India",
    "Sweden",
    "Pennsylvania",
    "Louisiana",
    "Malaysia",
    "Spain",
    "Wyoming",
    "Brazil",
    "Finland",
    "Nevada",
    "Ireland",
    "South Korea",
    "North Dakota",
];
/// How many deals are copied at once.
const BATCH: usize = 10_000;
/// How many claims are filed at once, as from one feed, how often, and how many one by one.
const AT_ONCE: usize = 200;
const ROUNDS: usize = 5;
const ONE_BY_ONE: usize = 100;

#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().with_env_filter("sqlx::postgres::notice=trace").with_writer(std::io::stderr).init();
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    let (server, _folder) = server::start(Durability::Disposable).await;
    let registry: &'static Registry = Box::leak(Box::new(Registry::parse("").expect("an empty registry")));
    println!(
        "{:>10} {:>8} {:>16} {:>18} {:>14} {:>16}",
        "deals", "ledger", "of the largest", "claims a second", "ms a claim", "ms, one by one"
    );
    for (name, market) in [("wider", MARKET), ("denser", usize::MAX)] {
        for size in sizes.iter().copied().filter(|size| *size > MARKET * 10 || name == "wider") {
            let drawer = Drawer::new(size / 10, market);
            let measured = measure(&server, size, &drawer, registry).await;
            let each = measured.at_once.as_secs_f64() / (AT_ONCE * ROUNDS) as f64;
            println!(
                "{size:>10} {name:>8} {:>16} {:>18.0} {:>14.2} {:>16.2}",
                measured.largest,
                1.0 / each,
                each * 1000.0,
                measured.one_by_one.as_secs_f64() * 1000.0 / ONE_BY_ONE as f64
            );
        }
    }
    server.stop().await;
}

struct Measured {
    largest: i64,
    at_once: Duration,
    one_by_one: Duration,
}

/// One of many, by a table of how often each is drawn.
fn one_of(dice: &mut Dice, often: &[f64]) -> usize {
    let share = dice.roll(1_000_000_000) as f64 / 1e9 * often.last().copied().unwrap_or_default();
    often.partition_point(|sum| *sum <= share).min(often.len() - 1)
}

/// How often each of so many is drawn, added up: the n-th as often as n to the power of -0.8.
fn zipf(many: usize) -> Vec<f64> {
    let mut sum = 0.0;
    (1..=many)
        .map(|n| {
            sum += (n as f64).powf(-0.8);
            sum
        })
        .collect()
}

/// What claims are drawn from.
struct Drawer {
    /// How many companies there are.
    companies: usize,
    /// How many markets they form.
    markets: usize,
    /// How often each company of a market is named.
    often: Vec<f64>,
    /// How often each place is.
    places: Vec<f64>,
}

impl Drawer {
    fn new(companies: usize, market: usize) -> Self {
        let market = market.min(companies);
        Self { companies, markets: companies / market, often: zipf(market), places: zipf(PLACES.len()) }
    }
}

/// A name that nobody bears, with a first word of its own.
fn name(mut number: usize) -> String {
    let mut name = String::from("Q");
    loop {
        name.push(char::from(b"aeiou"[number % 5]));
        name.push(char::from(b"bdfgklmnprstvz"[number / 5 % 14]));
        number /= 70;
        if number == 0 {
            return name + "ox Works";
        }
    }
}

fn drawn(dice: &mut Dice, drawer: &Drawer) -> (Claim, DateTime<Utc>) {
    let market = dice.roll(drawer.markets);
    let kind = [Kind::Compute, Kind::Chips, Kind::Equity, Kind::Debt, Kind::Lease, Kind::Build][dice.roll(6)];
    let roles = if kind == Kind::Build { [Role::Owner, Role::Contractor] } else { [kind.roles()[0], kind.roles()[1]] };
    let mut named = HashSet::new();
    let mut parties = Vec::new();
    for role in [roles[0], roles[1], roles[0]].iter().take(2 + dice.roll(4) / 3) {
        let company = one_of(dice, &drawer.often) * drawer.markets + market;
        // Who builds and who raises money is often told alone.
        if named.insert(company)
            && !(parties.len() == 1 && matches!(kind, Kind::Build | Kind::Equity) && dice.roll(2) == 0)
        {
            parties.push(json!({"name": name(company), "role": role}));
        }
    }
    let status = ["rumored", "announced", "announced", "signed", "signed", "completed", "cancelled"][dice.roll(7)];
    let amounts = if dice.roll(5) < 3 {
        json!([{"value": ((dice.roll(5000) + 1) * 1_000_000).to_string(), "currency": "USD"}])
    } else {
        json!([])
    };
    let capacity = if dice.roll(4) == 0 { json!([{"mw": dice.roll(2000) + 1}]) } else { json!([]) };
    let places = if dice.roll(4) == 0 { json!([]) } else { json!([PLACES[one_of(dice, &drawer.places)]]) };
    let claim = serde_json::from_value(json!({
        "kind": kind, "status": status, "parties": parties, "amounts": amounts, "capacity": capacity, "chips": [],
        "duration_months": null, "announced_on": null, "places": places, "evidence": [], "confidence": 1.0
    }))
    .expect("a claim");
    let first: DateTime<Utc> = "2018-01-01T00:00:00Z".parse().expect("a time");
    (claim, first + TimeDelta::minutes(i64::try_from(dice.roll(8 * 365 * 24 * 60)).unwrap_or_default()))
}

/// The tables that are filled, with their columns.
const TABLES: [(&str, &str); 9] = [
    (
        "articles",
        "id, origin, publisher, rank, title, text, published, dated, read_at, content_hash, given_hash, extractor",
    ),
    ("claims", "id, article_id, ordinal, extractor, content_hash, kind, status, body, published, read_at, merged_at"),
    ("claim_companies", "claim_id, position, company, published"),
    ("claim_keys", "key, published, claim_id"),
    (
        "deals",
        "id, slug, headline, kind, status, day, first_seen, committed_usd, potential_usd, mw, places, countries, publishers, articles, record, search, updated_at",
    ),
    ("deal_parties", "deal_id, position, company, role, direction, committed_usd, potential_usd, day, status"),
    ("deal_claims", "claim_id, deal_id"),
    ("deal_keys", "key, day, deal_id"),
    ("companies", "slug, name, provisional"),
];

/// A ledger of so many deals, one claim each.
async fn fill(db: &mut PgConnection, size: usize, drawer: &Drawer, registry: &Registry) {
    let started = Instant::now();
    let mut dice = Dice::new(1);
    // Neither triggers nor references are of interest to what is known to fit.
    sqlx::query("SET session_replication_role = replica").execute(&mut *db).await.expect("a superuser");
    let mut rows: [String; 9] = Default::default();
    for company in 0..drawer.companies {
        let name = name(company);
        let _ = writeln!(rows[8], "{}\t{name}\tt", Slug::of(&name));
    }
    for first in (0..size).step_by(BATCH) {
        for number in first..(first + BATCH).min(size) {
            let (claim, published) = drawn(&mut dice, drawer);
            draw(&mut rows, number, claim, published, registry);
        }
        for ((table, columns), rows) in TABLES.iter().zip(&mut rows) {
            let mut copy = db
                .copy_in_raw(&format!("COPY {table} ({columns}) FROM STDIN"))
                .await
                .unwrap_or_else(|error| panic!("{table}: {error}"));
            copy.send(std::mem::take(rows).into_bytes()).await.expect("sent");
            copy.finish().await.unwrap_or_else(|error| panic!("{table}: {error}"));
        }
        if (first + BATCH).is_multiple_of(100_000) {
            eprintln!("{size}: {} deals copied, {} s", first + BATCH, started.elapsed().as_secs());
        }
    }
    sqlx::query("SET session_replication_role = DEFAULT").execute(&mut *db).await.expect("a superuser");
    for (table, _) in TABLES {
        sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&mut *db).await.expect("vacuumed");
    }
    sqlx::query("CHECKPOINT").execute(&mut *db).await.expect("a superuser");
}

fn draw(rows: &mut [String; 9], number: usize, claim: Claim, published: DateTime<Utc>, registry: &Registry) {
    let id = Uuid::from_u128(number as u128 + 1);
    let hash = format!("\\\\x{:064x}", number + 1);
    let source = SourcedClaim {
        id,
        article: id,
        content: ((number as u64).to_be_bytes().to_vec(), 0),
        publishers: vec!["Outlet".to_owned()],
        rank: Rank::Press,
        published,
        companies: claim.parties.iter().map(|party| Slug::of(&party.name)).collect(),
        claim,
    };
    let claim = &source.claim;
    let body = serde_json::to_string(claim).expect("a claim");
    let time = published.to_rfc3339();
    let _ = writeln!(rows[0], "{id}\tfile\tOutlet\tpress\tDeal {number}\tText\t{time}\tt\t{time}\t{hash}\t{hash}\t1");
    let _ = writeln!(
        rows[1],
        "{id}\t{id}\t0\t1\t{hash}\t{}\t{}\t{body}\t{time}\t{time}\t{time}",
        claim.kind.as_str(),
        claim.status.as_str()
    );
    for (position, company) in source.companies.iter().enumerate() {
        let _ = writeln!(rows[2], "{id}\t{position}\t{company}\t{time}");
    }
    for key in Keys::of(&Profile::of(&source, registry, Rates::shipped())).own {
        let _ = writeln!(rows[3], "{key}\t{time}\t{id}");
    }
    let claims = [source];
    let deal = derive(&claims, registry, Rates::shipped()).expect("a deal");
    let node = Node::of(&deal, &Told::of(&claims, registry), registry);
    let null = |value: Option<String>| value.unwrap_or_else(|| "\\N".to_owned());
    let list = |list: &[String]| {
        format!("{{{}}}", list.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(","))
    };
    let _ = writeln!(
        rows[4],
        "{id}\tdeal\t{}\t{}\t{}\t{}\t{time}\t{}\t{}\t{}\t{}\t{{}}\t1\t1\t{}\t\t{time}",
        deal.headline,
        deal.kind.as_str(),
        deal.status.as_str(),
        deal.day(),
        null(deal.committed_usd.map(|usd| usd.to_string())),
        null(deal.potential_usd.map(|usd| usd.to_string())),
        null(deal.mw.map(|mw| mw.get().to_string())),
        list(&deal.places),
        serde_json::to_string(&deal).expect("a record"),
    );
    for (position, party) in deal.parties.iter().enumerate() {
        let flow = party.flow.as_ref();
        let _ = writeln!(
            rows[5],
            "{id}\t{position}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            party.company,
            party.role.as_str(),
            null(flow.map(|flow| flow.direction.to_string())),
            null(flow.and_then(|flow| flow.committed_usd).map(|usd| usd.to_string())),
            null(flow.and_then(|flow| flow.potential_usd).map(|usd| usd.to_string())),
            deal.day(),
            deal.status.as_str()
        );
    }
    let _ = writeln!(rows[6], "{id}\t{id}");
    for key in node.keys().0 {
        let _ = writeln!(rows[7], "{key}\t{}\t{id}", node.day());
    }
}

/// Files a claim as the reader does.
async fn file(db: &mut PgConnection, key: &str, claim: &Claim, published: DateTime<Utc>, registry: &Registry) {
    let now = Utc::now();
    let article = NewArticle {
        source_id: None,
        origin: Origin::File,
        keys: vec![key.to_owned()],
        url: None,
        publisher: "Another Outlet".to_owned(),
        rank: Rank::Press,
        summary_of: Vec::new(),
        title: key.to_owned(),
        text: String::new(),
        language: None,
        author: None,
        published: Some(published),
        page_wanted: false,
    };
    let Stored::New(id) = articles::store(db, std::slice::from_ref(&article), now).await.expect("stored")[0] else {
        panic!("{key} twice")
    };
    let reading = ReadingOf { article: id, content_hash: &[0; 32], published, extractor: 1 };
    claims::file(db, &reading, std::slice::from_ref(claim), registry, now).await.expect("filed");
}

/// How long claims take to be merged into a ledger of so many deals.
async fn measure(server: &EmbeddedPostgres, size: usize, drawer: &Drawer, registry: &'static Registry) -> Measured {
    let mut administration = PgConnection::connect_with(&server.options("postgres")).await.expect("a connection");
    let name = format!("merging_{size}");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut administration)
        .await
        .expect("a database");
    let pool: PgPool = PgPoolOptions::new().max_connections(2).connect_lazy_with(server.options(&name));
    MIGRATOR.run(&pool).await.expect("a schema");
    let mut db = pool.acquire().await.expect("a connection");
    fill(&mut db, size, drawer, registry).await;
    let largest: i64 =
        sqlx::query_scalar("SELECT count(DISTINCT deal_id) FROM deal_parties GROUP BY company ORDER BY 1 DESC LIMIT 1")
            .fetch_one(&mut *db)
            .await
            .expect("a company");

    // The ledger's own draws over again, to be told a second time, and draws that it does not have.
    let (mut again, mut new, mut filed) = (Dice::new(1), Dice::new(99), 0);
    let mut next = |filed: &mut usize| {
        *filed += 1;
        if filed.is_multiple_of(2) {
            let (claim, published) = drawn(&mut again, drawer);
            (claim, published + TimeDelta::hours(20))
        } else {
            drawn(&mut new, drawer)
        }
    };
    let merge = async |db: &mut PgConnection| {
        let started = Instant::now();
        merge_pending(db, registry, Rates::shipped(), Utc::now()).await.expect("merged");
        started.elapsed()
    };
    let (mut at_once, mut one_by_one) = (Duration::ZERO, Duration::ZERO);
    // The first round warms the caches and is not counted.
    for round in 0..=ROUNDS {
        for _ in 0..AT_ONCE {
            let (claim, published) = next(&mut filed);
            file(&mut db, &format!("bench:{filed}"), &claim, published, registry).await;
        }
        let took = merge(&mut db).await;
        if round > 0 {
            at_once += took;
        }
    }
    if std::env::var_os("EXPLAIN").is_some() {
        sqlx::query("LOAD 'auto_explain'").execute(&mut *db).await.unwrap();
        for set in [
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_analyze = on",
            "auto_explain.log_nested_statements = on",
            "auto_explain.log_timing = off",
            "client_min_messages = log",
        ] {
            sqlx::query(AssertSqlSafe(format!("SET {set}"))).execute(&mut *db).await.unwrap();
        }
    }
    for _ in 0..ONE_BY_ONE {
        let (claim, published) = next(&mut filed);
        file(&mut db, &format!("bench:{filed}"), &claim, published, registry).await;
        one_by_one += merge(&mut db).await;
    }
    drop(db);
    pool.close().await;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut administration).await.expect("dropped");
    Measured { largest, at_once, one_by_one }
}
