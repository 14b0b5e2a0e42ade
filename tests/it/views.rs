//! The pages that set deals beside each other: network, comparison, places, themes, and the past.

use axum::http::StatusCode;

use crate::pages::{COMPUTE, Site};

#[tokio::test]
async fn each_flow_of_the_network_opens_its_deals() {
    let site = Site::filled().await;
    let page = site.page("/network?min_usd=1m").await;
    page.shows("Northwind Compute commits $8.2B to Bluefin Data Halls in 1 deal");
    page.hides("Emberline Capital commits");
    let opened = site.page("/network?min_usd=1m&payer=northwind-compute&payee=bluefin-data-halls").await;
    assert!(opened.html.contains(&site.deal(COMPUTE).await), "the deal behind the flow is not linked");
    site.page("/network?payer=nobody&payee=bluefin-data-halls")
        .await
        .shows("No company in the ledger goes by “nobody”.");
    // Rumours flow only where they are asked for.
    site.page("/network?status=rumored").await.shows("Emberline Capital commits $40B to Quietwater AI in 1 deal");
    site.page("/network?min_usd=100bn").await.shows("No money flows here");
    assert_eq!(site.get("/network?from=soon").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn money_that_comes_back_is_told_and_marked() {
    let site = Site::archive().await;
    let page = site.page("/network").await;
    let circle =
        page.html.split("/network?circle=").nth(1).expect("the archive has circles").split('"').next().unwrap();
    let marked = site.page(&format!("/network?circle={circle}")).await;
    assert!(marked.html.contains("aria-current=\"true\""));
    // As many flows stand out as there are companies in it.
    let flows = marked.html.matches(" on\" data-from").count();
    assert_eq!(flows, circle.split("%7E").count(), "{circle}");
}

#[tokio::test]
async fn companies_beside_each_other_show_what_their_own_pages_show() {
    let site = Site::filled().await;
    let page = site.page("/compare?c=Quietwater+AI&c=northwind-compute&c=Nortwind").await;
    page.shows("Northwind Compute");
    page.shows("$8.2B");
    page.shows("No company here goes by “Nortwind”. Did you mean Northwind Compute");
    let own = site.page("/companies/quietwater-ai").await;
    let paid = own.text().split("Pays ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    page.shows(&format!("Pays {paid}"));
    site.page("/compare").await.shows("Nobody to compare yet");
}

#[tokio::test]
async fn places_tell_the_megawatts_and_dollars_of_each_country_once() {
    let site = Site::filled().await;
    let page = site.page("/places").await;
    page.shows("Norway 650 MW 650 MW $8.2B $8,200,000,000 1");
    page.shows("Finland 120 MW");
    page.shows("Iceland 90 MW");
    let power = site.page("/places?kind=power").await;
    power.shows("Finland 120 MW");
    power.hides("Norway");
    let moved = site.get("/map").await;
    assert_eq!((moved.status, moved.location.as_deref()), (StatusCode::PERMANENT_REDIRECT, Some("/places")));
}

#[tokio::test]
async fn a_theme_shows_its_deals_and_stories() {
    let site = Site::archive().await;
    let page = site.page("/themes/power").await;
    page.shows("Electricity: plants");
    page.shows("Its largest deals since");
    assert!(page.html.contains("class=\"story"));
    assert!(!page.html.contains("The chart shows nothing"));
    site.page("/news").await.shows("sovereign programmes");
    assert_eq!(site.get("/themes/gossip").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_deal_is_shown_as_it_was_known_on_a_day() {
    let site = Site::filled().await;
    let deal = site.deal(COMPUTE).await;
    let before = site.page(&format!("{deal}?as_of=2026-03-15")).await;
    before.shows("The record as it was known on 15 Mar 2026");
    before.shows("$8.5B");
    before.hides("signed a definitive agreement");
    site.page(&deal).await.shows("$8.2B");
    let unknown = site.get(&format!("{deal}?as_of=2025-01-01")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.text().contains("did not know this deal"), "{}", unknown.text());
    // A link to a past state survives a wrong name.
    let moved = site.get(&format!("{}?as_of=2026-03-15", deal.rsplit_once('/').unwrap().0)).await;
    assert_eq!(moved.location, Some(format!("{deal}?as_of=2026-03-15")));
}

#[tokio::test]
async fn operators_narrow_a_search_and_it_stands_on_the_timeline_too() {
    let site = Site::filled().await;
    for (query, rows) in [
        ("kind:power", 1),
        ("mw>500", 1),
        ("usd>5bn status:signed", 1),
        ("company:\"Quietwater AI\"", 2),
        ("before:2026", 2),
        ("after:2026-01 country:Norway", 1),
        ("northwind kind:power", 0),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let page = site.page(&format!("/search?q={query}")).await;
        assert_eq!(page.rows(), rows, "{query}");
        if let Some(link) = page.html.split("class=\"pager\"><a href=\"").nth(1) {
            let link = link.split('"').next().unwrap().replace("&#38;", "&");
            assert_eq!(site.page(&link).await.rows(), rows, "{link}");
        }
    }
    site.page("/search?q=mw%3Eplenty").await.shows("“plenty” is not a power figure");
    site.page("/search?q=definitive").await.shows("“Northwind Compute today signed a definitive agreement");
}
