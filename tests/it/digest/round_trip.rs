//! Subscribe, confirm, read, leave.

use axum::http::StatusCode;

use super::{Desk, last_week};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_confirms_gets_the_deals_under_their_filter_and_leaves_with_one_click() {
    let desk = Desk::new().await;
    let week = last_week();
    desk.tell("one", &week, "Corvid AI", "Tundra Cloud", 7).await;
    desk.tell("two", &week, "Lumen Robotics", "Basalt Compute", 9).await;
    let _worker = desk.worker();

    let asked = desk.post("/digest", "email=ada%40reader.example&company=Corvid+AI&zone=Europe%2FBerlin").await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.html);
    let letter = desk.mail.wait_for(1).await.remove(0);
    assert_eq!((letter.to.as_str(), letter.subject().as_str()), ("ada@reader.example", "Confirm your Wattline digest"));
    assert_eq!(letter.from, "digest@wattline.example");
    assert_eq!(letter.header("Auto-Submitted").as_deref(), Some("auto-generated"));

    // A scanner opens every link, as often as it likes.
    let confirm = letter.path("confirm");
    for _ in 0..3 {
        assert!(desk.get(&confirm).await.html.contains("Confirm the subscription"));
    }
    desk.let_the_hour_come().await;
    let confirmed: i64 = sqlx::query_scalar("SELECT count(*) FROM recipients WHERE confirmed_at IS NOT NULL")
        .fetch_one(desk.database.pool())
        .await
        .unwrap();
    assert_eq!(confirmed, 0);

    assert!(desk.post(&confirm, "").await.html.contains("You are subscribed"));
    desk.let_the_hour_come().await;
    let issue = desk.mail.wait_for(2).await.remove(1);
    let text = issue.text();
    assert!(text.contains("Tundra Cloud") && text.contains("$7B"), "{text}");
    assert!(!text.contains("Basalt"), "{text}");
    assert!(issue.subject().starts_with("$7B in 1 new deal: "), "{}", issue.subject());
    assert_eq!(issue.parts(), ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);

    // RFC 8058: a POST to the https address of the header, with this body and no cookie.
    let unsubscribe = issue.header("List-Unsubscribe").unwrap();
    assert_eq!(issue.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let href = unsubscribe.split(['<', '>']).nth(1).unwrap();
    let path = href.strip_prefix("https://wattline.example").unwrap();
    assert!(desk.get(path).await.html.contains("Unsubscribe"));
    desk.let_the_hour_come().await;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM recipients").fetch_one(desk.database.pool()).await.unwrap();
    assert_eq!(left, 1, "opening the link has changed nothing");
    assert_eq!(desk.post(path, "List-Unsubscribe=One-Click").await.status, StatusCode::OK);

    let addresses: i64 =
        sqlx::query_scalar("SELECT count(*) FROM addresses").fetch_one(desk.database.pool()).await.unwrap();
    assert_eq!(addresses, 0);
    desk.let_the_hour_come().await;
    assert!(desk.wattline(&["digest", "send"]).status().unwrap().success());
    assert_eq!(desk.mail.taken().len(), 2);
}
