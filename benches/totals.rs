//! How long totals take over ledgers of ten thousand, a hundred thousand and a million deals, for the company with the
//! most deals. `make bench` runs it; other sizes can be named: `cargo bench --bench totals -- 5000`.
//!
//! The ledgers are drawn: companies in the proportions of a Zipf distribution, one in fifty of them owned by another,
//! one deal in fifty inside an earlier one, two in five without a sum.

mod server;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use chrono::{Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions, types::Json};
use uuid::Uuid;
use wattline::{
    commands::synth::Dice,
    db::{
        MIGRATOR,
        embedded::{Durability, EmbeddedPostgres},
        flows, shares,
        timeline::{self, DealFilter},
        totals::{self, Ranking},
    },
    ledger::{
        circles::{Bounds, circles},
        convert::Rates,
        derive::derive,
        totals::Wanted,
    },
    model::{Deal, Kind, Megawatts, Rank, Registry, Role, Slug, SourcedClaim, places::countries},
};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const COMPANIES: usize = 20_000;
/// How many deals are written at once.
const BATCH: usize = 1000;
/// How often each question is asked; the median counts.
const ASKED: usize = 9;

#[tokio::main]
async fn main() {
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    let (server, _folder) = server::start(Durability::Disposable).await;
    let registry = Registry::parse("").expect("an empty registry");
    let mut table = Vec::new();
    for size in sizes {
        table.push((size, measure(&server, size, &registry).await));
    }
    print(&table);
    server.stop().await;
}

/// A company: the n-th in about the n-th part of the cases in which the first is.
fn company(dice: &mut Dice) -> String {
    let share = dice.roll(1_000_000) as f64 / 1_000_000.0;
    format!("Company {}", ((COMPANIES as f64).powf(share) as usize).min(COMPANIES - 1))
}

fn drawn(number: usize, dice: &mut Dice, registry: &Registry) -> Deal {
    let kind = [Kind::Compute, Kind::Chips, Kind::Equity, Kind::Debt, Kind::Lease, Kind::Build][dice.roll(6)];
    let roles = match kind {
        Kind::Build => [Role::Owner, Role::Contractor],
        _ => [kind.roles()[0], kind.roles()[1]],
    };
    let mut parties =
        vec![json!({"name": company(dice), "role": roles[0]}), json!({"name": company(dice), "role": roles[1]})];
    for _ in 0..dice.roll(3) / 2 {
        parties.push(json!({"name": company(dice), "role": roles[0]}));
    }
    let status = ["rumored", "announced", "announced", "signed", "signed", "completed", "cancelled"][dice.roll(7)];
    let amounts = if dice.roll(5) < 3 {
        json!([{"value": ((dice.roll(5000) + 1) * 1_000_000).to_string(), "currency": "USD"}])
    } else {
        json!([])
    };
    let capacity = if dice.roll(4) == 0 { json!([{"mw": dice.roll(2000) + 1}]) } else { json!([]) };
    let places = [json!(["Texas"]), json!(["Ohio"]), json!(["United Kingdom"]), json!([])][dice.roll(4)].clone();
    let claim = serde_json::from_value(json!({
        "kind": kind, "status": status, "parties": parties, "amounts": amounts, "capacity": capacity, "chips": [],
        "duration_months": null, "announced_on": null, "places": places, "evidence": [], "confidence": 1.0
    }))
    .expect("a claim");
    let claim: wattline::model::Claim = claim;
    let day = NaiveDate::from_ymd_opt(2016, 1, 1).expect("a day") + Days::new(dice.roll(3650) as u64);
    let source = SourcedClaim {
        id: Uuid::from_u128(number as u128),
        article: Uuid::from_u128(number as u128),
        content: (Vec::new(), 0),
        publishers: vec!["Outlet".to_owned()],
        rank: Rank::Press,
        published: day.and_hms_opt(0, 0, 0).expect("midnight").and_utc(),
        companies: claim.parties.iter().map(|party| Slug::of(&party.name)).collect(),
        claim,
    };
    derive(&[source], registry, &Rates::default()).expect("a deal")
}

