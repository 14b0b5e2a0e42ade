//! What people come for, from end to end: with and without script, and by the keyboard alone.

use fantoccini::key::Key;

use super::{Browser, Served};

/// An investor narrows the timeline to what counts for them, and sees what it adds up to.
async fn an_investor_narrows_the_timeline(browser: &Browser, served: &Served, script: bool) {
    browser.open(&format!("{}/", served.origin)).await;
    let all = browser.count(".deal").await;
    browser.click("input[name=kind][value=power]").await;
    if script {
        // The list answers at once.
        browser.find(".chips").await;
    }
    browser.find("input[name=min_mw]").await.send_keys("500").await.unwrap();
    browser.click(".filter button[type=submit]").await;
    browser.arrive("kind=power").await;
    browser.arrive("min_mw=500").await;
    let some = browser.count(".deal").await;
    assert!(0 < some && some < all, "{some} of {all} deals are left");
    assert!(browser.text(".chips").await.contains("≥ 500 MW"));
    // Taking a chip off brings more again, in whatever order.
    browser.click(".chips li:last-child a").await;
    browser.find(".chips li:only-child").await;
    assert!(browser.count(".deal").await > some);
    browser.click(".list-top .switch a[href*='sort=mw']").await;
    browser.arrive("sort=mw").await;
    assert!(browser.text(".month h2").await.contains("megawatts"));
    // What is shown can be compared: the largest payers beside each other.
    browser.open(&format!("{}/companies", served.origin)).await;
    browser.click(".tools a[href^='/compare']").await;
    browser.arrive("/compare?c=").await;
    assert_eq!(browser.count(".beside:not(.graph .beside) > section").await, 3);
}

