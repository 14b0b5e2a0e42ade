//! Open pages hear of new deals; hubs push.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::{TimeDelta, Utc};
use futures::StreamExt;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use wattline::{
    db::sources,
    jobs::{live::pass_on, merge::merge_pending},
    ledger::convert::Rates,
    model::{Rank, Registry},
    web::{self, live::Live},
};

use crate::support::{
    database::TestDatabase,
    ledger::{Story, claim, file, prepare},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_of_a_deal_as_soon_as_it_is_committed() {
    let database = TestDatabase::new().await;
    let (changes, _) = tokio::sync::broadcast::channel(4);
    let passing_on = tokio::spawn(pass_on(database.pool().clone(), changes.clone()));
    let stop = CancellationToken::new();
    let app = web::App::new(database.pool().clone(), "http://wattline.example/".parse().unwrap());
    let router = web::router(app.with_live(Live { changes, stop: stop.clone() }));
    let answer = router.oneshot(Request::get("/live").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.into_body().into_data_stream();

    // The listener has to have begun before there is something to hear.
    for _ in 0..200 {
        let listening: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query ILIKE 'LISTEN%' AND datname = current_database())",
        )
        .fetch_one(database.pool())
        .await
        .unwrap();
        if listening {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let claim = claim(
        &json!({ "parties": [{"name": "Northlake Cloud", "role": "buyer"}, {"name": "Harrow Data Centers", "role": "provider"}] }),
        "Northlake Cloud rents from Harrow Data Centers.",
    );
    file(&mut db, &Story::of("one", "2026-06-09"), &[claim], Utc::now()).await;
    merge_pending(&mut db, Registry::shipped(), &Rates::default(), Utc::now()).await.unwrap();
    let event = tokio::time::timeout(Duration::from_secs(30), events.next()).await.unwrap().unwrap().unwrap();
    assert!(String::from_utf8_lossy(&event).starts_with("event: deals"), "{event:?}");
    // The program does not wait for pages that stay open.
    stop.cancel();
    assert!(events.next().await.is_none());
    passing_on.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_is_told_what_was_asked_for_and_believed_when_it_signs() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let now = Utc::now();
    sources::add(pool, "https://grid.example/feed", "Grid", Rank::Trade, now + TimeDelta::hours(1)).await.unwrap();
    let id = sources::all(pool).await.unwrap()[0].id;
    let router = web::router(web::App::new(pool.clone(), "http://wattline.example/".parse().unwrap()));
    let ask = async |query: &str| {
        let request = Request::get(format!("/websub/{id}?{query}")).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        (status, axum::body::to_bytes(answer.into_body(), 1000).await.unwrap())
    };
    let query =
        "hub.mode=subscribe&hub.topic=https%3A%2F%2Fgrid.example%2Ffeed&hub.challenge=abc&hub.lease_seconds=3600";
    // Nobody has asked for it.
    assert_eq!(ask(query).await.0, StatusCode::NOT_FOUND);

    sources::note_hub(pool, id, Some("https://hub.example/"), Some("https://grid.example/feed")).await.unwrap();
    let wanted = sources::to_subscribe(pool, now, "random").await.unwrap();
    assert_eq!((wanted.len(), wanted[0].hub.as_str()), (1, "https://hub.example/"));
    assert!(sources::to_subscribe(pool, now, "random").await.unwrap().is_empty());
    let (status, body) = ask(query).await;
    assert_eq!((status, body.as_ref()), (StatusCode::OK, b"abc".as_slice()));
    assert_eq!(ask(&query.replace("grid.example", "other.example")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ask(&query.replace("=subscribe", "=unsubscribe")).await.0, StatusCode::NOT_FOUND);

    let push = async |signature: String| {
        let request = Request::post(format!("/websub/{id}")).header("x-hub-signature", signature);
        router.clone().oneshot(request.body(Body::from("<rss/>")).unwrap()).await.unwrap().status()
    };
    let due =
        async || sqlx::query_scalar::<_, bool>("SELECT due_at <= now() FROM sources").fetch_one(pool).await.unwrap();
    assert_eq!((push("sha256=00".to_owned()).await, due().await), (StatusCode::ACCEPTED, false));
    let mac = Hmac::<Sha256>::new_from_slice(wanted[0].secret.as_bytes()).unwrap().chain_update("<rss/>");
    let signed = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!((push(signed).await, due().await), (StatusCode::ACCEPTED, true));
}