/// So many deals are drawn, written and settled as the program does it. A larger ledger holds them again and again, at
/// other days: what that adds to totals is copied with them, and their sums by month are kept by the database as ever.
const DRAWN: usize = 10_000;

/// A ledger of so many deals.
async fn fill(pool: &PgPool, size: usize, registry: &Registry) {
    let mut db = pool.acquire().await.expect("a connection");
    sqlx::query(
        "INSERT INTO companies (slug, name) SELECT 'company-' || n, 'Company ' || n FROM generate_series(0, $1) AS n",
    )
    .bind(i32::try_from(COMPANIES).unwrap_or(i32::MAX))
    .execute(&mut *db)
    .await
    .expect("companies");
    sqlx::query("INSERT INTO company_parents (company, parent) SELECT 'company-' || n, 'company-' || n / 100 FROM generate_series(100, $1, 50) AS n")
        .bind(i32::try_from(COMPANIES).unwrap_or(i32::MAX))
        .execute(&mut *db)
        .await
        .expect("parents");
    let mut dice = Dice::new(1);
    let started = Instant::now();
    let drawn_deals = size.min(DRAWN);
    for first in (0..drawn_deals).step_by(BATCH) {
        let numbers = first..(first + BATCH).min(drawn_deals);
        let deals: Vec<(usize, Deal)> = numbers.map(|number| (number, drawn(number, &mut dice, registry))).collect();
        let mut tx = db.begin().await.expect("a transaction");
        write(&mut tx, &deals, &mut dice).await;
        shares::settle(&mut tx).await.expect("settled");
        tx.commit().await.expect("committed");
    }
    eprintln!("{drawn_deals} deals written and settled in {:.1} s", started.elapsed().as_secs_f64());
    // What is copied is settled already.
    sqlx::query("ALTER TABLE deals DISABLE TRIGGER deals_mark_shares").execute(&mut *db).await.expect("a trigger");
    for copy in 1..size.div_ceil(DRAWN) {
        copy_all(&mut db, i32::try_from(copy).unwrap_or(i32::MAX)).await;
        eprint!("\r{size}: {} deals, {} s ", (copy + 1) * DRAWN, started.elapsed().as_secs());
        let _ = std::io::stderr().flush();
    }
    eprintln!();
    sqlx::query("ALTER TABLE deals ENABLE TRIGGER deals_mark_shares").execute(&mut *db).await.expect("a trigger");
    for table in ["deals", "deal_parties", "shares", "company_months", "place_months"] {
        sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&mut *db).await.expect("vacuumed");
    }
}

