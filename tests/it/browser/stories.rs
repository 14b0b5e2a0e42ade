//! What people come for, from end to end: with and without script, and by the keyboard alone.

use fantoccini::key::Key;

use super::{Browser, Served};

/// An investor narrows the timeline to what counts for them, and sees what it adds up to.
async fn an_investor_narrows_the_timeline(browser: &Browser, served: &Served) {
    browser.open(&format!("{}/", served.origin)).await;
    let all = browser.count(".deal").await;
    browser.click("input[name=kind][value=power]").await;
    browser.find("input[name=min_mw]").await.send_keys("500").await.unwrap();
    browser.click(".filter button[type=submit]").await;
    browser.arrive("kind=power").await;
    browser.arrive("min_mw=500").await;
    let some = browser.count(".deal").await;
    assert!(0 < some && some < all, "{some} of {all} deals are left");
    assert!(browser.text(".chips").await.contains("≥ 500 MW"));
    // Taking a chip off brings more again.
    browser.click(".chips li:last-child a").await;
    browser.find(".chips li:only-child").await;
    assert!(browser.count(".deal").await > some);
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
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_what_they_come_for_with_script() {
    let (served, browser) = (Served::archive().await, Browser::start().await);
    an_investor_narrows_the_timeline(&browser, &served).await;
    a_journalist_comes_from_a_name_to_a_sentence(&browser, &served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_what_they_come_for_without_script() {
    let (served, browser) = (Served::archive().await, Browser::without_script().await);
    an_investor_narrows_the_timeline(&browser, &served).await;
    a_journalist_comes_from_a_name_to_a_sentence(&browser, &served).await;
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
