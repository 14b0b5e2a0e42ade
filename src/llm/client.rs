//! The network side: one request for each article, tried again where that can help, and no more than so many an hour.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable as _};
use bytes::BytesMut;
use chrono::{NaiveDate, Utc};
use futures::StreamExt as _;
use reqwest::{StatusCode, header, redirect::Policy};
use serde_json::Value;
use url::Url;

use super::{Secret, protocol};
use crate::ingest::poll::RetryAfter;

/// Whom to ask.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The base URL of an OpenAI-compatible interface, `http://localhost:11434/v1` for example.
    pub url: Url,
    /// The model's name there.
    pub model: String,
    /// The key, where one is needed.
    pub key: Option<Secret>,
}

/// How long to wait and how much to ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests an hour, those that are tried again included.
    pub budget: u32,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest that one request may take.
    pub timeout: Duration,
    /// The longest that an article may take, all tries and the waits between them included.
    pub patience: Duration,
    /// How often a request is tried again.
    pub retries: usize,
    /// The wait before it is first tried again; it doubles each time, and jitter is added.
    pub first_wait: Duration,
    /// The longest text that is sent, in bytes.
    pub most_text: usize,
    /// The longest answer that is read, in bytes.
    pub most_answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            budget: 60,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_mins(1),
            patience: Duration::from_mins(3),
            retries: 3,
            first_wait: Duration::from_secs(1),
            most_text: 100_000,
            most_answer: 1024 * 1024,
        }
    }
}

/// Why the model gave nothing. None of these holds what the server sent, nor the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The hour's requests are used up.
    #[error("the hour's requests are used up")]
    BudgetSpent,
    /// The article is longer than what is sent.
    #[error("the article is too long to be sent")]
    TooLong,
    /// Nobody answers.
    #[error("the endpoint cannot be reached")]
    Unreachable,
    /// Too slow.
    #[error("the endpoint did not answer in time")]
    Timeout,
    /// The connection ended in the middle.
    #[error("the endpoint's answer broke off")]
    Broken,
    /// 429, or 5xx.
    #[error("the endpoint is busy or has a problem of its own ({status})")]
    Busy {
        /// The status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// Any other status that is none of success.
    #[error("the endpoint turned the request down ({status})")]
    Status {
        /// The status.
        status: u16,
    },
    /// More than is read.
    #[error("the endpoint's answer is too large")]
    TooLarge,
    /// An answer without content.
    #[error("the model's answer is empty")]
    Empty,
    /// The model ran out of tokens.
    #[error("the model's answer is cut off")]
    CutOff,
    /// No JSON, or JSON of another shape.
    #[error("the model's answer is not of the shape that was asked for")]
    Unreadable,
}

impl AskError {
    /// Whether the same request may come through another time.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout | Self::Broken | Self::Busy { .. })
    }
}

/// Asks a language model.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    address: Url,
    endpoint: Endpoint,
    limits: Limits,
    budget: Budget,
}

impl Client {
    /// A client. Fails only where the system's certificates cannot be read.
    ///
    /// Unlike the fetcher, it asks whatever address it was given: the operator names this one, not an article.
    pub fn new(endpoint: Endpoint, limits: Limits) -> Result<Self, reqwest::Error> {
        // An error means that one is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            // Proxies would be read from the environment.
            .no_proxy()
            // A redirect could carry the article elsewhere.
            .redirect(Policy::none())
            .user_agent(concat!("Wattline/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect_timeout)
            .timeout(limits.timeout)
            .build()?;
        let mut address = endpoint.url.clone();
        address.set_path(&format!("{}/chat/completions", endpoint.url.path().trim_end_matches('/')));
        Ok(Self { http, address, endpoint, limits, budget: Budget::new(limits.budget) })
    }

    /// What the model tells of a text: JSON objects that are to be deals, not yet looked at.
    pub async fn ask(&self, text: &str, published: Option<NaiveDate>) -> Result<Vec<Value>, AskError> {
        if text.len() > self.limits.most_text {
            return Err(AskError::TooLong);
        }
        let body = protocol::request(&self.endpoint.model, text, published).to_string();
        let waits = ExponentialBuilder::default()
            .with_min_delay(self.limits.first_wait)
            .with_max_times(self.limits.retries)
            .with_jitter();
        let tries = (|| self.send(body.clone())).retry(waits).when(AskError::may_pass).adjust(|error, wait| {
            // Asked to wait, we wait no less; asked to wait longer than an article may take, we leave it.
            match error {
                AskError::Busy { retry_after: Some(asked), .. } => {
                    wait.filter(|_| *asked < self.limits.patience).map(|wait| wait.max(*asked))
                }
                _ => wait,
            }
        });
        let answer = tokio::time::timeout(self.limits.patience, tries).await.unwrap_or(Err(AskError::Timeout))?;
        protocol::told(&answer)
    }

    /// Sends one request and reads the answer.
    async fn send(&self, body: String) -> Result<BytesMut, AskError> {
        if !self.budget.take(Instant::now()) {
            return Err(AskError::BudgetSpent);
        }
        let mut request =
            self.http.post(self.address.clone()).header(header::CONTENT_TYPE, "application/json").body(body);
        if let Some(Secret(key)) = self.endpoint.key.as_ref().filter(|Secret(key)| !key.is_empty()) {
            // Marks the header as one that is never logged.
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| of_transport(&error))?;
        let status = response.status();
        if !status.is_success() {
            let retry_after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            return Err(of_status(status, retry_after.and_then(RetryAfter::parse)));
        }
        let mut answer = BytesMut::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| of_transport(&error))?;
            if answer.len() + piece.len() > self.limits.most_answer {
                return Err(AskError::TooLarge);
            }
            answer.extend_from_slice(&piece);
        }
        Ok(answer)
    }
}

fn of_transport(error: &reqwest::Error) -> AskError {
    if error.is_timeout() {
        AskError::Timeout
    } else if error.is_connect() {
        AskError::Unreachable
    } else {
        AskError::Broken
    }
}

fn of_status(status: StatusCode, retry_after: Option<RetryAfter>) -> AskError {
    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
        return AskError::Status { status: status.as_u16() };
    }
    let now = Utc::now();
    let retry_after = retry_after.map(|when| (when.moment(now) - now).to_std().unwrap_or_default());
    AskError::Busy { status: status.as_u16(), retry_after }
}

/// So many requests in any hour.
#[derive(Debug)]
struct Budget {
    most: u32,
    asked: Mutex<VecDeque<Instant>>,
    told: std::sync::Once,
}

impl Budget {
    fn new(most: u32) -> Self {
        Self { most, asked: Mutex::default(), told: std::sync::Once::new() }
    }

    /// Takes one request out of the hour's budget, where there is one left.
    fn take(&self, now: Instant) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while asked.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_hours(1)) {
            asked.pop_front();
        }
        if asked.len() >= self.most as usize {
            let most = self.most;
            self.told.call_once(|| {
                tracing::warn!(most, "the language model's requests for this hour are used up: the rules read alone");
            });
            return false;
        }
        asked.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_for_any_hour() {
        let budget = Budget::new(2);
        let start = Instant::now();
        let minute = |n: u64| start + Duration::from_mins(n);
        assert!(budget.take(start));
        assert!(budget.take(minute(50)));
        assert!(!budget.take(minute(59)));
        assert!(budget.take(minute(60)));
        assert!(!budget.take(minute(109)));
        assert!(budget.take(minute(110)));
        assert!(!Budget::new(0).take(start));
    }
}