/// Adds the drawn deals once more: the copy's number goes into their ids and days.
async fn copy_all(db: &mut PgConnection, copy: i32) {
    let mut tx = db.begin().await.expect("a transaction");
    for statement in [
        "CREATE TEMPORARY TABLE copied ON COMMIT DROP AS
         SELECT id AS old, (lpad(to_hex($1), 8, '0') || substr(id::text, 9))::uuid AS new,
                (date '2016-01-01' + (day - date '2016-01-01' + $1 * 37) % 3650) AS day
         FROM deals WHERE id < '00000001-0000-0000-0000-000000000000'",
        "INSERT INTO deals (id, slug, headline, kind, status, day, first_seen, committed_usd, potential_usd, mw, places, countries,
                            publishers, articles, record, search, updated_at, net_committed_usd, net_potential_usd, net_mw)
         SELECT c.new, d.slug, d.headline, d.kind, d.status, c.day, d.first_seen, d.committed_usd, d.potential_usd, d.mw, d.places,
                d.countries, d.publishers, d.articles, d.record, d.search, d.updated_at, d.net_committed_usd, d.net_potential_usd, d.net_mw
         FROM copied c JOIN deals d ON d.id = c.old WHERE $1 > 0",
        "INSERT INTO deal_parties (deal_id, position, company, role, direction, committed_usd, potential_usd, day, status)
         SELECT c.new, p.position, p.company, p.role, p.direction, p.committed_usd, p.potential_usd, c.day, p.status
         FROM copied c JOIN deal_parties p ON p.deal_id = c.old WHERE $1 > 0",
        "INSERT INTO shares (deal_id, position, company, scope, role, direction, part, whole, committed_usd, potential_usd,
                             net_committed_usd, net_potential_usd, mw, net_mw, leads_side, leads, is_top, disclosed, kind, status, day)
         SELECT c.new, s.position, s.company, s.scope, s.role, s.direction, s.part, s.whole, s.committed_usd, s.potential_usd,
                s.net_committed_usd, s.net_potential_usd, s.mw, s.net_mw, s.leads_side, s.leads, s.is_top, s.disclosed, s.kind,
                s.status, c.day
         FROM copied c JOIN shares s ON s.deal_id = c.old WHERE $1 > 0",
    ] {
        sqlx::query(statement).bind(copy).execute(&mut *tx).await.expect(statement);
    }
    tx.commit().await.expect("committed");
}

async fn write(db: &mut PgConnection, deals: &[(usize, Deal)], dice: &mut Dice) {
    let id = |number: usize| Uuid::from_u128(number as u128 + 1);
    let mut rows = sqlx::QueryBuilder::new(
        "INSERT INTO deals (id, slug, headline, kind, status, day, first_seen, committed_usd, potential_usd, mw, places, countries,
                            publishers, articles, record, search, updated_at, part_of) ",
    );
    rows.push_values(deals, |mut row, (number, deal)| {
        let umbrella = (*number > 1000 && dice.roll(50) == 0).then(|| id(dice.roll(*number / 1000 * 1000)));
        row.push_bind(id(*number))
            .push_bind("deal")
            .push_bind(deal.headline.clone())
            .push_bind(deal.kind.as_str())
            .push_bind(deal.status.as_str())
            .push_bind(deal.day())
            .push_bind(deal.first_seen)
            .push_bind(deal.committed_usd)
            .push_bind(deal.potential_usd)
            .push_bind(deal.mw.map(Megawatts::get))
            .push_bind(deal.places.clone())
            .push_bind(countries(&deal.places))
            .push_bind(1)
            .push_bind(1)
            .push_bind(Json(deal.clone()))
            .push("''")
            .push_bind(Utc::now())
            .push_bind(umbrella);
    });
    rows.build().execute(&mut *db).await.expect("deals");
    let mut rows = sqlx::QueryBuilder::new(
        "INSERT INTO deal_parties (deal_id, position, company, role, direction, committed_usd, potential_usd, day, status) ",
    );
    let parties = deals.iter().flat_map(|(number, deal)| {
        deal.parties.iter().enumerate().map(move |(position, party)| (*number, position, deal, party))
    });
    rows.push_values(parties, |mut row, (number, position, deal, party)| {
        row.push_bind(id(number))
            .push_bind(i32::try_from(position).unwrap_or_default())
            .push_bind(party.company.to_string())
            .push_bind(party.role.as_str())
            .push_bind(party.flow.as_ref().map(|flow| flow.direction.to_string()))
            .push_bind(party.flow.as_ref().and_then(|flow| flow.committed_usd))
            .push_bind(party.flow.as_ref().and_then(|flow| flow.potential_usd))
            .push_bind(deal.day())
            .push_bind(deal.status.as_str());
    });
    rows.build().execute(db).await.expect("parties");
}

