//! The worker polls what is due, through the queue.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use chrono::Utc;
use sqlx::PgPool;
use wattline::{db::sources, model::Rank};

use crate::support::{
    database::{TestDatabase, WATTLINE},
    news::News,
};

/// A worker as a process of its own.
struct Worker(Child);

impl Worker {
    fn start(database: &TestDatabase) -> Self {
        let mut command = Command::new(WATTLINE);
        command.args(["worker", "--no-archive", "--no-sources", "--allow-private", "127.0.0.0/8"]);
        command.args(["--contact", "desk@wattline.example", "--host-delay", "10", "--database-url", &database.url()]);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until a query gives `true`.
async fn until(pool: &PgPool, query: &'static str) {
    for _ in 0..600 {
        if sqlx::query_scalar::<_, bool>(query).fetch_one(pool).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("in vain: {query}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_due_is_polled_and_one_that_fails_delays_no_other() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.serve_tagged("/feed.xml", "feed.xml", "\"one\"").await;
    news.serve("/harrow-loan", "harrow-loan.html", "text/html").await;
    // A host of its own: of one host, only one request is answered at a time.
    let slow = News::start().await;
    slow.fail("/slow.xml", 503, Duration::from_secs(30)).await;
    news.answer("/page.xml", b"<!doctype html><html><body><p>Hello</p></body></html>".to_vec(), "text/html").await;
    let pool = database.pool();
    for (url, title) in
        [(slow.url("/slow.xml"), "Slow"), (news.url("/page.xml"), "Page"), (news.url("/feed.xml"), "Rack & Grid")]
    {
        sources::add(pool, &url, title, Rank::Trade, Utc::now()).await.unwrap();
    }

    let first = Worker::start(&database);
    until(pool, "SELECT count(*) = 2 FROM deals").await;
    until(pool, "SELECT count(*) = 1 FROM sources WHERE title = 'Page' AND last_error = 'This is a web page, not a feed.' AND failures = 1").await;
    let (etag, error): (Option<String>, Option<String>) =
        sqlx::query_as("SELECT etag, last_error FROM sources WHERE title = 'Rack & Grid'")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!((etag.as_deref(), error), (Some("\"one\""), None));
    let agents = news.user_agents("/feed.xml").await;
    assert!(
        agents.iter().all(|agent| agent.starts_with("Wattline/") && agent.contains("desk@wattline.example")),
        "{agents:?}"
    );

    // Due again, it is asked with what it said of itself, and answers that nothing has changed.
    sqlx::query("UPDATE sources SET due_at = now(), last_success_at = NULL WHERE title = 'Rack & Grid'")
        .execute(pool)
        .await
        .unwrap();
    drop(first);
    let _worker = Worker::start(&database);
    until(pool, "SELECT last_success_at IS NOT NULL FROM sources WHERE title = 'Rack & Grid'").await;
    let articles: i64 = sqlx::query_scalar("SELECT count(*) FROM articles").fetch_one(pool).await.unwrap();
    assert_eq!(articles, 3);
    assert_eq!(news.asked("/feed.xml").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_was_cut_off_is_asked_for_again_as_a_whole() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let feed = news.fixture("feed.xml");
    news.answer_tagged("/feed.xml", &feed[..feed.find("rg-2").unwrap()], "\"half\"").await;
    let pool = database.pool();
    sources::add(pool, &news.url("/feed.xml"), "Rack & Grid", Rank::Trade, Utc::now()).await.unwrap();
    let _worker = Worker::start(&database);
    until(pool, "SELECT last_fetch_at IS NOT NULL FROM sources").await;
    let (etag, error, later, articles): (Option<String>, Option<String>, bool, i64) =
        sqlx::query_as("SELECT etag, last_error, due_at > now(), (SELECT count(*) FROM articles) FROM sources")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!(error.as_deref(), Some("The feed stops in the middle; its whole entries were read."));
    assert_eq!((etag, later, articles), (None, true, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_piled_up_is_worked_off_one_after_another_without_waiting_to_be_called() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let items: String = (0..240)
        .map(|n| format!("<item><guid>g{n}</guid><title>Orchard {n}</title><description>Tree {n} of the orchard bore {} apples.</description></item>", n * 7))
        .collect::<Vec<_>>()
        .concat();
    let feed = format!("<rss version='2.0'><channel><title>Orchards</title>{items}</channel></rss>");
    news.answer("/many.xml", feed.into_bytes(), "application/rss+xml").await;
    let pool = database.pool();
    sources::add(pool, &news.url("/many.xml"), "Orchards", Rank::Trade, Utc::now()).await.unwrap();
    let _worker = Worker::start(&database);
    // Eight at each look, every other second, would take it twice as long as is waited here.
    until(pool, "SELECT count(*) = 240 FROM articles WHERE extractor IS NOT NULL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_whose_entries_cannot_be_stored_is_told_of_and_waits_its_turn() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.serve_tagged("/feed.xml", "feed.xml", "\"one\"").await;
    let pool = database.pool();
    sqlx::query("ALTER TABLE articles ADD CHECK (publisher <> 'Rack & Grid')").execute(pool).await.unwrap();
    sources::add(pool, &news.url("/feed.xml"), "Rack & Grid", Rank::Trade, Utc::now()).await.unwrap();
    let _worker = Worker::start(&database);
    until(pool, "SELECT last_fetch_at IS NOT NULL FROM sources").await;
    let (etag, error, failures, later): (Option<String>, Option<String>, i32, bool) =
        sqlx::query_as("SELECT etag, last_error, failures, due_at > now() + interval '1 minute' FROM sources")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!(error.as_deref(), Some("What this source sent could not be stored."));
    assert_eq!((etag, failures, later), (None, 1, true));
}
