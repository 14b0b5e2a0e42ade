//! The pages, asked for as a browser asks.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;
use wattline::{
    db::{
        articles::{self, NewArticle, Origin, Stored, SummaryOf},
        claims::{self, ReadingOf},
        companies, shares,
    },
    jobs::merge::merge_pending,
    ledger::convert::Rates,
    model::{Article, Claim, Rank, Registry},
    web::{App, router},
};

use crate::support::database::TestDatabase;

/// A site over a ledger of its own.
pub struct Site {
    pub database: TestDatabase,
}

/// A page as it came.
pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    headers: axum::http::HeaderMap,
    pub html: String,
}

impl Page {
    /// The page as it is read: without tags, its entities resolved, its white space single.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in self.html.split('<') {
            let (tag, rest) = piece.split_once('>').unwrap_or(("", piece));
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            // What is not part of a line of text stands apart.
            if !["a", "b", "i", "mark", "span"].contains(&name.as_str()) {
                text.push(' ');
            }
            text.push_str(rest);
        }
        let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&").replace("&#34;", "\"");
        text.replace("&#39;", "'").replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn rows(&self) -> usize {
        self.html.matches("<li class=\"deal ").count()
    }

    #[track_caller]
    pub fn shows(&self, wanted: &str) {
        assert!(self.text().contains(wanted), "`{wanted}` is not in: {}", self.text());
    }

    #[track_caller]
    pub fn hides(&self, unwanted: &str) {
        assert!(!self.text().contains(unwanted), "`{unwanted}` is in: {}", self.text());
    }
}

impl Site {
    pub async fn empty() -> Self {
        let database = TestDatabase::new().await;
        companies::sync(&mut database.pool().acquire().await.unwrap(), Registry::shipped()).await.unwrap();
        Self { database }
    }

    /// The archive that ships with the program.
    pub async fn archive() -> Self {
        Self { database: TestDatabase::with_archive().await }
    }

    /// The ledger that most tests look at; every name in it is plainly fictional.
    pub async fn filled() -> Self {
        let site = Self::empty().await;
        let parties =
            json!([{"name": "Northwind Compute", "role": "buyer"}, {"name": "Bluefin Data Halls", "role": "provider"}]);
        site.tell(
            &story("Example Weekly", Rank::Trade, Some("https://example.org/announced"), "2026-03-12"),
            "Northwind and Bluefin announce a Norwegian compute deal",
            "Northwind Compute will rent 650 MW from Bluefin Data Halls. The agreement is worth $8.5 billion.",
            &json!([{"kind": "compute", "status": "announced", "parties": parties, "announced_on": "2026-03-12", "places": ["Norway"],
                "amounts": [{"value": "8500000000", "value_max": null, "currency": "USD"}], "capacity": [{"mw": 650.0}]}]),
        )
        .await;
        site.tell(
            &story("Northwind newsroom", Rank::Primary, None, "2026-03-20"),
            "Northwind Compute signs with Bluefin Data Halls",
            "Northwind Compute today signed a definitive agreement with Bluefin Data Halls for 650 MW. The firm commitment is $8.2 billion.",
            &json!([{"kind": "compute", "status": "signed", "parties": parties, "announced_on": "2026-03-12", "places": ["Norway"],
                "amounts": [{"value": "8200000000", "value_max": null, "currency": "USD"}], "capacity": [{"mw": 650.0}]}]),
        )
        .await;
        site.tell(
            &story("Example & Sons", Rank::Press, Some("https://example.net/a?x=1&y=2"), "2025-11-02"),
            "<script>alert('x')</script> Fablewood Power sells 120 MW",
            "Fablewood Power will supply Quietwater AI with 120 MW for 15 years. The price is <b>€1.7 billion</b>.",
            &json!([{"kind": "power", "status": "announced", "announced_on": "2025-11-02", "places": ["Finland"], "duration_months": 180,
                "parties": [{"name": "Quietwater AI", "role": "buyer"}, {"name": "Fablewood Power", "role": "supplier"}],
                "amounts": [{"value": "1700000000", "value_max": null, "currency": "EUR"}], "capacity": [{"mw": 120.0}]}]),
        )
        .await;
        site.tell(
            &story("Example Courier", Rank::Press, Some("https://example.org/rumour"), "2026-01-05"),
            "Quietwater AI is said to seek billions",
            "Quietwater AI is in talks to raise $40 billion from Emberline Capital, people familiar with the matter said.",
            &json!([{"kind": "equity", "status": "rumored", "announced_on": null, "places": [],
                "parties": [{"name": "Emberline Capital", "role": "investor"}, {"name": "Quietwater AI", "role": "investee"}],
                "amounts": [{"value": "40000000000", "value_max": null, "currency": "USD"}], "capacity": []}]),
        )
        .await;
        site.summarise().await;
        site
    }

