//! The API, asked as a program asks.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::support::site::Site;

/// The keys of an object.
fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

const DEAL: [&str; 20] = [
    "id",
    "slug",
    "url",
    "headline",
    "kind",
    "status",
    "announced_on",
    "parties",
    "committed_usd",
    "potential_usd",
    "amounts",
    "capacity_mw",
    "duration_months",
    "places",
    "publishers",
    "articles",
    "part_of",
    "first_seen",
    "updated",
    "headline",
];

#[tokio::test]
async fn a_deal_has_the_keys_that_are_promised_and_its_money_in_strings() {
    let site = Site::filled().await;
    let list = site.found("/api/v1/deals").await.json();
    assert_eq!(keys(&list), ["deals", "next_cursor"].into());
    let deals = list["deals"].as_array().unwrap();
    assert_eq!(deals.len(), 4, "rumours are among them");
    let deal = &deals[0];
    assert_eq!(keys(deal), DEAL.into());
    assert_eq!(deal["committed_usd"], "8200000000");
    assert_eq!(deal["potential_usd"], Value::Null);
    assert_eq!(deal["capacity_mw"], 650.0);
    assert_eq!(deal["announced_on"], "2026-03-12");
    assert_eq!((deal["publishers"].clone(), deal["articles"].clone()), (json!(2), json!(2)));
    assert_eq!(deal["parties"][0], json!({"slug": "northwind-compute", "name": "Northwind Compute", "role": "buyer"}));
    assert!(deal["url"].as_str().unwrap().starts_with("https://ledger.example/deals/"));
    let euros = deals.iter().find(|deal| deal["kind"] == "power").unwrap();
    assert_eq!(
        (euros["amounts"][0]["value"].clone(), euros["amounts"][0]["currency"].clone()),
        (json!("1700000000"), json!("EUR"))
    );
    assert!(euros["committed_usd"].is_string());
}

