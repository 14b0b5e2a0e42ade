//! Copies of a text: one story, one publisher; other languages; articles that cannot be read.

use axum::{body::Body, http::Request};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tower::ServiceExt;
use wattline::{
    db::{
        articles::{self, NewArticle, Origin, Stored},
        aside,
    },
    jobs::{merge::merge_pending, read::read_unread},
    ledger::convert::Rates,
    model::{Rank, Registry},
    web,
};

use crate::support::database::TestDatabase;

const TEXT: &str = "Northlake Cloud signed a five-year, $2.1 billion contract with Harrow Data Centers on Tuesday for 120 MW of \
    capacity in Ohio. The halls lie beside the old steel works, where the grid has room to spare since the furnaces went out. \
    Harrow said that the first of them will be handed over in the spring of next year, and the last a year later.";

fn article(publisher: &str, text: &str) -> NewArticle {
    NewArticle {
        source_id: None,
        origin: Origin::Feed,
        keys: vec![format!("https://{}.example/northlake", publisher.to_lowercase().replace(' ', "-"))],
        url: Some(format!("https://{}.example/northlake", publisher.to_lowercase().replace(' ', "-"))),
        publisher: publisher.to_owned(),
        rank: Rank::Press,
        summary_of: Vec::new(),
        title: "Northlake rents halls in Ohio".to_owned(),
        text: text.to_owned(),
        language: None,
        author: None,
        published: Some("2026-06-09T08:00:00Z".parse().unwrap()),
        page_wanted: false,
    }
}

async fn take(pool: &PgPool, new: &[NewArticle], now: DateTime<Utc>) -> Vec<Stored> {
    let mut db = pool.acquire().await.unwrap();
    let stored = articles::store(&mut db, new, now).await.unwrap();
    read_unread(&mut db, Registry::shipped(), now, || {}).await.unwrap();
    merge_pending(&mut db, Registry::shipped(), &Rates::default(), now).await.unwrap();
    stored
}

async fn publishers(pool: &PgPool) -> Vec<i32> {
    sqlx::query_scalar("SELECT publishers FROM deals ORDER BY id").fetch_all(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_others_copy_is_one_story_and_one_publishers_word() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let now = Utc::now();
    let copy = format!("OHIO. {TEXT}\nMore on our site.");
    take(pool, &[article("Vale Wire", TEXT)], now).await;
    take(pool, &[article("Grid Post", &copy), article("Rack Daily", TEXT)], now).await;
    assert_eq!(publishers(pool).await, [1]);
    let own = "Harrow Data Centers has let 120 MW in Ohio to Northlake Cloud for five years; the contract is worth $2.1 billion.";
    take(pool, &[article("Harrow Watch", own)], now + chrono::TimeDelta::seconds(1)).await;
    assert_eq!(publishers(pool).await, [2]);

    let mut db = pool.acquire().await.unwrap();
    let stories = wattline::db::news::list(&mut db, None, None, 10).await.unwrap();
    let told: Vec<(String, Vec<String>)> =
        stories.into_iter().map(|story| (story.article.publisher, story.copies)).collect();
    assert_eq!(
        told,
        [
            ("Harrow Watch".to_owned(), vec![]),
            ("Vale Wire".to_owned(), vec!["Grid Post".to_owned(), "Rack Daily".to_owned()])
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_credits_an_agency_counts_as_that_agency() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let other =
        TEXT.replace("signed a five-year, $2.1 billion contract", "agreed to a $2.1 billion contract of five years");
    let credited = format!(
        "OHIO, June 9 (Reuters) - {other} It was all that was said, and nobody at either company would add to it."
    );
    take(pool, &[article("Reuters", TEXT), article("Grid Post", &credited)], Utc::now()).await;
    assert_eq!(publishers(pool).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_in_another_language_is_kept_and_not_read_for_deals() {
    let database = TestDatabase::new().await;
    let text = "Northlake Cloud hat am Dienstag einen Vertrag über 2,1 Milliarden Dollar mit Harrow Data Centers geschlossen. \
                Die Hallen liegen neben dem alten Stahlwerk, und die erste soll im Frühjahr des nächsten Jahres übergeben werden.";
    take(database.pool(), &[article("Netz Post", text)], Utc::now()).await;
    let (language, claims): (Option<String>, i64) =
        sqlx::query_as("SELECT language, (SELECT count(*) FROM claims) FROM articles")
            .fetch_one(database.pool())
            .await
            .unwrap();
    assert_eq!((language.as_deref(), claims), (Some("de"), 0));
    assert_eq!(articles::languages(database.pool()).await.unwrap(), [("de".to_owned(), 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_changes_keeps_what_it_said_before_and_its_claims_follow() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let [Stored::New(id)] = take(pool, &[article("Vale Wire", TEXT)], Utc::now()).await[..] else { panic!() };
    let corrected = TEXT.replace("$2.1 billion", "$2.4 billion");
    take(pool, &[article("Vale Wire", &corrected)], Utc::now()).await;
    let sums: Vec<String> = sqlx::query_scalar("SELECT headline FROM deals").fetch_all(pool).await.unwrap();
    assert_eq!(sums.len(), 1);
    let record: serde_json::Value = sqlx::query_scalar("SELECT record FROM deals").fetch_one(pool).await.unwrap();
    assert!(record.to_string().contains("2400000000"), "{record}");
    let kept: Vec<String> = sqlx::query_scalar("SELECT text FROM article_versions").fetch_all(pool).await.unwrap();
    assert_eq!(kept, [TEXT]);
    assert_eq!(articles::versions(pool, id).await.unwrap(), 1);
    let router = web::router(web::App::new(pool.clone(), "http://wattline.example/".parse().unwrap()));
    let request = Request::get(format!("/articles/{id}")).body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let html = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&html).contains("It has changed once since it was first read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_is_set_aside_is_left_alone_until_it_is_run_again() {
    let database = TestDatabase::new().await;
    let pool = database.pool();
    let mut db = pool.acquire().await.unwrap();
    let now = Utc::now();
    let stored = articles::store(&mut db, &[article("Vale Wire", TEXT)], now).await.unwrap();
    let [Stored::New(id)] = stored[..] else { panic!("it is new") };
    assert_eq!((aside::begin(pool, id).await.unwrap(), aside::begin(pool, id).await.unwrap()), (1, 2));
    aside::put(pool, id, "It ends the worker.").await.unwrap();
    assert_eq!(read_unread(&mut db, Registry::shipped(), now, || {}).await.unwrap(), 0);
    assert!(articles::left_behind(pool, now + chrono::TimeDelta::hours(1)).await.unwrap().is_empty());
    assert_eq!(aside::list(pool, 10).await.unwrap()[0].fault, "It ends the worker.");
    assert_eq!(aside::run_again(pool, Some(id)).await.unwrap(), 1);
    assert_eq!(aside::begin(pool, id).await.unwrap(), 1);
    assert_eq!(read_unread(&mut db, Registry::shipped(), now, || {}).await.unwrap(), 1);
}
