//! Mail over lines that are secured, to a server that asks who hands it in.

use axum::http::StatusCode;

use super::Desk;
use crate::support::smtp::{MailServer, Secured};

/// Asks for a subscription and waits for the letter that confirms it.
async fn a_letter_arrives(how: Secured) {
    let desk = Desk::with(MailServer::start_secured(how).await).await;
    let _worker = desk.worker();
    let asked = desk.post("/digest", "email=ada%40reader.example&zone=Europe%2FBerlin").await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.html);
    let letter = desk.mail.wait_for(1).await.remove(0);
    assert_eq!((letter.to.as_str(), letter.subject().as_str()), ("ada@reader.example", "Confirm your Wattline digest"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_over_tls_from_the_beginning_with_a_password() {
    a_letter_arrives(Secured::FromTheBeginning).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_over_starttls_with_a_password() {
    a_letter_arrives(Secured::ByStartTls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail() {
    for how in [Secured::FromTheBeginning, Secured::ByStartTls] {
        let desk = Desk::with(MailServer::start_secured(how).await).await;
        desk.post("/digest", "email=ada%40reader.example&zone=Europe%2FBerlin").await;
        let mut send = desk.wattline(&["digest", "send"]);
        // The system's own authorities, none of which knows this server.
        send.env_remove("SSL_CERT_FILE");
        let said = send.output().unwrap();
        let complaint = String::from_utf8(said.stderr).unwrap();
        assert!(complaint.contains("certificate"), "{complaint}");
        assert!(desk.mail.taken().is_empty());
        assert_eq!(desk.deliveries("confirm", "waiting").await, 1, "it is tried again");
    }
}