    /// An item of the archive.
    async fn summarise(&self) {
        let source = |publisher: &str, url: &str| SummaryOf {
            url: url.to_owned(),
            publisher: publisher.to_owned(),
            rank: Rank::Press,
            confirmed: true,
        };
        let mut new = story("Example Gazette", Rank::Press, Some("https://example.com/gazette"), "2024-05-01");
        new.origin = Origin::Archive;
        new.keys = vec!["archive:tundra".to_owned()];
        new.summary_of = vec![
            source("Example Gazette", "https://example.com/gazette"),
            source("Example Post", "https://example.com/post"),
        ];
        self.tell(
            &new,
            "Tundra Cloud builds in Iceland",
            "Tundra Cloud is to build a 90 MW campus in Iceland.",
            &json!([{"kind": "build", "status": "announced", "announced_on": "2024-05-01", "places": ["Iceland"],
                "parties": [{"name": "Tundra Cloud", "role": "owner"}], "amounts": [], "capacity": [{"mw": 90.0}]}]),
        )
        .await;
    }

    /// Files an article with what a perfect reader would claim of it, each claim resting on every sentence.
    async fn tell(&self, story: &NewArticle, title: &str, text: &str, facts: &Value) -> Uuid {
        let mut db = self.database.pool().acquire().await.unwrap();
        let new = NewArticle { title: title.to_owned(), text: text.to_owned(), ..story.clone() };
        let now = new.published.unwrap();
        let Stored::New(id) = articles::store(&mut db, std::slice::from_ref(&new), now).await.unwrap()[0] else {
            panic!("{title} is there")
        };
        let unread = articles::unread_one(&mut *db, id).await.unwrap().unwrap();
        let read = Article { title: new.title, text: new.text, ..Article::default() }.as_read();
        let claims: Vec<Claim> = facts.as_array().unwrap().iter().map(|fact| claim(fact, &read, title)).collect();
        let reading = ReadingOf { article: id, content_hash: &unread.content_hash, published: now, extractor: 1 };
        claims::file(&mut db, &reading, &claims, Registry::shipped(), now).await.unwrap();
        assert!(articles::mark_read(&mut *db, id, &unread.content_hash, 1, "en").await.unwrap());
        merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now).await.unwrap();
        id
    }

    pub async fn get(&self, path: &str) -> Page {
        let app = App::new(self.database.pool().clone(), "https://ledger.example".parse().unwrap());
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router(app).oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        let location = headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Page { status, location, headers, html: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A page that is there.
    pub async fn page(&self, path: &str) -> Page {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        page
    }

    /// The address of the deal between these.
    pub async fn deal(&self, headline: &str) -> String {
        let (id, slug): (Uuid, String) = sqlx::query_as("SELECT id, slug FROM deals WHERE headline = $1")
            .bind(headline)
            .fetch_one(self.database.pool())
            .await
            .unwrap_or_else(|error| panic!("{headline}: {error}"));
        format!("/deals/{id}/{slug}")
    }
}

pub const COMPUTE: &str = "Northwind Compute rents compute from Bluefin Data Halls";

fn story(publisher: &str, rank: Rank, url: Option<&str>, day: &str) -> NewArticle {
    NewArticle {
        source_id: None,
        origin: Origin::File,
        keys: url.map(ToOwned::to_owned).into_iter().collect(),
        url: url.map(ToOwned::to_owned),
        publisher: publisher.to_owned(),
        rank,
        summary_of: Vec::new(),
        title: String::new(),
        text: String::new(),
        language: None,
        author: None,
        published: Some(format!("{day}T08:00:00Z").parse::<DateTime<Utc>>().unwrap()),
        page_wanted: false,
    }
}

fn claim(fact: &Value, read: &str, title: &str) -> Claim {
    let mut fact = fact.clone();
    let start = title.chars().count() + 1;
    let text: String = read.chars().skip(start).collect();
    fact["evidence"] = json!([{"start": start, "end": read.chars().count(), "text": text}]);
    fact["confidence"] = json!(1.0);
    for (field, usual) in [("chips", json!([])), ("duration_months", Value::Null)] {
        if fact.get(field).is_none() {
            fact[field] = usual;
        }
    }
    serde_json::from_value(fact).unwrap()
}

#[tokio::test]
async fn the_timeline_shows_who_pays_whom_how_much_and_how_sure() {
    let page = Site::filled().await.page("/").await;
    page.shows("Northwind Compute → Bluefin Data Halls");
    page.shows("$8.2B");
    page.shows("650 MW");
    page.shows("March 2026");
    page.shows("€1.7B");
    assert_eq!(page.rows(), 4);
}

#[tokio::test]
async fn totals_leave_out_rumours_unless_they_are_asked_in() {
    let site = Site::filled().await;
    let page = site.page("/").await;
    page.shows("2 of 3 deals disclose a figure");
    page.shows("1 rumored left out");
    page.hides("$50.");
    let page = site.page("/?status=rumored").await;
    page.shows("$40B $40,000,000,000 committed");
    assert_eq!(page.rows(), 1);
}

#[tokio::test]
async fn each_filter_narrows_the_list() {
    let site = Site::filled().await;
    for (query, rows) in [
        ("kind=compute", 1),
        ("kind=compute&kind=power", 2),
        ("status=signed", 1),
        ("company=Quietwater+AI", 2),
        ("company=quietwater-ai&role=investee", 1),
        ("company=quietwater-ai&role=payer", 1),
        ("role=investor", 1),
        ("min_usd=5bn", 2),
        ("min_mw=100", 2),
        ("from=2026-01&to=2026-02", 1),
        ("country=NO", 1),
        ("country=Norway", 1),
        ("q=norway", 1),
        ("q=northwind+-norway", 0),
        ("utm_source=elsewhere", 4),
    ] {
        let page = site.page(&format!("/?{query}")).await;
        assert_eq!(page.rows(), rows, "{query}");
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_explained_and_kept_in_the_form() {
    let page = Site::filled().await.get("/?min_usd=plenty&kind=compute").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    page.shows("“plenty” is not a sum in dollars");
    assert!(page.html.contains("value=\"plenty\""));
    assert_eq!(page.rows(), 1, "the rest of the filter holds");
}

#[tokio::test]
async fn an_empty_list_says_why_and_what_to_do() {
    let site = Site::empty().await;
    site.page("/").await.shows("wattline ingest");
    let site = Site::filled().await;
    site.page("/?kind=land&country=NO").await.shows("No deal fits all of this");
    site.page("/?company=Nortwind").await.shows("Did you mean Northwind Compute");
}

#[tokio::test]
async fn the_list_goes_on_where_its_page_ends() {
    let site = Site::empty().await;
    for number in 0..130 {
        let name = format!("Zeta{number} Grid");
        site.tell(
            &story("Example Weekly", Rank::Trade, Some(&format!("https://example.org/{number}")), "2025-06-01"),
            &format!("{name} buys land"),
            "It was bought.",
            &json!([{"kind": "land", "status": "completed", "announced_on": "2025-06-01", "places": [],
                "parties": [{"name": name, "role": "buyer"}], "amounts": [], "capacity": []}]),
        )
        .await;
    }
    let first = site.page("/").await;
    assert_eq!(first.rows(), 100);
    first.shows("June 2025 130 deals");
    let next =
        first.html.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let second = site.page(&next).await;
    assert_eq!(second.rows(), 30);
    assert!(!second.html.contains("rel=\"next\""));
}

#[tokio::test]
async fn every_figure_of_a_deal_leads_to_its_quote() {
    let site = Site::filled().await;
    let page = site.page(&site.deal(COMPUTE).await).await;
    let anchor = page.html.split("<b><a href=\"#").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let quote = page.html.split(&format!("id=\"{anchor}\"")).nth(1).unwrap().split("</article>").next().unwrap();
    assert!(quote.contains("<mark>$8.2 billion</mark>"), "{quote}");
    assert!(quote.contains("<blockquote"), "{quote}");
    page.shows("Where the sources disagree");
    page.shows("status announced signed");
    page.shows("Cite this");
    assert!(page.html.contains("https://ledger.example/deals/"));
}

#[tokio::test]
async fn a_wrong_or_missing_name_in_an_address_leads_to_the_right_one() {
    let site = Site::filled().await;
    let right = site.deal(COMPUTE).await;
    let bare = right.rsplit_once('/').unwrap().0.to_owned();
    for wrong in [bare.clone(), format!("{bare}/something-else")] {
        let page = site.get(&wrong).await;
        assert_eq!((page.status, page.location.as_deref()), (StatusCode::PERMANENT_REDIRECT, Some(right.as_str())));
    }
}

#[tokio::test]
async fn the_address_of_a_merged_deal_leads_on() {
    let site = Site::filled().await;
    let right = site.deal(COMPUTE).await;
    let id = Uuid::parse_str(right.split('/').nth(2).unwrap()).unwrap();
    let old = Uuid::from_u128(77);
    sqlx::query("INSERT INTO deal_redirects (old_id, new_id) VALUES ($1, $2)")
        .bind(old)
        .bind(id)
        .execute(site.database.pool())
        .await
        .unwrap();
    let page = site.get(&format!("/deals/{old}/whatever")).await;
    assert_eq!((page.status, page.location.as_deref()), (StatusCode::PERMANENT_REDIRECT, Some(right.as_str())));
}

#[tokio::test]
async fn what_a_source_wrote_is_shown_as_text_and_never_run() {
    let site = Site::filled().await;
    for path in ["/news", "/search?q=Fablewood", &site.deal("Quietwater AI buys power from Fablewood Power").await] {
        let page = site.page(path).await;
        assert!(!page.html.contains("<script>alert"), "{path}");
        assert!(!page.html.contains("<b>€1.7"), "{path}");
    }
    site.page("/news").await.shows("<script>alert('x')</script> Fablewood Power sells 120 MW");
    let page = site.page("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.html.contains("<script>alert"));
}

#[tokio::test]
async fn a_summary_is_shown_as_wattlines_own_with_all_its_sources() {
    let site = Site::filled().await;
    let page = site.page(&site.deal("Tundra Cloud builds in Iceland").await).await;
    page.shows("Wattline summary of Example Gazette, Example Post");
    assert!(!page.html.contains("<blockquote"));
    page.shows("undisclosed");
    page.shows("2 publishers");
}

#[tokio::test]
async fn an_article_without_an_address_is_cited_here() {
    let site = Site::filled().await;
    let id: Uuid =
        sqlx::query_scalar("SELECT id FROM articles WHERE url IS NULL").fetch_one(site.database.pool()).await.unwrap();
    let path = format!("/articles/{id}");
    assert!(site.page(&site.deal(COMPUTE).await).await.html.contains(&format!("<a href=\"{path}\"")));
    let page = site.page(&path).await;
    page.shows("This article came without an address; it is cited here.");
    page.shows("Parties Northwind Compute (buyer), Bluefin Data Halls (provider)");
}

#[tokio::test]
async fn a_link_that_is_no_web_address_is_not_linked() {
    let site = Site::empty().await;
    site.tell(
        &story("Example Weekly", Rank::Trade, Some("javascript:alert(1)"), "2025-06-01"),
        "Zeta Grid buys land",
        "It was bought.",
        &json!([{"kind": "land", "status": "completed", "announced_on": "2025-06-01", "places": [],
            "parties": [{"name": "Zeta Grid", "role": "buyer"}], "amounts": [], "capacity": []}]),
    )
    .await;
    for path in ["/news", "/search?q=zeta", &site.deal("Zeta Grid buys land").await] {
        assert!(!site.page(path).await.html.contains("href=\"javascript:"), "{path}");
    }
}

#[tokio::test]
async fn a_company_has_both_sides_of_its_money_and_its_rumours_apart() {
    let site = Site::filled().await;
    let page = site.page("/companies/quietwater-ai").await;
    page.shows("Rumors, apart from the totals");
    page.shows("$40B $40,000,000,000 rumored");
    page.shows("Fablewood Power is paid");
    let page = site.page("/companies").await;
    page.shows("Northwind Compute");
    page.hides("Emberline Capital");
    for sort in ["paid", "mw", "deals", "name"] {
        site.page(&format!("/companies?sort={sort}&rollup=false")).await.shows("Bluefin Data Halls");
    }
    assert_eq!(site.get("/companies?sort=colour").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_parent_and_subsidiary_pay_each_other_leaves_the_rolled_up_total() {
    let site = Site::filled().await;
    sqlx::query("INSERT INTO company_parents (company, parent) VALUES ('bluefin-data-halls', 'northwind-compute')")
        .execute(site.database.pool())
        .await
        .unwrap();
    shares::settle(&mut site.database.pool().acquire().await.unwrap()).await.unwrap();
    site.page("/companies/northwind-compute").await.shows("Pays none reported");
    site.page("/companies/northwind-compute?rollup=false").await.shows("Pays $8.2B");
    let page = site.page("/companies").await;
    assert!(!page.text().contains("Northwind Compute other $8.2B"), "{}", page.text());
}

#[tokio::test]
async fn an_other_name_of_a_company_leads_to_its_page() {
    let site = Site::empty().await;
    let page = site.get("/companies/Open%20AI").await;
    assert_eq!((page.status, page.location.as_deref()), (StatusCode::PERMANENT_REDIRECT, Some("/companies/openai")));
}

#[tokio::test]
async fn the_search_finds_deals_companies_and_articles_and_forgives_a_slip() {
    let site = Site::filled().await;
    let page = site.page("/search?q=quietwater").await;
    for part in ["Companies", "Deals", "Articles"] {
        page.shows(part);
    }
    assert!(page.html.contains("<mark>Quietwater</mark>"));
    assert!(page.html.contains("/deals.csv?q=quietwater"), "what was found cannot be taken along");
    site.page("/search?q=Quitewater+AI").await.shows("Did you mean Quietwater AI?");
    site.page("/search?q=xyzzy").await.shows("Nothing found");
    site.page("/search?q=%22%20OR%20-%20(%27%25_%00").await;
    site.page("/search").await.shows("Search");
}

#[tokio::test]
async fn the_sources_show_how_they_are_doing() {
    let site = Site::empty().await;
    site.page("/sources").await.shows("No source is watched");
    sqlx::query(
        "INSERT INTO sources (id, url, title, rank, due_at, last_fetch_at, last_error, failures, created_at)
         VALUES (gen_random_uuid(), 'https://example.org/feed', 'Example feed', 'trade', now(), now(), 'the host answered 403', 3, now())",
    )
    .execute(site.database.pool())
    .await
    .unwrap();
    site.page("/sources").await.shows("The host answered 403. Failed 3 times in a row; it has never answered.");
}

#[tokio::test]
async fn what_is_not_there_gets_a_page_that_helps() {
    let site = Site::empty().await;
    for path in [
        "/nope",
        "/deals/1",
        "/deals/00000000-0000-0000-0000-000000000001/x",
        "/articles/x",
        "/companies/nobody",
        "/static/x/y",
    ] {
        let page = site.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    site.get("/nope").await.shows("Not in the ledger");
}

#[tokio::test]
async fn a_broken_database_is_told_without_its_internals() {
    let site = Site::empty().await;
    sqlx::query("ALTER TABLE deals RENAME TO lost").execute(site.database.pool()).await.unwrap();
    let page = site.get("/").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    page.shows("Something broke on our side");
    page.hides("relation");
}

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let site = Site::empty().await;
    assert_eq!(site.page("/healthz").await.html, "ok\n");
    assert_eq!(site.page("/readyz").await.html, "ready\n");
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .execute(site.database.pool())
        .await
        .unwrap();
    assert_eq!(site.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.page("/healthz").await.html, "ok\n");
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere_and_assets_are_kept() {
    let site = Site::empty().await;
    let page = site.page("/").await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.html.contains(" style=\"") && !page.html.contains(" onclick="));
    let stylesheet = page.html.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let asset = site.page(stylesheet).await;
    assert_eq!(asset.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert_eq!(asset.headers[header::CONTENT_TYPE], "text/css");
    for outdated in ["/static/0/wattline.css", "/favicon.ico"] {
        site.page(outdated).await;
    }
}