/// A journalist types a name, and comes to the sentence that a figure was read from.
async fn a_journalist_comes_from_a_name_to_a_sentence(browser: &Browser, served: &Served) {
    browser.open(&format!("{}/news", served.origin)).await;
    browser.find("#find").await.send_keys("CoreWeave").await.unwrap();
    browser.press(Key::Enter).await;
    browser.arrive("/search?q=CoreWeave").await;
    browser.click(".names a[href='/companies/coreweave']").await;
    browser.arrive("/companies/coreweave").await;
    assert!(browser.text("h1").await.contains("CoreWeave"));
    browser.click(".list .deal").await;
    browser.arrive("/deals/").await;
    assert!(browser.count(".source .said").await > 0, "no sentence stands behind the deal");
    assert!(browser.count(".source .by a[href^=http]").await > 0, "no source is linked");
    assert!(browser.text(".cite").await.contains("Cite this"));
    // The record of another day has an address of its own.
    browser.click(".revisions li:last-child > a").await;
    browser.arrive("?as_of=").await;
    assert!(browser.text(".alert").await.contains("as it was known on"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_what_they_come_for_with_script() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    an_investor_narrows_the_timeline(&browser, &served, true).await;
    a_journalist_comes_from_a_name_to_a_sentence(&browser, &served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_what_they_come_for_without_script() {
    let (served, browser) = (Served::archive().await, Browser::without_script().await);
    an_investor_narrows_the_timeline(&browser, &served, false).await;
    a_journalist_comes_from_a_name_to_a_sentence(&browser, &served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_swapped_in_place_and_the_way_back_leads_to_what_was_there() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&format!("{}/", served.origin)).await;
    browser.ask("window.same = true").await;
    let all = browser.text(".sum .big").await;
    browser.click("input[name=kind][value=power]").await;
    browser.arrive("/?kind=power").await;
    browser.find(".chips").await;
    assert_eq!(browser.ask("return window.same").await, true, "the page was loaded anew");
    assert_eq!(browser.ask("return document.activeElement.id").await, "k-power", "the focus is lost");
    assert_ne!(browser.text(".sum .big").await, all);
    browser.client.back().await.unwrap();
    for _ in 0..100 {
        if browser.count(".chips").await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(browser.text(".sum .big").await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_answers_to_the_pointer_and_opens_the_deals_of_a_flow() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&format!("{}/network", served.origin)).await;
    let second = browser.text(".cols3 li:nth-child(2)").await;
    browser
        .find(".cols3 li:nth-child(2) a")
        .await
        .send_keys(&format!("{}{}", char::from(Key::Alt), char::from(Key::Up)))
        .await
        .unwrap();
    assert_eq!(browser.text(".cols3 li:nth-child(1)").await, second, "it has not moved up");
    let drawn = browser.count(".arcs a[data-from]").await;
    // The slider ends the period earlier, and the drawing follows.
    browser.ask("const slide = document.getElementById('n-slide'); slide.value = Number(slide.min) + 12; slide.dispatchEvent(new Event('input')); slide.dispatchEvent(new Event('change', {bubbles: true}))").await;
    browser.arrive("to=20").await;
    assert!(browser.count(".arcs a[data-from]").await < drawn);
    browser.open(&format!("{}/network", served.origin)).await;
    browser.click(".data a[href*='payer=']").await;
    browser.arrive("payer=").await;
    browser.click("#flow .members a").await;
    browser.arrive("/deals/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_offered_while_its_name_is_typed() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&format!("{}/news", served.origin)).await;
    // A single key goes to the box.
    browser.find("body").await.send_keys("/").await.unwrap();
    assert_eq!(browser.ask("return document.activeElement.id").await, "find");
    browser.type_text("coreweave").await;
    browser.find("#suggestions [data-href='/companies/coreweave']").await;
    assert!(browser.count("#suggestions [data-href^='/deals/']").await > 0, "no deal of the company is offered");
    let faults = browser.faults().await;
    assert!(faults.is_empty(), "{faults:?}");
    browser.press(Key::Down).await;
    browser.press(Key::Enter).await;
    browser.arrive("/companies/coreweave").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_keys_walk_through_a_page_and_can_be_switched_off() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&format!("{}/", served.origin)).await;
    let body = browser.find("body").await;
    body.send_keys("j").await.unwrap();
    browser.type_text("j").await;
    let row = "return [...document.querySelectorAll('.deal .open')].indexOf(document.activeElement)";
    assert_eq!(browser.ask(row).await, 1, "two steps lead to the second row");
    browser.type_text("k").await;
    assert_eq!(browser.ask(row).await, 0);
    browser.type_text("n").await;
    browser.arrive("cursor=").await;
    browser.find("body").await.send_keys("?").await.unwrap();
    browser.find("#keys[open]").await;
    let faults = browser.faults().await;
    assert!(faults.is_empty(), "{faults:?}");
    browser.click("#keys input").await;
    browser.click("#keys button").await;
    browser.open(&format!("{}/", served.origin)).await;
    browser.find("body").await.send_keys("/").await.unwrap();
    assert_ne!(browser.ask("return document.activeElement.id").await, "find", "the keys are still on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_is_found_and_read_by_the_keyboard_alone() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&format!("{}/", served.origin)).await;
    // The first stop leads past the navigation.
    browser.press(Key::Tab).await;
    assert_eq!(browser.ask("return document.activeElement.className").await, "skip");
    browser.press(Key::Enter).await;
    assert_eq!(browser.ask("return document.activeElement.id").await, "main");
    for _ in 0..200 {
        browser.press(Key::Tab).await;
        if browser.ask("return document.activeElement.matches('.deal .open')").await == true {
            break;
        }
    }
    let ring = browser.ask("return getComputedStyle(document.activeElement, '::after').outlineStyle").await;
    assert_eq!(ring, "solid", "the deal with the focus is not marked");
    browser.press(Key::Enter).await;
    browser.arrive("/deals/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_comes_in_by_itself_while_the_timeline_is_open() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    browser.open(&format!("{}/", served.origin)).await;
    for _ in 0..100 {
        if browser.ask("return events?.readyState").await == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(browser.count(".deals > .fresh").await, 0);
    let line = serde_json::json!({
        "id": 1, "title": "Northlake rents a hall", "published": chrono::Utc::now(),
        "text": "Northlake Cloud signed a five-year, $2.1 billion contract with Harrow Data Centers on Tuesday for 120 MW in Ohio.",
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("news.jsonl");
    std::fs::write(&file, line.to_string()).unwrap();
    let ingested = std::process::Command::new(crate::support::database::WATTLINE)
        .args(["ingest", file.to_str().unwrap(), "--database-url", &served.database.url()])
        .output()
        .unwrap();
    assert!(ingested.status.success(), "{}", String::from_utf8_lossy(&ingested.stderr));
    browser.find(".deals > .fresh").await;
    let fresh = browser.text(".deals > .fresh").await;
    assert!(fresh.contains("Northlake Cloud") && browser.count(".deals > .fresh").await == 1, "{fresh}");
}
