//! What leaves the ledger: lists as files and feeds, the calendar, citations, charts for others, open data, and how all
//! of it is cached.

use std::{collections::BTreeMap, io::Read, process::Command};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wattline::{db::sources, model::Rank};

use crate::support::{
    database::WATTLINE,
    ledger::Story,
    site::{Answer, Site},
};

/// The rows of a table, by the names of its columns.
fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(bytes).deserialize().map(Result::unwrap).collect()
}

#[tokio::test]
async fn the_timeline_leaves_as_a_table_under_its_filter() {
    let site = Site::filled().await;
    let answer = site.found("/deals.csv?sort=usd").await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.header(header::CONTENT_DISPOSITION), "attachment; filename=\"wattline-deals.csv\"");
    let deals = rows(&answer.body);
    let sums: Vec<&str> = deals.iter().map(|row| row["committed_usd"].as_str()).collect();
    assert_eq!((sums.len(), sums[0], sums[1], sums[3]), (4, "40000000000", "8200000000", ""));
    let rent = &deals[1];
    assert_eq!((rent["payers"].as_str(), rent["payees"].as_str()), ("Northwind Compute", "Bluefin Data Halls"));
    assert_eq!(
        (rent["countries"].as_str(), rent["capacity_mw"].as_str(), rent["publishers"].as_str()),
        ("NO", "650", "2")
    );
    assert_eq!(rent["parties"], "northwind-compute:buyer; bluefin-data-halls:provider");
    for (query, count) in
        [("kind=power", 1), ("company=quietwater-ai", 2), ("company=nobody", 0), ("as_of=2026-01-31", 3)]
    {
        assert_eq!(rows(&site.found(&format!("/deals.csv?{query}")).await.body).len(), count, "{query}");
    }
    assert_eq!(site.get("/deals.csv?kind=rockets").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let site = Site::filled().await;
    let deals = rows(&site.found("/deals.csv?kind=acquisition").await.body);
    assert_eq!(deals[0]["places"], "'=HYPERLINK(\"x\")");
    assert_eq!(deals[0]["payees"], "'+Sums Grid");
    assert_eq!(deals[0]["payers"], "Tundra, Cloud");
}

#[tokio::test]
async fn a_long_list_leaves_whole() {
    let site = Site::empty().await;
    let mut db = site.database.pool().acquire().await.unwrap();
    wattline::commands::synth::fill(&mut db, 1200, 3000).await.unwrap();
    drop(db);
    let table = rows(&site.found("/deals.csv?sort=mw").await.body);
    let ids: std::collections::BTreeSet<&str> = table.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!((table.len(), ids.len()), (1200, 1200));
    let list = site.found("/deals.json").await.json();
    assert_eq!((list["deals"].as_array().unwrap().len(), list["next_cursor"].clone()), (1200, Value::Null));
    assert_eq!(site.found("/news.json").await.json()["articles"].as_array().unwrap().len(), 3000);
    assert_eq!(rows(&site.found("/news.csv").await.body).len(), 3000);
}

#[tokio::test]
async fn the_lists_of_companies_and_news_leave_too() {
    let site = Site::filled().await;
    let companies = rows(&site.found("/companies.csv?sort=paid").await.body);
    assert_eq!(
        (companies[0]["slug"].as_str(), companies[0]["paid_committed_usd"].as_str()),
        ("bluefin-data-halls", "8200000000")
    );
    let list = site.found("/companies.json").await.json();
    assert_eq!(list["companies"].as_array().unwrap().len(), companies.len());
    let news = rows(&site.found("/news.csv?company=northwind-compute").await.body);
    assert_eq!(news.len(), 2);
    assert_eq!(news[0]["publisher"], "Northwind newsroom");

    let now = chrono::Utc::now();
    let url = "https://rack.example/feed.xml";
    sources::add(site.database.pool(), url, "=Rack & Grid", Rank::Trade, now).await.unwrap();
    let watched = rows(&site.found("/sources.csv").await.body);
    let list = site.found("/sources.json").await.json();
    assert_eq!(list["sources"].as_array().unwrap().len(), watched.len());
    let added = watched.iter().find(|source| source["url"] == url).unwrap();
    assert_eq!(
        ["title", "rank", "active", "articles", "last_success"].map(|column| added[column].as_str()),
        ["'=Rack & Grid", "trade", "true", "0", ""],
        "a title is no formula"
    );
}

