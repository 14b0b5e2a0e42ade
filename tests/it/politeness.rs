//! What hosts ask of those who read them: robots.txt, rest, one request at a time; where they have moved; their past.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;
use wattline::{
    db::{
        articles::{self, NewArticle, Origin, Stored},
        sources,
    },
    ingest::fetch::{FetchOptions, Fetcher, Validators},
    jobs::{
        host::{Asked, Asker},
        page::{PageOutcome, fetch_page},
        poll::{Polled, backfill, poll_source},
    },
    model::Rank,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::database::TestDatabase;

fn asker(pool: &PgPool, pause: Duration) -> Asker {
    let options = FetchOptions { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..FetchOptions::default() };
    Asker::new(pool.clone(), Fetcher::new(options).unwrap(), pause)
}

async fn serve(server: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(server).await;
}

async fn asked(server: &MockServer, at: &str) -> usize {
    server.received_requests().await.unwrap().iter().filter(|request| request.url.path() == at).count()
}

async fn source(pool: &PgPool, url: &str) -> Uuid {
    sources::add(pool, url, "Grid", Rank::Trade, Utc::now()).await.unwrap();
    sources::all(pool).await.unwrap().into_iter().find(|source| source.url == url).unwrap().id
}

fn rss(items: &str, links: &str) -> ResponseTemplate {
    let feed = format!(
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Grid</title>{links}{items}</channel></rss>"
    );
    ResponseTemplate::new(200).set_body_raw(feed, "application/rss+xml")
}

/// An article of which the feed gave a line.
async fn summary(pool: &PgPool, url: &str) -> Uuid {
    let article = NewArticle {
        source_id: None,
        origin: Origin::Feed,
        keys: vec![url.to_owned()],
        url: Some(url.to_owned()),
        publisher: "Grid".to_owned(),
        rank: Rank::Press,
        summary_of: Vec::new(),
        title: "Ferrow rents a hall".to_owned(),
        text: "A line.".to_owned(),
        language: None,
        author: None,
        published: None,
        page_wanted: true,
    };
    let mut db = pool.acquire().await.unwrap();
    let stored = articles::store(&mut db, &[article], Utc::now()).await.unwrap();
    let [Stored::New(id)] = stored[..] else { panic!("it is new") };
    id
}

async fn text_and_error(pool: &PgPool, id: Uuid) -> (String, Option<String>) {
    sqlx::query_as("SELECT text, page_error FROM articles WHERE id = $1").bind(id).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_robots_may_not_read_is_not_asked_for_and_a_feed_is() {
    let (database, server) = (TestDatabase::new().await, MockServer::start().await);
    let pool = database.pool();
    let robots = "User-agent: *\nDisallow: /members/\n\nUser-agent: Wattline\nDisallow: /closed/\nCrawl-delay: 0.01\n";
    serve(&server, "/robots.txt", ResponseTemplate::new(200).set_body_string(robots)).await;
    serve(&server, "/closed/feed", rss("<item><title>One</title></item>", "")).await;
    let page =
        "<article><p>Ferrow rents a hall beside the dam, and says so at some length in this paragraph.</p></article>";
    for at in ["/closed/a", "/open/a", "/members/a"] {
        serve(&server, at, ResponseTemplate::new(200).set_body_raw(page, "text/html")).await;
    }
    let asker = asker(pool, Duration::ZERO);
    let id = source(pool, &format!("{}/closed/feed", server.uri())).await;
    assert!(matches!(poll_source(pool, &asker, id, Utc::now()).await.unwrap(), Polled::Done(new) if new.len() == 1));
    assert_eq!(asked(&server, "/robots.txt").await, 0);

    let mut read = Vec::new();
    for at in ["/closed/a", "/open/a", "/members/a"] {
        let id = summary(pool, &format!("{}{at}", server.uri())).await;
        assert!(matches!(fetch_page(pool, &asker, id, false).await.unwrap(), PageOutcome::Ready));
        read.push(text_and_error(pool, id).await);
    }
    let refused = Some("The host's robots.txt asks programs not to read this page.".to_owned());
    assert_eq!(read[0], ("A line.".to_owned(), refused));
    // What is said to all is not said to those who are named.
    assert!(read[1..].iter().all(|(text, error)| text.starts_with("Ferrow rents") && error.is_none()), "{read:?}");
    assert_eq!((asked(&server, "/closed/a").await, asked(&server, "/robots.txt").await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_asked_by_one_at_a_time_whoever_asks() {
    let (database, server) = (TestDatabase::new().await, MockServer::start().await);
    let pool = database.pool();
    serve(&server, "/feed", rss("", "").set_delay(Duration::from_millis(300))).await;
    let url: url::Url = format!("{}/feed", server.uri()).parse().unwrap();
    // As many workers, each with a fetcher of its own.
    let ask = |_| {
        let (asker, url) = (asker(pool, Duration::from_millis(50)), url.clone());
        async move { asker.feed(&url, &Validators::default()).await.unwrap() }
    };
    let begun = std::time::Instant::now();
    let answers = futures::future::join_all((0..3).map(ask)).await;
    let answered = answers.iter().filter(|asked| matches!(asked, Asked::Answer(Ok(_)))).count();
    // One after another, each behind the pause of the one before; who would have to wait for long is told so.
    assert!(answered >= 1);
    assert!(begun.elapsed() >= Duration::from_millis(300 * u64::try_from(answered).unwrap()));
    assert_eq!(asked(&server, "/feed").await, answered);

    // A host that asks for rest has it from all of them.
    let busy = MockServer::start().await;
    serve(&busy, "/feed", ResponseTemplate::new(429).insert_header("retry-after", "3600")).await;
    let url: url::Url = format!("{}/feed", busy.uri()).parse().unwrap();
    let once = async || asker(pool, Duration::ZERO).feed(&url, &Validators::default()).await.unwrap();
    assert!(matches!(once().await, Asked::Answer(Err(_))));
    let Asked::Busy(wait) = once().await else { panic!("it asked for rest") };
    assert!(wait > TimeDelta::minutes(59), "{wait}");
    assert_eq!(asked(&busy, "/feed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_for_good_is_believed_once_it_is_proven_and_freshness_is_heeded() {
    let (database, server) = (TestDatabase::new().await, MockServer::start().await);
    let pool = database.pool();
    let new = format!("{}/new", server.uri());
    serve(&server, "/old", ResponseTemplate::new(301).insert_header("location", "/new")).await;
    serve(
        &server,
        "/new",
        rss("<item><title>One</title></item>", "").insert_header("cache-control", "public, max-age=14400"),
    )
    .await;
    let id = source(pool, &format!("{}/old", server.uri())).await;
    let asker = asker(pool, Duration::ZERO);
    let poll = async |now| {
        sqlx::query("UPDATE sources SET due_at = now() - interval '1 day'").execute(pool).await.unwrap();
        poll_source(pool, &asker, id, now).await.unwrap();
        sqlx::query_scalar::<_, String>("SELECT url FROM sources").fetch_one(pool).await.unwrap()
    };
    let now = Utc::now();
    for day in 0..5 {
        assert!(poll(now + TimeDelta::days(day)).await.ends_with("/old"), "day {day}");
    }
    assert_eq!(poll(now + TimeDelta::days(8)).await, new);
    let due: bool = sqlx::query_scalar("SELECT due_at >= $1 FROM sources")
        .bind(now + TimeDelta::days(8) + TimeDelta::hours(4) - TimeDelta::seconds(1))
        .fetch_one(pool)
        .await
        .unwrap();
    assert!(due, "it said that it is fresh for four hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_feed_is_read_page_by_page_until_it_ends() {
    let (database, server) = (TestDatabase::new().await, MockServer::start().await);
    let pool = database.pool();
    let link = |to: &str| format!("<atom:link rel='prev-archive' href='{to}'/>");
    let item = |n: usize| format!("<item><title>Item {n}</title><guid>{n}</guid></item>");
    serve(&server, "/feed", rss(&item(3), &link("/2"))).await;
    serve(&server, "/2", rss(&item(2), &link("/1"))).await;
    serve(&server, "/1", rss(&item(1), "")).await;
    let id = source(pool, &format!("{}/feed", server.uri())).await;
    let asker = asker(pool, Duration::ZERO);
    poll_source(pool, &asker, id, Utc::now()).await.unwrap();
    // Nobody has asked for its past.
    assert!(matches!(backfill(pool, &asker, id, Utc::now()).await.unwrap(), Polled::Done(new) if new.is_empty()));
    sources::backfill(pool, id, Some(&format!("{}/2", server.uri())), 0).await.unwrap();
    for _ in 0..2 {
        assert_eq!(sources::backfilling(pool).await.unwrap(), [id]);
        assert!(matches!(backfill(pool, &asker, id, Utc::now()).await.unwrap(), Polled::Done(new) if new.len() == 1));
    }
    assert!(sources::backfilling(pool).await.unwrap().is_empty());
    let titles: Vec<String> =
        sqlx::query_scalar("SELECT title FROM articles ORDER BY title").fetch_all(pool).await.unwrap();
    assert_eq!(titles, ["Item 1", "Item 2", "Item 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_is_read_with_its_press_release() {
    let (database, server) = (TestDatabase::new().await, MockServer::start().await);
    let pool = database.pool();
    let row = |n: usize, file: &str, kind: &str| {
        format!("<tr><td>{n}</td><td>x</td><td><a href='{file}'>{file}</a></td><td>{kind}</td><td>1</td></tr>")
    };
    let index = format!(
        "<html><table class='tableFile'>{}{}{}</table></html>",
        row(1, "/a8k.htm", "8-K"),
        row(2, "/ex10.htm", "EX-10.1"),
        row(3, "/ex99.htm", "EX-99.1")
    );
    let html = |body: String| ResponseTemplate::new(200).set_body_raw(body, "text/html");
    serve(&server, "/0001-index.htm", html(index)).await;
    serve(&server, "/a8k.htm", html("<p>Item 8.01 Other Events.</p>".to_owned())).await;
    serve(&server, "/ex99.htm", html("<div>Orrery Cloud signed a $2 billion contract.</div>".to_owned())).await;
    let id = summary(pool, &format!("{}/0001-index.htm", server.uri())).await;
    let asker = asker(pool, Duration::ZERO);
    assert!(matches!(fetch_page(pool, &asker, id, false).await.unwrap(), PageOutcome::Ready));
    let (text, error) = text_and_error(pool, id).await;
    assert_eq!((text.as_str(), error), ("Item 8.01 Other Events.\nOrrery Cloud signed a $2 billion contract.", None));
    assert_eq!(asked(&server, "/ex10.htm").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sitemaps_and_pages_that_list_articles_are_read_as_sources() {
    let (database, server) = (TestDatabase::new().await, MockServer::start().await);
    let pool = database.pool();
    let server = Arc::new(server);
    let sitemap = format!(
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>\
         <url><loc>{}/a</loc><news:news><news:publication><news:name>Grid</news:name><news:language>en</news:language></news:publication>\
         <news:publication_date>2026-03-03T08:00:00Z</news:publication_date><news:title>Ferrow rents a hall</news:title></news:news></url></urlset>",
        server.uri()
    );
    serve(&server, "/news.xml", ResponseTemplate::new(200).set_body_raw(sitemap, "application/xml")).await;
    let index: String = ["/n/orrery-builds-a-hall", "/n/vale-is-full-again", "/n/harrow-lets-two-floors"]
        .iter()
        .map(|at| format!("<p><a href='{at}'>Four words of headline</a></p>"))
        .collect::<Vec<_>>()
        .concat();
    let index = format!("<!doctype html><title>All news</title>{index}");
    serve(&server, "/all", ResponseTemplate::new(200).set_body_raw(index, "text/html")).await;
    let asker = asker(pool, Duration::ZERO);
    for (at, expected) in [("/news.xml", 1), ("/all", 3)] {
        let id = source(pool, &format!("{}{at}", server.uri())).await;
        let polled = poll_source(pool, &asker, id, Utc::now()).await.unwrap();
        assert!(matches!(&polled, Polled::Done(new) if new.len() == expected), "{at}: {polled:?}");
    }
    let (title, dated, wanted): (String, bool, bool) =
        sqlx::query_as("SELECT title, dated, page_wanted FROM articles WHERE url LIKE '%/a'")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!((title.as_str(), dated, wanted), ("Ferrow rents a hall", true, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_sitemaps_is_read_by_its_newest_of_news() {
    let (database, server) = (TestDatabase::new().await, Arc::new(MockServer::start().await));
    let pool = database.pool();
    let at = |path: &str| format!("{}{path}", server.uri());
    let listed =
        [("/pages-2026.xml", "2026-03-04"), ("/news-2026-02.xml", "2026-02-28"), ("/news-2026-03.xml", "2026-03-03")];
    let index: String = listed
        .map(|(path, day)| format!("<sitemap><loc>{}</loc><lastmod>{day}</lastmod></sitemap>", at(path)))
        .concat();
    let index = format!("<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{index}</sitemapindex>");
    serve(&server, "/sitemap.xml", ResponseTemplate::new(200).set_body_raw(index, "application/xml")).await;
    let newest = format!("<urlset><url><loc>{}</loc><lastmod>2026-03-03</lastmod></url></urlset>", at("/harrow-lets"));
    serve(&server, "/news-2026-03.xml", ResponseTemplate::new(200).set_body_raw(newest, "application/xml")).await;
    let id = source(pool, &at("/sitemap.xml")).await;
    // The host's pause behind the index is waited for.
    let polled = poll_source(pool, &asker(pool, Duration::from_millis(1_500)), id, Utc::now()).await.unwrap();
    assert!(matches!(&polled, Polled::Done(new) if new.len() == 1), "{polled:?}");
    let (url, error): (String, Option<String>) =
        sqlx::query_as("SELECT a.url, s.last_error FROM articles a JOIN sources s ON s.id = a.source_id")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!((url, error), (at("/harrow-lets"), None));
}
