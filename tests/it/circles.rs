//! Circles of money in the ledger, each flow with the deals behind it.

use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::json;
use wattline::{
    db::flows,
    jobs::merge::merge_pending,
    ledger::{
        circles::{Bounds, circles},
        convert::Rates,
        totals::Wanted,
    },
    model::{Registry, Slug},
};

use crate::support::{
    database::TestDatabase,
    ledger::{Story, claim, file, prepare},
};

#[tokio::test]
async fn money_that_comes_back_is_found_with_the_deals_behind_each_flow() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = Utc::now();
    let deal = |kind: &str, status: &str, payer: (&str, &str), payee: (&str, &str), billions: i64| {
        let value = (Decimal::from(billions) * Decimal::from(1_000_000_000)).to_string();
        claim(
            &json!({"kind": kind, "status": status, "amounts": [{"value": value, "currency": "USD"}],
                    "parties": [{"name": payer.0, "role": payer.1}, {"name": payee.0, "role": payee.1}]}),
            "",
        )
    };
    for (key, claim) in [
        ("stake", deal("equity", "signed", ("Amazon", "investor"), ("Corvid AI", "investee"), 8)),
        // A subsidiary is paid: the money comes back to its owner.
        ("cloud", deal("compute", "signed", ("Corvid AI", "buyer"), ("AWS", "provider"), 20)),
        ("inside", deal("build", "signed", ("Amazon", "owner"), ("AWS", "developer"), 50)),
        ("chips", deal("chips", "signed", ("Corvid AI", "buyer"), ("Tundra Silicon", "supplier"), 5)),
        ("back", deal("equity", "signed", ("Tundra Silicon", "investor"), ("Corvid AI", "investee"), 3)),
        ("more", deal("land", "signed", ("Tundra Silicon", "buyer"), ("Corvid AI", "seller"), 1)),
        ("rumour", deal("chips", "rumored", ("Amazon", "buyer"), ("Tundra Silicon", "supplier"), 90)),
    ] {
        file(&mut db, &Story::of(key, "2026-03-01"), &[claim], now).await;
    }
    merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now).await.unwrap();

    let wanted = Wanted::default();
    let edges = flows::edges(&mut db, &wanted, Decimal::ONE, 1000).await.unwrap();
    let told: Vec<_> = edges.iter().map(|edge| (edge.payer.as_str(), edge.payee.as_str(), edge.deals)).collect();
    let expected = [
        ("corvid-ai", "amazon", 1),
        ("amazon", "corvid-ai", 1),
        ("corvid-ai", "tundra-silicon", 1),
        ("tundra-silicon", "corvid-ai", 2),
    ];
    assert_eq!(told, expected);
    let found = circles(&edges, Bounds::default()).found;
    let billions = |n: i64| Decimal::from(n * 1_000_000_000);
    let told: Vec<_> = found.iter().map(|circle| (circle.companies[1].as_str(), circle.smallest)).collect();
    assert_eq!(told, [("corvid-ai", billions(8)), ("tundra-silicon", billions(4))]);

    let (payer, payee) = (Slug::of("Tundra Silicon"), Slug::of("Corvid AI"));
    let behind = flows::behind(&mut db, &payer, &payee, &wanted, 10).await.unwrap();
    let told: Vec<_> = behind.iter().map(|deal| (deal.headline.as_str(), deal.committed)).collect();
    assert_eq!(told.iter().map(|(_, sum)| *sum).collect::<Vec<_>>(), [billions(3), billions(1)], "{told:?}");
}