#[tokio::test]
async fn feeds_are_read_by_our_own_reader() {
    let site = Site::filled().await;
    for (path, entries, title) in [
        ("/deals.atom", 4, "Northwind Compute rents compute from Bluefin Data Halls ($8.2B, 650 MW, signed)"),
        ("/deals.atom?kind=power", 1, "Quietwater AI buys power from Fablewood Power"),
        ("/news.atom", 5, "second"),
        ("/companies.atom", 7, "Northwind Compute"),
    ] {
        let answer = site.found(path).await;
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/atom+xml; charset=utf-8");
        let feed: atom_syndication::Feed = answer.text().parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(feed.entries.len(), entries, "{path}");
        assert!(feed.entries[0].title.as_str().starts_with(title), "{path}: {}", feed.entries[0].title.as_str());
        assert!(feed.entries.iter().all(|entry| entry.links[0].href.starts_with("https://ledger.example/")));
        assert_eq!(feed.links[0].href, format!("https://ledger.example{path}"));
    }
}

#[tokio::test]
async fn what_is_expected_is_in_the_calendar_with_the_sentence_that_says_so() {
    let site = Site::filled().await;
    let answer = site.found("/deals.ics").await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/calendar; charset=utf-8");
    let text = answer.text().replace("\r\n ", "").replace("\\,", ",");
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
    assert!(text.contains("DTSTART;VALUE=DATE:20270630"), "{text}");
    assert!(text.contains(
        "SUMMARY:Northwind Compute rents compute from Bluefin Data Halls: energization expected (June 2027)"
    ));
    assert!(text.contains("to be energized by June 2027"), "{text}");
    assert_eq!(site.found("/deals.ics?kind=power").await.text().matches("BEGIN:VEVENT").count(), 0);
}

