//! A server of feeds and pages, on this machine.

use std::{path::Path, time::Duration};

use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

/// Serves the fixtures in `tests/fixtures/news`, with its own address in the place of `{{server}}`.
pub struct News {
    server: MockServer,
}

impl News {
    /// A server that knows no path yet.
    pub async fn start() -> Self {
        Self { server: MockServer::start().await }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    /// A fixture as it is served.
    pub fn fixture(&self, fixture: &str) -> String {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/news").join(fixture);
        std::fs::read_to_string(file).unwrap().replace("{{server}}", &self.server.uri())
    }

    /// Serves a fixture.
    pub async fn serve(&self, at: &str, fixture: &str, content_type: &str) {
        self.answer(at, self.fixture(fixture).into_bytes(), content_type).await;
    }

    /// Serves these bytes.
    pub async fn answer(&self, at: &str, body: Vec<u8>, content_type: &str) {
        let answer = ResponseTemplate::new(200).set_body_raw(body, content_type);
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Serves a fixture once with an `ETag`; asked with it, answers that nothing has changed.
    pub async fn serve_tagged(&self, at: &str, fixture: &str, etag: &str) {
        let unchanged = Mock::given(method("GET")).and(path(at)).and(header("if-none-match", etag));
        unchanged.respond_with(ResponseTemplate::new(304)).with_priority(1).mount(&self.server).await;
        let answer = ResponseTemplate::new(200)
            .insert_header("etag", etag)
            .set_body_raw(self.fixture(fixture), "application/rss+xml");
        Mock::given(method("GET")).and(path(at)).respond_with(answer).with_priority(2).mount(&self.server).await;
    }

    /// Serves these bytes with an `ETag`, however it is asked.
    pub async fn answer_tagged(&self, at: &str, body: impl Into<Vec<u8>>, etag: &str) {
        let answer = ResponseTemplate::new(200).insert_header("etag", etag).set_body_raw(body, "application/rss+xml");
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Answers with a status after a while.
    pub async fn fail(&self, at: &str, status: u16, after: Duration) {
        let answer = ResponseTemplate::new(status).set_delay(after);
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Knows no path any more, nor what was asked for.
    pub async fn forget(&self) {
        self.server.reset().await;
    }

    /// How often a path was asked for.
    pub async fn asked(&self, at: &str) -> usize {
        let requests = self.server.received_requests().await.unwrap_or_default();
        requests.iter().filter(|request| request.url.path() == at).count()
    }

    /// What the requests for a path gave as their `User-Agent`.
    pub async fn user_agents(&self, at: &str) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap_or_default();
        requests
            .iter()
            .filter(|request| request.url.path() == at)
            .filter_map(|request| Some(request.headers.get("user-agent")?.to_str().ok()?.to_owned()))
            .collect()
    }
}
