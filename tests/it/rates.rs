//! Exchange rates: from the bank's files to dollars beside what sources said.

use std::{collections::BTreeMap, process::Command, time::Duration};

use chrono::{NaiveDate, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wattline::{
    db::rates,
    ingest::fetch::{FetchOptions, Fetcher},
    jobs::{self, host::Asker, merge::merge_pending, worker},
    ledger::{convert::Rates, derive::derive},
    model::{Amount, Currency, Deal, Rate, Registry},
};

use crate::support::{
    archive::facts,
    database::{TestDatabase, WATTLINE},
    ledger::{Story, claim, file, prepare},
    news::News,
};

/// What sources said of money, apart from what it is in dollars.
fn native(deal: &Deal) -> Vec<Amount> {
    deal.amounts.iter().map(|amount| amount.figure.clone()).collect()
}

fn rates_of(units: &[Decimal]) -> Rates {
    let day: NaiveDate = "2023-01-01".parse().unwrap();
    let currencies =
        ["USD", "GBP", "AUD", "INR", "JPY", "KRW", "CAD", "SEK"].map(|code| Currency::from_code(code).unwrap());
    let days = (0..1400).step_by(7).map(|days| day + chrono::Days::new(days));
    Rates::of(days.flat_map(|day| currencies.iter().zip(units).map(move |(code, units)| (*code, day, *units))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_change_of_rates_never_alters_what_was_said(
        units in prop::collection::vec((1_i64..1_000_000).prop_map(|n| Decimal::new(n, 4)), 0..9),
    ) {
        let rates = rates_of(&units);
        for (number, fact) in facts().iter().enumerate() {
            let claims = [fact.sourced(number)];
            let before = derive(&claims, Registry::shipped(), Rates::shipped()).unwrap();
            let after = derive(&claims, Registry::shipped(), &rates).unwrap();
            prop_assert_eq!(native(&before), native(&after));
            for amount in &after.amounts {
                let pegged = matches!(amount.rate, Some(Rate::Peg { .. }));
                prop_assert!(amount.usd.is_some() || !matches!(amount.figure.currency, Currency::USD) && !pegged);
                prop_assert!(amount.usd != Some(Decimal::ZERO) || amount.figure.value < Decimal::ONE_HUNDRED);
            }
        }
    }
}

#[tokio::test]
async fn new_rates_convert_the_deals_of_their_days_anew_and_leave_what_was_said() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    rates::ship(&mut db).await.unwrap();
    let now = Utc::now();
    let loan = |currency: &str, borrower: &str| {
        let money = json!([{"value": "1000000000", "currency": currency}]);
        claim(&json!({"kind": "debt", "amounts": money, "parties": [{"name": borrower, "role": "borrower"}]}), "")
    };
    for (key, day, currency) in [
        ("Harrow", "2026-10-30", "GBP"),
        ("Quarry", "2026-11-02", "GBP"),
        ("Tundra", "2026-11-02", "TWD"),
        ("Bluefin", "2026-11-02", "SAR"),
        ("Northwind", "2026-11-02", "USD"),
    ] {
        file(&mut db, &Story::of(key, day), &[loan(currency, key)], now).await;
    }
    let known = rates::load(&mut db).await.unwrap();
    assert_eq!(known, *Rates::shipped());
    merge_pending(&mut db, Registry::shipped(), &known, now).await.unwrap();
    let dollars = async |db: &mut sqlx::PgConnection| -> BTreeMap<String, Option<Decimal>> {
        let rows: Vec<(String, Option<Decimal>)> =
            sqlx::query_as("SELECT p.company, d.committed_usd FROM deals d JOIN deal_parties p ON p.deal_id = d.id")
                .fetch_all(db)
                .await
                .unwrap();
        rows.into_iter().collect()
    };
    let before = dollars(&mut db).await;
    // Both pounds at the last rate of the history: 1.1172 dollars and 0.8338 pounds for a euro.
    let at_last = Decimal::new(133_988_966_179, 2);
    assert_eq!((before["harrow"], before["quarry"]), (Some(at_last), Some(at_last)));
    assert_eq!((before["tundra"], before["bluefin"]), (None, Some(Decimal::new(26_666_666_667, 2))));

    let file = b"Date,USD,GBP,TWD\n2026-11-02,1.2,0.8,36\n";
    let updated = jobs::rates::update(&mut db, file, Registry::shipped(), now).await.unwrap();
    assert_eq!((updated.added.rates, updated.deals), (3, 2));
    let after = dollars(&mut db).await;
    assert_eq!(after["quarry"], Some(Decimal::from(1_500_000_000)));
    assert_eq!(after["tundra"].map(|usd| usd.round()), Some(Decimal::from(33_333_333)));
    for same in ["harrow", "bluefin", "northwind"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let said: Vec<(String, String)> = sqlx::query_as(
        "SELECT record->'amounts'->0->>'value', record->'amounts'->0->>'currency' FROM deals ORDER BY 2, 1",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    let said: Vec<_> = said.iter().map(|(value, code)| (value.as_str(), code.as_str())).collect();
    assert_eq!(said, ["GBP", "GBP", "SAR", "TWD", "USD"].map(|code| ("1000000000", code)));

    let again = jobs::rates::update(&mut db, file, Registry::shipped(), now).await.unwrap();
    assert_eq!((again.added.rates, again.deals), (0, 0));
}

#[tokio::test]
async fn the_command_reads_the_banks_xml_from_an_address_and_says_what_is_wrong_with_a_page() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let xml = "<Envelope><Cube><Cube time='2026-11-02'><Cube currency='USD' rate='1.2'/></Cube></Cube></Envelope>";
    news.answer("/eurofxref-hist.xml", xml.as_bytes().to_vec(), "text/xml").await;
    news.answer("/page", b"<html><body>Hello</body></html>".to_vec(), "text/html").await;
    let run = async |path: &str| {
        let arguments = ["rates", "update", &news.url(path), "--database-url", &database.url()].map(ToOwned::to_owned);
        tokio::task::spawn_blocking(|| Command::new(WATTLINE).args(arguments).output().unwrap()).await.unwrap()
    };
    let told = run("/eurofxref-hist.xml").await;
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "1 rate is new, from 2026-11-02 on; 0 deals are converted anew.\n"
    );
    let complaint = run("/page").await;
    assert_eq!(complaint.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&complaint.stderr).contains("these are no reference rates"));
    let mut db = database.pool().acquire().await.unwrap();
    assert_eq!(rates::load(&mut db).await.unwrap().last_day(), "2026-11-02".parse().ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_asks_for_the_rates_once_a_day() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.answer("/rates.csv", b"Date,USD\n2026-11-02,1.2\n".to_vec(), "text/csv").await;
    let options = FetchOptions { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..FetchOptions::default() };
    let stop = CancellationToken::new();
    let url = news.url("/rates.csv").parse().unwrap();
    let asker = Asker::new(database.pool().clone(), Fetcher::new(options).unwrap(), Duration::ZERO);
    let work = tokio::spawn(worker::run(database.pool().clone(), asker, Some(url), None, None, stop.clone()));
    for _ in 0..600 {
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM rates").fetch_one(database.pool()).await.unwrap();
        if known > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    work.await.unwrap().unwrap();
    let mut db = database.pool().acquire().await.unwrap();
    assert_eq!(rates::load(&mut db).await.unwrap().last_day(), "2026-11-02".parse().ok());
    assert_eq!(news.asked("/rates.csv").await, 1);
    let now = Utc::now();
    assert!(!rates::due(&mut db, now).await.unwrap());
    assert!(rates::due(&mut db, now + chrono::TimeDelta::days(1)).await.unwrap());
}