#[tokio::test]
async fn one_deal_brings_its_claims_and_its_history() {
    let site = Site::filled().await;
    let id = site.found("/api/v1/deals?kind=compute").await.json()["deals"][0]["id"].as_str().unwrap().to_owned();
    let deal = site.found(&format!("/api/v1/deals/{id}")).await.json();
    assert_eq!(keys(&deal), DEAL.into_iter().chain(["claims", "history"]).collect());
    let claims = deal["claims"].as_array().unwrap();
    let wanted = ["article_url", "publisher", "published", "amounts", "capacity", "status", "evidence", "chosen"];
    assert_eq!(keys(&claims[0]), wanted.into());
    let said: Vec<(&str, bool)> =
        claims.iter().map(|claim| (claim["publisher"].as_str().unwrap(), claim["chosen"] == json!(true))).collect();
    assert_eq!(
        said,
        [("Northwind newsroom", true), ("Rack & Grid", false)],
        "the most trusted first, and it was chosen"
    );
    assert!(claims[1]["evidence"][0]["text"].as_str().unwrap().starts_with("Northwind Compute rents"));
    let stages: Vec<&str> =
        deal["history"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect();
    assert_eq!(stages, ["announced", "signed"]);
    let before = site.found(&format!("/api/v1/deals/{id}?as_of=2026-03-15")).await.json();
    assert_eq!((before["status"].clone(), before["committed_usd"].clone()), (json!("announced"), json!("8500000000")));
    assert_eq!(before["claims"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_filters_are_those_of_the_timeline() {
    let site = Site::filled().await;
    for (query, deals) in [
        ("q=norway", 1),
        ("company=Quietwater+AI", 2),
        ("company=quietwater-ai&role=investee", 1),
        ("company=nobody-at-all", 0),
        ("kind=compute&kind=power", 2),
        ("status=rumored", 1),
        ("min_usd=1bn", 3),
        ("min_mw=100", 2),
        ("from=2026-01-01&to=2026-02-01", 1),
        ("country=NO", 1),
        ("as_of=2026-01-31", 3),
        ("as_of=2023-01-31", 0),
        ("", 4),
    ] {
        let answer = site.found(&format!("/api/v1/deals?{query}")).await.json();
        assert_eq!(answer["deals"].as_array().unwrap().len(), deals, "{query}");
        if !query.is_empty() {
            let totals = site.found(&format!("/api/v1/totals?{query}")).await.json();
            let told: i64 =
                totals["by_status"].as_array().unwrap().iter().map(|part| part["deals"].as_i64().unwrap()).sum();
            assert_eq!(told, i64::try_from(deals).unwrap(), "{query}: {totals}");
        }
    }
}

#[tokio::test]
async fn lists_go_on_by_their_cursors_without_gap_or_repetition() {
    let site = Site::filled().await;
    for (path, list, key) in [
        ("/api/v1/deals?sort=usd", "deals", "id"),
        ("/api/v1/deals?sort=mw", "deals", "id"),
        ("/api/v1/deals?sort=publishers", "deals", "id"),
        ("/api/v1/deals?sort=date", "deals", "id"),
        ("/api/v1/companies?sort=paid", "companies", "slug"),
        ("/api/v1/companies?sort=name", "companies", "slug"),
        ("/api/v1/articles?limit=200", "articles", "id"),
        ("/api/v1/claims?limit=200", "claims", "id"),
        ("/api/v1/pairs?limit=200", "pairs", "payer"),
    ] {
        let names = |answer: &Value| -> Vec<String> {
            answer[list].as_array().unwrap().iter().map(|entry| entry[key].to_string()).collect()
        };
        let whole = names(&site.found(path).await.json());
        assert!(whole.len() > 1, "{path}");
        let (mut walked, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = site.found(&format!("{}&limit=1{cursor}", path.replace("limit=200", "limit=1"))).await.json();
            walked.extend(names(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace('+', "%2B")),
                None => break,
            }
            assert!(walked.len() <= whole.len(), "{path}");
        }
        assert_eq!(walked, whole, "{path}");
    }
}

#[tokio::test]
async fn a_company_has_both_sides_of_its_money_rolled_up_or_alone() {
    let site = Site::filled().await;
    sqlx::query("INSERT INTO company_parents (company, parent) VALUES ('fablewood-power', 'bluefin-data-halls')")
        .execute(site.database.pool())
        .await
        .unwrap();
    wattline::db::shares::settle(&mut site.database.pool().acquire().await.unwrap()).await.unwrap();
    let company = site.found("/api/v1/companies/bluefin-data-halls").await.json();
    assert_eq!(keys(&company), ["slug", "name", "category", "country", "parent", "totals"].into());
    assert_eq!(keys(&company["totals"]), ["as_payer", "as_payee"].into());
    assert_eq!(keys(&company["totals"]["as_payee"]), ["committed_usd", "potential_usd", "mw", "deals"].into());
    assert_eq!(
        (company["totals"]["as_payee"]["deals"].clone(), company["totals"]["as_payee"]["mw"].clone()),
        (json!(2), json!(770.0))
    );
    let alone = site.found("/api/v1/companies/bluefin-data-halls?rollup=false").await.json();
    assert_eq!(
        alone["totals"]["as_payee"],
        json!({"committed_usd": "8200000000", "potential_usd": "0", "mw": 650.0, "deals": 1})
    );
    assert_eq!(site.found("/api/v1/companies/fablewood-power").await.json()["parent"], "bluefin-data-halls");
    for query in [
        "rollup=true",
        "rollup=false",
        "kind=compute&kind=power",
        "status=rumored",
        "from=2026-03&to=2026-03",
        "from=2026-03-05&to=2026-12-02&rollup=false",
        "as_of=2026-03-15",
        "as_of=2026-03-15&rollup=false&kind=compute",
    ] {
        let list = site.found(&format!("/api/v1/companies?{query}")).await.json();
        let listed = list["companies"].as_array().unwrap();
        assert!(!listed.is_empty(), "{query}");
        for listed in listed {
            let slug = listed["slug"].as_str().unwrap();
            let one = site.found(&format!("/api/v1/companies/{slug}?{query}")).await.json();
            assert_eq!(*listed, one, "a company is the same in the list and by itself: {query}");
        }
    }
    let slugs = async |query: &str| -> Vec<String> {
        let list = site.found(&format!("/api/v1/companies?{query}")).await.json();
        list["companies"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect()
    };
    let all = slugs("").await;
    let buyers = slugs("role=buyer").await;
    assert!(buyers.contains(&"northwind-compute".to_owned()) && buyers.len() < all.len());
    assert!(!slugs("role=payee").await.contains(&"northwind-compute".to_owned()));
    let large = slugs("min_usd=8.2bn").await;
    assert!(large.contains(&"northwind-compute".to_owned()) && large.len() < all.len());
    let powerful = slugs("min_mw=700").await;
    assert!(powerful.contains(&"bluefin-data-halls".to_owned()) && powerful.len() < all.len());
    assert_eq!(slugs("as_of=2023-01-31").await, [""; 0], "nothing was known then");
    let northwind = site.found("/api/v1/companies?q=northwind&as_of=2026-03-15").await.json();
    assert_eq!(northwind["companies"][0]["totals"]["as_payer"]["committed_usd"], "8500000000", "as it was told first");
    let other = site.get("/api/v1/companies/Open%20AI").await;
    assert_eq!(
        (other.status, other.header(header::LOCATION)),
        (StatusCode::PERMANENT_REDIRECT, "/api/v1/companies/openai")
    );
    assert_eq!(site.get("/api/v1/companies/nobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_field_by_field() {
    let site = Site::empty().await;
    for (path, fields) in [
        ("/api/v1/deals?kind=rockets&min_usd=plenty&limit=0", vec!["limit", "kind", "min_usd"]),
        ("/api/v1/deals?colour=red", vec!["colour"]),
        ("/api/v1/deals?cursor=elsewhere", vec!["cursor"]),
        ("/api/v1/deals?sort=colour&as_of=soon", vec!["as_of", "sort"]),
        ("/api/v1/deals?status=", vec!["status"]),
        (
            "/api/v1/companies?sort=colour&category=x&cursor=1&rollup=perhaps",
            vec!["sort", "category", "cursor", "rollup"],
        ),
        ("/api/v1/articles?cursor=1", vec!["cursor"]),
        ("/api/v1/pairs?cursor=x", vec!["cursor"]),
        ("/api/v1/search", vec!["q"]),
        ("/api/v1/sources?limit=5", vec!["limit"]),
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json", "{path}");
        let problem = answer.json();
        assert_eq!((problem["status"].clone(), problem["type"].clone()), (json!(400), json!("about:blank")));
        let told: BTreeSet<&str> =
            problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(told, fields.into_iter().collect(), "{path}");
    }
    for path in
        ["/api/v1/deals/1", "/api/v1/deals/00000000-0000-0000-0000-000000000001", "/api/v1/nothing", "/api/nothing"]
    {
        let answer = site.get(path).await;
        assert_eq!((answer.status, answer.json()["status"].clone()), (StatusCode::NOT_FOUND, json!(404)), "{path}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = site.ask(method, "/api/v1/deals").await;
        assert_eq!((answer.status, answer.json()["status"].clone()), (StatusCode::METHOD_NOT_ALLOWED, json!(405)));
        assert_eq!(answer.header(header::ALLOW), "GET,HEAD");
    }
}

#[tokio::test]
async fn a_broken_database_is_a_problem_without_its_internals() {
    let site = Site::empty().await;
    sqlx::query("ALTER TABLE deals RENAME TO lost").execute(site.database.pool()).await.unwrap();
    let answer = site.get("/api/v1/deals").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
    assert!(!answer.text().contains("relation"), "{}", answer.text());
}

#[tokio::test]
async fn money_flows_by_pairs_and_in_circles() {
    let site = Site::filled().await;
    site.tell(
        crate::support::ledger::Story::of("back", "2026-03-21"),
        &json!({"kind": "equity", "status": "signed", "announced_on": "2026-03-21",
            "parties": [{"name": "Bluefin Data Halls", "role": "investor"}, {"name": "Northwind Compute", "role": "investee"}],
            "amounts": [{"value": "3000000000", "currency": "USD"}]}),
    )
    .await;
    let pairs = site.found("/api/v1/pairs?company=northwind-compute").await.json();
    assert_eq!(pairs["pairs"].as_array().unwrap().len(), 2);
    assert_eq!(
        pairs["pairs"][0],
        json!({"payer": {"slug": "northwind-compute", "name": "Northwind Compute"},
               "payee": {"slug": "bluefin-data-halls", "name": "Bluefin Data Halls"}, "committed_usd": "8200000000", "deals": 1})
    );
    assert_eq!(site.found("/api/v1/pairs?min_usd=5bn").await.json()["pairs"].as_array().unwrap().len(), 1);
    let circles = site.found("/api/v1/circles").await.json();
    assert_eq!(
        (circles["circles"][0]["smallest_usd"].clone(), circles["next_cursor"].clone()),
        (json!("3000000000"), Value::Null)
    );
    assert!(site.found("/api/v1/circles?company=quietwater-ai").await.json()["circles"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_search_finds_deals_companies_and_articles() {
    let site = Site::filled().await;
    let found = site.found("/api/v1/search?q=Northwind").await.json();
    assert_eq!(found["deals"][0]["kind"], "compute");
    assert_eq!(found["companies"][0]["slug"], "northwind-compute");
    assert!(found["articles"][0]["snippet"].as_str().unwrap().contains("Northwind"));
    assert_eq!(site.found("/api/v1/search?q=").await.json(), json!({"deals": [], "companies": [], "articles": []}));
}

#[tokio::test]
async fn the_description_names_every_resource_and_the_page_to_try_it_asks_them() {
    let site = Site::filled().await;
    let description = site.found("/api/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["servers"][0]["url"], "https://ledger.example");
    let page = site.found("/api").await.text();
    for path in description["paths"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("value=\"{path}\"")), "{path}");
        if !path.contains('{') && !path.ends_with("search") {
            site.found(path).await;
        }
    }
    assert!(!page.contains("http://") && !page.contains("src=\"http"), "nothing comes from elsewhere");
    let asked = site.get("/api/ask?_path=%2Fapi%2Fv1%2Fcompanies%2F%7Bslug%7D&slug=Open+AI&rollup=false&kind=").await;
    assert_eq!(asked.header(header::LOCATION), "/api/v1/companies/Open%20AI?rollup=false");
    assert_eq!(site.get("/api/ask?_path=https%3A%2F%2Felsewhere.example").await.status, StatusCode::NOT_FOUND);
}
