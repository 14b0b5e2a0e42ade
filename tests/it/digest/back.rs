//! What comes back: refusals, reports, complaints, requests by mail.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use std::sync::Arc;
use tower::ServiceExt;
use url::Url;
use wattline::web::{App, SecretCheck, router};

use super::{Desk, SITE, last_week};

const BOUNCE: &str = include_str!("../../fixtures/mail/bounce.eml");
const COMPLAINT: &str = include_str!("../../fixtures/mail/complaint.eml");
/// The delivery that the fixtures name.
const NAMED: &str = "0192aaaabbbb7ccc8dddeeeeffff0000";

impl Desk {
    /// Posts a mail that came back; what the endpoint answers.
    async fn bring(&self, mail: &str, secret: &str) -> StatusCode {
        let check: SecretCheck = Arc::new(|word: &str| word == "sesame");
        let app = App::new(self.database.pool().clone(), Url::parse(SITE).unwrap()).with_bounce_secret(Some(check));
        let request = Request::post("/digest/bounces").header(header::AUTHORIZATION, format!("Bearer {secret}"));
        let answer = router(app).oneshot(request.body(Body::from(mail.to_owned())).unwrap()).await.unwrap();
        let status = answer.status();
        assert!(to_bytes(answer.into_body(), 1000).await.unwrap().is_empty());
        status
    }

    async fn suspended(&self) -> Option<String> {
        sqlx::query_scalar("SELECT suspended_for FROM addresses").fetch_one(self.database.pool()).await.unwrap()
    }

    /// The latest mail's delivery, as its `Message-ID` has it.
    fn latest(&self) -> String {
        let id = self.mail.taken().pop().unwrap().header("Message-ID").unwrap();
        id.trim_start_matches('<').split('@').next().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_bounces_suspend_an_address_and_a_confirmation_brings_it_back() {
    let desk = Desk::new().await;
    desk.subscriber("email=ada%40reader.example").await;
    let report = BOUNCE.replace(NAMED, &desk.latest());
    assert_eq!(desk.bring(&report, "guess").await, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.bring(BOUNCE, "sesame").await, StatusCode::NO_CONTENT, "of a delivery that nobody knows");
    for _ in 0..2 {
        desk.bring(&report, "sesame").await;
    }
    assert_eq!(desk.suspended().await, None);
    desk.bring(&report, "sesame").await;
    assert_eq!(desk.suspended().await.as_deref(), Some("bounces"));

    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    desk.let_the_hour_come().await;
    desk.send();
    assert_eq!(desk.mail.taken().len(), 1, "nothing goes to a suspended address");
    // Whoever reads there again asks again.
    desk.post("/digest", "email=ada%40reader.example&kind=power").await;
    desk.send();
    let letter = desk.mail.taken().pop().unwrap();
    desk.post(&letter.path("confirm"), "").await;
    assert_eq!(desk.suspended().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_ends_all_mail_at_once() {
    let desk = Desk::new().await;
    desk.subscriber("email=ada%40reader.example").await;
    desk.bring(&COMPLAINT.replace(NAMED, &desk.latest()), "sesame").await;
    assert_eq!(desk.suspended().await.as_deref(), Some("complaint"));
    desk.post("/digest", "email=ada%40reader.example&kind=power").await;
    desk.send();
    assert_eq!(desk.mail.taken().len(), 1, "somebody else cannot have letters sent there either");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_to_the_address_of_the_header_unsubscribes_from_the_folder_too() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    desk.subscriber("email=ada%40reader.example").await;
    desk.let_the_hour_come().await;
    desk.send();
    let header = desk.mail.taken().pop().unwrap().header("List-Unsubscribe").unwrap();
    let mailto = header.split("<mailto:").nth(1).unwrap().trim_end_matches('>');
    let (to, subject) = mailto.split_once("?subject=").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mail = format!("From: ada@reader.example\r\nTo: {to}\r\nSubject: {}\r\n\r\n", subject.replace("%20", " "));
    std::fs::write(folder.path().join("1"), mail).unwrap();
    std::fs::write(folder.path().join(".2"), "half a mess").unwrap();
    let folder_path = folder.path().to_str().unwrap();
    assert!(desk.wattline(&["digest", "send", "--bounce-folder", folder_path]).status().unwrap().success());
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM recipients").fetch_one(desk.database.pool()).await.unwrap();
    assert_eq!(left, 0);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, [".2"], "what is being written is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_for_good_is_not_tried_again_and_names_nobody_in_the_ledger() {
    let desk = Desk::new().await;
    desk.mail.refuse("gone@reader.example");
    desk.post("/digest", "email=gone%40reader.example").await;
    desk.send();
    desk.send();
    let (state, answer, attempts): (String, String, i32) =
        sqlx::query_as("SELECT state, answer, attempts FROM deliveries").fetch_one(desk.database.pool()).await.unwrap();
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert!(answer.contains("550") || answer.contains("5.1.1"), "{answer}");
    assert!(!answer.contains("gone@"), "{answer}");
    let bounces: i32 =
        sqlx::query_scalar("SELECT bounces FROM addresses").fetch_one(desk.database.pool()).await.unwrap();
    assert_eq!(bounces, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_is_in_what_the_program_logs() {
    let desk = Desk::new().await;
    desk.mail.refuse("gone@reader.example");
    desk.post("/digest", "email=gone%40reader.example").await;
    desk.post("/digest", "email=ada%40reader.example").await;
    let output = desk.wattline(&["digest", "send", "--log", "trace"]).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && log.len() > 1000, "{log}");
    for address in ["gone@reader", "ada@reader"] {
        assert!(!log.contains(address), "{}", log.lines().find(|line| line.contains(address)).unwrap_or_default());
    }
    assert_eq!(desk.mail.taken().len(), 1);
}