#[tokio::test]
async fn a_deal_is_cited_in_the_form_that_is_wanted() {
    let site = Site::filled().await;
    let deal = site.found("/api/v1/deals?kind=compute").await.json()["deals"][0].clone();
    let cite =
        async |format: &str| site.found(&format!("/deals/{}/cite/{format}", deal["id"].as_str().unwrap())).await.text();
    let url = deal["url"].as_str().unwrap();
    let bibtex = cite("bibtex").await;
    assert!(bibtex.starts_with("@misc{wattline-") && bibtex.contains(url), "{bibtex}");
    let ris = cite("ris").await;
    assert!(
        ris.starts_with("TY  - DATA\r\n") && ris.ends_with("ER  - \r\n") && ris.contains(&format!("UR  - {url}\r\n")),
        "{ris}"
    );
    let wikipedia = cite("wikipedia").await;
    assert!(
        wikipedia.starts_with("{{cite web |title=Northwind Compute rents") && wikipedia.contains(url),
        "{wikipedia}"
    );
    let linked: Value = serde_json::from_str(&cite("json-ld").await).unwrap();
    assert_eq!((linked["@context"].clone(), linked["url"].clone()), (json!("https://schema.org"), json!(url)));
    let missing = format!("/deals/{}/cite/other", deal["id"].as_str().unwrap());
    assert_eq!(site.get(&missing).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_chart_may_be_framed_by_others_and_nothing_else_may() {
    let site = Site::filled().await;
    let chart = site.found("/embed/timeline?kind=compute").await;
    assert!(chart.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors *"));
    assert!(!chart.header(header::CONTENT_SECURITY_POLICY).contains("unsafe"));
    let html = chart.text();
    assert!(
        html.contains("<svg") && html.contains("Source: <a href=\"https://ledger.example/?kind=compute\""),
        "{html}"
    );
    assert!(!html.contains("<script") && !html.contains(" style=\""));
    assert!(site.found("/").await.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
}

/// The files of an archive.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|nth| {
            let mut file = archive.by_index(nth).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().to_owned(), bytes)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_ledger_leaves_as_an_archive_that_documents_itself() {
    let site = Site::filled().await;
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(WATTLINE)
        .args([
            "snapshot",
            "--data-licence",
            "CC-BY-4.0 https://licence.example/by",
            "--public-url",
            "https://ledger.example/",
        ])
        .arg(folder.path().join("new"))
        .env("DATABASE_URL", site.database.url())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let file = std::fs::read_dir(folder.path().join("new")).unwrap().next().unwrap().unwrap().path();
    let files = unzipped(&std::fs::read(file).unwrap());
    let package: Value = serde_json::from_slice(&files["datapackage.json"]).unwrap();
    assert_eq!(package["licenses"], json!([{"name": "CC-BY-4.0", "path": "https://licence.example/by"}]));
    let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
    for resource in package["resources"].as_array().unwrap() {
        let (path, bytes) = (resource["path"].as_str().unwrap(), &files[resource["path"].as_str().unwrap()]);
        let hash = hex::encode(Sha256::digest(bytes));
        assert_eq!(
            (resource["hash"].clone(), resource["bytes"].clone()),
            (json!(format!("sha256:{hash}")), json!(bytes.len()))
        );
        assert!(sums.contains(&format!("{hash}  {path}\n")));
        if resource["format"] == "csv" {
            let fields: Vec<&str> = resource["schema"]["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|field| field["name"].as_str().unwrap())
                .collect();
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), fields, "{path}");
        } else {
            assert!(serde_json::from_slice::<Value>(bytes).unwrap().is_array(), "{path}");
        }
    }
    assert_eq!(rows(&files["deals.csv"]).len(), 4);
    assert_eq!(rows(&files["parties.csv"]).len(), 8);
    let deals: Value = serde_json::from_slice(&files["deals.json"]).unwrap();
    assert_eq!(deals, site.found("/deals.json").await.json()["deals"]);
}

#[tokio::test]
async fn the_daily_archive_is_offered() {
    let site = Site::filled().await;
    assert!(site.found("/data").await.text().contains("No archive has been made yet"));
    let publisher =
        wattline::jobs::snapshot::Publisher { public_url: "https://ledger.example/".parse().unwrap(), licence: None };
    let now = "2026-04-01T03:00:00Z".parse().unwrap();
    for _ in 0..2 {
        wattline::jobs::snapshot::take(site.database.pool(), &publisher, now).await.unwrap();
    }
    let page = site.found("/data").await.text();
    let latest = site.found("/data/latest.zip").await;
    assert_eq!(latest.header(header::CONTENT_TYPE), "application/zip");
    assert!(
        page.contains("href=\"/data/wattline-2026-04-01.zip\"")
            && page.contains(&hex::encode(Sha256::digest(&latest.body)))
    );
    assert!(page.contains("<code>capacity_mw</code>"));
    assert_eq!(site.found("/data/wattline-2026-04-01.zip").await.body, latest.body);
    assert!(unzipped(&latest.body).contains_key("datapackage.json"));
    assert_eq!(site.get("/data/wattline-2026-04-02.zip").await.status, StatusCode::NOT_FOUND);
}

async fn again(site: &Site, path: &str, tag: &str) -> Answer {
    site.send(Request::get(path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_second_visit_costs_nothing_until_something_changes() {
    let site = Site::filled().await;
    for path in
        ["/", "/companies", "/api/v1/deals", "/api/v1/companies/northwind-compute", "/deals.atom", "/api/openapi.json"]
    {
        let first = site.found(path).await;
        let tag = first.header(header::ETAG).to_owned();
        assert_eq!(first.header(header::CACHE_CONTROL), "public, max-age=0, must-revalidate", "{path}");
        let second = again(&site, path, &tag).await;
        assert_eq!((second.status, second.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(second.header(header::ETAG), tag);
        assert_eq!(again(&site, path, "\"other\"").await.status, StatusCode::OK, "{path}");
        let head = site.ask(Method::HEAD, path).await;
        assert_eq!((head.header(header::ETAG), head.body.len()), (tag.as_str(), 0), "{path}");
    }
    let tag = site.found("/api/v1/deals").await.header(header::ETAG).to_owned();
    site.tell(
        Story::of("news", "2026-03-30"),
        &json!({"kind": "land", "status": "completed", "parties": [{"name": "Zeta Grid", "role": "buyer"}]}),
    )
    .await;
    assert_eq!(again(&site, "/api/v1/deals", &tag).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_remembered_is_never_older_than_the_ledger() {
    // One site for all requests, which remembers what it answered.
    let site = Site::filled().await;
    let app = wattline::web::App::new(site.database.pool().clone(), "https://ledger.example".parse().unwrap());
    let router = wattline::web::router(app);
    let count = async |query: &str| -> usize {
        let request = Request::get(format!("/api/v1/deals?{query}")).body(Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["deals"].as_array().unwrap().len()
    };
    for number in 0..5 {
        for _ in 0..3 {
            assert_eq!((count("").await, count("kind=land").await), (4 + number, number));
        }
        let (key, buyer) = (format!("land {number}"), format!("Zeta{number} Grid"));
        site.tell(
            Story::of(&key, "2026-03-30"),
            &json!({"kind": "land", "status": "completed", "parties": [{"name": buyer, "role": "buyer"}]}),
        )
        .await;
    }
}
