//! What a deal's page says beyond its figures: who disagrees, what binds nobody, what has gone quiet, what belongs to what.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use tower::ServiceExt;
use uuid::Uuid;
use wattline::{
    jobs::merge::merge_pending,
    ledger::{convert::Rates, quiet::Patience},
    model::{Rank, Registry},
    web::{App, router},
};

use crate::support::{
    database::TestDatabase,
    ledger::{Story, claim, file, prepare},
};

/// The words of a page, without its tags.
async fn text(database: &TestDatabase, path: &str, patience: Patience) -> String {
    let app = App::new(database.pool().clone(), "https://ledger.example".parse().unwrap()).with_patience(patience);
    let response = router(app).oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.status().is_success(), "{path}: {}", response.status());
    let html = String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap();
    let words = html.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text));
    let words = words.collect::<Vec<_>>().join(" ").replace("&#39;", "'").replace("&quot;", "\"");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn path(db: &mut PgConnection, payer: &str) -> String {
    let (id, slug): (Uuid, String) =
        sqlx::query_as("SELECT d.id, d.slug FROM deals d JOIN deal_parties p ON p.deal_id = d.id WHERE p.company = $1")
            .bind(payer)
            .fetch_one(db)
            .await
            .unwrap();
    format!("/deals/{id}/{slug}")
}

fn buys(payer: &str, fields: &Value, text: &str) -> wattline::model::Claim {
    let mut all = json!({"kind": "build", "parties": [{"name": payer, "role": "owner"}]});
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    claim(&all, text)
}

#[tokio::test]
async fn the_page_says_who_disagrees_what_binds_nobody_and_what_has_gone_quiet() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now: DateTime<Utc> = "2025-01-14T12:00:00Z".parse().unwrap();
    let letter = "Corvid AI signed a letter of intent to build for £4 billion.";
    let sum = |value: &str, currency: &str| json!({"amounts": [{"value": value, "currency": currency}], "capacity": [{"mw": 400}]});
    let stories = [
        ("newsroom", "Corvid Newsroom", Rank::Primary, "2025-01-10", sum("4000000000", "GBP"), letter),
        (
            "trade",
            "Rack & Grid",
            Rank::Trade,
            "2025-01-11",
            sum("4600000000", "GBP"),
            "Corvid AI will build for £4.6 billion.",
        ),
    ];
    for (key, publisher, rank, day, fields, text) in stories {
        let story = Story { publisher, rank, text, ..Story::of(key, day) };
        file(&mut db, &story, &[buys("Corvid AI", &fields, text)], now).await;
    }
    // Deals of the kind that all cost about ten million dollars a megawatt.
    for number in 0..9 {
        let fields = json!({"amounts": [{"value": (1_000_000_000 + number * 1_000_000).to_string(), "currency": "USD"}],
                            "capacity": [{"mw": 100}], "status": "signed"});
        let payer = format!("Builder {number}");
        file(&mut db, &Story::of(&payer, "2025-01-12"), &[buys(&payer, &fields, "")], now).await;
    }
    let dear =
        json!({"amounts": [{"value": "9000000000", "currency": "SAR"}], "capacity": [{"mw": 10}], "status": "signed"});
    file(&mut db, &Story::of("dear", "2025-01-12"), &[buys("Tundra Cloud", &dear, "")], now).await;
    merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now).await.unwrap();

    let at = path(&mut db, "corvid-ai").await;
    let page = text(&database, &at, Patience::default()).await;
    for words in [
        "by a letter of intent, which binds nobody",
        "Gone quiet: no news since 11 Jan 2025",
        "Where the sources disagree",
        "a less trusted source",
        "in dollars at the European Central Bank’s rate of 10 Jan 2025",
        "Corvid Newsroom, a letter of intent",
        "by source",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let patient = Patience { announcement_days: 100_000, ..Patience::default() };
    assert!(!text(&database, &at, patient).await.contains("Gone quiet"));

    let at = path(&mut db, "tundra-cloud").await;
    let page = text(&database, &at, Patience::default()).await;
    assert!(page.contains("far above"), "{page}");
    assert!(page.contains("in dollars at the peg of SAR 3.75"), "{page}");
    let at = path(&mut db, "builder-3").await;
    assert!(!text(&database, &at, Patience::default()).await.contains("far above"));
}

#[tokio::test]
async fn a_programme_and_its_contracts_lead_to_each_other_and_totals_count_each_dollar_once() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now: DateTime<Utc> = "2025-01-14T12:00:00Z".parse().unwrap();
    let sum = |value: &str| json!([{"value": value, "currency": "USD"}]);
    let programme = json!({"amounts": sum("50000000000"), "programme": "Northstar"});
    let part = json!({"bond": "part", "text": "part of its Northstar programme", "name": "Northstar"});
    let contract = json!({"kind": "compute", "amounts": sum("20000000000"), "part_of": part, "status": "signed",
        "parties": [{"name": "Corvid AI", "role": "buyer"}, {"name": "Quarry Lake Compute", "role": "provider"}]});
    file(&mut db, &Story::of("programme", "2025-01-10"), &[buys("Corvid AI", &programme, "Northstar")], now).await;
    file(&mut db, &Story::of("contract", "2025-01-13"), &[buys("", &contract, "part of its Northstar programme")], now)
        .await;
    merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now).await.unwrap();
    let page = text(&database, "/companies/corvid-ai", Patience::default()).await;
    assert!(page.contains("Pays $50 B"), "{page}");
    assert!(page.contains("$70 B $70,000,000,000 gross"), "{page}");
    let page = text(&database, "/", Patience::default()).await;
    assert!(page.contains("$70 B $70,000,000,000 gross"), "{page}");
    let contract = path(&mut db, "quarry-lake-compute").await;
    assert!(text(&database, &contract, Patience::default()).await.contains("Part of"));
    let programme: (Uuid, String) =
        sqlx::query_as("SELECT id, slug FROM deals WHERE kind = 'build'").fetch_one(&mut *db).await.unwrap();
    let page = text(&database, &format!("/deals/{}/{}", programme.0, programme.1), Patience::default()).await;
    assert!(page.contains("Inside it or on top of it"), "{page}");
}