/// How long each question takes over a ledger of so many deals.
async fn measure(server: &EmbeddedPostgres, size: usize, registry: &Registry) -> Vec<(&'static str, Duration)> {
    let mut administration = PgConnection::connect_with(&server.options("postgres")).await.expect("a connection");
    let name = format!("totals_{size}");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut administration)
        .await
        .expect("a database");
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(server.options(&name));
    MIGRATOR.run(&pool).await.expect("a schema");
    fill(&pool, size, registry).await;

    let largest: (String, i64) = sqlx::query_as(
        "SELECT company, count(DISTINCT deal_id) FROM deal_parties GROUP BY company ORDER BY 2 DESC LIMIT 1",
    )
    .fetch_one(&pool)
    .await
    .expect("a company");
    eprintln!("{size}: {} has part in {} deals", largest.0, largest.1);
    let company = largest.0.as_str();
    let (all, alone) = (Wanted { rolled: true, ..Wanted::default() }, Wanted::default());
    let year =
        Wanted { from: NaiveDate::from_ymd_opt(2024, 3, 10), to: NaiveDate::from_ymd_opt(2025, 3, 9), ..all.clone() };
    let times = vec![
        (
            "the largest company, by month",
            median(&pool, async |db| totals::cells(db, company, true).await.map(drop)).await,
        ),
        ("the same alone", median(&pool, async |db| totals::cells(db, company, false).await.map(drop)).await),
        (
            "by role, from all its shares",
            median(&pool, async |db| totals::by_role(db, Some(company), &all).await.map(drop)).await,
        ),
        (
            "by role, over a year of days",
            median(&pool, async |db| totals::by_role(db, Some(company), &year).await.map(drop)).await,
        ),
        (
            "what it pays the second",
            median(&pool, async |db| totals::between(db, company, "company-2", &alone).await.map(drop)).await,
        ),
        (
            "its counterparties",
            median(&pool, async |db| totals::counterparties(db, company, true, 12).await.map(drop)).await,
        ),
        ("all deals by kind", median(&pool, async |db| totals::by_place(db, false, &alone).await.map(drop)).await),
        (
            "all deals by country and kind",
            median(&pool, async |db| totals::by_place(db, true, &alone).await.map(drop)).await,
        ),
        (
            "the timeline's totals",
            median(&pool, async |db| timeline::cells(db, &DealFilter::default()).await.map(drop)).await,
        ),
        (
            "the ranking",
            median(&pool, async |db| totals::ranking(db, Ranking::Pays, true, None, None, None, 100).await.map(drop))
                .await,
        ),
        (
            "the flows of a billion and more, with their circles",
            median(&pool, async |db| {
                let edges = flows::edges(db, &alone, Decimal::from(1_000_000_000), 5000).await?;
                circles(&edges, Bounds::default());
                Ok(())
            })
            .await,
        ),
        (
            "one deal that changes, settled",
            median(&pool, async |db| {
                sqlx::query("UPDATE deals SET record = record WHERE id = $1")
                    .bind(Uuid::from_u128(77))
                    .execute(&mut *db)
                    .await?;
                shares::settle(db).await.map(drop)
            })
            .await,
        ),
    ];
    pool.close().await;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut administration).await.expect("dropped");
    times
}

/// The median time of a question, asked once before it is timed.
async fn median(pool: &PgPool, question: impl AsyncFn(&mut PgConnection) -> sqlx::Result<()>) -> Duration {
    let mut db = pool.acquire().await.expect("a connection");
    question(&mut db).await.expect("an answer");
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let started = Instant::now();
        question(&mut db).await.expect("an answer");
        times.push(started.elapsed());
    }
    times.sort();
    times[ASKED / 2]
}

fn print(table: &[(usize, Vec<(&'static str, Duration)>)]) {
    print!("{:<54}", "milliseconds over so many deals");
    for (size, _) in table {
        print!("{size:>12}");
    }
    println!();
    let questions = table.first().map_or(&[][..], |(_, times)| times);
    for (at, (question, _)) in questions.iter().enumerate() {
        print!("{question:<54}");
        for (_, times) in table {
            print!("{:>12.2}", times[at].1.as_secs_f64() * 1000.0);
        }
        println!();
    }
}
