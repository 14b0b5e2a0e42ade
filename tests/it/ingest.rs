//! News in, deals out: feeds and pages from a server on this machine, through the program as it is started.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};

use sqlx::{ConnectOptions, PgPool};
use tempfile::TempDir;

use crate::support::{
    database::{TestDatabase, WATTLINE},
    news::News,
};

/// Runs `wattline ingest` on these inputs.
fn ingest(database: &TestDatabase, inputs: &[&str]) -> Output {
    let mut command = Command::new(WATTLINE);
    command
        .arg("ingest")
        .args(inputs)
        .args(["--host-delay", "10", "--database-url", &database.url()])
        .stdin(Stdio::null());
    command.output().unwrap()
}

fn summary(output: &Output) -> String {
    assert!(output.stderr.is_empty() || !output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs it on a file that holds these bytes; returns what it printed on both outputs.
fn ingest_file(database: &TestDatabase, name: &str, bytes: &[u8]) -> (String, String) {
    let folder = TempDir::new().unwrap();
    let file: PathBuf = folder.path().join(name);
    std::fs::File::create(&file).unwrap().write_all(bytes).unwrap();
    let output = ingest(database, &[file.to_str().unwrap()]);
    (String::from_utf8_lossy(&output.stdout).trim().to_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Whether it is what Northlake rents from Harrow: computing capacity by the megawatt is compute to one newsroom, and a lease
/// to the next.
fn is_rent(headline: &str) -> bool {
    headline.starts_with("Northlake Cloud ") && headline.ends_with(" from Harrow Data Centers")
}

async fn headlines(pool: &PgPool) -> Vec<(String, i32)> {
    sqlx::query_as("SELECT headline, publishers FROM deals ORDER BY headline").fetch_all(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_and_the_pages_of_its_summaries_become_deals_with_their_quotes() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    news.serve("/harrow-loan", "harrow-loan.html", "text/html; charset=utf-8").await;
    let output = ingest(&database, &[&news.url("/feed.xml")]);
    assert_eq!(summary(&output), "3 articles read, 3 new; 2 deals new, 0 updated; 0 errors");
    let deals = headlines(database.pool()).await;
    let [(loan, 1), (rent, 1)] = &deals[..] else { panic!("two deals of one publisher each: {deals:?}") };
    assert_eq!(loan, "Harrow Data Centers borrows from Fennimore Bank");
    assert!(is_rent(rent), "{rent}");
    // The page was fetched for the summary only.
    assert_eq!((news.asked("/harrow-loan").await, news.asked("/northlake-harrow").await), (1, 0));

    // Each claim's evidence is exactly the slice of the stored text at its offsets.
    let evidence: Vec<(String, String)> = sqlx::query_as(
        "SELECT e->>'text', substr(a.title || E'\\n' || a.text, (e->>'start')::int + 1, (e->>'end')::int - (e->>'start')::int)
         FROM claims c JOIN articles a ON a.id = c.article_id, jsonb_array_elements(c.body->'evidence') e",
    )
    .fetch_all(database.pool())
    .await
    .unwrap();
    assert!(evidence.len() >= 2);
    for (quote, slice) in evidence {
        assert_eq!(quote, slice);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_same_feed_again_changes_nothing() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    news.serve("/harrow-loan", "harrow-loan.html", "text/html").await;
    ingest(&database, &[&news.url("/feed.xml")]);
    let revisions = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM revisions").fetch_one(database.pool()).await.unwrap()
    };
    let before = revisions().await;
    let again = ingest(&database, &[&news.url("/feed.xml")]);
    assert_eq!(summary(&again), "3 articles read, 0 new; 0 deals new, 0 updated; 0 errors");
    assert!(before >= 2);
    assert_eq!(revisions().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingest_that_was_killed_while_it_fetched_pages_is_finished_by_the_next() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let feed = news.url("/feed.xml");
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    news.fail("/harrow-loan", 503, Duration::from_mins(1)).await;
    let mut command = Command::new(WATTLINE);
    command.args(["ingest", &feed, "--host-delay", "10", "--database-url", &database.url()]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        if news.asked("/harrow-loan").await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();

    news.forget().await;
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    news.serve("/harrow-loan", "harrow-loan.html", "text/html").await;
    assert_eq!(summary(&ingest(&database, &[&feed])), "3 articles read, 0 new; 2 deals new, 0 updated; 0 errors");
    assert_eq!(news.asked("/harrow-loan").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_outlets_that_tell_of_one_deal_make_one_record() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.serve("/feed.xml", "feed.xml", "application/rss+xml").await;
    news.serve("/harrow-loan", "harrow-loan.html", "text/html").await;
    news.serve("/atom.xml", "atom.xml", "application/atom+xml").await;
    ingest(&database, &[&news.url("/feed.xml")]);
    let second = ingest(&database, &[&news.url("/atom.xml")]);
    // The lease is told again; the loan of the week may only now be found to be for what is let.
    let told = summary(&second);
    let updated = ["1", "2"].map(|count| format!("1 article read, 1 new; 0 deals new, {count} updated; 0 errors"));
    assert!(updated.contains(&told), "{told}");
    let deals = headlines(database.pool()).await;
    let told_twice = |(headline, publishers): &(String, i32)| is_rent(headline) && *publishers == 2;
    assert!(deals.len() == 2 && deals.iter().any(told_twice), "{deals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_feed_in_a_file_is_read_without_a_word_to_the_network() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let file = include_str!("../fixtures/news/feed.json").replace("{{server}}", &news.url(""));
    let (printed, complaints) = ingest_file(&database, "feed.json", file.as_bytes());
    assert_eq!((printed.as_str(), complaints.as_str()), ("1 article read, 1 new; 1 deal new, 0 updated; 0 errors", ""));
    assert_eq!(headlines(database.pool()).await, [("Tall Pine Ventures invests in Quarry Lake Compute".to_owned(), 1)]);
    assert_eq!(news.asked("/bricks/quarry").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_lines_of_articles_are_told_apart_by_their_content() {
    let database = TestDatabase::new().await;
    let page = include_str!("../fixtures/news/harrow-loan.html").replace("{{server}}", "https://rack.example");
    let (printed, _) = ingest_file(&database, "saved", page.as_bytes());
    assert_eq!(printed, "1 article read, 1 new; 1 deal new, 0 updated; 0 errors");
    let lines = r#"{"id":"1","title":"A loan for Harrow","publisher":"The Vale Post","published":"2026-06-12","text":"Harrow Data Centers closed a $900 million loan from Fennimore Bank."}
{"id":"2","title":"No text here"}
not json at all
"#;
    let (printed, complaints) = ingest_file(&database, "articles.jsonl", lines.as_bytes());
    assert_eq!(printed, "1 article read, 1 new; 0 deals new, 1 updated; 2 errors");
    assert!(complaints.contains("line 2: the article has neither `text` nor `html`"), "{complaints}");
    assert!(complaints.contains("line 3: it is no article"), "{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_over_several_lines_and_a_list_of_articles_are_read() {
    let database = TestDatabase::new().await;
    let article = serde_json::json!({"id": "1", "title": "A loan for Harrow", "publisher": "The Vale Post", "published": "2026-06-12",
        "text": "Harrow Data Centers closed a $900 million loan from Fennimore Bank."});
    let (printed, complaints) =
        ingest_file(&database, "article.json", serde_json::to_string_pretty(&article).unwrap().as_bytes());
    assert_eq!((printed.as_str(), complaints.as_str()), ("1 article read, 1 new; 1 deal new, 0 updated; 0 errors", ""));
    let other = serde_json::json!({"id": "2", "title": "Quiet", "text": "Nothing happened."});
    let list = serde_json::to_vec(&[article, other]).unwrap();
    let (printed, complaints) = ingest_file(&database, "articles.json", &list);
    assert_eq!(
        (printed.as_str(), complaints.as_str()),
        ("2 articles read, 1 new; 0 deals new, 0 updated; 0 errors", "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_feed_gives_its_whole_entries() {
    let database = TestDatabase::new().await;
    let feed = include_str!("../fixtures/news/feed.xml").replace("{{server}}", "https://rack.example");
    let cut = feed.find("rg-2").unwrap();
    let (printed, complaints) = ingest_file(&database, "feed.xml", &feed.as_bytes()[..cut]);
    assert_eq!(printed, "1 article read, 1 new; 1 deal new, 0 updated; 1 error");
    assert!(complaints.contains("stops in the middle"), "{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_feed_and_an_empty_file_lose_nothing_and_say_so() {
    let database = TestDatabase::new().await;
    let empty = br#"<rss version="2.0"><channel><title>Quiet</title></channel></rss>"#;
    assert_eq!(ingest_file(&database, "feed.xml", empty).0, "0 articles read, 0 new; 0 deals new, 0 updated; 0 errors");
    let (printed, complaints) = ingest_file(&database, "nothing", b"");
    assert_eq!(printed, "0 articles read, 0 new; 0 deals new, 0 updated; 1 error");
    assert!(complaints.contains("empty"), "{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_utf8_a_date_in_2099_and_ten_megabytes_are_survived() {
    let database = TestDatabase::new().await;
    let mut latin = b"<rss version=\"2.0\"><channel><title>Caf\xe9</title><item><title>Na\xefve</title><link>https://cafe.example/1</link><description>".to_vec();
    latin.extend(b"One two. ".repeat(200));
    latin.extend(b"</description></item></channel></rss>");
    assert_eq!(
        ingest_file(&database, "latin.xml", &latin).0,
        "1 article read, 1 new; 0 deals new, 0 updated; 0 errors"
    );

    let feed = include_str!("../fixtures/news/feed.xml").replace("{{server}}", "https://rack.example");
    ingest_file(&database, "feed.xml", feed.as_bytes());
    let (dated, published): (bool, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("SELECT dated, published FROM articles WHERE title LIKE 'Why%'")
            .fetch_one(database.pool())
            .await
            .unwrap();
    assert!(!dated && published < chrono::Utc::now(), "a date in 2099 is not believed");

    let long =
        format!("{{\"title\":\"Long\",\"text\":\"{}\"}}\n", "A hall of racks costs $3 million. ".repeat(300_000));
    assert!(long.len() > 10_000_000);
    let (printed, _) = ingest_file(&database, "long.jsonl", long.as_bytes());
    assert!(printed.starts_with("1 article read, 1 new;"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_in_a_sentence_each() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    news.fail("/gone", 404, Duration::ZERO).await;
    news.answer("/feed.xml", b"<!doctype html><html><body></body></html>".to_vec(), "text/html").await;
    let (gone, page, folder) = (news.url("/gone"), news.url("/feed.xml"), env!("CARGO_MANIFEST_DIR"));
    let output = ingest(&database, &[&gone, &page, "no/such/file", folder, "ftp://news.example/feed.xml"]);
    assert_eq!(output.status.code(), Some(1));
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaints.contains("there is nothing at this address (404)"), "{complaints}");
    assert!(complaints.contains(&format!("{page}: There is no article text on this page.")), "{complaints}");
    assert!(complaints.contains("no/such/file: there is no such file"), "{complaints}");
    assert!(complaints.contains(&format!("{folder}: this is a folder")), "{complaints}");
    assert!(complaints.contains("ftp://news.example/feed.xml: this is no address that can be read"), "{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_poses_as_the_archive_is_a_feed_like_any_other() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    let sources = serde_json::json!({"sources": [{"url": "https://sec.example/8k", "publisher": "SEC", "rank": "primary", "confirmed": true}]});
    let feed = serde_json::json!({"version": "https://jsonfeed.org/version/1.1", "title": "Poser", "items": [{
        "id": "2025-01-harrow-loan", "external_url": news.url("/story"), "title": "A loan for Harrow",
        "content_text": "Harrow Data Centers closed a $900 million loan from Fennimore Bank.", "_wattline": sources}]});
    let feed = serde_json::to_vec(&feed).unwrap();
    news.answer("/feed.json", feed.clone(), "application/feed+json").await;
    assert!(summary(&ingest(&database, &[&news.url("/feed.json")])).starts_with("1 article read, 1 new;"));
    let stored =
        "SELECT origin, publisher, rank, (SELECT string_agg(left(key, 8), ' ') FROM article_keys WHERE article_id = id)
                  FROM articles ORDER BY id DESC LIMIT 1";
    let newest = || async {
        sqlx::query_as::<_, (String, String, String, String)>(stored).fetch_one(database.pool()).await.unwrap()
    };
    let told = |words: [&str; 4]| <(String, String, String, String)>::from(words.map(ToOwned::to_owned));
    assert_eq!(newest().await, told(["feed", "Poser", "press", "http://1"]));

    // In the place of the real archive's item it does not stand: a file of the archive is read all the same, once.
    assert!(ingest_file(&database, "2025.json", &feed).0.starts_with("1 article read, 1 new;"));
    assert_eq!(newest().await, told(["archive", "SEC", "primary", "archive:"]));
    assert!(ingest_file(&database, "2025.json", &feed).0.starts_with("1 article read, 0 new;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_cannot_be_read_is_told_and_leaves_the_article_undated() {
    let database = TestDatabase::new().await;
    let lines = "{\"title\":\"One\",\"published\":\"4 March 2026\",\"text\":\"x\"}\n\n{\"title\":\"Two\",\"published\":\"rubbish\",\"text\":\"x\"}\n";
    let (printed, complaints) = ingest_file(&database, "articles.jsonl", lines.as_bytes());
    assert_eq!(printed, "2 articles read, 2 new; 0 deals new, 0 updated; 1 error");
    assert!(
        complaints.contains("line 3: the date `rubbish` cannot be read; the article is taken as undated"),
        "{complaints}"
    );
    let dates: Vec<(bool, bool)> =
        sqlx::query_as("SELECT dated, published = '2026-03-04T00:00Z' FROM articles ORDER BY title")
            .fetch_all(database.pool())
            .await
            .unwrap();
    assert_eq!(dates, [(true, true), (false, false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_refused_by_name_and_stored_nowhere() {
    let database = TestDatabase::new().await;
    let (printed, complaints) = ingest_file(&database, "photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!(printed, "0 articles read, 0 new; 0 deals new, 0 updated; 1 error");
    assert!(complaints.contains("photo.png: this is a PNG image"), "{complaints}");
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_input_is_read_and_a_reader_that_leaves_is_no_fault() {
    let database = TestDatabase::new().await;
    let mut command = Command::new(WATTLINE);
    command.args(["ingest", "-", "--database-url", &database.url()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"A loan for Harrow\nHarrow Data Centers closed a $900 million loan from Fennimore Bank.\n")
        .unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), ("", Some(0)));
    assert_eq!(headlines(database.pool()).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_turns_us_away_is_told_in_its_own_words() {
    let database = TestDatabase::new().await;
    let missing = database.options().clone().database("no_such_database").to_url_lossy().to_string();
    let output = Command::new(WATTLINE).args(["migrate", "--database-url", &missing]).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("(database \"no_such_database\" does not exist): correct"), "{complaint}");
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_without_an_address_are_told_apart_by_their_feed() {
    let (database, news) = (TestDatabase::new().await, News::start().await);
    // Two newsrooms that number their entries and have chosen one name.
    let feed = |text: &str| {
        format!(
            "<rss version='2.0'><channel><title>News</title><item><guid isPermaLink='false'>1</guid><title>{text}</title></item></channel></rss>"
        )
    };
    let (one, other) = (news.url("/one.xml"), news.url("/other.xml"));
    news.answer("/one.xml", feed("Harrow builds").into_bytes(), "application/rss+xml").await;
    news.answer("/other.xml", feed("Northlake builds").into_bytes(), "application/rss+xml").await;
    assert!(summary(&ingest(&database, &[&one, &other])).starts_with("2 articles read, 2 new;"));
    assert!(summary(&ingest(&database, &[&one, &other])).starts_with("2 articles read, 0 new;"));
    for text in ["Vale builds", "Orchard builds"] {
        assert!(ingest_file(&database, "feed.xml", feed(text).as_bytes()).0.starts_with("1 article read, 1 new;"));
        assert!(ingest_file(&database, "feed.xml", feed(text).as_bytes()).0.starts_with("1 article read, 0 new;"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_line_is_known_by_its_own_address_and_by_the_one_that_is_given() {
    let database = TestDatabase::new().await;
    let html = include_str!("../fixtures/news/harrow-loan.html").replace("{{server}}", "https://rack.example");
    assert!(ingest_file(&database, "saved.html", html.as_bytes()).0.starts_with("1 article read, 1 new;"));
    let line = serde_json::json!({"url": "https://rack.example/harrow-loan?ref=mail&page=1", "html": html});
    let printed = ingest_file(&database, "lines", &serde_json::to_vec(&line).unwrap()).0;
    assert!(printed.starts_with("1 article read, 0 new;"), "{printed}");
    let line = serde_json::json!({"url": "https://rack.example/harrow-loan?ref=mail&page=1", "text": "Said again."});
    let printed = ingest_file(&database, "lines", &serde_json::to_vec(&line).unwrap()).0;
    assert!(printed.starts_with("1 article read, 0 new;"), "{printed}");
}
