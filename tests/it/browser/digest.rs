//! The digest from end to end: the form in the browser, the letter at a mail server, the issue, and the end of it.

use reqwest::StatusCode;

use super::{Browser, Served};
use crate::{
    digest::last_week,
    support::{ledger::prepare, smtp::MailServer},
};

/// From the filled-in form to the last mail, with or without script.
async fn from_the_form_to_the_last_mail(browser: &Browser) {
    let (database, mail) = (crate::support::database::TestDatabase::new().await, MailServer::start().await);
    prepare(&mut database.pool().acquire().await.unwrap()).await;
    let desk = crate::digest::Desk { database, mail: mail.clone() };
    let week = last_week();
    desk.tell("one", &week, "Corvid AI", "Tundra Cloud", 7).await;
    desk.tell("two", &week, "Lumen Robotics", "Basalt Compute", 9).await;
    let url = mail.url();
    let served = Served::with(desk.database, &["serve", "--no-archive", "--no-sources", "--smtp", &url]);
    let pool = served.database.pool();
    let hour_comes = || async {
        sqlx::query("UPDATE subscriptions SET next_at = now() WHERE next_at IS NOT NULL").execute(pool).await.unwrap();
    };

    // "Mail me this view."
    browser.open(&format!("{}/?company=Corvid+AI", served.origin)).await;
    browser.find(".mail-me input[name=email]").await.send_keys("ada@reader.example").await.unwrap();
    browser.click(".mail-me button[type=submit]").await;
    browser.arrive("/digest").await;
    assert!(browser.text("h1").await.contains("Look into your mailbox"));

    let letter = mail.wait_for(1).await.remove(0);
    browser.open(&format!("{}{}", served.origin, letter.path("confirm"))).await;
    assert!(browser.text("main").await.contains("Corvid AI, every Monday at 07:00"));
    browser.click("main button").await;
    browser.find("main a[href*='/digest/preferences/']").await;
    assert!(browser.text("h1").await.contains("You are subscribed"));

    // The deals have changed, and the hour comes.
    hour_comes().await;
    let issue = mail.wait_for(2).await.remove(1);
    let text = issue.text();
    assert!(text.contains("Tundra Cloud") && !text.contains("Basalt"), "{text}");
    // The mail's own link opens the issue in the browser.
    let page = text.lines().find_map(|line| line.strip_prefix("This issue as a page: ")).unwrap();
    browser.open(page).await;
    assert!(browser.text("main").await.contains("it does not change"));

    // One click in a mail program is a POST.
    let unsubscribe = issue.header("List-Unsubscribe").unwrap();
    let href = unsubscribe.split(['<', '>']).nth(1).unwrap().to_owned();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let program = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = program.get(&href).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let form = "List-Unsubscribe=One-Click";
    let answer = program.post(&href).header("content-type", "application/x-www-form-urlencoded").body(form).send();
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    hour_comes().await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM addresses").fetch_one(pool).await.unwrap();
    assert_eq!((left, mail.taken().len()), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_subscribes_in_a_browser_gets_an_issue_and_no_further_mail_once_they_leave() {
    from_the_form_to_the_last_mail(&Browser::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_without_script() {
    from_the_form_to_the_last_mail(&Browser::without_script().await).await;
}
