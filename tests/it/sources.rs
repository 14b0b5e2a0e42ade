//! Sources in and out, and what is said of them.

use std::process::{Command, Stdio};

use sqlx::PgPool;

use crate::support::{
    database::{TestDatabase, WATTLINE},
    news::News,
};

/// Runs `wattline sources …`; returns what it printed on both outputs, and its status.
fn sources(database: &TestDatabase, arguments: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::new(WATTLINE);
    command.arg("sources").args(arguments).args(["--database-url", &database.url()]).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

async fn watched(pool: &PgPool) -> Vec<(String, String, String, bool)> {
    sqlx::query_as("SELECT url, title, rank, active FROM sources ORDER BY url").fetch_all(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_found_from_its_page_added_paused_and_removed() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let page =
        "<!doctype html><title>Rack</title><link rel=alternate type='application/rss+xml' href='/feed.xml'><p>Hello";
    news.answer("/", page.into(), "text/html").await;
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    let feed = news.url("/feed.xml");
    let (said, complaint, status) = sources(&database, &["add", &news.url("/"), "--rank", "trade"]);
    assert_eq!((complaint.as_str(), status), ("", Some(0)));
    assert_eq!(said.trim(), format!("Watching Rack & Grid at {feed}; RSS with 3 entries."));
    assert_eq!(watched(database.pool()).await, [(feed.clone(), "Rack & Grid".to_owned(), "trade".to_owned(), true)]);

    // What would be read of it, and nothing is stored.
    let (said, _, _) = sources(&database, &["check", &news.url("/")]);
    assert_eq!(said.lines().next().unwrap(), format!("Rack & Grid: RSS with 3 entries at {feed}"));
    assert_eq!(said.lines().count(), 4);
    let articles: i64 = sqlx::query_scalar("SELECT count(*) FROM articles").fetch_one(database.pool()).await.unwrap();
    assert_eq!(articles, 0);

    assert_eq!(sources(&database, &["pause", "rack & grid"]).2, Some(0));
    assert!(!watched(database.pool()).await[0].3);
    assert!(sources(&database, &["list"]).0.contains("\toff"));
    assert_eq!(sources(&database, &["resume", &feed]).2, Some(0));
    assert!(watched(database.pool()).await[0].3);
    assert_eq!(sources(&database, &["remove", &feed]).2, Some(0));
    assert!(watched(database.pool()).await.is_empty());
    let (_, complaint, status) = sources(&database, &["remove", &feed]);
    assert_eq!(status, Some(2));
    assert!(complaint.contains("no source has the address or name"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_source_is_refused_in_one_sentence() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.answer("/", b"<!doctype html><p>Nothing here".to_vec(), "text/html").await;
    let (_, complaint, status) = sources(&database, &["add", &news.url("/")]);
    assert_eq!((status, complaint.lines().count()), (Some(2), 1), "{complaint}");
    assert!(complaint.contains("names no feed and lists no articles"), "{complaint}");
    assert!(watched(database.pool()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_sources_goes_out_and_comes_in_again() {
    let (database, other) = (TestDatabase::new().await, TestDatabase::new().await);
    for (url, title, rank) in [
        ("https://grid.example/rss?a=1&b=2", "Grid & \"Watt\"", "trade"),
        ("https://orrery.example/feed", "Orrery <newsroom>", "primary"),
    ] {
        let added = sources(&database, &["add", url, "--unchecked", "--title", title, "--rank", rank]);
        assert_eq!(added.2, Some(0), "{}", added.1);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sources.opml").display().to_string();
    assert_eq!(sources(&database, &["export", &file]).2, Some(0));
    assert_eq!(sources(&other, &["import", &file]).0.trim(), "2 sources in the list, 2 of them new.");
    assert_eq!(sources(&other, &["import", &file]).0.trim(), "2 sources in the list, 0 of them new.");
    assert_eq!(watched(other.pool()).await, watched(database.pool()).await);
    // What is printed is the same file.
    assert_eq!(sources(&other, &["export"]).0, std::fs::read_to_string(&file).unwrap());
}
