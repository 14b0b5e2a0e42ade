//! Companies of one name that the registry does not know, kept apart by what articles tell of them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;
use wattline::{
    db::claims::{self, ReadingOf},
    jobs::merge::{Reason, merge_pending, rebuild, weigh},
    ledger::convert::Rates,
    model::{Claim, Registry},
};

use crate::{
    pages::Site,
    support::{
        database::TestDatabase,
        ledger::{Story, claim, file, prepare},
    },
};

fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

/// A deal of Ternhill, whoever that is, with somebody whom nobody else deals with.
fn rents(provider: &str, dollars: &str, told: &Value) -> Claim {
    let mut buyer = json!({"name": "Ternhill", "role": "buyer"});
    buyer.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
    let amounts = json!([{"value": dollars, "value_max": null, "currency": "USD", "qualifier": "exact", "basis": "total", "certainty": "firm"}]);
    claim(&json!({"parties": [buyer, {"name": provider, "role": "provider"}], "amounts": amounts}), "")
}

/// What articles say: a Norwegian utility, a Spanish model maker, one that tells the country alone, and one nothing.
fn said() -> Vec<(&'static str, Claim)> {
    vec![
        ("norwegian", rents("Pinnock Halls", "1000000", &json!({"country": "NO", "category": "utility"}))),
        ("spanish", rents("Quoin Racks", "20000000", &json!({"country": "ES", "category": "ai_lab"}))),
        ("country alone", rents("Larkspur Towers", "300000000", &json!({"country": "NO"}))),
        ("nothing told", rents("Dunmore Sheds", "4000000000", &json!({}))),
        // The first deal once more, by somebody who tells nothing of the company.
        ("the first again", rents("Pinnock Halls", "1000000", &json!({}))),
    ]
}

/// Each company that rents, with what it pays.
async fn payers(db: &mut PgConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "SELECT p.company || ' = ' || (p.party ->> 'name'), d.committed_usd::bigint::text FROM deals d,
             LATERAL (SELECT party, party ->> 'company' AS company FROM jsonb_array_elements(d.record -> 'parties') AS named (party)) p
         WHERE p.party ->> 'role' = 'buyer' ORDER BY d.committed_usd",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

fn named(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(company, dollars)| ((*company).to_owned(), (*dollars).to_owned())).collect()
}

fn apart() -> Vec<(String, String)> {
    named(&[
        ("ternhill-norway = Ternhill (Norway)", "1000000"),
        ("ternhill-spain = Ternhill (Spain)", "20000000"),
        ("ternhill-norway = Ternhill (Norway)", "300000000"),
        ("ternhill = Ternhill", "4000000000"),
    ])
}

#[tokio::test]
async fn a_name_is_shared_as_soon_as_two_articles_contradict_each_other_in_whatever_order_they_come() {
    for (order, batch) in [([0, 1, 2, 3, 4], 200), ([4, 3, 2, 1, 0], 1), ([2, 0, 4, 3, 1], 2), ([1, 3, 4, 0, 2], 1)] {
        let database = TestDatabase::new().await;
        let mut db = database.pool().acquire().await.unwrap();
        prepare(&mut db).await;
        let said = said();
        for at in order {
            let (key, claim) = &said[at];
            file(&mut db, &Story::of(key, "2026-03-02"), std::slice::from_ref(claim), now()).await;
            weigh(&mut db, Registry::shipped(), &Rates::default(), now(), batch, Reason::News).await.unwrap();
        }
        assert_eq!(payers(&mut db).await, apart(), "{order:?}");
        rebuild(&mut db, Registry::shipped(), &Rates::default(), now()).await.unwrap();
        assert_eq!(payers(&mut db).await, apart(), "{order:?}, rebuilt");
    }
}

/// Reads an article again: this is what it says now.
async fn read_again(db: &mut PgConnection, article: Uuid, claim: &Claim) {
    let hash: Vec<u8> = sqlx::query_scalar("SELECT content_hash FROM articles WHERE id = $1")
        .bind(article)
        .fetch_one(&mut *db)
        .await
        .unwrap();
    let published = "2026-03-02T08:00:00Z".parse().unwrap();
    let reading = ReadingOf { article, content_hash: &hash, published, extractor: 2 };
    let mut tx = db.begin().await.unwrap();
    claims::file(&mut tx, &reading, std::slice::from_ref(claim), Registry::shipped(), now()).await.unwrap();
    tx.commit().await.unwrap();
    merge_pending(db, Registry::shipped(), &Rates::default(), now()).await.unwrap();
}

#[tokio::test]
async fn a_name_that_nobody_shares_any_more_is_bare_again() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let mut ids = Vec::new();
    for (key, claim) in &said() {
        ids.push(file(&mut db, &Story::of(key, "2026-03-02"), std::slice::from_ref(claim), now()).await);
    }
    merge_pending(&mut db, Registry::shipped(), &Rates::default(), now()).await.unwrap();
    assert_eq!(payers(&mut db).await, apart());
    let corrected = rents("Quoin Racks", "20000000", &json!({"country": "NO", "category": "ai_lab"}));
    read_again(&mut db, ids[1], &corrected).await;
    let one = named(&[
        ("ternhill = Ternhill", "1000000"),
        ("ternhill = Ternhill", "20000000"),
        ("ternhill = Ternhill", "300000000"),
        ("ternhill = Ternhill", "4000000000"),
    ]);
    assert_eq!(payers(&mut db).await, one);
}

#[tokio::test]
async fn each_has_a_page_and_totals_of_its_own_which_tells_of_the_others() {
    let site = Site::empty().await;
    let mut db = site.database.pool().acquire().await.unwrap();
    for (key, claim) in &said() {
        file(&mut db, &Story::of(key, "2026-03-02"), std::slice::from_ref(claim), now()).await;
    }
    merge_pending(&mut db, Registry::shipped(), &Rates::default(), now()).await.unwrap();
    let norwegian = site.page("/companies/ternhill-norway").await;
    norwegian.shows("Not to be taken for Ternhill or Ternhill (Spain).");
    norwegian.shows("$301M");
    site.page("/companies/ternhill-spain").await.shows("$20M");
    site.page("/companies/ternhill").await.shows("Not to be taken for Ternhill (Norway) or Ternhill (Spain).");
}
