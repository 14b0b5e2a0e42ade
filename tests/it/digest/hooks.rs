//! A team's channels.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::method};

use super::{Desk, last_week};

impl Desk {
    /// Sends what is due, webhooks of this machine included.
    fn call(&self) {
        let arguments = ["digest", "send", "--allow-private", "127.0.0.0/8"];
        assert!(self.wattline(&arguments).status().unwrap().success());
    }

    /// Adds a webhook to a subscription, and confirms it by the link in its test message.
    async fn add_webhook(&self, path: &str, channel: &str, hook: &MockServer) {
        let url: String = url::form_urlencoded::byte_serialize(hook.uri().as_bytes()).collect();
        let page = self.post(&format!("{path}/webhook"), &format!("channel={channel}&url={url}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        self.call();
        let message = String::from_utf8(received(hook).await.pop().expect("a test message").body).unwrap();
        let at = message.find("/digest/confirm/").unwrap();
        let link = message[at..].split(['"', '|', ')', '>', '\\']).next().unwrap();
        assert!(self.post(link, "").await.html.contains("You are subscribed"));
    }
}

async fn received(hook: &MockServer) -> Vec<Request> {
    hook.received_requests().await.unwrap()
}

async fn hook() -> MockServer {
    let hook = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(&hook).await;
    hook
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_signed_json_once_however_often_it_fails_first() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    let path = desk.subscriber("email=ada%40reader.example").await;
    let hook = hook().await;
    desk.add_webhook(&path, "webhook", &hook).await;
    let page = desk.get(&path).await.html;
    let secret = page.split("whsec_").nth(1).unwrap().split('<').next().unwrap();
    let secret = STANDARD.decode(secret).unwrap();

    hook.reset().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).up_to_n_times(1).mount(&hook).await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&hook).await;
    desk.let_the_hour_come().await;
    desk.call();
    sqlx::query("UPDATE deliveries SET due_at = now() WHERE state = 'waiting'")
        .execute(desk.database.pool())
        .await
        .unwrap();
    desk.call();
    desk.call();
    let calls = received(&hook).await;
    assert_eq!(calls.len(), 2);
    let header = |call: &Request, name: &str| call.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header(&calls[0], "webhook-id"), header(&calls[1], "webhook-id"));
    let call = &calls[1];
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    mac.update(format!("{}.{}.", header(call, "webhook-id"), header(call, "webhook-timestamp")).as_bytes());
    mac.update(&call.body);
    assert_eq!(header(call, "webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    let message: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(message["type"], "digest.issue");
    assert_eq!(message["data"]["entries"][0]["committed_usd"], "7000000000");
    assert_eq!(message["data"]["entries"][0]["news"], "new");
    // The mail went out beside it.
    assert_eq!(desk.deliveries("issue", "sent").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_confirms_what_it_gets_and_a_webhook_that_is_gone_is_told_of() {
    let desk = Desk::new().await;
    desk.tell("one", &last_week(), "Corvid AI", "Tundra Cloud", 7).await;
    let path = desk.subscriber("email=ada%40reader.example").await;
    // Each is kept, for a server that is dropped lends its address to the next.
    let hooks = [hook().await, hook().await, hook().await];
    for (channel, hook) in ["slack", "teams", "discord"].into_iter().zip(&hooks) {
        desk.add_webhook(&path, channel, hook).await;
        hook.reset().await;
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(hook).await;
        sqlx::query("DELETE FROM deliveries WHERE kind = 'issue'").execute(desk.database.pool()).await.unwrap();
        desk.let_the_hour_come().await;
        desk.call();
        let message: Value = serde_json::from_slice(&received(hook).await.pop().expect(channel).body).unwrap();
        let words = message.to_string();
        assert!(words.contains("Tundra Cloud") && words.contains("$7B"), "{channel}: {words}");
        let form = match channel {
            "slack" => &message["blocks"][0]["type"] == "header",
            "teams" => &message["attachments"][0]["content"]["type"] == "AdaptiveCard",
            _ => message["embeds"].is_array(),
        };
        assert!(form, "{channel}: {words}");
        hook.reset().await;
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(410)).mount(hook).await;
    }
    sqlx::query("DELETE FROM deliveries WHERE kind = 'issue'").execute(desk.database.pool()).await.unwrap();
    desk.let_the_hour_come().await;
    desk.call();
    assert_eq!((desk.deliveries("issue", "sent").await, desk.deliveries("issue", "failed").await), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_leads_into_the_operators_network() {
    let desk = Desk::new().await;
    let path = desk.subscriber("email=ada%40reader.example").await;
    let hook = hook().await;
    let url: String = url::form_urlencoded::byte_serialize(hook.uri().as_bytes()).collect();
    desk.post(&format!("{path}/webhook"), &format!("channel=webhook&url={url}")).await;
    // Without the operator's leave.
    desk.send();
    assert_eq!(received(&hook).await.len(), 0);
    let far = desk.post(&format!("{path}/webhook"), "channel=slack&url=https%3a%2f%2fevil.example%2f").await;
    assert_eq!(far.status, StatusCode::BAD_REQUEST);
}
